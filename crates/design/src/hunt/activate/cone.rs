//! The sequential cone of a net: the part of the design that decides it, simulated alone.
//!
//! Everything the net depends on through ANDs and registers, in order of evaluation. 512 runs at once.
//! Cost: linear in the cone.

use super::super::activity::{WORDS, sign};
use super::super::circuit::Circuit;

/// A part of the design that can be simulated alone.
pub(super) struct Cone {
    /// Node and fan-in codes, in order.
    pub(super) ands: Vec<[u32; 3]>,
    /// Registers, by number.
    pub(super) registers: Vec<usize>,
    /// Free leaves, by number.
    pub(super) inputs: Vec<usize>,
}

impl Cone {
    pub(super) fn of(c: &Circuit<'_>, root: u32) -> Self {
        let mut seen = vec![false; c.len()];
        let mut stack = vec![root];
        seen[root as usize] = true;
        while let Some(v) = stack.pop() {
            for l in c.inputs(v) {
                if !l.is_const() && !seen[l.index()] {
                    seen[l.index()] = true;
                    stack.push(l.var());
                }
            }
        }
        let mut ands = Vec::new();
        for var in 1..c.len() as u32 {
            if seen[var as usize]
                && let Some((a, b)) = c.graph.fanin(var)
            {
                ands.push([var, a.code(), b.code()]);
            }
        }
        let registers = (0..c.graph.registers.len())
            .filter(|&r| seen[c.graph.registers[r].out.index()])
            .collect();
        let inputs = (0..c.graph.free.len()).filter(|&i| seen[c.graph.free[i].index()]).collect();
        Self { ands, registers, inputs }
    }
    pub(super) fn settle(&self, values: &mut [[u64; WORDS]]) {
        for &[var, a, b] in &self.ands {
            let (x, y) = (values[(a >> 1) as usize], values[(b >> 1) as usize]);
            let (p, q) = (sign(a), sign(b));
            let out = &mut values[var as usize];
            for w in 0..WORDS {
                out[w] = (x[w] ^ p) & (y[w] ^ q);
            }
        }
    }
    pub(super) fn load(
        &self,
        c: &Circuit<'_>,
        values: &mut [[u64; WORDS]],
        hold: &mut Vec<[u64; WORDS]>,
    ) {
        hold.clear();
        for &r in &self.registers {
            let next = c.graph.registers[r].next;
            let p = sign(next.code());
            hold.push(values[next.index()].map(|w| w ^ p));
        }
        for (slot, &r) in hold.iter().zip(&self.registers) {
            values[c.graph.registers[r].out.index()] = *slot;
        }
    }
}
