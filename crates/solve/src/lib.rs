//! Engines: they search, the kernel judges.
//!
//! Nothing here is trusted. An engine answers in the kernel's terms — a proof the LRAT checker
//! reads, a model that makes the literal true, a trace that replays, an invariant whose obligations
//! can be derived and proved — or says that its budget is used up. [`sat`] is the solver all
//! others stand on, [`certify`] decides one obligation with a proof, [`bmc`] searches runs from
//! power-up, [`mod@ic3`] searches runs and invariants at once.
//!
//! Deterministic: an answer depends on model, options and effort alone, never on the clock or on
//! the order in which a hash map happens to be walked. The only exception is an interrupt, and
//! that turns an answer into `Unknown` and nothing else.

pub mod bmc;
pub mod budget;
pub mod certify;
pub mod ic3;
pub mod sat;
mod start;
mod trim;

pub use bmc::{Reached, cover, reach};
pub use budget::{Budget, Reason};
pub use certify::{Answer, Proof, decide};
pub use ic3::{Ic3Answer, ic3};
pub use sat::{AigSolver, Outcome, evaluate};
pub use start::{Clause, Cube};
