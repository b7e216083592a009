//! The directory against the statement's list: nothing missing, nothing more, every digest right.

use super::{Dossier, VerifyReport};
use crate::ENVELOPE;
use crate::tree::{self, MAX_FILES, TreeError};
use std::collections::BTreeSet;

const NAME: &str = "files";

/// Compares directory and list.
pub(super) fn check(dossier: &Dossier<'_>, report: &mut VerifyReport) -> Result<(), TreeError> {
    let before = report.steps.len();
    let files = &dossier.statement.predicate.files;
    if files.len() > MAX_FILES {
        return Err(TreeError::new(ENVELOPE, format!("lists more than {MAX_FILES} files")));
    }
    if !files.windows(2).all(|pair| pair[0].path < pair[1].path) {
        report.fail(NAME, "the list is not sorted by path, each path once");
    }
    let (present, odd) = tree::walk(dossier.dir)?;
    for error in odd {
        report.fail(NAME, error.to_string());
    }
    for path in present.iter().filter(|p| *p != ENVELOPE) {
        if !dossier.listed.contains_key(path.as_str()) {
            report.fail(NAME, format!("{path}: is not listed in the statement"));
        }
    }
    let present: BTreeSet<&str> = present.iter().map(String::as_str).collect();
    let mut total = 0u64;
    for entry in files {
        let path = &entry.path;
        if !tree::is_inner_path(path) || path == ENVELOPE {
            report.fail(NAME, format!("`{path}` is listed but is not a path a dossier may use"));
        } else if !present.contains(path.as_str()) {
            report.fail(NAME, format!("{path}: is listed but missing"));
        } else {
            match tree::hash(dossier.dir, path) {
                Err(e) => report.fail(NAME, e.to_string()),
                Ok(is) if is == (entry.sha256, entry.bytes) => {
                    total = total.saturating_add(entry.bytes);
                }
                Ok((digest, bytes)) => {
                    let (want, size) = (entry.sha256, entry.bytes);
                    let text = format!(
                        "{path}: has digest {digest} and {bytes} bytes, listed are {want} and {size}"
                    );
                    report.fail(NAME, text);
                }
            }
        }
    }
    layout(dossier, report);
    if report.steps.len() == before {
        report.ok(NAME, format!("{} files, {total} bytes, every digest right", files.len()));
    }
    Ok(())
}

/// In `findings/` and `certificates/` and `artifacts/` only what the verifier reads may lie: a file
/// in a place where people look and this program does not would speak for the dossier unexamined.
fn layout(dossier: &Dossier<'_>, report: &mut VerifyReport) {
    let digest = |stem: Option<&str>| {
        stem.is_some_and(|s| {
            s.len() == 64 && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let mut copies = BTreeSet::new();
    for artifact in &dossier.statement.predicate.artifacts {
        if artifact.included {
            copies.insert(artifact.path());
        }
        if artifact.contract.is_some() {
            copies.insert(artifact.contract_path());
        }
        if let Some(digest) = artifact.derivation {
            let path = artifact.derivation_path();
            if dossier.listed.get(path.as_str()).is_none_or(|e| e.sha256 != digest) {
                report.fail(NAME, format!("{path}: is not the derivation that the artifact names"));
            }
            copies.insert(path);
        }
    }
    for path in dossier.listed.keys() {
        let known = match path.split('/').collect::<Vec<_>>()[..] {
            ["findings", name] | ["certificates", name] => digest(name.strip_suffix(".json")),
            ["certificates", "lrat", name] => digest(name.strip_suffix(".lrat.zst")),
            ["certificates", "obligations", name] => {
                digest(name.strip_suffix(".aag.zst")) || digest(name.strip_suffix(".cnf.zst"))
            }
            ["findings" | "certificates", ..] => false,
            ["artifacts", ..] => copies.contains(*path),
            _ => true,
        };
        if !known {
            report.fail(NAME, format!("{path}: has no meaning in a dossier"));
        }
    }
    for path in copies {
        if !dossier.listed.contains_key(path.as_str()) {
            report.fail(NAME, format!("{path}: the statement says it is included, but it is not"));
        }
    }
}
