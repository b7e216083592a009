//! From features to a judgement.
//!
//! Method: logistic regression over logarithms of the counts, because each is a size and sizes of
//! implants and designs span orders of magnitude. Weights were fitted on the tuning families with the
//! weights of candidates balanced per design (docs/hunt.md has the protocol); they are committed as
//! numbers, and families of hosts and one family of triggers never took part.
//! Cost: nothing.
//! What it cannot see: intent. A rare honest mode with the same shape scores the same.

use super::candidate::Features;

/// Weight of each term of [`terms`].
const WEIGHTS: [f64; 20] = [0.0; 20];
const BIAS: f64 = -1.0;

/// Score from which a design is called suspect.
pub(super) const THRESHOLD: f64 = 0.0;

fn terms(f: &Features) -> [f64; 20] {
    let loss = f.constant + f.dead;
    let merges = f.passing.min(1.0) * f64::from(u8::from(f.live > 0.02));
    [
        f.bits / 8.0,
        f.gates.ln_1p(),
        f.registers.ln_1p(),
        f.passing.ln_1p(),
        (f.live * 4.0).min(1.0),
        f.constant.ln_1p(),
        f.dead.ln_1p(),
        f.lost_registers.ln_1p(),
        f.silent.min(1.0),
        f.taps.ln_1p(),
        f.width.ln_1p(),
        f.flips,
        merges,
        f.busy,
        f.gates / (f.gates + loss + 1.0),
        f.bits / 8.0 * f.gates.ln_1p() / 4.0,
        f.registers.ln_1p() * f.bits / 8.0,
        f.design.ln_1p() / 4.0,
        (f.asleep * 10.0).min(2.0),
        f.silent.ln_1p(),
    ]
}

/// The score: above zero more suspicious than not.
pub(super) fn score(f: &Features) -> f64 {
    terms(f).iter().zip(WEIGHTS).map(|(t, w)| t * w).sum::<f64>() + BIAS
}

/// The score as a probability.
pub(super) fn confidence(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
