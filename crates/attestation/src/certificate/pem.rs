//! PEM files: certificates in text, in the order in which they stand.
//!
//! Problem: a chain arrives as a text file that mailers and editors have touched, and a boundary that is
//! damaged must not make a certificate disappear.
//! Method: lines that are exactly a boundary open and close a block, any other line with dashes is an
//! error, lines outside of blocks are passed over (RFC 7468, but for its lax forms). Base64 is strict.
//! Cost: one pass. What it cannot see: headers within blocks, which are not Base64.

use super::{Certificate, MAX_CERTIFICATES};
use base64ct::{Base64, Encoding as _};

/// Why a PEM file cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PemError {
    /// Empty.
    #[error("the file is empty")]
    Empty,
    /// No certificate in it.
    #[error("no `-----BEGIN CERTIFICATE-----` in it")]
    NoCertificate,
    /// A boundary that is damaged, of another label, or out of place.
    #[error("line {0}: this boundary is damaged, out of place, or of something else")]
    Boundary(usize),
    /// A block without end.
    #[error("line {0}: the certificate that begins here has no END line")]
    NoEnd(usize),
    /// A block that is not Base64.
    #[error("line {0}: the certificate that begins here is not Base64")]
    Base64(usize),
    /// Too many.
    #[error("more than {MAX_CERTIFICATES} certificates")]
    TooMany,
    /// Not a certificate.
    #[error("certificate {number}: not an X.509 certificate: {error}")]
    Certificate {
        /// Ordinal, from 0.
        number: usize,
        /// Why.
        error: String,
    },
}

/// The certificates of a PEM file in their order; a bare DER certificate is accepted too.
///
/// # Errors
/// If there is none, or one cannot be read.
pub fn read_chain(bytes: &[u8]) -> Result<Vec<Certificate>, PemError> {
    read_chain_by(bytes, &mut |_, der| Certificate::from_der(der))
}

/// The same, with a reader of each certificate, which is told its ordinal.
pub(crate) fn read_chain_by(
    bytes: &[u8],
    read: &mut dyn FnMut(usize, &[u8]) -> der::Result<Certificate>,
) -> Result<Vec<Certificate>, PemError> {
    if bytes.is_empty() {
        return Err(PemError::Empty);
    }
    if bytes.first() == Some(&0x30) {
        let error = |e: der::Error| PemError::Certificate { number: 0, error: e.to_string() };
        return Ok(vec![read(0, bytes).map_err(error)?]);
    }
    let ders = pem_blocks(bytes, "CERTIFICATE")?;
    if ders.is_empty() {
        return Err(PemError::NoCertificate);
    }
    let read = |(number, der): (usize, &Vec<u8>)| {
        read(number, der).map_err(|e| PemError::Certificate { number, error: e.to_string() })
    };
    ders.iter().enumerate().map(read).collect()
}

/// The contents of the PEM blocks of that label.
///
/// # Errors
/// If a block has no end or is not Base64.
pub fn pem_blocks(bytes: &[u8], label: &str) -> Result<Vec<Vec<u8>>, PemError> {
    let text = String::from_utf8_lossy(bytes);
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line == begin {
            if let Some((at, _)) = open {
                return Err(PemError::NoEnd(at + 1));
            }
            open = Some((number, String::new()));
        } else if line == end {
            let Some((at, body)) = open.take() else { return Err(PemError::Boundary(number + 1)) };
            if blocks.len() == MAX_CERTIFICATES {
                return Err(PemError::TooMany);
            }
            blocks.push(Base64::decode_vec(&body).map_err(|_| PemError::Base64(at + 1))?);
        } else if line.contains("----") {
            // a damaged boundary must not make a certificate disappear
            return Err(PemError::Boundary(number + 1));
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
    }
    match open {
        Some((at, _)) => Err(PemError::NoEnd(at + 1)),
        None => Ok(blocks),
    }
}
