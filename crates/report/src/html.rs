//! The HTML report: one self-contained page, no scripts, nothing fetched, light and dark.
//!
//! Every text that comes from a dossier goes through [`escape`]; a content security policy in the
//! page forbids scripts and foreign content besides.

use crate::document::Document;
use crate::plane::plane;
use crate::svg::waveform;
use crate::words::{examined, metric, not_examined, plural};
use evidence::{Claim, Finding, Locator};
use proof::certificate::Discharged;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");
/// Most rows of a list; the dossier has the rest.
const MAX_ROWS: usize = 200;

/// The page of one dossier.
pub fn page(document: &Document) -> String {
    let p = &document.predicate;
    let title = format!("{} {}: {}", p.subject.vendor, p.subject.model, document.name);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    let _ = writeln!(
        html,
        "<p class=\"lead\">Written by {}. This page repeats what the dossier says; \
         <code>probity-verify DIR</code> checks it.</p>",
        escape(&p.tool)
    );
    matrix(&mut html, document);
    for finding in &document.findings {
        section(&mut html, document, finding);
    }
    artifacts(&mut html, document);
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn matrix(html: &mut String, document: &Document) {
    html.push_str("<table class=\"matrix\">\n<tr><th>claim</th><th>verdict</th><th></th><th>not examined</th></tr>\n");
    for claim in Claim::ALL {
        let Some(entry) = document.predicate.claims.get(&claim) else { continue };
        let missing: Vec<&str> = entry.not_examined.iter().map(|k| k.id()).collect();
        let (class, verdict, words) = if examined(entry) {
            let words = metric(&document.findings, claim, entry.verdict);
            (entry.verdict.id(), entry.verdict.id(), words)
        } else {
            ("none", "not examined", String::new())
        };
        let _ = writeln!(
            html,
            "<tr><td>{claim}</td><td><span class=\"v {class}\">{verdict}</span></td><td>{}</td><td class=\"dim\">{}</td></tr>",
            escape(&words),
            missing.join(", ")
        );
    }
    html.push_str("</table>\n");
    let missing: Vec<&str> =
        not_examined(document.predicate.claims.values()).iter().map(|k| k.id()).collect();
    let _ = writeln!(
        html,
        "<p><b>Scope:</b> these artifacts, under these contracts; not silicon. <b>Not examined:</b> {}.</p>",
        if missing.is_empty() { "nothing was left out".to_owned() } else { missing.join(", ") }
    );
}

fn section(html: &mut String, document: &Document, finding: &Finding) {
    let body = &finding.body;
    let kind = body.kind.as_deref().map_or(String::new(), |k| format!(" ({k})"));
    let reason = body.reason.map_or(String::new(), |r| format!(" ({r})"));
    let _ = writeln!(
        html,
        "<section>\n<h2><span class=\"v {0}\">{0}{1}</span> {2}</h2>",
        body.verdict.id(),
        escape(&format!("{kind}{reason}")),
        escape(&body.title)
    );
    let _ = writeln!(html, "<p>{}</p>", escape(&body.detail));
    if let Some(witness) = document.witnesses.get(&finding.id) {
        let _ = writeln!(
            html,
            "<p class=\"stimulus\"><b>{}</b>, then <b>{}</b></p>\n<div class=\"scroll\">{}</div>\n\
             <p class=\"dim\">Tinted cells are the input bits that matter. Waveform: <code>{}</code>.</p>",
            escape(&witness.stimulus),
            escape(&witness.observation),
            waveform(witness),
            escape(
                &body.witness.as_ref().map_or(String::new(), |o| o.path.replace(".json", ".vcd"))
            )
        );
    }
    for (heading, text) in [("Grade", &body.grade), ("Coverage", &body.coverage)] {
        if let Some(text) = text {
            let _ = writeln!(html, "<p><b>{heading}:</b> {}.</p>", escape(text));
        }
    }
    if let Some(svg) = plane(finding) {
        let _ = writeln!(
            html,
            "<div class=\"scroll\">{svg}</div>\n<p class=\"dim\">Dashed: the interval that the class is decided on. \
             Ellipse: three standard errors. The plane is logarithmic.</p>"
        );
    }
    let _ = writeln!(html, "<p><b>Scope:</b> {}.</p>", escape(&body.scope));
    list(html, "Rests on", body.assumptions.iter().map(|a| escape(a)).collect());
    list(html, "Places", body.locators.iter().map(place).collect());
    if let Some(obligations) = document.obligations.get(&finding.id) {
        obligation_table(html, obligations);
    }
    let numbers: Vec<String> = body
        .metrics
        .iter()
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{} = {}", escape(name), escape(text)),
            None => format!("{} = {}", escape(name), escape(&value.to_string())),
        })
        .collect();
    list(html, "Numbers", numbers);
    let _ = writeln!(
        html,
        "<p class=\"dim\">{} · {} · finding <code>{}</code></p>\n</section>",
        escape(&body.check),
        escape(body.item.as_deref().unwrap_or("-")),
        finding.id.hex()
    );
}

fn place(locator: &Locator) -> String {
    let bit = locator.bit.map_or_else(String::new, |b| format!("[{b}]"));
    let role = locator.role.as_deref().map_or_else(String::new, |r| format!(" {}", escape(r)));
    let src = locator.src.as_deref().map_or_else(String::new, |s| {
        let last = s.rsplit('|').next().unwrap_or(s);
        format!(" <span class=\"dim\">{}</span>", escape(last))
    });
    format!("<code>{}{bit}</code>{role}{src}", escape(&locator.name))
}

fn obligation_table(html: &mut String, obligations: &[Discharged]) {
    if obligations.is_empty() {
        html.push_str("<p>No obligations: the witness itself is replayed by the kernel.</p>\n");
        return;
    }
    let folded = obligations.iter().filter(|o| o.lrat.is_none()).count();
    let _ = writeln!(
        html,
        "<details><summary>{}, {folded} of them folded to false while being built</summary>\n\
         <p>Each is unsatisfiable. <code>probity-verify</code> derives them again and checks every \
         LRAT proof; a stranger's solver decides <code>certificates/obligations/CNF.cnf.zst</code>.</p>\n\
         <table><tr><th>obligation</th><th>CNF</th><th>LRAT proof</th></tr>",
        plural(obligations.len() as u64, "obligation")
    );
    for o in obligations.iter().take(MAX_ROWS) {
        let lrat = o.lrat.map_or("folded".to_owned(), |d| d.hex()[..16].to_owned());
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td><code>{}</code></td><td><code>{lrat}</code></td></tr>",
            escape(&o.name),
            &o.cnf.hex()[..16]
        );
    }
    html.push_str("</table></details>\n");
}

fn artifacts(html: &mut String, document: &Document) {
    html.push_str("<section>\n<h2>Artifacts</h2>\n<table><tr><th>name</th><th>kind</th><th>provenance</th><th>SHA-256</th><th>in the dossier</th></tr>\n");
    for a in &document.predicate.artifacts {
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td></tr>",
            escape(&a.name),
            escape(
                &a.role
                    .as_ref()
                    .map_or(a.kind.id().to_owned(), |r| format!("{}: {r}", a.kind.id()))
            ),
            a.provenance.id(),
            a.digest.hex(),
            if a.included { "copy" } else { "digest only" }
        );
    }
    let _ = writeln!(
        html,
        "</table>\n<p class=\"dim\">Confidentiality: {}</p>\n</section>",
        escape(&document.predicate.confidentiality)
    );
}

fn list(html: &mut String, heading: &str, rows: Vec<String>) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(html, "<details><summary>{heading}: {}</summary>\n<ul>", rows.len());
    let more = rows.len().saturating_sub(MAX_ROWS);
    for row in rows.into_iter().take(MAX_ROWS) {
        let _ = writeln!(html, "<li>{row}</li>");
    }
    if more > 0 {
        let _ = writeln!(html, "<li>and {more} more, in the dossier</li>");
    }
    html.push_str("</ul></details>\n");
}

/// Text as HTML: markup characters become entities, control and reordering characters a mark.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}');
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_only_text() {
        assert_eq!(
            escape("<script>alert('x')</script>&\u{202e}\u{1b}"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\u{fffd}\u{fffd}"
        );
    }
}
