//! Verifying a dossier: everything that can be re-checked without an engine.
//!
//! Problem: the reader of a dossier trusts neither the vendor nor whoever wrote it. A signature tells
//! who speaks, not whether it is true, so a dossier that was altered *and signed again* must be
//! caught as far as its own contents allow.
//! Method, in this order, each a [`Step`] of the report:
//!
//! 1. `signatures`: who vouches for the statement.
//! 2. `statement`: one canonical form, its seal the digest of what it says, known schema and kernel, its
//!    subject the artifacts it lists.
//! 3. `files`: the directory holds exactly the files listed, each with its digest; no links.
//! 4. `finding`: canonical, named by its id, about a listed artifact, by a known check.
//! 5. `completeness`: each service and each identity of each contract has exactly one finding.
//! 6. `claims`: the table follows from the findings.
//! 7. `certificate`: the kernel derives the obligations again from netlist and contract and checks
//!    every proof; what a finding says is what its certificate says.
//! 8. `not re-checked here`: findings that only a replay derives again.
//!
//! A step fails, is fine, or is *unchecked*, which is said aloud and spoils nothing. Only a dossier
//! whose statement cannot be read at all is an error.
//! What it cannot see: whether the contract is the right one, whether the netlist is the chip, and
//! examinations that a dishonest author never ran and no contract demands.

mod certificates;
mod files;
mod findings;
#[cfg(test)]
mod kernel_tests;
#[cfg(test)]
mod tests;

pub use certificates::{Kernel, TrustedKernel};

use crate::ENVELOPE;
use crate::dsse::{Envelope, EnvelopeError, MAX_ENVELOPE};
use crate::sign::PublicKey;
use crate::statement::{
    Artifact, DOSSIER_SCHEMA, FileEntry, PREDICATE_TYPE, STATEMENT_TYPE, Statement,
};
use crate::tree::{self, TreeError};
use evidence::{Digest, canonical_json};
use proof::certificate::KERNEL_VERSION;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// What the verifier is told.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Keys whose signatures count; if there are any, one of them must have signed.
    pub trust: Vec<PublicKey>,
    /// Where artifacts lie that the dossier does not include; found by digest.
    pub artifacts: Option<PathBuf>,
}

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Re-checked and right.
    Ok,
    /// Not re-checked here; the message says why.
    Unchecked,
    /// Wrong.
    Failed,
}

/// One line of the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// What was checked (`files`, `certificate`).
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// What was found.
    pub message: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::Ok => "ok       ",
            Status::Unchecked => "unchecked",
            Status::Failed => "FAILED   ",
        };
        write!(f, "{status}  {}: {}", self.name, self.message)
    }
}

/// Name of the step that counts findings which only a replay derives again.
pub const NOT_DERIVED: &str = "not re-checked here";

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct VerifyReport {
    /// Everything that was checked, in order.
    pub steps: Vec<Step>,
    /// Certificates that the kernel accepted.
    pub certificates: usize,
    /// Obligations of these.
    pub obligations: usize,
    /// Findings that rest on a derivation, which only a replay repeats.
    pub derived: usize,
}

impl VerifyReport {
    /// Whether no step failed.
    pub fn is_sound(&self) -> bool {
        self.steps.iter().all(|s| s.status != Status::Failed)
    }
    /// Number of failed steps.
    pub fn failures(&self) -> usize {
        self.steps.iter().filter(|s| s.status == Status::Failed).count()
    }
    /// What was re-checked, in one sentence.
    pub fn summary(&self) -> String {
        let count = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        if !self.is_sound() {
            return format!("NOT SOUND: {} failed", count(self.failures(), "check"));
        }
        let mut text = format!(
            "sound: {}, {} re-checked",
            count(self.certificates, "certificate"),
            count(self.obligations, "obligation")
        );
        if self.derived > 0 {
            text += &format!("; {} not derived again", count(self.derived, "finding"));
        }
        text
    }
    fn push(&mut self, name: &str, status: Status, message: impl Into<String>) {
        self.steps.push(Step { name: name.to_owned(), status, message: message.into() });
    }
    fn ok(&mut self, name: &str, message: impl Into<String>) {
        self.push(name, Status::Ok, message);
    }
    fn fail(&mut self, name: &str, message: impl Into<String>) {
        self.push(name, Status::Failed, message);
    }
}

/// A dossier that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VerifyError {
    /// No envelope, or the directory cannot be walked.
    #[error("{0}")]
    Unreadable(#[from] TreeError),
    /// The envelope is none.
    #[error("{ENVELOPE}: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The payload is no statement.
    #[error("{ENVELOPE}: the payload is not a dossier statement: {0}")]
    Statement(String),
}

/// Verifies the dossier in `dir` with the trusted kernel.
///
/// # Errors
/// If there is no dossier that could be verified.
pub fn verify(dir: &Path, options: &VerifyOptions) -> Result<VerifyReport, VerifyError> {
    verify_with(dir, options, &TrustedKernel)
}

/// [`verify`] with another kernel; tests use one that knows what it will be asked.
///
/// # Errors
/// As [`verify`].
pub fn verify_with<K: Kernel>(
    dir: &Path,
    options: &VerifyOptions,
    kernel: &K,
) -> Result<VerifyReport, VerifyError> {
    let bytes = tree::read(dir, ENVELOPE, MAX_ENVELOPE)?;
    let (envelope, payload) = Envelope::parse(&bytes)?;
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(|e| VerifyError::Statement(e.to_string()))?;
    let mut report = VerifyReport::default();
    signatures(&envelope, &payload, &options.trust, &mut report);
    heading(&statement, &payload, &mut report);
    let dossier = Dossier::new(dir, &statement);
    files::check(&dossier, &mut report)?;
    let contracts = findings::contracts(&dossier, &mut report);
    let found = findings::check(&dossier, &mut report);
    findings::completeness(&dossier, &contracts, &found, &mut report);
    findings::claims(&dossier, &found, &mut report);
    certificates::check(&dossier, options, &contracts, &found, kernel, &mut report);
    Ok(report)
}

/// A dossier's directory with what the statement says of it.
struct Dossier<'a> {
    dir: &'a Path,
    statement: &'a Statement,
    listed: BTreeMap<&'a str, &'a FileEntry>,
    artifacts: BTreeMap<Digest, &'a Artifact>,
}

impl<'a> Dossier<'a> {
    fn new(dir: &'a Path, statement: &'a Statement) -> Self {
        let p = &statement.predicate;
        let listed = p.files.iter().map(|f| (f.path.as_str(), f)).collect();
        let artifacts = p.artifacts.iter().map(|a| (a.digest, a)).collect();
        Self { dir, statement, listed, artifacts }
    }

    /// Reads a listed file whole; its digest is checked again on the bytes that are used.
    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, String> {
        let entry =
            self.listed.get(path).ok_or_else(|| format!("{path}: is not in the dossier"))?;
        let bytes = tree::read(self.dir, path, most).map_err(|e| e.to_string())?;
        if Digest::of(&bytes) != entry.sha256 {
            return Err(format!("{path}: its digest is not the one listed"));
        }
        Ok(bytes)
    }

    /// Listed paths below `prefix`, without the prefix.
    fn below(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.listed.keys().filter_map(move |path| Some((*path, path.strip_prefix(prefix)?)))
    }
}

fn signatures(envelope: &Envelope, payload: &[u8], trust: &[PublicKey], report: &mut VerifyReport) {
    const NAME: &str = "signatures";
    let mut trusted = 0;
    for signature in &envelope.signatures {
        let id = &signature.keyid;
        match trust.iter().find(|key| key.id == *id) {
            None => report.push(NAME, Status::Unchecked, format!("key {id} is not trusted")),
            Some(key) if key.accepts(signature, payload) => {
                trusted += 1;
                report.ok(NAME, format!("signed by key {id}"));
            }
            Some(_) => report.fail(NAME, format!("the signature of key {id} is wrong")),
        }
    }
    if trusted == 0 && !trust.is_empty() {
        report.fail(NAME, "none of the trusted keys has signed");
    } else if envelope.signatures.is_empty() {
        report.push(NAME, Status::Unchecked, "none; authorship is unchecked");
    }
}

fn heading(statement: &Statement, payload: &[u8], report: &mut VerifyReport) {
    const NAME: &str = "statement";
    let before = report.steps.len();
    let mut demand = |holds: bool, message: String| {
        if !holds {
            report.fail(NAME, message);
        }
    };
    let p = &statement.predicate;
    demand(
        canonical_json(statement).is_ok_and(|text| text == payload),
        "the payload is not in canonical form (RFC 8785)".into(),
    );
    for (is, must) in [
        (&statement.kind, STATEMENT_TYPE),
        (&statement.predicate_type, PREDICATE_TYPE),
        (&p.schema, DOSSIER_SCHEMA),
    ] {
        demand(is == must, format!("`{is}` stands where `{must}` must"));
    }
    demand(
        p.seal.is_some() && statement.seal().ok() == p.seal,
        "its seal is not the digest of what it says: it was altered after it was written".into(),
    );
    demand(
        p.kernel == KERNEL_VERSION,
        format!("made for kernel {}; this is kernel {KERNEL_VERSION}", p.kernel),
    );
    demand(
        statement.subject.iter().cloned().eq(p.artifacts.iter().map(Artifact::descriptor)),
        "its subject is not the list of artifacts".into(),
    );
    let mut seen = BTreeSet::new();
    for artifact in &p.artifacts {
        let name = &artifact.name;
        demand(tree::is_file_name(name), format!("artifact name `{name}` is not a file name"));
        let once = seen.insert(artifact.digest);
        demand(once, format!("artifact {} is listed twice", artifact.digest));
    }
    if report.steps.len() == before {
        let s = &p.subject;
        let text = format!("{} {} {}, written by {}", s.vendor, s.model, s.version, p.tool);
        report.ok(NAME, text);
    }
}
