//! Stimulus that keeps to the contract.
//!
//! Problem: random inputs violate `documented`, `assume` and `recovery_assume` almost always.
//! Method: a pool of input words sampled by SAT from the conjunction that is asked for (the state
//! left free), under randomly chosen preferences so that they differ; in use, the bits those
//! conditions do not look at are random and the others come from a word of the pool. Where a
//! condition depends on state, the caller masks the patterns that break it.
//! Cost: a few dozen small SAT calls, once.

use crate::slice::{Random, Word};
use netlist::Lit;
use proof::{Frames, Model};
use solve::{AigSolver, Budget, Outcome};

/// Most words in a pool.
const POOL: usize = 48;

/// Sampled words and the inputs they constrain.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    words: Vec<Vec<bool>>,
    fixed: Vec<bool>,
    /// Of each word, the constrained bits that are 1.
    ones: Vec<Vec<u32>>,
}

impl Pool {
    /// Samples words that can satisfy all of `conditions` in some state. Empty if none can.
    pub(crate) fn new(model: &Model, conditions: &[Lit], seed: u64, budget: &Budget) -> Self {
        let mut frames = Frames::new(model);
        let state = frames.fresh_state();
        let inputs = frames.fresh_inputs();
        let frame = frames.frame(state, inputs.clone());
        let lits: Vec<Lit> = conditions.iter().map(|&c| frames.lit(frame, c)).collect();
        let mut fixed = vec![false; inputs.len()];
        let cone = frames.aig.cone(lits.iter().copied());
        for (i, lit) in inputs.iter().enumerate() {
            fixed[i] = cone.binary_search(&lit.var()).is_ok();
        }
        let looked_at: Vec<usize> = (0..inputs.len()).filter(|&i| fixed[i]).collect();
        let mut solver = AigSolver::new();
        for &lit in &lits {
            solver.add_clause(&frames.aig, &[lit]);
        }
        let mut random = Random::new(seed);
        let mut words: Vec<Vec<bool>> = Vec::new();
        let rounds = if looked_at.is_empty() { 1 } else { POOL };
        for round in 0..rounds {
            let mut preferred: Vec<Lit> = Vec::new();
            for &i in &looked_at {
                // the first round prefers zeros: the quietest word
                let flip = round == 0 || random.word() & 1 == 0;
                let wish = inputs[i].xor_sign(flip);
                preferred.push(wish);
                if round > 0 && random.below(4) == 0 {
                    break;
                }
            }
            while solver.solve(&frames.aig, &preferred, budget) == Outcome::Unsat {
                let core = solver.core();
                if preferred.is_empty() || core.is_empty() {
                    return Self::of(words, fixed);
                }
                let drop = core[core.len() - 1];
                preferred.retain(|&l| l != drop);
            }
            if budget.exhausted() {
                break;
            }
            let word: Vec<bool> = inputs.iter().map(|&l| solver.value(l)).collect();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Self::of(words, fixed)
    }

    fn of(words: Vec<Vec<bool>>, fixed: Vec<bool>) -> Self {
        let ones = words.iter().map(|word| ones(word, &fixed)).collect();
        Self { words, fixed, ones }
    }

    /// A pool of one word in which nothing is random.
    pub(crate) fn constant(word: Vec<bool>) -> Self {
        let fixed = vec![true; word.len()];
        Self::of(vec![word], fixed)
    }
    /// Adds a word of one's own.
    pub(crate) fn add(&mut self, word: Vec<bool>) {
        if !self.words.contains(&word) {
            self.ones.push(ones(&word, &self.fixed));
            self.words.push(word);
        }
    }
    /// The words, the quietest first.
    pub(crate) fn words(&self) -> &[Vec<bool>] {
        &self.words
    }
    /// As [`Pool::draw`], with the constrained bits of word `number` in all patterns.
    pub(crate) fn hold(&self, number: usize, random: &mut Random, noisy: Word) -> Vec<Word> {
        let mut out: Vec<Word> =
            self.fixed.iter().map(|&fixed| if fixed { 0 } else { random.word() & noisy }).collect();
        for &i in self.ones.get(number).into_iter().flatten() {
            out[i as usize] = Word::MAX;
        }
        out
    }
    /// 64 input words in parallel: constrained bits from the pool, the others random where `noisy`
    /// and 0 elsewhere.
    pub(crate) fn draw(&self, random: &mut Random, noisy: Word) -> Vec<Word> {
        let mut out: Vec<Word> =
            self.fixed.iter().map(|&fixed| if fixed { 0 } else { random.word() & noisy }).collect();
        if self.words.is_empty() {
            return out;
        }
        for pattern in 0..64 {
            for &i in &self.ones[random.below(self.words.len())] {
                out[i as usize] |= 1 << pattern;
            }
        }
        out
    }
}

fn ones(word: &[bool], fixed: &[bool]) -> Vec<u32> {
    (0..word.len().min(fixed.len())).filter(|&i| word[i] && fixed[i]).map(|i| i as u32).collect()
}
