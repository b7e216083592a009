//! ECDSA over P-384: verifies signatures fast, on public data only.
//!
//! Problem: one device needs eleven to thirteen signatures checked, a hall of machines tens of thousands, and a
//! constant-time scalar multiplication pays for secrecy that a verifier does not need.
//! Method: FIPS 186-5, section 6.4.2. `u1·G + u2·Q` by interleaved non-adjacent forms (Straus' trick; Möller,
//! "Algorithms for multi-exponentiation", SAC 2001) in Jacobian coordinates (formulas `dbl-2001-b`,
//! `madd`, `add` of the Explicit-Formulas Database for a = -3). Field and scalar arithmetic are those of the crate
//! `p384`, machine-checked code of fiat-crypto; only the order of the operations is ours. The comparison
//! with `r` is made without leaving Jacobian coordinates.
//! Cost: 384 doublings and about 110 additions, a sixth of the constant-time way.
//! What it cannot see: timing is not constant, so it must never be given a secret. Tests compare it with the
//! library's own verification on valid, altered and extreme inputs, and with `openssl`.

use p384::elliptic_curve::PrimeField as _;
use p384::elliptic_curve::sec1::ToEncodedPoint as _;
use p384::{AffinePoint, FieldBytes, FieldElement, Scalar, U384};
use std::sync::OnceLock;

/// Length of a coordinate, of a scalar and of SHA-384, in bytes.
pub const SIZE: usize = 48;

/// Window of the base point's table: odd multiples up to 2⁷-1.
const BASE_WINDOW: u32 = 8;
/// Window of a key's table: odd multiples up to 2⁴-1.
const KEY_WINDOW: u32 = 5;

/// The group order, big-endian (SEC 2, secp384r1).
const ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

/// A point of P-384, not the point at infinity.
#[derive(Clone, Copy, Debug)]
pub struct PublicKey {
    point: Affine,
    sec1: [u8; 2 * SIZE],
}

#[derive(Clone, Copy, Debug)]
struct Affine {
    x: FieldElement,
    y: FieldElement,
}

/// `(X/Z², Y/Z³)`; Z = 0 is the point at infinity.
#[derive(Clone, Copy)]
struct Jacobian {
    x: FieldElement,
    y: FieldElement,
    z: FieldElement,
}

fn field(bytes: &[u8]) -> Option<FieldElement> {
    if bytes.len() != SIZE {
        return None;
    }
    Option::from(FieldElement::from_bytes(FieldBytes::from_slice(bytes)))
}

fn is_zero(x: &FieldElement) -> bool {
    bool::from(x.is_zero())
}

impl PublicKey {
    /// A key from the uncompressed form of SEC 1: `04 || x || y`. `None` unless the point is on the curve.
    pub fn from_sec1(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 2 * SIZE + 1 || bytes.first() != Some(&4) {
            return None;
        }
        // the library decides what is on the curve
        p384::PublicKey::from_sec1_bytes(bytes).ok()?;
        let xy = bytes.get(1..)?;
        let point = Affine { x: field(xy.get(..SIZE)?)?, y: field(xy.get(SIZE..)?)? };
        Some(Self { point, sec1: xy.try_into().ok()? })
    }

    /// The coordinates `x || y`, 96 bytes.
    pub fn coordinates(&self) -> &[u8; 2 * SIZE] {
        &self.sec1
    }

    /// Whether `r`, `s` (big-endian) sign `digest` under this key.
    pub fn verify(&self, digest: &[u8; SIZE], r: &[u8; SIZE], s: &[u8; SIZE]) -> bool {
        let scalar =
            |b: &[u8; SIZE]| Option::<Scalar>::from(Scalar::from_repr(*FieldBytes::from_slice(b)));
        let (Some(r_scalar), Some(s_scalar)) = (scalar(r), scalar(s)) else { return false };
        if bool::from(r_scalar.is_zero()) {
            return false;
        }
        let Some(inverse) = Option::<Scalar>::from(s_scalar.invert()) else { return false };
        let z = <Scalar as p384::elliptic_curve::ops::Reduce<U384>>::reduce_bytes(
            FieldBytes::from_slice(digest),
        );
        let sum = combine(&(z * inverse), &(r_scalar * inverse), &self.point);
        if is_zero(&sum.z) {
            return false;
        }
        // x = X/Z² taken modulo n equals r: x is r, or r + n if that is below p
        let zz = sum.z.square();
        let matches = |candidate: &[u8; SIZE]| {
            field(candidate).is_some_and(|c| c.multiply(&zz).to_canonical() == sum.x.to_canonical())
        };
        matches(r) || plus_order(r).is_some_and(|c| matches(&c))
    }

    /// As [`Self::verify`] with a signature `r || s` of 96 bytes.
    pub fn verify_raw(&self, digest: &[u8; SIZE], signature: &[u8; 2 * SIZE]) -> bool {
        let (r, s) = signature.split_at(SIZE);
        match (r.try_into(), s.try_into()) {
            (Ok(r), Ok(s)) => self.verify(digest, r, s),
            _ => false,
        }
    }
}

/// `r + n` if it fits in 384 bits.
fn plus_order(r: &[u8; SIZE]) -> Option<[u8; SIZE]> {
    let order = hex::decode(ORDER).ok()?;
    let mut sum = [0u8; SIZE];
    let mut carry = 0u16;
    for i in (0..SIZE).rev() {
        let digit = u16::from(*r.get(i)?) + u16::from(*order.get(i)?) + carry;
        *sum.get_mut(i)? = (digit & 0xff) as u8;
        carry = digit >> 8;
    }
    (carry == 0).then_some(sum)
}

impl Jacobian {
    const INFINITY: Self =
        Self { x: FieldElement::ONE, y: FieldElement::ONE, z: FieldElement::ZERO };

    fn from_affine(p: &Affine) -> Self {
        Self { x: p.x, y: p.y, z: FieldElement::ONE }
    }

    fn double(&self) -> Self {
        let delta = self.z.square();
        let gamma = self.y.square();
        let beta = self.x.multiply(&gamma);
        let product = self.x.sub(&delta).multiply(&self.x.add(&delta));
        let alpha = product.double().add(&product);
        let beta4 = beta.double().double();
        let x = alpha.square().sub(&beta4.double());
        let z = self.y.add(&self.z).square().sub(&gamma).sub(&delta);
        let gamma8 = gamma.square().double().double().double();
        let y = alpha.multiply(&beta4.sub(&x)).sub(&gamma8);
        Self { x, y, z }
    }

    /// The sum with the points given as `U = X·Z'²`, `S = Y·Z'³` over a common `Z`.
    fn add_scaled(
        &self,
        twice: impl Fn() -> Self,
        [u1, s1, u2, s2]: [FieldElement; 4],
        zz: FieldElement,
    ) -> Self {
        let h = u2.sub(&u1);
        let r = s2.sub(&s1);
        if is_zero(&h) {
            return if is_zero(&r) { twice() } else { Self::INFINITY };
        }
        let hh = h.square();
        let hhh = hh.multiply(&h);
        let v = u1.multiply(&hh);
        let x = r.square().sub(&hhh).sub(&v.double());
        let y = r.multiply(&v.sub(&x)).sub(&s1.multiply(&hhh));
        Self { x, y, z: zz.multiply(&h) }
    }

    fn add(&self, other: &Self) -> Self {
        if is_zero(&self.z) {
            return *other;
        }
        if is_zero(&other.z) {
            return *self;
        }
        let (z1, z2) = (self.z.square(), other.z.square());
        let points = [
            self.x.multiply(&z2),
            self.y.multiply(&other.z).multiply(&z2),
            other.x.multiply(&z1),
            other.y.multiply(&self.z).multiply(&z1),
        ];
        self.add_scaled(|| self.double(), points, self.z.multiply(&other.z))
    }

    fn add_affine(&self, other: &Affine) -> Self {
        if is_zero(&self.z) {
            return Self::from_affine(other);
        }
        let z1 = self.z.square();
        let points =
            [self.x, self.y, other.x.multiply(&z1), other.y.multiply(&self.z).multiply(&z1)];
        self.add_scaled(|| self.double(), points, self.z)
    }

    fn negate(&self) -> Self {
        Self { x: self.x, y: self.y.neg(), z: self.z }
    }
}

/// Odd multiples `P, 3P, 5P, …`.
fn odd_multiples(p: &Affine, count: usize) -> Vec<Jacobian> {
    let mut all = vec![Jacobian::from_affine(p)];
    let twice = Jacobian::from_affine(p).double();
    for i in 1..count {
        let next = all.get(i - 1).map(|last| last.add(&twice));
        all.extend(next);
    }
    all
}

fn base_table() -> &'static [Affine] {
    static TABLE: OnceLock<Vec<Affine>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let point = AffinePoint::GENERATOR.to_encoded_point(false);
        let coordinate =
            |c: Option<&FieldBytes>| c.and_then(|b| field(b)).unwrap_or(FieldElement::ZERO);
        let base = Affine { x: coordinate(point.x()), y: coordinate(point.y()) };
        let multiples = odd_multiples(&base, 1 << (BASE_WINDOW - 2));
        // Montgomery's trick: one inversion for all
        let mut products = vec![FieldElement::ONE];
        for m in &multiples {
            let last = products.last().copied().unwrap_or(FieldElement::ONE);
            products.push(last.multiply(&m.z));
        }
        let all = products.last().copied().unwrap_or(FieldElement::ONE);
        let mut inverse = Option::<FieldElement>::from(all.invert()).unwrap_or(FieldElement::ONE);
        let mut table = Vec::with_capacity(multiples.len());
        for (m, before) in multiples.iter().zip(&products).rev() {
            let z = inverse.multiply(before);
            inverse = inverse.multiply(&m.z);
            let zz = z.square();
            table.push(Affine { x: m.x.multiply(&zz), y: m.y.multiply(&zz).multiply(&z) });
        }
        table.reverse();
        table
    })
}

/// Digits of the width-`window` non-adjacent form, least significant first: zero, or odd and below 2^(window-1).
fn non_adjacent_form(scalar: &Scalar, window: u32) -> Vec<i16> {
    // little-endian words with room for a carry
    let mut words = [0u64; 7];
    for (i, byte) in scalar.to_repr().iter().rev().enumerate() {
        if let Some(word) = words.get_mut(i / 8) {
            *word |= u64::from(*byte) << (8 * (i % 8));
        }
    }
    let bit = |words: &[u64; 7], at: u32| {
        words.get((at / 64) as usize).map_or(0, |w| (w >> (at % 64)) & 1)
    };
    let mut digits = vec![0i16; 386];
    let (mut at, mut carry) = (0u32, 0u64);
    while at < 386 {
        if bit(&words, at) == carry {
            at += 1;
            continue;
        }
        let mut value = carry;
        for i in 0..window {
            value += bit(&words, at + i) << i;
        }
        carry = u64::from(value >> (window - 1) != 0);
        let digit = value as i64 - ((carry as i64) << window);
        if let Some(slot) = digits.get_mut(at as usize) {
            *slot = digit as i16;
        }
        at += window;
    }
    digits
}

/// `a·G + b·q`.
fn combine(a: &Scalar, b: &Scalar, q: &Affine) -> Jacobian {
    let base = base_table();
    let key = odd_multiples(q, 1 << (KEY_WINDOW - 2));
    let (a, b) = (non_adjacent_form(a, BASE_WINDOW), non_adjacent_form(b, KEY_WINDOW));
    let mut sum = Jacobian::INFINITY;
    for (da, db) in a.iter().zip(&b).rev() {
        sum = sum.double();
        if let Some(p) = (*da != 0).then(|| base.get(usize::from(da.unsigned_abs()) / 2)).flatten()
        {
            let p = if *da < 0 { Affine { x: p.x, y: p.y.neg() } } else { *p };
            sum = sum.add_affine(&p);
        }
        if let Some(p) = (*db != 0).then(|| key.get(usize::from(db.unsigned_abs()) / 2)).flatten() {
            sum = sum.add(&if *db < 0 { p.negate() } else { *p });
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail this way")]
    use super::*;
    use p384::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
    use p384::ecdsa::{Signature, SigningKey};

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
    fn multiples_agree_with_the_library() {
        use p384::ProjectivePoint;
        // small, equal and opposite scalars reach doublings and infinity inside the sum
        let g = AffinePoint::GENERATOR.to_encoded_point(false);
        let base = Affine { x: field(g.x().unwrap()).unwrap(), y: field(g.y().unwrap()).unwrap() };
        for a in 0..40u64 {
            for b in [0u64, 1, 2, 3, 7, 31, 33] {
                for minus in [false, true] {
                    let x = Scalar::from(a);
                    let y = if minus { -Scalar::from(b) } else { Scalar::from(b) };
                    let ours = combine(&x, &y, &base);
                    let theirs = ProjectivePoint::GENERATOR * (x + y);
                    let theirs = theirs.to_affine().to_encoded_point(false);
                    match Option::<FieldElement>::from(ours.z.invert()) {
                        None => assert!(theirs.x().is_none()),
                        Some(z) => {
                            let zz = z.square();
                            assert_eq!(ours.x.multiply(&zz).to_bytes(), *theirs.x().unwrap());
                            assert_eq!(
                                ours.y.multiply(&zz).multiply(&z).to_bytes(),
                                *theirs.y().unwrap()
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        let (_, public) = key(9);
        let mut sec1 = vec![4u8];
        sec1.extend(public.coordinates());
        assert!(PublicKey::from_sec1(&sec1).is_some());
        sec1[96] ^= 1;
        assert!(PublicKey::from_sec1(&sec1).is_none());
        assert!(PublicKey::from_sec1(&sec1[..96]).is_none());
        assert!(PublicKey::from_sec1(&[0]).is_none());
    }
}
