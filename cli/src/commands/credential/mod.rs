//! `urne credential`: a voter's anonymous credential, from her request to its registration. It comes out of her key file; the
//! registrars sign it without seeing it, and nobody can tell afterwards whose it is.
mod ask;
mod entry;
mod register;
mod request;
mod show;

use crate::{
    Context,
    exit::Failure,
    sender::{Channel, SendArgs},
};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use urne_ballot::{CredentialSecret, PendingRequest, Registrars, RootSecret, ThresholdKeys};
use urne_node::keystore::{KeyFile, KeyRole};
use urne_types::{
    ChainId, CollegeId, ElectionId, PublicKey, SecretKey, UnixMs,
    election::ElectionDefinition,
    sealed::{CredentialRules, SealedCensus},
};

use super::vote::{college_meant, refused, sealed_election};

/// What to do with a credential.
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Ask registrars for a credential, and keep their signature on it in the key file
    Request(request::RequestArgs),
    /// Register a signed credential, in the company of others: from then on it votes
    Register(register::RegisterArgs),
    /// Where the credential of a key file stands in an election
    Show(show::ShowArgs),
    /// Find a member's own entry, and see who approved what in her name
    Entry(entry::EntryArgs),
}

impl CredentialCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Request(args) => args.run(context),
            Self::Register(args) => args.run(context),
            Self::Show(args) => args.run(context),
            Self::Entry(args) => args.run(context),
        }
    }
}

/// A member of a census, as her letter says.
#[derive(Debug, Args)]
struct MemberArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The member's college
    #[arg(long, value_name = "NUMBER")]
    college: u16,
    /// By what the registrars know her: it is in her letter
    #[arg(long, value_name = "IDENTIFIER")]
    identity: String,
}
impl MemberArgs {
    fn college(&self) -> CollegeId {
        CollegeId::new(self.college)
    }
}

/// A right to vote, as a key file has it.
#[derive(Debug, Args)]
struct RightArgs {
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// College of the credential; needed when the key file has several
    #[arg(long, value_name = "NUMBER")]
    college: Option<u16>,
    /// The voter's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}
impl RightArgs {
    fn holder(&self, send: &SendArgs) -> Result<Holder, Failure> {
        Holder::open(send, &self.key)
    }
}

/// An election in which credentials are signed by registrars, its keys checked against its name.
struct Election {
    id: ElectionId,
    definition: ElectionDefinition,
    rules: CredentialRules,
    keys: Vec<(CollegeId, ThresholdKeys<Registrars>)>,
}

impl Election {
    /// Asks a node for it, and believes only what its name covers.
    fn enter(send: &SendArgs, context: &Context, id: &ElectionId) -> Result<(Channel, Self), Failure> {
        let channel = send.channel(context)?;
        let (definition, keys) = sealed_election(&channel, id)?;
        let Some(SealedCensus::Credentials(rules)) = definition.secrecy.sealed().map(|it| it.census.clone()) else {
            return Err(Failure::usage(
                "the credentials of this election are published, and nobody signs them: see `urne keys credential`",
            ));
        };
        let by_college = keys.registrars.iter().map(|it| {
            let college = it.scope.checked_sub(1).and_then(|it| u16::try_from(it).ok()).unwrap_or_default();
            Ok((CollegeId::new(college), ThresholdKeys::<Registrars>::decode(&it.keys.0).map_err(refused)?))
        });
        let keys = by_college.collect::<Result<_, Failure>>()?;
        Ok((channel, Self { id: *id, definition, rules, keys }))
    }
    fn keys_of(&self, college: CollegeId) -> Result<&ThresholdKeys<Registrars>, Failure> {
        let known: Vec<String> = self.keys.iter().map(|it| it.0.to_string()).collect();
        let unknown = || Failure::usage(format!("the colleges of this election are {}", known.join(", ")));
        self.keys.iter().find(|it| it.0 == college).map(|it| &it.1).ok_or_else(unknown)
    }
    fn closes_at(&self) -> UnixMs {
        self.definition.closes_at
    }
}

/// A voter's key file, opened.
struct Holder {
    file: KeyFile,
    key: SecretKey,
}

impl Holder {
    fn open(send: &SendArgs, file: &Path) -> Result<Self, Failure> {
        let file = KeyFile::read(file, KeyRole::Member)?;
        let key = send.open(&file)?;
        Ok(Self { file, key })
    }
    /// The credential for a college of an election, and the request that is made for it: the same on every device that has the
    /// key.
    fn request(
        &self,
        chain: &ChainId,
        election: &ElectionId,
        college: CollegeId,
    ) -> (CredentialSecret, PendingRequest) {
        RootSecret::from_bytes(*self.key.expose()).request(chain, election, college)
    }
}

fn shown(credential: &CredentialSecret) -> PublicKey {
    PublicKey(*credential.public().bytes())
}
