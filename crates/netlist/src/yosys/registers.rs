//! Clock domains and registers.
//!
//! The main domain is the input port and edge that clock most flip-flops. They become registers;
//! every other flip-flop — second clock, other edge, clock not from a port — becomes free bits and
//! an entry in [`crate::Netlist::unsupported`]. Registers are sorted by name and bit, so their
//! order does not depend on the order of cells in the file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::aig::Lit;
use crate::design::{PowerUp, ReadError, Unsupported};

use super::build::{Builder, State};
use super::cells::{Kind, Pin};
use super::flops::{Control, Family, FlopBit, Shape};
use super::names::{initial_values, placed, plain, short, source};

/// A flip-flop cell of the main domain.
pub(super) struct Flop {
    cell: u32,
    shape: Shape,
    /// Where its bits start in [`Builder::flop_bits`].
    first: usize,
}

/// What clocks a flip-flop.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clock {
    /// An input port bit and whether its rising edge counts.
    Port(u32, bool),
    /// The global clock of formal netlists.
    Global,
    /// Anything else.
    Derived,
}

/// The name of a register bit, in sorting order, with where it comes from.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'m> {
    name: Cow<'m, str>,
    bit: u32,
    flop: usize,
    lane: usize,
}

impl<'m> Builder<'m> {
    /// Finds the flip-flops, chooses the main domain and makes its registers.
    pub(super) fn make_registers(&mut self) -> Result<(), ReadError> {
        let mut found: Vec<(u32, Shape, Clock)> = Vec::new();
        let mut count: BTreeMap<Clock, usize> = BTreeMap::new();
        for (index, (_, cell)) in self.module.cells.iter().enumerate() {
            let Kind::Flop(family) = self.kinds[index] else { continue };
            let shape =
                Shape::of(self.module, cell, family).map_err(|what| self.bad_cell(index, &what))?;
            let clock = self.clock_of(index, &shape);
            *count.entry(clock).or_default() += self.module.pin(cell, Pin::Q).len();
            found.push((index as u32, shape, clock));
        }
        let mut main = Clock::Derived;
        let mut most = 0;
        for (&clock, &registers) in &count {
            if clock != Clock::Derived && registers > most {
                (main, most) = (clock, registers);
            }
        }
        self.list_clocks(&count);
        let mut refused = BTreeSet::new();
        for (cell, shape, clock) in found {
            if clock == main && clock != Clock::Derived {
                self.flop_of[cell as usize] = self.flops.len() as u32;
                let first = self.flop_bits.len();
                let width = self.pin(cell as usize, Pin::Q).len();
                self.flop_bits.resize(first + width, 0);
                self.flops.push(Flop { cell, shape, first });
            } else {
                self.state[cell as usize] = State::Done;
                let what = self.refusal(clock, main);
                self.refuse(cell as usize, &what, &mut refused);
            }
        }
        self.netlist.unsupported.extend(refused);
        self.name_registers()
    }

    fn clock_of(&self, cell: usize, shape: &Shape) -> Clock {
        let Some(rising) = shape.clock else { return Clock::Global };
        let Some(&bit) = self.pin(cell, Pin::C).first() else { return Clock::Derived };
        match self.port_behind(bit) {
            Some((id, inverted)) => Clock::Port(id, rising ^ inverted),
            None => Clock::Derived,
        }
    }

    fn list_clocks(&mut self, count: &BTreeMap<Clock, usize>) {
        for (clock, registers) in count {
            let &Clock::Port(id, _) = clock else { continue };
            match self.netlist.clocks.last_mut() {
                Some(last) if self.clock_ids.last() == Some(&id) => last.1 += registers,
                _ => {
                    self.clock_ids.push(id);
                    self.netlist.clocks.push((self.port_bit_name(id), *registers));
                }
            }
        }
        if let Some(registers) = count.get(&Clock::Global) {
            self.note(format!("{registers} registers step with the global clock of `$ff` cells"));
        }
    }

    fn refusal(&self, clock: Clock, main: Clock) -> String {
        match (clock, main) {
            (Clock::Port(id, _), Clock::Port(main, _)) if id == main => {
                format!("both edges of clock {}", self.port_bit_name(id))
            }
            (Clock::Port(id, _), _) => format!("second clock domain {}", self.port_bit_name(id)),
            (Clock::Global, _) => "second clock domain: the global clock".to_owned(),
            (Clock::Derived, _) => "clock not from an input port (gated or divided)".to_owned(),
        }
    }

    /// Lists each register word or output of `cell` as unsupported.
    pub(super) fn refuse(&self, cell: usize, what: &str, refused: &mut BTreeSet<Unsupported>) {
        let (name, record) = &self.module.cells.0[cell];
        let own = || {
            let src = record.attributes.src.as_ref().map(|text| short(text));
            placed(plain(name), src.as_deref())
        };
        let outputs =
            self.module.pins(record).filter(|(p, _)| self.kinds[cell].drives(*p, &record.kind));
        let mut named = false;
        for id in outputs.flat_map(|(_, bits)| bits).filter_map(|bit| bit.net()) {
            if let Some((name, _, wire)) = self.names.of(id) {
                let place = placed(name, source(wire).as_deref());
                refused.insert(Unsupported { what: what.to_owned(), place });
                named = true;
            }
        }
        if !named {
            refused.insert(Unsupported { what: what.to_owned(), place: own() });
        }
    }

    /// Sorts the register bits by name and makes their leaves.
    fn name_registers(&mut self) -> Result<(), ReadError> {
        let module = self.module;
        let mut places: Vec<Place<'m>> = Vec::with_capacity(self.flop_bits.len());
        for (index, flop) in self.flops.iter().enumerate() {
            let (cell_name, cell) = &module.cells.0[flop.cell as usize];
            for (lane, bit) in module.pin(cell, Pin::Q).iter().enumerate() {
                let (name, bit) = match bit.net().and_then(|id| self.names.of(id)) {
                    Some((name, bit, _)) => (Cow::Borrowed(name), bit),
                    None => (Cow::Owned(format!("{}.Q", plain(cell_name))), lane as u32),
                };
                places.push(Place { name, bit, flop: index, lane });
            }
        }
        places.sort_unstable();
        let twice = places.windows(2).find(|p| p[0].name == p[1].name && p[0].bit == p[1].bit);
        if let Some([a, ..]) = twice {
            return Err(ReadError::new(
                format!("{}[{}]", a.name, a.bit),
                "two registers have this name",
                "write the file with yosys `write_json`",
            ));
        }
        let initial = initial_values(module)?;
        for place in places {
            let flop = &self.flops[place.flop];
            let cell = &module.cells.0[flop.cell as usize].1;
            let id = module.pin(cell, Pin::Q)[place.lane].net();
            let power_up = match id.and_then(|id| initial.get(&id)) {
                Some(true) => PowerUp::One,
                Some(false) => PowerUp::Zero,
                None => PowerUp::Free,
            };
            self.flop_bits[flop.first + place.lane] = self.netlist.registers.len() as u32;
            let immediate = !matches!(
                self.kinds[flop.cell as usize],
                Kind::Flop(Family {
                    control: Control::Async | Control::SetReset | Control::Load,
                    ..
                })
            );
            let cell_index = flop.cell as usize;
            let src = id.and_then(|id| self.names.of(id)).and_then(|(_, _, wire)| source(wire));
            let src = src.or_else(|| cell.attributes.src.as_ref().map(|text| short(text)));
            let out = self.netlist.add_register(&place.name, place.bit, power_up);
            if let Some(register) = self.netlist.registers.last_mut() {
                register.src = src;
            }
            if immediate {
                self.state[cell_index] = State::Done;
                if let Some(id) = id {
                    self.define(id, out);
                }
            }
        }
        Ok(())
    }

    /// Defines what readers of an asynchronously controlled flip-flop see.
    pub(super) fn evaluate_flop(&mut self, cell: usize) {
        let flop = self.flop_of[cell] as usize;
        let outputs = self.pin(cell, Pin::Q);
        for (lane, bit) in outputs.iter().enumerate() {
            let pins = self.flop_pins(flop, lane, false);
            let out = self.flops[flop].shape.out(&mut self.netlist.aig, &pins);
            if let Some(id) = bit.net() {
                self.define(id, out);
            }
        }
    }

    /// Connects what every register loads.
    pub(super) fn connect_registers(&mut self) {
        for flop in 0..self.flops.len() {
            let cell = self.flops[flop].cell as usize;
            for lane in 0..self.pin(cell, Pin::Q).len() {
                let pins = self.flop_pins(flop, lane, true);
                let next = self.flops[flop].shape.next(&mut self.netlist.aig, &pins);
                let register = self.flop_bits[self.flops[flop].first + lane] as usize;
                self.netlist.registers[register].next = next;
            }
        }
    }

    /// The literals around one bit; of the synchronous pins only if `all`.
    fn flop_pins(&mut self, flop: usize, lane: usize, all: bool) -> FlopBit {
        let Flop { cell, first, .. } = self.flops[flop];
        let cell = cell as usize;
        let Kind::Flop(family) = self.kinds[cell] else {
            return FlopBit::constant(Lit::FALSE);
        };
        let register = self.flop_bits[first + lane] as usize;
        let mut pins = FlopBit::constant(self.netlist.registers[register].out);
        let value = self.flops[flop].shape.value.get(lane).copied();
        for (pin, slot) in pins.slots() {
            if family.has(pin) && (all || family.passes(pin)) {
                let bits = self.pin(cell, pin);
                let bit = if bits.len() == 1 { bits.first() } else { bits.get(lane) };
                if let Some(&bit) = bit {
                    *slot = self.read_pin_bit(cell, bit);
                }
            }
        }
        if let Some(value) = value {
            pins.value = match value.constant() {
                Some(constant) => Lit::constant(constant),
                None => self.unknown_value(flop, lane),
            };
        }
        pins
    }

    /// The leaf of an `x` reset value, one for each register bit.
    fn unknown_value(&mut self, flop: usize, lane: usize) -> Lit {
        let register = self.flop_bits[self.flops[flop].first + lane];
        if let Some(&lit) = self.unknown_values.get(&register) {
            return lit;
        }
        let owner = &self.netlist.registers[register as usize];
        let (name, bit) = (format!("reset value of {}", owner.name), owner.bit);
        let lit = self.undriven(name, bit);
        self.unknown_values.insert(register, lit);
        lit
    }
}
