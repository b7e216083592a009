//! Witnesses of one run that is looked at once: a change, a difference from the reference, a net that fires.

use super::stimulus;
use crate::load::Design;
use crate::view::{self, MAX_CYCLES};
use proof::certificate::{Divergence, Fired, Trace, Unwritten};
use report::witness::{Witness, at};

pub(super) fn one_change(design: &Design, change: &Unwritten, witness: &mut Witness) -> Option<()> {
    if change.run.inputs.len() > MAX_CYCLES {
        return None;
    }
    let model = &design.model;
    let known = model.state.iter().any(|s| s.name == change.name);
    let registers = if known { vec![change.name.clone()] } else { Vec::new() };
    let run = view::run(design, "run", &change.run, &registers).ok()?;
    witness.cycle = u64::from(change.cycle) + 1;
    witness.stimulus = stimulus(&run, model.reset_cycles, &[], &[]);
    witness.observation = format!(
        "{}[{}] changes after cycle {}, which is none of its declared writers'",
        change.name, change.bit, change.cycle
    );
    witness.runs.push(run);
    Some(())
}

/// The delivered part's share of a run of both.
pub(crate) fn delivered(design: &Design, d: &Divergence) -> Option<Trace> {
    let product = design.model.reference.as_ref()?;
    let part = |text: &str, own: usize, all: usize| -> Option<String> {
        Some(format!("{:0<all$}", text.get(..own)?))
    };
    let (state, inputs) = (design.model.state.len(), design.model.inputs.len());
    let words = |all: &[String]| -> Option<Vec<String>> {
        all.iter().map(|w| part(w, product.delivered_inputs, inputs)).collect()
    };
    Some(Trace {
        power_up: part(&d.run.power_up, product.delivered_state, state)?,
        inputs: words(&d.run.inputs)?,
        essential: words(&d.run.essential)?,
    })
}

pub(super) fn one_difference(design: &Design, d: &Divergence, witness: &mut Witness) -> Option<()> {
    let product = design.model.reference.as_ref()?;
    let value = u8::from(proof::equivalence::differs(product, d).ok()?);
    let trace = delivered(design, d)?;
    if trace.inputs.len() > MAX_CYCLES {
        return None;
    }
    let run = view::run(design, "run", &trace, &[]).ok()?;
    witness.cycle = u64::from(d.cycle);
    witness.stimulus = stimulus(&run, design.model.reset_cycles, &[], &[]);
    witness.observation = format!(
        "bit {} of {} is {value} in cycle {}, the reference's is {}",
        d.bit,
        d.port,
        d.cycle,
        1 - value
    );
    witness.runs.push(run);
    Some(())
}

pub(super) fn one_firing(design: &Design, fired: &Fired, witness: &mut Witness) -> Option<()> {
    if fired.run.inputs.len() > MAX_CYCLES {
        return None;
    }
    let run = view::run(design, "run", &fired.run, &[]).ok()?;
    let (net, value) = (view::net_name(design, &fired.bit.net), u8::from(!fired.bit.quiet));
    witness.cycle = u64::from(fired.cycle);
    witness.stimulus = format!("{} cycles of inputs as recorded", fired.run.inputs.len());
    witness.observation = format!("{net} is {value} in cycle {}", fired.cycle);
    if let Some(e) = &fired.effect {
        let shown = run.signals.iter().find(|s| s.name == e.port);
        let shown = shown.and_then(|s| at(&s.values, u64::from(e.cycle))).unwrap_or("?");
        witness.observation += &format!(
            "; {} is 0x{shown} in cycle {}, with another bit {} if the net is held quiet",
            e.port, e.cycle, e.bit
        );
    }
    witness.runs.push(run);
    Some(())
}
