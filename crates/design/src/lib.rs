//! The design examination: can the part be disabled from outside, does it show its identity, do its
//! results depend on anything undeclared?
//!
//! Engines here are untrusted. A check returns an [`Answer`]; [`seal`] turns a decided answer into a
//! certificate by having the kernel derive the obligations and the solver refute each one with an
//! LRAT proof. An answer whose obligations do not hold becomes `undetermined(contradiction)`.

mod answer;
pub mod compare;
pub mod hidden_trigger;
pub mod hints;
pub mod hunt;
pub mod identity_leak;
mod legal;
mod ports;
pub mod remote_disable;
mod seal;
pub mod slice;
mod violated;

pub use answer::{Answer, Settings, Undecided};
pub use seal::{Emitted, Sealed, Subject, seal};
