//! The witness for AIGER tools: the model as a sequential circuit and the stimulus in the format of
//! the hardware model checking competitions (`aigsim -c`).
//!
//! The circuit has the reset port as its first input, then the model's inputs. Its one output is
//! true when the run has entered the closed set and reset is over. State
//! without a declared power-up value is uninitialised (AIGER 1.9) and given in the witness.
//! Written for closed sets only: a leak needs two copies of the circuit.

use crate::load::Design;
use design::Sealed;
use netlist::{Aig, Lit, Node};
use proof::Var;
use proof::certificate::{Body, Entry};
use proof::model::Place;
use std::fmt::Write as _;

/// Largest circuit written.
const MAX_NODES: usize = 400_000;

/// Circuit and stimulus; `None` where there is no plain trace.
pub(super) fn files(design: &Design, sealed: &Sealed) -> Option<(Vec<u8>, String)> {
    let model = &design.model;
    let Body::ClosedSet(set) = &sealed.certificate.body else { return None };
    let Entry::Trace(trace) = &set.entry else { return None };
    let mut aig = model.aig.clone();
    let place = |_: &mut Aig, var: Var| match var {
        Var::State(i) => model.state.get(i as usize).map(|s| s.lit),
        _ => None,
    };
    let inside = set.set.build_one(&mut aig, place).ok()?;
    let reset = (0..aig.len() as u32).find(|&v| leaf(&aig, model, v) == Some(Place::Reset));
    let bad = match reset {
        Some(var) => aig.and(inside, Lit::new(var, model.reset_active)),
        None => inside,
    };
    let roots: Vec<Lit> = model.state.iter().map(|s| s.next).chain([bad]).collect();
    let cone = aig.cone(roots.iter().copied());
    if cone.len() > MAX_NODES {
        return None;
    }
    // literal 2 is reset, then the inputs, the state, the gates
    let mut code: Vec<u32> = vec![0; aig.len()];
    if let Some(var) = reset {
        code[var as usize] = 2;
    }
    let mut next = 4u32;
    let leaves = model.inputs.iter().map(|i| i.lit).chain(model.state.iter().map(|s| s.lit));
    for lit in leaves {
        code[lit.index()] = next;
        next += 2;
    }
    let mut ands = Vec::new();
    for &var in &cone {
        if let Node::And(a, b) = aig.node(var) {
            code[var as usize] = next;
            ands.push((next, a, b));
            next += 2;
        }
    }
    let of = |l: Lit| code[l.index()] ^ u32::from(l.is_neg());
    let (inputs, latches) = (model.inputs.len() + 1, model.state.len());
    let mut text = format!("aag {} {inputs} {latches} 1 {}\n", next / 2 - 1, ands.len());
    text.push_str("2\n");
    for input in &model.inputs {
        let _ = writeln!(text, "{}", of(input.lit));
    }
    for bit in &model.state {
        let own = of(bit.lit);
        let initial = match bit.power_up {
            Some(value) => u32::from(value),
            None => own,
        };
        let _ = writeln!(text, "{own} {} {initial}", of(bit.next));
    }
    let _ = writeln!(text, "{}", of(bad));
    for (own, a, b) in ands {
        let _ = writeln!(text, "{own} {} {}", of(a), of(b));
    }
    Some((text.into_bytes(), stimulus(model, trace)))
}

fn leaf(aig: &Aig, model: &proof::Model, var: u32) -> Option<Place> {
    match aig.node(var) {
        Node::Leaf(leaf) => model.places.get(leaf as usize).copied(),
        _ => None,
    }
}

/// `1`, the property, the initial state, one line per cycle, `.`; the state after the last cycle is
/// in the set, so one more cycle is appended to show it.
fn stimulus(model: &proof::Model, trace: &proof::certificate::Trace) -> String {
    let mut text = format!("1\nb0\n{}\n", trace.power_up);
    let reset = model.reset_cycles as usize;
    for (cycle, word) in trace.inputs.iter().enumerate() {
        let level = u8::from((cycle < reset) == model.reset_active);
        let _ = writeln!(text, "{level}{word}");
    }
    let level = u8::from(!model.reset_active);
    let _ = writeln!(text, "{level}{}", "0".repeat(model.inputs.len()));
    text.push_str(".\n");
    text
}
