//! Blocks that may become the next one: their bytes, the proposals that name them, and what executing them gave. A body is
//! looked at only when a signed proposal of the height names it, so that nobody can make us execute at will.
use std::collections::BTreeMap;
use urne_ledger::ExecutedBlock;
use urne_types::{BlockHash, NodeId, Round, UnixMs, ValidatorId, block::Block};

/// Bodies kept before a proposal names them: one per sender, so many senders at most.
const UNCLAIMED_MAX: usize = 16;
/// Candidates of one height: one per round and a few equivocations.
const CANDIDATES_MAX: usize = 64;

/// A proposal that waits for its body's verdict.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) round: Round,
    pub(crate) valid_round: Option<Round>,
    pub(crate) proposer: ValidatorId,
    /// First arrival: what the block's time is compared with.
    pub(crate) received: UnixMs,
}

/// How far a body has come.
pub(crate) enum Progress {
    /// Named, not here: asked for at that monotonic instant.
    Wanted { asked_ms: u64 },
    /// Its transactions are being verified.
    Verifying,
    /// Every header field is what we computed.
    Executed(Box<ExecutedBlock>),
    /// Not a block we would sign.
    Refused,
}

/// One block of the height.
pub(crate) struct Candidate {
    pub(crate) named: Vec<Named>,
    pub(crate) body: Option<Block>,
    pub(crate) progress: Progress,
    pub(crate) is_recorded: bool,
}

/// All of one height.
#[derive(Default)]
pub(crate) struct Candidates {
    by_hash: BTreeMap<BlockHash, Candidate>,
    unclaimed: BTreeMap<NodeId, (BlockHash, Block)>,
}

impl Candidates {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
    pub(crate) fn get(&self, hash: &BlockHash) -> Option<&Candidate> {
        self.by_hash.get(hash)
    }
    pub(crate) fn get_mut(&mut self, hash: &BlockHash) -> Option<&mut Candidate> {
        self.by_hash.get_mut(hash)
    }
    /// A verified proposal names a block. Gives the body back if somebody has already sent it.
    pub(crate) fn name(&mut self, hash: BlockHash, named: Named, now_ms: u64) -> Option<Block> {
        if !self.by_hash.contains_key(&hash) && CANDIDATES_MAX <= self.by_hash.len() {
            return None;
        }
        let candidate = self.by_hash.entry(hash).or_insert_with(|| Candidate {
            named: Vec::new(),
            body: None,
            progress: Progress::Wanted { asked_ms: now_ms },
            is_recorded: false,
        });
        if !candidate.named.iter().any(|it| it.round == named.round && it.valid_round == named.valid_round) {
            candidate.named.push(named);
        }
        let sender = *self.unclaimed.iter().find(|(_, (it, _))| *it == hash)?.0;
        self.unclaimed.remove(&sender).map(|(_, block)| block)
    }
    /// A body that no proposal names yet.
    pub(crate) fn keep_unclaimed(&mut self, from: NodeId, hash: BlockHash, block: Block) {
        if self.unclaimed.len() < UNCLAIMED_MAX || self.unclaimed.contains_key(&from) {
            self.unclaimed.insert(from, (hash, block));
        }
    }
    /// A block of our own making, or one that was found in the log.
    pub(crate) fn insert_executed(&mut self, executed: ExecutedBlock) {
        let (hash, body) = (executed.hash(), executed.block().clone());
        let named = self.by_hash.remove(&hash).map(|it| it.named).unwrap_or_default();
        let progress = Progress::Executed(Box::new(executed));
        self.by_hash.insert(hash, Candidate { named, body: Some(body), progress, is_recorded: true });
    }
    pub(crate) fn take_executed(&mut self, hash: &BlockHash) -> Option<ExecutedBlock> {
        match self.by_hash.remove(hash)?.progress {
            Progress::Executed(executed) => Some(*executed),
            _ => None,
        }
    }
    /// Named long ago, still not here.
    pub(crate) fn overdue(&mut self, now_ms: u64, after_ms: u64) -> Vec<BlockHash> {
        let mut overdue = Vec::new();
        for (hash, candidate) in &mut self.by_hash {
            if let Progress::Wanted { asked_ms } = &mut candidate.progress
                && *asked_ms + after_ms <= now_ms
            {
                *asked_ms = now_ms;
                overdue.push(*hash);
            }
        }
        overdue
    }
    pub(crate) fn is_anything_wanted(&self) -> bool {
        self.by_hash.values().any(|it| matches!(it.progress, Progress::Wanted { .. }))
    }
}
