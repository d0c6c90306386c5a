//! Every method, from the ballots to the result on the chain: published or hand-counted cases, in one block and in many.
#![allow(clippy::unwrap_used)]
mod support;
use serde_json::Value;
use support::{
    World, approvals, grades,
    held::{asked, case, hold_in, labels, named, one, one_by, ranked, small},
    points, question, ranking,
};
use urne_types::{
    ballot::Answer,
    bounded::List,
    election::{ElectionDefinition, Method, NullPolicy},
    method::{
        Apportionment, BudgetBallot, BudgetRule, CondorcetRule, Greedy, LastSeats, ListTours, LotRule, Qualified,
        RunoffStop, SeatBonus, SharesCompletion, Unranked,
    },
    share::Share,
};
use urne_vote_contract::{
    Count, QuestionResult,
    result::{StageAction, TourOutcome},
};

// ---- Transferable votes ----

fn stv(name: &str, units: u64) {
    let case = case(name);
    let (candidates, expected) = (labels(&case["input"]["candidates"]), &case["expected"]);
    let seats = small(&case["input"]["seats"]);
    let method = Method::ScottishStv { seats, lot: LotRule::ListOrder };
    let result = one_by(asked(&candidates, method), &ranked(&case), units);
    let QuestionResult::ScottishStv { quota, elected, stages, valid, .. } = result else { panic!("{name}") };
    assert_eq!(named(&candidates, &elected), labels(&expected["elected"]), "{name}");
    assert_eq!(quota.get(), expected["quota"].as_u64().unwrap(), "{name}");
    assert_eq!(valid.get(), expected["valid"].as_u64().unwrap(), "{name}");
    let table = expected["stages"].as_array().unwrap();
    assert_eq!(stages.len(), table.len(), "{name}");
    for (stage, line) in stages.iter().zip(table) {
        let votes: Vec<String> = stage.votes.iter().map(ToString::to_string).collect();
        assert_eq!(votes, labels(&line["votes"]), "{name}");
        assert_eq!(stage.non_transferable.to_string(), line["non_transferable"].as_str().unwrap(), "{name}");
        assert_eq!(stage.target.map(u64::from), line["target"].as_u64(), "{name}");
        let action = match stage.action {
            StageAction::FirstPreferences => "first_preferences",
            StageAction::Surplus => "surplus",
            StageAction::Exclude => "exclude",
        };
        assert_eq!(action, line["action"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn two_wards_of_dundee_are_counted_as_published_stage_by_stage() {
    stv("stv-dundee-2017-ward5", urne_types::limits::COUNT_UNITS_PER_BLOCK);
    stv("stv-dundee-2017-ward1", 2_000_000);
}

#[test]
fn transferable_votes_counted_by_hand_come_out_in_one_block_and_in_many() {
    for name in ["stv-micro-surplus", "stv-micro-tie-lot"] {
        stv(name, urne_types::limits::COUNT_UNITS_PER_BLOCK);
        stv(name, 9_000);
    }
}

#[test]
fn an_urn_of_blank_ballots_elects_nobody_by_papers_or_duels() {
    let lot = LotRule::ListOrder;
    let duels = Method::Condorcet { rule: CondorcetRule::Schulze, unranked: Unranked::BelowRanked };
    for method in
        [Method::ScottishStv { seats: 1, lot }, Method::InstantRunoff { stop: RunoffStop::Majority, lot }, duels]
    {
        let (QuestionResult::ScottishStv { elected: winners, .. }
        | QuestionResult::InstantRunoff { winners, .. }
        | QuestionResult::Condorcet { winners, .. }) = one(question(&["x", "y"], method), &[Answer::Blank])
        else {
            panic!("none of these")
        };
        assert!(winners.is_empty());
    }
}

// ---- Runoffs and duels ----

#[test]
fn a_runoff_ends_at_a_majority_or_with_the_last_two_as_declared() {
    let case = case("irv-micro-last-two");
    let candidates = labels(&case["input"]["candidates"]);
    let runoff = |stop| {
        let method = Method::InstantRunoff { stop, lot: LotRule::ListOrder };
        match one_by(asked(&candidates, method), &ranked(&case), 9_000) {
            QuestionResult::InstantRunoff { rounds, winners, blank, .. } => {
                (rounds, named(&candidates, &winners), blank)
            }
            other => panic!("{other:?}"),
        }
    };
    let (rounds, winners, blank) = runoff(RunoffStop::LastTwo);
    assert_eq!((winners, blank), (vec!["C".to_owned()], Count(1)));
    let last = &rounds.last().unwrap().tally;
    assert_eq!(*last, [Some(Count(7)), None, Some(Count(13)), None], "7 for A, 13 for C");
    let (rounds, winners, _) = runoff(RunoffStop::Majority);
    assert_eq!((rounds.len(), winners), (3, vec!["C".to_owned()]));
}

#[test]
fn published_duels_give_the_published_winners_by_both_rules() {
    for name in ["ranked-schulze-45", "ranked-cycle-3", "ranked-debian-2007"] {
        let case = case(name);
        let (candidates, expected) = (labels(&case["input"]["candidates"]), &case["expected"]);
        let rules = [
            (CondorcetRule::Schulze, "schulze_winners"),
            (CondorcetRule::RankedPairs { lot: LotRule::ListOrder }, "ranked_pairs_winners"),
        ];
        for (rule, key) in rules {
            let method = Method::Condorcet { rule, unranked: Unranked::BelowRanked };
            let result = one_by(asked(&candidates, method), &ranked(&case), 50_000);
            let QuestionResult::Condorcet { duels, winners, condorcet_winner, .. } = result else { panic!("{name}") };
            let wins: Vec<Vec<u64>> = duels.iter().map(|row| row.iter().map(|it| it.get()).collect()).collect();
            assert_eq!(serde_json::json!(wins), expected["pairwise"], "{name}");
            assert_eq!(named(&candidates, &winners), labels(&expected[key]), "{name}");
            let best = condorcet_winner.map(|it| candidates[usize::from(it)].clone());
            assert_eq!(best.as_deref(), expected["condorcet_winner"].as_str(), "{name}");
        }
    }
}

#[test]
fn what_unranked_means_is_declared_and_decides() {
    let duels = |unranked| {
        let method = Method::Condorcet { rule: CondorcetRule::Schulze, unranked };
        let answers = [ranking(&[&[0]]), ranking(&[&[0]]), ranking(&[&[1], &[0]])];
        match one(question(&["x", "y"], method), &answers) {
            QuestionResult::Condorcet { winners, .. } => winners,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(duels(Unranked::BelowRanked), [0]);
    assert_eq!(duels(Unranked::NoOpinion), [1]);
}

// ---- Budgets ----

fn budget_case(rule: BudgetRule, key: &str) {
    let case = case("pb-synthetic-90");
    let number = |of: &Value| of.as_str().unwrap().parse::<u64>().unwrap();
    let projects = case["input"]["projects"].as_array().unwrap();
    let names: Vec<String> = projects.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    let costs = List::new(projects.iter().map(|it| number(&it["cost"])).collect()).unwrap();
    let method = Method::Budget { budget: number(&case["input"]["budget"]), costs, rule };
    let mut answers = Vec::new();
    for line in case["input"]["ballots"].as_array().unwrap() {
        let mut approved: Vec<u16> = line[1].as_array().unwrap().iter().map(small).collect();
        approved.sort_unstable();
        let answer = if approved.is_empty() { Answer::Blank } else { approvals(&approved) };
        answers.extend(std::iter::repeat_n(answer, usize::try_from(line[0].as_u64().unwrap()).unwrap()));
    }
    for units in [urne_types::limits::COUNT_UNITS_PER_BLOCK, 30_000] {
        let result = one_by(asked(&names, method.clone()), &answers, units);
        let QuestionResult::Budget { points, selection, cost, share, .. } = result else { panic!("{key}") };
        let expected = &case["expected"]["results"][key];
        assert_eq!(named(&names, &selection), labels(&expected["selection_order"]), "{key}");
        assert_eq!(cost.get(), number(&expected["cost"]), "{key}");
        if let Some(wanted) = expected["final_share"].as_str() {
            assert_eq!(share.map(|it| it.0).as_deref(), Some(wanted), "{key}");
        }
        let votes: Vec<u64> = names.iter().map(|it| case["expected"]["votes"][it.as_str()].as_u64().unwrap()).collect();
        assert_eq!(points.iter().map(|it| it.get()).collect::<Vec<_>>(), votes, "{key}");
    }
}

#[test]
fn a_budget_is_spent_by_each_rule_as_expected() {
    let ballot = BudgetBallot::Approvals { most: 8 };
    budget_case(BudgetRule::Greedy { ballot, greedy: Greedy::Skip }, "greedy");
    budget_case(BudgetRule::Greedy { ballot, greedy: Greedy::Stop }, "greedy-no-skip");
    let shares = |completion| BudgetRule::EqualShares { ballot, completion };
    budget_case(shares(SharesCompletion::None), "mes");
    budget_case(shares(SharesCompletion::Add { increment: 1 }), "mes-add1");
    budget_case(shares(SharesCompletion::AddThenGreedy { increment: 1 }), "mes-add1u");
}

#[test]
fn equal_shares_follow_the_example_of_docs_counting() {
    let rule = BudgetRule::EqualShares {
        ballot: BudgetBallot::Approvals { most: 3 },
        completion: SharesCompletion::Add { increment: 1 },
    };
    let method = Method::Budget { budget: 90, costs: List::new(vec![60, 30, 30]).unwrap(), rule };
    let result = one(question(&["a", "b", "c"], method), &[approvals(&[0, 2]), approvals(&[0]), approvals(&[1, 2])]);
    let QuestionResult::Budget { selection, share, .. } = result else { panic!("a budget") };
    assert_eq!((selection, share.unwrap().0), (vec![2, 0], "38/1".into()));
}

#[test]
fn points_and_judgments_also_spend_a_budget() {
    let rule = BudgetRule::Greedy { ballot: BudgetBallot::Points { total: 10 }, greedy: Greedy::AtLeast(5) };
    let method = Method::Budget { budget: 100, costs: List::new(vec![60, 50, 40]).unwrap(), rule };
    let result = one(question(&["a", "b", "c"], method), &[points(&[7, 3, 0]), points(&[0, 1, 9]), Answer::Blank]);
    let QuestionResult::Budget { points, selection, cost, blank, .. } = result else { panic!("a budget") };
    assert_eq!(points, [Count(7), Count(4), Count(9)]);
    assert_eq!((selection, cost, blank), (vec![2, 0], Count(100), Count(1)), "b has fewer than five points");

    let rule = BudgetRule::ByJudgment { grades: support::names(&["non", "oui"]), nulls: NullPolicy::Worst };
    let method = Method::Budget { budget: 100, costs: List::new(vec![60, 50, 40]).unwrap(), rule };
    let given = [grades(&[Some(1), Some(0), Some(1)]), grades(&[None, Some(0), Some(1)])];
    let result = one(question(&["a", "b", "c"], method), &given);
    let QuestionResult::JudgedBudget { selection, cost, .. } = result else { panic!("a judged budget") };
    assert_eq!((selection, cost), (vec![2, 0], Count(100)));
}

// ---- Seats ----

fn votes(of: &[u64]) -> Vec<Answer> {
    let repeated = |(choice, n): (u16, &u64)| vec![Answer::Choice(choice); usize::try_from(*n).unwrap()];
    (0_u16..).zip(of).flat_map(repeated).collect()
}

#[test]
fn lists_share_seats_as_the_examples_of_docs_counting() {
    let shared = |apportionment, bonus, threshold, seats, votes: &[Answer]| {
        let method =
            Method::Lists { seats, apportionment, threshold, bonus, lot: LotRule::ListOrder, tours: ListTours::Only };
        match one(question(&["a", "b", "c", "d", "e", "f"], method), votes) {
            QuestionResult::Lists { seats, .. } => seats,
            other => panic!("{other:?}"),
        }
    };
    // A hundredth of the example: 470 / 160 / 159 / 120 / 60 / 31 votes share out like 47,000 and so on.
    let all = votes(&[470, 160, 159, 120, 60, 31]);
    assert_eq!(shared(Apportionment::LargestRemainder, None, None, 10, &all), [5, 2, 1, 1, 1, 0]);
    assert_eq!(shared(Apportionment::HighestAverage, None, None, 10, &all), [5, 2, 2, 1, 0, 0]);
    assert_eq!(shared(Apportionment::OddDivisors, None, None, 10, &all), [4, 2, 2, 1, 1, 0]);
    let bonus = Some(SeatBonus { share: Share::HALF, rounded_down_up_to: 4 });
    let five_percent = Some(Share::new(1, 20).unwrap());
    let municipal = votes(&[50, 30, 16, 4]);
    assert_eq!(shared(Apportionment::HighestAverage, bonus, five_percent, 29, &municipal), [23, 4, 2, 0, 0, 0]);
}

#[test]
fn the_most_named_sit_and_equals_for_the_last_seat_are_left_or_drawn() {
    let sit = |last_seats| {
        let method = Method::KOfN { least_marks: 1, most_marks: 2, seats: 2, least_votes: 1, last_seats };
        let answers = [approvals(&[0, 1]), approvals(&[0, 2]), approvals(&[0])];
        match one(question(&["x", "y", "z"], method), &answers) {
            QuestionResult::KOfN { elected, tied_for_last, vacant, lots, .. } => {
                (elected, tied_for_last, vacant, lots.len())
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sit(LastSeats::Open), (vec![0], vec![1, 2], 1, 0));
    assert_eq!(sit(LastSeats::Drawn(LotRule::ListOrder)), (vec![0, 1], vec![1, 2], 0, 1));
    let (elected, tied, vacant, lots) = sit(LastSeats::Drawn(LotRule::LaterBlock));
    assert_eq!((elected.len(), tied, vacant, lots), (2, vec![1, 2], 0, 1), "drawn, and reported");
}

// ---- Two tours ----

#[test]
fn a_second_tour_is_bound_to_the_first() {
    let first = |registered_share| Method::FirstTour { registered_share, qualified: Qualified::TwoFirst };
    let ballots: Vec<(String, Vec<Answer>)> =
        [0, 0, 0, 1, 1, 2].iter().enumerate().map(|(n, it)| (format!("m{n}"), vec![Answer::Choice(*it)])).collect();
    let census: Vec<(u16, &str)> = ballots.iter().map(|(who, _)| (1, who.as_str())).collect();
    let cast: Vec<(&str, u16, Vec<Answer>)> = ballots.iter().map(|(who, it)| (who.as_str(), 1, it.clone())).collect();
    let asked = question(&["Ana", "Bilal", "Chloé"], first(None));
    let edit = |it: &mut ElectionDefinition| it.questions = List::new(vec![asked]).unwrap();
    let held = hold_in(World::new(), &census, edit, &cast, 10, 1_000_000);
    let (world, tour) = (held.world, held.id);
    let QuestionResult::Tour { outcome, .. } = world.result(tour).questions.remove(0) else { panic!("a tour") };
    assert_eq!(outcome, TourOutcome::SecondTour { choices: vec![0, 1] }, "three of six is not more than half");

    let asked = question(&["Ana", "Bilal"], Method::SecondTour { first: tour, question: 0 });
    let edit = |it: &mut ElectionDefinition| it.questions = List::new(vec![asked]).unwrap();
    let last: Vec<(&str, u16, Vec<Answer>)> = cast
        .iter()
        .map(|(who, of, it)| (*who, *of, if it[0] == Answer::Choice(2) { vec![Answer::Choice(1)] } else { it.clone() }))
        .collect();
    let held = hold_in(world, &census, edit, &last[1..], 10, 1_000_000);
    let QuestionResult::Plurality { winners, .. } = held.world.result(held.id).questions.remove(0) else { panic!() };
    assert_eq!(winners, [1], "two for Ana, three for Bilal");
}
