//! The role of an administrator, lent for a time: she signs this alone, no act is needed, and whoever holds it acts for her
//! college in her place. An approval still counts once for a college.
use crate::{
    Context,
    client::ApiArgs,
    exit::Failure,
    sender::{AdministratorArgs, SendArgs, Sender, now},
};
use clap::Args;
use serde::Serialize;
use std::fmt;
use urne_node::{
    api::dto::{Administrator, Delegation, TxState},
    keystore::KeyRole,
};
use urne_types::{PublicKey, Rejection, UnixMs, transaction::Payload};

const DAY_MS: u64 = 24 * 3_600_000;

/// Lends the role.
#[derive(Debug, Args)]
pub(crate) struct DelegateArgs {
    /// To whom: the public half of an administrator key that she made (`urne keys new --role administrator`)
    public_key: PublicKey,
    #[command(flatten)]
    until: UntilArgs,
    #[command(flatten)]
    administrator: AdministratorArgs,
    #[command(flatten)]
    send: SendArgs,
}

/// Until when.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct UntilArgs {
    /// Until then (RFC 3339); a year at most
    #[arg(long, value_name = "TIME")]
    until: Option<UnixMs>,
    /// For so many days from now
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=366))]
    days: Option<u64>,
}

/// Takes the role back.
#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// From whom
    public_key: PublicKey,
    #[command(flatten)]
    administrator: AdministratorArgs,
    #[command(flatten)]
    send: SendArgs,
}

/// Lists administrators.
#[derive(Debug, Args)]
pub(crate) struct AdministratorsArgs {
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Serialize)]
struct Lent {
    by: PublicKey,
    to: PublicKey,
    /// Absent when the role was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UnixMs>,
    tx: TxState,
}

#[derive(Serialize)]
struct Administrators {
    items: Vec<Administrator>,
}

impl DelegateArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let expires_at = match (self.until.until, self.until.days) {
            (Some(time), _) => time,
            (None, days) => now().plus(days.unwrap_or_default() * DAY_MS),
        };
        let sender = self.send.sender(context, &self.administrator.file(context), KeyRole::Administrator)?;
        let to = self.public_key;
        let tx = sender.send(Payload::Delegate { to, expires_at }, sender.until)?;
        // The very same delegation may have been given before and taken back: its transaction is then in an older block.
        let is_committed = matches!(tx, TxState::Committed { .. });
        if is_committed && lent(&sender, &to)?.is_none_or(|it| it.expires_at != expires_at) {
            return Err(Failure::usage(format!(
                "until {expires_at} this role was lent to {to} before, and taken back: give another end, be it a second later"
            )));
        }
        context.output.say(&Lent { by: sender.public(), to, expires_at: Some(expires_at), tx });
        Ok(())
    }
}

impl RevokeArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let sender = self.send.sender(context, &self.administrator.file(context), KeyRole::Administrator)?;
        let to = self.public_key;
        let expires_at = lent(&sender, &to)?.ok_or(Rejection::UnknownDelegation)?.expires_at;
        let tx = sender.send(Payload::RevokeDelegation { to, expires_at }, sender.until)?;
        context.output.say(&Lent { by: sender.public(), to, expires_at: None, tx });
        Ok(())
    }
}

/// The delegation from the sender to that key which is in force.
fn lent(sender: &Sender, to: &PublicKey) -> Result<Option<Delegation>, Failure> {
    let all: Vec<Administrator> = sender.client.all("/v1/administrators", |_| {})?;
    let own = all.into_iter().find(|it| it.key == sender.public());
    Ok(own.and_then(|it| it.delegations.into_iter().find(|it| it.to == *to)))
}

impl AdministratorsArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let mut items: Vec<Administrator> = self.api.client(context)?.all("/v1/administrators", |_| {})?;
        items.sort_by_key(|it| (it.college, it.key));
        context.output.say(&Administrators { items });
        Ok(())
    }
}

impl fmt::Display for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, to, .. } = self;
        match (self.expires_at, &self.tx) {
            (Some(until), TxState::Committed { .. }) => {
                writeln!(f, "until {until}, {to}")?;
                write!(f, "may propose and approve acts for {by}; she takes it back with `urne act revoke {to}`")
            }
            (None, TxState::Committed { .. }) => {
                write!(f, "{to} acts for {by} no more; its approvals of acts still pending count no more")
            }
            _ => write!(f, "a node has taken it; it waits for a block and may still be refused"),
        }
    }
}
impl fmt::Display for Administrators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Administrator { college, key, delegations } in &self.items {
            writeln!(f, "college {college}  {key}")?;
            for it in delegations {
                writeln!(f, "            lent to {} until {}", it.to, it.expires_at)?;
            }
        }
        write!(f, "{} administrators", self.items.len())
    }
}
