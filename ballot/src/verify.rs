//! The verifier of one ballot: six equations, each with the number of its refusal. No randomness, so every node and every
//! citizen gives the same verdict; many ballots at once are faster in [`crate::batch`] and get the same verdicts.
//!
//! ```compile_fail
//! // A ciphertext comes out of a verified ballot and from nowhere else.
//! fn forge(honest: &urne_ballot::Ciphertext) -> urne_ballot::Ciphertext {
//!     urne_ballot::Ciphertext { a: honest.a.clone(), b: Vec::new() }
//! }
//! ```
//! ```
//! fn copy(honest: &urne_ballot::Ciphertext) -> urne_ballot::Ciphertext {
//!     honest.clone()
//! }
//! ```
//! ```compile_fail
//! fn swap(ciphertext: urne_ballot::Ciphertext, honest: urne_ballot::VerifiedBallot) -> urne_ballot::VerifiedBallot {
//!     urne_ballot::VerifiedBallot { ciphertext, ..honest }
//! }
//! ```
//! ```
//! fn keep(ciphertext: urne_ballot::Ciphertext, honest: urne_ballot::VerifiedBallot) -> urne_ballot::VerifiedBallot {
//!     honest
//! }
//! ```
use crate::{
    Refusal,
    credential::Credential,
    group::{Element, G, Point, Scalar, VartimeMultiscalarMul, powers},
    plant::{self, Plant},
    proof::{Proof, SIGNATURE_BYTES, SignedProof},
    statement::Statement,
    totals::Ciphertext,
    tracker::Tracker,
};

/// A ballot whose encodings, proof and signature were verified for one election and one sequence. Only [`Statement::verify`]
/// and [`crate::batch::verify_many`] make one.
#[derive(Clone, Debug)]
pub struct VerifiedBallot {
    credential: Credential,
    sequence: u32,
    tracker: Tracker,
    ciphertext: Ciphertext,
}

impl VerifiedBallot {
    /// K, which signed it. Whether K may vote is the ledger's to say.
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }
    /// The sequence it was verified for.
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }
    /// Its tracker.
    #[must_use]
    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }
    /// What it adds to the totals. `A` must be unused in this election: the ledger looks.
    #[must_use]
    pub const fn ciphertext(&self) -> &Ciphertext {
        &self.ciphertext
    }
}

/// A ballot as it arrives: bytes, and the sequence its transaction says.
#[derive(Clone, Copy, Debug)]
pub struct CandidateBallot<'a> {
    /// 1 for the first ballot of a credential, larger for each revote.
    pub sequence: u32,
    /// The sealed ballot.
    pub bytes: &'a [u8],
}

impl Statement {
    /// Verifies one ballot.
    ///
    /// # Errors
    /// Refusals 600 to 611, one for each rule.
    pub fn verify(&self, ballot: CandidateBallot<'_>) -> Result<VerifiedBallot, Refusal> {
        let prepared = Prepared::decode(self, ballot)?;
        prepared.equations(self)?;
        Ok(prepared.verified())
    }
}

/// A decoded ballot with its challenges.
pub(crate) struct Prepared {
    pub(crate) signed: SignedProof,
    pub(crate) challenges: Challenges,
    sequence: u32,
    tracker: Tracker,
}
pub(crate) struct Challenges {
    pub(crate) y: Scalar,
    pub(crate) x: Scalar,
    pub(crate) e: Scalar,
}

impl Prepared {
    /// Decodes, draws the challenges, and verifies (5), which is of scalars only.
    pub(crate) fn decode(statement: &Statement, ballot: CandidateBallot<'_>) -> Result<Self, Refusal> {
        let signed = SignedProof::decode(statement, ballot.bytes)?;
        let proof = &signed.proof;
        let (y, before_x) = statement.transcript(ballot.sequence).y(&proof.committed());
        let (x, before_e) = before_x.x(&proof.masks());
        let e = before_e.answered(&proof.responses()).e(&signed.r);
        let unsigned = &ballot.bytes[..ballot.bytes.len() - SIGNATURE_BYTES];
        let tracker = Tracker::of(statement, ballot.sequence, unsigned);
        let prepared = Self { signed, challenges: Challenges { y, x, e }, sequence: ballot.sequence, tracker };
        prepared.zero_forms(statement)?;
        Ok(prepared)
    }
    pub(crate) fn verified(self) -> VerifiedBallot {
        let Proof { a, b, k, .. } = self.signed.proof;
        VerifiedBallot {
            credential: k,
            sequence: self.sequence,
            tracker: self.tracker,
            ciphertext: Ciphertext::of_verified(a, b),
        }
    }

    /// (5) Σ y^k zero_k(f) = u
    fn zero_forms(&self, statement: &Statement) -> Result<(), Refusal> {
        let forms = statement.compiled().zero_forms().iter().zip(powers(self.challenges.y));
        let sum: Scalar =
            forms.map(|(form, y_k)| y_k * form.of_scalars(&self.signed.proof.f, &self.challenges.x)).sum();
        match self.signed.proof.u {
            Some(u) if u != sum => Err(Refusal::NotZero),
            _ => Ok(()),
        }
    }
    /// Σ y^i enc_i(f)
    pub(crate) fn folded_cells(&self, statement: &Statement) -> Scalar {
        let forms = statement.compiled().enc_forms().iter().zip(powers(self.challenges.y));
        forms.map(|(form, y_i)| y_i * form.of_scalars(&self.signed.proof.f, &self.challenges.x)).sum()
    }
    /// Σ y^k F_k (F_k − x)
    pub(crate) fn folded_squares(&self, statement: &Statement) -> Scalar {
        let x = &self.challenges.x;
        let forms = statement.compiled().bit_forms().iter().zip(powers(self.challenges.y));
        forms
            .map(|(form, y_k)| {
                let value = form.of_scalars(&self.signed.proof.f, x);
                y_k * value * (value - x)
            })
            .sum()
    }

    /// The equations over the group, in the order of docs/ballots.md.
    pub(crate) fn equations(&self, statement: &Statement) -> Result<(), Refusal> {
        let SignedProof { proof, r, sigma } = &self.signed;
        let Challenges { y, x, e } = &self.challenges;
        let h = *statement.h().point();
        // (1) Σ f_j H_j + φ H = xV + W
        let h_bits = statement.h_bits().iter().map(|it| *it.point());
        let opened = sum(proof.f.iter().copied().zip(h_bits), [(proof.phi, h), (-x, *proof.v.point())]);
        // (2) wG = xA + S
        let known = sum([], [(proof.w, G), (-x, *proof.a.point())]);
        // (3) (Σ y^i enc_i(f)) G + w Σ y^i Y_i = x Σ y^i B_i + T
        let cells = statement.keys().iter().zip(&proof.b).zip(powers(*y));
        let cells = cells.flat_map(|((key, b), y_i)| [(proof.w * y_i, *key.point()), (-(x * y_i), *b.point())]);
        let encrypted = sum(cells, [(self.folded_cells(statement), G)]);
        // (4) (Σ y^k F_k (F_k − x)) G + δ H = x D1 + D0
        let squares = sum([], [(self.folded_squares(statement), G), (proof.delta, h), (-x, *proof.d1.point())]);
        // (6) σG = R + eK
        let signed = sum([], [(*sigma, G), (-e, *proof.k.element().point())]);

        let mut equations = [
            (opened, proof.w_point, Refusal::WrongBits),
            (known, proof.s, Refusal::WrongRandomness),
            (encrypted, proof.t, Refusal::WrongCells),
            (squares, proof.d0, Refusal::NotABit),
            (signed, *r, Refusal::BadBallotSignature),
        ];
        if plant::is(Plant::MergedEquations) {
            // What must never be done: trustees know log Y, and could move an error from (2) into (3).
            equations[2] = (known + encrypted, Element::of(proof.s.point() + proof.t.point()), Refusal::WrongCells);
            equations[1] = equations[2];
        }
        match equations.iter().find(|(left, right, _)| left != right.point()) {
            Some((_, _, refusal)) => Err(*refusal),
            None => Ok(()),
        }
    }
}

/// Σ scalar · point, of public values.
fn sum(many: impl IntoIterator<Item = (Scalar, Point)>, few: impl IntoIterator<Item = (Scalar, Point)>) -> Point {
    let (scalars, points): (Vec<Scalar>, Vec<Point>) = many.into_iter().chain(few).unzip();
    Point::vartime_multiscalar_mul(scalars, points)
}
