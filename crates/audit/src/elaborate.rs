//! RTL sources: what needs a front end before it can be examined.
//!
//! Verilog and SystemVerilog become a netlist through an installed Yosys. Until that front end is
//! connected the answer is `undetermined(unsupported)`, never a guess.

use design::Undecided;
use evidence::Reason;
use proof::contract::Contract;
use std::convert::Infallible;
use std::path::Path;

/// Whether the path leads to sources rather than to a netlist.
pub fn is_source(path: &Path) -> bool {
    let by_name = path.extension().is_some_and(|e| e == "v" || e == "sv");
    by_name || path.is_dir()
}

/// Elaborates sources into a netlist.
///
/// # Errors
/// Always, for want of a front end.
pub fn elaborate(path: &Path, _contract: &Contract) -> Result<Infallible, Undecided> {
    let detail = format!(
        "{} holds RTL sources and no Yosys is connected; write a netlist first: \
         yosys -p 'read_verilog -sv FILE…; prep -flatten; write_json netlist.json'",
        crate::error::plain(&path.display().to_string())
    );
    Err(Undecided::new(Reason::Unsupported, detail))
}
