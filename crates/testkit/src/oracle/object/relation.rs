//! A relation between two copies, pair by pair.

use super::eval::outputs;
use super::world::{Bit, MOST_BITS, World};
use super::{Stop, Verdict, no, verdict};
use crate::oracle::machine::Source;
use netlist::Node;
use proof::Var;
use proof::certificate::Relation;
use proof::model::Place;
use std::collections::{BTreeSet, HashMap};

struct Pairs<'c> {
    c: &'c Relation,
    item: usize,
    /// State bits that may differ.
    untied: u64,
    /// Bits of the item in an input word, for a sensor.
    own: u32,
    /// Of a pair: whether the relation holds, by input word of the left, then of the item on the right.
    known: HashMap<(u64, u64), Vec<bool>>,
}

impl World<'_> {
    /// What enumeration says of a relation.
    pub fn relation(&mut self, item: usize, c: &Relation) -> Verdict {
        self.begin();
        verdict(self.examine_relation(item, c))
    }

    fn examine_relation(&mut self, item: usize, c: &Relation) -> Result<(), Stop> {
        let mut untied = 0u64;
        for &i in &c.untied {
            match self.state.get(i as usize) {
                None | Some(Bit::Window(..)) => return no("a bit cannot be untied"),
                Some(Bit::Held(h)) => {
                    let own = |s: &Source| *s == Source::Held(*h);
                    if !self.machine.identities[item].iter().any(own) {
                        return no("a strap or another identity is untied");
                    }
                    untied |= 1 << i;
                }
                Some(_) => untied |= 1 << i,
            }
        }
        let own_bits = self.machine.identities[item].clone();
        for (i, bit) in self.state.iter().enumerate() {
            let is_own = matches!(bit, Bit::Held(h) if own_bits.contains(&Source::Held(*h)));
            if is_own && untied >> i & 1 == 0 {
                return no("the identity is tied");
            }
        }
        let own = own_bits.iter().fold(0u32, |n, s| match s {
            Source::Word(b) => n | 1 << b,
            Source::Held(_) => n,
        });
        let ands = c.equal.iter().all(|&v| {
            (v as usize) < self.model.aig.len() && matches!(self.model.aig.node(v), Node::And(..))
        });
        if !ands || c.equal.windows(2).any(|w| w[0] >= w[1]) {
            return no("the equal variables are no list of gates");
        }
        if self.bits() + untied.count_ones() + own.count_ones() > MOST_BITS {
            return Err(Stop::TooLarge);
        }
        for w in 0..self.m.windows.len() {
            if !self.m.windows[w].releases.contains(&item) {
                continue;
            }
            let mut shown = false;
            for pair in &c.declassified {
                let listed = self.excused(item, &pair.port) >> w & 1 == 1;
                match self.show(item, pair) {
                    Ok((_, true)) if listed => shown = true,
                    Err(Stop::TooLarge) => return Err(Stop::TooLarge),
                    _ => {}
                }
            }
            if !shown {
                return no("a window releases nothing");
            }
        }
        let mut pairs = Pairs { c, item, untied, own, known: HashMap::new() };
        pairs.reset(self)?;
        pairs.inductive(self)
    }
}

impl Pairs<'_> {
    /// Right-hand input words for a left-hand one.
    fn answers(&self, word: u32) -> Vec<u32> {
        let mut all = vec![word & !self.own];
        for bit in (0..32).filter(|b| self.own >> b & 1 == 1) {
            let ones: Vec<u32> = all.iter().map(|w| w | 1 << bit).collect();
            all.extend(ones);
        }
        all
    }
    /// States of the right copy for one of the left.
    fn partners(&self, left: u64) -> Vec<u64> {
        let mut all = vec![left & !self.untied];
        for bit in (0..64).filter(|b| self.untied >> b & 1 == 1) {
            let ones: Vec<u64> = all.iter().map(|s| s | 1 << bit).collect();
            all.extend(ones);
        }
        all
    }
    fn tied(&self, left: u64, right: u64) -> bool {
        (left ^ right) & !self.untied == 0
    }

    /// Whether the relation holds of a pair, for each input word and each right-hand answer.
    fn holds(&mut self, world: &mut World<'_>, left: u64, right: u64) -> Result<Vec<bool>, Stop> {
        if let Some(known) = self.known.get(&(left, right)) {
            return Ok(known.clone());
        }
        let bits = world.bits();
        let spread = |on: bool| if on { u64::MAX } else { 0 };
        let extra = outputs(&self.c.extra, |v| match v {
            Var::Left(i) if i < bits => Some(spread(left >> i & 1 == 1)),
            Var::Right(i) if i < bits => Some(spread(right >> i & 1 == 1)),
            _ => None,
        })?;
        let [extra] = extra[..] else { return no("the relation has not one output") };
        let mut all = Vec::new();
        for word in 0..1u32 << world.words {
            for answer in self.answers(word) {
                let mut holds = extra & 1 == 1;
                if holds && !self.c.equal.is_empty() {
                    world.spend(world.model.aig.len() as u64 / 16)?;
                    let (l, r) = (values(world, left, word), values(world, right, answer));
                    holds = self.c.equal.iter().all(|&v| l[v as usize] == r[v as usize]);
                }
                all.push(holds);
            }
        }
        if self.known.len() * all.len() < 1 << 22 {
            self.known.insert((left, right), all.clone());
        }
        Ok(all)
    }
    fn never_fails(&mut self, world: &mut World<'_>, left: u64, right: u64) -> Result<bool, Stop> {
        if !self.tied(left, right) {
            return Ok(false);
        }
        Ok(self.holds(world, left, right)?.iter().all(|&h| h))
    }

    /// The sequence of reset, from pairs that differ in the item alone.
    fn reset(&mut self, world: &mut World<'_>) -> Result<(), Stop> {
        let mut layer = BTreeSet::new();
        let own = world.machine.identities[self.item].clone();
        let mask = world.state.iter().enumerate().fold(0u64, |n, (i, bit)| match bit {
            Bit::Held(h) if own.contains(&Source::Held(*h)) => n | 1 << i,
            _ => n,
        });
        let powered = world.powered();
        for &left in &powered {
            for &right in powered.iter().filter(|&&r| (left ^ r) & !mask == 0) {
                layer.insert((left, right));
            }
        }
        for _ in 0..world.machine.reset_cycles() {
            let mut next = BTreeSet::new();
            for (left, right) in layer {
                let (l, r) = (world.moves(left, true)?, world.moves(right, true)?);
                for word in 0..l.len() as u32 {
                    for answer in self.answers(word) {
                        let (a, b) = (l[word as usize], r[answer as usize]);
                        if shown(world, a.outputs ^ b.outputs, |_| false) {
                            return no("reset");
                        }
                        next.insert((a.next, b.next));
                    }
                }
                world.spend(next.len() as u64 / 64)?;
            }
            layer = next;
        }
        for (left, right) in layer {
            if !self.never_fails(world, left, right)? {
                return no("init");
            }
        }
        Ok(())
    }

    fn inductive(&mut self, world: &mut World<'_>) -> Result<(), Stop> {
        let legal = world.word_list(&self.c.legal_inputs)?;
        for left in 0..1u64 << world.bits() {
            for right in self.partners(left) {
                let holds = self.holds(world, left, right)?;
                let (l, r) = (world.moves(left, false)?, world.moves(right, false)?);
                let some = holds.iter().any(|&h| h);
                if some && world.straps(left) && !legal.iter().any(|&w| l[w as usize].assume) {
                    return no("legal");
                }
                let mut index = 0;
                for word in 0..l.len() as u32 {
                    for answer in self.answers(word) {
                        let (a, b) = (l[word as usize], r[answer as usize]);
                        index += 1;
                        if !holds[index - 1] || !a.assume {
                            continue;
                        }
                        if !self.never_fails(world, a.next, b.next)? {
                            return no("step");
                        }
                        let excuse = |port: &str| a.open & world.excused(self.item, port) != 0;
                        if a.opens != b.opens || shown(world, a.outputs ^ b.outputs, excuse) {
                            return no("outputs");
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a difference shows on an output that is neither hidden nor excused.
fn shown(world: &World<'_>, differ: u64, excused: impl Fn(&str) -> bool) -> bool {
    let mut first = 0;
    world.m.outputs.iter().any(|o| {
        let mask = ((1u64 << o.wires.len()) - 1) << first;
        first += o.wires.len();
        !o.hidden && differ & mask != 0 && !excused(&o.name)
    })
}

/// Every variable of the model's graph in one cycle after reset.
fn values(world: &World<'_>, state: u64, word: u32) -> Vec<bool> {
    let model = world.model;
    let bits = world.inputs.iter().map(|place| match *place {
        super::world::Input::Word(b) => b,
        super::world::Input::Pick(s) => world.machine.word_bits + s,
    });
    let inputs: Vec<bool> = bits.map(|b| word >> b & 1 == 1).collect();
    let mut all = vec![false; model.aig.len()];
    for var in 1..model.aig.len() as u32 {
        all[var as usize] = match model.aig.node(var) {
            Node::False => false,
            Node::And(a, b) => (all[a.index()] ^ a.is_neg()) && (all[b.index()] ^ b.is_neg()),
            Node::Leaf(leaf) => match model.places.get(leaf as usize) {
                Some(Place::State(i)) => state >> *i & 1 == 1,
                Some(Place::Input(i)) => inputs[*i as usize],
                Some(Place::Reset) => !model.reset_active,
                _ => false,
            },
        };
    }
    all
}
