//! The published proofs of vote, right and wrong, made from fixed names: a change of what citizens keep cannot go unseen, and
//! other implementations read the same file. `URNE_WRITE_VECTORS=1 cargo test -p urne-light --test vectors` writes it.
#[path = "../../ledger/tests/chain/mod.rs"]
mod chain;

use chain::{World, certificate};
use serde_json::{Value, json};
use urne_ledger::MemoryKv;
use urne_light::{
    HandoverFault, HeaderFault, ProofFault, StateFault, TrustedSet, decode_proof_of_vote, verify_proof_of_vote,
};
use urne_types::{
    AppHash, BlockHash, ChainId, ElectionId, Height, MerkleRoot, Round, TxHash, TxId, UnixMs, ValidatorId, VotingPower,
    bounded::List,
    certificate::{BadCertificate, CommitSignature},
    codec::{decode_canonical, encode},
    genesis::HaltingPolicy,
    merkle,
    proof::{Handover, LogHead, PROOF_BYTES_MAX, ProofOfVote},
    validators::ValidatorSet,
};

const BALLOTS: usize = 13;
const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/vectors/proof_of_vote.json");

/// The name of the link that breaks, as the vectors say it.
fn link(fault: &ProofFault) -> &'static str {
    match fault {
        ProofFault::Malformed(_) => "malformed",
        ProofFault::TwoChains => "two_chains",
        ProofFault::NotInLog => "not_in_log",
        ProofFault::State(StateFault::TooLong(_)) => "state_too_long",
        ProofFault::State(StateFault::Malformed) => "state_malformed",
        ProofFault::State(StateFault::Mismatch) => "state_mismatch",
        ProofFault::OtherValidators => "other_validators",
        ProofFault::Header(fault) => link_of_header(fault),
    }
}
fn link_of_header(fault: &HeaderFault) -> &'static str {
    match fault {
        HeaderFault::OtherChain { .. } => "other_chain",
        HeaderFault::BeforeTrust { .. } => "before_trust",
        HeaderFault::UntrustedValidators => "untrusted_validators",
        HeaderFault::TrustExpired { .. } | HeaderFault::FromTheFuture { .. } => panic!("no vector reads a clock"),
        HeaderFault::CertificateOfAnother => "certificate_of_another",
        HeaderFault::Certificate(BadCertificate::Order(_)) => "signer_order",
        HeaderFault::Certificate(BadCertificate::Stranger(_)) => "stranger",
        HeaderFault::Certificate(BadCertificate::Signature(_)) => "bad_signature",
        HeaderFault::Certificate(BadCertificate::NoQuorum { .. }) => "no_quorum",
    }
}

/// The genesis of the vectors promises that no college alone can halt the chain.
const HALTING: HaltingPolicy = HaltingPolicy::NoCollegeHalts;

fn trust_to(chain: &ChainId, since: Height, validators: &ValidatorSet) -> Value {
    json!({
        "halting": HALTING,
        "chain": hex::encode(chain.0),
        "since": since.get().to_string(),
        "validators": hex::encode(encode(validators)),
    })
}

/// A whole world of the test ledger, and what its proofs say.
struct Made {
    world: World<MemoryKv>,
    proofs: Vec<ProofOfVote>,
}

fn made() -> Made {
    let (mut world, election) = World::voting(BALLOTS + 7);
    world.block(&world.ballots(0..5, election));
    world.block(&world.ballots(5..BALLOTS, election));
    let reader = world.ledger.reader();
    let proofs = world.ballots(0..BALLOTS, election);
    let proofs = proofs.iter().map(|it| reader.proof_of_vote(&it.id()).expect("committed")).collect();
    Made { world, proofs }
}

fn right(proof: &ProofOfVote, trusted: &TrustedSet) -> Value {
    let vote = verify_proof_of_vote(proof, trusted).expect("holds");
    json!({
        "name": format!("ballot {} of {}", vote.index + 1, vote.log.size),
        "proof": hex::encode(encode(proof)),
        "election": hex::encode(vote.election.0),
        "tracker": hex::encode(vote.tracker.0),
        "index": vote.index.to_string(),
        "log": {"size": vote.log.size.to_string(), "root": hex::encode(vote.log.root.0)},
        "height": vote.height.get().to_string(),
        "block": hex::encode(vote.block.0),
        "time": vote.time.get().to_string(),
        "app_hash": hex::encode(vote.app_hash.0),
    })
}

/// Right proofs spoiled in one place each.
fn spoiled(good: &ProofOfVote) -> Vec<(&'static str, ProofOfVote)> {
    let with = |spoil: &dyn Fn(&mut ProofOfVote)| {
        let mut proof = good.clone();
        spoil(&mut proof);
        proof
    };
    let of = |chain: &ChainId, signers: &[u16]| certificate(chain, good.header.height, good.header.hash(), signers);
    let signatures = |change: &dyn Fn(&mut Vec<CommitSignature>)| {
        let mut proof = good.clone();
        let mut all = proof.certificate.signatures.to_vec();
        change(&mut all);
        proof.certificate.signatures = List::new(all).expect("few");
        proof
    };
    let fewer = ValidatorSet::new(good.validators.members()[1..].to_vec()).expect("a set");
    let path = |path: Vec<MerkleRoot>| List::new(path).expect("short");
    vec![
        ("another chain than the header's", with(&|it| it.chain = ChainId([9; 32]))),
        ("another tracker", with(&|it| it.leaf.tx_id = TxId([9; 32]))),
        ("other bytes of the ballot", with(&|it| it.leaf.tx_hash = TxHash([9; 32]))),
        ("the next index", with(&|it| it.index += 1)),
        ("an index beyond the log", with(&|it| it.index = it.log.size)),
        ("an index of 2^64 - 1", with(&|it| it.index = u64::MAX)),
        ("no path", with(&|it| it.path = List::default())),
        ("a path without its last step", with(&|it| it.path = path(it.path[..it.path.len() - 1].to_vec()))),
        (
            "a path with one more step",
            with(&|it| it.path = path(it.path.iter().copied().chain([MerkleRoot([9; 32])]).collect())),
        ),
        ("a path in another order", with(&|it| it.path = path(it.path.iter().rev().copied().collect()))),
        ("another root of the log", with(&|it| it.log.root = MerkleRoot([9; 32]))),
        ("a log twice as long", with(&|it| it.log.size *= 2)),
        (
            "a log of its own, with this ballot alone",
            with(&|it| {
                (it.index, it.path) = (0, List::default());
                it.log = LogHead { size: 1, root: merkle::leaf_hash(&encode(&it.leaf)) };
            }),
        ),
        ("another election", with(&|it| it.election = ElectionId([9; 32]))),
        ("no state proof", with(&|it| it.state_proof = Vec::new())),
        ("a state proof with one byte more", with(&|it| it.state_proof.push(0))),
        ("a state proof that is too long", with(&|it| it.state_proof = vec![0; 20_000])),
        ("a state proof for no leaf", with(&|it| it.state_proof = vec![0; 5])),
        ("a changed sibling in the state proof", with(&|it| *it.state_proof.last_mut().expect("long") ^= 1)),
        ("another state", with(&|it| it.header.app_hash = AppHash([9; 32]))),
        ("another hash of the validators", with(&|it| it.header.validators_hash = [9; 32])),
        ("one validator left out", with(&|it| it.validators = fewer.clone())),
        ("another time", with(&|it| it.header.time = UnixMs::new(it.header.time.get() + 1))),
        ("another height", with(&|it| it.header.height = it.header.height.next())),
        ("other next validators", with(&|it| it.header.next_validators_hash = [9; 32])),
        ("a certificate of another block", with(&|it| it.certificate.block = BlockHash([9; 32]))),
        ("a certificate of another height", with(&|it| it.certificate.height = it.certificate.height.next())),
        ("a certificate of another round", with(&|it| it.certificate.round = Round::new(7))),
        ("half of the power", with(&|it| it.certificate = of(&it.chain, &[2, 4]))),
        ("no signature", with(&|it| it.certificate = of(&it.chain, &[]))),
        ("signatures for another chain", with(&|it| it.certificate = of(&ChainId([9; 32]), &[1, 2, 4]))),
        ("one signature twice", signatures(&|it| it.insert(0, it[0].clone()))),
        ("signers in another order", signatures(&|it| it.swap(0, 1))),
        (
            "signatures exchanged",
            signatures(&|it| (it[0].signature, it[1].signature) = (it[1].signature, it[0].signature)),
        ),
        ("a signature of nobody", signatures(&|it| it[0].validator.0 = [0; 20])),
        ("an s that is not reduced", signatures(&|it| it[0].signature.0[63] |= 0xf0)),
    ]
}

fn wrong(made: &Made, trusted: &TrustedSet) -> Vec<Value> {
    let good = &made.proofs[6];
    let bytes = encode(good);
    let vector = |name: &str, bytes: &[u8], trusted: &TrustedSet| {
        let verdict = decode_proof_of_vote(bytes).and_then(|it| verify_proof_of_vote(&it, trusted));
        let fault = verdict.expect_err(name);
        json!({
            "name": name,
            "proof": hex::encode(bytes),
            "trusted": trust_to(&trusted.chain(), trusted.since(), trusted.validators()),
            "fault": link(&fault),
        })
    };
    let mut unknown_duty = bytes.clone();
    *unknown_duty.iter_mut().nth_back(3).expect("long") = 7;
    let malformed = [
        ("nothing", Vec::new()),
        ("one byte short", bytes[..bytes.len() - 1].to_vec()),
        ("one byte more", [&bytes[..], &[0]].concat()),
        ("an unknown duty of a validator", unknown_duty),
        ("longer than any proof", vec![0; PROOF_BYTES_MAX + 1]),
    ];
    let mut others = good.validators.members().to_vec();
    others[0].key = chain::secret("another").public();
    others[0].id = ValidatorId::of(&others[0].key);
    let others = ValidatorSet::new(others).expect("a set");
    let given = |chain, since, set: &ValidatorSet| {
        TrustedSet::given(chain, since, set.clone(), HALTING, good.header.time).expect("sound")
    };
    let untrusted = [
        ("a chain that we do not follow", given(ChainId([9; 32]), Height::FIRST, &good.validators)),
        ("older than our trust", given(good.chain, good.header.height.next(), &good.validators)),
        ("validators that we do not trust", given(good.chain, Height::FIRST, &others)),
    ];
    let malformed = malformed.iter().map(|(name, bytes)| vector(name, bytes, trusted));
    let spoiled = spoiled(good);
    let spoiled = spoiled.iter().map(|(name, proof)| vector(name, &encode(proof), trusted));
    let untrusted = untrusted.iter().map(|(name, trusted)| vector(name, &bytes, trusted));
    malformed.chain(spoiled).chain(untrusted).collect()
}

/// One change of validators: the true handover, and false ones.
fn handovers(mut made: Made, trusted: &TrustedSet) -> Value {
    let world = &mut made.world;
    world.replace_first_validator();
    let good = world.ledger.reader().handovers(Height::FIRST, 10).expect("read").remove(0);
    let mut after = trusted.clone();
    after.advance(good.clone()).expect("a true handover");
    let unsigned = certificate(&world.chain(), good.header.height, good.header.hash(), &[1]);
    // One college with nine tenths of the power, signed for by the quorum that we trust.
    let mut strong = good.next.members().to_vec();
    strong[0].power = VotingPower::new(9 * good.next.total().get());
    let strong = ValidatorSet::new(strong).expect("a set");
    let mut header = good.header.clone();
    header.next_validators_hash = strong.hash();
    let signed = certificate(&world.chain(), header.height, header.hash(), &[1, 2, 4]);
    let false_ones = [
        ("to a college that decides alone", Handover { header, certificate: signed, next: strong }),
        ("to the same validators", Handover { next: trusted.validators().clone(), ..good.clone() }),
        ("signed by too few", Handover { certificate: unsigned, ..good.clone() }),
    ];
    let wrong = false_ones.map(|(name, handover)| {
        let bytes = encode(&handover);
        let again: Handover = decode_canonical(&bytes, PROOF_BYTES_MAX).expect("canonical");
        let fault = match trusted.clone().advance(again).expect_err(name) {
            HandoverFault::OtherNext => "other_next",
            HandoverFault::Header(fault) => link_of_header(&fault),
            HandoverFault::CollegeRule(_) => "college_rule",
            HandoverFault::Genesis(fault) => panic!("{fault}"),
        };
        json!({"name": name, "handover": hex::encode(bytes), "fault": fault})
    });
    let after = trust_to(&after.chain(), after.since(), after.validators());
    json!({"right": [{"name": "a validator is replaced", "handover": hex::encode(encode(&good)), "after": after}], "wrong": wrong})
}

#[test]
fn the_published_proofs_of_vote_are_those_of_the_code() {
    let trusted = TrustedSet::of_genesis(&chain::genesis()).expect("a genesis");
    let made = made();
    let right: Vec<Value> = made.proofs.iter().map(|it| right(it, &trusted)).collect();
    let wrong = wrong(&made, &trusted);
    let vectors = json!({
        "trusted": trust_to(&trusted.chain(), trusted.since(), trusted.validators()),
        "right": right,
        "wrong": wrong,
        "handovers": handovers(made, &trusted),
    });
    if std::env::var_os("URNE_WRITE_VECTORS").is_some() {
        std::fs::write(PUBLISHED, serde_json::to_string_pretty(&vectors).expect("JSON") + "\n").expect("written");
    }
    let published: Value = serde_json::from_str(&std::fs::read_to_string(PUBLISHED).expect("published")).expect("JSON");
    assert_eq!(published, vectors, "what a proof of vote says changed, or the vectors did");
}
