//! The owner's procedure: a straight-line program of documented words, as a finite controller.
//!
//! Problem: a proof of recoverability needs to say what the owner does.
//! Method: the steps of a listed recovery (or none), then *issue* — hold a start word until the start
//! is accepted — then *respond* — hold a quiet word until the transaction completes. The program
//! counter and the wait counter are the controller's registers. Only the optional first step
//! (*settle*, for long counters the owner sits out) looks at state the owner may not see; all others
//! look at ports.
//! Cost: a handful of registers.

use super::stimulus::Pool;
use crate::Undecided;
use crate::slice::{Slice, Word};
use evidence::Reason;
use netlist::{Aig, Lit};
use proof::certificate::Controller;
use proof::contract::Step;
use proof::model::Model;
use proof::{Circuit, Frames, Var};
use solve::Budget;

/// Label of the step that sits out counters.
const SETTLE: &str = "settle";

/// One step of the program.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    /// Words for people.
    pub(crate) label: String,
    /// Input word; only the owner's bits count.
    pub(crate) word: Vec<bool>,
    /// Leaves the step at the end of the cycle in which all these clauses of model literals hold.
    pub(crate) until: Vec<Vec<Lit>>,
    /// Leaves the step after this many cycles at the latest; 0: no limit.
    pub(crate) cycles: u32,
}

/// The owner's program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Name: the listed recovery's, or `issue`.
    pub(crate) name: String,
    pub(crate) steps: Vec<Hold>,
}

/// All programs worth trying for a service: plain issue last, each listed recovery before it. None
/// if no documented word starts a transaction.
pub(crate) fn programs(
    model: &mut Model,
    service: usize,
    budget: &Budget,
) -> Result<Vec<Program>, Undecided> {
    let (start, pick) = (model.services[service].start, model.services[service].pick);
    let granted = [model.documented, model.assume, model.recovery_assume];
    let with = |extra: Lit| [granted[0], granted[1], granted[2], extra];
    let issue = Pool::new(model, &with(start), 1, budget);
    let Some(mut issue) = issue.words().first().cloned() else {
        return Ok(Vec::new());
    };
    issue[pick] = true;
    let mut idle = Pool::new(model, &with(!start), 2, budget).words().first().cloned();
    if idle.is_none() {
        idle = Pool::new(model, &granted, 2, budget).words().first().cloned();
    }
    let mut idle = idle.unwrap_or_else(|| issue.clone());
    idle[pick] = false;
    let tail = |steps: &mut Vec<Hold>| {
        steps.push(Hold {
            label: "issue".into(),
            word: issue.clone(),
            until: vec![vec![start]],
            cycles: 0,
        });
        steps.push(Hold {
            label: "respond".into(),
            word: idle.clone(),
            until: vec![vec![Lit::FALSE]],
            cycles: 0,
        });
    };
    let mut all = Vec::new();
    for recovery in model.contract.recovery.clone() {
        let mut steps = Vec::new();
        for step in &recovery.steps {
            let (set, until, cycles) = match step {
                Step::Set { set, until } => (set.as_str(), until.as_deref(), 1),
                Step::Wait { cycles } => ("", None, *cycles),
            };
            let mut word = idle.clone();
            if !set.is_empty() {
                let bad = |e: proof::ModelError| Undecided::new(Reason::Internal, e.to_string());
                for (input, value) in model.assignments(set).map_err(bad)? {
                    word[input] = value;
                }
            }
            let (until, cycles) = match until {
                Some(text) => {
                    let bad =
                        |e: proof::ModelError| Undecided::new(Reason::Internal, e.to_string());
                    (model.compile(text).map_err(bad)?, 0)
                }
                None => (Lit::FALSE, cycles),
            };
            let label = if set.is_empty() { format!("wait {cycles}") } else { set.to_owned() };
            steps.push(Hold { label, word, until: vec![vec![until]], cycles });
        }
        tail(&mut steps);
        all.push(Program { name: recovery.name.clone(), steps });
    }
    let mut steps = Vec::new();
    tail(&mut steps);
    all.push(Program { name: "issue".into(), steps });
    Ok(all)
}

impl Program {
    /// The word of the last step: quiet.
    pub(crate) fn idle(&self) -> &[bool] {
        self.steps.last().map_or(&[], |s| &s.word)
    }
    /// Model literals that must be in a slice that runs the program.
    pub(crate) fn literals(&self) -> impl Iterator<Item = Lit> + '_ {
        self.steps.iter().flat_map(|s| s.until.iter().flatten().copied())
    }
    /// The program preceded by a step that holds the quiet word until all of `settled` (clauses
    /// of state literals) hold; unchanged if there are none.
    pub(crate) fn after_settling(&self, settled: Vec<Vec<Lit>>) -> Self {
        if settled.is_empty() {
            return self.clone();
        }
        let mut steps = vec![Hold {
            label: SETTLE.into(),
            word: self.idle().to_vec(),
            until: settled,
            cycles: 0,
        }];
        steps.extend(self.steps.iter().cloned());
        Self { name: self.name.clone(), steps }
    }

    /// Whether the first step sits out counters.
    fn settles(&self) -> bool {
        self.steps.len() > 1 && self.steps[0].label == SETTLE
    }

    /// The program as a controller of the kernel.
    pub(crate) fn controller(
        &self,
        model: &Model,
    ) -> Result<Controller, proof::circuit::CircuitError> {
        let width = |n: usize| (usize::BITS - n.leading_zeros()) as usize;
        let pc_bits = width(self.steps.len() - 1);
        let longest = self.steps.iter().map(|s| s.cycles).max().unwrap_or(0);
        let wait_bits = if longest > 1 { width(longest as usize - 1) } else { 0 };
        let mut frames = Frames::new(model);
        let state = frames.fresh_state();
        let inputs = frames.fresh_inputs();
        let ctrl: Vec<Lit> = (0..pc_bits + wait_bits).map(|_| frames.aig.leaf()).collect();
        let frame = frames.frame(state.clone(), inputs.clone());
        let mut until = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let mut all = Vec::with_capacity(step.until.len());
            for clause in &step.until {
                let some: Vec<Lit> = clause.iter().map(|&l| frames.lit(frame, l)).collect();
                all.push(frames.aig.or_all(some));
            }
            until.push(frames.aig.and_all(all));
        }
        let g = &mut frames.aig;
        let (pc, wait) = ctrl.split_at(pc_bits);
        let mut at: Vec<Lit> = (0..self.steps.len()).map(|n| is(g, pc, n)).collect();
        // nothing to sit out costs no cycle: a quiet one could let the next wait begin
        let mut skip = Lit::FALSE;
        if self.settles() {
            skip = g.and(at[0], until[0]);
            at[0] = g.and(at[0], !until[0]);
            at[1] = g.or(at[1], skip);
        }
        let owner: Vec<Lit> = (0..inputs.len())
            .filter(|&i| model.inputs[i].role.is_owner())
            .map(|i| {
                let on: Vec<Lit> =
                    (0..at.len()).filter(|&n| self.steps[n].word[i]).map(|n| at[n]).collect();
                g.or_all(on)
            })
            .collect();
        let mut next_pc = pc.to_vec();
        for (b, slot) in next_pc.iter_mut().enumerate() {
            *slot = g.mux(skip, Lit::constant(b == 0), *slot);
        }
        let mut leaving = Lit::FALSE;
        for (n, step) in self.steps.iter().enumerate() {
            let over =
                if step.cycles > 0 { is(g, wait, step.cycles as usize - 1) } else { Lit::FALSE };
            let done = g.or(over, until[n]);
            let leave = g.and(at[n], done);
            leaving = g.or(leaving, leave);
            for (b, slot) in next_pc.iter_mut().enumerate() {
                *slot = g.mux(leave, Lit::constant((n + 1) >> b & 1 == 1), *slot);
            }
        }
        let mut next = next_pc;
        // the wait counter runs in steps that wait, and is 0 in all others
        let waiting: Vec<Lit> =
            (0..at.len()).filter(|&n| self.steps[n].cycles > 0).map(|n| at[n]).collect();
        let waiting = g.or_all(waiting);
        let mut carry = waiting;
        for &bit in wait {
            let sum = g.xor(bit, carry);
            carry = g.and(bit, carry);
            next.push(g.and(sum, !leaving));
        }
        let place = |var: u32| {
            let lit = Lit::new(var, false);
            let find = |all: &[Lit]| all.iter().position(|&l| l == lit).map(|i| i as u32);
            find(&ctrl)
                .map(Var::Ctrl)
                .or_else(|| find(&inputs).map(Var::Input))
                .or_else(|| find(&state).map(Var::State))
        };
        Ok(Controller {
            registers: (pc_bits + wait_bits) as u32,
            owner: Circuit::extract(&frames.aig, &owner, place)?,
            next: Circuit::extract(&frames.aig, &next, place)?,
            steps: self.steps.iter().map(|s| s.label.clone()).collect(),
        })
    }
}

fn is(g: &mut Aig, word: &[Lit], value: usize) -> Lit {
    let bits: Vec<Lit> =
        word.iter().enumerate().map(|(b, l)| l.xor_sign(value >> b & 1 == 0)).collect();
    g.and_all(bits)
}

/// 64 runs of a program in lock step, against random adversaries within the contract.
pub(crate) struct Party<'a> {
    program: &'a Program,
    owner: Vec<usize>,
    pc: [u8; 64],
    wait: [u32; 64],
    /// The owner's bits as they stand, by position in `owner`; rebuilt when a counter moves.
    words: Vec<Word>,
}

impl<'a> Party<'a> {
    pub(crate) fn new(model: &Model, program: &'a Program) -> Self {
        let owner = (0..model.inputs.len()).filter(|&i| model.inputs[i].role.is_owner()).collect();
        let mut party = Self { program, owner, pc: [0; 64], wait: [0; 64], words: Vec::new() };
        party.rebuild();
        party
    }
    fn rebuild(&mut self) {
        self.words.clear();
        for &i in &self.owner {
            let mut word = 0;
            for (pattern, &pc) in self.pc.iter().enumerate() {
                word |= Word::from(self.program.steps[pc as usize].word[i]) << pattern;
            }
            self.words.push(word);
        }
    }
    /// Writes the owner's bits into `inputs`.
    pub(crate) fn drive(&self, inputs: &mut [Word]) {
        for (&i, &word) in self.owner.iter().zip(&self.words) {
            inputs[i] = word;
        }
    }
    /// Goes on after the cycle in `slice` was evaluated.
    pub(crate) fn advance(&mut self, slice: &Slice) {
        let until: Vec<Word> = self
            .program
            .steps
            .iter()
            .map(|s| {
                s.until.iter().fold(Word::MAX, |all, clause| {
                    all & clause.iter().fold(0, |some, &l| some | slice.value(l))
                })
            })
            .collect();
        let last = self.program.steps.len() - 1;
        let before = self.pc;
        for pattern in 0..64 {
            let n = self.pc[pattern] as usize;
            let step = &self.program.steps[n];
            let over = step.cycles > 0 && self.wait[pattern] + 1 >= step.cycles;
            if n < last && (over || until[n] >> pattern & 1 == 1) {
                self.pc[pattern] += 1;
                self.wait[pattern] = 0;
            } else {
                self.wait[pattern] = self.wait[pattern].saturating_add(1);
            }
        }
        if self.pc != before {
            self.rebuild();
        }
    }
    /// Starts patterns in `mask` over from the first step.
    pub(crate) fn restart(&mut self, mask: Word) {
        for pattern in 0..64 {
            if mask >> pattern & 1 == 1 {
                self.pc[pattern] = 0;
                self.wait[pattern] = 0;
            }
        }
        if mask != 0 {
            self.rebuild();
        }
    }
}
