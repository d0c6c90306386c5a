//! The event stream keeps the conventions of every answer: 64 bits as strings, lower-case hex, RFC 3339. Every kind of event
//! is told here once; a new kind does not compile without its row.
#![allow(clippy::unwrap_used)]
mod api_support;

use api_support::Rig;
use serde_json::Value;
use std::collections::BTreeSet;
use urne_replica::Notice;
use urne_types::{
    ActId, BlockHash, CensusId, CollegeId, DraftId, ElectionId, Height, PublicKey, Round, TxId, UnixMs, ValidatorId,
    governance::{KeyCause, ParameterChange},
};
use urne_vote_contract::{
    Event,
    event::Appearance,
    records::{CloseReason, Incident, Moment},
    result::Count,
    sealed::records::Registered,
};

/// One of each; the match is here to fail when a kind is added.
fn one_of_each() -> Vec<Event> {
    let (election, draft, census, act) = (ElectionId([0xab; 32]), DraftId([1; 32]), CensusId([2; 32]), ActId([3; 32]));
    let (key, to, validator, by) = (PublicKey([4; 32]), PublicKey([5; 32]), ValidatorId([6; 20]), ValidatorId([7; 20]));
    let (college, height, time, big) = (CollegeId::new(3), Height::new(u64::MAX), UnixMs::new(7), Count(u64::MAX));
    let incident = Incident::OpenedLate { due: time, at: Moment { height, time } };
    let paused = Incident::PausedAcrossClose { due: time, at: Moment { height, time } };
    let events = vec![
        Event::BallotAccepted { election, college, tracker: TxId([8; 32]), appearance: Appearance::First },
        Event::ElectionDrafted { draft },
        Event::CeremonyBegun { draft },
        Event::CeremonyFailed { draft, code: 667 },
        Event::ElectionKeysMade { draft, election },
        Event::OpeningBegun { election },
        Event::OpeningShared { election, part: 1, trustee: 2 },
        Event::RequestApproved { election, college, registrar: 2 },
        Event::RequestAnswered { election, college, registrar: 2 },
        Event::CredentialsRegistered { election, college, count: Count(u64::MAX), when: Registered::Late },
        Event::RegistrarsAlarm { election, college },
        Event::WrongShareIgnored { election, trustee: 2 },
        Event::UrnOpened { election },
        Event::OpeningFailed { election, code: 683 },
        Event::DraftLapsed { draft },
        Event::DraftWithdrawn { draft },
        Event::ElectionScheduled { draft, election },
        Event::ElectionOpened { election },
        Event::ElectionClosed { election, reason: CloseReason::ByAct },
        Event::CountPaused { election, counted: big, of: big },
        Event::ElectionTallied { election, registered: big, voted: big },
        Event::ElectionCancelled { election },
        Event::IncidentRecorded { election, incident },
        Event::IncidentRecorded { election, incident: paused },
        Event::CensusPartBrought { census, entries: big, of: big },
        Event::CensusCompleted { census, entries: big },
        Event::CensusWithdrawn { census },
        Event::CensusAdopted { census },
        Event::MemberSuspended,
        Event::MemberReinstated,
        Event::MemberKeyReplaced { cause: KeyCause::Lost },
        Event::StatutesPut { version: 3 },
        Event::ActProposed { act },
        Event::ActApproved { act, college },
        Event::ActExecuted { act },
        Event::ActExpired { act },
        Event::ActWithdrawn { act },
        Event::RoleDelegated { by: key, to, expires_at: time },
        Event::DelegationEnded { by: key, to },
        Event::AdministratorAdded { key, college },
        Event::AdministratorRemoved { key },
        Event::AdministratorKeyRotated { from: key, to },
        Event::ParameterSet { change: ParameterChange::ActLifetimeMsMax(u64::MAX) },
        Event::UpgradeScheduled { version: 2, height },
        Event::ProtocolUpgraded { version: 2 },
        Event::ValidatorAdded { validator, college },
        Event::ValidatorSuspended { validator },
        Event::ValidatorSuspensionPending { validator },
        Event::ValidatorReinstated { validator },
        Event::ValidatorReplaced { validator, by },
        Event::ValidatorExcused { validator, until: height },
        Event::ValidatorBackInTurn { validator },
        Event::EquivocationRecorded { validator, height, round: Round::new(u32::MAX) },
    ];
    for event in &events {
        match event {
            Event::BallotAccepted { .. }
            | Event::ElectionDrafted { .. }
            | Event::CeremonyBegun { .. }
            | Event::CeremonyFailed { .. }
            | Event::ElectionKeysMade { .. }
            | Event::OpeningBegun { .. }
            | Event::OpeningShared { .. }
            | Event::RequestApproved { .. }
            | Event::RequestAnswered { .. }
            | Event::CredentialsRegistered { .. }
            | Event::RegistrarsAlarm { .. }
            | Event::WrongShareIgnored { .. }
            | Event::UrnOpened { .. }
            | Event::OpeningFailed { .. }
            | Event::DraftLapsed { .. }
            | Event::DraftWithdrawn { .. }
            | Event::ElectionScheduled { .. }
            | Event::ElectionOpened { .. }
            | Event::ElectionClosed { .. }
            | Event::CountPaused { .. }
            | Event::ElectionTallied { .. }
            | Event::ElectionCancelled { .. }
            | Event::IncidentRecorded { .. }
            | Event::CensusPartBrought { .. }
            | Event::CensusCompleted { .. }
            | Event::CensusWithdrawn { .. }
            | Event::CensusAdopted { .. }
            | Event::MemberSuspended
            | Event::MemberReinstated
            | Event::MemberKeyReplaced { .. }
            | Event::StatutesPut { .. }
            | Event::ActProposed { .. }
            | Event::ActApproved { .. }
            | Event::ActExecuted { .. }
            | Event::ActExpired { .. }
            | Event::ActWithdrawn { .. }
            | Event::RoleDelegated { .. }
            | Event::DelegationEnded { .. }
            | Event::AdministratorAdded { .. }
            | Event::AdministratorRemoved { .. }
            | Event::AdministratorKeyRotated { .. }
            | Event::ParameterSet { .. }
            | Event::UpgradeScheduled { .. }
            | Event::ProtocolUpgraded { .. }
            | Event::ValidatorAdded { .. }
            | Event::ValidatorSuspended { .. }
            | Event::ValidatorSuspensionPending { .. }
            | Event::ValidatorReinstated { .. }
            | Event::ValidatorReplaced { .. }
            | Event::ValidatorExcused { .. }
            | Event::ValidatorBackInTurn { .. }
            | Event::EquivocationRecorded { .. } => {}
        }
    }
    events
}

/// Names whose values are of 16 or 32 bits by their type.
const NARROW: &[&str] = &["college", "version", "round", "code", "part", "trustee", "registrar"];
const TIMES: &[&str] = &["time", "due", "expires_at"];
const DIGITS: &[&str] = &[
    "height",
    "until",
    "transactions",
    "registered",
    "voted",
    "entries",
    "counted",
    "of",
    "act_lifetime_ms_max",
    "count",
];
const WORDS: &[&str] = &["event", "reason", "appearance", "incident", "cause", "when"];

fn judge(name: &str, value: &Value) {
    let is_hex = |text: &str| {
        [40, 64].contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, it)| judge(name, it)),
        Value::Array(items) => items.iter().for_each(|it| judge(name, it)),
        Value::Number(_) => assert!(NARROW.contains(&name), "{name}: {value} is a number"),
        Value::String(text) if TIMES.contains(&name) => {
            assert!(text.ends_with('Z') && text.parse::<UnixMs>().is_ok(), "{name}: {text}");
        }
        Value::String(text) if DIGITS.contains(&name) => assert!(text.parse::<u64>().is_ok(), "{name}: {text}"),
        Value::String(text) if WORDS.contains(&name) => {
            assert!(text.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{name}: {text}");
        }
        Value::String(text) => assert!(is_hex(text), "{name}: {text}"),
        Value::Null | Value::Bool(_) => panic!("{name}: {value}"),
    }
}

#[tokio::test]
async fn every_kind_of_event_keeps_the_conventions_of_the_api() {
    let rig = Rig::new();
    let mut heard = rig.shared.events.subscribe();
    let events = one_of_each();
    rig.events().tell(Notice::Committed {
        height: Height::new(u64::MAX),
        block: BlockHash([9; 32]),
        time: UnixMs::new(1_800_000_000_000),
        round: Round::FIRST,
        proposer: ValidatorId([6; 20]),
        txs: vec![TxId([8; 32])],
        bytes: 300,
        events: events.clone(),
    });
    rig.events().tell(Notice::Accused { validator: ValidatorId([6; 20]) });
    let mut kinds = BTreeSet::new();
    while let Ok(told) = heard.try_recv() {
        let data: Value = serde_json::from_str(&told.json).unwrap();
        judge("", &data);
        kinds.insert(data["event"]["event"].as_str().map_or(told.kind.to_owned(), str::to_owned));
    }
    let expected = events.iter().map(|it| serde_json::to_value(it).unwrap()["event"].as_str().unwrap().to_owned());
    // Accepted ballots would drown the stream: they are asked for by their trackers.
    let mut expected: BTreeSet<String> = expected.filter(|it| it != "ballot_accepted").collect();
    expected.extend(["block".into(), "accusation".into()]);
    assert_eq!(kinds, expected);
}
