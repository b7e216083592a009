//! Witnesses for people: short, quiet, with the bits that matter marked.
//!
//! Problem: a solver's trace is full of accidental values; a reader wants the one word that does it.
//! Method: greedy reduction under replay. Drop cycles, replace whole words and then single ports by
//! the quiet word, keep what still arrives; at the end a bit is essential if flipping it alone makes
//! the run miss. A candidate differs in one cycle, so its replay starts there; what the set does not
//! depend on becomes quiet unasked. For the essential bits 64 candidates are replayed at once.
//! Cost: a few hundred replays of what is left of a short run.

use super::Context;
use super::closed_set::Found;
use crate::ports::{assignments, ports};
use crate::slice::{Slice, Word, spread};
use proof::Model;
use proof::certificate::Trace;
use proof::replay::print_bits;

struct Arrival<'a> {
    model: &'a Model,
    service: usize,
    found: &'a Found,
}

impl Arrival<'_> {
    fn in_reset(&self, cycle: usize) -> bool {
        cycle < self.model.reset_cycles as usize
    }

    /// Patterns that hold the contract's constants from the start.
    fn constants(&self, slice: &mut Slice, power_up: &[Word]) -> Word {
        slice.evaluate(power_up, &vec![0; self.model.inputs.len()], false);
        slice.value(self.model.assume_constants)
    }

    /// One cycle; patterns that keep to `assume` in it.
    fn step(&self, slice: &mut Slice, state: &mut [Word], word: &[Word], cycle: usize) -> Word {
        let in_reset = self.in_reset(cycle);
        slice.evaluate(state, word, in_reset);
        let good = if in_reset { Word::MAX } else { slice.value(self.model.assume) };
        slice.advance(state);
        good
    }

    /// Patterns that keep to `assume` from `cycle` on, where they are in `state`, and end in the set.
    fn check(
        &self,
        slice: &mut Slice,
        state: &[Word],
        cycle: usize,
        inputs: impl Iterator<Item = Vec<Word>>,
    ) -> Word {
        let mut state = state.to_vec();
        let mut good = Word::MAX;
        for (n, word) in inputs.enumerate() {
            good &= self.step(slice, &mut state, &word, cycle + n);
            if good == 0 {
                return 0;
            }
        }
        for clause in &self.found.set {
            good &= clause
                .iter()
                .map(|&(i, v)| if v { state[i] } else { !state[i] })
                .fold(0, |some, w| some | w);
        }
        for &t in &self.model.services[self.service].tracker {
            good &= !state[t];
        }
        if let Some((bits, complement)) = &self.found.potential {
            let within = self.model.services[self.service].within;
            let (mut less, mut seen) = (0 as Word, 0u32);
            for &b in bits {
                let bit = if *complement { !state[b] } else { state[b] };
                let wanted = if seen < 64 && within >> seen & 1 == 1 { Word::MAX } else { 0 };
                less = (!bit & wanted) | (!(bit ^ wanted) & less);
                seen += 1;
            }
            good &= !less;
        }
        good
    }
}

impl Context<'_> {
    /// Reduces a trace that ends in `found`.
    pub(crate) fn minimise(&mut self, found: &Found, trace: &Trace) -> Trace {
        let model = self.model;
        let arrival = Arrival { model, service: self.service, found };
        let mut power_up = bits(&trace.power_up);
        let mut words: Vec<Vec<bool>> = trace.inputs.iter().map(|t| bits(t)).collect();
        let mut quiet = self.granted.words().first().cloned().unwrap_or_default();
        quiet.resize(model.inputs.len(), false);
        for s in &model.services {
            quiet[s.pick] = false;
        }
        let slice = &mut self.slice;
        let arrives = |slice: &mut Slice, state: &[Word], cycle: usize, rest: &[Vec<bool>]| {
            arrival.check(slice, state, cycle, rest.iter().map(|w| spread(w))) & 1 == 1
        };
        let starts = |slice: &mut Slice, power_up: &[bool], words: &[Vec<bool>]| {
            let state = spread(power_up);
            arrival.constants(slice, &state) & 1 == 1 && arrives(slice, &state, 0, words)
        };
        if !starts(slice, &power_up, &words) {
            return trace.clone();
        }
        let zero: Vec<bool> = model.state.iter().map(|s| s.power_up.unwrap_or(false)).collect();
        if starts(slice, &zero, &words) {
            power_up = zero;
        }
        let mut state = spread(&power_up);
        let mut at = 0;
        while at < words.len() {
            if !arrival.in_reset(at) && arrives(slice, &state, at, &words[at + 1..]) {
                words.remove(at);
            } else {
                arrival.step(slice, &mut state, &spread(&words[at]), at);
                at += 1;
            }
        }
        let mut matters = vec![false; model.inputs.len()];
        for &i in &slice.inputs {
            matters[i] = true;
        }
        let ports = ports(model);
        let mut state = spread(&power_up);
        for cycle in 0..words.len() {
            for i in (0..quiet.len()).filter(|&i| !matters[i]) {
                words[cycle][i] = quiet[i];
            }
            let old = std::mem::replace(&mut words[cycle], quiet.clone());
            if words[cycle] != old && !arrives(slice, &state, cycle, &words[cycle..]) {
                words[cycle] = old;
                for port in &ports {
                    let old = words[cycle][port.bits()].to_vec();
                    if old == quiet[port.bits()] {
                        continue;
                    }
                    words[cycle][port.bits()].copy_from_slice(&quiet[port.bits()]);
                    if !arrives(slice, &state, cycle, &words[cycle..]) {
                        words[cycle][port.bits()].copy_from_slice(&old);
                    }
                }
            }
            arrival.step(slice, &mut state, &spread(&words[cycle]), cycle);
        }
        let essential = self.essential(found, &power_up, &words);
        Trace {
            power_up: print_bits(&power_up),
            inputs: words.iter().map(|w| print_bits(w)).collect(),
            essential,
        }
    }

    /// Marks of the input bits whose flip alone makes the run miss.
    fn essential(&mut self, found: &Found, power_up: &[bool], words: &[Vec<bool>]) -> Vec<String> {
        let model = self.model;
        let arrival = Arrival { model, service: self.service, found };
        let reset = model.reset_cycles as usize;
        let mut marks = vec![vec![false; model.inputs.len()]; words.len()];
        let spots: Vec<(usize, usize)> = (reset..words.len())
            .flat_map(|c| self.slice.inputs.iter().map(move |&i| (c, i)))
            .filter(|s| !matches!(model.inputs[s.1].role, proof::Role::Pick(_)))
            .collect();
        let base: Vec<Vec<Word>> = words.iter().map(|w| spread(w)).collect();
        let start = spread(power_up);
        for chunk in spots.chunks(64) {
            let mut inputs = base.clone();
            for (pattern, &(c, i)) in chunk.iter().enumerate() {
                inputs[c][i] ^= 1 << pattern;
            }
            let good = arrival.check(&mut self.slice, &start, 0, inputs.into_iter());
            for (pattern, &(c, i)) in chunk.iter().enumerate() {
                marks[c][i] = good >> pattern & 1 == 0;
            }
        }
        marks.iter().map(|m| print_bits(m)).collect()
    }
}

/// The words of a trace for people: one line per cycle after reset in which something matters.
pub(crate) fn stimulus(model: &Model, trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    for (cycle, word) in trace.inputs.iter().enumerate().skip(model.reset_cycles as usize) {
        let Some(marks) = trace.essential.get(cycle) else { continue };
        let parts = assignments(model, &bits(word), |i| marks.as_bytes()[i] == b'1');
        if !parts.is_empty() {
            lines.push(format!("cycle {cycle}: {parts}"));
        }
    }
    lines
}

fn bits(word: &str) -> Vec<bool> {
    word.bytes().map(|b| b == b'1').collect()
}
