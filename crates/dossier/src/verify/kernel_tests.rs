//! The real kernel behind a dossier: two parts, one proved not to leak, one that leaks.

use super::*;
use crate::DossierWriter;
use crate::sample::{finding, header};
use evidence::{ArtifactKind, Claim, Provenance, Verdict};
use proof::certificate::{
    Body, CERTIFICATE_SCHEMA, Certificate, Discharged, PairTrace, Relation, Trace,
};
use proof::cnf::{Cnf, aag, encode};
use proof::contract::{Clock, Contract, Identity, IdentityKind};
use proof::{Circuit, derive, load_model};
use std::io::Write;
use std::process::Command;

const CHECK: &str = "design.identity-leak";

/// `o` is `a` in both, but in the leaky part it shows the fuse while `a` is high.
fn netlist(leaky: bool) -> String {
    let cell = |name: &str, kind: &str, pins: &str| {
        format!("\"{name}\": {{\"type\": \"{kind}\", \"connections\": {{{pins}}}}}")
    };
    let or_b = if leaky { 4 } else { 7 };
    let cells = [
        cell("fuse", "$_DFF_P_", r#""C": [2], "D": [4], "Q": [4]"#),
        cell("n", "$_NOT_", r#""A": [4], "Y": [5]"#),
        cell("x", "$_AND_", r#""A": [3], "B": [4], "Y": [6]"#),
        cell("y", "$_AND_", r#""A": [3], "B": [5], "Y": [7]"#),
        cell("z", "$_OR_", &format!(r#""A": [6], "B": [{or_b}], "Y": [8]"#)),
    ];
    format!(
        r#"{{"modules": {{"part": {{"attributes": {{"top": "1"}},
        "ports": {{"clk": {{"direction": "input", "bits": [2]}},
                   "a": {{"direction": "input", "bits": [3]}},
                   "o": {{"direction": "output", "bits": [8]}}}},
        "cells": {{{}}},
        "netnames": {{"uid": {{"bits": [4]}}, "o": {{"bits": [8]}}}}}}}}}}"#,
        cells.join(", ")
    )
}

fn contract() -> Contract {
    let identity = Identity { signal: "uid".into(), kind: IdentityKind::Fuse };
    let clock = Some(Clock { port: "clk".into(), mhz: None });
    Contract { clock, identity: vec![identity], ..Contract::default() }
}

/// A refutation in LRAT text by exhaustive search; the next clause id, or `None` for a model.
fn refute(cnf: &Cnf, decided: &mut Vec<i32>, next: &mut usize, out: &mut String) -> Option<usize> {
    let mut value = decided.clone();
    let mut hints = Vec::new();
    let conflict = loop {
        let found = cnf.clauses().zip(1..).find_map(|(clause, id)| {
            let open: Vec<i32> = clause.iter().copied().filter(|l| !value.contains(&-l)).collect();
            let news = open.len() <= 1 && !open.iter().any(|l| value.contains(l));
            news.then(|| (id, open.first().copied()))
        });
        let Some((id, unit)) = found else { break false };
        hints.push(id);
        match unit {
            Some(unit) => value.push(unit),
            None => break true,
        }
    };
    if !conflict {
        let free = |v: &i32| !value.contains(v) && !value.contains(&-v);
        let split = (1..=cnf.variables as i32).find(free)?;
        hints.clear();
        for literal in [split, -split] {
            decided.push(literal);
            hints.push(refute(cnf, decided, next, out)?);
            decided.pop();
        }
    }
    let row = |numbers: Vec<String>| numbers.join(" ") + " 0";
    let lits = row(decided.iter().map(|l| (-l).to_string()).collect());
    let hints = row(hints.iter().map(usize::to_string).collect());
    *out += &format!("{next} {lits} {hints}\n");
    *next += 1;
    Some(*next - 1)
}

/// Certifies `body` as crate `design` does, and puts it into the dossier after `forge`.
fn certified(
    writer: &mut DossierWriter,
    leaky: bool,
    body: Body,
    forge: impl FnOnce(&mut Certificate),
) -> Certificate {
    let bytes = netlist(leaky).into_bytes();
    let model = load_model(&bytes, &contract()).unwrap();
    let verdict = if leaky { Verdict::Refuted } else { Verdict::Proved };
    let (derived, kind) = derive(&model, CHECK, "uid", verdict, &body).unwrap();
    let mut obligations = Vec::new();
    for obligation in derived {
        let cnf = encode(&obligation.aig, obligation.bad);
        let mut lrat = None;
        if !cnf.is_trivial() {
            let (mut text, mut next) = (String::new(), cnf.len() + 1);
            refute(&cnf, &mut Vec::new(), &mut next, &mut text)
                .unwrap_or_else(|| panic!("{} does not hold", obligation.name));
            lrat = Some(writer.proof(text.as_bytes()).unwrap());
        }
        writer.obligation(&aag(&obligation.aig, obligation.bad), &cnf.dimacs()).unwrap();
        obligations.push(Discharged { name: obligation.name, cnf: cnf.digest(), lrat });
    }
    let mut certificate = Certificate {
        schema: CERTIFICATE_SCHEMA.into(),
        kernel: KERNEL_VERSION,
        check: CHECK.into(),
        netlist: Digest::of(&bytes),
        contract: Digest::of(&canonical_json(&contract()).unwrap()),
        item: "uid".into(),
        verdict,
        kind: kind.map(Into::into),
        body,
        obligations,
    };
    forge(&mut certificate);
    let artifact = Artifact {
        digest: Digest::of(&bytes),
        kind: ArtifactKind::Design,
        provenance: Provenance::Synthetic,
        name: "part.json".into(),
        included: true,
        contract: None,
        role: None,
        derivation: None,
    };
    writer.artifact(artifact, Some(&contract()), None, Some(&bytes)).unwrap();
    let object = writer.certificate(&certificate).unwrap();
    writer.finding(finding(&certificate, Claim::NoTracking, object)).unwrap();
    certificate
}

fn bodies() -> (Body, Body) {
    let model = load_model(netlist(false).as_bytes(), &contract()).unwrap();
    // The cut and the register behind it may differ; there is no other state.
    let relation = Relation {
        untied: (0..model.state.len() as u32).collect(),
        equal: vec![],
        extra: Circuit::constant(true),
        legal_inputs: vec!["0".repeat(model.inputs.len())],
        declassified: vec![],
    };
    let run = |uid: char| {
        let bit = |i| if model.identities[0].state.contains(&i) { uid } else { '0' };
        let power_up = (0..model.state.len()).map(bit).collect();
        Trace { power_up, inputs: vec!["1".repeat(model.inputs.len())], essential: vec![] }
    };
    let pair = PairTrace { left: run('0'), right: run('1'), cycle: 0, port: "o".into(), bit: 0 };
    (Body::Relation(relation), Body::Pair(pair))
}

fn failures(dir: &Path) -> String {
    let report = verify(dir, &VerifyOptions::default()).unwrap();
    let failed = report.steps.iter().filter(|s| s.status == Status::Failed);
    failed.map(|s| s.to_string() + "\n").collect()
}

#[test]
fn the_real_kernel_confirms_a_proof_and_a_leak() {
    let root = tempfile::tempdir().unwrap();
    let mut writer = DossierWriter::create(&root.path().join("d"), header()).unwrap();
    let (proved, refuted) = bodies();
    let certificate = certified(&mut writer, false, proved, |_| ());
    assert!(certificate.obligations.iter().any(|o| o.lrat.is_some()), "nothing needs a proof");
    certified(&mut writer, true, refuted, |_| ());
    let dir = writer.finish().unwrap();
    let report = verify(&dir, &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{}", failures(&dir));
    assert_eq!((report.certificates, report.obligations), (2, certificate.obligations.len()));
}

/// A stranger's solver confirms the obligations, and notices when one is not what it says.
#[test]
fn recheck_py_confirms_what_the_kernel_proved() {
    let root = tempfile::tempdir().unwrap();
    let mut writer = DossierWriter::create(&root.path().join("d"), header()).unwrap();
    certified(&mut writer, false, bodies().0, |_| ());
    let dir = writer.finish().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/recheck.py");
    let run = || Command::new("python3").arg(script).arg(&dir).output();
    let missing = match run() {
        Err(error) => error.to_string(),
        Ok(output) if output.status.code() == Some(0) => String::new(),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    if !missing.is_empty() {
        assert!(missing.contains("not found") || missing.contains("No such file"), "{missing}");
        // Not `eprintln!`, which the test harness swallows: a test that did nothing must show.
        writeln!(std::io::stderr(), "IGNORED: recheck.py cannot run: {missing}").unwrap();
        return;
    }
    for entry in std::fs::read_dir(dir.join("certificates/obligations")).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".aag.zst") {
            let text = zstd::encode_all(&b"aag 1 1 0 1 0\n2\n2\n"[..], 3).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let output = run().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("the CNF emitted is not the encoding of the AIGER text"), "{text}");
}

/// What an author can do who also writes the statement and signs it.
#[test]
fn the_real_kernel_refuses_forgeries() {
    type Forge = fn(&mut Certificate);
    let cases: [(Forge, &str); 6] = [
        (|c| drop(c.obligations.pop()), "obligations are listed"),
        (|c| c.obligations.swap(0, 1), "stands in its place"),
        (|c| c.obligations.iter_mut().for_each(|o| o.lrat = None), "there is no proof"),
        (|c| c.obligations[0].cnf = Digest::of(b""), "its CNF is not the one derived here"),
        (
            |c| {
                let lrat = c.obligations.iter().find_map(|o| o.lrat);
                c.obligations.iter_mut().for_each(|o| o.lrat = lrat.map(|_| Digest::of(b"")));
            },
            "is not in the dossier",
        ),
        (
            |c| {
                if let Body::Relation(relation) = &mut c.body {
                    relation.untied.clear();
                }
            },
            "a bit of the identity itself is tied",
        ),
    ];
    for (forge, message) in cases {
        let root = tempfile::tempdir().unwrap();
        let mut writer = DossierWriter::create(&root.path().join("d"), header()).unwrap();
        certified(&mut writer, false, bodies().0, forge);
        let text = failures(&writer.finish().unwrap());
        assert!(text.contains(message), "expected `{message}` among:\n{text}");
    }
}
