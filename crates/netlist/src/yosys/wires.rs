//! Ports and named nets of the module: input leaves first, since logic needs them; outputs and the
//! other nets once all logic is known.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::aig::Lit;
use crate::design::{Direction, Net, ReadError};

use super::build::Builder;
use super::json::{Module, Way, Wire};
use super::names::{declared, is_public, offset, plain, source};

impl Builder<'_> {
    pub(super) fn inputs(&mut self) {
        for (name, port) in self.module.ports.iter() {
            if port.direction != Some(Way::Input) {
                continue;
            }
            let leaves = self.netlist.add_input(plain(name), port.bits.len() as u32);
            self.place_port(port);
            for (at, (bit, leaf)) in self.module.bits(port).iter().zip(leaves).enumerate() {
                if let Some(id) = bit.net() {
                    self.define(id, leaf);
                    let name = match port.bits.len() {
                        1 => plain(name).to_owned(),
                        _ => format!("{}[{}]", plain(name), declared(port, at as u32)),
                    };
                    self.input_bits.insert(id, (name, leaf));
                }
            }
        }
    }
    pub(super) fn outputs(&mut self) {
        for (name, port) in self.module.ports.iter() {
            if port.direction == Some(Way::Output) {
                let bits = self.read_wire(name, port);
                self.netlist.add_output(plain(name), bits);
                self.place_port(port);
            }
        }
        // Inputs came first because logic needs them; restore the declared order.
        let order: HashMap<&str, usize> =
            self.module.ports.iter().enumerate().map(|(i, (name, _))| (plain(name), i)).collect();
        let place = |name: &str| order.get(name).copied().unwrap_or(usize::MAX);
        let mut moved: Vec<usize> = (0..self.netlist.ports.len()).collect();
        moved.sort_by_key(|&i| place(&self.netlist.ports[i].name));
        let mut new_index = vec![0u32; moved.len()];
        for (new, &old) in moved.iter().enumerate() {
            new_index[old] = new as u32;
        }
        self.netlist.ports.sort_by_key(|port| place(&port.name));
        for input in &mut self.netlist.inputs {
            input.port = new_index[input.port as usize];
        }
    }
    fn place_port(&mut self, wire: &Wire<'_>) {
        if let Some(port) = self.netlist.ports.last_mut() {
            port.offset = offset(wire);
            port.upto = wire.upto;
        }
    }
    fn read_wire(&mut self, name: &str, wire: &Wire<'_>) -> Vec<Lit> {
        let owner = |at: usize| (plain(name).to_owned(), declared(wire, at as u32));
        let bits = self.module.bits(wire).iter().enumerate();
        bits.map(|(at, &bit)| self.read(bit, &|| owner(at))).collect()
    }

    /// Records the public nets.
    pub(super) fn nets(&mut self, nets: Vec<(Net, &Wire<'_>)>) {
        let ports = self.netlist.ports.iter().filter(|p| p.direction == Direction::Output);
        let mut outputs: HashMap<String, Vec<Lit>> =
            ports.map(|port| (port.name.clone(), port.bits.clone())).collect();
        for (mut net, wire) in nets {
            if wire.offset < 0 {
                self.note(format!("{}: negative indices are counted from 0", net.name));
            }
            // An `x` bit is one leaf: the net of an output port has the port's bits.
            net.bits = match outputs.remove(&net.name) {
                Some(bits) => bits,
                None => self.read_wire(&net.name, wire),
            };
            self.netlist.nets.push(net);
        }
        self.netlist.finish();
    }
}

/// Every public net, ports included, still without its bits.
pub(super) fn public_nets<'m>(
    module: &'m Module<'m>,
) -> Result<Vec<(Net, &'m Wire<'m>)>, ReadError> {
    let mut listed: HashMap<&str, &Wire<'_>, RandomState> = HashMap::default();
    let mut nets = Vec::new();
    let public = module.netnames.iter().filter(|(name, wire)| is_public(name, wire));
    for (name, wire) in public.chain(module.ports.iter()) {
        let name = plain(name);
        if let Some(earlier) = listed.insert(name, wire) {
            if module.bits(earlier) != module.bits(wire) {
                let what = "two nets of this name have different bits";
                let remedy = "write the file with yosys `write_json`";
                return Err(ReadError::new(name, what, remedy));
            }
            continue;
        }
        let (offset, src) = (offset(wire), source(wire));
        let name = name.to_owned();
        nets.push((Net { name, offset, upto: wire.upto, bits: Vec::new(), src }, wire));
    }
    Ok(nets)
}
