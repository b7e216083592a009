//! What the tests share: synthetic sets as files, and the corpus of real evidence.
#![allow(clippy::unwrap_used, reason = "a test may fail this way")]
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::print_stdout, reason = "a test that is ignored says so")]

use attestation::{Examined, Settings, examine};
use evidence::{Fault, FindingDraft, Provenance, Supplied, Verdict};
use std::path::{Path, PathBuf};
use testkit::attestation::{AT, Set};

/// The corpus, if `PROBITY_CORPUS` names it; says so if not.
pub fn corpus(test: &str) -> Option<PathBuf> {
    let dir = std::env::var_os("PROBITY_CORPUS").map(|d| PathBuf::from(d).join("attestation"));
    let found = dir.filter(|d| d.is_dir());
    if found.is_none() {
        println!("{test}: ignored, PROBITY_CORPUS does not name the corpus");
    }
    found
}

/// A file.
pub fn file(role: &str, path: &Path) -> Supplied {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Supplied::new(
        role,
        &name,
        std::fs::read(path).expect("a file of the set or the corpus can be read"),
    )
}

/// Files of a directory, sorted.
pub fn directory(role: &str, path: &Path) -> Vec<Supplied> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.is_file());
    paths.sort();
    paths.iter().map(|p| file(role, p)).collect()
}

/// Settings for a moment.
pub fn at(time: &str) -> Settings {
    Settings { at: Some(time.to_owned()), ..Settings::default() }
}

/// The further files of a synthetic set.
pub fn others(set: &Set) -> Vec<Supplied> {
    let mut files = vec![Supplied::new("root", "root.pem", set.root.clone().into_bytes())];
    if !set.chain.is_empty() {
        files.push(Supplied::new("chain", "chain.pem", set.chain.clone().into_bytes()));
    }
    for (name, text) in &set.manifests {
        files.push(Supplied::new("rim", name, text.clone().into_bytes()));
    }
    files
}

/// The evidence of a synthetic set.
pub fn primary(set: &Set) -> Supplied {
    Supplied::new("evidence", "report.bin", set.report.clone())
}

/// Examines a synthetic set at the time it was made for.
pub fn run(set: &Set) -> Result<Examined, Fault> {
    examine(&primary(set), &others(set), &at(AT), Provenance::Synthetic)
}

/// The verdict on `genuine`; a file that cannot be read counts as refused.
pub fn verdict(result: &Result<Examined, Fault>) -> Option<Verdict> {
    result.as_ref().ok().map(|e| e.fleet.verdict())
}

/// Findings of a check.
pub fn of<'a>(examined: &'a Examined, check: &str) -> Vec<&'a FindingDraft> {
    examined.findings.iter().filter(|f| f.check == check).collect()
}
