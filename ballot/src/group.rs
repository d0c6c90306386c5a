//! ristretto255 (RFC 9496), and the only encodings of it that are ever accepted: canonical ones. Scalars are canonical
//! little-endian; a group element keeps the 32 bytes it came in, because transcripts hash bytes. Generators come out of a
//! hash, so nobody knows a logarithm between them.
use crate::{
    Refusal,
    plant::{self, Plant},
};
use curve25519_dalek::{
    constants::RISTRETTO_BASEPOINT_TABLE,
    ristretto::{CompressedRistretto, RistrettoPoint},
    traits::{Identity, IsIdentity},
};
use rand_core::CryptoRng;

pub(crate) use curve25519_dalek::scalar::Scalar;
pub(crate) type Point = RistrettoPoint;
pub(crate) use curve25519_dalek::{
    constants::RISTRETTO_BASEPOINT_POINT as G,
    traits::{MultiscalarMul, VartimeMultiscalarMul},
};

/// Length of an encoded element and of an encoded scalar.
pub const WORD: usize = 32;

/// A group element together with its one encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Element {
    point: Point,
    bytes: [u8; WORD],
}

impl Element {
    /// Decodes; the identity is an element like any other here.
    ///
    /// # Errors
    /// [`Refusal::NotAPoint`].
    pub fn decode(bytes: &[u8; WORD]) -> Result<Self, Refusal> {
        let point = CompressedRistretto(*bytes).decompress().ok_or(Refusal::NotAPoint)?;
        Ok(Self { point, bytes: *bytes })
    }
    pub(crate) fn of(point: Point) -> Self {
        Self { point, bytes: point.compress().0 }
    }
    /// The 32 canonical bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; WORD] {
        &self.bytes
    }
    /// Whether this is the neutral element.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.bytes == [0; WORD]
    }
    pub(crate) const fn point(&self) -> &Point {
        &self.point
    }
}
impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A scalar times the base point, in constant time.
pub(crate) fn base(scalar: &Scalar) -> Point {
    scalar * RISTRETTO_BASEPOINT_TABLE
}

pub(crate) fn identity() -> Point {
    Point::identity()
}

pub(crate) fn is_identity(point: &Point) -> bool {
    point.is_identity()
}

/// The scalar of canonical little-endian bytes.
pub(crate) fn scalar(bytes: &[u8; WORD]) -> Result<Scalar, Refusal> {
    if plant::is(Plant::ScalarsReduced) {
        return Ok(Scalar::from_bytes_mod_order(*bytes));
    }
    Option::from(Scalar::from_canonical_bytes(*bytes)).ok_or(Refusal::NotAScalar)
}

/// 64 uniform bytes, reduced: no bias that anyone could see.
pub(crate) fn wide(bytes: &[u8; 64]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(bytes)
}

/// A public integer as a scalar.
pub(crate) fn integer(value: i64) -> Scalar {
    let absolute = Scalar::from(value.unsigned_abs());
    if value < 0 { -absolute } else { absolute }
}

/// A random coefficient of 128 bits, never zero: what a verifier multiplies an equation by before adding it to others.
pub(crate) fn coefficient(rng: &mut impl CryptoRng) -> Scalar {
    if plant::is(Plant::ZeroBatchCoefficients) {
        return Scalar::ZERO;
    }
    if plant::is(Plant::EqualBatchCoefficients) {
        return Scalar::ONE;
    }
    let mut bytes = [0; WORD];
    while bytes == [0; WORD] {
        rng.fill_bytes(&mut bytes[..16]);
    }
    Scalar::from_bytes_mod_order(bytes)
}

/// A generator nobody knows a logarithm of: the one-way map of RFC 9496 on BLAKE3-XOF64(`urne.v1 generator`; label, index),
/// the label length-prefixed.
#[must_use]
pub fn generator(label: &str, index: u32) -> Element {
    let mut hasher = blake3::Hasher::new_derive_key("urne.v1 generator");
    hasher.update(&crate::wire::length(label.len()));
    hasher.update(label.as_bytes());
    hasher.update(&index.to_le_bytes());
    let mut uniform = [0; 64];
    hasher.finalize_xof().fill(&mut uniform);
    Element::of(Point::from_uniform_bytes(&uniform))
}

/// Powers y, y², y³ …: the coefficients that fold many equations into one.
pub(crate) fn powers(y: Scalar) -> impl Iterator<Item = Scalar> {
    std::iter::successors(Some(y), move |last| Some(last * y))
}
