//! Bounded model checking: is there a run from power-up to a target, and how short is it?
//!
//! Problem: witnesses, covers and entries into closed sets are runs from power-up.
//! Method: the transition relation is unrolled frame by frame from the reset sequence and the
//! target asked for at growing depth (Biere, Cimatti, Clarke, Zhu, TACAS 1999), in one incremental
//! solver: what was refuted at one depth is a clause at the next (Een and Sörensson, ENTCS 2003).
//! The first answer is a shortest run. Cycles are counted from the end of reset.
//!
//! What binds: `assume_constants` in the first cycle after reset; `assume` in every cycle after
//! reset that is *executed*, that is, whose input word belongs to the trace. [`reach`] looks for a
//! *state* `t` cycles after reset: the cycles `0..t` are executed, cycle `t` is not, and nothing is
//! asked of its inputs. [`cover`] looks for a *cycle*: cycle `t` is executed too, and the target may
//! read its inputs.
//! Cost: one solver call per depth, on a formula that grows with the depth.
//! What it cannot see: anything deeper. "Not within" is no proof of "never".

use crate::budget::Budget;
use crate::sat::{AigSolver, Outcome};
use crate::start::Start;
use netlist::Lit;
use proof::certificate::Trace;
use proof::{Frames, Model};

/// The answer of a bounded search.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reached {
    /// A shortest run, and the number of cycles after reset before the target holds.
    At(Trace, usize),
    /// There is no run of at most this many cycles.
    NotWithin(usize),
    /// The budget ended first.
    Unknown,
}

/// Searches a run to a state in which `target` holds, at most `depth` cycles after reset. `target`
/// gives, for a frame, a literal over the state of that frame.
pub fn reach(
    model: &Model,
    target: &mut dyn FnMut(&mut Frames<'_>, usize) -> Lit,
    depth: usize,
    budget: &Budget,
) -> Reached {
    Search::new(model, false).run(target, depth, budget)
}

/// Searches a run to a cycle in which `target` holds, at most `depth` cycles after reset. `target`
/// gives, for a frame, a literal over its state and inputs. The trace includes that cycle.
pub fn cover(
    model: &Model,
    target: &mut dyn FnMut(&mut Frames<'_>, usize) -> Lit,
    depth: usize,
    budget: &Budget,
) -> Reached {
    Search::new(model, true).run(target, depth, budget)
}

/// One bounded search.
struct Search<'m> {
    start: Start<'m>,
    solver: AigSolver,
    /// Whether the cycle of the target is executed.
    executed: bool,
}

impl<'m> Search<'m> {
    fn new(model: &'m Model, executed: bool) -> Self {
        let mut start = Start::new(model);
        let mut solver = AigSolver::new();
        let constants = start.frames.lit(start.cycles[0], model.assume_constants);
        solver.add_clause(start.aig(), &[constants]);
        Self { start, solver, executed }
    }

    fn run(
        mut self,
        target: &mut dyn FnMut(&mut Frames<'_>, usize) -> Lit,
        depth: usize,
        budget: &Budget,
    ) -> Reached {
        let assume = self.start.frames.model().assume;
        for t in 0..=depth {
            let frame = self.start.cycle(t);
            let wanted = target(&mut self.start.frames, frame);
            let legal = self.start.frames.lit(frame, assume);
            if self.executed {
                self.solver.add_clause(self.start.aig(), &[legal]);
            }
            // a constant false target needs no call, and thousands of frames may have one
            let outcome = match wanted {
                Lit::FALSE if budget.exhausted() => Outcome::Unknown,
                Lit::FALSE => Outcome::Unsat,
                _ => self.solver.solve(self.start.aig(), &[wanted], budget),
            };
            match outcome {
                Outcome::Unknown => return Reached::Unknown,
                Outcome::Sat => {
                    let executed = t + usize::from(self.executed);
                    let solver = &mut self.solver;
                    return Reached::At(self.start.trace(executed, |l| solver.value(l)), t);
                }
                Outcome::Unsat => {
                    self.solver.add_clause(self.start.aig(), &[!wanted]);
                    self.solver.add_clause(self.start.aig(), &[legal]);
                }
            }
        }
        Reached::NotWithin(depth)
    }
}
