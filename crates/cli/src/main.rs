//! `probity`: audits accelerators and re-checks the result.
//!
//! Arguments in ([`args`]), one module per command ([`commands`]), exit codes out: 0, 1 and 3 say
//! what was found, 2 that input or usage is bad, 130 that somebody pressed Ctrl-C.

mod args;
mod commands;
mod output;
mod progress;

use args::{AttestationCommand, Cli, Command, DesignCommand, PerformanceCommand};
use clap::Parser;
use output::Output;
use std::process::ExitCode;

/// Exit code for bad input or usage.
const BAD: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are errors of this kind that ask for exit code 0
            let code = if error.use_stderr() { BAD } else { 0 };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let output = Output::new(cli.json);
    match run(&cli, &output) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output.error(&error);
            ExitCode::from(BAD)
        }
    }
}

fn run(cli: &Cli, output: &Output) -> anyhow::Result<u8> {
    match &cli.command {
        Command::Audit(args) => commands::audit::audit(args, output),
        Command::Verify(args) => commands::verify::verify(args, output),
        Command::Design(DesignCommand::Check(args)) => commands::audit::check(args, output),
        Command::Performance(PerformanceCommand::Classify(args)) => {
            commands::performance::classify(args, output)
        }
        Command::Performance(PerformanceCommand::Compare(args)) => {
            commands::performance::compare(args, output)
        }
        Command::Request(args) => commands::request::request(args, output),
        Command::Attestation(AttestationCommand::Verify(args)) => {
            commands::attestation::verify(args, output)
        }
        Command::Design(DesignCommand::Compare(args)) => commands::compare::compare(args, output),
        Command::Design(DesignCommand::Hunt(args)) => commands::hunt::hunt(args, output),
        Command::Sign(args) => commands::keys::sign(args, output),
        Command::Keygen(args) => commands::keys::keygen(args, output),
        Command::Explain(args) => commands::explain::explain(args, output),
        Command::Report(args) => commands::report::report(args, output),
        Command::Init(args) => commands::init::init(args, output),
        Command::Completions(args) => commands::explain::completions(args, output),
    }
}
