//! Kind `approval`.

use serde_json::Value;
use urne_vote_contract::method::ApprovalTally;

use crate::{Answer, CountRefusal, read};

pub(crate) fn count(input: &Value) -> Result<Answer, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ballots(input, |line, rest| {
        read::only_list(line, rest)?.iter().map(|it| read::index(it, "ballots", line)).collect()
    })?;
    let tally = ApprovalTally::of(names.len(), &ballots)?;
    let result = tally.count()?;
    Ok(Answer::object([
        ("tally", names.each(tally.approvals.iter().map(Answer::number))),
        ("winners", names.labels(&result.winners)),
        ("blank", Answer::number(tally.blank)),
        ("ballots", Answer::number(tally.ballots)),
        ("order", names.labels(&result.ranking.order)),
    ]))
}
