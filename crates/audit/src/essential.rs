//! Which input bits of a run matter: those without which it misses.
//!
//! Problem: engines that enumerate states hand over a run without marks, and a reader wants the one
//! word that does it.
//! Method: flip one bit of one cycle after reset, replay with the kernel's own evaluation, and see
//! whether the run still keeps to the assumptions and ends in the set. Cost: one replay per bit, so
//! it is done for small designs only. What it cannot see: two bits that matter only together.

use proof::certificate::{ClosedSet, Trace};
use proof::model::Role;
use proof::replay::replay;
use proof::{Circuit, Model};

/// Most gate evaluations spent.
const MAX_WORK: usize = 300_000_000;

/// The trace with marks, if it had none and they can be had at that price.
pub(crate) fn marked(model: &Model, set: &ClosedSet, trace: &Trace) -> Trace {
    let mut marked = trace.clone();
    let work = trace.inputs.len().pow(2) * model.inputs.len() * model.aig.len();
    if !trace.essential.is_empty() || work > MAX_WORK {
        return marked;
    }
    let mut tried = trace.clone();
    for cycle in 0..trace.inputs.len() {
        let mut marks = vec![b'0'; model.inputs.len()];
        if cycle >= model.reset_cycles as usize {
            for (i, mark) in marks.iter_mut().enumerate() {
                if matches!(model.inputs[i].role, Role::Pick(_)) {
                    continue;
                }
                tried.inputs[cycle] = flipped(&trace.inputs[cycle], i);
                if !arrives(model, &set.set, &tried) {
                    *mark = b'1';
                }
            }
            tried.inputs[cycle].clone_from(&trace.inputs[cycle]);
        }
        marked.essential.push(String::from_utf8_lossy(&marks).into_owned());
    }
    marked
}

fn flipped(word: &str, at: usize) -> String {
    let flip = |(i, c)| match (i == at, c) {
        (true, '0') => '1',
        (true, _) => '0',
        (false, c) => c,
    };
    word.chars().enumerate().map(flip).collect()
}

fn arrives(model: &Model, set: &Circuit, trace: &Trace) -> bool {
    replay(model, trace, |_| ())
        .ok()
        .and_then(|run| run.circuit(set).ok())
        .is_some_and(|inside| inside == [true])
}
