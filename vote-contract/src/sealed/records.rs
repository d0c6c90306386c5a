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
    /// Nobody: the keys of those who qualified are worked out, over blocks.
    Qualifying,
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
    /// Whose ballots are taken.
    pub eligible: Eligible,
    /// What is decrypted after the close.
    pub opening: UrnOpening,
}

/// Which credentials may vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub enum Eligible {
    /// Those on the census.
    OnCensus,
    /// Those that were registered under their registrars' signature.
    Registered,
}

/// What trustees decrypt after the close, of a secret election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum UrnOpening {
    /// The sum of each group.
    Totals,
    /// The last ballot of each credential: rankings are not added up. Whoever knows whose credential cast a ballot then knows
    /// the choice.
    OneByOne,
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
    /// When first.
    pub at: Moment,
    /// How many it has sent.
    pub times: u16,
}

/// An urn that is opened ballot by ballot: the ballots of each group, by the bytes of their A, cut in pieces of as many as
/// [`urne_types::limits::PIECE_CELLS_MAX`] allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct PieceList {
    /// `Urn::digest` of each piece, by part.
    pub urns: Vec<[u8; 32]>,
    /// Whether these are all: no share is taken before.
    pub is_whole: bool,
    /// How many are opened.
    pub opened: u32,
}

/// A piece that is not opened yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Piece {
    /// Its group.
    pub group: u32,
    /// `Ciphertext::encode` of each ballot, by A.
    pub ballots: Vec<Vec<u8>>,
}

/// What a group's urn held, or a piece of an urn that is opened ballot by ballot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct OpenedPart {
    /// Ballots in it.
    pub ballots: Count,
    /// The sum of each cell; of a piece, the cells of each ballot, one ballot after the other.
    pub cells: Vec<Count>,
    /// Whose shares opened it; nobody's where nobody voted.
    pub trustees: Vec<u16>,
}

// ---- Credentials ----

/// What approvals, answers and registrations must know of a college of their election, beside the election's gate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct IssuanceGate {
    /// Of the college's key, under which answers and credentials are verified: `super::seals`.
    pub keys: [u8; 32],
    /// How many registrars approve a request, and how many answer it.
    pub threshold: u16,
    /// Those that hold a share, by number.
    pub registrars: Vec<(u16, PublicKey)>,
    /// From this instant on requests are approved and answered.
    pub issuance_at: UnixMs,
    /// From this instant on credentials are registered.
    pub registration_at: UnixMs,
    /// Credentials that are registered together before the opening, at least.
    pub together: u32,
}

/// How far a college is: `registered ≤ approved ≤ census` at every block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct IssuanceRecord {
    /// Entries of the census.
    pub census: Count,
    /// Entries of which one request has its approvals.
    pub approved: Count,
    /// Entries whose request has its answers.
    pub answered: Count,
    /// Registered credentials.
    pub registered: Count,
    /// Those of them that were registered after the opening: fewer to be taken for one another.
    pub late: Count,
    /// The proof that registrars cheated.
    pub alarm: Option<RegistrarsAlarm>,
}

/// A signed credential when there were as many as approved requests: without as many registrars as a signature takes there is
/// none. It is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct RegistrarsAlarm {
    /// When it was brought.
    pub at: Moment,
    /// K: one of the registered ones, or this one, belongs to nobody on the census.
    pub credential: PublicKey,
    /// The registrars' signature.
    pub signature: [u8; 48],
    /// Credentials registered by then.
    pub registered: Count,
}

/// What an entry of the census has asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct EntryRecord {
    /// One for each registrar at most, in the order in which they came.
    pub approvals: Vec<Approval>,
    /// The request that has its approvals.
    pub approved: Option<ApprovedRequest>,
    /// `registrar u16 ‖ point 48`, each verified, one for each registrar at most, in the order in which they came.
    pub answers: Vec<[u8; 50]>,
}

/// A registrar's approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Approval {
    /// Its number.
    pub registrar: u16,
    /// β.
    pub request: [u8; 48],
}

/// A request that has its approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ApprovedRequest {
    /// β.
    pub request: [u8; 48],
    /// The block of the last approval that it took: it is answered from the next one on.
    pub at: Moment,
}

/// A registered credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct CredentialRecord {
    /// The college for which it votes.
    pub college: CollegeId,
    /// When it was registered.
    pub at: Moment,
    /// Whether that was before the opening.
    pub registered: Registered,
}

/// Whether a credential was registered before its election opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Registered {
    /// With others, before any ballot.
    InTime,
    /// After the opening: fewer to be taken for one another.
    Late,
}
