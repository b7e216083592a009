//! Witnesses as files: what happened on which port in which cycle, for people and for simulators.
//!
//! Problem: the certificate carries a run as bit strings in model order; a person, a waveform viewer
//! and a foreign simulator need ports and registers by name.
//! Method: one JSON object per witness. Values are hexadecimal, kept as changes: `[cycle, value]`.
//! `essential` marks, in the same form, the bits that matter; a signal without marks was not
//! minimised. Nothing here is evidence by itself: the certificate is, and it is replayed.

use serde::{Deserialize, Serialize};

/// Schema id of a witness.
pub const WITNESS_SCHEMA: &str = "probity/witness/1";

/// One witness.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Always [`WITNESS_SCHEMA`].
    pub schema: String,
    /// Check id.
    pub check: String,
    /// Service or identity signal.
    pub item: String,
    /// Kind of the refutation.
    pub kind: Option<String>,
    /// Top module.
    pub top: String,
    /// The clock's port, if named.
    pub clock: Option<String>,
    /// The reset sequence, if any.
    pub reset: Option<ResetView>,
    /// The stimulus in one line.
    pub stimulus: String,
    /// What it does, in one line.
    pub observation: String,
    /// The cycle, counted from power-up, in which it has happened.
    pub cycle: u64,
    /// One run, or two that differ in identity.
    pub runs: Vec<RunView>,
    /// Counted repetitions between the run and the tail, for runs too long to write down.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub repeats: Vec<Repeat>,
}

/// A reset sequence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetView {
    /// Its port.
    pub port: String,
    /// Level that resets.
    pub active: bool,
    /// Length in cycles.
    pub cycles: u32,
}

/// One run from power-up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunView {
    /// `run`, `left` or `right`.
    pub name: String,
    /// Number of cycles.
    pub cycles: u64,
    /// Signals: inputs, outputs, registers that matter.
    pub signals: Vec<Signal>,
}

/// One signal over time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Name.
    pub name: String,
    /// Width in bits.
    pub width: u32,
    /// Who drives it.
    pub role: SignalRole,
    /// Changes: cycle and new value in hexadecimal.
    pub values: Vec<(u64, String)>,
    /// Changes of the mask of bits that matter, in hexadecimal.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub essential: Vec<(u64, String)>,
}

/// Who drives a signal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalRole {
    /// The reset port.
    Reset,
    /// A strap.
    Constant,
    /// The owner.
    Owner,
    /// Anybody else.
    Remote,
    /// Physics and neighbours.
    Environment,
    /// Nobody.
    Undriven,
    /// An identity.
    Identity,
    /// The design, at a port.
    Output,
    /// The design, inside.
    Register,
    /// This program's bookkeeping: pending service transactions.
    Monitor,
}

impl SignalRole {
    /// Word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Constant => "constant",
            Self::Owner => "owner",
            Self::Remote => "remote",
            Self::Environment => "environment",
            Self::Undriven => "undriven",
            Self::Identity => "identity",
            Self::Output => "output",
            Self::Register => "register",
            Self::Monitor => "monitor",
        }
    }
}

/// A loop body repeated while a counter runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Cycles of one body.
    pub body: u64,
    /// Number of bodies, decimal.
    pub times: String,
}

/// A bit vector, least significant bit first, in hexadecimal.
pub fn hex(bits: &[bool]) -> String {
    let digits: String = bits
        .chunks(4)
        .rev()
        .map(|d| d.iter().rev().fold(0u32, |v, &b| v << 1 | u32::from(b)))
        .filter_map(|v| char::from_digit(v, 16))
        .collect();
    let short = digits.trim_start_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

/// The bits of a hexadecimal value, least significant first; `None` if it is not one or too wide.
pub fn bits(value: &str, width: u32) -> Option<Vec<bool>> {
    let mut all = Vec::with_capacity(width as usize);
    for digit in value.chars().rev() {
        let v = digit.to_digit(16)?;
        all.extend((0..4).map(|b| v >> b & 1 == 1));
    }
    let spare = all.iter().skip(width as usize).any(|&b| b);
    all.resize(width as usize, false);
    (!spare).then_some(all)
}

/// Appends `(cycle, value)` if the value is new.
pub fn record(changes: &mut Vec<(u64, String)>, cycle: u64, value: String) {
    if changes.last().is_none_or(|last| last.1 != value) {
        changes.push((cycle, value));
    }
}

/// The value in force in `cycle`.
pub fn at(changes: &[(u64, String)], cycle: u64) -> Option<&str> {
    let after = changes.partition_point(|c| c.0 <= cycle);
    after.checked_sub(1).and_then(|i| changes.get(i)).map(|c| c.1.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_round_trips() {
        for text in ["0", "1", "9e3779b97f4a7c15", "10"] {
            assert_eq!(hex(&bits(text, 64).unwrap()), text);
        }
        assert_eq!(bits("8", 3), None);
        assert_eq!(bits("g", 8), None);
    }
    #[test]
    fn a_value_holds_until_the_next_change() {
        let mut all = Vec::new();
        for (cycle, value) in [(0, "0"), (1, "0"), (4, "1")] {
            record(&mut all, cycle, value.to_owned());
        }
        assert_eq!(all.len(), 2);
        assert_eq!((at(&all, 3), at(&all, 9)), (Some("0"), Some("1")));
    }
}
