//! And-inverter graphs with structural hashing.
//!
//! Problem: every layer (reader, simulator, kernel, engines) needs one compact representation of
//! Boolean logic in which equal sub-circuits are one node.
//! Method: two-input AND nodes and complemented edges, hash-consed as they are made (Kuehlmann and
//! Krohm, DAC 1997; the literal encoding is AIGER's: `2 * variable + complement`). Construction
//! applies constant folding and the one-level absorption rules below, all of them local identities
//! a reader can check by truth table.
//! Cost: expected constant time per node. A node is eight bytes plus its hash slot.
//! What it cannot see: functionally equal nodes of different structure stay different.

use std::ops::Not;

/// A literal: a variable of an [`Aig`], possibly complemented. Variable 0 is constant false.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lit(u32);

impl Lit {
    /// Constant false.
    pub const FALSE: Self = Self(0);
    /// Constant true.
    pub const TRUE: Self = Self(1);
    /// No literal: a mark for tables under construction, never part of a graph.
    pub(crate) const UNSET: Self = Self(u32::MAX);

    /// The literal of `var`, complemented if `neg`.
    #[inline]
    pub fn new(var: u32, neg: bool) -> Self {
        Self(var << 1 | u32::from(neg))
    }
    /// A literal from its AIGER code `2 * variable + complement`.
    #[inline]
    pub fn from_code(code: u32) -> Self {
        Self(code)
    }
    /// The AIGER code `2 * variable + complement`.
    #[inline]
    pub fn code(self) -> u32 {
        self.0
    }
    /// The variable.
    #[inline]
    pub fn var(self) -> u32 {
        self.0 >> 1
    }
    /// The variable as an index.
    #[inline]
    pub fn index(self) -> usize {
        (self.0 >> 1) as usize
    }
    /// Whether the literal is complemented.
    #[inline]
    pub fn is_neg(self) -> bool {
        self.0 & 1 == 1
    }
    /// Whether the literal is constant true or false.
    #[inline]
    pub fn is_const(self) -> bool {
        self.0 < 2
    }
    /// The constant literal of a Boolean.
    #[inline]
    pub fn constant(value: bool) -> Self {
        Self(u32::from(value))
    }
    /// This literal, complemented if `flip`.
    #[inline]
    #[must_use]
    pub fn xor_sign(self, flip: bool) -> Self {
        Self(self.0 ^ u32::from(flip))
    }
}

impl Not for Lit {
    type Output = Self;
    #[inline]
    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// What a variable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Node {
    /// Variable 0: constant false.
    False,
    /// A leaf with its dense number.
    Leaf(u32),
    /// A conjunction of two literals of smaller variables.
    And(Lit, Lit),
}

const LEAF: u32 = u32::MAX;

/// An and-inverter graph; variables are topologically ordered by construction.
#[derive(Clone, Debug)]
pub struct Aig {
    nodes: Vec<[u32; 2]>,
    leaves: Vec<u32>,
    table: Vec<u32>,
    ands: usize,
}

impl Default for Aig {
    fn default() -> Self {
        Self::new()
    }
}

impl Aig {
    /// An empty graph: only the constant.
    pub fn new() -> Self {
        Self { nodes: vec![[0, 0]], leaves: Vec::new(), table: vec![0; 1 << 8], ands: 0 }
    }
    /// Number of variables, the constant included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
    /// Whether the graph holds the constant only.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }
    /// Number of AND nodes.
    pub fn and_count(&self) -> usize {
        self.ands
    }
    /// Number of leaves.
    pub fn leaf_count(&self) -> usize {
        self.leaves.len()
    }
    /// A fresh leaf.
    pub fn leaf(&mut self) -> Lit {
        let var = self.nodes.len() as u32;
        self.nodes.push([LEAF, self.leaves.len() as u32]);
        self.leaves.push(var);
        Lit::new(var, false)
    }
    /// The positive literal of leaf number `leaf`, if there is one.
    pub fn leaf_lit(&self, leaf: usize) -> Option<Lit> {
        self.leaves.get(leaf).map(|&var| Lit::new(var, false))
    }
    /// What variable `var` is.
    #[inline]
    pub fn node(&self, var: u32) -> Node {
        let [a, b] = self.nodes[var as usize];
        if var == 0 {
            Node::False
        } else if a == LEAF {
            Node::Leaf(b)
        } else {
            Node::And(Lit(a), Lit(b))
        }
    }
    /// The fan-ins of `lit`'s variable if it is an AND.
    #[inline]
    fn fanin(&self, lit: Lit) -> Option<(Lit, Lit)> {
        match self.node(lit.var()) {
            Node::And(a, b) => Some((a, b)),
            _ => None,
        }
    }

    /// Conjunction.
    pub fn and(&mut self, a: Lit, b: Lit) -> Lit {
        let (a, b) = if a < b { (a, b) } else { (b, a) };
        if a == Lit::FALSE || a == !b {
            return Lit::FALSE;
        }
        if a == Lit::TRUE || a == b {
            return b;
        }
        if let Some(simpler) = self.absorb(a, b).or_else(|| self.absorb(b, a)) {
            return simpler;
        }
        self.hashed(a, b)
    }

    /// One-level rules for `x ∧ y` with `y = p ∧ q` or `y = ¬(p ∧ q)`:
    /// `x ∧ (x ∧ q) = y`, `x ∧ (¬x ∧ q) = 0`, `x ∧ ¬(¬x ∧ q) = x`.
    fn absorb(&self, x: Lit, y: Lit) -> Option<Lit> {
        let (p, q) = self.fanin(y)?;
        match (y.is_neg(), p == x || q == x, p == !x || q == !x) {
            (false, true, _) => Some(y),
            (false, _, true) => Some(Lit::FALSE),
            (true, _, true) => Some(x),
            _ => None,
        }
    }

    fn hashed(&mut self, a: Lit, b: Lit) -> Lit {
        if self.ands * 2 >= self.table.len() {
            self.grow();
        }
        let mask = self.table.len() - 1;
        let mut slot = hash(a, b) & mask;
        loop {
            let var = self.table[slot];
            if var == 0 {
                break;
            }
            if self.nodes[var as usize] == [a.0, b.0] {
                return Lit::new(var, false);
            }
            slot = (slot + 1) & mask;
        }
        let var = self.nodes.len() as u32;
        self.nodes.push([a.0, b.0]);
        self.table[slot] = var;
        self.ands += 1;
        Lit::new(var, false)
    }

    fn grow(&mut self) {
        let size = self.table.len() * 4;
        let mask = size - 1;
        let mut table = vec![0u32; size];
        for &var in self.table.iter().filter(|&&v| v != 0) {
            let [a, b] = self.nodes[var as usize];
            let mut slot = hash(Lit(a), Lit(b)) & mask;
            while table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            table[slot] = var;
        }
        self.table = table;
    }

    /// Disjunction.
    pub fn or(&mut self, a: Lit, b: Lit) -> Lit {
        !self.and(!a, !b)
    }
    /// Exclusive or.
    pub fn xor(&mut self, a: Lit, b: Lit) -> Lit {
        if a.is_const() {
            return b.xor_sign(a == Lit::TRUE);
        }
        if b.is_const() {
            return a.xor_sign(b == Lit::TRUE);
        }
        let flip = a.is_neg() ^ b.is_neg();
        let (a, b) = (a.xor_sign(a.is_neg()), b.xor_sign(b.is_neg()));
        let both = self.and(a, b);
        let neither = self.and(!a, !b);
        self.and(!both, !neither).xor_sign(flip)
    }
    /// Equivalence.
    pub fn iff(&mut self, a: Lit, b: Lit) -> Lit {
        !self.xor(a, b)
    }
    /// Implication.
    pub fn implies(&mut self, a: Lit, b: Lit) -> Lit {
        !self.and(a, !b)
    }
    /// `if c then t else e`.
    pub fn mux(&mut self, c: Lit, t: Lit, e: Lit) -> Lit {
        if t == e {
            return t;
        }
        if t == !e {
            return self.iff(c, t);
        }
        let then = self.and(c, t);
        let other = self.and(!c, e);
        self.or(then, other)
    }
    /// Conjunction of many literals, as a balanced tree in the given order.
    pub fn and_all(&mut self, lits: impl IntoIterator<Item = Lit>) -> Lit {
        let mut level: Vec<Lit> = lits.into_iter().collect();
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len().div_ceil(2));
            for pair in level.chunks(2) {
                next.push(if let [a, b] = *pair { self.and(a, b) } else { pair[0] });
            }
            level = next;
        }
        level.first().copied().unwrap_or(Lit::TRUE)
    }
    /// Disjunction of many literals.
    pub fn or_all(&mut self, lits: impl IntoIterator<Item = Lit>) -> Lit {
        let negated: Vec<Lit> = lits.into_iter().map(|l| !l).collect();
        !self.and_all(negated)
    }
    /// Bitwise equality of two words of equal width.
    pub fn eq_word(&mut self, a: &[Lit], b: &[Lit]) -> Lit {
        let bits: Vec<Lit> = a.iter().zip(b).map(|(&x, &y)| self.iff(x, y)).collect();
        self.and_all(bits)
    }
    /// Unsigned `a < b`, words least significant bit first, of equal width.
    pub fn less_word(&mut self, a: &[Lit], b: &[Lit]) -> Lit {
        let mut less = Lit::FALSE;
        for (&x, &y) in a.iter().zip(b) {
            let differ = self.xor(x, y);
            less = self.mux(differ, y, less);
        }
        less
    }
    /// Variables in the cone of influence of `roots` within this graph (no registers crossed),
    /// in topological order, the constant excluded.
    pub fn cone(&self, roots: impl IntoIterator<Item = Lit>) -> Vec<u32> {
        let mut seen = vec![false; self.nodes.len()];
        seen[0] = true;
        let mut stack: Vec<u32> = roots.into_iter().map(Lit::var).collect();
        let mut cone = Vec::new();
        while let Some(var) = stack.pop() {
            if std::mem::replace(&mut seen[var as usize], true) {
                continue;
            }
            cone.push(var);
            if let Node::And(a, b) = self.node(var) {
                stack.push(a.var());
                stack.push(b.var());
            }
        }
        cone.sort_unstable();
        cone
    }
}

#[inline]
fn hash(a: Lit, b: Lit) -> usize {
    let key = u64::from(a.0) << 32 | u64::from(b.0);
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_structure_is_one_node() {
        let mut g = Aig::new();
        let (a, b) = (g.leaf(), g.leaf());
        assert_eq!(g.xor(a, b), g.xor(b, a));
        assert_eq!(g.xor(!a, b), !g.xor(a, b));
        let ab = g.and(a, b);
        assert_eq!(g.and(a, ab), ab);
        assert_eq!(g.and(!a, ab), Lit::FALSE);
        assert_eq!(g.and(!a, !ab), !a);
    }
}
