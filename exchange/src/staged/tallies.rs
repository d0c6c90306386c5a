//! A majority judgment of which only the tallies are known. Who gave which grades together is not known, and the count does not
//! ask: the first voter gives each candidate the worst grade she received, the last one the best, and the ballots add up to the
//! tallies.

use std::collections::BTreeSet;

use urne_types::Rejection;
use urne_types::bounded::List;
use urne_types::election::{Method, NullPolicy};
use urne_vote_contract::method::{GradedTally, MissingGrades, Weighted};

use super::Parts;
use super::questions::{few, grades, question, voted};
use crate::rehearsal::bounded;
use crate::{CountRefusal, Json, judgment};

pub(super) fn of(input: &Json) -> Result<Parts, CountRefusal> {
    let (tally, missing) = judgment::tallied(input)?;
    few([tally.voters].into_iter())?;
    // A ledger knows the worst grade, the median and none; voters give any other default themselves.
    let (nulls, given) = match missing {
        MissingGrades::Grade(grade) if 0 < grade => (NullPolicy::Worst, Some(grade)),
        MissingGrades::Grade(_) | MissingGrades::Refused => (NullPolicy::Worst, None),
        MissingGrades::Median => (NullPolicy::Median, None),
        MissingGrades::Dropped => (NullPolicy::Drop, None),
    };
    let called = |of: usize| (0..of).map(|it| it.to_string()).collect::<Vec<_>>();
    let mentions = called(tally.rows.first().map_or(0, Vec::len));
    let mentions = mentions.iter().map(|it| bounded(it)).collect::<Result<Vec<_>, _>>()?;
    let method = Method::MajorityJudgment { grades: List::new(mentions).map_err(|_| Rejection::TooLarge)?, nulls };
    let question = question("majority_judgment", &called(tally.rows.len()), method)?;
    voted(vec![question], &ballots(&tally, given), |_, ballot| Ok(vec![grades(ballot)?]))
}

/// Voters in a row give the same ballot until one of the candidates has no more of a grade.
fn ballots(tally: &GradedTally, given: Option<usize>) -> Vec<Weighted<Vec<Option<usize>>>> {
    let ends = |row: &Vec<u64>| {
        let sum = |sum: &mut u64, n: &u64| {
            *sum += n; // the count has refused more grades than voters
            Some(*sum)
        };
        row.iter().scan(0, sum).collect::<Vec<u64>>()
    };
    let ends: Vec<Vec<u64>> = tally.rows.iter().map(ends).collect();
    let mut stops: BTreeSet<u64> = ends.iter().flatten().copied().collect();
    stops.insert(tally.voters);
    let mut first = 0;
    let mut ballots = Vec::new();
    for stop in stops.into_iter().filter(|it| 0 < *it) {
        let grade = |ends: &Vec<u64>| ends.iter().position(|end| first < *end).or(given);
        ballots.push(Weighted { multiplicity: stop - first, ballot: ends.iter().map(grade).collect() });
        first = stop;
    }
    ballots
}
