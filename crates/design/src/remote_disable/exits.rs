//! How a lock is opened, and what that costs: undocumented words out of the closed set.
//!
//! Method: from the last state of the entry run, ask for the shortest sequence of words that leaves
//! the set; reduce it to the input bits in the refutation of "these words stay inside"; forbid that
//! cube in every cycle and ask again. The number of fixed bits is what an owner without the key has
//! to guess. Descriptive: the verdict does not rest on it.
//! Cost: one SAT call per length and way out.
//! What it cannot see: ways out longer than a few words, and cheaper ones from other states.

use super::Context;
use super::closed_set::Found;
use netlist::Lit;
use proof::Frames;
use proof::certificate::{Exit, Trace};
use proof::replay::{print_bits, replay};
use solve::{AigSolver, Outcome};

/// Longest sequence tried, and most ways out listed.
const LONGEST: usize = 6;
const MOST: usize = 4;

/// Ways out of `found` from the end of `trace`.
pub(crate) fn find(context: &Context<'_>, found: &Found, trace: &Trace) -> Vec<Exit> {
    let model = context.model;
    let Ok(end) = replay(model, trace, |_| ()) else { return Vec::new() };
    let mut exits: Vec<Exit> = Vec::new();
    // cubes that leave in one word, forbidden in longer sequences
    let mut known: Vec<Vec<(usize, bool)>> = Vec::new();
    for length in 1..=LONGEST {
        loop {
            if exits.len() >= MOST {
                return exits;
            }
            let Some((words, fixed)) = one(context, found, &end.state, length, &known) else {
                break;
            };
            if let Some(first) = fixed.first() {
                // the rarest word of the sequence is the key; forbid it wherever it stands
                let longest = fixed.iter().max_by_key(|f| f.len()).unwrap_or(first);
                known.push(longest.clone());
            }
            let mut marks = vec![vec![false; model.inputs.len()]; length];
            let mut count = 0;
            for (row, fixed) in marks.iter_mut().zip(&fixed) {
                for &(i, _) in fixed {
                    row[i] = true;
                    count += 1;
                }
            }
            exits.push(Exit {
                inputs: words.iter().map(|w| print_bits(w)).collect(),
                fixed: marks.iter().map(|m| print_bits(m)).collect(),
                fixed_bits: count,
            });
        }
    }
    exits
}

type Cube = Vec<(usize, bool)>;

fn one(
    context: &Context<'_>,
    found: &Found,
    state: &[bool],
    length: usize,
    known: &[Cube],
) -> Option<(Vec<Vec<bool>>, Vec<Cube>)> {
    let model = context.model;
    let mut frames = Frames::new(model);
    let constant: Vec<Lit> = state.iter().map(|&b| Lit::constant(b)).collect();
    let first = frames.fresh_inputs();
    let mut at = frames.frame(constant, first.clone());
    let mut inputs = vec![first];
    let mut solver = AigSolver::new();
    let mut assumes = Vec::new();
    for step in 0..length {
        assumes.push(frames.lit(at, model.assume));
        for cube in known {
            let clause: Vec<Lit> = cube.iter().map(|&(i, v)| inputs[step][i].xor_sign(v)).collect();
            solver.add_clause(&frames.aig, &clause);
        }
        let next = frames.fresh_inputs();
        at = frames.frame_after(at, next.clone());
        inputs.push(next);
    }
    let inside = super::reach::inside(&mut frames, at, &found.set);
    let assume = frames.aig.and_all(assumes);
    let budget = context.budget.slice(100_000);
    if solver.solve(&frames.aig, &[!inside, assume], &budget) != Outcome::Sat {
        return None;
    }
    let words: Vec<Vec<bool>> =
        inputs[..length].iter().map(|w| w.iter().map(|&l| solver.value(l)).collect()).collect();
    let mut core_solver = AigSolver::new();
    let mut assumed: Vec<Lit> = Vec::new();
    for (lits, word) in inputs.iter().zip(&words) {
        assumed.extend(lits.iter().zip(word).map(|(l, v)| l.xor_sign(!v)));
    }
    assumed.push(inside);
    if core_solver.solve(&frames.aig, &assumed, &budget) != Outcome::Unsat {
        return None;
    }
    let core = core_solver.core();
    let fixed = inputs[..length]
        .iter()
        .zip(&words)
        .map(|(lits, word)| {
            (0..lits.len())
                .filter(|&i| core.contains(&lits[i].xor_sign(!word[i])))
                .map(|i| (i, word[i]))
                .collect()
        })
        .collect();
    Some((words, fixed))
}
