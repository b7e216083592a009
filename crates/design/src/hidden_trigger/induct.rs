//! Induction over two copies: the strongest relation of a given shape that one cycle keeps.
//!
//! Method: Houdini (Flanagan and Leino, FME 2001) on a [`super::belief`]. From any two quiet states of the
//! invariant with equal configuration, and then from any pair in the relation, one cycle is made; each
//! model in which a tie or a guard is broken weakens all that it breaks, until there is none. All values
//! of a model are looked at, so a few hundred calls settle tens of thousands of candidates. The two copies are
//! built in the kernel's frames, where what is tied is one variable. Where ties depend on small registers
//! (the state of the engine, the valid bits of stages), their values are cases ([`super::split`]) and what is
//! tied in a case is shared in it, so that pipelines of multipliers are one structure and not a riddle; their
//! bits are constants, so that a pipeline that stands still in a case folds away.
//! Cost: models times the part that may differ. What it cannot see: relations of another shape.

use super::belief::{Belief, Case, Group, one_of};
use super::runs::Setting;
use super::split::choose;
use crate::remote_disable::houdini::StateLit;
use crate::violated::{OutOfBudget, violated};
use netlist::Lit;
use proof::Frames;
use solve::{AigSolver, Budget, Outcome, sat::evaluate};

/// Solver steps of one call: what takes more is a riddle of multipliers that sharing has missed.
const STEPS: u64 = 60_000;

/// Two frames of the check.
struct Two<'m> {
    frames: Frames<'m>,
    left: usize,
    right: usize,
    solver: AigSolver,
}

impl<'m> Two<'m> {
    /// Both copies in legal states of the invariant, where `shared` bits are one leaf.
    fn new(
        s: &Setting<'m>,
        shared: &[bool],
        fixed: &[StateLit],
        clauses: &[Vec<StateLit>],
    ) -> Self {
        let mut frames = Frames::new(s.model);
        let mut left = frames.fresh_state();
        for &(i, value) in fixed {
            left[i] = Lit::constant(value);
        }
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
    /// From any two quiet states with equal configuration.
    fn at_start(s: &Setting<'m>, inv: &[Vec<StateLit>]) -> Self {
        let mut two = Self::new(s, &s.shared, &[], inv);
        for frame in [two.left, two.right] {
            let quiet = two.frames.lit(frame, s.f.quiet);
            two.require(quiet);
        }
        for (_, _, lit) in s.f.configuration.iter().flat_map(|c| &c.bits) {
            let (l, r) = (two.frames.lit(two.left, *lit), two.frames.lit(two.right, *lit));
            let same = two.frames.aig.iff(l, r);
            two.require(same);
        }
        two
    }
    /// In a case: its ties shared, its register constant where it can be, all others as premises.
    fn in_case(s: &Setting<'m>, belief: &Belief, case: &Case, inv: &[Vec<StateLit>]) -> Self {
        let mut shared = belief.tied.clone();
        for &i in &case.tied {
            shared[i] = true;
        }
        // bits that all values agree in are constants, so that what does not matter here folds away
        let all = (0..1u32 << belief.split.len()).filter(|v| case.values >> v & 1 == 1);
        let (ones, zeros) = all.fold((u32::MAX, u32::MAX), |(o, z), v| (o & v, z & !v));
        let bits = belief.split.iter().enumerate();
        let fixed: Vec<StateLit> = bits
            .filter(|(k, _)| (ones | zeros) >> k & 1 == 1)
            .map(|(k, &i)| (i, ones >> k & 1 == 1))
            .collect();
        let mut two = Self::new(s, &shared, &fixed, inv);
        let here = two.on(two.left, &belief.split, case.values);
        two.require(here);
        for group in belief.groups.iter().filter(|g| !g.tied) {
            let differ = two.differ((two.left, two.right), group);
            for guard in group.guards.iter().filter(|g| !belief.is_case(g) && g.allowed != 0) {
                let on = two.on(two.left, &guard.word, guard.allowed);
                two.solver.add_clause(&two.frames.aig, &[!on, !differ]);
            }
        }
        two
    }
    fn after(&mut self, s: &Setting<'_>) -> (usize, usize) {
        let (li, ri) = inputs(s, &mut self.frames);
        (self.frames.frame_after(self.left, li), self.frames.frame_after(self.right, ri))
    }
    fn require(&mut self, lit: Lit) {
        self.solver.add_clause(&self.frames.aig, &[lit]);
    }
    fn on(&mut self, frame: usize, word: &[usize], allowed: u128) -> Lit {
        let word: Vec<Lit> = word.iter().map(|&i| self.frames.state(frame, i)).collect();
        one_of(&mut self.frames.aig, &word, allowed)
    }
    /// Some bit of a group differs.
    fn differ(&mut self, (left, right): (usize, usize), group: &Group) -> Lit {
        let mut all = Vec::with_capacity(group.bits.len());
        for &i in &group.bits {
            let (l, r) = (self.frames.state(left, i), self.frames.state(right, i));
            if l != r {
                all.push(self.frames.aig.xor(l, r));
            }
        }
        self.frames.aig.or_all(all)
    }
    /// The pair of frames breaks what is believed of a group.
    fn broken(&mut self, at: (usize, usize), group: &Group) -> Lit {
        let differ = self.differ(at, group);
        if group.tied || differ == Lit::FALSE {
            return differ;
        }
        let mut all = Vec::with_capacity(group.guards.len());
        for guard in group.guards.iter().filter(|g| g.allowed != 0) {
            let on = self.on(at.0, &guard.word, guard.allowed);
            all.push(self.frames.aig.and(on, differ));
        }
        self.frames.aig.or_all(all)
    }

    /// Weakens the belief until the pair of frames cannot break it; whether it was.
    fn prune(
        &mut self,
        at: (usize, usize),
        belief: &mut Belief,
        budget: &Budget,
    ) -> Result<bool, OutOfBudget> {
        let mut goals: Vec<Lit> = belief.groups.iter().map(|g| self.broken(at, g)).collect();
        let mut changed = false;
        loop {
            let any = self.frames.aig.or_all(goals.iter().copied().filter(|&g| g != Lit::FALSE));
            if any == Lit::FALSE {
                break;
            }
            match self.solver.solve(&self.frames.aig, &[any], &budget.slice(STEPS)) {
                Outcome::Unsat => break,
                Outcome::Unknown => return Err(OutOfBudget),
                Outcome::Sat => {}
            }
            let leaves = self.solver.leaves(&self.frames.aig);
            let values = evaluate(&self.frames.aig, &leaves);
            let value = |l: Lit| values[l.index()] ^ l.is_neg();
            let lits: Vec<Lit> =
                (0..belief.tied.len()).map(|i| self.frames.state(at.0, i)).collect();
            let mut weaker = false;
            for (k, group) in belief.groups.iter_mut().enumerate() {
                // literals made since the values were taken do not matter here
                if !value(goals[k]) {
                    continue;
                }
                group.tied = false;
                for guard in &mut group.guards {
                    guard.drop_value(|i| value(lits[i]));
                }
                goals[k] = self.broken(at, group);
                weaker = true;
            }
            if !weaker {
                return Err(OutOfBudget);
            }
            changed = true;
        }
        Ok(changed)
    }

    /// Result bits that may differ here.
    fn shown(&mut self, s: &Setting<'_>, budget: &Budget) -> Result<Vec<usize>, OutOfBudget> {
        let mut shown = Vec::new();
        for (k, r) in s.f.results.iter().enumerate() {
            let at = (self.left, self.right);
            let (x, y) = (self.frames.lit(at.0, r.lit), self.frames.lit(at.1, r.lit));
            let (m, n) = (self.frames.lit(at.0, r.when), self.frames.lit(at.1, r.when));
            let means = self.frames.aig.or(m, n);
            let differ = self.frames.aig.xor(x, y);
            shown.push((k, self.frames.aig.and(means, differ)));
        }
        violated(&mut self.frames.aig, &mut self.solver, shown, budget)
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

/// Weakens `belief` to what holds from quiet on; the result bits that may differ in it; and the number
/// of rounds.
pub(crate) fn fixpoint(
    s: &Setting<'_>,
    inv: &[Vec<StateLit>],
    belief: &mut Belief,
    budget: &Budget,
) -> Result<(Vec<usize>, usize), OutOfBudget> {
    let mut two = Two::at_start(s, inv);
    let at = (two.left, two.right);
    let mut rounds = 0;
    loop {
        rounds += 1;
        let mut changed = two.prune(at, belief, budget)?;
        belief.settle();
        belief.split = choose(s, belief);
        let mut failing: Vec<usize> = Vec::new();
        for case in belief.single_cases() {
            let mut two = Two::in_case(s, belief, &case, inv);
            let then = two.after(s);
            let lost = two.prune(then, belief, budget)?;
            changed |= lost;
            if lost {
                // the case was of the belief as it was: what is left of it is weaker
                belief.settle();
                break;
            }
            if !changed {
                failing.extend(two.shown(s, budget)?);
            }
        }
        if !changed {
            failing.sort_unstable();
            failing.dedup();
            return Ok((failing, rounds));
        }
    }
}
