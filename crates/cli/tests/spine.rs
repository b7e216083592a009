//! The spine: a case in, verdicts with witness and certificate, a dossier out, re-checked.

mod common;

use common::{change, code, err, files, out, probity, tiny};
use std::fs;
use std::process::Command;

#[test]
fn a_killed_part_is_refuted_and_the_dossier_is_sound() {
    let dir = tiny();
    let output = probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    let text = out(&output);
    assert_eq!(code(&output), 1, "{text}\n{}", err(&output));
    for words in [
        "REFUTED",
        "PROVED",
        "case: kill=1 at cycle 2, then en = 0 for ever",
        "tiny.v:7",
        "Scope:",
        "Not examined: firmware attestation network performance",
        "check it: probity-verify out/case",
    ] {
        assert!(text.contains(words), "no `{words}` in:\n{text}");
    }
    let verified = probity(dir.path(), &["verify", "out/case", "--replay"]);
    assert_eq!(code(&verified), 0, "{}\n{}", out(&verified), err(&verified));
    assert!(out(&verified).contains("replay: 2 findings are the same"));
}

#[test]
fn findings_do_not_depend_on_the_number_of_threads() {
    let dir = tiny();
    for jobs in ["1", "2", "4"] {
        let to = format!("out{jobs}");
        let args = ["audit", "case.toml", "--out", &to, "--jobs", jobs];
        assert_eq!(code(&probity(dir.path(), &args)), 1);
    }
    let one = files(&dir.path().join("out1/case"));
    assert!(one.len() > 8);
    assert_eq!(one, files(&dir.path().join("out2/case")));
    assert_eq!(one, files(&dir.path().join("out4/case")));
}

#[test]
fn expectations_decide_the_exit_code() {
    let dir = tiny();
    let audit = |more: &[&str]| {
        let args = [&["audit", "case.toml", "--out", "out"][..], more].concat();
        probity(dir.path(), &args)
    };
    assert_eq!(code(&audit(&["--expect"])), 0);
    change(&dir.path().join("case.toml"), "\"dead\"", "\"lock\"");
    let output = audit(&["--expect"]);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains("refuted (lock)") && out(&output).contains("refuted (dead)"));
    let output = audit(&["--require", "proved"]);
    assert_eq!(code(&output), 1);
}

#[test]
fn a_harmless_part_is_proved_and_no_effort_is_undetermined() {
    let dir = tiny();
    // without the kill input in the next state: en stays
    change(
        &dir.path().join("tiny.json"),
        "\"A\":[8],\"B\":[7],\"Y\":[9]",
        "\"A\":[8],\"B\":[8],\"Y\":[9]",
    );
    let output = probity(dir.path(), &["audit", "case.toml", "--require", "proved"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    let output = probity(dir.path(), &["audit", "case.toml", "--effort", "0", "--out", "none"]);
    assert_eq!(code(&output), 3, "{}", out(&output));
    assert!(out(&output).contains("UNDETERMINED budget"), "{}", out(&output));
}

#[test]
fn json_is_one_object_per_case() {
    let dir = tiny();
    fs::copy(dir.path().join("case.toml"), dir.path().join("twin.toml")).unwrap();
    let output = probity(dir.path(), &["audit", "case.toml", "twin.toml", "--json"]);
    let text = out(&output);
    assert_eq!(text.lines().count(), 2);
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["schema"], "probity/audit/1");
        assert_eq!(value["claims"]["no-remote-disable"]["verdict"], "refuted");
        assert_eq!(value["claims"]["no-tracking"]["examinations"]["design"], "proved");
        assert_eq!(value["findings"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_finished_case_is_not_audited_again() {
    let dir = tiny();
    let run = |more: &[&str]| {
        let args = [&["audit", "case.toml", "--out", "out"][..], more].concat();
        probity(dir.path(), &args)
    };
    let first = run(&[]);
    let second = run(&[]);
    assert!(err(&second).contains("audited before"), "{}", err(&second));
    assert_eq!(out(&first), out(&second));
    assert_eq!(code(&second), 1);
    assert!(!err(&run(&["--force"])).contains("audited before"));
    assert!(!err(&run(&["--effort", "12345"])).contains("audited before"));
}

#[test]
fn signed_then_trusted_then_tampered() {
    let dir = tiny();
    probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    assert_eq!(code(&probity(dir.path(), &["keygen", "--out", "lab"])), 0);
    assert_eq!(code(&probity(dir.path(), &["keygen", "--out", "lab"])), 2);
    let trust = ["verify", "out/case", "--trust", "lab.pub.pem"];
    assert_eq!(code(&probity(dir.path(), &trust)), 1);
    assert_eq!(code(&probity(dir.path(), &["sign", "out/case", "--key", "lab.pem"])), 0);
    assert_eq!(code(&probity(dir.path(), &trust)), 0);
    let report = dir.path().join("out/case/report.html");
    let mut bytes = fs::read(&report).unwrap();
    bytes[20] ^= 1;
    fs::write(&report, bytes).unwrap();
    let output = probity(dir.path(), &trust);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains("report.html"), "{}", out(&output));
}

#[test]
fn one_netlist_without_a_case() {
    let dir = tiny();
    let contract = common::CASE.split("[artifact.contract]").nth(1).unwrap();
    let contract = contract.split("[expect]").next().unwrap().replace("artifact.contract.", "");
    fs::write(dir.path().join("contract.toml"), contract).unwrap();
    let output =
        probity(dir.path(), &["design", "check", "tiny.json", "--contract", "contract.toml"]);
    assert_eq!(code(&output), 1, "{}\n{}", out(&output), err(&output));
    assert!(out(&output).contains("kill=1 at cycle 2"));
    assert!(!dir.path().join("probity-out").exists());
}

#[test]
fn the_template_is_a_case() {
    let dir = tiny();
    assert_eq!(code(&probity(dir.path(), &["init", "mine"])), 0);
    assert_eq!(code(&probity(dir.path(), &["init", "mine"])), 2);
    let output = probity(dir.path(), &["audit", "mine/case.toml"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("netlist.json: cannot be read"), "{}", err(&output));
}

#[test]
fn reports_are_drawn_from_the_dossier_alone() {
    let dir = tiny();
    probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    let args = ["report", "out/case", "--html", "r.html", "--sarif", "r.sarif"];
    assert_eq!(code(&probity(dir.path(), &args)), 0);
    let html = fs::read_to_string(dir.path().join("r.html")).unwrap();
    assert_eq!(html, fs::read_to_string(dir.path().join("out/case/report.html")).unwrap());
    for words in ["<svg", "kill=1 at cycle 2", "class=\"mark\"", "no-remote-disable"] {
        assert!(html.contains(words), "no {words}");
    }
    assert!(!html.contains("<script") && !html.contains("http://"));
    let sarif = fs::read_to_string(dir.path().join("r.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
}

/// The witness is shown by a simulator that knows nothing of us. Skipping would count as passing,
/// so a machine without the tools fails here and says what to install.
#[test]
fn the_witness_is_seen_in_icarus_verilog() {
    let dir = tiny();
    probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    let all = files(&dir.path().join("out/case/witnesses"));
    let script = all.iter().find(|f| f.0.extension().is_some_and(|e| e == "sh")).unwrap();
    let output = Command::new("sh")
        .arg(dir.path().join("out/case/witnesses").join(&script.0))
        .output()
        .expect("sh, yosys and iverilog: apt-get install yosys iverilog");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("PASS"), "{text}");
}

#[test]
fn explain_prints_what_the_documentation_says() {
    let dir = tiny();
    let output = probity(dir.path(), &["explain", "--markdown"]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/checks.md");
    let page = fs::read_to_string(path).unwrap();
    assert_eq!(out(&output), page, "run: probity explain --markdown > docs/checks.md");
    let one = probity(dir.path(), &["explain", "design.remote-disable"]);
    assert!(page.contains(&out(&one)));
}
