//! Induction: the largest set of clauses over one copy, and of ties over two, that one cycle keeps.
//!
//! Method: Houdini (Flanagan and Leino, FME 2001) twice. First over one copy, from Init: the invariant.
//! Then over two, from any two quiet states of it with equal configuration: ties, and ties under a
//! condition over small registers (a slot of a queue is equal while it is occupied). The two copies are
//! built in the kernel's frames, where what is tied is one variable. Where many ties depend on one small
//! register (the state of the engine), its values are cases of their own and what is tied in a case is
//! shared in it, so that pipelines of multipliers are one structure and not a riddle.
//! Cost: rounds times cases times the part that may differ. What it cannot see: candidates it is not
//! given.

use super::runs::Setting;
use super::tables::StateLit;
use netlist::{Aig, Lit};
use proof::{Frames, Model};
use solve::{AigSolver, Budget, Outcome};

/// The search ended before a fixpoint was reached.
pub(crate) struct OutOfBudget;

/// A tie under a condition over the left copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Guarded {
    /// State bits of the condition, least significant first; at most seven.
    pub(crate) word: Vec<usize>,
    /// Their values under which the bit is equal.
    pub(crate) allowed: u128,
    /// The bit.
    pub(crate) bit: usize,
}

/// What is believed of two copies.
#[derive(Clone, Default)]
pub(crate) struct Belief {
    /// By state bit.
    pub(crate) tied: Vec<bool>,
    /// Ties under conditions.
    pub(crate) guarded: Vec<Guarded>,
    /// The small register whose values are cases.
    pub(crate) split: Vec<usize>,
}

/// Values of the split register, and what is tied in them (those tied always apart).
pub(crate) struct Case {
    pub(crate) values: u128,
    pub(crate) tied: Vec<usize>,
}

impl Belief {
    /// The cases.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let mut all: Vec<Case> = Vec::new();
        for value in 0..1u32 << self.split.len() {
            let mut tied: Vec<usize> = self
                .guarded
                .iter()
                .filter(|g| self.is_case(g) && g.allowed >> value & 1 == 1)
                .map(|g| g.bit)
                .collect();
            tied.sort_unstable();
            tied.dedup();
            match all.iter_mut().find(|c| c.tied == tied) {
                Some(case) => case.values |= 1 << value,
                None => all.push(Case { values: 1 << value, tied }),
            }
        }
        all
    }
    /// Whether a guarded tie is part of the cases.
    pub(crate) fn is_case(&self, g: &Guarded) -> bool {
        !self.split.is_empty() && g.word == self.split
    }
}

/// One of the values of a word, over literals.
pub(crate) fn one_of(aig: &mut Aig, bits: &[Lit], values: u128) -> Lit {
    // Shannon expansion from the most significant bit
    match bits.split_last() {
        None => Lit::constant(values & 1 == 1),
        Some((&top, rest)) => {
            let half = 1u32 << rest.len();
            let low = if half >= 128 { values } else { values & ((1u128 << half) - 1) };
            let high = values.checked_shr(half).unwrap_or(0);
            let (e, t) = (one_of(aig, rest, low), one_of(aig, rest, high));
            aig.mux(top, t, e)
        }
    }
}

/// Those of `clauses` that hold in Init and are inductive together.
pub(crate) fn invariant(
    model: &Model,
    mut clauses: Vec<Vec<StateLit>>,
    budget: &Budget,
) -> Result<Vec<Vec<StateLit>>, OutOfBudget> {
    let clause = |frames: &mut Frames<'_>, frame: usize, c: &[StateLit]| {
        let lits: Vec<Lit> = c.iter().map(|&(i, v)| frames.state(frame, i).xor_sign(!v)).collect();
        frames.aig.or_all(lits)
    };
    let mut frames = Frames::new(model);
    let (_, first) = frames.init();
    let constants = frames.lit(first, model.assume_constants);
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[constants]);
    let goals: Vec<(usize, Lit)> =
        (0..clauses.len()).map(|k| (k, !clause(&mut frames, first, &clauses[k]))).collect();
    let lost = violated(&mut frames.aig, &mut solver, goals, budget)?;
    drop_all(&mut clauses, &lost);
    loop {
        let mut frames = Frames::new(model);
        let (state, inputs) = (frames.fresh_state(), frames.fresh_inputs());
        let now = frames.frame(state, inputs);
        let inputs = frames.fresh_inputs();
        let then = frames.frame_after(now, inputs);
        let mut solver = AigSolver::new();
        let assume = frames.lit(now, model.assume);
        solver.add_clause(&frames.aig, &[assume]);
        for c in &clauses {
            let lits: Vec<Lit> =
                c.iter().map(|&(i, v)| frames.state(now, i).xor_sign(!v)).collect();
            solver.add_clause(&frames.aig, &lits);
        }
        let goals: Vec<(usize, Lit)> =
            (0..clauses.len()).map(|k| (k, !clause(&mut frames, then, &clauses[k]))).collect();
        let lost = violated(&mut frames.aig, &mut solver, goals, budget)?;
        if lost.is_empty() {
            return Ok(clauses);
        }
        drop_all(&mut clauses, &lost);
    }
}

fn drop_all<T>(all: &mut Vec<T>, lost: &[usize]) {
    let mut gone = vec![false; all.len()];
    for &k in lost {
        gone[k] = true;
    }
    let mut k = 0;
    all.retain(|_| {
        k += 1;
        !gone[k - 1]
    });
}

/// All goals that some model of the solver's clauses satisfies.
fn violated<G: Copy>(
    aig: &mut Aig,
    solver: &mut AigSolver,
    goals: Vec<(G, Lit)>,
    budget: &Budget,
) -> Result<Vec<G>, OutOfBudget> {
    let mut lost = Vec::new();
    let mut open: Vec<(G, Lit)> = goals.into_iter().filter(|g| g.1 != Lit::FALSE).collect();
    while !open.is_empty() {
        let any = aig.or_all(open.iter().map(|g| g.1));
        match solver.solve(aig, &[any], budget) {
            Outcome::Unsat => break,
            Outcome::Unknown => return Err(OutOfBudget),
            Outcome::Sat => {
                let before = open.len();
                open.retain(|&(goal, lit)| {
                    let broken = solver.value(lit);
                    if broken {
                        lost.push(goal);
                    }
                    !broken
                });
                if open.len() == before {
                    return Err(OutOfBudget);
                }
            }
        }
    }
    Ok(lost)
}

#[derive(Clone, Copy)]
enum Goal {
    Tie(usize),
    Guarded(usize),
}

/// Two frames of the check.
struct Two<'m> {
    frames: Frames<'m>,
    left: usize,
    right: usize,
    solver: AigSolver,
}

impl<'m> Two<'m> {
    /// Both copies in legal states of the invariant, where `shared` bits are one leaf.
    fn new(s: &Setting<'m>, shared: &[bool], clauses: &[Vec<StateLit>]) -> Self {
        let mut frames = Frames::new(s.model);
        let left = frames.fresh_state();
        let right: Vec<Lit> = left
            .iter()
            .zip(shared)
            .map(|(&l, &same)| if same { l } else { frames.aig.leaf() })
            .collect();
        let (li, ri) = inputs(s, &mut frames);
        let (l, r) = (frames.frame(left.clone(), li), frames.frame(right.clone(), ri));
        let mut solver = AigSolver::new();
        for (frame, state) in [(l, &left), (r, &right)] {
            for condition in [s.model.assume, s.model.assume_constants] {
                let lit = frames.lit(frame, condition);
                solver.add_clause(&frames.aig, &[lit]);
            }
            for c in clauses {
                let lits: Vec<Lit> = c.iter().map(|&(i, v)| state[i].xor_sign(!v)).collect();
                solver.add_clause(&frames.aig, &lits);
            }
        }
        Self { frames, left: l, right: r, solver }
    }
    fn require(&mut self, lit: Lit) {
        self.solver.add_clause(&self.frames.aig, &[lit]);
    }
    /// A bit differs, under the condition of a guarded tie.
    fn apart(&mut self, (left, right): (usize, usize), bit: usize, guard: Option<&Guarded>) -> Lit {
        let (l, r) = (self.frames.state(left, bit), self.frames.state(right, bit));
        if l == r {
            return Lit::FALSE;
        }
        let differ = self.frames.aig.xor(l, r);
        let Some(g) = guard else { return differ };
        let word: Vec<Lit> = g.word.iter().map(|&i| self.frames.state(left, i)).collect();
        let on = one_of(&mut self.frames.aig, &word, g.allowed);
        self.frames.aig.and(on, differ)
    }
    fn goals(&mut self, at: (usize, usize), belief: &Belief) -> Vec<(Goal, Lit)> {
        let mut all = Vec::new();
        for i in (0..belief.tied.len()).filter(|&i| belief.tied[i]) {
            all.push((Goal::Tie(i), self.apart(at, i, None)));
        }
        for (k, g) in belief.guarded.iter().enumerate() {
            all.push((Goal::Guarded(k), self.apart(at, g.bit, Some(g))));
        }
        all
    }
    fn violated(
        &mut self,
        goals: Vec<(Goal, Lit)>,
        budget: &Budget,
    ) -> Result<Vec<Goal>, OutOfBudget> {
        violated(&mut self.frames.aig, &mut self.solver, goals, budget)
    }
    /// In a case: its ties shared, all other ties as premises.
    fn in_case(s: &Setting<'m>, belief: &Belief, case: &Case, inv: &[Vec<StateLit>]) -> Self {
        let mut shared = belief.tied.clone();
        for &i in &case.tied {
            shared[i] = true;
        }
        let mut two = Self::new(s, &shared, inv);
        let word: Vec<Lit> = belief.split.iter().map(|&i| two.frames.state(two.left, i)).collect();
        let here = one_of(&mut two.frames.aig, &word, case.values);
        two.require(here);
        for g in belief.guarded.iter().filter(|g| !belief.is_case(g)) {
            let differs = two.apart((two.left, two.right), g.bit, Some(g));
            two.require(!differs);
        }
        two
    }
}

/// Input leaves of both copies.
fn inputs(s: &Setting<'_>, frames: &mut Frames<'_>) -> (Vec<Lit>, Vec<Lit>) {
    let left = frames.fresh_inputs();
    let mut right = left.clone();
    for &i in &s.others {
        right[i] = frames.aig.leaf();
    }
    (left, right)
}

fn lose(belief: &mut Belief, lost: &[Goal]) {
    let mut gone = Vec::new();
    for goal in lost {
        match *goal {
            Goal::Tie(i) => belief.tied[i] = false,
            Goal::Guarded(k) => gone.push(k),
        }
    }
    drop_all(&mut belief.guarded, &gone);
}

/// The largest part of `belief` that holds from quiet on; the result bits that may differ in it; and the
/// number of rounds.
pub(crate) fn fixpoint(
    s: &Setting<'_>,
    inv: &[Vec<StateLit>],
    belief: &mut Belief,
    budget: &Budget,
) -> Result<(Vec<usize>, usize), OutOfBudget> {
    let mut two = Two::new(s, &s.shared, inv);
    for frame in [two.left, two.right] {
        let quiet = two.frames.lit(frame, s.f.quiet);
        two.require(quiet);
    }
    for (_, _, lit) in s.f.configuration.iter().flat_map(|c| &c.bits) {
        let (l, r) = (two.frames.lit(two.left, *lit), two.frames.lit(two.right, *lit));
        let same = two.frames.aig.iff(l, r);
        two.require(same);
    }
    let goals = two.goals((two.left, two.right), belief);
    let lost = two.violated(goals, budget)?;
    lose(belief, &lost);
    let mut rounds = 0;
    loop {
        rounds += 1;
        let mut changed = false;
        let mut failing: Vec<usize> = Vec::new();
        for case in belief.cases() {
            let mut two = Two::in_case(s, belief, &case, inv);
            let (li, ri) = inputs(s, &mut two.frames);
            let then =
                (two.frames.frame_after(two.left, li), two.frames.frame_after(two.right, ri));
            let goals = two.goals(then, belief);
            let lost = two.violated(goals, budget)?;
            if !lost.is_empty() {
                lose(belief, &lost);
                changed = true;
                break;
            }
            let mut shown = Vec::new();
            for (k, r) in s.f.results.iter().enumerate() {
                let at = (two.left, two.right);
                let (x, y) = (two.frames.lit(at.0, r.lit), two.frames.lit(at.1, r.lit));
                let (m, n) = (two.frames.lit(at.0, r.when), two.frames.lit(at.1, r.when));
                let means = two.frames.aig.or(m, n);
                let differ = two.frames.aig.xor(x, y);
                shown.push((k, two.frames.aig.and(means, differ)));
            }
            let Two { frames, solver, .. } = &mut two;
            failing.extend(violated(&mut frames.aig, solver, shown, budget)?);
        }
        if !changed {
            failing.sort_unstable();
            failing.dedup();
            return Ok((failing, rounds));
        }
    }
}
