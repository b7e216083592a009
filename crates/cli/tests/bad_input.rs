//! Bad input: exit code 2, file, place and remedy on standard error, no dossier, no panic.

mod common;

use common::{CASE, change, code, err, probity, tiny};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

/// Audits `case.toml`; demands exit code 2, no dossier, and every one of `words` in the message.
fn refused(dir: &Path, words: &[&str]) -> String {
    let output = probity(dir, &["audit", "case.toml", "--out", "out"]);
    let text = err(&output);
    assert_eq!(code(&output), 2, "{text}");
    assert!(!dir.join("out").exists(), "a dossier was begun");
    assert!(!text.contains("panicked"), "{text}");
    for word in words {
        assert!(text.contains(word), "no `{word}` in:\n{text}");
    }
    text
}

#[test]
fn a_missing_case_and_a_missing_artifact() {
    let dir = tiny();
    let output = probity(dir.path(), &["audit", "none.toml"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("none.toml"));
    fs::remove_file(dir.path().join("tiny.json")).unwrap();
    refused(dir.path(), &["tiny.json", "cannot be read", "check the path"]);
}

#[test]
fn a_truncated_netlist() {
    let dir = tiny();
    let path = dir.path().join("tiny.json");
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    refused(dir.path(), &["tiny.json", "line ", "write_json"]);
}

#[test]
fn a_truncated_zstd_stream() {
    let dir = tiny();
    fs::write(dir.path().join("tiny.json"), [0x28, 0xb5, 0x2f, 0xfd, 0, 1]).unwrap();
    refused(dir.path(), &["tiny.json", "zstd"]);
}

#[test]
fn an_unknown_port_with_near_names() {
    let dir = tiny();
    change(&dir.path().join("case.toml"), "\"clk\"", "\"clkk\"");
    refused(dir.path(), &["case.toml", "clock.port", "clkk", "did you mean `clk`"]);
}

#[test]
fn a_pattern_that_matches_nothing() {
    let dir = tiny();
    change(&dir.path().join("case.toml"), "[\"kill\"]", "[\"kil_*\"]");
    refused(dir.path(), &["case.toml", "inputs.remote", "kil_*"]);
}

#[test]
fn an_expression_that_does_not_parse() {
    let dir = tiny();
    change(&dir.path().join("case.toml"), "\"go == go\"", "\"go ==\"");
    refused(dir.path(), &["case.toml", "assume[0]"]);
}

#[test]
fn hints_without_a_meaning() {
    let dir = tiny();
    change(
        &dir.path().join("case.toml"),
        "include = true",
        "include = true\nhints = \"tiny.hints\"",
    );
    refused(dir.path(), &["tiny.hints", "cannot be read"]);
    for (text, words) in [
        ("# fine\nbound x\n", ["line 2", "`bound` is no kind of hint", "begin the line with"]),
        ("invariant nothing == 1", ["line 1", "`nothing`", "no name of the design is near"]),
        ("invariant kill", ["line 1", "the input `kill`", "speak of registers"]),
        ("invariant (1", ["line 1", "stays open", "close it"]),
    ] {
        fs::write(dir.path().join("tiny.hints"), text).unwrap();
        refused(dir.path(), &[&["tiny.hints"], &words[..]].concat());
    }
    // a false one is no error
    fs::write(dir.path().join("tiny.hints"), "invariant 0\nstage 1\n").unwrap();
    let output = probity(dir.path(), &["audit", "case.toml", "--out", "out", "--expect"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
}

#[test]
fn contradictory_assumptions() {
    let dir = tiny();
    change(&dir.path().join("case.toml"), "\"go == go\"", "\"go\", \"!go\"");
    refused(dir.path(), &["case.toml", "contract.assume", "contradict"]);
}

#[test]
fn an_identity_that_does_not_exist() {
    let dir = tiny();
    change(&dir.path().join("case.toml"), "signal = \"uid\"", "signal = \"uidd\"");
    refused(dir.path(), &["uidd", "uid"]);
}

#[test]
fn an_identity_that_is_constant() {
    let dir = tiny();
    change(&dir.path().join("tiny.json"), "[11,12]", "[11,\"0\"]");
    refused(dir.path(), &["uid", "constant"]);
}

#[test]
fn a_combinational_loop() {
    let dir = tiny();
    change(
        &dir.path().join("tiny.json"),
        "\"A\":[8],\"B\":[7],\"Y\":[9]",
        "\"A\":[10],\"B\":[7],\"Y\":[9]",
    );
    refused(dir.path(), &["tiny.json", "loop"]);
}

#[test]
fn an_unknown_key_and_a_missing_contract() {
    let dir = tiny();
    change(&dir.path().join("case.toml"), "vendor =", "seller =");
    refused(dir.path(), &["case.toml", "seller"]);
    let bare = CASE.split("[artifact.contract]").next().unwrap();
    fs::write(dir.path().join("case.toml"), bare).unwrap();
    refused(dir.path(), &["case.toml", "contract"]);
}

#[test]
fn aiger_with_wrong_counts() {
    let dir = tiny();
    fs::write(dir.path().join("tiny.json"), "aag 3 1 0 1 7\n2\n").unwrap();
    refused(dir.path(), &["tiny.json"]);
}

#[test]
fn four_gibibytes_of_nothing_are_refused_at_once() {
    let dir = tiny();
    let began = Instant::now();
    for size in [4u64 << 30, 1 << 30] {
        let file = File::create(dir.path().join("tiny.json")).unwrap();
        file.set_len(size).unwrap();
        refused(dir.path(), &["tiny.json", "byte 0", "begins with the bytes 00 00"]);
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn all_errors_are_told_at_once() {
    let dir = tiny();
    let case = dir.path().join("case.toml");
    fs::copy(&case, dir.path().join("other.toml")).unwrap();
    change(&case, "\"clk\"", "\"clkk\"");
    change(&dir.path().join("other.toml"), "\"rst\"", "\"rest\"");
    let output = probity(dir.path(), &["audit", "case.toml", "other.toml"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("clkk") && err(&output).contains("rest"));
}

#[test]
fn usage_errors() {
    let dir = tiny();
    for args in [
        &["audit"][..],
        &["audit", "case.toml", "--effort", "much"],
        &["audit", "case.toml", "--only", "chips"],
        &["explain", "design.nothing"],
        &["verify", "nowhere"],
        &["sign", "nowhere", "--key", "none.pem"],
        &["report", "nowhere"],
    ] {
        let output = probity(dir.path(), args);
        assert_eq!(code(&output), 2, "{args:?}: {}", err(&output));
        assert!(!err(&output).is_empty());
    }
}

#[test]
fn something_else_at_the_place_of_the_dossier_is_left_alone() {
    let dir = tiny();
    fs::create_dir_all(dir.path().join("out/case")).unwrap();
    fs::write(dir.path().join("out/case/diary.txt"), "mine").unwrap();
    let output = probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    assert_eq!(code(&output), 2, "{}", err(&output));
    assert_eq!(fs::read_to_string(dir.path().join("out/case/diary.txt")).unwrap(), "mine");
}
