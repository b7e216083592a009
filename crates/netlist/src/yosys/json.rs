//! The records of a Yosys JSON file, as compact as a million cells need.
//!
//! Problem: a flattened chip is hundreds of megabytes of JSON, most of it attributes nobody reads.
//! Method: flat records straight from the text through a [`Cursor`]: strings are borrowed from the
//! input where they hold no escape, the bits of a module are one pool, unknown members
//! are skipped without being built. A member that is read may not come twice.
//! Cost: linear in the file; about 250 bytes per cell with its net name.
//!
//! | member | kept |
//! |---|---|
//! | `modules.M.attributes` | `top`, `blackbox` |
//! | `modules.M.ports.P` | `direction`, `bits`, `offset`, `upto` |
//! | `modules.M.cells.C` | `type`, `parameters`, `attributes.src`, `connections` |
//! | `modules.M.netnames.N` | `hide_name`, `bits`, `offset`, `upto`, `attributes.src`, `.init` |

use std::borrow::Cow;

use super::ahead::{Ahead, Late};
use super::cells::Pin;
use super::cursor::{Cursor, Fault, Number};
use super::value::read_bits;
pub(super) use super::value::{Bit, Value};

/// Reads the value of a member that may come once.
fn once<'a, T>(
    json: &mut Cursor<'a>,
    slot: &mut Option<T>,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Fault>,
) -> Result<(), Fault> {
    if slot.is_some() {
        return Err(json.fault("a member of this name came before"));
    }
    *slot = Some(read(json)?);
    Ok(())
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

impl<'a, T> Entries<'a, T> {
    pub(super) fn read(
        json: &mut Cursor<'a>,
        entry: impl FnMut(&mut Cursor<'a>) -> Result<T, Fault>,
    ) -> Result<Self, Fault> {
        let (mut entries, more) = (Self::default(), json.open()?);
        entries.read_on(json, more, None, entry)?;
        Ok(entries)
    }

    /// Reads the members left in an object, if there are `more`. Tells whether it stopped behind
    /// one of them, at byte `stop`.
    pub(super) fn read_on(
        &mut self,
        json: &mut Cursor<'a>,
        mut more: bool,
        stop: Option<usize>,
        mut entry: impl FnMut(&mut Cursor<'a>) -> Result<T, Fault>,
    ) -> Result<bool, Fault> {
        while more {
            let name = json.name()?;
            self.0.push((name, entry(json)?));
            if stop == Some(json.at()) {
                return Ok(true);
            }
            more = json.another()?;
        }
        Ok(false)
    }
}

/// The first number of a bit in the pool of what was read ahead. A bit takes two bytes of the
/// file at least, which has at most 2^32, so that the numbers below suffice for the other pool.
pub(super) const LATE: u32 = 1 << 31;

/// The bits of a module, or of a part of it, numbered from `first`.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) first: u32,
    pub(super) bits: Vec<Bit>,
}

/// Bits in the pool of a module.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// How many bits.
    pub(super) fn len(self) -> usize {
        self.len as usize
    }

    /// Reads what `read` appends to the pool.
    fn read(
        json: &mut Cursor<'_>,
        pool: &mut Pool,
        read: impl FnOnce(&mut Cursor<'_>, &mut Vec<Bit>) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let start = pool.bits.len();
        read(json, &mut pool.bits)?;
        match (u32::try_from(start), u32::try_from(pool.bits.len() - start)) {
            (Ok(start @ 0..LATE), Ok(len)) => Ok(Self { start: pool.first + start, len }),
            _ => Err(json.fault("the module has more than 2^31 connections")),
        }
    }
}

/// Reads the connections of a cell: for each pin its code, its width, then its bits.
fn read_pins(json: &mut Cursor<'_>, pool: &mut Vec<Bit>) -> Result<(), Fault> {
    let mut seen = 0u64;
    json.members(|json, name| {
        let pin = Pin::parse(&name);
        if pin != Pin::Other {
            let mask = 1u64 << pin.code();
            if seen & mask != 0 {
                return Err(json.fault(format!("pin {name} is connected twice")));
            }
            seen |= mask;
        }
        let head = pool.len();
        pool.extend([Bit(pin.code()), Bit(0)]);
        read_bits(json, pool)?;
        let width = u32::try_from(pool.len() - head - 2);
        pool[head + 1] = Bit(width.map_err(|_| json.fault("is too wide"))?);
        Ok(())
    })
}

/// A whole file.
pub(super) struct File<'a> {
    pub(super) modules: Entries<'a, Module<'a>>,
}

impl<'a> File<'a> {
    /// Reads a file.
    pub(super) fn read(text: &'a str) -> Result<Self, Fault> {
        let mut json = Cursor::new(text, 0);
        let mut modules = None;
        std::thread::scope(|scope| {
            let mut ahead = Ahead::start(scope, text);
            json.members(|json, name| match &*name {
                "modules" => once(json, &mut modules, |json| {
                    Entries::read(json, |json| Module::read(json, &mut ahead))
                }),
                _ => json.skip(),
            })
        })?;
        json.end()?;
        let modules = modules.ok_or_else(|| json.fault("has no member `modules`"))?;
        Ok(Self { modules })
    }
}

/// A module.
pub(super) struct Module<'a> {
    pub(super) attributes: Attributes<'a>,
    pub(super) ports: Entries<'a, Wire<'a>>,
    pub(super) cells: Entries<'a, Cell<'a>>,
    pub(super) netnames: Entries<'a, Wire<'a>>,
    /// The bits of all of them.
    pool: Pool,
    /// The bits of those that were read ahead.
    late: Pool,
}

impl<'a> Module<'a> {
    fn read(json: &mut Cursor<'a>, ahead: &mut Ahead<'_, 'a>) -> Result<Self, Fault> {
        let (mut attributes, mut ports, mut cells, mut netnames) = (None, None, None, None);
        let (mut pool, mut late) = (Pool::default(), Late::default());
        json.members(|json, name| {
            let (pool, late) = (&mut pool, &mut late);
            match &*name {
                "attributes" => once(json, &mut attributes, Attributes::read),
                "ports" => once(json, &mut ports, |j| Entries::read(j, |j| Wire::read(j, pool))),
                "cells" => once(json, &mut cells, |j| ahead.cells(j, pool, late)),
                "netnames" => once(json, &mut netnames, |j| late.netnames(j, pool)),
                _ => json.skip(),
            }
        })?;
        Ok(Self {
            attributes: attributes.unwrap_or_default(),
            ports: ports.unwrap_or_default(),
            cells: cells.unwrap_or_default(),
            netnames: netnames.unwrap_or_default(),
            pool,
            late: late.pool,
        })
    }

    fn span(&self, span: Span) -> &[Bit] {
        let pool = if span.start < LATE { &self.pool } else { &self.late };
        let start = (span.start % LATE) as usize;
        pool.bits.get(start..start + span.len()).unwrap_or_default()
    }

    /// The bits of a port or net of this module, lowest first.
    pub(super) fn bits(&self, wire: &Wire<'_>) -> &[Bit] {
        self.span(wire.bits)
    }

    /// The pins of a cell of this module with their bits, in file order.
    pub(super) fn pins(
        &self,
        cell: &Cell<'_>,
    ) -> impl Iterator<Item = (Pin, &[Bit])> + use<'_, 'a> {
        let mut rest = self.span(cell.connections);
        std::iter::from_fn(move || {
            let (&[Bit(pin), Bit(width)], tail) = rest.split_first_chunk::<2>()?;
            let (bits, next) = tail.split_at_checked(width as usize)?;
            rest = next;
            Some((Pin::from_code(pin), bits))
        })
    }

    /// The bits of `pin` of a cell of this module; empty if it is not connected.
    pub(super) fn pin(&self, cell: &Cell<'_>, pin: Pin) -> &[Bit] {
        self.pins(cell).find(|&(p, _)| p == pin).map_or(&[], |(_, bits)| bits)
    }
}

/// The attributes of a module that are read.
#[derive(Default, Debug)]
pub(super) struct Attributes<'a> {
    pub(super) top: Option<Value<'a>>,
    pub(super) blackbox: Option<Value<'a>>,
}

impl<'a> Attributes<'a> {
    fn read(json: &mut Cursor<'a>) -> Result<Self, Fault> {
        let mut found = Self::default();
        json.members(|json, name| match &*name {
            "top" => once(json, &mut found.top, Value::read),
            "blackbox" => once(json, &mut found.blackbox, Value::read),
            _ => json.skip(),
        })?;
        Ok(found)
    }
}

/// The way of a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Input,
    Output,
    Inout,
    /// A word that is none of these.
    Unknown,
}

impl Way {
    fn read(json: &mut Cursor<'_>) -> Result<Self, Fault> {
        Ok(match &*json.string()? {
            "input" => Self::Input,
            "output" => Self::Output,
            "inout" => Self::Inout,
            _ => Self::Unknown,
        })
    }
}

/// A port or a named net.
#[derive(Debug)]
pub(super) struct Wire<'a> {
    pub(super) direction: Option<Way>,
    pub(super) hide_name: bool,
    pub(super) bits: Span,
    pub(super) offset: i64,
    pub(super) upto: bool,
    pub(super) attributes: WireAttributes<'a>,
}

/// A number that means yes unless it is 0.
fn flag(json: &mut Cursor<'_>) -> Result<bool, Fault> {
    match json.number()? {
        Number::Unsigned(value) => Ok(value != 0),
        _ => Err(json.fault("expected a whole number")),
    }
}

fn integer(json: &mut Cursor<'_>) -> Result<i64, Fault> {
    let value = match json.number()? {
        Number::Unsigned(value) => i64::try_from(value).ok(),
        Number::Negative(value) => Some(value),
        Number::Other => None,
    };
    value.ok_or_else(|| json.fault("expected a whole number of 64 bits"))
}

impl<'a> Wire<'a> {
    pub(super) fn read(json: &mut Cursor<'a>, pool: &mut Pool) -> Result<Self, Fault> {
        let (mut direction, mut hide_name, mut bits) = (None, None, None);
        let (mut offset, mut upto, mut attributes) = (None, None, None);
        json.members(|json, name| match &*name {
            "direction" => once(json, &mut direction, Way::read),
            "hide_name" => once(json, &mut hide_name, flag),
            "bits" => once(json, &mut bits, |json| Span::read(json, pool, read_bits)),
            "offset" => once(json, &mut offset, integer),
            "upto" => once(json, &mut upto, flag),
            "attributes" => once(json, &mut attributes, WireAttributes::read),
            _ => json.skip(),
        })?;
        Ok(Self {
            direction,
            hide_name: hide_name.unwrap_or_default(),
            bits: bits.ok_or_else(|| json.fault("the net that ends here has no member `bits`"))?,
            offset: offset.unwrap_or_default(),
            upto: upto.unwrap_or_default(),
            attributes: attributes.unwrap_or_default(),
        })
    }
}

/// The attributes of a net or cell that are read.
#[derive(Default, Debug)]
pub(super) struct WireAttributes<'a> {
    pub(super) src: Option<Cow<'a, str>>,
    pub(super) init: Option<Box<Value<'a>>>,
}

impl<'a> WireAttributes<'a> {
    fn read(json: &mut Cursor<'a>) -> Result<Self, Fault> {
        let mut found = Self::default();
        json.members(|json, name| match &*name {
            "src" => once(json, &mut found.src, Cursor::string),
            "init" => once(json, &mut found.init, |json| Ok(Box::new(Value::read(json)?))),
            _ => json.skip(),
        })?;
        Ok(found)
    }
}

/// A cell.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) parameters: Entries<'a, Value<'a>>,
    pub(super) attributes: WireAttributes<'a>,
    connections: Span,
}

impl<'a> Cell<'a> {
    pub(super) fn read(json: &mut Cursor<'a>, pool: &mut Pool) -> Result<Self, Fault> {
        let (mut kind, mut parameters) = (None, None);
        let (mut attributes, mut connections) = (None, None);
        json.members(|json, name| match &*name {
            "type" => once(json, &mut kind, Cursor::string),
            "parameters" => once(json, &mut parameters, |json| Entries::read(json, Value::read)),
            "attributes" => once(json, &mut attributes, WireAttributes::read),
            "connections" => once(json, &mut connections, |json| Span::read(json, pool, read_pins)),
            _ => json.skip(),
        })?;
        Ok(Self {
            kind: kind.ok_or_else(|| json.fault("the cell that ends here has no member `type`"))?,
            parameters: parameters.unwrap_or_default(),
            attributes: attributes.unwrap_or_default(),
            connections: connections.unwrap_or_default(),
        })
    }
}
