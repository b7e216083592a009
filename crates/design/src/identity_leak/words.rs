//! Answers in the words of a reader of the report.

use crate::Answer;
use crate::identity_leak::induct::{Belief, Fixpoint};
use crate::identity_leak::lanes::Lanes;
use crate::identity_leak::search::Found;
use crate::identity_leak::shrink::Witness;
use crate::identity_leak::structure::{Structure, backward};
use evidence::{Locator, Verdict};
use proof::Model;
use proof::certificate::Body;
use proof::model::StateKind;
use proof::replay::replay_pair;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most registers named on the way.
const MAX_ON_THE_WAY: usize = 12;

/// A refuted answer.
pub(crate) fn refuted(model: &Model, item: usize, s: &Structure, w: &Witness) -> Answer {
    let identity = &model.identities[item];
    let pair = w.pair.trace(model, item, w.cycle, w.observable, &w.essential);
    let kind = replay_pair(model, item, &pair).map_or("value", |d| d.kind);
    let o = &model.observables[w.observable];
    let mut differing: Vec<u32> = (0..identity.state.len())
        .filter(|&b| w.pair.fuses[b] != w.pair.power[identity.state[b]])
        .map(|b| model.state[identity.state[b]].bit)
        .collect();
    for (word, sensors) in w.pair.inputs.iter().zip(&w.pair.sensors) {
        for (b, &i) in identity.inputs.iter().enumerate() {
            let bit = model.inputs[i].bit;
            if word[i] != sensors[b] && !differing.contains(&bit) {
                differing.push(bit);
            }
        }
    }
    let wide = identity.state.len() + identity.inputs.len() > 1;
    let which = match (&differing[..], wide) {
        (_, false) => identity.name.clone(),
        ([one], true) => format!("{} bit {one}", identity.name),
        (many, true) => format!("{} ({} bits)", identity.name, many.len()),
    };
    let port = port_bit(model, w.observable);
    let reset = model.reset_cycles as usize;
    let when = if w.cycle < reset { ", during reset" } else { "" };
    let title = format!("identity {which} shows on {port} ({kind}) at cycle {}{when}", w.cycle);
    let marked = w.essential.iter().flatten().filter(|b| **b).count();
    let detail = format!(
        "Two runs with the same inputs whose identity differs only in {which} part on {port} in \
         cycle {}, {} cycles after reset{}. {} of the witness's input bits matter.",
        w.cycle,
        (w.cycle + 1).saturating_sub(reset),
        if kind == "timing" { ": the same values, at another time" } else { "" },
        if w.essential.is_empty() { "An unknown number".to_owned() } else { marked.to_string() },
    );
    let mut locators = vec![Locator {
        name: o.port.clone(),
        bit: Some(o.bit),
        src: None,
        role: Some("differs".into()),
    }];
    let src = identity.state.first().and_then(|&i| model.state[i].src.clone());
    locators.extend(differing.iter().take(4).map(|&bit| Locator {
        name: identity.name.clone(),
        bit: Some(bit),
        src: src.clone(),
        role: Some("identity".into()),
    }));
    locators.extend(on_the_way(model, item, s, w));
    let mut metrics = BTreeMap::new();
    metrics.insert("cycle".into(), Value::from(w.cycle));
    metrics.insert("identity_bits".into(), Value::from(differing.len()));
    metrics.insert("essential_input_bits".into(), Value::from(marked));
    metrics.insert("path".into(), Value::from("live"));
    metrics.insert("ands".into(), Value::from(model.aig.and_count()));
    Answer { verdict: Verdict::Refuted, body: Body::Pair(pair), title, detail, locators, metrics }
}

/// Registers that differ in the witness by the time the output does, and that it depends on.
fn on_the_way(model: &Model, item: usize, s: &Structure, w: &Witness) -> Vec<Locator> {
    let (_, needed) = backward(model, &[model.observables[w.observable].lit]);
    let mut lanes = Lanes::new(model, item, s);
    let mut on: Vec<usize> = Vec::new();
    lanes.start(std::slice::from_ref(&w.pair));
    for t in 0..=w.cycle {
        for (i, bit) in model.state.iter().enumerate() {
            let (l, r) = lanes.state_pair(i);
            let register = matches!(bit.kind, StateKind::Register(_));
            if (l ^ r) & 1 == 1 && register && needed[i] && !on.contains(&i) {
                on.push(i);
            }
        }
        lanes.feed(std::slice::from_ref(&w.pair), t);
        lanes.advance();
    }
    let mut all: Vec<Locator> = Vec::new();
    for i in on {
        let bit = &model.state[i];
        if all.iter().all(|l| l.name != bit.name) && all.len() < MAX_ON_THE_WAY {
            all.push(Locator {
                name: bit.name.clone(),
                bit: None,
                src: bit.src.clone(),
                role: Some("on the way".into()),
            });
        }
    }
    all
}

fn port_bit(model: &Model, observable: usize) -> String {
    let o = &model.observables[observable];
    let single = model.observables.iter().filter(|x| x.port == o.port).count() == 1;
    if single { o.port.clone() } else { format!("{}[{}]", o.port, o.bit) }
}

/// A proved answer.
pub(crate) fn proved(
    model: &Model,
    item: usize,
    s: &Structure,
    belief: &Belief,
    rounds: usize,
    body: Body,
) -> Answer {
    let name = &model.identities[item].name;
    let registers = |tied: bool| {
        let all = model.state.iter().zip(&belief.tied);
        all.filter(|(b, t)| **t == tied && matches!(b.kind, StateKind::Register(_))).count()
    };
    let (tied, untied) = (registers(true), registers(false));
    let none = s.no_path(model);
    let window = model.windows.iter().any(|w| w.releases.contains(&item));
    let title = if none {
        format!("identity {name} reaches no observable output")
    } else if window {
        format!("identity {name} is used, and shows only where the contract releases it")
    } else {
        format!("identity {name} is used, and never shows")
    };
    let detail = if none {
        format!(
            "No path leads from {name} to an observable output; {untied} registers depend on it."
        )
    } else {
        format!(
            "Two parts that differ in {name} alone agree on every observable output in every \
             cycle: {tied} register bits are always equal, {untied} may differ, and {} further \
             relations between the two hold in every reachable state.",
            belief.facts.len()
        )
    };
    let untied_names =
        names(model, |i| !belief.tied[i] && matches!(model.state[i].kind, StateKind::Register(_)));
    let locators = untied_names
        .into_iter()
        .take(MAX_ON_THE_WAY)
        .map(|(name, src)| Locator { name, bit: None, src, role: Some("may differ".into()) })
        .collect();
    let mut metrics = BTreeMap::new();
    for (key, value) in [
        ("tied_registers", tied),
        ("untied_registers", untied),
        ("relations", belief.facts.len()),
        ("rounds", rounds),
        ("ands", model.aig.and_count()),
    ] {
        metrics.insert(key.into(), Value::from(value));
    }
    metrics.insert("path".into(), Value::from(if none { "none" } else { "live" }));
    Answer { verdict: Verdict::Proved, body, title, detail, locators, metrics }
}

/// Distinct word names of state bits, with source.
fn names(model: &Model, which: impl Fn(usize) -> bool) -> Vec<(String, Option<String>)> {
    let mut all: Vec<(String, Option<String>)> = (0..model.state.len())
        .filter(|&i| which(i))
        .map(|i| (model.state[i].name.clone(), model.state[i].src.clone()))
        .collect();
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// What remained open, for `undetermined`.
pub(crate) fn open(model: &Model, s: &Structure, f: &Fixpoint, found: &Found) -> String {
    let list = |mut all: Vec<String>| {
        all.dedup();
        let more =
            if all.len() > 8 { format!(" and {} more", all.len() - 8) } else { String::new() };
        all.truncate(8);
        format!("{}{more}", all.join(", "))
    };
    let outputs = list(f.failing.iter().map(|&o| port_bit(model, o)).collect());
    let registers = list(
        names(model, |i| {
            !f.belief.tied[i]
                && s.needed_state[i]
                && matches!(model.state[i].kind, StateKind::Register(_))
        })
        .into_iter()
        .map(|n| n.0)
        .collect(),
    );
    let windows = if f.windows.is_empty() {
        String::new()
    } else {
        " The conditions that open declassification windows may differ too.".to_owned()
    };
    format!(
        "No leak was found in {} simulated cycles of 64 pairs and {} cycles of bounded search, and \
         no inductive relation excludes one. Open: whether {outputs} may depend on the identity \
         through {registers}.{windows}",
        found.cycles,
        super::DEPTHS[1],
    )
}
