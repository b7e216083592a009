//! Obligations of `design.remote-disable`, refuted.
//!
//! Claim: a set D without service can be reached from reset and is not left — under every input
//! (`dead`), under every documented owner word (`lock`), under one behaviour of remote and
//! environment whatever the owner does (`leash`), or at least not within the bound (`overdue`).
//!
//! Certificate: D; for a leash the behaviour as a circuit over the state and the owner's word; for
//! overdue a potential ρ that falls by at most one per cycle while it is positive; and a run into D,
//! given cycle by cycle or accelerated (`timer`). Obligations:
//!
//! * `closed`: from D (ρ > 0) every cycle allowed stays in D, and ρ' ≥ ρ - 1;
//! * `no-service`: no tracked transaction completes in such a cycle;
//! * `adversary`: the behaviour of a leash satisfies `recovery_assume`, and it answers every owner word
//!   that can be answered within the rules: a move that breaks `assume` would take the word away from
//!   the owner instead of answering it;
//! * `legal`: in D there is always a legal move, so nothing is closed for want of inputs;
//! * `segment:N`, `link:N`, `tail` for accelerated runs (`accelerated`).
//!
//! A trace is replayed, and for overdue ρ at its end is at least `recover_within`. At least one run
//! completes the service: a part that never served is not disabled.

use crate::certificate::{Accelerated, ClosedSet, Entry, OwnerScope};
use crate::circuit::{CircuitError, Var};
use crate::frames::Frames;
use crate::model::{Model, StateKind};
use crate::obligation::{KernelError, MAX_WORDS, Obligation, misfit, over_state, predicate, word};
use crate::replay::{Run, completions, replay};
use netlist::{Aig, Lit};

/// Longest loop body, tail and list of segments of an accelerated run.
pub const MAX_BODY: usize = 1024;

/// Derives all obligations; replays what can be replayed. Returns the kind it proves as well.
pub(crate) fn obligations(
    model: &Model,
    service: usize,
    c: &ClosedSet,
) -> Result<(Vec<Obligation>, &'static str), KernelError> {
    let mut served = 0;
    for trace in &c.covers {
        served += completions(model, service, trace)?;
    }
    if served == 0 {
        return Err(misfit("no run shows the service complete at all"));
    }
    let mut all = vec![closed(model, service, c)?, no_service(model, service, c)?];
    if c.adversary.is_some() {
        all.push(adversary(model, c)?);
    }
    all.push(legal(model, c)?);
    match &c.entry {
        Entry::Trace(trace) => {
            let run = replay(model, trace, |_| ())?;
            inside(model, service, c, &run)?;
        }
        Entry::Accelerated(run) => all.extend(accelerated(model, service, c, run)?),
    }
    Ok((all, kind(model, c)))
}

/// The kind a certificate proves.
fn kind(model: &Model, c: &ClosedSet) -> &'static str {
    let constants = c.set.inputs.iter().any(|v| match v {
        Var::State(i) => {
            model.state.get(*i as usize).is_some_and(|s| s.kind == StateKind::Constant)
        }
        _ => false,
    });
    if matches!(c.entry, Entry::Accelerated(_)) {
        "timer"
    } else if c.potential.is_some() {
        "overdue"
    } else if c.adversary.is_some() || constants {
        "leash"
    } else if c.owner == OwnerScope::Documented {
        "lock"
    } else {
        "dead"
    }
}

/// The last state of a replayed run lies in D, with a fresh tracker and enough potential.
fn inside(model: &Model, service: usize, c: &ClosedSet, run: &Run<'_>) -> Result<(), KernelError> {
    if model.services[service].tracker.iter().any(|&t| run.state[t]) {
        return Err(misfit("a transaction is being tracked already at the end of the run"));
    }
    if run.circuit(&c.set)? != [true] {
        return Err(misfit("the run does not end in the closed set"));
    }
    if let Some(potential) = &c.potential {
        let bits = run.circuit(potential)?;
        let within = model.services[service].within;
        let high = bits.iter().skip(64).any(|&b| b);
        let low = bits.iter().take(64).rev().fold(0u64, |n, &b| n << 1 | u64::from(b));
        if !high && low < within {
            return Err(misfit(format!("the potential is {low}, the contract grants {within}")));
        }
    }
    Ok(())
}

/// One frame in D, inputs as the certificate allows: (frame, D ∧ ρ>0 ∧ assume ∧ documented, ρ).
fn in_set(
    frames: &mut Frames<'_>,
    c: &ClosedSet,
) -> Result<(usize, Lit, Option<Vec<Lit>>), KernelError> {
    let model = frames.model();
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state, inputs.clone());
    apply_adversary(frames, now, c, inputs)?;
    let mut all = vec![predicate(frames, now, &c.set)?, frames.lit(now, model.assume)];
    let potential = match &c.potential {
        Some(p) => {
            let bits = over_state(frames, now, p)?;
            all.push(frames.aig.or_all(bits.iter().copied()));
            Some(bits)
        }
        None => None,
    };
    if c.owner == OwnerScope::Documented {
        all.push(frames.lit(now, model.documented));
    }
    let here = frames.aig.and_all(all);
    Ok((now, here, potential))
}

/// Replaces the inputs that are not the owner's by the leash's behaviour.
fn apply_adversary(
    frames: &mut Frames<'_>,
    frame: usize,
    c: &ClosedSet,
    mut inputs: Vec<Lit>,
) -> Result<(), KernelError> {
    let Some(circuit) = &c.adversary else { return Ok(()) };
    let model = frames.model();
    let mut values = Vec::with_capacity(circuit.inputs.len());
    for &var in &circuit.inputs {
        values.push(match var {
            Var::State(i) if (i as usize) < model.state.len() => {
                Some(frames.state(frame, i as usize))
            }
            Var::Input(i) if model.inputs.get(i as usize).is_some_and(|b| b.role.is_owner()) => {
                inputs.get(i as usize).copied()
            }
            _ => None,
        });
    }
    let mut next = values.into_iter();
    let outputs = circuit.build(&mut frames.aig, |_, _| next.next().flatten())?;
    let others: Vec<usize> =
        (0..inputs.len()).filter(|&i| !model.inputs[i].role.is_owner()).collect();
    if outputs.len() != others.len() {
        return Err(misfit("the leash does not drive each input that is not the owner's once"));
    }
    for (at, lit) in others.into_iter().zip(outputs) {
        inputs[at] = lit;
    }
    frames.set_inputs(frame, inputs);
    Ok(())
}

fn closed(model: &Model, _service: usize, c: &ClosedSet) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let (now, here, potential) = in_set(&mut frames, c)?;
    let inputs = frames.fresh_inputs();
    let then = frames.frame_after(now, inputs);
    let mut stays = predicate(&mut frames, then, &c.set)?;
    if let (Some(p), Some(before)) = (&c.potential, potential) {
        let after = over_state(&mut frames, then, p)?;
        let least = decrement(&mut frames.aig, &before);
        let falls = frames.aig.less_word(&after, &least);
        stays = frames.aig.and(stays, !falls);
    }
    let bad = frames.aig.and(here, !stays);
    Ok(Obligation { name: "closed".into(), aig: frames.aig, bad })
}

fn no_service(model: &Model, service: usize, c: &ClosedSet) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let (now, here, _) = in_set(&mut frames, c)?;
    let complete = frames.lit(now, model.services[service].complete);
    let bad = frames.aig.and(here, complete);
    Ok(Obligation { name: "no-service".into(), aig: frames.aig, bad })
}

fn adversary(model: &Model, c: &ClosedSet) -> Result<Obligation, KernelError> {
    let mut frames = Frames::new(model);
    let (now, here, potential) = in_set(&mut frames, c)?;
    let granted = frames.lit(now, model.recovery_assume);
    // the same state and owner word, any other answer
    let state: Vec<Lit> = (0..model.state.len()).map(|i| frames.state(now, i)).collect();
    let answered = frames.inputs(now).to_vec();
    let mut inputs = frames.fresh_inputs();
    for (slot, (bit, &lit)) in inputs.iter_mut().zip(model.inputs.iter().zip(&answered)) {
        if bit.role.is_owner() {
            *slot = lit;
        }
    }
    let other = frames.frame(state, inputs);
    let mut playable = vec![
        predicate(&mut frames, now, &c.set)?,
        frames.lit(other, model.assume),
        frames.lit(other, model.recovery_assume),
    ];
    if c.owner == OwnerScope::Documented {
        playable.push(frames.lit(other, model.documented));
    }
    if let Some(bits) = potential {
        playable.push(frames.aig.or_all(bits));
    }
    let playable = frames.aig.and_all(playable);
    let some = frames.aig.or(here, playable);
    let fair = frames.aig.and(here, granted);
    let bad = frames.aig.and(some, !fair);
    Ok(Obligation { name: "adversary".into(), aig: frames.aig, bad })
}

fn legal(model: &Model, c: &ClosedSet) -> Result<Obligation, KernelError> {
    if c.legal_inputs.len() > MAX_WORDS {
        return Err(misfit(format!("more than {MAX_WORDS} input words")));
    }
    let mut frames = Frames::new(model);
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state.clone(), inputs);
    let mut all =
        vec![predicate(&mut frames, now, &c.set)?, frames.lit(now, model.assume_constants)];
    for text in &c.legal_inputs {
        let inputs = word(model, text)?;
        let tried = frames.frame(state.clone(), inputs.clone());
        apply_adversary(&mut frames, tried, c, inputs)?;
        let mut ok =
            vec![frames.lit(tried, model.assume), frames.lit(tried, model.recovery_assume)];
        if c.owner == OwnerScope::Documented {
            ok.push(frames.lit(tried, model.documented));
        }
        let ok = frames.aig.and_all(ok);
        all.push(!ok);
    }
    let bad = frames.aig.and_all(all);
    Ok(Obligation { name: "legal".into(), aig: frames.aig, bad })
}

/// `word - 1` for a word that is not 0.
fn decrement(aig: &mut Aig, word: &[Lit]) -> Vec<Lit> {
    let mut borrow = Lit::TRUE;
    word.iter()
        .map(|&bit| {
            let out = aig.xor(bit, borrow);
            borrow = aig.and(borrow, !bit);
            out
        })
        .collect()
}

/// The prefix is replayed into the first segment; each body keeps `holds` and lowers the counter by
/// exactly one while it is not 0 (`segment:N`); the end of a segment lies at the start of the next
/// (`link:N`); from every state at the end of the last the tail leads into D (`tail`). Induction on
/// the counter gives the run of `repeat` bodies without writing it down.
fn accelerated(
    model: &Model,
    service: usize,
    c: &ClosedSet,
    run: &Accelerated,
) -> Result<Vec<Obligation>, KernelError> {
    let Some(first) = run.segments.first() else { return Err(misfit("no segment")) };
    if run.segments.len() > MAX_BODY
        || run.tail.len() > MAX_BODY
        || run.segments.iter().any(|s| s.body.is_empty() || s.body.len() > MAX_BODY)
    {
        return Err(misfit("an accelerated run is out of limits"));
    }
    let end = replay(model, &run.prefix, |_| ())?;
    if end.circuit(&first.holds)? != [true] {
        return Err(misfit("the prefix does not end in the first segment"));
    }
    if big(&end.circuit(&first.counter)?)? != repeat(&first.repeat)? {
        return Err(misfit("the first segment's counter is not at its number of repetitions"));
    }
    let mut all = Vec::new();
    for (n, segment) in run.segments.iter().enumerate() {
        let mut frames = Frames::new(model);
        let (start, holds, counter) = at_segment(&mut frames, segment)?;
        let running = frames.aig.or_all(counter.iter().copied());
        let (end, legal) = follow(&mut frames, start, &segment.body)?;
        let again = predicate(&mut frames, end, &segment.holds)?;
        let after = over_state(&mut frames, end, &segment.counter)?;
        let less = decrement(&mut frames.aig, &counter);
        let exact = frames.aig.eq_word(&after, &less);
        let good = frames.aig.and_all([legal, again, exact]);
        let bad = frames.aig.and_all([holds, running, !good]);
        all.push(Obligation { name: format!("segment:{n}"), aig: frames.aig, bad });
        if let Some(next) = run.segments.get(n + 1) {
            let mut frames = Frames::new(model);
            let (start, holds, counter) = at_segment(&mut frames, segment)?;
            let running = frames.aig.or_all(counter);
            let begins = predicate(&mut frames, start, &next.holds)?;
            let value = over_state(&mut frames, start, &next.counter)?;
            let wanted = repeat(&next.repeat)?;
            let wanted: Vec<Lit> =
                (0..value.len()).map(|b| Lit::constant(b < 128 && wanted >> b & 1 == 1)).collect();
            let at = frames.aig.eq_word(&value, &wanted);
            let good = frames.aig.and(begins, at);
            let bad = frames.aig.and_all([holds, !running, !good]);
            all.push(Obligation { name: format!("link:{n}"), aig: frames.aig, bad });
        }
    }
    if let Some(last) = run.segments.last() {
        let mut frames = Frames::new(model);
        let (start, holds, counter) = at_segment(&mut frames, last)?;
        let running = frames.aig.or_all(counter);
        let (end, legal) = follow(&mut frames, start, &run.tail)?;
        let mut good = vec![legal, predicate(&mut frames, end, &c.set)?];
        for &bit in &model.services[service].tracker {
            good.push(!frames.state(end, bit));
        }
        if let Some(p) = &c.potential {
            let value = over_state(&mut frames, end, p)?;
            let within = model.services[service].within;
            let within: Vec<Lit> =
                (0..value.len()).map(|b| Lit::constant(b < 64 && within >> b & 1 == 1)).collect();
            good.push(!frames.aig.less_word(&value, &within));
            if within.len() < 64 && model.services[service].within >> within.len() != 0 {
                return Err(misfit("the potential is too narrow"));
            }
        }
        let good = frames.aig.and_all(good);
        let bad = frames.aig.and_all([holds, !running, !good]);
        all.push(Obligation { name: "tail".into(), aig: frames.aig, bad });
    }
    Ok(all)
}

fn at_segment(
    frames: &mut Frames<'_>,
    segment: &crate::certificate::Segment,
) -> Result<(usize, Lit, Vec<Lit>), CircuitError> {
    let state = frames.fresh_state();
    let inputs = frames.fresh_inputs();
    let start = frames.frame(state, inputs);
    let holds = predicate(frames, start, &segment.holds)?;
    let counter = over_state(frames, start, &segment.counter)?;
    Ok((start, holds, counter))
}

/// Follows input words from `start`: the frame after them, and `assume` in each of the cycles.
fn follow(
    frames: &mut Frames<'_>,
    start: usize,
    words: &[String],
) -> Result<(usize, Lit), KernelError> {
    let model = frames.model();
    let mut at = start;
    let mut legal = Vec::new();
    for text in words {
        let inputs = word(model, text)?;
        frames.set_inputs(at, inputs);
        legal.push(frames.lit(at, model.assume));
        let inputs = frames.fresh_inputs();
        at = frames.frame_after(at, inputs);
    }
    let legal = frames.aig.and_all(legal);
    Ok((at, legal))
}

fn big(bits: &[bool]) -> Result<u128, KernelError> {
    if bits.iter().skip(128).any(|&b| b) {
        return Err(misfit("a counter exceeds 128 bits"));
    }
    Ok(bits.iter().take(128).rev().fold(0, |n, &b| n << 1 | u128::from(b)))
}

fn repeat(text: &str) -> Result<u128, KernelError> {
    text.parse().map_err(|_| misfit("a number of repetitions is not a number"))
}

/// Cycles of an accelerated run, from power-up to the closed set.
///
/// # Errors
/// If a number of repetitions is not a number, or the sum overflows.
pub fn accelerated_cycles(run: &Accelerated) -> Result<u128, KernelError> {
    let mut total = (run.prefix.inputs.len() + run.tail.len()) as u128;
    for s in &run.segments {
        total = repeat(&s.repeat)?
            .checked_mul(s.body.len() as u128)
            .and_then(|n| n.checked_add(total))
            .ok_or_else(|| misfit("the run is too long to count"))?;
    }
    Ok(total)
}
