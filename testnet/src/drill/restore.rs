//! A snapshot of one validator, restored into the empty folder of a new machine: the new node believes nothing of it that it
//! cannot check against the genesis, joins the network, and stands where the others stand. Then a validator whose machine is
//! lost comes back there, and its keys sign nothing that they may have signed before.
use super::{
    DrillArgs, folder,
    stage::{Chain, Stage},
};
use crate::{
    client::Client,
    load::{Load, Pace},
    network::{self, Place, READY},
    process::{Launch, Process},
    report::{Report, Seen, ms},
};
use anyhow::{Context, Result, bail, ensure};
use std::{fs, path::Path, process::Command};
use urne_types::ValidatorId;

/// A quorum certifies without waiting for the fourth: within so many blocks it is in time for one.
const BLOCKS_MAX: usize = 50;

pub(super) fn run(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 2_000)?;
    let clients = stage.network.clients();
    let ballots = stage.take(1_000)?;
    Load { clients: &clients, batch: 20, pace: Pace::PerSecond { rate: 400, senders: 4 } }
        .deliver(&ballots)?
        .all_taken()?;
    let before = Chain::agreed(&stage.network, None)?.blocks.len();
    let snapshot = place.folder.join("snapshot");
    let source = stage.network.node(1).home.clone();
    report.check("a snapshot of a stopped validator is made", || {
        stage.network.process(1)?.stop()?;
        urne(&["snapshot", "create", "--home", &text(&source), "--output", &text(&snapshot)])?;
        stage.network.start(1, &Launch::default())?;
        stage.network.wait_ready(1, READY)?;
        Ok(Seen::new(format!("of {before} blocks")))
    });
    report.check("restored into a new machine's folder, it joins and stands where the others stand", || {
        let more = stage.take(500)?;
        Load { clients: &clients, batch: 20, pace: Pace::PerSecond { rate: 400, senders: 4 } }
            .deliver(&more)?
            .all_taken()?;
        let home = place.folder.join("new-machine");
        let genesis = text(&source.join("genesis.toml"));
        fs::create_dir_all(&home)?;
        urne(&["init", "--home", &text(&home), "--genesis", &genesis, "--unencrypted"])?;
        urne(&["snapshot", "restore", "--home", &text(&home), &text(&snapshot)])?;
        let (api, p2p) = (place.base_port + 41, place.base_port + 40);
        let launch = Launch { arguments: vec!["--observer".into()], ..Launch::default() }
            .with("URNE_API_LISTEN", format!("127.0.0.1:{api}"))
            .with("URNE_P2P_LISTEN", format!("/ip4/127.0.0.1/tcp/{p2p}"));
        let mut process = Process::start(&network::urne()?, &home, &home.join("node.log"), &launch)?;
        let client = Client::of(&format!("http://127.0.0.1:{api}"));
        let tip = clients[0].status()?;
        let joined = client
            .until(READY, "reach the network's height", |it| Ok(it.status().is_ok_and(|it| tip.height <= it.height)));
        let joined = joined.with_context(|| format!("its last words: {}", process.last_words()))?;
        let height = tip.height.get();
        let (own, theirs) = (client.block(height)?, clients[0].block(height)?);
        ensure!(own.hash == theirs.hash && own.header.app_hash == theirs.header.app_hash, "it stands elsewhere");
        let voted = client.voted(&stage.election.id)?;
        ensure!(voted == 1_500, "it knows of {voted} voters instead of 1500");
        process.stop()?;
        Ok(Seen::new(format!("at height {height} after {} ms, {voted} voters", ms(joined)))
            .number("join_ms", ms(joined)))
    });
    report.check(
        "a validator's keys, restored onto a new machine, sign nothing before their operator says from where",
        || {
            let moved = Moved::from_lost(&mut stage, &source, &snapshot)?;
            folder::refused(
                &mut stage.network,
                1,
                &["does not know what that key has signed", "urne keys guard reset"],
            )?;
            let tip = clients[0].status()?.height.get();
            urne(&["keys", "guard", "reset", "--height", &(tip + 1).to_string(), "--home", &text(&source)])?;
            stage.network.start(1, &Launch::default())?;
            stage.network.wait_ready(1, READY)?;
            let height = moved.signs_after(&mut stage, tip + 1)?;
            let accused = clients[0].status()?.pending_suspensions.len();
            ensure!(accused == 0, "{accused} validators are accused");
            Chain::agreed(&stage.network, None)?;
            Ok(Seen::new(format!(
                "refused first; with signatures forbidden up to {}, it signed block {height}",
                tip + 1
            )))
        },
    );
    if report.is_good() { stage.clear() } else { Ok(()) }
}

/// A validator whose machine is gone, and which comes back from a snapshot and a backup of its keys and settings.
struct Moved {
    validator: ValidatorId,
}

impl Moved {
    /// The lost machine's folder goes; a fresh one takes its place and its ports.
    fn from_lost(stage: &mut Stage, home: &Path, snapshot: &Path) -> Result<Self> {
        stage.network.process(1)?.kill()?;
        let lost = home.with_extension("lost");
        fs::rename(home, &lost)?;
        urne(&["init", "--home", &text(home), "--genesis", &text(&lost.join("genesis.toml")), "--unencrypted"])?;
        for kept in ["config.toml", "keys/validator.key", "keys/node.key"] {
            fs::copy(lost.join(kept), home.join(kept)).with_context(|| format!("restoring {kept}"))?;
        }
        urne(&["snapshot", "restore", "--home", &text(home), &text(snapshot)])?;
        Ok(Self { validator: stage.network.node(1).validator })
    }
    /// Makes blocks until one carries its signature, which none up to that height may.
    fn signs_after(&self, stage: &mut Stage, forbidden: u64) -> Result<u64> {
        let client = stage.network.node(0).client();
        for _ in 0..BLOCKS_MAX {
            stage.commits(&client, READY)?;
            let block = client.block(client.status()?.height.get())?;
            let height = block.height.get();
            if block.certificate.signatures.iter().any(|it| it.validator == self.validator) {
                ensure!(forbidden < height, "it signed block {height}");
                return Ok(height);
            }
        }
        bail!("it signed none of {BLOCKS_MAX} blocks")
    }
}

fn urne(arguments: &[&str]) -> Result<()> {
    let output = Command::new(network::urne()?).args(arguments).output().context("running urne")?;
    ensure!(
        output.status.success(),
        "`urne {}`: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

fn text(it: &Path) -> String {
    it.to_string_lossy().into_owned()
}
