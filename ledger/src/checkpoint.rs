//! Snapshots of a ledger in RocksDB: a folder with the database of one moment and a manifest that says which. Neither the
//! double-sign guard nor the write-ahead log of the agreement is ever part of one: who restores it follows without signing
//! first (docs/operate.md).
use crate::{
    error::LedgerError,
    kv::{Kv, StoreError},
    ledger::Ledger,
    records::LAYOUT_VERSION,
    replay::{DeepFault, DeepReport, Progress, Verify, verify_deep},
    rocks::RocksKv,
};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use urne_types::{AppHash, BlockHash, ChainId, Height, UnixMs, genesis::Genesis};

/// Name of the manifest in a snapshot's folder.
pub const MANIFEST: &str = "manifest.json";
/// Name of the database in a snapshot's folder.
pub const DATABASE: &str = "ledger";

/// Which moment of which chain a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout of the columns.
    pub layout: u32,
    /// The chain.
    pub chain: ChainId,
    /// The tip.
    pub height: Height,
    /// The tip's block.
    pub block: BlockHash,
    /// Its time.
    pub time: UnixMs,
    /// The state after it.
    pub app_hash: AppHash,
}

impl Manifest {
    fn of(ledger: &Ledger<impl Kv>) -> Self {
        let tip = ledger.tip();
        Self {
            layout: LAYOUT_VERSION,
            chain: ledger.chain(),
            height: tip.height,
            block: tip.block,
            time: tip.time,
            app_hash: tip.app_hash,
        }
    }
}

/// A snapshot could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The disk refused.
    #[error("{path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is something already.
    #[error("{0} exists already: choose another folder, or remove it")]
    Exists(PathBuf),
    /// Not a manifest of ours.
    #[error("{path} is not the manifest of a snapshot: {source}")]
    Manifest {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The database is not the moment that the manifest names.
    #[error("the snapshot is not the one that its manifest names: take another one")]
    OtherMoment,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database cannot be opened for that chain.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The database is not what its blocks make.
    #[error(transparent)]
    Deep(#[from] DeepFault),
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError + '_ {
    |source| CheckpointError::File { path: path.to_path_buf(), source }
}

fn absent(path: &Path) -> Result<(), CheckpointError> {
    if path.exists() { Err(CheckpointError::Exists(path.to_path_buf())) } else { Ok(()) }
}

/// Makes a snapshot of the tip in a new folder. The manifest is written last: a folder without one is not a snapshot.
///
/// # Errors
/// [`CheckpointError`].
pub fn create_checkpoint(ledger: &Ledger<RocksKv>, folder: &Path) -> Result<Manifest, CheckpointError> {
    absent(folder)?;
    fs::create_dir_all(folder).map_err(file(folder))?;
    ledger.kv().checkpoint(&folder.join(DATABASE))?;
    let manifest = Manifest::of(ledger);
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain JSON");
    fs::write(&path, text).and_then(|()| fs::File::open(&path)?.sync_all()).map_err(file(&path))?;
    Ok(manifest)
}

/// Reads which moment a snapshot is.
///
/// # Errors
/// [`CheckpointError::File`], [`CheckpointError::Manifest`].
pub fn read_manifest(folder: &Path) -> Result<Manifest, CheckpointError> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(file(&path))?;
    serde_json::from_slice(&text).map_err(|source| CheckpointError::Manifest { path, source })
}

/// Copies a snapshot to where a node keeps its ledger, and believes nothing of it: opens it for that genesis, executes
/// every block again and compares. Only then does it take its place.
///
/// # Errors
/// [`CheckpointError`]; `ledger_folder` is then not there.
pub fn restore_checkpoint(
    folder: &Path,
    ledger_folder: &Path,
    genesis: &Genesis,
    verify: &mut Verify<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Manifest, DeepReport), CheckpointError> {
    absent(ledger_folder)?;
    let manifest = read_manifest(folder)?;
    let partial = ledger_folder.with_extension("partial");
    absent(&partial)?;
    let restored = restore_into(&partial, folder, &manifest, genesis, verify, progress);
    match &restored {
        Ok(_) => fs::rename(&partial, ledger_folder).map_err(file(ledger_folder))?,
        Err(_) => fs::remove_dir_all(&partial).map_err(file(&partial))?,
    }
    Ok((manifest, restored?))
}

fn restore_into(
    partial: &Path,
    folder: &Path,
    manifest: &Manifest,
    genesis: &Genesis,
    verify: &mut Verify<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<DeepReport, CheckpointError> {
    copy_folder(&folder.join(DATABASE), partial)?;
    let ledger = Ledger::open(RocksKv::open(partial)?, genesis)?;
    if Manifest::of(&ledger) != *manifest {
        return Err(CheckpointError::OtherMoment);
    }
    let scratch_folder = partial.with_extension("scratch");
    absent(&scratch_folder)?;
    let scratch = RocksKv::open_scratch(&scratch_folder)?;
    let verified = verify_deep(&ledger, genesis, scratch, verify, progress);
    fs::remove_dir_all(&scratch_folder).map_err(file(&scratch_folder))?;
    Ok(verified?)
}

/// A database's folder is flat: files only.
fn copy_folder(from: &Path, to: &Path) -> Result<(), CheckpointError> {
    fs::create_dir_all(to).map_err(file(to))?;
    for entry in fs::read_dir(from).map_err(file(from))? {
        let source = entry.map_err(file(from))?.path();
        let Some(name) = source.file_name() else { continue };
        let target = to.join(name);
        fs::copy(&source, &target).map_err(file(&source))?;
        fs::File::open(&target).and_then(|it| it.sync_all()).map_err(file(&target))?;
    }
    Ok(())
}
