//! Strings of JSON: borrowed where they are plain, copied where they hold an escape.

use std::borrow::Cow;

use super::{Cursor, Fault, repeat};

/// The high bit of each byte of `word` that ends a run of plain characters: a quote, a backslash, a
/// control character; bits above the first such one may be wrong. None of them has its own high
/// bit set, nor does comparing change it.
const fn stops(word: u64) -> u64 {
    let quote = (word ^ repeat(b'"')).wrapping_sub(repeat(1));
    let escape = (word ^ repeat(b'\\')).wrapping_sub(repeat(1));
    (quote | escape | word.wrapping_sub(repeat(0x20))) & !word & repeat(0x80)
}

impl<'a> Cursor<'a> {
    /// Passes the plain characters of a string, up to a quote, an escape or a control character.
    fn plain(&mut self) {
        while let Some(word) = self.word() {
            let stop = stops(word);
            if stop != 0 {
                // the first of the marked bytes is always right
                self.at += (stop.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while self.byte().is_some_and(|b| b >= 0x20 && b != b'"' && b != b'\\') {
            self.at += 1;
        }
    }

    /// Passes a string.
    pub(super) fn pass(&mut self) -> Result<(), Fault> {
        self.take(b'"', "a string")?;
        self.plain();
        if self.byte() == Some(b'"') {
            self.at += 1;
            return Ok(());
        }
        self.unescape(String::new()).map(drop)
    }

    /// Reads a string.
    #[inline]
    pub(in crate::yosys) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.take(b'"', "a string")?;
        let start = self.at;
        self.plain();
        let text = self.text;
        // both ends lie beside ASCII characters, so the slices exist
        let borrowed = text.get(start..self.at).unwrap_or_default();
        if self.byte() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(borrowed));
        }
        self.unescape(borrowed.to_owned()).map(Cow::Owned)
    }

    /// The rest of a string, up to and with its quote, behind `start`.
    #[cold]
    fn unescape(&mut self, start: String) -> Result<String, Fault> {
        let (text, mut owned) = (self.text, start);
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(owned);
                }
                Some(b'\\') => owned.push(self.escape()?),
                Some(_) => return Err(self.fault("control character in a string")),
                None => return Err(self.fault("the file ends within a string")),
            }
            let start = self.at;
            self.plain();
            owned.push_str(text.get(start..self.at).unwrap_or_default());
        }
    }

    /// The character behind a backslash, which is the next byte.
    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let c = match self.byte() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex()?;
                let mut code = high;
                if high & 0xfc00 == 0xd800
                    && self.text.as_bytes().get(self.at..self.at + 2) == Some(b"\\u")
                {
                    self.at += 1;
                    let low = self.hex()?;
                    // a low half completes the pair; anything else leaves a lone half, refused below
                    if low & 0xfc00 == 0xdc00 {
                        code = 0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff);
                    }
                }
                return char::from_u32(code).ok_or_else(|| self.fault("half of a surrogate pair"));
            }
            _ => return Err(self.fault("unknown escape in a string")),
        };
        self.at += 1;
        Ok(c)
    }

    /// Four hexadecimal digits behind a `u`, which is the next byte.
    fn hex(&mut self) -> Result<u32, Fault> {
        self.at += 1;
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|b| char::from(b).to_digit(16));
            value =
                value << 4 | digit.ok_or_else(|| self.fault("expected four hexadecimal digits"))?;
            self.at += 1;
        }
        Ok(value)
    }
}
