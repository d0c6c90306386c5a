//! The opening: any t verified shares give the sums, and the sums are small numbers found by baby steps and giant steps.
//! Nobody can announce another total, trustees and validators together included: the shares prove it.
use crate::{
    Refusal,
    compile::Compiled,
    group::{G, Point, Scalar, VartimeMultiscalarMul, identity},
    share::DecryptionShare,
    threshold::{ThresholdKeys, Trustees, lagrange},
    urn::{Purpose, Urn},
};
use std::collections::BTreeMap;

/// Baby steps kept in memory at most: 2^20 of 40 bytes each.
const BABY_STEPS_MAX: u64 = 1 << 20;
/// Points compressed together; one inversion serves them all.
const COMPRESSED_TOGETHER: u64 = 256;

impl Compiled {
    /// The largest total that so many ballots can give in each cell.
    #[must_use]
    pub fn bounds(&self, ballots: u64) -> Vec<u64> {
        let most = |maximum: i64| u64::try_from(maximum).unwrap_or(0).saturating_mul(ballots);
        self.enc_forms().iter().map(|form| most(form.maximum())).collect()
    }
}

/// Opens an urn with verified shares: for each ciphertext, its cells. An urn without ballots opens to zeros, without shares.
///
/// # Errors
/// [`Refusal::OtherUrn`], [`Refusal::NotATrustee`], [`Refusal::TooFewShares`], [`Refusal::TotalsMismatch`],
/// [`Refusal::NoDiscreteLogarithm`].
pub fn open(
    urn: &Urn,
    keys: &ThresholdKeys<Trustees>,
    shares: &[DecryptionShare],
    compiled: &Compiled,
) -> Result<Vec<Vec<u64>>, Refusal> {
    let cells = compiled.cells();
    if urn.ciphertexts().iter().any(|it| it.b().len() != cells) {
        return Err(Refusal::TotalsMismatch);
    }
    if urn.is_empty() {
        return Ok(urn.ciphertexts().iter().map(|_| vec![0; cells]).collect());
    }
    let ballots = match urn.purpose() {
        Purpose::Totals => urn.ballots(),
        Purpose::OneByOne => 1,
        Purpose::Rehearsal => 0,
    };
    let bounds = compiled.bounds(ballots);
    let logarithms = match urn.purpose() {
        // Many small numbers: each is looked up at once.
        Purpose::OneByOne => Logarithms::with(most(&bounds).saturating_add(1)),
        Purpose::Totals | Purpose::Rehearsal => Logarithms::with(baby_steps(&bounds)),
    };
    let points = decrypt(urn, keys, shares)?;
    let rows = points.chunks(cells.max(1));
    rows.map(|row| {
        let cells = row.iter().zip(&bounds);
        cells.map(|(point, bound)| logarithms.of(point, *bound).ok_or(Refusal::NoDiscreteLogarithm)).collect()
    })
    .collect()
}

fn most(bounds: &[u64]) -> u64 {
    bounds.iter().copied().max().unwrap_or(0)
}
/// b baby steps serve all c cells, each of which takes bound/b giant steps: b + c·bound/b is least at √(c·bound).
fn baby_steps(bounds: &[u64]) -> u64 {
    let cells = u64::try_from(bounds.len()).unwrap_or(u64::MAX);
    most(bounds).saturating_mul(cells).isqrt().saturating_add(1).min(BABY_STEPS_MAX)
}
/// How many points the opening of the sum of so many ballots visits at most, to find its numbers.
#[must_use]
pub fn points_walked(compiled: &Compiled, ballots: u64) -> u64 {
    let bounds = compiled.bounds(ballots);
    let baby = baby_steps(&bounds);
    bounds.iter().fold(baby, |sum, bound| sum.saturating_add(bound / baby + 1))
}

/// m G of every cell: B − Σ λ_i D_i over the first t distinct trustees.
fn decrypt(urn: &Urn, keys: &ThresholdKeys<Trustees>, shares: &[DecryptionShare]) -> Result<Vec<Point>, Refusal> {
    let mut by_trustee = BTreeMap::new();
    for share in shares {
        if share.urn() != urn.digest() {
            return Err(Refusal::OtherUrn);
        }
        keys.of_holder(share.trustee())?;
        by_trustee.insert(share.trustee(), share);
    }
    let threshold = usize::from(keys.threshold());
    let chosen: Vec<(u16, &DecryptionShare)> = by_trustee.into_iter().take(threshold).collect();
    if chosen.len() < threshold {
        return Err(Refusal::TooFewShares);
    }
    let holders: Vec<u16> = chosen.iter().map(|(trustee, _)| *trustee).collect();
    let lambdas = lagrange::<Trustees>(&holders);
    let cells = urn.ciphertexts().iter().flat_map(|it| it.b());
    let opened = cells.enumerate().map(|(at, b)| {
        let ds = chosen.iter().map(|(_, share)| share.d()[at].point());
        b.point() - Point::vartime_multiscalar_mul(&lambdas, ds)
    });
    Ok(opened.collect())
}

/// Finds m from mG for small m: a table of baby steps i·G, and giant steps of its size.
struct Logarithms {
    /// The encoding of 2·i·G, sorted, with i. Doubled because many doubled points are compressed with one inversion.
    baby: Vec<([u8; 32], u64)>,
}

impl Logarithms {
    fn with(baby_steps: u64) -> Self {
        let mut baby = Vec::new();
        walk(identity(), G, baby_steps.min(BABY_STEPS_MAX), |at, bytes| {
            baby.push((bytes, at));
            None::<()>
        });
        baby.sort_unstable();
        Self { baby }
    }
    fn of(&self, point: &Point, bound: u64) -> Option<u64> {
        let steps = u64::try_from(self.baby.len()).ok()?;
        let giant = -(Scalar::from(steps) * G);
        walk(*point, giant, bound / steps + 1, |at, bytes| {
            let found = self.baby.binary_search_by_key(&&bytes, |(bytes, _)| bytes).ok()?;
            Some(at * steps + self.baby[found].1)
        })
        .filter(|m| *m <= bound)
    }
}

/// Visits start, start + step, … , so many points, doubled and encoded, until the visitor has found something.
fn walk<T>(start: Point, step: Point, n: u64, mut visit: impl FnMut(u64, [u8; 32]) -> Option<T>) -> Option<T> {
    let mut next = start;
    let mut at = 0;
    while at < n {
        let mut points = Vec::new();
        for _ in at..n.min(at + COMPRESSED_TOGETHER) {
            points.push(next);
            next += step;
        }
        for (offset, encoded) in (0..).zip(Point::double_and_compress_batch(&points)) {
            if let Some(found) = visit(at + offset, encoded.0) {
                return Some(found);
            }
        }
        at += COMPRESSED_TOGETHER;
    }
    None
}
