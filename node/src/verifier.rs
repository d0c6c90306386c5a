//! The verifier pool: signatures and the proofs of sealed ballots are checked here, in batches, off the replica's thread.
//! Stateless: the same bytes against the same keys get the same verdict on every node, and nothing is asked twice
//! (`urne_replica`).
use crate::{driver::Inbox, metrics::Metrics};
use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};
use urne_replica::{Stimulus, VerifyId};
use urne_types::{
    ChainId,
    transaction::{RawTx, verify_sealed},
};
use urne_vote_contract::sealed::Statements;

/// Questions that wait for a thread; the replica has at most as many under way (JOBS_MAX and a few bodies).
const QUESTIONS_MAX: usize = 512;

type Question = (VerifyId, Vec<RawTx>, Arc<Statements>);

/// A handle on the pool; dropping it ends the threads.
pub struct Verifier {
    questions: SyncSender<Question>,
}

impl Verifier {
    /// Starts so many threads, which answer into the inbox.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(threads: usize, chain: ChainId, inbox: &Inbox, metrics: &Metrics) -> std::io::Result<Self> {
        let (questions, receiver) = sync_channel::<Question>(QUESTIONS_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        for index in 0..threads.max(1) {
            let (receiver, inbox, metrics) = (Arc::clone(&receiver), inbox.clone(), metrics.clone());
            let run = move || answer(&receiver, chain, &inbox, &metrics);
            thread::Builder::new().name(format!("verifier-{index}")).spawn(run)?;
        }
        Ok(Self { questions })
    }

    /// Takes a question; `false` when the pool is gone or drowned, which stops the node.
    #[must_use]
    pub fn ask(&self, id: VerifyId, raws: Vec<RawTx>, statements: Arc<Statements>) -> bool {
        match self.questions.try_send((id, raws, statements)) {
            Ok(()) => true,
            Err(TrySendError::Full(question)) => self.questions.send(question).is_ok(),
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}

fn answer(questions: &Mutex<Receiver<Question>>, chain: ChainId, inbox: &Inbox, metrics: &Metrics) {
    loop {
        let question = match questions.lock() {
            Ok(receiver) => receiver.recv(),
            Err(_) => return,
        };
        let Ok((id, raws, statements)) = question else { return };
        let results = verify_sealed(&raws, &chain, &*statements, &mut rand::rng());
        metrics.verifications.inc_by(raws.len() as u64);
        metrics.verification_batches.inc();
        if !inbox.deliver_blocking(Stimulus::Verified { id, results }) {
            return;
        }
    }
}
