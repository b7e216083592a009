//! SARIF 2.1.0 (OASIS, 2020): findings for code-scanning front ends.
//!
//! A refuted claim is an error, a suspect or open one a warning, a proved one a pass. Locators
//! become physical locations where the netlist names a source line, logical ones otherwise. A finding
//! that is in no dossier, such as that of a hunt through a bare netlist, is written by the same
//! [`write()`] in words and at places of its own.

use crate::document::Document;
use evidence::{CHECKS, CheckPage, Finding, Locator, Verdict};
use serde_json::{Value, json};

/// Most locations per result of a dossier.
const MAX_LOCATIONS: usize = 50;

/// One result of a log.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The finding; its verdict gives the level.
    pub finding: &'a Finding,
    /// What it says.
    pub message: String,
    /// Where, the most telling first.
    pub places: Vec<Place>,
}

/// A place of a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Name in the netlist.
    pub name: String,
    /// What it is there, if that is to be told.
    pub kind: Option<String>,
    /// File and line.
    pub source: Option<(String, u32)>,
    /// Why it is listed.
    pub message: Option<String>,
}

impl Place {
    fn of(locator: &Locator) -> Self {
        let bit = locator.bit.map_or_else(String::new, |b| format!("[{b}]"));
        Self {
            name: format!("{}{bit}", locator.name),
            kind: None,
            source: source_line(locator),
            message: locator.role.clone(),
        }
    }
    fn json(&self) -> Value {
        let mut logical = json!({ "fullyQualifiedName": self.name });
        if let Some(kind) = &self.kind {
            logical["kind"] = json!(kind);
        }
        let mut value = json!({ "logicalLocations": [logical] });
        if let Some((file, line)) = &self.source {
            value["physicalLocation"] = json!({
                "artifactLocation": { "uri": file },
                "region": { "startLine": line },
            });
        }
        if let Some(message) = &self.message {
            value["message"] = json!({ "text": message });
        }
        value
    }
}

/// The log of one dossier.
pub fn log(document: &Document) -> String {
    let entries = document.findings.iter().map(|f| entry(document, f));
    write(&document.predicate.tool, CHECKS, entries)
}

/// The log of one run: the tool with its version, the checks it can report, the results.
pub fn write<'a>(
    tool: &str,
    checks: &[CheckPage],
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> String {
    let rule = |c: &CheckPage| {
        json!({
            "id": c.id,
            "shortDescription": { "text": c.title },
            "fullDescription": { "text": c.examines },
            "help": { "text": c.violation },
        })
    };
    let rules: Vec<Value> = checks.iter().map(rule).collect();
    let results: Vec<Value> = entries.into_iter().map(|e| result(&e)).collect();
    let log = json!({
        "version": "2.1.0",
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "runs": [{
            "tool": { "driver": {
                "name": "probity",
                "fullName": tool,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn entry<'a>(document: &Document, finding: &'a Finding) -> Entry<'a> {
    let body = &finding.body;
    let mut message = body.title.clone();
    if let Some(witness) = document.witnesses.get(&finding.id) {
        message = format!("{message}: {}, then {}", witness.stimulus, witness.observation);
    }
    let places = body.locators.iter().take(MAX_LOCATIONS).map(Place::of).collect();
    Entry { finding, message, places }
}

fn result(entry: &Entry<'_>) -> Value {
    let body = &entry.finding.body;
    let (kind, level) = match body.verdict {
        Verdict::Refuted => ("fail", "error"),
        Verdict::Suspect => ("fail", "warning"),
        Verdict::Undetermined => ("open", "none"),
        Verdict::NothingFound | Verdict::Proved => ("pass", "none"),
    };
    json!({
        "ruleId": body.check,
        "kind": kind,
        "level": level,
        "message": { "text": entry.message },
        "locations": entry.places.iter().map(Place::json).collect::<Vec<_>>(),
        "fingerprints": { "probity/finding/1": entry.finding.id.hex() },
        "properties": {
            "claim": body.claim,
            "verdict": body.verdict,
            "item": body.item,
            "scope": body.scope,
        },
    })
}

/// File and line of a locator's source position (`a.sv:88` or `a.sv:88.3-90.7`).
pub fn source_line(locator: &Locator) -> Option<(String, u32)> {
    let src = locator.src.as_deref()?;
    let last = src.rsplit('|').next().unwrap_or(src);
    let (file, rest) = last.rsplit_once(':')?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((file.to_owned(), digits.parse().ok().filter(|&l| l > 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_position_has_file_and_line() {
        let src = Some("a.sv:1.2-3.4|rtl/b.sv:88.17-90.3".to_owned());
        let locator = Locator { name: "x".into(), bit: None, src, role: None };
        assert_eq!(source_line(&locator), Some(("rtl/b.sv".to_owned(), 88)));
    }
}
