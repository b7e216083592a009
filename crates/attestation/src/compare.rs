//! Measurements against reference values.
//!
//! Problem: "match" hides how much was compared. Reference values can be zero (nothing was measured), measurements
//! can be covered by no manifest, and one index depends on a status elsewhere in the report.
//! Method: manifests count from 0, reports from 1. Only active entries count; equality with any alternative is a
//! match. Index 35 (video decoder NVDEC0) counts only while opaque field 11 says enabled (0xAA); disabled
//! (0x55) skips it. What the vendor's verifiers leave out is counted too: zero goldens, and non-zero
//! measurements that no manifest of those supplied covers.
//! Cost: linear.
//! What it cannot see: what the hashed things do. Equality is identity with what the vendor published.

use crate::opaque::Opaque;
use crate::rim::Manifest;
use crate::spdm::Report;

/// Manifest index of the video decoder's measurement.
pub const NVDEC0: u8 = 35;

/// What came of one active entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Equal, not zero.
    Match,
    /// Equal, and zero: nothing was measured there.
    Zero,
    /// Not equal.
    Differs,
    /// The report has no such measurement.
    Absent,
    /// Left out, for the reason the index rules give.
    Skipped,
    /// The status that decides is neither of the two known.
    Undecidable,
}

/// A manifest compared with a report.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// Indices equal and not zero.
    pub matched: Vec<u8>,
    /// Indices equal and zero.
    pub zero: Vec<u8>,
    /// Indices that differ.
    pub differing: Vec<u8>,
    /// Active indices the report does not have.
    pub absent: Vec<u8>,
    /// Indices left out by rule.
    pub skipped: Vec<u8>,
    /// Indices whose deciding status is unknown.
    pub undecidable: Vec<u8>,
}

impl Comparison {
    /// Compares the active entries of a manifest.
    pub fn of(report: &Report, opaque: &Opaque, manifest: &Manifest) -> Self {
        let mut all = Self::default();
        for entry in manifest.entries.iter().filter(|e| e.active) {
            let index = entry.index;
            let is_switch = manifest.edition.eq_ignore_ascii_case("switch");
            let outcome = if index == NVDEC0 && !is_switch { decoder(opaque) } else { None };
            let outcome = outcome.unwrap_or_else(|| {
                let mut blocks = report.blocks.iter().filter(|b| b.manifest_index() == Some(index));
                match blocks.next() {
                    None => Outcome::Absent,
                    Some(block) if !entry.values.iter().any(|v| v.as_slice() == block.value) => {
                        Outcome::Differs
                    }
                    Some(block) if block.is_zero() => Outcome::Zero,
                    Some(_) => Outcome::Match,
                }
            });
            match outcome {
                Outcome::Match => all.matched.push(index),
                Outcome::Zero => all.zero.push(index),
                Outcome::Differs => all.differing.push(index),
                Outcome::Absent => all.absent.push(index),
                Outcome::Skipped => all.skipped.push(index),
                Outcome::Undecidable => all.undecidable.push(index),
            }
        }
        all
    }

    /// Whether every index compared is equal.
    pub fn agrees(&self) -> bool {
        self.differing.is_empty() && self.absent.is_empty()
    }

    /// Number compared: equal or not.
    pub fn compared(&self) -> usize {
        self.matched.len() + self.zero.len() + self.differing.len() + self.absent.len()
    }

    /// `11/12 equal, differs at 9`.
    pub fn summary(&self) -> String {
        let mut text =
            format!("{}/{} equal", self.matched.len() + self.zero.len(), self.compared());
        for (what, indices) in [
            ("differs at", &self.differing),
            ("not in the report:", &self.absent),
            ("skipped:", &self.skipped),
            ("status unknown:", &self.undecidable),
        ] {
            if !indices.is_empty() {
                text.push_str(&format!(", {what} {}", ranges(indices)));
            }
        }
        text
    }
}

/// What the status of the video decoder says about its measurement; `None`: compare it.
fn decoder(opaque: &Opaque) -> Option<Outcome> {
    match opaque.nvdec0() {
        Some(0xaa) => None,
        Some(0x55) => Some(Outcome::Skipped),
        _ => Some(Outcome::Undecidable),
    }
}

/// Non-zero measurements whose index no active entry covers; indices from 0.
pub fn uncovered(report: &Report, manifests: &[&Manifest]) -> Vec<u8> {
    let covers = |index: u8| {
        manifests.iter().any(|m| m.entries.iter().any(|e| e.active && e.index == index))
    };
    let mut indices: Vec<u8> = report
        .blocks
        .iter()
        .filter(|b| !b.is_zero())
        .filter_map(crate::spdm::Block::manifest_index)
        .filter(|i| !covers(*i))
        .collect();
    indices.sort_unstable();
    indices.dedup();
    indices
}

/// Indices that two manifests both claim.
pub fn overlap(a: &Manifest, b: &Manifest) -> Vec<u8> {
    let active = |m: &Manifest, i: u8| m.entries.iter().any(|e| e.active && e.index == i);
    (0..=255u8).filter(|i| active(a, *i) && active(b, *i)).collect()
}

/// `1-3, 9`.
pub fn ranges(indices: &[u8]) -> String {
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut parts: Vec<(u8, u8)> = Vec::new();
    for index in sorted {
        match parts.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(index) => *last = index,
            _ => parts.push((index, index)),
        }
    }
    let show = |&(a, b): &(u8, u8)| if a == b { a.to_string() } else { format!("{a}-{b}") };
    parts.iter().map(show).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn indices_are_written_as_ranges() {
        assert_eq!(ranges(&[9, 1, 2, 3, 255, 254, 3]), "1-3, 9, 254-255");
        assert_eq!(ranges(&[]), "");
    }
}
