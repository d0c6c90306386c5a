//! Anonymous credentials: who asked and was answered, by entry of the census; how many are registered; and the one door by which
//! a voter's device has its own registered with others. No answer, line of log or metric ties a credential to who brings it.
use super::{
    app::{App, client_of},
    body,
    collector::Taken,
    dto::{self, Hex, Number, Page},
    parameters::{Asked, parse, parse_name},
    problem::{Fault, Problem},
};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use urne_ledger::View;
use urne_types::{
    CollegeId, ElectionId, PublicKey, Rejection,
    election::{CensusEntry, ElectionDefinition},
    sealed::{CredentialRegistration, CredentialRules, SealedCensus},
};
use urne_vote_contract::{
    LogId, read,
    sealed::{
        self,
        records::{CredentialRecord, Registered},
    },
};

/// `GET /v1/elections/{id}/issuance`.
pub(crate) async fn issuance(State(app): State<App>, Path(id): Path<String>) -> Result<Json<dto::Issuance>, Problem> {
    let id: ElectionId = parse_name(&id)?;
    app.read(move |ledger, state| {
        let definition = read::definition(state, &id).ok_or(Rejection::UnknownElection)?;
        let rules = rules_of(&definition)?;
        let census = read::census(state, &definition.census).ok_or(Rejection::UnknownCensus)?;
        let colleges = census.commitment.members.iter().filter_map(|it| college(state, &id, it.0)).collect();
        Ok(Json(dto::Issuance {
            election: id,
            issuance_at: rules.issuance_at,
            registration_at: rules.registration_at,
            opens_at: definition.opens_at,
            closes_at: definition.closes_at,
            minimum_group: definition.secrecy.sealed().map_or(0, |it| it.minimum_group),
            approvals: ledger.log_head(LogId::Approvals(id))?.into(),
            credentials: ledger.log_head(LogId::Credentials(id))?.into(),
            colleges,
        }))
    })
    .await
}

fn rules_of(definition: &ElectionDefinition) -> Result<&CredentialRules, Rejection> {
    match definition.secrecy.sealed().map(|it| &it.census) {
        Some(SealedCensus::Credentials(rules)) => Ok(rules),
        _ => Err(Rejection::NoCredentialsIssued),
    }
}

fn college(state: &View<'_>, id: &ElectionId, college: CollegeId) -> Option<dto::CollegeIssuance> {
    let (gate, issued) = (sealed::issuance_gate(state, id, college)?, sealed::issuance(state, id, college)?);
    let alarm = issued.alarm.map(|it| dto::RegistrarsAlarm {
        at: it.at.into(),
        credential: Hex(it.credential.0.to_vec()),
        signature: Hex(it.signature.to_vec()),
        registered: Number(it.registered.get()),
    });
    Some(dto::CollegeIssuance {
        college,
        threshold: gate.threshold,
        registrars: gate.registrars.iter().map(|it| it.0).collect(),
        census: Number(issued.census.get()),
        approved: Number(issued.approved.get()),
        answered: Number(issued.answered.get()),
        registered: Number(issued.registered.get()),
        late: Number(issued.late.get()),
        alarm,
    })
}

/// `GET /v1/elections/{id}/entries/{college}/{commitment}`.
pub(crate) async fn entry(
    State(app): State<App>,
    Path((id, college, commitment)): Path<(String, String, String)>,
) -> Result<Json<dto::CensusEntry>, Problem> {
    let id = parse_name(&id)?;
    let college = parse::<u16>("college", &college, "a number")?;
    let member: PublicKey = parse("commitment", &commitment, "64 lower-case hex digits")?;
    let entry = CensusEntry { college: CollegeId::new(college), member };
    app.read(move |_, state| {
        let definition = read::definition(state, &id).ok_or(Rejection::UnknownElection)?;
        rules_of(&definition)?;
        if !read::is_in_census(state, &definition.census, &entry) {
            return Err(Rejection::NotInCensus.into());
        }
        Ok(Json(described(state, &id, &entry)))
    })
    .await
}

fn described(state: &View<'_>, id: &ElectionId, entry: &CensusEntry) -> dto::CensusEntry {
    let asked = sealed::entry(state, id, entry);
    let approval = |it: &sealed::records::Approval| dto::RegistrarApproval {
        registrar: it.registrar,
        request: Hex(it.request.to_vec()),
    };
    let answer = |it: &[u8; 50]| dto::RegistrarAnswer { registrar: sealed::registrar_of(it), answer: Hex(it.to_vec()) };
    dto::CensusEntry {
        election: *id,
        college: entry.college,
        entry: entry.member,
        suspended: read::member_suspension(state, &entry.member).map(Into::into),
        approvals: asked.approvals.iter().map(approval).collect(),
        approved: asked.approved.map(|it| dto::ApprovedRequest { request: Hex(it.request.to_vec()), at: it.at.into() }),
        answers: asked.answers.iter().map(answer).collect(),
    }
}

/// `GET /v1/elections/{id}/requests?college=C`: what registrars have to answer.
pub(crate) async fn requests(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Page<dto::CensusEntry>>, Problem> {
    let id = parse_name(&id)?;
    let window = asked.window()?;
    let college = CollegeId::new(asked.needed("college", "a number")?);
    app.read(move |_, state| {
        let definition = read::definition(state, &id).ok_or(Rejection::UnknownElection)?;
        rules_of(&definition)?;
        let page = window.page(sealed::requests_waiting(state, &id, college, window.and_one()));
        let items = page.items.iter().map(|entry| described(state, &id, entry)).collect();
        Ok(Json(Page { items, next: page.next }))
    })
    .await
}

/// `GET /v1/elections/{id}/approvals`.
pub(crate) async fn approvals(
    app: State<App>,
    id: Path<String>,
    asked: Asked,
) -> Result<Json<Page<dto::LogLeaf>>, Problem> {
    leaves(app, id, asked, LogId::Approvals).await
}
/// `GET /v1/elections/{id}/registrations`.
pub(crate) async fn registrations(
    app: State<App>,
    id: Path<String>,
    asked: Asked,
) -> Result<Json<Page<dto::LogLeaf>>, Problem> {
    leaves(app, id, asked, LogId::Credentials).await
}

async fn leaves(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: Asked,
    log: fn(ElectionId) -> LogId,
) -> Result<Json<Page<dto::LogLeaf>>, Problem> {
    let id = parse_name(&id)?;
    let window = asked.window()?;
    app.read(move |ledger, state| {
        let definition = read::definition(state, &id).ok_or(Rejection::UnknownElection)?;
        rules_of(&definition)?;
        let leaf = |it: urne_ledger::LogEntry| dto::LogLeaf {
            index: Number(it.index),
            txid: it.source.tx_id,
            height: it.source.height,
            position: it.source.position,
        };
        let found = ledger.log_entries(log(id), window.from, window.limit + 1)?;
        Ok(Json(window.page(found.into_iter().map(leaf).collect())))
    })
    .await
}

/// `GET /v1/elections/{id}/credentials/{credential}`.
pub(crate) async fn show(
    State(app): State<App>,
    Path((id, credential)): Path<(String, String)>,
) -> Result<Json<dto::Credential>, Problem> {
    let id = parse_name(&id)?;
    let credential: PublicKey = parse("credential", &credential, "64 lower-case hex digits")?;
    app.read(move |_, state| {
        let definition = read::definition(state, &id).ok_or(Rejection::UnknownElection)?;
        rules_of(&definition)?;
        let found = sealed::credential(state, &id, &credential.0).ok_or(Rejection::NotRegistered)?;
        Ok(Json(registered(&credential.0, &found)))
    })
    .await
}

fn registered(credential: &[u8; 32], found: &CredentialRecord) -> dto::Credential {
    dto::Credential {
        college: found.college,
        credential: Hex(credential.to_vec()),
        at: found.at.into(),
        late: found.registered == Registered::Late,
    }
}

/// `POST /v1/elections/{id}/credentials`.
pub(crate) async fn offer(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let id: ElectionId = parse_name(&id)?;
    // Its signature costs as much as a transaction's and more.
    App::charge(&app.transactions, client_of(&request), 1)?;
    let (parts, body) = request.into_parts();
    let bytes = body::receive(&parts.headers, body, &app.limits).await?;
    let document = |e: serde_json::Error| Problem::from(Fault::BadDocument).hint(e.to_string());
    let offered: dto::OfferedCredential = serde_json::from_slice(&bytes).map_err(document)?;
    let length = |name: &str, bytes: usize| Problem::parameter(name, &format!("{bytes} bytes in lower-case hex"));
    let credential = offered.credential.0.try_into().map_err(|_| length("credential", 32))?;
    let signature = offered.signature.0.try_into().map_err(|_| length("signature", 48))?;
    let college = offered.college;
    match app.collector.take(&app, id, college, CredentialRegistration { credential, signature }).await? {
        Taken::Registered(found) => {
            Ok((StatusCode::OK, Json(dto::CredentialState::Registered(registered(&credential, &found))))
                .into_response())
        }
        Taken::Waiting { collected, needed, leaves_at } => {
            let (collected, needed) = (Number::of(collected), Number::of(needed));
            let state = dto::CredentialState::Collected { collected, needed, leaves_at };
            Ok((StatusCode::ACCEPTED, Json(state)).into_response())
        }
    }
}
