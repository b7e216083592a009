//! Logs of MLPerf, nccl-tests and STREAM.
//!
//! * MLPerf training: lines `:::MLLOG {json}`; `throughput` and `tracked_stats` events are samples of
//!   `mlperf.throughput`, `run_start` to `run_stop` with status success one of `mlperf.minutes`.
//! * MLPerf inference: the loadgen summary; `Samples per second` (offline), `Tokens per second`,
//!   scheduled and completed samples (server). A summary that says INVALID is refused.
//! * nccl-tests, rccl-tests: `busbw` in and out of place at the largest size is the link bandwidth in
//!   each direction. The summary line at the end averages over sizes and is not used.
//! * STREAM and BabelStream: best rate of each kernel; the kernel is the group.

use super::{Collected, leading_number};
use evidence::Fault;
use serde_json::Value;

/// Longest line that is parsed as JSON, in bytes.
const MAX_LINE: usize = 1 << 20;

pub(super) fn mllog(text: &str, into: &mut Collected<'_>) -> Result<(), Fault> {
    let mut started: Option<f64> = None;
    for (index, line) in text.lines().enumerate() {
        let Some((_, json)) = line.split_once(":::MLLOG") else { continue };
        if json.len() > MAX_LINE {
            return Err(into.fault(index + 1, "is too long", ""));
        }
        let event: Value = serde_json::from_str(json.trim())
            .map_err(|e| into.fault(index + 1, &format!("is no JSON: {e}"), ""))?;
        let time = event["time_ms"].as_f64();
        let value = &event["value"];
        match event["key"].as_str().unwrap_or("") {
            "run_start" => started = time,
            "run_stop" => {
                let success = event["metadata"]["status"].as_str() == Some("success");
                if let (Some(from), Some(to), true) = (started, time, success) {
                    into.push(index + 1, "mlperf.minutes", "", (to - from) / 60_000.0, "min")?;
                }
            }
            "throughput" | "tracked_stats" => {
                let number = value.as_f64().or_else(|| value["throughput"].as_f64());
                if let Some(n) = number {
                    into.push(index + 1, "mlperf.throughput", "", n, "samples/s")?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn loadgen(text: &str, into: &mut Collected<'_>) -> Result<(), Fault> {
    let mut scenario = String::new();
    for (index, line) in text.lines().enumerate() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim(), value.trim());
        match key {
            "Scenario" => scenario = value.to_owned(),
            "Result is" if value != "VALID" => {
                return Err(into.fault(
                    index + 1,
                    "the run says of itself that it is not valid",
                    "",
                ));
            }
            _ => {}
        }
        let metric = match key {
            "Samples per second" | "Completed samples per second" => "mlperf.samples_per_second",
            "Tokens per second" | "Completed tokens per second" => "mlperf.tokens_per_second",
            _ => continue,
        };
        let Some((number, _)) = leading_number(value) else {
            return Err(into.fault(index + 1, "a rate is no number", ""));
        };
        into.push(index + 1, metric, &scenario, number, "1/s")?;
    }
    Ok(())
}

pub(super) fn nccl(text: &str, into: &mut Collected<'_>) -> Result<(), Fault> {
    let mut columns: Vec<usize> = Vec::new();
    let mut rows: Vec<(usize, u64, Vec<f64>)> = Vec::new();
    let mut width = 0;
    for (index, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if line.trim_start().starts_with('#') {
            let named: Vec<&str> = words.iter().copied().filter(|w| *w != "#").collect();
            if named.contains(&"busbw") && named.first() == Some(&"size") {
                width = named.len();
                columns = (0..width).filter(|&i| named[i] == "busbw").collect();
            }
            continue;
        }
        if columns.is_empty() || words.len() != width {
            continue;
        }
        let Ok(size) = words[0].parse::<u64>() else { continue };
        let rates: Option<Vec<f64>> = columns.iter().map(|&c| words[c].parse().ok()).collect();
        let Some(rates) = rates else {
            return Err(into.fault(index + 1, "a bus bandwidth is no number", ""));
        };
        if rows.len() >= super::MAX_SAMPLES {
            return Err(into.fault(index + 1, "too many lines", "split the file"));
        }
        rows.push((index + 1, size, rates));
    }
    let Some(largest) = rows.iter().map(|r| r.1).max() else { return Ok(()) };
    for (line, size, rates) in rows.into_iter().filter(|r| r.1 == largest) {
        for rate in rates {
            into.push(line, "link", &format!("{size} B"), rate, "GB/s")?;
        }
    }
    Ok(())
}

const KERNELS: [&str; 5] = ["Copy", "Scale", "Mul", "Add", "Triad"];

fn kernel(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = line.trim_start().split_once(|c: char| c == ':' || c.is_whitespace())?;
    KERNELS.contains(&word).then_some((word, rest))
}

pub(super) fn is_stream(text: &str) -> bool {
    let rate = ["Best Rate MB/s", "Rate (MB/s)", "MBytes/sec", "GBytes/sec"];
    rate.iter().any(|r| text.contains(r)) && text.lines().any(|l| kernel(l).is_some())
}

pub(super) fn stream(text: &str, into: &mut Collected<'_>) -> Result<(), Fault> {
    let mut unit = "MB/s";
    for (index, line) in text.lines().enumerate() {
        if line.contains("GBytes/sec") {
            unit = "GB/s";
        } else if line.contains("MBytes/sec") || line.contains("MB/s") {
            unit = "MB/s";
        }
        let Some((name, rest)) = kernel(line) else { continue };
        let Some((rate, _)) = leading_number(rest) else { continue };
        into.push(index + 1, "memory", name, rate, unit)?;
    }
    Ok(())
}
