//! The manifests at hand: read once, chosen per device.
//!
//! Problem: a folder of manifests holds those of other devices, forged ones, empty ones, and several that carry one id.
//! Method: each file is read and verified once. For a device, those that claim its version are candidates; the one
//! used is authentic, of the right edition and chip, valid at the time of judgement if any is, and agrees if
//! any does. The vendor's service wraps manifests in JSON; these are unwrapped.
//! What it cannot see: a manifest that was never handed in. Its id is named, so that it can be asked for.

use crate::chain::{Links, out_of_validity};
use crate::compare::Comparison;
use crate::opaque::Opaque;
use crate::rim::{Manifest, RimError, read_manifest};
use crate::roots::Anchor;
use crate::spdm::Report;
use crate::time::Time;
use base64ct::{Base64, Encoding as _};
use evidence::{Digest, Supplied};

/// All manifests at hand.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Those that could be read, each file once, in the order given.
    pub manifests: Vec<Manifest>,
    /// Those that could not: name and why.
    pub unreadable: Vec<(String, String)>,
    /// Files that are nothing of the kind.
    pub others: usize,
}

/// A manifest chosen for a device, with what it says about it.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The one used.
    pub used: &'a Manifest,
    /// How it compares.
    pub comparison: Comparison,
    /// Whether its signer is valid at the time of judgement.
    pub valid: bool,
    /// Others that are authentic, with how they compare.
    pub others: Vec<(&'a Manifest, Comparison)>,
}

impl Library {
    /// Reads all files.
    pub fn read(files: &[&Supplied], anchors: &[Anchor], links: &mut Links) -> Self {
        let mut library = Self::default();
        let mut seen: Vec<Digest> = Vec::new();
        for file in files {
            let digest = Digest::of(&file.bytes);
            if seen.contains(&digest) {
                continue;
            }
            seen.push(digest);
            let unwrapped = unwrap(&file.bytes);
            let bytes = unwrapped.as_deref().unwrap_or(&file.bytes);
            let looks_like_one = bytes.is_empty()
                || bytes
                    .iter()
                    .find(|b| !b.is_ascii_whitespace())
                    .is_none_or(|b| matches!(b, b'<' | 0xef));
            let named_like_one =
                [".xml", ".swidtag", ".rim"].iter().any(|e| file.name.ends_with(e));
            match read_manifest(&file.name, bytes, anchors, links) {
                Ok(manifest) => library.manifests.push(manifest),
                Err(RimError::NotATag(_)) if !named_like_one => library.others += 1,
                Err(_) if !looks_like_one && !named_like_one => library.others += 1,
                Err(error) => library.unreadable.push((file.name.clone(), error.to_string())),
            }
        }
        library
    }

    /// Those that claim a version.
    pub fn claiming(&self, version: &str) -> Vec<&Manifest> {
        self.manifests.iter().filter(|m| m.version.eq_ignore_ascii_case(version)).collect()
    }
}

/// The manifest within the JSON of the vendor's service.
fn unwrap(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let text: String = value.get("rim")?.as_str()?.split_ascii_whitespace().collect();
    Base64::decode_vec(&text).ok()
}

/// Whether a manifest is about this kind of chip.
pub fn fits(manifest: &Manifest, switch: bool, chip: Option<&str>) -> bool {
    let edition = if switch { "SWITCH" } else { "GPU" };
    let family = |name: &str| {
        name.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase()
    };
    manifest.edition.eq_ignore_ascii_case(edition)
        && chip.is_none_or(|chip| family(chip) == family(&manifest.product))
}

/// Chooses among authentic candidates.
pub fn choose<'a>(
    candidates: &[&'a Manifest],
    report: &Report,
    opaque: &Opaque,
    at: Time,
) -> Option<Choice<'a>> {
    let mut all: Vec<(&Manifest, Comparison, bool)> = candidates
        .iter()
        .map(|m| (*m, Comparison::of(report, opaque, m), out_of_validity(&m.chain, at).is_empty()))
        .collect();
    // stable: the order of the files decides among equals
    all.sort_by_key(|(_, comparison, valid)| (!valid, !comparison.agrees()));
    let mut all = all.into_iter();
    let (used, comparison, valid) = all.next()?;
    Some(Choice { used, comparison, valid, others: all.map(|(m, c, _)| (m, c)).collect() })
}
