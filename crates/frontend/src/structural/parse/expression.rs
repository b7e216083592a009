//! Expressions: precedence climbing over the operators that are structure.
//!
//! Method: `?:` binds weakest, then `||`, `&&`, `|`, `^`, `&`, then the operators of one operand; signs
//! are lexed one by one, so an operator of two looks at the sign after it. Nesting is limited, because the
//! parser recurses. Arithmetic, comparison and shift are refused by name.
//! Cost: linear in words.

use super::{MAX_DEPTH, MAX_REPEAT, Parser};
use crate::structural::ast::{Expr, Op};
use crate::structural::lex::{Pos, Token, constant_bits};
use netlist::ReadError;

impl<'s> Parser<'s> {
    /// `?:` binds weakest, then `||`, `&&`, `|`, `^`, `&`, then the operators of one operand.
    pub(super) fn expression(&mut self) -> Result<Expr<'s>, ReadError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let what = format!("an expression nested deeper than {MAX_DEPTH}");
            return Err(self.pos.error(what, "write it as gates"));
        }
        let condition = self.binary(0)?;
        let result = if self.accept(b'?')? {
            let yes = self.expression()?;
            self.expect(b':')?;
            let no = self.expression()?;
            Expr::Cond(Box::new((condition, yes, no)))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(result)
    }

    /// The operator at this token, with its level: 0 `||`, 1 `&&`, 2 `|`, 3 `^`, 4 `&`.
    fn operator(&self) -> Option<(u8, Op, bool, usize)> {
        let Token::Sign(sign) = self.token else { return None };
        let next = self.lexer.adjacent();
        Some(match (sign, next) {
            (b'|', b'|') => (0, Op::Or, true, 2),
            (b'&', b'&') => (1, Op::And, true, 2),
            (b'|', _) => (2, Op::Or, false, 1),
            (b'^', b'~') | (b'~', b'^') => (3, Op::Xnor, false, 2),
            (b'^', _) => (3, Op::Xor, false, 1),
            (b'&', _) => (4, Op::And, false, 1),
            _ => return None,
        })
    }

    fn binary(&mut self, least: u8) -> Result<Expr<'s>, ReadError> {
        let mut left = self.unary()?;
        while let Some((level, op, logical, signs)) = self.operator() {
            if level < least {
                break;
            }
            for _ in 0..signs {
                self.step()?;
            }
            let right = self.binary(level + 1)?;
            let pair = Box::new((left, right));
            left = if logical { Expr::Logical(op, pair) } else { Expr::Binary(op, pair) };
        }
        if let Token::Sign(sign @ (b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=' | b'!')) =
            self.token
            && sign != b'='
        {
            let what = format!("the operator `{}` is not structure", sign as char);
            return Err(self.pos.error(what, "map the design to gates first (yosys `synth`)"));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr<'s>, ReadError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let what = format!("an expression nested deeper than {MAX_DEPTH}");
            return Err(self.pos.error(what, "write it as gates"));
        }
        let next = self.lexer.adjacent();
        let result = match self.token {
            Token::Sign(b'~') if matches!(next, b'&' | b'|' | b'^') => {
                self.step()?;
                let op = self.reduction();
                self.step()?;
                Expr::Reduce(op, true, Box::new(self.unary()?))
            }
            Token::Sign(b'~') => {
                self.step()?;
                Expr::Not(Box::new(self.unary()?))
            }
            Token::Sign(b'!') => {
                self.step()?;
                Expr::LogicalNot(Box::new(self.unary()?))
            }
            Token::Sign(b'&' | b'|' | b'^') => {
                let op = self.reduction();
                self.step()?;
                Expr::Reduce(op, false, Box::new(self.unary()?))
            }
            _ => self.primary()?,
        };
        self.depth -= 1;
        Ok(result)
    }

    fn reduction(&self) -> Op {
        match self.token {
            Token::Sign(b'&') => Op::And,
            Token::Sign(b'|') => Op::Or,
            _ => Op::Xor,
        }
    }

    pub(super) fn primary(&mut self) -> Result<Expr<'s>, ReadError> {
        let pos = self.pos;
        match self.token {
            Token::Sign(b'(') => {
                self.step()?;
                let inner = self.expression()?;
                self.expect(b')')?;
                Ok(inner)
            }
            Token::Sign(b'{') => {
                self.step()?;
                self.concatenation(pos)
            }
            Token::Number(text) => {
                self.step()?;
                let bits = constant_bits(text).ok_or_else(|| {
                    pos.error(format!("`{text}` is no constant"), "write it as 8'hff")
                })?;
                Ok(Expr::Constant(bits.into_boxed_slice()))
            }
            Token::Name(name) | Token::Escaped(name) => {
                self.step()?;
                if !self.accept(b'[')? {
                    return Ok(Expr::Name(name, pos));
                }
                let left = self.integer()?;
                let expr = if self.accept(b':')? {
                    Expr::Part(name, left, self.integer()?, pos)
                } else {
                    Expr::Bit(name, left, pos)
                };
                self.expect(b']')?;
                Ok(expr)
            }
            _ => Err(self.unexpected("a net")),
        }
    }

    /// After `{`.
    fn concatenation(&mut self, pos: Pos) -> Result<Expr<'s>, ReadError> {
        self.depth += 1;
        if let Token::Number(text) = self.token {
            let value = text.parse::<u32>().ok();
            let first = self.expression()?;
            if let (Some(times), true) = (value, self.is(b'{')) {
                if times == 0 || times > MAX_REPEAT {
                    let what = format!("{times} repetitions");
                    return Err(pos.error(what, format!("repeat 1 to {MAX_REPEAT} times")));
                }
                self.step()?;
                let inner = self.concatenation(pos)?;
                self.expect(b'}')?;
                self.depth -= 1;
                return Ok(Expr::Repeat(times, Box::new(inner)));
            }
            return self.concatenation_rest(vec![first]);
        }
        let first = self.expression()?;
        self.concatenation_rest(vec![first])
    }

    fn concatenation_rest(&mut self, mut parts: Vec<Expr<'s>>) -> Result<Expr<'s>, ReadError> {
        while self.accept(b',')? {
            parts.push(self.expression()?);
        }
        self.expect(b'}')?;
        self.depth = self.depth.saturating_sub(1);
        Ok(Expr::Concat(parts.into_boxed_slice()))
    }
}
