//! Kind `approval`.

use urne_vote_contract::method::ApprovalTally;

use crate::{CountRefusal, Json, read};

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ballots(input, |line, rest| {
        read::only_list(line, rest)?.iter().map(|it| read::index(it, "ballots", Some(line))).collect()
    })?;
    let tally = ApprovalTally::of(names.len(), &ballots)?;
    let result = tally.count()?;
    Ok(Json::object([
        ("tally", names.each(tally.approvals.iter().map(Json::number))),
        ("winners", names.labels(&result.winners)),
        ("blank", Json::number(tally.blank)),
        ("ballots", Json::number(tally.ballots)),
        ("order", names.labels(&result.ranking.order)),
    ]))
}
