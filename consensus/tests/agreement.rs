//! Engines agree: in order, with one silent, with an absent proposer, with a latecomer.
mod common;
use common::*;
use urne_types::{Height, Round};

#[test]
fn four_engines_decide_heights_in_order() {
    let mut net = Net::new(4);
    net.start_all();
    net.run_until(20);
    net.assert_agreement();
    for node in &net.nodes {
        assert!(node.accused.is_empty() && node.stopped.is_none());
        assert!(node.entered.iter().all(|(_, round)| *round == Round::FIRST), "nobody waited");
        assert_eq!(node.decided[4].height, Height::new(5));
    }
    assert_eq!(net.now, 0, "no timeout was needed");
}
