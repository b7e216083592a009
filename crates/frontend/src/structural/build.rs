//! From flat cells to the netlist and its gate graph, both at once.
//!
//! Problem: engines want shared logic, reports want every gate, and neither may drift from the other.
//! Method: one pass makes both, a pair of literals for each net. Cells are evaluated (`cell`) in
//! dependency order with an explicit stack, as in the other readers; then storage gets its next states
//! (`clock`), and outputs and names follow (`finish`). A combinational loop is cut at one net, which
//! becomes free, and listed as unsupported.
//! Cost: linear in pins.
//! What it cannot see: what oscillates or holds state in a loop of gates.

mod cell;
mod clock;
mod finish;

use super::cells::Role;
use super::flat::{Bit, Driver, Flat, Kind, NETS, ONE, OPEN, UNKNOWN, ZERO, net};
use super::graph::{GateGraph, GraphRegister, NO_INSTANCE};
use crate::liberty::Function;
use netlist::{
    Direction, Leaf, Lit, Netlist, Port, PortBit, PowerUp, ReadError, Register, Unsupported,
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
