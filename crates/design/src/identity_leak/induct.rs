//! Induction: the largest set of ties and facts that one cycle preserves.
//!
//! Problem: of what was never seen violated, find what can be proved.
//! Method: Houdini (Flanagan, Leino: FME 2001) over ties and facts together, the greatest fixpoint
//! of van Eijk (DAC 1998) across two copies. Candidates are first confronted with the end of the
//! reset sequence, then with one step. In each round both copies are built merged by what is still
//! believed; goals that hash to one literal need no solver; the others go to one solver as one
//! disjunction, and every model removes all it violates. A round without loss is the fixpoint.
//! Cost: rounds times the part of the design the identity may influence.
//! What it cannot see: candidates it is not given.

use crate::identity_leak::copies::{Copies, Merge};
use crate::identity_leak::facts::Fact;
use crate::identity_leak::lanes::Pair;
use crate::identity_leak::structure::Structure;
use crate::violated::{Oracle, OutOfBudget, violated};
use netlist::{Aig, Lit};
use proof::Model;
use solve::{AigSolver, Budget, Outcome};

/// Ties and facts.
#[derive(Clone, Default)]
pub(crate) struct Belief {
    /// By state bit: equal in both copies.
    pub(crate) tied: Vec<bool>,
    /// More.
    pub(crate) facts: Vec<Fact>,
}

/// What induction came to.
pub(crate) struct Fixpoint {
    /// What holds.
    pub(crate) belief: Belief,
    /// Observables that could not be shown to agree.
    pub(crate) failing: Vec<usize>,
    /// Windows whose conditions could not be shown to agree.
    pub(crate) windows: Vec<usize>,
    /// Rounds of the fixpoint.
    pub(crate) rounds: usize,
}

#[derive(Clone, Copy)]
enum Goal {
    Tie(usize),
    Fact(usize),
}

/// Conflicts the light solver may have before the full one is asked.
const LIGHT: u64 = 2_000;

/// A solver for many easy questions and one for the hard ones, with the same premises.
struct Judge {
    light: AigSolver,
    full: Option<AigSolver>,
    premises: Vec<Lit>,
}

impl Judge {
    fn new() -> Self {
        Self { light: AigSolver::light(), full: None, premises: Vec::new() }
    }
    fn premise(&mut self, aig: &Aig, lit: Lit) {
        self.light.add_clause(aig, &[lit]);
        self.premises.push(lit);
    }
    fn model(&mut self) -> &mut AigSolver {
        self.full.as_mut().unwrap_or(&mut self.light)
    }
}

impl Oracle for Judge {
    fn ask(&mut self, aig: &Aig, question: Lit, budget: &Budget) -> Outcome {
        if self.full.is_none() {
            match self.light.solve(aig, &[question], &budget.slice(LIGHT)) {
                Outcome::Unknown => {}
                decided => return decided,
            }
        }
        let full = self.full.get_or_insert_with(|| {
            let mut full = AigSolver::new();
            for &lit in &self.premises {
                full.add_clause(aig, &[lit]);
            }
            full
        });
        full.solve(aig, &[question], budget)
    }
    fn holds(&mut self, lit: Lit) -> bool {
        self.model().value(lit)
    }
}

/// Both copies through reset: `Ok(Err(pair))` is a leak during reset; else `belief` loses what does
/// not hold when reset ends.
pub(crate) fn initial(
    model: &Model,
    item: usize,
    structure: &Structure,
    belief: &mut Belief,
    budget: &Budget,
) -> Result<Option<Pair>, OutOfBudget> {
    let mut copies = Copies::new(model, item);
    let free: Vec<bool> = structure.reached_state.iter().map(|r| !r).collect();
    let merge = copies.add_merge(Merge::new(model, item, &free, &[]));
    let mut frame = copies.power_up(merge);
    let mut shown = Vec::new();
    for cycle in 0..model.reset_cycles {
        for &o in &structure.shown {
            shown.push(copies.differ(frame, model.observables[o].lit));
        }
        frame = copies.after(frame, cycle + 1 < model.reset_cycles, merge);
    }
    let mut judge = Judge::new();
    let constants = copies.left(frame, model.assume_constants);
    judge.premise(&copies.aig, constants);
    let shown = copies.aig.or_all(shown);
    if shown != Lit::FALSE {
        match judge.ask(&copies.aig, shown, budget) {
            Outcome::Unsat => {}
            Outcome::Unknown => return Err(OutOfBudget),
            Outcome::Sat => {
                let mut pair = read_pair(model, item, &copies, judge.model());
                pair.inputs.truncate(model.reset_cycles as usize);
                pair.sensors.truncate(model.reset_cycles as usize);
                return Ok(Some(pair));
            }
        }
    }
    let mut goals = Vec::new();
    for i in (0..belief.tied.len()).filter(|&i| structure.reached_state[i] && belief.tied[i]) {
        let lit = model.state[i].lit;
        let (l, r) = (copies.left(frame, lit), copies.right(frame, lit));
        if l != r {
            goals.push((Goal::Tie(i), copies.aig.xor(l, r)));
        }
    }
    for (k, fact) in belief.facts.iter().enumerate() {
        let holds = fact.holds(&mut copies, model, frame);
        if holds != Lit::TRUE {
            goals.push((Goal::Fact(k), !holds));
        }
    }
    let lost = violated(&mut copies.aig, &mut judge, goals, budget)?;
    drop_goals(belief, &lost);
    Ok(None)
}

/// The greatest fixpoint under `belief`, then the observables.
pub(crate) fn fixpoint(
    model: &Model,
    item: usize,
    structure: &Structure,
    mut belief: Belief,
    budget: &Budget,
) -> Result<Fixpoint, OutOfBudget> {
    let mut rounds = 0;
    loop {
        rounds += 1;
        let mut alias = vec![false; model.aig.len()];
        for fact in &belief.facts {
            if let Fact::Equal(var) = fact {
                alias[*var as usize] = true;
            }
        }
        let mut copies = Copies::new(model, item);
        let merge = copies.add_merge(Merge::new(model, item, &belief.tied, &alias));
        let now = copies.any_state(merge);
        let then = copies.after(now, false, merge);
        let mut judge = Judge::new();
        let assume = copies.left(now, model.assume);
        judge.premise(&copies.aig, assume);
        let facts: Vec<usize> = (0..belief.facts.len())
            .filter(|&k| match belief.facts[k] {
                Fact::Equal(var) => copies.merge(now).is_frontier(var),
                _ => true,
            })
            .collect();
        let mut said = Vec::with_capacity(facts.len());
        for &k in &facts {
            let holds = belief.facts[k].holds(&mut copies, model, now);
            judge.premise(&copies.aig, holds);
            // what hashing sees anyhow need not be said
            if holds != Lit::TRUE {
                said.push(k);
            }
        }
        let mut goals = Vec::new();
        for i in 0..model.state.len() {
            if !belief.tied[i] || !structure.reached_state[i] {
                continue;
            }
            let (l, r) =
                (copies.left(now, model.state[i].next), copies.right(now, model.state[i].next));
            if l != r {
                goals.push((Goal::Tie(i), copies.aig.xor(l, r)));
            }
        }
        for &k in &facts {
            let holds = belief.facts[k].holds(&mut copies, model, then);
            if holds != Lit::TRUE {
                goals.push((Goal::Fact(k), !holds));
            }
        }
        let lost = violated(&mut copies.aig, &mut judge, goals, budget)?;
        if lost.is_empty() {
            let (failing, windows) =
                outputs(model, item, structure, &mut copies, &mut judge, now, budget)?;
            // aliases that nothing in front of them needs are implied by the others
            let frontier: Vec<Fact> = said.iter().map(|&k| belief.facts[k].clone()).collect();
            belief.facts = frontier;
            return Ok(Fixpoint { belief, failing, windows, rounds });
        }
        drop_goals(&mut belief, &lost);
    }
}

/// Observables and window conditions on which the copies may disagree in a state of the fixpoint.
fn outputs(
    model: &Model,
    item: usize,
    structure: &Structure,
    copies: &mut Copies<'_>,
    judge: &mut Judge,
    now: usize,
    budget: &Budget,
) -> Result<(Vec<usize>, Vec<usize>), OutOfBudget> {
    let mut goals = Vec::new();
    for &o in &structure.shown {
        goals.push((Goal::Tie(o), unexcused(model, item, copies, now, o)));
    }
    for (w, window) in model.windows.iter().enumerate() {
        goals.push((Goal::Fact(w), copies.differ(now, window.when)));
    }
    let (mut failing, mut windows) = (Vec::new(), Vec::new());
    for goal in violated(&mut copies.aig, judge, goals, budget)? {
        match goal {
            Goal::Tie(o) => failing.push(o),
            Goal::Fact(w) => windows.push(w),
        }
    }
    failing.sort_unstable();
    windows.sort_unstable();
    Ok((failing, windows))
}

/// Observable `o` differs in a frame, and no window excuses it.
pub(crate) fn unexcused(
    model: &Model,
    item: usize,
    copies: &mut Copies<'_>,
    frame: usize,
    o: usize,
) -> Lit {
    let mut all = vec![copies.differ(frame, model.observables[o].lit)];
    if all[0] == Lit::FALSE {
        return Lit::FALSE;
    }
    for w in &model.windows {
        if w.releases.contains(&item) && w.observables.contains(&o) {
            all.push(!copies.left(frame, w.open));
        }
    }
    copies.aig.and_all(all)
}

fn drop_goals(belief: &mut Belief, lost: &[Goal]) {
    let mut gone = vec![false; belief.facts.len()];
    for goal in lost {
        match *goal {
            Goal::Tie(i) => belief.tied[i] = false,
            Goal::Fact(k) => gone[k] = true,
        }
    }
    let mut k = 0;
    belief.facts.retain(|_| {
        k += 1;
        !gone[k - 1]
    });
}

/// The pair of runs in a solver's model; the frames start at power-up.
pub(crate) fn read_pair(
    model: &Model,
    item: usize,
    copies: &Copies<'_>,
    solver: &mut AigSolver,
) -> Pair {
    let identity = &model.identities[item];
    let mut pair = Pair::default();
    if let Some((left, right)) = copies.start(0) {
        pair.power = left.iter().map(|&l| constant_or(solver, l)).collect();
        pair.fuses = identity.state.iter().map(|&i| constant_or(solver, right[i])).collect();
    }
    for frame in 0..copies.len() {
        let (left, right) = copies.inputs(frame);
        pair.inputs.push(left.iter().map(|&l| solver.value(l)).collect());
        pair.sensors.push(identity.inputs.iter().map(|&i| solver.value(right[i])).collect());
    }
    pair
}

fn constant_or(solver: &mut AigSolver, lit: Lit) -> bool {
    if lit.is_const() { lit == Lit::TRUE } else { solver.value(lit) }
}
