//! From one blocked cube to a strong lemma.
//!
//! Problem: a lemma that blocks one state says little; the fewer literals it has, the more states it
//! covers, but it must stay inductive relative to its frame and must not cover a state of Init.
//! Method: drop literals one by one and keep what stays inductive (Bradley, VMCAI 2011), taking the
//! core of every answer. A counterexample to such a step that is itself unreachable is blocked first
//! and the step tried again (counterexamples to generalisation: Hassan, Bradley, Somenzi, FMCAD
//! 2013), to depth one, without their joins. Literals that took part in few lemmas are dropped
//! first. Init is no cube, so that "covers no state of Init" is a question to the solver, and the
//! core of that answer is what must be put back when a core alone would touch Init.
//! Cost: two questions per literal, more with counterexamples.
//! What it cannot see: lemmas that are not clauses over state bits (parities, comparisons of words)
//! need exponentially many.

use super::Stop;
use super::frame::{Entered, Space};
use crate::start::Cube;

/// Counterexamples blocked per attempt to drop a literal.
const MOST_COUNTEREXAMPLES: usize = 3;

impl Space<'_> {
    /// The part `core` of `cube`, with what else is needed to keep it apart from Init; `cube` is.
    pub(super) fn keep_apart(&mut self, cube: &Cube, core: Cube) -> Result<Cube, Stop> {
        if self.apart(&core)?.is_some() {
            return Ok(core);
        }
        let mut union = core;
        union.extend(self.apart(cube)?.unwrap_or_else(|| cube.clone()));
        union.sort_unstable();
        union.dedup();
        Ok(union)
    }

    /// Drops literals of `cube`, which cannot be entered from `F_{level-1}` and is apart from Init.
    pub(super) fn generalise(
        &mut self,
        mut cube: Cube,
        level: usize,
        depth: usize,
    ) -> Result<Cube, Stop> {
        let mut order = cube.clone();
        order.sort_by_key(|&(i, v)| (self.activity[i], i, v));
        for literal in order {
            if cube.len() < 2 {
                break;
            }
            let Ok(at) = cube.binary_search(&literal) else { continue };
            let mut smaller = cube.clone();
            smaller.remove(at);
            if let Some(lemma) = self.try_block(smaller, level, depth)? {
                cube = lemma;
            }
        }
        Ok(cube)
    }

    /// The lemma that blocks `cube` at `level`, if it can be blocked there.
    fn try_block(&mut self, cube: Cube, level: usize, depth: usize) -> Result<Option<Cube>, Stop> {
        if self.apart(&cube)?.is_none() {
            return Ok(None);
        }
        let mut counterexamples = 0;
        loop {
            let predecessor = match self.entered(&cube, level)? {
                Entered::No(core) => return self.keep_apart(&cube, core).map(Some),
                Entered::Yes(predecessor) => predecessor.cube,
            };
            if level == 1 || depth == 0 || counterexamples == MOST_COUNTEREXAMPLES {
                return Ok(None);
            }
            if self.apart(&predecessor)?.is_none() {
                return Ok(None);
            }
            let Entered::No(core) = self.entered(&predecessor, level - 1)? else {
                return Ok(None);
            };
            counterexamples += 1;
            let lemma = self.keep_apart(&predecessor, core)?;
            let (lemma, reached) = self.raise(lemma, level - 1, level)?;
            let lemma = self.generalise(lemma, reached, depth - 1)?;
            self.learn(&lemma, reached);
        }
    }

    /// Lifts a lemma of `level` as far as it holds, at most to `most`.
    pub(super) fn raise(
        &mut self,
        mut cube: Cube,
        mut level: usize,
        most: usize,
    ) -> Result<(Cube, usize), Stop> {
        while level < most {
            let Entered::No(core) = self.entered(&cube, level + 1)? else { break };
            cube = self.keep_apart(&cube, core)?;
            level += 1;
        }
        Ok((cube, level))
    }
}
