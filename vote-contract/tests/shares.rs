//! Nobody takes the place of others: every administrator has her own share of what may wait, brings her own censuses, and can
//! take back what is hers.
#![allow(clippy::unwrap_used)]
mod support;
use support::{HOUR, START, World, entry, public, referendum};
use urne_types::{
    CensusId, Rejection, UnixMs,
    bounded::List,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    governance::Act,
    limits::{ACTS_PENDING_MAX, CENSUS_SWEEP_MAX, CENSUSES_INCOMPLETE_MAX, DRAFTS_MAX, OPENING_MS_MAX},
    transaction::{Payload, Withdrawal},
};
use urne_vote_contract::{self as contract, Event, Outcome, Page, records::ActState};

fn any_act() -> Act {
    Act::SuspendMember { member: public("a") }
}
fn delegate(world: &mut World, by: &str, to: &str) {
    let expires_at = UnixMs::new(world.now + HOUR / 2);
    world.send(by, Payload::Delegate { to: public(to), expires_at }).unwrap();
}
fn draft(world: &mut World, who: &str, grace_ms: u32) -> Outcome {
    let definition = world.definition(CensusId([7; 32]), vec![referendum()]);
    world.send(who, Payload::DraftElection(ElectionDefinition { grace_ms, ..definition }))
}
/// Takes every place that she can, through a delegate as well.
fn fill_all_places(world: &mut World, who: &str, deputy: &str) {
    delegate(world, who, deputy);
    for n in 0..ACTS_PENDING_MAX {
        world.propose(if n % 2 == 0 { who } else { deputy }, any_act()).1.unwrap();
    }
    for n in 0..u32::try_from(DRAFTS_MAX).unwrap() {
        draft(world, if n % 2 == 0 { who } else { deputy }, n).unwrap();
    }
    for n in 0..CENSUSES_INCOMPLETE_MAX {
        let (commitment, entries) = census_of(&["a", &format!("b {n}")]);
        part(world, who, &commitment, 0, 0, &entries[..1]).unwrap();
    }
}
fn census_of(members: &[&str]) -> (CensusCommitment, Vec<CensusEntry>) {
    let mut entries: Vec<CensusEntry> = members.iter().map(|it| entry(1, it)).collect();
    (CensusCommitment::over(&mut entries).unwrap(), entries)
}
fn part(
    world: &mut World,
    who: &str,
    commitment: &CensusCommitment,
    attempt: u64,
    first: u64,
    entries: &[CensusEntry],
) -> Outcome {
    let entries = List::new(entries.to_vec()).unwrap();
    world.send(who, Payload::CensusChunk { commitment: commitment.clone(), attempt, first, entries })
}
/// Below every key that a hash gives.
fn intruder() -> CensusEntry {
    let mut intruder = entry(1, "intruder");
    for n in 0.. {
        intruder = entry(1, &format!("intruder {n}"));
        if intruder.member.0[0] == 0 {
            break;
        }
    }
    intruder
}

// ---- Shares ----

#[test]
fn one_administrator_who_takes_every_place_she_can_is_still_removed_by_the_others() {
    let mut world = World::new();
    fill_all_places(&mut world, "admin 4", "deputy");
    assert_eq!(world.propose("admin 4", any_act()).1, Err(Rejection::TooManyActs));
    assert_eq!(world.propose("deputy", any_act()).1, Err(Rejection::TooManyActs), "a delegate has no share of her own");
    assert_eq!(draft(&mut world, "deputy", 99), Err(Rejection::TooManyDrafts));
    world.act(Act::RemoveAdministrator { key: public("admin 4") }).unwrap();
    assert_eq!(world.propose("admin 4", any_act()).1, Err(Rejection::NotAnAdministrator));
    draft(&mut world, "admin 1", 99).unwrap();
    world.census(&[(1, "a")]);
}

#[test]
fn the_others_can_give_her_place_to_another_key_as_well() {
    let mut world = World::new();
    fill_all_places(&mut world, "admin 4", "deputy");
    world.act(Act::RotateAdministratorKey { from: public("admin 4"), to: public("admin 4 new") }).unwrap();
    assert_eq!(world.propose("deputy", any_act()).1, Err(Rejection::NotAnAdministrator));
    world.propose("admin 4 new", any_act()).1.unwrap();
    draft(&mut world, "admin 4 new", 99).unwrap();
}

#[test]
fn a_new_delegate_brings_no_new_share() {
    let mut world = World::new();
    fill_all_places(&mut world, "admin 4", "deputy");
    delegate(&mut world, "admin 4", "another deputy");
    assert_eq!(world.propose("another deputy", any_act()).1, Err(Rejection::TooManyActs));
    assert_eq!(draft(&mut world, "another deputy", 99), Err(Rejection::TooManyDrafts));
}

#[test]
fn what_is_executed_expired_or_withdrawn_frees_its_place() {
    let mut world = World::new();
    let first = world.propose("admin 4", any_act()).0;
    let second = world.propose("admin 4", any_act()).0;
    for _ in 2..ACTS_PENDING_MAX {
        world.propose("admin 4", any_act()).1.unwrap();
    }
    assert_eq!(world.propose("admin 4", any_act()).1, Err(Rejection::TooManyActs));
    world.send("admin 4", Payload::Withdraw(Withdrawal::Act(first))).unwrap();
    assert!(matches!(contract::act(&world.state, &first).unwrap().state, ActState::Withdrawn { .. }));
    world.propose("admin 4", any_act()).1.unwrap();
    assert_eq!(world.propose("admin 4", any_act()).1, Err(Rejection::TooManyActs));
    world.approve("admin 1", second).unwrap();
    world.approve("admin 2", second).unwrap();
    world.propose("admin 4", any_act()).1.unwrap();
    assert_eq!(world.propose("admin 4", any_act()).1, Err(Rejection::TooManyActs));
    world.empty(world.now + 2 * HOUR);
    for _ in 0..ACTS_PENDING_MAX {
        world.propose("admin 4", any_act()).1.unwrap();
    }
}

// ---- Withdrawals ----

#[test]
fn an_act_is_withdrawn_by_its_author_or_her_delegate_and_only_while_it_waits() {
    let mut world = World::new();
    delegate(&mut world, "admin 1", "deputy");
    let (id, _) = world.propose("admin 1", any_act());
    let withdraw = |act| Payload::Withdraw(Withdrawal::Act(act));
    assert_eq!(world.send("a", withdraw(id)), Err(Rejection::NotAnAdministrator));
    assert_eq!(world.send("admin 2", withdraw(id)), Err(Rejection::NotYours));
    world.send("deputy", withdraw(id)).unwrap();
    assert_eq!(world.events, vec![Event::ActWithdrawn { act: id }]);
    assert_eq!(world.send("admin 1", withdraw(id)), Err(Rejection::ActWithdrawn));
    world.empty(world.now + 2 * HOUR);
    assert_eq!(world.events.iter().filter(|it| matches!(it, Event::ActExpired { .. })).count(), 0);

    let (id, _) = world.propose("admin 1", any_act());
    world.approve("admin 2", id).unwrap();
    world.approve("admin 3", id).unwrap();
    assert_eq!(world.send("admin 1", withdraw(id)), Err(Rejection::ActExecuted));
}

#[test]
fn a_withdrawn_draft_is_gone_frees_its_place_and_keeps_its_name_until_it_would_have_lapsed() {
    let mut world = World::new();
    for n in 0..u32::try_from(DRAFTS_MAX).unwrap() {
        draft(&mut world, "admin 1", n).unwrap();
    }
    let definition = world.definition(CensusId([7; 32]), vec![referendum()]);
    let id = definition.draft_id();
    let withdraw = Payload::Withdraw(Withdrawal::Draft(id));
    assert_eq!(world.send("admin 2", withdraw.clone()), Err(Rejection::NotYours));
    world.send("admin 1", withdraw.clone()).unwrap();
    assert_eq!(contract::draft(&world.state, &id), None);
    assert_eq!(world.act(Act::ScheduleElection { draft: id }), Err(Rejection::UnknownDraft));
    assert_eq!(world.send("admin 2", withdraw), Err(Rejection::UnknownDraft));
    assert_eq!(world.send("admin 2", Payload::DraftElection(definition)), Err(Rejection::DraftExists));
    draft(&mut world, "admin 1", 99).unwrap();
    world.empty(START + HOUR);
    let lapsed = world.events.iter().filter(|it| matches!(it, Event::DraftLapsed { .. })).count();
    assert_eq!(lapsed, DRAFTS_MAX, "all but the one that was withdrawn");
}

#[test]
fn an_election_opens_within_two_years() {
    let mut world = World::new();
    let furthest = world.now + 1 + OPENING_MS_MAX;
    let ahead = |world: &World, opens_at: u64| {
        let definition = world.definition(CensusId([7; 32]), vec![referendum()]);
        let (opens_at, closes_at) = (UnixMs::new(opens_at), UnixMs::new(opens_at + HOUR));
        Payload::DraftElection(ElectionDefinition { opens_at, closes_at, ..definition })
    };
    let late = ahead(&world, furthest + 1);
    assert_eq!(world.send("admin 1", late), Err(Rejection::BadCalendar));
    let in_time = ahead(&world, furthest + 1);
    world.send("admin 1", in_time).unwrap();
}

// ---- Censuses ----

#[test]
fn a_wrong_first_part_spoils_nobodys_work_but_its_authors() {
    let mut world = World::new();
    let (commitment, entries) = census_of(&["a", "b"]);
    part(&mut world, "admin 4", &commitment, 0, 0, &[intruder()]).unwrap();
    part(&mut world, "admin 2", &commitment, 0, 0, &entries[..1]).unwrap();
    part(&mut world, "admin 4", &commitment, 1, 0, &[intruder()]).unwrap();
    assert_eq!(part(&mut world, "admin 4", &commitment, 1, 1, &entries[1..]), Err(Rejection::CensusMismatch));
    let census = commitment.id();
    assert!(!contract::is_in_census(&world.state, &census, &entries[0]), "not before it is complete");
    part(&mut world, "admin 2", &commitment, 0, 1, &entries[1..]).unwrap();
    assert_eq!(contract::census_entries(&world.state, &census, Page::ALL), entries);
    assert!(contract::is_in_census(&world.state, &census, &entries[0]));
    assert!(!contract::is_in_census(&world.state, &census, &intruder()));
    assert_eq!(contract::census_attempts(&world.state, &census), vec![]);
}

#[test]
fn a_census_begun_wrongly_is_begun_again_under_another_number_by_the_same_administrator() {
    let mut world = World::new();
    let (commitment, entries) = census_of(&["a", "b"]);
    part(&mut world, "admin 1", &commitment, 7, 0, &[intruder()]).unwrap();
    assert_eq!(part(&mut world, "admin 1", &commitment, 8, 1, &entries[1..]), Err(Rejection::CensusOutOfOrder));
    assert_eq!(part(&mut world, "admin 1", &commitment, 7, 0, &entries), Err(Rejection::CensusOutOfOrder));
    part(&mut world, "admin 1", &commitment, 8, 0, &entries).unwrap();
    assert_eq!(contract::census_entries(&world.state, &commitment.id(), Page::ALL), entries);
}

#[test]
fn what_is_left_of_abandoned_attempts_is_removed_in_bounded_steps() {
    let mut world = World::new();
    let members = CENSUS_SWEEP_MAX + 1_000;
    let mut entries: Vec<CensusEntry> = (0..members).map(|n| entry(1, &format!("member {n}"))).collect();
    let commitment = CensusCommitment::over(&mut entries).unwrap();
    let bring = |world: &mut World, who: &str, attempt: u64, entries: &[CensusEntry]| {
        for (at, some) in (0..).zip(entries.chunks(1_000)) {
            part(world, who, &commitment, attempt, at * 1_000, some).unwrap();
        }
    };
    bring(&mut world, "admin 1", 0, &entries[..members - 1]);
    assert_eq!(world.state.index.len(), members - 1);
    let census = commitment.id();
    world.send("admin 1", Payload::Withdraw(Withdrawal::Census { census, attempt: 0 })).unwrap();
    assert_eq!(contract::census(&world.state, &census), None, "nobody brings it any more");
    assert_eq!(
        part(&mut world, "admin 1", &commitment, 0, 0, &entries[..500]),
        Err(Rejection::CensusOutOfOrder),
        "a number whose entries are still there is not taken again"
    );
    assert_eq!(world.state.index.len(), members - 1 - CENSUS_SWEEP_MAX);
    world.empty(world.now + 1);
    assert_eq!(world.state.index.len(), 0);
    bring(&mut world, "admin 1", 0, &entries);
    world.act(Act::AdoptCensus { census }).unwrap();
}

#[test]
fn whoever_loses_the_role_loses_the_censuses_she_was_bringing() {
    let mut world = World::new();
    let (commitment, entries) = census_of(&["a", "b"]);
    delegate(&mut world, "admin 4", "deputy");
    part(&mut world, "admin 4", &commitment, 0, 0, &entries[..1]).unwrap();
    part(&mut world, "deputy", &commitment, 0, 0, &entries[..1]).unwrap();
    assert_eq!(contract::census_attempts(&world.state, &commitment.id()).len(), 2);
    world.act(Act::RemoveAdministrator { key: public("admin 4") }).unwrap();
    assert_eq!(contract::census(&world.state, &commitment.id()), None);
    (0..3).for_each(|_| world.empty(world.now + 1));
    assert_eq!(world.state.index.len(), 0);
}

#[test]
fn only_ones_own_attempt_is_withdrawn() {
    let mut world = World::new();
    let (commitment, entries) = census_of(&["a", "b"]);
    let census = commitment.id();
    part(&mut world, "admin 1", &commitment, 3, 0, &entries[..1]).unwrap();
    let withdraw = |attempt| Payload::Withdraw(Withdrawal::Census { census, attempt });
    assert_eq!(world.send("admin 2", withdraw(3)), Err(Rejection::UnknownCensus));
    assert_eq!(world.send("admin 1", withdraw(2)), Err(Rejection::UnknownCensus));
    assert_eq!(world.send("a", withdraw(3)), Err(Rejection::NotAnAdministrator));
    world.send("admin 1", withdraw(3)).unwrap();
    assert_eq!(world.events, vec![Event::CensusWithdrawn { census }]);
}
