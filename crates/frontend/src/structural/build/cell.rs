//! Cells as functions: what drives an output pin, given the inputs.
//!
//! Problem: gates, library cells, storage known by its pin names and black boxes all define nets.
//! Method: a gate folds its inputs; a library cell runs the postfix program of its Liberty function; a
//! flip-flop gives its leaf, a latch what it lets through, both under asynchronous set and reset; a black
//! box gives free values. Where Liberty does not say what clear and preset do together, clear wins.
//! Cost: linear in pins and function length.
//! What it cannot see: a function with state of its own that Liberty calls opaque: its outputs are free.

use super::{Both, Builder, FALSE, TRUE};
use crate::liberty::{Function, LibraryCell, Op, Storage};
use crate::structural::cells::Role;
use crate::structural::flat::{Bit, Gate, Kind, OPEN, net};
use std::collections::BTreeMap;

impl Builder<'_> {
    pub(super) fn evaluate(&mut self, index: usize) {
        let flat = self.flat;
        let cell = flat.cells[index];
        let owner = cell.instance;
        match &flat.kinds[cell.kind as usize] {
            Kind::Gate(gate) => {
                let pins = flat.pins_of(index);
                let inputs: Vec<Both> = pins[1..].iter().map(|&b| self.read(b)).collect();
                let out = self.gate(*gate, &inputs, owner);
                self.define(pins[0], out, owner);
            }
            Kind::Storage { roles, latch } => {
                let Some(&q) = self.storage.get(&(index as u32)) else { return };
                let pins = flat.pins_of(index);
                let mut out = q;
                if *latch {
                    let mut enable = FALSE;
                    let mut data = FALSE;
                    for (role, &bit) in roles.iter().zip(pins) {
                        match role {
                            Role::Clock(level) if bit != OPEN => {
                                let lit = self.read(bit);
                                enable = if *level { lit } else { !lit };
                            }
                            Role::D => data = self.read(bit),
                            _ => {}
                        }
                    }
                    out = self.mux(enable, data, q, owner);
                }
                let out = self.controls(roles, pins, out, owner);
                for (role, &bit) in roles.iter().zip(pins) {
                    match role {
                        Role::Q => self.define(bit, out, owner),
                        Role::Qn => self.define(bit, !out, owner),
                        _ => {}
                    }
                }
            }
            Kind::Library(model) => self.library(index, model, owner),
            Kind::BlackBox(outputs) => {
                for (pin, &bit) in flat.pins_of(index).iter().enumerate() {
                    if outputs[pin]
                        && let Some(net) = net(bit)
                    {
                        let value = self.undriven(flat.net_name(net), owner);
                        self.define(bit, value, owner);
                    }
                }
            }
        }
    }

    fn gate(&mut self, gate: Gate, inputs: &[Both], owner: u32) -> Both {
        let fold = |s: &mut Self, f: fn(&mut Self, Both, Both, u32) -> Both, start: Both| {
            let mut all = inputs.iter();
            let first = all.next().copied().unwrap_or(start);
            all.fold(first, |acc, &x| f(s, acc, x, owner))
        };
        match gate {
            Gate::And => fold(self, Self::and, TRUE),
            Gate::Nand => !fold(self, Self::and, TRUE),
            Gate::Or => fold(self, Self::or, FALSE),
            Gate::Nor => !fold(self, Self::or, FALSE),
            Gate::Xor => fold(self, Self::xor, FALSE),
            Gate::Xnor => !fold(self, Self::xor, FALSE),
            Gate::Not => !inputs.first().copied().unwrap_or(FALSE),
            Gate::Buf => inputs.first().copied().unwrap_or(FALSE),
            Gate::Mux => match *inputs {
                [c, t, e] => self.mux(c, t, e, owner),
                _ => FALSE,
            },
        }
    }

    /// `value` under asynchronous set and reset of a storage cell known by name.
    pub(super) fn controls(
        &mut self,
        roles: &[Role],
        pins: &[Bit],
        value: Both,
        owner: u32,
    ) -> Both {
        let mut out = value;
        for set in [true, false] {
            for (role, &bit) in roles.iter().zip(pins) {
                let level = match role {
                    Role::Set(level) if set => *level,
                    Role::Reset(level) if !set => *level,
                    _ => continue,
                };
                if bit == OPEN {
                    continue;
                }
                let lit = self.read(bit);
                let active = if level { lit } else { !lit };
                out = if set { self.or(active, out, owner) } else { self.and(!active, out, owner) };
            }
        }
        out
    }

    pub(super) fn function(
        &mut self,
        function: &Function,
        values: &BTreeMap<&str, Both>,
        owner: u32,
    ) -> Option<Both> {
        let mut stack: Vec<Both> = Vec::new();
        for op in &function.ops {
            let value = match op {
                Op::Input(i) => *values.get(function.names.get(*i as usize)?.as_str())?,
                Op::Constant(true) => TRUE,
                Op::Constant(false) => FALSE,
                Op::Not => !stack.pop()?,
                Op::And | Op::Or | Op::Xor => {
                    let (b, a) = (stack.pop()?, stack.pop()?);
                    match op {
                        Op::And => self.and(a, b, owner),
                        Op::Or => self.or(a, b, owner),
                        _ => self.xor(a, b, owner),
                    }
                }
            };
            stack.push(value);
        }
        stack.pop()
    }

    /// Values of the input pins of a library cell.
    pub(super) fn pin_values<'c>(
        &mut self,
        index: usize,
        model: &'c LibraryCell,
    ) -> BTreeMap<&'c str, Both> {
        let flat = self.flat;
        let mut values = BTreeMap::new();
        for (pin, &bit) in model.pins.iter().zip(flat.pins_of(index)) {
            if !pin.output {
                // an unconnected input floats: unknown
                let value = self.read(bit);
                values.insert(pin.name.as_str(), value);
            }
        }
        values
    }

    fn library(&mut self, index: usize, model: &LibraryCell, owner: u32) {
        let flat = self.flat;
        let q = self.storage.get(&(index as u32)).copied();
        let mut values = BTreeMap::new();
        if model.opaque.is_none() {
            values = match (&model.storage, q) {
                (Some(s), Some(_)) if !s.latch => self.control_values(index, model, s),
                _ => self.pin_values(index, model),
            };
            if let (Some(s), Some(q)) = (&model.storage, q) {
                let mut out = q;
                if s.latch {
                    let enable = s.clock.as_ref().and_then(|f| self.function(f, &values, owner));
                    let data = s.data.as_ref().and_then(|f| self.function(f, &values, owner));
                    if let (Some(enable), Some(data)) = (enable, data) {
                        out = self.mux(enable, data, q, owner);
                    }
                }
                let out = self.asynchronous(s, &values, out, owner);
                values.insert(s.variables[0].as_str(), out);
                values.insert(s.variables[1].as_str(), !out);
            }
        }
        for (pin, &bit) in model.pins.iter().zip(flat.pins_of(index)) {
            if !pin.output || bit == OPEN {
                continue;
            }
            let value = match (&model.opaque, &pin.function) {
                (None, Some(f)) => self.function(f, &values, owner),
                _ => None,
            };
            let value = match value {
                Some(value) => value,
                None => {
                    let name = net(bit).map_or_else(String::new, |n| flat.net_name(n));
                    self.undriven(name, owner)
                }
            };
            self.define(bit, value, owner);
        }
    }

    /// Values of those pins of a flip-flop that act without a clock edge.
    fn control_values<'c>(
        &mut self,
        index: usize,
        model: &'c LibraryCell,
        s: &Storage,
    ) -> BTreeMap<&'c str, Both> {
        let flat = self.flat;
        let mut values = BTreeMap::new();
        for (pin, &bit) in model.pins.iter().zip(flat.pins_of(index)) {
            let reads =
                |f: &Option<Function>| f.as_ref().is_some_and(|f| f.names.contains(&pin.name));
            if !pin.output && (reads(&s.clear) || reads(&s.preset)) {
                let value = self.read(bit);
                values.insert(pin.name.as_str(), value);
            }
        }
        values
    }

    pub(super) fn asynchronous(
        &mut self,
        s: &Storage,
        values: &BTreeMap<&str, Both>,
        value: Both,
        owner: u32,
    ) -> Both {
        let clear = s.clear.as_ref().and_then(|f| self.function(f, values, owner));
        let preset = s.preset.as_ref().and_then(|f| self.function(f, values, owner));
        let mut out = value;
        if s.both == Some(true) {
            if let Some(clear) = clear {
                out = self.and(!clear, out, owner);
            }
            if let Some(preset) = preset {
                out = self.or(preset, out, owner);
            }
        } else {
            if let Some(preset) = preset {
                out = self.or(preset, out, owner);
            }
            if let Some(clear) = clear {
                out = self.and(!clear, out, owner);
            }
        }
        out
    }
}
