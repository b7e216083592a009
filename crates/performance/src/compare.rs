//! Declared against measured.
//!
//! Problem: a peak is never reached, a benchmark score is never exact, and a part may be weaker than
//! declared (throttled) or stronger (under-declared); both matter.
//! Method: each declaration is a range. A declared result has its stated uncertainty; a peak bounds a
//! measurement from above always, and from below only where `attainable` says which fraction of it a
//! good measurement reaches. Of the groups of a metric (problem sizes, kernels) the one with the highest
//! median is compared, since it comes closest to the peak. The run's interval at 99 %
//! ([`crate::stats::location`]) excludes the range or it does not.
//!
//! | condition, the first that holds | verdict |
//! |---|---|
//! | nothing is declared about the metric | `undetermined(missing-reference)` |
//! | fewer than 8 samples in every group | `undetermined(missing-artifact)` |
//! | interval above the range, or below it | `refuted` (`stronger`, `weaker`) |
//! | a stretch between change points has an interval outside the range | `suspect` (`stronger-in-part`, `weaker-in-part`) |
//! | the declaration has no lower end | `undetermined(missing-reference)` |
//! | else | `nothing-found`, with the interval |
//!
//! What it cannot see: a benchmark that recognises the part, a measurement with a wrong clock, and whether
//! the best group is as good as this part can do.

use crate::changepoint::{ChangePoint, change_points};
use crate::readers::Run;
use crate::sheet::Sheet;
use crate::spec::Spec;
use crate::stats::{CONFIDENCE, Location, MIN_SAMPLES, drift, location};
use evidence::{Claim, FindingDraft, Locator, Provenance, Reason, Supplied, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Check id.
pub const DECLARED_MEASURED: &str = "performance.declared-measured";

/// What a declaration expects of a metric.
#[derive(Clone, PartialEq, Debug)]
pub struct Expected {
    /// Metric.
    pub metric: String,
    /// Unit.
    pub unit: String,
    /// Lowest value that agrees, if the declaration has one.
    pub low: Option<f64>,
    /// Highest value that agrees.
    pub high: f64,
    /// Where it is declared.
    pub words: String,
}

/// What the specification expects, declared results first.
pub fn expectations(spec: &Spec, sheet: &Sheet) -> Vec<Expected> {
    let mut all: Vec<Expected> = spec
        .declared
        .iter()
        .map(|d| Expected {
            metric: d.metric.clone(),
            unit: d.unit.clone(),
            low: Some(d.range.0),
            high: d.range.1,
            words: format!("declared result, {}", d.source),
        })
        .collect();
    let peak =
        |metric: &str, unit: &str, low: f64, high: f64, part: Option<(f64, f64)>, source: &str| {
            let of =
                part.map_or_else(String::new, |(a, b)| format!(", {a} to {b} of it attainable"));
            Expected {
                metric: metric.to_owned(),
                unit: unit.to_owned(),
                low: part.map(|p| p.0 * low),
                high: part.map_or(high, |p| p.1 * high),
                words: format!("peak, {source}{of}"),
            }
        };
    for (t, dense) in spec.throughput.iter().zip(&sheet.dense) {
        if dense.high.is_unbounded() {
            continue;
        }
        let (low, high) = (dense.low.value(), dense.high.value());
        all.push(peak(&t.format, "TOPS", low, high, t.attainable, &t.source));
    }
    // both directions are declared, one is measured
    for (metric, share, bandwidth) in [("memory", 1.0, &spec.memory), ("link", 0.5, &spec.link)] {
        if let Some(b) = bandwidth {
            let (low, high) = (share * b.figure.low.value(), share * b.figure.high.value());
            all.push(peak(metric, "GB/s", low, high, b.attainable, &b.source));
        }
    }
    all
}

/// One metric's runs from one or more files.
#[derive(Clone, PartialEq, Debug)]
pub struct Measurement {
    /// The runs, by group, of all files.
    pub runs: Vec<Run>,
    /// Name and digest of the files.
    pub files: Vec<(String, String)>,
}

/// What came of a comparison.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// Verdict.
    pub verdict: Verdict,
    /// Reason, if undetermined.
    pub reason: Option<Reason>,
    /// `weaker`, `stronger`, `weaker-in-part`, `stronger-in-part`.
    pub kind: Option<&'static str>,
    /// Group compared.
    pub group: String,
    /// Its location.
    pub location: Option<Location>,
    /// Its drift in percent over the run.
    pub drift: Option<f64>,
    /// Its change points.
    pub changes: Vec<ChangePoint>,
    /// In words.
    pub words: String,
}

/// Compares runs of one metric with what is expected of it.
pub fn compare(runs: &[Run], expected: Option<&Expected>) -> Comparison {
    let located = runs.iter().filter_map(|r| location(&r.values).map(|l| (r, l)));
    let best = located.max_by(|a, b| a.1.median.total_cmp(&b.1.median));
    let mut result = Comparison {
        verdict: Verdict::Undetermined,
        reason: Some(Reason::MissingReference),
        kind: None,
        group: String::new(),
        location: None,
        drift: None,
        changes: Vec::new(),
        words: String::new(),
    };
    if let Some((run, location)) = best {
        result.group.clone_from(&run.group);
        result.location = Some(location);
        result.drift = drift(&run.values);
        result.changes = change_points(&run.values);
    }
    let Some(e) = expected else {
        result.words = "the specification declares nothing about this metric".to_owned();
        return result;
    };
    let Some((run, l)) = best else {
        result.reason = Some(Reason::MissingArtifact);
        let most = runs.iter().map(|r| r.values.len()).max().unwrap_or(0);
        result.words = format!(
            "at most {most} repetitions of one measurement; {MIN_SAMPLES} make an interval"
        );
        return result;
    };
    if run.unit != e.unit {
        result.words = format!("measured in {}, declared in {}", run.unit, e.unit);
        return result;
    }
    let outside = |l: &Location| match e.low {
        _ if l.low > e.high => Some("stronger"),
        Some(low) if l.high < low => Some("weaker"),
        _ => None,
    };
    let range = match e.low {
        Some(low) => format!("{} – {} {}", shown(low), shown(e.high), e.unit),
        None => format!("up to {} {}", shown(e.high), e.unit),
    };
    let interval = format!("{} – {} {}", shown(l.low), shown(l.high), e.unit);
    if let Some(kind) = outside(&l) {
        result.verdict = Verdict::Refuted;
        (result.reason, result.kind) = (None, Some(kind));
        result.words = format!("measured {interval}, declared {range}");
        return result;
    }
    let mut edges: Vec<usize> = result.changes.iter().map(|c| c.index).collect();
    edges.insert(0, 0);
    edges.push(run.values.len());
    let part = edges.windows(2).filter(|_| edges.len() > 2).find_map(|e| {
        let stretch = location(run.values.get(e[0]..e[1])?)?;
        outside(&stretch).map(|kind| (kind, e[0], e[1], stretch))
    });
    if let Some((kind, from, to, s)) = part {
        result.verdict = Verdict::Suspect;
        result.reason = None;
        result.kind = Some(if kind == "weaker" { "weaker-in-part" } else { "stronger-in-part" });
        result.words = format!(
            "measured {} – {} {} in samples {from} to {}, declared {range}",
            shown(s.low),
            shown(s.high),
            e.unit,
            to - 1
        );
        return result;
    }
    if e.low.is_none() {
        result.words = format!(
            "measured {interval}, not above the peak; which part of the peak is attainable is not declared"
        );
        return result;
    }
    result.verdict = Verdict::NothingFound;
    result.reason = None;
    result.words = format!("measured {interval} of {} samples, declared {range}", l.count);
    result
}

/// A number with six significant digits, without an exponent.
pub fn shown(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = (5 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The finding about one metric.
pub fn finding(
    primary: &Supplied,
    provenance: Provenance,
    metric: &str,
    measurement: &Measurement,
    expected: Option<&Expected>,
) -> FindingDraft {
    let c = compare(&measurement.runs, expected);
    let files: Vec<&str> = measurement.files.iter().map(|f| f.0.as_str()).collect();
    let title = match c.kind {
        Some("weaker") => format!("{metric}: weaker than declared"),
        Some("stronger") => format!("{metric}: stronger than declared"),
        Some("weaker-in-part") => format!("{metric}: weaker than declared for a part of the run"),
        Some(_) => format!("{metric}: stronger than declared for a part of the run"),
        None if c.verdict == Verdict::NothingFound => format!("{metric}: as declared"),
        None => format!("{metric}: measured, but not decided"),
    };
    let mut metrics: BTreeMap<String, Value> = BTreeMap::new();
    if let Some(l) = c.location {
        metrics.insert("samples".into(), json!(l.count));
        metrics.insert("median".into(), json!(shown(l.median)));
        metrics.insert("median_low".into(), json!(shown(l.low)));
        metrics.insert("median_high".into(), json!(shown(l.high)));
        metrics.insert("confidence_percent".into(), json!(CONFIDENCE));
    }
    if let Some(e) = expected {
        metrics.insert("unit".into(), json!(e.unit));
        metrics.insert("declared_high".into(), json!(shown(e.high)));
        if let Some(low) = e.low {
            metrics.insert("declared_low".into(), json!(shown(low)));
        }
    }
    if let Some(d) = c.drift {
        metrics.insert("drift_percent".into(), json!(format!("{d:+.2}")));
    }
    metrics.insert("change_points".into(), json!(c.changes.len()));
    metrics.insert("groups".into(), json!(measurement.runs.len()));
    let mut detail = format!("{}.", c.words);
    if let Some(e) = expected {
        detail.push_str(&format!(" Declaration: {}.", e.words));
    }
    if !c.group.is_empty() {
        detail.push_str(&format!(" Compared is the best group, {}.", c.group));
    }
    if let Some(d) = c.drift {
        detail.push_str(&format!(" The run drifts by {d:+.2} %."));
    }
    for p in &c.changes {
        detail.push_str(&format!(
            " The level changes at sample {} from {} to {}.",
            p.index,
            shown(p.before),
            shown(p.after)
        ));
    }
    let locators = measurement
        .files
        .iter()
        .map(|(name, digest)| Locator {
            name: name.clone(),
            bit: None,
            src: Some(digest.clone()),
            role: Some("measured".to_owned()),
        })
        .collect();
    FindingDraft {
        check: DECLARED_MEASURED.to_owned(),
        claim: Claim::PerformanceAsDeclared,
        artifact: primary.digest,
        verdict: c.verdict,
        reason: c.reason,
        kind: c.kind.map(str::to_owned),
        item: Some(metric.to_owned()),
        title,
        detail,
        scope: format!(
            "of the measurements in {} against the specification {} ({})",
            files.join(", "),
            primary.name,
            provenance.id()
        ),
        assumptions: vec![
            "the files were written by the suite they name, on the part under audit".to_owned(),
        ],
        locators,
        grade: (c.verdict == Verdict::Suspect).then(|| "a part of the run".to_owned()),
        coverage: (c.verdict == Verdict::NothingFound).then_some(c.words),
        certificate: None,
        witness: None,
        metrics,
    }
}
