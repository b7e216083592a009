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
use super::explore::{Outlook, frozen};
use super::houdini::{StateClause, StateLit, StepSystem};
use super::reach::{Reach, inside};
use super::slow::counters;
use crate::slice::{Word, column};
use crate::{Answer, Undecided};
use evidence::Reason;
use netlist::Lit;
use proof::certificate::OwnerScope;
use proof::model::{Place, StateBit};
use proof::{Frames, StateKind};
use solve::ic3::{Ic3Answer, ic3};
use solve::{AigSolver, Outcome};

/// Cycles of random traffic under which candidates must stay frozen.
const TRAFFIC: usize = 400;
/// Solver steps for a closed set of any shape.
const CLOSE_STEPS: u64 = 15_000;
/// Most bits between which implications are guessed.
const WATCHED: usize = 40;

/// A set without service.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The set: clauses over register bits, most of them single literals.
    pub(crate) set: Vec<StateClause>,
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
    pub(crate) fn classify(&mut self, failure: &Failure, look: &Outlook) -> Reach {
        let states = stuck_states(&look.state, look.stuck);
        for (owner, adversary) in self.scopes(failure) {
            if let Some(found) = self.closed_around(&states, owner, adversary, false)
                && self.is_fair(&found)
            {
                return self.reach(found);
            }
        }
        if let Some(found) = self.find_overdue(failure, look) {
            return self.reach(found);
        }
        // IC3 would count along with a long counter; those are for settle stages
        if counters(self, &look.history, 8).is_empty() {
            for (owner, adversary) in self.scopes(failure) {
                if let Some(found) = self.closed_around(&states, owner, adversary, true)
                    && self.is_fair(&found)
                {
                    return self.reach(found);
                }
            }
        }
        Reach::Slow
    }

    /// No word that the manual names starts a transaction: "nothing is tracked" is a closed set, under
    /// documented words (*lock*) or while the surroundings hold one word (*leash*).
    pub(crate) fn never_started(&mut self) -> Result<Answer, Undecided> {
        let pending = (self.model.services[self.service].pending, true);
        let idle = vec![vec![(pending.0, false)]];
        let nothing = Failure { state: Vec::new(), inputs: Vec::new() };
        for (owner, adversary) in self.scopes(&nothing) {
            let (mut system, mut fixed) = self.system(owner, adversary.as_deref());
            fixed.extend([!system.here(pending), system.then(pending)]);
            if system.solve(&fixed, &self.budget) != Outcome::Unsat {
                continue;
            }
            drop(system);
            let found = Found { set: idle.clone(), owner, adversary, potential: None };
            if self.is_fair(&found)
                && let Reach::Refuted(answer) = self.reach(found)
            {
                return Ok(*answer);
            }
        }
        let detail = "no documented word starts a transaction, and assumptions and grants leave no \
                      legal word: service, `documented` and assumptions contradict each other";
        Err(Undecided::new(Reason::Contradiction, detail))
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
        any_shape: bool,
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
        let watched = self.watched();
        let (literals, pairs) = frozen(
            self.model,
            self.service,
            &mut self.slice,
            (&pool, &others),
            start,
            TRAFFIC,
            &watched,
        )?;
        if !any_shape {
            return self
                .close(&literals, &[], owner, adversary.clone())
                .or_else(|| self.close(&literals, &pairs, owner, adversary));
        }
        let from = column(states, 0);
        self.close_by_ic3(&from, owner, adversary)
    }

    /// A closed set of any shape around one concrete state: IC3 with that state as the only initial
    /// one, the scope's words as assumption, and a bit that remembers completion as target. Its
    /// invariant is the set.
    fn close_by_ic3(
        &mut self,
        from: &[bool],
        owner: OwnerScope,
        adversary: Option<Vec<bool>>,
    ) -> Option<Found> {
        let mut model = self.model.clone();
        model.reset_cycles = 0;
        for (bit, &value) in model.state.iter_mut().zip(from) {
            bit.power_up = Some(value);
        }
        let tracker = model.services[self.service].tracker.clone();
        for t in tracker {
            model.state[t].power_up = Some(false);
        }
        let mut scope = vec![model.assume];
        if owner == OwnerScope::Documented {
            scope.push(model.documented);
        }
        if let Some(word) = &adversary {
            for (input, &value) in model.inputs.iter().zip(word) {
                if !input.role.is_owner() {
                    scope.push(input.lit.xor_sign(!value));
                }
            }
        }
        model.assume = model.aig.and_all(scope);
        let served = model.aig.leaf();
        let number = model.state.len();
        let complete = model.services[self.service].complete;
        let next = model.aig.or(served, complete);
        model.places.resize(model.aig.leaf_count(), Place::Clock);
        model.places[model.aig.leaf_count() - 1] = Place::State(number as u32);
        model.state.push(StateBit {
            name: "probity.served".into(),
            bit: 0,
            src: None,
            kind: StateKind::Tracker(self.service as u32),
            lit: served,
            next,
            power_up: Some(false),
        });
        let budget = self.budget.slice(CLOSE_STEPS);
        let Ic3Answer::Safe(clauses) = ic3(&model, &[vec![(number, true)]], &[], &budget) else {
            return None;
        };
        let set: Vec<StateClause> = clauses
            .into_iter()
            .filter(|c| !c.contains(&(number, false)))
            .map(|c| c.into_iter().filter(|l| l.0 != number).collect())
            .collect();
        Some(Found { set, owner, adversary, potential: None })
    }

    /// Register bits close to completion, between which implications are guessed.
    fn watched(&self) -> Vec<usize> {
        let model = self.model;
        let mut bits = Vec::new();
        let mut roots = vec![model.services[self.service].complete];
        for _ in 0..2 {
            let mut next = Vec::new();
            for var in model.aig.cone(roots) {
                if let Some(Place::State(i)) = model.place(var)
                    && !bits.contains(&(i as usize))
                {
                    bits.push(i as usize);
                    next.push(model.state[i as usize].next);
                }
            }
            roots = next;
        }
        let tracker = &model.services[self.service].tracker;
        bits.retain(|b| !tracker.contains(b));
        bits.truncate(WATCHED);
        bits
    }

    /// The largest closed subset of the candidates, reduced to a small core, if it excludes service.
    fn close(
        &mut self,
        literals: &[StateLit],
        pairs: &[StateClause],
        owner: OwnerScope,
        adversary: Option<Vec<bool>>,
    ) -> Option<Found> {
        let (mut system, fixed) = self.system(owner, adversary.as_deref());
        let goal = system.lit(self.model.services[self.service].complete);
        let mut all: Vec<StateClause> = literals.iter().map(|&l| vec![l]).collect();
        all.extend(pairs.iter().cloned());
        let set = system.houdini(all, &fixed, &self.budget)?;
        let set = system.core_closed(&set, &fixed, goal, &self.budget)?;
        Some(Found { set, owner, adversary, potential: None })
    }

    /// Whether a set is closed for the right reason: there is a legal move in each of its states, and
    /// the word of a leash is an answer within the rules wherever there is one. A word that breaks
    /// `assume` would forbid the owner's word instead of answering it.
    pub(crate) fn is_fair(&self, found: &Found) -> bool {
        let model = self.model;
        let mut rules = vec![model.assume, model.recovery_assume];
        if found.owner == OwnerScope::Documented {
            rules.push(model.documented);
        }
        let mut frames = Frames::new(model);
        let (state, inputs) = (frames.fresh_state(), frames.fresh_inputs());
        let now = frames.frame(state.clone(), inputs.clone());
        let within = |frames: &mut Frames<'_>, frame: usize| {
            let all: Vec<Lit> = rules.iter().map(|&l| frames.lit(frame, l)).collect();
            frames.aig.and_all(all)
        };
        let playable = within(&mut frames, now);
        let mut solver = AigSolver::new();
        let set = inside(&mut frames, now, &found.set);
        let constants = frames.lit(now, model.assume_constants);
        solver.add_clause(&frames.aig, &[set]);
        solver.add_clause(&frames.aig, &[constants]);
        if let Some(word) = &found.adversary {
            let mut answered = inputs;
            for (slot, (bit, &value)) in answered.iter_mut().zip(model.inputs.iter().zip(word)) {
                if !bit.role.is_owner() {
                    *slot = Lit::constant(value);
                }
            }
            let other = frames.frame(state, answered);
            let fits = within(&mut frames, other);
            let assumed = [playable, !fits];
            if solver.solve(&frames.aig, &assumed, &self.budget) != Outcome::Unsat {
                return false;
            }
        }
        self.legal_in(found).is_ok()
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
