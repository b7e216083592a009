//! Cases: the small registers by whose values the proof is divided.
//!
//! Problem: most registers of a pipeline agree in two copies only while their stage holds a job, so a
//! multiplier between two stages has equal operands *sometimes*, and a solver that has to find out when
//! meets two multipliers. Where the bits that say so are constants, what is tied is one variable
//! in both copies, and the multipliers are one structure.
//! Method: greedy. For each register that is tied itself and that some condition speaks of, all its values are
//! taken at once, beside those of the registers chosen already, each in a lane of its own: constants are
//! propagated, then what may differ, then what of that reaches a next state or a result. The register that leaves
//! the fewest gates to differ is chosen, until it does not help much, or the cases are too many. A
//! pipeline is divided by the valid bits of those stages in front of much logic.
//! Cost: two passes over the graph for each register tried. What it cannot see: gates that would turn out
//! equal by themselves; a needless case costs time, never a verdict.

use super::belief::Belief;
use super::runs::Setting;
use netlist::{Lit, Node};
use proof::model::Place;
use std::collections::BTreeMap;

/// Most bits that cases are made of: their values are the lanes of one word.
const MOST_BITS: usize = 6;
/// Most bits of one register.
const WIDEST: usize = 4;
/// Gates that may differ without being worth a case.
const FEW: usize = 400;

/// Lanes of one value.
#[derive(Clone, Copy, Default)]
struct Seen {
    zero: u64,
    one: u64,
    /// May differ between the copies.
    apart: u64,
}

/// Chooses the bits whose values are cases, least significant first.
pub(crate) fn choose(s: &Setting<'_>, belief: &Belief) -> Vec<usize> {
    let mut words: BTreeMap<&[usize], u128> = BTreeMap::new();
    for (_, guard) in belief.guarded() {
        if guard.word.len() <= WIDEST && guard.word.iter().all(|&i| belief.tied[i]) {
            *words.entry(&guard.word).or_default() |= guard.met;
        }
    }
    let mut split: Vec<usize> = Vec::new();
    let mut left = unshared(s, belief, &split, &words);
    while left > FEW {
        let mut best: Option<(usize, Vec<usize>)> = None;
        for word in words.keys() {
            let mut wider = split.clone();
            wider.extend(word.iter().filter(|i| !split.contains(i)));
            if wider.len() == split.len() || wider.len() > MOST_BITS {
                continue;
            }
            let size = unshared(s, belief, &wider, &words);
            if best.as_ref().is_none_or(|b| size < b.0) {
                best = Some((size, wider));
            }
        }
        match best {
            // a quarter less, or it is not worth its cases
            Some((size, wider)) if size <= left - left / 4 => (left, split) = (size, wider),
            _ => break,
        }
    }
    split
}

/// Gates that may differ between the copies and matter, on average over the values of `split` that were met.
fn unshared(
    s: &Setting<'_>,
    belief: &Belief,
    split: &[usize],
    words: &BTreeMap<&[usize], u128>,
) -> usize {
    let model = s.model;
    let value_of = |lane: u32, word: &[usize]| -> Option<u32> { project(split, word, lane) };
    let count = 1u32 << split.len();
    let lanes = (0..count)
        .filter(|&lane| {
            let here = |(word, met): (&&[usize], &u128)| {
                value_of(lane, word).is_none_or(|value| met >> value & 1 == 1)
            };
            words.iter().all(here)
        })
        .fold(0u64, |all, lane| all | 1 << lane);
    let mut tied = vec![0u64; model.state.len()];
    for (group, guard) in belief.guarded() {
        let here = |&lane: &u32| {
            value_of(lane, &guard.word).is_some_and(|value| guard.allowed >> value & 1 == 1)
        };
        let held = (0..count).filter(here).fold(0u64, |all, lane| all | 1 << lane);
        group.bits.iter().for_each(|&i| tied[i] |= held);
    }
    let mut seen = vec![Seen::default(); model.aig.len()];
    seen[0].zero = u64::MAX;
    let read = |seen: &[Seen], lit: Lit| {
        let v = seen[lit.index()];
        if lit.is_neg() { Seen { zero: v.one, one: v.zero, ..v } } else { v }
    };
    for var in 1..model.aig.len() {
        seen[var] = match model.aig.node(var as u32) {
            Node::And(a, b) => {
                let (a, b) = (read(&seen, a), read(&seen, b));
                let (zero, one) = (a.zero | b.zero, a.one & b.one);
                Seen { zero, one, apart: (a.apart | b.apart) & !zero & !one }
            }
            _ => leaf(s, belief, split, (var as u32, &tied)),
        };
    }
    // what reaches a next state or a result, from the outputs inwards
    let mut needed = vec![0u64; model.aig.len()];
    let states = s.slice.state.iter().map(|&i| model.state[i].next);
    let results = s.f.results.iter().flat_map(|r| [r.lit, r.when]);
    for root in states.chain(results) {
        needed[root.index()] = lanes;
    }
    let mut gates = 0;
    for var in (1..model.aig.len()).rev() {
        let matters = needed[var] & seen[var].apart;
        if let (Node::And(a, b), true) = (model.aig.node(var as u32), matters != 0) {
            gates += matters.count_ones() as usize;
            needed[a.index()] |= matters;
            needed[b.index()] |= matters;
        }
    }
    gates / lanes.count_ones().max(1) as usize
}

/// What is known of a leaf.
fn leaf(s: &Setting<'_>, belief: &Belief, split: &[usize], (var, tied): (u32, &[u64])) -> Seen {
    match s.model.place(var) {
        Some(Place::State(i)) => {
            let i = i as usize;
            match split.iter().position(|&bit| bit == i) {
                Some(at) => {
                    let one = (0..64).filter(|lane| lane >> at & 1 == 1).fold(0, |w, l| w | 1 << l);
                    Seen { zero: !one, one, apart: 0 }
                }
                None if belief.tied[i] => Seen::default(),
                None => Seen { apart: !tied[i], ..Seen::default() },
            }
        }
        Some(Place::Input(i)) if !s.model.is_operand(s.function, i as usize) => {
            Seen { apart: u64::MAX, ..Seen::default() }
        }
        _ => Seen::default(),
    }
}

/// The value of `word` where `split` has `value`, if it is part of it.
pub(crate) fn project(split: &[usize], word: &[usize], value: u32) -> Option<u32> {
    let mut out = 0;
    for (k, bit) in word.iter().enumerate() {
        let at = split.iter().position(|b| b == bit)?;
        out |= (value >> at & 1) << k;
    }
    Some(out)
}
