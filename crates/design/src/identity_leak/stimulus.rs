//! Stimulus: inputs that make a design do something.
//!
//! Problem: uniformly random words hardly ever start a job, speak a documented command or hit a
//! magic constant.
//! Method: a dictionary of partial input words: models of the contract's own conditions (documented
//! words, service starts, window conditions, the assumptions) found by the solver, and the constants
//! that whole input words are compared with in the netlist. Each lane has a temper of its own: how
//! often it speaks dictionary, how long it holds a word, how its one-bit inputs are biased.
//! Deterministic: xorshift with a fixed seed.

use crate::ports::{Port, ports};
use netlist::{Lit, Node};
use proof::Model;
use proof::model::{Place, Role};
use solve::{AigSolver, Budget, Outcome};

/// A partial assignment of input bits.
pub(crate) type Words = Vec<(usize, bool)>;

/// Most entries per source.
const PER_SOURCE: usize = 48;

/// Marsaglia's xorshift.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// From a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    /// Sixty-four bits.
    pub(crate) fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// Below `n` (of a small `n`).
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.word() >> 32) as usize) % n.max(1)
    }
}

/// The dictionary of a model.
pub(crate) fn dictionary(model: &Model, budget: &Budget) -> Vec<Words> {
    let mut all = Vec::new();
    let owner = |r: Role| r == Role::Owner;
    let mut targets = vec![(model.documented, true)];
    targets.extend(model.windows.iter().map(|w| (w.when, false)));
    targets.extend(model.services.iter().map(|s| (s.start, false)));
    for (target, owner_only) in targets {
        all.extend(models(model, target, &|r| !owner_only || owner(r), budget));
    }
    all.extend(comparisons(model));
    all.retain(|w| !w.is_empty());
    all.dedup();
    all
}

/// Models of `target` over the input bits it reads directly, distinct in them.
pub(crate) fn models(
    model: &Model,
    target: Lit,
    which: &dyn Fn(Role) -> bool,
    budget: &Budget,
) -> Vec<Words> {
    if target.is_const() {
        return Vec::new();
    }
    let mut bits = Vec::new();
    let mut reset = None;
    for var in model.aig.cone([target]) {
        match model.place(var) {
            Some(Place::Input(i)) if which(model.inputs[i as usize].role) => bits.push(i as usize),
            Some(Place::Reset) => reset = Some(Lit::new(var, model.reset_active)),
            _ => {}
        }
    }
    let mut solver = AigSolver::new();
    solver.add_clause(&model.aig, &[target]);
    if let Some(inactive) = reset {
        solver.add_clause(&model.aig, &[inactive]);
    }
    let mut found = Vec::new();
    while found.len() < PER_SOURCE
        && solver.solve(&model.aig, &[], &budget.slice(20_000)) == Outcome::Sat
    {
        let words: Words = bits.iter().map(|&i| (i, solver.value(model.inputs[i].lit))).collect();
        let block: Vec<Lit> = words.iter().map(|&(i, v)| model.inputs[i].lit.xor_sign(v)).collect();
        found.push(words);
        solver.add_clause(&model.aig, &block);
    }
    found
}

/// Constants that input words are compared with: the largest conjunctions of input literals.
fn comparisons(model: &Model) -> Vec<Words> {
    let aig = &model.aig;
    let input = |lit: Lit| match model.place(lit.var()) {
        Some(Place::Input(i)) => Some((i as usize, !lit.is_neg())),
        _ => None,
    };
    let mut cubes: Vec<Option<Words>> = vec![None; aig.len()];
    let mut inner = vec![false; aig.len()];
    for var in 1..aig.len() as u32 {
        let Node::And(a, b) = aig.node(var) else { continue };
        let side = |l: Lit| -> Option<Words> {
            match input(l) {
                Some(bit) => Some(vec![bit]),
                None if !l.is_neg() => cubes[l.index()].clone(),
                None => None,
            }
        };
        if let (Some(mut x), Some(y)) = (side(a), side(b)) {
            x.extend(y);
            x.sort_unstable();
            if x.len() <= 256 {
                inner[a.index()] |= !a.is_neg();
                inner[b.index()] |= !b.is_neg();
                cubes[var as usize] = Some(x);
            }
        }
    }
    let mut all: Vec<Words> = cubes
        .into_iter()
        .zip(inner)
        .filter_map(|(c, used)| c.filter(|c| !used && c.len() >= 3))
        .collect();
    all.sort_by_key(|w| std::cmp::Reverse(w.len()));
    all.truncate(4 * PER_SOURCE);
    all
}

/// The temper of one lane.
#[derive(Clone)]
struct Temper {
    /// Of 256: how often a dictionary entry is spoken.
    speaks: usize,
    /// Entries it knows.
    known: Vec<usize>,
    /// Holds each word that many cycles.
    holds: usize,
    /// Of 256, per port: how often a bit of it is one.
    ones: Vec<usize>,
}

/// A stream of input words for all lanes.
pub(crate) struct Stimulus<'m> {
    model: &'m Model,
    random: Random,
    ports: Vec<Port>,
    words: Vec<Words>,
    lanes: Vec<Temper>,
    /// Legal words for when a draw breaks the assumptions.
    fallback: Vec<Words>,
    current: Vec<u64>,
}

impl<'m> Stimulus<'m> {
    /// A stream from a dictionary.
    pub(crate) fn new(model: &'m Model, words: &[Words], fallback: &[Words], seed: u64) -> Self {
        let mut random = Random::new(seed);
        let ports = ports(model);
        let lanes = (0..super::lanes::LANES)
            .map(|lane| Temper {
                speaks: [230, 128, 200, 24][lane % 4],
                known: match lane / 4 % 4 {
                    0 => (0..words.len()).collect(),
                    n => (0..1 + 2 * n).map(|_| random.below(words.len())).collect(),
                },
                holds: [1, 1, 2, 5][lane / 16],
                ones: ports
                    .iter()
                    .map(|p| if p.width == 1 { [240, 128, 16, 224][random.below(4)] } else { 128 })
                    .collect(),
            })
            .collect();
        Self {
            model,
            random,
            ports,
            words: words.to_vec(),
            lanes,
            fallback: fallback.to_vec(),
            current: vec![0; model.inputs.len()],
        }
    }

    /// The next word of every lane.
    pub(crate) fn next(&mut self, cycle: usize) -> &[u64] {
        for lane in 0..self.lanes.len() {
            if cycle.is_multiple_of(self.lanes[lane].holds) {
                self.draw(lane);
            }
        }
        &self.current
    }
    fn draw(&mut self, lane: usize) {
        let mask = 1u64 << lane;
        let temper = self.lanes[lane].clone();
        for (p, port) in self.ports.clone().iter().enumerate() {
            let kind = self.random.below(8);
            let bits = self.random.word();
            for bit in 0..port.width {
                let i = port.first + bit;
                let value = if port.width == 1 {
                    self.random.below(256) < temper.ones[p]
                } else {
                    match kind {
                        0 => false,
                        1 => true,
                        2 => bit < 4 && bits >> bit & 1 == 1,
                        3 => self.current[i] & mask != 0,
                        _ if bit < 64 => bits >> bit & 1 == 1,
                        _ => self.random.word() & 1 == 1,
                    }
                };
                self.current[i] = self.current[i] & !mask | u64::from(value) << lane;
            }
        }
        if !temper.known.is_empty() && !self.words.is_empty() {
            while self.random.below(256) < temper.speaks {
                let entry = temper.known[self.random.below(temper.known.len())];
                for &(i, v) in &self.words[entry] {
                    self.current[i] = self.current[i] & !mask | u64::from(v) << lane;
                }
                if self.random.below(2) == 0 {
                    break;
                }
            }
        }
    }
    /// Draws again for the lanes whose word breaks the assumptions.
    pub(crate) fn redraw(&mut self, lanes: u64, attempt: usize) -> &[u64] {
        for lane in (0..self.lanes.len()).filter(|l| lanes >> l & 1 == 1) {
            self.draw(lane);
            if attempt > 0 && !self.fallback.is_empty() {
                let entry = self.random.below(self.fallback.len());
                let mask = 1u64 << lane;
                for &(i, v) in &self.fallback[entry] {
                    self.current[i] = self.current[i] & !mask | u64::from(v) << lane;
                }
            }
        }
        &self.current
    }
    /// Random words for something else.
    pub(crate) fn random(&mut self) -> &mut Random {
        &mut self.random
    }
    /// The model.
    pub(crate) fn model(&self) -> &'m Model {
        self.model
    }
}
