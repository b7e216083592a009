//! Measurements as public suites write them: samples by metric and group.
//!
//! Problem: every suite has its own text, and few say what they measured.
//! Method: the format is recognised by marks of its own; each reader yields samples of a metric
//! (`fp16`, `memory`, `link`, `mlperf.samples_per_second`) in a group (one problem size, one kernel,
//! one scenario), since samples of different groups are not repetitions of each other. Throughput is
//! brought to TOPS and bandwidth to GB/s. What a file does not say — the number format of a BLAS run —
//! must be said beside it, and is an error until it is.

mod blas;
mod logs;
mod table;

use evidence::Fault;
use std::collections::BTreeMap;

/// Largest file of measurements, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// Most samples of one file.
pub const MAX_SAMPLES: usize = 1_000_000;
/// Most different metrics and groups of one file.
pub const MAX_GROUPS: usize = 10_000;

/// Samples of one metric in one group, in order.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// Metric.
    pub metric: String,
    /// Problem size, kernel, scenario; empty if the file knows none.
    pub group: String,
    /// Unit of the values.
    pub unit: String,
    /// Values.
    pub values: Vec<f64>,
}

/// Collects samples; refuses what is beyond the limits.
struct Collected<'a> {
    name: &'a str,
    runs: BTreeMap<(String, String), Run>,
    samples: usize,
}

impl<'a> Collected<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, runs: BTreeMap::new(), samples: 0 }
    }

    fn fault(&self, line: usize, what: &str, remedy: &str) -> Fault {
        let place = if line == 0 { String::new() } else { format!("line {line}") };
        Fault::new(self.name, &place, what, remedy)
    }

    /// `value` in `unit`; brought to the canonical unit.
    fn push(
        &mut self,
        line: usize,
        metric: &str,
        group: &str,
        value: f64,
        unit: &str,
    ) -> Result<(), Fault> {
        if !value.is_finite() || value < 0.0 {
            return Err(self.fault(line, "a measurement is not a finite number of 0 or more", ""));
        }
        let (value, unit) = canonical(value, unit);
        self.samples += 1;
        if self.samples > MAX_SAMPLES {
            return Err(self.fault(line, &format!("more than {MAX_SAMPLES} samples"), "split it"));
        }
        let key = (metric.to_owned(), group.to_owned());
        if !self.runs.contains_key(&key) && self.runs.len() >= MAX_GROUPS {
            let what = format!("more than {MAX_GROUPS} groups of measurements");
            return Err(self.fault(line, &what, "split the file"));
        }
        let run = self.runs.entry(key).or_insert_with(|| Run {
            metric: metric.to_owned(),
            group: group.to_owned(),
            unit: unit.clone(),
            values: Vec::new(),
        });
        if run.unit != unit {
            let what = format!("unit `{}` after `{}`", crate::spec::shown(&unit), run.unit);
            return Err(self.fault(line, &what, "one metric has one kind of unit"));
        }
        run.values.push(value);
        Ok(())
    }
}

/// A value in the unit its metric is compared in: TOPS, GB/s, or as it is.
pub fn canonical(value: f64, unit: &str) -> (f64, String) {
    let unit = unit.trim();
    if let Some((above, below)) = crate::spec::throughput_unit(unit) {
        return (value * above as f64 / below as f64, "TOPS".to_owned());
    }
    if let Some((above, below)) = crate::spec::bandwidth_unit(unit) {
        return (value * above as f64 / below as f64, "GB/s".to_owned());
    }
    (value, unit.to_owned())
}

/// Reads a file of measurements. `metric` names what was measured where the file does not.
///
/// # Errors
/// If the format is not recognised, a line does not parse, a limit is passed, or nothing says what
/// was measured.
pub fn read(name: &str, bytes: &[u8], metric: Option<&str>) -> Result<Vec<Run>, Fault> {
    if bytes.len() > MAX_BYTES {
        let what = format!("is longer than {} MiB", MAX_BYTES >> 20);
        return Err(Fault::new(name, "", &what, "keep the lines with results"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Fault::new(name, &format!("byte {}", e.valid_up_to()), "is not UTF-8", ""))?;
    let mut into = Collected::new(name);
    let start = text.trim_start();
    if text.contains(":::MLLOG") {
        logs::mllog(text, &mut into)?;
    } else if text.contains("MLPerf Results Summary") {
        logs::loadgen(text, &mut into)?;
    } else if text.contains("Gflops = ") && text.contains("elapsed = ") {
        blas::cublas(text, metric, &mut into)?;
    } else if text.contains("-Gflops") {
        blas::rocblas(text, metric, &mut into)?;
    } else if text.contains("busbw") {
        logs::nccl(text, &mut into)?;
    } else if logs::is_stream(text) {
        logs::stream(text, &mut into)?;
    } else if start.starts_with('{') || start.starts_with('[') {
        table::json(text, &mut into)?;
    } else {
        table::csv(text, &mut into)?;
    }
    if into.runs.is_empty() {
        let remedy = "docs/performance.md lists the formats that are read";
        return Err(Fault::new(name, "", "holds no measurement", remedy));
    }
    Ok(into.runs.into_values().collect())
}

/// A number at the start of the text, and what follows.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    number.parse().ok().map(|n| (n, rest))
}

#[cfg(test)]
mod tests;
