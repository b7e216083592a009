//! The report: an SPDM `GET_MEASUREMENTS` request and the `MEASUREMENTS` response to it.
//!
//! Problem: the signature covers the request and the response up to the signature, so both must be at hand and
//! their borders exact. Files circulate with a trailing byte that spoils the signature when the last 96
//! bytes are taken for it.
//! Method: DMTF DSP0274, versions 1.1 to 1.3, read forward: lengths must fill each other exactly, what is left
//! over after the signature is counted and reported. From version 1.2 on the message that is signed is the
//! context string followed by the digest of the transcript, which there begins with the negotiation (VCA).
//! Cost: linear.
//! What it cannot see: whether the request was really sent. Version 1.2 and later were not seen on data.

use crate::bytes::{Cursor, Short};
use crate::signature::SIZE;
use sha2::{Digest as _, Sha384};

/// A report is never longer than this.
pub const MAX_REPORT: usize = 1 << 20;

/// Length of the request up to version 1.2: header, nonce, slot.
pub const REQUEST: usize = 37;

/// What is wrong with a report.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReportError {
    /// Bytes ran out.
    #[error(transparent)]
    Short(#[from] Short),
    /// Longer than [`MAX_REPORT`].
    #[error("{0} bytes are more than a report can have ({MAX_REPORT})")]
    TooLong(usize),
    /// Not a request.
    #[error("byte {at}: {what} is {found:#04x}, expected {expected:#04x}")]
    Code {
        /// Offset.
        at: usize,
        /// The field.
        what: &'static str,
        /// Found.
        found: u8,
        /// Expected.
        expected: u8,
    },
    /// The response without its request.
    #[error(
        "byte 0: this is a MEASUREMENTS response alone; the signature also covers the request before it"
    )]
    ResponseOnly,
    /// A version nobody has described yet.
    #[error("byte {at}: SPDM version {version:#04x} is not supported (1.1 to 1.3 are)")]
    Version {
        /// Offset.
        at: usize,
        /// Version byte.
        version: u8,
    },
    /// A measurement block that contradicts itself.
    #[error("byte {at}: measurement block {number}: {what}")]
    Block {
        /// Offset.
        at: usize,
        /// Ordinal, from 0.
        number: usize,
        /// What is wrong.
        what: String,
    },
    /// The record is not filled by its blocks.
    #[error("byte {at}: {stated} measurement blocks announced, {found} found")]
    Count {
        /// Offset.
        at: usize,
        /// Announced.
        stated: usize,
        /// Found.
        found: usize,
    },
}

impl ReportError {
    /// Whether another reader might understand it: then the report is undetermined, not bad.
    pub fn unsupported(&self) -> bool {
        matches!(self, Self::Version { .. })
    }
}

/// One measurement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Index, from 1.
    pub index: u8,
    /// Type of the value: bit 7 says raw, the rest what was measured (DSP0274, table of measurement types).
    pub kind: u8,
    /// The value: 48 bytes of SHA-384 unless raw.
    pub value: Vec<u8>,
    /// Offset of the block in the report.
    pub at: usize,
}

impl Block {
    /// Whether every byte is zero: nothing was measured.
    pub fn is_zero(&self) -> bool {
        self.value.iter().all(|b| *b == 0)
    }
    /// Index as reference manifests count, from 0.
    pub fn manifest_index(&self) -> Option<u8> {
        self.index.checked_sub(1)
    }
}

/// A report as read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Version byte: 0x11 is SPDM 1.1.
    pub version: u8,
    /// `Param2` of the request: which measurements were asked for; 0xFF is all of them.
    pub operation: u8,
    /// The verifier's challenge.
    pub nonce: [u8; 32],
    /// Certificate slot asked for.
    pub slot: u8,
    /// The measurements, in order.
    pub blocks: Vec<Block>,
    /// The device's own nonce.
    pub responder_nonce: [u8; 32],
    /// Offset of the opaque data.
    pub opaque_at: usize,
    /// The opaque data.
    pub opaque: Vec<u8>,
    /// `r || s`, big-endian.
    pub signature: [u8; 2 * SIZE],
    /// Offset of the signature: the signed bytes are those before it.
    pub signed: usize,
    /// Bytes after the signature, covered by nothing.
    pub trailing: usize,
}

/// Reads a report.
///
/// # Errors
/// If the bytes are not a request with its response.
pub fn read_report(bytes: &[u8]) -> Result<Report, ReportError> {
    if bytes.len() > MAX_REPORT {
        return Err(ReportError::TooLong(bytes.len()));
    }
    let mut cursor = Cursor::new(bytes);
    let version = cursor.byte("SPDM version of the request")?;
    if bytes.get(1) == Some(&0x60) {
        return Err(ReportError::ResponseOnly);
    }
    if version >> 4 != 1 {
        let found = version;
        return Err(ReportError::Code { at: 0, what: "SPDM version", found, expected: 0x11 });
    }
    code(&mut cursor, "request code (GET_MEASUREMENTS)", 0xe0)?;
    if !(0x11..=0x13).contains(&version) {
        return Err(ReportError::Version { at: 0, version });
    }
    let at = cursor.at();
    let attributes = cursor.byte("request attributes")?;
    if attributes & 1 == 0 {
        let what = "request attributes (a signature must be asked for)";
        return Err(ReportError::Code { at, what, found: attributes, expected: 1 });
    }
    let operation = cursor.byte("measurement operation")?;
    let nonce = cursor.array("nonce of the request")?;
    let slot = cursor.byte("slot of the request")?;
    if version >= 0x13 {
        cursor.take(8, "requester context of the request")?;
    }
    code(&mut cursor, "SPDM version of the response", version)?;
    code(&mut cursor, "response code (MEASUREMENTS)", 0x60)?;
    cursor.take(2, "parameters of the response")?;
    let count_at = cursor.at();
    let stated = usize::from(cursor.byte("number of blocks")?);
    let length = cursor.u24("length of the measurement record")?;
    let start = cursor.at();
    let blocks = blocks(cursor.take(length, "measurement record")?, start)?;
    if blocks.len() != stated {
        return Err(ReportError::Count { at: count_at, stated, found: blocks.len() });
    }
    let responder_nonce = cursor.array("nonce of the response")?;
    let length = cursor.u16("length of the opaque data")?;
    let opaque_at = cursor.at();
    let opaque = cursor.take(usize::from(length), "opaque data")?.to_vec();
    if version >= 0x13 {
        cursor.take(8, "requester context of the response")?;
    }
    let signed = cursor.at();
    let signature = cursor.array("signature")?;
    let trailing = cursor.left();
    Ok(Report {
        version,
        operation,
        nonce,
        slot,
        blocks,
        responder_nonce,
        opaque_at,
        opaque,
        signature,
        signed,
        trailing,
    })
}

fn code(cursor: &mut Cursor<'_>, what: &'static str, expected: u8) -> Result<(), ReportError> {
    let at = cursor.at();
    let found = cursor.byte(what)?;
    if found == expected { Ok(()) } else { Err(ReportError::Code { at, what, found, expected }) }
}

fn blocks(record: &[u8], start: usize) -> Result<Vec<Block>, ReportError> {
    let mut cursor = Cursor::new(record);
    let mut blocks = Vec::new();
    while cursor.left() > 0 {
        let at = start + cursor.at();
        let number = blocks.len();
        let wrong = |what: String| ReportError::Block { at, number, what };
        let inner =
            |e: Short| wrong(format!("{} needs {} bytes, {} are left", e.what, e.need, e.left));
        let index = cursor.byte("index").map_err(inner)?;
        let specification = cursor.byte("measurement specification").map_err(inner)?;
        let size = usize::from(cursor.u16("measurement size").map_err(inner)?);
        let kind = cursor.byte("value type").map_err(inner)?;
        let value_size = usize::from(cursor.u16("value size").map_err(inner)?);
        if index == 0 {
            return Err(wrong("index 0 is not an index".to_owned()));
        }
        if specification != 1 {
            return Err(wrong(format!(
                "measurement specification {specification} is not DMTF (1)"
            )));
        }
        if size != value_size + 3 {
            return Err(wrong(format!("size {size} is not the value size {value_size} plus 3")));
        }
        let value = cursor.take(value_size, "value").map_err(inner)?.to_vec();
        blocks.push(Block { index, kind, value, at });
    }
    Ok(blocks)
}

impl Report {
    /// The version as written in the specification: `1.1`.
    pub fn version_text(&self) -> String {
        format!("{}.{}", self.version >> 4, self.version & 15)
    }

    /// The SHA-384 digest that the signature signs. `vca` is the negotiation that precedes the request in
    /// the transcript from version 1.2 on; version 1.1 as these devices use it has none.
    pub fn signed_digest(&self, bytes: &[u8], vca: &[u8]) -> [u8; SIZE] {
        let transcript = bytes.get(..self.signed).unwrap_or(bytes);
        if self.version < 0x12 {
            return Sha384::digest(transcript).into();
        }
        let inner = Sha384::new().chain_update(vca).chain_update(transcript).finalize();
        Sha384::new().chain_update(self.signing_prefix()).chain_update(inner).finalize().into()
    }

    /// DSP0274 1.2, section "Signature generation": four times the version, zero padding, context; 100 bytes.
    fn signing_prefix(&self) -> Vec<u8> {
        let context = b"responder-measurements signing";
        let mut prefix = format!("dmtf-spdm-v{}.*", self.version_text()).repeat(4).into_bytes();
        prefix.resize(100 - context.len(), 0);
        prefix.extend(context);
        prefix
    }

    /// Indices that occur more than once.
    pub fn duplicate_indices(&self) -> Vec<u8> {
        let mut seen = [0u32; 256];
        for block in &self.blocks {
            if let Some(n) = seen.get_mut(usize::from(block.index)) {
                *n += 1;
            }
        }
        (0..=255u8).filter(|i| seen.get(usize::from(*i)).is_some_and(|n| *n > 1)).collect()
    }
}
