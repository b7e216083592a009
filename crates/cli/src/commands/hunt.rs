//! `design hunt`.

use super::audit;
use crate::args::HuntArgs;
use crate::output::Output;
use ::audit::hunt::{HuntOptions, design_hunt};
use anyhow::{Context, Result};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Silence on standard error for as long as this; then a line says what is being done.
const PATIENCE: Duration = Duration::from_secs(3);

/// `probity design hunt`.
pub(crate) fn hunt(args: &HuntArgs, output: &Output) -> Result<u8> {
    let began = Instant::now();
    let options = HuntOptions {
        file: args.netlist.clone(),
        liberty: args.liberty.clone(),
        top: args.top.clone(),
        effort: args.effort,
    };
    if let Some(out) = &args.out {
        return audit::into_dossier(args, &options, out, output);
    }
    let terminal = std::io::stderr().is_terminal();
    let tell = |what: &str| {
        if terminal || began.elapsed() > PATIENCE {
            let seconds = began.elapsed().as_secs();
            drop(writeln!(std::io::stderr().lock(), "hunt: {what} ({seconds} s)"));
        }
    };
    let outcome = design_hunt(&options, &tell)?;
    if let Some(path) = &args.gates {
        std::fs::write(path, outcome.gate_list())
            .with_context(|| format!("{}: cannot be written", path.display()))?;
    }
    if let Some(path) = &args.sarif {
        std::fs::write(path, outcome.sarif())
            .with_context(|| format!("{}: cannot be written", path.display()))?;
    }
    if output.json {
        output.value(&outcome.json());
    } else {
        output.text(&outcome.text());
    }
    Ok(outcome.exit_code())
}
