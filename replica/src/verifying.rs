//! Each transaction is verified once, whoever brings it and however often: what a client, peers and a proposed block ask for
//! at the same time is one question with several places that wait for its verdict, and the last ones that verified are
//! remembered by the hash of their very bytes. What waits in the mempool is not asked either, and the execution of a block
//! takes a [`VerifiedTx`], which nobody can make again: one proof of a sealed ballot, one verification on this node.
//!
//! Blocks come first. What their verdicts wait for is asked at once; what clients and peers bring stands in a line, from which
//! few questions are under way at a time, so that a busy node asks in large batches, which cost half of small ones. A
//! transaction that stands there when a block needs it leaves the line.
use crate::{
    effect::{Lane, VerifyId},
    replica::Job,
};
use std::collections::{BTreeMap, VecDeque};
use urne_types::{
    Rejection, TxHash,
    limits::{BLOCK_BYTES_MAX, BLOCK_TXS_MAX, TX_BYTES_MAX},
    transaction::{RawTx, VerifiedTx},
};

/// Verified transactions that are remembered beside the mempool's: two full blocks of them, so that a block which is proposed
/// again in a later round, and gossip that comes after it, cost nothing.
const RECENT_TXS_MAX: usize = 2 * BLOCK_TXS_MAX;
/// The same in bytes: 4 MiB.
const RECENT_BYTES_MAX: usize = 2 * BLOCK_BYTES_MAX;
/// Transactions of one question: a thousand proofs are one multiplication of 0.1 s, and more would hardly be cheaper each.
const QUESTION_TXS_MAX: usize = 1_024;
/// The same in bytes: 700 sealed ballots on one of three, or 25 registrations of 256 credentials, which take a second.
const QUESTION_BYTES_MAX: usize = 8 * TX_BYTES_MAX;
/// After a question in which something was refused, so many are of one job each: who sends a wrong proof among a thousand
/// right ones makes all of them dear, and does it once in so many questions.
const ALONE_AFTER_REFUSAL: u32 = 64;

/// One verdict for each transaction of a job, in order.
pub(crate) type Verdicts = Vec<Result<VerifiedTx, Rejection>>;

/// Which place of which job waits.
type Place = (u64, usize);

struct Open {
    job: Job,
    verdicts: Vec<Option<Result<VerifiedTx, Rejection>>>,
    missing: usize,
}

/// A transaction that is not asked for yet.
struct Waiting {
    raw: RawTx,
    lane: Lane,
    places: Vec<Place>,
}

/// What was asked and not answered yet: for each transaction, the places that wait for it.
struct Question {
    lane: Lane,
    txs: Vec<(TxHash, Vec<Place>)>,
}

/// See the module.
pub(crate) struct Verifying {
    /// Questions of what clients and peers bring that may be under way.
    questions_max: usize,
    next: u64,
    jobs: BTreeMap<u64, Open>,
    waiting: BTreeMap<TxHash, Waiting>,
    /// Who waits, in order; one that a block took out of [`Lane::Anyone`] is passed over there.
    blocks: VecDeque<TxHash>,
    anyone: VecDeque<TxHash>,
    questions: BTreeMap<VerifyId, Question>,
    /// Where a transaction that is asked for stands among the questions.
    under_way: BTreeMap<TxHash, (VerifyId, usize)>,
    alone: u32,
    recent: Recent,
}

impl Verifying {
    /// For so many threads: each has one question to work on, and another one that waits.
    pub(crate) fn by(threads: usize) -> Self {
        Self {
            questions_max: 2 * threads.max(1),
            next: 0,
            jobs: BTreeMap::new(),
            waiting: BTreeMap::new(),
            blocks: VecDeque::new(),
            anyone: VecDeque::new(),
            questions: BTreeMap::new(),
            under_way: BTreeMap::new(),
            alone: 0,
            recent: Recent::default(),
        }
    }

    /// Jobs that wait.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// One that was verified lately.
    pub(crate) fn recent(&self, hash: &TxHash) -> Option<&VerifiedTx> {
        self.recent.by_hash.get(hash)
    }

    /// Begins a job: what is neither known nor under way waits to be asked for. Gives a job back whose transactions were all
    /// verified before.
    pub(crate) fn begin(
        &mut self,
        raws: Vec<RawTx>,
        known: impl Fn(&TxHash) -> Option<VerifiedTx>,
        job: Job,
    ) -> Option<(Job, Verdicts)> {
        let (number, lane) = (self.next_number(), lane_of(&job));
        let mut verdicts = Vec::with_capacity(raws.len());
        let mut missing = 0;
        for (at, raw) in raws.into_iter().enumerate() {
            let hash = raw.hash();
            let verdict = known(&hash).or_else(|| self.recent(&hash).cloned());
            if verdict.is_none() {
                missing += 1;
                self.wait(hash, raw, lane, (number, at));
            }
            verdicts.push(verdict.map(Ok));
        }
        let open = Open { job, verdicts, missing };
        if missing == 0 {
            return Some(open.close());
        }
        self.jobs.insert(number, open);
        None
    }

    fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn wait(&mut self, hash: TxHash, raw: RawTx, lane: Lane, place: Place) {
        if let Some((question, slot)) = self.under_way.get(&hash)
            && let Some((_, places)) = self.questions.get_mut(question).and_then(|it| it.txs.get_mut(*slot))
        {
            return places.push(place);
        }
        if let Some(waiting) = self.waiting.get_mut(&hash) {
            waiting.places.push(place);
            if (waiting.lane, lane) == (Lane::Anyone, Lane::Block) {
                waiting.lane = lane;
                self.blocks.push_back(hash);
            }
            return;
        }
        self.waiting.insert(hash, Waiting { raw, lane, places: vec![place] });
        match lane {
            Lane::Block => self.blocks.push_back(hash),
            Lane::Anyone => self.anyone.push_back(hash),
        }
    }

    /// The next question to ask now, if there is any.
    pub(crate) fn ask(&mut self) -> Option<(VerifyId, Lane, Vec<RawTx>)> {
        let lane = if self.blocks.is_empty() { Lane::Anyone } else { Lane::Block };
        let of_anyone = self.questions.values().filter(|it| it.lane == Lane::Anyone).count();
        if lane == Lane::Anyone && self.questions_max <= of_anyone {
            return None;
        }
        let (id, mut asked, mut txs, mut bytes) = (VerifyId(self.next_number()), Vec::new(), Vec::new(), 0);
        let mut of_job = None;
        let line = if lane == Lane::Block { &mut self.blocks } else { &mut self.anyone };
        while let Some(hash) = line.front().copied() {
            let Some(waiting) = self.waiting.get(&hash).filter(|it| it.lane == lane) else {
                line.pop_front();
                continue;
            };
            let job = waiting.places.first().map(|it| it.0);
            let is_apart = lane == Lane::Anyone && 0 < self.alone && job != *of_job.get_or_insert(job);
            let is_full = QUESTION_TXS_MAX <= asked.len() || QUESTION_BYTES_MAX < bytes + waiting.raw.0.len();
            if !asked.is_empty() && (is_full || is_apart) {
                break;
            }
            line.pop_front();
            let Some(Waiting { raw, places, .. }) = self.waiting.remove(&hash) else { continue };
            self.under_way.insert(hash, (id, txs.len()));
            txs.push((hash, places));
            bytes += raw.0.len();
            asked.push(raw);
        }
        if asked.is_empty() {
            return None;
        }
        if lane == Lane::Anyone {
            self.alone = self.alone.saturating_sub(1);
        }
        self.questions.insert(id, Question { lane, txs });
        Some((id, lane, asked))
    }

    /// The verdicts of a question: the jobs that have theirs now, in the order in which they began.
    pub(crate) fn answer(&mut self, id: VerifyId, results: Verdicts) -> Vec<(Job, Verdicts)> {
        let Some(question) = self.questions.remove(&id) else { return Vec::new() };
        if question.lane == Lane::Anyone && results.iter().any(Result::is_err) {
            self.alone = ALONE_AFTER_REFUSAL;
        }
        let (mut results, mut ready) = (results.into_iter(), Vec::new());
        for (slot, (hash, places)) in question.txs.into_iter().enumerate() {
            let verdict = results.next().unwrap_or(Err(Rejection::Malformed));
            if self.under_way.get(&hash) == Some(&(id, slot)) {
                self.under_way.remove(&hash);
            }
            if let Ok(tx) = &verdict {
                self.recent.remember(tx);
            }
            for (job, at) in places {
                if let Some(open) = self.jobs.get_mut(&job)
                    && let Some(free @ None) = open.verdicts.get_mut(at)
                {
                    *free = Some(verdict.clone());
                    open.missing -= 1;
                    if open.missing == 0 {
                        ready.push(job);
                    }
                }
            }
        }
        ready.sort_unstable();
        ready.into_iter().filter_map(|it| self.jobs.remove(&it)).map(Open::close).collect()
    }

    /// A ballot that could not be verified before may be now: what is under way answers those who have asked, nobody else.
    pub(crate) fn ask_afresh(&mut self) {
        self.under_way.clear();
    }
}

const fn lane_of(job: &Job) -> Lane {
    match job {
        Job::Body(_) | Job::Synced(_) => Lane::Block,
        Job::Submitted { .. } | Job::Gossiped => Lane::Anyone,
    }
}

impl Open {
    fn close(self) -> (Job, Verdicts) {
        let verdicts = self.verdicts.into_iter().map(|it| it.unwrap_or(Err(Rejection::Malformed)));
        (self.job, verdicts.collect())
    }
}

#[derive(Default)]
struct Recent {
    by_hash: BTreeMap<TxHash, VerifiedTx>,
    in_order: VecDeque<TxHash>,
    bytes: usize,
}
impl Recent {
    fn remember(&mut self, tx: &VerifiedTx) {
        if self.by_hash.insert(tx.hash(), tx.clone()).is_some() {
            return;
        }
        self.in_order.push_back(tx.hash());
        self.bytes += tx.bytes().len();
        while RECENT_TXS_MAX < self.in_order.len() || RECENT_BYTES_MAX < self.bytes {
            let Some(oldest) = self.in_order.pop_front() else { return };
            if let Some(tx) = self.by_hash.remove(&oldest) {
                self.bytes -= tx.bytes().len();
            }
        }
    }
}
