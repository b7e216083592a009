//! Functions of the contract in the model: operands, results, configuration, quiet.
//!
//! Names of a function's conditions are ports first, then registers and nets by their hierarchical
//! names. Flattening leaves a register with several names; patterns match the one that reports use,
//! and a name without wildcards any of them.
//! Where the contract does not say when the part is quiet, a counter of jobs in flight does: one up
//! with `start`, one down with `done`, unchanged where both hold, never above `in_flight` nor below 0,
//! 0 while reset is active. That the part becomes quiet is a service like any other: every job that
//! is not followed by another completes; [`Model::draining`] is the model in which it is one.

use super::Builder;
use crate::contract::{Expr, Function, Scope, Service, compile_bool, match_ports};
use crate::model::{
    ConfigurationModel, FunctionModel, Model, ModelError, Place, PortScope, ResultModel, Role,
    ServiceModel, StateBit, StateKind, wrong,
};
use netlist::{Direction, Lit, Netlist};
use std::collections::BTreeMap;

/// Ports, then registers by name.
struct WordScope<'a> {
    ports: PortScope<'a>,
    words: &'a BTreeMap<String, Vec<(u32, usize)>>,
    state: &'a [StateBit],
    netlist: &'a Netlist,
}

impl Scope for WordScope<'_> {
    fn resolve(&self, name: &str) -> Option<Vec<Lit>> {
        let net = || self.netlist.net(name).map(|n| n.bits.clone());
        self.ports.resolve(name).or_else(net).or_else(|| {
            let word = self.words.get(name)?;
            let dense = word.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
            dense.then(|| word.iter().map(|&(_, i)| self.state[i].lit).collect())
        })
    }
    fn offset(&self, name: &str) -> u32 {
        if self.ports.resolve(name).is_some() {
            return self.ports.offset(name);
        }
        if let Some(net) = self.netlist.net(name) {
            return net.offset;
        }
        self.words.get(name).and_then(|w| w.first()).map_or(0, |w| w.0)
    }
    fn upto(&self, name: &str) -> bool {
        self.ports.upto(name)
    }
    fn all_names(&self) -> Vec<String> {
        let mut all = self.ports.all_names();
        all.extend(self.words.keys().cloned());
        all
    }
}

impl Builder<'_> {
    /// Registers by name: bit number and state index, ascending.
    fn words(&self) -> BTreeMap<String, Vec<(u32, usize)>> {
        let mut words: BTreeMap<String, Vec<(u32, usize)>> = BTreeMap::new();
        for (i, bit) in self.model.state.iter().enumerate() {
            if matches!(bit.kind, StateKind::Register(_)) {
                words.entry(bit.name.clone()).or_default().push((bit.bit, i));
            }
        }
        for word in words.values_mut() {
            word.sort_unstable();
            word.dedup_by_key(|bit| bit.0);
        }
        words
    }

    pub(super) fn functions(&mut self) -> Result<(), ModelError> {
        let contract = self.contract;
        if contract.function.is_empty() {
            return Ok(());
        }
        let words = self.words();
        for (i, f) in contract.function.iter().enumerate() {
            self.function(i, f, &words)?;
        }
        Ok(())
    }

    fn condition(
        &mut self,
        place: &str,
        text: &str,
        words: &BTreeMap<String, Vec<(u32, usize)>>,
    ) -> Result<Lit, ModelError> {
        let expr = Expr::parse(text).map_err(|e| wrong(place, e))?;
        let ports = PortScope(&self.model.ports);
        let netlist = self.netlist;
        let scope = WordScope { ports, words, state: &self.model.state, netlist };
        compile_bool(&mut self.model.aig, &scope, &expr).map_err(|e| wrong(place, e))
    }

    fn function(
        &mut self,
        index: usize,
        f: &Function,
        words: &BTreeMap<String, Vec<(u32, usize)>>,
    ) -> Result<(), ModelError> {
        let at = format!("function[{index}]");
        let operands = self.operands(&at, f)?;
        let start = self.condition(&format!("{at}.start"), &f.start, words)?;
        let done = self.condition(&format!("{at}.done"), &f.done, words)?;
        let stall = match &f.stall {
            Some(text) => self.condition(&format!("{at}.stall"), text, words)?,
            None => Lit::FALSE,
        };
        let results = self.results(&at, f, words)?;
        let configuration = self.configuration(&at, f, words)?;
        let number = (self.model.services.len() + index) as u32;
        let quiet = match &f.quiet {
            Some(text) => self.condition(&format!("{at}.quiet"), text, words)?,
            None => self.in_flight(f, number, start, done),
        };
        let kind = StateKind::Tracker(number);
        let pending = self.monitor(format!("probity.{}.draining", f.name), 0, kind);
        let pick_lit = self.model.aig.leaf();
        let pick_name = format!("probity.{}.watch", f.name);
        let pick = self.add_input(&pick_name, 0, Role::Pick(number), pick_lit);
        let waiting = self.model.state[pending].lit;
        let g = &mut self.model.aig;
        let complete = g.and(waiting, quiet);
        let still = g.and(waiting, !complete);
        let next = g.or(pick_lit, still);
        self.model.state[pending].next = g.and(!self.reset_now, next);
        let drained = ServiceModel {
            name: f.name.clone(),
            start: Lit::TRUE,
            complete,
            pending,
            tracker: vec![pending],
            pick,
            within: f.latency,
        };
        self.model.functions.push(FunctionModel {
            name: f.name.clone(),
            start,
            done,
            stall,
            quiet,
            operands,
            results,
            configuration,
            drained,
        });
        Ok(())
    }

    fn operands(&self, at: &str, f: &Function) -> Result<Vec<usize>, ModelError> {
        let names: Vec<String> = self
            .netlist
            .ports
            .iter()
            .filter(|p| p.direction == Direction::Input)
            .map(|p| p.name.clone())
            .collect();
        let at = format!("{at}.operands");
        let hits = match_ports(&f.operands, &names).map_err(|e| wrong(&at, e))?;
        let named = |name: &str| names.iter().zip(&hits).any(|(n, h)| *h && n == name);
        Ok((0..self.model.inputs.len())
            .filter(|&i| {
                let bit = &self.model.inputs[i];
                let port = !matches!(bit.role, Role::Undriven | Role::Pick(_) | Role::Identity(_));
                port && named(&bit.name)
            })
            .collect())
    }

    fn results(
        &mut self,
        at: &str,
        f: &Function,
        words: &BTreeMap<String, Vec<(u32, usize)>>,
    ) -> Result<Vec<ResultModel>, ModelError> {
        let outputs: Vec<_> =
            self.netlist.ports.iter().filter(|p| p.direction == Direction::Output).collect();
        let names: Vec<String> = outputs.iter().map(|p| p.name.clone()).collect();
        let mut all = Vec::new();
        for (k, group) in f.results.iter().enumerate() {
            let at = format!("{at}.results[{k}]");
            let when = match &group.when {
                Some(text) => self.condition(&format!("{at}.when"), text, words)?,
                None => Lit::TRUE,
            };
            let hits =
                match_ports(&group.ports, &names).map_err(|e| wrong(format!("{at}.ports"), e))?;
            for (port, _) in outputs.iter().zip(hits).filter(|p| p.1) {
                for (bit, &lit) in port.bits.iter().enumerate() {
                    let bit = bit as u32 + port.offset;
                    all.push(ResultModel { port: port.name.clone(), bit, lit, when });
                }
            }
        }
        Ok(all)
    }

    fn configuration(
        &mut self,
        at: &str,
        f: &Function,
        words: &BTreeMap<String, Vec<(u32, usize)>>,
    ) -> Result<Vec<ConfigurationModel>, ModelError> {
        let mut bits: BTreeMap<&str, Vec<(u32, Lit)>> = BTreeMap::new();
        for (name, word) in words {
            let lits = word.iter().map(|&(bit, i)| (bit, self.model.state[i].lit));
            bits.insert(name, lits.collect());
        }
        for port in self.netlist.ports.iter().filter(|p| p.direction == Direction::Output) {
            let lits = port.bits.iter().enumerate().map(|(b, &l)| (b as u32 + port.offset, l));
            bits.entry(&port.name).or_insert_with(|| lits.collect());
        }
        let mut taken: BTreeMap<Lit, usize> = BTreeMap::new();
        let mut all = Vec::new();
        for (k, group) in f.configuration.iter().enumerate() {
            let at = format!("{at}.configuration[{k}]");
            let writes = match &group.writes {
                Some(text) => self.condition(&format!("{at}.writes"), text, words)?,
                None => Lit::FALSE,
            };
            for name in &group.state {
                let other = self.netlist.net(name).filter(|_| !bits.contains_key(name.as_str()));
                if let Some(net) = other {
                    let lits = net.bits.iter().enumerate();
                    let lits = lits.map(|(b, &l)| (b as u32 + net.offset, l)).collect();
                    bits.insert(&net.name, lits);
                }
            }
            let names: Vec<String> = bits.keys().map(|&n| n.to_owned()).collect();
            let hits =
                match_ports(&group.state, &names).map_err(|e| wrong(format!("{at}.state"), e))?;
            let mut entry = ConfigurationModel { state: Vec::new(), bits: Vec::new(), writes };
            for (name, word) in bits.iter().zip(hits).filter(|h| h.1).map(|h| h.0) {
                for &(bit, lit) in word {
                    match taken.insert(lit, k) {
                        Some(other) if other == k => continue,
                        Some(other) => {
                            let what = format!("`{name}` is in configuration[{other}] already");
                            return Err(wrong(format!("{at}.state"), what));
                        }
                        None => {}
                    }
                    if let Some(Place::State(i)) = self.model.place(lit.var()) {
                        entry.state.push(i as usize);
                    }
                    entry.bits.push(((*name).to_owned(), bit, lit));
                }
            }
            all.push(entry);
        }
        Ok(all)
    }

    /// The counter of jobs in flight; the literal says that there is none.
    fn in_flight(&mut self, f: &Function, number: u32, start: Lit, done: Lit) -> Lit {
        let most = f.in_flight.unwrap_or(1);
        let width = 32 - most.leading_zeros();
        let kind = StateKind::Tracker(number);
        let bits: Vec<usize> = (0..width)
            .map(|b| self.monitor(format!("probity.{}.in_flight", f.name), b, kind))
            .collect();
        let value: Vec<Lit> = bits.iter().map(|&b| self.model.state[b].lit).collect();
        let limit: Vec<Lit> = (0..width).map(|b| Lit::constant(most >> b & 1 == 1)).collect();
        let g = &mut self.model.aig;
        let full = g.eq_word(&value, &limit);
        let some = g.or_all(value.iter().copied());
        let up = g.and_all([start, !done, !full]);
        let down = g.and_all([done, !start, some]);
        let (mut carry, mut borrow) = (up, down);
        for (&index, &bit) in bits.iter().zip(&value) {
            let flip = g.or(carry, borrow);
            let next = g.xor(bit, flip);
            (carry, borrow) = (g.and(carry, bit), g.and(borrow, !bit));
            self.model.state[index].next = g.and(!self.reset_now, next);
        }
        !some
    }
}

impl Model {
    /// Index of a function by name.
    pub fn function(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|f| f.name == name)
    }

    /// Whether state bit `i` keeps its power-up value for ever, in reset as well.
    pub fn held(&self, i: usize) -> bool {
        self.state[i].next == self.state[i].lit
    }

    /// The same model in which the only service is that function `index` becomes quiet: nobody
    /// controls anything, and what the surroundings grant is a cycle without `start` and `stall`.
    pub fn draining(&self, index: usize) -> Self {
        let f = &self.functions[index];
        let mut model = self.clone();
        model.recovery_assume = model.aig.and(!f.start, !f.stall);
        model.documented = Lit::TRUE;
        for (i, bit) in model.inputs.iter_mut().enumerate() {
            match bit.role {
                Role::Pick(_) if i == f.drained.pick => bit.role = Role::Pick(0),
                Role::Pick(_) | Role::Owner => bit.role = Role::Environment,
                _ => {}
            }
        }
        for bit in &mut model.state {
            if matches!(bit.kind, StateKind::Tracker(n) if n as usize == self.services.len() + index)
            {
                bit.kind = StateKind::Tracker(0);
            }
        }
        model.services = vec![f.drained.clone()];
        model.contract.recovery = Vec::new();
        model.contract.documented = Vec::new();
        model.contract.recovery_assume = Vec::new();
        let declared = &self.contract.function[index];
        model.contract.service = vec![Service {
            name: f.name.clone(),
            start: None,
            done: declared.quiet.clone().unwrap_or_else(|| declared.done.clone()),
            tag: None,
            recover_within: f.drained.within,
        }];
        model
    }

    /// Whether an input bit is a port, and one of function `index`'s operands.
    pub fn is_operand(&self, index: usize, input: usize) -> bool {
        self.functions[index].operands.binary_search(&input).is_ok()
    }
}
