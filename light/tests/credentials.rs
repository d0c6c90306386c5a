//! The archive of a secret election with anonymous credentials: who follows them from the approvals to the ballots finds every lie
//! about who may vote, even where all validators signed it.
#[path = "../../ledger/tests/chain/credentials.rs"]
mod credentials_chain;
#[path = "urn/issued.rs"]
mod issued;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use credentials_chain::{finished, issue, registration, sent, signed};
use std::sync::LazyLock;
use urn::{
    chain::{self, World},
    lies::Made,
    lying, verify, written,
};
use urne_ballot::ThresholdKeys;
use urne_light::{
    ArchiveFault,
    archive::{ArchivedTx, Record},
};
use urne_types::{
    Rejection,
    bounded::List,
    codec::{decode_canonical, encode},
    election::{CensusCommitment, ElectionDefinition},
    limits::MESSAGE_BYTES_MAX,
    merkle,
    proof::LogHead,
    sealed::{CeremonyStep, CredentialBatch},
    transaction::{Payload, RawTx},
};
use urne_vote_contract::{
    LogId, keys,
    sealed::{
        CredentialsRecount, ElectionSeals, SealedKeys, issuance_key,
        records::{IssuanceRecord, UrnRecord},
        stated, urn as urn_of,
    },
};

static HELD: LazyLock<Made> = LazyLock::new(issued::held);

fn found(records: &[Record]) -> Option<ArchiveFault> {
    verify(&written(records), HELD.chain, Some(HELD.election)).err()
}
fn decoded(tx: &ArchivedTx) -> Option<Payload> {
    match tx {
        ArchivedTx::Whole(bytes) => RawTx(bytes.clone()).decode().ok().map(|it| it.unsigned.payload),
        ArchivedTx::Other(_) => None,
    }
}
/// Another body for each block, which the validators sign all the same.
fn with_bodies(edit: impl Fn(&mut Vec<ArchivedTx>)) -> Vec<Record> {
    let mut records = HELD.records.clone();
    for record in &mut records {
        let Record::Block(block) = record else { continue };
        let mut txs = block.txs.to_vec();
        edit(&mut txs);
        if txs == block.txs.to_vec() {
            continue;
        }
        let hash = |it: &ArchivedTx| match it {
            ArchivedTx::Other(hash) => hash.0,
            ArchivedTx::Whole(bytes) => urne_types::transaction::tx_hash(bytes).0,
        };
        block.header.tx_root = merkle::root_of(txs.iter().map(hash));
        block.txs = List::new(txs).expect("as many as before");
        let signers: Vec<u16> = (1..=5).filter(|id| urn::signs(&block.certificate, *id)).collect();
        block.certificate = chain::certificate(&HELD.chain, block.header.height, block.header.hash(), &signers);
    }
    records
}
fn without(is_out: impl Fn(&Payload) -> bool) -> Vec<Record> {
    with_bodies(|txs| txs.retain(|it| !decoded(it).is_some_and(|payload| is_out(&payload))))
}

#[test]
fn a_true_archive_verifies_from_the_first_approval_to_the_result() {
    let found = HELD.verify().expect("a true archive");
    assert_eq!((found.ballots.size, found.emargements.size, found.members), (7, 6, 12));
    let published = urne_vote_contract::result(&HELD.world().ledger.view(), &HELD.election);
    assert_eq!(Some(found.result), published);
    let followed = found.credentials.expect("it issues credentials");
    assert_eq!((followed.approvals.size, followed.registered.size), (16, 8));
    let counts = |it: &IssuanceRecord| [it.census, it.approved, it.registered, it.late].map(|it| it.get());
    let colleges: Vec<_> = followed.colleges.iter().map(|(college, it)| (college.get(), counts(it))).collect();
    assert_eq!(colleges, [(1, [6, 5, 5, 1]), (2, [6, 3, 3, 0])]);
    assert!(followed.colleges.iter().all(|(_, it)| it.alarm.is_none()));
    let ceremony = found.ceremony.expect("it is secret");
    // Joining, hash, commitments, shares, complaints: four trustees, who rehearse too, and three registrars for each of two keys.
    assert_eq!((ceremony.messages, ceremony.registrars_keys), (4 * 6 + 2 * 3 * 5, 2));
}

fn definition() -> ElectionDefinition {
    let definition = urne_vote_contract::definition(&HELD.world().ledger.view(), &HELD.election);
    definition.expect("it was scheduled")
}
fn sealed_keys() -> UrnRecord {
    urn_of(&HELD.world().ledger.view(), &HELD.election).expect("a secret election has keys")
}

#[test]
fn a_registrar_who_was_silent_in_the_archive_is_missed() {
    let is_hers = |it: &Payload| matches!(it, Payload::Ceremony(it) if it.scope == 2 && it.step == CeremonyStep::Complaints(List::default()));
    let mut is_first = true;
    let mut records = HELD.records.clone();
    for block in urn::blocks(&mut records) {
        urn::change_txs(block, |txs| {
            for tx in txs {
                if is_first && urn::payload(tx).is_some_and(|it| is_hers(&it)) {
                    is_first = false;
                    *tx = urn::hidden(tx);
                }
            }
        });
    }
    assert!(!is_first, "three registrars had nothing to complain about");
    let fault = found(&records).map(|it| it.step());
    assert_eq!(fault, Some("ceremony"));
}

/// The keys as they are, but for what is changed, under the name that they would have.
fn named_after(change: impl FnOnce(&mut UrnRecord)) -> Result<SealedKeys, Rejection> {
    let (definition, mut keys) = (definition(), sealed_keys());
    change(&mut keys);
    let registrars = keys.registrars.iter().map(|(scope, it)| (*scope, ThresholdKeys::decode(it).expect("keys")));
    let registrars: Vec<_> = registrars.collect();
    let trustees = ThresholdKeys::decode(&keys.trustees).expect("keys");
    let election = urne_ballot::election_id(&HELD.chain, &definition.draft_id(), &trustees, &registrars);
    SealedKeys::of(&keys, &definition, &HELD.chain, &election)
}

#[test]
fn registrars_keys_are_those_of_the_scopes_officers_and_threshold_that_the_definition_gives() {
    named_after(|_| {}).expect("the keys as they are");
    let refused = |change: fn(&mut UrnRecord)| named_after(change).expect_err("other keys");
    assert_eq!(refused(|it| it.registrars[0].0 = 0), Rejection::SealOfOtherElection);
    assert_eq!(refused(|it| it.registrars[1].0 = u32::MAX), Rejection::SealOfOtherElection);
    assert_eq!(refused(|it| drop(it.registrars.pop())), Rejection::SealOfOtherElection);
    assert_eq!(refused(|it| it.registrars[0].1[0] = 1), Rejection::ThresholdTooLow, "one registrar signs alone");
    // threshold, n, M, three holders: the last is a fourth registrar, whom nobody named.
    assert_eq!(refused(|it| it.registrars[0].1[10] = 4), Rejection::NotATrustee);
}

#[test]
fn a_scope_that_is_no_colleges_stops_nobody() {
    let (definition, keys) = (definition(), sealed_keys());
    let statement = || stated(&definition, &HELD.chain, &HELD.election, &keys.trustees).expect("its statement");
    for scope in [0, 65_537, u32::MAX] {
        let registrars = vec![(scope, keys.registrars[0].1.clone())];
        let fault = ElectionSeals::new(statement(), &registrars).map(|_| ()).expect_err("no college has that scope");
        assert_eq!(fault, Rejection::SealOfOtherElection);
        let keys = UrnRecord { registrars, ..keys.clone() };
        let mut entries = Vec::new();
        let census = CensusCommitment::over(&mut entries).expect("nobody");
        assert_eq!(CredentialsRecount::new(&definition, &census, &entries, &keys).colleges().count(), 0);
    }
}

#[test]
fn a_credential_that_its_registrars_did_not_sign_is_found() {
    let spoil = |tx: &mut ArchivedTx| {
        let Some(Payload::RegisterCredentials(batch)) = decoded(tx) else { return };
        let mut credentials = batch.credentials.to_vec();
        if credentials.len() < 2 {
            return;
        }
        credentials[0].signature = credentials[1].signature;
        let batch = CredentialBatch { credentials: List::new(credentials).expect("as many"), ..batch };
        let key = chain::secret("somebody");
        let unsigned =
            urne_types::transaction::UnsignedTx::new(HELD.chain, key.public(), Payload::RegisterCredentials(batch));
        *tx = ArchivedTx::Whole(unsigned.sign(&key).to_raw().0);
    };
    let fault = found(&with_bodies(|txs| txs.iter_mut().for_each(spoil)));
    let expected = Rejection::WrongCredential;
    assert!(matches!(fault, Some(ArchiveFault::Credentials { why, .. }) if why == expected), "{fault:?}");
}

#[test]
fn a_ballot_of_a_credential_that_nobody_registered_is_found() {
    let late = |it: &Payload| matches!(it, Payload::RegisterCredentials(batch) if batch.credentials.len() == 1);
    let fault = found(&without(late));
    assert!(matches!(fault, Some(ArchiveFault::Ballot { why: Rejection::NotRegistered, .. })), "{fault:?}");
}

#[test]
fn a_dropped_approval_is_found() {
    let mut hidden = HELD.records.clone();
    let approval = hidden.iter_mut().find_map(|it| {
        let Record::Block(block) = it else { return None };
        let at = block.txs.iter().position(|it| matches!(decoded(it), Some(Payload::ApproveRequest(_))))?;
        let mut txs = block.txs.to_vec();
        let ArchivedTx::Whole(bytes) = &txs[at] else { return None };
        txs[at] = ArchivedTx::Other(urne_types::transaction::tx_hash(bytes));
        block.txs = List::new(txs).ok()?;
        Some(())
    });
    approval.expect("there are approvals");
    let fault = found(&hidden);
    assert!(matches!(&fault, Some(it) if it.step() == "ballot" || it.step() == "credentials"), "{fault:?}");
    let unused = |it: &Payload| matches!(it, Payload::ApproveRequest(_));
    let fault = found(&without(unused));
    assert!(fault.is_some(), "no approval at all, and credentials all the same");
}

#[test]
fn approvals_that_nobody_needed_are_missed_too() {
    // Their log is shorter than the ledger says, though the counts of credentials still hold.
    let mut records = HELD.records.clone();
    lying(&mut records, |state| {
        let head = LogHead { size: 17, root: merkle::empty_root() };
        state.insert(keys::log_head(&LogId::Approvals(HELD.election)), Some(encode(&head)));
    });
    assert_eq!(found(&records), Some(ArchiveFault::OtherApprovals { found: 16, expected: 17 }));
}

#[test]
fn one_credential_more_than_members_asked_is_found() {
    // Two registrars sign one for nobody, and every validator swears that it was asked for.
    let mut records = with_bodies(|txs| {
        let is_late = |it: &ArchivedTx| matches!(decoded(it), Some(Payload::RegisterCredentials(batch)) if batch.credentials.len() == 1);
        if txs.iter().any(is_late) {
            let world = HELD.world();
            let forged = signed(&world, "somebody", registration(&world, HELD.election, &[10]));
            txs.push(ArchivedTx::Whole(forged.to_raw().0));
        }
    });
    let fault = found(&records);
    assert!(matches!(fault, Some(ArchiveFault::OtherIssuance { .. })), "the alarm is not on record: {fault:?}");
    let key = issuance_key(&HELD.election, urne_types::CollegeId::new(1));
    lying(&mut records, |state| {
        let bytes = state[&key].clone().expect("college 1 has its count");
        let mut issued: IssuanceRecord = decode_canonical(&bytes, MESSAGE_BYTES_MAX).expect("a record");
        issued.registered.0 += 1;
        state.insert(key.clone(), Some(encode(&issued)));
        let head = LogHead { size: 9, root: merkle::empty_root() };
        state.insert(keys::log_head(&LogId::Credentials(HELD.election)), Some(encode(&head)));
    });
    assert_eq!(found(&records), Some(ArchiveFault::OtherCredentials { found: 8, expected: 9 }));
}

#[test]
fn what_the_ledger_says_of_credentials_must_be_shown() {
    let key = issuance_key(&HELD.election, urne_types::CollegeId::new(2));
    let mut records = HELD.records.clone();
    lying(&mut records, |state| drop(state.insert(key, None)));
    let what = "the count of a college's credentials".into();
    assert_eq!(found(&records), Some(ArchiveFault::Missing { what }));
}

#[test]
fn a_forged_credential_is_signed_like_any_other() {
    // What makes the alarm a proof: it verifies under the very key of the college.
    let mut world = World::new();
    let election = issue(&mut world, 12);
    assert_eq!(finished(&world, election, 10).signature.len(), 48);
    let _ = sent(&world, "somebody", registration(&world, election, &[10]));
}
