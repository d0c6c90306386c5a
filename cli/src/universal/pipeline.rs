//! Records in, a verified election out. Blocks are checked in batches on every core, and counted in their order on one more
//! thread; every queue is short, so that an archive of any size takes little memory, and the first fault ends it all.
use crate::exit::Failure;
use indicatif::ProgressBar;
use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};
use urne_light::{
    ArchiveFault, CheckedBlock, Ground, Groundwork, Recounting, VerifiedElection,
    archive::{ArchivedBlock, Record},
};
use urne_types::{ChainId, ElectionId};

/// Transactions checked in one batch: signatures are then verified about twice as fast as one by one.
const BATCH_TXS: usize = 256;
/// Blocks of one batch, for elections with few ballots in each.
const BATCH_BLOCKS: usize = 64;
/// Batches that wait for a thread, or to be counted: some megabytes.
const WAITING_MAX: usize = 4;

type Job = (u64, Vec<ArchivedBlock>);
type Checked = (u64, Result<Vec<CheckedBlock>, ArchiveFault>);
type Verdict = Result<VerifiedElection, ArchiveFault>;

/// A verification under way.
pub(crate) struct Verifying {
    step: Step,
    bar: ProgressBar,
}

enum Step {
    Groundwork(Box<Groundwork>),
    Counting(Counting),
    /// Only while one step becomes the next.
    Over,
}

struct Counting {
    jobs: SyncSender<Job>,
    batch: Vec<ArchivedBlock>,
    txs: usize,
    next: u64,
    verdict: JoinHandle<Verdict>,
}

impl Verifying {
    pub(crate) fn new(trusted: ChainId, asked: Option<ElectionId>, bar: ProgressBar) -> Self {
        Self { step: Step::Groundwork(Box::new(Groundwork::new(trusted, asked))), bar }
    }
    /// Takes the next record; the verified election comes out of the last one.
    pub(crate) fn take(&mut self, record: Record) -> Result<Option<VerifiedElection>, Failure> {
        let (mut counting, record) = match std::mem::replace(&mut self.step, Step::Over) {
            Step::Over => return Err(Failure::unverified("records follow the end")),
            Step::Counting(counting) => (counting, record),
            Step::Groundwork(mut groundwork) => match groundwork.take(record).map_err(broken)? {
                None => {
                    self.step = Step::Groundwork(groundwork);
                    return Ok(None);
                }
                Some(first) => (Counting::begin(groundwork.finish().map_err(broken)?, self.bar.clone()), first),
            },
        };
        if let Some(block) = record.block().map_err(broken)?
            && counting.add(block)
        {
            self.step = Step::Counting(counting);
            return Ok(None);
        }
        // The end; or somebody found a fault, and the verdict says which.
        counting.finish().map(Some).map_err(broken)
    }
}

/// An archive or a node that proves nothing.
pub(crate) fn broken(why: ArchiveFault) -> Failure {
    Failure::unverified(format!("the election does not verify; the step that fails is '{}': {why}", why.step()))
}

impl Counting {
    fn begin(ground: Ground, bar: ProgressBar) -> Self {
        bar.set_length(ground.ballots_expected());
        let ground = Arc::new(ground);
        let (jobs, waiting) = sync_channel::<Job>(WAITING_MAX);
        let (done, checked) = sync_channel::<Checked>(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads() {
            let (ground, waiting, done) = (Arc::clone(&ground), Arc::clone(&waiting), done.clone());
            thread::spawn(move || check(&ground, &waiting, &done));
        }
        let verdict = thread::spawn(move || count(&ground, &checked, &bar));
        Self { jobs, batch: Vec::new(), txs: 0, next: 0, verdict }
    }
    /// Whether more is wanted.
    fn add(&mut self, block: ArchivedBlock) -> bool {
        self.txs += block.whole();
        self.batch.push(block);
        self.txs < BATCH_TXS && self.batch.len() < BATCH_BLOCKS || self.send()
    }
    fn send(&mut self) -> bool {
        let job = (self.next, std::mem::take(&mut self.batch));
        (self.txs, self.next) = (0, self.next + 1);
        self.jobs.send(job).is_ok()
    }
    fn finish(mut self) -> Verdict {
        self.send();
        drop(self.jobs);
        self.verdict.join().expect("counting ends with a verdict")
    }
}

/// How many batches are checked at once.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn check(ground: &Ground, waiting: &Mutex<Receiver<Job>>, done: &SyncSender<Checked>) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, blocks)) = job else { return };
        if done.send((number, ground.check(blocks, &mut rand::rng()))).is_err() {
            return;
        }
    }
}

/// Batches are checked in any order and counted in theirs.
fn count(ground: &Ground, checked: &Receiver<Checked>, bar: &ProgressBar) -> Verdict {
    let (mut again, mut early, mut next) = (Recounting::new(ground), BTreeMap::new(), 0);
    for (number, batch) in checked {
        early.insert(number, batch);
        while let Some(batch) = early.remove(&next) {
            for block in batch? {
                bar.inc(block.ballots() as u64);
                again.add(block)?;
            }
            next += 1;
        }
    }
    bar.finish_and_clear();
    again.finish()
}
