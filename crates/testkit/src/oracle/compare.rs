//! What the comparison of a twin with its reference ought to answer, by enumeration.
//!
//! Method: both as tables of next state and outputs. Pairs of states that no common word within the
//! assumptions ever tells apart (greatest fixpoint); every power-up of the twin then asks for one of the
//! reference from which all words in reset lead to such a pair. For refutations, runs of one state of the
//! twin beside the set of all states that the reference may be in.
//! Cost: states of both times words; sets as met. The reference has five registers at most.
//! What it cannot see: identities, and ports or undriven bits that one of them has alone.

use crate::micro::{Gate, Micro, Role};
use std::collections::BTreeSet;

/// A literal of an assumption: an input bit, or the first bit of an output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Port {
    /// Input by index.
    Input(usize),
    /// Output by index.
    Output(usize),
}
/// What is assumed: disjunctions of literals, complemented where true.
pub type Clauses = Vec<Vec<(Port, bool)>>;

/// A design by enumeration: next state and outputs by reset, state and word.
#[derive(Debug)]
pub struct Table {
    bits: usize,
    words: u32,
    cells: Vec<(u32, u32)>,
    /// States at power-up.
    pub power_up: Vec<u32>,
}

impl Table {
    fn new(m: &Micro) -> Self {
        let (bits, words) = (m.registers.len(), 1 << m.inputs.len());
        let mut cells = Vec::new();
        for at in 0..2 * (words << bits) {
            let (reset, state, word) = ((at / words) >> bits == 1, at / words, at % words);
            let mut v: Vec<bool> = Vec::with_capacity(m.gates.len());
            for &gate in &m.gates {
                let f = |w: u32| v[w as usize];
                v.push(match gate {
                    Gate::False | Gate::Identity(..) => false,
                    Gate::Reset => reset,
                    Gate::Register(i) => state >> i & 1 == 1,
                    Gate::Input(i) => word >> i & 1 == 1,
                    Gate::Not(x) => !f(x),
                    Gate::And(x, y) => f(x) && f(y),
                    Gate::Or(x, y) => f(x) || f(y),
                    Gate::Xor(x, y) => f(x) != f(y),
                    Gate::Mux(s, x, y) => {
                        if f(s) {
                            f(x)
                        } else {
                            f(y)
                        }
                    }
                });
            }
            let number = |wires: &mut dyn Iterator<Item = u32>| {
                wires.enumerate().map(|(i, w)| u32::from(v[w as usize]) << i).sum()
            };
            let next = number(&mut m.registers.iter().map(|r| r.next));
            let out = number(&mut m.outputs.iter().flat_map(|o| o.wires.iter().copied()));
            cells.push((next, out));
        }
        let counts = m.reset.is_none() || m.declared;
        let declared = |s: &u32| {
            let fits = |(i, v): (usize, Option<bool>)| v.is_none_or(|v| (s >> i & 1 == 1) == v);
            !counts || m.registers.iter().map(|r| r.power_up).enumerate().all(fits)
        };
        Self { bits, words, cells, power_up: (0..1 << bits).filter(declared).collect() }
    }
    /// Next state and outputs.
    pub fn at(&self, reset: bool, state: u32, word: u32) -> (u32, u32) {
        self.cells[(((u32::from(reset) << self.bits | state) * self.words) + word) as usize]
    }
}

/// A twin beside its reference under a contract.
#[derive(Debug)]
pub struct Question<'a> {
    /// The twin.
    pub own: Micro,
    /// The reference.
    pub reference: &'a Micro,
    /// What is assumed of the twin's ports.
    pub clauses: &'a Clauses,
    /// The twin by enumeration.
    pub d: Table,
    /// The reference by enumeration.
    pub r: Table,
}

/// Straps, twin's state, reference's state.
pub type Pair = (u32, u32, u32);

impl<'a> Question<'a> {
    /// Enumerates both.
    pub fn new(own: Micro, reference: &'a Micro, clauses: &'a Clauses) -> Self {
        let (d, r) = (Table::new(&own), Table::new(reference));
        Self { own, reference, clauses, d, r }
    }
    /// Cycles of reset.
    pub fn resets(&self) -> u32 {
        self.reference.reset.map_or(0, |r| r.cycles)
    }
    fn strap(&self, i: usize) -> bool {
        self.reference.inputs[i].role == Role::Constant
    }
    /// Values of the straps under which what is assumed of them alone holds.
    pub fn straps(&self) -> Vec<u32> {
        let mask = (0..self.own.inputs.len()).map(|i| u32::from(self.strap(i)) << i).sum::<u32>();
        let alone = |l: &(Port, bool)| matches!(l.0, Port::Input(i) if self.strap(i));
        let alone: Clauses = self.clauses.iter().filter(|k| k.iter().all(alone)).cloned().collect();
        (0..self.d.words).filter(|&s| s & !mask == 0 && self.holds(&alone, s, 0)).collect()
    }
    fn words(&self, straps: u32) -> Vec<u32> {
        let same = |w: &u32| {
            (0..self.own.inputs.len()).all(|i| !self.strap(i) || (w ^ straps) >> i & 1 == 0)
        };
        (0..self.d.words).filter(same).collect()
    }
    /// Whether a word and the outputs it yields are within clauses.
    pub fn holds(&self, clauses: &Clauses, word: u32, out: u32) -> bool {
        let first = |o: usize| self.own.outputs[..o].iter().map(|o| o.wires.len()).sum::<usize>();
        let literal = |&(port, not): &(Port, bool)| match port {
            Port::Input(i) => (word >> i & 1 == 1) != not,
            Port::Output(o) => (out >> first(o) & 1 == 1) != not,
        };
        clauses.iter().all(|k| k.iter().any(literal))
    }
    /// Words that the twin's state allows.
    pub fn legal(&self, straps: u32, state: u32) -> Vec<u32> {
        let legal = |&w: &u32| self.holds(self.clauses, w, self.d.at(false, state, w).1);
        self.words(straps).into_iter().filter(legal).collect()
    }

    /// The claim.
    pub fn equal(&self) -> bool {
        self.straps().into_iter().all(|straps| {
            let rows = 1usize << self.d.bits;
            let legal: Vec<Vec<u32>> = (0..rows as u32).map(|d| self.legal(straps, d)).collect();
            let all = self.words(straps);
            let mut good = vec![vec![true; 1 << self.r.bits]; rows];
            let round = |good: &[Vec<bool>], reset: bool| -> Vec<Vec<bool>> {
                let still = |d: u32, r: u32| {
                    let words = if reset { &all } else { &legal[d as usize] };
                    words.iter().all(|&w| {
                        let ((d, x), (r, y)) = (self.d.at(reset, d, w), self.r.at(reset, r, w));
                        (reset || x == y) && good[d as usize][r as usize]
                    })
                };
                let row = |d: u32| (0..1 << self.r.bits).map(|r| still(d, r)).collect();
                (0..rows as u32).map(row).collect()
            };
            loop {
                let next = round(&good, false);
                if next == good {
                    break;
                }
                good = next;
            }
            (0..self.resets()).for_each(|_| good = round(&good, true));
            let some = |d: &u32| self.r.power_up.iter().any(|&r| good[*d as usize][r as usize]);
            self.d.power_up.iter().all(some)
        })
    }

    /// Some run differs at one output in one cycle however the reference powers up.
    pub fn refutable(&self) -> bool {
        let set = |all: &mut dyn Iterator<Item = u32>| all.fold(0u32, |set, r| set | 1 << r);
        let members = |set: u32| (0..32).filter(move |r| set >> r & 1 == 1);
        let after = |set_now: u32, reset: bool, w: u32| {
            set(&mut members(set_now).map(|r| self.r.at(reset, r, w).0))
        };
        let begin = set(&mut self.r.power_up.iter().copied());
        self.straps().into_iter().any(|straps| {
            let mut layer: BTreeSet<(u32, u32)> =
                self.d.power_up.iter().map(|&d| (d, begin)).collect();
            for _ in 0..self.resets() {
                let step = |&(d, r): &(u32, u32)| {
                    let each = |w| (self.d.at(true, d, w).0, after(r, true, w));
                    self.words(straps).into_iter().map(each).collect::<Vec<_>>()
                };
                layer = layer.iter().flat_map(step).collect();
            }
            let mut seen = layer.clone();
            while let Some((d, r)) = layer.pop_first() {
                for w in self.legal(straps, d) {
                    let (next, x) = self.d.at(false, d, w);
                    if members(r).fold(u32::MAX, |all, r| all & (x ^ self.r.at(false, r, w).1)) != 0
                    {
                        return true;
                    }
                    let pair = (next, after(r, false, w));
                    if seen.insert(pair) {
                        layer.insert(pair);
                    }
                }
            }
            false
        })
    }

    /// Everything reached after reset from power-up states that `start` allows.
    pub fn reached(&self, start: impl Fn(Pair) -> bool) -> BTreeSet<Pair> {
        let mut seen = BTreeSet::new();
        for s in self.straps() {
            let starts = self
                .d
                .power_up
                .iter()
                .flat_map(|&d| self.r.power_up.iter().map(move |&r| (s, d, r)));
            let mut layer: BTreeSet<Pair> = starts.filter(|&p| start(p)).collect();
            let step = |reset: bool, (s, d, r): Pair, words: Vec<u32>| {
                words
                    .into_iter()
                    .map(move |w| (s, self.d.at(reset, d, w).0, self.r.at(reset, r, w).0))
            };
            for _ in 0..self.resets() {
                layer = layer.iter().flat_map(|&p| step(true, p, self.words(s))).collect();
            }
            while let Some(p) = layer.pop_first() {
                if seen.insert(p) {
                    layer.extend(step(false, p, self.legal(s, p.1)));
                }
            }
        }
        seen
    }
    /// Some state that is reached allows no word at all.
    pub fn stuck(&self) -> bool {
        self.reached(|_| true).iter().any(|&(s, d, _)| self.legal(s, d).is_empty())
    }
}
