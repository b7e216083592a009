//! Obligations of `design.identity-leak`, proved.
//!
//! Claim: two parts that differ only in the identity item show the same observable outputs in every
//! cycle, under the same inputs, during reset too; inside a declassification window that releases
//! the item, the outputs it lists are excused.
//!
//! Certificate: which state bits may differ (all others are tied), which variables are equal although
//! their fan-ins may differ, and a further relation over both copies. Both copies are built through
//! one structural hash table in which a tied bit is one variable, so logic that depends on tied state
//! alone is one node in both copies and its equality needs no search. An equal variable is the left
//! one's in the right copy too, and that it equals its own value there is part of the relation: in
//! topological order, if all earlier ones are equal, the own value is the true one, so the relation
//! says exactly that all are, and where it holds the merged copy is the true copy. Obligations:
//!
//! * `reset`: from equal power-up states (the item apart) outputs agree in every cycle of reset;
//! * `init`: at the end of reset tied bits agree and the relation holds, whatever the inputs;
//! * `step`: one cycle later tied bits agree and the relation holds, whatever the inputs;
//! * `outputs`: observable outputs agree unless excused, and both copies agree on the conditions
//!   that open windows;
//! * `legal`: the assumptions never run out of inputs.
//!
//! Registers without reset are free but equal in both copies at power-up: the same part, another
//! identity. `assume` is required of the left copy only, which makes the proof stronger.

use crate::certificate::Relation;
use crate::circuit::{Circuit, CircuitError, Var};
use crate::frames::Frames;
use crate::model::{Model, StateKind};
use crate::obligation::{KernelError, MAX_WORDS, Obligation, misfit, word};
use crate::replay::replay_pair;
use netlist::{Lit, Node};

/// Derives all obligations; replays what can be replayed.
pub(crate) fn obligations(
    model: &Model,
    item: usize,
    c: &Relation,
) -> Result<Vec<Obligation>, KernelError> {
    let untied = untied(model, item, c)?;
    let ascending = c.equal.windows(2).all(|pair| pair[0] < pair[1]);
    let gate = |var: u32| (var as usize) < model.aig.len() && is_and(model, var);
    if !ascending || !c.equal.iter().all(|&var| gate(var)) {
        return Err(misfit("the equal variables are not ANDs in ascending order"));
    }
    for window in model.windows.iter().filter(|w| w.releases.contains(&item)) {
        let shown = c.declassified.iter().any(|pair| {
            window.observables.iter().any(|&o| {
                let seen = &model.observables[o];
                seen.port == pair.port && seen.bit == pair.bit
            }) && replay_pair(model, item, pair).is_ok_and(|d| d.released)
        });
        if !shown {
            return Err(misfit("no pair of runs shows the declassified item within its window"));
        }
    }
    let mut all = reset_and_init(model, item, c, &untied)?;
    all.push(step(model, item, c, &untied)?);
    all.push(outputs(model, item, c, &untied)?);
    all.push(legal(model, item, c, &untied)?);
    Ok(all)
}

fn is_and(model: &Model, var: u32) -> bool {
    matches!(model.aig.node(var), Node::And(..))
}

fn untied(model: &Model, item: usize, c: &Relation) -> Result<Vec<bool>, KernelError> {
    let mut untied = vec![false; model.state.len()];
    for &i in &c.untied {
        let bit = model.state.get(i as usize).ok_or_else(|| misfit("no such state bit"))?;
        match bit.kind {
            StateKind::Window(_) | StateKind::Constant => {
                return Err(misfit(format!("{} is the same in both copies", bit.name)));
            }
            StateKind::Identity(other) if other as usize != item => {
                return Err(misfit(format!("{} is another identity", bit.name)));
            }
            _ => untied[i as usize] = true,
        }
    }
    if model.identities[item].state.iter().any(|&i| !untied[i]) {
        return Err(misfit("a bit of the identity itself is tied"));
    }
    Ok(untied)
}

/// Input leaves of both copies: equal but for a sensor item's own bits.
fn paired_inputs(frames: &mut Frames<'_>, item: usize) -> (Vec<Lit>, Vec<Lit>) {
    let left = frames.fresh_inputs();
    let mut right = left.clone();
    for &i in &frames.model().identities[item].inputs {
        right[i] = frames.aig.leaf();
    }
    (left, right)
}

/// Both copies in a state in which tied bits are one leaf.
fn tied_frames(frames: &mut Frames<'_>, item: usize, untied: &[bool]) -> (usize, usize) {
    let left = frames.fresh_state();
    let right: Vec<Lit> = left
        .iter()
        .zip(untied)
        .map(|(&l, &free)| if free { frames.aig.leaf() } else { l })
        .collect();
    let (li, ri) = paired_inputs(frames, item);
    (frames.frame(left, li), frames.frame(right, ri))
}

/// The relation beyond ties in two frames: equal variables, merged, and the further relation.
fn related(
    frames: &mut Frames<'_>,
    c: &Relation,
    left: usize,
    right: usize,
) -> Result<Lit, CircuitError> {
    for &var in &c.equal {
        let value = frames.lit(left, Lit::new(var, false));
        frames.put(right, var, value);
    }
    let mut all = Vec::with_capacity(c.equal.len() + 1);
    for &var in &c.equal {
        let (l, own) = (frames.lit(left, Lit::new(var, false)), frames.own(right, var));
        all.push(frames.aig.iff(l, own));
    }
    all.push(extra(frames, &c.extra, left, right)?);
    Ok(frames.aig.and_all(all))
}

/// The further relation over the states of two frames.
fn extra(
    frames: &mut Frames<'_>,
    circuit: &Circuit,
    left: usize,
    right: usize,
) -> Result<Lit, CircuitError> {
    let bits = frames.model().state.len();
    let mut values = Vec::with_capacity(circuit.inputs.len());
    for &var in &circuit.inputs {
        values.push(match var {
            Var::Left(i) if (i as usize) < bits => Some(frames.state(left, i as usize)),
            Var::Right(i) if (i as usize) < bits => Some(frames.state(right, i as usize)),
            _ => None,
        });
    }
    let mut next = values.into_iter();
    circuit.build_one(&mut frames.aig, |_, _| next.next().flatten())
}

/// Tied bits differ, or the relation fails, in the states of two frames.
fn broken(
    frames: &mut Frames<'_>,
    c: &Relation,
    untied: &[bool],
    left: usize,
    right: usize,
) -> Result<Lit, CircuitError> {
    let mut differ = Vec::new();
    for (i, _) in untied.iter().enumerate().filter(|u| !u.1) {
        let (l, r) = (frames.state(left, i), frames.state(right, i));
        if l != r {
            differ.push(frames.aig.xor(l, r));
        }
    }
    differ.push(!related(frames, c, left, right)?);
    Ok(frames.aig.or_all(differ))
}

fn reset_and_init(
    model: &Model,
    item: usize,
    c: &Relation,
    untied: &[bool],
) -> Result<Vec<Obligation>, KernelError> {
    let mut frames = Frames::new(model);
    let left = frames.power_up_state();
    let mut right = left.clone();
    for &i in &model.identities[item].state {
        right[i] = frames.aig.leaf();
    }
    let mut at: Option<(usize, usize)> = None;
    let mut shown = Vec::new();
    for _ in 0..model.reset_cycles {
        let (li, ri) = paired_inputs(&mut frames, item);
        let pair = match at {
            None => (frames.reset_frame(left.clone(), li), frames.reset_frame(right.clone(), ri)),
            Some((l, r)) => (frames.reset_frame_after(l, li), frames.reset_frame_after(r, ri)),
        };
        for o in &model.observables {
            let (l, r) = (frames.lit(pair.0, o.lit), frames.lit(pair.1, o.lit));
            if l != r {
                shown.push(frames.aig.xor(l, r));
            }
        }
        at = Some(pair);
    }
    let (li, ri) = paired_inputs(&mut frames, item);
    let (l, r) = match at {
        None => (frames.frame(left, li), frames.frame(right, ri)),
        Some((l, r)) => (frames.frame_after(l, li), frames.frame_after(r, ri)),
    };
    let constants = frames.lit(l, model.assume_constants);
    let during = frames.aig.or_all(shown);
    let during = frames.aig.and(constants, during);
    let fails = broken(&mut frames, c, untied, l, r)?;
    let fails = frames.aig.and(constants, fails);
    let reset = Obligation { name: "reset".into(), aig: frames.aig.clone(), bad: during };
    Ok(vec![reset, Obligation { name: "init".into(), aig: frames.aig, bad: fails }])
}

fn step(
    model: &Model,
    item: usize,
    c: &Relation,
    untied: &[bool],
) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let (l, r) = tied_frames(&mut frames, item, untied);
    let holds = related(&mut frames, c, l, r)?;
    let assume = frames.lit(l, model.assume);
    let (li, ri) = paired_inputs(&mut frames, item);
    let (l2, r2) = (frames.frame_after(l, li), frames.frame_after(r, ri));
    let fails = broken(&mut frames, c, untied, l2, r2)?;
    let bad = frames.aig.and_all([holds, assume, fails]);
    Ok(Obligation { name: "step".into(), aig: frames.aig, bad })
}

fn outputs(
    model: &Model,
    item: usize,
    c: &Relation,
    untied: &[bool],
) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let (l, r) = tied_frames(&mut frames, item, untied);
    let holds = related(&mut frames, c, l, r)?;
    let assume = frames.lit(l, model.assume);
    let mut shown = Vec::new();
    for (number, o) in model.observables.iter().enumerate() {
        let (x, y) = (frames.lit(l, o.lit), frames.lit(r, o.lit));
        if x == y {
            continue;
        }
        let mut here = vec![frames.aig.xor(x, y)];
        for w in &model.windows {
            if w.releases.contains(&item) && w.observables.contains(&number) {
                here.push(!frames.lit(l, w.open));
            }
        }
        let here = frames.aig.and_all(here);
        shown.push(here);
    }
    for w in &model.windows {
        let (x, y) = (frames.lit(l, w.when), frames.lit(r, w.when));
        shown.push(frames.aig.xor(x, y));
    }
    let shown = frames.aig.or_all(shown);
    let bad = frames.aig.and_all([holds, assume, shown]);
    Ok(Obligation { name: "outputs".into(), aig: frames.aig, bad })
}

fn legal(
    model: &Model,
    item: usize,
    c: &Relation,
    untied: &[bool],
) -> Result<Obligation, KernelError> {
    if c.legal_inputs.len() > MAX_WORDS {
        return Err(misfit(format!("more than {MAX_WORDS} input words")));
    }
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let right: Vec<Lit> = state
        .iter()
        .zip(untied)
        .map(|(&l, &free)| if free { frames.aig.leaf() } else { l })
        .collect();
    let (li, ri) = paired_inputs(&mut frames, item);
    let (l, r) = (frames.frame(state.clone(), li), frames.frame(right, ri));
    let holds = related(&mut frames, c, l, r)?;
    let mut all = vec![holds, frames.lit(l, model.assume_constants)];
    for text in &c.legal_inputs {
        let inputs = word(model, text)?;
        let tried = frames.frame(state.clone(), inputs);
        all.push(!frames.lit(tried, model.assume));
    }
    let bad = frames.aig.and_all(all);
    Ok(Obligation { name: "legal".into(), aig: frames.aig, bad })
}
