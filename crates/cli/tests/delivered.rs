//! Delivered netlists against their reference, from case to dossier: proved, refuted, altered, replayed.
#![allow(clippy::unwrap_used, reason = "a failure is a failed test")]

mod common;

use common::npu4::{audit, examples, simulate};
use common::{CASE, code, err, out, probity, tiny};
use std::fs;

#[test]
fn resynthesis_is_proved_and_one_corrupted_operand_refuted() {
    let dir = tempfile::tempdir().unwrap();
    let cases = ["../npu4-delivered/delivered-clean", "../npu4-delivered/delivered-operand"];
    let output = audit(dir.path(), &cases, &["--expect"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    assert!(out(&output).contains("expected: all 4 verdicts of 2 cases"), "{}", out(&output));
    for name in ["delivered-clean", "delivered-operand"] {
        let dossier = dir.path().join("out").join(name);
        // the reference's copy is in the dossier: nothing else is needed
        let verified = probity(&dossier, &["verify", "."]);
        assert_eq!(code(&verified), 0, "{name}: {}", out(&verified));
        assert!(out(&verified).contains("design.compare reference"), "{}", out(&verified));
    }
    let (passed, text) = simulate(dir.path(), "delivered-operand", None);
    assert!(passed && text.contains("PASS"), "{text}");
    let dossier = dir.path().join("out/delivered-operand");
    let replayed = probity(&dossier, &["verify", ".", "--replay"]);
    assert_eq!(code(&replayed), 0, "{}\n{}", out(&replayed), err(&replayed));
    // without its reference a certificate stands for nothing
    let reference = fs::read_dir(dossier.join("artifacts"))
        .unwrap()
        .map(|e| e.unwrap().path().join("clean.json.zst"))
        .find(|p| p.is_file())
        .unwrap();
    let other = fs::read(examples().join("netlists/trigger-operand.json.zst")).unwrap();
    fs::write(&reference, other).unwrap();
    let verified = probity(&dossier, &["verify", "."]);
    assert_eq!(code(&verified), 1, "{}", out(&verified));
}

/// The tiny design as its own reference, with lines of its case changed.
fn against_itself(artifact: &str, contract: &str) -> (u8, String) {
    let dir = tiny();
    fs::copy(dir.path().join("tiny.json"), dir.path().join("golden.json")).unwrap();
    let case = CASE
        .replacen("include = true\n", &format!("include = true\n{artifact}\n"), 1)
        .replacen("[artifact.contract]\n", &format!("[artifact.contract]\n{contract}\n"), 1);
    fs::write(dir.path().join("case.toml"), case).unwrap();
    let output = probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    (u8::try_from(code(&output)).unwrap(), format!("{}{}", out(&output), err(&output)))
}

#[test]
fn a_reference_is_a_file_and_the_one_that_is_pinned() {
    // refuted for another claim: the part can be killed
    let (code, text) = against_itself("reference = \"golden.json\"", "");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("PROVED   5 obligations"), "{text}");
    let (code, text) = against_itself("reference = \"silver.json\"", "");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("silver.json"), "{text}");
    let digest = format!("sha256:{}", "0".repeat(64));
    let pinned = format!("reference = \"{digest}\"");
    let (code, text) = against_itself("reference = \"golden.json\"", &pinned);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("contract.reference: the file given is sha256:"), "{text}");
    let (code, text) = against_itself("", &pinned);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("add `reference = PATH`"), "{text}");
}
