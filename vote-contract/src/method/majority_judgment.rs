//! Majority judgment: every voter grades every candidate she judges; the best exact majority-value wins.
//!
//! What a missing grade means is a declared convention ([`MissingGrades`]): it has changed winners, so it has no default. The order
//! itself is [`Profile::compare`], exact where the usual gauge leaves ties.

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::Zero;

use super::profile::least_common_multiple;
use super::{CountError, Profile, Ranking, Weighted, weighted};

/// What stands for the grades that voters did not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingGrades {
    /// Nothing may be missing: refused.
    Refused,
    /// This grade (0, the worst, is the usual convention).
    Grade(usize),
    /// The candidate's own lower median; the worst grade when nobody judged her.
    Median,
    /// Left out: each candidate is judged by those who judged her. One whom nobody judged is last.
    Dropped,
}

/// Additive counters of a graded question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradedTally {
    /// For each candidate, the number of each grade, worst first.
    pub rows: Vec<Vec<u64>>,
    /// How many took part, whatever they left ungraded.
    pub voters: u64,
}

/// One college of a weighted judgment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgmentCollege {
    /// Its weight, in any unit common to all colleges.
    pub weight: u64,
    /// What its members said.
    pub tally: GradedTally,
}

/// A candidate's majority grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Median {
    /// The lower median.
    pub grade: usize,
    /// Whether more judgments are above it than below it ("+", otherwise "-").
    pub leans_up: bool,
}

/// The judgment of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MajorityJudgment {
    /// Best majority-value first, ties shared.
    pub ranking: Ranking,
    /// Every candidate at rank 1.
    pub winners: Vec<usize>,
    /// Each candidate's majority grade; `None` when nobody judged her.
    pub medians: Vec<Option<Median>>,
}

impl GradedTally {
    /// Adds up ballots over `candidates` and `grades`; `None` in a ballot is no opinion.
    ///
    /// # Errors
    /// [`CountError::WrongLength`], [`CountError::UnknownGrade`], [`CountError::TotalTooLarge`].
    pub fn of(candidates: usize, grades: usize, ballots: &[Weighted<Vec<Option<usize>>>]) -> Result<Self, CountError> {
        let mut tally = Self { rows: vec![vec![0; grades]; candidates], voters: 0 };
        for (index, Weighted { multiplicity, ballot }) in ballots.iter().enumerate() {
            let line = index + 1;
            if ballot.len() != candidates {
                return Err(CountError::WrongLength { line, found: ballot.len(), expected: candidates });
            }
            weighted::add(&mut tally.voters, *multiplicity, line)?;
            for (row, grade) in tally.rows.iter_mut().zip(ballot) {
                if let Some(grade) = *grade {
                    let counter = row.get_mut(grade).ok_or(CountError::UnknownGrade { line, grade, grades })?;
                    weighted::add(counter, *multiplicity, line)?;
                }
            }
        }
        Ok(tally)
    }

    /// For each candidate, the voters who gave her no grade.
    ///
    /// # Errors
    /// [`CountError::MoreMarksThanVoters`], [`CountError::TotalTooLarge`].
    pub fn no_opinion(&self) -> Result<Vec<u64>, CountError> {
        let missing = self.rows.iter().enumerate().map(|(index, row)| {
            let line = index + 1;
            let found = weighted::sum(row, line)?;
            let voters = self.voters;
            voters.checked_sub(found).ok_or(CountError::MoreMarksThanVoters { line, found, voters })
        });
        missing.collect()
    }

    /// The rows once the convention has filled what is missing.
    ///
    /// # Errors
    /// [`CountError::RowNotFull`], [`CountError::UnknownGrade`], [`CountError::NoCandidate`], [`CountError::NoGrade`],
    /// [`CountError::WrongLength`] and those of [`Self::no_opinion`].
    pub fn completed(&self, missing_grades: MissingGrades) -> Result<Vec<Vec<u64>>, CountError> {
        let grades = self.rows.first().ok_or(CountError::NoCandidate)?.len();
        if grades == 0 {
            return Err(CountError::NoGrade);
        }
        let mut rows = self.rows.clone();
        for (index, (row, missing)) in rows.iter_mut().zip(self.no_opinion()?).enumerate() {
            let line = index + 1;
            if row.len() != grades {
                return Err(CountError::WrongLength { line, found: row.len(), expected: grades });
            }
            let stand_in = match missing_grades {
                MissingGrades::Dropped => continue,
                MissingGrades::Refused if missing == 0 => continue,
                MissingGrades::Refused => {
                    let found = self.voters - missing;
                    return Err(CountError::RowNotFull { line, found, voters: self.voters });
                }
                MissingGrades::Grade(grade) => grade,
                MissingGrades::Median => Profile::from(row.as_slice()).median().unwrap_or(0),
            };
            *row.get_mut(stand_in).ok_or(CountError::UnknownGrade { line, grade: stand_in, grades })? += missing;
        }
        Ok(rows)
    }

    /// Judges the candidates under one convention.
    ///
    /// # Errors
    /// Those of [`Self::completed`].
    pub fn count(&self, missing_grades: MissingGrades) -> Result<MajorityJudgment, CountError> {
        let rows = self.completed(missing_grades)?;
        let profiles: Vec<Profile> = rows.iter().map(|row| Profile::from(row.as_slice())).collect();
        Ok(judge(&profiles))
    }
}

/// Ranks profiles that may come from different numbers of judgments.
pub fn judge(profiles: &[Profile]) -> MajorityJudgment {
    let ranking = Ranking::by(profiles.len(), |a, b| profiles[a].compare(&profiles[b]));
    let winners = ranking.winners();
    let median = |profile: &Profile| profile.median().map(|grade| Median { grade, leans_up: profile.leans_up() });
    MajorityJudgment { ranking, winners, medians: profiles.iter().map(median).collect() }
}

/// The profiles of all colleges together: the sum over colleges of weight × share of each grade, as the smallest integers with the
/// same proportions. A college in which nobody judged a candidate adds nothing to her profile: its weight goes to the others.
///
/// # Errors
/// [`CountError::NoCollege`], [`CountError::NoWeight`], [`CountError::WrongLength`], [`CountError::ResultTooLarge`], and those of
/// [`GradedTally::completed`] (their lines are candidates).
pub fn judge_colleges(colleges: &[JudgmentCollege], missing_grades: MissingGrades) -> Result<Vec<Profile>, CountError> {
    let shape = |tally: &GradedTally| (tally.rows.len(), tally.rows.first().map_or(0, Vec::len));
    let (candidates, grades) = shape(&colleges.first().ok_or(CountError::NoCollege)?.tally);
    let mut rows_of = Vec::with_capacity(colleges.len());
    for (index, college) in colleges.iter().enumerate() {
        let line = index + 1;
        if college.weight == 0 {
            return Err(CountError::NoWeight { line });
        }
        let found = shape(&college.tally);
        if found != (candidates, grades) {
            return Err(CountError::WrongLength { line, found: found.0, expected: candidates });
        }
        rows_of.push(college.tally.completed(missing_grades)?);
    }
    let total = |row: &Vec<u64>| -> BigUint { row.iter().sum() };
    let mut totals: Vec<BigUint> = rows_of.iter().flatten().map(total).collect();
    totals.sort_unstable();
    totals.dedup();
    let scale = least_common_multiple(&totals)?;
    let mut merged = vec![vec![BigUint::zero(); grades]; candidates];
    for (college, rows) in colleges.iter().zip(&rows_of) {
        for (sums, row) in merged.iter_mut().zip(rows) {
            let judged = total(row);
            if judged.is_zero() {
                continue;
            }
            let factor = &scale / judged * college.weight;
            for (sum, count) in sums.iter_mut().zip(row) {
                *sum += &factor * count;
            }
        }
    }
    let divisor = merged.iter().flatten().fold(BigUint::zero(), |gcd, entry| gcd.gcd(entry));
    if !divisor.is_zero() {
        merged.iter_mut().flatten().for_each(|entry| *entry /= &divisor);
    }
    Ok(merged.into_iter().map(Profile::new).collect())
}
