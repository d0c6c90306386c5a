//! The one way in, and what became of what came in. Taken is not included: 202 says that a transaction waits, 422 that a
//! batch holds none that will.
use super::{
    BATCH_CONTENT_TYPE, BINARY_CONTENT_TYPE,
    app::{App, client_of},
    body,
    dto::{TxOutcomes, TxState},
    parameters::parse_name,
    problem::{Fault, Problem},
};
use crate::shared::Fate;
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::time::Instant;
use tokio::time::timeout;
use urne_ledger::Reader;
use urne_replica::Submission;
use urne_shell::http::ClientAddress;
use urne_types::{
    Rejection, TxId,
    codec::decode_canonical,
    limits::TX_BYTES_MAX,
    transaction::{Payload, RawTx},
    wire::TxBatch,
};

/// `POST /v1/transactions`.
pub(crate) async fn submit(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let from = client_of(&request);
    let (parts, body) = request.into_parts();
    let kind = Kind::of(&parts.headers)?;
    let bytes = body::receive(&parts.headers, body, &app.limits).await?;
    match kind {
        Kind::One => {
            let raws = vec![RawTx(bytes.into())];
            charge(&app, from, &raws)?;
            submit_one(&app, raws).await
        }
        Kind::Batch => {
            let raws = unpack(&bytes, app.limits.body_bytes_max)?;
            charge(&app, from, &raws)?;
            submit_batch(&app, raws).await
        }
    }
}

/// As many tokens as there is to verify. The request itself was the first.
fn charge(app: &App, from: ClientAddress, raws: &[RawTx]) -> Result<(), Problem> {
    let tokens: usize = raws.iter().map(verifications).sum();
    App::charge(&app.transactions, from, tokens.saturating_sub(1))
}

/// Signatures that a transaction brings: each credential of a group bears one, which costs as much as a ballot and more.
fn verifications(raw: &RawTx) -> usize {
    match raw.decode().map(|it| it.unsigned.payload) {
        Ok(Payload::RegisterCredentials(it)) => it.credentials.len().max(1),
        _ => 1,
    }
}

/// What a body holds.
enum Kind {
    One,
    Batch,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let named = headers.get(header::CONTENT_TYPE).map(|it| it.to_str().unwrap_or("?"));
        match named.map(|it| it.split(';').next().unwrap_or(it).trim()) {
            None | Some(BINARY_CONTENT_TYPE) => Ok(Self::One),
            Some(BATCH_CONTENT_TYPE) => Ok(Self::Batch),
            Some(_) => Err(Fault::UnsupportedMediaType.into()),
        }
    }
}

fn unpack(bytes: &[u8], bytes_max: usize) -> Result<Vec<RawTx>, Problem> {
    let batch: TxBatch =
        decode_canonical(bytes, bytes_max).map_err(|e| Problem::from(Fault::BadBatch).hint(e.to_string()))?;
    if batch.txs.is_empty() {
        return Err(Problem::from(Fault::BadBatch).hint("it is empty"));
    }
    Ok(batch.txs.into_vec().into_iter().map(RawTx).collect())
}

async fn submit_one(app: &App, raws: Vec<RawTx>) -> Result<Response, Problem> {
    if raws.iter().any(|it| TX_BYTES_MAX < it.0.len()) {
        return Err(Rejection::TooLarge.into());
    }
    let outcomes = ask_replica(app, raws).await?;
    let [outcome] = outcomes.as_slice() else { return Err(Fault::Internal.into()) };
    if let Submission::Refused { id, rejection } = outcome {
        return Err(Problem::from(*rejection).about(*id));
    }
    let status = status_of(&outcomes);
    let state = describe(app, outcomes).await?.into_iter().next().ok_or(Fault::Internal)?;
    Ok((status, Json(state)).into_response())
}

async fn submit_batch(app: &App, raws: Vec<RawTx>) -> Result<Response, Problem> {
    let expected = raws.len();
    let outcomes = ask_replica(app, raws).await?;
    if outcomes.len() != expected {
        return Err(Fault::Internal.into());
    }
    let status = status_of(&outcomes);
    Ok((status, Json(TxOutcomes { items: describe(app, outcomes).await? })).into_response())
}

/// 200 when all of it was known already, 422 when all of it was refused: a client that only looks at the status is not told
/// that a lost ballot was taken.
fn status_of(outcomes: &[Submission]) -> StatusCode {
    let is_known = |it: &Submission| matches!(it, Submission::Known { .. } | Submission::Committed { .. });
    let is_refused = |it: &Submission| matches!(it, Submission::Refused { .. });
    match outcomes {
        all if all.iter().all(is_known) => StatusCode::OK,
        all if all.iter().all(is_refused) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::ACCEPTED,
    }
}

async fn ask_replica(app: &App, raws: Vec<RawTx>) -> Result<Vec<Submission>, Problem> {
    let asked = Instant::now();
    let answer = app.shared.submit(raws).ok_or(Fault::InboxFull)?;
    let answer = timeout(app.limits.answer_timeout, answer).await;
    app.shared.metrics.submit_seconds.observe(asked.elapsed().as_secs_f64());
    match answer {
        Ok(Ok(outcomes)) => Ok(outcomes),
        Ok(Err(_stopping)) => Err(Problem::from(Fault::NotReady).hint("the node is stopping")),
        Err(_late) => Err(Fault::NoAnswer.into()),
    }
}

/// The same in the words of the API; what is committed already is looked up.
async fn describe(app: &App, outcomes: Vec<Submission>) -> Result<Vec<TxState>, Problem> {
    if outcomes.iter().any(|it| matches!(it, Submission::Committed { .. })) {
        return app.read(move |ledger, _| outcomes.iter().map(|it| described(Some(ledger), it)).collect()).await;
    }
    outcomes.iter().map(|it| described(None, it)).collect()
}

fn described(ledger: Option<&Reader<'_>>, outcome: &Submission) -> Result<TxState, Problem> {
    Ok(match outcome {
        Submission::Pending { id } | Submission::Known { id } => TxState::Pending { txid: *id },
        Submission::Refused { id, rejection } => TxState::rejected(*id, *rejection),
        Submission::Committed { id, .. } => {
            let found = ledger.map(|it| committed(it, id)).transpose()?.flatten();
            found.ok_or_else(|| Problem::from(Fault::Internal).about(Some(*id)))?
        }
    })
}

fn committed(ledger: &Reader<'_>, id: &TxId) -> Result<Option<TxState>, Problem> {
    let place = ledger.place(id)?;
    Ok(place.map(|it| TxState::Committed { txid: *id, height: it.height, position: it.position }))
}

/// `GET /v1/transactions/{txid}`.
pub(crate) async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<TxState>, Problem> {
    let id: TxId = parse_name(&id)?;
    // Before the ledger: what is committed in between is then found there.
    let fate = app.shared.fate(&id);
    if let Some(found) = app.read(move |ledger, _| committed(ledger, &id)).await? {
        return Ok(Json(found));
    }
    match fate {
        Fate::Pending => Ok(Json(TxState::Pending { txid: id })),
        Fate::Rejected(rule) => Ok(Json(TxState::rejected(Some(id), rule))),
        Fate::Unknown => Err(Problem::from(Fault::UnknownTransaction).about(Some(id))),
    }
}
