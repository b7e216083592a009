//! Backward reachability by cubes, depth first: long runs that every step of is easy.
//!
//! Problem: four bytes over a serial line are seven hundred cycles. Bounded model checking asks for all
//! of them at once and IC3 needs a frame for each; yet each single step is obvious once one knows
//! where to go.
//! Method: from the set backwards (McMillan, CAV 2002). A predecessor outside everything found so far
//! is asked for by SAT, reduced to the literals that matter under the same input word (Ravi and
//! Somenzi, TACAS 2004: minimal assignments), and blocked, so that no state is looked at twice; the newest
//! one comes first, so that a chain is followed to its end; first those that the owner's quiet word
//! leads from, then those that the others' quiet words lead from, then all. A cube that holds a state after reset
//! gives the run: in each state, the word of the oldest cube that it lies in leads to an older one.
//! If nothing is left to follow, the set cannot be reached, and the negations of all cubes are
//! inductive together with the invariant that was assumed.
//! Cost: two SAT calls on one step of the cone per cube.
//! What it cannot see: sets with very many unlike predecessors; it gives up at the limits below.

use super::Context;
use super::closed_set::Found;
use super::houdini::StateLit;
use crate::slice::spread;
use netlist::Lit;
use proof::Frames;
use proof::certificate::Trace;
use proof::replay::{print_bits, replay};
use solve::bmc::{Reached, reach};
use solve::{AigSolver, Outcome};

/// Most cubes.
const MOST_CUBES: usize = 6_000;
/// Most literals of all cubes.
const MOST_LITERALS: usize = 400_000;
/// Solver steps.
const STEPS: u64 = 60_000;

/// How the search ended.
pub(crate) enum Backward {
    /// A run from reset into the set.
    Run(Trace),
    /// The set cannot be reached: clauses that say so.
    Unreachable(Vec<Vec<StateLit>>),
    /// Given up.
    Unknown,
}

/// States from which one input word leads into an older cube.
struct Cube {
    literals: Vec<StateLit>,
    word: Vec<bool>,
}

impl Context<'_> {
    /// Looks for a run into the set, or shows that there is none. Sets with a potential are left to
    /// others.
    pub(crate) fn backward(&self, found: &Found) -> Backward {
        let single = |c: &Vec<StateLit>| if let [only] = c[..] { Some(only) } else { None };
        let goal: Option<Vec<StateLit>> = found.set.iter().map(single).collect();
        let (Some(mut goal), None) = (goal, &found.potential) else { return Backward::Unknown };
        let tracker = &self.model.services[self.service].tracker;
        goal.extend(tracker.iter().map(|&t| (t, false)));
        let Some(cubes) = self.cubes(goal) else { return Backward::Unknown };
        let (last, reached) = cubes;
        if !reached {
            return Backward::Unreachable(
                last.iter().map(|c| c.literals.iter().map(|&(i, v)| (i, !v)).collect()).collect(),
            );
        }
        self.run_along(&last).map_or(Backward::Unknown, Backward::Run)
    }

    /// All cubes found, the goal first, and whether the last one holds a state after reset.
    fn cubes(&self, goal: Vec<StateLit>) -> Option<(Vec<Cube>, bool)> {
        let model = self.model;
        let budget = self.budget.slice(STEPS);
        let mut frames = Frames::new(model);
        let state = frames.fresh_state();
        let inputs = frames.fresh_inputs();
        let now = frames.frame(state.clone(), inputs.clone());
        let mut solver = AigSolver::light();
        let assume = frames.lit(now, model.assume);
        let here = |&(i, v): &StateLit| state[i].xor_sign(!v);
        for clause in &self.clauses {
            let lits: Vec<Lit> = clause.iter().map(here).collect();
            solver.add_clause(&frames.aig, &lits);
        }
        let mut start = Begin::new(self);
        let mut cubes = vec![Cube { literals: goal, word: Vec::new() }];
        let mut phases = self.phases(&inputs).into_iter();
        let mut quiet = phases.next()?;
        let mut stack = vec![0];
        let mut size = 0;
        let block = |solver: &mut AigSolver, frames: &Frames<'_>, cube: &Cube| {
            let lits: Vec<Lit> = cube.literals.iter().map(|l| !here(l)).collect();
            solver.add_clause(&frames.aig, &lits);
        };
        block(&mut solver, &frames, &cubes[0]);
        loop {
            let Some(&top) = stack.last() else {
                match phases.next() {
                    Some(next) => quiet = next,
                    None => return Some((cubes, false)),
                }
                stack = (0..cubes.len()).collect();
                continue;
            };
            let mut after = Vec::with_capacity(cubes[top].literals.len());
            for &(i, v) in &cubes[top].literals {
                after.push(frames.next(now, i).xor_sign(!v));
            }
            let mut wanted = after.clone();
            wanted.push(assume);
            let asked: Vec<Lit> = wanted.iter().chain(&quiet).copied().collect();
            match solver.solve(&frames.aig, &asked, &budget) {
                Outcome::Unknown => return None,
                Outcome::Unsat => {
                    stack.pop();
                    continue;
                }
                Outcome::Sat => {}
            }
            let known = |solver: &mut AigSolver, lit: Lit| {
                (!lit.is_const() && solver.is_encoded(lit)).then(|| solver.value(lit))
            };
            let word: Vec<bool> =
                inputs.iter().map(|&l| known(&mut solver, l).unwrap_or(false)).collect();
            let mut fixed: Vec<Lit> =
                inputs.iter().zip(&word).map(|(l, &v)| l.xor_sign(!v)).collect();
            let mut bits: Vec<(Lit, StateLit)> = Vec::new();
            for &i in &self.slice.state {
                if let Some(value) = known(&mut solver, state[i]) {
                    bits.push((state[i].xor_sign(!value), (i, value)));
                }
            }
            fixed.extend(bits.iter().map(|b| b.0));
            let missed: Vec<Lit> = wanted.iter().map(|&l| !l).collect();
            let outcome = solver.solve_with(&frames.aig, &fixed, Some(&missed), &budget);
            if outcome != Outcome::Unsat {
                return None;
            }
            let core = solver.core();
            bits.retain(|b| core.contains(&b.0));
            fixed.truncate(inputs.len());
            self.reduce(&mut solver, &frames, &fixed, &missed, &mut bits)?;
            let literals: Vec<StateLit> = bits.iter().map(|b| b.1).collect();
            size += literals.len();
            if cubes.len() >= MOST_CUBES || size > MOST_LITERALS {
                return None;
            }
            let cube = Cube { literals, word };
            block(&mut solver, &frames, &cube);
            let begins = start.holds(self, &cube.literals)?;
            stack.push(cubes.len());
            cubes.push(cube);
            if begins {
                return Some((cubes, true));
            }
        }
    }

    /// Who keeps quiet while predecessors are sought: first the owner, then everybody else, then
    /// nobody. A chain that needs one party only does not wander through what the other could do.
    fn phases(&self, inputs: &[Lit]) -> Vec<Vec<Lit>> {
        let Some(idle) = self.granted.words().first() else { return vec![Vec::new()] };
        let roles = self.model.inputs.iter().map(|i| i.role.is_owner());
        let quiet: Vec<(bool, Lit)> =
            roles.zip(inputs.iter().zip(idle).map(|(l, &v)| l.xor_sign(!v))).collect();
        let of = |owner| quiet.iter().filter(|q| q.0 == owner).map(|q| q.1).collect();
        vec![of(true), of(false), Vec::new()]
    }

    /// Drops what does not matter, one literal after the other: a solver's core is seldom minimal,
    /// and one literal too many ties the chain to a part of the design that has nothing to do with it.
    fn reduce(
        &self,
        solver: &mut AigSolver,
        frames: &Frames<'_>,
        word: &[Lit],
        missed: &[Lit],
        bits: &mut Vec<(Lit, StateLit)>,
    ) -> Option<()> {
        let mut at = 0;
        while at < bits.len() {
            let rest = bits.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, b)| b.0);
            let fixed: Vec<Lit> = word.iter().copied().chain(rest).collect();
            match solver.solve_with(&frames.aig, &fixed, Some(missed), &self.budget) {
                Outcome::Unknown => return None,
                Outcome::Sat => at += 1,
                Outcome::Unsat => {
                    let core = solver.core();
                    let kept: Vec<(Lit, StateLit)> =
                        bits.iter().copied().filter(|b| core.contains(&b.0)).collect();
                    at = kept.iter().filter(|k| bits[..at].contains(k)).count();
                    *bits = kept;
                }
            }
        }
        Some(())
    }

    /// The run from a state after reset in the newest cube, word by word to the first one.
    fn run_along(&self, cubes: &[Cube]) -> Option<Trace> {
        let model = self.model;
        let last = cubes.last()?;
        let mut target = |frames: &mut Frames<'_>, frame: usize| {
            let all: Vec<Lit> =
                last.literals.iter().map(|&(i, v)| frames.state(frame, i).xor_sign(!v)).collect();
            frames.aig.and_all(all)
        };
        let Reached::At(mut trace, 0) = reach(model, &mut target, 0, &self.budget) else {
            return None;
        };
        let end = replay(model, &trace, |_| ()).ok()?;
        let mut state = spread(&end.state);
        let mut slice = self.slice.clone();
        let mut oldest = cubes.len();
        loop {
            let inside = |c: &Cube| c.literals.iter().all(|&(i, v)| (state[i] & 1 == 1) == v);
            let at = cubes.iter().position(inside)?;
            if at == 0 {
                return Some(trace);
            }
            if at >= oldest {
                return None;
            }
            oldest = at;
            let word = &cubes[at].word;
            slice.evaluate(&state, &spread(word), false);
            slice.advance(&mut state);
            trace.inputs.push(print_bits(word));
        }
    }
}

/// The states after reset, for one question after another.
struct Begin<'m> {
    frames: Frames<'m>,
    first: usize,
    solver: AigSolver,
}

impl<'m> Begin<'m> {
    fn new(context: &Context<'m>) -> Self {
        let mut frames = Frames::new(context.model);
        let (_, first) = frames.init();
        let mut solver = AigSolver::light();
        let constants = frames.lit(first, context.model.assume_constants);
        solver.add_clause(&frames.aig, &[constants]);
        Self { frames, first, solver }
    }
    /// Whether some state after reset lies in the cube.
    fn holds(&mut self, context: &Context<'_>, cube: &[StateLit]) -> Option<bool> {
        let mut all = Vec::with_capacity(cube.len());
        for &(i, v) in cube {
            all.push(self.frames.state(self.first, i).xor_sign(!v));
        }
        match self.solver.solve(&self.frames.aig, &all, &context.budget) {
            Outcome::Sat => Some(true),
            Outcome::Unsat => Some(false),
            Outcome::Unknown => None,
        }
    }
}
