//! The owner thread: it alone holds the replica, the log and the guard, takes stimuli one by one and performs effects
//! strictly in order. Nothing inside waits for the network or for a lock.
use crate::{bridge::Carrier, clock::Clock, guard::GuardFile, notices::Notices, verifier::Verifier, wal::Wal};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Handle, sync::mpsc};
use urne_ledger::{CommitError, ExecuteError, Kv};
use urne_replica::{Effect, Now, Replica, Stimulus};
use urne_types::codec::encode;

/// Stimuli that wait for the owner thread: about a second of full load.
pub const INBOX_MAX: usize = 4096;
/// The owner thread looks at its clock at least so often.
const IDLE: Duration = Duration::from_secs(1);

/// What arrives, and when it did.
#[derive(Debug)]
pub enum Arrival {
    /// Something happened.
    Stimulus(Now, Stimulus),
    /// Finish cleanly.
    Stop,
}

/// The door to the owner thread.
#[derive(Clone)]
pub struct Inbox {
    sender: mpsc::Sender<Arrival>,
    is_hurried: Arc<AtomicBool>,
    clock: Clock,
}

impl Inbox {
    /// A door and its other side.
    #[must_use]
    pub fn new(clock: Clock) -> (Self, mpsc::Receiver<Arrival>) {
        let (sender, receiver) = mpsc::channel(INBOX_MAX);
        (Self { sender, is_hurried: Arc::default(), clock }, receiver)
    }
    /// Delivers if there is room: a client is told to try later, gossip is dropped and counted.
    #[must_use]
    pub fn offer(&self, stimulus: Stimulus) -> bool {
        self.sender.try_send(Arrival::Stimulus(self.clock.now(), stimulus)).is_ok()
    }
    /// Delivers, waiting for room: for messages between validators. `false` when the node is stopping.
    pub async fn deliver(&self, stimulus: Stimulus) -> bool {
        let arrived = Arrival::Stimulus(self.clock.now(), stimulus);
        self.sender.send(arrived).await.is_ok()
    }
    /// The same from a thread without a runtime.
    #[must_use]
    pub fn deliver_blocking(&self, stimulus: Stimulus) -> bool {
        self.sender.blocking_send(Arrival::Stimulus(self.clock.now(), stimulus)).is_ok()
    }
    /// Asks the owner thread to finish, after what waits for it now.
    pub async fn stop(&self) {
        let _ = self.sender.send(Arrival::Stop).await;
    }
    /// Asks it to finish after its current step, whatever waits. Never waits itself: with a full inbox that thread is awake.
    pub fn hurry(&self) {
        self.is_hurried.store(true, Ordering::Release);
        let _ = self.sender.try_send(Arrival::Stop);
    }
    /// Whether it was asked to.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        self.is_hurried.load(Ordering::Acquire)
    }
}

/// Why the owner thread ended.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The ledger could not be written: what is on disk is the last committed block.
    #[error("the ledger cannot be written ({0}); the node stops: free space or repair the disk, then start it again")]
    Store(#[from] CommitError),
    /// The log or the guard could not be written.
    #[error(
        "{what} cannot be written ({cause}); the node stops before it says anything it could forget: repair the disk, then start it again"
    )]
    Disk {
        /// Which file.
        what: &'static str,
        /// Why.
        cause: String,
    },
    /// The replica asked to stop.
    #[error("{0}")]
    Replica(String),
    /// The colleges have upgraded the protocol beyond this program.
    #[error("{0}")]
    Outdated(ExecuteError),
    /// The verifier pool is gone.
    #[error("the verifier threads have ended: start the node again")]
    NoVerifier,
}

/// Everything the owner thread holds.
pub struct Driver<K: Kv> {
    /// The mind.
    pub replica: Replica<K>,
    /// The log.
    pub wal: Wal,
    /// The guard; none for an observer, who never signs.
    pub guard: Option<GuardFile>,
    /// The way out.
    pub carrier: Carrier,
    /// The pool.
    pub verifier: Verifier,
    /// The world.
    pub notices: Notices,
    /// The clocks.
    pub clock: Clock,
    /// The door, to see whether somebody is in a hurry.
    pub door: Inbox,
}

impl<K: Kv> Driver<K> {
    /// Runs until asked to stop or until going on would be wrong.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn run(
        mut self,
        first: Vec<Effect>,
        mut inbox: mpsc::Receiver<Arrival>,
        runtime: &Handle,
    ) -> Result<(), DriverError> {
        let mut wake_at = self.perform(first)?;
        while !self.door.is_hurried() {
            let wait = wake_at
                .map_or(IDLE, |at| Duration::from_millis(at.saturating_sub(self.clock.now().monotonic_ms)).min(IDLE));
            let arrival = match inbox.try_recv() {
                Ok(arrival) => Some(arrival),
                Err(_) => {
                    self.notices.publish(&self.replica.status());
                    match runtime.block_on(async { tokio::time::timeout(wait, inbox.recv()).await }) {
                        Ok(Some(arrival)) => Some(arrival),
                        Ok(None) => return Ok(()),
                        Err(_) => None,
                    }
                }
            };
            let (now, stimulus) = match arrival {
                Some(Arrival::Stop) => return Ok(()),
                Some(Arrival::Stimulus(now, stimulus)) => (now, stimulus),
                None => (self.clock.now(), Stimulus::Wake),
            };
            let effects = self.replica.step(now, stimulus);
            wake_at = self.perform(effects)?;
        }
        Ok(())
    }

    /// Performs effects in order; what a commit returns is performed before what followed it. After the last block that this
    /// program understands, it goes no further.
    fn perform(&mut self, effects: Vec<Effect>) -> Result<Option<u64>, DriverError> {
        let mut queue = VecDeque::from(effects);
        let mut wake_at = None;
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Verify { id, lane, raws, statements } => {
                    if !self.verifier.ask(id, lane, raws, statements) {
                        return Err(DriverError::NoVerifier);
                    }
                }
                Effect::Record(bytes) => disk("the write-ahead log", self.wal.append(&bytes))?,
                Effect::SyncWal => disk("the write-ahead log", self.wal.sync())?,
                Effect::ResetWal { height } => disk("the write-ahead log", self.wal.reset(height))?,
                Effect::Guard(record) => match &mut self.guard {
                    Some(guard) => disk("the double-sign guard", guard.write(&encode(&record)))?,
                    None => return Err(DriverError::Replica("an observer was about to sign: report this".into())),
                },
                Effect::Send { to, message } => self.carrier.send(to, &message),
                Effect::Gossip(batch) => self.carrier.gossip(&batch),
                Effect::Commit => {
                    let more = self.replica.commit(self.clock.now())?;
                    self.replica.ledger().must_be_understood().map_err(DriverError::Outdated)?;
                    for effect in more.into_iter().rev() {
                        queue.push_front(effect);
                    }
                }
                Effect::Validators(addresses) => self.carrier.set_validators(addresses),
                Effect::WakeAt(at) => wake_at = Some(at),
                Effect::Tell(notice) => self.notices.tell(notice),
                Effect::Stop(sentence) => return Err(DriverError::Replica(sentence)),
            }
        }
        Ok(wake_at)
    }
}

fn disk<T, E: std::fmt::Display>(what: &'static str, result: Result<T, E>) -> Result<(), DriverError> {
    result.map(|_| ()).map_err(|e| DriverError::Disk { what, cause: e.to_string() })
}
