//! RTL sources: what needs a front end before it can be examined.
//!
//! Verilog and SystemVerilog become a netlist through an installed Yosys. Until that front end is
//! connected the answer is `undetermined(unsupported)`, never a guess.

use crate::error::InputError;
use design::Undecided;
use dossier::tree;
use evidence::Reason;
use proof::contract::Contract;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;

/// Whether the path leads to sources rather than to a netlist.
pub(crate) fn is_source(path: &Path) -> bool {
    let by_name = path.extension().is_some_and(|e| e == "v" || e == "sv");
    by_name || path.is_dir()
}

/// What stands for a directory of sources: one line per file, digest and path, sorted.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn manifest(dir: &Path) -> Result<Vec<u8>, InputError> {
    let wrong = |what: String| InputError::new(dir, "", &what, "give a directory of sources");
    let (files, odd) = tree::walk(dir).map_err(|e| wrong(e.to_string()))?;
    if let Some(first) = odd.first() {
        return Err(wrong(first.to_string()));
    }
    let mut text = String::new();
    for path in files {
        let (digest, _) = tree::hash(dir, &path).map_err(|e| wrong(e.to_string()))?;
        let _ = writeln!(text, "{}  {path}", digest.hex());
    }
    Ok(text.into_bytes())
}

/// Elaborates sources into a netlist.
///
/// # Errors
/// Always, for want of a front end.
pub(crate) fn elaborate(path: &Path, _contract: &Contract) -> Result<Infallible, Undecided> {
    let detail = format!(
        "{} holds RTL sources and no Yosys is connected; write a netlist first: \
         yosys -p 'read_verilog -sv FILE…; prep -flatten; write_json netlist.json'",
        crate::error::plain(&path.display().to_string())
    );
    Err(Undecided::new(Reason::Unsupported, detail))
}
