//! The rest of the netlist: outputs, names, and what is not modelled exactly.
//!
//! Method: output ports and the inputs of black boxes are read and observed; every declared word gives
//! its nets their names, the first word that has a node names it; clocks, cut loops and odd constructs
//! become the lists that bar certificates.
//! Cost: linear in bits of declared words.

use super::Builder;
use crate::structural::flat::{Kind, net};
use netlist::{Net, Unsupported};

impl Builder<'_> {
    pub(super) fn finish(&mut self) {
        let flat = self.flat;
        for (port, &(word, input)) in flat.ports.iter().enumerate() {
            if !input {
                let word = &flat.words[word as usize];
                let mut lits = Vec::new();
                for (i, &bit) in word.bits.iter().enumerate() {
                    let value = self.read(bit);
                    lits.push(value.aig);
                    let name = match word.vector {
                        true => format!("{}[{}]", word.name, word.offset as usize + i),
                        false => word.name.clone(),
                    };
                    self.graph.observed.push((name, value.graph));
                }
                self.netlist.ports[port].bits = lits;
            }
        }
        self.black_box_inputs();
        self.names();
        let mut clocks = Vec::new();
        for (&input, &count) in &self.clocks {
            let bit = &self.netlist.inputs[input];
            let port = &self.netlist.ports[bit.port as usize];
            clocks.push((port.name.clone(), count));
        }
        if clocks.len() > 1 {
            let names: Vec<&str> = clocks.iter().map(|c| c.0.as_str()).collect();
            self.netlist.unsupported.push(Unsupported {
                what: "second clock domain".to_owned(),
                place: format!("clocks {}: all tick together here", names.join(", ")),
            });
        }
        for &input in self.clocks.keys() {
            let both = [true, false].iter().all(|&e| self.polarity.contains(&(input, e)));
            if both {
                let bit = &self.netlist.inputs[input];
                let name = &self.netlist.ports[bit.port as usize].name;
                self.netlist.unsupported.push(Unsupported {
                    what: "both edges of a clock".to_owned(),
                    place: format!("clock {name}: both tick together here"),
                });
            }
        }
        self.netlist.clocks = clocks;
        for (what, (count, first)) in std::mem::take(&mut self.odd_clocks) {
            let place = format!("{count} registers, the first by {first}");
            self.netlist.unsupported.push(Unsupported { what, place });
        }
        self.netlist.unsupported.extend(flat.unsupported.iter().cloned());
        self.netlist.unsupported.sort();
        self.netlist.notes.extend(flat.notes.iter().cloned());
        if !self.netlist.registers.is_empty() {
            self.netlist.notes.push(
                "gate-level Verilog declares no power-up values: every register starts free"
                    .to_owned(),
            );
        }
        self.graph.outputs_of.sort_unstable_by_key(|(i, l)| (*i, l.code()));
        self.netlist.finish();
    }

    fn black_box_inputs(&mut self) {
        let flat = self.flat;
        for (index, cell) in flat.cells.iter().enumerate() {
            let kind = &flat.kinds[cell.kind as usize];
            let opaque = match kind {
                Kind::BlackBox(_) => true,
                Kind::Library(c) => c.opaque.is_some(),
                _ => false,
            };
            if !opaque {
                continue;
            }
            let name = flat.instances[cell.instance as usize].name.clone();
            for (pin, &bit) in flat.pins_of(index).iter().enumerate() {
                if !kind.drives(pin) && net(flat.root(bit)).is_some() {
                    let value = self.read(bit);
                    let label = match kind {
                        Kind::Library(c) => format!("{name}.{}", c.pins[pin].name),
                        _ => format!("{name} pin {}", pin + 1),
                    };
                    if net(bit).is_some() {
                        self.graph.observed.push((label.clone(), value.graph));
                        self.netlist.add_output(&label, vec![value.aig]);
                    }
                }
            }
        }
    }

    fn names(&mut self) {
        let flat = self.flat;
        self.graph.names = vec![String::new(); self.graph.len()];
        for word in &flat.words {
            let mut bits = Vec::with_capacity(word.bits.len());
            for (i, &bit) in word.bits.iter().enumerate() {
                let value = self.read(bit);
                bits.push(value.aig);
                let slot = self.graph.names.get_mut(value.graph.index());
                if let Some(slot) = slot
                    && slot.is_empty()
                    && !value.graph.is_const()
                {
                    let width = word.bits.len();
                    let index = if word.upto { width - 1 - i } else { i } + word.offset as usize;
                    *slot = match word.vector {
                        true => format!("{}[{index}]", word.name),
                        false => word.name.clone(),
                    };
                }
            }
            self.netlist.nets.push(Net {
                name: word.name.clone(),
                offset: word.offset,
                upto: word.upto,
                bits,
                src: Some(format!("line {}", word.line)),
            });
        }
        self.graph.names.resize(self.graph.len(), String::new());
    }
}
