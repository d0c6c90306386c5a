//! Rounds 1 to 3: what dealers publish. The hash comes first, so that nobody chooses commitments after seeing others'
//! ("rushing", Belenios 2026).
use super::{Ceremony, Possession, ThresholdRule, qualify::evaluate};
use crate::{
    Refusal,
    group::Element,
    plant::{self, Plant},
    threshold::ThresholdGroup,
    transcript::Transcript,
    wire::Reader,
};

/// Bytes that authenticated encryption adds.
pub(crate) const TAG_BYTES: usize = 16;

/// Round 1: the hash of the commitments to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitmentHash(pub [u8; 32]);

/// Round 2, verified: the ephemeral key X of a dealer and, for each key k, the points C_{k,0} … C_{k,t−1} of its polynomial.
#[derive(Clone, Debug, PartialEq)]
pub struct Commitments<G: ThresholdGroup> {
    dealer: u16,
    ephemeral: Element,
    points: Vec<Vec<G::Point>>,
}

impl<G: ThresholdGroup> Commitments<G> {
    /// Whose.
    #[must_use]
    pub const fn dealer(&self) -> u16 {
        self.dealer
    }
    pub(crate) const fn ephemeral(&self) -> &Element {
        &self.ephemeral
    }
    /// C_{k,0} … C_{k,t−1}, by key.
    pub(crate) fn points(&self) -> &[Vec<G::Point>] {
        &self.points
    }
    /// Whether shares for a recipient fit: share k must give Σ_j recipient^j C_{k,j}.
    pub(crate) fn fit(&self, recipient: u16, shares: &[G::Scalar]) -> bool {
        let mut each = self.points.iter().zip(shares);
        shares.len() == self.points.len() && each.all(|(row, share)| G::base(share) == evaluate::<G>(row, recipient))
    }
}

/// Round 3: one dealer's shares for one recipient, encrypted. Only its length can be judged before a complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedShare {
    dealer: u16,
    recipient: u16,
    bytes: Vec<u8>,
}
impl EncryptedShare {
    /// From whom.
    #[must_use]
    pub const fn dealer(&self) -> u16 {
        self.dealer
    }
    /// To whom.
    #[must_use]
    pub const fn recipient(&self) -> u16 {
        self.recipient
    }
    /// The ciphertext.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<G: ThresholdGroup + ThresholdRule> Ceremony<G> {
    /// The hash that round 1 announces for the bytes of round 2.
    #[must_use]
    pub fn commitment_hash(&self, dealer: u16, bytes: &[u8]) -> CommitmentHash {
        let mut transcript = Transcript::new("urne.v1 ceremony commitment hash");
        transcript.append("ceremony", self.digest());
        transcript.append("dealer", &dealer.to_le_bytes());
        transcript.append("commitments", bytes);
        CommitmentHash(transcript.digest())
    }
    /// Round 2: `X ‖ R_X ‖ z_X ‖ C_{1,0} … C_{M,t−1} ‖ R ‖ z`. X has its own proof of possession: a dealer that copied
    /// another's X would otherwise make honest complaints reveal the other's shares. The constant terms have one proof
    /// together, z = r + Σ c^k a_{k,0}.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`], [`Refusal::WrongCommitmentHash`], [`Refusal::WrongShape`], [`Refusal::IdentityPoint`],
    /// [`Refusal::BadPossession`], and what an encoding earns.
    pub fn verify_commitments(
        &self,
        dealer: u16,
        hash: CommitmentHash,
        bytes: &[u8],
    ) -> Result<Commitments<G>, Refusal> {
        self.joined(dealer)?;
        if self.commitment_hash(dealer, bytes) != hash && !plant::is(Plant::RushedCommitments) {
            return Err(Refusal::WrongCommitmentHash);
        }
        let mut read = Reader::new(bytes, Refusal::WrongShape);
        let ephemeral = read.element()?;
        if ephemeral.is_identity() {
            return Err(Refusal::IdentityPoint);
        }
        let possession = Possession { r: read.element()?, z: read.scalar()? };
        let degree = usize::from(self.threshold());
        let (mut points, mut raw) = (Vec::new(), Vec::new());
        for _ in 0..self.key_count() {
            let encoded = read.take(degree * G::POINT_BYTES)?;
            raw.extend_from_slice(encoded);
            points.push(encoded.chunks(G::POINT_BYTES).map(G::decode).collect::<Result<Vec<_>, _>>()?);
        }
        let r_bytes = read.take(G::POINT_BYTES)?;
        let (r, z) = (G::decode(r_bytes)?, G::scalar(read.array()?)?);
        read.end()?;
        possession.verify(self.ephemeral_transcript(dealer, &ephemeral), &ephemeral)?;
        let c = self.constants_challenge(dealer, &raw, r_bytes);
        let powers = std::iter::successors(Some(c), |last| Some(*last * c));
        let terms: Vec<_> = powers.zip(points.iter().map(|row| row[0])).collect();
        if G::base(&z) != r + G::sum(&terms) && !plant::is(Plant::PossessionUnchecked) {
            return Err(Refusal::BadPossession);
        }
        Ok(Commitments { dealer, ephemeral, points })
    }
    pub(crate) fn ephemeral_transcript(&self, dealer: u16, ephemeral: &Element) -> Transcript {
        let mut transcript = Transcript::new("urne.v1 ceremony ephemeral key");
        transcript.append("ceremony", self.digest());
        transcript.append("dealer", &dealer.to_le_bytes());
        transcript.append_element("X", ephemeral);
        transcript
    }
    pub(crate) fn constants_challenge(&self, dealer: u16, points: &[u8], r: &[u8]) -> G::Scalar {
        let mut transcript = self.constants_transcript(dealer, points);
        transcript.append("R", r);
        G::wide(&transcript.challenge_bytes("c"))
    }
    pub(crate) fn constants_transcript(&self, dealer: u16, points: &[u8]) -> Transcript {
        let mut transcript = Transcript::new("urne.v1 ceremony constant terms");
        transcript.append("ceremony", self.digest());
        transcript.append("dealer", &dealer.to_le_bytes());
        transcript.append("C", points);
        transcript
    }
    /// Round 3: the shares for one recipient, encrypted: 32 bytes for each key and a tag.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`], [`Refusal::WrongShape`].
    pub fn verify_encrypted_share(&self, dealer: u16, recipient: u16, bytes: &[u8]) -> Result<EncryptedShare, Refusal> {
        self.joined(dealer)?;
        self.joined(recipient)?;
        if bytes.len() != 32 * self.key_count() + TAG_BYTES {
            return Err(Refusal::WrongShape);
        }
        Ok(EncryptedShare { dealer, recipient, bytes: bytes.to_vec() })
    }
}
