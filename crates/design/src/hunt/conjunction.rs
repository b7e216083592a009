//! Wide conjunctions: comparators with constants, and what they compare.
//!
//! Problem: a trigger that waits for one value is a wide AND, in whatever shape a synthesiser left it.
//! Method: the AND tree below a node is unfolded through uncomplemented edges and through nodes that
//! merely repeat another; its distinct literals are the *essential literals*, and the width is how many
//! must agree. Literals that are registers of a chain (each loads a conjunction with the one before)
//! show a sequence.
//! Cost: bounded by the width looked at.
//! What it cannot see: a comparison folded into arithmetic (`a - b` then zero).

use super::circuit::Circuit;
use netlist::Lit;

/// Widest conjunction that is unfolded.
const MAX_WIDTH: usize = 256;

/// The literals whose conjunction `lit` is.
pub(super) fn literals(c: &Circuit<'_>, lit: Lit) -> Vec<Lit> {
    let mut found = Vec::new();
    let mut stack = vec![lit];
    let mut steps = 0;
    while let Some(l) = stack.pop() {
        steps += 1;
        if steps > 4 * MAX_WIDTH || found.len() >= MAX_WIDTH {
            break;
        }
        match c.graph.fanin(l.var()) {
            Some((a, b)) if !l.is_neg() || a == Lit::TRUE || b == Lit::TRUE => {
                if l.is_neg() {
                    // a buffer or an inverter
                    stack.push(if a == Lit::TRUE { !b } else { !a });
                } else {
                    stack.extend([a, b].into_iter().filter(|x| *x != Lit::TRUE));
                }
            }
            _ => found.push(l),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Width of the wider of the conjunctions that a node is, or whose complement it is; for a register that
/// of what it loads.
pub(super) fn width(c: &Circuit<'_>, var: u32) -> usize {
    let lit = if c.is_register(var) { c.inputs(var)[0] } else { Lit::new(var, false) };
    literals(c, lit).len().max(literals(c, !lit).len())
}

/// Registers and inputs that a node compares with a constant: literals of its conjunction that are leaves, if a
/// fifth of them is wanted at 1 and a fifth at 0. A test for zero or for all ones is nothing special.
pub(super) fn constant(c: &Circuit<'_>, var: u32) -> usize {
    let lit = if c.is_register(var) { c.inputs(var)[0] } else { Lit::new(var, false) };
    let of = |l: Lit| {
        let leaves = literals(c, l).into_iter().filter(|l| c.graph.is_leaf(l.var()));
        let (zeros, ones): (Vec<Lit>, Vec<Lit>) = leaves.partition(|l| l.is_neg());
        let both = zeros.len() + ones.len();
        if zeros.len().min(ones.len()) * 5 >= both { both } else { 0 }
    };
    of(lit).max(of(!lit))
}

/// Fewest literals of a conjunction that is indexed.
const LEAST: usize = 4;
/// Most conjunctions remembered for a net.
const MOST_OF_A_NET: usize = 200;

/// All conjunctions of a design by the nets they read, to tell a lone comparison from one of a family: a
/// decoder, a table or a state machine compares the same nets with many values.
pub(super) struct Families {
    roots: Vec<(u32, u32)>,
    of_net: Vec<(u32, u32)>,
}

impl Families {
    pub(super) fn new(c: &Circuit<'_>) -> Self {
        let (mut roots, mut of_net) = (Vec::new(), Vec::new());
        for var in 1..c.len() as u32 {
            // the topmost node of a conjunction only
            let inner = |&u: &u32| {
                c.graph.fanin(u).is_some_and(|(a, b)| {
                    [a, b].iter().any(|l| l.var() == var && !l.is_neg())
                        && ![a, b].contains(&Lit::TRUE)
                })
            };
            if c.graph.fanin(var).is_none()
                || c.users(var).len() == 1 && c.users(var).iter().all(inner)
            {
                continue;
            }
            let lits = literals(c, Lit::new(var, false));
            if lits.len() >= LEAST {
                let id = roots.len() as u32;
                roots.push((var, lits.len() as u32));
                of_net.extend(lits.iter().map(|l| (l.var(), id)));
            }
        }
        of_net.sort_unstable();
        Self { roots, of_net }
    }
    /// Conjunctions outside `inside` that read at least 60 % of the nets that the widest one of `var` reads.
    pub(super) fn relatives(
        &self,
        c: &Circuit<'_>,
        var: u32,
        inside: impl Fn(u32) -> bool,
    ) -> usize {
        let lit = if c.is_register(var) { c.inputs(var)[0] } else { Lit::new(var, false) };
        let (one, two) = (literals(c, lit), literals(c, !lit));
        let lits = if one.len() >= two.len() { one } else { two };
        if lits.len() < LEAST {
            return 0;
        }
        let mut common: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
        for l in &lits {
            let first = self.of_net.partition_point(|o| o.0 < l.var());
            let here = self.of_net[first..].iter().take_while(|o| o.0 == l.var());
            for (_, id) in here.take(MOST_OF_A_NET) {
                *common.entry(*id).or_insert(0) += 1;
            }
        }
        let related = |(&id, &n): (&u32, &usize)| {
            let root = self.roots[id as usize].0;
            root != var && !inside(root) && n * 10 >= lits.len() * 6
        };
        common.iter().filter(|&x| related(x)).count()
    }
}
