//! A second look at an invariant before it is handed out.
//!
//! Problem: an incremental solver, activation literals and many levels are many places for a
//! mistake; a wrong invariant would cost the caller a failing certificate.
//! Method: fresh solvers and fresh unrollings ask the textbook questions: Init implies the
//! invariant; the invariant and one legal step imply it again; it excludes the targets. The kernel
//! asks them once more, with proofs.
//! Cost: one call per clause and question.

use super::Stop;
use crate::budget::Budget;
use crate::sat::{AigSolver, Outcome};
use crate::start::{Clause, Cube, Start};
use netlist::Lit;
use proof::{Frames, Model};

/// Whether the conjunction of `clauses` is an inductive invariant that excludes `targets`.
pub(super) fn is_invariant(
    model: &Model,
    clauses: &[Clause],
    targets: &[Cube],
    budget: &Budget,
) -> Result<bool, Stop> {
    let never = |outcome| match outcome {
        Outcome::Unsat => Ok(true),
        Outcome::Sat => Ok(false),
        Outcome::Unknown => Err(Stop),
    };
    let mut start = Start::new(model);
    let first = start.cycles[0];
    let mut solver = AigSolver::new();
    let constants = start.frames.lit(first, model.assume_constants);
    solver.add_clause(start.aig(), &[constants]);
    for clause in clauses {
        let cube: Vec<Lit> =
            clause.iter().map(|&(i, v)| start.frames.state(first, i).xor_sign(v)).collect();
        if !never(solver.solve(start.aig(), &cube, budget))? {
            return Ok(false);
        }
    }
    let mut step = Frames::new(model);
    let (state, inputs) = (step.fresh_state(), step.fresh_inputs());
    let now = step.frame(state, inputs);
    let mut solver = AigSolver::new();
    for clause in clauses {
        let lits: Vec<Lit> = clause.iter().map(|&(i, v)| step.state(now, i).xor_sign(!v)).collect();
        solver.add_clause(&step.aig, &lits);
    }
    for cube in targets {
        let lits: Vec<Lit> = cube.iter().map(|&(i, v)| step.state(now, i).xor_sign(!v)).collect();
        if !never(solver.solve(&step.aig, &lits, budget))? {
            return Ok(false);
        }
    }
    let assume = step.lit(now, model.assume);
    solver.add_clause(&step.aig, &[assume]);
    for clause in clauses {
        let cube: Vec<Lit> = clause.iter().map(|&(i, v)| step.next(now, i).xor_sign(v)).collect();
        if !never(solver.solve(&step.aig, &cube, budget))? {
            return Ok(false);
        }
    }
    Ok(true)
}
