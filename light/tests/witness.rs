//! A node that lies to somebody who holds secrets: whatever it changes, leaves out or adds is found, from the genesis alone.
mod urn;

use std::sync::LazyLock;
use urn::{Held, chain};
use urne_light::{HeaderFault, Lineage, StateFault, WitnessFault, definition_key, member_key};
use urne_types::{
    Height,
    block::Block,
    bounded::List,
    certificate::CommitCertificate,
    proof::{Handover, ProvenState},
};
use urne_vote_contract::keys;

struct Shown {
    asked: Vec<Vec<u8>>,
    state: ProvenState,
    /// The second entry is absent.
    handovers: Vec<Handover>,
    block: Block,
    certificate: CommitCertificate,
}
static SHOWN: LazyLock<Shown> = LazyLock::new(|| {
    let held = Held::new();
    let reader = held.world.ledger.reader();
    let asked = vec![definition_key(&held.election), member_key(&urn::key_of(29)), keys::life(&held.election)];
    let state = reader.proven_state(&asked, usize::MAX).expect("memory").expect("a block");
    let handovers = reader.handovers(Height::FIRST, 100).expect("memory");
    let at = held.world.height();
    let mut height = Height::FIRST;
    let full = |height| reader.block(height).expect("memory").filter(|it| 2 < it.txs.len());
    while full(height).is_none() && height < at {
        height = height.next();
    }
    let block = full(height).expect("blocks with ballots");
    let certificate = reader.certificate(height).expect("memory").expect("it was decided");
    Shown { asked, state, handovers, block, certificate }
});

fn genesis() -> Lineage {
    Lineage::of_genesis(&chain::genesis()).expect("a genesis")
}
fn followed() -> Lineage {
    let mut lineage = genesis();
    SHOWN.handovers.iter().for_each(|it| lineage.follow(it.clone()).expect("a true handover"));
    lineage
}

#[test]
fn what_is_true_is_believed_from_the_genesis_on() {
    let entries = followed().verify_entries(&SHOWN.state, &SHOWN.asked).expect("true");
    let there: Vec<bool> = SHOWN.asked.iter().map(|key| entries[key].is_some()).collect();
    assert_eq!(there, [true, false, true]);
    followed().verify_block(&SHOWN.block, &SHOWN.certificate).expect("true");
    assert!(0 < followed().since().get(), "validators changed on the way");
    assert_ne!(followed().since(), genesis().since());
}

#[test]
fn validators_who_have_taken_over_are_followed_before_they_are_believed() {
    let fault = genesis().verify_entries(&SHOWN.state, &SHOWN.asked).expect_err("of validators not heard of yet");
    assert_eq!(fault, WitnessFault::Header(HeaderFault::UntrustedValidators));
}

/// What is found when a node shows this instead.
fn found(lie: impl FnOnce(&mut ProvenState)) -> WitnessFault {
    let mut shown = SHOWN.state.clone();
    lie(&mut shown);
    followed().verify_entries(&shown, &SHOWN.asked).expect_err("a lie")
}
fn edited(shown: &mut ProvenState, edit: impl FnOnce(&mut Vec<urne_types::proof::StateEntry>)) {
    let mut entries = shown.entries.to_vec();
    edit(&mut entries);
    shown.entries = List::new(entries).expect("few");
}

#[test]
fn a_changed_an_invented_and_a_hidden_record_are_found() {
    let height = SHOWN.state.header.height;
    let mismatch = WitnessFault::State { height, why: StateFault::Mismatch };
    let changed = |it: &mut ProvenState| edited(it, |all| all[0].value.as_mut().expect("there")[0] ^= 1);
    assert_eq!(found(changed), mismatch);
    assert_eq!(found(|it| edited(it, |all| all[1].value = Some(vec![7; 32]))), mismatch);
    assert_eq!(found(|it| edited(it, |all| all[2].value = None)), mismatch);
}

#[test]
fn an_answer_to_another_question_is_found() {
    assert_eq!(found(|it| edited(it, |all| all.swap(0, 2))), WitnessFault::NotAsked);
    assert_eq!(found(|it| edited(it, Vec::clear)), WitnessFault::NotAsked);
    assert_eq!(found(|it| edited(it, |all| all.push(all[0].clone()))), WitnessFault::NotAsked);
    // Fewer are asked for again, from there on.
    let mut few = SHOWN.state.clone();
    edited(&mut few, |all| all.truncate(1));
    assert_eq!(followed().verify_entries(&few, &SHOWN.asked).expect("the first").len(), 1);
}

#[test]
fn a_state_that_nobody_signed_is_found() {
    let is_of_header = |fault| matches!(fault, WitnessFault::Header(_));
    assert!(is_of_header(found(|it| it.header.app_hash.0[0] ^= 1)));
    assert!(is_of_header(found(|it| it.certificate.signatures = List::default())));
    assert!(is_of_header(found(|it| it.header.chain.0[0] ^= 1)));
}

type Edit<'a> = &'a dyn Fn(&mut Vec<Vec<u8>>);

#[test]
fn a_transaction_that_a_block_does_not_hold_is_found() {
    let height = SHOWN.block.header.height;
    let with = |edit: Edit<'_>| {
        let mut txs = SHOWN.block.txs.to_vec();
        edit(&mut txs);
        let block = Block { txs: List::new(txs).expect("few"), ..SHOWN.block.clone() };
        followed().verify_block(&block, &SHOWN.certificate).map(|_| ()).expect_err("a lie")
    };
    let added = |txs: &mut Vec<Vec<u8>>| txs.push(txs[0].clone());
    let dropped = |txs: &mut Vec<Vec<u8>>| drop(txs.pop());
    let exchanged = |txs: &mut Vec<Vec<u8>>| txs.swap(0, 1);
    for edit in [&added as Edit<'_>, &dropped, &exchanged] {
        assert_eq!(with(edit), WitnessFault::Body { height });
    }
}
