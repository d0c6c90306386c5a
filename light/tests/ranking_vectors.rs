//! The published archive of an election of rankings, opened one by one, and lies about its opening and its count, each with the
//! step at which every implementation must stop (`tools/recount.py`, `web/ballot`): all validators signed them.
#[path = "../../ledger/tests/chain/credentials.rs"]
mod credentials_chain;
#[path = "urn/ranked.rs"]
mod ranked;
#[path = "../../ledger/tests/chain/sealed.rs"]
mod sealed_chain;
mod urn;

use ranked::Opened;
use std::sync::LazyLock;
use urn::{
    chain,
    lies::{Entries, Lie, Made, of_block, of_state, of_state_in, publish, record},
};
use urne_light::archive::Record;
use urne_types::{BlockHash, ElectionId, codec::decode_canonical, limits::MESSAGE_BYTES_MAX};
use urne_vote_contract::{
    Count, QuestionResult, keys, records::CountBasis, result::TransferableVotes, sealed::share_key,
};

/// Pieces: sixteen and two ballots of college 1, and two of college 2.
const OF_TWO: u32 = 1;
const OF_COLLEGE_2: u32 = 2;

static HELD: LazyLock<Made> = LazyLock::new(|| ranked::held(Opened::AllBallots));

// ---- Telling ----

/// Changes the shares of a piece, which have a record of the state of their own.
fn of_piece(part: u32, name: &'static str, change: impl Fn(&Made, &mut Entries) + 'static) -> Lie {
    of_state_in(1 + part as usize, name, change)
}
fn share_of(made: &Made, part: u32, trustee: u16) -> Option<Vec<u8>> {
    let key = share_key(&made.election, part, trustee);
    made.records.iter().find_map(|it| match it {
        Record::State(state) => state.entries.iter().find(|it| it.key == key).and_then(|it| it.value.clone()),
        _ => None,
    })
}
/// What trustees would send for another urn of college 2.
fn opened_instead(name: &'static str, opened: Opened) -> Lie {
    of_piece(OF_COLLEGE_2, name, move |made, entries| {
        let other = ranked::held(opened);
        assert_eq!(other.election, made.election, "the same keys");
        for trustee in [1, 2, 4] {
            let sent = share_of(&other, OF_COLLEGE_2, trustee);
            assert!(sent.is_some(), "trustee {trustee} opens it");
            entries.insert(share_key(&made.election, OF_COLLEGE_2, trustee), sent);
        }
    })
}
fn of_result(name: &'static str, question: u16, change: impl Fn(&mut QuestionResult) + 'static) -> Lie {
    of_state(name, move |made, entries| record(entries, keys::result(&made.election, question), &change))
}
fn flip(entries: &mut Entries, election: &ElectionId, from_the_end: usize) {
    let share = entries.get_mut(&share_key(election, OF_TWO, 2)).and_then(Option::as_mut).expect("it sent one");
    let at = share.len() - from_the_end;
    share[at] ^= 1;
}

// ---- Lies ----

fn lies_about_shares() -> Vec<Lie> {
    vec![
        of_piece(OF_TWO, "a bit of the response in a piece's share", |made, entries| flip(entries, &made.election, 32)),
        of_piece(OF_TWO, "another piece's share", |made, entries| {
            entries.insert(share_key(&made.election, OF_TWO, 2), share_of(made, OF_COLLEGE_2, 2));
        }),
        of_piece(OF_TWO, "a piece's share under the name of another trustee", |made, entries| {
            let mut share = share_of(made, OF_TWO, 2).expect("it sent one");
            share[0] = 1;
            entries.insert(share_key(&made.election, OF_TWO, 1), Some(share));
        }),
        of_piece(OF_TWO, "a piece that too few have opened", |made, entries| {
            entries.insert(share_key(&made.election, OF_TWO, 4), None);
        }),
        opened_instead("a ballot left out of the opening", Opened::AllButOne),
        opened_instead("a ballot that was replaced, opened instead of the last one", Opened::AReplacedOne),
    ]
}

fn lies_about_results() -> Vec<Lie> {
    vec![
        of_result("a ranking other than the ballot's", 0, |it| {
            let QuestionResult::InstantRunoff { rounds, .. } = it else { panic!("a runoff") };
            let tally = &mut rounds[0].tally;
            (tally[0], tally[1]) = (tally[0].map(|it| Count(it.get() - 1)), tally[1].map(|it| Count(it.get() + 1)));
        }),
        of_result("a winner whom the ballots do not elect", 1, |it| {
            let QuestionResult::InstantRunoff { winners, .. } = it else { panic!("a runoff") };
            winners[0] = (winners[0] + 1) % 3;
        }),
        of_result("a lot that another one lost", 0, |it| {
            let QuestionResult::InstantRunoff { lots, .. } = it else { panic!("a runoff") };
            lots[0].chosen = if lots[0].chosen == lots[0].tied[0] { lots[0].tied[1] } else { lots[0].tied[0] };
        }),
        of_result("a hundred-thousandth of a vote more", 2, |it| {
            let QuestionResult::ScottishStv { stages, .. } = it else { panic!("a transferable vote") };
            let votes = &mut stages[1].votes[0];
            *votes = TransferableVotes(votes.0 + 1);
        }),
        of_result("two elected in another order", 3, |it| {
            let QuestionResult::ScottishStv { elected, .. } = it else { panic!("a transferable vote") };
            elected.swap(0, 1);
        }),
        of_state("lots drawn from another block", |made, entries| {
            record(entries, keys::basis(&made.election), |it: &mut CountBasis| {
                it.lot_seed.as_mut().expect("a block closed it").block = BlockHash([5; 32]);
            });
        }),
        of_state("no block to draw lots from", |made, entries| {
            record(entries, keys::basis(&made.election), |it: &mut CountBasis| it.lot_seed = None);
        }),
    ]
}

fn lies_about_ballots() -> Vec<Lie> {
    vec![
        of_block("a ranking left out", 6, |_, txs| drop(txs.remove(1))),
        of_block("two rankings exchanged", 4, |_, txs| txs.swap(0, 1)),
    ]
}

/// `URNE_WRITE_VECTORS=1 cargo test -p urne-light --test ranking_vectors` writes both files.
#[test]
fn the_published_archive_of_rankings_and_the_lies_about_it_are_those_of_the_code() {
    let lies = [lies_about_shares(), lies_about_results(), lies_about_ballots()];
    publish("rankings_archive", &HELD, &lies.into_iter().flatten().collect::<Vec<Lie>>());
}

#[test]
fn the_opened_rankings_are_those_that_were_cast_last() {
    let found = HELD.verify().expect("a true archive");
    // Members 0 to 34 of college 1, the even ones, 1 and 3 of college 2; 6 and 1 changed their minds.
    let mut last: Vec<usize> = (0..18).map(|it| 2 * it).collect();
    last[3] = 41;
    last.extend([17, 3]);
    for (question, result) in found.result.questions.iter().enumerate() {
        let said: Vec<Vec<u16>> = last.iter().map(|what| ranked::says(*what).remove(question)).collect();
        let first = |choice| said.iter().filter(|it| it.first() == Some(&choice)).count() as u64;
        let blank = said.iter().filter(|it| it.is_empty()).count() as u64;
        match result {
            QuestionResult::InstantRunoff { rounds, blank: found, ballots, .. } => {
                let tally: Vec<_> = rounds[0].tally.iter().map(|it| it.map(|it| it.get())).collect();
                assert_eq!(tally, (0..3).map(|it| Some(first(it))).collect::<Vec<_>>());
                assert_eq!((found.get(), ballots.get()), (blank, 20));
            }
            QuestionResult::ScottishStv { stages, blank: found, .. } => {
                let votes: Vec<u64> = stages[0].votes.iter().map(|it| it.0 / 100_000).collect();
                assert_eq!(votes, (0..).take(votes.len()).map(first).collect::<Vec<_>>());
                assert_eq!(found.get(), blank);
            }
            other => panic!("{other:?} of a ranking"),
        }
    }
    let basis = HELD.records.iter().find_map(|it| match it {
        Record::State(state) => state.entries.iter().find(|it| it.key == keys::basis(&HELD.election)),
        _ => None,
    });
    let basis = basis.and_then(|it| it.value.clone()).expect("it has a basis");
    let basis: CountBasis = decode_canonical(&basis, MESSAGE_BYTES_MAX).expect("a record");
    assert!(basis.lot_seed.is_some() && basis.statutes.is_none());
}
