//! A trace of the model as named signals over time.
//!
//! Problem: the certificate's run is bit strings in model order.
//! Method: the kernel's own replay runs the trace; ports, straps, identities and the registers that
//! matter are recorded by name as they change. Nothing is computed that the replay does not show.

use crate::load::Design;
use netlist::{Direction, Lit};
use proof::certificate::{NetRef, Trace};
use proof::model::{Model, Role, StateKind};
use proof::replay::{ReplayError, replay};
use report::witness::{RunView, Signal, SignalRole, hex, record};

/// Longest run that is written out, in cycles.
pub(crate) const MAX_CYCLES: usize = 20_000;

struct Watched {
    signal: Signal,
    bits: Vec<Lit>,
    /// Input index of each bit, where there is one.
    inputs: Vec<Option<usize>>,
}

/// Records a run. `registers` are names of register words to show.
///
/// # Errors
/// If the trace does not replay.
pub(crate) fn run(
    design: &Design,
    name: &str,
    trace: &Trace,
    registers: &[String],
) -> Result<RunView, ReplayError> {
    let model = &design.model;
    let mut all = watched(design, registers);
    let mut cycle = 0u64;
    replay(model, trace, |now| {
        for w in &mut all {
            let bits: Vec<bool> = w.bits.iter().map(|&l| now.value(l)).collect();
            record(&mut w.signal.values, cycle, hex(&bits));
        }
        cycle += 1;
    })?;
    for (cycle, marks) in trace.essential.iter().enumerate() {
        let marks = marks.as_bytes();
        for w in all.iter_mut().filter(|w| w.inputs.iter().any(Option::is_some)) {
            let mask: Vec<bool> =
                w.inputs.iter().map(|i| i.is_some_and(|i| marks.get(i) == Some(&b'1'))).collect();
            record(&mut w.signal.essential, cycle as u64, hex(&mask));
        }
    }
    let signals = all.into_iter().map(|w| w.signal).collect();
    Ok(RunView { name: name.to_owned(), cycles: trace.inputs.len() as u64, signals })
}

/// Names of the register words that `bits` (state indices) belong to, in state order.
pub(crate) fn words(model: &Model, bits: impl IntoIterator<Item = usize>) -> Vec<String> {
    let mut indices: Vec<usize> = bits.into_iter().collect();
    indices.sort_unstable();
    let mut names: Vec<String> = Vec::new();
    for i in indices {
        let Some(bit) = model.state.get(i) else { continue };
        let shown = matches!(bit.kind, StateKind::Register(_));
        if shown && !names.contains(&bit.name) {
            names.push(bit.name.clone());
        }
    }
    names
}

fn watched(design: &Design, registers: &[String]) -> Vec<Watched> {
    let model = &design.model;
    let input_of = |lit: Lit| model.inputs.iter().position(|i| i.lit == lit);
    let mut all = Vec::new();
    for port in &design.netlist.ports {
        let bits = model
            .ports
            .iter()
            .find(|p| p.0 == port.name)
            .map_or_else(|| port.bits.clone(), |p| p.2.clone());
        let inputs: Vec<Option<usize>> = bits.iter().map(|&l| input_of(l)).collect();
        let role = match port.direction {
            Direction::Output => SignalRole::Output,
            Direction::Input => input_role(model, &port.name, inputs.first().copied().flatten()),
        };
        if model.contract.clock.as_ref().is_some_and(|c| c.port == port.name) {
            continue;
        }
        all.push(watch(&port.name, role, bits, inputs));
    }
    for item in &model.identities {
        let bits: Vec<Lit> = item
            .state
            .iter()
            .map(|&i| model.state[i].lit)
            .chain(item.inputs.iter().map(|&i| model.inputs[i].lit))
            .collect();
        if !all.iter().any(|w: &Watched| w.signal.name == item.name) {
            all.push(watch(&item.name, SignalRole::Identity, bits, Vec::new()));
        }
    }
    for name in registers {
        let bits: Vec<Lit> =
            model.state.iter().filter(|s| s.name == *name).map(|s| s.lit).collect();
        all.push(watch(name, SignalRole::Register, bits, Vec::new()));
    }
    for service in &model.services {
        let name = format!("probity.{}.completes", service.name);
        all.push(watch(&name, SignalRole::Monitor, vec![service.complete], Vec::new()));
    }
    all
}

fn watch(name: &str, role: SignalRole, bits: Vec<Lit>, inputs: Vec<Option<usize>>) -> Watched {
    let signal = Signal {
        name: name.to_owned(),
        width: bits.len() as u32,
        role,
        values: Vec::new(),
        essential: Vec::new(),
    };
    Watched { signal, bits, inputs }
}

fn input_role(model: &Model, name: &str, first: Option<usize>) -> SignalRole {
    if model.contract.reset.as_ref().is_some_and(|r| r.port == name) {
        return SignalRole::Reset;
    }
    match first.map(|i| model.inputs[i].role) {
        None => SignalRole::Constant,
        Some(Role::Owner | Role::Pick(_)) => SignalRole::Owner,
        Some(Role::Remote) => SignalRole::Remote,
        Some(Role::Environment) => SignalRole::Environment,
        Some(Role::Undriven) => SignalRole::Undriven,
        Some(Role::Identity(_)) => SignalRole::Identity,
    }
}

/// A net as a reader would write it: with its declared bit if it has several.
pub(crate) fn net_name(design: &Design, net: &NetRef) -> String {
    match net {
        NetRef::Variable(var) => format!("variable {var}"),
        NetRef::Named(name, bit) => match declared_bit(design, name, *bit) {
            None => name.clone(),
            Some(bit) => format!("{name}[{bit}]"),
        },
    }
}

/// The declared number of a bit counted from the least significant; none if the net has one bit.
pub(crate) fn declared_bit(design: &Design, name: &str, bit: u32) -> Option<u32> {
    let net = design.netlist.net(name)?;
    let width = net.bits.len() as u32;
    let from = if net.upto { width.checked_sub(bit + 1)? } else { bit };
    (width > 1).then_some(from + net.offset)
}
