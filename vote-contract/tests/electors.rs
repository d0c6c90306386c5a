//! Who is counted as registered and who must take part: persons where a member has one voice, voices elsewhere; and an
//! attendance that holds for every question, whatever its method.
#![allow(clippy::unwrap_used)]
mod support;
use support::{
    AGAINST, FOR, World,
    assembly::{assemble, conduct, convene, only, put, said},
    college_rules, public, question, resolution,
};
use urne_types::{
    ElectionId,
    ballot::Answer,
    bounded::List,
    election::{Method, Question},
    governance::Act,
    limits::COUNT_UNITS_PER_BLOCK,
    method::{LastSeats, LotRule},
    share::Share,
    statutes::{CountsAs, Electorate, Voice},
};
use urne_vote_contract::{
    self as contract, Count, QuestionResult,
    result::{Attendance, Presence, Verdict},
};

fn half() -> Option<Share> {
    Some(Share::HALF)
}
fn ballot(who: &str, of: u16, answer: &Answer) -> (String, u16, Vec<Answer>) {
    (who.into(), of, vec![answer.clone()])
}
/// Who is asked for, as college, present, electors, needed.
fn asked(world: &World, id: ElectionId) -> Vec<(Option<u16>, u64, u64, u64)> {
    let report = world.result(id).attendance.unwrap();
    let row = |it: &Presence| (it.college.map(|it| it.get()), it.present.get(), it.electors.get(), it.needed.get());
    report.asked.iter().map(row).collect()
}

// ---- One voice a member ----

/// a and b are in colleges 1 and 2, c in 3; a and b vote against in 1, c for in 3.
fn three_persons(voice: Voice, absence: CountsAs) -> (World, ElectionId) {
    let mut world = World::new();
    put(&mut world, |it| {
        it.colleges = Some(college_rules(&[4_000, 2_000, 4_000]));
        (it.voice, it.attendance, it.silence.absence) = (voice, Share::new(2, 3).ok(), absence);
    });
    let members = [(1, "a"), (2, "a"), (1, "b"), (2, "b"), (3, "c")];
    let definition = convene(&mut world, &members, |_| {});
    let ballots = [ballot("a", 1, &AGAINST), ballot("b", 1, &AGAINST), ballot("c", 3, &FOR)];
    let id = conduct(&mut world, definition, &ballots);
    (world, id)
}

#[test]
fn who_voted_in_one_college_is_absent_from_none_of_her_others() {
    let decided = |voice| {
        let (world, id) = three_persons(voice, CountsAs::For);
        match only(&world, id).global() {
            QuestionResult::Resolution { ratio, absent, .. } => (ratio.clone().unwrap().0, absent.get()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(decided(Voice::PerMember), ("2/5".into(), 0), "college 2 is silent: both of its members have spoken");
    assert_eq!(decided(Voice::PerCollege), ("3/5".into(), 2), "two voices of college 2 are absent, and count for");
}

#[test]
fn the_assembly_counts_persons_where_each_has_one_voice_and_voices_where_she_has_several() {
    let (world, id) = three_persons(Voice::PerMember, CountsAs::Nothing);
    assert_eq!(asked(&world, id), [(None, 3, 3, 2)]);
    assert_eq!(world.result(id).attendance.unwrap().attendance, Attendance::Reached);
    let (world, id) = three_persons(Voice::PerCollege, CountsAs::Nothing);
    assert_eq!(asked(&world, id), [(None, 3, 5, 4)], "two thirds of five voices");
    assert_eq!(world.result(id).attendance.unwrap().attendance, Attendance::Missed);
}

#[test]
fn who_voted_nowhere_is_absent_from_each_of_her_colleges_and_once_from_the_assembly() {
    let mut world = World::new();
    put(&mut world, |it| {
        it.colleges = Some(college_rules(&[5_000, 5_000]));
        (it.voice, it.attendance) = (Voice::PerMember, half());
        it.colleges.as_mut().unwrap().attendance = half();
    });
    let definition = convene(&mut world, &[(1, "a"), (2, "a"), (1, "b"), (2, "c")], |_| {});
    let id = conduct(&mut world, definition, &[ballot("b", 1, &FOR), ballot("c", 2, &FOR)]);
    assert_eq!(asked(&world, id), [(None, 2, 3, 2), (Some(1), 1, 2, 1), (Some(2), 1, 2, 1)]);
    let basis = contract::count_basis(&world.state, &id);
    assert_eq!(basis.persons, Some(Count(3)));
}

/// s is in colleges 1 and 2, suspended before the opening and reinstated during the vote.
fn suspended_then(electorate: Electorate, votes: bool) -> Vec<(Option<u16>, u64, u64, u64)> {
    let mut world = World::new();
    put(&mut world, |it| {
        it.colleges = Some(college_rules(&[5_000, 5_000]));
        (it.voice, it.attendance, it.electorate) = (Voice::PerMember, half(), electorate);
        it.colleges.as_mut().unwrap().attendance = half();
    });
    world.act(Act::SuspendMember { member: public("s") }).unwrap();
    let definition = convene(&mut world, &[(1, "s"), (2, "s"), (1, "b"), (2, "c"), (2, "d")], |_| {});
    let (opens_at, closes_at) = (definition.opens_at.get(), definition.closes_at.get());
    let id = world.schedule(definition);
    world.empty(opens_at);
    world.act(Act::ReinstateMember { member: public("s") }).unwrap();
    world.cast("c", id, 2, 1, &[FOR]).unwrap();
    if votes {
        world.cast("s", id, 1, 1, &[FOR]).unwrap();
    }
    world.act(Act::SuspendMember { member: public("d") }).unwrap();
    world.count_units = 1;
    world.empty(closes_at);
    // What happens after the close changes nothing, however long the census takes to walk through.
    world.act(Act::SuspendMember { member: public("b") }).unwrap();
    world.count_through();
    assert_eq!(world.recount(id), world.result(id));
    assert!(world.state.index.keys().all(|it| !matches!(it[0], 3..=10)), "a count leaves nothing behind");
    asked(&world, id)
}

#[test]
fn suspensions_and_one_voice_take_a_member_off_once() {
    let frozen = |votes| suspended_then(Electorate::FrozenAtOpening, votes);
    assert_eq!(frozen(false), [(None, 1, 3, 2), (Some(1), 0, 1, 1), (Some(2), 1, 2, 1)], "b, c and d");
    assert_eq!(frozen(true), [(None, 2, 4, 2), (Some(1), 1, 2, 1), (Some(2), 1, 2, 1)], "and s, where she voted");
    let lowered = |votes| suspended_then(Electorate::LoweredBySuspensions, votes);
    assert_eq!(lowered(false), [(None, 1, 3, 2), (Some(1), 0, 2, 1), (Some(2), 1, 2, 1)], "s, b and c");
    assert_eq!(lowered(true), [(None, 2, 3, 2), (Some(1), 1, 2, 1), (Some(2), 1, 1, 1)], "s has left college 2");
}

#[test]
fn any_pace_of_counting_finds_the_same_electors() {
    let basis_at = |units| {
        let mut world = World::new();
        put(&mut world, |it| it.voice = Voice::PerMember);
        world.count_units = units;
        let members: Vec<(u16, String)> = (0..40).map(|n| (n % 4 + 1, format!("m{}", n / 3))).collect();
        let members: Vec<(u16, &str)> = members.iter().map(|(of, who)| (*of, who.as_str())).collect();
        let definition = convene(&mut world, &members, |_| {});
        let (who, of) = (members[7].1, members[7].0);
        let id = conduct(&mut world, definition, &[ballot(who, of, &FOR)]);
        contract::count_basis(&world.state, &id)
    };
    let at_once = basis_at(COUNT_UNITS_PER_BLOCK);
    assert_eq!(at_once.persons, Some(Count(14)));
    assert_eq!(at_once, basis_at(1));
    assert_eq!(at_once, basis_at(20_000));
}

#[test]
fn a_cancelled_election_of_one_voice_leaves_nothing_behind() {
    let mut world = World::new();
    put(&mut world, |it| it.voice = Voice::PerMember);
    world.act(Act::SuspendMember { member: public("a") }).unwrap();
    let definition = convene(&mut world, &[(1, "a"), (2, "a")], |_| {});
    let opens_at = definition.opens_at.get();
    let election = world.schedule(definition);
    world.empty(opens_at);
    assert_eq!(world.state.index.keys().filter(|it| it[0] == 7).count(), 1);
    world.act(Act::CancelElection { election, reason: support::text("panne") }).unwrap();
    world.count_through();
    assert_eq!(world.state.index.keys().filter(|it| it[0] == 7).count(), 0);
}

// ---- Attendance ----

fn persons() -> Vec<Question> {
    let last_seats = LastSeats::Drawn(LotRule::ListOrder);
    let board = Method::KOfN { least_marks: 1, most_marks: 2, seats: 1, least_votes: 0, last_seats };
    vec![
        question(&["x", "y"], Method::Plurality),
        question(&["x", "y"], board),
        question(&["x", "y"], Method::ScottishStv { seats: 1, lot: LotRule::ListOrder }),
        support::referendum(),
        resolution(),
    ]
}
fn attended_by(voters: usize) -> (World, ElectionId) {
    let mut world = World::new();
    put(&mut world, |it| {
        it.attendance = half();
        it.colleges = Some(college_rules(&[4_000, 6_000]));
    });
    let answers = vec![Answer::Choice(1), support::approvals(&[1]), support::ranking(&[&[1]]), FOR, FOR];
    let definition = convene(&mut world, &[(1, "a"), (1, "b"), (1, "c"), (2, "d")], |it| {
        it.questions = List::new(persons()).unwrap();
    });
    let ballots: Vec<_> = ["a", "b", "c"][..voters].iter().map(|who| ((*who).to_owned(), 1, answers.clone())).collect();
    let id = conduct(&mut world, definition, &ballots);
    (world, id)
}

#[test]
fn an_assembly_that_too_few_attend_elects_nobody_by_any_method() {
    let (world, id) = attended_by(1);
    let result = world.result(id);
    let report = result.attendance.as_ref().unwrap();
    assert_eq!(report.attendance, Attendance::Missed);
    let all = Presence { college: None, present: Count(1), electors: Count(4), needed: Count(2) };
    assert_eq!(report.asked, [all]);
    for counted in &result.questions[..4] {
        assert!(matches!(counted, QuestionResult::Unattended { .. }), "{counted:?}");
    }
    let QuestionResult::Unattended { ballots_say } = &result.questions[0] else { panic!() };
    let QuestionResult::Plurality { votes, .. } = ballots_say.global() else { panic!("what the ballots say is shown") };
    assert_eq!(*votes, [Count(0), Count(1)]);
    let QuestionResult::Resolution { verdict, attendance, .. } = result.questions[4].global() else { panic!() };
    assert_eq!((verdict, attendance), (&Verdict::Rejected, &Attendance::Missed), "a resolution says it in its verdict");
}

#[test]
fn an_assembly_that_enough_attend_elects_by_every_method() {
    let (world, id) = attended_by(2);
    let result = world.result(id);
    assert_eq!(result.attendance.as_ref().unwrap().attendance, Attendance::Reached);
    assert!(!result.questions.iter().any(|it| matches!(it, QuestionResult::Unattended { .. })));
    let QuestionResult::Plurality { winners, .. } = result.questions[0].global() else { panic!() };
    assert_eq!(winners, &[1]);
    let QuestionResult::Resolution { verdict, .. } = result.questions[4].global() else { panic!() };
    assert_eq!(verdict, &Verdict::Adopted);
}

#[test]
fn one_college_that_stays_away_is_enough_to_miss_an_attendance_by_college() {
    let held = |ballots: &[Vec<Answer>]| {
        let mut world = World::new();
        put(&mut world, |it| {
            it.colleges = Some(college_rules(&[4_000, 6_000]));
            it.colleges.as_mut().unwrap().attendance = half();
        });
        let id = assemble(&mut world, &[3, 3], ballots, |it| {
            it.questions = List::new(vec![question(&["x", "y"], Method::Plurality)]).unwrap();
        });
        (asked(&world, id), world.result(id).attendance.unwrap().attendance)
    };
    let missed = held(&[said(3, 0, 0), said(0, 1, 0)]);
    assert_eq!(missed, (vec![(Some(1), 3, 3, 2), (Some(2), 1, 3, 2)], Attendance::Missed));
    let reached = held(&[said(2, 0, 0), said(0, 2, 0)]);
    assert_eq!(reached, (vec![(Some(1), 2, 3, 2), (Some(2), 2, 3, 2)], Attendance::Reached));
}

#[test]
fn statutes_that_ask_no_attendance_report_none() {
    let mut world = World::new();
    put(&mut world, |_| {});
    let id = assemble(&mut world, &[3], &[said(1, 0, 0)], |_| {});
    assert_eq!(world.result(id).attendance, None);
}
