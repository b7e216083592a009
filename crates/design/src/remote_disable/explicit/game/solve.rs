//! Who wins from where: ranks for the owner, closed sets for everybody else.
//!
//! Problem: the owner moves first in a cycle, remote and environment answer; service must complete within
//! a bound, or a set must be shown that no move leaves and in which it never does.
//! Method: the backward attractor of completion gives each state that the owner wins a rank and a move,
//! level by level. What has no rank contains, for each kind of refutation, the greatest set that is
//! closed under its rules: nobody's words help (dead), documented ones do not (lock), or each owner word
//! has an answer that stays (leash). If every state has a rank and one is above the bound, the rank
//! is the potential of a delay. (Thomas, STACS 1995: reachability and safety games are each other's dual.)
//! Cost: states times words for each level or round.
//! What it cannot see: a closed set that needs memory, which a game of this kind never does.

use super::{ASSUME, COMPLETE, DOCUMENTED, GRANTED, Game, Kind, NONE};

impl Game {
    /// Backward attractor: ranks and moves.
    pub(crate) fn attract(&mut self) {
        let count = self.states.len();
        self.rank = vec![NONE; count];
        self.choice = vec![0; count];
        let mut open: Vec<usize> = (0..count).collect();
        for level in 1..=count as u32 {
            let mut won = Vec::new();
            for &s in &open {
                let winning = self.owner_words().find(|&o| {
                    let mut legal = false;
                    self.responses(o).all(|w| {
                        let (flags, next) = self.edge(s, w);
                        if flags & ASSUME == 0 {
                            return true;
                        }
                        if flags & DOCUMENTED == 0 {
                            return false;
                        }
                        if flags & GRANTED == 0 {
                            return true;
                        }
                        legal = true;
                        flags & COMPLETE != 0 || self.rank[next as usize] != NONE
                    }) && legal
                });
                if let Some(o) = winning {
                    won.push((s, o));
                }
            }
            if won.is_empty() {
                break;
            }
            for &(s, o) in &won {
                self.rank[s] = level;
                self.choice[s] = o;
            }
            open.retain(|&s| self.rank[s] == NONE);
        }
    }

    /// A reachable state without a rank, or with one above the bound; the worst there is.
    pub(crate) fn worst(&self, within: u64) -> Option<u32> {
        let worst = (0..self.parent.len()).max_by_key(|&s| (self.rank[s], usize::MAX - s))?;
        let rank = self.rank[worst];
        (rank == NONE || u64::from(rank) > within).then_some(worst as u32)
    }

    /// Computes the strongest closed set that contains a reachable losing state.
    pub(crate) fn losing(&mut self, within: u64) -> Option<Kind> {
        for kind in [Kind::Dead, Kind::Lock, Kind::Leash, Kind::LeashDocumented] {
            self.close(kind);
            if (0..self.parent.len()).any(|s| self.set[s]) {
                self.kind = Some(kind);
                return self.kind;
            }
        }
        // ranked states above the bound: the rank itself is the potential
        self.set = self.rank.iter().map(|&r| r != NONE).collect();
        self.answers = vec![0; self.states.len() << self.inputs];
        for s in 0..self.states.len() {
            if self.set[s] && self.rank[s] > 1 {
                let least = self.rank[s] - 1;
                let stays =
                    |g: &Self, f: u8, n: u32| f & COMPLETE == 0 && g.rank[n as usize] >= least;
                if !self.reply(s, true, &stays) {
                    return None;
                }
            } else if self.set[s] {
                // the kernel wants a legal move at the end of the delay as well
                self.reply(s, true, &|_, _, _| true);
            }
        }
        // the set must be closed: a successor without a rank would leave it
        let ok = (0..self.parent.len())
            .any(|s| self.rank[s] != NONE && u64::from(self.rank[s]) > within);
        self.kind = ok.then_some(Kind::Overdue);
        self.kind
    }

    /// Greatest fixpoint of "no completion and stays" under the rules of `kind`.
    fn close(&mut self, kind: Kind) {
        let count = self.states.len();
        self.set = vec![true; count];
        self.answers = vec![0; count << self.inputs];
        let documented = matches!(kind, Kind::Lock | Kind::LeashDocumented);
        let answering = matches!(kind, Kind::Leash | Kind::LeashDocumented);
        loop {
            let mut changed = false;
            for s in 0..count {
                if !self.set[s] {
                    continue;
                }
                let stays = |g: &Self, f: u8, n: u32| f & COMPLETE == 0 && g.set[n as usize];
                let keep = if answering {
                    self.reply(s, documented, &stays)
                } else {
                    let mut legal = false;
                    (0..1u32 << self.inputs).all(|w| {
                        let (f, n) = self.edge(s, w);
                        if f & ASSUME == 0 || (documented && f & DOCUMENTED == 0) {
                            return true;
                        }
                        legal |= f & GRANTED != 0;
                        stays(self, f, n)
                    }) && legal
                };
                if !keep {
                    self.set[s] = false;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// For every owner word an answer that stays; records it. Only words that cannot be answered
    /// within the rules at all may be answered by something illegal.
    fn reply(
        &mut self,
        s: usize,
        documented: bool,
        stays: &dyn Fn(&Self, u8, u32) -> bool,
    ) -> bool {
        let owners: Vec<u32> = self.owner_words().collect();
        let mut legal = false;
        for o in owners {
            let mut fallback = None;
            let mut good = None;
            let mut playable = false;
            for w in self.responses(o) {
                let (f, n) = self.edge(s, w);
                if f & ASSUME == 0 || (documented && f & DOCUMENTED == 0) {
                    fallback.get_or_insert(w);
                } else if f & GRANTED != 0 {
                    playable = true;
                    if stays(self, f, n) {
                        good = Some(w);
                        break;
                    }
                }
            }
            legal |= good.is_some();
            let fallback = fallback.filter(|_| !playable);
            let Some(answer) = good.or(fallback) else { return false };
            self.answers[s << self.inputs | o as usize] = answer;
        }
        legal
    }
}
