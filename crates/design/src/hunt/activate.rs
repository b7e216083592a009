//! Activation: a stimulus that fires a suspected trigger, or a proof that nothing does.
//!
//! Problem: rarity is an opinion; a run that fires the trigger and changes an output is a fact.
//! Method, cheapest first.
//! 1. *Never*: SAT on one frame from a free state. No model means that no state and no input whatsoever
//!    makes the trigger active: redundant logic, not an implant.
//! 2. *Luck*: the sequential cone of the trigger alone is simulated, longer than the whole design was,
//!    under the same learning stimulus; inputs are kept, and the first lane that fires gives the run.
//!    Counters of events and of cycles fall to this, because a cone is small.
//! 3. *Search*: bounded model checking of the cone from the start state (Biere et al., TACAS 1999), with
//!    the budget's steps. Comparators and sequences of data fall to this.
//!
//! A found run is replayed on the whole design twice, once with the trigger net tied to its quiet value;
//! the outputs that differ are what the payload does. Runs start from all registers 0 (assumed and
//! stated, the file declares no power-up values).
//! Cost: bounded by cycles for (2) and by steps for (3).
//! What it cannot see: triggers deeper than both reach; they stay `budget`.

use super::activity::{Activity, WORDS, sign};
use super::circuit::Circuit;
use super::random::Random;
use netlist::{Aig, Lit, Netlist, Node};
use solve::{AigSolver, Budget, Outcome};

/// Deepest unrolling.
const MAX_DEPTH: usize = 40;
/// Most nodes of an unrolling.
const MAX_UNROLLED: usize = 600_000;
/// Cycles replayed after the trigger has fired.
const AFTER: usize = 256;

/// What is known about firing a trigger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Activation {
    /// Fires in cycle `cycle` of the run.
    Fires(Run),
    /// Active in no state under no input: proved by one SAT call.
    Never,
    /// Neither found nor excluded within the budget.
    Budget,
}

/// A run from all registers 0 and what it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Input words, one character per free input in the graph's order, until after the firing.
    pub inputs: Vec<String>,
    /// Cycle in which the trigger first fires.
    pub cycle: usize,
    /// First cycle in which an observer differs from the same run with the trigger tied quiet.
    pub differs: Option<usize>,
    /// Observers that differ in the replay, in order.
    pub observers: Vec<String>,
    /// Registers outside the trigger's region that differ.
    pub registers: usize,
    /// How it was found: `simulation` or `search`.
    pub by: &'static str,
    /// Inputs whose values matter for firing.
    pub essential: usize,
}

/// A part of the design that can be simulated alone.
struct Cone {
    ands: Vec<[u32; 3]>,
    registers: Vec<usize>,
    inputs: Vec<usize>,
}

impl Cone {
    fn of(c: &Circuit<'_>, root: u32) -> Self {
        let mut seen = vec![false; c.len()];
        let mut stack = vec![root];
        seen[root as usize] = true;
        while let Some(v) = stack.pop() {
            for l in c.inputs(v) {
                if !l.is_const() && !seen[l.index()] {
                    seen[l.index()] = true;
                    stack.push(l.var());
                }
            }
        }
        let mut ands = Vec::new();
        for var in 1..c.len() as u32 {
            if seen[var as usize]
                && let Some((a, b)) = c.graph.fanin(var)
            {
                ands.push([var, a.code(), b.code()]);
            }
        }
        let registers = (0..c.graph.registers.len())
            .filter(|&r| seen[c.graph.registers[r].out.index()])
            .collect();
        let inputs = (0..c.graph.free.len()).filter(|&i| seen[c.graph.free[i].index()]).collect();
        Self { ands, registers, inputs }
    }
    fn settle(&self, values: &mut [[u64; WORDS]]) {
        for &[var, a, b] in &self.ands {
            let (x, y) = (values[(a >> 1) as usize], values[(b >> 1) as usize]);
            let (p, q) = (sign(a), sign(b));
            let out = &mut values[var as usize];
            for w in 0..WORDS {
                out[w] = (x[w] ^ p) & (y[w] ^ q);
            }
        }
    }
    fn load(&self, c: &Circuit<'_>, values: &mut [[u64; WORDS]], hold: &mut Vec<[u64; WORDS]>) {
        hold.clear();
        for &r in &self.registers {
            let next = c.graph.registers[r].next;
            let p = sign(next.code());
            hold.push(values[next.index()].map(|w| w ^ p));
        }
        for (slot, &r) in hold.iter().zip(&self.registers) {
            values[c.graph.registers[r].out.index()] = *slot;
        }
    }
}

/// Tries to fire the trigger `root` with its active value `!quiet`.
pub(super) fn activate(
    c: &Circuit<'_>,
    netlist: &Netlist,
    activity: &Activity,
    root: u32,
    quiet: bool,
    budget: &Budget,
) -> Activation {
    let target = c.graph.netlist_lit(Lit::new(root, quiet));
    if target.is_const() && target == Lit::FALSE {
        return Activation::Never;
    }
    let seen = activity.rate(root) > 0.0;
    if !seen {
        let mut solver = AigSolver::light();
        let budget = budget.slice(20_000);
        if solver.solve(&netlist.aig, &[target], &budget) == Outcome::Unsat {
            return Activation::Never;
        }
    }
    let cone = Cone::of(c, root);
    let lucky = luck(c, &cone, activity, root, quiet);
    let (words, by) = match lucky {
        Some(words) => (words, "simulation"),
        None => match search(c, netlist, &cone, target, budget) {
            Some(words) => (words, "search"),
            None => return Activation::Budget,
        },
    };
    replay(c, &cone, root, quiet, words, by, &activity.usual)
        .map_or(Activation::Budget, Activation::Fires)
}

/// Long simulation of the cone. Returns the input words of a lane that fires.
fn luck(
    c: &Circuit<'_>,
    cone: &Cone,
    activity: &Activity,
    root: u32,
    quiet: bool,
) -> Option<Vec<Vec<bool>>> {
    const WORK: u64 = 20_000_000;
    const MEMORY: usize = 1 << 23;
    let mut random = Random::new(u64::from(root) + 17);
    let mut values = vec![[0u64; WORDS]; c.len()];
    let mut hold = Vec::new();
    let in_all = (WORK / (cone.ands.len() as u64 + 4 * cone.inputs.len() as u64 + 8)).max(256);
    let longest = (MEMORY / (cone.inputs.len() * WORDS + 1)).clamp(64, 1 << 16) as u64;
    let mut done = 0;
    let mut length = 256.min(longest);
    while done < in_all {
        let mut kept: Vec<[u64; WORDS]> = Vec::new();
        for &r in &cone.registers {
            values[c.graph.registers[r].out.index()] = [0; WORDS];
        }
        let profile: Vec<[u16; 2 * WORDS]> = cone
            .inputs
            .iter()
            .map(|&i| {
                std::array::from_fn(|k| {
                    if k >= WORDS {
                        return [256, 256, 64, 16][random.below(4)];
                    }
                    match activity.usual[i] {
                        Some(value) => {
                            let seldom = if k % 4 == 3 { 2 } else { 0 };
                            if value { 256 - seldom } else { seldom }
                        }
                        None => [128, 128, 64, 192, 16, 240, 0, 256][random.below(8)],
                    }
                })
            })
            .collect();
        for cycle in 0..length {
            for (k, &i) in cone.inputs.iter().enumerate() {
                let leaf = c.graph.free[i].index();
                let old = values[leaf];
                let new: [u64; WORDS] = std::array::from_fn(|w| {
                    let value = random.biased(profile[k][w]);
                    let change =
                        if cycle == 0 { u64::MAX } else { random.biased(profile[k][WORDS + w]) };
                    match activity.usual[i] {
                        Some(usual) if cycle < 3 => 0u64.wrapping_sub(u64::from(!usual)),
                        Some(_) => value,
                        None => value & change | old[w] & !change,
                    }
                });
                values[leaf] = new;
                kept.push(new);
            }
            cone.settle(&mut values);
            let flip = if quiet { u64::MAX } else { 0 };
            for (w, word) in values[root as usize].iter().enumerate() {
                let fired = word ^ flip;
                if fired != 0 {
                    let lane = fired.trailing_zeros();
                    return Some(lane_of(c, cone, &kept, cycle as usize + 1, w, lane));
                }
            }
            cone.load(c, &mut values, &mut hold);
        }
        done += length;
        length = (length * 2).min(longest);
    }
    None
}

fn lane_of(
    c: &Circuit<'_>,
    cone: &Cone,
    kept: &[[u64; WORDS]],
    cycles: usize,
    word: usize,
    lane: u32,
) -> Vec<Vec<bool>> {
    (0..cycles)
        .map(|cycle| {
            let mut inputs = vec![false; c.graph.free.len()];
            for (k, &i) in cone.inputs.iter().enumerate() {
                inputs[i] = kept[cycle * cone.inputs.len() + k][word] >> lane & 1 == 1;
            }
            inputs
        })
        .collect()
}

/// Bounded model checking from all registers 0.
fn search(
    c: &Circuit<'_>,
    netlist: &Netlist,
    cone: &Cone,
    target: Lit,
    budget: &Budget,
) -> Option<Vec<Vec<bool>>> {
    let mut aig = Aig::new();
    let mut solver = AigSolver::new();
    let source = &netlist.aig;
    // variables of the netlist's graph in the cone
    let mut wanted = vec![false; source.len()];
    for &[var, _, _] in &cone.ands {
        wanted[c.graph.netlist_lit(Lit::new(var, false)).index()] = true;
    }
    let vars: Vec<u32> =
        source.cone(cone.registers.iter().map(|&r| netlist.registers[r].next).chain([target]));
    if vars.is_empty() {
        return None;
    }
    let mut state: Vec<Lit> = vec![Lit::FALSE; netlist.registers.len()];
    let mut leaf_register = vec![u32::MAX; source.len()];
    for (i, r) in netlist.registers.iter().enumerate() {
        leaf_register[r.out.index()] = i as u32;
    }
    let mut frames: Vec<Vec<(usize, Lit)>> = Vec::new();
    let mut free_of = vec![u32::MAX; source.len()];
    for (i, leaf) in c.graph.free.iter().enumerate() {
        free_of[c.graph.netlist_lit(*leaf).index()] = i as u32;
    }
    let depth = (MAX_UNROLLED / vars.len()).min(MAX_DEPTH);
    for t in 0..depth {
        let mut map = vec![Lit::FALSE; source.len()];
        let mut inputs = Vec::new();
        for &v in &vars {
            let at = |l: Lit| map[l.index()].xor_sign(l.is_neg());
            map[v as usize] = match source.node(v) {
                Node::And(a, b) => {
                    let (a, b) = (at(a), at(b));
                    aig.and(a, b)
                }
                Node::False => Lit::FALSE,
                Node::Leaf(_) => match leaf_register[v as usize] {
                    u32::MAX => {
                        let leaf = aig.leaf();
                        if free_of[v as usize] != u32::MAX {
                            inputs.push((free_of[v as usize] as usize, leaf));
                        }
                        leaf
                    }
                    r => state[r as usize],
                },
            };
        }
        frames.push(inputs);
        let goal = map[target.index()].xor_sign(target.is_neg());
        let outcome = match goal {
            Lit::FALSE => Outcome::Unsat,
            goal => solver.solve(&aig, &[goal], budget),
        };
        match outcome {
            Outcome::Sat => {
                let words = frames
                    .iter()
                    .map(|inputs| {
                        let mut word = vec![false; c.graph.free.len()];
                        for &(i, lit) in inputs {
                            word[i] = solver.value(lit);
                        }
                        word
                    })
                    .collect();
                let _ = t;
                return Some(words);
            }
            Outcome::Unknown => return None,
            Outcome::Unsat => {}
        }
        let next: Vec<(usize, Lit)> = cone
            .registers
            .iter()
            .map(|&r| {
                let n = netlist.registers[r].next;
                (r, map[n.index()].xor_sign(n.is_neg()))
            })
            .collect();
        for (r, lit) in next {
            state[r] = lit;
        }
    }
    None
}

/// Runs the whole design with and without the trigger, side by side; nothing if it does not fire.
fn replay(
    c: &Circuit<'_>,
    cone: &Cone,
    root: u32,
    quiet: bool,
    words: Vec<Vec<bool>>,
    by: &'static str,
    usual: &[Option<bool>],
) -> Option<Run> {
    let mut random = Random::new(99);
    let steps = words.len() + AFTER;
    let mut values = vec![0u64; c.len()];
    let mut hold: Vec<u64> = vec![0; c.graph.registers.len()];
    let mut run = Run {
        inputs: Vec::new(),
        cycle: 0,
        differs: None,
        observers: Vec::new(),
        registers: 0,
        by,
        essential: 0,
    };
    let mut fired = None;
    let mut differing = vec![false; c.graph.observed.len()];
    let mut moved = vec![false; c.graph.registers.len()];
    // even lanes run free, odd lanes have the trigger tied; 32 pairs differ in inputs the cone ignores
    const TIED: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let force = if quiet { TIED } else { 0 };
    let relevant: std::collections::BTreeSet<usize> = cone.inputs.iter().copied().collect();
    let mut previous: Vec<u64> = vec![0; c.graph.free.len()];
    for cycle in 0..steps {
        for (i, leaf) in c.graph.free.iter().enumerate() {
            let pairs = {
                let half = random.word() & 0x5555_5555_5555_5555;
                half | half << 1
            };
            let word = match words.get(cycle) {
                Some(w) if relevant.contains(&i) => 0u64.wrapping_sub(u64::from(w[i])),
                Some(_) => pairs,
                // after the run: hold what looks like control, vary the rest
                None if usual[i].is_some() => 0u64.wrapping_sub(u64::from(usual[i] == Some(true))),
                None if cycle % 4 != 0 => previous[i],
                None => pairs & previous[i] | pairs & random.word(),
            };
            // both lanes of a pair see the same
            let word = word & 0x5555_5555_5555_5555;
            values[leaf.index()] = word | word << 1;
            previous[i] = values[leaf.index()];
        }
        for var in 1..c.len() as u32 {
            if let Some((a, b)) = c.graph.fanin(var) {
                let x = values[a.index()] ^ sign(a.code());
                let y = values[b.index()] ^ sign(b.code());
                values[var as usize] = x & y;
            }
            if var == root {
                values[var as usize] = values[var as usize] & !TIED | force;
            }
        }
        let free = (values[root as usize] ^ if quiet { u64::MAX } else { 0 }) & !TIED;
        if fired.is_none() && free != 0 {
            fired = Some(cycle);
        }
        let differs = |v: u64| (v ^ v >> 1) & !TIED != 0;
        for (slot, (_, lit)) in differing.iter_mut().zip(&c.graph.observed) {
            if lit.var() != root && differs(values[lit.index()]) {
                *slot = true;
                run.differs = run.differs.or(Some(cycle));
            }
        }
        for (r, register) in c.graph.registers.iter().enumerate() {
            hold[r] = values[register.next.index()] ^ sign(register.next.code());
            moved[r] |= differs(hold[r]);
        }
        for (r, register) in c.graph.registers.iter().enumerate() {
            values[register.out.index()] = hold[r];
        }
        if fired.is_some_and(|f| cycle > f + AFTER) {
            break;
        }
    }
    run.cycle = fired?;
    run.observers = (0..differing.len())
        .filter(|&i| differing[i])
        .map(|i| c.graph.observed[i].0.clone())
        .collect();
    run.registers = moved.iter().filter(|m| **m).count();
    run.essential = essential(c, cone, root, quiet, &words);
    run.inputs =
        words.iter().map(|w| w.iter().map(|&b| if b { '1' } else { '0' }).collect()).collect();
    Some(run)
}

/// Inputs without which the run does not fire: each is drawn anew in lanes of its own.
fn essential(c: &Circuit<'_>, cone: &Cone, root: u32, quiet: bool, words: &[Vec<bool>]) -> usize {
    const WORK: usize = 200_000_000;
    let cost = words.len() * cone.ands.len().max(1);
    let groups = cone.inputs.chunks(WORDS * 8).count();
    if cost.saturating_mul(groups) > WORK {
        return cone.inputs.len();
    }
    let mut random = Random::new(5);
    let mut count = 0;
    let mut values = vec![[0u64; WORDS]; c.len()];
    let mut hold = Vec::new();
    // eight lanes for each input of a group
    for group in cone.inputs.chunks(WORDS * 8) {
        for &r in &cone.registers {
            values[c.graph.registers[r].out.index()] = [0; WORDS];
        }
        let mut fired = [0u64; WORDS];
        for word in words {
            for &i in &cone.inputs {
                values[c.graph.free[i].index()] = [0u64.wrapping_sub(u64::from(word[i])); WORDS];
            }
            for (k, &i) in group.iter().enumerate() {
                let mask = 0xffu64 << (8 * (k % 8));
                let slot = &mut values[c.graph.free[i].index()][k / 8];
                *slot = *slot & !mask | random.word() & mask;
            }
            cone.settle(&mut values);
            for w in 0..WORDS {
                fired[w] |= values[root as usize][w] ^ if quiet { u64::MAX } else { 0 };
            }
            cone.load(c, &mut values, &mut hold);
        }
        for k in 0..group.len() {
            count += usize::from(fired[k / 8] >> (8 * (k % 8)) & 0xff != 0xff);
        }
    }
    count
}
