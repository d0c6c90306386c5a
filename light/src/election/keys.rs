//! What of the state an archive holds: whoever makes one asks a node for these keys, whoever reads one looks them up.
use urne_types::{CollegeId, ElectionId, PublicKey, election::ElectionDefinition};
use urne_vote_contract::{LogId, keys, sealed};

/// Where the definition is: it says which the other keys are.
#[must_use]
pub fn definition_key(election: &ElectionId) -> Vec<u8> {
    keys::definition(election)
}

/// Where the member is whose right this key exercises instead of its own: there for keys that replaced another.
#[must_use]
pub fn member_key(key: &PublicKey) -> Vec<u8> {
    keys::member_of_key(key)
}

/// Everything that must be shown of an election, beside its definition, when so many have voted in each college: of a secret
/// one, its keys, the record of the ceremony that made them and every trustee's shares too; where credentials are issued, how many, and the logs of approvals and of
/// credentials.
#[must_use]
pub fn state_keys(election: &ElectionId, definition: &ElectionDefinition, voted: &[(CollegeId, u64)]) -> Vec<Vec<u8>> {
    let results = (0..).take(definition.questions.len()).map(|at| keys::result(election, at));
    let turnouts = voted.iter().map(|(college, _)| keys::turnout(election, *college));
    let others = [
        keys::life(election),
        keys::basis(election),
        keys::log_head(&LogId::Ballots(*election)),
        keys::log_head(&LogId::Emargements(*election)),
    ];
    let made = || [sealed::urn_key(election), sealed::ceremony_key(&definition.draft_id())];
    let urn = definition.secrecy.sealed().map(|_| made()).into_iter().flatten();
    let trustees = sealed::trustees(definition);
    let of_part = |part| trustees.iter().map(move |trustee| sealed::share_key(election, part, *trustee));
    let shares = (0..sealed::parts(definition, voted)).flat_map(of_part);
    let issuing = if sealed::issues_credentials(definition) { voted } else { &[] };
    let issued = issuing.iter().map(|(college, _)| sealed::issuance_key(election, *college));
    let logs = [LogId::Approvals(*election), LogId::Credentials(*election)].map(|it| keys::log_head(&it));
    let logs = logs.into_iter().filter(|_| !issuing.is_empty());
    let of_ballots = others.into_iter().chain(turnouts).chain(results);
    of_ballots.chain(urn).chain(shares).chain(issued).chain(logs).collect()
}
