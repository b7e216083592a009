//! `performance classify` and `performance compare`: one examination on bare files.

use crate::args::{ClassifyArgs, MeasuredArgs};
use crate::output::Output;
use anyhow::{Context, Result};
use audit::error::plain;
use audit::performance::class::Change;
use audit::performance::export::{EXPORT_CLASS, Ruling, rulings, summary};
use audit::performance::{Examined, Measured, MeasuredOf, Settings, examine};
use evidence::{Finding, Provenance, Supplied, Verdict};
use serde_json::json;
use std::path::Path;

/// `probity performance classify`.
pub(crate) fn classify(args: &ClassifyArgs, output: &Output) -> Result<u8> {
    let settings = Settings {
        at: args.at.clone(),
        declared_class: args.declared.clone(),
        rules: args.rules.iter().map(|p| p.display().to_string()).collect(),
        ..Settings::default()
    };
    let examined = run(&args.spec, &settings)?;
    let all = rulings(&examined.rules, &examined.sheet.subject, examined.at.as_ref());
    let verdict = examined.findings.iter().find(|f| f.check == EXPORT_CLASS);
    let code = match verdict {
        Some(f) if f.verdict <= Verdict::Suspect => 1,
        Some(f) if f.kind.as_deref() == Some("class") => 0,
        _ => 3,
    };
    if output.json {
        let mut value = summary(&examined.spec, &examined.sheet, &all);
        if let Some(finding) = verdict {
            value["finding"] = serde_json::to_value(finding)?;
        }
        output.value(&value);
        return Ok(code);
    }
    output.text(&figures(&examined));
    for ruling in &all {
        output.text(&words(ruling));
    }
    if let Some(finding) = verdict {
        let reason = finding.reason.map_or_else(String::new, |r| format!(" ({r})"));
        let why = finding.grade.as_ref().or(finding.coverage.as_ref());
        let why = why.filter(|w| !w.is_empty()).map_or_else(String::new, |w| format!("\n  {w}"));
        let title = plain(&finding.title);
        output.text(&format!("\n{}{reason}: {title}{}\n", finding.verdict, plain(&why)));
    }
    output.text(
        "not legal advice; not modelled: letters to single companies, end use, end user, destination\n",
    );
    output.no_dossier();
    Ok(code)
}

fn figures(examined: &Examined) -> String {
    let subject = &examined.sheet.subject;
    let mut text = format!("{}\n", plain(&examined.spec.part));
    let mut row = |name: &str, value: String| text.push_str(&format!("  {name:18} {value}\n"));
    match subject.tpp {
        Some(f) => row("TPP", format!("{} ({})", f.mid.number(2), f.interval(2))),
        None => row("TPP", "not stated".into()),
    }
    match subject.area {
        Some(f) => row("die area", format!("{} ({})", f.mid, f.interval(2))),
        None => row("die area", "not stated".into()),
    }
    if let Some(f) = subject.density() {
        row("PD", format!("{} ({})", f.mid.number(3), f.interval(3)));
    }
    for (name, figure) in [("memory bandwidth", subject.memory), ("link bandwidth", subject.link)] {
        if let Some(f) = figure {
            row(name, f.mid.to_string());
        }
    }
    for assumed in &examined.sheet.assumed {
        row("assumed", plain(assumed));
    }
    for trap in &examined.sheet.traps {
        row("trap", plain(&format!("{}: {} {}", trap.kind, trap.place, trap.text)));
    }
    text
}

fn words(ruling: &Ruling) -> String {
    let rule = &ruling.rule;
    let class = match ruling.classes.decided() {
        Some(class) => class.to_owned(),
        None => {
            let all: Vec<&str> = ruling.classes.classes.iter().map(String::as_str).collect();
            format!("undetermined: {}", all.join(" or "))
        }
    };
    let force = match ruling.in_force {
        Some(true) => ", in force",
        Some(false) => ", not in force on that day",
        None => "",
    };
    let source = match rule.source {
        audit::performance::rule::Known::Primary => "primary source",
        audit::performance::rule::Known::Secondary => "secondary source",
    };
    let mut text = format!(
        "\n{} – {}\n  {} (effective {}{force}; {source})\n",
        plain(&rule.id),
        plain(&class),
        plain(&rule.citation),
        rule.effective
    );
    for m in &ruling.margins {
        let threshold = format!("{} {}", m.bound.axis.id(), m.bound.threshold());
        text.push_str(&format!("  to {threshold:18} {}\n", m.text()));
    }
    for change in ruling.changes.iter().map(Change::text) {
        text.push_str(&format!("  would move it: {}\n", plain(&change)));
    }
    text
}

/// `probity performance compare`.
pub(crate) fn compare(args: &MeasuredArgs, output: &Output) -> Result<u8> {
    let measured = args.measured.iter().map(|text| match text.split_once('=') {
        Some((metric, path)) if !Path::new(text).exists() => {
            Measured::Of(MeasuredOf { path: path.to_owned(), metric: metric.to_owned() })
        }
        _ => Measured::Path(text.clone()),
    });
    let settings = Settings {
        measured: measured.collect(),
        telemetry: args.telemetry.iter().map(|p| p.display().to_string()).collect(),
        ..Settings::default()
    };
    let examined = run(&args.spec, &settings)?;
    let drafts = examined.findings.into_iter().filter(|f| f.check != EXPORT_CLASS);
    let findings: Vec<Finding> = drafts.map(|f| f.seal()).collect::<Result<_, _>>()?;
    let worst = findings.iter().map(|f| f.body.verdict).min().unwrap_or(Verdict::Undetermined);
    if output.json {
        output.value(&json!({
            "schema": "probity/comparison/1", "part": examined.spec.part, "findings": findings,
            "events": examined.events,
        }));
    } else {
        for Finding { body, .. } in &findings {
            let reason = body.reason.map_or_else(String::new, |r| format!(" ({r})"));
            output.text(&format!("{}{reason}: {}\n", body.verdict, plain(&body.title)));
            output.text(&format!("  {}\n", plain(&body.detail)));
            for place in &body.locators {
                let src = place.src.as_deref().unwrap_or("");
                let role = place.role.as_deref().unwrap_or("");
                output.text(&format!("  {} {} {}\n", plain(&place.name), plain(src), plain(role)));
            }
        }
        output.no_dossier();
    }
    Ok(match worst {
        v if v <= Verdict::Suspect => 1,
        Verdict::Undetermined => 3,
        _ => 0,
    })
}

/// Reads the files and examines.
fn run(spec: &Path, settings: &Settings) -> Result<Examined> {
    let primary = supplied("spec", spec)?;
    let others = settings
        .files()
        .iter()
        .map(|(role, path)| supplied(role, Path::new(path)))
        .collect::<Result<Vec<_>>>()?;
    examine(&primary, &others, settings, Provenance::Public)
        .map_err(|f| anyhow::anyhow!("{}", audit::error::plain_lines(&f.to_string())))
}

fn supplied(role: &str, path: &Path) -> Result<Supplied> {
    let bytes = audit::read_file(path)?;
    let name = path.file_name().context("a file has a name")?.to_string_lossy();
    Ok(Supplied::new(role, &name, bytes))
}
