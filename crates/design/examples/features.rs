//! Features and gate F1 of every candidate, for fitting the weights: tab-separated rows.
//!
//! `cargo run --release -p probity-design --example features -- [CELLS.lib] FILE.v...`; beside each `NAME.v` lies the
//! `NAME.truth.json` of examples/hunt/make_cases.py, of which `provenance` is the truth.
#![allow(clippy::print_stdout, reason = "a tool: its output is the result")]

use design::hunt::Row;
use frontend::liberty::Library;
use frontend::structural::read_verilog;
use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error;

/// Hashes of gates kept for each candidate.
const SKETCH: usize = 48;

fn main() -> Result<(), Box<dyn Error>> {
    println!("#\t{}", design::hunt::feature_names().join("\t"));
    let mut library = Library::default();
    for path in std::env::args().skip(1) {
        if path.ends_with(".lib") {
            library.add(&std::fs::read(&path)?)?;
            continue;
        }
        let delivered = read_verilog(&std::fs::read(&path)?, None, &library)?;
        let truth = std::fs::read(path.replace(".v", ".truth.json"))?;
        let truth: Value = serde_json::from_slice(&truth)?;
        let empty = Vec::new();
        let truth: BTreeSet<&str> = truth["provenance"]
            .as_array()
            .unwrap_or(&empty)
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for row in design::hunt::candidate_table(&delivered, 12_000_000) {
            let Row { features, gates, trigger } = row;
            let name = |g: &u32| delivered.graph.instances[*g as usize].name.as_str();
            let hit = gates.iter().filter(|g| truth.contains(name(g))).count() as f64;
            let f1 = 2.0 * hit / (gates.len() + truth.len()).max(1) as f64;
            let row: Vec<String> = features.iter().map(|x| format!("{x:.4}")).collect();
            // the smallest hashes of the gates, from which overlaps can be estimated
            let mut sketch: Vec<u32> = gates.iter().map(|g| g.wrapping_mul(0x9e37_79b1)).collect();
            sketch.sort_unstable();
            sketch.truncate(SKETCH);
            let sketch: Vec<String> = sketch.iter().map(u32::to_string).collect();
            let (n, row, sketch) = (gates.len(), row.join("\t"), sketch.join(","));
            println!("{path}\t{f1:.3}\t{row}\t{n}\t{trigger}\t{sketch}");
        }
    }
    Ok(())
}
