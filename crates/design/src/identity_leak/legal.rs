//! Legal words in every state of a relation: the assumptions bind the left copy.

use crate::identity_leak::copies::{Copies, Merge};
use crate::identity_leak::induct::Belief;
use crate::legal::{Lacking, Place, cover};
use netlist::Lit;
use proof::obligation::MAX_WORDS;
use proof::replay::print_bits;
use proof::{Frames, Model};
use solve::Budget;

/// Input words of which one is legal in every state of the relation, or why there are none.
pub(crate) fn legal_words(
    model: &Model,
    item: usize,
    belief: &Belief,
    budget: &Budget,
) -> Result<Vec<String>, String> {
    let silent = vec![false; model.inputs.len()];
    if model.assume == Lit::TRUE {
        return Ok(vec![print_bits(&silent)]);
    }
    let mut copies = Copies::new(model, item);
    let merge = copies.add_merge(Merge::new(model, item, &belief.tied, &[]));
    let frame = copies.any_state(merge);
    let mut premises = vec![copies.left(frame, model.assume_constants)];
    for fact in &belief.facts {
        premises.push(fact.holds(&mut copies, model, frame));
    }
    let left: Vec<Lit> = copies.start(frame).map(|s| s.0.to_vec()).unwrap_or_default();
    // one graph for everything: the copies' graph is continued by frames with constant inputs
    let mut tried = Frames::new(model);
    tried.aig = copies.aig;
    let inputs = tried.fresh_inputs();
    let frame = tried.frame(left.clone(), inputs.clone());
    let place = Place { state: &left, inputs: &inputs, frame };
    let conditions = [model.assume];
    cover(&mut tried, &place, &premises, &conditions, Some(silent), MAX_WORDS, budget).map_err(
        |lacking| match lacking {
            Lacking::Word => "in some state no input satisfies `assume`".to_owned(),
            Lacking::Room => {
                format!("more than {MAX_WORDS} input words are needed to satisfy `assume`")
            }
            Lacking::Budget => "the search for legal inputs ran out of budget".to_owned(),
        },
    )
}
