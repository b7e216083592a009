//! From RTL sources to a dossier, where a Yosys is installed; visibly ignored elsewhere.
#![allow(clippy::unwrap_used, reason = "a failure is a failed test")]
#![allow(clippy::print_stdout, reason = "says that the test is ignored, and why")]

mod common;

use common::{change, code, err, files, out, probity};
use std::fs;
use std::path::{Path, PathBuf};

fn npu4() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/npu4")
}

/// A directory with `case.toml`: a committed case, on the sources instead of the netlist.
fn case(name: &str, elaborate: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(npu4().join(format!("{name}.toml"))).unwrap();
    let sources = fs::canonicalize(npu4().join("rtl")).unwrap();
    let line = |l: &str| match l.starts_with("path") {
        true => format!("path = '{}'\n{elaborate}", sources.display()),
        false => l.to_owned(),
    };
    let text: Vec<String> = text.lines().map(line).collect();
    fs::write(dir.path().join("case.toml"), text.join("\n")).unwrap();
    dir
}

fn yosys() -> bool {
    let found = frontend::find().is_ok();
    if !found {
        println!("ignored: no Yosys is installed");
    }
    found
}

#[test]
fn sources_are_elaborated_and_the_netlist_is_the_artifact() {
    if !yosys() {
        return;
    }
    let dir = case("kill-magic", "elaborate = { defines = { NPU4_KILL_MAGIC = \"\" } }");
    let output = probity(dir.path(), &["audit", "case.toml", "--out", "out", "--expect"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    assert!(out(&output).contains("npu4_power.sv:"), "{}", out(&output));

    let written = files(&dir.path().join("out/case"));
    let find = |part: &str| written.iter().find(|(p, _)| p.to_string_lossy().ends_with(part));
    let has = |part: &str| find(part).is_some();
    assert!(has("npu4.elaborated.json.zst") && has(".derivation.json"));
    assert!(has("npu4_watchdog.sv"), "the sources are included, for the case says so");
    let (_, derivation) = find(".derivation.json").unwrap();
    let record: serde_json::Value = serde_json::from_slice(derivation).unwrap();
    assert!(record["tool"].as_str().unwrap().contains("Yosys"));
    assert_eq!(record["sources"].as_array().unwrap().len(), 14);
    assert!(record["passes"].as_array().unwrap().iter().all(|pass| pass["removed"] == 0));

    let verified = probity(dir.path(), &["verify", "out/case", "--replay"]);
    assert_eq!(code(&verified), 0, "{}\n{}", out(&verified), err(&verified));
    assert!(out(&verified).contains("2 findings are the same, byte for byte"));
}

#[test]
fn sources_that_cannot_be_elaborated_are_bad_input() {
    if !yosys() {
        return;
    }
    let dir = case("clean", "elaborate = { parameters = { N = 4, M = 5 } }");
    for (from, to, words) in [
        ("M = 5", "'N;' = 5", "the parameter `N;` is not a plain Verilog identifier"),
        ("'N;' = 5", "N2 = '8\\'zz;'", "elaborate"),
    ] {
        change(&dir.path().join("case.toml"), from, to);
        let output = probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
        assert_eq!(code(&output), 2, "{}", err(&output));
        assert!(err(&output).contains(words) || words == "elaborate", "{}", err(&output));
        assert!(!dir.path().join("out/case").exists());
    }
    let dir = case("clean", "");
    change(&dir.path().join("case.toml"), "\"npu4\"", "\"npu5\"");
    let output = probity(dir.path(), &["audit", "case.toml", "--out", "out"]);
    assert_eq!(code(&output), 2, "{}", err(&output));
    assert!(err(&output).contains("there is no module npu5"), "{}", err(&output));
}

#[test]
fn another_part_whose_contract_lists_no_recovery() {
    if !yosys() {
        return;
    }
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/vecsum");
    let dir = tempfile::tempdir().unwrap();
    let names = ["clean.toml", "kill-serial.toml", "ok-serial.toml"].map(|n| cases.join(n));
    let mut args = vec!["audit", "--out", "out", "--expect"];
    args.extend(names.iter().map(|n| n.to_str().unwrap()));
    let output = probity(dir.path(), &args);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    let verified = probity(dir.path(), &["verify", "out/kill-serial"]);
    assert_eq!(code(&verified), 0, "{}\n{}", out(&verified), err(&verified));
}
