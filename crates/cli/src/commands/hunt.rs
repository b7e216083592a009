//! `design hunt`.

use crate::args::HuntArgs;
use crate::output::Output;
use anyhow::{Context, Result};
use audit::hunt::{HuntOptions, design_hunt};

/// `probity design hunt`.
pub(crate) fn hunt(args: &HuntArgs, output: &Output) -> Result<u8> {
    let outcome = design_hunt(&HuntOptions {
        file: args.netlist.clone(),
        liberty: args.liberty.clone(),
        top: args.top.clone(),
        effort: args.effort,
    })?;
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
