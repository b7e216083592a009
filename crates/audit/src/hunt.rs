//! `design hunt`: a bare netlist in, suspects out; no contract, no case.
//!
//! The file is told by its first bytes: Yosys JSON, AIGER, zstd of either, else Verilog. Verilog that is
//! structure is read as delivered, without any other program; Verilog that describes behaviour goes
//! through an installed Yosys.

use crate::error::InputError;
use crate::load::read_within;
use crate::pack::TOOL;
use design::hunt::{Activation, Hunt, Options, hunt_telling};
use evidence::{Claim, Digest, Finding, FindingDraft, Locator, Verdict, check_page};
use frontend::liberty::Library;
use frontend::structural::{Delivered, GateGraph, read_verilog};
use netlist::ReadOptions;
use report::sarif::{self, Entry, Place};
use serde_json::{Value, json};
use solve::Budget;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Largest netlist, in bytes, as given and unfolded.
pub(crate) const MAX_FILE: u64 = 1 << 30;
/// Most locators of a finding.
const MAX_LOCATORS: usize = 2000;

/// What to hunt through.
#[derive(Clone, Debug)]
pub struct HuntOptions {
    /// The netlist.
    pub file: PathBuf,
    /// Liberty files with the functions of its cells.
    pub liberty: Vec<PathBuf>,
    /// Top module.
    pub top: Option<String>,
    /// Solver steps for all activations together.
    pub effort: u64,
}

/// What was found, in the words of every output.
#[derive(Clone, Debug)]
pub struct HuntOutcome {
    /// The hunt itself.
    pub hunt: Hunt,
    /// Its finding.
    pub finding: Finding,
    /// The file's name.
    pub name: String,
    inputs: Vec<String>,
}

/// Reads and hunts; `tell` hears what is being done, in a few words.
///
/// # Errors
/// If a file cannot be read; place and remedy are named.
pub fn design_hunt(options: &HuntOptions, tell: &dyn Fn(&str)) -> Result<HuntOutcome, InputError> {
    tell("reading");
    let bytes = read_within(&options.file, MAX_FILE)?;
    let digest = Digest::of(&bytes);
    let delivered = deliver(options, &bytes)?;
    drop(bytes);
    let settings = Options { steps: (options.effort / 5).clamp(1, 400_000), ..Options::default() };
    let found = hunt_telling(&delivered, &settings, &Budget::new(options.effort), tell);
    let name =
        options.file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let finding = draft(&found, &name, digest)
        .seal()
        .map_err(|e| InputError::new(&options.file, "", &format!("cannot be reported: {e}"), ""))?;
    let inputs = delivered.graph.free.iter().map(|&l| delivered.graph.net_name(l)).collect();
    Ok(HuntOutcome { hunt: found, finding, name, inputs })
}

pub(crate) fn deliver(options: &HuntOptions, bytes: &[u8]) -> Result<Delivered, InputError> {
    let mut library = Library::default();
    for path in &options.liberty {
        let text = read_within(path, MAX_FILE)?;
        let wrong = |e: netlist::ReadError| InputError::new(path, &e.place, &e.what, &e.remedy);
        library.add(&text).map_err(wrong)?;
    }
    let wrong =
        |e: netlist::ReadError| InputError::new(&options.file, &e.place, &e.what, &e.remedy);
    let top = options.top.clone();
    if let Some((delivered, _)) = netlist_in(bytes, top.as_deref(), &library).map_err(wrong)? {
        return Ok(delivered);
    }
    match read_verilog(bytes, top.as_deref(), &library) {
        Ok(delivered) => Ok(delivered),
        Err(error) if error.what.contains("describes behaviour") => elaborated(options, &error),
        Err(error) => Err(wrong(error)),
    }
}

/// A netlist in Yosys JSON or AIGER, gate by gate, and whether its graph is the one that the kernel's readers
/// make of it. Nothing if it is neither.
///
/// # Errors
/// If it is one of them and cannot be read.
pub(crate) fn netlist_in(
    bytes: &[u8],
    top: Option<&str>,
    library: &Library,
) -> Result<Option<(Delivered, bool)>, netlist::ReadError> {
    let text = bytes.trim_ascii_start();
    if text.starts_with(b"{")
        && let Some(delivered) = frontend::structural::read_gates_json(bytes, top, library)
    {
        return Ok(Some((delivered, false)));
    }
    let netlist = if text.starts_with(b"{") {
        netlist::read_yosys_json(bytes, &ReadOptions { top, cuts: &[] })?
    } else if text.starts_with(b"aag ") || text.starts_with(b"aig ") {
        netlist::read_aiger(bytes)?
    } else {
        return Ok(None);
    };
    Ok(Some((Delivered { graph: GateGraph::of_netlist(&netlist), netlist }, true)))
}

/// Behaviour goes through Yosys, if there is one.
fn elaborated(options: &HuntOptions, error: &netlist::ReadError) -> Result<Delivered, InputError> {
    let how = frontend::Options::default();
    let made = frontend::elaborate_path(&options.file, options.top.as_deref(), &how);
    let made = made
        .map_err(|e| InputError::new(&options.file, &error.place, &error.what, &e.to_string()))?;
    let read = ReadOptions::default();
    let mut netlist = netlist::read_yosys_json(&made.netlist_json, &read)
        .map_err(|e| InputError::new(&options.file, &e.place, &e.what, &e.remedy))?;
    netlist.notes.extend(made.notes());
    Ok(Delivered { graph: GateGraph::of_netlist(&netlist), netlist })
}

/// What a hunt says of the netlist `name`.
pub(crate) fn draft(hunt: &Hunt, name: &str, artifact: Digest) -> FindingDraft {
    let verdict = if hunt.suspicious { Verdict::Suspect } else { Verdict::NothingFound };
    let first = hunt.suspects.first().filter(|_| hunt.suspicious);
    let title = match first {
        Some(s) => format!(
            "{} gates around {} look like a hidden function ({})",
            s.gates.len(),
            s.trigger,
            s.kind.id()
        ),
        None => "no hidden function was found".to_owned(),
    };
    let locators = first.map_or_else(Vec::new, |s| {
        let locate = |g: &design::hunt::Gate| Locator {
            name: g.name.clone(),
            bit: None,
            src: (g.line > 0).then(|| format!("{name}:{}", g.line)),
            role: Some(g.part.id().to_owned()),
        };
        s.gates.iter().take(MAX_LOCATORS).map(locate).collect()
    });
    let detail = first.map_or_else(
        || format!("{} candidates were weighed", hunt.candidates),
        |s| s.why.join("; "),
    );
    let mut metrics: BTreeMap<String, Value> = BTreeMap::new();
    metrics.insert("candidates".to_owned(), json!(hunt.candidates));
    metrics.insert("gates".to_owned(), json!(hunt.gates));
    metrics.insert("registers".to_owned(), json!(hunt.registers));
    if let Some(s) = first {
        metrics.insert("suspect_gates".to_owned(), json!(s.gates.len()));
        if let Activation::Fires(run) = &s.activation {
            metrics.insert("activation_cycle".to_owned(), json!(run.cycle));
            metrics.insert("essential_inputs".to_owned(), json!(run.essential));
        }
    }
    FindingDraft {
        check: "design.hunt".to_owned(),
        claim: Claim::NoHiddenFunction,
        artifact,
        verdict,
        reason: None,
        kind: first.map(|s| s.kind.id().to_owned()),
        item: first.map(|s| s.trigger.clone()),
        title,
        detail,
        scope: format!(
            "of the netlist {name}, by structure and simulation, without contract or reference; \
             netlist against silicon not examined"
        ),
        assumptions: hunt.notes.clone(),
        locators,
        grade: first.map(|s| format!("confidence {:.2}", s.confidence)),
        coverage: (!hunt.suspicious).then(|| {
            format!(
                "{} patterns, {:.0} % of the registers moved; {}",
                hunt.patterns,
                100.0 * hunt.moving,
                design::hunt::FALSE_ALARMS
            )
        }),
        certificate: None,
        witness: None,
        metrics,
    }
}

impl HuntOutcome {
    /// Exit code: 1 for a suspect, else 0.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.hunt.suspicious)
    }
    /// Names of the gates of the first suspect, if the verdict is `suspect`.
    pub fn gate_list(&self) -> String {
        let first = self.hunt.suspects.first().filter(|_| self.hunt.suspicious);
        let names = first.iter().flat_map(|s| s.gates.iter().map(|g| g.name.as_str()));
        names.map(|n| format!("{n}\n")).collect()
    }
    /// The whole outcome as JSON.
    pub fn json(&self) -> Value {
        let h = &self.hunt;
        json!({
            "schema": "probity/hunt/1",
            "file": self.name,
            "verdict": self.finding.body.verdict,
            "confidence": h.suspects.first().map_or(0.0, |s| round(s.confidence)),
            "false_alarms": design::hunt::FALSE_ALARMS,
            "gates": h.gates,
            "registers": h.registers,
            "patterns": h.patterns,
            "moving_registers": round(h.moving),
            "candidates": h.candidates,
            "never_active": h.never.len(),
            "suspects": h.suspects.iter().map(|s| self.suspect(s)).collect::<Vec<_>>(),
            "notes": h.notes,
            "finding": self.finding,
        })
    }
    fn suspect(&self, s: &design::hunt::Suspect) -> Value {
        let activation = match &s.activation {
            Activation::Never => json!({ "result": "never" }),
            Activation::Budget => json!({ "result": "budget" }),
            Activation::Fires(run) => json!({
                "result": "fires",
                "cycle": run.cycle,
                "found_by": run.by,
                "differs_at": run.differs,
                "outputs": run.observers,
                "registers_differ": run.registers,
                "essential_inputs": run.essential,
                "inputs": self.inputs,
                "stimulus": run.inputs,
            }),
        };
        json!({
            "confidence": round(s.confidence),
            "trigger": s.trigger,
            "quiet": u8::from(s.quiet),
            "payload": s.payload,
            "kind": s.kind.id(),
            "width": s.width,
            "gates": s.gates.iter().map(|g| json!({
                "name": g.name, "kind": g.kind, "line": g.line, "part": g.part.id(),
                "why": g.part.why(),
            })).collect::<Vec<_>>(),
            "activation": activation,
            "why": s.why,
            "features": s.features.iter().map(|(n, v)| (n.to_string(), json!(round(*v))))
                .collect::<serde_json::Map<_, _>>(),
        })
    }
    /// SARIF 2.1.0 of the first suspect.
    pub fn sarif(&self) -> String {
        let place = |g: &design::hunt::Gate| Place {
            name: g.name.clone(),
            kind: Some(g.part.id().to_owned()),
            source: Some((self.name.clone(), g.line.max(1))),
            message: Some(g.part.why().to_owned()),
        };
        let first = self.hunt.suspects.first().filter(|_| self.hunt.suspicious);
        let entry = first.map(|s| Entry {
            finding: &self.finding,
            message: self.finding.body.title.clone(),
            places: s.gates.iter().take(MAX_LOCATORS).map(place).collect(),
        });
        let check = check_page(&self.finding.body.check).map_or(&[][..], std::slice::from_ref);
        sarif::write(TOOL, check, entry)
    }
    /// The outcome for a terminal.
    pub fn text(&self) -> String {
        let h = &self.hunt;
        let mut lines = vec![format!(
            "{}: {} ({} gates, {} registers, {} candidates)",
            crate::error::plain(&self.name),
            self.finding.body.verdict,
            h.gates,
            h.registers,
            h.candidates
        )];
        for (i, s) in h.suspects.iter().enumerate() {
            if i > 0 && s.confidence < 0.2 {
                break;
            }
            lines.push(String::new());
            lines.push(format!(
                "  {}. {} = {} when it fires; {}; {} gates; confidence {:.2}",
                i + 1,
                s.trigger,
                u8::from(!s.quiet),
                s.kind.id(),
                s.gates.len(),
                s.confidence
            ));
            lines.push(match &s.activation {
                Activation::Never => "     nothing can activate it".to_owned(),
                Activation::Budget => "     not fired within the budget".to_owned(),
                Activation::Fires(run) => format!(
                    "     fires in cycle {} of a run found by {}; {} inputs matter; {}",
                    run.cycle,
                    run.by,
                    run.essential,
                    match run.differs {
                        Some(at) =>
                            format!("from cycle {at} outputs differ: {}", short(&run.observers)),
                        None => format!("no output differs, {} registers do", run.registers),
                    }
                ),
            });
            for why in &s.why {
                lines.push(format!("     - {why}"));
            }
            let names: Vec<String> = s.gates.iter().map(|g| g.name.clone()).collect();
            lines.push(format!("     gates: {}", short(&names)));
        }
        lines.push(String::new());
        lines.push(format!("  {}", design::hunt::FALSE_ALARMS));
        lines.extend(h.notes.iter().take(8).map(|n| format!("  note: {n}")));
        crate::error::plain_lines(&lines.join("\n")) + "\n"
    }
}

fn short(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(12).cloned().collect();
    if names.len() > shown.len() {
        shown.push(format!("and {} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
