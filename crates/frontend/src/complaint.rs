//! What Yosys complains of, as an error of ours.
//!
//! Method: the last line with `ERROR:` in the log, its prefix `file:line` translated back; known
//! sentences become errors of their own, all others are shown as they stand.

use crate::count::Census;
use crate::error::FrontendError;
use crate::staging::Staging;
use crate::tool::Tool;
use std::collections::BTreeSet;

/// Most warnings that are kept.
const MAX_WARNINGS: usize = 100;

/// Longest line that is shown.
const MAX_LINE: usize = 400;

/// Turns the log of a failed first run into an error. `census` is what was read, if reading ended.
pub(crate) fn explain(
    log: &str,
    staging: &Staging,
    tool: Tool,
    top: Option<&str>,
    census: Option<&Census>,
) -> FrontendError {
    let line = log.lines().rev().find(|line| is_error(line)).unwrap_or("");
    let (file, number, what) = located(line);
    if let Some(module) = between(&what, "Re-definition of module `\\", "'") {
        let file = file.map_or_else(Default::default, |file| staging.path_of(&file));
        return FrontendError::DuplicateModule { module, file, line: number };
    }
    if let Some(census) = census {
        if let Some(top) = top.filter(|top| !census.names().contains(*top)) {
            let known = census.names().into_iter().take(12).collect();
            return FrontendError::NoTop { top: top.to_owned(), known };
        }
        let modules = census.missing(top);
        if what.contains("is not part of the design") && !modules.is_empty() {
            return FrontendError::MissingModules { modules };
        }
    }
    match file {
        Some(file) => {
            let remedy = if tool.may_have_slang() {
                "correct the source, or leave the file out if it is no part of the design"
            } else {
                "this Yosys reads part of SystemVerilog only: pip install pyosys, which has read_slang"
            };
            let (file, remedy) = (staging.path_of(&file), remedy.to_owned());
            FrontendError::Rejected { file, line: number, what, remedy }
        }
        None if what.is_empty() => failed(tool, last_words(log)),
        None => failed(tool, what),
    }
}

/// A stop for no reason we know.
pub(crate) fn failed(tool: Tool, what: String) -> FrontendError {
    FrontendError::Failed { tool: tool.name().to_owned(), what }
}

/// The end of a log, on one line.
pub(crate) fn last_words(log: &str) -> String {
    let last = log.lines().rev().map(str::trim).find(|line| !line.is_empty());
    last.map_or_else(|| "it said nothing".to_owned(), clip)
}

/// The warnings of a log, each once, in order.
pub(crate) fn warnings(log: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let lines = log.lines().map(str::trim).filter(|line| {
        line.starts_with("Warning:") || line.contains(": Warning:") || line.contains(": warning:")
    });
    let fresh = lines.filter(|line| seen.insert((*line).to_owned()));
    fresh.take(MAX_WARNINGS).map(clip).collect()
}

fn is_error(line: &str) -> bool {
    line.starts_with("ERROR:") || line.contains(": ERROR:") || line.contains(": error:")
}

/// `file:line: ERROR: what` in its parts.
fn located(line: &str) -> (Option<String>, Option<u32>, String) {
    for mark in ["ERROR: ", "error: "] {
        let Some((prefix, what)) = line.split_once(mark) else { continue };
        let mut fields = prefix.trim_end_matches([' ', ':']).split(':');
        let file = fields.next().filter(|f| !f.is_empty()).map(str::to_owned);
        let number = fields.next().and_then(|n| n.split('.').next()?.parse().ok());
        return (file, number, clip(what.trim()));
    }
    (None, None, clip(line.trim()))
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0.to_owned())
}

fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_file_and_line() {
        let (file, line, what) = located("d0/a.v:12: ERROR: syntax error, unexpected TOK_ID");
        assert_eq!((file.as_deref(), line), (Some("d0/a.v"), Some(12)));
        assert_eq!(what, "syntax error, unexpected TOK_ID");
        assert_eq!(located("ERROR: Module `\\x' not found!").0, None);
    }
}
