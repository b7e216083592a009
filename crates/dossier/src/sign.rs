//! Signing and checking signatures: Ed25519 (RFC 8032) keys in PEM, over the envelope's PAE.
//!
//! Private keys are PKCS#8 version 1 and public keys SPKI (RFC 8410), as OpenSSL reads and writes
//! them. A key is known by the SHA-256 of its SPKI in DER. A signature says who stands behind a
//! dossier; it adds nothing to what the certificates prove.

use crate::dsse::{Envelope, MAX_ENVELOPE, MAX_SIGNATURES, PAYLOAD_TYPE, Signature, pae};
use crate::{ENVELOPE, tree};
use base64ct::{Base64, Encoding};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes,
};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use evidence::Digest;
use std::path::Path;

/// Why a key could not be used or a signature not made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignError {
    /// Not a key of the expected kind.
    #[error("not an Ed25519 {0} in PEM")]
    Key(&'static str),
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(String),
    /// The dossier cannot be read or written.
    #[error("{0}")]
    Dossier(String),
}

/// A public key with its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    key: VerifyingKey,
    /// Hexadecimal SHA-256 of the SPKI in DER.
    pub id: String,
}

impl PublicKey {
    /// Reads an SPKI public key in PEM.
    ///
    /// # Errors
    /// If it is not an Ed25519 public key.
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        let wrong = SignError::Key("public key (`BEGIN PUBLIC KEY`)");
        let key = VerifyingKey::from_public_key_pem(pem).map_err(|_| wrong)?;
        Self::new(key)
    }

    fn new(key: VerifyingKey) -> Result<Self, SignError> {
        let der = key.to_public_key_der().map_err(|_| SignError::Key("public key"))?;
        Ok(Self { key, id: Digest::of(der.as_bytes()).hex() })
    }

    /// Whether `signature` is this key's over `payload`.
    pub fn accepts(&self, signature: &Signature, payload: &[u8]) -> bool {
        let bytes = Base64::decode_vec(&signature.sig).ok().and_then(|b| b.try_into().ok());
        bytes.is_some_and(|b: [u8; 64]| {
            let signature = ed25519_dalek::Signature::from_bytes(&b);
            self.key.verify_strict(&pae(PAYLOAD_TYPE, payload), &signature).is_ok()
        })
    }
}

/// A fresh key pair: private key (PKCS#8 PEM), public key (SPKI PEM).
///
/// # Errors
/// If the system gives no random numbers.
pub fn keygen() -> Result<(String, String), SignError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| SignError::Random(e.to_string()))?;
    let key = SigningKey::from_bytes(&seed);
    // Version 1, without the public key: older OpenSSL does not read version 2.
    let pair = KeypairBytes { secret_key: seed, public_key: None };
    let private = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| SignError::Key("private key"))?;
    let public = key
        .verifying_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|_| SignError::Key("public key"))?;
    Ok((private.to_string(), public))
}

/// Adds a signature to a dossier, in place of an earlier one by the same key; returns the key's id.
/// What is signed is the statement as it stands: verify the dossier first.
///
/// # Errors
/// If the key is none, or the dossier cannot be read or written.
pub fn sign(dossier: &Path, private_pem: &str) -> Result<String, SignError> {
    let wrong = SignError::Key("private key (`BEGIN PRIVATE KEY`)");
    let key = SigningKey::from_pkcs8_pem(private_pem).map_err(|_| wrong)?;
    let public = PublicKey::new(key.verifying_key())?;
    let failed = |what: String| SignError::Dossier(format!("{ENVELOPE}: {what}"));
    let bytes = tree::read(dossier, ENVELOPE, MAX_ENVELOPE)
        .map_err(|e| SignError::Dossier(e.to_string()))?;
    let (mut envelope, payload) = Envelope::parse(&bytes).map_err(|e| failed(e.to_string()))?;
    envelope.signatures.retain(|s| s.keyid != public.id);
    if envelope.signatures.len() >= MAX_SIGNATURES {
        return Err(failed(format!("it carries {MAX_SIGNATURES} signatures already")));
    }
    let signature = key.sign(&pae(PAYLOAD_TYPE, &payload));
    let sig = Base64::encode_string(&signature.to_bytes());
    envelope.signatures.push(Signature { keyid: public.id.clone(), sig });
    let text = envelope.to_json().map_err(|e| failed(e.to_string()))?;
    replace(dossier, &text).map_err(|e| failed(e.to_string()))?;
    Ok(public.id)
}

/// Replaces the envelope in one step: a reader sees the old one or the new one. The new one is
/// written beside the dossier, because a stray file inside would spoil it.
fn replace(dossier: &Path, text: &[u8]) -> std::io::Result<()> {
    let dossier = dossier.canonicalize()?;
    let name = dossier.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = dossier.with_file_name(format!(".{name}.signing-{}", std::process::id()));
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, dossier.join(ENVELOPE)).inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}
