//! The statement that is signed: an in-toto Statement v1 whose predicate describes a dossier.
//!
//! Both sides write and demand its RFC 8785 form, so one statement is one sequence of bytes. Unknown
//! fields are refused: what this verifier does not understand it does not vouch for.

use crate::claims::ClaimEntry;
use evidence::{ArtifactKind, Claim, Digest, Provenance, canonical_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// in-toto's type of the statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// Type of the predicate.
pub const PREDICATE_TYPE: &str = "urn:probity:dossier:1";
/// Schema id of the predicate.
pub const DOSSIER_SCHEMA: &str = "probity/dossier/1";

/// The signed statement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Always [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// The artifacts by name and digest.
    pub subject: Vec<ResourceDescriptor>,
    /// Always [`PREDICATE_TYPE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is said about them.
    pub predicate: Predicate,
}

/// in-toto's way of naming a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceDescriptor {
    /// File name.
    pub name: String,
    /// Its digests.
    pub digest: DigestSet,
}

/// in-toto's digest set, SHA-256 only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestSet {
    /// 64 hexadecimal digits.
    pub sha256: String,
}

/// What a dossier says and contains.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// Always [`DOSSIER_SCHEMA`].
    pub schema: String,
    /// Program and version that wrote it.
    pub tool: String,
    /// Version of the obligation derivation.
    pub kernel: u32,
    /// The accelerator under audit.
    pub subject: Accelerator,
    /// The artifacts, in the order of the case.
    pub artifacts: Vec<Artifact>,
    /// The five claims; recomputed from the findings when verified.
    pub claims: BTreeMap<Claim, ClaimEntry>,
    /// Who may see this dossier, in the words of whoever made it.
    pub confidentiality: String,
    /// Every file but the envelope, sorted by path.
    pub files: Vec<FileEntry>,
    /// SHA-256 of the canonical statement without this member: without a trusted signature nothing else would
    /// show that the subject or another free text was altered. Whoever wants to write it anew can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Digest>,
}

/// The accelerator under audit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accelerator {
    /// Who makes it.
    pub vendor: String,
    /// What it is called.
    pub model: String,
    /// Which of them.
    pub version: String,
}

/// One input file of the case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Digest of the file as given.
    pub digest: Digest,
    /// Which examination reads it.
    pub kind: ArtifactKind,
    /// Where it comes from.
    pub provenance: Provenance,
    /// File name, without directories.
    pub name: String,
    /// Whether the dossier holds a copy.
    pub included: bool,
    /// Digest of its contract's canonical JSON.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contract: Option<Digest>,
    /// What it is for, if it only supports the examination of another: `source`, `rim`, `root`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
    /// Digest of how it came about or what it was examined with: the elaboration of a netlist, the
    /// settings and further files of an examination.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub derivation: Option<Digest>,
}

/// One file of the dossier.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path within the dossier, with `/`.
    pub path: String,
    /// Digest of the file.
    pub sha256: Digest,
    /// Its size.
    pub bytes: u64,
}

impl Statement {
    /// The statement around a predicate: its subject is the list of artifacts.
    pub fn new(predicate: Predicate) -> Self {
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject: predicate.artifacts.iter().map(Artifact::descriptor).collect(),
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate,
        }
    }

    /// What `seal` has to be.
    ///
    /// # Errors
    /// If the statement cannot be written.
    pub fn seal(&self) -> Result<Digest, serde_json::Error> {
        let mut bare = self.clone();
        bare.predicate.seal = None;
        canonical_json(&bare).map(|text| Digest::of(&text))
    }
}

impl Artifact {
    /// The artifact in in-toto's words.
    pub fn descriptor(&self) -> ResourceDescriptor {
        let digest = DigestSet { sha256: self.digest.hex() };
        ResourceDescriptor { name: self.name.clone(), digest }
    }
    /// Where a copy of it lies within a dossier.
    pub fn path(&self) -> String {
        format!("artifacts/{}/{}", self.digest.hex(), self.name)
    }
    /// Where its derivation lies.
    pub fn derivation_path(&self) -> String {
        format!("artifacts/{}.derivation.json", self.digest.hex())
    }
    /// Where its contract lies.
    pub fn contract_path(&self) -> String {
        format!("artifacts/{}.contract.json", self.digest.hex())
    }
}
