//! From what a hunt found to objects that the kernel re-checks: runs, effects, unreachable nets.
//!
//! Problem: the hunt works on the gates of the file as delivered, from all registers at 0, without a
//! contract. The kernel knows the netlist as *it* reads it, under a contract with a reset sequence and
//! assumptions; a run that ignores them shows nothing there.
//! Method: nets are found again by name (by variable where both read the same graph), inputs by port and
//! bit. A found run is carried over behind the reset sequence, all registers 0 at power-up unless declared
//! otherwise, and goes on for some cycles after it has fired: 32 pairs of lanes that differ in what the
//! trigger does not read, one lane of each with the net held quiet. The first pair within the assumptions
//! that fires and shows a difference at an output becomes the object; failing that, the first that fires.
//! Cost: a pass over the graph for each cycle. What it cannot see: runs that only fire from states before
//! reset; those are left out, and it is said why.

use super::random::Random;
use super::{Activation, Hunt, Run, Settled, WORTH, settle};
use crate::hunt::activity::sign;
use crate::remote_disable::legal;
use frontend::structural::Delivered;
use netlist::{Leaf, Lit, Netlist, Node};
use proof::certificate::{Effect, Excluded, Fired, Hunted, NetBit, NetRef, Trace};
use proof::hunted::active;
use proof::model::Place;
use proof::{Circuit, Model, Var};
use solve::Budget;
use solve::Clause;
use solve::bmc::{Reached, cover};
use std::collections::{HashMap, HashSet};

/// Cycles after the firing in which a difference is looked for.
const AFTER: usize = 256;
/// Solver steps for one net that the run found does not fire.
const STEPS: u64 = 100_000;
/// Node evaluations from which a run is not carried over.
const MOST_WORK: usize = 2_000_000_000;
/// Lanes that run free; their neighbours have the net held quiet.
const FREE: u64 = 0x5555_5555_5555_5555;

/// What the kernel can re-check, and why the rest is left out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Objects {
    /// The object.
    pub hunted: Hunted,
    /// Indices of suspects that no run fires, as the object shows.
    pub excluded: Vec<usize>,
    /// One sentence for each activation or unreachable net that is not in it.
    pub left_out: Vec<String>,
}

/// Carries the activations and unreachable nets of `hunt` over to `model`, which is `netlist` under a
/// contract. `same`: the hunt read the very same graph, so that variables have the same numbers.
pub fn objects(
    hunt: &Hunt,
    delivered: &Delivered,
    netlist: &Netlist,
    model: &Model,
    same: bool,
    budget: &Budget,
) -> Objects {
    let mut made = Objects::default();
    let suspects = hunt.suspects.iter().enumerate().filter_map(|(i, s)| match &s.activation {
        Activation::Fires(run) => Some((i, s.net?.xor_sign(s.quiet), Some(run))),
        Activation::Budget if s.confidence >= WORTH => Some((i, s.net?.xor_sign(s.quiet), None)),
        _ => None,
    });
    let suspects: Vec<(usize, Lit, Option<&Run>)> = suspects.collect();
    let all = suspects.iter().map(|s| s.1).chain(hunt.never.iter().map(|&l| !l));
    let wanted: HashSet<u32> = all.map(|l| delivered.graph.netlist_lit(l).var()).collect();
    let names = names(delivered, netlist, &wanted);
    // where the kernel finds what is true while `lit` of the gate graph is
    let place = |lit: Lit| {
        let lit = delivered.graph.netlist_lit(lit);
        match names.get(&lit.var()) {
            Some((net, bit)) => {
                Some(NetBit { net: net.clone(), quiet: bit.xor_sign(lit.is_neg()).is_neg() })
            }
            None if same && !lit.is_const() => {
                Some(NetBit { net: NetRef::Variable(lit.var()), quiet: lit.is_neg() })
            }
            None => None,
        }
    };
    let mut known: Vec<Clause> = Vec::new();
    let mut quiet: Vec<NetBit> = Vec::new();
    for (index, lit, run) in suspects {
        let name = delivered.graph.net_name(lit);
        let Some(bit) = place(lit) else {
            made.left_out
                .push(format!("{name}: no name leads to it in the netlist that is re-checked"));
            continue;
        };
        let script = run.map(|run| Script::of_run(delivered, model, run));
        let mut fired = script.and_then(|script| carry(model, &bit, &script));
        if let (None, Ok(active)) = (&fired, active(model, &bit)) {
            match settle(model, active, &known, &budget.slice(STEPS)) {
                Settled::Fires(run) => fired = carry(model, &bit, &Script::of_trace(model, &run)),
                Settled::Excluded(clauses) => {
                    known = clauses;
                    quiet.push(bit);
                    made.excluded.push(index);
                    continue;
                }
                Settled::Open => {}
            }
        }
        match fired {
            Some(fired) => made.hunted.fired.push(fired),
            None if run.is_some() => made.left_out.push(format!(
                "{name}: the run does not fire it from power-up through reset within the assumptions"
            )),
            None => {}
        }
    }
    made.hunted.excluded = excluded(model, &known, quiet, budget);
    if made.hunted.excluded.is_none() {
        made.excluded.clear();
    }
    for &lit in &hunt.never {
        match place(!lit) {
            Some(bit) => made.hunted.never.push(bit),
            None => made.left_out.push(format!(
                "{}: never active, but no name leads to it in the netlist that is re-checked",
                delivered.graph.net_name(lit)
            )),
        }
    }
    made
}

/// For each variable of the delivered netlist that is asked for: a named net with that value or its
/// complement (the sign of the literal) which the kernel's netlist has as well.
fn names(
    delivered: &Delivered,
    netlist: &Netlist,
    wanted: &HashSet<u32>,
) -> HashMap<u32, (NetRef, Lit)> {
    let mut found: HashMap<u32, (NetRef, Lit)> = HashMap::new();
    for net in &delivered.netlist.nets {
        for (i, lit) in net.bits.iter().enumerate() {
            let better = match found.get(&lit.var()) {
                None => true,
                Some((NetRef::Named(name, _), _)) => {
                    name.starts_with('$') && !net.name.starts_with('$')
                }
                Some(_) => false,
            };
            if !better || lit.is_const() || !wanted.contains(&lit.var()) {
                continue;
            }
            let theirs = netlist.net(&net.name).filter(|n| n.bits.len() == net.bits.len());
            if theirs.is_some_and(|n| !n.bits[i].is_const()) {
                found.insert(lit.var(), (NetRef::Named(net.name.clone(), i as u32), *lit));
            }
        }
    }
    found
}

/// For each input of the model the number of the free leaf of the gate graph that it is.
fn inputs(delivered: &Delivered, model: &Model) -> Vec<Option<usize>> {
    let netlist = &delivered.netlist;
    let mut at: HashMap<(&str, u32), usize> = HashMap::new();
    for (i, &free) in delivered.graph.free.iter().enumerate() {
        let Node::Leaf(leaf) = netlist.aig.node(delivered.graph.netlist_lit(free).var()) else {
            continue;
        };
        match netlist.leaves.get(leaf as usize) {
            Some(&Leaf::Input(k)) => {
                let bit = &netlist.inputs[k as usize];
                let port = &netlist.ports[bit.port as usize];
                at.insert((&port.name, bit.bit + port.offset), i);
            }
            Some(&Leaf::Undriven(k)) => {
                let (name, bit, _) = &netlist.undriven[k as usize];
                at.insert((name, *bit), i);
            }
            _ => {}
        }
    }
    model.inputs.iter().map(|b| at.get(&(b.name.as_str(), b.bit)).copied()).collect()
}

/// What is known of a run: power-up, words (an input that is left open is drawn), and values at which
/// inputs are held afterwards.
struct Script {
    power_up: Vec<bool>,
    words: Vec<Vec<Option<bool>>>,
    usual: Vec<Option<bool>>,
}

impl Script {
    fn of_run(delivered: &Delivered, model: &Model, run: &Run) -> Self {
        let from = inputs(delivered, model);
        let mut words = vec![vec![Some(false); from.len()]; model.reset_cycles as usize];
        words.extend(run.inputs.iter().map(|word| {
            let bit = |f: usize| run.relevant[f].then(|| word.as_bytes()[f] == b'1');
            from.iter().map(|f| f.and_then(bit)).collect()
        }));
        Self {
            power_up: model.state.iter().map(|s| s.power_up.unwrap_or(false)).collect(),
            words,
            usual: from.iter().map(|f| f.and_then(|f| run.usual[f])).collect(),
        }
    }
    fn of_trace(model: &Model, run: &Trace) -> Self {
        let bits = |text: &String| text.bytes().map(|b| b == b'1').collect::<Vec<bool>>();
        let words = run.inputs.iter().map(|w| bits(w).into_iter().map(Some).collect());
        Self {
            power_up: bits(&run.power_up),
            words: words.collect(),
            usual: vec![None; model.inputs.len()],
        }
    }
}

/// The invariant of all excluded nets, with what shows that it is not vacuous; nothing if that cannot be had.
pub fn excluded(
    model: &Model,
    known: &[Clause],
    nets: Vec<NetBit>,
    budget: &Budget,
) -> Option<Excluded> {
    if nets.is_empty() {
        return None;
    }
    let literal = |&(i, v): &(usize, bool)| (Var::State(i as u32), v);
    let clauses: Vec<Vec<(Var, bool)>> =
        known.iter().map(|c| c.iter().map(literal).collect()).collect();
    let invariant = Circuit::from_clauses(&clauses);
    let budget = budget.slice(STEPS);
    let legal_inputs = legal::words(model, &invariant, &[model.assume], &[], &budget)?;
    let Reached::At(cover, _) = cover(model, &mut |_, _| Lit::TRUE, 1, &budget) else {
        return None;
    };
    Some(Excluded { invariant, legal_inputs, cover, nets })
}

/// The run on the model.
fn carry(model: &Model, bit: &NetBit, script: &Script) -> Option<Fired> {
    let active = active(model, bit).ok()?;
    let reset = model.reset_cycles as usize;
    let steps = script.words.len() + AFTER;
    if active.is_const() || steps.saturating_mul(model.aig.len()) > MOST_WORK {
        return None;
    }
    let mut random = Random::new(17);
    let mut state: Vec<u64> = script.power_up.iter().map(|&b| splat(b)).collect();
    let power_up = state.clone();
    let mut words: Vec<Vec<u64>> = Vec::with_capacity(steps);
    let mut values = vec![0u64; model.aig.len()];
    let mut legal = FREE;
    let mut fired: Vec<Option<usize>> = vec![None; 64];
    let mut effect = None;
    for cycle in 0..steps {
        let word = script.words.get(cycle);
        let mut now = vec![0u64; model.inputs.len()];
        for (i, slot) in now.iter_mut().enumerate() {
            let drawn = random.word() & FREE;
            let before = words.last().map_or(0, |w: &Vec<u64>| w[i] & FREE);
            let half = match (word, script.usual[i]) {
                (Some(word), _) => word[i].map_or(drawn, |b| splat(b) & FREE),
                (None, Some(usual)) => splat(usual) & FREE,
                (None, None) if cycle % 4 != 0 => before,
                (None, None) => drawn,
            };
            *slot = half | half << 1;
        }
        evaluate(model, &mut values, &state, &now, cycle < reset, active);
        let value = |lit: Lit| values[lit.index()] ^ sign(lit.code());
        words.push(now);
        if cycle == 0 {
            legal &= value(model.assume_constants);
        }
        if cycle >= reset {
            legal &= value(model.assume);
            let mut firing = value(active) & legal;
            while firing != 0 {
                let lane = firing.trailing_zeros() as usize;
                firing &= firing - 1;
                fired[lane] = fired[lane].or(Some(cycle));
            }
        }
        let lanes = (0..64).filter(|&l| fired[l].is_some()).fold(0u64, |m, l| m | 1 << l) & legal;
        for o in model.observables.iter().filter(|o| o.lit.var() != active.var()) {
            let v = value(o.lit);
            let differs = (v ^ v >> 1) & lanes;
            if differs != 0 {
                effect = Some((cycle, differs.trailing_zeros() as usize, o));
                break;
            }
        }
        if effect.is_some() || legal == 0 {
            break;
        }
        state = model.state.iter().map(|s| value(s.next)).collect();
    }
    let first = || (0..64).filter_map(|l| Some((fired[l]?, l))).min();
    let (lane, end) = match effect {
        Some((cycle, lane, _)) => (lane, cycle),
        None => first().map(|(cycle, lane)| (lane, cycle))?,
    };
    let bits =
        |all: &[u64]| all.iter().map(|w| if w >> lane & 1 == 1 { '1' } else { '0' }).collect();
    let run = Trace {
        power_up: bits(&power_up),
        inputs: words[..=end].iter().map(|w| bits(w)).collect(),
        essential: Vec::new(),
    };
    let effect = effect.map(|(cycle, _, o)| Effect {
        cycle: cycle as u32,
        port: o.port.clone(),
        bit: o.bit,
    });
    Some(Fired { bit: bit.clone(), run, cycle: fired[lane]? as u32, effect })
}

/// All of the graph once; in the lanes beside the free ones the net is held quiet.
fn evaluate(
    model: &Model,
    values: &mut [u64],
    state: &[u64],
    inputs: &[u64],
    in_reset: bool,
    active: Lit,
) {
    for var in 1..model.aig.len() as u32 {
        let mut v = match model.aig.node(var) {
            Node::False => 0,
            Node::And(a, b) => {
                (values[a.index()] ^ sign(a.code())) & (values[b.index()] ^ sign(b.code()))
            }
            Node::Leaf(leaf) => match model.places.get(leaf as usize) {
                Some(Place::State(i)) => state[*i as usize],
                Some(Place::Input(i)) => inputs[*i as usize],
                Some(Place::Reset) => splat(in_reset == model.reset_active),
                _ => 0,
            },
        };
        if var == active.var() {
            v = v & FREE | splat(active.is_neg()) & !FREE;
        }
        values[var as usize] = v;
    }
}

fn splat(bit: bool) -> u64 {
    if bit { u64::MAX } else { 0 }
}
