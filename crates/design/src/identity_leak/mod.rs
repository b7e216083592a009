//! The identity check: do two parts that differ in their identity alone look the same?
//!
//! Problem: two runs from power-up, same inputs, same everything but the identity item; every
//! observable output must agree in every cycle, in value and in time, during reset too, except
//! inside a declassification window. A 2-safety property of designs with thousands of multipliers.
//!
//! Method, cheap first: no path at all (`structure`); random pairs of runs (`search`), whose
//! leaks are shrunk to a witness (`shrink`); the largest provable set of ties and masked
//! equalities (`guess`, `induct`) over two copies that share all that is believed equal
//! (`copies`); bounded search of the pair (`bounded`) for leaks behind words nobody guesses;
//! last, IC3 on what remains of the product (`product`) for facts nobody guesses.
//! What is proved is handed over as a `Relation`, what leaks as a `PairTrace`; the kernel decides.
//!
//! What it cannot see: a leak deeper than the bounded search that is not excluded by a one-step
//! inductive relation over the guessed facts. That is `undetermined(budget)`, with the outputs and
//! registers in question.

mod bounded;
mod copies;
mod facts;
mod guess;
mod induct;
mod lanes;
mod legal;
mod product;
mod search;
mod shrink;
pub(crate) mod stimulus;
mod structure;
mod words;

use crate::violated::OutOfBudget;
use crate::{Answer, Settings, Undecided};
use bounded::{Bounded, Target, bounded};
use evidence::Reason;
use facts::{circuit, equal};
use induct::{Belief, Fixpoint, fixpoint, initial};
use lanes::{Lanes, Pair};
use product::{Product, product};
use proof::Model;
use proof::certificate::{Body, PairTrace, Relation};
use proof::model::StateKind;
use search::{Found, search};
use shrink::shrink;
use stimulus::{dictionary, models};
use structure::Structure;

/// Depth of the bounded search before and after the last guesses, in cycles after reset.
const DEPTHS: [usize; 2] = [10, 48];

/// Solver steps for IC3 on the product.
const IC3_STEPS: u64 = 60_000;

/// Decides whether identity item `item` of the model shows.
///
/// # Errors
/// `unsupported` if the netlist has constructs that are not modelled, `budget` if neither a witness
/// nor an inductive relation was found, with what remained open.
pub fn identity_leak(model: &Model, item: usize, settings: &Settings) -> Result<Answer, Undecided> {
    if let Some(first) = model.unsupported.first() {
        return Err(Undecided::new(Reason::Unsupported, first.clone()));
    }
    let structure = Structure::of(model, item);
    let check = Check { model, item, settings, structure };
    if check.structure.no_path(model) {
        let tied = check.structure.reached_state.iter().map(|r| !r).collect();
        let belief = Belief { tied, facts: Vec::new() };
        let none = vec![None; model.windows.len()];
        return check.proved(&belief, &none, 0);
    }
    check.live()
}

struct Check<'a> {
    model: &'a Model,
    item: usize,
    settings: &'a Settings,
    structure: Structure,
}

impl Check<'_> {
    /// Some path leads from the item to an observable.
    fn live(&self) -> Result<Answer, Undecided> {
        let (model, item, budget) = (self.model, self.item, &self.settings.budget);
        let words = dictionary(model, budget);
        let fallback = models(model, model.assume, &|_| true, budget);
        let found = search(model, item, &self.structure, &words, &fallback);
        if let Some(pair) = &found.leak {
            return self.refuted(pair.clone());
        }
        let mut belief = guess::ties(model, item, &self.structure, &found);
        let first = self.strengthen(&mut belief, &found)?;
        let first = match first {
            Step::Answer(answer) => return Ok(*answer),
            Step::Open(fixpoint) => fixpoint,
        };
        let near = self.near(&belief, &first);
        belief.facts.extend(guess::single_copy(model, &self.structure, &found.history, &near));
        let second = match self.strengthen(&mut belief, &found)? {
            Step::Answer(answer) => return Ok(*answer),
            Step::Open(fixpoint) => fixpoint,
        };
        if let Some(answer) = self.bounded(&second, DEPTHS[0])? {
            return Ok(answer);
        }
        let more = guess::implications(
            model,
            item,
            &self.structure,
            &found.history,
            &near,
            &second.belief,
        );
        belief.facts.extend(more);
        let third = match self.strengthen(&mut belief, &found)? {
            Step::Answer(answer) => return Ok(*answer),
            Step::Open(fixpoint) => fixpoint,
        };
        if let Some(answer) = self.bounded(&third, DEPTHS[1])? {
            return Ok(answer);
        }
        let effort = budget.slice((budget.remaining() / 4).min(IC3_STEPS));
        match product(model, item, &self.structure, &third.belief, &third.failing, &effort) {
            Product::Leak(pair) => return self.refuted(pair),
            Product::Facts(more) => {
                let mut belief = third.belief.clone();
                belief.facts.extend(more);
                if let Step::Answer(answer) = self.strengthen(&mut belief, &found)? {
                    return Ok(*answer);
                }
            }
            Product::Unknown => {}
        }
        Err(Undecided::new(Reason::Budget, words::open(model, &self.structure, &third, &found)))
    }

    /// What single-copy facts may help with: the failing outputs and the ties that were lost.
    fn near(&self, wanted: &Belief, have: &Fixpoint) -> Vec<usize> {
        let model = self.model;
        let mut roots: Vec<_> = have.failing.iter().map(|&o| model.observables[o].lit).collect();
        roots.extend(have.windows.iter().map(|&w| model.windows[w].when));
        roots.extend(model.windows.iter().map(|w| w.open));
        for i in 0..model.state.len() {
            if wanted.tied[i] && !have.belief.tied[i] {
                roots.extend([model.state[i].lit, model.state[i].next]);
            }
        }
        guess::neighbourhood(model, wanted, &roots)
    }

    /// Confronts the belief with reset and step, and the outputs with what remains.
    fn strengthen(&self, belief: &mut Belief, found: &Found) -> Result<Step, Undecided> {
        let (model, item, budget) = (self.model, self.item, &self.settings.budget);
        let out = |_: OutOfBudget| {
            Undecided::new(Reason::Budget, "the search for an inductive relation ran out of budget")
        };
        if let Some(pair) = initial(model, item, &self.structure, belief, budget).map_err(out)? {
            return self.refuted(pair).map(|a| Step::Answer(Box::new(a)));
        }
        let reached =
            fixpoint(model, item, &self.structure, belief.clone(), budget).map_err(out)?;
        let shared = (0..model.state.len()).all(|i| {
            let kind = model.state[i].kind;
            reached.belief.tied[i] || !matches!(kind, StateKind::Window(_) | StateKind::Constant)
        });
        if reached.failing.is_empty() && reached.windows.is_empty() && shared {
            return self
                .proved(&reached.belief, &found.released, reached.rounds)
                .map(|a| Step::Answer(Box::new(a)));
        }
        Ok(Step::Open(reached))
    }

    fn bounded(&self, open: &Fixpoint, depth: usize) -> Result<Option<Answer>, Undecided> {
        let budget = &self.settings.budget;
        let target = Target::Leak(&open.failing);
        let (model, item) = (self.model, self.item);
        match bounded(model, item, &self.structure, &open.belief, target, depth, budget) {
            Bounded::Found(pair, _) => self.refuted(pair).map(Some),
            Bounded::None => Ok(None),
        }
    }

    fn refuted(&self, pair: Pair) -> Result<Answer, Undecided> {
        let (model, item) = (self.model, self.item);
        let mut lanes = Lanes::new(model, item, &self.structure);
        let witness = shrink(model, item, &mut lanes, pair).ok_or_else(|| {
            Undecided::new(Reason::Contradiction, "a pair of runs did not show its leak again")
        })?;
        Ok(words::refuted(model, item, &self.structure, &witness))
    }

    fn proved(
        &self,
        belief: &Belief,
        released: &[Option<(Pair, usize, usize)>],
        rounds: usize,
    ) -> Result<Answer, Undecided> {
        let (model, item, budget) = (self.model, self.item, &self.settings.budget);
        let legal_inputs = legal::legal_words(model, item, belief, budget)
            .map_err(|what| Undecided::new(Reason::Budget, what))?;
        let declassified = self.declassified(belief, released)?;
        let extra = circuit(model, item, &belief.tied, &belief.facts)
            .map_err(|e| Undecided::new(Reason::Internal, e.to_string()))?;
        let untied: Vec<u32> =
            (0..belief.tied.len()).filter(|&i| !belief.tied[i]).map(|i| i as u32).collect();
        let equal = equal(&belief.facts);
        let body = Body::Relation(Relation { untied, equal, extra, legal_inputs, declassified });
        Ok(words::proved(model, item, &self.structure, belief, rounds, body))
    }

    /// A pair of runs per window that releases the item.
    fn declassified(
        &self,
        belief: &Belief,
        released: &[Option<(Pair, usize, usize)>],
    ) -> Result<Vec<PairTrace>, Undecided> {
        let (model, item, budget) = (self.model, self.item, &self.settings.budget);
        let mut all = Vec::new();
        for (w, window) in model.windows.iter().enumerate() {
            if !window.releases.contains(&item) {
                continue;
            }
            let shown = released.get(w).cloned().flatten().or_else(|| {
                let target = Target::Within(w);
                match bounded(model, item, &self.structure, belief, target, DEPTHS[1], budget) {
                    Bounded::Found(pair, o) => {
                        let cycle = pair.inputs.len() - 1;
                        Some((pair, cycle, o))
                    }
                    Bounded::None => None,
                }
            });
            let Some((pair, cycle, observable)) = shown else {
                let what = "no pair of runs shows the declassified item within its window: what \
                            the contract releases was never seen to be released";
                return Err(Undecided::new(Reason::Budget, what));
            };
            all.push(pair.trace(model, item, cycle, observable, &[]));
        }
        Ok(all)
    }
}

enum Step {
    Answer(Box<Answer>),
    Open(Fixpoint),
}
