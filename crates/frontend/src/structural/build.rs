//! From flat cells to the netlist and its gate graph, both at once.
//!
//! Cells are evaluated in dependency order with an explicit stack, as in the other readers. A
//! combinational loop is cut at one net, which becomes free, and listed as unsupported.
//!
//! Clocks: a clock pin that leads to an input port through buffers and inverters ticks once a cycle. A
//! clock made by logic over such a port (a gate) loads in the cycles in which the logic rises with the
//! port. A clock that is data (a ripple counter, a strobe) loads in the cycle after it rose; a register
//! of the reader's own remembers it. Both are listed as unsupported, because a proof must not rest on
//! them; a search may.

use super::cells::Role;
use super::flat::{Bit, Driver, Flat, Gate, Kind, NETS, ONE, OPEN, UNKNOWN, ZERO, net};
use super::graph::{GateGraph, GraphRegister, NO_INSTANCE};
use crate::liberty::{Function, LibraryCell, Op, Storage};
use netlist::{
    Aig, Direction, Leaf, Lit, Net, Netlist, Node, Port, PortBit, PowerUp, ReadError, Register,
    Unsupported,
};
use std::collections::{BTreeMap, BTreeSet};

/// A value in both graphs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Both {
    aig: Lit,
    graph: Lit,
}

const FALSE: Both = Both { aig: Lit::FALSE, graph: Lit::FALSE };
const TRUE: Both = Both { aig: Lit::TRUE, graph: Lit::TRUE };

impl std::ops::Not for Both {
    type Output = Self;
    fn not(self) -> Self {
        Self { aig: !self.aig, graph: !self.graph }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// A storage cell between its leaf and its next state.
struct Pending {
    cell: u32,
    register: u32,
    q: Both,
}

pub(super) struct Builder<'f> {
    flat: &'f Flat,
    netlist: Netlist,
    graph: GateGraph,
    /// Values of nets.
    values: Vec<Option<Both>>,
    state: Vec<State>,
    pending: Vec<Pending>,
    /// Storage leaf of each storage cell.
    storage: BTreeMap<u32, Both>,
    /// Clock nets: register count.
    clocks: BTreeMap<usize, usize>,
    /// Remembered values of data clocks, by literal.
    edges: BTreeMap<u32, Both>,
    odd_clocks: BTreeMap<String, (usize, String)>,
    unknowns: u32,
    /// Edges of each clock input that are used: true for rising.
    polarity: BTreeSet<(usize, bool)>,
}

pub(super) fn build(flat: &Flat) -> Result<(Netlist, GateGraph), ReadError> {
    let mut b = Builder {
        flat,
        netlist: Netlist { name: flat.name.clone(), ..Netlist::default() },
        graph: GateGraph::new(),
        values: vec![None; flat.drivers.len()],
        state: vec![State::New; flat.cells.len()],
        pending: Vec::new(),
        storage: BTreeMap::new(),
        clocks: BTreeMap::new(),
        edges: BTreeMap::new(),
        odd_clocks: BTreeMap::new(),
        unknowns: 0,
        polarity: BTreeSet::new(),
    };
    b.graph.instances.clone_from(&flat.instances);
    b.graph.kinds.clone_from(&flat.kind_names);
    b.inputs();
    b.registers();
    b.evaluate_all();
    b.load()?;
    b.finish();
    Ok((b.netlist, b.graph))
}

impl Builder<'_> {
    fn and(&mut self, a: Both, b: Both, owner: u32) -> Both {
        let aig = self.netlist.aig.and(a.aig, b.aig);
        Both { aig, graph: self.graph.and(a.graph, b.graph, owner, aig) }
    }
    fn or(&mut self, a: Both, b: Both, owner: u32) -> Both {
        !self.and(!a, !b, owner)
    }
    fn xor(&mut self, a: Both, b: Both, owner: u32) -> Both {
        if a.graph.is_const() {
            return if a == TRUE { !b } else { b };
        }
        if b.graph.is_const() {
            return if b == TRUE { !a } else { a };
        }
        let both = self.and(a, b, owner);
        let neither = self.and(!a, !b, owner);
        let aig = self.netlist.aig.xor(a.aig, b.aig);
        Both { aig, graph: self.graph.and(!both.graph, !neither.graph, owner, aig) }
    }
    fn mux(&mut self, c: Both, t: Both, e: Both, owner: u32) -> Both {
        if c.graph.is_const() {
            return if c == TRUE { t } else { e };
        }
        let then = self.and(c, t, owner);
        let other = self.and(!c, e, owner);
        self.or(then, other, owner)
    }

    fn leaf(&mut self, what: Leaf, owner: u32) -> Both {
        let aig = self.netlist.add_leaf(what);
        Both { aig, graph: self.graph.leaf(owner, aig) }
    }
    fn undriven(&mut self, name: String, owner: u32) -> Both {
        let leaf = self.leaf(Leaf::Undriven(self.netlist.undriven.len() as u32), owner);
        self.netlist.undriven.push((name, 0, leaf.aig));
        self.graph.free.push(leaf.graph);
        leaf
    }

    fn inputs(&mut self) {
        for &(word, input) in &self.flat.ports {
            let word = &self.flat.words[word as usize];
            let port = self.netlist.ports.len() as u32;
            let mut lits = Vec::new();
            if input {
                for (i, &bit) in word.bits.iter().enumerate() {
                    let leaf =
                        self.leaf(Leaf::Input(self.netlist.inputs.len() as u32), NO_INSTANCE);
                    self.graph.free.push(leaf.graph);
                    let bit_number = i as u32;
                    self.netlist.inputs.push(PortBit { port, bit: bit_number, lit: leaf.aig });
                    if let Some(net) = net(bit) {
                        self.values[net] = Some(leaf);
                    }
                    lits.push(leaf.aig);
                }
            }
            self.netlist.ports.push(Port {
                name: word.name.clone(),
                direction: if input { Direction::Input } else { Direction::Output },
                offset: word.offset,
                upto: word.upto,
                bits: lits,
            });
        }
    }

    /// A leaf for each storage cell. Outputs are evaluated later: controls may reach them.
    fn registers(&mut self) {
        for (index, cell) in self.flat.cells.iter().enumerate() {
            let stores = match &self.flat.kinds[cell.kind as usize] {
                Kind::Storage { .. } => true,
                Kind::Library(c) => c.opaque.is_none() && c.storage.is_some(),
                _ => false,
            };
            if !stores {
                continue;
            }
            let register = self.netlist.registers.len() as u32;
            let q = self.leaf(Leaf::Register(register), cell.instance);
            let instance = &self.flat.instances[cell.instance as usize];
            self.netlist.registers.push(Register {
                name: self.register_name(index),
                bit: 0,
                src: Some(format!("line {}", instance.line)),
                out: q.aig,
                next: q.aig,
                power_up: PowerUp::Free,
            });
            self.graph.registers.push(GraphRegister {
                instance: cell.instance,
                out: q.graph,
                next: q.graph,
                power_up: PowerUp::Free,
            });
            self.storage.insert(index as u32, q);
            self.pending.push(Pending { cell: index as u32, register, q });
        }
    }
    fn register_name(&self, cell: usize) -> String {
        let kind = &self.flat.kinds[self.flat.cells[cell].kind as usize];
        let pins = self.flat.pins_of(cell);
        let first = pins.iter().enumerate().find(|(i, b)| kind.drives(*i) && net(**b).is_some());
        match first.and_then(|(_, &bit)| net(bit)) {
            Some(net) => self.flat.net_name(net),
            None => self.flat.instances[self.flat.cells[cell].instance as usize].name.clone(),
        }
    }

    /// The value of a bit whose drivers have been evaluated.
    fn read(&mut self, bit: Bit) -> Both {
        let bit = self.flat.root(bit);
        match bit {
            ZERO => return FALSE,
            ONE => return TRUE,
            UNKNOWN | OPEN => {
                self.unknowns += 1;
                return self.undriven(format!("x number {}", self.unknowns), NO_INSTANCE);
            }
            _ => {}
        }
        let net = (bit - NETS) as usize;
        if let Some(value) = self.values[net] {
            return value;
        }
        let value = self.undriven(self.flat.net_name(net), NO_INSTANCE);
        self.values[net] = Some(value);
        value
    }

    fn evaluate_all(&mut self) {
        let mut stack: Vec<u32> = Vec::new();
        let mut cuts: Vec<String> = Vec::new();
        for root in 0..self.flat.cells.len() {
            stack.push(root as u32);
            while let Some(&top) = stack.last() {
                let cell = top as usize;
                match self.state[cell] {
                    State::New => {
                        self.state[cell] = State::Open;
                        self.dependencies(cell, &mut stack, &mut cuts);
                    }
                    State::Open => {
                        self.evaluate(cell);
                        self.state[cell] = State::Done;
                        stack.pop();
                    }
                    State::Done => {
                        stack.pop();
                    }
                }
            }
        }
        if let Some(first) = cuts.first() {
            self.netlist.unsupported.push(Unsupported {
                what: "combinational loop".to_owned(),
                place: format!("{} nets cut free, the first {first}", cuts.len()),
            });
        }
    }
    fn dependencies(&mut self, cell: usize, stack: &mut Vec<u32>, cuts: &mut Vec<String>) {
        let flat = self.flat;
        let kind = &flat.kinds[flat.cells[cell].kind as usize];
        for (pin, &bit) in flat.pins_of(cell).iter().enumerate() {
            if kind.drives(pin) || !passes(kind, pin) {
                continue;
            }
            let Some(net) = net(flat.root(bit)) else { continue };
            if self.values[net].is_some() {
                continue;
            }
            if let Driver::Cell(driver, _) = flat.drivers[net] {
                match self.state[driver as usize] {
                    State::New => stack.push(driver),
                    State::Open => {
                        let name = flat.net_name(net);
                        cuts.push(name.clone());
                        let value = self.undriven(name, NO_INSTANCE);
                        self.values[net] = Some(value);
                    }
                    State::Done => {}
                }
            }
        }
    }

    fn define(&mut self, bit: Bit, value: Both, instance: u32) {
        if let Some(net) = net(bit) {
            let mut value = value;
            let node = value.graph;
            if !node.is_const() && self.graph.owner[node.index()] != instance {
                value.graph = self.graph.buffer(node, instance, value.aig);
            }
            if self.values[net].is_none() {
                self.values[net] = Some(value);
            }
            self.graph.outputs_of.push((instance, value.graph));
        }
    }

    fn evaluate(&mut self, index: usize) {
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
    fn controls(&mut self, roles: &[Role], pins: &[Bit], value: Both, owner: u32) -> Both {
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

    fn function(
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
    fn pin_values<'c>(&mut self, index: usize, model: &'c LibraryCell) -> BTreeMap<&'c str, Both> {
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
    fn asynchronous(
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

    /// What each storage cell loads.
    fn load(&mut self) -> Result<(), ReadError> {
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

    fn finish(&mut self) {
        let flat = self.flat;
        for (port, &(word, input)) in flat.ports.iter().enumerate() {
            if !input {
                let word = &flat.words[word as usize];
                let mut lits = Vec::new();
                for (i, &bit) in word.bits.iter().enumerate() {
                    let value = self.read(bit);
                    lits.push(value.aig);
                    let name = match word.vector {
                        true => format!("{}[{}]", word.name, word.offset as usize + i),
                        false => word.name.clone(),
                    };
                    self.graph.observed.push((name, value.graph));
                }
                self.netlist.ports[port].bits = lits;
            }
        }
        self.black_box_inputs();
        self.names();
        let mut clocks = Vec::new();
        for (&input, &count) in &self.clocks {
            let bit = &self.netlist.inputs[input];
            let port = &self.netlist.ports[bit.port as usize];
            clocks.push((port.name.clone(), count));
        }
        if clocks.len() > 1 {
            let names: Vec<&str> = clocks.iter().map(|c| c.0.as_str()).collect();
            self.netlist.unsupported.push(Unsupported {
                what: "second clock domain".to_owned(),
                place: format!("clocks {}: all tick together here", names.join(", ")),
            });
        }
        for &input in self.clocks.keys() {
            let both = [true, false].iter().all(|&e| self.polarity.contains(&(input, e)));
            if both {
                let bit = &self.netlist.inputs[input];
                let name = &self.netlist.ports[bit.port as usize].name;
                self.netlist.unsupported.push(Unsupported {
                    what: "both edges of a clock".to_owned(),
                    place: format!("clock {name}: both tick together here"),
                });
            }
        }
        self.netlist.clocks = clocks;
        for (what, (count, first)) in std::mem::take(&mut self.odd_clocks) {
            let place = format!("{count} registers, the first by {first}");
            self.netlist.unsupported.push(Unsupported { what, place });
        }
        self.netlist.unsupported.extend(flat.unsupported.iter().cloned());
        self.netlist.unsupported.sort();
        self.netlist.notes.extend(flat.notes.iter().cloned());
        if !self.netlist.registers.is_empty() {
            self.netlist.notes.push(
                "gate-level Verilog declares no power-up values: every register starts free"
                    .to_owned(),
            );
        }
        self.graph.outputs_of.sort_unstable_by_key(|(i, l)| (*i, l.code()));
        self.netlist.finish();
    }

    fn black_box_inputs(&mut self) {
        let flat = self.flat;
        for (index, cell) in flat.cells.iter().enumerate() {
            let kind = &flat.kinds[cell.kind as usize];
            let opaque = match kind {
                Kind::BlackBox(_) => true,
                Kind::Library(c) => c.opaque.is_some(),
                _ => false,
            };
            if !opaque {
                continue;
            }
            let name = flat.instances[cell.instance as usize].name.clone();
            for (pin, &bit) in flat.pins_of(index).iter().enumerate() {
                if !kind.drives(pin) && net(flat.root(bit)).is_some() {
                    let value = self.read(bit);
                    let label = match kind {
                        Kind::Library(c) => format!("{name}.{}", c.pins[pin].name),
                        _ => format!("{name} pin {}", pin + 1),
                    };
                    if net(bit).is_some() {
                        self.graph.observed.push((label.clone(), value.graph));
                        self.netlist.add_output(&label, vec![value.aig]);
                    }
                }
            }
        }
    }

    fn names(&mut self) {
        let flat = self.flat;
        self.graph.names = vec![String::new(); self.graph.len()];
        for word in &flat.words {
            let mut bits = Vec::with_capacity(word.bits.len());
            for (i, &bit) in word.bits.iter().enumerate() {
                let value = self.read(bit);
                bits.push(value.aig);
                let slot = self.graph.names.get_mut(value.graph.index());
                if let Some(slot) = slot
                    && slot.is_empty()
                    && !value.graph.is_const()
                {
                    let width = word.bits.len();
                    let index = if word.upto { width - 1 - i } else { i } + word.offset as usize;
                    *slot = match word.vector {
                        true => format!("{}[{index}]", word.name),
                        false => word.name.clone(),
                    };
                }
            }
            self.netlist.nets.push(Net {
                name: word.name.clone(),
                offset: word.offset,
                upto: word.upto,
                bits,
                src: Some(format!("line {}", word.line)),
            });
        }
        self.graph.names.resize(self.graph.len(), String::new());
    }
}

/// Whether a pin reaches the cell's outputs without a clock edge.
fn passes(kind: &Kind, pin: usize) -> bool {
    match kind {
        Kind::Gate(_) => true,
        Kind::Storage { latch, roles } => match roles.get(pin) {
            Some(Role::Reset(_) | Role::Set(_)) => true,
            Some(Role::D | Role::Clock(_)) => *latch,
            _ => false,
        },
        Kind::Library(model) => {
            if model.opaque.is_some() {
                return false;
            }
            let Some(pin) = model.pins.get(pin) else { return false };
            match &model.storage {
                Some(s) if !s.latch => {
                    let reads = |f: &Option<Function>| {
                        f.as_ref().is_some_and(|f| f.names.contains(&pin.name))
                    };
                    let direct = model.pins.iter().any(|p| p.output && reads(&p.function));
                    direct || reads(&s.clear) || reads(&s.preset)
                }
                _ => true,
            }
        }
        Kind::BlackBox(_) => false,
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
