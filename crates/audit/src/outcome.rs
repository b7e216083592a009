//! What came of a run: one outcome per case, exit codes, comparison with what was expected.

use crate::case::Expect;
use evidence::{Claim, Verdict};
use report::Document;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What came of one case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// Everything a report shows.
    pub document: Document,
    /// Where the dossier is, if one was written.
    pub dossier: Option<PathBuf>,
    /// It was there already.
    pub resumed: bool,
    /// Expected verdicts.
    pub expect: BTreeMap<Claim, Expect>,
}

/// What must hold for exit code 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Require {
    /// No claim is worse than `nothing-found`.
    #[default]
    NothingFound,
    /// All claims are proved.
    Proved,
}

/// A claim whose verdict is not the one expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Name of the case.
    pub case: String,
    /// The claim.
    pub claim: Claim,
    /// Verdict and kind expected.
    pub expected: String,
    /// Verdict and kind found.
    pub found: String,
}

/// The exit code of an audit: 1 a claim is refuted or suspect, 3 else some undetermined or below
/// what is required, else 0. Claims without any examination do not count.
pub fn exit_code(outcomes: &[CaseOutcome], require: Require) -> u8 {
    let weakest = outcomes
        .iter()
        .flat_map(|o| o.document.predicate.claims.values())
        .filter(|entry| !entry.examinations.is_empty())
        .map(|entry| entry.verdict)
        .min();
    let wanted = match require {
        Require::NothingFound => Verdict::NothingFound,
        Require::Proved => Verdict::Proved,
    };
    match weakest {
        Some(verdict) if verdict <= Verdict::Suspect => 1,
        Some(verdict) if verdict >= wanted => 0,
        _ => 3,
    }
}

/// Compares outcomes with the `[expect]` tables of their cases. A case without expectations is a
/// difference: `--expect` must not pass for want of anything to compare.
pub fn differences(outcomes: &[CaseOutcome]) -> Vec<Difference> {
    let mut all = Vec::new();
    for outcome in outcomes {
        let case = &outcome.document.name;
        if outcome.expect.is_empty() {
            all.push(Difference {
                case: case.clone(),
                claim: Claim::NoRemoteDisable,
                expected: "(the case has no [expect] table)".to_owned(),
                found: String::new(),
            });
        }
        for (&claim, expect) in &outcome.expect {
            let (found, kinds) = found(outcome, claim);
            let kind_is_right = expect.kind.as_ref().is_none_or(|kind| kinds.contains(kind));
            if found != Some(expect.verdict) || !kind_is_right {
                all.push(Difference {
                    case: case.clone(),
                    claim,
                    expected: named(Some(expect.verdict), expect.kind.as_slice()),
                    found: named(found, &kinds),
                });
            }
        }
    }
    all
}

/// The verdict of a claim with the kinds or reasons behind it.
fn found(outcome: &CaseOutcome, claim: Claim) -> (Option<Verdict>, Vec<String>) {
    let entry = outcome.document.predicate.claims.get(&claim);
    let verdict = entry.filter(|e| !e.examinations.is_empty()).map(|e| e.verdict);
    let mut kinds = Vec::new();
    for body in outcome.document.findings.iter().map(|f| &f.body) {
        if body.claim == claim && Some(body.verdict) == verdict {
            kinds.extend(body.kind.clone());
            kinds.extend(body.reason.map(|r| r.to_string()));
        }
    }
    kinds.sort();
    kinds.dedup();
    (verdict, kinds)
}

fn named(verdict: Option<Verdict>, kinds: &[String]) -> String {
    let verdict = verdict.map_or("not examined", Verdict::id);
    if kinds.is_empty() { verdict.to_owned() } else { format!("{verdict} ({})", kinds.join(", ")) }
}
