//! A running node: opens what is on the disk in the order in which a fault must be found, starts the threads, and ends them
//! cleanly. It never guesses: whatever does not fit is an error that says what to do.
use crate::{
    api,
    bridge::{self, Carrier},
    clock::Clock,
    config::Config,
    driver::{Driver, DriverError, Inbox},
    genesis_file::{CheckedGenesis, GenesisFileError},
    guard::{GuardError, GuardFile},
    home::{Home, HomeError},
    keystore::{KeyError, KeyFile, KeyRole, Passphrase},
    metrics::Metrics,
    notices::Notices,
    shared::{NodeInfo, Shared},
    stop::{self, StopBounds},
    verifier::Verifier,
    wal::{Wal, WalError},
};
use futures::FutureExt;
use std::{future::Future, net::SocketAddr, path::Path, sync::Arc, thread};
use tokio::{runtime::Runtime, sync::oneshot};
use urne_consensus::engine::GuardRecord;
use urne_ledger::{ExecuteError, Ledger, LedgerError, RocksKv, StoreError};
use urne_net::{Net, NetConfig, NetError, NetLimits, NodeSecret, PeerAddress};
use urne_replica::{MempoolLimits, Recovered, RecoveryFault, Replica, ReplicaConfig};
use urne_types::{
    Height, SecretKey, UnixMs, ValidatorId,
    codec::{Malformed, decode_canonical},
};

/// A guard record is a few dozen bytes.
const GUARD_BYTES_MAX: usize = 4096;
/// A clock further behind the chain than this is wrong.
const CLOCK_BEHIND_MS_MAX: u64 = 10_000;
/// Threads that check signatures: agreement keeps a core of two for itself.
const VERIFIER_THREADS: usize = 2;

/// Whether the node takes part or only follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// With the validator key of the home.
    Validator,
    /// Without any key: follows, verifies, serves.
    Observer,
}

/// Why a node does not start, or stopped.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // each variant is its cause, whose sentence says what to do
pub enum NodeError {
    #[error(transparent)]
    Home(#[from] HomeError),
    #[error(transparent)]
    Genesis(#[from] GenesisFileError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Guard(#[from] GuardError),
    #[error("the double-sign guard cannot be read ({0}): `urne keys guard reset --height H` is the documented way out")]
    GuardRecord(#[from] Malformed),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Wal(#[from] WalError),
    #[error(transparent)]
    Recovery(#[from] RecoveryFault),
    #[error(transparent)]
    Net(#[from] NetError),
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error("{0}")]
    Outdated(ExecuteError),
    #[error(
        "the last step did not end within {} s of the stop (is the disk stuck?): the node ends as in a crash, which loses \
         nothing; start it again",
        StopBounds::NODE.decided.as_secs()
    )]
    Stuck,
    #[error(
        "the API cannot listen on {address} ({cause}): choose another port with --api-listen, or stop what uses it"
    )]
    Listen { address: SocketAddr, cause: std::io::Error },
    #[error("the system refuses a thread or a runtime ({0}): raise its limits, then start again")]
    System(#[from] std::io::Error),
    #[error(
        "this machine's clock says {now}, but the last block is of {tip}: set the clock (NTP), then start again; a node \
         with a wrong clock refuses every proposal"
    )]
    Clock { now: UnixMs, tip: UnixMs },
}

/// Runs a node until `stop` resolves or until going on would be wrong.
///
/// # Errors
/// [`NodeError`]; everything on disk is as the last effect left it.
pub fn run(
    home: &Home,
    config: &Config,
    role: Role,
    passphrase: Option<&Passphrase>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), NodeError> {
    home.must_exist()?;
    let _lock = home.lock()?;
    let genesis = CheckedGenesis::read(&home.genesis_file())?;
    let chain = genesis.chain_id();
    home.claim_for(&chain)?;
    let node_secret = KeyFile::read(&home.node_key(), KeyRole::Node)?.open(None)?;
    let signer = match role {
        Role::Observer => None,
        Role::Validator => Some(open_signer(home, passphrase)?),
    };
    let ledger = Ledger::open(RocksKv::open(&home.data_folder())?, genesis.get())?;
    for repair in ledger.repairs() {
        tracing::warn!("{repair}");
    }
    ledger.must_be_understood().map_err(NodeError::Outdated)?;
    let clock = Clock::start();
    let tip = ledger.tip();
    if Clock::unix().plus(CLOCK_BEHIND_MS_MAX) < tip.time && tip.height != Height::GENESIS {
        return Err(NodeError::Clock { now: Clock::unix(), tip: tip.time });
    }
    let (wal, found) = Wal::open(&home.wal_folder(), chain)?;
    if 0 < found.torn_bytes {
        tracing::warn!(bytes = found.torn_bytes, "the end of the write-ahead log was torn by a crash and was dropped");
    }
    let (key, guard, guard_record) = match signer {
        Some((key, guard, record)) => (Some(key), Some(guard), record),
        None => (None, None, None),
    };
    let me = key.as_ref().map(|it| ValidatorId::of(&it.public()));
    let recovered = Recovered { wal: found.records, guard: guard_record };
    let mut replica_config = ReplicaConfig::new(chain, key);
    replica_config.mempool = MempoolLimits {
        txs_max: config.mempool.transactions_max as usize,
        bytes_max: usize::try_from(config.mempool.bytes_max).unwrap_or(usize::MAX),
    };
    replica_config.verifiers = VERIFIER_THREADS;
    let readers = ledger.readers();
    let (replica, first) = Replica::open(replica_config, ledger, recovered, clock.now())?;

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (inbox, arrivals) = Inbox::new(clock);
    let fixed = fixed_peers(config);
    let (net, events) = {
        let _inside = runtime.enter();
        Net::start(net_config(config, &node_secret, chain.0, &fixed))?
    };
    let info = NodeInfo { validator: me, role };
    let metrics = Metrics::new();
    let shared =
        Arc::new(Shared::new(genesis.into_inner(), readers, net.clone(), inbox.clone(), metrics.clone(), info));
    let verifier = Verifier::start(VERIFIER_THREADS, chain, &inbox, &metrics)?;
    let carrier = Carrier::new(net.clone(), fixed);
    let notices = Notices::new(Arc::clone(&shared));
    let driver = Driver { replica, wal, guard, carrier, verifier, notices, clock, door: inbox.clone() };
    let listener = listen(&runtime, config.api.listen)?;
    runtime.spawn(bridge::bring(events, net.clone(), inbox.clone()));
    tracing::info!(chain = %chain, api = %config.api.listen, "the node starts");

    let handle = runtime.handle().clone();
    let (ended, driver_ended) = oneshot::channel();
    let owner = thread::Builder::new().name("replica".into()).spawn(move || {
        let result = driver.run(first, arrivals, &handle);
        let _ = ended.send(());
        result
    })?;
    let (close_api, api_closes) = oneshot::channel::<()>();
    let closes = async { api_closes.await.unwrap_or(()) };
    let (limits, metrics, public) = ((&config.http).into(), config.metrics.clone(), Arc::clone(&shared));
    let server = runtime.spawn(async move { api::serve(listener, public, limits, &metrics, closes).await });
    let driver_ended = driver_ended.shared();
    let has_ended = runtime.block_on(async {
        tokio::select! {
            () = stop => tracing::info!("stopping: the current block is finished first"),
            _ = driver_ended.clone() => {}
        }
        let _ = close_api.send(());
        let answered = async { tokio::join!(inbox.stop(), server) };
        stop::in_order(StopBounds::NODE, answered, || inbox.hurry(), driver_ended, net.shutdown()).await
    });
    if !has_ended {
        runtime.shutdown_timeout(stop::LEFTOVERS);
        return Err(NodeError::Stuck);
    }
    let result = owner.join().unwrap_or_else(|_| {
        Err(DriverError::Replica("the replica's thread panicked: this is a bug, report it with the log above".into()))
    });
    runtime.shutdown_timeout(stop::LEFTOVERS);
    Ok(result?)
}

type Signer = (SecretKey, GuardFile, Option<GuardRecord>);

fn open_signer(home: &Home, passphrase: Option<&Passphrase>) -> Result<Signer, NodeError> {
    let key = KeyFile::read(&home.validator_key(), KeyRole::Validator)?.open(passphrase)?;
    let (guard, record) = GuardFile::open(&home.guard_file(), &key.public())?;
    let record = record.map(|bytes| decode_canonical(&bytes, GUARD_BYTES_MAX)).transpose()?;
    Ok((key, guard, record))
}

fn fixed_peers(config: &Config) -> Vec<PeerAddress> {
    let peer = |it: &crate::config::Peer| PeerAddress { node: it.node, addresses: it.addresses.clone() };
    config.p2p.peers.iter().map(peer).collect()
}

fn net_config(config: &Config, secret: &SecretKey, chain_id: [u8; 32], peers: &[PeerAddress]) -> NetConfig {
    NetConfig {
        secret: NodeSecret::from_bytes(*secret.expose()),
        listen: config.p2p.listen.clone(),
        chain_id,
        peers: peers.to_vec(),
        validators: Default::default(),
        limits: NetLimits { observers_max: config.p2p.observers_max, ..NetLimits::default() },
    }
}

fn listen(runtime: &Runtime, address: SocketAddr) -> Result<tokio::net::TcpListener, NodeError> {
    runtime.block_on(tokio::net::TcpListener::bind(address)).map_err(|cause| NodeError::Listen { address, cause })
}

/// The chain that a home belongs to, without opening its ledger.
///
/// # Errors
/// [`NodeError::Genesis`].
pub fn chain_of(genesis: &Path) -> Result<urne_types::ChainId, NodeError> {
    Ok(CheckedGenesis::read(genesis)?.chain_id())
}
