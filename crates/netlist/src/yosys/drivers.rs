//! Who drives each net: exactly one cell output or input port bit, or nobody.
//!
//! Two drivers of one bit are an error that names both; only tri-state drivers may share a net,
//! which is then unsupported and free.

use crate::design::ReadError;

use super::cells::{Gate, Kind, Pin};
use super::json::{Bit, Module, Way};
use super::names::{Names, plain};

/// What drives a net.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Driver {
    /// Nothing.
    None,
    /// A bit of an input port.
    Port,
    /// The cell of that index.
    Cell(u32),
}

/// The driver of each net id, packed in four bytes.
pub(super) struct Drivers(Vec<u32>);

const NONE: u32 = u32::MAX;
const PORT: u32 = u32::MAX - 1;

/// Longest chain of buffers and inverters followed from a flip-flop to its clock port.
pub(super) const MAX_CLOCK_BUFFERS: usize = 64;

impl Drivers {
    /// Finds the drivers of all ids below `ids`.
    pub(super) fn new(
        module: &Module<'_>,
        kinds: &[Kind],
        names: &Names<'_>,
        ids: usize,
    ) -> Result<Self, ReadError> {
        let mut drivers = Self(vec![NONE; ids]);
        for (name, port) in module.ports.iter() {
            if port.direction == Some(Way::Input) {
                for &bit in module.bits(port) {
                    drivers.claim(module, kinds, names, bit, PORT, &|| format!("port {name}"))?;
                }
            }
        }
        for (index, (name, cell)) in module.cells.iter().enumerate() {
            for (pin, bits) in module.pins(cell) {
                if kinds[index].drives(pin, &cell.kind) {
                    for &bit in bits {
                        let place = || format!("cell {} pin {}", plain(name), pin.name());
                        drivers.claim(module, kinds, names, bit, index as u32, &place)?;
                    }
                }
            }
        }
        Ok(drivers)
    }

    fn claim(
        &mut self,
        module: &Module<'_>,
        kinds: &[Kind],
        names: &Names<'_>,
        bit: Bit,
        driver: u32,
        place: &dyn Fn() -> String,
    ) -> Result<(), ReadError> {
        if bit.constant().is_some() {
            return Err(ReadError::new(
                place(),
                "drives a constant",
                "write the file with yosys `write_json`",
            ));
        }
        let Some(id) = bit.net() else { return Ok(()) };
        let slot = &mut self.0[id as usize];
        let shared =
            |d: u32| kinds.get(d as usize).is_some_and(|&kind| kind == Kind::Tristate) && d < PORT;
        match *slot {
            NONE => *slot = driver,
            old if shared(old) && shared(driver) => {}
            old => {
                let other = module.cells.0.get(old as usize);
                let other = other.map_or("an input port", |(name, _)| plain(name));
                return Err(ReadError::new(
                    names.show(id),
                    format!("is driven twice: by {} and by {other}", place()),
                    "leave one driver (see yosys `check`)",
                ));
            }
        }
        Ok(())
    }

    /// The driver of a net.
    pub(super) fn of(&self, id: u32) -> Driver {
        match self.0.get(id as usize).copied().unwrap_or(NONE) {
            NONE => Driver::None,
            PORT => Driver::Port,
            cell => Driver::Cell(cell),
        }
    }

    /// Follows buffers and inverters from `bit` back to an input port: its net id, and whether
    /// the signal arrives inverted. Stops at nets for which `stop` holds.
    pub(super) fn port_behind(
        &self,
        module: &Module<'_>,
        kinds: &[Kind],
        bit: Bit,
        stop: &dyn Fn(u32) -> bool,
    ) -> Option<(u32, bool)> {
        let mut at = bit.net()?;
        let mut inverted = false;
        for _ in 0..MAX_CLOCK_BUFFERS {
            if stop(at) {
                return None;
            }
            let cell = match self.of(at) {
                Driver::Port => return Some((at, inverted)),
                Driver::None => return None,
                Driver::Cell(cell) => cell as usize,
            };
            match kinds[cell] {
                Kind::Gate(Gate::Buf) => {}
                Kind::Gate(Gate::Not) => inverted = !inverted,
                _ => return None,
            }
            at = module.pin(&module.cells.0[cell].1, Pin::A).first()?.net()?;
        }
        None
    }
}
