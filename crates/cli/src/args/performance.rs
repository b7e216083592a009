//! The command line of `probity performance`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum PerformanceCommand {
    /// TPP, performance density and the class under each dated rule version, with every margin
    #[command(after_help = "Examples:
  probity performance classify examples/h20/spec.toml
  probity performance classify spec.toml --at 2023-11-17 --declared none
  probity performance classify spec.toml --rules my-rule.toml --json

Exit codes: 0 one class, and the declared one if one is declared; 1 another class than declared;
3 more than one class is possible. Not legal advice.")]
    Classify(ClassifyArgs),
    /// Measurements and telemetry against a specification
    #[command(after_help = "Examples:
  probity performance compare spec.toml nccl.txt stream.txt
  probity performance compare spec.toml fp16=cublas.txt --telemetry smi.csv

METRIC=FILE names what was measured where the file does not say it.")]
    Compare(MeasuredArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ClassifyArgs {
    /// The specification
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// Day whose rules count, YYYY-MM-DD [default: the newest rules known]
    #[arg(long, value_name = "DATE")]
    pub(crate) at: Option<String>,
    /// Class declared, instead of the specification's
    #[arg(long, value_name = "CLASS")]
    pub(crate) declared: Option<String>,
    /// A rule file besides those of the program; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct MeasuredArgs {
    /// The specification
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// Files of measurements
    #[arg(value_name = "[METRIC=]FILE", required_unless_present = "telemetry")]
    pub(crate) measured: Vec<String>,
    /// A telemetry export; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) telemetry: Vec<PathBuf>,
}
