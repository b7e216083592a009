//! Functions of Liberty pins: Boolean expressions over pin names, kept in postfix form.
//!
//! `!a`, `a'`, `a & b`, `a * b`, `a b`, `a | b`, `a + b`, `a ^ b`, `0`, `1`, parentheses. Binding from
//! tight to loose: complement, exclusive or, and, or.

/// One step of a [`Function`] on a stack machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// Pushes a pin or state variable: index into [`Function::names`].
    Input(u16),
    /// Pushes a constant.
    Constant(bool),
    /// Complements the top.
    Not,
    /// Conjunction of the two on top.
    And,
    /// Disjunction.
    Or,
    /// Exclusive or.
    Xor,
}

/// A Boolean function in postfix form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Function {
    /// Pins and state variables it reads.
    pub names: Vec<String>,
    /// The steps; exactly one value remains.
    pub ops: Vec<Op>,
}

/// Most steps of a function.
pub(crate) const MAX_OPS: usize = 1 << 14;
const MAX_DEPTH: u32 = 64;

impl Function {
    /// Reads an expression, or says what is wrong with it.
    ///
    /// # Errors
    /// A sentence without place; the caller knows the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser =
            Parser { bytes: text.as_bytes(), text, at: 0, depth: 0, out: Self::default() };
        parser.or()?;
        parser.blanks();
        if parser.at < parser.bytes.len() {
            return Err(format!("`{text}` has something after its end"));
        }
        Ok(parser.out)
    }

    fn push(&mut self, op: Op) -> Result<(), String> {
        if self.ops.len() >= MAX_OPS {
            return Err(format!("a function of more than {MAX_OPS} operators"));
        }
        self.ops.push(op);
        Ok(())
    }
}

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    depth: u32,
    out: Function,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| b.is_ascii_whitespace() || *b == b'\\') {
            self.at += 1;
        }
    }
    fn peek(&mut self) -> u8 {
        self.blanks();
        self.bytes.get(self.at).copied().unwrap_or(0)
    }
    fn or(&mut self) -> Result<(), String> {
        self.and()?;
        while matches!(self.peek(), b'|' | b'+') {
            self.at += 1;
            if self.bytes.get(self.at) == Some(&b'|') {
                self.at += 1;
            }
            self.and()?;
            self.out.push(Op::Or)?;
        }
        Ok(())
    }
    fn and(&mut self) -> Result<(), String> {
        self.xor()?;
        loop {
            match self.peek() {
                b'&' | b'*' => {
                    self.at += 1;
                    if self.bytes.get(self.at) == Some(&b'&') {
                        self.at += 1;
                    }
                }
                // two factors side by side
                b'!' | b'(' | b'0' | b'1' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'"' => {}
                _ => return Ok(()),
            }
            self.xor()?;
            self.out.push(Op::And)?;
        }
    }
    fn xor(&mut self) -> Result<(), String> {
        self.factor()?;
        while self.peek() == b'^' {
            self.at += 1;
            self.factor()?;
            self.out.push(Op::Xor)?;
        }
        Ok(())
    }
    fn factor(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("a function nested deeper than {MAX_DEPTH}"));
        }
        match self.peek() {
            b'!' => {
                self.at += 1;
                self.factor()?;
                self.out.push(Op::Not)?;
            }
            b'(' => {
                self.at += 1;
                self.or()?;
                if self.peek() != b')' {
                    return Err(format!("`{}` has a parenthesis without end", self.text));
                }
                self.at += 1;
            }
            b'0' | b'1' => {
                self.out.push(Op::Constant(self.bytes[self.at] == b'1'))?;
                self.at += 1;
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.name()?,
            _ => return Err(format!("`{}` is no Boolean function", self.text)),
        }
        while self.peek() == b'\'' {
            self.at += 1;
            self.out.push(Op::Not)?;
        }
        self.depth -= 1;
        Ok(())
    }
    fn name(&mut self) -> Result<(), String> {
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'[' | b']' | b'.'))
        {
            self.at += 1;
        }
        let name = self.text.get(start..self.at).unwrap_or("");
        let index = match self.out.names.iter().position(|n| n == name) {
            Some(index) => index,
            None => {
                self.out.names.push(name.to_owned());
                self.out.names.len() - 1
            }
        };
        let index = u16::try_from(index).map_err(|_| "a function of too many pins".to_owned())?;
        self.out.push(Op::Input(index))
    }
}
