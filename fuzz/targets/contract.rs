//! Any payload, truly signed by an administrator or a member: a refusal writes nothing, and what one node builds another
//! accepts with the very same state.
#![no_main]
use libfuzzer_sys::fuzz_target;
use urne_fuzz::{Choices, canonical, chain, voting};
use urne_ledger::ProposeContext;
use urne_types::{Round, UnixMs, transaction::Payload};
use urne_vote_contract::{Changes, Overlay, execute};

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let (world, _) = voting();
    let proposer = world.ledger.proposer_at(Round::FIRST);
    let time = UnixMs::new(world.now + u64::from(choices.below(4)) * chain::HOUR / 2 + 1);
    let at = ProposeContext { round: Round::FIRST, time, proposer };
    let mut txs = Vec::new();
    while !choices.is_over() && txs.len() < 8 {
        let who = choices.below(16);
        let name = if who < 4 { format!("admin {}", who + 1) } else { chain::member(usize::from(who) - 4) };
        if let Some(payload) = canonical::<Payload>(choices.piece()) {
            txs.push(world.tx(&name, payload));
        }
    }
    let (context, mut changes) = (world.ledger.context(at), Changes::default());
    let view = world.ledger.view();
    for tx in &txs {
        let before = changes.clone();
        if execute(&view, &context, tx, &mut changes).is_err() {
            assert_eq!(changes, before, "a refusal writes nothing");
        } else {
            // The rules see what was just written.
            let _ = urne_vote_contract::parameters(&Overlay::new(&view, &changes));
        }
    }
    let built = world.ledger.propose(at, txs).expect("the store is in memory").block;
    let block = built.block().clone();
    let climbed = chain::verified(&world.chain(), &block);
    let judged = world.ledger.judge(block, climbed).expect("the store is in memory").expect("an honest block");
    assert_eq!(judged.header(), built.header());
});
