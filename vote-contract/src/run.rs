//! The three steps of a block.
use crate::{
    context::BlockContext,
    event::{Event, Outcome},
    result::{ElectionResult, Turnout},
    state::{Changes, StateView},
};
use urne_types::{
    MerkleRoot,
    ballot::BallotBody,
    codec::encode,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    merkle::leaf_hash,
    transaction::VerifiedTx,
    validators::ValidatorSet,
};

/// First step.
pub fn begin_block<V: StateView + ?Sized>(view: &V, at: &BlockContext, changes: &mut Changes) -> Vec<Event> {
    todo!()
}
/// Second step.
pub fn execute<V: StateView + ?Sized>(view: &V, at: &BlockContext, tx: &VerifiedTx, changes: &mut Changes) -> Outcome {
    todo!()
}
/// Last step.
pub fn end_block<V: StateView + ?Sized>(view: &V, at: &BlockContext, changes: &mut Changes) -> ValidatorSet {
    todo!()
}
/// The leaf of a member's presence in the log of émargements.
#[must_use]
pub fn emargement_leaf(entry: &CensusEntry) -> MerkleRoot {
    leaf_hash(&encode(entry))
}
/// Counts again.
pub fn recount(
    definition: &ElectionDefinition,
    census: &CensusCommitment,
    ballots: impl IntoIterator<Item = (CensusEntry, u32, BallotBody)>,
) -> ElectionResult {
    let _ = Turnout::default();
    todo!()
}
