//! An invariant with a controller and ranked stages, state by state.

use super::eval::{Set, lanes, number, outputs, set, sets};
use super::world::{Input, World};
use super::{Stop, Verdict, no, verdict};
use proof::Var;
use proof::certificate::Recovery;
use std::collections::{BTreeMap, BTreeSet};

/// Most pairs of design state and controller state, as bits.
const MOST_BITS: u32 = 20;

struct Closed<'c> {
    c: &'c Recovery,
    service: usize,
    bits: u32,
    inv: Set,
    holds: Vec<Set>,
    ranks: Vec<Vec<Set>>,
    owner: Vec<Set>,
    /// Input bit of each controller output.
    drives: Vec<u32>,
}

impl World<'_> {
    /// What enumeration says of a recovery.
    pub fn recovery(&mut self, service: usize, c: &Recovery) -> Verdict {
        self.begin();
        verdict(self.examine_recovery(service, c))
    }

    fn examine_recovery(&mut self, service: usize, c: &Recovery) -> Result<(), Stop> {
        let mut total: u128 = 0;
        for stage in &c.stages {
            let Ok(bound) = stage.bound.parse::<u64>() else { return no("a bound") };
            total += (u128::from(bound) + 1) * u128::from(stage.steps);
        }
        let no_steps = c.stages.iter().any(|s| s.steps == 0);
        if c.stages.is_empty() || no_steps || total > u128::from(self.m.services[service].within) {
            return no("the stages take too long, or there are none");
        }
        if self.completions(service, &c.covers)? < 2 {
            return no("no two services are shown");
        }
        let (n, k) = (self.bits(), c.controller.registers);
        if n + k > MOST_BITS {
            return Err(Stop::TooLarge);
        }
        let state = |v: Var| match v {
            Var::State(i) if i < n => Some(i),
            _ => None,
        };
        let both = |v: Var| match v {
            Var::Ctrl(i) if i < k => Some(n + i),
            v => state(v),
        };
        let inv = set(&c.invariant, n, state)?;
        self.inductive(&inv, &c.legal_inputs)?;
        let drives: Vec<u32> = self
            .inputs
            .iter()
            .map(|i| match *i {
                Input::Word(b) => b,
                Input::Pick(s) => self.machine.word_bits + s,
            })
            .filter(|b| self.owner >> b & 1 == 1)
            .collect();
        let owner = sets(&c.controller.owner, n + k, both)?;
        let next = &c.controller.next;
        if owner.len() != drives.len() || next.outputs.len() != k as usize {
            return no("the controller does not fit");
        }
        let mut holds = Vec::new();
        let mut ranks = Vec::new();
        for stage in &c.stages {
            holds.push(set(&stage.holds, n + k, both)?);
            ranks.push(sets(&stage.rank, n + k, both)?);
        }
        let closed = Closed { c, service, bits: n, inv, holds, ranks, owner, drives };
        closed.examine(self)
    }

    /// The invariant holds after reset, is not left, and is never without a legal input.
    fn inductive(&mut self, inv: &Set, legal: &[String]) -> Result<(), Stop> {
        if self.first()?.iter().any(|&s| !inv.has(s)) {
            return no("init");
        }
        let legal = self.word_list(legal)?;
        for s in inv.members(1 << self.bits()) {
            let straps = self.straps(s);
            let moves = self.moves(s, false)?;
            if moves.iter().any(|m| m.assume && !inv.has(m.next)) {
                return no("step");
            }
            if straps && !legal.iter().any(|&w| moves[w as usize].assume) {
                return no("legal");
            }
        }
        Ok(())
    }
}

impl Closed<'_> {
    /// The last stage that holds.
    fn stage(&self, at: u64) -> Option<usize> {
        (0..self.holds.len()).rev().find(|&s| self.holds[s].has(at))
    }
    fn owner_word(&self, at: u64) -> u32 {
        self.drives
            .iter()
            .zip(&self.owner)
            .fold(0, |word, (bit, on)| word | u32::from(on.has(at)) << bit)
    }
    /// Controller registers after each input word.
    fn advance(&self, world: &World<'_>, at: u64) -> Result<Vec<u64>, Stop> {
        let words = 1u64 << world.words;
        if self.c.controller.registers == 0 {
            return Ok(vec![0; words as usize]);
        }
        let spread = |on: bool| if on { u64::MAX } else { 0 };
        let mut all = Vec::new();
        for base in (0..words).step_by(64) {
            let values = outputs(&self.c.controller.next, |v| match v {
                Var::State(i) if i < self.bits => Some(spread(at >> i & 1 == 1)),
                Var::Ctrl(i) if i < self.c.controller.registers => {
                    Some(spread(at >> (self.bits + i) & 1 == 1))
                }
                Var::Input(i) => world.inputs.get(i as usize).map(|place| match *place {
                    Input::Word(b) => lanes(b, base),
                    Input::Pick(s) => lanes(world.machine.word_bits + s, base),
                }),
                _ => None,
            })?;
            for lane in 0..(words - base).min(64) {
                all.push(values.iter().rev().fold(0, |n, v| n << 1 | (v >> lane & 1)));
            }
        }
        Ok(all)
    }

    fn examine(&self, world: &mut World<'_>) -> Result<(), Stop> {
        let states = 1u64 << self.bits;
        let all = states << self.c.controller.registers;
        let tried = world.word_list(&self.c.adversary_inputs)?;
        let mut groups: BTreeMap<(usize, u128), Vec<u64>> = BTreeMap::new();
        for at in 0..all {
            let state = at % states;
            if !self.inv.has(state) || !world.straps(state) {
                continue;
            }
            let Some(stage) = self.stage(at) else {
                if at == state && world.idle(state, self.service) {
                    return no("cover");
                }
                continue;
            };
            let rank = number(&self.ranks[stage], at);
            let bound: u64 = self.c.stages[stage].bound.parse().unwrap_or_default();
            if rank > u128::from(bound) {
                return no("bound");
            }
            let word = self.owner_word(at);
            let moves = world.moves(state, false)?;
            let answers = |w: &usize| *w as u32 & world.owner == word;
            if (0..moves.len()).filter(answers).any(|w| moves[w].assume && !moves[w].documented) {
                return no("documented");
            }
            let fits = |&w: &u32| {
                let m = moves[(w & !world.owner | word) as usize];
                m.assume && m.granted
            };
            if !tried.iter().any(fits) {
                return no("legal of a stage");
            }
            groups.entry((stage, rank)).or_default().push(at);
        }
        for ((stage, rank), layer) in groups {
            self.progress(world, stage, rank, layer)?;
        }
        Ok(())
    }

    /// From `layer`, all in one stage with one rank, every run gets on within the stage's steps.
    fn progress(
        &self,
        world: &mut World<'_>,
        stage: usize,
        rank: u128,
        mut layer: Vec<u64>,
    ) -> Result<(), Stop> {
        for _ in 0..self.c.stages[stage].steps {
            let mut next = BTreeSet::new();
            for at in layer {
                let state = at % (1 << self.bits);
                let word = self.owner_word(at);
                let moves = world.moves(state, false)?;
                let ctrl = self.advance(world, at)?;
                for (w, m) in moves.iter().enumerate() {
                    let played = w as u32 & world.owner == word && m.assume && m.granted;
                    if !played || m.complete >> self.service & 1 == 1 {
                        continue;
                    }
                    let to = m.next | ctrl[w] << self.bits;
                    let later = self.holds[stage + 1..].iter().any(|s| s.has(to));
                    let lower = self.holds[stage].has(to) && number(&self.ranks[stage], to) < rank;
                    if !later && !lower {
                        next.insert(to);
                    }
                }
            }
            layer = next.into_iter().collect();
        }
        if layer.is_empty() { Ok(()) } else { no("progress") }
    }
}
