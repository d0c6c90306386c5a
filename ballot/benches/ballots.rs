//! How fast ballots are made and verified on one core, beside the ceiling measured in the same run: the decompressions and
//! the one multiscalar multiplication of that size, without hashing, forms or signatures. `cargo bench -p urne-ballot`.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    reason = "a benchmark prints rates and stops at the first error"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use curve25519_dalek::{
    ristretto::{CompressedRistretto, RistrettoPoint},
    scalar::Scalar,
    traits::VartimeMultiscalarMul,
};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use support::{CHAIN, COLLEGE, Chance, ELECTION, cast, judgment, one_of, statement};
use urne_ballot::{batch::verify_many, *};

const BALLOTS: usize = 1_024;
const RUNS: usize = 5;

/// Seconds of processor time of the fastest of some runs: the machine is shared, and other programs' time is not ours.
fn fastest(mut work: impl FnMut()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let run = |_| {
        let start = now();
        work();
        now() - start
    };
    (0..RUNS).map(run).fold(f64::INFINITY, f64::min)
}

fn measure(name: &str, questions: &[Question], answers: &[Answer]) {
    let statement = statement(questions);
    let credential = support::voter(1);
    let mut rng = Chance::named("bench");
    let making = fastest(|| {
        let unsigned = statement.seal(answers.to_vec(), credential.public(), 1, Seed::generate(&mut rng)).unwrap();
        black_box(unsigned.cast(&statement, &credential, &mut rng).unwrap());
    });
    let ballots: Vec<SealedBallot> = (0..BALLOTS)
        .map(|n| {
            let root = RootSecret::from_bytes(std::array::from_fn(|at| (n >> (at % 2 * 8)) as u8));
            cast(&statement, &root.credential(&CHAIN, &ELECTION, COLLEGE), 1, answers.to_vec())
        })
        .collect();
    let candidates: Vec<CandidateBallot<'_>> = ballots.iter().map(SealedBallot::candidate).collect();
    let alone = fastest(|| {
        black_box(statement.verify(candidates[0]).unwrap());
    });
    let batch = fastest(|| assert!(verify_many(&statement, &candidates, &mut rng).iter().all(Result::is_ok)));
    let (points, half) = (statement.compiled().cells() + 9, 5);
    let shared = statement.compiled().cells() + statement.compiled().bits() + 2;
    let ceiling = fastest(|| raw(&ballots, points, half, shared));
    let n = BALLOTS as f64;
    println!(
        "{name}: {} B; made in {:.2} ms; verified alone in {:.0} µs, in a batch of {BALLOTS} in {:.1} µs = {:.0} /s; ceiling {:.0} /s ({:.0} %)",
        statement.ballot_length(),
        making * 1e3,
        alone * 1e6,
        batch / n * 1e6,
        n / batch,
        n / ceiling,
        ceiling / batch * 100.0
    );
}

/// The ceiling: `points` decompressions per ballot and one multiplication of all, `half` of them by 128-bit scalars.
fn raw(ballots: &[SealedBallot], points: usize, half: usize, shared: usize) {
    let (mut scalars, mut elements): (Vec<Scalar>, Vec<RistrettoPoint>) = (Vec::new(), Vec::new());
    let scalar = |word: &[u8]| Scalar::from_bytes_mod_order(word.try_into().unwrap());
    for ballot in ballots {
        let words: Vec<&[u8]> = ballot.bytes.chunks(32).collect();
        let decoded = words.iter().filter_map(|it| CompressedRistretto::from_slice(it).unwrap().decompress());
        let before = elements.len();
        elements.extend(decoded.take(points));
        while elements.len() < before + points {
            elements.push(CompressedRistretto::from_slice(words[0]).unwrap().decompress().unwrap());
        }
        for at in 0..points {
            let mut bytes: [u8; 32] = words[(at * 7 + 3) % words.len()].try_into().unwrap();
            if at < half {
                bytes[16..].fill(0);
            }
            scalars.push(scalar(&bytes));
        }
    }
    for at in 0..shared {
        scalars.push(scalars[at]);
        elements.push(elements[at]);
    }
    black_box(RistrettoPoint::vartime_multiscalar_mul(scalars, elements));
}

fn main() {
    println!("{BALLOTS} ballots, processor time of one thread, fastest of {RUNS} runs");
    measure("one of 3", &[one_of(3, Blank::Refused)], &[Answer::One(1)]);
    let grades = Answer::Grades(vec![Some(0), Some(4), Some(2), Some(3), Some(1)]);
    measure("majority judgment 5 x 5", &[judgment(5, 5)], &[grades]);
    let order = Answer::Ranked((0..10).collect());
    measure("Condorcet 10", &[Question::Condorcet { choices: 10, blank: Blank::Refused }], &[order]);
    openings();
    credentials();
}

fn openings() {
    let compiled = Compiled::new(&[judgment(5, 5)]).unwrap();
    let (keys, shares) = support::ceremony::shared_keys::<Trustees>(&[1, 2, 3, 4, 5, 6, 7], 20);
    let urn = Urn::rehearsal(ELECTION, &keys);
    let candidate = shares[0].decrypt(&urn).unwrap();
    let deciding = fastest(|| drop(black_box(shares[0].decrypt(&urn).unwrap())));
    let verifying = fastest(|| drop(black_box(candidate.clone().verify(&urn, &keys).unwrap())));
    let verified: Vec<DecryptionShare> =
        shares.iter().map(|it| it.decrypt(&urn).unwrap().verify(&urn, &keys).unwrap()).collect();
    let opening = fastest(|| drop(black_box(tally::open(&urn, &keys, &verified, &compiled).unwrap())));
    let dealing = fastest(|| drop(black_box(support::ceremony::shared_keys::<Trustees>(&[1, 2, 3, 4, 5, 6, 7], 20))));
    println!(
        "7 trustees, 20 cells: the whole ceremony {:.0} ms; a share {:.1} ms, its verification {:.1} ms, combining {:.1} ms",
        dealing * 1e3,
        deciding * 1e3,
        verifying * 1e3,
        opening * 1e3
    );
}

fn credentials() {
    let (keys, shares) = support::ceremony::shared_keys::<Registrars>(&[1, 2, 3], 1);
    let signed: Vec<(Credential, CredentialSignature)> = (0..64_u8)
        .map(|voter| {
            let (secret, pending) = RootSecret::from_bytes([voter; 32]).request(&CHAIN, &ELECTION, COLLEGE);
            let request = *pending.request();
            let mut approvals = Approvals::default();
            (1..4).for_each(|registrar| approvals.approve(registrar, &request).unwrap());
            let approved = approvals.approved(&request, &keys).unwrap();
            let answers = shares.iter().map(|it| it.answer(&approved).verify(&request, &keys).unwrap());
            (*secret.public(), pending.finish(&answers.collect::<Vec<_>>(), &keys).unwrap())
        })
        .collect();
    let alone = fastest(|| {
        black_box(signed[0].1.verify(&CHAIN, &ELECTION, &signed[0].0, &keys).unwrap());
    });
    let batch = fastest(|| {
        let verdicts = blind::verify_many(&CHAIN, &ELECTION, &signed, &keys, &mut Chance::named("bench"));
        assert!(verdicts.iter().all(Result::is_ok));
    });
    println!("credential signature: alone {:.0} µs, in a batch of 64 {:.0} µs each", alone * 1e6, batch / 64.0 * 1e6);
}
