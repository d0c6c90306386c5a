//! Sends ballots to the nodes: at a steady pace, or as fast as they take them. A batch that a node cannot take (it is down, it
//! is busy) goes to the next node; what a rule refuses is written down. The pace does not wait for answers: a slow answer
//! delays nobody's due time, so waiting is measured and not left out.
use crate::{
    client::{Client, Fate},
    people::Signed,
};
use anyhow::{Result, ensure};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use urne_types::{Rejection, limits::TX_BATCH_MAX};

/// A batch that no node takes for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(90);
const AGAIN: Duration = Duration::from_millis(20);

/// How fast.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// So many transactions a second, each batch due at its own instant.
    PerSecond {
        /// How many.
        rate: u32,
        /// Threads: enough that one slow answer does not delay the next batch.
        senders: usize,
    },
    /// As fast as so many senders are answered.
    Free {
        /// Threads.
        senders: usize,
    },
}

/// What is sent, and how.
pub(crate) struct Load<'a> {
    /// To whom, in turn.
    pub(crate) clients: &'a [Client],
    /// Transactions a request.
    pub(crate) batch: usize,
    /// How fast.
    pub(crate) pace: Pace,
}

/// What became of it: one entry a transaction, in order; none for what was not sent before the end.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    /// When it was due to be sent, or was sent when there is no pace; and the answer.
    pub(crate) answers: Vec<Option<(Instant, Fate)>>,
    /// Requests that were sent again.
    pub(crate) retries: usize,
    /// From the first to the last answer.
    pub(crate) took: Duration,
}

impl Delivery {
    /// How many were answered.
    pub(crate) fn len(&self) -> usize {
        self.answers.iter().flatten().count()
    }
    /// Those of the transactions that were sent.
    pub(crate) fn sent<'a>(&self, txs: &'a [Signed]) -> impl Iterator<Item = (&'a Signed, Instant)> {
        txs.iter().zip(&self.answers).filter_map(|(tx, answer)| answer.map(|(due, _)| (tx, due)))
    }
    /// Refuses a delivery in which a rule refused anything.
    pub(crate) fn all_taken(&self) -> Result<()> {
        let codes = self.answers.iter().flatten().filter_map(|(_, fate)| match fate {
            Fate::Rejected(code) => Some(*code),
            _ => None,
        });
        let codes: Vec<u16> = codes.collect();
        ensure!(codes.is_empty(), "{} ballots were refused, by rules {:?}", codes.len(), &codes[..codes.len().min(5)]);
        Ok(())
    }
}

impl Load<'_> {
    /// Sends everything.
    pub(crate) fn deliver(&self, txs: &[Signed]) -> Result<Delivery> {
        self.deliver_until(txs, &AtomicBool::new(false))
    }
    /// Sends until there is nothing left, or until told to stop.
    pub(crate) fn deliver_until(&self, txs: &[Signed], is_over: &AtomicBool) -> Result<Delivery> {
        ensure!((1..=TX_BATCH_MAX).contains(&self.batch), "a batch has 1 to {TX_BATCH_MAX} transactions");
        let (Pace::PerSecond { senders, .. } | Pace::Free { senders }) = self.pace;
        let (next, since) = (AtomicUsize::new(0), Instant::now());
        let delivery = Mutex::new(Delivery { answers: vec![None; txs.len()], ..Delivery::default() });
        let batches: Vec<&[Signed]> = txs.chunks(self.batch).collect();
        thread::scope(|scope| {
            let sender = || -> Result<()> {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(batch) = batches.get(i).filter(|_| !is_over.load(Ordering::Relaxed)) else {
                        return Ok(());
                    };
                    let due = self.wait_for_turn(since, i);
                    self.send(i, batch, due, &delivery, is_over)?;
                }
            };
            let threads: Vec<_> = (0..senders.max(1)).map(|_| scope.spawn(sender)).collect();
            threads.into_iter().try_for_each(|it| it.join().expect("a sender does not panic"))
        })?;
        let mut delivery = delivery.into_inner().unwrap_or_else(PoisonError::into_inner);
        delivery.took = since.elapsed();
        Ok(delivery)
    }

    fn wait_for_turn(&self, since: Instant, i: usize) -> Instant {
        let Pace::PerSecond { rate, .. } = self.pace else { return Instant::now() };
        let micros =
            u64::try_from(i * self.batch).unwrap_or(u64::MAX).saturating_mul(1_000_000) / u64::from(rate.max(1));
        let due = since + Duration::from_micros(micros);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due
    }

    fn send(
        &self,
        i: usize,
        batch: &[Signed],
        due: Instant,
        delivery: &Mutex<Delivery>,
        is_over: &AtomicBool,
    ) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        let mut waiting: Vec<usize> = (0..batch.len()).collect();
        for attempt in 0.. {
            let client = &self.clients[(i + attempt) % self.clients.len()];
            let asked: Vec<&Signed> = waiting.iter().map(|at| &batch[*at]).collect();
            let fates = client.submit_many(&asked);
            let mut delivery = delivery.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(Some(fates)) = fates {
                ensure!(fates.len() == waiting.len(), "{} answers to {} transactions", fates.len(), waiting.len());
                for (at, fate) in std::mem::take(&mut waiting).into_iter().zip(fates) {
                    let later = [Rejection::MempoolFull, Rejection::TooManyWaiting];
                    if later.iter().any(|it| fate == Fate::Rejected(it.code())) {
                        waiting.push(at);
                    } else {
                        delivery.answers[i * self.batch + at] = Some((due, fate));
                    }
                }
            }
            if waiting.is_empty() || is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            delivery.retries += 1;
            drop(delivery);
            ensure!(Instant::now() < until, "no node took a batch in {} s", PATIENCE.as_secs());
            if attempt % self.clients.len() == self.clients.len() - 1 {
                thread::sleep(AGAIN);
            }
        }
        Ok(())
    }
}
