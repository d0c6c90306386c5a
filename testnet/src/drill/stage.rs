//! What a drill needs: a network with an open election and ballots signed beforehand; load on the side; and the question that
//! every drill ends with: is there one chain, and is everything that was committed still in it?
use crate::{
    case::any_election,
    client::Client,
    election::Election,
    load::{Delivery, Load, Pace},
    network::{Network, Place},
    people::{self, Signed},
    process::Launch,
    up,
    watch::Watch,
};
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeSet,
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use urne_node::api::dto::Block;
use urne_types::TxId;

/// The load that the reliability figures are for.
pub(crate) const RATE: u32 = 200;
/// Nodes agree on their last block well before this once the load is over.
const AGREE: Duration = Duration::from_secs(60);

/// A network with an open election.
pub(crate) struct Stage {
    /// The network.
    pub(crate) network: Network,
    /// The election.
    pub(crate) election: Election,
    ballots: Vec<Signed>,
    used: usize,
}

impl Stage {
    /// Four validators, an open election, and so many ballots to cast.
    pub(crate) fn set(place: &Place, ballots: usize) -> Result<Self> {
        let _ = fs::create_dir_all(&place.folder);
        up::clear(place)?;
        let mut network = Network::make(place, &[])?;
        network.start_all(&Launch::default())?;
        let members = people::members(ballots, &network.colleges(), &mut rand::rng());
        let election = Election::open(&network, &any_election(), members, |_| ())?;
        let ballots = people::sign_all(&network, &election)?;
        Ok(Self { network, election, ballots, used: 0 })
    }
    /// The next so many ballots.
    pub(crate) fn take(&mut self, n: usize) -> Result<Vec<Signed>> {
        let taken =
            self.ballots.get(self.used..self.used + n).context("the stage was set with too few ballots")?.to_vec();
        self.used += n;
        Ok(taken)
    }
    /// One more ballot is accepted by a node and committed: how long it took.
    pub(crate) fn commits(&mut self, client: &Client, at_most: Duration) -> Result<Duration> {
        let ballot = self.take(1)?.remove(0);
        let since = Instant::now();
        client.commit(&ballot, at_most)?;
        Ok(since.elapsed())
    }
    /// Stops everything; the folder goes too.
    pub(crate) fn clear(mut self) -> Result<()> {
        self.network.stop_all()?;
        fs::remove_dir_all(&self.network.folder).with_context(|| format!("removing {}", self.network.folder.display()))
    }
}

/// Casts ballots at [`RATE`] while something happens; stops when it has.
pub(crate) fn under_load<T>(
    clients: &[Client],
    ballots: &[Signed],
    act: impl FnOnce() -> Result<T>,
) -> Result<(T, Delivery)> {
    let is_over = AtomicBool::new(false);
    let load = Load { clients, batch: 1, pace: Pace::PerSecond { rate: RATE, senders: 16 } };
    thread::scope(|scope| {
        let sending = scope.spawn(|| load.deliver_until(ballots, &is_over));
        let done = act();
        let is_under_load = !sending.is_finished();
        is_over.store(true, Ordering::Relaxed);
        let delivery = sending.join().expect("the load does not panic")?;
        let done = done?;
        ensure!(is_under_load, "the ballots ran out before the drill was over: it was not under load to its end");
        Ok((done, delivery))
    })
}

/// One chain, from its first block to a last one on which all nodes agree.
pub(crate) struct Chain {
    /// Its blocks, by height from 1.
    pub(crate) blocks: Vec<Block>,
}

impl Chain {
    /// Waits until the nodes agree on their last block, reads the whole chain from one of them, checks that each block names
    /// the one before, and that every block that any node ever announced is in it. Since a block's hash covers the block
    /// before it and the state after it, nodes with the same last block have the same chain and the same states.
    pub(crate) fn agreed(network: &Network, watch: Option<&Watch>) -> Result<Self> {
        let height = agreed_height(network)?;
        let client = network.node(0).client();
        let blocks = (1..=height).map(|it| client.block(it)).collect::<Result<Vec<_>>>()?;
        for pair in blocks.windows(2) {
            ensure!(pair[1].header.previous == pair[0].hash, "block {} does not follow the one before", pair[1].height);
        }
        if let Some(watch) = watch {
            let announced = watch.so_far();
            ensure!(announced.forks.is_empty(), "nodes announced different blocks at heights {:?}", announced.forks);
            for (height, heard) in &announced.blocks {
                let kept = usize::try_from(*height - 1).ok().and_then(|it| blocks.get(it));
                ensure!(
                    kept.is_some_and(|it| it.hash.to_string() == heard.hash),
                    "block {height} was announced and is not in the chain"
                );
            }
        }
        Ok(Self { blocks })
    }
    /// The transactions in it.
    pub(crate) fn txs(&self) -> Result<BTreeSet<TxId>> {
        let mut txs = BTreeSet::new();
        for (block, id) in self.blocks.iter().flat_map(|it| it.txs.iter().map(move |id| (it, id))) {
            ensure!(txs.insert(*id), "transaction {id} is in the chain twice, again in block {}", block.height);
        }
        Ok(txs)
    }
}

fn agreed_height(network: &Network) -> Result<u64> {
    let clients = network.clients();
    let until = Instant::now() + AGREE;
    loop {
        let statuses = clients.iter().map(Client::status).collect::<Result<Vec<_>>>()?;
        let same = statuses
            .windows(2)
            .all(|it| (it[0].height, it[0].hash, it[0].app_hash) == (it[1].height, it[1].hash, it[1].app_hash));
        if same && statuses.iter().all(|it| it.mempool.transactions.0 == 0) {
            return Ok(statuses[0].height.get());
        }
        let shown = || {
            statuses
                .iter()
                .map(|it| format!("{} {} ({} wait)", it.height, it.hash, it.mempool.transactions))
                .collect::<Vec<_>>()
        };
        ensure!(Instant::now() < until, "the nodes do not agree after {} s: {}", AGREE.as_secs(), shown().join(", "));
        thread::sleep(Duration::from_millis(100));
    }
}
