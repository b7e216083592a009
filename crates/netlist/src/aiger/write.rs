//! Combinational cones as AIGER, for strangers' solvers.
//!
//! Only the cone of the outputs is written. Leaves in it become inputs in the order of their
//! variables, ANDs follow in the same order, so equal graphs give equal bytes.

use std::fmt::Write;

use crate::aig::{Aig, Lit, Node};

/// A cone with AIGER's numbering: inputs first, then ANDs.
struct Cone {
    inputs: u32,
    ands: Vec<[u32; 3]>,
    outputs: Vec<u32>,
}

impl Cone {
    fn new(aig: &Aig, outputs: &[Lit]) -> Self {
        let cone = aig.cone(outputs.iter().copied());
        let is_leaf = |var: &u32| matches!(aig.node(*var), Node::Leaf(_));
        let (leaves, ands): (Vec<u32>, Vec<u32>) = cone.into_iter().partition(is_leaf);
        let mut number = vec![0u32; aig.len()];
        for (new, &var) in (1..).zip(leaves.iter().chain(&ands)) {
            number[var as usize] = new;
        }
        let code = |lit: Lit| number[lit.index()] << 1 | u32::from(lit.is_neg());
        let and = |&var: &u32| match aig.node(var) {
            Node::And(a, b) => {
                let (a, b) = (code(a), code(b));
                Some([number[var as usize] << 1, a.max(b), a.min(b)])
            }
            Node::False | Node::Leaf(_) => None,
        };
        Self {
            inputs: leaves.len() as u32,
            ands: ands.iter().filter_map(and).collect(),
            outputs: outputs.iter().map(|&lit| code(lit)).collect(),
        }
    }
    fn header(&self, form: &str) -> String {
        let (inputs, ands) = (self.inputs as usize, self.ands.len());
        let outputs = self.outputs.len();
        let mut text = format!("{form} {} {inputs} 0 {outputs} {ands}\n", inputs + ands);
        if form == "aag" {
            for input in 1..=self.inputs {
                line(&mut text, &[2 * input]);
            }
        }
        for &output in &self.outputs {
            line(&mut text, &[output]);
        }
        text
    }
}

fn line(text: &mut String, numbers: &[u32]) {
    for (k, number) in numbers.iter().enumerate() {
        let space = if k == 0 { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{space}{number}");
    }
    text.push('\n');
}

/// The cone of `outputs` in ASCII.
pub fn write_aag(aig: &Aig, outputs: &[Lit]) -> String {
    let cone = Cone::new(aig, outputs);
    let mut text = cone.header("aag");
    for and in &cone.ands {
        line(&mut text, and);
    }
    text
}

/// The cone of `outputs` in binary.
pub fn write_aig(aig: &Aig, outputs: &[Lit]) -> Vec<u8> {
    let cone = Cone::new(aig, outputs);
    let mut bytes = cone.header("aig").into_bytes();
    for [lhs, high, low] in cone.ands {
        for mut delta in [lhs - high, high - low] {
            while delta >= 0x80 {
                bytes.push(delta as u8 | 0x80);
                delta >>= 7;
            }
            bytes.push(delta as u8);
        }
    }
    bytes
}
