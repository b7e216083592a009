//! Siblings: bits that the same control nets govern, and whether a suspect treats them alike.
//!
//! Problem: designers work in words. A feature that stops or changes a register usually does so to the
//! whole word, and compares words as wholes; an implant takes single bits here and there.
//! Method: a *sink* is what a register loads, or an output. Its *control nets* are the nets with several
//! readers that lie a few levels before it. Two sinks are *siblings* if they share at least half of the
//! control nets of the first. Of the sinks that a payload touches it is asked how many siblings it leaves
//! alone, and of the registers that a trigger reads, how many it does not read. Besides, whether the
//! nets that a trigger reads meet anywhere else: related signals do.
//! Cost: a bounded walk for every sink, once, and for every tapped net of a candidate.
//! What it cannot see: words that a synthesiser rebuilt bit by bit, and payloads made for whole words.

use super::circuit::{Circuit, NONE};
use netlist::Lit;
use std::collections::{BTreeMap, BTreeSet};

/// Levels walked back from a sink, or forth from a net.
const LEVELS: u32 = 6;
/// Nodes visited on the way back.
const VISITED: usize = 96;
/// Readers from which a net counts as a control net.
const READERS: usize = 4;
/// Sinks of one control net looked at.
const OF_A_NET: usize = 512;
/// Sinks of a candidate looked at.
const LOOKED_AT: usize = 32;
/// Sinks a payload may touch.
const TOUCHED: usize = 256;
/// Levels and nodes walked forth from a tapped net.
const MEETING: (u32, usize) = (3, 48);

/// The control nets of every sink.
pub(super) struct Siblings {
    /// Control nets of each sink, sorted: registers first, then observers.
    nets: Vec<Vec<u32>>,
    /// Pairs of control net and sink, sorted.
    of_net: Vec<(u32, u32)>,
    /// Sinks of observed nodes, sorted by node.
    observers: Vec<(u32, u32)>,
}

/// What a candidate does to words.
#[derive(Default)]
pub(super) struct Evenness {
    /// Sinks the payload touches.
    pub(super) touched: f64,
    /// Siblings of a touched sink, on average.
    pub(super) kin: f64,
    /// Share of them that are left alone, on average over sinks that have any.
    pub(super) uneven: f64,
    /// Share of siblings of tapped registers that are not tapped.
    pub(super) partial: f64,
    /// Largest share of the tapped nets that meet at one node elsewhere.
    pub(super) meeting: f64,
}

impl Siblings {
    pub(super) fn new(c: &Circuit<'_>) -> Self {
        let graph = c.graph;
        let mut sinks: Vec<(Lit, u32)> =
            graph.registers.iter().map(|r| (r.next, r.out.var())).collect();
        let mut observers = Vec::new();
        for (_, lit) in &graph.observed {
            observers.push((lit.var(), sinks.len() as u32));
            sinks.push((*lit, NONE));
        }
        observers.sort_unstable();
        let nets: Vec<Vec<u32>> = sinks.iter().map(|&(l, own)| controls(c, l, own)).collect();
        let mut of_net: Vec<(u32, u32)> = Vec::new();
        for (sink, nets) in nets.iter().enumerate() {
            of_net.extend(nets.iter().map(|&n| (n, sink as u32)));
        }
        of_net.sort_unstable();
        Self { nets, of_net, observers }
    }

    /// Sinks that share half of the control nets of `sink`; nets of the suspect itself do not count.
    fn of(&self, sink: u32, own: impl Fn(u32) -> bool) -> Vec<u32> {
        let nets: Vec<u32> =
            self.nets[sink as usize].iter().copied().filter(|&n| !own(n)).collect();
        let mut common: BTreeMap<u32, usize> = BTreeMap::new();
        for &net in &nets {
            let first = self.of_net.partition_point(|o| o.0 < net);
            let here = self.of_net[first..].iter().take_while(|o| o.0 == net).take(OF_A_NET);
            for (_, other) in here {
                *common.entry(*other).or_insert(0) += 1;
            }
        }
        common.retain(|&other, n| other != sink && *n * 2 >= nets.len());
        common.into_keys().collect()
    }

    /// Looks at the gates `passing` that a payload consists of, and at the nets `taps` that the region reads.
    pub(super) fn look(
        &self,
        c: &Circuit<'_>,
        passing: &[u32],
        taps: &BTreeSet<u32>,
        own: impl Fn(u32) -> bool + Copy,
    ) -> Evenness {
        let touched = self.reached(c, passing);
        let (kin, uneven) = self.alone(&touched, own);
        let tapped: BTreeSet<u32> =
            taps.iter().filter(|&&v| c.is_register(v)).map(|&v| c.register[v as usize]).collect();
        let (_, partial) = self.alone(&tapped, own);
        Evenness {
            touched: touched.len() as f64,
            kin,
            uneven,
            partial,
            meeting: meeting(c, taps, own),
        }
    }

    /// Mean number of siblings of some sinks, and the mean share of siblings that are not among them.
    fn alone(&self, sinks: &BTreeSet<u32>, own: impl Fn(u32) -> bool + Copy) -> (f64, f64) {
        let (mut kin, mut share, mut with, mut all) = (0.0, 0.0, 0.0f64, 0.0f64);
        for &sink in sinks.iter().take(LOOKED_AT) {
            let siblings = self.of(sink, own);
            all += 1.0;
            kin += siblings.len() as f64;
            if !siblings.is_empty() {
                with += 1.0;
                let left = siblings.iter().filter(|s| !sinks.contains(s)).count();
                share += left as f64 / siblings.len() as f64;
            }
        }
        (kin / all.max(1.0), share / with.max(1.0))
    }

    /// The nearest sinks after some gates.
    fn reached(&self, c: &Circuit<'_>, gates: &[u32]) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for &gate in gates.iter().take(LOOKED_AT) {
            let mut level = vec![gate];
            for _ in 0..LEVELS {
                let before = found.len();
                let mut next = Vec::new();
                for &v in &level {
                    let first = self.observers.partition_point(|o| o.0 < v);
                    let here = self.observers[first..].iter().take_while(|o| o.0 == v);
                    found.extend(here.map(|o| o.1));
                    for &user in c.users(v) {
                        if c.is_register(user) {
                            found.insert(c.register[user as usize]);
                        } else {
                            next.push(user);
                        }
                    }
                }
                if found.len() > before || found.len() > TOUCHED || next.len() > TOUCHED {
                    break;
                }
                next.sort_unstable();
                next.dedup();
                level = next;
            }
        }
        found
    }
}

/// Nets with several readers a few levels before `sink`.
fn controls(c: &Circuit<'_>, sink: Lit, own: u32) -> Vec<u32> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut level = vec![sink.var()];
    for depth in 0..LEVELS {
        let mut next = Vec::new();
        for &v in &level {
            if v == 0 || v == own || !seen.insert(v) || seen.len() > VISITED {
                continue;
            }
            if depth > 0 && c.users(v).len() >= READERS {
                found.insert(v);
            } else if let Some((a, b)) = c.graph.fanin(v) {
                next.extend([a.var(), b.var()]);
            }
        }
        level = next;
    }
    found.into_iter().collect()
}

/// Largest share of nets that are read together within a few levels, outside the suspect.
fn meeting(c: &Circuit<'_>, taps: &BTreeSet<u32>, own: impl Fn(u32) -> bool) -> f64 {
    if taps.len() < 2 {
        return 1.0;
    }
    let mut met: BTreeMap<u32, u32> = BTreeMap::new();
    for &tap in taps.iter().take(2 * LOOKED_AT) {
        let mut seen = BTreeSet::from([tap]);
        let mut level = vec![tap];
        for _ in 0..MEETING.0 {
            let mut next = Vec::new();
            for &v in &level {
                for &user in c.users(v) {
                    let first = !own(user) && seen.len() < MEETING.1 && seen.insert(user);
                    if first && !c.is_register(user) {
                        next.push(user);
                    }
                }
            }
            level = next;
        }
        for v in seen {
            *met.entry(v).or_insert(0) += 1;
        }
    }
    let most = met.values().copied().max().unwrap_or(0);
    f64::from(most) / taps.len().min(2 * LOOKED_AT) as f64
}
