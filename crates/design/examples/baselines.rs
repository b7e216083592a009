//! Gates flagged by the single-view baselines, for the protocol: one JSON object per file.
//!
//! `cargo run --release -p probity-design --example baselines -- [CELLS.lib] FILE.v...`
#![allow(clippy::print_stdout, reason = "a tool: its output is the result")]

use frontend::liberty::Library;
use frontend::structural::read_verilog;
use serde_json::{Map, Value, json};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut library = Library::default();
    for path in std::env::args().skip(1) {
        if path.ends_with(".lib") {
            library.add(&std::fs::read(&path)?)?;
            continue;
        }
        let delivered = read_verilog(&std::fs::read(&path)?, None, &library)?;
        let mut found = Map::new();
        for baseline in design::hunt::baselines(&delivered, 6_000_000) {
            let names = baseline.instances.iter().map(|&i| delivered.graph.instance_name(i));
            found.insert(baseline.name.to_owned(), names.collect::<Vec<String>>().into());
        }
        println!("{}", json!({ "file": path, "found": Value::Object(found) }));
    }
    Ok(())
}
