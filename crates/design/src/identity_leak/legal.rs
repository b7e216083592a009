//! Legal words: the assumptions never run out of inputs.
//!
//! Method: counterexample-guided. A state of the relation in which no word found so far is legal is
//! asked for a word of its own; when there is no such state the list is complete.
//! Cost: one solver call per word and one more.

use crate::identity_leak::copies::{Copies, Merge};
use crate::identity_leak::induct::Belief;
use netlist::Lit;
use proof::obligation::MAX_WORDS;
use proof::replay::print_bits;
use proof::{Frames, Model};
use solve::{AigSolver, Budget, Outcome};

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
    let mut solver = AigSolver::new();
    for &p in &premises {
        solver.add_clause(&tried.aig, &[p]);
    }
    let inputs = tried.fresh_inputs();
    let any = tried.frame(left.clone(), inputs.clone());
    let assume = tried.lit(any, model.assume);
    let mut words: Vec<Vec<bool>> = Vec::new();
    let mut next = Some(silent);
    while words.len() < MAX_WORDS {
        if let Some(word) = next.take() {
            let constants = word.iter().map(|&b| Lit::constant(b)).collect();
            let here = tried.frame(left.clone(), constants);
            let fits = tried.lit(here, model.assume);
            solver.add_clause(&tried.aig, &[!fits]);
            words.push(word);
        }
        match solver.solve(&tried.aig, &[], budget) {
            Outcome::Unsat => return Ok(words.iter().map(|w| print_bits(w)).collect()),
            Outcome::Unknown => return Err("the search for legal inputs ran out of budget".into()),
            Outcome::Sat => {
                let state: Vec<Lit> = left.iter().map(|&l| l.xor_sign(!solver.value(l))).collect();
                let mut ask = AigSolver::new();
                let mut assumptions = state;
                assumptions.push(assume);
                match ask.solve(&tried.aig, &assumptions, budget) {
                    Outcome::Sat => {
                        next = Some(inputs.iter().map(|&i| ask.value(i)).collect());
                    }
                    _ => return Err("in some state no input satisfies `assume`".into()),
                }
            }
        }
    }
    Err(format!("more than {MAX_WORDS} input words are needed to satisfy `assume`"))
}
