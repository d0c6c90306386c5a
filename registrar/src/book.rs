//! The book: which request of each entry this registrar has approved, for ever. A line is on the disk before its approval
//! leaves; another request of the same entry is refused, after any restart as before.
//!
//! ```text
//! "urne book 1\n" ‖ for each approval: election 32 ‖ college u16 ‖ member 32 ‖ β 48 ‖ crc32 of these
//! ```
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use urne_shell::disk::{self, Readable};
use urne_types::{CollegeId, ElectionId, PublicKey, election::CensusEntry};

const MAGIC: &[u8; 12] = b"urne book 1\n";
const LINE: usize = 32 + 2 + 32 + 48;
const RECORD: usize = LINE + 4;

/// β, as it is carried.
pub type Request = [u8; 48];

/// Why the book cannot be trusted or written.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// There is a registrar's key, and nothing says what it has approved.
    #[error(
        "{path} is missing, and with it what this registrar has approved: put it back from this disk, or let the college \
         name another registrar key (`urne registrar init`) in its next elections"
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The disk damaged it, or somebody edited it.
    #[error("{path} is damaged at record {record}: put it back from this disk; never edit it")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which record, from 0.
        record: usize,
    },
    /// A write failed earlier: what the disk holds is unknown.
    #[error("an earlier write to {path} failed: nothing more is approved; repair the disk, then start again")]
    Poisoned {
        /// Which file.
        path: PathBuf,
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

/// What the book says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is the first of its entry, and durable now.
    First,
    /// It is the one that was approved.
    Again,
    /// Another one was approved before.
    Another,
}

/// See the module.
pub struct Book {
    path: PathBuf,
    file: File,
    approved: BTreeMap<(ElectionId, CensusEntry), Request>,
    is_poisoned: bool,
}

impl Book {
    /// Makes the book of a registrar that has never approved anything.
    ///
    /// # Errors
    /// [`BookError::Disk`], when there is one already too.
    pub fn create(path: &Path) -> Result<(), BookError> {
        disk::create(path, Readable::ByOwner, MAGIC).map_err(failed(path))
    }

    /// Opens it. A last record that a power cut tore never left this machine: it is taken off. Should the disk have spoiled it
    /// afterwards, the ledger still has the approval, and refuses this registrar a second one.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn open(path: &Path) -> Result<Self, BookError> {
        let bytes = fs::read(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => BookError::Missing { path: path.to_owned() },
            _ => failed(path)(e),
        })?;
        let damaged = |record| BookError::Damaged { path: path.to_owned(), record };
        let records = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged(0))?;
        let mut approved = BTreeMap::new();
        let n = records.len().div_ceil(RECORD);
        let mut sound = 0;
        for (at, record) in records.chunks(RECORD).enumerate() {
            match parse(record) {
                Some((key, request)) => {
                    if approved.insert(key, request).is_some() {
                        return Err(damaged(at));
                    }
                    sound = at + 1;
                }
                None if at + 1 == n => {}
                None => return Err(damaged(at)),
            }
        }
        let file = OpenOptions::new().append(true).open(path).map_err(failed(path))?;
        if sound < n {
            let length = u64::try_from(MAGIC.len() + sound * RECORD).expect("a file's length");
            file.set_len(length).and_then(|()| file.sync_all()).map_err(failed(path))?;
        }
        Ok(Self { path: path.to_owned(), file, approved, is_poisoned: false })
    }

    /// Writes a request down, unless another of its entry is there; durable when this returns.
    ///
    /// # Errors
    /// [`BookError::Disk`] once, [`BookError::Poisoned`] for ever after.
    pub fn approve(
        &mut self,
        election: &ElectionId,
        entry: &CensusEntry,
        request: &Request,
    ) -> Result<Written, BookError> {
        if let Some(held) = self.approved.get(&(*election, *entry)) {
            return Ok(if held == request { Written::Again } else { Written::Another });
        }
        if self.is_poisoned {
            return Err(BookError::Poisoned { path: self.path.clone() });
        }
        self.is_poisoned = true;
        let record = record(election, entry, request);
        self.file.write_all(&record).and_then(|()| self.file.sync_data()).map_err(failed(&self.path))?;
        self.is_poisoned = false;
        self.approved.insert((*election, *entry), *request);
        Ok(Written::First)
    }

    /// The request of an entry that was approved.
    #[must_use]
    pub fn approved(&self, election: &ElectionId, entry: &CensusEntry) -> Option<Request> {
        self.approved.get(&(*election, *entry)).copied()
    }
    /// Everything that was approved.
    pub fn approvals(&self) -> impl Iterator<Item = (&ElectionId, &CensusEntry, &Request)> {
        self.approved.iter().map(|((election, entry), request)| (election, entry, request))
    }
}

fn record(election: &ElectionId, entry: &CensusEntry, request: &Request) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD);
    bytes.extend_from_slice(&election.0);
    bytes.extend_from_slice(&entry.college.get().to_le_bytes());
    bytes.extend_from_slice(&entry.member.0);
    bytes.extend_from_slice(request);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn parse(record: &[u8]) -> Option<((ElectionId, CensusEntry), Request)> {
    let (line, sum) = record.split_at_checked(LINE)?;
    if sum != crc32fast::hash(line).to_le_bytes() {
        return None;
    }
    let (election, rest) = line.split_first_chunk()?;
    let (college, rest) = rest.split_first_chunk()?;
    let (member, request) = rest.split_first_chunk()?;
    let entry = CensusEntry { college: CollegeId::new(u16::from_le_bytes(*college)), member: PublicKey(*member) };
    Some(((ElectionId(*election), entry), request.try_into().ok()?))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BookError {
    let path = path.to_owned();
    move |source| BookError::Disk { path, source }
}
