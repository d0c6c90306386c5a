//! The verifier pool: signatures are checked here, in batches, off the replica's thread. Stateless: the same bytes get the
//! same verdict on every node.
use crate::driver::Inbox;
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
    transaction::{RawTx, verify_raw},
};

/// Questions that wait for a thread; the replica has at most as many under way (JOBS_MAX and a few bodies).
const QUESTIONS_MAX: usize = 512;

type Question = (VerifyId, Vec<RawTx>);

/// A handle on the pool; dropping it ends the threads.
pub struct Verifier {
    questions: SyncSender<Question>,
}

impl Verifier {
    /// Starts so many threads, which answer into the inbox.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(threads: usize, chain: ChainId, inbox: &Inbox) -> std::io::Result<Self> {
        let (questions, receiver) = sync_channel::<Question>(QUESTIONS_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        for index in 0..threads.max(1) {
            let (receiver, inbox) = (Arc::clone(&receiver), inbox.clone());
            thread::Builder::new().name(format!("verifier-{index}")).spawn(move || answer(&receiver, chain, &inbox))?;
        }
        Ok(Self { questions })
    }

    /// Takes a question; `false` when the pool is gone or drowned, which stops the node.
    #[must_use]
    pub fn ask(&self, id: VerifyId, raws: Vec<RawTx>) -> bool {
        match self.questions.try_send((id, raws)) {
            Ok(()) => true,
            Err(TrySendError::Full(question)) => self.questions.send(question).is_ok(),
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}

fn answer(questions: &Mutex<Receiver<Question>>, chain: ChainId, inbox: &Inbox) {
    loop {
        let question = match questions.lock() {
            Ok(receiver) => receiver.recv(),
            Err(_) => return,
        };
        let Ok((id, raws)) = question else { return };
        let results = verify_raw(&raws, &chain, &mut rand::rng());
        if !inbox.deliver_blocking(Stimulus::Verified { id, results }) {
            return;
        }
    }
}
