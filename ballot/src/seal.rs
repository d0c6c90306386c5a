//! The voter's side: seal, show the tracker, then audit *or* cast. A sealed ballot without a signature is nobody's vote; an
//! audit consumes it, and so does casting: the type cannot do both.
//!
//! ```compile_fail
//! fn both(ballot: urne_ballot::UnsignedBallot) {
//!     let opened = ballot.audit();
//!     let again = ballot.audit(); // it was consumed
//! }
//! ```
//! ```
//! fn once(ballot: urne_ballot::UnsignedBallot) {
//!     let opened = ballot.audit();
//! }
//! ```
//! ```compile_fail
//! use urne_ballot::{CredentialSecret, Statement, UnsignedBallot};
//! fn both(ballot: UnsignedBallot, by: &Statement, secret: &CredentialSecret, rng: &mut impl rand_core::CryptoRng) {
//!     let opened = ballot.audit();
//!     let sealed = ballot.cast(by, secret, rng); // its content is known
//! }
//! ```
//! ```
//! use urne_ballot::{CredentialSecret, Statement, UnsignedBallot};
//! fn cast(ballot: UnsignedBallot, by: &Statement, secret: &CredentialSecret, rng: &mut impl rand_core::CryptoRng) {
//!     let sealed = ballot.cast(by, secret, rng);
//! }
//! ```
//! ```compile_fail
//! fn printed(seed: urne_ballot::Seed) -> String {
//!     format!("{}", seed)
//! }
//! ```
//! ```
//! fn printed(seed: urne_ballot::Seed) -> String {
//!     format!("{:?}", seed) // that there is one
//! }
//! ```
use crate::{
    Refusal,
    compile::Assignment,
    credential::{Credential, CredentialSecret},
    group::Scalar,
    plant::{self, Plant},
    proof::Proof,
    prove::{prove, sign},
    question::Answer,
    statement::Statement,
    tracker::Tracker,
    transcript::SecretSource,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Where all randomness of one seal comes from, the signature's nonce excepted. Used once: [`Statement::seal`] consumes it.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Fresh; the randomness comes in by the door.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }
    /// From 32 bytes: a revealed seed, to recompute an audited ballot.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}
impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(secret)")
    }
}

/// A ballot that is sealed and not signed: everything but R and σ.
pub struct UnsignedBallot {
    proof: Proof,
    sequence: u32,
    tracker: Tracker,
    seed: Seed,
    answers: Vec<Answer>,
}
impl std::fmt::Debug for UnsignedBallot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnsignedBallot({})", self.tracker)
    }
}

/// A ballot ready to be sent: its bytes, and the sequence it was sealed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBallot {
    /// 1 for the first ballot of a credential, larger for each revote.
    pub sequence: u32,
    /// A, B…, V, W, S, T, D1, D0, u, f…, φ, w, δ, K, R, σ (docs/ballots.md).
    pub bytes: Vec<u8>,
    /// What the voter keeps.
    pub tracker: Tracker,
}

/// What an audit reveals: enough for any other device to make the same ballot again, byte for byte. Such a ballot is never
/// cast: its content is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedBallot {
    /// The seed.
    pub seed: [u8; 32],
    /// The choices, in clear.
    pub answers: Vec<Answer>,
    /// The sequence it was sealed for.
    pub sequence: u32,
    /// K.
    pub credential: Credential,
    /// The ballot without R and σ.
    pub bytes: Vec<u8>,
}

impl Statement {
    /// Encrypts and proves answers for a credential. Nothing is signed yet.
    ///
    /// # Errors
    /// [`Refusal::WrongAnswers`].
    pub fn seal(
        &self,
        answers: Vec<Answer>,
        credential: &Credential,
        sequence: u32,
        seed: Seed,
    ) -> Result<UnsignedBallot, Refusal> {
        let assignment = self.compiled().assign(&answers)?;
        let source = self.source(&assignment, credential, sequence, &seed);
        let values: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(assignment.expose().iter().map(|bit| Scalar::from(*bit)).collect());
        let forms = self.compiled().enc_forms().iter();
        let cells = Zeroizing::new(forms.map(|form| form.of_scalars(&values, &Scalar::ONE)).collect::<Vec<Scalar>>());
        let proof = prove(self, sequence, credential, &values, &cells, &source);
        let tracker = Tracker::of(self, sequence, &proof.encode());
        Ok(UnsignedBallot { proof, sequence, tracker, seed, answers })
    }
    /// Randomness = XOF(seed; statement, ctx, K, choices, label): with the choices in it, one seed for two ballots reveals
    /// nothing of either.
    fn source(&self, assignment: &Assignment, credential: &Credential, sequence: u32, seed: &Seed) -> SecretSource {
        let mut source = SecretSource::new("urne.v1 ballot randomness", seed.0.as_ref());
        source.append("statement", self.digest());
        source.append("context", &self.context(sequence));
        source.append("K", credential.bytes());
        if !plant::is(Plant::ChoicesNotInRandomness) {
            source.append("choices", assignment.expose());
        }
        source
    }
}

impl UnsignedBallot {
    /// What the app shows *before* it asks "cast or audit?".
    #[must_use]
    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }
    /// Reveals the ballot instead of casting it (Benaloh): if the device had cheated, this would show it.
    #[must_use]
    pub fn audit(self) -> AuditedBallot {
        let Self { proof, sequence, seed, answers, .. } = self;
        let bytes = proof.encode();
        AuditedBallot { seed: *seed.0, answers, sequence, credential: proof.k, bytes }
    }
    /// Signs it: from here on it counts when it arrives.
    ///
    /// # Errors
    /// [`Refusal::BadBallotSignature`]: sealed for another credential.
    pub fn cast(
        self,
        statement: &Statement,
        secret: &CredentialSecret,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedBallot, Refusal> {
        if *secret.public() != self.proof.k {
            return Err(Refusal::BadBallotSignature);
        }
        let mut fresh = Zeroizing::new([0; 32]);
        rng.fill_bytes(fresh.as_mut());
        if plant::is(Plant::NonceFromSeed) {
            fresh.copy_from_slice(self.seed.0.as_ref());
        }
        let signed = sign(statement, self.sequence, self.proof, secret, &fresh);
        let mut bytes = signed.proof.encode();
        bytes.extend_from_slice(signed.r.bytes());
        bytes.extend_from_slice(signed.sigma.as_bytes());
        Ok(SealedBallot { sequence: self.sequence, bytes, tracker: self.tracker })
    }
}

impl AuditedBallot {
    /// Makes the ballot again from what was revealed, on another device, and compares it byte for byte. The tracker that
    /// comes out is the one that the voter must have been shown.
    ///
    /// # Errors
    /// [`Refusal::WrongAnswers`], [`Refusal::AuditMismatch`].
    pub fn recompute(&self, statement: &Statement) -> Result<Tracker, Refusal> {
        let again =
            statement.seal(self.answers.clone(), &self.credential, self.sequence, Seed::from_bytes(self.seed))?;
        if again.proof.encode() == self.bytes { Ok(again.tracker) } else { Err(Refusal::AuditMismatch) }
    }
}

impl SealedBallot {
    /// As it is verified.
    #[must_use]
    pub fn candidate(&self) -> crate::verify::CandidateBallot<'_> {
        crate::verify::CandidateBallot { sequence: self.sequence, bytes: &self.bytes }
    }
}
