//! Proofs made by the ledger hold from bytes alone, and stop holding when anything in them changes; each broken link of the
//! chain of facts has its own name.
#[path = "../../ledger/tests/chain/mod.rs"]
mod chain;

use chain::{World, certificate, genesis, genesis_named};
use proptest::prelude::*;
use std::sync::LazyLock;
use urne_consensus::power::PowerError;
use urne_ledger::{MemoryKv, NoProof};
use urne_light::{
    CLOCK_DRIFT_MS_MAX, ConsistencyFault, HandoverFault, HeaderFault, ProofFault, StateFault, TRUSTING_PERIOD_MS,
    TrustedSet, decode_proof_of_vote, verify_consistency, verify_proof_of_vote, verify_state,
};
use urne_types::{
    AppHash, BlockHash, ChainId, ElectionId, Height, TxId, ValidatorId, VotingPower,
    ballot::Answer,
    block::Header,
    bounded::List,
    certificate::BadCertificate,
    codec::{decode_canonical, encode},
    genesis::HaltingPolicy,
    proof::{ConsistencyProof, Handover, ProofOfVote},
    validators::ValidatorSet,
};
use urne_vote_contract::LogId;

const BALLOTS: usize = 13;

fn voted() -> (World<MemoryKv>, ElectionId) {
    let (mut world, election) = World::voting(BALLOTS + 7);
    world.block(&world.ballots(0..5, election));
    world.block(&world.ballots(5..BALLOTS, election));
    (world, election)
}
fn trusted() -> TrustedSet {
    TrustedSet::of_genesis(&genesis()).expect("a genesis")
}
fn proof() -> ProofOfVote {
    static PROOF: LazyLock<ProofOfVote> = LazyLock::new(|| {
        let (world, election) = voted();
        let ballot = world.ballots(6..7, election).remove(0);
        world.ledger.reader().proof_of_vote(&ballot.id()).expect("committed")
    });
    PROOF.clone()
}

#[test]
fn every_committed_ballot_is_proven_from_bytes_alone() {
    let (world, election) = voted();
    for (index, ballot) in (0..).zip(world.ballots(0..BALLOTS, election)) {
        let bytes = encode(&world.ledger.reader().proof_of_vote(&ballot.id()).expect("committed"));
        let proof = decode_proof_of_vote(&bytes).expect("canonical");
        let vote = verify_proof_of_vote(&proof, &trusted()).expect("holds");
        assert_eq!((vote.tracker, vote.election, vote.index), (ballot.id(), election, index));
        assert_eq!((vote.height, vote.app_hash), (world.height(), world.ledger.tip().app_hash));
    }
}

#[test]
fn a_proof_says_nothing_of_the_choice() {
    // Two chains that differ in one choice only: the proofs have the same length and differ in hashes and signatures only.
    let of = |answer| {
        let (mut world, election) = World::voting(4);
        let ballot = world.ballot(0, election, 1, Answer::Choice(answer));
        world.block(std::slice::from_ref(&ballot));
        world.ledger.reader().proof_of_vote(&ballot.id()).expect("committed")
    };
    let (one, other) = (of(0), of(1));
    assert_eq!(encode(&one).len(), encode(&other).len());
    assert_ne!(one.leaf, other.leaf);
    assert_eq!((one.index, one.election, one.log.size), (other.index, other.election, other.log.size));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_proof_with_any_flipped_bit_proves_nothing(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = encode(&proof());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let verdict = decode_proof_of_vote(&bytes).and_then(|it| verify_proof_of_vote(&it, &trusted()));
        prop_assert!(verdict.is_err(), "bit {bit} of byte {at}");
    }
}

#[test]
fn a_proof_with_any_byte_changed_cut_or_added_proves_nothing() {
    let good = encode(&proof());
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] = bytes[at].wrapping_add(1);
        let verdict = decode_proof_of_vote(&bytes).and_then(|it| verify_proof_of_vote(&it, &trusted()));
        assert!(verdict.is_err(), "byte {at}");
    }
    for cut in [1, 8, 100] {
        assert!(decode_proof_of_vote(&good[..good.len() - cut]).is_err());
    }
    assert!(decode_proof_of_vote(&[&good[..], &[0]].concat()).is_err());
}

/// Changes a good proof, and expects that fault.
#[track_caller]
fn check(spoil: impl FnOnce(&mut ProofOfVote), expected: impl Fn(&ProofFault) -> bool) {
    let mut proof = proof();
    verify_proof_of_vote(&proof, &trusted()).expect("good before");
    spoil(&mut proof);
    let fault = verify_proof_of_vote(&proof, &trusted()).expect_err("broken");
    assert!(expected(&fault), "{fault}");
}

#[test]
fn each_broken_link_has_its_own_name() {
    check(|it| it.chain = ChainId([9; 32]), |fault| *fault == ProofFault::TwoChains);
    check(|it| it.leaf.tx_id = TxId([9; 32]), |fault| *fault == ProofFault::NotInLog);
    check(|it| it.index += 1, |fault| *fault == ProofFault::NotInLog);
    check(|it| it.path = List::default(), |fault| *fault == ProofFault::NotInLog);
    check(|it| it.state_proof = vec![0; 20_000], |fault| *fault == ProofFault::State(StateFault::TooLong(20_000)));
    check(|it| it.state_proof.push(0), |fault| *fault == ProofFault::State(StateFault::Malformed));
    check(|it| it.election = ElectionId([9; 32]), |fault| *fault == ProofFault::State(StateFault::Mismatch));
    check(|it| it.header.app_hash = AppHash([9; 32]), |fault| *fault == ProofFault::State(StateFault::Mismatch));
    check(|it| it.header.validators_hash = [9; 32], |fault| *fault == ProofFault::OtherValidators);
    let is = |expected| move |fault: &ProofFault| *fault == ProofFault::Header(Clone::clone(&expected));
    check(|it| it.header.next_validators_hash = [9; 32], is(HeaderFault::CertificateOfAnother));
    check(|it| it.certificate.block = BlockHash([9; 32]), is(HeaderFault::CertificateOfAnother));
    check(
        |it| it.certificate = certificate(&it.chain, it.header.height, it.header.hash(), &[2, 4]),
        |fault| matches!(fault, ProofFault::Header(HeaderFault::Certificate(BadCertificate::NoQuorum { .. }))),
    );
    check(
        |it| it.certificate = certificate(&ChainId([9; 32]), it.header.height, it.header.hash(), &[1, 2, 4]),
        |fault| matches!(fault, ProofFault::Header(HeaderFault::Certificate(BadCertificate::Signature(_)))),
    );
}

#[test]
fn a_proof_of_another_chain_or_by_other_validators_is_not_believed() {
    let proof = proof();
    let refused = |trusted: &TrustedSet| match verify_proof_of_vote(&proof, trusted) {
        Err(ProofFault::Header(fault)) => fault,
        other => panic!("{other:?}"),
    };
    let other_chain = TrustedSet::of_genesis(&genesis_named("other")).expect("a genesis");
    assert!(matches!(refused(&other_chain), HeaderFault::OtherChain { .. }));
    let given = |since, set| {
        TrustedSet::given(proof.chain, since, set, HaltingPolicy::NoCollegeHalts, proof.header.time)
            .expect("a sound set")
    };
    let mut other = proof.validators.members().to_vec();
    other[0].key = chain::secret("another").public();
    other[0].id = ValidatorId::of(&other[0].key);
    let other = ValidatorSet::new(other).expect("a set");
    assert_eq!(refused(&given(Height::FIRST, other)), HeaderFault::UntrustedValidators);
    let later = given(proof.header.height.next(), proof.validators.clone());
    assert!(matches!(refused(&later), HeaderFault::BeforeTrust { .. }));
}

#[test]
fn there_is_a_proof_for_committed_ballots_only() {
    let (world, election) = voted();
    let reader = world.ledger.reader();
    let waiting = world.ballots(BALLOTS..BALLOTS + 1, election).remove(0).id();
    assert_eq!(reader.proof_of_vote(&waiting), Err(NoProof::NotCommitted(waiting)));
    let first = reader.block(Height::FIRST).expect("read").expect("a block");
    let census = chain::verified(&world.chain(), &first).remove(0).id();
    assert_eq!(reader.proof_of_vote(&census), Err(NoProof::NotABallot(census)));
}

#[test]
fn nothing_was_removed_between_any_two_sizes_of_the_log() {
    let (world, election) = voted();
    let reader = world.ledger.reader();
    let now = reader.log_head(LogId::Ballots(election)).expect("read");
    for from in 1..=now.size {
        for to in from..=now.size {
            let proof = reader.consistency(&election, from, to).expect("in range");
            verify_consistency(&proof, &proof.old, &proof.new).expect("a beginning");
        }
    }
    assert_eq!(reader.consistency(&election, 5, now.size).expect("in range").new, now);
    for (from, to) in [(0, 5), (6, 5), (1, now.size + 1)] {
        let refused = reader.consistency(&election, from, to);
        assert_eq!(refused, Err(NoProof::OutOfRange { size: now.size }), "{from} to {to}");
    }
}

#[test]
fn a_consistency_proof_holds_between_verified_heads_only() {
    let (world, election) = voted();
    let proof = world.ledger.reader().consistency(&election, 5, 13).expect("in range");
    let (then, now) = (proof.old, proof.new);
    assert_eq!(verify_consistency(&proof, &now, &now), Err(ConsistencyFault::OtherBeginning));
    assert_eq!(verify_consistency(&proof, &then, &then), Err(ConsistencyFault::OtherEnd));
    let broken = ConsistencyProof { path: List::default(), ..proof.clone() };
    assert_eq!(verify_consistency(&broken, &then, &now), Err(ConsistencyFault::NotABeginning));
    let good = encode(&proof);
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let decoded = decode_canonical::<ConsistencyProof>(&bytes, 1 << 16);
        let holds = decoded.is_ok_and(|it| it.election == election && verify_consistency(&it, &then, &now).is_ok());
        assert!(!holds, "byte {at}");
    }
}

#[test]
fn an_entry_of_the_state_is_proven_and_no_other_value() {
    let proof = proof();
    let key = urne_vote_contract::keys::log_head(&LogId::Ballots(proof.election));
    let verify = |value: &[u8]| verify_state(&proof.header.app_hash, &key, value, &proof.state_proof);
    assert_eq!(verify(&encode(&proof.log)), Ok(()));
    assert_eq!(verify(b"other"), Err(StateFault::Mismatch));
}

/// The validators with these powers instead of theirs.
fn weighed(powers: [u64; 4]) -> ValidatorSet {
    let mut members = proof().validators.members().to_vec();
    members.sort_by_key(|it| it.college);
    for (member, power) in members.iter_mut().zip(powers) {
        member.power = VotingPower::new(power);
    }
    ValidatorSet::new(members).expect("a set")
}

#[test]
fn a_set_that_breaks_the_rule_of_the_colleges_is_never_trusted_whoever_signs_for_it() {
    let proof = proof();
    let given = |set, halting| TrustedSet::given(proof.chain, Height::FIRST, set, halting, proof.header.time);
    let no_college = HaltingPolicy::NoCollegeHalts;
    given(weighed([250_000; 4]), no_college).expect("four equal colleges");
    given(weighed([300_000, 300_000, 200_000, 200_000]), no_college).expect("just the cap");
    // Two colleges that could decide alone: their certificate has more than two thirds of such a power.
    let two_decide = weighed([332_000, 332_000, 168_000, 168_000]);
    let strong = given(two_decide, no_college);
    assert!(matches!(strong, Err(HandoverFault::CollegeRule(PowerError::CollegeTooStrong { .. }))), "{strong:?}");
    let three = ValidatorSet::new(weighed([250_000; 4]).members()[1..].to_vec()).expect("a set");
    let fewer = given(three.clone(), no_college);
    assert!(matches!(fewer, Err(HandoverFault::CollegeRule(PowerError::TooFewColleges { found: 3 }))), "{fewer:?}");
    let admitted = given(three, HaltingPolicy::OneCollegeMayHalt);
    assert!(matches!(admitted, Err(HandoverFault::CollegeRule(PowerError::ValidatorTooStrong { .. }))), "{admitted:?}");
}

#[test]
fn a_quorum_cannot_hand_over_to_a_set_that_breaks_the_rule() {
    let mut trust = trusted();
    let next = weighed([700_000, 100_000, 100_000, 100_000]);
    let header = Header { next_validators_hash: next.hash(), ..proof().header };
    let signed = certificate(&header.chain, header.height, header.hash(), &[1, 2, 3, 4]);
    let forged = Handover { certificate: signed, header, next };
    let verdict = trust.advance(forged);
    assert!(matches!(verdict, Err(HandoverFault::CollegeRule(PowerError::CollegeTooStrong { .. }))), "{verdict:?}");
    assert_eq!(trust, trusted(), "everyone signed it, and the trust is what it was");
}

#[test]
fn who_follows_the_living_chain_believes_validators_for_fourteen_days_and_no_header_of_tomorrow() {
    let ProofOfVote { header, certificate, .. } = proof();
    let mut trust = trusted();
    let began = trust.vouched();
    let late = began.plus(TRUSTING_PERIOD_MS + 1);
    let expired = HeaderFault::TrustExpired { last: began, now: late };
    assert_eq!(trust.follow(header.clone(), &certificate, late), Err(expired));
    assert!(trust.verify_header(header.clone(), &certificate).is_ok(), "a proof is read whenever it is");

    let early = header.time.minus(CLOCK_DRIFT_MS_MAX + 1);
    let future = HeaderFault::FromTheFuture { time: header.time, now: early };
    assert_eq!(trust.follow(header.clone(), &certificate, early), Err(future));
    assert_eq!(trust.vouched(), began);

    trust.follow(header.clone(), &certificate, header.time).expect("in its time");
    assert_eq!(trust.vouched(), header.time, "a verified block vouches for its validators");
    let forged = chain::certificate(&header.chain, header.height, header.hash(), &[1, 2]);
    let weak = trust.follow(header.clone(), &forged, header.time);
    assert!(matches!(weak, Err(HeaderFault::Certificate(BadCertificate::NoQuorum { .. }))), "{weak:?}");

    let mut bridged = trusted();
    bridged.vouch(late);
    bridged.follow(header, &certificate, late).expect("several operators confirmed the set");
}

#[test]
fn trust_follows_a_handover_and_only_a_true_one() {
    let (mut world, _) = voted();
    let validators = world.ledger.tip().validators.clone();
    let leaving = world.replace_first_validator();
    let handovers = world.ledger.reader().handovers(Height::FIRST, 10).expect("read");
    let [handover] = handovers.as_slice() else { panic!("one change of validators: {handovers:?}") };

    let mut trust = trusted();
    let mut wrong = handover.clone();
    wrong.next = validators;
    assert_eq!(trust.advance(wrong), Err(HandoverFault::OtherNext));
    let mut unsigned = handover.clone();
    unsigned.certificate = certificate(&world.chain(), handover.header.height, handover.header.hash(), &[1]);
    assert!(matches!(trust.advance(unsigned), Err(HandoverFault::Header(HeaderFault::Certificate(_)))));
    assert_eq!(trust, trusted(), "a wrong handover changes nothing");

    trust.advance(handover.clone()).expect("a true handover");
    assert_eq!(trust.since(), handover.header.height.next());
    assert_eq!(trust.validators(), &world.ledger.tip().validators);
    assert!(trust.validators().get(&leaving.id).is_none());
}
