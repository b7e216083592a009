//! IC3 (property directed reachability): a run into a set of states, or an invariant that keeps out.
//!
//! Problem: can a state of one of the target cubes be reached from Init under `assume`? Bounded
//! search cannot say "never"; one-step induction alone is too weak.
//! Method: Bradley, "SAT-based model checking without unrolling", VMCAI 2011, in the form of Een,
//! Mishchenko, Brayton, FMCAD 2011. Frames `F_1 ⊇ F_2 …` over-approximate the states within `i` steps;
//! a target is blocked at the highest level by blocking its predecessors at lower ones (`queue`);
//! each blocked cube is strengthened into a lemma (`generalise`), lemmas are pushed upwards, and a
//! level all of whose lemmas move up is an inductive invariant. Init is not a cube but the image of
//! the reset sequence from arbitrary power-up; `frame` therefore keeps the unrolled reset sequence
//! as `F_0`. Only state bits that the questions mention are ever encoded, which restricts the search
//! to the cone of influence of the targets and of `assume`.
//!
//! What binds: as in [`crate::bmc::reach`] — the last state of a run is not executed. Known
//! invariants (from Houdini, from hints) hold in every frame and become part of the answer; they must
//! be inductive on their own and hold in Init: a wrong one makes the final check fail, and the answer
//! is `Unknown`.
//! Cost: unpredictable; easy questions by the thousand. Memory: one transition relation, encoded as
//! far as it is needed, and the lemmas.
//! What it cannot see: see `generalise`. Plain IC3 on two-copy arithmetic fails from a few hundred
//! registers on; long counters need as many levels as they count.

mod check;
mod frame;
mod generalise;
mod queue;

use crate::budget::Budget;
use crate::start::{Clause, Cube, ends_in};
use frame::{Entered, Space};
use proof::Model;
use proof::certificate::Trace;
use queue::Queue;

/// The answer of IC3.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ic3Answer {
    /// Clauses over the state whose conjunction is inductive under `assume`, holds in Init, and
    /// excludes every target. An empty clause means that Init is empty.
    Safe(Vec<Clause>),
    /// A run from power-up that ends in a target; it has been replayed.
    Unsafe(Trace),
    /// The budget ended first (or a known invariant was none).
    Unknown,
}

/// The budget ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stop;

/// Depth to which counterexamples to generalisation are followed.
const COUNTEREXAMPLE_DEPTH: usize = 1;

/// Can a state in one of the cubes `target` be reached from Init under `assume`? `known` are
/// invariant clauses (each a disjunction of `(state index, value)`).
pub fn ic3(model: &Model, target: &[Cube], known: &[Clause], budget: &Budget) -> Ic3Answer {
    search(model, target, known, budget).unwrap_or(Ic3Answer::Unknown)
}

fn search(
    model: &Model,
    target: &[Cube],
    known: &[Clause],
    budget: &Budget,
) -> Result<Ic3Answer, Stop> {
    let target: Vec<Cube> = target.iter().filter_map(sorted).collect();
    let mut space = Space::new(model, known, budget);
    let safe = |invariant: Vec<Clause>| {
        Ok(match check::is_invariant(model, &invariant, &target, budget)? {
            true => Ic3Answer::Safe(invariant),
            false => Ic3Answer::Unknown,
        })
    };
    let run = |trace: Trace| {
        Ok(match ends_in(model, &trace, &target) {
            true => Ic3Answer::Unsafe(trace),
            false => Ic3Answer::Unknown,
        })
    };
    if space.init_is_empty()? {
        return safe(vec![Clause::new()]);
    }
    for cube in &target {
        if space.apart(cube)?.is_none() {
            return run(space.trace(0, &[]));
        }
    }
    loop {
        for cube in &target {
            if let Some(trace) = space.block(cube)? {
                return run(trace);
            }
        }
        space.open_level();
        if let Some(level) = space.propagate()? {
            let mut invariant: Vec<Clause> = known.to_vec();
            for cube in space.levels[level..].iter().flatten() {
                invariant.push(cube.iter().map(|&(i, v)| (i, !v)).collect());
            }
            invariant.sort();
            invariant.dedup();
            return safe(invariant);
        }
    }
}

/// The cube with its literals in order; `None` if it contradicts itself.
fn sorted(cube: &Cube) -> Option<Cube> {
    let mut cube = cube.clone();
    cube.sort_unstable();
    cube.dedup();
    (!cube.windows(2).any(|pair| pair[0].0 == pair[1].0)).then_some(cube)
}

impl Space<'_> {
    /// Blocks `target`, which is apart from Init, at the top level, or finds a run into it.
    fn block(&mut self, target: &Cube) -> Result<Option<Trace>, Stop> {
        let top = self.top();
        let mut queue = Queue::of(target.clone(), top);
        while let Some((level, number)) = queue.take() {
            let cube = queue.get(number).cube.clone();
            if self.is_blocked(&cube, level) {
                if level < top {
                    queue.put(number, level + 1);
                }
                continue;
            }
            if level == 1 {
                let Some(core) = self.entered_from_init(&cube)? else {
                    return Ok(Some(self.trace(1, &queue.words(number))));
                };
                self.lemma(&cube, core, level)?;
            } else {
                match self.entered(&cube, level)? {
                    Entered::No(core) => self.lemma(&cube, core, level)?,
                    Entered::Yes(p) => {
                        let predecessor = p.cube.clone();
                        queue.add(p.cube, Some((p.inputs, number)), level - 1);
                        if self.apart(&predecessor)?.is_none() {
                            let words = queue.words(queue.newest());
                            return Ok(Some(self.trace(0, &words)));
                        }
                        queue.put(number, level);
                        continue;
                    }
                }
            }
            if level < top {
                queue.put(number, level + 1);
            }
        }
        Ok(None)
    }

    /// Learns the strongest lemma found from the `core` of why `cube` is blocked at `level`.
    fn lemma(&mut self, cube: &Cube, core: Cube, level: usize) -> Result<(), Stop> {
        let lemma = self.keep_apart(cube, core)?;
        let lemma = self.generalise(lemma, level, COUNTEREXAMPLE_DEPTH)?;
        let (lemma, level) = self.raise(lemma, level, self.top())?;
        self.learn(&lemma, level);
        Ok(())
    }

    /// Pushes lemmas upwards; the level above which everything is inductive, if there is one.
    fn propagate(&mut self) -> Result<Option<usize>, Stop> {
        for level in 1..self.top() {
            for cube in self.levels[level].clone() {
                if !self.levels[level].contains(&cube) {
                    continue;
                }
                if let Entered::No(core) = self.entered(&cube, level + 1)? {
                    let lemma = self.keep_apart(&cube, core)?;
                    self.learn(&lemma, level + 1);
                }
            }
            if self.levels[level].is_empty() {
                return Ok(Some(level + 1));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
