//! Induction over one copy: the largest set of clauses that hold after reset and that one cycle keeps.
//!
//! Method: Houdini (Flanagan and Leino, FME 2001): all candidates are assumed, those that a cycle breaks
//! are dropped, until none is. Cost: one SAT call per model that breaks some. What it cannot see:
//! clauses it is not given.

use super::tables::StateLit;
use netlist::{Aig, Lit};
use proof::{Frames, Model};
use solve::{AigSolver, Budget, Outcome};

/// The search ended before a fixpoint was reached.
pub(crate) struct OutOfBudget;

/// Those of `clauses` that hold in Init and are inductive together.
pub(crate) fn invariant(
    model: &Model,
    mut clauses: Vec<Vec<StateLit>>,
    budget: &Budget,
) -> Result<Vec<Vec<StateLit>>, OutOfBudget> {
    let clause = |frames: &mut Frames<'_>, frame: usize, c: &[StateLit]| {
        let lits: Vec<Lit> = c.iter().map(|&(i, v)| frames.state(frame, i).xor_sign(!v)).collect();
        frames.aig.or_all(lits)
    };
    let mut frames = Frames::new(model);
    let (_, first) = frames.init();
    let constants = frames.lit(first, model.assume_constants);
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[constants]);
    let goals: Vec<(usize, Lit)> =
        (0..clauses.len()).map(|k| (k, !clause(&mut frames, first, &clauses[k]))).collect();
    let lost = violated(&mut frames.aig, &mut solver, goals, budget)?;
    drop_all(&mut clauses, &lost);
    loop {
        let mut frames = Frames::new(model);
        let (state, inputs) = (frames.fresh_state(), frames.fresh_inputs());
        let now = frames.frame(state, inputs);
        let inputs = frames.fresh_inputs();
        let then = frames.frame_after(now, inputs);
        let mut solver = AigSolver::new();
        let assume = frames.lit(now, model.assume);
        solver.add_clause(&frames.aig, &[assume]);
        for c in &clauses {
            let lits: Vec<Lit> =
                c.iter().map(|&(i, v)| frames.state(now, i).xor_sign(!v)).collect();
            solver.add_clause(&frames.aig, &lits);
        }
        let goals: Vec<(usize, Lit)> =
            (0..clauses.len()).map(|k| (k, !clause(&mut frames, then, &clauses[k]))).collect();
        let lost = violated(&mut frames.aig, &mut solver, goals, budget)?;
        if lost.is_empty() {
            return Ok(clauses);
        }
        drop_all(&mut clauses, &lost);
    }
}

fn drop_all<T>(all: &mut Vec<T>, lost: &[usize]) {
    let mut gone = vec![false; all.len()];
    for &k in lost {
        gone[k] = true;
    }
    let mut k = 0;
    all.retain(|_| {
        k += 1;
        !gone[k - 1]
    });
}

/// All goals that some model of the solver's clauses satisfies.
pub(crate) fn violated<G: Copy>(
    aig: &mut Aig,
    solver: &mut AigSolver,
    goals: Vec<(G, Lit)>,
    budget: &Budget,
) -> Result<Vec<G>, OutOfBudget> {
    let mut lost = Vec::new();
    let mut open: Vec<(G, Lit)> = goals.into_iter().filter(|g| g.1 != Lit::FALSE).collect();
    while !open.is_empty() {
        let any = aig.or_all(open.iter().map(|g| g.1));
        match solver.solve(aig, &[any], budget) {
            Outcome::Unsat => break,
            Outcome::Unknown => return Err(OutOfBudget),
            Outcome::Sat => {
                let before = open.len();
                open.retain(|&(goal, lit)| {
                    let broken = solver.value(lit);
                    if broken {
                        lost.push(goal);
                    }
                    !broken
                });
                if open.len() == before {
                    return Err(OutOfBudget);
                }
            }
        }
    }
    Ok(lost)
}
