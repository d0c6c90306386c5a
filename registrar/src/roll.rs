//! The roll: who stands behind each entry of a census. All registrars of an election hold the same one, in a file that only its
//! owner may read; the ledger holds the commitments.
use crate::entry::{Salt, commitment};
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};
use urne_exchange::roll::{Roll as Sheet, folded};
use urne_shell::disk::{self, Readable};
use urne_types::{
    CensusId, ChainId, CollegeId,
    codec::Malformed,
    election::{CensusCommitment, CensusEntry},
};

/// The version of the file that this code writes.
pub const ROLL_VERSION: u32 = 1;
/// 256 bytes a member, half a million members.
const FILE_BYTES_MAX: u64 = 128 << 20;

/// Why a roll cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RollError {
    /// Group or others have rights on the file.
    #[error("{path} names people and can be read by others than its owner: run `chmod 600 {path}`")]
    Exposed {
        /// Which file.
        path: PathBuf,
    },
    /// Not a roll of ours.
    #[error("{path} is not a roll that this version of urne reads ({cause}): make it again, or restore it")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// Its people are not those of its census.
    #[error("the people of {path} give census {found}, and it says {said}: somebody has changed it")]
    OtherCensus {
        /// Which file.
        path: PathBuf,
        /// What it gives.
        found: CensusId,
        /// What it says.
        said: CensusId,
    },
    /// A file operation failed.
    #[error("{path}: {source}")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// A member, as her registrars know her.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Her college.
    pub college: CollegeId,
    /// Her number or name, as it is written.
    pub identifier: String,
    /// Where her codes go.
    pub contact: String,
    #[serde(with = "as_text")]
    salt: Salt,
}

impl Member {
    /// What makes her entry unguessable.
    #[must_use]
    pub fn salt(&self) -> &Salt {
        &self.salt
    }
}

mod as_text {
    use super::Salt;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    pub(super) fn serialize<S: Serializer>(salt: &Salt, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&salt.expose())
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Salt, D::Error> {
        // The text itself is not repeated in an error.
        String::deserialize(from)?.parse().map_err(|_| D::Error::custom("a salt has 64 hexadecimal digits"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    chain: ChainId,
    census: CensusId,
    members: Vec<Member>,
}

/// See the module. Its members are found by college and identifier; it has no `Debug`.
pub struct Roll {
    chain: ChainId,
    census: CensusId,
    members: BTreeMap<(CollegeId, String), (Member, CensusEntry)>,
    by_entry: BTreeMap<CensusEntry, (CollegeId, String)>,
}

impl Roll {
    /// Gives each person of a sheet a fresh salt: the roll, and the sheet with the entries that its census has.
    ///
    /// # Errors
    /// [`Malformed`] when there are more colleges than a chain has.
    pub fn make(sheet: Sheet, chain: ChainId, rng: &mut impl Rng) -> Result<(Self, Sheet), Malformed> {
        let mut members = Vec::new();
        let sheet = sheet.committed(|link| {
            let salt = Salt::generate(rng);
            let (college, identifier) = (link.college, link.identifier().to_owned());
            let entry = commitment(&chain, college, &identifier, &salt);
            if link.votes {
                members.push(Member { college, identifier, contact: link.contact.clone(), salt });
            }
            entry.member
        });
        Ok((Self::of(chain, members)?, sheet))
    }

    fn of(chain: ChainId, people: Vec<Member>) -> Result<Self, Malformed> {
        let (mut members, mut by_entry) = (BTreeMap::new(), BTreeMap::new());
        for member in people {
            let entry = commitment(&chain, member.college, &member.identifier, &member.salt);
            let key = (member.college, folded(&member.identifier));
            by_entry.insert(entry, key.clone());
            members.insert(key, (member, entry));
        }
        let mut entries = by_entry.keys().copied().collect();
        let census = CensusCommitment::over(&mut entries)?.id();
        Ok(Self { chain, census, members, by_entry })
    }

    /// Reads a file that only its owner may read, and verifies that its people are those of its census.
    ///
    /// # Errors
    /// [`RollError`].
    pub fn read(path: &Path) -> Result<Self, RollError> {
        let failed = |source| RollError::Disk { path: path.to_owned(), source };
        let unreadable = |cause| RollError::Unreadable { path: path.to_owned(), cause };
        if disk::is_open_to_others(path).map_err(failed)? {
            return Err(RollError::Exposed { path: path.to_owned() });
        }
        if FILE_BYTES_MAX < fs::metadata(path).map_err(failed)?.len() {
            return Err(unreadable("it is too long".into()));
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        // serde's message may quote what it could not read: a place in the file is all we repeat.
        let content: Content =
            serde_json::from_str(&text).map_err(|e| unreadable(format!("line {}, column {}", e.line(), e.column())))?;
        if content.version != ROLL_VERSION {
            return Err(unreadable(format!("version {}", content.version)));
        }
        let roll = Self::of(content.chain, content.members).map_err(|e| unreadable(e.to_string()))?;
        if roll.census == content.census {
            Ok(roll)
        } else {
            Err(RollError::OtherCensus { path: path.to_owned(), found: roll.census, said: content.census })
        }
    }

    /// Writes it into a file that does not exist yet.
    ///
    /// # Errors
    /// [`RollError::Disk`].
    pub fn write(&self, path: &Path) -> Result<(), RollError> {
        let members = self.members.values().map(|(member, _)| member.clone()).collect();
        let content = Content { version: ROLL_VERSION, chain: self.chain, census: self.census, members };
        let text = serde_json::to_string_pretty(&content).expect("texts and lists") + "\n";
        disk::create(path, Readable::ByOwner, text.as_bytes())
            .map_err(|source| RollError::Disk { path: path.to_owned(), source })
    }

    /// The chain on which its census stands.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }
    /// Its census.
    #[must_use]
    pub const fn census(&self) -> &CensusId {
        &self.census
    }
    /// Everybody.
    pub fn members(&self) -> impl Iterator<Item = (&Member, &CensusEntry)> {
        self.members.values().map(|(member, entry)| (member, entry))
    }
    /// Who is known by this identifier in a college.
    #[must_use]
    pub fn find(&self, college: CollegeId, identifier: &str) -> Option<(&Member, CensusEntry)> {
        self.members.get(&(college, folded(identifier))).map(|(member, entry)| (member, *entry))
    }
    /// Whether somebody of this roll stands behind an entry.
    #[must_use]
    pub fn has(&self, entry: &CensusEntry) -> bool {
        self.by_entry.contains_key(entry)
    }
}
