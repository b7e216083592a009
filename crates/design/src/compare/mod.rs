//! `design.compare`: does a delivered netlist do what its reference does, cycle by cycle?
//!
//! Problem: whoever has the reference need not guess what hides. But synthesis renames, merges and
//! restructures, so that files cannot be compared.
//! Method: ports are matched by name. Both netlists are simulated side by side from the declared start
//! values, 0 where there is none: a difference at an output ends the matter with a stimulus. Registers are matched by name, and what is
//! left by simulation signature (`matching`). The matched pairs are assumed equal in one hashed graph of
//! both designs, and each pair's next states are compared, by structure first and by SAT where that is not
//! enough; a pair that fails is separated and the rest is tried again, down to the largest inductive set
//! (van Eijk, DATE 1998). Outputs are then compared under it. What remains different is sought from the
//! start state by unrolling (`search`).
//! Cost: close to linear where synthesis kept the structure; one SAT call per differing pair and round.
//!
//! What it cannot see: retimed or re-encoded registers, which stay unmatched and leave outputs *open*. No
//! certificate is written: agreement is `nothing-found` with its coverage, never `proved`, and a difference
//! is `suspect`. Registers without a declared start are assumed to start at 0.

mod matching;
mod search;

pub use matching::By;

use netlist::{Aig, Direction, Lit, Netlist, Node, PowerUp, Register, SeqSim};
use solve::{AigSolver, Budget, Outcome};
use std::collections::BTreeMap;

/// How two registers were matched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Register of the first netlist.
    pub a: usize,
    /// Register of the second.
    pub b: usize,
    /// How.
    pub by: By,
    /// Whether they are equal in every reachable state, by induction.
    pub equal: bool,
}

/// A run in which the two differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Input words, one character per input of [`Comparison::inputs`].
    pub inputs: Vec<String>,
    /// Cycle of the first difference.
    pub cycle: usize,
    /// Outputs that differ in it.
    pub outputs: Vec<String>,
    /// `simulation` or `search`.
    pub by: &'static str,
}

/// What a comparison says.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Constructs of either netlist that are not modelled exactly.
    pub unsupported: Vec<String>,
    /// A difference, if one was found; it has been replayed on both.
    pub difference: Option<Difference>,
    /// Outputs proved equal by induction.
    pub equal: usize,
    /// Outputs neither proved equal nor seen to differ.
    pub open: Vec<String>,
    /// Outputs that only one of them has.
    pub lone_outputs: Vec<String>,
    /// Common inputs, by name and bit.
    pub inputs: Vec<String>,
    /// Inputs that only one of them has: free there.
    pub lone_inputs: Vec<String>,
    /// Matched registers.
    pub pairs: Vec<Pair>,
    /// Registers of the first without a partner.
    pub lone_a: Vec<String>,
    /// Registers of the second without a partner.
    pub lone_b: Vec<String>,
}

/// A named bit on both sides.
#[derive(Clone, Debug)]
struct Common {
    name: String,
    a: Lit,
    b: Lit,
}

/// Compares two netlists.
pub fn compare(a: &Netlist, b: &Netlist, depth: usize, budget: &Budget) -> Comparison {
    let (inputs, lone_inputs) = common(a, b, Direction::Input);
    let (outputs, lone_outputs) = common(a, b, Direction::Output);
    let mut found = Comparison {
        inputs: inputs.iter().map(|i| i.name.clone()).collect(),
        lone_inputs,
        lone_outputs,
        unsupported: a
            .unsupported
            .iter()
            .chain(&b.unsupported)
            .map(|u| format!("{} at {}", u.what, u.place))
            .collect(),
        ..Comparison::default()
    };
    let (pairs, difference) = matching::registers(a, b, &inputs, &outputs);
    found.pairs = pairs;
    if let Some(words) = difference {
        found.difference = search::replay(a, b, &inputs, &outputs, words, "simulation");
    }
    let paired = |side: usize, i: usize| {
        found.pairs.iter().any(|p| if side == 0 { p.a == i } else { p.b == i })
    };
    let name = |n: &Netlist, i: usize| format!("{}[{}]", n.registers[i].name, n.registers[i].bit);
    found.lone_a = (0..a.registers.len()).filter(|&i| !paired(0, i)).map(|i| name(a, i)).collect();
    found.lone_b = (0..b.registers.len()).filter(|&i| !paired(1, i)).map(|i| name(b, i)).collect();
    if found.difference.is_some() {
        return found;
    }
    induct(a, b, &inputs, &mut found.pairs, budget);
    let mut product = Product::new(a, b, &inputs, &found.pairs);
    let mut solver = AigSolver::new();
    let mut suspicious = Vec::new();
    for output in &outputs {
        let (x, y) = (product.a(output.a), product.b(output.b));
        let differ = product.aig.xor(x, y);
        let same = differ == Lit::FALSE
            || solver.solve(&product.aig, &[differ], &budget.slice(STEPS)) == Outcome::Unsat;
        if same {
            found.equal += 1;
        } else {
            suspicious.push(output.clone());
        }
    }
    if !suspicious.is_empty()
        && let Some(words) = search::unroll(a, b, &inputs, &suspicious, depth, budget)
    {
        found.difference = search::replay(a, b, &inputs, &outputs, words, "search");
    }
    found.open = suspicious.into_iter().map(|o| o.name).collect();
    found
}

/// Both start where their registers are declared to, at 0 where nothing is declared.
fn started(n: &Netlist) -> SeqSim<1> {
    let mut run = SeqSim::of(n);
    for (i, r) in n.registers.iter().enumerate() {
        run.set_register(i, &[if starts_at_one(r) { u64::MAX } else { 0 }]);
    }
    run
}

fn starts_at_one(register: &Register) -> bool {
    register.power_up == PowerUp::One
}

/// Solver steps for one question.
const STEPS: u64 = 20_000;

/// Bits of ports of the same name on both sides, and the names of others.
fn common(a: &Netlist, b: &Netlist, direction: Direction) -> (Vec<Common>, Vec<String>) {
    let bits = |n: &Netlist| {
        let mut all: BTreeMap<String, Lit> = BTreeMap::new();
        for port in n.ports.iter().filter(|p| p.direction == direction) {
            for (i, &lit) in port.bits.iter().enumerate() {
                all.insert(format!("{}[{i}]", port.name), lit);
            }
        }
        all
    };
    let (left, mut right) = (bits(a), bits(b));
    let (mut both, mut lone) = (Vec::new(), Vec::new());
    for (name, a) in left {
        match right.remove(&name) {
            Some(b) => both.push(Common { name, a, b }),
            None => lone.push(format!("{name} (first)")),
        }
    }
    lone.extend(right.into_keys().map(|name| format!("{name} (second)")));
    (both, lone)
}

/// Both designs in one graph, matched registers one leaf.
struct Product {
    aig: Aig,
    map_a: Vec<Lit>,
    map_b: Vec<Lit>,
}

impl Product {
    fn new(a: &Netlist, b: &Netlist, inputs: &[Common], pairs: &[Pair]) -> Self {
        let mut aig = Aig::new();
        let mut leaves_a: BTreeMap<u32, Lit> = BTreeMap::new();
        let mut leaves_b: BTreeMap<u32, Lit> = BTreeMap::new();
        for input in inputs {
            let leaf = aig.leaf();
            leaves_a.insert(input.a.var(), leaf);
            leaves_b.insert(input.b.var(), leaf);
        }
        for pair in pairs.iter().filter(|p| p.equal) {
            let leaf = aig.leaf();
            leaves_a.insert(a.registers[pair.a].out.var(), leaf);
            leaves_b.insert(b.registers[pair.b].out.var(), leaf);
        }
        let map_a = copy(&mut aig, a, &leaves_a);
        let map_b = copy(&mut aig, b, &leaves_b);
        Self { aig, map_a, map_b }
    }
    fn a(&self, lit: Lit) -> Lit {
        self.map_a[lit.index()].xor_sign(lit.is_neg())
    }
    fn b(&self, lit: Lit) -> Lit {
        self.map_b[lit.index()].xor_sign(lit.is_neg())
    }
}

/// Copies all logic of `n` into `aig`: a literal for each of its variables. Leaves (by variable) without
/// a given literal get one of their own.
pub fn copy(aig: &mut Aig, n: &Netlist, leaves: &BTreeMap<u32, Lit>) -> Vec<Lit> {
    let mut map = vec![Lit::FALSE; n.aig.len()];
    for var in 1..n.aig.len() as u32 {
        map[var as usize] = match n.aig.node(var) {
            Node::False => Lit::FALSE,
            Node::Leaf(_) => leaves.get(&var).copied().unwrap_or_else(|| aig.leaf()),
            Node::And(x, y) => {
                let x = map[x.index()].xor_sign(x.is_neg());
                let y = map[y.index()].xor_sign(y.is_neg());
                aig.and(x, y)
            }
        };
    }
    map
}

/// Separates pairs until the rest is inductive.
fn induct(a: &Netlist, b: &Netlist, inputs: &[Common], pairs: &mut [Pair], budget: &Budget) {
    loop {
        let mut product = Product::new(a, b, inputs, pairs);
        let mut solver = AigSolver::new();
        let mut failed = false;
        let differ: Vec<Lit> = pairs
            .iter()
            .map(|p| {
                let x = product.map_a[a.registers[p.a].next.index()]
                    .xor_sign(a.registers[p.a].next.is_neg());
                let y = product.map_b[b.registers[p.b].next.index()]
                    .xor_sign(b.registers[p.b].next.is_neg());
                product.aig.xor(x, y)
            })
            .collect();
        for (pair, &d) in pairs.iter_mut().zip(&differ) {
            if !pair.equal || d == Lit::FALSE {
                continue;
            }
            let same = solver.solve(&product.aig, &[d], &budget.slice(STEPS)) == Outcome::Unsat;
            if !same {
                pair.equal = false;
                failed = true;
            }
        }
        if !failed {
            return;
        }
    }
}
