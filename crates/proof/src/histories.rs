//! Replays of `design.hidden-trigger`: two histories, and a change nobody declared.
//!
//! A part whose results depend on operands and configuration alone gives the same results to the
//! same operands whatever happened before. [`differ`] shows one that does not: two runs of the same
//! part (same power-up state), each with a history of its own, reach quiet cycles with the same
//! configuration; from there on both see the same operands, and a result differs. `unwritten`
//! shows a configuration that changes although none of its writers was at work. Cost: one pass over
//! the graph per cycle and run.

use crate::certificate::{Histories, Trace, Unwritten};
use crate::model::{FunctionModel, Model};
use crate::obligation::{KernelError, misfit};
use crate::replay::{ReplayError, Run, replay};
use netlist::Lit;

/// What is recorded of a cycle from the quiet one on.
#[derive(Default)]
struct Cycle {
    /// Value and meaning of each result bit.
    results: Vec<(bool, bool)>,
    start: bool,
    done: bool,
}

/// One run from its quiet cycle on.
struct Seen {
    configuration: Vec<bool>,
    cycles: Vec<Cycle>,
}

fn record(
    model: &Model,
    f: &FunctionModel,
    trace: &Trace,
    quiet: u32,
) -> Result<Seen, KernelError> {
    let quiet = quiet as usize;
    if quiet < model.reset_cycles as usize || quiet >= trace.inputs.len() {
        return Err(misfit("the quiet cycle lies outside the run, or in reset"));
    }
    let mut rests = false;
    let mut seen = Seen { configuration: Vec::new(), cycles: Vec::new() };
    replay(model, trace, |run| {
        if run.cycle() < quiet {
            return;
        }
        if run.cycle() == quiet {
            rests = run.value(f.quiet);
            seen.configuration = configuration(f, run);
        }
        seen.cycles.push(Cycle {
            results: f.results.iter().map(|r| (run.value(r.lit), run.value(r.when))).collect(),
            start: run.value(f.start),
            done: run.value(f.done),
        });
    })?;
    if !rests {
        return Err(misfit(format!("a job is in flight in cycle {quiet}")));
    }
    Ok(seen)
}

fn configuration(f: &FunctionModel, run: &Run<'_>) -> Vec<bool> {
    f.configuration.iter().flat_map(|c| &c.bits).map(|b| run.value(b.2)).collect()
}

/// Both runs up to their quiet cycles, and that the result named differs.
fn both(model: &Model, f: &FunctionModel, pair: &Histories) -> Result<(Seen, Seen), KernelError> {
    if pair.left.power_up != pair.right.power_up {
        return Err(misfit("the two runs are not runs of the same part"));
    }
    let left = record(model, f, &pair.left, pair.left_quiet)?;
    let right = record(model, f, &pair.right, pair.right_quiet)?;
    if left.cycles.len() != right.cycles.len() {
        return Err(misfit("the two runs differ in length after their quiet cycles"));
    }
    if left.configuration != right.configuration {
        return Err(misfit("the two runs differ in configuration"));
    }
    let named = f
        .results
        .iter()
        .position(|r| r.port == pair.port && r.bit == pair.bit)
        .ok_or_else(|| misfit(format!("{}[{}] is no result", pair.port, pair.bit)))?;
    let at = pair.cycle as usize;
    let value = |seen: &Seen| seen.cycles.get(at).and_then(|c| c.results.get(named)).copied();
    match (value(&left), value(&right)) {
        (Some((l, lm)), Some((r, rm))) if l != r && (lm || rm) => Ok((left, right)),
        _ => Err(misfit(format!("the result does not differ {at} cycles after quiet"))),
    }
}

/// Input words from the quiet cycles on, side by side.
fn side_by_side(pair: &Histories) -> impl Iterator<Item = (&[u8], &[u8])> {
    let after = |trace: &'_ Trace, quiet: u32| trace.inputs.len().min(quiet as usize);
    let (l, r) = (after(&pair.left, pair.left_quiet), after(&pair.right, pair.right_quiet));
    let left = pair.left.inputs.get(l..).unwrap_or_default();
    let right = pair.right.inputs.get(r..).unwrap_or_default();
    left.iter().zip(right).map(|(l, r)| (l.as_bytes(), r.as_bytes()))
}

/// Replays two histories after which the same operands give another result; returns the kind:
/// `timing` if every result port shows the same sequence of values in both runs, else `value`.
///
/// # Errors
/// If it shows nothing of the kind.
pub fn differ(
    model: &Model,
    function: usize,
    pair: &Histories,
) -> Result<&'static str, KernelError> {
    let f = &model.functions[function];
    for (l, r) in side_by_side(pair) {
        if let Some(i) = f.operands.iter().find(|&&i| l.get(i) != r.get(i)) {
            return Err(misfit(format!("the two runs differ in operand bit {i}")));
        }
    }
    let (left, right) = both(model, f, pair)?;
    Ok(kind_of(f, &left, &right))
}

/// Stutter comparison per port and condition, as for a leak.
fn kind_of(f: &FunctionModel, left: &Seen, right: &Seen) -> &'static str {
    let mut groups: Vec<(&str, Lit)> =
        f.results.iter().map(|r| (r.port.as_str(), r.when)).collect();
    groups.dedup();
    for group in groups {
        let bits: Vec<usize> = (0..f.results.len())
            .filter(|&i| (f.results[i].port.as_str(), f.results[i].when) == group)
            .collect();
        let squeeze = |seen: &Seen| {
            let mut words: Vec<Vec<bool>> = seen
                .cycles
                .iter()
                .filter(|c| bits.iter().all(|&b| c.results[b].1))
                .map(|c| bits.iter().map(|&b| c.results[b].0).collect())
                .collect();
            words.dedup();
            words
        };
        if squeeze(left) != squeeze(right) {
            return "value";
        }
    }
    "timing"
}

/// Replays two runs that are equal up to their quiet cycle and in everything but operands after it:
/// each serves a job, and the result named differs.
pub(crate) fn cover(model: &Model, function: usize, pair: &Histories) -> Result<(), KernelError> {
    let f = &model.functions[function];
    if pair.left_quiet != pair.right_quiet {
        return Err(misfit("the runs of the cover differ in history"));
    }
    let before = |trace: &Trace| {
        trace.inputs.get(..pair.left_quiet as usize).map(<[String]>::to_vec).unwrap_or_default()
    };
    if before(&pair.left) != before(&pair.right) {
        return Err(misfit("the runs of the cover differ in history"));
    }
    for (l, r) in side_by_side(pair) {
        let stray = (0..l.len().max(r.len()))
            .any(|i| l.get(i) != r.get(i) && f.operands.binary_search(&i).is_err());
        if stray {
            return Err(misfit("the runs of the cover differ in what is no operand"));
        }
    }
    let (left, right) = both(model, f, pair)?;
    for seen in [&left, &right] {
        let from = seen.cycles.iter().position(|c| c.start).unwrap_or(seen.cycles.len());
        if !seen.cycles.get(from..).unwrap_or_default().iter().any(|c| c.done) {
            return Err(misfit("a run of the cover serves no job"));
        }
    }
    Ok(())
}

/// Replays a run in which a bit of the configuration changes after a cycle without its writers.
pub(crate) fn unwritten(
    model: &Model,
    function: usize,
    change: &Unwritten,
) -> Result<(), KernelError> {
    let f = &model.functions[function];
    let (entry, lit) = f
        .configuration
        .iter()
        .find_map(|c| {
            let bit = c.bits.iter().find(|b| b.0 == change.name && b.1 == change.bit)?;
            Some((c, bit.2))
        })
        .ok_or_else(|| misfit(format!("{}[{}] is no configuration", change.name, change.bit)))?;
    let at = change.cycle as usize;
    if at < model.reset_cycles as usize {
        return Err(misfit("the change lies in reset"));
    }
    let (mut before, mut after) = (None, None);
    replay(model, &change.run, |run| {
        if run.cycle() == at && !run.value(entry.writes) {
            before = Some(run.value(lit));
        } else if run.cycle() == at + 1 {
            after = Some(run.value(lit));
        }
    })?;
    match (before, after) {
        (Some(b), Some(a)) if a != b => Ok(()),
        _ => Err(ReplayError(format!("no undeclared change after cycle {at}")).into()),
    }
}
