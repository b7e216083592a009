//! A micro design under construction: gates, words, conditions, chance.

use super::{Condition, Gate, Input, Micro, Output, Register, Reset, Role, Wire, Word};

/// Small numbers from a seed (splitmix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }
    pub(super) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ a >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        b ^ b >> 31
    }
    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.word()) * bound as u128) >> 64) as usize
    }
    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// The design so far.
pub(super) struct Draft {
    pub(super) m: Micro,
    pub(super) chance: Chance,
    /// Reset value of each register; `None`: not reset.
    pub(super) initial: Vec<Option<bool>>,
    /// Conditions under which no job is accepted.
    pub(super) block: Vec<Wire>,
    /// Conditions under which a running job does not advance.
    pub(super) hold: Vec<Wire>,
    /// Conditions under which a completed job goes unanswered.
    pub(super) mute: Vec<Wire>,
    pub(super) zero: Wire,
    pub(super) in_reset: Wire,
}

pub(super) const MOST_REGISTERS: usize = 16;
pub(super) const MOST_INPUTS: u32 = 6;

impl Draft {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let reset = (!chance.percent(25))
            .then(|| Reset { high: chance.percent(50), cycles: 1 + chance.below(2) as u32 });
        let m = Micro {
            seed,
            gates: vec![Gate::False, Gate::Reset],
            reset,
            declared: reset.is_some() && chance.percent(15),
            ..Micro::default()
        };
        let none = Vec::new;
        let (block, hold, mute) = (none(), none(), none());
        Self { m, chance, initial: Vec::new(), block, hold, mute, zero: 0, in_reset: 1 }
    }

    pub(super) fn gate(&mut self, gate: Gate) -> Wire {
        self.m.gates.push(gate);
        self.m.gates.len() as Wire - 1
    }
    pub(super) fn not(&mut self, a: Wire) -> Wire {
        self.gate(Gate::Not(a))
    }
    pub(super) fn and(&mut self, a: Wire, b: Wire) -> Wire {
        self.gate(Gate::And(a, b))
    }
    pub(super) fn or(&mut self, a: Wire, b: Wire) -> Wire {
        self.gate(Gate::Or(a, b))
    }
    pub(super) fn xor(&mut self, a: Wire, b: Wire) -> Wire {
        self.gate(Gate::Xor(a, b))
    }
    pub(super) fn mux(&mut self, c: Wire, t: Wire, e: Wire) -> Wire {
        self.gate(Gate::Mux(c, t, e))
    }
    pub(super) fn any(&mut self, all: &[Wire]) -> Wire {
        all.iter().copied().reduce(|a, b| self.or(a, b)).unwrap_or(self.zero)
    }
    pub(super) fn all(&mut self, all: &[Wire]) -> Wire {
        let one = self.not(self.zero);
        all.iter().copied().reduce(|a, b| self.and(a, b)).unwrap_or(one)
    }
    pub(super) fn and_not(&mut self, a: Wire, b: Wire) -> Wire {
        let b = self.not(b);
        self.and(a, b)
    }
    /// The word has this value.
    pub(super) fn is(&mut self, word: &[Wire], value: u64) -> Wire {
        let bits: Vec<Wire> = word
            .iter()
            .enumerate()
            .map(|(b, &w)| if value >> b & 1 == 1 { w } else { self.not(w) })
            .collect();
        self.all(&bits)
    }
    pub(super) fn constant(&mut self, value: u64, width: usize) -> Vec<Wire> {
        let one = self.not(self.zero);
        (0..width).map(|b| if value >> b & 1 == 1 { one } else { self.zero }).collect()
    }
    pub(super) fn choose(&mut self, c: Wire, t: &[Wire], e: &[Wire]) -> Vec<Wire> {
        t.iter().zip(e).map(|(&t, &e)| self.mux(c, t, e)).collect()
    }
    /// `word - 1`, wrapping.
    pub(super) fn less_one(&mut self, word: &[Wire]) -> Vec<Wire> {
        let mut borrow = self.not(self.zero);
        let mut out = Vec::with_capacity(word.len());
        for &bit in word {
            out.push(self.xor(bit, borrow));
            borrow = self.and_not(borrow, bit);
        }
        out
    }
    /// `word + 1`, wrapping.
    pub(super) fn plus_one(&mut self, word: &[Wire]) -> Vec<Wire> {
        let mut carry = self.not(self.zero);
        let mut out = Vec::with_capacity(word.len());
        for &bit in word {
            out.push(self.xor(bit, carry));
            carry = self.and(bit, carry);
        }
        out
    }

    /// Whether so many registers and input bits still fit.
    pub(super) fn room(&self, registers: usize, inputs: u32) -> bool {
        self.m.registers.len() + registers <= MOST_REGISTERS
            && self.m.input_bits() + inputs <= MOST_INPUTS
    }
    pub(super) fn input(&mut self, name: &str, width: u32, role: Role) -> Vec<Wire> {
        let first = self.m.input_bits();
        self.m.inputs.push(Input { name: name.into(), role, first, width });
        (first..first + width).map(|b| self.gate(Gate::Input(b))).collect()
    }
    /// Wires of an input made earlier.
    pub(super) fn named(&self, name: &str) -> Option<Vec<Wire>> {
        let input = self.m.inputs.iter().find(|i| i.name == name)?;
        let wire = |b| self.m.gates.iter().position(|&g| g == Gate::Input(b));
        (input.first..input.first + input.width).map(|b| wire(b).map(|w| w as Wire)).collect()
    }
    /// A register word with reset value `value`; it holds until [`Draft::load`].
    pub(super) fn register(&mut self, name: &str, width: usize, value: u64) -> Vec<Wire> {
        let again = self.m.registers.iter().filter(|r| r.name.starts_with(name)).count();
        let name = if again == 0 { name.to_owned() } else { format!("{name}{again}") };
        (0..width)
            .map(|b| {
                let number = self.m.registers.len() as u32;
                let out = self.gate(Gate::Register(number));
                self.m.registers.push(Register {
                    name: name.clone(),
                    bit: b as u32,
                    next: out,
                    power_up: None,
                });
                self.initial.push(Some(value >> b & 1 == 1));
                out
            })
            .collect()
    }
    pub(super) fn load(&mut self, word: &[Wire], next: &[Wire]) {
        for (&out, &next) in word.iter().zip(next) {
            if let Gate::Register(number) = self.m.gates[out as usize] {
                self.m.registers[number as usize].next = next;
            }
        }
    }
    pub(super) fn output(&mut self, name: &str, wires: &[Wire]) -> usize {
        let again = self.m.outputs.iter().filter(|o| o.name.starts_with(name)).count();
        let name = if again == 0 { name.to_owned() } else { format!("{name}{again}") };
        self.m.outputs.push(Output { name, wires: wires.to_vec(), hidden: false });
        self.m.outputs.len() - 1
    }

    /// A port as a condition: the bit itself.
    pub(super) fn holds(&mut self, name: &str) -> Condition {
        let wire = self.word(name).wires.first().copied().unwrap_or(self.zero);
        Condition { text: name.into(), wire }
    }
    /// A port as a word.
    pub(super) fn word(&self, name: &str) -> Word {
        let output = self.m.outputs.iter().find(|o| o.name == name).map(|o| o.wires.clone());
        let wires = output.or_else(|| self.named(name)).unwrap_or_default();
        Word { text: name.into(), wires }
    }
    pub(super) fn equals(&mut self, name: &str, value: u64) -> Condition {
        let word = self.word(name);
        let wire = self.is(&word.wires, value);
        Condition { text: format!("{name} == {}'d{value}", word.wires.len()), wire }
    }
    pub(super) fn differs(&mut self, name: &str, value: u64) -> Condition {
        let word = self.word(name);
        let equal = self.is(&word.wires, value);
        let wire = self.not(equal);
        Condition { text: format!("{name} != {}'d{value}", word.wires.len()), wire }
    }
    pub(super) fn one_among(&mut self, name: &str, values: &[u64]) -> Condition {
        let word = self.word(name);
        let hits: Vec<Wire> = values.iter().map(|&v| self.is(&word.wires, v)).collect();
        let list: Vec<String> =
            values.iter().map(|v| format!("{}'d{v}", word.wires.len())).collect();
        Condition { text: format!("{name} inside {{{}}}", list.join(", ")), wire: self.any(&hits) }
    }
    pub(super) fn both(&mut self, a: &Condition, b: &Condition) -> Condition {
        let wire = self.and(a.wire, b.wire);
        Condition { text: format!("({}) && ({})", a.text, b.text), wire }
    }
    pub(super) fn either(&mut self, a: &Condition, b: &Condition) -> Condition {
        let wire = self.or(a.wire, b.wire);
        Condition { text: format!("({}) || ({})", a.text, b.text), wire }
    }
    pub(super) fn negated(&mut self, a: &Condition) -> Condition {
        Condition { text: format!("!({})", a.text), wire: self.not(a.wire) }
    }

    /// Any gate made so far, reset and constants apart.
    pub(super) fn some_wire(&mut self) -> Wire {
        2 + self.chance.below(self.m.gates.len() - 2) as Wire
    }
    /// A register or input bit, perhaps complemented.
    pub(super) fn some_literal(&mut self) -> Wire {
        let leaves: Vec<Wire> = (0..self.m.gates.len())
            .filter(|&g| matches!(self.m.gates[g], Gate::Register(_) | Gate::Input(_)))
            .map(|g| g as Wire)
            .collect();
        let leaf = self.chance.one_of(&leaves);
        if self.chance.percent(50) { self.not(leaf) } else { leaf }
    }
    /// A remote bit if there is one, else any literal.
    pub(super) fn hostile(&mut self) -> Wire {
        let bits: Vec<u32> = self
            .m
            .inputs
            .iter()
            .filter(|i| matches!(i.role, Role::Remote | Role::Unnamed | Role::Undriven))
            .flat_map(|i| i.first..i.first + i.width)
            .collect();
        let wires: Vec<Wire> = (0..self.m.gates.len())
            .filter(|&g| matches!(self.m.gates[g], Gate::Input(b) if bits.contains(&b)))
            .map(|g| g as Wire)
            .collect();
        if wires.is_empty() {
            return self.some_literal();
        }
        let wire = self.chance.one_of(&wires);
        if self.chance.percent(30) { self.not(wire) } else { wire }
    }
}
