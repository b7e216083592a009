//! Guesses: which registers agree after two different histories, and under which conditions.
//!
//! Method: quiet states of the campaigns are paired at random, the right one is given the left one's
//! configuration, and both run under the same operands while everything else differs. What differs after
//! quiet soon agrees again for good, so a pair that is quiet is often given another right state on
//! the way. A group of registers that never differs is a candidate tie. One that does is watched beside
//! small registers and pairs of them: the values under which it never differed are a candidate
//! condition. Every group gets conditions, those that never differed as well: they are what a broken
//! tie is weakened to. Nothing here is believed before [`super::induct`] has proved it.
//! Cost: a fixed number of cycles. What it cannot see: conditions over more than a pair of small
//! registers; a right copy that was given its configuration may be unreachable, which loses ties, never
//! a verdict.

use super::belief::{Belief, Group, Guard};
use super::groups::groups;
use super::runs::{Reached, Setting};
use super::tables::{TOGETHER, Tables};
use crate::slice::Random;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Batches of 64 pairs.
const BATCHES: usize = 8;
/// Cycles of each.
const CYCLES: usize = 240;
/// Most pairs of registers that make conditions of a group.
const CONDITIONS: usize = 8;
/// Bits of the widest pair, and of one that counts as narrow.
const WIDEST: usize = 6;
const NARROW: usize = 4;
/// Times a group has to be expected to differ under a value for "never" to mean something.
const TELLING: u64 = 4;

/// What was seen of one group.
struct Watched {
    bits: Vec<usize>,
    /// Lanes and cycles in which it differed.
    times: u64,
    /// By combination: values under which it differed.
    bad: Vec<u128>,
}

/// What was seen of all.
struct Seen {
    watched: Vec<Watched>,
    /// By combination and value.
    visits: Vec<Vec<u64>>,
    rows: u64,
}

/// Ties and ties under conditions that no pair of runs violated.
pub(crate) fn guess(s: &Setting<'_>, stations: &[Reached], tables: &Tables) -> Belief {
    let model = s.model;
    // what nothing depends on need not agree; what never changes does
    let tied = (0..model.state.len()).map(|i| model.held(i)).collect();
    let usable: Vec<usize> = (0..tables.combinations.len())
        .filter(|&k| tables.combinations[k].len() <= 2 && tables.bits(k).len() <= TOGETHER)
        .collect();
    let mut seen = Seen {
        watched: groups(s)
            .into_iter()
            .map(|bits| Watched { bits, times: 0, bad: vec![0; usable.len()] })
            .collect(),
        visits: usable.iter().map(|&k| vec![0; 1 << tables.bits(k).len()]).collect(),
        rows: 0,
    };
    if !stations.is_empty() {
        let mut random = Random::new(23);
        for batch in 0..BATCHES {
            run(s, stations, tables, &usable, &mut random, batch as u64 + 400, &mut seen);
        }
    }
    let groups = seen.watched.iter().map(|w| Group {
        bits: w.bits.clone(),
        tied: w.times == 0,
        guards: conditions(w, &seen, tables, &usable),
    });
    let mut belief = Belief { groups: groups.collect(), tied, split: Vec::new() };
    belief.settle();
    belief
}

/// One batch.
fn run(
    s: &Setting<'_>,
    stations: &[Reached],
    tables: &Tables,
    usable: &[usize],
    random: &mut Random,
    seed: u64,
    seen: &mut Seen,
) {
    let count = s.model.state.len();
    let states = |random: &mut Random| -> Vec<u64> {
        let pick: Vec<usize> = (0..64).map(|_| random.below(stations.len())).collect();
        let column = |i: usize| {
            let lanes = pick.iter().enumerate();
            lanes.fold(0u64, |w, (k, &p)| w | u64::from(stations[p].station.state[i]) << k)
        };
        (0..count).map(column).collect()
    };
    let mut left = states(random);
    let mut right = left.clone();
    let (mut ls, mut rs) = (s.slice.clone(), s.slice.clone());
    let mut stimulus = s.stimulus(seed);
    let mut alive = u64::MAX;
    for t in 0..CYCLES {
        if s.budget.interrupted() {
            return;
        }
        let copies = [(&mut ls, left.as_slice()), (&mut rs, right.as_slice())];
        let (_, ri) = s.feed_both(copies, &mut stimulus, (t, true), &mut alive);
        // another history for the right copy of some quiet lanes
        let wanted = if t == 0 { u64::MAX } else { random.word() | random.word() };
        let mut renew = Setting::value(&ls, s.f.quiet) & wanted & alive;
        if renew != 0 {
            let mut other = states(random);
            for i in 0..count {
                let from = if s.shared[i] { left[i] } else { other[i] };
                other[i] = from & renew | right[i] & !renew;
            }
            let legal = s.feed(&mut rs, &other, &ri, false);
            renew &= legal & Setting::value(&rs, s.f.quiet);
            for (r, o) in right.iter_mut().zip(other) {
                *r = o & renew | *r & !renew;
            }
            s.feed(&mut rs, &right, &ri, false);
        }
        if t == 0 {
            alive &= renew;
        }
        let lanes = alive & (0x1111_1111_1111_1111 << (t % 4));
        watch(tables, usable, (&left, &right), lanes, seen);
        ls.advance(&mut left);
        rs.advance(&mut right);
    }
}

/// Writes down what some lanes show.
fn watch(
    tables: &Tables,
    usable: &[usize],
    (left, right): (&[u64], &[u64]),
    lanes: u64,
    seen: &mut Seen,
) {
    let each = |mut lanes: u64| {
        std::iter::from_fn(move || {
            let lane = (lanes != 0).then(|| lanes.trailing_zeros() as usize)?;
            lanes &= lanes - 1;
            Some(lane)
        })
    };
    let codes = tables.codes(left);
    let mut values: Vec<[u8; 64]> = vec![[0; 64]; usable.len()];
    for ((&k, row), visits) in usable.iter().zip(&mut values).zip(&mut seen.visits) {
        for lane in each(lanes) {
            row[lane] = tables.value(&codes, k, lane) as u8;
            visits[usize::from(row[lane])] += 1;
        }
    }
    seen.rows += u64::from(lanes.count_ones());
    for word in &mut seen.watched {
        let differ = word.bits.iter().fold(0, |w, &i| w | (left[i] ^ right[i])) & lanes;
        word.times += u64::from(differ.count_ones());
        for lane in each(differ) {
            for (bad, row) in word.bad.iter_mut().zip(&values) {
                *bad |= 1 << row[lane];
            }
        }
    }
}

/// Conditions for a group: every single register, and pairs that explain what neither does alone.
fn conditions(w: &Watched, seen: &Seen, tables: &Tables, usable: &[usize]) -> Vec<Guard> {
    struct Pair {
        guard: Guard,
        gain: u64,
    }
    let mut all: Vec<Guard> = Vec::new();
    let mut single: BTreeMap<usize, u128> = BTreeMap::new();
    let mut pairs: Vec<Pair> = Vec::new();
    let expected = |v: u64| u128::from(v) * u128::from(w.times);
    for (u, &k) in usable.iter().enumerate() {
        let words = &tables.combinations[k];
        let word = tables.bits(k);
        if word.iter().any(|i| w.bits.contains(i)) || word.len() > WIDEST {
            continue;
        }
        let allowed = ((1u128 << (1u32 << word.len())) - 1) & !w.bad[u];
        let visits = seen.visits[u].iter().enumerate();
        let met = visits.fold(0, |m, (value, &v)| m | u128::from(v > 0) << value);
        let guard = Guard { word, allowed, met };
        match *words.as_slice() {
            [one] => {
                single.insert(one, allowed);
                if allowed & met != 0 {
                    all.push(guard);
                }
            }
            [low, high] => {
                let width = tables.words[low].len();
                let free = |word: usize, value: usize| {
                    single.get(&word).is_some_and(|allowed| allowed >> value & 1 == 1)
                };
                // values under which the group was to be expected to differ, and did not
                let gain = seen.visits[u]
                    .iter()
                    .enumerate()
                    .filter(|(value, _)| allowed >> value & 1 == 1)
                    .filter(|(_, v)| expected(**v) >= u128::from(TELLING * seen.rows))
                    .filter(|(value, _)| !free(low, value & ((1 << width) - 1)))
                    .filter(|(value, _)| !free(high, value >> width))
                    .map(|(_, v)| *v)
                    .sum();
                if gain > 0 {
                    pairs.push(Pair { guard, gain });
                }
            }
            _ => {}
        }
    }
    pairs.sort_by_key(|p| Reverse(p.gain));
    let (narrow, wide): (Vec<Pair>, Vec<Pair>) =
        pairs.into_iter().partition(|p| p.guard.word.len() <= NARROW);
    all.extend(narrow.into_iter().take(CONDITIONS).map(|p| p.guard));
    all.extend(wide.into_iter().take(CONDITIONS / 2).map(|p| p.guard));
    all
}
