use super::*;
use proptest::prelude::*;

/// A step of a proof before it is written in one of the codings.
#[derive(Clone, Debug)]
enum Line {
    Add(i64, Vec<i64>, Vec<i64>),
    Delete(i64, Vec<i64>),
}

fn text(lines: &[Line]) -> Vec<u8> {
    let row = |numbers: &[i64]| numbers.iter().map(|n| format!("{n} ")).collect::<String>();
    let mut out = String::new();
    for line in lines {
        match line {
            Line::Add(id, lits, hints) => {
                out += &format!("{id} {}0 {}0\n", row(lits), row(hints));
            }
            Line::Delete(id, ids) => out += &format!("{id} d {}0\n", row(ids)),
        }
    }
    out.into_bytes()
}

fn binary(lines: &[Line]) -> Vec<u8> {
    let mut out = Vec::new();
    let put = |out: &mut Vec<u8>, n: i64| {
        let mut code = 2 * n.unsigned_abs() + u64::from(n < 0);
        while code > 0x7f {
            out.push(code as u8 | 0x80);
            code >>= 7;
        }
        out.push(code as u8);
    };
    for line in lines {
        let (letter, head, rows): (u8, Option<i64>, Vec<&[i64]>) = match line {
            Line::Add(id, lits, hints) => (b'a', Some(*id), vec![lits, hints]),
            Line::Delete(_, ids) => (b'd', None, vec![ids]),
        };
        out.push(letter);
        head.into_iter().for_each(|n| put(&mut out, n));
        for row in rows {
            row.iter().for_each(|&n| put(&mut out, n));
            out.push(0);
        }
    }
    out
}

fn formula(variables: u32, clauses: &[&[i32]]) -> Cnf {
    let mut cnf = Cnf::new(variables);
    assert!(clauses.iter().all(|c| cnf.push(c)));
    cnf
}

fn refused(cnf: &Cnf, proof: &[u8]) -> LratError {
    check(cnf, proof).unwrap_err()
}

/// (x ∨ y)(x ∨ ¬y)(¬x ∨ y)(¬x ∨ ¬y)
fn square() -> Cnf {
    formula(2, &[&[1, 2], &[1, -2], &[-1, 2], &[-1, -2]])
}

#[test]
fn both_codings_of_a_proof_are_accepted() {
    let lines = [
        Line::Add(5, vec![1], vec![1, 2]),
        Line::Delete(5, vec![1, 2]),
        Line::Add(6, vec![], vec![5, 3, 4]),
    ];
    let spent = check(&square(), &text(&lines)[..]).unwrap();
    assert_eq!((spent.steps, spent.hints), (3, 5));
    let spent = check(&square(), &binary(&lines)[..]).unwrap();
    assert_eq!((spent.steps, spent.hints, spent.bytes), (3, 5, binary(&lines).len() as u64));
}

#[test]
fn each_defect_has_its_name() {
    let cnf = square();
    use LratError::*;
    assert_eq!(refused(&cnf, b""), NoEmptyClause { steps: 0 });
    assert_eq!(refused(&cnf, b"5 1 0 1 2 0\n"), NoEmptyClause { steps: 1 });
    assert_eq!(refused(&cnf, b"5 1 0 1 2"), Truncated { step: 1 });
    assert_eq!(refused(&cnf, b"5 1 0 1 2 0\n6 0 5 3"), Truncated { step: 2 });
    assert_eq!(refused(&cnf, b"5 1 0 1 9 0\n"), UnknownClause { step: 1, id: 9 });
    assert_eq!(refused(&cnf, b"5 d 1 0\n5 1 0 1 2 0\n"), UnknownClause { step: 2, id: 1 });
    assert_eq!(refused(&cnf, b"5 d 1 1 0\n"), UnknownClause { step: 1, id: 1 });
    assert_eq!(refused(&cnf, b"5 d -1 0\n"), UnknownClause { step: 1, id: -1 });
    assert_eq!(refused(&cnf, b"5 0 1 2 0\n"), NotUnit { step: 1, id: 1 });
    assert_eq!(refused(&cnf, b"5 1 0 1 0\n"), NoConflict { step: 1 });
    assert_eq!(refused(&cnf, b"5 1 0 0\n"), NoConflict { step: 1 });
    assert_eq!(refused(&cnf, b"5 1 0 -1 2 0\n"), RatStep { step: 1, id: -1 });
    assert_eq!(refused(&cnf, b"5 3 0 1 2 0\n"), LiteralRange { step: 1, literal: 3 });
    assert_eq!(refused(&cnf, b"4 1 0 1 2 0\n"), StaleId { step: 1, id: 4 });
    assert_eq!(refused(&cnf, b"-5 1 0 1 2 0\n"), StaleId { step: 1, id: -5 });
    assert_eq!(refused(&cnf, b"x"), Malformed { step: 1, byte: 0, expected: "clause id" });
    assert_eq!(refused(&cnf, b"5 1x"), Malformed { step: 1, byte: 3, expected: "literal" });
    assert_eq!(refused(&cnf, b"a\x0a\x02\0\x02\x04\0z"), {
        Malformed { step: 2, byte: 8, expected: "step (`a` or `d`)" }
    });
    let endless = [&b"a"[..], &[0xff; 12]].concat();
    assert_eq!(refused(&cnf, &endless), Malformed { step: 1, byte: 10, expected: "clause id" });
    assert!(matches!(refused(&cnf, b"99999999 1 0 1 2 0\n"), Limit { what: "clause ids", .. }));
    assert!(matches!(refused(&cnf, &[b'1'; 20]), Malformed { .. }));
}

#[test]
fn limits_are_kept() {
    let proof = b"5 1 0 1 2 0\n6 0 5 3 4 0\n";
    let with = |bytes, literals, visits| {
        check_within(&square(), &proof[..], &Limits { bytes, literals, visits })
    };
    let large = 1 << 20;
    assert!(with(large, large as usize, large).is_ok());
    let limit = |r: Result<Accepted, LratError>| match r.unwrap_err() {
        LratError::Limit { what, .. } => what,
        other => panic!("{other}"),
    };
    assert_eq!(limit(with(10, 100, 100)), "bytes");
    assert_eq!(limit(with(100, 8, 100)), "live literals");
    assert_eq!(limit(with(100, 100, 5)), "literal visits");
}

#[test]
fn deleted_literals_make_room() {
    let mut lines = Vec::new();
    for id in 5..200 {
        lines.push(Line::Add(id, vec![1], vec![1, 2]));
        lines.push(Line::Delete(id, vec![id]));
    }
    lines.push(Line::Add(200, vec![1], vec![1, 2]));
    lines.push(Line::Add(201, vec![], vec![200, 3, 4]));
    let limits = Limits { literals: 10, ..Limits::default() };
    assert!(check_within(&square(), &text(&lines)[..], &limits).is_ok());
}

#[test]
fn marks_survive_the_end_of_their_epochs() {
    let mut marks = Marks::new(2);
    marks.add(1);
    marks.epoch = u32::MAX;
    marks.add(-2);
    marks.reset();
    assert!(!marks.has(1) && !marks.has(-2));
    marks.add(2);
    assert!(marks.has(2) && !marks.has(-2));
}

/// Exhaustive search that writes a refutation: propagate, split on the first free variable.
struct Search<'a> {
    clauses: Vec<&'a [i32]>,
    next: i64,
    lines: Vec<Line>,
}

impl Search<'_> {
    /// Refutes the formula under `decisions`; the id of the clause that negates them, or `None` if
    /// a model was found.
    fn refute(&mut self, decisions: &mut Vec<i32>, variables: i32) -> Option<i64> {
        let mut value = decisions.clone();
        let mut hints = Vec::new();
        let conflict = loop {
            let found = self.clauses.iter().zip(1i64..).find_map(|(clause, id)| {
                if clause.iter().any(|l| value.contains(l)) {
                    return None;
                }
                let open: Vec<i32> =
                    clause.iter().copied().filter(|l| !value.contains(&-l)).collect();
                let unit = open.first().copied();
                (open.iter().all(|l| Some(*l) == unit)).then_some((id, unit))
            });
            match found {
                None => break None,
                Some((id, unit)) => {
                    hints.push(id);
                    match unit {
                        None => break Some(()),
                        Some(unit) => value.push(unit),
                    }
                }
            }
        };
        if conflict.is_none() {
            let split = (1..=variables).find(|v| !value.contains(v) && !value.contains(&-v))?;
            hints.clear();
            for literal in [split, -split] {
                decisions.push(literal);
                let id = self.refute(decisions, variables)?;
                decisions.pop();
                hints.push(id);
            }
        }
        let id = self.next;
        self.next += 1;
        let negated = decisions.iter().map(|&l| -i64::from(l)).collect();
        self.lines.push(Line::Add(id, negated, hints));
        Some(id)
    }
}

fn refutation(cnf: &Cnf) -> Option<Vec<Line>> {
    let clauses: Vec<&[i32]> = cnf.clauses().collect();
    let next = clauses.len() as i64 + 1;
    let mut search = Search { clauses, next, lines: Vec::new() };
    search.refute(&mut Vec::new(), cnf.variables as i32)?;
    Some(search.lines)
}

fn satisfiable(cnf: &Cnf) -> bool {
    (0..1u32 << cnf.variables).any(|point| {
        cnf.clauses()
            .all(|c| c.iter().any(|&l| (point >> (l.unsigned_abs() - 1) & 1 == 1) == (l > 0)))
    })
}

fn some_cnf() -> impl Strategy<Value = Cnf> {
    (2u32..=8).prop_flat_map(|n| {
        let literal = (1..=n as i32, any::<bool>()).prop_map(|(v, s)| if s { v } else { -v });
        let clause = prop::collection::vec(literal, 1..4);
        prop::collection::vec(clause, 1..40).prop_map(move |clauses| {
            let all: Vec<&[i32]> = clauses.iter().map(Vec::as_slice).collect();
            formula(n, &all)
        })
    })
}

#[derive(Clone, Debug)]
enum Change {
    Byte(usize, u8),
    Cut(usize),
    Swap(usize, usize),
    DropLine(usize),
    DropHint(usize, usize),
    Replace(usize, usize, i64),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(i, b)| Change::Byte(i, b)),
        at().prop_map(Change::Cut),
        (at(), at()).prop_map(|(i, j)| Change::Swap(i, j)),
        at().prop_map(Change::DropLine),
        (at(), at()).prop_map(|(i, j)| Change::DropHint(i, j)),
        (at(), at(), -9i64..60).prop_map(|(i, j, n)| Change::Replace(i, j, n)),
    ]
}

fn spoil(mut lines: Vec<Line>, changes: &[Change], as_binary: bool) -> Vec<u8> {
    for change in changes {
        let count = lines.len().max(1);
        match *change {
            Change::Swap(i, j) if !lines.is_empty() => lines.swap(i % count, j % count),
            Change::DropLine(i) if !lines.is_empty() => drop(lines.remove(i % count)),
            Change::DropHint(i, j) => {
                if let Some(Line::Add(_, _, hints)) = lines.get_mut(i % count)
                    && !hints.is_empty()
                {
                    hints.remove(j % hints.len());
                }
            }
            Change::Replace(i, j, n) => {
                if let Some(Line::Add(_, lits, hints)) = lines.get_mut(i % count) {
                    let row = if j % 2 == 0 || lits.is_empty() { hints } else { lits };
                    let len = row.len().max(1);
                    row.get_mut(j / 2 % len).into_iter().for_each(|old| *old = n);
                }
            }
            _ => {}
        }
    }
    let mut bytes = if as_binary { binary(&lines) } else { text(&lines) };
    for change in changes {
        let count = bytes.len().max(1);
        match *change {
            Change::Byte(i, b) => bytes.get_mut(i % count).into_iter().for_each(|old| *old = b),
            Change::Cut(i) => bytes.truncate(i % count),
            _ => {}
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn unsatisfiable_formulas_have_accepted_proofs(cnf in some_cnf()) {
        match refutation(&cnf) {
            Some(lines) => {
                prop_assert!(!satisfiable(&cnf));
                prop_assert!(check(&cnf, &text(&lines)[..]).is_ok());
                prop_assert!(check(&cnf, &binary(&lines)[..]).is_ok());
            }
            None => prop_assert!(satisfiable(&cnf)),
        }
    }

    /// A proof of one formula, spoiled, is offered for that formula without one of its clauses.
    #[test]
    fn a_satisfiable_formula_is_never_refuted(
        cnf in some_cnf(),
        without in any::<usize>(),
        changes in prop::collection::vec(change(), 0..4),
        as_binary in any::<bool>(),
    ) {
        let lines = refutation(&cnf).unwrap_or_default();
        let bytes = spoil(lines, &changes, as_binary);
        let skip = without % cnf.len();
        let rest: Vec<&[i32]> =
            cnf.clauses().enumerate().filter(|(i, _)| *i != skip).map(|(_, c)| c).collect();
        for candidate in [cnf.clone(), formula(cnf.variables, &rest)] {
            if check(&candidate, &bytes[..]).is_ok() {
                prop_assert!(!satisfiable(&candidate));
            }
        }
    }

    #[test]
    fn noise_is_refused_without_harm(cnf in some_cnf(), noise in prop::collection::vec(any::<u8>(), 0..200)) {
        for first in [None, Some(b'a'), Some(b'd')] {
            let bytes: Vec<u8> = first.into_iter().chain(noise.iter().copied()).collect();
            if check(&cnf, &bytes[..]).is_ok() {
                prop_assert!(!satisfiable(&cnf));
            }
        }
    }
}
