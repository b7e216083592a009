//! The identity check on designs small enough to be read: each harmless use stands beside a leak.
//!
//! Every answer is sealed and checked by the kernel; an answer that does not pass is a failure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use design::{Settings, Subject, Undecided, identity_leak, seal};
use evidence::{Digest, Reason, Verdict};
use netlist::{Aig, Cut, Leaf, Lit, Netlist, Node, PowerUp};
use proof::certificate::{Body, Relation};
use proof::contract::Contract;
use proof::{Model, ProofSource, kernel};
use serde_json::{Value, json};
use solve::Budget;
use std::io::{BufRead, Cursor};

/// A design under construction: one reset, named words.
struct Bench {
    n: Netlist,
    rst: Lit,
}

type Word = Vec<Lit>;

impl Bench {
    fn new() -> Self {
        let mut n = Netlist { name: "dut".into(), ..Netlist::default() };
        n.add_input("clk", 1);
        let rst = n.add_input("rst", 1)[0];
        Self { n, rst }
    }
    fn g(&mut self) -> &mut Aig {
        &mut self.n.aig
    }
    fn input(&mut self, name: &str, width: u32) -> Word {
        self.n.add_input(name, width)
    }
    fn identity(&mut self, name: &str, width: u32) -> Word {
        let cut = self.n.cuts.len() as u32;
        let bits: Word = (0..width).map(|b| self.n.add_leaf(Leaf::Cut(cut, b))).collect();
        let driver = bits.clone();
        self.n.cuts.push(Cut { name: name.into(), bits: bits.clone(), driver, src: None });
        bits
    }
    fn reg(&mut self, name: &str, width: u32) -> Word {
        (0..width).map(|b| self.n.add_register(name, b, PowerUp::Free)).collect()
    }
    fn set(&mut self, reg: &[Lit], next: &[Lit]) {
        assert_eq!(reg.len(), next.len());
        for (&r, &n) in reg.iter().zip(next) {
            self.n.registers.iter_mut().find(|x| x.out == r).unwrap().next = n;
        }
    }
    /// With a synchronous reset to `value`.
    fn set_reset(&mut self, reg: &[Lit], next: &[Lit], value: &[Lit]) {
        let rst = self.rst;
        let next = self.mux(rst, value, next);
        self.set(reg, &next);
    }
    fn zero(width: usize) -> Word {
        vec![Lit::FALSE; width]
    }
    fn constant(value: u64, width: usize) -> Word {
        (0..width).map(|b| Lit::constant(value >> b & 1 == 1)).collect()
    }
    fn mux(&mut self, c: Lit, t: &[Lit], e: &[Lit]) -> Word {
        t.iter().zip(e).map(|(&t, &e)| self.n.aig.mux(c, t, e)).collect()
    }
    fn xor(&mut self, a: &[Lit], b: &[Lit]) -> Word {
        a.iter().zip(b).map(|(&a, &b)| self.n.aig.xor(a, b)).collect()
    }
    fn add(&mut self, a: &[Lit], b: &[Lit]) -> Word {
        let mut carry = Lit::FALSE;
        let g = &mut self.n.aig;
        a.iter()
            .zip(b)
            .map(|(&a, &b)| {
                let half = g.xor(a, b);
                let sum = g.xor(half, carry);
                let (x, y) = (g.and(a, b), g.and(half, carry));
                carry = g.or(x, y);
                sum
            })
            .collect()
    }
    fn mul(&mut self, a: &[Lit], b: &[Lit]) -> Word {
        let width = a.len() + b.len();
        let mut sum = Self::zero(width);
        for (k, &bit) in b.iter().enumerate() {
            let mut row = Self::zero(width);
            for (j, &x) in a.iter().enumerate() {
                row[j + k] = self.n.aig.and(x, bit);
            }
            sum = self.add(&sum, &row);
        }
        sum
    }
    fn equals(&mut self, a: &[Lit], value: u64) -> Lit {
        let word = Self::constant(value, a.len());
        self.n.aig.eq_word(a, &word)
    }
    fn nonzero(&mut self, a: &[Lit]) -> Lit {
        self.n.aig.or_all(a.iter().copied())
    }
    fn minus_one(&mut self, a: &[Lit]) -> Word {
        let ones = vec![Lit::TRUE; a.len()];
        self.add(a, &ones)
    }
    /// An output that is 0 during reset: before the first clock edge registers hold anything.
    fn output(&mut self, name: &str, bits: &[Lit]) {
        let bits = bits.iter().map(|&b| self.n.aig.and(b, !self.rst)).collect();
        self.n.add_output(name, bits);
    }
    fn model(mut self, more: Value) -> Model {
        self.n.finish();
        let mut contract = json!({
            "clock": { "port": "clk" },
            "reset": { "port": "rst", "active": "high", "cycles": 2 },
        });
        let table = contract.as_object_mut().unwrap();
        table.extend(more.as_object().unwrap().clone());
        if !table.contains_key("identity") {
            table.insert("identity".into(), json!([{ "signal": "uid", "kind": "fuse" }]));
        }
        let contract: Contract = serde_json::from_value(contract).unwrap();
        Model::new(&self.n, &contract).unwrap()
    }
}

struct Proofs(Vec<(Digest, Vec<u8>)>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        let found = self.0.iter().find(|p| p.0 == *lrat).ok_or("no such proof")?;
        Ok(Box::new(Cursor::new(&found.1)))
    }
}

/// Runs, seals and checks; the answer's kind beside it.
fn run(model: &Model) -> Result<(design::Answer, Option<String>), Undecided> {
    let budget = Budget::new(2_000_000);
    let settings = Settings { budget: budget.clone(), hints: Vec::new(), exact: true };
    let answer = identity_leak::identity_leak(model, 0, &settings)?;
    let digest = Digest::of(b"test");
    let item = model.identities[0].name.clone();
    let check = kernel::IDENTITY_LEAK;
    let subject = Subject { netlist: digest, contract: digest, check, item: &item };
    let sealed = seal(model, subject, answer, &budget)?;
    kernel::check(model, &digest, &digest, &sealed.certificate, &mut Proofs(sealed.proofs))
        .unwrap();
    Ok((sealed.answer, sealed.kind))
}

fn proved(model: &Model) -> design::Answer {
    match run(model) {
        Ok((answer, _)) if answer.verdict == Verdict::Proved => answer,
        other => panic!("not proved: {other:?}"),
    }
}

fn refuted(model: &Model, kind: &str) -> design::Answer {
    match run(model) {
        Ok((answer, Some(k))) if answer.verdict == Verdict::Refuted && k == kind => answer,
        other => panic!("not refuted as {kind}: {other:?}"),
    }
}

/// What the kernel makes of a relation.
fn sealed(model: &Model, relation: Relation) -> Result<(), Undecided> {
    let mut answer = identity_leak::identity_leak(
        model,
        0,
        &Settings { budget: Budget::new(100_000), hints: Vec::new(), exact: true },
    )?;
    answer.verdict = Verdict::Proved;
    answer.body = Body::Relation(relation);
    let digest = Digest::of(b"test");
    let check = kernel::IDENTITY_LEAK;
    let subject = Subject { netlist: digest, contract: digest, check, item: "uid" };
    seal(model, subject, answer, &Budget::new(100_000)).map(|_| ())
}

fn pair(answer: &design::Answer) -> &proof::certificate::PairTrace {
    match &answer.body {
        Body::Pair(pair) => pair,
        _ => panic!("no pair"),
    }
}

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

/// Two registered words in a row open a bit of the identity; chance does not speak them.
fn magic(second: u64) -> Bench {
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

#[test]
fn a_leak_behind_magic_words_is_found() {
    let answer = refuted(&magic(0x1234).model(json!({})), "value");
    assert!(answer.title.contains("uid bit 2"), "{}", answer.title);
    let marks: usize = pair(&answer).left.essential.iter().map(|w| w.matches('1').count()).sum();
    assert_eq!(marks, 32, "sixteen bits twice");
}

#[test]
fn magic_that_the_contract_excludes_is_no_leak() {
    let model = magic(0x1234).model(json!({ "assume": ["word != 16'hbeef"] }));
    proved(&model);
}

/// Masked on the way in and unmasked on the way out, through a register.
fn masked(correct: bool) -> Bench {
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

#[test]
fn masking_that_is_undone_is_no_leak() {
    let answer = proved(&masked(true).model(json!({})));
    assert_eq!(answer.metrics["path"], "live");
}

#[test]
fn a_mask_that_reset_forgets_is_a_leak() {
    refuted(&masked(false).model(json!({})), "value");
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

/// The kernel merges what a certificate says is equal only together with a proof that it is.
#[test]
fn an_equality_that_does_not_hold_is_refused() {
    let honest = masked(true).model(json!({}));
    let Body::Relation(relation) = proved(&honest).body else { panic!("no relation") };
    assert_eq!(relation.equal.len(), 16);
    sealed(&honest, relation.clone()).unwrap();
    let mut refused = 0;
    for var in (0..honest.aig.len() as u32).filter(|v| !relation.equal.contains(v)) {
        let mut more = relation.clone();
        more.equal.push(var);
        more.equal.sort_unstable();
        refused += u32::from(sealed(&honest, more).is_err());
    }
    assert!(refused >= 32, "the halves of sixteen exclusive ors, at least");
    // the same relation about a design that leaks
    let leaky = masked(false).model(json!({}));
    refuted(&leaky, "value");
    for equal in [vec![], (1..leaky.aig.len() as u32).collect(), relation.equal.clone()] {
        assert!(sealed(&leaky, Relation { equal, ..relation.clone() }).is_err());
    }
    let gates = (1..leaky.aig.len() as u32).filter(|&v| matches!(leaky.aig.node(v), Node::And(..)));
    let all = Relation { equal: gates.collect(), ..relation };
    assert!(sealed(&leaky, all).is_err());
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

/// Sends the identity when asked to: `extra` more cycles of it than the window allows.
fn serial(extra: u64, one_hot: bool) -> Model {
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

#[test]
fn what_the_owner_asked_for_is_no_leak() {
    let answer = proved(&serial(0, false));
    assert!(answer.title.contains("releases"), "{}", answer.title);
    proved(&serial(0, true));
}

#[test]
fn a_transmission_that_outlasts_its_window_is_a_leak() {
    let answer = refuted(&serial(1, false), "value");
    assert_eq!(pair(&answer).port, "line");
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

/// A phase counts from 0 to `last` and starts again; in phase 15 the identity would show.
fn phases(last: u64) -> Model {
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

/// That phase 14 is never reached is a fact about three registers at once.
#[test]
fn what_no_guess_covers_is_searched_for() {
    proved(&phases(13));
    refuted(&phases(15), "value");
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
