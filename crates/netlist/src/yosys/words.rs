//! The common word-level cells, for netlists written before `techmap; simplemap`.
//!
//! The authority is Yosys' `simlib.v`. Operands are extended to the working width first: with
//! their sign when *both* are signed (a unary cell or a shifted operand: when it is), with zeros
//! otherwise, as Verilog does. Multipliers, dividers and memories are not here: Yosys' `techmap`
//! lowers them.
//! Cost: linear in the word width; a shifter is width times the logarithm of the width.

use crate::aig::{Aig, Lit};

use super::cells::Pin;

/// Widest operand or result, in bits; with it one cell adds at most some 10⁸ nodes.
pub(super) const MAX_WIDTH: usize = 1 << 20;

/// A word-level combinational cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Pos,
    Buf,
    Not,
    Neg,
    And,
    Or,
    Xor,
    Xnor,
    ReduceAnd,
    ReduceOr,
    ReduceXor,
    ReduceXnor,
    LogicNot,
    LogicAnd,
    LogicOr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Shl,
    Shr,
    Sshr,
    Mux,
    Pmux,
    Slice,
    Concat,
}

impl Word {
    /// The cell type of that name, without its `$`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "pos" => Self::Pos,
            "buf" => Self::Buf,
            "not" => Self::Not,
            "neg" => Self::Neg,
            "and" => Self::And,
            "or" => Self::Or,
            "xor" => Self::Xor,
            "xnor" => Self::Xnor,
            "reduce_and" => Self::ReduceAnd,
            "reduce_or" | "reduce_bool" => Self::ReduceOr,
            "reduce_xor" => Self::ReduceXor,
            "reduce_xnor" => Self::ReduceXnor,
            "logic_not" => Self::LogicNot,
            "logic_and" => Self::LogicAnd,
            "logic_or" => Self::LogicOr,
            "eq" | "eqx" => Self::Eq,
            "ne" | "nex" => Self::Ne,
            "lt" => Self::Lt,
            "le" => Self::Le,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "add" => Self::Add,
            "sub" => Self::Sub,
            "shl" | "sshl" => Self::Shl,
            "shr" => Self::Shr,
            "sshr" => Self::Sshr,
            "mux" => Self::Mux,
            "pmux" => Self::Pmux,
            "slice" => Self::Slice,
            "concat" => Self::Concat,
            _ => return None,
        })
    }

    /// Whether such a cell has that pin.
    pub(super) fn has(self, pin: Pin) -> bool {
        let binary = !matches!(
            self,
            Self::Pos
                | Self::Buf
                | Self::Not
                | Self::Neg
                | Self::ReduceAnd
                | Self::ReduceOr
                | Self::ReduceXor
                | Self::ReduceXnor
                | Self::LogicNot
                | Self::Slice
        );
        match pin {
            Pin::A | Pin::Y => true,
            Pin::B => binary,
            Pin::S => matches!(self, Self::Mux | Self::Pmux),
            _ => false,
        }
    }
}

/// The operands of a word-level cell, least significant bit first.
#[derive(Debug, Default)]
pub(super) struct Operands {
    /// Pin `A`.
    pub(super) a: Vec<Lit>,
    /// Pin `B`.
    pub(super) b: Vec<Lit>,
    /// Pin `S`.
    pub(super) s: Vec<Lit>,
    /// Parameter `A_SIGNED`.
    pub(super) a_signed: bool,
    /// Parameter `B_SIGNED`.
    pub(super) b_signed: bool,
    /// Parameter `OFFSET` of `$slice`.
    pub(super) offset: usize,
    /// Width of `Y`.
    pub(super) width: usize,
}

/// The value of `Y`, or why the operands do not fit the cell.
pub(super) fn output(aig: &mut Aig, word: Word, ops: &Operands) -> Result<Vec<Lit>, String> {
    let width = ops.width;
    if [width, ops.a.len(), ops.b.len(), ops.s.len()].into_iter().any(|w| w > MAX_WIDTH) {
        return Err(format!("is wider than {MAX_WIDTH} bits"));
    }
    let both = ops.a_signed && ops.b_signed;
    let compare = ops.a.len().max(ops.b.len());
    let pair = |width: usize| (extend(&ops.a, width, both), extend(&ops.b, width, both));
    let (a, b) = (&ops.a[..], &ops.b[..]);
    let bit = match word {
        Word::Pos => return Ok(extend(a, width, ops.a_signed)),
        Word::Not => return Ok(extend(a, width, ops.a_signed).into_iter().map(|l| !l).collect()),
        Word::Neg => {
            let a: Vec<Lit> = extend(a, width, ops.a_signed).into_iter().map(|l| !l).collect();
            return Ok(sum(aig, &a, &vec![Lit::FALSE; width], Lit::TRUE));
        }
        Word::And | Word::Or | Word::Xor | Word::Xnor => {
            let (a, b) = pair(width);
            return Ok(a
                .into_iter()
                .zip(b)
                .map(|(x, y)| match word {
                    Word::And => aig.and(x, y),
                    Word::Or => aig.or(x, y),
                    Word::Xor => aig.xor(x, y),
                    _ => !aig.xor(x, y),
                })
                .collect());
        }
        Word::Add => {
            let (a, b) = pair(width);
            return Ok(sum(aig, &a, &b, Lit::FALSE));
        }
        Word::Sub => {
            let (a, b) = pair(width);
            let b: Vec<Lit> = b.into_iter().map(|l| !l).collect();
            return Ok(sum(aig, &a, &b, Lit::TRUE));
        }
        Word::Shl | Word::Shr | Word::Sshr => return Ok(shift(aig, word, ops)),
        Word::Mux => {
            expect("S", ops.s.len(), 1)?;
            expect("A", a.len(), width)?;
            expect("B", b.len(), width)?;
            return Ok(a.iter().zip(b).map(|(&x, &y)| aig.mux(ops.s[0], y, x)).collect());
        }
        Word::Pmux => return parallel_mux(aig, ops),
        Word::Buf => {
            expect("A", a.len(), width)?;
            return Ok(a.to_vec());
        }
        Word::Slice => {
            let end = ops.offset.checked_add(width);
            let part = end.and_then(|end| a.get(ops.offset..end));
            return part.map(<[Lit]>::to_vec).ok_or_else(|| "slice outside its operand".into());
        }
        Word::Concat => {
            expect("Y", width, a.len() + b.len())?;
            return Ok(a.iter().chain(b).copied().collect());
        }
        Word::ReduceAnd => aig.and_all(a.iter().copied()),
        Word::ReduceOr => aig.or_all(a.iter().copied()),
        Word::ReduceXor => a.iter().fold(Lit::FALSE, |x, &y| aig.xor(x, y)),
        Word::ReduceXnor => !a.iter().fold(Lit::FALSE, |x, &y| aig.xor(x, y)),
        Word::LogicNot => !aig.or_all(a.iter().copied()),
        Word::LogicAnd | Word::LogicOr => {
            let x = aig.or_all(a.iter().copied());
            let y = aig.or_all(b.iter().copied());
            if word == Word::LogicAnd { aig.and(x, y) } else { aig.or(x, y) }
        }
        Word::Eq | Word::Ne => {
            let (a, b) = pair(compare);
            aig.eq_word(&a, &b).xor_sign(word == Word::Ne)
        }
        Word::Lt | Word::Ge => {
            let (a, b) = pair(compare);
            less(aig, a, b, both).xor_sign(word == Word::Ge)
        }
        Word::Gt | Word::Le => {
            let (a, b) = pair(compare);
            less(aig, b, a, both).xor_sign(word == Word::Le)
        }
    };
    Ok(extend(&[bit], width, false))
}

fn expect(pin: &str, found: usize, wanted: usize) -> Result<(), String> {
    if found == wanted {
        return Ok(());
    }
    Err(format!("pin {pin} has {found} bits where {wanted} are expected"))
}

/// The word cut or extended to `width`, with copies of its top bit if `signed`.
fn extend(word: &[Lit], width: usize, signed: bool) -> Vec<Lit> {
    let fill = if signed { word.last().copied() } else { None }.unwrap_or(Lit::FALSE);
    word.iter().copied().chain(std::iter::repeat(fill)).take(width).collect()
}

/// `a + b + carry`, words of equal width, the carry out dropped.
fn sum(aig: &mut Aig, a: &[Lit], b: &[Lit], mut carry: Lit) -> Vec<Lit> {
    let mut out = Vec::with_capacity(a.len());
    for (&x, &y) in a.iter().zip(b) {
        let half = aig.xor(x, y);
        out.push(aig.xor(half, carry));
        carry = aig.mux(half, carry, x);
    }
    out
}

/// `a < b`, words of equal width; a signed comparison is unsigned with the top bits swapped.
fn less(aig: &mut Aig, mut a: Vec<Lit>, mut b: Vec<Lit>, signed: bool) -> Lit {
    if signed && let (Some(x), Some(y)) = (a.last_mut(), b.last_mut()) {
        std::mem::swap(x, y);
    }
    aig.less_word(&a, &b)
}

/// A barrel shifter, one stage for each bit of `B` that can matter; the higher ones together
/// shift everything out.
fn shift(aig: &mut Aig, word: Word, ops: &Operands) -> Vec<Lit> {
    let work = ops.width.max(ops.a.len());
    let mut value = extend(&ops.a, work, ops.a_signed);
    let fill = match (word, ops.a_signed) {
        (Word::Sshr, true) => value.last().copied().unwrap_or(Lit::FALSE),
        _ => Lit::FALSE,
    };
    let stages = (usize::BITS - work.leading_zeros()) as usize;
    for (i, &s) in ops.b.iter().enumerate().take(stages) {
        let by = 1usize << i;
        value = (0..work)
            .map(|k| {
                let from = if word == Word::Shl { k.checked_sub(by) } else { k.checked_add(by) };
                let moved = from.and_then(|k| value.get(k)).copied().unwrap_or(fill);
                aig.mux(s, moved, value[k])
            })
            .collect();
    }
    let beyond = aig.or_all(ops.b.iter().skip(stages).copied());
    value.iter().take(ops.width).map(|&v| aig.mux(beyond, fill, v)).collect()
}

/// `A` when no select is set, else the OR of the selected words of `B`: what Yosys' `techmap`
/// builds. At most one select may be set; the reader notes that assumption.
fn parallel_mux(aig: &mut Aig, ops: &Operands) -> Result<Vec<Lit>, String> {
    let width = ops.width;
    expect("A", ops.a.len(), width)?;
    expect("B", ops.b.len(), width.saturating_mul(ops.s.len()))?;
    let any = aig.or_all(ops.s.iter().copied());
    Ok((0..width)
        .map(|k| {
            let choices: Vec<Lit> =
                ops.s.iter().enumerate().map(|(i, &s)| aig.and(s, ops.b[i * width + k])).collect();
            let chosen = aig.or_all(choices);
            aig.mux(any, chosen, ops.a[k])
        })
        .collect())
}
