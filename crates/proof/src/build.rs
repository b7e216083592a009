//! Building the model: each part of the contract meets the netlist here, in a fixed order.

mod functions;

use crate::contract::{Contract, Expr, IdentityKind, Level, PowerUpRule, Step};
use crate::contract::{compile_bool, compile_word, match_ports, near};
use crate::model::{
    IdentityModel, InputBit, Model, ModelError, Observable, Place, PortScope, Role, ServiceModel,
    StateBit, StateKind, WindowModel, wrong,
};
use netlist::{Direction, Lit, Netlist, Node, PowerUp};

pub(crate) struct Builder<'a> {
    netlist: &'a Netlist,
    contract: &'a Contract,
    model: Model,
    reset_now: Lit,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(netlist: &'a Netlist, contract: &'a Contract) -> Result<Self, ModelError> {
        let mut ports: Vec<(String, u32, Vec<Lit>, bool)> = netlist
            .ports
            .iter()
            .map(|p| (p.name.clone(), p.offset, p.bits.clone(), p.upto))
            .collect();
        for cut in &netlist.cuts {
            if let Some(port) = ports.iter_mut().find(|p| p.0 == cut.name) {
                port.2.clone_from(&cut.bits);
            }
        }
        if netlist.cuts.len() != contract.identity.len()
            || netlist.cuts.iter().zip(&contract.identity).any(|(c, i)| c.name != i.signal)
        {
            return Err(wrong("identity", "the netlist was not read with these signals as cuts"));
        }
        let model = Model {
            name: netlist.name.clone(),
            aig: netlist.aig.clone(),
            places: vec![Place::Clock; netlist.leaves.len()],
            state: Vec::new(),
            inputs: Vec::new(),
            reset_cycles: 0,
            reset_active: false,
            assume: Lit::TRUE,
            assume_constants: Lit::TRUE,
            recovery_assume: Lit::TRUE,
            documented: Lit::TRUE,
            services: Vec::new(),
            identities: Vec::new(),
            windows: Vec::new(),
            functions: Vec::new(),
            observables: Vec::new(),
            unsupported: netlist
                .unsupported
                .iter()
                .map(|u| format!("{} at {}", u.what, u.place))
                .collect(),
            nets: if contract.hunt { netlist.nets.clone() } else { Vec::new() },
            reference: None,
            contract: contract.clone(),
            ports,
        };
        Ok(Self { netlist, contract, model, reset_now: Lit::FALSE })
    }

    pub(crate) fn build(mut self) -> Result<Model, ModelError> {
        self.registers();
        self.ports()?;
        self.undriven_and_identities();
        self.conditions()?;
        self.observables()?;
        self.windows()?;
        self.services()?;
        self.functions()?;
        self.clock_as_data();
        Ok(self.model)
    }

    fn put(&mut self, lit: Lit, place: Place) {
        if let Node::Leaf(leaf) = self.model.aig.node(lit.var()) {
            let leaf = leaf as usize;
            if self.model.places.len() <= leaf {
                self.model.places.resize(leaf + 1, Place::Clock);
            }
            self.model.places[leaf] = place;
        }
    }
    fn add_state(&mut self, bit: StateBit) -> usize {
        let index = self.model.state.len();
        self.put(bit.lit, Place::State(index as u32));
        self.model.state.push(bit);
        index
    }
    fn add_input(&mut self, name: &str, bit: u32, role: Role, lit: Lit) -> usize {
        let index = self.model.inputs.len();
        self.put(lit, Place::Input(index as u32));
        self.model.inputs.push(InputBit { name: name.to_owned(), bit, role, lit });
        index
    }
    fn held(
        &mut self,
        name: &str,
        bit: u32,
        src: Option<String>,
        kind: StateKind,
        lit: Lit,
    ) -> usize {
        let name = name.to_owned();
        self.add_state(StateBit { name, bit, src, kind, lit, next: lit, power_up: None })
    }
    fn monitor(&mut self, name: String, bit: u32, kind: StateKind) -> usize {
        let lit = self.model.aig.leaf();
        let power_up = Some(false);
        self.add_state(StateBit { name, bit, src: None, kind, lit, next: lit, power_up })
    }
    fn expr(&mut self, place: &str, text: &str) -> Result<Lit, ModelError> {
        let expr = Expr::parse(text).map_err(|e| wrong(place, e))?;
        compile_bool(&mut self.model.aig, &PortScope(&self.model.ports), &expr)
            .map_err(|e| wrong(place, e))
    }

    fn word(&mut self, place: &str, text: &str) -> Result<Vec<Lit>, ModelError> {
        let expr = Expr::parse(text).map_err(|e| wrong(place, e))?;
        compile_word(&mut self.model.aig, &PortScope(&self.model.ports), &expr)
            .map_err(|e| wrong(place, e))
    }

    fn registers(&mut self) {
        let declared = match self.contract.power_up {
            Some(PowerUpRule::Declared | PowerUpRule::Zero) => true,
            Some(PowerUpRule::Arbitrary) => false,
            None => self.contract.reset.is_none(),
        };
        for (i, r) in self.netlist.registers.iter().enumerate() {
            let power_up = match r.power_up {
                PowerUp::Zero if declared => Some(false),
                PowerUp::One if declared => Some(true),
                _ if self.contract.power_up == Some(PowerUpRule::Zero) => Some(false),
                _ => None,
            };
            self.add_state(StateBit {
                name: r.name.clone(),
                bit: r.bit,
                src: r.src.clone(),
                kind: StateKind::Register(i as u32),
                lit: r.out,
                next: r.next,
                power_up,
            });
        }
    }

    fn ports(&mut self) -> Result<(), ModelError> {
        let inputs: Vec<_> =
            self.netlist.ports.iter().filter(|p| p.direction == Direction::Input).collect();
        let names: Vec<String> = inputs.iter().map(|p| p.name.clone()).collect();
        let known = |place: &str, name: &str| {
            names.iter().any(|n| n == name).then_some(()).ok_or_else(|| {
                let near = did_you_mean(name, &names);
                wrong(place, format!("there is no input port `{name}`{near}"))
            })
        };
        if let Some(clock) = &self.contract.clock {
            known("clock.port", &clock.port)?;
        }
        if let Some(reset) = &self.contract.reset {
            known("reset.port", &reset.port)?;
            self.model.reset_cycles = reset.cycles;
            self.model.reset_active = reset.active == Level::High;
        }
        let clock = self.contract.clock.as_ref().map(|c| c.port.as_str());
        for (name, registers) in &self.netlist.clocks {
            if clock.is_some_and(|c| c != name) {
                let place = format!("port {name}, {registers} registers");
                self.model.unsupported.push(format!("second clock domain at {place}"));
            }
        }
        let reset = self.contract.reset.as_ref().map(|r| r.port.as_str());
        let roles = &self.contract.inputs;
        let mut role: Vec<Option<(&str, Role)>> = vec![None; names.len()];
        let mut constant = vec![false; names.len()];
        for (key, patterns, given) in [
            ("owner", &roles.owner, Role::Owner),
            ("remote", &roles.remote, Role::Remote),
            ("environment", &roles.environment, Role::Environment),
            ("constant", &roles.constant, Role::Remote),
        ] {
            let place = format!("inputs.{key}");
            let hits = match_ports(patterns, &names).map_err(|e| wrong(&place, e))?;
            for (i, _) in hits.iter().enumerate().filter(|h| *h.1) {
                if let Some((other, _)) = role[i] {
                    let name = &names[i];
                    return Err(wrong(&place, format!("`{name}` has the role `{other}` already")));
                }
                role[i] = Some((key, given));
                constant[i] = key == "constant";
            }
        }
        for (i, port) in inputs.iter().enumerate() {
            for (bit, &lit) in port.bits.iter().enumerate() {
                let bit = bit as u32 + port.offset;
                if Some(port.name.as_str()) == clock {
                    self.put(lit, Place::Clock);
                } else if Some(port.name.as_str()) == reset {
                    self.put(lit, Place::Reset);
                    self.reset_now = lit.xor_sign(!self.model.reset_active);
                    if port.bits.len() != 1 {
                        return Err(wrong("reset.port", "the reset port must be one bit wide"));
                    }
                } else if constant[i] {
                    self.held(&port.name, bit, None, StateKind::Constant, lit);
                } else {
                    let who = role[i].map_or(Role::Remote, |r| r.1);
                    self.add_input(&port.name, bit, who, lit);
                }
            }
        }
        Ok(())
    }

    fn undriven_and_identities(&mut self) {
        for (name, bit, lit) in &self.netlist.undriven {
            self.add_input(name, *bit, Role::Undriven, *lit);
        }
        for (i, (cut, wanted)) in self.netlist.cuts.iter().zip(&self.contract.identity).enumerate()
        {
            let mut item =
                IdentityModel { name: cut.name.clone(), state: Vec::new(), inputs: Vec::new() };
            for (bit, &lit) in cut.bits.iter().enumerate() {
                match wanted.kind {
                    IdentityKind::Fuse => {
                        let kind = StateKind::Identity(i as u32);
                        let at = self.held(&cut.name, bit as u32, cut.src.clone(), kind, lit);
                        item.state.push(at);
                    }
                    IdentityKind::Sensor => {
                        let role = Role::Identity(i as u32);
                        item.inputs.push(self.add_input(&cut.name, bit as u32, role, lit));
                    }
                }
            }
            self.model.identities.push(item);
        }
    }

    fn conditions(&mut self) -> Result<(), ModelError> {
        let contract = self.contract;
        let mut all = Vec::new();
        let mut constants = Vec::new();
        for (i, text) in contract.assume.iter().enumerate() {
            let lit = self.expr(&format!("assume[{i}]"), text)?;
            all.push(lit);
            let cone = self.model.aig.cone([lit]);
            let only_constants = cone.iter().all(|&v| match self.model.place(v) {
                None => true,
                Some(Place::State(s)) => self.model.state[s as usize].kind == StateKind::Constant,
                Some(_) => false,
            });
            if only_constants {
                constants.push(lit);
            }
        }
        if let Some(off) = &contract.off {
            let when = self.expr("off.when", &off.when)?;
            all.push(!when);
        }
        self.model.assume = self.model.aig.and_all(all);
        self.model.assume_constants = self.model.aig.and_all(constants);
        let mut recovery = Vec::new();
        for (i, text) in contract.recovery_assume.iter().enumerate() {
            recovery.push(self.expr(&format!("recovery_assume[{i}]"), text)?);
        }
        self.model.recovery_assume = self.model.aig.and_all(recovery);
        let mut documented = Vec::new();
        for (i, text) in contract.documented.iter().enumerate() {
            documented.push(self.expr(&format!("documented[{i}]"), text)?);
        }
        let documented = self.model.aig.and_all(documented);
        let mut known = vec![documented];
        for (i, r) in contract.recovery.iter().enumerate() {
            for (j, step) in r.steps.iter().enumerate() {
                let at = format!("recovery[{i}].steps[{j}]");
                let Step::Set { set, until } = step else { continue };
                if let Some(until) = until {
                    self.expr(&at, until)?;
                }
                let driven = self.model.assignments(set).map_err(|e| wrong(&at, e.what))?;
                let bits: Vec<Lit> = driven
                    .into_iter()
                    .map(|(input, value)| self.model.inputs[input].lit.xor_sign(!value))
                    .collect();
                known.push(self.model.aig.and_all(bits));
            }
        }
        self.model.documented = self.model.aig.or_all(known);
        Ok(())
    }

    fn observables(&mut self) -> Result<(), ModelError> {
        let outputs: Vec<_> =
            self.netlist.ports.iter().filter(|p| p.direction == Direction::Output).collect();
        let names: Vec<String> = outputs.iter().map(|p| p.name.clone()).collect();
        let hidden = match_ports(&self.contract.not_observable, &names)
            .map_err(|e| wrong("not_observable", e))?;
        for (port, _) in outputs.iter().zip(hidden).filter(|p| !p.1) {
            for (bit, &lit) in port.bits.iter().enumerate() {
                self.model.observables.push(Observable {
                    port: port.name.clone(),
                    bit: bit as u32 + port.offset,
                    lit,
                });
            }
        }
        Ok(())
    }

    fn windows(&mut self) -> Result<(), ModelError> {
        let contract = self.contract;
        for (i, d) in contract.declassify.iter().enumerate() {
            let at = format!("declassify[{i}]");
            let when = self.expr(&format!("{at}.when"), &d.when)?;
            let width = 32 - d.window.leading_zeros();
            let bits: Vec<usize> = (0..width)
                .map(|b| self.monitor(format!("probity.window{i}"), b, StateKind::Window(i as u32)))
                .collect();
            let value: Vec<Lit> = bits.iter().map(|&b| self.model.state[b].lit).collect();
            let g = &mut self.model.aig;
            let running = g.or_all(value.iter().copied());
            let open = g.or(when, running);
            let mut borrow = running;
            for (position, (&index, &bit)) in bits.iter().zip(&value).enumerate() {
                let less = g.xor(bit, borrow);
                borrow = g.and(borrow, !bit);
                let load = Lit::constant(d.window >> position & 1 == 1);
                let next = g.mux(when, load, less);
                self.model.state[index].next = g.and(!self.reset_now, next);
            }
            let ports: Vec<String> =
                self.model.observables.iter().map(|o| o.port.clone()).collect();
            let excused = match_ports(&d.observable, &ports)
                .map_err(|e| wrong(format!("{at}.observable"), e))?;
            let observables = (0..ports.len()).filter(|&o| excused[o]).collect();
            let mut releases = Vec::new();
            for name in &d.releases {
                releases.push(self.model.identity(name).ok_or_else(|| {
                    let names: Vec<String> =
                        self.model.identities.iter().map(|i| i.name.clone()).collect();
                    let near = did_you_mean(name, &names);
                    wrong(format!("{at}.releases"), format!("there is no identity `{name}`{near}"))
                })?);
            }
            self.model.windows.push(WindowModel { when, open, observables, releases });
        }
        Ok(())
    }

    fn services(&mut self) -> Result<(), ModelError> {
        let contract = self.contract;
        for (i, s) in contract.service.iter().enumerate() {
            let at = format!("service[{i}]");
            let start = match &s.start {
                Some(text) => self.expr(&format!("{at}.start"), text)?,
                None => Lit::TRUE,
            };
            let done = self.expr(&format!("{at}.done"), &s.done)?;
            let (mut sent, mut got) = (Vec::new(), Vec::new());
            if let Some([a, b]) = &s.tag {
                sent = self.word(&format!("{at}.tag"), a)?;
                got = self.word(&format!("{at}.tag"), b)?;
                if sent.len() != got.len() {
                    return Err(wrong(format!("{at}.tag"), "the two tags differ in width"));
                }
            }
            let number = i as u32;
            let kind = StateKind::Tracker(number);
            let pending = self.monitor(format!("probity.{}.pending", s.name), 0, kind);
            let tag: Vec<usize> = (0..sent.len())
                .map(|b| self.monitor(format!("probity.{}.tag", s.name), b as u32, kind))
                .collect();
            let pick_lit = self.model.aig.leaf();
            let pick_name = format!("probity.{}.pick", s.name);
            let pick = self.add_input(&pick_name, 0, Role::Pick(number), pick_lit);
            let held: Vec<Lit> = tag.iter().map(|&t| self.model.state[t].lit).collect();
            let waiting = self.model.state[pending].lit;
            let g = &mut self.model.aig;
            let same = g.eq_word(&held, &got);
            let ready = g.and(waiting, done);
            let complete = g.and(ready, same);
            let counts = g.and(start, pick_lit);
            let still = g.and(waiting, !complete);
            let next = g.or(counts, still);
            self.model.state[pending].next = g.and(!self.reset_now, next);
            for ((&index, &old), &new) in tag.iter().zip(&held).zip(&sent) {
                let next = g.mux(counts, new, old);
                self.model.state[index].next = g.and(!self.reset_now, next);
            }
            let mut tracker = vec![pending];
            tracker.extend(&tag);
            self.model.services.push(ServiceModel {
                name: s.name.clone(),
                start,
                complete,
                pending,
                tracker,
                pick,
                within: s.recover_within,
            });
        }
        Ok(())
    }

    /// A clock that is read as data cannot be modelled at clock granularity.
    fn clock_as_data(&mut self) {
        let m = &self.model;
        let roots = m.state.iter().map(|s| s.next).chain(m.observables.iter().map(|o| o.lit));
        let cone = m.aig.cone(roots);
        let clock = self.contract.clock.as_ref().map_or("clock", |c| c.port.as_str());
        if cone.iter().any(|&v| m.place(v) == Some(Place::Clock)) {
            let text = format!("clock used as data at port {clock}");
            self.model.unsupported.push(text);
        }
    }
}

fn did_you_mean(name: &str, names: &[String]) -> String {
    match &near(name, names)[..] {
        [] => String::new(),
        near => format!("; did you mean `{}`?", near.join("`, `")),
    }
}
