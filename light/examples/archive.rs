//! Writes the archive of a majority judgment of so many ballots on five candidates and five grades, 11,304 where none is said, on
//! the chain of the tests, so that a verification can be measured: `cargo run --release -p urne-light --example archive -- FILE
//! 11304`, then the command that it prints. With `secret` as the third word the ballots are sealed and the sum is opened: the
//! sealing takes 3 ms of a core for each.
#![allow(clippy::unwrap_used, reason = "an example that measures stops at the first error")]
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
#[path = "../tests/urn/mod.rs"]
mod urn;

use std::thread;
use urn::{
    Held,
    chain::{self, World},
};
use urne_ballot::{Answer, CredentialSecret};
use urne_types::transaction::{RawTx, VerifiedTx, verify_sealed};

/// Ballots of 1.8 KB: a block has room for 1,150.
const BALLOTS_PER_BLOCK: usize = 1_000;

fn main() {
    let mut words = std::env::args().skip(1);
    let file = words.next().expect("the file to write");
    let voters = words.next().map_or(11_304, |it| it.parse().expect("a number of ballots"));
    let held = match words.next().as_deref() {
        None => Held::judgment(voters),
        Some("secret") => secret_judgment(voters),
        Some(other) => panic!("`secret` or nothing, not {other}"),
    };
    std::fs::write(&file, urn::written(&held.records())).expect("the file can be written");
    println!("urne election verify --archive {file} --chain {}", held.world.chain());
}

/// The same election in secret: four trustees make its keys, members sign with the keys on the census.
fn secret_judgment(voters: usize) -> Held {
    let mut world = World::new();
    let election = sealed_chain::open_on(&mut world, voters, &[&[1, 2, 3, 4]], urn::five_by_five());
    let first = world.height().next();
    let secrets: Vec<CredentialSecret> = (0..voters).map(|it| sealed_chain::credential(&world, it)).collect();
    let statement = sealed_chain::statement(&world, &election);
    let cast = |(index, secret): (usize, &CredentialSecret)| {
        let grades = urn::grades(index).map(Some).to_vec();
        sealed_chain::cast_by(
            &statement,
            secret,
            (index, sealed_chain::college(index)),
            1,
            vec![Answer::Grades(grades)],
        )
        .to_raw()
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let cast = &cast;
    let ballots: Vec<RawTx> = thread::scope(|scope| {
        let size = voters.div_ceil(cores).max(1);
        let all: Vec<(usize, &CredentialSecret)> = secrets.iter().enumerate().collect();
        let parts = all.chunks(size).map(<[_]>::to_vec);
        let parts: Vec<_> =
            parts.map(|part| scope.spawn(move || part.into_iter().map(cast).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|it| it.join().expect("no thread has panicked")).collect()
    });
    let statements = sealed_chain::statements(&world);
    for some in ballots.chunks(BALLOTS_PER_BLOCK) {
        let verified = verify_sealed(some, &world.chain(), &statements, &mut rand::rng());
        let verified: Vec<VerifiedTx> = verified.into_iter().map(Result::unwrap).collect();
        world.block(&verified);
    }
    let last = world.height();
    sealed_chain::count(&mut world, &election);
    Held::of(world, election, first, last)
}
