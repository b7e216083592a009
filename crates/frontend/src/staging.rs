//! Sources under names of our own.
//!
//! Method: in a temporary directory `d0`, `d1`, … are links to the directories of the sources and
//! of `include`; a source is `d0/name.sv`. A file whose name could mean anything to Yosys' command
//! reader — blanks, quotes, semicolons — is linked as `f7.sv` instead. So no text from outside enters
//! a command, the netlist does not depend on where the sources lie, and a message can be
//! translated back.

use crate::elaborate::SourceFile;
use crate::error::FrontendError;
use crate::sources::{MAX_SOURCE_BYTES, wrong};
use evidence::Digest;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A working directory with links to the sources.
pub(crate) struct Staging {
    /// Removed when dropped.
    pub(crate) dir: TempDir,
    /// The sources, in order.
    pub(crate) sources: Vec<SourceFile>,
    /// Linked directories, `d0` first.
    directories: Vec<PathBuf>,
}

impl Staging {
    /// Links `files` and the `include` directories; reads each file once for its digest.
    pub(crate) fn new(files: &[PathBuf], include: &[PathBuf]) -> Result<Self, FrontendError> {
        let dir =
            tempfile::tempdir().map_err(|e| FrontendError::machine("temporary directory", &e))?;
        let mut staging = Self { dir, sources: Vec::new(), directories: Vec::new() };
        for path in files {
            staging.add(path)?;
        }
        for path in include {
            let full = absolute(path)?;
            staging.directory(&full)?;
        }
        Ok(staging)
    }
    fn add(&mut self, path: &Path) -> Result<(), FrontendError> {
        let full = absolute(path)?;
        let size =
            std::fs::metadata(&full).map_err(|e| wrong(path, &e.to_string(), "name a file"))?;
        if !size.is_file() || size.len() > MAX_SOURCE_BYTES {
            return Err(wrong(path, "is no source file of a sensible size", "name a Verilog file"));
        }
        let bytes =
            std::fs::read(&full).map_err(|e| wrong(path, &e.to_string(), "make it readable"))?;
        let name = full.file_name().and_then(|n| n.to_str()).filter(|n| is_plain(n));
        let shown = match (name, full.parent()) {
            (Some(name), Some(parent)) => format!("d{}/{name}", self.directory(parent)?),
            _ => {
                let number = self.sources.len();
                let sv = full.extension().is_none_or(|e| e != "v");
                let link = format!("f{number}.{}", if sv { "sv" } else { "v" });
                self.link(&full, &link)?;
                link
            }
        };
        self.sources.push(SourceFile { shown, path: path.to_owned(), digest: Digest::of(&bytes) });
        Ok(())
    }
    /// The number of a linked directory.
    fn directory(&mut self, full: &Path) -> Result<usize, FrontendError> {
        if let Some(known) = self.directories.iter().position(|d| d == full) {
            return Ok(known);
        }
        let number = self.directories.len();
        self.link(full, &format!("d{number}"))?;
        self.directories.push(full.to_owned());
        Ok(number)
    }
    fn link(&self, full: &Path, name: &str) -> Result<(), FrontendError> {
        let made = symlink(full, self.dir.path().join(name));
        made.map_err(|e| FrontendError::machine("link to a source", &e))
    }
    /// Options that name every linked directory for `include`.
    pub(crate) fn include_options(&self) -> String {
        (0..self.directories.len()).map(|number| format!(" -Id{number}")).collect()
    }
    /// Names of the sources as Yosys sees them, each after a blank.
    pub(crate) fn file_arguments(&self) -> String {
        self.sources.iter().map(|source| format!(" {}", source.shown)).collect()
    }
    /// The path behind a name that Yosys printed; the name itself if it is none of ours.
    pub(crate) fn path_of(&self, shown: &str) -> PathBuf {
        if let Some(source) = self.sources.iter().find(|source| source.shown == shown) {
            return source.path.clone();
        }
        let directory = shown.strip_prefix('d').and_then(|rest| rest.split_once('/'));
        directory
            .and_then(|(number, rest)| {
                Some((self.directories.get(number.parse::<usize>().ok()?)?, rest))
            })
            .map_or_else(|| PathBuf::from(shown), |(dir, rest)| dir.join(rest))
    }
}

fn absolute(path: &Path) -> Result<PathBuf, FrontendError> {
    std::fs::canonicalize(path).map_err(|e| wrong(path, &e.to_string(), "name a file that exists"))
}

/// Whether a file name cannot mean anything else to Yosys.
fn is_plain(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
    name.bytes().all(fits) && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}
