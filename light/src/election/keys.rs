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

/// Everything that must be shown of an election, beside its definition: of a secret one, its keys and every trustee's shares too.
#[must_use]
pub fn state_keys(election: &ElectionId, definition: &ElectionDefinition, colleges: &[CollegeId]) -> Vec<Vec<u8>> {
    let results = (0..).take(definition.questions.len()).map(|at| keys::result(election, at));
    let turnouts = colleges.iter().map(|college| keys::turnout(election, *college));
    let others = [
        keys::life(election),
        keys::basis(election),
        keys::log_head(&LogId::Ballots(*election)),
        keys::log_head(&LogId::Emargements(*election)),
    ];
    let urn = definition.secrecy.sealed().map(|_| sealed::urn_key(election));
    let trustees = sealed::trustees(definition);
    let of_part = |(part, _)| trustees.iter().map(move |trustee| sealed::share_key(election, part, *trustee));
    let shares = sealed::groups(definition).flat_map(of_part);
    others.into_iter().chain(turnouts).chain(results).chain(urn).chain(shares).collect()
}
