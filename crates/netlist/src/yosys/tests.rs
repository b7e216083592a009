//! Every construct and every refusal, on netlists of a few cells written by hand.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::{Direction, Leaf, Lit, PowerUp, SeqSim, Simulator};

/// A module `t` with ports `clk` (net 2), `a` (3), `b` (4), `c` (5), output `y` (9), the given
/// cells as (type, "PIN=bit,…") and the given further net names.
fn json(cells: &[(&str, &str)], nets: &str) -> String {
    let mut text = String::new();
    for (index, (kind, pins)) in cells.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let pins: Vec<String> = pins
            .split(',')
            .map(|pin| {
                let (name, bits) = pin.split_once('=').unwrap();
                format!("\"{name}\":[{}]", bits.replace(' ', ","))
            })
            .collect();
        let (kind, parameters) = kind.split_once(' ').unwrap_or((kind, ""));
        let pins = pins.join(",");
        write!(
            text,
            r#"{comma}"u{index}":{{"type":"{kind}","parameters":{{{parameters}}},"connections":{{{pins}}}}}"#
        )
        .unwrap();
    }
    format!(
        r#"{{"modules":{{"t":{{"ports":{{
        "clk":{{"direction":"input","bits":[2]}},"a":{{"direction":"input","bits":[3]}},
        "b":{{"direction":"input","bits":[4]}},"c":{{"direction":"input","bits":[5]}},
        "y":{{"direction":"output","bits":[9]}}}},
        "cells":{{{text}}},"netnames":{{{nets}}}}}}}}}"#
    )
}

fn try_read(text: &str, cuts: &[&str]) -> Result<Netlist, ReadError> {
    let cuts: Vec<String> = cuts.iter().map(|&cut| cut.to_owned()).collect();
    read_yosys_json(text.as_bytes(), &ReadOptions { top: None, cuts: &cuts })
}

fn read(cells: &[(&str, &str)], nets: &str) -> Netlist {
    try_read(&json(cells, nets), &[]).unwrap()
}

/// The error, which must mention all of `words`.
#[track_caller]
fn refused(text: &str, cuts: &[&str], words: &[&str]) {
    let error = try_read(text, cuts).unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "{error:?} lacks {word:?}");
    }
}

/// Output `y` for all eight values of a, b, c, bit `a + 2b + 4c` of the result.
fn truth(netlist: &Netlist) -> u64 {
    let mut sim: Simulator<1> = Simulator::new(&netlist.aig);
    for (name, word) in [("a", 0xaa), ("b", 0xcc), ("c", 0xf0)] {
        sim.set(netlist.port(name).unwrap().bits[0], &[word]);
    }
    sim.run();
    sim.value(netlist.port("y").unwrap().bits[0])[0] & 0xff
}

#[test]
fn gates_follow_their_verilog_models() {
    let (a, b, c, m) = (0xaau64, 0xccu64, 0xf0u64, 0xffu64);
    let two = "A=3,B=4,Y=9";
    let three = "A=3,B=4,C=5,Y=9";
    let four = "A=3,B=4,C=5,D=3,Y=9";
    let mux = c & b | !c & a;
    for (kind, pins, expected) in [
        ("$_BUF_", "A=3,Y=9", a),
        ("$_NOT_", "A=3,Y=9", !a),
        ("$_AND_", two, a & b),
        ("$_NAND_", two, !(a & b)),
        ("$_OR_", two, a | b),
        ("$_NOR_", two, !(a | b)),
        ("$_XOR_", two, a ^ b),
        ("$_XNOR_", two, !(a ^ b)),
        ("$_ANDNOT_", two, a & !b),
        ("$_ORNOT_", two, a | !b),
        ("$_MUX_", "A=3,B=4,S=5,Y=9", mux),
        ("$_NMUX_", "A=3,B=4,S=5,Y=9", !mux),
        ("$_AOI3_", three, !(a & b | c)),
        ("$_OAI3_", three, !((a | b) & c)),
        ("$_AOI4_", four, !(a & b | c & a)),
        ("$_OAI4_", four, !((a | b) & (c | a))),
        ("$_MUX4_", "A=3,B=4,C=\"0\",D=\"1\",S=5,T=3,Y=9", a & c | !a & (c & b | !c & a)),
    ] {
        let netlist = read(&[(kind, pins)], "");
        assert_eq!(truth(&netlist), expected & m, "{kind}");
    }
}

#[test]
fn wide_multiplexers_select_by_number() {
    for (kind, data, selects) in
        [("$_MUX8_", "ABCDEFGH", "STU"), ("$_MUX16_", "ABCDEFGHIJKLMNOP", "STUV")]
    {
        for chosen in 0..data.len() {
            let mut pins = vec!["Y=9".to_owned()];
            for (k, pin) in data.chars().enumerate() {
                pins.push(format!("{pin}={}", if k == chosen { "3" } else { "4" }));
            }
            for (k, pin) in selects.chars().enumerate() {
                pins.push(format!("{pin}=\"{}\"", chosen >> k & 1));
            }
            assert_eq!(truth(&read(&[(kind, &pins.join(","))], "")), 0xaa);
        }
    }
}

/// The next state and the value seen by readers of a flip-flop, for all a, b, c and q.
fn flop(kind: &str, pins: &str, q: bool) -> (u64, u64) {
    let netlist = read(&[(kind, &format!("C=2,Q=9,{pins}"))], "");
    let mut sim: SeqSim<1> = SeqSim::of(&netlist);
    for (name, word) in [("a", 0xaa), ("b", 0xcc), ("c", 0xf0)] {
        sim.logic.set(netlist.port(name).unwrap().bits[0], &[word]);
    }
    sim.set_register(0, &[if q { !0 } else { 0 }]);
    sim.settle();
    let seen = sim.logic.value(netlist.port("y").unwrap().bits[0])[0] & 0xff;
    (sim.logic.value(netlist.registers[0].next)[0] & 0xff, seen)
}

#[test]
fn flip_flops_follow_their_verilog_models() {
    let (a, b, c) = (0xaau64, 0xccu64, 0xf0u64);
    let mux = |s: u64, t: u64, e: u64| (s & t | !s & e) & 0xff;
    for q in [false, true] {
        let v = if q { 0xff } else { 0 };
        for (kind, pins, next, seen) in [
            ("$_DFF_P_", "D=3", a, v),
            ("$_DFFE_PN_", "D=3,E=4", mux(b, v, a), v),
            ("$_DFF_PN1_", "D=3,R=4", mux(b, a, 0xff), mux(b, v, 0xff)),
            ("$_DFFE_PP0N_", "D=3,R=4,E=5", mux(b, 0, mux(c, v, a)), mux(b, 0, v)),
            ("$_SDFF_PP1_", "D=3,R=4", mux(b, 0xff, a), v),
            ("$_SDFFE_PN0P_", "D=3,R=4,E=5", mux(b, mux(c, a, v), 0), v),
            ("$_SDFFCE_PP1P_", "D=3,R=4,E=5", mux(c, mux(b, 0xff, a), v), v),
            ("$_DFFSR_PPP_", "D=3,S=4,R=5", mux(c, 0, mux(b, 0xff, a)), mux(c, 0, mux(b, 0xff, v))),
            (
                "$_DFFSRE_PNNP_",
                "D=3,S=4,R=5,E=3",
                mux(c, mux(b, mux(a, a, v), 0xff), 0),
                mux(c, mux(b, v, 0xff), 0),
            ),
            ("$_ALDFF_PN_", "D=3,L=4,AD=5", mux(b, a, c), mux(b, v, c)),
            ("$_ALDFFE_PPP_", "D=3,L=4,AD=5,E=5", mux(b, c, mux(c, a, v)), mux(b, c, v)),
        ] {
            assert_eq!(flop(kind, pins, q), (next & 0xff, seen & 0xff), "{kind} q={q}");
        }
    }
    let netlist = read(&[("$_FF_", "D=3,Q=9")], "");
    assert_eq!(netlist.registers.len(), 1);
}

#[test]
fn registers_are_named_sorted_and_placed() {
    let netlist = read(
        &[("$_DFF_P_", "C=2,D=3,Q=10"), ("$_DFF_P_", "C=2,D=4,Q=9"), ("$_DFF_P_", "C=2,D=5,Q=11")],
        r#""$auto$1":{"hide_name":1,"bits":[9,10]},
           "u.deep.state":{"bits":[9,10]},
           "z":{"bits":[9,10],"offset":4,"attributes":{"src":"/x/npu.sv:88.3-9.4|b.v:1","init":"x1"}},
           "m":{"bits":[12,11],"upto":1}"#,
    );
    let found: Vec<_> = netlist.registers.iter().map(|r| (r.name.as_str(), r.bit)).collect();
    assert_eq!(found, [("m", 0), ("z", 4), ("z", 5)]);
    assert_eq!(netlist.registers[1].src.as_deref(), Some("npu.sv:88"));
    assert_eq!(netlist.registers[1].power_up, PowerUp::One);
    assert_eq!(netlist.registers[2].power_up, PowerUp::Free);
    assert_eq!(netlist.clocks, [("clk".to_owned(), 3)]);
    assert_eq!(netlist.net("u.deep.state").unwrap().bits.len(), 2);
    assert!(netlist.net("$auto$1").is_none());
    assert_eq!(netlist.undriven[0].0, "m");
    assert_eq!(netlist.undriven[0].1, 1);
}

#[test]
fn undriven_and_x_bits_are_leaves_of_their_own() {
    let netlist =
        read(&[("$_AND_", "A=\"x\",B=20,Y=9")], r#""w":{"bits":[20,"z"]},"y":{"bits":[9]}"#);
    let names: Vec<_> = netlist.undriven.iter().map(|u| (u.0.as_str(), u.1)).collect();
    assert_eq!(names, [("x read by y", 0), ("w", 0), ("w", 1)]);
    for (index, undriven) in netlist.undriven.iter().enumerate() {
        let crate::Node::Leaf(leaf) = netlist.aig.node(undriven.2.var()) else { panic!("no leaf") };
        assert_eq!(netlist.leaves[leaf as usize], Leaf::Undriven(index as u32));
    }
}

#[test]
fn cut_nets_are_free_for_all_readers() {
    let cells = [("$_DFF_P_", "C=2,D=3,Q=10"), ("$_BUF_", "A=10,Y=9"), ("$_AND_", "A=10,B=4,Y=11")];
    let nets = r#""u_fuse.uid":{"bits":[10,30],"attributes":{"src":"f.sv:1"}},"alias":{"bits":[10]},
                  "g":{"bits":[11]}"#;
    let netlist = try_read(&json(&cells, nets), &["u_fuse.uid", "a"]).unwrap();
    let cut = &netlist.cuts[0];
    assert_eq!(netlist.port("y").unwrap().bits[0], cut.bits[0]);
    assert_eq!(netlist.net("alias").unwrap().bits[0], cut.bits[0]);
    assert_eq!(cut.driver[0], netlist.registers[0].out);
    assert_eq!(cut.driver[1], netlist.undriven[0].2);
    assert_eq!(cut.src.as_deref(), Some("f.sv:1"));
    let port = &netlist.cuts[1];
    assert_eq!(port.driver, netlist.port("a").unwrap().bits);
    assert_eq!(netlist.registers[0].next, port.bits[0]);
    assert_eq!(netlist.port("a").unwrap().direction, Direction::Input);

    let text = json(&cells, nets);
    refused(&text, &["u_fuse.uidd"], &["no port, net or register", "near names: u_fuse.uid"]);
    refused(&text, &["u_fuse.uid", "alias"], &["alias", "shares bit 0"]);
    let folded = json(&[], r#""k":{"bits":["1"]},"x":{"bits":["x"]}"#);
    refused(&folded, &["k"], &["identity is constant", "keep"]);
    refused(&folded, &["x"], &["identity is constant"]);
    let derived = json(&[("$_AND_", "A=3,B=\"0\",Y=9")], "");
    refused(&derived, &["y"], &["identity is constant"]);
    let unread = try_read(&json(&[], r#""k":{"bits":[40]}"#), &["k"]).unwrap();
    assert_eq!(unread.notes, ["nothing reads the cut k"]);
}

#[test]
fn what_is_not_modelled_is_listed_and_free() {
    let main = ("$_DFF_P_", "C=2,D=3,Q=10");
    let more = ("$_DFF_P_", "C=2,D=3,Q=12");
    let cases = [
        (("$_DLATCH_P_", "D=3,E=4,Q=9"), "latch"),
        (("$_SR_PP_", "S=3,R=4,Q=9"), "latch"),
        (("$_TBUF_", "A=3,E=4,Y=9"), "tri-state driver"),
        (("$_DFF_P_", "C=4,D=3,Q=9"), "second clock domain b"),
        (("$_DFF_N_", "C=2,D=3,Q=9"), "both edges of clock clk"),
        (("$_DFF_P_", "C=10,D=3,Q=9"), "clock not from an input port (gated or divided)"),
        (("$_FF_", "D=3,Q=9"), "second clock domain: the global clock"),
        (
            (r#"$memrd "MEMID":"\\ram","WIDTH":"1000","ABITS":"0100""#, "ADDR=3,DATA=9,EN=3,CLK=2"),
            "memory of 128 bits (run yosys `memory_map`)",
        ),
    ];
    for (cell, what) in cases {
        let netlist = read(&[main, more, cell], "");
        let found: Vec<&str> = netlist.unsupported.iter().map(|u| u.what.as_str()).collect();
        assert_eq!(found, [what], "{cell:?}");
        let y = netlist.port("y").unwrap().bits[0];
        assert!(netlist.undriven.iter().any(|u| u.2 == y), "{cell:?}");
        assert_eq!(netlist.registers.len(), 2);
    }
    let shared = read(&[("$_TBUF_", "A=3,E=4,Y=9"), ("$_TBUF_", "A=4,E=5,Y=9")], "");
    assert_eq!(shared.unsupported.len(), 2);
}

#[test]
fn inverted_and_buffered_clocks_are_followed() {
    let netlist = read(
        &[
            ("$_NOT_", "A=2,Y=20"),
            ("$_BUF_", "A=20,Y=21"),
            ("$_DFF_P_", "C=21,D=3,Q=9"),
            ("$_DFF_N_", "C=2,D=3,Q=10"),
        ],
        "",
    );
    assert_eq!(netlist.unsupported, []);
    assert_eq!(netlist.clocks, [("clk".to_owned(), 2)]);
}

#[test]
fn assumptions_are_noted() {
    let netlist = read(
        &[
            ("$_AND_", "A=3,B=4,Y=20"),
            ("$_DFF_PP0_", "C=2,D=2,R=20,Q=9"),
            ("$assert", "A=3,EN=4"),
            ("$scopeinfo", "A=3"),
        ],
        "",
    );
    let notes = netlist.notes.join("\n");
    for part in
        ["`$assert`", "asynchronous controls", "driven by logic at 1", "clk is read as data"]
    {
        assert!(notes.contains(part), "{notes}");
    }
}

#[test]
fn malformed_netlists_are_refused_by_name() {
    refused("{", &[], &["line 1", "write_json"]);
    refused(r#"{"modules":{}}"#, &[], &["has no module"]);
    refused(r#"{"modules":{"a":{},"b":{}}}"#, &[], &["no single top module among a, b"]);
    for (cells, words) in [
        (&[("$_BUF_", "A=3,Y=9"), ("$_BUF_", "A=4,Y=9")][..], &["driven twice", "u1", "u0"][..]),
        (&[("$_BUF_", "A=3,Y=4")], &["driven twice", "u0", "an input port"]),
        (&[("$_BUF_", "A=3,Y=\"1\"")], &["u0", "drives a constant"]),
        (&[("$_AND_", "A=3,B=9,Y=9")], &["combinational loop through u0"]),
        (&[("$_BUF_", "A=9,Y=10"), ("$_BUF_", "A=10,Y=9")], &["combinational loop", "u1"]),
        (&[("$_AND_", "A=3,Y=9")], &["u0", "pin B is not one bit"]),
        (&[("$_AND_", "A=3,B=4,Y=9 10")], &["pin Y is not one bit"]),
        (&[("$_AND_", "A=3,B=4,C=5,Y=9")], &["has no pin C"]),
        (&[("$_AND_", "A=3,B=4,W=5,Y=9")], &["has no pin ?"]),
        (&[("$_DFF_P_", "D=3,Q=9")], &["pin C has 0 bits"]),
        (&[("$_DFFE_PX_", "C=2,D=3,E=4,Q=9")], &["$_DFFE_PX_", "simplemap"]),
        (&[("$mul", "A=3,B=4,Y=9")], &["u0", "$mul", "techmap; simplemap"]),
        (&[("RAM64", "A=3,Y=9")], &["u0", "RAM64, a black box"]),
        (&[("t", "a=3")], &["instantiates the module t", "flatten"]),
        (&[("$_BUF_", "A=900000000,Y=9")], &["net id"]),
        (&[("$_BUF_", "A=1,Y=9")], &["net id"]),
        (&[("$_BUF_", "A=90000,Y=9")], &["out of proportion"]),
        (&[("$_BUF_", "A=3,A=4,Y=9")], &["connected twice"]),
        (&[("$dff", "CLK=2,D=3,Q=9")], &["CLK_POLARITY is missing"]),
        (&[("$mux", "A=3,B=4,S=3 4,Y=9")], &["pin S has 2 bits"]),
        (&[("$pmux", "A=3,B=4,S=3 4,Y=9")], &["pin B has 1 bits"]),
        (&[("$slice \"OFFSET\":\"11\"", "A=3,Y=9")], &["slice outside"]),
    ] {
        refused(&json(cells, ""), &[], words);
    }
    for (nets, words) in [
        (r#""n":{"bits":[3]},"n":{"bits":[3]}"#, &["net n", "defined twice"][..]),
        (r#""y":{"bits":[3]}"#, &["y", "different bits"]),
        (r#""n":{"bits":[3],"attributes":{"init":"01"}}"#, &["n", "init"]),
        (
            r#""n":{"bits":[9],"attributes":{"init":"0"}},"m":{"bits":[9],"attributes":{"init":"1"}}"#,
            &["m", "contradicts"],
        ),
    ] {
        refused(&json(&[("$_DFF_P_", "C=2,D=3,Q=9")], nets), &[], words);
    }
    let inout = json(&[], "").replace("output", "inout");
    refused(&inout, &[], &["port y", "bidirectional"]);
    let twice = json(&[("$_BUF_", "A=3,Y=9")], "").replace("\"u0\"", "\"u\"");
    let cell = r#""u":{"type":"$_BUF_","connections":{"A":[3],"Y":[30]}}"#;
    refused(
        &twice.replace("\"cells\":{", &format!("\"cells\":{{{cell},")),
        &[],
        &["cell u", "twice"],
    );
    let wanted = |top| {
        let options = ReadOptions { top: Some(top), cuts: &[] };
        read_yosys_json(json(&[], "").as_bytes(), &options)
    };
    assert_eq!(wanted("t").unwrap().name, "t");
    assert!(wanted("tt").unwrap_err().to_string().contains("near names: t"));
    assert!(wanted("other").unwrap_err().to_string().contains("the file has t"));
}

#[test]
fn long_chains_need_no_recursion() {
    let mut cells: Vec<(&str, String)> =
        (0..50_000).map(|k| ("$_NOT_", format!("A={},Y={}", 101 + k, 100 + k))).collect();
    cells.push(("$_BUF_", "A=3,Y=50100".to_owned()));
    cells.push(("$_BUF_", "A=100,Y=9".to_owned()));
    let cells: Vec<(&str, &str)> = cells.iter().map(|(k, p)| (*k, p.as_str())).collect();
    assert_eq!(truth(&read(&cells, "")), 0xaa);
}

#[test]
fn an_x_output_is_one_leaf() {
    let text = json(&[], "\"y\":{\"bits\":[\"x\"]}").replace("\"bits\":[9]", "\"bits\":[\"x\"]");
    let netlist = try_read(&text, &[]).unwrap();
    assert_eq!(netlist.undriven.len(), 1);
    assert_eq!(netlist.net("y").unwrap().bits, netlist.port("y").unwrap().bits);
}

#[test]
fn constants_fold() {
    let netlist = read(&[("$_AND_", "A=3,B=\"0\",Y=9")], "");
    assert_eq!(netlist.port("y").unwrap().bits, [Lit::FALSE]);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_yosys_json(&bytes, &ReadOptions::default());
    }

    #[test]
    fn altered_netlists_never_panic(
        gates in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..24), 1..8),
    ) {
        let gates = if gates { &include_bytes!("../../tests/cells/mix.gates.json")[..] }
            else { include_bytes!("../../tests/cells/mix.word.json") };
        let mut bytes = gates.to_vec();
        for (at, edit) in edits {
            let at = at.index(bytes.len());
            let replacement = b"0123456789\"x[]{},:AYQ_$n";
            // Half of the edits land on a digit, so that the text stays JSON.
            let at = bytes.iter().skip(at).position(u8::is_ascii_digit).map_or(at, |d| at + d);
            bytes[at] = replacement[if at % 2 == 0 { edit % 10 } else { edit }];
        }
        let cuts = ["q1".to_owned()];
        let _ = read_yosys_json(&bytes, &ReadOptions { top: None, cuts: &cuts });
    }
}
