//! Bit-parallel simulation of the part of a model that a question depends on.
//!
//! Problem: what decides service is a small part of the design; stimulus and guessing need millions
//! of its cycles.
//! Method: the sequential cone of influence of the given literals, numbered densely (constant, leaves, AND
//! gates in topological order), so that a gate is two operands and its place; 64 independent patterns
//! per word.
//! Cost: one pass over the cone per cycle. Logic outside the cone is not simulated and its state
//! stays as it was.

use netlist::{Lit, Node};
use proof::Model;
use proof::model::Place;

/// 64 patterns per bit.
pub type Word = u64;

/// Stands in `dense` for a variable outside the cone.
const OUTSIDE: u32 = u32::MAX;

/// The cone of some literals, ready to run.
#[derive(Clone)]
pub struct Slice {
    /// Operands as dense codes; gate `k` is dense number `leaves + k`.
    gates: Vec<(u32, u32)>,
    leaves: usize,
    /// How many gates, from the first on, decide `assume` and `recovery_assume`.
    contract: usize,
    /// Dense number of a variable of the model, [`OUTSIDE`] for what is not in the cone.
    dense: Vec<u32>,
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
            leaves: 0,
            contract: 0,
            dense: vec![OUTSIDE; model.aig.len()],
            reads_state: Vec::new(),
            reads_input: Vec::new(),
            reset: Vec::new(),
            next: Vec::new(),
            state,
            inputs,
            values: Vec::new(),
            reset_active: model.reset_active,
        };
        slice.number(model, &wanted);
        slice
    }

    fn number(&mut self, model: &Model, wanted: &[bool]) {
        let early = self.early(model, wanted);
        // the constant is number 0, whether wanted or not
        let mut count = 1u32;
        self.dense[0] = 0;
        let class = |var: u32| match model.aig.node(var) {
            Node::And(..) if early[var as usize] => 1,
            Node::And(..) => 2,
            _ => 0,
        };
        for now in 0..3 {
            for var in (1..model.aig.len() as u32).filter(|&v| wanted[v as usize]) {
                if class(var) == now {
                    self.dense[var as usize] = count;
                    count += 1;
                }
            }
            match now {
                0 => self.leaves = count as usize,
                1 => self.contract = count as usize - self.leaves,
                _ => {}
            }
        }
        self.values = vec![0; count as usize];
        self.gates = vec![(0, 0); self.values.len() - self.leaves];
        for var in (1..model.aig.len() as u32).filter(|&v| wanted[v as usize]) {
            let number = self.dense[var as usize];
            match (model.aig.node(var), model.place(var)) {
                (Node::And(a, b), _) => {
                    self.gates[number as usize - self.leaves] = (self.code(a), self.code(b));
                }
                (_, Some(Place::State(i))) => self.reads_state.push((number, i)),
                (_, Some(Place::Input(i))) => self.reads_input.push((number, i)),
                (_, Some(Place::Reset)) => self.reset.push(number),
                _ => {}
            }
        }
        let next = |&i: &usize| (i as u32, self.code(model.state[i].next));
        self.next = self.state.iter().map(next).collect();
    }

    /// The combinational cone of the assumptions, as far as it is wanted.
    fn early(&self, model: &Model, wanted: &[bool]) -> Vec<bool> {
        let mut early = vec![false; model.aig.len()];
        let mut stack = vec![model.assume.var(), model.recovery_assume.var()];
        while let Some(var) = stack.pop() {
            if !wanted[var as usize] || std::mem::replace(&mut early[var as usize], true) {
                continue;
            }
            if let Node::And(a, b) = model.aig.node(var) {
                stack.extend([a.var(), b.var()]);
            }
        }
        early
    }

    /// The dense code of a literal; 0, the constant false, for what is not in the cone.
    fn code(&self, lit: Lit) -> u32 {
        match self.dense.get(lit.var() as usize) {
            Some(&number) if number != OUTSIDE => (number << 1) | (lit.code() & 1),
            _ => lit.code() & 1,
        }
    }

    /// Number of gates, at least 1.
    pub fn size(&self) -> usize {
        self.gates.len().max(1)
    }

    /// Evaluates one cycle. `state` and `inputs` are indexed as the model's.
    pub fn evaluate(&mut self, state: &[Word], inputs: &[Word], in_reset: bool) {
        self.run(state, inputs, in_reset, self.gates.len());
    }

    /// Evaluates no more than `assume` and `recovery_assume`.
    pub fn evaluate_contract(&mut self, state: &[Word], inputs: &[Word], in_reset: bool) {
        self.run(state, inputs, in_reset, self.contract);
    }

    fn run(&mut self, state: &[Word], inputs: &[Word], in_reset: bool, gates: usize) {
        for &(number, i) in &self.reads_state {
            self.values[number as usize] = state[i as usize];
        }
        for &(number, i) in &self.reads_input {
            self.values[number as usize] = inputs[i as usize];
        }
        let reset = if in_reset == self.reset_active { Word::MAX } else { 0 };
        for &number in &self.reset {
            self.values[number as usize] = reset;
        }
        for (k, &(a, b)) in self.gates.iter().take(gates).enumerate() {
            let (done, open) = self.values.split_at_mut(self.leaves + k);
            open[0] = value(done, a) & value(done, b);
        }
    }
    /// A literal of the cone in the cycle last evaluated.
    pub fn value(&self, lit: Lit) -> Word {
        value(&self.values, self.code(lit))
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

/// One pattern of a word per bit.
pub(crate) fn column(words: &[Word], pattern: usize) -> Vec<bool> {
    words.iter().map(|w| w >> pattern & 1 == 1).collect()
}

/// 64 copies of one assignment.
pub(crate) fn spread(bits: &[bool]) -> Vec<Word> {
    bits.iter().map(|&b| if b { Word::MAX } else { 0 }).collect()
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
