//! An incremental SAT solver that speaks literals of a growing and-inverter graph.
//!
//! Problem: engines ask thousands of related questions about one graph that grows between them, each
//! about a small cone.
//! Method: CaDiCaL (Biere, Fleury, Froleyks, Heule: CAV 2024) through `rustsat-cadical`. A variable
//! of the graph gets a solver variable when it is first mentioned; its cone is Tseitin-encoded
//! (three clauses per AND, both polarities) in topological order. Assumptions give cores (Een and
//! Sörensson, SAT 2003). A clause that holds for one call only is passed by CaDiCaL's `constrain`
//! (Froleyks and Biere, FMCAD 2021), so that no activation literals pile up; whoever wants a clause
//! that can be switched off for good makes a leaf of the graph its activation literal.
//! Cost: encoding is linear in the new part of the cone and iterative. Memory: four bytes per graph
//! variable plus the clauses.
//! What it cannot see: it encodes ANDs, not XORs or multiplexers; CaDiCaL's own preprocessing has to
//! find those. A solver belongs to one graph: literals of another give wrong answers.

use crate::budget::Budget;
use netlist::{Aig, Lit, Node};
use rustsat::solvers::{ControlSignal, Solve, SolveIncremental, SolverResult, Terminate};
use rustsat::types::{Clause, Lit as SatLit, TernaryVal};
use rustsat_cadical::{CaDiCaL, Config, Limit, Statistic};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The answer of one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// There is a model: read it with [`AigSolver::value`].
    Sat,
    /// There is none: read the core with [`AigSolver::core`].
    Unsat,
    /// The budget ended first.
    Unknown,
}

/// What a solver has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ConflictStats {
    /// Calls.
    pub calls: u64,
    /// Conflicts.
    pub conflicts: u64,
    /// Propagations.
    pub propagations: u64,
    /// Solver variables in use.
    pub variables: u64,
}

const UNSET: u32 = u32::MAX;

/// An incremental solver over one growing [`Aig`].
pub struct AigSolver {
    solver: CaDiCaL<'static, 'static>,
    /// Solver variable by graph variable.
    number: Vec<u32>,
    variables: u32,
    assumed: Vec<(Lit, SatLit)>,
    /// Whether the temporary clause took part in the last refutation.
    temporary_failed: bool,
    flag: Option<Arc<AtomicBool>>,
    calls: u64,
    /// Set when the solver reports an error (out of memory): every later answer is `Unknown`.
    broken: bool,
}

impl Default for AigSolver {
    fn default() -> Self {
        Self::new()
    }
}

impl AigSolver {
    /// For few hard questions: all of CaDiCaL's inprocessing.
    pub fn new() -> Self {
        Self::configured(false)
    }

    /// For very many easy questions (IC3): no pre- or inprocessing, which would cost each call time
    /// linear in the whole formula.
    pub fn light() -> Self {
        Self::configured(true)
    }

    fn configured(light: bool) -> Self {
        let mut solver = CaDiCaL::default();
        let mut broken = solver.set_option("lucky", 0).is_err();
        if light {
            broken |= solver.set_configuration(Config::Plain).is_err();
            for name in ["walk", "warmup", "preprocesslight"] {
                broken |= solver.set_option(name, 0).is_err();
            }
        }
        broken |= solver.set_option("seed", 0).is_err() || solver.set_option("factor", 0).is_err();
        Self {
            solver,
            number: Vec::new(),
            variables: 0,
            assumed: Vec::new(),
            temporary_failed: false,
            flag: None,
            calls: 0,
            broken,
        }
    }

    fn fresh(&mut self) -> u32 {
        self.variables += 1;
        self.variables - 1
    }

    fn add(&mut self, literals: &[SatLit]) {
        let clause: Clause = literals.iter().copied().collect();
        self.broken |= self.solver.add_clause_ref(&clause).is_err();
    }

    /// The solver literal of a graph literal whose variable is encoded.
    fn known(&self, lit: Lit) -> Option<SatLit> {
        match self.number.get(lit.index()) {
            None | Some(&UNSET) => None,
            Some(&number) => Some(SatLit::new(number, lit.is_neg())),
        }
    }

    /// Whether `lit` is known to the solver. Only known ANDs have a [`AigSolver::value`].
    pub fn is_encoded(&self, lit: Lit) -> bool {
        self.known(lit).is_some()
    }

    /// Encodes the cone of `lit`, as far as it is new, and returns its solver literal.
    pub fn encode(&mut self, aig: &Aig, lit: Lit) -> SatLit {
        if self.number.len() < aig.len() {
            self.number.resize(aig.len(), UNSET);
        }
        let mut stack = vec![lit.var()];
        while let Some(&var) = stack.last() {
            if self.number[var as usize] != UNSET {
                stack.pop();
                continue;
            }
            match aig.node(var) {
                Node::False => {
                    let number = self.number_of(var);
                    self.add(&[SatLit::new(number, true)]);
                }
                Node::Leaf(_) => {
                    self.number_of(var);
                }
                Node::And(a, b) => match (self.known(a), self.known(b)) {
                    (Some(x), Some(y)) => {
                        let v = SatLit::new(self.number_of(var), false);
                        self.add(&[!v, x]);
                        self.add(&[!v, y]);
                        self.add(&[v, !x, !y]);
                    }
                    (x, y) => {
                        stack.extend(y.is_none().then_some(b.var()));
                        stack.extend(x.is_none().then_some(a.var()));
                        continue;
                    }
                },
            }
            stack.pop();
        }
        SatLit::new(self.number[lit.index()], lit.is_neg())
    }

    fn number_of(&mut self, var: u32) -> u32 {
        let number = self.fresh();
        self.number[var as usize] = number;
        number
    }

    /// Adds a clause for ever.
    pub fn add_clause(&mut self, aig: &Aig, lits: &[Lit]) {
        if lits.contains(&Lit::TRUE) {
            return;
        }
        let clause: Vec<SatLit> =
            lits.iter().filter(|l| **l != Lit::FALSE).map(|&l| self.encode(aig, l)).collect();
        self.add(&clause);
    }

    /// Is there a model in which all `assumptions` hold?
    pub fn solve(&mut self, aig: &Aig, assumptions: &[Lit], budget: &Budget) -> Outcome {
        self.solve_with(aig, assumptions, None, budget)
    }

    /// As [`AigSolver::solve`], with a clause that holds for this call only.
    pub fn solve_with(
        &mut self,
        aig: &Aig,
        assumptions: &[Lit],
        temporary: Option<&[Lit]>,
        budget: &Budget,
    ) -> Outcome {
        self.assumed.clear();
        self.temporary_failed = false;
        for &lit in assumptions {
            let sat = self.encode(aig, lit);
            self.assumed.push((lit, sat));
        }
        // before the clause is handed over: it would wait for the next call
        if self.broken || budget.exhausted() {
            return Outcome::Unknown;
        }
        if let Some(clause) = temporary {
            let clause: Clause = clause.iter().map(|&l| self.encode(aig, l)).collect();
            self.broken |= self.solver.add_tmp_clause(&clause).is_err();
        }
        self.listen(budget);
        let remaining = budget.remaining();
        if remaining <= i32::MAX as u64 {
            let limit = Limit::Conflicts(remaining as i32);
            self.broken |= self.solver.set_limit(limit).is_err();
        }
        let before = self.solver.get_statistic(Statistic::Conflicts);
        let sat: Vec<SatLit> = self.assumed.iter().map(|a| a.1).collect();
        let result = self.solver.solve_assumps(&sat);
        self.calls += 1;
        budget.spend(1 + self.solver.get_statistic(Statistic::Conflicts).saturating_sub(before));
        match result {
            Ok(SolverResult::Sat) => Outcome::Sat,
            Ok(SolverResult::Unsat) => {
                self.temporary_failed =
                    temporary.is_some() && self.solver.tmp_clause_in_core().unwrap_or(true);
                Outcome::Unsat
            }
            Ok(SolverResult::Interrupted) => Outcome::Unknown,
            Err(_) => {
                self.broken = true;
                Outcome::Unknown
            }
        }
    }

    /// Attaches the budget's interrupt flag to the solver, if it is not attached already.
    fn listen(&mut self, budget: &Budget) {
        let same = match (&self.flag, budget.flag()) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        if same {
            return;
        }
        self.flag = budget.flag().cloned();
        match &self.flag {
            None => self.solver.detach_terminator(),
            Some(flag) => {
                let flag = Arc::clone(flag);
                self.solver.attach_terminator(move || {
                    if flag.load(Ordering::Relaxed) {
                        ControlSignal::Terminate
                    } else {
                        ControlSignal::Continue
                    }
                });
            }
        }
    }

    /// Value of `lit` in the model of the last call, which must have been `Sat`, before anything is
    /// encoded or added. A leaf the solver never saw, or does not care about, is false. An AND must
    /// be encoded; else use [`AigSolver::leaves`] and [`evaluate`].
    pub fn value(&mut self, lit: Lit) -> bool {
        let Some(positive) = self.known(Lit::new(lit.var(), false)) else { return lit.is_neg() };
        let value = matches!(self.solver.lit_val(positive), Ok(TernaryVal::True));
        value ^ lit.is_neg()
    }

    /// Values of all leaves by leaf number in the model of the last call.
    pub fn leaves(&mut self, aig: &Aig) -> Vec<bool> {
        (0..aig.leaf_count()).map(|n| aig.leaf_lit(n).is_some_and(|l| self.value(l))).collect()
    }

    /// The assumptions of the last call, which must have been `Unsat`, that took part in the
    /// refutation, in the order in which they were given.
    pub fn core(&mut self) -> Vec<Lit> {
        let failed = self.solver.core().unwrap_or_default();
        let mut mark: Vec<u32> = failed.iter().map(|l| l.vidx32()).collect();
        mark.sort_unstable();
        self.assumed
            .iter()
            .filter(|(_, sat)| mark.binary_search(&sat.vidx32()).is_ok())
            .map(|(lit, _)| *lit)
            .collect()
    }

    /// Whether the temporary clause took part in the refutation of the last call.
    pub fn temporary_failed(&self) -> bool {
        self.temporary_failed
    }

    /// What was done so far.
    pub fn conflict_stats(&self) -> ConflictStats {
        ConflictStats {
            calls: self.calls,
            conflicts: self.solver.get_statistic(Statistic::Conflicts),
            propagations: self.solver.get_statistic(Statistic::Propagations),
            variables: u64::from(self.variables),
        }
    }
}

/// Values of all variables of `aig` under the given leaf values (missing leaves are false).
pub fn evaluate(aig: &Aig, leaves: &[bool]) -> Vec<bool> {
    let mut values = vec![false; aig.len()];
    let at = |values: &[bool], l: Lit| values[l.index()] ^ l.is_neg();
    for var in 1..aig.len() as u32 {
        values[var as usize] = match aig.node(var) {
            Node::False => false,
            Node::Leaf(n) => leaves.get(n as usize).copied().unwrap_or(false),
            Node::And(a, b) => at(&values, a) && at(&values, b),
        };
    }
    values
}

#[cfg(test)]
#[path = "sat_tests.rs"]
mod tests;
