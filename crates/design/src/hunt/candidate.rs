//! Candidates: nets that are quiet, serve a region of their own, and touch the host lightly.
//!
//! Problem: thousands of nets are rare; few are triggers.
//! Method: every rare net with an exclusive region is a candidate; a cheap order keeps the best few
//! hundred, for which the tie-off is computed. From it come the *features* on which `score`
//! judges. Each is a plain count or logarithm that the report shows, so that a reader can disagree.
//! Cost: one tie-off per kept candidate.

use super::activity::Activity;
use super::circuit::Circuit;
use super::conjunction;
use super::dominators::Dominators;
use super::tieoff::{Fate, Tied, tie};
use std::collections::BTreeSet;

/// Rarity from which a net counts as quiet, in bits.
const QUIET_BITS: f64 = 5.0;
/// Candidates for which the tie-off is computed.
const KEPT: usize = 600;
/// Most changed nodes of a tie-off.
const TIE_LIMIT: usize = 60_000;

/// What is known of a candidate.
#[derive(Clone, Debug, Default)]
pub(super) struct Features {
    /// Rarity of the trigger value, in bits.
    pub(super) bits: f64,
    /// Gates of the exclusive region.
    pub(super) gates: f64,
    /// Registers of it.
    pub(super) registers: f64,
    /// Gates outside that pass a signal through while the net is quiet.
    pub(super) passing: f64,
    /// Activity of the busiest signal passed through: 0 to 0.5.
    pub(super) live: f64,
    /// Gates outside that become constant.
    pub(super) constant: f64,
    /// Gates outside that serve nothing any more.
    pub(super) dead: f64,
    /// Registers outside that become constant or dead.
    pub(super) lost_registers: f64,
    /// Observers that become constant.
    pub(super) silent: f64,
    /// Different nets of the host that the region reads.
    pub(super) taps: f64,
    /// Width of the conjunction at the trigger.
    pub(super) width: f64,
    /// Whether a passing gate inverts when the trigger fires.
    pub(super) flips: f64,
    /// Share of the design's gates in the region.
    pub(super) share: f64,
    /// Gates of the design.
    pub(super) design: f64,
    /// Share of the design's gates that never left their value.
    pub(super) asleep: f64,
    /// Share of the region's gates that are busy.
    pub(super) busy: f64,
    /// Rarity of the next net that everything from here passes, in bits.
    pub(super) parent_bits: f64,
    /// Whether the trigger net is a register.
    pub(super) stored: f64,
    /// Readers of the trigger net.
    pub(super) users: f64,
}

impl Features {
    /// Names of [`Features::vector`].
    pub(super) const NAMES: [&'static str; 19] = [
        "bits",
        "gates",
        "registers",
        "passing",
        "live",
        "constant",
        "dead",
        "lost",
        "silent",
        "taps",
        "width",
        "flips",
        "share",
        "design",
        "asleep",
        "busy",
        "parent",
        "stored",
        "users",
    ];
    /// All features in order.
    pub(super) fn vector(&self) -> Vec<f64> {
        vec![
            self.bits,
            self.gates,
            self.registers,
            self.passing,
            self.live,
            self.constant,
            self.dead,
            self.lost_registers,
            self.silent,
            self.taps,
            self.width,
            self.flips,
            self.share,
            self.design,
            self.asleep,
            self.busy,
            self.parent_bits,
            self.stored,
            self.users,
        ]
    }
}

impl Candidate {
    /// Instances of the trigger region and of everything the tie makes redundant.
    pub(super) fn gates(&self, c: &Circuit<'_>) -> Vec<u32> {
        c.instances(|v| {
            self.tied.trigger.binary_search(&v).is_ok() || self.tied.changed.contains_key(&v)
        })
    }
}

/// A candidate with what its tie changes.
pub(super) struct Candidate {
    /// The trigger's node.
    pub(super) root: u32,
    /// Its usual value.
    pub(super) quiet: bool,
    pub(super) features: Features,
    pub(super) tied: Tied,
    pub(super) score: f64,
}

/// All candidates worth a look, unordered.
pub(super) fn candidates(c: &Circuit<'_>, d: &Dominators, activity: &Activity) -> Vec<Candidate> {
    let total = c.graph.instances.len() as f64;
    let most = (c.graph.instances.len() as u32 * 19 / 20).max(1);
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
            let mut features = features(c, d, activity, var, &tied);
            features.share = features.gates / total.max(1.0);
            features.design = total;
            features.asleep = asleep;
            Candidate { root: var, quiet, features, tied, score: 0.0 }
        })
        .collect()
}

fn features(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    root: u32,
    tied: &Tied,
) -> Features {
    let mut f = Features {
        bits: activity.bits(root).min(24.0),
        gates: f64::from(d.gates[root as usize]),
        registers: f64::from(d.registers[root as usize]),
        width: conjunction::width(c, root) as f64,
        ..Features::default()
    };
    let parent = d.parent[root as usize];
    f.parent_bits = if parent == 0 { 0.0 } else { activity.bits(parent).min(24.0) };
    f.stored = f64::from(u8::from(c.is_register(root)));
    f.users = c.users(root).len() as f64;
    let mut taps: BTreeSet<u32> = BTreeSet::new();
    let mut busy = 0.0;
    for &v in &tied.trigger {
        busy += f64::from(u8::from(c.primary[v as usize] && activity.rate(v) > 0.02));
        for l in c.inputs(v) {
            if !l.is_const() && tied.trigger.binary_search(&l.var()).is_err() {
                taps.insert(l.var());
            }
        }
    }
    f.busy = busy / f.gates.max(1.0);
    f.taps = taps.len() as f64;
    if c.observed[root as usize] {
        f.silent += 1.0;
    }
    for (&v, fate) in &tied.changed {
        let primary = c.primary[v as usize];
        let register = c.is_register(v);
        match fate {
            Fate::Transparent(to) => {
                let rate = activity.rate(to.var());
                // an inner node of an exclusive or is no passing gate of its own
                if primary {
                    f.passing += 1.0;
                    f.live = f.live.max(rate);
                    if let Some((a, b)) = c.graph.fanin(v) {
                        let inner = |l: netlist::Lit| {
                            l.is_neg()
                                && c.graph.owner[l.index()] == c.graph.owner[v as usize]
                                && tied.changed.contains_key(&l.var())
                        };
                        f.flips = f.flips.max(f64::from(u8::from(inner(a) && inner(b))));
                    }
                }
            }
            Fate::Constant(_) => {
                f.constant += f64::from(u8::from(primary));
                f.silent += f64::from(u8::from(c.observed[v as usize]));
                f.lost_registers += f64::from(u8::from(register));
            }
            Fate::Dead => {
                f.dead += f64::from(u8::from(primary));
                f.lost_registers += f64::from(u8::from(register));
            }
        }
    }
    f
}
