//! The rules of methods, tours, statutes and members' keys, each broken by the smallest story that breaks it.
use super::{Outcome, Story};
use crate::support::{
    FOR, HOUR, START, World, approvals,
    assembly::{conduct, convene},
    college_rules, grades, names, plain_statutes, points, public, question, ranking, referendum, resolution, text,
    under,
};
use urne_types::{
    ElectionId, Rejection, UnixMs,
    ballot::Answer,
    bounded::List,
    election::{ElectionDefinition, Method, NullPolicy, Question},
    governance::{Act, KeyCause},
    limits::EQUAL_SHARES_SUPPORTS_MAX,
    method::{BudgetBallot, BudgetRule, Greedy, LastSeats, LotRule, Qualified, RunoffStop, SharesCompletion},
    share::Share,
    statutes::{
        Category, Convocation, MajorityRule, Profile, SecondCall, SecondCensus, Silence, Statutes, UnderStatutes, Voice,
    },
    transaction::Payload,
};

pub(crate) const STORIES: &[(Rejection, &str, Story)] = &[
    // Answers
    (Rejection::WrongNumberOfMarks, "three names where two at most are asked", |w| {
        answer(w, two_of_three(), &approvals(&[0, 1, 2]))
    }),
    (Rejection::WrongNumberOfMarks, "eleven points where ten may be shared out", |w| {
        answer(w, budget(BudgetBallot::Points { total: 10 }), &points(&[5, 6]))
    }),
    (Rejection::AnswerNotCanonical, "no point at all, which is a blank ballot", |w| {
        answer(w, budget(BudgetBallot::Points { total: 10 }), &points(&[0, 0]))
    }),
    (Rejection::AnswerNotCanonical, "a choice ranked twice", |w| answer(w, runoff(), &ranking(&[&[0], &[1], &[0]]))),
    (Rejection::AnswerNotCanonical, "an empty rank", |w| answer(w, runoff(), &ranking(&[&[0], &[]]))),
    (Rejection::UnknownChoice, "a choice ranked that is not there", |w| answer(w, runoff(), &ranking(&[&[3]]))),
    (Rejection::WrongAnswerKind, "abstaining where nobody asks", |w| answer(w, referendum(), &Answer::Abstain)),
    (Rejection::SharedRank, "two choices at one rank of a runoff", |w| answer(w, runoff(), &ranking(&[&[0, 1]]))),
    (Rejection::NotDrawn, "a judgment of all three where two were drawn", |w| {
        answer(w, drawn_judgment(2), &grades(&[Some(0), Some(1), Some(2)]))
    }),
    (Rejection::VotedInOtherCollege, "a member of two colleges with one voice", |w| {
        put(w, |it| it.voice = Voice::PerMember).unwrap();
        let id = w.open_referendum(|it| it.statutes = under(1));
        w.cast("a", id, 1, 1, &[FOR]).unwrap();
        w.cast("a", id, 2, 1, &[FOR])
    }),
    (Rejection::KeyReplaced, "a ballot with a key that was replaced", |w| {
        let id = w.open_referendum(|_| {});
        replace_key(w, "a", "a again").unwrap();
        w.cast("a", id, 1, 1, &[FOR])
    }),
    (Rejection::KeyReplaced, "a key replaced a second time", |w| {
        replace_key(w, "a", "a again").unwrap();
        replace_key(w, "a", "a once more")
    }),
    (Rejection::MemberKeyInUse, "a key that took another's place already", |w| {
        replace_key(w, "a", "a again").unwrap();
        replace_key(w, "b", "a again")
    }),
    // Methods
    (Rejection::BadMethod, "more marks than choices", |w| {
        draft(w, question(&["x", "y"], two_of_three().method.clone()).but(|it| marks(it, 1, 3)))
    }),
    (Rejection::BadMethod, "no seat to fill", |w| draft(w, stv(0))),
    (Rejection::BadMethod, "a project that costs nothing", |w| draft(w, budget_of(&[5, 0], 10))),
    (Rejection::BadMethod, "two projects and three costs", |w| draft(w, budget_of(&[5, 6, 7], 10))),
    (Rejection::BadMethod, "a share above one", |w| {
        let registered_share = Some(Share { numerator: 3, denominator: 2 });
        draft(w, question(&["x", "y"], Method::FirstTour { registered_share, qualified: Qualified::TwoFirst }))
    }),
    (Rejection::BadMethod, "more choices drawn than there are", |w| draft(w, drawn_judgment(4))),
    (Rejection::BadChoices, "more candidates than a runoff can carry", |w| {
        let all: Vec<String> = (0..129).map(|it| it.to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        draft(w, question(&all, runoff().method))
    }),
    (Rejection::TooManyCounters, "duels among 400 choices", |w| {
        let all: Vec<String> = (0..400).map(|it| it.to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let rule = urne_types::method::CondorcetRule::Schulze;
        draft(w, question(&all, Method::Condorcet { rule, unranked: urne_types::method::Unranked::NoOpinion }))
    }),
    (Rejection::TooManyCounters, "lots for a thousand seats among a thousand choices", |w| {
        let all: Vec<String> = (0..1_000).map(|it| it.to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let last_seats = LastSeats::Drawn(LotRule::ListOrder);
        draft(w, question(&all, Method::KOfN { least_marks: 1, most_marks: 1, seats: 999, least_votes: 0, last_seats }))
    }),
    (Rejection::TooManyCounters, "equal shares for more members than a block can serve", |w| {
        let costs: Vec<u64> = vec![1; 1_000];
        let names: Vec<String> = (0..1_000).map(|it| it.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let members = usize::try_from(EQUAL_SHARES_SUPPORTS_MAX).unwrap() / 1_000 + 1;
        let mut entries: Vec<_> = (0..members).map(|it| crate::support::entry(1, &it.to_string())).collect();
        let census = w.bring_entries(&mut entries);
        w.act(Act::AdoptCensus { census }).unwrap();
        let ballot = BudgetBallot::Approvals { most: 5 };
        let rule = BudgetRule::EqualShares { ballot, completion: SharesCompletion::None };
        let costs = List::new(costs).unwrap();
        let definition = w.definition(census, vec![question(&names, Method::Budget { budget: 9, costs, rule })]);
        schedule(w, definition)
    }),
    (Rejection::NotASecondTour, "a second tour after an election that was none", |w| {
        let first = w.open_referendum(|_| {});
        w.empty(START + 2 * HOUR);
        scheduled(w, second_tour(first, &["pour"]), |_| {})
    }),
    (Rejection::NotASecondTour, "a second tour with somebody whom the first did not qualify", |w| {
        let first = first_tour(w);
        scheduled(w, second_tour(first, &["x", "z"]), |_| {})
    }),
    // Statutes
    (Rejection::UnknownStatutes, "statutes that nobody put", |w| {
        scheduled(w, referendum(), |it| it.statutes = under(1))
    }),
    (Rejection::StatutesOutOfOrder, "a second version before the first", |w| put(w, |it| it.version = 2)),
    (Rejection::ScicTooFewColleges, "a SCIC with two colleges", |w| scic(w, &[5_000, 5_000])),
    (Rejection::ScicCollegeWeight, "a SCIC college above half", |w| scic(w, &[5_100, 3_900, 1_000])),
    (Rejection::ScicCollegeWeight, "a SCIC college below a tenth", |w| scic(w, &[5_000, 4_001, 999])),
    (Rejection::ScicTooFewCategories, "a SCIC with two categories of members", |w| {
        put(w, |it| {
            it.profile = Profile::Scic;
            let category = |name| Category { name: text(name), college: None };
            it.categories = List::new(vec![category("salariés"), category("usagers")]).unwrap();
        })
    }),
    (Rejection::WeightsDoNotSum, "an association whose colleges weigh 90 %", |w| {
        put(w, |it| it.colleges = Some(college_rules(&[5_000, 4_000])))
    }),
    (Rejection::WeightsDoNotSum, "a college without weight", |w| {
        put(w, |it| it.colleges = Some(college_rules(&[10_000, 0])))
    }),
    (Rejection::UnknownCollege, "a fifth college weighed on a chain of four", |w| {
        put(w, |it| it.colleges = Some(college_rules(&[2_000; 5])))
    }),
    (Rejection::BadNames, "two rules for one kind of decision", |w| {
        put(w, |it| {
            let rule = it.majorities[0].clone();
            it.majorities = List::new(vec![rule.clone(), rule]).unwrap();
        })
    }),
    (Rejection::BadNames, "two categories that look alike", |w| {
        let category = |name| Category { name: text(name), college: None };
        put(w, |it| it.categories = List::new(vec![category("Salarié·es"), category("Salarie\u{301}·es")]).unwrap())
    }),
    (Rejection::BadStatutes, "attendance of three halves", |w| {
        put(w, |it| it.attendance = Some(Share { numerator: 3, denominator: 2 }))
    }),
    (Rejection::StatutesNotInForce, "statutes that were amended since", |w| {
        put(w, |_| {}).unwrap();
        put(w, |it| it.version = 2).unwrap();
        scheduled(w, referendum(), |it| it.statutes = under(1))
    }),
    (Rejection::UnknownDecision, "a resolution without statutes", |w| draft(w, resolution())),
    (Rejection::UnknownDecision, "a kind of decision that the statutes do not name", |w| {
        put(w, |it| {
            let rule = MajorityRule { decision: text("dissolution"), ..it.majorities[0].clone() };
            it.majorities = List::new(vec![rule]).unwrap();
        })
        .unwrap();
        scheduled(w, resolution(), |it| it.statutes = under(1))
    }),
    (Rejection::NotConvened, "no convocation where the statutes ask for one", |w| {
        with_notice(w);
        scheduled(w, resolution(), |it| it.statutes = under(1))
    }),
    (Rejection::NoticeTooShort, "convened half an hour before, where an hour is asked", |w| {
        with_notice(w);
        scheduled(w, resolution(), |it| {
            it.statutes = under(1);
            it.convened_at = Some(UnixMs::new(START + HOUR / 2));
        })
    }),
    (Rejection::DocumentsTooLate, "documents that reach the ledger within the notice", |w| {
        with_notice(w);
        scheduled(w, resolution(), |it| {
            it.statutes = under(1);
            it.convened_at = Some(UnixMs::new(START));
            it.documents = List::new(vec![urne_types::DocumentHash([1; 32])]).unwrap();
        })
    }),
    (Rejection::DocumentsMissing, "no document where one is asked", |w| {
        put(w, |it| it.documents_min = 1).unwrap();
        scheduled(w, resolution(), |it| it.statutes = under(1))
    }),
    (Rejection::CollegeNotInStatutes, "a census with a college that has no weight", |w| {
        put(w, |it| it.colleges = Some(college_rules(&[10_000]))).unwrap();
        let census = w.census(&[(1, "a"), (2, "b")]);
        let mut definition = w.definition(census, vec![resolution()]);
        definition.statutes = under(1);
        schedule(w, definition)
    }),
    (Rejection::NoSecondCall, "a second call that the statutes do not know", |w| {
        put(w, |_| {}).unwrap();
        scheduled(w, resolution(), |it| it.statutes = second_call(ElectionId([1; 32])))
    }),
    (Rejection::NoSecondCall, "a second call after a first that nobody held", |w| {
        put(w, |it| {
            it.second_call = Some(SecondCall {
                attendance: None,
                college_attendance: None,
                silence: Silence::IGNORED,
                notice_ms: 0,
                census: SecondCensus::Same,
            });
        })
        .unwrap();
        scheduled(w, resolution(), |it| it.statutes = second_call(ElectionId([1; 32])))
    }),
    (Rejection::OtherQuestions, "a second call on another matter than its first", |w| {
        let first = missed_call(w);
        again(w, first, &["a", "b", "c"], |it| {
            it.questions = List::new(vec![question(&["oui", "non"], resolution().method)]).unwrap();
        })
    }),
    (Rejection::OtherCensus, "a second call of other members than the first", |w| {
        let first = missed_call(w);
        again(w, first, &["a", "b", "d"], |_| {})
    }),
    (Rejection::SecondCallExists, "another second call of one first", |w| {
        let first = missed_call(w);
        again(w, first, &["a", "b", "c"], |_| {}).unwrap();
        again(w, first, &["a", "b", "c"], |_| {})
    }),
    (Rejection::SecondTourExists, "another second tour of one first", |w| {
        let first = first_tour(w);
        toured(w, first, vec![second_tour(first, &["x", "y"])]).unwrap();
        toured(w, first, vec![second_tour(first, &["x"])])
    }),
    (Rejection::SecondTourExists, "one second tour twice in an election", |w| {
        let first = first_tour(w);
        let twin = second_tour(first, &["x", "y"]).but(|it| it.title = text("once more"));
        toured(w, first, vec![second_tour(first, &["x", "y"]), twin])
    }),
    (Rejection::OtherCensus, "a second tour of other members than the first", |w| {
        let first = first_tour(w);
        scheduled(w, second_tour(first, &["x", "y"]), |_| {})
    }),
    (Rejection::BadStatutes, "an attendance by college at the second call of an assembly without colleges", |w| {
        put(w, |it| {
            let college_attendance = Some(Share::HALF);
            it.second_call = Some(SecondCall { college_attendance, ..anyone() });
        })
    }),
];

// ---- Calls ----

fn anyone() -> SecondCall {
    let (silence, census) = (Silence::IGNORED, SecondCensus::Same);
    SecondCall { attendance: None, college_attendance: None, silence, notice_ms: 0, census }
}
/// A first call of three members that one attends, where half must.
fn missed_call(w: &mut World) -> ElectionId {
    put(w, |it| (it.attendance, it.second_call) = (Some(Share::HALF), Some(anyone()))).unwrap();
    let definition = convene(w, &[(1, "a"), (1, "b"), (1, "c")], |_| {});
    conduct(w, definition, &[("a".into(), 1, vec![FOR])])
}
fn again(w: &mut World, first: ElectionId, members: &[&str], edit: impl FnOnce(&mut ElectionDefinition)) -> Outcome {
    let members: Vec<(u16, &str)> = members.iter().map(|it| (1, *it)).collect();
    let definition = convene(w, &members, |it| {
        it.statutes = second_call(first);
        edit(it);
    });
    schedule(w, definition)
}

// ---- Questions ----

trait But: Sized {
    fn but(self, edit: impl FnOnce(&mut Self)) -> Self;
}
impl But for Question {
    fn but(mut self, edit: impl FnOnce(&mut Self)) -> Self {
        edit(&mut self);
        self
    }
}
fn marks(it: &mut Question, least: u16, most: u16) {
    let last_seats = LastSeats::Open;
    it.method = Method::KOfN { least_marks: least, most_marks: most, seats: 1, least_votes: 0, last_seats };
}
fn two_of_three() -> Question {
    question(&["x", "y", "z"], Method::Plurality).but(|it| marks(it, 1, 2))
}
fn runoff() -> Question {
    question(&["x", "y", "z"], Method::InstantRunoff { stop: RunoffStop::Majority, lot: LotRule::ListOrder })
}
fn stv(seats: u16) -> Question {
    question(&["x", "y", "z"], Method::ScottishStv { seats, lot: LotRule::ListOrder })
}
fn drawn_judgment(judged: u16) -> Question {
    let grades = names(&["à rejeter", "passable", "bien"]);
    question(&["x", "y", "z"], Method::DrawnJudgment { grades, nulls: NullPolicy::Drop, judged })
}
fn budget(ballot: BudgetBallot) -> Question {
    let (costs, rule) = (List::new(vec![5, 6]).unwrap(), BudgetRule::Greedy { ballot, greedy: Greedy::Skip });
    question(&["x", "y"], Method::Budget { budget: 10, costs, rule })
}
fn budget_of(costs: &[u64], budget: u64) -> Question {
    let rule = BudgetRule::Greedy { ballot: BudgetBallot::Approvals { most: 1 }, greedy: Greedy::Skip };
    question(&["x", "y"], Method::Budget { budget, costs: List::new(costs.to_vec()).unwrap(), rule })
}
fn second_tour(first: ElectionId, choices: &[&str]) -> Question {
    question(choices, Method::SecondTour { first, question: 0 })
}
fn second_call(first: ElectionId) -> Option<UnderStatutes> {
    Some(UnderStatutes { version: 1, convocation: Convocation::Second { first } })
}

// ---- Doings ----

fn answer(w: &mut World, question: Question, answer: &Answer) -> Outcome {
    let id = w.open_referendum(|it| it.questions = List::new(vec![question]).unwrap());
    w.cast("a", id, 1, 1, std::slice::from_ref(answer))
}
fn draft(w: &mut World, question: Question) -> Outcome {
    let census = w.census(&[(1, "a")]);
    let definition = w.definition(census, vec![question]);
    w.send("admin 1", Payload::DraftElection(definition))
}
fn schedule(w: &mut World, definition: ElectionDefinition) -> Outcome {
    let draft = definition.draft_id();
    w.send("admin 1", Payload::DraftElection(definition)).unwrap();
    w.act(Act::ScheduleElection { draft })
}
/// Scheduled for the next hour, whatever the time is.
fn scheduled(w: &mut World, question: Question, edit: impl FnOnce(&mut ElectionDefinition)) -> Outcome {
    let census = w.census(&[(1, "a"), (1, "b")]);
    let mut definition = w.definition(census, vec![question]);
    if definition.opens_at.get() <= w.now {
        (definition.opens_at, definition.closes_at) = (UnixMs::new(w.now + HOUR), UnixMs::new(w.now + 2 * HOUR));
    }
    edit(&mut definition);
    schedule(w, definition)
}
fn first_tour(w: &mut World) -> ElectionId {
    let method = Method::FirstTour { registered_share: None, qualified: Qualified::TwoFirst };
    let asked = question(&["x", "y", "z"], method);
    let id = w.open_referendum(|it| it.questions = List::new(vec![asked]).unwrap());
    for (who, choice) in [("a", 0), ("b", 1)] {
        w.cast(who, id, 1, 1, &[Answer::Choice(choice)]).unwrap();
    }
    w.empty(START + 2 * HOUR);
    id
}
/// A second tour among the members of its first.
fn toured(w: &mut World, first: ElectionId, questions: Vec<Question>) -> Outcome {
    let census = urne_vote_contract::definition(&w.state, &first).unwrap().census;
    let definition = convene(w, &[(1, "a"), (1, "b")], |it| {
        (it.census, it.statutes) = (census, None);
        it.questions = List::new(questions).unwrap();
    });
    schedule(w, definition)
}
fn put(w: &mut World, edit: impl FnOnce(&mut Statutes)) -> Outcome {
    let mut statutes = plain_statutes();
    edit(&mut statutes);
    w.act(Act::PutStatutes { statutes: Box::new(statutes) })
}
fn scic(w: &mut World, weights: &[u16]) -> Outcome {
    put(w, |it| (it.profile, it.colleges) = (Profile::Scic, Some(college_rules(weights))))
}
fn with_notice(w: &mut World) {
    put(w, |it| it.notice_ms = HOUR).unwrap();
}
fn replace_key(w: &mut World, from: &str, to: &str) -> Outcome {
    w.act(Act::ReplaceMemberKey { from: public(from), to: public(to), cause: KeyCause::Lost })
}
