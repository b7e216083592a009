//! The claims table: what the findings of a dossier say about each claim.
//!
//! For one claim and one artifact the verdicts combine by [`evidence::combine`]; an examination's
//! verdict is the weakest over its artifacts, a claim's the weakest over its examinations. A claim
//! that nothing bears on is `undetermined`. Examinations that could bear on a claim and did not are
//! listed, so that silence shows. The writer fills the table in, the verifier computes it again.

use crate::statement::Artifact;
use evidence::{ArtifactKind, Claim, ClaimVerdict, Digest, Finding, Verdict, check_page, combine};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known about one claim.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimEntry {
    /// The weakest verdict over the artifacts examined.
    pub verdict: Verdict,
    /// Per examination.
    pub examinations: BTreeMap<ArtifactKind, Verdict>,
    /// Examinations that could bear on the claim and did not.
    pub not_examined: Vec<ArtifactKind>,
}

/// The examinations that can bear on a claim.
pub fn examinations(claim: Claim) -> &'static [ArtifactKind] {
    use ArtifactKind::{Attestation, Design, Firmware, Network, Performance};
    match claim {
        Claim::NoRemoteDisable => &[Design, Firmware, Network],
        Claim::NoTracking => &[Design, Firmware, Attestation, Network],
        Claim::NoHiddenFunction => &[Design, Firmware],
        Claim::Genuine => &[Firmware, Attestation],
        Claim::PerformanceAsDeclared => &[Performance],
    }
}

/// The table of all claims. Findings about artifacts that are not listed count for nothing.
pub fn claims_table(artifacts: &[Artifact], findings: &[Finding]) -> BTreeMap<Claim, ClaimEntry> {
    let kinds: BTreeMap<Digest, ArtifactKind> =
        artifacts.iter().map(|a| (a.digest, a.kind)).collect();
    let mut said: BTreeMap<(Claim, ArtifactKind, Digest), Vec<ClaimVerdict>> = BTreeMap::new();
    for finding in findings {
        let body = &finding.body;
        let decisive = check_page(&body.check).is_some_and(|page| page.decisive);
        if let Some(&kind) = kinds.get(&body.artifact) {
            let verdict = ClaimVerdict { verdict: body.verdict, decisive };
            said.entry((body.claim, kind, body.artifact)).or_default().push(verdict);
        }
    }
    let mut table = BTreeMap::new();
    for claim in Claim::ALL {
        let mut by_kind: BTreeMap<ArtifactKind, Verdict> = BTreeMap::new();
        for ((_, kind, _), verdicts) in said.iter().filter(|((c, ..), _)| *c == claim) {
            if let Some(verdict) = combine(verdicts) {
                let weakest = by_kind.entry(*kind).or_insert(verdict);
                *weakest = verdict.min(*weakest);
            }
        }
        let not_examined =
            examinations(claim).iter().copied().filter(|k| !by_kind.contains_key(k)).collect();
        let verdict = by_kind.values().copied().min().unwrap_or(Verdict::Undetermined);
        table.insert(claim, ClaimEntry { verdict, examinations: by_kind, not_examined });
    }
    table
}
