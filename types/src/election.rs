//! What an election is made of: questions, methods, calendar, census. The whole definition is frozen and hashed when it is
//! scheduled; every convention that can flip a winner is a field here, never a default in code.
pub use crate::method::{Base, Method, NullPolicy, Threshold};
use crate::{
    CensusId, ChainId, CollegeId, DocumentHash, DraftId, ElectionId, MerkleRoot, PublicKey, UnixMs,
    bounded::{List, Text},
    codec::encode,
    hash::hash_parts,
    limits::{CHOICES_MAX, COLLEGES_MAX, DOCUMENTS_MAX, NAME_BYTES_MAX, QUESTIONS_MAX, TITLE_BYTES_MAX},
    sealed::SealedRules,
    statutes::UnderStatutes,
};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// One thing asked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// As printed.
    pub title: Text<TITLE_BYTES_MAX>,
    /// What can be chosen, in the order of the indices.
    pub choices: List<Text<NAME_BYTES_MAX>, CHOICES_MAX>,
    /// How it is counted.
    pub method: Method,
}

/// Whether a member may vote again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevotePolicy {
    /// The ballot with the highest sequence counts.
    LastCounts,
    /// The first ballot is the only one.
    Forbidden,
}

/// Whether the colleges may close before the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyClose {
    /// Never.
    Forbidden,
    /// By an act of governance.
    ByAct,
}

/// Which kind of ballot body the election takes, and what secrecy needs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// Open ballots: choices are public and signed by the member.
    Open,
    /// Sealed ballots: choices are encrypted, and only sums, or ballots without a name, are ever decrypted.
    Sealed(Box<SealedRules>),
}
impl Secrecy {
    /// The kind of ballot that goes with it.
    #[must_use]
    pub const fn ballots(&self) -> BallotKind {
        match self {
            Self::Open => BallotKind::Open,
            Self::Sealed(_) => BallotKind::Sealed,
        }
    }
    /// What a secret election declares.
    #[must_use]
    pub fn sealed(&self) -> Option<&SealedRules> {
        match self {
            Self::Open => None,
            Self::Sealed(rules) => Some(rules),
        }
    }
}

/// The two kinds of ballots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BallotKind {
    /// In clear, signed by the member.
    Open,
    /// Encrypted and proven, signed by a credential.
    Sealed,
}

/// An election as it is proposed, and, once scheduled, as it is for ever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectionDefinition {
    /// As printed.
    pub title: Text<TITLE_BYTES_MAX>,
    /// All on one ballot.
    pub questions: List<Question, QUESTIONS_MAX>,
    /// Who may vote.
    pub census: CensusId,
    /// Open or sealed ballots.
    pub secrecy: Secrecy,
    /// First instant at which a ballot counts.
    pub opens_at: UnixMs,
    /// First instant at which a ballot comes too late, the grace apart.
    pub closes_at: UnixMs,
    /// A ballot sent before the close may still be ordered so many milliseconds after it.
    pub grace_ms: u32,
    /// Voting again.
    pub revote: RevotePolicy,
    /// Closing before the time.
    pub early_close: EarlyClose,
    /// When the members were convened, if they were.
    #[serde(default)]
    pub convened_at: Option<UnixMs>,
    /// Fingerprints of the documents sent with the convocation.
    #[serde(default)]
    pub documents: List<DocumentHash, DOCUMENTS_MAX>,
    /// The statutes it is held under; none: one person, one vote, by the definition alone.
    #[serde(default)]
    pub statutes: Option<UnderStatutes>,
}

impl ElectionDefinition {
    /// The name of the draft.
    #[must_use]
    pub fn draft_id(&self) -> DraftId {
        DraftId(hash_parts("urne.v1 draft", &[&encode(self)]))
    }
    /// The name of the election with open ballots that this definition becomes on that chain. One with sealed ballots is
    /// named after the keys of its ceremony (`urne_ballot::election_id`), and by its draft until then.
    #[must_use]
    pub fn election_id(&self, chain: &ChainId) -> ElectionId {
        ElectionId(hash_parts("urne.v1 election", &[&chain.0, &self.draft_id().0, &self.census.0]))
    }
}

/// One right to one ballot: a member in a college.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
pub struct CensusEntry {
    /// The college.
    pub college: CollegeId,
    /// The member's key.
    pub member: PublicKey,
}

/// What a census is, in a few bytes: its entries, strictly increasing, are the leaves under `root`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct CensusCommitment {
    /// Merkle root over the encoded entries.
    pub root: MerkleRoot,
    /// Number of entries of each college that has any, by college.
    pub members: List<(CollegeId, u64), COLLEGES_MAX>,
}

impl CensusCommitment {
    /// Commits to entries: sorts them and drops repeated ones.
    ///
    /// # Errors
    /// [`crate::codec::Malformed`] with more than [`COLLEGES_MAX`] colleges.
    pub fn over(entries: &mut Vec<CensusEntry>) -> Result<Self, crate::codec::Malformed> {
        entries.sort_unstable();
        entries.dedup();
        let mut members: Vec<(CollegeId, u64)> = Vec::new();
        for entry in entries.iter() {
            match members.last_mut() {
                Some((college, n)) if *college == entry.college => *n += 1,
                _ => members.push((entry.college, 1)),
            }
        }
        Ok(Self { root: crate::merkle::root_of(entries.iter().map(encode)), members: List::new(members)? })
    }
    /// Its name.
    #[must_use]
    pub fn id(&self) -> CensusId {
        CensusId(hash_parts("urne.v1 census", &[&encode(self)]))
    }
    /// Entries in all colleges.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.members.iter().fold(0_u64, |sum, (_, n)| sum.saturating_add(*n))
    }
}
