//! Sets of enumerated states as circuits: Shannon decomposition with sharing.
//!
//! Method: a truth table over the state bits is split on its highest bit until it is constant; equal
//! sub-tables are one node, so the result is a reduced ordered decision diagram written as
//! multiplexers. Cost: linear in the table.

use netlist::{Aig, Lit};
use proof::circuit::CircuitError;
use proof::{Circuit, Var};
use std::collections::HashMap;

/// Circuits over the slice's state bits, and owner inputs if asked for.
pub(crate) struct Tables {
    aig: Aig,
    leaves: Vec<Lit>,
    places: Vec<Var>,
    state_bits: usize,
    owner: Vec<usize>,
}

impl Tables {
    /// Over state bits.
    pub(crate) fn new(state: &[usize]) -> Self {
        Self::with_inputs(state, &[])
    }
    /// Over state bits and owner inputs (position in the slice's word, model index).
    pub(crate) fn with_inputs(state: &[usize], owner: &[(usize, usize)]) -> Self {
        let mut aig = Aig::new();
        let places: Vec<Var> = state
            .iter()
            .map(|&i| Var::State(i as u32))
            .chain(owner.iter().map(|o| Var::Input(o.1 as u32)))
            .collect();
        let leaves = places.iter().map(|_| aig.leaf()).collect();
        let owner = owner.iter().map(|o| o.0).collect();
        Self { aig, leaves, places, state_bits: state.len(), owner }
    }
    /// The states for which `inside` holds.
    pub(crate) fn set(&mut self, inside: impl Fn(u32) -> bool) -> Lit {
        let table: Vec<bool> = (0..1u32 << self.state_bits).map(inside).collect();
        self.split(&table)
    }
    /// The pairs of state and owner word (slice positions) for which `holds` does.
    pub(crate) fn relation(&mut self, holds: impl Fn(u32, u32) -> bool) -> Lit {
        let mut table = Vec::with_capacity(1 << self.leaves.len());
        for o in 0..1u32 << self.owner.len() {
            let word = self
                .owner
                .iter()
                .enumerate()
                .fold(0, |w, (n, &p)| if o >> n & 1 == 1 { w | 1 << p } else { w });
            table.extend((0..1u32 << self.state_bits).map(|s| holds(s, word)));
        }
        self.split(&table)
    }
    fn split(&mut self, table: &[bool]) -> Lit {
        let mut ids: Vec<Lit> = table.iter().map(|&b| Lit::constant(b)).collect();
        for level in 0..self.leaves.len() {
            let leaf = self.leaves[level];
            let mut memo: HashMap<(Lit, Lit), Lit> = HashMap::new();
            ids = ids
                .chunks(2)
                .map(|pair| {
                    let key = (pair[0], pair[1]);
                    *memo.entry(key).or_insert_with(|| self.aig.mux(leaf, key.1, key.0))
                })
                .collect();
        }
        ids.first().copied().unwrap_or(Lit::FALSE)
    }
    /// A circuit with these outputs.
    pub(crate) fn circuit(&self, outputs: &[Lit]) -> Result<Circuit, CircuitError> {
        Circuit::extract(&self.aig, outputs, |var| {
            self.leaves.iter().position(|l| l.var() == var).map(|p| self.places[p])
        })
    }
}
