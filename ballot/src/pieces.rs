//! An urn that is opened ballot by ballot is too long for one share: it is cut in pieces. A trustee answers the pieces of one
//! list and of no other, whichever piece it is shown first: a second list could hold a ballot that was replaced.
use crate::{Refusal, transcript::Transcript, urn::Urn};
use urne_types::ElectionId;

/// All pieces of an election's urn, by the digests of their urns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    election: ElectionId,
    urns: Vec<[u8; 32]>,
    digest: [u8; 32],
}

impl Pieces {
    /// `urns`: [`Urn::digest`] of each piece, in the order of their parts, from 0. The list's digest is taken under `urne.v1
    /// pieces` of `election` and the words `urns`.
    #[must_use]
    pub fn new(election: ElectionId, urns: Vec<[u8; 32]>) -> Self {
        let mut transcript = Transcript::new("urne.v1 pieces");
        transcript.append("election", &election.0);
        transcript.append_words("urns", urns.iter());
        let digest = transcript.digest();
        Self { election, urns, digest }
    }
    /// The election.
    #[must_use]
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }
    /// The hash of the list: what a trustee records before it answers the first piece.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
    /// Whether an urn is the piece of this list that it says to be.
    ///
    /// # Errors
    /// [`Refusal::OtherUrn`].
    pub fn verify(&self, urn: &Urn) -> Result<(), Refusal> {
        let listed = usize::try_from(urn.part()).ok().and_then(|part| self.urns.get(part));
        if *urn.election() == self.election && listed == Some(urn.digest()) { Ok(()) } else { Err(Refusal::OtherUrn) }
    }
}
