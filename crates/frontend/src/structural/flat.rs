//! A flat netlist: cells, bits of nets, and what drives them.

use super::cells::Role;
use crate::liberty::LibraryCell;

/// A bit as a reader sees it: a constant, an unknown, or net number `n - 3`.
pub(crate) type Bit = u32;
pub(crate) const ZERO: Bit = 0;
pub(crate) const ONE: Bit = 1;
pub(crate) const UNKNOWN: Bit = 2;
/// First bit that is a net.
pub(crate) const NETS: Bit = 3;
/// No connection.
pub(crate) const OPEN: Bit = u32::MAX;

/// A gate of any number of inputs; pin 0 is the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Gate {
    And,
    Or,
    Xor,
    Nand,
    Nor,
    Xnor,
    Not,
    Buf,
    /// Pins: output, condition, then, else.
    Mux,
}

/// What a flat cell is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Gate(Gate),
    /// A storage cell by role of each pin.
    Storage {
        latch: bool,
        roles: Vec<Role>,
    },
    /// A library cell: pins in its order.
    Library(Box<LibraryCell>),
    /// Directions of the pins: true for outputs.
    BlackBox(Vec<bool>),
}

impl Kind {
    /// Whether pin number `pin` is driven by the cell.
    pub(crate) fn drives(&self, pin: usize) -> bool {
        match self {
            Self::Gate(_) => pin == 0,
            Self::Storage { roles, .. } => {
                matches!(roles.get(pin), Some(Role::Q | Role::Qn))
            }
            Self::Library(cell) => cell.pins.get(pin).is_some_and(|p| p.output),
            Self::BlackBox(outputs) => outputs.get(pin) == Some(&true),
        }
    }
}

/// A cell: its kind, its instance, its pins in [`Flat::pins`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) kind: u32,
    pub(crate) instance: u32,
    pub(crate) first: u32,
    pub(crate) pins: u32,
}

/// A named word of nets.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) name: String,
    pub(crate) offset: u32,
    pub(crate) upto: bool,
    pub(crate) vector: bool,
    pub(crate) bits: Vec<Bit>,
    pub(crate) line: u32,
}

/// What drives a net.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Driver {
    None,
    Input,
    /// Cell and pin.
    Cell(u32, u32),
    /// The same as another bit.
    Alias(Bit),
}

/// A flat netlist.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flat {
    pub(crate) name: String,
    pub(crate) kinds: Vec<Kind>,
    /// Names of the kinds as the file has them.
    pub(crate) kind_names: Vec<String>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) pins: Vec<Bit>,
    pub(crate) instances: Vec<super::Instance>,
    pub(crate) words: Vec<Word>,
    /// Word and bit that first named each net.
    pub(crate) named: Vec<(u32, u32)>,
    pub(crate) drivers: Vec<Driver>,
    /// Words that are ports: index and whether it is an input.
    pub(crate) ports: Vec<(u32, bool)>,
    pub(crate) notes: Vec<String>,
    pub(crate) unsupported: Vec<netlist::Unsupported>,
}

impl Flat {
    /// The pins of a cell.
    pub(crate) fn pins_of(&self, cell: usize) -> &[Bit] {
        let c = &self.cells[cell];
        &self.pins[c.first as usize..(c.first + c.pins) as usize]
    }
    /// A bit with aliases followed; a ring of aliases ends at a net that nothing drives.
    pub(crate) fn root(&self, mut bit: Bit) -> Bit {
        for _ in 0..=self.drivers.len() {
            let Some(net) = net(bit) else { return bit };
            match self.drivers[net] {
                Driver::Alias(next) => bit = next,
                _ => return bit,
            }
        }
        bit
    }
    /// The name of a net as the file writes it.
    pub(crate) fn net_name(&self, net: usize) -> String {
        let (word, bit) = self.named[net];
        let Some(word) = self.words.get(word as usize) else { return format!("net {net}") };
        if word.vector {
            let width = word.bits.len() as u32;
            let index = if word.upto { width - 1 - bit } else { bit } + word.offset;
            format!("{}[{index}]", word.name)
        } else {
            word.name.clone()
        }
    }
}

/// The net number of a bit.
pub(crate) fn net(bit: Bit) -> Option<usize> {
    (bit >= NETS && bit != OPEN).then(|| (bit - NETS) as usize)
}
