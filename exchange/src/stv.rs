//! Kind `stv_scottish`.

use serde_json::Value;
use urne_vote_contract::method::{OnFlaw, Reading, StvAction, StvRules, StvStage, StvTie, scottish_stv};

use crate::{Answer, CountRefusal, read};

pub(crate) fn count(input: &Value) -> Result<Answer, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ranked_ballots(input)?;
    let seats = read::index(read::field(input, "seats")?, "seats", 1)?;
    let reading = Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Cut, repeated: OnFlaw::Skip };
    let result = scottish_stv(names.len(), &ballots, StvRules { seats, reading, tie_break: read::tie_break(input)? })?;
    let lots = result.ties.iter().filter_map(|it| Some((it, it.lot.as_ref()?)));
    let lots = lots.map(|(tie, lot)| tie_with(tie, &lot.tied, Some(lot.chosen)));
    Ok(Answer::object([
        ("valid", Answer::number(result.valid)),
        ("blank", Answer::number(result.blank)),
        ("quota", Answer::number(result.quota)),
        ("elected", names.labels(&result.elected)),
        ("stages", Answer::list(result.stages.iter().map(stage))),
        ("ties", Answer::list(result.ties.iter().map(|it| tie_with(it, &it.tied, None)))),
        ("lots", Answer::list(lots)),
    ]))
}

fn stage(stage: &StvStage) -> Answer {
    let action = match stage.action {
        StvAction::FirstPreferences => "first_preferences",
        StvAction::Surplus => "surplus",
        StvAction::Exclude => "exclude",
    };
    Answer::object([
        ("action", Answer::text(action)),
        ("target", stage.target.map_or(Answer::Null, Answer::number)),
        ("votes", Answer::list(stage.votes.iter().map(Answer::shown))),
        ("non_transferable", Answer::shown(stage.non_transferable)),
        ("elected_now", Answer::numbers(&stage.elected_now)),
    ])
}

fn tie_with(tie: &StvTie, tied: &[usize], chosen: Option<usize>) -> Answer {
    let why = if tie.why == StvAction::Surplus { "surplus" } else { "exclusion" };
    let mut shown =
        vec![("stage", Answer::number(tie.stage)), ("why", Answer::text(why)), ("tied", Answer::numbers(tied))];
    shown.extend(chosen.map(|it| ("chosen", Answer::number(it))));
    Answer::object(shown)
}
