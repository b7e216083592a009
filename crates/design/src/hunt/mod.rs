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
mod random;
mod report;
mod scoap;
mod score;
mod tieoff;
mod trees;

pub use activate::{Activation, Run};
pub use baseline::{Baseline, baselines};
/// Measured false alarms, for every report; docs/hunt.md has the run.
pub const FALSE_ALARMS: &str = "on nine host families left out of tuning, 12 of 51 netlists without \
    an implant were flagged (24 %, 95 % interval 14 to 37 %) and 38 of 41 with one (93 %, 81 to 97 %)";

pub use report::{Gate, Hunt, Part, PayloadKind, Suspect};

use activity::Activity;
use candidate::Candidate;
use circuit::Circuit;
use dominators::Dominators;
use frontend::structural::Delivered;
use netlist::Lit;
use solve::Budget;
use std::collections::BTreeSet;
use tieoff::{Fate, tie};

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

/// Candidates looked at for a better trigger net of the same region.
const NEAR: usize = 40;
/// How much less such a net may score.
const CLOSE: f64 = 2.5;
/// Confidence from which an activation is sought.
const WORTH: f64 = 0.15;

/// Hunts through a delivered netlist.
pub fn hunt(delivered: &Delivered, options: &Options, budget: &Budget) -> Hunt {
    let graph = &delivered.graph;
    let c = Circuit::new(graph);
    let d = Dominators::new(&c);
    let activity = activity::measure(&c, options.work, options.seed);
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
    let mut taken: Vec<BTreeSet<u32>> = Vec::new();
    let hard = scoap::Scoap::new(&c);
    let common = |a: &BTreeSet<u32>, b: &BTreeSet<u32>| a.intersection(b).count() as f64;
    for (rank, candidate) in found.iter().enumerate() {
        if hunt.suspects.len() >= options.suspects {
            break;
        }
        let gates: BTreeSet<u32> = candidate.gates(&c).into_iter().collect();
        let shares = |other: &BTreeSet<u32>| {
            common(&gates, other) > OVERLAP * gates.len().min(other.len()) as f64
        };
        if gates.is_empty() || taken.iter().any(shares) {
            continue;
        }
        // of several nets around one region the last before the payload is the trigger
        let near = found[rank..].iter().take(NEAR).filter(|other| {
            let theirs: BTreeSet<u32> = other.gates(&c).into_iter().collect();
            candidate.score - other.score < CLOSE
                && common(&gates, &theirs) > 0.8 * gates.len().max(theirs.len()) as f64
        });
        let last = near.max_by_key(|other| (other.tied.trigger.len(), other.root));
        let trigger = last.unwrap_or(candidate);
        let confident = score::confidence(candidate.score) >= WORTH;
        let activation = if confident {
            activate::activate(
                &c,
                &delivered.netlist,
                &activity,
                trigger.root,
                trigger.quiet,
                &budget.slice(options.steps),
            )
        } else {
            Activation::Budget
        };
        if activation == Activation::Never {
            hunt.never += 1;
            continue;
        }
        taken.push(gates);
        let mut made = suspect(&c, &d, &activity, &hard, trigger, activation);
        made.confidence = score::confidence(candidate.score);
        hunt.suspects.push(made);
    }
    dead_logic(&c, &d, &activity, &mut hunt);
    hunt.suspects.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    hunt.suspicious = hunt.suspects.first().is_some_and(|s| s.confidence >= 0.5);
    notes(delivered, &activity, &mut hunt);
    hunt
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

fn dead_logic(c: &Circuit<'_>, d: &Dominators, activity: &Activity, hunt: &mut Hunt) {
    let (groups, few) = dead::groups(c, d, activity);
    let all: usize = groups.iter().map(|g| g.instances.len()).sum();
    if all > 0 {
        hunt.notes.push(format!("{all} gates in {} groups reach no output", groups.len()));
    }
    for group in groups.iter().take(3) {
        let rare = group.rare.filter(|r| r.1 >= 5.0);
        let small = group.instances.len() * 2 < c.graph.instances.len();
        let confidence = match (few && small && group.registers >= 2, rare) {
            (true, Some(_)) => 0.9,
            (true, None) => 0.4,
            _ => 0.1,
        };
        let gates: Vec<Gate> = group.instances.iter().map(|&i| gate(c, i, Part::Dead)).collect();
        let trigger = rare.map_or_else(
            || gates.first().map_or_else(String::new, |g| g.name.clone()),
            |r| c.graph.net_name(Lit::new(r.0, false)),
        );
        hunt.suspects.push(Suspect {
            confidence,
            trigger,
            quiet: rare.is_some_and(|r| activity.quiet(r.0)),
            payload: Vec::new(),
            kind: PayloadKind::Invisible,
            activation: Activation::Budget,
            width: 0,
            why: vec![format!(
                "{} gates with {} registers reach no output; synthesis would have removed them",
                group.instances.len(),
                group.registers
            )],
            features: vec![("dead", group.instances.len() as f64)],
            gates,
        });
    }
}

fn gate(c: &Circuit<'_>, instance: u32, part: Part) -> Gate {
    let i = &c.graph.instances[instance as usize];
    Gate {
        instance,
        name: c.graph.instance_name(instance),
        kind: c.graph.kinds.get(i.kind as usize).cloned().unwrap_or_default(),
        line: i.line,
        part,
    }
}

fn suspect(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    hard: &scoap::Scoap,
    candidate: &Candidate,
    activation: Activation,
) -> Suspect {
    let tied = &candidate.tied;
    let mut gates = Vec::new();
    for instance in candidate.gates(c) {
        let at = c.outputs.partition_point(|o| o.0 < instance);
        let var = c.outputs.get(at).map_or(0, |o| o.1);
        let part = if tied.trigger.binary_search(&var).is_ok() {
            Part::Trigger
        } else {
            match tied.changed.get(&var) {
                Some(Fate::Dead) => Part::Idle,
                _ => Part::Payload,
            }
        };
        gates.push(gate(c, instance, part));
    }
    let passing: Vec<(u32, Lit)> = tied
        .changed
        .iter()
        .filter_map(|(&v, fate)| match fate {
            Fate::Transparent(to) if c.primary[v as usize] => Some((v, *to)),
            _ => None,
        })
        .collect();
    let payload: Vec<String> =
        passing.iter().take(64).map(|(v, _)| c.graph.net_name(Lit::new(*v, false))).collect();
    let kind = kind_of(c, d, candidate, &passing, &activation);
    let f = &candidate.features;
    let mut why = vec![format!(
        "the net shows its other value in {} of {} simulated patterns",
        activity.samples
            - activity.ones[candidate.root as usize]
                .max(activity.samples - activity.ones[candidate.root as usize]),
        activity.samples
    )];
    why.push(format!(
        "{} gates with {} registers serve nothing but this net and read {} nets of the rest",
        f.gates, f.registers, f.taps
    ));
    if f.passing > 0.0 {
        why.push(format!(
            "tied quiet, {} gates pass a signal through unchanged, {} are constant, {} idle",
            f.passing, f.constant, f.dead
        ));
    }
    if f.lost_registers > 0.0 {
        why.push(format!(
            "tied quiet, {} registers are lost: speaks for a feature",
            f.lost_registers
        ));
    }
    if f.silent > 0.0 {
        why.push("it shows at an output of its own: speaks for a feature".to_owned());
    }
    let (set, see) = (hard.hard(candidate.root), hard.observe[candidate.root as usize]);
    if set.max(see) < scoap::INFINITE {
        why.push(format!("SCOAP: setting it costs {set}, seeing it {see}"));
    }
    Suspect {
        confidence: score::confidence(candidate.score),
        trigger: c.graph.net_name(Lit::new(candidate.root, false)),
        quiet: candidate.quiet,
        payload,
        kind,
        gates,
        activation,
        width: f.width as usize,
        why,
        features: candidate::Features::NAMES.iter().copied().zip(f.vector()).collect(),
    }
}

/// What the passing gates do when the trigger is active.
fn kind_of(
    c: &Circuit<'_>,
    d: &Dominators,
    candidate: &Candidate,
    passing: &[(u32, Lit)],
    activation: &Activation,
) -> PayloadKind {
    let active = tie(c, d, candidate.root, !candidate.quiet, 20_000);
    let (mut stops, mut flips, mut leaks) = (0, 0, 0);
    for (v, quiet) in passing {
        match active.changed.get(v) {
            Some(Fate::Constant(_)) => stops += 1,
            Some(Fate::Transparent(to)) if to.var() == quiet.var() => flips += 1,
            Some(Fate::Transparent(to)) if c.is_register(to.var()) => leaks += 1,
            Some(_) => flips += 1,
            None => {}
        }
    }
    if let Activation::Fires(run) = activation
        && run.observers.is_empty()
        && run.registers == 0
        && passing.is_empty()
    {
        return PayloadKind::Invisible;
    }
    if leaks > stops && leaks >= flips {
        PayloadKind::Leaks
    } else if stops > flips {
        PayloadKind::Stops
    } else {
        PayloadKind::Changes
    }
}

/// Features, gates and trigger net of every candidate, for fitting weights.
pub fn candidate_table(d: &Delivered, work: u64) -> Vec<(Vec<f64>, Vec<u32>, String)> {
    let c = Circuit::new(&d.graph);
    let dom = Dominators::new(&c);
    let a = activity::measure(&c, work, 1);
    candidate::candidates(&c, &dom, &a)
        .iter()
        .map(|k| {
            let name = d.graph.net_name(Lit::new(k.root, false));
            (k.features.vector(), k.gates(&c), name)
        })
        .collect()
}
