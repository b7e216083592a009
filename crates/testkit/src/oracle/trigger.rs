//! `no-hidden-function` by enumeration: pairs of histories, changes of configuration, becoming quiet.
//!
//! Method: every state that each power-up state leads to; all pairs of those of the same power-up state
//! that can be quiet with equal configuration under equal operands, and the product of two copies from
//! there; every step of every reachable state for the configuration; for quiet, how long a run without
//! starts can avoid it. A function is drawn over the wires that a micro design has.

use super::TooLarge;
use super::machine::{Machine, Source};
use crate::micro::{Gate, Micro, Role, Wire};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most pairs of states, and most state and word combinations.
/// Register bits, and bits that keep their power-up value, of the designs judged.
const STATE_BITS: u32 = 9;
const HELD_BITS: u32 = 4;
const MOST_ROWS: usize = 1 << 16;

/// A wire, perhaps inverted, with its text.
#[derive(Clone, Debug)]
pub struct Truth {
    /// As the contract says it.
    pub text: String,
    /// Its value.
    pub wire: Wire,
    /// Inverted.
    pub not: bool,
}

/// A function over a micro design.
#[derive(Clone, Debug)]
pub struct Function {
    /// Inputs by index that are operands.
    pub operands: Vec<usize>,
    /// Outputs by index, and when they mean something.
    pub results: Vec<(usize, Option<Truth>)>,
    /// Register words and their writers.
    pub configuration: Vec<(String, Option<Truth>)>,
    /// A job starts.
    pub start: Truth,
    /// A job ends.
    pub done: Truth,
    /// No job is in flight.
    pub quiet: Truth,
    /// Cycles granted.
    pub latency: u64,
}

/// What is true of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Truths {
    /// Two histories give different results.
    pub differs: bool,
    /// Configuration changes without a declared write.
    pub unwritten: bool,
    /// The part can avoid being quiet.
    pub busy: bool,
}

/// Draws a function; `None` if the design has too little to speak of.
pub fn draw(m: &Micro, seed: u64) -> Option<Function> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |n: usize| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        ((x >> 33) as usize) % n.max(1)
    };
    let mut atoms: Vec<(String, Wire)> = Vec::new();
    for o in m.outputs.iter().filter(|o| o.wires.len() == 1) {
        atoms.push((o.name.clone(), o.wires[0]));
    }
    let find = |gate: Gate| m.gates.iter().position(|&g| g == gate).map(|w| w as Wire);
    for i in m.inputs.iter().filter(|i| i.width == 1 && i.role != Role::Undriven) {
        atoms.extend(find(Gate::Input(i.first)).map(|w| (i.name.clone(), w)));
    }
    let width = |name: &str| m.registers.iter().filter(|r| r.name == name).count();
    for (i, r) in m.registers.iter().enumerate().filter(|(_, r)| width(&r.name) == 1) {
        atoms.extend(find(Gate::Register(i as u32)).map(|w| (r.name.clone(), w)));
    }
    if atoms.len() < 2 || m.outputs.is_empty() {
        return None;
    }
    let truth = |below: &mut dyn FnMut(usize) -> usize| {
        let (name, wire) = atoms[below(atoms.len())].clone();
        // escaped: a port may be named like a word of the language
        let text = format!("\\{name} ");
        let not = below(2) == 1;
        Truth { text: if not { format!("!{text}") } else { text }, wire, not }
    };
    // a quarter each: anything; configuration that may change at any time; the same with all inputs as
    // operands; and that with most state as configuration and every cycle quiet
    let kind = below(4);
    let always = || Truth { text: "1".into(), wire: 0, not: true };
    let operands = (0..m.inputs.len())
        .filter(|&i| m.inputs[i].role != Role::Undriven && (below(4) > 0 || kind > 1))
        .collect();
    let mut results = Vec::new();
    for o in 0..m.outputs.len() {
        if below(3) == 0 || (o + 1 == m.outputs.len() && results.is_empty()) {
            let when = (below(2) == 0).then(|| truth(&mut below));
            results.push((o, when));
        }
    }
    let names: BTreeSet<&str> = m.registers.iter().map(|r| r.name.as_str()).collect();
    let mut configuration = Vec::new();
    for name in names {
        // an identity's register word is no configuration
        let wanted = if kind == 3 { below(8) > 0 } else { below(2) == 0 };
        if wanted && m.identities.iter().all(|i| i.name != name) {
            let writes = (below(4) > 0 || kind > 0).then(|| match below(2) {
                _ if kind > 0 => always(),
                0 => always(),
                _ => truth(&mut below),
            });
            configuration.push((name.to_owned(), writes));
        }
    }
    Some(Function {
        operands,
        results,
        configuration,
        start: truth(&mut below),
        done: truth(&mut below),
        quiet: if kind == 3 { always() } else { truth(&mut below) },
        latency: 3 + below(12) as u64,
    })
}

/// One input word in one state.
#[derive(Clone, Default)]
struct Row {
    word: u32,
    legal: bool,
    quiet: bool,
    start: bool,
    /// Values of the result bits.
    results: u64,
    /// Which of them mean something.
    means: u64,
    /// Which entries may be written.
    writes: u64,
    next: u32,
}

struct Judge<'m> {
    f: &'m Function,
    machine: Machine<'m>,
    entries: Vec<u32>,
    mask: u32,
    /// By held bits and state.
    rows: Vec<Option<Rc<[Row]>>>,
    size: usize,
}

/// Judges a function by enumeration.
///
/// # Errors
/// [`TooLarge`].
pub fn judge(m: &Micro, f: &Function) -> Result<Truths, TooLarge> {
    let machine = Machine::new(m);
    if machine.word_bits > 6
        || m.registers.len() > STATE_BITS as usize
        || machine.held_bits > HELD_BITS
    {
        return Err(TooLarge);
    }
    let of = |name: &str| {
        let hits = m.registers.iter().enumerate().filter(|r| r.1.name == name);
        hits.fold(0u32, |w, (i, _)| w | 1 << i)
    };
    let mut mask = 0;
    for &i in &f.operands {
        for b in m.inputs[i].first..m.inputs[i].first + m.inputs[i].width {
            if let Source::Word(w) = machine.inputs[b as usize] {
                mask |= 1 << w;
            }
        }
    }
    let entries = f.configuration.iter().map(|c| of(&c.0)).collect();
    let wires: usize = f.results.iter().map(|(o, _)| m.outputs[*o].wires.len()).sum();
    if wires > 64 || f.configuration.len() > 64 {
        return Err(TooLarge);
    }
    let rows = vec![None; 1 << (STATE_BITS + HELD_BITS)];
    let mut j = Judge { f, machine, entries, mask, rows, size: 0 };
    let mut truths = Truths::default();
    for held in 0..1u32 << j.machine.held_bits {
        if !j.machine.straps_allowed(held) {
            continue;
        }
        for power in j.machine.power_up() {
            j.life(power, held, &mut truths)?;
        }
    }
    Ok(truths)
}

impl Judge<'_> {
    fn rows(&mut self, state: u32, held: u32) -> Result<Rc<[Row]>, TooLarge> {
        let place = (held << STATE_BITS | state) as usize;
        if let Some(rows) = &self.rows[place] {
            return Ok(Rc::clone(rows));
        }
        self.size += 1 << self.machine.word_bits;
        if self.size > MOST_ROWS {
            return Err(TooLarge);
        }
        let m = &mut self.machine;
        m.evaluate(state, held, 0, false);
        let lanes = m.lanes(0);
        let next = m.next(lanes);
        let legal = m.assumed();
        let on = |m: &Machine<'_>, t: &Truth| m.value(t.wire) ^ u64::from(t.not).wrapping_neg();
        let (quiet, start) = (on(m, &self.f.quiet), on(m, &self.f.start));
        let mut rows: Vec<Row> = (0..lanes)
            .map(|w| Row {
                word: w,
                legal: legal >> w & 1 == 1,
                quiet: quiet >> w & 1 == 1,
                start: start >> w & 1 == 1,
                next: next[w as usize],
                ..Row::default()
            })
            .collect();
        for (o, when) in &self.f.results {
            let when = when.as_ref().map_or(u64::MAX, |t| on(m, t));
            for &wire in &m.m.outputs[*o].wires {
                let value = m.value(wire);
                for (w, row) in rows.iter_mut().enumerate() {
                    row.results = row.results << 1 | value >> w & 1;
                    row.means = row.means << 1 | when >> w & 1;
                }
            }
        }
        for (k, (_, writes)) in self.f.configuration.iter().enumerate() {
            let writes = writes.as_ref().map_or(0, |t| on(m, t));
            for (w, row) in rows.iter_mut().enumerate() {
                row.writes |= (writes >> w & 1) << k;
            }
        }
        let rows: Rc<[Row]> = rows.into();
        self.rows[place] = Some(Rc::clone(&rows));
        Ok(rows)
    }

    /// All runs from one power-up state.
    fn life(&mut self, power: u32, held: u32, truths: &mut Truths) -> Result<(), TooLarge> {
        let mut states = BTreeSet::from([power]);
        for _ in 0..self.machine.reset_cycles() {
            let mut after = BTreeSet::new();
            for &s in &states {
                self.machine.evaluate(s, held, 0, true);
                let lanes = self.machine.lanes(0);
                after.extend(self.machine.next(lanes).iter().take(lanes as usize));
            }
            states = after;
        }
        let mut open: Vec<u32> = states.iter().copied().collect();
        while let Some(s) = open.pop() {
            for row in self.rows(s, held)?.iter().filter(|r| r.legal) {
                if states.insert(row.next) {
                    open.push(row.next);
                }
            }
        }
        let all: Vec<u32> = states.into_iter().collect();
        for &s in &all {
            for row in self.rows(s, held)?.iter().filter(|r| r.legal) {
                let lives = self.rows(row.next, held)?.iter().any(|r| r.legal);
                let changed = (0..self.entries.len())
                    .any(|k| row.writes >> k & 1 == 0 && (s ^ row.next) & self.entries[k] != 0);
                truths.unwritten |= lives && changed;
            }
        }
        truths.busy |= self.avoids(&all, held)?;
        truths.differs |= self.pairs(&all, held)?;
        Ok(())
    }

    /// A run without starts that is not quiet in cycles `1 .. latency`.
    fn avoids(&mut self, all: &[u32], held: u32) -> Result<bool, TooLarge> {
        let mut can: BTreeMap<u32, bool> = all.iter().map(|&s| (s, true)).collect();
        for _ in 1..self.f.latency {
            let mut next = BTreeMap::new();
            for &s in all {
                let rows = self.rows(s, held)?;
                let on = |r: &Row| r.legal && !r.start && !r.quiet && can[&r.next];
                next.insert(s, rows.iter().any(on));
            }
            can = next;
        }
        for &s in all {
            if self.rows(s, held)?.iter().any(|r| r.legal && !r.start && can[&r.next]) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pairs(&mut self, all: &[u32], held: u32) -> Result<bool, TooLarge> {
        let config = self.entries.iter().fold(0, |w, e| w | e);
        let mut seen = vec![false; 1 << (2 * STATE_BITS)];
        let mut open: Vec<(u32, u32, bool)> = Vec::new();
        for &a in all {
            open.extend(all.iter().filter(|&&b| (a ^ b) & config == 0).map(|&b| (a, b, true)));
        }
        while let Some((a, b, first)) = open.pop() {
            let (left, right) = (self.rows(a, held)?, self.rows(b, held)?);
            for l in left.iter().filter(|r| r.legal && (!first || r.quiet)) {
                for r in right.iter().filter(|r| r.legal && (!first || r.quiet)) {
                    if (l.word ^ r.word) & self.mask != 0 {
                        continue;
                    }
                    if (l.results ^ r.results) & (l.means | r.means) != 0 {
                        return Ok(true);
                    }
                    let place = (l.next << STATE_BITS | r.next) as usize;
                    if !std::mem::replace(&mut seen[place], true) {
                        open.push((l.next, r.next, false));
                    }
                }
            }
        }
        Ok(false)
    }
}
