//! The example accelerator: four variants as expected, each witness seen in Icarus Verilog on the
//! netlist and on the RTL, and not seen on RTL without the implant; Ctrl-C leaves nothing half done.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure is a failed test")]

mod common;

use common::npu4::{audit, examples, simulate};
use common::{code, err, files, out, probity};
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn four_variants_are_as_expected_and_their_dossiers_are_sound() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["clean", "kill-magic", "lock-licence", "ok-powerdown"];
    let output = audit(dir.path(), &names, &["--expect"]);
    let text = out(&output);
    assert_eq!(code(&output), 0, "{text}\n{}", err(&output));
    for words in ["eth_rx_data=0x9e37…7c15", "u_power.enable = 0 for ever", "Scope:"] {
        assert!(text.contains(words), "no `{words}` in:\n{text}");
    }
    for name in names {
        let verified = probity(dir.path(), &["verify", &format!("out/{name}")]);
        assert_eq!(code(&verified), 0, "{name}: {}", out(&verified));
    }
}

#[test]
fn witnesses_are_seen_in_icarus_verilog() {
    let dir = tempfile::tempdir().unwrap();
    let all = [
        ("kill-magic", "NPU4_KILL_MAGIC"),
        ("gate-region", "NPU4_GATE_REGION"),
        ("lock-licence", "NPU4_LOCK_LICENCE"),
        ("leak-idle", "NPU4_LEAK_IDLE"),
        ("leak-timing", "NPU4_LEAK_TIMING"),
        ("leak-region", "NPU4_LEAK_REGION"),
    ];
    let names: Vec<&str> = all.iter().map(|a| a.0).collect();
    let output = audit(dir.path(), &names, &[]);
    assert_eq!(code(&output), 1, "{}", err(&output));
    for (name, define) in all {
        let (shown, text) = simulate(dir.path(), name, None);
        assert!(shown && text.contains("PASS"), "{name} on the netlist:\n{text}");
        let (shown, text) = simulate(dir.path(), name, Some(define));
        assert!(shown && text.contains("PASS"), "{name} on RTL:\n{text}");
        let (shown, text) = simulate(dir.path(), name, Some("NPU4_NOTHING"));
        assert!(!shown, "{name} is seen without the implant:\n{text}");
    }
}

#[test]
fn a_time_limit_gives_undetermined_for_want_of_budget() {
    let dir = tempfile::tempdir().unwrap();
    let output = audit(dir.path(), &["ok-watchdog"], &["--time-limit", "10ms"]);
    assert_eq!(code(&output), 3, "{}\n{}", out(&output), err(&output));
    assert!(out(&output).contains("UNDETERMINED budget"), "{}", out(&output));
    assert!(!dir.path().join("out/ok-watchdog.run.json").exists(), "it must not be resumed from");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_half_dossier() {
    let dir = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_probity"))
        .arg("audit")
        .arg(examples().join("ok-watchdog.toml"))
        .args(["--out", "out"])
        .current_dir(dir.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", err(&output));
    assert!(err(&output).contains("to resume, run the same command again"));
    assert!(!dir.path().join("out").exists(), "{:?}", files(&dir.path().join("out")));
}
