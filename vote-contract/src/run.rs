//! The three steps of a block, on top of all the rules.
use crate::{
    ballot, calendar,
    census::{self, Part},
    context::BlockContext,
    counting,
    event::{Event, Outcome},
    evidence, governance, protocol, sealed,
    state::{Changes, StateView},
    validators,
    work::Work,
};
use urne_types::{
    MerkleRoot,
    codec::encode,
    election::CensusEntry,
    merkle::leaf_hash,
    transaction::{Payload, VerifiedTx, Withdrawal},
    validators::ValidatorSet,
};

/// What time and the block before bring, before any transaction: turns, openings and closings with their counts, what
/// lapses, upgrades.
pub fn begin_block<V: StateView + ?Sized>(view: &V, at: &BlockContext, changes: &mut Changes) -> Vec<Event> {
    let mut work = Work::new(&view, changes, at);
    validators::keep_turns(&mut work);
    counting::seed_lots(&mut work);
    calendar::run_due(&mut work);
    let mut units = work.at.count_units;
    sealed::ceremony::advance(&mut work, &mut units);
    counting::advance(&mut work, &mut units);
    governance::lapse(&mut work);
    census::sweep(&mut work);
    protocol::announce_upgrade(&mut work);
    let (own, events) = work.finish();
    changes.absorb(own);
    events
}

/// One transaction. On a [`urne_types::Rejection`] `changes` is untouched.
///
/// # Errors
/// The number of the rule that refuses the transaction.
pub fn execute<V: StateView + ?Sized>(view: &V, at: &BlockContext, tx: &VerifiedTx, changes: &mut Changes) -> Outcome {
    let mut work = Work::new(&view, changes, at);
    let sender = tx.sender();
    match tx.payload() {
        Payload::Ballot(it) => ballot::cast(&mut work, tx, it),
        Payload::DraftElection(definition) => calendar::draft(&mut work, &sender, definition),
        Payload::CensusChunk { commitment, attempt, first, entries } => {
            census::bring(&mut work, &sender, Part { commitment, attempt: *attempt, first: *first, entries })
        }
        Payload::ProposeAct(proposed) => governance::propose(&mut work, &sender, proposed),
        Payload::ApproveAct { act } => governance::approve(&mut work, &sender, act),
        Payload::Delegate { to, expires_at } => governance::delegate(&mut work, &sender, to, *expires_at),
        Payload::RevokeDelegation { to, expires_at } => governance::revoke(&mut work, &sender, to, *expires_at),
        Payload::Evidence(equivocation) => evidence::record(&mut work, equivocation),
        Payload::Withdraw(Withdrawal::Act(act)) => governance::withdraw(&mut work, &sender, act),
        Payload::Withdraw(Withdrawal::Draft(draft)) => calendar::withdraw(&mut work, &sender, draft),
        Payload::Withdraw(Withdrawal::Census { census, attempt }) => {
            census::withdraw(&mut work, &sender, census, *attempt)
        }
        Payload::Ceremony(message) => sealed::ceremony::hear(&mut work, &sender, message),
        Payload::Opening(share) => sealed::opening::share(&mut work, &sender, share),
        Payload::ApproveRequest(approval) => sealed::issuance::approve(&mut work, tx, approval),
        Payload::AnswerRequest(answer) => sealed::issuance::answer(&mut work, tx, answer),
        Payload::RegisterCredentials(batch) => sealed::registration::register(&mut work, tx, batch),
    }?;
    let (own, events) = work.finish();
    changes.absorb(own);
    Ok(events)
}

/// The set for the height after the next, which this block fixes.
pub fn end_block<V: StateView + ?Sized>(view: &V, at: &BlockContext, changes: &mut Changes) -> ValidatorSet {
    let sums = std::mem::take(&mut changes.sums).into_iter().collect();
    let mut work = Work::new(&view, changes, at);
    sealed::cast::fold(&mut work, sums);
    let set = validators::fix_set(&mut work);
    let (own, _) = work.finish();
    changes.absorb(own);
    set
}

/// The leaf of a member's presence in the log of émargements.
#[must_use]
pub fn emargement_leaf(entry: &CensusEntry) -> MerkleRoot {
    leaf_hash(&encode(entry))
}
