//! Groups: state bits that take new values under the same conditions.
//!
//! Problem: what is true of one bit of an operand register is true of all of them, and an induction that
//! finds it out bit by bit asks the solver hundreds of times.
//! Method: a register keeps its value by a gate that reads it back under a condition; the other
//! operands of all gates in its next state's cone that read the bit itself are its signature. Bits of the
//! same name and signature (the data of one slot of a queue, whose four slots share one name) are a
//! group. Cost: one pass over each bit's own logic. What it cannot see: bits that differ in how they are
//! used; a group stands or falls as a whole, which loses ties, never a verdict.

use super::runs::Setting;
use netlist::{Lit, Node};
use std::collections::BTreeMap;

/// Groups of the state bits in the slice, in order of their first bits.
pub(crate) fn groups(s: &Setting<'_>) -> Vec<Vec<usize>> {
    let aig = &s.model.aig;
    let mut readers: Vec<Vec<(u32, Lit)>> = vec![Vec::new(); aig.len()];
    let leaf: Vec<u32> = s.model.state.iter().map(|b| b.lit.var()).collect();
    let mut own = vec![false; aig.len()];
    for &i in &s.slice.state {
        own[leaf[i] as usize] = true;
    }
    for var in 1..aig.len() as u32 {
        if let Node::And(a, b) = aig.node(var) {
            for (one, other) in [(a, b), (b, a)] {
                if own[one.index()] {
                    readers[one.index()].push((var, other));
                }
            }
        }
    }
    let mut all: BTreeMap<(&str, Vec<Lit>), Vec<usize>> = BTreeMap::new();
    for &i in &s.slice.state {
        let bit = &s.model.state[i];
        // a gate or two above the bit: hold, then reset or load
        let near = near(aig, bit.next);
        let mut signature: Vec<Lit> =
            readers[leaf[i] as usize].iter().filter(|r| near.contains(&r.0)).map(|r| r.1).collect();
        signature.sort_unstable();
        signature.dedup();
        all.entry((&bit.name, signature)).or_default().push(i);
    }
    let mut all: Vec<Vec<usize>> = all.into_values().collect();
    all.sort();
    all
}

/// Gates at most five deep below a literal.
fn near(aig: &netlist::Aig, root: Lit) -> Vec<u32> {
    let mut found = Vec::new();
    let mut layer = vec![root.var()];
    for _ in 0..6 {
        let mut below = Vec::new();
        for var in layer {
            if let Node::And(a, b) = aig.node(var)
                && !found.contains(&var)
            {
                found.push(var);
                below.extend([a.var(), b.var()]);
            }
        }
        layer = below;
    }
    found
}
