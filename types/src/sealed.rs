//! What a secret election declares, and what trustees and registrars send for it. The cryptography is `urne-ballot`'s: here its
//! messages are bytes with a bound, and nothing here can tell a right one from a wrong one.
use crate::{
    CollegeId, DraftId, ElectionId, PublicKey, UnixMs,
    bounded::{Bytes, List},
    election::CensusEntry,
    limits::{CEREMONY_BYTES_MAX, COLLEGES_MAX, REGISTRARS_MAX, REGISTRATIONS_MAX, VALIDATORS_MAX},
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

// ---- Declared ----

/// What an election with sealed ballots declares beside its questions and its calendar.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRules {
    /// How somebody is entitled to a ballot.
    pub census: SealedCensus,
    /// Who may hold a share of the urn's keys; numbered from 1 in this order.
    pub trustees: List<Officer, VALIDATORS_MAX>,
    /// The colleges whose ballots are added up and decrypted together: each college of the census in one group.
    pub groups: List<List<CollegeId, COLLEGES_MAX>, COLLEGES_MAX>,
    /// The fewest census entries of a group.
    pub minimum_group: u32,
    /// A step of the ceremony waits so long for whoever has not spoken.
    pub step_ms: u32,
}

/// A trustee or a registrar: who sends its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Its college.
    pub college: CollegeId,
    /// The key that signs its transactions.
    pub key: PublicKey,
}

/// How somebody is entitled to a ballot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealedCensus {
    /// The entries of the census are credential keys: who takes part is public, what she chooses is not.
    PublishedKeys,
    /// The entries are salted commitments: registrars sign credentials without seeing them.
    Credentials(CredentialRules),
}

/// Who signs credentials, and when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialRules {
    /// Numbered from 1 in this order; more than half of them, and at least two, sign together.
    pub registrars: List<Officer, REGISTRARS_MAX>,
    /// From this instant on requests are approved and answered: the ceremony is over by then.
    pub issuance_at: UnixMs,
    /// From this instant on credentials are registered, away from their issuance.
    pub registration_at: UnixMs,
}

// ---- Sent ----

/// A participant's message in a ceremony of key generation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CeremonyMessage {
    /// The election's draft.
    pub draft: DraftId,
    /// 0 for the trustees; 1 + college for the registrars' key of that college.
    pub scope: u32,
    /// 0 at first; one more each time the participants deal again.
    pub attempt: u32,
    /// What is said.
    pub step: CeremonyStep,
}

/// The bytes of `urne_ballot::ceremony`, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum CeremonyStep {
    /// Round 0: encryption key and proof of possession.
    Join(Bytes<CEREMONY_BYTES_MAX>),
    /// Round 1: the hash of the commitments to come.
    CommitmentHash([u8; 32]),
    /// Round 2: the commitments.
    Commitments(Bytes<CEREMONY_BYTES_MAX>),
    /// Round 3: encrypted shares, each for one recipient. Several messages where one would be too long.
    Shares(List<(u16, Bytes<CEREMONY_BYTES_MAX>), VALIDATORS_MAX>),
    /// Round 4: complaints, each against one dealer; empty when all shares are right.
    Complaints(List<(u16, Bytes<CEREMONY_BYTES_MAX>), VALIDATORS_MAX>),
    /// Round 6: a share of the urn of the rehearsal.
    Rehearsal(Bytes<CEREMONY_BYTES_MAX>),
}

/// A registrar says that the person behind an entry of the census asked for this blinded request: the émargement of a secret
/// election, on record for everybody to see, the member first.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestApproval {
    /// The election.
    pub election: ElectionId,
    /// The entry.
    pub entry: CensusEntry,
    /// β, a point of G1.
    pub request: [u8; 48],
}

/// A registrar's part of the signature on an approved request. It repeats β, so that the pairing can be verified without the
/// state, by the threads that verify transactions.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestAnswer {
    /// The election.
    pub election: ElectionId,
    /// The entry.
    pub entry: CensusEntry,
    /// β, as k registrars have approved it.
    pub request: [u8; 48],
    /// `registrar u16 ‖ point 48`.
    pub answer: [u8; 50],
}

/// A credential and the registrars' signature on it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CredentialRegistration {
    /// K.
    pub credential: [u8; 32],
    /// A point of G1.
    pub signature: [u8; 48],
}

/// Credentials of several members of one college, registered together so that none stands alone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CredentialBatch {
    /// The election.
    pub election: ElectionId,
    /// The college.
    pub college: CollegeId,
    /// Strictly increasing by credential.
    pub credentials: List<CredentialRegistration, REGISTRATIONS_MAX>,
}

/// A trustee's part of an opening.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OpeningShare {
    /// The election.
    pub election: ElectionId,
    /// Which group, or which piece of an urn that is opened ballot by ballot.
    pub part: u32,
    /// `urne_ballot::CandidateShare::encode`.
    pub share: Bytes<CEREMONY_BYTES_MAX>,
}
