//! What a Yosys JSON file says at its leaves: bits of connections, values of parameters and attributes.

use std::borrow::Cow;

use super::cursor::{Cursor, Fault, Number};

/// Largest net id accepted. Yosys counts ids up from 2 in each module, so a larger one means
/// a damaged file, and tables indexed by id stay in proportion.
pub(super) const MAX_NET_ID: u64 = 1 << 28;

/// A bit of a connection: a constant, or the net of that id (2 and more).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bit(pub(super) u32);

impl Bit {
    /// Constant 0.
    pub(super) const ZERO: Self = Self(0);
    /// Constant 1.
    pub(super) const ONE: Self = Self(1);
    /// Unknown or high impedance.
    pub(super) const X: Self = Self(u32::MAX);

    /// The constant, if it is 0 or 1.
    pub(super) fn constant(self) -> Option<bool> {
        (self.0 < 2).then_some(self.0 == 1)
    }
    /// The net id, if it is a net.
    pub(super) fn net(self) -> Option<u32> {
        (self.0 >= 2 && self != Self::X).then_some(self.0)
    }
    /// The bit written as one character of a binary string.
    fn from_char(c: u8) -> Option<Self> {
        match c {
            b'0' => Some(Self::ZERO),
            b'1' => Some(Self::ONE),
            b'x' | b'z' => Some(Self::X),
            _ => None,
        }
    }
}

/// Reads an array of bits behind those that `into` holds already.
pub(super) fn read_bits(json: &mut Cursor<'_>, into: &mut Vec<Bit>) -> Result<(), Fault> {
    json.items(|json| {
        let bit = match json.peek() {
            Some(b'"') => match json.string()?.as_bytes() {
                [c] => Bit::from_char(*c),
                _ => None,
            },
            Some(b'-' | b'0'..=b'9') => match json.number()? {
                Number::Unsigned(id @ 2..=MAX_NET_ID) => u32::try_from(id).ok().map(Bit),
                _ => None,
            },
            _ => None,
        };
        into.push(bit.ok_or_else(|| {
            json.fault(format!(
                "expected a net id from 2 to {MAX_NET_ID} or \"0\", \"1\", \"x\", \"z\""
            ))
        })?);
        Ok(())
    })
}

/// A parameter or attribute value: a string (binary digits, most significant first) or, from
/// `write_json -compat-int`, an integer.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    Int(u64),
    /// A real, Boolean or negative number: never meaningful here.
    Other,
}

impl Value<'_> {
    /// Whether any digit is 1.
    pub(super) fn is_set(&self) -> bool {
        match self {
            Self::Text(text) => text.contains('1'),
            Self::Int(value) => *value != 0,
            Self::Other => false,
        }
    }
    /// The digits, least significant first; an integer gives `width` of them
    /// if it fits.
    pub(super) fn bits(&self, width: usize) -> Option<Vec<Bit>> {
        match self {
            Self::Text(text) => text.bytes().rev().map(Bit::from_char).collect(),
            Self::Int(value) if width < 64 && value >> width != 0 => None,
            Self::Int(value) => Some(
                (0..width)
                    .map(|i| if i < 64 && value >> i & 1 == 1 { Bit::ONE } else { Bit::ZERO })
                    .collect(),
            ),
            Self::Other => None,
        }
    }
    /// The unsigned number.
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => u64::from_str_radix(text, 2).ok(),
            Self::Int(value) => Some(*value),
            Self::Other => None,
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn read(json: &mut Cursor<'a>) -> Result<Self, Fault> {
        Ok(match json.peek() {
            Some(b'"') => Self::Text(json.string()?),
            Some(b't' | b'f') => {
                json.boolean()?;
                Self::Other
            }
            Some(b'-' | b'0'..=b'9') => match json.number()? {
                Number::Unsigned(value) => Self::Int(value),
                _ => Self::Other,
            },
            _ => return Err(json.expected("a string or a number")),
        })
    }
}
