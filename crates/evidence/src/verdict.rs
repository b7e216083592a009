//! Claims and the verdict lattice.
//!
//! From strongest against to strongest for: `refuted < suspect < undetermined < nothing-found <
//! proved`. Verdicts join by minimum, so a weak answer is never hidden by a strong one. There is no
//! default of `proved`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the five questions, stated as what the owner wants to be true.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    /// Nobody but the owner can make it stop serving.
    NoRemoteDisable,
    /// No remote party learns its identity or place without declared consent.
    NoTracking,
    /// Its results depend on declared inputs and state only.
    NoHiddenFunction,
    /// It is the part, running the firmware, that the vendor published.
    Genuine,
    /// It performs as declared and falls in the export class declared.
    PerformanceAsDeclared,
}

impl Claim {
    /// All claims in their order of presentation.
    pub const ALL: [Self; 5] = [
        Self::NoRemoteDisable,
        Self::NoTracking,
        Self::NoHiddenFunction,
        Self::Genuine,
        Self::PerformanceAsDeclared,
    ];
    /// The stable id (`no-remote-disable`).
    pub fn id(self) -> &'static str {
        match self {
            Self::NoRemoteDisable => "no-remote-disable",
            Self::NoTracking => "no-tracking",
            Self::NoHiddenFunction => "no-hidden-function",
            Self::Genuine => "genuine",
            Self::PerformanceAsDeclared => "performance-as-declared",
        }
    }
    /// The claim of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.id() == id)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What is known about a claim. The order is the lattice order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A witness exists.
    Refuted,
    /// Graded evidence against, no witness.
    Suspect,
    /// Could not be decided; a [`Reason`] goes with it.
    Undetermined,
    /// Examined with the stated coverage; not a proof.
    NothingFound,
    /// A certificate exists, under listed assumptions.
    Proved,
}

impl Verdict {
    /// The stable id (`nothing-found`).
    pub fn id(self) -> &'static str {
        match self {
            Self::Refuted => "refuted",
            Self::Suspect => "suspect",
            Self::Undetermined => "undetermined",
            Self::NothingFound => "nothing-found",
            Self::Proved => "proved",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Why a claim is undetermined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The effort or time limit ran out.
    Budget,
    /// A construct that is not modelled.
    Unsupported,
    /// An artifact that would decide it is absent.
    MissingArtifact,
    /// A reference value that would decide it is absent.
    MissingReference,
    /// Two engines, or an engine and the kernel, disagree.
    Contradiction,
    /// A defect of this program.
    Internal,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "budget",
            Self::Unsupported => "unsupported",
            Self::MissingArtifact => "missing-artifact",
            Self::MissingReference => "missing-reference",
            Self::Contradiction => "contradiction",
            Self::Internal => "internal",
        })
    }
}

/// A check's verdict and whether the check is decisive (can prove) or searching (can only find).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClaimVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the check that gave it can prove.
    pub decisive: bool,
}

/// The verdict of one claim in one examination: any `refuted`, else any `suspect`, else the weakest
/// of the decisive checks where there are any, else `nothing-found`. `None` if no check spoke.
pub fn combine(verdicts: &[ClaimVerdict]) -> Option<Verdict> {
    let weakest = verdicts.iter().map(|v| v.verdict).min()?;
    if weakest <= Verdict::Suspect {
        return Some(weakest);
    }
    let decisive = verdicts.iter().filter(|v| v.decisive).map(|v| v.verdict).min();
    Some(decisive.unwrap_or_else(|| weakest.min(Verdict::NothingFound)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_searching_check_never_raises_and_never_hides() {
        let v = |verdict, decisive| ClaimVerdict { verdict, decisive };
        use Verdict::*;
        assert_eq!(combine(&[]), None);
        assert_eq!(combine(&[v(Proved, true), v(NothingFound, false)]), Some(Proved));
        assert_eq!(combine(&[v(Proved, true), v(Suspect, false)]), Some(Suspect));
        assert_eq!(combine(&[v(Proved, true), v(Undetermined, true)]), Some(Undetermined));
        assert_eq!(combine(&[v(Proved, false)]), Some(NothingFound));
    }
}
