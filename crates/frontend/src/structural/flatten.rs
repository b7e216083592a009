//! From modules to a flat netlist: names resolved, hierarchy unfolded, each net with its driver.
//!
//! Ports of an instance are bound to the bits of its parent, so that hierarchy costs no buffers.
//! `assign` of a plain net is an alias; an expression becomes one gate *instance* named after the net
//! it drives, for that is what a reader of the file would point at.

use super::ast::{Assign, Dir, Expr, File, Instance, Module, Op, Pins};
use super::cells::{role, stores};
use super::flat::{Bit, Cell, Driver, Flat, Gate, Kind, NETS, ONE, OPEN, UNKNOWN, Word, ZERO, net};
use super::lex::Pos;
use crate::liberty::Library;
use netlist::{ReadError, Unsupported, near_names};
use std::collections::{BTreeMap, HashMap};

/// Deepest hierarchy.
const MAX_DEPTH: usize = 64;
/// Most cells after flattening.
pub(super) const MAX_CELLS: usize = 1 << 26;
/// Most nets after flattening.
const MAX_NETS: usize = 1 << 28;

/// The names of one module instance.
struct Scope<'s, 'f> {
    module: &'f Module<'s>,
    /// Hierarchical prefix, with its dot.
    prefix: String,
    bits: HashMap<&'s str, (u32, Vec<Bit>)>,
}

pub(super) struct Flattener<'s, 'f> {
    file: &'f File<'s>,
    modules: HashMap<&'s str, &'f Module<'s>>,
    library: &'f Library,
    flat: Flat,
    /// Kind numbers by name.
    kinds: HashMap<String, u32>,
    /// Instances with positional pins of cells that are not known: by kind.
    positional: BTreeMap<String, Vec<u32>>,
    /// Cells whose pins have names and whose directions are not known yet.
    unknown: Vec<(u32, Vec<String>)>,
}

/// Unfolds `file` from `top`, or from the only module that nothing instantiates.
pub(super) fn flatten(
    file: &File<'_>,
    top: Option<&str>,
    library: &Library,
) -> Result<Flat, ReadError> {
    let mut modules = HashMap::new();
    for module in &file.modules {
        if modules.insert(module.name, module).is_some() {
            let what = format!("module {} is defined twice", module.name);
            return Err(module.pos.error(what, "leave one of them out"));
        }
    }
    let root = find_top(file, top, &modules)?;
    if let Some((word, pos)) = root.behaviour {
        return Err(behaviour(root.name, word, pos));
    }
    let mut this = Flattener {
        file,
        modules,
        library,
        flat: Flat { name: root.name.to_owned(), ..Flat::default() },
        kinds: HashMap::new(),
        positional: BTreeMap::new(),
        unknown: Vec::new(),
    };
    this.top(root)?;
    super::unknown::resolve(&mut this.flat, &this.positional, &this.unknown)?;
    this.flat.connect()?;
    this.notes();
    Ok(this.flat)
}

fn behaviour(module: &str, word: &str, pos: Pos) -> ReadError {
    pos.error(
        format!("module {module} describes behaviour (`{word}`), not gates"),
        "map it to gates first (yosys `synth -flatten; write_verilog -noattr -noexpr`)",
    )
}

fn find_top<'s, 'f>(
    file: &'f File<'s>,
    top: Option<&str>,
    modules: &HashMap<&'s str, &'f Module<'s>>,
) -> Result<&'f Module<'s>, ReadError> {
    if let Some(name) = top {
        return modules.get(name).copied().ok_or_else(|| {
            let near = near_names(name, file.modules.iter().map(|m| m.name).collect::<Vec<_>>());
            ReadError::new(
                format!("module {name}"),
                "there is no module of that name",
                if near.is_empty() {
                    "name one of the file".to_owned()
                } else {
                    format!("did you mean {}?", near.join(", "))
                },
            )
        });
    }
    let used: std::collections::HashSet<&str> =
        file.modules.iter().flat_map(|m| m.instances.iter().map(|i| i.kind)).collect();
    let mut roots = file.modules.iter().filter(|m| !used.contains(m.name));
    // a model of a cell that is not used is no top
    let size = |m: &Module<'_>| m.instances.len() + m.assigns.len();
    let all: Vec<_> = roots.by_ref().collect();
    match all.as_slice() {
        [] => Err(ReadError::new(
            "file",
            "there is no module, or all instantiate each other",
            "name the top module",
        )),
        [one] => Ok(one),
        many => {
            let structural: Vec<_> = many.iter().filter(|m| size(m) > 0).collect();
            if let [one] = structural.as_slice() {
                return Ok(one);
            }
            let names: Vec<&str> = many.iter().take(5).map(|m| m.name).collect();
            let what = format!("several modules could be the top: {}", names.join(", "));
            Err(ReadError::new("file", what, "name the top module with --top"))
        }
    }
}

impl<'s, 'f> Flattener<'s, 'f> {
    fn top(&mut self, root: &'f Module<'s>) -> Result<(), ReadError> {
        let mut bound = HashMap::new();
        for &name in &root.ports {
            let Some(signal) = root.signals.get(name).filter(|s| s.dir != Dir::None) else {
                let what = format!("port {name} has no direction");
                return Err(root.pos.error(what, "declare it input or output"));
            };
            let bits = self.fresh(signal.width())?;
            bound.insert(name, bits);
        }
        let scope = self.scope(root, String::new(), bound)?;
        for &name in &root.ports {
            let input = root.signals[name].dir == Dir::Input;
            let Some((word, bits)) = scope.bits.get(name) else { continue };
            self.flat.ports.push((*word, input));
            if input {
                for net in bits.iter().filter_map(|&b| net(b)) {
                    self.flat.drivers[net] = Driver::Input;
                }
            }
        }
        // the stack holds module instances still to be unfolded
        let mut stack = vec![(scope, 0)];
        while let Some((scope, depth)) = stack.pop() {
            if depth > MAX_DEPTH {
                let what = format!("modules nested deeper than {MAX_DEPTH}, or inside themselves");
                return Err(scope.module.pos.error(what, "flatten the netlist"));
            }
            self.body(scope, depth, &mut stack)?;
        }
        Ok(())
    }

    pub(super) fn fresh(&mut self, width: usize) -> Result<Vec<Bit>, ReadError> {
        fresh(&mut self.flat, width)
    }

    /// Declares all signals of a module instance; `bound` has those that are ports.
    fn scope(
        &mut self,
        module: &'f Module<'s>,
        prefix: String,
        mut bound: HashMap<&'s str, Vec<Bit>>,
    ) -> Result<Scope<'s, 'f>, ReadError> {
        let mut scope = Scope { module, prefix, bits: HashMap::new() };
        scope.bits.reserve(module.order.len());
        for &name in &module.order {
            let signal = &module.signals[name];
            let bits = match bound.remove(name) {
                Some(bits) => bits,
                None => self.fresh(signal.width())?,
            };
            if let Some(value) = signal.supply {
                for net in bits.iter().filter_map(|&b| net(b)) {
                    self.flat.drivers[net] = Driver::Alias(if value { ONE } else { ZERO });
                }
            }
            self.word(&mut scope, name, signal.range, bits, signal.pos);
        }
        Ok(scope)
    }
    fn word(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        name: &'s str,
        range: Option<(i32, i32)>,
        bits: Vec<Bit>,
        pos: Pos,
    ) {
        let number = self.flat.words.len() as u32;
        for (i, net) in bits.iter().enumerate().filter_map(|(i, &b)| Some((i, net(b)?))) {
            if self.flat.named[net].0 == u32::MAX {
                self.flat.named[net] = (number, i as u32);
            }
        }
        let (left, right) = range.unwrap_or((0, 0));
        self.flat.words.push(Word {
            name: format!("{}{name}", scope.prefix),
            offset: left.min(right).max(0) as u32,
            upto: left < right,
            vector: range.is_some(),
            bits: bits.clone(),
            line: pos.line,
        });
        scope.bits.insert(name, (number, bits));
    }

    fn body(
        &mut self,
        mut scope: Scope<'s, 'f>,
        depth: usize,
        stack: &mut Vec<(Scope<'s, 'f>, usize)>,
    ) -> Result<(), ReadError> {
        let module = scope.module;
        for assign in &module.assigns {
            self.assign(&mut scope, assign)?;
        }
        for instance in &module.instances {
            if let Some(child) = self.instance(&mut scope, instance)? {
                stack.push((child, depth + 1));
            }
            if self.flat.cells.len() > MAX_CELLS {
                let what = format!("more than {MAX_CELLS} cells");
                return Err(instance.pos.error(what, "split the design"));
            }
        }
        Ok(())
    }

    fn instance(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &'f Instance<'s>,
    ) -> Result<Option<Scope<'s, 'f>>, ReadError> {
        if let Some(gate) = primitive(instance.kind) {
            self.gate(scope, instance, gate)?;
            return Ok(None);
        }
        if let Some(cell) = self.library.cells.get(instance.kind) {
            self.library_cell(scope, instance, cell)?;
            return Ok(None);
        }
        let model = self.modules.get(instance.kind).copied();
        let empty = model.is_some_and(|m| m.instances.is_empty() && m.assigns.is_empty());
        let storage = stores(instance.kind).is_some();
        if let Some(model) = model
            && model.behaviour.is_none()
            && !(empty && storage)
        {
            if empty {
                self.stub(scope, instance, model)?;
                return Ok(None);
            }
            return self.child(scope, instance, model).map(Some);
        }
        self.unknown_cell(scope, instance, model)?;
        Ok(None)
    }

    /// Number of the instance made for `instance`.
    fn new_instance(&mut self, scope: &Scope<'_, '_>, instance: &Instance<'_>) -> u32 {
        let number = self.flat.instances.len() as u32;
        let name = if instance.name.is_empty() {
            String::new()
        } else {
            format!("{}{}", scope.prefix, instance.name)
        };
        let kind = self.kind_name(instance.kind);
        self.flat.instances.push(super::Instance { name, kind, line: instance.pos.line });
        number
    }
    fn kind_name(&mut self, kind: &str) -> u32 {
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
    fn push_gate(&mut self, gate: Gate, instance: u32, pins: &[Bit]) {
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

    fn gate(
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

    fn library_cell(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        cell: &'f crate::liberty::LibraryCell,
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
    fn stub(
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

    /// The bits of a module instance's ports.
    fn bind(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        model: &'f Module<'s>,
    ) -> Result<HashMap<&'s str, Vec<Bit>>, ReadError> {
        let mut given: Vec<(&'s str, Option<&Expr<'s>>)> = Vec::new();
        match &instance.pins {
            Pins::Positional(pins) => {
                if pins.len() > model.ports.len() {
                    let what = format!("{} has {} ports", model.name, model.ports.len());
                    return Err(instance.pos.error(what, "connect its ports by name"));
                }
                given.extend(model.ports.iter().copied().zip(pins.iter().map(Option::as_ref)));
            }
            Pins::Named(pins) => {
                for (name, pin) in pins {
                    if !model.ports.contains(name) {
                        let what = format!("{} has no port {name}", model.name);
                        return Err(instance.pos.error(what, "correct the name"));
                    }
                    given.push((name, pin.as_ref()));
                }
            }
        }
        let mut bound = HashMap::new();
        for (name, expr) in given {
            let Some(expr) = expr else { continue };
            let Some(signal) = model.signals.get(name).filter(|s| s.dir != Dir::None) else {
                let what = format!("port {name} of {} has no direction", model.name);
                return Err(model.pos.error(what, "declare it input or output"));
            };
            let mut bits = self.bits(scope, expr, true, instance.pos)?;
            let width = signal.width();
            if bits.len() > width && bits[width..].iter().all(|b| *b == ZERO) {
                bits.truncate(width);
            }
            if bits.len() != width {
                let (found, kind) = (bits.len(), model.name);
                let what = format!("{found} bits for port {name} of {kind}, which has {width}");
                return Err(instance.pos.error(what, "connect as many as it has"));
            }
            bound.insert(name, bits);
        }
        Ok(bound)
    }

    fn child(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        instance: &Instance<'s>,
        model: &'f Module<'s>,
    ) -> Result<Scope<'s, 'f>, ReadError> {
        let bound = self.bind(scope, instance, model)?;
        let name = if instance.name.is_empty() { instance.kind } else { instance.name };
        self.scope(model, format!("{}{name}.", scope.prefix), bound)
    }

    /// A cell that is neither gate nor library cell nor module with contents.
    fn unknown_cell(
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
            && roles.contains(&super::cells::Role::D)
            && roles.iter().any(|r| matches!(r, super::cells::Role::Clock(_)))
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

    fn notes(&mut self) {
        if self.file.delays > 0 {
            let note = format!("{} delays were ignored", self.file.delays);
            self.flat.notes.push(note);
        }
        if self.file.parameters > 0 {
            let note = format!("{} parameter lists were ignored", self.file.parameters);
            self.flat.notes.push(note);
        }
        for name in &self.library.conflicts {
            let note = format!("cell {name} is in two libraries; the first counts");
            self.flat.notes.push(note);
        }
        let mut boxes: BTreeMap<&str, (usize, String)> = BTreeMap::new();
        for cell in &self.flat.cells {
            let opaque = match &self.flat.kinds[cell.kind as usize] {
                Kind::BlackBox(_) => true,
                Kind::Library(cell) => cell.opaque.is_some(),
                _ => false,
            };
            if opaque {
                let instance = &self.flat.instances[cell.instance as usize];
                let kind = &self.flat.kind_names[instance.kind as usize];
                let entry = boxes.entry(kind).or_insert_with(|| (0, instance.name.clone()));
                entry.0 += 1;
            }
        }
        let found = boxes.into_iter().map(|(kind, (count, first))| Unsupported {
            what: "cell without a function".to_owned(),
            place: format!("{count} of type {kind}, the first {first}"),
        });
        self.flat.unsupported.extend(found);
    }

    fn assign(&mut self, scope: &mut Scope<'s, 'f>, assign: &Assign<'s>) -> Result<(), ReadError> {
        let to = self.bits(scope, &assign.to, false, assign.pos)?;
        let plain = is_plain(&assign.from);
        let first = self.flat.instances.len() as u32;
        let mut from = if plain {
            self.bits(scope, &assign.from, true, assign.pos)?
        } else {
            // one instance for each bit, named after what it drives
            for &bit in &to {
                let name = net(bit).map_or_else(String::new, |n| self.flat.net_name(n));
                let kind = self.kind_name("assign");
                self.flat.instances.push(super::Instance { name, kind, line: assign.pos.line });
            }
            self.operate(scope, &assign.from, to.len(), first, assign.pos)?
        };
        from.resize(to.len().max(1), ZERO);
        for (&target, &source) in to.iter().zip(&from) {
            let Some(target) = net(target) else {
                return Err(assign.pos.error("a constant is assigned to", "assign to a net"));
            };
            if self.flat.drivers[target] != Driver::None {
                let what = format!("{} is driven twice", self.flat.net_name(target));
                return Err(assign.pos.error(what, "remove one of its drivers"));
            }
            self.flat.drivers[target] = Driver::Alias(source);
        }
        Ok(())
    }

    /// Bits of an expression of nets only; operators are refused.
    fn bits(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        implicit: bool,
        pos: Pos,
    ) -> Result<Vec<Bit>, ReadError> {
        match expr {
            Expr::Name(name, at) => self.named(scope, name, implicit, *at),
            Expr::Bit(name, index, at) => {
                let (signal, bits) = self.vector(scope, name, *at)?;
                let bit = signal.bit(*index).and_then(|i| bits.get(i).copied());
                Ok(vec![bit.ok_or_else(|| outside(name, *index, *at))?])
            }
            Expr::Part(name, left, right, at) => {
                let (signal, bits) = self.vector(scope, name, *at)?;
                let high = signal.bit(*left).ok_or_else(|| outside(name, *left, *at))?;
                let low = signal.bit(*right).ok_or_else(|| outside(name, *right, *at))?;
                if high < low {
                    let what = format!("{name}[{left}:{right}] runs against its declaration");
                    return Err(at.error(what, "turn it round"));
                }
                Ok(bits[low..=high].to_vec())
            }
            Expr::Constant(bits) => Ok(bits
                .iter()
                .map(|b| match b {
                    0 => ZERO,
                    1 => ONE,
                    _ => UNKNOWN,
                })
                .collect()),
            Expr::Concat(parts) => {
                let mut all = Vec::new();
                for part in parts.iter().rev() {
                    all.extend(self.bits(scope, part, implicit, pos)?);
                }
                Ok(all)
            }
            Expr::Repeat(times, inner) => {
                let once = self.bits(scope, inner, implicit, pos)?;
                if once.len().saturating_mul(*times as usize) > 1 << 20 {
                    return Err(pos.error("a repetition of over a million bits", "write it out"));
                }
                Ok(once.repeat(*times as usize))
            }
            _ => {
                // an expression at a pin: gates of its own
                let first = self.flat.instances.len() as u32;
                let width = self.width(scope, expr, pos)?;
                for _ in 0..width {
                    let kind = self.kind_name("expression");
                    let name = format!("expression at line {}", pos.line);
                    self.flat.instances.push(super::Instance { name, kind, line: pos.line });
                }
                self.operate(scope, expr, width, first, pos)
            }
        }
    }
    fn named(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        name: &'s str,
        implicit: bool,
        pos: Pos,
    ) -> Result<Vec<Bit>, ReadError> {
        if let Some((_, bits)) = scope.bits.get(name) {
            return Ok(bits.clone());
        }
        let _ = implicit;
        let bits = self.fresh(1)?;
        self.word(scope, name, None, bits.clone(), pos);
        Ok(bits)
    }
    fn vector<'a>(
        &self,
        scope: &'a Scope<'s, 'f>,
        name: &str,
        pos: Pos,
    ) -> Result<(&'f super::ast::Signal, &'a [Bit]), ReadError> {
        let bits = scope.bits.get(name);
        match (scope.module.signals.get(name), bits) {
            (Some(signal), Some((_, bits))) => Ok((signal, bits)),
            _ => Err(pos.error(format!("{name} is not declared"), "declare it with its range")),
        }
    }

    fn width(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        pos: Pos,
    ) -> Result<usize, ReadError> {
        Ok(match expr {
            Expr::Not(inner) => self.width(scope, inner, pos)?,
            Expr::LogicalNot(_) | Expr::Reduce(..) | Expr::Logical(..) => 1,
            Expr::Binary(_, pair) => {
                self.width(scope, &pair.0, pos)?.max(self.width(scope, &pair.1, pos)?)
            }
            Expr::Cond(three) => {
                self.width(scope, &three.1, pos)?.max(self.width(scope, &three.2, pos)?)
            }
            plain => self.bits(scope, plain, true, pos)?.len(),
        })
    }

    /// Gates for an expression of `width` bits; bit `i` belongs to instance `first + i`.
    fn operate(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        width: usize,
        first: u32,
        pos: Pos,
    ) -> Result<Vec<Bit>, ReadError> {
        let owner = |i: usize| first + i.min(width.saturating_sub(1)) as u32;
        let mut result = match expr {
            Expr::Not(inner) => {
                let bits = self.operate(scope, inner, width, first, pos)?;
                self.each(&bits, |s, i, b| s.made(Gate::Not, owner(i), &[b]))?
            }
            Expr::LogicalNot(inner) => {
                let any = self.truth(scope, inner, first, pos)?;
                vec![self.made(Gate::Not, first, &[any])?]
            }
            Expr::Reduce(op, inverted, inner) => {
                let own = self.width(scope, inner, pos)?;
                let bits = self.operate(scope, inner, own, first, pos)?;
                let gate = match (op, inverted) {
                    (Op::And, false) => Gate::And,
                    (Op::And, true) => Gate::Nand,
                    (Op::Or, false) => Gate::Or,
                    (Op::Or, true) => Gate::Nor,
                    (_, false) => Gate::Xor,
                    (_, true) => Gate::Xnor,
                };
                vec![self.made(gate, first, &bits)?]
            }
            Expr::Binary(op, pair) => {
                let a = self.operate(scope, &pair.0, width, first, pos)?;
                let b = self.operate(scope, &pair.1, width, first, pos)?;
                let gate = match op {
                    Op::And => Gate::And,
                    Op::Or => Gate::Or,
                    Op::Xor => Gate::Xor,
                    Op::Xnor => Gate::Xnor,
                };
                self.each(&a, |s, i, bit| s.made(gate, owner(i), &[bit, b[i]]))?
            }
            Expr::Logical(op, pair) => {
                let a = self.truth(scope, &pair.0, first, pos)?;
                let b = self.truth(scope, &pair.1, first, pos)?;
                let gate = if *op == Op::And { Gate::And } else { Gate::Or };
                vec![self.made(gate, first, &[a, b])?]
            }
            Expr::Cond(three) => {
                let c = self.truth(scope, &three.0, first, pos)?;
                let t = self.operate(scope, &three.1, width, first, pos)?;
                let e = self.operate(scope, &three.2, width, first, pos)?;
                self.each(&t, |s, i, bit| s.made(Gate::Mux, owner(i), &[c, bit, e[i]]))?
            }
            plain => self.bits(scope, plain, true, pos)?,
        };
        result.resize(width, ZERO);
        Ok(result)
    }
    fn truth(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        owner: u32,
        pos: Pos,
    ) -> Result<Bit, ReadError> {
        let width = self.width(scope, expr, pos)?;
        let bits = self.operate(scope, expr, width, owner, pos)?;
        match bits.as_slice() {
            [one] => Ok(*one),
            many => self.made(Gate::Or, owner, many),
        }
    }
    fn each(
        &mut self,
        bits: &[Bit],
        mut make: impl FnMut(&mut Self, usize, Bit) -> Result<Bit, ReadError>,
    ) -> Result<Vec<Bit>, ReadError> {
        bits.iter().enumerate().map(|(i, &b)| make(self, i, b)).collect()
    }
    /// A gate with an output of its own.
    fn made(&mut self, gate: Gate, owner: u32, inputs: &[Bit]) -> Result<Bit, ReadError> {
        let out = self.fresh(1)?[0];
        let mut pins = vec![out];
        pins.extend_from_slice(inputs);
        self.push_gate(gate, owner, &pins);
        Ok(out)
    }
}

fn outside(name: &str, index: i32, pos: Pos) -> ReadError {
    pos.error(format!("{name}[{index}] is outside its range"), "correct the index")
}

/// Adds `width` nets without name or driver.
pub(super) fn fresh(flat: &mut Flat, width: usize) -> Result<Vec<Bit>, ReadError> {
    let first = flat.drivers.len();
    if first + width > MAX_NETS {
        let what = format!("more than {MAX_NETS} nets");
        return Err(ReadError::new("netlist", what, "split the design"));
    }
    flat.drivers.resize(first + width, Driver::None);
    flat.named.resize(first + width, (u32::MAX, 0));
    Ok((first..first + width).map(|n| n as Bit + NETS).collect())
}

/// Adds a cell.
pub(super) fn push_cell(flat: &mut Flat, kind: u32, instance: u32, pins: &[Bit]) {
    let first = flat.pins.len() as u32;
    flat.pins.extend_from_slice(pins);
    flat.cells.push(Cell { kind, instance, first, pins: pins.len() as u32 });
}

fn is_plain(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Name(..) | Expr::Bit(..) | Expr::Part(..) | Expr::Constant(_) => true,
        Expr::Concat(parts) => parts.iter().all(is_plain),
        Expr::Repeat(_, inner) => is_plain(inner),
        _ => false,
    }
}

fn primitive(kind: &str) -> Option<Gate> {
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
pub(super) fn is_supply(pin: &str) -> bool {
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
