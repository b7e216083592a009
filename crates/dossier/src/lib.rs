//! Dossiers: the signed, re-verifiable result of auditing a case.
//!
//! A dossier is a directory. `dossier.dsse.json` is a signature envelope ([`dsse`]) around an in-toto
//! statement ([`statement`]) that lists the SHA-256 of every other file, so a signature covers all of
//! it. `pack` writes one, `sign` adds signatures, `verify` re-checks everything that can be
//! re-checked without an engine, and trusts nothing that it reads. Part of the trusted base.
//!
//! | path | content |
//! |---|---|
//! | `dossier.dsse.json` | the envelope |
//! | `findings/ID.json` | canonical JSON of a finding, named by its id |
//! | `certificates/DIGEST.json` | canonical JSON of a certificate, named by its digest |
//! | `certificates/lrat/DIGEST.lrat.zst` | an LRAT proof, named by its digest when uncompressed |
//! | `certificates/obligations/DIGEST.aag.zst`, `.cnf.zst` | an obligation, named by its CNF |
//! | `artifacts/DIGEST.contract.json` | the contract of the artifact DIGEST, canonical JSON |
//! | `artifacts/DIGEST/NAME` | the artifact itself, where it is included |
//! | `witnesses/…`, `report.html`, `VERIFY.md` | for people and simulators |

pub mod claims;
pub mod dsse;
pub mod pack;
#[cfg(test)]
mod sample;
pub mod sign;
pub mod statement;
pub mod tree;
pub mod verify;

pub use claims::{ClaimEntry, claims_table};
pub use dsse::{Envelope, Signature, pae};
pub use pack::{DossierWriter, Header, PackError};
pub use sign::{PublicKey, SignError, keygen, sign};
pub use statement::{Accelerator, Artifact, FileEntry, Predicate, Statement};
pub use verify::{
    Kernel, NOT_DERIVED, Status, Step, TrustedKernel, VerifyError, VerifyOptions, VerifyReport,
    verify, verify_with,
};

/// The envelope's file name.
pub const ENVELOPE: &str = "dossier.dsse.json";
