//! Reader and writer of AIGER 1.9, ASCII (`aag`) and binary (`aig`).
//!
//! Authority: Biere, Heljanko, Wieringa, "AIGER 1.9 and Beyond", FMV report 11/2, 2011.
//!
//! | part | ASCII | binary | becomes |
//! |---|---|---|---|
//! | header | `aag M I L O A [B C J F]` | `aig …`, M = I + L + A | sizes |
//! | inputs | literal | implicit | input ports |
//! | latches | literal next \[reset\] | next \[reset\] | registers; reset 0, 1, itself (free) |
//! | outputs, bad | literal | literal | output ports `o0`, `bad0` |
//! | constraints | literal | literal | output ports `constraint0` and a note: not assumed |
//! | justice, fairness | refused | refused | – |
//! | ANDs | literal literal literal, any order | two deltas each | graph |
//! | symbols | `i0 name[3]` | same | names; indexed bits of one word make one port |
//!
//! Method: read all sections into flat tables, then build the graph with an explicit stack, since
//! ASCII files may list ANDs in any order. Cost: linear. Counts are checked against the size of the
//! file before anything is allocated, but for the inputs of binary files, which take no bytes.

mod symbols;
mod write;

pub use write::{write_aag, write_aig};

use crate::aig::Lit;
use crate::design::{Leaf, Netlist, PowerUp, ReadError};

/// Most variables accepted; in ASCII files the bound is also the size of the file.
pub const MAX_VARIABLES: u64 = 1 << 28;
/// Most inputs of a binary file, whose inputs take no bytes.
pub const MAX_IMPLICIT_INPUTS: u64 = 1 << 20;
/// Longest line accepted, in bytes.
pub const MAX_LINE: usize = 1 << 16;

const REMEDY: &str = "write the file again with a tool that follows AIGER 1.9";

/// Reads an AIGER file of either form.
pub fn read_aiger(bytes: &[u8]) -> Result<Netlist, ReadError> {
    let mut cursor = Cursor { bytes, at: 0, line: 0 };
    let sections = Sections::read(&mut cursor)?;
    let names = symbols::Symbols::read(&mut cursor, &sections)?;
    let mut netlist = Netlist { name: "aiger".to_owned(), ..Netlist::default() };
    let leaves = names.place_leaves(&mut netlist, &sections)?;
    let lits = sections.build(&mut netlist, leaves)?;
    names.place_roots(&mut netlist, &sections, &lits)?;
    Ok(netlist)
}

/// A position in the file, by line and, inside the binary ANDs, by byte.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Cursor<'a> {
    fn error(&self, what: impl Into<String>) -> ReadError {
        ReadError::new(format!("line {} (byte {})", self.line, self.at), what, REMEDY)
    }
    fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }
    /// The next line without its end.
    fn line(&mut self) -> Result<&'a str, ReadError> {
        self.line += 1;
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let shown = &rest[..rest.len().min(MAX_LINE + 1)];
        let Some(end) = shown.iter().position(|&c| c == b'\n') else {
            return Err(self.error("the line does not end"));
        };
        let line = std::str::from_utf8(&rest[..end]).map_err(|_| self.error("is not UTF-8"))?;
        self.at += end + 1;
        Ok(line)
    }
    /// The numbers of the next line: at least one, at most `N`; the rest of the array is 0.
    fn numbers<const N: usize>(&mut self, least: usize) -> Result<([u32; N], usize), ReadError> {
        let line = self.line()?;
        let mut numbers = [0u32; N];
        let mut count = 0;
        for field in line.split(' ') {
            let number = if field.starts_with('+') { None } else { field.parse().ok() };
            match (numbers.get_mut(count), number) {
                (Some(slot), Some(number)) => *slot = number,
                (None, _) => return Err(self.error("has too many fields")),
                (_, None) => return Err(self.error(format!("{field:?} is not a number"))),
            }
            count += 1;
        }
        if count < least {
            return Err(self.error("has too few fields"));
        }
        Ok((numbers, count))
    }
    /// One number of the binary AND section: seven bits per byte, low first.
    fn delta(&mut self) -> Result<u32, ReadError> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(|| self.error("ends inside an AND"))?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| self.error("delta exceeds 32 bits"));
            }
        }
        Err(self.error("delta exceeds 32 bits"))
    }
}

/// A latch as written.
#[derive(Clone, Copy)]
struct Latch {
    lit: u32,
    next: u32,
    power_up: PowerUp,
}

/// All sections up to the symbol table, as literal codes.
struct Sections {
    max_var: u32,
    inputs: Vec<u32>,
    latches: Vec<Latch>,
    outputs: Vec<u32>,
    bad: Vec<u32>,
    constraints: Vec<u32>,
    ands: Vec<[u32; 3]>,
}

impl Sections {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, ReadError> {
        let header = cursor.line()?;
        let mut fields = header.split(' ');
        let binary = match fields.next() {
            Some("aag") => false,
            Some("aig") => true,
            _ => return Err(cursor.error("does not start with `aag` or `aig`")),
        };
        let mut sizes = [0u64; 9];
        let mut count = 0;
        for field in fields {
            let number = if field.starts_with('+') { None } else { field.parse::<u32>().ok() };
            let (Some(slot), Some(number)) = (sizes.get_mut(count), number) else {
                return Err(cursor.error("the header is not five to nine numbers"));
            };
            *slot = number.into();
            count += 1;
        }
        if count < 5 {
            return Err(cursor.error("the header is not five to nine numbers"));
        }
        let [max_var, i, l, o, a, b, c, justice, fairness] = sizes;
        if justice > 0 || fairness > 0 {
            return Err(ReadError::new(
                "header",
                "justice and fairness properties are not supported",
                "remove them: the claims come from the contract",
            ));
        }
        let room = cursor.bytes.len() as u64;
        let implicit = if binary { i } else { 0 };
        if binary && i > MAX_IMPLICIT_INPUTS {
            return Err(cursor.error(format!("more than {MAX_IMPLICIT_INPUTS} inputs")));
        }
        if i - implicit + l + o + a + b + c > room || max_var > MAX_VARIABLES.min(room + i) {
            return Err(cursor.error("the header promises more than the file can hold"));
        }
        if max_var < i + l + a || binary && max_var != i + l + a {
            return Err(cursor.error("the maximum variable does not fit the other counts"));
        }
        let mut this = Self {
            max_var: max_var as u32,
            inputs: Vec::new(),
            latches: Vec::new(),
            outputs: Vec::new(),
            bad: Vec::new(),
            constraints: Vec::new(),
            ands: Vec::new(),
        };
        for k in 0..i as u32 {
            let lit = if binary { 2 * (k + 1) } else { cursor.numbers::<1>(1)?.0[0] };
            this.inputs.push(lit);
        }
        for k in 0..l as u32 {
            this.latches.push(if binary {
                let ([next, reset], fields) = cursor.numbers(1)?;
                let lit = 2 * (i as u32 + k + 1);
                Latch { lit, next, power_up: power_up(cursor, lit, reset, fields == 2)? }
            } else {
                let ([lit, next, reset], fields) = cursor.numbers(2)?;
                Latch { lit, next, power_up: power_up(cursor, lit, reset, fields == 3)? }
            });
        }
        for (count, list) in
            [(o, &mut this.outputs), (b, &mut this.bad), (c, &mut this.constraints)]
        {
            for _ in 0..count {
                list.push(cursor.numbers::<1>(1)?.0[0]);
            }
        }
        for k in 0..a as u32 {
            this.ands.push(if binary {
                let lhs = 2 * ((i + l) as u32 + k + 1);
                let high = lhs.checked_sub(cursor.delta()?).filter(|&high| high < lhs);
                let high = high.ok_or_else(|| cursor.error("an AND depends on itself"))?;
                let low = high.checked_sub(cursor.delta()?);
                [lhs, high, low.ok_or_else(|| cursor.error("a delta is too large"))?]
            } else {
                cursor.numbers::<3>(3)?.0
            });
        }
        Ok(this)
    }

    /// The roots that must be defined.
    fn roots(&self) -> impl Iterator<Item = u32> {
        let lists = self.outputs.iter().chain(&self.bad).chain(&self.constraints).copied();
        lists.chain(self.latches.iter().map(|latch| latch.next))
    }

    /// The literal of each variable. `leaves` holds those of inputs and latches.
    fn build(&self, netlist: &mut Netlist, leaves: Vec<Lit>) -> Result<Vec<Lit>, ReadError> {
        const NONE: u32 = u32::MAX;
        let mut lits = leaves;
        let mut definition = vec![NONE; lits.len()];
        for (index, &[lhs, _, _]) in self.ands.iter().enumerate() {
            let var = (lhs >> 1) as usize;
            let fresh = definition.get(var) == Some(&NONE) && lits[var] == Lit::UNSET;
            if lhs & 1 == 1 || !fresh {
                return Err(bad_literal(lhs, "is not a fresh positive literal of an AND"));
            }
            definition[var] = index as u32;
        }
        let mut open = vec![false; self.ands.len()];
        let mut stack: Vec<u32> = Vec::new();
        let defined = self.ands.iter().map(|and| and[0]);
        for root in defined.chain(self.roots()) {
            stack.push(root >> 1);
            while let Some(&var) = stack.last() {
                let Some(&lit) = lits.get(var as usize) else {
                    return Err(bad_literal(2 * var, "exceeds the maximum variable"));
                };
                if lit != Lit::UNSET {
                    stack.pop();
                    continue;
                }
                let index = definition[var as usize];
                let Some(&[_, a, b]) = self.ands.get(index as usize) else {
                    return Err(bad_literal(2 * var, "is used but not defined"));
                };
                let value = |code: u32| match lits.get((code >> 1) as usize) {
                    Some(&lit) if lit != Lit::UNSET => Some(lit.xor_sign(code & 1 == 1)),
                    _ => None,
                };
                if let (Some(a), Some(b)) = (value(a), value(b)) {
                    lits[var as usize] = netlist.aig.and(a, b);
                    stack.pop();
                } else if std::mem::replace(&mut open[index as usize], true) {
                    return Err(bad_literal(2 * var, "lies on a combinational loop"));
                } else {
                    stack
                        .extend([b, a].into_iter().filter(|&c| value(c).is_none()).map(|c| c >> 1));
                }
            }
        }
        Ok(lits)
    }
}

fn power_up(cursor: &Cursor<'_>, lit: u32, reset: u32, given: bool) -> Result<PowerUp, ReadError> {
    match reset {
        _ if !given => Ok(PowerUp::Zero),
        0 => Ok(PowerUp::Zero),
        1 => Ok(PowerUp::One),
        _ if reset == lit => Ok(PowerUp::Free),
        _ => Err(cursor.error("a reset value is neither 0, 1 nor the latch itself")),
    }
}

fn bad_literal(lit: u32, what: &str) -> ReadError {
    ReadError::new(format!("literal {lit}"), what, REMEDY)
}

/// Claims the variable of a leaf in the table, or says why not.
fn claim(table: &mut [Lit], code: u32, leaf: Lit) -> Result<(), ReadError> {
    match table.get_mut((code >> 1) as usize) {
        Some(slot) if *slot == Lit::UNSET && code & 1 == 0 => {
            *slot = leaf;
            Ok(())
        }
        _ => Err(bad_literal(code, "is not a fresh positive literal")),
    }
}

/// The table of literals with only the constant known.
fn empty_table(max_var: u32) -> Vec<Lit> {
    let mut table = vec![Lit::UNSET; max_var as usize + 1];
    table[0] = Lit::FALSE;
    table
}

/// A fresh leaf for input number `input`.
fn input_leaf(netlist: &mut Netlist, input: usize) -> Lit {
    netlist.add_leaf(Leaf::Input(input as u32))
}

#[cfg(test)]
mod tests;
