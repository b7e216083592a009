//! From files and settings to findings.
//!
//! One finding about the class, one about the sheet, one per measured metric, one per device of each
//! telemetry file. All of them are about the specification, which is the artifact; the other files are
//! named with their digests. Episodes of lost capacity are events as well, for other examinations.

use crate::compare::{self, Measurement, expectations};
use crate::export::{self, Question};
use crate::readers::{self, Run};
use crate::rule::{self, Day, Rule};
use crate::sheet::{self, Sheet};
use crate::spec::{self, Spec};
use crate::telemetry::{self, Device, Telemetry, shown_time};
use crate::throttle::{self, Episode, Watched};
use evidence::{Claim, Event, Fault, FindingDraft, Locator, Provenance, Reason, Supplied, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Check id.
pub const DATASHEET: &str = "performance.datasheet";
/// Check id.
pub const THROTTLING: &str = "performance.throttling";

/// Role of a file of measurements; a metric may follow after a blank.
const MEASURED: &str = "measured";
const TELEMETRY: &str = "telemetry";
const RULE: &str = "rule";
/// Most episodes listed as places of one finding.
const MAX_LISTED: usize = 20;

/// A file of measurements.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Measured {
    /// A path; the file says what it measured.
    Path(String),
    /// A path, and what was measured.
    Of(MeasuredOf),
}

/// A file of measurements that does not say what was measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredOf {
    /// The file.
    pub path: String,
    /// The metric (`fp16`).
    pub metric: String,
}

/// What stands below `[artifact.performance]` in a case.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Files of measurements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measured>,
    /// Telemetry exports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub telemetry: Vec<String>,
    /// Rule files besides those of the program; one with the id of another replaces it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Id of the rule that governs; otherwise the newest 3A090 in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Class declared; overrides the specification's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_class: Option<String>,
    /// Day whose rules count, `YYYY-MM-DD`; otherwise the newest rules known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Settings {
    /// The files they name: role, and path relative to the case.
    pub fn files(&self) -> Vec<(String, String)> {
        let measured = self.measured.iter().map(|m| match m {
            Measured::Path(path) => (MEASURED.to_owned(), path.clone()),
            Measured::Of(of) => (format!("{MEASURED} {}", of.metric), of.path.clone()),
        });
        let telemetry = self.telemetry.iter().map(|path| (TELEMETRY.to_owned(), path.clone()));
        let rules = self.rules.iter().map(|path| (RULE.to_owned(), path.clone()));
        measured.chain(telemetry).chain(rules).collect()
    }
}

/// What an examination found.
#[derive(Clone, PartialEq, Debug)]
pub struct Examined {
    /// Findings.
    pub findings: Vec<FindingDraft>,
    /// Losses of capacity, for other examinations.
    pub events: Vec<Event>,
    /// The specification as read.
    pub spec: Spec,
    /// Its figures.
    pub sheet: Sheet,
    /// The rules used.
    pub rules: Vec<Rule>,
    /// The day.
    pub at: Option<Day>,
}

/// Examines a specification with what belongs to it.
///
/// # Errors
/// If a file cannot be read as what it is said to be.
pub fn examine(
    primary: &Supplied,
    others: &[Supplied],
    settings: &Settings,
    provenance: Provenance,
) -> Result<Examined, Fault> {
    let spec = spec::read(&primary.name, &primary.bytes)?;
    let sheet = sheet::read(&spec);
    let rules = rules(others)?;
    let at = match &settings.at {
        None => None,
        Some(text) => Some(Day::parse(text).ok_or_else(|| {
            let what = format!("`{}` is no day", spec::shown(text));
            Fault::new(&primary.name, "at", &what, "write YYYY-MM-DD")
        })?),
    };
    let question = Question {
        rules: &rules,
        rule: settings.rule.as_deref(),
        at: at.as_ref(),
        declared: settings.declared_class.as_deref(),
        provenance,
    };
    let mut findings = vec![
        export::finding(primary, &spec, &sheet, &question)?,
        datasheet(primary, &spec, &sheet, provenance),
    ];
    let expected = expectations(&spec, &sheet);
    for (metric, measurement) in measurements(others)? {
        let e = expected.iter().find(|e| e.metric == metric);
        findings.push(compare::finding(primary, provenance, &metric, &measurement, e));
    }
    let mut events = Vec::new();
    for file in others.iter().filter(|o| o.role == TELEMETRY) {
        let series = telemetry::read(&file.name, &file.bytes)?;
        let slowdown = spec.slowdown_celsius.map(|c| c as f32);
        for device in &series.devices {
            let watched = throttle::watch(device, slowdown);
            events.extend(watched.episodes.iter().map(|e| Event {
                from: e.time.0,
                to: e.time.1,
                kind: "capacity-loss".to_owned(),
                device: device.name.clone(),
                artifact: file.digest,
            }));
            let able = throttle::can_explain(device, slowdown);
            let subject = Watching { file, series: &series, device, watched: &watched, able };
            findings.push(throttling(primary, provenance, &spec, &subject));
        }
    }
    events.sort();
    Ok(Examined { findings, events, spec, sheet, rules, at })
}

fn rules(others: &[Supplied]) -> Result<Vec<Rule>, Fault> {
    let mut all = rule::built_in()?;
    for file in others.iter().filter(|o| o.role == RULE) {
        let read = rule::read(&file.name, &file.bytes)?;
        all.retain(|r| r.id != read.id);
        all.push(read);
    }
    all.sort_by(|a, b| (&a.effective, &a.id).cmp(&(&b.effective, &b.id)));
    Ok(all)
}

fn measurements(others: &[Supplied]) -> Result<BTreeMap<String, Measurement>, Fault> {
    let mut all: BTreeMap<String, Measurement> = BTreeMap::new();
    for file in others {
        let metric = match file.role.split_once(' ') {
            Some((MEASURED, metric)) => Some(metric),
            _ if file.role == MEASURED => None,
            _ => continue,
        };
        for run in readers::read(&file.name, &file.bytes, metric)? {
            let entry = all
                .entry(run.metric.clone())
                .or_insert_with(|| Measurement { runs: Vec::new(), files: Vec::new() });
            let name = (file.name.clone(), file.digest.to_string());
            if !entry.files.contains(&name) {
                entry.files.push(name);
            }
            add(&mut entry.runs, run, &file.name)?;
        }
    }
    Ok(all)
}

/// Repetitions of one group in several files are one run, in the order of the files.
fn add(runs: &mut Vec<Run>, run: Run, file: &str) -> Result<(), Fault> {
    if let Some(other) = runs.iter().find(|r| r.unit != run.unit) {
        let what = format!("{} in {}, elsewhere in {}", run.metric, run.unit, other.unit);
        return Err(Fault::new(file, "", &what, "one metric has one kind of unit"));
    }
    match runs.iter_mut().find(|r| r.group == run.group) {
        Some(same) => same.values.extend(run.values),
        None => runs.push(run),
    }
    Ok(())
}

fn datasheet(
    primary: &Supplied,
    spec: &Spec,
    sheet: &Sheet,
    provenance: Provenance,
) -> FindingDraft {
    let broken: Vec<&sheet::Trap> = sheet.traps.iter().filter(|t| t.contradiction).collect();
    let (verdict, reason) = if !broken.is_empty() {
        (Verdict::Suspect, None)
    } else if !sheet.traps.is_empty() {
        (Verdict::Undetermined, Some(Reason::MissingReference))
    } else {
        (Verdict::NothingFound, None)
    };
    let crossed = spec.throughput.iter().filter(|t| t.macs_per_clock.is_some()).count();
    let coverage = format!(
        "throughputs: {}, of them compared with MACs per clock × clock: {crossed}; kinds of dies: {}",
        spec.throughput.len(),
        spec.dies.len()
    );
    let title = match verdict {
        Verdict::Suspect => "Figures of the sheet contradict each other",
        Verdict::Undetermined => "The sheet leaves open what its figures count",
        _ => "No trap found in the sheet",
    };
    let words = |t: &sheet::Trap| format!("{} {}", t.place, t.text);
    let detail = match sheet.traps.as_slice() {
        [] => format!("{coverage}."),
        traps => format!("{}.", traps.iter().map(words).collect::<Vec<_>>().join("; ")),
    };
    FindingDraft {
        check: DATASHEET.to_owned(),
        claim: Claim::PerformanceAsDeclared,
        artifact: primary.digest,
        verdict,
        reason,
        kind: broken.first().map(|t| t.kind.to_owned()),
        item: None,
        title: title.to_owned(),
        detail,
        scope: format!("of the specification {} ({})", primary.name, provenance.id()),
        assumptions: Vec::new(),
        locators: sheet
            .traps
            .iter()
            .map(|t| Locator {
                name: t.place.clone(),
                bit: None,
                src: None,
                role: Some(t.kind.to_owned()),
            })
            .collect(),
        grade: broken.first().map(|t| format!("stated figures disagree: {}", t.kind)),
        coverage: (verdict == Verdict::NothingFound).then_some(coverage),
        certificate: None,
        witness: None,
        metrics: BTreeMap::new(),
    }
}

fn moment(series: &Telemetry, time: i64) -> String {
    if series.timed { shown_time(time) } else { format!("sample {time}") }
}

/// One device of an export, and what was seen.
struct Watching<'a> {
    file: &'a Supplied,
    series: &'a Telemetry,
    device: &'a Device,
    watched: &'a Watched,
    able: bool,
}

/// Hours from the first sample to a time, where times are times.
fn hours(series: &Telemetry, device: &Device, time: i64) -> Option<f64> {
    let start = device.time.first().filter(|_| series.timed)?;
    Some(time.saturating_sub(*start) as f64 / 3.6e9)
}

fn throttling(
    primary: &Supplied,
    provenance: Provenance,
    spec: &Spec,
    subject: &Watching<'_>,
) -> FindingDraft {
    let &Watching { file, series, device, watched, able } = subject;
    let rows = device.clock.len();
    let item = format!("{}:{}", file.name, device.name);
    let judged = watched.capacity > 0.0 && able;
    // a part that is slow from the first sample on is seen against the clock it is said to sustain
    let declared = spec.clocks.sustained.or(spec.clocks.base).map(|c| c.value());
    let slow = declared.filter(|d| judged && watched.capacity < (1.0 - throttle::MIN_LOSS) * d);
    let (verdict, reason) = if !judged {
        (Verdict::Undetermined, Some(Reason::MissingArtifact))
    } else if watched.episodes.is_empty() && slow.is_none() {
        (Verdict::NothingFound, None)
    } else {
        (Verdict::Suspect, None)
    };
    let coverage = format!(
        "{rows} samples, {} under load, {} of these with an explanation; capacity {:.0} MHz, noise {:.1} MHz",
        watched.busy, watched.explained, watched.capacity, watched.noise
    );
    let longest = watched.episodes.iter().max_by_key(|e| e.rows.1 - e.rows.0);
    let (title, detail) = match (longest, judged) {
        (_, false) if !able => (
            "Throttling cannot be judged".to_owned(),
            "the export has neither throttle reasons, nor power with its limit, nor temperature \
             with the slowdown temperature of the specification"
                .to_owned(),
        ),
        (_, false) => (
            "Throttling cannot be judged".to_owned(),
            format!("fewer than {} samples under load without an explanation", throttle::MIN_ROWS),
        ),
        (None, true) => match slow {
            None => ("No unexplained throttling".to_owned(), coverage.clone()),
            Some(d) => (
                format!("Device {} never reaches the clock it is said to sustain", device.name),
                format!("said to sustain {d:.0} MHz; {coverage}"),
            ),
        },
        (Some(e), true) => (
            format!(
                "Device {} loses {:.1} % of its clock without a reason",
                device.name,
                100.0 * e.loss
            ),
            format!(
                "Unexplained episodes: {}; the longest from {}{} to {}, {:.1} % below {:.0} MHz. Before it: {}. {coverage}",
                watched.episodes.len(),
                moment(series, e.time.0),
                hours(series, device, e.time.0)
                    .map_or_else(String::new, |h| format!(" ({h:.1} h after the first sample)")),
                moment(series, e.time.1),
                100.0 * e.loss,
                watched.capacity,
                e.before
            ),
        ),
    };
    let place = |e: &Episode| {
        let stated = match e.contradicted {
            0 => String::new(),
            n => format!(", a stated reason contradicted in {n} samples"),
        };
        Locator {
            name: format!("{} rows {}..{}", device.name, e.rows.0, e.rows.1),
            bit: None,
            src: Some(format!("{}..{}", moment(series, e.time.0), moment(series, e.time.1))),
            role: Some(format!("{:.1} % lost{stated}; before: {}", 100.0 * e.loss, e.before)),
        }
    };
    let mut metrics: BTreeMap<String, Value> = BTreeMap::new();
    metrics.insert("rows".into(), json!(rows));
    metrics.insert("busy".into(), json!(watched.busy));
    metrics.insert("explained".into(), json!(watched.explained));
    metrics.insert("capacity_mhz".into(), json!(format!("{:.1}", watched.capacity)));
    metrics.insert("noise_mhz".into(), json!(format!("{:.2}", watched.noise)));
    metrics.insert("episodes".into(), json!(watched.episodes.len()));
    metrics.insert("telemetry".into(), json!(file.digest.to_string()));
    if let Some(e) = longest {
        metrics.insert("longest_loss_percent".into(), json!(format!("{:.1}", 100.0 * e.loss)));
        metrics.insert("longest_rows".into(), json!(e.rows.1 - e.rows.0 + 1));
    }
    if let Some(first) = watched.episodes.first() {
        metrics.insert("first_onset".into(), json!(moment(series, first.time.0)));
        if let Some(hours) = hours(series, device, first.time.0) {
            metrics.insert("hours_to_first_onset".into(), json!(format!("{hours:.3}")));
        }
    }
    FindingDraft {
        check: THROTTLING.to_owned(),
        claim: Claim::PerformanceAsDeclared,
        artifact: primary.digest,
        verdict,
        reason,
        kind: (verdict == Verdict::Suspect).then(|| {
            if watched.episodes.is_empty() { "below-declared" } else { "unexplained" }.to_owned()
        }),
        item: Some(item),
        title,
        detail,
        scope: format!(
            "of the telemetry {} beside the specification {} ({}); losses below {:.0} % not seen",
            file.name,
            primary.name,
            provenance.id(),
            100.0 * throttle::MIN_LOSS
        ),
        assumptions: vec!["the sensors and stated reasons are what the part reports".to_owned()],
        locators: watched.episodes.iter().take(MAX_LISTED).map(place).collect(),
        grade: (verdict == Verdict::Suspect)
            .then(|| "capacity lost without thermal or power cause".to_owned()),
        coverage: (verdict == Verdict::NothingFound).then_some(coverage),
        certificate: None,
        witness: None,
        metrics,
    }
}
