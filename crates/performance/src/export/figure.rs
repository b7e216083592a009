//! The numbers behind a class: metrics of the finding, and the same as JSON.
//!
//! Problem: whoever disputes a class disputes a number, so every figure is given with its interval and
//! error, every threshold with its margin, and every other rule version with what it would say.
//! Method: text with a fixed number of digits, so that the same input prints the same bytes.
//! What it cannot see: digits beyond those; exact values are in the specification.

use super::{Question, Ruling, rulings};
use crate::class::{Change, Margin};
use crate::figure::{Figure, bandwidth_density};
use crate::quantity::Unit;
use crate::rule::{Known, Rule};
use crate::sheet::Sheet;
use crate::spec::Spec;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Rulings and figures as JSON, for `probity performance classify --json`.
pub fn summary(spec: &Spec, sheet: &Sheet, rulings: &[Ruling]) -> Value {
    let mut figures = BTreeMap::new();
    put(&mut figures, "tpp", sheet.subject.tpp, 3);
    put(&mut figures, "pd", sheet.subject.density(), 4);
    put(&mut figures, "die_area_mm2", sheet.subject.area, 3);
    put(&mut figures, "memory_gb_s", sheet.subject.memory, 3);
    put(&mut figures, "link_gb_s", sheet.subject.link, 3);
    let figures: Map<String, Value> = figures.into_iter().collect();
    let rulings: Vec<Value> = rulings
        .iter()
        .map(|r| {
            json!({
                "rule": r.rule.id, "title": r.rule.title, "citation": r.rule.citation,
                "effective": r.rule.effective.to_string(), "in_force": r.in_force,
                "source": if r.rule.source == Known::Primary { "primary" } else { "secondary" },
                "note": r.rule.note,
                "class": r.classes.decided(), "possible": r.classes.classes,
                "paragraphs": r.classes.paragraphs,
                "margins": r.margins.iter().map(|m| json!({
                    "threshold": format!("{} {}", m.bound.axis.id(), m.bound.threshold()),
                    "text": m.text(),
                })).collect::<Vec<_>>(),
                "changes": r.changes.iter().map(Change::text).collect::<Vec<_>>(),
            })
        })
        .collect();
    let traps: Vec<Value> = sheet
        .traps
        .iter()
        .map(|t| json!({ "kind": t.kind, "place": t.place, "text": t.text, "contradiction": t.contradiction }))
        .collect();
    json!({
        "schema": "probity/classification/1", "part": spec.part, "figures": figures,
        "assumed": sheet.assumed, "traps": traps, "rulings": rulings,
        "advice": "not legal advice; not modelled: letters to single companies, end use, end user, destination",
    })
}

pub(super) fn metrics(
    sheet: &Sheet,
    question: &Question<'_>,
    rule: &Rule,
    class: &str,
    declared: Option<&str>,
    margins: &[Margin],
    changes: &[Change],
) -> BTreeMap<String, Value> {
    let subject = &sheet.subject;
    let mut all = BTreeMap::new();
    put(&mut all, "tpp", subject.tpp, 3);
    put(&mut all, "pd", subject.density(), 4);
    put(&mut all, "die_area_mm2", subject.area, 3);
    put(&mut all, "memory_gb_s", subject.memory, 3);
    put(&mut all, "link_gb_s", subject.link, 3);
    put(&mut all, "stack_gb_s_mm2", subject.hbm_density, 4);
    if let (Some(memory), Some(area)) = (subject.memory, subject.area) {
        put(&mut all, "memory_gb_s_mm2", Some(bandwidth_density(memory, area)), 4);
    }
    if let (Some(link), Some(area)) = (subject.link, subject.area) {
        put(&mut all, "link_gb_s_mm2", Some(bandwidth_density(link, area)), 4);
    }
    if let (Some(tpp), Some(area)) = (subject.tpp, subject.area) {
        let (t, a) = (tpp.relative(), area.relative());
        let rho = if t > 0.0 || a > 0.0 { t / t.hypot(a) } else { 0.0 };
        all.insert("tpp_pd_correlation".to_owned(), json!(format!("{rho:.4}")));
    }
    let mut text = |name: String, value: String| {
        all.insert(name, Value::String(value));
    };
    text("class".into(), class.into());
    text("declared".into(), declared.unwrap_or("-").into());
    text("rule".into(), rule.id.clone());
    text("otherwise".into(), rule.otherwise.clone());
    for (i, p) in rule.paragraphs.iter().enumerate() {
        text(format!("region.{i:02}"), format!("{} = {}", p.text(), p.class));
    }
    for m in margins {
        let threshold = format!("{} {}", m.bound.axis.id(), m.bound.threshold());
        text(format!("margin.{threshold}"), m.text());
    }
    for (i, change) in changes.iter().enumerate() {
        text(format!("change.{i:02}"), change.text());
    }
    for r in rulings(question.rules, subject, question.at) {
        if r.rule.id == rule.id {
            continue;
        }
        let class = r.classes.classes.iter().cloned().collect::<Vec<_>>().join(" or ");
        let force = match r.in_force {
            Some(true) => ", in force",
            Some(false) => ", not in force on that day",
            None => "",
        };
        let words = format!("{class} (effective {}{force})", r.rule.effective);
        text(format!("also.{}", r.rule.id), words);
    }
    if let Some(day) = question.at {
        text("at".into(), day.to_string());
    }
    all
}

fn put<U: Unit>(
    into: &mut BTreeMap<String, Value>,
    name: &str,
    figure: Option<Figure<U>>,
    digits: usize,
) {
    let Some(f) = figure else { return };
    into.insert(name.to_owned(), json!(f.mid.number(digits)));
    into.insert(format!("{name}_low"), json!(f.low.number(digits)));
    into.insert(format!("{name}_high"), json!(f.high.number(digits)));
    into.insert(format!("{name}_error"), json!(format!("{:.4}", f.error)));
}
