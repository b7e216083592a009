//! What the kernel refuses.

use crate::bench::{proved, refuted, sealed};
use crate::designs::masked;
use netlist::Node;
use proof::certificate::{Body, Relation};
use serde_json::json;

/// The kernel merges what a certificate says is equal only together with a proof that it is.
#[test]
fn an_equality_that_does_not_hold_is_refused() {
    let honest = masked(true).model(json!({}));
    let Body::Relation(relation) = proved(&honest).body else { panic!("no relation") };
    assert_eq!(relation.equal.len(), 16);
    sealed(&honest, relation.clone()).unwrap();
    let mut refused = 0;
    for var in (0..honest.aig.len() as u32).filter(|v| !relation.equal.contains(v)) {
        let mut more = relation.clone();
        more.equal.push(var);
        more.equal.sort_unstable();
        refused += u32::from(sealed(&honest, more).is_err());
    }
    assert!(refused >= 32, "the halves of sixteen exclusive ors, at least");
    // the same relation about a design that leaks
    let leaky = masked(false).model(json!({}));
    refuted(&leaky, "value");
    for equal in [vec![], (1..leaky.aig.len() as u32).collect(), relation.equal.clone()] {
        assert!(sealed(&leaky, Relation { equal, ..relation.clone() }).is_err());
    }
    let gates = (1..leaky.aig.len() as u32).filter(|&v| matches!(leaky.aig.node(v), Node::And(..)));
    let all = Relation { equal: gates.collect(), ..relation };
    assert!(sealed(&leaky, all).is_err());
}
