//! What the state remembers of secret elections. Keys and proofs are kept as the bytes in which they came: whoever reads them
//! decodes them with `urne-ballot`, and nobody has to believe the ledger.
use crate::{
    records::{AttemptId, Moment},
    result::Count,
};
use serde::{Deserialize, Serialize};
use urne_types::{
    CollegeId, DraftId, ElectionId, PublicKey, TxId, UnixMs,
    codec::{Decode, Encode},
    election::ElectionDefinition,
};

/// A draft whose keys are being made, were made, or were never.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CeremonyRecord {
    /// As scheduled.
    pub definition: ElectionDefinition,
    /// Where the entries of its census are.
    pub census_entries: AttemptId,
    /// When it began.
    pub begun: Moment,
    /// What became of it.
    pub state: CeremonyState,
}

/// Where a ceremony stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CeremonyState {
    /// Keys are being made.
    UnderWay,
    /// Keys are made, the election has its name, and its trustees rehearse.
    Rehearsing {
        /// The name it will have.
        election: ElectionId,
    },
    /// The election is scheduled.
    Done {
        /// Its name.
        election: ElectionId,
    },
    /// There will be no such election.
    Failed {
        /// When.
        at: Moment,
        /// Why: the number of a rule.
        code: u16,
    },
}

/// What a scope of a ceremony waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Encryption keys.
    Joining,
    /// Hashes of commitments.
    Hashing,
    /// Commitments.
    Committing,
    /// Encrypted shares.
    Dealing,
    /// Complaints.
    Complaining,
    /// Shares of the rehearsal.
    Rehearsing,
    /// Nothing more.
    Over,
}

/// One key generation: the trustees', or the registrars' of a college.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Stage {
    /// How often the participants have begun again.
    pub attempt: u32,
    /// Numbers of those who may take part.
    pub candidates: Vec<u16>,
    /// What it waits for.
    pub step: Step,
    /// Since when.
    pub since: UnixMs,
    /// `ThresholdKeys::encode`, once they are made.
    pub keys: Option<Vec<u8>>,
}

/// The keys of a secret election: what its name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct UrnRecord {
    /// Its draft.
    pub draft: DraftId,
    /// `ThresholdKeys::<Trustees>::encode`.
    pub trustees: Vec<u8>,
    /// Scope, and `ThresholdKeys::<Registrars>::encode`.
    pub registrars: Vec<(u32, Vec<u8>)>,
}

/// What a sealed ballot must know of its election beside the gate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct SealedGate {
    /// `Statement::digest`: the questions and keys against which ballots are verified.
    pub statement: [u8; 32],
    /// Cells of a ballot.
    pub cells: u16,
    /// The group of each college.
    pub parts: Vec<(CollegeId, u32)>,
}

/// The ballot of a credential that counts so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct LastSealed {
    /// Its sequence.
    pub sequence: u32,
    /// Its transaction.
    pub tx_id: TxId,
    /// `Ciphertext::encode`.
    pub ciphertext: Vec<u8>,
}

/// A trustee that sent a share whose proof fails: named, and ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct WrongShare {
    /// Its number.
    pub trustee: u16,
    /// The key that sent it.
    pub key: PublicKey,
    /// When.
    pub at: Moment,
}

/// What a group's urn held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct OpenedPart {
    /// Ballots in it.
    pub ballots: Count,
    /// The sum of each cell.
    pub cells: Vec<Count>,
    /// Whose shares opened it; nobody's where nobody voted.
    pub trustees: Vec<u16>,
}
