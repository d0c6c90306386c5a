//! The parts of a sealed ballot and their bytes. The letters are those of docs/ballots.md; each is 32 bytes, in this order:
//! A, B_1…B_M, V, W, S, T, D1, D0, u (only with zero forms), f_1…f_N, φ, w, δ, K, R, σ.
use crate::{
    Refusal,
    credential::Credential,
    group::{Element, Scalar},
    plant::{self, Plant},
    statement::{Committed, Masks, Responses, Statement},
    wire::Reader,
};

/// Bytes of R and σ, which the tracker leaves out.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A ballot without its signature, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) a: Element,
    pub(crate) b: Vec<Element>,
    pub(crate) v: Element,
    pub(crate) w_point: Element,
    pub(crate) s: Element,
    pub(crate) t: Element,
    pub(crate) d1: Element,
    pub(crate) d0: Element,
    pub(crate) u: Option<Scalar>,
    pub(crate) f: Vec<Scalar>,
    pub(crate) phi: Scalar,
    pub(crate) w: Scalar,
    pub(crate) delta: Scalar,
    pub(crate) k: Credential,
}

/// A ballot with its signature, decoded.
#[derive(Clone, Debug)]
pub(crate) struct SignedProof {
    pub(crate) proof: Proof,
    pub(crate) r: Element,
    pub(crate) sigma: Scalar,
}

impl Proof {
    pub(crate) fn committed(&self) -> Committed<'_> {
        Committed { credential: self.k.element(), a: &self.a, b: &self.b, v: &self.v }
    }
    pub(crate) fn masks(&self) -> Masks<'_> {
        Masks { points: [&self.w_point, &self.s, &self.t, &self.d1, &self.d0], u: self.u.as_ref() }
    }
    pub(crate) fn responses(&self) -> Responses<'_> {
        Responses { f: &self.f, scalars: [&self.phi, &self.w, &self.delta] }
    }
    pub(crate) fn encode(&self) -> Vec<u8> {
        let points = std::iter::once(&self.a).chain(&self.b).chain([
            &self.v,
            &self.w_point,
            &self.s,
            &self.t,
            &self.d1,
            &self.d0,
        ]);
        let scalars = self.u.iter().chain(&self.f).chain([&self.phi, &self.w, &self.delta]);
        let words = points.map(Element::bytes).chain(scalars.map(Scalar::as_bytes)).chain([self.k.bytes()]);
        words.flatten().copied().collect()
    }
}

impl SignedProof {
    /// Decodes a ballot of this election and refuses what no proof could mend: lengths, encodings, the identity, and two
    /// equal points.
    ///
    /// # Errors
    /// [`Refusal::BallotLength`], [`Refusal::NotAPoint`], [`Refusal::NotAScalar`], [`Refusal::IdentityRandomness`],
    /// [`Refusal::IdentityCredential`], [`Refusal::RepeatedPoint`].
    pub(crate) fn decode(statement: &Statement, bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() != statement.ballot_length() {
            return Err(Refusal::BallotLength);
        }
        let mut read = Reader::new(bytes, Refusal::BallotLength);
        let a = read.element()?;
        if a.is_identity() {
            return Err(Refusal::IdentityRandomness);
        }
        let b = read.elements(statement.compiled().cells())?;
        let (v, w_point, s, t) = (read.element()?, read.element()?, read.element()?, read.element()?);
        let (d1, d0) = (read.element()?, read.element()?);
        let u = if statement.has_zero_forms() { Some(read.scalar()?) } else { None };
        let f = (0..statement.compiled().bits()).map(|_| read.scalar()).collect::<Result<_, _>>()?;
        let (phi, w, delta) = (read.scalar()?, read.scalar()?, read.scalar()?);
        let k = Credential::decode(read.array()?)?;
        let proof = Proof { a, b, v, w_point, s, t, d1, d0, u, f, phi, w, delta, k };
        let signed = Self { proof, r: read.element()?, sigma: read.scalar()? };
        read.end()?;
        signed.refuse_repetition()?;
        Ok(signed)
    }
    /// "Fresh randomness; equal components refused": thirty of thirty ballots of a published chain could be read because all
    /// cells shared their randomness.
    fn refuse_repetition(&self) -> Result<(), Refusal> {
        let it = &self.proof;
        let mut points: Vec<&[u8; 32]> = it.b.iter().map(Element::bytes).collect();
        let others = [&it.a, &it.v, &it.w_point, &it.s, &it.t, &it.d1, &it.d0, it.k.element(), &self.r];
        points.extend(others.map(Element::bytes));
        points.sort_unstable();
        if points.windows(2).any(|pair| pair[0] == pair[1]) && !plant::is(Plant::RepeatedPointAccepted) {
            return Err(Refusal::RepeatedPoint);
        }
        Ok(())
    }
}
