//! Wrong rules, one at a time, so that the simulator can show which checker catches each. Compiled for the simulator only.
use crate::{clock::Now, effect::Effect, notice::Notice, recovery::Recovered, replica::Replica};
use urne_consensus::engine::{Input, Verdict};
use urne_ledger::{ExecutedBlock, Kv, Ledger};
use urne_types::{
    ChainId, VotingPower, certificate::CommitCertificate, signed::signing_digest, validators::ValidatorSet,
};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// A quorum is more than half of the power.
    QuorumOfHalf,
    /// A certificate counts a signer as often as it is named.
    SignerCountedTwice,
    /// The log is not heard again after a crash, and the guard is not asked.
    WalNotReplayed,
    /// A block body is not durable before its prevote.
    BodyNotStored,
    /// A synced block enters the engine as a fresh proposal.
    SyncedAsProposal,
    /// A new block may bear any date.
    AnyDate,
    /// A quorum is believed that the proposer only claims.
    ClaimedPolka,
    /// A block is told of before it is on the disk.
    AcknowledgedBeforeSync,
    /// An older ballot replaces a newer one.
    OlderSequenceAccepted,
    /// The tally is one ballot too high.
    TallyOffByOne,
}

/// Plants what belongs to the floors below.
pub(crate) fn prepare<K: Kv>(
    plant: Option<Plant>,
    mut ledger: Ledger<K>,
    mut recovered: Recovered,
) -> (Ledger<K>, Recovered) {
    match plant {
        Some(Plant::OlderSequenceAccepted) => ledger.plant(Some(urne_vote_contract::Plant::OlderSequenceAccepted)),
        Some(Plant::TallyOffByOne) => ledger.plant(Some(urne_vote_contract::Plant::TallyOffByOne)),
        Some(Plant::WalNotReplayed) => recovered = Recovered::default(),
        _ => {}
    }
    (ledger, recovered)
}

/// The engine's own plant.
pub(crate) fn of_engine(plant: Option<Plant>) -> Option<urne_consensus::engine::Plant> {
    match plant {
        Some(Plant::QuorumOfHalf) => Some(urne_consensus::engine::Plant::QuorumHalf),
        Some(Plant::SignerCountedTwice) => Some(urne_consensus::engine::Plant::CountSignerTwice),
        _ => None,
    }
}

/// Telling too early.
pub(crate) fn acknowledgement(executed: &ExecutedBlock, certificate: &CommitCertificate) -> Effect {
    let header = executed.header();
    Effect::Tell(Notice::Committed {
        height: header.height,
        block: executed.hash(),
        time: header.time,
        round: certificate.round,
        proposer: header.proposer,
        txs: Vec::new(),
        bytes: 0,
        events: Vec::new(),
    })
}

/// Adding up every signature, also those of one signer.
pub(crate) fn verify_repeated(
    certificate: &CommitCertificate,
    chain: &ChainId,
    validators: &ValidatorSet,
) -> Result<(), String> {
    let mut found = 0;
    for one in &certificate.signatures {
        let member = validators.get(&one.validator).ok_or("a stranger signed")?;
        if !member.key.verifies(&signing_digest(chain, &certificate.precommit_of(one.validator)), &one.signature) {
            return Err("a signature does not hold".into());
        }
        found += member.power.get();
    }
    if validators.is_quorum(VotingPower::new(found)) { Ok(()) } else { Err("no quorum".into()) }
}

impl<K: Kv> Replica<K> {
    /// The wrong way in for a synced block.
    pub(crate) fn enter_as_proposal(&mut self, now: Now, executed: ExecutedBlock, certificate: &CommitCertificate) {
        let (height, round, block) = (certificate.height, certificate.round, certificate.block);
        let proposer = executed.header().proposer;
        self.candidates.insert_executed(executed);
        let judged = Input::Judged { height, round, valid_round: None, proposer, block, verdict: Verdict::Valid };
        if self.is_deciding {
            self.drive(now, judged);
        }
    }
}
