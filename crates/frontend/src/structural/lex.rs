//! Words of structural Verilog, with the line and column of each.
//!
//! Method: one pass over the bytes; comments, attributes and harmless directives are skipped where
//! they stand. Names keep pointing into the file, so a flat file of a million cells costs no string.

use netlist::ReadError;

/// Where a token begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Pos {
    /// Line, from 1.
    pub(super) line: u32,
    /// Column in bytes, from 1.
    pub(super) column: u32,
}

impl Pos {
    pub(super) fn error(self, what: impl Into<String>, remedy: impl Into<String>) -> ReadError {
        ReadError::new(format!("line {}, column {}", self.line, self.column), what, remedy)
    }
}

/// A word of the language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token<'s> {
    /// A plain name or keyword.
    Name(&'s str),
    /// A name after a backslash; never a keyword.
    Escaped(&'s str),
    /// A number as written, base and all.
    Number(&'s str),
    /// One character of punctuation.
    Sign(u8),
    /// A string.
    Text,
    /// The end of the file.
    End,
}

/// The words of one file.
pub(super) struct Lexer<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    line: u32,
    line_start: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, line: 1, line_start: 0 }
    }

    /// Another reader at the same place.
    pub(super) fn clone_at(&self) -> Self {
        Self { ..*self }
    }
    /// The byte right after the current token; 0 at the end.
    pub(super) fn adjacent(&self) -> u8 {
        self.peek(0)
    }

    fn pos(&self) -> Pos {
        Pos { line: self.line, column: (self.at - self.line_start) as u32 + 1 }
    }
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }
    fn newline(&mut self) {
        self.line = self.line.saturating_add(1);
        self.line_start = self.at + 1;
    }
    /// Moves to just after the next `end`, or fails at `from`.
    fn skip_until(&mut self, end: &[u8], from: Pos, what: &str) -> Result<(), ReadError> {
        while self.at < self.bytes.len() {
            if self.bytes[self.at..].starts_with(end) {
                self.at += end.len();
                return Ok(());
            }
            if self.bytes[self.at] == b'\n' {
                self.newline();
            }
            self.at += 1;
        }
        Err(from.error(format!("{what} does not end"), "close it, or copy the file again"))
    }
    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            self.at += 1;
        }
    }

    fn skip_blanks(&mut self) -> Result<(), ReadError> {
        loop {
            match self.peek(0) {
                b'\n' => {
                    self.newline();
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0c => self.at += 1,
                b'/' if self.peek(1) == b'/' => self.skip_line(),
                b'/' if self.peek(1) == b'*' => {
                    let from = self.pos();
                    self.at += 2;
                    self.skip_until(b"*/", from, "a comment")?;
                }
                b'(' if self.peek(1) == b'*' && self.peek(2) != b')' => {
                    let from = self.pos();
                    self.at += 2;
                    self.skip_until(b"*)", from, "an attribute")?;
                }
                b'`' => self.directive()?,
                _ => return Ok(()),
            }
        }
    }

    fn directive(&mut self) -> Result<(), ReadError> {
        let from = self.pos();
        self.at += 1;
        let name = self.word();
        match name {
            "timescale" | "default_nettype" | "resetall" | "celldefine" | "endcelldefine"
            | "line" | "delay_mode_path" | "delay_mode_unit" | "delay_mode_zero"
            | "suppress_faults" | "nosuppress_faults" | "enable_portfaults"
            | "disable_portfaults" => {
                self.skip_line();
                Ok(())
            }
            _ => Err(from.error(
                format!("the directive `{name} is not read"),
                "expand it with a preprocessor, or write the netlist with yosys \
                 `write_verilog -noattr -noexpr`",
            )),
        }
    }

    fn word(&mut self) -> &'s str {
        let start = self.at;
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$') {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    /// The next word and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token<'s>, Pos), ReadError> {
        self.skip_blanks()?;
        let pos = self.pos();
        if self.at >= self.bytes.len() {
            return Ok((Token::End, pos));
        }
        let token = match self.bytes[self.at] {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => Token::Name(self.word()),
            b'0'..=b'9' | b'\'' => Token::Number(self.number()),
            b'\\' => {
                self.at += 1;
                let start = self.at;
                while self.at < self.bytes.len() && !self.bytes[self.at].is_ascii_whitespace() {
                    self.at += 1;
                }
                match self.text.get(start..self.at) {
                    Some(name) if !name.is_empty() => Token::Escaped(name),
                    _ => return Err(pos.error("an empty escaped name", "name it")),
                }
            }
            b'"' => {
                self.at += 1;
                while self.at < self.bytes.len() && self.bytes[self.at] != b'"' {
                    if self.bytes[self.at] == b'\n' {
                        return Err(pos.error("a string does not end", "close it on its line"));
                    }
                    self.at += 1 + usize::from(self.bytes[self.at] == b'\\');
                }
                self.at = (self.at + 1).min(self.bytes.len());
                Token::Text
            }
            sign if sign.is_ascii_graphic() => {
                self.at += 1;
                Token::Sign(sign)
            }
            other => {
                return Err(pos.error(
                    format!("a byte 0x{other:02x} that is no Verilog"),
                    "give gate-level Verilog in ASCII, names in other scripts escaped",
                ));
            }
        };
        Ok((token, pos))
    }

    /// `12`, `1.5`, `8'hff`, `'b0`, `4 'd3` without the blank.
    fn number(&mut self) -> &'s str {
        let start = self.at;
        let digits = |b: u8| b.is_ascii_digit() || b == b'_';
        while digits(self.peek(0)) {
            self.at += 1;
        }
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
            while digits(self.peek(0)) {
                self.at += 1;
            }
        }
        let blank = self.bytes[self.at..].iter().take_while(|b| **b == b' ').count().min(8);
        let base = |l: &Self, at: usize| {
            l.peek(at) == b'\'' && matches!(l.peek(at + 1), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')
        };
        if self.at > start && blank > 0 && base(self, blank) {
            self.at += blank;
        }
        if base(self, 0) {
            self.at += 1;
            let signed = matches!(self.peek(0), b's' | b'S');
            self.at += usize::from(signed);
            if self.peek(0).is_ascii_alphabetic() {
                self.at += 1;
                while self.peek(0) == b' ' {
                    self.at += 1;
                }
            }
            while matches!(self.peek(0), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'_' | b'x' | b'X' | b'z' | b'Z' | b'?')
            {
                self.at += 1;
            }
        } else if self.at == start {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or("")
    }
}

/// Most bits of a literal constant.
pub(super) const MAX_CONSTANT: usize = 1 << 16;

/// The bits of a number, least significant first: 0, 1, or 2 for `x` and `z`; nothing if it is no
/// integer of at most [`MAX_CONSTANT`] bits.
pub(super) fn constant_bits(text: &str) -> Option<Vec<u8>> {
    let Some((size, rest)) = text.split_once('\'') else {
        let value: u64 = text.replace('_', "").parse().ok()?;
        return Some((0..32).map(|i| (value >> i & 1) as u8).collect());
    };
    let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
    let size = size.trim().replace('_', "");
    let width: Option<usize> = if size.is_empty() { None } else { Some(size.parse().ok()?) };
    if width.is_some_and(|w| w == 0 || w > MAX_CONSTANT) || rest.is_empty() {
        return None;
    }
    let (base, digits) = rest.split_at_checked(1)?;
    let digits: String = digits.chars().filter(|c| *c != '_' && *c != ' ').collect();
    let per = match base.to_ascii_lowercase().as_str() {
        "b" => 1,
        "o" => 3,
        "h" => 4,
        "d" => 0,
        _ => return None,
    };
    let mut bits = Vec::new();
    if per == 0 {
        let value: u128 = digits.parse().ok()?;
        bits.extend((0..128).map(|i| (value >> i & 1) as u8));
    } else {
        if digits.is_empty() || digits.len() > MAX_CONSTANT {
            return None;
        }
        for c in digits.chars().rev() {
            match c {
                'x' | 'X' | 'z' | 'Z' | '?' => bits.extend(std::iter::repeat_n(2, per)),
                _ => {
                    let digit = c.to_digit(1 << per)?;
                    bits.extend((0..per).map(|i| (digit >> i & 1) as u8));
                }
            }
        }
    }
    let width = width.unwrap_or(32.max(bits.len().min(128)));
    let fill = match bits.last() {
        Some(2) => 2,
        _ => 0,
    };
    bits.resize(width, fill);
    Some(bits)
}
