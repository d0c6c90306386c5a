//! One question, several colleges: the decision under the statutes, the judgment with weights, and what is shown of each
//! college. Questions that neither weighs (elections of persons, budgets) are counted by heads, and shown by college too.
use crate::{
    cells,
    conclude::{self, Given, SOUND, Sum, conclude},
    conventions,
    method::{self, CountError, GradedTally, JudgmentCollege, ReferendumTally},
    records::{CountBasis, QuestionShape},
    result::{Attendance, CollegeResult, Count, QuestionResult, Ratio, SharedWeight, Turnout, Verdict},
};
use num_rational::BigRational;
use num_traits::Zero;
use urne_types::{
    CollegeId, ElectionId,
    election::{ElectionDefinition, Method, NullPolicy, Question},
    statutes::{CollegeRules, CollegeWeight, SilentCollege, SmallColleges, Statutes},
};

/// The counters of one question in one college; without colleges, of everyone in one.
pub(crate) type ByCollege<T> = Vec<(CollegeId, T)>;

/// Everything a conclusion under statutes needs.
#[derive(Clone, Copy)]
pub(crate) struct Assembly<'a> {
    pub(crate) election: &'a ElectionId,
    pub(crate) definition: &'a ElectionDefinition,
    pub(crate) basis: &'a CountBasis,
    pub(crate) turnout: &'a Turnout,
}

impl<'a> Assembly<'a> {
    pub(crate) fn statutes(&self) -> Option<&'a Statutes> {
        self.basis.statutes.as_ref()
    }
    fn rules(&self) -> Option<&'a CollegeRules> {
        self.statutes()?.colleges.as_ref()
    }
    /// Whether counters are kept by college.
    pub(crate) fn has_colleges(&self) -> bool {
        self.rules().is_some()
    }
    /// Members counted as registered, never fewer than those who voted: who was reinstated after the opening counts too.
    pub(crate) fn electors(&self, college: CollegeId) -> u64 {
        let turnout = self.turnout.colleges.iter().find(|it| it.college == college);
        let electors = self.basis.electorate.iter().find(|it| it.college == college).map(|it| it.electors.get());
        let (registered, voted) = turnout.map_or((0, 0), |it| (it.registered.get(), it.voted.get()));
        electors.unwrap_or(registered).max(voted)
    }
    /// Of the whole assembly: persons where a member has one voice, else one voice for each of her colleges.
    pub(crate) fn all_electors(&self) -> u64 {
        let voices = || self.turnout.colleges.iter().map(|it| self.electors(it.college)).sum();
        self.basis.persons.map_or_else(voices, Count::get)
    }
    pub(crate) fn given(&self) -> Given<'a> {
        Given { election: self.election, registered: self.all_electors(), lot_seed: self.basis.lot_seed }
    }
    fn given_in(&self, colleges: &[CollegeId]) -> Given<'a> {
        Given { registered: colleges.iter().map(|it| self.electors(*it)).sum(), ..self.given() }
    }
}

/// All colleges' counters together.
pub(crate) fn together(shape: QuestionShape, colleges: &ByCollege<Vec<u64>>) -> Vec<u64> {
    let mut all = vec![0; cells::len(shape)];
    for (_, cells) in colleges {
        all.iter_mut().zip(cells).for_each(|(sum, more)| *sum += more);
    }
    all
}

/// The result of a question that additions decide: under statutes with colleges, for all and by college.
pub(crate) fn decide(
    assembly: Assembly<'_>,
    question: &Question,
    global: &Sum,
    colleges: &ByCollege<Sum>,
    merged: &dyn Fn(&[CollegeId]) -> Sum,
) -> QuestionResult {
    let of_all = match (&question.method, assembly.rules()) {
        (Method::Resolution { decision }, _) => resolve(assembly, decision, global, colleges),
        (Method::MajorityJudgment { nulls, .. } | Method::DrawnJudgment { nulls, .. }, Some(rules)) => {
            weigh(rules, *nulls, global, colleges)
        }
        _ => conclude(question, global, assembly.given()),
    };
    let of_all = of_all.unwrap_or_else(|e| QuestionResult::Undecided { code: e.code() });
    by_college(assembly, of_all, |of| {
        let given = assembly.given_in(of);
        let answer = match (&question.method, merged(of)) {
            (Method::Resolution { .. }, Sum::Referendum(tally)) => {
                by_heads(assembly, question, &tally, given.registered)
            }
            (_, sum) => conclude(question, &sum, given),
        };
        answer.unwrap_or_else(|e| QuestionResult::Undecided { code: e.code() })
    })
}

/// What is decided for all, and beside it, under statutes with colleges, the answer of each part of them that is shown.
pub(crate) fn by_college(
    assembly: Assembly<'_>,
    of_all: QuestionResult,
    mut answer: impl FnMut(&[CollegeId]) -> QuestionResult,
) -> QuestionResult {
    let parts = assembly.parts();
    if parts.is_empty() {
        return of_all;
    }
    let global = if parts.iter().any(|it| it.is_hidden) { without_weights(of_all) } else { of_all };
    let result = |part: Part| CollegeResult {
        answer: part.is_shown.then(|| Box::new(answer(&part.colleges))),
        colleges: part.colleges,
        voted: part.voted,
    };
    QuestionResult::ByCollege { global: Box::new(global), colleges: parts.into_iter().map(result).collect() }
}

// ---- Resolutions ----

fn resolve(
    assembly: Assembly<'_>,
    decision: &str,
    global: &Sum,
    colleges: &ByCollege<Sum>,
) -> Result<QuestionResult, CountError> {
    let Sum::Referendum(all) = global else { unreachable!("a resolution's ballots are for or against") };
    let statutes = assembly.statutes().expect(SOUND);
    let rules = statutes.colleges.as_ref();
    // A college without a member in the census has its weight all the same, and says nothing.
    let college = |it: &CollegeWeight| {
        let tally = match colleges.iter().find(|(id, _)| *id == it.college) {
            Some((_, Sum::Referendum(tally))) => *tally,
            _ => ReferendumTally::default(),
        };
        let members = assembly.electors(it.college);
        method::College { weight: it.weight_bp.into(), members, tally, second_round: None }
    };
    let voices: Vec<method::College> = match rules {
        Some(rules) => rules.weights.iter().map(college).collect(),
        None => vec![method::College { weight: 1, members: assembly.all_electors(), tally: *all, second_round: None }],
    };
    // Attendance is the election's, of persons: not this question's, by colleges added up.
    let rules = method::ResolutionRules {
        attendance: None,
        college_attendance: None,
        ..assembly.call(statutes).rules(statutes, decision).expect(SOUND)
    };
    let resolution = method::resolve(&voices, &rules)?;
    Ok(result(all, assembly.all_electors(), &resolution, assembly.attendance()))
}

/// What a college says by itself: its members, one by one, under the same majority and the same reading of silence.
fn by_heads(
    assembly: Assembly<'_>,
    question: &Question,
    tally: &ReferendumTally,
    members: u64,
) -> Result<QuestionResult, CountError> {
    let Method::Resolution { decision } = &question.method else { unreachable!("asked for a resolution") };
    let statutes = assembly.statutes().expect(SOUND);
    let call = assembly.call(statutes);
    let alone = method::College { weight: 1, members, tally: *tally, second_round: None };
    let rules = method::ResolutionRules {
        aggregation: method::Aggregation::Proportional,
        silent_college: method::SilentCollege::Kept,
        attendance: call.college_attendance.map(conventions::proportion),
        college_attendance: None,
        ..call.rules(statutes, decision).expect(SOUND)
    };
    let resolution = method::resolve(&[alone], &rules)?;
    let attendance = if resolution.attendance_reached { Attendance::Reached } else { Attendance::Missed };
    Ok(result(tally, members, &resolution, attendance))
}

fn result(
    tally: &ReferendumTally,
    members: u64,
    resolution: &method::Resolution,
    attendance: Attendance,
) -> QuestionResult {
    let present = tally.favour + tally.against + tally.blank + tally.abstain;
    let ratio = |it: &BigRational| Ratio::of(it);
    QuestionResult::Resolution {
        favour: Count(tally.favour),
        against: Count(tally.against),
        blank: Count(tally.blank),
        abstained: Count(tally.abstain),
        absent: Count(members.saturating_sub(present)),
        verdict: match attendance {
            Attendance::Reached if resolution.adopted => Verdict::Adopted,
            _ => Verdict::Rejected,
        },
        attendance,
        ratio: resolution.ratio.as_ref().map(ratio),
        weights: Some(SharedWeight {
            favour: ratio(&resolution.favour),
            against: ratio(&resolution.against),
            silent: ratio(&resolution.silent),
        }),
    }
}

// ---- Judgments ----

/// The profile of the colleges together, each with its weight. A college in which nobody voted is silent: kept, its weight
/// has no opinion on anyone, which only [`NullPolicy::Worst`] gives a place in a profile; else it leaves the base.
fn weigh(
    rules: &CollegeRules,
    nulls: NullPolicy,
    global: &Sum,
    colleges: &ByCollege<Sum>,
) -> Result<QuestionResult, CountError> {
    let graded = |sum: &Sum| match sum {
        Sum::Judgment { tally, .. } => tally.clone(),
        _ => unreachable!("a judgment's ballots are grades"),
    };
    let empty =
        |of: &GradedTally, voters| GradedTally { rows: of.rows.iter().map(|row| vec![0; row.len()]).collect(), voters };
    let all = graded(global);
    let silence = match (rules.silent_college, nulls) {
        (SilentCollege::Kept, NullPolicy::Worst) => empty(&all, 1),
        _ => empty(&all, 0),
    };
    let weighted = |it: &CollegeWeight| {
        let said = colleges.iter().find(|(id, _)| *id == it.college).map(|(_, sum)| graded(sum));
        let tally = said.filter(|tally| 0 < tally.voters).unwrap_or_else(|| silence.clone());
        JudgmentCollege { weight: it.weight_bp.into(), tally }
    };
    let judged: Vec<JudgmentCollege> = rules.weights.iter().map(weighted).collect();
    let is_anyone_judged = all.rows.iter().flatten().any(|n| !n.is_zero());
    let profiles = method::judge_colleges(&judged, conventions::nulls(nulls))?;
    let judgment = method::judge(&profiles);
    Ok(QuestionResult::WeightedJudgment {
        profiles: profiles.iter().map(|it| it.counts().iter().map(ToString::to_string).collect()).collect(),
        ranks: conclude::small(&judgment.ranking.ranks),
        winners: conclude::winners(&judgment.winners, is_anyone_judged),
        medians: conclude::medians(&judgment),
    })
}

// ---- What is shown ----

/// Colleges that are not shown by themselves: fewer voted than the floor, or, where the hidden ones together are still too few,
/// they are the smallest of the others, hidden so that nobody subtracts.
fn hidden(rules: &CollegeRules, turnout: &Turnout) -> Vec<CollegeId> {
    let floor = u64::from(rules.small_floor);
    let mut by_size: Vec<(u64, CollegeId)> =
        turnout.colleges.iter().map(|it| (it.voted.get(), it.college)).filter(|it| 0 < it.0).collect();
    by_size.sort_unstable();
    let mut hidden: Vec<CollegeId> = Vec::new();
    let mut hidden_voters = 0;
    for (voted, college) in by_size {
        let is_leak = !hidden.is_empty() && hidden_voters < floor;
        if voted < floor || is_leak {
            hidden.push(college);
            hidden_voters += voted;
        }
    }
    hidden.sort_unstable();
    hidden
}

/// What is decided, without the exact weights: with the results of the colleges that are shown, they are one equation whose
/// only solution in whole voters is often what each hidden college said (decision 0053).
fn without_weights(mut of_all: QuestionResult) -> QuestionResult {
    match &mut of_all {
        QuestionResult::Resolution { ratio, weights, .. } => (*ratio, *weights) = (None, None),
        QuestionResult::WeightedJudgment { profiles, medians, .. } => {
            profiles.clear();
            medians.clear();
        }
        _ => {}
    }
    of_all
}

/// Colleges with one line in the result.
struct Part {
    colleges: Vec<CollegeId>,
    voted: Count,
    /// Too few voted for each to be shown by itself.
    is_hidden: bool,
    is_shown: bool,
}

impl Assembly<'_> {
    /// Each college by itself; the hidden ones not at all, or together. None without colleges.
    fn parts(&self) -> Vec<Part> {
        let Some(rules) = self.rules() else { return Vec::new() };
        let turnout = self.turnout;
        let hidden = hidden(rules, turnout);
        let others = turnout.colleges.iter().filter(|it| !hidden.contains(&it.college));
        let alone =
            others.map(|it| Part { colleges: vec![it.college], voted: it.voted, is_hidden: false, is_shown: true });
        let mut parts: Vec<Part> = alone.collect();
        if !hidden.is_empty() {
            let of_hidden = turnout.colleges.iter().filter(|it| hidden.contains(&it.college));
            let voted = of_hidden.map(|it| it.voted.get()).sum::<u64>();
            let is_merged = rules.small_colleges == SmallColleges::Merged && u64::from(rules.small_floor) <= voted;
            parts.push(Part { colleges: hidden, voted: Count(voted), is_hidden: true, is_shown: is_merged });
        }
        parts
    }
    /// The colleges that are shown, together where they are shown so, in the order of the result.
    pub(crate) fn shown(&self) -> Vec<Vec<CollegeId>> {
        self.parts().into_iter().filter(|it| it.is_shown).map(|it| it.colleges).collect()
    }
}
