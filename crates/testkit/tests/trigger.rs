//! Hidden triggers: on random micro designs under random functions the check answers what plain
//! enumeration says, its certificates do not pass where they do not belong, and its proofs do not carry
//! over to functions that are false.
//!
//! `PROBITY_ORACLE=5000 cargo test --release -p probity-testkit --test trigger -- --nocapture` judges
//! more designs than the 150 of every day, at about a fifth of a second each.
#![allow(clippy::unwrap_used, reason = "tests")]

use design::hidden_trigger::hidden_trigger;
use design::{Sealed, Settings, Subject, seal};
use evidence::{Digest, Verdict};
use proof::certificate::{Body, Certificate, FunctionProof};
use proof::contract::{Configuration, Contract, Function, Results};
use proof::{Circuit, Model, ProofSource, kernel};
use solve::Budget;
use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;
use testkit::micro::{Micro, Planted, grow};
use testkit::oracle::trigger::{self, Truths};

const CHECK: &str = "design.hidden-trigger";
const EFFORT: u64 = 60_000;

struct Proofs(HashMap<Digest, Vec<u8>>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        match self.0.get(lrat) {
            Some(bytes) => Ok(Box::new(&bytes[..])),
            None => Err("there is no such proof".into()),
        }
    }
}

fn contract(m: &Micro, f: &trigger::Function) -> Contract {
    let mut contract = m.contract();
    let text = |t: &trigger::Truth| t.text.clone();
    contract.function = vec![Function {
        name: "f".into(),
        operands: f.operands.iter().map(|&i| m.inputs[i].name.clone()).collect(),
        results: f
            .results
            .iter()
            .map(|(o, when)| Results {
                ports: vec![m.outputs[*o].name.clone()],
                when: when.as_ref().map(text),
            })
            .collect(),
        configuration: f
            .configuration
            .iter()
            .map(|(name, writes)| Configuration {
                state: vec![name.clone()],
                writes: writes.as_ref().map(text),
            })
            .collect(),
        start: text(&f.start),
        done: text(&f.done),
        in_flight: None,
        quiet: Some(text(&f.quiet)),
        latency: f.latency,
        stall: None,
    }];
    contract
}

fn checked(model: &Model, c: &Certificate, proofs: &mut Proofs) -> Result<(), String> {
    let (n, k) = digests();
    kernel::check(model, &n, &k, c, proofs).map(|_| ()).map_err(|e| e.to_string())
}

fn digests() -> (Digest, Digest) {
    (Digest::of(b"netlist"), Digest::of(b"contract"))
}

/// A certificate that is not what it was must be refused.
fn tampered(model: &Model, sealed: &Sealed, proofs: &mut Proofs) {
    let good = &sealed.certificate;
    let refused = |c: &Certificate, proofs: &mut Proofs, what: &str| {
        assert!(checked(model, c, proofs).is_err(), "{what} passes");
    };
    let change = |edit: &dyn Fn(&mut Certificate)| {
        let mut c = good.clone();
        edit(&mut c);
        c
    };
    refused(&change(&|c| c.netlist = Digest::of(b"other")), proofs, "another netlist");
    refused(&change(&|c| c.contract = Digest::of(b"other")), proofs, "another contract");
    refused(&change(&|c| c.check = "design.identity-leak".into()), proofs, "another check");
    refused(&change(&|c| c.item = "g".into()), proofs, "another function");
    refused(&change(&|c| c.kernel += 1), proofs, "another kernel");
    let other = match good.verdict {
        Verdict::Proved => Verdict::Refuted,
        _ => Verdict::Proved,
    };
    refused(&change(&|c| c.verdict = other), proofs, "another verdict");
    if let Body::Function(body) = &good.body {
        refused(&change(&|c| drop(c.obligations.pop())), proofs, "a missing obligation");
        // the obligations are others then: proofs of the old ones do not fit, unless none needed one
        let folded = good.obligations.iter().all(|o| o.lrat.is_none());
        let edited = |edit: &dyn Fn(&mut FunctionProof)| {
            change(&|c| {
                let mut body = body.clone();
                edit(&mut body);
                c.body = Body::Function(body);
            })
        };
        type Edit<'a> = &'a dyn Fn(&mut FunctionProof);
        let relations: [(&str, Edit<'_>); 3] = [
            ("a weaker relation", &|p| {
                p.untied = (0..model.state.len() as u32).collect();
                p.extra = Circuit::constant(true);
                p.cases = Vec::new();
            }),
            ("a stronger relation", &|p| p.untied = Vec::new()),
            ("a weaker invariant", &|p| p.invariant = Circuit::constant(true)),
        ];
        for (what, edit) in relations {
            let c = edited(edit);
            let same = c.body == good.body;
            assert!(same || folded || checked(model, &c, proofs).is_err(), "{what} passes");
        }
        let empty = edited(&|p| p.extra = Circuit::constant(false));
        assert!(checked(model, &empty, proofs).is_err(), "an empty relation passes");
        let mute = edited(&|p| p.cover.right = p.cover.left.clone());
        assert!(checked(model, &mute, proofs).is_err(), "a cover without a difference passes");
        let proved = good.obligations.iter().find_map(|o| o.lrat);
        if let Some(digest) = proved {
            let bytes = proofs.0[&digest].clone();
            proofs.0.insert(digest, bytes[..bytes.len() / 2].to_vec());
            refused(good, proofs, "a truncated proof");
            proofs.0.insert(digest, bytes);
        }
    }
}

#[test]
fn verdicts_are_those_of_enumeration() {
    let wanted: u64 =
        std::env::var("PROBITY_ORACLE").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let (mut judged, mut seed) = (0u64, 0u64);
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut tampers = 0;
    while judged < wanted {
        seed += 1;
        assert!(seed < 40 * wanted + 400, "too few designs are small enough: {judged} of {seed}");
        let m = grow(
            seed.wrapping_mul(7919),
            [Planted::Nothing, Planted::Disable, Planted::Leak][seed as usize % 3],
        );
        let Some(f) = trigger::draw(&m, seed) else { continue };
        let Ok(truths) = trigger::judge(&m, &f) else { continue };
        let contract = contract(&m, &f);
        contract.check().unwrap();
        let netlist = m.netlist().unwrap();
        let Ok(model) = Model::new(&netlist, &contract) else { continue };
        judged += 1;
        let budget = Budget::new(EFFORT);
        let settings = Settings { budget: budget.clone(), hints: Default::default(), exact: true };
        let (netlist, contract) = digests();
        let subject = Subject { netlist, contract, check: CHECK, item: "f" };
        let answer = hidden_trigger(&model, 0, &settings)
            .and_then(|answer| seal(&model, subject, answer, &budget));
        let Truths { differs, unwritten, busy } = truths;
        let said = match &answer {
            Ok(sealed) => {
                let right = match (sealed.answer.verdict, sealed.kind.as_deref()) {
                    (Verdict::Proved, _) => !differs && !unwritten && !busy,
                    (_, Some("value" | "timing")) => differs,
                    (_, Some("configuration")) => unwritten,
                    (_, Some("busy")) => busy,
                    _ => false,
                };
                if !right {
                    panic!("seed {seed}: {} but {truths:?}\n{f:#?}", sealed.answer.title);
                }
                let mut proofs = Proofs(sealed.proofs.iter().cloned().collect());
                checked(&model, &sealed.certificate, &mut proofs).unwrap();
                if tampers < 40 {
                    tampers += 1;
                    tampered(&model, sealed, &mut proofs);
                }
                sealed.kind.clone().unwrap_or_else(|| "proved".into())
            }
            Err(why) => {
                // the kernel and the engine never disagree
                let disagree =
                    why.detail.starts_with("obligation `") && why.detail.ends_with("not hold");
                assert!(
                    !disagree && !why.detail.starts_with("the kernel says"),
                    "seed {seed}: {}\n{f:#?}",
                    why.detail
                );
                let start: String = why.detail.chars().take(60).collect();
                *reasons.entry(start).or_default() += 1;
                let open = if differs || unwritten || busy { "refutable" } else { "provable" };
                format!("undetermined, {open}")
            }
        };
        *tally.entry(said).or_default() += 1;
    }
    eprintln!("{judged} designs: {tally:?}\n{reasons:?}");
    for kind in ["configuration", "value", "proved"] {
        assert!(tally.contains_key(kind), "no function was {kind}");
    }
}

/// Functions that differ from `f` in one thing, with what that is.
fn neighbours(m: &Micro, f: &trigger::Function) -> Vec<(&'static str, trigger::Function)> {
    let mut all = Vec::new();
    let mut with = |what: &'static str, edit: &dyn Fn(&mut trigger::Function)| {
        let mut g = f.clone();
        edit(&mut g);
        all.push((what, g));
    };
    for k in 0..f.configuration.len() {
        with("less configuration", &|g| drop(g.configuration.remove(k)));
        with("configuration without writers", &|g| g.configuration[k].1 = None);
    }
    for k in 0..f.operands.len() {
        with("fewer operands", &|g| g.operands.retain(|&i| i != f.operands[k]));
    }
    for k in 0..f.results.len() {
        with("results at any time", &|g| g.results[k].1 = None);
    }
    for o in (0..m.outputs.len()).filter(|o| f.results.iter().all(|r| r.0 != *o)) {
        with("more results", &|g| g.results.push((o, None)));
    }
    let not = |t: &trigger::Truth| trigger::Truth {
        text: format!("!({})", t.text),
        wire: t.wire,
        not: !t.not,
    };
    with("quiet at other times", &|g| g.quiet = not(&g.quiet));
    with("starts at other times", &|g| g.start = not(&g.start));
    with("less time", &|g| g.latency = 2);
    all
}

/// A proof of one function, its obligations certified anew for a neighbour that enumeration finds
/// false, as it stands and with weaker and stronger relations: some obligation must be wrong.
#[test]
fn a_proof_does_not_carry_over_to_a_function_that_is_false() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let (mut seed, mut proved) = (0u64, 0);
    while proved < 7 {
        seed += 1;
        let m = grow(seed.wrapping_mul(7919), Planted::Nothing);
        let Some(f) = trigger::draw(&m, seed) else { continue };
        if !matches!(trigger::judge(&m, &f), Ok(truths) if truths == Truths::default()) {
            continue;
        }
        let netlist = m.netlist().unwrap();
        let Ok(model) = Model::new(&netlist, &contract(&m, &f)) else { continue };
        let budget = Budget::new(EFFORT);
        let settings = Settings { budget, hints: Default::default(), exact: true };
        let Ok(answer) = hidden_trigger(&model, 0, &settings) else { continue };
        let Body::Function(body) = &answer.body else { continue };
        proved += 1;
        for (what, g) in neighbours(&m, &f) {
            let Ok(truths) = trigger::judge(&m, &g) else { continue };
            let Ok(model) = Model::new(&netlist, &contract(&m, &g)) else { continue };
            if truths == Truths::default() {
                continue;
            }
            let bits = model.state.len() as u32;
            let mut bodies = vec![body.clone(); 4];
            bodies[1].untied.clear();
            bodies[2].untied = (0..bits).collect();
            bodies[2].extra = Circuit::constant(true);
            bodies[3].invariant = Circuit::constant(true);
            for body in bodies {
                let mut forged = answer.clone();
                forged.body = Body::Function(body);
                let (netlist, contract) = digests();
                let subject = Subject { netlist, contract, check: CHECK, item: "f" };
                let why = match seal(&model, subject, forged, &Budget::new(EFFORT)) {
                    Ok(_) => panic!("seed {seed}, {what}: {truths:?} is proved\n{g:#?}"),
                    Err(why) => why.detail,
                };
                let by = why.split('`').nth(1).unwrap_or("replay");
                let by = by.trim_end_matches(|c: char| c.is_ascii_digit());
                *refused.entry(by.to_owned()).or_default() += 1;
            }
        }
    }
    eprintln!("{seed} designs: {refused:?}");
    for obligation in ["start", "pair:", "results:", "configuration:"] {
        assert!(refused.contains_key(obligation), "`{obligation}` refuses nothing: {refused:?}");
    }
}
