//! Files that survive a power cut: content first, then the folder's entry, each made durable before anyone is told.
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// The owner alone (mode 0600): keys.
    ByOwner,
    /// Anyone (mode 0644): what is public anyway.
    ByAll,
}
impl Readable {
    fn mode(self) -> u32 {
        match self {
            Self::ByOwner => 0o600,
            Self::ByAll => 0o644,
        }
    }
}

/// Writes a file that must not exist yet, and makes it durable.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], or the system's.
pub fn create(path: &Path, readable: Readable, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(readable.mode()).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder_of(path)
}

/// Replaces a file whole: a reader, or a power cut, sees the old content or the new one, never a mixture.
///
/// # Errors
/// The system's.
pub fn replace(path: &Path, readable: Readable, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(readable.mode()).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    sync_folder_of(path)
}

/// Makes the entry of a file in its folder durable.
///
/// # Errors
/// The system's.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Whether anyone but the owner may read, write or enter.
///
/// # Errors
/// The system's.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}
