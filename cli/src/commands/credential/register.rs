//! `urne credential register`: brings the signed credential to a node, which waits for others to register it with. Time and
//! address are what could still join a person to her credential: so it is done later than the request, and by another node.
use super::{Election, Holder, college_meant, shown};
use crate::{
    Context,
    client::Client,
    exit::{Exit, Failure},
    sender::{SendArgs, Until, now},
};
use clap::Args;
use rand::seq::IndexedRandom;
use serde::Serialize;
use std::{
    fmt,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};
use urne_node::api::dto::{self, CredentialState, Hex, Number, OfferedCredential};
use urne_types::{ElectionId, Rejection};

/// How often the node is asked. It forgets what it has collected when it restarts, so the credential is sent each time.
const GLANCE: Duration = Duration::from_millis(500);

/// Registers a credential.
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// College of the credential; needed when the key file has several
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// The voter's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// A node that may carry it; may be repeated: one is drawn, another than the node that is asked (--api) where there is one
    #[arg(long, value_name = "URL")]
    via: Vec<String>,
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Brought {
    Collected { collected: Number, needed: Number },
    Registered(dto::Credential),
}

impl RegisterArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (channel, election) = Election::enter(&self.send, context, &self.election)?;
        let holder = Holder::open(&self.send, &self.key)?;
        let college = college_meant(self.college, &holder.file, &election.id, &election.definition)?;
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
        let (credential, _) = holder.request(&channel.chain, &election.id, college);
        let offered = OfferedCredential {
            college,
            credential: Hex(shown(&credential).0.to_vec()),
            signature: Hex(signature.to_vec()),
        };
        let others: Vec<&String> =
            self.via.iter().filter(|it| it.trim_end_matches('/') != channel.client.url()).collect();
        let carrier = others.choose(&mut rand::rng()).map_or_else(|| channel.client.clone(), |it| Client::of(it));
        let path = format!("/v1/elections/{}/credentials", election.id);
        let since = Instant::now();
        let brought = loop {
            match carrier.post(&path, &offered)? {
                CredentialState::Registered(it) => break Brought::Registered(it),
                CredentialState::Collected { collected, needed } if channel.until == Until::Taken => {
                    break Brought::Collected { collected, needed };
                }
                CredentialState::Collected { collected, needed } if channel.timeout() < since.elapsed() => {
                    return Err(Failure::new(
                        Exit::Unreachable,
                        format!(
                            "the node has {collected} credentials and waits for {needed}, so that none stands alone: run this \
                             again later, or after the opening"
                        ),
                    ));
                }
                CredentialState::Collected { .. } => thread::sleep(GLANCE),
            }
        };
        context.output.say(&brought);
        Ok(())
    }
}

impl fmt::Display for Brought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collected { collected, needed } => write!(
                f,
                "the node keeps it until {needed} are there, and has {collected}; run this again to know that it is registered"
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
