//! The largest inductive set of equal state bits.
//!
//! Problem: bits that looked alike in simulation may differ in runs that it did not try.
//! Method: all classes are assumed; each bit's next state is compared with that of its class's first bit,
//! by structure first and by SAT where that is not enough. A counterexample, and neighbours of it, split
//! every class that they tell apart, and the rest is tried again (van Eijk, DATE 1998; splitting by
//! simulated counterexamples: Mishchenko et al., ICCAD 2005). What a short search cannot decide waits for
//! merges ([`super::sweep`]); what they do not help either is separated.
//! Cost: one graph of both parts per round, one SAT call per bit that differs in structure.
//! What it cannot see: equalities that need reachable states beyond the classes themselves.

use super::classes::Classes;
use super::sweep::{self, Swept};
use crate::slice::{Random, Slice, spread};
use netlist::Lit;
use proof::Frames;
use proof::product::Product;
use solve::{AigSolver, Budget, Outcome, evaluate};
use std::collections::BTreeSet;

/// Conflicts for one bit before merges are tried, and with them.
const SHORT: u64 = 200;
/// See [`SHORT`].
const LONG: u64 = 50_000;
/// Cycles that a counterexample is followed for.
const FORWARD: usize = 64;
/// Undecided bits after which merges are sought at once.
const WAITING: usize = 64;

/// What holds in every reachable state, and merges that it implies.
pub(crate) struct Equal {
    /// The classes.
    pub(crate) classes: Classes,
    /// Ties and merges.
    pub(crate) swept: Swept,
}

/// Splits until the classes are inductive; `None` if the budget ended.
pub(crate) fn inductive(
    product: &Product,
    choice: &[[u32; 2]],
    mut classes: Classes,
    budget: &Budget,
) -> Option<Equal> {
    start(product, choice, &mut classes, budget);
    let mut merges = None;
    // bits that a short search did not decide: skipped until nothing else splits
    let mut hard: BTreeSet<u32> = BTreeSet::new();
    loop {
        if budget.exhausted() {
            return None;
        }
        let swept = Swept { ties: classes.ties(), merges: merges.clone().unwrap_or_default() };
        let limit = if merges.is_some() { LONG } else { SHORT };
        let skipped = if merges.is_some() { BTreeSet::new() } else { hard.clone() };
        let round = step(product, &swept, &mut classes, &skipped, limit, budget);
        if merges.is_none() {
            hard.extend(&round.waiting);
        }
        if round.split && hard.len() < WAITING {
            merges = None;
        } else if !round.split && (hard.is_empty() || merges.is_some() && round.waiting.is_empty())
        {
            return Some(Equal { classes, swept });
        } else if merges.is_none() || round.split {
            merges = Some(sweep::merges(product, &classes.ties(), budget));
        } else {
            round.waiting.iter().for_each(|&bit| classes.isolate(bit));
            merges = None;
        }
    }
}

/// Power-up states of both parts under a choice.
pub(crate) fn chosen(frames: &mut Frames<'_>, choice: &[[u32; 2]]) -> Vec<Lit> {
    let mut power_up = frames.power_up_state();
    for &[bit, code] in choice {
        let own = (code >> 1).checked_sub(1).map_or(Lit::FALSE, |i| power_up[i as usize]);
        power_up[bit as usize] = own.xor_sign(code & 1 == 1);
    }
    power_up
}

/// Splits classes that differ at the end of reset.
fn start(product: &Product, choice: &[[u32; 2]], classes: &mut Classes, budget: &Budget) {
    let model = &product.model;
    let mut frames = Frames::new(model);
    let power_up = chosen(&mut frames, choice);
    let (_, first) = frames.init_from(power_up);
    let state: Vec<Lit> = (0..model.state.len()).map(|i| frames.state(first, i)).collect();
    let constants = frames.lit(first, model.assume_constants);
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[constants]);
    loop {
        let mut split = false;
        for tie in classes.ties() {
            if !classes.joined(tie) {
                continue;
            }
            let differ = differ(&mut frames, &state, tie);
            if differ == Lit::FALSE {
                continue;
            }
            match solver.solve(&frames.aig, &[differ], &budget.slice(LONG)) {
                Outcome::Unsat => {}
                Outcome::Sat => {
                    let leaves = solver.leaves(&frames.aig);
                    let values = evaluate(&frames.aig, &leaves);
                    let at = |l: &Lit| values[l.index()] ^ l.is_neg();
                    split |= classes.split(&spread(&state.iter().map(at).collect::<Vec<_>>()), 1);
                }
                Outcome::Unknown => {
                    classes.isolate(tie[0]);
                    split = true;
                }
            }
        }
        if !split || budget.exhausted() {
            return;
        }
    }
}

fn differ(frames: &mut Frames<'_>, state: &[Lit], [bit, code]: [u32; 2]) -> Lit {
    let other = (code >> 1).checked_sub(1).map_or(Lit::FALSE, |i| state[i as usize]);
    frames.aig.xor(state[bit as usize], other.xor_sign(code & 1 == 1))
}

struct Round {
    split: bool,
    /// Bits that were not decided.
    waiting: Vec<u32>,
}

/// One round over all tied bits.
fn step(
    product: &Product,
    swept: &Swept,
    classes: &mut Classes,
    skipped: &BTreeSet<u32>,
    limit: u64,
    budget: &Budget,
) -> Round {
    let model = &product.model;
    let mut frames = Frames::new(model);
    let now = sweep::tied(&mut frames, product, swept);
    let inputs = frames.fresh_inputs();
    let then = frames.frame_after(now.frame, inputs);
    let next: Vec<Lit> = (0..model.state.len()).map(|i| frames.state(then, i)).collect();
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[now.assume]);
    let mut slice: Option<Slice> = None;
    let mut round = Round { split: false, waiting: Vec::new() };
    for &tie in &swept.ties {
        if !classes.joined(tie) || skipped.contains(&tie[0]) {
            continue;
        }
        let differ = differ(&mut frames, &next, tie);
        if differ == Lit::FALSE {
            continue;
        }
        match solver.solve(&frames.aig, &[differ], &budget.slice(limit)) {
            Outcome::Unsat => {}
            Outcome::Sat => {
                let state: Vec<bool> = now.state.iter().map(|&l| solver.value(l)).collect();
                let word: Vec<bool> = now.inputs.iter().map(|&l| solver.value(l)).collect();
                let slice = slice.get_or_insert_with(|| everything(product));
                round.split |= split(product, slice, classes, &state, &word);
            }
            Outcome::Unknown => round.waiting.push(tie[0]),
        }
        if budget.exhausted() || skipped.len() + round.waiting.len() >= WAITING {
            break;
        }
    }
    round
}

fn everything(product: &Product) -> Slice {
    let model = &product.model;
    Slice::new(model, model.state.iter().map(|s| s.lit).chain([model.assume]))
}

/// Splits by the next states of a state under a word (lane 0) and under words near it, and by the states
/// that follow: once split by a state, classes hold in it, so what follows it within the assumptions
/// counts as well.
fn split(
    product: &Product,
    slice: &mut Slice,
    classes: &mut Classes,
    state: &[bool],
    word: &[bool],
) -> bool {
    let mut random = Random::new(word.iter().fold(7, |sum, &b| sum << 1 ^ sum >> 3 ^ u64::from(b)));
    let mut states = spread(state);
    let mut words: Vec<u64> =
        spread(word).iter().map(|w| w ^ (random.word() & random.word() & !1)).collect();
    let (mut lanes, mut split) = (u64::MAX, false);
    for cycle in 0..FORWARD {
        slice.evaluate(&states, &words, false);
        // the solver's own word is legal, whatever is outside the slice
        lanes &= slice.value(product.model.assume) | u64::from(cycle == 0);
        slice.advance(&mut states);
        split |= classes.split(&states, lanes);
        for word in &mut words {
            *word ^= random.word() & random.word();
        }
    }
    split
}
