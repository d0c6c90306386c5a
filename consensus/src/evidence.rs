//! Proof that a validator broke its word: two messages it signed for one height, round and step that speak for different
//! blocks. Anyone can check it with the validator's key; nobody can make one against an honest validator.
use crate::statement::{Statement, Step};
use urne_types::{ChainId, Height, PublicKey, Rejection, Round, ValidatorId, message::Equivocation};

/// What was proved, and the name under which it is punished once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offence {
    /// Who.
    pub validator: ValidatorId,
    /// At which height.
    pub height: Height,
    /// In which round.
    pub round: Round,
    /// At which step.
    pub step: Step,
}

/// Checks an accusation. `key_of` gives the consensus key of a validator of that height, none for a stranger.
///
/// One block proposed in one round with two `valid_round`s is no offence: it can confuse nobody about the block.
///
/// # Errors
/// [`Rejection::NotEquivocation`].
pub fn verify_equivocation(
    accusation: &Equivocation,
    chain: &ChainId,
    key_of: impl Fn(&ValidatorId) -> Option<PublicKey>,
) -> Result<Offence, Rejection> {
    let (one, other) = match accusation.clone() {
        Equivocation::Proposals(a, b) => (Statement::Proposal(a), Statement::Proposal(b)),
        Equivocation::Prevotes(a, b) => (Statement::Prevote(a), Statement::Prevote(b)),
        Equivocation::Precommits(a, b) => (Statement::Precommit(a), Statement::Precommit(b)),
    };
    let slot = one.slot();
    let key = key_of(&slot.validator).ok_or(Rejection::NotEquivocation)?;
    let is_signed = |it: &Statement| key.verifies(&it.digest(chain), it.signature());
    if one.contradiction(&other).is_none() || !is_signed(&one) || !is_signed(&other) {
        return Err(Rejection::NotEquivocation);
    }
    Ok(Offence { validator: slot.validator, height: slot.height, round: slot.round, step: slot.step })
}
