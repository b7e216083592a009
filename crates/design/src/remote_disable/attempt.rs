//! One procedure: prove it, or find out why it fails.
//!
//! The loop of the check (see the module above): grow the number of cycles, classify each failing
//! state, strengthen the invariant, add settle stages, until the procedure is proved from every
//! state of the invariant or a reachable closed set is found.

use super::Context;
use super::controller::Program;
use super::explore::outlook;
use super::houdini::StateLit;
use super::reach::Reach;
use super::slow::{Settle, settled};
use crate::slice::{column, spread};
use crate::{Answer, Undecided};
use evidence::Reason;
use netlist::Lit;
use proof::Frames;
use proof::recovery::Closed;
use solve::{AigSolver, Outcome};

/// How an attempt ends.
pub(crate) enum Attempt {
    /// Decided.
    Answer(Box<Answer>),
    /// Undecided, and no other procedure can help.
    Stop(Undecided),
    /// This procedure does not do; another may.
    Inadequate(String),
}

/// Numbers of cycles tried in one stage.
const SCHEDULE: &[usize] = &[4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 448];
/// Cycles of recovery beyond which a counter is looked for before the unrolling grows.
const PATIENCE: usize = 64;
/// Failing states looked at per procedure.
const MOST_STATES: usize = 200;
/// Cycles a failing state is simulated for at first.
const SHORT_LOOK: usize = 1200;
/// Cycles a failing state is simulated for at most.
const LONG_LOOK: usize = 120_000;

/// The closed loop from an arbitrary state of the invariant, unrolled as far as needed.
struct Loop<'m> {
    frames: Frames<'m>,
    solver: AigSolver,
    state: Vec<Lit>,
    at: Vec<Closed>,
    controller: proof::certificate::Controller,
    service: usize,
}

/// A state from which the procedure failed, and what the adversary did.
pub(crate) struct Failure {
    pub(crate) state: Vec<bool>,
    pub(crate) inputs: Vec<Vec<bool>>,
}

impl<'m> Loop<'m> {
    fn new(
        context: &Context<'m>,
        program: &Program,
        settled: &[Vec<Lit>],
    ) -> Result<Self, Undecided> {
        let model = context.model;
        let internal =
            |e: proof::circuit::CircuitError| Undecided::new(Reason::Internal, e.to_string());
        let controller = program.controller(model).map_err(internal)?;
        let mut frames = Frames::new(model);
        let mut state = frames.fresh_state();
        for &t in &model.services[context.service].tracker {
            state[t] = Lit::FALSE;
        }
        let ctrl = vec![Lit::FALSE; controller.registers as usize];
        let first =
            Closed::start(&mut frames, &controller, state.clone(), ctrl).map_err(internal)?;
        let mut solver = AigSolver::new();
        let constants = frames.lit(first.frame, model.assume_constants);
        solver.add_clause(&frames.aig, &[constants]);
        for clause in settled {
            let lits: Vec<Lit> = clause.iter().map(|&l| frames.lit(first.frame, l)).collect();
            solver.add_clause(&frames.aig, &lits);
        }
        let service = context.service;
        let mut this = Self { frames, solver, state, at: vec![first], controller, service };
        for clause in &context.clauses {
            this.learn(clause);
        }
        Ok(this)
    }
    fn learn(&mut self, clause: &[StateLit]) {
        let lits: Vec<Lit> = clause.iter().map(|&(i, v)| self.state[i].xor_sign(!v)).collect();
        self.solver.add_clause(&self.frames.aig, &lits);
    }
    /// Requires that the transaction does not complete within the first `cycles` cycles.
    fn extend(&mut self, cycles: usize) -> Result<(), Undecided> {
        let model = self.frames.model();
        while self.at.len() <= cycles {
            let last = self.at[self.at.len() - 1].clone();
            for (lit, want) in [
                (model.assume, true),
                (model.recovery_assume, true),
                (model.services[self.service].complete, false),
            ] {
                let lit = self.frames.lit(last.frame, lit).xor_sign(!want);
                self.solver.add_clause(&self.frames.aig, &[lit]);
            }
            let next = last
                .after(&mut self.frames, &self.controller)
                .map_err(|e| Undecided::new(Reason::Internal, e.to_string()))?;
            self.at.push(next);
        }
        Ok(())
    }
    fn failure(&mut self) -> Failure {
        let state = self.state.iter().map(|&l| self.solver.value(l)).collect();
        let count = self.at.len() - 1;
        let inputs = (0..count)
            .map(|t| {
                let lits = self.frames.inputs(self.at[t].frame).to_vec();
                lits.into_iter()
                    .map(|l| self.solver.is_encoded(l) && self.solver.value(l))
                    .collect()
            })
            .collect();
        Failure { state, inputs }
    }
}

impl Context<'_> {
    /// Tries to prove that `program` recovers the service from every reachable state.
    pub(crate) fn attempt(&mut self, program: &Program) -> Attempt {
        let mut settles: Vec<Settle> = Vec::new();
        let mut states = 0;
        self.failing = None;
        'stages: loop {
            let settled = settled(self.model, &settles);
            let program = &program.after_settling(settled.clone());
            let mut run = match Loop::new(self, program, &settled) {
                Ok(run) => run,
                Err(undecided) => return Attempt::Stop(undecided),
            };
            let mut step = 0;
            let within = u128::from(self.model.services[self.service].within);
            let spent: u128 = settles.iter().map(|s| u128::from(s.bound()) + 1).sum();
            loop {
                // no more cycles than the contract grants beside settling
                let most = within.saturating_sub(spent);
                let capped = most > 0 && SCHEDULE[step] as u128 >= most;
                let cycles = if capped { most as usize } else { SCHEDULE[step] };
                if let Err(undecided) = run.extend(cycles) {
                    return Attempt::Stop(undecided);
                }
                match run.solver.solve(&run.frames.aig, &[], &self.budget) {
                    Outcome::Unknown => return Attempt::Stop(self.out_of_budget("in a recovery")),
                    Outcome::Unsat if spent + cycles as u128 > within => {
                        let bound = spent + cycles as u128;
                        return Attempt::Inadequate(format!(
                            "recovery within {bound} cycles is certain, {within} are granted"
                        ));
                    }
                    Outcome::Unsat => {
                        return match self.proved(program, &settles, cycles) {
                            Ok(answer) => Attempt::Answer(Box::new(answer)),
                            Err(undecided) => Attempt::Stop(undecided),
                        };
                    }
                    Outcome::Sat => {}
                }
                let failure = run.failure();
                let look = outlook(
                    self.model,
                    self.service,
                    program,
                    &mut self.slice,
                    &self.granted,
                    &failure.state,
                    &failure.inputs,
                    SHORT_LOOK,
                );
                if look.stuck == 0 && capped {
                    return Attempt::Inadequate(format!(
                        "recovery takes more than the {within} cycles granted from some states that \
                         may not be reachable"
                    ));
                }
                if look.stuck == 0 {
                    // a counter that explains the wait makes a short proof of a long unrolling
                    if look.latest > PATIENCE
                        && let Some(settle) = self.find_settle(program, &settles, &look)
                    {
                        settles.push(settle);
                        continue 'stages;
                    }
                    match SCHEDULE.iter().position(|&n| n >= look.latest.max(cycles + 1)) {
                        Some(next) => {
                            step = next;
                            continue;
                        }
                        None => match self.find_settle(program, &settles, &look) {
                            Some(settle) => {
                                settles.push(settle);
                                continue 'stages;
                            }
                            None => {
                                return Attempt::Inadequate(format!(
                                    "recovery takes {} cycles from some states and no counter \
                                     explains it",
                                    look.latest
                                ));
                            }
                        },
                    }
                }
                states += 1;
                if states > MOST_STATES {
                    return Attempt::Inadequate(format!("{MOST_STATES} failing states"));
                }
                let reach = self.classify(&failure, &look);
                match reach {
                    Reach::Refuted(answer) => return Attempt::Answer(answer),
                    Reach::Unreachable(clauses) => {
                        for clause in clauses {
                            run.learn(&clause);
                            self.clauses.push(clause);
                        }
                    }
                    Reach::Slow => {
                        let long = outlook(
                            self.model,
                            self.service,
                            program,
                            &mut self.slice,
                            &self.granted,
                            &failure.state,
                            &failure.inputs,
                            LONG_LOOK.min(self.model.services[self.service].within as usize),
                        );
                        match self.find_settle(program, &settles, &long) {
                            Some(settle) => {
                                settles.push(settle);
                                continue 'stages;
                            }
                            None => {
                                if step + 1 < SCHEDULE.len() && long.stuck == 0 {
                                    step += 1;
                                    continue;
                                }
                                match self.exclude(program, &failure, cycles) {
                                    Reach::Unreachable(clauses) => {
                                        for clause in clauses {
                                            run.learn(&clause);
                                            self.clauses.push(clause);
                                        }
                                    }
                                    Reach::Undecided(undecided) if self.budget.exhausted() => {
                                        return Attempt::Stop(undecided);
                                    }
                                    _ => {
                                        self.failing = Some(failure);
                                        return Attempt::Inadequate(
                                            "it fails from a state that may be reached, and no \
                                             closed set was found"
                                                .into(),
                                        );
                                    }
                                }
                            }
                        }
                    }
                    Reach::Undecided(undecided) => return Attempt::Stop(undecided),
                }
            }
        }
    }

    /// Excludes a failing state by reachability alone: the part of it that makes the procedure fail
    /// under the same adversary, as a target for IC3.
    fn exclude(&mut self, program: &Program, failure: &Failure, cycles: usize) -> Reach {
        let Ok(controller) = program.controller(self.model) else { return Reach::Slow };
        let mut frames = Frames::new(self.model);
        let mut state = frames.fresh_state();
        for &t in &self.model.services[self.service].tracker {
            state[t] = Lit::FALSE;
        }
        let mut assumed: Vec<(Lit, StateLit)> = Vec::new();
        for &i in &self.slice.state {
            let lit = state[i];
            if !lit.is_const() {
                assumed.push((lit.xor_sign(!failure.state[i]), (i, failure.state[i])));
            }
        }
        // the same adversary; completing within the given cycles must then be impossible
        let mut any = Vec::new();
        let mut solver = AigSolver::new();
        let ctrl = vec![Lit::FALSE; controller.registers as usize];
        let Ok(mut at) = Closed::start(&mut frames, &controller, state, ctrl) else {
            return Reach::Slow;
        };
        for t in 0..cycles {
            let word = failure.inputs.get(t);
            let lits = frames.inputs(at.frame).to_vec();
            for (i, lit) in lits.into_iter().enumerate() {
                if !self.model.inputs[i].role.is_owner() && !lit.is_const() {
                    let value = word.is_some_and(|w| w[i]);
                    solver.add_clause(&frames.aig, &[lit.xor_sign(!value)]);
                }
            }
            any.push(frames.lit(at.frame, self.model.services[self.service].complete));
            match at.after(&mut frames, &controller) {
                Ok(next) => at = next,
                Err(_) => return Reach::Slow,
            }
        }
        let any = frames.aig.or_all(any);
        let mut all: Vec<Lit> = assumed.iter().map(|a| a.0).collect();
        all.push(any);
        if solver.solve(&frames.aig, &all, &self.budget) != Outcome::Unsat {
            return Reach::Slow;
        }
        let core = solver.core();
        let cube: Vec<StateLit> =
            assumed.iter().filter(|a| core.contains(&a.0)).map(|a| a.1).collect();
        self.unreachable(&cube)
    }
}

/// 64 copies of the stuck patterns of `state`.
pub(crate) fn stuck_states(state: &[u64], stuck: u64) -> Vec<u64> {
    if stuck == u64::MAX {
        return state.to_vec();
    }
    let first = stuck.trailing_zeros();
    let copies = spread(&column(state, first as usize));
    state.iter().zip(copies).map(|(w, c)| (w & stuck) | (c & !stuck)).collect()
}
