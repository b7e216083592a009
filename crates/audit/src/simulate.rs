//! Witnesses for foreign simulators.

use crate::load::{Design, Raw};
use design::Sealed;
use report::Witness;

/// The files of one witness, by extension.
pub fn files(
    _witness: &Witness,
    _design: &Design,
    _sealed: &Sealed,
    _raw: &Raw,
    _stem: &str,
) -> Vec<(&'static str, Vec<u8>)> {
    Vec::new()
}
