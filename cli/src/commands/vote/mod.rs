//! `urne vote`: a ballot sealed on this machine. The voter sees its tracker before she decides: cast it, or audit it, which
//! reveals this one and makes it void, so that a machine that cheats never knows which ballot will be opened.
mod audit;
mod guide;
mod wallet;
mod words;

pub(super) use audit::AuditBallotArgs;
pub(super) use wallet::{college_meant, credential_of, named, refused, sealed_election};

use super::{
    ballot,
    cast::place,
    proof::{ProofFile, ShowArgs},
    verify::verify_fetched,
};
use crate::{
    Context,
    exit::{Exit, Failure},
    output::Output,
    sender::{Channel, SendArgs, now},
};
use audit::Audited;
use clap::Args;
use guide::Choice;
use serde::Serialize;
use std::{fmt, fs, path::PathBuf};
use urne_ballot::{Seed, Tracker};
use urne_node::{
    api::dto::{Member, MemberCollege, TxState},
    genesis_file::CheckedGenesis,
};
use urne_types::{
    CollegeId, ElectionId, PublicKey, Rejection,
    ballot::{Answer, BallotBody},
    sealed::CredentialRules,
};
use urne_vote_contract::sealed::{self, records::UrnOpening};
use wallet::{Booth, Wallet};

/// Votes in a secret election.
#[derive(Debug, Args)]
pub(crate) struct VoteArgs {
    /// The election; asked for where it is not given
    #[arg(long, value_name = "ID")]
    election: Option<ElectionId>,
    /// The voter's key file; asked for where it is not given
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// College in which she votes; needed when she is in several
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// Number of the ballot, larger for each revote; by default the one after her last ballot that is in a block
    #[arg(long, value_name = "NUMBER")]
    sequence: Option<u32>,
    /// The ballot; without it, and without --file, the questions are asked one by one
    #[arg(long, value_name = "JSON", allow_hyphen_values = true, help_heading = "Ballot", long_help = ballot::FORMS)]
    ballot: Option<String>,
    /// File that holds the ballot
    #[arg(long, value_name = "FILE", conflicts_with = "ballot", help_heading = "Ballot")]
    file: Option<PathBuf>,
    /// Audit this ballot instead of casting it: everything about it is written here, for `urne audit-ballot` on another
    /// machine
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Keep the proof of vote in this file
    #[arg(long, value_name = "FILE", conflicts_with = "audit")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Serialize)]
struct Voted {
    #[serde(flatten)]
    tx: TxState,
    tracker: String,
    election: ElectionId,
    college: CollegeId,
    credential: PublicKey,
    sequence: u32,
    opening: UrnOpening,
    /// Whether the validators' signatures over it were checked here; otherwise it is the node's word.
    is_verified: bool,
    proof: Option<PathBuf>,
}

#[derive(Serialize)]
struct Revealed {
    tracker: String,
    audit: PathBuf,
}

impl VoteArgs {
    pub(crate) fn run(mut self, context: &Context) -> Result<(), Failure> {
        let election = match self.election {
            Some(election) => election,
            None => guide::election(&self.send.client(context)?)?,
        };
        let key = self.key.take().map_or_else(guide::key_file, Ok)?;
        let (channel, booth) = Booth::enter(&self.send, context, &election)?;
        let wallet = Wallet::open(&self.send, &key, &channel.chain, &booth, self.college)?;
        let credential = PublicKey(*wallet.credential().bytes());
        let member: Member = channel.client.get(&format!("/v1/elections/{election}/members/{credential}"))?;
        if member.colleges.is_empty()
            && let Some(rules) = booth.credential_rules()
        {
            return Err(unregistered(rules, wallet.is_signed));
        }
        let MemberCollege { college, last_sequence } = place(&member, wallet.college)?;
        let sequence = self.sequence.unwrap_or_else(|| last_sequence.unwrap_or(0).saturating_add(1));

        let answers = self.answers(&booth, last_sequence.is_some())?;
        let answers = sealed::sealed_answers(&booth.definition, &answers)?;
        let seed = Seed::generate(&mut rand::rng());
        let unsigned = booth.statement.seal(answers, wallet.credential(), sequence, seed).map_err(wallet::refused)?;
        let tracker = *unsigned.tracker();
        let choice = match &self.audit {
            Some(file) => Choice::Audit(file.clone()),
            None if self.is_guided() => guide::cast_or_audit(&tracker)?,
            None => Choice::Cast,
        };
        match choice {
            Choice::Audit(file) => {
                Audited::of(election, unsigned.audit()).write(&file)?;
                context.output.say(&Revealed { tracker: tracker.to_string(), audit: file });
                Ok(())
            }
            Choice::Cast => {
                let ballot =
                    unsigned.cast(&booth.statement, &wallet.secret, &mut rand::rng()).map_err(wallet::refused)?;
                let carried = sealed::carried(&channel.chain, election, college, &ballot)?;
                let tx = channel.deliver(&carried.to_raw()).map_err(|e| unsure(e, &tracker, &election))?;
                let proof = proven(context, &channel, &tx)?;
                let kept = match &proof {
                    Some(_) if self.proof.is_none() && self.is_guided() => guide::proof_file()?,
                    _ => self.proof.clone(),
                };
                if let (Some((proof, _)), Some(file)) = (&proof, &kept) {
                    proof.write(file)?;
                }
                let said = Voted {
                    tx,
                    tracker: tracker.to_string(),
                    election,
                    college,
                    credential,
                    sequence,
                    opening: booth.opening,
                    is_verified: proof.as_ref().is_some_and(|(_, is_verified)| *is_verified),
                    proof: kept.clone().filter(|_| proof.is_some()),
                };
                context.output.say(&said);
                match said.proof {
                    Some(file) if said.is_verified && self.is_guided() && context.output == Output::Human => {
                        if guide::wants_codes()? {
                            ShowArgs::in_terminal(file).run(context)
                        } else {
                            Ok(())
                        }
                    }
                    _ => Ok(()),
                }
            }
            Choice::Leave => Err(Failure::usage("nothing was cast")),
        }
    }

    fn is_guided(&self) -> bool {
        self.ballot.is_none() && self.file.is_none()
    }

    fn answers(&self, booth: &Booth, has_voted: bool) -> Result<Vec<Answer>, Failure> {
        let text = match (&self.ballot, &self.file) {
            (Some(text), _) => text.clone(),
            (None, Some(file)) => {
                fs::read_to_string(file).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))?
            }
            (None, None) => return guide::ask(&booth.definition, booth.opening, has_voted),
        };
        match ballot::body(&booth.definition, &text)? {
            BallotBody::Open(answers) => Ok(answers.to_vec()),
            BallotBody::Sealed(_) => {
                Err(Failure::usage("a ballot is written in clear: sealing is this command's work"))
            }
        }
    }
}

/// The proof of what is in a block, and whether the validators' signatures were checked: from this folder's genesis, if any.
fn proven(context: &Context, channel: &Channel, tx: &TxState) -> Result<Option<(ProofFile, bool)>, Failure> {
    let TxState::Committed { txid, .. } = tx else { return Ok(None) };
    let proof = ProofFile::fetch(&channel.client, txid)?;
    let genesis = context.home.genesis_file();
    if !genesis.exists() {
        return Ok(Some((proof, false)));
    }
    verify_fetched(&CheckedGenesis::read(&genesis)?, &proof, txid)?;
    Ok(Some((proof, true)))
}

/// A ballot that may have been taken, or not, is found again by its tracker.
fn unsure(failure: Failure, tracker: &Tracker, election: &ElectionId) -> Failure {
    if failure.exit != Exit::Unreachable {
        return failure;
    }
    let message = format!(
        "{}. Whether the ballot with the tracker {tracker} is in the urn, any node says: urne proof {tracker} --election \
         {election}",
        failure.message
    );
    Failure { message, ..failure }
}

/// What is missing before an anonymous credential votes, and what to do about it.
fn unregistered(rules: &CredentialRules, is_signed: bool) -> Failure {
    let rule = Rejection::NotRegistered;
    let missing = match (is_signed, now() < rules.registration_at) {
        (true, true) => format!("registration begins at {}: then `urne credential register`", rules.registration_at),
        (true, false) => "bring it: `urne credential register`".into(),
        (false, _) if now() < rules.issuance_at => {
            format!("requests begin at {}: then `urne credential request`", rules.issuance_at)
        }
        (false, _) => "the registrars have not signed it: `urne credential request`".into(),
    };
    Failure::rule(Exit::Rejected, rule.code(), rule.name(), format!("{rule}; {missing}"))
}

impl fmt::Display for Voted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let txid = match &self.tx {
            TxState::Committed { txid, height, .. } if self.is_verified => {
                writeln!(
                    f,
                    "the sealed ballot is in the urn, in block {height}: the validators' signatures were checked"
                )?;
                Some(txid)
            }
            TxState::Committed { txid, height, .. } => {
                writeln!(f, "a node says that the sealed ballot is in the urn, in block {height}")?;
                Some(txid)
            }
            TxState::Pending { txid } => {
                writeln!(f, "a node has taken the sealed ballot; it waits for a block and may still be refused")?;
                Some(txid)
            }
            TxState::Rejected { .. } => None,
        };
        writeln!(f, "  tracker      {}", self.tracker)?;
        writeln!(f, "  college      {}, ballot number {}", self.college, self.sequence)?;
        if self.opening == UrnOpening::OneByOne {
            writeln!(
                f,
                "After the close it is opened by itself, in public: whoever knows that it is yours knows your ranking."
            )?;
        }
        match (&self.proof, txid) {
            (Some(file), _) => write!(f, "  proof        {}, for `urne verify` and `urne proof show`", file.display()),
            (None, Some(txid)) => write!(f, "Keep the proof: urne proof {txid} --output proof.json"),
            (None, None) => Ok(()),
        }
    }
}
impl fmt::Display for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "this ballot is audited, and void: nobody will ever count it")?;
        writeln!(f, "  tracker      {}", self.tracker)?;
        write!(
            f,
            "On another machine: urne audit-ballot {}; it must show this tracker and your choices. Then vote again.",
            self.audit.display()
        )
    }
}
