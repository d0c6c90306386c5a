//! Whatever changes the ledger: a ballot, a piece of census, an act of governance, an evidence. The ladder
//! `RawTx -> Transaction -> VerifiedTx` starts here; each rung is built by one function only.
//!
//! ```compile_fail
//! // Nobody can pretend that a transaction was verified.
//! fn forge(tx: urne_types::transaction::Transaction) -> urne_types::transaction::VerifiedTx {
//!     urne_types::transaction::VerifiedTx { tx }
//! }
//! ```
use crate::{
    ActId, CensusId, ChainId, DraftId, PublicKey, Rejection, SecretKey, Signature, TxHash, TxId, UnixMs,
    ballot::{Ballot, BallotBody},
    bounded::List,
    codec::{decode_canonical, encode},
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    governance::ProposedAct,
    hash::hash_parts,
    key::{Claim, verify_many},
    limits::{CENSUS_CHUNK_MAX, TX_BYTES_MAX},
    message::Equivocation,
    seal::{BallotClaim, NoSeals, Seal, SealClaim, SealVerifier},
    sealed::{CeremonyMessage, CredentialBatch, OpeningShare, RequestAnswer, RequestApproval},
};
use bincode::{Decode, Encode};
use rand_core::CryptoRng;
use std::sync::Arc;

/// Version of the transaction format.
pub const TX_VERSION: u16 = 1;

/// What a transaction does. Variants are appended, never moved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Payload {
    /// A member casts a ballot.
    Ballot(Ballot),
    /// An administrator proposes an election.
    DraftElection(ElectionDefinition),
    /// An administrator brings a part of a census.
    CensusChunk {
        /// The whole census this is a part of.
        commitment: CensusCommitment,
        /// The sender's attempt at this census. A first part with another number begins again.
        attempt: u64,
        /// Index of the first entry.
        first: u64,
        /// The entries, strictly increasing.
        entries: List<CensusEntry, CENSUS_CHUNK_MAX>,
    },
    /// An administrator proposes an act, and thereby approves it.
    ProposeAct(ProposedAct),
    /// An administrator approves an act.
    ApproveAct {
        /// Which.
        act: ActId,
    },
    /// An administrator lets someone act for her until a date.
    Delegate {
        /// To whom.
        to: PublicKey,
        /// Until when.
        expires_at: UnixMs,
    },
    /// An administrator takes a delegation back: that one, so that its successor can be taken back as well.
    RevokeDelegation {
        /// From whom.
        to: PublicKey,
        /// Until when it was given.
        expires_at: UnixMs,
    },
    /// Anyone shows that a validator broke its word.
    Evidence(Equivocation),
    /// An administrator takes back what she proposed and nobody has decided.
    Withdraw(Withdrawal),
    /// A trustee or a registrar takes part in a ceremony of keys.
    Ceremony(CeremonyMessage),
    /// A trustee's share of an opening.
    Opening(OpeningShare),
    /// A registrar approves a member's request for a credential.
    ApproveRequest(RequestApproval),
    /// A registrar answers an approved request.
    AnswerRequest(RequestAnswer),
    /// Anyone brings signed credentials.
    RegisterCredentials(CredentialBatch),
}

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Withdrawal {
    /// An act that waits for approvals.
    Act(ActId),
    /// The draft of an election.
    Draft(DraftId),
    /// An attempt at a census of which parts are missing.
    Census {
        /// The census.
        census: CensusId,
        /// The sender's attempt.
        attempt: u64,
    },
}

/// A transaction before it is signed. Its hash is the [`TxId`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct UnsignedTx {
    /// [`TX_VERSION`].
    pub version: u16,
    /// The chain it is for.
    pub chain: ChainId,
    /// Who sends it.
    pub sender: PublicKey,
    /// What it does.
    pub payload: Payload,
}

impl UnsignedTx {
    /// A transaction of the current version.
    #[must_use]
    pub fn new(chain: ChainId, sender: PublicKey, payload: Payload) -> Self {
        Self { version: TX_VERSION, chain, sender, payload }
    }
    /// Its name: what a tracker shows, whatever the signature.
    #[must_use]
    pub fn id(&self) -> TxId {
        TxId(hash_parts("urne.v1 transaction id", &[&encode(self)]))
    }
    fn digest(&self) -> [u8; 32] {
        hash_parts("urne.v1 sign transaction", &[&encode(self)])
    }
    /// Signs it.
    #[must_use]
    pub fn sign(self, key: &SecretKey) -> Transaction {
        let signature = key.sign_digest(&self.digest());
        Transaction { unsigned: self, signature }
    }
}

/// A transaction that decodes; its signature is still a claim.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Transaction {
    /// What is signed.
    pub unsigned: UnsignedTx,
    /// By its sender.
    pub signature: Signature,
}

/// Bytes from somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawTx(pub Vec<u8>);

impl RawTx {
    /// First rung: canonical bytes within their bound.
    ///
    /// # Errors
    /// [`Rejection::TooLarge`], [`Rejection::Malformed`], [`Rejection::UnsupportedVersion`].
    pub fn decode(&self) -> Result<Transaction, Rejection> {
        if TX_BYTES_MAX < self.0.len() {
            return Err(Rejection::TooLarge);
        }
        let tx: Transaction = decode_canonical(&self.0, TX_BYTES_MAX).map_err(|_| Rejection::Malformed)?;
        if tx.unsigned.version == TX_VERSION { Ok(tx) } else { Err(Rejection::UnsupportedVersion) }
    }
    /// The hash of these very bytes.
    #[must_use]
    pub fn hash(&self) -> TxHash {
        tx_hash(&self.0)
    }
}

/// The hash of a transaction's very bytes.
#[must_use]
pub fn tx_hash(bytes: &[u8]) -> TxHash {
    TxHash(hash_parts("urne.v1 transaction hash", &[bytes]))
}

impl Transaction {
    /// The canonical bytes, to send.
    #[must_use]
    pub fn to_raw(&self) -> RawTx {
        RawTx(encode(self))
    }
    /// Second rung: for this chain, signed by its sender. What only holds under an election's keys is refused: see
    /// [`Self::verify_by`].
    ///
    /// # Errors
    /// [`Rejection::WrongChain`], [`Rejection::BadSignature`], [`Rejection::SealNotVerifiable`].
    pub fn verify(self, chain: &ChainId) -> Result<VerifiedTx, Rejection> {
        self.verify_by(chain, &NoSeals)
    }
    /// The same, what holds under an election's keys included.
    ///
    /// # Errors
    /// Those of [`Self::verify`], and what the cryptography can get wrong (600 to 699).
    pub fn verify_by(self, chain: &ChainId, seals: &dyn SealVerifier) -> Result<VerifiedTx, Rejection> {
        if let Some(claim) = self.claim(chain)?
            && !claim.key.verifies(&claim.digest, &claim.signature)
        {
            return Err(Rejection::BadSignature);
        }
        let seal = self.seal_claim().map(|it| seals.verify_seal(&it)).transpose()?;
        Ok(VerifiedTx::from_checked(self, seal))
    }
    /// Its sender's signature, unless it is a sealed ballot's, which its proof covers.
    fn claim(&self, chain: &ChainId) -> Result<Option<Claim>, Rejection> {
        if self.unsigned.chain != *chain {
            return Err(Rejection::WrongChain);
        }
        let is_signed_by_key = !matches!(self.seal_claim(), Some(SealClaim::Ballot(_)));
        let claim = || Claim { key: self.unsigned.sender, digest: self.unsigned.digest(), signature: self.signature };
        Ok(is_signed_by_key.then(claim))
    }
    fn seal_claim(&self) -> Option<SealClaim<'_>> {
        match &self.unsigned.payload {
            Payload::Ballot(ballot) => match &ballot.body {
                BallotBody::Sealed(sealed) => {
                    let (credential, signature) = (self.unsigned.sender, self.signature);
                    Some(SealClaim::Ballot(BallotClaim { ballot, sealed, credential, signature }))
                }
                BallotBody::Open(_) => None,
            },
            Payload::ApproveRequest(it) => Some(SealClaim::Approval(it)),
            Payload::AnswerRequest(it) => Some(SealClaim::Answer(it)),
            Payload::RegisterCredentials(it) => Some(SealClaim::Credentials(it)),
            _ => None,
        }
    }
}

/// Both rungs for many transactions at once, signatures in one batch; one verdict for each, in order. What only holds under
/// an election's keys is refused: whoever takes part in secret elections calls [`verify_sealed`].
pub fn verify_raw(raws: &[RawTx], chain: &ChainId, rng: &mut impl CryptoRng) -> Vec<Result<VerifiedTx, Rejection>> {
    verify_sealed(raws, chain, &NoSeals, rng)
}

/// The same, what holds under an election's keys included. Signatures come first: who sends nonsense under a wrong one costs
/// no pairing.
pub fn verify_sealed(
    raws: &[RawTx],
    chain: &ChainId,
    seals: &dyn SealVerifier,
    rng: &mut impl CryptoRng,
) -> Vec<Result<VerifiedTx, Rejection>> {
    let decoded: Vec<Result<(Transaction, Option<Claim>), Rejection>> = raws
        .iter()
        .map(|raw| {
            let tx = raw.decode()?;
            let claim = tx.claim(chain)?;
            Ok((tx, claim))
        })
        .collect();
    let claims: Vec<Claim> = decoded.iter().flatten().filter_map(|(_, claim)| *claim).collect();
    let mut signatures = verify_many(&claims, rng).into_iter();
    let mut judge = |(tx, claim): (Transaction, Option<Claim>)| match claim {
        Some(_) if signatures.next() != Some(true) => Err(Rejection::BadSignature),
        _ => Ok(tx),
    };
    let signed: Vec<Result<Transaction, Rejection>> = decoded.into_iter().map(|it| it.and_then(&mut judge)).collect();
    let sealed: Vec<SealClaim<'_>> = signed.iter().flatten().filter_map(Transaction::seal_claim).collect();
    let verdicts = if sealed.is_empty() { Vec::new() } else { seals.verify_seals(&sealed, rng) };
    let mut verdicts = verdicts.into_iter();
    let mut seal = |tx: Transaction| {
        let seal = tx.seal_claim().is_some().then(|| verdicts.next().unwrap_or(Err(Rejection::SealNotVerifiable)));
        Ok(VerifiedTx::from_checked(tx, seal.transpose()?))
    };
    signed.into_iter().map(|it| it.and_then(&mut seal)).collect()
}

/// A transaction whose encoding, chain and signature were checked, and what holds under an election's keys. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTx {
    inner: Arc<Checked>,
}
#[derive(Debug, PartialEq, Eq)]
struct Checked {
    unsigned: UnsignedTx,
    bytes: Vec<u8>,
    id: TxId,
    hash: TxHash,
    seal: Option<Seal>,
}

impl VerifiedTx {
    fn from_checked(tx: Transaction, seal: Option<Seal>) -> Self {
        let (id, bytes) = (tx.unsigned.id(), encode(&tx));
        let hash = tx_hash(&bytes);
        Self { inner: Arc::new(Checked { unsigned: tx.unsigned, bytes, id, hash, seal }) }
    }
    /// Who sent it.
    #[must_use]
    pub fn sender(&self) -> PublicKey {
        self.inner.unsigned.sender
    }
    /// What it does.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.inner.unsigned.payload
    }
    /// Its name.
    #[must_use]
    pub fn id(&self) -> TxId {
        self.inner.id
    }
    /// The hash of its bytes.
    #[must_use]
    pub fn hash(&self) -> TxHash {
        self.inner.hash
    }
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.inner.bytes
    }
    /// What the verification under an election's keys left: none for a transaction that needs none.
    #[must_use]
    pub fn seal(&self) -> Option<&Seal> {
        self.inner.seal.as_ref()
    }
}
