//! The records of a Yosys JSON file, as compact as a million cells need.
//!
//! Problem: a flattened chip is hundreds of megabytes of JSON, most of it attributes nobody reads.
//! Method: serde visitors fill flat records straight from the bytes: strings are borrowed from the
//! input where they hold no escape, connections of one cell are one boxed slice, unknown members
//! are skipped without being built. `serde_json` bounds its own recursion and skips iteratively.
//! Cost: linear in the file; about 250 bytes per cell with its net name.
//!
//! | member | kept |
//! |---|---|
//! | `modules.M.attributes` | `top`, `blackbox` |
//! | `modules.M.ports.P` | `direction`, `bits`, `offset`, `upto` |
//! | `modules.M.cells.C` | `type`, `parameters`, `attributes.src`, `connections` |
//! | `modules.M.netnames.N` | `hide_name`, `bits`, `offset`, `upto`, `attributes.src`, `.init` |

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::cells::Pin;

/// Largest net id accepted. Yosys counts ids up from 2 in each module, so a larger one means
/// a damaged file, and tables indexed by id stay in proportion.
pub(super) const MAX_NET_ID: u64 = 1 << 28;

/// A bit of a connection: a constant, or the net of that id (2 and more).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bit(u32);

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

impl<'de> Deserialize<'de> for Bit {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct BitVisitor;
        impl Visitor<'_> for BitVisitor {
            type Value = Bit;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a net id from 2 to {MAX_NET_ID} or one of \"0\" \"1\" \"x\" \"z\"")
            }
            fn visit_u64<E: Error>(self, id: u64) -> Result<Bit, E> {
                match u32::try_from(id) {
                    Ok(small) if (2..=MAX_NET_ID).contains(&id) => Ok(Bit(small)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(id), &self)),
                }
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Bit, E> {
                match text.as_bytes() {
                    [c] => Bit::from_char(*c),
                    _ => None,
                }
                .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        input.deserialize_any(BitVisitor)
    }
}

/// A string borrowed from the file where possible.
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        input.deserialize_str(TextVisitor)
    }
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

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
                Ok(Value::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
                Ok(Value::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Value<'de>, E> {
                Ok(Value::Int(value))
            }
            fn visit_i64<E: Error>(self, _: i64) -> Result<Value<'de>, E> {
                Ok(Value::Other)
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<Value<'de>, E> {
                Ok(Value::Other)
            }
            fn visit_bool<E: Error>(self, _: bool) -> Result<Value<'de>, E> {
                Ok(Value::Other)
            }
        }
        input.deserialize_any(ValueVisitor)
    }
}

/// A JSON object as its members in file order.
#[derive(Debug)]
pub(super) struct Entries<'a, T>(pub(super) Vec<(Cow<'a, str>, T)>);

impl<T> Default for Entries<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, T> Entries<'a, T> {
    /// The member of that name, by a linear search.
    pub(super) fn find(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }
    pub(super) fn iter(&self) -> std::slice::Iter<'_, (Cow<'a, str>, T)> {
        self.0.iter()
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Entries<'a, T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<'de, T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    entries.push((name, value));
                }
                Ok(Entries(entries))
            }
        }
        input.deserialize_map(EntriesVisitor(PhantomData))
    }
}

/// The connections of a cell, flat: for each pin its code, its width, then its bits.
#[derive(Default, Debug)]
pub(super) struct Connections(Box<[Bit]>);

impl Connections {
    /// The pins with their bits, in file order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Pin, &[Bit])> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (&[Bit(pin), Bit(width)], tail) = rest.split_first_chunk::<2>()?;
            let (bits, next) = tail.split_at_checked(width as usize)?;
            rest = next;
            Some((Pin::from_code(pin), bits))
        })
    }
    /// The bits of `pin`; empty if it is not connected.
    pub(super) fn pin(&self, pin: Pin) -> &[Bit] {
        self.iter().find(|&(p, _)| p == pin).map_or(&[], |(_, bits)| bits)
    }
}

impl<'de> Deserialize<'de> for Connections {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct PinsVisitor;
        impl<'de> Visitor<'de> for PinsVisitor {
            type Value = Connections;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of pin connections")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Connections, A::Error> {
                let mut flat = Vec::with_capacity(16);
                let mut seen = 0u64;
                while let Some(Text(name)) = map.next_key()? {
                    let pin = Pin::parse(&name);
                    if pin != Pin::Other {
                        let mask = 1u64 << pin.code();
                        if seen & mask != 0 {
                            return Err(A::Error::custom(format!("pin {name} is connected twice")));
                        }
                        seen |= mask;
                    }
                    let head = flat.len();
                    flat.extend([Bit(pin.code()), Bit(0)]);
                    map.next_value_seed(Append(&mut flat))?;
                    let width = u32::try_from(flat.len() - head - 2).map_err(A::Error::custom)?;
                    flat[head + 1] = Bit(width);
                }
                Ok(Connections(flat.into_boxed_slice()))
            }
        }
        input.deserialize_map(PinsVisitor)
    }
}

/// Appends the bits of one pin to a flat record.
struct Append<'v>(&'v mut Vec<Bit>);

impl<'de> serde::de::DeserializeSeed<'de> for Append<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of bits")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(bit) = seq.next_element()? {
            self.0.push(bit);
        }
        Ok(())
    }
}

/// A whole file.
#[derive(serde::Deserialize)]
pub(super) struct File<'a> {
    #[serde(borrow)]
    pub(super) modules: Entries<'a, Module<'a>>,
}

/// A module.
#[derive(serde::Deserialize)]
pub(super) struct Module<'a> {
    #[serde(borrow, default)]
    pub(super) attributes: Attributes<'a>,
    #[serde(borrow, default)]
    pub(super) ports: Entries<'a, Wire<'a>>,
    #[serde(borrow, default)]
    pub(super) cells: Entries<'a, Cell<'a>>,
    #[serde(borrow, default)]
    pub(super) netnames: Entries<'a, Wire<'a>>,
}

/// The attributes that are read.
#[derive(serde::Deserialize, Default, Debug)]
pub(super) struct Attributes<'a> {
    #[serde(borrow, default)]
    pub(super) top: Option<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) blackbox: Option<Value<'a>>,
}

/// A port or a named net.
#[derive(serde::Deserialize, Debug)]
pub(super) struct Wire<'a> {
    #[serde(borrow, default)]
    pub(super) direction: Option<Text<'a>>,
    #[serde(default)]
    pub(super) hide_name: u8,
    pub(super) bits: Box<[Bit]>,
    #[serde(default)]
    pub(super) offset: i64,
    #[serde(default)]
    pub(super) upto: u8,
    #[serde(borrow, default)]
    pub(super) attributes: WireAttributes<'a>,
}

/// The attributes of a net.
#[derive(serde::Deserialize, Default, Debug)]
pub(super) struct WireAttributes<'a> {
    #[serde(borrow, default)]
    pub(super) src: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) init: Option<Box<Value<'a>>>,
}

/// A cell.
#[derive(serde::Deserialize, Debug)]
pub(super) struct Cell<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) parameters: Entries<'a, Value<'a>>,
    #[serde(borrow, default)]
    pub(super) attributes: WireAttributes<'a>,
    #[serde(default)]
    pub(super) connections: Connections,
}
