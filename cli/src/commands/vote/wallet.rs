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
use urne_types::{ChainId, ElectionId, PublicKey, SecretKey, election::ElectionDefinition};
use urne_vote_contract::sealed;

/// A rule of the cryptography refuses.
pub(super) fn refused(refusal: Refusal) -> Failure {
    Failure::rule(crate::exit::Exit::Rejected, refusal.code(), refusal.name(), refusal)
}

/// The credential that a member's key file gives on a chain (docs/decisions/0060).
pub(crate) fn credential_of(key: &SecretKey, chain: &ChainId) -> PublicKey {
    PublicKey(*secret_of(key, chain).public().bytes())
}
fn secret_of(key: &SecretKey, chain: &ChainId) -> CredentialSecret {
    RootSecret::from_bytes(*key.expose()).published_credential(chain)
}

/// The voter's secret half.
pub(super) struct Wallet {
    pub(super) secret: CredentialSecret,
}
impl Wallet {
    pub(super) fn open(send: &SendArgs, file: &Path, chain: &ChainId) -> Result<Self, Failure> {
        let key = send.open(&KeyFile::read(file, KeyRole::Member)?)?;
        Ok(Self { secret: secret_of(&key, chain) })
    }
    pub(super) fn credential(&self) -> &Credential {
        self.secret.public()
    }
}

/// A secret election, its keys checked against its name.
pub(super) struct Booth {
    pub(super) definition: ElectionDefinition,
    pub(super) statement: Statement,
}
impl Booth {
    /// Asks a node for the election, and believes only what its name covers.
    pub(super) fn enter(send: &SendArgs, context: &Context, id: &ElectionId) -> Result<(Channel, Self), Failure> {
        let channel = send.channel(context)?;
        let shown: Election = channel.client.get(&format!("/v1/elections/{id}"))?;
        let Some(keys) = &shown.sealed else {
            return Err(Failure::usage("the ballots of this election are open: use `urne cast`"));
        };
        let named = named(&shown.definition, keys, &channel.chain).map_err(refused)?;
        if named != *id {
            let url = channel.client.url();
            return Err(Failure::unverified(format!("{url} shows a definition or keys that are not election {id}'s")));
        }
        let statement = sealed::stated(&shown.definition, &channel.chain, id, &keys.trustees.0)?;
        Ok((channel, Self { definition: shown.definition, statement }))
    }
}

/// The name that this definition and these keys give.
fn named(definition: &ElectionDefinition, keys: &SealedKeys, chain: &ChainId) -> Result<ElectionId, Refusal> {
    let trustees = ThresholdKeys::<Trustees>::decode(&keys.trustees.0)?;
    let registrars = keys.registrars.iter().map(|it| Ok((it.scope, ThresholdKeys::<Registrars>::decode(&it.keys.0)?)));
    let registrars = registrars.collect::<Result<Vec<_>, Refusal>>()?;
    Ok(urne_ballot::election_id(chain, &definition.draft_id(), &trustees, &registrars))
}
