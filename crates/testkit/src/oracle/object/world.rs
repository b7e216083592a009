//! The design with its monitors: states as numbers in the order of the certificate's bit vectors.

use super::{Stop, no};
use crate::micro::{Condition, Micro, Role, Wire, Word};
use crate::oracle::machine::{Machine, Source};
use proof::Model;
use proof::certificate::Trace;
use proof::model::{Role as Who, StateKind};
use std::collections::HashMap;

/// Most state bits.
pub(super) const MOST_BITS: u32 = 16;
/// Most pairs of state and input word, over one examination.
pub(super) const MOST_MOVES: u64 = 1 << 20;

/// What a state bit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bit {
    Register(u32),
    Held(u32),
    /// The register behind a cut: it follows the identity bit, read by nobody.
    Behind(Source),
    Window(u32, u32),
    Pending(u32),
    Tag(u32, u32),
}

/// What an input bit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Input {
    Word(u32),
    Pick(u32),
}

/// One cycle under one input word.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Move {
    pub(super) next: u64,
    pub(super) assume: bool,
    pub(super) granted: bool,
    pub(super) documented: bool,
    /// Services that complete.
    pub(super) complete: u32,
    /// Output bits, all of them.
    pub(super) outputs: u64,
    /// Windows whose condition holds.
    pub(super) opens: u32,
    /// Windows that are open.
    pub(super) open: u32,
}

/// A micro design, its contract's monitors, and the layout of bit vectors.
pub struct World<'m> {
    pub(super) m: &'m Micro,
    pub(super) model: &'m Model,
    pub(super) machine: Machine<'m>,
    pub(super) state: Vec<Bit>,
    pub(super) inputs: Vec<Input>,
    /// Declared power-up values.
    power_up: Vec<Option<bool>>,
    /// Bits of an input word that the owner sets, picks included.
    pub(super) owner: u32,
    /// Input words: those of the machine, then one pick per service.
    pub(super) words: u32,
    cache: HashMap<(u64, bool), Vec<Move>>,
    spent: u64,
}

impl<'m> World<'m> {
    /// The design under a layout; `None` if a position has no meaning or there are too many.
    pub fn new(m: &'m Micro, model: &'m Model) -> Option<Self> {
        let machine = Machine::new(m);
        let source = |s: Source| match s {
            Source::Held(b) => Bit::Held(b),
            Source::Word(_) => Bit::Behind(s),
        };
        let port = |name: &str, bit: u32| {
            let input = m.inputs.iter().find(|i| i.name == name && bit < i.width)?;
            machine.inputs.get((input.first + bit) as usize).copied()
        };
        let mut state = Vec::new();
        for (index, s) in model.state.iter().enumerate() {
            state.push(match s.kind {
                StateKind::Register(_) => {
                    let own = m.registers.iter().position(|r| r.name == s.name && r.bit == s.bit);
                    match own {
                        Some(r) => Bit::Register(r as u32),
                        None => {
                            let item = m.identities.iter().position(|i| i.name == s.name)?;
                            Bit::Behind(*machine.identities[item].get(s.bit as usize)?)
                        }
                    }
                }
                StateKind::Constant => source(port(&s.name, s.bit)?),
                StateKind::Identity(item) => {
                    source(*machine.identities[item as usize].get(s.bit as usize)?)
                }
                StateKind::Window(w) => Bit::Window(w, s.bit),
                StateKind::Tracker(t) => {
                    let tracker = &model.services[t as usize].tracker;
                    match tracker.iter().position(|&i| i == index)? {
                        0 => Bit::Pending(t),
                        n => Bit::Tag(t, n as u32 - 1),
                    }
                }
            });
        }
        let mut inputs = Vec::new();
        for i in &model.inputs {
            let at = match i.role {
                Who::Pick(s) => Some(Input::Pick(s)),
                Who::Identity(item) => {
                    match machine.identities[item as usize].get(i.bit as usize)? {
                        Source::Word(b) => Some(Input::Word(*b)),
                        Source::Held(_) => None,
                    }
                }
                _ => match port(&i.name, i.bit)? {
                    Source::Word(b) => Some(Input::Word(b)),
                    Source::Held(_) => None,
                },
            };
            inputs.push(at?);
        }
        let services = m.services.len() as u32;
        let words = machine.word_bits + services;
        let mut owner = ((1 << services) - 1) << machine.word_bits;
        for (role, place) in m.roles().iter().zip(&machine.inputs) {
            if let (Role::Owner, Source::Word(b)) = (role, place) {
                owner |= 1 << b;
            }
        }
        let power_up = model.state.iter().map(|s| s.power_up).collect();
        let cache = HashMap::new();
        let small = state.len() as u32 <= MOST_BITS && words <= 8;
        small.then_some(Self {
            m,
            model,
            machine,
            state,
            inputs,
            power_up,
            owner,
            words,
            cache,
            spent: 0,
        })
    }

    /// Number of state bits.
    pub(super) fn bits(&self) -> u32 {
        self.state.len() as u32
    }
    /// Starts the limit anew.
    pub(super) fn begin(&mut self) {
        self.spent = 0;
    }
    pub(super) fn spend(&mut self, moves: u64) -> Result<(), Stop> {
        self.spent += moves;
        if self.spent > MOST_MOVES { Err(Stop::TooLarge) } else { Ok(()) }
    }

    /// Registers and held bits of a state.
    fn parts(&self, state: u64) -> (u32, u32) {
        let (mut registers, mut held) = (0, 0);
        for (i, bit) in self.state.iter().enumerate() {
            let one = (state >> i & 1) as u32;
            match *bit {
                Bit::Register(r) => registers |= one << r,
                Bit::Held(h) => held |= one << h,
                _ => {}
            }
        }
        (registers, held)
    }
    /// Whether the straps of a state are as assumed.
    pub(super) fn straps(&mut self, state: u64) -> bool {
        let (_, held) = self.parts(state);
        self.machine.straps_allowed(held)
    }
    /// The number in the bits of a state that `which` selects by position.
    fn field(&self, state: u64, which: impl Fn(Bit) -> Option<u32>) -> u64 {
        let mut value = 0;
        for (i, &bit) in self.state.iter().enumerate() {
            if let Some(position) = which(bit) {
                value |= (state >> i & 1) << position;
            }
        }
        value
    }
    /// Whether nothing is tracked for a service.
    pub(super) fn idle(&self, state: u64, service: usize) -> bool {
        self.state.iter().enumerate().all(|(i, bit)| match *bit {
            Bit::Pending(s) | Bit::Tag(s, _) if s as usize == service => state >> i & 1 == 0,
            _ => true,
        })
    }

    /// One cycle under each input word.
    pub(super) fn moves(&mut self, state: u64, in_reset: bool) -> Result<Vec<Move>, Stop> {
        self.spend(1 << self.words)?;
        if let Some(known) = self.cache.get(&(state, in_reset)) {
            return Ok(known.clone());
        }
        let all = self.compute(state, in_reset);
        if self.cache.len() << self.words < 1 << 20 {
            self.cache.insert((state, in_reset), all.clone());
        }
        Ok(all)
    }

    fn compute(&mut self, state: u64, in_reset: bool) -> Vec<Move> {
        let (registers, held) = self.parts(state);
        let (m, width) = (self.m, self.machine.word_bits);
        let windows: Vec<u64> = (0..m.windows.len()).map(|w| self.window(state, w)).collect();
        let tracked: Vec<(bool, u64)> =
            (0..m.services.len()).map(|s| self.tracker(state, s)).collect();
        // what does not depend on the input word
        let fixed = self.state.iter().enumerate().fold(0u64, |to, (i, bit)| match *bit {
            Bit::Held(h) | Bit::Behind(Source::Held(h)) => to | u64::from(held >> h & 1) << i,
            _ => to,
        });
        let mut all = vec![Move::default(); 1 << self.words];
        for base in (0..1u32 << width).step_by(64) {
            self.machine.evaluate(registers, held, base, in_reset);
            let lanes = self.machine.lanes(base);
            let next = self.machine.next(lanes);
            let assumed = self.machine.assumed();
            let granted = self.machine.all_of(&m.recovery_assume);
            let documented = self.machine.documented();
            for lane in 0..lanes {
                let on = |w: Wire| self.machine.value(w) >> lane & 1 == 1;
                let mut one = Move {
                    next: fixed,
                    assume: assumed >> lane & 1 == 1,
                    granted: granted >> lane & 1 == 1,
                    documented: documented >> lane & 1 == 1,
                    ..Move::default()
                };
                for (n, &wire) in m.outputs.iter().flat_map(|o| &o.wires).enumerate() {
                    one.outputs |= u64::from(on(wire)) << n;
                }
                for (w, window) in m.windows.iter().enumerate() {
                    let opens = on(window.when.wire);
                    one.opens |= u32::from(opens) << w;
                    one.open |= u32::from(opens || windows[w] > 0) << w;
                }
                let input = base + lane;
                for (i, bit) in self.state.iter().enumerate() {
                    one.next |= match *bit {
                        Bit::Register(r) => u64::from(next[lane as usize] >> r & 1) << i,
                        Bit::Behind(Source::Word(b)) => u64::from(input >> b & 1) << i,
                        Bit::Window(w, b) if !in_reset => {
                            let value = match one.opens >> w & 1 {
                                1 => u64::from(m.windows[w as usize].length),
                                _ => windows[w as usize].saturating_sub(1),
                            };
                            (value >> b & 1) << i
                        }
                        _ => 0,
                    };
                }
                // trackers with and without pick
                let mut after = Vec::new();
                for (service, &(pending, tag)) in m.services.iter().zip(&tracked) {
                    let word = |w: &Word| {
                        w.wires.iter().rev().fold(0u64, |n, &wire| n << 1 | u64::from(on(wire)))
                    };
                    let holds = |c: &Condition| on(c.wire);
                    let [sent, got] =
                        service.tag.as_ref().map_or([0, 0], |t| [word(&t[0]), word(&t[1])]);
                    let complete = pending && holds(&service.done) && got == tag;
                    one.complete |= u32::from(complete) << after.len();
                    let starts = service.start.as_ref().is_none_or(holds);
                    let without = (pending && !complete, tag);
                    after.push([without, if starts { (true, sent) } else { without }]);
                }
                for picks in 0..1u32 << m.services.len() {
                    let mut one = one;
                    for (i, bit) in self.state.iter().enumerate() {
                        let of = |s: u32| after[s as usize][(picks >> s & 1) as usize];
                        one.next |= match *bit {
                            Bit::Pending(s) if !in_reset => u64::from(of(s).0) << i,
                            Bit::Tag(s, b) if !in_reset => (of(s).1 >> b & 1) << i,
                            _ => 0,
                        };
                    }
                    all[(picks << width | input) as usize] = one;
                }
            }
        }
        all
    }
    /// Whether a transaction of a service is tracked, and its tag.
    fn tracker(&self, state: u64, service: usize) -> (bool, u64) {
        let pending = self.field(state, |b| (b == Bit::Pending(service as u32)).then_some(0));
        let tag = self.field(state, |b| match b {
            Bit::Tag(of, n) if of as usize == service => Some(n),
            _ => None,
        });
        (pending == 1, tag)
    }
    fn window(&self, state: u64, window: usize) -> u64 {
        self.field(state, |b| match b {
            Bit::Window(w, n) if w as usize == window => Some(n),
            _ => None,
        })
    }

    /// All states at power-up, straps as assumed.
    pub(super) fn powered(&mut self) -> Vec<u64> {
        let mut all: Vec<u64> = vec![0];
        for (i, declared) in self.power_up.clone().into_iter().enumerate() {
            match declared {
                Some(false) => {}
                Some(true) => all.iter_mut().for_each(|s| *s |= 1 << i),
                None => {
                    let ones: Vec<u64> = all.iter().map(|s| s | 1 << i).collect();
                    all.extend(ones);
                }
            }
        }
        all.retain(|&s| self.straps(s));
        all
    }
    /// All states at the end of the reset sequence.
    pub(super) fn first(&mut self) -> Result<Vec<u64>, Stop> {
        let mut layer = self.powered();
        for _ in 0..self.machine.reset_cycles() {
            let mut next = Vec::new();
            for state in layer {
                next.extend(self.moves(state, true)?.iter().map(|m| m.next));
            }
            next.sort_unstable();
            next.dedup();
            layer = next;
        }
        Ok(layer)
    }

    /// An input word of a certificate as a number.
    pub(super) fn word(&self, text: &str) -> Result<u32, Stop> {
        if text.len() != self.inputs.len() || text.bytes().any(|b| b != b'0' && b != b'1') {
            return no("an input word is malformed");
        }
        Ok(text.bytes().zip(&self.inputs).fold(0, |n, (b, place)| {
            let bit = match *place {
                Input::Word(b) => b,
                Input::Pick(s) => self.machine.word_bits + s,
            };
            n | u32::from(b == b'1') << bit
        }))
    }
    /// A list of input words.
    pub(super) fn word_list(&self, texts: &[String]) -> Result<Vec<u32>, Stop> {
        texts.iter().map(|t| self.word(t)).collect()
    }
    /// The state a trace begins in.
    pub(super) fn power(&mut self, text: &str) -> Result<u64, Stop> {
        if text.len() != self.state.len() || text.bytes().any(|b| b != b'0' && b != b'1') {
            return no("a power-up state is malformed");
        }
        let bit = |i: usize| text.as_bytes()[i] == b'1';
        let state = (0..text.len()).fold(0, |n, i| n | u64::from(bit(i)) << i);
        if self.power_up.iter().enumerate().any(|(i, p)| p.is_some_and(|p| p != bit(i))) {
            return no("a declared power-up value is not kept");
        }
        if self.straps(state) { Ok(state) } else { no("the straps are not as assumed") }
    }
    /// Runs a trace: every cycle, and the state at its end.
    pub(super) fn run(&mut self, trace: &Trace) -> Result<(Vec<Move>, u64), Stop> {
        let mut state = self.power(&trace.power_up)?;
        let reset = self.machine.reset_cycles() as usize;
        if trace.inputs.len() < reset {
            return no("a trace ends within the reset sequence");
        }
        let mut all = Vec::new();
        for (cycle, text) in trace.inputs.iter().enumerate() {
            let word = self.word(text)?;
            let one = self.moves(state, cycle < reset)?[word as usize];
            if cycle >= reset && !one.assume {
                return no("a trace breaks an assumption");
            }
            all.push(one);
            state = one.next;
        }
        Ok((all, state))
    }
    /// Completions of a service after reset in some traces.
    pub(super) fn completions(&mut self, service: usize, all: &[Trace]) -> Result<usize, Stop> {
        let mut count = 0;
        let reset = self.machine.reset_cycles() as usize;
        for trace in all {
            let (moves, _) = self.run(trace)?;
            count += moves.iter().skip(reset).filter(|m| m.complete >> service & 1 == 1).count();
        }
        Ok(count)
    }
}
