//! Simulators against a naive evaluator, on random graphs.

use netlist::{Aig, Lit, Node, SeqSim, Simulator, Ternary, Trits};
use proptest::prelude::*;

fn graph(leaves: usize, pairs: &[(u32, u32)]) -> (Aig, Vec<Lit>) {
    let mut aig = Aig::new();
    let mut lits: Vec<Lit> = (0..leaves).map(|_| aig.leaf()).collect();
    for &(a, b) in pairs {
        let (x, y) = (lits[(a >> 1) as usize % lits.len()], lits[(b >> 1) as usize % lits.len()]);
        lits.push(aig.and(x.xor_sign(a & 1 == 1), y.xor_sign(b & 1 == 1)));
    }
    (aig, lits)
}

/// The value of every variable, one Boolean at a time.
fn naive(aig: &Aig, leaves: &[bool]) -> Vec<bool> {
    let mut values: Vec<bool> = Vec::new();
    for var in 0..aig.len() as u32 {
        let at = |lit: Lit| values[lit.index()] ^ lit.is_neg();
        values.push(match aig.node(var) {
            Node::False => false,
            Node::Leaf(leaf) => leaves[leaf as usize],
            Node::And(a, b) => at(a) && at(b),
        });
    }
    values
}

fn pairs() -> impl Strategy<Value = Vec<(u32, u32)>> {
    proptest::collection::vec((any::<u32>(), any::<u32>()), 1..80)
}

proptest! {
    #[test]
    fn every_pattern_of_every_word_is_right(pairs in pairs(), words in any::<[[u64; 4]; 5]>()) {
        let (aig, lits) = graph(5, &pairs);
        let root = lits[lits.len() - 1];
        let mut whole: Simulator<4> = Simulator::new(&aig);
        let mut cone: Simulator<4> = Simulator::for_cone(&aig, [root]);
        prop_assert!(cone.and_count() <= whole.and_count());
        for (leaf, word) in words.iter().enumerate() {
            whole.set_leaf(leaf, word);
            cone.set_leaf(leaf, word);
        }
        whole.run();
        cone.run();
        prop_assert_eq!(whole.value(root), cone.value(root));
        for pattern in (0..256).step_by(17) {
            let bit = |word: &[u64; 4]| word[pattern / 64] >> (pattern % 64) & 1 == 1;
            let leaves: Vec<bool> = words.iter().map(bit).collect();
            let values = naive(&aig, &leaves);
            for lit in &lits {
                prop_assert_eq!(bit(&whole.value(*lit)), values[lit.index()] ^ lit.is_neg());
            }
        }
    }

    #[test]
    fn registers_load_all_at_once(pairs in pairs(), start in any::<[u64; 3]>(), input in any::<u64>()) {
        let (aig, lits) = graph(4, &pairs);
        let next: Vec<Lit> = lits.iter().rev().take(3).copied().collect();
        let registers: Vec<(Lit, Lit)> = (0..3).map(|k| (lits[k], next[k])).collect();
        let mut sim: SeqSim<1> = SeqSim::new(&aig, registers);
        for (k, &word) in start.iter().enumerate() {
            sim.set_register(k, &[word]);
        }
        sim.logic.set(lits[3], &[input]);
        let mut state = start.map(|word| word & 1 == 1);
        for _ in 0..4 {
            let values = naive(&aig, &[state[0], state[1], state[2], input & 1 == 1]);
            sim.step();
            state = [0, 1, 2].map(|k| values[next[k].index()] ^ next[k].is_neg());
            for (k, &value) in state.iter().enumerate() {
                prop_assert_eq!(sim.logic.value(lits[k])[0] & 1 == 1, value);
            }
        }
    }

    #[test]
    fn definite_ternary_values_hold_for_all_completions(
        pairs in pairs(), known in any::<[Option<bool>; 4]>(),
    ) {
        let (aig, lits) = graph(4, &pairs);
        let mut sim = Ternary::new(&aig);
        for (k, &value) in known.iter().enumerate() {
            sim.set(lits[k], Trits::splat(value));
        }
        sim.run(&aig);
        for completion in 0..16u32 {
            let free = |k: usize| completion >> k & 1 == 1;
            let leaves: Vec<bool> = (0..4).map(|k| known[k].unwrap_or(free(k))).collect();
            let values = naive(&aig, &leaves);
            for lit in &lits {
                if let Some(value) = sim.value(*lit).at(13) {
                    prop_assert_eq!(value, values[lit.index()] ^ lit.is_neg());
                }
            }
            if known.iter().all(Option::is_some) {
                prop_assert!(lits.iter().all(|lit| sim.value(*lit).at(0).is_some()));
            }
        }
    }
}

#[test]
fn a_step_resets_what_a_reset_fixes() {
    let mut aig = Aig::new();
    let (reset, q, r) = (aig.leaf(), aig.leaf(), aig.leaf());
    let next = aig.and(!reset, q);
    let mut sim = Ternary::new(&aig);
    sim.set(reset, Trits::ONE);
    sim.step(&aig, &[(q, next), (r, q)]);
    assert_eq!(sim.value(q), Trits::ZERO);
    assert_eq!(sim.value(r), Trits::UNKNOWN);
    assert_eq!(sim.value(!q), Trits::ONE);
    assert_eq!(Trits::new(0b01, 0b11).at(1), Some(false));
    assert_eq!((Trits::new(0b01, 0b11).ones(), Trits::new(0b01, 0b11).zeros()), (1, 2));
}
