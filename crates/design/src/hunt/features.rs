//! What is counted about a candidate: the evidence on which `score` judges.
//!
//! Problem: an implant and an honest rare feature differ in what surrounds the trigger, not in its rarity.
//! Method: plain counts, shares and logarithms from the other views, each with a meaning of its own:
//! * *Of the trigger*: how rare, how wide, how many registers serve nothing else; whether other
//!   comparisons read the same nets (a decoder, a table and a state machine have relatives, an implant's
//!   comparison is alone); whether its registers ever come back, and whether ordinary life of the host
//!   clears them (a time-out is cleared by progress: found by three-valued simulation of the region with
//!   one tapped net known, 32 nets with both values at once).
//! * *Of the payload*: with the trigger quiet, what passes through unchanged and how busy that is (an
//!   attack is worth while on nets that work; a feature often only raises a flag that is itself quiet);
//!   with it active, whether those nets are forced, inverted or exchanged.
//! * *Of the loss*: registers and outputs that serve only the suspected function speak for a feature.
//! * *Of the design*: its size and how much of it stayed asleep, as everything in a sleeping part is rare.
//!
//! Cost: the size of the region and of what the tie changes.
//! What it cannot see: intent, as ever.

use super::activity::Activity;
use super::candidate::TIE_LIMIT;
use super::circuit::Circuit;
use super::conjunction::{self, Families};
use super::dominators::Dominators;
use super::siblings::Siblings;
use super::tieoff::{Fate, Tied, tie};
use netlist::Lit;
use std::collections::BTreeSet;

/// Most nodes of a region in which clears and widths are sought.
const MAX_REGION: u32 = 4000;
/// Most tapped nets that are tried as clears.
const MAX_TAPS: usize = 128;
/// Share of time from which a value belongs to ordinary life.
const ORDINARY: f64 = 0.02;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What is known of a candidate; each is a plain number that the report shows.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Features {
            $($(#[$doc])* pub(super) $name: f64,)*
        }
        impl Features {
            /// Names of [`Features::vector`].
            pub(super) const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];
            /// All features in order.
            pub(super) fn vector(&self) -> Vec<f64> {
                vec![$(self.$name),*]
            }
        }
    };
}

features! {
    /// Rarity of the trigger value, in bits.
    bits,
    /// Gates of the exclusive region.
    gates,
    /// Registers of it.
    registers,
    /// Gates outside that pass a signal through while the net is quiet.
    passing,
    /// Activity of the busiest signal passed through: 0 to 0.5.
    live,
    /// Gates outside that become constant.
    constant,
    /// Gates outside that serve nothing any more.
    dead,
    /// Registers outside that become constant or dead.
    lost,
    /// Observers that become constant.
    silent,
    /// Different nets of the host that the region reads.
    taps,
    /// Width of the conjunction at the trigger.
    width,
    /// Whether a passing gate inverts when the trigger fires.
    flips,
    /// Gates of the design.
    design,
    /// Share of the design's gates that never left their value.
    asleep,
    /// Share of the region's gates that are busy.
    busy,
    /// Rarity of the next net that everything from here passes, in bits.
    parent,
    /// Whether the trigger net is a register.
    stored,
    /// Readers of the trigger net.
    users,
    /// Widest conjunction in the region.
    widest,
    /// Conjunctions elsewhere that compare mostly the same nets.
    relatives,
    /// Share of the region's registers that moved, and only one way.
    oneway,
    /// Share of the region's registers that never moved.
    still,
    /// Largest share of the region's registers that one ordinary value of one net of the host clears.
    cleared,
    /// Share of the tapped nets that are inputs of the design.
    outside,
    /// Mean activity of the tapped nets.
    tapped,
    /// Share of the passed signals that are quiet themselves.
    calm,
    /// Passed signals that are observed or loaded into registers.
    ends,
    /// Passing gates that become constant when the trigger is active.
    forced,
    /// Passing gates that pass another signal when it is active.
    exchanged,
    /// Share of the region's other registers whose next value the active net decides.
    resets,
    /// Registers and outputs next after the passing gates.
    touched,
    /// Their siblings, on average.
    kin,
    /// Share of the siblings that are left alone.
    uneven,
    /// Share of the siblings of tapped registers that are not tapped.
    partial,
    /// Largest share of the tapped nets that meet at one node elsewhere.
    meeting,
    /// Registers and inputs that the net compares with a constant.
    compares,
}

/// Counts everything about `root`.
pub(super) fn features(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    families: &Families,
    siblings: &Siblings,
    root: u32,
    tied: &Tied,
) -> Features {
    let mut f = Features {
        bits: activity.bits(root).min(24.0),
        gates: f64::from(d.gates[root as usize]),
        registers: f64::from(d.registers[root as usize]),
        width: conjunction::width(c, root) as f64,
        compares: conjunction::constant(c, root) as f64,
        relatives: families.relatives(c, root, |v| d.inside(root, v)) as f64,
        ..Features::default()
    };
    let parent = d.parent[root as usize];
    f.parent = if parent == 0 { 0.0 } else { activity.bits(parent).min(24.0) };
    f.stored = f64::from(u8::from(c.is_register(root)));
    f.users = c.users(root).len() as f64;
    let taps = trigger(c, d, activity, root, &mut f);
    if c.observed[root as usize] {
        f.silent += 1.0;
    }
    let passing = payload(c, d, activity, root, tied, &mut f);
    let own = |v: u32| d.inside(root, v);
    let even = siblings.look(c, &passing, &taps, own);
    (f.touched, f.kin, f.uneven) = (even.touched, even.kin, even.uneven);
    (f.partial, f.meeting) = (even.partial, even.meeting);
    f
}

fn trigger(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    root: u32,
    f: &mut Features,
) -> BTreeSet<u32> {
    let mut taps: BTreeSet<u32> = BTreeSet::new();
    let (mut busy, mut oneway, mut still) = (0.0, 0.0, 0.0);
    let region = d.region(root);
    let small = region.len() <= MAX_REGION as usize;
    for &v in region {
        busy += f64::from(u8::from(c.primary[v as usize] && activity.rate(v) > ORDINARY));
        if c.is_register(v) {
            match activity.moves[c.register[v as usize] as usize] {
                [0, 0] => still += 1.0,
                [0, _] | [_, 0] => oneway += 1.0,
                _ => {}
            }
        }
        if small {
            f.widest = f.widest.max(conjunction::width(c, v) as f64);
        }
        for l in c.inputs(v) {
            if !l.is_const() && !d.inside(root, l.var()) {
                taps.insert(l.var());
            }
        }
    }
    f.busy = busy / f.gates.max(1.0);
    f.oneway = oneway / f.registers.max(1.0);
    f.still = still / f.registers.max(1.0);
    f.taps = taps.len() as f64;
    let inputs = taps.iter().filter(|&&v| c.graph.is_leaf(v) && !c.is_register(v)).count();
    f.outside = inputs as f64 / f.taps.max(1.0);
    f.tapped = taps.iter().map(|&v| activity.rate(v)).sum::<f64>() / f.taps.max(1.0);
    if small && f.registers > 0.0 {
        let mut nodes: Vec<u32> = region.to_vec();
        nodes.sort_unstable();
        f.cleared = cleared(c, activity, &nodes, &taps) / f.registers;
        let active = Lit::new(root, activity.quiet(root));
        f.resets =
            decided(c, &nodes, &[root], Some(active))[0] as f64 / (f.registers - f.stored).max(1.0);
    }
    taps
}

/// Most registers of a region whose next value one ordinary value of one tap decides.
fn cleared(c: &Circuit<'_>, activity: &Activity, nodes: &[u32], taps: &BTreeSet<u32>) -> f64 {
    let ordinary: Vec<u32> =
        taps.iter().copied().filter(|&v| activity.rate(v) >= ORDINARY).take(MAX_TAPS).collect();
    let chunks = ordinary.chunks(32).map(|chunk| decided(c, nodes, chunk, None));
    chunks.flatten().max().unwrap_or(0) as f64
}

/// How many registers among `nodes` (sorted) have a next value that is known when one net of `chunk` is:
/// lanes 2i and 2i + 1 have it at 0 and 1. With `forced` that literal holds in every lane, whatever it reads.
fn decided(c: &Circuit<'_>, nodes: &[u32], chunk: &[u32], forced: Option<Lit>) -> [usize; 64] {
    // a pair of words for each node: lanes in which it is known to be 0, and to be 1
    let mut known = vec![[0u64; 2]; nodes.len()];
    let at = |known: &[[u64; 2]], l: Lit| -> [u64; 2] {
        let pair = if l.is_const() {
            [u64::MAX, 0]
        } else if let Some(f) = forced.filter(|f| f.var() == l.var()) {
            if f.is_neg() { [u64::MAX, 0] } else { [0, u64::MAX] }
        } else if let Ok(i) = nodes.binary_search(&l.var()) {
            known[i]
        } else if let Some(k) = chunk.iter().position(|&t| t == l.var()) {
            [1 << (2 * k), 2 << (2 * k)]
        } else {
            [0, 0]
        };
        if l.is_neg() { [pair[1], pair[0]] } else { pair }
    };
    for (i, &v) in nodes.iter().enumerate() {
        known[i] = match c.graph.fanin(v) {
            Some((a, b)) => {
                let (x, y) = (at(&known, a), at(&known, b));
                [x[0] | y[0], x[1] & y[1]]
            }
            None => [0, 0],
        };
    }
    let mut count = [0usize; 64];
    let root = forced.map(Lit::var);
    for &v in nodes.iter().filter(|&&v| c.is_register(v) && Some(v) != root) {
        let pair = at(&known, c.inputs(v)[0]);
        for (lane, n) in count.iter_mut().enumerate() {
            *n += ((pair[0] | pair[1]) >> lane & 1) as usize;
        }
    }
    count
}

fn payload(
    c: &Circuit<'_>,
    d: &Dominators,
    activity: &Activity,
    root: u32,
    tied: &Tied,
    f: &mut Features,
) -> Vec<u32> {
    let mut passing = Vec::new();
    let active = tie(c, d, root, !activity.quiet(root), TIE_LIMIT / 4);
    let mut calm = 0.0;
    for (&v, fate) in &tied.changed {
        let primary = c.primary[v as usize];
        let register = c.is_register(v);
        match fate {
            Fate::Transparent(to) => {
                // an inner node of an exclusive or is no passing gate of its own
                if !primary {
                    continue;
                }
                f.passing += 1.0;
                passing.push(v);
                f.live = f.live.max(activity.rate(to.var()));
                calm += f64::from(u8::from(activity.rate(to.var()) < ORDINARY));
                let last = c.observed[v as usize] || c.users(v).iter().any(|&u| c.is_register(u));
                f.ends += f64::from(u8::from(last));
                match active.changed.get(&v) {
                    Some(Fate::Constant(_)) => f.forced += 1.0,
                    Some(Fate::Transparent(other)) if other.var() != to.var() => f.exchanged += 1.0,
                    _ => {}
                }
                if let Some((a, b)) = c.graph.fanin(v) {
                    let inner = |l: Lit| {
                        l.is_neg()
                            && c.graph.owner[l.index()] == c.graph.owner[v as usize]
                            && tied.changed.contains_key(&l.var())
                    };
                    f.flips = f.flips.max(f64::from(u8::from(inner(a) && inner(b))));
                }
            }
            Fate::Constant(_) => {
                f.constant += f64::from(u8::from(primary));
                f.silent += f64::from(u8::from(c.observed[v as usize]));
                f.lost += f64::from(u8::from(register));
            }
            Fate::Dead => {
                f.dead += f64::from(u8::from(primary));
                f.lost += f64::from(u8::from(register));
            }
        }
    }
    f.calm = calm / f.passing.max(1.0);
    passing
}
