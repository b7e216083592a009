//! Counters between a state and service: settle stages, and outages beyond the bound.
//!
//! Problem: a stall counter, a cool-down, a retry timer make recovery take thousands of cycles; no
//! unrolling reaches that far.
//! Method: in the simulated history of a slow state, words that change by exactly one in most cycles
//! are counters. If a counter provably falls in every cycle in which the owner waits, it becomes a
//! *settle* stage whose rank is its value. If it may hold more than the bound allows, and no service
//! is possible while it is not 0, it is the potential of an *overdue* set.
//! Cost: two SAT calls per counter.
//! What it cannot see: counters that pause, and outages without a counter.

use super::Context;
use super::attempt::{Failure, stuck_states};
use super::closed_set::Found;
use super::controller::Program;
use super::explore::{Outlook, frozen};
use super::houdini::{StateClause, StateLit, StepSystem};
use crate::slice::Word;
use netlist::Lit;
use proof::certificate::OwnerScope;
use proof::{Circuit, Model, Var};
use solve::Outcome;

/// A word the owner sits out: state indices, least significant first; complement counts upwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settle {
    pub(crate) name: String,
    pub(crate) bits: Vec<usize>,
    pub(crate) complement: bool,
    /// Register bits that hold while the count matters; empty: while it is not 0.
    pub(crate) during: Vec<StateLit>,
}

impl Settle {
    /// "Sat out", as clauses over state bits.
    pub(crate) fn over(&self) -> Vec<Vec<StateLit>> {
        if self.during.is_empty() {
            self.bits.iter().map(|&b| vec![(b, self.complement)]).collect()
        } else {
            vec![self.during.iter().map(|&(i, v)| (i, !v)).collect()]
        }
    }
    /// Most the rank can be.
    pub(crate) fn bound(&self) -> u64 {
        if self.bits.len() >= 64 { u64::MAX } else { (1 << self.bits.len()) - 1 }
    }
    /// The rank as a circuit.
    pub(crate) fn rank(&self) -> Circuit {
        Circuit {
            inputs: self.bits.iter().map(|&b| Var::State(b as u32)).collect(),
            ands: Vec::new(),
            outputs: (0..self.bits.len() as u32)
                .map(|i| 2 * (i + 1) + u32::from(self.complement))
                .collect(),
        }
    }
}

/// Words of the slice: register bits of one name, least significant first.
pub(crate) fn words(context: &Context<'_>) -> Vec<(String, Vec<usize>)> {
    let mut named: Vec<(&str, u32, usize)> = context
        .slice
        .state
        .iter()
        .map(|&i| (context.model.state[i].name.as_str(), context.model.state[i].bit, i))
        .filter(|w| !w.0.starts_with("probity."))
        .collect();
    named.sort_unstable();
    let mut words: Vec<(String, Vec<usize>)> = Vec::new();
    for (name, _, index) in named {
        match words.last_mut() {
            Some(last) if last.0 == name => last.1.push(index),
            _ => words.push((name.to_owned(), vec![index])),
        }
    }
    words
}

/// Words of at least `width` bits that change by one in most cycles of the history's last part:
/// (name, bits, counts upwards).
pub(crate) fn counters(
    context: &Context<'_>,
    history: &[Vec<bool>],
    width: usize,
) -> Vec<(String, Vec<usize>, bool)> {
    let tail = &history[history.len().saturating_sub(600)..];
    let mut found = Vec::new();
    for (name, bits) in words(context) {
        if bits.len() < width || bits.len() > 120 {
            continue;
        }
        let value =
            |state: &[bool]| bits.iter().rev().fold(0u128, |n, &b| n << 1 | u128::from(state[b]));
        let (mut up, mut down) = (0, 0);
        for pair in tail.windows(2) {
            let (a, b) = (value(&pair[0]), value(&pair[1]));
            up += usize::from(b == a + 1);
            down += usize::from(b + 1 == a);
        }
        let most = (tail.len().saturating_sub(1)) * 3 / 4;
        if tail.len() > 8 && (up >= most || down >= most) {
            found.push((name, bits, up > down));
        }
    }
    found
}

impl Context<'_> {
    /// A counter in the history that provably falls in every cycle in which the owner waits.
    pub(crate) fn find_settle(
        &mut self,
        program: &Program,
        known: &[Settle],
        look: &Outlook,
    ) -> Option<Settle> {
        let within = u128::from(self.model.services[self.service].within);
        for (name, bits, up) in counters(self, &look.history, 4) {
            let tail = &look.history[look.history.len() / 4..look.history.len() * 3 / 4];
            let frozen: Vec<StateLit> = self
                .slice
                .state
                .iter()
                .filter(|i| !bits.contains(i) && !tail.is_empty())
                .filter(|&&i| tail.iter().all(|s| s[i] == tail[0][i]))
                .map(|&i| (i, tail[0][i]))
                .collect();
            for complement in [up, !up] {
                let (name, bits) = (name.clone(), bits.clone());
                let mut settle = Settle { name, bits, complement, during: Vec::new() };
                let total: u128 =
                    known.iter().chain([&settle]).map(|s| u128::from(s.bound()) + 1).sum();
                if known.iter().any(|k| k.bits == settle.bits) || total > within {
                    continue;
                }
                if explains(&settle, &look.history)
                    && self.falls(program, known, &settle, None).is_some()
                {
                    return Some(settle);
                }
                // while some frozen bits hold: find which, then check with those alone
                if let Some(during) = self.falls(program, known, &settle, Some(&frozen)) {
                    settle.during = during;
                    if !settle.during.is_empty()
                        && explains(&settle, &look.history)
                        && self.falls(program, known, &settle, None).is_some()
                    {
                        self.widen(program, known, &mut settle);
                        return Some(settle);
                    }
                    settle.during.clone_from(&frozen);
                    if explains(&settle, &look.history)
                        && self.falls(program, known, &settle, None).is_some()
                    {
                        return Some(settle);
                    }
                }
            }
        }
        None
    }

    /// Leaves out what the rank does not need: the fewer bits say that a count matters, the more states
    /// the stage takes care of. Flags go first, the word of a state machine last.
    fn widen(&self, program: &Program, known: &[Settle], settle: &mut Settle) {
        let name = |l: &StateLit| &self.model.state[l.0].name;
        let width = |l: &StateLit| settle.during.iter().filter(|o| name(o) == name(l)).count();
        let mut order: Vec<StateLit> = settle.during.clone();
        order.sort_by_key(width);
        for bit in order {
            let kept = settle.during.clone();
            settle.during.retain(|l| *l != bit);
            if settle.during.is_empty() || self.falls(program, known, settle, None).is_none() {
                settle.during = kept;
            }
        }
    }

    /// Whether, with the owner waiting and the environment as granted, the counter falls in every
    /// cycle in which it matters (or it stops mattering), and counters sat out before stay so. With
    /// `guess`, it is assumed to matter while those bits hold; the bits that took part are returned.
    fn falls(
        &self,
        program: &Program,
        known: &[Settle],
        settle: &Settle,
        guess: Option<&[StateLit]>,
    ) -> Option<Vec<StateLit>> {
        let model = self.model;
        let mut system = StepSystem::new(model, &[model.assume, model.recovery_assume]);
        for clause in &self.clauses {
            system.assert_clause(clause);
        }
        let mut assumed = Vec::new();
        let inputs = system.frames.inputs(system.now).to_vec();
        for (i, lit) in inputs.into_iter().enumerate() {
            if model.inputs[i].role.is_owner() {
                assumed.push(lit.xor_sign(!program.idle()[i]));
            }
        }
        let over = |system: &mut StepSystem<'_>, clauses: &[Vec<StateLit>], then: bool| {
            let mut all = Vec::new();
            for clause in clauses {
                let mut some = Vec::new();
                for &l in clause {
                    some.push(if then { system.then(l) } else { system.here(l) });
                }
                all.push(system.frames.aig.or_all(some));
            }
            system.frames.aig.and_all(all)
        };
        let mut worse = Vec::new();
        for k in known {
            assumed.push(over(&mut system, &k.over(), false));
            worse.push(!over(&mut system, &k.over(), true));
        }
        let word: Vec<StateLit> = settle.bits.iter().map(|&b| (b, !settle.complement)).collect();
        let now: Vec<Lit> = word.iter().map(|&l| system.here(l)).collect();
        let then: Vec<Lit> = word.iter().map(|&l| system.then(l)).collect();
        let lower = system.frames.aig.less_word(&then, &now);
        let mut named: Vec<(Lit, StateLit)> = Vec::new();
        let ended = match guess {
            None => {
                assumed.push(!over(&mut system, &settle.over(), false));
                over(&mut system, &settle.over(), true)
            }
            Some(bits) => {
                named.extend(bits.iter().map(|&l| (system.here(l), l)));
                assumed.extend(named.iter().map(|n| n.0));
                let clause: Vec<StateLit> = bits.iter().map(|&(i, v)| (i, !v)).collect();
                over(&mut system, &[clause], true)
            }
        };
        let fine = system.frames.aig.or(lower, ended);
        worse.push(!fine);
        assumed.push(system.frames.aig.or_all(worse));
        if system.solve(&assumed, &self.budget) != Outcome::Unsat {
            return None;
        }
        let core = system.solver.core();
        Some(named.into_iter().filter(|n| core.contains(&n.0)).map(|n| n.1).collect())
    }

    /// A set in which a counter keeps service away for longer than the contract grants.
    pub(crate) fn find_overdue(&mut self, failure: &Failure, look: &Outlook) -> Option<Found> {
        let within = self.model.services[self.service].within;
        let states = stuck_states(&look.state, look.stuck);
        for (_, bits, up) in counters(self, &look.history, 8) {
            if bits.len() < 64 && within >> bits.len() != 0 {
                continue;
            }
            // as far from the end as possible, so that random traffic does not run it out
            let mut state = states.clone();
            for (n, &b) in bits.iter().enumerate() {
                let far: Word = if n + 1 == bits.len() || !up { Word::MAX } else { 0 };
                state[b] = if up { 0 } else { far };
            }
            let mut scopes = vec![(OwnerScope::Any, None)];
            if self.model.documented != Lit::TRUE {
                scopes.push((OwnerScope::Documented, None));
            }
            for word in failure.inputs.last().into_iter().chain(self.granted.words().first()) {
                scopes.push((OwnerScope::Any, Some(word.clone())));
                scopes.push((OwnerScope::Documented, Some(word.clone())));
            }
            for (owner, adversary) in scopes {
                let found = self.overdue_around(&state, &bits, up, owner, adversary);
                if let Some(found) = found.filter(|f| self.is_fair(f)) {
                    return Some(found);
                }
            }
        }
        None
    }

    fn overdue_around(
        &mut self,
        states: &[Word],
        bits: &[usize],
        complement: bool,
        owner: OwnerScope,
        adversary: Option<Vec<bool>>,
    ) -> Option<Found> {
        let pool = match owner {
            OwnerScope::Any => self.any.clone(),
            OwnerScope::Documented => self.granted.clone(),
        };
        let others = match &adversary {
            Some(word) => super::stimulus::Pool::constant(word.clone()),
            None => self.any.clone(),
        };
        let state = states.to_vec();
        let candidates: Vec<StateClause> =
            frozen(self.model, self.service, &mut self.slice, (&pool, &others), state, 300, &[])?
                .0
                .into_iter()
                .filter(|l| !bits.contains(&l.0))
                .map(|l| vec![l])
                .collect();
        let (mut system, mut fixed) = self.system(owner, adversary.as_deref());
        let now: Vec<Lit> = bits.iter().map(|&b| system.here((b, !complement))).collect();
        let then: Vec<Lit> = bits.iter().map(|&b| system.then((b, !complement))).collect();
        let aig = &mut system.frames.aig;
        let positive = aig.or_all(now.iter().copied());
        let mut borrow = Lit::TRUE;
        let mut less = Vec::with_capacity(now.len());
        for &bit in &now {
            less.push(aig.xor(bit, borrow));
            borrow = aig.and(borrow, !bit);
        }
        let falls = aig.less_word(&then, &less);
        fixed.push(positive);
        let set = system.houdini(candidates, &fixed, &self.budget)?;
        let complete = system.lit(self.model.services[self.service].complete);
        let goal = system.frames.aig.or(complete, falls);
        let set = system.core_closed(&set, &fixed, goal, &self.budget)?;
        Some(Found { set, owner, adversary, potential: Some((bits.to_vec(), complement)) })
    }
}

/// Whether sitting out the counter is most of what happened: it mattered at first, and once it was
/// over the rest was short.
fn explains(settle: &Settle, history: &[Vec<bool>]) -> bool {
    let over =
        |state: &Vec<bool>| settle.over().iter().all(|c| c.iter().any(|&(i, v)| state[i] == v));
    let Some(last) = history.iter().rposition(|s| !over(s)) else { return false };
    let active = history.iter().filter(|s| !over(s)).count();
    active * 2 > history.len() && (history.len() >= 4096 || history.len() - last < 400)
}

/// "All of these counters are sat out", as clauses of model literals.
pub(crate) fn settled(model: &Model, settles: &[Settle]) -> Vec<Vec<Lit>> {
    let lit = |&(i, v): &StateLit| model.state[i].lit.xor_sign(!v);
    settles.iter().flat_map(Settle::over).map(|c| c.iter().map(lit).collect()).collect()
}
