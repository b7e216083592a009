//! Bit-parallel two-valued simulation.
//!
//! Problem: hunting, replay and filtering evaluate the same graph billions of times.
//! Method: the graph is compiled once into a flat list of fan-in code pairs in topological order;
//! each node holds `W` words of 64 patterns. One pass is one AND and two XORs with a sign mask for
//! each word, without branches, and the `W` words of a node are one vector for the compiler; the
//! two index loads are shared by `64 · W` patterns. Values of a node lie side by side: with `W` = 8
//! they are one cache line.
//! Cost: `W` words for each node and leaf; a pass is linear in the nodes of the cone.

use crate::aig::{Aig, Lit, Node};
use crate::design::Netlist;

/// Words of 64 patterns per node unless said otherwise: one cache line.
pub const WORDS: usize = 8;

/// A compiled graph with a value for each variable.
#[derive(Clone, Debug)]
pub struct Simulator<const W: usize = WORDS> {
    /// Constant, then leaves, then ANDs.
    values: Vec<[u64; W]>,
    /// Slots of the fan-ins, shifted left, with the sign in bit 0.
    ands: Vec<[u32; 2]>,
    /// Slot of each variable; `ABSENT` outside the cone.
    slots: Vec<u32>,
    leaves: usize,
}

const ABSENT: u32 = u32::MAX;

impl<const W: usize> Simulator<W> {
    /// Compiles all of `aig`. All leaves start at 0.
    pub fn new(aig: &Aig) -> Self {
        Self::compile(aig, 1..aig.len() as u32)
    }

    /// Compiles the cone of `roots` only.
    pub fn for_cone(aig: &Aig, roots: impl IntoIterator<Item = Lit>) -> Self {
        Self::compile(aig, aig.cone(roots))
    }

    fn compile(aig: &Aig, vars: impl IntoIterator<Item = u32>) -> Self {
        let leaves = aig.leaf_count();
        let mut slots = vec![ABSENT; aig.len()];
        slots[0] = 0;
        for leaf in 0..leaves {
            if let Some(lit) = aig.leaf_lit(leaf) {
                slots[lit.index()] = leaf as u32 + 1;
            }
        }
        let mut ands = Vec::new();
        for var in vars {
            if let Node::And(a, b) = aig.node(var) {
                let code = |lit: Lit| slots[lit.index()] << 1 | u32::from(lit.is_neg());
                let pair = [code(a), code(b)];
                slots[var as usize] = (1 + leaves + ands.len()) as u32;
                ands.push(pair);
            }
        }
        Self { values: vec![[0; W]; 1 + leaves + ands.len()], ands, slots, leaves }
    }

    /// Number of ANDs one pass evaluates.
    pub fn and_count(&self) -> usize {
        self.ands.len()
    }

    /// Sets the patterns of leaf number `leaf`. Numbers that the graph does not have panic.
    pub fn set_leaf(&mut self, leaf: usize, patterns: &[u64; W]) {
        self.values[1..=self.leaves][leaf] = *patterns;
    }

    /// Sets the patterns of a literal whose variable is a leaf; anything else panics.
    pub fn set(&mut self, lit: Lit, patterns: &[u64; W]) {
        let leaf = (self.slots[lit.index()] as usize).wrapping_sub(1);
        let mask = sign(lit.code());
        self.set_leaf(leaf, &patterns.map(|word| word ^ mask));
    }

    /// Evaluates all ANDs.
    pub fn run(&mut self) {
        let (mut first, ands) = (1 + self.leaves, &self.ands);
        for &[a, b] in ands {
            let (known, rest) = self.values.split_at_mut(first);
            let (x, y) = (&known[(a >> 1) as usize], &known[(b >> 1) as usize]);
            let (p, q) = (sign(a), sign(b));
            let out = &mut rest[0];
            for w in 0..W {
                out[w] = (x[w] ^ p) & (y[w] ^ q);
            }
            first += 1;
        }
    }

    /// The patterns of `lit` as of the last [`Simulator::run`]. A literal outside the cone given
    /// to [`Simulator::for_cone`] panics.
    pub fn value(&self, lit: Lit) -> [u64; W] {
        let mask = sign(lit.code());
        self.values[self.slots[lit.index()] as usize].map(|word| word ^ mask)
    }
}

/// All ones for a complemented code.
#[inline]
fn sign(code: u32) -> u64 {
    0u64.wrapping_sub(u64::from(code & 1))
}

/// Simulation over clock cycles: a [`Simulator`] whose registers load at each step.
#[derive(Clone, Debug)]
pub struct SeqSim<const W: usize = WORDS> {
    /// The combinational part: set inputs and read values here.
    pub logic: Simulator<W>,
    registers: Vec<(Lit, Lit)>,
    loaded: Vec<[u64; W]>,
}

impl<const W: usize> SeqSim<W> {
    /// A simulation of registers given as pairs of leaf and next-state literal. All start at 0.
    pub fn new(aig: &Aig, registers: Vec<(Lit, Lit)>) -> Self {
        let loaded = vec![[0; W]; registers.len()];
        Self { logic: Simulator::new(aig), registers, loaded }
    }

    /// A simulation of all registers of a netlist.
    pub fn of(netlist: &Netlist) -> Self {
        let registers = netlist.registers.iter().map(|r| (r.out, r.next)).collect();
        Self::new(&netlist.aig, registers)
    }

    /// Sets the patterns of register number `register`.
    pub fn set_register(&mut self, register: usize, patterns: &[u64; W]) {
        self.logic.set(self.registers[register].0, patterns);
    }

    /// Evaluates the logic of the present cycle; values can be read afterwards.
    pub fn settle(&mut self) {
        self.logic.run();
    }

    /// Loads the registers from the settled logic: one clock edge. The logic must be settled again
    /// before values are read.
    pub fn load(&mut self) {
        for (slot, &(_, next)) in self.loaded.iter_mut().zip(&self.registers) {
            *slot = self.logic.value(next);
        }
        for (value, &(out, _)) in self.loaded.iter().zip(&self.registers) {
            self.logic.set(out, value);
        }
    }

    /// One whole cycle: settle, then load.
    pub fn step(&mut self) {
        self.settle();
        self.load();
    }
}
