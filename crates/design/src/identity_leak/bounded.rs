//! Bounded search: two runs from power-up, cycle by cycle, for leaks that chance does not hit.
//!
//! Problem: a leak behind a 64-bit word or a sequence of words is out of reach of random runs.
//! Method: bounded model checking (Biere, Cimatti, Clarke, Zhu: TACAS 1999) of both copies in one
//! merged graph: what induction has proved equal is one literal, so only the part that may differ is
//! doubled.
//! Cost: grows with the depth; budgeted in solver steps and graph size.

use crate::identity_leak::copies::{Copies, Merge};
use crate::identity_leak::facts::Fact;
use crate::identity_leak::induct::{Belief, read_pair, unexcused};
use crate::identity_leak::lanes::Pair;
use crate::identity_leak::structure::Structure;
use netlist::Lit;
use proof::Model;
use solve::{AigSolver, Budget, Outcome};

/// Largest graph before the search gives up.
const MAX_GRAPH: usize = 12_000_000;

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// An unexcused difference at one of these observables.
    Leak(&'a [usize]),
    /// A difference within this window.
    Within(usize),
}

/// What the search came to.
pub(crate) enum Bounded {
    /// A pair, its last cycle showing the target at an observable.
    Found(Pair, usize),
    /// Nothing within the depth, graph size and budget.
    None,
}

/// Searches up to `depth` cycles after reset.
pub(crate) fn bounded(
    model: &Model,
    item: usize,
    structure: &Structure,
    belief: &Belief,
    target: Target<'_>,
    depth: usize,
    budget: &Budget,
) -> Bounded {
    let mut copies = Copies::new(model, item);
    let free: Vec<bool> = structure.reached_state.iter().map(|r| !r).collect();
    let early = copies.add_merge(Merge::new(model, item, &free, &[]));
    let mut alias = vec![false; model.aig.len()];
    for fact in &belief.facts {
        if let Fact::Equal(var) = fact {
            alias[*var as usize] = true;
        }
    }
    let late = copies.add_merge(Merge::new(model, item, &belief.tied, &alias));
    let reset = model.reset_cycles as usize;
    let mut frame = copies.power_up(if reset == 0 { late } else { early });
    for cycle in 1..=reset {
        let in_reset = cycle < reset;
        frame = copies.after(frame, in_reset, if in_reset { early } else { late });
    }
    let mut solver = AigSolver::new();
    for _ in 0..depth {
        if copies.aig.len() > MAX_GRAPH || budget.exhausted() {
            return Bounded::None;
        }
        let assume = copies.left(frame, model.assume);
        solver.add_clause(&copies.aig, &[assume]);
        let goals: Vec<(usize, Lit)> = match target {
            Target::Leak(failing) => failing
                .iter()
                .map(|&o| (o, unexcused(model, item, &mut copies, frame, o)))
                .collect(),
            Target::Within(w) => model.windows[w]
                .observables
                .iter()
                .map(|&o| {
                    let differ = copies.differ(frame, model.observables[o].lit);
                    let open = copies.left(frame, model.windows[w].open);
                    (o, copies.aig.and(differ, open))
                })
                .collect(),
        };
        let any = copies.aig.or_all(goals.iter().map(|g| g.1));
        if any != Lit::FALSE {
            match solver.solve(&copies.aig, &[any], budget) {
                Outcome::Unknown => return Bounded::None,
                Outcome::Unsat => solver.add_clause(&copies.aig, &[!any]),
                Outcome::Sat => {
                    let shows = goals.iter().find(|g| g.1 != Lit::FALSE && solver.value(g.1));
                    let o = shows.map_or(goals[0].0, |g| g.0);
                    return Bounded::Found(read_pair(model, item, &copies, &mut solver), o);
                }
            }
        }
        frame = copies.after(frame, false, late);
    }
    Bounded::None
}
