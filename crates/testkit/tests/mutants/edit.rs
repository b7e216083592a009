//! Edits of circuits, traces and words, drawn from a list of numbers.

use proof::certificate::Trace;
use proof::{Circuit, Var};

/// Numbers to choose by; the last one repeats, scrambled.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    numbers: Vec<u32>,
    at: usize,
}

impl Choice {
    pub(crate) fn new(numbers: Vec<u32>) -> Self {
        Self { numbers, at: 0 }
    }
    pub(crate) fn number(&mut self) -> u32 {
        let n = self.numbers.get(self.at % self.numbers.len().max(1)).copied().unwrap_or(0);
        let round = (self.at / self.numbers.len().max(1)) as u32;
        self.at += 1;
        n.wrapping_add(round.wrapping_mul(0x9e37_79b9)).rotate_left(round % 32)
    }
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u64::from(self.number()) * bound.max(1) as u64) >> 32) as usize
    }
    pub(crate) fn yes(&mut self) -> bool {
        self.below(2) == 1
    }
}

/// Appends a gate; its literal.
fn gate(c: &mut Circuit, a: u32, b: u32) -> u32 {
    c.ands.push([a, b]);
    2 * (c.inputs.len() + c.ands.len()) as u32
}

/// A place as a literal, added to the inputs if it is new; gates move up by one then.
fn place(c: &mut Circuit, var: Var) -> u32 {
    if let Some(n) = c.inputs.iter().position(|&v| v == var) {
        return 2 * (n as u32 + 1);
    }
    let first = c.inputs.len() as u32 + 1;
    let up = |code: &mut u32| *code += if *code >> 1 >= first { 2 } else { 0 };
    c.ands.iter_mut().flatten().for_each(up);
    c.outputs.iter_mut().for_each(up);
    c.inputs.push(var);
    2 * first
}

/// Weakens, strengthens or breaks a circuit; `vars` are the places it might read besides.
pub(crate) fn circuit(c: &mut Circuit, vars: &[Var], by: &mut Choice) {
    if c.outputs.is_empty() {
        c.outputs.push(by.below(2) as u32);
        return;
    }
    let out = by.below(c.outputs.len());
    let which = by.below(10);
    match which {
        // one output: constant, negated
        0 => c.outputs[out] = 1,
        1 => c.outputs[out] = 0,
        2 => c.outputs[out] ^= 1,
        // a gate loses an operand, or an operand its sign
        3..=5 if !c.ands.is_empty() => {
            let at = by.below(c.ands.len());
            let side = by.below(2);
            match which {
                3 => c.ands[at][side] = 1,
                4 => c.ands[at][side] ^= 1,
                _ => c.ands[at][side] = 0,
            }
        }
        // another place is read
        6 if !c.inputs.is_empty() && !vars.is_empty() => {
            let (at, new) = (by.below(c.inputs.len()), vars[by.below(vars.len())]);
            c.inputs[at] = new;
        }
        // and, or, with a literal or a cube of a few
        _ if !vars.is_empty() => {
            let mut cube = 1;
            for _ in 0..1 + by.below(3) {
                let var = vars[by.below(vars.len())];
                let old = (c.inputs.len(), cube);
                let lit = place(c, var) ^ u32::from(by.yes());
                // the cube's own literal moved up with the gates
                if c.inputs.len() > old.0 && cube > 1 && cube >> 1 > old.0 as u32 {
                    cube += 2;
                }
                cube = if cube == 1 { lit } else { gate(c, cube, lit) };
            }
            let old = c.outputs[out];
            c.outputs[out] = match by.below(3) {
                0 => gate(c, old ^ 1, cube) ^ 1,
                1 => gate(c, old, cube ^ 1),
                _ => gate(c, old, cube),
            };
        }
        _ => c.outputs[out] ^= 1,
    }
}

/// Edits a word of `0` and `1`.
pub(crate) fn word(text: &mut String, by: &mut Choice) {
    let mut bytes = text.clone().into_bytes();
    match by.below(8) {
        0 if !bytes.is_empty() => drop(bytes.pop()),
        1 => bytes.push(b'0'),
        _ if !bytes.is_empty() => {
            for _ in 0..1 + by.below(2) {
                let at = by.below(bytes.len());
                bytes[at] ^= 1;
            }
        }
        _ => {}
    }
    *text = String::from_utf8(bytes).unwrap();
}

/// Edits a list of words.
pub(crate) fn words(all: &mut Vec<String>, by: &mut Choice) {
    let at = by.below(all.len());
    match by.below(5) {
        0 => all.clear(),
        1 if !all.is_empty() => drop(all.remove(at)),
        2 if !all.is_empty() => all.truncate(1),
        _ => match all.get_mut(at) {
            Some(one) => word(one, by),
            None => all.push("0".into()),
        },
    }
}

/// Edits a run.
pub(crate) fn trace(t: &mut Trace, by: &mut Choice) {
    let at = by.below(t.inputs.len());
    match by.below(6) {
        0 => word(&mut t.power_up, by),
        1 if !t.inputs.is_empty() => drop(t.inputs.remove(at)),
        2 if !t.inputs.is_empty() => t.inputs.truncate(at),
        3 if !t.inputs.is_empty() => {
            let again = t.inputs[at].clone();
            t.inputs.insert(at, again);
        }
        _ => match t.inputs.get_mut(at) {
            Some(one) => word(one, by),
            None => t.inputs.push("0".into()),
        },
    }
    t.essential.clear();
}
