//! What a trustee reads before it signs: a desk of which everything that matters is proven is enough for all that it says, and a
//! desk that was rewritten decrypts nothing.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use secret_support::{STEP_MS, ceremony_secret, rules, spoiled, trustee};
use std::collections::BTreeMap;
use support::{HOUR, START, World, referendum, text};
use urne_ballot::{Answer as Choice, Refusal, TallyGuard};
use urne_types::{
    DraftId, ElectionId, UnixMs,
    codec::{Decode, Encode, decode_record, encode},
    sealed::{CeremonyMessage, CeremonyStep, OpeningShare},
    transaction::Payload,
};
use urne_vote_contract::{
    self as contract,
    sealed::{
        self, Desk, Participation, TRUSTEES,
        records::{CeremonyRecord, CeremonyState, SealedGate, UrnOpening},
    },
};

/// What a node would prove: present, or absent.
fn entries(world: &World, keys: Vec<Vec<u8>>) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
    keys.into_iter().map(|key| (key.clone(), world.state.map.get(&key).cloned())).collect()
}
/// A desk of nothing but what is proven.
fn proven(world: &World, draft: &DraftId, number: u16) -> Desk {
    let desk = Desk::default().proven(entries(world, Desk::ceremony_keys(draft, TRUSTEES)));
    let messages = desk.message_keys(draft, TRUSTEES, number);
    desk.proven(entries(world, messages))
}

#[test]
fn whoever_reads_only_what_is_proven_says_the_same_in_a_ceremony() {
    let honest = |_: u16, it: CeremonyMessage| Some(it);
    let bad_dealer = |number: u16, it: CeremonyMessage| Some(if number == 2 { spoiled(it, 4) } else { it });
    let silent =
        |number: u16, it: CeremonyMessage| (number != 3 || matches!(it.step, CeremonyStep::Join(_))).then_some(it);
    let speakers: [&dyn Fn(u16, CeremonyMessage) -> Option<CeremonyMessage>; 3] = [&honest, &bad_dealer, &silent];
    for speaks in speakers {
        let mut world = World::new();
        let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
        let draft = world.begin_ceremony(&definition);
        while !sealed::ceremonies_under_way(&world.state).is_empty() {
            let mut has_spoken = false;
            for number in 1..=4 {
                let secret = ceremony_secret(number);
                let of = Participation { chain: &world.chain, draft: &draft, scope: TRUSTEES, number, secret: &secret };
                let duties = sealed::ceremony_duties(&proven(&world, &draft, number), of).unwrap();
                assert_eq!(duties, world.duties(&draft, number), "trustee {number}");
                for message in duties.into_iter().filter_map(|it| speaks(number, it)) {
                    world.send(&trustee(number), Payload::Ceremony(message)).unwrap();
                    has_spoken = true;
                }
            }
            let is_due = contract::next_deadline(&world.state) == Some(UnixMs::new(0));
            world.empty(world.now + if has_spoken || is_due { 1 } else { STEP_MS });
        }
        let state = sealed::ceremony_of(&world.state, &draft).unwrap().state;
        assert!(matches!(state, CeremonyState::Done { .. }));
    }
}

/// A closed referendum with one ballot, its draft, and the full desk.
fn closed() -> (World, ElectionId, DraftId) {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1, 2]]);
    world.cast_secret("a", id, 1, 1, vec![Choice::One(0)]).unwrap();
    world.empty(START + 2 * HOUR);
    let draft = sealed::urn(&world.state, &id).unwrap().draft;
    (world, id, draft)
}
fn duties(
    world: &World,
    draft: &DraftId,
    id: &ElectionId,
    desk: &Desk,
    guard: &mut TallyGuard,
) -> Result<Vec<OpeningShare>, Refusal> {
    let secret = ceremony_secret(1);
    let of = Participation { chain: &world.chain, draft, scope: TRUSTEES, number: 1, secret: &secret };
    sealed::opening_duties(desk, of, id, guard)
}
type Records = BTreeMap<Vec<u8>, Vec<u8>>;
fn rewritten(world: &World, draft: &DraftId, change: impl FnOnce(&mut Records)) -> Desk {
    let desk = Desk::of(&world.state, draft).unwrap();
    let mut records: Records = desk.records().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    change(&mut records);
    Desk::from_records(records)
}
fn edit<T: Decode<()> + Encode>(records: &mut Records, key: &[u8], change: impl FnOnce(&mut T)) {
    let mut it: T = decode_record(&records[key]).unwrap();
    change(&mut it);
    records.insert(key.to_vec(), encode(&it));
}
fn key(tag: u8, name: &[u8; 32], more: &[u8]) -> Vec<u8> {
    [&[tag], &name[..], more].concat()
}

#[test]
fn whoever_reads_only_what_is_proven_opens_the_same_urn() {
    let (world, id, draft) = closed();
    let definition = contract::definition(&world.state, &id).unwrap();
    let desk = proven(&world, &draft, 1).proven(entries(&world, Desk::opening_keys(&definition, &id)));
    let found = duties(&world, &draft, &id, &desk, &mut TallyGuard::default()).unwrap();
    assert_eq!(found, world.opening_shares(&id, 1));
    assert_eq!(found.len(), 1);
    // Marks of what was sent, and pieces, are claims: of a false one a trustee falls silent, or refuses.
    let sent = rewritten(&world, &draft, |it| drop(it.insert(key(0x58, &id.0, &[0, 0, 0, 0, 0, 1]), Vec::new())));
    let desk = desk.with_pieces(&id, sent);
    assert_eq!(duties(&world, &draft, &id, &desk, &mut TallyGuard::default()), Ok(Vec::new()));
}

#[test]
fn before_the_close_nothing_is_decrypted_whatever_else_is_shown() {
    let (world, id, draft) = closed();
    let definition = contract::definition(&world.state, &id).unwrap();
    let mut shown = entries(&world, Desk::opening_keys(&definition, &id));
    let waiting = key(0x57, &id.0, &[]);
    assert!(shown[&waiting].is_some(), "it waits for shares");
    shown.insert(waiting, None);
    let desk = Desk::of(&world.state, &draft).unwrap().proven(shown);
    assert_eq!(duties(&world, &draft, &id, &desk, &mut TallyGuard::default()), Ok(Vec::new()));
}

#[test]
fn a_desk_that_was_rewritten_decrypts_nothing() {
    let (world, id, draft) = closed();
    let refused = |change: &dyn Fn(&mut Records)| {
        let mut guard = TallyGuard::default();
        let desk = rewritten(&world, &draft, change);
        let found = duties(&world, &draft, &id, &desk, &mut guard).expect_err("it was rewritten");
        assert_eq!(found, Refusal::OtherUrn);
    };
    let (ceremony, gate) = (key(0x50, &draft.0, &[]), key(0x55, &id.0, &[]));
    // Another definition than the draft's.
    refused(&|records| edit(records, &ceremony, |it: &mut CeremonyRecord| it.definition.title = text("autre")));
    // The election of another ceremony, and a ceremony that made none.
    let other = ElectionId([7; 32]);
    for state in [CeremonyState::Done { election: other }, CeremonyState::UnderWay] {
        refused(&|records| edit(records, &ceremony, |it: &mut CeremonyRecord| it.state = state));
    }
    // A group that the definition has not, with the sum of one that it has.
    refused(&|records| {
        edit(records, &gate, |it: &mut SealedGate| it.parts.push((support::college(9), 1)));
        let totals = records[&key(0x56, &id.0, &[0; 4])].clone();
        records.insert(key(0x56, &id.0, &1_u32.to_be_bytes()), totals);
    });
}

#[test]
fn what_is_opened_is_the_definitions_to_say_not_the_gates() {
    let (world, id, draft) = closed();
    let gate = key(0x55, &id.0, &[]);
    let desk = rewritten(&world, &draft, |records| {
        edit(records, &gate, |it: &mut SealedGate| it.opening = UrnOpening::OneByOne);
    });
    let found = duties(&world, &draft, &id, &desk, &mut TallyGuard::default());
    assert_eq!(found, Ok(world.opening_shares(&id, 1)), "the sum, as the questions say");
}

#[test]
fn one_draft_has_one_election_for_ever() {
    let (world, id, draft) = closed();
    let mut guard = TallyGuard::default();
    let desk = Desk::of(&world.state, &draft).unwrap();
    assert_eq!(duties(&world, &draft, &id, &desk, &mut guard).map(|it| it.len()), Ok(1));
    // The same records under another name.
    let other = ElectionId([7; 32]);
    let renamed = rewritten(&world, &draft, |records| {
        edit(records, &key(0x50, &draft.0, &[]), |it: &mut CeremonyRecord| {
            it.state = CeremonyState::Done { election: other };
        });
        for (at, value) in records.clone() {
            if at.get(1..33) == Some(&id.0[..]) {
                records.insert([&at[..1], &other.0, &at[33..]].concat(), value);
            }
        }
    });
    assert_eq!(duties(&world, &draft, &other, &renamed, &mut guard), Err(Refusal::SecondTally));
    assert_eq!(duties(&world, &draft, &id, &desk, &mut guard).map(|it| it.len()), Ok(1), "the first one still");
    // A fresh guard would not know better: the binding alone keeps a second urn shut.
    assert!(duties(&world, &draft, &other, &renamed, &mut TallyGuard::default()).is_ok());
}
