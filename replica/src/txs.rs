//! Transactions on their way in: from a client or from gossip, through verification, into the mempool and out to peers.
use crate::{
    clock::Now,
    effect::{Effect, Ticket, VerifyId},
    notice::{Notice, Submission},
    replica::{Job, Replica},
    verifying::Verdicts,
};
use std::sync::Arc;
use urne_ledger::Kv;
use urne_types::{
    Rejection, TxId, UnixMs,
    bounded::List,
    limits::{TX_BATCH_MAX, TX_BYTES_MAX},
    transaction::{Payload, RawTx, VerifiedTx},
    wire::TxBatch,
};
use urne_vote_contract::{
    BlockContext, Changes, Overlay,
    records::{ElectionGate, ElectionState},
};

/// Verifications of submissions and gossip that may be under way: beyond, the node is overloaded and says so.
const JOBS_MAX: usize = 256;
/// As many as that are all looked at again after each block: whether there still is work depends on them. A longer queue is
/// work anyway, and is looked at as it grows old.
const RECHECK_MAX: usize = 256;
/// A transaction that has waited so long is gossiped again.
const AGAIN_AFTER_MS: u64 = 3_000;
/// So many at a time, every [`crate::replica::STATUS_EVERY_MS`]: about 100 a second.
const AGAIN_MAX: usize = 512;
/// Evidence of ours that waits for a place beside the mempool: 64 KiB each at most, usually 0.5 KB.
const UNPLACED_MAX: usize = 256;
/// Longest time an admitted transaction waits for company before it is gossiped.
pub(crate) const GOSSIP_AFTER_MS: u64 = 25;

/// By which way a transaction reached us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From a client of this node, at that instant.
    Client(UnixMs),
    /// From peers.
    Gossip,
    /// Of our own making.
    Own,
}

impl<K: Kv> Replica<K> {
    pub(crate) fn on_submitted(&mut self, now: Now, ticket: Ticket, raws: Vec<RawTx>) {
        if JOBS_MAX <= self.verifying.len() || self.mempool.is_full() {
            let outcomes = raws.iter().map(|raw| self.known_or_full(raw)).collect();
            return self.effects.push(Effect::Tell(Notice::Submitted { ticket, outcomes }));
        }
        self.verify(now, raws, Job::Submitted { ticket, received: now.unix });
    }

    /// What can be said without verifying: whether we have it already.
    fn known_or_full(&self, raw: &RawTx) -> Submission {
        if let Some(tx) = self.mempool.verified(&raw.hash()) {
            return Submission::Known { id: tx.id() };
        }
        let id = raw.decode().ok().map(|tx| tx.unsigned.id());
        match id.and_then(|id| Some((id, self.committed_height_of(&id)?))) {
            Some((id, height)) => Submission::Committed { id, height },
            None => Submission::Refused { id: None, rejection: Rejection::MempoolFull },
        }
    }

    pub(crate) fn on_gossiped(&mut self, now: Now, raws: Vec<RawTx>) {
        if self.verifying.len() < JOBS_MAX && !self.mempool.is_full() {
            self.verify(now, raws, Job::Gossiped);
        }
    }

    /// Asks for what was not verified yet, and goes on when nothing is left to ask.
    pub(crate) fn verify(&mut self, now: Now, raws: Vec<RawTx>, job: Job) {
        let mempool = &self.mempool;
        if let Some((job, verdicts)) = self.verifying.begin(raws, |hash| mempool.verified(hash).cloned(), job) {
            self.go_on(now, job, verdicts);
        }
        self.ask_to_verify();
    }

    fn ask_to_verify(&mut self) {
        while let Some((id, lane, raws)) = self.verifying.ask() {
            self.effects.push(Effect::Verify { id, lane, raws, statements: Arc::clone(&self.statements) });
        }
    }

    pub(crate) fn on_verified(&mut self, now: Now, id: VerifyId, results: Verdicts) {
        let ready = self.verifying.answer(id, results);
        self.ask_to_verify();
        for (job, verdicts) in ready {
            self.go_on(now, job, verdicts);
        }
        self.flush_gossip_if_large();
    }

    fn go_on(&mut self, now: Now, job: Job, verdicts: Verdicts) {
        match job {
            Job::Submitted { ticket, received } => {
                let context = self.context_at(now);
                let way = Way::Client(received);
                let outcomes = verdicts.into_iter().map(|it| self.admit(now, &context, it, way)).collect();
                self.effects.push(Effect::Tell(Notice::Submitted { ticket, outcomes }));
            }
            Job::Gossiped => {
                let context = self.context_at(now);
                let admitted = verdicts.into_iter().map(|it| self.admit(now, &context, it, Way::Gossip));
                let pending = |it| if let Submission::Pending { id } = it { Some(id) } else { None };
                let ids: Vec<TxId> = admitted.filter_map(pending).collect();
                if !ids.is_empty() {
                    self.effects.push(Effect::Tell(Notice::Heard { ids }));
                }
            }
            Job::Body(hash) => self.on_body_verified(now, hash, verdicts),
            Job::Synced(block) => self.on_synced_verified(now, *block, verdicts),
        }
    }

    fn admit(
        &mut self,
        now: Now,
        context: &BlockContext,
        result: Result<VerifiedTx, Rejection>,
        way: Way,
    ) -> Submission {
        let tx = match result {
            Ok(tx) => tx,
            Err(rejection) => return Submission::Refused { id: None, rejection },
        };
        let id = tx.id();
        if self.mempool.contains(&id) {
            return Submission::Known { id };
        }
        if let Some(height) = self.committed_height_of(&id) {
            return Submission::Committed { id, height };
        }
        if let Err(rejection) = self.judge_place(&tx, way).and_then(|()| self.would_execute(context, &tx)) {
            return Submission::Refused { id: Some(id), rejection };
        }
        if way != Way::Gossip {
            self.gossip.push(tx.clone());
            self.gossip_since_ms.get_or_insert(now.monotonic_ms);
        }
        self.mempool.insert(tx, now.monotonic_ms);
        Submission::Pending { id }
    }

    /// Whether there is a place for it, and it came in time. The grace after a close is for ballots sent before: whoever
    /// receives a client's refuses it from the close on; peers and blocks bring what was received elsewhere before.
    fn judge_place(&mut self, tx: &VerifiedTx, way: Way) -> Result<(), Rejection> {
        let is_full = if way == Way::Own { self.mempool.is_full_to_us() } else { self.mempool.is_full() };
        if is_full {
            return Err(Rejection::MempoolFull);
        }
        if let (Way::Client(received), Payload::Ballot(ballot)) = (way, tx.payload()) {
            let is_late = |it: &ElectionGate| it.state != ElectionState::Cancelled && it.closes_at <= received;
            match self.ledger.read(|view| urne_vote_contract::gate(view, &ballot.election)) {
                Ok(gate) if gate.as_ref().is_some_and(is_late) => return Err(Rejection::ElectionClosed),
                Ok(_) => {}
                Err(e) => {
                    self.effects.push(Effect::Stop(e.to_string()));
                    return Err(Rejection::MempoolFull);
                }
            }
        }
        if self.mempool.is_right_used(tx) { Err(Rejection::TooManyWaiting) } else { Ok(()) }
    }

    /// Runs the transaction on the committed state, with the transitions that are due, and forgets what it changed.
    fn would_execute(&mut self, context: &BlockContext, tx: &VerifiedTx) -> Result<(), Rejection> {
        let is_due = self.calendar.deadline.is_some_and(|it| it <= context.time);
        let verdict = self.ledger.read(|view| {
            if is_due && self.due_changes.is_none() {
                let mut changes = Changes::default();
                // Openings and closings matter to a transaction; counting does not, and takes long.
                let context = BlockContext { count_units: 0, ..context.clone() };
                urne_vote_contract::begin_block(view, &context, &mut changes);
                self.due_changes = Some(changes);
            }
            let mut scratch = Changes::default();
            match &self.due_changes {
                Some(due) => {
                    let overlay = Overlay { base: view, changes: due };
                    urne_vote_contract::execute(&overlay, context, tx, &mut scratch).map(|_| ())
                }
                None => urne_vote_contract::execute(view, context, tx, &mut scratch).map(|_| ()),
            }
        });
        verdict.unwrap_or_else(|e| {
            self.effects.push(Effect::Stop(e.to_string()));
            Err(Rejection::MempoolFull)
        })
    }

    /// Puts a transaction of our own making (an evidence) where a client's would go, in a place kept for it.
    pub(crate) fn submit_own(&mut self, now: Now, tx: VerifiedTx) {
        let context = self.context_at(now);
        if let Submission::Refused { rejection: Rejection::MempoolFull, .. } =
            self.admit(now, &context, Ok(tx.clone()), Way::Own)
            && self.unplaced.len() < UNPLACED_MAX
        {
            self.unplaced.push(tx);
        }
    }

    /// Tries again with what found no place.
    pub(crate) fn submit_unplaced(&mut self, now: Now) {
        for tx in std::mem::take(&mut self.unplaced) {
            self.submit_own(now, tx);
        }
    }

    /// Looks again at what waits after a block, which may have made it impossible.
    pub(crate) fn recheck_mempool(&mut self, now: Now) {
        if self.mempool.len() <= RECHECK_MAX {
            let waiting = self.mempool.in_order().cloned().collect();
            self.recheck(now, waiting);
        }
    }

    fn recheck(&mut self, now: Now, waiting: Vec<VerifiedTx>) {
        let context = &self.context_at(now);
        for tx in waiting {
            if let Err(rejection) = self.would_execute(context, &tx) {
                self.drop_tx(tx.id(), rejection);
            }
        }
    }

    pub(crate) fn drop_tx(&mut self, id: TxId, rejection: Rejection) {
        self.mempool.remove(&id);
        if rejection != Rejection::AlreadyCommitted {
            self.effects.push(Effect::Tell(Notice::Dropped { id, rejection }));
        }
    }

    fn flush_gossip_if_large(&mut self) {
        let bytes: usize = self.gossip.iter().map(|tx| tx.bytes().len()).sum();
        if TX_BATCH_MAX <= self.gossip.len() || TX_BYTES_MAX <= bytes {
            self.flush_gossip();
        }
    }

    /// Sends what waits to be gossiped, in batches within their bounds.
    pub(crate) fn flush_gossip(&mut self) {
        self.gossip_since_ms = None;
        let mut batch: Vec<Vec<u8>> = Vec::new();
        let mut bytes = 0;
        for tx in std::mem::take(&mut self.gossip) {
            if TX_BATCH_MAX <= batch.len() || (TX_BYTES_MAX < bytes + tx.bytes().len() && !batch.is_empty()) {
                self.push_batch(std::mem::take(&mut batch));
                bytes = 0;
            }
            bytes += tx.bytes().len();
            batch.push(tx.bytes().to_vec());
        }
        if !batch.is_empty() {
            self.push_batch(batch);
        }
    }

    /// Gossip can be lost, and who holds a transaction may not be asked to propose for a while: what has waited long is
    /// looked at again and passed on again, cut differently each time, since a network does not carry the same bytes twice.
    pub(crate) fn gossip_again(&mut self, now: Now) {
        let before_ms = now.monotonic_ms.saturating_sub(AGAIN_AFTER_MS);
        let old = |it: &Self| it.mempool.waiting_since(before_ms, AGAIN_MAX).cloned().collect::<Vec<_>>();
        let waiting = old(self);
        self.recheck(now, waiting);
        let waiting: Vec<_> = old(self).iter().map(|tx| tx.bytes().to_vec()).collect();
        let cut = usize::try_from(now.monotonic_ms % 61).unwrap_or(0) + 40;
        for batch in waiting.chunks(cut) {
            let fits = |bytes: &mut usize, tx: &Vec<u8>| {
                *bytes += tx.len();
                (*bytes <= TX_BYTES_MAX || *bytes == tx.len()).then_some(())
            };
            let whole = batch.iter().scan(0, |bytes, tx| fits(bytes, tx)).count();
            self.push_batch(batch[..whole].to_vec());
        }
    }

    fn push_batch(&mut self, txs: Vec<Vec<u8>>) {
        let txs = List::new(txs).expect("a batch is cut at its bound");
        self.effects.push(Effect::Gossip(TxBatch { txs }));
    }
}
