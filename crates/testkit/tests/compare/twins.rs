//! Micro designs as references, and twins of theirs: equal ones, and ones that may differ.

use testkit::micro::{Condition, Gate, Input, Micro, Output, Register, Reset, Role, Wire};
use testkit::oracle::compare::{Clauses, Port};

/// Splitmix64.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ a >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (b ^ b >> 31) as usize % bound
    }
    pub(super) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
}

fn push(gates: &mut Vec<Gate>, gate: Gate) -> Wire {
    gates.push(gate);
    gates.len() as Wire - 1
}

fn any_gate(c: &mut Chance, gates: &[Gate]) -> Gate {
    let [x, y, z] = [0; 3].map(|_| (2 + c.below(gates.len() - 2)) as Wire);
    [Gate::And(x, y), Gate::Or(x, y), Gate::Xor(x, y), Gate::Mux(x, y, z), Gate::Not(x)][c.below(5)]
}

/// A reference, and what its contract assumes.
pub(super) fn grow(seed: u64) -> (Micro, Clauses) {
    let mut c = Chance(seed.wrapping_mul(0x1_0001));
    let reset = seed
        .is_multiple_of(2)
        .then(|| Reset { high: c.percent(50), cycles: 1 + c.below(2) as u32 });
    let mut m =
        Micro { seed, reset, declared: c.percent(40) && reset.is_some(), ..Micro::default() };
    m.gates = vec![Gate::False, Gate::Reset];
    for i in 0..1 + c.below(3) as u32 {
        let odd = [Role::Constant, Role::Undriven].get(c.below(9)).copied();
        let role = if i == 0 { Role::Unnamed } else { odd.unwrap_or(Role::Owner) };
        m.inputs.push(Input { name: format!("i{i}"), role, first: i, width: 1 });
        m.gates.push(Gate::Input(i));
    }
    let registers = 1 + c.below(5);
    m.gates.extend((0..registers as u32).map(Gate::Register));
    for _ in 0..4 + c.below(10) {
        let gate = any_gate(&mut c, &m.gates);
        m.gates.push(gate);
    }
    let late = |c: &mut Chance, g: &[Gate]| (g.len() - 1 - c.below(g.len() * 2 / 3)) as Wire;
    for i in 0..registers {
        let mut next = late(&mut c, &m.gates);
        if reset.is_some() && c.percent(75) {
            let outside = push(&mut m.gates, Gate::Not(1));
            let gate = [Gate::Or(1, next), Gate::And(outside, next)][c.below(2)];
            next = push(&mut m.gates, gate);
        }
        let power_up = c.percent(75).then(|| c.percent(50));
        m.registers.push(Register { name: format!("r{i}"), bit: 0, next, power_up });
    }
    for i in 0..1 + c.below(3) {
        let wires = (0..1 + c.below(2)).map(|_| late(&mut c, &m.gates)).collect();
        m.outputs.push(Output { name: format!("o{i}"), wires, hidden: false });
    }
    let mut clauses = Clauses::new();
    while seed.is_multiple_of(3) && (clauses.is_empty() || c.percent(30)) {
        let mut clause = Vec::new();
        for _ in 0..1 + c.below(2) {
            let i = c.below(m.inputs.len());
            if m.inputs[i].role != Role::Undriven {
                clause.push((Port::Input(i), c.percent(50)));
            }
        }
        let o = c.below(m.outputs.len());
        if clause.is_empty() || m.outputs[o].wires.len() == 1 && c.percent(25) {
            clause.push((Port::Output(o), c.percent(50)));
        }
        clauses.retain(|old| !old.iter().any(|l| matches!(l.0, Port::Output(_))));
        clauses.push(clause);
    }
    let text = |&(port, not): &(Port, bool)| {
        let (Port::Input(i) | Port::Output(i)) = port;
        let letter = if matches!(port, Port::Input(_)) { "i" } else { "o" };
        let bit = if matches!(port, Port::Output(o) if m.outputs[o].wires.len() > 1) {
            "[0]"
        } else {
            ""
        };
        format!("{}{letter}{i}{bit}", if not { "!" } else { "" })
    };
    let texts = clauses.iter().map(|k| k.iter().map(text).collect::<Vec<_>>().join(" | "));
    m.assume = texts.map(|text| Condition { text, wire: 0 }).collect();
    (m, clauses)
}

/// The same gates in order; `emit` writes each, and names two wires that carry its value.
fn rebuild(
    m: &Micro,
    c: &mut Chance,
    mut emit: impl FnMut(&mut Chance, &mut Vec<Gate>, usize, Gate) -> [Wire; 2],
) -> Micro {
    let mut twin = Micro { gates: Vec::new(), ..m.clone() };
    let mut at: Vec<[Wire; 2]> = Vec::new();
    for (old, &gate) in m.gates.iter().enumerate() {
        let mut f = |w: Wire| at[w as usize][c.below(2)];
        let gate = match gate {
            Gate::Not(x) => Gate::Not(f(x)),
            Gate::And(x, y) => Gate::And(f(x), f(y)),
            Gate::Or(x, y) => Gate::Or(f(x), f(y)),
            Gate::Xor(x, y) => Gate::Xor(f(x), f(y)),
            Gate::Mux(x, y, z) => Gate::Mux(f(x), f(y), f(z)),
            leaf => leaf,
        };
        at.push(emit(c, &mut twin.gates, old, gate));
    }
    let outputs = twin.outputs.iter_mut().flat_map(|o| &mut o.wires);
    for wire in outputs.chain(twin.registers.iter_mut().map(|r| &mut r.next)) {
        *wire = at[*wire as usize][c.below(2)];
    }
    twin
}

/// A twin that is meant to be equal.
pub(super) fn same(m: &Micro, c: &mut Chance) -> Micro {
    // registers of the twin: which one it is, and whether complemented
    let mut slots: Vec<(Option<usize>, bool)> =
        (0..m.registers.len()).map(|i| (Some(i), false)).collect();
    if c.percent(40) {
        slots.push((Some(c.below(m.registers.len())), false));
    }
    if c.percent(40) {
        slots.push((None, false));
    }
    let renamed = c.below(3);
    slots.iter_mut().for_each(|s| s.1 = c.percent(30));
    for i in (1..slots.len()).filter(|_| renamed > 0) {
        slots.swap(i, c.below(i + 1));
    }
    let mut twin = rebuild(m, c, |c, g, _, gate| {
        let read = |g: &mut Vec<Gate>, wanted: Option<usize>| -> Vec<Wire> {
            let own = slots.iter().enumerate().filter(|s| s.1.0 == wanted);
            let own = own.map(|(i, s)| (push(g, Gate::Register(i as u32)), s.1));
            let own: Vec<_> = own.collect();
            own.into_iter().map(|(w, flip)| if flip { push(g, Gate::Not(w)) } else { w }).collect()
        };
        if let Gate::Register(i) = gate {
            let all = read(g, Some(i as usize));
            return [all[0], all[all.len() - 1]];
        }
        let plain = push(g, gate);
        if c.percent(40) || matches!(gate, Gate::Input(_) | Gate::Reset | Gate::False) {
            return [plain; 2];
        }
        let mut not = |x: Wire| push(g, Gate::Not(x));
        let other = match gate {
            Gate::And(x, y) => Gate::Not({
                let (x, y) = (not(x), not(y));
                push(g, Gate::Or(x, y))
            }),
            Gate::Or(x, y) => Gate::Not({
                let (x, y) = (not(x), not(y));
                push(g, Gate::And(x, y))
            }),
            Gate::Xor(x, y) => Gate::Mux(x, not(y), y),
            Gate::Mux(s, x, y) => {
                let other = not(s);
                Gate::Or(push(g, Gate::And(s, x)), push(g, Gate::And(other, y)))
            }
            _ => match (c.percent(50), read(g, None).first()) {
                (true, Some(&zero)) => Gate::Or(plain, zero),
                _ => {
                    let any = c.below(g.len()) as Wire;
                    Gate::Or(plain, push(g, Gate::And(plain, any)))
                }
            },
        };
        [plain, push(g, other)]
    });
    let g = &mut twin.gates;
    let old = std::mem::take(&mut twin.registers);
    for (at, (which, flip)) in slots.into_iter().enumerate() {
        let (mut next, free) = match which {
            Some(i) => (old[i].next, old[i].power_up),
            None => {
                let own = push(g, Gate::Register(at as u32));
                let own = if flip { push(g, Gate::Not(own)) } else { own };
                let outside = push(g, Gate::Not(1));
                (push(g, Gate::And(own, outside)), Some(false))
            }
        };
        if flip {
            next = push(g, Gate::Not(next));
        }
        let name = match (renamed, which) {
            (0, Some(i)) if at == i => format!("r{i}"),
            (1, _) => format!("r{at}"), // names of others
            _ => format!("q{at}"),
        };
        twin.registers.push(Register { name, bit: 0, next, power_up: free.map(|v| v ^ flip) });
    }
    twin
}

/// A twin that may differ, of the same registers.
pub(super) fn changed(m: &Micro, c: &mut Chance) -> Micro {
    let mut twin = m.clone();
    let logic = |g: &&usize| matches!(m.gates[**g], Gate::And(..) | Gate::Or(..) | Gate::Xor(..));
    let all: Vec<usize> = (0..m.gates.len()).collect();
    let all: Vec<usize> = all.iter().filter(logic).copied().collect();
    let kind = if all.is_empty() { 2 + c.below(4) } else { c.below(6) };
    let reg = c.below(m.registers.len());
    match kind {
        0 | 1 => {
            let at = all[c.below(all.len())];
            let to = c.below(at) as Wire;
            twin = rebuild(m, c, |_, g, old, gate| {
                let fresh = if old != at {
                    0
                } else if kind == 0 {
                    to
                } else {
                    Wire::MAX
                };
                let gate = match gate {
                    _ if old != at => gate,
                    Gate::And(x, y) | Gate::Or(x, y) | Gate::Xor(x, y) => {
                        let x = if fresh == Wire::MAX { push(g, Gate::Not(x)) } else { fresh };
                        match gate {
                            Gate::And(..) => Gate::And(x, y),
                            Gate::Or(..) => Gate::Or(x, y),
                            _ => Gate::Xor(x, y),
                        }
                    }
                    gate => gate,
                };
                [push(g, gate); 2]
            });
        }
        2 => twin.registers[reg].next = c.below(m.gates.len()) as Wire,
        3 => twin.registers[reg].power_up = [None, Some(false), Some(true)][c.below(3)],
        _ => {
            let g = &mut twin.gates;
            let mut armed = push(g, Gate::Not(1));
            for _ in 0..2 + c.below(3) {
                let leaf = push(g, Gate::Register(c.below(m.registers.len()) as u32));
                let leaf = if c.percent(50) { push(g, Gate::Not(leaf)) } else { leaf };
                armed = push(g, Gate::And(armed, leaf));
            }
            let o = c.below(m.outputs.len());
            twin.outputs[o].wires[0] = push(g, Gate::Xor(armed, m.outputs[o].wires[0]));
        }
    }
    twin
}
