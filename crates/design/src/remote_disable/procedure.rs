//! A longer procedure: words that lead the owner out of a state the procedure fails from.
//!
//! Problem: the contract says which words are documented, not in which order they bring a part back.
//! An interrupt has to be acknowledged, an error cleared, a mode left before a job can start, and
//! unless the contract lists a recovery nobody says so.
//! Method: counterexample-guided synthesis (Solar-Lezama et al., ASPLOS 2006). From a state that the
//! present procedure fails from: wait a while with the quiet word, then look by SAT for few documented
//! words after which the present procedure serves, against a quiet adversary. What is found goes in
//! front of the procedure. Bits of a word that do not matter are those of the quiet word. The longer
//! procedure is then tried from every state and against every adversary, like any other; whatever it
//! still fails from lengthens it again.
//! Cost: SAT calls from a single state, where most of the logic folds to constants.
//! What it cannot see: words that help only in an answer to what the adversary just did, loops other
//! than waiting, and anything longer than the limits below.

use super::Context;
use super::attempt::Failure;
use super::controller::{Hold, Program};
use crate::ports::assignments;
use crate::slice::{column, spread};
use netlist::Lit;
use proof::Frames;
use proof::recovery::Closed;
use solve::{AigSolver, Outcome};

/// Most rounds of lengthening.
pub(crate) const ROUNDS: usize = 12;
/// Most steps of a procedure.
const MOST_STEPS: usize = 24;
/// Most words sought at once.
const MOST_WORDS: usize = 4;
/// Cycles with the quiet word that are tried before the words.
const WAITS: &[u32] = &[0, 8, 48, 200, 800];
/// Cycles within which the present procedure must serve after the words.
const HORIZONS: &[usize] = &[12, 48, 144];
/// Solver steps for one query.
const STEPS: u64 = 20_000;

impl Context<'_> {
    /// A procedure that also serves from the failing state; `None` if none was found.
    pub(crate) fn lengthened(&mut self, program: &Program, failure: &Failure) -> Option<Program> {
        if program.steps.len() >= MOST_STEPS {
            return None;
        }
        let within = self.model.services[self.service].within;
        let mut starts: Vec<(u32, Vec<bool>)> = Vec::new();
        for &wait in WAITS.iter().filter(|&&w| u64::from(w) < within) {
            let state = self.rested(program.idle(), &failure.state, wait);
            if starts.iter().all(|s| s.1 != state) {
                starts.push((wait, state));
            }
        }
        for &horizon in HORIZONS.iter().filter(|&&h| (h as u64) <= within.max(12)) {
            for count in 0..=MOST_WORDS {
                for (wait, state) in &starts {
                    if self.budget.exhausted() {
                        return None;
                    }
                    if count == 0 && *wait == 0 {
                        continue;
                    }
                    if let Some(words) = self.helping(program, state, count, horizon) {
                        return Some(self.in_front(program, *wait, words));
                    }
                }
            }
        }
        None
    }

    /// The state after `wait` cycles of the quiet word.
    fn rested(&mut self, idle: &[bool], state: &[bool], wait: u32) -> Vec<bool> {
        let mut words = spread(state);
        for &t in &self.model.services[self.service].tracker {
            words[t] = 0;
        }
        let inputs = spread(idle);
        for _ in 0..wait {
            self.slice.evaluate(&words, &inputs, false);
            self.slice.advance(&mut words);
        }
        column(&words, 0)
    }

    /// `count` documented words after which the program serves within `horizon` cycles, from `state`,
    /// while the adversary is quiet.
    fn helping(
        &self,
        program: &Program,
        state: &[bool],
        count: usize,
        horizon: usize,
    ) -> Option<Vec<Vec<bool>>> {
        let model = self.model;
        let idle = program.idle();
        let pick = model.services[self.service].pick;
        let controller = program.controller(model).ok()?;
        let budget = self.budget.slice(STEPS);
        let mut frames = Frames::new(model);
        let mut solver = AigSolver::new();
        let mut now: Vec<Lit> = state.iter().map(|&b| Lit::constant(b)).collect();
        let mut wishes: Vec<Lit> = Vec::new();
        let mut asked: Vec<Vec<Lit>> = Vec::new();
        for _ in 0..count {
            let inputs: Vec<Lit> = (0..model.inputs.len())
                .map(|i| match model.inputs[i].role.is_owner() && i != pick {
                    true => frames.aig.leaf(),
                    false => Lit::constant(idle[i]),
                })
                .collect();
            wishes.extend(inputs.iter().zip(idle).map(|(l, &v)| l.xor_sign(!v)));
            let frame = frames.frame(now.clone(), inputs.clone());
            for condition in [model.assume, model.recovery_assume, model.documented] {
                let lit = frames.lit(frame, condition);
                solver.add_clause(&frames.aig, &[lit]);
            }
            let mut next = vec![Lit::FALSE; now.len()];
            for &i in &self.slice.state {
                next[i] = frames.next(frame, i);
            }
            (now, asked) = (next, [asked, vec![inputs]].concat());
        }
        let ctrl = vec![Lit::FALSE; controller.registers as usize];
        let mut at = Closed::start(&mut frames, &controller, now, ctrl).ok()?;
        let mut served = Vec::new();
        for _ in 0..horizon {
            let mut inputs = frames.inputs(at.frame).to_vec();
            for (i, lit) in inputs.iter_mut().enumerate() {
                if !model.inputs[i].role.is_owner() {
                    *lit = Lit::constant(idle[i]);
                }
            }
            frames.set_inputs(at.frame, inputs);
            served.push(frames.lit(at.frame, model.services[self.service].complete));
            at = at.after(&mut frames, &controller).ok()?;
        }
        let served = frames.aig.or_all(served);
        solver.add_clause(&frames.aig, &[served]);
        if solver.solve(&frames.aig, &[], &budget) != Outcome::Sat {
            return None;
        }
        wishes.retain(|l| !l.is_const());
        while solver.solve(&frames.aig, &wishes, &budget) == Outcome::Unsat {
            let core = solver.core();
            let last = wishes.iter().rposition(|l| core.contains(l))?;
            wishes.remove(last);
        }
        let mut words = Vec::new();
        for inputs in &asked {
            let mut word = Vec::with_capacity(inputs.len());
            for (&lit, &quiet) in inputs.iter().zip(idle) {
                word.push(match lit {
                    _ if lit.is_const() => lit == Lit::TRUE,
                    _ if solver.is_encoded(lit) => solver.value(lit),
                    _ => quiet,
                });
            }
            words.push(word);
        }
        Some(words)
    }

    fn in_front(&mut self, program: &Program, wait: u32, words: Vec<Vec<bool>>) -> Program {
        let mut steps = Vec::new();
        let idle = program.idle().to_vec();
        let hold = |label: String, word: Vec<bool>, cycles: u32| Hold {
            label,
            word,
            until: vec![vec![Lit::FALSE]],
            cycles,
        };
        if wait > 0 {
            steps.push(hold(format!("wait {wait}"), idle.clone(), wait));
        }
        for word in words {
            let differs = |i: usize| self.model.inputs[i].role.is_owner() && word[i] != idle[i];
            let label = assignments(self.model, &word, differs);
            self.granted.add(word.clone());
            steps.push(hold(label, word, 1));
        }
        steps.extend(program.steps.iter().cloned());
        Program { name: "documented words".to_owned(), steps }
    }
}
