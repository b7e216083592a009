//! The command line as typed.

mod attestation;
mod performance;

pub(crate) use attestation::{AttestationArgs, AttestationCommand};
pub(crate) use performance::{ClassifyArgs, MeasuredArgs, PerformanceCommand};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use evidence::ArtifactKind;
use std::path::PathBuf;
use std::time::Duration;

/// Audits AI accelerators: can somebody switch it off, does it show who it is?
///
/// Each verdict carries a witness to replay or a proof to check. Exit codes: 0 nothing against,
/// 1 refuted or suspect, 3 something is open, 2 bad input or usage.
#[derive(Parser, Debug)]
#[command(name = "probity", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Print JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run every check that applies to one or more cases, and write a dossier for each
    #[command(after_help = "Examples:
  probity audit examples/npu4/clean.toml examples/npu4/kill-magic.toml --out out
  probity audit case.toml --require proved --json
  probity audit examples/npu4/*.toml --expect --jobs 2")]
    Audit(AuditArgs),
    /// Re-check a dossier: signatures, digests, proofs, witnesses
    #[command(after_help = "Examples:
  probity verify out/clean
  probity verify out/clean --trust lab.pub.pem --artifacts netlists/ --replay

Exit codes: 0 the dossier is sound, whatever its verdicts; 1 a re-check failed; 2 unreadable.")]
    Verify(VerifyArgs),
    /// Examine a bare netlist
    #[command(subcommand)]
    Design(DesignCommand),
    /// Export class of a specification; declared against measured
    #[command(subcommand)]
    Performance(PerformanceCommand),
    /// What the vendor must still supply to decide each open cell of the matrix
    #[command(after_help = "Examples:
  probity request examples/h20/case.toml
  probity request case.toml --format markdown > letter.md

The case is audited first, without writing a dossier. The exit code is 0 whatever is missing.")]
    Request(RequestArgs),
    /// Examine attestation evidence
    #[command(subcommand)]
    Attestation(AttestationCommand),
    /// Sign a dossier with an Ed25519 key
    #[command(after_help = "Example:
  probity sign out/clean --key lab.pem")]
    Sign(SignArgs),
    /// Make an Ed25519 key pair
    #[command(after_help = "Example:
  probity keygen --out lab        (writes lab.pem and lab.pub.pem)")]
    Keygen(KeygenArgs),
    /// Explain a check: what it examines, what a violation means, what it misses
    #[command(after_help = "Examples:
  probity explain                         (lists all checks)
  probity explain design.remote-disable")]
    Explain(ExplainArgs),
    /// Draw a report from a dossier
    #[command(after_help = "Examples:
  probity report out/kill-magic --html report.html
  probity report out/kill-magic --sarif probity.sarif")]
    Report(ReportArgs),
    /// Write a commented case file to begin with
    #[command(after_help = "Example:
  probity init my-npu             (writes my-npu/case.toml)")]
    Init(InitArgs),
    /// Print shell completions
    #[command(after_help = "Example:
  probity completions bash > /etc/bash_completion.d/probity")]
    Completions(CompletionsArgs),
}

#[derive(Subcommand, Debug)]
pub(crate) enum DesignCommand {
    /// Decide every check of one netlist under a contract, without a case or a dossier
    #[command(after_help = "Example:
  probity design check netlist.json.zst --contract contract.toml

The contract file holds what stands below [artifact.contract] in a case.")]
    Check(CheckArgs),
    /// Look for hidden functions in a netlist, without contract and without reference
    #[command(after_help = "Examples:
  probity design hunt netlist.v
  probity design hunt chip.v --liberty cells.lib --top chip --gates suspects.txt --json
  probity design hunt chip.v --liberty cells.lib --out out && probity verify out/chip

Reads structural Verilog, Yosys JSON and AIGER, plain or zstd-compressed; Verilog that describes
behaviour needs an installed Yosys. Exit codes: 0 nothing found, 1 suspect, 2 bad input.")]
    Hunt(HuntArgs),
    /// Compare a delivered netlist with its reference: equal outputs, or a run in which they differ
    #[command(after_help = "Example:
  probity design compare reference.json delivered.v --liberty cells.lib
  probity design compare reference.json delivered.json --reset '!rst_n'

Nothing is written that `verify` could check; a case with `reference = FILE` proves or refutes.
Exit codes: 0 no difference, 1 they differ, 3 some output stays open, 2 bad input.")]
    Compare(CompareArgs),
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// The reference
    #[arg(value_name = "A")]
    pub(crate) first: PathBuf,
    /// The delivered netlist
    #[arg(value_name = "B")]
    pub(crate) second: PathBuf,
    /// Liberty file with functions of cells; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) liberty: Vec<PathBuf>,
    /// Top module of both
    #[arg(long, value_name = "NAME")]
    pub(crate) top: Option<String>,
    /// Reset port, with `!` before it if it is active low: both are compared from the end of a reset on,
    /// whatever state they power up in
    #[arg(long, value_name = "PORT")]
    pub(crate) reset: Option<String>,
    /// Cycles to search for a difference that induction leaves possible
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) depth: usize,
    /// Solver steps
    #[arg(long, value_name = "N", default_value_t = 300_000)]
    pub(crate) effort: u64,
}

#[derive(Args, Debug)]
pub(crate) struct HuntArgs {
    /// The netlist
    #[arg(value_name = "FILE")]
    pub(crate) netlist: PathBuf,
    /// Liberty file with functions of its cells; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) liberty: Vec<PathBuf>,
    /// Top module
    #[arg(long, value_name = "NAME")]
    pub(crate) top: Option<String>,
    /// Write the gates of the first suspect, one name a line
    #[arg(long, value_name = "FILE")]
    pub(crate) gates: Option<PathBuf>,
    /// Write SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
    /// Solver steps for all activations together
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub(crate) effort: u64,
    /// Write a dossier with what `probity verify` re-checks of it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["gates", "sarif"])]
    pub(crate) out: Option<PathBuf>,
    /// Hunt again where the dossier is there already
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RequestArgs {
    /// The case
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = RequestFormat::Text)]
    pub(crate) format: RequestFormat,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum RequestFormat {
    /// Plain text
    Text,
    /// Markdown, to be sent
    Markdown,
    /// JSON, as with --json
    Json,
}

/// How much a run may cost.
#[derive(Args, Debug, Clone)]
pub(crate) struct Limits {
    /// Solver steps per check; the same effort gives the same findings everywhere
    #[arg(long, value_name = "N", default_value_t = audit::DEFAULT_EFFORT)]
    pub(crate) effort: u64,
    /// Wall-clock limit per check (30s, 5m, 2h); can only turn a check into undetermined(budget)
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(crate) time_limit: Option<Duration>,
    /// Threads [default: all]
    #[arg(long, short, value_name = "N", value_parser = jobs)]
    pub(crate) jobs: Option<usize>,
}

#[derive(Args, Debug)]
pub(crate) struct AuditArgs {
    /// Case files
    #[arg(required = true, value_name = "CASE")]
    pub(crate) cases: Vec<PathBuf>,
    /// Directory of the dossiers
    #[arg(long, value_name = "DIR", default_value = "probity-out")]
    pub(crate) out: PathBuf,
    /// Only this examination
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) only: Option<ArtifactKind>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// Compare with the `expect` table of each case; exit 0 exactly if all is as expected
    #[arg(long, conflicts_with = "require")]
    pub(crate) expect: bool,
    /// What exit code 0 demands
    #[arg(long, value_enum, default_value_t = Required::NothingFound)]
    pub(crate) require: Required,
    /// Audit again what has been audited already
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Required {
    /// No claim worse than nothing-found
    NothingFound,
    /// All claims proved
    Proved,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The netlist: Yosys JSON or AIGER, plain or zstd-compressed
    #[arg(value_name = "NETLIST")]
    pub(crate) netlist: PathBuf,
    /// The contract, in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: PathBuf,
    /// One check only
    #[arg(long, value_enum, value_name = "CHECK")]
    pub(crate) only: Option<OneCheck>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// What exit code 0 demands
    #[arg(long, value_enum, default_value_t = Required::NothingFound)]
    pub(crate) require: Required,
}

/// A check of a netlist under a contract.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OneCheck {
    HiddenTrigger,
    IdentityLeak,
    RemoteDisable,
}

impl OneCheck {
    /// Its id.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::HiddenTrigger => "design.hidden-trigger",
            Self::IdentityLeak => "design.identity-leak",
            Self::RemoteDisable => "design.remote-disable",
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Directory of the dossier
    #[arg(value_name = "DOSSIER")]
    pub(crate) dossier: PathBuf,
    /// Public key (PEM) whose signature counts; may be given several times
    #[arg(long, value_name = "KEY")]
    pub(crate) trust: Vec<PathBuf>,
    /// Where artifacts lie that the dossier does not include; found by digest
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Run the examinations again and compare the findings byte for byte
    #[arg(long)]
    pub(crate) replay: bool,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

#[derive(Args, Debug)]
pub(crate) struct SignArgs {
    /// Directory of the dossier
    #[arg(value_name = "DOSSIER")]
    pub(crate) dossier: PathBuf,
    /// Private key (PKCS#8 PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct KeygenArgs {
    /// Name of the pair: NAME.pem and NAME.pub.pem
    #[arg(long, value_name = "NAME", default_value = "probity-key")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Check id; without it all checks are listed
    #[arg(value_name = "CHECK")]
    pub(crate) check: Option<String>,
    /// Print the pages of all checks, as docs/checks.md has them
    #[arg(long, conflicts_with = "check")]
    pub(crate) markdown: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// Directory of the dossier
    #[arg(value_name = "DOSSIER")]
    pub(crate) dossier: PathBuf,
    /// Write a self-contained HTML page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// Directory to write case.toml into
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("`{unit}` is no unit; write 30s, 5m or 2h")),
    };
    let number: f64 = number.parse().map_err(|_| "write 30s, 5m or 2h".to_owned())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|e| e.to_string())
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=1024).contains(&n) => Ok(n),
        _ => Err("give a number from 1 to 1024".to_owned()),
    }
}

fn kind(text: &str) -> Result<ArtifactKind, String> {
    ArtifactKind::ALL.into_iter().find(|k| k.id() == text).ok_or_else(|| {
        let known: Vec<&str> = ArtifactKind::ALL.iter().map(|k| k.id()).collect();
        format!("known: {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
    #[test]
    fn durations_have_units() {
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("0.5s"), Ok(Duration::from_millis(500)));
        assert!(duration("5 years").is_err() && duration("m").is_err());
    }
}
