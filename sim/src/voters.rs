//! The people of a simulation: administrators who prepare one election, and members who cast, cast again, repeat
//! themselves and make mistakes. What they send is decided by the seed; what counts is decided by the replicas.
use crate::rng::Rng;
use urne_types::{
    ChainId, CollegeId, NodeId, SecretKey, UnixMs,
    ballot::{Answer, Ballot, BallotBody},
    bounded::{List, Text},
    election::{
        CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy,
    },
    genesis::{Genesis, HaltingPolicy},
    governance::{Act, Administrator, College, Parameters, ProposedAct, RECORD_CHAIN, ValidatorRecord},
    key::PublicKey,
    method::LotRule,
    signed::Signed,
    transaction::{Payload, RawTx, UnsignedTx},
};

/// When every simulation begins.
pub(crate) const BEGINNING: UnixMs = UnixMs::new(1_790_000_000_000);
const MEMBERS: u8 = 24;

fn secret(role: u8, n: u8) -> SecretKey {
    let mut seed = [role; 32];
    seed[0] = n;
    SecretKey::from_seed(&seed)
}
/// A validator's consensus key.
pub(crate) fn validator(n: usize) -> SecretKey {
    secret(1, u8::try_from(n).unwrap_or(0))
}
/// A validator's place on the network.
pub(crate) fn node(n: usize) -> NodeId {
    NodeId([u8::try_from(n + 1).unwrap_or(0); 32])
}
fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a short text")
}
fn college(n: usize) -> CollegeId {
    CollegeId::new(u16::try_from(n + 1).unwrap_or(1))
}

/// One college, one validator and one administrator each.
pub(crate) fn genesis(validators: usize) -> Genesis {
    let record = |n: usize| {
        let record = ValidatorRecord {
            college: college(n),
            name: text("simulated"),
            key: validator(n).public(),
            node: node(n),
            addresses: List::default(),
        };
        Signed::sign(&RECORD_CHAIN, record, &validator(n)).into_signed()
    };
    let weight = u16::try_from(10_000 / validators.max(1)).unwrap_or(1);
    let a_college =
        |n| College { id: college(n), name: text("college"), statutory_weight_bp: weight, consensus_weight: None };
    let administrator =
        |n: usize| Administrator { college: college(n), key: secret(2, u8::try_from(n).unwrap_or(0)).public() };
    let parameters = Parameters { heartbeat_open_ms: 2_000, heartbeat_idle_ms: 2_000, ..Parameters::recommended() };
    let list = |n| 0..n;
    Genesis {
        protocol_version: 1,
        name: text("simulation"),
        time: BEGINNING,
        halting: HaltingPolicy::NoCollegeHalts,
        parameters,
        colleges: List::new(list(validators).map(a_college).collect()).expect("few"),
        administrators: List::new(list(validators).map(administrator).collect()).expect("few"),
        validators: List::new(list(validators).map(record).collect()).expect("few"),
    }
}

/// What everybody sends, by the millisecond, as bytes.
pub(crate) struct Agenda {
    /// Instant, whether it must be repeated until it is in, and the bytes.
    pub(crate) sendings: Vec<(u64, Vec<RawTx>)>,
    pub(crate) election: urne_types::ElectionId,
    pub(crate) closes_ms: u64,
}

fn sign(chain: ChainId, key: &SecretKey, payload: Payload) -> RawTx {
    UnsignedTx::new(chain, key.public(), payload).sign(key).to_raw()
}

/// Draws the agenda of a simulation of about so many heights.
pub(crate) fn agenda(chain: ChainId, validators: usize, heights: u64, rng: &mut Rng) -> Agenda {
    let admin = |n: usize| secret(2, u8::try_from(n).unwrap_or(0));
    let member = |n: u8| secret(3, n);
    let mut entries: Vec<CensusEntry> = (0..MEMBERS)
        .map(|n| CensusEntry { college: college(usize::from(n) % validators), member: member(n).public() })
        .collect();
    let commitment = CensusCommitment::over(&mut entries).expect("few colleges");
    let (opens_ms, closes_ms) = (12_000, 14_000 + heights * 450);
    let definition = ElectionDefinition {
        title: text("Simulation"),
        questions: List::new(vec![
            Question {
                title: text("Qui ?"),
                choices: List::new(vec![text("Ana"), text("Bilal"), text("Chloé")]).expect("three"),
                method: Method::Plurality,
            },
            Question {
                title: text("Lesquels ?"),
                choices: List::new(vec![text("Pré"), text("Pont")]).expect("two"),
                method: Method::Approval,
            },
            // Its lot comes from the block after the close: the chain must go on by itself to count it.
            Question {
                title: text("Dans quel ordre ?"),
                choices: List::new(vec![text("Ana"), text("Bilal"), text("Chloé")]).expect("three"),
                method: Method::ScottishStv { seats: 2, lot: LotRule::LaterBlock },
            },
        ])
        .expect("three"),
        census: commitment.id(),
        secrecy: Secrecy::Open,
        opens_at: BEGINNING.plus(opens_ms),
        closes_at: BEGINNING.plus(closes_ms),
        grace_ms: 0,
        revote: if rng.chance(800) { RevotePolicy::LastCounts } else { RevotePolicy::Forbidden },
        early_close: EarlyClose::Forbidden,
        convened_at: None,
        documents: List::default(),
        statutes: None,
    };
    let (draft, election) = (definition.draft_id(), definition.election_id(&chain));
    let expires_at = BEGINNING.plus(3_600_000);
    let adopt = ProposedAct { act: Act::AdoptCensus { census: commitment.id() }, expires_at, nonce: 1 };
    let schedule = ProposedAct { act: Act::ScheduleElection { draft }, expires_at, nonce: 2 };
    let mut sendings = Vec::new();
    // Administrators insist: what is in already is refused by its number and does no harm.
    for attempt in 0..6 {
        let at = |ms: u64| ms + attempt * 1_500;
        let list = List::new(entries.clone()).expect("few");
        let chunk = Payload::CensusChunk { commitment: commitment.clone(), attempt: 0, first: 0, entries: list };
        sendings.push((at(500), vec![sign(chain, &admin(0), chunk)]));
        sendings.push((at(600), vec![sign(chain, &admin(1), Payload::DraftElection(definition.clone()))]));
        for (ms, act) in [(1_300, &adopt), (2_400, &schedule)] {
            sendings.push((at(ms), vec![sign(chain, &admin(0), Payload::ProposeAct(act.clone()))]));
            for n in 1..validators.min(4) {
                let act = act.id(&chain);
                let n_ms = u64::try_from(n).unwrap_or(0) * 50;
                sendings.push((at(ms + 400 + n_ms), vec![sign(chain, &admin(n), Payload::ApproveAct { act })]));
            }
        }
    }
    let rank = |choice: u16| List::new(vec![choice]).expect("one");
    let cast = |n: u8, sequence: u32, choice: u16| {
        let entry_college = college(usize::from(n) % validators);
        let answers = vec![
            if choice == 3 { Answer::Blank } else { Answer::Choice(choice) },
            Answer::Approvals(List::new(vec![choice % 2]).expect("one")),
            Answer::Ranking(List::new(vec![rank(choice % 3), rank((choice + 1) % 3)]).expect("two")),
        ];
        let body = BallotBody::Open(List::new(answers).expect("three"));
        let ballot = Ballot { election, college: entry_college, sequence, body };
        sign(chain, &member(n), Payload::Ballot(ballot))
    };
    for n in 0..MEMBERS {
        let mut ms = opens_ms - 300 + rng.below(closes_ms - opens_ms + 600);
        let casts = 1 + u32::try_from(rng.below(4)).unwrap_or(0);
        for sequence in 1..=casts {
            let choice = u16::try_from(rng.below(5)).unwrap_or(0); // 4 is no choice: refused
            sendings.push((ms, vec![cast(n, sequence, choice)]));
            if rng.chance(300) {
                // A replay of an older ballot, a moment later, by whoever kept it.
                sendings.push((
                    ms + rng.below(3_000),
                    vec![cast(n, 1 + u32::try_from(rng.below(u64::from(sequence))).unwrap_or(0), choice)],
                ));
            }
            ms += rng.below(2_000);
        }
    }
    sendings.push((
        opens_ms + 500,
        vec![sign(chain, &secret(9, 9), Payload::RevokeDelegation { to: PublicKey([1; 32]), expires_at: BEGINNING })],
    ));
    sendings.push((opens_ms + 600, vec![RawTx(vec![1, 2, 3])]));
    sendings.sort_by_key(|(ms, _)| *ms);
    Agenda { sendings, election, closes_ms }
}
