//! Catching up: blocks that a quorum has certified are verified, judged and committed one after the other, without a round
//! of agreement. A certificate is final, so a synced block never enters the engine as a fresh proposal.
use crate::{
    clock::Now,
    effect::{Effect, To},
    notice::Notice,
    replica::{Job, Replica},
    verifying::Verdicts,
};
use std::collections::VecDeque;
use urne_ledger::Kv;
use urne_types::{
    Height, NodeId,
    block::Block,
    bounded::List,
    limits::{BLOCK_BYTES_MAX, SYNC_BLOCKS_MAX},
    transaction::RawTx,
    wire::{CertifiedBlock, PeerMessage},
};

/// How long a peer may take to answer before another one is asked.
const ANSWER_MS: u64 = 3_000;
/// A peer that is one block ahead has perhaps only been faster: give our own round so long.
const ONE_AHEAD_MS: u64 = 300;

/// Where catching up stands.
#[derive(Default)]
pub(crate) struct Sync {
    request: Option<Request>,
    queue: VecDeque<CertifiedBlock>,
    source: Option<NodeId>,
    is_verifying: bool,
    one_ahead_since_ms: Option<u64>,
}
struct Request {
    peer: NodeId,
    from: Height,
    until_ms: u64,
}

impl Sync {
    pub(crate) fn is_busy(&self) -> bool {
        self.request.is_some() || !self.queue.is_empty() || self.is_verifying
    }
    /// Whether a height must not be begun: blocks are being worked through, or we are behind for sure and have asked.
    pub(crate) fn comes_first(&self, is_behind: bool) -> bool {
        (is_behind && self.request.is_some()) || !self.queue.is_empty() || self.is_verifying
    }
    pub(crate) fn next_wake_ms(&self) -> Option<u64> {
        let one_ahead = self.one_ahead_since_ms.map(|it| it + ONE_AHEAD_MS);
        self.request.as_ref().map(|it| it.until_ms).into_iter().chain(one_ahead).min()
    }
    pub(crate) fn forget(&mut self, peer: &NodeId) {
        if self.request.as_ref().is_some_and(|it| it.peer == *peer) {
            self.request = None;
        }
    }
}

impl<K: Kv> Replica<K> {
    /// Whether we are behind for sure: validators with a third of the power or more say so, and less than a third lie. One
    /// who boasts of a height that nobody has is asked for it, but holds nobody up.
    pub(crate) fn is_behind(&self) -> bool {
        let tip = self.ledger.tip();
        let above = tip.validators.power_of(&self.peers.validators_above(tip.height)).get();
        tip.validators.total().get() <= above.saturating_mul(3)
    }

    /// Asks a peer that is ahead, when one is.
    pub(crate) fn sync_if_behind(&mut self, now: Now) {
        if let Some(request) = &self.sync.request
            && request.until_ms <= now.monotonic_ms
        {
            let peer = request.peer;
            self.sync.request = None;
            self.peers.shun(peer, now.monotonic_ms);
        }
        if self.sync.is_busy() || self.pending.is_some() {
            return;
        }
        let tip = self.ledger.tip().height;
        let Some((peer, height)) = self.peers.to_ask(tip, now.monotonic_ms, self.is_behind()) else {
            self.sync.one_ahead_since_ms = None;
            return;
        };
        if height == tip.next() && self.is_deciding {
            let since = *self.sync.one_ahead_since_ms.get_or_insert(now.monotonic_ms);
            if now.monotonic_ms < since + ONE_AHEAD_MS {
                return;
            }
        }
        self.sync.one_ahead_since_ms = None;
        self.sync.request = Some(Request { peer, from: tip.next(), until_ms: now.monotonic_ms + ANSWER_MS });
        let count = u16::try_from(SYNC_BLOCKS_MAX).expect("a small constant");
        let message = PeerMessage::SyncRequest { from: tip.next(), count };
        self.effects.push(Effect::Send { to: To::Peer(peer), message });
        self.effects.push(Effect::Tell(Notice::Syncing { from: tip.next(), to: height }));
    }

    /// Answers one request that waits, with as many blocks as fit in one message.
    pub(crate) fn serve(&mut self, now: Now) {
        let peers = &self.peers;
        if let Some((peer, from, count)) = self.serving.next(now.monotonic_ms, |it| peers.is_validator(it)) {
            self.send_blocks(peer, from, SYNC_BLOCKS_MAX.min(count.into()));
        }
    }

    /// A validator talks about a height that is over here: the block and its certificate are the answer.
    pub(crate) fn help(&mut self, now: Now, peer: NodeId, height: Height) {
        if self.peers.may_help(peer, now.monotonic_ms) {
            self.send_blocks(peer, height, 1);
        }
    }

    pub(crate) fn on_sync_response(&mut self, now: Now, peer: NodeId, blocks: List<CertifiedBlock, SYNC_BLOCKS_MAX>) {
        let request = self.sync.request.take_if(|it| it.peer == peer);
        if let Some(request) = &request
            && blocks.first().and_then(|it| Block::decode(&it.block).ok()).map(|it| it.header.height)
                != Some(request.from)
        {
            // It claims a height whose blocks it has not.
            return self.peers.shun(peer, now.monotonic_ms);
        }
        let is_idle = self.sync.queue.is_empty() && !self.sync.is_verifying && self.pending.is_none();
        if !is_idle || (request.is_none() && 1 < blocks.len()) {
            return;
        }
        self.sync.source = Some(peer);
        self.sync.queue = blocks.into_vec().into();
        self.next_synced(now);
    }

    /// Takes the next certified block as far as the verification of its transactions.
    pub(crate) fn next_synced(&mut self, now: Now) {
        while !self.sync.is_verifying && self.pending.is_none() {
            let Some(next) = self.sync.queue.pop_front() else { return };
            match self.certified(&next) {
                Ok(None) => {}
                Ok(Some(block)) => {
                    self.sync.is_verifying = true;
                    let raws = block.txs.iter().cloned().map(RawTx).collect();
                    self.verify(now, raws, Job::Synced(Box::new((block, next.certificate))));
                }
                Err(sentence) => self.distrust(now, sentence),
            }
        }
    }

    /// None for a block that we have already.
    fn certified(&self, it: &CertifiedBlock) -> Result<Option<Block>, String> {
        let block = Block::decode(&it.block).map_err(|e| format!("a synced block is malformed: {e}"))?;
        let tip = self.ledger.tip();
        if block.header.height <= tip.height {
            return Ok(None);
        }
        if block.header.height != tip.height.next() || it.certificate.height != block.header.height {
            return Err("synced blocks are not consecutive".into());
        }
        if it.certificate.block != block.header.hash() {
            return Err("the certificate is another block's".into());
        }
        #[cfg(feature = "plants")]
        if self.plant == Some(crate::Plant::SignerCountedTwice) {
            return crate::plants::verify_repeated(&it.certificate, &self.chain, &tip.validators).map(|()| Some(block));
        }
        it.certificate
            .verify(&self.chain, &tip.validators)
            .map_err(|e| format!("a certificate proves nothing: {e}"))?;
        Ok(Some(block))
    }

    pub(crate) fn on_synced_verified(
        &mut self,
        now: Now,
        (block, certificate): (Block, urne_types::certificate::CommitCertificate),
        verdicts: Verdicts,
    ) {
        self.sync.is_verifying = false;
        if self.pending.is_some() || block.header.height != self.ledger.tip().height.next() {
            return self.next_synced(now);
        }
        let txs: Result<Vec<_>, _> = verdicts.into_iter().collect();
        let judged = txs.map_err(|e| e.to_string()).and_then(|txs| self.judge(block, txs));
        match judged {
            #[cfg(feature = "plants")]
            Ok(executed) if self.plant == Some(crate::Plant::SyncedAsProposal) => {
                self.enter_as_proposal(now, executed, &certificate);
            }
            Ok(executed) => {
                if let Some(source) = &self.sync.source {
                    self.peers.forgive(source);
                }
                self.commit_later(executed, certificate);
            }
            Err(sentence) => {
                // A quorum certified what we cannot accept: either they are wrong together, or we are.
                self.effects.push(Effect::Stop(format!(
                    "a certified block is not what this node computes ({sentence}): the colleges disagree on the state or \
                     this node's data is damaged; restore a snapshot, and report it if that does not help"
                )));
            }
        }
    }

    fn distrust(&mut self, now: Now, sentence: String) {
        self.sync.queue.clear();
        if let Some(peer) = self.sync.source.take() {
            self.peers.shun(peer, now.monotonic_ms);
            self.effects.push(Effect::Tell(Notice::PeerFault { peer, sentence }));
        }
    }

    fn send_blocks(&mut self, peer: NodeId, from: Height, count: usize) {
        match self.ledger.reader().certified_blocks(from, count, BLOCK_BYTES_MAX) {
            Ok(blocks) => {
                let blocks = List::new(blocks).expect("as many as the bound at most");
                self.effects.push(Effect::Send { to: To::Peer(peer), message: PeerMessage::SyncResponse { blocks } });
            }
            Err(e) => self.effects.push(Effect::Stop(e.to_string())),
        }
    }
}
