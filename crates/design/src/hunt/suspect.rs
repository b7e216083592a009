//! From a candidate to what the report says: gates with reasons, kind of payload, sentences for and against.

use super::activity::Activity;
use super::candidate::Candidate;
use super::circuit::Circuit;
use super::dominators::Dominators;
use super::features::Features;
use super::tieoff::{Fate, tie};
use super::{Activation, Gate, Hunt, Part, PayloadKind, Suspect, dead, scoap};
use netlist::Lit;

/// Reports logic without an observer as suspects of its own; `fire` seeks an activation of a net with its usual value.
pub(super) fn dead_logic(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    hunt: &mut Hunt,
    fire: &dyn Fn(u32, bool) -> Activation,
) {
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
            net: rare.map(|r| Lit::new(r.0, false)),
            quiet: rare.is_some_and(|r| activity.quiet(r.0)),
            payload: Vec::new(),
            kind: PayloadKind::Invisible,
            activation: rare
                .filter(|_| confidence >= super::WORTH)
                .map_or(Activation::Budget, |(net, _)| fire(net, activity.quiet(net))),
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

/// Puts together all that is known of a candidate.
pub(super) fn suspect(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    hard: &scoap::Scoap,
    candidate: &Candidate,
    activation: Activation,
) -> Suspect {
    let tied = candidate.tied(c, d);
    let mut gates = Vec::new();
    for instance in candidate.gates(c, d, &tied) {
        let at = c.outputs.partition_point(|o| o.0 < instance);
        let var = c.outputs.get(at).map_or(0, |o| o.1);
        let part = if d.inside(candidate.root, var) {
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
    if f.lost > 0.0 {
        why.push(format!("tied quiet, {} registers are lost: speaks for a feature", f.lost));
    }
    if f.cleared >= 0.5 {
        why.push(format!(
            "ordinary life of the design clears {:.0} % of its registers: speaks for a feature",
            100.0 * f.cleared
        ));
    }
    if f.relatives > 0.0 {
        why.push(format!(
            "{} comparisons elsewhere read mostly the same nets: speaks for a feature",
            f.relatives
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
        confidence: 0.0,
        trigger: c.graph.net_name(Lit::new(candidate.root, false)),
        net: Some(Lit::new(candidate.root, false)),
        quiet: candidate.quiet,
        payload,
        kind,
        gates,
        activation,
        width: f.width as usize,
        why,
        features: Features::NAMES.iter().copied().zip(f.vector()).collect(),
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
