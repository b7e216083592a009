//! The hunt on one host: an implant, its clean twin and a look-alike that must stay silent. The host is a
//! tuning family, so this says that the machinery works and nothing about rates (docs/hunt.md has those).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use design::hunt::{Activation, Hunt, Options, hunt};
use frontend::liberty::Library;
use frontend::structural::{Delivered, read_verilog};
use solve::Budget;
use std::collections::BTreeSet;

const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hunt/netlists/");

fn read(name: &str) -> Delivered {
    let text = std::fs::read(format!("{DIR}{name}.v")).unwrap();
    read_verilog(&text, None, &Library::default()).unwrap()
}
fn hunted(name: &str) -> Hunt {
    hunt(&read(name), &Options::default(), &Budget::new(200_000))
}

#[test]
fn an_implanted_counter_is_found_and_fired() {
    let found = hunted("uart-counter");
    assert!(found.suspicious, "{:?}", found.suspects.first().map(|s| s.confidence));
    let first = &found.suspects[0];
    let truth = std::fs::read_to_string(format!("{DIR}uart-counter.gates")).unwrap();
    let truth: BTreeSet<&str> = truth.lines().collect();
    let hit = first.gates.iter().filter(|g| truth.contains(g.name.as_str())).count() as f64;
    let f1 = 2.0 * hit / (first.gates.len() + truth.len()) as f64;
    assert!(f1 > 0.9, "F1 {f1}");
    let Activation::Fires(run) = &first.activation else { panic!("{:?}", first.activation) };
    assert!(!run.observers.is_empty() || run.registers > 0);
}

#[test]
fn the_clean_twin_and_the_look_alike_stay_silent() {
    for name in ["uart-clean", "uart-lookalike"] {
        let found = hunted(name);
        let top = found.suspects.first().map(|s| (s.confidence, s.trigger.clone()));
        assert!(!found.suspicious, "{name}: {top:?}");
    }
}

#[test]
fn the_same_netlist_gives_the_same_answer() {
    let words = |h: &Hunt| {
        let all = h
            .suspects
            .iter()
            .map(|s| format!("{} {:.6} {}", s.trigger, s.confidence, s.gates.len()));
        all.collect::<Vec<_>>()
    };
    assert_eq!(words(&hunted("uart-lookalike")), words(&hunted("uart-lookalike")));
}
