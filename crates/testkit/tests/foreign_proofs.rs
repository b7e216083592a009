//! Proof checkers that are not ours agree with the kernel's on real certificates.
//!
//! * `dratify` (crates.io): forward DRUP; each addition of an LRAT proof is a RUP step, so the proof
//!   without ids and hints is a DRUP proof of the emitted CNF.
//! * ACL2's LRAT checker (Heule, Hunt, Kaufmann, Wetzler, ITP 2017), which is proved correct: Debian's
//!   `acl2` and `acl2-books-source`, about 50 MB to fetch. Visibly ignored where they are absent.
//!
//! Both are given the DIMACS text that goes into a dossier and the stored proof, and both must refuse
//! the same proof of a formula that lacks the clause which makes it unsatisfiable.
#![expect(clippy::panic, reason = "a test that reports figures")]
#![allow(clippy::unwrap_used, reason = "tests")]

use design::identity_leak::identity_leak;
use design::remote_disable::remote_disable;
use design::{Sealed, Settings, Subject, seal};
use evidence::Digest;
use proof::contract::Contract;
use proof::{Model, kernel, load_model};
use solve::Budget;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use testkit::micro::{Planted, grow};

const CHECKER: &str =
    "/usr/share/acl2-8.5dfsg/books/projects/sat/lrat/list-based/lrat-checker.lisp";
const PACKAGE: &str = "/usr/share/acl2-8.5dfsg/books/projects/sat/lrat/portcullis.acl2";

/// Largest proofs and formulas given to ACL2: its checker recurses over both, uncompiled.
const ACL2_STEPS: usize = 1000;
const ACL2_CLAUSES: usize = 10_000;

/// An addition of an LRAT proof.
#[derive(Clone)]
struct Step {
    id: i64,
    clause: Vec<i64>,
    hints: Vec<i64>,
}

/// A formula with its refutation.
struct Case {
    name: String,
    clauses: Vec<Vec<i64>>,
    proof: Vec<Step>,
}

/// Reads the additions of a binary LRAT proof; deletions are left out, which changes no step.
fn additions(bytes: &[u8]) -> Vec<Step> {
    let mut at = 0;
    let mut number = || {
        let (mut value, mut shift) = (0i64, 0);
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            value |= i64::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return Some(if value & 1 == 1 { -(value >> 1) } else { value >> 1 });
            }
        }
    };
    let mut list = Vec::new();
    while let Some(kind) = number() {
        // the letters `a` and `d` read as numbers of one byte: odd ones, hence negative
        let mut numbers = || {
            let mut all = Vec::new();
            while let Some(n) = number().filter(|&n| n != 0) {
                all.push(n);
            }
            all
        };
        if kind == -(i64::from(b'a') >> 1) {
            let clause = numbers();
            list.push(Step { id: clause[0], clause: clause[1..].to_vec(), hints: numbers() });
        } else {
            assert_eq!(kind, i64::from(b'd') >> 1);
            numbers();
        }
    }
    list
}

fn clauses(dimacs: &[u8]) -> Vec<Vec<i64>> {
    let text = std::str::from_utf8(dimacs).unwrap();
    let numbers = |line: &str| line.split_whitespace().map(|n| n.parse().unwrap()).collect();
    text.lines()
        .filter(|l| !l.starts_with(['p', 'c']))
        .map(|line| {
            let mut clause: Vec<i64> = numbers(line);
            assert_eq!(clause.pop(), Some(0));
            clause
        })
        .collect()
}

fn cases_of(name: &str, sealed: &Sealed, all: &mut Vec<Case>) {
    for (listed, emitted) in sealed.certificate.obligations.iter().zip(&sealed.emitted) {
        let Some(lrat) = listed.lrat else { continue };
        let (_, bytes) = sealed.proofs.iter().find(|p| p.0 == lrat).unwrap();
        all.push(Case {
            name: format!("{name} {}", listed.name),
            clauses: clauses(&emitted.cnf),
            proof: additions(bytes),
        });
    }
}

fn certified(name: &str, model: &Model, all: &mut Vec<Case>) {
    let settings =
        || Settings { budget: Budget::new(500_000), hints: Default::default(), exact: true };
    let digest = Digest::of(b"");
    let mut keep = |check: &str, item: &str, answer, budget: &Budget| {
        let subject = Subject { netlist: digest, contract: digest, check, item };
        let Ok(answer) = answer else { return };
        let sealed = seal(model, subject, answer, budget).unwrap_or_else(|u| panic!("{u:?}"));
        cases_of(&format!("{name} {item}"), &sealed, all);
    };
    for (s, service) in model.services.iter().enumerate() {
        let settings = settings();
        let answer = remote_disable(model, s, &settings);
        keep(kernel::REMOTE_DISABLE, &service.name, answer, &settings.budget);
    }
    for (i, identity) in model.identities.iter().enumerate() {
        let settings = settings();
        let answer = identity_leak(model, i, &settings);
        keep(kernel::IDENTITY_LEAK, &identity.name, answer, &settings.budget);
    }
}

/// Certificates of some micro designs and of the example accelerator without an implant.
fn all_cases() -> Vec<Case> {
    let mut all = Vec::new();
    for number in 1..24u64 {
        let micro = grow(number * 0x1_0000, Planted::Nothing);
        let model = load_model(&micro.yosys_json(), &micro.contract()).unwrap();
        certified(&format!("micro {number}"), &model, &mut all);
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/npu4");
    let text = std::fs::read_to_string(examples.join("clean.toml")).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let artifact = &table["artifact"].as_array().unwrap()[0];
    let contract: Contract = artifact["contract"].clone().try_into().unwrap();
    let file = std::fs::File::open(examples.join(artifact["path"].as_str().unwrap())).unwrap();
    let model = load_model(&zstd::decode_all(file).unwrap(), &contract).unwrap();
    certified("npu4 clean", &model, &mut all);
    all
}

/// The same proof of the formula without its last clause, the one that asks for `bad`: satisfiable.
fn damaged(case: &Case) -> Case {
    let mut clauses = case.clauses.clone();
    clauses.pop();
    Case { name: case.name.clone(), clauses, proof: case.proof.clone() }
}

fn dratify_accepts(case: &Case) -> bool {
    let literal = |&n: &i64| ((n.unsigned_abs() as u32 - 1) << 1) | u32::from(n < 0);
    let clause = |c: &Vec<i64>| c.iter().map(literal).collect::<Vec<u32>>();
    let variables = case.clauses.iter().flatten().map(|n| n.unsigned_abs()).max().unwrap_or(0);
    let formula: Vec<Vec<u32>> = case.clauses.iter().map(clause).collect();
    let steps: Vec<(bool, Vec<u32>)> =
        case.proof.iter().map(|s| (false, clause(&s.clause))).collect();
    dratify::Checker::new(variables as u32, &formula, false, false).check(&steps).ok
}

/// The verdict of ACL2's checker on each case; `None` if it is not installed.
fn acl2_accepts(cases: &[&Case]) -> Option<Vec<bool>> {
    if !Path::new(CHECKER).exists() || Command::new("acl2").arg("--version").output().is_err() {
        return None;
    }
    let mut text = format!(
        "(set-inhibit-output-lst '(proof-tree event summary warning observation prove))\n\
         (ld \"{PACKAGE}\")\n(set-ld-skip-proofsp t state)\n(ld \"{CHECKER}\")\n(in-package \"LRAT\")\n"
    );
    let list = |all: &[i64]| all.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    for (number, case) in cases.iter().enumerate() {
        text.push_str("(cw \"CASE ");
        let _ = write!(text, "{number} ~x0~%\" (refutation-p '(");
        for s in &case.proof {
            // (index . clause) . (hints . nil)
            let _ = writeln!(text, "(({} {}) ({}))", s.id, list(&s.clause), list(&s.hints));
        }
        text.push_str(") (make-fast-alist '(");
        for (id, clause) in case.clauses.iter().enumerate() {
            let _ = writeln!(text, "({} {})", id + 1, list(clause));
        }
        text.push_str("))))\n");
    }
    let mut child = Command::new("acl2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((0..cases.len()).map(|n| said.contains(&format!("CASE {n} T"))).collect())
}

#[test]
fn foreign_checkers_accept_the_kernel_s_proofs() {
    let cases = all_cases();
    assert!(cases.iter().any(|c| c.name.starts_with("npu4")), "nothing of the accelerator");
    let steps: usize = cases.iter().map(|c| c.proof.len()).sum();
    for case in &cases {
        assert!(dratify_accepts(case), "dratify refuses {}", case.name);
        assert!(!dratify_accepts(&damaged(case)), "dratify accepts a damaged {}", case.name);
    }
    eprintln!("dratify: {} proofs, {steps} additions", cases.len());
    let small = |c: &&Case| c.proof.len() <= ACL2_STEPS && c.clauses.len() <= ACL2_CLAUSES;
    let good: Vec<&Case> = cases.iter().filter(small).collect();
    let bad: Vec<Case> = good.iter().map(|c| damaged(c)).collect();
    let both: Vec<&Case> = good.iter().copied().chain(&bad).collect();
    let Some(said) = acl2_accepts(&both) else {
        // not `eprintln!`, which the harness may swallow: a test that did less must show
        writeln!(std::io::stderr(), "IGNORED: acl2 or acl2-books-source is not installed").unwrap();
        return;
    };
    for (n, (case, said)) in both.iter().zip(said).enumerate() {
        assert_eq!(said, n < good.len(), "ACL2 on {}", case.name);
    }
    let left = cases.len() - good.len();
    eprintln!(
        "ACL2: {} proofs accepted, {} damaged ones refused, {left} too large for its stack",
        good.len(),
        bad.len()
    );
}
