//! Runoffs, transferable votes and equal shares under statutes with colleges: each college's result is what its members alone
//! would have had, small ones are withheld or merged, and no split or pace changes a byte.
#![allow(clippy::unwrap_used)]
mod support;
use proptest::prelude::*;
use support::{
    World,
    assembly::put,
    college_rules,
    held::{Held, hold_in},
    points, question, ranking,
};
use urne_types::{
    ballot::Answer,
    bounded::List,
    codec::encode,
    election::{ElectionDefinition, Method, Question},
    limits::COUNT_UNITS_PER_BLOCK,
    method::{BudgetBallot, BudgetRule, LotRule, RunoffStop, SharesCompletion},
    statutes::SmallColleges,
};
use urne_vote_contract::{QuestionResult, result::CollegeResult};

const LOT: LotRule = LotRule::ListOrder;

fn asked() -> Vec<Question> {
    let costs = List::new(vec![4, 5, 6]).unwrap();
    let rule = BudgetRule::EqualShares {
        ballot: BudgetBallot::Points { total: 9 },
        completion: SharesCompletion::AddThenGreedy { increment: 1 },
    };
    [
        Method::InstantRunoff { stop: RunoffStop::Majority, lot: LOT },
        Method::ScottishStv { seats: 2, lot: LOT },
        Method::Budget { budget: 10, costs, rule },
    ]
    .into_iter()
    .map(|it| question(&["x", "y", "z"], it))
    .collect()
}
/// Who votes in which college, and what.
type Cast = Vec<(u16, Vec<Answer>)>;

/// Under statutes of three colleges, each with one more member than vote in it.
fn held(cast: &Cast, floor: u32, small: SmallColleges, per_block: usize, units: u64) -> Held {
    let mut world = World::new();
    put(&mut world, |it| {
        let mut rules = college_rules(&[4_000, 3_000, 3_000]);
        (rules.small_floor, rules.small_colleges) = (floor, small);
        it.colleges = Some(rules);
    });
    hold(world, cast, per_block, units, |it| it.statutes = support::under(1))
}
fn hold(world: World, cast: &Cast, per_block: usize, units: u64, edit: impl FnOnce(&mut ElectionDefinition)) -> Held {
    let names: Vec<String> = (0..cast.len()).map(|it| format!("m{it}")).collect();
    let cast: Vec<(&str, u16, Vec<Answer>)> =
        names.iter().zip(cast).map(|(who, (of, answers))| (who.as_str(), *of, answers.clone())).collect();
    let at_home = [(1, "a"), (2, "b"), (3, "c")];
    let census: Vec<(u16, &str)> = cast.iter().map(|(who, of, _)| (*of, *who)).chain(at_home).collect();
    let edit = |it: &mut ElectionDefinition| {
        it.questions = List::new(asked()).unwrap();
        edit(it);
    };
    hold_in(world, &census, edit, &cast, per_block, units)
}
/// One question's result for all, and by college.
fn parts(held: &Held, at: usize) -> (QuestionResult, Vec<CollegeResult>) {
    match held.world.result(held.id).questions.remove(at) {
        QuestionResult::ByCollege { global, colleges } => (*global, colleges),
        other => panic!("by college: {other:?}"),
    }
}
/// The results of the same ballots in an election of their own, without statutes.
fn alone(cast: &Cast, colleges: &[u16]) -> Vec<QuestionResult> {
    let some = cast.iter().filter(|(of, _)| colleges.contains(of)).cloned().collect();
    let held = hold(World::new(), &some, usize::MAX, COUNT_UNITS_PER_BLOCK, |_| {});
    held.world.result(held.id).questions
}

fn order() -> impl Strategy<Value = Answer> {
    (Just(vec![0_u16, 1, 2]).prop_shuffle(), 0..4_usize).prop_map(|(order, length)| {
        let ranks: Vec<&[u16]> = order[..length.min(3)].chunks(1).collect();
        if ranks.is_empty() { Answer::Blank } else { ranking(&ranks) }
    })
}
fn cast() -> impl Strategy<Value = Cast> {
    let given = (0..4_u32, 0..4_u32, 0..2_u32).prop_map(|(a, b, c)| points(&[a + 1, b, c]));
    let ballot = (1..4_u16, order(), order(), given).prop_map(|(of, a, b, c)| (of, vec![a, b, c]));
    proptest::collection::vec(ballot, 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn each_college_has_the_result_that_its_members_alone_would_have(cast in cast()) {
        let held = held(&cast, 0, SmallColleges::Withheld, usize::MAX, COUNT_UNITS_PER_BLOCK);
        for at in 0..3 {
            let (global, colleges) = parts(&held, at);
            prop_assert_eq!(global, alone(&cast, &[1, 2, 3]).remove(at));
            for (of, college) in (1..).zip(colleges) {
                prop_assert_eq!(*college.answer.unwrap(), alone(&cast, &[of]).remove(at));
            }
        }
    }
    #[test]
    fn no_split_into_blocks_and_no_pace_of_counting_changes_a_byte_of_any_college(
        cast in cast(),
        per_block in 1..9_usize,
        units in 20_000..90_000_u64,
        floor in 0..4_u32,
    ) {
        let at_once = held(&cast, floor, SmallColleges::Merged, usize::MAX, COUNT_UNITS_PER_BLOCK);
        let slowly = held(&cast, floor, SmallColleges::Merged, per_block, units);
        prop_assert!(at_once.blocks <= slowly.blocks);
        let bytes = |held: &Held| encode(&held.world.result(held.id));
        prop_assert_eq!(bytes(&at_once), bytes(&slowly));
        let left = slowly.world.state.index.keys().filter(|it| matches!(it[0], 3..=10)).count();
        prop_assert_eq!(left, 0, "a count leaves nothing behind");
    }
}

/// Four in college 1, one in college 2, two in college 3.
fn small() -> Cast {
    let (x, y, z) = (ranking(&[&[0], &[1]]), ranking(&[&[1]]), ranking(&[&[2], &[1]]));
    let given = points(&[1, 2, 3]);
    let papers = [(1, &x), (1, &x), (1, &x), (1, &z), (2, &y), (3, &z), (3, &y)];
    papers.into_iter().map(|(of, it)| (of, vec![it.clone(), it.clone(), given.clone()])).collect()
}

#[test]
fn a_runoff_counted_by_hand_is_won_by_one_for_all_and_by_others_in_colleges() {
    // x 3, y 2, z 2: no majority of seven; of the equals y leaves, the first in the list, and its papers name nobody else.
    let held = held(&small(), 0, SmallColleges::Withheld, 3, 30_000);
    let (global, colleges) = parts(&held, 0);
    let winners = |of: &QuestionResult| match of {
        QuestionResult::InstantRunoff { winners, rounds, .. } => (winners.clone(), rounds.len()),
        other => panic!("a runoff: {other:?}"),
    };
    assert_eq!(winners(&global), (vec![0], 2), "x has three of the five papers that are left");
    let of_colleges: Vec<_> = colleges.iter().map(|it| winners(it.answer.as_ref().unwrap())).collect();
    // Three of four for x; the only one for y; nobody for x, who leaves, then one for each of y and z, of whom y leaves.
    assert_eq!(of_colleges, [(vec![0], 1), (vec![1], 1), (vec![2], 3)]);
}

#[test]
fn colleges_in_which_few_voted_are_withheld_or_counted_together() {
    let of = |small_colleges| parts(&held(&small(), 3, small_colleges, 2, 40_000), 1).1;
    let withheld = of(SmallColleges::Withheld);
    assert_eq!(
        withheld.iter().map(|it| (it.colleges.len(), it.answer.is_some())).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
    let merged = of(SmallColleges::Merged);
    assert_eq!(merged[1].voted.get(), 3);
    assert_eq!(**merged[1].answer.as_ref().unwrap(), alone(&small(), &[2, 3]).remove(1));
    assert_eq!(merged[0], withheld[0]);
}

#[test]
fn a_college_in_which_nobody_votes_has_an_empty_count_of_its_own() {
    let cast: Cast = small().into_iter().filter(|(of, _)| *of != 2).collect();
    let held = held(&cast, 0, SmallColleges::Withheld, 9, COUNT_UNITS_PER_BLOCK);
    for at in 0..3 {
        let (_, colleges) = parts(&held, at);
        assert_eq!(**colleges[1].answer.as_ref().unwrap(), alone(&cast, &[2]).remove(at));
    }
}
