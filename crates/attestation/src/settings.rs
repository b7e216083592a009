//! Settings of the examination, as a case states them below `[artifact.attestation]`, and the policy file.

use crate::time::Time;
use evidence::Fault;
use serde::{Deserialize, Deserializer, Serialize};

/// What a case says about a file of evidence. Paths are relative to the case.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The moment the evidence is judged at, RFC 3339; the moment of the audit if it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The nonce the auditor issued, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Certificate chain of the device, PEM, where the evidence does not carry it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// Negotiation that precedes the report in the transcript (SPDM 1.2 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation: Option<String>,
    /// Reference manifests: files, or directories of them.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub rim: Vec<String>,
    /// Roots trusted instead of those built in.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub root: Vec<String>,
    /// Certificate revocation lists.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub crl: Vec<String>,
    /// OCSP responses.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub ocsp: Vec<String>,
    /// Policy file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Short-form reports of third-party audits (OCP S.A.F.E.).
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub sfr: Vec<String>,
    /// Keys of the auditors that are trusted, PEM.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub auditor: Vec<String>,
    /// Least versions allowed.
    #[serde(skip_serializing_if = "Versions::is_empty")]
    pub min_versions: Versions,
}

/// Versions of what the vendor publishes separately.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Versions {
    /// Driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// VBIOS of GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vbios: Option<String>,
    /// BIOS of switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switch: Option<String>,
}

impl Versions {
    /// Whether none is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

impl Settings {
    /// The files that the settings name: role, and path relative to the case (a directory stands for all in it).
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let mut files = Vec::new();
        let single =
            [("chain", &self.chain), ("negotiation", &self.negotiation), ("policy", &self.policy)];
        for (role, path) in single {
            files.extend(path.iter().map(|p| (role, p.clone())));
        }
        let many = [
            ("rim", &self.rim),
            ("root", &self.root),
            ("crl", &self.crl),
            ("ocsp", &self.ocsp),
            ("sfr", &self.sfr),
            ("auditor", &self.auditor),
        ];
        for (role, paths) in many {
            files.extend(paths.iter().map(|p| (role, p.clone())));
        }
        files
    }

    /// Settings from JSON, as a dossier or a case has them.
    ///
    /// # Errors
    /// If a key is unknown or a value of the wrong type.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, String> {
        Self::deserialize(value).map_err(|e| e.to_string())
    }

    /// The moment of judgement.
    ///
    /// # Errors
    /// If it is missing or malformed.
    pub fn time(&self) -> Result<Time, Fault> {
        let at = self.at.as_deref().unwrap_or("");
        Time::parse(at).ok_or_else(|| {
            let what = if at.is_empty() {
                "no time is given".to_owned()
            } else {
                format!("`{at}` is no time")
            };
            Fault::new("settings", "at", &what, "write 2026-01-31 or 2026-01-31T12:00:00Z")
        })
    }

    /// The auditor's nonce.
    ///
    /// # Errors
    /// If it is not 32 bytes of hexadecimal digits: nothing is padded or cut.
    pub fn nonce_bytes(&self) -> Result<Option<[u8; 32]>, Fault> {
        let Some(text) = &self.nonce else { return Ok(None) };
        nonce(text).map(Some).ok_or_else(|| {
            let what = format!("`{text}` is not 32 bytes of hexadecimal digits");
            Fault::new("settings", "nonce", &what, "give all 64 digits; nothing is padded or cut")
        })
    }
}

/// 32 bytes of hexadecimal digits.
pub fn nonce(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    hex::decode(digits).ok()?.try_into().ok()
}

/// What a policy may require.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// The auditor's nonce is in the report.
    Nonce,
    /// The leaf certificate was issued to the firmware that reports.
    DeviceBinding,
    /// Fresh revocation data covers every certificate that can be revoked.
    Revocation,
    /// Every non-zero measurement is covered by a manifest.
    FullCoverage,
    /// A third-party audit of this product is supplied.
    ThirdPartyAudit,
}

/// What a policy may allow although it refutes by default.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowance {
    /// Signers of manifests whose validity has ended.
    ExpiredManifest,
    /// Certificates of a debug or development hierarchy.
    DebugRoot,
    /// Certificates on hold.
    CertificateHold,
}

/// A policy: a small file that says what is required, allowed and pinned.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// `probity/attestation-policy/1`.
    pub schema: String,
    /// What must hold beyond the default.
    pub require: Vec<Requirement>,
    /// What is accepted although it refutes by default.
    pub allow: Vec<Allowance>,
    /// Manifests by SHA-256; others count as absent. Empty: any authentic manifest.
    pub manifests: Vec<evidence::Digest>,
    /// Least versions.
    pub minimum: Versions,
    /// Versions allowed; empty lists allow all.
    pub versions: Allowed,
}

/// Versions allowed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allowed {
    /// Of the driver.
    pub driver: Vec<String>,
    /// Of the VBIOS or switch BIOS.
    pub vbios: Vec<String>,
}

/// Schema of a policy file.
pub const POLICY_SCHEMA: &str = "probity/attestation-policy/1";
/// Largest policy file.
const MAX_POLICY: usize = 1 << 20;

impl Policy {
    /// Reads a policy file (TOML).
    ///
    /// # Errors
    /// If it is not one.
    pub fn read(file: &evidence::Supplied) -> Result<Self, Fault> {
        let wrong = |what: &str, remedy: &str| Fault::new(&file.name, "", what, remedy);
        if file.bytes.len() > MAX_POLICY {
            return Err(wrong("is larger than a policy may be (1 MiB)", ""));
        }
        let text = std::str::from_utf8(&file.bytes).map_err(|_| wrong("is not text", ""))?;
        let policy: Self = toml::from_str(text).map_err(|e| {
            let line =
                e.span().map_or(0, |s| text.get(..s.start).unwrap_or("").matches('\n').count() + 1);
            Fault::new(
                &file.name,
                &format!("line {line}"),
                e.message(),
                "see docs/attestation.md, section Policy",
            )
        })?;
        if policy.schema != POLICY_SCHEMA {
            let remedy = format!("write schema = \"{POLICY_SCHEMA}\"");
            return Err(wrong(&format!("schema is `{}`", policy.schema), &remedy));
        }
        Ok(policy)
    }

    /// Whether something is required.
    pub fn requires(&self, what: Requirement) -> bool {
        self.require.contains(&what)
    }
    /// Whether something is allowed.
    pub fn allows(&self, what: Allowance) -> bool {
        self.allow.contains(&what)
    }
}

/// Compares dotted versions part by part, as numbers of the given base where both are, else as text.
pub fn compare_versions(a: &str, b: &str, radix: u32) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    let (mut a, mut b) = (a.split(['.', '-']), b.split(['.', '-']));
    loop {
        let ordering = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => {
                match (u64::from_str_radix(x, radix), u64::from_str_radix(y, radix)) {
                    (Ok(x), Ok(y)) => x.cmp(&y),
                    _ => x.to_ascii_uppercase().cmp(&y.to_ascii_uppercase()),
                }
            }
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}
