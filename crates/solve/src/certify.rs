//! Deciding one obligation, with a proof a stranger can check or a model that refutes it.
//!
//! Problem: the kernel's obligations are "this literal is never true"; an answer is worth what can
//! be checked without the solver.
//! Method: the kernel's own encoding ([`proof::cnf::encode`]) goes clause by clause into a fresh
//! CaDiCaL; what it derives is logged with antecedents and trimmed to binary LRAT. The techniques
//! that do more than derive consequences are switched off ([`RUP_ONLY`]): bounded variable addition
//! defines new variables; blocked, covered and globally blocked clause elimination need RAT or
//! witnesses. Bounded variable elimination stays: resolvents are RUP, and a model is extended by
//! the solver. A literal that is constant false needs no proof.
//! Cost: the solver's; the log costs about a third on top.
//! What it cannot see: it does not check its own proof — the kernel does. A model is evaluated on
//! the graph before it is returned.

use crate::budget::Budget;
use crate::sat::{ConflictStats, evaluate};
use crate::trim::Log;
use netlist::{Aig, Lit, Node};
use proof::cnf::{Cnf, encode};
use rustsat::solvers::{ControlSignal, Solve, SolveIncremental, SolverResult, Terminate};
use rustsat::types::{Clause, Lit as SatLit, TernaryVal};
use rustsat_cadical::{CaDiCaL, Limit, Statistic};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Options under which CaDiCaL 2.2.1 derives only consequences of the formula over its own
/// variables, in a reproducible way. (`block`, `cover`, `condition`, `factor` and `elimdef` are off
/// by default in this version; a later one may think otherwise.)
pub const RUP_ONLY: [(&str, i32); 6] =
    [("factor", 0), ("block", 0), ("cover", 0), ("condition", 0), ("elimdef", 0), ("seed", 0)];

/// Why a literal is never true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// It folded to false while it was built.
    Folded,
    /// A refutation of the kernel's CNF in binary LRAT, RUP steps only.
    Lrat(Vec<u8>),
}

/// The answer to one obligation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The literal is never true.
    Unsat(Proof),
    /// Values by leaf number under which it is true.
    Sat(Vec<bool>),
    /// The budget ended first.
    Unknown,
}

/// The answer for a formula.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refutation {
    /// Unsatisfiable, with binary LRAT (nothing, if the formula holds an empty clause).
    Unsat(Vec<u8>),
    /// Value of variable `i` at index `i - 1`.
    Sat(Vec<bool>),
    /// The budget ended first.
    Unknown,
}

/// Can `bad` be true?
pub fn decide(aig: &Aig, bad: Lit, budget: &Budget) -> Answer {
    let cnf = encode(aig, bad);
    if cnf.is_trivial() {
        return Answer::Unsat(Proof::Folded);
    }
    match refute(&cnf, budget).0 {
        Refutation::Unsat(lrat) => Answer::Unsat(Proof::Lrat(lrat)),
        Refutation::Unknown => Answer::Unknown,
        Refutation::Sat(values) => {
            let mut leaves = vec![false; aig.leaf_count()];
            for (&var, value) in aig.cone([bad]).iter().zip(values) {
                if let Node::Leaf(leaf) = aig.node(var) {
                    leaves[leaf as usize] = value;
                }
            }
            let holds = evaluate(aig, &leaves)[bad.index()] ^ bad.is_neg();
            if holds { Answer::Sat(leaves) } else { Answer::Unknown }
        }
    }
}

/// Decides a formula; also what it took.
pub fn refute(cnf: &Cnf, budget: &Budget) -> (Refutation, ConflictStats) {
    if cnf.is_trivial() {
        return (Refutation::Unsat(Vec::new()), ConflictStats::default());
    }
    if budget.exhausted() {
        return (Refutation::Unknown, ConflictStats::default());
    }
    let mut solver = CaDiCaL::default();
    let answer = run(&mut solver, cnf, budget).unwrap_or(Refutation::Unknown);
    let stats = ConflictStats {
        calls: 1,
        conflicts: solver.get_statistic(Statistic::Conflicts),
        propagations: solver.get_statistic(Statistic::Propagations),
        variables: u64::from(cnf.variables),
    };
    budget.spend(1 + stats.conflicts);
    (answer, stats)
}

/// `None` stands for a solver that reports an error, such as being out of memory.
fn run(solver: &mut CaDiCaL<'static, '_>, cnf: &Cnf, budget: &Budget) -> Option<Refutation> {
    for (name, value) in RUP_ONLY {
        solver.set_option(name, value).ok()?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let log = Log::new(u32::try_from(cnf.len()).ok()?, Arc::clone(&stop));
    let handle = solver.connect_proof_tracer(log, true);
    let interrupt = budget.flag().cloned();
    solver.attach_terminator(move || {
        let interrupted = interrupt.as_ref().is_some_and(|f| f.load(Ordering::Relaxed));
        if interrupted || stop.load(Ordering::Relaxed) {
            ControlSignal::Terminate
        } else {
            ControlSignal::Continue
        }
    });
    let result = search(solver, cnf, budget);
    solver.detach_terminator();
    let log = solver.disconnect_proof_tracer(handle).ok()?;
    match result? {
        SolverResult::Sat => (1..=cnf.variables as i32)
            .map(|var| {
                Some(solver.lit_val(SatLit::from_ipasir(var).ok()?).ok()? == TernaryVal::True)
            })
            .collect::<Option<Vec<bool>>>()
            .map(Refutation::Sat),
        SolverResult::Unsat => log.refutation().map(Refutation::Unsat),
        SolverResult::Interrupted => Some(Refutation::Unknown),
    }
}

fn search(solver: &mut CaDiCaL<'_, '_>, cnf: &Cnf, budget: &Budget) -> Option<SolverResult> {
    for clause in cnf.clauses() {
        let literals: Result<Clause, _> = clause.iter().map(|&l| SatLit::from_ipasir(l)).collect();
        solver.add_clause_ref(&literals.ok()?).ok()?;
    }
    if let Ok(limit) = i32::try_from(budget.remaining()) {
        solver.set_limit(Limit::Conflicts(limit)).ok()?;
    }
    solver.solve_assumps(&[]).ok()
}

#[cfg(test)]
#[path = "certify_tests.rs"]
mod tests;
