//! One question, for or against: adopted by an exact comparison of integers, so that one ballot in 47 million decides.

use super::{CountError, Weighted, weighted};

/// What one voter answered. Absence is not an answer: it is what remains of the registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferendumChoice {
    /// Pour.
    For,
    /// Contre.
    Against,
    /// A deliberate empty ballot.
    Blank,
    /// A ballot that cannot be read.
    Null,
    /// Present, and took no ballot.
    Abstain,
}

/// Additive counters of one question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReferendumTally {
    /// Pour.
    pub favour: u64,
    /// Contre.
    pub against: u64,
    /// Blank ballots.
    pub blank: u64,
    /// Null ballots.
    pub null: u64,
    /// Members present (or connected) who abstained.
    pub abstain: u64,
}

/// Whom a threshold is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// For and against.
    Expressed,
    /// Everyone who took part: for, against, blank, null and abstaining.
    Present,
    /// Everyone who could take part.
    Registered,
}

/// A fraction between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    numerator: u64,
    denominator: u64,
}

/// What it takes to be adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// More for than against; the base plays no part.
    Simple,
    /// Strictly more than this share of the base.
    MoreThan(Proportion),
    /// At least this share of the base.
    AtLeast(Proportion),
}

/// The decision and the numbers it was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referendum {
    /// Whether the threshold is reached. Never, when nobody is for.
    pub adopted: bool,
    /// As many for as against.
    pub tied: bool,
    /// The voters the threshold was measured on.
    pub base: u64,
    /// Everyone who took part.
    pub present: u64,
    /// Those registered who did not take part.
    pub absent: u64,
}

impl Proportion {
    /// `numerator/denominator`.
    ///
    /// # Errors
    /// [`CountError::NotAProportion`] over 1, or over zero.
    pub const fn new(numerator: u64, denominator: u64) -> Result<Self, CountError> {
        if denominator == 0 || numerator > denominator {
            return Err(CountError::NotAProportion { numerator, denominator });
        }
        Ok(Self { numerator, denominator })
    }

    /// Above the bar.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// Below the bar, never zero.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// `part` against this share of `whole`: two products of 64 bits fit in 128.
    pub(super) fn compare(self, part: u64, whole: u64) -> std::cmp::Ordering {
        let part = u128::from(part) * u128::from(self.denominator);
        part.cmp(&(u128::from(whole) * u128::from(self.numerator)))
    }
}

impl Threshold {
    /// More than half of the base.
    pub const ABSOLUTE: Self = Self::MoreThan(Proportion { numerator: 1, denominator: 2 });
    /// Three fifths of the base.
    pub const THREE_FIFTHS: Self = Self::AtLeast(Proportion { numerator: 3, denominator: 5 });
    /// Two thirds of the base.
    pub const TWO_THIRDS: Self = Self::AtLeast(Proportion { numerator: 2, denominator: 3 });
}

impl ReferendumTally {
    /// Adds up ballots.
    ///
    /// # Errors
    /// [`CountError::TotalTooLarge`] with its line.
    pub fn of(ballots: &[Weighted<ReferendumChoice>]) -> Result<Self, CountError> {
        let mut tally = Self::default();
        for (index, weighted) in ballots.iter().enumerate() {
            let counter = match weighted.ballot {
                ReferendumChoice::For => &mut tally.favour,
                ReferendumChoice::Against => &mut tally.against,
                ReferendumChoice::Blank => &mut tally.blank,
                ReferendumChoice::Null => &mut tally.null,
                ReferendumChoice::Abstain => &mut tally.abstain,
            };
            weighted::add(counter, weighted.multiplicity, index + 1)?;
        }
        Ok(tally)
    }

    /// For and against.
    ///
    /// # Errors
    /// [`CountError::TotalTooLarge`].
    pub fn expressed(&self) -> Result<u64, CountError> {
        weighted::sum(&[self.favour, self.against], 1)
    }

    /// Everyone who took part.
    ///
    /// # Errors
    /// [`CountError::TotalTooLarge`].
    pub fn present(&self) -> Result<u64, CountError> {
        weighted::sum(&[self.favour, self.against, self.blank, self.null, self.abstain], 1)
    }
}

/// Decides `tally` among `registered` voters.
///
/// # Errors
/// [`CountError::MorePresentThanRegistered`], [`CountError::TotalTooLarge`].
pub fn decide(
    tally: &ReferendumTally,
    registered: u64,
    threshold: Threshold,
    base: Base,
) -> Result<Referendum, CountError> {
    let present = tally.present()?;
    let absent =
        registered.checked_sub(present).ok_or(CountError::MorePresentThanRegistered { present, registered })?;
    let base = match base {
        Base::Expressed => tally.expressed()?,
        Base::Present => present,
        Base::Registered => registered,
    };
    let reached = match threshold {
        Threshold::Simple => tally.favour > tally.against,
        Threshold::MoreThan(share) => share.compare(tally.favour, base).is_gt(),
        Threshold::AtLeast(share) => share.compare(tally.favour, base).is_ge(),
    };
    Ok(Referendum { adopted: reached && tally.favour > 0, tied: tally.favour == tally.against, base, present, absent })
}
