//! `urne snapshot`: a ledger of one moment, to be restored on another machine. Neither the double-sign guard nor the
//! write-ahead log is ever in one. A restored snapshot is believed because every block was executed again.
use crate::{
    Context,
    exit::{Exit, Failure},
};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::{
    fmt, fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use urne_ledger::{
    Ledger, RocksKv, Verify,
    checkpoint::{CheckpointError, MANIFEST, Manifest, create_checkpoint, read_manifest, restore_checkpoint},
};
use urne_node::{genesis_file::CheckedGenesis, home::Home};
use urne_types::transaction::verify_sealed;

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Take a snapshot of this folder's ledger; the node must be stopped
    Create(CreateArgs),
    /// List the snapshots of this folder
    List,
    /// Put a snapshot in place of an empty ledger, after executing every block again; the node must be stopped
    Restore(RestoreArgs),
}

/// Takes a snapshot.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Folder to make; snapshots/<height> of this folder by default
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Restores a snapshot.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The snapshot's folder
    folder: PathBuf,
}

#[derive(Serialize)]
struct Snapshot {
    folder: PathBuf,
    #[serde(flatten)]
    manifest: Manifest,
}

#[derive(Serialize)]
struct Snapshots {
    snapshots: Vec<Snapshot>,
}

#[derive(Serialize)]
struct Restored {
    #[serde(flatten)]
    manifest: Manifest,
    blocks_executed: u64,
    transactions_executed: u64,
}

impl SnapshotCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.home.must_exist()?;
        match self {
            Self::Create(args) => create(context, args.output),
            Self::List => list(context),
            Self::Restore(args) => restore(context, &args.folder),
        }
    }
}

fn snapshots_folder(home: &Home) -> PathBuf {
    home.root().join("snapshots")
}

fn create(context: &Context, output: Option<PathBuf>) -> Result<(), Failure> {
    let home = &context.home;
    let _lock = home.lock()?;
    let genesis = CheckedGenesis::read(&home.genesis_file())?;
    home.claim_for(&genesis.chain_id())?;
    let kv = RocksKv::open(&home.data_folder()).map_err(CheckpointError::from)?;
    let ledger = Ledger::open(kv, genesis.get()).map_err(CheckpointError::from)?;
    let by_height = || snapshots_folder(home).join(format!("{:012}", ledger.tip().height.get()));
    let folder = output.unwrap_or_else(by_height);
    let manifest = create_checkpoint(&ledger, &folder)?;
    context.output.say(&Snapshot { folder, manifest });
    Ok(())
}

fn list(context: &Context) -> Result<(), Failure> {
    let folder = snapshots_folder(&context.home);
    let mut folders: Vec<PathBuf> = match fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|it| it.path()).collect(),
        Err(_) => Vec::new(),
    };
    folders.sort();
    folders.retain(|it| it.join(MANIFEST).exists()); // without one it is not a snapshot
    let snapshot = |folder: PathBuf| Ok(Snapshot { manifest: read_manifest(&folder)?, folder });
    let snapshots = folders.into_iter().map(snapshot).collect::<Result<_, CheckpointError>>()?;
    context.output.say(&Snapshots { snapshots });
    Ok(())
}

fn restore(context: &Context, folder: &Path) -> Result<(), Failure> {
    let home = &context.home;
    let _lock = home.lock()?;
    let genesis = CheckedGenesis::read(&home.genesis_file())?;
    let chain = genesis.chain_id();
    let data = home.data_folder();
    read_manifest(folder)?;
    home.claim_for(&chain)?;
    if data.exists() {
        let occupied = |e| format!("{}: {e}: a snapshot never replaces a ledger; move it away first", data.display());
        fs::remove_dir(&data).map_err(|e| Failure::environment(occupied(e)))?;
    }
    let bar = context.output.progress("executing blocks again", 0);
    let verify: &mut Verify<'_> = &mut |raws, statements| verify_sealed(raws, &chain, statements, &mut rand::rng());
    let restored = restore_checkpoint(folder, &data, genesis.get(), verify, &mut |it| {
        bar.set_length(it.of.get());
        bar.set_position(it.done.get());
    });
    bar.finish_and_clear();
    if restored.is_err() {
        // As it was: an empty folder.
        let _ = fs::DirBuilder::new().mode(0o700).create(&data);
    }
    let (manifest, report) = restored?;
    context.output.say(&Restored { manifest, blocks_executed: report.blocks, transactions_executed: report.txs });
    Ok(())
}

impl From<CheckpointError> for Failure {
    fn from(it: CheckpointError) -> Self {
        let exit = match &it {
            CheckpointError::OtherMoment | CheckpointError::Deep(_) => Exit::VerificationFailed,
            _ => Exit::Environment,
        };
        Self::new(exit, it)
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { height, block, time, .. } = &self.manifest;
        write!(f, "{}: height {height} of {time}, block {block}", self.folder.display())
    }
}
impl fmt::Display for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.snapshots.iter().try_for_each(|it| writeln!(f, "{it}"))?;
        write!(f, "{} snapshots", self.snapshots.len())
    }
}
impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { manifest, blocks_executed, transactions_executed } = self;
        writeln!(f, "restored height {} of chain {}", manifest.height, manifest.chain)?;
        writeln!(f, "{blocks_executed} blocks and {transactions_executed} transactions were executed again and agree")?;
        write!(f, "The guard and wal/ are never restored: a key that signed elsewhere waits (docs/operate.md).")
    }
}
