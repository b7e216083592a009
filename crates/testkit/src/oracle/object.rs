//! Objects of certificates, judged by plain enumeration.
//!
//! Problem: the kernel says that a certificate holds because propositional obligations that it wrote
//! itself have proofs. Whether those obligations say what they should is a question for somebody who
//! shares neither its graphs nor its unrolling nor a solver.
//! Method: every state of the micro design and of the contract's monitors, reachable or not, is a
//! number; every input word is tried in it, gate by gate (`super::machine`). What an invariant, a
//! staged recovery, a closed set, a relation or a run claims is then looked up state by state
//! ([`World::recovery`], [`World::closed_set`], [`World::relation`], [`World::pair`]). From the model
//! only the meaning of positions in bit vectors is taken, and, for a relation that names variables of
//! the graph, their values.
//! Cost: states times words, with named limits; beyond them [`Verdict::TooLarge`].
//! What it cannot see: a misreading of what makes a certificate valid that it shares with the kernel.

mod closed;
mod eval;
mod pair;
mod recovery;
mod relation;
mod world;

pub use world::World;

/// What enumeration says of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All that it claims is so.
    Valid,
    /// The first thing that is not so.
    Invalid(String),
    /// Beyond the limits.
    TooLarge,
}

/// Why the examination of an object ended early.
enum Stop {
    No(String),
    TooLarge,
}

fn no<T>(what: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::No(what.into()))
}

fn verdict(result: Result<(), Stop>) -> Verdict {
    match result {
        Ok(()) => Verdict::Valid,
        Err(Stop::No(what)) => Verdict::Invalid(what),
        Err(Stop::TooLarge) => Verdict::TooLarge,
    }
}
