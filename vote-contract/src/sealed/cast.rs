//! A sealed ballot enters the urn. Its proof was verified with its transaction; here the ledger says whether its credential may
//! vote, and whether this ballot is new. The running totals change by it, and nobody learns what it says.
use super::{
    election_seals::VerifiedSeal,
    keys,
    records::{Eligible, EntryRecord, LastSealed, SealedGate, UrnOpening},
    registration::judge_credential,
};
use crate::{
    ballot::{appear, judge_sequence, member_behind},
    event::{Appearance, Event},
    read,
    records::ElectionGate,
    state::{LogId, Space},
    work::{Work, record},
};
use urne_ballot::{Ciphertext, TotalsChange};
use urne_types::{
    ElectionId, Rejection,
    ballot::{Ballot, BallotLeaf},
    codec::encode,
    election::CensusEntry,
    transaction::VerifiedTx,
};

/// Casts a sealed ballot in an election that is open.
pub(crate) fn cast(
    work: &mut Work<'_>,
    tx: &VerifiedTx,
    ballot: &Ballot,
    gate: &ElectionGate,
) -> Result<(), Rejection> {
    let (id, college) = (ballot.election, ballot.college);
    let credential = tx.sender();
    let sealed: SealedGate = work.read(&keys::gate(&id)).expect("a secret election has keys before it opens");
    let entry = match sealed.eligible {
        Eligible::OnCensus => {
            let entry = CensusEntry { college, member: member_behind(work, &credential)? };
            judge_entry(work, gate, &entry)?;
            entry
        }
        // Nobody knows whose it is: whoever is suspended after she asked for it still votes.
        Eligible::Registered => {
            judge_credential(work, &id, college, &credential)?;
            CensusEntry { college, member: credential }
        }
    };
    let place = keys::last(&id, college, &entry.member);
    let last: Option<LastSealed> = record(work, Space::Index, &place);
    judge_sequence(gate.revote, last.as_ref().map(|it| it.sequence), ballot.sequence, work)?;

    let seal = tx.seal().and_then(|it| it.get::<VerifiedSeal>()).ok_or(Rejection::SealNotVerifiable)?;
    if *seal.statement() != sealed.statement {
        return Err(Rejection::SealOfOtherElection);
    }
    let (tracker, ciphertext) = (seal.ballot().tracker(), seal.ballot().ciphertext());
    let randomness = keys::randomness(&id, ciphertext.a().bytes());
    if work.holds(Space::Index, &randomness) {
        return Err(Rejection::RandomnessReused);
    }

    let former = last.map(|it| restored(&it.ciphertext, sealed.cells));
    let appearance = if former.is_some() { Appearance::Revote } else { Appearance::First };
    if appearance == Appearance::First {
        appear(work, ballot, &entry);
    }
    let part = sealed.parts.iter().find(|it| it.0 == college).expect("each college of the census is in a group").1;
    match sealed.opening {
        UrnOpening::Totals => {
            let mut change = TotalsChange::none(sealed.cells.into());
            change.enter(ciphertext, former.as_ref()).expect(FITS);
            work.enter((id, part), change);
        }
        UrnOpening::OneByOne => {
            let place = |it: &Ciphertext| keys::to_open(&id, part, it.a().bytes());
            former.iter().for_each(|it| work.index_remove(place(it)));
            work.index(place(ciphertext), ciphertext.encode());
        }
    }
    work.index(randomness, Vec::new());
    work.index(keys::tracker(&id, tracker.hash()), tx.id().0.to_vec());
    let counts = LastSealed { sequence: ballot.sequence, tx_id: tx.id(), ciphertext: ciphertext.encode() };
    work.index(place, encode(&counts));
    let leaf = BallotLeaf { tx_id: tx.id(), tx_hash: tx.hash() };
    work.append(LogId::Ballots(id), leaf.hash());
    work.tell(Event::BallotAccepted { election: id, college, tracker: tx.id(), appearance });
    Ok(())
}

const FITS: &str = "a ballot that was verified for an election has its cells";

fn restored(bytes: &[u8], cells: u16) -> Ciphertext {
    Ciphertext::restore_from_state(bytes, cells.into())
        .expect("the state holds only what the rules wrote: restore a snapshot")
}

fn judge_entry(work: &Work<'_>, gate: &ElectionGate, entry: &CensusEntry) -> Result<(), Rejection> {
    let is_entry =
        |entry: &CensusEntry| work.holds(Space::Index, &crate::keys::census_entry(&gate.census_entries, entry));
    if !is_entry(entry) {
        return Err(Rejection::NotInCensus);
    }
    if work.holds(Space::Map, &crate::keys::suspended_member(&entry.member)) {
        return Err(Rejection::MemberSuspended);
    }
    // The proof does not name the college: who relays the ballot of a member of two could move it from one to the other.
    let census = read::census(work, &gate.census).expect("an election has a census");
    let mut others = census.commitment.members.iter().map(|it| it.0).filter(|it| *it != entry.college);
    if others.any(|college| is_entry(&CensusEntry { college, ..*entry })) {
        return Err(Rejection::CredentialInTwoColleges);
    }
    Ok(())
}

/// Whether a member of the census has voted, or, where nobody can tell, may have: she has asked for her credential.
pub(crate) fn may_have_voted(work: &Work<'_>, id: &ElectionId, entry: &CensusEntry) -> bool {
    let gate: Option<SealedGate> = work.read(&keys::gate(id));
    match gate.map(|it| it.eligible) {
        None => false,
        Some(Eligible::OnCensus) => work.holds(Space::Index, &keys::last(id, entry.college, &entry.member)),
        Some(Eligible::Registered) => {
            let asked: Option<EntryRecord> = record(work, Space::Index, &keys::entry(id, entry));
            asked.is_some_and(|it| it.approved.is_some())
        }
    }
}

/// Enters what a block's ballots changed in the totals of their groups, once for all of them.
pub(crate) fn fold(work: &mut Work<'_>, sums: Vec<((ElectionId, u32), TotalsChange)>) {
    for ((id, part), change) in sums {
        let sealed: SealedGate = work.read(&keys::gate(&id)).expect("its ballots were judged by it");
        let mut totals = super::totals(work, &id, part, sealed.cells).expect("each group has its totals");
        totals.apply(&change).expect(FITS);
        work.post(keys::totals(&id, part), totals.encode());
    }
}
