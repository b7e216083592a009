//! What is believed of two copies: ties of groups of registers, always or under conditions.
//!
//! A group is tied, or it has guards: a condition is a few small registers of the left copy and those of
//! their values under which the group agrees. A tie that is found broken is not lost but weakened to
//! its guards, and a guard loses the one value under which it was broken; what is left at the end is the
//! strongest relation of this shape. Nothing here is a verdict: [`super::induct`] prunes, the kernel
//! decides.

use super::split::project;
use netlist::{Aig, Lit};
use proof::circuit::CircuitError;
use proof::{Circuit, Var};
use std::collections::HashMap;

/// A condition over the left copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Guard {
    /// State bits, least significant first; at most seven.
    pub(crate) word: Vec<usize>,
    /// Their values under which the group agrees.
    pub(crate) allowed: u128,
    /// Values that were met in simulation.
    pub(crate) met: u128,
}

/// State bits that are believed to agree together.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) bits: Vec<usize>,
    /// They agree always.
    pub(crate) tied: bool,
    /// Else they agree under each of these.
    pub(crate) guards: Vec<Guard>,
}

/// What is believed of two copies.
#[derive(Clone, Default)]
pub(crate) struct Belief {
    pub(crate) groups: Vec<Group>,
    /// By state bit: agrees always.
    pub(crate) tied: Vec<bool>,
    /// The bits of small registers whose values are cases.
    pub(crate) split: Vec<usize>,
}

/// Values of the split, and what is tied in them (what is tied always apart).
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) values: u128,
    pub(crate) tied: Vec<usize>,
}

impl Guard {
    /// Drops the value that the word has under `value`; whether it was allowed.
    pub(crate) fn drop_value(&mut self, value: impl Fn(usize) -> bool) -> bool {
        let at = self.word.iter().enumerate().fold(0, |v, (k, &i)| v | u32::from(value(i)) << k);
        let had = self.allowed >> at & 1 == 1;
        self.allowed &= !(1 << at);
        had
    }
}

impl Belief {
    /// The ties by bit follow from those of the groups; `always` is tied beside them.
    pub(crate) fn settle(&mut self) {
        for group in &mut self.groups {
            for &i in &group.bits {
                self.tied[i] = group.tied;
            }
            // what only holds where nobody ever was says nothing
            group.guards.retain(|g| g.allowed & g.met != 0);
        }
    }
    /// Guards that are no ties for ever, with the bits they tie.
    pub(crate) fn guarded(&self) -> impl Iterator<Item = (&Group, &Guard)> {
        let open = self.groups.iter().filter(|g| !g.tied);
        open.flat_map(|group| group.guards.iter().map(move |guard| (group, guard)))
    }
    /// Whether some guard ties a bit.
    pub(crate) fn explains(&self, bit: usize) -> bool {
        self.guarded().any(|(group, _)| group.bits.contains(&bit))
    }
    /// Bits tied under conditions only.
    pub(crate) fn conditional(&self) -> usize {
        let open = self.groups.iter().filter(|g| !g.tied && !g.guards.is_empty());
        open.map(|g| g.bits.len()).sum()
    }
    /// Whether a guard is part of the cases.
    pub(crate) fn is_case(&self, guard: &Guard) -> bool {
        guard.word.iter().all(|i| self.split.contains(i))
    }

    /// The cases, one for each value.
    pub(crate) fn single_cases(&self) -> Vec<Case> {
        let one = |value: u32| {
            let here = |g: &Guard| {
                project(&self.split, &g.word, value).is_some_and(|v| g.allowed >> v & 1 == 1)
            };
            let mut tied: Vec<usize> = self
                .guarded()
                .filter(|(_, guard)| here(guard))
                .flat_map(|(group, _)| group.bits.iter().copied())
                .collect();
            tied.sort_unstable();
            tied.dedup();
            Case { values: 1 << value, tied }
        };
        (0..1u32 << self.split.len()).map(one).collect()
    }

    /// The cases, one for each set of ties.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let mut all: Vec<Case> = Vec::new();
        for case in self.single_cases() {
            match all.iter_mut().find(|c| c.tied == case.tied) {
                Some(same) => same.values |= case.values,
                None => all.push(case),
            }
        }
        all
    }
}

/// One of the values of a word, over literals.
pub(crate) fn one_of(aig: &mut Aig, bits: &[Lit], values: u128) -> Lit {
    // Shannon expansion from the most significant bit
    match bits.split_last() {
        None => Lit::constant(values & 1 == 1),
        Some((&top, rest)) => {
            let half = 1u32 << rest.len();
            let low = if half >= 128 { values } else { values & ((1u128 << half) - 1) };
            let high = values.checked_shr(half).unwrap_or(0);
            let (e, t) = (one_of(aig, rest, low), one_of(aig, rest, high));
            aig.mux(top, t, e)
        }
    }
}

/// One of the values of a word of the left copy.
pub(crate) fn over_left(word: &[usize], values: u128) -> Result<Circuit, CircuitError> {
    let mut aig = Aig::new();
    let bits: Vec<Lit> = word.iter().map(|_| aig.leaf()).collect();
    let root = one_of(&mut aig, &bits, values);
    let place: HashMap<u32, usize> = bits.iter().zip(word).map(|(l, &i)| (l.var(), i)).collect();
    Circuit::extract(&aig, &[root], |v| place.get(&v).map(|&i| Var::Left(i as u32)))
}

/// The ties under conditions that are no cases, as one circuit.
pub(crate) fn extra(belief: &Belief) -> Result<Circuit, CircuitError> {
    let mut aig = Aig::new();
    let mut leaves: HashMap<Var, Lit> = HashMap::new();
    let mut places: HashMap<u32, Var> = HashMap::new();
    let mut leaf = |aig: &mut Aig, at: Var| {
        *leaves.entry(at).or_insert_with(|| {
            let lit = aig.leaf();
            places.insert(lit.var(), at);
            lit
        })
    };
    let mut all = Vec::new();
    for (group, guard) in belief.guarded().filter(|(_, g)| !belief.is_case(g)) {
        let word: Vec<Lit> =
            guard.word.iter().map(|&i| leaf(&mut aig, Var::Left(i as u32))).collect();
        let mut same = Vec::with_capacity(group.bits.len());
        for &i in &group.bits {
            let l = leaf(&mut aig, Var::Left(i as u32));
            let r = leaf(&mut aig, Var::Right(i as u32));
            same.push(aig.iff(l, r));
        }
        let same = aig.and_all(same);
        let on = one_of(&mut aig, &word, guard.allowed);
        all.push(aig.implies(on, same));
    }
    let root = aig.and_all(all);
    Circuit::extract(&aig, &[root], |v| places.get(&v).copied())
}
