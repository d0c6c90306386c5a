//! Which kept peers to dial, and when: exponential backoff with jitter, for ever. Pure: time and chance come in by the door.
use crate::limits::{REDIAL_FIRST_MS, REDIAL_LAST_MS};
use libp2p::Multiaddr;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use urne_types::NodeId;

/// The kept peers and their next dials.
#[derive(Debug, Default)]
pub(crate) struct Redial {
    kept: BTreeMap<NodeId, Kept>,
}

#[derive(Debug)]
struct Kept {
    addresses: Vec<Multiaddr>,
    attempts: u32,
    /// None while connected or being dialled.
    due: Option<Instant>,
}

impl Redial {
    /// Replaces the list; the newcomers are due at once, the others keep their place.
    pub(crate) fn keep(&mut self, peers: BTreeMap<NodeId, Vec<Multiaddr>>, now: Instant) {
        let mut before = std::mem::take(&mut self.kept);
        for (node, addresses) in peers {
            let kept = match before.remove(&node) {
                Some(known) if known.addresses == addresses => known,
                _ => Kept { addresses, attempts: 0, due: Some(now) },
            };
            self.kept.insert(node, kept);
        }
    }

    /// A connection stands: no dial is due.
    pub(crate) fn connected(&mut self, node: &NodeId) {
        if let Some(kept) = self.kept.get_mut(node) {
            kept.due = None;
        }
    }

    /// The peer proved to be of our chain: the next loss starts from the shortest wait. A mere connection does not, else a
    /// node of another chain at that address would be dialled four times a second for ever.
    pub(crate) fn met(&mut self, node: &NodeId) {
        if let Some(kept) = self.kept.get_mut(node) {
            kept.attempts = 0;
        }
    }

    /// A dial failed or a connection was lost: try again after a wait that doubles, give or take a quarter.
    pub(crate) fn lost(&mut self, node: &NodeId, now: Instant, chance: u32) {
        if let Some(kept) = self.kept.get_mut(node) {
            kept.due = Some(now + backoff(kept.attempts, chance));
            kept.attempts = kept.attempts.saturating_add(1);
        }
    }

    /// When to look again; none when everybody is connected or being dialled.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.kept.values().filter_map(|kept| kept.due).min()
    }

    /// The dials that are due; they are then in progress until `connected` or `lost`.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<(NodeId, Vec<Multiaddr>)> {
        let mut dials = Vec::new();
        for (node, kept) in &mut self.kept {
            if kept.due.is_some_and(|due| due <= now) {
                kept.due = None;
                dials.push((*node, kept.addresses.clone()));
            }
        }
        dials
    }
}

/// 250 ms, 500 ms, 1 s ... 10 s, each scaled by 75 to 125 %: neighbours that lost the same switch do not dial in step.
fn backoff(attempts: u32, chance: u32) -> Duration {
    let doubled = REDIAL_FIRST_MS << attempts.min(16);
    let percent = 75 + u64::from(chance % 51);
    Duration::from_millis(doubled.min(REDIAL_LAST_MS) * percent / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_a_quarter_second_to_ten_seconds_give_or_take_a_quarter() {
        let table =
            [(0, 0, 187), (0, 25, 250), (0, 50, 312), (1, 25, 500), (5, 25, 8_000), (6, 25, 10_000), (99, 50, 12_500)];
        for (attempts, chance, expected_ms) in table {
            assert_eq!(backoff(attempts, chance).as_millis(), expected_ms, "attempt {attempts}, chance {chance}");
        }
    }

    #[test]
    fn a_peer_of_another_chain_is_dialled_ever_more_rarely_and_a_met_one_quickly_again() {
        let (node, now) = (NodeId([1; 32]), Instant::now());
        let mut redial = Redial::default();
        redial.keep(BTreeMap::from([(node, vec![])]), now);
        assert_eq!(redial.take_due(now).len(), 1);
        assert_eq!(redial.take_due(now).len(), 0, "a dial in progress is not started twice");
        for expected_ms in [250, 500, 1_000] {
            redial.connected(&node);
            redial.lost(&node, now, 25);
            assert_eq!(redial.next_due(), Some(now + Duration::from_millis(expected_ms)));
        }
        redial.met(&node);
        redial.lost(&node, now, 25);
        assert_eq!(redial.next_due(), Some(now + Duration::from_millis(250)));
    }
}
