//! A micro design as a file: the Yosys JSON that a synthesis tool would write of it.

use super::{Gate, Micro, Role, Wire};
use serde_json::{Map, Value, json};

/// First net that is not a port bit, a register or a gate.
struct Nets<'m> {
    micro: &'m Micro,
    inputs: u64,
    identities: u64,
    gates: u64,
}

impl Micro {
    /// The design as Yosys JSON, fine-grained cells, one net per gate. Registers that hold an
    /// identity hold it for ever; a sensor is a register as well, its origin lies behind the cut.
    pub fn yosys_json(&self) -> Vec<u8> {
        let inputs = 4;
        let identities = inputs + u64::from(self.input_bits());
        let gates = identities + self.identities.iter().map(|i| u64::from(i.width)).sum::<u64>();
        Nets { micro: self, inputs, identities, gates }.write()
    }
}

impl Nets<'_> {
    /// The net of a gate; ports and constants have their own.
    fn of(&self, wire: Wire) -> Value {
        match self.micro.gates[wire as usize] {
            Gate::False => json!("0"),
            Gate::Reset if self.micro.reset.is_none() => json!("0"),
            Gate::Reset if self.micro.reset.is_some_and(|r| r.high) => json!(3),
            Gate::Input(bit) => json!(self.inputs + u64::from(bit)),
            Gate::Identity(item, bit) => json!(self.identity(item as usize) + u64::from(bit)),
            _ => json!(self.gates + u64::from(wire)),
        }
    }
    fn identity(&self, item: usize) -> u64 {
        let before = self.micro.identities.iter().take(item);
        self.identities + before.map(|i| u64::from(i.width)).sum::<u64>()
    }
    fn register(&self, index: usize) -> u64 {
        self.gates + self.micro.gates.len() as u64 + index as u64
    }
    fn write(&self) -> Vec<u8> {
        let m = self.micro;
        let mut cells = Map::new();
        let mut add = |kind: &str, pins: Value| {
            let number = cells.len();
            cells.insert(format!("c{number}"), json!({"type": kind, "connections": pins}));
        };
        for (wire, &gate) in m.gates.iter().enumerate() {
            let y = self.gates + wire as u64;
            let of = |w: Wire| [self.of(w)];
            match gate {
                Gate::Reset if m.reset.is_some_and(|r| !r.high) => {
                    add("$_NOT_", json!({"A": [3], "Y": [y]}));
                }
                Gate::Register(i) => {
                    add("$_BUF_", json!({"A": [self.register(i as usize)], "Y": [y]}));
                }
                Gate::Not(a) => add("$_NOT_", json!({"A": of(a), "Y": [y]})),
                Gate::And(a, b) => add("$_AND_", json!({"A": of(a), "B": of(b), "Y": [y]})),
                Gate::Or(a, b) => add("$_OR_", json!({"A": of(a), "B": of(b), "Y": [y]})),
                Gate::Xor(a, b) => add("$_XOR_", json!({"A": of(a), "B": of(b), "Y": [y]})),
                Gate::Mux(s, t, e) => {
                    add("$_MUX_", json!({"A": of(e), "B": of(t), "S": of(s), "Y": [y]}));
                }
                Gate::False | Gate::Reset | Gate::Input(_) | Gate::Identity(..) => {}
            }
        }
        let mut names = Map::new();
        for (index, r) in m.registers.iter().enumerate() {
            let q = self.register(index);
            add("$_DFF_P_", json!({"C": [2], "D": [self.of(r.next)], "Q": [q]}));
        }
        let mut words: Vec<&str> = m.registers.iter().map(|r| r.name.as_str()).collect();
        words.dedup();
        for word in words {
            let bits: Vec<usize> =
                (0..m.registers.len()).filter(|&i| m.registers[i].name == word).collect();
            let nets: Vec<u64> = bits.iter().map(|&i| self.register(i)).collect();
            let init: String = bits
                .iter()
                .rev()
                .map(|&i| m.registers[i].power_up.map_or('x', |v| if v { '1' } else { '0' }))
                .collect();
            names.insert(word.into(), json!({"bits": nets, "attributes": {"init": init}}));
        }
        let mut ports = Map::new();
        let port = |direction: &str, bits: Value| json!({"direction": direction, "bits": bits});
        ports.insert("clk".into(), port("input", json!([2])));
        if m.reset.is_some() {
            ports.insert("rst".into(), port("input", json!([3])));
        }
        for input in &m.inputs {
            let first = self.inputs + u64::from(input.first);
            let bits: Vec<u64> = (first..first + u64::from(input.width)).collect();
            if input.role == Role::Undriven {
                names.insert(input.name.clone(), json!({"bits": bits}));
            } else {
                ports.insert(input.name.clone(), port("input", json!(bits)));
            }
        }
        for (item, id) in m.identities.iter().enumerate() {
            let first = self.identity(item);
            let bits: Vec<u64> = (first..first + u64::from(id.width)).collect();
            if id.port {
                ports.insert(id.name.clone(), port("input", json!(bits)));
                continue;
            }
            for bit in &bits {
                add("$_DFF_P_", json!({"C": [2], "D": [bit], "Q": [bit]}));
            }
            names.insert(id.name.clone(), json!({"bits": bits}));
        }
        for output in &m.outputs {
            let bits: Vec<Value> = output.wires.iter().map(|&w| self.of(w)).collect();
            ports.insert(output.name.clone(), port("output", json!(bits)));
        }
        let module = json!({
            "attributes": {"top": "1"}, "ports": ports, "cells": cells, "netnames": names
        });
        json!({"modules": {"micro": module}}).to_string().into_bytes()
    }
}
