//! The terminal report: a matrix per subject, what was refuted and how, and what was not examined.
//!
//! Method: plain text first; colour is added only where the caller says a terminal listens. Columns
//! are as wide as their widest cell, counted in characters.

use crate::document::Document;
use crate::sarif::source_line;
use crate::words::{examined, metric, not_examined, number, plain, plural};
use evidence::{ArtifactKind, Claim, Finding, Verdict};
use std::fmt::Write as _;

/// Whether and how to colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// Escape sequences for a terminal.
    Colour,
    /// None.
    Plain,
}

impl Paint {
    /// A verdict in its colour.
    pub fn verdict(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Refuted => "1;31",
            Verdict::Suspect => "35",
            Verdict::Undetermined => "33",
            Verdict::NothingFound => "36",
            Verdict::Proved => "1;32",
        };
        self.wrap(code, text)
    }
    /// Text of less weight.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }
    /// Text of more weight.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }
    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Colour if !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }
}

/// One dossier to show, and where it is.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its contents.
    pub document: &'a Document,
    /// Its directory, as the reader would type it; absent if none was written.
    pub place: Option<&'a str>,
}

/// The matrices of all subjects, the refutations, the scope.
pub fn summary(all: &[Shown<'_>], paint: Paint) -> String {
    let mut text = String::new();
    let mut subjects: Vec<(&str, Vec<Shown<'_>>)> = Vec::new();
    for shown in all {
        let model = shown.document.predicate.subject.model.as_str();
        match subjects.iter_mut().find(|s| s.0 == model) {
            Some((_, list)) => list.push(*shown),
            None => subjects.push((model, vec![*shown])),
        }
    }
    for (model, list) in &subjects {
        matrix(&mut text, &plain(model), list, paint);
    }
    for shown in all {
        for finding in &shown.document.findings {
            if finding.body.verdict <= Verdict::Undetermined {
                story(&mut text, *shown, finding, paint);
            }
        }
    }
    footer(&mut text, all, paint);
    text
}

fn matrix(text: &mut String, model: &str, list: &[Shown<'_>], paint: Paint) {
    let claims: Vec<Claim> = Claim::ALL
        .into_iter()
        .filter(|c| list.iter().any(|s| s.document.predicate.claims.get(c).is_some_and(examined)))
        .collect();
    let first =
        list.iter().map(|s| width(&plain(&s.document.name))).max().unwrap_or(0).max(width(model));
    let cells: Vec<Vec<(Option<Verdict>, String)>> =
        list.iter().map(|s| claims.iter().map(|&c| cell(s.document, c)).collect()).collect();
    let columns: Vec<usize> = claims
        .iter()
        .enumerate()
        .map(|(i, c)| {
            cells.iter().map(|row| width(&row[i].1)).max().unwrap_or(0).max(width(c.id()))
        })
        .collect();
    let mut line = pad(model, first);
    for (claim, &column) in claims.iter().zip(&columns) {
        let _ = write!(line, "  {}", pad(claim.id(), column));
    }
    let _ = writeln!(text, "{}", paint.bold(line.trim_end()));
    for (shown, row) in list.iter().zip(&cells) {
        let mut line = pad(&plain(&shown.document.name), first);
        for ((verdict, cell), &column) in row.iter().zip(&columns) {
            let padded = if std::ptr::eq(cell, &row[row.len() - 1].1) {
                cell.clone()
            } else {
                pad(cell, column)
            };
            let painted = match verdict {
                Some(v) => {
                    let word = v.id().to_uppercase();
                    let rest = padded.strip_prefix(word.as_str()).unwrap_or("").to_owned();
                    format!("{}{rest}", paint.verdict(*v, &word))
                }
                None => paint.dim(&padded),
            };
            let _ = write!(line, "  {painted}");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn cell(document: &Document, claim: Claim) -> (Option<Verdict>, String) {
    match document.predicate.claims.get(&claim) {
        Some(entry) if examined(entry) => {
            let word = pad(&entry.verdict.id().to_uppercase(), 8);
            let metric = metric(&document.findings, claim, entry.verdict);
            (Some(entry.verdict), plain(format!("{word} {metric}").trim_end()))
        }
        _ => (None, "not examined".to_owned()),
    }
}

/// What is wrong, by which stimulus, where, and how to see it.
fn story(text: &mut String, shown: Shown<'_>, finding: &Finding, paint: Paint) {
    let body = &finding.body;
    let head = paint.verdict(body.verdict, &plain(&shown.document.name));
    let Some(witness) = shown.document.witnesses.get(&finding.id) else {
        let reason = body.reason.map_or_else(String::new, |r| format!(" ({r})"));
        let _ = writeln!(text, "{head}: {}{reason}", plain(&body.title));
        let _ = writeln!(text, "   {}", plain(&body.detail));
        return;
    };
    let (stimulus, observation) = (plain(&witness.stimulus), plain(&witness.observation));
    let _ = writeln!(text, "{head}: {stimulus}, then {observation}");
    let _ = writeln!(text, "   {}", plain(&line_two(finding).join("; ")));
    if let (Some(place), Some(object)) = (shown.place, &body.witness) {
        let bench = object.path.replace(".json", ".v");
        if shown.document.predicate.files.iter().any(|f| f.path == bench) {
            let _ = writeln!(
                text,
                "   see it without our code:  {}",
                paint.dim(&format!("sh {place}/{}", object.path.replace(".json", ".sh")))
            );
        }
    }
}

/// What holds it, and where.
fn line_two(finding: &Finding) -> Vec<String> {
    let body = &finding.body;
    let closed = match body.kind.as_deref() {
        Some("dead" | "timer") => "closed under every input",
        Some("lock") => "closed under every documented owner word",
        Some("leash") => "closed whatever the owner does",
        Some("overdue") => "not left in time under any input",
        _ => "",
    };
    let mut parts = vec![body.title.clone()];
    if let (Some(count), false) = (number(finding, "closed_registers"), closed.is_empty()) {
        parts.push(format!("{}, {closed}", plural(count, "register")));
    }
    let mut places: Vec<String> = Vec::new();
    for locator in &body.locators {
        if let Some((file, line)) = source_line(locator) {
            let file = file.rsplit('/').next().unwrap_or(&file);
            let place = format!("{file}:{line} ({})", locator.name);
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let more = places.len().saturating_sub(3);
    places.truncate(3);
    if more > 0 {
        places.push(format!("and {more} more"));
    }
    if !places.is_empty() {
        parts.push(places.join(", "));
    }
    parts
}

fn footer(text: &mut String, all: &[Shown<'_>], paint: Paint) {
    let missing: Vec<&str> =
        not_examined(all.iter().flat_map(|s| s.document.predicate.claims.values()))
            .iter()
            .map(|k| k.id())
            .collect();
    let _ = writeln!(
        text,
        "{} {}.   {} {}",
        paint.bold("Scope:"),
        scope(all),
        paint.bold("Not examined:"),
        missing.join(" ")
    );
    let worst = all.iter().min_by_key(|s| s.document.findings.iter().map(|f| f.body.verdict).min());
    if let Some((shown, place)) = worst.and_then(|s| Some((s, s.place?))) {
        let artifacts = &shown.document.predicate.artifacts;
        let elsewhere = artifacts.iter().any(|a| !a.included && a.contract.is_some());
        let more = if elsewhere { " --artifacts DIR" } else { "" };
        let _ = writeln!(text, "{} probity-verify {place}{more}", paint.bold("check it:"));
    }
}

/// What the verdicts are about, in a few words.
fn scope(all: &[Shown<'_>]) -> &'static str {
    let kinds = all.iter().flat_map(|s| s.document.predicate.claims.values());
    let designs = kinds.flat_map(|c| c.examinations.keys()).all(|k| *k == ArtifactKind::Design);
    match (designs, all.len()) {
        (true, 1) => "this netlist, this contract; not silicon",
        (true, _) => "these netlists, these contracts; not silicon",
        (false, 1) => "the files of this case, as they were given; not the part itself",
        (false, _) => "the files of these cases, as they were given; not the parts themselves",
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn pad(text: &str, to: usize) -> String {
    let missing = to.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}
