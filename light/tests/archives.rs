//! A true archive verifies from the name of its chain alone; whatever is changed, left out, doubled or invented in one is
//! refused, with the step that fails, even where all validators signed the lie.
mod urn;

use std::sync::LazyLock;
use urn::{Held, MEMBERS, blocks, chain, change_txs, key_of, lying, resign, tx, verify, written};
use urne_light::{
    ArchiveFault, HandoverFault, HeaderFault, StateFault,
    archive::{ArchivedTx, Record},
    member_key,
};
use urne_types::{
    ChainId, ElectionId, Height, Rejection, UnixMs,
    bounded::List,
    certificate::BadCertificate,
    codec::{decode_canonical, encode},
    limits::MESSAGE_BYTES_MAX,
    proof::LogHead,
    transaction::{Payload, UnsignedTx},
};
use urne_vote_contract::{Count, ElectionResult, LogId, QuestionResult, keys};

/// An election held once for all tests.
struct Made {
    chain: ChainId,
    election: ElectionId,
    newest: Height,
    records: Vec<Record>,
    published: ElectionResult,
}
static HELD: LazyLock<Made> = LazyLock::new(|| {
    let held = Held::new();
    let (chain, election, newest) = (held.world.chain(), held.election, held.world.height());
    let published = urne_vote_contract::result(&held.world.ledger.view(), &election).expect("counted");
    Made { chain, election, newest, records: held.records(), published }
});

fn records() -> Vec<Record> {
    HELD.records.clone()
}

#[test]
fn a_true_archive_verifies_from_the_name_of_its_chain_alone() {
    let found = verify(&written(&records()), HELD.chain, Some(HELD.election)).expect("a true archive");
    assert_eq!((found.chain, found.election), (HELD.chain, HELD.election));
    assert_eq!((found.ballots.size, found.emargements.size, found.members), (28, 25, MEMBERS));
    assert_eq!((found.handovers, found.blocks, found.txs), (1, 3, 29));
    assert_eq!(found.result, HELD.published);
    assert_eq!(verify(&written(&records()), HELD.chain, None).expect("whatever election it is"), found);
}

/// Spoils the records of a true archive.
#[track_caller]
fn check(spoil: impl FnOnce(&mut Vec<Record>), expected: &ArchiveFault) {
    let mut records = records();
    spoil(&mut records);
    let found = verify(&written(&records), HELD.chain, Some(HELD.election));
    assert_eq!(found.as_ref().err(), Some(expected));
}

#[test]
fn a_file_that_is_cut_off_or_goes_on_is_told() {
    let whole = written(&records());
    let fault = |bytes: &[u8]| verify(bytes, HELD.chain, None).expect_err("spoiled");
    for cut in (0..20).chain((20..whole.len()).step_by(499)).chain([whole.len() - 4, whole.len() - 1]) {
        let found = fault(&whole[..cut]);
        assert!(matches!(found, ArchiveFault::NotAnArchive | ArchiveFault::Truncated { .. }), "at {cut}: {found}");
    }
    assert_eq!(fault(&[&whole[..], &[0]].concat()), ArchiveFault::Trailing);
    assert_eq!(fault(b"a proof of vote, perhaps"), ArchiveFault::NotAnArchive);
    let long = [&whole[..13], &u32::MAX.to_le_bytes()].concat();
    assert_eq!(fault(&long), ArchiveFault::RecordTooLong { record: 0, length: 4_294_967_295 });
}

#[test]
fn no_byte_of_an_archive_may_change() {
    let whole = written(&records());
    // Every 61st byte, so that all records and most fields have their turn.
    for at in (0..whole.len()).step_by(61) {
        let mut spoiled = whole.clone();
        spoiled[at] ^= 1;
        assert!(verify(&spoiled, HELD.chain, Some(HELD.election)).is_err(), "byte {at} may change");
    }
}

#[test]
fn the_genesis_the_election_and_the_version_are_those_asked_for() {
    let file = written(&records());
    let other = chain::genesis_named("another").chain_id();
    let fault = verify(&file, other, None).expect_err("another chain");
    assert_eq!(fault, ArchiveFault::OtherChain { found: HELD.chain, expected: other });
    let asked = ElectionId([7; 32]);
    let fault = verify(&file, HELD.chain, Some(asked)).expect_err("another election");
    assert_eq!(fault, ArchiveFault::OtherElection { found: HELD.election, asked });
    let versioned = |records: &mut Vec<Record>| {
        let Record::Opening(opening) = &mut records[0] else { panic!("an opening") };
        opening.version = 2;
    };
    check(versioned, &ArchiveFault::UnknownVersion { found: 2, known: 1 });
}

#[test]
fn records_come_in_their_order_and_none_is_missing() {
    let out_of_order = |found, after| ArchiveFault::OutOfOrder { found, after };
    check(|it| drop(it.remove(0)), &out_of_order("handover", "nothing"));
    check(|it| it.insert(1, it[0].clone()), &out_of_order("opening", "opening"));
    check(|it| it.swap(2, 3), &out_of_order("state", "census"));
    check(
        |it| {
            let census = it[3].clone();
            it.insert(6, census);
        },
        &out_of_order("census", "block"),
    );
    check(|it| drop(it.remove(2)), &ArchiveFault::Missing { what: "the definition".into() });
    check(|it| drop(it.remove(3)), &ArchiveFault::OtherCensus);
    check(
        |it| {
            let state = it[2].clone();
            it.insert(2, state);
        },
        &ArchiveFault::Repeated { what: "the definition".into() },
    );
}

#[test]
fn trust_passes_from_set_to_set_or_not_at_all() {
    let newest = HELD.newest;
    check(|it| drop(it.remove(1)), &ArchiveFault::Header { height: newest, why: HeaderFault::UntrustedValidators });
    let unsign = |records: &mut Vec<Record>| {
        let Record::Handover(handover) = &mut records[1] else { panic!("a handover") };
        handover.certificate.signatures = List::new(handover.certificate.signatures[..2].to_vec()).expect("few");
    };
    let mut spoiled = records();
    unsign(&mut spoiled);
    let fault = verify(&written(&spoiled), HELD.chain, None).expect_err("too few");
    let too_few = |it: &HeaderFault| matches!(it, HeaderFault::Certificate(BadCertificate::NoQuorum { .. }));
    assert!(
        matches!(&fault, ArchiveFault::Handover { why: HandoverFault::Header(why), .. } if too_few(why)),
        "{fault}"
    );

    let mut spoiled = records();
    let block = blocks(&mut spoiled).remove(0);
    block.certificate.signatures = List::new(block.certificate.signatures[..2].to_vec()).expect("few");
    let fault = verify(&written(&spoiled), HELD.chain, None).expect_err("too few");
    assert!(matches!(&fault, ArchiveFault::Header { why, .. } if too_few(why)), "{fault}");

    let mut spoiled = records();
    let block = blocks(&mut spoiled).remove(0);
    let (height, other) = (block.header.height, chain::genesis_named("another").chain_id());
    block.header.chain = other;
    let fault = verify(&written(&spoiled), HELD.chain, None).expect_err("a header of another chain");
    let why = HeaderFault::OtherChain { found: other, expected: HELD.chain };
    assert_eq!(fault, ArchiveFault::Header { height, why });
}

#[test]
fn the_state_is_the_one_under_the_header() {
    let spoil = |which: usize, value: Option<Vec<u8>>| {
        move |records: &mut Vec<Record>| {
            let Record::State(state) = &mut records[2] else { panic!("a state") };
            let mut entries = state.entries.to_vec();
            entries[which].value = value;
            state.entries = List::new(entries).expect("few");
        }
    };
    let state = |what: &str| ArchiveFault::State { what: what.into(), why: StateFault::Mismatch };
    check(spoil(0, None), &state("the definition"));
    check(
        spoil(3, Some(encode(&LogHead { size: 27, root: urne_types::MerkleRoot([0; 32]) }))),
        &state("the head of the log of ballots"),
    );
    let basis = Some(encode(&urne_vote_contract::records::CountBasis::default()));
    check(spoil(2, basis), &state("the basis of the count"));
}

#[test]
fn a_ballot_changed_left_out_doubled_or_moved_is_told() {
    let height = |at: usize| blocks(&mut records())[at].header.height;
    let other_body = |at: usize| ArchiveFault::OtherBody { height: height(at) };
    let change = |at: usize, change: fn(&mut Vec<ArchivedTx>)| {
        move |records: &mut Vec<Record>| change_txs(blocks(records).remove(at), change)
    };
    check(change(0, |txs| drop(txs.pop())), &other_body(0));
    check(change(1, |txs| txs.push(txs[0].clone())), &other_body(1));
    check(change(1, |txs| txs.swap(0, 1)), &other_body(1));
    check(|it| drop(it.remove(5)), &ArchiveFault::OtherLog { found: 15, expected: 28 });
    check(|it| it.insert(5, it[4].clone()), &ArchiveFault::BlockOrder { found: height(0), after: height(0) });
    // Hidden behind its hash, which is all that the header says of it.
    let hidden = |txs: &mut Vec<ArchivedTx>| {
        let ArchivedTx::Whole(bytes) = &txs[2] else { panic!("a ballot") };
        txs[2] = ArchivedTx::Other(urne_types::transaction::tx_hash(bytes));
    };
    check(change(0, hidden), &ArchiveFault::OtherLog { found: 27, expected: 28 });
}

/// More than two thirds of the power may sign anything: the rules are judged again all the same.
#[test]
fn a_ballot_that_no_rule_accepts_is_told_even_if_all_validators_signed_its_block() {
    let refused = |height, position, why| ArchiveFault::Ballot { height, position, why };
    let heights: Vec<_> = blocks(&mut records()).iter().map(|it| it.header.height).collect();
    let in_first =
        |change: fn(&mut Vec<ArchivedTx>)| move |records: &mut Vec<Record>| resign(blocks(records).remove(0), change);
    let flip = |txs: &mut Vec<ArchivedTx>| {
        let ArchivedTx::Whole(bytes) = &mut txs[4] else { panic!("a ballot") };
        *bytes.last_mut().expect("bytes") ^= 1;
    };
    check(in_first(flip), &refused(heights[0], 4, Rejection::BadSignature));
    check(in_first(|txs| txs.push(txs[0].clone())), &refused(heights[0], 12, Rejection::SequenceTooOld));
    let resent = |who: &str, change: &dyn Fn(&mut urne_types::ballot::Ballot)| {
        let first = records().iter().find_map(|it| match it {
            Record::Block(block) => Some(tx(&block.txs[0])),
            _ => None,
        });
        let Payload::Ballot(mut ballot) = first.expect("a ballot").unsigned.payload else { panic!("a ballot") };
        change(&mut ballot);
        let key = chain::secret(who);
        let tx = UnsignedTx::new(HELD.chain, key.public(), Payload::Ballot(ballot)).sign(&key);
        ArchivedTx::Whole(encode(&tx))
    };
    let check_resent = |who: &str, change: &dyn Fn(&mut urne_types::ballot::Ballot), why| {
        let sent = resent(who, change);
        check(|records| resign(blocks(records).remove(0), |txs| txs.push(sent)), &refused(heights[0], 12, why));
    };
    let of_another = |it: &mut urne_types::ballot::Ballot| it.college = urne_types::CollegeId::new(2);
    check_resent("member 0", &of_another, Rejection::NotInCensus);
    check_resent("a stranger", &|_| {}, Rejection::NotInCensus);
    check_resent("member 0", &|it| it.sequence = 200, Rejection::SequenceTooFar);
    let empty = |it: &mut urne_types::ballot::Ballot| {
        it.sequence = 2;
        it.body = urne_types::ballot::BallotBody::Open(List::default());
    };
    check_resent("member 0", &empty, Rejection::WrongAnswerCount);
    let sent = resent("member 0", &|it| it.election = ElectionId([7; 32]));
    check(
        |records| resign(blocks(records).remove(0), |txs| txs.push(sent)),
        &ArchiveFault::NotOfTheElection { height: heights[0], position: 12 },
    );
    // One more ballot that every rule accepts: it is in no log.
    let sent = resent("member 29", &|it| it.college = chain::entry_of(29).college);
    check(
        |records| resign(blocks(records).remove(0), |txs| txs.push(sent)),
        &ArchiveFault::OtherLog { found: 29, expected: 28 },
    );
}

#[test]
fn a_block_before_the_opening_or_after_the_close_holds_no_ballot() {
    let (from, until) = (UnixMs::new(chain::START + chain::HOUR), UnixMs::new(chain::START + 2 * chain::HOUR));
    for time in [from.get() - 1, until.get()].map(UnixMs::new) {
        let height = blocks(&mut records())[0].header.height;
        let late = |records: &mut Vec<Record>| {
            let block = blocks(records).remove(0);
            block.header.time = time;
            resign(block, |_| {});
        };
        check(late, &ArchiveFault::OutsideTheWindow { height, time, from, until });
    }
    let life = keys::life(&HELD.election);
    let moved = |records: &mut Vec<Record>| {
        lying(records, |entries| {
            let value = entries[&life].clone().expect("a story");
            let mut it: urne_vote_contract::records::ElectionLife =
                decode_canonical(&value, MESSAGE_BYTES_MAX).expect("a story");
            it.closed = it.opened.map(|at| urne_vote_contract::records::Closing {
                at,
                reason: urne_vote_contract::records::CloseReason::TimeElapsed,
            });
            entries.insert(life.clone(), Some(encode(&it)));
        });
    };
    let (height, time) = (blocks(&mut records())[0].header.height, blocks(&mut records())[0].header.time);
    check(moved, &ArchiveFault::OutsideTheWindow { height, time, from, until });
}

/// A ledger whose validators all lie about what came out.
#[track_caller]
fn check_lie<T: urne_types::codec::Encode + urne_types::codec::Decode<()>>(
    key: Vec<u8>,
    lie: impl FnOnce(&mut T),
    expected: &ArchiveFault,
) {
    let tell = |records: &mut Vec<Record>| {
        lying(records, |entries| {
            let value = entries[&key].clone().expect("there");
            let mut it: T = decode_canonical(&value, MESSAGE_BYTES_MAX).expect("a record");
            lie(&mut it);
            entries.insert(key.clone(), Some(encode(&it)));
        });
    };
    check(tell, expected);
}

#[test]
fn a_false_result_is_told_even_if_all_validators_signed_it() {
    let id = HELD.election;
    let off_by_one = |it: &mut QuestionResult| {
        let QuestionResult::Referendum { favour, .. } = it else { panic!("a referendum") };
        *favour = Count(favour.get() + 1);
    };
    check_lie(keys::result(&id, 0), off_by_one, &ArchiveFault::OtherResult { question: 1 });
    let other_rank = |it: &mut QuestionResult| {
        let QuestionResult::MajorityJudgment { ranks, .. } = it else { panic!("a judgment") };
        ranks.reverse();
    };
    check_lie(keys::result(&id, 3), other_rank, &ArchiveFault::OtherResult { question: 4 });
    let college = chain::entry_of(0).college;
    let more = ArchiveFault::OtherTurnout { college, found: 7, expected: 8 };
    check_lie(keys::turnout(&id, college), |it: &mut u64| *it += 1, &more);
}

#[test]
fn a_missing_emargement_and_a_shorter_log_are_told_even_if_all_validators_signed_them() {
    let id = HELD.election;
    let shorter = |it: &mut LogHead| it.size -= 1;
    let fault = ArchiveFault::OtherEmargements { found: 25, expected: 24 };
    check_lie(keys::log_head(&LogId::Emargements(id)), shorter, &fault);
    let fault = ArchiveFault::OtherLog { found: 28, expected: 27 };
    check_lie(keys::log_head(&LogId::Ballots(id)), shorter, &fault);
    let other = |it: &mut LogHead| it.root.0[0] ^= 1;
    let fault = ArchiveFault::OtherEmargements { found: 25, expected: 25 };
    check_lie(keys::log_head(&LogId::Emargements(id)), other, &fault);
    let gone = |records: &mut Vec<Record>| {
        lying(records, |entries| drop(entries.insert(keys::log_head(&LogId::Emargements(id)), None)));
    };
    check(gone, &ArchiveFault::OtherEmargements { found: 25, expected: 0 });
}

#[test]
fn what_is_not_counted_or_not_counted_yet_has_no_archive() {
    let id = HELD.election;
    let uncounted = |it: &mut urne_vote_contract::records::ElectionLife| it.tallied = None;
    check_lie(keys::life(&id), uncounted, &ArchiveFault::NotCounted);
    let found = HELD.newest;
    let later = move |it: &mut urne_vote_contract::records::ElectionLife| {
        let tallied = it.tallied.as_mut().expect("counted");
        tallied.height = found.next();
    };
    check_lie(keys::life(&id), later, &ArchiveFault::TooEarly { found, counted: found.next() });
    let gone = |records: &mut Vec<Record>| {
        lying(records, |entries| drop(entries.insert(keys::result(&id, 2), None)));
    };
    check(gone, &ArchiveFault::Missing { what: "the result of a question".into() });
    let longer = |it: &mut urne_types::election::ElectionDefinition| it.grace_ms += 1;
    check_lie(keys::definition(&id), longer, &ArchiveFault::OtherDefinition);
}

#[test]
fn a_replaced_key_votes_for_its_member_and_for_nobody_without_the_record() {
    let replaced = chain::secret("the new key of member 3").public();
    let state = |records: &mut Vec<Record>| {
        lying(records, |entries| drop(entries.remove(&member_key(&replaced))));
    };
    let third = blocks(&mut records())[2].header.height;
    check(state, &ArchiveFault::Ballot { height: third, position: 2, why: Rejection::NotInCensus });
    let other = |it: &mut urne_types::PublicKey| *it = key_of(7);
    check_lie(member_key(&replaced), other, &ArchiveFault::OtherResult { question: 1 });
}

// ---- The published archive ----

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/vectors/archive");

/// Other implementations read these two files (`tools/recount.py` does).
/// `URNE_WRITE_VECTORS=1 cargo test -p urne-light --test archives` writes them.
#[test]
fn the_published_archive_is_that_of_the_code() {
    let file = written(&records());
    let found = verify(&file, HELD.chain, None).expect("a true archive");
    let said = urn::said(&found);
    if std::env::var_os("URNE_WRITE_VECTORS").is_some() {
        std::fs::write(format!("{PUBLISHED}.urne"), &file).expect("written");
        std::fs::write(format!("{PUBLISHED}.json"), serde_json::to_string_pretty(&said).expect("JSON") + "\n")
            .expect("written");
    }
    let published = std::fs::read(format!("{PUBLISHED}.urne")).expect("published");
    assert!(published == file, "what an archive says changed, or the published one did");
    let text = std::fs::read_to_string(format!("{PUBLISHED}.json")).expect("published");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), said);
}
