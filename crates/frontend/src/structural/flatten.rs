//! From modules to a flat netlist: names resolved, hierarchy unfolded, each net with its driver.
//!
//! Problem: names mean something only within a module, and modules stand inside modules.
//! Method: a scope for each module instance, unfolded from a stack. Ports of an instance are bound to
//! the bits of its parent, so that hierarchy costs no buffers; what is no module is a cell (`cell`),
//! what is computed on the way is an `expression`.
//! Cost: linear in cells and nets after unfolding, both limited.
//! What it cannot see: parameters; a module is the same wherever it is instantiated.

mod cell;
mod expression;

use super::ast::{Dir, Expr, File, Instance, Module, Pins};
use super::cells::stores;
use super::flat::{Bit, Cell, Driver, Flat, Kind, NETS, ONE, Word, ZERO, net};
use super::lex::Pos;
use crate::liberty::Library;
use cell::primitive;
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
