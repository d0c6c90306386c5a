//! Stub of what urne-consensus will offer (power of colleges, equivocation): replaced as soon as it is there.
use urne_types::{
    ChainId, CollegeId, Height, PublicKey, Rejection, Round, ValidatorId, VotingPower,
    genesis::HaltingPolicy,
    governance::College,
    message::Equivocation,
    signed::{Signable, Signed},
    validators::{ProposerDuty, Validator, ValidatorSet},
};

pub(crate) struct Member {
    pub(crate) key: PublicKey,
    pub(crate) college: CollegeId,
    pub(crate) duty: ProposerDuty,
}
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one college would hold a third of the power or more, or none would be left")]
pub struct PowerError;

pub(crate) fn derive_validator_set(
    _colleges: &[College],
    halting: HaltingPolicy,
    members: &[Member],
) -> Result<ValidatorSet, PowerError> {
    let mut of: std::collections::BTreeMap<CollegeId, u64> = std::collections::BTreeMap::new();
    for member in members {
        *of.entry(member.college).or_default() += 1;
    }
    if of.len() < 4 && halting == HaltingPolicy::NoCollegeHalts {
        return Err(PowerError);
    }
    let share = 1_000_000 / (of.len() as u64).max(1);
    let one = |it: &Member| Validator {
        id: ValidatorId::of(&it.key),
        key: it.key,
        college: it.college,
        power: VotingPower::new(share / of[&it.college]),
        duty: it.duty,
    };
    ValidatorSet::new(members.iter().map(one).collect()).map_err(|_| PowerError)
}

pub(crate) struct Offence {
    pub(crate) validator: ValidatorId,
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) step: u8,
}
pub(crate) fn verify_equivocation(
    evidence: &Equivocation,
    chain: &ChainId,
    key_of: impl Fn(&ValidatorId) -> Option<PublicKey>,
) -> Result<Offence, Rejection> {
    fn both<T: Signable + Clone + 'static>(chain: &ChainId, key: PublicKey, a: &Signed<T>, b: &Signed<T>) -> bool {
        a.clone().verify(chain, &key).is_ok() && b.clone().verify(chain, &key).is_ok()
    }
    macro_rules! judge {
        ($a:ident, $b:ident, $step:literal) => {{
            let (x, y) = (&$a.claim, &$b.claim);
            let key = key_of(&x.validator).ok_or(Rejection::UnknownValidator)?;
            let same = (x.height, x.round, x.validator) == (y.height, y.round, y.validator);
            if !same || x.block == y.block || !both(chain, key, $a, $b) {
                return Err(Rejection::NotEquivocation);
            }
            Ok(Offence { validator: x.validator, height: x.height, round: x.round, step: $step })
        }};
    }
    match evidence {
        Equivocation::Proposals(a, b) => judge!(a, b, 0),
        Equivocation::Prevotes(a, b) => judge!(a, b, 1),
        Equivocation::Precommits(a, b) => judge!(a, b, 2),
    }
}
