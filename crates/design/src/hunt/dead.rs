//! Logic without a path to any observer: payloads that act by power, temperature or radiation only.
//!
//! Method: nodes that are not in the dominator tree, grouped by adjacency. Synthesis removes such logic
//! from honest designs, so that a single group of some size, with registers and a rare net that switches
//! them, is a suspect of its own; many groups mean a netlist that nobody has optimised, and are only
//! noted.
//! Cost: linear.
//! What it cannot see: a side channel driven from registers that the design needs as well.

use super::activity::Activity;
use super::circuit::Circuit;
use super::dominators::Dominators;

/// Fewest gates of a group that is reported.
const LEAST: usize = 8;
/// Most groups of that size for one to be suspicious.
const MOST_GROUPS: usize = 3;

/// A group of dead logic.
pub(super) struct Group {
    /// Its instances, sorted.
    pub(super) instances: Vec<u32>,
    /// Its registers.
    pub(super) registers: usize,
    /// Rarest net of it that switches something, with its rarity in bits.
    pub(super) rare: Option<(u32, f64)>,
}

/// All groups of at least [`LEAST`] gates, the largest first, and whether they are few enough to mean
/// something.
pub(super) fn groups(c: &Circuit<'_>, d: &Dominators, activity: &Activity) -> (Vec<Group>, bool) {
    let n = c.len() as u32;
    let mut seen = vec![false; n as usize];
    let mut found = Vec::new();
    for start in 1..n {
        if seen[start as usize] || d.alive(start) || c.graph.is_leaf(start) && !c.is_register(start)
        {
            continue;
        }
        let mut members = Vec::new();
        let mut stack = vec![start];
        seen[start as usize] = true;
        while let Some(v) = stack.pop() {
            members.push(v);
            let inputs = c.inputs(v);
            let around = inputs.iter().map(|l| l.var()).chain(c.users(v).iter().copied());
            for w in around {
                let free = c.graph.is_leaf(w) && !c.is_register(w);
                if w != 0 && !seen[w as usize] && !d.alive(w) && !free {
                    seen[w as usize] = true;
                    stack.push(w);
                }
            }
        }
        members.sort_unstable();
        let instances = c.instances(|v| members.binary_search(&v).is_ok());
        if instances.len() < LEAST {
            continue;
        }
        let registers = members.iter().filter(|&&v| c.is_register(v)).count();
        let rare = members
            .iter()
            .filter(|&&v| c.users(v).len() > 1 || c.is_register(v))
            .map(|&v| (v, activity.bits(v)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        found.push(Group { instances, registers, rare });
    }
    found.sort_by_key(|g| std::cmp::Reverse(g.instances.len()));
    let few = found.len() <= MOST_GROUPS;
    (found, few)
}
