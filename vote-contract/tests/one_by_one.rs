//! Rankings in secret: opened ballot by ballot after the close, in pieces, to the very result that the same choices have in the
//! open; never a ballot that was replaced, never a ballot before the close.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
#[path = "support/credentials.rs"]
mod credential_support;
#[path = "support/ranked.rs"]
mod ranked_support;
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use credential_support::credential_rules;
use ranked_support::{Ranked, name, runoff, transferable, wrong};
use secret_support::{rules, trustee};
use support::{HOUR, START, World, names, question, referendum};
use urne_ballot::Ciphertext;
use urne_types::{
    Rejection,
    bounded::Bytes,
    codec::encode,
    election::{Method, Question, Secrecy},
    governance::Act,
    limits::{PIECE_CELLS_MAX, PIECES_MAX, WRONG_SHARES_MAX},
    method::{LotRule, RunoffStop},
    sealed::OpeningShare,
    transaction::Payload,
};
use urne_vote_contract::{
    self as contract, Event, QuestionResult,
    records::ElectionState,
    sealed::{
        self,
        records::{Piece, UrnOpening},
    },
};

#[test]
fn runoffs_and_transferable_votes_of_many_pieces_have_the_result_of_an_open_count() {
    let mut ranked = Ranked::open(66, vec![runoff(), transferable()], &[&[1], &[2]]);
    ranked.cast_all();
    ranked.close();
    let list = sealed::piece_list(&ranked.world.state, &ranked.id).unwrap();
    assert_eq!((list.urns.len(), list.is_whole, list.opened), (3, true, 0), "40 ballots by 23, and 20");
    ranked.post_all(&[4, 2]);
    assert_eq!(ranked.state(), ElectionState::Closed, "two of four open nothing");
    assert_eq!(sealed::piece_list(&ranked.world.state, &ranked.id).unwrap().opened, 0);
    ranked.post(1);
    assert_eq!(ranked.state(), ElectionState::Tallied);
    assert_eq!(ranked.result(), ranked.in_the_open());
    assert_eq!(ranked.result(), ranked.recount());
    let opened = sealed::opened(&ranked.world.state, &ranked.id, 2).unwrap();
    assert_eq!((opened.ballots.get(), opened.cells.len(), opened.trustees), (20, 20 * 11, vec![1, 2, 4]));
}

#[test]
fn the_lot_of_a_secret_runoff_is_drawn_from_the_block_that_closed_it_before_anything_is_opened() {
    let method = Method::InstantRunoff { stop: RunoffStop::LastTwo, lot: LotRule::LaterBlock };
    let mut ranked = Ranked::open(12, vec![question(&["x", "y"], method)], &[&[1, 2]]);
    for voter in 0..12 {
        ranked.cast(voter, 1, vec![vec![(voter % 2) as u16]]);
    }
    ranked.close();
    let closed = contract::life(&ranked.world.state, &ranked.id).unwrap().closed.unwrap().at.height;
    let seed = |ranked: &Ranked| contract::count_basis(&ranked.world.state, &ranked.id).lot_seed.map(|it| it.height);
    assert_eq!(seed(&ranked), None, "the block that closes it does not know its own name");
    ranked.world.empty(START + 3 * HOUR);
    assert_eq!(seed(&ranked), Some(closed), "before any share");
    ranked.post_all(&[1, 2, 3]);
    assert_eq!((ranked.state(), seed(&ranked)), (ElectionState::Tallied, Some(closed)));
    let QuestionResult::InstantRunoff { winners, lots, .. } = &ranked.result().questions[0] else { panic!("a runoff") };
    assert_eq!((lots.len(), &winners[0]), (1, &lots[0].chosen));
    assert_eq!(ranked.result(), ranked.recount());
}

#[test]
fn however_little_a_block_may_count_the_result_is_the_same() {
    let mut ranked = Ranked::open(30, vec![runoff(), transferable()], &[&[1, 2]]);
    ranked.cast_all();
    // Two papers, one ballot, or one share.
    ranked.world.count_units = 10_000;
    ranked.close();
    for number in [3, 1, 2] {
        for share in ranked.world.opening_shares(&ranked.id, number) {
            ranked.world.send(&trustee(number), Payload::Opening(share)).unwrap();
        }
    }
    let blocks = ranked.world.go_on();
    assert_eq!(ranked.state(), ElectionState::Tallied);
    assert!(6 + 28 < blocks, "each share, and each ballot, has a block of its own: {blocks}");
    assert_eq!(ranked.result(), ranked.in_the_open());
}

#[test]
fn only_last_ballots_are_opened_and_their_order_is_that_of_their_randomness() {
    let mut ranked = Ranked::open(40, vec![runoff()], &[&[1], &[2]]);
    ranked.cast_all();
    assert!(ranked.pieces().is_empty(), "nothing is cut before the close");
    assert!(ranked.world.opening_shares(&ranked.id, 1).is_empty());
    ranked.close();
    let (state, id) = (&ranked.world.state, &ranked.id);
    let cells = sealed::sealed_gate(state, id).unwrap().cells;
    assert_eq!(sealed::sealed_gate(state, id).unwrap().opening, UrnOpening::OneByOne);
    for group in 0..2 {
        let of_group = |it: &Piece| it.group == group;
        let listed: Vec<Vec<u8>> =
            ranked.pieces().into_iter().filter(|(_, it)| of_group(it)).flat_map(|(_, it)| it.ballots).collect();
        let last = sealed::last_ballots(state, id).into_iter().filter(|it| u32::from(it.0.college.get()) == group + 1);
        let mut expected: Vec<Vec<u8>> = last.map(|(_, it)| it.ciphertext).collect();
        assert!(expected.iter().all(|it| Ciphertext::restore_from_state(it, cells.into()).is_ok()));
        expected.sort_unstable();
        assert_eq!(listed, expected);
    }
    assert!(ranked.last.len() < ranked.cast.len(), "some ballots were replaced");
}

#[test]
fn nobody_voted_and_the_result_is_there_without_a_share() {
    let mut ranked = Ranked::open(9, vec![transferable()], &[&[1, 2]]);
    ranked.close();
    assert_eq!(ranked.state(), ElectionState::Tallied);
    assert_eq!(ranked.result(), ranked.in_the_open());
    assert_eq!(ranked.result(), ranked.recount());
}

#[test]
fn one_ballot_is_opened_like_many_and_a_blank_one_elects_nobody() {
    for said in [vec![2, 0], Vec::new()] {
        let mut ranked = Ranked::open(9, vec![runoff()], &[&[1, 2]]);
        ranked.cast(4, 1, vec![vec![1]]);
        ranked.cast(4, 2, vec![said]);
        ranked.close();
        ranked.post_all(&[1, 2, 3]);
        assert_eq!(ranked.result(), ranked.in_the_open());
        assert_eq!(ranked.result(), ranked.recount());
    }
}

#[test]
fn a_wrong_share_of_one_piece_is_ignored_and_named_and_the_right_one_is_still_taken() {
    let mut ranked = Ranked::open(66, vec![runoff(), transferable()], &[&[1, 2]]);
    ranked.cast_all();
    ranked.close();
    let shares = ranked.world.opening_shares(&ranked.id, 3);
    assert!(2 < shares.len());
    let (id, world) = (ranked.id, &mut ranked.world);
    world.send(&trustee(3), Payload::Opening(wrong(&shares[1]))).unwrap();
    world.empty(world.now + 1);
    assert!(world.events.contains(&Event::WrongShareIgnored { election: id, trustee: 3 }));
    let named = sealed::wrong_shares(&world.state, &id);
    assert_eq!((named.len(), named[0].trustee, named[0].times), (1, 3, 1));
    assert_eq!(sealed::shares(&world.state, &id, 1), Vec::<Vec<u8>>::new());
    for share in shares {
        world.send(&trustee(3), Payload::Opening(share)).unwrap();
    }
    ranked.post_all(&[1, 2]);
    assert_eq!(ranked.result(), ranked.in_the_open());
    assert_eq!(ranked.result(), ranked.recount());
}

#[test]
fn who_sends_wrong_shares_again_and_again_is_heard_no_more_and_the_others_open() {
    let mut ranked = Ranked::open(9, vec![runoff()], &[&[1, 2]]);
    ranked.cast(1, 1, vec![vec![3]]);
    ranked.close();
    let right = ranked.world.opening_shares(&ranked.id, 2).remove(0);
    for _ in 0..WRONG_SHARES_MAX {
        ranked.world.send(&trustee(2), Payload::Opening(wrong(&right))).unwrap();
        ranked.world.empty(ranked.world.now + 1);
    }
    let refused = ranked.world.send(&trustee(2), Payload::Opening(right));
    assert_eq!(refused, Err(Rejection::WrongDecryptionShare));
    assert_eq!(sealed::wrong_shares(&ranked.world.state, &ranked.id)[0].times, WRONG_SHARES_MAX);
    ranked.post_all(&[1, 3, 4]);
    assert_eq!(ranked.result(), ranked.in_the_open());
}

#[test]
fn a_share_is_taken_once_for_a_piece_that_waits_at_its_length() {
    let mut ranked = Ranked::open(9, vec![runoff()], &[&[1, 2]]);
    ranked.cast(1, 1, vec![vec![3]]);
    ranked.close();
    let right = ranked.world.opening_shares(&ranked.id, 2).remove(0);
    let mut send = |share: OpeningShare| ranked.world.send(&trustee(2), Payload::Opening(share));
    let other_part = OpeningShare { part: 1, ..right.clone() };
    assert_eq!(send(other_part), Err(Rejection::NothingToOpen));
    let short = OpeningShare { share: Bytes::new(right.share[1..].to_vec()).unwrap(), ..right.clone() };
    assert_eq!(send(short), Err(Rejection::WrongShape));
    send(right.clone()).unwrap();
    assert_eq!(send(right.clone()), Err(Rejection::MessageExists));
    ranked.post_all(&[1, 3]);
    assert_eq!(ranked.state(), ElectionState::Tallied);
    assert_eq!(ranked.world.send(&trustee(4), Payload::Opening(right)), Err(Rejection::NothingToOpen));
}

#[test]
fn an_election_cancelled_while_it_is_opened_is_opened_no_further_and_leaves_no_ballot_behind() {
    let mut ranked = Ranked::open(66, vec![runoff(), transferable()], &[&[1, 2]]);
    ranked.cast_all();
    ranked.close();
    ranked.post(1);
    let cancel = Act::CancelElection { election: ranked.id, reason: support::text("panne") };
    ranked.world.act(cancel).unwrap();
    ranked.world.go_on();
    assert!(ranked.world.opening_shares(&ranked.id, 2).is_empty());
    assert!(ranked.pieces().is_empty());
    assert!(!ranked.leaves_ballots());
}

#[test]
fn an_election_cancelled_while_it_is_open_leaves_no_ballot_to_be_opened() {
    let mut ranked = Ranked::open(20, vec![runoff()], &[&[1, 2]]);
    ranked.cast_all();
    assert!(ranked.leaves_ballots());
    ranked.world.count_units = 10_000;
    ranked.world.act(Act::CancelElection { election: ranked.id, reason: support::text("panne") }).unwrap();
    ranked.world.count_through();
    assert_eq!((ranked.state(), ranked.leaves_ballots()), (ElectionState::Cancelled, false));
}

#[test]
fn a_ciphertext_that_no_ballot_has_stops_the_opening_loudly_instead_of_counting() {
    let mut ranked = Ranked::open(9, vec![runoff()], &[&[1, 2]]);
    ranked.cast(1, 1, vec![vec![3]]);
    ranked.close();
    // No verified ballot is like that: the state is set by hand, the first cell to another point.
    let (key, mut piece) = ranked.pieces().remove(0);
    piece.ballots[0].copy_within(64..96, 32);
    ranked.world.state.map.insert(key, encode(&piece));
    let list = [&[0x5d], &ranked.id.0[..]].concat();
    let mut pieces = sealed::piece_list(&ranked.world.state, &ranked.id).unwrap();
    let tampered = Ciphertext::restore_from_state(&piece.ballots[0], 5).unwrap();
    pieces.urns[0] = *urne_ballot::Urn::one_by_one(ranked.id, 0, vec![tampered]).digest();
    ranked.world.state.map.insert(list, encode(&pieces));
    ranked.post_all(&[1, 2]);
    let share = ranked.world.opening_shares(&ranked.id, 3).remove(0);
    ranked.world.send(&trustee(3), Payload::Opening(share)).unwrap();
    ranked.world.empty(ranked.world.now + 1);
    let code = Rejection::NoDiscreteLogarithm.code();
    assert!(ranked.world.events.contains(&Event::OpeningFailed { election: ranked.id, code }));
    assert_eq!(ranked.world.go_on(), 0, "it does not try again for ever");
    assert_eq!(ranked.state(), ElectionState::Closed);
}

#[test]
fn a_desk_shows_a_trustee_all_that_it_needs_and_no_credential() {
    let mut ranked = Ranked::open(30, vec![runoff()], &[&[1, 2]]);
    ranked.cast_all();
    ranked.close();
    let draft = sealed::urn(&ranked.world.state, &ranked.id).unwrap().draft;
    let desk = sealed::Desk::of(&ranked.world.state, &draft).unwrap();
    let shown: Vec<Vec<u8>> = desk.records().map(|(key, value)| [key, value].concat()).collect();
    for (entry, _) in sealed::last_ballots(&ranked.world.state, &ranked.id) {
        let is_named = |it: &Vec<u8>| it.windows(32).any(|word| *word == entry.member.0);
        assert!(!shown.iter().any(is_named), "no credential is on the desk");
    }
    let duties = |ranked: &Ranked| {
        let (chain, desk) = (&ranked.world.chain, sealed::Desk::of(&ranked.world.state, &draft).unwrap());
        let secret = secret_support::ceremony_secret(2);
        let of = sealed::Participation { chain, draft: &draft, scope: sealed::TRUSTEES, number: 2, secret: &secret };
        sealed::opening_duties(&desk, of, &ranked.id, &mut urne_ballot::TallyGuard::default()).unwrap()
    };
    assert_eq!(duties(&ranked), ranked.world.opening_shares(&ranked.id, 2));
    ranked.post(2);
    assert_eq!(duties(&ranked), Vec::new(), "what was sent is on the desk");
}

#[test]
fn a_piece_that_a_node_made_up_is_not_decrypted() {
    let mut ranked = Ranked::open(30, vec![runoff()], &[&[1, 2]]);
    ranked.cast_all();
    ranked.close();
    let draft = sealed::urn(&ranked.world.state, &ranked.id).unwrap().draft;
    let (place, piece) = ranked.pieces().remove(0);
    let fewer = Piece { ballots: piece.ballots[1..].to_vec(), ..piece.clone() };
    let mut twice = piece.clone();
    twice.ballots.push(piece.ballots[0].clone());
    let garbled = Piece { ballots: vec![vec![255; 64]], ..piece };
    for lie in [encode(&fewer), encode(&twice), encode(&garbled), vec![7], Vec::new()] {
        let desk = sealed::Desk::of(&ranked.world.state, &draft).unwrap();
        let shown = desk.records().map(|(key, value)| (key.to_vec(), value.to_vec()));
        let lied = shown.map(|(key, value)| if key == place { (key, lie.clone()) } else { (key, value) });
        let desk = sealed::Desk::from_records(lied);
        let secret = secret_support::ceremony_secret(2);
        let chain = &ranked.world.chain;
        let of = sealed::Participation { chain, draft: &draft, scope: sealed::TRUSTEES, number: 2, secret: &secret };
        let found = sealed::opening_duties(&desk, of, &ranked.id, &mut urne_ballot::TallyGuard::default());
        assert_eq!(found, Err(urne_ballot::Refusal::OtherUrn));
    }
}

#[test]
fn rankings_share_no_election_with_questions_that_are_added_up() {
    let mut world = World::new();
    let mut definition = world.credential_definition(vec![runoff(), transferable()], credential_rules(&[&[1, 2]]));
    assert!(world.send("admin 1", Payload::DraftElection(definition.clone())).is_ok());
    definition.questions = urne_types::bounded::List::new(vec![runoff(), referendum()]).unwrap();
    let mixed = world.send("admin 1", Payload::DraftElection(support::numbered(definition)));
    assert_eq!(mixed, Err(Rejection::MixedOpening));
}

#[test]
fn rankings_are_never_opened_where_each_credential_has_a_name() {
    let mut world = World::new();
    let named = world.secret_definition(vec![runoff()], rules(4, &[&[1, 2]]));
    assert_eq!(world.send("admin 1", Payload::DraftElection(named)), Err(Rejection::RankingWithPublishedKeys));
    let anonymous = world.credential_definition(vec![runoff()], credential_rules(&[&[1, 2]]));
    assert!(world.send("admin 1", Payload::DraftElection(anonymous)).is_ok());
}

#[test]
fn more_pieces_than_a_list_may_hold_are_refused_when_the_election_is_scheduled() {
    let choices: Vec<String> = (0..43).map(|it| format!("choice {it}")).collect();
    let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
    let method = Method::InstantRunoff { stop: RunoffStop::Majority, lot: LotRule::ListOrder };
    let of = Question { choices: names(&choices), ..question(&["x"], method) };
    let most = PIECES_MAX as usize * (PIECE_CELLS_MAX / 43);
    for (voters, expected) in [(most + 1, Err(Rejection::TooManyCounters)), (most, Ok(()))] {
        let mut world = World::new();
        let names: Vec<String> = (0..voters).map(name).collect();
        let members: Vec<(u16, &str)> = names.iter().map(|it| (1, it.as_str())).collect();
        let census = world.committed_census(&members);
        let mut definition = world.definition(census, vec![of.clone()]);
        definition.secrecy = Secrecy::Sealed(Box::new(credential_rules(&[&[1]])));
        let draft = definition.draft_id();
        world.send("admin 1", Payload::DraftElection(definition)).unwrap();
        assert_eq!(world.act(Act::ScheduleElection { draft }).map(|_| ()), expected, "{voters}");
    }
}
