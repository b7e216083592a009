//! The sequence of frames and the questions IC3 asks of it.
//!
//! Problem: frame `F_i` over-approximates the states at most `i` steps from Init; a lemma (a blocked
//! cube) of level `i` holds in `F_1 … F_i`. Every question is about one step from one frame.
//! Method: three solvers. `initial` holds the reset sequence and one cycle after it and answers for
//! `F_0 = Init`, which is not a cube here but the image of the reset sequence. `forward` holds one
//! step from a free state with all lemmas, each switched on by its level's activation literal (a
//! leaf of the graph); `F_i` assumes the activation literals from `i` upwards. `lifting` holds the
//! step without lemmas and shrinks predecessors: first by justification (for a false AND one false
//! fan-in is enough), then by the core of "this state under these inputs does not arrive", which is
//! unsatisfiable (Chockler, Ivrii, Matsliah, Moran, Nevo, FMCAD 2011). Only cones that are asked for
//! are encoded: the cone of influence needs no computing.
//! Cost: one solver call per question, without preprocessing.

use super::Stop;
use crate::budget::Budget;
use crate::sat::{AigSolver, Outcome};
use crate::start::{Clause, Cube, Start};
use netlist::{Lit, Node};
use proof::certificate::Trace;
use proof::{Frames, Model};

/// The answer whether a cube can be entered from a frame.
pub(super) enum Entered {
    /// It cannot; the literals that were needed.
    No(Cube),
    /// It can, from this state and with these inputs.
    Yes(Predecessor),
}

/// A state from which a cube is entered in one step, generalised.
pub(super) struct Predecessor {
    /// All its states enter the cube under `inputs`, which are legal in all of them.
    pub(super) cube: Cube,
    /// The input word.
    pub(super) inputs: Vec<bool>,
}

/// After this many lemmas that were replaced the solver is set up afresh.
const MOST_STALE: usize = 2000;

pub(super) struct Space<'m> {
    pub(super) model: &'m Model,
    pub(super) budget: &'m Budget,
    step: Frames<'m>,
    now: usize,
    assume: Lit,
    forward: AigSolver,
    lifting: AigSolver,
    start: Start<'m>,
    initial: AigSolver,
    /// Known invariant clauses, part of every frame but the first.
    known: Vec<Clause>,
    /// Lemmas by the highest level at which they hold, and each level's activation literal.
    pub(super) levels: Vec<Vec<Cube>>,
    active: Vec<Lit>,
    stale: usize,
    /// How often each state bit took part in a lemma.
    pub(super) activity: Vec<u32>,
}

impl<'m> Space<'m> {
    pub(super) fn new(model: &'m Model, known: &[Clause], budget: &'m Budget) -> Self {
        let mut step = Frames::new(model);
        let (state, inputs) = (step.fresh_state(), step.fresh_inputs());
        let now = step.frame(state, inputs);
        let assume = step.lit(now, model.assume);
        let mut start = Start::new(model);
        start.cycle(1);
        let mut initial = AigSolver::light();
        let constants = start.frames.lit(start.cycles[0], model.assume_constants);
        initial.add_clause(start.aig(), &[constants]);
        let mut space = Self {
            model,
            budget,
            step,
            now,
            assume,
            forward: AigSolver::light(),
            lifting: AigSolver::light(),
            start,
            initial,
            known: known.to_vec(),
            levels: Vec::new(),
            active: Vec::new(),
            stale: 0,
            activity: vec![0; model.state.len()],
        };
        space.open_level();
        space.open_level();
        space.set_up();
        space
    }

    /// The highest level.
    pub(super) fn top(&self) -> usize {
        self.levels.len() - 1
    }

    /// Adds a level without lemmas.
    pub(super) fn open_level(&mut self) {
        self.levels.push(Vec::new());
        self.active.push(self.step.aig.leaf());
    }

    /// Fills a fresh `forward` with assumptions, known clauses and all lemmas.
    fn set_up(&mut self) {
        self.forward = AigSolver::light();
        self.stale = 0;
        self.forward.add_clause(&self.step.aig, &[self.assume]);
        for clause in &self.known {
            let lits: Vec<Lit> =
                clause.iter().map(|&(i, v)| self.step.state(self.now, i).xor_sign(!v)).collect();
            self.forward.add_clause(&self.step.aig, &lits);
        }
        for level in 1..self.levels.len() {
            for cube in self.levels[level].clone() {
                self.assert(&cube, level);
            }
        }
    }

    fn assert(&mut self, cube: &Cube, level: usize) {
        let mut clause = vec![!self.active[level]];
        clause.extend(cube.iter().map(|&(i, v)| self.step.state(self.now, i).xor_sign(v)));
        self.forward.add_clause(&self.step.aig, &clause);
    }

    /// Adds the lemma that `cube` is not reached within `level` steps.
    pub(super) fn learn(&mut self, cube: &Cube, level: usize) {
        for &(i, _) in cube {
            self.activity[i] = self.activity[i].saturating_add(1);
        }
        for lemmas in &mut self.levels[1..=level] {
            let before = lemmas.len();
            lemmas.retain(|old| !contains(old, cube));
            self.stale += before - lemmas.len();
        }
        self.levels[level].push(cube.clone());
        if self.stale > MOST_STALE {
            self.set_up();
        } else {
            self.assert(cube, level);
        }
    }

    /// Whether a lemma of `level` or above covers `cube` already.
    pub(super) fn is_blocked(&self, cube: &Cube, level: usize) -> bool {
        self.levels[level..].iter().flatten().any(|lemma| contains(cube, lemma))
    }

    /// Whether Init is empty: the constants' assumptions contradict each other.
    pub(super) fn init_is_empty(&mut self) -> Result<bool, Stop> {
        self.apart(&[]).map(|core| core.is_some())
    }

    /// If no state of Init lies in `cube`: the literals that say so. `None` if one does; the solver
    /// then holds it.
    pub(super) fn apart(&mut self, cube: &[(usize, bool)]) -> Result<Option<Cube>, Stop> {
        let first = self.start.cycles[0];
        let lits: Vec<Lit> =
            cube.iter().map(|&(i, v)| self.start.frames.state(first, i).xor_sign(!v)).collect();
        match self.initial.solve(self.start.aig(), &lits, self.budget) {
            Outcome::Unknown => Err(Stop),
            Outcome::Sat => Ok(None),
            Outcome::Unsat => Ok(Some(needed(cube, &lits, &self.initial.core()))),
        }
    }

    /// The run to the state of Init that the last question found, followed by `executed` cycles that
    /// it found too, and by `words`.
    pub(super) fn trace(&mut self, executed: usize, words: &[&[bool]]) -> Trace {
        let initial = &mut self.initial;
        let mut trace = self.start.trace(executed, |l| initial.value(l));
        trace.inputs.extend(words.iter().map(|w| proof::replay::print_bits(w)));
        trace
    }

    /// Can `cube` be entered in one step from Init? If so the solver holds the run.
    pub(super) fn entered_from_init(&mut self, cube: &Cube) -> Result<Option<Cube>, Stop> {
        let (first, second) = (self.start.cycles[0], self.start.cycles[1]);
        let mut lits: Vec<Lit> =
            cube.iter().map(|&(i, v)| self.start.frames.state(second, i).xor_sign(!v)).collect();
        let count = lits.len();
        lits.push(self.start.frames.lit(first, self.model.assume));
        match self.initial.solve(self.start.aig(), &lits, self.budget) {
            Outcome::Unknown => Err(Stop),
            Outcome::Sat => Ok(None),
            Outcome::Unsat => Ok(Some(needed(cube, &lits[..count], &self.initial.core()))),
        }
    }

    /// Can `cube` be entered from a state of `F_{level-1}` outside it? For `level` 1 the
    /// predecessor is not generalised (use [`Space::entered_from_init`] where the run matters).
    pub(super) fn entered(&mut self, cube: &Cube, level: usize) -> Result<Entered, Stop> {
        if level == 1 {
            return Ok(match self.entered_from_init(cube)? {
                Some(core) => Entered::No(core),
                None => Entered::Yes(Predecessor { cube: Cube::new(), inputs: Vec::new() }),
            });
        }
        let next: Vec<Lit> =
            cube.iter().map(|&(i, v)| self.step.next(self.now, i).xor_sign(!v)).collect();
        let outside: Vec<Lit> =
            cube.iter().map(|&(i, v)| self.step.state(self.now, i).xor_sign(v)).collect();
        let mut lits = next.clone();
        lits.extend(&self.active[level - 1..]);
        match self.forward.solve_with(&self.step.aig, &lits, Some(&outside), self.budget) {
            Outcome::Unknown => Err(Stop),
            Outcome::Unsat => Ok(Entered::No(needed(cube, &next, &self.forward.core()))),
            Outcome::Sat => self.lift(&next).map(Entered::Yes),
        }
    }

    /// Generalises the state that `forward` holds, which enters `next` (literals over the step).
    fn lift(&mut self, next: &[Lit]) -> Result<Predecessor, Stop> {
        let aig = &self.step.aig;
        let input_lits = self.step.inputs(self.now).to_vec();
        let inputs: Vec<bool> = input_lits.iter().map(|&l| self.forward.value(l)).collect();
        let mut roots: Vec<Lit> = next.iter().copied().filter(|l| !l.is_const()).collect();
        roots.extend(Some(self.assume).filter(|l| !l.is_const()));
        let cone = aig.cone(roots.iter().copied());
        let mut value = vec![false; aig.len()];
        let mut needed = vec![false; aig.len()];
        for &var in &cone {
            value[var as usize] = match aig.node(var) {
                Node::And(a, b) => {
                    (value[a.index()] ^ a.is_neg()) && (value[b.index()] ^ b.is_neg())
                }
                _ => self.forward.value(Lit::new(var, false)),
            };
        }
        roots.iter().for_each(|l| needed[l.index()] = true);
        let mut leaves = Vec::new();
        for &var in cone.iter().rev() {
            if !needed[var as usize] {
                continue;
            }
            let Node::And(a, b) = aig.node(var) else {
                leaves.push(Lit::new(var, !value[var as usize]));
                continue;
            };
            let holds = |l: Lit| value[l.index()] ^ l.is_neg();
            match (holds(a), holds(b)) {
                (true, true) => {
                    needed[a.index()] = true;
                    needed[b.index()] = true;
                }
                (false, true) => needed[a.index()] = true,
                (true, false) => needed[b.index()] = true,
                (false, false) if needed[b.index()] => {}
                (false, false) => needed[a.index()] = true,
            }
        }
        let goal: Vec<Lit> = roots.iter().map(|&l| !l).collect();
        if !goal.is_empty() {
            let outcome =
                self.lifting.solve_with(&self.step.aig, &leaves, Some(&goal), self.budget);
            match outcome {
                Outcome::Unsat => leaves = self.lifting.core(),
                Outcome::Sat => {}
                Outcome::Unknown => return Err(Stop),
            }
        }
        // `fresh_state` made the first leaves, in the order of the state
        let mut cube: Cube = leaves
            .into_iter()
            .filter_map(|lit| match self.step.aig.node(lit.var()) {
                Node::Leaf(leaf) => Some((leaf as usize, !lit.is_neg())),
                _ => None,
            })
            .filter(|(leaf, _)| *leaf < self.model.state.len())
            .collect();
        cube.sort_unstable();
        Ok(Predecessor { cube, inputs })
    }
}

/// Whether `cube` has all literals of `part` (both sorted).
pub(super) fn contains(cube: &Cube, part: &Cube) -> bool {
    part.len() <= cube.len() && part.iter().all(|l| cube.binary_search(l).is_ok())
}

/// The literals of `cube` whose solver assumption stands in `core`.
fn needed(cube: &[(usize, bool)], lits: &[Lit], core: &[Lit]) -> Cube {
    let mut codes: Vec<u32> = core.iter().map(|l| l.code()).collect();
    codes.sort_unstable();
    cube.iter()
        .zip(lits)
        .filter(|(_, l)| codes.binary_search(&l.code()).is_ok())
        .map(|(c, _)| *c)
        .collect()
}
