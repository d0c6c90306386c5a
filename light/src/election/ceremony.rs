//! The keys to which ballots are sealed are believed of nobody: the messages of the ceremony, each signed by an officer whom the
//! definition names, are heard again by the ledger's own rules, and must make these very keys. Officers who kept silent are out:
//! validators who all agree can silence any; what they cannot do is speak for one.
use super::{Ground, ground::SealedGround};
use crate::archive::ArchiveFault;
use urne_types::Rejection;
use urne_vote_contract::sealed::CeremonyRecount;

/// A ceremony that was held again: its messages make the keys after which the election is named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedCeremony {
    /// Messages heard, each signed by its officer: the trustees', and the registrars' where credentials are issued.
    pub messages: u64,
    /// Trustees that hold a share of the urn's keys, by number.
    pub trustees: Vec<u16>,
    /// How many of them open it.
    pub threshold: u16,
    /// How often the trustees began.
    pub attempts: u32,
    /// Colleges whose registrars made a key.
    pub registrars_keys: usize,
}

/// A ceremony of which nothing was heard yet.
pub(super) fn held_again(ground: &Ground, sealed: &SealedGround) -> Option<CeremonyRecount> {
    CeremonyRecount::new(&ground.definition, &sealed.ceremony, &ground.lineage.chain()).ok()
}

/// Lays what the messages make beside the keys that ballots were sealed to.
pub(super) fn held(
    ceremony: Option<CeremonyRecount>,
    ground: &Ground,
) -> Result<Option<VerifiedCeremony>, ArchiveFault> {
    let Some(sealed) = &ground.sealed else { return Ok(None) };
    let missing = |why| ArchiveFault::NoCeremony { why };
    let ceremony = ceremony.ok_or_else(|| missing(Rejection::UnknownCeremony))?;
    let made = ceremony.finish(ground.life.scheduled.time).map_err(missing)?;
    if made.keys != sealed.named || made.election != ground.election {
        return Err(ArchiveFault::OtherCeremony);
    }
    Ok(Some(VerifiedCeremony {
        messages: made.messages,
        trustees: made.trustees,
        threshold: made.threshold,
        attempts: made.attempts,
        registrars_keys: made.keys.registrars.len(),
    }))
}
