//! A ballot as it travels: who, in which election and college, the how-manieth, and a body. Bodies are kinds: open
//! (the member's choices, signed) or sealed (encrypted and proven); a kind is added at the end and nothing else changes.
use crate::{
    CollegeId, ElectionId, MerkleRoot, TxHash, TxId,
    bounded::{Bytes, List},
    codec::encode,
    limits::{CHOICES_MAX, QUESTIONS_MAX, SEALED_BALLOT_BYTES_MAX},
    merkle::leaf_hash,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The answer to one question. Indices count from 0 in the order of the definition.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A blank ballot: expressed, for nobody.
    Blank,
    /// One choice: referendum (0 for, 1 against) and plurality.
    Choice(u16),
    /// The approved choices, strictly increasing, at least one.
    Approvals(List<u16, CHOICES_MAX>),
    /// One grade per choice, from 0 the worst; none is "no opinion". At least one grade is given.
    Grades(List<Option<u8>, CHOICES_MAX>),
    /// Choices from the best rank to the last, each rank not empty and strictly increasing, no choice twice, at least one.
    /// What the choices left out mean is declared by the method.
    Ranking(List<List<u16, CHOICES_MAX>, CHOICES_MAX>),
    /// Points for each choice, in order, 0 for most of them; not all 0.
    Points(List<u32, CHOICES_MAX>),
    /// Present, and takes no part in this decision: not a blank ballot.
    Abstain,
}

/// What a ballot carries.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BallotBody {
    /// One answer per question, in clear, public.
    Open(List<Answer, QUESTIONS_MAX>),
    /// Encrypted, with its proof: A, B…, V, W, S, T, D1, D0, u, f…, φ, w, δ of `docs/ballots.md`. The transaction's sender is K
    /// and its signature is (R, σ), so a sealed ballot is signed once, by its credential (docs/decisions/0032).
    Sealed(Bytes<SEALED_BALLOT_BYTES_MAX>),
}

/// One ballot. The member, or the credential of a sealed ballot, is the transaction's sender.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ballot {
    /// The election.
    pub election: ElectionId,
    /// The college in which the member casts it.
    pub college: CollegeId,
    /// 1 for the first ballot, larger for each revote: an older one can never replace a newer one.
    pub sequence: u32,
    /// The choices.
    pub body: BallotBody,
}

/// The leaf of an accepted ballot in its election's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct BallotLeaf {
    /// The tracker.
    pub tx_id: TxId,
    /// The very bytes that were accepted.
    pub tx_hash: TxHash,
}
impl BallotLeaf {
    /// The leaf's hash in the log.
    #[must_use]
    pub fn hash(&self) -> MerkleRoot {
        leaf_hash(&encode(self))
    }
}
