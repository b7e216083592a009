//! From records to graph: reading bits and evaluating cells in dependency order.
//!
//! Method: depth-first search over cells with an explicit stack; a cell is evaluated when all nets
//! it depends on have literals. Cut nets and register leaves have theirs from the start, so only a
//! true combinational loop meets a cell that is still open; it is an error that names the cells.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::aig::Lit;
use crate::design::{Leaf, Netlist, ReadError, Unsupported};

use super::cells::{Kind, Pin};
use super::drivers::{Driver, Drivers};
use super::json::{Bit, Cell, File, Module};
use super::names::{Names, plain};
use super::registers::Flop;
use super::words::{self, Operands};

/// Most graph nodes a netlist may need.
pub(super) const MAX_NODES: usize = 1 << 28;

/// Smallest bound on net ids; above it they are bounded by the size of the file.
const FREE_NET_IDS: usize = 1 << 16;

/// A net without a literal yet.
pub(super) const UNSET: Lit = Lit::UNSET;

/// Progress of a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    New,
    Open,
    Done,
}

/// A netlist under construction.
pub(super) struct Builder<'m> {
    pub(super) module: &'m Module<'m>,
    pub(super) kinds: Vec<Kind>,
    pub(super) names: Names<'m>,
    pub(super) drivers: Drivers,
    /// What readers of each net id see.
    pub(super) lit: Vec<Lit>,
    /// What drives the cut nets.
    pub(super) driven: HashMap<u32, Lit>,
    /// Net ids of each cut.
    pub(super) cut_nets: Vec<Vec<u32>>,
    cut_ids: HashSet<u32>,
    /// Name and leaf of the input port bit behind each net id.
    pub(super) input_bits: HashMap<u32, (String, Lit)>,
    /// Net ids of [`Netlist::clocks`].
    pub(super) clock_ids: Vec<u32>,
    pub(super) state: Vec<State>,
    pub(super) flops: Vec<Flop>,
    /// Index into `flops` for each cell that is one.
    pub(super) flop_of: Vec<u32>,
    /// Register of each flip-flop bit.
    pub(super) flop_bits: Vec<u32>,
    /// Leaves of `x` reset values by register.
    pub(super) unknown_values: HashMap<u32, Lit>,
    pub(super) netlist: Netlist,
}

/// Builds the netlist of `module`.
pub(super) fn build<'m>(
    file: &File<'_>,
    name: &str,
    module: &'m Module<'m>,
    cuts: &[String],
    file_size: usize,
) -> Result<Netlist, ReadError> {
    // of several faults the first is told as one thread would meet them
    let ((unique, nets), logic) = super::ahead::both(
        || (super::checks::unique_names(module), super::wires::public_nets(module)),
        || logic(file, name, module, cuts, file_size),
    );
    unique?;
    let mut builder = logic?;
    builder.nets(nets?);
    builder.assumptions();
    Ok(builder.netlist)
}

/// All but the named nets.
fn logic<'m>(
    file: &File<'_>,
    name: &str,
    module: &'m Module<'m>,
    cuts: &[String],
    file_size: usize,
) -> Result<Builder<'m>, ReadError> {
    let kinds = super::checks::classify(file, module)?;
    let ids = super::checks::net_ids(module, file_size.max(FREE_NET_IDS))?;
    let names = Names::new(module, ids);
    let drivers = Drivers::new(module, &kinds, &names, ids)?;
    let cells = kinds.len();
    let mut builder = Builder {
        module,
        kinds,
        names,
        drivers,
        lit: vec![UNSET; ids],
        driven: HashMap::new(),
        cut_nets: Vec::new(),
        cut_ids: HashSet::new(),
        input_bits: HashMap::new(),
        clock_ids: Vec::new(),
        state: vec![State::New; cells],
        flops: Vec::new(),
        flop_of: vec![0; cells],
        flop_bits: Vec::new(),
        unknown_values: HashMap::new(),
        netlist: Netlist { name: name.to_owned(), ..Netlist::default() },
    };
    builder.cut(cuts)?;
    builder.cut_ids = builder.cut_nets.iter().flatten().copied().collect();
    builder.inputs();
    builder.set_aside();
    builder.make_registers()?;
    builder.evaluate_all()?;
    builder.connect_registers();
    builder.outputs();
    builder.finish_cuts()?;
    Ok(builder)
}

impl<'m> Builder<'m> {
    fn cell(&self, cell: usize) -> &'m Cell<'m> {
        &self.module.cells.0[cell].1
    }
    pub(super) fn pin(&self, cell: usize, pin: Pin) -> &'m [Bit] {
        self.module.pin(self.cell(cell), pin)
    }
    pub(super) fn note(&mut self, note: String) {
        self.netlist.notes.push(note);
    }
    pub(super) fn bad_cell(&self, cell: usize, what: &str) -> ReadError {
        let (name, record) = &self.module.cells.0[cell];
        let place = format!("cell {} of type {}", plain(name), record.kind);
        ReadError::new(place, what, "write the file with yosys `write_json`")
    }
    /// The input port behind buffers and inverters, and whether it arrives inverted.
    pub(super) fn port_behind(&self, bit: Bit) -> Option<(u32, bool)> {
        let cut = |id: u32| self.cut_ids.contains(&id);
        self.drivers.port_behind(self.module, &self.kinds, bit, &cut)
    }

    /// Gives a net its literal; a cut net keeps the one its readers see.
    pub(super) fn define(&mut self, id: u32, lit: Lit) {
        let slot = &mut self.lit[id as usize];
        if *slot == UNSET {
            *slot = lit;
        } else {
            self.driven.insert(id, lit);
        }
    }
    /// A fresh leaf for something that nothing drives.
    pub(super) fn undriven(&mut self, name: String, bit: u32) -> Lit {
        let leaf = Leaf::Undriven(self.netlist.undriven.len() as u32);
        let lit = self.netlist.add_leaf(leaf);
        self.netlist.undriven.push((name, bit, lit));
        lit
    }
    /// A fresh leaf for a net that nothing drives.
    pub(super) fn undriven_net(&mut self, id: u32) -> Lit {
        match self.names.of(id) {
            Some((name, bit, _)) => self.undriven(name.to_owned(), bit),
            None => self.undriven(format!("unnamed net {id}"), 0),
        }
    }
    /// What a reader of `bit` sees; `owner` names the leaf of an `x`.
    pub(super) fn read(&mut self, bit: Bit, owner: &dyn Fn() -> (String, u32)) -> Lit {
        if let Some(value) = bit.constant() {
            return Lit::constant(value);
        }
        let Some(id) = bit.net() else {
            let (name, bit) = owner();
            return self.undriven(name, bit);
        };
        if self.lit[id as usize] == UNSET {
            self.lit[id as usize] = self.undriven_net(id);
        }
        self.lit[id as usize]
    }
    /// What an input pin of `cell` sees; an `x` is named after the cell's output.
    pub(super) fn read_pin_bit(&mut self, cell: usize, bit: Bit) -> Lit {
        let (module, kind) = (self.module, self.kinds[cell]);
        let name = |names: &Names<'m>| {
            let (name, record) = &module.cells.0[cell];
            let mut outputs = module.pins(record).filter(|p| kind.drives(p.0, &record.kind));
            let output = outputs.find_map(|(_, bits)| bits.first()?.net());
            match output.and_then(|id| names.of(id)) {
                Some((name, bit, _)) => (format!("x read by {name}"), bit),
                None => (format!("x read by cell {}", plain(name)), 0),
            }
        };
        if bit == Bit::X {
            let (name, bit) = name(&self.names);
            return self.undriven(name, bit);
        }
        self.read(bit, &|| (String::new(), 0))
    }
    fn read_pin(&mut self, cell: usize, pin: Pin) -> Vec<Lit> {
        self.pin(cell, pin).iter().map(|&bit| self.read_pin_bit(cell, bit)).collect()
    }

    /// Lists latches, tri-state drivers and memories; counts formal statements.
    fn set_aside(&mut self) {
        let mut refused: BTreeSet<Unsupported> = BTreeSet::new();
        let mut statements: BTreeMap<&str, usize> = BTreeMap::new();
        for index in 0..self.kinds.len() {
            let cell = self.cell(index);
            match self.kinds[index] {
                Kind::Gate(_) | Kind::Word(_) | Kind::Flop(_) => continue,
                Kind::Latch => self.refuse(index, "latch", &mut refused),
                Kind::Tristate => self.refuse(index, "tri-state driver", &mut refused),
                Kind::Memory => {
                    refused.insert(super::checks::memory(&self.module.cells.0[index].0, cell));
                }
                Kind::Statement => *statements.entry(&cell.kind).or_default() += 1,
                Kind::Silent | Kind::Foreign => {}
            }
            self.state[index] = State::Done;
        }
        self.netlist.unsupported.extend(refused);
        for (kind, count) in statements {
            self.note(format!("{count} `{kind}` cells in the netlist were ignored"));
        }
    }

    fn evaluate_all(&mut self) -> Result<(), ReadError> {
        let mut stack: Vec<u32> = Vec::new();
        for root in 0..self.kinds.len() {
            stack.push(root as u32);
            while let Some(&top) = stack.last() {
                let cell = top as usize;
                match self.state[cell] {
                    State::New => {
                        self.state[cell] = State::Open;
                        self.push_dependencies(cell, &mut stack)?;
                    }
                    State::Open => {
                        self.evaluate(cell)?;
                        self.state[cell] = State::Done;
                        stack.pop();
                    }
                    State::Done => {
                        stack.pop();
                    }
                }
            }
        }
        Ok(())
    }

    /// Pushes the cells that must be evaluated before `cell`.
    fn push_dependencies(&self, cell: usize, stack: &mut Vec<u32>) -> Result<(), ReadError> {
        let kind = self.kinds[cell];
        for (pin, bits) in self.module.pins(self.cell(cell)) {
            if !kind.passes(pin) {
                continue;
            }
            for id in bits.iter().filter_map(|bit| bit.net()) {
                if self.lit[id as usize] != UNSET {
                    continue;
                }
                if let Driver::Cell(driver) = self.drivers.of(id) {
                    match self.state[driver as usize] {
                        State::New => stack.push(driver),
                        State::Open => return Err(self.combinational_loop(id, driver, stack)),
                        State::Done => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn combinational_loop(&self, id: u32, driver: u32, stack: &[u32]) -> ReadError {
        let open = stack.iter().filter(|&&c| self.state[c as usize] == State::Open);
        let on_loop: Vec<u32> = open.copied().skip_while(|&c| c != driver).collect();
        let name = |&c: &u32| plain(&self.module.cells.0[c as usize].0).to_owned();
        let mut shown: Vec<String> = on_loop.iter().take(4).map(name).collect();
        if on_loop.len() > shown.len() {
            shown.push(format!("{} more", on_loop.len() - shown.len()));
        }
        ReadError::new(
            self.names.show(id),
            format!("combinational loop through {}", shown.join(", ")),
            "break the loop with a register, or cut a net on it",
        )
    }

    fn evaluate(&mut self, cell: usize) -> Result<(), ReadError> {
        let out = match self.kinds[cell] {
            Kind::Gate(gate) => {
                let mut inputs = [Lit::FALSE; 20];
                let pins = gate.inputs();
                for (slot, &pin) in inputs.iter_mut().zip(pins) {
                    let &[bit] = self.pin(cell, pin) else {
                        let what = format!("pin {} is not one bit", pin.name());
                        return Err(self.bad_cell(cell, &what));
                    };
                    *slot = self.read_pin_bit(cell, bit);
                }
                let y = self.pin(cell, Pin::Y);
                if y.len() > 1 {
                    return Err(self.bad_cell(cell, "pin Y is not one bit"));
                }
                if let Some(id) = y.first().and_then(|bit| bit.net()) {
                    let out = gate.output(&mut self.netlist.aig, &inputs[..pins.len()]);
                    self.define(id, out);
                }
                return self.check_size();
            }
            Kind::Word(word) => {
                let (a, b, s) = [Pin::A, Pin::B, Pin::S].map(|pin| self.read_pin(cell, pin)).into();
                let parameters = &self.cell(cell).parameters;
                let set =
                    |name: &str| parameters.find(name).is_some_and(super::json::Value::is_set);
                let offset = parameters.find("OFFSET").and_then(super::json::Value::number);
                let ops = Operands {
                    a,
                    b,
                    s,
                    a_signed: set("A_SIGNED"),
                    b_signed: set("B_SIGNED"),
                    offset: offset.and_then(|o| usize::try_from(o).ok()).unwrap_or(0),
                    width: self.pin(cell, Pin::Y).len(),
                };
                words::output(&mut self.netlist.aig, word, &ops)
                    .map_err(|what| self.bad_cell(cell, &what))?
            }
            Kind::Flop(_) => {
                self.evaluate_flop(cell);
                return self.check_size();
            }
            _ => return Ok(()),
        };
        for (bit, lit) in self.pin(cell, Pin::Y).iter().zip(out) {
            if let Some(id) = bit.net() {
                self.define(id, lit);
            }
        }
        self.check_size()
    }

    fn check_size(&self) -> Result<(), ReadError> {
        if self.netlist.aig.len() <= MAX_NODES {
            return Ok(());
        }
        Err(ReadError::new(
            "netlist",
            format!("needs more than {MAX_NODES} graph nodes"),
            "split the design",
        ))
    }
}
