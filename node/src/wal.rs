//! The write-ahead log: what this node said and saw at the height being decided, durable before anyone hears of it. One
//! file per height, append-only; it never travels with a snapshot, and nothing in it is ever rewritten.
//!
//! ```text
//! file  = "urne wal" | version u32 | chain 32 | height u64 | crc32 of all that        56 bytes
//! frame = length u32 | crc32 of the length | crc32 of the content | content            what one `sync` made durable
//! content = (record length u32 | record)*                                              integers little-endian
//! ```
//! A frame is written at once and then synced, so only the last one can be torn by a power cut, and a torn frame was
//! never promised to anyone: it is dropped. Damage anywhere else means that the disk forgot something we promised to
//! remember: the node must not start on it. The length has its own checksum, else a flipped bit in it would make the
//! rest of the file look torn.
use crate::disk;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use urne_types::{ChainId, Height, limits::MESSAGE_BYTES_MAX};

/// One record: a block's bytes as they travelled, and our own envelope.
pub const RECORD_BYTES_MAX: usize = MESSAGE_BYTES_MAX + 4096;
/// Records that wait in memory for one `sync`: 16 of the largest, 64 MiB. More are made durable before they were asked to be,
/// which costs a write and promises nothing.
pub const UNSYNCED_BYTES_MAX: usize = 16 * RECORD_BYTES_MAX;

const MAGIC: [u8; 8] = *b"urne wal";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 + 32 + 8 + 4;
const FRAME_HEADER: usize = 12;

/// Why the log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A file operation failed; nothing more is written until the node is started again.
    #[error("{path}: {action} failed ({source}): free space or repair the disk, then start the node again")]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// An earlier write or sync failed: what the disk holds is unknown, so trying again would be guessing.
    #[error(
        "an earlier write to {path} failed: the log writes nothing more; repair the disk, then start the node again"
    )]
    Poisoned {
        /// Which file.
        path: PathBuf,
    },
    /// Something that was durable is damaged.
    #[error(
        "{path} is damaged at byte {at} ({what}): move the wal folder away and start again; the node will then follow \
         without signing until the height after its double-sign guard"
    )]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// Where.
        at: usize,
        /// In what way.
        what: &'static str,
    },
    /// The log of another chain.
    #[error(
        "{path} belongs to chain {found}, not {expected}: choose another --home or restore this one's genesis.toml"
    )]
    OtherChain {
        /// Which file.
        path: PathBuf,
        /// The chain it names.
        found: ChainId,
        /// The chain of this node.
        expected: ChainId,
    },
    /// A record beyond [`RECORD_BYTES_MAX`].
    #[error("{bytes} bytes to record where at most {max} are allowed")]
    TooLong {
        /// How many.
        bytes: usize,
        /// How many are allowed.
        max: usize,
    },
    /// A record before the first [`Wal::reset`].
    #[error("the log has no height yet: reset it first")]
    NoHeight,
}

/// What an earlier run left.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The height of the records; none in a new folder.
    pub height: Option<Height>,
    /// What was synced, in order.
    pub records: Vec<Vec<u8>>,
    /// Bytes of a last frame that never became durable, now dropped.
    pub torn_bytes: usize,
}

enum State {
    /// A height without a file yet, if any: the file appears with its first frame.
    Fresh(Option<Height>),
    /// Appending.
    Open { path: PathBuf, file: File },
    /// Stopped for ever.
    Poisoned { path: PathBuf },
}

/// The log. After one failed write or sync every call fails: a second fsync may report success for data that the system
/// has already thrown away.
pub struct Wal {
    folder: PathBuf,
    chain: ChainId,
    state: State,
    unsynced: Vec<u8>,
}

impl Wal {
    /// Opens the log in a folder and reads the latest height's records; writing goes on behind them.
    ///
    /// # Errors
    /// [`WalError::Corrupt`], [`WalError::OtherChain`], [`WalError::Disk`].
    pub fn open(folder: &Path, chain: ChainId) -> Result<(Self, Recovered), WalError> {
        let mut wal =
            Self { folder: folder.to_owned(), chain, state: State::Fresh(None), unsynced: vec![0; FRAME_HEADER] };
        fs::create_dir_all(folder).map_err(failed(folder, "creating the folder"))?;
        let Some((height, path)) = wal.files()?.pop() else { return Ok((wal, Recovered::default())) };
        let bytes = fs::read(&path).map_err(failed(&path, "reading"))?;
        let Some(end_of_header) = wal.read_header(&path, height, &bytes)? else {
            // The file's very first sync never ended: nothing was promised at this height.
            fs::remove_file(&path).map_err(failed(&path, "removing"))?;
            wal.state = State::Fresh(Some(height));
            return Ok((wal, Recovered { height: Some(height), records: Vec::new(), torn_bytes: bytes.len() }));
        };
        let (records, end) = read_frames(&path, &bytes, end_of_header)?;
        let mut file = OpenOptions::new().write(true).open(&path).map_err(failed(&path, "opening"))?;
        if end < bytes.len() {
            file.set_len(end as u64).map_err(failed(&path, "dropping the torn end"))?;
            file.sync_all().map_err(failed(&path, "syncing"))?;
        }
        io::Seek::seek(&mut file, io::SeekFrom::End(0)).map_err(failed(&path, "seeking"))?;
        wal.state = State::Open { path, file };
        Ok((wal, Recovered { height: Some(height), records, torn_bytes: bytes.len() - end }))
    }

    /// Adds a record to what the next [`Wal::sync`] makes durable. Until then it exists in memory only, unless more than
    /// [`UNSYNCED_BYTES_MAX`] wait: then those before it are synced now. Peers decide how many blocks of theirs we record
    /// between two words of our own, so that being full must never be a reason to stop.
    ///
    /// # Errors
    /// [`WalError::TooLong`], [`WalError::NoHeight`], [`WalError::Poisoned`]; [`WalError::Disk`] when it had to sync.
    pub fn append(&mut self, record: &[u8]) -> Result<(), WalError> {
        match &self.state {
            State::Poisoned { path } => return Err(WalError::Poisoned { path: path.clone() }),
            State::Fresh(None) => return Err(WalError::NoHeight),
            State::Fresh(Some(_)) | State::Open { .. } => {}
        }
        if RECORD_BYTES_MAX < record.len() {
            return Err(WalError::TooLong { bytes: record.len(), max: RECORD_BYTES_MAX });
        }
        if UNSYNCED_BYTES_MAX < self.unsynced.len() + 4 + record.len() {
            self.sync()?;
        }
        self.unsynced.extend_from_slice(&length_u32(record.len()).to_le_bytes());
        self.unsynced.extend_from_slice(record);
        Ok(())
    }

    /// Makes every appended record durable with one write and one `fdatasync`; nothing to do when there is none.
    ///
    /// # Errors
    /// [`WalError::Disk`] once, [`WalError::Poisoned`] for ever after.
    pub fn sync(&mut self) -> Result<(), WalError> {
        if let State::Poisoned { path } = &self.state {
            return Err(WalError::Poisoned { path: path.clone() });
        }
        if self.unsynced.len() == FRAME_HEADER {
            return Ok(());
        }
        seal_frame(&mut self.unsynced);
        let written = match &mut self.state {
            State::Open { path, file } => write_and_sync(path, file, &self.unsynced),
            State::Fresh(Some(height)) => {
                let height = *height;
                self.start_file(height)
            }
            State::Fresh(None) | State::Poisoned { .. } => unreachable!("append refuses records in these states"),
        };
        self.unsynced.truncate(FRAME_HEADER);
        if self.unsynced.capacity() > RECORD_BYTES_MAX {
            self.unsynced.shrink_to(RECORD_BYTES_MAX);
        }
        written.inspect_err(|_| self.state = State::Poisoned { path: self.folder.clone() })
    }

    /// Begins another height: unsynced records are forgotten, and older files go once the new one is durable. No disk is
    /// touched before the first `sync`, so a height without a word costs nothing.
    ///
    /// # Errors
    /// [`WalError::Poisoned`].
    pub fn reset(&mut self, height: Height) -> Result<(), WalError> {
        if let State::Poisoned { path } = &self.state {
            return Err(WalError::Poisoned { path: path.clone() });
        }
        self.unsynced.truncate(FRAME_HEADER);
        self.state = State::Fresh(Some(height));
        Ok(())
    }

    /// Header and first frame in one write; then the folder; then the older heights may go.
    fn start_file(&mut self, height: Height) -> Result<(), WalError> {
        let path = self.folder.join(format!("{:020}.wal", height.get()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(failed(&path, "creating"))?;
        let mut bytes = header(&self.chain, height);
        bytes.extend_from_slice(&self.unsynced);
        write_and_sync(&path, &mut file, &bytes)?;
        disk::sync_folder_of(&path).map_err(failed(&self.folder, "syncing the folder"))?;
        for (_, other) in self.files()?.into_iter().filter(|(_, it)| *it != path) {
            fs::remove_file(&other).map_err(failed(&other, "removing"))?;
        }
        self.state = State::Open { path, file };
        Ok(())
    }

    /// The files of the folder, by height.
    fn files(&self) -> Result<Vec<(Height, PathBuf)>, WalError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed(&self.folder, "listing"))? {
            let path = entry.map_err(failed(&self.folder, "listing"))?.path();
            let stem = path.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
            if path.extension().is_some_and(|it| it == "wal")
                && let Ok(height) = stem.parse()
            {
                found.push((Height::new(height), path));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Where the frames begin; none when the file is shorter than its header, or empty space: it was never durable.
    fn read_header(&self, path: &Path, height: Height, bytes: &[u8]) -> Result<Option<usize>, WalError> {
        let corrupt = |at, what| WalError::Corrupt { path: path.to_owned(), at, what };
        if bytes.len() < HEADER || bytes.iter().all(|it| *it == 0) {
            return Ok(None);
        }
        let expected = header(&self.chain, height);
        if bytes[..HEADER] == expected[..] {
            return Ok(Some(HEADER));
        }
        if crc32fast::hash(&bytes[..HEADER - 4]).to_le_bytes() != bytes[HEADER - 4..HEADER] {
            return Err(corrupt(0, "its header has a wrong checksum"));
        }
        if bytes[..12] != expected[..12] {
            return Err(corrupt(0, "another format, perhaps of a later version of urne"));
        }
        let found = ChainId(*bytes[12..44].first_chunk().expect("the header holds 32 bytes of chain"));
        if found != self.chain {
            return Err(WalError::OtherChain { path: path.to_owned(), found, expected: self.chain });
        }
        Err(corrupt(44, "its height is not the one of its name"))
    }
}

fn header(chain: &ChainId, height: Height) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&chain.0);
    bytes.extend_from_slice(&height.get().to_le_bytes());
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Fills in the space kept at the head of a frame.
fn seal_frame(frame: &mut [u8]) {
    let length = length_u32(frame.len() - FRAME_HEADER).to_le_bytes();
    let checksum = crc32fast::hash(&frame[FRAME_HEADER..]).to_le_bytes();
    frame[..4].copy_from_slice(&length);
    frame[4..8].copy_from_slice(&crc32fast::hash(&length).to_le_bytes());
    frame[8..12].copy_from_slice(&checksum);
}

/// The records of all durable frames, and where those end.
fn read_frames(path: &Path, bytes: &[u8], mut at: usize) -> Result<(Vec<Vec<u8>>, usize), WalError> {
    let mut records = Vec::new();
    while at < bytes.len() {
        let rest = &bytes[at..];
        let corrupt = |what| WalError::Corrupt { path: path.to_owned(), at, what };
        // A power cut may leave part of a frame, or space that was reserved and never filled.
        if rest.len() < FRAME_HEADER || rest.iter().all(|it| *it == 0) {
            break;
        }
        if crc32fast::hash(&rest[..4]) != u32_at(rest, 4) {
            return Err(corrupt("a frame's length has a wrong checksum"));
        }
        let end = FRAME_HEADER + u32_at(rest, 0) as usize;
        if rest.len() < end {
            break;
        }
        let content = &rest[FRAME_HEADER..end];
        if crc32fast::hash(content) != u32_at(rest, 8) {
            if rest.len() == end {
                break;
            }
            return Err(corrupt("a frame has a wrong checksum, and others follow it"));
        }
        read_records(content, &mut records).ok_or_else(|| corrupt("a frame is not a list of records"))?;
        at += end;
    }
    Ok((records, at))
}

fn read_records(mut content: &[u8], records: &mut Vec<Vec<u8>>) -> Option<()> {
    while !content.is_empty() {
        let (length, rest) = content.split_first_chunk()?;
        let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push(record.to_vec());
        content = rest;
    }
    Some(())
}

fn write_and_sync(path: &Path, file: &mut File, bytes: &[u8]) -> Result<(), WalError> {
    file.write_all(bytes).map_err(failed(path, "writing"))?;
    file.sync_data().map_err(failed(path, "fdatasync"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(*bytes[at..].first_chunk().expect("the caller has checked the length"))
}

fn length_u32(length: usize) -> u32 {
    u32::try_from(length).expect("UNSYNCED_BYTES_MAX is below 4 GiB")
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> WalError {
    let path = path.to_owned();
    move |source| WalError::Disk { path, action, source }
}
