//! Blocks that may become the next one: their bytes, the proposals that name them, and what executing them gave. A body is
//! looked at only when a signed proposal of the height names it, so that nobody can make us execute at will.
//!
//! Whoever has a turn may sign proposals at will and before his round comes, so the table is bounded by rounds: two blocks
//! a round (an honest proposer names one), at most [`ROUNDS_AHEAD`] rounds ahead, and what no quorum stood behind goes two
//! rounds later.
use std::collections::{BTreeMap, BTreeSet};
use urne_consensus::engine::Verdict;
use urne_ledger::ExecutedBlock;
use urne_types::{BlockHash, NodeId, Round, UnixMs, ValidatorId, block::Block};

/// Bodies kept before a proposal names them: one per sender, so many senders at most.
const UNCLAIMED_MAX: usize = 16;
/// Blocks that one round's proposals may name: the second shows that the proposer lies, a third adds nothing. With the
/// rounds ahead, the current one and the one before, at most 24 bodies that no quorum stood behind.
const NAMED_PER_ROUND_MAX: usize = 2;
/// Proposals of later rounds than this are refused, as the engine refuses them: whoever is so far behind hears the round's
/// certificate first.
const ROUNDS_AHEAD: u32 = 10;

/// A proposal that names a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) round: Round,
    pub(crate) valid_round: Option<Round>,
    pub(crate) proposer: ValidatorId,
    /// First arrival: what the block's time is compared with, however often it comes again.
    pub(crate) received: UnixMs,
    /// What the engine was told.
    pub(crate) verdict: Option<Verdict>,
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
impl Candidate {
    /// The last round that it is a candidate of.
    fn round(&self) -> Round {
        let built = self.body.as_ref().map(|it| it.header.round);
        self.named.iter().map(|it| it.round).chain(built).max().unwrap_or(Round::FIRST)
    }
}

/// All of one height.
#[derive(Default)]
pub(crate) struct Candidates {
    by_hash: BTreeMap<BlockHash, Candidate>,
    unclaimed: BTreeMap<NodeId, (BlockHash, Block)>,
    /// What a quorum stood behind, known here or not.
    polkas: BTreeSet<BlockHash>,
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
    /// Whether a proposal of that round may name that block, while we are in the round `current`.
    pub(crate) fn may_name(&self, hash: &BlockHash, round: Round, current: Round) -> bool {
        let is_near = round.get() <= current.get().saturating_add(ROUNDS_AHEAD);
        let is_named = |it: &Candidate| it.named.iter().any(|it| it.round == round);
        let others = self.by_hash.iter().filter(|(it, candidate)| *it != hash && is_named(candidate)).count();
        is_near && (others < NAMED_PER_ROUND_MAX || self.polkas.contains(hash))
    }
    /// A quorum stood behind this block: it may still be decided, in this round or a later one.
    pub(crate) fn pin(&mut self, hash: BlockHash) {
        self.polkas.insert(hash);
    }
    pub(crate) fn is_pinned(&self, hash: &BlockHash) -> bool {
        self.polkas.contains(hash)
    }
    /// A round begins. What was named two rounds ago and convinced no quorum goes; the round before may still, with late
    /// prevotes. Should the block be decided after all, those who decided it have it.
    pub(crate) fn enter_round(&mut self, current: Round) {
        let polkas = &self.polkas;
        self.by_hash.retain(|hash, it| polkas.contains(hash) || current.get() <= it.round().get().saturating_add(1));
    }
    /// A verified proposal names a block. Gives the body back if somebody has already sent it.
    pub(crate) fn name(&mut self, hash: BlockHash, named: Named, now_ms: u64) -> Option<Block> {
        let candidate = self.by_hash.entry(hash).or_insert_with(|| Candidate {
            named: Vec::new(),
            body: None,
            progress: Progress::Wanted { asked_ms: now_ms },
            is_recorded: false,
        });
        if !candidate.named.iter().any(|it| it.round == named.round) {
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
