//! Facts: what may hold of every reachable pair of states beyond ties.
//!
//! Each fact is a small function of the two states. One function builds it, whether as a premise, as
//! a goal one cycle later, or as part of the certificate's circuit, so that what is proved is what is
//! handed over.

use crate::identity_leak::copies::{Copies, Merge};
use netlist::Lit;
use proof::circuit::CircuitError;
use proof::{Circuit, Model, Var};
use std::collections::HashMap;

/// A candidate fact; all literals are the model's and read state alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fact {
    /// A variable has the same value in both copies.
    Equal(u32),
    /// A state bit differs exactly where another function differs: it is masked with it.
    Masked(usize, Lit),
    /// As `Masked`, as long as a gate is true in the left copy.
    Guarded(Lit, usize, Lit),
    /// Two functions agree in the left copy.
    Same(Lit, Lit),
    /// One of these is true in the left copy.
    Clause(Vec<Lit>),
    /// A bound between two words of the left copy.
    Margin(Margin),
    /// One of these state bits (of the right copy?) has this value.
    Either(Vec<(bool, usize, bool)>),
}

/// If one of `gate` holds: `high + plus >= low + add`, in the left copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Margin {
    /// When it is claimed.
    pub(crate) gate: Vec<Lit>,
    /// The larger word.
    pub(crate) high: Vec<Lit>,
    /// Added to it.
    pub(crate) plus: u64,
    /// The smaller word.
    pub(crate) low: Vec<Lit>,
    /// Added to it.
    pub(crate) add: u64,
}

impl Fact {
    /// The fact as a literal of a frame.
    pub(crate) fn holds(&self, c: &mut Copies<'_>, model: &Model, frame: usize) -> Lit {
        match self {
            Self::Equal(var) => {
                let lit = Lit::new(*var, false);
                let (l, r) = (c.left(frame, lit), c.right_own(frame, lit));
                c.aig.iff(l, r)
            }
            Self::Masked(state, with) => masked(c, model, frame, *state, *with),
            Self::Guarded(gate, state, with) => {
                let gate = c.left(frame, *gate);
                let same = masked(c, model, frame, *state, *with);
                c.aig.implies(gate, same)
            }
            Self::Same(a, b) => {
                let (a, b) = (c.left(frame, *a), c.left(frame, *b));
                c.aig.iff(a, b)
            }
            Self::Clause(lits) => {
                let lits: Vec<Lit> = lits.iter().map(|&l| c.left(frame, l)).collect();
                c.aig.or_all(lits)
            }
            Self::Either(all) => {
                let lits: Vec<Lit> = all
                    .iter()
                    .map(|&(right, i, value)| {
                        let lit = model.state[i].lit.xor_sign(!value);
                        if right { c.right(frame, lit) } else { c.left(frame, lit) }
                    })
                    .collect();
                c.aig.or_all(lits)
            }
            Self::Margin(m) => {
                let gate: Vec<Lit> = m.gate.iter().map(|&l| c.left(frame, l)).collect();
                let gate = c.aig.or_all(gate);
                let widest = m.high.len().max(m.low.len());
                let constant = 64 - (m.plus | m.add).leading_zeros() as usize;
                let width = widest.max(constant) + 1;
                let high = sum(c, frame, &m.high, m.plus, width);
                let low = sum(c, frame, &m.low, m.add, width);
                let less = c.aig.less_word(&high, &low);
                c.aig.implies(gate, !less)
            }
        }
    }
}

/// A word of the left copy plus a constant, in so many bits.
fn sum(c: &mut Copies<'_>, frame: usize, word: &[Lit], constant: u64, width: usize) -> Vec<Lit> {
    let mut carry = Lit::FALSE;
    (0..width)
        .map(|k| {
            let bit = word.get(k).map_or(Lit::FALSE, |&b| c.left(frame, b));
            let add = Lit::constant(k < 64 && constant >> k & 1 == 1);
            let half = c.aig.xor(bit, add);
            let both = c.aig.and(bit, add);
            let more = c.aig.and(half, carry);
            let total = c.aig.xor(half, carry);
            carry = c.aig.or(both, more);
            total
        })
        .collect()
}

fn masked(c: &mut Copies<'_>, model: &Model, frame: usize, state: usize, with: Lit) -> Lit {
    let bit = model.state[state].lit;
    let (l, r) = (c.left(frame, bit), c.right(frame, bit));
    let differ = c.aig.xor(l, r);
    let (l, r) = (c.left(frame, with), c.right(frame, with));
    let mask = c.aig.xor(l, r);
    c.aig.iff(differ, mask)
}

/// The variables that are equal in both copies, ascending.
pub(crate) fn equal(facts: &[Fact]) -> Vec<u32> {
    let only = |f: &Fact| if let Fact::Equal(var) = f { Some(*var) } else { None };
    let mut all: Vec<u32> = facts.iter().filter_map(only).collect();
    all.sort_unstable();
    all
}

/// The conjunction of all other facts as the certificate's circuit.
///
/// # Errors
/// If a fact reads anything but state.
pub(crate) fn circuit(
    model: &Model,
    item: usize,
    tied: &[bool],
    facts: &[Fact],
) -> Result<Circuit, CircuitError> {
    let mut copies = Copies::new(model, item);
    let merge = copies.add_merge(Merge::new(model, item, tied, &[]));
    let frame = copies.any_state(merge);
    let mut all: Vec<Lit> = Vec::with_capacity(facts.len());
    for fact in facts.iter().filter(|f| !matches!(f, Fact::Equal(_))) {
        all.push(fact.holds(&mut copies, model, frame));
    }
    let root = copies.aig.and_all(all);
    let mut place: HashMap<u32, Var> = HashMap::new();
    if let Some((left, right)) = copies.start(frame) {
        for (i, (l, r)) in left.iter().zip(right).enumerate() {
            place.insert(r.var(), Var::Right(i as u32));
            place.insert(l.var(), Var::Left(i as u32));
        }
    }
    Circuit::extract(&copies.aig, &[root], |v| place.get(&v).copied())
}
