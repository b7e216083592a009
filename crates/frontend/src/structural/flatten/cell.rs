//! Instances of cells: which pins are connected to which bits, and what kind of cell it is.
//!
//! Problem: a netlist instantiates gates of the language, cells of a library, modules without contents
//! and cells that nobody defines, by position or by name.
//! Method: a gate primitive has its output first. A library cell has the pins of its Liberty entry. A
//! module without contents is a black box with declared directions. Anything else is storage if its
//! pins have the names of storage (`cells`), else a black box whose directions `unknown` reads off the
//! use. Power and ground pins are passed over.
//! Cost: linear in pins.
//! What it cannot see: a supply pin under a name of its own counts as a signal.

use super::{Flattener, Scope, behaviour, push_cell};
use crate::liberty::LibraryCell;
use crate::structural::Instance as Made;
use crate::structural::ast::{Dir, Expr, Instance, Module, Pins};
use crate::structural::cells::{Role, role, stores};
use crate::structural::flat::{Bit, Gate, Kind, OPEN, ZERO};
use crate::structural::lex::Pos;
use netlist::ReadError;

impl<'s, 'f> Flattener<'s, 'f> {
    /// Number of the instance made for `instance`.
    pub(super) fn new_instance(&mut self, scope: &Scope<'_, '_>, instance: &Instance<'_>) -> u32 {
        let number = self.flat.instances.len() as u32;
        let name = if instance.name.is_empty() {
            String::new()
        } else {
            format!("{}{}", scope.prefix, instance.name)
        };
        let kind = self.kind_name(instance.kind);
        self.flat.instances.push(Made { name, kind, line: instance.pos.line });
        number
    }

    pub(super) fn kind_name(&mut self, kind: &str) -> u32 {
        if let Some(last) = self.flat.kind_names.last()
            && last == kind
        {
            return self.flat.kind_names.len() as u32 - 1;
        }
        match self.flat.kind_names.iter().position(|k| k == kind) {
            Some(index) => index as u32,
            None => {
                self.flat.kind_names.push(kind.to_owned());
                self.flat.kind_names.len() as u32 - 1
            }
        }
    }

    fn kind(&mut self, name: &str, make: impl FnOnce() -> Kind) -> u32 {
        if let Some(&kind) = self.kinds.get(name) {
            return kind;
        }
        let number = self.flat.kinds.len() as u32;
        self.flat.kinds.push(make());
        self.kinds.insert(name.to_owned(), number);
        number
    }

    fn push(&mut self, kind: u32, instance: u32, pins: &[Bit]) {
        push_cell(&mut self.flat, kind, instance, pins);
    }

    pub(super) fn push_gate(&mut self, gate: Gate, instance: u32, pins: &[Bit]) {
        let kind = self.kind(gate_name(gate), || Kind::Gate(gate));
        self.push(kind, instance, pins);
    }

    fn one(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: Option<&Expr<'s>>,
        pos: Pos,
    ) -> Result<Bit, ReadError> {
        let Some(expr) = expr else { return Ok(OPEN) };
        let bits = self.bits(scope, expr, true, pos)?;
        match bits.as_slice() {
            [one] => Ok(*one),
            // `1` and `0` are 32 bits wide in the language
            [low, rest @ ..] if rest.iter().all(|b| *b == ZERO) => Ok(*low),
            _ => {
                Err(pos
                    .error(format!("{} bits where a pin takes one", bits.len()), "select one bit"))
            }
        }
    }

    pub(super) fn gate(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        gate: Gate,
    ) -> Result<(), ReadError> {
        let Pins::Positional(pins) = &instance.pins else {
            return Err(instance.pos.error(
                format!("`{}` is a gate: its pins have no names", instance.kind),
                "connect it by position, output first, or give a Liberty file",
            ));
        };
        let number = self.new_instance(scope, instance);
        let mut bits = Vec::with_capacity(pins.len());
        for pin in pins {
            bits.push(self.one(scope, pin.as_ref(), instance.pos)?);
        }
        let single = matches!(gate, Gate::Not | Gate::Buf);
        if bits.len() < 2 || bits[0] == OPEN || (!single && bits.contains(&OPEN)) {
            let what = format!("`{}` with {} connections", instance.kind, bits.len());
            return Err(instance.pos.error(what, "connect an output and its inputs"));
        }
        if single {
            // all but the last are outputs
            let input = bits[bits.len() - 1];
            for &out in &bits[..bits.len() - 1] {
                self.push_gate(gate, number, &[out, input]);
            }
        } else {
            self.push_gate(gate, number, &bits);
        }
        Ok(())
    }

    pub(super) fn library_cell(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        cell: &'f LibraryCell,
    ) -> Result<(), ReadError> {
        let number = self.new_instance(scope, instance);
        let kind = self.kind(instance.kind, || Kind::Library(Box::new(cell.clone())));
        let mut bits = vec![OPEN; cell.pins.len()];
        match &instance.pins {
            Pins::Positional(pins) => {
                if pins.len() > bits.len() {
                    let what = format!("{} has {} pins", instance.kind, bits.len());
                    return Err(instance.pos.error(what, "connect its pins by name"));
                }
                for (slot, pin) in bits.iter_mut().zip(pins) {
                    *slot = self.one(scope, pin.as_ref(), instance.pos)?;
                }
            }
            Pins::Named(pins) => {
                for (name, pin) in pins {
                    let index = cell.pins.iter().position(|p| p.name == *name);
                    match index {
                        Some(index) => bits[index] = self.one(scope, pin.as_ref(), instance.pos)?,
                        None if is_supply(name) => {}
                        None => {
                            let what = format!("{} has no pin {name}", instance.kind);
                            return Err(instance.pos.error(what, "give the library it is from"));
                        }
                    }
                }
            }
        }
        self.push(kind, number, &bits);
        Ok(())
    }

    /// A module without contents: a black box with declared directions.
    pub(super) fn stub(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        model: &'f Module<'s>,
    ) -> Result<(), ReadError> {
        let bound = self.bind(scope, instance, model)?;
        let number = self.new_instance(scope, instance);
        let mut outputs = Vec::new();
        let mut pins = Vec::new();
        for &port in &model.ports {
            let output = model.signals.get(port).is_some_and(|s| s.dir == Dir::Output);
            for &bit in bound.get(port).map_or(&[][..], Vec::as_slice) {
                outputs.push(output);
                pins.push(bit);
            }
        }
        let kind = self.kind(&format!("stub {}", instance.kind), || Kind::BlackBox(outputs));
        self.push(kind, number, &pins);
        Ok(())
    }

    /// A cell that is neither gate nor library cell nor module with contents.
    pub(super) fn unknown_cell(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        model: Option<&'f Module<'s>>,
    ) -> Result<(), ReadError> {
        let storage = stores(instance.kind);
        let named: Vec<(&str, Option<&Expr<'s>>)> = match (&instance.pins, model) {
            (Pins::Named(pins), _) => pins.iter().map(|(n, e)| (*n, e.as_ref())).collect(),
            (Pins::Positional(pins), Some(model)) => {
                model.ports.iter().copied().zip(pins.iter().map(Option::as_ref)).collect()
            }
            (Pins::Positional(pins), None) if storage.is_some() && pins.len() <= 3 => {
                let number = self.new_instance(scope, instance);
                let mut bits = Vec::new();
                for pin in pins {
                    bits.push(self.one(scope, pin.as_ref(), instance.pos)?);
                }
                let key = format!("{} of {} pins", instance.kind, bits.len());
                let kind = self.kind(&key, || Kind::BlackBox(Vec::new()));
                let cell = self.flat.cells.len() as u32;
                self.push(kind, number, &bits);
                self.positional.entry(key).or_default().push(cell);
                return Ok(());
            }
            (Pins::Positional(_), None) => {
                return Err(instance.pos.error(
                    format!("{} is not defined and its pins have no names", instance.kind),
                    "give its Liberty file with --liberty, or add a model of it",
                ));
            }
        };
        let wires: Vec<_> = named.iter().filter(|(n, _)| !is_supply(n)).collect();
        let roles: Option<Vec<_>> = wires.iter().map(|(n, _)| role(n)).collect();
        if let (Some(latch), Some(roles)) = (storage, &roles)
            && roles.contains(&Role::D)
            && roles.iter().any(|r| matches!(r, Role::Clock(_)))
        {
            let number = self.new_instance(scope, instance);
            let mut pins = Vec::new();
            for (_, expr) in &wires {
                pins.push(self.one(scope, *expr, instance.pos)?);
            }
            let names: Vec<&str> = wires.iter().map(|w| w.0).collect();
            let key = format!("{} with {}", instance.kind, names.join(" "));
            let kind = self.kind(&key, || Kind::Storage { latch, roles: roles.clone() });
            self.push(kind, number, &pins);
            return Ok(());
        }
        if let Some((word, pos)) = model.and_then(|m| m.behaviour) {
            return Err(behaviour(instance.kind, word, pos));
        }
        let number = self.new_instance(scope, instance);
        let (mut pins, mut names) = (Vec::new(), Vec::new());
        for (name, expr) in &wires {
            let Some(expr) = expr else { continue };
            for bit in self.bits(scope, expr, true, instance.pos)? {
                pins.push(bit);
                names.push((*name).to_owned());
            }
        }
        let kind = self.flat.kinds.len() as u32;
        self.flat.kinds.push(Kind::BlackBox(vec![false; pins.len()]));
        let cell = self.flat.cells.len() as u32;
        self.push(kind, number, &pins);
        self.unknown.push((cell, names));
        Ok(())
    }
}

pub(super) fn primitive(kind: &str) -> Option<Gate> {
    Some(match kind {
        "and" => Gate::And,
        "or" => Gate::Or,
        "xor" => Gate::Xor,
        "nand" => Gate::Nand,
        "nor" => Gate::Nor,
        "xnor" => Gate::Xnor,
        "not" => Gate::Not,
        "buf" => Gate::Buf,
        _ => return None,
    })
}

fn gate_name(gate: Gate) -> &'static str {
    match gate {
        Gate::And => "and",
        Gate::Or => "or",
        Gate::Xor => "xor",
        Gate::Nand => "nand",
        Gate::Nor => "nor",
        Gate::Xnor => "xnor",
        Gate::Not => "not",
        Gate::Buf => "buf",
        Gate::Mux => "?:",
    }
}

/// Power and ground pins, which carry no signal.
fn is_supply(pin: &str) -> bool {
    matches!(
        pin.to_ascii_uppercase().as_str(),
        "VPWR"
            | "VGND"
            | "VPB"
            | "VNB"
            | "VDD"
            | "VSS"
            | "VDDA"
            | "VSSA"
            | "VCC"
            | "GND"
            | "KAPWR"
            | "VNW"
            | "VPW"
            | "LOWLVPWR"
            | "DIODE_SUPPLY"
    )
}
