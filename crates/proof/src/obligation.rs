//! Obligations: what must be unsatisfiable for a certificate to hold.
//!
//! Each is one combinational graph with one output `bad`. The kernel derives all of them from model,
//! check and certificate; nobody can leave one out. This file holds the ones that every proof shares:
//!
//! * `init`: no state at the end of the reset sequence lies outside the invariant;
//! * `step`: from the invariant, under `assume`, one cycle does not leave it;
//! * `legal`: in every state of the invariant one of the given input words satisfies `assume`, so no
//!   obligation holds merely because the assumptions contradict each other.

use crate::circuit::{Circuit, CircuitError, Var};
use crate::frames::Frames;
use crate::model::Model;
use crate::replay::{ReplayError, parse_bits};
use netlist::{Aig, Lit};

/// One obligation.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// Its name (`step`, `progress:respond`).
    pub name: String,
    /// The graph.
    pub aig: Aig,
    /// Must be unsatisfiable.
    pub bad: Lit,
}

/// Why a certificate is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KernelError {
    /// A circuit of the certificate is malformed.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// A trace does not do what is said of it.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The certificate does not fit the model, check or verdict.
    #[error("certificate: {0}")]
    Misfit(String),
    /// An obligation does not match the one derived here, or its proof fails.
    #[error("obligation {name}: {what}")]
    Obligation {
        /// Name of the obligation.
        name: String,
        /// What is wrong.
        what: String,
    },
}

pub(crate) fn misfit(what: impl Into<String>) -> KernelError {
    KernelError::Misfit(what.into())
}

/// Evaluates a predicate or word over `State` (and nothing else) in a frame.
pub(crate) fn over_state(
    frames: &mut Frames<'_>,
    frame: usize,
    circuit: &Circuit,
) -> Result<Vec<Lit>, CircuitError> {
    let mut values = Vec::with_capacity(circuit.inputs.len());
    for &var in &circuit.inputs {
        values.push(match var {
            Var::State(i) if (i as usize) < frames.model().state.len() => {
                Some(frames.state(frame, i as usize))
            }
            _ => None,
        });
    }
    let mut at = values.into_iter();
    circuit.build(&mut frames.aig, |_, _| at.next().flatten())
}

pub(crate) fn predicate(
    frames: &mut Frames<'_>,
    frame: usize,
    circuit: &Circuit,
) -> Result<Lit, CircuitError> {
    match over_state(frames, frame, circuit)?[..] {
        [only] => Ok(only),
        ref all => Err(CircuitError(format!("expected one output, found {}", all.len()))),
    }
}

/// Parses an input word into constants.
pub(crate) fn word(model: &Model, text: &str) -> Result<Vec<Lit>, ReplayError> {
    let bits = parse_bits(text, model.inputs.len(), "an input word")?;
    Ok(bits.into_iter().map(Lit::constant).collect())
}

/// Most candidate input words a certificate may list.
pub const MAX_WORDS: usize = 256;

/// `init`, `step` and `legal` for a one-copy invariant.
pub(crate) fn invariant(
    model: &Model,
    inv: &Circuit,
    legal_inputs: &[String],
) -> Result<Vec<Obligation>, KernelError> {
    Ok(vec![init(model, inv)?, step(model, inv)?, legal(model, inv, legal_inputs)?])
}

fn init(model: &Model, inv: &Circuit) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let (_, first) = frames.init();
    let constants = frames.lit(first, model.assume_constants);
    let holds = predicate(&mut frames, first, inv)?;
    let bad = frames.aig.and(constants, !holds);
    Ok(Obligation { name: "init".into(), aig: frames.aig, bad })
}

fn step(model: &Model, inv: &Circuit) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state, inputs);
    let inputs = frames.fresh_inputs();
    let then = frames.frame_after(now, inputs);
    let before = predicate(&mut frames, now, inv)?;
    let assume = frames.lit(now, model.assume);
    let after = predicate(&mut frames, then, inv)?;
    let bad = frames.aig.and_all([before, assume, !after]);
    Ok(Obligation { name: "step".into(), aig: frames.aig, bad })
}

/// In every state of `set` one of `words` satisfies `assume`.
pub(crate) fn legal(
    model: &Model,
    set: &Circuit,
    words: &[String],
) -> Result<Obligation, KernelError> {
    legal_under(model, set, words, Lit::TRUE)
}

/// In every state of `set` one of `words` satisfies `assume` and `also` (a model literal).
pub(crate) fn legal_under(
    model: &Model,
    set: &Circuit,
    words: &[String],
    also: Lit,
) -> Result<Obligation, KernelError> {
    if words.len() > MAX_WORDS {
        return Err(misfit(format!("more than {MAX_WORDS} input words")));
    }
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state.clone(), inputs);
    let inside = predicate(&mut frames, now, set)?;
    let constants = frames.lit(now, model.assume_constants);
    let mut all = vec![inside, constants];
    for text in words {
        let inputs = word(model, text)?;
        let tried = frames.frame(state.clone(), inputs);
        let assume = frames.lit(tried, model.assume);
        let also = frames.lit(tried, also);
        all.push(!frames.aig.and(assume, also));
    }
    let bad = frames.aig.and_all(all);
    Ok(Obligation { name: "legal".into(), aig: frames.aig, bad })
}
