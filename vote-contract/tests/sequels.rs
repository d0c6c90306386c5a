//! Second calls and second tours: each asks what its first asked, of those whom it asked, and once.
#![allow(clippy::unwrap_used)]
mod support;
use support::{
    FOR, World,
    assembly::{conduct, convene, only, put},
    question, resolution, text,
};
use urne_types::{
    ElectionId, Rejection,
    ballot::Answer,
    bounded::List,
    election::{ElectionDefinition, Method, Question},
    governance::Act,
    method::{Apportionment, ListTours, LotRule, Qualified, SeatBonus},
    share::Share,
    statutes::{Convocation, MajorityRule, SecondCall, SecondCensus, Silence, UnderStatutes},
    transaction::Payload,
};
use urne_vote_contract::{
    Outcome, QuestionResult,
    result::{Attendance, TourOutcome, Verdict},
};

const MEMBERS: [(u16, &str); 4] = [(1, "a"), (1, "b"), (1, "c"), (1, "d")];

fn plurality() -> Question {
    question(&["x", "y"], Method::Plurality)
}
/// Half must come at the first call; at the second, anyone.
fn world(census: SecondCensus) -> World {
    let mut world = World::new();
    put(&mut world, |it| {
        it.attendance = Some(Share::HALF);
        let silence = Silence::IGNORED;
        it.second_call = Some(SecondCall { attendance: None, college_attendance: None, silence, notice_ms: 0, census });
        let rule = it.majorities[0].clone();
        let other = MajorityRule { decision: text("dissolution"), ..rule.clone() };
        it.majorities = List::new(vec![rule, other]).unwrap();
    });
    world
}
/// A first call that one of four attends.
fn first(world: &mut World, questions: &[Question]) -> ElectionId {
    let definition = convene(world, &MEMBERS, |it| it.questions = List::new(questions.to_vec()).unwrap());
    let answers = questions.iter().map(|_| Answer::Choice(0)).collect();
    conduct(world, definition, &[("a".into(), 1, answers)])
}
fn second(it: &mut ElectionDefinition, first: ElectionId, questions: &[Question]) {
    it.questions = List::new(questions.to_vec()).unwrap();
    it.statutes = Some(UnderStatutes { version: 1, convocation: Convocation::Second { first } });
}
fn schedule(world: &mut World, definition: ElectionDefinition) -> Outcome {
    let definition = support::numbered(definition);
    let draft = definition.draft_id();
    world.send("admin 1", Payload::DraftElection(definition)).unwrap();
    world.act(Act::ScheduleElection { draft })
}
fn code(outcome: Outcome) -> Option<Rejection> {
    outcome.err()
}

// ---- Calls ----

#[test]
fn the_second_call_of_any_election_elects_whom_the_first_could_not() {
    let mut world = world(SecondCensus::Same);
    let asked = [plurality(), resolution()];
    let missed = first(&mut world, &asked);
    assert!(matches!(only(&world, missed), QuestionResult::Unattended { .. }));
    let again = convene(&mut world, &MEMBERS, |it| second(it, missed, &asked));
    let held = conduct(&mut world, again, &[("a".into(), 1, vec![Answer::Choice(0), FOR])]);
    let result = world.result(held);
    let QuestionResult::Plurality { winners, .. } = &result.questions[0] else { panic!("elected") };
    assert_eq!(winners, &[0]);
    let QuestionResult::Resolution { verdict, attendance, .. } = &result.questions[1] else { panic!() };
    assert_eq!((verdict, attendance), (&Verdict::Adopted, &Attendance::Reached));
}

#[test]
fn a_second_call_asks_nothing_that_the_first_did_not() {
    let mut world = world(SecondCensus::Same);
    let missed = first(&mut world, &[resolution()]);
    let dissolution = question(&["pour", "contre"], Method::Resolution { decision: text("dissolution") });
    let mut retitled = resolution();
    retitled.title = text("another matter");
    let mut turned = resolution();
    turned.choices = support::names(&["contre", "pour"]);
    let others = [vec![dissolution], vec![retitled], vec![turned], vec![resolution(), plurality()], vec![plurality()]];
    for asked in others {
        let definition = convene(&mut world, &MEMBERS, |it| second(it, missed, &asked));
        assert_eq!(code(schedule(&mut world, definition)), Some(Rejection::OtherQuestions), "{asked:?}");
    }
    let definition = convene(&mut world, &MEMBERS, |it| second(it, missed, &[resolution()]));
    assert_eq!(code(schedule(&mut world, definition)), None);
}

#[test]
fn statutes_amended_in_between_ask_for_a_first_call_again() {
    let mut world = world(SecondCensus::Same);
    let missed = first(&mut world, &[resolution()]);
    let mut amended = urne_vote_contract::statutes_in_force(&world.state).unwrap();
    amended.version = 2;
    world.act(Act::PutStatutes { statutes: Box::new(amended) }).unwrap();
    let definition = convene(&mut world, &MEMBERS, |it| {
        second(it, missed, &[resolution()]);
        it.statutes.as_mut().unwrap().version = 2;
    });
    assert_eq!(code(schedule(&mut world, definition)), Some(Rejection::OtherQuestions));
}

#[test]
fn members_come_and_leave_between_two_calls_only_where_the_statutes_let_them() {
    let grown = [&MEMBERS[..], &[(1, "e")]].concat();
    for (rule, refusal) in [(SecondCensus::Same, Some(Rejection::OtherCensus)), (SecondCensus::Adopted, None)] {
        let mut world = world(rule);
        let missed = first(&mut world, &[resolution()]);
        let definition = convene(&mut world, &grown, |it| second(it, missed, &[resolution()]));
        assert_eq!(code(schedule(&mut world, definition)), refusal, "{rule:?}");
    }
}

#[test]
fn a_first_call_has_one_second_call_unless_that_one_is_cancelled() {
    let mut world = world(SecondCensus::Same);
    let missed = first(&mut world, &[resolution()]);
    let call = |world: &mut World| {
        let definition = convene(world, &MEMBERS, |it| second(it, missed, &[resolution()]));
        (definition.election_id(&world.chain), code(schedule(world, definition)))
    };
    let (one, refused) = call(&mut world);
    assert_eq!(refused, None);
    assert_eq!(call(&mut world).1, Some(Rejection::SecondCallExists));
    world.act(Act::CancelElection { election: one, reason: text("salle fermée") }).unwrap();
    assert_eq!(call(&mut world).1, None);
}

#[test]
fn a_first_call_that_enough_attended_has_no_second() {
    let mut world = world(SecondCensus::Same);
    let definition = convene(&mut world, &MEMBERS, |_| {});
    let held = conduct(&mut world, definition, &[("a".into(), 1, vec![FOR]), ("b".into(), 1, vec![FOR])]);
    let definition = convene(&mut world, &MEMBERS, |it| second(it, held, &[resolution()]));
    assert_eq!(code(schedule(&mut world, definition)), Some(Rejection::NoSecondCall));
}

// ---- Tours ----

/// x has two of four votes, y and z one each: all three may stand again.
fn first_tour(world: &mut World, voters: usize) -> ElectionId {
    let method = Method::FirstTour { registered_share: None, qualified: Qualified::TwoFirst };
    let definition =
        convene(world, &MEMBERS, |it| it.questions = List::new(vec![question(&["x", "y", "z"], method)]).unwrap());
    let choices = [("a", 0), ("b", 0), ("c", 1), ("d", 2)];
    let ballots: Vec<_> =
        choices[..voters].iter().map(|(who, it)| ((*who).to_owned(), 1, vec![Answer::Choice(*it)])).collect();
    conduct(world, definition, &ballots)
}
fn second_tour(world: &mut World, first: ElectionId) -> ElectionDefinition {
    let asked = question(&["x", "y"], Method::SecondTour { first, question: 0 });
    convene(world, &MEMBERS, |it| it.questions = List::new(vec![asked]).unwrap())
}

#[test]
fn a_first_tour_has_one_second_tour() {
    let mut world = world(SecondCensus::Same);
    let tour = first_tour(&mut world, 4);
    let definition = second_tour(&mut world, tour);
    assert_eq!(code(schedule(&mut world, definition)), None);
    let later = second_tour(&mut world, tour);
    assert_eq!(code(schedule(&mut world, later)), Some(Rejection::SecondTourExists));
}

#[test]
fn a_second_tour_is_asked_of_the_members_whom_the_first_asked_and_of_nobody_else() {
    let mut world = world(SecondCensus::Adopted);
    let tour = first_tour(&mut world, 4);
    let asked = second_tour(&mut world, tour).questions;
    let grown = [&MEMBERS[..], &[(1, "e")]].concat();
    for members in [&grown[..], &MEMBERS[1..]] {
        let definition = convene(&mut world, members, |it| it.questions = asked.clone());
        assert_eq!(code(schedule(&mut world, definition)), Some(Rejection::OtherCensus), "{} members", members.len());
    }
    let definition = convene(&mut world, &MEMBERS, |it| it.questions = asked.clone());
    let missed = conduct(&mut world, definition, &[("a".into(), 1, vec![Answer::Choice(1)])]);
    // Where the statutes let members come and leave between two calls, they may between the calls of a second tour.
    let again = convene(&mut world, &grown, |it| second(it, missed, &asked));
    assert_eq!(code(schedule(&mut world, again)), None);
}

#[test]
fn one_election_holds_one_second_tour_of_a_question() {
    let mut world = world(SecondCensus::Same);
    let tour = first_tour(&mut world, 4);
    let mut definition = second_tour(&mut world, tour);
    let mut twin = definition.questions[0].clone();
    twin.title = text("the same once more");
    let one = definition.clone();
    definition.questions = List::new(vec![definition.questions[0].clone(), twin]).unwrap();
    assert_eq!(code(schedule(&mut world, definition)), Some(Rejection::SecondTourExists));
    assert_eq!(code(schedule(&mut world, one)), None);
}

#[test]
fn a_first_tour_that_too_few_attended_qualifies_nobody() {
    let mut world = world(SecondCensus::Same);
    let tour = first_tour(&mut world, 1);
    let definition = second_tour(&mut world, tour);
    assert_eq!(code(schedule(&mut world, definition)), Some(Rejection::NotASecondTour));
}

#[test]
fn a_second_tour_that_too_few_attended_is_held_again_by_its_second_call() {
    let mut world = world(SecondCensus::Same);
    let tour = first_tour(&mut world, 4);
    let definition = second_tour(&mut world, tour);
    let asked = definition.questions.to_vec();
    let missed = conduct(&mut world, definition, &[("a".into(), 1, vec![Answer::Choice(1)])]);
    let again = convene(&mut world, &MEMBERS, |it| second(it, missed, &asked));
    let held = conduct(&mut world, again, &[("a".into(), 1, vec![Answer::Choice(1)])]);
    let QuestionResult::Plurality { winners, .. } = only(&world, held) else { panic!("elected") };
    assert_eq!(winners, [1]);
    let third = second_tour(&mut world, tour);
    assert_eq!(code(schedule(&mut world, third)), Some(Rejection::SecondTourExists));
}

// ---- Tours of lists ----

/// Lists A to E of a commune of 29 seats.
fn municipal(tours: ListTours) -> Method {
    Method::Lists {
        seats: 29,
        apportionment: Apportionment::HighestAverage,
        threshold: Share::new(1, 20).ok(),
        bonus: Some(SeatBonus { share: Share::HALF, rounded_down_up_to: 4 }),
        lot: LotRule::ListOrder,
        tours,
    }
}
fn first_of_two() -> Method {
    municipal(ListTours::First { stands: Share::new(1, 10).unwrap(), joins: Share::new(1, 20).unwrap() })
}
fn second_of(first: ElectionId, made_of: &[&[u16]]) -> Method {
    let made_of = made_of.iter().map(|it| List::new(it.to_vec()).unwrap()).collect();
    municipal(ListTours::Second { first, question: 0, made_of: List::new(made_of).unwrap() })
}
/// So many votes for each list, in a commune where nobody stays at home.
fn vote_for_lists(world: &mut World, lists: &[&str], method: Method, votes: &[usize]) -> ElectionId {
    let voters: Vec<String> = (0..votes.iter().sum()).map(|it| format!("v{it}")).collect();
    let members: Vec<(u16, &str)> = voters.iter().map(|it| (1, it.as_str())).collect();
    let definition = convene(world, &members, |it| {
        it.statutes = None;
        it.questions = List::new(vec![question(lists, method)]).unwrap();
    });
    let choices = (0_u16..).zip(votes).flat_map(|(list, n)| vec![list; *n]);
    let ballots: Vec<_> =
        voters.iter().cloned().zip(choices).map(|(who, it)| (who, 1, vec![Answer::Choice(it)])).collect();
    conduct(world, definition, &ballots)
}
const LISTS: [&str; 5] = ["A", "B", "C", "D", "E"];

#[test]
fn a_list_with_more_than_half_takes_the_bonus_at_the_first_tour() {
    let mut world = World::new();
    // 51, 30, 15, 4 of 100: fifteen to the first, then fourteen by the highest average without the last, under 5 %.
    let id = vote_for_lists(&mut world, &LISTS[..4], first_of_two(), &[51, 30, 15, 4]);
    let QuestionResult::Lists { seats, bonus, .. } = only(&world, id) else { panic!("seats") };
    assert_eq!((seats, bonus), (vec![23, 4, 2, 0], Some((0, 15))));
}

#[test]
fn without_a_majority_the_first_tour_gives_no_seat_and_the_second_gives_the_bonus_to_the_first_list() {
    let mut world = World::new();
    // Exactly half is no majority. 10 % may stand, 5 % may join, less may neither.
    let first = vote_for_lists(&mut world, &LISTS, first_of_two(), &[50, 30, 10, 6, 4]);
    let QuestionResult::Tour { outcome, ranks, .. } = only(&world, first) else { panic!("a second tour") };
    assert_eq!(outcome, TourOutcome::SecondListTour { stand: vec![0, 1, 2], join: vec![3] });
    assert_eq!(ranks, [1, 2, 3, 4, 5]);
    // C and D join B, under a new name; 40 against 38 and 22: no majority, and the bonus all the same.
    let second = second_of(first, &[&[1, 2, 3], &[0]]);
    let second = vote_for_lists(&mut world, &["B and friends", "A"], second, &[48, 52]);
    let QuestionResult::Lists { seats, bonus, .. } = only(&world, second) else { panic!("seats") };
    // Fourteen: averages of 52 and 48 alternate, seven each.
    assert_eq!((seats, bonus), (vec![7, 22], Some((1, 15))));
}

#[test]
fn at_the_second_tour_the_first_list_takes_the_bonus_without_a_majority() {
    let mut world = World::new();
    let first = vote_for_lists(&mut world, &LISTS[..3], first_of_two(), &[40, 35, 25]);
    let second = vote_for_lists(&mut world, &LISTS[..3], second_of(first, &[&[0], &[1], &[2]]), &[40, 38, 22]);
    let QuestionResult::Lists { seats, bonus, .. } = only(&world, second) else { panic!("seats") };
    // 40, 20, 13.3, 10, 8, 6.7 | 38, 19, 12.7, 9.5, 7.6 | 22, 11, 7.3: fourteen.
    assert_eq!((seats, bonus), (vec![15 + 6, 5, 3], Some((0, 15))));
}

#[test]
fn a_second_tour_of_lists_is_made_of_those_that_the_first_qualified_and_shares_the_same_seats() {
    let mut world = World::new();
    let first = vote_for_lists(&mut world, &LISTS, first_of_two(), &[45, 35, 10, 6, 4]);
    let voters: Vec<String> = (0..100).map(|it| format!("v{it}")).collect();
    let members: Vec<(u16, &str)> = voters.iter().map(|it| (1, it.as_str())).collect();
    let refused = |world: &mut World, names: &[&str], method: Method| {
        let definition = convene(world, &members, |it| {
            it.statutes = None;
            it.questions = List::new(vec![question(names, method)]).unwrap();
        });
        code(schedule(world, definition))
    };
    let not = Some(Rejection::NotASecondTour);
    assert_eq!(refused(&mut world, &["D"], second_of(first, &[&[3]])), not, "6 % may join, not stand");
    assert_eq!(refused(&mut world, &["A"], second_of(first, &[&[0, 4]])), not, "4 % may not even join");
    assert_eq!(refused(&mut world, &["A"], second_of(first, &[&[9]])), not, "nobody is list 9");
    let mut others = second_of(first, &[&[0], &[1]]);
    if let Method::Lists { seats, .. } = &mut others {
        *seats = 33;
    }
    assert_eq!(refused(&mut world, &["A", "B"], others), not, "33 seats were never voted on");
    let names = question(&["A", "B"], Method::SecondTour { first, question: 0 }).method;
    assert_eq!(refused(&mut world, &["A", "B"], names), not, "lists have seats, not a winner");
    assert_eq!(refused(&mut world, &["A", "B"], second_of(first, &[&[0, 2], &[1, 3]])), None);
    assert_eq!(refused(&mut world, &["A"], second_of(first, &[&[0]])), Some(Rejection::SecondTourExists));
}

#[test]
fn a_list_joins_one_other_and_stands_nowhere_else() {
    let mut world = World::new();
    let draft = |world: &mut World, made_of: &[&[u16]]| {
        let method = second_of(ElectionId([1; 32]), made_of);
        let definition = convene(world, &[(1, "a")], |it| {
            it.statutes = None;
            it.questions = List::new(vec![question(&["A", "B"], method)]).unwrap();
        });
        code(world.send("admin 1", Payload::DraftElection(definition)))
    };
    for made_of in [&[&[0_u16, 2][..], &[1, 2]][..], &[&[0], &[1, 0]], &[&[0]], &[&[0], &[]]] {
        assert_eq!(draft(&mut world, made_of), Some(Rejection::BadMethod), "{made_of:?}");
    }
    assert_eq!(draft(&mut world, &[&[0, 2], &[1]]), None);
}
