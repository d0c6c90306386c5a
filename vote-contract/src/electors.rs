//! Who is counted as registered: the members of the census, but for those who are suspended when the statutes say so, and with
//! whoever voted all the same. Where a member of several colleges has one voice, she is an elector of the college in which she
//! voted and of no other; who voted nowhere is absent from each of her colleges, and once from the assembly.
//!
//! Telling persons from their places in the census takes a walk through it: a part of the count, in steps.
use crate::{
    keys, read,
    records::{CountBasis, ElectionGate, Electors},
    result::Count,
    sealed,
    state::{Space, StateView},
    work::{Work, record},
};
use std::ops::ControlFlow;
use urne_types::{
    CollegeId, ElectionId, PublicKey,
    codec::{Decode, Encode, encode},
    election::CensusEntry,
    limits::COUNT_LOOKUP_UNITS,
    statutes::Electorate,
};

/// At the opening, or at the close, fixes who is out because she is suspended.
pub(crate) fn fix(work: &mut Work<'_>, id: &ElectionId, when: Electorate) {
    let mut basis = read::count_basis(work, id);
    if basis.statutes.as_ref().is_none_or(|it| it.electorate != when) {
        return;
    }
    let suspended = read::suspended_members(work, read::Page::ALL);
    let gate = read::gate(work, id).expect("an election keeps its gate");
    let colleges = colleges(work, &gate);
    let is_in = |college, member: &PublicKey| is_in(work, &gate, CensusEntry { college, member: *member });
    if has_one_voice(work, id) {
        let out = suspended.iter().filter(|member| colleges.iter().any(|(college, _)| is_in(*college, member)));
        let marks: Vec<Vec<u8>> = out.map(|member| keys::left_out(id, member)).collect();
        marks.into_iter().for_each(|mark| work.index(mark, Vec::new()));
        return;
    }
    let electors = |&(college, members): &(CollegeId, u64)| {
        let is_out = |member: &&PublicKey| {
            let entry = CensusEntry { college, member: **member };
            is_in(college, member) && !has_voted(work, id, entry) && !sealed::cast::may_have_voted(work, id, &entry)
        };
        let out = suspended.iter().filter(is_out).count() as u64;
        Electors { college, electors: Count(members.saturating_sub(out)) }
    };
    basis.electorate = colleges.iter().map(electors).collect();
    work.write(keys::basis(id), &basis);
}

/// A walk through the census, as far as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
struct Pass {
    /// The last entry that was looked at.
    after: Option<CensusEntry>,
    /// Electors of each college, in the order of the census.
    colleges: Vec<u64>,
    /// Persons.
    persons: u64,
}

/// Where a member has one voice, counts the electors of each college and the persons of the assembly, as far as `units`
/// allow; whether they are known. Elsewhere nothing is left to count.
pub(crate) fn count(work: &mut Work<'_>, id: &ElectionId, gate: &ElectionGate, units: &mut u64) -> bool {
    if !has_one_voice(work, id) {
        return true;
    }
    let basis = read::count_basis(work, id);
    if basis.persons.is_some() {
        return true;
    }
    let colleges = colleges(work, gate);
    let start = || Pass { colleges: vec![0; colleges.len()], ..Pass::default() };
    let mut pass: Pass = record(work, Space::Index, &keys::electors(id)).unwrap_or_else(start);
    // Each of her colleges and her ballot there, and her suspension.
    let cost = COUNT_LOOKUP_UNITS * (2 * colleges.len() as u64 + 1);
    let prefix = keys::census_entries(&gate.census_entries);
    let next = |it: CensusEntry| [keys::census_entry(&gate.census_entries, &it), vec![0]].concat();
    let from = pass.after.map_or_else(|| prefix.clone(), next);
    let (mut is_whole, mut looked_at): (bool, Vec<PublicKey>) = (true, Vec::new());
    work.scan_from(Space::Index, &prefix, &from, &mut |key, _| {
        if *units == 0 {
            is_whole = false;
            return ControlFlow::Break(());
        }
        *units = units.saturating_sub(cost);
        let entry = keys::parse_entry(key).expect("a census entry's key ends with college and member");
        let is_last = pass.add(work, id, gate, &colleges, entry);
        if is_last {
            looked_at.push(entry.member);
        }
        ControlFlow::Continue(())
    });
    looked_at.iter().for_each(|member| work.index_remove(keys::left_out(id, member)));
    if is_whole {
        let electors = |(it, electors): (&(CollegeId, u64), u64)| Electors { college: it.0, electors: Count(electors) };
        let electorate = colleges.iter().zip(pass.colleges).map(electors).collect();
        let persons = Some(Count(pass.persons));
        work.write(keys::basis(id), &CountBasis { electorate, persons, ..basis });
        work.index_remove(keys::electors(id));
    } else {
        work.index(keys::electors(id), encode(&pass));
    }
    is_whole
}

impl Pass {
    /// One place of a member; whether it is the last of hers.
    fn add(
        &mut self,
        work: &Work<'_>,
        id: &ElectionId,
        gate: &ElectionGate,
        colleges: &[(CollegeId, u64)],
        entry: CensusEntry,
    ) -> bool {
        self.after = Some(entry);
        let at = |college| CensusEntry { college, ..entry };
        let elsewhere: Vec<CollegeId> = colleges.iter().map(|it| it.0).filter(|it| *it != entry.college).collect();
        let others: Vec<CollegeId> = elsewhere.into_iter().filter(|it| is_in(work, gate, at(*it))).collect();
        let voted_here = has_voted(work, id, entry);
        let voted_elsewhere = others.iter().any(|it| has_voted(work, id, at(*it)));
        let is_out = work.holds(Space::Index, &keys::left_out(id, &entry.member));
        if voted_here || !(voted_elsewhere || is_out) {
            let place = colleges.iter().position(|it| it.0 == entry.college).expect("a census names its colleges");
            self.colleges[place] += 1;
        }
        let is_first_place = others.iter().all(|it| entry.college < *it);
        if is_first_place && (voted_here || voted_elsewhere || !is_out) {
            self.persons += 1;
        }
        others.iter().all(|it| *it < entry.college)
    }
}

/// The election was cancelled before it was counted.
pub(crate) fn forget(work: &mut Work<'_>, id: &ElectionId) {
    work.index_remove(keys::electors(id));
}

/// Whether a member of several colleges has one voice in an election.
pub(crate) fn has_one_voice(work: &Work<'_>, id: &ElectionId) -> bool {
    work.holds(Space::Map, &keys::one_voice(id))
}
fn colleges(work: &Work<'_>, gate: &ElectionGate) -> Vec<(CollegeId, u64)> {
    read::census(work, &gate.census).expect("an election has a census").commitment.members.to_vec()
}
fn is_in(work: &Work<'_>, gate: &ElectionGate, entry: CensusEntry) -> bool {
    work.holds(Space::Index, &keys::census_entry(&gate.census_entries, &entry))
}
fn has_voted(work: &Work<'_>, id: &ElectionId, entry: CensusEntry) -> bool {
    work.holds(Space::Index, &keys::last_ballot(id, &entry))
}
