//! Designs that come in two versions, a harmless and a leaking one.

use crate::bench::{Bench, Word};
use proof::Model;
use serde_json::json;

/// Two registered words in a row open a bit of the identity; chance does not speak them.
pub(crate) fn magic(second: u64) -> Bench {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let word = b.input("word", 16);
    let held = b.reg("held", 16);
    b.set_reset(&held, &word, &Bench::zero(16));
    let (seen, open) = (b.reg("seen", 1), b.reg("open", 1));
    let first = b.equals(&held, 0xbeef);
    b.set_reset(&seen, &[first], &Bench::zero(1));
    let then = b.equals(&held, second);
    let hit = b.g().and(seen[0], then);
    let next = b.g().or(hit, open[0]);
    b.set_reset(&open, &[next], &Bench::zero(1));
    let shown = b.g().and(open[0], uid[2]);
    b.output("y", &[shown]);
    b
}

/// Masked on the way in and unmasked on the way out, through a register.
pub(crate) fn masked(correct: bool) -> Bench {
    let mut b = Bench::new();
    let uid = b.identity("uid", 16);
    let (data, load) = (b.input("data", 16), b.input("load", 1)[0]);
    let m = b.reg("m", 16);
    let hidden = b.xor(&data, &uid);
    let next = b.mux(load, &hidden, &m);
    let start = if correct { uid.clone() } else { Bench::zero(16) };
    b.set_reset(&m, &next, &start);
    let clear = b.xor(&m, &uid);
    b.output("y", &clear);
    b
}

/// Sends the identity when asked to: `extra` more cycles of it than the window allows.
pub(crate) fn serial(extra: u64, one_hot: bool) -> Model {
    let mut b = Bench::new();
    let uid = b.identity("uid", 8);
    let ask = b.input("ask", 1)[0];
    let (line, idle);
    if one_hot {
        let at = b.reg("at", 8);
        let busy = b.nonzero(&at);
        let begin = b.g().and(ask, !busy);
        let mut next = vec![begin];
        next.extend(&at[..7]);
        b.set_reset(&at, &next, &Bench::zero(8));
        let picked: Word = at.iter().zip(&uid).map(|(&a, &u)| b.n.aig.and(a, u)).collect();
        line = b.nonzero(&picked);
        idle = !busy;
    } else {
        let (left, shift) = (b.reg("left", 5), b.reg("shift", 8));
        let busy = b.nonzero(&left);
        let begin = b.g().and(ask, !busy);
        let less = b.minus_one(&left);
        let kept = b.mux(busy, &less, &left);
        let next = b.mux(begin, &Bench::constant(8 + extra, 5), &kept);
        b.set_reset(&left, &next, &Bench::zero(5));
        let mut rotated = shift[1..].to_vec();
        rotated.push(shift[0]);
        let next = b.mux(begin, &uid, &rotated);
        b.set_reset(&shift, &next, &Bench::zero(8));
        line = b.g().and(busy, shift[0]);
        idle = !busy;
    }
    b.output("line", &[line]);
    b.output("idle", &[idle]);
    b.model(json!({
        "inputs": { "owner": ["ask"] },
        "declassify": [{
            "when": "ask && idle", "for": 8, "observable": ["line"], "releases": ["uid"],
        }],
    }))
}

/// A phase counts from 0 to `last` and starts again; in phase 15 the identity would show.
pub(crate) fn phases(last: u64) -> Model {
    let mut b = Bench::new();
    let uid = b.identity("uid", 4);
    let go = b.input("go", 1)[0];
    let phase = b.reg("phase", 4);
    let more = b.add(&phase, &Bench::constant(1, 4));
    let end = b.equals(&phase, last);
    let next = b.mux(end, &Bench::zero(4), &more);
    let next = b.mux(go, &next, &phase);
    b.set_reset(&phase, &next, &Bench::zero(4));
    let forbidden = b.equals(&phase, 15);
    let shown = b.g().and(forbidden, uid[3]);
    b.output("y", &[shown]);
    b.model(json!({}))
}
