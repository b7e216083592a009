//! `design compare A B`: a delivered netlist against its reference.

use crate::error::InputError;
use crate::hunt::{HuntOptions, MAX_FILE, deliver};
use crate::load::read_within;
use design::compare::{By, Comparison, compare};
use evidence::Verdict;
use netlist::Netlist;
use serde_json::{Value, json};
use solve::Budget;
use std::path::{Path, PathBuf};

/// What to compare.
#[derive(Clone, Debug)]
pub struct CompareOptions {
    /// The two designs.
    pub files: [PathBuf; 2],
    /// Liberty files for both.
    pub liberty: Vec<PathBuf>,
    /// Top module of both.
    pub top: Option<String>,
    /// Deepest unrolling.
    pub depth: usize,
    /// Solver steps.
    pub effort: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct CompareOutcome {
    /// The comparison.
    pub comparison: Comparison,
    /// `suspect` for a difference, `nothing-found` or `undetermined`: nothing that `verify` could
    /// check again is written, so this check neither proves nor refutes.
    pub verdict: Verdict,
    names: [String; 2],
}

/// Reads both and compares them.
///
/// # Errors
/// If a file cannot be read.
pub fn design_compare(options: &CompareOptions) -> Result<CompareOutcome, InputError> {
    let [a, b] = [read(options, 0)?, read(options, 1)?];
    let comparison = compare(&a, &b, options.depth, &Budget::new(options.effort));
    let complete = comparison.open.is_empty()
        && comparison.lone_outputs.is_empty()
        && comparison.unsupported.is_empty();
    let verdict = match &comparison.difference {
        Some(_) => Verdict::Suspect,
        None if complete => Verdict::NothingFound,
        None => Verdict::Undetermined,
    };
    let name =
        |p: &Path| p.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let names = [name(&options.files[0]), name(&options.files[1])];
    Ok(CompareOutcome { comparison, verdict, names })
}

fn read(options: &CompareOptions, side: usize) -> Result<Netlist, InputError> {
    let hunt = HuntOptions {
        file: options.files[side].clone(),
        liberty: options.liberty.clone(),
        top: options.top.clone(),
        effort: 0,
    };
    let bytes = read_within(&hunt.file, MAX_FILE)?;
    Ok(deliver(&hunt, &bytes)?.netlist)
}

impl CompareOutcome {
    /// Exit code: 1 for a difference, 3 if something stays open, else 0.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Suspect => 1,
            Verdict::Undetermined => 3,
            _ => 0,
        }
    }
    /// The outcome as JSON.
    pub fn json(&self) -> Value {
        let c = &self.comparison;
        json!({
            "schema": "probity/compare/1",
            "files": self.names,
            "verdict": self.verdict,
            "outputs_equal": c.equal,
            "outputs_open": c.open,
            "unsupported": c.unsupported,
            "outputs_of_one": c.lone_outputs,
            "inputs_of_one": c.lone_inputs,
            "registers_matched": c.pairs.len(),
            "registers_by_name": c.pairs.iter().filter(|p| p.by == By::Name).count(),
            "registers_equal": c.pairs.iter().filter(|p| p.equal).count(),
            "unmatched_first": c.lone_a,
            "unmatched_second": c.lone_b,
            "difference": c.difference.as_ref().map(|d| json!({
                "cycle": d.cycle, "outputs": d.outputs, "found_by": d.by,
                "inputs": c.inputs, "stimulus": d.inputs,
            })),
        })
    }
    /// The outcome for a terminal.
    pub fn text(&self) -> String {
        let c = &self.comparison;
        let [a, b] = &self.names;
        let mut lines = vec![format!("{a} against {b}: {}", self.verdict)];
        lines.push(format!(
            "  {} outputs equal by induction, {} open; {} registers matched, {} of them equal; {} and {} unmatched",
            c.equal,
            c.open.len(),
            c.pairs.len(),
            c.pairs.iter().filter(|p| p.equal).count(),
            c.lone_a.len(),
            c.lone_b.len()
        ));
        if let Some(d) = &c.difference {
            let outputs = d.outputs.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
            lines.push(format!(
                "  differ in cycle {} of a run found by {}: {outputs}",
                d.cycle, d.by
            ));
            for (i, word) in d.inputs.iter().enumerate().rev().take(4).rev() {
                let set = c.inputs.iter().zip(word.chars()).filter(|(_, v)| *v == '1');
                let names: Vec<&str> = set.map(|(n, _)| n.as_str()).take(24).collect();
                lines.push(format!("    cycle {i}: 1 at {}", names.join(" ")));
            }
        }
        for (what, names) in [
            ("not modelled exactly", &c.unsupported),
            ("open output", &c.open),
            ("output of one only", &c.lone_outputs),
            ("input of one only", &c.lone_inputs),
            ("unmatched register of the first", &c.lone_a),
            ("unmatched register of the second", &c.lone_b),
        ] {
            lines.extend(names.iter().take(10).map(|n| format!("  {what}: {n}")));
            if names.len() > 10 {
                lines.push(format!("  … and {} more", names.len() - 10));
            }
        }
        lines.push(
            "  both start at declared values, at 0 where nothing is declared; no certificate is written"
                .to_owned(),
        );
        crate::error::plain_lines(&lines.join("\n")) + "\n"
    }
}
