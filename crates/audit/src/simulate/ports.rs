//! The ports of a design in a testbench: declarations, the instance, and input words.

use super::verilog::{flat, literal};
use crate::load::Design;
use netlist::{Direction, Port};
use proof::model::{Model, Role, StateKind};
use std::fmt::Write as _;

/// What a testbench does with the ports of a design.
pub(super) struct Ports<'a> {
    model: &'a Model,
    clock: Option<&'a str>,
    reset: Option<&'a str>,
    all: &'a [Port],
    /// Driven input ports in the order of the word, most significant first.
    driven: Vec<&'a Port>,
    /// What each bit of the word is, most significant first.
    order: Vec<Bit>,
}

/// One bit of an input word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bit {
    /// Input of the model.
    Input(usize),
    /// State bit of the model that is a strap.
    Strap(usize),
    /// Driven in another way (an identity).
    Other,
}

impl<'a> Ports<'a> {
    /// The ports of a design; `None` if Verilog cannot name one of them.
    pub(super) fn new(design: &'a Design) -> Option<Self> {
        let model = &design.model;
        let clock = model.contract.clock.as_ref().map(|c| c.port.as_str());
        let reset = model.contract.reset.as_ref().map(|r| r.port.as_str());
        let all = design.netlist.ports.as_slice();
        for port in all {
            flat(&port.name)?;
        }
        let driven: Vec<&Port> = all
            .iter()
            .filter(|p| p.direction == Direction::Input)
            .filter(|p| Some(p.name.as_str()) != clock && Some(p.name.as_str()) != reset)
            .collect();
        let mut order = Vec::new();
        for port in &driven {
            for bit in (0..port.bits.len() as u32).rev() {
                let bit = bit + port.offset;
                let input = model.inputs.iter().position(|i| {
                    i.name == port.name
                        && i.bit == bit
                        && matches!(i.role, Role::Owner | Role::Remote | Role::Environment)
                });
                let strap = model.state.iter().position(|s| {
                    s.name == port.name && s.bit == bit && s.kind == StateKind::Constant
                });
                order.push(match (input, strap) {
                    (Some(i), _) => Bit::Input(i),
                    (None, Some(s)) => Bit::Strap(s),
                    (None, None) => Bit::Other,
                });
            }
        }
        Some(Self { model, clock, reset, all, driven, order })
    }

    /// Width of an input word.
    pub(super) fn width(&self) -> usize {
        self.order.len().max(1)
    }

    /// An input word of the model as a literal; straps have their values in `power_up`.
    pub(super) fn word(&self, inputs: &str, power_up: &str) -> String {
        let one = |text: &str, i: usize| text.as_bytes().get(i) == Some(&b'1');
        let value = |bit: &Bit| match bit {
            Bit::Input(i) => one(inputs, *i),
            Bit::Strap(s) => one(power_up, *s),
            Bit::Other => false,
        };
        literal(&self.order.iter().rev().map(value).collect::<Vec<_>>())
    }

    /// A mask with ones where the owner drives (or where he does not).
    pub(super) fn mask(&self, owner: bool) -> String {
        let value = |bit: &Bit| match bit {
            Bit::Input(i) => (self.model.inputs[*i].role == Role::Owner) == owner,
            _ => false,
        };
        literal(&self.order.iter().rev().map(value).collect::<Vec<_>>())
    }

    /// The word bit (0 is the least significant) of a model input.
    pub(super) fn bit_of(&self, input: usize) -> Option<usize> {
        self.order.iter().rev().position(|at| *at == Bit::Input(input))
    }

    /// Declarations of registers for inputs and of wires for outputs (each with a suffix).
    pub(super) fn declare(&self, text: &mut String, outputs: &[&str]) {
        for port in self.all {
            let name = flat(&port.name).unwrap_or_default();
            match port.direction {
                Direction::Input => {
                    let _ = writeln!(text, "  reg {}{name};", range(port));
                }
                Direction::Output => {
                    for suffix in outputs {
                        let name = flat(&format!("{}{suffix}", port.name)).unwrap_or_default();
                        let _ = writeln!(text, "  wire {}{name};", range(port));
                    }
                }
            }
        }
    }

    /// An instance named `name` whose outputs go to wires with a suffix; one input may get another
    /// value instead.
    pub(super) fn instance(
        &self,
        text: &mut String,
        name: &str,
        suffix: &str,
        instead: Option<(&str, &str)>,
    ) {
        let connections: Vec<String> = self
            .all
            .iter()
            .map(|p| {
                let port = flat(&p.name).unwrap_or_default();
                let wire = match p.direction {
                    Direction::Input => instead
                        .filter(|(name, _)| *name == p.name)
                        .map_or_else(|| port.clone(), |(_, value)| value.to_owned()),
                    Direction::Output => flat(&format!("{}{suffix}", p.name)).unwrap_or_default(),
                };
                format!(".{port}({wire})")
            })
            .collect();
        let top = flat(&self.model.name).unwrap_or_default();
        let _ = writeln!(text, "  {top} {name} (\n    {});", connections.join(",\n    "));
    }

    /// The left side of an assignment of a word.
    pub(super) fn target(&self) -> String {
        let names: Vec<String> =
            self.driven.iter().map(|p| flat(&p.name).unwrap_or_default()).collect();
        format!("{{{}}}", names.join(", "))
    }

    /// Whether any input is driven by words.
    pub(super) fn has_words(&self) -> bool {
        !self.driven.is_empty()
    }

    /// The clock's name, if it is a port.
    pub(super) fn clock(&self) -> Option<String> {
        flat(self.clock?)
    }

    /// The reset's name, if there is one.
    pub(super) fn reset(&self) -> Option<String> {
        flat(self.reset?)
    }
}

fn range(port: &Port) -> String {
    let (low, high) = (port.offset, port.offset + (port.bits.len() as u32).max(1) - 1);
    match port.bits.len() {
        1 if port.offset == 0 => String::new(),
        _ if port.upto => format!("[{low}:{high}] "),
        _ => format!("[{high}:{low}] "),
    }
}
