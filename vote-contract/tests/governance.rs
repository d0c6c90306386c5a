//! No act is one person's: approvals, expiries, delegations, and the role that stays shared.
#![allow(clippy::unwrap_used)]
mod support;
use support::{HOUR, START, World, college, public, validator_id};
use urne_types::{
    CollegeId, Height, Rejection, UnixMs,
    governance::{Act, Administrator, ParameterChange},
    transaction::Payload,
};
use urne_vote_contract::{self as contract, Event, Page, records::ActState};

fn any_act() -> Act {
    Act::SuspendMember { member: public("a") }
}
fn is_suspended(world: &World) -> bool {
    contract::member_suspension(&world.state, &public("a")).is_some()
}
fn delegate(world: &mut World, by: &str, to: &str, expires_at: u64) -> contract::Outcome {
    world.send(by, Payload::Delegate { to: public(to), expires_at: UnixMs::new(expires_at) })
}

fn revocation(to: &str, expires_at: u64) -> Payload {
    Payload::RevokeDelegation { to: public(to), expires_at: UnixMs::new(expires_at) }
}

#[test]
fn an_act_takes_effect_in_the_block_of_the_third_college_and_only_then() {
    let mut world = World::new();
    let (id, _) = world.propose("admin 1", any_act());
    world.approve("admin 2", id).unwrap();
    assert!(!is_suspended(&world));
    world.approve("admin 3", id).unwrap();
    assert!(is_suspended(&world));
    let act = contract::act(&world.state, &id).unwrap();
    assert!(matches!(act.state, ActState::Executed { at } if at.height == Height::new(world.height)));
    let colleges: Vec<CollegeId> = act.approvals.iter().map(|it| it.college).collect();
    assert_eq!(colleges, [college(1), college(2), college(3)]);
}

#[test]
fn three_approvals_in_one_block_execute_once() {
    let mut world = World::new();
    let proposed = world.proposed(any_act());
    let act = proposed.id(&world.chain);
    let mut txs = vec![world.tx("admin 1", Payload::ProposeAct(proposed))];
    txs.extend((2..=4).map(|n| world.tx(&format!("admin {n}"), Payload::ApproveAct { act })));
    let outcomes = world.block(START + 1, &txs);
    assert!(outcomes[..3].iter().all(Result::is_ok));
    assert_eq!(outcomes[3], Err(Rejection::ActExecuted));
    assert_eq!(world.events.iter().filter(|it| matches!(it, Event::ActExecuted { .. })).count(), 1);
}

#[test]
fn two_administrators_of_one_college_are_one_college() {
    let mut world = World::new();
    let twin = Administrator { college: college(1), key: public("twin") };
    world.act(Act::AddAdministrator { administrator: twin }).unwrap();
    let (id, _) = world.propose("admin 1", any_act());
    assert_eq!(world.approve("twin", id), Err(Rejection::AlreadyApproved));
}

#[test]
fn an_approval_whose_act_is_refused_is_refused_with_its_number_and_may_come_again() {
    let mut world = World::new();
    let act = Act::ReinstateMember { member: public("a") };
    let (id, _) = world.propose("admin 1", act);
    world.approve("admin 2", id).unwrap();
    assert_eq!(world.approve("admin 3", id), Err(Rejection::MemberNotSuspended));
    assert_eq!(contract::act(&world.state, &id).unwrap().state, ActState::Pending);
    world.act(any_act()).unwrap();
    world.approve("admin 3", id).unwrap();
    assert!(!is_suspended(&world));
}

#[test]
fn an_act_expires_and_can_be_proposed_again_under_another_nonce() {
    let mut world = World::new();
    let (id, _) = world.propose("admin 1", any_act());
    world.approve("admin 2", id).unwrap();
    world.empty(world.now + HOUR);
    assert_eq!(world.events, vec![Event::ActExpired { act: id }]);
    assert_eq!(contract::act(&world.state, &id).unwrap().state, ActState::Expired);
    assert_eq!(world.approve("admin 3", id), Err(Rejection::ActExpired));
    world.act(any_act()).unwrap();
    assert_eq!(contract::acts(&world.state, Page::ALL).len(), 2);
    assert_eq!(contract::pending_acts(&world.state), vec![]);
}

#[test]
fn the_approval_of_an_administrator_who_was_removed_no_longer_counts() {
    let mut world = World::new();
    let (id, _) = world.propose("admin 4", any_act());
    world.approve("admin 1", id).unwrap();
    world.act(Act::RemoveAdministrator { key: public("admin 4") }).unwrap();
    world.approve("admin 2", id).unwrap();
    assert!(!is_suspended(&world), "two colleges that still stand are not three");
    world.approve("admin 3", id).unwrap();
    assert!(is_suspended(&world));
}

#[test]
fn a_delegate_counts_as_her_administrators_college_until_the_delegation_ends() {
    let mut world = World::new();
    delegate(&mut world, "admin 1", "deputy", START + 2 * HOUR).unwrap();
    let (id, proposed) = world.propose("deputy", any_act());
    proposed.unwrap();
    assert_eq!(world.approve("admin 1", id), Err(Rejection::AlreadyApproved));
    world.send("admin 1", revocation("deputy", START + 2 * HOUR)).unwrap();
    assert_eq!(world.propose("deputy", any_act()).1, Err(Rejection::NotAnAdministrator));
    world.approve("admin 1", id).unwrap();
    let approvals = contract::act(&world.state, &id).unwrap().approvals;
    assert_eq!(approvals.len(), 1, "the revoked approval made room for the administrator's own");
}

#[test]
fn a_revocation_ends_the_delegation_that_it_names_and_no_other() {
    let mut world = World::new();
    delegate(&mut world, "admin 1", "deputy", START + 2 * HOUR).unwrap();
    assert_eq!(world.send("admin 1", revocation("deputy", START + HOUR)), Err(Rejection::UnknownDelegation));
    assert!(world.propose("deputy", any_act()).1.is_ok());
}

#[test]
fn a_delegation_expires_by_block_time() {
    let mut world = World::new();
    delegate(&mut world, "admin 1", "deputy", START + 10).unwrap();
    let tx = world.tx("deputy", Payload::ProposeAct(world.clone().proposed(any_act())));
    assert_eq!(world.block(START + 10, &[tx]), vec![Err(Rejection::NotAnAdministrator)]);
    assert_eq!(contract::delegations(&world.state), vec![]);
    delegate(&mut world, "admin 2", "deputy", START + HOUR).unwrap();
}

#[test]
fn delegations_end_with_the_administrator_and_with_her_key() {
    let mut world = World::new();
    delegate(&mut world, "admin 4", "deputy 4", START + HOUR).unwrap();
    delegate(&mut world, "admin 3", "deputy 3", START + HOUR).unwrap();
    world.act(Act::RemoveAdministrator { key: public("admin 4") }).unwrap();
    world.act(Act::RotateAdministratorKey { from: public("admin 3"), to: public("admin 3 new") }).unwrap();
    assert_eq!(contract::delegations(&world.state), vec![]);
    assert_eq!(world.propose("admin 3", any_act()).1, Err(Rejection::NotAnAdministrator));
    assert!(world.propose("admin 3 new", any_act()).1.is_ok());
}

#[test]
fn a_delegate_can_not_delegate() {
    let mut world = World::new();
    delegate(&mut world, "admin 1", "deputy", START + HOUR).unwrap();
    assert_eq!(delegate(&mut world, "deputy", "other", START + HOUR), Err(Rejection::NotAnAdministrator));
}

#[test]
fn parameters_change_within_their_ranges() {
    let mut world = World::new();
    let set = |world: &mut World, change| world.act(Act::SetParameter { change });
    set(&mut world, ParameterChange::BatchingMs(250)).unwrap();
    assert_eq!(contract::parameters(&world.state).batching_ms, 250);
    for change in [
        ParameterChange::ApprovalsNeeded(0),
        ParameterChange::ApprovalsNeeded(1),
        ParameterChange::ActLifetimeMsMax(1),
        ParameterChange::HeartbeatOpenMs(1),
        ParameterChange::HeartbeatIdleMs(u64::MAX),
        ParameterChange::BatchingMs(u32::MAX),
        ParameterChange::BlockBytesMax(u32::MAX),
        ParameterChange::ClockPrecisionMs(0),
        ParameterChange::MessageDelayMs(0),
        ParameterChange::MissedTurnsMax(0),
        ParameterChange::ExcusedHeights(u64::MAX),
    ] {
        assert_eq!(set(&mut world, change.clone()), Err(Rejection::BadParameter), "{change:?}");
    }
    assert_eq!(set(&mut world, ParameterChange::ApprovalsNeeded(5)), Err(Rejection::TooFewColleges));
    assert_eq!(
        set(&mut world, ParameterChange::ApprovalsNeeded(1)),
        Err(Rejection::BadParameter),
        "no act is one college's"
    );
    set(&mut world, ParameterChange::ApprovalsNeeded(2)).unwrap();
    let (id, _) = world.propose("admin 1", any_act());
    world.approve("admin 2", id).unwrap();
    assert!(is_suspended(&world), "two approvals are enough now");
}

#[test]
fn an_upgrade_is_in_force_from_its_height_and_upgrades_follow_each_other() {
    let mut world = World::new();
    let upgrade = |version, height| Act::UpgradeProtocol { version, height: Height::new(height) };
    world.act(upgrade(2, 10)).unwrap();
    assert_eq!(world.act(upgrade(3, 9)), Err(Rejection::BadUpgrade), "not before the last one");
    assert_eq!(world.act(upgrade(2, 20)), Err(Rejection::BadUpgrade), "not the same version");
    assert_eq!(contract::protocol_version_at(&world.state, Height::new(9)), 1);
    assert_eq!(contract::protocol_version_at(&world.state, Height::new(10)), 2);
    assert_eq!(contract::next_upgrade(&world.state, Height::new(9)), Some((2, Height::new(10))));
    assert_eq!(contract::next_upgrade(&world.state, Height::new(10)), None);
    world.height = 9;
    world.empty(world.now + 1);
    assert_eq!(world.events, vec![Event::ProtocolUpgraded { version: 2 }]);
    assert_eq!(world.act(upgrade(3, 10)), Err(Rejection::BadUpgrade), "not in the past");
}

#[test]
fn readers_serialize_for_the_http_api() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.empty(START + 2 * HOUR);
    let json = |value: serde_json::Value| value;
    let election = json(serde_json::to_value(contract::election(&world.state, &id)).unwrap());
    assert_eq!(election["id"], id.to_string());
    assert_eq!(election["state"], "tallied");
    assert_eq!(election["turnout"]["registered"], "5");
    assert_eq!(election["life"]["opened"]["time"], UnixMs::new(START + HOUR).to_string());
    let result = serde_json::to_value(world.result(id)).unwrap();
    assert_eq!(result["questions"][0]["method"], "referendum");
    assert_eq!(result["questions"][0]["favour"], "0");
    let acts = serde_json::to_value(contract::acts(&world.state, Page::ALL)).unwrap();
    assert_eq!(acts.as_array().map(Vec::len), Some(2));
    let validator = serde_json::to_value(contract::validator(&world.state, &validator_id("validator 1"))).unwrap();
    assert_eq!(validator["standing"], "active");
}
