//! What tests share: tiny designs, generators, golden harness.
//!
//! Nothing that ships depends on this crate, so it may depend on anything. The tests under `tests/`
//! are about the workspace as a whole: who may depend on whom, and how long the trusted base is.

pub mod attestation;
pub mod implant;
pub mod micro;
pub mod oracle;
