//! What every ballot of one election proves, and the challenges that depend on it: compiled questions, keys, generators,
//! chain, election and sequence. Prover, verifier and batch hash through this file only, so they hash the same.
use crate::{
    Refusal,
    compile::Compiled,
    group::{Element, Scalar, WORD, generator},
    plant::{self, Plant},
    transcript::Transcript,
    wire::index,
};
use urne_types::{ChainId, ElectionId};

/// One election, as far as sealing and verifying its ballots is concerned.
#[derive(Clone, Debug)]
pub struct Statement {
    compiled: Compiled,
    chain: ChainId,
    election: ElectionId,
    keys: Vec<Element>,
    h: Element,
    h_bits: Vec<Element>,
    digest: [u8; 32],
}

impl Statement {
    /// The statement of an election: one encryption key for each cell.
    ///
    /// # Errors
    /// [`Refusal::WrongKeys`]: another number of keys, the identity among them, or the same key twice.
    pub fn new(compiled: Compiled, chain: ChainId, election: ElectionId, keys: &[Element]) -> Result<Self, Refusal> {
        let mut seen: Vec<&[u8; WORD]> = keys.iter().map(Element::bytes).collect();
        seen.sort_unstable();
        seen.dedup();
        if keys.len() != compiled.cells() || seen.len() != keys.len() || keys.iter().any(Element::is_identity) {
            return Err(Refusal::WrongKeys);
        }
        let mut transcript = Transcript::new("urne.v1 ballot statement");
        transcript.append("questions", compiled.digest());
        transcript.append_elements("keys", keys);
        let digest = transcript.digest();
        let h_bits = (0..compiled.bits()).map(|j| generator("bit", index(j))).collect();
        Ok(Self { compiled, chain, election, keys: keys.to_vec(), h: generator("blinder", 0), h_bits, digest })
    }
    /// The compiled questions.
    #[must_use]
    pub const fn compiled(&self) -> &Compiled {
        &self.compiled
    }
    /// The election.
    #[must_use]
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }
    /// The chain.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }
    /// Y_1 … Y_M.
    #[must_use]
    pub fn keys(&self) -> &[Element] {
        &self.keys
    }
    /// Hash of questions and keys, under `urne.v1 ballot statement`.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
    /// H, which blinds commitments.
    pub(crate) const fn h(&self) -> &Element {
        &self.h
    }
    /// H_1 … H_N, one for each hidden bit.
    pub(crate) fn h_bits(&self) -> &[Element] {
        &self.h_bits
    }
    /// `chain 32 ‖ election 32 ‖ sequence u32`: a ballot proves nothing anywhere else.
    #[must_use]
    pub fn context(&self, sequence: u32) -> [u8; 68] {
        let mut context = [0; 68];
        context[..32].copy_from_slice(&self.chain.0);
        context[32..64].copy_from_slice(&self.election.0);
        context[64..].copy_from_slice(&sequence.to_le_bytes());
        context
    }
    /// The length of a sealed ballot: 32 bytes for each of A, B_1…B_M, V, W, S, T, D1, D0, u (with zero forms only),
    /// f_1…f_N, φ, w, δ, K, R, σ.
    #[must_use]
    pub fn ballot_length(&self) -> usize {
        WORD * (13 + self.compiled.cells() + self.compiled.bits() + usize::from(self.has_zero_forms()))
    }
    pub(crate) fn has_zero_forms(&self) -> bool {
        !self.compiled.zero_forms().is_empty()
    }
}

/// What a ballot commits to first.
pub(crate) struct Committed<'a> {
    /// K
    pub(crate) credential: &'a Element,
    /// A
    pub(crate) a: &'a Element,
    /// B_1 … B_M
    pub(crate) b: &'a [Element],
    /// V
    pub(crate) v: &'a Element,
}
/// What it masks its answer with.
pub(crate) struct Masks<'a> {
    /// W, S, T, D1, D0
    pub(crate) points: [&'a Element; 5],
    /// u
    pub(crate) u: Option<&'a Scalar>,
}
/// What it answers to the challenge.
pub(crate) struct Responses<'a> {
    /// f_1 … f_N
    pub(crate) f: &'a [Scalar],
    /// φ, w, δ
    pub(crate) scalars: [&'a Scalar; 3],
}

/// The transcript of one ballot. Each method takes the one before by value: a challenge cannot be drawn twice or early.
pub(crate) struct BeforeY(Transcript);
pub(crate) struct BeforeX(Transcript);
pub(crate) struct BeforeE(Transcript);

impl Statement {
    pub(crate) fn transcript(&self, sequence: u32) -> BeforeY {
        let mut transcript = Transcript::new("urne.v1 ballot proof");
        transcript.append("statement", &self.digest);
        if !plant::is(Plant::ContextNotHashed) {
            transcript.append("context", &self.context(sequence));
        }
        BeforeY(transcript)
    }
}
impl BeforeY {
    /// y = Hash(statement, ctx, K, A, B*, V)
    pub(crate) fn y(self, committed: &Committed<'_>) -> (Scalar, BeforeX) {
        let Self(mut transcript) = self;
        if !plant::is(Plant::CredentialNotHashed) {
            transcript.append_element("K", committed.credential);
        }
        transcript.append_element("A", committed.a);
        if !plant::is(Plant::CellsNotHashed) {
            transcript.append_elements("B", committed.b);
        }
        transcript.append_element("V", committed.v);
        (transcript.challenge("y"), BeforeX(transcript))
    }
}
impl BeforeX {
    /// x = Hash(…, W, S, T, D1, D0, u)
    pub(crate) fn x(self, masks: &Masks<'_>) -> (Scalar, BeforeE) {
        let Self(mut transcript) = self;
        if !plant::is(Plant::MasksNotHashed) {
            for (label, point) in ["W", "S", "T", "D1", "D0"].into_iter().zip(masks.points) {
                transcript.append_element(label, point);
            }
            if let Some(u) = masks.u {
                transcript.append_scalar("u", u);
            }
        }
        (transcript.challenge("x"), BeforeE(transcript))
    }
}
impl BeforeE {
    /// All but the signature is now in the transcript; what the signature's nonce must depend on.
    pub(crate) fn answered(self, responses: &Responses<'_>) -> Self {
        let Self(mut transcript) = self;
        transcript.append_words("f", responses.f.iter().map(Scalar::as_bytes));
        for (label, scalar) in ["phi", "w", "delta"].into_iter().zip(responses.scalars) {
            transcript.append_scalar(label, scalar);
        }
        Self(transcript)
    }
    pub(crate) const fn transcript(&self) -> &Transcript {
        &self.0
    }
    /// e = Hash(…, f, φ, w, δ, R)
    pub(crate) fn e(self, r: &Element) -> Scalar {
        let Self(mut transcript) = self;
        transcript.append_element("R", r);
        transcript.challenge("e")
    }
}
