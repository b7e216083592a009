//! Standard output and error: the only place that writes to them.
//!
//! A reader that has gone away (`| head`) is no error of ours: writing to it is simply given up.

use report::terminal::Paint;
use std::io::{IsTerminal, Write};

/// Where and how to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// JSON on standard output instead of text.
    pub(crate) json: bool,
    paint: Paint,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let colour = !plain && std::io::stdout().is_terminal();
        Self { json, paint: if colour { Paint::Colour } else { Paint::Plain } }
    }
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }
    /// Text on standard output, as it is.
    pub(crate) fn text(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    }
    /// Says of verdicts printed without a dossier how to get one.
    pub(crate) fn no_dossier(&self) {
        self.text(
            "no dossier was written: `probity audit` of a case writes one that `probity verify` re-checks\n",
        );
    }
    /// One JSON value on a line of its own.
    pub(crate) fn value(&self, value: &serde_json::Value) {
        self.text(&format!("{value}\n"));
    }
    /// A line on standard error.
    pub(crate) fn note(&self, text: &str) {
        drop(writeln!(std::io::stderr().lock(), "{text}"));
    }
    /// An error: one line each, or a JSON object.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let text = audit::error::plain_lines(&format!("{error:#}"));
        if self.json {
            self.value(&serde_json::json!({ "schema": "probity/error/1", "error": text }));
        }
        for line in text.lines() {
            self.note(&format!("probity: {line}"));
        }
    }
}
