//! Small control logic, decided exactly: an explicit-state game.
//!
//! Problem: the claim is a game. The owner chooses a documented word, then remote and environment
//! answer within the contract; the owner wants a tracked transaction to complete within the bound.
//! Where the cone of service is small, no guess is needed.
//! Method: enumerate reachable states; backward attractor for the owner gives each state its rank
//! (the number of cycles within which completion can be forced), the strategy, and for the states
//! without a rank within the bound the greatest closed set against every input (*dead*), documented
//! words (*lock*), or an answering adversary (*leash*), or the rank itself as a potential
//! (*overdue*). Sets, ranks and strategies become circuits by Shannon decomposition with sharing
//! (Bryant, 1986). Nothing is believed because it was enumerated: the kernel gets the same
//! certificates as from any other engine.
//! Cost: reachable states times input words; limited by [`LIMIT`].

mod game;
mod table;

use super::Context;
use crate::{Answer, Undecided};
use evidence::{Locator, Reason, Verdict};
use game::{Game, Kind};
use netlist::Lit;
use proof::Circuit;
use proof::certificate::{Body, ClosedSet, Controller, Entry, OwnerScope, Recovery, Stage, Trace};
use proof::replay::{completions, print_bits};
use serde_json::json;
use std::collections::BTreeMap;
use table::Tables;

/// Most (state, input word) pairs that are enumerated.
pub(crate) const LIMIT: usize = 1 << 24;
/// Most state bits in the cone.
pub(crate) const STATE_BITS: usize = 20;
/// Most input bits in the cone.
pub(crate) const INPUT_BITS: usize = 12;

impl Context<'_> {
    /// Whether the cone is small enough to try.
    pub(crate) fn is_small(&self) -> bool {
        self.slice.state.len() <= STATE_BITS
            && self.slice.inputs.len() <= INPUT_BITS
            && self.slice.inputs.len() + self.slice.state.len() <= 30
    }

    /// Decides exactly; `None` if the reachable part is too large after all.
    pub(crate) fn explicit(&mut self) -> Option<Result<Answer, Undecided>> {
        let mut game = Game::new(self)?;
        let within = self.model.services[self.service].within;
        game.attract();
        let Some(worst) = game.worst(within) else {
            return Some(self.explicit_proof(&game));
        };
        Some(self.explicit_refutation(&mut game, worst, within))
    }

    fn explicit_proof(&self, game: &Game) -> Result<Answer, Undecided> {
        let model = self.model;
        let internal =
            |e: proof::circuit::CircuitError| Undecided::new(Reason::Internal, e.to_string());
        let mut tables = Tables::new(&self.slice.state);
        // the invariant speaks of the design: whether a transaction is tracked does not matter to it
        let tracker = &model.services[self.service].tracker;
        let tracked = self
            .slice
            .state
            .iter()
            .enumerate()
            .fold(0u32, |m, (b, i)| if tracker.contains(i) { m | 1 << b } else { m });
        let reach = tables.set(|s| game.reachable(s & !tracked));
        let holds = tables.set(|s| game.rank(s).is_some());
        let most = game.longest();
        let width = 32 - (most.saturating_sub(1)).leading_zeros();
        let rank: Vec<Lit> = (0..width)
            .map(|b| tables.set(|s| game.rank(s).is_some_and(|r| (r - 1) >> b & 1 == 1)))
            .collect();
        let owner_bits: Vec<usize> =
            (0..model.inputs.len()).filter(|&i| model.inputs[i].role.is_owner()).collect();
        let owner: Vec<Lit> = owner_bits
            .iter()
            .map(|&i| match self.slice.inputs.iter().position(|&p| p == i) {
                None => Lit::FALSE,
                Some(p) => tables.set(|s| game.move_of(s).is_some_and(|w| w >> p & 1 == 1)),
            })
            .collect();
        let invariant = tables.circuit(&[reach]).map_err(internal)?;
        let stage = Stage {
            name: "force".into(),
            holds: tables.circuit(&[holds]).map_err(internal)?,
            rank: tables.circuit(&rank).map_err(internal)?,
            bound: most.saturating_sub(1).to_string(),
            steps: 1,
        };
        let controller = Controller {
            registers: 0,
            owner: tables.circuit(&owner).map_err(internal)?,
            next: Circuit::default(),
            steps: vec!["force completion, looking at the state".into()],
        };
        let legal_inputs = self.explicit_legal(&invariant, &[model.assume])?;
        let mut adversary_inputs: Vec<String> = Vec::new();
        for a in 0..1u32 << self.slice.inputs.len() {
            if a & game.owner_mask() == 0 && adversary_inputs.len() < 256 {
                adversary_inputs.push(print_bits(&self.full_input(a)));
            }
        }
        let mut metrics = BTreeMap::new();
        metrics.insert("recovery_cycles".to_owned(), json!(most.to_string()));
        metrics.insert("stages".to_owned(), json!(1));
        metrics.insert("reachable_states".to_owned(), json!(game.reachable_count()));
        metrics.insert("registers".to_owned(), json!(self.slice.state.len()));
        metrics.insert("sees_state".to_owned(), json!(true));
        let name = &model.services[self.service].name;
        Ok(Answer {
            verdict: Verdict::Proved,
            body: Body::Recovery(Recovery {
                invariant,
                legal_inputs,
                controller,
                stages: vec![stage],
                adversary_inputs,
                covers: self.explicit_covers(game),
            }),
            title: format!("`{name}` can always be brought back, within {most} cycles"),
            detail: format!(
                "All {} reachable states were enumerated; from each the owner can force completion \
                 within {most} cycles. The procedure may look at the state.",
                game.reachable_count()
            ),
            locators: Vec::new(),
            metrics,
        })
    }

    /// A run from its power-up state and input words (slice positions).
    fn explicit_trace(&self, power_up: u32, words: &[u32]) -> Trace {
        let mut all: Vec<bool> =
            self.model.state.iter().map(|s| s.power_up.unwrap_or(false)).collect();
        for (p, &i) in self.slice.state.iter().enumerate() {
            all[i] = power_up >> p & 1 == 1;
        }
        Trace {
            power_up: print_bits(&all),
            inputs: words.iter().map(|&w| print_bits(&self.full_input(w))).collect(),
            essential: Vec::new(),
        }
    }

    /// Runs that complete the service twice; played by the strategy if chance found none.
    fn explicit_covers(&self, game: &Game) -> Vec<Trace> {
        let mut covers = self.covers.clone();
        let served: usize =
            covers.iter().map(|t| completions(self.model, self.service, t).unwrap_or(0)).sum();
        if served < 2 {
            covers.extend(game.served_twice().map(|(p, words)| self.explicit_trace(p, &words)));
        }
        covers
    }

    fn explicit_legal(&self, set: &Circuit, conditions: &[Lit]) -> Result<Vec<String>, Undecided> {
        super::legal::words(self.model, set, conditions, self.granted.words(), &self.budget)
            .ok_or_else(|| {
                let detail = "the assumptions leave some reachable state without a legal input";
                Undecided::new(Reason::Contradiction, detail)
            })
    }

    /// A full input word from the slice's bits; bits outside the cone are 0.
    fn full_input(&self, word: u32) -> Vec<bool> {
        let mut all = vec![false; self.model.inputs.len()];
        for (p, &i) in self.slice.inputs.iter().enumerate() {
            all[i] = word >> p & 1 == 1;
        }
        all
    }

    fn explicit_refutation(
        &mut self,
        game: &mut Game,
        worst: u32,
        within: u64,
    ) -> Result<Answer, Undecided> {
        let model = self.model;
        let internal =
            |e: proof::circuit::CircuitError| Undecided::new(Reason::Internal, e.to_string());
        let Some(kind) = game.losing(within) else {
            let detail = "the owner cannot force completion, and no closed set explains it: words \
                          that the environment cannot answer within `recovery_assume`";
            return Err(Undecided::new(Reason::Contradiction, detail));
        };
        let mut tables = Tables::new(&self.slice.state);
        let set = tables.set(|s| game.in_set(s));
        let set = tables.circuit(&[set]).map_err(internal)?;
        let (owner, answering) = match kind {
            Kind::Dead => (OwnerScope::Any, false),
            Kind::Lock => (OwnerScope::Documented, false),
            Kind::Leash => (OwnerScope::Any, true),
            Kind::LeashDocumented | Kind::Overdue => (OwnerScope::Documented, true),
        };
        let potential = if kind == Kind::Overdue {
            let width = 64 - (u64::from(game.longest()).max(within)).leading_zeros();
            let bits: Vec<Lit> =
                (0..width).map(|b| tables.set(|s| game.potential(s) >> b & 1 == 1)).collect();
            Some(tables.circuit(&bits).map_err(internal)?)
        } else {
            None
        };
        let adversary = if answering {
            let mut answer = Tables::with_inputs(&self.slice.state, &self.owner_in_slice());
            let bits: Vec<Lit> = (0..model.inputs.len())
                .filter(|&i| !model.inputs[i].role.is_owner())
                .map(|i| match self.slice.inputs.iter().position(|&p| p == i) {
                    None => Lit::FALSE,
                    Some(p) => answer.relation(|s, o| game.answer(s, o) >> p & 1 == 1),
                })
                .collect();
            Some(answer.circuit(&bits).map_err(internal)?)
        } else {
            None
        };
        let entry = game.entry(worst);
        let mut conditions = vec![model.assume, model.recovery_assume];
        if owner == OwnerScope::Documented {
            conditions.push(model.documented);
        }
        let legal_inputs = if answering {
            (0..1u32 << self.slice.inputs.len())
                .take(256)
                .map(|w| print_bits(&self.full_input(w)))
                .collect()
        } else {
            self.explicit_legal(&set, &conditions)?
        };
        let trace = self.explicit_trace(entry.0, &entry.1);
        let mut metrics = BTreeMap::new();
        metrics.insert("cycles".to_owned(), json!(trace.inputs.len()));
        metrics.insert("registers".to_owned(), json!(self.slice.state.len()));
        let name = &model.services[self.service].name;
        let lasting = if kind == Kind::Overdue { "for longer than granted" } else { "for ever" };
        let locators = self
            .slice
            .state
            .iter()
            .map(|&i| {
                let s = &model.state[i];
                Locator { name: s.name.clone(), bit: Some(s.bit), src: s.src.clone(), role: None }
            })
            .collect();
        Ok(Answer {
            verdict: Verdict::Refuted,
            body: Body::ClosedSet(ClosedSet {
                set,
                owner,
                adversary,
                potential,
                legal_inputs,
                entry: Entry::Trace(trace),
                covers: self.covers.clone(),
                exits: Vec::new(),
            }),
            title: format!("`{name}` stops {lasting}"),
            detail: format!(
                "All reachable states were enumerated; a closed set of {} states without service is \
                 reached.",
                game.set_count()
            ),
            locators,
            metrics,
        })
    }

    fn owner_in_slice(&self) -> Vec<(usize, usize)> {
        self.slice
            .inputs
            .iter()
            .enumerate()
            .filter(|&(_, &i)| self.model.inputs[i].role.is_owner())
            .map(|(p, &i)| (p, i))
            .collect()
    }
}
