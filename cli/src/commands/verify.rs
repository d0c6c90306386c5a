//! `urne verify`: checks a proof of vote from its bytes and a genesis alone, and says which link breaks. It asks no node and
//! believes none.
use super::proof::{
    ProofFile,
    text::{Carried, MARK},
};
use crate::{Context, exit::Failure};
use clap::Args;
use serde::Serialize;
use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};
use urne_light::{HeaderFault, ProofFault, TrustedSet, VerifiedVote, decode_proof_of_vote, verify_proof_of_vote};
use urne_node::{
    api::dto::{Number, Proof},
    genesis_file::CheckedGenesis,
};
use urne_types::{
    BlockHash, ChainId, ElectionId, Height, TxId, UnixMs, codec::decode_canonical, limits::MESSAGE_BYTES_MAX,
    proof::ProofOfVote,
};

/// More is no proof.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// Checks a proof of vote.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// What `urne proof` wrote, the bytes of a proof, or the texts of its codes, one on each line; - for standard input
    file: PathBuf,
    /// The chain's genesis; this folder's by default
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// Refuse the proof of any other ballot
    #[arg(long, value_name = "TXID")]
    tracker: Option<TxId>,
}

/// What the proof proves.
#[derive(Serialize)]
pub(super) struct Verified {
    verified: bool,
    chain: ChainId,
    election: ElectionId,
    txid: TxId,
    index: Number,
    ballots: Number,
    height: Height,
    block: BlockHash,
    time: UnixMs,
}

impl VerifyArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (verified, _) = verify(context, &self.file, self.genesis.as_deref())?;
        match self.tracker {
            Some(asked) if asked != verified.txid => {
                Err(broken("tracker", format!("it is the proof of {}, not of {asked}", verified.txid)))
            }
            _ => {
                context.output.say(&verified);
                Ok(())
            }
        }
    }
}

/// Checks a proof of vote against a genesis alone: what it proves, and the proof itself.
pub(super) fn verify(context: &Context, file: &Path, genesis: Option<&Path>) -> Result<(Verified, Carried), Failure> {
    let genesis = genesis.map_or_else(|| context.home.genesis_file(), Path::to_owned);
    let genesis = CheckedGenesis::read(&genesis)?;
    let carried = read(file)?;
    Ok((verify_carried(&genesis, &carried)?, carried))
}

/// The same of a proof that a node has just told, of that ballot and no other.
pub(super) fn verify_fetched(genesis: &CheckedGenesis, file: &ProofFile, txid: &TxId) -> Result<(), Failure> {
    let verified = verify_carried(genesis, &carried(file)?)?;
    if verified.txid == *txid {
        Ok(())
    } else {
        Err(broken("tracker", format!("it is the proof of {}, not of {txid}", verified.txid)))
    }
}

fn verify_carried(genesis: &CheckedGenesis, carried: &Carried) -> Result<Verified, Failure> {
    let mut trusted = TrustedSet::of_genesis(genesis.get()).map_err(|e| broken("genesis", e))?;
    let proof = decode_proof_of_vote(&carried.proof).map_err(|e| broken(step_of(&e), e))?;
    for handover in &carried.handovers {
        follow(&mut trusted, handover)?;
    }
    let vote = verify_proof_of_vote(&proof, &trusted).map_err(|e| broken(step_of(&e), e))?;
    Ok(Verified::of(trusted.chain(), &vote))
}

fn broken(step: &str, why: impl fmt::Display) -> Failure {
    Failure::unverified(format!("this proves nothing; the step that fails is '{step}': {why}"))
}

/// A JSON file of `urne proof` or of the API, the texts of codes, or canonical bytes.
fn read(path: &Path) -> Result<Carried, Failure> {
    let unreadable = |e| Failure::environment(format!("{}: {e}", path.display()));
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(unreadable)?;
        bytes
    } else {
        fs::read(path).map_err(unreadable)?
    };
    if let Ok(text) = str::from_utf8(&bytes)
        && text.trim_start().starts_with(MARK)
    {
        return Carried::read(text).map_err(|e| broken("file", e));
    }
    let Ok(text) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
        return Ok(Carried { proof: bytes, handovers: Vec::new() });
    };
    let file: ProofFile = serde_json::from_value(text).map_err(|e| broken("file", e))?;
    carried(&file)
}

/// What is inside a file whose readable part says the same.
fn carried(file: &ProofFile) -> Result<Carried, Failure> {
    let proof = decode_proof_of_vote(&file.proof.proof.0).map_err(|e| broken(step_of(&e), e))?;
    if is_said_by(&file.proof, &proof) {
        let handovers = file.handovers.iter().map(|it| it.0.clone()).collect();
        Ok(Carried { proof: file.proof.proof.0.clone(), handovers })
    } else {
        Err(broken("file", "its readable part says something else than its proof"))
    }
}

/// Whether a person who reads the file is told what its bytes say.
fn is_said_by(shown: &Proof, proof: &ProofOfVote) -> bool {
    let signers = proof.certificate.signatures.iter().map(|it| it.validator);
    (shown.chain, shown.election, shown.txid, shown.tx_hash)
        == (proof.chain, proof.election, proof.leaf.tx_id, proof.leaf.tx_hash)
        && (shown.index, shown.log.size, shown.log.root)
            == (Number(proof.index), Number(proof.log.size), proof.log.root)
        && (shown.height, shown.block, shown.time) == (proof.header.height, proof.header.hash(), proof.header.time)
        && shown.signers.iter().copied().eq(signers)
}

fn follow(trusted: &mut TrustedSet, handover: &[u8]) -> Result<(), Failure> {
    let handover = decode_canonical(handover, MESSAGE_BYTES_MAX).map_err(|e| broken("handover", e))?;
    trusted.advance(handover).map_err(|e| broken("handover", e))
}

fn step_of(fault: &ProofFault) -> &'static str {
    match fault {
        ProofFault::Malformed(_) => "file",
        ProofFault::TwoChains | ProofFault::Header(HeaderFault::OtherChain { .. }) => "chain",
        ProofFault::NotInLog => "ballot in log",
        ProofFault::State(_) => "log in state",
        ProofFault::OtherValidators
        | ProofFault::Header(
            HeaderFault::UntrustedValidators | HeaderFault::BeforeTrust { .. } | HeaderFault::TrustExpired { .. },
        ) => "validators",
        ProofFault::Header(HeaderFault::FromTheFuture { .. }) => "clock",
        ProofFault::Header(HeaderFault::CertificateOfAnother | HeaderFault::Certificate(_)) => "certificate",
    }
}

impl Verified {
    fn of(chain: ChainId, vote: &VerifiedVote) -> Self {
        Self {
            verified: true,
            chain,
            election: vote.election,
            txid: vote.tracker,
            index: Number(vote.index),
            ballots: Number(vote.log.size),
            height: vote.height,
            block: vote.block,
            time: vote.time,
        }
    }
}
impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { txid, election, index, ballots, height, time, chain, .. } = self;
        writeln!(f, "verified: ballot {txid} is in the urn of election {election}")?;
        writeln!(f, "  at index {index} of a log of {ballots}, under block {height} of {time}")?;
        write!(f, "  signed by more than two thirds of the power that chain {chain} trusts")
    }
}
