//! Matrix multiplication benchmarks: cublasMatmulBench and rocblas-bench.
//!
//! cublasMatmulBench prints one line `^^^^ CUDA : elapsed = S sec,  Gflops = G` per run, and the
//! number format as `-P=…` only where the command is echoed. rocblas-bench prints a comma-separated
//! header that ends in `rocblas-Gflops,us` and a line of values; hipblaslt-bench adds `a_type`. The
//! problem size is the group: M, N and K where the file has them.

use super::{Collected, leading_number};
use evidence::Fault;

const SAY: &str = "the file does not say which number format was measured";
const HOW: &str = "give the metric: { path = \"…\", metric = \"fp16\" }, or --metric fp16";

/// Number format behind the precision letters of `-P=` (input of the multiply-accumulate first).
fn cublas_format(precision: &str) -> Option<&'static str> {
    Some(match precision {
        "hsh" | "hss" | "hhh" => "fp16",
        "tst" | "tss" => "bf16",
        "qqssq" | "qqsst" | "qqssh" => "fp8",
        "bisb_imma" | "bii_imma" | "bisb" | "bii" => "int8",
        "sss_fast_tf32" => "tf32",
        "sss" => "fp32",
        "ddd" => "fp64",
        _ => return None,
    })
}

pub(super) fn cublas(
    text: &str,
    metric: Option<&str>,
    into: &mut Collected<'_>,
) -> Result<(), Fault> {
    let mut echoed: Option<&str> = None;
    let mut group = String::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(at) = line.find("-P=") {
            let letters = line[at + 3..].split_whitespace().next().unwrap_or("");
            echoed = cublas_format(letters);
            group = sizes(line, &["-m=", "-n=", "-k="]);
        }
        let Some((_, rest)) = line.split_once("Gflops = ") else { continue };
        let Some((gflops, _)) = leading_number(rest) else {
            return Err(into.fault(index + 1, "`Gflops = ` is followed by no number", ""));
        };
        let Some(what) = metric.or(echoed) else { return Err(into.fault(index + 1, SAY, HOW)) };
        into.push(index + 1, what, &group, gflops, "GFLOPS")?;
    }
    Ok(())
}

fn sizes(line: &str, keys: &[&str]) -> String {
    let mut parts = Vec::new();
    for key in keys {
        if let Some(at) = line.find(key) {
            let digits: String =
                line[at + key.len()..].chars().take_while(char::is_ascii_digit).collect();
            parts.push(digits);
        }
    }
    parts.join("x")
}

/// Number format of a rocBLAS or hipBLASLt type name.
fn rocblas_format(name: &str) -> Option<&'static str> {
    Some(match name.trim() {
        "f64_r" | "d" => "fp64",
        "f32_r" | "s" => "fp32",
        "xf32_r" => "tf32",
        "f16_r" | "h" => "fp16",
        "bf16_r" => "bf16",
        "f8_r" | "bf8_r" | "f8_fnuz_r" | "bf8_fnuz_r" => "fp8",
        "i8_r" => "int8",
        _ => return None,
    })
}

pub(super) fn rocblas(
    text: &str,
    metric: Option<&str>,
    into: &mut Collected<'_>,
) -> Result<(), Fault> {
    let mut header: Option<Vec<&str>> = None;
    let mut echoed: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.contains("rocblas-bench") || line.contains("hipblaslt-bench") {
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                if matches!(word, "-r" | "--precision" | "--a_type") {
                    echoed = words.next().and_then(rocblas_format);
                }
            }
            continue;
        }
        if line.contains("-Gflops") {
            header = Some(line.split(',').map(str::trim).collect());
            continue;
        }
        let Some(columns) = &header else { continue };
        let values: Vec<&str> = line.split(',').map(str::trim).collect();
        let numeric = values.len() == columns.len();
        if line.is_empty() || (!numeric && !line.contains(',')) {
            continue;
        }
        if !numeric {
            let what = format!("{} values under {} columns", values.len(), columns.len());
            return Err(into.fault(index + 1, &what, ""));
        }
        let column = |wanted: &str| columns.iter().position(|c| *c == wanted).map(|i| values[i]);
        let gflops = columns
            .iter()
            .position(|c| c.ends_with("-Gflops") && !c.starts_with("CPU"))
            .and_then(|i| values[i].parse::<f64>().ok());
        let Some(gflops) = gflops else {
            return Err(into.fault(index + 1, "the Gflops column holds no number", ""));
        };
        let typed = column("a_type").and_then(rocblas_format);
        let Some(what) = metric.or(typed).or(echoed) else {
            return Err(into.fault(index + 1, SAY, HOW));
        };
        let size: Vec<&str> =
            ["M", "N", "K", "m", "n", "k"].iter().filter_map(|k| column(k)).collect();
        into.push(index + 1, what, &size.join("x"), gflops, "GFLOPS")?;
    }
    Ok(())
}
