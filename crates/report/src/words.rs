//! Short words for verdicts: the cell of a matrix, a list of examinations, time and numbers.

use dossier::ClaimEntry;
use evidence::{ArtifactKind, Claim, Finding, Verdict};
use serde_json::Value;
use std::collections::BTreeSet;

/// The few words beside a verdict in the matrix (`14 obligations`, `1 command`, `after 500.0 h`).
pub fn metric(findings: &[Finding], claim: Claim, verdict: Verdict) -> String {
    let about = || findings.iter().filter(|f| f.body.claim == claim);
    if verdict == Verdict::Proved {
        let count: u64 = about().filter_map(|f| number(f, "obligations")).sum();
        let certified = about().any(|f| f.body.certificate.is_some());
        let checks = about().count() as u64;
        return if certified { plural(count, "obligation") } else { plural(checks, "check") };
    }
    let Some(first) = about().find(|f| f.body.verdict == verdict) else { return String::new() };
    match verdict {
        Verdict::Refuted => refuted(first),
        Verdict::NothingFound => about().find_map(export_class).unwrap_or_default(),
        Verdict::Undetermined => first.body.reason.map_or_else(String::new, |r| r.to_string()),
        _ => first.body.grade.clone().unwrap_or_default(),
    }
}

/// `class none, bis-2023`.
fn export_class(finding: &Finding) -> Option<String> {
    let (class, rule) = (text(finding, "class")?, text(finding, "rule")?);
    Some(format!("class {class}, {rule}"))
}

fn refuted(finding: &Finding) -> String {
    let kind = finding.body.kind.as_deref().unwrap_or("refuted");
    if finding.body.claim == Claim::NoTracking {
        let item = finding.body.item.as_deref().unwrap_or("identity");
        let bit =
            number(finding, "identity_bit").map_or_else(String::new, |b| format!(", bit {b}"));
        return format!("{item}{bit}, in {kind}");
    }
    if let Some(hours) = text(finding, "hours") {
        return format!("after {hours} h");
    }
    match (kind, number(finding, "key_bits"), number(finding, "words")) {
        ("lock", Some(bits), _) => format!("until a key of {bits} bits"),
        ("lock" | "leash" | "overdue", _, _) => kind.to_owned(),
        (_, _, Some(0)) => format!("{kind} after reset"),
        (_, _, Some(words)) => plural(words, "command"),
        _ => kind.to_owned(),
    }
}

/// Longest quotation of hostile text, in characters.
const MAX_SHOWN: usize = 2000;

/// Text without control or reordering characters, shortened; line breaks stay.
pub fn plain(text: &str) -> String {
    let odd = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String =
        text.chars().take(MAX_SHOWN).map(|c| if odd(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// A metric that is a number.
pub fn number(finding: &Finding, name: &str) -> Option<u64> {
    match finding.body.metrics.get(name)? {
        Value::Number(n) => n.as_u64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    }
}

/// A metric that is text.
pub fn text<'a>(finding: &'a Finding, name: &str) -> Option<&'a str> {
    finding.body.metrics.get(name)?.as_str()
}

/// `1 word`, `2 words`.
pub fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Whether anything bears on a claim.
pub fn examined(entry: &ClaimEntry) -> bool {
    !entry.examinations.is_empty()
}

/// Examinations that none of these claims tables has.
pub fn not_examined<'a>(tables: impl IntoIterator<Item = &'a ClaimEntry>) -> Vec<ArtifactKind> {
    let mut done = BTreeSet::new();
    for entry in tables {
        done.extend(entry.examinations.keys().copied());
    }
    ArtifactKind::ALL.into_iter().filter(|k| !done.contains(k)).collect()
}
