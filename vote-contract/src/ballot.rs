//! A ballot enters the urn, or the number of the rule that refuses it. The path of every citizen: five look-ups, whatever
//! the size of the election, and no count of any choice.
use crate::{
    event::{Appearance, Event},
    keys,
    records::{ElectionGate, ElectionState, LastBallot, QuestionShape},
    run::emargement_leaf,
    state::{LogId, Space},
    work::{Work, record},
};
use urne_types::{
    Rejection, UnixMs,
    ballot::{Answer, Ballot, BallotBody, BallotLeaf},
    codec::encode,
    election::{CensusEntry, RevotePolicy, Secrecy},
    limits::SEQUENCE_STEP_MAX,
    transaction::VerifiedTx,
};

/// Casts a ballot. The member is the sender: her signature was verified with the transaction's.
pub(crate) fn cast(work: &mut Work<'_>, tx: &VerifiedTx, ballot: &Ballot) -> Result<(), Rejection> {
    let gate: ElectionGate = work.read(&keys::gate(&ballot.election)).ok_or(Rejection::UnknownElection)?;
    judge_window(&gate, work.at.time)?;
    let entry = CensusEntry { college: ballot.college, member: tx.sender() };
    if !work.holds(Space::Index, &keys::census_entry(&gate.census, gate.census_attempt, &entry)) {
        return Err(Rejection::NotInCensus);
    }
    if work.holds(Space::Map, &keys::suspended_member(&entry.member)) {
        return Err(Rejection::MemberSuspended);
    }
    let place = keys::last_ballot(&ballot.election, &entry);
    let last: Option<LastBallot> = record(work, Space::Index, &place);
    judge_sequence(gate.revote, last.as_ref().map(|it| it.sequence), ballot.sequence, work)?;
    judge_body(gate.secrecy, &gate.shapes, &ballot.body)?;

    let appearance = if last.is_some() { Appearance::Revote } else { Appearance::First };
    if appearance == Appearance::First {
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

/// A member's first ballot in a college: a line in the émargement log and one more in the turnout.
fn appear(work: &mut Work<'_>, ballot: &Ballot, entry: &CensusEntry) {
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
        ElectionState::Open | ElectionState::Closed | ElectionState::Tallied => Err(Rejection::ElectionClosed),
        ElectionState::Cancelled => Err(Rejection::ElectionCancelled),
    }
}

fn judge_sequence(revote: RevotePolicy, last: Option<u32>, sequence: u32, work: &Work<'_>) -> Result<(), Rejection> {
    match (revote, last) {
        (RevotePolicy::Forbidden, Some(_)) => return Err(Rejection::AlreadyVoted),
        (_, last) if sequence <= last.unwrap_or(0) && !is_planted(work) => return Err(Rejection::SequenceTooOld),
        _ => {}
    }
    let furthest = last.unwrap_or(0).saturating_add(SEQUENCE_STEP_MAX);
    if furthest < sequence { Err(Rejection::SequenceTooFar) } else { Ok(()) }
}
#[cfg(feature = "plants")]
fn is_planted(work: &Work<'_>) -> bool {
    work.at.plant == Some(crate::context::Plant::OlderSequenceAccepted)
}
#[cfg(not(feature = "plants"))]
fn is_planted(_: &Work<'_>) -> bool {
    false
}

/// Judges the body against what the questions take.
pub(crate) fn judge_body(secrecy: Secrecy, shapes: &[QuestionShape], body: &BallotBody) -> Result<(), Rejection> {
    let (Secrecy::Open, BallotBody::Open(answers)) = (secrecy, body);
    if answers.len() != shapes.len() {
        return Err(Rejection::WrongAnswerCount);
    }
    shapes.iter().zip(answers).try_for_each(|(shape, answer)| judge_answer(*shape, answer))
}

fn judge_answer(shape: QuestionShape, answer: &Answer) -> Result<(), Rejection> {
    match (shape, answer) {
        (_, Answer::Blank) => Ok(()),
        (QuestionShape::One { choices }, Answer::Choice(choice)) => known(*choice < choices),
        (QuestionShape::Any { choices }, Answer::Approvals(approved)) => {
            canonical(!approved.is_empty() && approved.is_sorted_by(|a, b| a < b))?;
            known(approved.iter().all(|it| *it < choices))
        }
        (QuestionShape::Graded { choices, grades }, Answer::Grades(given)) => {
            known(given.len() <= usize::from(choices) && given.iter().flatten().all(|it| *it < grades))?;
            // A shorter list leaves choices out; one without a grade is a blank ballot, which has its own writing.
            canonical(given.len() == usize::from(choices) && given.iter().any(Option::is_some))
        }
        _ => Err(Rejection::WrongAnswerKind),
    }
}
fn known(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::UnknownChoice) }
}
fn canonical(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::AnswerNotCanonical) }
}
