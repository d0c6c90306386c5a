//! The name of a secret election: it fixes who holds shares, every key, and who signs credentials. A ballot's context holds
//! it, so a ballot made for other keys proves nothing.
use crate::{
    threshold::{Registrars, ThresholdKeys, Trustees},
    transcript::Transcript,
};
use urne_types::{ChainId, DraftId, ElectionId};

/// Hash, under `urne.v1 secret election`, of chain, draft, the trustees' keys ([`ThresholdKeys::encode`]) and, by increasing
/// scope, each registrars' key.
#[must_use]
pub fn election_id(
    chain: &ChainId,
    draft: &DraftId,
    trustees: &ThresholdKeys<Trustees>,
    registrars: &[(u32, ThresholdKeys<Registrars>)],
) -> ElectionId {
    let mut transcript = Transcript::new("urne.v1 secret election");
    transcript.append("chain", &chain.0);
    transcript.append("draft", &draft.0);
    transcript.append("trustees", &trustees.encode());
    for (scope, keys) in registrars {
        transcript.append_u32("scope", *scope);
        transcript.append("registrars", &keys.encode());
    }
    ElectionId(transcript.digest())
}
