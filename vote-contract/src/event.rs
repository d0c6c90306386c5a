//! What happened, told once to whoever listens. No event names a voter: a ballot shows its tracker, a suspended member
//! nothing at all, a request for a credential neither its entry nor a credential.
use crate::{
    records::{CloseReason, Incident},
    result::Count,
    sealed::records::Registered,
};
use serde::Serialize;
use urne_types::{
    ActId, CensusId, CollegeId, DraftId, ElectionId, Height, PublicKey, Round, TxId, UnixMs, ValidatorId,
    governance::{KeyCause, ParameterChange},
};

/// What happened to one transaction: what it did, or the number of the rule that refused it.
pub type Outcome = Result<Vec<Event>, urne_types::Rejection>;

/// Whether a ballot is its member's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// The member's first ballot in that college: a line in the émargement log.
    First,
    /// It replaces an earlier one.
    Revote,
}

/// Something that happened. Variants say what, in the past tense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs)] // each field is the thing its type names
pub enum Event {
    BallotAccepted { election: ElectionId, college: CollegeId, tracker: TxId, appearance: Appearance },
    ElectionDrafted { draft: DraftId },
    CeremonyBegun { draft: DraftId },
    CeremonyFailed { draft: DraftId, code: u16 },
    ElectionKeysMade { draft: DraftId, election: ElectionId },
    DraftLapsed { draft: DraftId },
    DraftWithdrawn { draft: DraftId },
    ElectionScheduled { draft: DraftId, election: ElectionId },
    ElectionOpened { election: ElectionId },
    ElectionClosed { election: ElectionId, reason: CloseReason },
    RequestApproved { election: ElectionId, college: CollegeId, registrar: u16 },
    RequestAnswered { election: ElectionId, college: CollegeId, registrar: u16 },
    CredentialsRegistered { election: ElectionId, college: CollegeId, count: Count, when: Registered },
    RegistrarsAlarm { election: ElectionId, college: CollegeId },
    OpeningBegun { election: ElectionId },
    OpeningShared { election: ElectionId, part: u32, trustee: u16 },
    WrongShareIgnored { election: ElectionId, trustee: u16 },
    UrnOpened { election: ElectionId },
    OpeningFailed { election: ElectionId, code: u16 },
    CountPaused { election: ElectionId, counted: Count, of: Count },
    ElectionTallied { election: ElectionId, registered: Count, voted: Count },
    ElectionCancelled { election: ElectionId },
    IncidentRecorded { election: ElectionId, incident: Incident },
    CensusPartBrought { census: CensusId, entries: Count, of: Count },
    CensusCompleted { census: CensusId, entries: Count },
    CensusWithdrawn { census: CensusId },
    CensusAdopted { census: CensusId },
    MemberSuspended,
    MemberReinstated,
    MemberKeyReplaced { cause: KeyCause },
    StatutesPut { version: u32 },
    ActProposed { act: ActId },
    ActApproved { act: ActId, college: CollegeId },
    ActExecuted { act: ActId },
    ActExpired { act: ActId },
    ActWithdrawn { act: ActId },
    RoleDelegated { by: PublicKey, to: PublicKey, expires_at: UnixMs },
    DelegationEnded { by: PublicKey, to: PublicKey },
    AdministratorAdded { key: PublicKey, college: CollegeId },
    AdministratorRemoved { key: PublicKey },
    AdministratorKeyRotated { from: PublicKey, to: PublicKey },
    ParameterSet { change: ParameterChange },
    UpgradeScheduled { version: u16, height: Height },
    ProtocolUpgraded { version: u16 },
    ValidatorAdded { validator: ValidatorId, college: CollegeId },
    ValidatorSuspended { validator: ValidatorId },
    ValidatorSuspensionPending { validator: ValidatorId },
    ValidatorReinstated { validator: ValidatorId },
    ValidatorReplaced { validator: ValidatorId, by: ValidatorId },
    ValidatorExcused { validator: ValidatorId, until: Height },
    ValidatorBackInTurn { validator: ValidatorId },
    EquivocationRecorded { validator: ValidatorId, height: Height, round: Round },
}
