//! Unrolling: copies of the model's logic at successive cycles, in one structurally hashed graph.
//!
//! Problem: every obligation and every engine query is a formula over one or more time frames of the
//! model, of which only a cone is needed.
//! Method: each frame has a lazily filled map from model variables to literals of the target graph.
//! A state leaf of a frame that follows another is that frame's next-state function, copied on
//! demand; constants fold and equal structure is shared across frames and copies as it appears.
//! Cost: linear in the logic that is asked for. Iterative: depth never touches the call stack.

use crate::model::{Model, Place};
use netlist::{Aig, Lit, Node};

const UNSET: u32 = u32::MAX;

enum Source {
    Given(Vec<Lit>),
    After(usize),
}

struct Frame {
    map: Vec<u32>,
    state: Source,
    inputs: Vec<Lit>,
    reset: Lit,
}

/// Time frames of one model in one graph.
pub struct Frames<'m> {
    model: &'m Model,
    /// The target graph.
    pub aig: Aig,
    frames: Vec<Frame>,
}

impl<'m> Frames<'m> {
    /// No frames yet.
    pub fn new(model: &'m Model) -> Self {
        Self { model, aig: Aig::new(), frames: Vec::new() }
    }
    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }
    /// Whether there are no frames.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// One fresh leaf per state bit.
    pub fn fresh_state(&mut self) -> Vec<Lit> {
        self.model.state.iter().map(|_| self.aig.leaf()).collect()
    }
    /// Fresh leaves at power-up: declared values are constants.
    pub fn power_up_state(&mut self) -> Vec<Lit> {
        let aig = &mut self.aig;
        self.model
            .state
            .iter()
            .map(|s| s.power_up.map_or_else(|| aig.leaf(), Lit::constant))
            .collect()
    }
    /// One fresh leaf per input bit.
    pub fn fresh_inputs(&mut self) -> Vec<Lit> {
        self.model.inputs.iter().map(|_| self.aig.leaf()).collect()
    }

    fn push(&mut self, state: Source, inputs: Vec<Lit>, in_reset: bool) -> usize {
        let map = vec![UNSET; self.model.aig.len()];
        let reset = Lit::constant(in_reset == self.model.reset_active);
        self.frames.push(Frame { map, state, inputs, reset });
        self.frames.len() - 1
    }
    /// A frame from the given state literals; reset inactive.
    pub fn frame(&mut self, state: Vec<Lit>, inputs: Vec<Lit>) -> usize {
        self.push(Source::Given(state), inputs, false)
    }
    /// A frame from the given state literals with reset active.
    pub fn reset_frame(&mut self, state: Vec<Lit>, inputs: Vec<Lit>) -> usize {
        self.push(Source::Given(state), inputs, true)
    }
    /// The frame one cycle after `previous`; reset inactive.
    pub fn frame_after(&mut self, previous: usize, inputs: Vec<Lit>) -> usize {
        self.push(Source::After(previous), inputs, false)
    }
    /// The frame one cycle after `previous` with reset active.
    pub fn reset_frame_after(&mut self, previous: usize, inputs: Vec<Lit>) -> usize {
        self.push(Source::After(previous), inputs, true)
    }

    /// The reset sequence from power-up: returns the reset frames (possibly none) and the first
    /// frame after reset, with fresh inputs throughout.
    pub fn init(&mut self) -> (Vec<usize>, usize) {
        let power_up = self.power_up_state();
        self.init_from(power_up)
    }
    /// As [`Frames::init`] from given power-up literals.
    pub fn init_from(&mut self, power_up: Vec<Lit>) -> (Vec<usize>, usize) {
        let mut reset = Vec::new();
        for _ in 0..self.model.reset_cycles {
            let inputs = self.fresh_inputs();
            let frame = match reset.last() {
                None => self.reset_frame(power_up.clone(), inputs),
                Some(&last) => self.reset_frame_after(last, inputs),
            };
            reset.push(frame);
        }
        let inputs = self.fresh_inputs();
        let first = match reset.last() {
            None => self.frame(power_up, inputs),
            Some(&last) => self.frame_after(last, inputs),
        };
        (reset, first)
    }

    /// Input literals of a frame.
    pub fn inputs(&self, frame: usize) -> &[Lit] {
        &self.frames[frame].inputs
    }
    /// Replaces the input literals of a frame in which nothing has been asked for yet.
    pub fn set_inputs(&mut self, frame: usize, inputs: Vec<Lit>) {
        let f = &mut self.frames[frame];
        f.map.fill(UNSET);
        f.inputs = inputs;
    }
    /// State bit `index` in `frame`.
    pub fn state(&mut self, frame: usize, index: usize) -> Lit {
        self.lit(frame, self.model.state[index].lit)
    }
    /// Value of state bit `index` one cycle after `frame`.
    pub fn next(&mut self, frame: usize, index: usize) -> Lit {
        self.lit(frame, self.model.state[index].next)
    }

    /// Lets model variable `var` be `value` in `frame`, for whatever is asked for from now on.
    pub fn put(&mut self, frame: usize, var: u32, value: Lit) {
        self.frames[frame].map[var as usize] = value.code();
    }
    /// The AND `var` in `frame` computed from its fan-ins, whatever was [`Frames::put`] for it.
    pub fn own(&mut self, frame: usize, var: u32) -> Lit {
        match self.model.aig.node(var) {
            Node::And(a, b) => {
                let (a, b) = (self.lit(frame, a), self.lit(frame, b));
                self.aig.and(a, b)
            }
            _ => self.lit(frame, Lit::new(var, false)),
        }
    }

    /// The target literal of model literal `lit` in `frame`.
    pub fn lit(&mut self, frame: usize, lit: Lit) -> Lit {
        let mut stack = vec![(frame, lit.var())];
        while let Some(&(f, var)) = stack.last() {
            if self.frames[f].map[var as usize] != UNSET {
                stack.pop();
                continue;
            }
            let value = match self.model.aig.node(var) {
                Node::False => Lit::FALSE,
                Node::And(a, b) => match (self.mapped(f, a), self.mapped(f, b)) {
                    (Some(x), Some(y)) => self.aig.and(x, y),
                    (Some(Lit::FALSE), None) | (None, Some(Lit::FALSE)) => Lit::FALSE,
                    (x, y) => {
                        // one side first: if it folds to false the other is never copied
                        let pending = if x.is_none() { a } else { b };
                        debug_assert!(x.is_none() || y.is_none());
                        stack.push((f, pending.var()));
                        continue;
                    }
                },
                Node::Leaf(leaf) => match self.leaf(f, leaf) {
                    Ok(value) => value,
                    Err(needed) => {
                        stack.push(needed);
                        continue;
                    }
                },
            };
            self.frames[f].map[var as usize] = value.code();
            stack.pop();
        }
        self.mapped(frame, lit).unwrap_or(Lit::FALSE)
    }

    fn mapped(&self, frame: usize, lit: Lit) -> Option<Lit> {
        match self.frames[frame].map[lit.index()] {
            UNSET => None,
            code => Some(Lit::from_code(code).xor_sign(lit.is_neg())),
        }
    }

    fn leaf(&mut self, frame: usize, leaf: u32) -> Result<Lit, (usize, u32)> {
        let place = self.model.places.get(leaf as usize).copied().unwrap_or(Place::Clock);
        Ok(match place {
            Place::Input(i) => self.frames[frame].inputs[i as usize],
            Place::Reset => self.frames[frame].reset,
            Place::Clock => self.aig.leaf(),
            Place::State(i) => match &self.frames[frame].state {
                Source::Given(state) => state[i as usize],
                Source::After(previous) => {
                    let next = self.model.state[i as usize].next;
                    match self.mapped(*previous, next) {
                        Some(value) => value,
                        None => return Err((*previous, next.var())),
                    }
                }
            },
        })
    }
}
