//! Colleges that stop: one of four changes nothing for the voters; two of four pause the chain, which says who is missing,
//! decides nothing meanwhile, and goes on by itself when one is back.
use super::{
    DrillArgs,
    crash::back_at_peers_height,
    stage::{Chain, Stage},
};
use crate::{
    client::Fate,
    network::{Place, READY},
    process::Launch,
    report::{Report, Seen, ms, percentile},
    watch::Watch,
};
use anyhow::{Context, Result, ensure};
use std::{thread, time::Duration};
use urne_node::api::dto::Consensus;

/// One ballot with a college missing: its turn may have to pass first, more than once.
const COMMIT: Duration = Duration::from_secs(20);
/// For how long the chain must stand still.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) fn run(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 200)?;
    let clients = stage.network.clients();
    let watch = Watch::over(&clients);
    report.check("one college of four stopped: ballots still get in", || {
        stage.network.process(3)?.stop()?;
        let mut took = (0..20).map(|i| stage.commits(&clients[i % 3], COMMIT).map(ms)).collect::<Result<Vec<_>>>()?;
        took.sort_unstable();
        let (median, worst) = (percentile(&took, 50), percentile(&took, 100));
        Ok(Seen::new(format!("20 ballots one by one, median {median} ms, slowest {worst} ms"))
            .number("commit_ms_median", median)
            .number("commit_ms_max", worst))
    });
    let mut waiting = None;
    report.check("two colleges of four stopped: the chain pauses and says who is missing", || {
        stage.network.process(2)?.stop()?;
        let missing = [stage.network.node(2).validator, stage.network.node(3).validator];
        let says = |it: &crate::client::Client| {
            let status = it.status()?;
            let absent: Vec<_> = status.absent.iter().map(|it| it.validator).collect();
            let is_waiting = matches!(status.consensus, Consensus::WaitingForQuorum { .. });
            Ok(is_waiting && missing.iter().all(|it| absent.contains(it)))
        };
        let ballot = stage.take(1)?.remove(0);
        clients[0].patiently(|it| it.submit(&ballot))?.success()?;
        for client in &clients[..2] {
            client.until(Duration::from_secs(30), "say waiting_for_quorum and name both absent validators", says)?;
            ensure!(!client.is_ready(), "/readyz says ready without a quorum");
        }
        let before = clients[0].height()?;
        thread::sleep(PAUSE);
        ensure!(
            clients[0].height()? == before && clients[1].height()? == before,
            "a block was decided without a quorum"
        );
        ensure!(matches!(clients[0].fate(&ballot.id)?, Fate::Pending), "the ballot does not wait");
        let status = clients[0].status()?;
        let Consensus::WaitingForQuorum { present, needed } = status.consensus else {
            anyhow::bail!("the status changed: {:?}", status.consensus)
        };
        waiting = Some(ballot);
        let names: Vec<String> = status.absent.iter().map(|it| format!("{} of {}", it.name, it.college_name)).collect();
        Ok(Seen::new(format!(
            "height {before} for {} s, power {present} of {needed}, absent: {}",
            PAUSE.as_secs(),
            names.join(", ")
        )))
    });
    report.check("one of them is back: the chain resumes by itself", || {
        let ballot = waiting.take().context("the chain was not paused")?;
        stage.network.start(2, &Launch::default())?;
        clients[0].committed(&ballot.id, READY)?;
        let resumed = stage.network.process(2)?.since.elapsed();
        Ok(Seen::new(format!("the waiting ballot was committed {} ms after the validator's start", ms(resumed)))
            .number("resume_ms", ms(resumed)))
    });
    report.check("the other one is back and catches up", || {
        stage.network.start(3, &Launch::default())?;
        let took = back_at_peers_height(&mut stage.network, &clients, 3, READY)?;
        stage.network.wait_ready(3, READY)?;
        Ok(Seen::new(format!("{} ms", ms(took))).number("back_ms", ms(took)))
    });
    report.check("one chain on four nodes", || {
        let chain = Chain::agreed(&stage.network, Some(&watch))?;
        Ok(Seen::new(format!("{} blocks", chain.blocks.len())))
    });
    drop(watch);
    if report.is_good() { stage.clear() } else { Ok(()) }
}
