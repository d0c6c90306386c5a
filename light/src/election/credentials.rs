//! Where credentials are issued, they are followed from the first approval on: who approved what, how many members asked, which
//! credentials were registered. What comes out is laid beside the ledger's two logs and its counts, college by college.
use super::{
    again::head,
    ground::{CredentialsGround, Ground},
};
use crate::archive::ArchiveFault;
use urne_types::{
    CollegeId, PublicKey, Rejection,
    election::CensusEntry,
    merkle::Frontier,
    proof::LogHead,
    sealed::{CredentialBatch, RequestApproval},
};
use urne_vote_contract::{
    records::Moment,
    sealed::{CredentialsRecount, records::IssuanceRecord},
};

/// Credentials whose making was followed: at every block registered ≤ approved ≤ census, in each college.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedCredentials {
    /// The log of approvals, rebuilt.
    pub approvals: LogHead,
    /// The log of registered credentials, rebuilt: each under its registrars' signature.
    pub registered: LogHead,
    /// The ledger's counts, with the alarm where registrars have cheated; each number but that of the answers counted again.
    pub colleges: Vec<(CollegeId, IssuanceRecord)>,
}

/// Credentials on their way.
#[derive(Debug)]
pub(super) struct Followed<'a> {
    ground: &'a CredentialsGround,
    recount: CredentialsRecount<'a>,
    approvals: Frontier,
    registered: Frontier,
}

impl<'a> Followed<'a> {
    pub(super) fn new(of: &'a Ground, ground: &'a CredentialsGround) -> Self {
        let recount = CredentialsRecount::new(&of.definition, &of.commitment, &of.census, &ground.keys);
        Self { ground, recount, approvals: Frontier::default(), registered: Frontier::default() }
    }
    pub(super) fn approve(&mut self, by: &PublicKey, approval: &RequestApproval, at: Moment) -> Result<(), Rejection> {
        let leaf = self.recount.approve(by, approval, at)?;
        self.approvals.append(leaf, |_, _| {});
        Ok(())
    }
    pub(super) fn register(&mut self, batch: &CredentialBatch, at: Moment) -> Result<(), Rejection> {
        for leaf in self.recount.register(batch, at)? {
            self.registered.append(leaf, |_, _| {});
        }
        Ok(())
    }
    /// Whether a credential may vote by now.
    pub(super) fn judge(&self, entry: &CensusEntry) -> Result<(), Rejection> {
        self.recount.judge(&entry.member, entry.college)
    }
    pub(super) fn finish(self) -> Result<VerifiedCredentials, ArchiveFault> {
        let (approvals, registered) = (head(&self.approvals), head(&self.registered));
        if approvals != self.ground.approvals {
            return Err(ArchiveFault::OtherApprovals { found: approvals.size, expected: self.ground.approvals.size });
        }
        if registered != self.ground.credentials {
            let (found, expected) = (registered.size, self.ground.credentials.size);
            return Err(ArchiveFault::OtherCredentials { found, expected });
        }
        for (college, expected) in &self.ground.issued {
            let found = self.recount.colleges().find(|it| it.0 == *college).map(|it| it.1);
            let is_same =
                |it: &IssuanceRecord| IssuanceRecord { answered: expected.answered, ..it.clone() } == *expected;
            if !found.is_some_and(is_same) {
                return Err(ArchiveFault::OtherIssuance { college: *college });
            }
        }
        Ok(VerifiedCredentials { approvals, registered, colleges: self.ground.issued.clone() })
    }
}
