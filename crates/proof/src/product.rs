//! Two netlists side by side as one model: the delivered part and its reference, under the same inputs.
//!
//! Method: the delivered part's model is kept as it is; the reference's registers are appended to its
//! state (named `reference.…`), and the reference's logic is copied into its graph over the same leaves:
//! ports by name and bit, reset, constants and identity bits. So equal logic over equal leaves is one
//! node. A port that the reference alone has is an input of its own; a bit that nothing drives is shared
//! where both have one of that name.
//!
//! The contract's clock, reset, roles, assumptions and identities are used, its services and functions
//! are not. All output ports count, observable or not. Roles and assumptions are about the delivered
//! part's ports.

use crate::contract::Contract;
use crate::model::{InputBit, Model, ModelError, Place, Role, StateBit, StateKind, wrong};
use netlist::{Direction, Lit, Netlist, Node};
use std::collections::BTreeMap;

/// Prefix of what belongs to the reference alone.
pub const REFERENCE: &str = "reference.";

/// One output bit on both sides.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Port.
    pub port: String,
    /// Bit.
    pub bit: u32,
    /// Value in the delivered part.
    pub delivered: Lit,
    /// Value in the reference.
    pub reference: Lit,
}

/// A delivered part and its reference.
#[derive(Clone, Debug)]
pub struct Product {
    /// Both parts in one model.
    pub model: Model,
    /// State bits of the delivered part; the others are the reference's registers.
    pub delivered_state: usize,
    /// Input bits of the delivered part; the others are the reference's alone.
    pub delivered_inputs: usize,
    /// Output bits that both have.
    pub outputs: Vec<Compared>,
    /// Output bits of one only.
    pub lone_outputs: Vec<String>,
}

impl Product {
    /// Puts both under the parts of `contract` that matter here. Both must have been read with the
    /// contract's identity signals as cuts.
    ///
    /// # Errors
    /// If the contract's names do not fit one of them.
    pub fn new(
        delivered: &Netlist,
        reference: &Netlist,
        contract: &Contract,
    ) -> Result<Self, ModelError> {
        let bare = Contract {
            top: contract.top.clone(),
            clock: contract.clock.clone(),
            reset: contract.reset.clone(),
            identity: contract.identity.clone(),
            power_up: contract.power_up,
            ..Contract::default()
        };
        let full = Contract {
            inputs: contract.inputs.clone(),
            assume: contract.assume.clone(),
            off: contract.off.clone(),
            ..bare.clone()
        };
        let model = Model::new(delivered, &full)?;
        let other = Model::new(reference, &bare)
            .map_err(|e| wrong(format!("reference: {}", e.place), e.what))?;
        let mut product = Self {
            delivered_state: model.state.len(),
            delivered_inputs: model.inputs.len(),
            model,
            outputs: Vec::new(),
            lone_outputs: Vec::new(),
        };
        product.add(delivered, &other);
        Ok(product)
    }

    fn add(&mut self, delivered: &Netlist, other: &Model) {
        let mut map = vec![Lit::FALSE; other.aig.len()];
        let registers = self.registers(other, &mut map);
        self.inputs(delivered, other, &mut map);
        for var in 1..other.aig.len() as u32 {
            let at = |lit: Lit| map[lit.index()].xor_sign(lit.is_neg());
            match other.aig.node(var) {
                Node::And(a, b) => map[var as usize] = self.model.aig.and(at(a), at(b)),
                Node::Leaf(_) => match other.place(var) {
                    Some(Place::Reset) => map[var as usize] = self.shared(Place::Reset),
                    Some(Place::Clock) | None => map[var as usize] = self.shared(Place::Clock),
                    Some(Place::State(_) | Place::Input(_)) => {}
                },
                Node::False => {}
            }
        }
        let at = |lit: Lit| map[lit.index()].xor_sign(lit.is_neg());
        for (index, next) in registers {
            self.model.state[index].next = at(next);
        }
        let unsupported = other.unsupported.iter().map(|u| format!("in the reference: {u}"));
        self.model.unsupported.extend(unsupported);
        let mut theirs: BTreeMap<(String, u32), Lit> =
            other.observables.iter().map(|o| ((o.port.clone(), o.bit), at(o.lit))).collect();
        for o in &self.model.observables {
            let (port, bit, delivered) = (o.port.clone(), o.bit, o.lit);
            match theirs.remove(&(port.clone(), bit)) {
                Some(reference) => {
                    self.outputs.push(Compared { port, bit, delivered, reference });
                }
                None => self.lone_outputs.push(format!("{port}[{bit}] (delivered)")),
            }
        }
        let rest = theirs.keys().map(|(port, bit)| format!("{port}[{bit}] (reference)"));
        self.lone_outputs.extend(rest);
    }

    /// Appends the reference's registers; their new indices, and their next states in its own graph.
    fn registers(&mut self, other: &Model, map: &mut [Lit]) -> Vec<(usize, Lit)> {
        let mut added = Vec::new();
        for bit in &other.state {
            let lit = if matches!(bit.kind, StateKind::Register(_)) {
                let index = self.model.state.len();
                let lit = self.leaf(Place::State(index as u32));
                let name = format!("{REFERENCE}{}", bit.name);
                self.model.state.push(StateBit { name, lit, next: lit, ..bit.clone() });
                added.push((index, bit.next));
                lit
            } else {
                let own = |s: &&StateBit| s.kind == bit.kind && s.bit == bit.bit;
                self.model.state.iter().find(own).map_or(Lit::FALSE, |s| s.lit)
            };
            map[bit.lit.index()] = lit.xor_sign(bit.lit.is_neg());
        }
        added
    }

    /// What the reference's inputs are in the delivered part: input ports by name and bit, bits that
    /// nothing drives and identity bits likewise. What it lacks becomes an input of its own.
    fn inputs(&mut self, delivered: &Netlist, other: &Model, map: &mut [Lit]) {
        let mut known: BTreeMap<(Option<u32>, String, u32), Lit> = BTreeMap::new();
        for port in delivered.ports.iter().filter(|p| p.direction == Direction::Input) {
            let bits = self.model.ports.iter().find(|p| p.0 == port.name).map(|p| p.2.as_slice());
            for (i, &lit) in bits.unwrap_or_default().iter().enumerate() {
                let place = self.model.place(lit.var());
                if matches!(place, Some(Place::State(_) | Place::Input(_))) {
                    known.insert((None, port.name.clone(), port.offset + i as u32), lit);
                }
            }
        }
        for input in self.model.inputs.iter().filter(|i| own_kind(i.role).is_some()) {
            known.insert((own_kind(input.role), input.name.clone(), input.bit), input.lit);
        }
        for wanted in &other.inputs {
            let key = (own_kind(wanted.role), wanted.name.clone(), wanted.bit);
            let lit = known.get(&key).copied().unwrap_or_else(|| {
                let lit = self.leaf(Place::Input(self.model.inputs.len() as u32));
                let name = format!("{REFERENCE}{}", wanted.name);
                self.model.inputs.push(InputBit { name, lit, ..wanted.clone() });
                lit
            });
            map[wanted.lit.index()] = lit.xor_sign(wanted.lit.is_neg());
        }
    }

    /// The leaf that stands for reset or clock.
    fn shared(&mut self, place: Place) -> Lit {
        let leaf = self.model.places.iter().position(|p| *p == place);
        let known = leaf.and_then(|leaf| self.model.aig.leaf_lit(leaf));
        known.unwrap_or_else(|| self.leaf(place))
    }

    fn leaf(&mut self, place: Place) -> Lit {
        let lit = self.model.aig.leaf();
        if let Node::Leaf(leaf) = self.model.aig.node(lit.var()) {
            self.model.places.resize(leaf as usize + 1, Place::Clock);
            self.model.places[leaf as usize] = place;
        }
        lit
    }
}

/// What an input bit that is no port's is: 0 for one that nothing drives, else its identity item.
fn own_kind(role: Role) -> Option<u32> {
    match role {
        Role::Undriven => Some(0),
        Role::Identity(item) => Some(item + 1),
        _ => None,
    }
}
