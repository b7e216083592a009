//! Leaks, and what must be said of them.

use crate::bench::{Bench, pair, proved, refuted, run};
use crate::designs::{magic, masked, serial};
use design::Undecided;
use evidence::Reason;
use netlist::Lit;
use serde_json::json;

#[test]
fn a_direct_leak_is_named_to_the_bit() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let data = b.input("data", 4);
    let out = b.g().xor(uid[5], data[0]);
    b.output("y", &[out]);
    let answer = refuted(&b.model(json!({})), "value");
    assert!(answer.title.contains("uid bit 5") && answer.title.contains(" y "), "{}", answer.title);
}

/// A job takes two cycles, or three if a bit of the identity says so.
#[test]
fn a_delay_is_a_leak_in_timing() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let start = b.input("start", 1)[0];
    let count = b.reg("count", 2);
    let busy = b.nonzero(&count);
    let first = [Lit::TRUE, uid[3]];
    let begin = b.mux(start, &first, &Bench::zero(2));
    let less = b.minus_one(&count);
    let next = b.mux(busy, &less, &begin);
    b.set_reset(&count, &next, &Bench::zero(2));
    let served = b.reg("served", 4);
    let one = Bench::constant(1, 4);
    let more = b.add(&served, &one);
    let last = b.equals(&count, 1);
    let next = b.mux(last, &more, &served);
    b.set_reset(&served, &next, &Bench::zero(4));
    b.output("served", &served);
    let answer = refuted(&b.model(json!({ "inputs": { "owner": ["start"] } })), "timing");
    assert!(answer.title.contains("uid bit 3"), "{}", answer.title);
}

#[test]
fn a_leak_behind_magic_words_is_found() {
    let answer = refuted(&magic(0x1234).model(json!({})), "value");
    assert!(answer.title.contains("uid bit 2"), "{}", answer.title);
    let marks: usize = pair(&answer).left.essential.iter().map(|w| w.matches('1').count()).sum();
    assert_eq!(marks, 32, "sixteen bits twice");
}

#[test]
fn a_mask_that_reset_forgets_is_a_leak() {
    refuted(&masked(false).model(json!({})), "value");
}

#[test]
fn a_transmission_that_outlasts_its_window_is_a_leak() {
    let answer = refuted(&serial(1, false), "value");
    assert_eq!(pair(&answer).port, "line");
}

#[test]
fn a_window_that_releases_another_item_excuses_nothing() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 2);
    let _ = b.identity("serial", 2);
    let ask = b.input("ask", 1)[0];
    let line = b.g().and(ask, uid[0]);
    b.output("line", &[line]);
    let model = b.model(json!({
        "identity": [{ "signal": "uid", "kind": "fuse" }, { "signal": "serial", "kind": "fuse" }],
        "declassify": [{
            "when": "ask", "for": 4, "observable": ["line"], "releases": ["serial"],
        }],
    }));
    refuted(&model, "value");
}

#[test]
fn a_sensor_may_not_show() {
    let build = |shown: bool| {
        let mut b = Bench::new();
        let noise = b.identity("noise", 4);
        let sum = b.reg("sum", 4);
        let next = b.add(&sum, &noise);
        b.set_reset(&sum, &next, &Bench::zero(4));
        let data = b.input("data", 1);
        let again = b.xor(&data, &noise[..1]);
        let clear = b.xor(&again, &noise[..1]);
        let y = if shown { vec![sum[3]] } else { clear };
        b.output("y", &y);
        b.model(json!({ "identity": [{ "signal": "noise", "kind": "sensor" }] }))
    };
    proved(&build(false));
    refuted(&build(true), "value");
}

#[test]
fn a_leak_during_reset_is_a_leak() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let rst = b.rst;
    let line = b.g().and(rst, uid[1]);
    b.n.add_output("line", vec![line]);
    let answer = refuted(&b.model(json!({})), "value");
    assert!(answer.title.contains("during reset"), "{}", answer.title);
}

#[test]
fn a_leak_too_late_to_be_found_is_undetermined_and_says_where() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let clock = b.reg("late", 24);
    let one = Bench::constant(1, 24);
    let more = b.add(&clock, &one);
    b.set_reset(&clock, &more, &Bench::zero(24));
    let line = b.g().and(clock[23], uid[1]);
    b.output("line", &[line]);
    match run(&b.model(json!({}))) {
        Err(Undecided { reason: Reason::Budget, detail }) => {
            assert!(detail.contains("line"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

/// Sixty times the right word in a row: too deep for chance and for the bounded search.
#[test]
fn a_leak_deeper_than_the_bounded_search_is_found() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let word = b.input("word", 8);
    let held = b.reg("held", 8);
    b.set_reset(&held, &word, &Bench::zero(8));
    let right = b.equals(&held, 0x5a);
    let count = b.reg("count", 6);
    let more = b.add(&count, &Bench::constant(1, 6));
    let next = b.mux(right, &more, &Bench::zero(6));
    b.set_reset(&count, &next, &Bench::zero(6));
    let open = b.equals(&count, 60);
    let shown = b.g().and(open, uid[3]);
    b.output("y", &[shown]);
    let answer = refuted(&b.model(json!({})), "value");
    assert!(pair(&answer).cycle >= 60, "{}", answer.title);
}
