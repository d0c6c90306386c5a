//! `urne election archive`: one election in one file, from which anyone checks everything again without any node.
use crate::{Context, client::ApiArgs, exit::Failure, universal::collect};
use clap::Args;
use serde::Serialize;
use std::{
    fmt,
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};
use urne_light::archive::{ArchiveWriter, Record, WriteError};
use urne_node::api::dto::Number;
use urne_types::ElectionId;

/// Writes the archive of an election.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    /// Which
    election: ElectionId,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Serialize)]
struct Written {
    file: PathBuf,
    election: ElectionId,
    blocks: Number,
    bytes: Number,
}

impl ArchiveArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let client = self.api.client(context)?;
        // Another name until it is whole: an archive that is there has its end.
        let mut unfinished = self.out.clone().into_os_string();
        unfinished.push(".part");
        let unfinished = PathBuf::from(unfinished);
        let failed = |e: std::io::Error| at(&unfinished, e);
        let file = File::create(&unfinished).map_err(failed)?;
        let mut archive = ArchiveWriter::create(BufWriter::new(file)).map_err(failed)?;
        let mut blocks = 0;
        let bar = context.output.progress("blocks", 0);
        let collected = collect(&client, self.election, &mut |record| {
            blocks += u64::from(matches!(record, Record::Block(_)));
            bar.set_position(blocks);
            archive.put(&record).map_err(|e| match e {
                WriteError::Disk(e) => at(&unfinished, e),
                other @ WriteError::TooLong(_) => Failure::environment(other),
            })
        });
        bar.finish_and_clear();
        let written = collected.and_then(|()| {
            let file = archive.into_inner().into_inner().map_err(|e| failed(e.into_error()))?;
            file.sync_all().map_err(failed)?;
            let bytes = file.metadata().map_err(failed)?.len();
            fs::rename(&unfinished, &self.out).map_err(failed)?;
            Ok(bytes)
        });
        let bytes = written.inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        let (file, election) = (self.out, self.election);
        context.output.say(&Written { file, election, blocks: Number(blocks), bytes: Number(bytes) });
        Ok(())
    }
}

fn at(file: &Path, e: std::io::Error) -> Failure {
    Failure::environment(format!("{}: {e}", file.display()))
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        writeln!(f, "election {} is in {file}: {} blocks, {} bytes", self.election, self.blocks, self.bytes)?;
        write!(f, "anyone may check it: urne election verify --archive {file} --genesis genesis.toml")
    }
}
