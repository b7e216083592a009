//! Liberty: the functions of library cells.
//!
//! Problem: a mapped netlist names cells; what they compute stands in the library's `.lib` file.
//! Method: the format is one recursive shape — `name (arguments) { … }`, `name : value ;` and
//! `name (values) ;` — so a small reader walks it once and keeps of each cell its pins with direction
//! and `function`, and its `ff` or `latch` group. Everything about timing and power is skipped where it
//! stands, which keeps a file of tens of megabytes to one pass and little memory.
//! A cell with `statetable`, `three_state` or without functions is kept with outputs *without* function:
//! an instance is then a named black box.
//! Reference: Liberty user guide, chapters on functional description, as its open releases state it.
//! Cost: linear in the file.
//! What it cannot see: `bus` and `bundle` groups of a cell (memories), whose cells become black boxes.

mod function;
mod group;

pub use function::{Function, Op};

use group::Reader;
use netlist::ReadError;
use std::collections::BTreeMap;

/// Largest Liberty file, in bytes.
pub const MAX_LIBERTY: usize = 1 << 30;
/// Most cells over all libraries.
pub const MAX_CELLS: usize = 1 << 17;
/// Most pins of a cell.
pub const MAX_PINS: usize = 4096;

/// A pin of a library cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CellPin {
    /// Its name.
    pub name: String,
    /// Whether the cell drives it.
    pub output: bool,
    /// What it computes, over pins and state variables; outputs without are opaque.
    pub function: Option<Function>,
}

/// What a cell stores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storage {
    /// Transparent while `clock` holds, instead of loading at its rising edge.
    pub latch: bool,
    /// State variable and its complement.
    pub variables: [String; 2],
    /// Value loaded (`next_state`, `data_in`).
    pub data: Option<Function>,
    /// Clock (`clocked_on`, `enable`).
    pub clock: Option<Function>,
    /// Asynchronous clear.
    pub clear: Option<Function>,
    /// Asynchronous preset.
    pub preset: Option<Function>,
    /// Value when both clear and preset are active: `L` gives `Some(false)`, `H` `Some(true)`.
    pub both: Option<bool>,
}

/// A library cell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LibraryCell {
    /// Pins in file order, supply pins left out.
    pub pins: Vec<CellPin>,
    /// What it stores.
    pub storage: Option<Storage>,
    /// Why its outputs cannot be modelled, if so.
    pub opaque: Option<String>,
}

/// The cells of one or more libraries.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By cell name. Of cells defined twice the first counts.
    pub cells: BTreeMap<String, LibraryCell>,
    /// Cells defined twice with a different function.
    pub conflicts: Vec<String>,
}

impl Library {
    /// Adds the cells of one Liberty text.
    ///
    /// # Errors
    /// If the text is no Liberty; line and remedy are named.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        if bytes.len() > MAX_LIBERTY {
            let what = format!("has {} bytes, the limit is {MAX_LIBERTY}", bytes.len());
            return Err(ReadError::new("Liberty file", what, "leave out timing tables"));
        }
        let mut reader = Reader::new(bytes);
        let mut found = Vec::new();
        reader.library(&mut found)?;
        for (name, cell) in found {
            if self.cells.len() >= MAX_CELLS {
                let what = format!("more than {MAX_CELLS} cells");
                return Err(ReadError::new("Liberty file", what, "give fewer libraries"));
            }
            match self.cells.get(&name) {
                Some(known) if *known != cell => self.conflicts.push(name),
                Some(_) => {}
                None => {
                    self.cells.insert(name, cell);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
