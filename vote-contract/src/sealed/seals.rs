//! The verification of what only holds under an election's keys, for the threads that verify transactions: sealed ballots, the
//! registrars' answers, the credentials they signed. The keys of an election are looked up, what belongs together is verified
//! together, and the verdict stays with its transaction. The contract takes it from here and from nowhere else: it never does a
//! pairing, nor verifies a proof.
use super::{
    election_seals::{ElectionSeals, request},
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
use rand_core::CryptoRng;
use std::{collections::BTreeMap, sync::Arc};
use urne_ballot::{SealedBallot, Statement, ThresholdKeys, Trustees};
use urne_types::{
    ChainId, CollegeId, ElectionId, PublicKey, Rejection, Signature,
    ballot::{Ballot, BallotBody},
    bounded::Bytes,
    election::{BallotKind, ElectionDefinition},
    seal::{BallotClaim, Seal, SealClaim, SealVerifier},
    sealed::RequestAnswer,
    transaction::{Payload, Transaction, UnsignedTx},
};

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

/// Verifies what elections have sealed or signed whose keys a look-up finds.
#[derive(Clone, Copy, Debug)]
pub struct Seals<F>(pub F);

impl<F: Fn(&ElectionId) -> Option<Arc<ElectionSeals>>> SealVerifier for Seals<F> {
    fn verify_seal(&self, claim: &SealClaim<'_>) -> Result<Seal, Rejection> {
        (self.0)(claim.election()).ok_or(Rejection::SealNotVerifiable)?.one(claim)
    }
    fn verify_seals(&self, claims: &[SealClaim<'_>], rng: &mut dyn CryptoRng) -> Vec<Result<Seal, Rejection>> {
        let mut verdicts: Vec<Result<Seal, Rejection>> =
            claims.iter().map(|_| Err(Rejection::SealNotVerifiable)).collect();
        let mut ballots: BTreeMap<ElectionId, Placed<BallotClaim<'_>>> = BTreeMap::new();
        let mut answers: BTreeMap<(ElectionId, CollegeId), Placed<&RequestAnswer>> = BTreeMap::new();
        for (at, claim) in claims.iter().enumerate() {
            match claim {
                SealClaim::Ballot(it) => add(ballots.entry(it.ballot.election).or_default(), at, *it),
                SealClaim::Answer(it) => add(answers.entry((it.election, it.entry.college)).or_default(), at, *it),
                SealClaim::Approval(it) if (self.0)(&it.election).is_some() => verdicts[at] = request(it),
                SealClaim::Credentials(it) => {
                    if let Some(seals) = (self.0)(&it.election) {
                        verdicts[at] = seals.credentials(it, rng);
                    }
                }
                SealClaim::Approval(_) => {}
            }
        }
        let mut judge = |places: Vec<usize>, judged: Vec<Result<Seal, Rejection>>| {
            places.into_iter().zip(judged).for_each(|(at, verdict)| verdicts[at] = verdict);
        };
        for (election, (places, claims)) in ballots {
            if let Some(seals) = (self.0)(&election) {
                judge(places, seals.ballots(&claims, rng));
            }
        }
        for ((election, college), (places, claims)) in answers {
            if let Some(seals) = (self.0)(&election) {
                judge(places, seals.answers(college, &claims, rng));
            }
        }
        verdicts
    }
}
/// Claims, and where they stand among all.
type Placed<T> = (Vec<usize>, Vec<T>);

fn add<T>(to: &mut Placed<T>, at: usize, claim: T) {
    to.0.push(at);
    to.1.push(claim);
}

/// What a moment's seals are verified against: the keys of all elections that have theirs and are not counted yet. Cheap to hand
/// to the threads that verify; a new one is made when an election comes or goes.
#[derive(Clone, Debug, Default)]
pub struct Statements(BTreeMap<ElectionId, Arc<ElectionSeals>>);

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
            && let Some(seals) = ElectionSeals::read(view, chain, &election)
        {
            self.0.insert(election, Arc::new(seals));
        }
    }
    /// That of an election.
    #[must_use]
    pub fn get(&self, election: &ElectionId) -> Option<Arc<ElectionSeals>> {
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
    fn verify_seals(&self, claims: &[SealClaim<'_>], rng: &mut dyn CryptoRng) -> Vec<Result<Seal, Rejection>> {
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
