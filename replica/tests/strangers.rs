//! Who may take part in agreeing on a block: the validators of the height, each in its own share of our memory.
#![allow(missing_docs)] // a test
mod world;

use urne_ledger::MemoryKv;
use urne_replica::{Effect, StartReason};
use urne_types::{
    BlockHash, NodeId,
    governance::{Act, ValidatorRecord},
    hash::hash,
    signed::Signed,
    wire::PeerMessage,
};
use world::{
    Desk, Voices, answer, begun, block_of, body, certified,
    chain::{World, secret},
    id_of, listener, node, prevoted, proposer, sent, voting,
};

const STRANGER: u16 = 9;

#[test]
fn a_stranger_wakes_nobody_with_a_validators_words() {
    let (world, _) = voting();
    let (proposer, me) = (proposer(&world), listener(&world));
    let prevote = Voices { world: &world, block: BlockHash([1; 32]) }.prevote(proposer);
    let mut desk = Desk::open(&world, me);
    assert_eq!(begun(&desk.hear(STRANGER, prevote.clone())), None);
    assert_eq!(begun(&desk.hear(proposer, prevote)), Some(StartReason::Peer));
}

#[test]
fn a_stranger_gets_no_body_and_no_help_and_its_bodies_are_not_kept() {
    let (world, election) = voting();
    let (proposer, me) = (proposer(&world), listener(&world));
    let block = block_of(&world, &world.ballots(0..4, election));
    let voices = Voices { world: &world, block: block.hash() };
    let mut desk = Desk::open(&world, me);
    let answers = |effects: &[Effect]| {
        sent(effects).iter().filter(|(_, it)| matches!(it, PeerMessage::SyncResponse { .. })).count()
    };
    let past = PeerMessage::BodyRequest { height: world.height(), block: world.ledger.tip().block };
    assert_eq!(answers(&desk.hear(STRANGER, past.clone())), 0);
    assert_eq!(answers(&desk.hear(proposer, past)), 1);

    desk.hear(STRANGER, body(&block));
    desk.hear(proposer, voices.prevote(proposer));
    assert_eq!(prevoted(&desk.hear(proposer, voices.proposal(proposer))), None, "its body is not here");
    assert_eq!(prevoted(&desk.hear(proposer, body(&block))), Some(Some(block.hash())));
}

#[test]
fn one_validator_does_not_crowd_out_what_another_said_of_the_next_height() {
    let ((behind, election), (mut ahead, _)) = (voting(), voting());
    let first = block_of(&behind, &behind.ballots(0..4, election));
    let brought = certified(&behind, &first, &[1, 2, 3]);
    ahead.commit(first);
    let second = block_of(&ahead, &[]);
    let (proposer, me) = (proposer(&ahead), listener(&ahead));
    let flooder = (1..=4).find(|n| ![proposer, me].contains(n)).expect("four validators");
    let voices = Voices { world: &ahead, block: second.hash() };

    let mut desk = Desk::open(&behind, me);
    for n in 0..1_100_u32 {
        desk.hear(flooder, Voices { world: &ahead, block: BlockHash(hash("test", &n.to_be_bytes())) }.prevote(flooder));
    }
    desk.hear(proposer, voices.proposal(proposer));
    desk.hear(flooder, answer(vec![brought]));
    assert_eq!(desk.height(), ahead.height());
    desk.hear(proposer, voices.prevote(proposer));
    assert_eq!(prevoted(&desk.hear(proposer, body(&second))), Some(Some(second.hash())), "its proposal was kept");
}

/// The chain after validator 2 took another key, and perhaps another node.
fn rotated(key: &str, to: NodeId) -> World<MemoryKv> {
    let (mut world, _) = voting();
    let key = secret(key);
    let old = urne_vote_contract::validator(&world.ledger.view(), &id_of(2)).expect("a validator").record;
    let claim = ValidatorRecord { key: key.public(), node: to, ..old };
    let record = Signed::sign(&world.chain(), claim, &key).into_signed();
    world.act(Act::ReplaceValidator { validator: id_of(2), record });
    world.block(&[]);
    world
}

#[test]
fn whose_key_was_rotated_is_present_to_the_others() {
    // Whichever of the two names comes first.
    for key in ["new 1", "new 2", "new 3", "new 4", "new 5", "new 6"] {
        let world = rotated(key, node(2));
        let others = (1..=4).filter(|n| id_of(*n) != id_of(2));
        for n in others {
            let mut desk = Desk::open(&world, n);
            desk.connect(&[1, 2, 3, 4]);
            assert_eq!(desk.replica.status().absent, [], "{key}, seen by {n}");
        }
    }
}

#[test]
fn the_node_of_a_replaced_validator_is_a_stranger() {
    let world = rotated("new", node(7));
    let (mut desk, effects) = Desk::restart(&world, 1, Vec::new(), None).expect("an empty log");
    let known = effects.iter().find_map(|it| match it {
        Effect::Validators(nodes) => Some(nodes.iter().map(|(node, _)| *node).collect::<Vec<_>>()),
        _ => None,
    });
    let mut known = known.expect("told at the beginning");
    known.sort();
    assert_eq!(known, [1, 3, 4, 7].map(node));
    let wrong = Voices { world: &world, block: BlockHash([1; 32]) }.prevote(3);
    assert_eq!(begun(&desk.hear(2, wrong.clone())), None);
    assert_eq!(begun(&desk.hear(3, wrong)), Some(StartReason::Peer));
}
