//! One value of each encoded type, always the same: what golden vectors and differential tests are made of.
#![allow(dead_code, missing_docs, unreachable_pub)] // each test file uses a part
use urne_types::{
    ballot::{Answer, Ballot, BallotBody},
    block::{Block, Header, last_commit_hash, tx_root},
    bounded::{Bytes, List, Text},
    certificate::{CommitCertificate, CommitSignature},
    election::{
        Base, CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, NullPolicy, Question,
        RevotePolicy, Secrecy, Threshold,
    },
    genesis::{Genesis, HaltingPolicy},
    governance::{Act, Administrator, College, KeyCause, Parameters, ProposedAct, RECORD_CHAIN, ValidatorRecord},
    message::Precommit,
    method::{
        Apportionment, BudgetBallot, BudgetRule, CondorcetRule, Greedy, LastSeats, ListTours, LotRule, Qualified,
        RunoffStop, SeatBonus, SharesCompletion, Unranked,
    },
    sealed::{
        CeremonyMessage, CeremonyStep, CredentialBatch, CredentialRegistration, CredentialRules, Officer, OpeningShare,
        RequestAnswer, RequestApproval, SealedCensus, SealedRules,
    },
    share::Share,
    signed::Signed,
    statutes::{
        Aggregation, Category, CollegeRules, CollegeWeight, CountsAs, Electorate, MajorityRule, MajorityThreshold,
        Profile, SecondCall, SecondCensus, Silence, SilentCollege, SmallColleges, Statutes, Voice,
    },
    transaction::{Payload, Transaction, UnsignedTx},
    *,
};

pub const CHAIN: ChainId = ChainId([7; 32]);

pub fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}
pub fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a short text")
}
pub fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("a short list")
}
pub fn definition() -> ElectionDefinition {
    let grades = list(vec![text("À rejeter"), text("Passable"), text("Très bien")]);
    let choices = || list(vec![text("Ana"), text("Bilal")]);
    let referendum = Method::Referendum { threshold: Threshold::TwoThirds, base: Base::Present };
    ElectionDefinition {
        title: text("Assemblée générale 2026"),
        questions: list(vec![
            Question { title: text("Adopter ?"), choices: choices(), method: referendum },
            Question { title: text("Qui ?"), choices: choices(), method: Method::Plurality },
            Question { title: text("Lesquels ?"), choices: choices(), method: Method::Approval },
            Question {
                title: text("Jugez"),
                choices: choices(),
                method: Method::MajorityJudgment { grades, nulls: NullPolicy::Worst },
            },
        ]),
        census: census().id(),
        secrecy: Secrecy::Open,
        opens_at: UnixMs::new(1_000),
        closes_at: UnixMs::new(2_000),
        grace_ms: 0,
        revote: RevotePolicy::LastCounts,
        early_close: EarlyClose::ByAct,
        convened_at: Some(UnixMs::new(500)),
        documents: list(vec![DocumentHash::of(b"convocation")]),
        statutes: None,
    }
}
pub fn entries() -> Vec<CensusEntry> {
    (1..=5)
        .map(|n| CensusEntry { college: CollegeId::new(n % 2), member: key(u8::try_from(n).expect("five")).public() })
        .collect()
}
pub fn census() -> CensusCommitment {
    CensusCommitment::over(&mut entries()).expect("two colleges")
}
pub fn ballot() -> Transaction {
    let body = BallotBody::Open(list(vec![
        Answer::Blank,
        Answer::Choice(1),
        Answer::Approvals(list(vec![0, 1])),
        Answer::Grades(list(vec![Some(2), None])),
    ]));
    let election = definition().election_id(&CHAIN);
    let ballot = Ballot { election, college: CollegeId::new(1), sequence: 3, body };
    UnsignedTx::new(CHAIN, key(1).public(), Payload::Ballot(ballot)).sign(&key(1))
}
/// A secret election, by published keys and by credentials.
pub fn secret_definitions() -> Vec<ElectionDefinition> {
    let officer = |n: u8| Officer { college: CollegeId::new(n.into()), key: key(n).public() };
    let credentials = CredentialRules {
        registrars: list(vec![officer(5), officer(6)]),
        issuance_at: UnixMs::new(600),
        registration_at: UnixMs::new(800),
    };
    let rules = |census| SealedRules {
        census,
        trustees: list((1..=4).map(officer).collect()),
        groups: list(vec![list(vec![CollegeId::new(1), CollegeId::new(2)]), list(vec![CollegeId::new(3)])]),
        minimum_group: 20,
        step_ms: 60_000,
    };
    [SealedCensus::PublishedKeys, SealedCensus::Credentials(credentials)]
        .map(|census| ElectionDefinition { secrecy: Secrecy::Sealed(Box::new(rules(census))), ..definition() })
        .into()
}
pub fn sealed_ballot() -> Transaction {
    let body = BallotBody::Sealed(Bytes::new(vec![9; 448]).expect("short"));
    let ballot = Ballot { election: ElectionId([4; 32]), college: CollegeId::new(1), sequence: 3, body };
    let unsigned = UnsignedTx::new(CHAIN, PublicKey([2; 32]), Payload::Ballot(ballot));
    Transaction { unsigned, signature: Signature([3; 64]) }
}
/// Everything that trustees and registrars send.
pub fn sealed_payloads() -> Vec<Payload> {
    let bytes = |n: u8| Bytes::new(vec![n; 3]).expect("short");
    let steps = [
        CeremonyStep::Join(bytes(1)),
        CeremonyStep::CommitmentHash([2; 32]),
        CeremonyStep::Commitments(bytes(3)),
        CeremonyStep::Shares(list(vec![(1, bytes(4)), (2, bytes(5))])),
        CeremonyStep::Complaints(list(vec![(3, bytes(6))])),
        CeremonyStep::Rehearsal(bytes(7)),
    ];
    let message = |step| CeremonyMessage { draft: DraftId([1; 32]), scope: 0, attempt: 2, step };
    let (election, college, entry) = (ElectionId([4; 32]), CollegeId::new(1), entries()[0]);
    let credential = CredentialRegistration { credential: [5; 32], signature: [6; 48] };
    let mut payloads: Vec<Payload> = steps.into_iter().map(|it| Payload::Ceremony(message(it))).collect();
    payloads.extend([
        Payload::Opening(OpeningShare { election, part: 1, share: bytes(8) }),
        Payload::ApproveRequest(RequestApproval { election, entry, request: [7; 48] }),
        Payload::AnswerRequest(RequestAnswer { election, entry, request: [7; 48], answer: [8; 50] }),
        Payload::RegisterCredentials(CredentialBatch { election, college, credentials: list(vec![credential]) }),
    ]);
    payloads
}
pub fn act() -> ProposedAct {
    ProposedAct { act: Act::AdoptCensus { census: census().id() }, expires_at: UnixMs::new(9_000), nonce: 1 }
}
pub fn certificate() -> CommitCertificate {
    let mut signatures: Vec<CommitSignature> = (1..=4)
        .map(|n| {
            let validator = ValidatorId::of(&key(n).public());
            let block = Some(BlockHash([5; 32]));
            let claim = Precommit { height: Height::new(8), round: Round::new(1), block, validator };
            CommitSignature { validator, signature: Signed::sign(&CHAIN, claim, &key(n)).signed().signature }
        })
        .collect();
    signatures.sort_by_key(|it| it.validator);
    let (height, round, block) = (Height::new(8), Round::new(1), BlockHash([5; 32]));
    CommitCertificate { height, round, block, signatures: list(signatures) }
}
pub fn block() -> Block {
    let txs = vec![ballot().to_raw().0];
    let header = Header {
        version: 1,
        chain: CHAIN,
        height: Height::new(9),
        round: Round::FIRST,
        time: UnixMs::new(1_500),
        proposer: ValidatorId::of(&key(1).public()),
        previous: BlockHash([5; 32]),
        last_commit_hash: last_commit_hash(Some(&certificate())),
        tx_root: tx_root(txs.iter().map(Vec::as_slice)),
        app_hash: AppHash([6; 32]),
        validators_hash: [1; 32],
        next_validators_hash: [2; 32],
    };
    Block { header, last_commit: Some(certificate()), txs: list(txs) }
}
pub fn record(n: u8) -> Signed<ValidatorRecord> {
    let record = ValidatorRecord {
        college: CollegeId::new(n.into()),
        name: text("mairie"),
        key: key(n).public(),
        node: NodeId([n; 32]),
        addresses: list(vec![text("/ip4/127.0.0.1/tcp/26600")]),
    };
    Signed::sign(&RECORD_CHAIN, record, &key(n)).into_signed()
}
pub fn genesis() -> Genesis {
    let college = |n: u16| College {
        id: CollegeId::new(n),
        name: text("habitants"),
        statutory_weight_bp: 2_500,
        consensus_weight: None,
    };
    Genesis {
        protocol_version: 1,
        name: text("essai"),
        time: UnixMs::new(0),
        halting: HaltingPolicy::NoCollegeHalts,
        parameters: Parameters::recommended(),
        colleges: list((1..=4).map(college).collect()),
        administrators: list(vec![Administrator { college: CollegeId::new(1), key: key(9).public() }]),
        validators: list((1..=4).map(record).collect()),
    }
}

/// One of each method that came after the first four.
pub fn methods() -> Vec<Method> {
    let half = Share::HALF;
    let (lot, ballot) = (LotRule::LaterBlock, BudgetBallot::Points { total: 10 });
    let budget = |rule| Method::Budget { budget: 90, costs: list(vec![60, 30]), rule };
    let grades = || list(vec![text("non"), text("oui")]);
    let bonus = Some(SeatBonus { share: half, rounded_down_up_to: 4 });
    let completion = SharesCompletion::AddThenGreedy { increment: 1 };
    let last_seats = LastSeats::Drawn(LotRule::ListOrder);
    let lists = |tours| {
        let apportionment = Apportionment::OddDivisors;
        Method::Lists { seats: 9, apportionment, threshold: Some(half), bonus, lot, tours }
    };
    vec![
        Method::KOfN { least_marks: 1, most_marks: 3, seats: 2, least_votes: 5, last_seats },
        Method::Condorcet { rule: CondorcetRule::RankedPairs { lot }, unranked: Unranked::NoOpinion },
        Method::InstantRunoff { stop: RunoffStop::LastTwo, lot },
        Method::ScottishStv { seats: 3, lot },
        budget(BudgetRule::Greedy { ballot: BudgetBallot::Approvals { most: 2 }, greedy: Greedy::AtLeast(7) }),
        budget(BudgetRule::EqualShares { ballot, completion }),
        budget(BudgetRule::ByJudgment { grades: grades(), nulls: NullPolicy::Drop }),
        lists(ListTours::Only),
        lists(ListTours::First { stands: half, joins: half }),
        lists(ListTours::Second { first: ElectionId([2; 32]), question: 1, made_of: list(vec![list(vec![0, 2])]) }),
        Method::FirstTour {
            registered_share: Some(half),
            qualified: Qualified::AtLeast { share: half, base: Base::Registered },
        },
        Method::SecondTour { first: ElectionId([2; 32]), question: 1 },
        Method::DrawnJudgment { grades: grades(), nulls: NullPolicy::Median, judged: 5 },
        Method::Resolution { decision: text("ordinary") },
    ]
}
/// One of each answer that came after the first four.
pub fn answers() -> Vec<Answer> {
    let ranks = list(vec![list(vec![2]), list(vec![0, 1])]);
    vec![Answer::Ranking(ranks), Answer::Points(list(vec![3, 0, 7])), Answer::Abstain]
}
/// Statutes in which no field is empty.
pub fn statutes() -> Statutes {
    let half = Share::HALF;
    let silence = Silence {
        blank: CountsAs::Nothing,
        null: CountsAs::For,
        abstention: CountsAs::Against,
        absence: CountsAs::For,
    };
    let second_call = SecondCall {
        attendance: Some(half),
        college_attendance: Some(half),
        silence: Silence::IGNORED,
        notice_ms: 6,
        census: SecondCensus::Adopted,
    };
    Statutes {
        version: 1,
        name: text("SCIC"),
        profile: Profile::Scic,
        categories: list(vec![Category { name: text("usagers"), college: Some(CollegeId::new(1)) }]),
        colleges: Some(CollegeRules {
            weights: list(vec![CollegeWeight { college: CollegeId::new(1), weight_bp: 5_000 }]),
            aggregation: Aggregation::Bloc { majority: half, undecided: CountsAs::Against },
            silent_college: SilentCollege::Redistributed,
            attendance: Some(half),
            small_floor: 5,
            small_colleges: SmallColleges::Merged,
        }),
        voice: Voice::PerCollege,
        electorate: Electorate::LoweredBySuspensions,
        silence,
        attendance: Some(half),
        second_call: Some(second_call),
        majorities: list(vec![MajorityRule {
            decision: text("ordinary"),
            threshold: MajorityThreshold::AtLeast(half),
        }]),
        notice_ms: 7,
        documents_min: 2,
    }
}
/// The acts that came with statutes.
pub fn acts() -> Vec<Act> {
    let (from, to) = (key(1).public(), key(2).public());
    vec![
        Act::PutStatutes { statutes: Box::new(statutes()) },
        Act::ReplaceMemberKey { from, to, cause: KeyCause::NewRepresentative },
    ]
}
