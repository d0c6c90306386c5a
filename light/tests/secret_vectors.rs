//! The published archive of a secret election, and lies about it, each with the step at which every implementation must stop
//! (`tools/recount.py`, `web/ballot`): all validators signed the lies, so that only the cryptography and the rules can tell.
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use std::sync::LazyLock;
use urn::{
    Held,
    chain::{self, World},
    change_txs, hidden,
    lies::{Lie, Made, ballot, edit, of_block, of_state, publish, record, without_block},
    urn_blocks,
};
use urne_ballot::{RootSecret, forge::seal_values};
use urne_light::archive::ArchivedTx;
use urne_types::{CollegeId, ElectionId, PublicKey, ballot::BallotBody, codec::encode, transaction::Transaction};
use urne_vote_contract::{
    Count, QuestionResult, keys,
    sealed::{self, carried, records::UrnRecord, share_key, urn_key},
};

type World_ = World<urne_ledger::MemoryKv>;

/// Four questions, two groups of two colleges, eight members, seven voters, of whom some vote again; trustees 1, 2 and 4 of four
/// open both sums.
fn held() -> Made {
    let mut world = World::new();
    let election = sealed_chain::open_on(&mut world, 8, &[&[1, 2], &[3, 4]], urn::questions());
    let first = world.height().next();
    let cast = |world: &World_, voter, sequence, says| {
        sealed_chain::verified(world, cast(world, election, voter, sequence, says))
    };
    let some: Vec<_> = (0..5).map(|voter| cast(&world, voter, 1, voter)).collect();
    world.block(&some);
    let more = [cast(&world, 0, 2, 9), cast(&world, 6, 1, 6), cast(&world, 3, 4, 20), cast(&world, 7, 2, 12)];
    world.block(&more);
    let last_word = cast(&world, 0, 3, 1);
    world.block(&[last_word]);
    let last = world.height();
    sealed_chain::count(&mut world, &election);
    Made::of(world, election, first, last, Held::records)
}
fn cast(world: &World_, election: ElectionId, voter: usize, sequence: u32, says: usize) -> Transaction {
    let definition = urne_vote_contract::definition(&world.ledger.view(), &election).expect("it is open");
    let answers = sealed::sealed_answers(&definition, &urn::answers(says)).expect("answers to its questions");
    sealed_chain::cast_answers(world, voter, election, sequence, answers)
}

static HELD: LazyLock<Made> = LazyLock::new(held);

// ---- Lies ----

/// Changes the bytes of the last ballot of all: 32-byte words `A ‖ B… ‖ V ‖ W ‖ S ‖ T ‖ D1 ‖ D0 ‖ u ‖ f… ‖ φ ‖ w ‖ δ`.
fn of_proof(name: &'static str, change: impl Fn(&mut [u8]) + 'static) -> Lie {
    of_block(name, 2, move |_, txs| {
        edit(&mut txs[0], |tx| {
            let ballot = ballot(tx);
            let BallotBody::Sealed(sealed) = &mut ballot.body else { panic!("a sealed ballot") };
            let mut bytes = sealed.to_vec();
            change(&mut bytes);
            *sealed = urne_types::bounded::Bytes::new(bytes).expect("as long as before");
        });
    })
}
fn share(made: &Made, trustee: u16) -> Vec<u8> {
    share_key(&made.election, 0, trustee)
}
/// A blank ballot by the lying prover, whose randomness is that of its seed alone: what an honest device never makes.
fn forged(made: &Made, voter: usize, sequence: u32, seed: u8) -> ArchivedTx {
    let secret = sealed_chain::credential(&made.world(), voter);
    let statement = sealed_chain::statement(&made.world(), &made.election);
    let blank = statement.compiled().assign(&vec![urne_ballot::Answer::Blank; 4]).expect("blank is allowed");
    let values: Vec<i64> = blank.expose().iter().map(|it| i64::from(*it)).collect();
    let sealed = seal_values(&statement, &secret, sequence, &values, 0, &[seed; 32]);
    let college = sealed_chain::entry(&made.world(), voter).college;
    ArchivedTx::Whole(encode(&carried(&made.chain, made.election, college, &sealed).expect("it travels")))
}

fn lies_about_the_opening() -> Vec<Lie> {
    vec![
        of_state("one vote more in a result", |made, entries| {
            record(entries, keys::result(&made.election, 0), |it: &mut QuestionResult| {
                let QuestionResult::Referendum { favour, .. } = it else { panic!("a referendum") };
                *favour = Count(favour.get() + 1);
            });
        }),
        of_state("one voter more in a college", |made, entries| {
            record(entries, keys::turnout(&made.election, CollegeId::new(1)), |it: &mut u64| *it += 1);
        }),
        of_state("a bit of a share", |made, entries| {
            let bytes = entries.get_mut(&share(made, 2)).and_then(Option::as_mut).expect("trustee 2 sent one");
            let z = bytes.len() - 32;
            bytes[z] ^= 1;
        }),
        of_state("a share that is trustee 2's under the name of 1", |made, entries| {
            let mut bytes = entries[&share(made, 2)].clone().expect("trustee 2 sent one");
            bytes[0] = 1;
            entries.insert(share(made, 1), Some(bytes));
        }),
        of_state("one trustee's share twice", |made, entries| {
            let bytes = entries[&share(made, 2)].clone();
            entries.insert(share(made, 1), bytes.clone());
        }),
        of_state("a share of another group's sum", |made, entries| {
            let bytes = entries[&share_key(&made.election, 1, 2)].clone();
            entries.insert(share(made, 2), bytes);
        }),
        of_state("two shares where three are needed", |made, entries| drop(entries.insert(share(made, 4), None))),
        of_state("two keys exchanged", |made, entries| {
            record(entries, urn_key(&made.election), |it: &mut UrnRecord| {
                // threshold, n, M, four holders: then the keys.
                let (one, two) = it.trustees[14..].split_at_mut(32);
                one.swap_with_slice(&mut two[..32]);
            });
        }),
        of_state("a bit of a key", |made, entries| {
            record(entries, urn_key(&made.election), |it: &mut UrnRecord| it.trustees[15] ^= 4);
        }),
        of_state("another threshold", |made, entries| {
            record(entries, urn_key(&made.election), |it: &mut UrnRecord| it.trustees[0] = 2);
        }),
    ]
}

fn lies_about_ballots() -> Vec<Lie> {
    // M, N of the four questions, and where the words of a ballot stand.
    let (m, n) = (23, 25);
    let swap = |a: usize, b: usize| move |bytes: &mut [u8]| (0..32).for_each(|at| bytes.swap(32 * a + at, 32 * b + at));
    let flip = |word: usize| move |bytes: &mut [u8]| bytes[32 * word] ^= 1;
    vec![
        of_proof("components of a ballot exchanged", swap(1, 2)),
        of_proof("A and a cell exchanged", swap(0, 1)),
        of_proof("a negative point in a proof", flip(1)),
        of_proof("a bit of u in a proof", flip(m + 7)),
        of_proof("a bit of a response in a proof", flip(m + 8)),
        of_proof("a bit of the last response in a proof", flip(m + 8 + n - 1)),
        of_proof("a bit of phi in a proof", flip(m + 8 + n)),
        of_proof("a bit of w in a proof", flip(m + 9 + n)),
        of_proof("a bit of delta in a proof", flip(m + 10 + n)),
        of_block("a bit of a ballot's signature", 2, |_, txs| edit(&mut txs[0], |tx| tx.signature.0[32] ^= 1)),
        of_block("a ballot under another credential", 2, |made, txs| {
            let other = sealed_chain::entry(&made.world(), 4).member;
            edit(&mut txs[0], |tx| tx.unsigned.sender = other);
        }),
        of_block("a ballot moved to another college", 2, |_, txs| {
            edit(&mut txs[0], |tx| ballot(tx).college = CollegeId::new(2));
        }),
        of_block("an older ballot shown as a newer one", 2, |_, txs| edit(&mut txs[0], |tx| ballot(tx).sequence = 9)),
        of_block("a ballot of a credential that is not on the census", 0, |made, txs| {
            let root = RootSecret::from_bytes([9; 32]).published_credential(&made.chain);
            let statement = sealed_chain::statement(&made.world(), &made.election);
            let blank = vec![urne_ballot::Answer::Blank; 4];
            let seed = urne_ballot::Seed::from_bytes([9; 32]);
            let unsigned = statement.seal(blank, root.public(), 1, seed).expect("a ballot");
            let sealed = unsigned.cast(&statement, &root, &mut sealed_chain::Chance::named(9, 1)).expect("signed");
            let sent = carried(&made.chain, made.election, CollegeId::new(1), &sealed).expect("it travels");
            assert_eq!(sent.unsigned.sender, PublicKey(*root.public().bytes()));
            txs.push(ArchivedTx::Whole(encode(&sent)));
        }),
        of_block("a ballot twice", 0, |_, txs| txs.push(txs[0].clone())),
        of_block("one seed for the ballots of two voters", 0, |made, txs| {
            txs[0] = forged(made, 0, 1, 7);
            txs[1] = forged(made, 1, 1, 7);
        }),
        of_block("a ballot that was never in the log", 1, |made, txs| txs.push(forged(made, 5, 1, 8))),
        of_block("a ballot left out", 1, |_, txs| drop(txs.remove(1))),
        of_block("a ballot hidden behind its hash", 0, |_, txs| {
            txs[2] = hidden(&txs[2]);
        }),
        of_block("two ballots exchanged", 0, |_, txs| txs.swap(0, 1)),
        (
            "another ballot under the same header",
            Box::new(|made, records| {
                let other = forged(made, 0, 1, 9);
                change_txs(urn_blocks(records).remove(0), |txs| txs[0] = other);
            }),
        ),
        without_block("a revote left out with its block", 1),
    ]
}

// ---- What is published ----

/// `URNE_WRITE_VECTORS=1 cargo test -p urne-light --test secret_vectors` writes both files.
#[test]
fn the_published_archive_of_a_secret_election_and_the_lies_about_it_are_those_of_the_code() {
    let lies: Vec<Lie> = lies_about_the_opening().into_iter().chain(lies_about_ballots()).collect();
    publish("secret_archive", &HELD, &lies);
}

#[test]
fn a_secret_election_counts_as_the_same_answers_in_the_open() {
    let found = HELD.verify().expect("a true archive");
    // The last word of each voter.
    let last = [1, 1, 2, 20, 4, 6, 12].map(urn::answers);
    let chosen = |choice| last.iter().filter(|it| it[1] == urne_types::ballot::Answer::Choice(choice)).count() as u64;
    let QuestionResult::Plurality { votes, .. } = &found.result.questions[1] else { panic!("a plurality") };
    let votes: Vec<u64> = votes.iter().map(|it| it.get()).collect();
    assert_eq!(votes, (0..3).map(chosen).collect::<Vec<u64>>());
}
