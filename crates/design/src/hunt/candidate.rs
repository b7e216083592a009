//! Candidates: nets that are quiet, serve a region of their own, and touch the host lightly.
//!
//! Problem: thousands of nets are rare; few are triggers.
//! Method: every rare net with an exclusive region is a candidate; a cheap order keeps the best few
//! hundred, for which the tie-off is computed and everything is counted that `features` knows.
//! Cost: one tie-off per kept candidate.

use super::activity::Activity;
use super::circuit::Circuit;
use super::conjunction::Families;
use super::dominators::Dominators;
use super::features::{Features, features};
use super::siblings::Siblings;
use super::tieoff::{Tied, tie};

/// Rarity from which a net counts as quiet, in bits.
const QUIET_BITS: f64 = 5.0;
/// Most gates of a region; larger ones are the host.
const MOST_GATES: u32 = 60_000;
/// Candidates for which the tie-off is computed.
const KEPT: usize = 600;
/// Most changed nodes of a tie-off.
pub(super) const TIE_LIMIT: usize = 60_000;

/// A candidate.
pub(super) struct Candidate {
    /// The trigger's node.
    pub(super) root: u32,
    /// Its usual value.
    pub(super) quiet: bool,
    pub(super) features: Features,
    pub(super) score: f64,
}

impl Candidate {
    /// What tying it quiet changes; not kept, because regions of many candidates overlap.
    pub(super) fn tied(&self, c: &Circuit<'_>, d: &Dominators) -> Tied {
        tie(c, d, self.root, self.quiet, TIE_LIMIT)
    }
    /// Instances of the trigger region and of everything the tie makes redundant.
    pub(super) fn gates(&self, c: &Circuit<'_>, d: &Dominators, tied: &Tied) -> Vec<u32> {
        let region = d.region(self.root).iter().copied();
        c.instances_of(region.chain(tied.changed.keys().copied()))
    }
}

/// All candidates worth a look, unordered.
pub(super) fn candidates(c: &Circuit<'_>, d: &Dominators, activity: &Activity) -> Vec<Candidate> {
    let total = c.graph.instances.len() as f64;
    let most = (c.graph.instances.len() / 20 * 19 + 1).min(MOST_GATES as usize) as u32;
    let families = Families::new(c);
    let siblings = Siblings::new(c);
    let mut quick: Vec<(f64, u32)> = Vec::new();
    let mut asleep = 0u32;
    for var in 1..c.len() as u32 {
        if c.primary[var as usize] && activity.rate(var) == 0.0 {
            asleep += 1;
        }
        if !d.alive(var) || c.graph.is_leaf(var) && !c.is_register(var) {
            continue;
        }
        let gates = d.gates[var as usize];
        let bits = activity.bits(var);
        if bits < QUIET_BITS || gates == 0 || gates > most {
            continue;
        }
        let registers = f64::from(d.registers[var as usize]);
        let order = bits.min(20.0) / 4.0 + f64::from(gates).ln_1p() + registers.ln_1p();
        quick.push((order, var));
    }
    quick.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    quick.truncate(KEPT);
    let asleep = f64::from(asleep) / total.max(1.0);
    quick
        .into_iter()
        .map(|(_, var)| {
            let quiet = activity.quiet(var);
            let tied = tie(c, d, var, quiet, TIE_LIMIT);
            let mut features = features(c, d, activity, &families, &siblings, var, &tied);
            features.design = total;
            features.asleep = asleep;
            Candidate { root: var, quiet, features, score: 0.0 }
        })
        .collect()
}
