//! Payloads, and the honest uses that a placebo makes of the same trigger.

use super::{Draw, Implanted, Recording};
use netlist::{Direction, Lit, Netlist, Node, PowerUp};

/// Kinds of payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Payload {
    /// Registers of the host stop loading.
    Stop,
    /// One to four nets are inverted.
    Corrupt,
    /// Outputs show bits of registers.
    Leak,
    /// A net is suppressed in part of the cycles.
    Degrade,
    /// A shift register toggles; nothing reads it.
    Invisible,
}

impl Payload {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Stop, Self::Corrupt, Self::Leak, Self::Degrade, Self::Invisible];
    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Corrupt => "corrupt",
            Self::Leak => "leak",
            Self::Degrade => "degrade",
            Self::Invisible => "invisible",
        }
    }
}

/// Attaches a payload to the trigger.
pub(super) fn attach(
    made: &mut Implanted,
    r: &Recording,
    payload: Payload,
    d: &mut Draw,
) -> Option<()> {
    let t = made.trigger;
    let host = r_registers(made, r);
    match payload {
        Payload::Stop => {
            let count = d.between(1, 6).min(host.len());
            if host.is_empty() {
                return None;
            }
            for _ in 0..count {
                let i = host[d.below(host.len())];
                let (q, next) = (made.netlist.registers[i].out, made.netlist.registers[i].next);
                made.netlist.registers[i].next = made.netlist.aig.mux(t, q, next);
            }
        }
        Payload::Corrupt => {
            for _ in 0..d.between(1, 4) {
                victim(&mut made.netlist, r, &host, d, &mut |n, v| n.aig.xor(v, t))?;
            }
        }
        Payload::Leak => {
            if host.is_empty() {
                return None;
            }
            for _ in 0..d.between(1, 8) {
                let secret = r.cycles.checked_sub(1).map(|_| host[d.below(host.len())])?;
                let secret = made.netlist.registers[secret].out;
                output(&mut made.netlist, r, d, &mut |n, v| n.aig.mux(t, secret, v))?;
            }
        }
        Payload::Degrade => {
            let n = &mut made.netlist;
            let a = n.add_register("implant_phase", 0, PowerUp::Zero);
            let b = n.add_register("implant_phase", 1, PowerUp::Zero);
            let next_a = n.aig.mux(t, !a, a);
            let carry = n.aig.and(t, a);
            let next_b = n.aig.xor(b, carry);
            for (q, next) in [(a, next_a), (b, next_b)] {
                if let Some(x) = n.registers.iter_mut().find(|x| x.out == q) {
                    x.next = next;
                }
            }
            let phase = n.aig.and(t, a);
            victim(n, r, &host, d, &mut |n, v| n.aig.and(v, !phase))?;
        }
        Payload::Invisible => {
            let n = &mut made.netlist;
            let length = d.between(6, 24);
            let first = n.registers.len();
            let bits: Vec<Lit> = (0..length)
                .map(|i| n.add_register("implant_shift", i as u32, PowerUp::Zero))
                .collect();
            for i in 0..length {
                let from = if i == 0 { !bits[length - 1] } else { bits[i - 1] };
                let next = n.aig.mux(t, from, bits[i]);
                n.registers[first + i].next = next;
            }
            made.kept = (first..first + length).collect();
        }
    }
    Some(())
}

/// Registers of the host that move.
fn r_registers(made: &Implanted, r: &Recording) -> Vec<usize> {
    (0..made.netlist.registers.len())
        .filter(|&i| !made.netlist.registers[i].name.starts_with("implant_"))
        .filter(|&i| (0.02..0.98).contains(&r.share(made.netlist.registers[i].out)))
        .collect()
}

/// Changes the next state of a register, or an output, in place.
fn victim(
    n: &mut Netlist,
    r: &Recording,
    host: &[usize],
    d: &mut Draw,
    change: &mut dyn FnMut(&mut Netlist, Lit) -> Lit,
) -> Option<()> {
    if host.is_empty() || d.below(2) == 0 {
        return output(n, r, d, change);
    }
    let i = host[d.below(host.len())];
    let next = n.registers[i].next;
    n.registers[i].next = change(n, next);
    Some(())
}

fn output(
    n: &mut Netlist,
    r: &Recording,
    d: &mut Draw,
    change: &mut dyn FnMut(&mut Netlist, Lit) -> Lit,
) -> Option<()> {
    let mut all = Vec::new();
    for (p, port) in n.ports.iter().enumerate() {
        if port.direction == Direction::Output {
            for (b, &lit) in port.bits.iter().enumerate() {
                // a bit that another payload has changed is not of the recording
                let known = !lit.is_const() && lit.index() < r.nodes();
                if known && (0.02..0.98).contains(&r.share(lit)) {
                    all.push((p, b));
                }
            }
        }
    }
    if all.is_empty() {
        return None;
    }
    let (p, b) = all[d.below(all.len())];
    let old = n.ports[p].bits[b];
    let new = change(n, old);
    n.ports[p].bits[b] = new;
    Some(())
}

/// An honest use: a status output, or a register written when the trigger holds and read from outside.
pub(super) fn honest(made: &mut Implanted, r: &Recording, d: &mut Draw) {
    let t = made.trigger;
    let n = &mut made.netlist;
    if d.below(2) == 0 {
        let q = n.add_register("status", 0, PowerUp::Zero);
        if let Some(x) = n.registers.last_mut() {
            x.next = t;
        }
        n.add_output("status", vec![q]);
        return;
    }
    let inputs: Vec<Lit> = n.inputs.iter().map(|i| i.lit).collect();
    let mut bits = Vec::new();
    for i in 0..d.between(4, 12) {
        let q = n.add_register("option", i as u32, PowerUp::Zero);
        let data = inputs[d.below(inputs.len())];
        let next = n.aig.mux(t, data, q);
        if let Some(x) = n.registers.last_mut() {
            x.next = next;
        }
        bits.push(q);
    }
    let _ = r;
    n.add_output("option", bits);
    let leaf = |n: &Netlist, l: Lit| matches!(n.aig.node(l.var()), Node::Leaf(_));
    debug_assert!(inputs.iter().all(|&l| leaf(n, l)));
}
