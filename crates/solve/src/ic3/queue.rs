//! Proof obligations: cubes that must be shown unreachable, lowest level first.
//!
//! Problem: a cube at level `k` may lead to a target in known steps; either it is blocked within `k`
//! steps of Init or a chain of obligations is a run.
//! Method: an arena of obligations, each with the input word that leads from every state of its cube
//! into its successor's, and an ordered set as the queue: level, then depth, then age (Een,
//! Mishchenko, Brayton, FMCAD 2011). A blocked obligation comes back one level up, which finds
//! counterexamples deeper than the current level.
//! Cost: logarithmic per operation; the arena is emptied when the queue is.

use crate::start::Cube;
use std::collections::BTreeSet;

/// One obligation.
pub(super) struct Obligation {
    /// The states in question.
    pub(super) cube: Cube,
    /// Input word of the step into the successor; none for a target.
    pub(super) step: Option<(Vec<bool>, usize)>,
    /// Steps to the target.
    depth: usize,
}

/// All open obligations.
#[derive(Default)]
pub(super) struct Queue {
    arena: Vec<Obligation>,
    /// Level, depth, number.
    open: BTreeSet<(usize, usize, usize)>,
}

impl Queue {
    /// A queue with one target at `level`.
    pub(super) fn of(cube: Cube, level: usize) -> Self {
        let mut queue = Self::default();
        queue.add(cube, None, level);
        queue
    }

    /// Adds an obligation at `level`, with the step to its successor.
    pub(super) fn add(&mut self, cube: Cube, step: Option<(Vec<bool>, usize)>, level: usize) {
        let depth = step.as_ref().map_or(0, |(_, next)| self.arena[*next].depth + 1);
        self.open.insert((level, depth, self.arena.len()));
        self.arena.push(Obligation { cube, step, depth });
    }

    /// The number of the obligation added last.
    pub(super) fn newest(&self) -> usize {
        self.arena.len().saturating_sub(1)
    }

    /// Takes the first obligation: its level and number.
    pub(super) fn take(&mut self) -> Option<(usize, usize)> {
        self.open.pop_first().map(|(level, _, number)| (level, number))
    }

    /// Puts an obligation back at `level`.
    pub(super) fn put(&mut self, number: usize, level: usize) {
        self.open.insert((level, self.arena[number].depth, number));
    }

    /// An obligation by number.
    pub(super) fn get(&self, number: usize) -> &Obligation {
        &self.arena[number]
    }

    /// The input words from an obligation to its target.
    pub(super) fn words(&self, number: usize) -> Vec<&[bool]> {
        let mut words = Vec::new();
        let mut at = number;
        while let Some((word, next)) = &self.arena[at].step {
            words.push(&word[..]);
            at = *next;
        }
        words
    }
}
