//! The printed form of expressions, and of errors about them.
//!
//! The printed form is the canonical one: sized constants in hexadecimal, one space around binary
//! operators, parentheses only where the reading needs them. Errors show the part of the text that
//! matters with a caret below it; control and reordering characters of hostile text never reach a
//! terminal.

use std::fmt;

use super::expr::{Assignment, Constant, Expr, ExprError, Kind, Member, Node, SetList, Signal};
use super::lex::is_plain_name;

/// Characters shown on either side of the caret.
const CONTEXT: usize = 60;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for SetList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, &self.items, ", ", |f, item| item.fmt(f))
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.signal, self.value)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.kind.level();
        match &self.kind {
            Kind::Signal(signal) => signal.fmt(f),
            Kind::Constant(constant) => constant.fmt(f),
            Kind::Not(x) => {
                f.write_str("!")?;
                x.operand(f, level - 1)
            }
            Kind::Invert(x) => {
                f.write_str("~")?;
                x.operand(f, level - 1)
            }
            Kind::Compare(relation, a, b) => {
                a.operand(f, level)?;
                write!(f, " {} ", relation.symbol())?;
                b.operand(f, level)
            }
            Kind::Inside(x, members) => {
                x.operand(f, level)?;
                f.write_str(" inside {")?;
                separated(f, members, ", ", |f, member| member.fmt(f))?;
                f.write_str("}")
            }
            Kind::Join(join, operands) => {
                let separator = format!(" {} ", join.symbol());
                separated(f, operands, &separator, |f, x| x.operand(f, level))
            }
        }
    }
}

impl Node {
    /// Prints an operand, parenthesised unless it binds tighter than `level`.
    fn operand(&self, f: &mut fmt::Formatter<'_>, level: u8) -> fmt::Result {
        if self.kind.level() > level { fmt::Display::fmt(self, f) } else { write!(f, "({self})") }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain_name(&self.name) {
            f.write_str(&self.name)?;
        } else {
            write!(f, "\\{} ", self.name)?;
        }
        match self.select {
            None => Ok(()),
            Some((high, low)) if high == low => write!(f, "[{high}]"),
            Some((high, low)) => write!(f, "[{high}:{low}]"),
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(width) = self.width else {
            let value = self.bits.iter().rev().fold(0u128, |v, &bit| v << 1 | u128::from(bit));
            return write!(f, "{value}");
        };
        write!(f, "{width}'h")?;
        if self.bits.is_empty() {
            return f.write_str("0");
        }
        for digit in self.bits.chunks(4).rev() {
            let value = digit.iter().rev().fold(0u8, |v, &bit| v << 1 | u8::from(bit));
            write!(f, "{value:x}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(_, value) => value.fmt(f),
            Self::Range(_, low, high) => write!(f, "[{low}:{high}]"),
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    separator: &str,
    print: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        print(f, item)?;
    }
    Ok(())
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}\n{}", self.what, self.remedy, self.excerpt())
    }
}

impl ExprError {
    /// The text around the fault and below it a caret, both indented.
    pub fn excerpt(&self) -> String {
        let before = self.text.get(..self.offset).unwrap_or(&self.text);
        let after = self.text.get(self.offset..).unwrap_or("");
        let mut left: Vec<char> = before.chars().rev().take(CONTEXT).map(printable).collect();
        left.reverse();
        let caret = " ".repeat(left.len());
        let shown: String =
            left.into_iter().chain(after.chars().take(CONTEXT).map(printable)).collect();
        format!("    {}\n    {caret}^", shown.trim_end())
    }
}

/// Neither control characters nor invisible ones that reorder a line.
fn printable(c: char) -> char {
    if c.is_ascii_graphic() || c.is_alphanumeric() { c } else { ' ' }
}
