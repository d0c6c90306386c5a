//! What must never happen, looked at after every step. Each checker names the property it watches.
use std::collections::{BTreeMap, BTreeSet};
use urne_ledger::{Kv, Ledger};
use urne_types::{
    BlockHash, ElectionId, Height, UnixMs, ValidatorId,
    ballot::{Answer, BallotBody},
    election::CensusEntry,
    transaction::{Payload, RawTx},
};
use urne_vote_contract::{ElectionResult, Page};

/// A property that was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Two honest nodes have different blocks at one height.
    Agreement(Height),
    /// A block's date is not near the true time.
    Date(Height),
    /// A member has two accepted ballots out of order, or one where one only is allowed.
    Unicity,
    /// A node told of a block that its disk does not hold.
    Durability(Height),
    /// The announced result is not what counting the ballots gives.
    Tally,
    /// An honest validator is accused.
    FalseAccusation(ValidatorId),
    /// An honest node stopped.
    Stopped(String),
    /// The faults are over and no block is made.
    Liveness(Height),
}

/// What has been seen so far.
#[derive(Default)]
pub(crate) struct Checks {
    blocks: BTreeMap<Height, BlockHash>,
    pub(crate) honest: BTreeSet<ValidatorId>,
    pub(crate) violations: Vec<Violation>,
}

impl Checks {
    pub(crate) fn committed(&mut self, height: Height, block: BlockHash) {
        if *self.blocks.entry(height).or_insert(block) != block {
            self.violations.push(Violation::Agreement(height));
        }
    }
    /// The first honest node to commit a height does so between these two instants after the block's own time.
    pub(crate) fn dated(&mut self, height: Height, time: UnixMs, earliest: UnixMs, latest: UnixMs) {
        if !self.blocks.contains_key(&height) && !(earliest..=latest).contains(&time) {
            self.violations.push(Violation::Date(height));
        }
    }
    pub(crate) fn accused(&mut self, validator: ValidatorId) {
        if self.honest.contains(&validator) {
            self.violations.push(Violation::FalseAccusation(validator));
        }
    }
    /// A node comes back: what it had told must be there.
    pub(crate) fn restarted<K: Kv>(&mut self, ledger: &Ledger<K>, told: Height) {
        if ledger.tip().height < told {
            self.violations.push(Violation::Durability(told));
        }
    }
    /// The end of an election, on one node: unicity and the count, from the blocks alone.
    pub(crate) fn election<K: Kv>(&mut self, ledger: &Ledger<K>, election: &ElectionId) {
        let view = ledger.view();
        let Some(announced) = urne_vote_contract::result(&view, election) else { return };
        let (Some(definition), Some(_)) =
            (urne_vote_contract::definition(&view, election), urne_vote_contract::life(&view, election))
        else {
            return self.violations.push(Violation::Tally);
        };
        let Some(census) = urne_vote_contract::census(&view, &definition.census) else {
            return self.violations.push(Violation::Tally);
        };
        let ballots = accepted(ledger, election);
        let mut last: BTreeMap<CensusEntry, u32> = BTreeMap::new();
        for (entry, sequence, _) in &ballots {
            if last.insert(*entry, *sequence).is_some_and(|before| *sequence <= before) {
                self.violations.push(Violation::Unicity);
            }
        }
        let naive = naive_plurality(&ballots);
        let basis = urne_vote_contract::count_basis(&view, election);
        let recounted: ElectionResult =
            urne_vote_contract::recount(election, &definition, &census.commitment, &basis, ballots);
        if recounted != announced || !naive_agrees(&announced, &naive) {
            self.violations.push(Violation::Tally);
        }
        let _ = Page::ALL;
    }
}

/// Every accepted ballot, in order, read from the blocks.
fn accepted<K: Kv>(ledger: &Ledger<K>, election: &ElectionId) -> Vec<(CensusEntry, u32, BallotBody)> {
    let mut found = Vec::new();
    let mut height = Height::FIRST;
    while let Ok(Some(block)) = ledger.reader().block(height) {
        for bytes in &block.txs {
            if let Ok(tx) = RawTx(bytes.clone()).decode()
                && let Payload::Ballot(ballot) = tx.unsigned.payload
                && ballot.election == *election
            {
                let entry = CensusEntry { college: ballot.college, member: tx.unsigned.sender };
                found.push((entry, ballot.sequence, ballot.body));
            }
        }
        height = height.next();
    }
    found
}

/// Votes for each choice of the first question, by hand.
fn naive_plurality(ballots: &[(CensusEntry, u32, BallotBody)]) -> BTreeMap<u16, u64> {
    let mut last: BTreeMap<CensusEntry, &BallotBody> = BTreeMap::new();
    for (entry, _, body) in ballots {
        last.insert(*entry, body);
    }
    let mut votes = BTreeMap::new();
    for body in last.values() {
        let BallotBody::Open(answers) = body else { continue };
        if let Some(Answer::Choice(choice)) = answers.first() {
            *votes.entry(*choice).or_insert(0) += 1;
        }
    }
    votes
}

/// Whether the announced plurality is the naive one.
fn naive_agrees(announced: &ElectionResult, naive: &BTreeMap<u16, u64>) -> bool {
    match announced.questions.first() {
        Some(urne_vote_contract::QuestionResult::Plurality { votes, .. }) => votes
            .iter()
            .enumerate()
            .all(|(choice, n)| n.0 == u16::try_from(choice).ok().and_then(|it| naive.get(&it)).copied().unwrap_or(0)),
        _ => false,
    }
}
