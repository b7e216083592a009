//! `design hunt` and `design compare` as a user meets them.

mod common;

use common::npu4::{audit, simulate};
use common::{change, code, err, out, probity};
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
fn an_operand_that_corrupts_is_found_and_its_clean_twin_and_look_alike_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let hunt = |name: &str| {
        let file = format!("{NETLISTS}/../../npu4/netlists/{name}.json.zst");
        let output = probity(dir.path(), &["design", "hunt", &file, "--json"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        (code(&output), found)
    };
    // one value of 2^64, compared in the open
    let (code, found) = hunt("trigger-operand");
    assert_eq!((code, found["verdict"].as_str()), (1, Some("suspect")));
    let activation = &found["suspects"][0]["activation"];
    assert_eq!(activation["result"], "fires");
    assert_eq!(activation["outputs"][0], "rsp_data[7]");
    for name in ["clean", "ok-mode"] {
        let (code, found) = hunt(name);
        assert_eq!((code, found["verdict"].as_str()), (0, Some("nothing-found")), "{name}");
    }
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

#[test]
fn a_case_carries_the_activation_and_strangers_see_it() {
    let dir = tempfile::tempdir().unwrap();
    let cases = ["../hunt/uart-counter", "../hunt/uart-clean", "../hunt/uart-lookalike"];
    let output = audit(dir.path(), &cases, &["--expect"]);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    assert!(out(&output).contains("expected: all 3 verdicts of 3 cases"), "{}", out(&output));
    for name in ["uart-counter", "uart-clean", "uart-lookalike"] {
        let dossier = dir.path().join("out").join(name);
        let verified = probity(&dossier, &["verify", "."]);
        assert_eq!(code(&verified), 0, "{name}: {}", out(&verified));
        let again = probity(&dossier, &["verify", ".", "--replay", "--artifacts", NETLISTS]);
        assert_eq!(code(&again), 0, "{name}: {}\n{}", out(&again), err(&again));
    }
    let (passed, text) = simulate(dir.path(), "uart-counter", None);
    assert!(passed && text.contains("PASS: the net is active"), "{text}");
    // the delivered file is the seller's: without it there is nothing to hunt through again
    let dossier = dir.path().join("out/uart-counter");
    let verified = probity(&dossier, &["verify", "."]);
    assert!(out(&verified).contains("design.hunt netlist, suspect"), "{}", out(&verified));
    let again = probity(&dossier, &["verify", ".", "--replay"]);
    assert_eq!(code(&again), 1, "{}", out(&again));
    assert!(err(&again).contains("name its directory with --artifacts"), "{}", err(&again));
    let certificate = fs::read_dir(dossier.join("certificates"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "json"))
        .unwrap();
    change(&certificate, "\"cycle\":287", "\"cycle\":286");
    let verified = probity(&dossier, &["verify", "."]);
    assert_eq!(code(&verified), 1, "{}", out(&verified));
}

#[test]
fn a_bare_file_of_library_cells_becomes_a_dossier() {
    let dir = tempfile::tempdir().unwrap();
    let chip = "module chip(clk, a, b, y);\ninput clk, a, b; output y;\nwire n;\n\
        AOI u1(.A(a), .B(b), .C(y), .Y(n));\nFF u2(.CK(clk), .D(n), .Q(y));\nendmodule\n";
    let cells = "library(l) {\n cell(AOI) { pin(A){direction:input;} pin(B){direction:input;} \
        pin(C){direction:input;} pin(Y){direction:output; function:\"!((A & B) | C)\";} }\n \
        cell(FF) { ff(IQ,IQN){clocked_on:\"CK\"; next_state:\"D\";} pin(CK){direction:input;} \
        pin(D){direction:input;} pin(Q){direction:output; function:\"IQ\";} }\n}\n";
    fs::write(dir.path().join("chip.v"), chip).unwrap();
    fs::write(dir.path().join("cells.lib"), cells).unwrap();
    let args = ["design", "hunt", "chip.v", "--liberty", "cells.lib", "--out", "out"];
    let output = probity(dir.path(), &args);
    assert_eq!(code(&output), 0, "{}\n{}", out(&output), err(&output));
    let verified = probity(dir.path(), &["verify", "out/chip", "--replay", "--artifacts", "."]);
    assert_eq!(code(&verified), 0, "{}\n{}", out(&verified), err(&verified));
    change(&dir.path().join("cells.lib"), "(A & B)", "(A & & B)");
    let output = probity(dir.path(), &args);
    assert_eq!(code(&output), 2, "{}", out(&output));
    assert!(err(&output).contains("cells.lib: line 2"), "{}", err(&output));
    let two_clocks = chip
        .replace("input clk,", "input clk, c2,")
        .replace("endmodule", "wire m;\nFF u3(.CK(c2), .D(y), .Q(m));\nendmodule");
    fs::write(dir.path().join("two.v"), two_clocks.replace("chip(clk,", "chip(clk, c2,")).unwrap();
    fs::write(dir.path().join("cells.lib"), cells).unwrap();
    let args = ["design", "hunt", "two.v", "--liberty", "cells.lib", "--out", "out"];
    let output = probity(dir.path(), &args);
    assert_eq!(code(&output), 2, "{}\n{}", out(&output), err(&output));
    assert!(err(&output).contains("hunt without --out"), "{}", err(&output));
}
