//! Internal equalities of two parts whose state is tied.
//!
//! Problem: where synthesis restructured arithmetic, next states are equal and share no structure, and
//! one SAT call over a multiplier does not end.
//! Method: SAT sweeping (Kuehlmann et al., DAC 1997; Mishchenko et al., ICCAD 2006). All ANDs of the
//! product are simulated from random tied states; one that shows the values of an earlier one, or their
//! complement, is compared with it by a short SAT call, and merged if equal, so that the next call finds
//! everything below it shared. The certificate lists the merges; the kernel proves them all at once.
//! Cost: one short call per AND that is not shared by structure.
//! What it cannot see: equality that holds in reachable states only.

use netlist::{Aig, Lit, Node};
use proof::Frames;
use proof::product::Product;
use solve::{AigSolver, Budget, Outcome};
use std::collections::HashMap;

use crate::slice::Random;

/// Words of 64 patterns per node.
const WORDS: usize = 16;
/// Conflicts for one pair.
const STEPS: u64 = 300;
/// Earlier nodes of one signature that are tried.
const TRIED: usize = 3;

/// Ties, and merges that hold under them; see [`proof::certificate::Equivalence`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Swept {
    pub(crate) ties: Vec<[u32; 2]>,
    pub(crate) merges: Vec<[u32; 2]>,
}

/// A frame of a tied state.
pub(crate) struct Tied {
    pub(crate) state: Vec<Lit>,
    pub(crate) inputs: Vec<Lit>,
    /// With merges.
    pub(crate) frame: usize,
    /// The assumptions, without.
    pub(crate) assume: Lit,
}

/// The frame that the kernel's obligations begin with.
pub(crate) fn tied(frames: &mut Frames<'_>, product: &Product, swept: &Swept) -> Tied {
    let mut state = frames.fresh_state();
    for &[bit, code] in &swept.ties {
        let other = (code >> 1).checked_sub(1).map_or(Lit::FALSE, |i| state[i as usize]);
        state[bit as usize] = other.xor_sign(code & 1 == 1);
    }
    let inputs = frames.fresh_inputs();
    let plain = frames.frame(state.clone(), inputs.clone());
    let assume = frames.lit(plain, product.model.assume);
    let frame = frames.frame(state.clone(), inputs.clone());
    for &[var, code] in &swept.merges {
        let value = frames.lit(frame, Lit::from_code(code));
        frames.put(frame, var, value);
    }
    Tied { state, inputs, frame, assume }
}

/// Merges under `ties`.
pub(crate) fn merges(product: &Product, ties: &[[u32; 2]], budget: &Budget) -> Vec<[u32; 2]> {
    let model = &product.model;
    let mut frames = Frames::new(model);
    let swept = Swept { ties: ties.to_vec(), merges: Vec::new() };
    let now = tied(&mut frames, product, &swept);
    let roots = product.outputs.iter().flat_map(|o| [o.delivered, o.reference]);
    let wanted = model.aig.cone(roots.chain(model.state.iter().map(|s| s.next)));
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[now.assume]);
    let mut patterns = Patterns { random: Random::new(11), of: Vec::new() };
    // by normalised signature: literal of the frame that shows it, and literal of the product
    let mut earlier: HashMap<[u64; WORDS], Vec<(Lit, Lit)>> = HashMap::new();
    let mut seen: HashMap<u32, ()> = HashMap::new();
    let mut found = Vec::new();
    for var in wanted {
        if !matches!(model.aig.node(var), Node::And(..)) {
            continue;
        }
        let lit = frames.lit(now.frame, Lit::new(var, false));
        if lit.is_const() || seen.insert(lit.var(), ()).is_some() {
            continue;
        }
        patterns.extend(&frames.aig);
        let mut values = patterns.of[lit.index()];
        let phase = values[0] & 1 == 1;
        if phase {
            values.iter_mut().for_each(|w| *w = !*w);
        }
        if values == [0; WORDS] {
            continue;
        }
        let own = Lit::new(lit.var(), phase);
        let candidates = earlier.entry(values).or_default();
        let mut merged = false;
        for &(other, target) in candidates.iter().take(TRIED) {
            if budget.exhausted() {
                return found;
            }
            let differ = frames.aig.xor(own, other);
            if differ == Lit::FALSE
                || solver.solve(&frames.aig, &[differ], &budget.slice(STEPS)) == Outcome::Unsat
            {
                let flip = phase ^ lit.is_neg();
                found.push([var, target.xor_sign(flip).code()]);
                frames.put(now.frame, var, other.xor_sign(flip));
                merged = true;
                break;
            }
        }
        if !merged {
            candidates.push((own, Lit::new(var, phase ^ lit.is_neg())));
        }
    }
    found
}

/// Values of the nodes of a graph under random leaves.
struct Patterns {
    random: Random,
    of: Vec<[u64; WORDS]>,
}

impl Patterns {
    /// Computes what the graph has grown by.
    fn extend(&mut self, aig: &Aig) {
        for var in self.of.len() as u32..aig.len() as u32 {
            let at = |of: &[[u64; WORDS]], l: Lit, w: usize| {
                of[l.index()][w] ^ if l.is_neg() { u64::MAX } else { 0 }
            };
            let mut words = [0; WORDS];
            match aig.node(var) {
                Node::False => {}
                Node::Leaf(_) => words.iter_mut().for_each(|w| *w = self.random.word()),
                Node::And(a, b) => {
                    for (w, word) in words.iter_mut().enumerate() {
                        *word = at(&self.of, a, w) & at(&self.of, b, w);
                    }
                }
            }
            self.of.push(words);
        }
    }
}
