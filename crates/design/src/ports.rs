//! Input bits as ports: words that people read and engines change as a whole.
//!
//! A model knows input bits only. Neighbouring bits of one name are one port, bit 0 first.

use proof::Model;
use std::ops::Range;

/// Neighbouring input bits of one name.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// First input bit.
    pub(crate) first: usize,
    /// Width.
    pub(crate) width: usize,
}

impl Port {
    /// Its input bits.
    pub(crate) fn bits(&self) -> Range<usize> {
        self.first..self.first + self.width
    }
}

/// Input bits grouped by name.
pub(crate) fn ports(model: &Model) -> Vec<Port> {
    let mut all: Vec<Port> = Vec::new();
    for (i, bit) in model.inputs.iter().enumerate() {
        match all.last_mut() {
            Some(p) if model.inputs[p.first].name == bit.name => p.width += 1,
            _ => all.push(Port { first: i, width: 1 }),
        }
    }
    all
}

/// A word for people: the ports in which a bit is `shown`, with their values.
pub(crate) fn assignments(model: &Model, word: &[bool], shown: impl Fn(usize) -> bool) -> String {
    let mut parts: Vec<String> = Vec::new();
    for port in ports(model) {
        let name = &model.inputs[port.first].name;
        if port.bits().any(&shown) && !name.starts_with("probity.") {
            parts.push(format!("{name}={}", number(&word[port.bits()])));
        }
    }
    parts.join(" ")
}

/// A little-endian bit string as a number.
fn number(bits: &[bool]) -> String {
    if let [only] = bits {
        return u8::from(*only).to_string();
    }
    let digits: String = bits
        .chunks(4)
        .rev()
        .map(|n| {
            let v = n.iter().rev().fold(0u32, |v, &b| v << 1 | u32::from(b));
            char::from_digit(v, 16).unwrap_or('?')
        })
        .collect();
    format!("0x{digits}")
}
