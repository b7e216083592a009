//! What a vendor must still supply: a list that can be sent.
//!
//! Problem: a regulator asks for "supporting materials" without saying which, and a vendor sends a
//! statement.
//! Method: the matrix of claims and examinations has open cells: not examined, or examined without a
//! decision. For each the catalogue `SUPPLIES` says what would decide it, in which form, and which check
//! it feeds; the catalogue `QUESTIONS` does the same for the mechanisms alleged in public. A check that
//! has no page yet is *planned*: what it needs may be asked for, but nothing can be promised about it.
//! What it cannot see: what a vendor is able to hand over, and under which terms.

use crate::outcome::CaseOutcome;
use dossier::Accelerator;
use evidence::{ArtifactKind, Claim, Reason, Verdict, check_page};
use serde::Serialize;
use std::fmt::Write as _;

/// Something a vendor can hand over.
#[derive(Clone, Copy, Debug)]
struct Supply {
    claim: Claim,
    examination: ArtifactKind,
    what: &'static str,
    form: &'static str,
    feeds: &'static [&'static str],
}

const DESIGN: ArtifactKind = ArtifactKind::Design;
const FIRMWARE: ArtifactKind = ArtifactKind::Firmware;
const ATTESTATION: ArtifactKind = ArtifactKind::Attestation;
const NETWORK: ArtifactKind = ArtifactKind::Network;
const PERFORMANCE: ArtifactKind = ArtifactKind::Performance;

/// What would decide each cell, in order of claims and examinations.
const SUPPLIES: &[Supply] = &[
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: DESIGN,
        what: "netlist of the blocks that gate power, clocks, reset, boot, fuses, licences and debug",
        form: "Yosys JSON, AIGER or RTL; source or gate level",
        feeds: &["design.remote-disable"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: DESIGN,
        what: "contract of these blocks: who drives each port, what service is, documented commands, longest outage",
        form: "[artifact.contract] of a case, signed",
        feeds: &["design.remote-disable"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: DESIGN,
        what: "invariants and ranks of timers and state machines, where known",
        form: "hints file; untrusted, re-checked",
        feeds: &["design.remote-disable"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: FIRMWARE,
        what: "firmware of power management, security and boot processors, unencrypted",
        form: "images as shipped, with the key or a plain copy of encrypted regions",
        feeds: &["firmware.indicators", "firmware.coverage"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: NETWORK,
        what: "list of remote commands and management services, with ports and authentication",
        form: "declared endpoints of a capture contract",
        feeds: &["network.stops"],
    },
    Supply {
        claim: Claim::NoTracking,
        examination: DESIGN,
        what: "netlist from every identity (fuses, serial numbers, sensors) to the ports others can see",
        form: "Yosys JSON, AIGER or RTL, with the identity signals named in the contract",
        feeds: &["design.identity-leak"],
    },
    Supply {
        claim: Claim::NoTracking,
        examination: FIRMWARE,
        what: "all code that reads identifiers, location or round-trip times, host agents included",
        form: "images and host packages as shipped",
        feeds: &["firmware.indicators"],
    },
    Supply {
        claim: Claim::NoTracking,
        examination: NETWORK,
        what: "every endpoint the part, its driver and its management software contact, with purpose and data",
        form: "list of hosts; a capture over a boot, a job and a day of idling",
        feeds: &["network.contacts", "network.location"],
    },
    Supply {
        claim: Claim::NoHiddenFunction,
        examination: DESIGN,
        what: "netlist of compute control and debug, with operands, configuration and results named",
        form: "Yosys JSON, AIGER or RTL, with a contract",
        feeds: &["design.hidden-trigger", "design.hunt"],
    },
    Supply {
        claim: Claim::NoHiddenFunction,
        examination: DESIGN,
        what: "reference design that the delivered netlist should equal",
        form: "second netlist with matching ports",
        feeds: &["design.compare"],
    },
    Supply {
        claim: Claim::NoHiddenFunction,
        examination: FIRMWARE,
        what: "map of every firmware region: purpose, format, encryption",
        form: "table of offset, length, content",
        feeds: &["firmware.coverage"],
    },
    Supply {
        claim: Claim::Genuine,
        examination: ATTESTATION,
        what: "attestation report of the very part, over a nonce of the owner's choice",
        form: "SPDM measurements with certificate chain, at a stated time",
        feeds: &["attestation.report-signature", "attestation.nonce", "attestation.chain"],
    },
    Supply {
        claim: Claim::Genuine,
        examination: ATTESTATION,
        what: "signed reference manifests for every measurement of firmware and VBIOS, of this very model",
        form: "CoRIM or SWID/RIM bundle, pinned by SHA-256; revocation lists",
        feeds: &["attestation.rim-signature", "attestation.measurements", "attestation.revocation"],
    },
    Supply {
        claim: Claim::Genuine,
        examination: FIRMWARE,
        what: "SHA-256 of every firmware component of every release, and reproducible builds where possible",
        form: "signed list of digests",
        feeds: &["firmware.reference"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "die area and process of each die, from the vendor, with tolerance",
        form: "[[die]] of SPEC.toml, signed",
        feeds: &["performance.export-class"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "multiply-accumulates per clock and format, and the highest clock",
        form: "macs_per_clock and [clock] of SPEC.toml",
        feeds: &["performance.datasheet"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "measurements of an independent laboratory on the delivered part, at least 8 repetitions",
        form: "MLPerf, cuBLAS or rocBLAS, nccl-tests, STREAM logs",
        feeds: &["performance.declared-measured"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "telemetry of more than 500 hours under load, with throttle reasons",
        form: "nvidia-smi or DCGM export",
        feeds: &["performance.throttling"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "the text of the rule the class is declared under",
        form: "rule file with source = \"primary\", by whoever read it",
        feeds: &["performance.export-class"],
    },
];

/// A question of the public checklist.
#[derive(Clone, Copy, Debug)]
struct Allegation {
    id: &'static str,
    question: &'static str,
    supply: &'static str,
    checks: &'static [&'static str],
}

/// The mechanisms alleged in public (state broadcaster, 10 August 2025), and what would settle each.
const QUESTIONS: &[Allegation] = &[
    Allegation {
        id: "500-hour timer",
        question: "Does a timer, for instance after 500 hours, cut power or destabilise a voltage?",
        supply: "netlist and contract of the power sequencer and of every counter that survives reset; its firmware; 500 hours of telemetry",
        checks: &["design.remote-disable", "firmware.indicators", "performance.throttling"],
    },
    Allegation {
        id: "boot gate",
        question: "Does the boot chain refuse to start by location or authorisation?",
        supply: "netlist of fuses, straps and boot control; boot firmware; reference manifests of each boot stage",
        checks: &["design.remote-disable", "firmware.indicators", "attestation.measurements"],
    },
    Allegation {
        id: "licence lock",
        question: "Can a licence that expires or is withdrawn stop or slow the part?",
        supply: "netlist of licence and debug unlock; licence code of firmware and driver; documented licence states",
        checks: &["design.remote-disable", "firmware.indicators", "performance.throttling"],
    },
    Allegation {
        id: "location query",
        question: "Can somebody ask the part where it is, or fence it in?",
        supply: "paths from identities and sensors to ports; endpoints contacted; a capture with round-trip times",
        checks: &["design.identity-leak", "network.contacts", "network.location"],
    },
    Allegation {
        id: "driver and CUDA path",
        question: "Can the driver, CUDA or the update channel disable or report the part?",
        supply: "driver, host agents and update packages with digests; endpoints; a capture of an update",
        checks: &["firmware.indicators", "firmware.reference", "network.contacts"],
    },
];

/// A check that something would feed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Feeds {
    /// Its id.
    pub check: &'static str,
    /// This program has it.
    pub built: bool,
}

/// One thing to supply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Item {
    /// What.
    pub what: &'static str,
    /// In which form.
    pub form: &'static str,
    /// Which checks it feeds.
    pub feeds: Vec<Feeds>,
}

/// An open cell of the matrix.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cell {
    /// The claim.
    pub claim: Claim,
    /// The examination.
    pub examination: ArtifactKind,
    /// The verdict so far; `None`: not examined.
    pub verdict: Option<Verdict>,
    /// Reasons of undetermined findings.
    pub reasons: Vec<Reason>,
    /// What would decide it.
    pub items: Vec<Item>,
}

/// A cell that is decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Decided {
    /// The claim.
    pub claim: Claim,
    /// The examination.
    pub examination: ArtifactKind,
    /// The verdict.
    pub verdict: Verdict,
}

/// A question of the public checklist, with what would settle it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Question {
    /// Short name.
    pub id: &'static str,
    /// The question.
    pub question: &'static str,
    /// What to supply.
    pub supply: &'static str,
    /// The checks that answer it.
    pub checks: Vec<Feeds>,
}

/// What to ask the vendor for.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Request {
    /// Always `probity/request/1`.
    pub schema: &'static str,
    /// The accelerator.
    pub subject: Accelerator,
    /// Cells that are decided.
    pub decided: Vec<Decided>,
    /// Cells that are open.
    pub open: Vec<Cell>,
    /// The public checklist.
    pub questions: Vec<Question>,
}

fn feeds(checks: &[&'static str]) -> Vec<Feeds> {
    checks.iter().map(|&check| Feeds { check, built: check_page(check).is_some() }).collect()
}

/// What is still to be supplied after an audit.
pub fn request(outcome: &CaseOutcome) -> Request {
    let document = &outcome.document;
    let (mut decided, mut open): (Vec<Decided>, Vec<Cell>) = (Vec::new(), Vec::new());
    for claim in Claim::ALL {
        for examination in ArtifactKind::ALL {
            let supplies: Vec<&Supply> = SUPPLIES
                .iter()
                .filter(|s| s.claim == claim && s.examination == examination)
                .collect();
            let entry = document.predicate.claims.get(&claim);
            let verdict = entry.and_then(|e| e.examinations.get(&examination)).copied();
            match verdict {
                Some(verdict) if verdict == Verdict::Proved || verdict <= Verdict::Suspect => {
                    decided.push(Decided { claim, examination, verdict });
                }
                _ if supplies.is_empty() => {}
                verdict => {
                    let prefix = format!("{}.", examination.id());
                    let mut reasons: Vec<Reason> = document
                        .findings
                        .iter()
                        .filter(|f| f.body.claim == claim && f.body.check.starts_with(&prefix))
                        .filter_map(|f| f.body.reason)
                        .collect();
                    reasons.sort_unstable();
                    reasons.dedup();
                    let item =
                        |s: &&Supply| Item { what: s.what, form: s.form, feeds: feeds(s.feeds) };
                    let items = supplies.iter().map(item).collect();
                    open.push(Cell { claim, examination, verdict, reasons, items });
                }
            }
        }
    }
    let questions = QUESTIONS
        .iter()
        .map(|q| Question {
            id: q.id,
            question: q.question,
            supply: q.supply,
            checks: feeds(q.checks),
        })
        .collect();
    let subject = document.predicate.subject.clone();
    Request { schema: "probity/request/1", subject, decided, open, questions }
}

impl Cell {
    /// `not examined`, `undetermined (missing-artifact)`, `nothing-found`.
    pub fn status(&self) -> String {
        let Some(verdict) = self.verdict else { return "not examined".to_owned() };
        let reasons: Vec<String> = self.reasons.iter().map(Reason::to_string).collect();
        match verdict {
            Verdict::Undetermined if !reasons.is_empty() => {
                format!("undetermined ({})", reasons.join(", "))
            }
            Verdict::NothingFound => "nothing-found; not a proof".to_owned(),
            other => other.to_string(),
        }
    }
}

fn checks(feeds: &[Feeds], code: &str) -> String {
    let one = |f: &Feeds| {
        let planned = if f.built { "" } else { " (planned)" };
        format!("{code}{}{code}{planned}", f.check)
    };
    feeds.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Request {
    fn name(&self) -> String {
        let s = &self.subject;
        format!("{} {} {}", s.vendor, s.model, s.version).trim().to_owned()
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let mut out = format!("{}: what is needed to decide each open question\n", self.name());
        for d in &self.decided {
            let _ = writeln!(out, "\n{} by {}: {}", d.claim, d.examination.id(), d.verdict);
        }
        for cell in &self.open {
            let _ =
                writeln!(out, "\n{} by {}: {}", cell.claim, cell.examination.id(), cell.status());
            for item in &cell.items {
                let _ = writeln!(out, "  - {}\n      as    {}", item.what, item.form);
                let _ = writeln!(out, "      feeds {}", checks(&item.feeds, ""));
            }
        }
        out.push_str("\nThe public checklist\n");
        for q in &self.questions {
            let _ = writeln!(out, "  {}: {}\n      needs {}", q.id, q.question, q.supply);
            let _ = writeln!(out, "      check {}", checks(&q.checks, ""));
        }
        out
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}: what is needed to decide each open question\n", self.name());
        if !self.decided.is_empty() {
            out.push_str("\n## Decided\n\n");
        }
        for d in &self.decided {
            let _ = writeln!(out, "- `{}` by {}: {}", d.claim, d.examination.id(), d.verdict);
        }
        for cell in &self.open {
            let (claim, by) = (cell.claim, cell.examination.id());
            let _ = writeln!(out, "\n## `{claim}` by {by}: {}\n", cell.status());
            out.push_str("| to supply | form | feeds |\n|---|---|---|\n");
            for item in &cell.items {
                let _ = writeln!(
                    out,
                    "| {} | {} | {} |",
                    item.what,
                    item.form,
                    checks(&item.feeds, "`")
                );
            }
        }
        out.push_str(
            "\n## The public checklist\n\n| question | to supply | checks |\n|---|---|---|\n",
        );
        for q in &self.questions {
            let _ = writeln!(out, "| {} | {} | {} |", q.question, q.supply, checks(&q.checks, "`"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supplies_feed_checks_of_their_own_examination() {
        for s in SUPPLIES {
            assert!(!s.feeds.is_empty(), "{}", s.what);
            for check in s.feeds {
                assert_eq!(check.split('.').next(), Some(s.examination.id()), "{}", s.what);
            }
        }
    }

    #[test]
    fn every_question_has_a_check() {
        for q in QUESTIONS {
            assert!(q.checks.len() >= 2, "{}", q.id);
        }
        let built = |id: &str| {
            QUESTIONS.iter().any(|q| feeds(q.checks).iter().any(|f| f.check == id && f.built))
        };
        assert!(built("design.remote-disable") && built("performance.throttling"));
    }
}
