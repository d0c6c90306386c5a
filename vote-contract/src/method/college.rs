//! A resolution voted by colleges with weights, as a cooperative (SCIC) does: proportionally or in bloc, each convention declared.
//!
//! The same ballots are adopted in bloc and rejected proportionally, or the reverse: nothing here has a default. Loi 47-1775,
//! art. 19 octies: college results are carried proportionally unless the statutes say otherwise.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::{CountError, Proportion, ReferendumTally, Threshold, weighted};

/// What voters who are neither for nor against add to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsAs {
    /// Neither side.
    Nothing,
    /// For ("qui ne dit mot consent").
    For,
    /// Against.
    Against,
}

/// How silence is read inside a college, one convention each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// Blank ballots.
    pub blank: CountsAs,
    /// Null ballots.
    pub null: CountsAs,
    /// Members present who abstain.
    pub abstention: CountsAs,
    /// Members who did not come.
    pub absence: CountsAs,
}

/// How a college carries its result to the assembly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// Its weight is split as its members are.
    Proportional,
    /// Its whole weight goes to the side that has strictly more than this share; without one, to the side that won its second
    /// round, and else as `undecided` says.
    Bloc {
        /// The share to surpass.
        majority: Proportion,
        /// The weight of a college that decided nothing.
        undecided: CountsAs,
    },
}

/// What becomes of the weight of a college where nobody spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilentCollege {
    /// It stays in the base: neither for nor against.
    Kept,
    /// It leaves the base, to the profit of the others in proportion.
    Redistributed,
}

/// One college.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct College {
    /// Its weight, in any unit common to all.
    pub weight: u64,
    /// Its electorate.
    pub members: u64,
    /// What its members said.
    pub tally: ReferendumTally,
    /// For and against of its second round, where one was held.
    pub second_round: Option<(u64, u64)>,
}

/// The declared conventions of a resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolutionRules {
    /// How colleges carry their results.
    pub aggregation: Aggregation,
    /// How silence is read inside a college.
    pub silence: Silence,
    /// What becomes of a silent college's weight.
    pub silent_college: SilentCollege,
    /// What the ratio must reach. [`Threshold::Simple`]: more for than against.
    pub threshold: Threshold,
    /// The share of all members that must take part.
    pub attendance: Option<Proportion>,
    /// The share of each college's members that must take part.
    pub college_attendance: Option<Proportion>,
}

/// The resolution's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Threshold and attendance reached.
    pub adopted: bool,
    /// Weight for, over the base; `None` when no college spoke.
    pub ratio: Option<BigRational>,
    /// Share of the total weight that is for.
    pub favour: BigRational,
    /// Share of the total weight that is against.
    pub against: BigRational,
    /// Share of the total weight that said nothing.
    pub silent: BigRational,
    /// Each college's share for; `None` where it said nothing.
    pub college_shares: Vec<Option<BigRational>>,
    /// Each college's ballots, and its members.
    pub participation: Vec<(u64, u64)>,
    /// Whether every declared attendance is reached.
    pub attendance_reached: bool,
    /// All colleges' ballots together, as if there were none: for and against.
    pub one_member_one_voice: (u64, u64),
}

/// What the law of 1947 refuses in the weights of a SCIC's colleges.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightFault {
    /// Fewer than three.
    #[error("{found} colleges: a SCIC that has colleges has three or more (loi 47-1775, art. 19 octies)")]
    TooFewColleges {
        /// How many there are.
        found: usize,
    },
    /// Outside 10 to 50 %.
    #[error(
        "college {line} weighs {weight_bp} of 10000: each has between 10 and 50 % of the voting rights (loi 47-1775, art. 19 octies)"
    )]
    OutOfRange {
        /// The college's place, from 1.
        line: usize,
        /// Its weight, in ten-thousandths.
        weight_bp: u64,
    },
    /// Not 100 % together.
    #[error("the colleges weigh {found} of 10000 together")]
    WrongSum {
        /// Their sum, in ten-thousandths.
        found: u128,
    },
}

/// Every fault of a SCIC's weights, in ten-thousandths; none when they are lawful.
pub fn scic_weight_faults(weights_bp: &[u64]) -> Vec<WeightFault> {
    let mut faults = Vec::new();
    if weights_bp.len() < 3 {
        faults.push(WeightFault::TooFewColleges { found: weights_bp.len() });
    }
    for (index, &weight_bp) in weights_bp.iter().enumerate() {
        if !(1_000..=5_000).contains(&weight_bp) {
            faults.push(WeightFault::OutOfRange { line: index + 1, weight_bp });
        }
    }
    let found: u128 = weights_bp.iter().map(|&it| u128::from(it)).sum();
    if found != 10_000 {
        faults.push(WeightFault::WrongSum { found });
    }
    faults
}

/// Decides a resolution.
///
/// # Errors
/// [`CountError::NoCollege`], [`CountError::NoWeight`], [`CountError::MoreBallotsThanMembers`], [`CountError::TotalTooLarge`]; lines
/// are colleges.
pub fn resolve(colleges: &[College], rules: &ResolutionRules) -> Result<Resolution, CountError> {
    if colleges.is_empty() {
        return Err(CountError::NoCollege);
    }
    let mut shares = Vec::with_capacity(colleges.len());
    let mut participation = Vec::with_capacity(colleges.len());
    let mut weights = 0;
    let mut one_voice = (0, 0);
    let mut all = (0, 0);
    for (index, college) in colleges.iter().enumerate() {
        let line = index + 1;
        if college.weight == 0 {
            return Err(CountError::NoWeight { line });
        }
        let present = college.tally.present().map_err(|_| CountError::TotalTooLarge { line })?;
        shares.push(college.share(line, rules)?);
        participation.push((present, college.members));
        weighted::add(&mut weights, college.weight, line)?;
        weighted::add(&mut one_voice.0, college.tally.favour, line)?;
        weighted::add(&mut one_voice.1, college.tally.against, line)?;
        weighted::add(&mut all.0, present, line)?;
        weighted::add(&mut all.1, college.members, line)?;
    }
    let total = fraction(weights, 1);
    let weigh = |part: &dyn Fn(&BigRational) -> BigRational| {
        let parts =
            shares.iter().zip(colleges).filter_map(|(share, it)| Some(part(share.as_ref()?) * fraction(it.weight, 1)));
        parts.fold(BigRational::zero(), |sum, it| sum + it) / &total
    };
    let favour = weigh(&|share| share.clone());
    let against = weigh(&|share| BigRational::one() - share);
    let silent = BigRational::one() - &favour - &against;
    let base = match rules.silent_college {
        SilentCollege::Kept => BigRational::one(),
        SilentCollege::Redistributed => &favour + &against,
    };
    let spoken = shares.iter().any(Option::is_some);
    let ratio = spoken.then(|| &favour / base);
    let reached = |least: Option<Proportion>, (present, members): (u64, u64)| {
        least.is_none_or(|least| least.compare(present, members).is_ge())
    };
    let attendance_reached =
        reached(rules.attendance, all) && participation.iter().all(|&one| reached(rules.college_attendance, one));
    let carried = ratio.as_ref().is_some_and(|ratio| match rules.threshold {
        Threshold::Simple => favour > against,
        Threshold::MoreThan(share) => *ratio > fraction(share.numerator(), share.denominator()),
        Threshold::AtLeast(share) => *ratio >= fraction(share.numerator(), share.denominator()),
    });
    Ok(Resolution {
        adopted: carried && !favour.is_zero() && attendance_reached,
        ratio,
        favour,
        against,
        silent,
        college_shares: shares,
        participation,
        attendance_reached,
        one_member_one_voice: one_voice,
    })
}

impl College {
    /// The share of this college that is for; `None` when it said nothing.
    fn share(&self, line: usize, rules: &ResolutionRules) -> Result<Option<BigRational>, CountError> {
        let present = self.tally.present().map_err(|_| CountError::TotalTooLarge { line })?;
        let members = self.members;
        let absent =
            members.checked_sub(present).ok_or(CountError::MoreBallotsThanMembers { line, present, members })?;
        let (mut favour, mut against) = (self.tally.favour, self.tally.against);
        let silences = [
            (rules.silence.blank, self.tally.blank),
            (rules.silence.null, self.tally.null),
            (rules.silence.abstention, self.tally.abstain),
            (rules.silence.absence, absent),
        ];
        for (counts_as, how_many) in silences {
            match counts_as {
                CountsAs::Nothing => {}
                CountsAs::For => favour += how_many, // both sides together are at most the members
                CountsAs::Against => against += how_many,
            }
        }
        let spoken = favour + against;
        if spoken == 0 {
            return Ok(None);
        }
        let Aggregation::Bloc { majority, undecided } = rules.aggregation else {
            return Ok(Some(fraction(favour, spoken)));
        };
        let second = match self.second_round {
            None => std::cmp::Ordering::Equal,
            Some((favour, against)) => {
                let present = favour.saturating_add(against);
                if members < present {
                    return Err(CountError::MoreBallotsThanMembers { line, present, members });
                }
                favour.cmp(&against)
            }
        };
        let side = if majority.compare(favour, spoken).is_gt() {
            CountsAs::For
        } else if majority.compare(against, spoken).is_gt() {
            CountsAs::Against
        } else {
            match second {
                std::cmp::Ordering::Greater => CountsAs::For,
                std::cmp::Ordering::Less => CountsAs::Against,
                std::cmp::Ordering::Equal => undecided,
            }
        };
        Ok(match side {
            CountsAs::For => Some(BigRational::one()),
            CountsAs::Against => Some(BigRational::zero()),
            CountsAs::Nothing => None,
        })
    }
}

fn fraction(numerator: u64, denominator: u64) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}
