//! `design compare`.

use crate::args::CompareArgs;
use crate::output::Output;
use anyhow::Result;
use audit::compare::{CompareOptions, design_compare};

/// `probity design compare`.
pub(crate) fn compare(args: &CompareArgs, output: &Output) -> Result<u8> {
    let outcome = design_compare(&CompareOptions {
        files: [args.first.clone(), args.second.clone()],
        liberty: args.liberty.clone(),
        top: args.top.clone(),
        reset: args.reset.clone(),
        depth: args.depth,
        effort: args.effort,
    })?;
    if output.json {
        output.value(&outcome.json());
    } else {
        output.text(&outcome.text());
    }
    Ok(outcome.exit_code())
}
