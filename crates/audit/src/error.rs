//! Input errors: file, place, what is wrong, what to do about it.
//!
//! Text of artifacts may reach a terminal through them, so control and reordering characters are
//! replaced when an error is made.

pub use report::words::plain;
use std::fmt;
use std::path::Path;

/// Bad input or usage: exit code 2.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct InputError {
    /// The file.
    pub file: String,
    /// Line, byte, port, module, key; empty if it is the file as a whole.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it; empty if `what` says so.
    pub remedy: String,
}

impl InputError {
    /// An input error from its parts.
    pub fn new(file: &Path, place: &str, what: &str, remedy: &str) -> Self {
        Self {
            file: plain(&file.display().to_string()),
            place: plain(place),
            what: plain(what),
            remedy: plain(remedy),
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.place.is_empty() {
            write!(f, ": {}", self.place)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for InputError {}

/// Many lines of text, each made [`plain`].
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_drive_a_terminal() {
        let error = InputError::new(Path::new("a\u{1b}[2J"), "", "x\u{202e}y", "z");
        assert_eq!(error.to_string(), "a\u{fffd}[2J: x\u{fffd}y; z");
    }
}
