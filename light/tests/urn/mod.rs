//! A whole election of four questions on the test ledger, its archive as records, and a chain whose validators all lie: they
//! sign whatever state a test writes.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub)]
#[path = "../../../ledger/tests/chain/mod.rs"]
pub mod chain;
pub mod lies;

use chain::{HOUR, START, World, certificate, entry_of, member};
use jmt::{
    JellyfishMerkleTree, KeyHash, OwnedValue, Version,
    proof::SparseMerkleProof,
    storage::{LeafNode, Node, NodeKey, TreeReader},
};
use sha2::Sha256;
use std::{collections::BTreeMap, io::Cursor};
use urne_exchange::counted::Counted;
use urne_ledger::MemoryKv;
use urne_light::{
    ArchiveFault, Groundwork, Recounting, VerifiedElection,
    archive::{ARCHIVE_VERSION, ArchiveReader, ArchiveWriter, ArchivedBlock, ArchivedTx, Opening, ReadError, Record},
    definition_key, member_key, state_keys,
};
use urne_types::{
    AppHash, ChainId, ElectionId, Height, PublicKey, UnixMs,
    ballot::{Answer, Ballot, BallotBody},
    bounded::{List, Text},
    codec::decode_canonical,
    election::{Base, EarlyClose, ElectionDefinition, Method, NullPolicy, Question, RevotePolicy, Secrecy, Threshold},
    governance::Act,
    limits::{CENSUS_CHUNK_MAX, MESSAGE_BYTES_MAX},
    proof::{ProvenState, STATE_ENTRIES_MAX, StateEntry},
    transaction::{Payload, RawTx, Transaction, VerifiedTx},
};
use urne_vote_contract::{self as contract, Page};

pub const MEMBERS: usize = 30;

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

/// One question of each kind that `tools/recount.py` counts.
pub fn questions() -> Vec<Question> {
    let names = |names: &[&str]| List::new(names.iter().map(|it| text(it)).collect()).unwrap();
    let grades = List::new(["à rejeter", "passable", "bien", "très bien"].map(text).to_vec()).unwrap();
    let question =
        |title: &str, choices: &[&str], method| Question { title: text(title), choices: names(choices), method };
    vec![
        question(
            "Le budget",
            &["pour", "contre"],
            Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed },
        ),
        question("La salle", &["Orsay", "Bures", "Gif"], Method::Plurality),
        question("Les dates", &["lundi", "mardi", "jeudi", "samedi"], Method::Approval),
        question(
            "Le nom",
            &["Urne", "Boîte", "Corbeille"],
            Method::MajorityJudgment { grades, nulls: NullPolicy::Worst },
        ),
    ]
}

/// What member `index` answers: all kinds of answers, blank ones and missing grades among them.
pub fn answers(index: usize) -> Vec<Answer> {
    let of = |n: usize| u16::try_from(index % n).unwrap();
    let dates = (0..4).filter(|date| (index + 1) >> date & 1 == 1).collect::<Vec<u16>>();
    let grade = |shift: usize| match (index + shift) % 6 {
        it @ 0..4 => Some(u8::try_from(it).unwrap()),
        4 => Some(2),
        _ => None,
    };
    vec![
        if index % 7 == 6 { Answer::Blank } else { Answer::Choice(of(5) / 3) },
        if index % 5 == 4 { Answer::Blank } else { Answer::Choice(of(3)) },
        if dates.is_empty() { Answer::Blank } else { Answer::Approvals(List::new(dates).unwrap()) },
        Answer::Grades(List::new(vec![grade(0), Some(1), grade(3)]).unwrap()),
    ]
}

/// A majority judgment of five candidates on five grades.
pub fn five_by_five() -> Vec<Question> {
    let names = |of: [&str; 5]| of.map(text).to_vec();
    let grades = List::new(names(["à rejeter", "insuffisant", "passable", "bien", "très bien"])).unwrap();
    let choices = List::new(names(["A", "B", "C", "D", "E"])).unwrap();
    vec![Question { title: text("?"), choices, method: Method::MajorityJudgment { grades, nulls: NullPolicy::Worst } }]
}
/// What a voter gives each of the five.
pub fn grades(index: usize) -> [u16; 5] {
    std::array::from_fn(|candidate| u16::try_from((index / 7 + index * candidate) % 5).unwrap())
}

/// An election, held and counted.
pub struct Held {
    pub world: World<MemoryKv>,
    pub election: ElectionId,
    first: Height,
    last: Height,
}

impl Held {
    /// Two blocks of ballots, a third with revotes and a transaction of something else, and a change of validators between.
    pub fn new() -> Self {
        let mut world = World::new();
        let election = open(&mut world, MEMBERS, questions());
        let first = world.height().next();
        let cast = |world: &World<MemoryKv>, index: usize, sequence: u32, says: usize| {
            let body = BallotBody::Open(List::new(answers(says)).unwrap());
            let college = entry_of(index).college;
            world.tx(&member(index), Payload::Ballot(Ballot { election, college, sequence, body }))
        };
        let some = |world: &World<MemoryKv>, range: std::ops::Range<usize>| -> Vec<VerifiedTx> {
            range.map(|index| cast(world, index, 1, index)).collect()
        };
        let txs = some(&world, 0..12);
        world.block(&txs);
        world.replace_first_validator();
        let txs = some(&world, 12..25);
        world.block(&txs);
        let act = Act::ReplaceMemberKey {
            from: entry_of(3).member,
            to: chain::secret("the new key of member 3").public(),
            cause: urne_types::governance::KeyCause::Lost,
        };
        world.act(act);
        let replaced = {
            let body = BallotBody::Open(List::new(answers(8)).unwrap());
            let college = entry_of(3).college;
            world.tx("the new key of member 3", Payload::Ballot(Ballot { election, college, sequence: 2, body }))
        };
        let more = [cast(&world, 5, 3, 11), world.tx("admin 1", delegation()), replaced, cast(&world, 5, 4, 2)];
        world.block(&more);
        let last = world.height();
        world.now = START + 2 * HOUR;
        world.block(&[]);
        Self { world, election, first, last }
    }
    /// A majority judgment of five candidates on five grades, with so many voters and 2,000 ballots a block: to measure with.
    pub fn judgment(voters: usize) -> Self {
        let mut world = World::new();
        let election = open(&mut world, voters, five_by_five());
        let first = world.height().next();
        let cast = |world: &World<MemoryKv>, index: usize| {
            let grades = grades(index).map(|it| Some(u8::try_from(it).unwrap()));
            world.ballot(index, election, 1, Answer::Grades(List::new(grades.to_vec()).unwrap()))
        };
        let all: Vec<usize> = (0..voters).collect();
        for some in all.chunks(2_000) {
            let txs: Vec<VerifiedTx> = some.iter().map(|index| cast(&world, *index)).collect();
            world.block(&txs);
        }
        let last = world.height();
        world.now = START + 2 * HOUR;
        world.block(&[]);
        Self { world, election, first, last }
    }
    /// One that was held elsewhere, its ballots in these blocks.
    pub fn of(world: World<MemoryKv>, election: ElectionId, first: Height, last: Height) -> Self {
        Self { world, election, first, last }
    }
    /// As `urne election archive` would write it.
    pub fn records(&self) -> Vec<Record> {
        self.records_of(|keys| vec![keys])
    }
    /// With the shares of each piece in a record of their own, as a writer may do it: a lie about one is then short.
    pub fn records_by_piece(&self) -> Vec<Record> {
        // `58 ‖ election 32 ‖ part 4 ‖ trustee 2`
        let piece = |key: &Vec<u8>| if key[0] == 0x58 { Some(key[33..37].to_vec()) } else { None };
        self.records_of(|mut keys| {
            keys.sort_by_key(piece);
            keys.chunk_by(|a, b| piece(a) == piece(b)).map(<[_]>::to_vec).collect()
        })
    }
    fn records_of(&self, split: impl Fn(Vec<Vec<u8>>) -> Vec<Vec<Vec<u8>>>) -> Vec<Record> {
        let (reader, view) = (self.world.ledger.reader(), self.world.ledger.view());
        let definition = contract::definition(&view, &self.election).unwrap();
        let census = contract::census_entries(&view, &definition.census, Page::ALL);
        let turnout = contract::turnout(&view, &self.election).unwrap();
        let voted: Vec<_> = turnout.colleges.iter().map(|it| (it.college, it.voted.get())).collect();
        let mut keys = vec![definition_key(&self.election)];
        keys.extend(state_keys(&self.election, &definition, &voted));
        keys.extend(contract::replaced_keys(&view, Page::ALL).iter().map(|it| member_key(&it.key)));
        let genesis = chain::genesis();
        let mut records =
            vec![Record::Opening(Box::new(Opening { version: ARCHIVE_VERSION, genesis, election: self.election }))];
        let handovers = reader.handovers(Height::FIRST, 100).unwrap();
        records.extend(handovers.into_iter().map(|it| Record::Handover(Box::new(it))));
        for keys in split(keys) {
            assert!(keys.len() <= STATE_ENTRIES_MAX);
            records.push(Record::State(Box::new(reader.proven_state(&keys, usize::MAX).unwrap().unwrap())));
        }
        records.extend(census.chunks(CENSUS_CHUNK_MAX).map(|it| Record::Census(List::new(it.to_vec()).unwrap())));
        // The keys of a secret election are made before its first ballot.
        let ceremony = contract::sealed::ceremony_of(&view, &definition.draft_id());
        let mut height = ceremony.map_or(self.first, |it| it.begun.height);
        let draft = definition.draft_id();
        while height <= self.last {
            let (block, certificate) = (reader.block(height).unwrap().unwrap(), reader.certificate(height).unwrap());
            let archived = ArchivedBlock::of(block, certificate.unwrap(), &self.election, &draft);
            if archived.whole() != 0 {
                records.push(Record::Block(Box::new(archived)));
            }
            height = height.next();
        }
        records.push(Record::End);
        records
    }
}

fn delegation() -> Payload {
    Payload::Delegate { to: chain::secret("deputy").public(), expires_at: UnixMs::new(START + 30 * HOUR) }
}

fn open(world: &mut World<MemoryKv>, members: usize, questions: Vec<Question>) -> ElectionId {
    let census = world.adopt_census(members);
    let definition = ElectionDefinition {
        title: text("Assemblée générale"),
        questions: List::new(questions).unwrap(),
        census,
        secrecy: Secrecy::Open,
        opens_at: UnixMs::new(START + HOUR),
        closes_at: UnixMs::new(START + 2 * HOUR),
        grace_ms: 0,
        revote: RevotePolicy::LastCounts,
        early_close: EarlyClose::Forbidden,
        convened_at: None,
        documents: List::default(),
        statutes: None,
    };
    let (draft, election) = (definition.draft_id(), definition.election_id(&world.chain()));
    let draft_tx = world.tx("admin 1", Payload::DraftElection(definition));
    world.block(&[draft_tx]);
    world.act(Act::ScheduleElection { draft });
    world.now = START + HOUR;
    world.block(&[]);
    election
}

// ---- Files and verdicts ----

pub fn written(records: &[Record]) -> Vec<u8> {
    let mut file = ArchiveWriter::create(Vec::new()).unwrap();
    records.iter().for_each(|it| file.put(it).unwrap());
    file.into_inner()
}

/// The whole verification, from the bytes of a file.
pub fn verify(file: &[u8], trusted: ChainId, asked: Option<ElectionId>) -> Result<VerifiedElection, ArchiveFault> {
    let fault = |e: ReadError| match e {
        ReadError::Fault(fault) => fault,
        ReadError::Disk(e) => panic!("{e}"),
    };
    let mut records = ArchiveReader::open(Cursor::new(file)).map_err(fault)?;
    let mut groundwork = Groundwork::new(trusted, asked);
    let mut next = None;
    while next.is_none() {
        let record = records.next().expect("an archive ends with its end").map_err(fault)?;
        next = groundwork.take(record)?;
    }
    let ground = groundwork.finish()?;
    let mut again = Recounting::new(&ground);
    let rest = next.map(Ok).into_iter().chain(records);
    for record in rest {
        if let Some(block) = record.map_err(fault)?.block()? {
            for checked in ground.check(vec![block], &mut rand::rng())? {
                again.add(checked)?;
            }
        }
    }
    again.finish()
}

/// What any recount says of it: the shape of `docs/vectors/*archive.json`.
pub fn said(found: &VerifiedElection) -> serde_json::Value {
    let questions = found.definition.questions.iter().zip(&found.result.questions);
    let questions: Vec<serde_json::Value> = questions
        .map(|(question, counted)| {
            let mut shown = serde_json::to_value(Counted::of(question, counted).unwrap()).unwrap();
            shown["title"] = serde_json::Value::String(question.title.to_string());
            shown
        })
        .collect();
    serde_json::json!({
        "chain": found.chain, "election": found.election, "ballots": found.ballots.size.to_string(),
        "turnout": found.result.turnout, "questions": questions,
    })
}

// ---- A chain whose validators all lie ----

/// The archive with another state, which more than two thirds of the power signed all the same.
pub fn lying(records: &mut [Record], change: impl FnOnce(&mut BTreeMap<Vec<u8>, Option<Vec<u8>>>)) {
    lying_in(records, 0, change);
}
/// The same, where the state stands in several records, in that one of them.
pub fn lying_in(records: &mut [Record], which: usize, change: impl FnOnce(&mut BTreeMap<Vec<u8>, Option<Vec<u8>>>)) {
    let mut states = records.iter_mut().filter_map(|it| match it {
        Record::State(state) => Some(state),
        _ => None,
    });
    let state: &mut ProvenState = states.nth(which).expect("an archive has a state");
    let mut entries: BTreeMap<_, _> = state.entries.iter().map(|it| (it.key.clone(), it.value.clone())).collect();
    change(&mut entries);
    let nodes = Nodes::over(&entries);
    let (root, entries) = nodes.prove(&entries);
    state.header.app_hash = root;
    state.entries = List::new(entries).unwrap();
    // Validator 5 took the place of the first one in the order of their names, so the others sign.
    let signers: Vec<u16> = (1..=5).filter(|id| signs(&state.certificate, *id)).collect();
    state.certificate = certificate(&state.header.chain, state.header.height, state.header.hash(), &signers);
}

/// Whether a validator signed: whoever signed before signs again.
pub fn signs(certificate: &urne_types::certificate::CommitCertificate, id: u16) -> bool {
    let name = urne_types::ValidatorId::of(&chain::validator(id).public());
    certificate.signatures.iter().any(|it| it.validator == name)
}

#[derive(Default)]
struct Nodes {
    nodes: BTreeMap<NodeKey, Node>,
    values: BTreeMap<KeyHash, Vec<u8>>,
}

impl Nodes {
    fn over(entries: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Self {
        let there = entries.iter().filter_map(|(key, value)| Some((KeyHash::with::<Sha256>(key), value.clone()?)));
        let values: BTreeMap<KeyHash, Vec<u8>> = there.collect();
        let empty = Self::default();
        let put = values.iter().map(|(key, value)| (*key, Some(value.clone())));
        let (_, batch) = JellyfishMerkleTree::<_, Sha256>::new(&empty).put_value_set(put, 0).unwrap();
        Self { nodes: batch.node_batch.nodes().clone().into_iter().collect(), values }
    }
    fn prove(&self, entries: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> (AppHash, Vec<StateEntry>) {
        let tree = JellyfishMerkleTree::<_, Sha256>::new(self);
        let root = AppHash(tree.get_root_hash(0).unwrap().0);
        let entry = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| {
            let proof: (_, SparseMerkleProof<Sha256>) = tree.get_with_proof(KeyHash::with::<Sha256>(key), 0).unwrap();
            StateEntry { key: key.clone(), value: value.clone(), proof: borsh::to_vec(&proof.1).unwrap() }
        };
        (root, entries.iter().map(entry).collect())
    }
}
impl TreeReader for Nodes {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.nodes.get(key).cloned())
    }
    fn get_value_option(&self, _: Version, key: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(self.values.get(&key).cloned())
    }
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}

// ---- Blocks with another body ----

pub fn blocks(records: &mut [Record]) -> Vec<&mut ArchivedBlock> {
    let blocks = records.iter_mut().filter_map(|it| match it {
        Record::Block(block) => Some(block.as_mut()),
        _ => None,
    });
    blocks.collect()
}
/// Those that hold ballots, or what makes the credentials that sign them: not the messages of the ceremony.
pub fn urn_blocks(records: &mut [Record]) -> Vec<&mut ArchivedBlock> {
    let is_of_ceremony = |it: &ArchivedTx| matches!(payload(it), Some(Payload::Ceremony(_)));
    blocks(records).into_iter().filter(|it| !it.txs.iter().any(is_of_ceremony)).collect()
}
/// A transaction behind its hash, as one of something else.
pub fn hidden(of: &ArchivedTx) -> ArchivedTx {
    match of {
        ArchivedTx::Whole(bytes) => ArchivedTx::Other(urne_types::transaction::tx_hash(bytes)),
        other @ ArchivedTx::Other(_) => other.clone(),
    }
}
/// What a whole transaction says.
pub fn payload(of: &ArchivedTx) -> Option<Payload> {
    match of {
        ArchivedTx::Whole(bytes) => RawTx(bytes.clone()).decode().ok().map(|it| it.unsigned.payload),
        ArchivedTx::Other(_) => None,
    }
}
pub fn change_txs(block: &mut ArchivedBlock, change: impl FnOnce(&mut Vec<ArchivedTx>)) {
    let mut txs = block.txs.to_vec();
    change(&mut txs);
    block.txs = List::new(txs).unwrap();
}
/// A block with another body, which its validators sign all the same.
pub fn resign(block: &mut ArchivedBlock, change: impl FnOnce(&mut Vec<ArchivedTx>)) {
    change_txs(block, change);
    let hash = |it: &ArchivedTx| match it {
        ArchivedTx::Other(hash) => *hash,
        ArchivedTx::Whole(bytes) => urne_types::transaction::tx_hash(bytes),
    };
    block.header.tx_root = urne_types::merkle::root_of(block.txs.iter().map(|it| hash(it).0));
    let signed = |id: &u16| {
        let name = urne_types::ValidatorId::of(&chain::validator(*id).public());
        block.certificate.signatures.iter().any(|it| it.validator == name)
    };
    let signers: Vec<u16> = (1..=5).filter(signed).collect();
    let header = &block.header;
    block.certificate = chain::certificate(&header.chain, header.height, header.hash(), &signers);
}
pub fn tx(of: &ArchivedTx) -> Transaction {
    let ArchivedTx::Whole(bytes) = of else { panic!("a whole transaction") };
    decode_canonical(bytes, MESSAGE_BYTES_MAX).unwrap()
}

/// The member of a key, for tests that name people.
pub fn key_of(index: usize) -> PublicKey {
    entry_of(index).member
}
