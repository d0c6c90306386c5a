//! `urne credential register`: brings the signed credential to a node, which waits for others to register it with. Time and
//! address are what could still join a person to her credential: so it is done later than the request, and by another node than
//! the one that served it.
use super::{Election, RightArgs, college_meant, shown};
use crate::{
    Context,
    client::Client,
    exit::{Exit, Failure},
    sender::{Channel, SendArgs, Until, now},
};
use clap::Args;
use rand::seq::IndexedRandom;
use serde::Serialize;
use std::{
    fmt, thread,
    time::{Duration, Instant},
};
use urne_node::api::dto::{self, CredentialState, Hex, Number, OfferedCredential};
use urne_types::{Rejection, UnixMs};

/// How often the node is asked, from the instant at which the credential leaves it on. It forgets what it has collected when it
/// restarts, so the credential is sent each time.
const GLANCE: Duration = Duration::from_millis(500);
/// What has left a node is in a block by then.
const ON_ITS_WAY_MS: u64 = 10_000;

/// Registers a credential.
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    #[command(flatten)]
    right: RightArgs,
    /// A node that may carry it; may be repeated: one is drawn, another than the node that served the request. The node that is
    /// asked (--api) where none is named
    #[arg(long, value_name = "URL")]
    via: Vec<String>,
    /// Let the node that served the request carry it all the same: it may then tell whose credential this is
    #[arg(long)]
    same_node: bool,
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Brought {
    Collected { collected: Number, needed: Number, leaves_at: UnixMs },
    Registered(dto::Credential),
}

impl RegisterArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (channel, election) = Election::enter(&self.send, context, &self.right.election)?;
        let holder = self.right.holder(&self.send)?;
        let college = college_meant(self.right.college, &holder.file, &election.id, &election.definition)?;
        let Some(signature) = holder.file.credential(&holder.key, &election.id, college)? else {
            return Err(Failure::usage(format!(
                "the key file holds no signature for college {college} of this election: `urne credential request` first",
            )));
        };
        if now() < election.rules.registration_at {
            let rule = Rejection::RegistrationNotOpen;
            let begins = format!("{rule}; it begins at {}", election.rules.registration_at);
            return Err(Failure::rule(Exit::Rejected, rule.code(), rule.name(), begins));
        }
        let carrier = self.carrier(&channel, holder.file.served_by(&election.id, college))?;
        let (credential, _) = holder.request(&channel.chain, &election.id, college);
        let offered = OfferedCredential {
            college,
            credential: Hex(shown(&credential).0.to_vec()),
            signature: Hex(signature.to_vec()),
        };
        let path = format!("/v1/elections/{}/credentials", election.id);
        context.output.say(&bring(&channel, &carrier, &path, &offered)?);
        Ok(())
    }

    /// One of the nodes that were named, and not the one that knows her entry.
    fn carrier(&self, channel: &Channel, served_by: Option<&str>) -> Result<Client, Failure> {
        let asked = channel.client.url().to_owned();
        // A file that does not say it is of this very node's, as far as anybody can tell.
        let knows = served_by.unwrap_or(&asked).trim_end_matches('/');
        let named = if self.via.is_empty() { std::slice::from_ref(&asked) } else { &self.via[..] };
        let fit: Vec<&String> = named.iter().filter(|it| self.same_node || it.trim_end_matches('/') != knows).collect();
        fit.choose(&mut rand::rng()).map(|it| Client::of(it)).ok_or_else(|| {
            Failure::usage(format!(
                "{knows} has served the request, under the entry of this member, and could join it to her credential: name \
                 another node by --via, or say --same-node if there is none that you may ask"
            ))
        })
    }
}

/// Brings it, and waits for the instant at which it leaves if that is soon enough.
fn bring(channel: &Channel, carrier: &Client, path: &str, offered: &OfferedCredential) -> Result<Brought, Failure> {
    let (since, mut instant) = (Instant::now(), UnixMs::new(0));
    loop {
        let (collected, needed, leaves_at) = match carrier.post(path, offered)? {
            CredentialState::Registered(it) => return Ok(Brought::Registered(it)),
            CredentialState::Collected { collected, needed, leaves_at } => (collected, needed, leaves_at),
        };
        if instant.plus(ON_ITS_WAY_MS) < now() {
            instant = leaves_at;
        }
        let wait = Duration::from_millis(instant.since(now())).max(GLANCE);
        if channel.until == Until::Taken || channel.timeout() < since.elapsed() + wait {
            return Ok(Brought::Collected { collected, needed, leaves_at });
        }
        thread::sleep(wait);
    }
}

impl fmt::Display for Brought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collected { collected, needed, leaves_at } => write!(
                f,
                "the node has {collected}, and registers them together at {leaves_at} if they are {needed}; run this again then \
                 to know that yours is"
            ),
            Self::Registered(it) => {
                writeln!(f, "the credential is registered in college {}, in block {}", it.college, it.at.height)?;
                if it.late {
                    writeln!(f, "  after the opening: fewer others came with it, and it may be told from them")?;
                }
                write!(f, "Vote with it: urne vote --election … --key …")
            }
        }
    }
}
