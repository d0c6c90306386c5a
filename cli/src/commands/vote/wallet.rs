//! What a voter's machine needs beside her choices: her credential, out of the 32 secret bytes of her key file, and the
//! election as it was frozen, with keys that give it its very name.
use crate::{
    Context,
    exit::Failure,
    sender::{Channel, SendArgs},
};
use std::path::Path;
use urne_ballot::{Credential, CredentialSecret, Refusal, Registrars, RootSecret, Statement, ThresholdKeys, Trustees};
use urne_node::{
    api::dto::{Election, SealedKeys},
    keystore::{KeyFile, KeyRole},
};
use urne_types::{
    ChainId, ElectionId, PublicKey, SecretKey,
    election::ElectionDefinition,
    sealed::{CredentialRules, SealedCensus},
};
use urne_vote_contract::sealed::{self, records::UrnOpening};

/// A rule of the cryptography refuses.
pub(in super::super) fn refused(refusal: Refusal) -> Failure {
    Failure::rule(crate::exit::Exit::Rejected, refusal.code(), refusal.name(), refusal)
}

/// The credential that a member's key file gives on a chain, for censuses that hold credentials (docs/decisions/0060).
pub(crate) fn credential_of(key: &SecretKey, chain: &ChainId) -> PublicKey {
    PublicKey(*RootSecret::from_bytes(*key.expose()).published_credential(chain).public().bytes())
}

/// The voter's secret half.
pub(super) struct Wallet {
    pub(super) secret: CredentialSecret,
    /// Whether the key file holds the registrars' signature for this election.
    pub(super) is_signed: bool,
}
impl Wallet {
    /// The credential of an election: the one that the census shows, or the one that its registrars have signed.
    pub(super) fn open(send: &SendArgs, file: &Path, chain: &ChainId, booth: &Booth) -> Result<Self, Failure> {
        let file = KeyFile::read(file, KeyRole::Member)?;
        let key = send.open(&file)?;
        let root = RootSecret::from_bytes(*key.expose());
        let secret = match booth.credential_rules() {
            None => root.published_credential(chain),
            Some(_) => root.credential(chain, &booth.election),
        };
        Ok(Self { secret, is_signed: file.credential(&key, &booth.election)?.is_some() })
    }
    pub(super) fn credential(&self) -> &Credential {
        self.secret.public()
    }
}

/// A secret election, its keys checked against its name.
pub(super) struct Booth {
    pub(super) election: ElectionId,
    pub(super) definition: ElectionDefinition,
    pub(super) statement: Statement,
    /// What is decrypted of the ballots: from the questions, not from what the node says of them.
    pub(super) opening: UrnOpening,
}
impl Booth {
    /// Asks a node for the election, and believes only what its name covers.
    pub(super) fn enter(send: &SendArgs, context: &Context, id: &ElectionId) -> Result<(Channel, Self), Failure> {
        let channel = send.channel(context)?;
        let (definition, keys) = sealed_election(&channel, id)?;
        let statement = sealed::stated(&definition, &channel.chain, id, &keys.trustees.0)?;
        let opening = UrnOpening::of(statement.compiled());
        Ok((channel, Self { election: *id, definition, statement, opening }))
    }
    /// Who signs credentials here; nobody where the census shows them.
    pub(super) fn credential_rules(&self) -> Option<&CredentialRules> {
        match &self.definition.secrecy.sealed()?.census {
            SealedCensus::Credentials(rules) => Some(rules),
            SealedCensus::PublishedKeys => None,
        }
    }
}

/// A secret election as a node shows it, believed because its definition and its keys give its very name.
pub(in super::super) fn sealed_election(
    channel: &Channel,
    id: &ElectionId,
) -> Result<(ElectionDefinition, SealedKeys), Failure> {
    let shown: Election = channel.client.get(&format!("/v1/elections/{id}"))?;
    let Some(keys) = shown.sealed else {
        return Err(Failure::usage("the ballots of this election are open: use `urne cast`"));
    };
    if named(&shown.definition, &keys, &channel.chain).map_err(refused)? != *id {
        let url = channel.client.url();
        return Err(Failure::unverified(format!("{url} shows a definition or keys that are not election {id}'s")));
    }
    Ok((shown.definition, keys))
}

/// The name that this definition and these keys give.
pub(in super::super) fn named(
    definition: &ElectionDefinition,
    keys: &SealedKeys,
    chain: &ChainId,
) -> Result<ElectionId, Refusal> {
    let trustees = ThresholdKeys::<Trustees>::decode(&keys.trustees.0)?;
    let registrars = keys.registrars.iter().map(|it| Ok((it.scope, ThresholdKeys::<Registrars>::decode(&it.keys.0)?)));
    let registrars = registrars.collect::<Result<Vec<_>, Refusal>>()?;
    Ok(urne_ballot::election_id(chain, &definition.draft_id(), &trustees, &registrars))
}
