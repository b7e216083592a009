//! What surrounds the job: implants, and the harmless logic they hide in.

use super::draft::Draft;
use super::{Condition, Listed, Role, Wire};

/// Adds a condition to one of the three places where service can be hindered.
fn hinder(d: &mut Draft, wire: Wire) {
    match d.chance.below(5) {
        0 => d.hold.push(wire),
        1 => d.mute.push(wire),
        _ => d.block.push(wire),
    }
}

/// A remote sequence is recognised; a sticky bit remembers it.
fn trigger(d: &mut Draft, steps: usize) -> Wire {
    let rx = d.word("rx").wires;
    let width = if steps > 2 { 2 } else { 1 };
    let at = d.register("seq", width, 0);
    let mut hit = d.zero;
    let mut next = d.constant(0, width);
    if d.chance.percent(30) {
        next.clone_from(&at);
    }
    for step in 0..steps {
        let here = d.is(&at, step as u64);
        let value = d.chance.below(1 << rx.len()) as u64;
        let word = d.is(&rx, value);
        let now = d.and(here, word);
        if step + 1 == steps {
            hit = now;
        } else {
            let to = d.constant(step as u64 + 1, width);
            next = d.choose(now, &to, &next);
        }
    }
    d.load(&at, &next);
    hit
}

fn sticky(d: &mut Draft, name: &str, set: Wire, clear: Wire) -> Wire {
    let bit = d.register(name, 1, 0)[0];
    let kept = d.and_not(bit, clear);
    let next = d.or(kept, set);
    d.load(&[bit], &[next]);
    bit
}

/// Dead for ever after a remote sequence.
pub(super) fn kill_magic(d: &mut Draft) {
    d.m.features.push("kill-magic");
    let steps = 1 + d.chance.below(4);
    let hit = trigger(d, steps);
    let zero = d.zero;
    let bit = sticky(d, "kill", hit, zero);
    hinder(d, bit);
}

/// Locked until an owner word that no manual names.
pub(super) fn lock_key(d: &mut Draft) {
    d.m.features.push("lock-key");
    let hit = d.hostile();
    let op = d.word("op").wires;
    let last = (1u64 << op.len()) - 1;
    let go = d.word("go").wires[0];
    let word = d.is(&op, last);
    let key = d.and(go, word);
    let bit = sticky(d, "locked", hit, key);
    if d.chance.percent(40)
        && let Some(first) = d.initial.last_mut()
    {
        *first = Some(true);
    }
    hinder(d, bit);
    let documented = d.differs("op", last);
    d.m.documented.push(documented);
}

/// Refuses to serve for one setting of the strap.
pub(super) fn gate_strap(d: &mut Draft) {
    d.m.features.push("gate-strap");
    let strap = match d.named("strap") {
        Some(bits) => bits[0],
        None if d.room(0, 1) => d.input("strap", 1, Role::Constant)[0],
        None => d.some_literal(),
    };
    let here = if d.chance.percent(50) { d.not(strap) } else { strap };
    if d.chance.percent(50) {
        let hit = d.hostile();
        let both = d.and(hit, here);
        let zero = d.zero;
        let bit = sticky(d, "region", both, zero);
        hinder(d, bit);
    } else {
        hinder(d, here);
    }
}

/// Remote traffic goes before the owner's.
pub(super) fn flood(d: &mut Draft) {
    d.m.features.push("flood");
    let rx = d.hostile();
    if d.chance.percent(50) {
        hinder(d, rx);
    } else {
        let full = d.register("fifo", 1, 0);
        d.load(&full, &[rx]);
        hinder(d, full[0]);
    }
}

/// A counter set by remote traffic; service waits until it has run down.
pub(super) fn stall(d: &mut Draft, planted: bool) {
    d.m.features.push(if planted { "stall" } else { "watchdog" });
    let width = if planted { 2 + d.chance.below(3) } else { 1 + d.chance.below(2) };
    let left = d.register("stall", width, 0);
    let idle = d.is(&left, 0);
    let mut hit = d.hostile();
    hit = d.and(hit, idle);
    if d.chance.percent(70) {
        // once only, or once after each owner word
        let rearm = if planted { d.zero } else { d.word("go").wires[0] };
        let used = sticky(d, "used", hit, rearm);
        hit = d.and_not(hit, used);
    }
    let most = d.constant((1 << width) - 1, width);
    let less = d.less_one(&left);
    let moved = d.choose(idle, &left, &less);
    let next = d.choose(hit, &most, &moved);
    d.load(&left, &next);
    let waiting = d.not(idle);
    hinder(d, waiting);
}

/// Only so many jobs.
pub(super) fn quota(d: &mut Draft) {
    d.m.features.push("quota");
    let width = 1 + d.chance.below(3);
    let used = d.register("quota", width, 0);
    let full = d.is(&used, (1 << width) - 1);
    let (go, other) = (d.word("go").wires[0], d.some_literal());
    let event = if d.chance.percent(50) { d.and(go, other) } else { go };
    let counts = d.and_not(event, full);
    let up = d.plus_one(&used);
    let next = d.choose(counts, &up, &used);
    d.load(&used, &next);
    hinder(d, full);
}

/// Documented power-down and wake; which of the words the manual names is left to chance.
pub(super) fn power_down(d: &mut Draft) {
    d.m.features.push("power-down");
    let op = d.word("op").wires;
    let go = d.word("go").wires[0];
    let last = (1u64 << op.len()) - 1;
    let wake_op = if op.len() == 2 { 2 } else { 0 };
    let word = d.is(&op, wake_op);
    let wake = d.and(go, word);
    let by_remote = d.chance.percent(50);
    let word = d.is(&op, last);
    let sleep = if by_remote { d.hostile() } else { d.and(go, word) };
    let sleep = d.and_not(sleep, wake);
    let bit = sticky(d, "asleep", sleep, wake);
    hinder(d, bit);
    match d.chance.below(5) {
        0 => {
            let text = format!("go = 1, op = {}'d{wake_op}", op.len());
            let step = Condition { text, wire: wake };
            let name = format!("wake{}", d.m.recoveries.len());
            d.m.recoveries.push(Listed { name, steps: vec![step] });
            let documented = d.differs("op", wake_op);
            d.m.documented.push(documented);
        }
        1 => {
            let documented = d.differs("op", wake_op);
            d.m.documented.push(documented);
        }
        2 => {
            let values: Vec<u64> = (0..=last).filter(|_| d.chance.percent(75)).collect();
            if !values.is_empty() {
                let documented = d.one_among("op", &values);
                d.m.documented.push(documented);
            }
        }
        _ => {}
    }
}

/// Heat throttles; perhaps the contract grants that it passes.
pub(super) fn thermal(d: &mut Draft) {
    let Some(env) = d.named("env") else { return };
    d.m.features.push("thermal");
    if d.chance.percent(50) {
        hinder(d, env[0]);
    } else {
        let hot = d.register("hot", 1, 0);
        d.load(&hot, &env);
        hinder(d, hot[0]);
    }
    if d.chance.percent(60) {
        let cool = d.equals("env", 0);
        d.m.recovery_assume.push(cool);
    }
}

/// A kill switch behind a state that never comes.
pub(super) fn unreachable(d: &mut Draft) {
    d.m.features.push("unreachable-kill");
    let (a, b) = (d.register("left", 1, 0)[0], d.register("right", 1, 1)[0]);
    let move_it = d.some_literal();
    let (next_a, next_b) = (d.mux(move_it, b, a), d.mux(move_it, a, b));
    d.load(&[a, b], &[next_a, next_b]);
    let never = d.and(a, b);
    if d.chance.percent(50) {
        let zero = d.zero;
        let bit = sticky(d, "ghost", never, zero);
        hinder(d, bit);
    } else {
        hinder(d, never);
    }
}

/// Conditions of the contract that no feature asked for.
pub(super) fn contract(d: &mut Draft) {
    if d.m.inputs.iter().any(|i| i.name == "strap") && d.chance.percent(25) {
        let value = d.chance.below(2) as u64;
        let fixed = d.equals("strap", value);
        d.m.assume.push(fixed);
    }
    if d.chance.percent(10) {
        let (go, rx) = (d.holds("go"), d.differs("rx", 1));
        let not_both = d.either(&rx, &go);
        d.m.assume.push(not_both);
    }
    if d.chance.percent(6) {
        let value = d.chance.below(2) as u64;
        let quiet = d.differs("rx", value);
        d.m.assume.push(quiet);
    }
    if d.m.identities.is_empty() && d.chance.percent(25) {
        // over an output: it may run out of legal inputs
        let ready = d.holds("valid");
        let rx = d.differs("rx", 0);
        let bound = d.either(&rx, &ready);
        d.m.assume.push(bound);
    }
    if d.m.recovery_assume.is_empty() && d.named("env").is_some() && d.chance.percent(30) {
        let env = d.holds("env");
        d.m.recovery_assume.push(env);
    } else if d.chance.percent(10) {
        let calm = d.equals("rx", 0);
        d.m.recovery_assume.push(calm);
    }
    if d.m.documented.is_empty() && d.chance.percent(15) {
        let (go, op) = (d.holds("go"), d.equals("op", 0));
        let (first, second) = (d.negated(&go), d.differs("op", 1));
        let known = if d.chance.percent(50) { d.either(&first, &op) } else { second };
        d.m.documented.push(known);
    }
    if d.chance.percent(6) {
        let (go, op) = (d.holds("go"), d.equals("op", 1));
        let not = d.negated(&go);
        let off = d.both(&not, &op);
        d.m.off = Some(off);
    }
}
