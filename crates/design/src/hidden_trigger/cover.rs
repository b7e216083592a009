//! Non-vacuity: two jobs with different operands and different results.
//!
//! Method: from quiet states that campaigns reached, both copies run on with operands of their own,
//! everything else equal, until each has served a job; a difference in the widest result port is
//! preferred. Cost: a few thousand simulated cycles.

use super::runs::{Candidate, Reached, Setting, Shown};
use proof::certificate::Histories;

/// Cycles after quiet.
const CYCLES: usize = 240;
/// Rounds of 64 pairs.
const ROUNDS: usize = 12;

/// Two runs that show that results depend on operands.
pub(crate) fn cover(s: &Setting<'_>, stations: &[Reached]) -> Option<Histories> {
    let model = s.model;
    let width = |k: usize| s.f.results.iter().filter(|r| r.port == s.f.results[k].port).count();
    let mut order: Vec<usize> = (0..stations.len()).collect();
    order.sort_by_key(|&k| stations[k].station.cycle);
    let mut best: Option<(usize, Candidate, Shown)> = None;
    for round in 0..ROUNDS {
        let Some(&at) = order.get(round % order.len().max(1)) else { break };
        let from = &stations[at];
        let (mut left, mut right) =
            (Setting::splat(&from.station.state), Setting::splat(&from.station.state));
        let (mut ls, mut rs) = (s.slice.clone(), s.slice.clone());
        let mut stimuli = (s.stimulus(round as u64 + 90), s.stimulus(round as u64 + 190));
        let mut alive = u64::MAX;
        let (mut started, mut served) = ([0u64; 2], [0u64; 2]);
        let mut log: Vec<(Vec<u64>, Vec<u64>)> = Vec::new();
        let mut first: Vec<Option<Shown>> = vec![None; 64];
        for t in 0..CYCLES {
            let mut li = stimuli.0.next(t).to_vec();
            let ri = stimuli.1.next(t).to_vec();
            for &i in &s.others {
                li[i] = ri[i];
            }
            alive &= s.feed(&mut ls, &left, &li, false) & s.feed(&mut rs, &right, &ri, false);
            if t == 0 {
                alive &= Setting::value(&ls, s.f.quiet) & Setting::value(&rs, s.f.quiet);
                for (_, _, lit) in s.f.configuration.iter().flat_map(|c| &c.bits) {
                    alive &= !(Setting::value(&ls, *lit) ^ Setting::value(&rs, *lit));
                }
            }
            log.push((li, ri));
            for (side, slice) in [&ls, &rs].into_iter().enumerate() {
                started[side] |= Setting::value(slice, s.f.start);
                served[side] |= started[side] & Setting::value(slice, s.f.done);
            }
            for (k, lanes) in s.differing(&ls, &rs) {
                for lane in (0..64).filter(|l| (lanes & alive) >> l & 1 == 1) {
                    let better = first[lane].is_none_or(|f| width(f.1) < width(k));
                    if better {
                        first[lane] = Some((t, k));
                    }
                }
            }
            let good = alive & served[0] & served[1];
            for lane in (0..64).filter(|l| good >> l & 1 == 1) {
                let Some(shown) = first[lane] else { continue };
                let gain = width(shown.1);
                if best.as_ref().is_some_and(|b| b.0 >= gain) {
                    continue;
                }
                let take = |w: &[u64]| w.iter().map(|b| b >> lane & 1 == 1).collect::<Vec<bool>>();
                let history = from.history();
                let candidate = Candidate {
                    power: from.station.power.to_vec(),
                    left: history.clone(),
                    right: history,
                    tail: log.iter().map(|w| (take(&w.0), take(&w.1))).collect(),
                };
                best = Some((gain, candidate, shown));
            }
            ls.advance(&mut left);
            rs.advance(&mut right);
        }
        let widest = (0..s.f.results.len()).map(width).max().unwrap_or(0);
        if best.as_ref().is_some_and(|b| b.0 == widest || round > 3) {
            break;
        }
    }
    debug_assert!(model.state.len() >= s.slice.state.len());
    best.map(|(_, candidate, shown)| s.histories(&candidate, shown, None))
}
