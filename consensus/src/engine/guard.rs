//! The double-sign guard: the last thing our key signed. It never lets the key sign two different things for one slot,
//! even after the log is lost or an old backup comes back.
use crate::statement::{Slot, Statement, Step};
use std::collections::BTreeMap;
use urne_types::{
    ChainId, Height, Round, ValidatorId,
    codec::{Decode, Encode},
};

use super::io::WalEntry;

/// What the guard file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct GuardRecord {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// Step.
    pub step: Step,
    /// The digest that was signed.
    pub digest: [u8; 32],
}
impl GuardRecord {
    pub(super) fn of(statement: &Statement, chain: &ChainId) -> Self {
        let Slot { height, round, step, .. } = statement.slot();
        Self { height, round, step, digest: statement.digest(chain) }
    }
    fn place(&self) -> (Height, Round, Step) {
        (self.height, self.round, self.step)
    }
}

/// Whether something may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permit {
    /// Later than anything signed, or the very same bytes again.
    Sign,
    /// Earlier than what was signed: what was said then is not known any more.
    Refuse,
    /// Something else was signed for this slot.
    Conflict,
}

/// How a height may be taken part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Footing {
    /// The log knows all that the guard knows.
    Sign,
    /// The guard is ahead of the log: a lock may be forgotten.
    Follow,
    /// Guard and log contradict each other.
    Conflict(GuardRecord),
}

/// The guard in memory.
#[derive(Debug)]
pub(super) struct Guard {
    last: Option<GuardRecord>,
    is_unwritten: bool,
}
impl Guard {
    pub(super) fn new(last: Option<GuardRecord>) -> Self {
        Self { last, is_unwritten: false }
    }
    /// Asks before signing, and before sending what the log says was signed.
    pub(super) fn permit(&mut self, record: GuardRecord) -> Permit {
        match self.last {
            Some(last) if record.place() < last.place() => Permit::Refuse,
            Some(last) if record.place() == last.place() && record != last => Permit::Conflict,
            Some(last) if record == last => Permit::Sign,
            _ => {
                self.last = Some(record);
                self.is_unwritten = true;
                Permit::Sign
            }
        }
    }
    /// What must be on disk before a signature leaves.
    pub(super) fn take_unwritten(&mut self) -> Option<GuardRecord> {
        let was_unwritten = std::mem::take(&mut self.is_unwritten);
        self.last.filter(|_| was_unwritten)
    }
    /// The log is durable before the guard is, so a log that was not lost holds what the guard says we signed.
    pub(super) fn footing(&self, height: Height, me: ValidatorId, wal: &[WalEntry], chain: &ChainId) -> Footing {
        if wal.contains(&WalEntry::Muted { height }) {
            return Footing::Follow;
        }
        match self.last {
            None => Footing::Sign,
            Some(last) if last.height < height => Footing::Sign,
            Some(last) if height < last.height => Footing::Follow,
            Some(last) => match signed_in(wal, me, chain).get(&last.place()) {
                None => Footing::Follow,
                Some(digest) if *digest == last.digest => Footing::Sign,
                Some(_) => Footing::Conflict(last),
            },
        }
    }
    #[cfg(feature = "plants")]
    pub(super) fn forget(&mut self) {
        *self = Self::new(None);
    }
}

/// What the log says we signed, first in each slot (the core replays the same one). Certificates do not count: they hold what others sent back.
fn signed_in(wal: &[WalEntry], me: ValidatorId, chain: &ChainId) -> BTreeMap<(Height, Round, Step), [u8; 32]> {
    use urne_types::message::ConsensusMessage::{Proposal, Step};
    let single = wal.iter().filter_map(|entry| match entry {
        WalEntry::Message(message @ (Proposal(_) | Step(_))) => Some(Statement::all_in(message)),
        _ => None,
    });
    let ours = single.flatten().filter(|it| it.slot().validator == me);
    let mut signed = BTreeMap::new();
    for record in ours.map(|it| GuardRecord::of(&it, chain)) {
        signed.entry(record.place()).or_insert(record.digest);
    }
    signed
}
