//! Secret elections of rankings in the small world, and what each voter said: the same in the open, and again from the ballots.
#![allow(dead_code, unreachable_pub)]
use crate::{
    credential_support::{ISSUANCE, credential_rules},
    secret_support::trustee,
    support::{HOUR, START, World, question, ranking},
};
use std::collections::BTreeMap;
use urne_ballot::Answer as Choice;
use urne_types::{
    ElectionId, UnixMs,
    ballot::Answer,
    bounded::Bytes,
    codec::decode_canonical,
    election::{Method, Question, Secrecy},
    limits::MESSAGE_BYTES_MAX,
    method::{LotRule, RunoffStop},
    sealed::OpeningShare,
    transaction::{Payload, VerifiedTx},
};
use urne_vote_contract::{
    self as contract, ElectionResult,
    records::ElectionState,
    sealed::{self, SealedKeys, SealedRecount, VerifiedSeal, records::Piece},
};

pub fn runoff() -> Question {
    let method = Method::InstantRunoff { stop: RunoffStop::Majority, lot: LotRule::ListOrder };
    question(&["a", "b", "c", "d", "e"], method)
}
pub fn transferable() -> Question {
    question(&["p", "q", "r", "s", "t", "u"], Method::ScottishStv { seats: 2, lot: LotRule::ListOrder })
}

/// A voter's ranking of so many choices, sooner or later stopping; the same at each asking.
pub fn order(voter: usize, salt: usize, choices: usize) -> Vec<u16> {
    let mut left: Vec<u16> = (0..choices as u16).collect();
    let mut seed = (voter * 31 + salt * 17 + 7) as u64;
    let mut order = Vec::new();
    for _ in 0..(voter + salt) % (choices + 1) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.push(left.remove((seed >> 33) as usize % left.len()));
    }
    order
}
pub fn sealed_answer(order: &[u16]) -> Choice {
    if order.is_empty() { Choice::Blank } else { Choice::Ranked(order.to_vec()) }
}
pub fn open_answer(order: &[u16]) -> Answer {
    let ranks: Vec<Vec<u16>> = order.iter().map(|it| vec![*it]).collect();
    let ranks: Vec<&[u16]> = ranks.iter().map(Vec::as_slice).collect();
    if order.is_empty() { Answer::Blank } else { ranking(&ranks) }
}

pub fn name(voter: usize) -> String {
    format!("voter {voter}")
}
/// Two thirds are in college 1.
pub fn college_of(voter: usize) -> u16 {
    if voter % 3 == 2 { 2 } else { 1 }
}
pub fn members(voters: usize) -> Vec<(u16, String)> {
    (0..voters).map(|it| (college_of(it), name(it))).collect()
}

/// A secret election of rankings, and every ballot that it took.
pub struct Ranked {
    pub world: World,
    pub id: ElectionId,
    pub cast: Vec<VerifiedTx>,
    /// What each voter said last.
    pub last: BTreeMap<usize, Vec<Vec<u16>>>,
    pub questions: Vec<Question>,
    pub voters: usize,
}

impl Ranked {
    /// Every voter has a credential that nobody can tell from another's.
    pub fn open(voters: usize, questions: Vec<Question>, groups: &[&[u16]]) -> Self {
        let mut world = World::new();
        let members = members(voters);
        let members: Vec<(u16, &str)> = members.iter().map(|(of, name)| (*of, name.as_str())).collect();
        let census = world.committed_census(&members);
        let mut definition = world.definition(census, questions.clone());
        definition.secrecy = Secrecy::Sealed(Box::new(credential_rules(groups)));
        let draft = world.begin_ceremony(&definition);
        let id = world.run_ceremonies(&draft, &[]);
        world.empty(ISSUANCE);
        for college in [1, 2] {
            let of_college = members.iter().filter(|(of, _)| *of == college).map(|(_, name)| *name);
            world.registered(id, college, &of_college.collect::<Vec<_>>());
        }
        world.empty(definition.opens_at.get());
        Self { world, id, cast: Vec::new(), last: BTreeMap::new(), questions, voters }
    }
    pub fn cast(&mut self, voter: usize, sequence: u32, orders: Vec<Vec<u16>>) {
        let answers = orders.iter().map(|it| sealed_answer(it)).collect();
        let tx = self.world.anonymous_tx(&name(voter), self.id, college_of(voter), sequence, answers);
        self.world.one(tx.clone()).unwrap();
        self.cast.push(tx);
        self.last.insert(voter, orders);
    }
    /// Everybody but every eleventh votes, the later voters first; every fifth had said something else before.
    pub fn cast_all(&mut self) {
        for voter in (0..self.voters).rev().filter(|it| it % 11 != 3) {
            let orders = |salt: usize, it: &[Question]| -> Vec<Vec<u16>> {
                (salt..).zip(it).map(|(salt, it)| order(voter, salt, it.choices.len())).collect()
            };
            let questions = self.questions.clone();
            if voter % 5 == 0 {
                self.cast(voter, 1, orders(4, &questions));
            }
            self.cast(voter, 2, orders(1, &questions));
        }
    }
    pub fn close(&mut self) {
        self.world.empty(START + 2 * HOUR);
        self.world.go_on();
    }
    pub fn post(&mut self, number: u16) {
        for share in self.world.opening_shares(&self.id, number) {
            self.world.send(&trustee(number), Payload::Opening(share)).unwrap();
        }
        self.world.go_on();
    }
    pub fn post_all(&mut self, numbers: &[u16]) {
        numbers.iter().for_each(|it| self.post(*it));
    }
    pub fn state(&self) -> ElectionState {
        contract::election(&self.world.state, &self.id).unwrap().state
    }
    pub fn result(&self) -> ElectionResult {
        self.world.result(self.id)
    }
    /// The same choices in an open election.
    pub fn in_the_open(&self) -> ElectionResult {
        let mut world = World::new();
        let members = members(self.voters);
        let members: Vec<(u16, &str)> = members.iter().map(|(of, name)| (*of, name.as_str())).collect();
        let census = world.census(&members);
        let id = world.schedule(world.definition(census, self.questions.clone()));
        world.empty(START + HOUR);
        for (voter, orders) in &self.last {
            let answers: Vec<Answer> = orders.iter().map(|it| open_answer(it)).collect();
            world.cast(&name(*voter), id, college_of(*voter), 1, &answers).unwrap();
        }
        world.empty(START + 2 * HOUR);
        world.count_through();
        world.result(id)
    }
    /// From the ballots, the keys and the shares alone.
    pub fn recount(&self) -> ElectionResult {
        let state = &self.world.state;
        let definition = contract::definition(state, &self.id).unwrap();
        let census = contract::census(state, &definition.census).unwrap().commitment;
        let basis = contract::count_basis(state, &self.id);
        let record = sealed::urn(state, &self.id).unwrap();
        let keys = SealedKeys::of(&record, &definition, &self.world.chain, &self.id).unwrap();
        let mut again = SealedRecount::new(&self.id, &definition, &census, &basis, &keys);
        for tx in &self.cast {
            let Payload::Ballot(ballot) = tx.payload() else { panic!("a ballot") };
            let entry = urne_types::election::CensusEntry { college: ballot.college, member: tx.sender() };
            again.cast(entry, ballot.sequence, tx.seal().and_then(|it| it.get::<VerifiedSeal>()).unwrap()).unwrap();
        }
        let voted: Vec<_> = again.turnout().colleges.iter().map(|it| (it.college, it.voted.get())).collect();
        let parts = sealed::parts(&definition, &voted);
        let shares = (0..parts).map(|part| (part, sealed::shares(state, &self.id, part))).collect();
        again.open(&shares).unwrap()
    }
    /// Whether the state still holds ballots that were to be opened, or pieces of them.
    pub fn leaves_ballots(&self) -> bool {
        let held = |space: &BTreeMap<Vec<u8>, Vec<u8>>, tags: [u8; 2]| space.keys().any(|key| tags.contains(&key[0]));
        held(&self.world.state.map, [0x5e, 0x5f]) || held(&self.world.state.index, [0x1d, 0x1e])
    }
    /// The pieces that wait for shares.
    pub fn pieces(&self) -> Vec<(Vec<u8>, Piece)> {
        let under = self.world.state.map.range([&[0x5e], &self.id.0[..]].concat()..[&[0x5f], &self.id.0[..]].concat());
        under.map(|(key, it)| (key.clone(), decode_canonical(it, MESSAGE_BYTES_MAX).unwrap())).collect()
    }
}

impl World {
    /// Blocks until nothing is due at once; how many they were.
    pub fn go_on(&mut self) -> usize {
        let mut blocks = 0;
        while contract::next_deadline(&self.state) == Some(UnixMs::new(0)) {
            self.empty(self.now + 1);
            blocks += 1;
            assert!(blocks < 100_000, "an opening ends");
        }
        blocks
    }
}

/// The share with its last byte changed: its proof fails.
pub fn wrong(right: &OpeningShare) -> OpeningShare {
    let mut bytes = right.share.to_vec();
    let d = bytes.len() - 40;
    bytes.copy_within(2..34, 34);
    bytes[d] ^= 1;
    OpeningShare { share: Bytes::new(bytes).unwrap(), ..right.clone() }
}
