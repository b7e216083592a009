//! The attestation examination: is a device genuine, and does it run what its vendor published?
//!
//! Offline, from what an auditor holds: SPDM measurement reports, certificate chains, signed reference manifests, archived
//! revocation data, third-party audits. [`examine()`] is a pure function of files and settings: no clock, no file system,
//! no network; so `verify --replay` computes the same findings again.

pub mod audit_report;
mod bytes;
pub mod canonical;
pub mod certificate;
pub mod chain;
pub mod collection;
mod commands;
pub mod compare;
pub mod examine;
pub mod export;
mod findings;
pub mod fleet;
pub mod judge;
mod ledger;
pub mod library;
pub mod line;
pub mod opaque;
pub mod product;
mod references;
pub mod revocation;
pub mod rim;
pub mod roots;
pub mod settings;
pub mod signature;
pub mod spdm;
pub mod time;

pub use examine::{Examined, examine};
pub use fleet::Fleet;
pub use settings::Settings;
