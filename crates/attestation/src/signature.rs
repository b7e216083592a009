//! ECDSA over P-384 with what a verifier of evidence needs: FIPS 186-5, section 6.4.2.
//!
//! Problem: one device needs eleven to thirteen signatures checked, a hall of machines tens of thousands.
//! Method: borrowed, from AWS-LC through the crate `aws-lc-rs`, whose P-384 field arithmetic for this processor
//! family is proved correct (s2n-bignum). Keys are checked to be on the curve when they are read. The
//! digest comes as 384 bits, so that certificates with SHA-256 or SHA-512 take the same way.
//! Cost: two to three times less than the portable arithmetic of the crate `p384`, docs/measurements.md has the
//! figures. What it cannot see: nothing is decided here about who holds the key.
//! Tests compare it with the crate `p384` on valid, altered and extreme inputs, and with `openssl`.

use aws_lc_rs::digest::{Digest, SHA384};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};

/// Length of a coordinate, of a scalar and of SHA-384, in bytes.
pub const SIZE: usize = 48;

/// Length of a point in the uncompressed form of SEC 1.
const SEC1: usize = 2 * SIZE + 1;

/// A point of P-384, not the point at infinity.
#[derive(Clone, Copy, Debug)]
pub struct PublicKey {
    /// `04 || x || y`.
    sec1: [u8; SEC1],
}

impl PublicKey {
    /// A key from the uncompressed form of SEC 1: `04 || x || y`. `None` unless the point is on the curve.
    pub fn from_sec1(bytes: &[u8]) -> Option<Self> {
        let sec1: [u8; SEC1] = bytes.try_into().ok()?;
        if sec1.first() != Some(&4) {
            return None;
        }
        UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &sec1).parse().ok()?;
        Some(Self { sec1 })
    }

    /// Whether `r`, `s` (big-endian) sign `digest` under this key.
    pub fn verify(&self, digest: &[u8; SIZE], r: &[u8; SIZE], s: &[u8; SIZE]) -> bool {
        let mut signature = [0u8; 2 * SIZE];
        for (to, from) in signature.iter_mut().zip(r.iter().chain(s)) {
            *to = *from;
        }
        self.verify_raw(digest, &signature)
    }

    /// As [`Self::verify`] with a signature `r || s` of 96 bytes.
    pub fn verify_raw(&self, digest: &[u8; SIZE], signature: &[u8; 2 * SIZE]) -> bool {
        Digest::import_less_safe(digest, &SHA384).is_ok_and(|digest| {
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &self.sec1)
                .verify_digest(&digest, signature)
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail this way")]
    use super::*;
    use p384::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
    use p384::ecdsa::{Signature, SigningKey};

    /// The group order, big-endian (SEC 2, secp384r1).
    const ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

    fn key(seed: u8) -> (SigningKey, PublicKey) {
        let secret = SigningKey::from_slice(&[seed; SIZE]).unwrap();
        let sec1 = secret.verifying_key().to_encoded_point(false);
        (secret, PublicKey::from_sec1(sec1.as_bytes()).unwrap())
    }

    fn split(signature: &Signature) -> [u8; 2 * SIZE] {
        signature.to_bytes().as_slice().try_into().unwrap()
    }

    #[test]
    fn agrees_with_the_library() {
        for seed in 1..60u8 {
            let (secret, public) = key(seed);
            let digest = [seed.wrapping_mul(37); SIZE];
            let signature: Signature = secret.sign_prehash(&digest).unwrap();
            let raw = split(&signature);
            assert!(public.verify_raw(&digest, &raw));
            for at in [0, 5, 47, 48, 60, 95] {
                let mut bad = raw;
                bad[at] ^= 1 << (seed % 8);
                let library = Signature::from_slice(&bad)
                    .is_ok_and(|s| secret.verifying_key().verify_prehash(&digest, &s).is_ok());
                assert_eq!(public.verify_raw(&digest, &bad), library);
                assert!(!library);
            }
            let mut other = digest;
            other[usize::from(seed) % SIZE] ^= 0x40;
            assert!(!public.verify_raw(&other, &raw));
        }
    }

    #[test]
    fn extreme_values_are_refused_as_the_library_refuses_them() {
        let (secret, public) = key(3);
        let order: [u8; SIZE] = hex::decode(ORDER).unwrap().try_into().unwrap();
        let mut one = [0u8; SIZE];
        one[47] = 1;
        let values = [[0u8; SIZE], one, order, [0xff; SIZE]];
        for digest in [[0u8; SIZE], [0xff; SIZE], order] {
            for r in values {
                for s in values {
                    let raw: [u8; 96] = [r, s].concat().try_into().unwrap();
                    let library = Signature::from_slice(&raw)
                        .is_ok_and(|g| secret.verifying_key().verify_prehash(&digest, &g).is_ok());
                    assert_eq!(public.verify(&digest, &r, &s), library);
                }
            }
            let signature: Signature = secret.sign_prehash(&digest).unwrap();
            assert!(public.verify_raw(&digest, &split(&signature)));
        }
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        let (_, public) = key(9);
        let mut sec1 = vec![4u8];
        sec1.extend(&public.sec1[1..]);
        assert!(PublicKey::from_sec1(&sec1).is_some());
        sec1[96] ^= 1;
        assert!(PublicKey::from_sec1(&sec1).is_none());
        assert!(PublicKey::from_sec1(&sec1[..96]).is_none());
        assert!(PublicKey::from_sec1(&[0]).is_none());
    }
}
