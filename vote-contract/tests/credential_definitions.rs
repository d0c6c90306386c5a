//! What an election with anonymous credentials may be: over commitments and nothing else, and without one voice for a member of
//! several colleges.
#![allow(clippy::unwrap_used)]
#[path = "support/credentials.rs"]
mod credential_support;
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use credential_support::{MEMBERS, commitment, credential_rules};
use support::{World, college, public, referendum};
use urne_types::{
    PublicKey, Rejection,
    election::{CensusEntry, Secrecy},
    governance::Act,
    statutes::Voice,
    transaction::Payload,
};

#[test]
fn a_census_of_evident_keys_is_refused_and_a_small_one_is_not_judged() {
    let schedule = |members: usize, key: fn(&World, &str) -> PublicKey| {
        let mut world = World::new();
        let names: Vec<String> = (0..members).map(|n| format!("member {n}")).collect();
        let entry = |name: &String| CensusEntry { college: college(1), member: key(&world, name) };
        let mut entries: Vec<_> = names.iter().map(entry).collect();
        let census = world.bring_entries(&mut entries);
        world.act(Act::AdoptCensus { census }).unwrap();
        let mut definition = world.definition(census, vec![referendum()]);
        definition.secrecy = Secrecy::Sealed(Box::new(credential_rules(&[&[1]])));
        let draft = definition.draft_id();
        world.send("admin 1", Payload::DraftElection(definition)).unwrap();
        world.act(Act::ScheduleElection { draft }).map(|_| ())
    };
    assert_eq!(schedule(32, |_, name| public(name)), Err(Rejection::WrongCensusKeys), "members' keys");
    assert_eq!(
        schedule(32, |world, name| world.key_of(name)),
        Err(Rejection::WrongCensusKeys),
        "published credentials"
    );
    assert_eq!(schedule(31, |_, name| public(name)), Ok(()), "so few may be commitments");
    assert_eq!(schedule(64, |_, name| commitment(name)), Ok(()));
}

#[test]
fn an_open_election_takes_no_commitments() {
    let mut world = World::new();
    let entries: Vec<(u16, String)> = (0..40).map(|n| (1, format!("member {n}"))).collect();
    let entries: Vec<(u16, &str)> = entries.iter().map(|(of, name)| (*of, name.as_str())).collect();
    let census = world.committed_census(&entries);
    let definition = world.definition(census, vec![referendum()]);
    let draft = definition.draft_id();
    world.send("admin 1", Payload::DraftElection(definition)).unwrap();
    assert_eq!(world.act(Act::ScheduleElection { draft }), Err(Rejection::WrongCensusKeys));
}

#[test]
fn one_voice_a_member_cannot_be_kept_in_secret() {
    let refused = |members: &[(u16, &str)], groups: &[&[u16]]| {
        let mut world = World::new();
        support::assembly::put(&mut world, |it| it.voice = Voice::PerMember);
        let census = world.committed_census(members);
        let mut definition = world.definition(census, vec![referendum()]);
        definition.secrecy = Secrecy::Sealed(Box::new(credential_rules(groups)));
        definition.statutes = support::under(1);
        let draft = definition.draft_id();
        world.send("admin 1", Payload::DraftElection(definition)).unwrap();
        world.act(Act::ScheduleElection { draft }).map(|_| ())
    };
    assert_eq!(refused(&MEMBERS, &[&[1, 2]]), Err(Rejection::OneVoiceInSecret));
    assert_eq!(refused(&MEMBERS[..5], &[&[1]]), Ok(()), "in one college everybody has one voice anyway");
}
