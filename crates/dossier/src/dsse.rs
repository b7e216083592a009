//! The signature envelope: DSSE v1 (Dead Simple Signing Envelope, secure-systems-lab).
//!
//! What is signed is not the payload but its pre-authentication encoding, which binds the type:
//! `"DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload`, lengths in decimal bytes. So a
//! signature over a dossier is good for nothing else, and nothing has to be put into canonical form
//! before it is checked.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};

/// Type of the payload: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// Most signatures an envelope may carry.
pub const MAX_SIGNATURES: usize = 64;
/// Largest envelope, in bytes.
pub const MAX_ENVELOPE: u64 = 256 << 20;

/// An envelope as it stands in the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The payload in base64 (RFC 4648 section 4).
    payload: String,
    /// Always [`PAYLOAD_TYPE`].
    #[serde(rename = "payloadType")]
    payload_type: String,
    /// Any number of signatures, or none.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Hexadecimal SHA-256 of the public key's SPKI in DER.
    pub keyid: String,
    /// Signature in base64.
    pub sig: String,
}

/// An envelope that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the JSON of an envelope.
    #[error("not a DSSE envelope: {0}")]
    Syntax(String),
    /// Another payload type.
    #[error("payloadType is `{0}`, not `{PAYLOAD_TYPE}`")]
    PayloadType(String),
    /// Broken base64.
    #[error("the payload is not base64")]
    Payload,
    /// Too many signatures.
    #[error("more than {MAX_SIGNATURES} signatures")]
    Signatures,
}

impl Envelope {
    /// An unsigned envelope.
    pub fn new(payload: &[u8]) -> Self {
        Self {
            payload: Base64::encode_string(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: Vec::new(),
        }
    }

    /// Reads an envelope and its payload.
    ///
    /// # Errors
    /// If the bytes are not an envelope around an in-toto statement.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<u8>), EnvelopeError> {
        let envelope: Self =
            serde_json::from_slice(bytes).map_err(|e| EnvelopeError::Syntax(e.to_string()))?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType(envelope.payload_type));
        }
        if envelope.signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::Signatures);
        }
        let payload = Base64::decode_vec(&envelope.payload).map_err(|_| EnvelopeError::Payload)?;
        Ok((envelope, payload))
    }

    /// The envelope as a file.
    ///
    /// # Errors
    /// None in practice: it holds strings only.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = evidence::canonical_json(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

/// The pre-authentication encoding: the bytes that are signed.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the DSSE protocol document.
    #[test]
    fn pae_is_that_of_the_specification() {
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn an_envelope_is_read_back_and_nothing_else_is() {
        let envelope = Envelope::new(b"{}");
        let text = envelope.to_json().unwrap();
        assert_eq!(Envelope::parse(&text).unwrap(), (envelope, b"{}".to_vec()));
        let broken = |from: &str, to: &str| {
            let text = String::from_utf8(text.clone()).unwrap().replace(from, to);
            Envelope::parse(text.as_bytes()).unwrap_err()
        };
        assert_eq!(broken("e30=", "e3="), EnvelopeError::Payload);
        assert!(matches!(broken("in-toto", "other"), EnvelopeError::PayloadType(_)));
        assert!(matches!(broken("signatures", "signaturez"), EnvelopeError::Syntax(_)));
    }
}
