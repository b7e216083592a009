//! Harmless uses of an identity, which must be proved so.

use crate::bench::{Bench, proved, refuted};
use crate::designs::{magic, masked, phases, serial};
use netlist::Lit;
use serde_json::json;

#[test]
fn no_path_is_proved_at_once() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let parity = b.reg("parity", 1);
    let x = uid[1..].iter().fold(uid[0], |p, &u| b.n.aig.xor(p, u));
    b.set(&parity, &[x]);
    let data = b.input("data", 4);
    b.output("y", &data);
    let answer = proved(&b.model(json!({})));
    assert_eq!(answer.metrics["path"], "none");
}

#[test]
fn magic_that_the_contract_excludes_is_no_leak() {
    let model = magic(0x1234).model(json!({ "assume": ["word != 16'hbeef"] }));
    proved(&model);
}

#[test]
fn masking_that_is_undone_is_no_leak() {
    let answer = proved(&masked(true).model(json!({})));
    assert_eq!(answer.metrics["path"], "live");
}

#[test]
fn a_masked_register_that_is_read_only_when_loaded_is_no_leak() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let (data, load) = (b.input("data", 4), b.input("load", 1)[0]);
    let (m, full) = (b.reg("m", 4), b.reg("full", 1));
    let hidden = b.xor(&data, &uid);
    let next = b.mux(load, &hidden, &m);
    b.set_reset(&m, &next, &Bench::zero(4));
    let is_full = b.g().or(full[0], load);
    b.set_reset(&full, &[is_full], &Bench::zero(1));
    let clear = b.xor(&m, &uid);
    let shown = b.mux(full[0], &clear, &Bench::zero(4));
    b.output("y", &shown);
    proved(&b.model(json!({})));
}

/// A memory of masked words, unmasked only behind the read multiplexer.
#[test]
fn a_masked_memory_is_no_leak() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let (data, write) = (b.input("data", 8), b.input("write", 1)[0]);
    let (to, from) = (b.input("to", 2), b.input("from", 2));
    let hidden = b.xor(&data, &uid);
    let at = b.reg("at", 2);
    b.set_reset(&at, &from, &Bench::zero(2));
    let mut words = Vec::new();
    for k in 0..4 {
        let cell = b.reg(&format!("mem{k}"), 8);
        let here = b.equals(&to, k);
        let hit = b.g().and(here, write);
        let next = b.mux(hit, &hidden, &cell);
        b.set_reset(&cell, &next, &uid);
        words.push(cell);
    }
    let low = b.mux(at[0], &words[1], &words[0]);
    let high = b.mux(at[0], &words[3], &words[2]);
    let read = b.mux(at[1], &high, &low);
    let clear = b.xor(&read, &uid);
    b.output("y", &clear);
    proved(&b.model(json!({})));
}

/// An operand that is kept masked, unmasked in front of a multiplier with an accumulator.
#[test]
fn a_masked_operand_does_not_make_the_multiplier_a_riddle() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 12);
    let (data, load) = (b.input("data", 12), b.input("load", 1)[0]);
    let activation = b.input("activation", 12);
    let m = b.reg("m", 12);
    let hidden = b.xor(&data, &uid);
    let next = b.mux(load, &hidden, &m);
    b.set_reset(&m, &next, &uid);
    let weight = b.xor(&m, &uid);
    let product = b.mul(&weight, &activation);
    let acc = b.reg("acc", 24);
    let sum = b.add(&acc, &product);
    b.set_reset(&acc, &sum, &Bench::zero(24));
    b.output("y", &acc);
    let answer = proved(&b.model(json!({})));
    assert_eq!(answer.metrics["untied_registers"], 12);
}

#[test]
fn choosing_between_equal_computations_is_no_leak() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let (p, q) = (b.input("p", 12), b.input("q", 12));
    let (r, s) = (b.reg("r", 12), b.reg("s", 12));
    b.set(&r, &p);
    b.set(&s, &q);
    let (one, two) = (b.add(&r, &s), b.add(&s, &r));
    let any = b.mux(uid[2], &one, &two);
    let y = b.reg("y", 12);
    b.set_reset(&y, &any, &Bench::zero(12));
    b.output("y", &y);
    proved(&b.model(json!({})));
}

/// The identity chooses which of two equal enables clocks a multiplier: everything is reached.
#[test]
fn an_equal_enable_keeps_the_datapath_shared() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let (p, q, go) = (b.input("p", 16), b.input("q", 16), b.input("go", 2));
    let (r, s) = (b.reg("r", 16), b.reg("s", 16));
    let both = b.g().and(go[0], go[1]);
    let nand = b.g().or(!go[0], !go[1]);
    let enable = b.n.aig.mux(uid[1], both, !nand);
    let enable_q = b.reg("enable", 1);
    let e1 = b.g().xor(enable, uid[0]);
    let enable_next = b.g().xor(e1, uid[0]);
    b.set_reset(&enable_q, &[enable_next], &Bench::zero(1));
    let next = b.mux(enable_q[0], &p, &r);
    b.set(&r, &next);
    let next = b.mux(enable_q[0], &q, &s);
    b.set(&s, &next);
    let product = b.mul(&r, &s);
    let y = b.reg("y", 32);
    let next = b.mux(enable_q[0], &product, &y);
    b.set(&y, &next);
    b.output("y", &y);
    proved(&b.model(json!({})));
}

#[test]
fn what_the_owner_asked_for_is_no_leak() {
    let answer = proved(&serial(0, false));
    assert!(answer.title.contains("releases"), "{}", answer.title);
    proved(&serial(0, true));
}

/// A counter that runs up and a longer window.
#[test]
fn a_window_longer_than_the_transmission_is_bounded_by_the_counter() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let ask = b.input("ask", 1)[0];
    let (busy, at) = (b.reg("busy", 1), b.reg("at", 3));
    let begin = b.g().and(ask, !busy[0]);
    let one = Bench::constant(1, 3);
    let more = b.add(&at, &one);
    let last = b.equals(&at, 7);
    let stay = b.g().and(busy[0], !last);
    let next = b.g().or(begin, stay);
    b.set_reset(&busy, &[next], &Bench::zero(1));
    let next = b.mux(busy[0], &more, &Bench::zero(3));
    b.set_reset(&at, &next, &Bench::zero(3));
    let mut bits = uid;
    for &a in &at {
        bits = bits.chunks(2).map(|c| b.n.aig.mux(a, c[1], c[0])).collect();
    }
    let line = b.g().and(busy[0], bits[0]);
    b.output("line", &[line]);
    b.output("idle", &[!busy[0]]);
    proved(&b.model(json!({
        "inputs": { "owner": ["ask"] },
        "declassify": [{
            "when": "ask && idle", "for": 11, "observable": ["line"], "releases": ["uid"],
        }],
    })));
}

/// That phase 14 is never reached is a fact about three registers at once.
#[test]
fn what_no_guess_covers_is_searched_for() {
    proved(&phases(13));
    refuted(&phases(15), "value");
}

/// Many masked operands: the time must not be that of proving multipliers equal.
#[test]
fn an_array_of_masked_operands_is_shared() {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let (data, at) = (b.input("data", 8), b.input("at", 6));
    let activation = b.input("activation", 8);
    let mut acc = activation.clone();
    acc.resize(20, Lit::FALSE);
    for k in 0..64 {
        let hit = b.equals(&at, k);
        let m = b.reg(&format!("w{k}"), 8);
        let hidden = b.xor(&data, &uid);
        let next = b.mux(hit, &hidden, &m);
        b.set_reset(&m, &next, &uid);
        let weight = b.xor(&m, &uid);
        let mut product = b.mul(&weight, &activation);
        product.resize(20, Lit::FALSE);
        let sum = b.add(&acc, &product);
        let stage = b.reg(&format!("s{k}"), 20);
        b.set_reset(&stage, &sum, &Bench::zero(20));
        acc = stage;
    }
    b.output("y", &acc);
    let answer = proved(&b.model(json!({})));
    assert_eq!(answer.metrics["untied_registers"], 64 * 8);
}
