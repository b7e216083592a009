//! Which registers does reset leave unknown? Three-valued simulation of the reset sequence.
//!
//! Problem: a foreign simulator begins with every register unknown; the witness begins in a given
//! state. Registers that reset determines need no help, the others must be set by the testbench.
//! Method: each variable of the graph is a pair (can be 0, can be 1); the reset cycles run with the
//! trace's inputs from an unknown state. Cost: one pass over the graph per reset cycle.

use netlist::{Lit, Node};
use proof::certificate::Trace;
use proof::model::{Model, Place};

/// For each state bit, whether it is unknown after reset.
pub(super) fn after_reset(model: &Model, trace: &Trace) -> Vec<bool> {
    let mut state: Vec<(bool, bool)> =
        model.state.iter().map(|s| s.power_up.map_or((true, true), |v| (!v, v))).collect();
    let mut values = vec![(true, false); model.aig.len()];
    for word in trace.inputs.iter().take(model.reset_cycles as usize) {
        let word = word.as_bytes();
        for var in 1..model.aig.len() as u32 {
            let value = match model.aig.node(var) {
                Node::False => (true, false),
                Node::And(a, b) => {
                    let (a, b) = (of(&values, a), of(&values, b));
                    (a.0 || b.0, a.1 && b.1)
                }
                Node::Leaf(leaf) => match model.places.get(leaf as usize) {
                    Some(Place::State(i)) => state[*i as usize],
                    Some(Place::Input(i)) => known(word.get(*i as usize) == Some(&b'1')),
                    Some(Place::Reset) => known(model.reset_active),
                    _ => (true, true),
                },
            };
            values[var as usize] = value;
        }
        state = model.state.iter().map(|s| of(&values, s.next)).collect();
    }
    state.into_iter().map(|(zero, one)| zero && one).collect()
}

fn known(value: bool) -> (bool, bool) {
    (!value, value)
}

fn of(values: &[(bool, bool)], lit: Lit) -> (bool, bool) {
    let (zero, one) = values[lit.index()];
    if lit.is_neg() { (one, zero) } else { (zero, one) }
}
