//! `design.hunt`: looks for hidden functions in a netlist, without contract and without golden model.
//!
//! A hidden function has two halves: a *trigger* that is quiet in all normal use, and a *payload* that
//! changes something when it fires. The hunt combines views that each see one aspect — `activity`
//! what is rare, `dominators` what serves nothing else, `tieoff` what becomes redundant when a net is
//! tied quiet, `conjunction`, `scoap` and `fanci` what is hard to set and hardly matters, `dead` what
//! reaches no output — into candidates, and orders them by a score (`score`) whose weights were fitted
//! on some families of designs and measured on others (docs/hunt.md). For the best candidates
//! `activate` finds a run that fires the trigger and shows what it changes, or proves that nothing does.
//!
//! The verdict is `suspect` or `nothing-found`, never more: honest rare logic can be fired as well.

mod activate;
mod activity;
mod baseline;
mod candidate;
mod circuit;
mod conjunction;
mod dead;
mod dominators;
mod fanci;
mod features;
mod objects;
mod random;
mod report;
mod scoap;
mod score;
mod settle;
mod siblings;
mod suspect;
mod tieoff;

pub use activate::{Activation, Run};
pub use baseline::{Baseline, baselines};
pub use objects::{Objects, excluded, objects};
pub use settle::{Settled, settle};
/// Measured false alarms, for every report; docs/hunt.md has the run.
pub const FALSE_ALARMS: &str = "on sixty-two blocks of five projects left out of tuning, 10 of 346 netlists without an \
    implant were flagged (3 %, 95 % interval 2 to 5 %) and 109 of 115 with one (95 %, 89 to 98 %)";

pub use report::{Gate, Hunt, Part, PayloadKind, Suspect};

use activity::Activity;
use candidate::Candidate;
use circuit::Circuit;
use dominators::Dominators;
use frontend::structural::Delivered;
use netlist::Lit;
use solve::Budget;
use suspect::{dead_logic, suspect};

/// How much to spend.
#[derive(Clone, Debug)]
pub struct Options {
    /// Node evaluations of the simulation, in words of 512 patterns.
    pub work: u64,
    /// Solver steps for each activation.
    pub steps: u64,
    /// Most suspects reported.
    pub suspects: usize,
    /// Seed of the stimulus.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { work: 12_000_000, steps: 20_000, suspects: 5, seed: 1 }
    }
}

/// Share of gates two suspects may have in common.
const OVERLAP: f64 = 0.3;
/// Candidates looked at for distinct regions.
const LOOKED_AT: usize = 150;
/// Candidates looked at for a better trigger net of the same region.
const NEAR: usize = 40;
/// How much less such a net may score.
const CLOSE: f64 = 2.5;
/// Confidence from which an activation is sought.
const WORTH: f64 = 0.15;
/// Confidence from which the verdict is `suspect`.
pub const SUSPECT: f64 = 0.5;
/// Solver steps of a first, short look at whether anything can activate a candidate.
const FIRST_LOOK: u64 = 20_000;

/// Hunts through a delivered netlist.
pub fn hunt(delivered: &Delivered, options: &Options, budget: &Budget) -> Hunt {
    hunt_telling(delivered, options, budget, &|_| {})
}

/// Hunts through a delivered netlist; `tell` hears what is being done, in a few words.
pub fn hunt_telling(
    delivered: &Delivered,
    options: &Options,
    budget: &Budget,
    tell: &dyn Fn(&str),
) -> Hunt {
    let graph = &delivered.graph;
    tell("exclusive regions");
    let c = Circuit::new(graph);
    let d = Dominators::new(&c);
    tell("simulation");
    let activity = activity::measure(&c, options.work, options.seed);
    tell("candidates");
    let mut found = candidate::candidates(&c, &d, &activity);
    for candidate in &mut found {
        candidate.score = score::score(&candidate.features);
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.root.cmp(&b.root)));
    let mut hunt = Hunt {
        gates: graph.instances.len(),
        registers: graph.registers.len(),
        patterns: activity.samples,
        moving: activity.moving,
        candidates: found.len(),
        ..Hunt::default()
    };
    tell("suspects");
    let kept =
        distinct(&c, &d, delivered, &activity, &found, options.suspects.max(2), budget, &mut hunt);
    let hard = scoap::Scoap::new(&c);
    let second = kept.get(1).map(|k| found[k.0].score);
    let fire = |root: u32, quiet: bool| {
        let budget = budget.slice(options.steps);
        let memory = memory(&c, &d, root);
        activate::activate(&c, &delivered.netlist, &activity, root, quiet, &memory, &budget)
    };
    for (rank, &(best, trigger)) in kept.iter().take(options.suspects).enumerate() {
        let (best, mut trigger) = (&found[best], &found[trigger]);
        let other = if rank == 0 { second } else { kept.first().map(|k| found[k.0].score) };
        let confidence = score::confidence(best.score, other, &best.features);
        let mut activation = Activation::Budget;
        if confidence >= WORTH {
            tell("activation");
            activation = fire(trigger.root, trigger.quiet);
            if activation == Activation::Budget && best.root != trigger.root {
                // another net of the same region, nearer to what it watches
                let nearer = fire(best.root, best.quiet);
                if matches!(nearer, Activation::Fires(_)) {
                    (activation, trigger) = (nearer, best);
                }
            }
        }
        let mut made = suspect(&c, &d, &activity, &hard, trigger, activation);
        made.confidence = confidence;
        hunt.suspects.push(made);
    }
    dead_logic(&c, &d, &activity, &mut hunt, &fire);
    hunt.suspects.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    hunt.suspicious = hunt.suspects.first().is_some_and(|s| s.confidence >= SUSPECT);
    notes(delivered, &activity, &mut hunt);
    hunt
}

/// Registers whose states show progress towards firing `root`: its own, or those that its region reads;
/// of a net without observer all that have none either.
fn memory(c: &Circuit<'_>, d: &Dominators, root: u32) -> Vec<u32> {
    if !d.alive(root) {
        let registers = c.graph.registers.iter().map(|r| r.out.var());
        return registers.filter(|&v| !d.alive(v)).collect();
    }
    let region = d.region(root);
    let own: Vec<u32> = region.iter().copied().filter(|&v| c.is_register(v)).collect();
    if !own.is_empty() {
        return own;
    }
    let mut read: Vec<u32> = region.iter().flat_map(|&v| c.inputs(v)).map(Lit::var).collect();
    read.retain(|&v| v != 0 && c.is_register(v));
    read.sort_unstable();
    read.dedup();
    read
}

/// The best candidates with regions of their own: index of the best net of each, and of its trigger net.
/// What nothing can activate is dropped.
#[allow(clippy::too_many_arguments, reason = "one caller; a struct would only rename them")]
fn distinct(
    c: &Circuit<'_>,
    d: &Dominators,
    delivered: &Delivered,
    activity: &Activity,
    found: &[Candidate],
    wanted: usize,
    budget: &Budget,
    hunt: &mut Hunt,
) -> Vec<(usize, usize)> {
    let looked_at = found.len().min(LOOKED_AT);
    let mut sets: Vec<Option<Vec<u32>>> = vec![None; looked_at];
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let mut taken: Vec<Vec<u32>> = Vec::new();
    let gates_of = |sets: &mut Vec<Option<Vec<u32>>>, i: usize| -> Vec<u32> {
        let make = || found[i].gates(c, d, &found[i].tied(c, d));
        sets[i].get_or_insert_with(make).clone()
    };
    for rank in 0..looked_at {
        if kept.len() >= wanted {
            break;
        }
        let candidate = &found[rank];
        let gates = gates_of(&mut sets, rank);
        let shares = |other: &Vec<u32>| {
            common(&gates, other) > OVERLAP * gates.len().min(other.len()) as f64
        };
        if gates.is_empty() || taken.iter().any(shares) {
            continue;
        }
        // of several nets around one region the last before the payload is the trigger
        let mut trigger = rank;
        for (i, other) in found.iter().enumerate().take(looked_at.min(rank + NEAR)).skip(rank + 1) {
            if candidate.score - other.score >= CLOSE {
                break;
            }
            let theirs = gates_of(&mut sets, i);
            let same = common(&gates, &theirs) > 0.8 * gates.len().max(theirs.len()) as f64;
            let key = |k: usize| (d.size(found[k].root), found[k].root);
            if same && key(i) > key(trigger) {
                trigger = i;
            }
        }
        let (root, quiet) = (found[trigger].root, found[trigger].quiet);
        let look = budget.slice(FIRST_LOOK);
        if activate::never(c, &delivered.netlist, activity, root, quiet, &look) {
            hunt.never.push(Lit::new(root, !quiet));
            continue;
        }
        taken.push(gates);
        kept.push((rank, trigger));
    }
    kept
}

/// Members two sorted lists have in common.
fn common(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut n) = (0, 0, 0u32);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        n += u32::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    f64::from(n)
}

fn notes(delivered: &Delivered, activity: &Activity, hunt: &mut Hunt) {
    let graph = &delivered.graph;
    let start = if activity.random_start { "random states" } else { "all registers at 0" };
    hunt.notes.push(format!("simulated runs start from {start}; stimuli from all registers at 0"));
    for (i, usual) in activity.usual.iter().enumerate() {
        if let Some(value) = usual {
            let name = graph.net_name(graph.free[i]);
            let word = u8::from(*value);
            hunt.notes.push(format!(
                "input {name} is held at {word} most of the time: more registers move so"
            ));
        }
    }
    hunt.notes.extend(delivered.netlist.notes.iter().cloned());
    for u in &delivered.netlist.unsupported {
        hunt.notes.push(format!("not modelled exactly: {}: {}", u.what, u.place));
    }
}

/// A row of [`candidate_table`].
#[derive(Clone, Debug)]
pub struct Row {
    /// Features in the order of [`feature_names`].
    pub features: Vec<f64>,
    /// Instances that would be reported.
    pub gates: Vec<u32>,
    /// The trigger net.
    pub trigger: String,
}

/// Features, gates and trigger net of every candidate, for fitting weights.
pub fn candidate_table(d: &Delivered, work: u64) -> Vec<Row> {
    let c = Circuit::new(&d.graph);
    let dom = Dominators::new(&c);
    let a = activity::measure(&c, work, 1);
    candidate::candidates(&c, &dom, &a)
        .iter()
        .map(|k| Row {
            features: k.features.vector(),
            gates: k.gates(&c, &dom, &k.tied(&c, &dom)),
            trigger: d.graph.net_name(Lit::new(k.root, false)),
        })
        .collect()
}

/// Names of a row's features.
pub fn feature_names() -> &'static [&'static str] {
    features::Features::NAMES
}
