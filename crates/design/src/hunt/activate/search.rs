//! Bounded model checking of the cone from the start state (Biere et al., TACAS 1999).
//!
//! Problem: comparisons with data and sequences of data are not hit by chance.
//! Method: the cone is unrolled cycle by cycle from all registers 0 and the solver asked for a run that
//! makes the trigger active.
//! Cost: bounded by the budget's steps and by the size of the unrolling.
//! What it cannot see: triggers deeper than the unrolling.

use super::super::circuit::Circuit;
use super::cone::Cone;
use netlist::{Aig, Lit, Netlist, Node};
use solve::{AigSolver, Budget, Outcome};

/// Deepest unrolling.
const MAX_DEPTH: usize = 40;
/// Most nodes of an unrolling.
const MAX_UNROLLED: usize = 600_000;

/// Bounded model checking from all registers 0.
pub(super) fn search(
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
