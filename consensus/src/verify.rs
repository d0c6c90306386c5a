//! Whether a message is what it claims: signed by members of the set, and, for a certificate, by enough of them. Says
//! nothing of whether the message is timely.
use crate::statement::Statement;
use std::collections::BTreeSet;
use urne_types::{
    ChainId, VotingPower,
    message::{ConsensusMessage, RoundCertificate, RoundCertificateKind, SignedStep},
    validators::ValidatorSet,
};

/// Whether a message for the height of this set can be believed. For the replica: a believed message for the next height
/// wakes a node that waits for work.
#[must_use]
pub fn verify_message(message: &ConsensusMessage, chain: &ChainId, validators: &ValidatorSet) -> bool {
    if let ConsensusMessage::Commit(certificate) = message {
        return certificate.verify(chain, validators).is_ok();
    }
    let is_quorum = |power| validators.is_quorum(power);
    holds(message, validators, is_quorum, |statement| is_signed(statement, chain, validators))
}

/// Whether a member of the set signed it.
pub(crate) fn is_signed(statement: &Statement, chain: &ChainId, validators: &ValidatorSet) -> bool {
    let member = validators.get(&statement.slot().validator);
    member.is_some_and(|it| it.key.verifies(&statement.digest(chain), statement.signature()))
}

/// Whether a message's statements are consistent and heavy enough (cheap, first) and each of them signed (dear, last).
pub(crate) fn holds(
    message: &ConsensusMessage,
    validators: &ValidatorSet,
    is_quorum: impl Fn(VotingPower) -> bool,
    mut is_signed: impl FnMut(&Statement) -> bool,
) -> bool {
    let statements = Statement::all_in(message);
    let signers: BTreeSet<_> = statements.iter().map(|it| it.slot().validator).collect();
    let power = validators.power_of(&signers);
    let is_heavy = match message {
        ConsensusMessage::Proposal(_) | ConsensusMessage::Step(_) => true,
        ConsensusMessage::Polka(_) => signers.len() == statements.len() && is_quorum(power),
        ConsensusMessage::Round(round) if round.kind == RoundCertificateKind::Precommit => {
            signers.len() == statements.len() && is_consistent(round) && is_quorum(power)
        }
        ConsensusMessage::Round(round) => is_consistent(round) && validators.total().get() < 3 * power.get(),
        ConsensusMessage::Commit(certificate) => {
            let is_sorted = certificate.signatures.windows(2).all(|pair| pair[0].validator < pair[1].validator);
            is_sorted && is_quorum(power)
        }
    };
    is_heavy && statements.iter().all(&mut is_signed)
}

/// Steps of the certificate's own height and round, of the kind it needs, none twice.
fn is_consistent(certificate: &RoundCertificate) -> bool {
    let mut seen = BTreeSet::new();
    certificate.steps.iter().all(|step| {
        let slot = Statement::from(step.clone()).slot();
        let is_wanted = match certificate.kind {
            RoundCertificateKind::Skip => true,
            RoundCertificateKind::Precommit => matches!(step, SignedStep::Precommit(_)),
        };
        let is_here = (slot.height, slot.round) == (certificate.height, certificate.round);
        is_wanted && is_here && seen.insert(slot)
    })
}
