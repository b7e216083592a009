//! What is checked before a graph is built — every cell known and flat, names unique, ids in
//! proportion — and the assumptions listed after.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;

use crate::aig::{Lit, Node};
use crate::design::{ReadError, Unsupported};

use super::build::Builder;
use super::cells::{Kind, Pin};
use super::flops::Control;
use super::json::{Cell, File, Module, Value, Way};
use super::names::{placed, plain, short};
use super::words::Word;

/// Whether cells, nets and ports have a name each; the first name that comes twice.
pub(super) fn unique_names(module: &Module<'_>) -> Result<(), ReadError> {
    unique("cell", module.cells.iter().map(|(name, _)| &**name))?;
    unique("net", module.netnames.iter().map(|(name, _)| plain(name)))?;
    unique("port", module.ports.iter().map(|(name, _)| plain(name)))
}

/// The kind of every cell, or the first that cannot be read.
pub(super) fn classify(file: &File<'_>, module: &Module<'_>) -> Result<Vec<Kind>, ReadError> {
    for (name, port) in module.ports.iter() {
        match port.direction {
            Some(Way::Input | Way::Output) => {}
            Some(Way::Inout) => {
                return Err(ReadError::new(
                    format!("port {}", plain(name)),
                    "is bidirectional",
                    "split it into an input, an output and an enable",
                ));
            }
            _ => return Err(malformed(format!("port {}", plain(name)), "has no direction")),
        }
    }
    let mut kinds = Vec::with_capacity(module.cells.0.len());
    for (name, cell) in module.cells.iter() {
        let kind = Kind::parse(&cell.kind);
        if kind == Kind::Foreign {
            return Err(foreign(file, name, cell));
        }
        if let Some((pin, _)) = module.pins(cell).find(|(pin, _)| !kind.has(*pin)) {
            let place = format!("cell {} of type {}", plain(name), cell.kind);
            return Err(malformed(place, &format!("has no pin {}", pin.name())));
        }
        kinds.push(kind);
    }
    Ok(kinds)
}

fn foreign(file: &File<'_>, name: &str, cell: &Cell<'_>) -> ReadError {
    let src = cell.attributes.src.as_ref().map(|text| short(text));
    let place = format!("cell {}", placed(plain(name), src.as_deref()));
    let kind = plain(&cell.kind);
    match file.modules.iter().find(|(name, _)| plain(name) == kind) {
        Some((_, module)) if !module.attributes.blackbox.as_ref().is_some_and(Value::is_set) => {
            ReadError::new(
                place,
                format!("instantiates the module {kind}: the netlist is not flat"),
                "run yosys `flatten`",
            )
        }
        _ if kind.starts_with('$') => ReadError::new(
            place,
            format!("has the type {kind}, which this reader does not model"),
            "run yosys `techmap; simplemap`",
        ),
        _ => ReadError::new(
            place,
            format!("instantiates {kind}, a black box"),
            "supply a model of it and run yosys `flatten`",
        ),
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str> + Clone) -> Result<(), ReadError> {
    // Hashes are keyed anew in each process; where all differ, so do the names. Sorting them costs
    // a third of a set, which misses the cache at each name.
    let state = RandomState::default();
    let mut hashes: Vec<u64> = names.clone().map(|name| state.hash_one(name)).collect();
    hashes.sort_unstable();
    if hashes.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(());
    }
    let mut seen: HashSet<&str> = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(malformed(format!("{what} {}", plain(name)), "is defined twice"));
        }
    }
    Ok(())
}

fn malformed(place: String, what: &str) -> ReadError {
    ReadError::new(place, what, "write the file with yosys `write_json`")
}

/// One more than the largest net id of the module, bounded by the size of the file.
pub(super) fn net_ids(module: &Module<'_>, bound: usize) -> Result<usize, ReadError> {
    let wires = module.ports.iter().chain(module.netnames.iter()).flat_map(|(_, w)| module.bits(w));
    let pins = module.cells.iter().flat_map(|(_, cell)| module.pins(cell));
    let pins = pins.flat_map(|(_, bits)| bits);
    let largest = wires.chain(pins).filter_map(|bit| bit.net()).max().unwrap_or(0) as usize;
    if largest > bound {
        return Err(malformed(
            format!("net {largest}"),
            "the net ids are out of proportion to the file",
        ));
    }
    Ok(largest + 1)
}

/// How a memory cell is listed.
pub(super) fn memory(name: &str, cell: &Cell<'_>) -> Unsupported {
    let number = |name: &str| cell.parameters.find(name).and_then(Value::number);
    let words = number("SIZE").or_else(|| 1u64.checked_shl(u32::try_from(number("ABITS")?).ok()?));
    let bits = number("WIDTH").zip(words).and_then(|(width, words)| width.checked_mul(words));
    let size = bits.map_or_else(|| "unknown size".to_owned(), |bits| format!("{bits} bits"));
    let memory = match cell.parameters.find("MEMID") {
        Some(Value::Text(id)) => plain(id),
        _ => plain(name),
    };
    let src = cell.attributes.src.as_ref().map(|text| short(text));
    Unsupported {
        what: format!("memory of {size} (run yosys `memory_map`)"),
        place: placed(memory, src.as_deref()),
    }
}

impl Builder<'_> {
    /// Name of the port and, for a word, the bit behind an input net.
    pub(super) fn port_bit_name(&self, id: u32) -> String {
        self.input_bits.get(&id).map_or_else(|| self.names.show(id), |(name, _)| name.clone())
    }

    /// Notes what a reader of a verdict should know about how the netlist was taken.
    pub(super) fn assumptions(&mut self) {
        let mut controlled = 0usize;
        let mut by_logic: Option<(usize, String)> = None;
        let mut parallel = 0usize;
        for (index, (name, cell)) in self.module.cells.iter().enumerate() {
            match self.kinds[index] {
                Kind::Word(Word::Pmux) => parallel += 1,
                Kind::Flop(family)
                    if matches!(
                        family.control,
                        Control::Async | Control::SetReset | Control::Load
                    ) =>
                {
                    controlled += 1;
                    let pins = [Pin::R, Pin::S, Pin::L].map(|pin| self.module.pin(cell, pin));
                    if pins
                        .iter()
                        .flat_map(|p| p.iter())
                        .any(|&bit| bit.constant().is_none() && self.port_behind(bit).is_none())
                    {
                        let first = || {
                            let q = self.module.pin(cell, Pin::Q).iter().find_map(|b| b.net());
                            q.map_or_else(|| plain(name).to_owned(), |id| self.names.show(id))
                        };
                        by_logic = Some(match by_logic.take() {
                            Some((count, first)) => (count + 1, first),
                            None => (1, first()),
                        });
                    }
                }
                _ => {}
            }
        }
        if controlled > 0 {
            self.note(format!(
                "{controlled} flip-flop cells have asynchronous controls, which act at clock \
                 granularity: pulses between two edges are not modelled"
            ));
        }
        if let Some((count, first)) = by_logic {
            self.note(format!(
                "asynchronous control driven by logic at {count} flip-flop cells, first {first}: \
                 glitches are not modelled"
            ));
        }
        if parallel > 0 {
            self.note(format!(
                "{parallel} parallel multiplexers are taken as AND-OR, as yosys `techmap` does"
            ));
        }
        self.usage();
    }

    /// Notes clocks that are read as data and cuts that nothing reads.
    fn usage(&mut self) {
        let netlist = &self.netlist;
        let mut used = vec![false; netlist.aig.len()];
        for var in 0..netlist.aig.len() as u32 {
            if let Node::And(a, b) = netlist.aig.node(var) {
                used[a.index()] = true;
                used[b.index()] = true;
            }
        }
        for register in &netlist.registers {
            used[register.next.index()] = true;
        }
        for port in netlist.ports.iter().filter(|p| p.direction == crate::Direction::Output) {
            for lit in &port.bits {
                used[lit.index()] = true;
            }
        }
        let is_used = |lit: &Lit| used[lit.index()];
        let mut notes = Vec::new();
        for (name, leaf) in self.clock_ids.iter().filter_map(|id| self.input_bits.get(id)) {
            if is_used(leaf) {
                notes.push(format!("clock {name} is read as data: free in each cycle"));
            }
        }
        for cut in &netlist.cuts {
            if !cut.bits.iter().any(is_used) {
                notes.push(format!("nothing reads the cut {}", cut.name));
            }
        }
        self.netlist.notes.extend(notes);
    }
}
