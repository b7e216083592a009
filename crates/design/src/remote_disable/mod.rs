//! `design.remote-disable`: can the owner bring service back from every reachable state?
//!
//! Problem: the claim quantifies over all reachable states, an owner's procedure and a hostile
//! environment; it is a game with a time bound on a state space that cannot be enumerated.
//! Method: counterexample-guided. Take a procedure from the contract; ask for a state inside the
//! invariant known so far from which it fails within n cycles. Each such state is looked at by
//! simulation: it only needs more cycles (then n grows, or a long counter becomes a *settle* stage
//! with a rank); or nothing brings service back (then Houdini turns it into a closed set, and
//! reachability by BMC, IC3 or an accelerated run decides: reached — refuted; unreachable — the
//! IC3 lemmas strengthen the invariant and the loop goes on). When no such state is left the
//! procedure is the proof. A procedure that fails from a state that can be reached and left is made
//! longer by documented words that lead out of it. Hints come first: their invariants are guesses beside
//! those of the simulation, and their stages, if they hold, are the proof (`staged`).
//! References: CEGAR (Clarke et al., CAV 2000), Houdini (Flanagan and Leino, FME 2001), IC3 (Bradley,
//! VMCAI 2011), ranked response (Manna and Pnueli).
//! Cost: SAT calls on a few dozen to a few hundred copies of the control cone.
//! What it cannot see: procedures that must look at hidden state (other than sitting out counters)
//! beyond the size limit of `explicit`; closed sets that are not cubes. Those end as
//! `undetermined`, never as a verdict.

mod attempt;
mod backward;
mod closed_set;
mod controller;
mod events;
mod exits;
mod explicit;
mod explore;
pub(crate) mod houdini;
pub(crate) mod legal;
mod minimise;
mod procedure;
mod reach;
mod report;
mod slow;
mod staged;
pub(crate) mod stimulus;
mod timer;

use crate::slice::Slice;
use crate::{Answer, Settings, Undecided};
use attempt::{Attempt, Failure};
use controller::Program;
use evidence::Reason;
use houdini::{StateClause, StateLit, invariant};
use netlist::Lit;
use proof::Model;
use proof::certificate::Trace;
use solve::Budget;
use stimulus::Pool;

/// Everything the engines of this check share.
pub(crate) struct Context<'m> {
    pub(crate) model: &'m Model,
    pub(crate) service: usize,
    pub(crate) slice: Slice,
    /// Words within `documented`, `assume` and `recovery_assume`.
    pub(crate) granted: Pool,
    /// Words within `assume`.
    pub(crate) any: Pool,
    /// Invariant clauses proved so far.
    pub(crate) clauses: Vec<Vec<StateLit>>,
    /// Runs in which the service completes.
    pub(crate) covers: Vec<Trace>,
    pub(crate) budget: Budget,
    /// A state the last procedure fails from, where nothing else explains it.
    pub(crate) failing: Option<Failure>,
    /// What was tried, for the report of an undecided check.
    pub(crate) notes: Vec<String>,
}

/// Cycles of free-running simulation.
const EXPLORE_CYCLES: usize = 1500;

/// Decides `design.remote-disable` for one service.
///
/// # Errors
/// [`Undecided`] with the reason.
pub fn remote_disable(
    model: &Model,
    service: usize,
    settings: &Settings,
) -> Result<Answer, Undecided> {
    if let Some(first) = model.unsupported.first() {
        return Err(Undecided::new(Reason::Unsupported, format!("not modelled: {first}")));
    }
    let mut extended = model.clone();
    let programs = controller::programs(&mut extended, service, &settings.budget)?;
    let mut context = Context::new(&extended, service, &programs, settings)?;
    if settings.exact
        && context.is_small()
        && let Some(decided) = context.explicit()
    {
        return decided;
    }
    if programs.is_empty() {
        return context.never_started();
    }
    let stages = &settings.hints.stages;
    for program in programs.iter().rev().filter(|_| !stages.is_empty()) {
        match context.staged(program, stages) {
            Ok(answer) => return Ok(answer),
            Err(why) => {
                context.notes.push(format!("stages of the hints, `{}`: {why}", program.name));
            }
        }
    }
    let mut inadequate = Vec::new();
    let mut queue = programs;
    let mut lengthened = 0;
    queue.reverse();
    while let Some(program) = queue.pop() {
        match context.attempt(&program) {
            Attempt::Answer(answer) => return Ok(*answer),
            Attempt::Stop(undecided) => return Err(undecided),
            Attempt::Inadequate(why) => inadequate.push(format!("`{}`: {why}", program.name)),
        }
        if settings.budget.exhausted() {
            return Err(context.out_of_budget("while trying the owner's procedures"));
        }
        if queue.is_empty()
            && lengthened < procedure::ROUNDS
            && let Some(failure) = context.failing.take()
        {
            lengthened += 1;
            queue.extend(context.lengthened(&program, &failure));
        }
    }
    inadequate.dedup();
    let mut detail = format!("no procedure was proved, none refuted. {}", inadequate.join("; "));
    for note in &context.notes {
        detail.push_str("; ");
        detail.push_str(note);
    }
    Err(Undecided::new(Reason::Budget, detail))
}

impl<'m> Context<'m> {
    fn new(
        model: &'m Model,
        service: usize,
        programs: &[Program],
        settings: &Settings,
    ) -> Result<Self, Undecided> {
        let budget = settings.budget.clone();
        let pool = |conditions: &[Lit], seed| Pool::new(model, conditions, seed, &budget);
        let mut granted = pool(&[model.documented, model.assume, model.recovery_assume], 3);
        let any = pool(&[model.assume], 5);
        for step in programs.iter().flat_map(|p| &p.steps) {
            granted.add(step.word.clone());
        }
        let mut slice = explore::service_slice(model, service, programs);
        let mut covers: Option<(Trace, usize)> = None;
        let mut constant: Option<Vec<StateLit>> = None;
        for program in programs.iter().rev() {
            let seen = explore::explore(
                model,
                service,
                program,
                &mut slice,
                (&granted, &any),
                EXPLORE_CYCLES,
            );
            constant = Some(match constant {
                None => seen.constant,
                Some(old) => old.into_iter().filter(|l| seen.constant.contains(l)).collect(),
            });
            let best = covers.as_ref().map_or(0, |c| c.1);
            if let Some(found) = seen.cover.filter(|c| c.1 > best) {
                covers = Some(found);
            }
        }
        let mut context = Self {
            model,
            service,
            slice,
            granted,
            any,
            clauses: Vec::new(),
            covers: covers.into_iter().map(|c| c.0).collect(),
            budget,
            failing: None,
            notes: Vec::new(),
        };
        if context.covers.is_empty() {
            let trace = context.reach_completion()?;
            context.covers.push(trace);
        }
        let constant = constant.unwrap_or_default().into_iter().map(|l| vec![l]);
        let guessed = constant.chain(settings.hints.invariant.iter().cloned()).collect();
        let proved = invariant(model, guessed, &context.budget)
            .ok_or_else(|| context.out_of_budget("in the first invariant"))?;
        let dropped = |c: &&StateClause| !proved.contains(c);
        let lost: Vec<&StateClause> = settings.hints.invariant.iter().filter(dropped).collect();
        if let Some(first) = lost.first() {
            let (count, name) = (lost.len(), context.clause_name(first));
            let note = format!(
                "{count} clauses of the hints do not hold or are not inductive, first ({name})"
            );
            context.notes.push(note);
        }
        context.clauses.extend(proved);
        Ok(context)
    }

    pub(crate) fn out_of_budget(&self, place: &str) -> Undecided {
        Undecided::new(Reason::Budget, format!("the effort limit was reached {place}"))
    }
}
