//! What a report is drawn from: the contents of one dossier, in memory or read back.
//!
//! Reading is bounded by the dossier's own limits and follows the statement's list; nothing is
//! believed because it is there, and nothing is re-checked here either: `probity verify` does that.

use crate::witness::Witness;
use dossier::tree::{self, MAX_JSON};
use dossier::{ENVELOPE, Envelope, Predicate, Statement};
use evidence::{Digest, Finding};
use proof::certificate::{Certificate, Discharged};
use std::collections::BTreeMap;
use std::path::Path;

/// A dossier that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{path}: {what}; `probity verify` says more")]
pub struct ReadError {
    /// File of the dossier.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// The contents of one dossier, as far as a report shows them.
#[derive(Clone, PartialEq, Debug)]
pub struct Document {
    /// Name of the case, or of the dossier's directory.
    pub name: String,
    /// The statement's predicate: subject, artifacts, claims.
    pub predicate: Predicate,
    /// Ids of the keys that signed; none while it is being written.
    pub signers: Vec<String>,
    /// Findings by check, item and artifact.
    pub findings: Vec<Finding>,
    /// Witnesses by finding.
    pub witnesses: BTreeMap<Digest, Witness>,
    /// Obligations by finding.
    pub obligations: BTreeMap<Digest, Vec<Discharged>>,
}

impl Document {
    /// Reads a dossier.
    ///
    /// # Errors
    /// If a file that the report needs cannot be read.
    pub fn read(dir: &Path) -> Result<Self, ReadError> {
        let wrong = |path: &str, what: String| ReadError { path: path.to_owned(), what };
        let bytes = tree::read(dir, ENVELOPE, dossier::dsse::MAX_ENVELOPE)
            .map_err(|e| wrong(&dir.display().to_string(), e.to_string()))?;
        let (envelope, payload) =
            Envelope::parse(&bytes).map_err(|e| wrong(ENVELOPE, e.to_string()))?;
        let statement: Statement =
            serde_json::from_slice(&payload).map_err(|e| wrong(ENVELOPE, e.to_string()))?;
        let mut document = Self {
            name: dir.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
            predicate: statement.predicate,
            signers: envelope.signatures.iter().map(|s| s.keyid.clone()).collect(),
            findings: Vec::new(),
            witnesses: BTreeMap::new(),
            obligations: BTreeMap::new(),
        };
        for file in &document.predicate.files {
            if file.path.starts_with("findings/") {
                document.findings.push(json(dir, &file.path)?);
            }
        }
        sort(&mut document.findings);
        for finding in &document.findings {
            if let Some(object) = &finding.body.witness {
                document.witnesses.insert(finding.id, json(dir, &object.path)?);
            }
            if let Some(object) = &finding.body.certificate {
                let certificate: Certificate = json(dir, &object.path)?;
                document.obligations.insert(finding.id, certificate.obligations);
            }
        }
        Ok(document)
    }
}

/// Orders findings for presentation.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.body.claim, f.body.check.clone(), f.body.item.clone(), f.id);
        key(a).cmp(&key(b))
    });
}

fn json<T: serde::de::DeserializeOwned>(dir: &Path, path: &str) -> Result<T, ReadError> {
    let wrong = |what: String| ReadError { path: path.to_owned(), what };
    let bytes = tree::read(dir, path, MAX_JSON).map_err(|e| wrong(e.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))
}
