//! Certificates and revocation lists of the synthetic authority.

use super::der::{bits, integer, oid, sequence, tlv};
use super::{Layout, key};
use base64ct::{Base64, Encoding as _};
use p384::ecdsa::signature::Signer as _;
use p384::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha384};

/// SHA-384 of a label.
pub fn hash(label: &str) -> [u8; 48] {
    Sha384::digest(format!("probity synthetic: {label}").as_bytes()).into()
}

/// A holder of a key with its certificate.
#[derive(Clone)]
pub struct Authority {
    /// Common name.
    pub name: String,
    /// Certificate.
    pub der: Vec<u8>,
    /// Key.
    pub key: SigningKey,
    /// Serial number.
    pub serial: Vec<u8>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What stands in a certificate beside names and key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Extensions, encoded.
    pub extensions: Vec<Vec<u8>>,
    /// Validity, as GeneralizedTime.
    pub valid: [&'static str; 2],
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(id)];
    if critical {
        parts.push(tlv(1, &[0xff]));
    }
    parts.push(tlv(4, value));
    sequence(&parts)
}

fn usage(bits_set: u8, unused: u8) -> Vec<u8> {
    extension("2.5.29.15", true, &tlv(3, &[unused, bits_set]))
}

fn constraints(ca: bool) -> Vec<u8> {
    let parts = if ca { vec![tlv(1, &[0xff])] } else { Vec::new() };
    extension("2.5.29.19", true, &sequence(&parts))
}

const ALWAYS: [&str; 2] = ["20200101000000Z", "99991231235959Z"];

impl Entry {
    /// A certificate authority: may sign certificates and CRLs.
    pub fn authority() -> Self {
        Self { extensions: vec![constraints(true), usage(0x06, 1)], valid: ALWAYS }
    }
    /// A signer of data that is no authority.
    pub fn plain() -> Self {
        Self { extensions: vec![constraints(false), usage(0x80, 7)], valid: ALWAYS }
    }
    /// A device's leaf, with firmware digest and device id as its layout has them.
    pub fn leaf(layout: Layout, device: u32, fwid: [u8; 48]) -> Self {
        let fwid_pair = sequence(&[oid("2.16.840.1.101.3.4.2.2"), tlv(4, &fwid)]);
        let fwid = if layout == Layout::Blackwell {
            extension("2.23.133.5.4.1.1", false, &sequence(&[tlv(0xa6, &fwid_pair)]))
        } else {
            let key = public_key(&key("device id key"));
            extension("2.23.133.5.4.1", false, &sequence(&[integer(&[1]), key, fwid_pair]))
        };
        let id = tlv(12, format!("SYNTHETIC:{}:{device:016X}", layout.chip()).as_bytes());
        let other = tlv(0xa0, &[oid("1.3.6.1.4.1.412.274.1"), tlv(0xa0, &id)].concat());
        let names = extension("2.5.29.17", false, &tlv(0x30, &other));
        Self { extensions: vec![usage(0x80, 7), fwid, names], valid: ALWAYS }
    }
    /// The same, and a certificate authority.
    pub fn with_authority(mut self) -> Self {
        self.extensions.push(constraints(true));
        self
    }
    /// The same with another validity.
    pub fn valid(self, valid: [&'static str; 2]) -> Self {
        Self { valid, ..self }
    }
}

fn public_key(key: &SigningKey) -> Vec<u8> {
    let algorithm = sequence(&[oid("1.2.840.10045.2.1"), oid("1.3.132.0.34")]);
    let point = key.verifying_key().to_encoded_point(false);
    sequence(&[algorithm, bits(point.as_bytes())])
}

fn name(common: &str) -> Vec<u8> {
    let part = |id: &str, text: &str| tlv(0x31, &sequence(&[oid(id), tlv(12, text.as_bytes())]));
    sequence(&[part("2.5.4.3", common), part("2.5.4.10", "Synthetic")])
}

fn ecdsa_sha384() -> Vec<u8> {
    sequence(&[oid("1.2.840.10045.4.3.3")])
}

/// `SEQUENCE { body, algorithm, signature }`.
fn signed(body: Vec<u8>, by: &SigningKey) -> Vec<u8> {
    let signature: Signature = by.sign(&body);
    let (r, s) = signature.split_bytes();
    let value = sequence(&[integer(&r), integer(&s)]);
    sequence(&[body, ecdsa_sha384(), bits(&value)])
}

impl Authority {
    /// A self-signed root.
    pub fn root(label: &str) -> Self {
        let common = format!("Synthetic {label}");
        let key = key(&common);
        Self::make(&common, key.clone(), &common, &key, &Entry::authority())
    }

    /// A certificate signed by this holder.
    pub fn issue(&self, label: &str, entry: &Entry) -> Self {
        let common = format!("Synthetic {label}");
        Self::make(
            &common,
            key(&format!("{common} under {}", self.name)),
            &self.name,
            &self.key,
            entry,
        )
    }

    fn make(common: &str, own: SigningKey, issuer: &str, by: &SigningKey, entry: &Entry) -> Self {
        let mut serial = hash(&format!("serial {common} {issuer}"))[..12].to_vec();
        serial[0] = serial[0] & 0x7f | 0x40;
        let validity = sequence(&entry.valid.map(|t| tlv(24, t.as_bytes())));
        let body = sequence(&[
            tlv(0xa0, &integer(&[2])),
            integer(&serial),
            ecdsa_sha384(),
            name(issuer),
            validity,
            name(common),
            public_key(&own),
            tlv(0xa3, &sequence(&entry.extensions)),
        ]);
        Self { name: common.to_owned(), der: signed(body, by), key: own, serial }
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// A CRL of this authority: times, and serials with their reason codes.
    pub fn crl(&self, from: &str, to: &str, revoked: &[(&[u8], u8)]) -> Vec<u8> {
        let entry = |(serial, reason): &(&[u8], u8)| {
            let reason = extension("2.5.29.21", false, &tlv(10, &[*reason]));
            sequence(&[integer(serial), tlv(24, b"20251201000000Z"), sequence(&[reason])])
        };
        let mut parts = vec![
            integer(&[1]),
            ecdsa_sha384(),
            name(&self.name),
            tlv(24, from.as_bytes()),
            tlv(24, to.as_bytes()),
        ];
        if !revoked.is_empty() {
            parts.push(sequence(&revoked.iter().map(entry).collect::<Vec<_>>()));
        }
        signed(sequence(&parts), &self.key)
    }
}

/// PEM with lines of 64 characters.
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = Base64::encode_string(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
