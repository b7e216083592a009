//! A micro design as the product sees it: a netlist and a contract.

use super::{Condition, Gate, Micro, Role};
use netlist::{Leaf, Lit, Netlist, PowerUp, ReadError};
use proof::contract::{
    Clock, Contract, Declassify, Identity, IdentityKind, Level, Off, PowerUpRule, Recovery, Reset,
    Service, Step,
};

impl Micro {
    /// The netlist, with its identity signals cut as a reader cuts them.
    ///
    /// # Errors
    /// As [`Netlist::cut_leaves`].
    pub fn netlist(&self) -> Result<Netlist, ReadError> {
        let mut n = Netlist { name: "micro".into(), ..Netlist::default() };
        n.add_input("clk", 1);
        let reset = self.reset.map(|r| n.add_input("rst", 1)[0].xor_sign(!r.high));
        let mut inputs = Vec::new();
        for input in &self.inputs {
            if input.role == Role::Undriven {
                let lit = n.add_leaf(Leaf::Undriven(n.undriven.len() as u32));
                n.undriven.push((input.name.clone(), 0, lit));
                inputs.push(lit);
            } else {
                inputs.extend(n.add_input(&input.name, input.width));
            }
        }
        let registers: Vec<Lit> = self
            .registers
            .iter()
            .map(|r| {
                let power_up = match r.power_up {
                    Some(false) => PowerUp::Zero,
                    Some(true) => PowerUp::One,
                    None => PowerUp::Free,
                };
                n.add_register(&r.name, r.bit, power_up)
            })
            .collect();
        let mut identities = Vec::new();
        for id in &self.identities {
            identities.push(if id.port {
                n.add_input(&id.name, id.width)
            } else {
                (0..id.width).map(|b| n.add_register(&id.name, b, PowerUp::Free)).collect()
            });
        }
        let mut lits: Vec<Lit> = Vec::with_capacity(self.gates.len());
        for &gate in &self.gates {
            let at = |w: u32| lits[w as usize];
            let g = &mut n.aig;
            lits.push(match gate {
                Gate::False => Lit::FALSE,
                Gate::Reset => reset.unwrap_or(Lit::FALSE),
                Gate::Register(i) => registers[i as usize],
                Gate::Input(i) => inputs[i as usize],
                Gate::Identity(item, bit) => identities[item as usize][bit as usize],
                Gate::Not(a) => !at(a),
                Gate::And(a, b) => g.and(at(a), at(b)),
                Gate::Or(a, b) => g.or(at(a), at(b)),
                Gate::Xor(a, b) => g.xor(at(a), at(b)),
                Gate::Mux(c, t, e) => g.mux(at(c), at(t), at(e)),
            });
        }
        for (i, r) in self.registers.iter().enumerate() {
            n.registers[i].next = lits[r.next as usize];
        }
        for output in &self.outputs {
            let bits = output.wires.iter().map(|&w| lits[w as usize]).collect();
            n.add_output(&output.name, bits);
        }
        n.clocks = vec![("clk".into(), n.registers.len())];
        let names: Vec<String> = self.identities.iter().map(|i| i.name.clone()).collect();
        n.cut_leaves(&names)?;
        n.finish();
        Ok(n)
    }

    /// The contract.
    pub fn contract(&self) -> Contract {
        let texts = |all: &[Condition]| all.iter().map(|c| c.text.clone()).collect();
        let named = |role: Role| {
            self.inputs.iter().filter(|i| i.role == role).map(|i| i.name.clone()).collect()
        };
        let mut contract = Contract {
            clock: Some(Clock { port: "clk".into(), mhz: None }),
            reset: self.reset.map(|r| Reset {
                port: "rst".into(),
                active: if r.high { Level::High } else { Level::Low },
                cycles: r.cycles,
            }),
            assume: texts(&self.assume),
            recovery_assume: texts(&self.recovery_assume),
            documented: texts(&self.documented),
            power_up: self.declared.then_some(PowerUpRule::Declared),
            ..Contract::default()
        };
        contract.inputs.owner = named(Role::Owner);
        contract.inputs.remote = named(Role::Remote);
        contract.inputs.environment = named(Role::Environment);
        contract.inputs.constant = named(Role::Constant);
        contract.not_observable =
            self.outputs.iter().filter(|o| o.hidden).map(|o| o.name.clone()).collect();
        contract.off = self.off.as_ref().map(|c| Off { when: c.text.clone() });
        contract.recovery = self
            .recoveries
            .iter()
            .map(|r| Recovery {
                name: r.name.clone(),
                source: None,
                steps: r
                    .steps
                    .iter()
                    .map(|s| Step::Set { set: s.text.clone(), until: None })
                    .collect(),
            })
            .collect();
        contract.service = self
            .services
            .iter()
            .map(|s| Service {
                name: s.name.clone(),
                start: s.start.as_ref().map(|c| c.text.clone()),
                done: s.done.text.clone(),
                tag: s.tag.as_ref().map(|t| [t[0].text.clone(), t[1].text.clone()]),
                recover_within: s.within,
            })
            .collect();
        contract.identity = self
            .identities
            .iter()
            .map(|i| Identity {
                signal: i.name.clone(),
                kind: if i.sensor { IdentityKind::Sensor } else { IdentityKind::Fuse },
            })
            .collect();
        contract.declassify = self
            .windows
            .iter()
            .map(|w| Declassify {
                when: w.when.text.clone(),
                window: w.length,
                observable: w.outputs.iter().map(|&o| self.outputs[o].name.clone()).collect(),
                releases: w.releases.iter().map(|&i| self.identities[i].name.clone()).collect(),
            })
            .collect();
        contract
    }
}
