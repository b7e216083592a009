//! The example accelerator under the contract of what it computes: every case as expected, every dossier
//! sound, and no longer so with one byte changed in a certificate or a proof; two witnesses seen in
//! Icarus Verilog, and not on RTL without the implant.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure is a failed test")]

mod common;

use common::npu4::{audit, simulate};
use common::{code, err, files, out, probity};
use std::fs;
use std::path::{Path, PathBuf};

const CASES: [&str; 8] = [
    "function",
    "ok-count",
    "ok-mode",
    "trigger-busy",
    "trigger-config",
    "trigger-counter",
    "trigger-operand",
    "trigger-sequence",
];

/// One audit of all: what it costs is shared by everything asked of its dossiers.
#[test]
fn hidden_triggers_are_as_expected_and_their_dossiers_cannot_be_altered() {
    let dir = tempfile::tempdir().unwrap();
    let output = audit(dir.path(), &CASES, &["--expect"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    assert!(out(&output).contains("expected: all 16 verdicts of 8 cases"), "{}", out(&output));
    for name in CASES {
        let dossier = dir.path().join("out").join(name);
        let verified = probity(&dossier, &["verify", "."]);
        assert_eq!(code(&verified), 0, "{name}: {}", out(&verified));
        // the function and the identity have one each
        let certificates = files(&dossier.join("certificates"));
        let count = certificates.iter().filter(|f| f.0.extension().unwrap() == "json").count();
        assert_eq!(count, 2, "{name}");
        altered(&dossier, &certificates);
    }
    seen(dir.path());
}

/// A bit of each certificate and of every fifth proof, another place in each.
fn altered(dossier: &Path, certificates: &[(PathBuf, Vec<u8>)]) {
    let of = |end: &'static str| {
        certificates.iter().filter(move |f| f.0.to_string_lossy().ends_with(end))
    };
    let chosen = of(".json").chain(of(".lrat.zst").step_by(5));
    for (n, (path, good)) in chosen.enumerate() {
        let full = dossier.join("certificates").join(path);
        let mut bad = good.clone();
        let at = good.len() * (2 * n + 1) / 13 % good.len();
        bad[at] ^= 1 << (n % 8);
        fs::write(&full, bad).unwrap();
        let verified = probity(dossier, &["verify", "."]);
        let text = out(&verified);
        assert_eq!(code(&verified), 1, "{}: byte {at}: {text}", full.display());
        let named = format!("{}: has digest", path.display());
        assert!(text.contains(&named), "{}: byte {at}: {text}", full.display());
        fs::write(&full, good).unwrap();
    }
}

/// Two runs with different results, and a configuration that nobody wrote.
fn seen(dir: &Path) {
    for (name, define) in
        [("trigger-sequence", "NPU4_TRIGGER_SEQUENCE"), ("trigger-config", "NPU4_TRIGGER_CONFIG")]
    {
        for on in [None, Some(define)] {
            let (shown, text) = simulate(dir, name, on);
            assert!(shown && text.contains("PASS"), "{name} on {on:?}:\n{text}");
        }
    }
    // without the implant the one has no register to look at, the other is answered the same
    let (shown, text) = simulate(dir, "trigger-sequence", Some("NPU4_NOTHING"));
    assert!(!shown && text.contains("FAIL: the result does not differ"), "{text}");
}
