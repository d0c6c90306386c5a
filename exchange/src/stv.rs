//! Kind `stv_scottish`.

use urne_vote_contract::method::{OnFlaw, Reading, StvAction, StvRules, StvStage, StvTie, scottish_stv};

use crate::{CountRefusal, Json, read};

/// How Scotland reads a paper.
pub(crate) const READING: Reading =
    Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Cut, repeated: OnFlaw::Skip };

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ranked_ballots(input)?;
    let seats = read::index(read::field(input, "seats", None)?, "seats", None)?;
    let result =
        scottish_stv(names.len(), &ballots, StvRules { seats, reading: READING, tie_break: read::tie_break(input)? })?;
    // Without a usable ballot lots alone would fill the seats: nobody is elected, as on the ledger.
    let elected = if result.valid > 0 { &result.elected[..] } else { &[] };
    let lots = result.ties.iter().filter_map(|it| Some((it, it.lot.as_ref()?)));
    let lots = lots.map(|(tie, lot)| tie_with(tie, &lot.tied, Some(lot.chosen)));
    Ok(Json::object([
        ("valid", Json::number(result.valid)),
        ("blank", Json::number(result.blank)),
        ("quota", Json::number(result.quota)),
        ("elected", names.labels(elected)),
        ("stages", Json::list(result.stages.iter().map(stage))),
        ("ties", Json::list(result.ties.iter().map(|it| tie_with(it, &it.tied, None)))),
        ("lots", Json::list(lots)),
    ]))
}

fn stage(stage: &StvStage) -> Json {
    let action = match stage.action {
        StvAction::FirstPreferences => "first_preferences",
        StvAction::Surplus => "surplus",
        StvAction::Exclude => "exclude",
    };
    Json::object([
        ("action", Json::text(action)),
        ("target", stage.target.map_or(Json::Null, Json::number)),
        ("votes", Json::list(stage.votes.iter().map(Json::shown))),
        ("non_transferable", Json::shown(stage.non_transferable)),
        ("elected_now", Json::numbers(&stage.elected_now)),
    ])
}

fn tie_with(tie: &StvTie, tied: &[usize], chosen: Option<usize>) -> Json {
    let why = if tie.why == StvAction::Surplus { "surplus" } else { "exclusion" };
    let mut shown = vec![("stage", Json::number(tie.stage)), ("why", Json::text(why)), ("tied", Json::numbers(tied))];
    shown.extend(chosen.map(|it| ("chosen", Json::number(it))));
    Json::object(shown)
}
