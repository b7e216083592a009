//! The words of a differing run that matter.
//!
//! Method: greedy. Of the cycles after reset, then of reset, each port's word is set to 0 if the kernel's
//! replay still shows the difference; what is left is marked as essential. Free registers of the delivered
//! part go to 0 all at once, if they may.
//! Cost: one replay per port and cycle, up to a limit. What it cannot see: shorter runs.

use crate::ports::ports;
use proof::certificate::Divergence;
use proof::equivalence::differs;
use proof::product::Product;

/// Most AND evaluations spent on replays.
const MOST: usize = 400_000_000;

/// The same difference with as few words as it needs, marked.
pub(crate) fn shorten(product: &Product, mut d: Divergence) -> Divergence {
    let model = &product.model;
    d.run.inputs.truncate(d.cycle as usize + 1);
    let mut left = MOST / (model.aig.len() * d.run.inputs.len()).max(1);
    let mut holds = |tried: &Divergence| {
        left = left.saturating_sub(1);
        left > 0 && differs(product, tried).is_ok()
    };
    let mut still = d.clone();
    still.run.power_up = model
        .state
        .iter()
        .zip(d.run.power_up.chars())
        .map(|(s, own)| match s.power_up {
            Some(_) => own,
            None => '0',
        })
        .collect();
    if holds(&still) {
        d = still;
    }
    for cycle in (0..d.run.inputs.len()).rev() {
        for port in ports(model) {
            let Some(word) = d.run.inputs[cycle].get(port.bits()) else { continue };
            if !word.contains('1') {
                continue;
            }
            let mut tried = d.clone();
            tried.run.inputs[cycle].replace_range(port.bits(), &"0".repeat(port.width));
            if holds(&tried) {
                d = tried;
            }
        }
    }
    d.run.essential = d.run.inputs.clone();
    d
}
