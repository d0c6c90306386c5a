//! A credential nobody can trace: registrars sign a credential key without seeing it (blind threshold BLS, keys in G2, one
//! unique 48-byte signature in G1). The signature names no signer, so whoever a registrar withheld from is not singled out;
//! blindness is unconditional within a (college, weight) class.
//!
//! The road: [`RootSecret::request`] → approvals on the ledger → [`ApprovedRequest`] → [`SecretShare::answer`] →
//! [`CandidateAnswer::verify`] → [`PendingRequest::finish`] → [`CredentialSignature::verify`].
//!
//! ```compile_fail
//! // A registrar answers approved requests only.
//! fn hasty(share: &urne_ballot::SecretShare<urne_ballot::Registrars>, request: urne_ballot::BlindRequest) {
//!     share.answer(&request);
//! }
//! ```
//! ```
//! fn patient(share: &urne_ballot::SecretShare<urne_ballot::Registrars>, request: urne_ballot::ApprovedRequest) {
//!     share.answer(&request);
//! }
//! ```
use crate::{
    Refusal,
    credential::{Credential, CredentialSecret, RootSecret},
    group::coefficient,
    plant::{self, Plant},
    threshold::{Registrars, SecretShare, Secrets, ThresholdGroup, ThresholdKeys, lagrange},
};
use blstrs::{Bls12, G1Affine, G1Projective, G2Affine, G2Prepared};
use group_traits::{Curve, Group, prime::PrimeCurveAffine};
use pairing::{MillerLoopResult, MultiMillerLoop};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use urne_types::{ChainId, CollegeId, ElectionId};

/// Bytes of a point of G1: requests, answers, signatures.
pub const G1_BYTES: usize = 48;
/// RFC 9380 domain separation of the hash to G1.
pub const DOMAIN: &[u8] = b"URNE-V1-BLIND-BLS12381G1_XMD:SHA-256_SSWU_RO_";

/// h = hash to G1 of `chain 32 ‖ election 32 ‖ K 32`.
fn message(chain: &ChainId, election: &ElectionId, credential: &Credential) -> G1Projective {
    let message = [chain.0, election.0, *credential.bytes()].concat();
    G1Projective::hash_to_curve(&message, DOMAIN, &[])
}

/// A point of the prime-order subgroup other than the identity: a request of small order would leak bits of the key.
fn decode(bytes: &[u8; G1_BYTES]) -> Result<G1Affine, Refusal> {
    let point = if plant::is(Plant::SubgroupUnchecked) {
        G1Affine::from_compressed_unchecked(bytes)
    } else {
        G1Affine::from_compressed(bytes)
    };
    let point = Option::<G1Affine>::from(point).ok_or(Refusal::BadCredentialPoint)?;
    if bool::from(point.is_identity()) { Err(Refusal::IdentityPoint) } else { Ok(point) }
}

type Key = <Registrars as ThresholdGroup>::Point;

/// Whether e(left, G2) = e(right, key).
fn is_signed(left: &G1Affine, right: &G1Affine, key: &Key) -> bool {
    are_signed(left, &[(*right, key)])
}
/// Whether e(left, G2) is the product of e(right, key) over all pairs.
fn are_signed(left: &G1Affine, right: &[(G1Affine, &Key)]) -> bool {
    let keys: Vec<G2Prepared> = right.iter().map(|(_, key)| G2Prepared::from(key.to_affine())).collect();
    let base = G2Prepared::from(-G2Affine::generator());
    let mut terms = vec![(left, &base)];
    terms.extend(right.iter().map(|(point, _)| point).zip(&keys));
    Bls12::multi_miller_loop(&terms).final_exponentiation().is_identity().into()
}

/// β = ρh: a credential key, blinded. Says nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlindRequest(G1Affine);

impl BlindRequest {
    /// Decodes.
    ///
    /// # Errors
    /// [`Refusal::BadCredentialPoint`], [`Refusal::IdentityPoint`].
    pub fn decode(bytes: &[u8; G1_BYTES]) -> Result<Self, Refusal> {
        decode(bytes).map(Self)
    }
    /// The 48 canonical bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; G1_BYTES] {
        self.0.to_compressed()
    }
}

/// A request the voter has made: what she needs to unblind its answers. It comes out of her root secret, so another device
/// with the same phrase can finish it.
pub struct PendingRequest {
    chain: ChainId,
    election: ElectionId,
    credential: Credential,
    blinding: Secrets<Registrars>,
    request: BlindRequest,
}
impl std::fmt::Debug for PendingRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PendingRequest({:?})", self.request)
    }
}

impl RootSecret {
    /// Blinds the credential of this college and election, by a factor of its own.
    #[must_use]
    pub fn request(
        &self,
        chain: &ChainId,
        election: &ElectionId,
        college: CollegeId,
    ) -> (CredentialSecret, PendingRequest) {
        let secret = self.credential(chain, election, college);
        let credential = *secret.public();
        let rho = Registrars::wide(&self.source(chain, election, college).bytes("blinding", 0));
        let blinding = Secrets::<Registrars>(vec![rho]);
        let request = BlindRequest((message(chain, election, &credential) * blinding.0[0]).to_affine());
        (secret, PendingRequest { chain: *chain, election: *election, credential, blinding, request })
    }
}

impl PendingRequest {
    /// β, to show to the registrars.
    #[must_use]
    pub const fn request(&self) -> &BlindRequest {
        &self.request
    }
    /// Combines and unblinds the answers of any k registrars.
    ///
    /// # Errors
    /// [`Refusal::TooFewAnswers`], [`Refusal::WrongBlindAnswer`] for another request's, [`Refusal::WrongCredential`].
    pub fn finish(
        &self,
        answers: &[BlindAnswer],
        keys: &ThresholdKeys<Registrars>,
    ) -> Result<CredentialSignature, Refusal> {
        if answers.iter().any(|it| it.request != self.request) {
            return Err(Refusal::WrongBlindAnswer);
        }
        let by_registrar: BTreeMap<u16, G1Affine> = answers.iter().map(|it| (it.registrar, it.point)).collect();
        let threshold = usize::from(keys.threshold());
        let (registrars, points): (Vec<u16>, Vec<G1Affine>) = by_registrar.into_iter().take(threshold).unzip();
        if registrars.len() < threshold {
            return Err(Refusal::TooFewAnswers);
        }
        let terms = lagrange::<Registrars>(&registrars).into_iter().zip(points);
        let blinded = terms.fold(G1Projective::identity(), |sum, (lambda, point)| sum + point * lambda);
        let signature = blinded * Registrars::invert(&self.blinding.0[0]);
        CredentialSignature(signature.to_affine()).verify(&self.chain, &self.election, &self.credential, keys)?;
        Ok(CredentialSignature(signature.to_affine()))
    }
}

/// The approvals of one entry of the census, as the ledger records them: one request per registrar, whatever happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals(BTreeMap<u16, [u8; G1_BYTES]>);

impl Approvals {
    /// Records an approval.
    ///
    /// # Errors
    /// [`Refusal::SecondRequest`]: this registrar has approved a request of this entry already.
    pub fn approve(&mut self, registrar: u16, request: &BlindRequest) -> Result<(), Refusal> {
        match self.0.entry(registrar) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(request.bytes());
                Ok(())
            }
            std::collections::btree_map::Entry::Occupied(_) => Err(Refusal::SecondRequest),
        }
    }
    /// The request that may be answered. With k > n/2 at most one request of an entry ever has k approvals.
    ///
    /// # Errors
    /// [`Refusal::NotYetApproved`].
    pub fn approved(
        &self,
        request: &BlindRequest,
        keys: &ThresholdKeys<Registrars>,
    ) -> Result<ApprovedRequest, Refusal> {
        let bytes = request.bytes();
        let approvals = self.0.iter().filter(|(by, it)| **it == bytes && keys.holders().contains(by)).count();
        if approvals < usize::from(keys.threshold()) {
            return Err(Refusal::NotYetApproved);
        }
        Ok(ApprovedRequest(*request))
    }
}

/// A request that k registrars have approved. The caller vouches that the approvals are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovedRequest(BlindRequest);

impl SecretShare<Registrars> {
    /// This registrar's part of the signature: its share times β.
    #[must_use]
    pub fn answer(&self, approved: &ApprovedRequest) -> CandidateAnswer {
        let point = approved.0.0 * self.scalars()[0];
        CandidateAnswer { registrar: self.holder(), point: point.to_affine() }
    }
}

/// An answer as it arrives: `registrar u16 ‖ point 48`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CandidateAnswer {
    registrar: u16,
    point: G1Affine,
}

impl CandidateAnswer {
    /// The bytes to send.
    #[must_use]
    pub fn encode(&self) -> [u8; 2 + G1_BYTES] {
        let mut bytes = [0; 2 + G1_BYTES];
        bytes[..2].copy_from_slice(&self.registrar.to_le_bytes());
        bytes[2..].copy_from_slice(&self.point.to_compressed());
        bytes
    }
    /// Decodes.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`], [`Refusal::BadCredentialPoint`], [`Refusal::IdentityPoint`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut read = crate::wire::Reader::new(bytes, Refusal::WrongShape);
        let it = Self { registrar: read.u16()?, point: decode(read.array()?)? };
        read.end()?;
        Ok(it)
    }
    /// Anyone can tell by a pairing whether the answer is the registrar's.
    ///
    /// # Errors
    /// [`Refusal::NotATrustee`], [`Refusal::WrongBlindAnswer`].
    pub fn verify(self, request: &BlindRequest, keys: &ThresholdKeys<Registrars>) -> Result<BlindAnswer, Refusal> {
        let key = keys.of_holder(self.registrar)?.first().ok_or(Refusal::NotATrustee)?;
        if !is_signed(&self.point, &request.0, key) {
            return Err(Refusal::WrongBlindAnswer);
        }
        Ok(BlindAnswer { registrar: self.registrar, point: self.point, request: *request })
    }
}

/// Verifies many answers under one college's keys with one pairing more than there are registrars among them:
/// e(Σ z a, G2) = Π e(Σ z β, P_i), z random. A batch that fails is split in halves. One verdict for each, in order.
pub fn verify_answers(
    answers: &[(CandidateAnswer, BlindRequest)],
    keys: &ThresholdKeys<Registrars>,
    rng: &mut impl CryptoRng,
) -> Vec<Result<BlindAnswer, Refusal>> {
    match answers {
        [] => Vec::new(),
        [(answer, request)] => vec![answer.verify(request, keys)],
        many if are_answered(many, keys, rng) => {
            let verified = |(it, request): &(CandidateAnswer, BlindRequest)| BlindAnswer {
                registrar: it.registrar,
                point: it.point,
                request: *request,
            };
            many.iter().map(|it| Ok(verified(it))).collect()
        }
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            let mut verdicts = verify_answers(left, keys, rng);
            verdicts.extend(verify_answers(right, keys, rng));
            verdicts
        }
    }
}

fn are_answered(
    many: &[(CandidateAnswer, BlindRequest)],
    keys: &ThresholdKeys<Registrars>,
    rng: &mut impl CryptoRng,
) -> bool {
    let scalars = coefficients(many.len(), rng);
    let answers: Vec<G1Projective> = many.iter().map(|(answer, _)| answer.point.into()).collect();
    let mut requests: BTreeMap<u16, (Vec<G1Projective>, Vec<blstrs::Scalar>)> = BTreeMap::new();
    for ((answer, request), scalar) in many.iter().zip(&scalars) {
        let (points, by) = requests.entry(answer.registrar).or_default();
        points.push(request.0.into());
        by.push(*scalar);
    }
    let of_registrar = |(registrar, (points, by)): (&u16, &(Vec<G1Projective>, Vec<blstrs::Scalar>))| {
        let key = keys.of_holder(*registrar).ok()?.first()?;
        Some((G1Projective::multi_exp(points, by).to_affine(), key))
    };
    let Some(right) = requests.iter().map(of_registrar).collect::<Option<Vec<_>>>() else { return false };
    are_signed(&G1Projective::multi_exp(&answers, &scalars).to_affine(), &right)
}

fn coefficients(n: usize, rng: &mut impl CryptoRng) -> Vec<blstrs::Scalar> {
    let scalar = |_| Registrars::scalar(coefficient(rng).as_bytes()).expect("128 bits are below the order");
    (0..n).map(scalar).collect()
}

/// An answer whose pairing was verified, to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlindAnswer {
    registrar: u16,
    point: G1Affine,
    request: BlindRequest,
}

/// The registrars' signature on a credential key: the same whoever of them answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialSignature(G1Affine);

/// A credential whose signature was verified: to be registered once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedCredential(Credential);
impl SignedCredential {
    /// K.
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.0
    }
}

impl CredentialSignature {
    /// Decodes.
    ///
    /// # Errors
    /// [`Refusal::BadCredentialPoint`], [`Refusal::IdentityPoint`].
    pub fn decode(bytes: &[u8; G1_BYTES]) -> Result<Self, Refusal> {
        decode(bytes).map(Self)
    }
    /// The 48 canonical bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; G1_BYTES] {
        self.0.to_compressed()
    }
    /// Verifies it for one election and credential.
    ///
    /// # Errors
    /// [`Refusal::WrongCredential`].
    pub fn verify(
        &self,
        chain: &ChainId,
        election: &ElectionId,
        credential: &Credential,
        keys: &ThresholdKeys<Registrars>,
    ) -> Result<SignedCredential, Refusal> {
        let h = message(chain, election, credential).to_affine();
        let is_right = keys.keys().first().is_some_and(|key| is_signed(&self.0, &h, key));
        if is_right { Ok(SignedCredential(*credential)) } else { Err(Refusal::WrongCredential) }
    }
}

/// Verifies many signatures under one key with two pairings: e(Σ z σ, G2) = e(Σ z h, key), z random. A batch that fails is
/// split in halves. One verdict for each, in order.
pub fn verify_many(
    chain: &ChainId,
    election: &ElectionId,
    registrations: &[(Credential, CredentialSignature)],
    keys: &ThresholdKeys<Registrars>,
    rng: &mut impl CryptoRng,
) -> Vec<Result<SignedCredential, Refusal>> {
    match registrations {
        [] => Vec::new(),
        [(credential, signature)] => vec![signature.verify(chain, election, credential, keys)],
        many if holds(chain, election, many, keys, rng) => {
            many.iter().map(|(credential, _)| Ok(SignedCredential(*credential))).collect()
        }
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            let mut verdicts = verify_many(chain, election, left, keys, rng);
            verdicts.extend(verify_many(chain, election, right, keys, rng));
            verdicts
        }
    }
}

/// Whether all of a batch are signed, by two pairings and no search for who is not: what a stranger sends costs no more when it
/// is wrong than when it is right.
///
/// # Errors
/// [`Refusal::WrongCredential`]: not all are.
pub fn verify_all(
    chain: &ChainId,
    election: &ElectionId,
    registrations: &[(Credential, CredentialSignature)],
    keys: &ThresholdKeys<Registrars>,
    rng: &mut impl CryptoRng,
) -> Result<(), Refusal> {
    let is_signed = registrations.is_empty() || holds(chain, election, registrations, keys, rng);
    if is_signed { Ok(()) } else { Err(Refusal::WrongCredential) }
}

fn holds(
    chain: &ChainId,
    election: &ElectionId,
    many: &[(Credential, CredentialSignature)],
    keys: &ThresholdKeys<Registrars>,
    rng: &mut impl CryptoRng,
) -> bool {
    let Some(key) = keys.keys().first() else { return false };
    let scalars = coefficients(many.len(), rng);
    let hashes: Vec<G1Projective> = many.iter().map(|(credential, _)| message(chain, election, credential)).collect();
    let signatures: Vec<G1Projective> = many.iter().map(|(_, signature)| signature.0.into()).collect();
    let sum = |points: &[G1Projective]| G1Projective::multi_exp(points, &scalars).to_affine();
    is_signed(&sum(&signatures), &sum(&hashes), key)
}
