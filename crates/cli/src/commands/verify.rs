//! `verify`: re-check a dossier; with `--replay` run its examinations again.

use crate::args::VerifyArgs;
use crate::commands::audit::options;
use crate::commands::keys::read_key;
use crate::output::Output;
use crate::progress::Lines;
use anyhow::{Result, anyhow};
use dossier::{PublicKey, Status, VerifyOptions};
use serde_json::json;
use std::time::Instant;

/// `probity verify`.
pub(crate) fn verify(args: &VerifyArgs, output: &Output) -> Result<u8> {
    let began = Instant::now();
    let mut trust = Vec::new();
    for path in &args.trust {
        let key = PublicKey::from_pem(&read_key(path)?);
        trust.push(key.map_err(|e| anyhow!("{}: {e}", path.display()))?);
    }
    let wanted = VerifyOptions { trust, artifacts: args.artifacts.clone() };
    let mut report = dossier::verify(&args.dossier, &wanted)
        .map_err(|e| anyhow!("{}: {e}", args.dossier.display()))?;
    let mut sound = report.is_sound();
    let mut replayed = None;
    if args.replay && sound {
        let options = options(&args.limits)?;
        let replay =
            audit::replay(&args.dossier, args.artifacts.as_deref(), &options, &Lines::new())?;
        sound &= replay.differences.is_empty();
        if sound {
            // what a replay derives again is no longer open
            report.steps.retain(|s| s.name != dossier::NOT_DERIVED);
            report.derived = 0;
        }
        replayed = Some(replay);
    }
    if output.json {
        output.value(&json!({
            "schema": "probity/verify/1",
            "sound": sound,
            "steps": report.steps,
            "certificates": report.certificates,
            "obligations": report.obligations,
            "replayed": replayed.as_ref().map(|r| r.same),
            "differences": replayed.as_ref().map(|r| &r.differences),
        }));
        return Ok(u8::from(!sound));
    }
    for step in &report.steps {
        let line = audit::error::plain(&step.to_string());
        output.text(&format!("{line}\n"));
    }
    if let Some(replay) = &replayed {
        let same = replay.same;
        output.text(&format!("ok         replay: {same} findings are the same, byte for byte\n"));
        for difference in &replay.differences {
            output.text(&format!("FAILED     replay: {}\n", audit::error::plain(difference)));
        }
    }
    let unchecked = report.steps.iter().filter(|s| s.status == Status::Unchecked).count();
    let seconds = began.elapsed().as_secs_f64();
    let summary =
        if sound { report.summary() } else { "NOT SOUND: see the lines FAILED".to_owned() };
    output.text(&format!("{summary}; steps unchecked: {unchecked}; {seconds:.1} s\n"));
    Ok(u8::from(!sound))
}
