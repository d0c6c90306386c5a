//! The keys of a secret election are made over blocks, without a ceremony day: participants post messages, and the ledger goes
//! on when all have spoken or the step's time is over. Who is silent or convicted is out, and no step waits for anybody twice.
//!
//! ```text
//! ScheduleElection ─► Joining ► Hashing ► Committing ► Dealing ► Complaining ► Qualifying ─► keys ─► Rehearsing ─► Scheduled
//!                        ▲                                             │                                │
//!                        └────────── again, without those who are out ─┴────────────────────────────────┘   or Failed, by its number
//! ```
use super::{
    board::Board,
    issuance, keys, opening, qualify,
    questions::{compile, refused},
    records::{CeremonyRecord, CeremonyState, Eligible, SealedGate, Stage, Step, UrnOpening, UrnRecord},
    rules::{TRUSTEES, keys_due, officers},
};
use crate::{
    calendar,
    event::Event,
    read,
    records::AttemptId,
    state::{Space, StateView},
    work::{Work, count, keys_while},
};
use urne_ballot::{
    CandidateShare, Refusal, Registrars, Statement, ThresholdKeys, Totals, Trustees, Urn,
    ceremony::{JustifiedComplaint, Qualified, Qualifying, ThresholdRule},
    threshold::ThresholdGroup,
};
use urne_types::{
    DraftId, ElectionId, PublicKey, Rejection,
    bounded::Bytes,
    election::ElectionDefinition,
    limits::{CEREMONIES_MAX, CEREMONY_BYTES_MAX},
    sealed::{CeremonyMessage, CeremonyStep, SealedCensus, SealedRules},
};

/// The scopes of an election: its trustees' key, and its registrars' for each college.
pub fn scopes(definition: &ElectionDefinition) -> Vec<u32> {
    let Some(rules) = definition.secrecy.sealed() else { return Vec::new() };
    let mut scopes = vec![TRUSTEES];
    if let SealedCensus::Credentials(_) = rules.census {
        let mut colleges: Vec<u32> = rules.groups.iter().flatten().map(|it| 1 + u32::from(it.get())).collect();
        colleges.sort_unstable();
        scopes.extend(colleges);
    }
    scopes
}
fn rules_of(record: &CeremonyRecord) -> &SealedRules {
    record.definition.secrecy.sealed().expect("only a secret election has a ceremony")
}
pub(crate) fn cells(definition: &ElectionDefinition) -> u16 {
    let compiled = compile(definition).expect("a definition was judged before its ceremony");
    u16::try_from(compiled.cells()).expect("a ballot has fewer than 2,000 cells")
}

/// The colleges schedule a secret election: its keys are made first.
pub(crate) fn begin(
    work: &mut Work<'_>,
    draft: &DraftId,
    definition: ElectionDefinition,
    census_entries: AttemptId,
) -> Result<(), Rejection> {
    if CEREMONIES_MAX <= count(work, &keys::all_under_way(), CEREMONIES_MAX) {
        return Err(Rejection::TooManyCeremonies);
    }
    for scope in scopes(&definition) {
        let sealed = definition.secrecy.sealed().expect("the caller looked");
        let candidates = (1_u16..).zip(officers(sealed, scope)).map(|(number, _)| number).collect();
        let stage = Stage { attempt: 0, candidates, step: Step::Joining, since: work.at.time, keys: None };
        work.write(keys::stage(draft, scope), &stage);
    }
    let begun = work.now();
    let record = CeremonyRecord { definition, census_entries, begun, state: CeremonyState::UnderWay };
    work.write(keys::ceremony(draft), &record);
    work.mark(keys::under_way(draft));
    work.tell(Event::CeremonyBegun { draft: *draft });
    Ok(())
}

// ---- Messages ----

/// A participant speaks.
pub(crate) fn hear(work: &mut Work<'_>, sender: &PublicKey, message: &CeremonyMessage) -> Result<(), Rejection> {
    let draft = &message.draft;
    let record: CeremonyRecord = work.read(&keys::ceremony(draft)).ok_or(Rejection::UnknownCeremony)?;
    let stage: Stage = work.read(&keys::stage(draft, message.scope)).ok_or(Rejection::UnknownCeremony)?;
    if !work.holds(Space::Map, &keys::under_way(draft)) || stage.attempt != message.attempt {
        return Err(Rejection::UnknownCeremony);
    }
    if stage.step != step_of(&message.step) {
        return Err(Rejection::WrongStep);
    }
    let officers = (1_u16..).zip(officers(rules_of(&record), message.scope));
    let number = officers.into_iter().find(|(_, it)| it.key == *sender).map(|(number, _)| number);
    let number = number.filter(|it| stage.candidates.contains(it)).ok_or(Rejection::NotAParticipant)?;
    let at = work.at.chain;
    let posted = {
        let board = Board::new(work, &at, draft, message.scope, rules_of(&record), &stage, cells(&record.definition));
        if message.scope == TRUSTEES {
            judge::<Trustees>(&board, &record, &stage, number, &message.step)
        } else {
            judge::<Registrars>(&board, &record, &stage, number, &message.step)
        }
    }
    .map_err(refused)?;
    for (key, bytes) in posted {
        work.post(key, bytes);
    }
    work.mark(keys::stirred());
    Ok(())
}

pub(super) fn step_of(step: &CeremonyStep) -> Step {
    match step {
        CeremonyStep::Join(_) => Step::Joining,
        CeremonyStep::CommitmentHash(_) => Step::Hashing,
        CeremonyStep::Commitments(_) => Step::Committing,
        CeremonyStep::Shares(_) => Step::Dealing,
        CeremonyStep::Complaints(_) => Step::Complaining,
        CeremonyStep::Rehearsal(_) => Step::Rehearsing,
    }
}

type Posted = Vec<(Vec<u8>, Vec<u8>)>;

/// Judges a message of the step that is under way; what is to be posted.
fn judge<G: ThresholdGroup + ThresholdRule>(
    board: &Board<'_>,
    record: &CeremonyRecord,
    stage: &Stage,
    number: u16,
    step: &CeremonyStep,
) -> Result<Posted, Refusal> {
    let slot = |about: u16| match board.message(stage.step, number, about) {
        Some(_) => Err(Refusal::MessageExists),
        None => Ok(board.key(stage.step, number, about)),
    };
    let key = match step {
        CeremonyStep::Shares(_) => Vec::new(),
        _ => slot(0)?,
    };
    match step {
        CeremonyStep::Join(bytes) => {
            let joined = board.invitation.verify_joining::<G>(number, bytes)?;
            // A second participant with the same key would stop the ceremony of all.
            if board.joined()?.iter().any(|it| it.key() == joined.key()) {
                return Err(Refusal::DegenerateKey);
            }
            Ok(vec![(key, bytes.to_vec())])
        }
        CeremonyStep::CommitmentHash(hash) => {
            board.ceremony::<G>()?.verify_participant(number)?;
            Ok(vec![(key, hash.to_vec())])
        }
        CeremonyStep::Commitments(bytes) => {
            board.ceremony::<G>()?.verify_commitments(number, board.hash(number)?, bytes)?;
            Ok(vec![(key, bytes.to_vec())])
        }
        CeremonyStep::Shares(shares) => {
            let ceremony = board.ceremony::<G>()?;
            if shares.is_empty() || board.message(Step::Committing, number, 0).is_none() {
                return Err(Refusal::WrongStep);
            }
            strictly_increasing(shares)?;
            let post = |(recipient, bytes): &(u16, Bytes<CEREMONY_BYTES_MAX>)| {
                let share = ceremony.verify_encrypted_share(number, *recipient, bytes)?;
                Ok::<_, Refusal>((slot(*recipient)?, share.bytes().to_vec()))
            };
            shares.iter().map(post).collect()
        }
        CeremonyStep::Complaints(complaints) => {
            let ceremony = board.ceremony::<G>()?;
            ceremony.verify_participant(number)?;
            strictly_increasing(complaints)?;
            let mut posted = vec![(key, Vec::new())];
            // One conviction is enough: what a dealer costs the others is one judgement, however many complain.
            let convicted: Vec<u16> = board.complaints().iter().map(JustifiedComplaint::dealer).collect();
            for (dealer, bytes) in complaints.iter().filter(|it| !convicted.contains(&it.0)) {
                board.complaint(&ceremony, number, *dealer, bytes)?;
                posted.push((slot(*dealer)?, bytes.to_vec()));
            }
            Ok(posted)
        }
        CeremonyStep::Rehearsal(bytes) => {
            let CeremonyState::Rehearsing { election } = record.state else { return Err(Refusal::WrongStep) };
            let keys = trustees(stage)?;
            let urn = Urn::rehearsal(election, &keys);
            let share = CandidateShare::decode(bytes, &urn)?;
            if share.trustee() != number {
                return Err(Refusal::NotATrustee);
            }
            share.verify(&urn, &keys)?;
            Ok(vec![(key, bytes.to_vec())])
        }
    }
}

/// Each about another participant; number 0 is nobody's.
fn strictly_increasing<T>(list: &[(u16, T)]) -> Result<(), Refusal> {
    let is_sound = list.is_sorted_by(|a, b| a.0 < b.0) && list.first().is_none_or(|it| it.0 != 0);
    if is_sound { Ok(()) } else { Err(Refusal::WrongShape) }
}

pub(crate) fn trustees(stage: &Stage) -> Result<ThresholdKeys<Trustees>, Refusal> {
    ThresholdKeys::decode(stage.keys.as_ref().ok_or(Refusal::WrongStep)?)
}

// ---- Blocks ----

/// Goes on with every ceremony and every opening, as far as what was said, and the block's time, allow.
pub(crate) fn advance(work: &mut Work<'_>, units: &mut u64) {
    if work.holds(Space::Map, &keys::stirred()) {
        work.remove(keys::stirred());
        opening::advance(work, units);
    }
    for key in keys_while(work, &keys::all_under_way(), |_| true) {
        let draft = DraftId(crate::keys::parse_name(&key).expect("a ceremony's key ends with its draft"));
        if let Err(code) = go_on(work, &draft, units) {
            fail(work, &draft, code);
        }
    }
}

fn fail(work: &mut Work<'_>, draft: &DraftId, code: Rejection) {
    let mut record: CeremonyRecord = work.read(&keys::ceremony(draft)).expect("it is under way");
    record.state = CeremonyState::Failed { at: work.now(), code: code.code() };
    work.write(keys::ceremony(draft), &record);
    work.remove(keys::under_way(draft));
    for scope in scopes(&record.definition) {
        forget_progress(work, draft, scope);
    }
    work.tell(Event::CeremonyFailed { draft: *draft, code: code.code() });
}

fn go_on(work: &mut Work<'_>, draft: &DraftId, units: &mut u64) -> Result<(), Rejection> {
    let mut record: CeremonyRecord = work.read(&keys::ceremony(draft)).expect("it is under way");
    if keys_due(&record.definition) <= work.at.time {
        return Err(Rejection::BadSealedCalendar);
    }
    let scopes = scopes(&record.definition);
    for scope in &scopes {
        // A step ends at most once per block and scope, and a ceremony has few: what the block before made possible.
        if let Some(rehearsed) = turn(work, draft, &mut record, *scope, units).map_err(refused)? {
            return conclude(work, draft, &mut record, rehearsed);
        }
    }
    if record.state == CeremonyState::UnderWay {
        name(work, draft, &mut record, &scopes).map_err(refused)?;
    }
    Ok(())
}

/// Ends the step of a scope, if everybody has spoken or its time is over.
pub(super) fn turn(
    work: &mut Work<'_>,
    draft: &DraftId,
    record: &mut CeremonyRecord,
    scope: u32,
    units: &mut u64,
) -> Result<Option<Rehearsed>, Refusal> {
    let mut stage: Stage = work.read(&keys::stage(draft, scope)).expect("every scope has its stage");
    let before = stage.clone();
    let is_over = if scope == TRUSTEES {
        step::<Trustees>(work, draft, record, scope, &mut stage, units)
    } else {
        step::<Registrars>(work, draft, record, scope, &mut stage, units)
    }?;
    if stage != before {
        work.write(keys::stage(draft, scope), &stage);
        work.mark(keys::stirred());
    }
    if scope == TRUSTEES && stage.keys.is_none() && record.state != CeremonyState::UnderWay {
        // The rehearsal failed: other keys will have another name.
        record.state = CeremonyState::UnderWay;
        work.write(keys::ceremony(draft), record);
    }
    Ok(is_over)
}

/// Whether a rehearsal is over.
pub(super) struct Rehearsed {
    pub(super) election: ElectionId,
}

/// Takes away what was kept between the blocks that work keys out.
fn forget_progress(work: &mut Work<'_>, draft: &DraftId, scope: u32) {
    let place = keys::qualifying(draft, scope);
    if work.holds(Space::Index, &place) {
        work.index_remove(place);
    }
}

fn step<G: ThresholdGroup + ThresholdRule>(
    work: &mut Work<'_>,
    draft: &DraftId,
    record: &CeremonyRecord,
    scope: u32,
    stage: &mut Stage,
    units: &mut u64,
) -> Result<Option<Rehearsed>, Refusal> {
    let (rules, now, chain) = (rules_of(record), work.at.time, work.at.chain);
    let board = Board::new(work, &chain, draft, scope, rules, stage, cells(&record.definition));
    let holders = match stage.step {
        Step::Rehearsing => trustees(stage)?.holders().to_vec(),
        _ => Vec::new(),
    };
    let is_late = stage.since.plus(u64::from(rules.step_ms)) <= now;
    if stage.step == Step::Over || !(is_late || board.is_complete(stage.step, &holders)) {
        return Ok(None);
    }
    let next = match stage.step {
        Step::Joining => {
            board.ceremony::<G>()?;
            Step::Hashing
        }
        Step::Hashing => Step::Committing,
        Step::Committing => Step::Dealing,
        Step::Dealing => Step::Complaining,
        Step::Complaining | Step::Qualifying if *units == 0 => {
            work.mark(keys::stirred());
            return Ok(None);
        }
        Step::Complaining | Step::Qualifying => {
            let kept = work.get(Space::Index, &keys::qualifying(draft, scope));
            let qualified = match kept {
                Some(bytes) => Qualified::Dealers(Qualifying::<G>::restore_from_state(&bytes)?),
                None => board.qualified::<G>()?,
            };
            match qualified {
                Qualified::Again(left) => {
                    again(stage, left);
                    Step::Joining
                }
                Qualified::Dealers(qualifying) => {
                    let qualifying = qualify::go_on(&board, qualifying, units)?;
                    if qualifying.is_whole() {
                        forget_progress(work, draft, scope);
                        stage.keys = Some(qualifying.keys()?.encode());
                        Step::Over
                    } else {
                        work.index(keys::qualifying(draft, scope), qualifying.encode());
                        Step::Qualifying
                    }
                }
            }
        }
        Step::Rehearsing => {
            let able: Vec<u16> = board.senders(Step::Rehearsing).into_iter().collect();
            if usize::from(trustees(stage)?.threshold()) <= able.len() {
                let CeremonyState::Rehearsing { election } = record.state else { return Err(Refusal::WrongStep) };
                stage.step = Step::Over;
                return Ok(Some(Rehearsed { election }));
            }
            again(stage, able);
            Step::Joining
        }
        Step::Over => Step::Over,
    };
    (stage.step, stage.since) = (next, now);
    Ok(None)
}

fn again(stage: &mut Stage, candidates: Vec<u16>) {
    (stage.attempt, stage.candidates, stage.keys) = (stage.attempt + 1, candidates, None);
}

/// Once every scope has its keys the election has its name, and its trustees rehearse.
pub(super) fn name(
    work: &mut Work<'_>,
    draft: &DraftId,
    record: &mut CeremonyRecord,
    scopes: &[u32],
) -> Result<(), Refusal> {
    let stage_of = |work: &Work<'_>, scope: u32| -> Stage {
        work.read(&keys::stage(draft, scope)).expect("every scope has its stage")
    };
    if scopes.iter().any(|it| stage_of(work, *it).keys.is_none()) {
        return Ok(());
    }
    let mut stage = stage_of(work, TRUSTEES);
    let registrars = scopes.iter().filter(|it| **it != TRUSTEES).map(|scope| {
        let bytes = stage_of(work, *scope).keys.ok_or(Refusal::WrongStep)?;
        Ok::<_, Refusal>((*scope, ThresholdKeys::<Registrars>::decode(&bytes)?))
    });
    let registrars = registrars.collect::<Result<Vec<_>, Refusal>>()?;
    let election = urne_ballot::election_id(&work.at.chain, draft, &trustees(&stage)?, &registrars);
    record.state = CeremonyState::Rehearsing { election };
    (stage.step, stage.since) = (Step::Rehearsing, work.at.time);
    work.write(keys::ceremony(draft), record);
    work.write(keys::stage(draft, TRUSTEES), &stage);
    work.mark(keys::stirred());
    work.tell(Event::ElectionKeysMade { draft: *draft, election });
    Ok(())
}

/// The rehearsal showed that enough trustees can open the urn: the election is scheduled.
fn conclude(
    work: &mut Work<'_>,
    draft: &DraftId,
    record: &mut CeremonyRecord,
    rehearsed: Rehearsed,
) -> Result<(), Rejection> {
    let (id, definition) = (rehearsed.election, &record.definition);
    let bytes_of = |work: &Work<'_>, scope: u32| {
        let stage: Stage = work.read(&keys::stage(draft, scope)).expect("every scope has its stage");
        stage.keys.expect("every scope has its keys")
    };
    let trustees = bytes_of(work, TRUSTEES);
    let registrars = scopes(definition).into_iter().filter(|it| *it != TRUSTEES);
    let registrars: Vec<(u32, Vec<u8>)> = registrars.map(|it| (it, bytes_of(work, it))).collect();
    let keys = ThresholdKeys::<Trustees>::decode(&trustees).map_err(refused)?;
    let compiled = compile(definition)?;
    let (cells, opening) = (compiled.cells(), UrnOpening::of(&compiled));
    let statement = Statement::new(compiled, work.at.chain, id, &keys.elements()).map_err(refused)?;
    let mut parts = Vec::new();
    for (part, group) in (0_u32..).zip(&rules_of(record).groups) {
        parts.extend(group.iter().map(|it| (*it, part)));
        if opening == UrnOpening::Totals {
            work.post(keys::totals(&id, part), Totals::empty(cells).encode());
        }
    }
    parts.sort_unstable();
    let cells = u16::try_from(cells).expect("a ballot has fewer than 2,000 cells");
    let eligible = match rules_of(record).census {
        SealedCensus::PublishedKeys => Eligible::OnCensus,
        SealedCensus::Credentials(_) => Eligible::Registered,
    };
    let census = read::census(work, &definition.census).expect("it was adopted");
    issuance::enrol(work, &id, definition, &census.commitment, &registrars);
    work.write(keys::gate(&id), &SealedGate { statement: *statement.digest(), cells, parts, eligible, opening });
    work.write(keys::urn(&id), &UrnRecord { draft: *draft, trustees, registrars });
    let (definition, census_entries) = (record.definition.clone(), record.census_entries);
    record.state = CeremonyState::Done { election: id };
    work.write(keys::ceremony(draft), record);
    work.remove(keys::under_way(draft));
    calendar::enrol(work, draft, &id, &definition, census_entries);
    Ok(())
}
