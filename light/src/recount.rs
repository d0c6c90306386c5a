//! Counting an election again from the very ballots of its log: nothing that a node computed is believed.
use crate::fault::RecountFault;
use urne_types::{
    ChainId, ElectionId, Rejection,
    ballot::{Ballot, BallotLeaf},
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    merkle::Frontier,
    proof::LogHead,
    transaction::{Payload, RawTx},
};
use urne_vote_contract::{
    self as contract, ElectionResult,
    records::{CountBasis, ReplacedKey},
};

/// What must be known of an election to count it: its frozen definition, its whole census, its log's verified head, and the
/// public records that its count rests on.
#[derive(Clone, Copy, Debug)]
pub struct Election<'a> {
    /// The chain.
    pub chain: &'a ChainId,
    /// The election.
    pub id: &'a ElectionId,
    /// As frozen.
    pub definition: &'a ElectionDefinition,
    /// Every entry of the census, in order.
    pub census: &'a [CensusEntry],
    /// What the count depends on beyond definition, census and ballots: statutes, electorate, seeds of draws.
    pub basis: &'a CountBasis,
    /// Keys that exercise another member's right.
    pub replaced_keys: &'a [ReplacedKey],
    /// Where the log of ballots stood at the close, as a verified header commits to it.
    pub log: &'a LogHead,
}

/// Counts every ballot of the log, in the log's order, after checking each one's signature and member.
///
/// # Errors
/// [`RecountFault`]: the ballots are not those of the log, or one of them should not be there.
pub fn recount(
    election: Election<'_>,
    ballots: impl IntoIterator<Item = RawTx>,
) -> Result<ElectionResult, RecountFault> {
    let commitment = verified_census(&election)?;
    let (mut log, mut counted) = (Frontier::default(), Vec::new());
    for (index, raw) in (0..).zip(ballots) {
        let (entry, ballot, leaf) = verified_ballot(&election, &raw, index)?;
        log.append(leaf.hash(), |_, _| {});
        counted.push((entry, ballot.sequence, ballot.body));
    }
    if log.size() != election.log.size || log.root() != election.log.root {
        return Err(RecountFault::OtherLog { found: log.size(), expected: election.log.size });
    }
    Ok(contract::recount(election.id, election.definition, &commitment, election.basis, counted))
}

fn verified_census(election: &Election<'_>) -> Result<CensusCommitment, RecountFault> {
    if election.definition.election_id(election.chain) != *election.id {
        return Err(RecountFault::OtherDefinition);
    }
    let mut entries = election.census.to_vec();
    let commitment = CensusCommitment::over(&mut entries).map_err(|_| RecountFault::OtherCensus)?;
    if commitment.id() != election.definition.census || entries != election.census {
        return Err(RecountFault::OtherCensus);
    }
    Ok(commitment)
}

fn verified_ballot(
    election: &Election<'_>,
    raw: &RawTx,
    index: u64,
) -> Result<(CensusEntry, Ballot, BallotLeaf), RecountFault> {
    let refused = |rejection| RecountFault::Ballot { index, rejection };
    let tx = raw.decode().and_then(|tx| tx.verify(election.chain)).map_err(refused)?;
    let Payload::Ballot(ballot) = tx.payload() else { return Err(RecountFault::NotABallot { index }) };
    if ballot.election != *election.id {
        return Err(RecountFault::NotABallot { index });
    }
    let acting = election.replaced_keys.iter().find(|it| it.key == tx.sender());
    let entry = CensusEntry { college: ballot.college, member: acting.map_or(tx.sender(), |it| it.member) };
    if election.census.binary_search(&entry).is_err() {
        return Err(refused(Rejection::NotInCensus));
    }
    Ok((entry, ballot.clone(), BallotLeaf { tx_id: tx.id(), tx_hash: tx.hash() }))
}
