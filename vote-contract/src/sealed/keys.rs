//! Where the records of secret elections live; the rest is in [`crate::keys`], which says how keys are made.
//!
//! | space | tag | then | record |
//! |---|---|---|---|
//! | map | 50 | draft 32 | [`super::records::CeremonyRecord`] |
//! | map | 51 | draft 32, scope 4 | [`super::records::Stage`] |
//! | map | 52 | draft 32, scope 4, attempt 4, step 1, sender 2, about 2 | the bytes of a message |
//! | map | 53 | | nothing: messages or shares have come since the last block looked at them |
//! | map | 54 | election 32 | [`super::records::UrnRecord`] |
//! | map | 55 | election 32 | [`super::records::SealedGate`] |
//! | map | 56 | election 32, part 4 | encrypted totals, `urne_ballot::Totals::encode` |
//! | map | 57 | election 32 | nothing: an urn that waits for its shares |
//! | map | 58 | election 32, part 4, trustee 2 | the bytes of a share |
//! | map | 59 | election 32, trustee 2 | [`super::records::WrongShare`] |
//! | map | 5a | election 32, part 4 | [`super::records::OpenedPart`] |
//! | map | 5b | draft 32 | nothing: a ceremony under way |
//! | map | 5d | election 32 | [`super::records::PieceList`] |
//! | map | 5e | election 32, part 4 | [`super::records::Piece`] that is not opened yet |
//! | map | 5f | election 32, part 4, trustee 2 | nothing: a share whose proof is not verified yet |
//! | map | 60 | election 32 | [`urne_types::proof::LogHead`] of the approvals |
//! | map | 61 | election 32 | [`urne_types::proof::LogHead`] of the registered credentials |
//! | map | 62 | election 32, college 2 | [`super::records::IssuanceGate`] |
//! | map | 63 | election 32, college 2 | [`super::records::IssuanceRecord`] |
//! | index | 10 | election 32, college 2, K 32 | [`super::records::LastSealed`] |
//! | index | 11 | election 32, A 32 | nothing: randomness that was used |
//! | index | 12 | election 32, tracker 32 | the name, 32, of the transaction that cast the ballot |
//! | index | 18 | election 32, college 2, entry 32 | [`super::records::EntryRecord`] |
//! | index | 19 | election 32, K 32 | [`super::records::CredentialRecord`] |
//! | index | 1a | election 32, college 2, entry 32 | nothing: an approved request that waits for answers |
//! | index | 1b | draft 32, scope 4 | `urne_ballot::ceremony::Qualifying::encode`, between the blocks that work keys out |
//! | index | 1d | election 32, group 4, A 32 | a ciphertext that counts so far, where ballots are opened one by one |
//! | index | 1e | election 32, college 2, A 32 | `super::pieces::OpenedBallot`, until it is counted |
use crate::keys::key;
use urne_types::{CollegeId, DraftId, ElectionId, PublicKey, election::CensusEntry};

pub(crate) fn ceremony(draft: &DraftId) -> Vec<u8> {
    key(0x50, &[&draft.0])
}
pub(crate) fn stage(draft: &DraftId, scope: u32) -> Vec<u8> {
    key(0x51, &[&draft.0, &scope.to_be_bytes()])
}
pub(crate) fn stages(draft: &DraftId) -> Vec<u8> {
    key(0x51, &[&draft.0])
}
/// What a message says beside its bytes: of which attempt and step it is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) draft: &'a DraftId,
    pub(crate) scope: u32,
    pub(crate) attempt: u32,
}
/// Every message of a draft, whatever its scope and attempt.
pub(crate) fn all_messages(draft: &DraftId) -> Vec<u8> {
    key(0x52, &[&draft.0])
}
pub(crate) fn messages(at: Place<'_>, step: u8) -> Vec<u8> {
    key(0x52, &[&at.draft.0, &at.scope.to_be_bytes(), &at.attempt.to_be_bytes(), &[step]])
}
/// `about`: the recipient of a share, the dealer complained about; else 0.
pub(crate) fn message(at: Place<'_>, step: u8, sender: u16, about: u16) -> Vec<u8> {
    [messages(at, step), sender.to_be_bytes().to_vec(), about.to_be_bytes().to_vec()].concat()
}
/// Sender and about, at the end of a message's key.
pub(crate) fn parse_message(key: &[u8]) -> Option<(u16, u16)> {
    let (rest, about) = key.split_last_chunk()?;
    let (_, sender) = rest.split_last_chunk()?;
    Some((u16::from_be_bytes(*sender), u16::from_be_bytes(*about)))
}
/// Keys that are being worked out.
pub(crate) fn qualifying(draft: &DraftId, scope: u32) -> Vec<u8> {
    key(0x1b, &[&draft.0, &scope.to_be_bytes()])
}
pub(crate) fn stirred() -> Vec<u8> {
    key(0x53, &[])
}
pub(crate) fn urn(id: &ElectionId) -> Vec<u8> {
    key(0x54, &[&id.0])
}
pub(crate) fn gate(id: &ElectionId) -> Vec<u8> {
    key(0x55, &[&id.0])
}
pub(crate) fn gates() -> Vec<u8> {
    key(0x55, &[])
}
pub(crate) fn totals(id: &ElectionId, part: u32) -> Vec<u8> {
    key(0x56, &[&id.0, &part.to_be_bytes()])
}
pub(crate) fn all_totals(id: &ElectionId) -> Vec<u8> {
    key(0x56, &[&id.0])
}
pub(crate) fn all_shares(id: &ElectionId) -> Vec<u8> {
    key(0x58, &[&id.0])
}
pub(crate) fn waiting(id: &ElectionId) -> Vec<u8> {
    key(0x57, &[&id.0])
}
pub(crate) fn all_waiting() -> Vec<u8> {
    key(0x57, &[])
}
pub(crate) fn shares(id: &ElectionId, part: u32) -> Vec<u8> {
    key(0x58, &[&id.0, &part.to_be_bytes()])
}
pub(crate) fn share(id: &ElectionId, part: u32, trustee: u16) -> Vec<u8> {
    key(0x58, &[&id.0, &part.to_be_bytes(), &trustee.to_be_bytes()])
}
pub(crate) fn wrong_shares(id: &ElectionId) -> Vec<u8> {
    key(0x59, &[&id.0])
}
pub(crate) fn wrong_share(id: &ElectionId, trustee: u16) -> Vec<u8> {
    key(0x59, &[&id.0, &trustee.to_be_bytes()])
}
pub(crate) fn opened(id: &ElectionId, part: u32) -> Vec<u8> {
    key(0x5a, &[&id.0, &part.to_be_bytes()])
}
pub(crate) fn under_way(draft: &DraftId) -> Vec<u8> {
    key(0x5b, &[&draft.0])
}
pub(crate) fn all_under_way() -> Vec<u8> {
    key(0x5b, &[])
}
pub(crate) fn pieces(id: &ElectionId) -> Vec<u8> {
    key(0x5d, &[&id.0])
}
pub(crate) fn piece(id: &ElectionId, part: u32) -> Vec<u8> {
    key(0x5e, &[&id.0, &part.to_be_bytes()])
}
pub(crate) fn all_pieces(id: &ElectionId) -> Vec<u8> {
    key(0x5e, &[&id.0])
}
pub(crate) fn unverified(id: &ElectionId, part: u32, trustee: u16) -> Vec<u8> {
    key(0x5f, &[&id.0, &part.to_be_bytes(), &trustee.to_be_bytes()])
}
pub(crate) fn unverified_of(id: &ElectionId, part: u32) -> Vec<u8> {
    key(0x5f, &[&id.0, &part.to_be_bytes()])
}
pub(crate) fn all_unverified(id: &ElectionId) -> Vec<u8> {
    key(0x5f, &[&id.0])
}
/// Part and trustee, at the end of a share's key.
pub(crate) fn parse_share(key: &[u8]) -> Option<(u32, u16)> {
    let (rest, trustee) = key.split_last_chunk()?;
    let (_, part) = rest.split_last_chunk()?;
    Some((u32::from_be_bytes(*part), u16::from_be_bytes(*trustee)))
}
/// The part, at the end of a piece's key.
pub(crate) fn parse_part(key: &[u8]) -> Option<u32> {
    key.last_chunk().map(|part| u32::from_be_bytes(*part))
}
pub(crate) fn to_open(id: &ElectionId, group: u32, a: &[u8; 32]) -> Vec<u8> {
    key(0x1d, &[&id.0, &group.to_be_bytes(), a])
}
pub(crate) fn to_open_of(id: &ElectionId, group: u32) -> Vec<u8> {
    key(0x1d, &[&id.0, &group.to_be_bytes()])
}
pub(crate) fn all_to_open(id: &ElectionId) -> Vec<u8> {
    key(0x1d, &[&id.0])
}
pub(crate) fn opened_ballot(id: &ElectionId, college: CollegeId, a: &[u8; 32]) -> Vec<u8> {
    key(0x1e, &[&id.0, &college.get().to_be_bytes(), a])
}
pub(crate) fn opened_ballots(id: &ElectionId) -> Vec<u8> {
    key(0x1e, &[&id.0])
}
pub(crate) fn last(id: &ElectionId, college: CollegeId, credential: &PublicKey) -> Vec<u8> {
    key(0x10, &[&id.0, &college.get().to_be_bytes(), &credential.0])
}
pub(crate) fn last_of(id: &ElectionId) -> Vec<u8> {
    key(0x10, &[&id.0])
}
pub(crate) fn randomness(id: &ElectionId, a: &[u8; 32]) -> Vec<u8> {
    key(0x11, &[&id.0, a])
}
pub(crate) fn tracker(id: &ElectionId, tracker: &[u8; 32]) -> Vec<u8> {
    trackers(id, tracker)
}
pub(crate) fn trackers(id: &ElectionId, beginning: &[u8]) -> Vec<u8> {
    key(0x12, &[&id.0, beginning])
}
pub(crate) fn approvals_head(id: &ElectionId) -> Vec<u8> {
    key(0x60, &[&id.0])
}
pub(crate) fn credentials_head(id: &ElectionId) -> Vec<u8> {
    key(0x61, &[&id.0])
}
pub(crate) fn issuance_gate(id: &ElectionId, college: CollegeId) -> Vec<u8> {
    key(0x62, &[&id.0, &college.get().to_be_bytes()])
}
pub(crate) fn issuance(id: &ElectionId, college: CollegeId) -> Vec<u8> {
    key(0x63, &[&id.0, &college.get().to_be_bytes()])
}
pub(crate) fn entry(id: &ElectionId, entry: &CensusEntry) -> Vec<u8> {
    key(0x18, &[&id.0, &entry.college.get().to_be_bytes(), &entry.member.0])
}
pub(crate) fn credential(id: &ElectionId, credential: &[u8; 32]) -> Vec<u8> {
    key(0x19, &[&id.0, credential])
}
pub(crate) fn request(id: &ElectionId, entry: &CensusEntry) -> Vec<u8> {
    key(0x1a, &[&id.0, &entry.college.get().to_be_bytes(), &entry.member.0])
}
pub(crate) fn requests(id: &ElectionId, college: CollegeId) -> Vec<u8> {
    key(0x1a, &[&id.0, &college.get().to_be_bytes()])
}
