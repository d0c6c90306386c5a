//! Elections, their turnout, their ballots and their results. Nothing here counts choices before the close. Open ballots are
//! public from their block on, and shown as such: to hide here what every block shows would only deceive (decision 0011).
use super::{
    app::App,
    dto::{self, Hex, Number, Page},
    limits::PAGE_RAW_BYTES_MAX,
    parameters::{Asked, Window, parse_name},
    problem::{Fault, Problem},
};
use axum::{
    Json,
    extract::{Path, State},
};
use std::collections::BTreeSet;
use urne_exchange::counted::Counted;
use urne_ledger::{LogEntry, Reader, StoreError, View};
use urne_types::{CollegeId, ElectionId, Height, Rejection, block::Block, election::CensusEntry};
use urne_vote_contract::{
    LogId, read,
    records::ElectionState,
    sealed::{
        self,
        records::{PieceList, UrnOpening},
    },
};

/// `GET /v1/elections`.
pub(crate) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<Page<dto::ElectionSummary>>, Problem> {
    let window = asked.window()?;
    app.read(move |_, state| {
        let page = window.page(read::elections(state, window.and_one()));
        let items = page.items.iter().filter_map(|id| summary(state, id)).collect();
        Ok(Json(Page { items, next: page.next }))
    })
    .await
}

fn summary(state: &View<'_>, id: &ElectionId) -> Option<dto::ElectionSummary> {
    let it = read::election(state, id)?;
    Some(dto::ElectionSummary {
        id: it.id,
        title: it.definition.title.to_string(),
        state: it.state.into(),
        opens_at: it.definition.opens_at,
        closes_at: it.definition.closes_at,
        registered: Number(it.turnout.registered.get()),
        voted: Number(it.turnout.voted.get()),
    })
}

/// `GET /v1/elections/{id}`.
pub(crate) async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<dto::Election>, Problem> {
    let id = parse_name(&id)?;
    app.read(move |ledger, state| {
        let it = read::election(state, &id).ok_or(Rejection::UnknownElection)?;
        Ok(Json(dto::Election {
            id: it.id,
            state: it.state.into(),
            definition: it.definition,
            life: it.life.into(),
            turnout: it.turnout.into(),
            ballots: ledger.log_head(LogId::Ballots(id))?.into(),
            basis: read::count_basis(state, &id),
            counting: it.counting,
            sealed: sealed_keys(state, &id),
        }))
    })
    .await
}

fn sealed_keys(state: &View<'_>, id: &ElectionId) -> Option<dto::SealedKeys> {
    let urn = sealed::urn(state, id)?;
    let gate = sealed::sealed_gate(state, id)?;
    let parts: BTreeSet<u32> = match gate.opening {
        UrnOpening::Totals => gate.parts.iter().map(|(_, part)| *part).collect(),
        UrnOpening::OneByOne => BTreeSet::new(),
    };
    let pieces = |it: PieceList| dto::OpenedPieces {
        pieces: u32::try_from(it.urns.len()).unwrap_or(u32::MAX),
        is_whole: it.is_whole,
        opened: it.opened,
    };
    let keys = |(scope, keys): &(u32, Vec<u8>)| dto::ScopeKeys { scope: *scope, keys: Hex(keys.clone()) };
    Some(dto::SealedKeys {
        draft: urn.draft,
        trustees: Hex(urn.trustees),
        registrars: urn.registrars.iter().map(keys).collect(),
        opening: gate.opening,
        opened: parts.into_iter().filter_map(|part| sealed::opened(state, id, part)).collect(),
        pieces: sealed::piece_list(state, id).map(pieces),
        wrong_shares: sealed::wrong_shares(state, id),
    })
}

/// `GET /v1/ceremonies`: what trustees have to do.
pub(crate) async fn ceremonies(State(app): State<App>) -> Result<Json<dto::Ceremonies>, Problem> {
    app.read(move |_, state| {
        let waiting = |election: ElectionId| {
            sealed::urn(state, &election).map(|it| dto::WaitingUrn { election, draft: it.draft })
        };
        Ok(Json(dto::Ceremonies {
            under_way: sealed::ceremonies_under_way(state),
            waiting: sealed::urns_waiting(state).into_iter().filter_map(waiting).collect(),
        }))
    })
    .await
}

/// `GET /v1/ceremonies/{draft}/records`: what a trustee's process reads of the state.
pub(crate) async fn desk(State(app): State<App>, Path(draft): Path<String>) -> Result<Json<dto::DeskRecords>, Problem> {
    let draft = parse_name(&draft)?;
    app.read(move |_, state| {
        let desk = sealed::Desk::of(state, &draft).ok_or(Rejection::UnknownCeremony)?;
        let record =
            |(key, value): (&[u8], &[u8])| dto::DeskRecord { key: Hex(key.to_vec()), value: Hex(value.to_vec()) };
        Ok(Json(dto::DeskRecords { records: desk.records().map(record).collect() }))
    })
    .await
}

/// `GET /v1/ceremonies/{draft}`.
pub(crate) async fn ceremony(
    State(app): State<App>,
    Path(draft): Path<String>,
) -> Result<Json<dto::Ceremony>, Problem> {
    let draft = parse_name(&draft)?;
    app.read(move |_, state| {
        let it = sealed::ceremony_of(state, &draft).ok_or(Rejection::UnknownCeremony)?;
        let stage = |it: sealed::records::Stage| dto::CeremonyStage {
            attempt: it.attempt,
            candidates: it.candidates,
            step: it.step,
            since: it.since,
        };
        let stages = sealed::stages(state, &draft).into_iter().map(stage).collect();
        Ok(Json(dto::Ceremony { draft, begun: it.begun.into(), state: it.state, stages }))
    })
    .await
}

/// `GET /v1/elections/{id}/drawn/{college}/{member}`: what this member has to judge.
pub(crate) async fn drawn(
    State(app): State<App>,
    Path((id, college, member)): Path<(String, String, String)>,
) -> Result<Json<dto::Drawn>, Problem> {
    let (id, member) = (parse_name(&id)?, parse_name(&member)?);
    // What is no number names no college.
    let college = CollegeId::new(college.parse().map_err(|_| Rejection::UnknownCollege)?);
    app.read(move |_, state| {
        read::election(state, &id).ok_or(Rejection::UnknownElection)?;
        Ok(Json(dto::Drawn { questions: read::drawn(state, &id, &CensusEntry { college, member }) }))
    })
    .await
}

/// `GET /v1/elections/{id}/result`.
pub(crate) async fn result(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<dto::ElectionResult>, Problem> {
    let id = parse_name(&id)?;
    app.read(move |_, state| {
        let election = read::election(state, &id).ok_or(Rejection::UnknownElection)?;
        let Some(tallied) = election.life.tallied else {
            return Err(Problem::from(Fault::NoResult).hint(format!("the election is {}", word(election.state))));
        };
        let result = read::result(state, &id).ok_or(Fault::Internal)?;
        let answers = election.definition.questions.iter().zip(&result.questions).map(|(question, counted)| {
            let counted = Counted::of(question, counted).map_err(|e| {
                tracing::error!(election = %id, error = %e, "a result cannot be shown");
                Fault::Internal
            })?;
            Ok(dto::QuestionAnswer { title: question.title.to_string(), counted })
        });
        let questions: Vec<dto::QuestionAnswer> = answers.collect::<Result<_, Fault>>()?;
        let only = match questions.as_slice() {
            [only] => Some(only.counted.clone()),
            _ => None,
        };
        Ok(Json(dto::ElectionResult {
            election: id,
            title: election.definition.title.to_string(),
            turnout: result.turnout.into(),
            attendance: result.attendance.map(Into::into),
            incidents: dto::Life::from(election.life).incidents,
            tallied: tallied.into(),
            opening: sealed::sealed_gate(state, &id).map(|it| it.opening),
            questions,
            only,
        }))
    })
    .await
}

fn word(state: ElectionState) -> &'static str {
    match state {
        ElectionState::Scheduled => "not open yet",
        ElectionState::Open => "open",
        ElectionState::Closed => "closed and not counted yet",
        ElectionState::Tallied => "counted",
        ElectionState::Cancelled => "cancelled",
        ElectionState::Counting => "being counted",
    }
}

/// `GET /v1/elections/{id}/ballots`.
pub(crate) async fn ballots(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Page<dto::BallotEntry>>, Problem> {
    let id = parse_name(&id)?;
    let window = asked.window()?;
    app.read(move |ledger, state| {
        read::gate(state, &id).ok_or(Rejection::UnknownElection)?;
        Ok(Json(page_of_ballots(ledger, &id, window)?))
    })
    .await
}

/// A page ends early when its transactions grow too many bytes.
fn page_of_ballots(ledger: &Reader<'_>, id: &ElectionId, window: Window) -> Result<Page<dto::BallotEntry>, StoreError> {
    let size = ledger.log_head(LogId::Ballots(*id))?.size;
    let mut blocks = LastBlock::default();
    let (mut items, mut bytes, mut next) = (Vec::new(), 0, window.from);
    for entry in ledger.log_entries(LogId::Ballots(*id), window.from, window.limit)? {
        if PAGE_RAW_BYTES_MAX < bytes {
            break;
        }
        let raw = blocks.transaction(ledger, &entry)?;
        bytes += raw.len();
        next = entry.index.saturating_add(1);
        items.push(dto::BallotEntry {
            index: Number(entry.index),
            txid: entry.source.tx_id,
            height: entry.source.height,
            position: entry.source.position,
            raw: Hex(raw),
        });
    }
    let next = (next < size && !items.is_empty()).then_some(Number(next));
    Ok(Page { items, next })
}

/// Neighbours in the log are neighbours in a block: each block is read once.
#[derive(Default)]
struct LastBlock(Option<(Height, Block)>);

impl LastBlock {
    fn transaction(&mut self, ledger: &Reader<'_>, entry: &LogEntry) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Damaged { what: "the block of a ballot is missing".into() };
        let height = entry.source.height;
        if self.0.as_ref().is_none_or(|(held, _)| *held != height) {
            self.0 = Some((height, ledger.block(height)?.ok_or_else(damaged)?));
        }
        let at = usize::try_from(entry.source.position).unwrap_or(usize::MAX);
        self.0.as_ref().and_then(|(_, block)| block.txs.get(at).cloned()).ok_or_else(damaged)
    }
}
