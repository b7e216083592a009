//! Dead ends of closed sets: moves that the assumptions forbid, starts that no manual names.
//!
//! Found with the oracle and with mutants of certificates: an adversary whose word breaks `assume`
//! beside an owner word does not answer that word, it forbids it, and a "leash" made so refutes parts
//! that the owner can always bring back.
#![allow(clippy::unwrap_used, reason = "helpers of a test: a failure is a failed test")]

use design::remote_disable::remote_disable;
use design::{Settings, Subject, seal};
use evidence::{Digest, Verdict};
use netlist::{Netlist, PowerUp};
use proof::certificate::{Body, ClosedSet, Entry, OwnerScope, Trace};
use proof::contract::Contract;
use proof::{Circuit, Model, derive, kernel};
use serde_json::json;
use solve::Budget;
use solve::certify::{Answer, decide};
use testkit::micro::{Planted, grow};
use testkit::oracle::disable::disable;

/// A job begins while `go` is low and is done a cycle later, unless `rx` is high then.
fn model(assume: &[&str]) -> Model {
    let mut n = Netlist { name: "dut".into(), ..Netlist::default() };
    n.add_input("clk", 1);
    let rst = n.add_input("rst", 1)[0];
    let go = n.add_input("go", 1)[0];
    let rx = n.add_input("rx", 1)[0];
    let busy = n.add_register("busy", 0, PowerUp::Free);
    n.registers[0].next = n.aig.and(!go, !rst);
    let done = n.aig.and(busy, !rx);
    n.add_output("done", vec![done]);
    n.finish();
    let contract: Contract = serde_json::from_value(json!({
        "clock": { "port": "clk" },
        "reset": { "port": "rst", "active": "high", "cycles": 1 },
        "inputs": { "owner": ["go"], "remote": ["rx"] },
        "assume": assume,
        "service": [{ "name": "job", "start": "!go", "done": "done", "recover_within": 4 }],
    }))
    .unwrap();
    Model::new(&n, &contract).unwrap()
}

/// "Nothing is tracked", kept by an adversary that holds `rx` high.
fn leash(model: &Model) -> Body {
    let word = |ones: &[&str]| {
        let bit = |name: &str| if ones.contains(&name) { '1' } else { '0' };
        model.inputs.iter().map(|i| bit(&i.name)).collect::<String>()
    };
    let trace = |inputs: Vec<String>| {
        let power_up = "0".repeat(model.state.len());
        Trace { power_up, inputs, essential: Vec::new() }
    };
    let pending = model.services[0].pending as u32;
    let idle = Circuit::from_clauses(&[vec![(proof::Var::State(pending), false)]]);
    let set = if model.contract.assume.is_empty() { Circuit::constant(true) } else { idle };
    let quiet = word(&["go"]);
    let begin = word(&["probity.job.pick"]);
    Body::ClosedSet(ClosedSet {
        set,
        owner: OwnerScope::Any,
        adversary: Some(Circuit { inputs: vec![], ands: vec![], outputs: vec![1] }),
        potential: None,
        legal_inputs: vec![word(&["go", "rx"])],
        entry: Entry::Trace(trace(vec![quiet.clone()])),
        covers: vec![trace(vec![quiet.clone(), begin, quiet.clone(), quiet])],
        exits: Vec::new(),
    })
}

fn holds(model: &Model, body: &Body) -> Vec<(String, bool)> {
    let (all, _) = derive(model, kernel::REMOTE_DISABLE, "job", Verdict::Refuted, body).unwrap();
    let budget = Budget::new(10_000);
    all.into_iter()
        .map(|o| (o.name, matches!(decide(&o.aig, o.bad, &budget), Answer::Unsat(_))))
        .collect()
}

#[test]
fn a_leash_may_not_forbid_the_owner_s_word() {
    // under `assume` the adversary's word makes `go = 0` illegal, and with it every start
    let unfair = model(&["!rx || go"]);
    let failing: Vec<String> =
        holds(&unfair, &leash(&unfair)).into_iter().filter(|o| !o.1).map(|o| o.0).collect();
    assert_eq!(failing, ["adversary"]);
    // without the assumption the same word is an answer, and a leash
    let fair = model(&[]);
    assert!(holds(&fair, &leash(&fair)).iter().all(|o| o.1));
    for exact in [true, false] {
        let verdict = |model: &Model| {
            let settings =
                Settings { budget: Budget::new(100_000), hints: Default::default(), exact };
            remote_disable(model, 0, &settings).map(|a| a.verdict)
        };
        // simulation alone does not find this one: the quiet word completes the job
        assert!(!exact || verdict(&fair) == Ok(Verdict::Refuted));
        assert_ne!(verdict(&unfair), Ok(Verdict::Refuted), "exact: {exact}");
    }
}

/// Designs that once ended in a contradiction: a leash without a legal move (199), one that
/// forbids (87), a service whose start word the manual does not name (11, 154).
#[test]
fn dead_ends_give_way_to_the_next_scope() {
    for (number, planted) in
        [(87, Planted::Leak), (199, Planted::Leak), (11, Planted::Leak), (154, Planted::Nothing)]
    {
        let micro = grow(number * 0x1_0000, planted);
        let model = Model::new(&micro.netlist().unwrap(), &micro.contract()).unwrap();
        let contract = proof::contract_digest(&micro.contract()).unwrap();
        for s in 0..micro.services.len() {
            let expected = disable(&micro, s).unwrap();
            for exact in [true, false] {
                let settings =
                    Settings { budget: Budget::new(300_000), hints: Default::default(), exact };
                let answer = remote_disable(&model, s, &settings).map_err(|u| {
                    assert_ne!(u.reason, evidence::Reason::Contradiction, "{number}: {}", u.detail);
                });
                let Ok(answer) = answer else { continue };
                let (check, item) = (kernel::REMOTE_DISABLE, micro.services[s].name.as_str());
                let subject = Subject { netlist: Digest::of(b""), contract, check, item };
                let sealed = seal(&model, subject, answer, &settings.budget).unwrap();
                match sealed.answer.verdict {
                    Verdict::Proved => assert!(expected.proved, "{number}: {}", expected.why),
                    _ => assert!(expected.refuted.contains(sealed.kind.as_deref().unwrap())),
                }
            }
        }
    }
}
