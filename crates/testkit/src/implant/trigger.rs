//! Triggers, each drawn from the recording so that it is known to fire.

use super::record::RESET;
use super::{Draw, Recording};
use netlist::{Lit, Netlist, Node, PowerUp};

/// Kinds of trigger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// A conjunction of 2 to 64 rare literals of the host.
    Rare,
    /// Two to four values of data in a row.
    Sequence,
    /// A counter of clock cycles or events that reaches a value.
    Counter,
    /// A side path of three states along states of the host.
    SidePath,
    /// A toggle register clocked by data that drives a ripple counter.
    Asynchronous,
}

impl Trigger {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Rare, Self::Sequence, Self::Counter, Self::SidePath, Self::Asynchronous];
    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rare => "rare",
            Self::Sequence => "sequence",
            Self::Counter => "counter",
            Self::SidePath => "side-path",
            Self::Asynchronous => "asynchronous",
        }
    }
}

/// Where a trigger is known to fire, at the latest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fires {
    pub(super) lane: usize,
    pub(super) cycle: usize,
}

/// Builds a trigger into the netlist.
pub(super) fn build(
    n: &mut Netlist,
    r: &Recording,
    kind: Trigger,
    d: &mut Draw,
) -> Option<(Lit, Fires)> {
    match kind {
        Trigger::Rare => rare(n, r, d),
        Trigger::Sequence => {
            let stages = d.between(2, 4);
            let width = d.between(4, 12);
            let pool = inputs(n, r);
            chain(n, r, d, &pool, stages, width)
        }
        Trigger::SidePath => {
            let width = d.between(3, 7);
            let pool: Vec<Lit> = n.registers.iter().map(|x| x.out).collect();
            chain(n, r, d, &pool, 3, width)
        }
        Trigger::Counter => counter(n, r, d),
        Trigger::Asynchronous => asynchronous(n, r, d),
    }
}

/// Data inputs: not resets.
fn inputs(n: &Netlist, r: &Recording) -> Vec<Lit> {
    let lit = n.inputs.iter().map(|i| i.lit);
    lit.filter(|&l| (0.02..0.98).contains(&r.share(l))).collect()
}

fn rare(n: &mut Netlist, r: &Recording, d: &mut Draw) -> Option<(Lit, Fires)> {
    const WIDTHS: [usize; 9] = [2, 3, 4, 6, 8, 12, 16, 32, 64];
    let width = WIDTHS[d.below(WIDTHS.len())];
    let lane = d.below(64);
    let cycle = d.between(r.cycles / 4, r.cycles - 1);
    // literals true at that moment, the rarer the better, few of them inputs
    let mut pool: Vec<(f64, Lit)> = Vec::new();
    for _ in 0..width * 60 {
        let var = 1 + d.below(n.aig.len() - 1) as u32;
        let lit = Lit::new(var, !r.value(Lit::new(var, false), cycle, lane));
        let share = r.share(lit);
        if share < 0.6 && !pool.iter().any(|p| p.1.var() == var) {
            pool.push((share, lit));
        }
    }
    pool.sort_by(|a, b| a.0.total_cmp(&b.0));
    pool.truncate(width);
    if pool.len() < 2 {
        return None;
    }
    let lits: Vec<Lit> = pool.into_iter().map(|p| p.1).collect();
    let t = n.aig.and_all(lits);
    (!t.is_const() && matches!(n.aig.node(t.var()), Node::And(..)))
        .then_some((t, Fires { lane, cycle }))
}

/// `stages` conjunctions of `width` literals of `pool`, seen in consecutive cycles, in a one-hot chain.
fn chain(
    n: &mut Netlist,
    r: &Recording,
    d: &mut Draw,
    pool: &[Lit],
    stages: usize,
    width: usize,
) -> Option<(Lit, Fires)> {
    if pool.len() < 3 || r.cycles < 40 {
        return None;
    }
    let lane = d.below(64);
    let start = d.between(r.cycles / 4, r.cycles - 12);
    let mut before = Lit::TRUE;
    for stage in 0..stages {
        let mut lits = vec![before];
        for _ in 0..width {
            let lit = pool[d.below(pool.len())];
            lits.push(lit.xor_sign(!r.value(lit, start + stage, lane)));
        }
        let next = n.aig.and_all(lits);
        if next.is_const() {
            return None;
        }
        let name = format!("implant_s{stage}");
        let q = n.add_register(&name, 0, PowerUp::Zero);
        let last = stage + 1 == stages;
        let sticky = last && d.below(2) == 0;
        let load = if sticky { n.aig.or(next, q) } else { next };
        set_next(n, q, load);
        before = q;
    }
    Some((before, Fires { lane, cycle: start + stages }))
}

/// An up-counter of `width` bits; returns its bits.
fn count(n: &mut Netlist, width: usize, event: Lit, name: &str) -> Vec<Lit> {
    let bits: Vec<Lit> =
        (0..width).map(|i| n.add_register(name, i as u32, PowerUp::Zero)).collect();
    let mut carry = event;
    for &q in &bits {
        let next = n.aig.xor(q, carry);
        carry = n.aig.and(carry, q);
        set_next(n, q, next);
    }
    bits
}

fn set_next(n: &mut Netlist, q: Lit, next: Lit) {
    if let Some(register) = n.registers.iter_mut().find(|x| x.out == q) {
        register.next = next;
    }
}

fn counter(n: &mut Netlist, r: &Recording, d: &mut Draw) -> Option<(Lit, Fires)> {
    let lane = d.below(64);
    let pick = |d: &mut Draw, shares: std::ops::Range<f64>| {
        let lit = Lit::new(1 + d.below(r.nodes() - 1) as u32, d.below(2) == 0);
        shares.contains(&r.share(lit)).then_some(lit)
    };
    let event = if d.below(3) == 0 { Lit::TRUE } else { pick(d, 0.05..0.95)? };
    // some are cleared by the host's own life, like honest time-outs
    let clear = if d.below(3) == 0 { pick(d, 0.002..0.05)? } else { Lit::FALSE };
    let end = d.between(r.long / 4, r.long - 2);
    let first = if d.reset.is_some() { RESET } else { 0 };
    let mut seen = 0usize;
    for &[event, clear] in &r.follow(n, [event, clear], lane, end)[first..] {
        seen = if clear { 0 } else { seen + usize::from(event) };
    }
    let width = (usize::BITS - seen.leading_zeros()) as usize;
    if width < 4 {
        return None;
    }
    let bits = count(n, width, event, "implant_count");
    for &q in &bits {
        if let Some(i) = n.registers.iter().position(|x| x.out == q) {
            n.registers[i].next = n.aig.and(n.registers[i].next, !clear);
        }
    }
    let wanted: Vec<Lit> =
        bits.iter().enumerate().map(|(i, &b)| b.xor_sign(seen >> i & 1 == 0)).collect();
    let hit = n.aig.and_all(wanted);
    let t = if d.below(2) == 0 {
        let q = n.add_register("implant_hit", 0, PowerUp::Zero);
        let load = n.aig.or(hit, q);
        set_next(n, q, load);
        q
    } else {
        hit
    };
    Some((t, Fires { lane, cycle: (end + 1).min(r.long - 1) }))
}

fn asynchronous(n: &mut Netlist, r: &Recording, d: &mut Draw) -> Option<(Lit, Fires)> {
    let lane = d.below(64);
    let var = 1 + d.below(n.aig.len() - 1) as u32;
    let strobe = Lit::new(var, false);
    if !(0.05..0.95).contains(&r.share(strobe)) {
        return None;
    }
    let end = d.between(r.long / 4, r.long - 2);
    let first = if d.reset.is_some() { RESET } else { 0 };
    let mut seen = 0usize;
    let mut before = false;
    for &[now] in &r.follow(n, [strobe], lane, end)[first..] {
        seen += usize::from(now && !before);
        before = now;
    }
    let width = (usize::BITS - seen.leading_zeros()) as usize;
    if width < 4 {
        return None;
    }
    let edge = n.add_register("implant_edge", 0, PowerUp::Zero);
    set_next(n, edge, strobe);
    let rise = n.aig.and(strobe, !edge);
    // ripple: each bit toggles when the one before falls
    let mut carry = rise;
    let mut bits = Vec::new();
    for i in 0..width {
        let q = n.add_register("implant_ripple", i as u32, PowerUp::Zero);
        let next = n.aig.xor(q, carry);
        set_next(n, q, next);
        carry = n.aig.and(carry, q);
        bits.push(q);
    }
    let wanted: Vec<Lit> =
        bits.iter().enumerate().map(|(i, &b)| b.xor_sign(seen >> i & 1 == 0)).collect();
    let t = n.aig.and_all(wanted);
    Some((t, Fires { lane, cycle: (end + 1).min(r.long - 1) }))
}
