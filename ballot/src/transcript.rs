//! Fiat-Shamir: everything a statement depends on is hashed before its challenge, each item under its label, both
//! length-prefixed. BLAKE3 `derive_key` under `urne.v1 <role>`; a challenge is 64 bytes of output reduced, and is fed back.
use crate::{
    group::{Element, Scalar, wide},
    wire::length,
};
use zeroize::{Zeroize, Zeroizing};

/// What prover and verifier hash, in the same order.
#[derive(Clone)]
pub(crate) struct Transcript(blake3::Hasher);

impl Transcript {
    /// A fresh one. The role is a constant of the code, `urne.v1 …`.
    pub(crate) fn new(role: &'static str) -> Self {
        Self(blake3::Hasher::new_derive_key(role))
    }
    /// `len(label) ‖ label ‖ len(bytes) ‖ bytes`.
    pub(crate) fn append(&mut self, label: &str, bytes: &[u8]) {
        self.label(label);
        self.0.update(&length(bytes.len()));
        self.0.update(bytes);
    }
    pub(crate) fn append_u32(&mut self, label: &str, value: u32) {
        self.append(label, &value.to_le_bytes());
    }
    pub(crate) fn append_u64(&mut self, label: &str, value: u64) {
        self.append(label, &value.to_le_bytes());
    }
    pub(crate) fn append_element(&mut self, label: &str, element: &Element) {
        self.append(label, element.bytes());
    }
    pub(crate) fn append_scalar(&mut self, label: &str, scalar: &Scalar) {
        self.append(label, scalar.as_bytes());
    }
    /// Many items of 32 bytes: `len(label) ‖ label ‖ number ‖ items`.
    pub(crate) fn append_words<'a>(&mut self, label: &str, words: impl ExactSizeIterator<Item = &'a [u8; 32]>) {
        self.label(label);
        self.0.update(&length(words.len()));
        for word in words {
            self.0.update(word);
        }
    }
    pub(crate) fn append_elements(&mut self, label: &str, elements: &[Element]) {
        self.append_words(label, elements.iter().map(Element::bytes));
    }
    /// 64 uniform bytes that depend on all that came before; fed back, so what follows depends on them.
    pub(crate) fn challenge_bytes(&mut self, label: &str) -> [u8; 64] {
        self.label(label);
        let mut bytes = [0; 64];
        self.0.finalize_xof().fill(&mut bytes);
        self.0.update(&bytes);
        bytes
    }
    pub(crate) fn challenge(&mut self, label: &str) -> Scalar {
        wide(&self.challenge_bytes(label))
    }
    /// The digest of all that came before.
    pub(crate) fn digest(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
    fn label(&mut self, label: &str) {
        self.0.update(&length(label.len()));
        self.0.update(label.as_bytes());
    }
}

/// Where secret scalars come from: a hash of a seed and of all they must depend on. Wiped on drop, never printed.
pub(crate) struct SecretSource(Transcript);

impl SecretSource {
    pub(crate) fn new(role: &'static str, seed: &[u8]) -> Self {
        let mut inner = Transcript::new(role);
        inner.append("seed", seed);
        Self(inner)
    }
    /// A source that also depends on all that a transcript has hashed.
    pub(crate) fn after(role: &'static str, seed: &[u8], transcript: &Transcript) -> Self {
        let mut source = Self::new(role, seed);
        source.append("transcript", &transcript.digest());
        source
    }
    pub(crate) fn append(&mut self, label: &str, bytes: &[u8]) {
        self.0.append(label, bytes);
    }
    /// 64 bytes for one use, named by its label and index.
    pub(crate) fn bytes(&self, label: &str, index: u32) -> Zeroizing<[u8; 64]> {
        let mut fork = Self(self.0.clone());
        fork.0.append_u32(label, index);
        let mut bytes = Zeroizing::new([0; 64]);
        fork.0.0.finalize_xof().fill(bytes.as_mut());
        bytes
    }
    pub(crate) fn scalar(&self, label: &str, index: u32) -> Scalar {
        wide(&self.bytes(label, index))
    }
}
impl Drop for SecretSource {
    fn drop(&mut self) {
        self.0.0.zeroize();
    }
}
