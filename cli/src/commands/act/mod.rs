//! `urne act`: decisions of the colleges. One administrator proposes, those of other colleges approve what they were shown,
//! and the act takes effect once enough colleges have.
mod kinds;
mod role;
mod withdraw;

pub(super) use kinds::reason;

use crate::{
    Context,
    ceremony::Declaration,
    client::{ApiArgs, Client},
    exit::Failure,
    passphrase::PassphraseArgs,
    sender::{AdministratorArgs, SendArgs, Sender, now},
};
use clap::{Args, Subcommand};
use kinds::ActWords;
use role::{AdministratorsArgs, DelegateArgs, RevokeArgs};
use serde::Serialize;
use std::{fmt, path::PathBuf};
use urne_node::{
    api::dto::{self, ActState, TxState},
    genesis_file::CheckedGenesis,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{
    ActId, CollegeId, NodeId, UnixMs,
    governance::{Act, ProposedAct, ValidatorRecord},
    signed::Signed,
    transaction::Payload,
};
use withdraw::WithdrawArgs;

/// A week to gather approvals, unless told otherwise; a chain may allow less.
const LIFETIME_MS: u64 = 7 * 24 * 3_600_000;

/// What to do with acts.
#[derive(Debug, Subcommand)]
pub(crate) enum ActCommand {
    /// Propose an act, and thereby approve it
    Propose(ProposeArgs),
    /// Approve an act, after seeing it
    Approve(ApproveArgs),
    /// Take back what one proposed: an act, a draft, a census half brought
    Withdraw(WithdrawArgs),
    /// List acts and their approvals
    List(ListArgs),
    /// Sign this node's record, for the act that adds it
    Record(RecordArgs),
    /// Let someone act for an administrator until a date
    Delegate(DelegateArgs),
    /// Take the role back before that date
    Revoke(RevokeArgs),
    /// List administrators, and to whom they have lent their role
    Administrators(AdministratorsArgs),
}

/// Proposes an act.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = false)]
pub(crate) struct ProposeArgs {
    /// File that holds the act as JSON, as `urne keys rotate --json` prints it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(subcommand)]
    words: Option<ActWords>,
}

/// How any act is proposed.
#[derive(Clone, Debug, Args)]
pub(crate) struct HowArgs {
    #[command(flatten)]
    administrator: AdministratorArgs,
    /// Approvals count until then (RFC 3339); for a week by default
    #[arg(long, global = true, value_name = "TIME")]
    expires: Option<UnixMs>,
    #[command(flatten)]
    send: SendArgs,
}

/// Approves an act.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// Which
    act: ActId,
    #[command(flatten)]
    administrator: AdministratorArgs,
    #[command(flatten)]
    send: SendArgs,
}

/// Lists acts.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those that wait for approvals
    #[arg(long)]
    pending: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Signs this node's record.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// College of the validator
    #[arg(long, value_name = "NUMBER")]
    college: u16,
    /// Name of the validator, as printed
    #[arg(long)]
    name: String,
    /// Where other nodes reach it (multiaddr); may be repeated
    #[arg(long = "address", value_name = "MULTIADDR", required = true)]
    addresses: Vec<String>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// An act that a transaction was about.
#[derive(Serialize)]
pub(super) struct Sent {
    /// Which.
    pub(super) act_id: ActId,
    /// The transaction.
    pub(super) tx: TxState,
    /// As it stands, once the transaction is in a block.
    pub(super) act: Option<dto::Act>,
}

#[derive(Serialize)]
struct Acts {
    items: Vec<dto::Act>,
}

#[derive(Serialize)]
struct Record {
    record: Signed<ValidatorRecord>,
}

impl ActCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Propose(args) => args.run(context),
            Self::Approve(args) => args.run(context),
            Self::Withdraw(args) => args.run(context),
            Self::List(args) => args.run(context),
            Self::Record(args) => args.run(context),
            Self::Delegate(args) => args.run(context),
            Self::Revoke(args) => args.run(context),
            Self::Administrators(args) => args.run(context),
        }
    }
}

impl ProposeArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let act = match (self.words, self.file) {
            (Some(words), None) => words.act()?,
            (None, Some(file)) => kinds::read_act(&file)?,
            _ => return Err(Failure::usage("say the act, or give --file: see `urne act propose --help`")),
        };
        let sender = self.how.sender(context)?;
        context.output.say(&self.how.propose(&sender, act)?);
        Ok(())
    }
}

impl HowArgs {
    /// Opens the administrator's key before a node.
    pub(super) fn sender(&self, context: &Context) -> Result<Sender, Failure> {
        self.send.sender(context, &self.administrator.file(context), KeyRole::Administrator)
    }
    /// Proposes an act.
    pub(super) fn propose(&self, sender: &Sender, act: Act) -> Result<Sent, Failure> {
        let expires_at = self.expires.unwrap_or_else(|| now().plus(LIFETIME_MS));
        let proposed = ProposedAct { act, expires_at, nonce: rand::random() };
        let act_id = proposed.id(&sender.chain);
        let tx = sender.send(Payload::ProposeAct(proposed), sender.until)?;
        Sent::of(&sender.client, act_id, tx)
    }
}

impl ApproveArgs {
    /// What is shown is what is signed: the act's name is computed again from what the node shows.
    fn run(self, context: &Context) -> Result<(), Failure> {
        let file = self.administrator.file(context);
        let sender = self.send.sender(context, &file, KeyRole::Administrator)?;
        let shown = show(&sender.client, &self.act)?;
        let proposed = ProposedAct { act: shown.act, expires_at: shown.expires_at, nonce: shown.nonce.0 };
        kinds::must_be(&self.act, &proposed.id(&sender.chain))?;
        let tx = sender.send(Payload::ApproveAct { act: self.act }, sender.until)?;
        context.output.say(&Sent::of(&sender.client, self.act, tx)?);
        Ok(())
    }
}

impl ListArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let mut items: Vec<dto::Act> = self.api.client(context)?.all("/v1/acts", |_| {})?;
        items.retain(|it| !self.pending || it.state == ActState::Pending);
        context.output.say(&Acts { items });
        Ok(())
    }
}

impl RecordArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let home = &context.home;
        home.must_exist()?;
        let chain = CheckedGenesis::read(&home.genesis_file())?.chain_id();
        let node = NodeId(KeyFile::read(&home.node_key(), KeyRole::Node)?.public_key().0);
        let key = self.passphrase.open(&KeyFile::read(&home.validator_key(), KeyRole::Validator)?)?;
        let college = CollegeId::new(self.college);
        let declaration = Declaration { college, name: &self.name, node, addresses: &self.addresses };
        context.output.say(&Record { record: declaration.sign(&chain, &key)? });
        Ok(())
    }
}

fn show(client: &Client, act: &ActId) -> Result<dto::Act, Failure> {
    client.get(&format!("/v1/acts/{act}"))
}

impl Sent {
    fn of(client: &Client, act_id: ActId, tx: TxState) -> Result<Self, Failure> {
        let act = match tx {
            TxState::Committed { .. } => Some(show(client, &act_id)?),
            _ => None,
        };
        Ok(Self { act_id, tx, act })
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.act {
            Some(act) => Line(act).fmt(f)?,
            None => write!(f, "act {}: a node has taken it; it waits for a block", self.act_id)?,
        }
        match &self.act {
            Some(act) if act.state != ActState::Pending => Ok(()),
            _ => write!(f, "\nNext, for another college: urne act approve {}", self.act_id),
        }
    }
}

/// One act on a few lines.
struct Line<'a>(&'a dto::Act);
impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = self.0;
        let colleges: Vec<String> = it.approvals.iter().map(|it| it.college.to_string()).collect();
        let state = match it.state {
            ActState::Pending => format!("waits until {}", it.expires_at),
            ActState::Executed { at } => format!("executed in block {}", at.height),
            ActState::Expired => "expired".into(),
            ActState::Withdrawn { at } => format!("withdrawn in block {}", at.height),
        };
        writeln!(f, "act {}: {state}", it.id)?;
        writeln!(f, "  {}", kinds::describe(&it.act))?;
        write!(f, "  approved by colleges {}; {} are needed", colleges.join(", "), it.approvals_needed)
    }
}
impl fmt::Display for Acts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.iter().try_for_each(|it| writeln!(f, "{}", Line(it)))?;
        write!(f, "{} acts", self.items.len())
    }
}
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It is made to be put in a file.
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}
