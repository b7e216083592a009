//! A procedure proved by the stages that hints name.
//!
//! Problem: a proof over the unrolled recovery is as long as the recovery; a serial processor takes two
//! hundred cycles. Whoever designed the part knows what it goes through and what falls on the way.
//! Method: in each step of the procedure the part goes through the stages of the hints, in their order;
//! a stage of the certificate is a step and a stage of the hints, with that rank, and takes one cycle.
//! The obligations are the kernel's own, decided here first: where one does not hold, its name goes into
//! the report and the search goes on as if there were no hints.
//! Reference: ranked response (Manna and Pnueli).
//! Cost: one SAT call on one cycle for each obligation, four to a stage.
//! What it cannot see: procedures with waits, and stages that depend on the tag of a transaction.

use super::Context;
use super::controller::Program;
use crate::{Answer, hints};
use evidence::Verdict;
use netlist::{Aig, Lit};
use proof::certificate::Stage;
use proof::circuit::CircuitError;
use proof::kernel::REMOTE_DISABLE;
use proof::recovery::{MAX_STAGES, total_cycles};
use proof::{Circuit, Var, derive};
use solve::certify::{Answer as Decision, decide};
use std::collections::BTreeMap;

impl Context<'_> {
    /// The answer for `program` with the stages of the hints, or why they do not prove it.
    pub(crate) fn staged(
        &mut self,
        program: &Program,
        hints: &[hints::Stage],
    ) -> Result<Answer, String> {
        if program.steps.iter().any(|s| s.cycles > 1) {
            return Err("the procedure waits".into());
        }
        if program.steps.len() * hints.len() > MAX_STAGES {
            return Err(format!("more than {MAX_STAGES} stages with those of the procedure"));
        }
        let text = |e: CircuitError| e.to_string();
        let controller = program.controller(self.model).map_err(text)?;
        let mut stages = Vec::new();
        for (number, step) in program.steps.iter().enumerate() {
            let waiting = number + 1 == program.steps.len();
            for hint in hints {
                let holds = self.during(hint, number, controller.registers, waiting);
                stages.push(Stage {
                    name: format!("{}, line {}", step.label, hint.line),
                    holds: holds.map_err(text)?,
                    rank: hint.rank.clone(),
                    bound: ((1u64 << hint.rank.outputs.len()) - 1).to_string(),
                    steps: 1,
                });
            }
        }
        let total = total_cycles(&stages).map_err(|e| e.to_string())?;
        let service = &self.model.services[self.service];
        if total > u128::from(service.within) {
            return Err(format!("they take {total} cycles, {} are granted", service.within));
        }
        let name = service.name.clone();
        let answer =
            self.recovered(program, controller, stages, false).map_err(|why| why.detail)?;
        let (all, _) = derive(self.model, REMOTE_DISABLE, &name, Verdict::Proved, &answer.body)
            .map_err(|e| e.to_string())?;
        for obligation in all {
            match decide(&obligation.aig, obligation.bad, &self.budget) {
                Decision::Unsat(_) => {}
                Decision::Sat(_) => return Err(format!("`{}` does not hold", obligation.name)),
                Decision::Unknown => return Err(format!("`{}` is open", obligation.name)),
            }
        }
        Ok(answer)
    }

    /// A stage of the hints in step `number` of the procedure: nothing is tracked before the last one,
    /// in which the transaction is.
    fn during(
        &self,
        hint: &hints::Stage,
        number: usize,
        registers: u32,
        waiting: bool,
    ) -> Result<Circuit, CircuitError> {
        let mut aig = Aig::new();
        let mut leaves: BTreeMap<Var, Lit> = BTreeMap::new();
        let mut leaf = |aig: &mut Aig, var| *leaves.entry(var).or_insert_with(|| aig.leaf());
        let mut all = hint.holds.build(&mut aig, |aig, var| Some(leaf(aig, var)))?;
        for k in 0..registers {
            all.push(leaf(&mut aig, Var::Ctrl(k)).xor_sign(number >> k & 1 == 0));
        }
        let service = &self.model.services[self.service];
        if waiting {
            all.push(leaf(&mut aig, Var::State(service.pending as u32)));
        } else {
            for &t in &service.tracker {
                all.push(!leaf(&mut aig, Var::State(t as u32)));
            }
        }
        let holds = aig.and_all(all);
        let places: BTreeMap<u32, Var> = leaves.into_iter().map(|(v, l)| (l.var(), v)).collect();
        Circuit::extract(&aig, &[holds], |var| places.get(&var).copied())
    }
}
