//! Findings: what one check says about one artifact.
//!
//! A finding is a JSON object whose id is the SHA-256 of its RFC 8785 (JCS) form without the id.
//! Times, paths and machine facts never enter a finding. Integers of 2⁵³ and more, and bit vectors,
//! are strings.

use crate::{Claim, Digest, Reason, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Schema id of a finding.
pub const FINDING_SCHEMA: &str = "probity/finding/1";

/// The kind of an artifact, and the examination that reads it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// Netlist or RTL.
    Design,
    /// Firmware image.
    Firmware,
    /// Attestation evidence.
    Attestation,
    /// Network capture.
    Network,
    /// Specification and measurements.
    Performance,
}

impl ArtifactKind {
    /// All kinds in their order of presentation.
    pub const ALL: [Self; 5] =
        [Self::Design, Self::Firmware, Self::Attestation, Self::Network, Self::Performance];
    /// The stable id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Firmware => "firmware",
            Self::Attestation => "attestation",
            Self::Network => "network",
            Self::Performance => "performance",
        }
    }
}

/// Where an artifact comes from; shown in every scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Handed over by the vendor.
    Vendor,
    /// Extracted from a part.
    Extracted,
    /// Observed in operation.
    Observed,
    /// Published.
    Public,
    /// Made for demonstration or test.
    Synthetic,
}

impl Provenance {
    /// The stable id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Extracted => "extracted",
            Self::Observed => "observed",
            Self::Public => "public",
            Self::Synthetic => "synthetic",
        }
    }
}

/// A place in an artifact in the words of whoever made it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locator {
    /// Hierarchical name (`u_power.enable`) or section.
    pub name: String,
    /// Bit within the named word.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bit: Option<u32>,
    /// Source position (`npu4_power.sv:88`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub src: Option<String>,
    /// What the place has to do with the finding (`stays 0`, `differs`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
}

/// A file of the dossier that makes a verdict re-checkable.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    /// Path within the dossier (`certificates/….json`).
    pub path: String,
    /// Digest of the file.
    pub digest: Digest,
}

/// What one check says about one artifact.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Always [`FINDING_SCHEMA`].
    pub schema: String,
    /// SHA-256 of the canonical form without this field.
    pub id: Digest,
    /// Everything else.
    #[serde(flatten)]
    pub body: FindingDraft,
}

/// A finding before it has its id.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FindingDraft {
    /// Check id (`design.remote-disable`).
    pub check: String,
    /// The claim it bears on.
    pub claim: Claim,
    /// The artifact examined.
    pub artifact: Digest,
    /// The verdict.
    pub verdict: Verdict,
    /// Why undetermined; present exactly then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Reason>,
    /// Outcome within the verdict (`dead`, `lock`, `leash`, `overdue`, `timer`, `value`, `timing`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
    /// The property item the finding is about: a service or an identity signal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<String>,
    /// One line.
    pub title: String,
    /// A paragraph.
    pub detail: String,
    /// One sentence: of what, under what.
    pub scope: String,
    /// What the verdict rests on.
    pub assumptions: Vec<String>,
    /// Places.
    pub locators: Vec<Locator>,
    /// Grade of the evidence, for `suspect`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grade: Option<String>,
    /// What was covered, for `nothing-found`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coverage: Option<String>,
    /// The certificate, for `proved`, and for `refuted` where a closed set is part of the witness.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certificate: Option<ObjectRef>,
    /// The witness, for `refuted`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub witness: Option<ObjectRef>,
    /// Numbers by name; values are strings or small integers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub metrics: BTreeMap<String, serde_json::Value>,
}

/// The RFC 8785 form of a serialisable value.
///
/// # Errors
/// If the value cannot be represented (a map with non-string keys, a non-finite number).
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

impl FindingDraft {
    /// Gives the draft its schema and id.
    ///
    /// # Errors
    /// If a metric cannot be represented in canonical JSON.
    pub fn seal(self) -> Result<Finding, serde_json::Error> {
        #[derive(Serialize)]
        struct WithoutId<'a> {
            schema: &'a str,
            #[serde(flatten)]
            body: &'a FindingDraft,
        }
        let bytes = canonical_json(&WithoutId { schema: FINDING_SCHEMA, body: &self })?;
        Ok(Finding { schema: FINDING_SCHEMA.to_owned(), id: Digest::of(&bytes), body: self })
    }
}

impl Finding {
    /// Whether the id is the digest of the rest.
    pub fn id_is_right(&self) -> bool {
        self.schema == FINDING_SCHEMA
            && self.body.clone().seal().is_ok_and(|again| again.id == self.id)
    }
}
