//! A participant's side of the ceremony. All its secrets come out of one seed and the ceremony's own hash, so that a process
//! that restarts says the same again, and a ceremony on another fork gets other secrets.
use super::{Ceremony, CommitmentHash, Commitments, EncryptedShare, Invitation, Possession, ThresholdRule};
use crate::{
    Refusal,
    group::{Element, Scalar, base},
    secret::secret_bytes,
    threshold::{SecretShare, Secrets, ThresholdGroup, ThresholdKeys},
    transcript::SecretSource,
};
use zeroize::Zeroizing;

secret_bytes! {
    /// 32 secret bytes of one participant for one election; erased after the result.
    CeremonySecret
}

/// What a dealer says in rounds 1, 2 and 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// Round 1.
    pub hash: CommitmentHash,
    /// Round 2.
    pub commitments: Vec<u8>,
    /// Round 3: recipient, and the encrypted share for it.
    pub shares: Vec<(u16, Vec<u8>)>,
}

impl CeremonySecret {
    /// The secret half of E, bound to the invitation.
    pub(crate) fn encryption_key<G: ThresholdGroup>(&self, invitation: &Invitation, number: u16) -> Zeroizing<Scalar> {
        let mut source = SecretSource::new("urne.v1 ceremony encryption key", self.0.as_ref());
        source.append("invitation", &invitation.digest::<G>());
        Zeroizing::new(source.scalar("e", number.into()))
    }
    /// Round 0.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`].
    pub fn join<G: ThresholdGroup>(&self, invitation: &Invitation, number: u16) -> Result<Vec<u8>, Refusal> {
        invitation.candidate(number)?;
        let secret = self.encryption_key::<G>(invitation, number);
        let key = Element::of(base(&secret));
        let possession = Possession::prove(invitation.possession::<G>(number, &key), &secret);
        Ok([key.bytes().to_vec(), possession.encode()].concat())
    }
    /// Rounds 1 to 3. The polynomials are bound to everyone who takes part.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`].
    pub fn deal<G: ThresholdGroup + ThresholdRule>(
        &self,
        ceremony: &Ceremony<G>,
        number: u16,
    ) -> Result<Dealing, Refusal> {
        ceremony.joined(number)?;
        let mut source = SecretSource::new("urne.v1 ceremony polynomials", self.0.as_ref());
        source.append("ceremony", ceremony.digest());
        source.append("dealer", &number.to_le_bytes());
        let degree = usize::from(ceremony.threshold());
        let coefficient = |at: usize| G::wide(&source.bytes("coefficient", crate::wire::index(at)));
        let coefficients = Secrets::<G>((0..ceremony.key_count() * degree).map(coefficient).collect());
        let polynomials = || coefficients.0.chunks(degree);

        let ephemeral_secret = Zeroizing::new(source.scalar("ephemeral", 0));
        let ephemeral = Element::of(base(&ephemeral_secret));
        let possession = Possession::prove(ceremony.ephemeral_transcript(number, &ephemeral), &ephemeral_secret);
        let points: Vec<u8> = coefficients.0.iter().flat_map(|it| G::encode(&G::base(it))).collect();
        let nonce = Secrets::<G>(vec![G::wide(&source.bytes("constant terms nonce", 0))]);
        let r = G::encode(&G::base(&nonce.0[0]));
        let c = ceremony.constants_challenge(number, &points, &r);
        let powers = std::iter::successors(Some(c), |last| Some(*last * c));
        let z = polynomials().zip(powers).fold(nonce.0[0], |sum, (polynomial, power)| sum + power * polynomial[0]);
        let commitments =
            [ephemeral.bytes().to_vec(), possession.encode(), points, r, G::scalar_bytes(&z).to_vec()].concat();

        let mut shares = Vec::new();
        for joined in ceremony.participants() {
            let recipient = joined.participant().number;
            let x = G::Scalar::from(u64::from(recipient));
            let value = |polynomial: &[G::Scalar]| {
                polynomial.iter().rev().fold(G::Scalar::from(0), |sum, coefficient| sum * x + *coefficient)
            };
            let values = Secrets::<G>(polynomials().map(value).collect());
            let shared = Element::of(*ephemeral_secret * joined.key().point());
            shares.push((recipient, ceremony.encrypt(number, recipient, &ephemeral, &shared, &values)?));
        }
        Ok(Dealing { hash: ceremony.commitment_hash(number, &commitments), commitments, shares })
    }
    /// Round 4: complaints against the dealers whose share for this participant is wrong.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`].
    pub fn judge<G: ThresholdGroup + ThresholdRule>(
        &self,
        invitation: &Invitation,
        ceremony: &Ceremony<G>,
        number: u16,
        commitments: &[Commitments<G>],
        shares: &[EncryptedShare],
    ) -> Result<Vec<(u16, Vec<u8>)>, Refusal> {
        ceremony.joined(number)?;
        let secret = self.encryption_key::<G>(invitation, number);
        let mut complaints = Vec::new();
        for share in shares.iter().filter(|it| it.recipient() == number) {
            let Some(dealt) = commitments.iter().find(|it| it.dealer() == share.dealer()) else { continue };
            let shared = Element::of(*secret * dealt.ephemeral().point());
            if ceremony.decrypt(dealt, share, &shared).is_err() {
                complaints.push((share.dealer(), ceremony.complain(dealt, share, &secret)));
            }
        }
        Ok(complaints)
    }
    /// After round 5: this participant's share of the keys.
    ///
    /// # Errors
    /// [`Refusal::NotATrustee`], [`Refusal::WrongShare`].
    pub fn share<G: ThresholdGroup + ThresholdRule>(
        &self,
        invitation: &Invitation,
        ceremony: &Ceremony<G>,
        number: u16,
        commitments: &[Commitments<G>],
        shares: &[EncryptedShare],
        keys: &ThresholdKeys<G>,
    ) -> Result<SecretShare<G>, Refusal> {
        let public = keys.of_holder(number)?;
        let secret = self.encryption_key::<G>(invitation, number);
        let mut sums = Secrets::<G>(vec![G::Scalar::from(0); keys.len()]);
        for dealer in keys.holders() {
            let dealt = commitments.iter().find(|it| it.dealer() == *dealer).ok_or(Refusal::WrongShare)?;
            let share = shares.iter().find(|it| it.dealer() == *dealer && it.recipient() == number);
            let shared = Element::of(*secret * dealt.ephemeral().point());
            let values = ceremony.decrypt(dealt, share.ok_or(Refusal::WrongShare)?, &shared)?;
            sums.0.iter_mut().zip(&values.0).for_each(|(sum, value)| *sum = *sum + *value);
        }
        if sums.0.iter().zip(public).any(|(secret, public)| G::base(secret) != *public) {
            return Err(Refusal::WrongShare);
        }
        Ok(SecretShare::new(number, sums))
    }
}
