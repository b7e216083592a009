//! Runs from power-up: the reset sequence unrolled, and traces read back from a solver's model.
//!
//! Problem: *Init* is no formula over the state but the image of the reset sequence from arbitrary
//! power-up; whatever starts there needs the sequence itself, and a trace must give every bit of it.
//! Method: [`Frames::init_from`] over power-up leaves that are remembered; a trace asks a valuation
//! for each power-up and input leaf. Leaves the solver never saw do not matter and are 0.
//! Cost: linear in the reset cone (usually small: constants fold while reset is active).

use netlist::{Aig, Lit};
use proof::certificate::Trace;
use proof::replay::{print_bits, replay};
use proof::{Frames, Model};

/// A cube over the state: a conjunction of `(state index, value)`.
pub type Cube = Vec<(usize, bool)>;
/// A clause over the state: a disjunction of `(state index, value)`.
pub type Clause = Vec<(usize, bool)>;

/// The reset sequence and the cycles after it.
pub(crate) struct Start<'m> {
    pub(crate) frames: Frames<'m>,
    power_up: Vec<Lit>,
    reset: Vec<usize>,
    /// Frames after reset, in order.
    pub(crate) cycles: Vec<usize>,
}

impl<'m> Start<'m> {
    /// The reset sequence and the first cycle after it.
    pub(crate) fn new(model: &'m Model) -> Self {
        let mut frames = Frames::new(model);
        let power_up = frames.power_up_state();
        let (reset, first) = frames.init_from(power_up.clone());
        Self { frames, power_up, reset, cycles: vec![first] }
    }

    /// The graph.
    pub(crate) fn aig(&self) -> &Aig {
        &self.frames.aig
    }

    /// The frame `cycle` cycles after reset.
    pub(crate) fn cycle(&mut self, cycle: usize) -> usize {
        while self.cycles.len() <= cycle {
            let inputs = self.frames.fresh_inputs();
            let last = self.cycles[self.cycles.len() - 1];
            self.cycles.push(self.frames.frame_after(last, inputs));
        }
        self.cycles[cycle]
    }

    /// The run through the reset sequence and the first `executed` cycles after it.
    pub(crate) fn trace(&self, executed: usize, mut value: impl FnMut(Lit) -> bool) -> Trace {
        let mut word = |lits: &[Lit]| {
            let bits: Vec<bool> = lits
                .iter()
                .map(|&l| if l.is_const() { l == Lit::TRUE } else { value(l) })
                .collect();
            print_bits(&bits)
        };
        let power_up = word(&self.power_up);
        let frames = self.reset.iter().chain(&self.cycles[..executed]);
        let inputs = frames.map(|&frame| word(self.frames.inputs(frame))).collect();
        Trace { power_up, inputs, essential: Vec::new() }
    }
}

/// Whether `trace` replays and ends in a state of one of `cubes`.
pub(crate) fn ends_in(model: &Model, trace: &Trace, cubes: &[Cube]) -> bool {
    replay(model, trace, |_| {})
        .is_ok_and(|run| cubes.iter().any(|cube| cube.iter().all(|&(i, v)| run.state[i] == v)))
}
