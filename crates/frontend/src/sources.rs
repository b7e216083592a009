//! Which files are the sources: one file, a directory, or a file list.
//!
//! Method: a `.v` or `.sv` file is itself; a directory is every `.v` and `.sv` below it, in order of
//! their paths; a `.f` file is a list as simulators read it: one path a line, relative to the list,
//! `+incdir+DIR`, `+define+NAME=VALUE`, `//` and `#` comments. A whole directory is convenient and
//! often wrong (test benches, two boards' tops): then write a list.

use crate::error::FrontendError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Most sources of one design.
pub const MAX_SOURCES: usize = 10_000;

/// Largest source or list, in bytes.
pub const MAX_SOURCE_BYTES: u64 = 64 << 20;

/// Deepest directory that is searched.
const MAX_DEPTH: usize = 32;

/// Sources with what their list says of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceList {
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// Directories for `include`.
    pub include: Vec<PathBuf>,
    /// Macros to define.
    pub defines: BTreeMap<String, Option<String>>,
}

/// Whether a file name says that it is a source of its own (a header is not).
fn is_verilog(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "v" || e == "sv")
}

/// Whether `path` leads to sources rather than to a netlist: by its name, or a directory.
pub fn is_source(path: &Path) -> bool {
    is_verilog(path) || path.extension().is_some_and(|e| e == "f") || path.is_dir()
}

/// The sources behind `path`.
///
/// # Errors
/// If there is nothing there, or nothing that is a source, or too much.
pub fn sources_of(path: &Path) -> Result<SourceList, FrontendError> {
    let mut list = SourceList::default();
    if path.is_dir() {
        below(path, 0, &mut list.files)?;
        list.files.sort();
    } else if path.extension().is_some_and(|e| e == "f") {
        read_list(path, &mut list)?;
    } else {
        list.files.push(path.to_owned());
    }
    if list.files.is_empty() {
        let remedy = "name a .v or .sv file, a directory of them, or a .f list";
        return Err(wrong(path, "holds no Verilog source", remedy));
    }
    Ok(list)
}

fn below(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), FrontendError> {
    if depth > MAX_DEPTH {
        return Err(wrong(dir, "lies too deep", "name the sources in a .f list"));
    }
    let entries =
        std::fs::read_dir(dir).map_err(|e| wrong(dir, &e.to_string(), "make it readable"))?;
    for entry in entries {
        let path = entry.map_err(|e| wrong(dir, &e.to_string(), "make it readable"))?.path();
        if path.is_dir() && !path.is_symlink() {
            below(&path, depth + 1, files)?;
        } else if is_verilog(&path) {
            files.push(path);
        }
        if files.len() > MAX_SOURCES {
            return Err(wrong(
                dir,
                "holds too many sources",
                "name those of the design in a .f list",
            ));
        }
    }
    Ok(())
}

fn read_list(path: &Path, list: &mut SourceList) -> Result<(), FrontendError> {
    let size =
        std::fs::metadata(path).map_err(|e| wrong(path, &e.to_string(), "name a file list"))?;
    if size.len() > MAX_SOURCE_BYTES {
        return Err(wrong(path, "is too large for a file list", "name a list of paths"));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| wrong(path, &e.to_string(), "write the list as UTF-8 text"))?;
    let base = path.parent().unwrap_or(Path::new(""));
    for (number, line) in text.lines().enumerate() {
        let line = line.split("//").next().unwrap_or("").trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(dirs) = line.strip_prefix("+incdir+") {
            list.include.extend(dirs.split('+').map(|dir| base.join(dir)));
        } else if let Some(defines) = line.strip_prefix("+define+") {
            for define in defines.split('+') {
                let (name, value) = match define.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (define, None),
                };
                list.defines.insert(name.to_owned(), value);
            }
        } else if line.starts_with(['+', '-']) {
            let what =
                format!("line {}: `{line}` is an option this reader does not know", number + 1);
            return Err(wrong(path, &what, "use paths, +incdir+ and +define+ only"));
        } else {
            list.files.push(base.join(line));
        }
        if list.files.len() > MAX_SOURCES {
            return Err(wrong(path, "names too many sources", "split the design"));
        }
    }
    Ok(())
}

/// An error about a source.
pub(crate) fn wrong(path: &Path, what: &str, remedy: &str) -> FrontendError {
    FrontendError::Source {
        path: path.to_owned(),
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    }
}
