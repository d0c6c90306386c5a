//! Every set of validators of a chain that we were shown, each trusted because the one before it signed: a header of any
//! height is judged by the set that decided it, in any order and on any thread.
use crate::{
    fault::{HandoverFault, HeaderFault},
    trust::{TrustedSet, VerifiedHeader},
};
use urne_types::{ChainId, Height, block::Header, certificate::CommitCertificate, genesis::Genesis, proof::Handover};

/// The sets, oldest first: the genesis' is always there.
#[derive(Clone, Debug)]
pub struct Lineage {
    before: Vec<TrustedSet>,
    last: TrustedSet,
}

impl Lineage {
    /// Begins with the genesis.
    ///
    /// # Errors
    /// [`HandoverFault::Genesis`].
    pub fn of_genesis(genesis: &Genesis) -> Result<Self, HandoverFault> {
        Ok(Self { before: Vec::new(), last: TrustedSet::of_genesis(genesis)? })
    }
    /// The chain.
    #[must_use]
    pub fn chain(&self) -> ChainId {
        self.last.chain()
    }
    /// The first height that the newest set decides.
    #[must_use]
    pub fn since(&self) -> Height {
        self.last.since()
    }
    /// How many times a set gave way to the next.
    #[must_use]
    pub fn handovers(&self) -> usize {
        self.before.len()
    }
    /// Trusts the set to which the last one hands over.
    ///
    /// # Errors
    /// [`HandoverFault`]; nothing changes then.
    pub fn follow(&mut self, handover: Handover) -> Result<(), HandoverFault> {
        let before = self.last.clone();
        self.last.advance(handover)?;
        self.before.push(before);
        Ok(())
    }
    /// Whether the quorum of its height decided this header.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub fn verify_header(
        &self,
        header: Header,
        certificate: &CommitCertificate,
    ) -> Result<VerifiedHeader, HeaderFault> {
        if self.last.since() <= header.height {
            return self.last.verify_header(header, certificate);
        }
        let after = self.before.partition_point(|it| it.since() <= header.height);
        // Below the genesis' first height its own set refuses.
        let set = self.before.get(after.saturating_sub(1)).unwrap_or(&self.last);
        set.verify_header(header, certificate)
    }
}
