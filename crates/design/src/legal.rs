//! Input words that show the assumptions never run out of inputs.
//!
//! Problem: a claim about every legal input holds trivially where there is none; both checks have to
//! show words of which one is legal in every state that they speak of.
//! Method: counterexample-guided. Ask for a state within the premises in which none of the words so
//! far satisfies the conditions; ask for a word that satisfies them there; repeat. With conditions
//! over input ports alone the first word settles it.
//! Cost: two solver calls per word and one more.
//! What it cannot see: conditions that need more words than the limit.

use netlist::Lit;
use proof::Frames;
use proof::replay::print_bits;
use solve::{AigSolver, Budget, Outcome};

/// Why there is no list of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lacking {
    /// In some state no word is legal.
    Word,
    /// More words are needed than allowed.
    Room,
    /// The budget ended.
    Budget,
}

/// States, inputs and the frame over both.
pub(crate) struct Place<'a> {
    /// State literals.
    pub(crate) state: &'a [Lit],
    /// Free input literals.
    pub(crate) inputs: &'a [Lit],
    /// Index of the frame.
    pub(crate) frame: usize,
}

/// At most `most` words of which one satisfies all `conditions` (model literals) in every state
/// within `premises` (literals of the frames' graph, over the state). `first` is tried first.
pub(crate) fn cover(
    frames: &mut Frames<'_>,
    place: &Place<'_>,
    premises: &[Lit],
    conditions: &[Lit],
    first: Option<Vec<bool>>,
    most: usize,
    budget: &Budget,
) -> Result<Vec<String>, Lacking> {
    let mut solver = AigSolver::new();
    for &premise in premises {
        solver.add_clause(&frames.aig, &[premise]);
    }
    let wanted: Vec<Lit> = conditions.iter().map(|&c| frames.lit(place.frame, c)).collect();
    let mut words: Vec<String> = Vec::new();
    let mut next = first;
    loop {
        if let Some(word) = next.take() {
            let constants = word.iter().map(|&b| Lit::constant(b)).collect();
            let tried = frames.frame(place.state.to_vec(), constants);
            let lits: Vec<Lit> = conditions.iter().map(|&c| frames.lit(tried, c)).collect();
            let good = frames.aig.and_all(lits);
            solver.add_clause(&frames.aig, &[!good]);
            words.push(print_bits(&word));
        }
        match solver.solve(&frames.aig, &[], budget) {
            Outcome::Unsat => return Ok(words),
            Outcome::Unknown => return Err(Lacking::Budget),
            Outcome::Sat if words.len() >= most => return Err(Lacking::Room),
            Outcome::Sat => {}
        }
        let mut here: Vec<Lit> =
            place.state.iter().map(|&l| l.xor_sign(!solver.value(l))).collect();
        here.extend(&wanted);
        match solver.solve(&frames.aig, &here, budget) {
            Outcome::Sat => next = Some(place.inputs.iter().map(|&l| solver.value(l)).collect()),
            Outcome::Unsat => return Err(Lacking::Word),
            Outcome::Unknown => return Err(Lacking::Budget),
        }
    }
}
