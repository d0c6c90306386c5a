//! Records as bytes: a magic line, then each record's length and canonical encoding. What is longer than a message may be is
//! refused before it is read, and whatever follows the end, or is missing before it, is told.
use super::{ArchiveFault, Record};
use std::io::{self, ErrorKind, Read, Write};
use urne_types::{
    codec::{decode_canonical, encode},
    limits::MESSAGE_BYTES_MAX,
};

/// How every archive begins.
pub const MAGIC: &[u8; 13] = b"urne archive\n";

/// Why nothing more can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file fails us.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// The file is not an archive.
    #[error(transparent)]
    Fault(#[from] ArchiveFault),
}

/// Why a record cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file fails us.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// No reader would take it.
    #[error("a record of {0} bytes is longer than an archive may hold")]
    TooLong(usize),
}

/// Reads records, one by one. Give it something buffered.
#[derive(Debug)]
pub struct ArchiveReader<R> {
    from: R,
    read: u64,
    is_over: bool,
}

impl<R: Read> ArchiveReader<R> {
    /// Something that should be an archive.
    ///
    /// # Errors
    /// [`ReadError`]: it does not begin like one.
    pub fn open(mut from: R) -> Result<Self, ReadError> {
        let mut magic = [0; MAGIC.len()];
        match from.read_exact(&mut magic) {
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Err(ArchiveFault::NotAnArchive.into()),
            other => other?,
        }
        if magic == *MAGIC {
            Ok(Self { from, read: 0, is_over: false })
        } else {
            Err(ArchiveFault::NotAnArchive.into())
        }
    }
    fn record(&mut self) -> Result<Record, ReadError> {
        let mut prefix = [0; 4];
        self.fill(&mut prefix)?;
        let length = usize::try_from(u32::from_le_bytes(prefix)).unwrap_or(usize::MAX);
        if MESSAGE_BYTES_MAX < length {
            return Err(ArchiveFault::RecordTooLong { record: self.read, length }.into());
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        let record = decode_canonical(&bytes, MESSAGE_BYTES_MAX)
            .map_err(|why| ArchiveFault::Malformed { record: self.read, why })?;
        self.read += 1;
        if record == Record::End && self.from.read(&mut prefix)? != 0 {
            return Err(ArchiveFault::Trailing.into());
        }
        Ok(record)
    }
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ReadError> {
        self.from.read_exact(bytes).map_err(|e| match e.kind() {
            ErrorKind::UnexpectedEof => ArchiveFault::Truncated { records: self.read }.into(),
            _ => e.into(),
        })
    }
}

impl<R: Read> Iterator for ArchiveReader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.record();
        self.is_over = !matches!(&record, Ok(it) if *it != Record::End);
        Some(record)
    }
}

/// Writes records, one by one. Give it something buffered.
#[derive(Debug)]
pub struct ArchiveWriter<W>(W);

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive.
    ///
    /// # Errors
    /// The file fails us.
    pub fn create(mut to: W) -> io::Result<Self> {
        to.write_all(MAGIC)?;
        Ok(Self(to))
    }
    /// Adds a record.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn put(&mut self, record: &Record) -> Result<(), WriteError> {
        let bytes = encode(record);
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MESSAGE_BYTES_MAX);
        let length = length.ok_or(WriteError::TooLong(bytes.len()))?;
        self.0.write_all(&length.to_le_bytes())?;
        Ok(self.0.write_all(&bytes)?)
    }
    /// What was written to.
    pub fn into_inner(self) -> W {
        self.0
    }
}
