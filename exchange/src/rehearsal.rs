//! A ledger without a network: the contract's own rules over a state in memory, one block after the other, at the times a
//! scenario says. What comes out is what every validator would compute.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use urne_types::bounded::{List, Text};
use urne_types::election::{CensusCommitment, CensusEntry, ElectionDefinition};
use urne_types::genesis::{Genesis, HaltingPolicy, PROTOCOL_VERSION};
use urne_types::governance::{Act, Administrator, College, Parameters, ProposedAct, RECORD_CHAIN, ValidatorRecord};
use urne_types::hash::hash;
use urne_types::limits::CENSUS_CHUNK_MAX;
use urne_types::signed::Signed;
use urne_types::statutes::Statutes;
use urne_types::transaction::{Payload, UnsignedTx, VerifiedTx};
use urne_types::{
    CensusId, ChainId, CollegeId, ElectionId, Height, NodeId, Rejection, Round, SecretKey, UnixMs, ValidatorId,
};
use urne_vote_contract::{
    BlockContext, Changes, ElectionResult, LastCommit, Outcome, Space, StateView, begin_block, end_block, execute,
};

/// The first instant: any would do, the same each time.
const START_MS: u64 = 1_800_000_000_000;
/// A scenario's second 0: an hour for the colleges to prepare the election.
const SCENARIO_MS: u64 = START_MS + 3_600_000;
/// Blocks that a long count may take after the close, at most: far more than any count takes.
const COUNTING_BLOCKS_MAX: u64 = 100_000;

/// The ledger.
pub(crate) struct Rehearsal {
    chain: ChainId,
    state: Memory,
    height: u64,
    now_ms: u64,
    acts: u64,
}

/// A state in memory.
#[derive(Default)]
struct Memory {
    map: BTreeMap<Vec<u8>, Vec<u8>>,
    index: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// The instant of a scenario's second; `None` when no clock goes that far.
pub(crate) fn instant(second: u64) -> Option<UnixMs> {
    Some(UnixMs::new(second.checked_mul(1_000)?.checked_add(SCENARIO_MS)?))
}

/// The key of a name: the same name is always the same person. Nobody keeps it: it votes in rehearsals only.
pub(crate) fn key_of(name: &str) -> SecretKey {
    SecretKey::from_seed(&hash("urne.v1 rehearsal key", name.as_bytes()))
}

/// The name of a member who has none.
pub(crate) fn key_name(member: usize) -> String {
    format!("member {member}")
}

/// A text of a bounded length, or the contract's refusal of a longer one.
pub(crate) fn bounded<const MAX: usize>(text: &str) -> Result<Text<MAX>, Rejection> {
    Text::new(text).map_err(|_| Rejection::TooLarge)
}

impl Rehearsal {
    /// Before the first block of a chain of four colleges: an act needs three, a chain that no college halts four.
    pub(crate) fn new() -> Result<Self, Rejection> {
        Self::of_colleges(4)
    }

    /// The same with so many colleges.
    pub(crate) fn of_colleges(colleges: u16) -> Result<Self, Rejection> {
        let genesis = genesis(colleges)?;
        let (changes, _) = urne_vote_contract::genesis(&genesis).map_err(|_| Rejection::Malformed)?;
        let mut state = Memory::default();
        state.apply(&changes);
        Ok(Self { chain: genesis.chain_id(), state, height: 0, now_ms: START_MS, acts: 0 })
    }

    /// A block at `time`, later than the last one.
    pub(crate) fn block(&mut self, time: UnixMs, transactions: &[VerifiedTx]) -> Vec<Outcome> {
        (self.height, self.now_ms) = (self.height + 1, time.get());
        let proposer = ValidatorId::of(&key_of("validator 1").public());
        let height = Height::new(self.height);
        let mut at = BlockContext::new(self.chain, height, time, Round::FIRST, proposer);
        at.last_commit = height.previous().filter(|it| it.get() != 0).map(|height| LastCommit {
            height,
            round: Round::FIRST,
            signers: Vec::new(),
            missed_proposers: Vec::new(),
        });
        let mut changes = Changes::default();
        begin_block(&self.state, &at, &mut changes);
        let outcomes = transactions.iter().map(|tx| execute(&self.state, &at, tx, &mut changes)).collect();
        end_block(&self.state, &at, &mut changes);
        self.state.apply(&changes);
        outcomes
    }

    /// Signed by `who` for this chain.
    pub(crate) fn signed(&self, who: &str, payload: Payload) -> Result<VerifiedTx, Rejection> {
        let key = key_of(who);
        UnsignedTx::new(self.chain, key.public(), payload).sign(&key).verify(&self.chain)
    }

    /// Has the first statutes adopted.
    pub(crate) fn put_statutes(&mut self, statutes: Statutes) -> Result<(), Rejection> {
        self.decide(Act::PutStatutes { statutes: Box::new(statutes) })
    }

    /// Brings the census of these members, and has it adopted.
    pub(crate) fn adopt_census(&mut self, members: &[(CollegeId, String)]) -> Result<CensusId, Rejection> {
        let member =
            |(college, name): &(CollegeId, String)| CensusEntry { college: *college, member: key_of(name).public() };
        let mut entries: Vec<CensusEntry> = members.iter().map(member).collect();
        let commitment = CensusCommitment::over(&mut entries).map_err(|_| Rejection::Malformed)?;
        let census = commitment.id();
        let mut first = 0;
        for part in entries.chunks(CENSUS_CHUNK_MAX) {
            let entries = List::new(part.to_vec()).map_err(|_| Rejection::Malformed)?;
            self.send(
                "administrator 1",
                Payload::CensusChunk { commitment: commitment.clone(), attempt: 0, first, entries },
            )?;
            first += part.len() as u64;
        }
        self.decide(Act::AdoptCensus { census })?;
        Ok(census)
    }

    /// Drafts the election and has it scheduled.
    pub(crate) fn schedule(&mut self, definition: ElectionDefinition) -> Result<ElectionId, Rejection> {
        let (draft, election) = (definition.draft_id(), definition.election_id(&self.chain));
        self.send("administrator 1", Payload::DraftElection(definition))?;
        self.decide(Act::ScheduleElection { draft })?;
        Ok(election)
    }

    /// The result, once blocks after `close` have counted; `None` when they never end.
    pub(crate) fn result(&mut self, election: ElectionId, close: UnixMs) -> Option<ElectionResult> {
        if self.now_ms < close.get() {
            self.block(close, &[]);
        }
        for _ in 0..COUNTING_BLOCKS_MAX {
            if let Some(result) = urne_vote_contract::result(&self.state, &election) {
                return Some(result);
            }
            self.block(UnixMs::new(self.now_ms + 1), &[]);
        }
        None
    }

    fn send(&mut self, who: &str, payload: Payload) -> Result<(), Rejection> {
        let transaction = self.signed(who, payload)?;
        let outcomes = self.block(UnixMs::new(self.now_ms + 1), &[transaction]);
        outcomes.into_iter().try_for_each(|it| it.map(drop))
    }

    /// Proposed by the first college, approved by the second and the third.
    fn decide(&mut self, act: Act) -> Result<(), Rejection> {
        self.acts += 1;
        let proposed = ProposedAct { act, expires_at: UnixMs::new(SCENARIO_MS), nonce: self.acts };
        let act = proposed.id(&self.chain);
        self.send("administrator 1", Payload::ProposeAct(proposed))?;
        self.send("administrator 2", Payload::ApproveAct { act })?;
        self.send("administrator 3", Payload::ApproveAct { act })
    }
}

impl Memory {
    fn of(&mut self, space: Space) -> &mut BTreeMap<Vec<u8>, Vec<u8>> {
        match space {
            Space::Map => &mut self.map,
            Space::Index => &mut self.index,
        }
    }

    fn apply(&mut self, changes: &Changes) {
        for space in [Space::Map, Space::Index] {
            for (key, value) in changes.of(space) {
                match value {
                    Some(value) => self.of(space).insert(key.clone(), value.clone()),
                    None => self.of(space).remove(key),
                };
            }
        }
    }
}

impl StateView for Memory {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        let of = if space == Space::Map { &self.map } else { &self.index };
        of.get(key).cloned()
    }

    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        let of = if space == Space::Map { &self.map } else { &self.index };
        for (key, value) in of.range(from.to_vec()..) {
            if !key.starts_with(prefix) || each(key, value).is_break() {
                return;
            }
        }
    }
}

fn genesis(number: u16) -> Result<Genesis, Rejection> {
    let all = || (1..=number).map(CollegeId::new);
    let colleges = all().map(|id| {
        let statutory_weight_bp = 10_000 / number;
        Ok(College { id, name: bounded(&format!("college {id}"))?, statutory_weight_bp, consensus_weight: None })
    });
    let colleges = colleges.collect::<Result<Vec<_>, Rejection>>()?;
    let administrators =
        all().map(|college| Administrator { college, key: key_of(&format!("administrator {college}")).public() });
    let validators = all().map(|college| {
        let name = format!("validator {college}");
        let key = key_of(&name);
        let record = ValidatorRecord {
            college,
            name: bounded(&name)?,
            key: key.public(),
            node: NodeId(hash("urne.v1 rehearsal node", name.as_bytes())),
            addresses: List::default(),
        };
        Ok(Signed::sign(&RECORD_CHAIN, record, &key).into_signed())
    });
    let validators = validators.collect::<Result<Vec<_>, Rejection>>()?;
    let listed = |_| Rejection::Malformed;
    Ok(Genesis {
        protocol_version: PROTOCOL_VERSION,
        name: bounded("rehearsal")?,
        time: UnixMs::new(START_MS),
        halting: HaltingPolicy::NoCollegeHalts,
        parameters: Parameters::recommended(),
        colleges: List::new(colleges).map_err(listed)?,
        administrators: List::new(administrators.collect()).map_err(listed)?,
        validators: List::new(validators).map_err(listed)?,
    })
}
