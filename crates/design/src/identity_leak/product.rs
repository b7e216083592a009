//! The product: both copies as one model, for IC3.
//!
//! Problem: where no guessed fact makes an output's agreement inductive, the missing fact has to be
//! searched for.
//! Method: a model whose state is the left copy and the reached part of the right one, merged after
//! reset by what is proved already, with proved facts as assumptions and one more bit that says a
//! leak has been seen. IC3 ([`mod@solve::ic3`]) finds a run that sets it, or clauses over both copies that
//! exclude it; the clauses become facts. Equality at power-up is expressed by reading the left copy
//! in place of the right one until the first cycle has passed.
//! Cost: unpredictable, so it has a budget of its own. Needs a reset sequence.

use crate::identity_leak::copies::{Copies, Merge};
use crate::identity_leak::facts::{Fact, equal};
use crate::identity_leak::induct::{Belief, unexcused};
use crate::identity_leak::lanes::Pair;
use crate::identity_leak::structure::Structure;
use netlist::{Lit, Node};
use proof::Model;
use proof::model::{InputBit, Place, Role, StateBit, StateKind};
use solve::{Budget, Ic3Answer, ic3};

/// What the product came to.
pub(crate) enum Product {
    /// A pair whose last cycle leaks.
    Leak(Pair),
    /// Facts with which the outputs agree.
    Facts(Vec<Fact>),
    /// Neither within the budget.
    Unknown,
}

/// Runs IC3 on the product for the outputs that fail.
pub(crate) fn product(
    model: &Model,
    item: usize,
    structure: &Structure,
    belief: &Belief,
    failing: &[usize],
    budget: &Budget,
) -> Product {
    if model.reset_cycles == 0 || failing.is_empty() {
        return Product::Unknown;
    }
    let both = Both::new(model, item, structure, belief, failing);
    let target = vec![vec![(both.leaked, true)]];
    match ic3(&both.model, &target, &[], budget) {
        Ic3Answer::Unknown => Product::Unknown,
        Ic3Answer::Safe(clauses) => {
            Product::Facts(clauses.iter().filter_map(|c| both.fact(c)).collect())
        }
        Ic3Answer::Unsafe(trace) => {
            let power: Vec<bool> = trace.power_up.bytes().map(|b| b == b'1').collect();
            let identity = &model.identities[item];
            let mut pair = Pair { power: vec![false; model.state.len()], ..Pair::default() };
            for (k, &i) in both.left.iter().enumerate() {
                pair.power[i] = power[k];
            }
            for (bit, value) in model.state.iter().zip(&mut pair.power) {
                *value = bit.power_up.unwrap_or(*value);
            }
            pair.fuses = identity
                .state
                .iter()
                .map(|&i| match both.right.iter().position(|&r| r == i) {
                    Some(k) => power[both.left.len() + k],
                    None => pair.power[i],
                })
                .collect();
            for word in &trace.inputs {
                let word: Vec<bool> = word.bytes().map(|b| b == b'1').collect();
                let (left, sensors) = word.split_at(model.inputs.len());
                pair.inputs.push(left.to_vec());
                pair.sensors.push(sensors.to_vec());
            }
            Product::Leak(pair)
        }
    }
}

struct Both {
    model: Model,
    /// State indices of the left copy, in the product's order.
    left: Vec<usize>,
    /// Then those of the right copy.
    right: Vec<usize>,
    /// The product's bit that says a leak was seen.
    leaked: usize,
}

impl Both {
    fn new(
        model: &Model,
        item: usize,
        structure: &Structure,
        belief: &Belief,
        failing: &[usize],
    ) -> Self {
        let needed = |i: &usize| structure.needed_state[*i];
        let left: Vec<usize> = (0..model.state.len()).filter(needed).collect();
        let right: Vec<usize> =
            left.iter().copied().filter(|&i| structure.reached_state[i]).collect();
        let mut c = Copies::new(model, item);
        let free: Vec<bool> = structure.reached_state.iter().map(|r| !r).collect();
        let early = c.add_merge(Merge::new(model, item, &free, &[]));
        let mut alias = vec![false; model.aig.len()];
        for var in equal(&belief.facts) {
            alias[var as usize] = true;
        }
        let late = c.add_merge(Merge::new(model, item, &belief.tied, &alias));

        let leaves: Vec<Lit> = model.state.iter().map(|_| c.aig.leaf()).collect();
        let mut others = leaves.clone();
        for &i in &right {
            others[i] = c.aig.leaf();
        }
        let (started, leaked, reset) = (c.aig.leaf(), c.aig.leaf(), c.aig.leaf());
        let identity = &model.identities[item].state;
        let first: Vec<Lit> = (0..leaves.len())
            .map(|i| {
                let own = identity.contains(&i);
                if own { others[i] } else { c.aig.mux(started, others[i], leaves[i]) }
            })
            .collect();
        let (l, r) = c.fresh_inputs();
        let inputs = (l.clone(), r.clone());
        let during = c.given(leaves.clone(), first, inputs.clone(), true, early);
        let after = c.given(leaves.clone(), others.clone(), inputs, false, late);

        let mut places = vec![Place::Clock; c.aig.leaf_count()];
        let mut state: Vec<StateBit> = Vec::new();
        let mut put = |c: &Copies<'_>, lit: Lit, place: Place| {
            if let Node::Leaf(n) = c.aig.node(lit.var()) {
                places[n as usize] = place;
            }
        };
        for (right, all, lits) in [(false, &left, &leaves), (true, &right, &others)] {
            for &i in all {
                let next = model.state[i].next;
                let (x, y) = if right {
                    (c.right(during, next), c.right(after, next))
                } else {
                    (c.left(during, next), c.left(after, next))
                };
                let next = c.aig.mux(reset, x, y);
                put(&c, lits[i], Place::State(state.len() as u32));
                state.push(StateBit { lit: lits[i], next, ..model.state[i].clone() });
            }
        }
        let shown: Vec<Lit> =
            failing.iter().map(|&o| unexcused(model, item, &mut c, after, o)).collect();
        let shown = c.aig.or_all(shown);
        let shown = c.aig.and(shown, !reset);
        for (name, lit, next) in [("started", started, Lit::TRUE), ("leaked", leaked, shown)] {
            put(&c, lit, Place::State(state.len() as u32));
            let name = format!("probity.{name}");
            let kind = StateKind::Tracker(0);
            let power_up = Some(false);
            state.push(StateBit { name, bit: 0, src: None, kind, lit, next, power_up });
        }
        let mut bits: Vec<InputBit> = Vec::new();
        let sensors = model.identities[item].inputs.iter().map(|&i| r[i]);
        for lit in l.iter().copied().chain(sensors) {
            put(&c, lit, Place::Input(bits.len() as u32));
            bits.push(InputBit { name: "input".into(), bit: 0, role: Role::Remote, lit });
        }
        put(&c, reset, Place::Reset);

        let assume = c.left(after, model.assume);
        let mut all = vec![assume];
        for fact in &belief.facts {
            all.push(fact.holds(&mut c, model, after));
        }
        let assume = c.aig.and_all(all);
        let assume_constants = c.left(after, model.assume_constants);
        let model = Model {
            reference: None,
            nets: Vec::new(),
            name: "product".into(),
            aig: c.aig,
            places,
            inputs: bits,
            reset_cycles: model.reset_cycles,
            reset_active: true,
            assume,
            assume_constants,
            recovery_assume: Lit::TRUE,
            documented: Lit::TRUE,
            services: Vec::new(),
            identities: Vec::new(),
            windows: Vec::new(),
            functions: Vec::new(),
            observables: Vec::new(),
            unsupported: Vec::new(),
            contract: model.contract.clone(),
            ports: Vec::new(),
            state,
        };
        Self { leaked: model.state.len() - 1, model, left, right }
    }

    /// A clause of the product as a fact about pairs without a leak, past the first cycle.
    fn fact(&self, clause: &[(usize, bool)]) -> Option<Fact> {
        let mut lits = Vec::new();
        for &(index, value) in clause {
            let right = index.wrapping_sub(self.left.len());
            if let Some(&i) = self.left.get(index) {
                lits.push((false, i, value));
            } else if let Some(&i) = self.right.get(right) {
                lits.push((true, i, value));
            } else if value == (index != self.leaked) {
                // `started`, or `not leaked`: the clause says nothing here
                return None;
            }
        }
        Some(Fact::Either(lits))
    }
}
