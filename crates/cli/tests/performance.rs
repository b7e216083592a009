//! Specifications, comparisons and requests through the binary: output, exit codes, replay.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn probity(args: &[&str]) -> (i32, String, String) {
    let binary = env!("CARGO_BIN_EXE_probity");
    let output: Output = Command::new(binary).args(args).current_dir(root()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_h20_is_classified_with_its_margins() {
    let (code, out, _) = probity(&["performance", "classify", "examples/h20/spec.toml"]);
    assert_eq!(code, 0);
    for line in ["-32 TPP (-1.33 %", "-0.29 PD (-9.09 %", "bis-2023 – none", "not legal advice"] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let other = ["performance", "classify", "examples/h20/spec.toml", "--declared", "3A090.b"];
    assert_eq!(probity(&other).0, 1);
    let (code, out, _) = probity(&["performance", "classify", "examples/h20/spec.toml", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &value["rulings"][1]["class"]), (0, &serde_json::json!("none")));
}

#[test]
fn bad_input_names_file_place_and_remedy() {
    let at = ["performance", "classify", "examples/h20/spec.toml", "--at", "yesterday"];
    let (code, _, err) = probity(&at);
    assert_eq!(code, 2);
    assert!(err.contains("spec.toml: at: `yesterday` is no day; write YYYY-MM-DD"), "{err}");
    assert_eq!(probity(&["performance", "classify", "examples/h20/absent.toml"]).0, 2);
    assert_eq!(probity(&["performance", "compare", "examples/h20/spec.toml"]).0, 2);
}

#[test]
fn a_throttled_part_is_weaker_than_declared() {
    let dir = tempfile::tempdir().unwrap();
    let spec = std::fs::read_to_string(root().join("examples/h20/spec.toml")).unwrap();
    let spec = spec.replacen("sparsity", "attainable = [0.7, 1.0]\nsparsity", 1);
    std::fs::write(dir.path().join("spec.toml"), spec).unwrap();
    let write = |name: &str, level: f64| {
        // synthetic
        let lines: String = (0..20)
            .map(|i| {
                let gflops = 1000.0 * level + f64::from(i);
                format!("^^^^ CUDA : elapsed = 0.007 sec,  Gflops = {gflops}\n")
            })
            .collect();
        std::fs::write(dir.path().join(name), lines).unwrap();
        format!("fp16={}", dir.path().join(name).display())
    };
    let spec = dir.path().join("spec.toml").display().to_string();
    for (level, expected, word) in
        [(120.0, 0, "as declared"), (90.0, 1, "weaker"), (160.0, 1, "stronger")]
    {
        let (code, out, err) = probity(&["performance", "compare", &spec, &write("m.txt", level)]);
        assert_eq!(code, expected, "{out}{err}");
        assert!(out.contains(word), "{out}");
    }
}

#[test]
fn the_case_is_audited_replayed_and_its_gaps_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().display().to_string();
    let (code, text, err) =
        probity(&["audit", "examples/h20/case.toml", "--out", &out, "--expect"]);
    assert_eq!(code, 0, "{text}{err}");
    let dossier = dir.path().join("case").display().to_string();
    let (code, text, _) = probity(&["verify", &dossier, "--replay"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 findings are the same, byte for byte"), "{text}");
    let page = std::fs::read_to_string(dir.path().join("case/report.html")).unwrap();
    assert!(page.contains("class=\"plane\"") && page.contains("3A090.b.1"));

    let request = ["request", "examples/h20/case.toml", "--json"];
    let (code, text, _) = probity(&request);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, value["schema"].as_str()), (0, Some("probity/request/1")));
    assert_eq!(value["questions"].as_array().unwrap().len(), 5);
    assert!(value["open"].as_array().unwrap().len() >= 10);
    let (_, markdown, _) = probity(&["request", "examples/h20/case.toml", "--format", "markdown"]);
    assert!(markdown.contains("| `design.remote-disable` |"), "{markdown}");
}
