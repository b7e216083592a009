//! Third-party audits: OCP S.A.F.E. short-form reports, signed by the reviewer.
//!
//! Problem: the signed report is published beside an unsigned copy, which can differ from it, and an audit of one
//! function is easily taken for an answer about another.
//! Method: JWS compact serialisation (RFC 7515) with ES512 or ES384, verified with keys that the auditor pins; the
//! contents are read from the signed payload and from nowhere else. Its scope is shown as it stands.
//! Cost: one signature for each pinned key tried.
//! What it cannot see: whether the reviewer looked well, or whether the hash it names is of anything in hand.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use p384::ecdsa::signature::Verifier as _;
use p384::pkcs8::DecodePublicKey as _;
use serde::Deserialize;
use serde_json::Value;

/// Largest report.
pub const MAX_JWS: usize = 4 << 20;

/// A reviewer's public key.
#[derive(Clone)]
pub struct AuditorKey {
    /// File name.
    pub name: String,
    key: Key,
}

#[derive(Clone)]
enum Key {
    P384(p384::ecdsa::VerifyingKey),
    P521(Box<p521::ecdsa::VerifyingKey>),
}

impl AuditorKey {
    /// Reads a public key (PEM, SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// If it is not a key on P-384 or P-521.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "not text".to_owned())?.trim();
        let p384 = p384::PublicKey::from_public_key_pem(text).map(|k| Key::P384(k.into()));
        let key = p384.or_else(|_| {
            let key = p521::PublicKey::from_public_key_pem(text)?;
            let point = p521::elliptic_curve::sec1::ToEncodedPoint::to_encoded_point(&key, false);
            p521::ecdsa::VerifyingKey::from_encoded_point(&point)
                .map(|k| Key::P521(Box::new(k)))
                .map_err(|_| p384::pkcs8::spki::Error::KeyMalformed)
        });
        let key = key.map_err(|e| format!("not a public key on P-384 or P-521: {e}"))?;
        Ok(Self { name: name.to_owned(), key })
    }

    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        match (&self.key, algorithm) {
            (Key::P384(key), "ES384") => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|s| key.verify(signed, &s).is_ok()),
            (Key::P521(key), "ES512") => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|s| key.verify(signed, &s).is_ok()),
            _ => false,
        }
    }
}

/// What a short-form report says, from its signed payload.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShortForm {
    /// File name.
    pub name: String,
    /// Product reviewed.
    pub product: String,
    /// Function reviewed: the scope.
    pub category: String,
    /// Firmware version.
    pub firmware: String,
    /// SHA-384 of the firmware reviewed, as stated.
    pub firmware_sha384: String,
    /// Reviewer.
    pub reviewer: String,
    /// Method.
    pub methodology: String,
    /// Date of completion.
    pub completed: String,
    /// Number of issues listed.
    pub issues: usize,
    /// Key id the header names.
    pub kid: String,
    /// The pinned key that verifies it; `None` if none does.
    pub verified_by: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    crit: Option<Value>,
}

/// Reads a compact JWS and tries the pinned keys on it.
///
/// # Errors
/// If it is not one, or of an algorithm that is not supported.
pub fn read_short_form(name: &str, bytes: &[u8], keys: &[AuditorKey]) -> Result<ShortForm, String> {
    if bytes.len() > MAX_JWS {
        return Err(format!("larger than {MAX_JWS} bytes"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not text".to_owned())?.trim();
    if text.starts_with('{') {
        return Err(
            "this is the unsigned copy; give the .jws, which the reviewer signed".to_owned()
        );
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return Err(format!("not a compact JWS: {} parts instead of 3", parts.len()));
    };
    let part = |what: &str, text: &str| {
        Base64UrlUnpadded::decode_vec(text)
            .map_err(|_| format!("not a compact JWS: {what} is not Base64url"))
    };
    let (head, body, signature) =
        (part("header", header)?, part("payload", payload)?, part("signature", signature)?);
    let head: Header = serde_json::from_slice(&head).map_err(|e| format!("header: {e}"))?;
    if !matches!(head.alg.as_str(), "ES384" | "ES512") || head.crit.is_some() {
        return Err(format!("algorithm `{}` is not supported (ES384 and ES512 are)", head.alg));
    }
    let signed = format!("{header}.{payload}");
    let by = keys.iter().find(|k| k.verifies(&head.alg, signed.as_bytes(), &signature));
    let body: Value = serde_json::from_slice(&body).map_err(|e| format!("payload: {e}"))?;
    let text = |group: &str, key: &str| {
        let value = body.get(group).and_then(|g| g.get(key)).and_then(Value::as_str).unwrap_or("");
        value.chars().filter(|c| !c.is_control()).take(300).collect::<String>()
    };
    Ok(ShortForm {
        name: name.to_owned(),
        product: text("device", "product"),
        category: text("device", "category"),
        firmware: text("device", "fw_version"),
        firmware_sha384: text("device", "fw_hash_sha2_384"),
        reviewer: text("audit", "srp"),
        methodology: text("audit", "methodology"),
        completed: text("audit", "completion_date"),
        issues: body.pointer("/audit/issues").and_then(Value::as_array).map_or(0, Vec::len),
        kid: head.kid.chars().filter(|c| !c.is_control()).take(100).collect(),
        verified_by: by.map(|k| k.name.clone()),
    })
}
