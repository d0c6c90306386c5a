//! Each transaction is verified once, whoever brings it and however often: what a client, peers and a proposed block ask for
//! at the same time is one question with several places that wait for its verdict, and the last ones that verified are
//! remembered by the hash of their very bytes. What waits in the mempool is not asked either, and the execution of a block
//! takes a [`VerifiedTx`], which nobody can make again: one proof of a sealed ballot, one verification on this node.
use crate::{effect::VerifyId, replica::Job};
use std::collections::{BTreeMap, VecDeque};
use urne_types::{
    Rejection, TxHash,
    limits::{BLOCK_BYTES_MAX, BLOCK_TXS_MAX},
    transaction::{RawTx, VerifiedTx},
};

/// Verified transactions that are remembered beside the mempool's: two full blocks of them, so that a block which is proposed
/// again in a later round, and gossip that comes after it, cost nothing.
const RECENT_TXS_MAX: usize = 2 * BLOCK_TXS_MAX;
/// The same in bytes: 4 MiB.
const RECENT_BYTES_MAX: usize = 2 * BLOCK_BYTES_MAX;

/// One verdict for each transaction of a job, in order.
pub(crate) type Verdicts = Vec<Result<VerifiedTx, Rejection>>;

/// Which place of which job waits.
type Place = (u64, usize);

struct Open {
    job: Job,
    verdicts: Vec<Option<Result<VerifiedTx, Rejection>>>,
    missing: usize,
}

/// What a job needs to go on.
pub(crate) enum Asked {
    /// Everything was verified before.
    Done(Job, Verdicts),
    /// Its verdicts are under way; these are to be asked for, unless there are none.
    Wait(Option<(VerifyId, Vec<RawTx>)>),
}

/// See the module.
#[derive(Default)]
pub(crate) struct Verifying {
    next: u64,
    jobs: BTreeMap<u64, Open>,
    /// For each transaction of a question, the places that wait for it.
    questions: BTreeMap<VerifyId, Vec<(TxHash, Vec<Place>)>>,
    /// Where a transaction that is asked for stands among the questions.
    under_way: BTreeMap<TxHash, (VerifyId, usize)>,
    recent: Recent,
}

impl Verifying {
    /// Jobs that wait.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// One that was verified lately.
    pub(crate) fn recent(&self, hash: &TxHash) -> Option<&VerifiedTx> {
        self.recent.by_hash.get(hash)
    }

    /// Begins a job: asks for what is neither known nor under way.
    pub(crate) fn begin(&mut self, raws: Vec<RawTx>, known: impl Fn(&TxHash) -> Option<VerifiedTx>, job: Job) -> Asked {
        let (number, id) = (self.next, VerifyId(self.next));
        self.next += 1;
        let (mut verdicts, mut asked) = (Vec::with_capacity(raws.len()), Vec::new());
        self.questions.insert(id, Vec::new());
        for (at, raw) in raws.into_iter().enumerate() {
            let hash = raw.hash();
            let verdict = known(&hash).or_else(|| self.recent(&hash).cloned());
            if verdict.is_none() {
                let (question, slot) = *self.under_way.entry(hash).or_insert((id, asked.len()));
                let places = self.questions.entry(question).or_default();
                match places.get_mut(slot) {
                    Some((_, waiting)) => waiting.push((number, at)),
                    None => {
                        places.push((hash, vec![(number, at)]));
                        asked.push(raw);
                    }
                }
            }
            verdicts.push(verdict.map(Ok));
        }
        if asked.is_empty() {
            self.questions.remove(&id);
        }
        let missing = verdicts.iter().filter(|it| it.is_none()).count();
        let open = Open { job, verdicts, missing };
        if missing == 0 {
            let (job, verdicts) = open.close();
            return Asked::Done(job, verdicts);
        }
        self.jobs.insert(number, open);
        Asked::Wait((!asked.is_empty()).then_some((id, asked)))
    }

    /// The verdicts of a question: the jobs that have theirs now, in the order in which they began.
    pub(crate) fn answer(&mut self, id: VerifyId, results: Verdicts) -> Vec<(Job, Verdicts)> {
        let mut results = results.into_iter();
        for (slot, (hash, places)) in self.questions.remove(&id).unwrap_or_default().into_iter().enumerate() {
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
                }
            }
        }
        let ready: Vec<u64> = self.jobs.iter().filter(|(_, it)| it.missing == 0).map(|(number, _)| *number).collect();
        ready.into_iter().filter_map(|it| self.jobs.remove(&it)).map(Open::close).collect()
    }

    /// A ballot that could not be verified before may be now: what is under way answers those who have asked, nobody else.
    pub(crate) fn ask_afresh(&mut self) {
        self.under_way.clear();
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
