//! A run under straps that the contract excludes proves nothing.
//!
//! Found with the oracle: a trace that ends with the reset sequence has no cycle in which `assume`
//! binds, so that a closed set of excluded straps could be entered and a leak during reset shown.
#![allow(clippy::unwrap_used, reason = "helpers of a test: a failure is a failed test")]

use evidence::Verdict;
use netlist::{Netlist, PowerUp};
use proof::certificate::{Body, ClosedSet, Entry, OwnerScope, PairTrace, Trace};
use proof::contract::Contract;
use proof::{Circuit, Model, Var, derive, kernel};
use serde_json::json;

fn model() -> Model {
    let mut n = Netlist { name: "dut".into(), ..Netlist::default() };
    n.add_input("clk", 1);
    let rst = n.add_input("rst", 1)[0];
    let go = n.add_input("go", 1)[0];
    let strap = n.add_input("strap", 1)[0];
    let id = n.add_input("uid", 1)[0];
    let busy = n.add_register("busy", 0, PowerUp::Free);
    n.registers[0].next = n.aig.and(go, !rst);
    let gated = n.aig.and_all([rst, strap, id]);
    n.add_output("done", vec![busy]);
    n.add_output("status", vec![gated]);
    n.cut_leaves(&["uid".into()]).unwrap();
    n.finish();
    let contract: Contract = serde_json::from_value(json!({
        "clock": { "port": "clk" },
        "reset": { "port": "rst", "active": "high", "cycles": 1 },
        "inputs": { "owner": ["go"], "constant": ["strap"] },
        "assume": ["strap == 1'd0"],
        "service": [{ "name": "job", "start": "go", "done": "done", "recover_within": 4 }],
        "identity": [{ "signal": "uid", "kind": "fuse" }],
    }))
    .unwrap();
    Model::new(&n, &contract).unwrap()
}

fn word(model: &Model, ones: &[&str]) -> String {
    model.inputs.iter().map(|i| if ones.contains(&i.name.as_str()) { '1' } else { '0' }).collect()
}

fn power_up(model: &Model, ones: &[&str]) -> String {
    model.state.iter().map(|s| if ones.contains(&s.name.as_str()) { '1' } else { '0' }).collect()
}

fn trace(power_up: String, inputs: Vec<String>) -> Trace {
    Trace { power_up, inputs, essential: Vec::new() }
}

#[test]
fn a_closed_set_of_excluded_straps_is_not_reached() {
    let model = model();
    let strap = model.state.iter().position(|s| s.name == "strap").unwrap();
    let mut aig = netlist::Aig::new();
    let leaf = aig.leaf();
    let set = Circuit::extract(&aig, &[leaf], |_| Some(Var::State(strap as u32))).unwrap();
    let go = word(&model, &["go", "probity.job.pick"]);
    let quiet = word(&model, &[]);
    let served = trace(power_up(&model, &[]), vec![quiet.clone(), go.clone(), go.clone(), go]);
    for (straps, holds) in [(&["strap"][..], false), (&[][..], false)] {
        let body = Body::ClosedSet(ClosedSet {
            set: set.clone(),
            owner: OwnerScope::Any,
            adversary: None,
            potential: None,
            legal_inputs: Vec::new(),
            entry: Entry::Trace(trace(power_up(&model, straps), vec![quiet.clone()])),
            covers: vec![served.clone()],
            exits: Vec::new(),
        });
        let derived = derive(&model, kernel::REMOTE_DISABLE, "job", Verdict::Refuted, &body);
        assert_eq!(derived.is_ok(), holds, "straps {straps:?}");
    }
}

#[test]
fn a_leak_during_reset_under_excluded_straps_is_none() {
    let model = model();
    let quiet = word(&model, &[]);
    let pair = |straps: &[&str]| {
        let with =
            |more: &[&str]| trace(power_up(&model, &[straps, more].concat()), vec![quiet.clone()]);
        let (left, right) = (with(&[]), with(&["uid"]));
        Body::Pair(PairTrace { left, right, cycle: 0, port: "status".into(), bit: 0 })
    };
    let body = pair(&["strap"]);
    let derived = derive(&model, kernel::IDENTITY_LEAK, "uid", Verdict::Refuted, &body);
    let Err(error) = derived else { panic!("the kernel accepts a run that the contract excludes") };
    assert!(error.to_string().contains("constants"), "{error}");
}
