//! The witness of a refutation: named signals, one line of stimulus, one line of observation.

mod single;

use crate::essential;
use crate::load::Design;
use crate::view::{self, MAX_CYCLES};
use design::Sealed;
use proof::Var;
use proof::certificate::{Body, ClosedSet, Entry, Histories, OwnerScope, PairTrace, Trace};
use proof::contract::Level;
use proof::kernel::HIDDEN_TRIGGER;
use proof::model::StateKind;
use report::witness::{Repeat, ResetView, RunView, SignalRole, WITNESS_SCHEMA, Witness, at, bits};
pub(crate) use single::delivered;
use single::{one_change, one_difference, one_firing};

/// Most register words shown.
const MAX_REGISTERS: usize = 48;
/// Idle cycles shown after a run into a closed set.
const AFTERMATH: usize = 3;

/// The witness of a refuted check; `None` if it is proved, or too long to write out.
pub(crate) fn witness(design: &Design, sealed: &Sealed) -> Option<Witness> {
    let drained = draining(design, sealed);
    let design = drained.as_ref().unwrap_or(design);
    let mut witness = Witness {
        schema: WITNESS_SCHEMA.to_owned(),
        check: sealed.certificate.check.clone(),
        item: sealed.certificate.item.clone(),
        kind: sealed.kind.clone(),
        top: design.model.name.clone(),
        clock: design.model.contract.clock.as_ref().map(|c| c.port.clone()),
        reset: design.model.contract.reset.as_ref().map(|r| ResetView {
            port: r.port.clone(),
            active: r.active == Level::High,
            cycles: r.cycles,
        }),
        stimulus: String::new(),
        observation: String::new(),
        cycle: 0,
        runs: Vec::new(),
        repeats: Vec::new(),
    };
    match &sealed.certificate.body {
        Body::ClosedSet(set) => closed_set(design, set, &mut witness)?,
        Body::Pair(pair) => two_runs(design, pair, &mut witness)?,
        Body::Histories(pair) => two_histories(design, pair, &mut witness)?,
        Body::Unwritten(change) => one_change(design, change, &mut witness)?,
        Body::Divergence(d) => one_difference(design, d, &mut witness)?,
        Body::Hunted(h) => one_firing(design, h.fired.first()?, &mut witness)?,
        _ => return None,
    }
    Some(witness)
}

/// The design whose service a closed set of `design.hidden-trigger` never completes: becoming quiet.
pub(crate) fn draining(design: &Design, sealed: &Sealed) -> Option<Design> {
    let certificate = &sealed.certificate;
    let closed = matches!(certificate.body, Body::ClosedSet(_));
    let function = design.model.function(&certificate.item);
    let function = function.filter(|_| closed && certificate.check == HIDDEN_TRIGGER)?;
    Some(Design {
        netlist: design.netlist.clone(),
        model: design.model.draining(function),
        contract: design.contract,
        gate_level: design.gate_level,
        hints: design::hints::Hints::default(),
    })
}

fn two_histories(design: &Design, pair: &Histories, witness: &mut Witness) -> Option<()> {
    let sides = [("left", &pair.left, pair.left_quiet), ("right", &pair.right, pair.right_quiet)];
    let mut tails: Vec<Vec<Vec<bool>>> = Vec::new();
    for (_, trace, quiet) in sides {
        if trace.inputs.len() > MAX_CYCLES {
            return None;
        }
        let mut tail = Vec::new();
        proof::replay::replay(&design.model, trace, |now| {
            if now.cycle() >= quiet as usize {
                tail.push(now.state.clone());
            }
        })
        .ok()?;
        tails.push(tail);
    }
    let model = &design.model;
    let differs = (0..model.state.len())
        .filter(|&i| tails[0].iter().zip(&tails[1]).any(|(l, r)| l.get(i) != r.get(i)));
    let mut registers = view::words(model, differs);
    registers.truncate(MAX_REGISTERS);
    let (mut values, mut stimuli) = (Vec::new(), Vec::new());
    for (name, trace, quiet) in sides {
        let run = view::run(design, name, trace, &registers).ok()?;
        let shown = u64::from(quiet) + u64::from(pair.cycle);
        let port = run.signals.iter().find(|s| s.name == pair.port);
        values.extend(port.and_then(|s| at(&s.values, shown)).map(str::to_owned));
        let text = stimulus(&run, model.reset_cycles, &[], &[]);
        stimuli.push(format!("{name}: {text}, quiet in cycle {quiet}"));
        witness.runs.push(run);
    }
    witness.cycle = u64::from(pair.left_quiet) + u64::from(pair.cycle);
    witness.stimulus = stimuli.join("; ");
    witness.observation = match &values[..] {
        [l, r] => format!(
            "{} is 0x{l} or 0x{r} {} cycles after quiet, operands and configuration being the same",
            pair.port, pair.cycle
        ),
        _ => format!("{} differs {} cycles after quiet", pair.port, pair.cycle),
    };
    Some(())
}

fn closed_set(design: &Design, set: &ClosedSet, witness: &mut Witness) -> Option<()> {
    let model = &design.model;
    let trace = match &set.entry {
        Entry::Trace(trace) => trace,
        Entry::Accelerated(run) => {
            witness.repeats = run
                .segments
                .iter()
                .map(|s| Repeat { body: s.body.len() as u64, times: s.repeat.clone() })
                .collect();
            &run.prefix
        }
    };
    if trace.inputs.len() > MAX_CYCLES {
        return None;
    }
    let mut registers = view::words(model, state_read(set));
    registers.truncate(MAX_REGISTERS);
    let trace = essential::marked(model, set, trace);
    let run = view::run(design, "run", &trace, &registers).ok()?;
    let straps: Vec<String> = state_read(set)
        .into_iter()
        .filter_map(|i| model.state.get(i).filter(|s| s.kind == StateKind::Constant))
        .map(|s| s.name.clone())
        .collect();
    witness.cycle = trace.inputs.len() as u64;
    witness.stimulus = stimulus(&run, model.reset_cycles, &witness.repeats, &straps);
    witness.observation = observation(design, set, &witness.item);
    let longer = matches!(set.entry, Entry::Trace(_)).then(|| aftermath(&trace));
    let longer = longer.and_then(|t| view::run(design, "run", &t, &registers).ok());
    witness.runs.push(longer.unwrap_or(run));
    Some(())
}

/// The run with a few idle cycles more, so that a reader sees what it led to.
fn aftermath(trace: &Trace) -> Trace {
    let mut longer = trace.clone();
    let idle = trace.inputs.last().map_or_else(String::new, |word| "0".repeat(word.len()));
    for _ in 0..AFTERMATH {
        longer.inputs.push(idle.clone());
        longer.essential.push(idle.clone());
    }
    longer
}

/// State bits the set looks at.
pub(crate) fn state_read(set: &ClosedSet) -> Vec<usize> {
    let state = |v: &Var| if let Var::State(i) = v { Some(*i as usize) } else { None };
    set.set.inputs.iter().filter_map(state).collect()
}

/// The set in one line: the register of it that says most, or their number.
fn observation(design: &Design, set: &ClosedSet, service: &str) -> String {
    let model = &design.model;
    let within = model.service(service).map_or(0, |s| model.services[s].within);
    let lasting = match (&set.potential, set.owner) {
        (Some(_), _) => format!("beyond {within} cycles"),
        (None, OwnerScope::Documented) => "under every documented word".to_owned(),
        (None, OwnerScope::Any) => "for ever".to_owned(),
    };
    let cube = cube(set);
    let register =
        |i: usize| model.state.get(i).filter(|s| matches!(s.kind, StateKind::Register(_)));
    // a register inside says more than one that is a port's
    let inner = |i: usize| register(i).is_some_and(|s| design.netlist.port(&s.name).is_none());
    let said = cube
        .iter()
        .find(|(i, _)| inner(*i))
        .or_else(|| cube.iter().find(|(i, _)| register(*i).is_some()));
    match said {
        Some(&(i, value)) => {
            let s = &model.state[i];
            let wide = model.state.iter().filter(|o| o.name == s.name).count() > 1;
            let bit = if wide { format!("[{}]", s.bit) } else { String::new() };
            let more = match state_read(set).len() {
                0 | 1 => String::new(),
                2 => " (and 1 more register bit)".to_owned(),
                n => format!(" (and {} more register bits)", n - 1),
            };
            format!("{}{bit} = {} {lasting}{more}", s.name, u8::from(value))
        }
        None => format!("no service {lasting}"),
    }
}

/// The literals of the set if it is a conjunction of state bits, in the set's order.
pub(crate) fn cube(set: &ClosedSet) -> Vec<(usize, bool)> {
    let inputs = &set.set.inputs;
    let mut found = Vec::new();
    let mut open: Vec<u32> = set.set.outputs.clone();
    while let Some(code) = open.pop() {
        let var = (code >> 1) as usize;
        match var.checked_sub(1) {
            Some(i) if i < inputs.len() => {
                if let Var::State(s) = inputs[i] {
                    found.push((s as usize, code & 1 == 0));
                }
            }
            Some(i) if code & 1 == 0 => match set.set.ands.get(i - inputs.len()) {
                Some(and) => open.extend(and),
                None => return Vec::new(),
            },
            _ => return Vec::new(),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn two_runs(design: &Design, pair: &PairTrace, witness: &mut Witness) -> Option<()> {
    if pair.left.inputs.len() > MAX_CYCLES {
        return None;
    }
    let registers = differing(design, pair)?;
    for (name, trace) in [("left", &pair.left), ("right", &pair.right)] {
        witness.runs.push(view::run(design, name, trace, &registers).ok()?);
    }
    witness.cycle = u64::from(pair.cycle);
    witness.stimulus = match witness.runs.first() {
        Some(run) => stimulus(run, design.model.reset_cycles, &[], &[]),
        None => String::new(),
    };
    let values: Vec<&str> = witness
        .runs
        .iter()
        .filter_map(|r| r.signals.iter().find(|s| s.name == pair.port))
        .filter_map(|s| at(&s.values, witness.cycle))
        .collect();
    witness.observation = match values[..] {
        [l, r] => format!(
            "{} is 0x{l} or 0x{r} in cycle {}, by {} alone",
            pair.port, pair.cycle, witness.item
        ),
        _ => format!("{} differs in cycle {}", pair.port, pair.cycle),
    };
    Some(())
}

/// Register words that differ between the two runs at some time.
fn differing(design: &Design, pair: &PairTrace) -> Option<Vec<String>> {
    let model = &design.model;
    let record = |trace: &Trace| {
        let mut rows = Vec::new();
        proof::replay::replay(model, trace, |now| rows.push(now.state.clone())).ok()?;
        Some(rows)
    };
    let (left, right) = (record(&pair.left)?, record(&pair.right)?);
    let differs = (0..model.state.len())
        .filter(|&i| left.iter().zip(&right).any(|(l, r)| l.get(i) != r.get(i)));
    let mut names = view::words(model, differs);
    names.truncate(MAX_REGISTERS);
    Some(names)
}

/// The stimulus in one line: the marked bits cycle by cycle, or the remote's last words.
fn stimulus(run: &RunView, reset: u32, repeats: &[Repeat], straps: &[String]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cycle in u64::from(reset)..run.cycles {
        let words: Vec<String> = run.signals.iter().filter_map(|s| marked(s, cycle)).collect();
        if !words.is_empty() {
            parts.push(format!("{} at cycle {cycle}", words.join(" ")));
        }
    }
    let shown = 4;
    if parts.len() > shown {
        let more = parts.len() - shown;
        parts.truncate(shown);
        parts.push(format!("{more} more words"));
    }
    let straps: Vec<String> = run
        .signals
        .iter()
        .filter(|s| s.role == SignalRole::Constant && straps.contains(&s.name))
        .filter_map(|s| Some(format!("{}={}", s.name, value(at(&s.values, 0)?, s.width))))
        .collect();
    if !straps.is_empty() {
        parts.insert(0, straps.join(" "));
    }
    for repeat in repeats {
        parts.push(repeated(run, repeat));
    }
    if parts.is_empty() { "reset alone".to_owned() } else { parts.join("; ") }
}

/// Number of cycles after reset in which a bit matters.
pub(crate) fn words(witness: &Witness) -> usize {
    let reset = witness.reset.as_ref().map_or(0, |r| u64::from(r.cycles));
    let cycles = |run: &RunView| {
        (reset..run.cycles).filter(|&c| run.signals.iter().any(|s| marked(s, c).is_some())).count()
    };
    witness.runs.iter().map(cycles).max().unwrap_or(0)
}

/// The loop that a run ends with: what its inputs do that they did not do in the cycle before it.
fn repeated(run: &RunView, repeat: &Repeat) -> String {
    let cycles = match repeat.times.parse::<u128>() {
        Ok(n) => n.saturating_mul(u128::from(repeat.body)).to_string(),
        Err(_) => repeat.times.clone(),
    };
    let first = run.cycles.saturating_sub(repeat.body);
    let inputs = run.signals.iter().filter(|s| {
        !matches!(s.role, SignalRole::Output | SignalRole::Register | SignalRole::Monitor)
            && !s.name.starts_with("probity.")
    });
    let event: Vec<String> = inputs
        .filter_map(|s| {
            let before = at(&s.values, first.checked_sub(1)?)?;
            let other = (first..run.cycles).filter_map(|c| at(&s.values, c)).find(|v| *v != before);
            Some(format!("{}={}", s.name, value(other?, s.width)))
        })
        .collect();
    if event.is_empty() {
        return format!("left running for {cycles} cycles");
    }
    format!("{} {} times, {cycles} cycles", event.join(" "), repeat.times)
}

fn marked(signal: &report::witness::Signal, cycle: u64) -> Option<String> {
    if signal.name.starts_with("probity.") {
        return None;
    }
    let mask = bits(at(&signal.essential, cycle)?, signal.width)?;
    if !mask.contains(&true) {
        return None;
    }
    Some(format!("{}={}", signal.name, value(at(&signal.values, cycle)?, signal.width)))
}

/// A value for people: long ones shortened in the middle.
fn value(hex: &str, width: u32) -> String {
    if width == 1 {
        return hex.to_owned();
    }
    match (hex.get(..4), hex.len().checked_sub(4).and_then(|i| hex.get(i..))) {
        (Some(head), Some(tail)) if hex.len() > 12 => format!("0x{head}…{tail}"),
        _ => format!("0x{hex}"),
    }
}
