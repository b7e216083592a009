//! From one literal of a graph to CNF, DIMACS and AIGER: the encoding a stranger must trust.
//!
//! Problem: an obligation of the kernel is "this literal is never true". Solvers and checkers speak
//! CNF, and whoever doubts us wants to rebuild that CNF with a program of his own.
//! Method: Tseitin's encoding (1968) in its plainest form, one CNF variable per variable in the
//! cone of influence of the literal, no polarity trick, no recognition of larger gates:
//!
//! 1. The cone's variables (the constant excluded) are numbered 1, 2, … in ascending order.
//! 2. Each AND `v = a ∧ b`, in ascending order of `v`, gives `(-v a) (-v b) (v -a -b)`, with `a`
//!    and `b` in the order in which the node stores them.
//! 3. Last comes the unit clause of the literal itself.
//!
//! If the literal is constant false the CNF is one empty clause (nothing is left to prove); if it is
//! constant true the CNF has no clause (nothing can be proved). The CNF is satisfiable exactly if
//! the literal can be true. [`aag`] writes the same cone as combinational AIGER with the same
//! numbers, so that variable `i` there is variable `i` of the CNF.
//! Cost: linear in the cone.

use evidence::Digest;
use netlist::{Aig, Lit, Node};

/// A formula in conjunctive normal form. Clauses lie end to end in one arena.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cnf {
    /// Variables are `1..=variables`.
    pub variables: u32,
    literals: Vec<i32>,
    /// End of each clause in `literals`.
    ends: Vec<usize>,
}

impl Cnf {
    /// A formula without clauses over `variables` variables (at most `i32::MAX`).
    pub fn new(variables: u32) -> Self {
        Self { variables: variables.min(i32::MAX as u32), literals: Vec::new(), ends: Vec::new() }
    }

    /// Appends a clause. Literals of value 0 or beyond `variables` never belong to a formula: such
    /// a clause is not added and the answer is false.
    #[must_use]
    pub fn push(&mut self, clause: &[i32]) -> bool {
        let fits = clause.iter().all(|l| *l != 0 && l.unsigned_abs() <= self.variables);
        if fits {
            self.literals.extend_from_slice(clause);
            self.ends.push(self.literals.len());
        }
        fits
    }

    /// Number of clauses.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no clause at all (the formula is true).
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The clauses in order.
    pub fn clauses(&self) -> impl Iterator<Item = &[i32]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.literals[std::mem::replace(&mut start, end)..end])
    }

    /// Whether the formula holds an empty clause: its unsatisfiability needs no proof.
    pub fn is_trivial(&self) -> bool {
        self.clauses().any(<[i32]>::is_empty)
    }

    /// The formula in DIMACS, byte for byte what [`Cnf::digest`] covers: the header, then one
    /// clause per line, literals separated by one space, ended by ` 0`.
    pub fn dimacs(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(32 + 9 * self.literals.len());
        text.extend_from_slice(b"p cnf ");
        decimal(&mut text, self.variables);
        text.push(b' ');
        text.extend_from_slice(self.len().to_string().as_bytes());
        text.push(b'\n');
        for clause in self.clauses() {
            for &literal in clause {
                if literal < 0 {
                    text.push(b'-');
                }
                decimal(&mut text, literal.unsigned_abs());
                text.push(b' ');
            }
            text.extend_from_slice(b"0\n");
        }
        text
    }

    /// SHA-256 of the DIMACS bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.dimacs())
    }
}

/// Appends `value` in decimal.
fn decimal(text: &mut Vec<u8>, mut value: u32) {
    let start = text.len();
    loop {
        text.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    text[start..].reverse();
}

/// The cone of a literal, renumbered from 1 in ascending order of its variables.
struct Cone {
    vars: Vec<u32>,
    number: Vec<u32>,
}

impl Cone {
    fn of(aig: &Aig, root: Lit) -> Self {
        let vars = aig.cone([root]);
        let mut number = vec![0; root.index() + 1];
        for (position, &var) in vars.iter().enumerate() {
            // Variables of the cone are at most the root; there are fewer than 2^31 of them
            // because an AIGER literal of 32 bits holds the variable and one more bit.
            number[var as usize] = position as u32 + 1;
        }
        Self { vars, number }
    }

    fn dimacs(&self, lit: Lit) -> i32 {
        let var = self.number[lit.index()] as i32;
        if lit.is_neg() { -var } else { var }
    }

    fn aiger(&self, lit: Lit) -> u32 {
        2 * self.number[lit.index()] + u32::from(lit.is_neg())
    }
}

/// The CNF that is satisfiable exactly if `bad` can be true; the rules stand on top of this file.
pub fn encode(aig: &Aig, bad: Lit) -> Cnf {
    if bad.is_const() {
        let clauses = usize::from(bad == Lit::FALSE);
        return Cnf { variables: 0, literals: Vec::new(), ends: vec![0; clauses] };
    }
    let cone = Cone::of(aig, bad);
    let mut cnf = Cnf::new(cone.vars.len() as u32);
    for &var in &cone.vars {
        if let Node::And(a, b) = aig.node(var) {
            let (v, a, b) = (cone.dimacs(Lit::new(var, false)), cone.dimacs(a), cone.dimacs(b));
            for clause in [&[-v, a][..], &[-v, b], &[v, -a, -b]] {
                cnf.literals.extend_from_slice(clause);
                cnf.ends.push(cnf.literals.len());
            }
        }
    }
    cnf.literals.push(cone.dimacs(bad));
    cnf.ends.push(cnf.literals.len());
    cnf
}

/// The cone of `bad` as combinational AIGER (ASCII, one output); its variables carry the numbers of
/// [`encode`]'s CNF.
pub fn aag(aig: &Aig, bad: Lit) -> Vec<u8> {
    let cone = Cone::of(aig, bad);
    let (mut inputs, mut ands) = (Vec::new(), Vec::new());
    let (mut input_count, mut and_count) = (0u32, 0u32);
    for &var in &cone.vars {
        let code = cone.aiger(Lit::new(var, false));
        if let Node::And(a, b) = aig.node(var) {
            and_count += 1;
            for (value, end) in [(code, b' '), (cone.aiger(a), b' '), (cone.aiger(b), b'\n')] {
                decimal(&mut ands, value);
                ands.push(end);
            }
        } else {
            input_count += 1;
            decimal(&mut inputs, code);
            inputs.push(b'\n');
        }
    }
    let header = format!(
        "aag {} {input_count} 0 1 {and_count}\n{}{}\n",
        cone.vars.len(),
        String::from_utf8_lossy(&inputs),
        cone.aiger(bad)
    );
    [header.into_bytes(), ands].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(cnf: &Cnf) -> String {
        String::from_utf8(cnf.dimacs()).unwrap()
    }

    #[test]
    fn constants_are_the_trivial_formulas() {
        let aig = Aig::new();
        assert_eq!(text(&encode(&aig, Lit::FALSE)), "p cnf 0 1\n0\n");
        assert!(encode(&aig, Lit::FALSE).is_trivial());
        assert_eq!(text(&encode(&aig, Lit::TRUE)), "p cnf 0 0\n");
        assert!(!encode(&aig, Lit::TRUE).is_trivial());
        assert_eq!(aag(&aig, Lit::FALSE), b"aag 0 0 0 1 0\n0\n");
        assert_eq!(aag(&aig, Lit::TRUE), b"aag 0 0 0 1 0\n1\n");
    }

    #[test]
    fn an_and_gives_three_clauses_and_the_root_a_unit() {
        let mut aig = Aig::new();
        let _outside = aig.leaf();
        let (a, b) = (aig.leaf(), aig.leaf());
        let v = aig.and(a, !b);
        let cnf = encode(&aig, !v);
        assert_eq!(text(&cnf), "p cnf 3 4\n-3 1 0\n-3 -2 0\n3 -1 2 0\n-3 0\n");
        assert_eq!(cnf.digest(), Digest::of(text(&cnf).as_bytes()));
        assert_eq!(aag(&aig, !v), b"aag 3 2 0 1 1\n2\n4\n7\n6 2 5\n");
        assert_eq!(text(&encode(&aig, !a)), "p cnf 1 1\n-1 0\n");
    }

    #[test]
    fn a_literal_outside_the_formula_is_not_added() {
        let mut cnf = Cnf::new(2);
        assert!(cnf.push(&[1, -2]));
        assert!(!cnf.push(&[3]) && !cnf.push(&[0]) && !cnf.push(&[i32::MIN]));
        assert_eq!(cnf.clauses().collect::<Vec<_>>(), [&[1, -2][..]]);
    }

    fn satisfiable(cnf: &Cnf) -> bool {
        (0..1u32 << cnf.variables).any(|point| {
            cnf.clauses()
                .all(|c| c.iter().any(|&l| (point >> (l.unsigned_abs() - 1) & 1 == 1) == (l > 0)))
        })
    }

    proptest! {
        #[test]
        fn satisfiable_exactly_if_the_literal_can_be_true(
            leaves in 1usize..4,
            gates in prop::collection::vec((any::<u16>(), any::<u16>(), any::<bool>(), any::<bool>()), 0..9),
        ) {
            let mut aig = Aig::new();
            let mut lits: Vec<Lit> = (0..leaves).map(|_| aig.leaf()).collect();
            for (a, b, s, t) in gates {
                let a = lits[a as usize % lits.len()].xor_sign(s);
                let b = lits[b as usize % lits.len()].xor_sign(t);
                lits.push(aig.and(a, b));
            }
            let root = lits[lits.len() - 1];
            for bad in [root, !root] {
                let reachable = (0..1u32 << leaves).any(|point| {
                    let mut value = vec![false; aig.len()];
                    let at = |value: &[bool], l: Lit| value[l.index()] ^ l.is_neg();
                    for var in 1..aig.len() as u32 {
                        value[var as usize] = match aig.node(var) {
                            Node::And(a, b) => at(&value, a) && at(&value, b),
                            Node::Leaf(n) => point >> n & 1 == 1,
                            Node::False => false,
                        };
                    }
                    at(&value, bad)
                });
                let cnf = encode(&aig, bad);
                prop_assert_eq!(satisfiable(&cnf), reachable);
                prop_assert_eq!(cnf, encode(&aig.clone(), bad));
            }
        }
    }
}
