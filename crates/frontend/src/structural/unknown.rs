//! What cannot be read off a cell's name is read off its use: directions and roles of pins.
//!
//! Positional flip-flops: over all instances of a cell with as many pins, the output is the position
//! whose nets nothing else drives; of the other two the clock is the one with fewer different nets.
//! Black boxes: a pin whose net nothing known drives is an output — of two such pins of different
//! boxes on one net, the first in the file — and every other pin is an input. Both are noted.

use super::cells::Role;
use super::flat::{Driver, Flat, Kind, OPEN, net};
use netlist::{ReadError, Unsupported};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn resolve(
    flat: &mut Flat,
    positional: &BTreeMap<String, Vec<u32>>,
    unknown: &[(u32, Vec<String>)],
) -> Result<(), ReadError> {
    let mut driven = vec![false; flat.drivers.len()];
    for (slot, driver) in driven.iter_mut().zip(&flat.drivers) {
        *slot = *driver != Driver::None;
    }
    for index in 0..flat.cells.len() {
        let kind = &flat.kinds[flat.cells[index].kind as usize];
        let pins = flat.pins_of(index);
        let outputs = pins.iter().enumerate().filter(|(i, _)| kind.drives(*i));
        for net in outputs.filter_map(|(_, &bit)| net(bit)) {
            driven[net] = true;
        }
    }
    for (name, cells) in positional {
        let roles = roles(flat, name, cells, &driven)?;
        flat.notes.push(format!(
            "the pins of {name} were told apart by use: {}",
            roles.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>().join(", ")
        ));
        let kind = flat.cells[cells[0] as usize].kind;
        let latch = super::cells::stores(name) == Some(true);
        let output = roles.iter().position(|r| *r == Role::Q);
        for &cell in cells {
            let outputs = output.and_then(|o| flat.pins_of(cell as usize).get(o).copied());
            if let Some(net) = outputs.and_then(net) {
                driven[net] = true;
            }
        }
        flat.kinds[kind as usize] = Kind::Storage { latch, roles };
    }
    for (cell, names) in unknown {
        let pins = flat.pins_of(*cell as usize).to_vec();
        let mut outputs = Vec::with_capacity(pins.len());
        for (&bit, name) in pins.iter().zip(names) {
            let free = net(bit).is_some_and(|n| !driven[n]);
            let input = matches!(
                name.to_ascii_uppercase().as_str(),
                "A" | "B" | "D" | "CK" | "CLK" | "A1" | "A2" | "B1" | "B2" | "EN"
            );
            let output = free && !input;
            if output && let Some(net) = net(bit) {
                driven[net] = true;
            }
            outputs.push(output);
        }
        let kind = flat.cells[*cell as usize].kind;
        flat.kinds[kind as usize] = Kind::BlackBox(outputs);
    }
    Ok(())
}

fn roles(flat: &Flat, name: &str, cells: &[u32], driven: &[bool]) -> Result<Vec<Role>, ReadError> {
    let width = cells.iter().map(|&c| flat.pins_of(c as usize).len()).max().unwrap_or(0);
    let mut foreign = vec![0usize; width];
    let mut nets: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); width];
    for &cell in cells {
        for (i, &bit) in flat.pins_of(cell as usize).iter().enumerate() {
            nets[i].insert(bit);
            let other = net(bit).is_none_or(|n| driven[n]);
            foreign[i] += usize::from(other && bit != OPEN);
        }
    }
    let least = foreign.iter().copied().min().unwrap_or(0);
    // the output comes first where several positions could be it
    let output = foreign.iter().position(|&f| f == least).unwrap_or(0);
    let mut roles = vec![Role::D; width];
    if let Some(role) = roles.get_mut(output) {
        *role = Role::Q;
    }
    let rest: Vec<usize> = (0..width).filter(|i| *i != output).collect();
    match rest.as_slice() {
        [_] => Ok(roles),
        [a, b] => {
            let clock = if nets[*a].len() <= nets[*b].len() { *a } else { *b };
            roles[clock] = Role::Clock(true);
            Ok(roles)
        }
        _ => Err(ReadError::new(
            format!("cell {name}"),
            "its pins cannot be told apart",
            "connect them by name, or add a model of the cell",
        )),
    }
}

impl Flat {
    /// Notes the driver of every net; two are an error.
    pub(super) fn connect(&mut self) -> Result<(), ReadError> {
        for index in 0..self.cells.len() {
            let cell = self.cells[index];
            for pin in 0..cell.pins {
                let bit = self.pins[(cell.first + pin) as usize];
                let kind = &self.kinds[cell.kind as usize];
                if bit == OPEN || !kind.drives(pin as usize) {
                    continue;
                }
                let instance = &self.instances[cell.instance as usize];
                let line = instance.line;
                let Some(net) = net(bit) else {
                    return Err(ReadError::new(
                        format!("line {line}"),
                        format!("{} drives a constant", instance.name),
                        "connect its output to a net",
                    ));
                };
                if self.drivers[net] != Driver::None {
                    let by = match self.drivers[net] {
                        Driver::Input => "an input port".to_owned(),
                        Driver::Cell(c, _) => {
                            let other = &self.instances[self.cells[c as usize].instance as usize];
                            format!("{} at line {}", other.name, other.line)
                        }
                        _ => "an assignment".to_owned(),
                    };
                    return Err(ReadError::new(
                        format!("line {line}"),
                        format!("{} drives {}, as does {by}", instance.name, self.net_name(net)),
                        "remove one of the drivers; three-state buses are not modelled",
                    ));
                }
                self.drivers[net] = Driver::Cell(index as u32, pin);
            }
        }
        let latches = self.cells.iter().filter(|c| match &self.kinds[c.kind as usize] {
            Kind::Storage { latch, .. } => *latch,
            Kind::Library(cell) => cell.storage.as_ref().is_some_and(|s| s.latch),
            _ => false,
        });
        let latches: Vec<u32> = latches.map(|c| c.instance).collect();
        if let Some(&first) = latches.first() {
            self.unsupported.push(Unsupported {
                what: "latch".to_owned(),
                place: format!(
                    "{} in all, the first {}",
                    latches.len(),
                    self.instances[first as usize].name
                ),
            });
        }
        Ok(())
    }
}
