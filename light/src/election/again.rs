//! The count, again: checked blocks in the order of the chain fill an urn by the rules, and what comes out is laid beside what
//! the ledger says, log by log and number by number.
use super::{
    CheckedBlock, Ground,
    blocks::{Act, CheckedAct, CheckedBallot},
    ceremony::{VerifiedCeremony, held, held_again},
    credentials::{Followed, VerifiedCredentials},
};
use crate::archive::ArchiveFault;
use std::collections::BTreeMap;
use urne_types::{
    ChainId, ElectionId, Height, Rejection, UnixMs,
    ballot::BallotBody,
    election::{CensusEntry, ElectionDefinition},
    merkle::Frontier,
    proof::LogHead,
    seal::Seal,
};
use urne_vote_contract::{
    Appearance, ElectionResult, Recount, emargement_leaf,
    records::{CloseReason, ElectionLife, Moment},
    sealed::{CeremonyRecount, SealedRecount, VerifiedSeal},
};

/// A count under way.
#[derive(Debug)]
pub struct Recounting<'a> {
    ground: &'a Ground,
    urn: Filled<'a>,
    ceremony: Option<CeremonyRecount>,
    credentials: Option<Followed<'a>>,
    last: Option<Height>,
    ballots: Frontier,
    emargements: Frontier,
    blocks: u64,
    txs: u64,
}

/// An election whose result anyone may repeat: what was checked, and the result. Only [`Recounting::finish`] builds one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedElection {
    /// The chain.
    pub chain: ChainId,
    /// The election.
    pub election: ElectionId,
    /// As frozen.
    pub definition: ElectionDefinition,
    /// What happened to it.
    pub life: ElectionLife,
    /// The newest block whose state was shown.
    pub newest: Moment,
    /// Changes of validators followed, from genesis on.
    pub handovers: usize,
    /// Headers whose certificate was verified, those of handovers included.
    pub certificates: u64,
    /// Entries of the state proven.
    pub state_entries: usize,
    /// Entries of the census.
    pub members: usize,
    /// Blocks whose body was verified.
    pub blocks: u64,
    /// Transactions in them, of whatever kind.
    pub txs: u64,
    /// The log of ballots, rebuilt.
    pub ballots: LogHead,
    /// The log of émargements, rebuilt.
    pub emargements: LogHead,
    /// Of a secret election: the ceremony, held again.
    pub ceremony: Option<VerifiedCeremony>,
    /// Where credentials were issued: from approvals to registrations, each followed.
    pub credentials: Option<VerifiedCredentials>,
    /// The result, counted again: equal to the ledger's.
    pub result: ElectionResult,
}

impl<'a> Recounting<'a> {
    /// An empty urn.
    #[must_use]
    pub fn new(ground: &'a Ground) -> Self {
        let Ground { election, definition, commitment, basis, sealed, .. } = ground;
        Self {
            ground,
            urn: match sealed {
                None => Filled::Open(Recount::new(election, definition, commitment, basis)),
                Some(it) => {
                    Filled::Sealed(SealedRecount::new(election, definition, commitment, basis, &it.keys), &it.shares)
                }
            },
            ceremony: sealed.as_ref().and_then(|it| held_again(ground, it)),
            credentials: ground.credentials.as_ref().map(|it| Followed::new(ground, it)),
            last: None,
            ballots: Frontier::default(),
            emargements: Frontier::default(),
            blocks: 0,
            txs: 0,
        }
    }
    /// The next block.
    ///
    /// # Errors
    /// [`ArchiveFault`].
    pub fn add(&mut self, block: CheckedBlock) -> Result<(), ArchiveFault> {
        let has_ballots = block.ballots() != 0;
        let CheckedBlock { height, time, txs, acts } = block;
        if let Some(after) = self.last.filter(|it| height <= *it) {
            return Err(ArchiveFault::BlockOrder { found: height, after });
        }
        self.last = Some(height);
        if has_ballots {
            self.judge_window(height, time)?;
        }
        let at = Moment { height, time };
        for CheckedAct { position, act } in acts {
            match (act, &mut self.credentials) {
                (Act::Ballot(ballot), _) => {
                    self.cast(ballot).map_err(|why| ArchiveFault::Ballot { height, position, why })?;
                }
                (Act::Ceremony { by, message }, _) => {
                    let ceremony = self.ceremony.as_mut().ok_or(ArchiveFault::NotOfTheElection { height, position })?;
                    let heard = ceremony.hear(&by, &message, at);
                    heard.map_err(|why| ArchiveFault::CeremonyMessage { height, position, why })?;
                }
                (Act::Approval { by, approval }, Some(followed)) => followed
                    .approve(&by, &approval, at)
                    .map_err(|why| ArchiveFault::Approval { height, position, why })?,
                (Act::Credentials(batch), Some(followed)) => {
                    followed.register(&batch, at).map_err(|why| ArchiveFault::Credentials { height, position, why })?
                }
                (Act::Approval { .. } | Act::Credentials(_), None) => {
                    return Err(ArchiveFault::NotOfTheElection { height, position });
                }
            }
        }
        self.blocks += 1;
        self.txs += txs;
        Ok(())
    }
    fn cast(&mut self, ballot: CheckedBallot) -> Result<(), Rejection> {
        let CheckedBallot { entry, sequence, body, seal, leaf } = ballot;
        if let Some(followed) = &self.credentials {
            followed.judge(&entry)?;
        }
        let appearance = self.urn.cast(entry, sequence, body, seal.as_ref())?;
        self.ballots.append(leaf.hash(), |_, _| {});
        if appearance == Appearance::First {
            self.sign_in(&entry);
        }
        Ok(())
    }
    fn sign_in(&mut self, entry: &CensusEntry) {
        self.emargements.append(emargement_leaf(entry), |_, _| {});
    }
    /// Between the opening and the close, by the block's time and by where the ledger says that they were.
    fn judge_window(&self, height: Height, time: UnixMs) -> Result<(), ArchiveFault> {
        let (from, until) = self.ground.window();
        let life = &self.ground.life;
        let is_after = life.opened.is_some_and(|it| it.height <= height);
        let is_before = life.closed.is_some_and(|it| match it.reason {
            // Before any of the block's transactions.
            CloseReason::TimeElapsed => height < it.at.height,
            // After some of them.
            CloseReason::ByAct => height <= it.at.height,
        });
        if is_after && is_before && (from..until).contains(&time) {
            Ok(())
        } else {
            Err(ArchiveFault::OutsideTheWindow { height, time, from, until })
        }
    }
    /// Lays the count beside the ledger's.
    ///
    /// # Errors
    /// [`ArchiveFault`].
    pub fn finish(self) -> Result<VerifiedElection, ArchiveFault> {
        let Self { ground, urn, ceremony, credentials, ballots, emargements, blocks, txs, .. } = self;
        let ceremony = held(ceremony, ground)?;
        let credentials = credentials.map(Followed::finish).transpose()?;
        let (ballots, emargements) = (head(&ballots), head(&emargements));
        if ballots != ground.ballots {
            return Err(ArchiveFault::OtherLog { found: ballots.size, expected: ground.ballots.size });
        }
        if emargements != ground.emargements {
            return Err(ArchiveFault::OtherEmargements { found: emargements.size, expected: ground.emargements.size });
        }
        let result = urn.count().map_err(|why| ArchiveFault::Opening { why })?;
        for (here, (college, expected)) in result.turnout.colleges.iter().zip(&ground.turnout) {
            let found = here.voted.get();
            if found != *expected {
                return Err(ArchiveFault::OtherTurnout { college: *college, found, expected: *expected });
            }
        }
        let differs = result.questions.iter().zip(&ground.results).position(|(found, expected)| found != expected);
        if let Some(at) = differs {
            return Err(ArchiveFault::OtherResult { question: at + 1 });
        }
        let handovers = ground.lineage.handovers();
        Ok(VerifiedElection {
            chain: ground.lineage.chain(),
            election: ground.election,
            definition: ground.definition.clone(),
            life: ground.life.clone(),
            newest: ground.newest,
            handovers,
            certificates: blocks + (handovers + ground.state_headers) as u64,
            state_entries: ground.state_entries,
            members: ground.census.len(),
            blocks,
            txs,
            ballots,
            emargements,
            ceremony,
            credentials,
            result,
        })
    }
}

/// Ballots in clear, or a sum of sealed ones and the shares that open it.
#[derive(Debug)]
enum Filled<'a> {
    Open(Recount<'a>),
    Sealed(SealedRecount<'a>, &'a BTreeMap<u32, Vec<Vec<u8>>>),
}

impl Filled<'_> {
    fn cast(
        &mut self,
        entry: CensusEntry,
        sequence: u32,
        body: BallotBody,
        seal: Option<&Seal>,
    ) -> Result<Appearance, Rejection> {
        match self {
            Self::Open(urn) => urn.cast(entry, sequence, body),
            Self::Sealed(urn, _) => {
                let seal = seal.and_then(Seal::get::<VerifiedSeal>).ok_or(Rejection::WrongBallotKind)?;
                urn.cast(entry, sequence, seal)
            }
        }
    }
    fn count(&self) -> Result<ElectionResult, Rejection> {
        match self {
            Self::Open(urn) => Ok(urn.count()),
            Self::Sealed(urn, shares) => urn.open(shares),
        }
    }
}

pub(super) fn head(log: &Frontier) -> LogHead {
    LogHead { size: log.size(), root: log.root() }
}
