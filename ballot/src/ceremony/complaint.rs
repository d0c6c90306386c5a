//! Round 4: a recipient that got a wrong share reveals the key it shares with that dealer, with a proof that this is the key;
//! everybody then decrypts and judges. Only this one share becomes known, and only of a dealer that is out or was right.
use super::{Ceremony, Commitments, EncryptedShare, ThresholdRule};
use crate::{
    Refusal,
    group::{Element, G as BASE, Point, Scalar, VartimeMultiscalarMul, base},
    threshold::{Secrets, ThresholdGroup},
    transcript::{SecretSource, Transcript},
    wire::Reader,
};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use zeroize::Zeroizing;

/// A dealer convicted by a recipient. [`Ceremony::verify_complaint`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JustifiedComplaint {
    dealer: u16,
    complainer: u16,
}
impl JustifiedComplaint {
    /// Reads what this node's own state holds: a complaint that was verified before it was kept. Never for one from anywhere
    /// else: those go through [`Ceremony::verify_complaint`].
    #[must_use]
    pub const fn restore_from_state(dealer: u16, complainer: u16) -> Self {
        Self { dealer, complainer }
    }
    /// Who dealt wrongly.
    #[must_use]
    pub const fn dealer(&self) -> u16 {
        self.dealer
    }
    /// Who showed it.
    #[must_use]
    pub const fn complainer(&self) -> u16 {
        self.complainer
    }
}

impl<G: ThresholdGroup + ThresholdRule> Ceremony<G> {
    /// The key of one share: BLAKE3 of ceremony, dealer, recipient, X, E and the Diffie-Hellman point. Used once, so the
    /// nonce is zero.
    fn cipher(&self, dealer: u16, recipient: u16, x: &Element, e: &Element, shared: &Element) -> ChaCha20Poly1305 {
        let mut source = SecretSource::new("urne.v1 ceremony share encryption", shared.bytes());
        source.append("ceremony", self.digest());
        source.append("dealer", &dealer.to_le_bytes());
        source.append("recipient", &recipient.to_le_bytes());
        source.append("X", x.bytes());
        source.append("E", e.bytes());
        let bytes = source.bytes("key", 0);
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&bytes[..32]);
        ChaCha20Poly1305::new((&*key).into())
    }
    pub(crate) fn encrypt(
        &self,
        dealer: u16,
        recipient: u16,
        x: &Element,
        shared: &Element,
        shares: &Secrets<G>,
    ) -> Result<Vec<u8>, Refusal> {
        let e = self.joined(recipient)?.key();
        // With the room it takes from the start: a vector that grows leaves copies of secrets behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(32 * shares.0.len()));
        for share in &shares.0 {
            plain.extend_from_slice(Zeroizing::new(G::scalar_bytes(share)).as_slice());
        }
        let cipher = self.cipher(dealer, recipient, x, e, shared);
        Ok(cipher.encrypt(&[0; 12].into(), plain.as_slice()).expect("encrypting to memory cannot fail"))
    }
    /// The shares, if they decrypt and fit the dealer's commitments.
    ///
    /// # Errors
    /// [`Refusal::WrongShare`].
    pub(crate) fn decrypt(
        &self,
        commitments: &Commitments<G>,
        share: &EncryptedShare,
        shared: &Element,
    ) -> Result<Secrets<G>, Refusal> {
        let recipient = share.recipient();
        let e = self.joined(recipient)?.key();
        let cipher = self.cipher(share.dealer(), recipient, commitments.ephemeral(), e, shared);
        let plain = cipher.decrypt(&[0; 12].into(), share.bytes()).map_err(|_| Refusal::WrongShare)?;
        let plain = Zeroizing::new(plain);
        let mut read = Reader::new(&plain, Refusal::WrongShare);
        let mut shares = Secrets::<G>(Vec::with_capacity(self.key_count()));
        for _ in 0..self.key_count() {
            shares.0.push(G::scalar(read.array()?).map_err(|_| Refusal::WrongShare)?);
        }
        read.end()?;
        if commitments.fit(recipient, &shares.0) { Ok(shares) } else { Err(Refusal::WrongShare) }
    }

    /// Round 4: `S ‖ R1 ‖ R2 ‖ z`, with S = e·X revealed and a proof that log_G E = log_X S.
    ///
    /// # Errors
    /// [`Refusal::NotAParticipant`], [`Refusal::BadComplaint`]; [`Refusal::UnjustifiedComplaint`] when the share is right.
    pub fn verify_complaint(
        &self,
        complainer: u16,
        commitments: &Commitments<G>,
        share: &EncryptedShare,
        bytes: &[u8],
    ) -> Result<JustifiedComplaint, Refusal> {
        let joined = self.joined(complainer)?;
        if share.recipient() != complainer || share.dealer() != commitments.dealer() {
            return Err(Refusal::BadComplaint);
        }
        let mut read = Reader::new(bytes, Refusal::BadComplaint);
        let (shared, r1, r2, z) = (read.element()?, read.element()?, read.element()?, read.scalar()?);
        read.end()?;
        let x = commitments.ephemeral();
        let c = challenge(self.complaint_transcript(share, joined.key(), x, &shared), &r1, &r2);
        let left = Point::vartime_multiscalar_mul([z, -c], [BASE, *joined.key().point()]);
        let right = Point::vartime_multiscalar_mul([z, -c], [*x.point(), *shared.point()]);
        if left != *r1.point() || right != *r2.point() {
            return Err(Refusal::BadComplaint);
        }
        match self.decrypt(commitments, share, &shared) {
            Ok(_) => Err(Refusal::UnjustifiedComplaint),
            Err(_) => Ok(JustifiedComplaint { dealer: share.dealer(), complainer }),
        }
    }
    pub(crate) fn complain(&self, commitments: &Commitments<G>, share: &EncryptedShare, secret: &Scalar) -> Vec<u8> {
        let (e, x) = (Element::of(base(secret)), commitments.ephemeral());
        let shared = Element::of(secret * x.point());
        let transcript = self.complaint_transcript(share, &e, x, &shared);
        let source = SecretSource::after("urne.v1 complaint nonce", secret.as_bytes(), &transcript);
        let nonce = Zeroizing::new(source.scalar("nonce", 0));
        let (r1, r2) = (Element::of(base(&nonce)), Element::of(*nonce * x.point()));
        let c = challenge(transcript, &r1, &r2);
        let z = *nonce + c * secret;
        [*shared.bytes(), *r1.bytes(), *r2.bytes(), z.to_bytes()].concat()
    }
    fn complaint_transcript(&self, share: &EncryptedShare, e: &Element, x: &Element, shared: &Element) -> Transcript {
        let mut transcript = Transcript::new("urne.v1 ceremony complaint");
        transcript.append("ceremony", self.digest());
        transcript.append("dealer", &share.dealer().to_le_bytes());
        transcript.append("complainer", &share.recipient().to_le_bytes());
        transcript.append_elements("points", &[*e, *x, *shared]);
        transcript.append("share", share.bytes());
        transcript
    }
}

fn challenge(mut transcript: Transcript, r1: &Element, r2: &Element) -> Scalar {
    transcript.append_element("R1", r1);
    transcript.append_element("R2", r2);
    transcript.challenge("c")
}
