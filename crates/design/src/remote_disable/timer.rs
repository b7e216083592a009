//! Timers: a closed set that only a long count leads to.
//!
//! Problem: 500 hours at 1 GHz are 1.8·10¹⁵ cycles; neither BMC nor IC3 gets there, and simulation
//! never will.
//! Method: ask for a predecessor of the set outside it and reduce it to the literals that matter. If
//! they fix most bits of a word that counts by one in simulation, the run is: a short prefix, then
//! one quiet word repeated while the count runs, then a short tail. The predicate that holds while
//! the count runs is found by Houdini over the bits that stay constant in a simulated stretch. The
//! kernel checks exact decrement, the predicate, and the tail from every state at the end.
//! Cost: a few SAT calls. The length of the count does not matter.
//! What it cannot see: counts that are not by one (LFSR, Gray code), and cascades of counters. Counts that
//! the quiet word does not move are for `events`.

use super::Context;
use super::closed_set::Found;
use super::events::Way;
use super::explore::power_up;
use super::houdini::{StateClause, StateLit, StepSystem};
use super::slow::counters;
use crate::Undecided;
use crate::slice::{Random, column, spread};
use evidence::Reason;
use netlist::{Aig, Lit};
use proof::certificate::{Accelerated, Entry, Segment, Trace};
use proof::replay::print_bits;
use proof::{Circuit, Frames, Var};
use solve::{AigSolver, Outcome};

/// Cycles simulated before the counted segment.
const PREFIX: usize = 640;
/// Cycles simulated to guess what stays constant.
const STRETCH: usize = 1400;
/// Longest tail tried.
const TAIL: usize = 12;

impl Context<'_> {
    /// An accelerated run into `found`, if a counter leads there.
    pub(crate) fn timer(&mut self, found: &Found) -> Result<Option<Entry>, Undecided> {
        let model = self.model;
        let Some((cube, last)) = self.predecessor(found) else { return Ok(None) };
        let mut quiet = self.granted.words().first().cloned().unwrap_or_default();
        if quiet.is_empty() {
            return Ok(None);
        }
        quiet[model.services[self.service].pick] = false;
        // one concrete run under the quiet word
        let mut random = Random::new(3);
        let first: Vec<bool> = column(&power_up(model, &mut random), 0);
        let mut state = spread(&first);
        let word = spread(&quiet);
        let mut history = Vec::new();
        let mut inputs = Vec::new();
        for cycle in 0..model.reset_cycles as usize + PREFIX + STRETCH {
            let in_reset = cycle < model.reset_cycles as usize;
            self.slice.evaluate(&state, &word, in_reset);
            if !in_reset && self.slice.value(model.assume) & 1 == 0 {
                return Ok(None);
            }
            if cycle >= model.reset_cycles as usize + PREFIX {
                history.push(column(&state, 0));
            } else {
                inputs.push(print_bits(&quiet));
            }
            self.slice.advance(&mut state);
        }
        let mut lfsr = false;
        for (name, bits, up) in counters(self, &history, 8) {
            let fixed: Vec<(usize, bool)> = cube
                .iter()
                .filter_map(|&(i, v)| bits.iter().position(|&b| b == i).map(|p| (p, v)))
                .collect();
            if fixed.len() * 2 < bits.len() {
                lfsr |= !fixed.is_empty();
                continue;
            }
            let start = value(&bits, &history[0]);
            let goal = goal(&fixed, bits.len(), up);
            let distance = if up { goal.checked_sub(start) } else { start.checked_sub(goal) };
            let Some(repeat) = distance.filter(|&d| d > 0) else { continue };
            let body = [quiet.clone()];
            if let Some(segment) = self.segment(&bits, up, goal, &body, &history, repeat)
                && let Some(tail) = self.tail(found, &segment, &[quiet.clone(), last.clone()])
            {
                self.notes.push(format!("`{name}` counts to {goal}"));
                let power_up = print_bits(&first);
                let prefix = Trace { power_up, inputs: inputs.clone(), essential: Vec::new() };
                let run = Accelerated { prefix, segments: vec![segment], tail };
                return Ok(Some(Entry::Accelerated(run)));
            }
        }
        if let Some(from) = history.first() {
            let power_up = print_bits(&first);
            let prefix = Trace { power_up, inputs, essential: Vec::new() };
            let way = Way { cube: &cube, last: &last, quiet: &quiet, prefix, from };
            if let Some(run) = self.events(found, way) {
                return Ok(Some(Entry::Accelerated(run)));
            }
        }
        if lfsr {
            return Err(Undecided::new(
                Reason::Unsupported,
                "a long count that is not by one leads to a set without service",
            ));
        }
        Ok(None)
    }

    /// A state outside the set with a successor inside, reduced to what matters, and the input word.
    fn predecessor(&self, found: &Found) -> Option<(Vec<StateLit>, Vec<bool>)> {
        let model = self.model;
        let mut system = StepSystem::new(model, &[model.assume]);
        for clause in &self.clauses {
            system.assert_clause(clause);
        }
        let mut after = Vec::with_capacity(found.set.len());
        let mut inside = Vec::with_capacity(found.set.len());
        for c in &found.set {
            inside.push(system.clause(c, false));
            after.push(system.clause(c, true));
        }
        let inside = system.frames.aig.and_all(inside);
        let mut assumed = after.clone();
        assumed.push(!inside);
        if system.solve(&assumed, &self.budget) != Outcome::Sat {
            return None;
        }
        let mut state = Vec::new();
        for &i in &self.slice.state {
            let lit = system.here((i, true));
            let v = system.solver.value(lit);
            state.push((lit.xor_sign(!v), (i, v)));
        }
        let inputs = system.frames.inputs(system.now).to_vec();
        let word: Vec<bool> = inputs.iter().map(|&l| system.solver.value(l)).collect();
        let mut fixed: Vec<Lit> = inputs.iter().zip(&word).map(|(l, v)| l.xor_sign(!v)).collect();
        let misses: Vec<Lit> = after.iter().map(|&l| !l).collect();
        let miss = system.frames.aig.or_all(misses);
        fixed.push(miss);
        fixed.extend(state.iter().map(|s| s.0));
        if system.solve(&fixed, &self.budget) != Outcome::Unsat {
            return None;
        }
        let core = system.solver.core();
        let cube = state.into_iter().filter(|s| core.contains(&s.0)).map(|s| s.1).collect();
        Some((cube, word))
    }

    /// The inductive predicate of the counted stretch, and the counter as a circuit.
    pub(crate) fn segment(
        &self,
        bits: &[usize],
        up: bool,
        goal: u128,
        body: &[Vec<bool>],
        history: &[Vec<bool>],
        repeat: u128,
    ) -> Option<Segment> {
        let model = self.model;
        let candidates: Vec<StateClause> = self
            .slice
            .state
            .iter()
            .filter(|i| !bits.contains(i))
            .filter(|&&i| history.iter().all(|s| s[i] == history[0][i]))
            .map(|&i| vec![(i, history[0][i])])
            .collect();
        let mut system = StepSystem::along(model, body);
        let at: Vec<Lit> =
            bits.iter().enumerate().map(|(p, &b)| system.here((b, goal >> p & 1 == 1))).collect();
        let arrived = system.frames.aig.and_all(at);
        let fixed = [!arrived];
        let holds = system.houdini(candidates, &fixed, &self.budget)?;
        let var = |&(i, v): &StateLit| (Var::State(i as u32), v);
        let clauses: Vec<Vec<(Var, bool)>> =
            holds.iter().map(|c| c.iter().map(var).collect()).collect();
        Some(Segment {
            holds: Circuit::from_clauses(&clauses),
            counter: remaining(bits, goal, up)?,
            body: body.iter().map(|w| print_bits(w)).collect(),
            repeat: repeat.to_string(),
        })
    }

    /// Input words that lead from every state at the end of the segment into the set.
    pub(crate) fn tail(
        &self,
        found: &Found,
        segment: &Segment,
        words: &[Vec<bool>],
    ) -> Option<Vec<String>> {
        let model = self.model;
        for word in words {
            let mut frames = Frames::new(model);
            let state = frames.fresh_state();
            let read = |var: Var, state: &[Lit]| match var {
                Var::State(i) => state.get(i as usize).copied(),
                _ => None,
            };
            let holds = segment.holds.build_one(&mut frames.aig, |_, v| read(v, &state)).ok()?;
            let left = segment.counter.build(&mut frames.aig, |_, v| read(v, &state)).ok()?;
            let running = frames.aig.or_all(left);
            let constant: Vec<Lit> = word.iter().map(|&b| Lit::constant(b)).collect();
            let mut frame = frames.frame(state, constant.clone());
            let mut solver = AigSolver::new();
            for length in 1..=TAIL {
                frame = frames.frame_after(frame, constant.clone());
                let mut target = super::reach::target(model, self.service, found);
                let inside = target(&mut frames, frame);
                let all = [holds, !running, !inside];
                if solver.solve(&frames.aig, &all, &self.budget) == Outcome::Unsat {
                    return Some(vec![print_bits(word); length]);
                }
            }
        }
        None
    }
}

/// What a counter has to reach: the bits that are fixed, and where they leave it open, as close to the
/// start as its direction allows.
pub(crate) fn goal(fixed: &[(usize, bool)], width: usize, up: bool) -> u128 {
    let open = if up { 0 } else { (1u128 << width) - 1 };
    fixed.iter().fold(open, |n, &(p, v)| if v { n | 1 << p } else { n & !(1 << p) })
}

pub(crate) fn value(bits: &[usize], state: &[bool]) -> u128 {
    bits.iter().rev().fold(0, |n, &b| n << 1 | u128::from(state[b]))
}

/// The distance between a counter and its goal, as a circuit over the counter's bits.
fn remaining(bits: &[usize], goal: u128, up: bool) -> Option<Circuit> {
    let mut aig = Aig::new();
    let word: Vec<Lit> = bits.iter().map(|_| aig.leaf()).collect();
    let goal: Vec<Lit> = (0..bits.len()).map(|p| Lit::constant(goal >> p & 1 == 1)).collect();
    let (high, low) = if up { (&goal, &word) } else { (&word, &goal) };
    let mut borrow = Lit::FALSE;
    let mut out = Vec::with_capacity(bits.len());
    for (&h, &l) in high.iter().zip(low) {
        let differ = aig.xor(h, l);
        out.push(aig.xor(differ, borrow));
        borrow = aig.mux(differ, l, borrow);
    }
    let place =
        |var: u32| word.iter().position(|l| l.var() == var).map(|p| Var::State(bits[p] as u32));
    Circuit::extract(&aig, &out, place).ok()
}
