//! The verification of sealed ballots, for the threads that verify transactions: the statement of an election is looked up,
//! ballots of one election are verified together, and what comes out stays with its transaction. The contract takes a sealed
//! ballot's ciphertext from here and from nowhere else.
use super::{
    keys,
    questions::{compile, refused},
    records::UrnRecord,
};
use crate::{
    event::Event,
    read,
    records::{ElectionGate, ElectionState},
    state::{Space, StateView},
    work::{keys_while, record},
};
use std::{collections::BTreeMap, sync::Arc};
use urne_ballot::{
    CandidateBallot, SealedBallot, Statement, ThresholdKeys, Trustees, VerifiedBallot, batch::verify_many,
};
use urne_types::{
    ChainId, CollegeId, ElectionId, PublicKey, Rejection, Signature,
    ballot::{Ballot, BallotBody},
    bounded::Bytes,
    election::{BallotKind, ElectionDefinition},
    seal::{Seal, SealClaim, SealVerifier},
    transaction::{Payload, Transaction, UnsignedTx},
};

/// A ballot that was verified against a statement; only [`Seals`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedSeal {
    statement: [u8; 32],
    ballot: VerifiedBallot,
}
impl VerifiedSeal {
    /// The digest of the statement it holds for.
    #[must_use]
    pub const fn statement(&self) -> &[u8; 32] {
        &self.statement
    }
    /// The ballot.
    #[must_use]
    pub const fn ballot(&self) -> &VerifiedBallot {
        &self.ballot
    }
}

/// The statement of a secret election, once its keys are made: it never changes after that, so a caller may keep it.
pub fn statement<V: StateView + ?Sized>(view: &V, chain: &ChainId, election: &ElectionId) -> Option<Statement> {
    let urn: UrnRecord = record(&view, Space::Map, &keys::urn(election))?;
    stated(&read::definition(view, election)?, chain, election, &urn.trustees).ok()
}

/// The same from what the ledger shows of an election: its definition and its trustees' keys. Whether these are the
/// election's is for the caller to ask: [`urne_ballot::election_id`] says which election they are.
///
/// # Errors
/// What cannot be sealed, and bytes that are not keys for it (600 to 699).
pub fn stated(
    definition: &ElectionDefinition,
    chain: &ChainId,
    election: &ElectionId,
    trustees: &[u8],
) -> Result<Statement, Rejection> {
    let compiled = compile(definition)?;
    let keys = ThresholdKeys::<Trustees>::decode(trustees).map_err(refused)?;
    Statement::new(compiled, *chain, *election, &keys.elements()).map_err(refused)
}

/// Verifies sealed ballots of the elections whose statements a look-up finds.
#[derive(Clone, Copy, Debug)]
pub struct Seals<F>(pub F);

impl<F: Fn(&ElectionId) -> Option<Arc<Statement>>> SealVerifier for Seals<F> {
    fn verify_seal(&self, claim: &SealClaim<'_>) -> Result<Seal, Rejection> {
        let statement = (self.0)(&claim.ballot.election).ok_or(Rejection::SealNotVerifiable)?;
        let candidate = CandidateBallot { sequence: claim.ballot.sequence, bytes: &whole(claim) };
        let ballot = statement.verify(candidate).map_err(refused)?;
        Ok(Seal::new(VerifiedSeal { statement: *statement.digest(), ballot }))
    }
    fn verify_seals(
        &self,
        claims: &[SealClaim<'_>],
        mut rng: &mut dyn rand_core::CryptoRng,
    ) -> Vec<Result<Seal, Rejection>> {
        let mut verdicts: Vec<Result<Seal, Rejection>> =
            claims.iter().map(|_| Err(Rejection::SealNotVerifiable)).collect();
        let mut elections: BTreeMap<ElectionId, Vec<usize>> = BTreeMap::new();
        for (at, claim) in claims.iter().enumerate() {
            elections.entry(claim.ballot.election).or_default().push(at);
        }
        for (election, ballots) in elections {
            let Some(statement) = (self.0)(&election) else { continue };
            let bytes: Vec<Vec<u8>> = ballots.iter().map(|at| whole(&claims[*at])).collect();
            let candidates = ballots.iter().zip(&bytes);
            let candidates: Vec<CandidateBallot<'_>> = candidates
                .map(|(at, bytes)| CandidateBallot { sequence: claims[*at].ballot.sequence, bytes })
                .collect();
            for (at, verdict) in ballots.iter().zip(verify_many(&statement, &candidates, &mut rng)) {
                let seal = |ballot| Seal::new(VerifiedSeal { statement: *statement.digest(), ballot });
                verdicts[*at] = verdict.map(seal).map_err(refused);
            }
        }
        verdicts
    }
}

/// What the sealed ballots of a moment are verified against: the statements of all elections that have their keys and are not
/// counted yet. Cheap to hand to the threads that verify; a new one is made when an election comes or goes.
#[derive(Clone, Debug, Default)]
pub struct Statements(BTreeMap<ElectionId, Arc<Statement>>);

impl Statements {
    /// Those of a state.
    pub fn read<V: StateView + ?Sized>(view: &V, chain: &ChainId) -> Self {
        let elections = keys_while(&view, &keys::gates(), |_| true);
        let elections = elections.iter().filter_map(|key| crate::keys::parse_name(key).map(ElectionId));
        let mut statements = Self::default();
        elections.for_each(|it| statements.learn(view, chain, it));
        statements
    }
    /// Those of the state after a block in which that happened, when they are others.
    pub fn after<V: StateView + ?Sized>(&self, view: &V, chain: &ChainId, events: &[Event]) -> Option<Self> {
        let mut after: Option<Self> = None;
        for event in events {
            match event {
                Event::ElectionScheduled { election, .. }
                    if read::gate(view, election).is_some_and(|it| it.secrecy == BallotKind::Sealed) =>
                {
                    after.get_or_insert_with(|| self.clone()).learn(view, chain, *election);
                }
                Event::ElectionTallied { election, .. } | Event::ElectionCancelled { election }
                    if self.0.contains_key(election) =>
                {
                    after.get_or_insert_with(|| self.clone()).0.remove(election);
                }
                _ => {}
            }
        }
        after
    }
    fn learn<V: StateView + ?Sized>(&mut self, view: &V, chain: &ChainId, election: ElectionId) {
        let is_over = |it: &ElectionGate| matches!(it.state, ElectionState::Tallied | ElectionState::Cancelled);
        if read::gate(view, &election).is_some_and(|it| !is_over(&it))
            && let Some(statement) = statement(view, chain, &election)
        {
            self.0.insert(election, Arc::new(statement));
        }
    }
    /// That of an election.
    #[must_use]
    pub fn get(&self, election: &ElectionId) -> Option<Arc<Statement>> {
        self.0.get(election).cloned()
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
impl SealVerifier for Statements {
    fn verify_seal(&self, claim: &SealClaim<'_>) -> Result<Seal, Rejection> {
        Seals(|election: &ElectionId| self.get(election)).verify_seal(claim)
    }
    fn verify_seals(
        &self,
        claims: &[SealClaim<'_>],
        rng: &mut dyn rand_core::CryptoRng,
    ) -> Vec<Result<Seal, Rejection>> {
        Seals(|election: &ElectionId| self.get(election)).verify_seals(claims, rng)
    }
}

/// A sealed ballot as it travels: K, R and σ are the transaction's sender and signature.
///
/// # Errors
/// [`Rejection::Malformed`]: shorter than its signature, or longer than a ballot may be.
pub fn carried(
    chain: &ChainId,
    election: ElectionId,
    college: CollegeId,
    ballot: &SealedBallot,
) -> Result<Transaction, Rejection> {
    let (rest, signature) = ballot.bytes.split_last_chunk().ok_or(Rejection::Malformed)?;
    let (sealed, credential) = rest.split_last_chunk().ok_or(Rejection::Malformed)?;
    let body = BallotBody::Sealed(Bytes::new(sealed.to_vec()).map_err(|_| Rejection::Malformed)?);
    let ballot = Ballot { election, college, sequence: ballot.sequence, body };
    let unsigned = UnsignedTx::new(*chain, PublicKey(*credential), Payload::Ballot(ballot));
    Ok(Transaction { unsigned, signature: Signature(*signature) })
}

/// The ballot as `urne-ballot` writes it: the body, then K, R and σ, which travel as the transaction's sender and signature.
fn whole(claim: &SealClaim<'_>) -> Vec<u8> {
    [claim.sealed, &claim.credential.0, &claim.signature.0].concat()
}
