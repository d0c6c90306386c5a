//! A trustee answers one tally of an election and never another one: not after a fork, not after a restore, not after a reset
//! of the chain. Two tallies that differ by one ballot would show that ballot.
use crate::{
    Refusal,
    pieces::Pieces,
    urn::{Purpose, Urn},
    wire::Reader,
};
use std::collections::BTreeMap;
use urne_types::{DraftId, ElectionId};

/// Beside the purposes of urns: the name of a draft's election.
const NAMED: u8 = 3;

/// What a signer has answered, to be written to disk before each answer leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TallyGuard(BTreeMap<([u8; 32], u8, u32), [u8; 32]>);

impl TallyGuard {
    /// Records the urn, or refuses it. The signer writes [`Self::encode`] durably, *then* answers. The same urn may be
    /// answered again: the answer is the same. A piece is permitted with its list only.
    ///
    /// # Errors
    /// [`Refusal::SecondTally`]; [`Refusal::OtherUrn`] for an urn that is opened ballot by ballot.
    pub fn permit(&mut self, urn: &Urn) -> Result<(), Refusal> {
        match urn.purpose() {
            Purpose::OneByOne => Err(Refusal::OtherUrn),
            Purpose::Rehearsal | Purpose::Totals => self.record(urn, urn.part(), urn.digest()),
        }
    }
    /// Records the list of all pieces, under part 0, or refuses the piece.
    ///
    /// # Errors
    /// [`Refusal::OtherUrn`]: not a piece of that list; [`Refusal::SecondTally`]: another list was answered before.
    pub fn permit_piece(&mut self, pieces: &Pieces, urn: &Urn) -> Result<(), Refusal> {
        pieces.verify(urn)?;
        self.record(urn, 0, pieces.digest())
    }
    /// Records which election a draft became, or refuses another: the signer has one secret for each draft, and whoever could
    /// show it the same urn under another name would have two tallies answered.
    ///
    /// # Errors
    /// [`Refusal::SecondTally`].
    pub fn bind(&mut self, draft: &DraftId, election: &ElectionId) -> Result<(), Refusal> {
        self.keep((draft.0, NAMED, 0), &election.0)
    }
    fn record(&mut self, urn: &Urn, part: u32, answered: &[u8; 32]) -> Result<(), Refusal> {
        self.keep((urn.election().0, urn.purpose().byte(), part), answered)
    }
    fn keep(&mut self, slot: ([u8; 32], u8, u32), answered: &[u8; 32]) -> Result<(), Refusal> {
        match self.0.get(&slot) {
            Some(digest) if digest != answered => Err(Refusal::SecondTally),
            Some(_) => Ok(()),
            None => {
                self.0.insert(slot, *answered);
                Ok(())
            }
        }
    }
    /// Whether an election's tally has been answered, rehearsals apart.
    #[must_use]
    pub fn has_answered(&self, election: &ElectionId) -> bool {
        let of_tallies = [Purpose::Totals.byte(), Purpose::OneByOne.byte()];
        self.0.keys().any(|(id, purpose, _)| *id == election.0 && of_tallies.contains(purpose))
    }
    /// For each record: `election 32 ‖ purpose u8 ‖ part u32 ‖ digest 32`; under purpose 3, `draft 32 ‖ 3 ‖ 0 ‖ election 32`.
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
            if NAMED < *purpose {
                return Err(Refusal::WrongShape);
            }
            if guard.0.insert((*election, *purpose, part), digest).is_some() {
                return Err(Refusal::SecondTally);
            }
        }
        Ok(guard)
    }
}
