//! The case file: a subject, its artifacts with their contracts, and what is expected of them.
//!
//! Method: one TOML file, read by serde into plain structures; unknown keys are errors with the
//! nearest known key, and every message names the file, line and column, what is wrong and what to
//! do about it. Contracts are checked here too, so that a case which reads cleanly can only fail on
//! its artifacts. Paths stay as written, relative to the case file.

mod fault;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::elaborate::{self, Record};
use crate::examination::Preset;
use evidence::{ArtifactKind, Claim, Provenance, Verdict};
use proof::contract::{Contract, ContractError};
use serde::{Deserialize, Serialize};

pub use fault::CaseError;
use fault::{artifact_offset, explain, position};

/// Largest case file, in bytes.
pub const MAX_CASE_BYTES: usize = 1 << 20;
/// Most artifacts in a case.
pub const MAX_ARTIFACTS: usize = 256;

/// A case as written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The form of this file.
    pub schema: Schema,
    /// The accelerator under audit.
    pub subject: Subject,
    /// What there is to examine.
    #[serde(default)]
    pub artifact: Vec<Artifact>,
    /// Expected verdicts by claim, compared by `--expect`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expect: BTreeMap<Claim, Expect>,
}

/// The form of a case file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Schema {
    /// Version 1.
    #[serde(rename = "probity/case/1")]
    V1,
}

/// The accelerator under audit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Who makes it.
    pub vendor: String,
    /// Which one it is.
    pub model: String,
    /// Stepping, revision or release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// One input file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Which examination applies.
    pub kind: ArtifactKind,
    /// The file, relative to the case file.
    pub path: PathBuf,
    /// Where it came from.
    pub provenance: Provenance,
    /// Whether it is copied into the dossier; otherwise only its digest is.
    #[serde(default)]
    pub include: bool,
    /// What the owner declares about it (design only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
    /// The netlist or RTL that this one must be equivalent to (design only), relative to the case file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<PathBuf>,
    /// A file of untrusted hints (design only), relative to the case file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<PathBuf>,
    /// How RTL sources are elaborated (design only).
    #[serde(default, skip_serializing_if = "Elaborate::is_empty")]
    pub elaborate: Elaborate,
    /// What its figures are compared with (performance only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance: Option<performance::Settings>,
    /// How attestation evidence is judged, and with what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<attestation::Settings>,
    /// How a netlist came about, when a dossier is replayed; never in a case file.
    #[serde(skip)]
    pub record: Option<Record>,
    /// Settings and files from a dossier, when it is replayed; never in a case file.
    #[serde(skip)]
    pub preset: Option<Preset>,
    /// Where the sources of `record` lie now, with their roles; never in a case file.
    #[serde(skip)]
    pub sources: Vec<(&'static str, PathBuf)>,
}

impl Artifact {
    /// Further files of a design with their roles: Liberty files, sources that a replay has found.
    pub(crate) fn files(&self, base: &Path) -> Vec<(&'static str, PathBuf)> {
        let liberty = self.elaborate.liberty.iter().map(|p| (elaborate::LIBERTY, base.join(p)));
        liberty.chain(self.sources.iter().cloned()).collect()
    }
}

/// How RTL sources are elaborated.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elaborate {
    /// Parameters of the top module.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Setting>,
    /// Macros; an empty text defines one without a value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defines: BTreeMap<String, Setting>,
    /// Directories for `include`, relative to the case file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<PathBuf>,
    /// Liberty files with the functions of the cells of a gate-level netlist, relative to the case file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub liberty: Vec<PathBuf>,
}

impl Elaborate {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A parameter or macro: a number, or text that Verilog reads (`8'hff`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
}

impl Setting {
    /// The value of a macro, if it has one.
    pub fn define(&self) -> Option<String> {
        Some(self.to_string()).filter(|text| !text.is_empty())
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// An expected verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The verdict.
    pub verdict: Verdict,
    /// The kind of refutation (`dead`, `lock`, `leash`, `overdue`, `timer`) or the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// Reads a case file.
pub fn read_case(path: &Path) -> Result<Case, CaseError> {
    let fault = |position, what: String, remedy: &str| CaseError {
        path: path.to_owned(),
        position,
        what,
        remedy: remedy.to_owned(),
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_CASE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(None, error.to_string(), "give the path of a case file"))?;
    if bytes.len() > MAX_CASE_BYTES {
        let what = format!("larger than {MAX_CASE_BYTES} bytes");
        return Err(fault(None, what, "a case holds paths and contracts, not artifacts"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        fault(Some(position(&valid, valid.len())), "not UTF-8".into(), "save the file as UTF-8")
    })?;
    parse_case(text, path)
}

/// Reads the text of a case file; `path` is for messages only.
pub fn parse_case(text: &str, path: &Path) -> Result<Case, CaseError> {
    let fault = |offset: Option<usize>, what: String, remedy: String| CaseError {
        path: path.to_owned(),
        position: offset.map(|offset| position(text, offset)),
        what,
        remedy,
    };
    let case: Case = toml::from_str(text).map_err(|error| {
        let (what, remedy) = explain(error.message());
        fault(error.span().map(|span| span.start), what, remedy)
    })?;
    if !(1..=MAX_ARTIFACTS).contains(&case.artifact.len()) {
        let what = format!("{} artifacts", case.artifact.len());
        return Err(fault(None, what, format!("list 1 to {MAX_ARTIFACTS} as `[[artifact]]`")));
    }
    for (i, artifact) in case.artifact.iter().enumerate() {
        let table = artifact_offset(text, i);
        let design = artifact.kind == ArtifactKind::Design;
        let own = artifact.contract.is_some() || artifact.hints.is_some();
        let own = own || artifact.reference.is_some();
        if !design && (own || !artifact.elaborate.is_empty()) {
            let what =
                format!("artifact {}: only a design has a contract, hints or a reference", i + 1);
            return Err(fault(table, what, "remove them, or correct `kind`".into()));
        }
        if artifact.kind != ArtifactKind::Performance && artifact.performance.is_some() {
            let what = format!("artifact {}: `performance` belongs to a specification", i + 1);
            return Err(fault(table, what, "remove it, or correct `kind`".into()));
        }
        if artifact.attestation.is_some() && artifact.kind != ArtifactKind::Attestation {
            let what = format!("artifact {}: `attestation` belongs to attestation evidence", i + 1);
            return Err(fault(table, what, "remove it, or correct `kind`".into()));
        }
        if let Some(Err(error)) = artifact.contract.as_ref().map(Contract::check) {
            let place = |key: &str| format!("artifact {}: contract.{key}", i + 1);
            return Err(match error {
                ContractError::Value { key, what, remedy } => {
                    fault(table, format!("{}: {what}", place(&key)), remedy)
                }
                ContractError::Expr { key, error } => {
                    let start = table.unwrap_or(0);
                    let found = text.get(start..).and_then(|rest| rest.find(&error.text));
                    let offset = found.map(|at| start + at + error.offset).or(table);
                    let remedy = format!("{}\n{}", error.remedy, error.excerpt());
                    fault(offset, format!("{}: {}", place(&key), error.what), remedy)
                }
            });
        }
    }
    Ok(case)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"
schema = "probity/case/1"
[subject]
vendor = "Example Semiconductor"
model = "NPU-4"
[[artifact]]
kind = "design"
path = "npu4.json"
provenance = "public"
[artifact.contract]
clock = { port = "clk", mhz = 1000 }
reset = { port = "rst_n", active = "low", cycles = 4 }
inputs.owner = ["cmd_*"]
assume = ["temp < 8'd100"]
[[artifact.contract.service]]
name = "job"
done = "rsp_valid"
recover_within = 100000
[[artifact.contract.recovery]]
name = "wake"
steps = [{ set = "cmd_valid = 1", until = "cmd_ready" }, { wait = 8 }]
[[artifact.contract.declassify]]
when = "cmd_valid"
for = 64
observable = ["uart_tx"]
releases = []
[expect.no-remote-disable]
verdict = "refuted"
kind = "lock"
"#;

    fn message(from: &str, to: &str) -> String {
        let text = CASE.replacen(from, to, 1);
        assert_ne!(text, CASE, "{from}");
        parse_case(&text, Path::new("case.toml")).expect_err("an error").to_string()
    }

    #[test]
    fn a_case_reads() {
        let case = parse_case(CASE, Path::new("case.toml")).expect("reads");
        assert_eq!(case.expect[&Claim::NoRemoteDisable].verdict, Verdict::Refuted);
        let contract = case.artifact[0].contract.as_ref().expect("a contract");
        assert_eq!(contract.clock.as_ref().and_then(|clock| clock.mhz), Some(1000.0));
        assert_eq!(contract.declassify[0].window, 64);
    }

    #[test]
    fn messages_name_place_fault_and_remedy() {
        for (from, to, expected) in [
            ("assume", "asume", "case.toml:14:1: unknown key `asume`; did you mean `assume`?"),
            (
                "vendor =",
                "seller =",
                "case.toml:4:1: unknown key `seller`; known here: vendor, model, version",
            ),
            (
                "case/1",
                "case/2",
                "case.toml:2:10: unknown value `probity/case/2`; did you mean `probity/case/1`?",
            ),
            ("kind = \"design\"\n", "", "case.toml:6:1: missing field `kind`; add it"),
            (
                "1000 ",
                "true ",
                "case.toml:11:31: invalid type: boolean `true`, expected f64; correct the value",
            ),
            (
                "cycles = 4",
                "cycles = 400",
                "case.toml:6:1: artifact 1: contract.reset.cycles: 400 cycles; give 1 to 64 cycles",
            ),
            (
                "wait = 8",
                "until = \"a\"",
                "case.toml:21:9: a step is either `set` (with an optional `until`) or `wait`; split it in two steps",
            ),
            (
                "temp < ",
                "temp = ",
                "case.toml:14:17: artifact 1: contract.assume[0]: `=` assigns; write `==` to compare\n    temp = 8'd100\n         ^",
            ),
            (
                "\"design\"",
                "\"network\"",
                "case.toml:6:1: artifact 1: only a design has a contract, hints or a reference; remove them, or correct `kind`",
            ),
            (
                "no-remote",
                "no-remot",
                "case.toml:27:9: unknown value `no-remot-disable`; did you mean `no-remote-disable`?",
            ),
        ] {
            assert_eq!(message(from, to), expected, "{to}");
        }
        assert!(message("vendor =", "vendor").starts_with("case.toml:4:"));
    }

    #[test]
    fn files_are_bounded() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("case.toml");
        std::fs::write(&path, CASE).expect("writes");
        assert!(read_case(&path).is_ok());
        std::fs::write(&path, "#".repeat(MAX_CASE_BYTES + 1)).expect("writes");
        assert!(read_case(&path).expect_err("too large").what.starts_with("larger than"));
        std::fs::write(&path, b"a = 1\n  \xff").expect("writes");
        assert_eq!(read_case(&path).expect_err("no text").position, Some((2, 3)));
        assert!(read_case(&dir.path().join("none")).is_err());
    }
}
