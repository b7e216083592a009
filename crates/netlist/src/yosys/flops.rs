//! Flip-flops of both libraries, reduced to one shape.
//!
//! Every flip-flop is a clock edge, perhaps an enable, and one of five controls. With `q` the
//! register's leaf, `out` what its readers see and `next` what it loads:
//!
//! | control | `out` | `next` |
//! |---|---|---|
//! | none | q | load |
//! | synchronous reset | q | reset ? value : load |
//! | gated synchronous reset (`SDFFCE`) | q | enable ? (reset ? value : d) : q |
//! | asynchronous reset | reset ? value : q | reset ? value : load |
//! | set and reset (reset wins) | reset ? 0 : set ? 1 : q | reset ? 0 : set ? 1 : load |
//! | asynchronous load | load ? ad : q | load ? ad : load |
//!
//! where load = enable ? d : q. Asynchronous controls act at clock granularity: what they do
//! between two edges is seen at the next one (the reader notes this assumption).

use crate::aig::{Aig, Lit};

use super::cells::Pin;
use super::json::{Bit, Cell, Module};

/// The flip-flop's control.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Control {
    None,
    Sync,
    SyncGated,
    Async,
    SetReset,
    Load,
}

/// A family of flip-flop cells, without polarities and reset values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Family {
    /// From the word-level library: polarities are parameters, not letters.
    word: bool,
    /// Without a clock pin (`$ff`): steps with the global clock.
    global: bool,
    enable: bool,
    /// What else acts on it.
    pub(super) control: Control,
}

impl Family {
    const PLAIN: Self = Self { word: false, global: false, enable: false, control: Control::None };

    /// The word-level cell of that name, without its `$`.
    pub(super) fn parse_word(name: &str) -> Option<Self> {
        let (global, enable, control) = match name {
            "ff" => (true, false, Control::None),
            "dff" => (false, false, Control::None),
            "dffe" => (false, true, Control::None),
            "sdff" => (false, false, Control::Sync),
            "sdffe" => (false, true, Control::Sync),
            "sdffce" => (false, true, Control::SyncGated),
            "adff" => (false, false, Control::Async),
            "adffe" => (false, true, Control::Async),
            "aldff" => (false, false, Control::Load),
            "aldffe" => (false, true, Control::Load),
            "dffsr" => (false, false, Control::SetReset),
            "dffsre" => (false, true, Control::SetReset),
            _ => return None,
        };
        Some(Self { word: true, global, enable, control })
    }

    /// The one-bit cell of that name, without `$_` and `_`: `DFFE_PN0P` and so on.
    pub(super) fn parse_fine(body: &str) -> Option<Self> {
        if body == "FF" {
            return Some(Self { global: true, ..Self::PLAIN });
        }
        let (name, letters) = body.split_once('_')?;
        let (enable, control) = match (name, letters.len()) {
            ("DFF", 1) => (false, Control::None),
            ("DFF", 3) => (false, Control::Async),
            ("DFFE", 2) => (true, Control::None),
            ("DFFE", 4) => (true, Control::Async),
            ("SDFF", 3) => (false, Control::Sync),
            ("SDFFE", 4) => (true, Control::Sync),
            ("SDFFCE", 4) => (true, Control::SyncGated),
            ("DFFSR", 3) => (false, Control::SetReset),
            ("DFFSRE", 4) => (true, Control::SetReset),
            ("ALDFF", 2) => (false, Control::Load),
            ("ALDFFE", 3) => (true, Control::Load),
            _ => return None,
        };
        let family = Self { enable, control, ..Self::PLAIN };
        family.letters(letters).map(|_| family)
    }

    /// Reads polarity letters in Yosys' order: clock, set, reset or load, value, enable.
    fn letters(self, letters: &str) -> Option<Shape> {
        let mut letters = letters.bytes();
        let mut polarity = || match letters.next() {
            Some(b'P') => Some(true),
            Some(b'N') => Some(false),
            _ => None,
        };
        let mut shape = Shape { control: self.control, ..Shape::default() };
        shape.clock = Some(polarity()?);
        if self.control == Control::SetReset {
            shape.set = polarity()?;
        }
        if self.control != Control::None {
            shape.active = polarity()?;
        }
        if matches!(self.control, Control::Sync | Control::SyncGated | Control::Async) {
            shape.value = match letters.next() {
                Some(b'0') => vec![Bit::ZERO],
                Some(b'1') => vec![Bit::ONE],
                _ => return None,
            };
        }
        if self.enable {
            shape.enable = Some(match letters.next() {
                Some(b'P') => true,
                Some(b'N') => false,
                _ => return None,
            });
        }
        letters.next().is_none().then_some(shape)
    }

    /// Whether such a cell has that pin.
    pub(super) fn has(self, pin: Pin) -> bool {
        match pin {
            Pin::D | Pin::Q => true,
            Pin::C => !self.global,
            Pin::E => self.enable,
            Pin::R => !matches!(self.control, Control::None | Control::Load),
            Pin::S => self.control == Control::SetReset,
            Pin::L | Pin::AD => self.control == Control::Load,
            _ => false,
        }
    }

    /// Whether `pin` reaches the output without a clock edge.
    pub(super) fn passes(self, pin: Pin) -> bool {
        match self.control {
            Control::None | Control::Sync | Control::SyncGated => false,
            Control::Async => pin == Pin::R,
            Control::SetReset => pin == Pin::S || pin == Pin::R,
            Control::Load => pin == Pin::L || pin == Pin::AD,
        }
    }
}

/// A flip-flop with its polarities and values.
#[derive(Debug)]
pub(super) struct Shape {
    /// `Some(true)` for the rising edge; none for the global clock.
    pub(super) clock: Option<bool>,
    enable: Option<bool>,
    control: Control,
    /// Polarity of the reset or load.
    active: bool,
    /// Polarity of the set.
    set: bool,
    /// Reset value, a bit for each bit of `Q`.
    pub(super) value: Vec<Bit>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            clock: None,
            enable: None,
            control: Control::None,
            active: true,
            set: true,
            value: Vec::new(),
        }
    }
}

impl Shape {
    /// The shape of a flip-flop cell, all widths checked, or what is wrong with it.
    pub(super) fn of(module: &Module<'_>, cell: &Cell<'_>, family: Family) -> Result<Self, String> {
        let width = module.pin(cell, Pin::Q).len();
        let shape = if family.word {
            Self::from_parameters(cell, family, width)?
        } else {
            let body = cell.kind.trim_start_matches("$_").trim_end_matches('_');
            match body.split_once('_') {
                Some((_, letters)) => family.letters(letters).ok_or("unknown flip-flop")?,
                None => Self::default(),
            }
        };
        let many: &[Pin] = match family.control {
            Control::SetReset => &[Pin::D, Pin::S, Pin::R],
            Control::Load => &[Pin::D, Pin::AD],
            _ => &[Pin::D],
        };
        let single: &[(Pin, bool)] = &[
            (Pin::C, shape.clock.is_some()),
            (Pin::E, shape.enable.is_some()),
            (Pin::L, family.control == Control::Load),
            (Pin::R, !shape.value.is_empty()),
        ];
        let wanted = many.iter().map(|&p| (p, width));
        let wanted = wanted.chain(single.iter().filter(|s| s.1).map(|&(p, _)| (p, 1)));
        for (pin, bits) in wanted {
            let found = module.pin(cell, pin).len();
            if found != bits {
                let pin = pin.name();
                return Err(format!("pin {pin} has {found} bits where {bits} are expected"));
            }
        }
        Ok(shape)
    }

    fn from_parameters(cell: &Cell<'_>, family: Family, width: usize) -> Result<Self, String> {
        let flag = |name: &str| match cell.parameters.find(name) {
            Some(value) => Ok(value.is_set()),
            None => Err(format!("parameter {name} is missing")),
        };
        let (polarity, value) = match family.control {
            Control::None => (None, None),
            Control::Sync | Control::SyncGated => (Some("SRST_POLARITY"), Some("SRST_VALUE")),
            Control::Async => (Some("ARST_POLARITY"), Some("ARST_VALUE")),
            Control::SetReset => (Some("CLR_POLARITY"), None),
            Control::Load => (Some("ALOAD_POLARITY"), None),
        };
        let mut shape = Self { control: family.control, ..Self::default() };
        if !family.global {
            shape.clock = Some(flag("CLK_POLARITY")?);
        }
        if family.enable {
            shape.enable = Some(flag("EN_POLARITY")?);
        }
        if family.control == Control::SetReset {
            shape.set = flag("SET_POLARITY")?;
        }
        if let Some(name) = polarity {
            shape.active = flag(name)?;
        }
        if let Some(name) = value {
            let bits = cell.parameters.find(name).and_then(|v| v.bits(width));
            shape.value = bits
                .filter(|b| b.len() == width)
                .ok_or_else(|| format!("parameter {name} is not {width} binary digits"))?;
        }
        Ok(shape)
    }

    /// What readers of a bit see.
    pub(super) fn out(&self, aig: &mut Aig, pins: &FlopBit) -> Lit {
        self.controlled(aig, pins, pins.q)
    }

    /// What a bit loads at the next edge.
    pub(super) fn next(&self, aig: &mut Aig, pins: &FlopBit) -> Lit {
        let reset = pins.reset.xor_sign(!self.active);
        let data = match self.control {
            Control::SyncGated => aig.mux(reset, pins.value, pins.d),
            _ => pins.d,
        };
        let load = match self.enable {
            Some(polarity) => aig.mux(pins.enable.xor_sign(!polarity), data, pins.q),
            None => data,
        };
        match self.control {
            Control::Sync => aig.mux(reset, pins.value, load),
            _ => self.controlled(aig, pins, load),
        }
    }

    /// `value` under the asynchronous controls.
    fn controlled(&self, aig: &mut Aig, pins: &FlopBit, value: Lit) -> Lit {
        let reset = pins.reset.xor_sign(!self.active);
        match self.control {
            Control::Async => aig.mux(reset, pins.value, value),
            Control::SetReset => {
                let set = aig.or(pins.set.xor_sign(!self.set), value);
                aig.and(!reset, set)
            }
            Control::Load => aig.mux(pins.load.xor_sign(!self.active), pins.ad, value),
            Control::None | Control::Sync | Control::SyncGated => value,
        }
    }
}

/// The literals around one bit of a flip-flop; pins that the cell does not have are not read.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlopBit {
    pub(super) q: Lit,
    pub(super) d: Lit,
    pub(super) enable: Lit,
    pub(super) reset: Lit,
    pub(super) set: Lit,
    pub(super) load: Lit,
    pub(super) ad: Lit,
    /// Reset value; a leaf of its own where the file says `x`.
    pub(super) value: Lit,
}

impl FlopBit {
    /// All pins at 0, the register at `q`.
    pub(super) fn constant(q: Lit) -> Self {
        let f = Lit::FALSE;
        Self { q, d: f, enable: f, reset: f, set: f, load: f, ad: f, value: f }
    }
    /// The input pins and where their literals go.
    pub(super) fn slots(&mut self) -> [(Pin, &mut Lit); 6] {
        [
            (Pin::D, &mut self.d),
            (Pin::E, &mut self.enable),
            (Pin::R, &mut self.reset),
            (Pin::S, &mut self.set),
            (Pin::L, &mut self.load),
            (Pin::AD, &mut self.ad),
        ]
    }
}
