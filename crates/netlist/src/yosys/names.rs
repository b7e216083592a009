//! Which of its many names a net bit goes by, where it is declared, and how it starts.
//!
//! Flattening leaves each net with several names. The best one is public (no `$`, not hidden),
//! then nearest to the top (fewest dots), then first in the alphabet, then lowest in its word; so
//! the choice depends on the netlist only, not on the order of the file.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::json::{Module, Wire};
use crate::design::ReadError;

/// The names of all net ids.
pub(super) struct Names<'m> {
    module: &'m Module<'m>,
    /// Hidden and depth of each net name.
    rank: Vec<(bool, u32)>,
    /// Net name and bit of each id; `NONE` where it has no name.
    best: Vec<(u32, u32)>,
}

const NONE: u32 = u32::MAX;

impl<'m> Names<'m> {
    /// Chooses the names of the ids below `ids`.
    pub(super) fn new(module: &'m Module<'m>, ids: usize) -> Self {
        let rank = module.netnames.iter().map(|(name, wire)| rank(name, wire)).collect();
        let mut names = Self { module, rank, best: vec![(NONE, 0); ids] };
        for (index, (_, wire)) in module.netnames.iter().enumerate() {
            for (bit, id) in module.bits(wire).iter().enumerate() {
                let Some(id) = id.net() else { continue };
                let candidate = (index as u32, bit as u32);
                let current = names.best[id as usize];
                if current.0 == NONE || names.compare(candidate, current) == Ordering::Less {
                    names.best[id as usize] = candidate;
                }
            }
        }
        names
    }

    fn compare(&self, a: (u32, u32), b: (u32, u32)) -> Ordering {
        let key = |(index, _): (u32, u32)| {
            (self.rank[index as usize], plain(&self.module.netnames.0[index as usize].0))
        };
        key(a).cmp(&key(b)).then(a.1.cmp(&b.1))
    }

    /// The best name of a net id: word, declared bit, and the record behind it.
    pub(super) fn of(&self, id: u32) -> Option<(&'m str, u32, &'m Wire<'m>)> {
        let (index, bit) = self.best.get(id as usize).copied().filter(|b| b.0 != NONE)?;
        let (name, wire) = &self.module.netnames.0[index as usize];
        Some((plain(name), declared(wire, bit), wire))
    }

    /// A net id for an error message: `u_core.state[3]`.
    pub(super) fn show(&self, id: u32) -> String {
        match self.of(id) {
            Some((name, bit, wire)) => placed(&format!("{name}[{bit}]"), source(wire).as_deref()),
            None => format!("unnamed net {id}"),
        }
    }
}

/// Whether a net name is for users.
pub(super) fn is_public(name: &str, wire: &Wire<'_>) -> bool {
    !wire.hide_name && !name.contains('$')
}

fn rank(name: &str, wire: &Wire<'_>) -> (bool, u32) {
    (!is_public(name, wire), name.bytes().filter(|&c| c == b'.').count() as u32)
}

/// A name without the backslash that marks it as public inside Yosys.
pub(super) fn plain(name: &str) -> &str {
    name.strip_prefix('\\').unwrap_or(name)
}

/// The index of a bit as declared: offset and direction applied; negative indices count from 0.
pub(super) fn declared(wire: &Wire<'_>, bit: u32) -> u32 {
    let bit = if wire.upto { (wire.bits.len() as u32 - 1).saturating_sub(bit) } else { bit };
    offset(wire).saturating_add(bit)
}

/// The declared index of the lowest bit; negative ones count from 0 (the reader notes it).
pub(super) fn offset(wire: &Wire<'_>) -> u32 {
    u32::try_from(wire.offset.max(0)).unwrap_or(u32::MAX)
}

/// The source position of a wire.
pub(super) fn source(wire: &Wire<'_>) -> Option<String> {
    wire.attributes.src.as_ref().map(|text| short(text))
}

/// A position as users read it: the first of several, its file without folders, its line without
/// column: `rtl/npu4_power.sv:88.5-90.7|…` is `npu4_power.sv:88`.
pub(super) fn short(src: &str) -> String {
    let first = src.split('|').next().unwrap_or(src);
    let file = first.rsplit('/').next().unwrap_or(first);
    match file.rsplit_once(':') {
        Some((name, position)) => {
            let line = position.split(['.', '-']).next().unwrap_or(position);
            // half the time of `format!`, and large netlists have a position for each register
            [name, ":", line].concat()
        }
        None => file.to_owned(),
    }
}

/// A name with its position: `u_fuse.uid (npu4_fuse.sv:12)`.
pub(super) fn placed(name: &str, src: Option<&str>) -> String {
    match src {
        Some(src) => format!("{name} ({src})"),
        None => name.to_owned(),
    }
}

/// The power-up values declared by `init` attributes, by net id.
pub(super) fn initial_values(module: &Module<'_>) -> Result<HashMap<u32, bool>, ReadError> {
    let mut values = HashMap::new();
    for (name, wire) in module.netnames.iter() {
        let Some(init) = &wire.attributes.init else { continue };
        let width = wire.bits.len();
        let digits = init.bits(width).filter(|d| d.len() == width).ok_or_else(|| {
            ReadError::new(
                plain(name),
                format!("its init attribute is not {width} binary digits"),
                "write the file with yosys `write_json`",
            )
        })?;
        for (id, value) in module.bits(wire).iter().zip(digits) {
            let (Some(id), Some(value)) = (id.net(), value.constant()) else { continue };
            if values.insert(id, value).is_some_and(|old| old != value) {
                return Err(ReadError::new(
                    plain(name),
                    "its power-up value contradicts that of another name of the same net",
                    "correct the initial values in the source",
                ));
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    #[test]
    fn positions_are_short() {
        assert_eq!(super::short("a/b/npu4_power.sv:88.5-90.7|c.v:1"), "npu4_power.sv:88");
        assert_eq!(super::short("x.v:3"), "x.v:3");
        assert_eq!(super::short("x"), "x");
    }
}
