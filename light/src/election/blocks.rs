//! Blocks, each on its own: decided by the quorum of its height, with the body that its header says, and every ballot in it
//! signed by somebody who may vote. Nothing here depends on another block, so that any thread takes any of them.
use super::Ground;
use crate::archive::{ArchiveFault, ArchivedBlock, ArchivedTx};
use rand_core::CryptoRng;
use urne_types::{
    ElectionId, Height, Rejection, UnixMs,
    ballot::{BallotBody, BallotLeaf},
    block::Header,
    election::CensusEntry,
    merkle,
    seal::Seal,
    transaction::{Payload, RawTx, VerifiedTx, verify_raw, verify_sealed},
};
use urne_vote_contract::sealed::Seals;

/// A block that was checked, and the ballots in it, in order. Only [`Ground::check`] builds one.
#[derive(Debug)]
pub struct CheckedBlock {
    pub(crate) height: Height,
    pub(crate) time: UnixMs,
    pub(crate) txs: u64,
    pub(crate) ballots: Vec<CheckedBallot>,
}

/// A ballot of the election, signed by who may vote.
#[derive(Debug)]
pub(crate) struct CheckedBallot {
    /// In its block.
    pub(crate) position: usize,
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
        self.ballots.len()
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
            checked.push(CheckedBlock { height, time: header.get().time, txs: txs.len() as u64, ballots: Vec::new() });
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
                &Seals(|election: &ElectionId| (*election == self.election).then(|| sealed.keys.statement())),
                rng,
            ),
        };
        for ((index, position), tx) in places.into_iter().zip(verified) {
            let height = checked[index].height;
            let refused = |why| ArchiveFault::Ballot { height, position, why };
            let ballot = self.ballot(&tx.map_err(refused)?, height, position)?;
            checked[index].ballots.push(ballot);
        }
        Ok(checked)
    }

    fn ballot(&self, tx: &VerifiedTx, height: Height, position: usize) -> Result<CheckedBallot, ArchiveFault> {
        let Payload::Ballot(ballot) = tx.payload() else {
            return Err(ArchiveFault::NotOfTheElection { height, position });
        };
        if ballot.election != self.election {
            return Err(ArchiveFault::NotOfTheElection { height, position });
        }
        let member = self.members.get(&tx.sender()).copied().unwrap_or_else(|| tx.sender());
        let entry = CensusEntry { college: ballot.college, member };
        if self.census.binary_search(&entry).is_err() {
            return Err(ArchiveFault::Ballot { height, position, why: Rejection::NotInCensus });
        }
        // A sealed ballot's proof does not name its college: whoever relayed it could have moved it.
        let is_in = |college| self.census.binary_search(&CensusEntry { college, ..entry }).is_ok();
        let mut others = self.commitment.members.iter().map(|it| it.0).filter(|it| *it != entry.college);
        if self.sealed.is_some() && others.any(is_in) {
            return Err(ArchiveFault::Ballot { height, position, why: Rejection::CredentialInTwoColleges });
        }
        let leaf = BallotLeaf { tx_id: tx.id(), tx_hash: tx.hash() };
        Ok(CheckedBallot {
            position,
            entry,
            sequence: ballot.sequence,
            body: ballot.body.clone(),
            seal: tx.seal().cloned(),
            leaf,
        })
    }
}

fn judge_body(header: &Header, txs: &[ArchivedTx]) -> Result<(), ArchiveFault> {
    if merkle::root_of(txs.iter().map(|it| it.hash().0)) == header.tx_root {
        Ok(())
    } else {
        Err(ArchiveFault::OtherBody { height: header.height })
    }
}
