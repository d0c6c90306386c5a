//! Secret elections as the API shows them: their keys, how these are made, and what trustees have to do. The states and steps
//! are the ledger's own records.
use super::{Hex, LogHead, Moment, Number};
use serde::{Deserialize, Serialize};
use urne_types::{CollegeId, DraftId, ElectionId, Height, PublicKey, TxId, UnixMs};
use urne_vote_contract::sealed::records as sealed;

/// The keys under which ballots of a secret election are sealed. Whoever seals checks that the election's name is theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKeys {
    /// The draft that its definition was.
    pub draft: DraftId,
    /// The trustees' keys, `urne_ballot::ThresholdKeys::encode`.
    pub trustees: Hex,
    /// The registrars' keys by scope, 1 + college; none where credentials are published.
    pub registrars: Vec<ScopeKeys>,
    /// What is decrypted after the close: the sum of each group, or, where rankings are asked, each ballot by itself, under the
    /// credential that cast it.
    pub opening: sealed::UrnOpening,
    /// The sums opened so far, by group; empty where ballots are opened one by one.
    pub opened: Vec<sealed::OpenedPart>,
    /// Where ballots are opened one by one, how far, once the election is closed.
    pub pieces: Option<OpenedPieces>,
    /// Trustees that sent a share whose proof fails.
    pub wrong_shares: Vec<sealed::WrongShare>,
}

/// How far an urn that is opened ballot by ballot was cut and opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedPieces {
    /// Pieces cut so far.
    pub pieces: u32,
    /// Whether these are all: shares are taken then.
    pub is_whole: bool,
    /// How many are opened.
    pub opened: u32,
}

/// The registrars' keys of a college.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeKeys {
    /// 1 + college.
    pub scope: u32,
    /// `urne_ballot::ThresholdKeys::encode`.
    pub keys: Hex,
}

/// `GET /v1/ceremonies`: what trustees have to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremonies {
    /// Drafts whose keys are being made.
    pub under_way: Vec<DraftId>,
    /// Closed elections whose urns wait for their shares.
    pub waiting: Vec<WaitingUrn>,
}
impl Ceremonies {
    /// Whether something is due for a draft.
    #[must_use]
    pub fn names(&self, draft: &DraftId) -> bool {
        self.under_way.contains(draft) || self.waiting.iter().any(|it| it.draft == *draft)
    }
}

/// A closed election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingUrn {
    /// Its name.
    pub election: ElectionId,
    /// The draft that its definition was.
    pub draft: DraftId,
}

/// `GET /v1/ceremonies/{draft}/records`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskRecords {
    /// By key.
    pub records: Vec<DeskRecord>,
}

/// A record of the state, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskRecord {
    /// Its key.
    pub key: Hex,
    /// Its bytes.
    pub value: Hex,
}

/// `GET /v1/ceremonies/{draft}`: how the keys of a secret election are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// The draft whose election it will be.
    pub draft: DraftId,
    /// When it began.
    pub begun: Moment,
    /// What became of it.
    pub state: sealed::CeremonyState,
    /// Each key: the trustees', and the registrars' by college.
    pub stages: Vec<CeremonyStage>,
}

/// Where one key of a ceremony stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeremonyStage {
    /// How often its participants have begun again.
    pub attempt: u32,
    /// Numbers of those who may take part.
    pub candidates: Vec<u16>,
    /// What it waits for.
    pub step: sealed::Step,
    /// Since when.
    pub since: UnixMs,
}

// ---- Credentials ----

/// `GET /v1/elections/{id}/issuance`: how far the registrars and the voters are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuance {
    /// The election.
    pub election: ElectionId,
    /// From this instant on requests are approved and answered, until the close.
    pub issuance_at: UnixMs,
    /// From this instant on credentials are registered, until the close.
    pub registration_at: UnixMs,
    /// Before this instant they are registered in groups of `minimum_group` at least.
    pub opens_at: UnixMs,
    /// When all of it ends.
    pub closes_at: UnixMs,
    /// Credentials that are registered together, at least.
    pub minimum_group: u32,
    /// The log of approvals.
    pub approvals: LogHead,
    /// The log of registered credentials.
    pub credentials: LogHead,
    /// By college.
    pub colleges: Vec<CollegeIssuance>,
}

/// The credentials of a college: `registered ≤ approved ≤ census` at every block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollegeIssuance {
    /// The college.
    pub college: CollegeId,
    /// How many registrars approve a request, and how many answer it.
    pub threshold: u16,
    /// Numbers of the registrars that hold a share of the college's key.
    pub registrars: Vec<u16>,
    /// Entries of the census.
    pub census: Number,
    /// Entries of which one request has its approvals.
    pub approved: Number,
    /// Entries whose request has its answers.
    pub answered: Number,
    /// Registered credentials.
    pub registered: Number,
    /// Those of them that were registered after the opening: fewer to be taken for one another.
    pub late: Number,
    /// The proof that as many registrars as a signature takes have cheated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<RegistrarsAlarm>,
}

/// A signed credential when there were as many as approved requests already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrarsAlarm {
    /// When it was brought.
    pub at: Moment,
    /// K, 32 bytes. It is not registered.
    pub credential: Hex,
    /// The registrars' signature, 48 bytes.
    pub signature: Hex,
    /// Registered credentials at that moment: as many as approved requests.
    pub registered: Number,
}

/// `GET /v1/elections/{id}/entries/{college}/{commitment}`: the émargement of an entry of the census.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusEntry {
    /// The election.
    pub election: ElectionId,
    /// The college.
    pub college: CollegeId,
    /// The salted commitment.
    pub entry: PublicKey,
    /// Since when it is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Moment>,
    /// Who approved which request, by registrar.
    pub approvals: Vec<RegistrarApproval>,
    /// The request that has its approvals, which is answered from the next block on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<ApprovedRequest>,
    /// Who answered it, in the order in which they did: each verified.
    pub answers: Vec<RegistrarAnswer>,
}

/// A registrar's approval: one for each registrar and entry, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrarApproval {
    /// Its number.
    pub registrar: u16,
    /// β, 48 bytes.
    pub request: Hex,
}

/// A request that k registrars have approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedRequest {
    /// β, 48 bytes.
    pub request: Hex,
    /// The block of the last approval that it took.
    pub at: Moment,
}

/// A registrar's part of the signature on a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrarAnswer {
    /// Its number.
    pub registrar: u16,
    /// `registrar u16 ‖ point 48`, `urne_ballot::CandidateAnswer::decode`.
    pub answer: Hex,
}

/// `GET /v1/elections/{id}/approvals` and `/registrations`: which transaction brought a leaf of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLeaf {
    /// Its index in the log.
    pub index: Number,
    /// The transaction.
    pub txid: TxId,
    /// Its block.
    pub height: Height,
    /// Its position there.
    pub position: u32,
}

/// `GET /v1/elections/{id}/credentials/{credential}`, and in the answer to its `POST`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The college for which it votes.
    pub college: CollegeId,
    /// K, 32 bytes.
    pub credential: Hex,
    /// The block.
    pub at: Moment,
    /// Whether the election was open by then: fewer to be taken for one another.
    pub late: bool,
}

/// What `POST /v1/elections/{id}/credentials` takes, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedCredential {
    /// The college whose registrars signed it.
    pub college: CollegeId,
    /// K, 32 bytes.
    pub credential: Hex,
    /// The registrars' signature, 48 bytes.
    pub signature: Hex,
}

/// What becomes of it: 202 while it is collected, 200 once it is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum CredentialState {
    /// This node keeps it, in memory only, until enough are there to be registered together: ask again, and send it again.
    Collected {
        /// Credentials of the college that this node has collected.
        collected: Number,
        /// How many it waits for; from the opening on, one.
        needed: Number,
        /// The next instant at which those that are here leave together, if they are enough.
        leaves_at: UnixMs,
    },
    /// It votes.
    Registered(Credential),
}
