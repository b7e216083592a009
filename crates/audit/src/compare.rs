//! `design compare A B`: a delivered netlist against its reference, on bare files.
//!
//! There is no contract, so nothing is assumed and every input is free. Without a reset port both start at
//! their declared values, at 0 where nothing is declared. Nothing is written that `verify` could
//! check, so the verdict is at most `nothing-found`; a case with `reference = FILE` proves or refutes.

use crate::error::InputError;
use crate::hunt::{HuntOptions, MAX_FILE, deliver};
use crate::load::read_within;
use design::compare::{Comparison, compare};
use evidence::Verdict;
use netlist::Netlist;
use proof::Product;
use proof::contract::{Contract, Level, PowerUpRule, Reset};
use proof::product::REFERENCE;
use serde_json::{Value, json};
use solve::Budget;
use std::path::{Path, PathBuf};

/// Cycles of reset, where a port for it is given.
const RESET: u32 = 8;

/// What to compare.
#[derive(Clone, Debug)]
pub struct CompareOptions {
    /// The reference, and what was delivered.
    pub files: [PathBuf; 2],
    /// Liberty files for both.
    pub liberty: Vec<PathBuf>,
    /// Top module of both.
    pub top: Option<String>,
    /// Reset port, with `!` before it if it is active low.
    pub reset: Option<String>,
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
    product: Product,
    /// How both start, in words.
    start: String,
    names: [String; 2],
}

/// Reads both and compares them.
///
/// # Errors
/// If a file cannot be read.
pub fn design_compare(options: &CompareOptions) -> Result<CompareOutcome, InputError> {
    let [reference, delivered] = [read(options, 0)?, read(options, 1)?];
    let contract = contract(options);
    let product = Product::new(&delivered, &reference, &contract)
        .map_err(|e| InputError::new(&options.files[1], &e.place, &e.what, ""))?;
    let comparison = compare(&product, options.depth, &Budget::new(options.effort));
    let complete = comparison.open.is_empty()
        && product.lone_outputs.is_empty()
        && product.model.unsupported.is_empty();
    let verdict = match &comparison.difference {
        Some(_) => Verdict::Suspect,
        None if complete => Verdict::NothingFound,
        None => Verdict::Undetermined,
    };
    let name =
        |p: &Path| p.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let names = [name(&options.files[0]), name(&options.files[1])];
    let start = match &contract.reset {
        Some(r) => format!("both are in any state, then in reset by {} for {RESET} cycles", r.port),
        None => "both start at declared values, at 0 where nothing is declared".to_owned(),
    };
    Ok(CompareOutcome { comparison, verdict, product, start, names })
}

fn contract(options: &CompareOptions) -> Contract {
    let Some(port) = &options.reset else {
        return Contract { power_up: Some(PowerUpRule::Zero), ..Contract::default() };
    };
    let (port, active) = match port.strip_prefix('!') {
        Some(port) => (port, Level::Low),
        None => (port.as_str(), Level::High),
    };
    let reset = Reset { port: port.to_owned(), active, cycles: RESET };
    Contract { reset: Some(reset), ..Contract::default() }
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
    fn registers(&self, bits: &[usize]) -> Vec<String> {
        let state = &self.product.model.state;
        let name = |s: &proof::model::StateBit| {
            format!("{}[{}]", s.name.strip_prefix(REFERENCE).unwrap_or(&s.name), s.bit)
        };
        bits.iter().map(|&i| name(&state[i])).collect()
    }
    /// Input bits by name, in the order of a stimulus.
    fn inputs(&self) -> Vec<String> {
        self.product.model.inputs.iter().map(|i| format!("{}[{}]", i.name, i.bit)).collect()
    }
    /// Inputs that only the reference has.
    fn lone_inputs(&self) -> Vec<String> {
        self.inputs().split_off(self.product.delivered_inputs)
    }
    /// The outcome as JSON.
    pub fn json(&self) -> Value {
        let (c, r) = (&self.comparison, &self.comparison.registers);
        json!({
            "schema": "probity/compare/1",
            "files": self.names,
            "verdict": self.verdict,
            "outputs_equal": c.equal,
            "outputs_open": c.open,
            "cycles_clear": c.clear,
            "unsupported": self.product.model.unsupported,
            "outputs_of_one": self.product.lone_outputs,
            "inputs_of_reference": self.lone_inputs(),
            "registers_matched": r.matched,
            "registers_by_name": r.by_name,
            "registers_constant": r.constant,
            "unmatched_reference": self.registers(&r.lone_reference),
            "unmatched_delivered": self.registers(&r.lone_delivered),
            "difference": c.difference.as_ref().map(|(d, by)| json!({
                "cycle": d.cycle, "port": d.port, "bit": d.bit, "found_by": by,
                "inputs": self.inputs(), "stimulus": d.run.inputs,
            })),
        })
    }
    /// The outcome for a terminal.
    pub fn text(&self) -> String {
        let (c, r) = (&self.comparison, &self.comparison.registers);
        let [a, b] = &self.names;
        let mut lines = vec![format!("{a} against {b}: {}", self.verdict)];
        lines.push(format!(
            "  {} outputs equal by induction, {} open; {} register bits of the reference matched, {} of them by \
             name; {} never change; {} of the reference and {} of the delivered part unmatched",
            c.equal,
            c.open.len(),
            r.matched,
            r.by_name,
            r.constant,
            r.lone_reference.len(),
            r.lone_delivered.len()
        ));
        if c.difference.is_none() && !c.open.is_empty() {
            lines.push(format!("  no difference within {} cycles", c.clear));
        }
        if let Some((d, by)) = &c.difference {
            lines.push(format!(
                "  {}[{}] differs in cycle {} of a run found by {by}",
                d.port, d.bit, d.cycle
            ));
            let inputs = self.inputs();
            for (i, word) in d.run.inputs.iter().enumerate().rev().take(4).rev() {
                let set = inputs.iter().zip(word.chars()).filter(|(_, v)| *v == '1');
                let names: Vec<&str> = set.map(|(n, _)| n.as_str()).take(24).collect();
                lines.push(format!("    cycle {i}: 1 at {}", names.join(" ")));
            }
        }
        for (what, names) in [
            ("not modelled exactly", &self.product.model.unsupported),
            ("open output", &c.open),
            ("output of one only", &self.product.lone_outputs),
            ("input of the reference only", &self.lone_inputs()),
            ("unmatched register of the reference", &self.registers(&r.lone_reference)),
            ("unmatched register of the delivered part", &self.registers(&r.lone_delivered)),
        ] {
            lines.extend(names.iter().take(10).map(|n| format!("  {what}: {n}")));
            if names.len() > 10 {
                lines.push(format!("  … and {} more", names.len() - 10));
            }
        }
        lines.push(format!(
            "  {}; no certificate is written: `probity audit` of a case with `reference = FILE` does",
            self.start
        ));
        crate::error::plain_lines(&lines.join("\n")) + "\n"
    }
}
