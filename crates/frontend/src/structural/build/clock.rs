//! Clocks: what each storage cell loads, and when.
//!
//! Problem: the model has one clock that ticks once a cycle; delivered netlists gate theirs, derive them
//! and use both edges.
//! Method: a clock pin that leads to an input port through buffers and inverters ticks once a cycle. A
//! clock made by logic over such a port (a gate) loads in the cycles in which the logic rises with the
//! port: the cofactors of the logic tell. A clock that is data (a ripple counter, a strobe) loads in the
//! cycle after it rose; a register of the reader's own remembers it. Both are listed as unsupported,
//! because a proof must not rest on them; a search may.
//! Cost: one pass over the storage cells; for a gated clock two copies of its cone.
//! What it cannot see: glitches, and which of two domains ticks first.

use super::{Both, Builder, FALSE, TRUE};
use crate::liberty::{LibraryCell, Op, Storage};
use crate::structural::cells::Role;
use crate::structural::flat::{Bit, Kind, OPEN, net};
use crate::structural::graph::{GraphRegister, NO_INSTANCE};
use netlist::{Aig, Leaf, Lit, Node, PowerUp, ReadError, Register};
use std::collections::BTreeMap;

impl Builder<'_> {
    /// What each storage cell loads.
    pub(super) fn load(&mut self) -> Result<(), ReadError> {
        let mut primary: Vec<usize> = Vec::new();
        let pending = std::mem::take(&mut self.pending);
        for p in &pending {
            if let Some(net) = self.clock_bit(p.cell as usize).and_then(|b| self.port_behind(b)) {
                *self.clocks.entry(net).or_default() += 1;
            }
        }
        primary.extend(self.clocks.keys());
        for p in &pending {
            let flat = self.flat;
            let cell = flat.cells[p.cell as usize];
            let owner = cell.instance;
            let pins = flat.pins_of(p.cell as usize);
            let next = match &flat.kinds[cell.kind as usize] {
                Kind::Storage { latch, roles } => {
                    let (mut data, mut clock) = (p.q, None);
                    let (mut enable, mut select, mut scan) = (TRUE, FALSE, FALSE);
                    for (role, &bit) in roles.iter().zip(pins) {
                        if bit == OPEN {
                            continue;
                        }
                        match role {
                            Role::D => data = self.read(bit),
                            Role::Enable => enable = self.read(bit),
                            Role::ScanSelect => select = self.read(bit),
                            Role::ScanData => scan = self.read(bit),
                            Role::Clock(rising) => clock = Some((bit, *rising)),
                            _ => {}
                        }
                    }
                    let data = self.mux(select, scan, data, owner);
                    let data = self.mux(enable, data, p.q, owner);
                    let loaded = match clock {
                        Some((bit, rising)) if *latch => {
                            let level = self.read(bit);
                            let level = if rising { level } else { !level };
                            self.mux(level, data, p.q, owner)
                        }
                        Some((bit, rising)) => {
                            self.clocked(bit, rising, data, p.q, owner, &primary)
                        }
                        None => data,
                    };
                    self.controls(roles, pins, loaded, owner)
                }
                Kind::Library(model) => {
                    let Some(s) = &model.storage else { continue };
                    let values = self.pin_values(p.cell as usize, model);
                    let mut values = values;
                    values.insert(s.variables[0].as_str(), p.q);
                    values.insert(s.variables[1].as_str(), !p.q);
                    let data = s.data.as_ref().and_then(|f| self.function(f, &values, owner));
                    let data = data.unwrap_or(p.q);
                    let loaded = if s.latch {
                        let enable =
                            s.clock.as_ref().and_then(|f| self.function(f, &values, owner));
                        self.mux(enable.unwrap_or(FALSE), data, p.q, owner)
                    } else {
                        match self.library_clock(p.cell as usize, model, s) {
                            Some((bit, rising)) => {
                                self.clocked(bit, rising, data, p.q, owner, &primary)
                            }
                            None => data,
                        }
                    };
                    self.asynchronous(s, &values, loaded, owner)
                }
                _ => continue,
            };
            self.netlist.registers[p.register as usize].next = next.aig;
            self.graph.registers[p.register as usize].next = next.graph;
        }
        Ok(())
    }

    /// The clock pin of a library flip-flop, if its clock is one pin, perhaps inverted.
    fn library_clock(&self, cell: usize, model: &LibraryCell, s: &Storage) -> Option<(Bit, bool)> {
        let f = s.clock.as_ref()?;
        let rising = match f.ops.as_slice() {
            [Op::Input(0)] => true,
            [Op::Input(0), Op::Not] => false,
            _ => return None,
        };
        let pin = model.pins.iter().position(|p| Some(&p.name) == f.names.first())?;
        Some((*self.flat.pins_of(cell).get(pin)?, rising))
    }

    fn clock_bit(&self, cell: usize) -> Option<Bit> {
        match &self.flat.kinds[self.flat.cells[cell].kind as usize] {
            Kind::Storage { latch: false, roles } => {
                let pin = roles.iter().position(|r| matches!(r, Role::Clock(_)))?;
                Some(self.flat.pins_of(cell)[pin])
            }
            Kind::Library(model) => {
                let s = model.storage.as_ref().filter(|s| !s.latch)?;
                Some(self.library_clock(cell, model, s)?.0)
            }
            _ => None,
        }
    }

    /// The input net that a clock pin leads to through buffers and inverters.
    fn port_behind(&self, bit: Bit) -> Option<usize> {
        let root = net(self.flat.root(bit))?;
        let value = self.values.get(root).copied().flatten()?;
        match self.netlist.aig.node(value.aig.var()) {
            Node::Leaf(leaf) => match self.netlist.leaves.get(leaf as usize) {
                Some(Leaf::Input(i)) => Some(*i as usize),
                _ => None,
            },
            _ => None,
        }
    }

    fn clocked(
        &mut self,
        bit: Bit,
        rising: bool,
        data: Both,
        q: Both,
        owner: u32,
        primary: &[usize],
    ) -> Both {
        if bit == OPEN {
            return q;
        }
        if let Some(input) = self.port_behind(bit) {
            let inverted = self.read(bit).aig.is_neg();
            self.polarity.insert((input, rising ^ inverted));
            return data;
        }
        let clock = self.read(bit);
        if clock.aig.is_const() {
            return q;
        }
        let level = if rising { clock } else { !clock };
        let leaf = |s: &Self, i: usize| s.netlist.inputs[i].lit;
        let cone = self.netlist.aig.cone([level.aig]);
        let gating = primary.iter().find(|&&i| cone.binary_search(&leaf(self, i).var()).is_ok());
        let name = net(self.flat.root(bit)).map_or_else(String::new, |n| self.flat.net_name(n));
        let what = if gating.is_some() { "gated clock" } else { "register clocked by logic" };
        let entry = self.odd_clocks.entry(what.to_owned()).or_insert((0, name));
        entry.0 += 1;
        let load = match gating {
            Some(&input) => {
                let clk = leaf(self, input);
                let high = cofactor(&mut self.netlist.aig, &cone, level.aig, clk, true);
                let low = cofactor(&mut self.netlist.aig, &cone, level.aig, clk, false);
                let aig = self.netlist.aig.and(high, !low);
                // the gate graph keeps the clock's own logic: it loads where the level is high
                Both { aig, graph: level.graph }
            }
            None => {
                let before = match self.edges.get(&level.aig.code()) {
                    Some(&before) => before,
                    None => {
                        let register = self.netlist.registers.len() as u32;
                        let q = self.leaf(Leaf::Register(register), NO_INSTANCE);
                        self.netlist.registers.push(Register {
                            name: format!("edge of clock {}", self.netlist.registers.len()),
                            bit: 0,
                            src: None,
                            out: q.aig,
                            next: level.aig,
                            power_up: PowerUp::Free,
                        });
                        self.graph.registers.push(GraphRegister {
                            instance: NO_INSTANCE,
                            out: q.graph,
                            next: level.graph,
                            power_up: PowerUp::Free,
                        });
                        self.edges.insert(level.aig.code(), q);
                        q
                    }
                };
                self.and(level, !before, owner)
            }
        };
        self.mux(load, data, q, owner)
    }
}

/// `root` with leaf `leaf` set to `value`; `cone` is its cone in topological order.
fn cofactor(aig: &mut Aig, cone: &[u32], root: Lit, leaf: Lit, value: bool) -> Lit {
    let mut map: BTreeMap<u32, Lit> = BTreeMap::new();
    for &var in cone {
        let mapped = match aig.node(var) {
            Node::And(a, b) => {
                let get = |l: Lit| {
                    let to = map.get(&l.var()).copied().unwrap_or(Lit::new(l.var(), false));
                    to.xor_sign(l.is_neg())
                };
                let (a, b) = (get(a), get(b));
                aig.and(a, b)
            }
            _ if var == leaf.var() => Lit::constant(value ^ leaf.is_neg()),
            _ => Lit::new(var, false),
        };
        map.insert(var, mapped);
    }
    map.get(&root.var()).copied().unwrap_or(root).xor_sign(root.is_neg())
}
