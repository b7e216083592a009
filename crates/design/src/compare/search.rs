//! A run in which an output differs, by unrolling.
//!
//! Method: frames of both parts with common inputs in one hashed graph, from the end of reset, the
//! question growing with the depth (Biere et al., TACAS 1999). The kernel replays what is found with
//! everything unknown that the reference leaves open, so a difference that rests on that alone is not
//! reported.
//! Cost: one SAT call per cycle. What it cannot see: differences deeper than the bound.

use super::induct;
use netlist::Lit;
use proof::Frames;
use proof::certificate::{Divergence, Trace};
use proof::equivalence::differs;
use proof::product::{Compared, Product};
use proof::replay::print_bits;
use solve::{AigSolver, Budget, Outcome};

/// Largest unrolled graph.
const MAX_NODES: usize = 8_000_000;
/// Most differences that the kernel may refuse.
const REFUSED: usize = 4;

/// How far the search went.
pub(crate) struct Searched {
    /// The difference.
    pub(crate) found: Option<Divergence>,
    /// Cycles after reset in which no output differs, whatever the inputs.
    pub(crate) clear: usize,
}

/// Searches inputs under which one of `outputs` differs within `depth` cycles after reset.
pub(crate) fn unroll(
    product: &Product,
    choice: &[[u32; 2]],
    outputs: &[Compared],
    depth: usize,
    budget: &Budget,
) -> Searched {
    let model = &product.model;
    let mut frames = Frames::new(model);
    let power_up = induct::chosen(&mut frames, choice);
    let (reset, first) = frames.init_from(power_up.clone());
    let mut all = reset;
    let mut solver = AigSolver::new();
    let constants = frames.lit(first, model.assume_constants);
    solver.add_clause(&frames.aig, &[constants]);
    let (mut now, mut refused) = (first, 0);
    let mut searched = Searched { found: None, clear: 0 };
    while searched.clear < depth && frames.aig.len() < MAX_NODES {
        all.push(now);
        let assume = frames.lit(now, model.assume);
        solver.add_clause(&frames.aig, &[assume]);
        let differ: Vec<Lit> = outputs
            .iter()
            .map(|o| {
                let (x, y) = (frames.lit(now, o.delivered), frames.lit(now, o.reference));
                frames.aig.xor(x, y)
            })
            .collect();
        let any = frames.aig.or_all(differ.iter().copied());
        if any != Lit::FALSE {
            match solver.solve(&frames.aig, &[any], budget) {
                Outcome::Sat => {
                    let mut bits = |lits: &[Lit]| {
                        print_bits(&lits.iter().map(|&l| solver.value(l)).collect::<Vec<_>>())
                    };
                    let run = Trace {
                        power_up: bits(&power_up),
                        inputs: all.iter().map(|&f| bits(frames.inputs(f))).collect(),
                        essential: Vec::new(),
                    };
                    let cycle = all.len() as u32 - 1;
                    for output in outputs {
                        let (port, bit) = (output.port.clone(), output.bit);
                        let run = run.clone();
                        let divergence = Divergence { run, cycle, port, bit };
                        if differs(product, &divergence).is_ok() {
                            searched.found = Some(divergence);
                            return searched;
                        }
                    }
                    refused += 1;
                    if refused >= REFUSED {
                        return searched;
                    }
                }
                Outcome::Unknown => return searched,
                Outcome::Unsat => solver.add_clause(&frames.aig, &[!any]),
            }
        }
        searched.clear += usize::from(refused == 0);
        let inputs = frames.fresh_inputs();
        now = frames.frame_after(now, inputs);
    }
    searched
}
