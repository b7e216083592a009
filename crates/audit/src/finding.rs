//! From an answer to a finding: scope, assumptions, numbers, references.
//!
//! A finding says what it rests on. Whatever the contract declares and the reader of the netlist
//! assumed is listed, so that nobody has to look for it; whatever was not examined is in the scope.

use crate::checks::DesignCheck;
use crate::error::plain;
use crate::load::{Design, Raw, described};
use crate::{elaborate, reference, view, witness};
use design::{Sealed, Undecided};
use evidence::{FindingDraft, ObjectRef, Verdict};
use proof::certificate::{Body, PairTrace};
use proof::contract::{Contract, Level};
use proof::kernel::{COMPARE, HUNT};
use proof::model::Role;
use report::Witness;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A decided check as a finding.
pub(crate) fn decided(
    check: &DesignCheck,
    item: &str,
    raw: &Raw,
    design: &Design,
    sealed: &Sealed,
    objects: (Option<ObjectRef>, Option<ObjectRef>),
    shown: Option<&Witness>,
) -> FindingDraft {
    let mut draft = blank(check, item, raw);
    let answer = &sealed.answer;
    draft.verdict = answer.verdict;
    draft.kind.clone_from(&sealed.kind);
    draft.title.clone_from(&answer.title);
    draft.detail.clone_from(&answer.detail);
    draft.locators.clone_from(&answer.locators);
    draft.assumptions = assumptions(design, raw, check.id, item);
    draft.metrics = metrics(design, sealed);
    if let (Some(witness), Some("dead")) = (shown, sealed.kind.as_deref()) {
        let words = witness::words(witness);
        draft.metrics.entry("words".to_owned()).or_insert_with(|| json!(words));
    }
    (draft.certificate, draft.witness) = objects;
    draft
}

/// The finding of a search with the objects that carry what it shows.
pub(crate) fn searched(
    draft: &FindingDraft,
    design: &Design,
    sealed: &Sealed,
    objects: (Option<ObjectRef>, Option<ObjectRef>),
) -> FindingDraft {
    let mut draft = draft.clone();
    draft.metrics = metrics(design, sealed);
    (draft.certificate, draft.witness) = objects;
    draft
}

/// An undecided check as a finding.
pub(crate) fn undecided(
    check: &DesignCheck,
    item: &str,
    raw: &Raw,
    design: Option<&Design>,
    why: &Undecided,
) -> FindingDraft {
    let mut draft = blank(check, item, raw);
    draft.verdict = Verdict::Undetermined;
    draft.reason = Some(why.reason);
    draft.title = match check.id {
        HUNT => "whether it hides a function was not looked into".to_owned(),
        COMPARE => "whether it does what its reference does is open".to_owned(),
        "design.hidden-trigger" => {
            format!("whether `{item}` depends on anything undeclared is open")
        }
        "design.identity-leak" => format!("whether `{item}` can be seen from outside is open"),
        "design.remote-disable" => format!("whether `{item}` can be stopped for good is open"),
        _ => format!("`{item}` is open"),
    };
    draft.detail.clone_from(&why.detail);
    draft.assumptions = design.map(|d| assumptions(d, raw, check.id, item)).unwrap_or_default();
    draft
}

fn blank(check: &DesignCheck, item: &str, raw: &Raw) -> FindingDraft {
    FindingDraft {
        check: check.id.to_owned(),
        claim: check.claim(),
        artifact: raw.digest,
        verdict: Verdict::Undetermined,
        reason: None,
        kind: None,
        item: Some(item.to_owned()),
        title: String::new(),
        detail: String::new(),
        scope: scope(raw),
        assumptions: Vec::new(),
        locators: Vec::new(),
        grade: None,
        coverage: None,
        certificate: None,
        witness: None,
        metrics: BTreeMap::new(),
    }
}

/// What a verdict is about.
pub(crate) fn scope(raw: &Raw) -> String {
    let name = match &raw.record {
        Some(record) => elaborate::described(record, &raw.name, raw.artifact.provenance),
        None => described(&raw.name, raw.artifact.provenance),
    };
    format!("of netlist {name}, under this contract; netlist against silicon not examined")
}

/// Numbers of the answer and of its certificate.
fn metrics(design: &Design, sealed: &Sealed) -> BTreeMap<String, Value> {
    let mut all = sealed.answer.metrics.clone();
    let obligations = &sealed.certificate.obligations;
    let folded = obligations.iter().filter(|o| o.lrat.is_none()).count();
    all.insert("obligations".to_owned(), json!(obligations.len()));
    all.insert("obligations_folded".to_owned(), json!(folded));
    if let Body::ClosedSet(set) = &sealed.certificate.body {
        let registers = view::words(&design.model, witness::state_read(set));
        all.insert("closed_registers".to_owned(), json!(registers.len()));
    }
    if let Body::Pair(pair) = &sealed.certificate.body {
        all.insert("cycles".to_owned(), json!(pair.left.inputs.len()));
        all.insert("port".to_owned(), json!(pair.port));
        all.insert("port_bit".to_owned(), json!(pair.bit));
        let item = design.model.identity(&sealed.certificate.item);
        if let [bit] = item.map(|i| differing(design, i, pair)).unwrap_or_default()[..] {
            all.insert("identity_bit".to_owned(), json!(bit));
        }
    }
    all
}

/// Bits of the identity in which the two runs differ, where it is more than one bit wide.
fn differing(design: &Design, item: usize, pair: &PairTrace) -> Vec<u32> {
    let identity = &design.model.identities[item];
    let unequal = |l: &str, r: &str, i: usize| l.as_bytes().get(i) != r.as_bytes().get(i);
    let (l, r) = (&pair.left, &pair.right);
    let mut bits: Vec<u32> = identity
        .state
        .iter()
        .filter(|&&i| unequal(&l.power_up, &r.power_up, i))
        .map(|&i| design.model.state[i].bit)
        .collect();
    let words = || l.inputs.iter().zip(&r.inputs);
    let sensed = identity.inputs.iter().filter(|&&i| words().any(|(l, r)| unequal(l, r, i)));
    bits.extend(sensed.map(|&i| design.model.inputs[i].bit));
    if identity.state.len() + identity.inputs.len() > 1 { bits } else { Vec::new() }
}

/// What the verdict rests on.
pub(crate) fn assumptions(design: &Design, raw: &Raw, check: &str, item: &str) -> Vec<String> {
    let contract = &design.model.contract;
    let mut all = vec![timing(contract), start(contract)];
    all.extend(contract.assume.iter().map(|a| format!("assumed in every cycle: {a}")));
    match check {
        "design.identity-leak" => all.extend(disclosure(contract)),
        "design.hidden-trigger" => all.extend(function(contract, item)),
        COMPARE => all.extend(compared(design, raw)),
        _ => all.extend(recovery(contract)),
    }
    let undriven = design.model.inputs.iter().filter(|i| i.role == Role::Undriven).count();
    if undriven > 0 {
        all.push(format!("{undriven} bits that nothing drives may take any value in any cycle"));
    }
    all.extend(raw.record.iter().flat_map(|r| &r.notes).map(|n| format!("elaboration: {n}")));
    all.extend(design.netlist.notes.iter().map(|n| format!("reading the netlist: {n}")));
    all.extend(design.model.unsupported.iter().map(|u| format!("not modelled: {u}")));
    all
}

fn timing(contract: &Contract) -> String {
    match &contract.clock {
        Some(clock) => format!(
            "one clock, {}: all registers load at once in each cycle; nothing between two edges",
            clock.port
        ),
        None => "one clock: all registers load at once in each cycle".to_owned(),
    }
}

fn start(contract: &Contract) -> String {
    match &contract.reset {
        Some(reset) => {
            let level = match reset.active {
                Level::Low => "low",
                Level::High => "high",
            };
            format!(
                "reset: {} {level} for {} cycles after power-up in any state, inactive ever after",
                reset.port, reset.cycles
            )
        }
        None => "no reset: the run begins at power-up".to_owned(),
    }
}

fn recovery(contract: &Contract) -> Vec<String> {
    let mut all = Vec::new();
    for (words, list) in [
        ("granted by the surroundings while recovering", &contract.recovery_assume),
        ("documented owner words", &contract.documented),
    ] {
        all.extend(list.iter().map(|e| format!("{words}: {e}")));
    }
    all.extend(contract.recovery.iter().map(|r| match &r.source {
        Some(source) => format!("listed recovery `{}` ({source})", r.name),
        None => format!("listed recovery `{}`", r.name),
    }));
    if let Some(off) = &contract.off {
        all.push(format!("documented permanent off, excused afterwards: {}", off.when));
    }
    all
}

/// What the contract declares of a function.
fn function(contract: &Contract, item: &str) -> Vec<String> {
    let Some(f) = contract.function.iter().find(|f| f.name == item) else { return Vec::new() };
    let mut all =
        vec![format!("operands, all other inputs must not matter: {}", f.operands.join(", "))];
    all.extend(f.results.iter().map(|r| match &r.when {
        Some(when) => format!("results where {when}: {}", r.ports.join(", ")),
        None => format!("results: {}", r.ports.join(", ")),
    }));
    all.extend(f.configuration.iter().map(|c| match &c.writes {
        Some(writes) => format!("configuration, written where {writes}: {}", c.state.join(", ")),
        None => format!("configuration, never written: {}", c.state.join(", ")),
    }));
    all.push(match &f.quiet {
        Some(quiet) => format!("no job is in flight where {quiet}"),
        None => format!(
            "no job is in flight after as many `{}` as `{}`, of at most {}",
            f.done,
            f.start,
            f.in_flight.unwrap_or(1)
        ),
    });
    let stall = f.stall.as_ref().map(|s| format!(", cycles where {s} not counted"));
    let (start, latency) = (&f.start, f.latency);
    all.push(format!("quiet within {latency} cycles without {start}{}", stall.unwrap_or_default()));
    all
}

/// What a comparison rests on.
fn compared(design: &Design, raw: &Raw) -> Vec<String> {
    let Some(product) = &design.model.reference else { return Vec::new() };
    let file = raw.support.iter().find(|s| s.supplied.role == reference::ROLE);
    let mut all: Vec<String> = file
        .map(|f| format!("the reference is {} ({})", plain(&f.supplied.name), f.digest))
        .into_iter()
        .collect();
    all.push("outputs are compared from the end of reset on".to_owned());
    all.push(
        "where the reference declares no power-up value, it may power up as suits the comparison; a \
         difference is there whatever it is"
            .to_owned(),
    );
    let alone = product.model.inputs.len() - product.delivered_inputs;
    if alone > 0 {
        all.push(format!("{alone} input bits of the reference alone may take any value"));
    }
    all
}

fn disclosure(contract: &Contract) -> Vec<String> {
    let mut all = Vec::new();
    if !contract.not_observable.is_empty() {
        let list = contract.not_observable.join(", ");
        all.push(format!("outputs nobody else can see: {list}"));
    }
    all.extend(contract.declassify.iter().map(|d| {
        format!(
            "the owner asks for {} by `{}`: {} may differ for {} cycles",
            d.releases.join(", "),
            d.when,
            d.observable.join(", "),
            d.window
        )
    }));
    all
}
