//! A ballot enters the urn, or the number of the rule that refuses it. The path of every citizen: five look-ups, whatever
//! the size of the election, and no count of any choice.
use crate::{
    answer::{Draw, judge_body},
    event::{Appearance, Event},
    keys, read,
    records::{ElectionGate, ElectionState, LastBallot, QuestionShape},
    run::emargement_leaf,
    sealed,
    state::{LogId, Space},
    work::{Work, record},
};
use urne_types::{
    PublicKey, Rejection, UnixMs,
    ballot::{Ballot, BallotBody, BallotLeaf},
    codec::encode,
    election::{BallotKind, CensusEntry, RevotePolicy},
    limits::{BALLOTS_PER_RIGHT_MAX, SEQUENCE_STEP_MAX},
    transaction::VerifiedTx,
};

/// Casts a ballot. The member is the sender: her signature was verified with the transaction's.
pub(crate) fn cast(work: &mut Work<'_>, tx: &VerifiedTx, ballot: &Ballot) -> Result<(), Rejection> {
    let gate: ElectionGate = work.read(&keys::gate(&ballot.election)).ok_or(Rejection::UnknownElection)?;
    judge_window(&gate, work.at.time)?;
    match (gate.secrecy, &ballot.body) {
        (BallotKind::Open, BallotBody::Open(_)) => {}
        (BallotKind::Sealed, BallotBody::Sealed(_)) => return sealed::cast::cast(work, tx, ballot, &gate),
        _ => return Err(Rejection::WrongBallotKind),
    }
    let entry = CensusEntry { college: ballot.college, member: member_behind(work, &tx.sender())? };
    if !work.holds(Space::Index, &keys::census_entry(&gate.census_entries, &entry)) {
        return Err(Rejection::NotInCensus);
    }
    if work.holds(Space::Map, &keys::suspended_member(&entry.member)) {
        return Err(Rejection::MemberSuspended);
    }
    let place = keys::last_ballot(&ballot.election, &entry);
    let last: Option<LastBallot> = record(work, Space::Index, &place);
    judge_sequence(gate.revote, last.as_ref().map(|it| it.sequence), ballot.sequence, work)?;
    let is_drawn = gate.shapes.iter().any(|it| matches!(it, QuestionShape::Drawn { .. }));
    let seed = if is_drawn { read::count_basis(work, &ballot.election).draw_seed } else { None };
    judge_body(gate.secrecy, &gate.shapes, &ballot.body, Draw { election: &ballot.election, seed, entry: &entry })?;

    let appearance = if last.is_some() { Appearance::Revote } else { Appearance::First };
    if appearance == Appearance::First {
        judge_voice(work, &gate, ballot, &entry)?;
        appear(work, ballot, &entry);
    }
    let leaf = BallotLeaf { tx_id: tx.id(), tx_hash: tx.hash() };
    work.append(LogId::Ballots(ballot.election), leaf.hash());
    let counts = LastBallot { sequence: ballot.sequence, tx_id: tx.id(), body: ballot.body.clone() };
    work.index(place, encode(&counts));
    let (election, college) = (ballot.election, ballot.college);
    work.tell(Event::BallotAccepted { election, college, tracker: tx.id(), appearance });
    Ok(())
}

/// The member whose right a key exercises: its own, or the one of whom it took the place.
pub(crate) fn member_behind(work: &Work<'_>, key: &PublicKey) -> Result<PublicKey, Rejection> {
    if work.holds(Space::Map, &keys::key_after(key)) {
        return Err(Rejection::KeyReplaced);
    }
    Ok(work.read(&keys::member_of_key(key)).unwrap_or(*key))
}

/// Where the statutes give one voice a member, the college in which she votes first is hers.
fn judge_voice(work: &Work<'_>, gate: &ElectionGate, ballot: &Ballot, entry: &CensusEntry) -> Result<(), Rejection> {
    if !work.holds(Space::Map, &keys::one_voice(&ballot.election)) {
        return Ok(());
    }
    let census = read::census(work, &gate.census).expect("an election has a census");
    let has_voted_in = |college| {
        let elsewhere = CensusEntry { college, ..*entry };
        college != entry.college && work.holds(Space::Index, &keys::last_ballot(&ballot.election, &elsewhere))
    };
    let mut colleges = census.commitment.members.iter().map(|(college, _)| *college);
    if colleges.any(has_voted_in) { Err(Rejection::VotedInOtherCollege) } else { Ok(()) }
}

/// A member's first ballot in a college: a line in the émargement log and one more in the turnout.
pub(crate) fn appear(work: &mut Work<'_>, ballot: &Ballot, entry: &CensusEntry) {
    work.append(LogId::Emargements(ballot.election), emargement_leaf(entry));
    let turnout = keys::turnout(&ballot.election, ballot.college);
    let voted: u64 = work.read(&turnout).unwrap_or(0);
    work.write(turnout, &(voted + 1));
}

fn judge_window(gate: &ElectionGate, now: UnixMs) -> Result<(), Rejection> {
    match gate.state {
        ElectionState::Scheduled => Err(Rejection::NotOpenYet),
        // In a block the transitions that are due have run; in the mempool they may not have yet.
        ElectionState::Open if now < gate.cutoff => Ok(()),
        ElectionState::Open | ElectionState::Closed | ElectionState::Counting | ElectionState::Tallied => {
            Err(Rejection::ElectionClosed)
        }
        ElectionState::Cancelled => Err(Rejection::ElectionCancelled),
    }
}

pub(crate) fn judge_sequence(
    revote: RevotePolicy,
    last: Option<u32>,
    sequence: u32,
    work: &Work<'_>,
) -> Result<(), Rejection> {
    match follows(revote, last, sequence) {
        Err(Rejection::SequenceTooOld) if is_planted(work) => Ok(()),
        judged => judged,
    }
}
/// Whether a ballot may come after the last one of its right.
pub(crate) fn follows(revote: RevotePolicy, last: Option<u32>, sequence: u32) -> Result<(), Rejection> {
    match (revote, last) {
        (RevotePolicy::Forbidden, Some(_)) => return Err(Rejection::AlreadyVoted),
        (_, last) if sequence <= last.unwrap_or(0) => return Err(Rejection::SequenceTooOld),
        _ => {}
    }
    let furthest = last.unwrap_or(0).saturating_add(SEQUENCE_STEP_MAX);
    if furthest < sequence {
        return Err(Rejection::SequenceTooFar);
    }
    // Sequences increase strictly: their bound is a bound on the accepted ballots, without a counter.
    if BALLOTS_PER_RIGHT_MAX < sequence { Err(Rejection::TooManyBallots) } else { Ok(()) }
}
#[cfg(feature = "plants")]
fn is_planted(work: &Work<'_>) -> bool {
    work.at.plant == Some(crate::context::Plant::OlderSequenceAccepted)
}
#[cfg(not(feature = "plants"))]
fn is_planted(_: &Work<'_>) -> bool {
    false
}
