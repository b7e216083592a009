//! All goals that can be violated, by few questions.
//!
//! Problem: every round of an induction asks of thousands of candidates which of them a model of the
//! premises breaks.
//! Method: one question for the disjunction of all; the model that answers it settles every goal it
//! satisfies, not only one, and the rest is asked again, until no model is left (the loop inside
//! Houdini: Flanagan and Leino, FME 2001).
//! Cost: one call per model, usually a few for thousands of goals. What it cannot see: goals nobody
//! hands over.

use netlist::{Aig, Lit};
use solve::{AigSolver, Budget, Outcome};

/// The search ended before a fixpoint was reached.
pub(crate) struct OutOfBudget;

/// Whoever can be asked for a model and holds the last one.
pub(crate) trait Oracle {
    /// Is there a model of the premises in which `question` holds?
    fn ask(&mut self, aig: &Aig, question: Lit, budget: &Budget) -> Outcome;
    /// Whether a literal holds in the model last found.
    fn holds(&mut self, lit: Lit) -> bool;
}

impl Oracle for AigSolver {
    fn ask(&mut self, aig: &Aig, question: Lit, budget: &Budget) -> Outcome {
        self.solve(aig, &[question], budget)
    }
    fn holds(&mut self, lit: Lit) -> bool {
        self.value(lit)
    }
}

/// All goals that some model of the oracle's premises satisfies.
pub(crate) fn violated<G: Copy>(
    aig: &mut Aig,
    oracle: &mut impl Oracle,
    goals: Vec<(G, Lit)>,
    budget: &Budget,
) -> Result<Vec<G>, OutOfBudget> {
    let mut lost = Vec::new();
    let mut open: Vec<(G, Lit)> = goals.into_iter().filter(|g| g.1 != Lit::FALSE).collect();
    while !open.is_empty() {
        let any = aig.or_all(open.iter().map(|g| g.1));
        match oracle.ask(aig, any, budget) {
            Outcome::Unsat => break,
            Outcome::Unknown => return Err(OutOfBudget),
            Outcome::Sat => {
                let before = open.len();
                open.retain(|&(goal, lit)| {
                    let broken = oracle.holds(lit);
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
