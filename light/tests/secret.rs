//! The archive of a secret election: who adds the sealed ballots up again and opens the sum with the trustees' shares finds
//! every lie about it, even where all validators signed the lie.
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use std::{collections::BTreeMap, sync::LazyLock};
use urn::{
    Held,
    chain::{self, World},
    lying, verify, written,
};
use urne_light::{ArchiveFault, archive::Record};
use urne_types::{ChainId, ElectionId, Rejection, codec::encode};
use urne_vote_contract::{
    Count, ElectionResult, QuestionResult, keys,
    sealed::{records::UrnRecord, share_key, urn, urn_key},
};

struct Made {
    chain: ChainId,
    election: ElectionId,
    records: Vec<Record>,
    published: ElectionResult,
    keys: UrnRecord,
}

/// Five ballots, a revote and a sixth voter; the sum opened by trustees 1, 2 and 4 of four.
static HELD: LazyLock<Made> = LazyLock::new(|| {
    let mut world = World::new();
    let election = sealed_chain::open(&mut world, 8);
    let first = world.height().next();
    let cast = |world: &World<_>, voter, sequence, choice| {
        sealed_chain::verified(world, sealed_chain::cast(world, voter, election, sequence, choice))
    };
    let some: Vec<_> = (0..5).map(|voter| cast(&world, voter, 1, 0)).collect();
    world.block(&some);
    let more = [cast(&world, 0, 2, 1), cast(&world, 6, 1, 1)];
    world.block(&more);
    let last = world.height();
    let published = sealed_chain::count(&mut world, &election);
    let keys = urn(&world.ledger.view(), &election).expect("a secret election has keys");
    let (chain, held) = (world.chain(), Held::of(world, election, first, last));
    Made { chain, election, records: held.records(), published, keys }
});

type Entries = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What is found when the state says this instead, and all validators signed it.
fn found(change: impl FnOnce(&mut Entries)) -> Option<ArchiveFault> {
    let mut records = HELD.records.clone();
    lying(&mut records, change);
    verify(&written(&records), HELD.chain, Some(HELD.election)).err()
}
fn share_of(trustee: u16) -> Vec<u8> {
    share_key(&HELD.election, 0, trustee)
}

#[test]
fn a_true_archive_of_a_secret_election_verifies_from_the_name_of_its_chain_alone() {
    let found = verify(&written(&HELD.records), HELD.chain, Some(HELD.election)).expect("a true archive");
    assert_eq!((found.ballots.size, found.emargements.size, found.members), (7, 6, 8));
    assert_eq!(found.result, HELD.published);
    let QuestionResult::Referendum { favour, against, .. } = &found.result.questions[0] else { panic!("a referendum") };
    assert_eq!((favour.get(), against.get()), (4, 2));
    assert_eq!(self::found(|_| {}), None, "the same state, signed again");
}

#[test]
fn a_result_that_the_shares_do_not_open_is_found() {
    let fault = found(|state| {
        let mut question = HELD.published.questions[0].clone();
        let QuestionResult::Referendum { favour, .. } = &mut question else { panic!("a referendum") };
        *favour = Count(favour.get() + 1);
        state.insert(keys::result(&HELD.election, 0), Some(encode(&question)));
    });
    assert_eq!(fault, Some(ArchiveFault::OtherResult { question: 1 }));
}

#[test]
fn a_share_that_does_not_hold_for_this_sum_is_found() {
    let fault = found(|state| {
        let share = state.get_mut(&share_of(2)).and_then(Option::as_mut).expect("trustee 2 sent one");
        let last = share.len() - 40;
        share[last] ^= 1;
    });
    assert!(matches!(fault, Some(ArchiveFault::Opening { .. })), "{fault:?}");
}

#[test]
fn too_few_shares_open_nothing_and_one_trustee_is_not_two() {
    let few = found(|state| {
        state.insert(share_of(1), None);
        state.insert(share_of(4), None);
    });
    assert_eq!(few, Some(ArchiveFault::Opening { why: Rejection::TooFewShares }));
    let twice = found(|state| {
        let share = state[&share_of(2)].clone();
        state.insert(share_of(1), share.clone());
        state.insert(share_of(4), share);
    });
    assert!(matches!(twice, Some(ArchiveFault::Opening { .. })), "{twice:?}");
}

#[test]
fn other_keys_have_another_name() {
    let fault = found(|state| {
        let mut keys = HELD.keys.clone();
        keys.registrars = vec![(1, keys.trustees.clone())];
        state.insert(urn_key(&HELD.election), Some(encode(&keys)));
    });
    assert!(matches!(fault, Some(ArchiveFault::Keys { .. })), "{fault:?}");
    let missing = found(|state| drop(state.insert(urn_key(&HELD.election), None)));
    assert_eq!(missing, Some(ArchiveFault::Missing { what: "the keys of the election".into() }));
}
