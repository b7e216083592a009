//! Input words that show the assumptions never run out of inputs.
//!
//! Method: counterexample-guided. Ask for a state in the set in which none of the words so far
//! satisfies the conditions; ask for a word that satisfies them there; repeat. With conditions over
//! input ports alone the first word settles it.

use netlist::Lit;
use proof::replay::print_bits;
use proof::{Circuit, Frames, Model, Var};
use solve::{AigSolver, Budget, Outcome};

/// Most words collected.
const MOST: usize = 64;

/// Words of which one satisfies all `conditions` (model literals) in every state of `set` (over
/// `State`) under straps that satisfy their assumptions. `first` are tried first. `None` if there is
/// a state without a legal word, or the budget ends.
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
    let mut solver = AigSolver::new();
    let inside = set
        .build_one(&mut frames.aig, |_, var| match var {
            Var::State(i) => state.get(i as usize).copied(),
            _ => None,
        })
        .ok()?;
    let constants = frames.lit(frame, model.assume_constants);
    solver.add_clause(&frames.aig, &[inside]);
    solver.add_clause(&frames.aig, &[constants]);
    let wanted: Vec<Lit> = conditions.iter().map(|&c| frames.lit(frame, c)).collect();
    let mut chosen: Vec<String> = Vec::new();
    let mut queue: Vec<Vec<bool>> = first.iter().take(1).cloned().collect();
    loop {
        for word in queue.drain(..) {
            let constant: Vec<Lit> = word.iter().map(|&b| Lit::constant(b)).collect();
            let tried = frames.frame(state.clone(), constant);
            let lits: Vec<Lit> = conditions.iter().map(|&c| frames.lit(tried, c)).collect();
            let good = frames.aig.and_all(lits);
            solver.add_clause(&frames.aig, &[!good]);
            chosen.push(print_bits(&word));
        }
        match solver.solve(&frames.aig, &[], budget) {
            Outcome::Unsat => return Some(chosen),
            Outcome::Unknown => return None,
            Outcome::Sat if chosen.len() >= MOST => return None,
            Outcome::Sat => {}
        }
        let at: Vec<Lit> =
            state.iter().map(|&l| (l, solver.value(l))).map(|(l, v)| l.xor_sign(!v)).collect();
        let mut assumed = at;
        assumed.extend(&wanted);
        if solver.solve(&frames.aig, &assumed, budget) != Outcome::Sat {
            return None;
        }
        queue.push(inputs.iter().map(|&l| solver.value(l)).collect());
    }
}
