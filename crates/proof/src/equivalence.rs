//! Obligations of `design.compare`, and the replay of a difference.
//!
//! Claim: whatever state the delivered netlist powers up in, its reference can power up so that from the
//! end of the reset sequence on, under the same inputs within `assume`, both show the same values at every
//! output in every cycle.
//!
//! Certificate, proved: a *choice*, delivered bits or constants that registers of the reference without
//! declared power-up value equal at power-up (those not chosen are in any state); *ties*, state bits of either part that equal an earlier one, its complement or a
//! constant (van Eijk, DATE 1998); and *merges*, ANDs that then equal an earlier literal. A tied
//! bit is no variable of its own, and a merged AND is the literal it equals, so that most of both parts
//! becomes one graph. With tied state and `assume`, evaluated on the graph without merges, obligations are:
//!
//! * `init`: the ties hold at the end of reset;
//! * `merge`: every merged AND, computed from its fan-ins, equals its literal. By induction along the
//!   graph the one with merges then has the values of the one without;
//! * `step`: one cycle later the ties hold;
//! * `outputs`: no output differs;
//! * `legal`: the assumptions never run out of inputs. A replayed run shows that they can be met at all.
//!
//! Certificate, refuted: a run at whose end an output differs ([`differs`]). What the reference alone
//! leaves open (registers without power-up value, inputs and undriven bits of its own) is *unknown* in
//! a three-valued replay, so the difference is there whatever they are.
//!
//! Cost: as `step` of a certificate of one part. What it cannot see: outputs during reset.

use crate::certificate::{Divergence, Equivalence};
use crate::frames::Frames;
use crate::model::Place;
use crate::obligation::{KernelError, MAX_WORDS, Obligation, misfit, word};
use crate::product::Product;
use crate::replay::{parse_bits, replay};
use netlist::{Lit, Node, Ternary, Trits};

/// Derives all obligations; replays the run.
pub(crate) fn obligations(
    product: &Product,
    c: &Equivalence,
) -> Result<Vec<Obligation>, KernelError> {
    let model = &product.model;
    if let Some(first) = model.unsupported.first() {
        return Err(misfit(format!("a netlist has a construct that is not modelled: {first}")));
    }
    if let Some(first) = product.lone_outputs.first() {
        return Err(misfit(format!("an output cannot be compared: {first}")));
    }
    shape(product, c)?;
    if replay(model, &c.cover, |_| {})?.cycle() <= model.reset_cycles as usize {
        return Err(misfit("the run that shows that the assumptions can be met is empty"));
    }
    let legal = legal(product, c)?;
    Ok(vec![init(product, c), merge(product, c), step(product, c), outputs(product, c), legal])
}

/// Chosen bits are the reference's and free; ties and merges point backwards only.
fn shape(product: &Product, c: &Equivalence) -> Result<(), KernelError> {
    let model = &product.model;
    let mut last = None;
    for &[bit, code] in &c.choice {
        let theirs = bit as usize >= product.delivered_state;
        let free = model.state.get(bit as usize).is_some_and(|s| s.power_up.is_none());
        let known = (code >> 1) as usize <= product.delivered_state;
        if !theirs || !free || !known || last >= Some(bit) {
            return Err(misfit(format!("state bit {bit} cannot be chosen as {code}")));
        }
        last = Some(bit);
    }
    let mut tied = vec![false; model.state.len()];
    let mut last = None;
    for &[bit, code] in &c.ties {
        let known = (code >> 1) as usize;
        let before = known == 0 || known <= bit as usize && !tied[known - 1];
        if (bit as usize) >= tied.len() || last >= Some(bit) || !before {
            return Err(misfit(format!("state bit {bit} cannot be tied to {code}")));
        }
        tied[bit as usize] = true;
        last = Some(bit);
    }
    let mut last = None;
    for &[var, code] in &c.merges {
        let and = (var as usize) < model.aig.len() && matches!(model.aig.node(var), Node::And(..));
        if !and || last >= Some(var) || code >> 1 >= var {
            return Err(misfit(format!("variable {var} cannot be merged with {code}")));
        }
        last = Some(var);
    }
    Ok(())
}

/// The literal that a tied bit equals, given the state.
fn tie(state: &[Lit], code: u32) -> Lit {
    let known = (code >> 1) as usize;
    let lit = if known == 0 { Lit::FALSE } else { state[known - 1] };
    lit.xor_sign(code & 1 == 1)
}

/// A state in which all ties hold.
fn tied_state(frames: &mut Frames<'_>, c: &Equivalence) -> Vec<Lit> {
    let mut state = frames.fresh_state();
    for &[bit, code] in &c.ties {
        state[bit as usize] = tie(&state, code);
    }
    state
}

/// A tie fails in the state of a frame.
fn broken(frames: &mut Frames<'_>, c: &Equivalence, frame: usize) -> Lit {
    let mut differ = Vec::new();
    for &[bit, code] in &c.ties {
        let own = frames.state(frame, bit as usize);
        let known = (code >> 1) as usize;
        let other = if known == 0 { Lit::FALSE } else { frames.state(frame, known - 1) };
        let other = other.xor_sign(code & 1 == 1);
        if own != other {
            differ.push(frames.aig.xor(own, other));
        }
    }
    frames.aig.or_all(differ)
}

/// A frame of a tied state with merges, and `assume` in the same cycle without them.
fn merged(frames: &mut Frames<'_>, product: &Product, c: &Equivalence) -> (usize, Lit) {
    let state = tied_state(frames, c);
    let inputs = frames.fresh_inputs();
    let plain = frames.frame(state.clone(), inputs.clone());
    let assume = frames.lit(plain, product.model.assume);
    let now = frames.frame(state, inputs);
    for &[var, code] in &c.merges {
        let value = frames.lit(now, Lit::from_code(code));
        frames.put(now, var, value);
    }
    (now, assume)
}

fn init(product: &Product, c: &Equivalence) -> Obligation {
    let mut frames = Frames::new(&product.model);
    let mut power_up = frames.power_up_state();
    for &[bit, code] in &c.choice {
        power_up[bit as usize] = tie(&power_up, code);
    }
    let (_, first) = frames.init_from(power_up);
    let constants = frames.lit(first, product.model.assume_constants);
    let broken = broken(&mut frames, c, first);
    let bad = frames.aig.and(constants, broken);
    Obligation { name: "init".into(), aig: frames.aig, bad }
}

fn merge(product: &Product, c: &Equivalence) -> Obligation {
    let mut frames = Frames::new(&product.model);
    let (now, assume) = merged(&mut frames, product, c);
    let mut differ = Vec::new();
    for &[var, code] in &c.merges {
        let (own, other) = (frames.own(now, var), frames.lit(now, Lit::from_code(code)));
        if own != other {
            differ.push(frames.aig.xor(own, other));
        }
    }
    let any = frames.aig.or_all(differ);
    let bad = frames.aig.and(assume, any);
    Obligation { name: "merge".into(), aig: frames.aig, bad }
}

fn step(product: &Product, c: &Equivalence) -> Obligation {
    let mut frames = Frames::new(&product.model);
    let (now, assume) = merged(&mut frames, product, c);
    let inputs = frames.fresh_inputs();
    let then = frames.frame_after(now, inputs);
    let broken = broken(&mut frames, c, then);
    let bad = frames.aig.and(assume, broken);
    Obligation { name: "step".into(), aig: frames.aig, bad }
}

fn outputs(product: &Product, c: &Equivalence) -> Obligation {
    let mut frames = Frames::new(&product.model);
    let (now, assume) = merged(&mut frames, product, c);
    let mut differ = Vec::new();
    for o in &product.outputs {
        let (x, y) = (frames.lit(now, o.delivered), frames.lit(now, o.reference));
        if x != y {
            differ.push(frames.aig.xor(x, y));
        }
    }
    let any = frames.aig.or_all(differ);
    let bad = frames.aig.and(assume, any);
    Obligation { name: "outputs".into(), aig: frames.aig, bad }
}

fn legal(product: &Product, c: &Equivalence) -> Result<Obligation, KernelError> {
    let model = &product.model;
    if c.legal_inputs.len() > MAX_WORDS {
        return Err(misfit(format!("more than {MAX_WORDS} input words")));
    }
    let mut frames = Frames::new(model);
    let state = tied_state(&mut frames, c);
    let inputs = frames.fresh_inputs();
    let now = frames.frame(state.clone(), inputs);
    let mut all = vec![frames.lit(now, model.assume_constants)];
    for text in &c.legal_inputs {
        let inputs = word(model, text)?;
        let tried = frames.frame(state.clone(), inputs);
        all.push(!frames.lit(tried, model.assume));
    }
    let bad = frames.aig.and_all(all);
    Ok(Obligation { name: "legal".into(), aig: frames.aig, bad })
}

/// Replays a run and shows that the output named differs in the cycle named, whatever the reference
/// leaves open. The values of the delivered part's output and of the reference's are each other's
/// complement; the former is returned.
///
/// # Errors
/// If the run breaks an assumption, or the output does not surely differ.
pub fn differs(product: &Product, d: &Divergence) -> Result<bool, KernelError> {
    let model = &product.model;
    if let Some(first) = model.unsupported.first() {
        return Err(misfit(format!("a netlist has a construct that is not modelled: {first}")));
    }
    let output = product
        .outputs
        .iter()
        .find(|o| o.port == d.port && o.bit == d.bit)
        .ok_or_else(|| misfit(format!("{}[{}] is no output of both", d.port, d.bit)))?;
    let (cycle, reset) = (d.cycle as usize, model.reset_cycles as usize);
    if cycle < reset || cycle >= d.run.inputs.len() {
        return Err(misfit("the cycle lies outside the run, or in reset"));
    }
    replay(model, &d.run, |_| {})?;
    let power_up = parse_bits(&d.run.power_up, model.state.len(), "the power-up state")?;
    let mut ternary = Ternary::new(&model.aig);
    for (i, bit) in model.state.iter().enumerate() {
        let known = i < product.delivered_state || bit.power_up.is_some();
        ternary.set(bit.lit, Trits::splat(known.then_some(power_up[i])));
    }
    let registers: Vec<(Lit, Lit)> = model.state.iter().map(|s| (s.lit, s.next)).collect();
    for (now, text) in d.run.inputs.iter().take(cycle + 1).enumerate() {
        let inputs = parse_bits(text, model.inputs.len(), "an input word")?;
        for (i, bit) in model.inputs.iter().enumerate() {
            let known = i < product.delivered_inputs;
            ternary.set(bit.lit, Trits::splat(known.then_some(inputs[i])));
        }
        for (leaf, _) in model.places.iter().enumerate().filter(|p| *p.1 == Place::Reset) {
            if let Some(lit) = model.aig.leaf_lit(leaf) {
                ternary.set(lit, Trits::splat(Some((now < reset) == model.reset_active)));
            }
        }
        if now < cycle {
            ternary.step(&model.aig, &registers);
        }
    }
    ternary.run(&model.aig);
    let value = |lit: Lit| ternary.value(lit).at(0);
    match (value(output.delivered), value(output.reference)) {
        (Some(x), Some(y)) if x != y => Ok(x),
        _ => Err(misfit(format!("the output does not surely differ in cycle {cycle}"))),
    }
}
