//! Tests of decisions with proofs: every refutation goes through the kernel's checker.

use super::*;
use proof::lrat::check;

/// A word of fresh leaves.
fn word(g: &mut Aig, width: usize) -> Vec<Lit> {
    (0..width).map(|_| g.leaf()).collect()
}

fn add(g: &mut Aig, a: &[Lit], b: &[Lit]) -> Vec<Lit> {
    let mut carry = Lit::FALSE;
    let mut sum = Vec::new();
    for (&x, &y) in a.iter().zip(b) {
        let half = g.xor(x, y);
        sum.push(g.xor(half, carry));
        let (both, pass) = (g.and(x, y), g.and(half, carry));
        carry = g.or(both, pass);
    }
    sum
}

fn multiply(g: &mut Aig, a: &[Lit], b: &[Lit]) -> Vec<Lit> {
    let width = a.len() + b.len();
    let mut sum = vec![Lit::FALSE; width];
    for (i, &y) in b.iter().enumerate() {
        let mut row = vec![Lit::FALSE; width];
        for (j, &x) in a.iter().enumerate() {
            row[i + j] = g.and(x, y);
        }
        sum = add(g, &sum, &row);
    }
    sum
}

fn proved(g: &Aig, bad: Lit) -> usize {
    match decide(g, bad, &Budget::unlimited()) {
        Answer::Unsat(Proof::Lrat(lrat)) => {
            let accepted = check(&encode(g, bad), &lrat[..]).unwrap();
            assert_eq!(accepted.bytes, lrat.len() as u64);
            lrat.len()
        }
        Answer::Unsat(Proof::Folded) => 0,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sums_and_products_commute() {
    for width in [1, 2, 5, 8, 16] {
        let mut g = Aig::new();
        let (a, b, c) = (word(&mut g, width), word(&mut g, width), word(&mut g, width));
        let (ab, bc) = (add(&mut g, &a, &b), add(&mut g, &b, &c));
        let (left, right) = (add(&mut g, &ab, &c), add(&mut g, &a, &bc));
        let same = g.eq_word(&left, &right);
        assert!(width == 1 || proved(&g, !same) > 0);
    }
    for width in [2, 3, 4, 6] {
        let mut g = Aig::new();
        let (a, b) = (word(&mut g, width), word(&mut g, width));
        let (left, right) = (multiply(&mut g, &a, &b), multiply(&mut g, &b, &a));
        let same = g.eq_word(&left, &right);
        assert!(width == 2 || proved(&g, !same) > 0);
        assert!(width < 6 || decide(&g, !same, &Budget::new(3)) == Answer::Unknown);
    }
}

#[test]
fn constants_need_no_solver() {
    let g = Aig::new();
    let none = Budget::new(0);
    assert_eq!(decide(&g, Lit::FALSE, &none), Answer::Unsat(Proof::Folded));
    assert_eq!(decide(&g, Lit::TRUE, &none), Answer::Unknown);
    assert_eq!(decide(&g, Lit::TRUE, &Budget::new(9)), Answer::Sat(vec![]));
}

#[test]
fn a_factorisation_is_a_model() {
    let mut g = Aig::new();
    let (a, b) = (word(&mut g, 10), word(&mut g, 10));
    let product = multiply(&mut g, &a, &b);
    let number = 1021u32 * 1019;
    let wanted = product.iter().enumerate().map(|(i, &l)| l.xor_sign(number >> i & 1 == 0));
    let wanted = wanted.collect::<Vec<_>>();
    let equal = g.and_all(wanted);
    let budget = Budget::new(10_000_000);
    let Answer::Sat(leaves) = decide(&g, equal, &budget) else { panic!() };
    let read = |from: usize| (0..10).map(|i| u32::from(leaves[from + i]) << i).sum::<u32>();
    assert_eq!(read(0) * read(10), number);
    assert!(budget.remaining() < 10_000_000);
}

/// Deterministic pseudo-random numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }
}

#[test]
fn random_circuits_agree_with_exhaustive_evaluation() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut sat, mut unsat) = (0, 0);
    for _ in 0..400 {
        let mut g = Aig::new();
        let mut pool = word(&mut g, 6);
        for _ in 0..60 {
            let from = pool.len().saturating_sub(14);
            let pick = |dice: &mut Dice| {
                pool[from + dice.roll(pool.len() - from)].xor_sign(dice.roll(2) == 1)
            };
            let (a, b) = (pick(&mut dice), pick(&mut dice));
            let gate = if dice.roll(3) == 0 { g.xor(a, b) } else { g.and(a, b) };
            pool.push(gate);
        }
        let bad = g.and_all(pool[pool.len() - 3..].to_vec());
        let possible = (0..64u32).any(|point| {
            let leaves: Vec<bool> = (0..6).map(|i| point >> i & 1 == 1).collect();
            evaluate(&g, &leaves)[bad.index()] ^ bad.is_neg()
        });
        match decide(&g, bad, &Budget::unlimited()) {
            Answer::Sat(_) => {
                sat += 1;
                assert!(possible);
            }
            _ => {
                unsat += usize::from(!bad.is_const());
                assert!(!possible);
                proved(&g, bad);
            }
        }
    }
    assert!(sat > 20 && unsat > 20, "{sat} {unsat}");
}
