//! What a voter's machine needs beside her choices: her credential, out of the 32 secret bytes of her key file, and the
//! election as it was frozen, with keys that give it its very name.
use crate::{
    Context,
    exit::Failure,
    proven::Proven,
    sender::{Channel, SendArgs},
};
use std::path::Path;
use urne_ballot::{Credential, CredentialSecret, Refusal, Registrars, RootSecret, Statement, ThresholdKeys, Trustees};
use urne_node::{
    api::dto::{Election, SealedKeys},
    keystore::{KeyFile, KeyRole},
};
use urne_types::{
    ChainId, CollegeId, ElectionId, PublicKey, SecretKey,
    election::ElectionDefinition,
    sealed::{CredentialRules, SealedCensus},
};
use urne_vote_contract::sealed::{
    self,
    records::{UrnOpening, UrnRecord},
};

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
    /// In which college she votes; none where the census says it.
    pub(super) college: Option<CollegeId>,
    /// Whether the key file holds the registrars' signature.
    pub(super) is_signed: bool,
}
impl Wallet {
    /// The credential of an election: the one that the census shows, or the one that its registrars have signed.
    pub(super) fn open(
        send: &SendArgs,
        file: &Path,
        chain: &ChainId,
        booth: &Booth,
        named: Option<u16>,
    ) -> Result<Self, Failure> {
        let file = KeyFile::read(file, KeyRole::Member)?;
        let election = &booth.election;
        if booth.credential_rules().is_none() {
            let secret = RootSecret::from_bytes(*send.open(&file)?.expose()).published_credential(chain);
            return Ok(Self { secret, college: named.map(CollegeId::new), is_signed: false });
        }
        let college = college_meant(named, &file, election, &booth.definition)?;
        let key = send.open(&file)?;
        let secret = RootSecret::from_bytes(*key.expose()).credential(chain, election, college);
        Ok(Self { secret, college: Some(college), is_signed: file.credential(&key, election, college)?.is_some() })
    }
    pub(super) fn credential(&self) -> &Credential {
        self.secret.public()
    }
}

/// For which college a voter acts: the one that she names, the only one whose signature her key file holds, or the only one that
/// the election has. Never several: a node that is asked about two credentials learns that they are one person's.
pub(in super::super) fn college_meant(
    named: Option<u16>,
    file: &KeyFile,
    election: &ElectionId,
    definition: &ElectionDefinition,
) -> Result<CollegeId, Failure> {
    let groups = definition.secrecy.sealed().map(|it| it.groups.iter());
    let all: Vec<CollegeId> = groups.into_iter().flatten().flat_map(|it| it.iter().copied()).collect();
    let held: Vec<CollegeId> = file.credentials().filter(|it| it.0 == *election).map(|it| it.1).collect();
    let list = |of: &[CollegeId]| of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (named.map(CollegeId::new), held.as_slice(), all.as_slice()) {
        (Some(named), ..) if all.contains(&named) => Ok(named),
        (Some(_), ..) => Err(Failure::usage(format!("the colleges of this election are {}", list(&all)))),
        (None, [only], _) | (None, [], [only]) => Ok(*only),
        (None, [], several) => Err(Failure::usage(format!("for which college? give --college {}", list(several)))),
        (None, several, _) => {
            let several = list(several);
            Err(Failure::usage(format!("this key file has a credential in each of colleges {several}: give --college")))
        }
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

/// A secret election as a node shows it, believed because its definition and its keys give its very name, and because they are
/// proven to be the ledger's: whoever shows an election of her own would read what is sealed to its keys.
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
    let urn: Option<UrnRecord> = Proven::new(channel.client.clone(), channel.chain).record(sealed::urn_key(id))?;
    if urn.is_none_or(|it| it.trustees != keys.trustees.0) {
        let url = channel.client.url();
        return Err(Failure::unverified(format!(
            "{url} shows election {id}, which is not on the ledger: ask another node"
        )));
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
