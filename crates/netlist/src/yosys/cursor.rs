//! A cursor over JSON text (RFC 8259): the reader asks for what it expects next and is handed it,
//! or learns where the text says something else.
//!
//! Problem: a flattened chip is a gigabyte of JSON, half of it indentation and attributes that
//! nobody reads, and what reads it belongs to the trusted base.
//! Method: recursive descent without a tree. The caller names what must follow; strings are
//! borrowed from the text unless they hold an escape; a value that nobody wants is skipped with an
//! explicit stack of brackets, yet checked in full. Runs of spaces and plain characters are passed
//! eight bytes at a time by arithmetic on words (Mycroft's test for a byte in a word; H. S. Warren,
//! *Hacker's Delight*, section 6-1).
//! Cost: linear, about a nanosecond for two bytes of Yosys' layout. The text must be UTF-8, which
//! the caller checks once for the whole file. Nesting is limited to [`MAX_DEPTH`].
//! What it does not check: that the members of a skipped object have different names.

mod strings;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// Deepest nesting of a value that is skipped.
pub(super) const MAX_DEPTH: u32 = 128;

/// Where the text is not what was expected, in bytes from its beginning, and what is wrong.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) what: String,
}

/// A number as far as netlists need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Number {
    /// A whole number that is not negative and fits.
    Unsigned(u64),
    /// A negative whole number that fits.
    Negative(i64),
    /// Any other: with a fraction or an exponent, or too large.
    Other,
}

/// A position in JSON text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

const fn repeat(byte: u8) -> u64 {
    u64::MAX / 255 * byte as u64
}

impl<'a> Cursor<'a> {
    /// Starts in a text behind its first `at` bytes.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The position, in bytes from the beginning.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes to a position where another cursor has been.
    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
    }

    /// A fault at the present position.
    pub(super) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { at: self.at, what: what.into() }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn word(&self) -> Option<u64> {
        let chunk = self.text.as_bytes().get(self.at..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*chunk))
    }

    /// The next byte that is not white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(b' ' | b'\n' | b'\t' | b'\r') => self.space(),
            other => other,
        }
    }

    /// Passes white space, most of which is a new line and an indentation by spaces.
    fn space(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return other,
            }
            while let Some(word) = self.word() {
                let spaces = (word ^ repeat(b' ')).trailing_zeros() / 8;
                self.at += spaces as usize;
                if spaces < 8 {
                    break;
                }
            }
        }
    }

    /// What stands here, for messages.
    fn found(&mut self) -> &'static str {
        match self.peek() {
            None => "the end of the file",
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b'"') => "a string",
            Some(b'-' | b'0'..=b'9') => "a number",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            Some(b'}' | b']' | b':' | b',') => "punctuation",
            Some(_) => "something that is not JSON",
        }
    }

    /// A fault that says what was expected here and what stands here instead.
    #[cold]
    pub(super) fn expected(&mut self, what: &str) -> Fault {
        let found = self.found();
        self.fault(format!("expected {what}, found {found}"))
    }

    #[inline]
    fn take(&mut self, byte: u8, what: &str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.expected(what));
        }
        self.at += 1;
        Ok(())
    }

    /// After an item: whether another follows. `close` ends the list.
    #[inline]
    fn more(&mut self, close: u8) -> Result<bool, Fault> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.expected(if close == b'}' { "`,` or `}`" } else { "`,` or `]`" })),
        }
    }

    /// Reads an object; `member` reads the value of each of its names.
    pub(super) fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut more = self.open()?;
        while more {
            let name = self.name()?;
            member(self, name)?;
            more = self.another()?;
        }
        Ok(())
    }

    /// Enters an object: whether it has a member, whose name is next.
    #[inline]
    pub(super) fn open(&mut self) -> Result<bool, Fault> {
        self.enter(b'{', b'}', "an object")
    }

    /// Enters a list: whether it has anything in it.
    #[inline]
    fn enter(&mut self, open: u8, close: u8, what: &str) -> Result<bool, Fault> {
        self.take(open, what)?;
        let empty = self.peek() == Some(close);
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// Behind a member: whether another follows, whose name is next.
    #[inline]
    pub(super) fn another(&mut self) -> Result<bool, Fault> {
        self.more(b'}')
    }

    /// Reads the name of a member.
    pub(super) fn name(&mut self) -> Result<Cow<'a, str>, Fault> {
        let name = self.string()?;
        self.take(b':', "`:`")?;
        Ok(name)
    }

    fn pass_name(&mut self) -> Result<(), Fault> {
        self.pass()?;
        self.take(b':', "`:`")
    }

    /// Reads an array; `item` reads each of its values.
    pub(super) fn items(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut more = self.enter(b'[', b']', "an array")?;
        while more {
            item(self)?;
            more = self.more(b']')?;
        }
        Ok(())
    }

    /// Passes at least one digit; their value, if it fits.
    fn digits(&mut self) -> Result<Option<u64>, Fault> {
        let start = self.at;
        let mut value = 0u64;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        match self.at - start {
            0 => Err(self.fault("expected a digit")),
            // every number of 19 digits fits
            1..20 => Ok(Some(value)),
            _ => Ok(self.text.get(start..self.at).and_then(|digits| digits.parse().ok())),
        }
    }

    /// Reads a number.
    pub(super) fn number(&mut self) -> Result<Number, Fault> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.expected("a number"));
        }
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let first = self.at;
        let value = self.digits()?;
        if self.text.as_bytes().get(first) == Some(&b'0') && self.at - first > 1 {
            return Err(self.fault("a number starts with 0"));
        }
        let mut whole = true;
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            whole = false;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
            whole = false;
        }
        Ok(match value.filter(|_| whole) {
            Some(value) if !negative => Number::Unsigned(value),
            Some(value) => 0i64.checked_sub_unsigned(value).map_or(Number::Other, Number::Negative),
            None => Number::Other,
        })
    }

    fn literal(&mut self, word: &str) -> Result<(), Fault> {
        if !self
            .text
            .as_bytes()
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()))
        {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads `true` or `false`.
    pub(super) fn boolean(&mut self) -> Result<bool, Fault> {
        let value = self.peek() == Some(b't');
        self.literal(if value { "true" } else { "false" })?;
        Ok(value)
    }

    /// Passes any value.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        // open brackets, innermost in bit 0: set for objects
        let (mut objects, mut depth) = (0u128, 0u32);
        loop {
            let open = self.peek();
            match open {
                Some(b'{' | b'[') => {
                    if depth == MAX_DEPTH {
                        return Err(self.fault(format!("is nested deeper than {MAX_DEPTH} levels")));
                    }
                    let object = open == Some(b'{');
                    self.at += 1;
                    if self.peek() == Some(if object { b'}' } else { b']' }) {
                        self.at += 1;
                    } else {
                        depth += 1;
                        objects = objects << 1 | u128::from(object);
                        if object {
                            self.pass_name()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => self.pass()?,
                Some(b'-' | b'0'..=b'9') => drop(self.number()?),
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                _ => return Err(self.expected("a value")),
            }
            // a value has ended, and with it as many brackets as close here
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let object = objects & 1 == 1;
                if self.more(if object { b'}' } else { b']' })? {
                    if object {
                        self.pass_name()?;
                    }
                    break;
                }
                depth -= 1;
                objects >>= 1;
            }
        }
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault("expected the end of the file")),
        }
    }
}
