//! What a run of the audit is told, and how it tells of its progress.

use evidence::{ArtifactKind, Verdict};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Solver steps per check unless told otherwise.
pub const DEFAULT_EFFORT: u64 = 2_000_000;

/// Options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Directory of the dossiers; none are written without one.
    pub out: Option<PathBuf>,
    /// This examination only.
    pub only: Option<ArtifactKind>,
    /// This check of a design only, by id.
    pub check: Option<&'static str>,
    /// Solver steps per check.
    pub effort: u64,
    /// Wall-clock limit per check.
    pub time_limit: Option<Duration>,
    /// Threads.
    pub jobs: usize,
    /// Audit again what has been audited.
    pub force: bool,
    /// Stops everything.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            out: None,
            only: None,
            check: None,
            effort: DEFAULT_EFFORT,
            time_limit: None,
            jobs: 1,
            force: false,
            interrupt: Arc::default(),
        }
    }
}

/// One check of one artifact of one case, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobName {
    /// Name of the case.
    pub case: String,
    /// Check id.
    pub check: &'static str,
    /// Service or identity.
    pub item: String,
}

/// Receives progress, from any thread.
pub trait Progress: Sync {
    /// So many checks will run.
    fn planned(&self, _checks: usize) {}
    /// A check begins.
    fn started(&self, _job: &JobName) {}
    /// A check has ended.
    fn finished(&self, _job: &JobName, _verdict: Verdict, _words: &str, _took: Duration) {}
    /// A case needs no work: its dossier is there already.
    fn resumed(&self, _case: &str) {}
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}
