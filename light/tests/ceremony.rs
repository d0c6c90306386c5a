//! The keys to which ballots are sealed, worked out again from the messages of the ceremony: whoever holds the ceremony again finds
//! keys that it did not make, though all validators signed the lie; and nothing but its messages is needed for that.
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use std::{collections::BTreeMap, sync::LazyLock};
use urn::{
    Held, blocks,
    chain::{self, World},
    change_txs, hidden, payload, resign, verify, written,
};
use urne_ballot::{ThresholdKeys, ceremony::CeremonySecret};
use urne_ledger::MemoryKv;
use urne_light::{
    ArchiveFault, VerifiedElection,
    archive::{ArchivedTx, Record},
};
use urne_types::{
    ChainId, ElectionId, Rejection,
    bounded::{Bytes, List},
    election::ElectionDefinition,
    hash::hash,
    sealed::{CeremonyMessage, CeremonyStep},
    transaction::{Payload, UnsignedTx},
};
use urne_vote_contract::sealed::{SealedKeys, records::UrnRecord, urn as keys_of};

struct Made {
    chain: ChainId,
    election: ElectionId,
    definition: ElectionDefinition,
    keys: UrnRecord,
    records: Vec<Record>,
    /// What some trustee would have said.
    withheld: BTreeMap<u16, CeremonyMessage>,
}

type Speaks<'a> = &'a mut dyn FnMut(u16, CeremonyMessage) -> Option<CeremonyMessage>;

/// An election whose trustees speak like this, with three ballots, opened by these trustees.
fn held(openers: &[u16], speaks: Speaks<'_>) -> Made {
    let mut world = World::new();
    let (election, definition) = named(&mut world, sealed_chain::ceremony_secret, speaks);
    let first = world.height().next();
    let cast =
        |voter| sealed_chain::verified(&world, sealed_chain::cast(&world, voter, election, 1, u16::from(voter == 2)));
    let ballots: Vec<_> = (0..3).map(cast).collect();
    world.block(&ballots);
    let last = world.height();
    world.now = sealed_chain::CLOSES_AT;
    world.block(&[]);
    let shares = sealed_chain::shares_by(&world, &election, openers);
    world.block(&shares);
    while urne_vote_contract::result(&world.ledger.view(), &election).is_none() {
        world.block(&[]);
    }
    let keys = keys_of(&world.ledger.view(), &election).expect("a secret election has keys");
    let (chain, held) = (world.chain(), Held::of(world, election, first, last));
    Made { chain, election, definition, keys, records: held.records(), withheld: BTreeMap::new() }
}
fn named(
    world: &mut World<MemoryKv>,
    secret_of: fn(u16) -> CeremonySecret,
    speaks: Speaks<'_>,
) -> (ElectionId, ElectionDefinition) {
    let definition = sealed_chain::definition(world, 8);
    (sealed_chain::open_spoken(world, definition.clone(), secret_of, speaks), definition)
}

static HONEST: LazyLock<Made> = LazyLock::new(|| held(&[1, 2, 4], &mut |_, message| Some(message)));

/// Trustee 4 deals to nobody: its step's time passes, it is out, and the three others begin again.
static SILENT: LazyLock<Made> = LazyLock::new(|| {
    let mut withheld = BTreeMap::new();
    let made = held(&[1, 3], &mut |number, message| match message.step {
        CeremonyStep::Shares(_) if number == 4 => {
            withheld.insert(number, message);
            None
        }
        _ => Some(message),
    });
    Made { withheld, ..made }
});

/// Trustee 4 deals a wrong share to trustee 1, who shows it.
static CONVICTED: LazyLock<Made> = LazyLock::new(|| {
    held(&[2, 3], &mut |number, message| match message.step {
        CeremonyStep::Shares(shares) if number == 4 => {
            let mut shares = shares.to_vec();
            let mut bytes = shares[0].1.to_vec();
            bytes[0] ^= 1;
            shares[0].1 = Bytes::new(bytes).expect("as long as before");
            let step = CeremonyStep::Shares(List::new(shares).expect("as many"));
            Some(CeremonyMessage { step, ..message })
        }
        _ => Some(message),
    })
});

fn found_in(made: &Made, records: &[Record]) -> Result<VerifiedElection, ArchiveFault> {
    verify(&written(records), made.chain, Some(made.election))
}
fn message(of: &ArchivedTx) -> Option<CeremonyMessage> {
    match payload(of) {
        Some(Payload::Ceremony(message)) => Some(message),
        _ => None,
    }
}
fn is_complaint(it: &CeremonyMessage) -> bool {
    matches!(&it.step, CeremonyStep::Complaints(list) if !list.is_empty())
}
fn sent(made: &Made, who: &str, message: CeremonyMessage) -> ArchivedTx {
    let key = chain::secret(who);
    let unsigned = UnsignedTx::new(made.chain, key.public(), Payload::Ceremony(message));
    ArchivedTx::Whole(unsigned.sign(&key).to_raw().0)
}
/// The step that fails when the blocks hold this instead, and their validators signed it.
fn told(made: &Made, change: impl Fn(&mut Vec<ArchivedTx>)) -> Option<ArchiveFault> {
    let mut records = made.records.clone();
    for block in blocks(&mut records) {
        let mut txs = block.txs.to_vec();
        change(&mut txs);
        if txs != block.txs.to_vec() {
            resign(block, &change);
        }
    }
    found_in(made, &records).err()
}

// ---- True archives ----

#[test]
fn the_messages_of_an_honest_ceremony_make_the_keys() {
    let ceremony = found_in(&HONEST, &HONEST.records).expect("a true archive").ceremony.expect("it is secret");
    assert_eq!((ceremony.trustees, ceremony.threshold, ceremony.attempts), (vec![1, 2, 3, 4], 3, 1));
    assert_eq!((ceremony.messages, ceremony.registrars_keys), (4 * 6, 0));
}

#[test]
fn a_trustee_who_dealt_badly_and_one_who_was_silent_are_out_and_the_rest_make_keys() {
    for made in [&*SILENT, &*CONVICTED] {
        let ceremony = found_in(made, &made.records).expect("a true archive").ceremony.expect("it is secret");
        assert_eq!((ceremony.trustees, ceremony.threshold, ceremony.attempts), (vec![1, 2, 3], 2, 2));
    }
    let complaints = CONVICTED.records.iter().filter_map(|it| match it {
        Record::Block(block) => Some(block.txs.iter().filter_map(message).filter(is_complaint).count()),
        _ => None,
    });
    assert_eq!(complaints.sum::<usize>(), 1, "trustee 1 complained");
}

// ---- Lies ----

#[test]
fn no_message_may_be_left_out() {
    for made in [&*HONEST, &*SILENT, &*CONVICTED] {
        let mut records = made.records.clone();
        let places: Vec<(usize, usize)> = blocks(&mut records)
            .iter()
            .enumerate()
            .flat_map(|(block, it)| (0..it.txs.len()).map(move |tx| (block, tx)))
            .collect();
        for (block, tx) in places {
            let mut records = made.records.clone();
            let mut said = None;
            change_txs(blocks(&mut records).remove(block), |txs| {
                said = message(&txs[tx]);
                txs[tx] = hidden(&txs[tx]);
            });
            let Some(said) = said else { continue };
            let fault = found_in(made, &records).err().map(|it| it.step());
            assert_eq!(fault, Some("ceremony"), "without {said:?}");
        }
    }
}

#[test]
fn keys_that_other_messages_make_are_not_the_elections() {
    let mut world = World::new();
    let others = |number: u16| CeremonySecret::from_bytes(hash("urne.v1 test other secret", &number.to_le_bytes()));
    let (election, _) = named(&mut world, others, &mut |_, message| Some(message));
    assert_ne!(election, HONEST.election, "other keys have another name");
    // Of the same officers, signed by them: only, nobody sealed a ballot to these keys.
    let draft = HONEST.definition.draft_id();
    let begun =
        urne_vote_contract::sealed::ceremony_of(&world.ledger.view(), &draft).expect("it was held").begun.height;
    let reader = world.ledger.reader();
    let mut others: BTreeMap<_, Vec<ArchivedTx>> = BTreeMap::new();
    let mut height = begun;
    while let Some(block) = reader.block(height).expect("memory") {
        others.insert(height, block.txs.into_vec().into_iter().map(ArchivedTx::Whole).collect());
        height = height.next();
    }
    let mut records = HONEST.records.clone();
    for block in blocks(&mut records) {
        if block.txs.iter().any(|it| message(it).is_some()) {
            let instead = others[&block.header.height].clone();
            resign(block, |txs| *txs = instead);
        }
    }
    assert_eq!(found_in(&HONEST, &records).err(), Some(ArchiveFault::OtherCeremony));
}

#[test]
fn a_dealer_who_was_honest_is_not_excluded() {
    // It dealt in time, and the ledger went on as if it had not.
    let shares = SILENT.withheld[&4].clone();
    let fault = told(&SILENT, |txs| {
        let is_dealing = |it: &ArchivedTx| {
            message(it).is_some_and(|it| it.attempt == 0 && matches!(it.step, CeremonyStep::Shares(_)))
        };
        if txs.iter().any(is_dealing) {
            txs.push(sent(&SILENT, &sealed_chain::trustee(4), shares.clone()));
        }
    });
    assert!(matches!(fault, Some(ArchiveFault::CeremonyMessage { .. })), "{fault:?}");
}

#[test]
fn a_justified_complaint_is_not_dropped_and_an_unjustified_one_is_not_heard() {
    let without =
        |message: CeremonyMessage| CeremonyMessage { step: CeremonyStep::Complaints(List::default()), ..message };
    let fault = told(&CONVICTED, |txs| {
        for tx in txs {
            if let Some(complaint) = message(tx).filter(is_complaint) {
                *tx = sent(&CONVICTED, &sealed_chain::trustee(1), without(complaint));
            }
        }
    });
    assert_eq!(fault.map(|it| it.step()), Some("ceremony"));
    // Against a dealer who dealt right.
    let fault = told(&CONVICTED, |txs| {
        for tx in txs {
            if let Some(complaint) = message(tx).filter(is_complaint) {
                let CeremonyStep::Complaints(list) = &complaint.step else { continue };
                let step = CeremonyStep::Complaints(List::new(vec![(2, list[0].1.clone())]).expect("one"));
                *tx = sent(&CONVICTED, &sealed_chain::trustee(1), CeremonyMessage { step, ..complaint });
            }
        }
    });
    assert!(matches!(fault, Some(ArchiveFault::CeremonyMessage { why: Rejection::BadComplaint, .. })), "{fault:?}");
}

#[test]
fn nobody_speaks_for_a_trustee() {
    for (who, why) in [("somebody", Rejection::NotAParticipant), ("trustee 2", Rejection::BadPossession)] {
        let fault = told(&HONEST, |txs| {
            if let Some(joining) = message(&txs[0]).filter(|it| matches!(it.step, CeremonyStep::Join(_))) {
                txs[0] = sent(&HONEST, who, joining);
            }
        });
        assert!(
            matches!(fault, Some(ArchiveFault::CeremonyMessage { why: found, .. }) if found == why),
            "{who}: {fault:?}"
        );
    }
}

#[test]
fn a_step_does_not_end_before_its_time() {
    // The blocks from the trustee's silence on, moved to just after it.
    let mut records = SILENT.records.clone();
    let mut before = None;
    for block in blocks(&mut records) {
        let time = before.map_or(block.header.time, |it: urne_types::UnixMs| it.plus(1).min(block.header.time));
        if block.txs.iter().any(|it| message(it).is_some()) {
            block.header.time = time;
            resign(block, |_| {});
        }
        before = Some(time);
    }
    let fault = found_in(&SILENT, &records).err();
    assert!(matches!(fault, Some(ArchiveFault::CeremonyMessage { .. })), "{fault:?}");
}

// ---- Keys by themselves ----

/// The keys as they are, but for what is changed, under the name that they would have.
fn named_after(change: impl FnOnce(&mut UrnRecord)) -> Result<SealedKeys, Rejection> {
    let mut keys = HONEST.keys.clone();
    change(&mut keys);
    let trustees = ThresholdKeys::decode(&keys.trustees).expect("keys");
    let election = urne_ballot::election_id(&HONEST.chain, &HONEST.definition.draft_id(), &trustees, &[]);
    SealedKeys::of(&keys, &HONEST.definition, &HONEST.chain, &election)
}

#[test]
fn keys_are_held_by_the_definitions_officers_under_the_threshold_of_the_rule() {
    named_after(|_| {}).expect("the keys as they are");
    let refused = |change: fn(&mut UrnRecord)| named_after(change).expect_err("other keys");
    for lower in [1, 2, 4] {
        let fault = named_after(|it| it.trustees[0] = lower).expect_err("another threshold");
        assert_eq!(fault, Rejection::ThresholdTooLow, "{lower} of four");
    }
    // threshold, n, M, four holders: the last is a fifth trustee, whom nobody named.
    assert_eq!(refused(|it| it.trustees[12] = 5), Rejection::NotATrustee);
    assert_eq!(refused(|it| it.draft.0[0] ^= 1), Rejection::SealOfOtherElection);
}
