//! From features to a judgement.
//!
//! Method: gradient-boosted decision trees of depth three (Friedman, Annals of Statistics 2001) over
//! counts and their ratios, fitted to generated implants (gates agree at F1 0.7 or better) against all
//! other candidates of infected, placebo and clean designs, with the hardest of those weighted up
//! (`examples/hunt/fit.py`). The trees are committed as numbers (`trees`); whole families of hosts and one
//! family of triggers never took part, and docs/hunt.md reports them apart.
//! Cost: a few hundred comparisons per candidate.
//! What it cannot see: intent. A rare honest mode with the same shape scores the same.

use super::candidate::Features;
use super::trees::{BASE, TREES};

/// Score from which a design is called suspect.
pub(super) const THRESHOLD: f64 = 1.0;

/// What each factor e of gates beyond a thousand takes off: a large design has more candidates, and the
/// best of many is good by chance. Set on `serv`, a tuning family that the trees were not fitted to.
const SIZE: f64 = 0.7;

/// What the trees ask about, in the order of their indices.
fn terms(f: &Features) -> [f64; 21] {
    let gates = f.gates + 1.0;
    [
        f.bits,
        f.gates,
        f.registers,
        f.passing,
        f.live,
        f.constant,
        f.dead,
        f.lost_registers,
        f.silent,
        f.taps,
        f.width,
        f.flips,
        f.busy,
        f.parent_bits,
        f.stored,
        f.users,
        (f.constant + f.dead) / gates,
        f.registers / gates,
        f.taps / gates,
        f.passing / gates,
        f.bits - f.parent_bits,
    ]
}

/// The score: logarithm of the odds, shifted so that the threshold is where the protocol put it.
pub(super) fn score(f: &Features) -> f64 {
    let terms = terms(f);
    let mut sum = BASE;
    for (splits, leaves) in &TREES {
        let mut node = 0;
        for level in 0..3 {
            let (feature, cut) = splits[(1 << level) - 1 + node];
            node = 2 * node + usize::from(terms[usize::from(feature)] > cut);
        }
        sum += leaves[node];
    }
    sum - SIZE * (f.design / 1000.0).ln().max(0.0)
}

/// The score as a probability, one half at the threshold.
pub(super) fn confidence(score: f64) -> f64 {
    1.0 / (1.0 + (THRESHOLD - score).exp())
}
