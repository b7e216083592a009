//! `design hunt` and `design compare` as a user meets them.

mod common;

use common::{code, err, probity};
use serde_json::Value;
use std::fs;
use std::path::Path;

const NETLISTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hunt/netlists");

#[test]
fn a_suspect_has_gates_a_reason_and_an_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("{NETLISTS}/uart-counter.v");
    let args = ["design", "hunt", &file, "--json", "--gates", "gates.txt", "--sarif", "log.sarif"];
    let output = probity(dir.path(), &args);
    assert_eq!(code(&output), 1, "{}", err(&output));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["schema"], "probity/hunt/1");
    assert_eq!(found["verdict"], "suspect");
    assert_eq!(found["suspects"][0]["activation"]["result"], "fires");
    let gates = fs::read_to_string(dir.path().join("gates.txt")).unwrap();
    assert_eq!(gates.lines().count(), found["suspects"][0]["gates"].as_array().unwrap().len());
    let sarif: Value =
        serde_json::from_slice(&fs::read(dir.path().join("log.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "design.hunt");
}

#[test]
fn a_clean_netlist_is_quiet_and_bad_input_is_named() {
    let clean = format!("{NETLISTS}/uart-clean.v");
    let dir = tempfile::tempdir().unwrap();
    let output = probity(dir.path(), &["design", "hunt", &clean]);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stdout));
    fs::write(dir.path().join("bad.v"), "module t(a);\ninput a;\nfoo b(a);\nendmodule\n").unwrap();
    let output = probity(dir.path(), &["design", "hunt", "bad.v"]);
    assert_eq!(code(&output), 2);
    let text = err(&output);
    for word in ["bad.v", "line 3", "foo", "--liberty"] {
        assert!(text.contains(word), "no `{word}` in:\n{text}");
    }
    let output = probity(Path::new(dir.path()), &["design", "hunt", "none.v"]);
    assert_eq!(code(&output), 2);
}

#[test]
fn a_netlist_agrees_with_itself_and_differs_from_its_implant() {
    let (clean, bad) = (format!("{NETLISTS}/uart-clean.v"), format!("{NETLISTS}/uart-counter.v"));
    let dir = tempfile::tempdir().unwrap();
    let output = probity(dir.path(), &["design", "compare", &clean, &clean]);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stdout));
    let output = probity(dir.path(), &["design", "compare", &clean, &bad, "--json"]);
    assert_ne!(code(&output), 0);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_ne!(found["verdict"], "nothing-found");
    assert_ne!(found["verdict"], "refuted", "nothing that verify re-checks is written");
}
