//! Uses of an identity: leaks, and harmless ones that look alike.

use super::draft::Draft;
use super::{Identity, Window, Wire};

/// Makes an identity item and uses it harmlessly; `leak` plants a leak as well.
pub(super) fn identity(d: &mut Draft, leak: bool) {
    let number = d.m.identities.len() as u32;
    let width = 1 + d.chance.below(2) as u32;
    let name = if number == 0 { "uid" } else { "place" };
    let (sensor, port) = (d.chance.percent(20), d.chance.percent(30));
    d.m.identities.push(Identity { name: name.into(), width, sensor, port });
    let id: Vec<Wire> = (0..width).map(|b| d.gate(super::Gate::Identity(number, b))).collect();
    let bit = d.chance.one_of(&id);
    for _ in 0..1 + d.chance.below(2) {
        harmless(d, bit);
    }
    if leak {
        plant(d, bit);
    }
    if d.chance.percent(if leak { 15 } else { 30 }) {
        declassified(d, number as usize, bit);
    }
}

fn harmless(d: &mut Draft, bit: Wire) {
    match d.chance.below(6) {
        0 if d.room(2, 0) => {
            d.m.features.push("masked");
            let (mixed, mask) = (d.register("mixed", 1, 0)[0], d.register("mask", 1, 0)[0]);
            let key = d.some_literal();
            let next = d.xor(bit, key);
            d.load(&[mixed, mask], &[next, bit]);
            let show = d.xor(mixed, mask);
            show_on(d, "check", show);
        }
        1 if d.room(1, 0) => {
            d.m.features.push("parity");
            let parity = d.register("parity", 1, 0)[0];
            let next = d.xor(parity, bit);
            d.load(&[parity], &[next]);
            let port = d.output("inside", &[parity]);
            d.m.outputs[port].hidden = true;
        }
        2 => {
            d.m.features.push("select-equal");
            let (x, y, z) = (d.some_literal(), d.some_literal(), d.some_literal());
            let first = d.or(x, y);
            let first = d.and(first, z);
            let (xz, yz) = (d.and(x, z), d.and(y, z));
            let second = d.or(xz, yz);
            let show = d.mux(bit, first, second);
            show_on(d, "check", show);
        }
        3 if d.room(1, 0) => {
            d.m.features.push("latched-mask");
            let held = d.register("held", 1, 0)[0];
            d.load(&[held], &[bit]);
            let open = d.some_literal();
            let shut = d.not(open);
            let show = d.all(&[held, open, shut]);
            show_on(d, "check", show);
        }
        4 => {
            d.m.features.push("hidden-port");
            let port = d.output("fuse_out", &[bit]);
            d.m.outputs[port].hidden = true;
        }
        _ => {}
    }
}

/// Shows a wire on an output of its own, or mixed into one that exists.
fn show_on(d: &mut Draft, name: &str, wire: Wire) {
    match d.m.outputs.iter().position(|o| o.name == name) {
        Some(port) => {
            let old = d.m.outputs[port].wires[0];
            let both = d.xor(old, wire);
            d.m.outputs[port].wires[0] = both;
        }
        None => {
            d.output(name, &[wire]);
        }
    }
}

fn plant(d: &mut Draft, bit: Wire) {
    match d.chance.below(6) {
        0 => {
            d.m.features.push("leak-value");
            let cond = d.some_wire();
            let show = d.and(bit, cond);
            show_on(d, "status", show);
        }
        1 if d.room(1, 0) => {
            d.m.features.push("leak-late");
            let kept = d.register("kept", 1, 0)[0];
            let take = d.some_wire();
            let next = d.mux(take, bit, kept);
            d.load(&[kept], &[next]);
            let (a, b) = (d.some_literal(), d.some_literal());
            let show = d.all(&[kept, a, b]);
            show_on(d, "status", show);
        }
        2 if d.room(1, 0) => {
            d.m.features.push("leak-timing");
            let phase = d.register("phase", 1, 0)[0];
            let next = d.not(phase);
            d.load(&[phase], &[next]);
            let wait = d.and(bit, phase);
            if d.chance.percent(50) { d.hold.push(wait) } else { d.block.push(wait) }
        }
        3 if d.room(2, 0) => {
            d.m.features.push("leak-magic");
            let at = d.register("ask", 2, 0);
            let words: Vec<Wire> = (0..3).map(|_| d.hostile()).collect();
            let up = d.plus_one(&at);
            let full = d.is(&at, 3);
            let mut next = at.clone();
            for (step, &word) in words.iter().enumerate() {
                let here = d.is(&at, step as u64);
                let now = d.and(here, word);
                next = d.choose(now, &up, &next);
            }
            d.load(&at, &next);
            let show = d.and(full, bit);
            show_on(d, "status", show);
        }
        4 => {
            d.m.features.push("leak-reset");
            let in_reset = d.in_reset;
            let show = d.and(in_reset, bit);
            show_on(d, "status", show);
        }
        _ => {
            d.m.features.push("leak-mixed");
            let (a, b) = (d.some_literal(), d.some_literal());
            let mixed = d.xor(bit, a);
            let show = d.and(mixed, b);
            show_on(d, "status", show);
        }
    }
}

/// The owner may ask for it.
fn declassified(d: &mut Draft, item: usize, bit: Wire) {
    if !d.room(2, 0) {
        return;
    }
    d.m.features.push("declassified");
    let op = d.word("op").wires;
    let last = (1u64 << op.len()) - 1;
    let when = d.equals("op", last);
    let length = 1 + d.chance.below(2) as u32;
    let delay = d.chance.below(3) as u32;
    let mut asked = when.wire;
    for _ in 0..delay.min(2) {
        let stage = d.register("asked", 1, 0)[0];
        d.load(&[stage], &[asked]);
        asked = stage;
    }
    let show = d.and(asked, bit);
    show_on(d, "serial", show);
    let serial = d.m.outputs.iter().position(|o| o.name == "serial").unwrap_or(0);
    d.m.windows.push(Window { when, length, outputs: vec![serial], releases: vec![item] });
}
