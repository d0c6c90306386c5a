//! Crashes, logs and guards: whatever is lost, a key never says two things, and the height is decided all the same.
mod common;
use common::*;
use urne_consensus::{
    Engine, EngineConfig, Input, Output, Step,
    engine::{GuardRecord, WalEntry},
};
use urne_types::{Height, Round, message::ConsensusMessage, signed::signing_digest};

/// Runs to height 3 with node 0 crashing once, before its output of that number; true if it crashed.
fn crash_at(output: usize, is_needed: bool, is_slow_to_return: bool) -> bool {
    let mut net = Net::new(4);
    net.keeps_unsynced = is_slow_to_return;
    net.last = Height::new(3);
    net.nodes[3].is_up = !is_needed;
    net.nodes[0].fuse = Some(output);
    net.start_all();
    let mut has_crashed = false;
    for _ in 0..20_000 {
        if !net.nodes[0].is_up && !has_crashed {
            has_crashed = true;
            for _ in 0..if is_slow_to_return { 60 } else { 0 } {
                net.advance();
            }
            net.restart(0);
        }
        let is_done = |it: &Node| !it.is_up || it.decided.len() == 3;
        if (has_crashed || net.nodes[0].is_up) && net.nodes.iter().all(is_done) {
            break;
        }
        net.advance();
    }
    assert!(net.nodes.iter().all(|it| it.stopped.is_none() && it.accused.is_empty()), "crash before output {output}");
    assert!(net.nodes.iter().filter(|it| it.is_up).all(|it| it.decided.len() == 3), "crash before output {output}");
    net.assert_agreement();
    net.assert_nobody_contradicts_itself();
    has_crashed
}

#[test]
fn a_crash_before_any_output_never_makes_a_node_contradict_itself_and_it_decides_the_same() {
    for (is_needed, is_slow) in [(false, false), (true, false), (true, true), (false, true)] {
        let mut output = 0;
        while crash_at(output, is_needed, is_slow) {
            output += 1;
        }
        assert!(60 < output, "three heights have more outputs than {output}");
    }
}

/// Everything at once, by seed: loss, crashes of up to two nodes at a time, slow returns.
#[test]
fn crashes_and_losses_by_seed_keep_agreement_and_words() {
    for seed in 1..=25_u64 {
        let mut net = Net::new(4);
        net.last = Height::new(8);
        net.keeps_unsynced = seed % 2 == 0;
        let mut loss = Dice(seed);
        net.filter = Box::new(move |_, _, _| 8 <= loss.below(100));
        let mut dice = Dice(seed + 1_000);
        net.start_all();
        for turn in 0..100_000 {
            if net.nodes.iter().all(|it| it.is_up && it.decided.len() == 8) {
                break;
            }
            assert!(turn < 99_999, "seed {seed} does not finish");
            let at = usize::try_from(dice.below(4)).expect("small");
            if !net.nodes[at].is_up && dice.below(40) == 0 {
                net.restart(at);
            } else if net.nodes[at].is_up && net.nodes[at].fuse.is_none() && dice.below(150) == 0 && turn < 5_000 {
                net.nodes[at].fuse = Some(usize::try_from(dice.below(12)).expect("small"));
            }
            net.advance();
        }
        assert!(net.nodes.iter().all(|it| it.stopped.is_none() && it.accused.is_empty()), "seed {seed}");
        net.assert_agreement();
        net.assert_nobody_contradicts_itself();
    }
}

fn engine(guard: Option<GuardRecord>) -> Engine {
    Engine::new(EngineConfig { guard, ..EngineConfig::new(CHAIN, Some(key(0))) })
}
fn start(height: u64, wal: &[WalEntry]) -> Input {
    Input::Start { height: Height::new(height), validators: equal_set(4), wal: wal.to_vec(), may_sign: true }
}
fn guard(height: u64, step: Step, digest: [u8; 32]) -> GuardRecord {
    GuardRecord { height: Height::new(height), round: Round::FIRST, step, digest }
}
fn digest_of(message: &ConsensusMessage) -> [u8; 32] {
    use urne_types::message::SignedStep::{Precommit, Prevote};
    match message {
        ConsensusMessage::Step(Prevote(it)) => signing_digest(&CHAIN, &it.claim),
        ConsensusMessage::Step(Precommit(it)) => signing_digest(&CHAIN, &it.claim),
        ConsensusMessage::Proposal(it) => signing_digest(&CHAIN, &it.claim),
        other => panic!("not a single statement: {other:?}"),
    }
}
/// Lets every timeout of the height elapse, as if nobody else were there.
fn wait(engine: &mut Engine, outputs: &[Output]) -> Vec<Output> {
    let timeouts: Vec<_> = outputs
        .iter()
        .filter_map(|it| if let Output::Schedule { timeout, .. } = it { Some(*timeout) } else { None })
        .collect();
    timeouts.into_iter().flat_map(|it| engine.step(Input::Elapsed(it))).collect()
}
fn sends(outputs: &[Output]) -> usize {
    outputs.iter().filter(|it| matches!(it, Output::Send(_))).count()
}

#[test]
fn before_our_own_message_leaves_the_log_then_the_guard_are_durable() {
    let mut net = Net::new(4);
    net.start_all();
    net.run_until(5);
    let mine: Vec<&String> = net.trace.iter().filter(|it| it.starts_with("0 0 ")).collect();
    let at = |text: &str| mine.iter().position(|it| it.starts_with(text)).expect("it happens");
    let order = [at("0 0 Record"), at("0 0 Sync"), at("0 0 Guard"), at("0 0 Send")];
    assert!(order.is_sorted(), "{order:?}");
    let mut is_unsynced = false;
    for line in mine {
        match line.as_str() {
            it if it.starts_with("0 0 Record") => is_unsynced = true,
            it if it.starts_with("0 0 Sync") => is_unsynced = false,
            it if it.starts_with("0 0 Send") || it.starts_with("0 0 Guard") || it.starts_with("0 0 Decide") => {
                assert!(!is_unsynced, "{it}");
            }
            _ => {}
        }
    }
}

#[test]
fn a_guard_ahead_of_the_height_follows_until_it_is_passed() {
    let mut engine = engine(Some(guard(3, Step::Prevote, [1; 32])));
    for height in 1..=3 {
        let outputs = engine.step(start(height, &[]));
        assert!(!engine.is_signing(), "height {height}");
        assert_eq!(sends(&wait(&mut engine, &outputs)), 0);
        assert!(outputs.contains(&Output::Record(WalEntry::Muted { height: Height::new(height) })));
    }
    engine.step(start(4, &[]));
    assert!(engine.is_signing());
}

#[test]
fn a_lost_log_is_followed_even_when_peers_give_our_own_messages_back() {
    let said = step(0, Step::Precommit, 1, 0, Some(block(b"a")));
    let guard = guard(1, Step::Precommit, digest_of(&said));
    let mut lost = engine(Some(guard));
    let mut outputs = lost.step(start(1, &[]));
    outputs.extend(lost.step(Input::Message(said.clone())));
    let wal: Vec<WalEntry> = outputs
        .iter()
        .filter_map(|it| if let Output::Record(entry) = it { Some(entry.clone()) } else { None })
        .collect();
    assert!(wal.contains(&WalEntry::Message(said.clone())), "what we once said counts as heard: {wal:?}");
    let mut again = engine(Some(guard));
    again.step(start(1, &wal));
    assert!(!again.is_signing(), "the lock that went with that precommit is still forgotten");
    let mut whole = engine(Some(guard));
    whole.step(start(1, &[WalEntry::Message(said)]));
    assert!(whole.is_signing(), "a log that knows what the guard knows is whole");
}

#[test]
fn a_guard_that_contradicts_the_log_stops_the_node() {
    let said = step(0, Step::Prevote, 1, 0, Some(block(b"a")));
    let mut engine = engine(Some(guard(1, Step::Prevote, [9; 32])));
    let outputs = engine.step(start(1, &[WalEntry::Message(said)]));
    let Some(Output::Stop(fault)) = outputs.last() else { panic!("{outputs:?}") };
    assert!(fault.to_string().starts_with("the guard file says that this key signed another prevote at height 1"));
    assert!(engine.step(start(2, &[])).is_empty(), "stopped for good");
}

#[test]
fn a_log_without_guard_writes_the_guard_before_it_speaks_again() {
    let said = step(0, Step::Prevote, 1, 0, None);
    let elapsed = |outputs: &[Output]| {
        let propose = outputs.iter().find_map(|it| match it {
            Output::Schedule { timeout, .. } if timeout.kind == urne_consensus::engine::TimeoutKind::Propose => {
                Some(*timeout)
            }
            _ => None,
        });
        propose.expect("a proposal is waited for")
    };
    let first = engine(None).step(start(1, &[]));
    let wal = [WalEntry::Elapsed(elapsed(&first)), WalEntry::Message(said.clone())];
    let outputs = engine(None).step(start(1, &wal));
    let at = |wanted: &Output| outputs.iter().position(|it| it == wanted).expect("it happens");
    assert!(!outputs.iter().any(|it| matches!(it, Output::Record(_))), "nothing is recorded twice: {outputs:?}");
    let record = guard(1, Step::Prevote, digest_of(&said));
    assert!(at(&Output::Sync) < at(&Output::Guard(record)) && at(&Output::Guard(record)) < at(&Output::Send(said)));
}

#[test]
fn a_block_that_was_built_before_the_crash_is_proposed_after_it() {
    let mut net = Net::new(4);
    let table = urne_consensus::ProposerTable::new(&net.set);
    let at = net.node_of(table.proposer(Height::FIRST, Round::FIRST));
    net.start_all();
    let built = net.nodes[at].wal.clone();
    let judged: Vec<WalEntry> = built.iter().filter(|it| matches!(it, WalEntry::Judged { .. })).cloned().collect();
    let [WalEntry::Judged { block, .. }] = &judged[..] else { panic!("{built:?}") };
    let key = key(net.nodes[at].seed);
    let mut engine = Engine::new(EngineConfig::new(CHAIN, Some(key)));
    let outputs = engine.step(start(1, &judged));
    assert!(!outputs.iter().any(|it| matches!(it, Output::Build { .. })), "{outputs:?}");
    let proposes = |it: &Output| matches!(it, Output::Send(ConsensusMessage::Proposal(it)) if it.claim.block == *block);
    assert!(outputs.iter().any(proposes), "{outputs:?}");
}
