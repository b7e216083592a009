//! Guesses: which registers agree after two different histories, and under which conditions.
//!
//! Method: quiet states of the campaigns are paired at random, the right one is given the left one's
//! configuration, and both run under the same operands while everything else differs. A register that
//! never differs is a candidate tie. One that does is watched beside small registers and pairs of them:
//! the values under which it never differed are a candidate condition. The small register that explains
//! most of them becomes the one whose values are cases. Nothing here is believed before
//! [`super::induct`] has proved it.
//! Cost: a fixed number of cycles. What it cannot see: conditions over more than a pair of small
//! registers; a right copy that was given its configuration may be unreachable, which loses ties, never
//! a verdict.

use super::induct::{Belief, Guarded};
use super::runs::{Reached, Setting};
use super::tables::{TOGETHER, Tables};
use crate::slice::Random;
use std::collections::BTreeMap;

/// Batches of 64 pairs.
const BATCHES: usize = 6;
/// Cycles of each.
const CYCLES: usize = 260;
/// Conditions kept for a register.
const CONDITIONS: usize = 4;

/// What was seen of one register that may differ.
struct Watched {
    bits: Vec<usize>,
    /// By combination: values under which it differed.
    bad: Vec<u128>,
}

/// Ties and ties under conditions that no pair of runs violated.
pub(crate) fn guess(s: &Setting<'_>, stations: &[Reached], tables: &Tables) -> Belief {
    let model = s.model;
    let mut tied = vec![true; model.state.len()];
    let needed = {
        let mut needed = vec![false; model.state.len()];
        s.slice.state.iter().for_each(|&i| needed[i] = true);
        needed
    };
    for (i, t) in tied.iter_mut().enumerate() {
        // what nothing depends on need not agree
        *t = needed[i] || model.held(i);
    }
    let usable: Vec<usize> = (0..tables.combinations.len())
        .filter(|&k| tables.combinations[k].len() <= 2 && tables.bits(k).len() <= TOGETHER)
        .collect();
    // bit by bit: a memory may go by one name
    let mut watched: BTreeMap<usize, Watched> = BTreeMap::new();
    for &i in &s.slice.state {
        watched.insert(i, Watched { bits: vec![i], bad: vec![0; usable.len()] });
    }
    let mut visits: Vec<BTreeMap<u32, u64>> = vec![BTreeMap::new(); usable.len()];
    let mut random = Random::new(23);
    if stations.is_empty() {
        return Belief { tied, ..Belief::default() };
    }
    for batch in 0..BATCHES {
        let pick: Vec<(usize, usize)> =
            (0..64).map(|_| (random.below(stations.len()), random.below(stations.len()))).collect();
        let column = |i: usize, side: &dyn Fn(&(usize, usize)) -> usize| {
            pick.iter()
                .enumerate()
                .fold(0u64, |w, (k, p)| w | u64::from(stations[side(p)].station.state[i]) << k)
        };
        let count = model.state.len();
        let mut left: Vec<u64> = (0..count).map(|i| column(i, &|p| p.0)).collect();
        let mut right: Vec<u64> =
            (0..count).map(|i| if s.shared[i] { left[i] } else { column(i, &|p| p.1) }).collect();
        let (mut ls, mut rs) = (s.slice.clone(), s.slice.clone());
        let mut stimulus = s.stimulus(batch as u64 + 400);
        let mut alive = u64::MAX;
        for t in 0..CYCLES {
            let mut li = stimulus.next(t).to_vec();
            let mut ri = li.clone();
            for &i in &s.others {
                ri[i] = stimulus.random().word();
            }
            let mut legal =
                s.feed(&mut ls, &left, &li, false) & s.feed(&mut rs, &right, &ri, false);
            for attempt in 0..6 {
                let bad = alive & !legal;
                if bad == 0 {
                    break;
                }
                let other = stimulus.redraw(bad, attempt).to_vec();
                for i in 0..li.len() {
                    li[i] = li[i] & !bad | other[i] & bad;
                    ri[i] = ri[i] & !bad | other[i] & bad;
                }
                legal = s.feed(&mut ls, &left, &li, false) & s.feed(&mut rs, &right, &ri, false);
            }
            alive &= legal;
            if t == 0 {
                alive &= Setting::value(&ls, s.f.quiet) & Setting::value(&rs, s.f.quiet);
            }
            let codes = tables.codes(&left);
            let values: Vec<[u8; 64]> = usable
                .iter()
                .map(|&k| {
                    let mut row = [0u8; 64];
                    for (lane, slot) in row.iter_mut().enumerate() {
                        *slot = tables.value(&codes, k, lane) as u8;
                    }
                    row
                })
                .collect();
            for (k, row) in values.iter().enumerate() {
                for lane in (0..64).filter(|l| alive >> l & 1 == 1) {
                    *visits[k].entry(u32::from(row[lane])).or_default() += 1;
                }
            }
            for word in watched.values_mut() {
                let mut lanes = word.bits.iter().fold(0, |w, &i| w | (left[i] ^ right[i])) & alive;
                if lanes == 0 {
                    continue;
                }
                for &i in &word.bits {
                    tied[i] &= (left[i] ^ right[i]) & alive == 0;
                }
                // eight lanes of each cycle are enough
                lanes &= 0x0101_0101_0101_0101 << (t % 8);
                while lanes != 0 {
                    let lane = lanes.trailing_zeros() as usize;
                    lanes &= lanes - 1;
                    for (bad, row) in word.bad.iter_mut().zip(&values) {
                        *bad |= 1 << row[lane];
                    }
                }
            }
            ls.advance(&mut left);
            rs.advance(&mut right);
        }
    }
    let mut guarded = Vec::new();
    let mut gain: BTreeMap<usize, usize> = BTreeMap::new();
    for word in watched.values() {
        let free: Vec<usize> = word.bits.iter().copied().filter(|&i| !tied[i]).collect();
        if free.is_empty() {
            continue;
        }
        let mut options: Vec<(u64, usize, usize, u128)> = Vec::new();
        for (u, &k) in usable.iter().enumerate() {
            let bits = tables.bits(k);
            if bits.iter().any(|i| word.bits.contains(i)) {
                continue;
            }
            let (mut allowed, mut rows) = (0u128, 0);
            for (&value, &times) in &visits[u] {
                if word.bad[u] >> value & 1 == 0 {
                    allowed |= 1 << value;
                    rows += times;
                }
            }
            if allowed != 0 {
                options.push((rows, tables.combinations[k].len(), k, allowed));
            }
        }
        // most often true first; of those equally often, the simplest
        options.sort_by_key(|o| (std::cmp::Reverse(o.0), o.1, o.2));
        let single = options.iter().find(|o| o.1 == 1).copied();
        let mut chosen: Vec<_> = options.into_iter().take(CONDITIONS).collect();
        chosen.extend(single.filter(|o| !chosen.iter().any(|c| c.2 == o.2)));
        for (_, words, k, allowed) in chosen {
            if words == 1 {
                *gain.entry(k).or_default() += free.len();
            }
            let bits = tables.bits(k);
            guarded.extend(free.iter().map(|&bit| Guarded { word: bits.clone(), allowed, bit }));
        }
    }
    let best = gain.iter().max_by_key(|g| (*g.1, std::cmp::Reverse(*g.0)));
    let split = best.map(|(&k, _)| tables.bits(k)).filter(|w| w.iter().all(|&i| tied[i]));
    Belief { tied, guarded, split: split.unwrap_or_default() }
}
