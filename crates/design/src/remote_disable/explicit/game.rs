//! The enumerated game: its states, its moves, and what was found out about them.
//!
//! Problem: for small control logic an answer that sees every register is better than any abstraction.
//! Method: states are bit vectors of the cone with dense numbers, words are bit vectors of its inputs;
//! successors and the conditions of the contract are tabulated by simulating sixty-four words at once,
//! first for all states that an idle tracker can reach (from `start`), then for all that a service in
//! flight can. `solve` says who wins; the questions at the end read its answer.
//! Cost: states times words, both limited; a table entry has five bytes.
//! What it cannot see: anything outside the cone.

mod solve;
mod start;

use super::super::Context;
use super::{LIMIT, STATE_BITS};
use crate::slice::{Slice, Word};
use netlist::Lit;
use proof::Model;
use start::{initial, input_words, unpack};

const NONE: u32 = u32::MAX;
const ASSUME: u8 = 1;
const GRANTED: u8 = 2;
const DOCUMENTED: u8 = 4;
const COMPLETE: u8 = 8;

/// Which closed set a losing state lies in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Dead,
    Lock,
    Leash,
    LeashDocumented,
    Overdue,
}

/// The game graph over the states that matter.
pub(crate) struct Game {
    inputs: usize,
    owner_mask: u32,
    /// Dense number of a state, by its bits.
    number: Vec<u32>,
    states: Vec<u32>,
    next: Vec<u32>,
    flags: Vec<u8>,
    /// Reachable with an idle tracker: (previous dense number or NONE, input word).
    parent: Vec<Option<(u32, u32)>>,
    initial: Vec<Option<(u32, Vec<u32>)>>,
    rank: Vec<u32>,
    choice: Vec<u32>,
    set: Vec<bool>,
    answers: Vec<u32>,
    kind: Option<Kind>,
}

impl Game {
    /// Enumerates; `None` if it is too large.
    pub(crate) fn new(context: &mut Context<'_>) -> Option<Self> {
        let model = context.model;
        let slice = &mut context.slice;
        let (bits, inputs) = (slice.state.len(), slice.inputs.len());
        if bits > STATE_BITS {
            return None;
        }
        let owner_mask = slice
            .inputs
            .iter()
            .enumerate()
            .fold(0, |m, (p, &i)| if model.inputs[i].role.is_owner() { m | 1 << p } else { m });
        let mut game = Self {
            inputs,
            owner_mask,
            number: vec![NONE; 1 << bits],
            states: Vec::new(),
            next: Vec::new(),
            flags: Vec::new(),
            parent: Vec::new(),
            initial: Vec::new(),
            rank: Vec::new(),
            choice: Vec::new(),
            set: Vec::new(),
            answers: Vec::new(),
            kind: None,
        };
        let picks: u32 = slice.inputs.iter().enumerate().fold(0, |m, (p, &i)| {
            if matches!(model.inputs[i].role, proof::Role::Pick(_)) { m | 1 << p } else { m }
        });
        for (state, power_up, words) in initial(model, slice)? {
            let n = game.add(state)?;
            game.initial[n as usize] = Some((power_up, words));
        }
        let complete = model.services[context.service].complete;
        // reachable with an idle tracker
        let mut done = 0;
        while done < game.states.len() {
            game.expand(model, slice, complete, done)?;
            for w in 0..1u32 << inputs {
                let at = done << inputs | w as usize;
                if w & picks == 0 && game.flags[at] & ASSUME != 0 {
                    let before = game.states.len();
                    let n = game.add(game.next[at])?;
                    if n as usize == before {
                        game.parent[n as usize] = Some((done as u32, w));
                    }
                }
            }
            done += 1;
        }
        let reachable = game.states.len();
        // everything the game can reach from there
        let mut done = 0;
        while done < game.states.len() {
            if done >= reachable {
                game.expand(model, slice, complete, done)?;
            }
            for w in 0..1usize << inputs {
                let at = done << inputs | w;
                if game.flags[at] & ASSUME != 0 {
                    game.add(game.next[at])?;
                }
            }
            done += 1;
        }
        for n in 0..game.next.len() {
            game.next[n] = game.number[game.next[n] as usize];
        }
        game.parent.truncate(reachable);
        Some(game)
    }

    fn add(&mut self, state: u32) -> Option<u32> {
        let slot = &mut self.number[state as usize];
        if *slot == NONE {
            *slot = self.states.len() as u32;
            self.states.push(state);
            self.parent.push(None);
            self.initial.push(None);
        }
        ((self.states.len() << self.inputs) <= LIMIT).then_some(*slot)
    }

    /// Successors (as state bits for now) and flags of state number `n` under all input words.
    fn expand(&mut self, model: &Model, slice: &mut Slice, complete: Lit, n: usize) -> Option<()> {
        let state = self.states[n];
        let words = 1usize << self.inputs;
        let full = unpack(model, slice, state);
        for base in (0..words).step_by(64) {
            let inputs = input_words(model, slice, base);
            slice.evaluate(&full, &inputs, false);
            let (assume, granted) = (slice.value(model.assume), slice.value(model.recovery_assume));
            let (known, done) = (slice.value(model.documented), slice.value(complete));
            let mut after = full.clone();
            slice.advance(&mut after);
            for p in 0..64.min(words - base) {
                let bit = |w: Word| (w >> p & 1) as u8;
                self.flags.push(
                    (bit(assume) * ASSUME)
                        | (bit(granted) * GRANTED)
                        | (bit(known) * DOCUMENTED)
                        | (bit(done) * COMPLETE),
                );
                let next = slice
                    .state
                    .iter()
                    .enumerate()
                    .fold(0, |s, (b, &i)| s | ((after[i] >> p & 1) as u32) << b);
                self.next.push(next);
            }
        }
        Some(())
    }

    fn edge(&self, state: usize, word: u32) -> (u8, u32) {
        let at = state << self.inputs | word as usize;
        (self.flags[at], self.next[at])
    }
    /// All words that agree with `owner` on the owner's bits.
    fn responses(&self, owner: u32) -> impl Iterator<Item = u32> + '_ {
        let free = !self.owner_mask & ((1u32 << self.inputs) - 1);
        subsets(free).map(move |a| owner | a)
    }
    fn owner_words(&self) -> impl Iterator<Item = u32> + '_ {
        subsets(self.owner_mask & ((1u32 << self.inputs) - 1))
    }

    fn dense(&self, state: u32) -> Option<usize> {
        match self.number[state as usize] {
            NONE => None,
            n => Some(n as usize),
        }
    }
    /// Whether the state is reachable with an idle tracker.
    pub(crate) fn reachable(&self, state: u32) -> bool {
        self.dense(state).is_some_and(|n| n < self.parent.len())
    }
    pub(crate) fn reachable_count(&self) -> usize {
        self.parent.len()
    }
    /// Rank of a state, from 1.
    pub(crate) fn rank(&self, state: u32) -> Option<u32> {
        self.dense(state).map(|n| self.rank[n]).filter(|&r| r != NONE)
    }
    /// The owner's word (slice positions) in a ranked state.
    pub(crate) fn move_of(&self, state: u32) -> Option<u32> {
        self.dense(state).filter(|&n| self.rank[n] != NONE).map(|n| self.choice[n])
    }
    /// The largest rank.
    pub(crate) fn longest(&self) -> u32 {
        self.rank.iter().copied().filter(|&r| r != NONE).max().unwrap_or(1)
    }
    pub(crate) fn owner_mask(&self) -> u32 {
        self.owner_mask
    }
    pub(crate) fn in_set(&self, state: u32) -> bool {
        self.dense(state).is_some_and(|n| self.set[n])
    }
    pub(crate) fn set_count(&self) -> usize {
        self.set.iter().filter(|&&b| b).count()
    }
    /// Cycles for which completion is impossible from a ranked state.
    pub(crate) fn potential(&self, state: u32) -> u64 {
        self.rank(state).map_or(0, |r| u64::from(r) - 1)
    }
    /// Power-up state and input words of a run in which the strategy completes the service twice.
    pub(crate) fn served_twice(&self) -> Option<(u32, Vec<u32>)> {
        let (mut at, (power_up, reset)) = self
            .initial
            .iter()
            .enumerate()
            .find_map(|(n, first)| first.as_ref().map(|f| (n, f)))?;
        let mut words = reset.clone();
        let mut served = 0;
        while served < 2 {
            let granted = |w: &u32| {
                let flags = self.edge(at, *w).0;
                flags & ASSUME != 0 && flags & GRANTED != 0
            };
            let word = self.responses(self.choice[at]).find(granted)?;
            let (flags, next) = self.edge(at, word);
            words.push(word);
            served += usize::from(flags & COMPLETE != 0);
            at = next as usize;
            if self.rank[at] == NONE && served < 2 {
                return None;
            }
        }
        Some((*power_up, words))
    }
    /// The adversary's answer (slice positions) to an owner word.
    pub(crate) fn answer(&self, state: u32, owner: u32) -> u32 {
        self.dense(state).map_or(0, |n| self.answers[n << self.inputs | owner as usize])
    }
    /// Power-up state and input words that lead to a state of the closed set, `worst` if it is one.
    pub(crate) fn entry(&self, worst: u32) -> (u32, Vec<u32>) {
        let mut at = worst as usize;
        if !self.set[at] {
            at = (0..self.parent.len()).find(|&s| self.set[s]).unwrap_or(at);
        }
        let mut words = Vec::new();
        loop {
            if let Some((power_up, reset)) = &self.initial[at] {
                let mut all = reset.clone();
                all.extend(words.iter().rev());
                return (*power_up, all);
            }
            match self.parent[at] {
                Some((before, word)) => {
                    words.push(word);
                    at = before as usize;
                }
                None => return (0, Vec::new()),
            }
        }
    }
}

/// All subsets of the bits of `mask`, the empty one first.
fn subsets(mask: u32) -> impl Iterator<Item = u32> {
    let mut next = Some(0u32);
    std::iter::from_fn(move || {
        let now = next?;
        let after = (now | !mask).wrapping_add(1) & mask;
        next = (after != 0).then_some(after);
        Some(now)
    })
}
