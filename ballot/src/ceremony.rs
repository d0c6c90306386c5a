//! Keys without a ceremony day: a distributed key generation (Pedersen with hash-commitment before reveal, Feldman
//! commitments, a complaint round) as pure steps over a ledger that serves as broadcast channel. The same code shares the
//! trustees' keys in ristretto255 and the registrars' in G2.
//!
//! | round | message | becomes |
//! |---|---|---|
//! | 0 | encryption key and proof of possession | [`Joined`] |
//! | 1 | hash of the commitments | [`CommitmentHash`] |
//! | 2 | commitments, proof of possession of what they hide | [`Commitments`] |
//! | 3 | one encrypted share for each participant | [`EncryptedShare`] |
//! | 4 | complaint: the shared key is revealed, everybody judges | [`JustifiedComplaint`] |
//! | 5 | – | [`Qualification`] |
//! | 6 | rehearsal: a decryption share of [`crate::Urn::rehearsal`] | [`crate::DecryptionShare`] |
//!
//! A dealer that is silent, incomplete or convicted is out. When that changes the threshold, the rest deal again: each
//! attempt has fewer participants, so the ceremony ends. Aborting after the reveal can still bias a key among few choices;
//! that is harmless for ElGamal (Gennaro, Jarecki, Krawczyk, Rabin, J. Cryptology 2007).
mod complaint;
mod dealing;
mod qualify;
mod rule;
mod secret;

pub use complaint::JustifiedComplaint;
pub use dealing::{CommitmentHash, Commitments, EncryptedShare};
pub use qualify::{Qualification, Qualified, Qualifying};
pub use rule::ThresholdRule;
pub use secret::{CeremonySecret, Dealing};

use crate::{
    Refusal,
    group::{Element, G as BASE, Point, Scalar, VartimeMultiscalarMul},
    plant::{self, Plant},
    threshold::ThresholdGroup,
    transcript::Transcript,
    wire::Reader,
};
use std::marker::PhantomData;
use urne_types::{ChainId, CollegeId, DraftId};

/// Participants of one ceremony.
pub const PARTICIPANTS_MAX: usize = urne_types::limits::VALIDATORS_MAX;
/// Bytes of one dealer's commitments: they travel in one transaction of 64 KiB.
pub const COMMITMENTS_BYTES_MAX: usize = 62_000;

/// Somebody who may hold a share. Numbers count from 1 and are never reused within an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Participant {
    /// Its number: the point at which the polynomials are evaluated for it.
    pub number: u16,
    /// Its college.
    pub college: CollegeId,
}

/// What a ceremony is for, before anybody has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The chain.
    pub chain: ChainId,
    /// The draft whose election the keys are for.
    pub draft: DraftId,
    /// 0 for trustees; for registrars, which (college, weight class) the key signs for.
    pub scope: u32,
    /// 0 at first; one more each time the participants deal again.
    pub attempt: u32,
    /// Whom the draft names, those who are out since included: no silence makes fewer of them suffice. The draft's name
    /// stands for them, so they are not hashed again.
    pub declared: Vec<Participant>,
    /// Who may take part, by increasing number.
    pub candidates: Vec<Participant>,
    /// How many keys: one for each cell, or one for registrars.
    pub keys: u16,
}

/// A candidate whose encryption key and proof of possession were verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    participant: Participant,
    key: Element,
}

impl Invitation {
    pub(crate) fn digest<G: ThresholdGroup>(&self) -> [u8; 32] {
        let mut transcript = Transcript::new("urne.v1 ceremony invitation");
        transcript.append("group", G::NAME.as_bytes());
        transcript.append("chain", &self.chain.0);
        transcript.append("draft", &self.draft.0);
        transcript.append_u32("scope", self.scope);
        transcript.append_u32("attempt", self.attempt);
        let candidates: Vec<u8> = self.candidates.iter().flat_map(Participant::bytes).collect();
        transcript.append("candidates", &candidates);
        transcript.append("keys", &self.keys.to_le_bytes());
        transcript.digest()
    }
    fn candidate(&self, number: u16) -> Result<Participant, Refusal> {
        self.candidates.iter().find(|it| it.number == number && number != 0).copied().ok_or(Refusal::NotAParticipant)
    }
    pub(crate) fn possession<G: ThresholdGroup>(&self, number: u16, key: &Element) -> Transcript {
        let mut transcript = Transcript::new("urne.v1 ceremony joining");
        transcript.append("invitation", &self.digest::<G>());
        transcript.append("participant", &number.to_le_bytes());
        transcript.append_element("E", key);
        transcript
    }
    /// Round 0: `E ‖ R ‖ z`.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`], [`Refusal::WrongShape`], [`Refusal::IdentityPoint`], [`Refusal::BadPossession`].
    pub fn verify_joining<G: ThresholdGroup>(&self, sender: u16, bytes: &[u8]) -> Result<Joined, Refusal> {
        let participant = self.candidate(sender)?;
        let mut read = Reader::new(bytes, Refusal::WrongShape);
        let key = read.element()?;
        let possession = Possession { r: read.element()?, z: read.scalar()? };
        read.end()?;
        if key.is_identity() {
            return Err(Refusal::IdentityPoint);
        }
        possession.verify(self.possession::<G>(sender, &key), &key)?;
        Ok(Joined { participant, key })
    }
    /// Reads what this node's own state holds: a joining that was verified before it was kept. Never for bytes from anywhere
    /// else: those go through [`Self::verify_joining`].
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`], [`Refusal::WrongShape`], [`Refusal::NotAPoint`]: the state is damaged.
    pub fn restore_joined_from_state(&self, sender: u16, bytes: &[u8]) -> Result<Joined, Refusal> {
        let key = Reader::new(bytes, Refusal::WrongShape).element()?;
        Ok(Joined { participant: self.candidate(sender)?, key })
    }
}

impl Participant {
    fn bytes(&self) -> [u8; 4] {
        let ([a, b], [c, d]) = (self.number.to_le_bytes(), self.college.get().to_le_bytes());
        [a, b, c, d]
    }
}

impl Joined {
    /// Who.
    #[must_use]
    pub const fn participant(&self) -> Participant {
        self.participant
    }
    /// E_i, to which shares are encrypted.
    #[must_use]
    pub const fn key(&self) -> &Element {
        &self.key
    }
}

/// The ceremony once it is known who takes part: what rounds 1 to 5 are bound to.
#[derive(Clone, Debug, PartialEq)]
pub struct Ceremony<G: ThresholdGroup> {
    declared: Vec<Participant>,
    participants: Vec<Joined>,
    keys: u16,
    threshold: u16,
    digest: [u8; 32],
    group: PhantomData<G>,
}

impl<G: ThresholdGroup + ThresholdRule> Ceremony<G> {
    /// Closes round 0.
    ///
    /// # Errors
    /// [`Refusal::MessageExists`], [`Refusal::DegenerateKey`] for two equal encryption keys, [`Refusal::WrongShape`] when
    /// the ceremony is larger than a ledger carries, and what [`ThresholdRule::threshold`] refuses.
    pub fn begin(invitation: &Invitation, mut joined: Vec<Joined>) -> Result<Self, Refusal> {
        joined.sort_by_key(|it| it.participant.number);
        if joined.windows(2).any(|it| it[0].participant.number == it[1].participant.number) {
            return Err(Refusal::MessageExists);
        }
        let mut keys: Vec<&[u8; 32]> = joined.iter().map(|it| it.key.bytes()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|it| it[0] == it[1]) {
            return Err(Refusal::DegenerateKey);
        }
        let participants: Vec<Participant> = joined.iter().map(|it| it.participant).collect();
        let threshold = G::threshold(&invitation.declared, &participants)?;
        let commitments = G::POINT_BYTES * usize::from(threshold) * usize::from(invitation.keys);
        if invitation.keys == 0 || PARTICIPANTS_MAX < joined.len() || COMMITMENTS_BYTES_MAX < commitments {
            return Err(Refusal::WrongShape);
        }
        let mut transcript = Transcript::new("urne.v1 ceremony");
        transcript.append("invitation", &invitation.digest::<G>());
        transcript.append("threshold", &threshold.to_le_bytes());
        for it in &joined {
            transcript.append("participant", &it.participant.bytes());
            transcript.append_element("E", &it.key);
        }
        let digest = transcript.digest();
        let (declared, keys) = (invitation.declared.clone(), invitation.keys);
        Ok(Self { declared, participants: joined, keys, threshold, digest, group: PhantomData })
    }
    /// How many shares will open, or sign.
    #[must_use]
    pub const fn threshold(&self) -> u16 {
        self.threshold
    }
    /// Who takes part, by increasing number.
    #[must_use]
    pub fn participants(&self) -> &[Joined] {
        &self.participants
    }
    /// Hash of all that is fixed so far.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
    /// Whether somebody takes part.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`].
    pub fn verify_participant(&self, number: u16) -> Result<(), Refusal> {
        self.joined(number).map(|_| ())
    }
    pub(crate) fn joined(&self, number: u16) -> Result<&Joined, Refusal> {
        let found = self.participants.binary_search_by_key(&number, |it| it.participant.number);
        found.map(|at| &self.participants[at]).map_err(|_| Refusal::NotAParticipant)
    }
    pub(crate) fn key_count(&self) -> usize {
        self.keys.into()
    }
}

/// A Schnorr proof that somebody knows the logarithm of a ristretto key: `R ‖ z`.
pub(crate) struct Possession {
    pub(crate) r: Element,
    pub(crate) z: Scalar,
}
impl Possession {
    pub(crate) fn prove(mut transcript: Transcript, secret: &Scalar) -> Self {
        let source = crate::transcript::SecretSource::after("urne.v1 possession nonce", secret.as_bytes(), &transcript);
        let nonce = zeroize::Zeroizing::new(source.scalar("nonce", 0));
        let r = Element::of(crate::group::base(&nonce));
        transcript.append_element("R", &r);
        Self { z: *nonce + transcript.challenge("c") * secret, r }
    }
    pub(crate) fn verify(&self, mut transcript: Transcript, key: &Element) -> Result<(), Refusal> {
        transcript.append_element("R", &self.r);
        let c = transcript.challenge("c");
        let left = Point::vartime_multiscalar_mul([self.z, -c], [BASE, *key.point()]);
        if left == *self.r.point() || plant::is(Plant::PossessionUnchecked) {
            Ok(())
        } else {
            Err(Refusal::BadPossession)
        }
    }
    pub(crate) fn encode(&self) -> Vec<u8> {
        [*self.r.bytes(), self.z.to_bytes()].concat()
    }
}
