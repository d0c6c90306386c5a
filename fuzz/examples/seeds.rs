//! Writes a few true inputs for each target, from which the fuzzer goes astray: `cargo run --example seeds` in this folder
//! fills `corpus/`. Nothing of it is kept in the repository; what a run found is a test in the crate it belongs to.
#![allow(clippy::unwrap_used)]
use std::{fs, path::Path};
use urne_fuzz::{MEMBERS, chain, piece, voting};
use urne_replica::WalRecord;
use urne_types::{
    BlockHash, CollegeId, Height, NodeId, Round, UnixMs, ValidatorId,
    ballot::{Answer, Ballot, BallotBody},
    bounded::{List, Text},
    codec::encode,
    governance::{Act, ParameterChange, ProposedAct, ValidatorRecord},
    message::{
        ConsensusMessage, Equivocation, PolkaCertificate, Precommit, Prevote, Proposal, RoundCertificate,
        RoundCertificateKind, SignedStep,
    },
    signed::Signed,
    transaction::{Payload, Withdrawal},
    wire::{CertifiedBlock, PeerMessage, TxBatch},
};

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

fn payloads() -> Vec<(&'static str, Payload)> {
    let (world, election) = voting();
    let act = |act| ProposedAct { act, expires_at: UnixMs::new(world.now + chain::HOUR), nonce: 77 };
    let validator = ValidatorId::of(&chain::validator(2).public());
    let key = chain::secret("validator 9");
    let record = ValidatorRecord {
        college: CollegeId::new(2),
        name: Text::new("nine").unwrap(),
        key: key.public(),
        node: NodeId([9; 32]),
        addresses: List::default(),
    };
    let record = Signed::sign(&world.chain(), record, &key).into_signed();
    let ballot = |sequence, college| Ballot {
        election: *election,
        college: CollegeId::new(college),
        sequence,
        body: BallotBody::Open(List::new(vec![Answer::Choice(1)]).unwrap()),
    };
    let view = world.ledger.view();
    let definition = urne_vote_contract::definition(&view, election).unwrap();
    let reason = || Text::new("why").unwrap();
    let proposed = act(Act::SuspendValidator { validator, reason: reason() });
    vec![
        ("ballot", Payload::Ballot(ballot(2, 1))),
        ("ballot-2", Payload::Ballot(ballot(1, 2))),
        ("draft", Payload::DraftElection(definition)),
        ("approve", Payload::ApproveAct { act: proposed.id(&world.chain()) }),
        ("suspend", Payload::ProposeAct(proposed)),
        ("replace", Payload::ProposeAct(act(Act::ReplaceValidator { validator, record: record.clone() }))),
        ("add", Payload::ProposeAct(act(Act::AddValidator { record }))),
        ("cancel", Payload::ProposeAct(act(Act::CancelElection { election: *election, reason: reason() }))),
        ("parameter", Payload::ProposeAct(act(Act::SetParameter { change: ParameterChange::ApprovalsNeeded(2) }))),
        (
            "delegate",
            Payload::Delegate {
                to: chain::secret("somebody").public(),
                expires_at: UnixMs::new(world.now + chain::HOUR),
            },
        ),
        ("revoke", Payload::RevokeDelegation {
                to: chain::secret("somebody").public(),
                expires_at: UnixMs::new(world.now + chain::HOUR),
            }),
        ("withdraw", Payload::Withdraw(Withdrawal::Act(act(Act::SuspendValidator { validator, reason: reason() }).id(&world.chain())))),
        ("evidence", Payload::Evidence(equivocation())),
    ]
}

fn prevote(id: u16, block: Option<BlockHash>) -> Signed<Prevote> {
    let (world, _) = voting();
    let (key, height) = (chain::validator(id), world.height().next());
    let claim = Prevote { height, round: Round::FIRST, block, validator: ValidatorId::of(&key.public()) };
    Signed::sign(&world.chain(), claim, &key).into_signed()
}
fn equivocation() -> Equivocation {
    Equivocation::Prevotes(prevote(2, None), prevote(2, Some(BlockHash([1; 32]))))
}

fn messages() -> Vec<(&'static str, PeerMessage)> {
    let (world, election) = voting();
    let (height, reader) = (world.height().next(), world.ledger.reader());
    let proposed = world.propose(&world.ballots(8..MEMBERS, *election)).block;
    let (block, bytes) = (proposed.hash(), proposed.block().encode());
    let proposer = (1..=4)
        .map(chain::validator)
        .find(|it| ValidatorId::of(&it.public()) == world.ledger.proposer_at(Round::FIRST));
    let key = proposer.unwrap();
    let validator = ValidatorId::of(&key.public());
    let proposal = Proposal { height, round: Round::FIRST, block, valid_round: None, validator };
    let precommit = Precommit { height, round: Round::FIRST, block: Some(block), validator };
    let signed = Signed::sign(&world.chain(), precommit, &key).into_signed();
    let polka = (1..=3).map(|id| prevote(id, Some(block))).map(|it| (it.claim.validator, it.signature));
    let steps: Vec<_> = (1..=3).map(|id| SignedStep::Prevote(prevote(id, None))).collect();
    let certificate = reader.certificate(world.height()).unwrap().unwrap();
    let last = reader.block_bytes(world.height()).unwrap().unwrap();
    let consensus = PeerMessage::Consensus;
    vec![
        ("proposal", consensus(ConsensusMessage::Proposal(Signed::sign(&world.chain(), proposal, &key).into_signed()))),
        ("prevote", consensus(ConsensusMessage::Step(SignedStep::Prevote(prevote(2, Some(block)))))),
        ("precommit", consensus(ConsensusMessage::Step(SignedStep::Precommit(signed)))),
        (
            "polka",
            consensus(ConsensusMessage::Polka(PolkaCertificate {
                height,
                round: Round::FIRST,
                block,
                signatures: List::new(polka.collect()).unwrap(),
            })),
        ),
        (
            "round",
            consensus(ConsensusMessage::Round(RoundCertificate {
                height,
                round: Round::FIRST,
                kind: RoundCertificateKind::Skip,
                steps: List::new(steps).unwrap(),
            })),
        ),
        ("commit", consensus(ConsensusMessage::Commit(certificate.clone()))),
        ("body", PeerMessage::Body { height, block: bytes }),
        ("body-request", PeerMessage::BodyRequest { height, block }),
        ("status", PeerMessage::Status { height: Height::new(1 << 40), block }),
        ("sync-request", PeerMessage::SyncRequest { from: Height::FIRST, count: 3 }),
        (
            "sync-response",
            PeerMessage::SyncResponse { blocks: List::new(vec![CertifiedBlock { block: last, certificate }]).unwrap() },
        ),
    ]
}

fn main() {
    let (world, election) = voting();
    let reader = world.ledger.reader();
    for (who, (name, payload)) in (0..).zip(payloads()) {
        let tx = world.tx(if name.contains("ballot") { "member 9" } else { "admin 1" }, payload.clone());
        write("transaction", name, tx.bytes());
        let sender: u8 = if name == "ballot" { 4 } else { who % 4 };
        write("contract", name, &[&[0, sender][..], &piece(&encode(&payload))].concat());
        let batch = TxBatch { txs: List::new(vec![tx.bytes().to_vec()]).unwrap() };
        write("wire", name, &encode(&batch));
        write("peer", name, &[&[1, 0, 0][..], &piece(&encode(&batch))].concat());
    }
    write("wire", "evidence-alone", &encode(&equivocation()));
    let mut conversation = Vec::new();
    for (name, message) in messages() {
        let bytes = encode(&message);
        write("wire", name, &bytes);
        write("peer", name, &[&[2, 0, 0][..], &piece(&bytes)].concat());
        conversation.extend([&[2, 0, 0][..], &piece(&bytes)].concat());
        if let PeerMessage::Consensus(message) = message {
            let height = world.height().next();
            let record = WalRecord::Entry { height, entry: urne_consensus::engine::WalEntry::Message(message) };
            write("wal", name, &piece(&record.encode()));
        }
    }
    write("peer", "conversation", &conversation);
    let next = world.propose(&world.ballots(8..MEMBERS, *election)).block.block().encode();
    write("wal", "body", &piece(&WalRecord::Body { height: world.height().next(), block: next.clone() }.encode()));
    write("block", "next", &next);
    for height in 1..=world.height().get() {
        write("block", &height.to_string(), &reader.block_bytes(Height::new(height)).unwrap().unwrap());
    }
    let ballot = world.ballots(3..4, *election).remove(0).id();
    write("proof", "vote", &encode(&reader.proof_of_vote(&ballot).unwrap()));
    write("proof", "consistency", &encode(&reader.consistency(election, 5, 8).unwrap()));
    write("proof", "validators", &encode(&world.ledger.tip().validators));
    for n in 0..16_u8 {
        let noise: Vec<u8> =
            (0..=255).map(|at: u8| at.wrapping_mul(n.wrapping_add(91)).wrapping_add(n) ^ (at >> 3)).collect();
        for target in ["certificate", "merkle", "engine"] {
            write(target, &format!("noise-{n}"), &noise);
        }
    }
}
