//! Ciphertexts and their running totals. A ciphertext comes out of a verified ballot only; the ledger keeps its bytes beside
//! the credential so that a revote can be subtracted, and reads back only what it wrote itself.
use crate::{
    Refusal,
    group::{Element, Point, WORD, identity},
    wire::Reader,
};

/// A ballot's encrypted cells: A = rG, B_i = m_i G + r Y_i.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    a: Element,
    b: Vec<Element>,
}

impl Ciphertext {
    pub(crate) fn of_verified(a: Element, b: Vec<Element>) -> Self {
        Self { a, b }
    }
    /// A: unused before in its election, or the ballot is refused by the ledger.
    #[must_use]
    pub const fn a(&self) -> &Element {
        &self.a
    }
    /// B_1 … B_M.
    #[must_use]
    pub fn b(&self) -> &[Element] {
        &self.b
    }
    /// `A ‖ B_1 … B_M`, for the state.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        std::iter::once(&self.a).chain(&self.b).flat_map(|it| *it.bytes()).collect()
    }
    /// Reads what this node's own state holds: bytes that [`Self::encode`] wrote for a ballot that was verified. Never for
    /// bytes from anywhere else: those go through [`crate::Statement::verify`].
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`], [`Refusal::NotAPoint`]: the state is damaged.
    pub fn restore_from_state(bytes: &[u8], cells: usize) -> Result<Self, Refusal> {
        let mut read = Reader::new(bytes, Refusal::TotalsMismatch);
        let it = Self { a: read.element()?, b: read.elements(cells)? };
        read.end()?;
        Ok(it)
    }
}

/// The sum of the ballots that count so far: the state of an election that nobody can read before the close.
#[derive(Clone, Debug)]
pub struct Totals {
    ballots: u64,
    a: Point,
    b: Vec<Point>,
}

impl Totals {
    /// Of no ballot at all.
    #[must_use]
    pub fn empty(cells: usize) -> Self {
        Self { ballots: 0, a: identity(), b: vec![identity(); cells] }
    }
    /// Number of ballots that count.
    #[must_use]
    pub const fn ballots(&self) -> u64 {
        self.ballots
    }
    /// Number of cells.
    #[must_use]
    pub const fn cells(&self) -> usize {
        self.b.len()
    }
    /// Adds a credential's first ballot.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`]: another number of cells.
    pub fn add(&mut self, ballot: &Ciphertext) -> Result<(), Refusal> {
        self.fits(ballot)?;
        self.ballots = self.ballots.checked_add(1).ok_or(Refusal::TotalsMismatch)?;
        self.a += ballot.a.point();
        self.b.iter_mut().zip(&ballot.b).for_each(|(total, b)| *total += b.point());
        Ok(())
    }
    /// A revote: the former ballot of the credential leaves, the new one enters.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`].
    pub fn replace(&mut self, former: &Ciphertext, ballot: &Ciphertext) -> Result<(), Refusal> {
        self.fits(former)?;
        self.fits(ballot)?;
        if self.ballots == 0 {
            return Err(Refusal::TotalsMismatch);
        }
        self.a += ballot.a.point() - former.a.point();
        let cells = self.b.iter_mut().zip(ballot.b.iter().zip(&former.b));
        cells.for_each(|(total, (b, former))| *total += b.point() - former.point());
        Ok(())
    }
    /// Adds the totals of another group, of the partition that the election fixed.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`].
    pub fn merge(&mut self, other: &Self) -> Result<(), Refusal> {
        if other.b.len() != self.b.len() {
            return Err(Refusal::TotalsMismatch);
        }
        self.ballots = self.ballots.checked_add(other.ballots).ok_or(Refusal::TotalsMismatch)?;
        self.a += other.a;
        self.b.iter_mut().zip(&other.b).for_each(|(total, b)| *total += b);
        Ok(())
    }
    /// The sums as elements: A_tot, B_tot.
    #[must_use]
    pub fn ciphertext(&self) -> Ciphertext {
        Ciphertext { a: Element::of(self.a), b: self.b.iter().map(|it| Element::of(*it)).collect() }
    }
    /// `ballots u64 ‖ A_tot ‖ B_tot…`, for the state.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + WORD * (1 + self.b.len()));
        bytes.extend_from_slice(&self.ballots.to_le_bytes());
        bytes.extend_from_slice(&self.ciphertext().encode());
        bytes
    }
    /// Reads what [`Self::encode`] wrote into this node's own state.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`], [`Refusal::NotAPoint`]: the state is damaged.
    pub fn restore_from_state(bytes: &[u8], cells: usize) -> Result<Self, Refusal> {
        let mut read = Reader::new(bytes, Refusal::TotalsMismatch);
        let ballots = read.u64()?;
        let a = *read.element()?.point();
        let b = read.elements(cells)?.iter().map(|it| *it.point()).collect();
        read.end()?;
        Ok(Self { ballots, a, b })
    }
    /// How many ballots the totals in this node's own state are of, without decoding them.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`]: the state is damaged.
    pub fn ballots_in_state(bytes: &[u8]) -> Result<u64, Refusal> {
        Reader::new(bytes, Refusal::TotalsMismatch).u64()
    }
    /// Enters what the ballots of one block changed: one addition for each cell, however many ballots there were.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`].
    pub fn apply(&mut self, change: &TotalsChange) -> Result<(), Refusal> {
        if change.b.len() != self.b.len() {
            return Err(Refusal::TotalsMismatch);
        }
        self.ballots = self.ballots.checked_add(change.added).ok_or(Refusal::TotalsMismatch)?;
        self.a += change.a;
        self.b.iter_mut().zip(&change.b).for_each(|(total, b)| *total += b);
        Ok(())
    }
    fn fits(&self, ballot: &Ciphertext) -> Result<(), Refusal> {
        if ballot.b.len() == self.b.len() { Ok(()) } else { Err(Refusal::TotalsMismatch) }
    }
}

/// What some ballots change in the totals of a group, as points in memory: decoding and encoding the totals costs about as
/// much as verifying a ballot, so a block does it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalsChange {
    added: u64,
    a: Point,
    b: Vec<Point>,
}

impl TotalsChange {
    /// Nothing.
    #[must_use]
    pub fn none(cells: usize) -> Self {
        Self { added: 0, a: identity(), b: vec![identity(); cells] }
    }
    /// A ballot enters; when the credential had one, that one leaves.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`]: another number of cells.
    pub fn enter(&mut self, ballot: &Ciphertext, former: Option<&Ciphertext>) -> Result<(), Refusal> {
        if ballot.b.len() != self.b.len() || former.is_some_and(|it| it.b.len() != self.b.len()) {
            return Err(Refusal::TotalsMismatch);
        }
        self.a += ballot.a.point();
        self.b.iter_mut().zip(&ballot.b).for_each(|(total, b)| *total += b.point());
        match former {
            None => self.added += 1,
            Some(former) => {
                self.a -= former.a.point();
                self.b.iter_mut().zip(&former.b).for_each(|(total, b)| *total -= b.point());
            }
        }
        Ok(())
    }
    /// Both changes.
    ///
    /// # Errors
    /// [`Refusal::TotalsMismatch`].
    pub fn and(&mut self, later: &Self) -> Result<(), Refusal> {
        if later.b.len() != self.b.len() {
            return Err(Refusal::TotalsMismatch);
        }
        self.added += later.added;
        self.a += later.a;
        self.b.iter_mut().zip(&later.b).for_each(|(total, b)| *total += b);
        Ok(())
    }
}
impl PartialEq for Totals {
    fn eq(&self, other: &Self) -> bool {
        self.ballots == other.ballots && self.a == other.a && self.b == other.b
    }
}
impl Eq for Totals {}
