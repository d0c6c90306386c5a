//! What holds for any ballots: the count is the naive count, however the ballots are laid into blocks; the same blocks give
//! the same changes; a refused transaction writes nothing (every block of the test world checks that too).
#![allow(clippy::unwrap_used)]
mod support;
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{HOUR, START, World, approvals, grades, judgment, question, referendum};
use urne_types::{
    ballot::Answer,
    bounded::List,
    election::{Method, NullPolicy, Question, RevotePolicy},
    transaction::VerifiedTx,
};
use urne_vote_contract::{Count, QuestionResult};

const MEMBERS: [(u16, &str); 6] = [(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "d"), (3, "e")];

fn questions() -> Vec<Question> {
    vec![
        referendum(),
        question(&["x", "y", "z"], Method::Plurality),
        question(&["x", "y", "z"], Method::Approval),
        judgment(&["x", "y"], NullPolicy::Median),
    ]
}

/// One attempt to vote: which member, which sequence, which answers; some are refused.
#[derive(Clone, Debug)]
struct Attempt {
    member: usize,
    sequence: u32,
    answers: Vec<Answer>,
}
fn attempt() -> impl Strategy<Value = Attempt> {
    let blank_or = |of: BoxedStrategy<Answer>| prop_oneof![1 => Just(Answer::Blank), 4 => of];
    let one = |choices: u16| blank_or((0..choices + 1).prop_map(Answer::Choice).boxed());
    let any = blank_or(proptest::collection::vec(0..3_u16, 0..3).prop_map(|it| approvals(&it)).boxed());
    let graded =
        blank_or(proptest::collection::vec(proptest::option::of(0..3_u8), 2).prop_map(|it| grades(&it)).boxed());
    (0..MEMBERS.len(), 0..6_u32, one(2), one(3), any, graded).prop_map(|(member, sequence, a, b, c, d)| Attempt {
        member,
        sequence,
        answers: vec![a, b, c, d],
    })
}
fn open_world(revote: RevotePolicy) -> (World, urne_types::ElectionId) {
    let mut world = World::new();
    let census = world.census(&MEMBERS);
    let mut definition = world.definition(census, questions());
    definition.revote = revote;
    let id = world.schedule(definition);
    world.empty(START + HOUR);
    (world, id)
}
fn sign(world: &World, id: urne_types::ElectionId, attempts: &[Attempt]) -> Vec<VerifiedTx> {
    let ballot = |it: &Attempt| {
        let (college, name) = MEMBERS[it.member];
        world.ballot(name, id, college, it.sequence, &it.answers)
    };
    attempts.iter().map(ballot).collect()
}
fn run(world: &mut World, blocks: &[&[VerifiedTx]]) -> Vec<Option<u16>> {
    let mut codes = Vec::new();
    for block in blocks {
        let outcomes = world.block(world.now + 1, block);
        codes.extend(outcomes.into_iter().map(|it| it.err().map(|it| it.code())));
    }
    world.empty(START + 2 * HOUR);
    codes
}
fn policy() -> impl Strategy<Value = RevotePolicy> {
    prop_oneof![Just(RevotePolicy::LastCounts), Just(RevotePolicy::Forbidden)]
}

/// The count as a child would do it: walk through the accepted ballots, keep one a member, make strokes on paper.
fn naive(attempts: &[Attempt], codes: &[Option<u16>]) -> (u64, Vec<BTreeMap<String, u64>>) {
    let mut kept: BTreeMap<usize, &Attempt> = BTreeMap::new();
    for (attempt, code) in attempts.iter().zip(codes) {
        if code.is_none() {
            kept.insert(attempt.member, attempt);
        }
    }
    let mut strokes = vec![BTreeMap::new(); 4];
    for attempt in kept.values() {
        for (paper, answer) in strokes.iter_mut().zip(&attempt.answers) {
            let marks: Vec<String> = match answer {
                Answer::Blank => vec!["blank".into()],
                Answer::Choice(it) => vec![it.to_string()],
                Answer::Approvals(them) => them.iter().map(u16::to_string).collect(),
                Answer::Grades(them) => {
                    (0..).zip(them).filter_map(|(at, it): (u16, _)| it.map(|grade| format!("{at}:{grade}"))).collect()
                }
                other => unreachable!("{other:?} answers none of these questions"),
            };
            marks.into_iter().for_each(|mark| *paper.entry(mark).or_insert(0) += 1);
        }
    }
    (kept.len() as u64, strokes)
}
fn strokes_of(result: &QuestionResult) -> BTreeMap<String, u64> {
    let indexed = |of: &[Count]| (0..).zip(of).map(|(at, n): (u16, _)| (at.to_string(), n.get())).collect::<Vec<_>>();
    let mut marks = match result {
        QuestionResult::Referendum { favour, against, .. } => indexed(&[*favour, *against]),
        QuestionResult::Plurality { votes, .. } => indexed(votes),
        QuestionResult::Approval { approvals, .. } => indexed(approvals),
        QuestionResult::MajorityJudgment { grades, .. } => (0..)
            .zip(grades)
            .flat_map(|(at, row): (u16, _)| {
                indexed(row).into_iter().map(move |(grade, n)| (format!("{at}:{grade}"), n))
            })
            .collect(),
        other => unreachable!("{other:?} is none of these questions"),
    };
    let (QuestionResult::Referendum { blank, .. }
    | QuestionResult::Plurality { blank, .. }
    | QuestionResult::Approval { blank, .. }
    | QuestionResult::MajorityJudgment { blank, .. }) = result
    else {
        unreachable!("none of these questions")
    };
    marks.push(("blank".into(), blank.get()));
    marks.into_iter().filter(|it| it.1 != 0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_tally_is_the_naive_count_and_the_recount(attempts in proptest::collection::vec(attempt(), 0..24), revote in policy()) {
        let (mut world, id) = open_world(revote);
        let txs = sign(&world, id, &attempts);
        let codes = run(&mut world, &[&txs]);
        let (voted, strokes) = naive(&attempts, &codes);
        let result = world.result(id);
        prop_assert_eq!(result.turnout.voted.get(), voted);
        for (question, strokes) in result.questions.iter().zip(strokes) {
            prop_assert_eq!(strokes_of(question), strokes);
        }
        prop_assert_eq!(world.recount(id), result);
    }

    #[test]
    fn where_the_blocks_are_cut_changes_nothing(
        attempts in proptest::collection::vec(attempt(), 1..16),
        cut in any::<proptest::sample::Index>(),
        revote in policy(),
    ) {
        let (mut whole, id) = open_world(revote);
        let mut split = whole.clone();
        let txs = sign(&whole, id, &attempts);
        let (before, after) = txs.split_at(cut.index(txs.len()));
        let one = run(&mut whole, &[&txs]);
        let two = run(&mut split, &[before, after]);
        prop_assert_eq!(one, two);
        prop_assert_eq!(whole.result(id), split.result(id));
        prop_assert_eq!(whole.leaves, split.leaves);
        prop_assert_eq!(whole.state.index, split.state.index);
    }

    #[test]
    fn the_order_of_members_changes_nothing_of_the_result(
        attempts in proptest::collection::vec(attempt(), 1..16),
        revote in policy(),
    ) {
        let (mut one, id) = open_world(revote);
        let mut other = one.clone();
        let mut by_member = attempts.clone();
        by_member.sort_by_key(|it| it.member); // stable: each member's own ballots keep their order
        let (txs, sorted) = (sign(&one, id, &attempts), sign(&one, id, &by_member));
        run(&mut one, &[&txs]);
        run(&mut other, &[&sorted]);
        prop_assert_eq!(one.result(id), other.result(id));
    }

    #[test]
    fn the_same_blocks_give_the_same_changes(attempts in proptest::collection::vec(attempt(), 0..12), revote in policy()) {
        let digests = || {
            let (mut world, id) = open_world(revote);
            let txs = sign(&world, id, &attempts);
            run(&mut world, &[&txs]);
            (world.digests, world.state)
        };
        prop_assert_eq!(digests(), digests());
    }
}

#[test]
fn a_recount_of_a_list_with_ballots_that_cannot_be_ignores_them() {
    let (mut world, id) = open_world(RevotePolicy::LastCounts);
    let good = Attempt {
        member: 0,
        sequence: 1,
        answers: vec![Answer::Choice(0), Answer::Blank, Answer::Blank, Answer::Blank],
    };
    let txs = sign(&world, id, std::slice::from_ref(&good));
    run(&mut world, &[&txs]);
    let result = world.result(id);
    let (_, entry, _, _) = world.ballots[0].clone();
    let absurd = urne_types::ballot::BallotBody::Open(List::new(vec![Answer::Choice(9)]).unwrap());
    world.ballots.push((id, entry, 2, absurd));
    assert_eq!(world.recount(id), result);
}
