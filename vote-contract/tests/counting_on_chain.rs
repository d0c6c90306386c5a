//! Draws, lots and long counts on the chain: each waits for its block, and no order of ballots, no split into blocks and no
//! pace of counting changes a byte.
#![allow(clippy::unwrap_used)]
mod support;
use proptest::prelude::*;
use support::{
    AGAINST, FOR, HOUR, START, World, approvals, entry, grades,
    held::{Held, asked, hold, hold_in},
    points, question, ranking, resolution, text,
};
use urne_types::{
    ballot::Answer,
    bounded::List,
    codec::encode,
    election::{ElectionDefinition, Method, NullPolicy, Question},
    method::{
        BudgetBallot, BudgetRule, CondorcetRule, Greedy, LastSeats, LotRule, RunoffStop, SharesCompletion, Unranked,
    },
};
use urne_vote_contract::{self as contract, Count, QuestionResult, records::ElectionState};

// ---- Judgments of drawn choices ----

#[test]
fn each_member_judges_the_choices_drawn_for_her_from_the_block_before_the_opening() {
    let grades_of = support::names(&["à rejeter", "passable", "bien"]);
    let names: Vec<String> = (0..12).map(|it| format!("c{it}")).collect();
    let method = Method::DrawnJudgment { grades: grades_of, nulls: NullPolicy::Drop, judged: 5 };
    let mut world = World::new();
    let members: Vec<String> = (0..40).map(|it| format!("m{it}")).collect();
    let census = world.census(&members.iter().map(|it| (1, it.as_str())).collect::<Vec<_>>());
    let definition = world.definition(census, vec![asked(&names, method)]);
    let id = world.schedule(definition);
    assert_eq!(contract::drawn(&world.state, &id, &entry(1, "m0")), [Vec::<u16>::new()], "unknown before the opening");
    world.empty(START + HOUR);
    let seed = contract::count_basis(&world.state, &id).draw_seed.unwrap();
    assert_eq!((seed.height.get(), seed.block), (world.height - 1, world.context().previous));
    let mut judged = vec![0_u32; 12];
    for (n, who) in members.iter().enumerate() {
        let drawn = contract::drawn(&world.state, &id, &entry(1, who)).remove(0);
        assert_eq!(drawn.len(), 5);
        let mut given = vec![None; 12];
        for choice in drawn {
            given[usize::from(choice)] = Some(u8::try_from((n + usize::from(choice)) % 3).unwrap());
            judged[usize::from(choice)] += 1;
        }
        world.cast(who, id, 1, 1, &[grades(&given)]).unwrap();
    }
    assert!(judged.iter().all(|it| 5 < *it), "the draw spreads: {judged:?}");
    world.empty(START + 2 * HOUR);
    world.count_through();
    assert_eq!(world.recount(id), world.result(id));
    let QuestionResult::MajorityJudgment { no_opinion, .. } = &world.result(id).questions[0] else { panic!() };
    assert_eq!(no_opinion.iter().map(|it| it.get()).sum::<u64>(), 40 * 7);
}

// ---- Lots ----

#[test]
fn as_many_lots_as_a_definition_allows_are_kept_and_read_again() {
    let names: Vec<String> = (0..1_024).map(|it| it.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let last_seats = LastSeats::Drawn(LotRule::ListOrder);
    let seats = 507; // 1,024 x 507 names of two bytes, and the counters of 1,024 choices
    let method = Method::KOfN { least_marks: 1, most_marks: 1_024, seats, least_votes: 0, last_seats };
    let everyone = approvals(&(0..1_024).collect::<Vec<u16>>());
    for (ballots, elected) in [(vec![vec![everyone]], 507), (vec![vec![Answer::Blank]], 0), (vec![], 0)] {
        let held = hold(vec![question(&names, method.clone())], &ballots, 1, urne_types::limits::COUNT_UNITS_PER_BLOCK);
        let QuestionResult::KOfN { elected: found, lots, .. } = held.world.result(held.id).questions.remove(0) else {
            panic!("several seats")
        };
        assert_eq!((found.len(), lots.len()), (elected, elected), "an empty urn elects nobody");
    }
}

#[test]
fn a_lot_waits_for_the_block_after_the_close_and_is_its_draw() {
    let method = Method::InstantRunoff { stop: RunoffStop::LastTwo, lot: LotRule::LaterBlock };
    let ballots: Vec<Vec<Answer>> = [0_u16, 1].iter().map(|it| vec![ranking(&[&[*it]])]).collect();
    let held = hold(vec![question(&["x", "y"], method)], &ballots, 10, 1_000_000);
    assert!(1 <= held.blocks, "not in the block of the close");
    let basis = contract::count_basis(&held.world.state, &held.id);
    let life = contract::life(&held.world.state, &held.id).unwrap();
    assert_eq!(basis.lot_seed.unwrap().height, life.closed.unwrap().at.height);
    let QuestionResult::InstantRunoff { winners, lots, .. } = held.world.result(held.id).questions.remove(0) else {
        panic!("a runoff")
    };
    assert_eq!((winners.len(), lots.len()), (1, 1));
    assert_eq!(lots[0].tied, [0, 1]);
    // Another election over the same block draws for itself.
    assert_eq!(winners[0], lots[0].chosen);
}

#[test]
fn elections_that_close_together_draw_from_that_block_however_long_the_one_waits_for_the_other() {
    let method = || Method::InstantRunoff { stop: RunoffStop::LastTwo, lot: LotRule::LaterBlock };
    let mut world = World::new();
    let members: Vec<String> = (0..40).map(|it| format!("m{it}")).collect();
    let census = world.census(&members.iter().map(|it| (1, it.as_str())).collect::<Vec<_>>());
    let two = ["x", "z"].map(|other| {
        let definition = world.definition(census, vec![question(&[other, "y"], method())]);
        world.schedule(definition)
    });
    world.empty(START + HOUR);
    for (n, who) in members.iter().enumerate() {
        two.iter().for_each(|id| drop(world.cast(who, *id, 1, 1, &[ranking(&[&[u16::from(n % 2 == 1)]])]).unwrap()));
    }
    // A few ballots a block: one of them is counted through before the other begins.
    world.count_units = 10_000;
    world.empty(START + 2 * HOUR);
    let closed = world.height;
    assert!(4 < world.count_through(), "several blocks count");
    let tallied = two.map(|id| contract::life(&world.state, &id).unwrap().tallied.unwrap().height.get());
    assert!(closed + 2 < *tallied.iter().max().unwrap(), "one waited: {tallied:?} after {closed}");
    for id in two {
        let life = contract::life(&world.state, &id).unwrap();
        let seed = contract::count_basis(&world.state, &id).lot_seed.unwrap();
        assert_eq!((seed.height, seed.height.get()), (life.closed.unwrap().at.height, closed));
        assert_eq!(world.recount(id), world.result(id));
    }
}

// ---- Long counts ----

fn every_kind() -> Vec<Question> {
    let choices = ["x", "y", "z"];
    let lot = LotRule::ListOrder;
    let budget = |rule| Method::Budget { budget: 10, costs: List::new(vec![4, 5, 6]).unwrap(), rule };
    let ballot = BudgetBallot::Points { total: 9 };
    [
        Method::Plurality,
        Method::Condorcet { rule: CondorcetRule::RankedPairs { lot }, unranked: Unranked::BelowRanked },
        Method::InstantRunoff { stop: RunoffStop::Majority, lot },
        Method::ScottishStv { seats: 2, lot },
        budget(BudgetRule::EqualShares { ballot, completion: SharesCompletion::AddThenGreedy { increment: 1 } }),
        budget(BudgetRule::Greedy { ballot, greedy: Greedy::Skip }),
    ]
    .into_iter()
    .map(|it| question(&choices, it))
    .collect()
}
fn order() -> impl Strategy<Value = Answer> {
    let orders = Just(vec![0_u16, 1, 2]).prop_shuffle();
    (orders, 0..4_usize).prop_map(|(order, length)| {
        let ranks: Vec<&[u16]> = order[..length.min(3)].chunks(1).collect();
        if ranks.is_empty() { Answer::Blank } else { ranking(&ranks) }
    })
}
fn ballot() -> impl Strategy<Value = Vec<Answer>> {
    let given = || (0..4_u32, 0..4_u32, 0..2_u32).prop_map(|(a, b, c)| points(&[a + 1, b, c]));
    (0..3_u16, order(), order(), order(), given(), given())
        .prop_map(|(one, a, b, c, d, e)| vec![Answer::Choice(one), a, b, c, d, e])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_split_into_blocks_and_any_pace_of_counting_gives_the_same_bytes(
        ballots in proptest::collection::vec(ballot(), 1..24),
        per_block in 1..9_usize,
        units in 12_000..80_000_u64,
    ) {
        let at_once = hold(every_kind(), &ballots, usize::MAX, urne_types::limits::COUNT_UNITS_PER_BLOCK);
        let slowly = hold(every_kind(), &ballots, per_block, units);
        prop_assert!(at_once.blocks <= slowly.blocks);
        let bytes = |held: &Held| encode(&held.world.result(held.id));
        prop_assert_eq!(bytes(&at_once), bytes(&slowly));
        let left = slowly.world.state.index.keys().filter(|it| matches!(it[0], 3..=10)).count();
        prop_assert_eq!(left, 0, "a count leaves nothing behind");
    }
    #[test]
    fn the_order_of_ballots_changes_nothing(
        (ballots, shuffled) in proptest::collection::vec(ballot(), 1..16)
            .prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
    ) {
        let result = |ballots: &[Vec<Answer>]| {
            let held = hold(every_kind(), ballots, 7, 60_000);
            held.world.result(held.id).questions
        };
        prop_assert_eq!(result(&ballots), result(&shuffled));
    }
}

#[test]
fn a_ballot_that_asks_for_more_work_than_a_block_has_is_counted_in_a_block_of_its_own() {
    let (first, second) = (vec![1, 0, 2], vec![2, 1, 0]);
    let ballots = [first, second].map(|order| {
        let ranks: Vec<&[u16]> = order.chunks(1).collect();
        let given = points(&[1, 2, 3]);
        vec![Answer::Choice(0), ranking(&ranks), ranking(&ranks), ranking(&ranks), given.clone(), given]
    });
    let held = hold(every_kind(), &ballots, 1, 12_000);
    assert_eq!(held.world.result(held.id).questions.len(), 6);
}

#[test]
fn a_long_count_stops_between_two_questions_and_goes_on_in_a_later_block() {
    // Duels of 40 choices: 7,400 units a ballot of four such questions, 14,408 a decision.
    let names: Vec<String> = (0..40).map(|it| it.to_string()).collect();
    let duels = || Method::Condorcet { rule: CondorcetRule::Schulze, unranked: Unranked::BelowRanked };
    let questions = || (0..4).map(|_| asked(&names, duels())).collect::<Vec<_>>();
    let ballots = [vec![ranking(&[&[7], &[3]]), ranking(&[&[1]]), Answer::Blank, ranking(&[&[39]])]];
    let at_once = hold(questions(), &ballots, 1, urne_types::limits::COUNT_UNITS_PER_BLOCK);
    assert_eq!(at_once.blocks, 0, "in the block of the close");
    // So many units a block; questions decided after the close, and after each block that follows.
    let paces: [(u64, &[u16]); 3] = [(10_000, &[1, 2, 3]), (20_000, &[1, 3]), (7_400, &[0, 1, 2, 3])];
    for (units, progress) in paces {
        let mut world = World::new();
        let census = world.census(&[(1, "m0")]);
        let id = world.schedule(world.definition(census, questions()));
        world.empty(START + HOUR);
        world.cast("m0", id, 1, 1, &ballots[0]).unwrap();
        world.count_units = units;
        world.empty(START + 2 * HOUR);
        for decided in progress {
            let shown = contract::election(&world.state, &id).unwrap();
            assert_eq!(shown.state, ElectionState::Counting, "{units} units: {decided}");
            assert_eq!(shown.counting.unwrap().questions, *decided, "{units} units");
            assert_eq!(contract::result(&world.state, &id), None, "nothing is told of half a count");
            world.empty(world.now + 1);
        }
        assert_eq!(contract::gate(&world.state, &id).unwrap().state, ElectionState::Tallied, "{units} units");
        assert_eq!(encode(&world.result(id).questions), encode(&at_once.world.result(at_once.id).questions));
    }
}

#[test]
fn a_long_count_shows_its_progress_asks_for_blocks_and_can_be_cancelled() {
    use urne_types::governance::Act;
    let ballots: Vec<Vec<Answer>> = (0..30).map(|it| vec![ranking(&[&[it % 3], &[(it + 1) % 3]])]).collect();
    let mut world = World::new();
    let members: Vec<String> = (0..30).map(|it| format!("m{it}")).collect();
    let census = world.census(&members.iter().map(|it| (1, it.as_str())).collect::<Vec<_>>());
    let method = Method::ScottishStv { seats: 1, lot: LotRule::ListOrder };
    let id = world.schedule(world.definition(census, vec![question(&["x", "y", "z"], method)]));
    world.empty(START + HOUR);
    for (who, answers) in members.iter().zip(&ballots) {
        world.cast(who, id, 1, 1, answers).unwrap();
    }
    world.count_units = 50_010; // ten ballots of 5,001 units
    world.empty(START + 2 * HOUR);
    let progress = contract::election(&world.state, &id).unwrap().counting.unwrap();
    assert_eq!((progress.counted, progress.of, progress.questions), (Count(10), Count(30), 0));
    assert!(contract::next_deadline(&world.state).is_some_and(|due| due.get() <= world.now), "a block is due at once");
    assert_eq!(contract::result(&world.state, &id), None);
    assert_eq!(world.cast("m0", id, 1, 2, &ballots[0]), Err(urne_types::Rejection::ElectionClosed));
    world.count_units = 1; // the colleges are quicker than this count
    world.act(Act::CancelElection { election: id, reason: text("vice de forme") }).unwrap();
    world.count_units = 50_000;
    world.count_through();
    assert_eq!(contract::gate(&world.state, &id).unwrap().state, ElectionState::Cancelled);
    assert_eq!(contract::result(&world.state, &id), None);
    assert_eq!(contract::next_deadline(&world.state), None);
    assert_eq!(world.state.index.keys().filter(|it| matches!(it[0], 3..=10)).count(), 0, "nothing is left behind");
}

#[test]
fn a_referendum_by_statutes_and_one_by_its_definition_agree() {
    let mut world = World::new();
    let statutes = Box::new(support::plain_statutes());
    world.act(urne_types::governance::Act::PutStatutes { statutes }).unwrap();
    let census = [(1, "a"), (1, "b"), (1, "c")];
    let ballots =
        [("a", 1, vec![FOR, FOR]), ("b", 1, vec![AGAINST, AGAINST]), ("c", 1, vec![Answer::Abstain, Answer::Blank])];
    let edit = |it: &mut ElectionDefinition| {
        it.questions = List::new(vec![resolution(), support::referendum()]).unwrap();
        it.statutes = support::under(1);
    };
    let held = hold_in(world, &census, edit, &ballots, 10, 1_000_000);
    let result = held.world.result(held.id);
    let QuestionResult::Resolution { favour, against, blank, abstained, absent, verdict, .. } = &result.questions[0]
    else {
        panic!("a resolution")
    };
    assert_eq!([favour, against, blank, abstained, absent].map(|it| it.get()), [1, 1, 0, 1, 0]);
    let QuestionResult::Referendum { verdict: other, .. } = &result.questions[1] else { panic!("a referendum") };
    assert_eq!(verdict, other);
}
