//! A tiny design whose one remote bit kills it, and a way to run the program on it.
#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure is a failed test")]
#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod npu4;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `en` is set by reset and cleared for ever by `kill`; `rsp` answers `go` while `en` holds.
pub(crate) const NETLIST: &str = r#"{"creator":"test","modules":{"tiny":{
"attributes":{"top":"1"},
"ports":{
 "clk":{"direction":"input","bits":[2]},
 "rst":{"direction":"input","bits":[3]},
 "go":{"direction":"input","bits":[4]},
 "kill":{"direction":"input","bits":[5]},
 "rsp":{"direction":"output","bits":[6]}},
"cells":{
 "n1":{"type":"$_NOT_","port_directions":{"A":"input","Y":"output"},"connections":{"A":[5],"Y":[7]}},
 "a1":{"type":"$_AND_","port_directions":{"A":"input","B":"input","Y":"output"},"connections":{"A":[8],"B":[7],"Y":[9]}},
 "o1":{"type":"$_OR_","port_directions":{"A":"input","B":"input","Y":"output"},"connections":{"A":[3],"B":[9],"Y":[10]}},
 "ff":{"type":"$_DFF_P_","port_directions":{"C":"input","D":"input","Q":"output"},"connections":{"C":[2],"D":[10],"Q":[8]}},
 "a2":{"type":"$_AND_","port_directions":{"A":"input","B":"input","Y":"output"},"connections":{"A":[4],"B":[8],"Y":[6]}}},
"netnames":{
 "en":{"hide_name":0,"bits":[8],"attributes":{"src":"tiny.v:7.3-7.5"}},
 "uid":{"hide_name":0,"bits":[11,12],"attributes":{"src":"tiny.v:9.3-9.5"}}}}}}
"#;

/// A case for [`NETLIST`].
pub(crate) const CASE: &str = r#"schema = "probity/case/1"
[subject]
vendor = "Test"
model = "Tiny"
[[artifact]]
kind = "design"
path = "tiny.json"
provenance = "synthetic"
include = true
[artifact.contract]
clock = { port = "clk", mhz = 100 }
reset = { port = "rst", active = "high", cycles = 2 }
inputs.owner = ["go"]
inputs.remote = ["kill"]
assume = ["go == go"]
[[artifact.contract.service]]
name = "answer"
start = "go"
done = "rsp"
recover_within = 100
[[artifact.contract.identity]]
signal = "uid"
kind = "fuse"
[expect]
no-remote-disable = { verdict = "refuted", kind = "dead" }
no-tracking = { verdict = "proved" }
"#;

/// A directory with `tiny.json` and `case.toml`.
pub(crate) fn tiny() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("tiny.json"), NETLIST).unwrap();
    fs::write(dir.path().join("case.toml"), CASE).unwrap();
    dir
}

/// Replaces the first `from` of a file by `to`.
pub(crate) fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Runs the program in a directory.
pub(crate) fn probity(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_probity"))
        .args(args)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// Exit code.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Standard output.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// All files below a directory with their contents, sorted.
pub(crate) fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_owned(), bytes));
            }
        }
    }
    found.sort();
    found
}
