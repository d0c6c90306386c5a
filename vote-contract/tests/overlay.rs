//! An overlay reads as the state will be once its changes are applied: whatever is below, above, or removed.
#![allow(clippy::unwrap_used)]
mod support;
use proptest::prelude::*;
use std::ops::ControlFlow;
use support::MemoryState;
use urne_vote_contract::{Changes, Overlay, Space, StateView};

fn seen(view: &impl StateView, prefix: &[u8], most: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    view.scan(Space::Map, prefix, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}
fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0..3_u8, 0..4)
}

proptest! {
    #[test]
    fn an_overlay_shows_the_state_to_come(
        base in proptest::collection::btree_map(key(), any::<u8>().prop_map(|it| vec![it]), 0..12),
        changed in proptest::collection::btree_map(key(), proptest::option::of(any::<u8>().prop_map(|it| vec![it])), 0..12),
        prefix in key(),
        most in 1..8_usize,
    ) {
        let mut state = MemoryState { map: base, ..MemoryState::default() };
        let changes = Changes { map: changed, ..Changes::default() };
        let below = state.clone();
        let overlay = Overlay::new(&below, &changes);
        state.apply(&changes);
        prop_assert_eq!(seen(&overlay, &prefix, most), seen(&state, &prefix, most));
        prop_assert_eq!(overlay.get(Space::Map, &prefix), state.get(Space::Map, &prefix));
        prop_assert_eq!(overlay.get(Space::Index, &prefix), None);
    }
}
