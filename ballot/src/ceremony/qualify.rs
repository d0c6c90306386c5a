//! Round 5: who is qualified, and the keys that come out. The dealers' commitments are added up first, then the sum is evaluated
//! once for each holder, by Horner's rule with small numbers: all of it is public. A ledger does it dealer by dealer and holder
//! by holder, over as many blocks as it takes.
use super::{Ceremony, Commitments, EncryptedShare, JustifiedComplaint, Participant, ThresholdRule};
use crate::{
    Refusal,
    threshold::{ThresholdGroup, ThresholdKeys},
    wire::Reader,
};
use std::collections::{BTreeMap, BTreeSet};

/// What round 5 finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Qualification<G: ThresholdGroup> {
    /// Every qualified participant holds its share of these keys.
    Keys(ThresholdKeys<G>),
    /// Some are out and the threshold must change: these deal again, under the next attempt.
    Again(Vec<u16>),
}

/// Who is qualified, before any key is worked out.
#[derive(Clone, Debug, PartialEq)]
pub enum Qualified<G: ThresholdGroup> {
    /// Their keys are to be worked out.
    Dealers(Qualifying<G>),
    /// Some are out and the threshold must change: these deal again, under the next attempt.
    Again(Vec<u16>),
}

impl<G: ThresholdGroup + ThresholdRule> Ceremony<G> {
    /// Who is qualified, from what the ledger recorded: at most one message of each kind from each sender, judged before. A
    /// dealer qualifies with commitments, a share for every participant, and no justified complaint against it.
    ///
    /// # Errors
    /// What [`ThresholdRule::threshold`] refuses of those that are left; [`Refusal::NotAParticipant`].
    pub fn qualified(
        &self,
        committed: &BTreeSet<u16>,
        shares: &[EncryptedShare],
        complaints: &[JustifiedComplaint],
    ) -> Result<Qualified<G>, Refusal> {
        let served: BTreeSet<(u16, u16)> = shares.iter().map(|it| (it.dealer(), it.recipient())).collect();
        let mut dealers = committed.clone();
        dealers.retain(|dealer| {
            self.participants.iter().all(|it| served.contains(&(*dealer, it.participant.number)))
                && complaints.iter().all(|it| it.dealer() != *dealer)
        });
        let qualified: Vec<Participant> =
            dealers.iter().map(|it| Ok(self.joined(*it)?.participant)).collect::<Result<_, _>>()?;
        let dealers: Vec<u16> = dealers.into_iter().collect();
        if G::threshold(&self.declared, &qualified)? != self.threshold {
            return Ok(Qualified::Again(dealers));
        }
        let sums = vec![vec![G::identity(); usize::from(self.threshold)]; self.key_count()];
        Ok(Qualified::Dealers(Qualifying { dealers, added: 0, sums, holders: Vec::new() }))
    }
    /// Round 5 in one go.
    ///
    /// # Errors
    /// Those of [`Self::qualified`]; [`Refusal::DegenerateKey`].
    pub fn qualify(
        &self,
        commitments: &[Commitments<G>],
        shares: &[EncryptedShare],
        complaints: &[JustifiedComplaint],
    ) -> Result<Qualification<G>, Refusal> {
        let by_dealer: BTreeMap<u16, &Commitments<G>> = commitments.iter().map(|it| (it.dealer(), it)).collect();
        let mut qualifying = match self.qualified(&by_dealer.keys().copied().collect(), shares, complaints)? {
            Qualified::Again(left) => return Ok(Qualification::Again(left)),
            Qualified::Dealers(it) => it,
        };
        while let Some(dealer) = qualifying.next_dealer() {
            qualifying.add(by_dealer[&dealer])?;
        }
        while qualifying.next_holder().is_some() {
            qualifying.evaluate();
        }
        qualifying.keys().map(Qualification::Keys)
    }
}

/// The keys of those who qualified, as far as they are worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Qualifying<G: ThresholdGroup> {
    dealers: Vec<u16>,
    added: u16,
    /// Σ C_{k,0} … Σ C_{k,t−1} over the dealers that were added, by key.
    sums: Vec<Vec<G::Point>>,
    /// P_{1,i} … P_{M,i} of the first holders.
    holders: Vec<Vec<G::Point>>,
}

impl<G: ThresholdGroup> Qualifying<G> {
    /// Whose commitments are to be added next.
    #[must_use]
    pub fn next_dealer(&self) -> Option<u16> {
        self.dealers.get(usize::from(self.added)).copied()
    }
    /// Adds the next dealer's commitments: M·t additions.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`]: another dealer's; [`Refusal::WrongShape`]: another ceremony's.
    pub fn add(&mut self, commitments: &Commitments<G>) -> Result<(), Refusal> {
        if self.next_dealer() != Some(commitments.dealer()) {
            return Err(Refusal::NotAParticipant);
        }
        let rows = commitments.points();
        if rows.len() != self.sums.len() || rows.iter().zip(&self.sums).any(|(row, sums)| row.len() != sums.len()) {
            return Err(Refusal::WrongShape);
        }
        let terms = self.sums.iter_mut().flatten().zip(rows.iter().flatten());
        terms.for_each(|(sum, point)| *sum = *sum + *point);
        self.added += 1;
        Ok(())
    }
    /// Whose keys are to be worked out next; nobody's before all dealers were added.
    #[must_use]
    pub fn next_holder(&self) -> Option<u16> {
        if self.next_dealer().is_some() { None } else { self.dealers.get(self.holders.len()).copied() }
    }
    /// Works out the next holder's keys: M·t steps of Horner's rule.
    pub fn evaluate(&mut self) {
        if let Some(holder) = self.next_holder() {
            self.holders.push(self.sums.iter().map(|row| evaluate::<G>(row, holder)).collect());
        }
    }
    /// Whether nothing is left to do but [`Self::keys`].
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.next_dealer().is_none() && self.next_holder().is_none()
    }
    /// How many points it holds: decoding and encoding them is what pausing costs.
    #[must_use]
    pub fn points(&self) -> usize {
        self.terms() + self.holders.iter().map(Vec::len).sum::<usize>()
    }
    /// M·t: what adding a dealer, or evaluating a holder, takes.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.sums.iter().map(Vec::len).sum()
    }
    /// The keys, once every dealer was added and every holder evaluated.
    ///
    /// # Errors
    /// [`Refusal::WrongStep`] before; [`Refusal::DegenerateKey`].
    pub fn keys(self) -> Result<ThresholdKeys<G>, Refusal> {
        if !self.is_whole() {
            return Err(Refusal::WrongStep);
        }
        let threshold = self.sums.first().map_or(0, Vec::len).try_into().map_err(|_| Refusal::WrongShape)?;
        let keys = self.sums.iter().map(|row| row[0]).collect();
        ThresholdKeys::new(threshold, self.dealers, keys, self.holders)
    }
    /// `number of keys u16 ‖ threshold u16 ‖ dealers u16 ‖ added u16 ‖ holders u16 ‖ dealers u16… ‖ sums… ‖ P of each holder…`,
    /// for the state.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let short = |n: usize| u16::try_from(n).expect("bounded by the ceremony").to_le_bytes();
        let threshold = self.sums.first().map_or(0, Vec::len);
        let (dealers, holders) = (self.dealers.len(), self.holders.len());
        let mut bytes: Vec<u8> = [self.sums.len(), threshold, dealers, self.added.into(), holders].map(short).concat();
        self.dealers.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
        let points = self.sums.iter().chain(&self.holders).flatten();
        points.for_each(|it| bytes.extend_from_slice(&G::encode(it)));
        bytes
    }
    /// Reads what [`Self::encode`] wrote into this node's own state.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], or what an element earns: the state is damaged.
    pub fn restore_from_state(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut read = Reader::new(bytes, Refusal::WrongShape);
        let (keys, threshold) = (read.u16()?, read.u16()?);
        let (n, added, evaluated) = (read.u16()?, read.u16()?, read.u16()?);
        let dealers = (0..n).map(|_| read.u16()).collect::<Result<_, _>>()?;
        // A sum of commitments may be the identity on the way, and need not be at the end.
        let mut row = |length: u16| {
            (0..length).map(|_| G::element(read.take(G::POINT_BYTES)?)).collect::<Result<Vec<G::Point>, Refusal>>()
        };
        let sums = (0..keys).map(|_| row(threshold)).collect::<Result<_, _>>()?;
        let holders = (0..evaluated).map(|_| row(keys)).collect::<Result<_, _>>()?;
        read.end()?;
        Ok(Self { dealers, added, sums, holders })
    }
}

/// Σ_j holder^j C_j, by Horner's rule: a holder's number is small, so each step is a few additions. Of public values.
pub(super) fn evaluate<G: ThresholdGroup>(row: &[G::Point], holder: u16) -> G::Point {
    row.iter().rev().fold(G::identity(), |sum, point| times::<G>(sum, holder) + *point)
}

/// n · point, bit by bit from the highest.
fn times<G: ThresholdGroup>(point: G::Point, n: u16) -> G::Point {
    let bits = (0..u16::BITS - n.leading_zeros()).rev();
    bits.fold(G::identity(), |sum, bit| {
        let doubled = sum + sum;
        if (n >> bit) & 1 == 1 { doubled + point } else { doubled }
    })
}
