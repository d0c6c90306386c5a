//! What only holds under the keys of one election, verified: its ballots, the registrars' answers and the credentials they
//! signed. Many of a kind are verified together, with the node's own chance, or one without any.
use super::{issuance, keys, questions::refused, records::UrnRecord, seals::statement};
use crate::{
    state::{Space, StateView},
    work::record,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use urne_ballot::{
    BlindRequest, CandidateAnswer, CandidateBallot, Credential, CredentialSignature, Refusal, Registrars, Statement,
    ThresholdKeys, VerifiedBallot, batch, blind,
};
use urne_types::{
    ChainId, CollegeId, ElectionId, Rejection,
    seal::{BallotClaim, Seal, SealClaim},
    sealed::{CredentialBatch, CredentialRegistration, RequestAnswer, RequestApproval},
};

/// A ballot that was verified against a statement; only [`ElectionSeals`] makes one.
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

/// A request that is a point which can be signed; only [`ElectionSeals`] makes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedRequest(());

/// An answer, or credentials, that hold under the key of a college; only [`ElectionSeals`] makes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedSignature {
    keys: [u8; 32],
}
impl VerifiedSignature {
    /// What names the college's key: `super::records::IssuanceGate`.
    pub(crate) const fn keys(&self) -> &[u8; 32] {
        &self.keys
    }
}

/// What the ballots, answers and credentials of one election are verified against.
#[derive(Debug)]
pub struct ElectionSeals {
    statement: Statement,
    colleges: BTreeMap<CollegeId, CollegeKey>,
}
#[derive(Debug)]
struct CollegeKey {
    digest: [u8; 32],
    keys: ThresholdKeys<Registrars>,
}

impl ElectionSeals {
    /// Of a statement, and of the registrars' keys by scope, `ThresholdKeys::<Registrars>::encode`.
    ///
    /// # Errors
    /// [`Rejection::SealOfOtherElection`]: a scope that is no college's; bytes that are no keys (600 to 699).
    pub fn new(statement: Statement, registrars: &[(u32, Vec<u8>)]) -> Result<Self, Rejection> {
        let of = |(scope, bytes): &(u32, Vec<u8>)| {
            let keys = ThresholdKeys::decode(bytes).map_err(refused)?;
            let college = issuance::college_of(*scope).ok_or(Rejection::SealOfOtherElection)?;
            Ok((college, CollegeKey { digest: issuance::digest(bytes), keys }))
        };
        Ok(Self { statement, colleges: registrars.iter().map(of).collect::<Result<_, _>>()? })
    }
    /// Those of a secret election, once its keys are made: they never change after that.
    pub fn read<V: StateView + ?Sized>(view: &V, chain: &ChainId, election: &ElectionId) -> Option<Self> {
        let urn: UrnRecord = record(&view, Space::Map, &keys::urn(election))?;
        Self::new(statement(view, chain, election)?, &urn.registrars).ok()
    }
    /// What ballots are verified against.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }
    fn college(&self, college: CollegeId) -> Result<&CollegeKey, Rejection> {
        self.colleges.get(&college).ok_or(Rejection::NotInCensus)
    }

    // ---- Many at once ----

    /// One verdict for each ballot, in order.
    pub(super) fn ballots(
        &self,
        claims: &[BallotClaim<'_>],
        mut rng: &mut dyn CryptoRng,
    ) -> Vec<Result<Seal, Rejection>> {
        let bytes: Vec<Vec<u8>> = claims.iter().map(whole).collect();
        let candidates = claims.iter().zip(&bytes);
        let candidates: Vec<CandidateBallot<'_>> =
            candidates.map(|(it, bytes)| CandidateBallot { sequence: it.ballot.sequence, bytes }).collect();
        let verdicts = batch::verify_many(&self.statement, &candidates, &mut rng);
        verdicts.into_iter().map(|it| it.map(|ballot| self.sealed(ballot)).map_err(refused)).collect()
    }
    fn sealed(&self, ballot: VerifiedBallot) -> Seal {
        Seal::new(VerifiedSeal { statement: *self.statement.digest(), ballot })
    }
    /// One verdict for each answer to a request of one college, whoever gives it, in order.
    pub(super) fn answers(
        &self,
        college: CollegeId,
        claims: &[&RequestAnswer],
        mut rng: &mut dyn CryptoRng,
    ) -> Vec<Result<Seal, Rejection>> {
        let Ok(college) = self.college(college) else {
            return claims.iter().map(|_| Err(Rejection::NotInCensus)).collect();
        };
        let candidates: Vec<Result<(CandidateAnswer, BlindRequest), Refusal>> =
            claims.iter().map(|it| candidate(it)).collect();
        let sound: Vec<(CandidateAnswer, BlindRequest)> = candidates.iter().flatten().copied().collect();
        let mut verdicts = blind::verify_answers(&sound, &college.keys, &mut rng).into_iter();
        let judged = candidates.into_iter().map(|it| match it {
            Ok(_) => verdicts.next().unwrap_or(Err(Refusal::WrongBlindAnswer)).map(|_| college.signed()),
            Err(refusal) => Err(refusal),
        });
        judged.map(|it| it.map_err(refused)).collect()
    }
    /// One verdict for all credentials of a batch.
    pub(super) fn credentials(
        &self,
        brought: &CredentialBatch,
        mut rng: &mut dyn CryptoRng,
    ) -> Result<Seal, Rejection> {
        let college = self.college(brought.college)?;
        let (chain, election) = (self.statement.chain(), self.statement.election());
        let all = blind::verify_all(chain, election, &registrations(brought)?, &college.keys, &mut rng);
        all.map(|()| college.signed()).map_err(refused)
    }

    // ---- Without any chance ----

    /// One verdict.
    pub(super) fn one(&self, claim: &SealClaim<'_>) -> Result<Seal, Rejection> {
        match claim {
            SealClaim::Ballot(it) => {
                let candidate = CandidateBallot { sequence: it.ballot.sequence, bytes: &whole(it) };
                self.statement.verify(candidate).map(|ballot| self.sealed(ballot)).map_err(refused)
            }
            SealClaim::Approval(it) => request(it),
            SealClaim::Answer(it) => {
                let college = self.college(it.entry.college)?;
                let verified = candidate(it).and_then(|(answer, request)| answer.verify(&request, &college.keys));
                verified.map(|_| college.signed()).map_err(refused)
            }
            SealClaim::Credentials(it) => {
                let college = self.college(it.college)?;
                let (chain, election) = (self.statement.chain(), self.statement.election());
                for (credential, signature) in registrations(it)? {
                    signature.verify(chain, election, &credential, &college.keys).map_err(refused)?;
                }
                Ok(college.signed())
            }
        }
    }
}

impl CollegeKey {
    fn signed(&self) -> Seal {
        Seal::new(VerifiedSignature { keys: self.digest })
    }
}

/// β needs no key: it is a point of the right order or not.
pub(super) fn request(approval: &RequestApproval) -> Result<Seal, Rejection> {
    BlindRequest::decode(&approval.request).map(|_| Seal::new(VerifiedRequest(()))).map_err(refused)
}
fn candidate(it: &RequestAnswer) -> Result<(CandidateAnswer, BlindRequest), Refusal> {
    Ok((CandidateAnswer::decode(&it.answer)?, BlindRequest::decode(&it.request)?))
}
fn registrations(brought: &CredentialBatch) -> Result<Vec<(Credential, CredentialSignature)>, Rejection> {
    let decoded = brought.credentials.iter().map(|it| {
        let credential = Credential::decode(&it.credential)?;
        Ok::<_, Refusal>((credential, CredentialSignature::decode(&it.signature)?))
    });
    decoded.collect::<Result<Vec<_>, _>>().map_err(refused)
}

/// Whether a credential bears the signature of its college's registrars: for whoever collects some to register them together.
///
/// # Errors
/// [`Rejection::NoCredentialsIssued`], [`Rejection::NotInCensus`]: there is no such college; 600 to 699.
pub fn verify_credential<V: StateView + ?Sized>(
    view: &V,
    chain: &ChainId,
    election: &ElectionId,
    college: CollegeId,
    it: &CredentialRegistration,
) -> Result<(), Rejection> {
    let urn: UrnRecord = record(&view, Space::Map, &keys::urn(election)).ok_or(Rejection::NoCredentialsIssued)?;
    let keys = urn.registrars.iter().find(|(scope, _)| issuance::college_of(*scope) == Some(college));
    let (_, keys) = keys.ok_or(Rejection::NotInCensus)?;
    let keys = ThresholdKeys::<Registrars>::decode(keys).map_err(refused)?;
    let credential = Credential::decode(&it.credential).map_err(refused)?;
    let signature = CredentialSignature::decode(&it.signature).map_err(refused)?;
    signature.verify(chain, election, &credential, &keys).map(|_| ()).map_err(refused)
}

/// The ballot as `urne-ballot` writes it: the body, then K, R and σ, which travel as the transaction's sender and signature.
fn whole(claim: &BallotClaim<'_>) -> Vec<u8> {
    [claim.sealed, &claim.credential.0, &claim.signature.0].concat()
}
