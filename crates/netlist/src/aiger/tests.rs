//! Both forms, every refusal, and the round trip.

use proptest::prelude::*;

use super::*;
use crate::{Aig, Simulator};

#[test]
fn latches_resets_and_words_are_read() {
    let text = "aag 7 2 3 2 1 1 1\n2\n4\n6 14 0\n8 6 1\n10 8 10\n6\n7\n14\n8\n14 4 3\n\
                i0 go[1]\ni1 go[0]\nl0 u.state[4]\nl1 u.state[5]\no0 y\nb0 never\nc\nanything\n";
    let n = read_aiger(text.as_bytes()).unwrap();
    let go = n.port("go").unwrap();
    assert_eq!((go.bits.len(), go.offset), (2, 0));
    let registers: Vec<_> =
        n.registers.iter().map(|r| (r.name.as_str(), r.bit, r.power_up)).collect();
    assert_eq!(
        registers,
        [("u.state", 4, PowerUp::Zero), ("u.state", 5, PowerUp::One), ("l2", 0, PowerUp::Free)]
    );
    assert_eq!(n.registers[1].next, n.registers[0].out);
    let and = n.clone().aig.and(go.bits[0], !go.bits[1]);
    assert_eq!(n.registers[0].next, and);
    assert_eq!(n.port("never").unwrap().bits, [and]);
    assert_eq!(n.port("o1").unwrap().bits, [!n.registers[0].out]);
    assert_eq!(n.net("u.state").unwrap().offset, 4);
    assert_eq!(n.notes, ["invariant constraint constraint0 is not assumed"]);
}

#[test]
fn gaps_keep_bits_apart() {
    let n = read_aiger(b"aag 2 2 0 0 0\n2\n4\ni0 a[0]\ni1 a[2]\n").unwrap();
    let names: Vec<&str> = n.ports.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["a[0]", "a[2]"]);
}

#[test]
fn binary_and_ascii_agree() {
    let ascii = read_aiger(b"aag 3 2 0 1 1\n2\n4\n7\n6 5 3\n").unwrap();
    let binary = read_aiger(b"aig 3 2 0 1 1\n7\n\x01\x02").unwrap();
    assert_eq!(ascii.ports[2].bits, binary.ports[2].bits);
}

#[test]
fn malformed_files_are_refused() {
    for (text, word) in [
        ("", "does not end"),
        ("aag 1 1\n", "five to nine"),
        ("abc 0 0 0 0 0\n", "does not start"),
        ("aag 1 1 0 0 0\n3\n", "fresh positive"),
        ("aag 2 2 0 0 0\n2\n2\n", "fresh positive"),
        ("aag 1 0 0 0 1\n2 2 2\n", "loop"),
        ("aag 2 1 0 1 0\n2\n4\n", "not defined"),
        ("aag 1 1 0 1 0\n2\n8\n", "maximum variable"),
        ("aag 1 1 0 0 0 0 0 1\n", "justice"),
        ("aag 1 0 1 0 0\n2 2 3\n", "reset value"),
        ("aag 400000000 0 0 0 0\n", "promises more"),
        ("aag 1 0 0 4000000000 0\n", "promises more"),
        ("aig 4000000000 4000000000 0 0 0\n", "inputs"),
        ("aag 0 1 0 0 0\n2\n", "does not fit"),
        ("aig 2 0 0 0 1\n", "does not fit"),
        ("aig 1 0 0 0 1\n\x00\x00", "depends on itself"),
        ("aig 1 0 0 0 1\n\x01", "ends inside"),
        ("aig 1 0 0 0 1\n\x02\x09", "delta is too large"),
        ("aag 1 1 0 0 0\n2\ni0 a\ni0 b\n", "twice"),
        ("aag 1 1 0 0 0\n2\ni7 a\n", "no bit"),
        ("aag 1 1 0 0 0\n2\nnonsense\n", "not a symbol"),
        ("aag 2 2 0 0 0\n2\n4\ni0 a\ni1 a\n", "two bits"),
        ("aag 1 1 0 1 0\n2\n2\ni0 a\no0 a\n", "an input and an output"),
        ("aag 1 1 0 0 0\n2 4\n", "too many"),
        ("aag 1 0 1 0 0\n2\n", "too few"),
        ("aag 1 1 0 0 0\n+2\n", "not a number"),
    ] {
        let error = read_aiger(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(word), "{text:?}: {error:?} lacks {word:?}");
    }
}

/// A random graph over `leaves` leaves from pairs of earlier literals.
pub(crate) fn graph(leaves: usize, pairs: &[(u32, u32)]) -> (Aig, Vec<Lit>) {
    let mut aig = Aig::new();
    let mut lits: Vec<Lit> = (0..leaves).map(|_| aig.leaf()).collect();
    for &(a, b) in pairs {
        let pick = |code: u32, lits: &[Lit]| {
            lits[(code >> 1) as usize % lits.len()].xor_sign(code & 1 == 1)
        };
        let (a, b) = (pick(a, &lits), pick(b, &lits));
        lits.push(aig.and(a, b));
    }
    let outputs = lits.iter().rev().take(4).copied().collect();
    (aig, outputs)
}

proptest! {
    #[test]
    fn printing_and_parsing_keep_the_function(
        pairs in proptest::collection::vec((any::<u32>(), any::<u32>()), 0..60),
        patterns in proptest::collection::vec(any::<u64>(), 6),
    ) {
        let (aig, outputs) = graph(6, &pairs);
        let cone = aig.cone(outputs.iter().copied());
        let leaves: Vec<Lit> = (0..6).filter_map(|k| aig.leaf_lit(k)).collect();
        let used = |lit: &&Lit| cone.binary_search(&lit.var()).is_ok();
        let mut original: Simulator<1> = Simulator::new(&aig);
        for (leaf, &word) in leaves.iter().zip(&patterns) {
            original.set(*leaf, &[word]);
        }
        original.run();
        let text = write_aag(&aig, &outputs);
        for bytes in [text.clone().into_bytes(), write_aig(&aig, &outputs)] {
            let read = read_aiger(&bytes).unwrap();
            let mut copy: Simulator<1> = Simulator::new(&read.aig);
            for (input, leaf) in read.inputs.iter().zip(leaves.iter().filter(used)) {
                copy.set(input.lit, &original.value(*leaf));
            }
            copy.run();
            let written: Vec<Lit> =
                (0..outputs.len()).map(|k| read.port(&format!("o{k}")).unwrap().bits[0]).collect();
            for (a, b) in outputs.iter().zip(&written) {
                prop_assert_eq!(original.value(*a), copy.value(*b));
            }
            if read.aig.leaf_count() == read.aig.cone(written.iter().copied()).iter()
                .filter(|&&v| matches!(read.aig.node(v), crate::Node::Leaf(_))).count() {
                prop_assert_eq!(&write_aag(&read.aig, &written), &text);
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_aiger(&bytes);
    }

    #[test]
    fn altered_files_never_panic(
        binary in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let (aig, outputs) = graph(4, &[(1, 3), (9, 4), (8, 2), (12, 11)]);
        let mut bytes = if binary { write_aig(&aig, &outputs) }
            else { write_aag(&aig, &outputs).into_bytes() };
        bytes.extend_from_slice(b"i0 a[0]\ni1 a[1]\no0 y\nc\n");
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = if byte < 128 { b'0' + byte % 10 } else { byte };
        }
        let _ = read_aiger(&bytes);
    }
}
