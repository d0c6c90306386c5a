//! Ceremonies and openings as far as they cost something: what a block may do at once is bounded, whatever a definition asks
//! for; and whoever is silent, at whatever step, neither blocks the others nor makes fewer of them suffice.
#![allow(clippy::unwrap_used)]
#[path = "support/credentials.rs"]
mod credential_support;
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use credential_support::{credential_rules, registrar, registrar_secret};
use secret_support::{STEP_MS, rules, trustee};
use support::{HOUR, START, World, college, public, referendum};
use urne_ballot::{
    Answer as Choice, ThresholdKeys, Trustees,
    ceremony::{COMMITMENTS_BYTES_MAX, PARTICIPANTS_MAX},
};
use urne_types::{
    DraftId, ElectionId, Rejection, UnixMs,
    bounded::List,
    limits::{
        COUNT_G2_POINT_UNITS, COUNT_G2_TERM_UNITS, COUNT_POINT_UNITS, COUNT_TERM_UNITS, COUNT_UNITS_PER_BLOCK,
        REGISTRARS_MAX,
    },
    sealed::{CeremonyMessage, CeremonyStep, Officer, SealedCensus, SealedRules},
    transaction::Payload,
};
use urne_vote_contract::{
    self as contract,
    records::ElectionState,
    sealed::{
        self, Participation,
        records::{CeremonyRecord, CeremonyState, Step},
    },
};

fn begun(trustees: u16) -> (World, DraftId) {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(trustees, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    (world, draft)
}
fn step(world: &World, draft: &DraftId) -> Step {
    sealed::stages(&world.state, draft)[0].step
}
/// Blocks until the trustees' step is this one, everybody saying what is asked.
fn until(world: &mut World, draft: &DraftId, trustees: u16, wanted: Step) {
    for _ in 0..50 {
        if step(world, draft) == wanted {
            return;
        }
        for number in 1..=trustees {
            for message in world.duties(draft, number) {
                world.send(&trustee(number), Payload::Ceremony(message)).unwrap();
            }
        }
        world.empty(world.now + 1);
    }
    panic!("{wanted:?} comes");
}
/// Every name that a ceremony's election had, in their order.
fn names(world: &World, draft: &DraftId) -> Vec<ElectionId> {
    let key = [&[0x50], &draft.0[..]].concat();
    let written = world.digests.iter().filter_map(|block| block.map.get(&key)?.as_ref());
    let records = written.map(|it| urne_types::codec::decode_record::<CeremonyRecord>(it).unwrap());
    let mut names: Vec<ElectionId> = records
        .filter_map(|it| match it.state {
            CeremonyState::Rehearsing { election } => Some(election),
            _ => None,
        })
        .collect();
    names.dedup();
    names
}

// ---- What a block may do ----

#[test]
fn keys_are_worked_out_one_dealer_or_holder_a_block_where_a_block_may_do_no_more() {
    let (mut world, draft) = begun(4);
    until(&mut world, &draft, 4, Step::Complaining);
    let mut slow = world.clone();
    let CeremonyState::Done { election } = world.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };

    slow.count_units = 1;
    for number in 1..=4 {
        for message in slow.duties(&draft, number) {
            slow.send(&trustee(number), Payload::Ceremony(message)).unwrap();
        }
    }
    let mut blocks = 0;
    while sealed::stages(&slow.state, &draft)[0].keys.is_none() {
        assert!(blocks < 50, "it ends");
        slow.empty(slow.now + 1);
        blocks += 1;
        assert_eq!(
            contract::next_deadline(&slow.state),
            Some(UnixMs::new(0)),
            "the next block is made at once, whoever is silent"
        );
        if step(&slow, &draft) == Step::Qualifying {
            let late = CeremonyStep::Complaints(List::default());
            let late = CeremonyMessage { draft, scope: 0, attempt: 0, step: late };
            assert_eq!(slow.send(&trustee(1), Payload::Ceremony(late)), Err(Rejection::WrongStep), "nothing is added");
            blocks += 1;
        }
    }
    assert!((8..=10).contains(&blocks), "four dealers and four holders, one a block: {blocks}");
    slow.count_units = COUNT_UNITS_PER_BLOCK;
    assert_eq!(slow.run_ceremony(&draft, 4, |_, it| Some(it)), CeremonyState::Done { election }, "the same keys");
    assert!(slow.state.index.keys().all(|key| key[0] != 0x1b), "what was half done is forgotten");
}

#[test]
fn a_ceremony_that_fails_half_way_leaves_nothing_behind() {
    let (mut world, draft) = begun(4);
    until(&mut world, &draft, 4, Step::Complaining);
    world.count_units = 1;
    until(&mut world, &draft, 4, Step::Qualifying);
    assert!(world.state.index.keys().any(|key| key[0] == 0x1b));
    world.empty(START + HOUR);
    assert!(matches!(sealed::ceremony_of(&world.state, &draft).unwrap().state, CeremonyState::Failed { .. }));
    assert!(world.state.index.keys().all(|key| key[0] != 0x1b));
}

#[test]
fn the_largest_step_that_a_definition_may_ask_for_fits_into_a_block() {
    // Trustees: one dealer's commitments are decoded, or one holder evaluated; and what was done before is read and written.
    let terms = (COMMITMENTS_BYTES_MAX / 32) as u64;
    let one = terms * COUNT_POINT_UNITS.max(COUNT_TERM_UNITS);
    // A threshold is more than a third of the participants, so that all their keys are at most three times the terms.
    let pause = 2 * (terms + 3 * terms) * COUNT_POINT_UNITS;
    assert!(one + pause <= COUNT_UNITS_PER_BLOCK, "{one} + {pause}");
    assert_eq!(PARTICIPANTS_MAX, 100);
    let most = REGISTRARS_MAX as u64;
    let one = (most / 2 + 1) * COUNT_G2_POINT_UNITS.max(COUNT_G2_TERM_UNITS);
    let pause = 2 * (most / 2 + 1 + most) * COUNT_G2_POINT_UNITS;
    assert!(one + pause <= COUNT_UNITS_PER_BLOCK, "{one} + {pause}");
}

#[test]
fn groups_are_opened_one_a_block_where_a_block_may_do_no_more_and_count_the_same() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1], &[2]]);
    for (who, of, choice) in [("a", 1, 0), ("b", 1, 1), ("f", 2, 1), ("g", 2, 1)] {
        world.cast_secret(who, id, of, 1, vec![Choice::One(choice)]).unwrap();
    }
    let mut slow = world.clone();
    world.close_and_open(&id, &[1, 2, 4]);

    slow.empty(START + 2 * HOUR);
    for number in [1, 2, 4] {
        for share in slow.opening_shares(&id, number) {
            let tx = slow.tx(&trustee(number), Payload::Opening(share));
            // All shares in one block, so that none is verified yet when the next begins.
            slow.one(tx).unwrap();
        }
    }
    slow.count_units = 1;
    let opened = |world: &World| (0..2).filter(|it| sealed::opened(&world.state, &id, *it).is_some()).count();
    let (mut last, mut one_only) = (opened(&slow), false);
    for _ in 0..50 {
        if contract::election(&slow.state, &id).unwrap().state == ElectionState::Tallied {
            break;
        }
        slow.empty(slow.now + 1);
        assert!(opened(&slow) <= last + 1, "one group a block");
        last = opened(&slow);
        one_only |= last == 1;
        assert!(last == 2 || contract::result(&slow.state, &id).is_none(), "no result of one group");
    }
    assert!(one_only, "the first was open before the second");
    assert_eq!(slow.result(id), world.result(id));
    let part = |world: &World, it| sealed::opened(&world.state, &id, it).unwrap();
    assert_eq!((part(&slow, 0), part(&slow, 1)), (part(&world, 0), part(&world, 1)));
    assert_eq!(sealed::shares(&slow.state, &id, 0).len(), 3, "every share on the ledger is a verified one");
}

// ---- Silence ----

#[test]
fn a_trustee_silent_at_the_rehearsal_delays_it_to_its_steps_end_and_no_longer() {
    let (mut world, draft) = begun(4);
    until(&mut world, &draft, 4, Step::Rehearsing);
    let began = world.now;
    let rehearses = |number: u16, it: &CeremonyStep| number != 3 || !matches!(it, CeremonyStep::Rehearsal(_));
    let ended = world.run_ceremony(&draft, 4, |number, it| rehearses(number, &it.step).then_some(it));
    let CeremonyState::Done { election } = ended else { panic!("three of four can open: {ended:?}") };
    assert_eq!(names(&world, &draft), [election], "the keys that were rehearsed");
    assert!(began + STEP_MS <= world.now, "the fourth was waited for");
    let stage = &sealed::stages(&world.state, &draft)[0];
    assert_eq!((stage.attempt, stage.candidates.clone()), (0, vec![1, 2, 3, 4]));
}

#[test]
fn too_few_at_the_rehearsal_make_other_keys_and_another_name() {
    let (mut world, draft) = begun(7);
    // t = 7 − max(1, 2) = 5, and four rehearse; without the others t = 4 − 1 = 3.
    let rehearses = |number: u16, it: &CeremonyStep| number < 5 || !matches!(it, CeremonyStep::Rehearsal(_));
    let ended = world.run_ceremony(&draft, 7, |number, it| rehearses(number, &it.step).then_some(it));
    let CeremonyState::Done { election } = ended else { panic!("four can: {ended:?}") };
    let names = names(&world, &draft);
    assert_eq!((names.len(), names[1]), (2, election));
    assert_ne!(names[0], names[1]);
    let stage = &sealed::stages(&world.state, &draft)[0];
    assert_eq!((stage.attempt, stage.candidates.clone()), (1, vec![1, 2, 3, 4]));
    let urn = sealed::urn(&world.state, &election).unwrap();
    let keys = ThresholdKeys::<Trustees>::decode(&urn.trustees).unwrap();
    assert_eq!((keys.threshold(), keys.holders()), (3, &[1, 2, 3, 4][..]));
    assert_eq!(sealed::urn(&world.state, &names[0]), None, "the first name is no election's");
}

#[test]
fn silence_that_would_let_too_few_trustees_open_the_urn_fails_the_ceremony() {
    let (mut world, draft) = begun(7);
    let ended = world.run_ceremony(&draft, 7, |number, it| (number < 4).then_some(it));
    assert!(
        matches!(ended, CeremonyState::Failed { code, .. } if code == Rejection::ThresholdTooLow.code()),
        "two of three would open what five of seven were to: {ended:?}"
    );
}

/// Five registrars of five colleges, of whom some are silent: what becomes of the ceremony, and the threshold of its keys.
fn with_registrars(silent: &[u16]) -> (CeremonyState, Option<u16>) {
    let mut world = World::new();
    let officer = |number: u16| Officer { college: college(number), key: public(&registrar(number)) };
    let mut sealed_rules: SealedRules = credential_rules(&[&[1, 2]]);
    let SealedCensus::Credentials(it) = &mut sealed_rules.census else { panic!("credentials") };
    it.registrars = List::new((1..=5).map(officer).collect()).unwrap();
    let definition = world.credential_definition(vec![referendum()], sealed_rules);
    let draft = world.begin_ceremony(&definition);
    for _ in 0..50 {
        if sealed::ceremonies_under_way(&world.state).is_empty() {
            break;
        }
        let mut said = Vec::new();
        for number in 1..=4 {
            said.extend(world.duties(&draft, number).into_iter().map(|it| (trustee(number), it)));
        }
        for (number, scope) in (1..=5).filter(|it| !silent.contains(it)).flat_map(|it| [(it, 2), (it, 3)]) {
            let secret = registrar_secret(number);
            let of = Participation { chain: &world.chain, draft: &draft, scope, number, secret: &secret };
            let duties = sealed::ceremony_duties(&world.state, of).unwrap();
            said.extend(duties.into_iter().map(|it| (registrar(number), it)));
        }
        let is_due = contract::next_deadline(&world.state) == Some(UnixMs::new(0));
        let wait = if said.is_empty() && !is_due { STEP_MS } else { 1 };
        said.into_iter().for_each(|(who, it)| drop(world.send(&who, Payload::Ceremony(it)).unwrap()));
        world.empty(world.now + wait);
    }
    let state = sealed::ceremony_of(&world.state, &draft).unwrap().state;
    let threshold = match state {
        CeremonyState::Done { election } => Some(world.registrars_keys(&election, 1).threshold()),
        _ => None,
    };
    (state, threshold)
}

#[test]
fn silencing_registrars_for_a_step_never_lets_fewer_of_them_sign() {
    let (state, threshold) = with_registrars(&[4, 5]);
    assert_eq!(threshold, Some(3), "three of the five that were declared: {state:?}");
    let (state, threshold) = with_registrars(&[3, 4, 5]);
    assert_eq!(threshold, None);
    assert!(
        matches!(state, CeremonyState::Failed { code, .. } if code == Rejection::WeakRegistrars.code()),
        "two of two would sign alone: {state:?}"
    );
}

// ---- Complaints ----

#[test]
fn a_dealer_is_convicted_once_however_many_complain() {
    let (mut world, draft) = begun(7);
    let spoil_all = |number: u16, message: CeremonyMessage| match number {
        2 => (1..=7).filter(|it| *it != 2).fold(message, secret_support::spoiled),
        _ => message,
    };
    let ended = world.run_ceremony(&draft, 7, |number, it| Some(spoil_all(number, it)));
    assert!(matches!(ended, CeremonyState::Done { .. }), "six of seven make keys: {ended:?}");
    let complaints =
        world.state.map.keys().filter(|key| key.len() == 1 + 32 + 4 + 4 + 1 + 4 && key[0] == 0x52 && key[41] == 4);
    let about_two = complaints.filter(|key| key.ends_with(&[0, 2])).count();
    assert_eq!(about_two, 1, "the others' need not be judged");
}
