//! Campaigns: histories that end in the same configuration.
//!
//! Problem: a hidden function shows only between two histories that agree on everything declared;
//! drawn at random, two never do.
//! Method: a birthday search. Every lane of a campaign is a run from the same power-up state, some
//! resting, some working, some both in turns; each quiet cycle of each lane is filed under a hash of
//! its configuration. Two that collide while the rest of the state differs are put side by side and
//! fed the same operands. A counter that nothing restarts collides with itself a few cycles later,
//! whatever else is timed by short counters. On the way, configuration that changes without a
//! declared write is noticed, and the values that small registers take together are written down for
//! the proof.
//! Cost: bounded in gate evaluations. What it cannot see: histories nobody draws; [`super::arm`]
//! looks for those.

use super::runs::{Candidate, Log, Reached, Setting, Shown, Station, power_up};
use super::tables::Tables;
use crate::slice::Random;
use proof::certificate::{Trace, Unwritten};
use proof::replay::print_bits;
use std::collections::HashMap;
use std::sync::Arc;

/// Gate evaluations of one campaign.
const GATES: usize = 350_000_000;
/// Lanes that do nothing.
const STILL: u64 = 0xff;
/// Most configurations filed.
const MOST_FILED: usize = 20_000;
/// Pairs tried per campaign.
const MOST_PAIRS: usize = 512;
/// Cycles that a pair runs side by side.
const TAIL: usize = 160;

/// What the campaigns came to.
pub(crate) struct Campaigns {
    /// A pair whose results differ.
    pub(crate) pair: Option<(Candidate, Shown)>,
    /// A change of the configuration nobody declared.
    pub(crate) unwritten: Option<Unwritten>,
    /// Quiet states, for guesses.
    pub(crate) stations: Vec<Reached>,
    /// What small registers were seen to be.
    pub(crate) tables: Tables,
    /// Cycles simulated.
    pub(crate) cycles: usize,
}

/// Stations of one configuration: the first, and late ones whose state differs from it; of several
/// lanes where there are few configurations.
struct Filed {
    first: (u64, Station),
    others: Vec<Station>,
}

/// Runs all campaigns.
pub(crate) fn campaigns(s: &Setting<'_>) -> Campaigns {
    let mut all = Campaigns {
        pair: None,
        unwritten: None,
        stations: Vec::new(),
        tables: Tables::new(s),
        cycles: 0,
    };
    // few registers have few states
    let most = 200 + 100 * s.slice.state.len().min(118);
    let cycles = (GATES / s.slice.size()).clamp(300, 12_000).min(most);
    for (kind, share) in [(0, cycles), (1, cycles / 4), (2, cycles / 4)] {
        let power = power_up(s.model, kind);
        let mut random = Random::new(kind as u64 + 11);
        let mut stimulus = s.stimulus(kind as u64 + 1);
        // the longest campaign mostly rests, the others mostly work
        let mut active = 0u64;
        let lazy = kind == 0;
        let quietest = s.rest.words().first().cloned();
        let draw = |t: usize, again: usize| -> Vec<u64> {
            if again > 0 {
                return s.rest.draw(&mut random, 0);
            }
            if t.is_multiple_of(48) {
                active = if lazy { random.word() & random.word() } else { random.word() };
                active &= if lazy { 0xffff_ffff_0000_0000 } else { 0xffff_ffff_ffff_0000 };
            }
            let noise = random.word() & 0xffff_ffff_ff00_0000;
            let resting = s.rest.draw(&mut random, noise);
            let working = stimulus.next(t);
            let mut all: Vec<u64> =
                resting.iter().zip(working).map(|(r, w)| r & !active | w & active).collect();
            // some lanes do nothing at all
            for (slot, &bit) in all.iter_mut().zip(quietest.iter().flatten()) {
                *slot = *slot & !STILL | if bit { STILL } else { 0 };
            }
            all
        };
        run(s, &power, share, draw, &mut all);
        if all.pair.is_some() || all.unwritten.is_some() {
            break;
        }
    }
    all
}

/// One campaign: `draw` gives the word of a cycle, and another where that one is illegal.
pub(crate) fn run(
    s: &Setting<'_>,
    power: &[bool],
    cycles: usize,
    mut draw: impl FnMut(usize, usize) -> Vec<u64>,
    all: &mut Campaigns,
) {
    let reset = s.model.reset_cycles as usize;
    let mut slice = s.slice.clone();
    let mut state = Setting::splat(power);
    let mut log: Vec<Vec<u64>> = Vec::new();
    let mut alive = u64::MAX;
    let mut files: HashMap<u64, Filed> = HashMap::new();
    let mut before: Option<(Vec<u64>, Vec<u64>)> = None;
    let start = Arc::new(power.to_vec());
    for t in 0..reset + cycles {
        let mut inputs = draw(t, 0);
        let mut legal = s.feed(&mut slice, &state, &inputs, t < reset);
        for again in 1..3 {
            let bad = alive & !legal;
            if bad == 0 {
                break;
            }
            let other = draw(t, again);
            for (slot, new) in inputs.iter_mut().zip(other) {
                *slot = *slot & !bad | new & bad;
            }
            legal = s.feed(&mut slice, &state, &inputs, t < reset);
        }
        alive &= legal;
        log.push(inputs);
        all.cycles += 1;
        if t >= reset {
            if let Some(found) = unwritten(s, &slice, alive, before.as_ref()) {
                let (lane, name, bit) = found;
                let word =
                    |w: &Vec<u64>| -> Vec<bool> { w.iter().map(|b| b >> lane & 1 == 1).collect() };
                let inputs = log.iter().map(|w| print_bits(&word(w))).collect();
                let run = Trace { power_up: print_bits(power), inputs, essential: Vec::new() };
                all.unwritten = Some(Unwritten { run, cycle: t as u32 - 1, name, bit });
                return;
            }
            before = Some(writes(s, &slice));
            all.tables.see(&state, alive);
            let quiet = Setting::value(&slice, s.f.quiet) & alive;
            file(s, &slice, &state, quiet, t, &start, &mut files);
        }
        slice.advance(&mut state);
        if alive == 0 || s.budget.interrupted() {
            break;
        }
    }
    let log: Log = Arc::new(log);
    test(s, files, &log, all);
}

/// Values of the configuration and of its writers' conditions.
fn writes(s: &Setting<'_>, slice: &crate::slice::Slice) -> (Vec<u64>, Vec<u64>) {
    let configuration = &s.f.configuration;
    let bits = configuration.iter().flat_map(|c| &c.bits);
    (
        bits.map(|b| Setting::value(slice, b.2)).collect(),
        configuration.iter().map(|c| Setting::value(slice, c.writes)).collect(),
    )
}

fn unwritten(
    s: &Setting<'_>,
    slice: &crate::slice::Slice,
    alive: u64,
    before: Option<&(Vec<u64>, Vec<u64>)>,
) -> Option<(u32, String, u32)> {
    let (bits, writes) = before?;
    let mut at = 0;
    for (entry, c) in s.f.configuration.iter().enumerate() {
        for (name, bit, lit) in &c.bits {
            let changed = (Setting::value(slice, *lit) ^ bits[at]) & !writes[entry] & alive;
            at += 1;
            if changed != 0 {
                return Some((changed.trailing_zeros(), name.clone(), *bit));
            }
        }
    }
    None
}

/// Files the quiet lanes of a cycle.
fn file(
    s: &Setting<'_>,
    slice: &crate::slice::Slice,
    state: &[u64],
    quiet: u64,
    cycle: usize,
    power: &Arc<Vec<bool>>,
    files: &mut HashMap<u64, Filed>,
) {
    if quiet == 0 {
        return;
    }
    let mut keys = [0u64; 64];
    let mut rests = [0u64; 64];
    let spread = |word: u64, key: u64, sums: &mut [u64; 64]| {
        let mut lanes = word & quiet;
        while lanes != 0 {
            sums[lanes.trailing_zeros() as usize] ^= key;
            lanes &= lanes - 1;
        }
    };
    let mut random = Random::new(5);
    for (_, _, lit) in s.f.configuration.iter().flat_map(|c| &c.bits) {
        spread(Setting::value(slice, *lit), random.word(), &mut keys);
    }
    for &i in &s.slice.state {
        let key = random.word();
        if !s.shared[i] {
            spread(state[i], key, &mut rests);
        }
    }
    for lane in (0..64u32).filter(|l| quiet >> l & 1 == 1) {
        let (key, rest) = (keys[lane as usize], rests[lane as usize]);
        let station = || Station {
            state: state.iter().map(|w| w >> lane & 1 == 1).collect(),
            cycle,
            lane,
            power: power.clone(),
        };
        let room = (MOST_PAIRS / files.len().max(1)).clamp(1, 64);
        if let Some(filed) = files.get_mut(&key) {
            if filed.first.0 == rest {
                continue;
            }
            let full = (filed.others.len() >= room).then_some(0);
            match filed.others.iter().position(|o| o.lane == lane).or(full) {
                None => filed.others.push(station()),
                // the latest, but not of every cycle
                Some(at) => {
                    let other = &mut filed.others[at];
                    if cycle >= other.cycle + other.cycle / 8 {
                        *other = station();
                    }
                }
            }
        } else if files.len() < MOST_FILED {
            files.insert(key, Filed { first: (rest, station()), others: Vec::new() });
        }
    }
}

/// Puts what collided side by side.
fn test(s: &Setting<'_>, files: HashMap<u64, Filed>, log: &Log, all: &mut Campaigns) {
    let mut filed: Vec<(u64, Filed)> = files.into_iter().collect();
    filed.sort_by_key(|f| {
        let other = f.1.others.iter().map(|o| o.cycle).max().unwrap_or(0);
        (std::cmp::Reverse(other), f.1.first.1.cycle, f.0)
    });
    let reached = |station: &Station| Reached { station: station.clone(), log: log.clone() };
    let pairs: Vec<(Reached, Reached)> = filed
        .iter()
        .flat_map(|f| f.1.others.iter().map(|o| (reached(o), reached(&f.1.first.1))))
        .take(MOST_PAIRS)
        .collect();
    let keep = filed.len().div_ceil(192).max(1);
    all.stations.extend(filed.iter().step_by(keep).map(|f| reached(&f.1.first.1)));
    all.stations.extend(pairs.iter().step_by(4).map(|p| p.0.clone()));
    for (batch, some) in pairs.chunks(64).enumerate() {
        for round in 0..2 {
            if let Some(found) = side_by_side(s, some, (batch * 2 + round) as u64, round == 1) {
                all.pair = Some(found);
                return;
            }
        }
    }
}

/// Up to 64 pairs under the same random operands.
pub(crate) fn side_by_side(
    s: &Setting<'_>,
    pairs: &[(Reached, Reached)],
    seed: u64,
    apart: bool,
) -> Option<(Candidate, Shown)> {
    let column = |of: &dyn Fn(&(Reached, Reached)) -> bool| {
        pairs.iter().enumerate().fold(0, |w, (k, p)| w | u64::from(of(p)) << k)
    };
    let bits = s.model.state.len();
    let mut left: Vec<u64> = (0..bits).map(|i| column(&|p| p.0.station.state[i])).collect();
    let mut right: Vec<u64> = (0..bits).map(|i| column(&|p| p.1.station.state[i])).collect();
    let (mut ls, mut rs) = (s.slice.clone(), s.slice.clone());
    let mut stimulus = s.stimulus(seed + 1000);
    let mut alive = column(&|_| true);
    let mut log: Vec<(Vec<u64>, Vec<u64>)> = Vec::new();
    for t in 0..TAIL {
        let copies = [(&mut ls, left.as_slice()), (&mut rs, right.as_slice())];
        let (li, ri) = s.feed_both(copies, &mut stimulus, (t, apart), &mut alive);
        if t == 0 {
            alive &= Setting::value(&ls, s.f.quiet) & Setting::value(&rs, s.f.quiet);
            for (_, _, lit) in s.f.configuration.iter().flat_map(|c| &c.bits) {
                alive &= !(Setting::value(&ls, *lit) ^ Setting::value(&rs, *lit));
            }
        }
        log.push((li, ri));
        for (_, lanes) in s.differing(&ls, &rs) {
            if lanes & alive != 0 {
                let lane = (lanes & alive).trailing_zeros();
                let pair = &pairs[lane as usize];
                let take = |w: &[u64]| w.iter().map(|b| b >> lane & 1 == 1).collect::<Vec<bool>>();
                let candidate = Candidate {
                    power: pair.0.station.power.to_vec(),
                    left: pair.0.history(),
                    right: pair.1.history(),
                    tail: log.iter().map(|w| (take(&w.0), take(&w.1))).collect(),
                };
                if let Some(shown) = s.judge(&candidate) {
                    return Some((candidate, shown));
                }
            }
        }
        ls.advance(&mut left);
        rs.advance(&mut right);
    }
    None
}
