//! Proofs, each as bytes that `urne-light` verifies without trusting this node, and as fields that a person reads. None says
//! what was chosen.
use super::{
    BINARY_CONTENT_TYPE,
    app::App,
    dto::{self, Hex, Number},
    limits::PAGE_RAW_BYTES_MAX,
    parameters::{Asked, parse_name},
    problem::{Fault, Problem},
};
use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use urne_types::{
    ElectionId, Rejection, TxId,
    codec::encode,
    proof::{ProofOfVote, STATE_ENTRIES_MAX, STATE_KEY_BYTES_MAX},
};
use urne_vote_contract::read;

/// `GET /v1/proofs/{txid}`.
pub(crate) async fn proof(State(app): State<App>, Path(id): Path<String>, asked: Asked) -> Result<Response, Problem> {
    let id: TxId = parse_name(&id)?;
    let form = Form::of(&asked)?;
    let proof = app.read(move |ledger, _| Ok(ledger.proof_of_vote(&id)?)).await?;
    Ok(match form {
        Form::Binary => ([(header::CONTENT_TYPE, BINARY_CONTENT_TYPE)], encode(&proof)).into_response(),
        Form::Json => Json(readable(&proof)).into_response(),
    })
}

/// How a proof is wanted.
enum Form {
    Json,
    Binary,
}

impl Form {
    fn of(asked: &Asked) -> Result<Self, Problem> {
        match asked.text("format") {
            None | Some("json") => Ok(Self::Json),
            Some("binary") => Ok(Self::Binary),
            Some(_) => Err(Problem::parameter("format", "json or binary")),
        }
    }
}

fn readable(it: &ProofOfVote) -> dto::Proof {
    dto::Proof {
        chain: it.chain,
        election: it.election,
        txid: it.leaf.tx_id,
        tx_hash: it.leaf.tx_hash,
        index: Number(it.index),
        log: it.log.into(),
        height: it.header.height,
        block: it.header.hash(),
        time: it.header.time,
        signers: it.certificate.signatures.iter().map(|it| it.validator).collect(),
        proof: Hex(encode(it)),
    }
}

/// `GET /v1/state?keys`: what the state holds at these keys, proven under the newest header; the first ones, when all are
/// too much for an answer.
pub(crate) async fn state(State(app): State<App>, asked: Asked) -> Result<Json<dto::State>, Problem> {
    let keys = keys_of(asked.text("keys").unwrap_or_default())?;
    let proven = app.read(move |ledger, _| Ok(ledger.proven_state(&keys, PAGE_RAW_BYTES_MAX)?)).await?;
    let proven = proven.ok_or(Fault::UnknownBlock)?;
    Ok(Json(dto::State {
        height: proven.header.height,
        block: proven.header.hash(),
        app_hash: proven.header.app_hash,
        entries: Number::of(proven.entries.len()),
        state: Hex(encode(&proven)),
    }))
}

fn keys_of(text: &str) -> Result<Vec<Vec<u8>>, Problem> {
    let wrong = || Problem::parameter("keys", "1 to 64 keys of 1 to 128 bytes, as lower-case hex, separated by commas");
    let key = |text: &str| hex::decode(text).ok().filter(|it| (1..=STATE_KEY_BYTES_MAX).contains(&it.len()));
    let keys: Vec<_> = text.split(',').take(STATE_ENTRIES_MAX + 1).map(key).collect::<Option<_>>().ok_or_else(wrong)?;
    if keys.len() <= STATE_ENTRIES_MAX { Ok(keys) } else { Err(wrong()) }
}

/// `GET /v1/consistency?election&from&to`.
pub(crate) async fn consistency(State(app): State<App>, asked: Asked) -> Result<Json<dto::Consistency>, Problem> {
    let election: ElectionId = asked.needed("election", "64 lower-case hex digits")?;
    let from = asked.needed("from", "a number of ballots, from 1 on")?;
    let to = asked.needed("to", "a number of ballots, at least `from`")?;
    app.read(move |ledger, state| {
        read::gate(state, &election).ok_or(Rejection::UnknownElection)?;
        let proof = ledger.consistency(&election, from, to)?;
        Ok(Json(dto::Consistency {
            election,
            old: proof.old.into(),
            new: proof.new.into(),
            path: proof.path.to_vec(),
            proof: Hex(encode(&proof)),
        }))
    })
    .await
}
