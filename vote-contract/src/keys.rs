//! Where each record lives. A key is one tag byte and then fields of fixed size, numbers big-endian so that their order is
//! the order of the bytes. Tags are never reused.
//!
//! | space | tag | then | record |
//! |---|---|---|---|
//! | map | 01 | | [`crate::records::ChainRecord`] |
//! | map | 02 | | [`urne_types::governance::Parameters`] |
//! | map | 03 | college 2 | [`urne_types::governance::College`] |
//! | map | 04 | key 32 | [`urne_types::governance::Administrator`] |
//! | map | 05 | delegate 32 | [`crate::records::Delegation`] |
//! | map | 06 | administrator 32, delegate 32 | nothing: whom she let act for her |
//! | map | 07 | validator 20 | [`crate::records::ValidatorEntry`] |
//! | map | 08 | | [`urne_types::validators::ValidatorSet`] fixed by the last block |
//! | map | 09 | height 8 | `u16`: the version of the protocol from that height on |
//! | map | 0a | validator 20, height 8, round 4, step 1 | [`crate::records::OffenceRecord`] |
//! | map | 10 | draft 32 | [`crate::records::Drafted`]: a definition that waits for approval |
//! | map | 11 | census 32 | [`crate::records::CensusRecord`] |
//! | map | 12 | election 32 | [`crate::records::ElectionGate`] |
//! | map | 13 | election 32 | [`urne_types::election::ElectionDefinition`], frozen |
//! | map | 14 | election 32 | [`crate::records::ElectionLife`] |
//! | map | 15 | election 32, college 2 | `u64`: members who voted (émargements) |
//! | map | 16 | election 32, question 2 | [`crate::result::QuestionResult`] |
//! | map | 17 | election 32 | [`urne_types::proof::LogHead`] of the ballots |
//! | map | 18 | election 32 | [`urne_types::proof::LogHead`] of the émargements |
//! | map | 19 | height 8, election 32 | nothing: elections in the order in which they were scheduled |
//! | map | 1a | election 32 | [`crate::records::CountBasis`]: what its count depends on beyond definition, census and ballots |
//! | map | 1b | election 32 | nothing: a member of several colleges has one voice in it |
//! | map | 1c | version 4 | [`urne_types::statutes::Statutes`] |
//! | map | 1d | key 32, census 32 | [`crate::records::CensusAttempt`]: a census that this key is bringing |
//! | map | 1e | attempt 32 | nothing: an abandoned attempt, some of whose entries are still in the index |
//! | map | 1f | administrator 32, draft 32 | nothing: her drafts |
//! | map | 20 | act 32 | [`crate::records::ActRecord`] |
//! | map | 21 | height 8, act 32 | nothing: acts in the order in which they were proposed |
//! | map | 22 | administrator 32, act 32 | nothing: her acts that wait for approvals |
//! | map | 30 | time 8, transition 1, election 32 | nothing: transitions to come |
//! | map | 31 | time 8, kind 1, name 32 | nothing: what expires when |
//! | map | 32 | election 32 | nothing: open elections |
//! | map | 33 | election 32 | [`crate::records::CountProgress`]: counts under way |
//! | map | 34 | first election 32, question 2 | the election, 32, that is its second tour; question ffff: its second call |
//! | map | 35 | election 32 | nothing: closed elections whose lots wait for the name of the block that closed them |
//! | map | 40 | member 32 | [`crate::records::Moment`] of her suspension |
//! | map | 41 | key 32 | the member, 32, whose right this key exercises instead of her own |
//! | map | 42 | key 32 | the key, 32, that took this one's place |
//! | index | 01 | attempt 32, college 2, member 32 | nothing: an entry of a census |
//! | index | 02 | election 32, college 2, member 32 | [`crate::records::LastBallot`] |
//! | index | 03 | election 32 | `crate::counting::Urn`: the counters of a count under way |
//! | index | 04 | election 32, question 2, part 2, choice 2, paper 32 | a pile's papers, equal ones together |
//! | index | 05 | election 32, question 2, part 2, answer 32 | equal budget ballots together |
//! | index | 06 | election 32, question 2, part 2 | the table of a runoff, or the run of equal shares, under way |
//! | index | 07 | election 32, member 32 | nothing: suspended when its registered members were fixed |
//! | index | 08 | election 32 | `crate::electors::Pass`: its registered members, half counted |
//! | index | 09 | election 32, question 2, part 2, number 4 | budget ballots packed together for equal shares |
//! | index | 0a | election 32, question 2, part 2 | [`crate::result::QuestionResult`] of a part, until the others are counted |
//!
//! A part is 0 for everyone, then 1 for the first of the colleges that are shown, and so on (`crate::parts`).
//!
//! Tags 50 to 6f of the map and 10 to 1f of the index are those of secret elections: `sealed/keys.rs`.
use crate::{parts::Place, records::AttemptId, state::LogId};
use urne_consensus::Step;
use urne_types::{
    ActId, CensusId, CollegeId, DraftId, ElectionId, Height, PublicKey, Round, UnixMs, ValidatorId,
    election::CensusEntry,
};

const CHAIN: u8 = 0x01;
const PARAMETERS: u8 = 0x02;
const COLLEGE: u8 = 0x03;
const ADMINISTRATOR: u8 = 0x04;
const DELEGATION: u8 = 0x05;
const DELEGATION_OF: u8 = 0x06;
const VALIDATOR: u8 = 0x07;
const VALIDATOR_SET: u8 = 0x08;
const UPGRADE: u8 = 0x09;
const OFFENCE: u8 = 0x0a;
const DRAFT: u8 = 0x10;
const CENSUS: u8 = 0x11;
const GATE: u8 = 0x12;
const DEFINITION: u8 = 0x13;
const LIFE: u8 = 0x14;
const TURNOUT: u8 = 0x15;
const RESULT: u8 = 0x16;
const BALLOTS_HEAD: u8 = 0x17;
const EMARGEMENTS_HEAD: u8 = 0x18;
const ELECTION_ORDER: u8 = 0x19;
const BASIS: u8 = 0x1a;
const ONE_VOICE: u8 = 0x1b;
const STATUTES: u8 = 0x1c;
const CENSUS_ATTEMPT: u8 = 0x1d;
const ABANDONED: u8 = 0x1e;
const DRAFT_OF: u8 = 0x1f;
const ACT: u8 = 0x20;
const ACT_ORDER: u8 = 0x21;
const ACT_OF: u8 = 0x22;
const DEADLINE: u8 = 0x30;
const EXPIRY: u8 = 0x31;
const OPEN: u8 = 0x32;
const COUNTING: u8 = 0x33;
const LOT_DUE: u8 = 0x35;
const SEQUEL: u8 = 0x34;
const SUSPENDED_MEMBER: u8 = 0x40;
const MEMBER_OF_KEY: u8 = 0x41;
const KEY_AFTER: u8 = 0x42;

const CENSUS_ENTRY: u8 = 0x01;
const LAST_BALLOT: u8 = 0x02;
const URN: u8 = 0x03;
const PAPER: u8 = 0x04;
const GROUP: u8 = 0x05;
const RUN: u8 = 0x06;
const LEFT_OUT: u8 = 0x07;
const ELECTORS: u8 = 0x08;
const PACK: u8 = 0x09;
const COUNTED: u8 = 0x0a;

/// Tags of the map whose records every ballot asks for and few elections have (one voice a member, suspended members,
/// replaced keys): whoever keeps the state may hold all of such a family, to answer without reading.
pub const FAMILIES: [u8; 4] = [ONE_VOICE, SUSPENDED_MEMBER, MEMBER_OF_KEY, KEY_AFTER];

/// Whether a key belongs to a scan.
pub(crate) fn has_prefix(key: &[u8], prefix: &[u8]) -> bool {
    key.starts_with(prefix)
}
pub(crate) fn key(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|it| it.len()).sum::<usize>());
    key.push(tag);
    parts.iter().for_each(|it| key.extend_from_slice(it));
    key
}

/// A transition that comes with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Transition {
    Open = 0,
    Close = 1,
}

/// Something that lapses if nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expiring {
    Act(ActId),
    Delegation(PublicKey),
    Draft(DraftId),
}

pub(crate) fn chain() -> Vec<u8> {
    key(CHAIN, &[])
}
pub(crate) fn parameters() -> Vec<u8> {
    key(PARAMETERS, &[])
}
pub(crate) fn colleges() -> Vec<u8> {
    key(COLLEGE, &[])
}
pub(crate) fn college(id: CollegeId) -> Vec<u8> {
    key(COLLEGE, &[&id.get().to_be_bytes()])
}
pub(crate) fn administrators() -> Vec<u8> {
    key(ADMINISTRATOR, &[])
}
pub(crate) fn administrator(of: &PublicKey) -> Vec<u8> {
    key(ADMINISTRATOR, &[&of.0])
}
pub(crate) fn delegations() -> Vec<u8> {
    key(DELEGATION, &[])
}
pub(crate) fn delegation(to: &PublicKey) -> Vec<u8> {
    key(DELEGATION, &[&to.0])
}
pub(crate) fn delegations_of(by: &PublicKey) -> Vec<u8> {
    key(DELEGATION_OF, &[&by.0])
}
pub(crate) fn delegation_of(by: &PublicKey, to: &PublicKey) -> Vec<u8> {
    key(DELEGATION_OF, &[&by.0, &to.0])
}
pub(crate) fn validators() -> Vec<u8> {
    key(VALIDATOR, &[])
}
pub(crate) fn validator(id: &ValidatorId) -> Vec<u8> {
    key(VALIDATOR, &[&id.0])
}
pub(crate) fn validator_set() -> Vec<u8> {
    key(VALIDATOR_SET, &[])
}
pub(crate) fn upgrades() -> Vec<u8> {
    key(UPGRADE, &[])
}
pub(crate) fn upgrade(from: Height) -> Vec<u8> {
    key(UPGRADE, &[&from.get().to_be_bytes()])
}
pub(crate) fn offences() -> Vec<u8> {
    key(OFFENCE, &[])
}
pub(crate) fn offences_of(validator: &ValidatorId) -> Vec<u8> {
    key(OFFENCE, &[&validator.0])
}
pub(crate) fn offence(validator: &ValidatorId, height: Height, round: Round, step: Step) -> Vec<u8> {
    key(OFFENCE, &[&validator.0, &height.get().to_be_bytes(), &round.get().to_be_bytes(), &[step as u8]])
}
pub(crate) fn drafts() -> Vec<u8> {
    key(DRAFT, &[])
}
pub(crate) fn draft(id: &DraftId) -> Vec<u8> {
    key(DRAFT, &[&id.0])
}
pub(crate) fn censuses() -> Vec<u8> {
    key(CENSUS, &[])
}
pub(crate) fn census(id: &CensusId) -> Vec<u8> {
    key(CENSUS, &[&id.0])
}
pub(crate) fn census_attempts() -> Vec<u8> {
    key(CENSUS_ATTEMPT, &[])
}
pub(crate) fn census_attempts_of(by: &PublicKey) -> Vec<u8> {
    key(CENSUS_ATTEMPT, &[&by.0])
}
pub(crate) fn census_attempt(by: &PublicKey, id: &CensusId) -> Vec<u8> {
    key(CENSUS_ATTEMPT, &[&by.0, &id.0])
}
/// Whose attempt at which census a key is.
pub(crate) fn parse_census_attempt(key: &[u8]) -> Option<(PublicKey, CensusId)> {
    let (by, census) = key.get(1..)?.split_first_chunk()?;
    Some((PublicKey(*by), CensusId(census.try_into().ok()?)))
}
pub(crate) fn abandoned_attempts() -> Vec<u8> {
    key(ABANDONED, &[])
}
pub(crate) fn abandoned_attempt(id: &AttemptId) -> Vec<u8> {
    key(ABANDONED, &[&id.0])
}
pub(crate) fn drafts_of(by: &PublicKey) -> Vec<u8> {
    key(DRAFT_OF, &[&by.0])
}
pub(crate) fn draft_of(by: &PublicKey, id: &DraftId) -> Vec<u8> {
    key(DRAFT_OF, &[&by.0, &id.0])
}
pub(crate) fn acts_of(by: &PublicKey) -> Vec<u8> {
    key(ACT_OF, &[&by.0])
}
pub(crate) fn act_of(by: &PublicKey, id: &ActId) -> Vec<u8> {
    key(ACT_OF, &[&by.0, &id.0])
}
/// Where it is how far an election is: [`crate::records::ElectionGate`].
#[must_use]
pub fn gate(id: &ElectionId) -> Vec<u8> {
    key(GATE, &[&id.0])
}
/// Where an election is, as frozen.
#[must_use]
pub fn definition(id: &ElectionId) -> Vec<u8> {
    key(DEFINITION, &[&id.0])
}
/// Where the story of an election is.
#[must_use]
pub fn life(id: &ElectionId) -> Vec<u8> {
    key(LIFE, &[&id.0])
}
/// Where the number of a college's members who voted is.
#[must_use]
pub fn turnout(id: &ElectionId, college: CollegeId) -> Vec<u8> {
    key(TURNOUT, &[&id.0, &college.get().to_be_bytes()])
}
/// Where the count of a question is.
#[must_use]
pub fn result(id: &ElectionId, question: u16) -> Vec<u8> {
    key(RESULT, &[&id.0, &question.to_be_bytes()])
}
/// Where that is on which a count depends beyond definition, census and ballots.
#[must_use]
pub fn basis(id: &ElectionId) -> Vec<u8> {
    key(BASIS, &[&id.0])
}
pub(crate) fn one_voice(id: &ElectionId) -> Vec<u8> {
    key(ONE_VOICE, &[&id.0])
}
pub(crate) fn all_statutes() -> Vec<u8> {
    key(STATUTES, &[])
}
pub(crate) fn statutes(version: u32) -> Vec<u8> {
    key(STATUTES, &[&version.to_be_bytes()])
}
pub(crate) fn lots_due() -> Vec<u8> {
    key(LOT_DUE, &[])
}
pub(crate) fn lot_due(id: &ElectionId) -> Vec<u8> {
    key(LOT_DUE, &[&id.0])
}
pub(crate) fn countings() -> Vec<u8> {
    key(COUNTING, &[])
}
pub(crate) fn counting(id: &ElectionId) -> Vec<u8> {
    key(COUNTING, &[&id.0])
}
pub(crate) fn sequel(first: &ElectionId, question: u16) -> Vec<u8> {
    key(SEQUEL, &[&first.0, &question.to_be_bytes()])
}
/// Where the member is whose right a key exercises instead of its own.
#[must_use]
pub fn member_of_key(acting: &PublicKey) -> Vec<u8> {
    key(MEMBER_OF_KEY, &[&acting.0])
}
pub(crate) fn members_of_keys() -> Vec<u8> {
    key(MEMBER_OF_KEY, &[])
}
pub(crate) fn key_after(replaced: &PublicKey) -> Vec<u8> {
    key(KEY_AFTER, &[&replaced.0])
}
pub(crate) fn left_out(id: &ElectionId, member: &PublicKey) -> Vec<u8> {
    key(LEFT_OUT, &[&id.0, &member.0])
}
pub(crate) fn all_left_out(id: &ElectionId) -> Vec<u8> {
    key(LEFT_OUT, &[&id.0])
}
pub(crate) fn electors(id: &ElectionId) -> Vec<u8> {
    key(ELECTORS, &[&id.0])
}
pub(crate) fn urn(id: &ElectionId) -> Vec<u8> {
    key(URN, &[&id.0])
}
fn at_place(tag: u8, place: Place<'_>, rest: &[&[u8]]) -> Vec<u8> {
    let (question, part) = (place.at.to_be_bytes(), place.part.to_be_bytes());
    let parts: [&[u8]; 3] = [&place.election.0, &question, &part];
    key(tag, &[&parts, rest].concat())
}
pub(crate) fn pile(place: Place<'_>, holder: u16) -> Vec<u8> {
    at_place(PAPER, place, &[&holder.to_be_bytes()])
}
pub(crate) fn paper(place: Place<'_>, holder: u16, paper: &[u8; 32]) -> Vec<u8> {
    at_place(PAPER, place, &[&holder.to_be_bytes(), paper])
}
pub(crate) fn papers_of(id: &ElectionId) -> Vec<u8> {
    key(PAPER, &[&id.0])
}
pub(crate) fn groups(place: Place<'_>) -> Vec<u8> {
    at_place(GROUP, place, &[])
}
pub(crate) fn groups_of(id: &ElectionId) -> Vec<u8> {
    key(GROUP, &[&id.0])
}
pub(crate) fn group(place: Place<'_>, answer: &[u8; 32]) -> Vec<u8> {
    at_place(GROUP, place, &[answer])
}
pub(crate) fn run(place: Place<'_>) -> Vec<u8> {
    at_place(RUN, place, &[])
}
pub(crate) fn runs_of(id: &ElectionId) -> Vec<u8> {
    key(RUN, &[&id.0])
}
pub(crate) fn packs_of(id: &ElectionId) -> Vec<u8> {
    key(PACK, &[&id.0])
}
pub(crate) fn pack(place: Place<'_>, number: u32) -> Vec<u8> {
    at_place(PACK, place, &[&number.to_be_bytes()])
}
pub(crate) fn counted(place: Place<'_>) -> Vec<u8> {
    at_place(COUNTED, place, &[])
}
pub(crate) fn counted_of(id: &ElectionId) -> Vec<u8> {
    key(COUNTED, &[&id.0])
}
/// Where the head of a log is in the map: written by whoever keeps the logs, once per block that appends to it.
#[must_use]
pub fn log_head(log: &LogId) -> Vec<u8> {
    match log {
        LogId::Ballots(id) => key(BALLOTS_HEAD, &[&id.0]),
        LogId::Emargements(id) => key(EMARGEMENTS_HEAD, &[&id.0]),
        LogId::Approvals(id) => crate::sealed::keys::approvals_head(id),
        LogId::Credentials(id) => crate::sealed::keys::credentials_head(id),
    }
}
pub(crate) fn election_order() -> Vec<u8> {
    key(ELECTION_ORDER, &[])
}
pub(crate) fn election_at(scheduled: Height, id: &ElectionId) -> Vec<u8> {
    key(ELECTION_ORDER, &[&scheduled.get().to_be_bytes(), &id.0])
}
pub(crate) fn act(id: &ActId) -> Vec<u8> {
    key(ACT, &[&id.0])
}
pub(crate) fn act_order() -> Vec<u8> {
    key(ACT_ORDER, &[])
}
pub(crate) fn act_at(proposed: Height, id: &ActId) -> Vec<u8> {
    key(ACT_ORDER, &[&proposed.get().to_be_bytes(), &id.0])
}
pub(crate) fn deadlines() -> Vec<u8> {
    key(DEADLINE, &[])
}
pub(crate) fn deadline(due: UnixMs, transition: Transition, id: &ElectionId) -> Vec<u8> {
    key(DEADLINE, &[&due.get().to_be_bytes(), &[transition as u8], &id.0])
}
pub(crate) fn parse_deadline(key: &[u8]) -> Option<(UnixMs, Transition, ElectionId)> {
    let (time, rest) = key.get(1..)?.split_first_chunk()?;
    let (transition, id) = rest.split_first()?;
    let transition = match transition {
        0 => Transition::Open,
        1 => Transition::Close,
        _ => return None,
    };
    Some((UnixMs::new(u64::from_be_bytes(*time)), transition, ElectionId(id.try_into().ok()?)))
}
pub(crate) fn expiries() -> Vec<u8> {
    key(EXPIRY, &[])
}
pub(crate) fn expiry(at: UnixMs, what: &Expiring) -> Vec<u8> {
    let (kind, name) = match what {
        Expiring::Act(id) => (0, &id.0),
        Expiring::Delegation(to) => (1, &to.0),
        Expiring::Draft(id) => (2, &id.0),
    };
    key(EXPIRY, &[&at.get().to_be_bytes(), &[kind], name])
}
pub(crate) fn parse_expiry(key: &[u8]) -> Option<(UnixMs, Expiring)> {
    let (time, rest) = key.get(1..)?.split_first_chunk()?;
    let (kind, name) = rest.split_first()?;
    let name = name.try_into().ok()?;
    let what = match kind {
        0 => Expiring::Act(ActId(name)),
        1 => Expiring::Delegation(PublicKey(name)),
        2 => Expiring::Draft(DraftId(name)),
        _ => return None,
    };
    Some((UnixMs::new(u64::from_be_bytes(*time)), what))
}
pub(crate) fn open_elections() -> Vec<u8> {
    key(OPEN, &[])
}
pub(crate) fn open_election(id: &ElectionId) -> Vec<u8> {
    key(OPEN, &[&id.0])
}
pub(crate) fn suspended_members() -> Vec<u8> {
    key(SUSPENDED_MEMBER, &[])
}
pub(crate) fn suspended_member(member: &PublicKey) -> Vec<u8> {
    key(SUSPENDED_MEMBER, &[&member.0])
}
pub(crate) fn census_entries(attempt: &AttemptId) -> Vec<u8> {
    key(CENSUS_ENTRY, &[&attempt.0])
}
pub(crate) fn census_entry(attempt: &AttemptId, entry: &CensusEntry) -> Vec<u8> {
    key(CENSUS_ENTRY, &[&attempt.0, &entry.college.get().to_be_bytes(), &entry.member.0])
}
pub(crate) fn last_ballots(id: &ElectionId) -> Vec<u8> {
    key(LAST_BALLOT, &[&id.0])
}
pub(crate) fn last_ballot(id: &ElectionId, entry: &CensusEntry) -> Vec<u8> {
    key(LAST_BALLOT, &[&id.0, &entry.college.get().to_be_bytes(), &entry.member.0])
}
/// The college and member at the end of the key of a census entry or a last ballot.
pub(crate) fn parse_entry(key: &[u8]) -> Option<CensusEntry> {
    let (rest, member) = key.split_last_chunk()?;
    let (_, college) = rest.split_last_chunk()?;
    Some(CensusEntry { college: CollegeId::new(u16::from_be_bytes(*college)), member: PublicKey(*member) })
}
/// The 32 bytes at the end of a key.
pub(crate) fn parse_name(key: &[u8]) -> Option<[u8; 32]> {
    key.split_last_chunk().map(|(_, name)| *name)
}
