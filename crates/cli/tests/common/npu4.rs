//! The example accelerator: its cases, and their witnesses in Icarus Verilog.

use super::{err, files, out, probity};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the example's cases lie.
pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/npu4")
}

/// Audits some of its cases in `dir`, into `out`.
pub(crate) fn audit(dir: &Path, names: &[&str], more: &[&str]) -> Output {
    let cases: Vec<String> =
        names.iter().map(|n| examples().join(format!("{n}.toml")).display().to_string()).collect();
    let mut args = vec!["audit"];
    args.extend(cases.iter().map(String::as_str));
    args.extend(["--out", "out"]);
    args.extend(more);
    probity(dir, &args)
}

/// Runs the witness's script on the netlist, or with `define` on RTL with that implant; the tools must be
/// there, or the test fails.
pub(crate) fn simulate(dir: &Path, name: &str, define: Option<&str>) -> (bool, String) {
    let witnesses = dir.join("out").join(name).join("witnesses");
    let all = files(&witnesses);
    let script = all.iter().find(|f| f.0.extension().is_some_and(|e| e == "sh")).unwrap();
    let mut command = Command::new("sh");
    command.arg(witnesses.join(&script.0));
    if let Some(define) = define {
        let rtl = examples().join("rtl");
        command.arg("--rtl").arg(format!("-I{}", rtl.display())).arg(format!("-D{define}"));
        let sources = files(&rtl);
        command.args(
            sources
                .iter()
                .filter(|f| f.0.extension().is_some_and(|e| e == "sv"))
                .map(|f| rtl.join(&f.0)),
        );
    }
    let output = command.output().expect("apt-get install yosys iverilog zstd");
    (output.status.success(), format!("{}{}", out(&output), err(&output)))
}
