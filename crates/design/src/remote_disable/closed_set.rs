//! From a stuck state to a closed set without service.
//!
//! Problem: simulation shows a state that random traffic does not wake. Is there a set around it
//! that is never left, and against whom?
//! Method: bits that stay frozen under random traffic are candidates; Houdini keeps the largest
//! closed subset; it must exclude completion. Scopes from the strongest statement to the weakest:
//! every owner word (*dead*), documented words (*lock*), a constant behaviour of the adversary within
//! `recovery_assume` (*leash*). A small closed core is what the report names.
//! Cost: a simulation and a handful of SAT calls per scope.

use super::Context;
use super::attempt::{Failure, stuck_states};
use super::controller::Program;
use super::explore::{Outlook, frozen};
use super::houdini::{StateLit, StepSystem};
use super::reach::Reach;
use crate::slice::Word;
use netlist::Lit;
use proof::certificate::OwnerScope;

/// Cycles of random traffic under which candidates must stay frozen.
const TRAFFIC: usize = 400;

/// A set without service.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The set: a cube of register bits.
    pub(crate) set: Vec<StateLit>,
    /// Owner words it is closed under.
    pub(crate) owner: OwnerScope,
    /// Constant input word of the adversary, for a leash.
    pub(crate) adversary: Option<Vec<bool>>,
    /// For overdue: state indices of the potential (least significant first) and whether it is the
    /// word's complement.
    pub(crate) potential: Option<(Vec<usize>, bool)>,
}

impl Context<'_> {
    /// Looks at a failing state: closed set (then reached or not), slow, or undecided.
    pub(crate) fn classify(
        &mut self,
        program: &Program,
        failure: &Failure,
        look: &Outlook,
    ) -> Reach {
        let states = stuck_states(&look.state, look.stuck);
        for (owner, adversary) in self.scopes(failure) {
            if let Some(found) = self.closed_around(&states, owner, adversary) {
                return self.reach(program, found);
            }
        }
        if let Some(found) = self.find_overdue(program, failure, look) {
            return self.reach(program, found);
        }
        Reach::Slow
    }

    fn scopes(&self, failure: &Failure) -> Vec<(OwnerScope, Option<Vec<bool>>)> {
        let mut scopes = vec![(OwnerScope::Any, None)];
        if self.model.documented != Lit::TRUE {
            scopes.push((OwnerScope::Documented, None));
        }
        let mut words: Vec<Vec<bool>> = failure.inputs.last().cloned().into_iter().collect();
        words.extend(failure.inputs.first().cloned());
        words.extend(self.granted.words().iter().take(8).cloned());
        words.dedup();
        for word in words {
            scopes.push((OwnerScope::Any, Some(word.clone())));
            if self.model.documented != Lit::TRUE {
                scopes.push((OwnerScope::Documented, Some(word)));
            }
        }
        scopes
    }

    fn closed_around(
        &mut self,
        states: &[Word],
        owner: OwnerScope,
        adversary: Option<Vec<bool>>,
    ) -> Option<Found> {
        let pool = match owner {
            OwnerScope::Any => self.any.clone(),
            OwnerScope::Documented => self.granted.clone(),
        };
        let mut others = self.any.clone();
        if let Some(word) = &adversary {
            others = super::stimulus::Pool::constant(word.clone());
        }
        let start = states.to_vec();
        let candidates =
            frozen(self.model, self.service, &mut self.slice, &pool, &others, start, TRAFFIC)?;
        self.close(candidates, owner, adversary)
    }

    /// The largest closed subset of `candidates`, reduced to a small core, if it excludes service.
    pub(crate) fn close(
        &mut self,
        candidates: Vec<StateLit>,
        owner: OwnerScope,
        adversary: Option<Vec<bool>>,
    ) -> Option<Found> {
        let (mut system, fixed) = self.system(owner, adversary.as_deref());
        let set = system.houdini(candidates, &fixed, &self.budget)?;
        let goal = system.lit(self.model.services[self.service].complete);
        let set = system.core_closed(&set, &fixed, goal, &self.budget)?;
        Some(Found { set, owner, adversary, potential: None })
    }

    /// One step under the words of a scope, and the adversary's bits as assumptions.
    pub(crate) fn system(
        &self,
        owner: OwnerScope,
        adversary: Option<&[bool]>,
    ) -> (StepSystem<'_>, Vec<Lit>) {
        let mut conditions = vec![self.model.assume];
        if owner == OwnerScope::Documented {
            conditions.push(self.model.documented);
        }
        let system = StepSystem::new(self.model, &conditions);
        let mut fixed = Vec::new();
        if let Some(word) = adversary {
            let inputs = system.frames.inputs(system.now).to_vec();
            for (i, lit) in inputs.into_iter().enumerate() {
                if !self.model.inputs[i].role.is_owner() {
                    fixed.push(lit.xor_sign(!word[i]));
                }
            }
        }
        (system, fixed)
    }
}
