//! The life of an election, one way: `Draft -> Scheduled -> Open -> Closed (-> Counting) -> Tallied`, or `Cancelled`. Time moves it, the
//! block's time and no other; acts only schedule, close early or cancel.
use crate::{
    counting,
    definition::{cutoff, judge, needs_draw, shapes},
    electors,
    event::Event,
    keys::{self, Expiring, Transition},
    read,
    records::{
        AttemptId, Cancellation, CensusRecord, CensusState, CloseReason, Closing, CountBasis, Drafted, ElectionGate,
        ElectionLife, ElectionState, Incident,
    },
    sealed, sequel,
    state::Space,
    statutes,
    work::{Work, count, keys_while},
};
use urne_types::{
    DraftId, ElectionId, PublicKey, Rejection,
    bounded::Text,
    election::{BallotKind, EarlyClose, ElectionDefinition},
    limits::{DEADLINE_LATENESS_MS_MAX, DRAFTS_MAX, REASON_BYTES_MAX},
    statutes::Electorate,
};

/// An administrator proposes an election. The draft lapses when its opening passes.
pub(crate) fn draft(work: &mut Work<'_>, sender: &PublicKey, definition: &ElectionDefinition) -> Result<(), Rejection> {
    let by = read::administrator_behind(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?.key;
    judge(definition, work.at.time)?;
    let id = definition.draft_id();
    let lapses = keys::expiry(definition.opens_at, &Expiring::Draft(id));
    let is_known = work.holds(Space::Map, &lapses)
        || read::gate(work, &definition.election_id(&work.at.chain)).is_some()
        || sealed::ceremony_of(work, &id).is_some();
    if is_known {
        return Err(Rejection::DraftExists);
    }
    if DRAFTS_MAX <= count(work, &keys::drafts_of(&by), DRAFTS_MAX) {
        return Err(Rejection::TooManyDrafts);
    }
    work.write(keys::draft(&id), &Drafted { by, definition: definition.clone() });
    work.mark(keys::draft_of(&by, &id));
    work.mark(lapses);
    work.tell(Event::ElectionDrafted { draft: id });
    Ok(())
}

/// She takes it back. Its name stays taken until it would have lapsed: the very same transaction could not bring it again.
pub(crate) fn withdraw(work: &mut Work<'_>, sender: &PublicKey, draft: &DraftId) -> Result<(), Rejection> {
    let own = read::administrator_behind(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?.key;
    let drafted: Drafted = work.read(&keys::draft(draft)).ok_or(Rejection::UnknownDraft)?;
    if drafted.by != own {
        return Err(Rejection::NotYours);
    }
    forget_draft(work, draft, &drafted.by);
    work.tell(Event::DraftWithdrawn { draft: *draft });
    Ok(())
}

/// The draft's opening has passed: tells so, unless it was withdrawn before.
pub(crate) fn lapse(work: &mut Work<'_>, draft: &DraftId) {
    if let Some(drafted) = work.read::<Drafted>(&keys::draft(draft)) {
        forget_draft(work, draft, &drafted.by);
        work.tell(Event::DraftLapsed { draft: *draft });
    }
}
fn forget_draft(work: &mut Work<'_>, draft: &DraftId, by: &PublicKey) {
    work.remove(keys::draft(draft));
    work.remove(keys::draft_of(by, draft));
}

/// The colleges freeze a draft: it is an election from now on.
pub(crate) fn schedule(work: &mut Work<'_>, draft: &DraftId) -> Result<(), Rejection> {
    let Drafted { by, definition } = work.read(&keys::draft(draft)).ok_or(Rejection::UnknownDraft)?;
    judge(&definition, work.at.time)?;
    let census: CensusRecord = work.read(&keys::census(&definition.census)).ok_or(Rejection::UnknownCensus)?;
    match census.state {
        CensusState::Incomplete => return Err(Rejection::CensusIncomplete),
        CensusState::Complete => return Err(Rejection::CensusNotAdopted),
        CensusState::Adopted => {}
    }
    let census_entries = census.entries.ok_or(Rejection::CensusIncomplete)?;
    if !sealed::rules::takes(&definition.secrecy, &census) {
        return Err(Rejection::WrongCensusKeys);
    }
    statutes::judge_election(work, &definition, &census)?;
    sealed::rules::judge_groups(work, &definition, &census)?;
    forget_draft(work, draft, &by);
    work.remove(keys::expiry(definition.opens_at, &Expiring::Draft(*draft)));
    if definition.secrecy.sealed().is_some() {
        return sealed::ceremony::begin(work, draft, definition, census_entries);
    }
    let id = definition.election_id(&work.at.chain);
    enrol(work, draft, &id, &definition, census_entries);
    Ok(())
}

/// A draft is an election from now on, under its name.
pub(crate) fn enrol(
    work: &mut Work<'_>,
    draft: &DraftId,
    id: &ElectionId,
    definition: &ElectionDefinition,
    census_entries: AttemptId,
) {
    let census: CensusRecord = work.read(&keys::census(&definition.census)).expect("it was adopted");
    let gate = ElectionGate {
        state: ElectionState::Scheduled,
        opens_at: definition.opens_at,
        closes_at: definition.closes_at,
        cutoff: cutoff(definition),
        revote: definition.revote,
        early_close: definition.early_close,
        secrecy: definition.secrecy.ballots(),
        census: definition.census,
        census_entries,
        shapes: shapes(definition),
    };
    let scheduled = work.now();
    let life =
        ElectionLife { scheduled, opened: None, closed: None, tallied: None, cancelled: None, incidents: Vec::new() };
    work.mark(keys::deadline(gate.opens_at, Transition::Open, id));
    work.mark(keys::deadline(gate.cutoff, Transition::Close, id));
    work.mark(keys::election_at(scheduled.height, id));
    work.write(keys::gate(id), &gate);
    work.write(keys::definition(id), definition);
    work.write(keys::life(id), &life);
    statutes::freeze(work, id, definition, &census);
    sequel::note(work, id, definition);
    work.tell(Event::ElectionScheduled { draft: *draft, election: *id });
}

/// Runs every transition whose time has come, in the order of their times.
pub(crate) fn run_due(work: &mut Work<'_>) {
    let now = work.at.time;
    let is_due = |key: &[u8]| keys::parse_deadline(key).is_some_and(|(due, ..)| due <= now);
    for key in keys_while(work, &keys::deadlines(), is_due) {
        let (due, transition, id) = keys::parse_deadline(&key).expect("it was parsed to be found due");
        let (mut gate, mut life) = load(work, &id).expect("a deadline names an election");
        let is_late = DEADLINE_LATENESS_MS_MAX < now.since(due);
        let at = work.now();
        match transition {
            Transition::Open => {
                if is_late {
                    note(work, &id, &mut life, Incident::OpenedLate { due, at });
                }
                open(work, &id, &mut gate, &mut life);
            }
            Transition::Close => {
                if is_late {
                    note(work, &id, &mut life, Incident::PausedAcrossClose { due, at });
                }
                close(work, &id, &mut gate, &mut life, CloseReason::TimeElapsed);
            }
        }
        save(work, &id, &gate, &life);
    }
}

/// The colleges close an election before its time.
pub(crate) fn close_early(work: &mut Work<'_>, id: &ElectionId) -> Result<(), Rejection> {
    let (mut gate, mut life) = load(work, id).ok_or(Rejection::UnknownElection)?;
    match (gate.state, gate.early_close) {
        (ElectionState::Open, EarlyClose::ByAct) => {}
        (ElectionState::Open, EarlyClose::Forbidden) => return Err(Rejection::EarlyCloseForbidden),
        _ => return Err(Rejection::WrongElectionState),
    }
    if gate.secrecy == BallotKind::Sealed && sealed::rules::would_show_few(work, id) {
        return Err(Rejection::TooFewBallots);
    }
    close(work, id, &mut gate, &mut life, CloseReason::ByAct);
    save(work, id, &gate, &life);
    Ok(())
}

/// The colleges cancel an election that is not counted yet.
pub(crate) fn cancel(work: &mut Work<'_>, id: &ElectionId, reason: &Text<REASON_BYTES_MAX>) -> Result<(), Rejection> {
    let (mut gate, mut life) = load(work, id).ok_or(Rejection::UnknownElection)?;
    match gate.state {
        ElectionState::Scheduled | ElectionState::Open | ElectionState::Closed | ElectionState::Counting => {}
        ElectionState::Tallied | ElectionState::Cancelled => return Err(Rejection::WrongElectionState),
    }
    gate.state = ElectionState::Cancelled;
    life.cancelled = Some(Cancellation { at: work.now(), reason: reason.clone() });
    work.remove(keys::deadline(gate.opens_at, Transition::Open, id));
    work.remove(keys::deadline(gate.cutoff, Transition::Close, id));
    work.remove(keys::open_election(id));
    counting::forget(work, id);
    work.tell(Event::ElectionCancelled { election: *id });
    save(work, id, &gate, &life);
    Ok(())
}

fn open(work: &mut Work<'_>, id: &ElectionId, gate: &mut ElectionGate, life: &mut ElectionLife) {
    assert_eq!(gate.state, ElectionState::Scheduled, "only a scheduled election opens");
    gate.state = ElectionState::Open;
    life.opened = Some(work.now());
    work.remove(keys::deadline(gate.opens_at, Transition::Open, id));
    work.mark(keys::open_election(id));
    electors::fix(work, id, Electorate::FrozenAtOpening);
    let definition: ElectionDefinition = work.read(&keys::definition(id)).expect("an election keeps its definition");
    if needs_draw(&definition) {
        let draw_seed = Some(counting::previous(work));
        let basis = CountBasis { draw_seed, ..read::count_basis(work, id) };
        work.write(keys::basis(id), &basis);
    }
    work.tell(Event::ElectionOpened { election: *id });
}

/// Closes; the count begins with the block, or with the next one when an act closed the election.
fn close(work: &mut Work<'_>, id: &ElectionId, gate: &mut ElectionGate, life: &mut ElectionLife, reason: CloseReason) {
    assert_eq!(gate.state, ElectionState::Open, "only an open election closes");
    gate.state = ElectionState::Closed;
    life.closed = Some(Closing { at: work.now(), reason });
    work.remove(keys::deadline(gate.cutoff, Transition::Close, id));
    work.remove(keys::open_election(id));
    work.tell(Event::ElectionClosed { election: *id, reason });
    electors::fix(work, id, Electorate::LoweredBySuspensions);
    counting::await_lot(work, id);
    match gate.secrecy {
        BallotKind::Open => {
            let turnout = read::turnout(work, id).expect("an election has a census");
            counting::start(work, id, &turnout);
        }
        BallotKind::Sealed => sealed::opening::start(work, id),
    }
}

fn note(work: &mut Work<'_>, id: &ElectionId, life: &mut ElectionLife, incident: Incident) {
    life.incidents.push(incident);
    work.tell(Event::IncidentRecorded { election: *id, incident });
}
pub(crate) fn load(work: &Work<'_>, id: &ElectionId) -> Option<(ElectionGate, ElectionLife)> {
    read::gate(work, id).zip(read::life(work, id))
}
pub(crate) fn save(work: &mut Work<'_>, id: &ElectionId, gate: &ElectionGate, life: &ElectionLife) {
    work.write(keys::gate(id), gate);
    work.write(keys::life(id), life);
}
