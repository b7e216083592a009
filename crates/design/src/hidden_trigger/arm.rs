//! Arming: histories that nobody draws.
//!
//! Problem: a hidden function may wait for a word of 64 bits, or for a sequence of words. Random
//! histories never get there; the failing proof knows the registers.
//! Method: for each register that may differ after quiet, on which an open result depends, ask IC3
//! (Bradley, VMCAI 2011) for a run from reset that gives it the value it does not have after reset.
//! Cycles and ports of that run that are not needed are silenced. The run, and neighbours of it in
//! which one word is missing, make a campaign of their own ([`super::collide`]): the neighbours take
//! equally long and write the same configuration, but do not arm. Pairs that collide are followed
//! by random operands, then by bounded model checking from the two known states.
//! Cost: budgeted solver steps. What it cannot see: registers that IC3 does not reach in its budget.

use super::belief::Belief;
use super::collide::{Campaigns, run, side_by_side};
use super::runs::{Candidate, Reached, Setting, Shown, power_up};
use super::tables::distances;
use crate::remote_disable::houdini::StateLit;
use netlist::Lit;
use proof::Frames;
use proof::model::StateKind;
use solve::{AigSolver, Budget, Ic3Answer, Outcome, ic3};

/// Most registers tried.
const MOST_REGISTERS: usize = 48;
/// Solver steps for one register.
const STEPS: u64 = 20_000;
/// Cycles of a campaign after the arming run.
const AFTER: usize = 320;
/// Depth of the bounded search after quiet, and pairs it is tried on.
const DEPTH: usize = 24;
const PAIRS: usize = 6;

/// Looks for a pair; registers that were tried are named.
pub(crate) fn arm(
    s: &Setting<'_>,
    inv: &[Vec<StateLit>],
    failing: &[usize],
    belief: &Belief,
    campaigns: &mut Campaigns,
    budget: &Budget,
) -> Option<(Candidate, Shown)> {
    let model = s.model;
    let roots: Vec<Lit> =
        failing.iter().flat_map(|&k| [s.f.results[k].lit, s.f.results[k].when]).collect();
    let distance = distances(model, roots);
    let fresh = power_up(model, 0);
    let base = after_reset(s, &fresh);
    let mut suspects: Vec<usize> = (0..model.state.len())
        .filter(|&i| {
            let register = matches!(model.state[i].kind, StateKind::Register(_));
            register && !belief.tied[i] && !s.shared[i] && distance[i] != usize::MAX
        })
        .collect();
    let width = |i: usize| model.state.iter().filter(|b| b.name == model.state[i].name).count();
    let explained = |i: usize| belief.explains(i);
    suspects.sort_by_key(|&i| (explained(i), width(i).min(5), distance[i], i));
    suspects.truncate(MOST_REGISTERS);
    for i in suspects {
        if budget.exhausted() {
            return None;
        }
        let target = [vec![(i, !base[i])]];
        let Ic3Answer::Unsafe(trace) = ic3(model, &target, inv, &budget.slice(STEPS)) else {
            continue;
        };
        let bits = |text: &str| text.bytes().map(|b| b == b'1').collect::<Vec<bool>>();
        let mut words: Vec<Vec<bool>> = trace.inputs.iter().map(|w| bits(w)).collect();
        let power = bits(&trace.power_up);
        silence(s, &power, &mut words, (i, !base[i]));
        let before = campaigns.stations.len();
        neighbours(s, &power, &words, campaigns);
        if campaigns.pair.is_some() {
            return campaigns.pair.take();
        }
        if campaigns.unwritten.is_some() {
            return None;
        }
        // the armed run is lane 0: what it reached, beside what the others reached
        let found: Vec<Reached> = campaigns.stations[before..].to_vec();
        let (armed, others): (Vec<Reached>, Vec<Reached>) =
            found.into_iter().partition(|r| r.station.state[i] != base[i]);
        let mut pairs = Vec::new();
        for a in &armed {
            let same = |b: &&Reached| {
                let shared = (0..s.shared.len()).filter(|&k| s.shared[k]);
                shared.clone().all(|k| a.station.state[k] == b.station.state[k])
            };
            pairs.extend(others.iter().find(same).map(|b| (a.clone(), b.clone())));
        }
        pairs.truncate(64);
        for seed in 0..4 {
            if let Some(found) = side_by_side(s, &pairs, 7000 + seed, seed % 2 == 1) {
                return Some(found);
            }
        }
        for pair in pairs.iter().take(PAIRS) {
            if let Some(found) = follow(s, pair, budget) {
                return Some(found);
            }
        }
    }
    None
}

/// The state after reset with silent inputs.
fn after_reset(s: &Setting<'_>, power: &[bool]) -> Vec<bool> {
    let mut slice = s.slice.clone();
    let mut state = Setting::splat(power);
    let silent = vec![0; s.model.inputs.len()];
    for _ in 0..s.model.reset_cycles {
        slice.evaluate(&state, &silent, true);
        slice.advance(&mut state);
    }
    state.iter().map(|w| w & 1 == 1).collect()
}

/// Whether words lead legally to a state with a bit.
fn leads(s: &Setting<'_>, power: &[bool], words: &[Vec<bool>], (bit, value): StateLit) -> bool {
    let mut slice = s.slice.clone();
    let mut state = Setting::splat(power);
    let reset = s.model.reset_cycles as usize;
    for (t, word) in words.iter().enumerate() {
        if s.feed(&mut slice, &state, &Setting::splat(word), t < reset) & 1 == 0 {
            return false;
        }
        slice.advance(&mut state);
    }
    (state[bit] & 1 == 1) == value
}

/// Silences cycles, then ports of cycles, without which the bit is reached as well.
fn silence(s: &Setting<'_>, power: &[bool], words: &mut [Vec<bool>], goal: StateLit) {
    let quietest = s.rest.words().first().cloned();
    let ports = crate::ports::ports(s.model);
    for t in 0..words.len() {
        let kept = words[t].clone();
        words[t] = quietest.clone().unwrap_or_else(|| vec![false; kept.len()]);
        if leads(s, power, words, goal) {
            continue;
        }
        words[t] = kept;
        for port in &ports {
            let kept = words[t].clone();
            words[t][port.first..port.first + port.width].fill(false);
            if !leads(s, power, words, goal) {
                words[t] = kept;
            }
        }
    }
}

/// A campaign of the run and of runs without one of its words.
fn neighbours(s: &Setting<'_>, power: &[bool], words: &[Vec<bool>], campaigns: &mut Campaigns) {
    let quietest = s.rest.words().first().cloned();
    let rest = quietest.unwrap_or_else(|| vec![false; s.model.inputs.len()]);
    let reset = s.model.reset_cycles as usize;
    let draw = |t: usize, _| {
        let mut out = vec![0u64; rest.len()];
        for lane in 0..64usize {
            // lane 0 has all words, lane k lacks the k-th from the end, the last one has none
            let lacks = match lane {
                0 => None,
                63 => Some(t),
                k => words.len().checked_sub(k),
            };
            let word = match words.get(t) {
                Some(word) if t < reset || lacks != Some(t) => word,
                _ => &rest,
            };
            for (slot, &bit) in out.iter_mut().zip(word) {
                *slot |= u64::from(bit) << lane;
            }
        }
        out
    };
    let cycles = words.len().saturating_sub(reset) + AFTER;
    run(s, power, cycles, draw, campaigns);
}

/// Bounded search from two known states under the same operands.
fn follow(
    s: &Setting<'_>,
    pair: &(Reached, Reached),
    budget: &Budget,
) -> Option<(Candidate, Shown)> {
    let mut frames = Frames::new(s.model);
    let constant = |state: &[bool]| state.iter().map(|&b| Lit::constant(b)).collect::<Vec<Lit>>();
    let mut all: Vec<(usize, usize)> = Vec::new();
    let mut solver = AigSolver::new();
    let budget = budget.slice(STEPS);
    for t in 0..DEPTH {
        let li = frames.fresh_inputs();
        let mut ri = li.clone();
        for &i in &s.others {
            ri[i] = frames.aig.leaf();
        }
        let at = match all.last() {
            None => (
                frames.frame(constant(&pair.0.station.state), li),
                frames.frame(constant(&pair.1.station.state), ri),
            ),
            Some(&(l, r)) => (frames.frame_after(l, li), frames.frame_after(r, ri)),
        };
        all.push(at);
        for frame in [at.0, at.1] {
            let legal = frames.lit(frame, s.model.assume);
            solver.add_clause(&frames.aig, &[legal]);
            if t == 0 {
                let quiet = frames.lit(frame, s.f.quiet);
                solver.add_clause(&frames.aig, &[quiet]);
            }
        }
        let mut shown = Vec::new();
        for r in &s.f.results {
            let (x, y) = (frames.lit(at.0, r.lit), frames.lit(at.1, r.lit));
            let (m, n) = (frames.lit(at.0, r.when), frames.lit(at.1, r.when));
            let means = frames.aig.or(m, n);
            let differ = frames.aig.xor(x, y);
            shown.push(frames.aig.and(means, differ));
        }
        let any = frames.aig.or_all(shown);
        if any == Lit::FALSE {
            continue;
        }
        match solver.solve(&frames.aig, &[any], &budget) {
            Outcome::Unknown => return None,
            Outcome::Unsat => {}
            Outcome::Sat => {
                let mut tail = Vec::new();
                for &(l, r) in &all {
                    let mut word = |frame: usize| -> Vec<bool> {
                        let lits = frames.inputs(frame).to_vec();
                        lits.iter().map(|&l| solver.is_encoded(l) && solver.value(l)).collect()
                    };
                    tail.push((word(l), word(r)));
                }
                let candidate = Candidate {
                    power: pair.0.station.power.to_vec(),
                    left: pair.0.history(),
                    right: pair.1.history(),
                    tail,
                };
                return s.judge(&candidate).map(|shown| (candidate, shown));
            }
        }
    }
    None
}
