//! A run in which two designs differ, from their start: unrolling, and replay.
//!
//! Method: frames of both designs with common inputs in one hashed graph, the question growing with the
//! depth (Biere et al., TACAS 1999). A model gives the inputs; the replay simulates both designs under
//! them, and only what differs there is reported.
//! Cost: one SAT call per cycle. What it cannot see: differences deeper than the bound.

use super::{Common, Difference, copy, started, starts_at_one};
use netlist::{Aig, Lit, Netlist};
use solve::{AigSolver, Budget, Outcome};
use std::collections::BTreeMap;

/// Largest unrolled graph.
const MAX_NODES: usize = 4_000_000;

/// Searches inputs under which one of `outputs` differs, within `depth` cycles.
pub(super) fn unroll(
    a: &Netlist,
    b: &Netlist,
    inputs: &[Common],
    outputs: &[Common],
    depth: usize,
    budget: &Budget,
) -> Option<Vec<Vec<bool>>> {
    let mut aig = Aig::new();
    let mut solver = AigSolver::new();
    let start = |n: &Netlist| -> Vec<Lit> {
        n.registers.iter().map(|r| Lit::constant(starts_at_one(r))).collect()
    };
    let (mut state_a, mut state_b) = (start(a), start(b));
    let mut frames: Vec<Vec<Lit>> = Vec::new();
    for _ in 0..depth {
        let mut leaves_a: BTreeMap<u32, Lit> = BTreeMap::new();
        let mut leaves_b: BTreeMap<u32, Lit> = BTreeMap::new();
        let mut frame = Vec::new();
        for input in inputs {
            let leaf = aig.leaf();
            frame.push(leaf);
            leaves_a.insert(input.a.var(), leaf);
            leaves_b.insert(input.b.var(), leaf);
        }
        frames.push(frame);
        for (r, &lit) in a.registers.iter().zip(&state_a) {
            leaves_a.insert(r.out.var(), lit);
        }
        for (r, &lit) in b.registers.iter().zip(&state_b) {
            leaves_b.insert(r.out.var(), lit);
        }
        let map_a = copy(&mut aig, a, &leaves_a);
        let map_b = copy(&mut aig, b, &leaves_b);
        let at = |map: &[Lit], l: Lit| map[l.index()].xor_sign(l.is_neg());
        let differ: Vec<Lit> =
            outputs.iter().map(|o| aig.xor(at(&map_a, o.a), at(&map_b, o.b))).collect();
        let any = aig.or_all(differ);
        if any != Lit::FALSE {
            match solver.solve(&aig, &[any], budget) {
                Outcome::Sat => {
                    let words = frames
                        .iter()
                        .map(|frame| frame.iter().map(|&l| solver.value(l)).collect())
                        .collect();
                    return Some(words);
                }
                Outcome::Unknown => return None,
                Outcome::Unsat => solver.add_clause(&aig, &[!any]),
            }
        }
        state_a = a.registers.iter().map(|r| at(&map_a, r.next)).collect();
        state_b = b.registers.iter().map(|r| at(&map_b, r.next)).collect();
        if aig.len() > MAX_NODES {
            return None;
        }
    }
    None
}

/// Simulates both under the words; nothing if no output differs.
pub(super) fn replay(
    a: &Netlist,
    b: &Netlist,
    inputs: &[Common],
    outputs: &[Common],
    words: Vec<Vec<bool>>,
    by: &'static str,
) -> Option<Difference> {
    let (mut left, mut right) = (started(a), started(b));
    for (now, word) in words.iter().enumerate() {
        for (input, &value) in inputs.iter().zip(word) {
            let pattern = [if value { u64::MAX } else { 0 }];
            left.logic.set(input.a, &pattern);
            right.logic.set(input.b, &pattern);
        }
        left.settle();
        right.settle();
        let differ: Vec<String> = outputs
            .iter()
            .filter(|o| (left.logic.value(o.a)[0] ^ right.logic.value(o.b)[0]) & 1 == 1)
            .map(|o| o.name.clone())
            .collect();
        if !differ.is_empty() {
            let text = |w: &Vec<bool>| w.iter().map(|&b| if b { '1' } else { '0' }).collect();
            let inputs = words[..=now].iter().map(text).collect();
            return Some(Difference { inputs, cycle: now, outputs: differ, by });
        }
        left.load();
        right.load();
    }
    None
}
