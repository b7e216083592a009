//! Growing a micro design from a seed.
//!
//! Method: inputs with roles, then features around the job (implants if asked for, harmless ones in
//! any case), then one of four job machines, then the rest of the contract, then a few random
//! perturbations so that nothing is as regular as its author thought.

use super::draft::Draft;
use super::{Gate, Micro, core, features, identity};

/// What is planted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Planted {
    /// Nothing.
    Nothing,
    /// A way to stop the part.
    Disable,
    /// A way to tell it apart.
    Leak,
}

/// The design of a seed.
pub fn grow(seed: u64, planted: Planted) -> Micro {
    let mut d = Draft::new(seed);
    core::inputs(&mut d);
    let identities = match d.chance.below(10) {
        0 if planted != Planted::Leak => 0,
        1 => 2,
        _ => 1,
    };
    if planted == Planted::Disable {
        match d.chance.below(6) {
            0 => features::kill_magic(&mut d),
            1 => features::lock_key(&mut d),
            2 => features::gate_strap(&mut d),
            3 => features::flood(&mut d),
            4 => features::stall(&mut d, true),
            _ => features::quota(&mut d),
        }
    }
    let more = if d.chance.percent(12) { 3 } else { d.chance.below(3) };
    for _ in 0..more {
        let room = if identities > 0 && d.chance.percent(85) { 9 } else { 13 };
        if d.m.registers.len() + 3 > room {
            break;
        }
        match d.chance.below(4) {
            0 => features::power_down(&mut d),
            1 => features::thermal(&mut d),
            2 => features::unreachable(&mut d),
            _ => features::stall(&mut d, false),
        }
    }
    // the job machine needs four registers at most, noise six
    for i in 0..identities {
        let used = d.m.registers.len();
        if used + 7 <= 16 {
            identity::identity(&mut d, planted == Planted::Leak && i == 0);
        }
    }
    let space = 16 - d.m.registers.len();
    match d.chance.below(10) {
        0..=4 => core::job(&mut d),
        5 | 6 => core::stages(&mut d),
        7 => core::heartbeat(&mut d),
        _ if space >= 6 => core::noise(&mut d),
        _ => core::stages(&mut d),
    }
    if d.room(1, 0) && d.chance.percent(12) {
        core::second(&mut d);
    }
    features::contract(&mut d);
    if d.chance.percent(25) {
        perturb(&mut d);
    }
    finish(d)
}

/// Makes one register do something else now and then.
fn perturb(d: &mut Draft) {
    let bit = d.chance.below(d.m.registers.len());
    let (cond, value) = (d.some_wire(), d.some_wire());
    // operands come earlier than this gate, whatever they are
    let old = d.m.registers[bit].next;
    d.m.registers[bit].next = d.mux(cond, value, old);
    d.m.features.push("perturbed");
}

/// Reset values become logic, or power-up values.
fn finish(mut d: Draft) -> Micro {
    let resets = d.m.reset.is_some();
    let without = d.chance.percent(12).then(|| d.chance.below(d.m.registers.len()));
    for i in 0..d.m.registers.len() {
        let value = d.initial[i].unwrap_or(false);
        let free = without == Some(i);
        let one = d.chance.percent(50);
        let declared = if resets { one } else { value };
        d.m.registers[i].power_up = (!free || d.chance.percent(30)).then_some(declared);
        if resets && !free {
            let next = d.m.registers[i].next;
            d.m.registers[i].next = if value {
                d.or(1, next)
            } else {
                let outside = d.not(1);
                d.and(outside, next)
            };
        }
    }
    debug_assert!(matches!(d.m.gates[1], Gate::Reset));
    d.m
}
