//! The ledger as a registrar reads it: through its college's node, which shows what is final and takes transactions.
use urne_ballot::{Registrars, SecretShare, ThresholdKeys};
use urne_types::{CensusId, CollegeId, DraftId, ElectionId, UnixMs, election::CensusEntry, transaction::Payload};

/// Why the ledger does not say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The node does not answer, or not in time.
    #[error("the node does not answer: {0}")]
    Silent(String),
    /// A rule refuses what was sent: number and name.
    #[error("refused by rule {0} {1}")]
    Refused(u16, String),
    /// What the node shows does not hold.
    #[error("{0}")]
    Wrong(String),
}

/// An election in which this registrar signs credentials. Nothing of it changes once it has its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Issuance {
    /// Its name, which stands for everything below.
    pub election: ElectionId,
    /// As printed.
    pub title: String,
    /// The draft whose ceremony made its keys.
    pub draft: DraftId,
    /// Who is entitled.
    pub census: CensusId,
    /// This registrar's number, from 1.
    pub number: u16,
    /// The registrars' key of each college.
    pub keys: Vec<(CollegeId, ThresholdKeys<Registrars>)>,
    /// From this instant on requests are approved and answered.
    pub issuance_at: UnixMs,
    /// From this instant on credentials are registered.
    pub registration_at: UnixMs,
    /// Until this instant.
    pub closes_at: UnixMs,
}

impl Issuance {
    /// The key that signs for a college.
    #[must_use]
    pub fn keys_of(&self, college: CollegeId) -> Option<&ThresholdKeys<Registrars>> {
        self.keys.iter().find(|it| it.0 == college).map(|it| &it.1)
    }
    /// Whether requests are approved and answered at this instant.
    #[must_use]
    pub fn is_on(&self, now: UnixMs) -> bool {
        self.issuance_at <= now && now < self.closes_at
    }
}

/// What is final about one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryState {
    /// Registrar, and the request it has approved.
    pub approvals: Vec<(u16, [u8; 48])>,
    /// Registrars that have answered.
    pub answers: Vec<u16>,
    /// Whether the member is suspended: nothing more is done in her name.
    pub is_suspended: bool,
}

/// See the module. Calls may wait, and are made from threads that may.
pub trait Ledger: Send + Sync {
    /// Elections that are neither closed nor cancelled and name this registrar.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn current(&self) -> Result<Vec<ElectionId>, LedgerError>;
    /// One of them; none when it is unknown, without credentials, or names others.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn issuance(&self, election: &ElectionId) -> Result<Option<Issuance>, LedgerError>;
    /// What is final about an entry.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn entry(&self, election: &ElectionId, entry: &CensusEntry) -> Result<EntryState, LedgerError>;
    /// Entries of a college whose request waits for answers.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn waiting(&self, election: &ElectionId, college: CollegeId) -> Result<Vec<CensusEntry>, LedgerError>;
    /// Signs a payload and has it taken; it may not be in a block yet.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn send(&self, payload: Payload) -> Result<(), LedgerError>;
}

/// Where this registrar's shares of the signing keys come from.
pub trait Shares {
    /// The share for a college; none when this registrar took no part in that ceremony.
    ///
    /// # Errors
    /// [`LedgerError`].
    fn share(&self, issuance: &Issuance, college: CollegeId) -> Result<Option<SecretShare<Registrars>>, LedgerError>;
}
