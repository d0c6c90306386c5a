//! The verifier pool: signatures and the proofs of sealed ballots are checked here, in batches, off the replica's thread, those
//! of blocks before all others. Stateless: the same bytes against the same keys get the same verdict on every node, and nothing
//! is asked twice (`urne_replica`).
use crate::{driver::Inbox, metrics::Metrics};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};
use urne_replica::{Lane, Stimulus, VerifyId};
use urne_types::{
    ChainId,
    transaction::{RawTx, verify_sealed},
};
use urne_vote_contract::sealed::Statements;

struct Question {
    id: VerifyId,
    raws: Vec<RawTx>,
    statements: Arc<Statements>,
}

/// Questions that wait for a thread. Bounded by who asks: the replica has at most two a thread of anyone's under way, and those
/// of the bodies that it looks at, each a few questions.
#[derive(Default)]
struct Lines {
    blocks: VecDeque<Question>,
    anyone: VecDeque<Question>,
    is_over: bool,
}

impl Lines {
    fn push(&mut self, lane: Lane, question: Question) {
        match lane {
            Lane::Block => self.blocks.push_back(question),
            Lane::Anyone => self.anyone.push_back(question),
        }
    }
    /// Blocks first.
    fn pop(&mut self) -> Option<Question> {
        self.blocks.pop_front().or_else(|| self.anyone.pop_front())
    }
}

#[derive(Default)]
struct Counter {
    lines: Mutex<Lines>,
    called: Condvar,
}

impl Counter {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Waits for the next question; none when the pool is to end.
    fn next(&self) -> Option<Question> {
        let mut lines = self.lines();
        loop {
            if lines.is_over {
                return None;
            }
            if let Some(question) = lines.pop() {
                return Some(question);
            }
            lines = self.called.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A handle on the pool; dropping it ends the threads.
pub struct Verifier {
    counter: Arc<Counter>,
}

impl Verifier {
    /// Starts so many threads, which answer into the inbox.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(threads: usize, chain: ChainId, inbox: &Inbox, metrics: &Metrics) -> std::io::Result<Self> {
        let counter = Arc::<Counter>::default();
        for index in 0..threads.max(1) {
            let (counter, inbox, metrics) = (Arc::clone(&counter), inbox.clone(), metrics.clone());
            let run = move || answer(&counter, chain, &inbox, &metrics);
            thread::Builder::new().name(format!("verifier-{index}")).spawn(run)?;
        }
        Ok(Self { counter })
    }

    /// Takes a question; `false` when every thread of the pool has ended, which stops the node.
    #[must_use]
    pub fn ask(&self, id: VerifyId, lane: Lane, raws: Vec<RawTx>, statements: Arc<Statements>) -> bool {
        self.counter.lines().push(lane, Question { id, raws, statements });
        self.counter.called.notify_one();
        1 < Arc::strong_count(&self.counter)
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.counter.lines().is_over = true;
        self.counter.called.notify_all();
    }
}

fn answer(counter: &Counter, chain: ChainId, inbox: &Inbox, metrics: &Metrics) {
    while let Some(Question { id, raws, statements }) = counter.next() {
        let results = verify_sealed(&raws, &chain, &*statements, &mut rand::rng());
        metrics.verifications.inc_by(raws.len() as u64);
        metrics.verification_batches.inc();
        if !inbox.deliver_blocking(Stimulus::Verified { id, results }) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_comes_last_is_verified_before_whatever_anyone_has_sent() {
        let mut lines = Lines::default();
        let question = |id| Question { id: VerifyId(id), raws: Vec::new(), statements: Arc::default() };
        for id in 0..3 {
            lines.push(Lane::Anyone, question(id));
        }
        lines.push(Lane::Block, question(3));
        lines.push(Lane::Block, question(4));
        let order: Vec<u64> = std::iter::from_fn(|| lines.pop()).map(|it| it.id.0).collect();
        assert_eq!(order, [3, 4, 0, 1, 2]);
    }
}
