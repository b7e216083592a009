//! `init`: a commented case file to begin with.

use crate::args::InitArgs;
use crate::output::Output;
use anyhow::{Context, Result, bail};

const TEMPLATE: &str = include_str!("../../case-template.toml");

/// `probity init`.
pub(crate) fn init(args: &InitArgs, output: &Output) -> Result<u8> {
    let path = args.dir.join("case.toml");
    if path.exists() {
        bail!("{}: exists; give another directory", path.display());
    }
    std::fs::create_dir_all(&args.dir)
        .with_context(|| format!("{}: cannot be made", args.dir.display()))?;
    std::fs::write(&path, TEMPLATE)
        .with_context(|| format!("{}: cannot be written", path.display()))?;
    if output.json {
        let place = path.to_string_lossy();
        output.value(&serde_json::json!({ "schema": "probity/init/1", "case": place }));
    } else {
        output.text(&format!("{}: written; fill it in, then\n", path.display()));
        output.text(&format!("  probity audit {}\n", path.display()));
    }
    Ok(0)
}
