//! Resuming: a case whose dossier is there, made from the same inputs with the same options, is not
//! audited again.
//!
//! Method: beside each dossier stands `NAME.run.json` with a key over everything the findings depend
//! on: the case, the artifacts' digests, hints, effort, program and kernel. Times and machine facts
//! live there too, never in the dossier. A run cut short by a time limit leaves no key.

use crate::case::Case;
use crate::load::Raw;
use crate::options::Options;
use crate::outcome::CaseOutcome;
use crate::pack::TOOL;
use evidence::Digest;
use proof::certificate::KERNEL_VERSION;
use report::Document;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Facts of one run of one case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct RunFile {
    schema: String,
    key: String,
    written_at: u64,
    jobs: usize,
    machine: String,
}

const SCHEMA: &str = "probity/run/1";
/// Largest run file that is read, in bytes.
const MAX_RUN_FILE: u64 = 1 << 20;

/// The key over everything the findings of a case depend on.
pub(crate) fn key(case: &Case, raw: &[Raw], options: &Options) -> String {
    let support = |r: &Raw| r.support.iter().map(|s| s.digest).collect::<Vec<_>>();
    let hints = |r: &Raw| r.hints.as_ref().map(|h| Digest::of(h.1.as_bytes()));
    let artifacts: Vec<_> = raw
        .iter()
        .map(|r| json!([r.digest, r.name, hints(r), r.artifact.include, r.settings, support(r)]))
        .collect();
    let all = json!({
        "tool": TOOL,
        "kernel": KERNEL_VERSION,
        "case": case,
        "artifacts": artifacts,
        "effort": options.effort.to_string(),
        "only": options.only,
    });
    Digest::of(all.to_string().as_bytes()).to_string()
}

fn path(name: &str, options: &Options) -> Option<PathBuf> {
    options.out.as_ref().map(|out| out.join(format!("{name}.run.json")))
}

/// The outcome of an earlier run with this key, if its dossier is there.
pub(crate) fn earlier(
    name: &str,
    key: &str,
    case: &Case,
    options: &Options,
) -> Option<CaseOutcome> {
    if options.force {
        return None;
    }
    let path = path(name, options)?;
    if std::fs::metadata(&path).ok()?.len() > MAX_RUN_FILE {
        return None;
    }
    let run: RunFile = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    if run.schema != SCHEMA || run.key != key {
        return None;
    }
    let dossier = options.out.as_ref()?.join(name);
    let document = Document::read(&dossier).ok()?;
    let expect = case.expect.clone();
    Some(CaseOutcome { document, dossier: Some(dossier), resumed: true, expect })
}

/// Leaves the key of a finished case. That it cannot be written costs a later run time only.
pub(crate) fn remember(name: &str, key: &str, options: &Options) {
    let Some(path) = path(name, options) else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let run = RunFile {
        schema: SCHEMA.to_owned(),
        key: key.to_owned(),
        written_at: now,
        jobs: options.jobs,
        machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    };
    if let Ok(text) = serde_json::to_vec_pretty(&run) {
        drop(std::fs::write(path, text));
    }
}
