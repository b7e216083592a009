//! The micro design as a machine: 64 input words at a time, plain gate by gate.

use crate::micro::{Condition, Gate, Micro, Role, Wire};

const LANES: [u64; 6] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// Where the value of an input or identity bit comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// Bit of the input word.
    Word(u32),
    /// Bit of what is held during a run.
    Held(u32),
}

/// A machine with a layout of input words and held bits.
pub(super) struct Machine<'m> {
    pub(super) m: &'m Micro,
    /// Of each input bit.
    pub(super) inputs: Vec<Source>,
    /// Of each identity bit, by item.
    pub(super) identities: Vec<Vec<Source>>,
    /// Bits of an input word.
    pub(super) word_bits: u32,
    /// Held bits: straps first.
    pub(super) held_bits: u32,
    values: Vec<u64>,
    /// The condition of `assume` and `off`.
    assume: Vec<Condition>,
    off: Option<Wire>,
    strap_conditions: Vec<Wire>,
}

impl<'m> Machine<'m> {
    pub(super) fn new(m: &'m Micro) -> Self {
        let (mut word, mut held) = (0, 0);
        let take = |n: &mut u32| {
            *n += 1;
            *n - 1
        };
        let roles = m.roles();
        let inputs = roles
            .iter()
            .map(|&r| match r {
                Role::Constant => Source::Held(take(&mut held)),
                _ => Source::Word(take(&mut word)),
            })
            .collect();
        let identities = m
            .identities
            .iter()
            .map(|i| {
                (0..i.width)
                    .map(|_| match i.sensor {
                        true => Source::Word(take(&mut word)),
                        false => Source::Held(take(&mut held)),
                    })
                    .collect()
            })
            .collect();
        let strap_conditions = m
            .assume
            .iter()
            .filter(|c| {
                support(m, c.wire).iter().all(|g| match g {
                    Gate::Input(i) => roles[*i as usize] == Role::Constant,
                    _ => false,
                })
            })
            .map(|c| c.wire)
            .collect();
        Self {
            m,
            inputs,
            identities,
            word_bits: word,
            held_bits: held,
            values: vec![0; m.gates.len()],
            assume: m.assume.clone(),
            off: m.off.as_ref().map(|o| o.wire),
            strap_conditions,
        }
    }

    /// Evaluates one cycle for the input words `base .. base + 64`.
    pub(super) fn evaluate(&mut self, registers: u32, held: u32, base: u32, in_reset: bool) {
        let spread = |on: bool| if on { u64::MAX } else { 0 };
        for (at, &gate) in self.m.gates.iter().enumerate() {
            let v = |w: Wire| self.values[w as usize];
            let from = |source: Source| match source {
                Source::Word(b) if b < 6 => LANES[b as usize],
                Source::Word(b) => spread(base >> b & 1 == 1),
                Source::Held(b) => spread(held >> b & 1 == 1),
            };
            self.values[at] = match gate {
                Gate::False => 0,
                Gate::Reset => spread(in_reset),
                Gate::Register(i) => spread(registers >> i & 1 == 1),
                Gate::Input(i) => from(self.inputs[i as usize]),
                Gate::Identity(item, bit) => from(self.identities[item as usize][bit as usize]),
                Gate::Not(a) => !v(a),
                Gate::And(a, b) => v(a) & v(b),
                Gate::Or(a, b) => v(a) | v(b),
                Gate::Xor(a, b) => v(a) ^ v(b),
                Gate::Mux(c, t, e) => (v(c) & v(t)) | (!v(c) & v(e)),
            };
        }
    }
    /// A wire in the cycle last evaluated.
    pub(super) fn value(&self, wire: Wire) -> u64 {
        self.values[wire as usize]
    }
    /// Number of lanes that are input words.
    pub(super) fn lanes(&self, base: u32) -> u32 {
        ((1u32 << self.word_bits) - base).min(64)
    }
    /// The registers one cycle later in each lane.
    pub(super) fn next(&self, lanes: u32) -> [u32; 64] {
        let mut all = [0u32; 64];
        for (i, r) in self.m.registers.iter().enumerate() {
            let value = self.value(r.next);
            for (lane, slot) in all.iter_mut().enumerate().take(lanes as usize) {
                *slot |= ((value >> lane & 1) as u32) << i;
            }
        }
        all
    }
    /// Lanes within `assume`.
    pub(super) fn assumed(&self) -> u64 {
        let all = self.assume.iter().fold(u64::MAX, |v, c| v & self.value(c.wire));
        self.off.map_or(all, |off| all & !self.value(off))
    }
    /// Lanes within a list of conditions.
    pub(super) fn all_of(&self, conditions: &[Condition]) -> u64 {
        conditions.iter().fold(u64::MAX, |v, c| v & self.value(c.wire))
    }
    /// Lanes whose owner word the manual names.
    pub(super) fn documented(&self) -> u64 {
        let listed = self.m.recoveries.iter().flat_map(|r| &r.steps);
        listed.fold(self.all_of(&self.m.documented), |v, c| v | self.value(c.wire))
    }
    /// Whether the straps are as assumed.
    pub(super) fn straps_allowed(&mut self, held: u32) -> bool {
        self.evaluate(0, held, 0, false);
        self.strap_conditions.iter().all(|&w| self.value(w) & 1 == 1)
    }
    /// All power-up values of the registers.
    pub(super) fn power_up(&self) -> Vec<u32> {
        let counts = self.m.reset.is_none() || self.m.declared;
        let mut all = vec![0u32];
        for (i, r) in self.m.registers.iter().enumerate() {
            match r.power_up.filter(|_| counts) {
                Some(false) => {}
                Some(true) => all.iter_mut().for_each(|s| *s |= 1 << i),
                None => {
                    let ones: Vec<u32> = all.iter().map(|s| s | 1 << i).collect();
                    all.extend(ones);
                }
            }
        }
        all
    }
    /// Cycles of reset.
    pub(super) fn reset_cycles(&self) -> u32 {
        self.m.reset.map_or(0, |r| r.cycles)
    }
}

/// The leaves a wire depends on.
fn support(m: &Micro, root: Wire) -> Vec<Gate> {
    let mut seen = vec![false; m.gates.len()];
    let mut stack = vec![root];
    let mut all = Vec::new();
    while let Some(w) = stack.pop() {
        if std::mem::replace(&mut seen[w as usize], true) {
            continue;
        }
        match m.gates[w as usize] {
            Gate::Not(a) => stack.push(a),
            Gate::And(a, b) | Gate::Or(a, b) | Gate::Xor(a, b) => stack.extend([a, b]),
            Gate::Mux(c, t, e) => stack.extend([c, t, e]),
            Gate::False => {}
            leaf => all.push(leaf),
        }
    }
    all
}
