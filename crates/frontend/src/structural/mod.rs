//! Structural Verilog: netlists as they are delivered, read without any other program.
//!
//! Problem: a gate-level netlist comes as a Verilog file of gates, library cells and flip-flops, with
//! anonymous names, often without models, sometimes with a million lines. Handing it to a synthesis
//! tool costs minutes, needs models, and loses the names that a report has to point at.
//! Method: words (`lex`), modules (`parse` into `ast`), a flat list of cells (`flatten`; what names do
//! not tell `unknown` reads off the use), and from it two graphs at once (`build`): the hashed one of
//! [`netlist::Netlist`], on which everything else works, and the [`GateGraph`], which keeps every
//! instance apart. Everything is bounded by named limits and every refusal has line, column and remedy.
//!
//! Read: gate primitives of any number of inputs, instances with and without names, several in one
//! statement; positional and named pins; vectors, parts, concatenations, repetitions, constants;
//! escaped names; `assign` with `~ & | ^ ! && || ?:`; `supply0/1`; modules inside modules; Liberty
//! cells (several libraries); flip-flops and latches without a model (`cells` has the table); cells
//! without a function as black boxes: outputs free, inputs observed. Delays and parameters are ignored
//! and noted. Refused by name: behaviour (`always`), switches, three-state drivers, `inout`.
//!
//! Cost: linear. A flat file of a million gates takes a few seconds and about 1 GB.
//! What it cannot see: time between clock edges; drive strengths; what `specify` blocks say.

mod ast;
mod build;
pub(crate) mod cells;
mod flat;
mod flatten;
mod graph;
mod json;
mod lex;
mod parse;
mod unknown;
mod write;

pub use graph::{GateGraph, GraphRegister, Instance, NO_INSTANCE};
pub use json::read_gates_json;
pub use write::{cell_names, write_yosys_json};

use crate::liberty::Library;
use netlist::{Netlist, ReadError};

/// Largest file of structural Verilog, in bytes.
pub const MAX_BYTES: usize = 1 << 30;

/// A netlist as delivered: the logic for engines, the gates for reports.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The logic, hashed.
    pub netlist: Netlist,
    /// The same gate by gate.
    pub graph: GateGraph,
}

/// Reads structural Verilog. `top` names the top module; without it the only module that no other
/// instantiates is taken.
///
/// # Errors
/// With line, column and remedy.
pub fn read_verilog(
    bytes: &[u8],
    top: Option<&str>,
    library: &Library,
) -> Result<Delivered, ReadError> {
    if bytes.len() > MAX_BYTES {
        let what = format!("has {} bytes, the limit is {MAX_BYTES}", bytes.len());
        return Err(ReadError::new("file", what, "split the design"));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        ReadError::new(format!("line {line}"), "a byte that is not UTF-8", "save it as ASCII")
    })?;
    let file = parse::parse(text)?;
    let flat = flatten::flatten(&file, top, library)?;
    drop(file);
    let (netlist, graph) = build::build(&flat)?;
    Ok(Delivered { netlist, graph })
}

#[cfg(test)]
mod tests;
