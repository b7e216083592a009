//! The finding about the export class.
//!
//! Problem: a class is a legal word with a number behind it; the finding must say which rule version,
//! known from where, how far every threshold is, and must not claim more than its sources.
//!
//! | condition, the first that holds | verdict |
//! |---|---|
//! | every possible class differs from the declared one; rule primary, nothing it depends on assumed | `refuted` |
//! | the same, rule secondary or a figure assumed | `suspect` |
//! | several classes possible | `undetermined`: `contradiction` if the sheet contradicts itself, `missing-artifact` if a figure is not stated, else `missing-reference` |
//! | one class, none declared | `undetermined(missing-reference)`; the class is in the title |
//! | one class, the declared one; rule primary, nothing it depends on assumed | `proved` |
//! | the same, rule secondary or a figure assumed | `nothing-found` |
//!
//! A class depends on a figure if another class is possible once the figure is unknown.
//! Cost: one classification for each rule version. What it cannot see: whatever the rule leaves to a
//! licensing officer.

mod figure;

pub use figure::summary;

use crate::class::{Change, Classes, Margin, Subject, changes, classes, margins};
use crate::rule::{Axis, Day, Known, Rule};
use crate::sheet::Sheet;
use crate::spec::Spec;
use evidence::{Claim, Fault, FindingDraft, Locator, Provenance, Reason, Supplied, Verdict};
use figure::metrics;

/// Check id.
pub const EXPORT_CLASS: &str = "performance.export-class";
/// Series whose newest version in force governs, unless a rule is named.
pub const SERIES: &str = "3A090";

/// A subject under one rule version.
#[derive(Clone, PartialEq, Debug)]
pub struct Ruling {
    /// The rule.
    pub rule: Rule,
    /// Possible classes.
    pub classes: Classes,
    /// Margins to its thresholds.
    pub margins: Vec<Margin>,
    /// What would move the class.
    pub changes: Vec<Change>,
    /// In force on the day asked for; `None` if no day was.
    pub in_force: Option<bool>,
}

/// The subject under every rule that looks at something it may have.
pub fn rulings(rules: &[Rule], subject: &Subject, at: Option<&Day>) -> Vec<Ruling> {
    // a rule about memory stacks says nothing about a specification without one
    let asked = |rule: &&Rule| {
        subject.hbm_density.is_some() || rule.bounds().iter().any(|b| b.axis != Axis::HbmDensity)
    };
    rules
        .iter()
        .filter(asked)
        .map(|rule| Ruling {
            rule: rule.clone(),
            classes: classes(rule, subject),
            margins: margins(rule, subject),
            changes: changes(rule, subject),
            in_force: at.map(|day| in_force(rules, rule, day)),
        })
        .collect()
}

/// Newest of its series that is effective on the day.
fn in_force(rules: &[Rule], rule: &Rule, day: &Day) -> bool {
    let effective = rules.iter().filter(|r| r.series == rule.series && r.effective <= *day);
    effective.max_by(|a, b| a.effective.cmp(&b.effective)).is_some_and(|r| r.id == rule.id)
}

/// The rule that governs: the one named, else the newest of [`SERIES`] in force on the day.
///
/// # Errors
/// If no rule is of that name, or none is in force yet.
pub fn governing<'a>(
    rules: &'a [Rule],
    named: Option<&str>,
    at: Option<&Day>,
    file: &str,
) -> Result<&'a Rule, Fault> {
    if let Some(id) = named {
        return rules.iter().find(|r| r.id == id).ok_or_else(|| {
            let known: Vec<&str> = rules.iter().map(|r| r.id.as_str()).collect();
            let what = format!("there is no rule `{}`", crate::spec::shown(id));
            Fault::new(file, "rule", &what, &format!("known: {}", known.join(", ")))
        });
    }
    let of_series = rules.iter().filter(|r| r.series == SERIES);
    let due = of_series.filter(|r| at.is_none_or(|day| r.effective <= *day));
    due.max_by(|a, b| a.effective.cmp(&b.effective)).ok_or_else(|| {
        Fault::new(file, "at", "no rule was in force on that day", "name a day from 2022-10-21 on")
    })
}

/// The class a declaration means: a class of the rule, or the class of one of its paragraphs.
fn meant<'a>(rule: &'a Rule, declared: &str, file: &str) -> Result<&'a str, Fault> {
    let class = rule.classes().into_iter().find(|c| *c == declared);
    let paragraph = rule.paragraphs.iter().find(|p| p.id == declared).map(|p| p.class.as_str());
    class.or(paragraph).ok_or_else(|| {
        let what = format!("{} gives no class `{}`", rule.id, crate::spec::shown(declared));
        let remedy = format!("its classes: {}", rule.classes().join(", "));
        Fault::new(file, "declared_class", &what, &remedy)
    })
}

/// The subject with everything assumed taken as unknown.
fn without_assumed(spec: &Spec, subject: &Subject) -> Subject {
    let mut s = *subject;
    if spec.throughput.iter().any(|t| t.assumed) {
        s.tpp = None;
    }
    if spec.dies.iter().any(|d| d.assumed) {
        s.area = None;
    }
    if spec.memory.as_ref().is_some_and(|m| m.assumed) {
        s.memory = None;
    }
    if spec.link.as_ref().is_some_and(|l| l.assumed) {
        s.link = None;
    }
    s
}

/// What the examination was asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Rules known.
    pub rules: &'a [Rule],
    /// A rule by its id, instead of the newest.
    pub rule: Option<&'a str>,
    /// The day.
    pub at: Option<&'a Day>,
    /// The class declared.
    pub declared: Option<&'a str>,
    /// Where the specification comes from.
    pub provenance: Provenance,
}

/// Verdict, reason and why in a few words.
struct Decision {
    verdict: Verdict,
    reason: Option<Reason>,
    words: String,
}

/// The finding.
///
/// # Errors
/// If the rule or the class asked about does not exist.
pub fn finding(
    primary: &Supplied,
    spec: &Spec,
    sheet: &Sheet,
    question: &Question<'_>,
) -> Result<FindingDraft, Fault> {
    let rule = governing(question.rules, question.rule, question.at, &primary.name)?;
    let declared = question.declared.or(spec.declared_class.as_deref());
    let declared = declared.map(|d| meant(rule, d, &primary.name)).transpose()?;
    let subject = &sheet.subject;
    let found = classes(rule, subject);
    let rests = classes(rule, &without_assumed(spec, subject)).decided() != found.decided();
    let decision = decide(rule, sheet, &found, declared, rests);

    let class = match found.decided() {
        Some(class) => class.to_owned(),
        None => found.classes.iter().cloned().collect::<Vec<_>>().join(" or "),
    };
    let margins = margins(rule, subject);
    let changes = changes(rule, subject);
    let detail = detail(rule, sheet, &class, &margins, &changes, &decision.words);
    let mut assumptions = assumptions(rule, sheet);
    if decision.verdict >= Verdict::NothingFound || declared.is_none() {
        assumptions.push("the figures of the specification are those of the part".to_owned());
    }
    let coverage = (decision.verdict == Verdict::NothingFound).then(|| decision.words.clone());
    let grade = (decision.verdict == Verdict::Suspect).then(|| {
        let secondary =
            if rule.source == Known::Secondary { "secondary rule" } else { "assumed figures" };
        format!("class {class}, {secondary}")
    });
    let source = if rule.source == Known::Primary { "primary" } else { "secondary" };
    Ok(FindingDraft {
        check: EXPORT_CLASS.to_owned(),
        claim: Claim::PerformanceAsDeclared,
        artifact: primary.digest,
        verdict: decision.verdict,
        reason: decision.reason,
        kind: Some(if found.decided().is_some() { "class" } else { "open" }.to_owned()),
        item: Some(rule.id.clone()),
        title: title(&class, rule, declared),
        detail,
        scope: format!(
            "of the specification {} ({}) under {} ({source} source); not legal advice",
            primary.name,
            question.provenance.id(),
            rule.citation
        ),
        assumptions,
        locators: locators(spec),
        grade,
        coverage,
        certificate: None,
        witness: None,
        metrics: metrics(sheet, question, rule, &class, declared, &margins, &changes),
    })
}

fn title(class: &str, rule: &Rule, declared: Option<&str>) -> String {
    let end = match declared {
        Some(d) if d == class => format!("as declared ({d})"),
        Some(d) => format!("declared: {d}"),
        None => "no class is declared".to_owned(),
    };
    format!("Class {class} under {}; {end}", rule.id)
}

fn decide(
    rule: &Rule,
    sheet: &Sheet,
    found: &Classes,
    declared: Option<&str>,
    rests_on_assumed: bool,
) -> Decision {
    let why_weak = {
        let mut why = Vec::new();
        if rule.source == Known::Secondary {
            why.push(format!("{} is known from secondary sources only", rule.id));
        }
        if rests_on_assumed {
            why.push(format!("the class rests on assumed figures ({})", sheet.assumed.join(", ")));
        }
        why.join("; ")
    };
    let agrees = declared.is_some_and(|d| found.classes.contains(d));
    let strong = why_weak.is_empty();
    let (verdict, reason, words) = match (found.decided(), declared) {
        (_, Some(_)) if !agrees => {
            let verdict = if strong { Verdict::Refuted } else { Verdict::Suspect };
            (verdict, None, why_weak)
        }
        (None, _) => {
            let contradicts = sheet.traps.iter().any(|t| t.contradiction);
            let missing = rule.bounds().iter().any(|b| unknown(&sheet.subject, b.axis));
            let (reason, words) = if contradicts {
                (Reason::Contradiction, "figures of the sheet contradict each other".to_owned())
            } else if missing {
                let words = "a figure the class depends on is not stated".to_owned();
                (Reason::MissingArtifact, words)
            } else {
                let words = "the figures are not precise enough for one class".to_owned();
                (Reason::MissingReference, words)
            };
            (Verdict::Undetermined, Some(reason), words)
        }
        (Some(_), None) => {
            let words = "nobody declares a class to compare with".to_owned();
            (Verdict::Undetermined, Some(Reason::MissingReference), words)
        }
        (Some(_), Some(_)) => {
            let verdict = if strong { Verdict::Proved } else { Verdict::NothingFound };
            (verdict, None, why_weak)
        }
    };
    Decision { verdict, reason, words }
}

fn unknown(subject: &Subject, axis: Axis) -> bool {
    match axis {
        Axis::Tpp => subject.tpp.is_none(),
        Axis::Pd => subject.density().is_none(),
        Axis::Link => subject.link.is_none(),
        Axis::Memory => subject.memory.is_none(),
        Axis::HbmDensity => subject.hbm_density.is_none(),
    }
}

fn detail(
    rule: &Rule,
    sheet: &Sheet,
    class: &str,
    margins: &[Margin],
    changes: &[Change],
    words: &str,
) -> String {
    let mut parts = Vec::new();
    if let Some(tpp) = sheet.subject.tpp {
        parts.push(format!("TPP {} (interval {})", tpp.mid.number(2), tpp.interval(2)));
    }
    if let Some(pd) = sheet.subject.density() {
        parts.push(format!("PD {} (interval {})", pd.mid.number(3), pd.interval(3)));
    }
    let mut text = format!("{}: class {class} under {}.", parts.join(", "), rule.title);
    if !words.is_empty() {
        text.push_str(&format!(" Note: {words}."));
    }
    let near: Vec<String> = margins
        .iter()
        .map(|m| format!("{} from {} {}", m.text(), m.bound.axis.id(), m.bound.threshold()))
        .collect();
    if !near.is_empty() {
        text.push_str(&format!(" Margins: {}.", near.join("; ")));
    }
    let moves: Vec<String> = changes.iter().map(Change::text).collect();
    if !moves.is_empty() {
        text.push_str(&format!(" One change would move the class: {}.", moves.join("; ")));
    }
    if !rule.note.is_empty() {
        text.push_str(&format!(" About the rule: {}", rule.note));
    }
    text
}

fn assumptions(rule: &Rule, sheet: &Sheet) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if rule.source == Known::Secondary {
        all.push(format!("{} says what secondary sources say it does", rule.citation));
    }
    all.extend(sheet.assumed.iter().map(|a| format!("assumed: {a}")));
    all.extend(sheet.notes.iter().cloned());
    all.extend(sheet.traps.iter().map(|t| format!("{} {}", t.place, t.text)));
    all.push(
        "not modelled: letters to single companies, end use, end user, destination, other entries"
            .to_owned(),
    );
    all
}

fn locators(spec: &Spec) -> Vec<Locator> {
    let place = |name: String, source: &str, assumed: bool| Locator {
        name,
        bit: None,
        src: Some(source.to_owned()),
        role: assumed.then(|| "assumed".to_owned()),
    };
    let throughput = spec.throughput.iter();
    let mut all: Vec<Locator> = throughput
        .map(|t| place(format!("throughput {} {}", t.format, t.stated.mid), &t.source, t.assumed))
        .collect();
    all.extend(spec.dies.iter().map(|d| {
        place(format!("die {} {} × {}", d.name, d.count, d.area.mid), &d.source, d.assumed)
    }));
    for (name, bandwidth) in [("memory", &spec.memory), ("link", &spec.link)] {
        all.extend(
            bandwidth
                .iter()
                .map(|b| place(format!("{name} {}", b.figure.mid), &b.source, b.assumed)),
        );
    }
    all
}
