//! Secret elections from the ceremony to the result: what the trustees say, what the ledger takes, what is opened, and that the
//! result is the one an open election with the same choices has.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use secret_support::{rules, spoiled, trustee};
use support::{AGAINST, FOR, HOUR, START, World, grades, judgment, names, question, referendum};
use urne_ballot::Answer as Choice;
use urne_types::{
    ElectionId, Rejection,
    ballot::Answer,
    election::{EarlyClose, Method, NullPolicy, RevotePolicy},
    governance::Act,
    sealed::{CeremonyStep, OpeningShare},
    transaction::Payload,
};
use urne_vote_contract::{
    self as contract, ElectionResult, Event,
    records::ElectionState,
    sealed::{self, records::CeremonyState},
};

/// The same choices in an open election.
fn in_the_open(questions: Vec<urne_types::election::Question>, ballots: &[(&str, u16, Vec<Answer>)]) -> ElectionResult {
    let mut world = World::new();
    let members: Vec<(u16, &str)> =
        ["a", "b", "c", "d", "e"].map(|it| (1, it)).into_iter().chain(["f", "g", "h"].map(|it| (2, it))).collect();
    let census = world.census(&members);
    let id = world.schedule(world.definition(census, questions));
    world.empty(START + HOUR);
    for (who, of, answers) in ballots {
        world.cast(who, id, *of, 1, answers).unwrap();
    }
    world.empty(START + 2 * HOUR);
    world.count_through();
    world.result(id)
}
fn state(world: &World, id: ElectionId) -> ElectionState {
    contract::election(&world.state, &id).unwrap().state
}

#[test]
fn a_secret_referendum_has_the_result_of_an_open_one() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1, 2]]);
    world.cast_secret("a", id, 1, 1, vec![Choice::One(1)]).unwrap();
    world.cast_secret("b", id, 1, 1, vec![Choice::One(0)]).unwrap();
    world.cast_secret("f", id, 2, 1, vec![Choice::Blank]).unwrap();
    let again = world.cast_secret("a", id, 1, 2, vec![Choice::One(0)]).unwrap();
    assert!(matches!(again[..], [Event::BallotAccepted { appearance: contract::Appearance::Revote, .. }]));
    world.close_and_open(&id, &[4, 2, 1]);
    assert_eq!(state(&world, id), ElectionState::Tallied);
    let ballots = [("a", 1, vec![FOR]), ("b", 1, vec![FOR]), ("f", 2, vec![Answer::Blank])];
    assert_eq!(world.result(id), in_the_open(vec![referendum()], &ballots));
    let opened = sealed::opened(&world.state, &id, 0).unwrap();
    assert_eq!((opened.ballots.get(), opened.trustees), (3, vec![1, 2, 4]));
    assert_eq!(sealed::shares(&world.state, &id, 0).len(), 3, "every share stays on the ledger");
}

#[test]
fn ballots_of_one_block_add_up_like_ballots_of_many() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1], &[2]]);
    let first: Vec<_> =
        [("a", 1), ("b", 1), ("f", 2)].map(|(who, of)| world.sealed_tx(who, id, of, 1, vec![Choice::One(0)])).into();
    let again = world.sealed_tx("a", id, 1, 2, vec![Choice::One(1)]);
    let outcomes = world.block(world.now + 1, &[&first[..], &[again]].concat());
    assert!(outcomes.iter().all(Result::is_ok));
    world.add_up(&id);
    world.close_and_open(&id, &[1, 2, 3]);
    let ballots = [("a", 1, vec![AGAINST]), ("b", 1, vec![FOR]), ("f", 2, vec![FOR])];
    assert_eq!(world.result(id), in_the_open(vec![referendum()], &ballots));
}

#[test]
fn a_judgment_of_five_by_five_with_revotes_has_the_result_of_an_open_one() {
    let five = || {
        let grades = names(&["à rejeter", "insuffisant", "passable", "bien", "très bien"]);
        question(&["p", "q", "r", "s", "t"], Method::MajorityJudgment { grades, nulls: NullPolicy::Worst })
    };
    let given: [(&str, u16, [Option<u8>; 5]); 5] = [
        ("a", 1, [Some(0), Some(1), Some(2), Some(3), Some(4)]),
        ("b", 1, [Some(4), Some(4), None, Some(0), Some(1)]),
        ("c", 1, [Some(2), Some(2), Some(2), Some(2), Some(2)]),
        ("f", 2, [Some(1), None, None, None, Some(4)]),
        ("g", 2, [Some(3), Some(4), Some(0), Some(1), Some(2)]),
    ];
    let mut world = World::new();
    let id = world.open_secret(vec![five()], &[&[1], &[2]]);
    world.cast_secret("c", id, 1, 1, vec![Choice::Blank]).unwrap();
    world.cast_secret("f", id, 2, 7, vec![Choice::Grades(vec![Some(4); 5])]).unwrap();
    world.cast_secret("d", id, 1, 1, vec![Choice::Blank]).unwrap();
    for (who, of, row) in &given {
        let row = row.iter().map(|it| it.map(u16::from)).collect();
        world.cast_secret(who, id, *of, 8, vec![Choice::Grades(row)]).unwrap();
    }
    world.close_and_open(&id, &[1, 3, 4]);
    let mut ballots: Vec<_> = given.iter().map(|(who, of, row)| (*who, *of, vec![grades(row)])).collect();
    ballots.push(("d", 1, vec![Answer::Blank]));
    assert_eq!(world.result(id), in_the_open(vec![five()], &ballots));
}

#[test]
fn nobody_voted_and_the_result_is_zero_without_a_share() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum(), judgment(&["x", "y"], NullPolicy::Worst)], &[&[1, 2]]);
    world.close_and_open(&id, &[]);
    assert_eq!(world.result(id), in_the_open(vec![referendum(), judgment(&["x", "y"], NullPolicy::Worst)], &[]));
    assert_eq!(sealed::opened(&world.state, &id, 0).unwrap().trustees, Vec::<u16>::new());
}

#[test]
fn fewer_shares_than_the_threshold_open_nothing_and_one_more_does() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1, 2]]);
    world.cast_secret("a", id, 1, 1, vec![Choice::One(0)]).unwrap();
    world.close_and_open(&id, &[1, 2]);
    assert_eq!(state(&world, id), ElectionState::Closed);
    assert_eq!(contract::result(&world.state, &id), None, "no partial result exists");
    assert_eq!(sealed::urns_waiting(&world.state), vec![id]);
    for share in world.opening_shares(&id, 4) {
        world.send(&trustee(4), Payload::Opening(share)).unwrap();
    }
    world.empty(world.now + 1);
    world.count_through();
    assert_eq!(state(&world, id), ElectionState::Tallied);
}

#[test]
fn a_silent_trustee_is_out_and_the_others_make_keys_without_it() {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    let CeremonyState::Done { election } = world.run_ceremony(&draft, 4, |number, it| (number != 2).then_some(it))
    else {
        panic!("three of four make keys")
    };
    world.empty(START + HOUR);
    world.cast_secret("a", election, 1, 1, vec![Choice::One(0)]).unwrap();
    world.close_and_open(&election, &[1, 4]);
    assert_eq!(state(&world, election), ElectionState::Tallied);
}

#[test]
fn a_trustee_silent_after_joining_makes_the_others_deal_again() {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    let is_silent = |number: u16, it: &CeremonyStep| number == 3 && !matches!(it, CeremonyStep::Join(_));
    let ended = world.run_ceremony(&draft, 4, |number, it| (!is_silent(number, &it.step)).then_some(it));
    assert!(matches!(ended, CeremonyState::Done { .. }));
    let stages = sealed::stages(&world.state, &draft);
    assert_eq!((stages[0].attempt, stages[0].candidates.clone()), (1, vec![1, 2, 4]));
}

#[test]
fn a_trustee_that_deals_badly_is_convicted_by_a_complaint() {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    let ended = world.run_ceremony(&draft, 4, |number, it| Some(if number == 2 { spoiled(it, 4) } else { it }));
    assert!(matches!(ended, CeremonyState::Done { .. }));
    let stages = sealed::stages(&world.state, &draft);
    assert_eq!((stages[0].attempt, stages[0].candidates.clone()), (1, vec![1, 3, 4]));
}

#[test]
fn too_few_trustees_fail_the_ceremony_with_its_reason() {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    let ended = world.run_ceremony(&draft, 4, |number, it| (number < 3).then_some(it));
    assert!(
        matches!(ended, CeremonyState::Failed { code, .. } if code == Rejection::ThresholdTooLow.code()),
        "two of two colleges could each open alone: {ended:?}"
    );
    assert!(contract::elections(&world.state, contract::Page::ALL).is_empty());
}

#[test]
fn a_ceremony_that_is_not_over_at_the_opening_fails() {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    world.empty(START + HOUR);
    let ended = sealed::ceremony_of(&world.state, &draft).unwrap().state;
    assert!(matches!(ended, CeremonyState::Failed { code, .. } if code == Rejection::BadSealedCalendar.code()));
}

#[test]
fn a_wrong_share_is_ignored_and_named_once_and_the_right_one_is_still_taken() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1, 2]]);
    world.cast_secret("a", id, 1, 1, vec![Choice::One(0)]).unwrap();
    world.empty(START + 2 * HOUR);
    let right = world.opening_shares(&id, 3).remove(0);
    let mut bytes = right.share.to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let wrong = OpeningShare { share: urne_types::bounded::Bytes::new(bytes).unwrap(), ..right.clone() };
    world.send(&trustee(3), Payload::Opening(wrong.clone())).unwrap();
    world.empty(world.now + 1);
    assert_eq!(world.events, vec![Event::WrongShareIgnored { election: id, trustee: 3 }]);
    world.send(&trustee(3), Payload::Opening(wrong)).unwrap();
    world.empty(world.now + 1);
    assert_eq!(world.events, Vec::new(), "told once");
    let named = sealed::wrong_shares(&world.state, &id);
    assert_eq!((named[0].trustee, named[0].times, sealed::shares(&world.state, &id, 0).len()), (3, 2, 0));
    world.send(&trustee(3), Payload::Opening(right)).unwrap();
    world.close_rest(&id, &[1, 2]);
    assert_eq!(state(&world, id), ElectionState::Tallied);
}

impl World {
    fn close_rest(&mut self, id: &ElectionId, trustees: &[u16]) {
        for number in trustees {
            for share in self.opening_shares(id, *number) {
                self.send(&trustee(*number), Payload::Opening(share)).unwrap();
            }
        }
        self.empty(self.now + 1);
        self.count_through();
    }
}

#[test]
fn an_election_cancelled_after_its_close_is_never_opened() {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1, 2]]);
    world.cast_secret("a", id, 1, 1, vec![Choice::One(0)]).unwrap();
    world.empty(START + 2 * HOUR);
    let share = world.opening_shares(&id, 1).remove(0);
    let cancel = urne_types::governance::Act::CancelElection { election: id, reason: support::text("panne") };
    world.act(cancel).unwrap();
    assert_eq!(world.send(&trustee(1), Payload::Opening(share)), Err(Rejection::NothingToOpen));
    assert!(world.opening_shares(&id, 2).is_empty());
}

#[test]
fn the_two_tables_of_refusals_say_the_same() {
    for it in urne_ballot::Refusal::ALL {
        let rejection = Rejection::from_code(it.code()).unwrap_or_else(|| panic!("{it:?} has no rejection"));
        assert_eq!(rejection.english(), it.to_string());
        let renamed = *it == urne_ballot::Refusal::NoSealedQuestion;
        assert!(renamed || rejection.name() == it.name(), "{it:?}");
    }
    let of_ballots = Rejection::ALL.iter().filter(|it| (600..700).contains(&it.code()));
    assert_eq!(of_ballots.count(), urne_ballot::Refusal::ALL.len());
}

// ---- Refusals, each beside what is taken ----

fn open() -> (World, ElectionId) {
    let mut world = World::new();
    let id = world.open_secret(vec![referendum()], &[&[1, 2]]);
    (world, id)
}
fn choose(choice: u16) -> Vec<Choice> {
    vec![Choice::One(choice)]
}

#[test]
fn a_sealed_ballot_is_taken_from_a_credential_of_the_census_in_its_college_only() {
    let (mut world, id) = open();
    assert_eq!(world.cast_secret("nobody", id, 1, 1, choose(0)), Err(Rejection::NotInCensus));
    assert_eq!(world.cast_secret("a", id, 2, 1, choose(0)), Err(Rejection::NotInCensus));
    assert!(world.cast_secret("a", id, 1, 1, choose(0)).is_ok());
}

#[test]
fn an_older_an_equal_and_a_far_sequence_are_refused_and_the_next_one_is_taken() {
    let (mut world, id) = open();
    world.cast_secret("a", id, 1, 5, choose(0)).unwrap();
    assert_eq!(world.cast_secret("a", id, 1, 4, choose(1)), Err(Rejection::SequenceTooOld));
    assert_eq!(world.cast_secret("a", id, 1, 5, choose(1)), Err(Rejection::SequenceTooOld));
    assert_eq!(world.cast_secret("a", id, 1, 5 + 65, choose(1)), Err(Rejection::SequenceTooFar));
    assert!(world.cast_secret("a", id, 1, 6, choose(1)).is_ok());
}

#[test]
fn the_same_ballot_twice_is_refused_and_another_of_the_same_voter_is_taken() {
    let (mut world, id) = open();
    let tx = world.sealed_tx("a", id, 1, 1, choose(0));
    world.one(tx.clone()).unwrap();
    assert_eq!(world.one(tx), Err(Rejection::SequenceTooOld));
    assert!(world.cast_secret("a", id, 1, 2, choose(0)).is_ok());
}

#[test]
fn an_open_ballot_in_a_secret_election_and_a_sealed_one_in_an_open_election_are_refused() {
    let (mut world, id) = open();
    assert_eq!(world.cast("a", id, 1, 1, &[FOR]), Err(Rejection::WrongBallotKind));
    let ballot = world.seal("a", id, 1, choose(0));
    let mut elsewhere = World::new();
    let open = elsewhere.open_referendum(|_| {});
    let tx = elsewhere.carry(open, 1, &ballot);
    assert_eq!(elsewhere.verify_ballot(&tx), Err(Rejection::SealNotVerifiable), "an open election has no keys");
    assert!(world.cast_secret("a", id, 1, 1, choose(0)).is_ok());
}

#[test]
fn a_changed_byte_a_moved_sequence_and_another_signer_fail_the_proof() {
    let (world, id) = open();
    let ballot = world.seal("a", id, 1, choose(0));
    assert!(world.verify_ballot(&world.carry(id, 1, &ballot)).is_ok());
    let mut later = ballot.clone();
    later.sequence = 2;
    assert!(world.verify_ballot(&world.carry(id, 1, &later)).is_err());
    let mut other = world.carry(id, 1, &ballot);
    other.unsigned.sender = world.key_of("b");
    assert!(world.verify_ballot(&other).is_err());
    let mut unsigned = world.carry(id, 1, &ballot);
    unsigned.signature.0[63] ^= 8;
    assert!(world.verify_ballot(&unsigned).is_err());
    let mut short = ballot.clone();
    short.bytes.remove(0);
    assert_eq!(world.verify_ballot(&world.carry(id, 1, &short)), Err(Rejection::BallotLength));
}

#[test]
fn a_sealed_ballot_is_no_transaction_for_who_knows_no_keys() {
    let (world, id) = open();
    let tx = world.carry(id, 1, &world.seal("a", id, 1, choose(0)));
    assert_eq!(tx.verify(&world.chain), Err(Rejection::SealNotVerifiable));
}

#[test]
fn a_credential_in_two_colleges_is_refused_since_its_ballot_could_be_moved() {
    let mut world = World::new();
    let census = world.secret_census(&[(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "d"), (2, "e")]);
    let mut definition = world.definition(census, vec![referendum()]);
    definition.secrecy = urne_types::election::Secrecy::Sealed(Box::new(rules(4, &[&[1, 2]])));
    let draft = world.begin_ceremony(&definition);
    let CeremonyState::Done { election } = world.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };
    world.empty(START + HOUR);
    assert_eq!(world.cast_secret("a", election, 1, 1, choose(0)), Err(Rejection::CredentialInTwoColleges));
    assert!(world.cast_secret("b", election, 1, 1, choose(0)).is_ok());
}

#[test]
fn a_ballot_of_another_election_is_refused_in_this_one() {
    let mut world = World::new();
    let one = world.open_secret(vec![referendum()], &[&[1, 2]]);
    let ballot = world.seal("a", one, 1, choose(0));
    let mut other = World::new();
    let definition = other.secret_definition(vec![referendum()], rules(4, &[&[1], &[2]]));
    let draft = other.begin_ceremony(&definition);
    let CeremonyState::Done { election } = other.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };
    assert_ne!(one, election);
    assert!(other.verify_ballot(&other.carry(election, 1, &ballot)).is_err());
}

#[test]
fn voting_again_is_refused_where_the_election_forbids_it() {
    let mut world = World::new();
    let mut definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    definition.revote = RevotePolicy::Forbidden;
    let draft = world.begin_ceremony(&definition);
    let CeremonyState::Done { election } = world.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };
    assert_eq!(world.cast_secret("a", election, 1, 1, choose(0)), Err(Rejection::NotOpenYet));
    world.empty(START + HOUR);
    world.cast_secret("a", election, 1, 1, choose(0)).unwrap();
    assert_eq!(world.cast_secret("a", election, 1, 2, choose(1)), Err(Rejection::AlreadyVoted));
    world.empty(START + 2 * HOUR - 1);
    let late = world.sealed_tx("b", election, 1, 1, choose(0));
    assert_eq!(world.block(START + 2 * HOUR, &[late]), vec![Err(Rejection::ElectionClosed)]);
}

#[test]
fn a_definition_is_refused_by_the_rule_it_breaks() {
    use urne_types::{election::Secrecy, sealed::SealedRules};
    type Edit = fn(&mut SealedRules);
    let cases: &[(Rejection, Edit)] = &[
        (Rejection::GroupTooSmall, |it| it.minimum_group = 2),
        (Rejection::BadGroups, |it| *it = rules(4, &[&[1, 2], &[2]])),
        (Rejection::ThresholdTooLow, |it| *it = rules(2, &[&[1, 2]])),
        (Rejection::BadSealedCalendar, |it| it.step_ms = 999),
        (Rejection::BadOfficers, |it| {
            let twice = [it.trustees.to_vec(), it.trustees.to_vec()].concat();
            it.trustees = urne_types::bounded::List::new(twice).unwrap();
        }),
    ];
    let mut world = World::new();
    let sound = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    for (expected, edit) in cases {
        let mut definition = sound.clone();
        let mut changed = rules(4, &[&[1, 2]]);
        edit(&mut changed);
        definition.secrecy = Secrecy::Sealed(Box::new(changed));
        assert_eq!(world.send("admin 1", Payload::DraftElection(definition)), Err(*expected));
    }
    assert!(world.send("admin 1", Payload::DraftElection(sound)).is_ok());
}

#[test]
fn groups_that_do_not_fit_the_census_are_refused_when_the_election_is_scheduled() {
    for (groups, expected) in
        [(&[&[1][..]][..], Rejection::BadGroups), (&[&[1][..], &[2, 3][..]][..], Rejection::BadGroups)]
    {
        let mut world = World::new();
        let definition = world.secret_definition(vec![referendum()], rules(4, groups));
        let draft = definition.draft_id();
        world.send("admin 1", Payload::DraftElection(definition)).unwrap();
        let scheduled = world.act(urne_types::governance::Act::ScheduleElection { draft });
        assert_eq!(scheduled, Err(expected));
    }
    let mut world = World::new();
    let mut of_four = rules(4, &[&[1], &[2]]);
    of_four.minimum_group = 4;
    let definition = world.secret_definition(vec![referendum()], of_four);
    let draft = definition.draft_id();
    world.send("admin 1", Payload::DraftElection(definition)).unwrap();
    let scheduled = world.act(urne_types::governance::Act::ScheduleElection { draft });
    assert_eq!(scheduled, Err(Rejection::GroupTooSmall), "college 2 has three members");
}

#[test]
fn ceremony_messages_are_refused_out_of_turn_from_strangers_and_twice() {
    let mut world = World::new();
    let definition = world.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    let join = world.duties(&draft, 1).remove(0);
    let says = |step| urne_types::sealed::CeremonyMessage { step, ..join.clone() };
    let early = Payload::Ceremony(says(CeremonyStep::CommitmentHash([0; 32])));
    assert_eq!(world.send(&trustee(1), early), Err(Rejection::WrongStep));
    assert_eq!(world.send("a", Payload::Ceremony(join.clone())), Err(Rejection::NotAParticipant));
    assert_eq!(world.send(&trustee(2), Payload::Ceremony(join.clone())), Err(Rejection::BadPossession));
    let mut other = join.clone();
    other.attempt = 1;
    assert_eq!(world.send(&trustee(1), Payload::Ceremony(other)), Err(Rejection::UnknownCeremony));
    world.send(&trustee(1), Payload::Ceremony(join.clone())).unwrap();
    assert_eq!(world.send(&trustee(1), Payload::Ceremony(join)), Err(Rejection::MessageExists));
    assert!(world.duties(&draft, 1).is_empty(), "who has spoken has nothing more to say");
}

#[test]
fn shares_are_taken_after_the_close_from_trustees_once() {
    let (mut world, id) = open();
    world.cast_secret("a", id, 1, 1, choose(0)).unwrap();
    let nothing = OpeningShare { election: id, part: 0, share: urne_types::bounded::Bytes::default() };
    assert_eq!(world.send(&trustee(1), Payload::Opening(nothing.clone())), Err(Rejection::NothingToOpen));
    world.empty(START + 2 * HOUR);
    let share = world.opening_shares(&id, 1).remove(0);
    assert_eq!(world.send("a", Payload::Opening(share.clone())), Err(Rejection::NotATrustee));
    let other_part = OpeningShare { part: 9, ..share.clone() };
    assert_eq!(world.send(&trustee(1), Payload::Opening(other_part)), Err(Rejection::NothingToOpen));
    world.send(&trustee(1), Payload::Opening(share.clone())).unwrap();
    assert_eq!(world.send(&trustee(1), Payload::Opening(share)), Err(Rejection::MessageExists));
}

// ---- Closing early ----

#[test]
fn an_act_closes_no_secret_election_while_a_group_has_a_few_ballots_and_closes_it_with_none_or_enough() {
    let question = || vec![question(&["x", "y", "z"], Method::Plurality)];
    let held = |voters: &[(&str, u16)]| {
        let mut world = World::new();
        let mut definition = world.secret_definition(question(), rules(4, &[&[1], &[2]]));
        definition.early_close = EarlyClose::ByAct;
        let draft = world.begin_ceremony(&definition);
        let CeremonyState::Done { election } = world.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };
        world.empty(definition.opens_at.get());
        for (who, of) in voters {
            world.cast_secret(who, election, *of, 1, choose(0)).unwrap();
        }
        let closed = world.act(Act::CloseElection { election }).map(drop);
        (closed, state(&world, election))
    };
    let refused = (Err(Rejection::TooFewBallots), ElectionState::Open);
    let of_one = [("a", 1), ("b", 1), ("c", 1)];
    assert_eq!(held(&of_one[..1]), refused, "one ballot has a name");
    assert_eq!(held(&of_one[..2]), refused);
    assert_eq!(held(&[&of_one[..], &[("f", 2)]].concat()), refused, "the other group has one");
    assert_eq!(held(&of_one), (Ok(()), ElectionState::Closed), "three, and none in the other group");
    assert_eq!(held(&[]), (Ok(()), ElectionState::Closed), "nothing to read");
}
