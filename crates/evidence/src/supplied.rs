//! What an examination is given, and how it says that it cannot read it.
//!
//! Examinations of attestation evidence, firmware, captures and specifications are pure functions of
//! the files supplied and of what the case says about them: no clock, no path, no network. So the
//! same files give the same findings anywhere, and `verify --replay` can compute them again.

use crate::Digest;

/// A file as it was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supplied {
    /// What the file is for, in the examination's own words (`evidence`, `rim`, `root`, `measured`).
    pub role: String,
    /// File name, without directories; for messages and scopes.
    pub name: String,
    /// Digest of the bytes.
    pub digest: Digest,
    /// The file, decompressed if it came as a zstd stream.
    pub bytes: Vec<u8>,
}

impl Supplied {
    /// A file from its bytes.
    pub fn new(role: &str, name: &str, bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        Self { role: role.to_owned(), name: name.to_owned(), digest, bytes }
    }
}

/// Bad input: which file, where in it, what is wrong, what to do about it (exit code 2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
#[error("{file}{}{place}: {what}{}{remedy}", colon(place), semicolon(remedy))]
pub struct Fault {
    /// The file.
    pub file: String,
    /// Line, byte or key; empty if it is the file as a whole.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it; empty if `what` says so.
    pub remedy: String,
}

fn colon(place: &str) -> &'static str {
    if place.is_empty() { "" } else { ": " }
}

fn semicolon(remedy: &str) -> &'static str {
    if remedy.is_empty() { "" } else { "; " }
}

impl Fault {
    /// A fault from its parts.
    pub fn new(file: &str, place: &str, what: &str, remedy: &str) -> Self {
        Self {
            file: file.to_owned(),
            place: place.to_owned(),
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}
