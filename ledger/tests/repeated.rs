//! What is done, undone and done again: the ledger knows each transaction by its name, so what is meant twice must have two
//! names.
#![allow(clippy::unwrap_used)]
mod chain;
use chain::{HOUR, World, entry_of, secret};
use urne_ledger::MemoryKv;
use urne_types::{
    Rejection, UnixMs,
    bounded::List,
    election::{CensusCommitment, CensusEntry},
    transaction::{Payload, VerifiedTx},
};
use urne_vote_contract as contract;

fn refusal(world: &World<MemoryKv>, tx: &VerifiedTx) -> Option<Rejection> {
    world.propose(std::slice::from_ref(tx)).refused.first().map(|it| it.rejection)
}
fn is_delegate(world: &World<MemoryKv>) -> bool {
    !contract::delegations(&world.ledger.view()).is_empty()
}

#[test]
fn a_role_lent_taken_back_and_lent_again_can_be_taken_back_again() {
    let mut world = World::new();
    let to = secret("deputy").public();
    let mut revocations = Vec::new();
    for round in 1..=2 {
        let expires_at = UnixMs::new(world.now + round * HOUR);
        let lend = world.tx("admin 1", Payload::Delegate { to, expires_at });
        world.block(&[lend]);
        assert!(is_delegate(&world), "{round}");
        let revoke = world.tx("admin 1", Payload::RevokeDelegation { to, expires_at });
        world.block(std::slice::from_ref(&revoke));
        assert!(!is_delegate(&world), "{round}");
        revocations.push(revoke);
    }
    assert_ne!(revocations[0].id(), revocations[1].id());
    assert_eq!(refusal(&world, &revocations[0]), Some(Rejection::AlreadyCommitted));
}

#[test]
fn an_old_revocation_kept_by_somebody_ends_no_later_delegation() {
    let mut world = World::new();
    let to = secret("deputy").public();
    let [first, second] = [HOUR, 2 * HOUR].map(|it| UnixMs::new(world.now + it));
    let kept = world.tx("admin 1", Payload::RevokeDelegation { to, expires_at: first });
    let lend = world.tx("admin 1", Payload::Delegate { to, expires_at: second });
    world.block(&[lend]);
    assert_eq!(refusal(&world, &kept), Some(Rejection::UnknownDelegation));
    assert!(is_delegate(&world));
}

#[test]
fn a_census_is_begun_again_by_the_same_parts_under_another_number() {
    let mut world = World::new();
    let mut entries: Vec<CensusEntry> = (0..2).map(|n| entry_of(4 * n)).collect();
    let commitment = CensusCommitment::over(&mut entries).unwrap();
    let part = |world: &World<MemoryKv>, attempt: u64, at: usize| {
        let entries = List::new(vec![entries[at]]).unwrap();
        let (commitment, first) = (commitment.clone(), at as u64);
        world.tx("admin 1", Payload::CensusChunk { commitment, attempt, first, entries })
    };
    let first = part(&world, 0, 0);
    world.block(std::slice::from_ref(&first));
    assert_eq!(
        refusal(&world, &first),
        Some(Rejection::AlreadyCommitted),
        "the very same part is the very same transaction"
    );
    let again = part(&world, 1, 0);
    world.block(&[again]);
    assert_eq!(refusal(&world, &part(&world, 0, 1)), Some(Rejection::CensusOutOfOrder), "the first attempt is over");
    let last = part(&world, 1, 1);
    world.block(&[last]);
    let census = contract::census_entries(&world.ledger.view(), &commitment.id(), contract::Page::ALL);
    assert_eq!(census, entries);
}
