//! A trustee's part of an opening: D = s_k A for every ciphertext and cell, and one proof for all of them. A share is taken
//! for one only after [`CandidateShare::verify`]; wrong ones are ignored, and their sender is named.
//!
//! ```compile_fail
//! // A share cannot be made without verification.
//! let forged = urne_ballot::DecryptionShare { trustee: 1, urn: [0; 32], d: Vec::new() };
//! ```
//! ```
//! use urne_ballot::{CandidateShare, DecryptionShare, Refusal, ThresholdKeys, Trustees, Urn};
//! fn verified(sent: CandidateShare, urn: &Urn, keys: &ThresholdKeys<Trustees>) -> Result<DecryptionShare, Refusal> {
//!     sent.verify(urn, keys)
//! }
//! ```
use crate::{
    Refusal,
    group::{Element, G, Point, Scalar, VartimeMultiscalarMul, WORD, base, powers},
    plant::{self, Plant},
    threshold::{SecretShare, ThresholdKeys, Trustees},
    transcript::{SecretSource, Transcript},
    urn::Urn,
    wire::Reader,
};
use zeroize::Zeroizing;

/// A share as it arrives: `trustee u16 ‖ D (by ciphertext, then by cell) ‖ R1 ‖ R2 ‖ z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateShare {
    trustee: u16,
    d: Vec<Element>,
    r1: Element,
    r2: Element,
    z: Scalar,
}

/// A share whose proof was verified for one urn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionShare {
    trustee: u16,
    urn: [u8; 32],
    d: Vec<Element>,
}

impl DecryptionShare {
    /// Whose.
    #[must_use]
    pub const fn trustee(&self) -> u16 {
        self.trustee
    }
    /// The hash of the urn it opens.
    #[must_use]
    pub const fn urn(&self) -> &[u8; 32] {
        &self.urn
    }
    pub(crate) fn d(&self) -> &[Element] {
        &self.d
    }
    /// Reads what this node's own state holds: a share that was verified for this urn before it was kept as such. Never for
    /// bytes from anywhere else: those go through [`CandidateShare::verify`].
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], [`Refusal::NotAPoint`], [`Refusal::NotAScalar`]: the state is damaged.
    pub fn restore_from_state(bytes: &[u8], urn: &Urn) -> Result<Self, Refusal> {
        let CandidateShare { trustee, d, .. } = CandidateShare::decode(bytes, urn)?;
        Ok(Self { trustee, urn: *urn.digest(), d })
    }
}

/// The folded statement: log_G P' = log_A' D', with P' = Σ γ_k P_k, A' = Σ α_j A_j, D' = Σ α_j γ_k D_jk. The weights are
/// powers of challenges drawn after every D is fixed: a wrong D survives with probability (J + M)/ℓ.
struct Folded {
    transcript: Transcript,
    p: Point,
    a: Point,
    d: Point,
    gammas: Vec<Scalar>,
}

fn fold(urn: &Urn, trustee: u16, p: &[Point], d: &[Element]) -> Folded {
    let mut transcript = Transcript::new("urne.v1 decryption share");
    if !plant::is(Plant::UrnNotHashed) {
        transcript.append("election", &urn.election().0);
        transcript.append("urn", urn.digest());
    }
    transcript.append("trustee", &trustee.to_le_bytes());
    let p_bytes: Vec<[u8; 32]> = p.iter().map(|it| it.compress().0).collect();
    transcript.append_words("P", p_bytes.iter());
    transcript.append_elements("D", d);
    let (alpha, gamma) = (transcript.challenge("alpha"), transcript.challenge("gamma"));
    let gammas: Vec<Scalar> = powers(gamma).take(p.len()).collect();
    let alphas: Vec<Scalar> = powers(alpha).take(urn.ciphertexts().len()).collect();
    let weights: Vec<Scalar> = alphas.iter().flat_map(|alpha| gammas.iter().map(move |gamma| alpha * gamma)).collect();
    Folded {
        p: Point::vartime_multiscalar_mul(&gammas, p),
        a: Point::vartime_multiscalar_mul(&alphas, urn.ciphertexts().iter().map(|it| it.a().point())),
        d: Point::vartime_multiscalar_mul(&weights, d.iter().map(Element::point)),
        gammas,
        transcript,
    }
}

impl SecretShare<Trustees> {
    /// This trustee's part of the opening of an urn. Whoever calls has recorded the urn's digest durably first, and refuses
    /// any other one for this election.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`]: the urn has not one cell for each key.
    pub fn decrypt(&self, urn: &Urn) -> Result<CandidateShare, Refusal> {
        let secrets = self.scalars();
        if urn.ciphertexts().iter().any(|it| it.b().len() != secrets.len()) {
            return Err(Refusal::TotalsMismatch);
        }
        let cells =
            urn.ciphertexts().iter().flat_map(|it| secrets.iter().map(move |s| Element::of(s * it.a().point())));
        let d: Vec<Element> = cells.collect();
        let p: Vec<Point> = secrets.iter().map(base).collect();
        let folded = fold(urn, self.holder(), &p, &d);
        let secret: Zeroizing<Scalar> =
            Zeroizing::new(secrets.iter().zip(&folded.gammas).map(|(s, gamma)| s * gamma).sum());
        // The nonce depends on the secret and on the whole statement: one statement, one nonce, and no second statement
        // ever meets it.
        let source = SecretSource::after("urne.v1 decryption share nonce", secret.as_bytes(), &folded.transcript);
        let nonce = Zeroizing::new(source.scalar("nonce", 0));
        let (r1, r2) = (Element::of(base(&nonce)), Element::of(*nonce * folded.a));
        let c = challenge(folded.transcript, &r1, &r2);
        Ok(CandidateShare { trustee: self.holder(), d, r1, r2, z: *nonce + c * *secret })
    }
}

fn challenge(mut transcript: Transcript, r1: &Element, r2: &Element) -> Scalar {
    transcript.append_element("R1", r1);
    transcript.append_element("R2", r2);
    transcript.challenge("c")
}

impl CandidateShare {
    /// Who says to have sent it.
    #[must_use]
    pub const fn trustee(&self) -> u16 {
        self.trustee
    }
    /// The bytes to send.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.trustee.to_le_bytes().to_vec();
        let points = self.d.iter().chain([&self.r1, &self.r2]).map(Element::bytes);
        points.chain([self.z.as_bytes()]).for_each(|word| bytes.extend_from_slice(word));
        bytes
    }
    /// Decodes a share of this urn.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], [`Refusal::NotAPoint`], [`Refusal::NotAScalar`].
    pub fn decode(bytes: &[u8], urn: &Urn) -> Result<Self, Refusal> {
        if bytes.len() != urn.share_length() {
            return Err(Refusal::WrongShape);
        }
        let mut read = Reader::new(bytes, Refusal::WrongShape);
        let trustee = read.u16()?;
        let d = read.elements((bytes.len() - 2) / WORD - 3)?;
        let it = Self { trustee, d, r1: read.element()?, r2: read.element()?, z: read.scalar()? };
        read.end()?;
        Ok(it)
    }
    /// Verifies the proof.
    ///
    /// # Errors
    /// [`Refusal::NotATrustee`], [`Refusal::WrongShape`], [`Refusal::WrongDecryptionShare`].
    pub fn verify(self, urn: &Urn, keys: &ThresholdKeys<Trustees>) -> Result<DecryptionShare, Refusal> {
        let p = keys.of_holder(self.trustee)?;
        if urn.ciphertexts().iter().any(|it| it.b().len() != p.len())
            || self.d.len() != p.len() * urn.ciphertexts().len()
        {
            return Err(Refusal::WrongShape);
        }
        let folded = fold(urn, self.trustee, p, &self.d);
        let (p, a, d) = (folded.p, folded.a, folded.d);
        let c = challenge(folded.transcript, &self.r1, &self.r2);
        // zG = R1 + cP' and zA' = R2 + cD'
        let left = Point::vartime_multiscalar_mul([self.z, -c], [G, p]);
        let right = Point::vartime_multiscalar_mul([self.z, -c], [a, d]);
        if left == *self.r1.point() && right == *self.r2.point() {
            Ok(DecryptionShare { trustee: self.trustee, urn: *urn.digest(), d: self.d })
        } else {
            Err(Refusal::WrongDecryptionShare)
        }
    }
}
