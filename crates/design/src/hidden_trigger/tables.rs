//! What small registers were seen to be, alone and together.
//!
//! Problem: the proof needs invariants such as "idle implies that the queue's pointers agree with its
//! count", and conditions under which other registers agree; nobody states them.
//! Method: registers of at most four bits are taken as words, alone, in pairs and in triples of at most
//! seven bits; every combination of values that a campaign shows is marked, what was never seen is a
//! candidate clause. So is a bit of a wider register that never changes while a small one has a given
//! value (Daikon's idea: Ernst et al., TSE 2001). Nothing here is believed before
//! [`crate::remote_disable::houdini`] has proved it.
//! Cost: bounded by the limits below. What it cannot see: relations between wide registers.

use super::runs::Setting;
use crate::remote_disable::houdini::StateLit;
use netlist::Lit;
use proof::Model;
use proof::model::{Place, StateKind};
use std::collections::{BTreeMap, BTreeSet};

/// Widest small word.
const SMALL: usize = 4;
/// Most small words.
const MOST_WORDS: usize = 40;
/// Most bits of a combination.
pub(crate) const TOGETHER: usize = 7;
/// Most triples.
const MOST_TRIPLES: usize = 3000;
/// Most bits of wide registers that are watched.
const MOST_LOOSE: usize = 400;
/// Cycles of which every one is looked at; later only every sixteenth.
const CLOSELY: usize = 1200;

/// Small words and what was seen of them.
#[derive(Clone)]
pub(crate) struct Tables {
    /// State bits of each small word, least significant first.
    pub(crate) words: Vec<Vec<usize>>,
    /// Words of each combination: singles, pairs, triples.
    pub(crate) combinations: Vec<Vec<usize>>,
    /// Values seen, by combination.
    pub(crate) seen: Vec<u128>,
    /// Bits of wide registers.
    loose: Vec<usize>,
    /// Small words beside which they are watched.
    beside: Vec<usize>,
    /// Seen as 0 and as 1, by loose bit, word and value.
    values: Vec<[u16; 2]>,
    cycles: usize,
}

impl Tables {
    /// Nothing seen yet.
    pub(crate) fn new(s: &Setting<'_>) -> Self {
        let words = small_words(s);
        // what decides when results come, not what they are
        let mut roots: Vec<Lit> = vec![s.f.quiet, s.f.start, s.f.done];
        roots.extend(s.f.results.iter().map(|r| r.when));
        let control = distances(s.model, roots);
        let decides = |w: usize| words[w].iter().all(|&i| control[i] != usize::MAX);
        let width = |all: &[usize]| all.iter().map(|&w| words[w].len()).sum::<usize>();
        let mut combinations: Vec<Vec<usize>> = (0..words.len()).map(|w| vec![w]).collect();
        let mut triples = Vec::new();
        for a in 0..words.len() {
            for b in 0..a {
                if width(&[a, b]) <= TOGETHER {
                    combinations.push(vec![b, a]);
                }
                for c in 0..b {
                    let small = width(&[a, b, c]) <= TOGETHER && triples.len() < MOST_TRIPLES;
                    if small && [a, b, c].into_iter().all(decides) {
                        triples.push(vec![c, b, a]);
                    }
                }
            }
        }
        combinations.extend(triples);
        let in_word: BTreeSet<usize> = words.iter().flatten().copied().collect();
        let loose: Vec<usize> = s
            .slice
            .state
            .iter()
            .copied()
            .filter(|i| !in_word.contains(i) && !s.shared[*i] && control[*i] != usize::MAX)
            .take(MOST_LOOSE)
            .collect();
        let beside: Vec<usize> = (0..words.len()).filter(|&w| words[w].len() <= 3).collect();
        Self {
            seen: vec![0; combinations.len()],
            values: vec![[0; 2]; loose.len() * beside.len()],
            words,
            combinations,
            loose,
            beside,
            cycles: 0,
        }
    }

    /// The value of each small word in each lane.
    pub(crate) fn codes(&self, state: &[u64]) -> Vec<[u8; 64]> {
        self.words
            .iter()
            .map(|bits| {
                let mut codes = [0u8; 64];
                for (k, &i) in bits.iter().enumerate() {
                    let word = state[i];
                    for (lane, code) in codes.iter_mut().enumerate() {
                        *code |= ((word >> lane & 1) as u8) << k;
                    }
                }
                codes
            })
            .collect()
    }

    /// The value of a combination in a lane.
    pub(crate) fn value(&self, codes: &[[u8; 64]], combination: usize, lane: usize) -> u32 {
        let mut value = 0;
        let mut at = 0;
        for &w in &self.combinations[combination] {
            value |= u32::from(codes[w][lane]) << at;
            at += self.words[w].len();
        }
        value
    }

    /// State bits of a combination, in the order of its value's bits.
    pub(crate) fn bits(&self, combination: usize) -> Vec<usize> {
        self.combinations[combination].iter().flat_map(|&w| self.words[w].clone()).collect()
    }

    /// Marks what some lanes show.
    pub(crate) fn see(&mut self, state: &[u64], alive: u64) {
        self.cycles += 1;
        if self.cycles > CLOSELY && !self.cycles.is_multiple_of(16) {
            return;
        }
        let codes = self.codes(state);
        for combination in 0..self.combinations.len() {
            let mut seen = self.seen[combination];
            for lane in (0..64).filter(|l| alive >> l & 1 == 1) {
                seen |= 1 << self.value(&codes, combination, lane);
            }
            self.seen[combination] = seen;
        }
        for (b, &w) in self.beside.iter().enumerate() {
            let mut masks = [0u64; 8];
            for lane in (0..64).filter(|l| alive >> l & 1 == 1) {
                masks[codes[w][lane] as usize & 7] |= 1 << lane;
            }
            for (value, &mask) in masks.iter().enumerate().filter(|m| *m.1 != 0) {
                for (l, &i) in self.loose.iter().enumerate() {
                    let slot = &mut self.values[l * self.beside.len() + b];
                    slot[0] |= u16::from(!state[i] & mask != 0) << value;
                    slot[1] |= u16::from(state[i] & mask != 0) << value;
                }
            }
        }
    }

    /// Clauses that everything seen satisfies.
    pub(crate) fn clauses(&self) -> Vec<Vec<StateLit>> {
        let mut all: Vec<Vec<StateLit>> = Vec::new();
        let index: BTreeMap<&[usize], usize> =
            self.combinations.iter().enumerate().map(|(k, c)| (c.as_slice(), k)).collect();
        for (k, words) in self.combinations.iter().enumerate() {
            let bits = self.bits(k);
            for value in 0..1u32 << bits.len() {
                if self.seen[k] >> value & 1 == 1 {
                    continue;
                }
                // said already by a part of the combination?
                let implied = (0..words.len()).filter(|_| words.len() > 1).any(|without| {
                    let rest: Vec<usize> =
                        (0..words.len()).filter(|&n| n != without).map(|n| words[n]).collect();
                    let part = self.part(words, value, without);
                    index.get(rest.as_slice()).is_some_and(|&r| self.seen[r] >> part & 1 == 0)
                });
                if !implied {
                    let lits = bits.iter().enumerate();
                    all.push(lits.map(|(b, &i)| (i, value >> b & 1 == 0)).collect());
                }
            }
        }
        for (l, &i) in self.loose.iter().enumerate() {
            let row = &self.values[l * self.beside.len()..][..self.beside.len()];
            if let Some(c) = (0..2).find(|&c| row.iter().all(|v| v[c] == 0)) {
                // perhaps only for want of time: the weaker clauses below stay candidates
                all.push(vec![(i, c == 0)]);
            }
            for (b, &w) in self.beside.iter().enumerate() {
                for value in 0..1u32 << self.words[w].len() {
                    let [zero, one] = row[b].map(|v| v >> value & 1 == 1);
                    if zero != one {
                        let bits = self.words[w].iter().enumerate();
                        let mut clause: Vec<StateLit> =
                            bits.map(|(b, &i)| (i, value >> b & 1 == 0)).collect();
                        clause.push((i, one));
                        all.push(clause);
                    }
                }
            }
        }
        all
    }

    /// The value of a combination without one of its words.
    fn part(&self, words: &[usize], value: u32, without: usize) -> u32 {
        let (mut from, mut to, mut part) = (0, 0, 0);
        for (n, &w) in words.iter().enumerate() {
            let width = self.words[w].len();
            if n != without {
                part |= (value >> from & ((1 << width) - 1)) << to;
                to += width;
            }
            from += width;
        }
        part
    }
}

/// Registers of few bits, those near quiet and results first.
fn small_words(s: &Setting<'_>) -> Vec<Vec<usize>> {
    let model = s.model;
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &i in &s.slice.state {
        let bit = &model.state[i];
        let moves = matches!(bit.kind, StateKind::Register(_) | StateKind::Tracker(_));
        if moves && !model.held(i) && i != s.f.drained.pending {
            named.entry(&bit.name).or_default().push(i);
        }
    }
    let mut roots: Vec<Lit> = vec![s.f.quiet, s.f.start, s.f.done];
    roots.extend(s.f.results.iter().flat_map(|r| [r.lit, r.when]));
    let distance = distances(model, roots);
    let mut all: Vec<Vec<usize>> = named.into_values().filter(|w| w.len() <= SMALL).collect();
    for word in &mut all {
        word.sort_by_key(|&i| model.state[i].bit);
    }
    all.sort_by_key(|w| (w.iter().map(|&i| distance[i]).min(), w.clone()));
    all.truncate(MOST_WORDS);
    all
}

/// Registers crossed between each state bit and some literals.
pub(crate) fn distances(model: &Model, roots: Vec<Lit>) -> Vec<usize> {
    let mut distance = vec![usize::MAX; model.state.len()];
    let mut layer = roots;
    let mut depth = 0;
    while !layer.is_empty() {
        let mut next = Vec::new();
        for var in model.aig.cone(layer) {
            if let Some(Place::State(i)) = model.place(var) {
                let at = &mut distance[i as usize];
                if *at == usize::MAX {
                    *at = depth;
                    next.push(model.state[i as usize].next);
                }
            }
        }
        layer = next;
        depth += 1;
    }
    distance
}
