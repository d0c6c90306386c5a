//! The encoding of every record of the state, frozen: a hash that changes here is another state for the same chain, and
//! needs a protocol version.
#![allow(clippy::unwrap_used)]
mod support;
use support::{FOR, World, college, entry, public, record, text, validator_id};
use urne_consensus::Step;
use urne_types::{
    BlockHash, CensusId, ChainId, DraftId, ElectionId, Height, Round, TxId, UnixMs,
    ballot::BallotBody,
    bounded::List,
    codec::{Decode, Encode, decode_canonical, encode},
    election::{BallotKind, CensusCommitment, EarlyClose, RevotePolicy},
    genesis::HaltingPolicy,
    governance::{Act, ProposedAct},
    limits::MESSAGE_BYTES_MAX,
    merkle::{Frontier, leaf_hash},
    transaction::Payload,
};
use urne_vote_contract::{
    Count, ElectionResult, QuestionResult, Turnout, keys,
    records::{
        ActRecord, ActState, Approval, AttemptId, Cancellation, CensusAttempt, CensusRecord, CensusState, ChainRecord,
        CloseReason, Closing, CountBasis, CountProgress, Delegation, Drafted, ElectionGate, ElectionLife,
        ElectionState, Electors, EntryKeys, Incident, LastBallot, Moment, OffenceRecord, QuestionShape, SeedBlock,
        Standing, SuspensionCause, ValidatorEntry,
    },
    result::{
        Attendance, AttendanceReport, CollegeResult, CollegeTurnout, DrawnLot, Lean, Majority, MajorityGrade, Presence,
        Ratio, RunoffRound, SharedWeight, Stage, StageAction, StageTie, TourOutcome, TransferableVotes, Verdict,
    },
    sealed::records::{
        Approval as RequestApproval, ApprovedRequest, CeremonyRecord, CeremonyState, CredentialRecord, Eligible,
        EntryRecord, IssuanceGate, IssuanceRecord, LastSealed, OpenedPart, Piece, PieceList, Registered,
        RegistrarsAlarm, SealedGate, Stage as CeremonyStage, UrnOpening, UrnRecord, WrongShare,
    },
};

/// The frozen hash of an encoding, which must decode to the same value.
fn check<T: Encode + Decode<()> + PartialEq + std::fmt::Debug>(name: &str, value: &T, frozen: &str) -> Option<String> {
    let bytes = encode(value);
    assert_eq!(decode_canonical::<T>(&bytes, MESSAGE_BYTES_MAX).as_ref(), Ok(value), "{name}");
    let found = urne_types::DocumentHash::of(&bytes).to_string();
    (found[..16] != *frozen).then(|| format!("{name}: {}", &found[..16]))
}
fn moment(at: u64) -> Moment {
    Moment { height: Height::new(at), time: UnixMs::new(1_000 * at) }
}
fn commitment() -> CensusCommitment {
    CensusCommitment::over(&mut vec![entry(1, "a"), entry(2, "b")]).unwrap()
}
fn frontier() -> Frontier {
    let mut frontier = Frontier::default();
    frontier.append(leaf_hash(&encode(&entry(1, "a"))), |_, _| {});
    frontier
}
fn life() -> ElectionLife {
    ElectionLife {
        scheduled: moment(1),
        opened: Some(moment(2)),
        closed: Some(Closing { at: moment(3), reason: CloseReason::ByAct }),
        tallied: Some(moment(3)),
        cancelled: Some(Cancellation { at: moment(4), reason: text("why") }),
        incidents: vec![
            Incident::OpenedLate { due: UnixMs::new(1), at: moment(2) },
            Incident::PausedAcrossClose { due: UnixMs::new(2), at: moment(3) },
        ],
    }
}
fn gate() -> ElectionGate {
    ElectionGate {
        state: ElectionState::Open,
        opens_at: UnixMs::new(1),
        closes_at: UnixMs::new(2),
        cutoff: UnixMs::new(3),
        revote: RevotePolicy::Forbidden,
        early_close: EarlyClose::ByAct,
        secrecy: BallotKind::Open,
        census: CensusId([3; 32]),
        census_entries: AttemptId([4; 32]),
        shapes: vec![
            QuestionShape::One { choices: 2 },
            QuestionShape::Any { choices: 3 },
            QuestionShape::Graded { choices: 4, grades: 5 },
        ],
    }
}
fn questions() -> Vec<QuestionResult> {
    let counts = |of: &[u64]| of.iter().copied().map(Count).collect::<Vec<_>>();
    let median = MajorityGrade { grade: 1, lean: Lean::Up };
    let [blank, ballots] = [Count(1), Count(9)];
    vec![
        QuestionResult::Referendum {
            favour: Count(2),
            against: Count(1),
            blank,
            verdict: Verdict::Adopted,
            base: Count(3),
        },
        QuestionResult::Plurality {
            votes: counts(&[1, 2]),
            blank,
            ranks: vec![2, 1],
            winners: vec![1],
            majority: Majority::Relative,
        },
        QuestionResult::Approval { approvals: counts(&[1, 2]), ballots, blank, ranks: vec![2, 1], winners: vec![1] },
        QuestionResult::MajorityJudgment {
            grades: vec![counts(&[1, 2])],
            no_opinion: counts(&[0]),
            ballots,
            blank,
            ranks: vec![1],
            winners: vec![0],
            medians: vec![Some(median), None],
        },
    ]
}

fn ceremonies() -> Vec<CeremonyRecord> {
    let definition = World::new().definition(commitment().id(), vec![support::referendum()]);
    let record = |state| CeremonyRecord {
        definition: definition.clone(),
        census_entries: AttemptId([4; 32]),
        begun: moment(2),
        state,
    };
    let election = ElectionId([6; 32]);
    vec![
        record(CeremonyState::UnderWay),
        record(CeremonyState::Rehearsing { election }),
        record(CeremonyState::Done { election }),
        record(CeremonyState::Failed { at: moment(3), code: 667 }),
    ]
}
fn stages() -> Vec<CeremonyStage> {
    use urne_vote_contract::sealed::records::Step::{
        Committing, Complaining, Dealing, Hashing, Joining, Over, Rehearsing,
    };
    let steps = [Joining, Hashing, Committing, Dealing, Complaining, Rehearsing, Over];
    let stage = |step| CeremonyStage {
        attempt: 1,
        candidates: vec![1, 2, 4],
        step,
        since: UnixMs::new(5),
        keys: (step == Over).then(|| vec![9, 9]),
    };
    steps.into_iter().map(stage).collect()
}
fn urn() -> UrnRecord {
    UrnRecord { draft: DraftId([3; 32]), trustees: vec![1, 2], registrars: vec![(2, vec![3, 4])] }
}
fn issuance_gate() -> IssuanceGate {
    IssuanceGate {
        keys: [9; 32],
        threshold: 2,
        registrars: vec![(1, public("registrar 1")), (3, public("registrar 3"))],
        issuance_at: UnixMs::new(5),
        registration_at: UnixMs::new(6),
        together: 3,
    }
}
fn issued() -> IssuanceRecord {
    let alarm = RegistrarsAlarm { at: moment(7), credential: public("k"), signature: [1; 48], registered: Count(4) };
    let [census, approved, answered, registered, late] = [9, 4, 3, 4, 1].map(Count);
    IssuanceRecord { census, approved, answered, registered, late, alarm: Some(alarm) }
}
fn asked() -> EntryRecord {
    let (request, at) = ([2; 48], moment(8));
    EntryRecord {
        approvals: vec![RequestApproval { registrar: 1, request }],
        approved: Some(ApprovedRequest { request, at }),
        answers: vec![[3; 50]],
    }
}
fn sealed_gate() -> SealedGate {
    SealedGate {
        statement: [8; 32],
        cells: 3,
        parts: vec![(college(1), 0), (college(2), 1)],
        eligible: Eligible::Registered,
        opening: UrnOpening::OneByOne,
    }
}

fn basis() -> CountBasis {
    let seed = |height| Some(SeedBlock { height: Height::new(height), block: BlockHash([7; 32]) });
    CountBasis {
        statutes: Some(support::plain_statutes()),
        electorate: vec![Electors { college: college(1), electors: Count(9) }],
        draw_seed: seed(4),
        lot_seed: seed(8),
        persons: Some(Count(8)),
    }
}
fn later_shapes() -> Vec<QuestionShape> {
    let choices = 3;
    vec![
        QuestionShape::Several { choices, least: 1, most: 2 },
        QuestionShape::Ranked { choices },
        QuestionShape::Strict { choices },
        QuestionShape::Points { choices, total: 10 },
        QuestionShape::Drawn { choices, grades: 5, judged: 2 },
        QuestionShape::Decision,
    ]
}
fn later_questions() -> Vec<QuestionResult> {
    let counts = |of: &[u64]| of.iter().copied().map(Count).collect::<Vec<_>>();
    let lot = || DrawnLot { stage: 2, tied: vec![0, 1], chosen: 1 };
    let ratio = |it: &str| Ratio(it.into());
    let [blank, ballots] = [Count(1), Count(9)];
    let stage = Stage {
        action: StageAction::Surplus,
        target: Some(1),
        votes: vec![TransferableVotes(123_456)],
        non_transferable: TransferableVotes(7),
        elected_now: vec![0],
    };
    let tie = StageTie { stage: 1, why: StageAction::Exclude, tied: vec![0, 1], lot: Some(lot()) };
    let college_result = CollegeResult { colleges: vec![college(1)], voted: Count(4), answer: None };
    vec![
        QuestionResult::KOfN {
            votes: counts(&[4, 2]),
            ballots,
            blank,
            ranks: vec![1, 2],
            elected: vec![0],
            tied_for_last: vec![1],
            lots: vec![lot()],
            vacant: 1,
        },
        QuestionResult::Condorcet {
            duels: vec![counts(&[0, 4])],
            ballots,
            blank,
            condorcet_winner: Some(0),
            winners: vec![0],
            lots: vec![lot()],
        },
        QuestionResult::InstantRunoff {
            rounds: vec![RunoffRound { tally: vec![Some(Count(4)), None], exhausted: Count(1), eliminated: Some(1) }],
            winners: vec![0],
            lots: vec![lot()],
            ballots,
            blank,
        },
        QuestionResult::ScottishStv {
            valid: Count(8),
            blank,
            quota: Count(3),
            elected: vec![0],
            stages: vec![stage],
            ties: vec![tie],
        },
        QuestionResult::Budget {
            points: counts(&[4, 2]),
            ballots,
            blank,
            selection: vec![0],
            cost: Count(60),
            share: Some(ratio("38/1")),
            bought: Some(1),
        },
        QuestionResult::JudgedBudget {
            judgment: Box::new(QuestionResult::Undecided { code: 26 }),
            selection: vec![0],
            cost: Count(60),
        },
        QuestionResult::Lists {
            votes: counts(&[4, 2]),
            blank,
            seats: vec![2, 1],
            bonus: Some((0, 1)),
            lots: vec![lot()],
            vacant: 0,
        },
        QuestionResult::Tour {
            votes: counts(&[4, 2]),
            blank,
            ranks: vec![1, 2],
            outcome: TourOutcome::SecondTour { choices: vec![0, 1] },
        },
        QuestionResult::Tour {
            votes: counts(&[4, 2]),
            blank,
            ranks: vec![1, 2],
            outcome: TourOutcome::SecondListTour { stand: vec![0], join: vec![1] },
        },
        QuestionResult::Resolution {
            favour: Count(4),
            against: Count(2),
            blank,
            abstained: Count(3),
            absent: Count(5),
            verdict: Verdict::Adopted,
            attendance: Attendance::Reached,
            ratio: Some(ratio("2/3")),
            weights: Some(SharedWeight { favour: ratio("2/3"), against: ratio("1/3"), silent: ratio("0/1") }),
        },
        QuestionResult::WeightedJudgment {
            profiles: vec![vec!["3".into(), "4".into()]],
            ranks: vec![1],
            winners: vec![0],
            medians: vec![None],
        },
        QuestionResult::ByCollege {
            global: Box::new(QuestionResult::Undecided { code: 26 }),
            colleges: vec![college_result],
        },
        QuestionResult::Unattended { ballots_say: Box::new(QuestionResult::Undecided { code: 26 }) },
    ]
}

#[test]
fn every_record_keeps_its_encoding() {
    let chain = ChainRecord {
        protocol_version: 1,
        name: text("chain"),
        time: UnixMs::new(7),
        halting: HaltingPolicy::NoCollegeHalts,
    };
    let last = LastBallot { sequence: 3, tx_id: TxId([5; 32]), body: BallotBody::Open(List::new(vec![FOR]).unwrap()) };
    let census = CensusRecord {
        commitment: commitment(),
        state: CensusState::Adopted,
        entries: Some(AttemptId([4; 32])),
        keys: EntryKeys { members: true, credentials: false },
    };
    let attempt = CensusAttempt { attempt: 1, brought: frontier(), last: Some(entry(1, "a")), keys: EntryKeys::ANY };
    let proposed =
        ProposedAct { act: Act::SuspendMember { member: public("a") }, expires_at: UnixMs::new(9), nonce: 1 };
    let act = ActRecord {
        proposed,
        by: public("admin 1"),
        at: moment(1),
        approvals: vec![Approval { college: college(1), by: public("admin 1"), at: moment(1) }],
        state: ActState::Executed { at: moment(2) },
    };
    let definition = World::new().definition(commitment().id(), vec![support::referendum()]);
    let drafted = Drafted { by: public("admin 1"), definition };
    let suspended = |cause| Standing::Suspended { cause, since: moment(5) };
    let validator = ValidatorEntry {
        record: record(&ChainId([1; 32]), 1, "validator 1").claim,
        standing: suspended(SuspensionCause::Act { reason: text("why") }),
        missed_turns: 2,
        excused_until: Some(Height::new(8)),
    };
    let standings = vec![
        Standing::Active,
        Standing::SuspensionPending { cause: SuspensionCause::Equivocation, since: moment(5) },
        suspended(SuspensionCause::Equivocation),
        Standing::Replaced { by: validator_id("validator 2"), since: moment(5) },
    ];
    let offence = OffenceRecord {
        validator: validator_id("validator 1"),
        height: Height::new(3),
        round: Round::new(1),
        step: Step::Precommit,
        recorded: moment(4),
    };
    let last_sealed = LastSealed { sequence: 3, tx_id: TxId([5; 32]), ciphertext: vec![1, 2, 3] };
    let opened = OpenedPart { ballots: Count(3), cells: vec![Count(2), Count(1)], trustees: vec![1, 2, 4] };
    let pieces = PieceList { urns: vec![[4; 32], [5; 32]], is_whole: true, opened: 1 };
    let piece = Piece { group: 1, ballots: vec![vec![1, 2], vec![3]] };
    let turnout = Turnout::of(vec![CollegeTurnout { college: college(1), registered: Count(4), voted: Count(2) }]);
    let presence = Presence { college: Some(college(1)), present: Count(2), electors: Count(4), needed: Count(2) };
    let attendance = Some(AttendanceReport { attendance: Attendance::Reached, asked: vec![presence] });
    let result = ElectionResult { questions: questions(), turnout, attendance };
    let delegation = Delegation { by: public("admin 1"), expires_at: UnixMs::new(5) };
    let changed: Vec<String> = [
        check("ChainRecord", &chain, "22c3d1453a64d024"),
        check("ElectionGate", &gate(), "68431c4a7264bc49"),
        check("ElectionLife", &life(), "9cb524223f781fde"),
        check("LastBallot", &last, "9fe33b932e761363"),
        check("CensusRecord", &census, "f530e73d910799c3"),
        check("CensusAttempt", &attempt, "bc2d8a7f2de09db9"),
        check("Drafted", &drafted, "c9dcd10559d8d61b"),
        check("ActState::Withdrawn", &ActState::Withdrawn { at: moment(3) }, "02c489a418e3b420"),
        check("ActRecord", &act, "bcf24529941da6f3"),
        check("Delegation", &delegation, "e2c01e5c6d297471"),
        check("ValidatorEntry", &validator, "a9a0f791a3b87f7a"),
        check("Standing", &standings, "93d1a7306b24c5d2"),
        check("OffenceRecord", &offence, "f449b34c1cf41575"),
        check("QuestionResult", &questions(), "ec49cd29e992df6b"),
        check("ElectionResult", &result, "3465b2ab8620b152"),
        check("CountBasis", &basis(), "127f97a683e0d955"),
        check("CountProgress", &CountProgress { counted: Count(3), of: Count(9), questions: 1 }, "2570a8ddeb019621"),
        check("later QuestionShape", &later_shapes(), "593a5b70672b4983"),
        check("later QuestionResult", &later_questions(), "24e005b43c0ea4e8"),
        check("CeremonyRecord", &ceremonies(), "477b9cfe4647158d"),
        check("Stage", &stages(), "b87efadfd8d7f7e3"),
        check("UrnRecord", &urn(), "4e3e3ed937b34772"),
        check("SealedGate", &sealed_gate(), "77ff91c8023dca85"),
        check("IssuanceGate", &issuance_gate(), "d094289b262785b1"),
        check("IssuanceRecord", &issued(), "aad6c1a89e447d33"),
        check("EntryRecord", &asked(), "9cbd64e748388ead"),
        check(
            "CredentialRecord",
            &CredentialRecord { college: college(2), at: moment(3), registered: Registered::Late },
            "302946872d6ad216",
        ),
        check("LastSealed", &last_sealed, "a3e96aa0155b2f81"),
        check("WrongShare", &WrongShare { trustee: 3, key: public("a"), at: moment(4), times: 2 }, "ffade6f730264513"),
        check("PieceList", &pieces, "6fd6d00d120f2001"),
        check("Piece", &piece, "fc626ecbfa895f46"),
        check("OpenedPart", &opened, "48f6ff7aa1e18fa5"),
        check("ElectionState::Counting", &ElectionState::Counting, "e84248fb50d08333"),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert_eq!(changed, Vec::<String>::new());
}

#[test]
fn a_whole_story_leaves_the_same_state_to_the_last_byte() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    world.act(Act::SuspendValidator { validator: validator_id("validator 2"), reason: text("absent") }).unwrap();
    let expires_at = UnixMs::new(world.now + support::HOUR);
    world.send("admin 1", Payload::Delegate { to: public("deputy"), expires_at }).unwrap();
    world.act(Act::UpgradeProtocol { version: 2, height: Height::new(1_000) }).unwrap();
    world.empty(support::START + 2 * support::HOUR);
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = world.state.map.into_iter().chain(world.state.index).collect();
    let found = urne_types::DocumentHash::of(&encode(&pairs)).to_string();
    assert_eq!(found[..16], *"6c02c7d5546693f9", "{} keys", pairs.len());
}

#[test]
fn log_heads_keep_their_keys() {
    use urne_vote_contract::LogId;
    let id = ElectionId([9; 32]);
    assert_eq!(keys::log_head(&LogId::Ballots(id)), [&[0x17][..], &[9; 32]].concat());
    assert_eq!(keys::log_head(&LogId::Emargements(id)), [&[0x18][..], &[9; 32]].concat());
    assert_eq!(keys::log_head(&LogId::Approvals(id)), [&[0x60][..], &[9; 32]].concat());
    assert_eq!(keys::log_head(&LogId::Credentials(id)), [&[0x61][..], &[9; 32]].concat());
}
