//! Plans and runs a case: which checks apply, why the others do not, budgets, progress, resume.
//!
//! `audit` reads cases (`case`, `load`), runs every check that applies (`checks`, `pool`)
//! and writes a dossier per case (`pack`). Answers depend on inputs, options and effort alone:
//! never on the number of threads, the clock or the machine.

pub mod case;
pub mod checks;
pub mod compare;
mod decide;
pub mod elaborate;
pub mod error;
mod essential;
pub mod examination;
mod finding;
mod guide;
pub mod hunt;
mod hunted;
mod load;
pub mod options;
pub mod outcome;
mod pack;
mod pool;
mod reference;
mod replay;
pub mod request;
mod resume;
mod run;
mod simulate;
mod source;
mod view;
mod witness;

pub use attestation;
pub use error::InputError;
pub use hunted::hunt_case;
pub use load::read_file;
pub use options::{DEFAULT_EFFORT, JobName, Options, Progress, Silent};
pub use outcome::{CaseOutcome, Difference, Require, differences, exit_code};
pub use performance;
pub use replay::{Replay, replay};
pub use request::{Request, request};
pub use run::{AuditError, audit};
pub use source::Source;
