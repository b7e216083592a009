//! `audit` and `design check`: run, print the matrix, answer with an exit code.

use crate::args::{AuditArgs, CheckArgs, HuntArgs, Limits, Required};
use crate::output::Output;
use crate::progress::Lines;
use anyhow::{Context, Result};
use audit::hunt::HuntOptions;
use audit::{AuditError, CaseOutcome, Options, Require, Source};
use report::terminal::{Shown, summary};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code after Ctrl-C, as shells expect it.
const INTERRUPTED: u8 = 130;

/// `probity audit`.
pub(crate) fn audit(args: &AuditArgs, output: &Output) -> Result<u8> {
    let mut options = options(&args.limits)?;
    options.out = Some(args.out.clone());
    options.only = args.only;
    options.force = args.force;
    let sources: Vec<Source> = args.cases.iter().cloned().map(Source::Case).collect();
    let outcomes = match audit::audit(&sources, &options, &Lines::new()) {
        Ok(outcomes) => outcomes,
        Err(error @ AuditError::Interrupted { .. }) => {
            output.note(&format!("probity: {error}"));
            output.note("probity: to resume, run the same command again");
            return Ok(INTERRUPTED);
        }
        Err(error) => return Err(error.into()),
    };
    show(&outcomes, output);
    if args.expect {
        return Ok(compare(&outcomes, output));
    }
    Ok(audit::exit_code(&outcomes, require(args.require)))
}

/// `probity design check`.
pub(crate) fn check(args: &CheckArgs, output: &Output) -> Result<u8> {
    let mut options = options(&args.limits)?;
    options.check = args.only.map(crate::args::OneCheck::id);
    let source = Source::Bare { netlist: args.netlist.clone(), contract: args.contract.clone() };
    let outcomes = match audit::audit(&[source], &options, &Lines::new()) {
        Ok(outcomes) => outcomes,
        Err(AuditError::Interrupted { .. }) => {
            output.note("probity: interrupted");
            return Ok(INTERRUPTED);
        }
        Err(error) => return Err(error.into()),
    };
    show(&outcomes, output);
    if !output.json {
        output.no_dossier();
    }
    Ok(audit::exit_code(&outcomes, require(args.require)))
}

/// `probity design hunt --out`: a case of its own, and its dossier.
pub(crate) fn into_dossier(
    args: &HuntArgs,
    hunt: &HuntOptions,
    out: &Path,
    output: &Output,
) -> Result<u8> {
    let mut options = options(&Limits { effort: args.effort, time_limit: None, jobs: Some(1) })?;
    (options.out, options.force) = (Some(out.to_owned()), args.force);
    let outcomes = match audit::audit(&[audit::hunt_case(hunt)?], &options, &Lines::new()) {
        Ok(outcomes) => outcomes,
        Err(AuditError::Interrupted { .. }) => {
            output.note("probity: interrupted");
            return Ok(INTERRUPTED);
        }
        Err(error) => return Err(error.into()),
    };
    show(&outcomes, output);
    Ok(audit::exit_code(&outcomes, Require::NothingFound))
}

/// Options of a run, with Ctrl-C connected.
pub(crate) fn options(limits: &Limits) -> Result<Options> {
    let interrupt = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupt);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "a second Ctrl-C means at once")]
            std::process::exit(INTERRUPTED.into());
        }
    })
    .context("Ctrl-C cannot be caught")?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Options {
        effort: limits.effort,
        time_limit: limits.time_limit,
        jobs: limits.jobs.unwrap_or(cores),
        interrupt,
        ..Options::default()
    })
}

fn require(required: Required) -> Require {
    match required {
        Required::NothingFound => Require::NothingFound,
        Required::Proved => Require::Proved,
    }
}

fn show(outcomes: &[CaseOutcome], output: &Output) {
    if output.json {
        for o in outcomes {
            output.value(&json!({
                "schema": "probity/audit/1",
                "subject": o.document.predicate.subject,
                "claims": o.document.predicate.claims,
                "findings": o.document.findings,
                "dossier": o.dossier.as_deref().map(Path::to_string_lossy),
            }));
        }
        return;
    }
    let places: Vec<Option<String>> =
        outcomes.iter().map(|o| o.dossier.as_ref().map(|d| d.display().to_string())).collect();
    let shown: Vec<Shown<'_>> = outcomes
        .iter()
        .zip(&places)
        .map(|(o, place)| Shown { document: &o.document, place: place.as_deref() })
        .collect();
    output.text(&summary(&shown, output.paint()));
}

/// Prints what differs from the expectations; 0 if nothing does.
fn compare(outcomes: &[CaseOutcome], output: &Output) -> u8 {
    let differences = audit::differences(outcomes);
    if output.json {
        for d in &differences {
            output.value(&json!({
                "schema": "probity/difference/1", "case": d.case, "claim": d.claim,
                "expected": d.expected, "found": d.found,
            }));
        }
        return u8::from(!differences.is_empty());
    }
    if differences.is_empty() {
        let claims: usize = outcomes.iter().map(|o| o.expect.len()).sum();
        output.text(&format!("expected: all {claims} verdicts of {} cases\n", outcomes.len()));
        return 0;
    }
    let mut rows = vec![["case", "claim", "expected", "found"].map(str::to_owned)];
    for d in differences {
        rows.push([d.case, d.claim.to_string(), d.expected, d.found]);
    }
    let width = |i: usize| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    output.text("not as expected:\n");
    for [case, claim, expected, found] in &rows {
        let [a, b, c] = widths;
        output.text(&format!("  {case:a$}  {claim:b$}  {expected:c$}  {found}\n"));
    }
    1
}
