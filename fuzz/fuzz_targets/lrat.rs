//! Whatever the proof says, a satisfiable formula is never refuted, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::cnf::Cnf;
use proof::lrat;

/// At most eight variables, so that a model can be sought by trying all points.
const VARIABLES: u32 = 8;

fuzz_target!(|data: &[u8]| {
    let (&count, rest) = match data.split_first() {
        Some(split) => split,
        None => return,
    };
    let (formula, proof) = rest.split_at(usize::from(count).min(rest.len()));
    let mut cnf = Cnf::new(VARIABLES);
    for clause in formula.split(|&b| b == 0) {
        let literals: Vec<i32> = clause
            .iter()
            .map(|&b| {
                let variable = i32::from(b & 7) + 1;
                if b & 8 == 0 { variable } else { -variable }
            })
            .collect();
        let added = cnf.push(&literals);
        assert!(added);
    }
    let limits = lrat::Limits { bytes: 1 << 20, literals: 1 << 20, visits: 1 << 24 };
    if lrat::check_within(&cnf, proof, &limits).is_ok() {
        let satisfiable = (0..1u32 << VARIABLES).any(|point| {
            cnf.clauses()
                .all(|c| c.iter().any(|&l| (point >> (l.unsigned_abs() - 1) & 1 == 1) == (l > 0)))
        });
        assert!(!satisfiable, "a satisfiable formula was refuted");
    }
});
