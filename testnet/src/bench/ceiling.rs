//! What this machine could do at best: every validator verifies every ballot's signature, so with v validators on c cores no
//! more than (verifications a second on one core) x c / v ballots a second can be committed, whatever the program.
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::time::Instant;
use urne_types::{
    SecretKey,
    key::{Claim, verify_many},
};

/// Signatures a batch: what one request carries at most.
const BATCH: usize = 256;
const BATCHES: usize = 16;
const RUNS: usize = 5;

/// Signatures verified in batches on one core, a second: the median of five runs.
pub(crate) fn verified_per_second() -> u64 {
    let mut rng = StdRng::seed_from_u64(1);
    let batches: Vec<Vec<Claim>> = (0..BATCHES).map(|_| (0..BATCH).map(|_| claim(&mut rng)).collect()).collect();
    let mut rates: Vec<u64> = (0..RUNS).map(|_| rate(&batches, &mut rng)).collect();
    rates.sort_unstable();
    rates[RUNS / 2]
}

fn claim(rng: &mut StdRng) -> Claim {
    let key = SecretKey::generate(rng);
    let digest: [u8; 32] = rng.random();
    Claim { key: key.public(), digest, signature: key.sign_digest(&digest) }
}

fn rate(batches: &[Vec<Claim>], rng: &mut StdRng) -> u64 {
    let since = Instant::now();
    for batch in batches {
        assert!(verify_many(batch, rng).into_iter().all(|it| it), "good signatures verify");
    }
    let nanos = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1);
    let n = u64::try_from(batches.iter().map(Vec::len).sum::<usize>()).unwrap_or(0);
    n.saturating_mul(1_000_000_000) / nanos
}
