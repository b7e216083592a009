//! Bit-parallel simulation of the part of a model that a question depends on.
//!
//! Problem: what decides service is a small part of the design; stimulus and guessing need millions
//! of its cycles.
//! Method: the sequential cone of influence of the given literals, flattened into an array of AND
//! gates in topological order; 64 independent patterns per word.
//! Cost: one pass over the cone per cycle. Logic outside the cone is not simulated and its state
//! stays as it was.

use netlist::{Lit, Node};
use proof::Model;
use proof::model::Place;

/// 64 patterns per bit.
pub type Word = u64;

/// The cone of some literals, ready to run.
#[derive(Clone)]
pub struct Slice {
    gates: Vec<(u32, u32, u32)>,
    reads_state: Vec<(u32, u32)>,
    reads_input: Vec<(u32, u32)>,
    reset: Vec<u32>,
    /// State bits in the cone, ascending.
    pub state: Vec<usize>,
    /// Input bits in the cone, ascending.
    pub inputs: Vec<usize>,
    next: Vec<(u32, u32)>,
    values: Vec<Word>,
    reset_active: bool,
}

impl Slice {
    /// The sequential cone of `roots`; the next-state functions of its state bits are part of it.
    pub fn new(model: &Model, roots: impl IntoIterator<Item = Lit>) -> Self {
        let mut wanted = vec![false; model.aig.len()];
        let mut stack: Vec<u32> = roots.into_iter().map(Lit::var).collect();
        let (mut state, mut inputs) = (Vec::new(), Vec::new());
        while let Some(var) = stack.pop() {
            if std::mem::replace(&mut wanted[var as usize], true) {
                continue;
            }
            match model.aig.node(var) {
                Node::And(a, b) => stack.extend([a.var(), b.var()]),
                Node::Leaf(_) => match model.place(var) {
                    Some(Place::State(i)) => {
                        state.push(i as usize);
                        stack.push(model.state[i as usize].next.var());
                    }
                    Some(Place::Input(i)) => inputs.push(i as usize),
                    _ => {}
                },
                Node::False => {}
            }
        }
        state.sort_unstable();
        inputs.sort_unstable();
        let mut slice = Self {
            gates: Vec::new(),
            reads_state: Vec::new(),
            reads_input: Vec::new(),
            reset: Vec::new(),
            next: state.iter().map(|&i| (i as u32, model.state[i].next.code())).collect(),
            state,
            inputs,
            values: vec![0; model.aig.len()],
            reset_active: model.reset_active,
        };
        for var in 1..model.aig.len() as u32 {
            if !wanted[var as usize] {
                continue;
            }
            match (model.aig.node(var), model.place(var)) {
                (Node::And(a, b), _) => slice.gates.push((var, a.code(), b.code())),
                (_, Some(Place::State(i))) => slice.reads_state.push((var, i)),
                (_, Some(Place::Input(i))) => slice.reads_input.push((var, i)),
                (_, Some(Place::Reset)) => slice.reset.push(var),
                _ => {}
            }
        }
        slice
    }

    /// Number of gates, at least 1.
    pub fn size(&self) -> usize {
        self.gates.len().max(1)
    }

    /// Evaluates one cycle. `state` and `inputs` are indexed as the model's.
    pub fn evaluate(&mut self, state: &[Word], inputs: &[Word], in_reset: bool) {
        for &(var, i) in &self.reads_state {
            self.values[var as usize] = state[i as usize];
        }
        for &(var, i) in &self.reads_input {
            self.values[var as usize] = inputs[i as usize];
        }
        let reset = if in_reset == self.reset_active { Word::MAX } else { 0 };
        for &var in &self.reset {
            self.values[var as usize] = reset;
        }
        for &(var, a, b) in &self.gates {
            self.values[var as usize] = value(&self.values, a) & value(&self.values, b);
        }
    }
    /// A literal of the cone in the cycle last evaluated.
    pub fn value(&self, lit: Lit) -> Word {
        value(&self.values, lit.code())
    }
    /// Writes the next state of the cone's state bits into `state`.
    pub fn advance(&self, state: &mut [Word]) {
        for &(i, next) in &self.next {
            state[i as usize] = value(&self.values, next);
        }
    }
}

fn value(values: &[Word], code: u32) -> Word {
    values[(code >> 1) as usize] ^ (Word::from(code & 1)).wrapping_neg()
}

/// A small seeded generator (xorshift64*, Vigna 2016): deterministic stimulus.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// A number below `bound` (which is not 0).
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.word()) * bound as u128) >> 64) as usize
    }
}
