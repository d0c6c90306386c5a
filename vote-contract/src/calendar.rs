//! The life of an election, one way: `Draft -> Scheduled -> Open -> Closed -> Tallied`, or `Cancelled`. Time moves it, the
//! block's time and no other; acts only schedule, close early or cancel.
use crate::{
    definition::{cutoff, judge, shapes},
    event::Event,
    keys::{self, Expiring, Transition},
    read,
    records::{
        Cancellation, CensusRecord, CensusState, CloseReason, Closing, ElectionGate, ElectionLife, ElectionState,
        Incident,
    },
    tally,
    work::{Work, count, keys_while},
};
use urne_types::{
    DraftId, ElectionId, PublicKey, Rejection,
    bounded::Text,
    election::{EarlyClose, ElectionDefinition},
    limits::{DEADLINE_LATENESS_MS_MAX, DRAFTS_MAX, REASON_BYTES_MAX},
};

/// An administrator proposes an election. The draft lapses when its opening passes.
pub(crate) fn draft(work: &mut Work<'_>, sender: &PublicKey, definition: &ElectionDefinition) -> Result<(), Rejection> {
    read::role_of(work, sender, work.at.time).ok_or(Rejection::NotAnAdministrator)?;
    judge(definition, work.at.time)?;
    let id = definition.draft_id();
    let is_known =
        read::draft(work, &id).is_some() || read::gate(work, &definition.election_id(&work.at.chain)).is_some();
    if is_known {
        return Err(Rejection::DraftExists);
    }
    if DRAFTS_MAX <= count(work, &keys::drafts(), DRAFTS_MAX) {
        return Err(Rejection::TooManyDrafts);
    }
    work.write(keys::draft(&id), definition);
    work.mark(keys::expiry(definition.opens_at, &Expiring::Draft(id)));
    work.tell(Event::ElectionDrafted { draft: id });
    Ok(())
}

/// The colleges freeze a draft: it is an election from now on.
pub(crate) fn schedule(work: &mut Work<'_>, draft: &DraftId) -> Result<(), Rejection> {
    let definition: ElectionDefinition = work.read(&keys::draft(draft)).ok_or(Rejection::UnknownDraft)?;
    judge(&definition, work.at.time)?;
    let census: CensusRecord = work.read(&keys::census(&definition.census)).ok_or(Rejection::UnknownCensus)?;
    match census.state {
        CensusState::Incomplete => return Err(Rejection::CensusIncomplete),
        CensusState::Complete => return Err(Rejection::CensusNotAdopted),
        CensusState::Adopted => {}
    }
    let id = definition.election_id(&work.at.chain);
    let gate = ElectionGate {
        state: ElectionState::Scheduled,
        opens_at: definition.opens_at,
        closes_at: definition.closes_at,
        cutoff: cutoff(&definition),
        revote: definition.revote,
        early_close: definition.early_close,
        secrecy: definition.secrecy,
        census: definition.census,
        census_attempt: census.attempt,
        shapes: shapes(&definition),
    };
    let scheduled = work.now();
    let life =
        ElectionLife { scheduled, opened: None, closed: None, tallied: None, cancelled: None, incidents: Vec::new() };
    work.remove(keys::draft(draft));
    work.remove(keys::expiry(definition.opens_at, &Expiring::Draft(*draft)));
    work.mark(keys::deadline(gate.opens_at, Transition::Open, &id));
    work.mark(keys::deadline(gate.cutoff, Transition::Close, &id));
    work.mark(keys::election_at(scheduled.height, &id));
    work.write(keys::gate(&id), &gate);
    work.write(keys::definition(&id), &definition);
    work.write(keys::life(&id), &life);
    work.tell(Event::ElectionScheduled { draft: *draft, election: id });
    Ok(())
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
    close(work, id, &mut gate, &mut life, CloseReason::ByAct);
    save(work, id, &gate, &life);
    Ok(())
}

/// The colleges cancel an election that is not counted yet.
pub(crate) fn cancel(work: &mut Work<'_>, id: &ElectionId, reason: &Text<REASON_BYTES_MAX>) -> Result<(), Rejection> {
    let (mut gate, mut life) = load(work, id).ok_or(Rejection::UnknownElection)?;
    match gate.state {
        ElectionState::Scheduled | ElectionState::Open | ElectionState::Closed => {}
        ElectionState::Tallied | ElectionState::Cancelled => return Err(Rejection::WrongElectionState),
    }
    gate.state = ElectionState::Cancelled;
    life.cancelled = Some(Cancellation { at: work.now(), reason: reason.clone() });
    work.remove(keys::deadline(gate.opens_at, Transition::Open, id));
    work.remove(keys::deadline(gate.cutoff, Transition::Close, id));
    work.remove(keys::open_election(id));
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
    work.tell(Event::ElectionOpened { election: *id });
}

/// Closes, and counts at once: the methods of open ballots only need additions. A method that needs its trustees will stop
/// at [`ElectionState::Closed`].
fn close(work: &mut Work<'_>, id: &ElectionId, gate: &mut ElectionGate, life: &mut ElectionLife, reason: CloseReason) {
    assert_eq!(gate.state, ElectionState::Open, "only an open election closes");
    gate.state = ElectionState::Closed;
    life.closed = Some(Closing { at: work.now(), reason });
    work.remove(keys::deadline(gate.cutoff, Transition::Close, id));
    work.remove(keys::open_election(id));
    work.tell(Event::ElectionClosed { election: *id, reason });
    tally_now(work, id, gate, life);
}

fn tally_now(work: &mut Work<'_>, id: &ElectionId, gate: &mut ElectionGate, life: &mut ElectionLife) {
    let definition: ElectionDefinition = work.read(&keys::definition(id)).expect("an election keeps its definition");
    let turnout = read::turnout(work, id).expect("an election has a census");
    let mut questions = tally::count(work, id, gate, &definition, &turnout);
    plant(work, &mut questions);
    for (at, question) in (0_u16..).zip(&questions) {
        work.write(keys::result(id, at), question);
    }
    gate.state = ElectionState::Tallied;
    life.tallied = Some(work.now());
    work.tell(Event::ElectionTallied { election: *id, registered: turnout.registered, voted: turnout.voted });
}
#[cfg(feature = "plants")]
fn plant(work: &Work<'_>, questions: &mut [crate::QuestionResult]) {
    use crate::QuestionResult as Counted;
    if work.at.plant != Some(crate::context::Plant::TallyOffByOne) {
        return;
    }
    let first = match questions.first_mut() {
        Some(Counted::Referendum { favour, .. }) => Some(favour),
        Some(Counted::Plurality { votes, .. }) => votes.first_mut(),
        Some(Counted::Approval { approvals, .. }) => approvals.first_mut(),
        Some(Counted::MajorityJudgment { grades, .. }) => grades.first_mut().and_then(|it| it.first_mut()),
        None => None,
    };
    first.into_iter().for_each(|it| it.0 += 1);
}
#[cfg(not(feature = "plants"))]
fn plant(_: &Work<'_>, _: &mut [crate::QuestionResult]) {}

fn note(work: &mut Work<'_>, id: &ElectionId, life: &mut ElectionLife, incident: Incident) {
    life.incidents.push(incident);
    work.tell(Event::IncidentRecorded { election: *id, incident });
}
fn load(work: &Work<'_>, id: &ElectionId) -> Option<(ElectionGate, ElectionLife)> {
    read::gate(work, id).zip(read::life(work, id))
}
fn save(work: &mut Work<'_>, id: &ElectionId, gate: &ElectionGate, life: &ElectionLife) {
    work.write(keys::gate(id), gate);
    work.write(keys::life(id), life);
}
