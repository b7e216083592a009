//! Certificates: X.509 as read, and the facts in them that an attestation verifier needs.
//!
//! Problem: web libraries expect host names and extended key usages; device certificates carry a firmware digest
//! (FWID) and a device id instead, in extensions of the Trusted Computing Group and of the DMTF.
//! Method: RFC 5280 decoding by the crate `x509-cert` (strict DER); the signed bytes are the slice of the input,
//! never an encoding made again. FWID: `2.23.133.5.4.1` as Hopper and LS10 use it (composite device id
//! of DICE), `2.23.133.5.4.1.1` (DiceTcbInfo, field 6) as Blackwell uses it. Device id: subject alternative
//! name, other name `1.3.6.1.4.1.412.274.1` (DSP0274).
//! Cost: some ten microseconds for a certificate.
//! What it cannot see: keys other than P-384 are kept as unsupported.

mod dice;
mod pem;

pub(crate) use pem::read_chain_by;
pub use pem::{PemError, pem_blocks, read_chain};

use crate::signature::{PublicKey, SIZE};
use crate::time::Time;
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag};
use dice::{composite_fwid, device_id, tcb_info_fwid};
use evidence::Digest;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::ops::Range;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};

/// Most bytes of one certificate.
pub const MAX_CERTIFICATE: usize = 64 * 1024;
/// Most certificates in one PEM file.
pub const MAX_CERTIFICATES: usize = 64;

const DICE_COMPOSITE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.5.4.1");
const DICE_TCB_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.5.4.1.1");
const ID_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const DMTF_DEVICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.412.274.1");
const ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
/// Extensions that may be critical because they are looked at, or cannot widen what a certificate may do.
const KNOWN_CRITICAL: &[ObjectIdentifier] =
    &[ALT_NAME, BASIC_CONSTRAINTS, KEY_USAGE, DICE_COMPOSITE, DICE_TCB_INFO];

/// A hash named by a signature algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The hash of `ecdsa-with-SHA…`, if the algorithm is one of these.
    pub fn of_ecdsa(oid: &ObjectIdentifier) -> Option<Self> {
        match oid.to_string().as_str() {
            "1.2.840.10045.4.3.2" => Some(Self::Sha256),
            "1.2.840.10045.4.3.3" => Some(Self::Sha384),
            "1.2.840.10045.4.3.4" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest as ECDSA over a 384-bit order uses it: the leftmost 384 bits, or all, filled up on the left.
    pub fn digest(self, bytes: &[u8]) -> [u8; SIZE] {
        let mut out = [0u8; SIZE];
        match self {
            Self::Sha256 => out[16..].copy_from_slice(&Sha256::digest(bytes)),
            Self::Sha384 => out.copy_from_slice(&Sha384::digest(bytes)),
            Self::Sha512 => out.copy_from_slice(&Sha512::digest(bytes)[..SIZE]),
        }
        out
    }
}

/// Something signed the X.509 way: a certificate, a CRL, an OCSP response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Where in the input the signed bytes stand.
    pub bytes: Range<usize>,
    /// The hash, if the algorithm is ECDSA with a hash that is supported.
    pub hash: Option<Hash>,
    /// The algorithm.
    pub algorithm: String,
    /// `r` and `s`, if the signature is a well-formed ECDSA signature over P-384.
    pub rs: Option<([u8; SIZE], [u8; SIZE])>,
}

/// Whether a signature is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checked {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// The algorithm or key is not supported.
    Unsupported,
}

impl Signed {
    /// Takes `SEQUENCE { signed, AlgorithmIdentifier, BIT STRING }` apart.
    ///
    /// # Errors
    /// If the input is not of that form.
    pub fn read(input: &[u8], algorithm: &ObjectIdentifier, signature: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(input)?;
        let outer = der::Header::decode(&mut reader)?;
        outer.tag.assert_eq(Tag::Sequence)?;
        let start = usize::try_from(reader.position())?;
        let bytes = start..start + reader.tlv_bytes()?.len();
        Ok(Self {
            bytes,
            hash: Hash::of_ecdsa(algorithm),
            algorithm: algorithm.to_string(),
            rs: ecdsa_values(signature).ok(),
        })
    }

    /// Whether `key` made the signature over these bytes of `input`.
    pub fn check(&self, input: &[u8], key: Option<&PublicKey>) -> Checked {
        let (Some(hash), Some(key)) = (self.hash, key) else { return Checked::Unsupported };
        let (Some((r, s)), Some(bytes)) = (&self.rs, input.get(self.bytes.clone())) else {
            return Checked::Bad;
        };
        if key.verify(&hash.digest(bytes), r, s) { Checked::Good } else { Checked::Bad }
    }
}

fn ecdsa_values(signature: &[u8]) -> der::Result<([u8; SIZE], [u8; SIZE])> {
    let mut reader = SliceReader::new(signature)?;
    let (r, s) = reader.sequence(|inner| Ok((UintRef::decode(inner)?, UintRef::decode(inner)?)))?;
    reader.finish(())?;
    Ok((padded(r.as_bytes())?, padded(s.as_bytes())?))
}

fn padded(bytes: &[u8]) -> der::Result<[u8; SIZE]> {
    let mut out = [0u8; SIZE];
    let from = SIZE.checked_sub(bytes.len()).ok_or(der::ErrorKind::Length { tag: Tag::Integer })?;
    out[from..].copy_from_slice(bytes);
    Ok(out)
}

/// The digest of the firmware that a leaf was issued to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fwid {
    /// No such extension.
    Absent,
    /// SHA-384.
    Sha384([u8; SIZE]),
    /// The extension is there, of a form that is not known.
    Unreadable,
}

/// A certificate and what it says.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256 of the DER: the fingerprint that roots are pinned by.
    pub digest: Digest,
    /// Subject, as RFC 4514 text.
    pub subject: String,
    /// Issuer, as RFC 4514 text.
    pub issuer: String,
    /// Subject, DER.
    pub subject_der: Vec<u8>,
    /// Issuer, DER.
    pub issuer_der: Vec<u8>,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Serial number as encoded.
    pub serial_bytes: Vec<u8>,
    /// Start of validity.
    pub not_before: Time,
    /// End of validity.
    pub not_after: Time,
    /// Public key, if on P-384.
    pub key: Option<PublicKey>,
    /// SubjectPublicKeyInfo, DER.
    pub key_info: Vec<u8>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub key_digest: Digest,
    /// Public key, the bits of the BIT STRING.
    pub key_bits: Vec<u8>,
    /// Whether basic constraints say CA, and the path length they allow.
    pub authority: Option<(bool, Option<u8>)>,
    /// Key usage.
    pub usage: Option<KeyUsage>,
    /// Firmware digest.
    pub fwid: Fwid,
    /// Device id (`NVIDIA:GH100:…`).
    pub device_id: Option<String>,
    /// Serial number attribute of the subject.
    pub subject_serial: Option<String>,
    /// Critical extensions that are not known here.
    pub unknown_critical: Vec<String>,
    /// The signature by the issuer.
    pub signed: Signed,
}

impl Certificate {
    /// Reads one certificate.
    ///
    /// # Errors
    /// If it is not an X.509 certificate in DER.
    pub fn from_der(der: &[u8]) -> der::Result<Self> {
        if der.len() > MAX_CERTIFICATE {
            return Err(der::ErrorKind::Overlength.into());
        }
        let parsed = x509_cert::Certificate::from_der(der)?;
        let tbs = &parsed.tbs_certificate;
        if tbs.signature != parsed.signature_algorithm {
            return Err(der::ErrorKind::Value { tag: Tag::Sequence }.into());
        }
        let signed = Signed::read(
            der,
            &parsed.signature_algorithm.oid,
            parsed.signature.as_bytes().unwrap_or(&[]),
        )?;
        let key_bits = tbs.subject_public_key_info.subject_public_key.raw_bytes().to_vec();
        let key = is_p384(&tbs.subject_public_key_info)
            .then(|| PublicKey::from_sec1(&key_bits))
            .flatten();
        let key_info = tbs.subject_public_key_info.to_der()?;
        let mut certificate = Self {
            der: der.to_vec(),
            digest: Digest::of(der),
            subject: tbs.subject.to_string(),
            issuer: tbs.issuer.to_string(),
            subject_der: tbs.subject.to_der()?,
            issuer_der: tbs.issuer.to_der()?,
            serial: hex::encode(tbs.serial_number.as_bytes()),
            serial_bytes: tbs.serial_number.as_bytes().to_vec(),
            not_before: tbs.validity.not_before.to_date_time().into(),
            not_after: tbs.validity.not_after.to_date_time().into(),
            key,
            key_digest: Digest::of(&key_info),
            key_info,
            key_bits,
            authority: None,
            usage: None,
            fwid: Fwid::Absent,
            device_id: None,
            subject_serial: subject_serial(&tbs.subject),
            unknown_critical: Vec::new(),
            signed,
        };
        certificate.read_extensions(tbs.extensions.as_deref().unwrap_or(&[]))?;
        Ok(certificate)
    }

    fn read_extensions(&mut self, extensions: &[x509_cert::ext::Extension]) -> der::Result<()> {
        let mut seen: Vec<ObjectIdentifier> = Vec::new();
        for extension in extensions {
            let (oid, value) = (extension.extn_id, extension.extn_value.as_bytes());
            if seen.contains(&oid) {
                return Err(der::ErrorKind::Value { tag: Tag::Sequence }.into());
            }
            seen.push(oid);
            match oid {
                BASIC_CONSTRAINTS => {
                    let constraints = BasicConstraints::from_der(value)?;
                    self.authority = Some((constraints.ca, constraints.path_len_constraint));
                }
                KEY_USAGE => self.usage = Some(KeyUsage::from_der(value)?),
                DICE_COMPOSITE => {
                    self.fwid = composite_fwid(value).map_or(Fwid::Unreadable, Fwid::Sha384);
                }
                DICE_TCB_INFO => {
                    self.fwid = tcb_info_fwid(value).map_or(Fwid::Unreadable, Fwid::Sha384);
                }
                ALT_NAME => self.device_id = device_id(value),
                _ if extension.critical && !KNOWN_CRITICAL.contains(&oid) => {
                    self.unknown_critical.push(oid.to_string());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the key may be used so.
    pub fn may(&self, usage: KeyUsages) -> bool {
        self.usage.is_some_and(|u| u.0.contains(usage))
    }

    /// Whether subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// The common name of the subject, or all of it.
    pub fn common_name(&self) -> &str {
        self.subject
            .split(',')
            .find_map(|part| part.trim().strip_prefix("CN="))
            .unwrap_or(&self.subject)
    }
}

fn is_p384(info: &x509_cert::spki::SubjectPublicKeyInfoOwned) -> bool {
    let curve =
        info.algorithm.parameters.as_ref().and_then(|p| p.decode_as::<ObjectIdentifier>().ok());
    info.algorithm.oid == ObjectIdentifier::new_unwrap("1.2.840.10045.2.1")
        && curve == Some(ObjectIdentifier::new_unwrap("1.3.132.0.34"))
}

fn subject_serial(name: &x509_cert::name::Name) -> Option<String> {
    let attributes = name.0.iter().flat_map(|rdn| rdn.0.iter());
    let oid = ObjectIdentifier::new_unwrap("2.5.4.5");
    let value = attributes.into_iter().find(|a| a.oid == oid)?.value.value();
    value.is_ascii().then(|| String::from_utf8_lossy(value).into_owned())
}
