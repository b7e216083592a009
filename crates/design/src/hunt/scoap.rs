//! SCOAP: how hard a net is to set and to see.
//!
//! Method: Goldstein and Thigpen, DAC 1980. Controllability of an input is 1; of an AND's 1 the sum
//! over its inputs plus 1, of its 0 the least plus 1; a register adds 1. Observability of an output is 0;
//! through an AND it grows by the 1-controllability of the other input plus 1. Sequential loops are
//! iterated from infinity downwards a bounded number of times.
//! Cost: a few linear passes. An exclusive or counts as the three ANDs it is made of, so values are not
//! comparable with tools that count it as one gate.
//! What it cannot see: correlation: it adds what may exclude each other.

use super::circuit::Circuit;
use netlist::Lit;

/// Largest value; nets beyond have it.
pub(super) const INFINITE: u32 = 1 << 28;
const ROUNDS: usize = 8;

/// The three measures by node.
pub(super) struct Scoap {
    pub(super) zero: Vec<u32>,
    pub(super) one: Vec<u32>,
    pub(super) observe: Vec<u32>,
}

impl Scoap {
    pub(super) fn new(c: &Circuit<'_>) -> Self {
        let n = c.len();
        let mut s =
            Self { zero: vec![INFINITE; n], one: vec![INFINITE; n], observe: vec![INFINITE; n] };
        s.zero[0] = 0;
        for leaf in &c.graph.free {
            (s.zero[leaf.index()], s.one[leaf.index()]) = (1, 1);
        }
        for r in &c.graph.registers {
            // power-up gives one value for nothing
            s.zero[r.out.index()] = 1;
        }
        for _ in 0..ROUNDS {
            let mut changed = false;
            for var in 1..n as u32 {
                if let Some((a, b)) = c.graph.fanin(var) {
                    let one = cap(s.set(a, true) + s.set(b, true) + 1);
                    let zero = cap(s.set(a, false).min(s.set(b, false)) + 1);
                    let v = var as usize;
                    changed |= one < s.one[v] || zero < s.zero[v];
                    s.one[v] = s.one[v].min(one);
                    s.zero[v] = s.zero[v].min(zero);
                }
            }
            for r in &c.graph.registers {
                let v = r.out.index();
                let (zero, one) = (cap(s.set(r.next, false) + 1), cap(s.set(r.next, true) + 1));
                changed |= one < s.one[v] || zero < s.zero[v];
                s.one[v] = s.one[v].min(one);
                s.zero[v] = s.zero[v].min(zero);
            }
            if !changed {
                break;
            }
        }
        for v in 1..n {
            if c.observed[v] {
                s.observe[v] = 0;
            }
        }
        for _ in 0..ROUNDS {
            let mut changed = false;
            for var in (1..n as u32).rev() {
                let own = s.observe[var as usize];
                if let Some((a, b)) = c.graph.fanin(var) {
                    for (this, other) in [(a, b), (b, a)] {
                        let cost = cap(own + s.set(other, true) + 1);
                        changed |= cost < s.observe[this.index()];
                        s.observe[this.index()] = s.observe[this.index()].min(cost);
                    }
                } else if c.is_register(var) {
                    let next = c.inputs(var)[0];
                    let cost = cap(own + 1);
                    changed |= cost < s.observe[next.index()];
                    s.observe[next.index()] = s.observe[next.index()].min(cost);
                }
            }
            if !changed {
                break;
            }
        }
        s
    }
    /// Cost of giving `lit` a value.
    pub(super) fn set(&self, lit: Lit, value: bool) -> u32 {
        if value ^ lit.is_neg() { self.one[lit.index()] } else { self.zero[lit.index()] }
    }
    /// Cost of the less usual value.
    pub(super) fn hard(&self, var: u32) -> u32 {
        self.zero[var as usize].max(self.one[var as usize])
    }
}

fn cap(value: u32) -> u32 {
    value.min(INFINITE)
}
