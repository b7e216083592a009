//! Attestation end to end, on the synthetic example: case, dossier, replay, and the bare command.
#![allow(clippy::unwrap_used, reason = "a test may fail this way")]

mod common;

use common::{code, err, out, probity};
use std::path::{Path, PathBuf};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/attestation")
}

fn path(name: &str) -> String {
    examples().join(name).to_string_lossy().into_owned()
}

#[test]
fn the_example_is_as_expected_and_replays() {
    let dir = tempfile::tempdir().unwrap();
    let (rack, missing) = (path("rack.toml"), path("rack-missing.toml"));
    let output = probity(dir.path(), &["audit", &rack, &missing, "--out", "out", "--expect"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    let verified = probity(dir.path(), &["verify", "out/rack", "--replay"]);
    assert_eq!(code(&verified), 0, "{}\n{}", out(&verified), err(&verified));
    let findings = std::fs::read_dir(dir.path().join("out/rack-missing/findings")).unwrap();
    let texts: Vec<String> =
        findings.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect();
    assert!(texts.iter().any(|t| t.contains("NV_GPU_DRIVER_GH100_600.10.01")), "the id is named");
}

fn verify(more: &[&str]) -> std::process::Output {
    let dir = tempfile::tempdir().unwrap();
    let (gpu, chain) = (path("evidence/gpu.txt"), path("evidence/gpu-chain.pem"));
    let (rim, root) = (path("evidence/rim"), path("evidence/root.pem"));
    let args = ["attestation", "verify", &gpu, "--chain", &chain, "--rim", &rim, "--root", &root];
    let args: Vec<&str> = args.iter().copied().chain(more.iter().copied()).collect();
    probity(dir.path(), &args)
}

#[test]
fn bare_evidence_and_exit_codes() {
    let output = verify(&["--at", "2026-01-31"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    let text = out(&output);
    for words in [
        "genuine: proved",
        "revocation not checked",
        "openssl dgst",
        "xmlsec1 --verify",
        "SYNTHETIC:GH100",
    ] {
        assert!(text.contains(words), "no `{words}` in:\n{text}");
    }
    // signers of the synthetic manifests end with 2026
    assert_eq!(code(&verify(&["--at", "2027-06-01"])), 1);
    assert_eq!(code(&verify(&["--at", "2026-01-31", "--nonce", "00"])), 2);
    assert_eq!(code(&verify(&["--at", "soon"])), 2);
    assert_eq!(code(&verify(&["--at", "2026-01-31", "--nonce", &"5a".repeat(32)])), 0);
    assert_eq!(code(&verify(&["--at", "2026-01-31", "--nonce", &"5b".repeat(32)])), 1);
}

#[test]
fn exports_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let (ear, corim) = (dir.path().join("result.jwt"), dir.path().join("values.cbor"));
    let output = verify(&[
        "--at",
        "2026-01-31",
        "--json",
        "--ear",
        &ear.to_string_lossy(),
        "--corim",
        &corim.to_string_lossy(),
    ]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let json: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["genuine"], "proved");
    assert_eq!(json["schema"], "probity/attestation/1");
    let jwt = std::fs::read_to_string(ear).unwrap();
    assert_eq!(jwt.matches('.').count(), 2);
    // tag 501, a map of two
    assert_eq!(std::fs::read(corim).unwrap()[..4], [0xd9, 0x01, 0xf5, 0xa2]);
}

#[test]
fn bad_input_names_file_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let chain = path("evidence/gpu-chain.pem");
    let output = probity(dir.path(), &["attestation", "verify", &chain]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("--chain"), "{}", err(&output));
    let hex = std::fs::read_to_string(examples().join("evidence/gpu.txt")).unwrap();
    let cut = dir.path().join("cut.txt");
    std::fs::write(&cut, &hex[..hex.len() - 40]).unwrap();
    let output = probity(dir.path(), &["attestation", "verify", "cut.txt", "--chain", &chain]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("cut.txt: byte") || err(&output).contains("cut.txt"),
        "{}",
        err(&output)
    );
}
