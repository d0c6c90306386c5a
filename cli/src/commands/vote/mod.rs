//! `urne vote`: a ballot sealed on this machine. The voter sees its tracker before she decides: cast it, or audit it, which
//! reveals this one and makes it void, so that a machine that cheats never knows which ballot will be opened.
mod audit;
mod guide;
mod wallet;

pub(super) use audit::AuditBallotArgs;
pub(super) use wallet::{credential_of, named, refused, sealed_election};

use super::{ballot, cast::place};
use crate::{
    Context,
    exit::{Exit, Failure},
    sender::{SendArgs, now},
};
use audit::Audited;
use clap::Args;
use guide::Choice;
use serde::Serialize;
use std::{fmt, fs, path::PathBuf};
use urne_ballot::Seed;
use urne_node::api::dto::{Member, MemberCollege, TxState};
use urne_types::{
    CollegeId, ElectionId, PublicKey, Rejection, TxId,
    ballot::{Answer, BallotBody},
    sealed::CredentialRules,
};
use urne_vote_contract::sealed::{self, records::UrnOpening};
use wallet::{Booth, Wallet};

/// Votes in a secret election.
#[derive(Debug, Args)]
pub(crate) struct VoteArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The voter's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
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
}

#[derive(Serialize)]
struct Revealed {
    tracker: String,
    audit: PathBuf,
}

impl VoteArgs {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let (channel, booth) = Booth::enter(&self.send, context, &self.election)?;
        let wallet = Wallet::open(&self.send, &self.key, &channel.chain, &booth)?;
        let credential = PublicKey(*wallet.credential().bytes());
        let member: Member = channel.client.get(&format!("/v1/elections/{}/members/{credential}", self.election))?;
        if member.colleges.is_empty()
            && let Some(rules) = booth.credential_rules()
        {
            return Err(unregistered(rules, wallet.is_signed));
        }
        let MemberCollege { college, last_sequence } = place(&member, self.college.map(CollegeId::new))?;
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
                Audited::of(self.election, unsigned.audit()).write(&file)?;
                context.output.say(&Revealed { tracker: tracker.to_string(), audit: file });
                Ok(())
            }
            Choice::Cast => {
                let ballot =
                    unsigned.cast(&booth.statement, &wallet.secret, &mut rand::rng()).map_err(wallet::refused)?;
                let carried = sealed::carried(&channel.chain, self.election, college, &ballot)?;
                let tx = channel.deliver(&carried.to_raw())?;
                let said = Voted {
                    tx,
                    tracker: tracker.to_string(),
                    election: self.election,
                    college,
                    credential,
                    sequence,
                    opening: booth.opening,
                };
                context.output.say(&said);
                Ok(())
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

/// The tracker's long form is the name under which the proof of vote is fetched.
fn name_of(tx: &TxState) -> Option<TxId> {
    match tx {
        TxState::Pending { txid } | TxState::Committed { txid, .. } => Some(*txid),
        TxState::Rejected { .. } => None,
    }
}

impl fmt::Display for Voted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tx {
            TxState::Committed { height, .. } => writeln!(f, "the sealed ballot is in the urn, in block {height}")?,
            _ => writeln!(f, "a node has taken the sealed ballot; it waits for a block and may still be refused")?,
        }
        writeln!(f, "  tracker      {}", self.tracker)?;
        writeln!(f, "  college      {}, ballot number {}", self.college, self.sequence)?;
        if self.opening == UrnOpening::OneByOne {
            writeln!(
                f,
                "After the close it is opened by itself, in public: whoever knows that it is yours knows your ranking."
            )?;
        }
        if let Some(txid) = name_of(&self.tx) {
            write!(f, "Keep the proof: urne proof {txid} --output proof.json")?;
        }
        Ok(())
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
