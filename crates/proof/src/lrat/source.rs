//! The two codings of LRAT, decoded one number at a time; the table stands in the parent module.

use super::LratError;
use std::io::Read;

/// The beginning of a step.
pub(super) enum Step {
    Add(i64),
    Delete,
    End,
}

/// A proof's bytes, decoded one number at a time.
pub(super) struct Source<R> {
    input: R,
    buffer: Vec<u8>,
    next: usize,
    filled: usize,
    /// Bytes consumed.
    pub(super) offset: u64,
    most: u64,
    /// Steps begun.
    pub(super) step: u64,
    binary: bool,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R, most: u64) -> Self {
        let buffer = vec![0; 1 << 16];
        Self { input, buffer, next: 0, filled: 0, offset: 0, most, step: 0, binary: false }
    }

    pub(super) fn limit(&self, what: &'static str, most: u64) -> LratError {
        LratError::Limit { step: self.step, what, most }
    }

    fn malformed(&self, expected: &'static str) -> LratError {
        LratError::Malformed { step: self.step, byte: self.offset, expected }
    }

    /// The next byte without consuming it; `None` at the end.
    #[inline]
    fn peek(&mut self) -> Result<Option<u8>, LratError> {
        if self.next == self.filled {
            self.fill()?;
        }
        Ok(if self.next < self.filled { Some(self.buffer[self.next]) } else { None })
    }

    fn fill(&mut self) -> Result<(), LratError> {
        self.next = 0;
        self.filled = loop {
            match self.input.read(&mut self.buffer) {
                Ok(count) => break count.min(self.buffer.len()),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.filled = 0;
                    return Err(LratError::Unreadable { step: self.step, why: e.to_string() });
                }
            }
        };
        if self.filled as u64 > self.most.saturating_sub(self.offset) {
            return Err(self.limit("bytes", self.most));
        }
        Ok(())
    }

    /// The next byte; the end is an error.
    #[inline]
    fn byte(&mut self) -> Result<u8, LratError> {
        let byte = self.peek()?.ok_or(LratError::Truncated { step: self.step })?;
        self.next += 1;
        self.offset += 1;
        Ok(byte)
    }

    /// Skips white space; the byte after it.
    fn skip(&mut self) -> Result<Option<u8>, LratError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.byte()?,
                other => return Ok(other),
            };
        }
    }

    pub(super) fn step(&mut self) -> Result<Step, LratError> {
        let first = if self.binary { self.peek()? } else { self.skip()? };
        let Some(first) = first else { return Ok(Step::End) };
        self.binary |= self.step == 0 && matches!(first, b'a' | b'd');
        self.step += 1;
        if self.binary {
            return match self.byte()? {
                b'a' => Ok(Step::Add(self.number("clause id")?)),
                b'd' => Ok(Step::Delete),
                _ => Err(self.malformed("step (`a` or `d`)")),
            };
        }
        let id = self.number("clause id")?;
        if self.skip()? == Some(b'd') {
            self.byte()?;
            return Ok(Step::Delete);
        }
        Ok(Step::Add(id))
    }

    #[inline]
    pub(super) fn number(&mut self, expected: &'static str) -> Result<i64, LratError> {
        if self.binary { self.binary_number(expected) } else { self.text_number(expected) }
    }

    #[inline]
    fn binary_number(&mut self, expected: &'static str) -> Result<i64, LratError> {
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let magnitude = (value >> 1) as i64;
                return Ok(if value & 1 == 1 { -magnitude } else { magnitude });
            }
        }
        Err(self.malformed(expected))
    }

    fn text_number(&mut self, expected: &'static str) -> Result<i64, LratError> {
        let negative = self.skip()? == Some(b'-');
        if negative {
            self.byte()?;
        }
        let (mut value, mut digits) = (0i64, 0);
        while let Some(digit @ b'0'..=b'9') = self.peek()? {
            self.byte()?;
            digits += 1;
            if digits > 18 {
                return Err(self.malformed(expected));
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        match self.peek()? {
            None | Some(b' ' | b'\n' | b'\r' | b'\t') if digits > 0 => {
                Ok(if negative { -value } else { value })
            }
            None => Err(LratError::Truncated { step: self.step }),
            Some(_) => Err(self.malformed(expected)),
        }
    }
}
