//! The vocabulary every other crate speaks: artifact, locator, claim, check, finding, verdict.
//!
//! Words and meanings are those of the design document, section 2. Nothing here knows how a file is
//! read, a proof is found or a report is drawn.

pub mod digest;
pub mod event;
pub mod explain;
pub mod finding;
pub mod supplied;
pub mod verdict;

pub use digest::Digest;
pub use event::Event;
pub use explain::{CHECKS, CheckPage, check_page};
pub use finding::{
    ArtifactKind, Finding, FindingDraft, Locator, ObjectRef, Provenance, canonical_json,
};
pub use supplied::{Fault, Supplied};
pub use verdict::{Claim, ClaimVerdict, Reason, Verdict, combine};
