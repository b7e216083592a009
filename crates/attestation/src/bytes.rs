//! A cursor over bytes that cannot run past the end: every read says where it stood.

/// What was wanted and where, when the bytes ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("byte {at}: {what} needs {need} bytes, {left} are left")]
pub struct Short {
    /// Offset.
    pub at: usize,
    /// The field.
    pub what: &'static str,
    /// Bytes wanted.
    pub need: usize,
    /// Bytes left.
    pub left: usize,
}

/// Reads forward.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
    pub(crate) fn at(&self) -> usize {
        self.at
    }
    pub(crate) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }
    pub(crate) fn take(&mut self, need: usize, what: &'static str) -> Result<&'a [u8], Short> {
        let short = Short { at: self.at, what, need, left: self.left() };
        let end = self.at.checked_add(need).ok_or(short)?;
        let part = self.bytes.get(self.at..end).ok_or(short)?;
        self.at = end;
        Ok(part)
    }
    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Short> {
        let short = Short { at: self.at, what, need: N, left: self.left() };
        self.take(N, what)?.try_into().map_err(|_| short)
    }
    pub(crate) fn byte(&mut self, what: &'static str) -> Result<u8, Short> {
        self.array::<1>(what).map(|b| b[0])
    }
    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, Short> {
        self.array(what).map(u16::from_le_bytes)
    }
    pub(crate) fn u24(&mut self, what: &'static str) -> Result<usize, Short> {
        let [a, b, c] = self.array::<3>(what)?;
        Ok(usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16)
    }
}
