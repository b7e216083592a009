//! Can a closed set be reached from reset?
//!
//! Method: bounded model checking first (a magic word is a few cycles away), then the timer rule for
//! sets that only a long count leads to, then IC3 on the set's cube (its lemmas strengthen the
//! invariant when the answer is no), then backwards cube by cube, then deeper bounds.
//! Cost: each engine gets a slice of the budget, so that a hard one cannot starve the next.

use super::Context;
use super::backward::Backward;
use super::closed_set::Found;
use super::houdini::{StateClause, StateLit};
use crate::{Answer, Undecided};
use evidence::Reason;
use netlist::Lit;
use proof::certificate::{Entry, Trace};
use proof::{Frames, Model};
use solve::bmc::{Reached, cover, reach};
use solve::ic3::{Ic3Answer, ic3};

/// What is known about a failing state.
pub(crate) enum Reach {
    /// It lies in a closed set that is reached: the check is refuted.
    Refuted(Box<Answer>),
    /// It cannot be reached: clauses that exclude it, inductive together with the invariant.
    Unreachable(Vec<Vec<StateLit>>),
    /// No closed set; service may come back late.
    Slow,
    /// An engine gave up.
    Undecided(Undecided),
}

const SHALLOW: usize = 24;
const DEEP: usize = 90;
const SHALLOW_STEPS: u64 = 200_000;
const IC3_STEPS: u64 = 30_000;
const DEEP_STEPS: u64 = 200_000;

impl Context<'_> {
    /// Decides reachability of a found set and acts on it.
    pub(crate) fn reach(&mut self, found: Found) -> Reach {
        let model = self.model;
        let goal = found.clone();
        let mut target = target(model, self.service, &goal);
        let budget = self.budget.slice(SHALLOW_STEPS);
        if let Reached::At(trace, _) = reach(self.model, &mut target, SHALLOW, &budget) {
            return self.refuted(found, Entry::Trace(trace));
        }
        match self.timer(&found) {
            Ok(Some(entry)) => return self.refuted(found, entry),
            Ok(None) => {}
            Err(undecided) => return Reach::Undecided(undecided),
        }
        let cube: Option<Vec<StateLit>> =
            found.set.iter().map(|c| if let [only] = c[..] { Some(only) } else { None }).collect();
        if let (None, Some(cube)) = (&found.potential, cube)
            && let known @ Reach::Unreachable(_) = self.unreachable(&cube)
        {
            return known;
        }
        match self.backward(&found) {
            Backward::Run(trace) => return self.refuted(found, Entry::Trace(trace)),
            Backward::Unreachable(clauses) => return Reach::Unreachable(clauses),
            Backward::Unknown => {}
        }
        let budget = self.budget.slice(DEEP_STEPS);
        if let Reached::At(trace, _) = reach(self.model, &mut target, DEEP, &budget) {
            return self.refuted(found, Entry::Trace(trace));
        }
        if found.potential.is_some() {
            // not reached as far as we looked; a settle stage with the bound may still prove it
            return Reach::Slow;
        }
        let reason = if self.budget.interrupted() { Reason::Budget } else { Reason::Unsupported };
        let names: Vec<String> = found.set.iter().map(|c| self.clause_name(c)).take(8).collect();
        Reach::Undecided(Undecided::new(
            reason,
            format!(
                "a set without service that is never left ({}) was neither reached within {DEEP} \
                 cycles nor proved unreachable, and no counter leads to it",
                names.join(", ")
            ),
        ))
    }

    /// Asks IC3 whether a cube can be reached.
    pub(crate) fn unreachable(&mut self, cube: &[StateLit]) -> Reach {
        let budget = self.budget.slice(IC3_STEPS);
        match ic3(self.model, &[cube.to_vec()], &self.clauses, &budget) {
            Ic3Answer::Safe(clauses) => Reach::Unreachable(clauses),
            Ic3Answer::Unsafe(_) => Reach::Slow,
            Ic3Answer::Unknown => Reach::Undecided(self.out_of_budget("in IC3")),
        }
    }

    /// A run from reset in which the service completes, by bounded model checking.
    pub(crate) fn reach_completion(&self) -> Result<Trace, Undecided> {
        let service = &self.model.services[self.service];
        let complete = service.complete;
        let mut found = None;
        let budget = self.budget.slice(DEEP_STEPS);
        // completion is about a cycle, its effect about the next state: ask for the cycle's inputs
        let mut target =
            |frames: &mut Frames<'_>, frame: usize| -> Lit { frames.lit(frame, complete) };
        if let Reached::At(trace, _) = cover(self.model, &mut target, DEEP, &budget) {
            found = Some(trace);
        }
        found.ok_or_else(|| {
            let detail = format!(
                "service `{}` never completes: not in simulation, not within {DEEP} cycles of \
                 any run from reset; check `start`, `done` and `tag` in the contract",
                service.name
            );
            Undecided::new(Reason::Contradiction, detail)
        })
    }

    pub(crate) fn clause_name(&self, clause: &[StateLit]) -> String {
        let names: Vec<String> = clause.iter().map(|&(i, v)| self.literal_name(i, v)).collect();
        names.join(" or ")
    }

    pub(crate) fn literal_name(&self, bit: usize, value: bool) -> String {
        let s = &self.model.state[bit];
        let wide = self.model.state.iter().filter(|o| o.name == s.name).take(2).count() > 1;
        let index = if wide { format!("[{}]", s.bit) } else { String::new() };
        format!("{}{index} = {}", s.name, u8::from(value))
    }
}

/// "In the set, with a fresh tracker and enough potential", as a literal of a frame.
pub(crate) fn target<'a>(
    model: &'a Model,
    service: usize,
    found: &'a Found,
) -> impl FnMut(&mut Frames<'_>, usize) -> Lit + 'a {
    move |frames, frame| {
        let mut all = vec![inside(frames, frame, &found.set)];
        for &t in &model.services[service].tracker {
            all.push(!frames.state(frame, t));
        }
        if let Some((bits, complement)) = &found.potential {
            let word: Vec<Lit> =
                bits.iter().map(|&b| frames.state(frame, b).xor_sign(*complement)).collect();
            all.push(at_least(frames, &word, model.services[service].within));
        }
        frames.aig.and_all(all)
    }
}

/// A conjunction of clauses over state bits, in a frame.
pub(crate) fn inside(frames: &mut Frames<'_>, frame: usize, set: &[StateClause]) -> Lit {
    let mut all = Vec::with_capacity(set.len());
    for clause in set {
        let lits: Vec<Lit> =
            clause.iter().map(|&(i, v)| frames.state(frame, i).xor_sign(!v)).collect();
        all.push(frames.aig.or_all(lits));
    }
    frames.aig.and_all(all)
}

/// `word >= bound`.
pub(crate) fn at_least(frames: &mut Frames<'_>, word: &[Lit], bound: u64) -> Lit {
    if word.len() < 64 && bound >> word.len() != 0 {
        return Lit::FALSE;
    }
    let bound: Vec<Lit> =
        (0..word.len()).map(|b| Lit::constant(b < 64 && bound >> b & 1 == 1)).collect();
    !frames.aig.less_word(word, &bound)
}
