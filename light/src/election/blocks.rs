//! Blocks, each on its own: decided by the quorum of its height, with the body that its header says, and every ballot in it
//! signed by somebody who may vote, every approval and every message of a ceremony by its sender, every credential by its
//! registrars. Nothing here depends on
//! another block, so that any thread takes any of them.
use super::Ground;
use crate::archive::{ArchiveFault, ArchivedBlock, ArchivedTx};
use rand_core::CryptoRng;
use urne_types::{
    CollegeId, ElectionId, Height, PublicKey, Rejection, UnixMs,
    ballot::{Ballot, BallotBody, BallotLeaf},
    block::Header,
    election::CensusEntry,
    merkle,
    seal::Seal,
    sealed::{CeremonyMessage, CredentialBatch, RequestApproval},
    transaction::{Payload, RawTx, VerifiedTx, verify_raw, verify_sealed},
};
use urne_vote_contract::sealed::Seals;

/// A block that was checked, and what of it is the election's, in order. Only [`Ground::check`] builds one.
#[derive(Debug)]
pub struct CheckedBlock {
    pub(crate) height: Height,
    pub(crate) time: UnixMs,
    pub(crate) txs: u64,
    pub(crate) acts: Vec<CheckedAct>,
}

/// What somebody did in the election, at its position in its block.
#[derive(Debug)]
pub(crate) struct CheckedAct {
    pub(crate) position: usize,
    pub(crate) act: Act,
}

/// See [`CheckedAct`].
#[derive(Debug)]
pub(crate) enum Act {
    /// A ballot, signed by who may vote.
    Ballot(CheckedBallot),
    /// A message of the ceremony, signed by its sender.
    Ceremony { by: PublicKey, message: CeremonyMessage },
    /// A registrar's approval, signed by its sender.
    Approval { by: PublicKey, approval: RequestApproval },
    /// Credentials, each signed by its college's registrars.
    Credentials(CredentialBatch),
}

/// A ballot of the election. Whether a credential was registered before it depends on other blocks.
#[derive(Debug)]
pub(crate) struct CheckedBallot {
    pub(crate) entry: CensusEntry,
    pub(crate) sequence: u32,
    pub(crate) body: BallotBody,
    /// What its proof was verified to be, of a sealed ballot.
    pub(crate) seal: Option<Seal>,
    pub(crate) leaf: BallotLeaf,
}

impl CheckedBlock {
    /// Its ballots.
    #[must_use]
    pub fn ballots(&self) -> usize {
        self.acts.iter().filter(|it| matches!(it.act, Act::Ballot(_))).count()
    }
}

impl Ground {
    /// Checks some blocks, their ballots' signatures in one batch.
    ///
    /// # Errors
    /// [`ArchiveFault`]: the first thing wrong in the first block at fault.
    pub fn check(
        &self,
        blocks: Vec<ArchivedBlock>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<CheckedBlock>, ArchiveFault> {
        let (mut checked, mut raws, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (index, ArchivedBlock { header, certificate, txs }) in blocks.into_iter().enumerate() {
            let height = header.height;
            let header =
                self.lineage.verify_header(header, &certificate).map_err(|why| ArchiveFault::Header { height, why })?;
            judge_body(header.get(), &txs)?;
            checked.push(CheckedBlock { height, time: header.get().time, txs: txs.len() as u64, acts: Vec::new() });
            for (position, tx) in txs.into_vec().into_iter().enumerate() {
                if let ArchivedTx::Whole(bytes) = tx {
                    places.push((index, position));
                    raws.push(RawTx(bytes));
                }
            }
        }
        let chain = self.lineage.chain();
        let verified = match &self.sealed {
            None => verify_raw(&raws, &chain, rng),
            Some(sealed) => verify_sealed(
                &raws,
                &chain,
                &Seals(|election: &ElectionId| (*election == self.election).then(|| sealed.keys.seals())),
                rng,
            ),
        };
        for (((index, position), raw), tx) in places.into_iter().zip(&raws).zip(verified) {
            let height = checked[index].height;
            let tx = tx.map_err(|why| refused(raw, height, position, why))?;
            let act = self.act(&tx, height, position)?;
            checked[index].acts.push(CheckedAct { position, act });
        }
        Ok(checked)
    }

    fn act(&self, tx: &VerifiedTx, height: Height, position: usize) -> Result<Act, ArchiveFault> {
        let is_ours = |election: &ElectionId| *election == self.election;
        match tx.payload() {
            Payload::Ballot(ballot) if is_ours(&ballot.election) => {
                self.ballot(tx, ballot).map(Act::Ballot).map_err(|why| ArchiveFault::Ballot { height, position, why })
            }
            Payload::Ceremony(it) if self.sealed.as_ref().is_some_and(|sealed| sealed.named.draft == it.draft) => {
                Ok(Act::Ceremony { by: tx.sender(), message: it.clone() })
            }
            Payload::ApproveRequest(it) if is_ours(&it.election) && self.credentials.is_some() => {
                Ok(Act::Approval { by: tx.sender(), approval: it.clone() })
            }
            Payload::RegisterCredentials(it) if is_ours(&it.election) && self.credentials.is_some() => {
                Ok(Act::Credentials(it.clone()))
            }
            _ => Err(ArchiveFault::NotOfTheElection { height, position }),
        }
    }

    fn ballot(&self, tx: &VerifiedTx, ballot: &Ballot) -> Result<CheckedBallot, Rejection> {
        let entry = match &self.credentials {
            None => self.voter(tx, ballot.college)?,
            Some(_) => CensusEntry { college: ballot.college, member: tx.sender() },
        };
        let leaf = BallotLeaf { tx_id: tx.id(), tx_hash: tx.hash() };
        let (sequence, body, seal) = (ballot.sequence, ballot.body.clone(), tx.seal().cloned());
        Ok(CheckedBallot { entry, sequence, body, seal, leaf })
    }
    /// Whose right a key on the census exercises.
    fn voter(&self, tx: &VerifiedTx, college: CollegeId) -> Result<CensusEntry, Rejection> {
        let member = self.members.get(&tx.sender()).copied().unwrap_or_else(|| tx.sender());
        let entry = CensusEntry { college, member };
        if self.census.binary_search(&entry).is_err() {
            return Err(Rejection::NotInCensus);
        }
        // A sealed ballot's proof does not name its college: whoever relayed it could have moved it.
        let is_in = |college| self.census.binary_search(&CensusEntry { college, ..entry }).is_ok();
        let mut others = self.commitment.members.iter().map(|it| it.0).filter(|it| *it != entry.college);
        if self.sealed.is_some() && others.any(is_in) {
            return Err(Rejection::CredentialInTwoColleges);
        }
        Ok(entry)
    }
}

/// A rule refuses a transaction by itself.
fn refused(raw: &RawTx, height: Height, position: usize, why: Rejection) -> ArchiveFault {
    match raw.decode().map(|it| it.unsigned.payload) {
        Ok(Payload::ApproveRequest(_)) => ArchiveFault::Approval { height, position, why },
        Ok(Payload::RegisterCredentials(_)) => ArchiveFault::Credentials { height, position, why },
        Ok(Payload::Ceremony(_)) => ArchiveFault::CeremonyMessage { height, position, why },
        _ => ArchiveFault::Ballot { height, position, why },
    }
}

fn judge_body(header: &Header, txs: &[ArchivedTx]) -> Result<(), ArchiveFault> {
    if merkle::root_of(txs.iter().map(|it| it.hash().0)) == header.tx_root {
        Ok(())
    } else {
        Err(ArchiveFault::OtherBody { height: header.height })
    }
}
