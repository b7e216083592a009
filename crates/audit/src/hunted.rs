//! The hunt as a check of a case: the file as delivered, its suspects, and the objects the kernel re-checks.
//!
//! Asked for by `hunt = true` in a contract. A gate-level netlist is hunted through in the file that was
//! delivered, with its instances and lines, although what the kernel reads is made from it; anything else
//! in the netlist that the kernel reads.

use crate::case::Elaborate;
use crate::elaborate;
use crate::error::InputError;
use crate::finding;
use crate::hunt::{self, HuntOptions};
use crate::load::{Design, MAX_UNFOLDED, Raw, read_within, unfolded};
use crate::source::{Source, bare_case};
use design::Undecided;
use design::hunt::{Hunt, Objects, Options, SUSPECT, hunt_telling, objects};
use evidence::{FindingDraft, Reason};
use frontend::structural::{Delivered, read_verilog};
use proof::certificate::Hunted;
use proof::contract::{Clock, Contract};
use proof::kernel::{HUNT, NETLIST_ITEM};
use serde_json::json;
use solve::Budget;

/// Share of the effort for one activation.
const SHARE: u64 = 5;
/// Most solver steps for one activation.
const MOST_STEPS: u64 = 400_000;

/// A case that asks for nothing but a hunt through one file, so that a dossier can be written of it.
///
/// # Errors
/// If the file cannot be read, or has constructs that the kernel does not model.
pub fn hunt_case(options: &HuntOptions) -> Result<Source, InputError> {
    let bytes = read_within(&options.file, hunt::MAX_FILE)?;
    let netlist = hunt::deliver(options, &bytes)?.netlist;
    if let Some(first) = netlist.unsupported.first() {
        let what = format!("{} is not modelled exactly: nothing could be re-checked", first.what);
        let remedy = "hunt without --out";
        return Err(InputError::new(&options.file, &first.place, &what, remedy));
    }
    let clock = netlist.clocks.first().map(|c| Clock { port: c.0.clone(), mhz: None });
    let contract = Contract { top: options.top.clone(), clock, hunt: true, ..Contract::default() };
    let elaborate = Elaborate { liberty: options.liberty.clone(), ..Elaborate::default() };
    let mut case = bare_case(&options.file, contract);
    for artifact in &mut case.artifact {
        artifact.elaborate = elaborate.clone();
    }
    let stem = options.file.file_stem().map(|s| s.to_string_lossy().into_owned());
    Ok(Source::Given { name: stem.unwrap_or_default(), case: Box::new(case) })
}

/// Hunts through an artifact.
///
/// # Errors
/// [`Undecided`] if the delivered file is not at hand, or cannot be read here.
pub(crate) fn hunted(
    raw: &Raw,
    design: &Design,
    effort: u64,
    budget: &Budget,
) -> Result<(FindingDraft, Hunted), Undecided> {
    let (delivered, same) = delivered(raw, design)?;
    let options = Options { steps: (effort / SHARE).clamp(1, MOST_STEPS), ..Options::default() };
    let mut found = hunt_telling(&delivered, &options, budget, &|_| ());
    // a hunt may spend all it has
    let more = Budget::new(effort);
    let Objects { hunted, excluded, left_out } =
        objects(&found, &delivered, &design.netlist, &design.model, same, &more);
    drop_excluded(&mut found, &excluded);
    let lines_of = raw.record.as_ref().filter(|r| r.is_structural());
    let lines_of = lines_of.and_then(|r| r.sources.first()).map_or(&raw.name, |s| &s.name);
    let mut draft = hunt::draft(&found, lines_of, raw.digest);
    draft.item = Some(NETLIST_ITEM.to_owned());
    if let Some(payload) = draft.kind.take() {
        draft.metrics.insert("payload".to_owned(), json!(payload));
    }
    draft.metrics.insert("activations".to_owned(), json!(hunted.fired.len()));
    draft.metrics.insert("never_active".to_owned(), json!(hunted.never.len()));
    let unreachable = hunted.excluded.as_ref().map_or(0, |e| e.nets.len());
    draft.metrics.insert("unreachable".to_owned(), json!(unreachable));
    draft.scope =
        format!("{}; suspects by structure and simulation, without reference", finding::scope(raw));
    draft.assumptions.extend(left_out);
    draft.assumptions.extend(finding::assumptions(design, raw, HUNT, NETLIST_ITEM));
    Ok((draft, hunted))
}

/// Takes suspects that no run fires off the list; the verdict follows from what is left.
fn drop_excluded(found: &mut Hunt, excluded: &[usize]) {
    for &i in excluded.iter().rev() {
        let gone = found.suspects.remove(i);
        found.notes.push(format!(
            "{} was a suspect with confidence {:.2}: no run within the contract fires it",
            gone.trigger, gone.confidence
        ));
    }
    found.suspicious = found.suspects.first().is_some_and(|s| s.confidence >= SUSPECT);
}

/// The file as delivered, and whether it is the very graph that the kernel reads.
fn delivered(raw: &Raw, design: &Design) -> Result<(Delivered, bool), Undecided> {
    let wrong = |what: &dyn std::fmt::Display| {
        Undecided::new(
            Reason::Unsupported,
            format!("{} cannot be read gate by gate: {what}", raw.name),
        )
    };
    let top = design.model.contract.top.as_deref();
    let Some(record) = raw.record.as_ref().filter(|r| r.is_structural()) else {
        let bytes = unfolded(&raw.path, raw.bytes.clone(), MAX_UNFOLDED).map_err(|e| wrong(&e))?;
        let library = frontend::liberty::Library::default();
        let read = hunt::netlist_in(&bytes, top, &library).map_err(|e| wrong(&e))?;
        return read.ok_or_else(|| wrong(&"it is neither Yosys JSON nor AIGER"));
    };
    let first = record.sources.first().map(|s| s.digest);
    let source = raw.support.iter().find(|f| Some(f.digest) == first);
    let source = source.ok_or_else(|| {
        let what = "the gate-level file that the netlist was made from is not at hand; name its \
                    directory with --artifacts";
        Undecided::new(Reason::MissingArtifact, what)
    })?;
    let library = elaborate::library(&raw.support).map_err(|e| wrong(&e))?;
    let read = read_verilog(&source.supplied.bytes, top, &library).map_err(|e| wrong(&e))?;
    Ok((read, false))
}
