//! Which state bits of both parts behave alike, by simulation.
//!
//! Problem: synthesis renames, merges and complements registers, so names are a poor guide.
//! Method: both parts run side by side from reset, 64 runs at a time, under words that the
//! contract's conditions and the netlist's own comparisons suggest ([`Stimulus`]). State bits that
//! showed the same values or the opposite ones throughout are one class, and so are those that never
//! moved. A difference at an output on the way is kept with its run.
//! Counterexamples split classes later ([`Classes::split`]); they are never joined.
//! Cost: one simulation of both. What it cannot see: bits that behave alike only up to a delay or a code.

use crate::identity_leak::stimulus::{Stimulus, dictionary, models};
use crate::slice::{Random, Slice, column};
use proof::certificate::{Divergence, Trace};
use proof::equivalence::differs;
use proof::model::{StateBit, StateKind};
use proof::product::{Product, REFERENCE};
use proof::replay::print_bits;
use solve::Budget;
use std::collections::{BTreeSet, HashMap};

/// Campaigns of 64 runs, and cycles of each after reset.
const CAMPAIGNS: u64 = 4;
const CYCLES: usize = 1024;
/// Differing runs of which the kernel is asked whether they surely differ.
const ASKED: usize = 8;

/// A partition of the state bits, each bit with its sign. Class 0 is the constant false.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    of: Vec<(u32, bool)>,
}

impl Classes {
    /// Ties for a certificate: every bit but the first of its class.
    pub(crate) fn ties(&self) -> Vec<[u32; 2]> {
        let mut first: HashMap<u32, (u32, bool)> = HashMap::new();
        let mut ties = Vec::new();
        for (bit, &(class, sign)) in self.of.iter().enumerate() {
            let bit = bit as u32;
            let code = match (class, first.get(&class)) {
                (0, _) => u32::from(sign),
                (_, Some(&(other, phase))) => (other + 1) << 1 | u32::from(sign ^ phase),
                (_, None) => {
                    first.insert(class, (bit, sign));
                    continue;
                }
            };
            ties.push([bit, code]);
        }
        ties
    }
    /// Whether two bits (or a bit and the constant) are still of one class; `code` as in a tie.
    pub(crate) fn joined(&self, [bit, code]: [u32; 2]) -> bool {
        let class = |i: u32| self.of[i as usize].0;
        class(bit) == (code >> 1).checked_sub(1).map_or(0, class)
    }
    /// Splits every class by 64 states, of which those of `lanes` count. Whether anything was split.
    pub(crate) fn split(&mut self, states: &[u64], lanes: u64) -> bool {
        let mut known: HashMap<(u32, u64), u32> = HashMap::new();
        let before = self.count();
        // the part of class 0 that is still constant stays class 0
        known.insert((0, 0), 0);
        for (slot, &word) in self.of.iter_mut().zip(states) {
            let sign = if slot.1 { u64::MAX } else { 0 };
            let fresh = known.len() as u32;
            slot.0 = *known.entry((slot.0, (word ^ sign) & lanes)).or_insert(fresh);
        }
        self.count() != before
    }
    /// Puts a bit into a class of its own.
    pub(crate) fn isolate(&mut self, bit: u32) {
        let fresh = self.of.iter().map(|c| c.0).max().unwrap_or(0) + 1;
        self.of[bit as usize].0 = fresh;
    }
    /// Delivered bits and bits of the reference, in pairs within each class: by name, the others in order.
    fn pairs(&self, product: &Product) -> Vec<(usize, usize)> {
        let state = &product.model.state;
        let mut pairs = Vec::new();
        for class in self.members() {
            let register = |i: &usize| matches!(state[*i].kind, StateKind::Register(_));
            let (own, theirs): (Vec<usize>, Vec<usize>) =
                class.into_iter().filter(register).partition(|&i| i < product.delivered_state);
            let named: HashMap<(&str, u32), usize> =
                own.iter().map(|&i| ((state[i].name.as_str(), state[i].bit), i)).collect();
            let mut taken = BTreeSet::new();
            let mut rest = Vec::new();
            for i in theirs {
                let name = state[i].name.strip_prefix(REFERENCE).unwrap_or_default();
                match named.get(&(name, state[i].bit)).filter(|&&own| taken.insert(own)) {
                    Some(&own) => pairs.push((own, i)),
                    None => rest.push(i),
                }
            }
            let free = own.into_iter().filter(|i| !taken.contains(i));
            pairs.extend(free.zip(rest));
        }
        pairs
    }
    /// How the reference powers up: a register without declared value as its partner.
    pub(crate) fn choice(&self, product: &Product) -> Vec<[u32; 2]> {
        let free = |i: usize| product.model.state[i].power_up.is_none();
        let pairs = self.pairs(product).into_iter().filter(|&(a, b)| free(a) && free(b));
        let mut all: Vec<[u32; 2]> = pairs
            .map(|(own, i)| {
                let flip = self.of[i].1 ^ self.of[own].1;
                [i as u32, (own as u32 + 1) << 1 | u32::from(flip)]
            })
            .collect();
        all.sort_unstable();
        all
    }
    /// The same with every pair in a class of its own. Bits without a partner stay where they are.
    pub(crate) fn paired(&self, product: &Product) -> Self {
        let mut of = self.of.clone();
        let first = of.iter().map(|c| c.0).max().unwrap_or(0) + 1;
        let mut seen = BTreeSet::from([0]);
        let mut fresh = first;
        for (own, theirs) in self.pairs(product) {
            // bits without a partner stay with the first pair of their class
            if !seen.insert(of[own].0) || of[own].0 == 0 {
                (of[own].0, of[theirs].0) = (fresh, fresh);
                fresh += 1;
            }
        }
        Self { of }
    }
    /// Number of classes. The constant's counts though no bit is left in it, so that the last one's
    /// leaving it is seen as a split.
    fn count(&self) -> usize {
        let mut all: Vec<u32> = [0].into_iter().chain(self.of.iter().map(|c| c.0)).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    }
    /// Bits by class, class 0 first.
    pub(crate) fn members(&self) -> Vec<Vec<usize>> {
        let most = self.of.iter().map(|c| c.0).max().unwrap_or(0);
        let mut all = vec![Vec::new(); most as usize + 1];
        for (bit, &(class, _)) in self.of.iter().enumerate() {
            all[class as usize].push(bit);
        }
        all
    }
}

/// Simulates: the classes, and a difference that the kernel accepts.
pub(crate) fn simulate(product: &Product, budget: &Budget) -> (Classes, Option<Divergence>) {
    let model = &product.model;
    let words = dictionary(model, budget);
    let fallback = models(model, model.assume, &|_| true, budget);
    let roots = product.outputs.iter().flat_map(|o| [o.delivered, o.reference]);
    let roots = roots.chain([model.assume]).chain(model.state.iter().map(|s| s.lit));
    let mut slice = Slice::new(model, roots);
    let mut classes: Option<Classes> = None;
    let (mut found, mut asked) = (None, 0);
    for campaign in 0..CAMPAIGNS {
        let mut random = Random::new(campaign + 1);
        let mut stimulus = Stimulus::new(model, &words, &fallback, campaign);
        let power: Vec<u64> = power_up(product, &mut random);
        let mut state = power.clone();
        let mut log: Vec<Vec<u64>> = Vec::new();
        let mut lanes = u64::MAX;
        let reset = model.reset_cycles as usize;
        for cycle in 0..reset + CYCLES {
            if cycle >= reset {
                classes.get_or_insert_with(|| start(&state)).split(&state, lanes);
            }
            let mut inputs = stimulus.next(cycle).to_vec();
            hold_resets(product, cycle, &mut inputs);
            slice.evaluate(&state, &inputs, cycle < reset);
            for attempt in 0..4 {
                let bad = !slice.value(model.assume) & lanes;
                if cycle < reset || bad == 0 {
                    break;
                }
                inputs = stimulus.redraw(bad, attempt).to_vec();
                slice.evaluate(&state, &inputs, false);
            }
            if cycle >= reset {
                lanes &= slice.value(model.assume);
            }
            log.push(inputs);
            if cycle >= reset && found.is_none() && asked < ASKED {
                let differing = product.outputs.iter().find_map(|o| {
                    let differ = (slice.value(o.delivered) ^ slice.value(o.reference)) & lanes;
                    (differ != 0).then_some((o, differ.trailing_zeros() as usize))
                });
                if let Some((output, lane)) = differing {
                    asked += 1;
                    let run = Trace {
                        power_up: print_bits(&column(&power, lane)),
                        inputs: log.iter().map(|w| print_bits(&column(w, lane))).collect(),
                        essential: Vec::new(),
                    };
                    let (port, bit) = (output.port.clone(), output.bit);
                    let divergence = Divergence { run, cycle: cycle as u32, port, bit };
                    found = differs(product, &divergence).is_ok().then_some(divergence);
                }
            }
            slice.advance(&mut state);
        }
        if found.is_some() || budget.exhausted() {
            break;
        }
    }
    (classes.unwrap_or_else(|| start(&vec![0; model.state.len()])), found)
}

/// One class but for the constant's, signed by the first lane: bits that are equal, complementary or
/// constant so far cannot be told apart yet.
fn start(state: &[u64]) -> Classes {
    Classes { of: state.iter().map(|&w| (0, w & 1 == 1)).collect() }
}

/// Power-up states that respect what is declared. Registers without declared value have the same one in
/// each run, so that partners whose names are lost agree from the start; constants and identities vary.
fn power_up(product: &Product, random: &mut Random) -> Vec<u64> {
    let common = random.word();
    let free = |s: &StateBit, random: &mut Random| match s.kind {
        StateKind::Register(_) => common,
        _ => random.word(),
    };
    let declared = |v: bool| if v { u64::MAX } else { 0 };
    let bits = product.model.state.iter();
    bits.map(|s| s.power_up.map_or_else(|| free(s, random), declared)).collect()
}

/// Where no reset is declared, inputs named like one are held for a while in most of the runs, and
/// inactive afterwards.
fn hold_resets(product: &Product, cycle: usize, inputs: &mut [u64]) {
    if product.model.contract.reset.is_some() {
        return;
    }
    const HELD: u64 = !0xffff;
    for (word, input) in inputs.iter_mut().zip(&product.model.inputs) {
        let name = input.name.to_ascii_lowercase();
        if name.contains("rst") || name.contains("reset") {
            let active = if name.ends_with('n') { 0 } else { u64::MAX };
            let held = if cycle < 3 { active } else { !active };
            *word = *word & !HELD | held & HELD;
        }
    }
}
