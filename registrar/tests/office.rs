//! Codes and approvals, with the clock in hand: who is authenticated, what is approved for ever, and what a restart remembers.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use std::fs;
use support::*;
use urne_registrar::{
    authenticator::{Authenticator, Claimant},
    book::{Book, BookError},
    codes::{CODES_MAX, Code, LIFETIME_MS, PAUSE_MS, TRIES},
    ledger::LedgerError,
    office::Office,
};
use urne_types::{UnixMs, transaction::Payload};

const FROM: UnixMs = UnixMs::new(1_000_000);
const UNTIL: UnixMs = UnixMs::new(100_000_000);

fn world() -> World {
    World::with(FakeLedger::between(&roll(), FROM, UNTIL))
}
fn code(office: &Office<FakeLedger>, identifier: &str, now: UnixMs) -> String {
    code_in(&office.code_for(&asked(identifier), now, &mut chance(3)).unwrap().unwrap().text)
}
fn refusal(office: &Office<FakeLedger>, sent: &urne_registrar::office::RequestSent, now: UnixMs) -> u16 {
    office.approve(sent, now).unwrap_err().body().code
}

#[test]
fn a_code_reaches_its_member_only_and_authenticates_her_however_she_types_it() {
    let office = world().office();
    let message = office.code_for(&asked(" 17 "), FROM, &mut chance(3)).unwrap().unwrap();
    assert_eq!(message.to, "ana@example.org");
    let typed = code_in(&message.text).to_lowercase().replace('-', " ");
    let approved = office.approve(&sent("17", &typed, &blinded(5)), FROM).unwrap();
    assert_eq!(approved.entry, roll().find(COLLEGE, "17").unwrap().1);
    let other = office.code_for(&asked("18"), FROM, &mut chance(4)).unwrap().unwrap();
    assert_ne!((other.to, code_in(&other.text)), (message.to, code_in(&message.text)));
}

#[test]
fn a_wrong_code_a_stranger_and_another_college_are_refused_alike() {
    let world = world();
    let office = world.office();
    let right = code(&office, "17", FROM);
    let mut elsewhere = sent("17", &right, &blinded(5));
    elsewhere.college = urne_types::CollegeId::new(2);
    let refused = [
        sent("17", "AAAAA-AAAAA", &blinded(5)),
        sent("nobody", &right, &blinded(5)),
        sent("18", &right, &blinded(5)),
        elsewhere,
    ];
    let problems: Vec<_> = refused.iter().map(|it| office.approve(it, FROM).unwrap_err()).collect();
    assert!(problems.iter().all(|it| *it == problems[0] && it.body().code == 959), "{problems:?}");
    assert!(office.code_for(&asked("nobody"), FROM, &mut chance(3)).unwrap().is_none());
    assert_eq!(world.ledger.sent(), []);
}

#[test]
fn wrong_codes_spoil_the_right_one_at_last_and_another_can_be_asked_for_after_a_minute() {
    let office = world().office();
    let right = code(&office, "17", FROM);
    for _ in 0..TRIES {
        assert_eq!(refusal(&office, &sent("17", "AAAAA-AAAAA", &blinded(5)), FROM), 959);
    }
    assert_eq!(refusal(&office, &sent("17", &right, &blinded(5)), FROM), 959);
    assert!(office.code_for(&asked("17"), FROM.plus(PAUSE_MS - 1), &mut chance(4)).unwrap().is_none());
    let later = FROM.plus(PAUSE_MS);
    let next = code(&office, "17", later);
    assert!(office.approve(&sent("17", &next, &blinded(5)), later).is_ok());
}

#[test]
fn fewer_wrong_codes_leave_a_last_try_and_a_quarter_of_an_hour_ends_it() {
    let office = world().office();
    let right = code(&office, "17", FROM);
    for _ in 1..TRIES {
        assert_eq!(refusal(&office, &sent("17", "AAAAA-AAAAA", &blinded(5)), FROM), 959);
    }
    assert_eq!(refusal(&office, &sent("17", &right, &blinded(5)), FROM.plus(LIFETIME_MS)), 959);
    assert!(office.approve(&sent("17", &right, &blinded(5)), FROM.plus(LIFETIME_MS - 1)).is_ok());
}

#[test]
fn a_stranger_who_asks_in_her_name_ends_none_of_her_codes_and_fills_no_letter_box() {
    let office = world().office();
    let first = code(&office, "17", FROM);
    let at = |n: usize| FROM.plus(PAUSE_MS * n as u64);
    let codes: Vec<String> = (1..CODES_MAX)
        .map(|n| code_in(&office.code_for(&asked("17"), at(n), &mut chance(10 + n as u64)).unwrap().unwrap().text))
        .collect();
    assert!(office.code_for(&asked("17"), at(CODES_MAX), &mut chance(20)).unwrap().is_none(), "enough are there");
    let now = at(CODES_MAX);
    for right in codes.iter().chain([&first]) {
        assert!(office.approve(&sent("17", right, &blinded(5)), now).is_ok());
    }
    let over = FROM.plus(LIFETIME_MS);
    assert_eq!(refusal(&office, &sent("17", &first, &blinded(5)), over), 959);
    assert!(office.approve(&sent("17", &codes[0], &blinded(5)), over).is_ok(), "each has its own time");
    assert!(office.code_for(&asked("17"), over, &mut chance(21)).unwrap().is_some(), "and makes room for another");
}

#[test]
fn a_suspended_member_is_refused_by_the_ledgers_number_and_her_request_is_not_written() {
    let world = world();
    let office = world.office();
    let right = code(&office, "17", FROM);
    let before = fs::read(world.book()).unwrap();
    world.ledger.suspend(&roll().find(COLLEGE, "17").unwrap().1);
    assert_eq!(refusal(&office, &sent("17", &right, &blinded(5)), FROM), 208);
    assert_eq!(fs::read(world.book()).unwrap(), before);
    assert_eq!(refusal(&office, &sent("17", "AAAAA-AAAAA", &blinded(5)), FROM), 959, "only she herself is told so");
    let other = code(&office, "18", FROM);
    assert!(office.approve(&sent("18", &other, &blinded(6)), FROM).is_ok());
}

#[test]
fn an_entry_that_fails_keeps_no_other_from_being_settled() {
    let world = world();
    let office = world.office();
    let codes = ["17", "18"].map(|it| (it, code(&office, it, FROM)));
    world.ledger.silence(true);
    for (identifier, right) in &codes {
        assert!(office.approve(&sent(identifier, right, &blinded(5)), FROM).is_ok());
    }
    world.ledger.silence(false);
    let entries = ["17", "18"].map(|it| roll().find(COLLEGE, it).unwrap().1);
    let first = *entries.iter().min().unwrap();
    world.ledger.spoil(&first);
    assert!(matches!(office.settle(FROM), Err(LedgerError::Wrong(_))), "it is reported");
    let sent = world.ledger.sent();
    assert!(matches!(&sent[..], [Payload::ApproveRequest(it)] if it.entry != first), "{sent:?}");
}

/// A way that sends nothing: as with OpenID Connect, the proof comes from elsewhere.
struct Tokens;
impl Authenticator for Tokens {
    fn invite(&self, _: &Claimant<'_>, _: UnixMs, _: &mut dyn rand::Rng) -> Option<Code> {
        None
    }
    fn authenticates(&self, claimant: &Claimant<'_>, proof: &str, _: UnixMs) -> bool {
        proof == format!("a token for {}", claimant.identifier)
    }
}

#[test]
fn an_office_knows_people_by_another_way_than_codes_without_a_change_of_its_own() {
    let office = world().office_by(Box::new(Tokens));
    assert!(office.code_for(&asked("17"), FROM, &mut chance(3)).unwrap().is_none());
    assert_eq!(refusal(&office, &sent("17", "a token for 18", &blinded(5)), FROM), 959);
    assert!(office.approve(&sent(" 17", "a token for 17", &blinded(5)), FROM).is_ok());
}

#[test]
fn one_request_is_approved_for_ever_and_after_a_restart_too() {
    let world = world();
    let office = world.office();
    let right = code(&office, "17", FROM);
    let first = office.approve(&sent("17", &right, &blinded(5)), FROM).unwrap();
    assert_eq!(office.approve(&sent("17", &right, &blinded(5)), FROM).unwrap(), first, "the same, asked again");
    assert_eq!(refusal(&office, &sent("17", &right, &blinded(6)), FROM), 960);
    drop(office);

    let again = world.office();
    assert_eq!(refusal(&again, &sent("17", &right, &blinded(5)), FROM), 959, "codes do not survive");
    let right = code(&again, "17", FROM);
    assert_eq!(refusal(&again, &sent("17", &right, &blinded(6)), FROM), 960);
    assert_eq!(again.approve(&sent("17", &right, &blinded(5)), FROM).unwrap(), first);
    let is_second = |it: &Payload| matches!(it, Payload::ApproveRequest(sent) if sent.request != blinded(5).bytes());
    assert!(!world.ledger.sent().iter().any(is_second));
}

#[test]
fn what_the_node_did_not_take_is_sent_after_a_restart() {
    let world = world();
    let office = world.office();
    let right = code(&office, "17", FROM);
    // It is known by now: only the approval finds the node away.
    world.ledger.silence(true);
    assert!(office.approve(&sent("17", &right, &blinded(5)), FROM).is_ok());
    drop(office);
    let again = world.office();
    assert!(again.settle(FROM).is_err());
    assert_eq!(world.ledger.sent(), []);
    world.ledger.silence(false);
    again.settle(FROM).unwrap();
    again.settle(FROM).unwrap();
    assert_eq!(world.ledger.sent().len(), 1, "and once, since it is there then");
}

#[test]
fn a_point_of_small_order_is_refused_and_nothing_is_written() {
    let world = world();
    let office = world.office();
    let right = code(&office, "17", FROM);
    let before = fs::read(world.book()).unwrap();
    // x = 0 is on the curve, at a point of order 3; the point at infinity; and no point at all.
    let three = |first: u8| [&[first][..], &[0; 47]].concat();
    for (bytes, code) in [(three(0x80), 640), (three(0xc0), 641), (vec![0xff; 48], 640)] {
        let mut wrong = sent("17", &right, &blinded(5));
        wrong.request = hex_of(&bytes);
        assert_eq!(refusal(&office, &wrong, FROM), code);
    }
    let mut short = sent("17", &right, &blinded(5));
    short.request.pop();
    assert_eq!(refusal(&office, &short, FROM), 955);
    assert_eq!(fs::read(world.book()).unwrap(), before);
    assert!(office.approve(&sent("17", &right, &blinded(5)), FROM).is_ok());
    assert_ne!(fs::read(world.book()).unwrap(), before);
}

#[test]
fn out_of_season_nobody_is_given_anything() {
    let office = world().office();
    let early = UnixMs::new(FROM.get() - 1);
    for moment in [early, UNTIL] {
        assert!(office.code_for(&asked("17"), moment, &mut chance(3)).unwrap().is_none());
        assert_eq!(refusal(&office, &sent("17", "AAAAA-AAAAA", &blinded(5)), moment), 961);
    }
    let mut other = sent("17", "AAAAA-AAAAA", &blinded(5));
    other.election = urne_types::ElectionId([1; 32]);
    assert_eq!(refusal(&office, &other, FROM), 958);
}

#[test]
fn a_book_forgives_a_torn_end_and_nothing_else() {
    let world = world();
    let office = world.office();
    for (identifier, seed) in [("17", 5), ("18", 6)] {
        let right = code(&office, identifier, FROM);
        office.approve(&sent(identifier, &right, &blinded(seed)), FROM).unwrap();
    }
    drop(office);
    let whole = fs::read(world.book()).unwrap();
    let count = || Book::open(&world.book()).map(|it| it.approvals().count());
    assert_eq!(count().unwrap(), 2);
    fs::write(world.book(), &whole[..whole.len() - 3]).unwrap();
    assert_eq!(count().unwrap(), 1, "the last record never left");
    assert_eq!(fs::read(world.book()).unwrap().len(), 12 + 118);
    let mut rotten = whole.clone();
    rotten[40] ^= 1;
    fs::write(world.book(), &rotten).unwrap();
    assert!(matches!(count(), Err(BookError::Damaged { record: 0, .. })));
    fs::remove_file(world.book()).unwrap();
    assert!(matches!(count(), Err(BookError::Missing { .. })), "it is not made again");
}
