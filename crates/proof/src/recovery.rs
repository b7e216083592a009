//! Obligations of `design.remote-disable`, proved.
//!
//! Claim: for every state that is reachable under `assume`, the owner has a procedure after which a
//! transaction the owner started completes within the bound, whatever remote inputs do and whatever
//! the environment does within `recovery_assume`.
//!
//! Certificate: an inductive invariant Inv; a controller (a finite machine that drives the owner's
//! inputs, seeing the state at most); stages with a rank each. The current stage is the last whose
//! predicate holds. Obligations besides those of the invariant:
//!
//! * `cover`: in every state of Inv, with tracker and controller at 0, some stage holds;
//! * `bound:S`: in stage S the rank is at most the stated bound;
//! * `documented:S`: the words the controller sends in stage S are documented, or words of a listed
//!   recovery;
//! * `legal:S`: in stage S some environment move satisfies `assume` and `recovery_assume`, so
//!   nothing is proved by leaving the environment without a move;
//! * `progress:S`: from stage S, within its number of steps, the transaction completes, or a later
//!   stage holds, or S holds with a smaller rank.
//!
//! The sum over the stages of (bound + 1) · steps is at most `recover_within`; this is plain
//! arithmetic. A rank that falls within a well-order and stages that only advance give termination
//! (Manna and Pnueli, response properties), the sum gives the bound.

use crate::certificate::{Controller, Recovery, Stage};
use crate::circuit::{Circuit, CircuitError, Var};
use crate::frames::Frames;
use crate::model::Model;
use crate::obligation::{KernelError, Obligation, invariant, misfit, predicate, word};
use crate::replay::completions;
use netlist::Lit;

/// Most steps one stage may take.
pub const MAX_STAGE_STEPS: u32 = 4096;
/// Most stages and controller registers.
pub const MAX_STAGES: usize = 64;

/// A frame of the design closed with the owner's controller.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The frame.
    pub frame: usize,
    /// The controller's registers in it.
    pub ctrl: Vec<Lit>,
}

/// Derives all obligations; checks what can be checked without a proof.
pub(crate) fn obligations(
    model: &Model,
    service: usize,
    certificate: &Recovery,
) -> Result<Vec<Obligation>, KernelError> {
    limits(model, service, certificate)?;
    let mut runs = 0;
    for trace in &certificate.covers {
        runs += completions(model, service, trace)?;
    }
    if runs < 2 {
        return Err(misfit(format!(
            "the cover runs show {runs} completed services, two are needed"
        )));
    }
    let mut all = invariant(model, &certificate.invariant, &certificate.legal_inputs)?;
    all.push(cover(model, service, certificate)?);
    for stage in 0..certificate.stages.len() {
        all.push(bound(model, certificate, stage)?);
        all.push(documented(model, certificate, stage)?);
        all.push(legal(model, certificate, stage)?);
        all.push(progress(model, service, certificate, stage)?);
    }
    Ok(all)
}

/// The largest number of cycles the stages can take together.
///
/// # Errors
/// If a bound is not a number.
pub fn total_cycles(stages: &[Stage]) -> Result<u128, KernelError> {
    let mut total: u128 = 0;
    for stage in stages {
        let bound: u64 =
            stage.bound.parse().map_err(|_| misfit(format!("bound of stage {}", stage.name)))?;
        total += (u128::from(bound) + 1) * u128::from(stage.steps);
    }
    Ok(total)
}

fn limits(model: &Model, service: usize, certificate: &Recovery) -> Result<(), KernelError> {
    let c = &certificate.controller;
    if certificate.stages.is_empty() || certificate.stages.len() > MAX_STAGES {
        return Err(misfit("the number of stages is out of range"));
    }
    if c.registers as usize > MAX_STAGES || c.next.outputs.len() != c.registers as usize {
        return Err(misfit("the controller's registers do not fit"));
    }
    if c.owner.outputs.len() != model.inputs.iter().filter(|i| i.role.is_owner()).count() {
        return Err(misfit("the controller does not drive each owner input once"));
    }
    if certificate.stages.iter().any(|s| s.steps == 0 || s.steps > MAX_STAGE_STEPS) {
        return Err(misfit("the number of steps of a stage is out of range"));
    }
    let (total, within) = (total_cycles(&certificate.stages)?, model.services[service].within);
    if total > u128::from(within) {
        return Err(misfit(format!(
            "the stages take {total} cycles, the contract grants {within}"
        )));
    }
    Ok(())
}

/// A circuit over `State` and `Ctrl` (and `Input` if `inputs`).
fn build(
    frames: &mut Frames<'_>,
    at: &Closed,
    circuit: &Circuit,
    inputs: bool,
) -> Result<Vec<Lit>, CircuitError> {
    let mut values = Vec::with_capacity(circuit.inputs.len());
    for &var in &circuit.inputs {
        values.push(match var {
            Var::State(i) if (i as usize) < frames.model().state.len() => {
                Some(frames.state(at.frame, i as usize))
            }
            Var::Ctrl(i) => at.ctrl.get(i as usize).copied(),
            Var::Input(i) if inputs => frames.inputs(at.frame).get(i as usize).copied(),
            _ => None,
        });
    }
    let mut next = values.into_iter();
    circuit.build(&mut frames.aig, |_, _| next.next().flatten())
}

fn build_one(frames: &mut Frames<'_>, at: &Closed, circuit: &Circuit) -> Result<Lit, CircuitError> {
    match build(frames, at, circuit, false)?[..] {
        [only] => Ok(only),
        _ => Err(CircuitError("expected one output".into())),
    }
}

/// Gives `at` its inputs: the owner's from the controller, the others from `others`.
fn drive(
    frames: &mut Frames<'_>,
    at: &Closed,
    controller: &Controller,
    others: &[Lit],
) -> Result<(), CircuitError> {
    let owner = build(frames, at, &controller.owner, false)?;
    let mut owner = owner.into_iter();
    let mut inputs = others.to_vec();
    for (slot, bit) in inputs.iter_mut().zip(&frames.model().inputs) {
        if bit.role.is_owner() {
            *slot = owner.next().unwrap_or(Lit::FALSE);
        }
    }
    frames.set_inputs(at.frame, inputs);
    Ok(())
}

impl Closed {
    /// A closed-loop frame from the given state and controller registers, other inputs fresh.
    ///
    /// # Errors
    /// If the controller reads what it may not.
    pub fn start(
        frames: &mut Frames<'_>,
        controller: &Controller,
        state: Vec<Lit>,
        ctrl: Vec<Lit>,
    ) -> Result<Self, CircuitError> {
        let inputs = frames.fresh_inputs();
        let frame = frames.frame(state, inputs.clone());
        let at = Self { frame, ctrl };
        drive(frames, &at, controller, &inputs)?;
        Ok(at)
    }

    /// The closed-loop frame one cycle later, other inputs fresh.
    ///
    /// # Errors
    /// As [`Closed::start`].
    pub fn after(
        &self,
        frames: &mut Frames<'_>,
        controller: &Controller,
    ) -> Result<Self, CircuitError> {
        let ctrl = build(frames, self, &controller.next, true)?;
        let inputs = frames.fresh_inputs();
        let frame = frames.frame_after(self.frame, inputs.clone());
        let then = Self { frame, ctrl };
        drive(frames, &then, controller, &inputs)?;
        Ok(then)
    }
}

/// A closed-loop frame from a fresh state and fresh controller registers.
fn fresh(frames: &mut Frames<'_>, certificate: &Recovery) -> Result<Closed, CircuitError> {
    let state = frames.fresh_state();
    let ctrl = (0..certificate.controller.registers).map(|_| frames.aig.leaf()).collect();
    Closed::start(frames, &certificate.controller, state, ctrl)
}

/// The predicate of each stage, in order.
fn stages(
    frames: &mut Frames<'_>,
    at: &Closed,
    certificate: &Recovery,
) -> Result<Vec<Lit>, CircuitError> {
    certificate.stages.iter().map(|s| build_one(frames, at, &s.holds)).collect()
}

/// Inv, the constants' assumptions, and "the current stage is `stage`".
fn current(
    frames: &mut Frames<'_>,
    at: &Closed,
    certificate: &Recovery,
    stage: usize,
) -> Result<Lit, CircuitError> {
    let inv = predicate(frames, at.frame, &certificate.invariant)?;
    let constants = frames.lit(at.frame, frames.model().assume_constants);
    let all = stages(frames, at, certificate)?;
    let later = frames.aig.or_all(all[stage + 1..].iter().copied());
    Ok(frames.aig.and_all([inv, constants, all[stage], !later]))
}

fn cover(model: &Model, service: usize, c: &Recovery) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let mut state = frames.fresh_state();
    for &bit in &model.services[service].tracker {
        state[bit] = Lit::FALSE;
    }
    let inputs = frames.fresh_inputs();
    let frame = frames.frame(state, inputs);
    let at = Closed { frame, ctrl: vec![Lit::FALSE; c.controller.registers as usize] };
    let inv = predicate(&mut frames, frame, &c.invariant)?;
    let constants = frames.lit(frame, model.assume_constants);
    let all = stages(&mut frames, &at, c)?;
    let some = frames.aig.or_all(all);
    let bad = frames.aig.and_all([inv, constants, !some]);
    Ok(Obligation { name: "cover".into(), aig: frames.aig, bad })
}

fn bound(model: &Model, c: &Recovery, stage: usize) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let at = fresh(&mut frames, c)?;
    let now = current(&mut frames, &at, c, stage)?;
    let rank = build(&mut frames, &at, &c.stages[stage].rank, false)?;
    let limit: u64 = c.stages[stage].bound.parse().map_err(|_| misfit("a bound"))?;
    let limit: Vec<Lit> = (0..rank.len())
        .map(|b| Lit::constant(b < 64 && limit.checked_shr(b as u32).unwrap_or(0) & 1 == 1))
        .collect();
    let above = if rank.len() < 64
        && c.stages[stage].bound.parse::<u64>().is_ok_and(|l| l >> rank.len() != 0)
    {
        Lit::FALSE
    } else {
        frames.aig.less_word(&limit, &rank)
    };
    let bad = frames.aig.and(now, above);
    Ok(Obligation { name: format!("bound:{}", c.stages[stage].name), aig: frames.aig, bad })
}

fn documented(model: &Model, c: &Recovery, stage: usize) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let at = fresh(&mut frames, c)?;
    let now = current(&mut frames, &at, c, stage)?;
    let assume = frames.lit(at.frame, model.assume);
    let known = frames.lit(at.frame, model.documented);
    let bad = frames.aig.and_all([now, assume, !known]);
    Ok(Obligation { name: format!("documented:{}", c.stages[stage].name), aig: frames.aig, bad })
}

fn legal(model: &Model, c: &Recovery, stage: usize) -> Result<Obligation, KernelError> {
    if c.adversary_inputs.len() > crate::obligation::MAX_WORDS {
        return Err(misfit("too many input words"));
    }
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let blank = frames.fresh_inputs();
    let ctrl: Vec<Lit> = (0..c.controller.registers).map(|_| frames.aig.leaf()).collect();
    let at = Closed { frame: frames.frame(state.clone(), blank), ctrl: ctrl.clone() };
    let mut all = vec![current(&mut frames, &at, c, stage)?];
    for text in &c.adversary_inputs {
        let inputs = word(model, text)?;
        let tried =
            Closed { frame: frames.frame(state.clone(), inputs.clone()), ctrl: ctrl.clone() };
        drive(&mut frames, &tried, &c.controller, &inputs)?;
        let assume = frames.lit(tried.frame, model.assume);
        let granted = frames.lit(tried.frame, model.recovery_assume);
        all.push(!frames.aig.and(assume, granted));
    }
    let bad = frames.aig.and_all(all);
    Ok(Obligation { name: format!("legal:{}", c.stages[stage].name), aig: frames.aig, bad })
}

fn progress(
    model: &Model,
    service: usize,
    c: &Recovery,
    stage: usize,
) -> Result<Obligation, KernelError> {
    let complete = model.services[service].complete;
    let mut frames = Frames::new(model);
    let mut at = fresh(&mut frames, c)?;
    let mut all = vec![current(&mut frames, &at, c, stage)?];
    let rank = build(&mut frames, &at, &c.stages[stage].rank, false)?;
    for _ in 0..c.stages[stage].steps {
        let assume = frames.lit(at.frame, model.assume);
        let granted = frames.lit(at.frame, model.recovery_assume);
        let completes = frames.lit(at.frame, complete);
        all.extend([assume, granted, !completes]);
        let then = at.after(&mut frames, &c.controller)?;
        let holds = stages(&mut frames, &then, c)?;
        let lower = build(&mut frames, &then, &c.stages[stage].rank, false)?;
        let falls = frames.aig.less_word(&lower, &rank);
        let falls = frames.aig.and(holds[stage], falls);
        let later = frames.aig.or_all(holds[stage + 1..].iter().copied());
        all.push(!frames.aig.or(falls, later));
        at = then;
    }
    let bad = frames.aig.and_all(all);
    Ok(Obligation { name: format!("progress:{}", c.stages[stage].name), aig: frames.aig, bad })
}
