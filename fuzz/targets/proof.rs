//! What a citizen is handed: proofs of vote, handovers, consistency and state proofs. Whatever the bytes, what verifies is
//! a fact of the small chain.
#![no_main]
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use urne_fuzz::{MEMBERS, canonical, chain, voting};
use urne_light::{TrustedSet, decode_proof_of_vote, verify_consistency, verify_proof_of_vote, verify_state};
use urne_types::{
    TxId,
    proof::{ConsistencyProof, Handover},
    validators::ValidatorSet,
};
use urne_vote_contract::LogId;

fuzz_target!(|bytes: &[u8]| {
    static TRUSTED: LazyLock<TrustedSet> =
        LazyLock::new(|| TrustedSet::of_genesis(&chain::genesis()).expect("a genesis"));
    static CAST: LazyLock<Vec<TxId>> = LazyLock::new(|| {
        let (world, election) = voting();
        world.ballots(0..MEMBERS, *election).iter().take(8).map(|it| it.id()).collect()
    });
    let (world, election) = voting();
    if let Ok(vote) = decode_proof_of_vote(bytes).and_then(|it| verify_proof_of_vote(&it, &TRUSTED)) {
        assert!(vote.election == *election && CAST.contains(&vote.tracker), "a ballot that nobody cast: {vote:?}");
    }
    let reader = world.ledger.reader();
    let now = reader.log_head(LogId::Ballots(*election)).expect("kept");
    if let Some(proof) = canonical::<ConsistencyProof>(bytes)
        && verify_consistency(&proof, &proof.old, &now).is_ok()
    {
        let known = reader.consistency(election, proof.old.size, now.size).expect("in range");
        assert_eq!(known.old, proof.old, "a beginning that never was");
    }
    if let Some(handover) = canonical::<Handover>(bytes) {
        let mut trust = TRUSTED.clone();
        assert!(trust.advance(handover).is_err() || trust.validators() == &world.ledger.tip().validators);
    }
    if let Some(set) = canonical::<ValidatorSet>(bytes)
        && set.is_sound()
    {
        assert!(set.is_quorum(set.total()) && set.is_quorum(set.quorum()));
    }
    let key = urne_vote_contract::keys::log_head(&LogId::Ballots(*election));
    assert!(verify_state(&world.ledger.tip().app_hash, &key, b"another value", bytes).is_err());
});
