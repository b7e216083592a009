//! The trusted kernel: what a hostile party must read.
//!
//! From a netlist and a contract the kernel builds a [`model`]; from model and check it derives the
//! complete list of obligations itself. A certificate supplies only invariants, stages, ranks, sets
//! and traces ([`certificate`]); each obligation is one CNF ([`cnf`]) whose LRAT proof is checked by
//! unit propagation alone ([`lrat`]); witnesses are replayed ([`replay`]). No engine lives here.

mod build;
pub mod certificate;
pub mod circuit;
pub mod closed;
pub mod cnf;
pub mod contract;
pub mod equivalence;
pub mod frames;
pub mod function;
pub mod histories;
pub mod hunted;
pub mod kernel;
pub mod load;
pub mod lrat;
pub mod model;
pub mod obligation;
pub mod product;
pub mod recovery;
pub mod relation;
pub mod replay;

pub use circuit::{Circuit, Var};
pub use frames::Frames;
pub use kernel::{Checked, ProofSource, check, derive};
pub use load::{LoadError, contract_digest, load_compared, load_model, read_netlist};
pub use model::{Model, ModelError, Role, StateKind};
pub use obligation::{KernelError, Obligation};
pub use product::Product;
