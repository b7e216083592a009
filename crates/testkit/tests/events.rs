//! Counts of events: an implant that lets 2⁴⁰ messages pass before it stops the part, its clean twin, and
//! look-alikes that count as far and do no harm.
#![allow(clippy::unwrap_used, reason = "helpers of a test: a failure is a failed test")]

use design::remote_disable::remote_disable;
use design::{Settings, Subject, seal};
use evidence::{Digest, Verdict};
use netlist::{Lit, Netlist, PowerUp};
use proof::certificate::{Body, Entry};
use proof::closed::accelerated_cycles;
use proof::contract::Contract;
use proof::{Model, kernel};
use serde_json::json;
use solve::Budget;

/// What happens when the count is full.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Then {
    /// It goes on from 0: statistics.
    Nothing,
    /// No job is done any more.
    Dies,
    /// Jobs wait in the cycle in which it is full; that cycle clears it.
    Pauses,

    /// As `Dies`, where the owner's jobs clear the count.
    DiesUnlessUsed,
}

const WIDTH: u32 = 40;

/// A part that answers a job in the next cycle and takes messages: one with the right header, then two
/// cycles without. It counts them.
fn part(then: Then) -> (Netlist, Contract) {
    let mut n = Netlist { name: "dut".into(), ..Netlist::default() };
    n.add_input("clk", 1);
    let rst = n.add_input("rst", 1)[0];
    let go = n.add_input("go", 1)[0];
    let valid = n.add_input("rx_valid", 1)[0];
    let header = n.add_input("rx_header", 4);
    let job = n.add_register("job", 0, PowerUp::Free);
    let dead = n.add_register("dead", 0, PowerUp::Free);
    let wait = [0, 1].map(|b| n.add_register("wait", b, PowerUp::Free));
    let seen: Vec<Lit> = (0..WIDTH).map(|b| n.add_register("seen", b, PowerUp::Free)).collect();
    let g = &mut n.aig;
    let right: Vec<Lit> = (0..4).map(|b| header[b].xor_sign(0b1010 >> b & 1 == 0)).collect();
    let right = g.and_all(right);
    let rests = g.or(wait[0], wait[1]);
    let event = g.and_all([valid, right, !rests]);
    let full = g.and_all(seen.iter().copied());
    let fatal = matches!(then, Then::Dies | Then::DiesUnlessUsed);
    let killed = if fatal { g.or(dead, full) } else { Lit::FALSE };
    let held = if then == Then::Pauses { full } else { Lit::FALSE };
    let clear = match then {
        Then::DiesUnlessUsed => job,
        Then::Pauses => full,
        _ => Lit::FALSE,
    };
    let reset = g.or(rst, clear);
    // two cycles of rest after a message: 2, 1, 0
    let low = g.and(wait[1], !rst);
    let high = g.and(event, !rst);
    let waits = g.and(job, held);
    let taken = g.or(go, waits);
    let next_job = g.and(taken, !rst);
    let mut next = vec![next_job, g.and(killed, !rst), low, high];
    let mut carry = event;
    for &bit in &seen {
        let sum = g.xor(bit, carry);
        carry = g.and(bit, carry);
        next.push(g.and(sum, !reset));
    }
    let done = g.and_all([job, !dead, !held]);
    for (register, next) in n.registers.iter_mut().zip(next) {
        register.next = next;
    }
    n.add_output("done", vec![done]);
    n.finish();
    let contract: Contract = serde_json::from_value(json!({
        "clock": { "port": "clk" },
        "reset": { "port": "rst", "active": "high", "cycles": 1 },
        "inputs": { "owner": ["go"], "remote": ["rx_*"] },
        "service": [{ "name": "job", "start": "go", "done": "done", "recover_within": 64 }],
    }))
    .unwrap();
    (n, contract)
}

/// Verdict, kind and length of the run of a sealed answer, or why there is none.
fn decide(then: Then) -> Result<(Verdict, Option<String>, u128), String> {
    let (netlist, contract) = part(then);
    let model = Model::new(&netlist, &contract).unwrap();
    let budget = Budget::new(400_000);
    let settings = Settings { budget: budget.clone(), hints: Default::default(), exact: false };
    let answer = remote_disable(&model, 0, &settings).map_err(|why| why.detail)?;
    let contract = proof::contract_digest(&contract).unwrap();
    let subject =
        Subject { netlist: Digest::of(b""), contract, check: kernel::REMOTE_DISABLE, item: "job" };
    let sealed = seal(&model, subject, answer, &budget).unwrap();
    let cycles = match &sealed.answer.body {
        Body::ClosedSet(c) => match &c.entry {
            Entry::Accelerated(run) => {
                forged(&model, &sealed.answer.body, &budget);
                let said = "`seen` counts events to 1099511627775, one in 3 cycles: \
                            rx_valid[0] = 1, rx_header[1] = 1, rx_header[3] = 1";
                assert!(sealed.answer.detail.contains(said), "{}", sealed.answer.detail);
                accelerated_cycles(run).unwrap()
            }
            Entry::Trace(_) => 0,
        },
        _ => 0,
    };
    Ok((sealed.answer.verdict, sealed.kind, cycles))
}

/// The same run with something amiss is refused: an obligation fails, or the kernel does not derive.
fn forged(model: &Model, body: &Body, budget: &Budget) {
    type Change = fn(&mut proof::certificate::Accelerated);
    let changes: [Change; 5] = [
        |run| {
            run.segments[0].body.pop();
        },
        |run| {
            let quiet = run.prefix.inputs[0].clone();
            run.segments[0].body.fill(quiet);
        },
        |run| run.segments[0].repeat = "7".into(),
        |run| run.segments[0].holds = proof::Circuit::constant(true),
        |run| {
            let twice = run.segments[0].body.clone();
            run.segments[0].body.extend(twice);
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        let Body::ClosedSet(mut c) = body.clone() else { unreachable!("a closed set") };
        let Entry::Accelerated(run) = &mut c.entry else { unreachable!("an accelerated run") };
        change(run);
        let forged = Body::ClosedSet(c);
        let derived =
            proof::derive(model, kernel::REMOTE_DISABLE, "job", Verdict::Refuted, &forged);
        let holds = derived.is_ok_and(|(all, _)| {
            all.iter().all(|o| {
                matches!(
                    solve::certify::decide(&o.aig, o.bad, budget),
                    solve::certify::Answer::Unsat(_)
                )
            })
        });
        assert!(!holds, "change {number} is accepted");
    }
}

#[test]
fn a_count_of_messages_that_kills() {
    let (verdict, kind, cycles) = decide(Then::Dies).unwrap();
    assert_eq!((verdict, kind.as_deref()), (Verdict::Refuted, Some("timer")));
    assert!(cycles >= 3 << WIDTH, "{cycles}: three cycles to a message");
    assert!(cycles < (3 << WIDTH) + 1_000, "{cycles}");
}

#[test]
fn a_count_that_the_owner_may_refrain_from_clearing() {
    let (verdict, kind, cycles) = decide(Then::DiesUnlessUsed).unwrap();
    assert_eq!((verdict, kind.as_deref()), (Verdict::Refuted, Some("timer")));
    assert!(cycles >= 3 << WIDTH, "{cycles}");
}

#[test]
fn counts_that_do_no_harm() {
    for then in [Then::Nothing, Then::Pauses] {
        assert_eq!(decide(then).map(|a| a.0), Ok(Verdict::Proved), "{then:?}");
    }
}
