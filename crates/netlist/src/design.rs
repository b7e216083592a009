//! The netlist as read: ports, registers and named nets over one and-inverter graph.
//!
//! Every reader produces a [`Netlist`]; every examination of a design starts from one. Words are
//! least significant bit first. Registers are modelled at clock granularity: in each cycle all of
//! them load `next` at once. Undriven and `x` bits are leaves of their own: fresh universal inputs,
//! never 0.

use crate::aig::{Aig, Lit};

/// Direction of a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Driven by the surroundings.
    Input,
    /// Driven by the design.
    Output,
}

/// A port of the top module.
#[derive(Clone, Debug)]
pub struct Port {
    /// Name in the source.
    pub name: String,
    /// Direction; bidirectional ports are refused by the readers.
    pub direction: Direction,
    /// Lowest declared index (`[7:4]` has offset 4).
    pub offset: u32,
    /// Declared in rising order (`[0:7]`): the least significant bit has the highest index.
    pub upto: bool,
    /// Bits, least significant first.
    pub bits: Vec<Lit>,
}

/// One bit of an input port.
#[derive(Clone, Debug)]
pub struct PortBit {
    /// Index into [`Netlist::ports`].
    pub port: u32,
    /// Bit within the port, 0 is the least significant.
    pub bit: u32,
    /// Its leaf.
    pub lit: Lit,
}

/// Value of a register when power comes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PowerUp {
    /// Declared 0.
    Zero,
    /// Declared 1.
    One,
    /// Anything.
    Free,
}

/// A one-bit register.
#[derive(Clone, Debug)]
pub struct Register {
    /// Hierarchical name of the word it belongs to (`u_power.enable`).
    pub name: String,
    /// Bit within that word as declared (offset applied); 0 for scalars.
    pub bit: u32,
    /// Source position (`npu4_power.sv:88`), if the netlist has one.
    pub src: Option<String>,
    /// Leaf that carries the register's value.
    pub out: Lit,
    /// Value loaded at the next clock edge.
    pub next: Lit,
    /// Declared power-up value.
    pub power_up: PowerUp,
}

/// A named net, least significant bit first.
#[derive(Clone, Debug)]
pub struct Net {
    /// Hierarchical name.
    pub name: String,
    /// Lowest declared index.
    pub offset: u32,
    /// Declared in rising order (`[0:7]`): the least significant bit has the highest index.
    pub upto: bool,
    /// Bits.
    pub bits: Vec<Lit>,
    /// Source position, if known.
    pub src: Option<String>,
}

/// A net cut free while reading (an identity signal): its readers see leaves of its own.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Name as asked for.
    pub name: String,
    /// The leaves the readers see, least significant first.
    pub bits: Vec<Lit>,
    /// What drove the bits before the cut (a leaf of kind undriven for a bare fuse).
    pub driver: Vec<Lit>,
    /// Source position, if known.
    pub src: Option<String>,
}

/// What a leaf of the graph stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaf {
    /// Index into [`Netlist::inputs`].
    Input(u32),
    /// Index into [`Netlist::registers`].
    Register(u32),
    /// Index into [`Netlist::undriven`].
    Undriven(u32),
    /// Cut number and bit.
    Cut(u32, u32),
}

/// A construct that was read but cannot be modelled exactly; checks answer
/// `undetermined(unsupported)` and name it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unsupported {
    /// What it is (`latch`, `second clock domain`, `memory of 1048576 bits`).
    pub what: String,
    /// Where: cell or net name with source position.
    pub place: String,
}

/// A design as read.
#[derive(Clone, Debug, Default)]
pub struct Netlist {
    /// Name of the top module.
    pub name: String,
    /// All logic.
    pub aig: Aig,
    /// What each leaf stands for, by leaf number.
    pub leaves: Vec<Leaf>,
    /// Ports in declaration order.
    pub ports: Vec<Port>,
    /// Bits of the input ports, in port order.
    pub inputs: Vec<PortBit>,
    /// Registers, in a deterministic order.
    pub registers: Vec<Register>,
    /// Named nets, sorted by name; ports included.
    pub nets: Vec<Net>,
    /// Nets cut free, in the order asked for.
    pub cuts: Vec<Cut>,
    /// Bits that nothing drives: net name, bit and leaf.
    pub undriven: Vec<(String, u32, Lit)>,
    /// Input ports used as clocks, with the number of registers each drives.
    pub clocks: Vec<(String, usize)>,
    /// What could not be modelled.
    pub unsupported: Vec<Unsupported>,
    /// Assumptions made while reading, for the scope of every verdict.
    pub notes: Vec<String>,
}

impl Netlist {
    /// The port of that name.
    pub fn port(&self, name: &str) -> Option<&Port> {
        self.ports.iter().find(|p| p.name == name)
    }
    /// The net of that name.
    pub fn net(&self, name: &str) -> Option<&Net> {
        self.nets.binary_search_by(|n| n.name.as_str().cmp(name)).ok().map(|i| &self.nets[i])
    }
    /// A fresh leaf standing for `what`.
    pub fn add_leaf(&mut self, what: Leaf) -> Lit {
        self.leaves.push(what);
        self.aig.leaf()
    }
    /// Adds an input port of `width` bits and returns its leaves.
    pub fn add_input(&mut self, name: &str, width: u32) -> Vec<Lit> {
        let port = self.ports.len() as u32;
        let bits: Vec<Lit> = (0..width)
            .map(|bit| {
                let lit = self.add_leaf(Leaf::Input(self.inputs.len() as u32));
                self.inputs.push(PortBit { port, bit, lit });
                lit
            })
            .collect();
        self.ports.push(Port {
            name: name.to_owned(),
            direction: Direction::Input,
            offset: 0,
            upto: false,
            bits: bits.clone(),
        });
        bits
    }
    /// Adds an output port.
    pub fn add_output(&mut self, name: &str, bits: Vec<Lit>) {
        self.ports.push(Port {
            name: name.to_owned(),
            direction: Direction::Output,
            offset: 0,
            upto: false,
            bits,
        });
    }
    /// Adds a register whose `next` is set later through [`Netlist::registers`].
    pub fn add_register(&mut self, name: &str, bit: u32, power_up: PowerUp) -> Lit {
        let out = self.add_leaf(Leaf::Register(self.registers.len() as u32));
        self.registers.push(Register {
            name: name.to_owned(),
            bit,
            src: None,
            out,
            next: out,
            power_up,
        });
        out
    }
    /// Cuts input ports and register words free by name, for formats whose names stand on leaves
    /// (AIGER). A register keeps its next-state function under a fresh leaf that nothing reads.
    ///
    /// # Errors
    /// If a name is neither an input port nor a register word.
    pub fn cut_leaves(&mut self, names: &[String]) -> Result<(), ReadError> {
        for (number, name) in names.iter().enumerate() {
            let mut bits: Vec<Lit> = self
                .ports
                .iter()
                .filter(|p| p.name == *name && p.direction == Direction::Input)
                .flat_map(|p| p.bits.iter().copied())
                .collect();
            let mut driver = bits.clone();
            if bits.is_empty() {
                let mut word: Vec<usize> = (0..self.registers.len())
                    .filter(|&i| self.registers[i].name == *name)
                    .collect();
                word.sort_by_key(|&i| self.registers[i].bit);
                for index in word {
                    bits.push(self.registers[index].out);
                    let fresh = self.add_leaf(Leaf::Register(index as u32));
                    self.registers[index].out = fresh;
                    driver.push(fresh);
                }
            }
            if bits.is_empty() {
                let known: Vec<&str> = self
                    .ports
                    .iter()
                    .map(|p| p.name.as_str())
                    .chain(self.registers.iter().map(|r| r.name.as_str()))
                    .collect();
                let near = crate::near::near_names(name, known);
                return Err(ReadError::new(
                    format!("identity `{name}`"),
                    "there is no input or latch of that name",
                    if near.is_empty() {
                        "name one from the symbol table".to_owned()
                    } else {
                        format!("did you mean `{}`?", near.join("`, `"))
                    },
                ));
            }
            for (bit, lit) in bits.iter().enumerate() {
                if let crate::aig::Node::Leaf(leaf) = self.aig.node(lit.var()) {
                    self.leaves[leaf as usize] = Leaf::Cut(number as u32, bit as u32);
                }
            }
            self.cuts.push(Cut { name: name.clone(), bits, driver, src: None });
        }
        Ok(())
    }
    /// Sorts the named nets; readers and builders call it once at the end.
    pub fn finish(&mut self) {
        self.nets.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

/// Why a file could not be read as a netlist.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {what}; {remedy}")]
pub struct ReadError {
    /// Line, byte offset, module or cell.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl ReadError {
    /// A read error from its three parts.
    pub fn new(
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), what: what.into(), remedy: remedy.into() }
    }
}
