//! What one check says about one device, before devices that say the same are put together.

use evidence::{Reason, Verdict};

/// Check ids; pages stand in `evidence::explain`.
pub mod check {
    /// Certificate chain.
    pub const CHAIN: &str = "attestation.chain";
    /// Debug or development mode.
    pub const DEBUG: &str = "attestation.debug";
    /// Leaf certificate and firmware.
    pub const BINDING: &str = "attestation.device-binding";
    /// Identifiers exposed.
    pub const IDENTIFIERS: &str = "attestation.identifiers";
    /// Measurements.
    pub const MEASUREMENTS: &str = "attestation.measurements";
    /// Nonce.
    pub const NONCE: &str = "attestation.nonce";
    /// What a policy requires beyond the other checks.
    pub const POLICY: &str = "attestation.policy";
    /// Signature of the report.
    pub const REPORT: &str = "attestation.report-signature";
    /// Revocation.
    pub const REVOCATION: &str = "attestation.revocation";
    /// Signature of a manifest.
    pub const RIM: &str = "attestation.rim-signature";
    /// Third-party audits.
    pub const AUDIT: &str = "attestation.third-party-audit";
    /// Validity at the time of judgement.
    pub const VALIDITY: &str = "attestation.validity";
    /// Versions.
    pub const VERSION: &str = "attestation.version";
}

/// What one check says about one device.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Line {
    /// Check id.
    pub check: &'static str,
    /// What of the device: `driver`, `vbios`, a file.
    pub item: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why undetermined.
    pub reason: Option<Reason>,
    /// Outcome within the verdict.
    pub kind: Option<&'static str>,
    /// One line.
    pub title: String,
    /// More, the same for all devices that share the title.
    pub detail: String,
    /// Limits: what the verdict does not cover.
    pub limits: Vec<String>,
    /// What was covered.
    pub coverage: Option<String>,
    /// Commands of foreign tools that repeat the check.
    pub commands: Vec<String>,
    /// Numbers.
    pub numbers: Vec<(&'static str, u64)>,
    /// Of this device alone.
    pub place: String,
}

impl Line {
    fn new(check: &'static str, verdict: Verdict, title: String) -> Self {
        Self {
            check,
            item: None,
            verdict,
            reason: None,
            kind: None,
            title,
            detail: String::new(),
            limits: Vec::new(),
            coverage: None,
            commands: Vec::new(),
            numbers: Vec::new(),
            place: String::new(),
        }
    }
    /// It holds.
    pub(crate) fn proved(check: &'static str, title: impl Into<String>) -> Self {
        Self::new(check, Verdict::Proved, title.into())
    }
    /// It does not.
    pub(crate) fn refuted(
        check: &'static str,
        kind: &'static str,
        title: impl Into<String>,
    ) -> Self {
        Self { kind: Some(kind), ..Self::new(check, Verdict::Refuted, title.into()) }
    }
    /// It cannot be decided.
    pub(crate) fn undetermined(
        check: &'static str,
        reason: Reason,
        title: impl Into<String>,
    ) -> Self {
        Self { reason: Some(reason), ..Self::new(check, Verdict::Undetermined, title.into()) }
    }
    /// Looked at, with this coverage.
    pub(crate) fn seen(
        check: &'static str,
        title: impl Into<String>,
        coverage: impl Into<String>,
    ) -> Self {
        let coverage = Some(coverage.into());
        Self { coverage, ..Self::new(check, Verdict::NothingFound, title.into()) }
    }
    pub(crate) fn item(self, item: impl Into<String>) -> Self {
        Self { item: Some(item.into()), ..self }
    }
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
    pub(crate) fn place(self, place: impl Into<String>) -> Self {
        Self { place: place.into(), ..self }
    }
    pub(crate) fn limits(self, limits: Vec<String>) -> Self {
        Self { limits, ..self }
    }
    pub(crate) fn commands(self, commands: Vec<String>) -> Self {
        Self { commands, ..self }
    }
    pub(crate) fn numbers(self, numbers: &[(&'static str, usize)]) -> Self {
        let numbers = numbers.iter().map(|(name, n)| (*name, *n as u64)).collect();
        Self { numbers, ..self }
    }

    /// Whether two lines say the same about different devices.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let same =
            self.check == other.check && self.item == other.item && self.title == other.title;
        same && self.verdict == other.verdict
            && self.reason == other.reason
            && self.kind == other.kind
            && self.detail == other.detail
            && self.limits == other.limits
            && self.coverage == other.coverage
            && self.numbers == other.numbers
    }
}
