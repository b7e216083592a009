//! Three-valued simulation: 0, 1 and unknown, 64 patterns at a time.
//!
//! Problem: which nets are fixed by what is known (a reset sequence from an arbitrary state)?
//! Method: Kleene's strong three-valued logic in dual-rail form: one word says *surely 1*, one
//! *surely 0*, neither means unknown. A definite result holds for every value of the unknowns.
//! What it cannot see: correlation; `x ∧ ¬x` is unknown when `x` is.

use std::ops::Not;

use crate::aig::{Aig, Lit, Node};

/// 64 three-valued patterns; no bit is set in both words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trits {
    ones: u64,
    zeros: u64,
}

impl Trits {
    /// Unknown in every pattern.
    pub const UNKNOWN: Self = Self { ones: 0, zeros: 0 };
    /// 0 in every pattern.
    pub const ZERO: Self = Self { ones: 0, zeros: !0 };
    /// 1 in every pattern.
    pub const ONE: Self = Self { ones: !0, zeros: 0 };

    /// The given values where `known`, unknown elsewhere.
    pub fn new(values: u64, known: u64) -> Self {
        Self { ones: values & known, zeros: !values & known }
    }
    /// One value in every pattern, or unknown.
    pub fn splat(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::ONE,
            Some(false) => Self::ZERO,
            None => Self::UNKNOWN,
        }
    }
    /// Patterns that are surely 1.
    pub fn ones(self) -> u64 {
        self.ones
    }
    /// Patterns that are surely 0.
    pub fn zeros(self) -> u64 {
        self.zeros
    }
    /// The value in pattern number `pattern` (below 64).
    pub fn at(self, pattern: u32) -> Option<bool> {
        match (self.ones >> pattern & 1, self.zeros >> pattern & 1) {
            (1, _) => Some(true),
            (_, 1) => Some(false),
            _ => None,
        }
    }
    /// Conjunction.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { ones: self.ones & other.ones, zeros: self.zeros | other.zeros }
    }
    /// This word, complemented if `flip`.
    #[must_use]
    pub fn xor_sign(self, flip: bool) -> Self {
        if flip { !self } else { self }
    }
}

impl Not for Trits {
    type Output = Self;
    fn not(self) -> Self {
        Self { ones: self.zeros, zeros: self.ones }
    }
}

/// A three-valued value for each variable of a graph.
#[derive(Clone, Debug)]
pub struct Ternary {
    values: Vec<Trits>,
}

impl Ternary {
    /// All leaves of `aig` unknown.
    pub fn new(aig: &Aig) -> Self {
        let mut values = vec![Trits::UNKNOWN; aig.len()];
        values[0] = Trits::ZERO;
        Self { values }
    }
    /// Sets a literal whose variable is a leaf.
    pub fn set(&mut self, leaf: Lit, value: Trits) {
        self.values[leaf.index()] = value.xor_sign(leaf.is_neg());
    }
    /// Evaluates all ANDs of `aig`, the graph given to [`Ternary::new`].
    pub fn run(&mut self, aig: &Aig) {
        for var in 1..aig.len() as u32 {
            if let Node::And(a, b) = aig.node(var) {
                self.values[var as usize] = self.value(a).and(self.value(b));
            }
        }
    }
    /// The value of `lit` as of the last [`Ternary::run`].
    pub fn value(&self, lit: Lit) -> Trits {
        self.values[lit.index()].xor_sign(lit.is_neg())
    }
    /// One clock cycle: evaluates, then loads every `(leaf, next)` pair at once.
    pub fn step(&mut self, aig: &Aig, registers: &[(Lit, Lit)]) {
        self.run(aig);
        let next: Vec<Trits> = registers.iter().map(|&(_, next)| self.value(next)).collect();
        for (&(out, _), value) in registers.iter().zip(next) {
            self.set(out, value);
        }
    }
}
