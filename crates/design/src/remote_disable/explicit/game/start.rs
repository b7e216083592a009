//! Where the game starts: states at the end of the reset sequence, with the way there.
//!
//! Method: every combination of free power-up bits is pushed through the reset cycles under all input
//! words, sixty-four at a time; of several ways to a state the first is kept. Straps that no assumption
//! allows are left out at the end.
//! Cost: states times words for each cycle of reset; too many give nothing.
//! What it cannot see: straps that change during reset; they are state that keeps its value.

use super::subsets;
use crate::remote_disable::explicit::LIMIT;
use crate::slice::{Slice, Word, spread};
use proof::Model;

pub(super) fn unpack(model: &Model, slice: &Slice, state: u32) -> Vec<Word> {
    let mut bits: Vec<bool> = model.state.iter().map(|s| s.power_up.unwrap_or(false)).collect();
    for (b, &i) in slice.state.iter().enumerate() {
        bits[i] = state >> b & 1 == 1;
    }
    spread(&bits)
}

/// Input words `base..base + 64` (slice positions), in parallel.
pub(super) fn input_words(model: &Model, slice: &Slice, base: usize) -> Vec<Word> {
    const LOW: [Word; 6] = [
        0xaaaa_aaaa_aaaa_aaaa,
        0xcccc_cccc_cccc_cccc,
        0xf0f0_f0f0_f0f0_f0f0,
        0xff00_ff00_ff00_ff00,
        0xffff_0000_ffff_0000,
        0xffff_ffff_0000_0000,
    ];
    let mut words = vec![0; model.inputs.len()];
    for (p, &i) in slice.inputs.iter().enumerate() {
        words[i] = match LOW.get(p) {
            Some(&pattern) => pattern,
            None if base >> p & 1 == 1 => Word::MAX,
            None => 0,
        };
    }
    words
}

/// States at the end of the reset sequence: (state, power-up state, input words of reset).
pub(super) fn initial(model: &Model, slice: &mut Slice) -> Option<Vec<(u32, u32, Vec<u32>)>> {
    let bits = slice.state.len();
    let inputs = slice.inputs.len();
    let mut layer: Vec<(u32, u32, Vec<u32>)> = Vec::new();
    let free =
        slice.state.iter().enumerate().fold(0u32, |m, (b, &i)| {
            if model.state[i].power_up.is_none() { m | 1 << b } else { m }
        });
    let fixed = slice.state.iter().enumerate().fold(0u32, |m, (b, &i)| {
        if model.state[i].power_up == Some(true) { m | 1 << b } else { m }
    });
    for s in subsets(free) {
        layer.push((s | fixed, s | fixed, Vec::new()));
    }
    for _ in 0..model.reset_cycles {
        if layer.len() << inputs > LIMIT {
            return None;
        }
        let mut seen = vec![false; 1 << bits];
        let mut after: Vec<(u32, u32, Vec<u32>)> = Vec::new();
        for (state, power_up, words) in &layer {
            let full = unpack(model, slice, *state);
            for base in (0..1usize << inputs).step_by(64) {
                let word = input_words(model, slice, base);
                slice.evaluate(&full, &word, true);
                let mut next = full.clone();
                slice.advance(&mut next);
                for p in 0..64.min((1usize << inputs) - base) {
                    let to = slice
                        .state
                        .iter()
                        .enumerate()
                        .fold(0u32, |s, (b, &i)| s | ((next[i] >> p & 1) as u32) << b);
                    if !std::mem::replace(&mut seen[to as usize], true) {
                        let mut way = words.clone();
                        way.push((base + p) as u32);
                        after.push((to, *power_up, way));
                    }
                }
            }
        }
        layer = after;
    }
    // straps must satisfy the assumptions that speak of them alone
    layer.retain(|l| {
        let full = unpack(model, slice, l.0);
        slice.evaluate(&full, &vec![0; model.inputs.len()], false);
        slice.value(model.assume_constants) & 1 == 1
    });
    Some(layer)
}
