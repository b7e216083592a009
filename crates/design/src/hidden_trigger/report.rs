//! Words and numbers of the answers.
//!
//! A refutation says what differs after which histories; a proof says what it rests on; an open
//! question says which results and registers are in it. Registers that no input reaches are listed
//! in every answer with the results they gate: what they do was decided at reset.

use super::belief::Belief;
use super::runs::Setting;
use super::tables::distances;
use crate::Answer;
use evidence::{Locator, Verdict};
use netlist::Lit;
use proof::certificate::{Body, FunctionProof, Histories, Unwritten};
use proof::model::{Place, StateKind};
use proof::{Model, histories::differ};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most places listed.
const MOST: usize = 8;

/// Names, without repetitions, the first few.
pub(crate) fn list(mut all: Vec<String>) -> String {
    all.sort();
    all.dedup();
    let more =
        if all.len() > MOST { format!(" and {} more", all.len() - MOST) } else { String::new() };
    all.truncate(MOST);
    format!("{}{more}", all.join(", "))
}

/// State bits that no input reaches, though they change: what they do is decided at reset.
pub(crate) fn free_running(model: &Model) -> Vec<usize> {
    let count = model.state.len();
    let mut readers: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut reached = vec![false; count];
    let mut stack = Vec::new();
    // one pass per register would be quadratic: variables that an input reaches are marked first
    let mut marked = vec![false; model.aig.len()];
    for var in 1..model.aig.len() as u32 {
        marked[var as usize] = match model.aig.node(var) {
            netlist::Node::And(a, b) => marked[a.index()] || marked[b.index()],
            netlist::Node::Leaf(_) => matches!(model.place(var), Some(Place::Input(_))),
            netlist::Node::False => false,
        };
    }
    for (i, bit) in model.state.iter().enumerate() {
        if marked[bit.next.index()] {
            reached[i] = true;
            stack.push(i);
        } else {
            for var in model.aig.cone([bit.next]) {
                if let Some(Place::State(from)) = model.place(var) {
                    readers[from as usize].push(i as u32);
                }
            }
        }
    }
    while let Some(from) = stack.pop() {
        for &i in &readers[from] {
            if !std::mem::replace(&mut reached[i as usize], true) {
                stack.push(i as usize);
            }
        }
    }
    (0..count)
        .filter(|&i| {
            let register = matches!(model.state[i].kind, StateKind::Register(_));
            register && !reached[i] && !model.held(i)
        })
        .collect()
}

/// Registers that no input reaches, each with the result ports that depend on it.
fn clocks(s: &Setting<'_>) -> Vec<(String, Option<String>, Vec<String>)> {
    let model = s.model;
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for i in free_running(model) {
        named.entry(&model.state[i].name).or_insert(i);
    }
    let mut ports: Vec<&str> = s.f.results.iter().map(|r| r.port.as_str()).collect();
    ports.sort_unstable();
    ports.dedup();
    let gated: Vec<(&str, Vec<usize>)> = ports
        .into_iter()
        .map(|p| {
            let bits = s.f.results.iter().filter(|r| r.port == p);
            (p, distances(model, bits.flat_map(|r| [r.lit, r.when]).collect()))
        })
        .collect();
    let all = named.into_iter().map(|(name, i)| {
        let gates = gated.iter().filter(|g| g.1[i] != usize::MAX).map(|g| g.0.to_owned());
        (name.to_owned(), model.state[i].src.clone(), gates.collect())
    });
    all.collect()
}

fn about_clocks(s: &Setting<'_>) -> (String, Vec<Locator>, usize) {
    let all = clocks(s);
    if all.is_empty() {
        return (" No register runs without being reached by an input.".to_owned(), Vec::new(), 0);
    }
    let said: Vec<String> = all
        .iter()
        .map(|(name, _, gates)| match gates.is_empty() {
            true => format!("{name} (no result)"),
            false => format!("{name} ({})", gates.join(", ")),
        })
        .collect();
    let text = format!(
        " Registers that no input reaches, and results that depend on them: {}.",
        list(said)
    );
    let locators = all.iter().take(MOST).map(|(name, src, _)| Locator {
        name: name.clone(),
        bit: None,
        src: src.clone(),
        role: Some("no input reaches it".into()),
    });
    (text, locators.collect(), all.len())
}

fn number(metrics: &mut BTreeMap<String, Value>, key: &str, value: usize) {
    metrics.insert(key.into(), Value::from(value));
}

/// Two histories.
pub(crate) fn histories(s: &Setting<'_>, pair: Histories) -> Answer {
    let model = s.model;
    let kind = differ(model, s.function, &pair).unwrap_or("value");
    let reset = model.reset_cycles as usize;
    let cycles = |quiet: u32| (quiet as usize).saturating_sub(reset);
    let (l, r) = (cycles(pair.left_quiet), cycles(pair.right_quiet));
    let wide = s.f.results.iter().filter(|x| x.port == pair.port).count() > 1;
    let shown = if wide { format!("{}[{}]", pair.port, pair.bit) } else { pair.port.clone() };
    let how = if kind == "timing" { "come at another time" } else { "differ" };
    let title = format!(
        "results of `{}` depend on history: {shown} {} after {l} or {r} cycles of it",
        s.f.name,
        if kind == "timing" { "moves" } else { "differs" },
    );
    let (text, more, count) = about_clocks(s);
    let differing = on_the_way(s, &pair);
    let detail = format!(
        "Two runs from power-up reach a quiet cycle with the same configuration, {l} and {r} cycles after \
         reset; from there on both see the same operands, and {} cycles later their results {how}. \
         Registers that differ on the way: {}.{text}",
        pair.cycle,
        list(differing.iter().map(|d| d.0.clone()).collect()),
    );
    let mut locators = vec![Locator {
        name: pair.port.clone(),
        bit: Some(pair.bit),
        src: None,
        role: Some("differs".into()),
    }];
    locators.extend(differing.into_iter().take(MOST).map(|(name, src)| Locator {
        name,
        bit: None,
        src,
        role: Some("on the way".into()),
    }));
    locators.extend(more);
    let mut metrics = BTreeMap::new();
    number(&mut metrics, "cycle", pair.cycle as usize);
    number(&mut metrics, "left_history", l);
    number(&mut metrics, "right_history", r);
    number(&mut metrics, "free_running_registers", count);
    number(&mut metrics, "ands", model.aig.and_count());
    Answer {
        verdict: Verdict::Refuted,
        body: Body::Histories(pair),
        title,
        detail,
        locators,
        metrics,
    }
}

/// Registers, not declared as configuration, that differ at quiet and on which the result depends.
fn on_the_way(s: &Setting<'_>, pair: &Histories) -> Vec<(String, Option<String>)> {
    let model = s.model;
    let at = |trace: &proof::certificate::Trace, quiet: u32| {
        let mut state = Vec::new();
        let _ = proof::replay::replay(model, trace, |run| {
            if run.cycle() == quiet as usize {
                state.clone_from(&run.state);
            }
        });
        state
    };
    let (left, right) = (at(&pair.left, pair.left_quiet), at(&pair.right, pair.right_quiet));
    let roots: Vec<Lit> =
        s.f.results
            .iter()
            .filter(|r| r.port == pair.port && r.bit == pair.bit)
            .flat_map(|r| [r.lit, r.when])
            .collect();
    let distance = distances(model, roots);
    let mut all: Vec<(usize, String, Option<String>)> = (0..left.len().min(right.len()))
        .filter(|&i| left[i] != right[i] && distance[i] != usize::MAX)
        .filter(|&i| matches!(model.state[i].kind, StateKind::Register(_)))
        .map(|i| (distance[i], model.state[i].name.clone(), model.state[i].src.clone()))
        .collect();
    all.sort();
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for (_, name, src) in all {
        if found.iter().all(|f| f.0 != name) {
            found.push((name, src));
        }
    }
    found
}

/// An undeclared change.
pub(crate) fn unwritten(s: &Setting<'_>, change: Unwritten) -> Answer {
    let model = s.model;
    let at = (change.cycle as usize + 1).saturating_sub(model.reset_cycles as usize);
    let title = format!(
        "configuration {}[{}] changes without a declared write, {at} cycles after reset",
        change.name, change.bit
    );
    let (text, more, count) = about_clocks(s);
    let detail = format!(
        "A run from power-up ends with a change of {} after a cycle in which its declared writers were \
         not at work. What results may depend on must change by declared writes only, or a trigger hides \
         there.{text}",
        change.name
    );
    let bit = model.state.iter().find(|b| b.name == change.name && b.bit == change.bit);
    let mut locators = vec![Locator {
        name: change.name.clone(),
        bit: Some(change.bit),
        src: bit.and_then(|b| b.src.clone()),
        role: Some("changes".into()),
    }];
    locators.extend(more);
    let mut metrics = BTreeMap::new();
    number(&mut metrics, "cycle", at);
    number(&mut metrics, "free_running_registers", count);
    number(&mut metrics, "ands", model.aig.and_count());
    Answer {
        verdict: Verdict::Refuted,
        body: Body::Unwritten(change),
        title,
        detail,
        locators,
        metrics,
    }
}

/// Never quiet again.
pub(crate) fn busy(s: &Setting<'_>, answer: Answer) -> Answer {
    let (text, more, count) = about_clocks(s);
    let title = format!("`{}` can be kept from ever being quiet: {}", s.f.name, answer.title);
    let detail = format!(
        "A run from power-up leads into states in which a job is taken to be in flight although none is \
         started and nothing stalls, beyond the declared latency of {} cycles; what the part computes \
         there is examined by nobody. {}{text}",
        s.f.drained.within, answer.detail
    );
    let mut metrics = answer.metrics;
    number(&mut metrics, "free_running_registers", count);
    let mut locators = answer.locators;
    locators.extend(more);
    Answer { title, detail, metrics, locators, ..answer }
}

/// Proved.
pub(crate) fn proved(
    s: &Setting<'_>,
    belief: &Belief,
    clauses: usize,
    rounds: usize,
    body: FunctionProof,
) -> Answer {
    let model = s.model;
    let registers = |tied: bool| {
        let bits = model.state.iter().zip(&belief.tied);
        bits.filter(|(b, t)| **t == tied && matches!(b.kind, StateKind::Register(_))).count()
    };
    let (tied, untied) = (registers(true), registers(false));
    let configured: usize = s.f.configuration.iter().map(|c| c.bits.len()).sum();
    let open: Vec<String> =
        s.f.configuration
            .iter()
            .filter(|c| c.writes == Lit::TRUE)
            .flat_map(|c| c.bits.iter().map(|b| b.0.clone()))
            .collect();
    let open = match open.is_empty() {
        true => String::new(),
        false => format!(
            " Declared free to change at any time, and taken as equal at the start: {}.",
            list(open)
        ),
    };
    let (text, locators, count) = about_clocks(s);
    let title = format!("results of `{}` depend on operands and configuration alone", s.f.name);
    let detail = format!(
        "Whatever happened before, the same operands after any quiet cycle with the same configuration \
         ({configured} bits) give the same results in every cycle: {tied} register bits are then equal for \
         ever, {untied} may differ, {} of them not while they matter. Configuration changes by declared \
         writes only, and the part becomes quiet within {} cycles.{open}{text}",
        belief.conditional(),
        s.f.drained.within,
    );
    let mut metrics = BTreeMap::new();
    number(&mut metrics, "tied_registers", tied);
    number(&mut metrics, "untied_registers", untied);
    number(&mut metrics, "conditional_ties", belief.guarded().count());
    number(&mut metrics, "cases", belief.cases().len());
    number(&mut metrics, "invariant_clauses", clauses);
    number(&mut metrics, "configuration_bits", configured);
    number(&mut metrics, "free_running_registers", count);
    number(&mut metrics, "rounds", rounds);
    number(&mut metrics, "ands", model.aig.and_count());
    Answer {
        verdict: Verdict::Proved,
        body: Body::Function(Box::new(body)),
        title,
        detail,
        locators,
        metrics,
    }
}

/// What remained open.
pub(crate) fn open(s: &Setting<'_>, belief: &Belief, failing: &[usize], cycles: usize) -> String {
    let model = s.model;
    let ports = failing.iter().map(|&k| s.f.results[k].port.clone()).collect();
    let roots: Vec<Lit> =
        failing.iter().flat_map(|&k| [s.f.results[k].lit, s.f.results[k].when]).collect();
    let distance = distances(model, roots);
    let mut open: Vec<(usize, String)> = (0..model.state.len())
        .filter(|&i| !belief.tied[i] && distance[i] != usize::MAX)
        .filter(|&i| !belief.explains(i))
        .filter(|&i| matches!(model.state[i].kind, StateKind::Register(_)))
        .map(|i| (distance[i], model.state[i].name.clone()))
        .collect();
    open.sort();
    open.dedup_by(|a, b| a.1 == b.1);
    open.truncate(MOST);
    let (text, ..) = about_clocks(s);
    format!(
        "No pair of histories with different results was found in {cycles} simulated cycles of 64 runs \
         and by runs that set the registers in question, and no inductive relation excludes one. Open: \
         whether {} may depend on history through {}.{text}",
        list(ports),
        list(open.into_iter().map(|o| o.1).collect()),
    )
}

/// Out of budget.
pub(crate) fn spent(s: &Setting<'_>, cycles: usize) -> String {
    let (text, ..) = about_clocks(s);
    format!(
        "The effort limit was reached before a relation between two histories was found; none with \
         different results was met in {cycles} simulated cycles of 64 runs.{text}"
    )
}
