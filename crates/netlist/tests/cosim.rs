//! The reader against another simulator: the netlists of `tests/cells`, word-level and gate-level,
//! must follow what iverilog computed from the source, cycle by cycle.

#![allow(clippy::unwrap_used, reason = "a helper of tests may fail the test")]

use netlist::{Direction, Netlist, ReadOptions, SeqSim, read_yosys_json};

/// Replays `vectors` and returns how many output bits were compared; `x` is not compared.
fn replay(netlist: &Netlist, vectors: &str) -> usize {
    let mut sim: SeqSim<1> = SeqSim::of(netlist);
    let mut compared = 0;
    for (cycle, line) in vectors.lines().enumerate() {
        let values: Vec<(&str, &str)> =
            line.split(' ').map(|field| field.split_once('=').unwrap()).collect();
        let value = |name: &str| values.iter().find(|v| v.0 == name).map(|v| v.1);
        for port in netlist.ports.iter().filter(|p| p.direction == Direction::Input) {
            let Some(value) = value(&port.name) else { continue };
            assert_eq!(value.len(), port.bits.len(), "{}", port.name);
            for (&lit, digit) in port.bits.iter().zip(value.bytes().rev()) {
                sim.logic.set(lit, &[if digit == b'1' { !0 } else { 0 }]);
            }
        }
        sim.settle();
        for port in netlist.ports.iter().filter(|p| p.direction == Direction::Output) {
            let value = value(&port.name).unwrap();
            assert_eq!(value.len(), port.bits.len(), "{}", port.name);
            for (bit, (&lit, digit)) in port.bits.iter().zip(value.bytes().rev()).enumerate() {
                if digit != b'x' {
                    let [word] = sim.logic.value(lit);
                    let expected = if digit == b'1' { !0 } else { 0 };
                    assert_eq!(word, expected, "cycle {cycle}: {}[{bit}]", port.name);
                    compared += 1;
                }
            }
        }
        sim.load();
    }
    compared
}

fn check(json: &[u8]) {
    let netlist = read_yosys_json(json, &ReadOptions::default()).unwrap();
    assert_eq!(netlist.unsupported, []);
    assert_eq!(netlist.clocks, [("clk".to_owned(), netlist.registers.len())]);
    assert!(replay(&netlist, include_str!("cells/mix.vectors")) > 10_000);
}

#[test]
fn word_level_cells_follow_iverilog() {
    check(include_bytes!("cells/mix.word.json"));
}

#[test]
fn gate_level_cells_follow_iverilog() {
    check(include_bytes!("cells/mix.gates.json"));
}

#[test]
fn declared_ranges_reach_ports_and_registers() {
    let json = include_bytes!("cells/mix.word.json");
    let netlist = read_yosys_json(json, &ReadOptions::default()).unwrap();
    assert!(netlist.port("up").unwrap().upto);
    assert_eq!(netlist.port("off").unwrap().offset, 4);
    let bits: Vec<u32> =
        netlist.registers.iter().filter(|r| r.name == "offq").map(|r| r.bit).collect();
    assert_eq!(bits, [4, 5, 6, 7, 8, 9]);
}
