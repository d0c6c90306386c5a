//! The two groups in which keys are shared, behind one small trait: ristretto255 for the trustees of an urn, G2 of BLS12-381
//! for registrars. Shamir's sharing and Lagrange's interpolation are written once.
use crate::{
    Refusal,
    group::{self, Element, VartimeMultiscalarMul},
};
use blstrs::{G2Affine, G2Projective};
use curve25519_dalek::traits::Identity;
use ff::Field;
use std::{
    fmt::Debug,
    ops::{Add, Mul, Sub},
};
use zeroize::Zeroize;

mod sealed {
    pub trait Sealed {}
}

/// A group of prime order in which a key can be shared. Sealed: [`Trustees`] and [`Registrars`] are the two there are.
pub trait ThresholdGroup: sealed::Sealed + Clone + Debug + PartialEq + 'static {
    /// Numbers modulo the order.
    type Scalar: Copy
        + PartialEq
        + From<u64>
        + Add<Output = Self::Scalar>
        + Sub<Output = Self::Scalar>
        + Mul<Output = Self::Scalar>;
    /// Elements.
    type Point: Copy + PartialEq + Debug + Add<Output = Self::Point> + Mul<Self::Scalar, Output = Self::Point>;
    /// What transcripts call it.
    const NAME: &'static str;
    /// Bytes of an encoded element.
    const POINT_BYTES: usize;
    /// A scalar times the base point.
    fn base(scalar: &Self::Scalar) -> Self::Point;
    /// The neutral element.
    fn identity() -> Self::Point;
    /// Canonical bytes.
    fn encode(point: &Self::Point) -> Vec<u8>;
    /// Decodes an element of the prime-order group, the identity included.
    ///
    /// # Errors
    /// [`Refusal::NotAPoint`], [`Refusal::BadCredentialPoint`].
    fn element(bytes: &[u8]) -> Result<Self::Point, Refusal>;
    /// Decodes an element of the prime-order group other than the identity.
    ///
    /// # Errors
    /// Those of [`Self::element`]; [`Refusal::IdentityPoint`].
    fn decode(bytes: &[u8]) -> Result<Self::Point, Refusal> {
        let point = Self::element(bytes)?;
        if point == Self::identity() { Err(Refusal::IdentityPoint) } else { Ok(point) }
    }
    /// Canonical little-endian bytes.
    fn scalar_bytes(scalar: &Self::Scalar) -> [u8; 32];
    /// The scalar of canonical bytes.
    ///
    /// # Errors
    /// [`Refusal::NotAScalar`].
    fn scalar(bytes: &[u8; 32]) -> Result<Self::Scalar, Refusal>;
    /// 64 uniform bytes, little-endian, reduced.
    fn wide(bytes: &[u8; 64]) -> Self::Scalar;
    /// 1/scalar, which the caller knows not to be zero.
    fn invert(scalar: &Self::Scalar) -> Self::Scalar;
    /// Forgets a scalar.
    fn wipe(scalar: &mut Self::Scalar);
    /// Σ scalar · point, of public values.
    fn sum(terms: &[(Self::Scalar, Self::Point)]) -> Self::Point;
}

/// The keys of an urn: ristretto255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trustees;
impl sealed::Sealed for Trustees {}
impl ThresholdGroup for Trustees {
    type Scalar = group::Scalar;
    type Point = group::Point;
    const NAME: &'static str = "ristretto255";
    const POINT_BYTES: usize = 32;
    fn base(scalar: &Self::Scalar) -> Self::Point {
        group::base(scalar)
    }
    fn identity() -> Self::Point {
        Self::Point::identity()
    }
    fn encode(point: &Self::Point) -> Vec<u8> {
        point.compress().0.to_vec()
    }
    fn element(bytes: &[u8]) -> Result<Self::Point, Refusal> {
        Ok(*Element::decode(bytes.try_into().map_err(|_| Refusal::NotAPoint)?)?.point())
    }
    fn scalar_bytes(scalar: &Self::Scalar) -> [u8; 32] {
        scalar.to_bytes()
    }
    fn scalar(bytes: &[u8; 32]) -> Result<Self::Scalar, Refusal> {
        group::scalar(bytes)
    }
    fn wide(bytes: &[u8; 64]) -> Self::Scalar {
        group::wide(bytes)
    }
    fn invert(scalar: &Self::Scalar) -> Self::Scalar {
        scalar.invert()
    }
    fn wipe(scalar: &mut Self::Scalar) {
        scalar.zeroize();
    }
    fn sum(terms: &[(Self::Scalar, Self::Point)]) -> Self::Point {
        Self::Point::vartime_multiscalar_mul(terms.iter().map(|it| it.0), terms.iter().map(|it| it.1))
    }
}

/// The keys that sign credentials: G2 of BLS12-381.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrars;
impl sealed::Sealed for Registrars {}
impl ThresholdGroup for Registrars {
    type Scalar = blstrs::Scalar;
    type Point = G2Projective;
    const NAME: &'static str = "BLS12-381 G2";
    const POINT_BYTES: usize = 96;
    fn base(scalar: &Self::Scalar) -> Self::Point {
        <G2Projective as group_traits::Group>::generator() * scalar
    }
    fn identity() -> Self::Point {
        <G2Projective as group_traits::Group>::identity()
    }
    fn encode(point: &Self::Point) -> Vec<u8> {
        point.to_compressed().to_vec()
    }
    fn element(bytes: &[u8]) -> Result<Self::Point, Refusal> {
        let bytes = bytes.try_into().map_err(|_| Refusal::BadCredentialPoint)?;
        // `from_compressed` refuses what is not canonical, not on the curve or not of prime order.
        let point = Option::<G2Affine>::from(G2Affine::from_compressed(bytes)).ok_or(Refusal::BadCredentialPoint)?;
        Ok(point.into())
    }
    fn scalar_bytes(scalar: &Self::Scalar) -> [u8; 32] {
        scalar.to_bytes_le()
    }
    fn scalar(bytes: &[u8; 32]) -> Result<Self::Scalar, Refusal> {
        Option::from(blstrs::Scalar::from_bytes_le(bytes)).ok_or(Refusal::NotAScalar)
    }
    fn wide(bytes: &[u8; 64]) -> Self::Scalar {
        // Horner over eight 64-bit digits, the most significant first.
        let shift = Self::Scalar::from(1 << 32) * Self::Scalar::from(1 << 32);
        bytes.chunks_exact(8).rev().fold(Self::Scalar::ZERO, |sum, digit| {
            sum * shift + Self::Scalar::from(u64::from_le_bytes(digit.try_into().expect("chunks of eight")))
        })
    }
    fn invert(scalar: &Self::Scalar) -> Self::Scalar {
        Option::from(Field::invert(scalar)).expect("the caller inverts no zero")
    }
    fn wipe(scalar: &mut Self::Scalar) {
        // blstrs does not know zeroize. The write is kept because the place is looked at after it, as far as anybody can tell.
        *scalar = Self::Scalar::ZERO;
        std::hint::black_box(&mut *scalar);
    }
    fn sum(terms: &[(Self::Scalar, Self::Point)]) -> Self::Point {
        let (scalars, points): (Vec<_>, Vec<_>) = terms.iter().copied().unzip();
        G2Projective::multi_exp(&points, &scalars)
    }
}

/// λ_i, by which the shares of these holders (numbered from 1, all distinct) are multiplied to give the secret.
pub(crate) fn lagrange<G: ThresholdGroup>(holders: &[u16]) -> Vec<G::Scalar> {
    let number = |it: &u16| G::Scalar::from(u64::from(*it));
    let one = G::Scalar::from(1);
    let coefficient = |i: &u16| {
        let others = holders.iter().filter(|j| *j != i);
        let (over, under) =
            others.fold((one, one), |(over, under), j| (over * number(j), under * (number(j) - number(i))));
        over * G::invert(&under)
    };
    holders.iter().map(coefficient).collect()
}

/// Secret scalars, wiped on drop, never printed, never serialized.
pub(crate) struct Secrets<G: ThresholdGroup>(pub(crate) Vec<G::Scalar>);
impl<G: ThresholdGroup> Drop for Secrets<G> {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(G::wipe);
    }
}

/// The public outcome of a ceremony: who holds shares, how many of them are needed, the keys, and each holder's own keys.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdKeys<G: ThresholdGroup> {
    threshold: u16,
    holders: Vec<u16>,
    keys: Vec<G::Point>,
    shares: Vec<Vec<G::Point>>,
}

impl<G: ThresholdGroup> ThresholdKeys<G> {
    /// # Errors
    /// [`Refusal::DegenerateKey`]: a key that is the identity or repeated, which an honest ceremony gives with probability 0.
    pub(crate) fn new(
        threshold: u16,
        holders: Vec<u16>,
        keys: Vec<G::Point>,
        shares: Vec<Vec<G::Point>>,
    ) -> Result<Self, Refusal> {
        let mut encoded: Vec<Vec<u8>> = keys.iter().map(G::encode).collect();
        encoded.sort_unstable();
        encoded.dedup();
        let has_identity = keys.iter().chain(shares.iter().flatten()).any(|it| *it == G::identity());
        if encoded.len() != keys.len() || has_identity {
            return Err(Refusal::DegenerateKey);
        }
        Ok(Self { threshold, holders, keys, shares })
    }
    /// How many holders open the urn, or sign, together.
    #[must_use]
    pub const fn threshold(&self) -> u16 {
        self.threshold
    }
    /// The qualified participants, in increasing order.
    #[must_use]
    pub fn holders(&self) -> &[u16] {
        &self.holders
    }
    /// Number of keys shared.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }
    /// Whether no key is shared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
    pub(crate) fn keys(&self) -> &[G::Point] {
        &self.keys
    }
    /// P_{1,i} … P_{M,i} of a holder.
    pub(crate) fn of_holder(&self, holder: u16) -> Result<&[G::Point], Refusal> {
        let at = self.holders.binary_search(&holder).map_err(|_| Refusal::NotATrustee)?;
        Ok(&self.shares[at])
    }
    /// `threshold u16 ‖ n u16 ‖ M u16 ‖ holders u16… ‖ Y_1…Y_M ‖ for each holder P_1…P_M`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let short = |n: usize| u16::try_from(n).expect("bounded by the ceremony").to_le_bytes();
        let mut bytes = self.threshold.to_le_bytes().to_vec();
        bytes.extend_from_slice(&short(self.holders.len()));
        bytes.extend_from_slice(&short(self.keys.len()));
        self.holders.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
        self.keys.iter().chain(self.shares.iter().flatten()).for_each(|it| bytes.extend_from_slice(&G::encode(it)));
        bytes
    }
    /// Decodes [`Self::encode`]. That the keys come from a ceremony is for the ledger, or whoever replays it, to know.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], [`Refusal::TooFewTrustees`], [`Refusal::DegenerateKey`], or what an element earns.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut read = crate::wire::Reader::new(bytes, Refusal::WrongShape);
        let Head { threshold, keys: m, holders } = Head::read(&mut read)?;
        let mut points =
            || (0..m).map(|_| G::decode(read.take(G::POINT_BYTES)?)).collect::<Result<Vec<G::Point>, Refusal>>();
        let keys = points()?;
        let shares = holders.iter().map(|_| points()).collect::<Result<_, _>>()?;
        read.end()?;
        Self::new(threshold, holders, keys, shares)
    }
    /// The holders of [`Self::encode`], without decoding any point: for whoever asks only who may send a share. That the bytes
    /// are keys is for the caller to know.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], [`Refusal::TooFewTrustees`].
    pub fn holders_in(bytes: &[u8]) -> Result<Vec<u16>, Refusal> {
        Head::read(&mut crate::wire::Reader::new(bytes, Refusal::WrongShape)).map(|it| it.holders)
    }
}

/// What stands before the points.
struct Head {
    threshold: u16,
    keys: u16,
    holders: Vec<u16>,
}
impl Head {
    fn read(read: &mut crate::wire::Reader<'_>) -> Result<Self, Refusal> {
        let threshold = read.u16()?;
        let (n, keys) = (read.u16()?, read.u16()?);
        let holders = (0..n).map(|_| read.u16()).collect::<Result<Vec<u16>, _>>()?;
        if !holders.is_sorted_by(|a, b| a < b) || holders.first() == Some(&0) {
            return Err(Refusal::WrongShape);
        }
        if threshold == 0 || n < threshold {
            return Err(Refusal::TooFewTrustees);
        }
        Ok(Self { threshold, keys, holders })
    }
}

impl ThresholdKeys<Trustees> {
    /// Y_1 … Y_M, to seal and verify ballots with.
    #[must_use]
    pub fn elements(&self) -> Vec<Element> {
        self.keys.iter().map(|it| Element::of(*it)).collect()
    }
}

/// A holder's secret share of each key. Wiped on drop, never printed, never serialized.
///
/// ```compile_fail
/// fn print(share: urne_ballot::SecretShare<urne_ballot::Trustees>) -> String {
///     format!("{}", share)
/// }
/// ```
/// ```
/// fn print(share: urne_ballot::SecretShare<urne_ballot::Trustees>) -> String {
///     format!("{:?}", share) // whose it is, and no more
/// }
/// ```
/// ```compile_fail
/// fn keep(share: &urne_ballot::SecretShare<urne_ballot::Trustees>) -> serde_json::Result<String> {
///     serde_json::to_string(share)
/// }
/// ```
/// ```
/// fn keep(share: &urne_ballot::SecretShare<urne_ballot::Trustees>) -> serde_json::Result<String> {
///     serde_json::to_string(&share.holder())
/// }
/// ```
pub struct SecretShare<G: ThresholdGroup> {
    holder: u16,
    secrets: Secrets<G>,
}
impl<G: ThresholdGroup> SecretShare<G> {
    pub(crate) const fn new(holder: u16, secrets: Secrets<G>) -> Self {
        Self { holder, secrets }
    }
    /// Whose share this is.
    #[must_use]
    pub const fn holder(&self) -> u16 {
        self.holder
    }
    pub(crate) fn scalars(&self) -> &[G::Scalar] {
        &self.secrets.0
    }
}
impl<G: ThresholdGroup> Debug for SecretShare<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretShare(of holder {})", self.holder)
    }
}
