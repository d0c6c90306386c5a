//! A trustee answers one tally of an election and never another one: not after a fork, not after a restore, not after a reset
//! of the chain. Two tallies that differ by one ballot would show that ballot.
use crate::{
    Refusal,
    urn::{Purpose, Urn},
    wire::Reader,
};
use std::collections::BTreeMap;
use urne_types::ElectionId;

/// What a signer has answered, to be written to disk before each answer leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TallyGuard(BTreeMap<([u8; 32], u8, u32), [u8; 32]>);

impl TallyGuard {
    /// Records the urn, or refuses it. The signer writes [`Self::encode`] durably, *then* answers. The same urn may be
    /// answered again: the answer is the same.
    ///
    /// # Errors
    /// [`Refusal::SecondTally`].
    pub fn permit(&mut self, urn: &Urn) -> Result<(), Refusal> {
        let slot = (urn.election().0, urn.purpose().byte(), urn.part());
        match self.0.get(&slot) {
            Some(digest) if digest != urn.digest() => Err(Refusal::SecondTally),
            Some(_) => Ok(()),
            None => {
                self.0.insert(slot, *urn.digest());
                Ok(())
            }
        }
    }
    /// Whether an election's tally has been answered, rehearsals apart.
    #[must_use]
    pub fn has_answered(&self, election: &ElectionId) -> bool {
        self.0.keys().any(|(id, purpose, _)| *id == election.0 && *purpose != Purpose::Rehearsal.byte())
    }
    /// For each record: `election 32 ‖ purpose u8 ‖ part u32 ‖ digest 32`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let record = |((election, purpose, part), digest): (&([u8; 32], u8, u32), &[u8; 32])| {
            [&election[..], &[*purpose], &part.to_le_bytes(), digest].concat()
        };
        self.0.iter().flat_map(record).collect()
    }
    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], [`Refusal::SecondTally`] when two records contradict each other.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut guard = Self::default();
        for record in bytes.chunks(69) {
            let mut read = Reader::new(record, Refusal::WrongShape);
            let (election, [purpose]): (&[u8; 32], &[u8; 1]) = (read.array()?, read.array()?);
            let (part, digest) = (u32::from_le_bytes(*read.array()?), *read.array()?);
            read.end()?;
            if 2 < *purpose {
                return Err(Refusal::WrongShape);
            }
            if guard.0.insert((*election, *purpose, part), digest).is_some() {
                return Err(Refusal::SecondTally);
            }
        }
        Ok(guard)
    }
}
