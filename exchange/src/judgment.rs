//! Kinds `majority_judgment`, `majority_judgment_tally` and `majority_judgment_colleges`.

use urne_vote_contract::method::{
    CountError, GradedTally, JudgmentCollege, Median, MissingGrades, Weighted, common_scale, judge, judge_colleges,
};

use crate::{CountRefusal, Json, read};

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let names = read::candidates(input)?;
    let grades = read::names(input, "grades")?;
    let tally = GradedTally::of(names.len(), grades.len(), &graded_ballots(input)?)?;
    let no_opinion = tally.no_opinion()?;
    let missing = nulls(input, no_opinion.iter().any(|&it| it > 0))?;
    let result = tally.count(missing)?;
    let profiles = common_scale(&tally.completed(missing)?)?; // only `drop` leaves different totals
    let shown = |median: &Option<Median>| match median {
        Some(Median { grade, leans_up }) => {
            Json::text(format!("{}{}", grades.key(*grade), if *leans_up { "+" } else { "-" }))
        }
        None => Json::Null,
    };
    Ok(Json::object([
        ("winner", names.labels(&result.winners)),
        ("ranks", names.each(result.ranking.ranks.iter().map(Json::number))),
        ("profiles_worst_to_best", names.each(profiles.into_iter().map(Json::numbers))),
        ("median", names.each(result.medians.iter().map(shown))),
        ("voters", Json::number(tally.voters)),
        ("no_opinion", names.each(no_opinion.iter().map(Json::number))),
    ]))
}

pub(crate) fn count_tally(input: &Json) -> Result<Json, CountRefusal> {
    let (tally, missing) = tallied(input)?;
    let result = tally.count(missing)?;
    let medians = result.medians.iter().map(|it| it.map_or(Json::Null, |it| Json::number(it.grade)));
    Ok(Json::object([("ranks", Json::numbers(&result.ranking.ranks)), ("medians", Json::list(medians))]))
}

/// The grades that each candidate received, and what a missing one counts as.
pub(crate) fn tallied(input: &Json) -> Result<(GradedTally, MissingGrades), CountRefusal> {
    let rows = read::list(input, "tallies")?.iter().enumerate().map(|(index, row)| {
        let refusal = || read::wrong("tallies", Some(index + 1), "a list of integers, worst grade first");
        let counts = row.as_list().ok_or_else(refusal)?.iter();
        counts.map(|it| it.as_u64().ok_or_else(refusal)).collect::<Result<Vec<u64>, _>>()
    });
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let mut voters = read::integer(input, "participants", None)?;
    let missing = match read::optional(input, "mode").map(|it| it.as_text().unwrap_or_default()) {
        None => MissingGrades::Refused,
        Some("StaticDefault") => {
            let default = read::index(read::field(input, "default", None)?, "default", None)?;
            if rows.first().is_some_and(|row| row.len() <= default) {
                return Err(read::wrong("default", None, "a grade of the tallies, 0 for the worst"));
            }
            MissingGrades::Grade(default)
        }
        Some("MedianDefault") => MissingGrades::Median,
        Some("Normalized") => {
            // Each candidate is judged by those who judged her: the participants play no part.
            voters =
                rows.iter().map(|row| row.iter().fold(0u64, |sum, it| sum.saturating_add(*it))).fold(voters, u64::max);
            MissingGrades::Dropped
        }
        Some(_) => return Err(read::wrong("mode", None, "StaticDefault, MedianDefault or Normalized")),
    };
    Ok((GradedTally { rows, voters }, missing))
}

pub(crate) fn count_colleges(input: &Json) -> Result<Json, CountRefusal> {
    let names = read::candidates(input)?;
    let grades = read::names(input, "grades")?;
    if names.len() == 0 {
        return Err(CountError::NoCandidate.into());
    }
    let mut colleges = Vec::new();
    let mut called = Vec::new();
    let mut some_missing = false;
    let mut weights: u128 = 0;
    for (index, college) in read::list(input, "colleges")?.iter().enumerate() {
        let line = Some(index + 1);
        let weight = read::integer(college, "weight_bp", line)?;
        called.push(match read::optional(college, "name") {
            Some(_) => read::text(college, "name", line)?.to_owned(),
            None => (index + 1).to_string(),
        });
        let tally = graded_ballots(college)
            .and_then(|it| Ok(GradedTally::of(names.len(), grades.len(), &it)?))
            .map_err(|refusal| CountRefusal::OfCollege { college: index + 1, refusal: Box::new(refusal) })?;
        some_missing |= tally.no_opinion()?.iter().any(|&it| it > 0);
        weights += u128::from(weight);
        colleges.push(JudgmentCollege { weight, tally });
    }
    read::distinct(&called, "colleges")?;
    if weights != 10_000 {
        return Err(CountRefusal::WeightsDoNotSum { found: weights });
    }
    let silent = colleges.iter().zip(called).filter(|(it, _)| it.tally.voters == 0).map(|(_, name)| Json::text(name));
    let silent = Json::list(silent); // their weight goes to the others, and that is said
    let profiles = judge_colleges(&colleges, nulls(input, some_missing)?)?;
    let result = judge(&profiles);
    Ok(Json::object([
        ("winner", names.labels(&result.winners)),
        ("ranks", names.each(result.ranking.ranks.iter().map(Json::number))),
        ("silent_colleges", silent),
        ("reduced_profiles", names.each(profiles.iter().map(|it| Json::numbers(it.counts())))),
    ]))
}

pub(crate) fn graded_ballots(object: &Json) -> Result<Vec<Weighted<Vec<Option<usize>>>>, CountRefusal> {
    read::ballots(object, |line, rest| {
        let grades = read::only_list(line, rest)?.iter();
        grades
            .map(|it| if *it == Json::Null { Ok(None) } else { read::index(it, "ballots", Some(line)).map(Some) })
            .collect()
    })
}

/// What a missing grade means: it must be declared as soon as one is missing.
fn nulls(input: &Json, some_missing: bool) -> Result<MissingGrades, CountRefusal> {
    match read::optional(input, "nulls").map(|it| it.as_text().unwrap_or_default()) {
        Some("worst") => Ok(MissingGrades::Grade(0)),
        Some("median") => Ok(MissingGrades::Median),
        Some("drop") => Ok(MissingGrades::Dropped),
        Some(_) => Err(read::wrong("nulls", None, "worst, median or drop")),
        None if some_missing => {
            Err(CountRefusal::UndeclaredConvention { key: "nulls", question: "what a missing grade means" })
        }
        None => Ok(MissingGrades::Refused),
    }
}
