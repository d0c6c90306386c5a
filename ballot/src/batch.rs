//! Many ballots of one election at once: all equations of all ballots, each times a random 128-bit coefficient drawn after
//! the ballots are fixed, in one multiscalar multiplication. A batch that fails is split in halves; a ballot that is suspected
//! is verified by the exact equations, so its refusal has its number. Every honest node agrees up to 2^-128.
use crate::{
    Refusal,
    group::{Element, G, Point, Scalar, VartimeMultiscalarMul, coefficient, is_identity, powers},
    proof::SignedProof,
    statement::Statement,
    verify::{CandidateBallot, Challenges, Prepared, VerifiedBallot},
};
use rand_core::CryptoRng;

/// Ballots in one multiplication: beyond about a thousand the gain per ballot is small and the memory is not.
pub const BATCH_MAX: usize = 1_024;

/// Verifies many ballots; one verdict for each, in order. The randomness must be this node's own.
pub fn verify_many(
    statement: &Statement,
    ballots: &[CandidateBallot<'_>],
    rng: &mut impl CryptoRng,
) -> Vec<Result<VerifiedBallot, Refusal>> {
    let mut verdicts = Vec::with_capacity(ballots.len());
    for chunk in ballots.chunks(BATCH_MAX) {
        let prepared: Vec<Result<Prepared, Refusal>> =
            chunk.iter().map(|ballot| Prepared::decode(statement, *ballot)).collect();
        let decoded: Vec<&Prepared> = prepared.iter().filter_map(|it| it.as_ref().ok()).collect();
        let mut judged = vec![Ok(()); decoded.len()];
        judge(statement, &decoded, &mut judged, rng);
        let mut judged = judged.into_iter();
        verdicts.extend(prepared.into_iter().map(|it| {
            let prepared = it?;
            judged.next().unwrap_or(Ok(()))?;
            Ok(prepared.verified())
        }));
    }
    verdicts
}

fn judge(statement: &Statement, ballots: &[&Prepared], verdicts: &mut [Result<(), Refusal>], rng: &mut impl CryptoRng) {
    match ballots {
        [] => {}
        [one] => verdicts[0] = one.equations(statement),
        _ if holds(statement, ballots, rng) => verdicts.fill(Ok(())),
        _ => search(statement, ballots, verdicts, rng),
    }
}

/// Finds what is wrong in a batch that does not hold. One wrong ballot is found by halves, for three times the work of the batch;
/// where both halves hold one there are many, and each ballot is verified by itself: five times, whatever a liar sends.
fn search(
    statement: &Statement,
    ballots: &[&Prepared],
    verdicts: &mut [Result<(), Refusal>],
    rng: &mut impl CryptoRng,
) {
    let (left, right) = ballots.split_at(ballots.len() / 2);
    let (of_left, of_right) = verdicts.split_at_mut(left.len());
    match (holds(statement, left, rng), holds(statement, right, rng)) {
        (true, false) if 1 < right.len() => {
            of_left.fill(Ok(()));
            search(statement, right, of_right, rng);
        }
        (false, true) if 1 < left.len() => {
            of_right.fill(Ok(()));
            search(statement, left, of_left, rng);
        }
        _ => verdicts.iter_mut().zip(ballots).for_each(|(verdict, it)| *verdict = it.equations(statement)),
    }
}

/// Whether the random combination of all equations is zero. Each equation is written so that one of its points is
/// multiplied by the coefficient itself, which is half as long as a scalar and half the work.
fn holds(statement: &Statement, ballots: &[&Prepared], rng: &mut impl CryptoRng) -> bool {
    let cells = statement.compiled().cells();
    let mut sum = Sum::with_capacity(ballots.len() * (cells + 9) + statement.compiled().bits() + cells + 2);
    let (mut g, mut h) = (Scalar::ZERO, Scalar::ZERO);
    let mut h_bits = vec![Scalar::ZERO; statement.compiled().bits()];
    let mut keys = vec![Scalar::ZERO; cells];
    for ballot in ballots {
        let SignedProof { proof, r, sigma } = &ballot.signed;
        let Challenges { y, x, e } = &ballot.challenges;
        let [z1, z2, z3, z4, z6] = std::array::from_fn(|_| coefficient(rng));
        // (1) W + xV − Σ f_j H_j − φH
        sum.add(z1, &proof.w_point);
        sum.add(z1 * x, &proof.v);
        h_bits.iter_mut().zip(&proof.f).for_each(|(total, f)| *total -= z1 * f);
        h -= z1 * proof.phi;
        // (2) S + xA − wG
        sum.add(z2, &proof.s);
        sum.add(z2 * x, &proof.a);
        g -= z2 * proof.w;
        // (3) T + x Σ y^i B_i − w Σ y^i Y_i − (Σ y^i enc_i(f)) G
        sum.add(z3, &proof.t);
        let (z3_x, z3_w) = (z3 * x, z3 * proof.w);
        for ((b, key), y_i) in proof.b.iter().zip(&mut keys).zip(powers(*y)) {
            sum.add(z3_x * y_i, b);
            *key -= z3_w * y_i;
        }
        g -= z3 * ballot.folded_cells(statement);
        // (4) D0 + x D1 − δH − (Σ y^k F_k (F_k − x)) G
        sum.add(z4, &proof.d0);
        sum.add(z4 * x, &proof.d1);
        g -= z4 * ballot.folded_squares(statement);
        h -= z4 * proof.delta;
        // (6) R + eK − σG
        sum.add(z6, r);
        sum.add(z6 * e, proof.k.element());
        g -= z6 * sigma;
    }
    sum.scalars.extend([g, h]);
    sum.points.extend([G, *statement.h().point()]);
    sum.scalars.extend(h_bits);
    sum.points.extend(statement.h_bits().iter().map(|it| *it.point()));
    sum.scalars.extend(keys);
    sum.points.extend(statement.keys().iter().map(|it| *it.point()));
    is_identity(&Point::vartime_multiscalar_mul(sum.scalars, sum.points))
}

struct Sum {
    scalars: Vec<Scalar>,
    points: Vec<Point>,
}
impl Sum {
    fn with_capacity(n: usize) -> Self {
        Self { scalars: Vec::with_capacity(n), points: Vec::with_capacity(n) }
    }
    fn add(&mut self, scalar: Scalar, element: &Element) {
        self.scalars.push(scalar);
        self.points.push(*element.point());
    }
}
