//! Whose turn it was: the proposer table of `urne-consensus`, asked by the ledger.
use urne_types::{
    Height, Round, ValidatorId,
    validators::{ProposerDuty, ValidatorSet},
};

/// Rounds of one height that are looked at: at 1 s and more a round, 1,024 rounds are a quarter of an hour of nothing else.
const ROUNDS_MAX: u32 = 1_024;

/// The proposer of a round.
pub(crate) fn proposer(validators: &ValidatorSet, height: Height, round: Round) -> ValidatorId {
    // The table of urne-consensus takes this place.
    let table: Vec<_> = validators.members().iter().filter(|it| it.duty == ProposerDuty::Proposes).collect();
    let turn = height.get().wrapping_add(u64::from(round.get())) % (table.len().max(1) as u64);
    usize::try_from(turn).ok().and_then(|it| table.get(it)).map_or(validators.members()[0].id, |it| it.id)
}

/// The proposers of the rounds before this one.
pub(crate) fn proposers_that_missed(validators: &ValidatorSet, height: Height, decided: Round) -> Vec<ValidatorId> {
    (0..decided.get().min(ROUNDS_MAX)).map(|round| proposer(validators, height, Round::new(round))).collect()
}
