//! The model: a netlist under a contract, as the transition system all obligations speak about.
//!
//! State bits, in this order: registers; constant inputs (straps: free at power-up, held for ever);
//! identity bits of kind `fuse` (likewise); declassification windows (down counters); service
//! trackers; function trackers. Inputs, in this order: port bits in port order without clock, reset and constants;
//! undriven bits; identity bits of kind `sensor`; one `pick` bit per service and per function.
//!
//! Reset: power-up state arbitrary (or as declared), reset asserted for the contract's number of
//! cycles with all other inputs free, inactive ever after. *Init* is every state at the end of that
//! sequence in which the assumptions that speak of constants alone hold. `assume` binds every cycle
//! after reset.
//!
//! Tracker of a service: `pick` chooses the start that counts (the owner's privilege, hence an owner
//! input); `pending` and the tag remember it; the transaction completes in a later cycle in which
//! `done` holds with the same tag. Trackers and windows are 0 while reset is active.

use crate::build::Builder;
use crate::contract::{Contract, Expr, Scope, SetList, compile_bool, compile_set};
use crate::product::Product;
use netlist::{Aig, Lit, Net, Netlist, Node};

/// Who drives an input bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The party who must stay in control.
    Owner,
    /// Anybody else, hostile.
    Remote,
    /// Physics and neighbours.
    Environment,
    /// A bit nothing drives: a fresh universal input.
    Undriven,
    /// A sensor identity: item number.
    Identity(u32),
    /// The choice of the start that counts: service number.
    Pick(u32),
}

impl Role {
    /// Whether the owner chooses this bit.
    pub fn is_owner(self) -> bool {
        matches!(self, Self::Owner | Self::Pick(_))
    }
}

/// What a state bit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StateKind {
    /// Index into the netlist's registers.
    Register(u32),
    /// A strap.
    Constant,
    /// A fuse bit of identity item number.
    Identity(u32),
    /// A bit of a declassification window counter.
    Window(u32),
    /// A bit of a service tracker.
    Tracker(u32),
}

/// One state bit.
#[derive(Clone, Debug)]
pub struct StateBit {
    /// Hierarchical name of its word.
    pub name: String,
    /// Bit within the word.
    pub bit: u32,
    /// Source position.
    pub src: Option<String>,
    /// What it is.
    pub kind: StateKind,
    /// Its leaf.
    pub lit: Lit,
    /// Its next value.
    pub next: Lit,
    /// Power-up value if not free.
    pub power_up: Option<bool>,
}

/// One input bit.
#[derive(Clone, Debug)]
pub struct InputBit {
    /// Port or net name.
    pub name: String,
    /// Bit within it.
    pub bit: u32,
    /// Who drives it.
    pub role: Role,
    /// Its leaf.
    pub lit: Lit,
}

/// A service with its tracker.
#[derive(Clone, Debug)]
pub struct ServiceModel {
    /// Name.
    pub name: String,
    /// Start condition in this cycle.
    pub start: Lit,
    /// Completion of the tracked transaction in this cycle.
    pub complete: Lit,
    /// State index of `pending`.
    pub pending: usize,
    /// State indices of all tracker bits (`pending` first).
    pub tracker: Vec<usize>,
    /// Input index of `pick`.
    pub pick: usize,
    /// Cycles within which service must be recoverable.
    pub within: u64,
}

/// An identity item.
#[derive(Clone, Debug)]
pub struct IdentityModel {
    /// Signal name.
    pub name: String,
    /// State indices (fuse) of its bits.
    pub state: Vec<usize>,
    /// Input indices (sensor) of its bits.
    pub inputs: Vec<usize>,
}

/// A declassification window.
#[derive(Clone, Debug)]
pub struct WindowModel {
    /// Opens when this holds; the cycle itself is inside.
    pub when: Lit,
    /// Whether the window is open in this cycle.
    pub open: Lit,
    /// Indices of observables excused while it is open.
    pub observables: Vec<usize>,
    /// Indices of identity items released.
    pub releases: Vec<usize>,
}

/// One observable output bit.
#[derive(Clone, Debug)]
pub struct Observable {
    /// Port.
    pub port: String,
    /// Bit.
    pub bit: u32,
    /// Value.
    pub lit: Lit,
}

/// A function whose results depend on operands and configuration only.
#[derive(Clone, Debug)]
pub struct FunctionModel {
    /// Name.
    pub name: String,
    /// A job starts in this cycle.
    pub start: Lit,
    /// A job ends in this cycle.
    pub done: Lit,
    /// This cycle does not count towards the latency.
    pub stall: Lit,
    /// No job is in flight in this cycle.
    pub quiet: Lit,
    /// Input indices of its operands, ascending.
    pub operands: Vec<usize>,
    /// Result bits.
    pub results: Vec<ResultModel>,
    /// State that results may depend on, in the contract's order.
    pub configuration: Vec<ConfigurationModel>,
    /// Becoming quiet, as a service; see [`Model::draining`].
    pub drained: ServiceModel,
}

/// One bit of a result.
#[derive(Clone, Debug)]
pub struct ResultModel {
    /// Port.
    pub port: String,
    /// Bit.
    pub bit: u32,
    /// Value.
    pub lit: Lit,
    /// It means something in this cycle.
    pub when: Lit,
}

/// An entry of a function's configuration.
#[derive(Clone, Debug)]
pub struct ConfigurationModel {
    /// Indices of those bits that are registers.
    pub state: Vec<usize>,
    /// Register or port, bit, and value of every bit.
    pub bits: Vec<(String, u32, Lit)>,
    /// They may change after a cycle in which this holds.
    pub writes: Lit,
}

/// What a leaf stands for in the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// State bit.
    State(u32),
    /// Input bit.
    Input(u32),
    /// The reset port.
    Reset,
    /// The clock port, or a port that nothing may read.
    Clock,
}

/// A netlist under a contract.
#[derive(Clone, Debug)]
pub struct Model {
    /// Top module.
    pub name: String,
    /// All logic.
    pub aig: Aig,
    /// What each leaf stands for, by leaf number.
    pub places: Vec<Place>,
    /// State bits.
    pub state: Vec<StateBit>,
    /// Input bits.
    pub inputs: Vec<InputBit>,
    /// Cycles of reset (0: none, Init is power-up).
    pub reset_cycles: u32,
    /// Value of the reset leaf while reset is active.
    pub reset_active: bool,
    /// Conjunction of the assumptions, and of "not off".
    pub assume: Lit,
    /// Those assumptions that speak of constants alone.
    pub assume_constants: Lit,
    /// What the environment grants while recovering.
    pub recovery_assume: Lit,
    /// Documented owner words, those of the listed recoveries included.
    pub documented: Lit,
    /// Services.
    pub services: Vec<ServiceModel>,
    /// Identity items.
    pub identities: Vec<IdentityModel>,
    /// Declassification windows.
    pub windows: Vec<WindowModel>,
    /// Functions.
    pub functions: Vec<FunctionModel>,
    /// Observable output bits.
    pub observables: Vec<Observable>,
    /// Named nets, sorted by name, if the contract asks for a hunt.
    pub nets: Vec<Net>,
    /// Constructs the reader could not model.
    pub unsupported: Vec<String>,
    /// It and the reference that the contract names, side by side.
    pub reference: Option<Box<Product>>,
    /// The contract it was made with.
    pub contract: Contract,
    /// Ports for expressions and reports: name, lowest declared bit number, bits (least significant
    /// first), declared upwards.
    pub ports: Vec<(String, u32, Vec<Lit>, bool)>,
}

/// A contract that does not fit the netlist, with place and remedy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("contract.{place}: {what}")]
pub struct ModelError {
    /// Key of the contract.
    pub place: String,
    /// What is wrong and what to do.
    pub what: String,
}

/// A model error from its parts.
pub(crate) fn wrong(place: impl Into<String>, what: impl ToString) -> ModelError {
    ModelError { place: place.into(), what: what.to_string() }
}

/// Ports as a scope for contract expressions.
pub struct PortScope<'a>(pub &'a [(String, u32, Vec<Lit>, bool)]);

impl Scope for PortScope<'_> {
    fn resolve(&self, name: &str) -> Option<Vec<Lit>> {
        self.0.iter().find(|p| p.0 == name).map(|p| p.2.clone())
    }
    fn offset(&self, name: &str) -> u32 {
        self.0.iter().find(|p| p.0 == name).map_or(0, |p| p.1)
    }
    fn upto(&self, name: &str) -> bool {
        self.0.iter().any(|p| p.0 == name && p.3)
    }
    fn all_names(&self) -> Vec<String> {
        self.0.iter().map(|p| p.0.clone()).collect()
    }
}

impl Model {
    /// Puts `netlist` under `contract`. The netlist must have been read with the contract's identity
    /// signals as cuts, in order.
    ///
    /// # Errors
    /// If a name or pattern of the contract does not fit the netlist.
    pub fn new(netlist: &Netlist, contract: &Contract) -> Result<Self, ModelError> {
        Builder::new(netlist, contract)?.build()
    }

    /// Index of a service by name.
    pub fn service(&self, name: &str) -> Option<usize> {
        self.services.iter().position(|s| s.name == name)
    }
    /// Index of an identity item by signal name.
    pub fn identity(&self, name: &str) -> Option<usize> {
        self.identities.iter().position(|s| s.name == name)
    }
    /// Compiles an expression over ports in this model (for engines; extends the graph).
    ///
    /// # Errors
    /// If the expression does not parse or names something unknown.
    pub fn compile(&mut self, text: &str) -> Result<Lit, ModelError> {
        let expr = Expr::parse(text).map_err(|e| wrong("expression", e))?;
        compile_bool(&mut self.aig, &PortScope(&self.ports), &expr)
            .map_err(|e| wrong("expression", e))
    }
    /// The input bits a `set` list drives, with their values.
    ///
    /// # Errors
    /// If the list does not parse or drives something that is not an owner input.
    pub fn assignments(&self, text: &str) -> Result<Vec<(usize, bool)>, ModelError> {
        let list = SetList::parse(text).map_err(|e| wrong("set", e))?;
        let driven = compile_set(&PortScope(&self.ports), &list).map_err(|e| wrong("set", e))?;
        let mut all = Vec::with_capacity(driven.len());
        for (lit, value) in driven {
            match self.place(lit.var()) {
                Some(Place::Input(i)) if self.inputs[i as usize].role == Role::Owner => {
                    all.push((i as usize, value));
                }
                _ => {
                    return Err(wrong(
                        "set",
                        format!("`{text}` drives something that is not the owner's"),
                    ));
                }
            }
        }
        Ok(all)
    }
    /// What variable `var` is, if a leaf.
    pub fn place(&self, var: u32) -> Option<Place> {
        match self.aig.node(var) {
            Node::Leaf(leaf) => self.places.get(leaf as usize).copied(),
            _ => None,
        }
    }
}
