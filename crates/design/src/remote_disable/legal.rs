//! Legal words in every state of a set, for an invariant's controller or a closed set's owner.

use crate::legal::{Place, cover};
use netlist::Lit;
use proof::{Circuit, Frames, Model, Var};
use solve::Budget;

/// Most words collected.
const MOST: usize = 64;

/// Words of which one satisfies all `conditions` (model literals) in every state of `set` (over
/// `State`) under straps that satisfy their assumptions. The first of `first` is tried first. `None`
/// if there is a state without a legal word, or the budget ends.
pub(crate) fn words(
    model: &Model,
    set: &Circuit,
    conditions: &[Lit],
    first: &[Vec<bool>],
    budget: &Budget,
) -> Option<Vec<String>> {
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let frame = frames.frame(state.clone(), inputs.clone());
    let inside = set
        .build_one(&mut frames.aig, |_, var| match var {
            Var::State(i) => state.get(i as usize).copied(),
            _ => None,
        })
        .ok()?;
    let premises = [inside, frames.lit(frame, model.assume_constants)];
    let place = Place { state: &state, inputs: &inputs, frame };
    let first = first.first().cloned();
    cover(&mut frames, &place, &premises, conditions, first, MOST, budget).ok()
}
