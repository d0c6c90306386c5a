//! One validator's engine among three who say anything they can sign, in any order, with timers and restarts in between:
//! it never breaks, never signs two things for one slot, and accuses nobody of what was said once.
#![no_main]
use libfuzzer_sys::fuzz_target;
use std::{collections::BTreeMap, sync::Arc};
use urne_consensus::{
    Engine, EngineConfig, Input, Output,
    engine::{GuardRecord, Verdict, WalEntry},
};
use urne_fuzz::{Choices, chain, voting};
use urne_types::{
    BlockHash, Height, Round, SecretKey, ValidatorId,
    codec::encode,
    message::{ConsensusMessage, Precommit, Prevote, Proposal, SignedStep},
    signed::Signed,
    validators::ValidatorSet,
};

const HEIGHT: Height = Height::new(1);

struct Node {
    engine: Engine,
    wal: Vec<WalEntry>,
    synced: usize,
    guard: Option<GuardRecord>,
    said: BTreeMap<(Round, u8), Vec<u8>>,
    timers: Vec<urne_consensus::engine::Timeout>,
    is_over: bool,
}

impl Node {
    fn config(guard: Option<GuardRecord>) -> EngineConfig {
        let (world, _) = voting();
        EngineConfig { guard, ..EngineConfig::new(world.chain(), Some(chain::validator(1))) }
    }
    fn step(&mut self, input: Input) {
        let me = ValidatorId::of(&chain::validator(1).public());
        for output in self.engine.step(input) {
            match output {
                Output::Record(entry) => self.wal.push(entry),
                Output::Sync => self.synced = self.wal.len(),
                Output::Guard(record) => self.guard = Some(record),
                Output::Send(message) => self.send(&message, me),
                Output::Build { height, round } => {
                    let block = BlockHash([round_byte(round); 32]);
                    self.step(Input::Built { height, round, block });
                }
                Output::Schedule { timeout, .. } => self.timers.push(timeout),
                Output::Decide(certificate) => {
                    let (world, _) = voting();
                    certificate
                        .verify(&world.chain(), &world.ledger.tip().validators)
                        .expect("a decision is certified");
                    self.is_over = true;
                }
                Output::Accuse(proof) => {
                    let (world, _) = voting();
                    let set = &world.ledger.tip().validators;
                    let key_of = |id: &ValidatorId| set.get(id).map(|it| it.key);
                    let offence = urne_consensus::evidence::verify_equivocation(&proof, &world.chain(), key_of);
                    assert_ne!(offence.expect("an accusation is a proof").validator, me, "it accuses itself");
                }
                Output::Stop(fault) => panic!("{fault}"),
                Output::Polka { .. }
                | Output::Resend { .. }
                | Output::Cancel(_)
                | Output::CancelAll
                | Output::EnteredRound { .. } => {}
            }
        }
    }
    fn send(&mut self, message: &ConsensusMessage, me: ValidatorId) {
        let (round, step, of) = match message {
            ConsensusMessage::Proposal(it) => (it.claim.round, 0, it.claim.validator),
            ConsensusMessage::Step(SignedStep::Prevote(it)) => (it.claim.round, 1, it.claim.validator),
            ConsensusMessage::Step(SignedStep::Precommit(it)) => (it.claim.round, 2, it.claim.validator),
            _ => return,
        };
        if of == me {
            let bytes = encode(message);
            let before = self.said.entry((round, step)).or_insert_with(|| bytes.clone());
            assert_eq!(*before, bytes, "two things for one slot");
            assert!(self.guard.is_some(), "nothing is said before the guard is written");
        }
    }
    /// A power cut: what was not synced may be lost.
    fn restart(&mut self, keep: usize, validators: &Arc<ValidatorSet>) {
        let unsynced = self.wal.len() - self.synced;
        self.wal.truncate(self.synced + keep.min(unsynced));
        self.synced = self.wal.len();
        self.timers.clear();
        self.engine = Engine::new(Self::config(self.guard));
        let (validators, wal) = (Arc::clone(validators), self.wal.clone());
        self.step(Input::Start { height: HEIGHT, validators, wal, may_sign: true });
    }
}

fn round_byte(round: Round) -> u8 {
    u8::try_from(round.get() % 3).unwrap_or(0)
}

fn message(choices: &mut Choices<'_>, key: &SecretKey) -> ConsensusMessage {
    let (world, _) = voting();
    let (chain, validator, round) =
        (world.chain(), ValidatorId::of(&key.public()), Round::new(choices.below(4).into()));
    let block = BlockHash([choices.below(3); 32]);
    let maybe = (choices.below(4) != 0).then_some(block);
    match choices.below(3) {
        0 => {
            let valid_round = (choices.below(3) == 0).then(|| Round::new(choices.below(3).into()));
            let claim = Proposal { height: HEIGHT, round, block, valid_round, validator };
            ConsensusMessage::Proposal(Signed::sign(&chain, claim, key).into_signed())
        }
        1 => {
            let claim = Prevote { height: HEIGHT, round, block: maybe, validator };
            ConsensusMessage::Step(SignedStep::Prevote(Signed::sign(&chain, claim, key).into_signed()))
        }
        _ => {
            let claim = Precommit { height: HEIGHT, round, block: maybe, validator };
            ConsensusMessage::Step(SignedStep::Precommit(Signed::sign(&chain, claim, key).into_signed()))
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let (world, _) = voting();
    let validators = Arc::new(world.ledger.tip().validators.clone());
    let mut node = Node {
        engine: Engine::new(Node::config(None)),
        wal: Vec::new(),
        synced: 0,
        guard: None,
        said: BTreeMap::new(),
        timers: Vec::new(),
        is_over: false,
    };
    node.restart(0, &validators);
    for _ in 0..128 {
        if choices.is_over() || node.is_over {
            break;
        }
        match choices.below(8) {
            0 => {
                let Some(timeout) = node.timers.pop() else { continue };
                node.step(Input::Elapsed(timeout));
            }
            1 => {
                let round = Round::new(choices.below(4).into());
                let block = BlockHash([choices.below(3); 32]);
                let valid_round = (choices.below(3) == 0).then(|| Round::new(choices.below(3).into()));
                let Some(proposer) = node.engine.proposer(round) else { continue };
                let verdict = if choices.below(4) == 0 { Verdict::Invalid } else { Verdict::Valid };
                node.step(Input::Judged { height: HEIGHT, round, valid_round, proposer, block, verdict });
            }
            2 if choices.below(4) == 0 => {
                let keep = usize::from(choices.byte());
                node.restart(keep, &validators);
            }
            _ => {
                let key = chain::validator(u16::from(choices.below(3)) + 2);
                let message = message(&mut choices, &key);
                node.step(Input::Message(message));
            }
        }
    }
});
