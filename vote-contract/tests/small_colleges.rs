//! Colleges in which few voted: what is shown of them, what is not, and what an attacker who solves for them finds.
#![allow(clippy::unwrap_used)]
mod support;
use num_rational::Ratio as Fraction;
use support::{
    World,
    assembly::{assemble, only, put, said},
    college_rules, grades, judgment,
};
use urne_types::{
    ballot::Answer,
    bounded::List,
    election::NullPolicy,
    statutes::{SilentCollege, SmallColleges},
};
use urne_vote_contract::{
    QuestionResult,
    result::{CollegeResult, Verdict},
};

const WEIGHTS: [u16; 4] = [4_000, 1_000, 2_000, 3_000];

fn world(floor: u32, small: SmallColleges) -> World {
    let mut world = World::new();
    put(&mut world, |it| {
        let mut rules = college_rules(&WEIGHTS);
        (rules.small_floor, rules.small_colleges) = (floor, small);
        it.colleges = Some(rules);
    });
    world
}
/// For and against in each college: the hidden ones are 2 and 3, with two and three voters.
fn resolved(floor: u32, small: SmallColleges, hidden: [(usize, usize); 2]) -> (QuestionResult, Vec<CollegeResult>) {
    let mut world = world(floor, small);
    let [two, three] = hidden.map(|(favour, against)| said(favour, against, 0));
    let id = assemble(&mut world, &[6; 4], &[said(4, 1, 0), two, three, said(2, 2, 0)], |_| {});
    let QuestionResult::ByCollege { global, colleges } = only(&world, id) else { panic!("by college") };
    (*global, colleges)
}

#[test]
fn a_hidden_college_cannot_be_solved_for_from_what_is_published() {
    // Three of the five hidden voters are for. All three ways give the same verdict, and now the same publication.
    let ways = [(0, 3), (1, 2), (2, 1)].map(|(a, b)| [(a, 2 - a), (b, 3 - b)]);
    for small in [SmallColleges::Withheld, SmallColleges::Merged] {
        let published = ways.map(|hidden| resolved(3, small, hidden));
        assert!(published.iter().all(|it| *it == published[0]), "{small:?}");
        let QuestionResult::Resolution { favour, verdict, ratio, weights, .. } = &published[0].0 else { panic!() };
        assert_eq!((favour.get(), verdict), (9, &Verdict::Adopted), "heads and the verdict are shown");
        assert_eq!((ratio, weights), (&None, &None));
    }
}

#[test]
fn with_exact_weights_the_same_publication_has_one_solution() {
    // The mirror: without a floor, the weights alone tell the three ways apart.
    let ways = [(0, 3), (1, 2), (2, 1)].map(|(a, b)| [(a, 2 - a), (b, 3 - b)]);
    let weights = ways.map(|hidden| match resolved(0, SmallColleges::Withheld, hidden).0 {
        QuestionResult::Resolution { weights, .. } => weights.unwrap().favour.0,
        other => panic!("{other:?}"),
    });
    let known = Fraction::new(4_u32, 10) * Fraction::new(4, 5) + Fraction::new(3, 10) * Fraction::new(1, 2);
    let expected = [(0_u32, 3_u32), (1, 2), (2, 1)].map(|(a, b)| {
        let all = known + Fraction::new(a, 2) / 10 + Fraction::new(b, 3) / 5;
        format!("{}/{}", all.numer(), all.denom())
    });
    assert_eq!(weights, expected);
    assert_eq!(weights[1], "49/75", "1 of 2 and 2 of 3, and nothing else");
}

#[test]
fn a_judgment_withholds_its_profiles_with_its_hidden_colleges_and_keeps_who_won() {
    let judged = |floor| {
        let mut world = world(floor, SmallColleges::Withheld);
        let all = |n: usize, x, y| vec![grades(&[Some(x), Some(y)]); n];
        let ballots: Vec<Vec<Answer>> = vec![all(5, 2, 0), all(2, 0, 2), all(3, 1, 1), all(4, 2, 1)];
        let id = assemble(&mut world, &[6; 4], &ballots, |it| {
            it.questions = List::new(vec![judgment(&["x", "y"], NullPolicy::Worst)]).unwrap();
        });
        let QuestionResult::ByCollege { global, colleges } = only(&world, id) else { panic!("by college") };
        let QuestionResult::WeightedJudgment { profiles, ranks, winners, medians } = *global else { panic!() };
        assert_eq!((ranks, winners), (vec![1, 2], vec![0]));
        (profiles.len(), medians.len(), colleges.iter().filter(|it| it.answer.is_none()).count())
    };
    assert_eq!(judged(0), (2, 2, 0));
    assert_eq!(judged(3), (0, 0, 1));
}

// ---- Silent colleges ----

#[test]
fn a_silent_colleges_weight_is_kept_as_no_opinion_or_left_to_the_others_in_a_judgment_too() {
    let judged = |silent, nulls, blank: bool| {
        let mut world = World::new();
        put(&mut world, |it| {
            let mut rules = college_rules(&[1_000, 4_500, 4_500]);
            rules.silent_college = silent;
            it.colleges = Some(rules);
        });
        let spoken = vec![grades(&[Some(2), Some(0)])];
        let silent = if blank { vec![Answer::Blank] } else { Vec::new() };
        // Nobody of college 3 is even in the census.
        let id = assemble(&mut world, &[1, 1], &[spoken, silent], |it| {
            it.questions = List::new(vec![judgment(&["x", "y"], nulls)]).unwrap();
        });
        match only(&world, id).global() {
            QuestionResult::WeightedJudgment { profiles, .. } => profiles[0].join(" "),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(judged(SilentCollege::Kept, NullPolicy::Worst, false), "9 0 1", "no opinion is the worst grade");
    assert_eq!(judged(SilentCollege::Redistributed, NullPolicy::Worst, false), "0 0 1");
    assert_eq!(judged(SilentCollege::Kept, NullPolicy::Drop, false), "0 0 1", "no opinion is dropped");
    // Who casts a blank ballot has voted: her college is not silent.
    assert_eq!(judged(SilentCollege::Redistributed, NullPolicy::Worst, true), "9 0 2");
}

#[test]
fn a_judgment_in_which_nobody_votes_elects_nobody_whatever_silence_is() {
    for silent in [SilentCollege::Kept, SilentCollege::Redistributed] {
        let mut world = World::new();
        put(&mut world, |it| {
            let mut rules = college_rules(&[5_000, 5_000]);
            rules.silent_college = silent;
            it.colleges = Some(rules);
        });
        let id = assemble(&mut world, &[1, 1], &[], |it| {
            it.questions = List::new(vec![judgment(&["x", "y"], NullPolicy::Worst)]).unwrap();
        });
        match only(&world, id).global() {
            QuestionResult::WeightedJudgment { winners, .. } => assert!(winners.is_empty()),
            other => panic!("{other:?}"),
        }
    }
}
