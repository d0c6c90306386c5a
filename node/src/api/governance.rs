//! Drafts, acts, statutes and censuses: what the colleges are deciding, and on whom elections may count.
use super::{
    app::App,
    dto::{self, Page},
    parameters::{Asked, parse_name},
    problem::Problem,
};
use axum::{
    Json,
    extract::{Path, State},
};
use urne_types::{CensusId, Rejection, election::CensusEntry, statutes::Statutes};
use urne_vote_contract::{
    read,
    records::{NamedAct, ReplacedKey},
};

/// `GET /v1/drafts`.
pub(crate) async fn drafts(State(app): State<App>, asked: Asked) -> Result<Json<Page<dto::Draft>>, Problem> {
    let window = asked.window()?;
    app.read(move |_, state| {
        let found = read::drafts(state, window.and_one()).into_iter();
        Ok(Json(window.page(found.map(|it| dto::Draft { id: it.id, definition: it.definition }).collect())))
    })
    .await
}

/// `GET /v1/administrators`: at most `ADMINISTRATORS_MAX`, each with at most `DELEGATIONS_MAX` delegates.
pub(crate) async fn administrators(
    State(app): State<App>,
    asked: Asked,
) -> Result<Json<Page<dto::Administrator>>, Problem> {
    let window = asked.window()?;
    app.read(move |_, state| {
        let delegations = read::delegations(state);
        let lent_by = |key| {
            let own = delegations.iter().filter(move |it| it.delegation.by == key);
            own.map(|it| dto::Delegation { to: it.to, expires_at: it.delegation.expires_at }).collect()
        };
        let read::Page { skip, take } = window.and_one();
        let found = read::administrators(state).into_iter().skip(skip).take(take);
        let shown =
            found.map(|it| dto::Administrator { college: it.college, key: it.key, delegations: lent_by(it.key) });
        Ok(Json(window.page(shown.collect())))
    })
    .await
}

/// `GET /v1/acts`.
pub(crate) async fn acts(State(app): State<App>, asked: Asked) -> Result<Json<Page<dto::Act>>, Problem> {
    let window = asked.window()?;
    app.read(move |_, state| {
        let needed = read::parameters(state).approvals_needed;
        let found = read::acts(state, window.and_one()).into_iter();
        Ok(Json(window.page(found.map(|it| dto::Act::of(it, needed)).collect())))
    })
    .await
}

/// `GET /v1/acts/{id}`.
pub(crate) async fn act(State(app): State<App>, Path(id): Path<String>) -> Result<Json<dto::Act>, Problem> {
    let id = parse_name(&id)?;
    app.read(move |_, state| {
        let record = read::act(state, &id).ok_or(Rejection::UnknownAct)?;
        Ok(Json(dto::Act::of(NamedAct { id, record }, read::parameters(state).approvals_needed)))
    })
    .await
}

/// `GET /v1/censuses/{id}`.
pub(crate) async fn census(State(app): State<App>, Path(id): Path<String>) -> Result<Json<dto::Census>, Problem> {
    let id = parse_name(&id)?;
    app.read(move |_, state| {
        let census = read::census(state, &id).ok_or(Rejection::UnknownCensus)?;
        Ok(Json(dto::Census::of(&census, &read::census_attempts(state, &id))))
    })
    .await
}

/// `GET /v1/censuses/{id}/entries`.
pub(crate) async fn census_entries(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Page<CensusEntry>>, Problem> {
    let id: CensusId = parse_name(&id)?;
    let window = asked.window()?;
    app.read(move |_, state| {
        read::census(state, &id).ok_or(Rejection::UnknownCensus)?;
        Ok(Json(window.page(read::census_entries(state, &id, window.and_one()))))
    })
    .await
}

/// `GET /v1/statutes`: those in force.
pub(crate) async fn statutes(State(app): State<App>) -> Result<Json<Statutes>, Problem> {
    app.read(move |_, state| Ok(Json(read::statutes_in_force(state).ok_or(Rejection::UnknownStatutes)?))).await
}

/// `GET /v1/statutes/{version}`.
pub(crate) async fn statutes_of(
    State(app): State<App>,
    Path(version): Path<String>,
) -> Result<Json<Statutes>, Problem> {
    // What is no number names no version.
    let version: u32 = version.parse().unwrap_or(0);
    app.read(move |_, state| Ok(Json(read::statutes(state, version).ok_or(Rejection::UnknownStatutes)?))).await
}

/// `GET /v1/replaced_keys`.
pub(crate) async fn replaced_keys(State(app): State<App>, asked: Asked) -> Result<Json<Page<ReplacedKey>>, Problem> {
    let window = asked.window()?;
    app.read(move |_, state| Ok(Json(window.page(read::replaced_keys(state, window.and_one()))))).await
}
