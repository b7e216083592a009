//! Hints save search and never decide: a true one proves, a false one changes nothing, and the hints of a
//! clean part prove nothing about its twin with an implant.
#![allow(clippy::unwrap_used, reason = "helpers of a test: a failure is a failed test")]

use design::hints::{Hints, read};
use design::remote_disable::remote_disable;
use design::{Settings, Subject, seal};
use evidence::{Digest, Verdict};
use netlist::{Lit, Netlist, PowerUp};
use proof::contract::Contract;
use proof::{Model, kernel};
use serde_json::json;
use solve::Budget;

/// What becomes of a part that `kill` reaches while it works.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Twin {
    /// Nothing.
    Clean,
    /// It forgets its work, and with it to ask for more.
    Implant,
    /// It begins the work anew.
    LookAlike,
}

/// A part that asks for work with `req`, works for 200 cycles and asks again. Neither asking nor
/// working it would rest for ever, which the implant alone reaches.
fn part(twin: Twin) -> (Netlist, Contract) {
    let mut n = Netlist { name: "dut".into(), ..Netlist::default() };
    n.add_input("clk", 1);
    let rst = n.add_input("rst", 1)[0];
    let ack = n.add_input("ack", 1)[0];
    let kill = n.add_input("kill", 8);
    let req = n.add_register("req", 0, PowerUp::Free);
    let busy = n.add_register("busy", 0, PowerUp::Free);
    let left: Vec<Lit> = (0..8).map(|b| n.add_register("left", b, PowerUp::Free)).collect();
    let g = &mut n.aig;
    let taken = g.and(req, ack);
    let magic: Vec<Lit> = (0..8).map(|b| kill[b].xor_sign(0x5a >> b & 1 == 0)).collect();
    let hit = g.and_all(magic);
    let hit = g.and(hit, busy);
    let zero = !g.or_all(left.iter().copied());
    let over = g.and(busy, zero);
    let lost = if twin == Twin::Implant { hit } else { Lit::FALSE };
    let again = if twin == Twin::LookAlike { hit } else { Lit::FALSE };
    // req: set in reset and when the work is done
    let keep = g.and(req, !ack);
    let ask = g.or(over, keep);
    let next_req = g.or(ask, rst);
    let stay = g.and_all([busy, !over, !lost]);
    let work = g.or(taken, stay);
    let next_busy = g.and(work, !rst);
    let mut borrow = Lit::TRUE;
    let mut next = vec![next_req, next_busy];
    let load = g.or(taken, again);
    for (b, &bit) in left.iter().enumerate() {
        let less = g.xor(bit, borrow);
        borrow = g.and(borrow, !bit);
        next.push(g.mux(load, Lit::constant(200 >> b & 1 == 1), less));
    }
    for (register, next) in n.registers.iter_mut().zip(next) {
        register.next = next;
    }
    n.add_output("o_req", vec![req]);
    n.finish();
    let contract: Contract = serde_json::from_value(json!({
        "clock": { "port": "clk" },
        "reset": { "port": "rst", "active": "high", "cycles": 1 },
        "inputs": { "remote": ["kill"], "environment": ["ack"] },
        "recovery_assume": ["!o_req || ack", "kill != 8'h5a"],
        "service": [{ "name": "work", "start": "o_req && ack", "done": "o_req", "recover_within": 2000 }],
    }))
    .unwrap();
    (n, contract)
}

const TRUE: &str = "# whoever built it knows\ninvariant req || busy\ninvariant !(req && busy)\n\
                    stage busy\nrank left\nstage req\n";

fn decide(twin: Twin, text: &str) -> (Result<Verdict, String>, usize) {
    let (netlist, contract) = part(twin);
    let model = Model::new(&netlist, &contract).unwrap();
    let hints = read(&netlist, &model, text).unwrap();
    let budget = Budget::new(300_000);
    let settings = Settings { budget: budget.clone(), hints, exact: false };
    let answer = match remote_disable(&model, 0, &settings) {
        Ok(answer) => answer,
        Err(why) => return (Err(why.detail), 0),
    };
    let stages = answer.metrics.get("stages").and_then(|s| s.as_u64()).unwrap_or(0) as usize;
    let contract = proof::contract_digest(&contract).unwrap();
    let subject =
        Subject { netlist: Digest::of(b""), contract, check: kernel::REMOTE_DISABLE, item: "work" };
    let sealed = seal(&model, subject, answer, &budget).unwrap();
    (Ok(sealed.answer.verdict), stages)
}

#[test]
fn true_hints_prove() {
    // two stages of the hints in each of two steps of the procedure
    assert_eq!(decide(Twin::Clean, TRUE), (Ok(Verdict::Proved), 4));
    assert_eq!(decide(Twin::LookAlike, TRUE), (Ok(Verdict::Proved), 4));
}

#[test]
fn false_hints_change_nothing() {
    let verdict = |text| decide(Twin::Clean, text).0.map_err(|_| ());
    assert_eq!(verdict(""), Err(()));
    for text in [
        "invariant !req\ninvariant left < 100\ninvariant 0\n",
        "stage busy\nrank ~left\nstage req\n",
        "stage req\nstage busy\nrank left\n",
        "invariant req || busy\nstage 1\nrank left[3:0]; left[7:4]\n",
    ] {
        assert_eq!(verdict(text), Err(()), "{text}");
    }
    let said = decide(Twin::Clean, "invariant !req\nstage req\n").0.unwrap_err();
    assert!(said.contains("1 clauses of the hints do not hold"), "{said}");
    assert!(said.contains("stages of the hints, `issue`: `cover` does not hold"), "{said}");
    // beside true ones they do no harm
    assert_eq!(
        verdict(&format!("invariant left < 100\n{TRUE}invariant !req\n")),
        Ok(Verdict::Proved)
    );
}

#[test]
fn hints_of_the_clean_part_do_not_save_its_twin() {
    let lies = "invariant req || busy\ninvariant !(req && busy)\ninvariant left < 201\n";
    for text in ["", TRUE, lies, "stage 1\nrank left\n"] {
        assert_eq!(decide(Twin::Implant, text).0, Ok(Verdict::Refuted), "{text}");
    }
}

#[test]
fn lines_without_a_meaning() {
    let (netlist, contract) = part(Twin::Clean);
    let model = Model::new(&netlist, &contract).unwrap();
    for (text, line, what, remedy) in [
        ("invariant req\n\nbounds left\n", 3, "`bounds` is no kind of hint", "invariant"),
        ("invariant", 1, "ends too early", "name"),
        ("# fine\ninvariant reqq", 2, "`reqq`", "did you mean `req`?"),
        ("invariant ack", 1, "input `ack`", "registers"),
        ("invariant rst || req", 1, "reset", "registers"),
        ("stage req && kill[0]", 1, "input `kill`", "registers"),
        ("rank left", 1, "no stage is above it", "stage"),
        ("stage req\nrank left\nrank left", 3, "no stage is above it", "stage"),
        ("stage req\nrank left; 3", 2, "width of 3 is open", "size"),
        ("stage req\nrank left;left;left;left;left;left;left;left", 2, "64 bits", "fall"),
        ("invariant left[9]", 1, "no bits", "[7:0]"),
    ] {
        let error = read(&netlist, &model, text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.what.contains(what), "{text}: {error}");
        assert!(error.remedy.contains(remedy), "{text}: {error}");
    }
    let many = "stage req\n".repeat(33);
    assert_eq!(read(&netlist, &model, &many).unwrap_err().line, 33);
    assert_eq!(read(&netlist, &model, "\n  # nothing\n").unwrap(), Hints::default());
}

#[test]
fn clauses_are_the_expression() {
    let (netlist, contract) = part(Twin::Clean);
    let model = Model::new(&netlist, &contract).unwrap();
    let at = |name: &str, bit: u32| {
        model.state.iter().position(|s| s.name == name && s.bit == bit).unwrap()
    };
    let left: Vec<usize> = (0..8).map(|b| at("left", b)).collect();
    let (req, busy) = (at("req", 0), at("busy", 0));
    type Meaning = fn(u32, bool, bool) -> bool;
    let table: [(&str, Meaning); 6] = [
        ("left < 201", |n, _, _| n < 201),
        ("left inside {0, [7:9], 8'h5a} || req", |n, r, _| {
            n == 0 || (7..=9).contains(&n) || n == 0x5a || r
        }),
        ("req == busy", |_, r, b| r == b),
        ("!(req && busy) && left[3]", |n, r, b| !(r && b) && n & 8 != 0),
        ("1", |_, _, _| true),
        ("req && !req", |_, _, _| false),
    ];
    for (text, means) in table {
        let hints = read(&netlist, &model, &format!("invariant {text}")).unwrap();
        for state in 0..1u32 << 10 {
            let (n, r, b) = (state & 255, state >> 8 & 1 == 1, state >> 9 & 1 == 1);
            let value = |i: usize| match left.iter().position(|&l| l == i) {
                Some(bit) => n >> bit & 1 == 1,
                None if i == req => r,
                None => {
                    assert_eq!(i, busy);
                    b
                }
            };
            let all = hints.invariant.iter().all(|c| c.iter().any(|&(i, v)| value(i) == v));
            assert_eq!(all, means(n, r, b), "{text} at {n} {r} {b}");
        }
    }
}
