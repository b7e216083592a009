//! `attestation verify`: bare evidence, no case needed.

use crate::args::AttestationArgs;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use audit::attestation::settings::Versions;
use audit::attestation::{Examined, Settings, examine, export, line::check};
use evidence::{FindingDraft, Provenance, Supplied, Verdict};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Largest file read.
const MAX_FILE: u64 = 1 << 30;
/// Devices shown one by one; beyond that only groups.
const MAX_ROWS: usize = 64;

/// `probity attestation verify`.
pub(crate) fn verify(args: &AttestationArgs, output: &Output) -> Result<u8> {
    let primary = supplied("evidence", &args.evidence)?;
    let (settings, others) = settings(args)?;
    let examined = examine(&primary, &others, &settings, Provenance::Observed)?;
    if let Some(path) = &args.ear {
        write(path, export::ear_jwt(&examined).as_bytes())?;
    }
    if let Some(path) = &args.corim {
        match export::corim(&examined) {
            Some(bytes) => write(path, &bytes)?,
            None => {
                bail!("{}: no authentic manifest to export; give one with --rim", path.display())
            }
        }
    }
    if output.json {
        output.value(&as_json(&examined)?);
    } else {
        output
            .text(&format!("{}\n", audit::error::plain_lines(&as_text(&examined, &primary.name))));
        output.no_dossier();
    }
    Ok(match examined.fleet.verdict() {
        Verdict::Refuted | Verdict::Suspect => 1,
        Verdict::Undetermined => 3,
        Verdict::NothingFound | Verdict::Proved => 0,
    })
}

/// Settings and further files from the command line.
fn settings(args: &AttestationArgs) -> Result<(Settings, Vec<Supplied>)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let now = audit::attestation::time::Time(now).to_string();
    let settings = Settings {
        at: Some(args.at.clone().unwrap_or(now)),
        nonce: args.nonce.clone(),
        min_versions: Versions {
            driver: args.min_driver.clone(),
            vbios: args.min_vbios.clone(),
            switch: None,
        },
        ..Settings::default()
    };
    let given: [(&str, &[PathBuf]); 9] = [
        ("chain", args.chain.as_slice()),
        ("negotiation", args.negotiation.as_slice()),
        ("policy", args.policy.as_slice()),
        ("rim", &args.rim),
        ("root", &args.root),
        ("crl", &args.crl),
        ("ocsp", &args.ocsp),
        ("sfr", &args.sfr),
        ("auditor", &args.auditor),
    ];
    let mut others = Vec::new();
    for (role, paths) in given {
        for path in paths {
            for file in files(path)? {
                others.push(supplied(role, &file)?);
            }
        }
    }
    Ok((settings, others))
}

/// A file, or all regular files below a directory in order of their paths.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (files, _) = dossier::tree::walk(path)
        .with_context(|| format!("{}: the directory cannot be read", path.display()))?;
    if files.is_empty() {
        bail!("{}: the directory is empty; put the manifests into it", path.display());
    }
    Ok(files.iter().map(|f| path.join(f)).collect())
}

fn supplied(role: &str, path: &Path) -> Result<Supplied> {
    let shown = path.display();
    let meta =
        fs::metadata(path).with_context(|| format!("{shown}: cannot be read; check the path"))?;
    if !meta.is_file() {
        bail!("{shown}: is not a regular file; give the path of a file");
    }
    if meta.len() > MAX_FILE {
        bail!("{shown}: is larger than {MAX_FILE} bytes");
    }
    let bytes = fs::read(path).with_context(|| format!("{shown}: cannot be read"))?;
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Ok(Supplied::new(role, &name, bytes))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("{}: cannot be written", path.display()))
}

fn as_json(examined: &Examined) -> Result<Value> {
    let fleet = &examined.fleet;
    let devices: Vec<Value> = fleet
        .rows
        .iter()
        .map(|row| {
            let d = &row.judged;
            let fields: serde_json::Map<String, Value> =
                d.fields.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
            json!({
                "device": row.label, "place": d.place, "chip": d.chip, "driver": d.driver, "vbios": d.vbios,
                "device_id": d.device_id, "genuine": row.verdict, "opaque": fields,
            })
        })
        .collect();
    let groups: Vec<Value> = fleet
        .groups
        .iter()
        .map(|g| json!({"devices": fleet.labels(&g.members), "count": g.members.len(), "differs": g.differs}))
        .collect();
    let manifests: Vec<Value> = examined
        .library
        .manifests
        .iter()
        .map(|m| {
            json!({
                "file": m.name, "sha256": m.digest, "version": m.version, "edition": m.edition,
                "product": m.product, "authentic": m.is_authentic(), "refusal": m.refusal(),
            })
        })
        .collect();
    let sealed: Result<Vec<_>, _> =
        examined.findings.iter().cloned().map(FindingDraft::seal).collect();
    Ok(json!({
        "schema": "probity/attestation/1",
        "at": examined.at.to_string(),
        "genuine": fleet.verdict(),
        "devices": devices,
        "groups": groups,
        "manifests": manifests,
        "limits": examined.limits,
        "findings": sealed?,
    }))
}

fn as_text(examined: &Examined, name: &str) -> String {
    use audit::attestation::roots::Purpose;
    let fleet = &examined.fleet;
    let mut out = String::new();
    let _ = writeln!(out, "evidence    {name}: {}", count(fleet.rows.len(), "device"));
    let _ = writeln!(out, "judged at   {}", examined.at);
    for (what, purpose) in [("devices", Purpose::Device), ("manifests", Purpose::Manifest)] {
        for anchor in examined.anchors.of(purpose) {
            let origin = if anchor.published { "built in" } else { "given" };
            let _ = writeln!(out, "root        for {what}, {origin}: {}", anchor.shown());
        }
    }
    let library = &examined.library;
    let authentic = library.manifests.iter().filter(|m| m.is_authentic()).count();
    let _ = writeln!(
        out,
        "manifests   {} at hand, {authentic} signed by a trusted signer{}",
        library.manifests.len(),
        if library.unreadable.is_empty() {
            String::new()
        } else {
            format!(", {} unreadable", library.unreadable.len())
        }
    );
    for (file, why) in &library.unreadable {
        let _ = writeln!(out, "            {file}: {why}");
    }
    out.push('\n');
    rows(examined, &mut out);
    findings(examined, &mut out);
    let _ = writeln!(out, "\ngenuine: {}", fleet.verdict());
    out
}

fn rows(examined: &Examined, out: &mut String) {
    let fleet = &examined.fleet;
    let mut table =
        vec![["device", "chip", "driver", "VBIOS", "genuine", "device id"].map(str::to_owned)];
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    for row in fleet.rows.iter().take(MAX_ROWS) {
        let d = &row.judged;
        let verdict = row.verdict.to_string();
        table.push([
            row.label.clone(),
            text(&d.chip),
            text(&d.driver),
            text(&d.vbios),
            verdict,
            text(&d.device_id),
        ]);
    }
    let width = |i: usize| table.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let w = [width(0), width(1), width(2), width(3), width(4)];
    for [a, b, c, d, e, f] in &table {
        let line = format!(
            "{a:w0$}  {b:w1$}  {c:w2$}  {d:w3$}  {e:w4$}  {f}",
            w0 = w[0],
            w1 = w[1],
            w2 = w[2],
            w3 = w[3],
            w4 = w[4]
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if fleet.rows.len() > MAX_ROWS {
        let _ = writeln!(out, "and {} more", fleet.rows.len() - MAX_ROWS);
    }
    if fleet.rows.len() > 1 {
        out.push('\n');
        for line in fleet.differences().iter().take(MAX_ROWS) {
            let _ = writeln!(out, "{line}");
        }
    }
    out.push('\n');
}

fn findings(examined: &Examined, out: &mut String) {
    let mut commands: Vec<&str> = Vec::new();
    for f in &examined.findings {
        let reason = f.reason.map_or_else(String::new, |r| format!(" [{r}]"));
        let kind = f.kind.as_ref().map_or_else(String::new, |k| format!(" [{k}]"));
        let _ = writeln!(out, "{:<13} {:<29} {}{reason}{kind}", f.verdict.id(), f.check, f.title);
        let told = f.verdict != Verdict::Proved;
        if told && f.detail != f.title {
            wrapped(&f.detail, out);
        }
        if f.check == check::IDENTIFIERS && f.locators.len() > 4 {
            wrapped("The list is long; --json has it.", out);
        } else if f.check == check::IDENTIFIERS {
            for l in f.locators.iter().take(MAX_ROWS) {
                wrapped(&format!("{}: {}", l.name, l.role.as_deref().unwrap_or("")), out);
            }
        } else if told {
            for l in f.locators.iter().take(8) {
                let role = l.role.as_deref().map_or_else(String::new, |r| format!(": {r}"));
                wrapped(&format!("at {}{role}", l.name), out);
            }
        }
        let list = f.metrics.get("commands").and_then(Value::as_array);
        for command in list.into_iter().flatten().filter_map(Value::as_str) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    let mut limits: Vec<&str> = Vec::new();
    for limit in examined.findings.iter().flat_map(|f| &f.assumptions) {
        if !limits.contains(&limit.as_str()) {
            limits.push(limit);
        }
    }
    if !limits.is_empty() {
        out.push_str("\nlimits\n");
        for limit in limits {
            wrapped(limit, out);
        }
    }
    if !commands.is_empty() {
        out.push_str("\nto repeat it with other tools (report.bin: the report in binary; root.pem: the root named above)\n");
        for command in commands.iter().take(16) {
            let _ = writeln!(out, "    {command}");
        }
    }
}

/// A paragraph, indented, in lines of at most 100 characters.
fn wrapped(text: &str, out: &mut String) {
    let mut line = String::from("   ");
    for word in text.split(' ') {
        if line.chars().count() + word.chars().count() > 99 && line.trim().chars().count() > 0 {
            let _ = writeln!(out, "{line}");
            line = String::from("     ");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
