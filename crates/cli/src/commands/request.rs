//! `request`: what the vendor must still supply.

use crate::args::{RequestArgs, RequestFormat};
use crate::commands::audit::options;
use crate::output::Output;
use anyhow::{Context, Result};
use audit::{Silent, Source};

/// `probity request`.
pub(crate) fn request(args: &RequestArgs, output: &Output) -> Result<u8> {
    let options = options(&args.limits)?;
    let source = Source::Case(args.case.clone());
    let outcomes = audit::audit(&[source], &options, &Silent)?;
    let outcome = outcomes.first().context("the case has no outcome")?;
    let request = audit::request(outcome);
    match args.format {
        RequestFormat::Json => output.value(&serde_json::to_value(&request)?),
        _ if output.json => output.value(&serde_json::to_value(&request)?),
        RequestFormat::Markdown => output.text(&request.markdown()),
        RequestFormat::Text => output.text(&request.text()),
    }
    Ok(0)
}
