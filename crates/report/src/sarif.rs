//! SARIF 2.1.0 (OASIS, 2020): findings for code-scanning front ends.
//!
//! A refuted claim is an error, a suspect or open one a warning, a proved one a pass. Locators
//! become physical locations where the netlist names a source line, logical ones otherwise.

use crate::document::Document;
use evidence::{CHECKS, Finding, Locator, Verdict};
use serde_json::{Value, json};

/// Most locations per result.
const MAX_LOCATIONS: usize = 50;

/// The log of one dossier.
pub fn log(document: &Document) -> String {
    let rules: Vec<Value> = CHECKS
        .iter()
        .map(|c| {
            json!({
                "id": c.id,
                "shortDescription": { "text": c.title },
                "fullDescription": { "text": c.examines },
                "help": { "text": c.violation },
            })
        })
        .collect();
    let results: Vec<Value> = document.findings.iter().map(|f| result(document, f)).collect();
    let log = json!({
        "version": "2.1.0",
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "runs": [{
            "tool": { "driver": {
                "name": "probity",
                "fullName": document.predicate.tool,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(document: &Document, finding: &Finding) -> Value {
    let body = &finding.body;
    let (kind, level) = match body.verdict {
        Verdict::Refuted => ("fail", "error"),
        Verdict::Suspect => ("fail", "warning"),
        Verdict::Undetermined => ("open", "none"),
        Verdict::NothingFound | Verdict::Proved => ("pass", "none"),
    };
    let mut message = body.title.clone();
    if let Some(witness) = document.witnesses.get(&finding.id) {
        message = format!("{message}: {}, then {}", witness.stimulus, witness.observation);
    }
    let locations: Vec<Value> = body.locators.iter().take(MAX_LOCATIONS).map(location).collect();
    json!({
        "ruleId": body.check,
        "kind": kind,
        "level": level,
        "message": { "text": message },
        "locations": locations,
        "fingerprints": { "probity/finding/1": finding.id.hex() },
        "properties": {
            "claim": body.claim,
            "verdict": body.verdict,
            "item": body.item,
            "scope": body.scope,
        },
    })
}

fn location(locator: &Locator) -> Value {
    let bit = locator.bit.map_or_else(String::new, |b| format!("[{b}]"));
    let name = format!("{}{bit}", locator.name);
    let mut value = json!({ "logicalLocations": [{ "fullyQualifiedName": name }] });
    if let Some((file, line)) = source_line(locator) {
        value["physicalLocation"] = json!({
            "artifactLocation": { "uri": file },
            "region": { "startLine": line },
        });
    }
    if let Some(role) = &locator.role {
        value["message"] = json!({ "text": role });
    }
    value
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
