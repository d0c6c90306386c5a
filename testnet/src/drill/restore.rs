//! A snapshot of one validator, restored into the empty folder of a new machine: the new node believes nothing of it that it
//! cannot check against the genesis, joins the network, and stands where the others stand.
use super::{
    DrillArgs,
    stage::{Chain, Stage},
};
use crate::{
    client::Client,
    load::{Load, Pace},
    network::{self, Place, READY},
    process::{Launch, Process},
    report::{Report, Seen, ms},
};
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path, process::Command};

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
    if report.is_good() { stage.clear() } else { Ok(()) }
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
