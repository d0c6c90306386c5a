//! Between our messages and the core's: each function only renames.
use super::{
    context::{Address, CoreHeight, CoreProposal, CoreVote, Urne, Value},
    io::{Timeout, TimeoutKind, Verdict, WalEntry},
};
use crate::statement::Statement;
use arc_malachitebft_core_consensus::{Input as CoreInput, LivenessMsg, ProposedValue, SignedConsensusMsg};
use arc_malachitebft_core_types::{
    self as core, NilOrVal, PolkaSignature, Round as CoreRound, RoundCertificateType, RoundSignature, SignedMessage,
    SignedProposal, SignedVote, Validity, ValueOrigin, VoteType,
};
use urne_types::{
    BlockHash, Height, Round,
    bounded::List,
    certificate::{CommitCertificate, CommitSignature},
    message::{
        ConsensusMessage, PolkaCertificate, Precommit, Prevote, Proposal, RoundCertificate, RoundCertificateKind,
        SignedStep,
    },
    signed::Signed,
};

const AT_MOST_ONE_EACH: &str = "a set has at most VALIDATORS_MAX members, and each speaks once";

pub(super) fn round_out(round: CoreRound) -> Round {
    Round::new(round.as_u32().expect("the core speaks of real rounds"))
}
fn round_in(round: Round) -> CoreRound {
    CoreRound::new(round.get())
}
pub(super) fn valid_round_out(round: CoreRound) -> Option<Round> {
    round.as_u32().map(Round::new)
}
fn valid_round_in(round: Option<Round>) -> CoreRound {
    round.map_or(CoreRound::Nil, round_in)
}
fn block_out(value: &NilOrVal<Value>) -> Option<BlockHash> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(value) => Some(value.0),
    }
}
fn block_in(block: Option<BlockHash>) -> NilOrVal<Value> {
    block.map_or(NilOrVal::Nil, |it| NilOrVal::Val(Value(it)))
}

pub(super) fn proposal_out(it: &SignedProposal<Urne>) -> Statement {
    let claim = Proposal {
        height: it.message.height.0,
        round: round_out(it.message.round),
        block: it.message.value.0,
        valid_round: valid_round_out(it.message.pol_round),
        validator: it.message.address.0,
    };
    Statement::Proposal(Signed { claim, signature: it.signature })
}
pub(super) fn vote_out(it: &SignedVote<Urne>) -> Statement {
    let (height, round) = (it.message.height.0, round_out(it.message.round));
    let (block, validator) = (block_out(&it.message.value), it.message.address.0);
    let signature = it.signature;
    match it.message.kind {
        VoteType::Prevote => {
            Statement::Prevote(Signed { claim: Prevote { height, round, block, validator }, signature })
        }
        VoteType::Precommit => {
            Statement::Precommit(Signed { claim: Precommit { height, round, block, validator }, signature })
        }
    }
}
pub(super) fn message_out(it: &SignedConsensusMsg<Urne>) -> Statement {
    match it {
        SignedConsensusMsg::Proposal(it) => proposal_out(it),
        SignedConsensusMsg::Vote(it) => vote_out(it),
    }
}
pub(super) fn liveness_out(it: &LivenessMsg<Urne>) -> ConsensusMessage {
    match it {
        LivenessMsg::Vote(it) => vote_out(it).into_message(),
        LivenessMsg::PolkaCertificate(it) => ConsensusMessage::Polka(polka_out(it)),
        LivenessMsg::SkipRoundCertificate(it) => ConsensusMessage::Round(round_certificate_out(it)),
    }
}
pub(super) fn polka_out(it: &core::PolkaCertificate<Urne>) -> PolkaCertificate {
    let signatures = it.polka_signatures.iter().map(|it| (it.address.0, it.signature)).collect();
    PolkaCertificate {
        height: it.height.0,
        round: round_out(it.round),
        block: it.value_id.0,
        signatures: List::new(signatures).expect(AT_MOST_ONE_EACH),
    }
}
pub(super) fn round_certificate_out(it: &core::RoundCertificate<Urne>) -> RoundCertificate {
    let steps = it.votes(&Urne).filter_map(|vote| match vote_out(&vote) {
        Statement::Proposal(_) => None,
        Statement::Prevote(it) => Some(SignedStep::Prevote(it)),
        Statement::Precommit(it) => Some(SignedStep::Precommit(it)),
    });
    RoundCertificate {
        height: it.height.0,
        round: round_out(it.round),
        kind: match it.cert_type {
            RoundCertificateType::Skip => RoundCertificateKind::Skip,
            RoundCertificateType::Precommit => RoundCertificateKind::Precommit,
        },
        steps: List::new(steps.collect()).expect(AT_MOST_ONE_EACH),
    }
}
/// Canonical: signers in order.
pub(super) fn commit_out(it: &core::CommitCertificate<Urne>) -> CommitCertificate {
    let signature =
        |it: &core::CommitSignature<Urne>| CommitSignature { validator: it.address.0, signature: it.signature };
    let mut signatures: Vec<CommitSignature> = it.commit_signatures.iter().map(signature).collect();
    signatures.sort_by_key(|it| it.validator);
    CommitCertificate {
        height: it.height.0,
        round: round_out(it.round),
        block: it.value_id.0,
        signatures: List::new(signatures).expect(AT_MOST_ONE_EACH),
    }
}

fn proposal_in(it: &Signed<Proposal>) -> SignedProposal<Urne> {
    let message = CoreProposal {
        height: CoreHeight(it.claim.height),
        round: round_in(it.claim.round),
        value: Value(it.claim.block),
        pol_round: valid_round_in(it.claim.valid_round),
        address: Address(it.claim.validator),
    };
    SignedMessage::new(message, it.signature)
}
fn vote_in(it: &SignedStep) -> SignedVote<Urne> {
    let (kind, height, round, block, validator, signature) = match it {
        SignedStep::Prevote(Signed { claim: it, signature }) => {
            (VoteType::Prevote, it.height, it.round, it.block, it.validator, signature)
        }
        SignedStep::Precommit(Signed { claim: it, signature }) => {
            (VoteType::Precommit, it.height, it.round, it.block, it.validator, signature)
        }
    };
    let message = CoreVote {
        kind,
        height: CoreHeight(height),
        round: round_in(round),
        value: block_in(block),
        address: Address(validator),
    };
    SignedMessage::new(message, *signature)
}

/// A message as the core's input; none for a commit certificate, which decides without the core.
pub(super) fn message_in(message: &ConsensusMessage) -> Option<CoreInput<Urne>> {
    Some(match message {
        ConsensusMessage::Proposal(it) => CoreInput::Proposal(proposal_in(it)),
        ConsensusMessage::Step(it) => CoreInput::Vote(vote_in(it)),
        ConsensusMessage::Polka(it) => CoreInput::PolkaCertificate(core::PolkaCertificate {
            height: CoreHeight(it.height),
            round: round_in(it.round),
            value_id: Value(it.block),
            polka_signatures: it.signatures.iter().map(|(who, it)| PolkaSignature::new(Address(*who), *it)).collect(),
        }),
        ConsensusMessage::Round(it) => CoreInput::RoundCertificate(core::RoundCertificate {
            height: CoreHeight(it.height),
            round: round_in(it.round),
            cert_type: match it.kind {
                RoundCertificateKind::Skip => RoundCertificateType::Skip,
                RoundCertificateKind::Precommit => RoundCertificateType::Precommit,
            },
            round_signatures: it.steps.iter().map(vote_in).map(round_signature).collect(),
        }),
        ConsensusMessage::Commit(_) => return None,
    })
}
fn round_signature(vote: SignedVote<Urne>) -> RoundSignature<Urne> {
    RoundSignature::new(vote.message.kind, vote.message.value, vote.message.address, vote.signature)
}

pub(super) fn timeout_out(height: Height, it: &core::Timeout) -> Option<Timeout> {
    let kind = match it.kind {
        core::TimeoutKind::Propose => TimeoutKind::Propose,
        core::TimeoutKind::Prevote => TimeoutKind::Prevote,
        core::TimeoutKind::Precommit => TimeoutKind::Precommit,
        core::TimeoutKind::Rebroadcast => TimeoutKind::Rebroadcast,
        // Only with a target time, which we never set.
        core::TimeoutKind::FinalizeHeight(_) => return None,
    };
    Some(Timeout { height, round: round_out(it.round), kind })
}
pub(super) fn timeout_in(it: &Timeout) -> core::Timeout {
    let round = round_in(it.round);
    match it.kind {
        TimeoutKind::Propose => core::Timeout::propose(round),
        TimeoutKind::Prevote => core::Timeout::prevote(round),
        TimeoutKind::Precommit => core::Timeout::precommit(round),
        TimeoutKind::Rebroadcast => core::Timeout::rebroadcast(round),
    }
}

/// What the core wants to remember; none for what it never logs.
pub(super) fn entry_out(height: Height, input: &CoreInput<Urne>) -> Option<WalEntry> {
    Some(match input {
        CoreInput::Vote(it) => WalEntry::Message(vote_out(it).into_message()),
        CoreInput::Proposal(it) => WalEntry::Message(proposal_out(it).into_message()),
        CoreInput::PolkaCertificate(it) => WalEntry::Message(ConsensusMessage::Polka(polka_out(it))),
        CoreInput::TimeoutElapsed(it) => WalEntry::Elapsed(timeout_out(height, it)?),
        CoreInput::ProposedValue(it, _) => WalEntry::Judged {
            height: it.height.0,
            round: round_out(it.round),
            valid_round: valid_round_out(it.valid_round),
            proposer: it.proposer.0,
            block: it.value.0,
            verdict: if it.validity == Validity::Valid { Verdict::Valid } else { Verdict::Invalid },
        },
        CoreInput::StartHeight(..)
        | CoreInput::RoundCertificate(_)
        | CoreInput::Propose(_)
        | CoreInput::SyncValueResponse(_) => return None,
    })
}
/// An entry of the log as the core's input; none for what the core does not know of.
pub(super) fn entry_in(entry: &WalEntry) -> Option<CoreInput<Urne>> {
    Some(match entry {
        WalEntry::Message(it) => message_in(it)?,
        WalEntry::Elapsed(it) => CoreInput::TimeoutElapsed(timeout_in(it)),
        WalEntry::Judged { height, round, valid_round, proposer, block, verdict } => {
            let value = ProposedValue {
                height: CoreHeight(*height),
                round: round_in(*round),
                valid_round: valid_round_in(*valid_round),
                proposer: Address(*proposer),
                value: Value(*block),
                validity: if *verdict == Verdict::Valid { Validity::Valid } else { Validity::Invalid },
            };
            CoreInput::ProposedValue(value, ValueOrigin::Consensus)
        }
        WalEntry::Muted { .. } => return None,
    })
}
