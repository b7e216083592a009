//! Reader of Yosys `write_json` netlists.
//!
//! Problem: turn a flattened netlist of a real chip, perhaps altered by an adversary, into a
//! transition system without guessing anything.
//! Method: compact records straight from the JSON (`cursor`, `json`), on two cores (`ahead`); every cell classified against Yosys'
//! library (`cells`, `words`, `flops`), anything else refused by name; one driver for each net
//! (`drivers`); identity signals cut before anything else (`cuts`); registers of the one main clock
//! domain (`registers`); logic evaluated in dependency order with an explicit stack (`build`);
//! ports and nets named (`names`, `wires`).
//!
//! What is read but not modelled — latches, tri-state drivers, memories, second clock domains,
//! gated clocks — becomes free inputs and an entry in [`Netlist::unsupported`]. Assumptions a
//! reader of a verdict should know become [`Netlist::notes`]. Undriven and `x` bits are free.
//!
//! Cost: linear in the file but for word-level shifters and the sort of register names.
//! What it cannot see: whatever was optimised away before the file was written, and behaviour
//! between two clock edges.

mod ahead;
mod build;
mod cells;
mod checks;
mod cursor;
mod cuts;
mod drivers;
mod flops;
mod json;
mod names;
mod registers;
#[cfg(test)]
mod tests;
mod value;
mod wires;
mod words;

use crate::design::{Netlist, ReadError};
use crate::near::near_names;
use json::{File, Module};

/// Largest file accepted, in bytes.
pub const MAX_BYTES: u64 = 1 << 32;

/// How to read a Yosys JSON file.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions<'a> {
    /// Name of the top module; without it, the one marked `top`, or the only one.
    pub top: Option<&'a str>,
    /// Ports, nets or register words to cut free.
    pub cuts: &'a [String],
}

/// Reads the top module of a Yosys JSON file.
pub fn read_yosys_json(bytes: &[u8], options: &ReadOptions<'_>) -> Result<Netlist, ReadError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ReadError::new(
            "file",
            format!("is larger than {MAX_BYTES} bytes"),
            "split the design",
        ));
    }
    let remedy = "write the file with yosys `write_json`";
    // once for the whole file; string by string it costs three times as much
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|&&b| b == b'\n').count() + 1;
        ReadError::new(format!("line {line}"), "is not UTF-8", remedy)
    })?;
    let file = File::read(text).map_err(|fault| {
        let before = bytes.get(..fault.at).unwrap_or(bytes);
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|&&b| b != b'\n').count() + 1;
        ReadError::new(format!("line {line} column {column}"), fault.what, remedy)
    })?;
    let (name, module) = choose(&file, options.top)?;
    build::build(&file, name, module, options.cuts, bytes.len())
}

/// The top module.
fn choose<'f>(
    file: &'f File<'f>,
    wanted: Option<&str>,
) -> Result<(&'f str, &'f Module<'f>), ReadError> {
    let all = || file.modules.iter().map(|(name, module)| (names::plain(name), module));
    let list = |found: Vec<&str>| {
        let more = if found.len() > 8 { ", …" } else { "" };
        let first: Vec<&str> = found.into_iter().take(8).collect();
        format!("{}{more}", first.join(", "))
    };
    if let Some(wanted) = wanted {
        let mut matching = all().filter(|(name, _)| *name == wanted);
        return match (matching.next(), matching.next()) {
            (Some(found), None) => Ok(found),
            (Some(_), Some(_)) => Err(ReadError::new(
                format!("module {wanted}"),
                "is defined twice",
                "write the file with yosys `write_json`",
            )),
            _ => Err(ReadError::new(
                format!("module {wanted}"),
                "is not in the file",
                match near_names(wanted, all().map(|(name, _)| name)) {
                    near if near.is_empty() => {
                        format!("the file has {}", list(all().map(|(name, _)| name).collect()))
                    }
                    near => format!("near names: {}", near.join(", ")),
                },
            )),
        };
    }
    let set = |value: &Option<json::Value<'_>>| value.as_ref().is_some_and(json::Value::is_set);
    let mut tops: Vec<_> = all().filter(|(_, module)| set(&module.attributes.top)).collect();
    if tops.is_empty() {
        tops = all().filter(|(_, module)| !set(&module.attributes.blackbox)).collect();
    }
    match tops[..] {
        [only] => Ok(only),
        [] => Err(ReadError::new("file", "has no module", "read and elaborate the design first")),
        _ => {
            let found = list(tops.iter().map(|(name, _)| *name).collect());
            let what = format!("no single top module among {found}");
            Err(ReadError::new("file", what, "name the top module"))
        }
    }
}
