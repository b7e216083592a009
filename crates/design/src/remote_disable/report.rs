//! From engine results to certificates' objects and words for people.

use super::Context;
use super::closed_set::Found;
use super::controller::Program;
use super::minimise::stimulus;
use super::reach::Reach;
use super::slow::Settle;
use super::{exits, legal};
use crate::{Answer, Undecided};
use evidence::{Locator, Reason, Verdict};
use netlist::Lit;
use proof::certificate::{Body, ClosedSet, Controller, Entry, OwnerScope, Recovery, Stage};
use proof::closed::accelerated_cycles;
use proof::model::StateKind;
use proof::replay::print_bits;
use proof::{Circuit, Var};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Context<'_> {
    /// The answer for a proved procedure.
    pub(crate) fn proved(
        &mut self,
        program: &Program,
        settles: &[Settle],
        cycles: usize,
    ) -> Result<Answer, Undecided> {
        let model = self.model;
        let internal =
            |e: proof::circuit::CircuitError| Undecided::new(Reason::Internal, e.to_string());
        let controller = program.controller(model).map_err(internal)?;
        let mut base: Vec<Vec<(Var, bool)>> = Vec::new();
        for &t in &model.services[self.service].tracker {
            base.push(vec![(Var::State(t as u32), false)]);
        }
        for k in 0..controller.registers {
            base.push(vec![(Var::Ctrl(k), false)]);
        }
        let mut stages = Vec::new();
        for settle in settles {
            stages.push(Stage {
                name: format!("settle {}", settle.name),
                holds: Circuit::from_clauses(&base),
                rank: settle.rank(),
                bound: settle.bound().to_string(),
                steps: 1,
            });
            for clause in settle.over() {
                base.push(clause.into_iter().map(|(i, v)| (Var::State(i as u32), v)).collect());
            }
        }
        stages.push(Stage {
            name: program.name.clone(),
            holds: Circuit::from_clauses(&base),
            rank: Circuit::default(),
            bound: "0".into(),
            steps: cycles as u32,
        });
        self.recovered(program, controller, stages, !settles.is_empty())
    }

    /// The answer for a procedure with the stages that it goes through; `hidden`: its controller looks
    /// at state.
    pub(crate) fn recovered(
        &mut self,
        program: &Program,
        controller: Controller,
        stages: Vec<Stage>,
        hidden: bool,
    ) -> Result<Answer, Undecided> {
        let model = self.model;
        let clauses: Vec<Vec<(Var, bool)>> = self
            .clauses
            .iter()
            .map(|c| c.iter().map(|&(i, v)| (Var::State(i as u32), v)).collect())
            .collect();
        let invariant = Circuit::from_clauses(&clauses);
        let total = proof::recovery::total_cycles(&stages)
            .map_err(|e| Undecided::new(Reason::Internal, e.to_string()))?;
        let legal_inputs = self.legal(&invariant, &[model.assume])?;
        let mut adversary_inputs: Vec<String> =
            self.granted.words().iter().map(|w| print_bits(w)).collect();
        // what the pool lacks where few words are legal in each state
        let rules = [model.assume, model.recovery_assume, model.documented];
        adversary_inputs.extend(self.legal(&invariant, &rules).unwrap_or_default());
        let mut seen = BTreeSet::new();
        adversary_inputs.retain(|w| seen.insert(w.clone()));
        adversary_inputs.truncate(64);
        self.second_cover(program);
        let steps: Vec<String> = program.steps.iter().map(|s| s.label.clone()).collect();
        let name = &model.services[self.service].name;
        let mut metrics = BTreeMap::new();
        metrics.insert("recovery_cycles".to_owned(), json!(total.to_string()));
        metrics.insert("stages".to_owned(), json!(stages.len()));
        metrics.insert("invariant_clauses".to_owned(), json!(self.clauses.len()));
        metrics.insert("registers".to_owned(), json!(self.slice.state.len()));
        metrics.insert("procedure".to_owned(), json!(steps));
        metrics.insert("sees_state".to_owned(), json!(hidden));
        let detail = format!(
            "From every reachable state the owner runs `{}` ({}) and a transaction completes within \
             {total} cycles, whatever remote inputs do. The invariant has {} clauses over {} \
             registers.{}",
            program.name,
            steps.join("; "),
            self.clauses.len(),
            self.slice.state.len(),
            if hidden {
                " The owner first waits for counters to run down; waiting the full bound does as well."
            } else {
                ""
            },
        );
        Ok(Answer {
            verdict: Verdict::Proved,
            body: Body::Recovery(Recovery {
                invariant,
                legal_inputs,
                controller,
                stages,
                adversary_inputs,
                covers: self.covers.clone(),
            }),
            title: format!("`{name}` can always be brought back, within {total} cycles"),
            detail,
            locators: Vec::new(),
            metrics,
        })
    }

    fn legal(&self, set: &Circuit, conditions: &[Lit]) -> Result<Vec<String>, Undecided> {
        legal::words(self.model, set, conditions, self.granted.words(), &self.budget).ok_or_else(
            || {
                let detail = "the assumptions leave some reachable state without a legal input";
                Undecided::new(Reason::Contradiction, detail)
            },
        )
    }

    /// Input words of which one is a legal move in each state of a closed set.
    pub(crate) fn legal_in(&self, found: &Found) -> Result<Vec<String>, Undecided> {
        let model = self.model;
        let mut conditions = vec![model.assume, model.recovery_assume];
        if found.owner == OwnerScope::Documented {
            conditions.push(model.documented);
        }
        if let Some(word) = &found.adversary {
            // the owner's word must be legal beside the word the surroundings hold
            let held = model.inputs.iter().zip(word).filter(|(bit, _)| !bit.role.is_owner());
            conditions.extend(held.map(|(bit, &value)| bit.lit.xor_sign(!value)));
        }
        self.legal(&circuit(found), &conditions)
    }

    /// The answer for a reached closed set.
    pub(crate) fn refuted(&mut self, found: Found, entry: Entry) -> Reach {
        match self.refutation(found, entry) {
            Ok(answer) => Reach::Refuted(Box::new(answer)),
            Err(undecided) => Reach::Undecided(undecided),
        }
    }

    fn refutation(&mut self, found: Found, entry: Entry) -> Result<Answer, Undecided> {
        let model = self.model;
        let entry = match entry {
            Entry::Trace(trace) => Entry::Trace(self.minimise(&found, &trace)),
            run @ Entry::Accelerated(_) => run,
        };
        let set = circuit(&found);
        let adversary = found.adversary.as_ref().map(|word| Circuit {
            inputs: Vec::new(),
            ands: Vec::new(),
            outputs: (0..word.len())
                .filter(|&i| !model.inputs[i].role.is_owner())
                .map(|i| u32::from(word[i]))
                .collect(),
        });
        let potential = found.potential.as_ref().map(|(bits, complement)| Circuit {
            inputs: bits.iter().map(|&b| Var::State(b as u32)).collect(),
            ands: Vec::new(),
            outputs: (0..bits.len() as u32).map(|i| 2 * (i + 1) + u32::from(*complement)).collect(),
        });
        let legal_inputs = self.legal_in(&found)?;
        let exits = match (&entry, found.owner) {
            (Entry::Trace(trace), OwnerScope::Documented) => exits::find(self, &found, trace),
            _ => Vec::new(),
        };
        let (title, detail, metrics) = self.words(&found, &entry, &exits);
        let locators = found
            .set
            .iter()
            .flat_map(|clause| clause.iter().map(move |&(i, v)| (i, v, clause.len())))
            .map(|(i, v, width)| {
                let s = &model.state[i];
                let how = if width == 1 { "stays" } else { "is tied to staying" };
                Locator {
                    name: s.name.clone(),
                    bit: Some(s.bit),
                    src: s.src.clone(),
                    role: Some(format!("{how} {}", u8::from(v))),
                }
            })
            .collect();
        Ok(Answer {
            verdict: Verdict::Refuted,
            body: Body::ClosedSet(ClosedSet {
                set,
                owner: found.owner,
                adversary,
                potential,
                legal_inputs,
                entry,
                covers: self.covers.clone(),
                exits,
            }),
            title,
            detail,
            locators,
            metrics,
        })
    }

    fn words(
        &self,
        found: &Found,
        entry: &Entry,
        exits: &[proof::certificate::Exit],
    ) -> (String, String, BTreeMap<String, Value>) {
        let model = self.model;
        let service = &model.services[self.service];
        let mut metrics = BTreeMap::new();
        let names: Vec<String> = found.set.iter().map(|c| self.clause_name(c)).collect();
        metrics.insert("closed_set".to_owned(), json!(names));
        metrics.insert("registers".to_owned(), json!(found.set.len()));
        let (how, lines) = match entry {
            Entry::Trace(trace) => {
                let lines = stimulus(model, trace);
                metrics.insert("words".to_owned(), json!(lines.len()));
                metrics.insert("cycles".to_owned(), json!(trace.inputs.len()));
                let how = match lines.len() {
                    0 => "from reset on".to_owned(),
                    1 => "after 1 input word".to_owned(),
                    n => format!("after {n} input words"),
                };
                (how, lines)
            }
            Entry::Accelerated(run) => {
                let cycles = accelerated_cycles(run).unwrap_or(0);
                metrics.insert("cycles".to_owned(), json!(cycles.to_string()));
                let mhz = model.contract.clock.as_ref().and_then(|c| c.mhz);
                let how = match mhz {
                    Some(mhz) => {
                        let hours = cycles as f64 / (mhz * 1e6) / 3600.0;
                        metrics.insert("hours".to_owned(), json!(format!("{hours:.1}")));
                        format!("after {cycles} cycles ({hours:.1} h)")
                    }
                    None => format!("after {cycles} cycles"),
                };
                (how, self.notes.clone())
            }
        };
        metrics.insert("stimulus".to_owned(), json!(lines));
        let straps: Vec<String> = found
            .set
            .iter()
            .flatten()
            .filter(|l| model.state[l.0].kind == StateKind::Constant)
            .map(|&(i, v)| self.literal_name(i, v))
            .collect();
        let against = match (found.owner, &found.adversary) {
            (OwnerScope::Any, None) => "under every input".to_owned(),
            (OwnerScope::Documented, None) => "under every documented owner word".to_owned(),
            (OwnerScope::Any, Some(_)) => {
                "whatever the owner does, while the surroundings hold one word".to_owned()
            }
            (OwnerScope::Documented, Some(_)) => {
                "under every documented owner word, while the surroundings hold one word".to_owned()
            }
        };
        let strapped =
            if straps.is_empty() { String::new() } else { format!(" with {}", straps.join(", ")) };
        let lasting = match &found.potential {
            None => "for ever".to_owned(),
            Some((bits, _)) => {
                let name = bits.first().map_or("", |&b| model.state[b].name.as_str());
                metrics.insert("counter".to_owned(), json!(name));
                format!("for more than {} cycles", service.within)
            }
        };
        let mut detail = format!(
            "The closed set has {} conditions on registers ({}). It is not left {against}{strapped}, and no \
             transaction of `{}` completes in it, {lasting}.",
            found.set.len(),
            names.join(", "),
            service.name,
        );
        for line in &lines {
            detail.push_str(&format!(" {line}."));
        }
        if let Some(exit) = exits.iter().min_by_key(|e| e.fixed_bits) {
            metrics.insert("key_bits".to_owned(), json!(exit.fixed_bits));
            detail.push_str(&format!(
                " Undocumented words lead out: the cheapest found fixes {} input bits in {} cycle(s).",
                exit.fixed_bits,
                exit.inputs.len()
            ));
        }
        let title = format!("`{}` stops {lasting} {how}{strapped}", service.name);
        (title, detail, metrics)
    }
}

/// A found set as a circuit over state bits.
fn circuit(found: &Found) -> Circuit {
    let literal = |&(i, v): &(usize, bool)| (Var::State(i as u32), v);
    let clauses: Vec<Vec<(Var, bool)>> =
        found.set.iter().map(|c| c.iter().map(literal).collect()).collect();
    Circuit::from_clauses(&clauses)
}
