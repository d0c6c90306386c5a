//! A sealed ballot found again by what its voter has written down: whoever lost the connection after casting asks any node
//! whether her ballot is in the urn. A tracker names no voter and no choice.
use super::{
    app::App,
    dto,
    parameters::{parse, parse_name},
    problem::{Fault, Problem},
};
use axum::{
    Json,
    extract::{Path, State},
};

use urne_ledger::{Reader, View};
use urne_types::{ElectionId, Rejection, TxId, election::CensusEntry, transaction::Payload};
use urne_vote_contract::{
    read,
    sealed::{self, ShortTracker},
};

/// `GET /v1/elections/{id}/trackers/{tracker}`.
pub(crate) async fn show(
    State(app): State<App>,
    Path((id, tracker)): Path<(String, String)>,
) -> Result<Json<dto::TrackedBallot>, Problem> {
    let id: ElectionId = parse_name(&id)?;
    let expected = "20 characters and the check character, as `urne vote` shows them";
    let tracker: ShortTracker = parse("tracker", &tracker, expected)?;
    app.read(move |ledger, state| {
        read::gate(state, &id).ok_or(Rejection::UnknownElection)?;
        let txid = sealed::by_tracker(state, &id, &tracker).ok_or_else(|| {
            Problem::from(Fault::UnknownTransaction).hint(
                "no ballot in this urn has this tracker: it waits for a block, or was never taken; open ballots have none",
            )
        })?;
        let ballot = tracked(ledger, state, &id, tracker, txid)?;
        Ok(Json(ballot.ok_or(Fault::Internal)?))
    })
    .await
}

fn tracked(
    ledger: &Reader<'_>,
    state: &View<'_>,
    election: &ElectionId,
    tracker: ShortTracker,
    txid: TxId,
) -> Result<Option<dto::TrackedBallot>, Problem> {
    let Some(place) = ledger.place(&txid)? else { return Ok(None) };
    let Some(raw) = ledger.transaction_at(place.height, place.position)? else { return Ok(None) };
    let Ok(tx) = raw.decode() else { return Ok(None) };
    let Payload::Ballot(ballot) = &tx.unsigned.payload else { return Ok(None) };
    let entry = CensusEntry { college: ballot.college, member: tx.unsigned.sender };
    let last = sealed::last_ballot(state, election, &entry);
    Ok(Some(dto::TrackedBallot {
        election: *election,
        tracker: tracker.to_string(),
        txid,
        height: place.height,
        position: place.position,
        college: ballot.college,
        sequence: ballot.sequence,
        is_last: last.is_some_and(|it| it.tx_id == txid),
    }))
}
