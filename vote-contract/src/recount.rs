//! The count, again, by anyone: from the list of ballots alone, by other additions than the chain's, so that the two can be
//! laid side by side. Ranks, medians and thresholds are [`crate::method`]'s, exact and shared.
use crate::{
    answer::{Draw, judge_body},
    ballot::follows,
    colleges::{Assembly, ByCollege, by_college, decide},
    conclude::{self, SOUND, Sum},
    conventions,
    counting::unranked,
    definition::{shape, shapes},
    event::Appearance,
    method::{
        self, ApprovalTally, BudgetVote, CountError, GradedTally, IrvRules, OnFlaw, PairwiseTally, PluralityTally,
        RankedBallot, Reading, ReferendumChoice, ReferendumTally, StvRules, Weighted,
    },
    records::{CountBasis, QuestionShape},
    result::{ElectionResult, QuestionResult, Turnout},
    runs::{budget_ballot, is_run},
};
use std::collections::BTreeMap;
use urne_types::{
    CollegeId, ElectionId, Rejection,
    ballot::{Answer, BallotBody},
    election::{CensusCommitment, CensusEntry, ElectionDefinition, Method, Question},
    method::BudgetRule,
    statutes::Voice,
};

/// Counts again from the accepted ballots alone, in the order of their log. A ballot that no rule would accept counts for
/// nothing: the log of an honest chain holds none, and [`Recount`] says which one it is.
#[must_use]
pub fn recount(
    election: &ElectionId,
    definition: &ElectionDefinition,
    census: &CensusCommitment,
    basis: &CountBasis,
    ballots: impl IntoIterator<Item = (CensusEntry, u32, BallotBody)>,
) -> ElectionResult {
    let mut again = Recount::new(election, definition, census, basis);
    for (entry, sequence, body) in ballots {
        let _ = again.cast(entry, sequence, body);
    }
    again.count()
}

/// An urn filled again, ballot after ballot in the order of the log, by the rules of open ballots: keeps the last ballot of
/// each member in each college, and nothing else. Who may vote, and whose signature it is, is asked before.
#[derive(Debug)]
pub struct Recount<'a> {
    election: &'a ElectionId,
    definition: &'a ElectionDefinition,
    census: &'a CensusCommitment,
    basis: &'a CountBasis,
    shapes: Vec<QuestionShape>,
    last: BTreeMap<CensusEntry, (u32, BallotBody)>,
}

impl<'a> Recount<'a> {
    /// An empty urn.
    #[must_use]
    pub fn new(
        election: &'a ElectionId,
        definition: &'a ElectionDefinition,
        census: &'a CensusCommitment,
        basis: &'a CountBasis,
    ) -> Self {
        Self { election, definition, census, basis, shapes: shapes(definition), last: BTreeMap::new() }
    }
    /// The next ballot of the log.
    ///
    /// # Errors
    /// [`Rejection`]: a ballot that the rules refuse. It counts for nothing.
    pub fn cast(&mut self, entry: CensusEntry, sequence: u32, body: BallotBody) -> Result<Appearance, Rejection> {
        let last = self.last.get(&entry).map(|(before, _)| *before);
        follows(self.definition.revote, last, sequence)?;
        let draw = Draw { election: self.election, seed: self.basis.draw_seed, entry: &entry };
        judge_body(self.definition.secrecy.ballots(), &self.shapes, &body, draw)?;
        let appearance = if last.is_some() { Appearance::Revote } else { Appearance::First };
        if appearance == Appearance::First && self.has_voted_elsewhere(&entry) {
            return Err(Rejection::VotedInOtherCollege);
        }
        self.last.insert(entry, (sequence, body));
        Ok(appearance)
    }
    /// Where the statutes give one voice a member, the college in which she votes first is hers.
    fn has_voted_elsewhere(&self, entry: &CensusEntry) -> bool {
        let is_one_voice = self.basis.statutes.as_ref().is_some_and(|it| it.voice == Voice::PerMember);
        let mut others = self.census.members.iter().map(|(college, _)| *college).filter(|it| *it != entry.college);
        is_one_voice && others.any(|college| self.last.contains_key(&CensusEntry { college, ..*entry }))
    }
    /// Who has voted so far, per college.
    #[must_use]
    pub fn turnout(&self) -> Turnout {
        Turnout::among(self.census, self.last.keys())
    }
    /// The result.
    #[must_use]
    pub fn count(&self) -> ElectionResult {
        let turnout = self.turnout();
        let Self { election, definition, basis, .. } = *self;
        let assembly = Assembly { election, definition, basis, turnout: &turnout };
        results(assembly, &|at| self.last.iter().filter_map(|(entry, (_, body))| answer_to(entry, body, at)).collect())
    }
}

/// The result of ballots that were opened one by one, each counted in a college.
pub(crate) fn of_opened(
    election: &ElectionId,
    definition: &ElectionDefinition,
    basis: &CountBasis,
    turnout: &Turnout,
    ballots: &[(CollegeId, Vec<Answer>)],
) -> ElectionResult {
    let assembly = Assembly { election, definition, basis, turnout };
    results(assembly, &|at| ballots.iter().map(|(college, answers)| (*college, &answers[at])).collect())
}

/// `answers`: those to the question of a number.
fn results<'a>(assembly: Assembly<'_>, answers: &dyn Fn(usize) -> Answers<'a>) -> ElectionResult {
    let questions =
        assembly.definition.questions.iter().enumerate().map(|(at, question)| {
            conclude::fitting(assembly.in_force(question, result(assembly, question, &answers(at))))
        });
    let (questions, attendance) = (questions.collect(), assembly.attendance_report());
    ElectionResult { questions, turnout: assembly.turnout.clone(), attendance }
}

/// A sealed ballot was not judged an answer, so it is not among the last ones.
fn answer_to<'a>(entry: &CensusEntry, body: &'a BallotBody, at: usize) -> Option<(CollegeId, &'a Answer)> {
    match body {
        BallotBody::Open(answers) => Some((entry.college, &answers[at])),
        BallotBody::Sealed(_) => None,
    }
}

type Answers<'a> = Vec<(CollegeId, &'a Answer)>;

fn result(assembly: Assembly<'_>, question: &Question, answers: &Answers<'_>) -> QuestionResult {
    let sum_of = |of: &dyn Fn(CollegeId) -> bool| {
        let some = answers.iter().filter(|(college, _)| of(*college)).map(|(_, answer)| *answer);
        sum(question, &some.collect::<Vec<_>>()).expect("every answer was judged against its question")
    };
    if is_run(question) {
        let run_of = |of: &dyn Fn(CollegeId) -> bool| {
            let some = answers.iter().filter(|(college, _)| of(*college)).map(|(_, answer)| *answer);
            let counted = run(assembly, question, &sum_of(of), &some.collect::<Vec<_>>());
            conclude::fitting(counted.unwrap_or_else(|e| QuestionResult::Undecided { code: e.code() }))
        };
        return by_college(assembly, run_of(&|_| true), |of| run_of(&|college| of.contains(&college)));
    }
    let global = sum_of(&|_| true);
    let colleges: ByCollege<Sum> = if assembly.has_colleges() {
        assembly.turnout.colleges.iter().map(|it| (it.college, sum_of(&|college| college == it.college))).collect()
    } else {
        Vec::new()
    };
    decide(assembly, question, &global, &colleges, &|of| sum_of(&|college| of.contains(&college)))
}

fn sum(question: &Question, answers: &[&Answer]) -> Result<Sum, CountError> {
    let weighted = |it| Weighted::new(1, it);
    Ok(match shape(question) {
        QuestionShape::Decision => {
            let choice = |answer: &&Answer| match answer {
                Answer::Choice(0) => ReferendumChoice::For,
                Answer::Choice(_) => ReferendumChoice::Against,
                Answer::Abstain => ReferendumChoice::Abstain,
                _ => ReferendumChoice::Blank,
            };
            let ballots: Vec<_> = answers.iter().map(|it| weighted(choice(it))).collect();
            Sum::Referendum(ReferendumTally::of(&ballots)?)
        }
        QuestionShape::One { choices } => {
            let chosen = |answer: &&Answer| match answer {
                Answer::Choice(choice) => Some(usize::from(*choice)),
                _ => None,
            };
            let ballots: Vec<_> = answers.iter().map(|it| Weighted::new(1, chosen(it))).collect();
            Sum::Plurality(PluralityTally::of(choices.into(), &ballots)?)
        }
        QuestionShape::Any { choices } | QuestionShape::Several { choices, .. } => {
            let approved = |answer: &&Answer| match answer {
                Answer::Approvals(approved) => approved.iter().map(|it| usize::from(*it)).collect(),
                _ => Vec::new(),
            };
            let ballots: Vec<_> = answers.iter().map(|it| Weighted::new(1, approved(it))).collect();
            Sum::Approval(ApprovalTally::of(choices.into(), &ballots)?)
        }
        QuestionShape::Graded { choices, grades } | QuestionShape::Drawn { choices, grades, .. } => {
            let given = |answer: &&Answer| match answer {
                Answer::Grades(given) => given.iter().map(|it| it.map(usize::from)).collect(),
                _ => vec![None; choices.into()],
            };
            let ballots: Vec<_> = answers.iter().map(|it| Weighted::new(1, given(it))).collect();
            let tally = GradedTally::of(choices.into(), grades.into(), &ballots)?;
            Sum::Judgment { tally, blank: blank(answers) }
        }
        QuestionShape::Ranked { choices } => {
            let ballots: Vec<_> = answers.iter().map(|it| Weighted::new(1, ranked(it))).collect();
            Sum::Duels(PairwiseTally::of(choices.into(), unranked(question), &ballots)?)
        }
        QuestionShape::Points { choices, .. } => {
            let mut points = vec![0; usize::from(choices)];
            for (project, more) in answers.iter().flat_map(|it| budget_ballot(it).points) {
                points[project] += more;
            }
            Sum::Points { points, ballots: answers.len() as u64, blank: blank(answers) }
        }
        QuestionShape::Strict { .. } => {
            Sum::Papers { first: Vec::new(), ballots: answers.len() as u64, blank: blank(answers) }
        }
    })
}

fn blank(answers: &[&Answer]) -> u64 {
    answers.iter().filter(|it| ***it == Answer::Blank).count() as u64
}
fn ranked(answer: &Answer) -> RankedBallot {
    match answer {
        Answer::Ranking(ranks) => {
            RankedBallot { ranks: ranks.iter().map(|rank| rank.iter().map(|it| usize::from(*it)).collect()).collect() }
        }
        _ => RankedBallot::default(),
    }
}

/// Nothing ill-formed is in the urn.
const STRICT: Reading = Reading { shared_rank: OnFlaw::Refuse, skipped_rank: OnFlaw::Refuse, repeated: OnFlaw::Refuse };

fn run(
    assembly: Assembly<'_>,
    question: &Question,
    global: &Sum,
    answers: &[&Answer],
) -> Result<QuestionResult, CountError> {
    let lot = |rule| conventions::lot(rule, assembly.election, assembly.basis.lot_seed);
    let choices = question.choices.len();
    let papers = || answers.iter().map(|it| Weighted::new(1, ranked(it))).collect::<Vec<_>>();
    Ok(match &question.method {
        Method::InstantRunoff { stop, lot: rule } => {
            let rules = IrvRules { reading: STRICT, stop: conventions::stop(*stop), tie_break: lot(*rule) };
            let counted = method::instant_runoff(choices, &papers(), rules)?;
            conclude::runoff(&counted, answers.len() as u64, blank(answers))
        }
        Method::ScottishStv { seats, lot: rule } => {
            let rules = StvRules { seats: (*seats).into(), reading: STRICT, tie_break: lot(*rule) };
            conclude::transferable(&method::scottish_stv(choices, &papers(), rules)?)
        }
        Method::Budget { budget, costs, rule: BudgetRule::EqualShares { completion, .. } } => {
            let ballots = answers.iter().map(|it| Weighted::new(1, budget_ballot(it))).collect();
            let vote = BudgetVote::new(*budget, costs.to_vec(), ballots).expect(SOUND);
            conclude::shares(global, &vote.equal_shares(conventions::completion(*completion))?)
        }
        _ => unreachable!("only runs are counted here"),
    })
}
