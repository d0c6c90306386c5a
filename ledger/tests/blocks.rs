//! Proposing, judging and committing: what a header says is what everyone computes, or the block has a named fault.
mod chain;

use chain::{World, certificate, genesis, verified};
use urne_ledger::{BlockFault, CommitError, ExecutedBlock, Ledger, MemoryKv};
use urne_types::{
    AppHash, BlockHash, ChainId, Height, MerkleRoot, Rejection, Round, UnixMs, ValidatorId,
    ballot::Answer,
    block::{Block, last_commit_hash, tx_root},
    bounded::List,
    certificate::BadCertificate,
    governance::{Act, ParameterChange},
    transaction::VerifiedTx,
};

fn judged(world: &World<MemoryKv>, block: Block) -> Result<ExecutedBlock, BlockFault> {
    let txs = verified(&world.chain(), &block);
    world.ledger.judge(block, txs).expect("memory does not fail")
}

/// A world with ballots, and a good next block.
fn ready() -> (World<MemoryKv>, Block) {
    let (mut world, election) = World::voting(8);
    world.block(&world.ballots(0..4, election));
    let block = world.propose(&world.ballots(4..8, election)).block.block().clone();
    (world, block)
}

#[test]
fn what_one_proposes_another_judges_the_same() {
    let (world, block) = ready();
    let executed = judged(&world, block.clone()).expect("a good block");
    assert_eq!(executed.hash(), block.header.hash());
    assert_eq!(executed.bytes(), block.encode());
    assert_eq!(executed.txs().len(), 4);
}

/// Changes a good block, and expects that fault.
#[track_caller]
fn check(spoil: impl FnOnce(&World<MemoryKv>, &mut Block), expected: impl Fn(&BlockFault) -> bool) {
    let (world, mut block) = ready();
    spoil(&world, &mut block);
    let fault = judged(&world, block).expect_err("a wrong block");
    assert!(expected(&fault), "{fault}");
}

#[test]
fn each_wrong_field_of_a_header_is_its_own_fault() {
    check(|_, it| it.header.version += 1, |fault| matches!(fault, BlockFault::Version { found: 2, expected: 1 }));
    check(|_, it| it.header.chain = ChainId([9; 32]), |fault| matches!(fault, BlockFault::Chain { .. }));
    check(|_, it| it.header.height = it.header.height.next(), |fault| matches!(fault, BlockFault::Height { .. }));
    check(|_, it| it.header.previous = BlockHash([9; 32]), |fault| matches!(fault, BlockFault::Previous { .. }));
    check(|world, it| it.header.time = world.ledger.tip().time, |fault| matches!(fault, BlockFault::Time { .. }));
    check(|_, it| it.header.time = UnixMs::new(0), |fault| matches!(fault, BlockFault::Time { .. }));
    check(|_, it| it.header.round = Round::new(1), |fault| matches!(fault, BlockFault::Proposer { .. }));
    check(|_, it| it.header.proposer = ValidatorId([9; 20]), |fault| matches!(fault, BlockFault::Proposer { .. }));
    check(|_, it| it.header.validators_hash = [9; 32], |fault| matches!(fault, BlockFault::Validators));
    check(|_, it| it.header.next_validators_hash = [9; 32], |fault| matches!(fault, BlockFault::NextValidators));
    check(|_, it| it.header.last_commit_hash = [9; 32], |fault| matches!(fault, BlockFault::LastCommitHash));
    check(|_, it| it.header.tx_root = MerkleRoot([9; 32]), |fault| matches!(fault, BlockFault::TxRoot { .. }));
    check(|_, it| it.header.app_hash = AppHash([9; 32]), |fault| matches!(fault, BlockFault::AppHash { .. }));
}

/// Replaces the transactions, and the root that commits to them.
fn with_txs(block: &mut Block, txs: Vec<Vec<u8>>) {
    block.header.tx_root = tx_root(txs.iter().map(Vec::as_slice));
    block.txs = List::new(txs).expect("few");
}

#[test]
fn a_block_holds_no_transaction_twice() {
    check(
        |_, it| with_txs(it, vec![it.txs[0].clone(), it.txs[1].clone(), it.txs[0].clone()]),
        |fault| matches!(fault, BlockFault::Rejected { rejection: Rejection::AlreadyCommitted, .. }),
    );
}

#[test]
fn a_block_holds_no_transaction_of_an_earlier_block() {
    check(
        |world, it| {
            let earlier = world.ledger.reader().block(world.height()).expect("read").expect("the tip");
            with_txs(it, vec![it.txs[0].clone(), earlier.txs[0].clone()]);
        },
        |fault| matches!(fault, BlockFault::Rejected { rejection: Rejection::AlreadyCommitted, .. }),
    );
}

#[test]
fn a_block_with_a_refused_transaction_is_refused() {
    check(
        |world, it| {
            let stranger = world.ballot(99, urne_types::ElectionId([7; 32]), 1, Answer::Blank);
            with_txs(it, vec![it.txs[0].clone(), stranger.bytes().to_vec()]);
        },
        |fault| matches!(fault, BlockFault::Rejected { rejection: Rejection::UnknownElection, .. }),
    );
}

#[test]
fn a_block_with_another_order_of_transactions_has_another_state() {
    check(
        |_, it| {
            let mut txs = it.txs.to_vec();
            txs.reverse();
            with_txs(it, txs);
        },
        |fault| matches!(fault, BlockFault::AppHash { .. }),
    );
}

#[test]
fn a_full_block_ends_at_the_limit_and_a_larger_one_is_refused() {
    let (mut world, election) = World::voting(1_000);
    world.act(Act::SetParameter { change: ParameterChange::BlockBytesMax(128 << 10) });
    let proposed = world.propose(&world.ballots(0..1_000, election));
    assert_eq!(proposed.refused, []);
    let block = proposed.block.block().clone();
    let kept = block.txs.len();
    assert!(kept < 1_000 && block.encode().len() <= 128 << 10 && (127 << 10) < block.encode().len());
    let mut larger = block;
    with_txs(&mut larger, world.ballots(0..1_000, election).iter().map(|it| it.bytes().to_vec()).collect());
    assert!(matches!(judged(&world, larger), Err(BlockFault::TooLarge { max: 131_072, .. })));
}

#[test]
fn the_certificate_of_the_previous_block_is_judged() {
    let set = |block: &mut Block, certificate| {
        block.header.last_commit_hash = last_commit_hash(Option::as_ref(&certificate));
        block.last_commit = certificate;
    };
    check(|_, it| set(it, None), |fault| *fault == BlockFault::LastCommitMissing);
    check(
        |world, it| set(it, Some(certificate(&world.chain(), world.height(), BlockHash([9; 32]), &[1, 2, 3]))),
        |fault| matches!(fault, BlockFault::LastCommitOfAnother { .. }),
    );
    check(
        |world, it| {
            let (height, block) = (world.height().previous().expect("not the first"), world.ledger.tip().block);
            set(it, Some(certificate(&world.chain(), height, block, &[1, 2, 3])));
        },
        |fault| matches!(fault, BlockFault::LastCommitOfAnother { .. }),
    );
    check(
        |world, it| set(it, Some(certificate(&world.chain(), world.height(), world.ledger.tip().block, &[1, 2]))),
        |fault| matches!(fault, BlockFault::LastCommit(BadCertificate::NoQuorum { .. })),
    );
    check(
        |_, it| {
            let mut twice = it.last_commit.clone().expect("not the first block");
            let one = twice.signatures[0].clone();
            twice.signatures = List::new(vec![one.clone(), one.clone(), one]).expect("few");
            set(it, Some(twice));
        },
        |fault| matches!(fault, BlockFault::LastCommit(BadCertificate::Order(_))),
    );
    let first = World::new();
    let mut block = first.propose(&[]).block.block().clone();
    set(&mut block, Some(certificate(&first.chain(), Height::GENESIS, BlockHash([0; 32]), &[1, 2, 3])));
    assert_eq!(judged(&first, block).expect_err("nothing before it"), BlockFault::LastCommitBeforeFirst);
}

#[test]
fn another_quorum_of_the_same_block_is_a_certificate_too() {
    let (world, mut block) = ready();
    let other = certificate(&world.chain(), world.height(), world.ledger.tip().block, &[2, 3, 4]);
    block.header.last_commit_hash = last_commit_hash(Some(&other));
    block.last_commit = Some(other);
    judged(&world, block).expect("nodes hold different quorums");
}

#[test]
fn a_proposer_leaves_out_what_is_refused_and_says_why() {
    let (mut world, election) = World::voting(8);
    let first = world.ballot(0, election, 2, Answer::Choice(0));
    world.block(std::slice::from_ref(&first));
    let (older, other) = (world.ballot(0, election, 1, Answer::Choice(1)), world.ballot(1, election, 1, Answer::Blank));
    let stranger = world.ballot(70, election, 1, Answer::Blank);
    let proposed = world.propose(&[first, older, other.clone(), stranger, other.clone()]);
    let reasons: Vec<_> = proposed.refused.iter().map(|it| it.rejection).collect();
    assert_eq!(
        reasons,
        [Rejection::AlreadyCommitted, Rejection::SequenceTooOld, Rejection::NotInCensus, Rejection::AlreadyCommitted]
    );
    assert_eq!(proposed.block.txs().map(VerifiedTx::id).collect::<Vec<_>>(), [other.id()]);
}

#[test]
fn several_candidates_may_be_executed_and_one_is_committed() {
    let (mut world, election) = World::voting(8);
    let (one, other) = (world.propose(&world.ballots(0..3, election)), world.propose(&world.ballots(3..6, election)));
    assert_ne!(one.block.hash(), other.block.hash());
    let committed = world.commit(other.block);
    assert_eq!(committed.hash, world.ledger.tip().block);
    assert_eq!(committed.txs.len(), 3);
    assert_eq!(committed.app_hash, world.ledger.tip().app_hash);
    assert!(committed.txs.iter().all(|it| it.events.len() == 1), "each ballot tells that it was accepted");
}

#[test]
#[should_panic(expected = "on the tip it was executed on")]
fn a_block_executed_on_another_tip_is_never_committed() {
    let (mut world, election) = World::voting(8);
    let (one, other) = (world.propose(&world.ballots(0..3, election)), world.propose(&world.ballots(3..6, election)));
    world.commit(one.block);
    world.commit(other.block);
}

#[test]
fn a_block_is_committed_with_a_quorum_for_that_very_block_only() {
    let (mut world, election) = World::voting(8);
    let before = world.ledger.tip().clone();
    let block = |world: &World<MemoryKv>| world.propose(&world.ballots(0..3, election)).block;
    let too_few = world.certificate_of(&block(&world), &[1, 2]);
    let refused = world.ledger.commit(block(&world), too_few);
    assert!(matches!(refused, Err(CommitError::Certificate(BadCertificate::NoQuorum { .. }))));
    let another = certificate(&world.chain(), before.height.next(), BlockHash([9; 32]), &[1, 2, 3]);
    assert!(matches!(world.ledger.commit(block(&world), another), Err(CommitError::OfAnother { .. })));
    let stranger = {
        let mut it = world.certificate_of(&block(&world), &[1, 2, 3]);
        let mut signatures = it.signatures.to_vec();
        signatures[0].signature.0[0] ^= 1;
        it.signatures = List::new(signatures).expect("few");
        it
    };
    let refused = world.ledger.commit(block(&world), stranger);
    assert!(matches!(refused, Err(CommitError::Certificate(BadCertificate::Signature(_)))));
    assert_eq!(*world.ledger.tip(), before);
}

#[test]
fn an_empty_block_keeps_the_state_and_a_due_one_changes_it() {
    let (mut world, _) = World::voting(4);
    let before = world.ledger.tip().app_hash;
    assert_eq!(world.block(&[]).app_hash, before);
    world.now = chain::START + 2 * chain::HOUR;
    let closing = world.block(&[]);
    assert_ne!(closing.app_hash, before);
    assert!(!closing.block_events.is_empty(), "the election closed and was counted");
}

#[test]
fn a_clock_behind_the_chain_gives_the_least_later_time() {
    let (mut world, _) = World::voting(4);
    world.now = 0;
    let tip = world.ledger.tip().time;
    assert_eq!(world.propose(&[]).block.header().time, tip.plus(1));
}

#[test]
fn followers_end_in_the_same_state_as_the_proposer() {
    let (mut leader, election) = World::voting(40);
    for from in (0..40).step_by(10) {
        leader.block(&leader.ballots(from..from + 10, election));
    }
    leader.close();
    let mut follower = World::new();
    for one in leader.ledger.reader().certified_blocks(Height::FIRST, usize::MAX, usize::MAX).expect("read") {
        follower.follow(&Block::decode(&one.block).expect("a block"), &one.certificate);
    }
    assert_eq!(follower.ledger.tip(), leader.ledger.tip());
    assert!(follower.ledger.into_kv() == leader.ledger.into_kv(), "every column is the same");
}

#[test]
fn the_genesis_state_is_already_committed_to() {
    let tip = World::new().ledger.tip().clone();
    assert_eq!(tip.height, Height::GENESIS);
    assert_eq!(tip.time, genesis().time);
    let other = Ledger::open(MemoryKv::default(), &chain::genesis_named("other")).expect("a genesis");
    assert_ne!(tip.app_hash, other.tip().app_hash);
}
