//! Secret elections as the API shows them: their keys, how these are made, and what trustees have to do. The states and steps
//! are the ledger's own records.
use super::{Hex, Moment};
use serde::{Deserialize, Serialize};
use urne_types::{DraftId, ElectionId, UnixMs};
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
    /// What was opened so far, by group.
    pub opened: Vec<sealed::OpenedPart>,
    /// Trustees that sent a share whose proof fails.
    pub wrong_shares: Vec<sealed::WrongShare>,
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
