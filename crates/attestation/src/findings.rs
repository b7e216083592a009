//! Findings from lines: one for each distinct thing a check says, with the devices it is said of.

use crate::fleet::{Fleet, numbered};
use crate::ledger::claim;
use crate::line::{Line, check};
use crate::time::Time;
use evidence::{FindingDraft, Locator, Provenance, Supplied};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most devices listed in one finding; the rest is counted.
const MAX_LOCATORS: usize = 100;

/// What the findings are about.
pub(crate) struct About<'a> {
    pub(crate) primary: &'a Supplied,
    pub(crate) provenance: Provenance,
    pub(crate) fleet: &'a Fleet,
    pub(crate) at: Time,
    pub(crate) limits: &'a [String],
}

/// A line, and the devices it is said of.
type Said<'a> = (&'a Line, Vec<(usize, &'a Line)>);

/// The findings, sorted by check, then by what they are about.
pub(crate) fn findings(about: &About<'_>) -> Vec<FindingDraft> {
    let rows = &about.fleet.rows;
    let mut said: BTreeMap<u32, Said<'_>> = BTreeMap::new();
    for ((i, row), numbers) in
        rows.iter().enumerate().zip(numbered(rows.iter().map(|row| &row.judged)))
    {
        for (line, number) in row.judged.lines.iter().zip(numbers) {
            said.entry(number).or_insert_with(|| (line, Vec::new())).1.push((i, line));
        }
    }
    let mut all: Vec<Said<'_>> = said.into_values().collect();
    let first = |by: &[(usize, &Line)]| by.first().map_or(0, |(i, _)| *i);
    all.sort_by(|(a, x), (b, y)| {
        (a.check, &a.item, first(x), &a.title).cmp(&(b.check, &b.item, first(y), &b.title))
    });
    all.iter().map(|(line, by)| draft(about, line, by)).collect()
}

fn draft(about: &About<'_>, line: &Line, by: &[(usize, &Line)]) -> FindingDraft {
    let alone = about.fleet.rows.len() == 1;
    let members: Vec<usize> = by.iter().map(|(i, _)| *i).collect();
    let labels = about.fleet.labels(&members);
    let title = if alone {
        line.title.clone()
    } else {
        format!("{} of {} devices: {}", by.len(), about.fleet.rows.len(), line.title)
    };
    let item = match (&line.item, alone) {
        (Some(item), true) => Some(item.clone()),
        (Some(item), false) => Some(format!("{labels}: {item}")),
        (None, true) => None,
        (None, false) => Some(labels),
    };
    let mut locators: Vec<Locator> =
        by.iter().take(MAX_LOCATORS).map(|(i, l)| locator(about, *i, l)).collect();
    if let Some(more) = by.len().checked_sub(MAX_LOCATORS).filter(|n| *n > 0) {
        locators.push(Locator {
            name: format!("and {more} more"),
            bit: None,
            src: None,
            role: None,
        });
    }
    let mut metrics: BTreeMap<String, Value> =
        line.numbers.iter().map(|(name, n)| ((*name).to_owned(), Value::from(*n))).collect();
    metrics.insert("devices".to_owned(), Value::from(by.len()));
    metrics.insert("at".to_owned(), Value::from(about.at.to_string()));
    if !line.commands.is_empty() {
        metrics.insert("commands".to_owned(), Value::from(line.commands.clone()));
    }
    let mut assumptions = line.limits.clone();
    if matches!(line.check, check::CHAIN | check::REPORT | check::RIM) {
        assumptions.extend(about.limits.iter().cloned());
    }
    FindingDraft {
        check: line.check.to_owned(),
        claim: claim(line.check),
        artifact: about.primary.digest,
        verdict: line.verdict,
        reason: line.reason,
        kind: line.kind.map(str::to_owned),
        item,
        title,
        detail: detail(line),
        scope: scope(about, &members),
        assumptions,
        locators,
        grade: None,
        coverage: line.coverage.clone(),
        certificate: None,
        witness: None,
        metrics,
    }
}

fn detail(line: &Line) -> String {
    let mut detail = line.detail.clone();
    if !line.commands.is_empty() {
        if !detail.is_empty() {
            detail.push(' ');
        }
        detail.push_str("To repeat it with other tools: ");
        detail.push_str(&line.commands.join(" && "));
    }
    if detail.is_empty() { line.title.clone() } else { detail }
}

fn locator(about: &About<'_>, device: usize, line: &Line) -> Locator {
    let row = about.fleet.rows.get(device);
    let label = row.map_or_else(String::new, |r| r.label.clone());
    let place = row.map_or("", |r| r.judged.place.as_str());
    let src = if place.is_empty() {
        about.primary.name.clone()
    } else {
        format!("{}#{place}", about.primary.name)
    };
    let role = Some(line.place.clone()).filter(|p| !p.is_empty());
    Locator { name: label, bit: None, src: Some(src), role }
}

/// One sentence: of what, under what, and what was not looked at.
fn scope(about: &About<'_>, members: &[usize]) -> String {
    let what = match members.len() {
        1 => "1 device".to_owned(),
        n => format!("{n} devices"),
    };
    let mut without = Vec::new();
    if about.limits.iter().any(|l| l.starts_with("freshness")) {
        without.push("freshness (no nonce)".to_owned());
    }
    if about.limits.iter().any(|l| l.starts_with("revocation not checked")) {
        without.push("revocation (no data)".to_owned());
    }
    let unbound = members
        .iter()
        .filter_map(|m| about.fleet.rows.get(*m))
        .filter(|row| !row.judged.lines.iter().any(|l| l.check == check::BINDING))
        .count();
    if unbound > 0 {
        without.push("binding of the leaf to the firmware (no FWID)".to_owned());
    }
    let without = if without.is_empty() {
        String::new()
    } else {
        format!("; not checked: {}", without.join(", "))
    };
    format!(
        "of what {} ({}) reports about {what}, judged at {}{without}; which machine it came from and what the published \
         firmware does were not examined",
        about.primary.name,
        about.provenance.id(),
        about.at
    )
}
