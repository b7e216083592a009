//! Tests of the solver over a growing graph.

use super::*;

#[test]
fn assumptions_give_cores_and_models() {
    let mut g = Aig::new();
    let (a, b, c) = (g.leaf(), g.leaf(), g.leaf());
    let ab = g.and(a, b);
    let mut s = AigSolver::new();
    let budget = Budget::unlimited();
    assert_eq!(s.solve(&g, &[ab, c], &budget), Outcome::Sat);
    assert!(s.value(a) && s.value(b) && !s.value(!c));
    assert_eq!(s.solve(&g, &[c, !a, ab], &budget), Outcome::Unsat);
    assert_eq!(s.core(), [!a, ab]);
    let d = g.leaf();
    let x = g.xor(ab, d);
    assert_eq!(s.solve(&g, &[x, d, a], &budget), Outcome::Sat);
    assert!(!s.value(b));
    assert_eq!(s.solve(&g, &[Lit::FALSE], &budget), Outcome::Unsat);
    assert_eq!(s.solve(&g, &[Lit::TRUE, x], &budget), Outcome::Sat);
}

#[test]
fn a_temporary_clause_holds_once() {
    for mut s in [AigSolver::new(), AigSolver::light()] {
        let mut g = Aig::new();
        let (a, b) = (g.leaf(), g.leaf());
        let budget = Budget::unlimited();
        s.add_clause(&g, &[a, b]);
        assert_eq!(s.solve_with(&g, &[!b], Some(&[!a, b]), &budget), Outcome::Unsat);
        assert!(s.temporary_failed());
        assert_eq!(s.core(), [!b]);
        assert_eq!(s.solve(&g, &[!b], &budget), Outcome::Sat);
        s.add_clause(&g, &[!a, Lit::FALSE]);
        assert_eq!(s.solve_with(&g, &[!b], Some(&[a, b]), &budget), Outcome::Unsat);
        s.add_clause(&g, &[b, Lit::TRUE]);
        assert_eq!(s.solve(&g, &[b], &budget), Outcome::Sat);
    }
}

#[test]
fn an_exhausted_budget_is_unknown() {
    let mut g = Aig::new();
    let a = g.leaf();
    let mut s = AigSolver::new();
    assert_eq!(s.solve(&g, &[a], &Budget::new(0)), Outcome::Unknown);
    let flag = Arc::new(AtomicBool::new(true));
    let stopped = Budget::unlimited().with_interrupt(Arc::clone(&flag));
    assert_eq!(s.solve(&g, &[a], &stopped), Outcome::Unknown);
    flag.store(false, Ordering::Relaxed);
    assert_eq!(s.solve(&g, &[a], &stopped), Outcome::Sat);
    assert_eq!(s.conflict_stats().calls, 1);
}
