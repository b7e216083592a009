//! `design.hidden-trigger`: do results depend on operands and configuration alone?
//!
//! Problem: a function nobody declared is invisible until it is fired, and without a specification
//! nobody can say that a result is wrong. But an accelerator without memory of its own, but for what is
//! declared, must answer the same operands in the same way, whatever happened before (functional
//! consistency: Singh et al., "A-QED", DAC 2020, search for bugs with it; here the configuration is
//! declared, side conditions close what it leaves open, and there is a proof).
//!
//! The property: two runs of one part reach quiet cycles, each by a history of its own, with equal
//! configuration. From there on operands are equal, every other input is not. Results must be equal in
//! every cycle. Three more things make that a statement about the whole life of the part:
//! configuration changes only after a cycle of its declared writers, else a trigger would hide there;
//! the part becomes quiet within its latency whenever nothing is started, else a trigger would hide in
//! never being quiet; and a job whose results do depend on its operands is shown.
//!
//! Method, cheap first. `collide`: campaigns in which histories with the same configuration meet
//! by chance, put side by side. [`crate::remote_disable`] on the draining model, where becoming quiet is
//! the service: a closed set that is never quiet, or ranked stages that end in quiet. `tables` and
//! `remote_disable::houdini`: an invariant of one copy. `groups`, `guess`, `belief`,
//! `split` and `induct`: a relation of two, with multipliers shared wherever their operands are tied. Where
//! a result stays open, `arm`: runs that set the registers in question, with neighbours that do not.
//! `shorten`, `shrink` and `cover` make witnesses. What is handed over is a `FunctionProof`, `Histories`, an `Unwritten` or a
//! `ClosedSet`; the kernel decides.
//!
//! Cost: some seconds of simulation and SAT calls over the part that may differ; all of it bounded.
//!
//! What it cannot see: functions of operands and configuration alone (one operand that corrupts:
//! `compare` with a reference does); triggers whose register no run within the budget sets, where no relation was found
//! either: that is `undetermined`, with the outputs and registers in question. A counterexample to the
//! relation that no run from reset reaches is never a verdict.

mod arm;
mod belief;
mod collide;
mod cover;
mod groups;
mod guess;
mod induct;
mod report;
mod runs;
mod shorten;
mod shrink;
mod split;
mod tables;

use crate::identity_leak::stimulus::{Words, dictionary, models};
use crate::remote_disable::houdini::{StateClause, invariant};
use crate::remote_disable::{legal, remote_disable, stimulus::Pool};
use crate::slice::Slice;
use crate::{Answer, Settings, Undecided};
use belief::{Belief, extra, over_left};
use collide::campaigns;
use evidence::Reason;
use induct::fixpoint;
use netlist::Lit;
use proof::certificate::{Body, Case, FunctionProof, Recovery};
use proof::circuit::CircuitError;
use proof::model::{Place, Role};
use proof::{Circuit, Model, Var};
use runs::Setting;
use solve::Budget;

/// Decides `design.hidden-trigger` for one function.
///
/// # Errors
/// `unsupported` if the netlist has constructs that are not modelled, `budget` if there is neither a
/// proof nor a witness, with what remained open.
pub fn hidden_trigger(
    model: &Model,
    function: usize,
    settings: &Settings,
) -> Result<Answer, Undecided> {
    if let Some(first) = model.unsupported.first() {
        return Err(Undecided::new(Reason::Unsupported, first.clone()));
    }
    let budget = &settings.budget;
    let draining = model.draining(function);
    let s = setting(model, &draining, function, budget);
    let mut seen = campaigns(&s);
    if let Some(change) = seen.unwritten.take() {
        return Ok(report::unwritten(&s, shrink::shrink_change(&s, change)));
    }
    if let Some((candidate, shown)) = seen.pair.take() {
        return Ok(report::histories(&s, shrink::shrink(&s, candidate, shown)));
    }
    let drain = match remote_disable(&draining, 0, settings) {
        Ok(Answer { body: Body::Recovery(recovery), .. }) => Ok(recovery),
        Ok(answer) => return Ok(report::busy(&s, answer)),
        Err(why) => Err(why),
    };
    let spent = || Undecided::new(Reason::Budget, report::spent(&s, seen.cycles));
    let inv = invariant(model, seen.tables.clauses(), budget).ok_or_else(spent)?;
    let mut belief = guess::guess(&s, &seen.stations, &seen.tables);
    let (failing, rounds) = fixpoint(&s, &inv, &mut belief, budget).map_err(|_| spent())?;
    if !failing.is_empty() {
        let found = arm::arm(&s, &inv, &failing, &belief, &mut seen, budget);
        if let Some(change) = seen.unwritten.take() {
            return Ok(report::unwritten(&s, shrink::shrink_change(&s, change)));
        }
        return match found {
            Some((candidate, shown)) => {
                Ok(report::histories(&s, shrink::shrink(&s, candidate, shown)))
            }
            None => Err(Undecided::new(
                Reason::Budget,
                report::open(&s, &belief, &failing, seen.cycles),
            )),
        };
    }
    let drain = drain.map_err(|why| {
        let what = format!("whether the part becomes quiet is open: {}", why.detail);
        Undecided::new(why.reason, what)
    })?;
    if let Some(open) = changing(&s, &inv, budget) {
        return Err(Undecided::new(Reason::Budget, open));
    }
    let Some(cover) = cover::cover(&s, &seen.stations) else {
        let what = "no run was found in which a job's results depend on its operands";
        return Err(Undecided::new(Reason::Budget, what));
    };
    let proof = proof_of(&s, &inv, &belief, cover, drain, budget)?;
    Ok(report::proved(&s, &belief, inv.len(), rounds, proof))
}

/// What the engines share.
fn setting<'m>(
    model: &'m Model,
    draining: &Model,
    function: usize,
    budget: &Budget,
) -> Setting<'m> {
    let f = &model.functions[function];
    let mut roots: Vec<Lit> = vec![f.quiet, f.start, f.done, f.stall];
    roots.extend([model.assume, model.assume_constants]);
    roots.extend(f.results.iter().flat_map(|r| [r.lit, r.when]));
    for c in &f.configuration {
        roots.push(c.writes);
        roots.extend(c.bits.iter().map(|b| b.2));
    }
    let mut shared: Vec<bool> = (0..model.state.len()).map(|i| model.held(i)).collect();
    for &i in f.configuration.iter().flat_map(|c| &c.state) {
        shared[i] = true;
    }
    // the dictionary reads conditions of services: here, a job's start
    let mut jobs = model.clone();
    jobs.services = vec![proof::model::ServiceModel { start: f.start, ..f.drained.clone() }];
    jobs.windows = Vec::new();
    let mut words: Vec<Words> = dictionary(&jobs, budget);
    for c in &f.configuration {
        words.extend(models(model, c.writes, &|_| true, budget).into_iter().take(8));
    }
    words.retain(|w| !w.is_empty());
    Setting {
        model,
        function,
        f,
        slice: Slice::new(model, roots),
        words,
        fallback: models(model, model.assume, &|_| true, budget),
        rest: Pool::new(draining, &[draining.assume, draining.recovery_assume], 3, budget),
        shared,
        others: (0..model.inputs.len()).filter(|&i| !model.is_operand(function, i)).collect(),
        budget: budget.clone(),
    }
}

/// An entry of the configuration whose writers could not be shown to be all.
fn changing(s: &Setting<'_>, inv: &[StateClause], budget: &Budget) -> Option<String> {
    for c in &s.f.configuration {
        let mut frames = proof::Frames::new(s.model);
        let (state, inputs) = (frames.fresh_state(), frames.fresh_inputs());
        let now = frames.frame(state.clone(), inputs);
        let inputs = frames.fresh_inputs();
        let then = frames.frame_after(now, inputs);
        let mut solver = solve::AigSolver::new();
        for clause in inv {
            let lits: Vec<Lit> = clause.iter().map(|&(i, v)| state[i].xor_sign(!v)).collect();
            solver.add_clause(&frames.aig, &lits);
        }
        let mut differ = Vec::new();
        for (_, _, lit) in &c.bits {
            let (x, y) = (frames.lit(now, *lit), frames.lit(then, *lit));
            differ.push(frames.aig.xor(x, y));
        }
        let mut all = vec![frames.aig.or_all(differ), !frames.lit(now, c.writes)];
        for frame in [now, then] {
            all.push(frames.lit(frame, s.model.assume));
            all.push(frames.lit(frame, s.model.assume_constants));
        }
        let bad = frames.aig.and_all(all);
        if bad != Lit::FALSE && solver.solve(&frames.aig, &[bad], budget) != solve::Outcome::Unsat {
            let names = report::list(c.bits.iter().map(|b| b.0.clone()).collect());
            return Some(format!(
                "no run was found in which configuration changes without a declared write, and no \
                 invariant excludes one: {names}"
            ));
        }
    }
    None
}

/// The certificate's object.
fn proof_of(
    s: &Setting<'_>,
    inv: &[StateClause],
    belief: &Belief,
    cover: proof::certificate::Histories,
    drain: Recovery,
    budget: &Budget,
) -> Result<FunctionProof, Undecided> {
    let internal = |e: CircuitError| Undecided::new(Reason::Internal, e.to_string());
    let clauses: Vec<Vec<(Var, bool)>> =
        inv.iter().map(|c| c.iter().map(|&(i, v)| (Var::State(i as u32), v)).collect()).collect();
    let invariant = Circuit::from_clauses(&clauses);
    let model = s.model;
    let on_inputs = model.aig.cone([model.assume]).iter().all(|&v| match model.place(v) {
        Some(Place::State(i)) => belief.tied[i as usize],
        Some(Place::Input(i)) => model.inputs[i as usize].role != Role::Undriven,
        _ => true,
    });
    if !on_inputs {
        let what = "the assumptions depend on state that may differ between the two runs";
        return Err(Undecided::new(Reason::Budget, what));
    }
    let silent = vec![vec![false; model.inputs.len()]];
    let legal_inputs = legal::words(model, &invariant, &[model.assume], &silent, budget)
        .ok_or_else(|| {
            Undecided::new(Reason::Budget, "no words were found that always satisfy `assume`")
        })?;
    let mut cases = Vec::new();
    if !belief.split.is_empty() {
        for case in belief.cases() {
            let when = over_left(&belief.split, case.values).map_err(internal)?;
            cases.push(Case { when, tied: case.tied.iter().map(|&i| i as u32).collect() });
        }
    }
    Ok(FunctionProof {
        invariant,
        legal_inputs,
        untied: (0..belief.tied.len()).filter(|&i| !belief.tied[i]).map(|i| i as u32).collect(),
        extra: extra(belief).map_err(internal)?,
        cases,
        cover,
        drain,
    })
}
