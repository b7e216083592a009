//! Netlists as transition systems: dense-id and-inverter graphs, readers for Yosys JSON and AIGER,
//! and bit-parallel simulation. Part of the trusted base.

pub mod aig;
pub mod aiger;
pub mod design;
pub mod near;
pub mod sim;
pub mod ternary;
pub mod yosys;

pub use aig::{Aig, Lit, Node};
pub use aiger::{read_aiger, write_aag, write_aig};
pub use design::{
    Cut, Direction, Leaf, Net, Netlist, Port, PortBit, PowerUp, ReadError, Register, Unsupported,
};
pub use near::near_names;
pub use sim::{SeqSim, Simulator};
pub use ternary::{Ternary, Trits};
pub use yosys::{ReadOptions, read_yosys_json};
