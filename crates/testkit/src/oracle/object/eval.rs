//! Circuits of certificates on 64 assignments at a time, or on all states at once.

use super::{Stop, no};
use proof::{Circuit, Var};

/// Value of bit `bit` in the numbers `base .. base + 64`.
pub(super) fn lanes(bit: u32, base: u64) -> u64 {
    const LOW: [u64; 6] = [
        0xaaaa_aaaa_aaaa_aaaa,
        0xcccc_cccc_cccc_cccc,
        0xf0f0_f0f0_f0f0_f0f0,
        0xff00_ff00_ff00_ff00,
        0xffff_0000_ffff_0000,
        0xffff_ffff_0000_0000,
    ];
    match LOW.get(bit as usize) {
        Some(&pattern) => pattern,
        None if base >> bit & 1 == 1 => u64::MAX,
        None => 0,
    }
}

/// Outputs of a circuit; `get` gives the value of a place, if it may be read.
pub(super) fn outputs(
    circuit: &Circuit,
    get: impl Fn(Var) -> Option<u64>,
) -> Result<Vec<u64>, Stop> {
    let mut values = vec![0u64];
    for &place in &circuit.inputs {
        match get(place) {
            Some(value) => values.push(value),
            None => return no(format!("{place:?} may not be read")),
        }
    }
    let at = |values: &[u64], code: u32| match values.get(code as usize >> 1) {
        Some(&v) if code & 1 == 1 => Ok(!v),
        Some(&v) => Ok(v),
        None => no("a literal is used before it is defined"),
    };
    for &[a, b] in &circuit.ands {
        let value = at(&values, a)? & at(&values, b)?;
        values.push(value);
    }
    circuit.outputs.iter().map(|&code| at(&values, code)).collect()
}

/// A predicate on all numbers of `bits` bits, as a bit map.
pub(super) struct Set(Vec<u64>);

impl Set {
    pub(super) fn has(&self, at: u64) -> bool {
        self.0[at as usize / 64] >> (at % 64) & 1 == 1
    }
    /// All members below `limit`.
    pub(super) fn members(&self, limit: u64) -> impl Iterator<Item = u64> + '_ {
        (0..limit).filter(|&n| self.has(n))
    }
}

/// The outputs of a circuit on all numbers of `bits` bits: bit maps, one per output.
pub(super) fn sets(
    circuit: &Circuit,
    bits: u32,
    place: impl Fn(Var) -> Option<u32>,
) -> Result<Vec<Set>, Stop> {
    let blocks = (1u64 << bits).div_ceil(64);
    let mut all: Vec<Set> = circuit.outputs.iter().map(|_| Set(Vec::new())).collect();
    for block in 0..blocks {
        let values = outputs(circuit, |v| place(v).map(|bit| lanes(bit, block * 64)))?;
        for (set, value) in all.iter_mut().zip(values) {
            set.0.push(value);
        }
    }
    Ok(all)
}

/// The same for a circuit that must have one output.
pub(super) fn set(
    circuit: &Circuit,
    bits: u32,
    place: impl Fn(Var) -> Option<u32>,
) -> Result<Set, Stop> {
    let mut all = sets(circuit, bits, place)?;
    match all.pop() {
        Some(only) if all.is_empty() => Ok(only),
        _ => no("a predicate has not one output"),
    }
}

/// The number that several maps write, least significant first.
pub(super) fn number(maps: &[Set], at: u64) -> u128 {
    maps.iter().rev().fold(0, |n, map| n << 1 | u128::from(map.has(at)))
}
