//! The count. At the close the chain adds up the last ballot of each member in each college, and no sooner; [`recount`] does
//! it again from the accepted ballots alone, by other additions, so that the two can be laid side by side. Ranks, medians and
//! thresholds are [`crate::method`]'s, exact and shared.
use crate::{
    ballot::judge_body,
    definition::shapes,
    keys,
    method::{self, ApprovalTally, CountError, GradedTally, MissingGrades, PluralityTally, ReferendumTally, Weighted},
    records::{ElectionGate, LastBallot, QuestionShape},
    result::{CollegeTurnout, Count, ElectionResult, Lean, Majority, MajorityGrade, QuestionResult, Turnout, Verdict},
    state::{Space, StateView},
    work::parse,
};
use std::{collections::BTreeMap, ops::ControlFlow};
use urne_types::{
    CollegeId, ElectionId,
    ballot::{Answer, BallotBody},
    election::{
        Base, CensusCommitment, CensusEntry, ElectionDefinition, Method, NullPolicy, Question, RevotePolicy, Threshold,
    },
};

/// What the ballots add up to, on one question.
enum Sum {
    Referendum(ReferendumTally),
    Plurality(PluralityTally),
    Approval(ApprovalTally),
    Judgment { tally: GradedTally, blank: u64 },
}

// ---- At the close: one ballot after the other ----

/// Counts an election from the last ballots in the index.
pub(crate) fn count(
    view: &dyn StateView,
    id: &ElectionId,
    gate: &ElectionGate,
    definition: &ElectionDefinition,
    turnout: &Turnout,
) -> Vec<QuestionResult> {
    let mut sums: Vec<Sum> = definition.questions.iter().zip(&gate.shapes).map(|(q, s)| Sum::zero(q, *s)).collect();
    view.scan(Space::Index, &keys::last_ballots(id), &mut |_, value| {
        let BallotBody::Open(answers) = parse::<LastBallot>(value).body;
        sums.iter_mut().zip(&answers).for_each(|(sum, answer)| sum.add(answer));
        ControlFlow::Continue(())
    });
    let questions = definition.questions.iter().zip(&sums);
    questions.map(|(question, sum)| conclude(question, sum, turnout.registered.get())).collect()
}

impl Sum {
    fn zero(question: &Question, shape: QuestionShape) -> Self {
        match (shape, &question.method) {
            (QuestionShape::One { .. }, Method::Referendum { .. }) => Self::Referendum(ReferendumTally::default()),
            (QuestionShape::One { choices }, _) => {
                Self::Plurality(PluralityTally { votes: vec![0; choices.into()], blank: 0 })
            }
            (QuestionShape::Any { choices }, _) => {
                Self::Approval(ApprovalTally { approvals: vec![0; choices.into()], ballots: 0, blank: 0 })
            }
            (QuestionShape::Graded { choices, grades }, _) => {
                let rows = vec![vec![0; grades.into()]; choices.into()];
                Self::Judgment { tally: GradedTally { rows, voters: 0 }, blank: 0 }
            }
        }
    }
    /// Adds an answer that was judged when its ballot was cast.
    fn add(&mut self, answer: &Answer) {
        match (self, answer) {
            (Self::Referendum(tally), Answer::Choice(0)) => tally.favour += 1,
            (Self::Referendum(tally), Answer::Choice(_)) => tally.against += 1,
            (Self::Referendum(tally), _) => tally.blank += 1,
            (Self::Plurality(tally), Answer::Choice(choice)) => tally.votes[usize::from(*choice)] += 1,
            (Self::Plurality(tally), _) => tally.blank += 1,
            (Self::Approval(tally), Answer::Approvals(approved)) => {
                tally.ballots += 1;
                approved.iter().for_each(|it| tally.approvals[usize::from(*it)] += 1);
            }
            (Self::Approval(tally), _) => {
                tally.ballots += 1;
                tally.blank += 1;
            }
            (Self::Judgment { tally, .. }, Answer::Grades(given)) => {
                tally.voters += 1;
                for (row, grade) in tally.rows.iter_mut().zip(given) {
                    grade.iter().for_each(|it| row[usize::from(*it)] += 1);
                }
            }
            (Self::Judgment { tally, blank }, _) => {
                tally.voters += 1;
                *blank += 1;
            }
        }
    }
}

// ---- Again, by anyone: from the list of ballots ----

/// Counts again from the accepted ballots alone, in the order of their log: keeps the ballot with the highest sequence of
/// each member in each college (the first one where voting again is forbidden), and adds up. A ballot that the definition
/// does not allow counts for nothing: the log of an honest chain holds none.
#[must_use]
pub fn recount(
    definition: &ElectionDefinition,
    census: &CensusCommitment,
    ballots: impl IntoIterator<Item = (CensusEntry, u32, BallotBody)>,
) -> ElectionResult {
    let shapes = shapes(definition);
    let mut last: BTreeMap<CensusEntry, (u32, BallotBody)> = BTreeMap::new();
    for (entry, sequence, body) in ballots {
        let is_newer = match (definition.revote, last.get(&entry)) {
            (_, None) => true,
            (RevotePolicy::LastCounts, Some((before, _))) => *before < sequence,
            (RevotePolicy::Forbidden, Some(_)) => false,
        };
        if is_newer && judge_body(definition.secrecy, &shapes, &body).is_ok() {
            last.insert(entry, (sequence, body));
        }
    }
    let voted_in = |college: CollegeId| last.keys().filter(|it| it.college == college).count() as u64;
    let college = |&(college, members): &(CollegeId, u64)| CollegeTurnout {
        college,
        registered: Count(members),
        voted: Count(voted_in(college)),
    };
    let turnout = Turnout::of(census.members.iter().map(college).collect());
    let columns = |at: usize| last.values().map(move |(_, BallotBody::Open(answers))| &answers[at]);
    let questions = definition.questions.iter().zip(&shapes).enumerate().map(|(at, (question, shape))| {
        let sum = sum(question, *shape, columns(at)).expect("every answer was judged against its question");
        conclude(question, &sum, turnout.registered.get())
    });
    let questions = questions.collect();
    ElectionResult { questions, turnout }
}

fn sum<'a>(
    question: &Question,
    shape: QuestionShape,
    answers: impl Iterator<Item = &'a Answer> + Clone,
) -> Result<Sum, CountError> {
    let chosen = |answer: &Answer| match answer {
        Answer::Choice(choice) => Some(usize::from(*choice)),
        _ => None,
    };
    let one = |it| Weighted::new(1, it);
    Ok(match (shape, &question.method) {
        (QuestionShape::One { .. }, Method::Referendum { .. }) => {
            let choice = |answer| match chosen(answer) {
                Some(0) => method::ReferendumChoice::For,
                Some(_) => method::ReferendumChoice::Against,
                None => method::ReferendumChoice::Blank,
            };
            Sum::Referendum(ReferendumTally::of(&answers.map(|it| one(choice(it))).collect::<Vec<_>>())?)
        }
        (QuestionShape::One { choices }, _) => {
            let ballots: Vec<_> = answers.map(|it| Weighted::new(1, chosen(it))).collect();
            Sum::Plurality(PluralityTally::of(choices.into(), &ballots)?)
        }
        (QuestionShape::Any { choices }, _) => {
            let approved = |answer: &Answer| match answer {
                Answer::Approvals(approved) => approved.iter().map(|it| usize::from(*it)).collect(),
                _ => Vec::new(),
            };
            let ballots: Vec<_> = answers.map(|it| Weighted::new(1, approved(it))).collect();
            Sum::Approval(ApprovalTally::of(choices.into(), &ballots)?)
        }
        (QuestionShape::Graded { choices, grades }, _) => {
            let given = |answer: &Answer| match answer {
                Answer::Grades(given) => given.iter().map(|it| it.map(usize::from)).collect(),
                _ => vec![None; choices.into()],
            };
            let blank = answers.clone().filter(|it| **it == Answer::Blank).count() as u64;
            let ballots: Vec<_> = answers.map(|it| Weighted::new(1, given(it))).collect();
            Sum::Judgment { tally: GradedTally::of(choices.into(), grades.into(), &ballots)?, blank }
        }
    })
}

// ---- From sums to a result ----

fn conclude(question: &Question, sum: &Sum, registered: u64) -> QuestionResult {
    const SOUND: &str = "a definition was judged before it was scheduled, and at most every member was counted once";
    match (sum, &question.method) {
        (Sum::Referendum(tally), Method::Referendum { threshold, base }) => {
            let decided = method::decide(tally, registered, threshold_of(*threshold), base_of(*base)).expect(SOUND);
            QuestionResult::Referendum {
                favour: Count(tally.favour),
                against: Count(tally.against),
                blank: Count(tally.blank),
                verdict: if decided.adopted { Verdict::Adopted } else { Verdict::Rejected },
                base: Count(decided.base),
            }
        }
        (Sum::Plurality(tally), _) => {
            let counted = tally.count().expect(SOUND);
            QuestionResult::Plurality {
                votes: counts(&tally.votes),
                blank: Count(tally.blank),
                ranks: small(&counted.ranking.ranks),
                winners: winners(&counted.winners, 0 < counted.expressed),
                majority: if counted.absolute_majority { Majority::Absolute } else { Majority::Relative },
            }
        }
        (Sum::Approval(tally), _) => {
            let counted = tally.count().expect(SOUND);
            QuestionResult::Approval {
                approvals: counts(&tally.approvals),
                ballots: Count(tally.ballots),
                blank: Count(tally.blank),
                ranks: small(&counted.ranking.ranks),
                winners: winners(&counted.winners, tally.blank < tally.ballots),
            }
        }
        (Sum::Judgment { tally, blank }, Method::MajorityJudgment { nulls, .. }) => {
            let judged = tally.count(nulls_of(*nulls)).expect(SOUND);
            let median = |it: &Option<method::Median>| {
                it.map(|it| MajorityGrade {
                    grade: u8::try_from(it.grade).expect("a judgment has at most GRADES_MAX grades"),
                    lean: if it.leans_up { Lean::Up } else { Lean::Down },
                })
            };
            QuestionResult::MajorityJudgment {
                grades: tally.rows.iter().map(|row| counts(row)).collect(),
                no_opinion: counts(&tally.no_opinion().expect(SOUND)),
                ballots: Count(tally.voters),
                blank: Count(*blank),
                ranks: small(&judged.ranking.ranks),
                winners: winners(&judged.winners, *blank < tally.voters),
                medians: judged.medians.iter().map(median).collect(),
            }
        }
        (Sum::Referendum(_) | Sum::Judgment { .. }, _) => unreachable!("a sum is made for its question's method"),
    }
}

fn counts(of: &[u64]) -> Vec<Count> {
    of.iter().copied().map(Count).collect()
}
fn small(of: &[usize]) -> Vec<u16> {
    of.iter().map(|it| u16::try_from(*it).expect("a question has at most CHOICES_MAX choices")).collect()
}
/// An urn of blank ballots elects nobody, though all choices are equal in it.
fn winners(of: &[usize], is_anyone_named: bool) -> Vec<u16> {
    if is_anyone_named { small(of) } else { Vec::new() }
}
fn threshold_of(threshold: Threshold) -> method::Threshold {
    match threshold {
        Threshold::Simple => method::Threshold::Simple,
        Threshold::Absolute => method::Threshold::ABSOLUTE,
        Threshold::ThreeFifths => method::Threshold::THREE_FIFTHS,
        Threshold::TwoThirds => method::Threshold::TWO_THIRDS,
    }
}
fn base_of(base: Base) -> method::Base {
    match base {
        Base::Expressed => method::Base::Expressed,
        Base::Present => method::Base::Present,
        Base::Registered => method::Base::Registered,
    }
}
fn nulls_of(nulls: NullPolicy) -> MissingGrades {
    match nulls {
        NullPolicy::Worst => MissingGrades::Grade(0),
        NullPolicy::Median => MissingGrades::Median,
        NullPolicy::Drop => MissingGrades::Dropped,
    }
}
