//! Features and gate F1 of every candidate, for fitting the weights: tab-separated rows.
//!
//! `cargo run --release -p probity-design --example features -- FILE.v...`; beside each `NAME.v` lies the
//! `NAME.truth.json` of examples/hunt/make_cases.py.
#![allow(clippy::print_stdout, reason = "a tool: its output is the result")]

use frontend::liberty::Library;
use frontend::structural::read_verilog;
use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let delivered = read_verilog(&std::fs::read(&path)?, None, &Library::default())?;
        let truth = std::fs::read(path.replace(".v", ".truth.json"))?;
        let truth: Value = serde_json::from_slice(&truth)?;
        let empty = Vec::new();
        let truth: BTreeSet<&str> =
            truth["gates"].as_array().unwrap_or(&empty).iter().filter_map(Value::as_str).collect();
        for (features, gates, trigger) in design::hunt::candidate_table(&delivered, 6_000_000) {
            let name = |g: &u32| delivered.graph.instances[*g as usize].name.as_str();
            let hit = gates.iter().filter(|g| truth.contains(name(g))).count() as f64;
            let f1 = 2.0 * hit / (gates.len() + truth.len()).max(1) as f64;
            let row: Vec<String> = features.iter().map(|x| format!("{x:.4}")).collect();
            println!("{path}\t{f1:.3}\t{}\t{}\t{trigger}", row.join("\t"), gates.len());
        }
    }
    Ok(())
}
