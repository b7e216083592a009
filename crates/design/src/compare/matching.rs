//! Register matching by name and by simulation signature.
//!
//! Method: both designs run from their start under the same random inputs, resets (by name) inactive in
//! half of the lanes; the values of a register over all lanes and cycles are folded into a signature.
//! Equal name and bit match if the signatures agree; others match if a signature occurs once on each
//! side. Outputs are compared on the way.
//! Cost: one simulation of both. What it cannot see: complemented or re-encoded registers.

use super::{Common, Pair, started};
use netlist::Netlist;
use std::collections::BTreeMap;

/// How registers were matched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Same name and bit.
    Name,
    /// Same behaviour in simulation, and nobody else's.
    Signature,
}

const CYCLES: usize = 200;

/// Input words of one lane, cycle by cycle.
pub(super) type Words = Vec<Vec<bool>>;

/// Matches registers, and reports the first difference at an output.
pub(super) fn registers(
    a: &Netlist,
    b: &Netlist,
    inputs: &[Common],
    outputs: &[Common],
) -> (Vec<Pair>, Option<Words>) {
    let (mut left, mut right) = (started(a), started(b));
    let mut signature_a = vec![0u64; a.registers.len()];
    let mut signature_b = vec![0u64; b.registers.len()];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut stimulus: Vec<Vec<u64>> = Vec::new();
    let mut difference = None;
    for cycle in 0..CYCLES {
        let mut words = Vec::with_capacity(inputs.len());
        for input in inputs {
            let name = input.name.to_ascii_lowercase();
            let mut word = draw();
            if name.contains("rst") || name.contains("reset") {
                let stem = name.split('[').next().unwrap_or("");
                let active = if stem.ends_with('n') { 0 } else { u64::MAX };
                let held = if cycle < 3 { active } else { !active };
                word = word & 0xffff | held & !0xffff;
            }
            left.logic.set(input.a, &[word]);
            right.logic.set(input.b, &[word]);
            words.push(word);
        }
        stimulus.push(words);
        left.settle();
        right.settle();
        for output in outputs {
            let differ = left.logic.value(output.a)[0] ^ right.logic.value(output.b)[0];
            if differ != 0 && difference.is_none() {
                difference = Some((differ.trailing_zeros(), cycle));
            }
        }
        let fold = |sum: &mut u64, value: u64| {
            *sum = (sum.rotate_left(7) ^ value).wrapping_mul(0x2545_f491_4f6c_dd1d);
        };
        for (sum, r) in signature_a.iter_mut().zip(&a.registers) {
            fold(sum, left.logic.value(r.out)[0]);
        }
        for (sum, r) in signature_b.iter_mut().zip(&b.registers) {
            fold(sum, right.logic.value(r.out)[0]);
        }
        left.load();
        right.load();
    }
    let lane = |(lane, cycle): (u32, usize)| -> Words {
        let bits = |words: &Vec<u64>| words.iter().map(|w| w >> lane & 1 == 1).collect();
        stimulus[..=cycle].iter().map(bits).collect()
    };
    (pairs(a, b, &signature_a, &signature_b), difference.map(lane))
}

fn pairs(a: &Netlist, b: &Netlist, of_a: &[u64], of_b: &[u64]) -> Vec<Pair> {
    let mut by_name: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    for (i, r) in b.registers.iter().enumerate() {
        by_name.insert((&r.name, r.bit), i);
    }
    let mut taken = vec![false; b.registers.len()];
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for (i, r) in a.registers.iter().enumerate() {
        match by_name.get(&(r.name.as_str(), r.bit)) {
            Some(&j) if of_a[i] == of_b[j] => {
                taken[j] = true;
                found.push(Pair { a: i, b: j, by: By::Name, equal: true });
            }
            _ => rest.push(i),
        }
    }
    let mut by_signature: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for i in rest {
        by_signature.entry(of_a[i]).or_default().0.push(i);
    }
    for (j, sum) in of_b.iter().enumerate().filter(|(j, _)| !taken[*j]) {
        by_signature.entry(*sum).or_default().1.push(j);
    }
    for (left, right) in by_signature.into_values() {
        if let ([i], [j]) = (left.as_slice(), right.as_slice()) {
            found.push(Pair { a: *i, b: *j, by: By::Signature, equal: true });
        }
    }
    found.sort_by_key(|p| p.a);
    found
}
