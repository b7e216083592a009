//! `explain` and `completions`.

use crate::args::{Cli, CompletionsArgs, ExplainArgs};
use crate::output::Output;
use anyhow::{Result, bail};
use clap::CommandFactory;
use evidence::{CHECKS, check_page};
use serde_json::json;

/// `probity explain`.
pub(crate) fn explain(args: &ExplainArgs, output: &Output) -> Result<u8> {
    if args.markdown {
        output.text(&pages());
        return Ok(0);
    }
    let Some(id) = &args.check else {
        if output.json {
            let list: Vec<_> = CHECKS
                .iter()
                .map(|c| json!({ "id": c.id, "title": c.title, "claim": c.claim, "decisive": c.decisive }))
                .collect();
            output.value(&json!({ "schema": "probity/checks/1", "checks": list }));
        } else {
            for check in CHECKS {
                output.text(&format!("{:24} {}\n", check.id, check.title));
            }
        }
        return Ok(0);
    };
    let Some(page) = check_page(id) else {
        let known: Vec<&str> = CHECKS.iter().map(|c| c.id).collect();
        let id = audit::error::plain(id);
        bail!("explain: there is no check `{id}`; known: {}", known.join(", "));
    };
    if output.json {
        output.value(&json!({
            "schema": "probity/check/1", "id": page.id, "title": page.title, "claim": page.claim,
            "decisive": page.decisive, "examines": page.examines, "violation": page.violation,
            "method": page.method, "misses": page.misses, "cost": page.cost,
        }));
    } else {
        output.text(&page.markdown());
    }
    Ok(0)
}

/// `docs/checks.md`.
fn pages() -> String {
    let mut text =
        "# Checks\n\nWritten by `probity explain --markdown`; a test compares.\n".to_owned();
    for check in CHECKS {
        text.push('\n');
        text.push_str(&check.markdown());
    }
    text
}

/// `probity completions`.
pub(crate) fn completions(args: &CompletionsArgs, output: &Output) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "probity", &mut script);
    output.text(&String::from_utf8_lossy(&script));
    Ok(0)
}
