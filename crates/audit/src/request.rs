//! What a vendor must still supply: a list that can be sent.
//!
//! Problem: a regulator asks for "supporting materials" without saying which, and a vendor sends a
//! statement.
//! Method: the matrix of claims and examinations has open cells: not examined, or examined without a
//! decision. For each the catalogue `SUPPLIES` says what would decide it, in which form, and which check
//! it feeds; the catalogue `QUESTIONS` does the same for the mechanisms alleged in public. A check that
//! has no page yet is *planned*: what it needs may be asked for, but nothing can be promised about it.
//! What it cannot see: what a vendor is able to hand over, and under which terms.

mod catalogue;

use crate::outcome::CaseOutcome;
use catalogue::{QUESTIONS, SUPPLIES, Supply};
use dossier::Accelerator;
use evidence::{ArtifactKind, Claim, Reason, Verdict, check_page};
use serde::Serialize;
use std::fmt::Write as _;

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
