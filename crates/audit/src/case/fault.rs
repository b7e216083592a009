//! Why a case cannot be read, and where: line and column, what is wrong, what to do about it.

use std::fmt;
use std::path::PathBuf;

use proof::contract::near;

/// Why a case cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{}: {what}; {remedy}", path.display(), At(*position))]
pub struct CaseError {
    /// The case file.
    pub path: PathBuf,
    /// Line and column, both from 1, where they are known.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

struct At(Option<(usize, usize)>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |(line, column)| write!(f, ":{line}:{column}"))
    }
}

/// Line and column of a byte offset, both from 1; columns count characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or("");
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Where table number `index` of `[[artifact]]` begins.
pub(super) fn artifact_offset(text: &str, index: usize) -> Option<usize> {
    let mut offset = 0;
    let mut starts = text.split_inclusive('\n').filter_map(|line| {
        let start = offset;
        offset += line.len();
        line.trim_start().starts_with("[[artifact]]").then_some(start)
    });
    starts.nth(index)
}

/// A message of the TOML reader as what is wrong and what to do about it.
pub(super) fn explain(message: &str) -> (String, String) {
    let shown: String =
        message.chars().take(400).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let quoted: Vec<String> = message.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let unknown = [("unknown field", "key"), ("unknown variant", "value")]
        .into_iter()
        .find(|(prefix, _)| message.starts_with(prefix));
    if let (Some((_, what)), Some((wrong, known))) = (unknown, quoted.split_first()) {
        let near = near(wrong, known);
        let wrong = wrong.escape_debug();
        let remedy = if near.is_empty() {
            format!("known here: {}", known.join(", "))
        } else {
            format!("did you mean `{}`?", near.join("` or `"))
        };
        return (format!("unknown {what} `{wrong}`"), remedy);
    }
    let remedy = match message {
        _ if message.starts_with("missing field") => "add it",
        _ if message.starts_with("invalid type") => "correct the value",
        _ if message.starts_with("a step is") => "split it in two steps",
        _ if message.starts_with("duplicate key") => "remove one of the two",
        _ => "correct the TOML",
    };
    (shown, remedy.to_owned())
}
