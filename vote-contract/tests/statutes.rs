//! Statutes on the chain: put, amended and obeyed; what colleges weigh, what is shown of them, who is registered, and keys
//! that change hands.
#![allow(clippy::unwrap_used)]
mod support;
use serde_json::Value;
use support::{
    AGAINST, FOR, HOUR, START, World,
    assembly::{assemble, only, put, said},
    college_rules, grades, names, plain_statutes, public, question, resolution, text, under,
};
use urne_types::{
    Rejection, UnixMs,
    ballot::Answer,
    bounded::List,
    election::{Method, NullPolicy},
    governance::{Act, KeyCause},
    share::Share,
    statutes::{
        Aggregation, Convocation, CountsAs, Electorate, MajorityThreshold, Profile, SecondCall, SecondCensus, Silence,
        SmallColleges, Statutes, UnderStatutes, Voice,
    },
};
use urne_vote_contract::{
    self as contract, Count, Page, QuestionResult,
    result::{Attendance, CollegeResult, Verdict},
};

fn case(name: &str) -> Value {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
fn world_of(colleges: u16) -> World {
    World::with(|genesis| {
        let mut all = genesis.colleges.to_vec();
        for id in 5..=colleges {
            let mut more = all[0].clone();
            // A guarantor of the chain may vote in assemblies whose statutes weigh it.
            (more.id, more.name) = (support::college(id), text(&format!("college {id}")));
            (more.statutory_weight_bp, more.consensus_weight) = (0, Some(1));
            all.push(more);
        }
        genesis.colleges = List::new(all).unwrap();
    })
}
// ---- Colleges ----

struct Voiced {
    adopted: Verdict,
    ratio: String,
    favour: String,
    colleges: Vec<CollegeResult>,
}
fn resolution_case(name: &str, edit: impl FnOnce(&mut Statutes)) -> (Voiced, Value) {
    let case = case(name);
    let number = |of: &Value| usize::try_from(of.as_u64().unwrap()).unwrap();
    let colleges = case["input"]["colleges"].as_array().unwrap();
    let weights: Vec<u16> = colleges.iter().map(|it| u16::try_from(number(&it["weight_bp"])).unwrap()).collect();
    let members: Vec<usize> = colleges.iter().map(|it| number(&it["members"])).collect();
    // The ledger has no null ballot: they are cast as blank, which the case reads alike.
    let ballots: Vec<Vec<Answer>> = colleges
        .iter()
        .map(|it| said(number(&it["pour"]), number(&it["contre"]), number(&it["blanc"]) + number(&it["nul"])))
        .collect();
    let mut world = world_of(u16::try_from(colleges.len()).unwrap());
    put(&mut world, |it| {
        it.profile = Profile::Scic;
        it.colleges = Some(college_rules(&weights));
        edit(it);
    });
    let id = assemble(&mut world, &members, &ballots, |_| {});
    let QuestionResult::ByCollege { global, colleges } = only(&world, id) else { panic!("{name}") };
    let QuestionResult::Resolution { verdict, ratio, weights, .. } = *global else { panic!("{name}") };
    (
        Voiced { adopted: verdict, ratio: ratio.unwrap().0, favour: weights.unwrap().favour.0, colleges },
        case["expected"].clone(),
    )
}

#[test]
fn five_colleges_of_a_scic_reject_in_proportion_as_expected() {
    let (found, expected) = resolution_case("college-entre2mondes-proportional", |_| {});
    assert_eq!(found.adopted, Verdict::Rejected);
    assert_eq!(found.ratio, expected["ratio"].as_str().unwrap());
    assert_eq!(found.favour, expected["pour_weight"].as_str().unwrap());
    let shares: Vec<String> = found
        .colleges
        .iter()
        .map(|it| match it.answer.as_deref() {
            Some(QuestionResult::Resolution { ratio: Some(ratio), .. }) => ratio.0.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let wanted: Vec<&str> =
        expected["colleges"].as_array().unwrap().iter().map(|it| it["pour_share"].as_str().unwrap()).collect();
    assert_eq!(shares, wanted);
}

#[test]
fn the_same_colleges_adopt_in_bloc() {
    // Three of five colleges, 60 % of the weight, have more than half for.
    let (found, _) = resolution_case("college-entre2mondes-proportional", |it| {
        let rules = it.colleges.as_mut().unwrap();
        rules.aggregation = Aggregation::Bloc { majority: Share::HALF, undecided: CountsAs::Against };
    });
    assert_eq!((found.adopted, found.favour.as_str()), (Verdict::Adopted, "3/5"));
}

#[test]
fn silence_that_consents_carries_college_a_of_the_statutes_of_medoc() {
    let consent = CountsAs::For;
    let (found, expected) = resolution_case("college-medoc-worked-example", |it| {
        it.silence = Silence { blank: consent, null: consent, abstention: consent, absence: consent };
        let rules = it.colleges.as_mut().unwrap();
        let majority = Share::new(3, 5).unwrap();
        rules.aggregation = Aggregation::Bloc { majority, undecided: CountsAs::Against };
    });
    assert_eq!(found.adopted, Verdict::Rejected, "exactly half is not more than half");
    assert_eq!(found.favour, expected["pour_weight"].as_str().unwrap());
}

#[test]
fn a_judgment_weighs_colleges_as_expected() {
    let case = case("mj-colleges-synthetic-50-30-20");
    let colleges = case["input"]["colleges"].as_array().unwrap();
    let weights: Vec<u16> =
        colleges.iter().map(|it| u16::try_from(it["weight_bp"].as_u64().unwrap()).unwrap()).collect();
    let candidates: Vec<&str> =
        case["input"]["candidates"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let grade_names: Vec<&str> =
        case["input"]["grades"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let mut ballots: Vec<Vec<Answer>> = Vec::new();
    for college in colleges {
        let mut answers = Vec::new();
        for line in college["ballots"].as_array().unwrap() {
            let given: Vec<Option<u8>> =
                line[1].as_array().unwrap().iter().map(|it| it.as_u64().map(|it| u8::try_from(it).unwrap())).collect();
            let answer = if given.iter().all(Option::is_none) { Answer::Blank } else { grades(&given) };
            answers.extend(std::iter::repeat_n(answer, usize::try_from(line[0].as_u64().unwrap()).unwrap()));
        }
        ballots.push(answers);
    }
    let members: Vec<usize> = ballots.iter().map(|it| it.len() + 3).collect();
    let mut world = World::new();
    put(&mut world, |it| it.colleges = Some(college_rules(&weights)));
    let method = Method::MajorityJudgment { grades: names(&grade_names), nulls: NullPolicy::Worst };
    let asked = question(&candidates, method);
    let id = assemble(&mut world, &members, &ballots, |it| it.questions = List::new(vec![asked]).unwrap());
    let QuestionResult::ByCollege { global, colleges } = only(&world, id) else { panic!("by college") };
    let QuestionResult::WeightedJudgment { profiles, ranks, winners, .. } = *global else { panic!("weighted") };
    for (at, name) in candidates.iter().enumerate() {
        let wanted: Vec<String> =
            case["expected"]["reduced_profiles"][*name].as_array().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(profiles[at], wanted, "{name}");
        assert_eq!(u64::from(ranks[at]), case["expected"]["ranks"][*name].as_u64().unwrap(), "{name}");
    }
    assert_eq!(winners, [9]);
    assert_eq!(colleges.len(), 3);
}

#[test]
fn a_judgment_without_a_ballot_or_with_one_in_one_college_is_counted_again_alike() {
    for ballots in [vec![], vec![vec![grades(&[Some(2), Some(0)])]]] {
        let mut world = World::new();
        put(&mut world, |it| it.colleges = Some(college_rules(&[2_500; 4])));
        let method =
            Method::MajorityJudgment { grades: names(&["rejected", "fair", "good"]), nulls: NullPolicy::Worst };
        let asked = List::new(vec![question(&["x", "y"], method)]).unwrap();
        // `assemble` lays the recount beside the count.
        let id = assemble(&mut world, &[2, 2, 2, 2], &ballots, |it| it.questions = asked);
        let QuestionResult::ByCollege { global, .. } = only(&world, id) else { panic!("by college") };
        let QuestionResult::WeightedJudgment { winners, .. } = *global else { panic!("{global:?}") };
        assert_eq!(winners, if ballots.is_empty() { vec![] } else { vec![0] });
    }
}

#[test]
fn a_college_without_members_keeps_its_weight_or_leaves_it() {
    use urne_types::statutes::SilentCollege;
    let decided = |silent_college| {
        let mut world = World::new();
        put(&mut world, |it| {
            let mut rules = college_rules(&[4_000, 2_000, 4_000]);
            rules.silent_college = silent_college;
            it.colleges = Some(rules);
            let mut rule = it.majorities[0].clone();
            rule.threshold = MajorityThreshold::MoreThan(Share::HALF);
            it.majorities = List::new(vec![rule]).unwrap();
        });
        let id = assemble(&mut world, &[2, 2], &[said(2, 0, 0), said(0, 2, 0)], |_| {});
        match only(&world, id).global() {
            QuestionResult::Resolution { verdict, ratio, .. } => (*verdict, ratio.clone().unwrap().0),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(decided(SilentCollege::Kept), (Verdict::Rejected, "2/5".into()));
    assert_eq!(decided(SilentCollege::Redistributed), (Verdict::Adopted, "2/3".into()));
}

#[test]
fn small_colleges_are_withheld_or_merged_and_never_found_by_subtraction() {
    let shown = |small_colleges| {
        let mut world = World::new();
        put(&mut world, |it| {
            let mut rules = college_rules(&[2_500; 4]);
            (rules.small_floor, rules.small_colleges) = (3, small_colleges);
            it.colleges = Some(rules);
        });
        let ballots = [said(4, 1, 0), said(1, 1, 0), said(3, 0, 0), said(2, 2, 0)];
        let id = assemble(&mut world, &[6, 6, 6, 6], &ballots, |_| {});
        let QuestionResult::ByCollege { colleges, .. } = only(&world, id) else { panic!("by college") };
        let ids = |it: &CollegeResult| it.colleges.iter().map(|it| it.get()).collect::<Vec<_>>();
        colleges.iter().map(|it| (ids(it), it.voted.get(), it.answer.is_some())).collect::<Vec<_>>()
    };
    // Two voters in college 2 are too few; college 3, the smallest of the others, is hidden with it.
    let rest = [(vec![1], 5, true), (vec![4], 4, true)];
    assert_eq!(shown(SmallColleges::Withheld), [rest[0].clone(), rest[1].clone(), (vec![2, 3], 5, false)]);
    assert_eq!(shown(SmallColleges::Merged), [rest[0].clone(), rest[1].clone(), (vec![2, 3], 5, true)]);
}

// ---- Attendance and calls ----

#[test]
fn too_few_members_adopt_nothing_and_a_second_call_asks_for_fewer() {
    let mut world = World::new();
    put(&mut world, |it| {
        it.attendance = Some(Share::HALF);
        let attendance = Some(Share::new(1, 10).unwrap());
        it.second_call = Some(SecondCall {
            attendance,
            college_attendance: None,
            silence: Silence::IGNORED,
            notice_ms: HOUR,
            census: SecondCensus::Adopted,
        });
    });
    let first = assemble(&mut world, &[10], &[said(4, 0, 0)], |_| {});
    let QuestionResult::Resolution { verdict, attendance, absent, .. } = only(&world, first) else { panic!() };
    assert_eq!((verdict, attendance, absent), (Verdict::Rejected, Attendance::Missed, Count(6)));
    let again = |world: &mut World, first, members: usize| {
        let now = world.now;
        assemble(world, &[members], &[said(4, 0, 0)], |it| {
            it.statutes = Some(UnderStatutes { version: 1, convocation: Convocation::Second { first } });
            it.convened_at = Some(UnixMs::new(now));
        })
    };
    let second = again(&mut world, first, 11);
    let QuestionResult::Resolution { verdict, attendance, .. } = only(&world, second) else { panic!() };
    assert_eq!((verdict, attendance), (Verdict::Adopted, Attendance::Reached));
}

// ---- Who is registered ----

fn registered(electorate: Electorate) -> (u64, u64) {
    let mut world = World::new();
    put(&mut world, |it| it.electorate = electorate);
    world.act(Act::SuspendMember { member: public("a") }).unwrap();
    let census = world.census(&[(1, "a"), (1, "b"), (1, "c"), (1, "d")]);
    let mut definition = world.definition(census, vec![resolution()]);
    definition.statutes = under(1);
    let id = world.schedule(definition);
    world.empty(START + HOUR);
    world.cast("b", id, 1, 1, &[FOR]).unwrap();
    world.act(Act::SuspendMember { member: public("b") }).unwrap();
    world.act(Act::SuspendMember { member: public("c") }).unwrap();
    world.empty(START + 2 * HOUR);
    world.count_through();
    assert_eq!(world.recount(id), world.result(id));
    let QuestionResult::Resolution { favour, absent, .. } = only(&world, id) else { panic!("a resolution") };
    (favour.get(), absent.get())
}

#[test]
fn suspensions_lower_the_electorate_until_the_opening_or_until_the_close() {
    assert_eq!(registered(Electorate::FrozenAtOpening), (1, 2), "without a: b, c and d");
    assert_eq!(registered(Electorate::LoweredBySuspensions), (1, 1), "without a and c; b had voted");
}

#[test]
fn a_member_of_two_colleges_has_a_voice_in_each_or_one_in_all() {
    let voices = |voice| {
        let mut world = World::new();
        put(&mut world, |it| it.voice = voice);
        let id = world.open_referendum(|it| it.statutes = under(1));
        world.cast("a", id, 2, 1, &[FOR]).unwrap();
        world.cast("a", id, 2, 2, &[AGAINST]).unwrap();
        world.cast("a", id, 1, 1, &[FOR]).map(|_| ())
    };
    assert_eq!(voices(Voice::PerCollege), Ok(()));
    assert_eq!(voices(Voice::PerMember), Err(Rejection::VotedInOtherCollege));
}

// ---- Versions ----

#[test]
fn an_election_keeps_the_statutes_it_was_scheduled_under() {
    let mut world = World::new();
    put(&mut world, |_| {});
    let id = world.open_referendum(|it| {
        it.questions = List::new(vec![resolution()]).unwrap();
        it.statutes = under(1);
    });
    put(&mut world, |it| {
        it.version = 2;
        it.silence.absence = CountsAs::Against;
    });
    assert_eq!(contract::statutes_in_force(&world.state).map(|it| it.version), Some(2));
    assert_eq!(contract::statutes(&world.state, 1).map(|it| it.silence), Some(Silence::IGNORED));
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    world.empty(START + 2 * HOUR);
    let QuestionResult::Resolution { verdict, .. } = only(&world, id) else { panic!("a resolution") };
    assert_eq!(verdict, Verdict::Adopted, "absence counts against under the later version only");
}

#[test]
fn statutes_survive_their_file() {
    let mut statutes = plain_statutes();
    statutes.colleges = Some(college_rules(&[5_000, 3_000, 2_000]));
    let text = serde_json::to_string(&statutes).unwrap();
    assert_eq!(serde_json::from_str::<Statutes>(&text).unwrap(), statutes);
    let short = r#"{"version": 1, "name": "Association", "profile": "association", "voice": "per_member",
        "electorate": "frozen_at_opening", "silence": {"blank": "nothing", "null": "nothing", "abstention": "nothing",
        "absence": "nothing"}, "majorities": [{"decision": "ordinary", "threshold": "simple"},
        {"decision": "statutes", "threshold": {"at_least": "2/3"}}], "notice_ms": 1296000000}"#;
    let short: Statutes = serde_json::from_str(short).unwrap();
    assert_eq!((short.colleges, short.attendance, short.categories.len()), (None, None, 0));
    assert!(serde_json::from_str::<Share>("\"3/2\"").is_err());
}

#[test]
fn statutes_that_give_an_undecided_college_a_second_round_are_refused_and_not_half_read() {
    let bloc = |more: &str| {
        let json = format!(r#"{{"bloc": {{"majority": "3/5", "undecided": "against"{more}}}}}"#);
        serde_json::from_str::<Aggregation>(&json)
    };
    let majority = Share::new(3, 5).unwrap();
    assert_eq!(bloc("").unwrap(), Aggregation::Bloc { majority, undecided: CountsAs::Against });
    assert!(bloc(r#", "second_round": true"#).unwrap_err().to_string().contains("second_round"));
}

// ---- Keys ----

#[test]
fn a_members_right_passes_to_a_new_key_with_what_the_old_one_cast() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.cast("a", id, 1, 1, &[AGAINST]).unwrap();
    let replace = |from: &str, to: &str| Act::ReplaceMemberKey {
        from: public(from),
        to: public(to),
        cause: KeyCause::NewRepresentative,
    };
    world.act(replace("a", "a second")).unwrap();
    world.act(replace("a second", "a third")).unwrap();
    assert_eq!(world.cast("a second", id, 1, 2, &[FOR]), Err(Rejection::KeyReplaced));
    assert_eq!(world.cast("a third", id, 1, 1, &[FOR]), Err(Rejection::SequenceTooOld), "it is the same right");
    world.cast("a third", id, 1, 2, &[FOR]).unwrap();
    let keys = contract::replaced_keys(&world.state, Page::ALL);
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|it| it.member == public("a")));
    world.empty(START + 2 * HOUR);
    let QuestionResult::Referendum { favour, against, .. } = only(&world, id) else { panic!("a referendum") };
    assert_eq!((favour, against, world.result(id).turnout.voted), (Count(1), Count(0), Count(1)));
}
