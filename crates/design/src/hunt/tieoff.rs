//! The trigger-payload signature: tie a net to its usual value and see what becomes redundant.
//!
//! Problem: which gates belong to a suspected trigger, and is it an implant or a feature? An implant
//! adds a trigger cone that serves nothing else and a payload that passes a signal of the host through
//! while the trigger is quiet. A feature that is switched by the same net loses registers and results of
//! its own.
//! Method: constant propagation from the tied net through ANDs and registers, counting the uses that
//! fall away. Nodes become *constant*; *transparent* (an AND whose other input is tied true: it passes a
//! signal on); or *dead* (all users gone, or all paths to observers lead through a constant node: the
//! subtree of the dominator tree). The tied net's own region is the *trigger*; transparent and constant
//! gates next to it are the *payload*; whatever else is lost is the *loss*.
//! Cost: proportional to what changes, with limits.
//! What it cannot see: redundancy that needs reasoning beyond constants.

use super::circuit::Circuit;
use super::dominators::Dominators;
use netlist::Lit;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    Constant(bool),
    /// Passes this literal on.
    Transparent(Lit),
    Dead,
}

/// What a tie changes.
#[derive(Default)]
pub(super) struct Tied {
    /// Nodes outside the region of the tied net and what becomes of them.
    pub(super) changed: BTreeMap<u32, Fate>,
    /// Whether a limit cut it short.
    pub(super) partial: bool,
}

/// Ties `root` (a node) to `value`.
pub(super) fn tie(c: &Circuit<'_>, d: &Dominators, root: u32, value: bool, limit: usize) -> Tied {
    let mut tied = Tied::default();
    let in_region = |v: u32| d.inside(root, v);
    let mut fate: BTreeMap<u32, Fate> = BTreeMap::new();
    let mut work: Vec<u32> = vec![root];
    let constant = |fate: &BTreeMap<u32, Fate>, l: Lit| -> Option<bool> {
        if l.is_const() {
            return Some(l == Lit::TRUE);
        }
        if l.var() == root {
            return Some(value ^ l.is_neg());
        }
        match fate.get(&l.var()) {
            Some(Fate::Constant(v)) => Some(v ^ l.is_neg()),
            _ => None,
        }
    };
    // constants
    let mut woken: BTreeSet<u32> = BTreeSet::new();
    let mut at = 0;
    while at < work.len() {
        let v = work[at];
        at += 1;
        if work.len() > limit {
            tied.partial = true;
            break;
        }
        for &user in c.users(v) {
            if in_region(user) {
                continue;
            }
            let buffer = c.graph.fanin(user).filter(|f| f.0 == Lit::TRUE || f.1 == Lit::TRUE);
            if let Some((a, b)) = buffer
                && constant(&fate, a).and(constant(&fate, b)).is_none()
            {
                // no gate of the payload, but what it drives must look again
                if woken.insert(user) {
                    work.push(user);
                }
                continue;
            }
            let new = if let Some((a, b)) = c.graph.fanin(user) {
                match (constant(&fate, a), constant(&fate, b)) {
                    (Some(false), _) | (_, Some(false)) => Some(Fate::Constant(false)),
                    (Some(true), Some(true)) => Some(Fate::Constant(true)),
                    (Some(true), None) => Some(Fate::Transparent(b)),
                    (None, Some(true)) => Some(Fate::Transparent(a)),
                    (None, None) => same(c, &fate, a, b),
                }
            } else {
                // a register loads a constant for ever: constant, if that is where runs start or soon
                let register = &c.graph.registers[c.register[user as usize] as usize];
                match constant(&fate, register.next) {
                    Some(value) => Some(Fate::Constant(value)),
                    // it only ever loads itself: it keeps the value it starts with
                    None if follow(c, &fate, register.next) == register.out => {
                        Some(Fate::Constant(false))
                    }
                    None => None,
                }
            };
            let Some(new) = new else { continue };
            match fate.get(&user) {
                Some(Fate::Constant(_)) => {}
                Some(old) if *old == new => {}
                // once transparent, only a constant is news
                Some(Fate::Transparent(_)) if !matches!(new, Fate::Constant(_)) => {}
                _ => {
                    fate.insert(user, new);
                    work.push(user);
                }
            }
        }
    }
    // what only constant nodes lead to
    let constants: Vec<u32> =
        fate.iter().filter(|f| matches!(f.1, Fate::Constant(_))).map(|f| *f.0).collect();
    for v in constants {
        let below: &[u32] = if d.size(v) < limit as u32 { d.region(v) } else { &[] };
        for &n in below {
            if n != v && !in_region(n) && !matches!(fate.get(&n), Some(Fate::Constant(_))) {
                fate.insert(n, Fate::Dead);
            }
        }
        if fate.len() > limit {
            tied.partial = true;
            break;
        }
    }
    // what has lost all its users
    let mut again: Vec<u32> = fate.keys().copied().collect();
    while let Some(v) = again.pop() {
        if fate.len() > limit {
            tied.partial = true;
            break;
        }
        for input in c.inputs(v) {
            let n = input.var();
            if n == 0 || in_region(n) || fate.contains_key(&n) || c.observed[n as usize] {
                continue;
            }
            let used = c.users(n).iter().any(|&u| {
                if in_region(u) {
                    return false;
                }
                match fate.get(&u) {
                    Some(Fate::Constant(_) | Fate::Dead) => false,
                    Some(Fate::Transparent(l)) => l.var() == n,
                    None => true,
                }
            });
            if !used {
                fate.insert(n, Fate::Dead);
                again.push(n);
            }
        }
    }
    tied.changed = fate;
    tied
}

/// An AND of two literals that have become the same, or opposite.
fn same(c: &Circuit<'_>, fate: &BTreeMap<u32, Fate>, a: Lit, b: Lit) -> Option<Fate> {
    let (x, y) = (follow(c, fate, a), follow(c, fate, b));
    if x == y {
        return Some(Fate::Transparent(a));
    }
    (x == !y).then_some(Fate::Constant(false))
}

/// The signal that a chain of transparent nodes and buffers passes on.
fn follow(c: &Circuit<'_>, fate: &BTreeMap<u32, Fate>, mut l: Lit) -> Lit {
    for _ in 0..24 {
        let to = match (fate.get(&l.var()), c.graph.fanin(l.var())) {
            (Some(Fate::Transparent(to)), _) => *to,
            (None, Some((a, b))) if b == Lit::TRUE => a,
            (None, Some((a, b))) if a == Lit::TRUE => b,
            _ => break,
        };
        l = to.xor_sign(l.is_neg());
    }
    l
}
