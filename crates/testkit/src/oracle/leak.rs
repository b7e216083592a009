//! `no-tracking` by enumeration: pairs of runs that differ in one identity item alone.
//!
//! Method: breadth-first search of the product of two copies from equal power-up states, the item's
//! values different, everything else shared; outputs compared in every cycle. Pairs are unordered:
//! only the smaller value of a fuse stands left.

use super::machine::{Machine, Source};
use super::{Expected, TooLarge};
use crate::micro::Micro;
use std::collections::{BTreeSet, HashSet};

/// Most pairs of states.
const MOST_PAIRS: usize = 400_000;
/// Most bits of a pair for which the set of those seen is a bitmap.
const BITMAP: u32 = 26;

/// A pair of states: registers left and right, held left and right, remaining windows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Pair {
    left: u32,
    right: u32,
    held: (u32, u32),
    windows: [u8; 2],
}

/// What the check may answer for identity item `item`.
///
/// # Errors
/// [`TooLarge`].
pub fn leak(m: &Micro, item: usize) -> Result<Expected, TooLarge> {
    let mut search = Search::new(m, item)?;
    if search.during_reset()? {
        return Ok(shown("during reset".into()));
    }
    if let Some(depth) = search.run()? {
        return Ok(shown(format!("{depth} cycles after reset")));
    }
    if search.dead_end {
        return Ok(Expected::neither("the assumptions run out of inputs"));
    }
    let released =
        (0..m.windows.len()).all(|w| !m.windows[w].releases.contains(&item) || search.released[w]);
    if !released {
        return Ok(Expected::neither("what is declassified never shows"));
    }
    let why = format!("{} pairs of states", search.pairs);
    Ok(Expected { proved: true, why, ..Expected::neither("") })
}

fn shown(why: String) -> Expected {
    let refuted = BTreeSet::from(["value", "timing"]);
    Expected { proved: false, refuted, strongest: None, why }
}

struct Search<'m> {
    m: &'m Micro,
    item: usize,
    left: Machine<'m>,
    right: Machine<'m>,
    layer: Vec<Pair>,
    seen: Seen,
    pairs: usize,
    dead_end: bool,
    released: Vec<bool>,
}

/// Pairs seen.
enum Seen {
    Bits(Vec<u64>, Layout),
    Set(HashSet<Pair>),
}

#[derive(Clone, Copy)]
struct Layout {
    registers: u32,
    held: u32,
    windows: u32,
}

impl Seen {
    fn new(layout: Layout) -> Self {
        let bits = 2 * layout.registers + 2 * layout.held + 2 * layout.windows;
        if bits <= BITMAP {
            Self::Bits(vec![0; (1usize << bits).div_ceil(64)], layout)
        } else {
            Self::Set(HashSet::new())
        }
    }
    fn insert(&mut self, p: Pair) -> bool {
        match self {
            Self::Set(all) => all.insert(p),
            Self::Bits(words, layout) => {
                let fields = [
                    (u64::from(p.left), layout.registers),
                    (u64::from(p.right), layout.registers),
                    (u64::from(p.held.0), layout.held),
                    (u64::from(p.held.1), layout.held),
                    (u64::from(p.windows[0]), layout.windows),
                    (u64::from(p.windows[1]), layout.windows),
                ];
                let index = fields.iter().fold(0u64, |n, &(v, width)| n << width | v) as usize;
                let (word, bit) = (&mut words[index / 64], 1u64 << (index % 64));
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
        }
    }
}

impl<'m> Search<'m> {
    fn new(m: &'m Micro, item: usize) -> Result<Self, TooLarge> {
        let (left, mut right) = (Machine::new(m), Machine::new(m));
        let mut left = left;
        if m.identities[item].sensor {
            // the right copy's item reads further bits of the input word
            let own = right.identities[item].len() as u32;
            for (b, source) in right.identities[item].iter_mut().enumerate() {
                *source = Source::Word(left.word_bits + b as u32);
            }
            left.word_bits += own;
            right.word_bits += own;
        }
        let mask = left.identities[item].iter().fold(0u32, |m, s| match s {
            Source::Held(b) => m | 1 << b,
            Source::Word(_) => m,
        });
        let power_up = left.power_up();
        let mut layer = Vec::new();
        let all = 1u32 << left.held_bits;
        for low in 0..all {
            if !left.straps_allowed(low) {
                continue;
            }
            for high in (0..all).filter(|h| h & !mask == low & !mask) {
                if mask != 0 && low >= high {
                    continue;
                }
                for &registers in &power_up {
                    let held = (low, high);
                    layer.push(Pair { left: registers, right: registers, held, windows: [0; 2] });
                }
                if layer.len() > MOST_PAIRS {
                    return Err(TooLarge);
                }
            }
        }
        let layout = Layout {
            registers: m.registers.len() as u32,
            held: left.held_bits,
            windows: if m.windows.is_empty() { 0 } else { 2 },
        };
        if m.windows.len() > 2 {
            return Err(TooLarge);
        }
        Ok(Self {
            m,
            item,
            left,
            right,
            layer,
            seen: Seen::new(layout),
            pairs: 0,
            dead_end: false,
            released: vec![false; m.windows.len()],
        })
    }

    /// Differences of each observable output in the cycle last evaluated.
    fn differences(&self) -> Vec<(usize, u64)> {
        let mut all = Vec::new();
        for (o, output) in self.m.outputs.iter().enumerate().filter(|o| !o.1.hidden) {
            let differ =
                output.wires.iter().fold(0, |d, &w| d | (self.left.value(w) ^ self.right.value(w)));
            all.push((o, differ));
        }
        all
    }

    /// Takes the layer through reset. True if something shows.
    fn during_reset(&mut self) -> Result<bool, TooLarge> {
        for _ in 0..self.left.reset_cycles() {
            let mut after: HashSet<Pair> = HashSet::new();
            let mut ordered = Vec::new();
            for p in std::mem::take(&mut self.layer) {
                for base in (0..1u32 << self.left.word_bits).step_by(64) {
                    self.left.evaluate(p.left, p.held.0, base, true);
                    self.right.evaluate(p.right, p.held.1, base, true);
                    let lanes = self.left.lanes(base);
                    let used = u64::MAX >> (64 - lanes);
                    if self.differences().iter().any(|d| d.1 & used != 0) {
                        return Ok(true);
                    }
                    let (l, r) = (self.left.next(lanes), self.right.next(lanes));
                    for lane in 0..lanes as usize {
                        let to = Pair { left: l[lane], right: r[lane], ..p };
                        if after.insert(to) {
                            ordered.push(to);
                        }
                    }
                }
                if ordered.len() > MOST_PAIRS {
                    return Err(TooLarge);
                }
            }
            self.layer = ordered;
        }
        let first = std::mem::take(&mut self.layer);
        self.layer = first.into_iter().filter(|&p| self.seen.insert(p)).collect();
        Ok(false)
    }

    /// Cycles after reset until something shows that nothing excuses.
    fn run(&mut self) -> Result<Option<usize>, TooLarge> {
        let mut depth = 0;
        while !self.layer.is_empty() {
            let mut next = Vec::new();
            for p in std::mem::take(&mut self.layer) {
                self.pairs += 1;
                if self.pairs > MOST_PAIRS {
                    return Err(TooLarge);
                }
                if self.step(p, &mut next) {
                    return Ok(Some(depth));
                }
            }
            self.layer = next;
            depth += 1;
        }
        Ok(None)
    }

    /// All successors of a pair. True if something shows in it.
    fn step(&mut self, p: Pair, next: &mut Vec<Pair>) -> bool {
        let mut legal = false;
        for base in (0..1u32 << self.left.word_bits).step_by(64) {
            self.left.evaluate(p.left, p.held.0, base, false);
            self.right.evaluate(p.right, p.held.1, base, false);
            let lanes = self.left.lanes(base);
            let used = u64::MAX >> (64 - lanes);
            let allowed = self.left.assumed() & self.right.assumed() & used;
            legal |= allowed != 0;
            let opened: Vec<u64> =
                self.m.windows.iter().map(|w| self.left.value(w.when.wire)).collect();
            let excuse = |o: usize| {
                let mut lanes = 0;
                for (w, window) in self.m.windows.iter().enumerate() {
                    if window.releases.contains(&self.item) && window.outputs.contains(&o) {
                        lanes |= if p.windows[w] > 0 { u64::MAX } else { opened[w] };
                    }
                }
                lanes
            };
            for (o, differ) in self.differences() {
                let excused = excuse(o);
                if differ & allowed & !excused != 0 {
                    return true;
                }
                if differ & allowed & excused != 0 {
                    for (w, window) in self.m.windows.iter().enumerate() {
                        self.released[w] |= window.outputs.contains(&o);
                    }
                }
            }
            let (l, r) = (self.left.next(lanes), self.right.next(lanes));
            for lane in (0..lanes).filter(|lane| allowed >> lane & 1 == 1) {
                let mut windows = p.windows;
                for (w, window) in self.m.windows.iter().enumerate() {
                    windows[w] = if opened[w] >> lane & 1 == 1 {
                        window.length as u8
                    } else {
                        windows[w].saturating_sub(1)
                    };
                }
                let lane = lane as usize;
                let to = Pair { left: l[lane], right: r[lane], held: p.held, windows };
                if self.seen.insert(to) {
                    next.push(to);
                }
            }
        }
        self.dead_end |= !legal;
        false
    }
}
