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

/// Width of the wider of the conjunctions that a node is, or whose complement it is.
pub(super) fn width(c: &Circuit<'_>, var: u32) -> usize {
    let lit = Lit::new(var, false);
    literals(c, lit).len().max(literals(c, !lit).len())
}
