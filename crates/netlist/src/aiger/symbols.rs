//! Symbol table of an AIGER file, and what it makes of bits: ports, registers, nets.
//!
//! `name[3]` is bit 3 of the word `name`. Bits of one word become one port when their indices are
//! a gapless range; otherwise each keeps its full name as a port of one bit. Two bits of one name
//! are an error. Bits without a symbol are `i0`, `l0`, `o0`, `bad0`, `constraint0`.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::aig::Lit;
use crate::design::{Direction, Net, Netlist, Port, PortBit, ReadError};

use super::{Cursor, REMEDY, Sections, claim, empty_table, input_leaf};

/// The names of all bits, by section.
pub(super) struct Symbols {
    inputs: Vec<String>,
    latches: Vec<String>,
    /// Outputs, then bad, then constraints.
    roots: Vec<String>,
}

/// A word: its bits by declared index, as positions in a section.
struct Word {
    name: String,
    offset: u32,
    members: Vec<usize>,
}

impl Symbols {
    /// Reads the symbol table; comments are skipped.
    pub(super) fn read(cursor: &mut Cursor<'_>, sections: &Sections) -> Result<Self, ReadError> {
        let counts = [
            ('i', "i", sections.inputs.len()),
            ('l', "l", sections.latches.len()),
            ('o', "o", sections.outputs.len()),
            ('b', "bad", sections.bad.len()),
            ('c', "constraint", sections.constraints.len()),
        ];
        let mut names: Vec<Vec<Option<&str>>> = counts.iter().map(|c| vec![None; c.2]).collect();
        while !cursor.at_end() {
            let line = cursor.line()?;
            if line == "c" {
                break;
            }
            let (key, name) =
                line.split_once(' ').ok_or_else(|| cursor.error("is not a symbol"))?;
            let section = counts.iter().position(|c| key.starts_with(c.0));
            let index = key.get(1..).filter(|k| k.bytes().all(|c| c.is_ascii_digit()));
            let index = index.and_then(|k| k.parse::<usize>().ok());
            let slot = section.zip(index).and_then(|(s, i)| names.get_mut(s)?.get_mut(i));
            let slot = slot.ok_or_else(|| cursor.error(format!("no bit {key:?}")))?;
            if name.is_empty() || slot.replace(name).is_some() {
                return Err(cursor.error(format!("{key} is named twice or empty")));
            }
        }
        let mut named = names.into_iter().zip(counts).map(|(list, (_, prefix, _))| {
            let name = |(k, name): (usize, Option<&str>)| {
                name.map_or_else(|| format!("{prefix}{k}"), str::to_owned)
            };
            list.into_iter().enumerate().map(name).collect::<Vec<String>>()
        });
        let mut next = || named.next().unwrap_or_default();
        let (inputs, latches) = (next(), next());
        let roots = [next(), next(), next()].concat();
        for list in [&inputs, &latches, &roots] {
            let mut seen = HashSet::with_capacity(list.len());
            if let Some(name) = list.iter().find(|name| !seen.insert(name.as_str())) {
                return Err(ReadError::new(name, "names two bits", REMEDY));
            }
        }
        Ok(Self { inputs, latches, roots })
    }

    /// Makes the leaves of inputs and latches and the table that holds them by variable.
    pub(super) fn place_leaves(
        &self,
        netlist: &mut Netlist,
        sections: &Sections,
    ) -> Result<Vec<Lit>, ReadError> {
        let mut table = empty_table(sections.max_var);
        for word in words(&self.inputs) {
            let port = netlist.ports.len() as u32;
            let mut bits = Vec::with_capacity(word.members.len());
            for (bit, &member) in word.members.iter().enumerate() {
                let lit = input_leaf(netlist, netlist.inputs.len());
                netlist.inputs.push(PortBit { port, bit: bit as u32, lit });
                claim(&mut table, sections.inputs[member], lit)?;
                bits.push(lit);
            }
            add_port(netlist, word, Direction::Input, bits);
        }
        for (latch, name) in sections.latches.iter().zip(&self.latches) {
            let (name, bit) = split(name).unwrap_or((name, 0));
            let lit = netlist.add_register(name, bit, latch.power_up);
            claim(&mut table, latch.lit, lit)?;
        }
        let mut seen = HashSet::new();
        let twice = netlist.registers.iter().find(|r| !seen.insert((r.name.as_str(), r.bit)));
        match twice {
            Some(r) => Err(ReadError::new(&r.name, "names two latches of one bit", REMEDY)),
            None => Ok(table),
        }
    }

    /// Connects latches, makes output ports, lists nets.
    pub(super) fn place_roots(
        &self,
        netlist: &mut Netlist,
        sections: &Sections,
        lits: &[Lit],
    ) -> Result<(), ReadError> {
        let value = |code: u32| lits[(code >> 1) as usize].xor_sign(code & 1 == 1);
        for (register, latch) in netlist.registers.iter_mut().zip(&sections.latches) {
            register.next = value(latch.next);
        }
        let lists = sections.outputs.iter().chain(&sections.bad).chain(&sections.constraints);
        let roots: Vec<u32> = lists.copied().collect();
        let inputs: HashSet<String> = netlist.ports.iter().map(|p| p.name.clone()).collect();
        for word in words(&self.roots) {
            if inputs.contains(&word.name) {
                return Err(ReadError::new(word.name, "names an input and an output", REMEDY));
            }
            let bits = word.members.iter().map(|&member| value(roots[member])).collect();
            add_port(netlist, word, Direction::Output, bits);
        }
        let first = sections.outputs.len() + sections.bad.len();
        for name in self.roots.iter().skip(first) {
            netlist.notes.push(format!("invariant constraint {name} is not assumed"));
        }
        let ports = netlist.ports.iter().map(|p| (p.name.clone(), p.offset, p.bits.clone()));
        let mut nets: Vec<(String, u32, Vec<Lit>)> = ports.collect();
        let taken: HashSet<String> = nets.iter().map(|net| net.0.clone()).collect();
        for word in words(&self.latches).into_iter().filter(|word| !taken.contains(&word.name)) {
            let bits = word.members.iter().map(|&member| netlist.registers[member].out).collect();
            nets.push((word.name, word.offset, bits));
        }
        let net = |(name, offset, bits)| Net { name, offset, upto: false, bits, src: None };
        netlist.nets = nets.into_iter().map(net).collect();
        netlist.finish();
        Ok(())
    }
}

fn add_port(netlist: &mut Netlist, word: Word, direction: Direction, bits: Vec<Lit>) {
    let Word { name, offset, .. } = word;
    netlist.ports.push(Port { name, direction, offset, upto: false, bits });
}

/// `name[3]` as a word and an index.
fn split(name: &str) -> Option<(&str, u32)> {
    let (word, index) = name.strip_suffix(']')?.rsplit_once('[')?;
    let canonical = index == "0" || index.starts_with(|c: char| ('1'..='9').contains(&c));
    let index = index.parse().ok().filter(|_| canonical && !word.is_empty())?;
    Some((word, index))
}

/// Groups bits into words, in the order of their first bits.
fn words(names: &[String]) -> Vec<Word> {
    let mut groups: HashMap<&str, BTreeMap<u32, usize>> = HashMap::new();
    let scalars: HashSet<&str> = names.iter().map(String::as_str).collect();
    for (member, name) in names.iter().enumerate() {
        if let Some((word, index)) = split(name) {
            groups.entry(word).or_default().insert(index, member);
        }
    }
    let gapless = |word: &str| {
        let bits = groups.get(word).filter(|_| !scalars.contains(word))?;
        let (first, last) = (bits.keys().next()?, bits.keys().next_back()?);
        ((last - first) as usize == bits.len() - 1).then_some((*first, bits))
    };
    let mut done = HashSet::new();
    let mut words = Vec::new();
    for (member, name) in names.iter().enumerate() {
        match split(name).and_then(|(word, _)| Some((word, gapless(word)?))) {
            Some((word, (offset, bits))) => {
                if done.insert(word) {
                    let members = bits.values().copied().collect();
                    words.push(Word { name: word.to_owned(), offset, members });
                }
            }
            None => words.push(Word { name: name.clone(), offset: 0, members: vec![member] }),
        }
    }
    words
}
