//! Houdini: the largest inductive subset of a set of guessed clauses.
//!
//! Problem: simulation suggests that many register bits keep their value, or that one of two always has
//! a certain one; which of these guesses hold for ever, given each other?
//! Method: assume all candidates now, ask for a successor that violates one, drop every candidate the
//! model violates, repeat (Flanagan and Leino, FME 2001). The limit is the unique largest subset
//! closed under the step relation. [`StepSystem::core_closed`] then finds a small closed subset that still
//! implies a goal: the clauses in the refutation of the goal, those in the refutations of their own
//! consecution, and so on.
//! Cost: one SAT call per round, rounds bounded by the number of candidates, usually a few dozen.
//! What it cannot see: closed sets that need clauses nobody guessed.

use netlist::Lit;
use proof::{Frames, Model};
use solve::{AigSolver, Budget, Outcome};

/// A register bit and the value it keeps.
pub(crate) type StateLit = (usize, bool);
/// A clause over register bits.
pub(crate) type StateClause = Vec<StateLit>;

/// One step of the model from an arbitrary state, under fixed conditions.
pub(crate) struct StepSystem<'m> {
    pub(crate) frames: Frames<'m>,
    pub(crate) now: usize,
    /// The frame whose successor is "then"; `now` unless the step is a run of several cycles.
    pub(crate) last: usize,
    pub(crate) solver: AigSolver,
}

impl<'m> StepSystem<'m> {
    /// One step under the given model literals.
    pub(crate) fn new(model: &'m Model, conditions: &[Lit]) -> Self {
        let mut frames = Frames::new(model);
        let state = frames.fresh_state();
        let inputs = frames.fresh_inputs();
        let now = frames.frame(state, inputs);
        let mut solver = AigSolver::light();
        for &c in conditions {
            let lit = frames.lit(now, c);
            solver.add_clause(&frames.aig, &[lit]);
        }
        Self { frames, now, last: now, solver }
    }
    /// The run of the model from an arbitrary state under the given input words, as one step.
    pub(crate) fn along(model: &'m Model, words: &[Vec<bool>]) -> Self {
        let mut frames = Frames::new(model);
        let state = frames.fresh_state();
        let mut inputs = words.iter().map(|w| w.iter().map(|&b| Lit::constant(b)).collect());
        let first = inputs.next().unwrap_or_default();
        let now = frames.frame(state, first);
        let last = inputs.fold(now, |at, word| frames.frame_after(at, word));
        Self { frames, now, last, solver: AigSolver::light() }
    }
    /// A state literal now.
    pub(crate) fn here(&mut self, (bit, value): StateLit) -> Lit {
        self.frames.state(self.now, bit).xor_sign(!value)
    }
    /// A state literal one step later.
    pub(crate) fn then(&mut self, (bit, value): StateLit) -> Lit {
        self.frames.next(self.last, bit).xor_sign(!value)
    }
    /// A model literal now.
    pub(crate) fn lit(&mut self, lit: Lit) -> Lit {
        self.frames.lit(self.now, lit)
    }
    /// Adds a clause over state literals now.
    pub(crate) fn assert_clause(&mut self, clause: &[StateLit]) {
        let lits: Vec<Lit> = clause.iter().map(|&l| self.here(l)).collect();
        self.solver.add_clause(&self.frames.aig, &lits);
    }
    /// Solves under assumptions.
    pub(crate) fn solve(&mut self, assumptions: &[Lit], budget: &Budget) -> Outcome {
        self.solver.solve(&self.frames.aig, assumptions, budget)
    }
}

impl StepSystem<'_> {
    /// A clause now or one cycle later.
    pub(crate) fn clause(&mut self, clause: &[StateLit], then: bool) -> Lit {
        let mut lits = Vec::with_capacity(clause.len());
        for &l in clause {
            lits.push(if then { self.then(l) } else { self.here(l) });
        }
        self.frames.aig.or_all(lits)
    }

    /// The largest subset of `candidates` that is closed under the step, given `fixed` literals of
    /// this frame. `None` if the budget ends.
    pub(crate) fn houdini(
        &mut self,
        mut candidates: Vec<StateClause>,
        fixed: &[Lit],
        budget: &Budget,
    ) -> Option<Vec<StateClause>> {
        loop {
            if candidates.is_empty() {
                return Some(candidates);
            }
            let mut assumed = fixed.to_vec();
            let mut after = Vec::with_capacity(candidates.len());
            for c in &candidates {
                assumed.push(self.clause(c, false));
                after.push(self.clause(c, true));
            }
            let violated: Vec<Lit> = after.iter().map(|&l| !l).collect();
            match self.solver.solve_with(&self.frames.aig, &assumed, Some(&violated), budget) {
                Outcome::Unsat => return Some(candidates),
                Outcome::Unknown => return None,
                Outcome::Sat => retain_true(&mut candidates, &after, &mut self.solver),
            }
        }
    }

    /// A small subset of the closed set `set`, in its order, that is closed by itself and still makes
    /// `goal` (a literal of the graph) impossible. `None` if `set` does not, or the budget ends.
    pub(crate) fn core_closed(
        &mut self,
        set: &[StateClause],
        fixed: &[Lit],
        goal: Lit,
        budget: &Budget,
    ) -> Option<Vec<StateClause>> {
        let here: Vec<(Lit, usize)> =
            set.iter().enumerate().map(|(n, c)| (self.clause(c, false), n)).collect();
        let mut assumed: Vec<Lit> = here.iter().map(|h| h.0).collect();
        assumed.extend(fixed);
        let mut all = assumed.clone();
        all.push(goal);
        if self.solve(&all, budget) != Outcome::Unsat {
            return None;
        }
        let named = |core: &[Lit]| -> Vec<usize> {
            here.iter().filter(|h| core.contains(&h.0)).map(|h| h.1).collect()
        };
        let mut queue = named(&self.solver.core());
        let mut chosen: Vec<usize> = Vec::new();
        while let Some(next) = queue.pop() {
            if chosen.contains(&next) {
                continue;
            }
            chosen.push(next);
            let then = self.clause(&set[next], true);
            // prefer reasons among what is chosen already
            let mut few: Vec<Lit> = here
                .iter()
                .filter(|h| chosen.contains(&h.1) || queue.contains(&h.1))
                .map(|h| h.0)
                .collect();
            few.extend(fixed);
            few.push(!then);
            if self.solve(&few, budget) == Outcome::Unsat {
                continue;
            }
            let mut all = assumed.clone();
            all.push(!then);
            if self.solve(&all, budget) != Outcome::Unsat {
                return None;
            }
            queue.extend(named(&self.solver.core()));
        }
        chosen.sort_unstable();
        Some(chosen.into_iter().map(|n| set[n].clone()).collect())
    }
}

/// An invariant of all reachable states: the largest subset of `candidates` that holds at the end of
/// the reset sequence and is preserved under `assume`. `None` if the budget ends.
pub(crate) fn invariant(
    model: &Model,
    mut candidates: Vec<StateClause>,
    budget: &Budget,
) -> Option<Vec<StateClause>> {
    let mut frames = Frames::new(model);
    let (_, first) = frames.init();
    let mut solver = AigSolver::light();
    let constants = frames.lit(first, model.assume_constants);
    solver.add_clause(&frames.aig, &[constants]);
    loop {
        if candidates.is_empty() {
            return Some(candidates);
        }
        let mut holds = Vec::with_capacity(candidates.len());
        for c in &candidates {
            let lits: Vec<Lit> =
                c.iter().map(|&(i, v)| frames.state(first, i).xor_sign(!v)).collect();
            holds.push(frames.aig.or_all(lits));
        }
        let violated: Vec<Lit> = holds.iter().map(|&l| !l).collect();
        match solver.solve_with(&frames.aig, &[], Some(&violated), budget) {
            Outcome::Unsat => break,
            Outcome::Unknown => return None,
            Outcome::Sat => retain_true(&mut candidates, &holds, &mut solver),
        }
    }
    StepSystem::new(model, &[model.assume]).houdini(candidates, &[], budget)
}

/// Drops the candidates whose literal is false in the solver's model.
fn retain_true<T>(candidates: &mut Vec<T>, lits: &[Lit], solver: &mut AigSolver) {
    let mut lits = lits.iter();
    candidates.retain(|_| lits.next().is_some_and(|&l| solver.value(l)));
}
