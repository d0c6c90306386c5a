//! Whose turn it is and was: the proposer tables (`urne-consensus`) of the sets that matter to the next block.
use crate::records::Tip;
use urne_consensus::ProposerTable;
use urne_types::{Round, ValidatorId, certificate::CommitCertificate};

/// Rounds of one height that are looked at: at 1 s and more a round, 1,024 rounds are a quarter of an hour of nothing else.
const ROUNDS_MAX: u32 = 1_024;

/// The tables of the tip's set and of the next height's. A table costs a millisecond to write, and sets rarely change.
#[derive(Debug)]
pub(crate) struct Turns {
    decided: ProposerTable,
    next: ProposerTable,
}

impl Turns {
    pub(crate) fn at(tip: &Tip) -> Self {
        let next = ProposerTable::new(&tip.validators);
        let decided = if tip.decided_by == tip.validators { next.clone() } else { ProposerTable::new(&tip.decided_by) };
        Self { decided, next }
    }
    /// Moves on from one tip to the one after it.
    pub(crate) fn advance(&mut self, from: &Tip, to: &Tip) {
        if from.decided_by != to.decided_by {
            self.decided = self.next.clone();
        }
        if from.validators != to.validators {
            self.next = ProposerTable::new(&to.validators);
        }
    }
    /// The proposer of a round of the next height.
    pub(crate) fn proposer(&self, tip: &Tip, round: Round) -> ValidatorId {
        self.next.proposer(tip.height.next(), round)
    }
    /// The proposers of the rounds that passed before the tip was decided.
    pub(crate) fn missed(&self, certificate: &CommitCertificate) -> Vec<ValidatorId> {
        let rounds = 0..certificate.round.get().min(ROUNDS_MAX);
        rounds.map(|round| self.decided.proposer(certificate.height, Round::new(round))).collect()
    }
}
