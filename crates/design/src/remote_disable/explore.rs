//! Simulation from reset and from suspect states: what to guess, what to try, what serves.
//!
//! Problem: proofs and refutations both start from a good guess — which bits are constant, which
//! states look stuck, which run serves twice.
//! Method: 64 patterns in parallel. A pattern whose inputs break `assume` in some cycle is retried
//! with other words and then frozen out of the statistics. Patterns mix documented traffic of the
//! owner's program with noise.
//! Cost: proportional to cycles times the cone of influence of service.

use super::Context;
use super::controller::{Party, Program};
use super::houdini::{StateClause, StateLit};
use super::stimulus::Pool;
use crate::slice::{Random as Rng, Slice, Word, column, spread};
use netlist::Lit;
use proof::Model;
use proof::certificate::Trace;
use proof::replay::{completions, print_bits, replay};

/// The cone that decides a service, with the conditions of the contract.
pub(crate) fn service_slice(model: &Model, service: usize, programs: &[Program]) -> Slice {
    let s = &model.services[service];
    let mut roots = vec![
        s.complete,
        s.start,
        model.assume,
        model.assume_constants,
        model.recovery_assume,
        model.documented,
    ];
    roots.extend(s.tracker.iter().map(|&t| model.state[t].lit));
    roots.extend(programs.iter().flat_map(Program::literals));
    Slice::new(model, roots)
}

/// Every bit of a random power-up state.
pub(crate) fn power_up(model: &Model, random: &mut Rng) -> Vec<Word> {
    model
        .state
        .iter()
        .map(|s| match s.power_up {
            None => random.word(),
            Some(true) => Word::MAX,
            Some(false) => 0,
        })
        .collect()
}

/// Register bits that never changed, with their value, over patterns in `mask`.
pub(crate) struct Steady {
    and: Vec<Word>,
    or: Vec<Word>,
}

impl Steady {
    pub(crate) fn new(bits: usize) -> Self {
        Self { and: vec![Word::MAX; bits], or: vec![0; bits] }
    }
    pub(crate) fn see(&mut self, state: &[Word], mask: Word) {
        for (i, &word) in state.iter().enumerate() {
            self.and[i] &= word | !mask;
            self.or[i] |= word & mask;
        }
    }
    pub(crate) fn literals(&self, bits: &[usize]) -> Vec<StateLit> {
        bits.iter()
            .filter_map(|&i| match (self.and[i], self.or[i]) {
                (Word::MAX, _) => Some((i, true)),
                (_, 0) => Some((i, false)),
                _ => None,
            })
            .collect()
    }
}

/// What free-running simulation from reset showed.
pub(crate) struct Explored {
    /// Bits that never changed after reset.
    pub(crate) constant: Vec<StateLit>,
    /// A run with two completions (or one, if no run had two), and how many.
    pub(crate) cover: Option<(Trace, usize)>,
}

/// Runs the service's program over and over, with noise on the side, from reset.
pub(crate) fn explore(
    model: &Model,
    service: usize,
    program: &Program,
    slice: &mut Slice,
    pools: (&Pool, &Pool),
    cycles: usize,
) -> Explored {
    let mut random = Rng::new(7);
    let mut state = power_up(model, &mut random);
    let start_state = state.clone();
    let mut history: Vec<Vec<Word>> = Vec::new();
    let mut party = Party::new(model, program);
    let (granted, any) = pools;
    // a quarter of the patterns sees noise on every input, the rest keeps to the contract
    let noisy: Word = 0xf000_f000_f000_f000;
    let mut alive = Word::MAX;
    let mut done = [0u16; 64];
    let mut steady = Steady::new(state.len());
    let mut cover: Option<(Trace, usize)> = None;
    let complete = model.services[service].complete;
    for cycle in 0..cycles + model.reset_cycles as usize {
        let in_reset = cycle < model.reset_cycles as usize;
        let mut inputs =
            step_inputs(model, slice, &state, granted, &mut random, in_reset, |inputs| {
                party.drive(inputs);
            });
        if cycle % 3 != 0 {
            let rough = any.draw(&mut random, Word::MAX);
            for (slot, &bit) in inputs.iter_mut().zip(&rough) {
                *slot = (*slot & !noisy) | (bit & noisy);
            }
        }
        slice.evaluate(&state, &inputs, in_reset);
        if !in_reset {
            alive &= slice.value(model.assume);
            steady.see(&state, alive);
            let finished = slice.value(complete) & alive;
            for (pattern, count) in done.iter_mut().enumerate() {
                if finished >> pattern & 1 == 1 {
                    *count += 1;
                    let better = cover.as_ref().is_none_or(|c| c.1 < 2);
                    if better && usize::from(*count) > cover.as_ref().map_or(0, |c| c.1) {
                        let mut words: Vec<String> =
                            history.iter().map(|w| print_bits(&column(w, pattern))).collect();
                        words.push(print_bits(&column(&inputs, pattern)));
                        let power_up = print_bits(&column(&start_state, pattern));
                        let trace = Trace { power_up, inputs: words, essential: Vec::new() };
                        cover = Some((trace, usize::from(*count)));
                    }
                }
            }
            party.advance(slice);
            party.restart(finished);
        }
        slice.advance(&mut state);
        history.push(inputs);
        if history.len() > 4096 {
            break;
        }
    }
    Explored { constant: steady.literals(&slice.state), cover }
}

/// Times an illegal word is drawn again.
const REDRAWN: usize = 4;
/// Words of the pool that are tried after that.
const WORDS_TRIED: usize = 16;

/// Draws inputs, lets `owner` overwrite, and redraws for patterns that break the contract.
pub(crate) fn step_inputs(
    model: &Model,
    slice: &mut Slice,
    state: &[Word],
    pool: &Pool,
    random: &mut Rng,
    in_reset: bool,
    owner: impl Fn(&mut [Word]),
) -> Vec<Word> {
    let noise = random.word() & random.word();
    let mut inputs = pool.draw(random, noise);
    owner(&mut inputs);
    let trivial = model.assume == Lit::TRUE && model.recovery_assume == Lit::TRUE;
    // at random first; then word by word, for conditions that few words satisfy in each state
    let words = pool.words().len().min(WORDS_TRIED);
    for again in 0..if trivial { 0 } else { REDRAWN + words } {
        slice.evaluate_contract(state, &inputs, in_reset);
        let good = slice.value(model.assume) & slice.value(model.recovery_assume);
        if good == Word::MAX {
            break;
        }
        let mut again = match again.checked_sub(REDRAWN) {
            None => pool.draw(random, noise),
            Some(number) => pool.hold(number, random, noise),
        };
        owner(&mut again);
        for (slot, bit) in inputs.iter_mut().zip(again) {
            *slot = (*slot & good) | (bit & !good);
        }
    }
    inputs
}

/// Cycles for which the adversary's words are held late in a long look.
const REDRAW: usize = 64;

/// What happens from a suspect state when the owner runs the program.
pub(crate) struct Outlook {
    /// Latest completion over the patterns that completed, in cycles.
    pub(crate) latest: usize,
    /// Patterns that did not complete.
    pub(crate) stuck: Word,
    /// State at the end.
    pub(crate) state: Vec<Word>,
    /// Word-level history of pattern 0: one state per cycle, thinned to at most 4096 entries.
    pub(crate) history: Vec<Vec<bool>>,
}

/// Runs the program from `state` in 64 patterns until all complete or `cycles` have passed.
/// `first` gives the adversary's first input words for all patterns.
pub(crate) fn outlook(
    model: &Model,
    service: usize,
    program: &Program,
    slice: &mut Slice,
    pool: &Pool,
    state: &[bool],
    first: &[Vec<bool>],
    cycles: usize,
) -> Outlook {
    let mut random = Rng::new(11);
    let mut words = spread(state);
    for &t in &model.services[service].tracker {
        words[t] = 0;
    }
    let mut party = Party::new(model, program);
    let mut running = Word::MAX;
    let mut latest = 0;
    let mut history = Vec::new();
    let mut held = vec![0; model.inputs.len()];
    for cycle in 0..cycles {
        let inputs = match first.get(cycle) {
            Some(word) => {
                let mut inputs = spread(word);
                party.drive(&mut inputs);
                inputs
            }
            // the long tail of a slow recovery is about counters: redraw now and then
            None if cycle > REDRAW && cycle % REDRAW != 0 => {
                party.drive(&mut held);
                held.clone()
            }
            None => {
                held = step_inputs(model, slice, &words, pool, &mut random, false, |inputs| {
                    party.drive(inputs);
                });
                held.clone()
            }
        };
        slice.evaluate(&words, &inputs, false);
        if history.len() < 4096 {
            history.push(column(&words, 0));
        }
        let done = slice.value(model.services[service].complete) & running;
        if done != 0 {
            latest = cycle + 1;
            running &= !done;
            if running == 0 {
                break;
            }
        }
        party.advance(slice);
        slice.advance(&mut words);
    }
    Outlook { latest, stuck: running, state: words, history }
}

/// Runs random owner words from `state`; returns the bits that kept their value over the second half
/// in all patterns, and the two-literal clauses over the `watched` bits that held throughout; `None`
/// if the service completed in some pattern. The owner's words are drawn from the first pool,
/// everything else from the second.
pub(crate) fn frozen(
    model: &Model,
    service: usize,
    slice: &mut Slice,
    pools: (&Pool, &Pool),
    mut state: Vec<Word>,
    cycles: usize,
    watched: &[usize],
) -> Option<(Vec<StateLit>, Vec<StateClause>)> {
    let (owner, others) = pools;
    let mut random = Rng::new(13);
    let mut steady = Steady::new(state.len());
    let mut pairs: Vec<StateClause> = Vec::new();
    for (n, &a) in watched.iter().enumerate() {
        for &b in &watched[n + 1..] {
            for signs in 0..4 {
                pairs.push(vec![(a, signs & 1 == 1), (b, signs & 2 == 2)]);
            }
        }
    }
    let pick = model.services[service].pick;
    for &t in &model.services[service].tracker {
        state[t] = 0;
    }
    for cycle in 0..cycles {
        let words = owner.draw(&mut random, Word::MAX);
        let inputs = step_inputs(model, slice, &state, others, &mut random, false, |inputs| {
            for (i, slot) in inputs.iter_mut().enumerate() {
                if model.inputs[i].role.is_owner() {
                    *slot = words[i];
                }
            }
            inputs[pick] = Word::MAX;
        });
        slice.evaluate(&state, &inputs, false);
        if slice.value(model.services[service].complete) != 0 {
            return None;
        }
        if cycle > cycles / 2 {
            steady.see(&state, Word::MAX);
            let value = |&(i, v): &StateLit| if v { state[i] } else { !state[i] };
            pairs.retain(|c| c.iter().map(value).fold(0, |some, w| some | w) == Word::MAX);
        }
        slice.advance(&mut state);
    }
    let tracker = &model.services[service].tracker;
    let literals: Vec<StateLit> =
        steady.literals(&slice.state).into_iter().filter(|l| !tracker.contains(&l.0)).collect();
    pairs.retain(|c| !c.iter().any(|l| literals.contains(l)));
    Some((literals, pairs))
}

impl Context<'_> {
    /// Continues a run that completes once until it completes twice, if the program can.
    pub(crate) fn second_cover(&mut self, program: &Program) {
        let model = self.model;
        let [trace] = &self.covers[..] else { return };
        if completions(model, self.service, trace).is_ok_and(|n| n >= 2) {
            return;
        }
        let Ok(end) = replay(model, trace, |_| ()) else { return };
        let mut longer = trace.clone();
        let mut state = spread(&end.state);
        let mut party = Party::new(model, program);
        let mut random = Rng::new(17);
        let mut alive = Word::MAX;
        let mut history: Vec<Vec<Word>> = Vec::new();
        for _ in 0..2000 {
            let inputs = step_inputs(
                model,
                &mut self.slice,
                &state,
                &self.granted,
                &mut random,
                false,
                |i| party.drive(i),
            );
            self.slice.evaluate(&state, &inputs, false);
            // a pattern that breaks `assume` once is no run any more
            alive &= self.slice.value(model.assume);
            if alive == 0 {
                return;
            }
            let finished = self.slice.value(model.services[self.service].complete) & alive;
            history.push(inputs);
            if finished != 0 {
                let pattern = finished.trailing_zeros() as usize;
                longer.inputs.extend(history.iter().map(|w| print_bits(&column(w, pattern))));
                self.covers = vec![longer];
                return;
            }
            party.advance(&self.slice);
            self.slice.advance(&mut state);
        }
    }
}
