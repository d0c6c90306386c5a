//! Each transaction is verified once on a node, whoever brings it, and however often: counted by the bytes that the replica
//! asks to verify.
#![allow(missing_docs, clippy::unwrap_used)] // a test
mod world;
use world::chain;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;

use std::collections::BTreeMap;
use urne_replica::{Effect, Lane, Stimulus, Submission, Ticket, VerifyId};
use urne_types::{
    ElectionId, Rejection, TxHash,
    transaction::{RawTx, VerifiedTx},
};
use world::chain::World;
use world::{Desk, Voices, answer, block_of, body, certified, listener, notices, prevoted, proposer, raw, voting};

/// How often each transaction was asked for.
fn verified(effects: &[Effect]) -> BTreeMap<TxHash, usize> {
    let mut times = BTreeMap::new();
    for effect in effects {
        if let Effect::Verify { raws, .. } = effect {
            raws.iter().for_each(|it| *times.entry(it.hash()).or_default() += 1);
        }
    }
    times
}
fn once(txs: &[VerifiedTx]) -> BTreeMap<TxHash, usize> {
    txs.iter().map(|it| (it.hash(), 1)).collect()
}

#[test]
fn a_ballot_that_all_bring_and_a_block_holds_is_verified_once() {
    let (world, election) = voting();
    let ballots = world.ballots(0..3, election);
    let raws: Vec<RawTx> = ballots.iter().map(raw).collect();
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    let mut done = desk.tell(Stimulus::Gossiped { raws: raws[..1].to_vec() });
    desk.submit_raw(raws[..2].to_vec());
    done.extend(desk.tell(Stimulus::Gossiped { raws: raws.clone() }));
    // The third one is in a block before this node has admitted it, and the block is decided.
    let block = block_of(&world, &ballots);
    let voices = Voices { world: &world, block: block.hash() };
    done.extend(desk.hear(proposer(&world), voices.proposal(proposer(&world))));
    done.extend(desk.hear(proposer(&world), body(&block)));
    assert_eq!(prevoted(&done), Some(Some(block.hash())));
    done.extend(desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])])));
    assert_eq!(desk.height(), world.height().next());
    // And it still comes, late.
    done.extend(desk.tell(Stimulus::Gossiped { raws: raws.clone() }));
    assert_eq!(verified(&done).values().filter(|times| 1 < **times).count(), 0);
    assert_eq!(verified(&desk.tell(Stimulus::Gossiped { raws })), BTreeMap::new());
}

#[test]
fn what_several_ask_for_at_the_same_time_is_one_question_with_several_answers() {
    let (world, election) = voting();
    let ballots = world.ballots(0..2, election);
    let raws: Vec<RawTx> = ballots.iter().map(raw).collect();
    let mut desk = Desk::open(&world, listener(&world));
    let now = desk.now;
    let mut asked = Vec::new();
    let submit = |n, raws: &[RawTx]| Stimulus::Submitted { ticket: Ticket(n), raws: raws.to_vec() };
    asked.extend(desk.replica.step(now, Stimulus::Gossiped { raws: raws[..1].to_vec() }));
    asked.extend(desk.replica.step(now, submit(7, &raws)));
    asked.extend(desk.replica.step(now, submit(8, &[raws[0].clone(), raws[0].clone()])));
    assert_eq!(verified(&asked), once(&ballots));
    let ids: Vec<VerifyId> =
        asked.iter().filter_map(|it| if let Effect::Verify { id, .. } = it { Some(*id) } else { None }).collect();
    let told = |effects: &[Effect]| {
        let submitted = |it: &urne_replica::Notice| match it {
            urne_replica::Notice::Submitted { ticket, outcomes } => Some((ticket.0, outcomes.clone())),
            _ => None,
        };
        notices(effects).filter_map(submitted).collect::<Vec<_>>()
    };
    let (first, second) = (ballots[0].id(), ballots[1].id());
    // The second question is answered first: who waits for both is not.
    assert_eq!(told(&desk.tell(Stimulus::Verified { id: ids[1], results: vec![Ok(ballots[1].clone())] })), []);
    let effects = desk.tell(Stimulus::Verified { id: ids[0], results: vec![Ok(ballots[0].clone())] });
    assert_eq!(
        told(&effects),
        [
            (7, vec![Submission::Known { id: first }, Submission::Pending { id: second }]),
            (8, vec![Submission::Known { id: first }, Submission::Known { id: first }]),
        ]
    );
}

#[test]
fn a_wrong_signature_is_told_to_everybody_who_asked_and_is_not_remembered() {
    let (world, election) = voting();
    let mut forged = raw(&world.ballots(0..1, election)[0]);
    *forged.0.last_mut().unwrap() ^= 1;
    let mut desk = Desk::open(&world, 1);
    for _ in 0..2 {
        let outcomes = desk.submit_raw(vec![forged.clone(), forged.clone()]);
        let refused = Submission::Refused { id: None, rejection: Rejection::BadSignature };
        assert_eq!(outcomes, [refused, refused]);
    }
}

fn secret() -> (World<urne_ledger::MemoryKv>, ElectionId) {
    let mut world = World::new();
    let election = sealed_chain::open(&mut world, 8);
    (world, election)
}

#[test]
fn the_proof_of_a_sealed_ballot_is_verified_once_from_its_arrival_to_its_block() {
    let (world, election) = secret();
    let transactions: Vec<_> = (0..4).map(|it| sealed_chain::cast(&world, it, election, 1, 0)).collect();
    let ballots: Vec<_> = transactions.iter().map(|it| sealed_chain::verified(&world, it.clone())).collect();
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    let mut done = desk.tell(Stimulus::Gossiped { raws: ballots[..2].iter().map(raw).collect() });
    let block = block_of(&world, &ballots);
    let voices = Voices { world: &world, block: block.hash() };
    done.extend(desk.hear(proposer(&world), voices.proposal(proposer(&world))));
    done.extend(desk.hear(proposer(&world), body(&block)));
    assert_eq!(prevoted(&done), Some(Some(block.hash())), "its proofs hold");
    done.extend(desk.hear(1, answer(vec![certified(&world, &block, &[1, 2, 3])])));
    done.extend(desk.tell(Stimulus::Gossiped { raws: ballots.iter().map(raw).collect() }));
    assert_eq!(desk.height(), world.height().next());
    assert_eq!(verified(&done), once(&ballots));
}

#[test]
fn a_sealed_ballot_waits_and_is_proposed_like_any_other_and_a_changed_one_is_refused() {
    let (world, election) = secret();
    let ballot = sealed_chain::cast(&world, 0, election, 1, 0);
    let mut desk = Desk::open(&world, listener(&world));
    let mut changed = ballot.to_raw();
    *changed.0.last_mut().unwrap() ^= 8;
    let outcomes = desk.submit_raw(vec![ballot.to_raw(), changed]);
    assert!(matches!(outcomes[0], Submission::Pending { .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], Submission::Refused { rejection, .. } if 600 <= rejection.code()), "{outcomes:?}");
}

#[test]
fn a_node_that_restarts_with_sealed_ballots_in_its_log_knows_their_keys() {
    let (world, election) = secret();
    let ballots = [sealed_chain::verified(&world, sealed_chain::cast(&world, 0, election, 1, 0))];
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    let block = block_of(&world, &ballots);
    let voices = Voices { world: &world, block: block.hash() };
    desk.hear(proposer(&world), voices.proposal(proposer(&world)));
    let said = desk.hear(proposer(&world), body(&block));
    assert_eq!(prevoted(&said), Some(Some(block.hash())));
    assert!(Desk::restart(&world, listener(&world), desk.wal.clone(), desk.guard).is_ok());
}

// ---- Blocks first ----

/// Asks for what nobody can verify, until as much is under way as may be, and more of it waits. Nobody answers.
fn drown(desk: &mut Desk) -> Vec<Effect> {
    let mut asked = Vec::new();
    for n in 0..64_u16 {
        let raws = (0..256_u16).map(|it| RawTx([n.to_le_bytes(), it.to_le_bytes()].concat())).collect();
        asked.extend(desk.replica.step(desk.now, Stimulus::Gossiped { raws }));
    }
    asked
}
fn questions(effects: &[Effect]) -> Vec<(Lane, VerifyId, Vec<TxHash>)> {
    let question = |it: &Effect| match it {
        Effect::Verify { id, lane, raws, .. } => Some((*lane, *id, raws.iter().map(RawTx::hash).collect())),
        _ => None,
    };
    effects.iter().filter_map(question).collect()
}

#[test]
fn a_proposed_block_is_verified_before_whatever_strangers_have_sent() {
    let (world, election) = voting();
    let ballots = world.ballots(0..3, election);
    let hashes: Vec<TxHash> = ballots.iter().map(VerifiedTx::hash).collect();
    let mut desk = Desk::open(&world, listener(&world));
    desk.connect(&[1, 2, 3, 4]);
    let junk = questions(&drown(&mut desk));
    assert!(junk.len() < 64, "most of it waits");
    // One ballot of the block has come before, and stands behind all that.
    let behind = desk.replica.step(desk.now, Stimulus::Gossiped { raws: vec![raw(&ballots[1])] });
    assert_eq!(questions(&behind), []);
    let block = block_of(&world, &ballots);
    let voices = Voices { world: &world, block: block.hash() };
    let from = world::node(proposer(&world));
    desk.replica.step(desk.now, Stimulus::FromPeer { from, message: voices.proposal(proposer(&world)) });
    let asked = questions(&desk.replica.step(desk.now, Stimulus::FromPeer { from, message: body(&block) }));
    let [(Lane::Block, id, of_block)] = &asked[..] else { panic!("one question, of a block: {asked:?}") };
    assert_eq!(*of_block, hashes, "all of the block, and nothing else");
    // No verdict on anything that strangers have sent has come yet.
    let done = desk.tell(Stimulus::Verified { id: *id, results: ballots.iter().cloned().map(Ok).collect() });
    assert_eq!(prevoted(&done), Some(Some(block.hash())));
    // What a block has taken out of the line is not asked for there again.
    let rest =
        desk.tell(Stimulus::Verified { id: junk[0].1, results: vec![Err(Rejection::Malformed); junk[0].2.len()] });
    let later: BTreeMap<TxHash, usize> = verified(&rest);
    assert!(!later.is_empty() && hashes.iter().all(|it| !later.contains_key(it)));
}

#[test]
fn what_waits_is_asked_together_and_apart_once_something_was_refused() {
    let (world, election) = voting();
    let any = world.ballots(0..1, election).remove(0);
    let mut desk = Desk::open(&world, 1);
    let under_way = questions(&drown(&mut desk));
    assert!(under_way.iter().all(|it| it.2.len() == 256), "an idle pool is asked at once: a job each");
    // Verdicts of other bytes: what counts here is that nothing was refused.
    let results = vec![Ok(any); under_way[0].2.len()];
    let together = questions(&desk.replica.step(desk.now, Stimulus::Verified { id: under_way[0].1, results }));
    assert_eq!(together[0].2.len(), 1_024);
    let results = vec![Err(Rejection::BadSignature); under_way[1].2.len()];
    let apart = questions(&desk.replica.step(desk.now, Stimulus::Verified { id: under_way[1].1, results }));
    assert_eq!(apart[0].2.len(), 256, "a wrong one makes its own sender's questions dear");
}
