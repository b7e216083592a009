//! Micro designs: a handful of registers under a contract, as data of their own.
//!
//! Problem: the verdicts of the engines are to be compared with a search that shares nothing with
//! them; so the designs must exist in a form that is not theirs.
//! Method: a [`Micro`] is a list of gates in topological order, registers, ports and the parts of a
//! contract, each condition both as text (for the contract's own reader) and as a wire (for the
//! oracle). [`grow`] draws one from a seed; [`Micro::netlist`] and [`Micro::contract`] hand it to
//! the product.
//! Cost: none to speak of.
//! What it cannot see: anything a netlist reader does; those have tests of their own.

mod core;
mod draft;
mod export;
mod features;
mod grow;
mod identity;
mod yosys;

pub use grow::{Planted, grow};

/// Index of a gate.
pub type Wire = u32;

/// One gate; operands come earlier in the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Constant 0.
    False,
    /// 1 while the reset is active.
    Reset,
    /// A register by index.
    Register(u32),
    /// An input bit by index.
    Input(u32),
    /// A bit of an identity item: item, bit.
    Identity(u32, u32),
    /// Complement.
    Not(Wire),
    /// Conjunction.
    And(Wire, Wire),
    /// Disjunction.
    Or(Wire, Wire),
    /// Difference.
    Xor(Wire, Wire),
    /// Second operand if the first is 1, else the third.
    Mux(Wire, Wire, Wire),
}

/// Who drives an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The party who must stay in control.
    Owner,
    /// Anybody else, named so.
    Remote,
    /// Anybody else, for want of a role.
    Unnamed,
    /// Physics and neighbours.
    Environment,
    /// Free, but fixed during a run.
    Constant,
    /// Nobody: an undriven net, one bit wide.
    Undriven,
}

/// An input port, or an undriven net.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name.
    pub name: String,
    /// Who drives it.
    pub role: Role,
    /// Index of its least significant bit among all input bits.
    pub first: u32,
    /// Number of bits.
    pub width: u32,
}

/// An output port.
#[derive(Clone, Debug)]
pub struct Output {
    /// Name.
    pub name: String,
    /// Least significant first.
    pub wires: Vec<Wire>,
    /// Declared not observable.
    pub hidden: bool,
}

/// A one-bit register.
#[derive(Clone, Debug)]
pub struct Register {
    /// Name of its word.
    pub name: String,
    /// Bit within the word.
    pub bit: u32,
    /// Value loaded at the clock edge.
    pub next: Wire,
    /// Value at power-up where power-up values count.
    pub power_up: Option<bool>,
}

/// A condition over ports.
#[derive(Clone, Debug)]
pub struct Condition {
    /// As the contract says it.
    pub text: String,
    /// Its value.
    pub wire: Wire,
}

/// A word over ports.
#[derive(Clone, Debug)]
pub struct Word {
    /// As the contract says it.
    pub text: String,
    /// Its bits, least significant first.
    pub wires: Vec<Wire>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Name.
    pub name: String,
    /// Start condition; always if absent.
    pub start: Option<Condition>,
    /// Completion condition.
    pub done: Condition,
    /// Words that must agree between start and completion.
    pub tag: Option<[Word; 2]>,
    /// Cycles granted.
    pub within: u64,
}

/// An identity item.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Name of the port or register word that is cut.
    pub name: String,
    /// Bits.
    pub width: u32,
    /// May change in each cycle.
    pub sensor: bool,
    /// An input port rather than a register.
    pub port: bool,
}

/// A declassification window.
#[derive(Clone, Debug)]
pub struct Window {
    /// Opens it.
    pub when: Condition,
    /// Cycles after the opening one.
    pub length: u32,
    /// Output ports excused.
    pub outputs: Vec<usize>,
    /// Identity items released.
    pub releases: Vec<usize>,
}

/// A listed recovery of words held for one cycle each.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Name.
    pub name: String,
    /// Assignments as text, and whether the inputs are so.
    pub steps: Vec<Condition>,
}

/// The reset sequence.
#[derive(Clone, Copy, Debug)]
pub struct Reset {
    /// Active high.
    pub high: bool,
    /// Cycles.
    pub cycles: u32,
}

/// A micro design under a contract.
#[derive(Clone, Debug, Default)]
pub struct Micro {
    /// What it was grown from.
    pub seed: u64,
    /// The implants and other features that went in.
    pub features: Vec<&'static str>,
    /// All gates.
    pub gates: Vec<Gate>,
    /// Registers.
    pub registers: Vec<Register>,
    /// Inputs, identity ports apart.
    pub inputs: Vec<Input>,
    /// Outputs.
    pub outputs: Vec<Output>,
    /// Reset; without it the power-up values count.
    pub reset: Option<Reset>,
    /// The contract says `power_up = "declared"` although there is a reset.
    pub declared: bool,
    /// What always holds.
    pub assume: Vec<Condition>,
    /// What is granted during recovery.
    pub recovery_assume: Vec<Condition>,
    /// The owner words the manual names.
    pub documented: Vec<Condition>,
    /// Listed recoveries.
    pub recoveries: Vec<Listed>,
    /// Permanent off.
    pub off: Option<Condition>,
    /// Services.
    pub services: Vec<Service>,
    /// Identity items.
    pub identities: Vec<Identity>,
    /// Declassification windows.
    pub windows: Vec<Window>,
}

impl Micro {
    /// Number of input bits.
    pub fn input_bits(&self) -> u32 {
        self.inputs.iter().map(|i| i.width).sum()
    }
    /// Role of each input bit.
    pub fn roles(&self) -> Vec<Role> {
        self.inputs.iter().flat_map(|i| (0..i.width).map(|_| i.role)).collect()
    }
}
