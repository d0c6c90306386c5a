//! Who decides and who proposes: acts, evidence, absence, and the rule that no suspension breaks the chain.
#![allow(clippy::unwrap_used)]
mod support;
use support::{START, World, record, secret, text, validator_id};
use urne_types::{
    BlockHash, Height, Rejection, Round,
    governance::Act,
    message::{Equivocation, Precommit, Proposal},
    signed::Signed,
    transaction::Payload,
    validators::{ProposerDuty, ValidatorSet},
};
use urne_vote_contract::{
    self as contract, Event,
    records::{Standing, SuspensionCause},
};

fn suspend(world: &mut World, name: &str) -> contract::Outcome {
    world.act(Act::SuspendValidator { validator: validator_id(name), reason: text("absent") })
}
fn add(world: &mut World, of: u16, name: &str) -> contract::Outcome {
    let record = record(&world.chain, of, name);
    world.act(Act::AddValidator { record })
}
fn standing(world: &World, name: &str) -> Standing {
    contract::validator(&world.state, &validator_id(name)).unwrap().standing
}
fn duty(set: &ValidatorSet, name: &str) -> Option<ProposerDuty> {
    set.get(&validator_id(name)).map(|it| it.duty)
}
fn precommits(world: &World, name: &str, height: u64) -> Payload {
    let sign = |block: u8| {
        let (height, round, validator) = (Height::new(height), Round::FIRST, validator_id(name));
        let precommit = Precommit { height, round, block: Some(BlockHash([block; 32])), validator };
        Signed::sign(&world.chain, precommit, &secret(name)).into_signed()
    };
    Payload::Evidence(Equivocation::Precommits(sign(1), sign(2)))
}
/// Blocks in which a validator missed its turn, until it would be excused.
fn miss(world: &mut World, name: &str, turns: u16) {
    if world.height == 0 {
        world.empty(START + 1); // the first block has none before it
    }
    (0..turns).for_each(|_| drop(world.block_after(world.now + 1, &[], &[name])));
}

#[test]
fn genesis_gives_every_validator_of_four_colleges_a_turn_and_no_third() {
    let world = World::new();
    assert_eq!(world.set.members().len(), 4);
    for member in world.set.members() {
        assert_eq!(member.duty, ProposerDuty::Proposes);
        assert!(member.power.get() * 3 < world.set.total().get());
    }
    assert_eq!(contract::validator_set(&world.state), world.set);
}

#[test]
fn suspending_the_only_validator_of_one_of_four_colleges_waits_as_an_alarm() {
    let mut world = World::new();
    suspend(&mut world, "validator 2").unwrap();
    assert!(world.events.contains(&Event::ValidatorSuspensionPending { validator: validator_id("validator 2") }));
    assert!(matches!(standing(&world, "validator 2"), Standing::SuspensionPending { .. }));
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Excused), "it precommits but proposes no more");
    assert_eq!(world.set.members().len(), 4);
    assert_eq!(contract::pending_suspensions(&world.state).len(), 1);
}

#[test]
fn suspending_one_of_two_validators_of_a_college_takes_it_out() {
    let mut world = World::new();
    add(&mut world, 2, "validator 2b").unwrap();
    assert_eq!(world.set.members().len(), 5);
    suspend(&mut world, "validator 2").unwrap();
    assert!(world.events.contains(&Event::ValidatorSuspended { validator: validator_id("validator 2") }));
    assert_eq!(duty(&world.set, "validator 2"), None);
    world.act(Act::ReinstateValidator { validator: validator_id("validator 2") }).unwrap();
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Proposes));
}

#[test]
fn a_pending_suspension_takes_effect_as_soon_as_another_validator_makes_room() {
    let mut world = World::new();
    suspend(&mut world, "validator 2").unwrap();
    add(&mut world, 2, "validator 2b").unwrap();
    assert!(matches!(standing(&world, "validator 2"), Standing::Suspended { .. }));
    assert_eq!(duty(&world.set, "validator 2b"), Some(ProposerDuty::Proposes));
    assert_eq!(contract::pending_suspensions(&world.state), vec![]);
}

#[test]
fn a_replacement_takes_the_place_and_the_old_key_never_comes_back() {
    let mut world = World::new();
    suspend(&mut world, "validator 2").unwrap();
    let new = record(&world.chain, 2, "validator 2b");
    let old = validator_id("validator 2");
    world.act(Act::ReplaceValidator { validator: old, record: new }).unwrap();
    assert_eq!(duty(&world.set, "validator 2"), None);
    assert_eq!(duty(&world.set, "validator 2b"), Some(ProposerDuty::Proposes));
    assert_eq!(add(&mut world, 2, "validator 2"), Err(Rejection::ValidatorExists));
    assert_eq!(world.act(Act::ReinstateValidator { validator: old }), Err(Rejection::UnknownValidator));
}

#[test]
fn a_key_rotates_on_the_same_machine() {
    let mut world = World::new();
    let mut claim = record(&world.chain, 2, "rotated").claim;
    claim.node = record(&world.chain, 2, "validator 2").claim.node;
    let record = Signed::sign(&world.chain, claim, &secret("rotated")).into_signed();
    assert_eq!(world.act(Act::AddValidator { record: record.clone() }), Err(Rejection::ValidatorExists));
    world.act(Act::ReplaceValidator { validator: validator_id("validator 2"), record }).unwrap();
    assert!(world.set.get(&validator_id("rotated")).is_some());
}

#[test]
fn an_equivocation_suspends_its_author_once_per_offence() {
    let mut world = World::new();
    add(&mut world, 2, "validator 2b").unwrap();
    let evidence = precommits(&world, "validator 2", 1);
    world.send("anyone", evidence.clone()).unwrap();
    assert!(matches!(
        standing(&world, "validator 2"),
        Standing::Suspended { cause: SuspensionCause::Equivocation, .. }
    ));
    assert_eq!(contract::offences(&world.state).len(), 1);
    let another = precommits(&world, "validator 2", 2);
    assert_eq!(world.send("anyone", another.clone()), Err(Rejection::EvidenceKnown), "it is out already");

    world.act(Act::ReinstateValidator { validator: validator_id("validator 2") }).unwrap();
    assert_eq!(world.send("anyone", evidence), Err(Rejection::EvidenceKnown), "it was forgiven by an act");
    world.send("anyone", another).unwrap();
    assert!(matches!(standing(&world, "validator 2"), Standing::Suspended { .. }));
}

#[test]
fn an_equivocation_of_a_validator_the_chain_needs_is_on_record_and_waits() {
    let mut world = World::new();
    let evidence = precommits(&world, "validator 2", 1);
    world.send("anyone", evidence).unwrap();
    assert!(matches!(
        standing(&world, "validator 2"),
        Standing::SuspensionPending { cause: SuspensionCause::Equivocation, .. }
    ));
}

#[test]
fn of_a_validator_that_is_out_one_offence_is_enough() {
    let mut world = World::new();
    add(&mut world, 2, "validator 2b").unwrap();
    suspend(&mut world, "validator 2").unwrap();
    let [first, second] = [1, 2].map(|height| precommits(&world, "validator 2", height));
    world.send("anyone", first).unwrap();
    assert_eq!(world.send("anyone", second), Err(Rejection::EvidenceKnown));
    assert!(matches!(standing(&world, "validator 2"), Standing::Suspended { cause: SuspensionCause::Act { .. }, .. }));
}

#[test]
fn one_block_proposed_with_two_valid_rounds_is_no_offence() {
    let mut world = World::new();
    let sign = |valid_round: Option<u32>| {
        let block = BlockHash([1; 32]);
        let validator = validator_id("validator 2");
        let valid_round = valid_round.map(Round::new);
        let proposal = Proposal { height: Height::FIRST, round: Round::new(2), block, valid_round, validator };
        Signed::sign(&world.chain, proposal, &secret("validator 2")).into_signed()
    };
    let evidence = Payload::Evidence(Equivocation::Proposals(sign(None), sign(Some(1))));
    assert_eq!(world.send("anyone", evidence), Err(Rejection::NotEquivocation));
}

#[test]
fn evidence_against_a_stranger_or_forged_against_a_validator_is_refused() {
    let mut world = World::new();
    let stranger = precommits(&world, "stranger", 1);
    let outcome = world.send("anyone", stranger);
    assert!(matches!(outcome, Err(Rejection::UnknownValidator | Rejection::NotEquivocation)), "{outcome:?}");
    let sign = |block: u8| {
        let (height, round, validator) = (Height::FIRST, Round::FIRST, validator_id("validator 1"));
        let precommit = Precommit { height, round, block: Some(BlockHash([block; 32])), validator };
        Signed::sign(&world.chain, precommit, &secret("forger")).into_signed()
    };
    let forged = Payload::Evidence(Equivocation::Precommits(sign(1), sign(2)));
    assert_eq!(world.send("anyone", forged), Err(Rejection::NotEquivocation));
    assert_eq!(standing(&world, "validator 1"), Standing::Active);
}

#[test]
fn a_validator_that_misses_its_turns_is_excused_for_a_while_and_comes_back() {
    let mut world = World::with(|it| it.parameters.excused_heights = 3);
    miss(&mut world, "validator 2", 1);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Proposes));
    miss(&mut world, "validator 2", 1);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Excused));
    let until = Height::new(world.height + 3);
    assert!(world.events.contains(&Event::ValidatorExcused { validator: validator_id("validator 2"), until }));
    (0..2).for_each(|_| world.empty(world.now + 1));
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Excused));
    world.empty(world.now + 1);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Proposes));
}

#[test]
fn an_excused_validator_whose_precommits_are_in_the_certificates_is_back_long_before_its_time() {
    let mut world = World::new(); // excused for 100 heights
    miss(&mut world, "validator 2", 2);
    world.signers = vec![validator_id("validator 2"), validator_id("validator 3")];
    (0..9).for_each(|_| world.empty(world.now + 1));
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Excused));
    world.empty(world.now + 1);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Proposes), "ten heights instead of a hundred");
    assert!(world.events.contains(&Event::ValidatorBackInTurn { validator: validator_id("validator 2") }));
}

#[test]
fn a_silent_validator_stays_excused_while_others_sign() {
    let mut world = World::new();
    miss(&mut world, "validator 2", 2);
    world.signers = vec![validator_id("validator 1"), validator_id("validator 3"), validator_id("validator 4")];
    (0..99).for_each(|_| world.empty(world.now + 1));
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Excused));
    world.empty(world.now + 1);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Proposes));
}

#[test]
fn a_height_of_many_rounds_counts_one_missed_turn_of_each() {
    let mut world = World::new();
    world.empty(START + 1);
    world.block_after(world.now + 1, &[], &["validator 2", "validator 2", "validator 2"]);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Proposes));
    miss(&mut world, "validator 2", 1);
    assert_eq!(duty(&world.set, "validator 2"), Some(ProposerDuty::Excused));
}

#[test]
fn nobody_is_excused_for_heights_in_which_a_third_of_the_power_missed_its_turn() {
    let mut world = World::new();
    world.empty(START + 1);
    for _ in 0..20 {
        world.block_after(world.now + 1, &[], &["validator 2", "validator 3"]);
    }
    assert!(world.set.members().iter().all(|it| it.duty == ProposerDuty::Proposes));
}

#[test]
fn making_a_block_makes_good_for_a_missed_turn() {
    let mut world = World::new();
    miss(&mut world, "validator 1", 5); // the world's blocks are all made by validator 1
    assert_eq!(duty(&world.set, "validator 1"), Some(ProposerDuty::Proposes));
}

#[test]
fn the_proposer_table_always_keeps_a_quorum_and_pending_suspensions_leave_it_first() {
    let mut world = World::new();
    for name in ["validator 2", "validator 3", "validator 4"] {
        miss(&mut world, name, 2);
    }
    let excused = |world: &World| {
        world.set.members().iter().filter(|it| it.duty == ProposerDuty::Excused).map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(excused(&world).len(), 1, "three of four colleges are just a quorum");
    suspend(&mut world, "validator 1").unwrap();
    assert_eq!(excused(&world), vec![validator_id("validator 1")]);
}

#[test]
fn a_quiet_block_changes_nothing_at_all() {
    let mut world = World::new();
    world.empty(START + 1);
    assert!(world.digests.last().unwrap().is_empty());
}

#[test]
fn the_powers_of_the_set_do_not_depend_on_the_history_that_led_to_it() {
    let mut one = World::new();
    add(&mut one, 2, "validator 2b").unwrap();
    add(&mut one, 3, "validator 3b").unwrap();
    let mut other = World::new();
    add(&mut other, 3, "validator 3b").unwrap();
    add(&mut other, 2, "validator 2b").unwrap();
    assert_eq!(one.set, other.set);
}
