//! Anonymous credentials on the ledger: approved in public, answered blind, registered together, and counted so that no college
//! ever has more of them than members who asked.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
#[path = "support/credentials.rs"]
mod credential_support;
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use credential_support::{
    ISSUANCE, MEMBERS, REGISTRATION, commitment, credential_rules, entry_of, registrar, registrar_secret,
};
use support::{HOUR, START, World, college, referendum};
use urne_ballot::Answer as Choice;
use urne_types::{
    ElectionId, PublicKey, Rejection,
    election::Secrecy,
    governance::Act,
    hash::hash,
    merkle::root_of,
    sealed::{RequestAnswer, RequestApproval},
    transaction::Payload,
};
use urne_vote_contract::{
    self as contract, Event, LogId,
    read::Page,
    records::ElectionState,
    sealed::{self, records::Registered},
};

fn issuing() -> (World, ElectionId) {
    let mut world = World::new();
    let id = world.issuing(vec![referendum()], &[&[1, 2]]);
    (world, id)
}
fn choose(choice: u16) -> Vec<Choice> {
    vec![Choice::One(choice)]
}

#[test]
fn members_ask_register_and_vote_without_anybody_knowing_who_is_who() {
    let (mut world, id) = issuing();
    world.registered(id, 1, &["a", "b", "c", "d"]);
    world.registered(id, 2, &["f", "g", "h"]);
    let of_one = world.issued(&id, 1);
    let counts = [of_one.census, of_one.approved, of_one.answered, of_one.registered, of_one.late].map(|it| it.get());
    assert_eq!((counts, of_one.alarm), ([5, 4, 4, 4, 0], None));
    world.empty(START + HOUR);
    world.cast_anonymous("a", id, 1, 1, choose(0)).unwrap();
    world.cast_anonymous("b", id, 1, 1, choose(1)).unwrap();
    world.cast_anonymous("f", id, 2, 1, choose(0)).unwrap();
    let again = world.cast_anonymous("b", id, 1, 2, choose(0)).unwrap();
    assert!(matches!(again[..], [Event::BallotAccepted { appearance: contract::Appearance::Revote, .. }]));
    assert_eq!(
        world.cast_anonymous("e", id, 1, 1, choose(0)),
        Err(Rejection::NotRegistered),
        "she is on the census, and never asked"
    );
    world.close_and_open(&id, &[1, 2, 3]);
    assert_eq!(contract::election(&world.state, &id).unwrap().state, ElectionState::Tallied);
    let opened = sealed::opened(&world.state, &id, 0).unwrap();
    assert_eq!(opened.ballots.get(), 3);
    assert_eq!(opened.cells.iter().map(|it| it.get()).collect::<Vec<_>>()[0], 3, "three say yes");
}

#[test]
fn the_logs_hold_each_approval_and_each_credential() {
    let (mut world, id) = issuing();
    world.registered(id, 1, &["a", "b", "c"]);
    let leaves = |log: LogId| world.leaves.iter().filter(|it| it.0 == log).map(|it| it.1).collect::<Vec<_>>();
    let approvals = leaves(LogId::Approvals(id));
    assert_eq!(approvals.len(), 6, "two for each of three");
    let first = world.approval(id, 1, "a");
    assert_eq!(approvals[0], sealed::approval_leaf(&first.entry, 1, &first.request));
    let mut credentials: Vec<_> = ["a", "b", "c"].iter().map(|it| world.finished(id, 1, it)).collect();
    credentials.sort_by_key(|it| it.credential);
    let expected: Vec<_> = credentials.iter().map(|it| sealed::credential_leaf(college(1), it)).collect();
    assert_eq!(leaves(LogId::Credentials(id)), expected, "in their own order, which says nothing of who asked when");
    let plain = [&1_u16.to_le_bytes()[..], &credentials[0].credential, &credentials[0].signature].concat();
    assert_eq!(
        root_of([plain]),
        root_of([urne_types::codec::encode(&(college(1), credentials[0].credential, credentials[0].signature))])
    );
}

#[test]
fn a_registrar_approves_one_request_of_an_entry_for_ever() {
    let (mut world, id) = issuing();
    world.approve_by(id, 1, "a", &[1]);
    let again = world.approval(id, 1, "a");
    assert_eq!(world.post(&registrar(1), Payload::ApproveRequest(again.clone())), Err(Rejection::SecondRequest));
    let other = RequestApproval { request: world.requested(&id, 1, "another device").1.request().bytes(), ..again };
    assert_eq!(world.post(&registrar(1), Payload::ApproveRequest(other.clone())), Err(Rejection::SecondRequest));
    world.post(&registrar(2), Payload::ApproveRequest(other.clone())).unwrap();
    assert_eq!(world.issued(&id, 1).approved.get(), 0, "one approval each for two requests is enough for neither");
    world.post(&registrar(3), Payload::ApproveRequest(other.clone())).unwrap();
    assert_eq!(world.issued(&id, 1).approved.get(), 1);
    let asked = sealed::entry(&world.state, &id, &entry_of(1, "a"));
    assert_eq!(asked.approved.unwrap().request, other.request);
    assert_eq!((asked.approvals.len(), asked.answers.len()), (3, 0));
}

#[test]
fn a_request_that_has_its_approvals_takes_no_more() {
    let (mut world, id) = issuing();
    world.approve_by(id, 1, "a", &[1, 2]);
    let late = world.approval(id, 1, "a");
    assert_eq!(world.post(&registrar(3), Payload::ApproveRequest(late)), Err(Rejection::RequestApproved));
}

#[test]
fn only_registrars_approve_and_only_for_members_who_are_not_suspended() {
    let (mut world, id) = issuing();
    let right = world.approval(id, 1, "a");
    let by = |world: &mut World, who: &str, it: &RequestApproval| world.post(who, Payload::ApproveRequest(it.clone()));
    assert_eq!(by(&mut world, "trustee 1", &right), Err(Rejection::NotARegistrar));
    let stranger = RequestApproval { entry: entry_of(1, "nobody"), ..right.clone() };
    assert_eq!(by(&mut world, &registrar(1), &stranger), Err(Rejection::NotInCensus));
    let moved = RequestApproval { entry: entry_of(2, "a"), ..right.clone() };
    assert_eq!(by(&mut world, &registrar(1), &moved), Err(Rejection::NotInCensus), "she is in college 1");
    let nowhere = RequestApproval { entry: entry_of(3, "a"), ..right.clone() };
    assert_eq!(by(&mut world, &registrar(1), &nowhere), Err(Rejection::NotInCensus), "no such college votes");
    world.act(Act::SuspendMember { member: commitment("a") }).unwrap();
    assert_eq!(by(&mut world, &registrar(1), &right), Err(Rejection::MemberSuspended));
}

#[test]
fn a_registrar_that_was_silent_in_the_ceremony_approves_nothing() {
    let mut world = World::new();
    let definition = world.credential_definition(vec![referendum()], credential_rules(&[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    // Two are left of three, which is another threshold: they begin again by themselves.
    let id = world.run_ceremonies(&draft, &[3]);
    world.empty(ISSUANCE);
    let right = world.approval(id, 1, "a");
    assert_eq!(world.post(&registrar(3), Payload::ApproveRequest(right.clone())), Err(Rejection::NotARegistrar));
    world.post(&registrar(1), Payload::ApproveRequest(right)).unwrap();
}

#[test]
fn points_of_small_order_and_nonsense_are_refused_before_the_contract_sees_them() {
    let (mut world, id) = issuing();
    let mut nonsense = world.approval(id, 1, "a");
    nonsense.request = [0; 48];
    let refused = world.post(&registrar(1), Payload::ApproveRequest(nonsense.clone()));
    assert_eq!(refused, Err(Rejection::BadCredentialPoint));
    nonsense.request[0] = 0xc0;
    let identity = world.post(&registrar(1), Payload::ApproveRequest(nonsense));
    assert_eq!(identity, Err(Rejection::IdentityPoint));
}

#[test]
fn an_answer_waits_for_finalised_approvals() {
    let (mut world, id) = issuing();
    let answer = world.answered(id, 1, "a", 1);
    assert_eq!(world.post(&registrar(1), Payload::AnswerRequest(answer.clone())), Err(Rejection::NotYetApproved));
    world.approve_by(id, 1, "a", &[1]);
    assert_eq!(world.post(&registrar(1), Payload::AnswerRequest(answer.clone())), Err(Rejection::NotYetApproved));
    let approval = world.approval(id, 1, "a");
    let [approved, answered] = [(2, Payload::ApproveRequest(approval)), (1, Payload::AnswerRequest(answer.clone()))]
        .map(|(number, payload)| world.verify_sealed_tx(&world.signed(&registrar(number), payload)).unwrap());
    let outcomes = world.block(world.now + 1, &[approved, answered]);
    assert!(outcomes[0].is_ok());
    assert_eq!(outcomes[1], Err(Rejection::NotYetApproved), "the approval is of this very block: it may not be final");
    world.post(&registrar(1), Payload::AnswerRequest(answer)).unwrap();
}

#[test]
fn an_answer_is_of_its_sender_of_the_approved_request_and_given_once() {
    let (mut world, id) = issuing();
    world.approve_by(id, 1, "a", &[1, 2]);
    let by = |world: &mut World, number: u16, it: &RequestAnswer| {
        world.post(&registrar(number), Payload::AnswerRequest(it.clone()))
    };
    let right = world.answered(id, 1, "a", 1);
    assert_eq!(by(&mut world, 2, &right), Err(Rejection::NotARegistrar), "it bears the first one's number");
    let other = world.requested(&id, 1, "another device").1;
    let to_another = world.answered_to(id, entry_of(1, "a"), other.request(), 1);
    assert_eq!(by(&mut world, 1, &to_another), Err(Rejection::NotYetApproved));
    let mut wrong = right.clone();
    wrong.answer[2..].copy_from_slice(&to_another.answer[2..]);
    assert_eq!(by(&mut world, 1, &wrong), Err(Rejection::WrongBlindAnswer));
    by(&mut world, 1, &right).unwrap();
    assert_eq!(by(&mut world, 1, &right), Err(Rejection::AnswerExists));
    let third = world.answered(id, 1, "a", 3);
    by(&mut world, 3, &third).unwrap();
    let second = world.answered(id, 1, "a", 2);
    assert_eq!(by(&mut world, 2, &second), Err(Rejection::EnoughAnswers));
    assert_eq!(world.issued(&id, 1).answered.get(), 1);
}

#[test]
fn an_answer_under_another_colleges_key_is_refused() {
    let (mut world, id) = issuing();
    world.approve_by(id, 1, "a", &[1, 2]);
    let pending = world.requested(&id, 1, "a").1;
    let of_two = world.answered_to(id, entry_of(2, "a"), pending.request(), 1);
    let moved = RequestAnswer { entry: entry_of(1, "a"), ..of_two };
    assert_eq!(world.post(&registrar(1), Payload::AnswerRequest(moved)), Err(Rejection::WrongBlindAnswer));
}

#[test]
fn a_verdict_under_other_keys_is_refused_by_the_contract() {
    let (mut world, id) = issuing();
    world.approve_by(id, 1, "a", &[1, 2]);
    let pending = world.requested(&id, 1, "a").1;
    let answer = world.answered_to(id, entry_of(2, "a"), pending.request(), 1);
    let moved = RequestAnswer { entry: entry_of(1, "a"), ..answer };
    let believed = world.verify_under_college_2(&world.signed(&registrar(1), Payload::AnswerRequest(moved)));
    assert_eq!(world.one(believed), Err(Rejection::SealOfOtherElection));
}

#[test]
fn requests_wait_until_they_have_their_answers() {
    let (mut world, id) = issuing();
    let waiting = |world: &World| sealed::requests_waiting(&world.state, &id, college(1), Page::ALL);
    assert!(waiting(&world).is_empty());
    world.approve_by(id, 1, "a", &[1]);
    assert!(waiting(&world).is_empty(), "one approval is not enough");
    world.approve_by(id, 1, "a", &[2]);
    world.approve_by(id, 2, "f", &[2, 3]);
    assert_eq!(waiting(&world), [entry_of(1, "a")], "college 2 has a list of its own");
    let answer = world.answered(id, 1, "a", 3);
    world.post(&registrar(3), Payload::AnswerRequest(answer)).unwrap();
    assert_eq!(waiting(&world), [entry_of(1, "a")]);
    let answer = world.answered(id, 1, "a", 2);
    world.post(&registrar(2), Payload::AnswerRequest(answer)).unwrap();
    assert!(waiting(&world).is_empty());
    world.act(Act::CancelElection { election: id, reason: support::text("why not") }).unwrap();
    assert!(sealed::requests_waiting(&world.state, &id, college(2), Page::ALL).is_empty(), "nothing is due any more");
}

#[test]
fn before_the_opening_credentials_are_registered_together_and_one_by_one_after_it() {
    let (mut world, id) = issuing();
    ["a", "b", "c", "d"].iter().for_each(|it| world.issue(id, 1, it));
    world.empty(REGISTRATION);
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|it| world.finished(id, 1, it));
    assert_eq!(world.register(id, 1, vec![a.clone(), b.clone()]), Err(Rejection::TooFewCredentials));
    let events = world.register(id, 1, vec![a.clone(), b.clone(), c]).unwrap();
    assert!(
        matches!(events[..], [Event::CredentialsRegistered { count, when: Registered::InTime, .. }] if count.get() == 3)
    );
    assert_eq!(world.register(id, 1, vec![d.clone()]), Err(Rejection::TooFewCredentials), "she waits for company");
    world.empty(START + HOUR);
    let events = world.register(id, 1, vec![d.clone()]).unwrap();
    assert!(matches!(events[..], [Event::CredentialsRegistered { when: Registered::Late, .. }]));
    assert_eq!(world.register(id, 1, vec![a.clone()]), Err(Rejection::CredentialRegistered));
    let counted = world.issued(&id, 1);
    assert_eq!((counted.registered.get(), counted.late.get()), (4, 1));
    let [early, late] = [&a, &d].map(|it| sealed::credential(&world.state, &id, &it.credential).unwrap());
    assert_eq!((early.registered, late.registered), (Registered::InTime, Registered::Late));
    assert_eq!(early.college, college(1));
    world.cast_anonymous("d", id, 1, 1, choose(0)).unwrap();
}

#[test]
fn credentials_come_in_order_once_and_with_their_colleges_signature() {
    let (mut world, id) = issuing();
    ["a", "b", "c"].iter().for_each(|it| world.issue(id, 1, it));
    world.empty(REGISTRATION);
    let all: Vec<_> = ["a", "b", "c"].iter().map(|it| world.finished(id, 1, it)).collect();
    let post = |world: &mut World, batch| world.post("anyone", Payload::RegisterCredentials(batch));
    let right = World::batch(id, 1, all.clone());
    let mut reversed = right.clone();
    reversed.credentials = urne_types::bounded::List::new(right.credentials.iter().rev().cloned().collect()).unwrap();
    assert_eq!(post(&mut world, reversed), Err(Rejection::CredentialsOutOfOrder));
    let twice = World::batch(id, 1, vec![all[0].clone(), all[0].clone(), all[1].clone()]);
    assert_eq!(post(&mut world, twice), Err(Rejection::CredentialsOutOfOrder));
    assert_eq!(post(&mut world, World::batch(id, 1, Vec::new())), Err(Rejection::CredentialsOutOfOrder));
    let moved = World::batch(id, 2, all.clone());
    assert_eq!(post(&mut world, moved), Err(Rejection::WrongCredential), "college 2 has another key");
    let mut swapped = all.clone();
    (swapped[0].signature, swapped[1].signature) = (all[1].signature, all[0].signature);
    assert_eq!(post(&mut world, World::batch(id, 1, swapped)), Err(Rejection::WrongCredential));
    post(&mut world, right.clone()).unwrap();
    assert_eq!(post(&mut world, right), Err(Rejection::CredentialRegistered));
}

#[test]
fn one_credential_above_the_count_is_an_alarm_on_record_and_never_a_halt() {
    let (mut world, id) = issuing();
    ["a", "b", "c"].iter().for_each(|it| world.issue(id, 1, it));
    world.empty(REGISTRATION);
    let honest: Vec<_> = ["a", "b"].iter().map(|it| world.finished(id, 1, it)).collect();
    let forged = world.forged(id, 1, "mallory");
    let events = world.register(id, 1, [honest, vec![forged]].concat()).unwrap();
    assert!(matches!(events[..], [Event::CredentialsRegistered { .. }]), "there is room: nobody can tell");
    assert_eq!(world.issued(&id, 1).alarm, None);
    let last = world.finished(id, 1, "c");
    world.empty(START + HOUR);
    let events = world.register(id, 1, vec![last.clone()]).unwrap();
    assert!(matches!(events[..], [Event::RegistrarsAlarm { .. }]));
    let alarm = world.issued(&id, 1).alarm.unwrap();
    assert_eq!((alarm.credential, alarm.signature), (PublicKey(last.credential), last.signature));
    assert_eq!((alarm.registered.get(), world.issued(&id, 1).registered.get()), (3, 3));
    assert_eq!(world.register(id, 1, vec![last]), Err(Rejection::TooManyCredentials), "it is on record already");
    world.issue(id, 1, "d");
    let d = world.finished(id, 1, "d");
    world.register(id, 1, vec![d]).unwrap();
    world.cast_anonymous("d", id, 1, 1, choose(0)).unwrap();
    world.close_and_open(&id, &[1, 2, 3]);
    assert_eq!(contract::election(&world.state, &id).unwrap().state, ElectionState::Tallied);
}

#[test]
fn a_group_that_exceeds_the_count_is_registered_as_far_as_there_is_room() {
    let (mut world, id) = issuing();
    ["a", "b"].iter().for_each(|it| world.issue(id, 1, it));
    world.empty(REGISTRATION);
    let mut all: Vec<_> = ["a", "b"].iter().map(|it| world.finished(id, 1, it)).collect();
    all.push(world.forged(id, 1, "mallory"));
    all.sort_by_key(|it| it.credential);
    let events = world.register(id, 1, all.clone()).unwrap();
    assert!(
        matches!(events[..], [Event::CredentialsRegistered { count, .. }, Event::RegistrarsAlarm { .. }] if count.get() == 2)
    );
    let is_in = |it: &urne_types::sealed::CredentialRegistration| {
        sealed::credential(&world.state, &id, &it.credential).is_some()
    };
    assert_eq!(all.iter().map(is_in).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(world.issued(&id, 1).alarm.unwrap().credential.0, all[2].credential);
}

#[test]
fn a_credential_votes_for_its_own_college_only() {
    let (mut world, id) = issuing();
    world.registered(id, 1, &["a", "b", "c"]);
    world.registered(id, 2, &["f", "g", "h"]);
    world.empty(START + HOUR);
    let moved = world.moved_tx("a", id, 1, 2, 1, choose(0));
    assert_eq!(world.one(moved), Err(Rejection::NotRegistered));
    world.cast_anonymous("a", id, 1, 1, choose(0)).unwrap();
}

#[test]
fn a_member_of_two_colleges_has_a_credential_in_each_and_is_counted_once_in_each() {
    let mut world = World::new();
    let members = [&MEMBERS[..], &[(2, "a")]].concat();
    let definition = world.definition_for(&members, vec![referendum()], credential_rules(&[&[1, 2]]));
    let draft = world.begin_ceremony(&definition);
    let id = world.run_ceremonies(&draft, &[]);
    world.empty(ISSUANCE);
    world.registered(id, 1, &["a", "b", "c"]);
    ["a", "f", "g"].iter().for_each(|it| world.issue(id, 2, it));
    let of_one = world.finished(id, 1, "a");
    let of_two = ["a", "f", "g"].map(|it| world.finished(id, 2, it));
    let exchanged = [of_one.clone(), of_two[1].clone(), of_two[2].clone()].into();
    assert_eq!(world.register(id, 2, exchanged), Err(Rejection::WrongCredential), "college 2 has not signed it");
    world.register(id, 2, of_two.into()).unwrap();
    assert_eq!([1, 2].map(|it| world.issued(&id, it).registered.get()), [3, 3]);

    world.empty(START + HOUR);
    let [from_one, from_two] = [(1, 2), (2, 1)].map(|(from, to)| world.moved_tx("a", id, from, to, 1, choose(0)));
    assert_eq!(world.one(from_one), Err(Rejection::NotRegistered));
    assert_eq!(world.one(from_two), Err(Rejection::NotRegistered));
    for of in [1, 2] {
        world.cast_anonymous("a", id, of, 1, choose(0)).unwrap();
    }
    let again = world.cast_anonymous("a", id, 2, 2, choose(1)).unwrap();
    assert!(matches!(again[..], [Event::BallotAccepted { appearance: contract::Appearance::Revote, .. }]));
    world.close_and_open(&id, &[1, 2, 3]);
    let opened = sealed::opened(&world.state, &id, 0).unwrap();
    assert_eq!((opened.ballots.get(), opened.cells[0].get()), (2, 1), "yes in college 1, and no in college 2");
    let turnout = contract::turnout(&world.state, &id).unwrap();
    assert_eq!(turnout.colleges.iter().map(|it| it.voted.get()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn the_calendar_is_kept() {
    let mut world = World::new();
    let id = world.named(vec![referendum()], &[&[1, 2]]);
    let approval = Payload::ApproveRequest(world.approval(id, 1, "a"));
    assert_eq!(world.post(&registrar(1), approval.clone()), Err(Rejection::IssuanceNotOpen));
    world.empty(ISSUANCE - 1);
    let early = world.verify_sealed_tx(&world.signed(&registrar(1), approval)).unwrap();
    assert!(world.block(ISSUANCE, &[early])[0].is_ok(), "at the very instant");
    ["b", "c", "d"].iter().for_each(|it| world.issue(id, 1, it));
    let batch = World::batch(id, 1, ["b", "c", "d"].map(|it| world.finished(id, 1, it)).into());
    let register = Payload::RegisterCredentials(batch);
    assert_eq!(world.post("anyone", register.clone()), Err(Rejection::RegistrationNotOpen));
    world.empty(START + HOUR);
    let late = Payload::ApproveRequest(world.approval(id, 1, "e"));
    world.post(&registrar(1), late).unwrap();
    world.empty(START + 2 * HOUR);
    let closed = Payload::ApproveRequest(world.approval(id, 1, "e"));
    assert_eq!(world.post(&registrar(2), closed), Err(Rejection::ElectionClosed));
    assert_eq!(world.post("anyone", register), Err(Rejection::ElectionClosed));
}

#[test]
fn nothing_is_issued_for_other_elections() {
    let mut world = World::new();
    let published = world.open_secret(vec![referendum()], &[&[1, 2]]);
    let approval = RequestApproval { entry: entry_of(1, "a"), ..world.approval(published, 1, "a") };
    assert_eq!(
        world.post(&registrar(1), Payload::ApproveRequest(approval.clone())),
        Err(Rejection::NoCredentialsIssued)
    );
    let unknown = RequestApproval { election: ElectionId([9; 32]), ..approval };
    assert_eq!(world.post(&registrar(1), Payload::ApproveRequest(unknown)), Err(Rejection::SealNotVerifiable));
}

#[test]
fn a_credential_of_one_election_is_nobody_in_another() {
    let (mut world, id) = issuing();
    world.registered(id, 1, &["a", "b", "c"]);
    let mut other = World::new();
    let mut definition = other.credential_definition(vec![referendum()], credential_rules(&[&[1, 2]]));
    definition.grace_ms = 7;
    let draft = other.begin_ceremony(&definition);
    let elsewhere = other.run_ceremonies(&draft, &[]);
    assert_ne!(id, elsewhere);
    other.empty(ISSUANCE);
    ["a", "b", "c"].iter().for_each(|it| other.issue(elsewhere, 1, it));
    other.empty(REGISTRATION);
    let replayed = ["a", "b", "c"].map(|it| world.finished(id, 1, it)).into();
    assert_eq!(other.register(elsewhere, 1, replayed), Err(Rejection::WrongCredential));
}

#[test]
fn a_college_smaller_than_a_group_registers_all_of_its_members_together() {
    let mut world = World::new();
    let members = [(1, "a"), (1, "b"), (1, "c"), (2, "f"), (2, "g")];
    let census = world.committed_census(&members);
    let mut definition = world.definition(census, vec![referendum()]);
    definition.secrecy = Secrecy::Sealed(Box::new(credential_rules(&[&[1, 2]])));
    let draft = world.begin_ceremony(&definition);
    let id = world.run_ceremonies(&draft, &[]);
    world.empty(ISSUANCE);
    ["f", "g"].iter().for_each(|it| world.issue(id, 2, it));
    world.empty(REGISTRATION);
    let one = world.finished(id, 2, "f");
    assert_eq!(world.register(id, 2, vec![one]), Err(Rejection::TooFewCredentials));
    let both = ["f", "g"].map(|it| world.finished(id, 2, it)).into();
    world.register(id, 2, both).unwrap();
}

#[test]
fn registrars_keep_their_share_after_a_restart() {
    let (world, id) = issuing();
    let draft = sealed::urn(&world.state, &id).unwrap().draft;
    let desk = sealed::Desk::of(&world.state, &draft).unwrap();
    let secret = registrar_secret(2);
    let of = sealed::Participation { chain: &world.chain, draft: &draft, scope: 2, number: 2, secret: &secret };
    assert_eq!(sealed::registrar_share(&desk, of).unwrap().holder(), 2, "from what the desk shows");
    let stranger = urne_ballot::ceremony::CeremonySecret::from_bytes(hash("urne.v1 test nobody", b""));
    assert!(sealed::registrar_share(&desk, sealed::Participation { secret: &stranger, ..of }).is_err());
}
