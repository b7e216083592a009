//! Guesses: what to try to prove, read off the campaigns.
//!
//! Nothing here is believed before [`super::induct`] has proved it. Three rounds, each used only if
//! the one before was not enough:
//!
//! 1. ties of state bits, equal functions of the state (`m ^ mask` of a masked register), and state
//!    bits that differ exactly where another function does (masked memories);
//! 2. of one copy: constants, equal registers, functions that never move, and bounds between counters and the declassification
//!    windows (`busy`: the window outlasts the transmission);
//! 3. of one copy: implications between state bits; maskings that hold while a gate does.

use crate::identity_leak::facts::{Fact, Margin};
use crate::identity_leak::induct::Belief;
use crate::identity_leak::search::{Found, History};
use crate::identity_leak::structure::{Structure, backward};
use netlist::{Lit, Node};
use proof::Model;
use proof::model::{Place, StateKind};
use std::collections::{BTreeMap, HashMap};

/// Most state bits between which implications are guessed.
const MAX_IMPLYING: usize = 320;
/// Most gates of a guarded guess.
const MAX_GATES: usize = 48;
/// Most constant functions guessed.
const MAX_CONSTANTS: usize = 4000;
/// Widest counter.
const MAX_COUNTER: usize = 24;

/// Round 1.
pub(crate) fn ties(model: &Model, item: usize, structure: &Structure, found: &Found) -> Belief {
    let identity = &model.identities[item].state;
    let tied: Vec<bool> = (0..model.state.len())
        .map(|i| {
            let free = structure.reached_state[i];
            let shared = matches!(model.state[i].kind, StateKind::Window(_) | StateKind::Constant);
            let same = structure.needed_state[i] && found.same[model.state[i].lit.index()];
            !identity.contains(&i) && (!free || shared || same)
        })
        .collect();
    let mut facts = Vec::new();
    let mut first: HashMap<u64, u32> = HashMap::new();
    for &i in identity {
        let var = model.state[i].lit.var();
        first.entry(found.delta[var as usize]).or_insert(var);
    }
    for var in 1..model.aig.len() as u32 {
        let v = var as usize;
        if !(structure.needed[v] && structure.reached[v] && structure.state_only[v]) {
            continue;
        }
        if found.same[v] {
            if matches!(model.aig.node(var), Node::And(..)) {
                facts.push(Fact::Equal(var));
            }
        } else {
            first.entry(found.delta[v]).or_insert(var);
        }
    }
    for i in (0..model.state.len()).filter(|&i| structure.needed_state[i] && !tied[i]) {
        let var = model.state[i].lit.var();
        match first.get(&found.delta[var as usize]) {
            Some(&with) if with != var && structure.reached[var as usize] => {
                facts.push(Fact::Masked(i, Lit::new(with, false)));
            }
            _ => {}
        }
    }
    Belief { tied, facts }
}

/// State bits that matter for some outputs, few inputs away first.
pub(crate) fn neighbourhood(model: &Model, belief: &Belief, roots: &[Lit]) -> Vec<usize> {
    let (_, near) = backward(model, roots);
    let mut order = Vec::new();
    let mut seen = vec![false; model.state.len()];
    let mut layer: Vec<Lit> = roots.to_vec();
    while !layer.is_empty() {
        let mut next = Vec::new();
        for var in model.aig.cone(layer) {
            if let Some(Place::State(i)) = model.place(var) {
                let i = i as usize;
                if near[i] && !std::mem::replace(&mut seen[i], true) {
                    order.push(i);
                    next.push(model.state[i].next);
                }
            }
        }
        layer = next;
    }
    order.retain(|&i| belief.tied[i]);
    order
}

/// Round 2.
pub(crate) fn single_copy(
    model: &Model,
    structure: &Structure,
    history: &History,
    near: &[usize],
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut classes: HashMap<Vec<u64>, Lit> = HashMap::new();
    for &i in near.iter().filter(|&&i| history.has(i)) {
        let lit = model.state[i].lit;
        let values: Vec<u64> =
            (0..history.rows()).map(|row| history.pair(row, i).0 & history.alive[row]).collect();
        let ones = values.iter().zip(&history.alive).all(|(v, a)| v == a);
        let zeros = values.iter().all(|&v| v == 0);
        if ones || zeros {
            facts.push(Fact::Clause(vec![lit.xor_sign(zeros)]));
            continue;
        }
        let flip = values
            .iter()
            .zip(&history.alive)
            .find(|(_, a)| **a != 0)
            .is_some_and(|(v, a)| v >> a.trailing_zeros() & 1 == 1);
        let normal: Vec<u64> = if flip {
            values.iter().zip(&history.alive).map(|(v, a)| !v & a).collect()
        } else {
            values
        };
        let lit = lit.xor_sign(flip);
        match classes.get(&normal) {
            Some(&other) => facts.push(Fact::Same(other, lit)),
            None => {
                classes.insert(normal, lit);
            }
        }
    }
    facts.extend(margins(model, history, near));
    facts.extend(constants(model, structure, history, near));
    facts
}

/// Functions of the state that were never seen to move although their fan-ins were: comparators
/// with words that `assume` or the design excludes.
fn constants(model: &Model, structure: &Structure, history: &History, near: &[usize]) -> Vec<Fact> {
    let cone = model.aig.cone(near.iter().map(|&i| model.state[i].next));
    let mut zero: Vec<bool> = structure.state_only.clone();
    let mut one = zero.clone();
    let mut value = vec![0u64; model.aig.len()];
    let at = |value: &[u64], l: Lit| value[l.index()] ^ u64::from(l.is_neg()).wrapping_neg();
    for row in 0..history.rows() {
        let alive = history.alive[row];
        for &var in cone.iter().filter(|&&v| structure.state_only[v as usize]) {
            let v = var as usize;
            value[v] = match (model.aig.node(var), model.place(var)) {
                (Node::And(a, b), _) => at(&value, a) & at(&value, b),
                (_, Some(Place::State(i))) if history.has(i as usize) => {
                    history.pair(row, i as usize).0
                }
                (_, Some(Place::Reset)) => u64::from(!model.reset_active).wrapping_neg(),
                _ => 0,
            };
            zero[v] &= value[v] & alive == 0;
            one[v] &= !value[v] & alive == 0;
        }
    }
    let still = |l: Lit| zero[l.index()] || one[l.index()];
    cone.iter()
        .filter(|&&v| zero[v as usize] != one[v as usize])
        .filter_map(|&v| match model.aig.node(v) {
            Node::And(a, b) if structure.state_only[v as usize] && !still(a) && !still(b) => {
                Some(Fact::Clause(vec![Lit::new(v, zero[v as usize])]))
            }
            _ => None,
        })
        .take(MAX_CONSTANTS)
        .collect()
}

/// Values of a word in all lanes of all rows.
fn values(model: &Model, history: &History, bits: &[Lit]) -> Vec<u64> {
    let mut all = vec![0u64; history.rows() * 64];
    for row in 0..history.rows() {
        for (k, bit) in bits.iter().enumerate() {
            let Some(Place::State(i)) = model.place(bit.var()) else { continue };
            let word = history.pair(row, i as usize).0;
            for lane in 0..64 {
                all[row * 64 + lane] |= (word >> lane & 1) << k;
            }
        }
    }
    all
}

/// Bounds between declassification windows and counters.
fn margins(model: &Model, history: &History, near: &[usize]) -> Vec<Fact> {
    let mut words: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut windows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &i in near.iter().filter(|&&i| history.has(i)) {
        match model.state[i].kind {
            StateKind::Window(w) => windows.entry(w).or_default().push(i),
            StateKind::Register(_) => words.entry(&model.state[i].name).or_default().push(i),
            _ => {}
        }
    }
    let lits = |bits: &mut Vec<usize>| -> Vec<Lit> {
        bits.sort_by_key(|&i| model.state[i].bit);
        bits.iter().map(|&i| model.state[i].lit).collect()
    };
    let mut single: Vec<Lit> = Vec::new();
    let mut counters: Vec<(Vec<Lit>, Vec<u64>)> = Vec::new();
    for bits in words.values_mut() {
        let word = lits(bits);
        if word.len() == 1 && single.len() < MAX_GATES {
            single.extend([word[0], !word[0]]);
        } else if (2..=MAX_COUNTER).contains(&word.len()) && counters.len() < 40 {
            let v = values(model, history, &word);
            counters.push((word, v));
        }
    }
    let mut facts = Vec::new();
    for bits in windows.values_mut() {
        let window = lits(bits);
        let running = values(model, history, &window);
        let mut claim = |gate: Vec<Lit>, low: &[Lit], value: &dyn Fn(usize) -> u64| {
            let open: Vec<u64> = (0..history.rows())
                .map(|row| {
                    let on = gate.iter().fold(0, |m, g| m | truth(model, history, *g, row));
                    on & history.alive[row]
                })
                .collect();
            let least = (0..running.len())
                .filter(|at| open[at / 64] >> (at % 64) & 1 == 1)
                .map(|at| i128::from(running[at]) - i128::from(value(at)))
                .min();
            let Some(least) = least else { return };
            let (plus, add) =
                (u64::try_from(-least).unwrap_or(0), u64::try_from(least).unwrap_or(0));
            facts.push(Fact::Margin(Margin {
                gate,
                high: window.clone(),
                plus,
                low: low.to_vec(),
                add,
            }));
        };
        for gate in &single {
            claim(vec![*gate], &[], &|_| 0);
        }
        for (word, value) in &counters {
            let mask = (1u64 << word.len()) - 1;
            let negated: Vec<Lit> = word.iter().map(|&l| !l).collect();
            let mut gates = vec![vec![Lit::TRUE], word.clone(), negated.clone()];
            gates.extend(single.iter().map(|&g| vec![g]));
            for gate in gates {
                claim(gate.clone(), word, &|at| value[at]);
                claim(gate, &negated, &|at| !value[at] & mask);
            }
        }
    }
    // a claim that says nothing: the larger side may be exceeded by all the smaller can hold
    facts.retain(|f| match f {
        Fact::Margin(m) => m.low.len() >= 63 || m.plus < (1u64 << m.low.len()) - 1,
        _ => true,
    });
    facts
}

/// Lanes in which a state bit has a value, in the left copy.
fn truth(model: &Model, history: &History, lit: Lit, row: usize) -> u64 {
    let flip = u64::from(lit.is_neg()).wrapping_neg();
    match model.place(lit.var()) {
        Some(Place::State(i)) => history.pair(row, i as usize).0 ^ flip,
        _ => flip,
    }
}

/// Round 3.
pub(crate) fn implications(
    model: &Model,
    item: usize,
    structure: &Structure,
    history: &History,
    near: &[usize],
    belief: &Belief,
) -> Vec<Fact> {
    let some: Vec<usize> =
        near.iter().copied().filter(|&i| history.has(i)).take(MAX_IMPLYING).collect();
    let mut facts = Vec::new();
    for (n, &a) in some.iter().enumerate() {
        for &b in &some[..n] {
            // which of the four combinations occur
            let mut seen = [false; 4];
            for row in 0..history.rows() {
                let (x, y, m) =
                    (history.pair(row, a).0, history.pair(row, b).0, history.alive[row]);
                for (k, s) in seen.iter_mut().enumerate() {
                    let x = if k & 1 == 0 { !x } else { x };
                    let y = if k & 2 == 0 { !y } else { y };
                    *s |= x & y & m != 0;
                }
                if seen == [true; 4] {
                    break;
                }
            }
            if seen.iter().filter(|s| !**s).count() == 1 {
                let k = seen.iter().position(|s| !s).unwrap_or(0);
                let (x, y) = (model.state[a].lit, model.state[b].lit);
                facts.push(Fact::Clause(vec![x.xor_sign(k & 1 == 1), y.xor_sign(k & 2 == 2)]));
            }
        }
    }
    facts.extend(guarded(model, item, structure, history, &some, belief));
    facts
}

/// Maskings that hold while a gate does.
fn guarded(
    model: &Model,
    item: usize,
    structure: &Structure,
    history: &History,
    near: &[usize],
    belief: &Belief,
) -> Vec<Fact> {
    let identity = &model.identities[item].state;
    let masks: Vec<usize> = identity.iter().copied().filter(|&i| history.has(i)).collect();
    let differ = |row: usize, i: usize| {
        let (l, r) = history.pair(row, i);
        l ^ r
    };
    let mut facts = Vec::new();
    let free = (0..model.state.len()).filter(|&i| {
        structure.needed_state[i] && !belief.tied[i] && !identity.contains(&i) && history.has(i)
    });
    for i in free.take(512) {
        let options = masks.iter().map(|&m| Some(m)).chain([None]);
        for with in options {
            for &gate in near.iter().take(MAX_GATES) {
                for value in [true, false] {
                    let mut nonzero = false;
                    let holds = (0..history.rows()).all(|row| {
                        let on = history.pair(row, gate).0;
                        let on = if value { on } else { !on } & history.alive[row];
                        let mask = with.map_or(0, |m| differ(row, m));
                        nonzero |= on != 0 && (with.is_none() || mask & on != 0);
                        (differ(row, i) ^ mask) & on == 0
                    });
                    if holds && nonzero {
                        let gate = model.state[gate].lit.xor_sign(!value);
                        let with = with.map_or(Lit::FALSE, |m| model.state[m].lit);
                        facts.push(Fact::Guarded(gate, i, with));
                    }
                }
            }
        }
    }
    facts
}
