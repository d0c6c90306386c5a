//! What is opened, and what is never opened: an urn is the exact list of ciphertexts that trustees decrypt, with its name,
//! purpose and hash. A ballot of an additive question is in no urn, only its sum is.
use crate::{
    Ciphertext, Totals,
    group::{Element, WORD, base, wide},
    threshold::{ThresholdKeys, Trustees},
    transcript::Transcript,
    wire::index,
};
use urne_types::ElectionId;

/// Why an urn is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Before the election opens: to see that enough trustees can.
    Rehearsal,
    /// The sum of all ballots of a group.
    Totals,
    /// The last ballot of each credential, one by one (ranked questions only).
    OneByOne,
}

/// Ciphertexts to be decrypted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urn {
    election: ElectionId,
    purpose: Purpose,
    part: u32,
    ballots: u64,
    ciphertexts: Vec<Ciphertext>,
    digest: [u8; 32],
}

impl Urn {
    /// A = Hash(election)·G, B_k = Hash(election)·Y_k: everybody knows it holds zeros, so a share of it reveals nothing.
    #[must_use]
    pub fn rehearsal(election: ElectionId, keys: &ThresholdKeys<Trustees>) -> Self {
        let mut transcript = Transcript::new("urne.v1 rehearsal");
        transcript.append("election", &election.0);
        let r = wide(&transcript.challenge_bytes("r"));
        let b = keys.keys().iter().map(|key| Element::of(r * key)).collect();
        let ciphertext = Ciphertext::of_verified(Element::of(base(&r)), b);
        Self::new(election, Purpose::Rehearsal, 0, 0, vec![ciphertext])
    }
    /// The sum of the ballots of one group; `part` numbers the groups of the partition that the election fixed.
    #[must_use]
    pub fn totals(election: ElectionId, part: u32, totals: &Totals) -> Self {
        Self::new(election, Purpose::Totals, part, totals.ballots(), vec![totals.ciphertext()])
    }
    /// The last ballots of a group, by the bytes of their A; `part` numbers the pieces into which they are cut, from 0.
    #[must_use]
    pub fn one_by_one(election: ElectionId, part: u32, last_ballots: Vec<Ciphertext>) -> Self {
        let ballots = u64::try_from(last_ballots.len()).expect("a list in memory");
        Self::new(election, Purpose::OneByOne, part, ballots, last_ballots)
    }
    fn new(election: ElectionId, purpose: Purpose, part: u32, ballots: u64, ciphertexts: Vec<Ciphertext>) -> Self {
        let mut transcript = Transcript::new("urne.v1 urn");
        transcript.append("election", &election.0);
        transcript.append("purpose", &[purpose.byte()]);
        transcript.append_u32("part", part);
        transcript.append_u64("ballots", ballots);
        transcript.append_u32("ciphertexts", index(ciphertexts.len()));
        for ciphertext in &ciphertexts {
            transcript.append_element("A", ciphertext.a());
            transcript.append_elements("B", ciphertext.b());
        }
        let digest = transcript.digest();
        Self { election, purpose, part, ballots, ciphertexts, digest }
    }
    /// The election.
    #[must_use]
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }
    /// Why it is opened.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }
    /// Which group or piece.
    #[must_use]
    pub const fn part(&self) -> u32 {
        self.part
    }
    /// Ballots in it; none in a rehearsal.
    #[must_use]
    pub const fn ballots(&self) -> u64 {
        self.ballots
    }
    /// Whether nobody has voted: the result is then zero and no share is asked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ballots == 0 && !matches!(self.purpose, Purpose::Rehearsal)
    }
    /// The hash of everything above: what a trustee records before it answers, and never answers two of.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
    /// What is decrypted.
    #[must_use]
    pub fn ciphertexts(&self) -> &[Ciphertext] {
        &self.ciphertexts
    }
    /// Bytes of one trustee's share of it.
    #[must_use]
    pub fn share_length(&self) -> usize {
        Self::share_length_of(self.ciphertexts.iter().map(|it| it.b().len()).sum())
    }
    /// Bytes of a share of so many cells: its number, D of each, R1, R2 and z.
    #[must_use]
    pub const fn share_length_of(cells: usize) -> usize {
        2 + WORD * (cells + 3)
    }
}

impl Purpose {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Rehearsal => 0,
            Self::Totals => 1,
            Self::OneByOne => 2,
        }
    }
}
