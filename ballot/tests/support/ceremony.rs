//! A whole ceremony on one machine: everybody's secrets, and what goes wrong where the test says so.
use super::{CHAIN, Chance};
use urne_ballot::ceremony::*;
use urne_ballot::threshold::ThresholdGroup;
use urne_ballot::*;
use urne_types::{CollegeId, DraftId};

pub struct Meeting<G: ThresholdGroup + ThresholdRule> {
    pub invitation: Invitation,
    pub ceremony: Ceremony<G>,
    pub secrets: Vec<(u16, CeremonySecret)>,
    pub dealings: Vec<(u16, Dealing)>,
}

/// What the ledger has recorded of rounds 2 and 3.
pub struct Recorded<G: ThresholdGroup> {
    pub commitments: Vec<Commitments<G>>,
    pub shares: Vec<EncryptedShare>,
}

pub fn invitation(colleges: &[u16], keys: u16) -> Invitation {
    let participant = |(number, college): (u16, &u16)| Participant { number, college: CollegeId::new(*college) };
    let candidates: Vec<Participant> = (1..).zip(colleges).map(participant).collect();
    let declared = candidates.clone();
    Invitation { chain: CHAIN, draft: DraftId([3; 32]), scope: 0, attempt: 0, declared, candidates, keys }
}
pub fn secret(number: u16) -> CeremonySecret {
    CeremonySecret::generate(&mut Chance::named(&format!("ceremony secret {number}")))
}

impl<G: ThresholdGroup + ThresholdRule> Meeting<G> {
    /// Rounds 0 and 1, and everybody's dealing, not yet sent.
    pub fn of(invitation: Invitation) -> Self {
        let secrets: Vec<(u16, CeremonySecret)> =
            invitation.candidates.iter().map(|it| (it.number, secret(it.number))).collect();
        let joined = secrets.iter().map(|(number, secret)| {
            let bytes = secret.join::<G>(&invitation, *number).unwrap();
            invitation.verify_joining::<G>(*number, &bytes).unwrap()
        });
        let ceremony = Ceremony::begin(&invitation, joined.collect()).unwrap();
        let dealings = secrets.iter().map(|(number, it)| (*number, it.deal(&ceremony, *number).unwrap())).collect();
        Self { invitation, ceremony, secrets, dealings }
    }
    pub fn record(&self) -> Recorded<G> {
        let commitments = self
            .dealings
            .iter()
            .map(|(dealer, it)| self.ceremony.verify_commitments(*dealer, it.hash, &it.commitments).unwrap());
        let shares = self.dealings.iter().flat_map(|(dealer, it)| {
            it.shares.iter().map(|(to, bytes)| self.ceremony.verify_encrypted_share(*dealer, *to, bytes).unwrap())
        });
        Recorded { commitments: commitments.collect(), shares: shares.collect() }
    }
    pub fn keys(&self, recorded: &Recorded<G>) -> ThresholdKeys<G> {
        match self.ceremony.qualify(&recorded.commitments, &recorded.shares, &[]).unwrap() {
            Qualification::Keys(keys) => keys,
            Qualification::Again(left) => panic!("only {left:?} are left"),
        }
    }
    pub fn share(&self, number: u16, recorded: &Recorded<G>, keys: &ThresholdKeys<G>) -> SecretShare<G> {
        let (_, secret) = self.secrets.iter().find(|(it, _)| *it == number).unwrap();
        secret.share(&self.invitation, &self.ceremony, number, &recorded.commitments, &recorded.shares, keys).unwrap()
    }
}

/// Keys, and everybody's share of them.
pub fn shared_keys<G: ThresholdGroup + ThresholdRule>(
    colleges: &[u16],
    keys: u16,
) -> (ThresholdKeys<G>, Vec<SecretShare<G>>) {
    let meeting = Meeting::<G>::of(invitation(colleges, keys));
    let recorded = meeting.record();
    let keys = meeting.keys(&recorded);
    let shares = keys.holders().iter().map(|it| meeting.share(*it, &recorded, &keys)).collect();
    (keys, shares)
}
