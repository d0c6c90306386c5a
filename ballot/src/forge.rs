//! A prover that lies, behind the feature `plants`: it proves whatever it is given and spoils what it is asked to, as only
//! tests and vectors do. What the honest door refuses to seal, the verifier must refuse to accept.
use crate::{
    CredentialSecret, Element, Refusal, SealedBallot,
    ceremony::{Ceremony, CeremonySecret, Commitments, EncryptedShare, Invitation, Possession, ThresholdRule},
    group::{G, Scalar, base, integer, powers, scalar},
    proof::{Proof, SignedProof},
    prove::{prove, sign},
    statement::Statement,
    threshold::ThresholdGroup,
    tracker::Tracker,
    transcript::SecretSource,
};

/// What is spoilt in a ballot after it was proven; it is signed again, so that nothing else is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// φ, of equation (1).
    Bits,
    /// w, of equation (2).
    Randomness,
    /// δ, of equation (4).
    Squares,
    /// u, of equation (5).
    Zero,
    /// σ, of equation (6).
    Signature,
}

/// Seals values that nobody compared with the question (2, two marks, a slack out of range) and cells that may encrypt
/// `more` than they should.
#[must_use]
pub fn seal_values(
    statement: &Statement,
    secret: &CredentialSecret,
    sequence: u32,
    values: &[i64],
    more: i64,
    seed: &[u8; 32],
) -> SealedBallot {
    let proof = prove_values(statement, secret, sequence, values, more, seed);
    finish(statement, sequence, proof, secret, seed)
}

fn prove_values(
    statement: &Statement,
    secret: &CredentialSecret,
    sequence: u32,
    values: &[i64],
    more: i64,
    seed: &[u8; 32],
) -> Proof {
    let values: Vec<Scalar> = values.iter().map(|it| integer(*it)).collect();
    let forms = statement.compiled().enc_forms().iter();
    let mut cells: Vec<Scalar> = forms.map(|form| form.of_scalars(&values, &Scalar::ONE)).collect();
    cells[0] += integer(more);
    let source = SecretSource::new("urne.v1 forged ballot", seed);
    prove(statement, sequence, secret.public(), &values, &cells, &source)
}

fn finish(
    statement: &Statement,
    sequence: u32,
    proof: Proof,
    secret: &CredentialSecret,
    seed: &[u8; 32],
) -> SealedBallot {
    let tracker = Tracker::of(statement, sequence, &proof.encode());
    let signed = sign(statement, sequence, proof, secret, seed);
    let mut bytes = signed.proof.encode();
    bytes.extend_from_slice(signed.r.bytes());
    bytes.extend_from_slice(signed.sigma.as_bytes());
    SealedBallot { sequence, bytes, tracker }
}

/// Spoils a ballot and signs it again.
///
/// # Errors
/// What decoding the ballot earns.
pub fn spoil(
    statement: &Statement,
    ballot: &SealedBallot,
    secret: &CredentialSecret,
    forgery: Forgery,
) -> Result<SealedBallot, Refusal> {
    let SignedProof { mut proof, .. } = SignedProof::decode(statement, &ballot.bytes)?;
    match forgery {
        Forgery::Bits => proof.phi += Scalar::ONE,
        Forgery::Randomness => proof.w += Scalar::ONE,
        Forgery::Squares => proof.delta += Scalar::ONE,
        Forgery::Zero => proof.u = proof.u.map(|u| u + Scalar::ONE),
        Forgery::Signature => {}
    }
    let mut forged = finish(statement, ballot.sequence, proof, secret, &[7; 32]);
    if forgery == Forgery::Signature {
        let sigma = forged.bytes.len() - 32;
        forged.bytes[sigma] ^= 1;
    }
    Ok(forged)
}

/// What a trustee that knows log Y can do when (2) and (3) are summed, in an election of one cell: the cell says one more,
/// and w makes up for it, because w (1 + y log Y) is all that the sum sees.
///
/// # Errors
/// [`Refusal::NotAScalar`].
pub fn stuff_merged(
    statement: &Statement,
    secret: &CredentialSecret,
    values: &[i64],
    log_key: &[u8; 32],
) -> Result<SealedBallot, Refusal> {
    let mut proof = prove_values(statement, secret, 1, values, 1, &[8; 32]);
    let (y, before_x) = statement.transcript(1).y(&proof.committed());
    let (x, _) = before_x.x(&proof.masks());
    proof.w += x * y * (Scalar::ONE + y * scalar(log_key)?).invert();
    Ok(finish(statement, 1, proof, secret, &[7; 32]))
}

/// A complaint about any share, right ones included.
///
/// # Errors
/// [`Refusal::NotAParticipant`].
pub fn complain<T: ThresholdGroup + ThresholdRule>(
    secret: &CeremonySecret,
    invitation: &Invitation,
    ceremony: &Ceremony<T>,
    commitments: &Commitments<T>,
    share: &EncryptedShare,
) -> Result<Vec<u8>, Refusal> {
    ceremony.joined(share.recipient())?;
    Ok(ceremony.complain(commitments, share, &secret.encryption_key::<T>(invitation, share.recipient())))
}

/// The joining of a participant that holds the key of another, which gave it away: its proof of possession is right.
#[must_use]
pub fn join_with_key_of<T: ThresholdGroup>(
    secret: &CeremonySecret,
    of: u16,
    invitation: &Invitation,
    number: u16,
) -> Vec<u8> {
    let secret = secret.encryption_key::<T>(invitation, of);
    let key = Element::of(base(&secret));
    let possession = Possession::prove(invitation.possession::<T>(number, &key), &secret);
    [key.bytes().to_vec(), possession.encode()].concat()
}

/// The share that a cheating dealer sends instead of this one: it decrypts, and the first of its numbers is one too many.
///
/// # Errors
/// [`Refusal::WrongShare`]: it is wrong already.
pub fn wrong_share<T: ThresholdGroup + ThresholdRule>(
    recipient: &CeremonySecret,
    invitation: &Invitation,
    ceremony: &Ceremony<T>,
    commitments: &Commitments<T>,
    share: &EncryptedShare,
) -> Result<Vec<u8>, Refusal> {
    let secret = recipient.encryption_key::<T>(invitation, share.recipient());
    let x = commitments.ephemeral();
    let shared = Element::of(*secret * x.point());
    let mut numbers = ceremony.decrypt(commitments, share, &shared)?;
    numbers.0[0] = numbers.0[0] + T::Scalar::from(1);
    ceremony.encrypt(share.dealer(), share.recipient(), x, &shared, &numbers)
}

/// The key of a secret everybody knows.
///
/// # Errors
/// [`Refusal::NotAScalar`].
pub fn element_of(secret: &[u8; 32]) -> Result<Element, Refusal> {
    Ok(Element::of(base(&scalar(secret)?)))
}

/// Once y is known and does not depend on the cells: y more in the first cell and 1 less in the second leave Σ y^i B_i as it
/// was.
///
/// # Errors
/// What decoding the ballot earns.
pub fn move_between_cells(
    statement: &Statement,
    ballot: &SealedBallot,
    secret: &CredentialSecret,
) -> Result<SealedBallot, Refusal> {
    let SignedProof { mut proof, .. } = SignedProof::decode(statement, &ballot.bytes)?;
    let (y, _) = statement.transcript(ballot.sequence).y(&proof.committed());
    proof.b[0] = Element::of(proof.b[0].point() + base(&y));
    proof.b[1] = Element::of(proof.b[1].point() - G);
    Ok(finish(statement, ballot.sequence, proof, secret, &[7; 32]))
}

/// Once x is known and does not depend on the masks: a value of 2, and D0 chosen to satisfy (4).
#[must_use]
pub fn choose_mask_last(statement: &Statement, secret: &CredentialSecret) -> SealedBallot {
    let mut values = vec![0; statement.compiled().bits()];
    values[0] = 2;
    let mut proof = prove_values(statement, secret, 1, &values, 0, &[8; 32]);
    let (y, before_x) = statement.transcript(1).y(&proof.committed());
    let (x, _) = before_x.x(&proof.masks());
    let forms = statement.compiled().bit_forms().iter().map(|form| form.of_scalars(&proof.f, &x));
    let squares: Scalar = forms.zip(powers(y)).map(|(value, y_k)| y_k * value * (value - x)).sum();
    proof.d0 = Element::of(base(&squares) + proof.delta * statement.h().point() - x * proof.d1.point());
    finish(statement, 1, proof, secret, &[7; 32])
}

/// Two ballots with opposite errors in φ, each signed by its voter.
#[must_use]
pub fn cancelling_pair(statement: &Statement, secrets: [&CredentialSecret; 2]) -> [SealedBallot; 2] {
    let mut values = vec![0; statement.compiled().bits()];
    values[0] = 1;
    let forge = |secret: &CredentialSecret, error: Scalar| {
        let mut proof = prove_values(statement, secret, 1, &values, 0, &[8; 32]);
        proof.phi += error;
        finish(statement, 1, proof, secret, &[7; 32])
    };
    [forge(secrets[0], Scalar::ONE), forge(secrets[1], -Scalar::ONE)]
}

/// y, x and e of a ballot: what a second implementation compares first.
///
/// # Errors
/// What decoding the ballot earns.
pub fn challenges(statement: &Statement, ballot: &SealedBallot) -> Result<[[u8; 32]; 3], Refusal> {
    let prepared = crate::verify::Prepared::decode(statement, ballot.candidate())?;
    let crate::verify::Challenges { y, x, e } = prepared.challenges;
    Ok([y.to_bytes(), x.to_bytes(), e.to_bytes()])
}
