//! Expressions: bits of nets where they only name nets, gates where they compute.
//!
//! Problem: `assign` and pins take expressions, and a report has to point at something a reader finds.
//! Method: names, selections, concatenations and constants are bits and cost nothing, so that
//! `assign` of a plain net is an alias. Every operator becomes a gate; the gates of bit `i` belong to
//! one instance, named after the net that the bit drives, or after the line if it stands at a pin.
//! Widths are those of the context, as far as bitwise operators need them.
//! Cost: linear in bits of the expression.
//! What it cannot see: arithmetic, comparisons and shifts, which `parse` refuses.

use super::{Flattener, Scope};
use crate::structural::Instance;
use crate::structural::ast::{Assign, Expr, Op, Signal};
use crate::structural::flat::{Bit, Driver, Gate, ONE, UNKNOWN, ZERO, net};
use crate::structural::lex::Pos;
use netlist::ReadError;

impl<'s, 'f> Flattener<'s, 'f> {
    pub(super) fn assign(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        assign: &Assign<'s>,
    ) -> Result<(), ReadError> {
        let to = self.bits(scope, &assign.to, false, assign.pos)?;
        let plain = is_plain(&assign.from);
        let first = self.flat.instances.len() as u32;
        let mut from = if plain {
            self.bits(scope, &assign.from, true, assign.pos)?
        } else {
            // one instance for each bit, named after what it drives
            for &bit in &to {
                let name = net(bit).map_or_else(String::new, |n| self.flat.net_name(n));
                let kind = self.kind_name("assign");
                self.flat.instances.push(Instance { name, kind, line: assign.pos.line });
            }
            self.operate(scope, &assign.from, to.len(), first, assign.pos)?
        };
        from.resize(to.len().max(1), ZERO);
        for (&target, &source) in to.iter().zip(&from) {
            let Some(target) = net(target) else {
                return Err(assign.pos.error("a constant is assigned to", "assign to a net"));
            };
            if self.flat.drivers[target] != Driver::None {
                let what = format!("{} is driven twice", self.flat.net_name(target));
                return Err(assign.pos.error(what, "remove one of its drivers"));
            }
            self.flat.drivers[target] = Driver::Alias(source);
        }
        Ok(())
    }

    /// Bits of an expression of nets only; operators are refused.
    pub(super) fn bits(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        implicit: bool,
        pos: Pos,
    ) -> Result<Vec<Bit>, ReadError> {
        match expr {
            Expr::Name(name, at) => self.named(scope, name, implicit, *at),
            Expr::Bit(name, index, at) => {
                let (signal, bits) = self.vector(scope, name, *at)?;
                let bit = signal.bit(*index).and_then(|i| bits.get(i).copied());
                Ok(vec![bit.ok_or_else(|| outside(name, *index, *at))?])
            }
            Expr::Part(name, left, right, at) => {
                let (signal, bits) = self.vector(scope, name, *at)?;
                let high = signal.bit(*left).ok_or_else(|| outside(name, *left, *at))?;
                let low = signal.bit(*right).ok_or_else(|| outside(name, *right, *at))?;
                if high < low {
                    let what = format!("{name}[{left}:{right}] runs against its declaration");
                    return Err(at.error(what, "turn it round"));
                }
                Ok(bits[low..=high].to_vec())
            }
            Expr::Constant(bits) => Ok(bits
                .iter()
                .map(|b| match b {
                    0 => ZERO,
                    1 => ONE,
                    _ => UNKNOWN,
                })
                .collect()),
            Expr::Concat(parts) => {
                let mut all = Vec::new();
                for part in parts.iter().rev() {
                    all.extend(self.bits(scope, part, implicit, pos)?);
                }
                Ok(all)
            }
            Expr::Repeat(times, inner) => {
                let once = self.bits(scope, inner, implicit, pos)?;
                if once.len().saturating_mul(*times as usize) > 1 << 20 {
                    return Err(pos.error("a repetition of over a million bits", "write it out"));
                }
                Ok(once.repeat(*times as usize))
            }
            _ => {
                // an expression at a pin: gates of its own
                let first = self.flat.instances.len() as u32;
                let width = self.width(scope, expr, pos)?;
                for _ in 0..width {
                    let kind = self.kind_name("expression");
                    let name = format!("expression at line {}", pos.line);
                    self.flat.instances.push(Instance { name, kind, line: pos.line });
                }
                self.operate(scope, expr, width, first, pos)
            }
        }
    }

    fn named(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        name: &'s str,
        implicit: bool,
        pos: Pos,
    ) -> Result<Vec<Bit>, ReadError> {
        if let Some((_, bits)) = scope.bits.get(name) {
            return Ok(bits.clone());
        }
        let _ = implicit;
        let bits = self.fresh(1)?;
        self.word(scope, name, None, bits.clone(), pos);
        Ok(bits)
    }

    fn vector<'a>(
        &self,
        scope: &'a Scope<'s, 'f>,
        name: &str,
        pos: Pos,
    ) -> Result<(&'f Signal, &'a [Bit]), ReadError> {
        let bits = scope.bits.get(name);
        match (scope.module.signals.get(name), bits) {
            (Some(signal), Some((_, bits))) => Ok((signal, bits)),
            _ => Err(pos.error(format!("{name} is not declared"), "declare it with its range")),
        }
    }

    fn width(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        pos: Pos,
    ) -> Result<usize, ReadError> {
        Ok(match expr {
            Expr::Not(inner) => self.width(scope, inner, pos)?,
            Expr::LogicalNot(_) | Expr::Reduce(..) | Expr::Logical(..) => 1,
            Expr::Binary(_, pair) => {
                self.width(scope, &pair.0, pos)?.max(self.width(scope, &pair.1, pos)?)
            }
            Expr::Cond(three) => {
                self.width(scope, &three.1, pos)?.max(self.width(scope, &three.2, pos)?)
            }
            plain => self.bits(scope, plain, true, pos)?.len(),
        })
    }

    /// Gates for an expression of `width` bits; bit `i` belongs to instance `first + i`.
    fn operate(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        width: usize,
        first: u32,
        pos: Pos,
    ) -> Result<Vec<Bit>, ReadError> {
        let owner = |i: usize| first + i.min(width.saturating_sub(1)) as u32;
        let mut result = match expr {
            Expr::Not(inner) => {
                let bits = self.operate(scope, inner, width, first, pos)?;
                self.each(&bits, |s, i, b| s.made(Gate::Not, owner(i), &[b]))?
            }
            Expr::LogicalNot(inner) => {
                let any = self.truth(scope, inner, first, pos)?;
                vec![self.made(Gate::Not, first, &[any])?]
            }
            Expr::Reduce(op, inverted, inner) => {
                let own = self.width(scope, inner, pos)?;
                let bits = self.operate(scope, inner, own, first, pos)?;
                let gate = match (op, inverted) {
                    (Op::And, false) => Gate::And,
                    (Op::And, true) => Gate::Nand,
                    (Op::Or, false) => Gate::Or,
                    (Op::Or, true) => Gate::Nor,
                    (_, false) => Gate::Xor,
                    (_, true) => Gate::Xnor,
                };
                vec![self.made(gate, first, &bits)?]
            }
            Expr::Binary(op, pair) => {
                let a = self.operate(scope, &pair.0, width, first, pos)?;
                let b = self.operate(scope, &pair.1, width, first, pos)?;
                let gate = match op {
                    Op::And => Gate::And,
                    Op::Or => Gate::Or,
                    Op::Xor => Gate::Xor,
                    Op::Xnor => Gate::Xnor,
                };
                self.each(&a, |s, i, bit| s.made(gate, owner(i), &[bit, b[i]]))?
            }
            Expr::Logical(op, pair) => {
                let a = self.truth(scope, &pair.0, first, pos)?;
                let b = self.truth(scope, &pair.1, first, pos)?;
                let gate = if *op == Op::And { Gate::And } else { Gate::Or };
                vec![self.made(gate, first, &[a, b])?]
            }
            Expr::Cond(three) => {
                let c = self.truth(scope, &three.0, first, pos)?;
                let t = self.operate(scope, &three.1, width, first, pos)?;
                let e = self.operate(scope, &three.2, width, first, pos)?;
                self.each(&t, |s, i, bit| s.made(Gate::Mux, owner(i), &[c, bit, e[i]]))?
            }
            plain => self.bits(scope, plain, true, pos)?,
        };
        result.resize(width, ZERO);
        Ok(result)
    }

    fn truth(
        &mut self,
        scope: &mut Scope<'s, 'f>,
        expr: &Expr<'s>,
        owner: u32,
        pos: Pos,
    ) -> Result<Bit, ReadError> {
        let width = self.width(scope, expr, pos)?;
        let bits = self.operate(scope, expr, width, owner, pos)?;
        match bits.as_slice() {
            [one] => Ok(*one),
            many => self.made(Gate::Or, owner, many),
        }
    }

    fn each(
        &mut self,
        bits: &[Bit],
        mut make: impl FnMut(&mut Self, usize, Bit) -> Result<Bit, ReadError>,
    ) -> Result<Vec<Bit>, ReadError> {
        bits.iter().enumerate().map(|(i, &b)| make(self, i, b)).collect()
    }

    /// A gate with an output of its own.
    fn made(&mut self, gate: Gate, owner: u32, inputs: &[Bit]) -> Result<Bit, ReadError> {
        let out = self.fresh(1)?[0];
        let mut pins = vec![out];
        pins.extend_from_slice(inputs);
        self.push_gate(gate, owner, &pins);
        Ok(out)
    }
}

fn outside(name: &str, index: i32, pos: Pos) -> ReadError {
    pos.error(format!("{name}[{index}] is outside its range"), "correct the index")
}

fn is_plain(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Name(..) | Expr::Bit(..) | Expr::Part(..) | Expr::Constant(_) => true,
        Expr::Concat(parts) => parts.iter().all(is_plain),
        Expr::Repeat(_, inner) => is_plain(inner),
        _ => false,
    }
}
