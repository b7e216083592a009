//! Sixty-four pairs of runs at once.
//!
//! Problem: search, candidate invariants and the shrinking of witnesses all need very many pairs of
//! short runs that differ in the identity alone.
//! Method: bit-parallel simulation, one bit of a machine word per pair. The left copy evaluates the
//! cone of influence of what must agree; the right copy only the part of it that the identity
//! reaches and reads the rest from the left. Difference, window and assumption are judged as the
//! kernel's replay judges them.
//! Cost: about a nanosecond per gate, cycle and sixty-four pairs.

use crate::identity_leak::structure::Structure;
use netlist::{Lit, Node};
use proof::Model;
use proof::certificate::{PairTrace, Trace};
use proof::model::Place;
use proof::replay::print_bits;

/// Pairs per pass.
pub(crate) const LANES: usize = 64;

/// One pair of runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Pair {
    /// Left power-up state.
    pub(crate) power: Vec<bool>,
    /// The right copy's identity fuses, in the item's order.
    pub(crate) fuses: Vec<bool>,
    /// Left input words.
    pub(crate) inputs: Vec<Vec<bool>>,
    /// The right copy's identity sensors per cycle, in the item's order.
    pub(crate) sensors: Vec<Vec<bool>>,
}

impl Pair {
    /// As the kernel's object; the difference is in `cycle` at observable `observable`.
    pub(crate) fn trace(
        &self,
        model: &Model,
        item: usize,
        cycle: usize,
        observable: usize,
        essential: &[Vec<bool>],
    ) -> PairTrace {
        let identity = &model.identities[item];
        let mut power = self.power.clone();
        for (&i, &v) in identity.state.iter().zip(&self.fuses) {
            power[i] = v;
        }
        let right = self.inputs.iter().zip(&self.sensors).map(|(word, sensors)| {
            let mut word = word.clone();
            for (&i, &v) in identity.inputs.iter().zip(sensors) {
                word[i] = v;
            }
            print_bits(&word)
        });
        let marks: Vec<String> = essential.iter().map(|w| print_bits(w)).collect();
        let o = &model.observables[observable];
        PairTrace {
            right: Trace {
                power_up: print_bits(&power),
                inputs: right.collect(),
                essential: marks.clone(),
            },
            left: Trace {
                power_up: print_bits(&self.power),
                inputs: self.inputs.iter().map(|w| print_bits(w)).collect(),
                essential: marks,
            },
            cycle: cycle as u32,
            port: o.port.clone(),
            bit: o.bit,
        }
    }
}

/// What one lane showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shown {
    /// First unexcused difference: cycle and observable.
    pub(crate) leak: Option<(usize, usize)>,
    /// Whether `assume` held up to it (to the end, if there is none).
    pub(crate) legal: bool,
}

/// The simulator.
pub(crate) struct Lanes<'m> {
    model: &'m Model,
    item: usize,
    shown: Vec<(usize, Vec<usize>)>,
    /// Destination and two operands (`index * 2 + sign`); the right copy's values lie `len` behind.
    program: Vec<[u32; 3]>,
    leaves: Vec<(u32, Place)>,
    values: Vec<u64>,
    len: usize,
    reached: Vec<bool>,
    /// Needed state bits.
    pub(crate) state: Vec<usize>,
    reached_state: Vec<bool>,
    left: Vec<u64>,
    right: Vec<u64>,
    cycle: usize,
}

impl<'m> Lanes<'m> {
    /// Compiles the needed part of both copies.
    pub(crate) fn new(model: &'m Model, item: usize, structure: &Structure) -> Self {
        let len = model.aig.len();
        let mut program = Vec::new();
        let mut leaves = Vec::new();
        let reached = structure.reached.clone();
        for copy in [false, true] {
            let at = |lit: Lit| {
                let behind = copy && reached[lit.index()];
                (lit.index() + if behind { len } else { 0 }) as u32 * 2 + u32::from(lit.is_neg())
            };
            for var in (1..len as u32).filter(|&v| structure.needed[v as usize]) {
                if copy && !reached[var as usize] {
                    continue;
                }
                match model.aig.node(var) {
                    Node::And(a, b) => {
                        program.push([at(Lit::new(var, false)) >> 1, at(a), at(b)]);
                    }
                    Node::Leaf(_) if !copy => {
                        leaves.extend(model.place(var).map(|place| (var, place)));
                    }
                    _ => {}
                }
            }
        }
        let excuse = |o: usize| {
            let windows = model.windows.iter().enumerate();
            windows
                .filter(|(_, w)| w.releases.contains(&item) && w.observables.contains(&o))
                .map(|w| w.0)
                .collect()
        };
        Self {
            model,
            item,
            shown: structure.shown.iter().map(|&o| (o, excuse(o))).collect(),
            program,
            leaves,
            values: vec![0; 2 * len],
            len,
            reached,
            state: (0..model.state.len()).filter(|&i| structure.needed_state[i]).collect(),
            reached_state: structure.reached_state.clone(),
            left: vec![0; model.state.len()],
            right: vec![0; model.state.len()],
            cycle: 0,
        }
    }

    /// Gates evaluated per cycle.
    pub(crate) fn gates(&self) -> usize {
        self.program.len()
    }
    /// Puts all lanes at power-up; `fuses` are the right copy's identity bits.
    pub(crate) fn power_up(&mut self, left: &[u64], fuses: &[u64]) {
        self.left.copy_from_slice(left);
        for (bit, value) in self.model.state.iter().zip(&mut self.left) {
            *value = match bit.power_up {
                Some(declared) => splat(declared),
                None => *value,
            };
        }
        self.right.copy_from_slice(&self.left);
        for (&i, &v) in self.model.identities[self.item].state.iter().zip(fuses) {
            self.right[i] = v;
        }
        self.cycle = 0;
    }
    /// Whether this cycle is under reset.
    pub(crate) fn in_reset(&self) -> bool {
        self.cycle < self.model.reset_cycles as usize
    }
    /// Cycles since power-up.
    pub(crate) fn cycle(&self) -> usize {
        self.cycle
    }

    /// Evaluates the current cycle; `sensors` are the right copy's sensor bits.
    pub(crate) fn evaluate(&mut self, inputs: &[u64], sensors: &[u64]) {
        let reset = splat(self.in_reset() == self.model.reset_active);
        for &(var, place) in &self.leaves {
            let (l, r) = match place {
                Place::State(i) => (self.left[i as usize], self.right[i as usize]),
                Place::Input(i) => (inputs[i as usize], inputs[i as usize]),
                Place::Reset => (reset, reset),
                Place::Clock => (0, 0),
            };
            self.values[var as usize] = l;
            self.values[self.len + var as usize] = r;
        }
        for (&i, &v) in self.model.identities[self.item].inputs.iter().zip(sensors) {
            self.values[self.len + self.model.inputs[i].lit.index()] = v;
        }
        let values = &mut self.values;
        for &[to, a, b] in &self.program {
            let x = values[(a >> 1) as usize] ^ u64::from(a & 1).wrapping_neg();
            let y = values[(b >> 1) as usize] ^ u64::from(b & 1).wrapping_neg();
            values[to as usize] = x & y;
        }
    }
    /// The left copy's value.
    pub(crate) fn left(&self, lit: Lit) -> u64 {
        self.values[lit.index()] ^ splat(lit.is_neg())
    }
    /// The right copy's value.
    pub(crate) fn right(&self, lit: Lit) -> u64 {
        let behind = if self.reached[lit.index()] { self.len } else { 0 };
        self.values[behind + lit.index()] ^ splat(lit.is_neg())
    }
    /// Lanes in which the copies differ.
    pub(crate) fn differ(&self, lit: Lit) -> u64 {
        self.left(lit) ^ self.right(lit)
    }
    /// Lanes in which the assumptions hold; in reset those about constants.
    pub(crate) fn legal(&self) -> u64 {
        let model = self.model;
        self.left(if self.in_reset() { model.assume_constants } else { model.assume })
    }
    /// Lanes in which an observable differs, and the windows open for it.
    pub(crate) fn leaks(&self) -> impl Iterator<Item = (usize, u64, u64)> + '_ {
        self.shown.iter().filter_map(|(o, windows)| {
            let x = self.differ(self.model.observables[*o].lit);
            if x == 0 {
                return None;
            }
            let open = if self.in_reset() {
                0
            } else {
                windows.iter().fold(0, |m, &w| m | self.left(self.model.windows[w].open))
            };
            Some((*o, x, open))
        })
    }
    /// State of both copies at the start of the current cycle.
    pub(crate) fn state_pair(&self, index: usize) -> (u64, u64) {
        (self.left[index], self.right[index])
    }
    /// Goes to the next cycle.
    pub(crate) fn advance(&mut self) {
        let mut left = std::mem::take(&mut self.left);
        let mut right = std::mem::take(&mut self.right);
        for &i in &self.state {
            let next = self.model.state[i].next;
            left[i] = self.left(next);
            right[i] = if self.reached_state[i] { self.right(next) } else { left[i] };
        }
        (self.left, self.right) = (left, right);
        self.cycle += 1;
    }

    /// Puts each pair into a lane, at power-up.
    pub(crate) fn start(&mut self, pairs: &[Pair]) {
        let power: Vec<u64> =
            (0..self.model.state.len()).map(|i| pack(pairs, |p| p.power[i])).collect();
        let count = self.model.identities[self.item].state.len();
        let fuses: Vec<u64> = (0..count).map(|i| pack(pairs, |p| p.fuses[i])).collect();
        self.power_up(&power, &fuses);
    }
    /// Evaluates cycle `t` of each pair.
    pub(crate) fn feed(&mut self, pairs: &[Pair], t: usize) {
        let word = |p: &Pair, i: usize| p.inputs.get(t).is_some_and(|w| w[i]);
        let inputs: Vec<u64> =
            (0..self.model.inputs.len()).map(|i| pack(pairs, |p| word(p, i))).collect();
        let sensor = |p: &Pair, i: usize| p.sensors.get(t).is_some_and(|w| w[i]);
        let count = self.model.identities[self.item].inputs.len();
        let sensors: Vec<u64> = (0..count).map(|i| pack(pairs, |p| sensor(p, i))).collect();
        self.evaluate(&inputs, &sensors);
    }

    /// Runs up to [`LANES`] pairs; what each of them shows.
    pub(crate) fn run(&mut self, pairs: &[Pair]) -> Vec<Shown> {
        let mut shown = vec![Shown { leak: None, legal: true }; pairs.len()];
        self.start(pairs);
        let mut open_lanes = if pairs.len() == LANES { u64::MAX } else { (1 << pairs.len()) - 1 };
        let length = pairs.iter().map(|p| p.inputs.len()).max().unwrap_or(0);
        for t in 0..length {
            open_lanes &= pack(pairs, |p| p.inputs.len() > t);
            self.feed(pairs, t);
            let illegal = open_lanes & !self.legal();
            open_lanes &= !illegal;
            let mut found = Vec::new();
            for (o, differ, open) in self.leaks() {
                let fresh = differ & !open & open_lanes;
                found.push((o, fresh));
                open_lanes &= !fresh;
            }
            for (k, s) in shown.iter_mut().enumerate() {
                s.legal &= illegal >> k & 1 == 0;
                let here = found.iter().find(|(_, m)| m >> k & 1 == 1);
                s.leak = s.leak.or(here.map(|(o, _)| (t, *o)));
            }
            if open_lanes == 0 {
                break;
            }
            self.advance();
        }
        shown
    }
}

/// One bit of each pair, a lane each.
fn pack(pairs: &[Pair], bit: impl Fn(&Pair) -> bool) -> u64 {
    pairs.iter().enumerate().fold(0, |m, (k, p)| m | u64::from(bit(p)) << k)
}

/// A Boolean in all lanes.
pub(crate) fn splat(value: bool) -> u64 {
    u64::from(value).wrapping_neg()
}
