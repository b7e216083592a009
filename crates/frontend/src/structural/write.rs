//! A delivered netlist as Yosys JSON of single-bit cells, for readers of the trusted base.
//!
//! Certificates are re-checked from a netlist the kernel itself can read. It does not read Verilog, so a
//! gate-level file becomes ANDs, inverters and flip-flops on one clock here, its words as netnames. The
//! reader and this writer are outside the trusted base: they are an assumption the dossier lists, like
//! an elaboration by Yosys.
//! Refused: whatever the reader could not model exactly.

use netlist::{Direction, Lit, Net, Netlist, Node, ReadError};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

struct Writer {
    cells: Map<String, Value>,
    inverted: BTreeMap<u32, u64>,
    next: u64,
}

impl Writer {
    /// The bit of a literal; complements get an inverter once.
    fn bit(&mut self, lit: Lit) -> Value {
        if lit.is_const() {
            return json!(if lit == Lit::TRUE { "1" } else { "0" });
        }
        let plain = u64::from(lit.var()) + 2;
        if !lit.is_neg() {
            return json!(plain);
        }
        if let Some(&id) = self.inverted.get(&lit.var()) {
            return json!(id);
        }
        let id = self.next;
        self.next += 1;
        self.inverted.insert(lit.var(), id);
        self.cell(format!("not{}", lit.var()), "$_NOT_", json!({ "A": [plain], "Y": [id] }));
        json!(id)
    }
    fn cell(&mut self, name: String, kind: &str, connections: Value) {
        let directions: Map<String, Value> = connections
            .as_object()
            .into_iter()
            .flatten()
            .map(|(pin, _)| {
                let output = pin == "Y" || pin == "Q";
                (pin.clone(), json!(if output { "output" } else { "input" }))
            })
            .collect();
        self.cells.insert(
            name,
            json!({
                "hide_name": 1, "type": kind, "parameters": {}, "attributes": {},
                "port_directions": directions, "connections": connections,
            }),
        );
    }
}

/// Names of flip-flops by their outputs: `WORD[BIT].dff` after the first named net that has the output.
/// Yosys calls a register so in Verilog if a word that holds it holds other bits as well.
pub fn cell_names(netlist: &Netlist) -> BTreeMap<Lit, String> {
    let mut names = BTreeMap::new();
    let outputs: BTreeSet<Lit> = netlist.registers.iter().map(|r| r.out).collect();
    for net in netlist.nets.iter().filter(|n| !n.name.starts_with('~')) {
        for (i, lit) in net.bits.iter().enumerate().filter(|(_, l)| outputs.contains(l)) {
            names.entry(*lit).or_insert_with(|| format!("{}.dff", bit_name(net, i)));
        }
    }
    names
}

/// A bit of a net, counted from the least significant, as it is declared.
fn bit_name(net: &Net, i: usize) -> String {
    let bit = if net.upto { net.bits.len() - 1 - i } else { i } as u32;
    match net.bits.len() {
        1 => net.name.clone(),
        _ => format!("{}[{}]", net.name, bit + net.offset),
    }
}

/// Writes the netlist.
///
/// # Errors
/// If it has constructs that are not modelled exactly, or more than one clock.
pub fn write_yosys_json(netlist: &Netlist) -> Result<Vec<u8>, ReadError> {
    if let Some(first) = netlist.unsupported.first() {
        return Err(ReadError::new(
            first.place.clone(),
            format!("{} is not modelled exactly", first.what),
            "`probity design hunt` accepts it; a proof cannot",
        ));
    }
    let mut w =
        Writer { cells: Map::new(), inverted: BTreeMap::new(), next: netlist.aig.len() as u64 + 2 };
    let clock =
        netlist.clocks.first().and_then(|c| netlist.port(&c.0)).and_then(|p| p.bits.first());
    for var in 1..netlist.aig.len() as u32 {
        if let Node::And(a, b) = netlist.aig.node(var) {
            let (a, b) = (w.bit(a), w.bit(b));
            let pins = json!({ "A": [a], "B": [b], "Y": [u64::from(var) + 2] });
            w.cell(format!("and{var}"), "$_AND_", pins);
        }
    }
    let names = cell_names(netlist);
    for (i, register) in netlist.registers.iter().enumerate() {
        let name = names.get(&register.out).map_or_else(|| format!("dff{i}"), |n| n.clone());
        let (d, q) = (w.bit(register.next), u64::from(register.out.var()) + 2);
        match clock {
            Some(&clock) => {
                let c = w.bit(clock);
                w.cell(name, "$_DFF_P_", json!({ "C": [c], "D": [d], "Q": [q] }));
            }
            None => w.cell(name, "$_FF_", json!({ "D": [d], "Q": [q] })),
        }
    }
    let mut ports = Map::new();
    for port in &netlist.ports {
        let direction = if port.direction == Direction::Input { "input" } else { "output" };
        let bits: Vec<Value> = port.bits.iter().map(|&b| w.bit(b)).collect();
        let mut record = json!({ "direction": direction, "bits": bits });
        if port.offset > 0 {
            record["offset"] = json!(port.offset);
        }
        if port.upto {
            record["upto"] = json!(1);
        }
        ports.insert(port.name.clone(), record);
    }
    let mut nets = Map::new();
    // a gate that inverts is an AND and an inverter here: the AND has a name as well, so that a simulator
    // can take hold of both
    let named: BTreeSet<Lit> = netlist.nets.iter().flat_map(|n| n.bits.iter().copied()).collect();
    for net in &netlist.nets {
        for (i, &lit) in net.bits.iter().enumerate() {
            if lit.is_neg() && !lit.is_const() && !named.contains(&!lit) {
                let name = format!("~{}", bit_name(net, i));
                nets.insert(
                    name,
                    json!({ "hide_name": 0, "bits": [w.bit(!lit)], "attributes": {} }),
                );
            }
        }
        let bits: Vec<Value> = net.bits.iter().map(|&b| w.bit(b)).collect();
        let mut record = json!({ "hide_name": 0, "bits": bits, "attributes": {} });
        if net.offset > 0 {
            record["offset"] = json!(net.offset);
        }
        if net.upto {
            record["upto"] = json!(1);
        }
        nets.insert(net.name.clone(), record);
    }
    let file = json!({
        "creator": "probity, structural Verilog",
        "modules": { netlist.name.as_str(): {
            "attributes": { "top": "00000000000000000000000000000001" },
            "ports": ports, "cells": w.cells, "netnames": nets,
        }},
    });
    serde_json::to_vec(&file)
        .map_err(|e| ReadError::new("netlist", e.to_string(), "report this as a fault"))
}
