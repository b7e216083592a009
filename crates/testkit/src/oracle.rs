//! The oracle: what the verdicts on a micro design ought to be, by plain enumeration.
//!
//! Problem: engines, kernel and contract compiler may share a misunderstanding; only a search that
//! shares no code with them would notice.
//! Method: an evaluator of the micro design's own gates (`machine`); explicit reachability and a
//! game between owner and adversary over a product with the service's tracker ([`disable`]); pairs
//! of runs that differ in one identity item alone ([`leak`]). Nothing here uses and-inverter graphs,
//! models, solvers or certificates.
//! Cost: states times input words, with named limits; a design beyond them is [`TooLarge`].
//! What it cannot see: a misreading of DESIGN 5.1 that its author shares with the engines' authors.

pub mod compare;
pub mod disable;
pub mod leak;
mod machine;
pub mod object;
pub mod trigger;

use std::collections::BTreeSet;

/// A design beyond the oracle's limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

/// What a check may answer; it may always be undetermined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// `proved` would be right.
    pub proved: bool,
    /// `refuted` would be right, with one of these kinds.
    pub refuted: BTreeSet<&'static str>,
    /// The strongest of these kinds.
    pub strongest: Option<&'static str>,
    /// Why neither would be right, or what decides.
    pub why: String,
}

impl Expected {
    /// Whether the question has an answer at all: a part that never served, assumptions that run out
    /// of inputs, a declassification that never shows have none.
    pub fn decidable(&self) -> bool {
        self.proved || !self.refuted.is_empty()
    }
    fn neither(why: &str) -> Self {
        Self { proved: false, refuted: BTreeSet::new(), strongest: None, why: why.into() }
    }
}
