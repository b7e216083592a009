//! Can a run under a contract fire a net? A shortest run, or an invariant that excludes it.
//!
//! Problem: the hunt knows no contract. A net that it could not fire may be unreachable once reset and
//! assumptions count, and one that it fired from a state before reset may not be.
//! Method: bounded model checking for a short run; then states in which some legal word makes the net
//! active are taken one by one, generalised to cubes by the core of "with this word it is active" (the word
//! stays), and handed to IC3, whose clauses exclude them. When no state within the clauses is left, the
//! clauses are an invariant that keeps the net quiet. IC3's run into a cube, and the word, fire it.
//! Cost: bounded by steps and by the number of cubes; large graphs are not tried.
//! What it cannot see: triggers deeper than the bounds, and conditions of more cubes than the limit.

use netlist::Lit;
use proof::certificate::Trace;
use proof::replay::print_bits;
use proof::{Frames, Model};
use solve::bmc::{Reached, cover};
use solve::ic3::{Ic3Answer, ic3};

use solve::{AigSolver, Budget, Clause, Cube, Outcome};

/// Cycles after reset within which a run is looked for.
const DEPTH: usize = 40;
/// Most cubes of one net.
const CUBES: usize = 24;
/// Largest graph.
const MOST_NODES: usize = 400_000;
/// Solver steps for a short run, for one cube.
const STEPS: u64 = 20_000;

/// What is known about firing a net.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settled {
    /// A run in whose last cycle it is active.
    Fires(Trace),
    /// Clauses over the state that are an invariant, the known ones included, and keep it quiet.
    Excluded(Vec<Clause>),
    /// Neither.
    Open,
}

/// Settles whether `active` can become true after reset; `known` are invariant clauses.
pub fn settle(model: &Model, active: Lit, known: &[Clause], budget: &Budget) -> Settled {
    if !model.unsupported.is_empty() || model.aig.len() > MOST_NODES {
        return Settled::Open;
    }
    let mut fires = |frames: &mut Frames<'_>, frame: usize| frames.lit(frame, active);
    if let Reached::At(run, _) = cover(model, &mut fires, DEPTH, &budget.slice(STEPS)) {
        return Settled::Fires(run);
    }
    let mut known = known.to_vec();
    for _ in 0..CUBES {
        let found = match state(model, active, &known, &budget.slice(STEPS)) {
            Found::None => return Settled::Excluded(known),
            Found::Cube(cube, word) => (cube, word),
            Found::Unknown => return Settled::Open,
        };
        match ic3(model, &[found.0], &known, &budget.slice(STEPS)) {
            Ic3Answer::Safe(clauses) => known = clauses,
            Ic3Answer::Unsafe(mut run) => {
                run.inputs.push(found.1);
                run.essential.clear();
                return Settled::Fires(run);
            }
            Ic3Answer::Unknown => return Settled::Open,
        }
    }
    Settled::Open
}

enum Found {
    /// States in all of which the word is legal and makes the net active.
    Cube(Cube, String),
    /// There is no such state within the clauses.
    None,
    Unknown,
}

/// A cube of states within `known` in which a word is legal and makes the net active.
fn state(model: &Model, active: Lit, known: &[Clause], budget: &Budget) -> Found {
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state.clone(), inputs.clone());
    let both = [frames.lit(now, active), frames.lit(now, model.assume)];
    let bad = frames.aig.and_all(both);
    let mut solver = AigSolver::new();
    for clause in known {
        let lits: Vec<Lit> = clause.iter().map(|&(i, v)| state[i].xor_sign(!v)).collect();
        solver.add_clause(&frames.aig, &lits);
    }
    match solver.solve(&frames.aig, &[bad], budget) {
        Outcome::Unsat => return Found::None,
        Outcome::Unknown => return Found::Unknown,
        Outcome::Sat => {}
    }
    let word: Vec<bool> = inputs.iter().map(|&l| solver.value(l)).collect();
    let values: Vec<bool> = state.iter().map(|&l| solver.value(l)).collect();
    let fixed = |lits: &[Lit], values: &[bool]| -> Vec<Lit> {
        lits.iter().zip(values).map(|(l, v)| l.xor_sign(!v)).collect()
    };
    let mut assumed = fixed(&inputs, &word);
    assumed.extend(fixed(&state, &values));
    let mut plain = AigSolver::light();
    plain.add_clause(&frames.aig, &[!bad]);
    if plain.solve(&frames.aig, &assumed, budget) != Outcome::Unsat {
        return Found::Unknown;
    }
    let core = plain.core();
    let cube = (0..state.len()).filter(|&i| core.contains(&state[i].xor_sign(!values[i])));
    Found::Cube(cube.map(|i| (i, values[i])).collect(), print_bits(&word))
}
