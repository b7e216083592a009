//! Identity signals cut free, before anything is simplified.
//!
//! Each bit of a cut net becomes a leaf that all its readers see: cells, outputs, and every other
//! name of the same net. What drove the bit is kept beside it. A bit that is constant or `x` in the
//! file cannot be cut: whoever read it was folded by an earlier pass, so a cut would prove nothing.

use std::collections::HashMap;

use crate::design::{Cut, Leaf, ReadError};
use crate::near::near_names;

use super::build::{Builder, UNSET};
use super::json::Wire;
use super::names::{is_public, plain, source};

const REMEDY: &str =
    "keep it from folding: put (* keep *) on the register, or elaborate without `opt`";

impl Builder<'_> {
    /// Gives the bits of every cut their leaves. Runs before any logic is read.
    pub(super) fn cut(&mut self, cuts: &[String]) -> Result<(), ReadError> {
        if cuts.is_empty() {
            return Ok(());
        }
        let module = self.module;
        let mut wires: HashMap<&str, &Wire<'_>> = HashMap::new();
        for (name, wire) in module.ports.iter().chain(module.netnames.iter()) {
            wires.insert(plain(name), wire);
        }
        let mut owner: HashMap<u32, usize> = HashMap::new();
        for (index, name) in cuts.iter().enumerate() {
            let Some(wire) = wires.get(plain(name)) else { return Err(self.no_such_name(name)) };
            let mut bits = Vec::with_capacity(wire.bits.len());
            for (at, bit) in module.bits(wire).iter().enumerate() {
                let Some(id) = bit.net() else { return Err(constant(name, at)) };
                let owner = *owner.entry(id).or_insert(index);
                if owner != index {
                    return Err(ReadError::new(
                        name,
                        format!("shares bit {at} with the cut {}", cuts[owner]),
                        "list one of the two",
                    ));
                }
                if self.lit[id as usize] == UNSET {
                    let leaf = Leaf::Cut(index as u32, at as u32);
                    self.lit[id as usize] = self.netlist.add_leaf(leaf);
                }
                bits.push(self.lit[id as usize]);
            }
            self.cut_nets.push(module.bits(wire).iter().filter_map(|bit| bit.net()).collect());
            let cut = Cut { name: name.clone(), bits, driver: Vec::new(), src: source(wire) };
            self.netlist.cuts.push(cut);
        }
        Ok(())
    }

    /// Fills in what drove the cut bits. Runs when all logic is known.
    pub(super) fn finish_cuts(&mut self) -> Result<(), ReadError> {
        for (index, nets) in std::mem::take(&mut self.cut_nets).into_iter().enumerate() {
            let mut driver = Vec::with_capacity(nets.len());
            for (at, id) in nets.into_iter().enumerate() {
                let lit = match self.driven.get(&id) {
                    Some(&lit) => lit,
                    None => {
                        let lit = self.undriven_net(id);
                        self.driven.insert(id, lit);
                        lit
                    }
                };
                if lit.is_const() {
                    return Err(constant(&self.netlist.cuts[index].name, at));
                }
                driver.push(lit);
            }
            self.netlist.cuts[index].driver = driver;
        }
        Ok(())
    }

    fn no_such_name(&self, name: &str) -> ReadError {
        let public = self.module.netnames.iter().filter(|(name, wire)| is_public(name, wire));
        let near = near_names(name, public.map(|(name, _)| plain(name)));
        let remedy = match near[..] {
            [] => "name a port, net or register of the netlist".to_owned(),
            _ => format!("near names: {}", near.join(", ")),
        };
        ReadError::new(name, "no port, net or register has this name", remedy)
    }
}

fn constant(name: &str, bit: usize) -> ReadError {
    ReadError::new(name, format!("identity is constant (bit {bit})"), REMEDY)
}
