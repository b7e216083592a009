//! What the part is for: job machines of several shapes, and the contract of their service.

use super::draft::Draft;
use super::{Role, Service};

/// The inputs nearly every design has.
pub(super) fn inputs(d: &mut Draft) {
    d.input("go", 1, Role::Owner);
    let wide = d.chance.percent(60);
    d.input("op", if wide { 2 } else { 1 }, Role::Owner);
    let role = d.chance.one_of(&[Role::Remote, Role::Remote, Role::Unnamed]);
    let width = 1 + d.chance.below(2) as u32;
    d.input("rx", width, role);
    let more = [("env", Role::Environment), ("strap", Role::Constant), ("float", Role::Undriven)];
    let share = [40, 30, 12];
    for ((name, role), share) in more.into_iter().zip(share) {
        if d.room(0, 1) && d.chance.percent(share) {
            d.input(name, 1, role);
        }
    }
}

/// Jobs with a counter, perhaps tagged, perhaps answered by handshake.
pub(super) fn job(d: &mut Draft) {
    let go = d.word("go").wires[0];
    let op = d.word("op").wires;
    let width = 1 + d.chance.below(2);
    let tagged = op.len() == 2 && d.chance.percent(25);
    let busy = d.register("busy", 1, 0)[0];
    let count = d.register("count", width, 0);
    let tag = if tagged { d.register("tag", 1, 0) } else { Vec::new() };
    let blocks = d.block.clone();
    let blocked = d.any(&blocks);
    let holds = d.hold.clone();
    let held = d.any(&holds);
    let mutes = d.mute.clone();
    let silent = d.any(&mutes);
    let idle = d.not(busy);
    let ready = d.and_not(idle, blocked);
    let start_op = u64::from(!tagged && d.chance.percent(70));
    let asked = if tagged { d.is(&op[1..], 0) } else { d.is(&op, start_op) };
    let want = d.and(go, asked);
    let accept = d.and(want, ready);
    let over = d.is(&count, 0);
    let mut finish = d.and(busy, over);
    finish = d.and_not(finish, held);
    let handshake = d.chance.percent(30).then(|| d.named("env")).flatten();
    if let Some(env) = &handshake {
        finish = d.and(finish, env[0]);
    }
    let loses = d.chance.percent(50);
    let valid = d.and_not(finish, silent);
    let leaves = if loses { finish } else { valid };
    let stays = d.and_not(busy, leaves);
    let next_busy = d.or(accept, stays);
    d.load(&[busy], &[next_busy]);
    let most = (1 << width) - 1;
    let length = d.chance.below(most as usize + 1) as u64;
    let reload = d.constant(length, width);
    let less = d.less_one(&count);
    let stop = d.or(over, held);
    let moved = d.choose(stop, &count, &less);
    let next = d.choose(accept, &reload, &moved);
    d.load(&count, &next);
    if tagged {
        let next = d.choose(accept, &op[..1], &tag);
        d.load(&tag, &next);
    }
    d.output("ready", &[ready]);
    d.output("valid", &[valid]);
    if tagged {
        let mut shown = tag[0];
        if d.chance.percent(20) {
            let spoil = d.hostile();
            shown = d.xor(shown, spoil);
        }
        d.output("rtag", &[shown]);
    }
    let go = d.holds("go");
    let ready = d.holds("ready");
    let mut start = if d.chance.percent(85) { d.both(&go, &ready) } else { go };
    if !tagged {
        let op = d.equals("op", start_op);
        start = d.both(&start, &op);
    } else {
        let op = d.one_among("op", &[0, 1]);
        start = d.both(&start, &op);
    }
    let mut done = d.holds("valid");
    if handshake.is_some() && d.chance.percent(50) {
        let env = d.holds("env");
        done = d.both(&done, &env);
    }
    let tag = tagged.then(|| {
        let mut sent = d.word("op");
        sent.text = "op[0]".into();
        sent.wires.truncate(1);
        [sent, d.word("rtag")]
    });
    let within = within(d, 4 + length);
    d.m.services.push(Service { name: "job".into(), start: Some(start), done, tag, within });
}

/// A staged machine: idle, load, run, drain in two bits, without a counter.
pub(super) fn stages(d: &mut Draft) {
    let go = d.word("go").wires[0];
    let op = d.word("op").wires;
    let state = d.register("stage", 2, 0);
    let at: Vec<_> = (0..4).map(|v| d.is(&state, v)).collect();
    let blocks = d.block.clone();
    let blocked = d.any(&blocks);
    let holds = d.hold.clone();
    let held = d.any(&holds);
    let mutes = d.mute.clone();
    let silent = d.any(&mutes);
    let wanted = d.and(go, op[0]);
    let accept = d.and_not(wanted, blocked);
    let begin = d.and(at[0], accept);
    let runs = d.not(at[0]);
    let runs = d.and_not(runs, held);
    let moves = d.or(begin, runs);
    let up = d.plus_one(&state);
    let next = d.choose(moves, &up, &state);
    d.load(&state, &next);
    let drain = d.and(at[3], runs);
    let valid = d.and_not(drain, silent);
    d.output("ready", &[at[0]]);
    d.output("valid", &[valid]);
    let (go, ready) = (d.holds("go"), d.holds("ready"));
    let start = if d.chance.percent(50) { Some(d.both(&go, &ready)) } else { Some(go) };
    let start = if d.chance.percent(20) { None } else { start };
    let done = d.holds("valid");
    let within = within(d, 7);
    d.m.services.push(Service { name: "job".into(), start, done, tag: None, within });
}

/// A heartbeat: alive as long as nothing blocks it.
pub(super) fn heartbeat(d: &mut Draft) {
    let width = 1 + d.chance.below(2);
    let beat = d.register("beat", width, 0);
    let blocks: Vec<_> = d.block.iter().chain(&d.hold).copied().collect();
    let stopped = d.any(&blocks);
    let up = d.plus_one(&beat);
    let mut next = d.choose(stopped, &beat, &up);
    if d.chance.percent(30) {
        let go = d.word("go").wires[0];
        next = d.choose(go, &beat, &next);
    }
    d.load(&beat, &next);
    let full = d.is(&beat, (1 << width) - 1);
    let mutes = d.mute.clone();
    let silent = d.any(&mutes);
    let mut alive = d.and_not(full, silent);
    if d.chance.percent(50) {
        alive = d.and_not(alive, stopped);
    }
    d.output("valid", &[alive]);
    let done = d.holds("valid");
    let start = d.chance.percent(30).then(|| d.holds("go"));
    let within = within(d, (1 << width) + 2);
    d.m.services.push(Service { name: "alive".into(), start, done, tag: None, within });
}

/// Registers with next states of random gates.
pub(super) fn noise(d: &mut Draft) {
    let count = 3 + d.chance.below(4);
    let state = d.register("s", count, 0);
    for _ in 0..8 + d.chance.below(12) {
        let (a, b) = (d.some_wire(), d.some_wire());
        match d.chance.below(6) {
            0 => d.and_not(a, b),
            1 => d.or(a, b),
            2 => d.xor(a, b),
            3 => d.not(a),
            4 => {
                let c = d.some_wire();
                d.mux(a, b, c)
            }
            _ => d.and(a, b),
        };
    }
    let next: Vec<_> = state
        .iter()
        .map(|&old| {
            let (c, a) = (d.some_wire(), d.some_wire());
            if d.chance.percent(60) { d.mux(c, a, old) } else { a }
        })
        .collect();
    d.load(&state, &next);
    let all: Vec<_> = d.block.iter().chain(&d.hold).chain(&d.mute).copied().collect();
    let stopped = d.any(&all);
    let shown = d.some_wire();
    let shown = d.and_not(shown, stopped);
    let (a, b) = (d.some_literal(), d.some_wire());
    let shown = if d.chance.percent(50) { d.and(shown, a) } else { shown };
    d.output("valid", &[shown]);
    d.output("ready", &[b]);
    let done = d.holds("valid");
    let start = match d.chance.below(3) {
        0 => None,
        1 => Some(d.holds("go")),
        _ => {
            let (go, ready) = (d.holds("go"), d.holds("ready"));
            Some(d.both(&go, &ready))
        }
    };
    let within = within(d, 8);
    d.m.services.push(Service { name: "noise".into(), start, done, tag: None, within });
}

/// A second service of its own, mostly harmless.
pub(super) fn second(d: &mut Draft) {
    let seen = d.register("seen", 1, 0);
    let rx = d.hostile();
    let ping = d.word("op").wires[0];
    let mut next = ping;
    if d.chance.percent(40) {
        next = d.and_not(ping, rx);
    }
    d.load(&seen, &[next]);
    d.output("pong", &seen);
    let start = d.equals("op", 1);
    let done = d.holds("pong");
    let within = within(d, 3);
    d.m.services.push(Service { name: "ping".into(), start: Some(start), done, tag: None, within });
}

/// Cycles granted: mostly ample, now and then tight.
fn within(d: &mut Draft, least: u64) -> u64 {
    let slack = d.chance.one_of(&[0, 1, 4, 12, 12, 30, 30, 60]);
    if d.chance.percent(4) { 1 + d.chance.below(4) as u64 } else { least + slack }
}
