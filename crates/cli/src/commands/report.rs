//! `report`: HTML and SARIF from a dossier alone.

use crate::args::ReportArgs;
use crate::output::Output;
use anyhow::{Context, Result};
use report::Document;
use report::terminal::{Shown, summary};
use std::path::Path;

/// `probity report`.
pub(crate) fn report(args: &ReportArgs, output: &Output) -> Result<u8> {
    let document = Document::read(&args.dossier)?;
    let mut written = false;
    if let Some(path) = &args.html {
        write(path, &report::html::page(&document))?;
        written = true;
    }
    if let Some(path) = &args.sarif {
        write(path, &report::sarif::log(&document))?;
        written = true;
    }
    if output.json {
        output.value(&serde_json::json!({
            "schema": "probity/report/1",
            "subject": document.predicate.subject,
            "claims": document.predicate.claims,
            "findings": document.findings,
        }));
    } else if !written {
        let place = args.dossier.display().to_string();
        let shown = Shown { document: &document, place: Some(&place) };
        output.text(&summary(&[shown], output.paint()));
    }
    Ok(0)
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("{}: cannot be written", path.display()))
}
