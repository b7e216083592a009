//! The cell library of Yosys: pins, kinds, and the meaning of the one-bit gates.
//!
//! The authority is Yosys' own `simcells.v` and `simlib.v`; each gate below is one line of Boolean
//! algebra that can be compared with its Verilog model there. Cells whose name is not listed are
//! `Foreign` and stop the reader: a cell is never guessed.

use crate::aig::{Aig, Lit};

use super::flops::Family;
use super::words::Word;

/// A pin of a cell. Word-level spellings (`CLK`, `EN`, `SRST`, …) share the pin of their one-bit
/// counterpart (`C`, `E`, `R`, …), so that both libraries are read by the same code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pin(u32);

macro_rules! pins {
    ($($name:ident $code:literal $($text:literal)|+;)*) => {
        impl Pin {
            $(pub(super) const $name: Self = Self($code);)*
            /// The pin of that name.
            pub(super) fn parse(name: &str) -> Self {
                match name {
                    $($($text)|+ => Self::$name,)*
                    _ => Self::Other,
                }
            }
            /// Its name in the one-bit library.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$name => [$($text),+][0],)*
                    _ => "?",
                }
            }
        }
    };
}

#[expect(non_upper_case_globals, reason = "reads like the enum variant it stands for")]
impl Pin {
    /// Any pin not listed.
    pub(super) const Other: Self = Self(63);
    /// A number below 64.
    pub(super) fn code(self) -> u32 {
        self.0
    }
    /// The pin of that number.
    pub(super) fn from_code(code: u32) -> Self {
        Self(code)
    }
}

pins! {
    A 0 "A"; B 1 "B"; C 2 "C" | "CLK"; D 3 "D"; E 4 "E" | "EN"; F 5 "F"; G 6 "G"; H 7 "H";
    I 8 "I"; J 9 "J"; K 10 "K"; L 11 "L" | "ALOAD"; M 12 "M"; N 13 "N"; O 14 "O"; P 15 "P";
    S 16 "S" | "SET"; T 17 "T"; U 18 "U"; V 19 "V"; Y 20 "Y"; Q 21 "Q";
    R 22 "R" | "SRST" | "ARST" | "CLR"; AD 23 "AD"; DATA 24 "DATA"; RD_DATA 25 "RD_DATA";
}

/// A one-bit combinational cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gate {
    Buf,
    Not,
    And,
    Nand,
    Or,
    Nor,
    Xor,
    Xnor,
    AndNot,
    OrNot,
    Mux,
    Nmux,
    Mux4,
    Mux8,
    Mux16,
    Aoi3,
    Oai3,
    Aoi4,
    Oai4,
}

/// What a cell is to the reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A one-bit gate.
    Gate(Gate),
    /// A word-level combinational cell.
    Word(Word),
    /// A flip-flop of either library.
    Flop(Family),
    /// A level-sensitive storage cell: unsupported.
    Latch,
    /// A tri-state driver: unsupported.
    Tristate,
    /// A memory or one of its ports: unsupported.
    Memory,
    /// A formal statement or print: no logic, noted.
    Statement,
    /// Information about scopes: no logic.
    Silent,
    /// Anything else: refused.
    Foreign,
}

impl Kind {
    /// The kind of a cell type.
    pub(super) fn parse(name: &str) -> Self {
        let Some(rest) = name.strip_prefix('$') else { return Self::Foreign };
        if let Some(body) = rest.strip_prefix('_').and_then(|r| r.strip_suffix('_')) {
            return Self::parse_fine(body);
        }
        if let Some(word) = Word::parse(rest) {
            return Self::Word(word);
        }
        if let Some(family) = Family::parse_word(rest) {
            return Self::Flop(family);
        }
        match rest {
            "dlatch" | "adlatch" | "dlatchsr" | "sr" => Self::Latch,
            "tribuf" => Self::Tristate,
            "assert" | "assume" | "cover" | "live" | "fair" | "check" | "print" => Self::Statement,
            "scopeinfo" => Self::Silent,
            _ if rest.starts_with("mem") => Self::Memory,
            _ => Self::Foreign,
        }
    }

    fn parse_fine(body: &str) -> Self {
        let gate = match body {
            "BUF" => Gate::Buf,
            "NOT" => Gate::Not,
            "AND" => Gate::And,
            "NAND" => Gate::Nand,
            "OR" => Gate::Or,
            "NOR" => Gate::Nor,
            "XOR" => Gate::Xor,
            "XNOR" => Gate::Xnor,
            "ANDNOT" => Gate::AndNot,
            "ORNOT" => Gate::OrNot,
            "MUX" => Gate::Mux,
            "NMUX" => Gate::Nmux,
            "MUX4" => Gate::Mux4,
            "MUX8" => Gate::Mux8,
            "MUX16" => Gate::Mux16,
            "AOI3" => Gate::Aoi3,
            "OAI3" => Gate::Oai3,
            "AOI4" => Gate::Aoi4,
            "OAI4" => Gate::Oai4,
            "TBUF" => return Self::Tristate,
            _ => {
                let latch = ["DLATCH_", "DLATCHSR_", "SR_"].iter().any(|p| body.starts_with(p));
                return match Family::parse_fine(body) {
                    Some(family) => Self::Flop(family),
                    None if latch => Self::Latch,
                    None => Self::Foreign,
                };
            }
        };
        Self::Gate(gate)
    }

    /// Whether such a cell has that pin; cells that are not modelled may have any.
    pub(super) fn has(self, pin: Pin) -> bool {
        match self {
            Self::Gate(gate) => pin == Pin::Y || gate.inputs().contains(&pin),
            Self::Word(word) => word.has(pin),
            Self::Flop(family) => family.has(pin),
            _ => true,
        }
    }

    /// Whether the value at `pin` reaches an output of such a cell without a clock edge.
    pub(super) fn passes(self, pin: Pin) -> bool {
        match self {
            Self::Gate(_) | Self::Word(_) => pin != Pin::Y,
            Self::Flop(family) => family.passes(pin),
            _ => false,
        }
    }

    /// Whether `pin` is an output of such a cell.
    pub(super) fn drives(self, pin: Pin, cell_type: &str) -> bool {
        match self {
            Self::Gate(_) | Self::Word(_) | Self::Tristate => pin == Pin::Y,
            Self::Flop(_) | Self::Latch => pin == Pin::Q,
            Self::Memory => {
                pin == Pin::RD_DATA || pin == Pin::DATA && cell_type.starts_with("$memrd")
            }
            Self::Statement | Self::Silent | Self::Foreign => false,
        }
    }
}

impl Gate {
    /// The input pins, data before selects.
    pub(super) fn inputs(self) -> &'static [Pin] {
        const ALL: [Pin; 20] = [
            Pin::A,
            Pin::B,
            Pin::C,
            Pin::D,
            Pin::E,
            Pin::F,
            Pin::G,
            Pin::H,
            Pin::I,
            Pin::J,
            Pin::K,
            Pin::L,
            Pin::M,
            Pin::N,
            Pin::O,
            Pin::P,
            Pin::S,
            Pin::T,
            Pin::U,
            Pin::V,
        ];
        const MUX: [Pin; 3] = [Pin::A, Pin::B, Pin::S];
        const MUX4: [Pin; 6] = [Pin::A, Pin::B, Pin::C, Pin::D, Pin::S, Pin::T];
        const MUX8: [Pin; 11] = [
            Pin::A,
            Pin::B,
            Pin::C,
            Pin::D,
            Pin::E,
            Pin::F,
            Pin::G,
            Pin::H,
            Pin::S,
            Pin::T,
            Pin::U,
        ];
        match self {
            Self::Buf | Self::Not => &ALL[..1],
            Self::And | Self::Nand | Self::Or | Self::Nor => &ALL[..2],
            Self::Xor | Self::Xnor | Self::AndNot | Self::OrNot => &ALL[..2],
            Self::Aoi3 | Self::Oai3 => &ALL[..3],
            Self::Aoi4 | Self::Oai4 => &ALL[..4],
            Self::Mux | Self::Nmux => &MUX,
            Self::Mux4 => &MUX4,
            Self::Mux8 => &MUX8,
            Self::Mux16 => &ALL,
        }
    }

    /// The output, given the inputs in the order of [`Gate::inputs`]; missing ones read as 0, and
    /// the caller passes exactly as many as that list has.
    pub(super) fn output(self, aig: &mut Aig, inputs: &[Lit]) -> Lit {
        let at = |i: usize| inputs.get(i).copied().unwrap_or(Lit::FALSE);
        let (a, b, c, d) = (at(0), at(1), at(2), at(3));
        match self {
            Self::Buf => a,
            Self::Not => !a,
            Self::And => aig.and(a, b),
            Self::Nand => !aig.and(a, b),
            Self::Or => aig.or(a, b),
            Self::Nor => !aig.or(a, b),
            Self::Xor => aig.xor(a, b),
            Self::Xnor => !aig.xor(a, b),
            Self::AndNot => aig.and(a, !b),
            Self::OrNot => aig.or(a, !b),
            Self::Mux => aig.mux(c, b, a),
            Self::Nmux => !aig.mux(c, b, a),
            Self::Mux4 => select(aig, inputs, 4),
            Self::Mux8 => select(aig, inputs, 8),
            Self::Mux16 => select(aig, inputs, 16),
            Self::Aoi3 => {
                let ab = aig.and(a, b);
                !aig.or(ab, c)
            }
            Self::Oai3 => {
                let ab = aig.or(a, b);
                !aig.and(ab, c)
            }
            Self::Aoi4 => {
                let (ab, cd) = (aig.and(a, b), aig.and(c, d));
                !aig.or(ab, cd)
            }
            Self::Oai4 => {
                let (ab, cd) = (aig.or(a, b), aig.or(c, d));
                !aig.and(ab, cd)
            }
        }
    }
}

/// A tree of multiplexers over `width` data inputs, then its selects, least significant first.
fn select(aig: &mut Aig, inputs: &[Lit], width: usize) -> Lit {
    let (data, selects) = inputs.split_at(width.min(inputs.len()));
    let mut level = data.to_vec();
    for &s in selects {
        level = level
            .chunks(2)
            .map(|pair| if let [low, high] = *pair { aig.mux(s, high, low) } else { pair[0] })
            .collect();
    }
    level.first().copied().unwrap_or(Lit::FALSE)
}
