//! Objects of `design.hunt`: activations, and proofs that a net can never be active.
//!
//! The hunt's verdict is a judgement and stays one. What it says of single nets is not: *this run fires the
//! net*, *with the net held quiet this output would have been another*, *nothing ever fires it*. Each is
//! re-checked here.
//!
//! An activation is a run from power-up, through reset, within `assume`, in which the net shows its other
//! value in the cycle named, after reset. Its effect is shown by the same stimulus with the variable of
//! the net's literal held quiet in every cycle; that second run is hypothetical, so no assumption binds it.
//! Holding a variable holds every net that the netlist's graph merges with it. That a net is never active
//! is one obligation: a frame from *any* state under *any* input, `assume` not used, during reset or after.
//!
//! Cost: two replays an activation, one frame a proof. What it cannot see: whether the net belongs to a
//! hidden function; how the run was found.
//!
//! That no *run* makes a net active rests on an invariant like any proof: `init`, `step` and `legal` of it, a
//! replayed run beyond reset, and one obligation a net: within the invariant and `assume` it is quiet.

use crate::certificate::{Fired, Hunted, NetBit, NetRef};
use crate::circuit::Circuit;
use crate::frames::Frames;
use crate::model::Model;
use crate::obligation::{KernelError, Obligation, invariant, misfit, predicate};
use crate::replay::{replay, replay_held};
use netlist::Lit;

/// Most nets of one certificate.
const MAX_NETS: usize = 1024;

/// Replays the activations, derives an obligation for each net that is said never to be active. The kind is
/// that of the first activation.
pub(crate) fn obligations(
    model: &Model,
    h: &Hunted,
) -> Result<(Vec<Obligation>, Option<&'static str>), KernelError> {
    if !model.contract.hunt {
        return Err(misfit("the contract asks for no hunt"));
    }
    let excluded = h.excluded.as_ref().map_or(0, |e| e.nets.len());
    if h.fired.len() + h.never.len() + excluded > MAX_NETS {
        return Err(misfit(format!("more than {MAX_NETS} nets")));
    }
    for fired in &h.fired {
        activation(model, fired)?;
    }
    let never = h.never.iter().enumerate().map(|(i, bit)| never(model, i, bit));
    let kind = h.fired.first().map(|f| if f.effect.is_some() { "effect" } else { "fires" });
    let mut all = never.collect::<Result<Vec<_>, _>>()?;
    if let Some(e) = &h.excluded {
        if replay(model, &e.cover, |_| {})?.cycle() <= model.reset_cycles as usize {
            return Err(misfit("the run that shows that the assumptions can be met is empty"));
        }
        all.extend(invariant(model, &e.invariant, &e.legal_inputs)?);
        for (i, bit) in e.nets.iter().enumerate() {
            all.push(excluded_net(model, &e.invariant, i, bit)?);
        }
    }
    Ok((all, kind))
}

fn excluded_net(
    model: &Model,
    inv: &Circuit,
    index: usize,
    bit: &NetBit,
) -> Result<Obligation, KernelError> {
    let active = active(model, bit)?;
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state, inputs);
    let inside = predicate(&mut frames, now, inv)?;
    let assume = frames.lit(now, model.assume);
    let active = frames.lit(now, active);
    let bad = frames.aig.and_all([inside, assume, active]);
    Ok(Obligation { name: format!("excluded {index}"), aig: frames.aig, bad })
}

/// The literal that is true while the net is active.
///
/// # Errors
/// If there is no such net.
pub fn active(model: &Model, bit: &NetBit) -> Result<Lit, KernelError> {
    let lit = match &bit.net {
        NetRef::Named(name, at) => {
            let found = model.nets.binary_search_by(|n| n.name.as_str().cmp(name));
            let net = found.ok().and_then(|i| model.nets[i].bits.get(*at as usize));
            *net.ok_or_else(|| misfit(format!("there is no net `{name}` with a bit {at}")))?
        }
        NetRef::Variable(var) if (*var as usize) < model.aig.len() => Lit::new(*var, false),
        NetRef::Variable(var) => return Err(misfit(format!("there is no variable {var}"))),
    };
    Ok(lit.xor_sign(bit.quiet))
}

fn activation(model: &Model, fired: &Fired) -> Result<(), KernelError> {
    let active = active(model, &fired.bit)?;
    let length = fired.run.inputs.len();
    let (cycle, reset) = (fired.cycle as usize, model.reset_cycles as usize);
    if cycle < reset || cycle >= length {
        return Err(misfit("the cycle lies outside the run, or in reset"));
    }
    let effect = match &fired.effect {
        None => None,
        Some(e) if (e.cycle as usize) < length => {
            let found = model.observables.iter().find(|o| o.port == e.port && o.bit == e.bit);
            let lit =
                found.ok_or_else(|| misfit(format!("{}[{}] is no output", e.port, e.bit)))?.lit;
            Some((e.cycle as usize, lit))
        }
        Some(_) => return Err(misfit("the effect lies outside the run")),
    };
    let (mut fires, mut shown) = (false, [None; 2]);
    replay(model, &fired.run, |run| {
        fires |= run.cycle() == cycle && run.value(active);
        if let Some((_, lit)) = effect.filter(|e| e.0 == run.cycle()) {
            shown[0] = Some(run.value(lit));
        }
    })?;
    if !fires {
        return Err(misfit(format!("the net is not active in cycle {cycle}")));
    }
    let Some((at, lit)) = effect else { return Ok(()) };
    replay_held(model, &fired.run, !active, |run| {
        if run.cycle() == at {
            shown[1] = Some(run.value(lit));
        }
    })?;
    if shown[0] == shown[1] {
        return Err(misfit(format!("with the net held quiet nothing differs in cycle {at}")));
    }
    Ok(())
}

fn never(model: &Model, index: usize, bit: &NetBit) -> Result<Obligation, KernelError> {
    let active = active(model, bit)?;
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let after = frames.frame(state.clone(), inputs.clone());
    let mut bad = frames.lit(after, active);
    if model.reset_cycles > 0 {
        let during = frames.reset_frame(state, inputs);
        let too = frames.lit(during, active);
        bad = frames.aig.or(bad, too);
    }
    Ok(Obligation { name: format!("never {index}"), aig: frames.aig, bad })
}
