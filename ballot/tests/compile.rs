//! The compiled forms say what the question says: for small questions every assignment of bits is tried, and the cells of
//! those that are accepted are exactly the cells of the valid answers, enumerated here in another way.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "small numbers, and a test stops at the first error"
)]
use std::collections::BTreeSet;
use urne_ballot::*;

type Cells = Vec<i64>;

/// The cells of every assignment that the forms accept.
fn accepted(compiled: &Compiled) -> BTreeSet<Cells> {
    let n = compiled.bits();
    assert!(n <= 20, "{n} bits are too many to enumerate");
    let all = (0_u32..1 << n).map(|word| (0..n).map(|j| (word >> j & 1) as u8).collect::<Vec<u8>>());
    all.filter(|bits| compiled.accepts(bits)).map(|bits| cells(compiled, &bits)).collect()
}
fn cells(compiled: &Compiled, bits: &[u8]) -> Cells {
    compiled.enc_forms().iter().map(|form| form.of_bits(bits)).collect()
}

/// The forms accept the expected cells and no others, and each valid answer is assigned bits with its own cells.
#[track_caller]
fn exactly(question: Question, valid: &[(Answer, Cells)]) {
    let compiled = Compiled::new(&[question]).unwrap();
    let expected: BTreeSet<Cells> = valid.iter().map(|(_, cells)| cells.clone()).collect();
    assert_eq!(accepted(&compiled), expected);
    for (answer, expected) in valid {
        let assignment = compiled.assign(std::slice::from_ref(answer)).unwrap();
        assert!(compiled.accepts(assignment.expose()));
        assert_eq!(cells(&compiled, assignment.expose()), *expected);
    }
}

fn subsets(n: u16) -> Vec<Vec<u16>> {
    (0_u32..1 << n).map(|word| (0..n).filter(|at| word >> at & 1 == 1).collect()).collect()
}
fn indicator(n: u16, chosen: &[u16]) -> Cells {
    (0..n).map(|at| chosen.contains(&at).into()).collect()
}
fn tuples(n: usize, below: u16) -> Vec<Vec<u16>> {
    (0..n).fold(vec![vec![]], |all, _| {
        all.iter().flat_map(|it| (0..below).map(move |next| [it.clone(), vec![next]].concat())).collect()
    })
}
fn orders(n: u16, length: usize) -> Vec<Vec<u16>> {
    tuples(length, n).into_iter().filter(|it| it.iter().collect::<BTreeSet<_>>().len() == length).collect()
}
fn with_blank(blank: Blank, mut valid: Vec<(Answer, Cells)>) -> Vec<(Answer, Cells)> {
    if blank == Blank::Allowed {
        valid.iter_mut().for_each(|(_, cells)| cells.push(0));
        let width = valid[0].1.len();
        let mut cells = vec![0; width];
        cells[width - 1] = 1;
        valid.push((Answer::Blank, cells));
    }
    valid
}
const BOTH: [Blank; 2] = [Blank::Refused, Blank::Allowed];

#[test]
fn one_of_accepts_one_mark_and_no_more() {
    for choices in 2..6 {
        let implicit_last = (0..choices).map(|at| (Answer::One(at), indicator(choices - 1, &[at]))).collect::<Vec<_>>();
        exactly(Question::OneOf { choices, blank: Blank::Refused }, &implicit_last);
        let mut implicit_blank =
            (0..choices).map(|at| (Answer::One(at), indicator(choices, &[at]))).collect::<Vec<_>>();
        implicit_blank.push((Answer::Blank, indicator(choices, &[])));
        exactly(Question::OneOf { choices, blank: Blank::Allowed }, &implicit_blank);
    }
}

#[test]
fn approval_accepts_from_the_fewest_to_the_most_marks() {
    for (choices, at_least, at_most) in
        [(3, 0, 3), (3, 0, 2), (4, 1, 3), (4, 2, 2), (5, 0, 5), (4, 1, 4), (3, 3, 3), (5, 0, 1)]
    {
        for blank in BOTH {
            let marks = subsets(choices);
            let fit = marks.iter().filter(|it| (at_least..=at_most).contains(&(it.len() as u16)));
            let valid = fit.map(|it| (Answer::Chosen(it.clone()), indicator(choices, it))).collect();
            exactly(Question::Approval { choices, at_least, at_most, blank }, &with_blank(blank, valid));
        }
    }
}

#[test]
fn judgment_accepts_one_grade_for_each_choice() {
    for (choices, grades) in [(1, 2), (2, 3), (3, 2), (2, 4)] {
        for blank in BOTH {
            for no_opinion in [NoOpinion::Refused, NoOpinion::Allowed] {
                let cells_of_row = grades + u16::from(no_opinion == NoOpinion::Allowed);
                let valid = tuples(choices, cells_of_row)
                    .into_iter()
                    .map(|row| {
                        let grade = |at: u16| (at < grades).then_some(at);
                        let cells = row.iter().flat_map(|at| indicator(cells_of_row - 1, &[*at])).collect();
                        (Answer::Grades(row.iter().map(|at| grade(*at)).collect()), cells)
                    })
                    .collect();
                let question = Question::Judgment { choices: choices as u16, grades, no_opinion, blank };
                exactly(question, &with_blank(blank, valid));
            }
        }
    }
}

#[test]
fn scores_go_from_zero_to_the_maximum_exactly_and_spend_no_more_than_their_points() {
    for max in 1..12 {
        let valid = tuples(1, max + 1)
            .into_iter()
            .map(|it| (Answer::Scores(it.clone()), vec![it[0].into()]))
            .collect::<Vec<_>>();
        exactly(Question::Score { choices: 1, max, points: None, blank: Blank::Refused }, &valid);
    }
    for (choices, max, points) in [(2, 5, None), (2, 5, Some(6)), (3, 2, Some(4)), (2, 3, Some(1)), (2, 2, Some(9))] {
        for blank in BOTH {
            let all = tuples(choices, max + 1).into_iter();
            let fit = all.filter(|it| points.is_none_or(|points| u32::from(it.iter().sum::<u16>()) <= points));
            let valid =
                fit.map(|it| (Answer::Scores(it.clone()), it.iter().map(|it| i64::from(*it)).collect())).collect();
            exactly(Question::Score { choices: choices as u16, max, points, blank }, &with_blank(blank, valid));
        }
    }
}

#[test]
fn condorcet_accepts_strict_orders_and_no_cycle() {
    for c in 2..4_u16 {
        for blank in BOTH {
            let valid = orders(c, c.into()).into_iter().map(|order| {
                let rank = |a| order.iter().position(|it| *it == a).unwrap();
                let pairs = (0..c).flat_map(|a| (a + 1..c).map(move |b| (a, b)));
                let cells = pairs.map(|(a, b)| (rank(a) < rank(b)).into()).collect();
                (Answer::Ranked(order.clone()), cells)
            });
            exactly(Question::Condorcet { choices: c, blank }, &with_blank(blank, valid.collect()));
        }
    }
    // Four choices: 6 + 9 bits.
    let compiled = Compiled::new(&[Question::Condorcet { choices: 4, blank: Blank::Refused }]).unwrap();
    assert_eq!(accepted(&compiled).len(), 24, "4! orders among 64 tournaments");
}

#[test]
fn a_budget_accepts_what_it_can_pay() {
    for (costs, budget) in [(vec![3, 5, 2], 7), (vec![1, 1, 1], 3), (vec![4, 4], 7), (vec![10, 1, 9], 10)] {
        for blank in BOTH {
            let n = costs.len() as u16;
            let affordable =
                subsets(n).into_iter().filter(|it| it.iter().map(|at| costs[usize::from(*at)]).sum::<u64>() <= budget);
            let valid = affordable.map(|it| (Answer::Chosen(it.clone()), indicator(n, &it))).collect();
            exactly(Question::Budget { costs: costs.clone(), budget, blank }, &with_blank(blank, valid));
        }
    }
}

#[test]
fn a_ranking_has_no_gap_and_no_candidate_twice() {
    for (choices, ranks, at_least) in [(2, 2, 0), (3, 2, 1), (3, 3, 0), (3, 3, 3), (4, 2, 2), (4, 3, 1)] {
        let mut valid = Vec::new();
        for length in usize::from(at_least)..=usize::from(ranks) {
            for order in orders(choices, length) {
                let mut cells: Cells = order.iter().map(|it| i64::from(*it) + 1).collect();
                cells.resize(ranks.into(), 0);
                valid.push((if length == 0 { Answer::Blank } else { Answer::Ranked(order) }, cells));
            }
        }
        exactly(Question::Ranking { choices, ranks, at_least }, &valid);
    }
}

#[test]
fn questions_of_one_election_do_not_mix_their_bits() {
    let first = Question::OneOf { choices: 3, blank: Blank::Refused };
    let second = Question::Approval { choices: 3, at_least: 1, at_most: 2, blank: Blank::Allowed };
    let alone = |question: &Question| accepted(&Compiled::new(std::slice::from_ref(question)).unwrap());
    let both = accepted(&Compiled::new(&[first.clone(), second.clone()]).unwrap());
    let product: BTreeSet<Cells> =
        alone(&first).iter().flat_map(|a| alone(&second).into_iter().map(|b| [a.clone(), b].concat())).collect();
    assert_eq!(both, product);
}

#[test]
fn wrong_answers_are_refused_before_anything_is_sealed() {
    let blank = Blank::Refused;
    let cases = [
        (Question::OneOf { choices: 3, blank }, vec![Answer::One(3), Answer::Blank, Answer::Chosen(vec![0])]),
        (
            Question::Approval { choices: 3, at_least: 0, at_most: 1, blank },
            vec![Answer::Chosen(vec![0, 1]), Answer::Chosen(vec![3]), Answer::Blank],
        ),
        (
            Question::Approval { choices: 3, at_least: 0, at_most: 3, blank },
            vec![Answer::Chosen(vec![1, 0]), Answer::Chosen(vec![1, 1])],
        ),
        (
            Question::Judgment { choices: 2, grades: 3, no_opinion: NoOpinion::Refused, blank },
            vec![
                Answer::Grades(vec![Some(3), Some(0)]),
                Answer::Grades(vec![None, Some(0)]),
                Answer::Grades(vec![Some(0)]),
                Answer::Blank,
            ],
        ),
        (
            Question::Score { choices: 2, max: 5, points: Some(6), blank },
            vec![Answer::Scores(vec![6, 0]), Answer::Scores(vec![5, 2]), Answer::Scores(vec![1]), Answer::Blank],
        ),
        (
            Question::Condorcet { choices: 3, blank },
            vec![
                Answer::Ranked(vec![0, 1]),
                Answer::Ranked(vec![0, 1, 1]),
                Answer::Ranked(vec![0, 1, 3]),
                Answer::Blank,
            ],
        ),
        (
            Question::Budget { costs: vec![3, 5], budget: 7, blank },
            vec![Answer::Chosen(vec![0, 1]), Answer::Chosen(vec![2]), Answer::Blank],
        ),
        (
            Question::Ranking { choices: 3, ranks: 2, at_least: 1 },
            vec![Answer::Ranked(vec![0, 1, 2]), Answer::Ranked(vec![1, 1]), Answer::Ranked(vec![]), Answer::Blank],
        ),
    ];
    for (question, answers) in cases {
        let compiled = Compiled::new(std::slice::from_ref(&question)).unwrap();
        for answer in answers {
            let refused = compiled.assign(&[answer]).map(|_| ());
            assert_eq!(refused, Err(Refusal::WrongAnswers), "{question:?}");
        }
        assert_eq!(compiled.assign(&[]).map(|_| ()), Err(Refusal::WrongAnswers), "one answer for each question");
    }
}

#[test]
fn questions_that_cannot_be_counted_safely_are_refused() {
    let blank = Blank::Refused;
    let refused = |question: Question| Compiled::new(&[question]).unwrap_err();
    assert_eq!(Compiled::new(&[]).unwrap_err(), Refusal::NoSealedQuestion);
    for bad in [
        Question::OneOf { choices: 1, blank },
        Question::OneOf { choices: 0, blank: Blank::Allowed },
        Question::Approval { choices: 3, at_least: 0, at_most: 0, blank },
        Question::Approval { choices: 3, at_least: 2, at_most: 1, blank },
        Question::Approval { choices: 3, at_least: 0, at_most: 4, blank },
        Question::Judgment { choices: 2, grades: 1, no_opinion: NoOpinion::Allowed, blank },
        Question::Score { choices: 2, max: 0, points: None, blank },
        Question::Score { choices: 2, max: 3, points: Some(0), blank },
        Question::Condorcet { choices: 1, blank },
        Question::Budget { costs: vec![], budget: 3, blank },
        Question::Budget { costs: vec![0], budget: 3, blank },
        Question::Budget { costs: vec![4], budget: 3, blank },
        Question::Ranking { choices: 3, ranks: 4, at_least: 0 },
        Question::Ranking { choices: 3, ranks: 2, at_least: 3 },
    ] {
        assert_eq!(refused(bad.clone()), Refusal::BadQuestion, "{bad:?}");
    }
    let score = |max| Question::Score { choices: 1, max, points: None, blank };
    assert!(Compiled::new(&[score(4_096)]).is_ok());
    assert_eq!(refused(score(4_097)), Refusal::CellTooLarge);
    // Wrap-around: coefficients of 2^62 or more together.
    let most = (1_u64 << 61) - 1;
    assert!(Compiled::new(&[Question::Budget { costs: vec![1], budget: most, blank }]).is_ok());
    assert_eq!(refused(Question::Budget { costs: vec![1, 1], budget: 1 << 61, blank }), Refusal::FormTooLarge);
    assert_eq!(
        refused(Question::Budget { costs: vec![1 << 61, 1 << 61], budget: 1 << 61, blank }),
        Refusal::FormTooLarge
    );
    assert_eq!(refused(Question::Budget { costs: vec![1], budget: u64::MAX, blank }), Refusal::FormTooLarge);
    assert_eq!(refused(Question::Condorcet { choices: u16::MAX, blank }), Refusal::TooManyCells);
    assert_eq!(refused(Question::OneOf { choices: 1_000, blank }), Refusal::TooManyCells);
    assert!(Compiled::new(&[Question::OneOf { choices: 900, blank }]).is_ok());
    let mixed = [Question::OneOf { choices: 2, blank }, Question::Ranking { choices: 2, ranks: 2, at_least: 0 }];
    assert_eq!(Compiled::new(&mixed).unwrap_err(), Refusal::MixedOpening);
}

#[test]
fn ranked_ballots_are_never_opened_under_published_keys() {
    let ranked = Compiled::new(&[Question::Ranking { choices: 3, ranks: 3, at_least: 0 }]).unwrap();
    assert_eq!(ranked.admit(CensusMode::PublishedKeys), Err(Refusal::RankingWithPublishedKeys));
    assert_eq!(ranked.admit(CensusMode::BlindCredentials), Ok(()));
    let additive = Compiled::new(&[Question::OneOf { choices: 3, blank: Blank::Refused }]).unwrap();
    assert_eq!(additive.admit(CensusMode::PublishedKeys), Ok(()));
}

#[test]
fn totals_are_read_back_with_their_implicit_cells() {
    let blank = Blank::Allowed;
    let tally =
        |question: Question, totals: &[u64], ballots| Compiled::new(&[question]).unwrap().tally(totals, ballots);
    let marks = |by_choice: &[u64], blank| Ok(vec![QuestionTally::Marks { by_choice: by_choice.to_vec(), blank }]);
    assert_eq!(tally(Question::OneOf { choices: 3, blank: Blank::Refused }, &[2, 3], 10), marks(&[2, 3, 5], 0));
    assert_eq!(tally(Question::OneOf { choices: 3, blank }, &[2, 3, 1], 10), marks(&[2, 3, 1], 4));
    let approval = Question::Approval { choices: 2, at_least: 0, at_most: 2, blank };
    assert_eq!(tally(approval, &[7, 3, 1], 10), marks(&[7, 3], 1));
    let judgment = Question::Judgment { choices: 2, grades: 3, no_opinion: NoOpinion::Allowed, blank };
    let grades =
        QuestionTally::Grades { by_choice: vec![vec![1, 2, 3], vec![0, 0, 0]], no_opinion: vec![3, 9], blank: 1 };
    assert_eq!(tally(judgment, &[1, 2, 3, 0, 0, 0, 1], 10), Ok(vec![grades]));
    let pairs = QuestionTally::Pairwise { wins: vec![vec![0, 4, 5], vec![5, 0, 9], vec![4, 0, 0]], blank: 1 };
    assert_eq!(tally(Question::Condorcet { choices: 3, blank }, &[4, 5, 9, 1], 10), Ok(vec![pairs]));
    // More marks than ballots: somebody lied about the totals.
    let impossible = tally(Question::OneOf { choices: 3, blank }, &[9, 3, 1], 10);
    assert_eq!(impossible, Err(Refusal::TotalsMismatch));
    assert_eq!(tally(Question::OneOf { choices: 3, blank }, &[9], 10), Err(Refusal::TotalsMismatch));
    let ranked = Compiled::new(&[Question::Ranking { choices: 3, ranks: 3, at_least: 0 }]).unwrap();
    assert_eq!(ranked.rankings(&[3, 1, 0]), Ok(vec![Answer::Ranked(vec![2, 0])]));
    assert_eq!(ranked.rankings(&[0, 0, 0]), Ok(vec![Answer::Blank]));
    assert_eq!(ranked.tally(&[0, 0, 0], 1), Err(Refusal::TotalsMismatch));
}

#[test]
fn the_digest_changes_with_every_detail_of_a_question() {
    let digests: BTreeSet<[u8; 32]> = [
        vec![Question::OneOf { choices: 2, blank: Blank::Allowed }],
        vec![Question::OneOf { choices: 3, blank: Blank::Refused }],
        vec![Question::OneOf { choices: 3, blank: Blank::Refused }; 2],
        vec![Question::Approval { choices: 2, at_least: 0, at_most: 2, blank: Blank::Refused }],
        vec![Question::Budget { costs: vec![1, 1], budget: 2, blank: Blank::Refused }],
        vec![Question::Budget { costs: vec![1, 2], budget: 2, blank: Blank::Refused }],
    ]
    .iter()
    .map(|it| *Compiled::new(it).unwrap().digest())
    .collect();
    assert_eq!(digests.len(), 6);
}
