//! The life of an election as its members see it: when ballots count, what a revote does, what is on record at each block,
//! what the close brings.
#![allow(clippy::unwrap_used)]
mod support;
use support::{
    AGAINST, FOR, HOUR, START, World, approvals, college, grades, judgment, public, question, referendum, text,
};
use urne_types::{
    CensusId, Height, Rejection, UnixMs,
    ballot::Answer,
    bounded::List,
    election::{EarlyClose, Method, NullPolicy, RevotePolicy},
    governance::Act,
    limits::DEADLINE_LATENESS_MS_MAX,
    transaction::Payload,
};
use urne_vote_contract::{
    self as contract, Count, Event, LogId, Page, QuestionResult,
    records::{CloseReason, ElectionState, Incident, Moment},
    result::{CollegeTurnout, Lean, Majority, MajorityGrade, Turnout, Verdict},
};

const OPEN: u64 = START + HOUR;
const CLOSE: u64 = START + 2 * HOUR;

fn favour_against_blank(world: &World, id: urne_types::ElectionId) -> [u64; 3] {
    match world.result(id).questions.first() {
        Some(QuestionResult::Referendum { favour, against, blank, .. }) => [favour.get(), against.get(), blank.get()],
        other => panic!("a referendum gives a referendum's result, not {other:?}"),
    }
}
fn state(world: &World, id: urne_types::ElectionId) -> ElectionState {
    contract::election(&world.state, &id).unwrap().state
}

#[test]
fn an_election_goes_one_way_from_draft_to_tally() {
    let mut world = World::new();
    let census = world.census(&[(1, "a")]);
    let definition = world.definition(census, vec![referendum()]);
    let (draft, id) = (definition.draft_id(), definition.election_id(&world.chain));
    world.send("admin 1", Payload::DraftElection(definition.clone())).unwrap();
    assert_eq!(contract::draft(&world.state, &draft), Some(definition.clone()));
    assert_eq!(contract::next_deadline(&world.state), None, "a draft is not an election");

    world.act(Act::ScheduleElection { draft }).unwrap();
    assert_eq!(state(&world, id), ElectionState::Scheduled);
    assert_eq!(contract::drafts(&world.state, Page::ALL), vec![]);
    assert_eq!(contract::elections(&world.state, Page::ALL), vec![id]);
    assert_eq!(contract::next_deadline(&world.state), Some(UnixMs::new(OPEN)));
    assert!(!contract::is_any_open(&world.state));

    world.empty(OPEN);
    assert_eq!(state(&world, id), ElectionState::Open);
    assert_eq!(world.events, vec![Event::ElectionOpened { election: id }]);
    assert_eq!(contract::next_deadline(&world.state), Some(UnixMs::new(CLOSE)));
    assert!(contract::is_any_open(&world.state));

    world.empty(CLOSE);
    assert_eq!(state(&world, id), ElectionState::Tallied);
    assert_eq!(contract::next_deadline(&world.state), None);
    assert!(!contract::is_any_open(&world.state));
    let life = contract::life(&world.state, &id).unwrap();
    assert_eq!(life.closed.map(|it| it.reason), Some(CloseReason::TimeElapsed));
    assert_eq!(life.tallied, Some(Moment { height: Height::new(world.height), time: UnixMs::new(CLOSE) }));
    assert_eq!(life.incidents, vec![]);
}

#[test]
fn a_ballot_counts_from_the_opening_until_the_close_and_its_grace() {
    let mut world = World::new();
    let id = world.open_referendum(|it| it.grace_ms = 2_000);
    let first = world.ballot("a", id, 1, 1, &[FOR]);
    assert!(world.block(OPEN + 1, &[first])[0].is_ok());
    let in_grace = world.ballot("b", id, 1, 1, &[AGAINST]);
    assert!(world.block(CLOSE + 1_999, &[in_grace])[0].is_ok());
    let late = world.ballot("c", id, 1, 1, &[FOR]);
    assert_eq!(world.block(CLOSE + 2_000, &[late]), vec![Err(Rejection::ElectionClosed)]);
    assert_eq!(favour_against_blank(&world, id), [1, 1, 0]);
}

#[test]
fn a_ballot_in_the_opening_block_counts() {
    let mut world = World::new();
    let census = world.census(&[(1, "a")]);
    let id = world.schedule(world.definition(census, vec![referendum()]));
    let ballot = world.ballot("a", id, 1, 1, &[FOR]);
    assert!(world.block(OPEN, &[ballot])[0].is_ok());
}

#[test]
fn the_mempool_refuses_a_ballot_past_the_cutoff_before_the_closing_block_runs() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    let ballot = world.ballot("a", id, 1, 1, &[FOR]);
    let mut at = world.context();
    at.time = UnixMs::new(CLOSE);
    let refused = contract::execute(&world.state, &at, &ballot, &mut contract::Changes::default());
    assert_eq!(refused, Err(Rejection::ElectionClosed));
}

#[test]
fn the_ballot_with_the_highest_sequence_counts_and_leaps_may_be_large() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    world.cast("a", id, 1, 65, &[AGAINST]).unwrap();
    assert_eq!(world.cast("a", id, 1, 64, &[FOR]), Err(Rejection::SequenceTooOld));
    let voted = contract::turnout(&world.state, &id).unwrap().voted;
    assert_eq!(voted, Count(1), "a revote is not another presence");
    world.empty(CLOSE);
    assert_eq!(favour_against_blank(&world, id), [0, 1, 0]);
}

#[test]
fn a_member_of_two_colleges_has_a_ballot_in_each() {
    let mut world = World::new();
    let id = world.open_referendum(|it| it.revote = RevotePolicy::Forbidden);
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    world.cast("a", id, 2, 1, &[FOR]).unwrap();
    world.empty(CLOSE);
    assert_eq!(favour_against_blank(&world, id), [2, 0, 0]);
}

#[test]
fn two_ballots_of_one_member_in_one_block_are_judged_one_after_the_other() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    let ballots = [
        world.ballot("a", id, 1, 2, &[FOR]),
        world.ballot("a", id, 1, 1, &[AGAINST]),
        world.ballot("a", id, 1, 3, &[Answer::Blank]),
    ];
    let outcomes = world.block(OPEN + 1, &ballots);
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert_eq!(outcomes[1], Err(Rejection::SequenceTooOld));
    world.empty(CLOSE);
    assert_eq!(favour_against_blank(&world, id), [0, 0, 1]);
}

#[test]
fn turnout_is_on_record_at_every_block_and_no_choice_is() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    let before = world.state.map.clone();
    world.cast("d", id, 2, 1, &[FOR]).unwrap();
    let college_turnout = |of, registered, voted| CollegeTurnout {
        college: college(of),
        registered: Count(registered),
        voted: Count(voted),
    };
    let expected = Turnout::of(vec![college_turnout(1, 3, 1), college_turnout(2, 2, 1)]);
    assert_eq!(contract::turnout(&world.state, &id), Some(expected));
    assert_eq!(contract::result(&world.state, &id), None, "no count before the close");

    let changed = world.state.map.iter().filter(|(key, value)| before.get(*key) != Some(value)).count();
    assert_eq!(changed, 1, "a ballot changes nothing of the map but its college's turnout");
}

#[test]
fn the_same_votes_for_other_choices_leave_the_same_map_until_the_close() {
    let vote = |answers: [Answer; 2]| {
        let mut world = World::new();
        let id = world.open_referendum(|_| {});
        world.cast("a", id, 1, 1, &answers[..1]).unwrap();
        world.cast("b", id, 1, 1, &answers[1..]).unwrap();
        world.state.map
    };
    assert_eq!(vote([FOR, FOR]), vote([AGAINST, Answer::Blank]));
}

#[test]
fn logs_receive_each_ballot_and_each_presence_once() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    let first = world.ballot("a", id, 1, 1, &[FOR]);
    let again = world.ballot("a", id, 1, 2, &[AGAINST]);
    world.block(OPEN + 1, &[first.clone(), again.clone()]);
    let leaf = |tx: &urne_types::transaction::VerifiedTx| {
        urne_types::ballot::BallotLeaf { tx_id: tx.id(), tx_hash: tx.hash() }.hash()
    };
    assert_eq!(
        world.leaves,
        vec![
            (LogId::Emargements(id), contract::emargement_leaf(&support::entry(1, "a"))),
            (LogId::Ballots(id), leaf(&first)),
            (LogId::Ballots(id), leaf(&again)),
        ]
    );
}

#[test]
fn what_a_member_cast_before_she_was_suspended_stays() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    world.act(Act::SuspendMember { member: public("a") }).unwrap();
    assert_eq!(world.cast("a", id, 1, 2, &[AGAINST]), Err(Rejection::MemberSuspended));
    world.act(Act::ReinstateMember { member: public("a") }).unwrap();
    world.cast("a", id, 1, 2, &[Answer::Blank]).unwrap();
    world.act(Act::SuspendMember { member: public("a") }).unwrap();
    world.empty(CLOSE);
    assert_eq!(favour_against_blank(&world, id), [0, 0, 1]);
}

#[test]
fn no_event_names_a_voter() {
    let mut world = World::new();
    let id = world.open_referendum(|_| {});
    let mut told = String::new();
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    told += &serde_json::to_string(&world.events).unwrap();
    world.act(Act::SuspendMember { member: public("a") }).unwrap();
    told += &serde_json::to_string(&world.events).unwrap();
    world.empty(CLOSE);
    told += &serde_json::to_string(&world.events).unwrap();
    assert!(told.contains("ballot_accepted") && told.contains("member_suspended") && told.contains("election_tallied"));
    assert!(!told.contains(&public("a").to_string()));
}

#[test]
fn an_early_close_is_counted_in_the_next_block_where_the_definition_allows_it() {
    let mut world = World::new();
    let id = world.open_referendum(|it| it.early_close = EarlyClose::ByAct);
    world.cast("a", id, 1, 1, &[FOR]).unwrap();
    world.act(Act::CloseElection { election: id }).unwrap();
    assert_eq!(state(&world, id), ElectionState::Closed);
    assert!(contract::next_deadline(&world.state).is_some_and(|due| due.get() <= world.now), "a block is due at once");
    world.empty(world.now + 1);
    assert_eq!(favour_against_blank(&world, id), [1, 0, 0]);
    assert_eq!(contract::life(&world.state, &id).unwrap().closed.unwrap().reason, CloseReason::ByAct);
    assert_eq!(world.cast("b", id, 1, 1, &[FOR]), Err(Rejection::ElectionClosed));
    assert_eq!(contract::next_deadline(&world.state), None);
    world.empty(CLOSE);
    assert_eq!(world.events, vec![], "it does not close a second time");
    assert_eq!(world.act(Act::CancelElection { election: id, reason: text("?") }), Err(Rejection::WrongElectionState));
}

#[test]
fn ballots_before_the_closing_act_of_their_own_block_count_and_those_after_it_do_not() {
    let mut world = World::new();
    let id = world.open_referendum(|it| it.early_close = EarlyClose::ByAct);
    let (act, _) = world.propose("admin 1", Act::CloseElection { election: id });
    world.approve("admin 2", act).unwrap();
    let txs = [
        world.ballot("a", id, 1, 1, &[FOR]),
        world.tx("admin 3", Payload::ApproveAct { act }),
        world.ballot("b", id, 1, 1, &[FOR]),
    ];
    let outcomes = world.block(world.now + 1, &txs);
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok());
    assert_eq!(outcomes[2], Err(Rejection::ElectionClosed));
    world.empty(world.now + 1);
    assert_eq!(favour_against_blank(&world, id), [1, 0, 0]);
    assert_eq!(world.recount(id), world.result(id));
}

#[test]
fn a_cancelled_election_never_opens_nor_counts() {
    let mut world = World::new();
    let census = world.census(&[(1, "a")]);
    let id = world.schedule(world.definition(census, vec![referendum()]));
    world.act(Act::CancelElection { election: id, reason: text("vice de forme") }).unwrap();
    assert_eq!(contract::next_deadline(&world.state), None);
    world.empty(CLOSE);
    assert_eq!((world.events.len(), state(&world, id)), (0, ElectionState::Cancelled));
    assert_eq!(contract::result(&world.state, &id), None);
    assert_eq!(contract::life(&world.state, &id).unwrap().cancelled.unwrap().reason, text("vice de forme"));
}

#[test]
fn a_draft_lapses_when_its_opening_passes() {
    let mut world = World::new();
    let definition = world.definition(CensusId([7; 32]), vec![referendum()]);
    let draft = definition.draft_id();
    world.send("admin 1", Payload::DraftElection(definition)).unwrap();
    world.empty(OPEN);
    assert_eq!(world.events, vec![Event::DraftLapsed { draft }]);
    assert_eq!(world.act(Act::ScheduleElection { draft }), Err(Rejection::UnknownDraft));
}

#[test]
fn a_chain_paused_across_the_close_leaves_an_incident() {
    let late = |after: u64| {
        let mut world = World::new();
        let id = world.open_referendum(|_| {});
        world.empty(CLOSE + after);
        contract::life(&world.state, &id).unwrap().incidents
    };
    assert_eq!(late(DEADLINE_LATENESS_MS_MAX), vec![]);
    let incidents = late(DEADLINE_LATENESS_MS_MAX + 1);
    assert!(matches!(incidents[..], [Incident::PausedAcrossClose { due, .. }] if due == UnixMs::new(CLOSE)));
}

#[test]
fn a_chain_paused_across_the_whole_window_opens_and_closes_in_one_block() {
    let mut world = World::new();
    let census = world.census(&[(1, "a")]);
    let id = world.schedule(world.definition(census, vec![referendum()]));
    world.empty(CLOSE + HOUR);
    let life = contract::life(&world.state, &id).unwrap();
    assert!(matches!(life.incidents[..], [Incident::OpenedLate { .. }, Incident::PausedAcrossClose { .. }]));
    assert_eq!(state(&world, id), ElectionState::Tallied);
    assert_eq!(favour_against_blank(&world, id), [0, 0, 0]);
}

#[test]
fn several_questions_and_methods_fit_on_one_ballot() {
    let mut world = World::new();
    let questions = vec![
        referendum(),
        question(&["x", "y", "z"], Method::Plurality),
        question(&["x", "y"], Method::Approval),
        judgment(&["x", "y"], NullPolicy::Worst),
    ];
    let id = world.open_referendum(|it| it.questions = List::new(questions).unwrap());
    let of = |one, two, three, four| [one, Answer::Choice(two), three, four];
    world.cast("a", id, 1, 1, &of(FOR, 1, approvals(&[0, 1]), grades(&[Some(2), Some(0)]))).unwrap();
    world.cast("b", id, 1, 1, &of(FOR, 1, approvals(&[1]), grades(&[Some(2), None]))).unwrap();
    world.cast("c", id, 1, 1, &of(AGAINST, 2, Answer::Blank, grades(&[Some(0), Some(1)]))).unwrap();
    world.empty(CLOSE);
    let counts = |of: &[u64]| of.iter().copied().map(Count).collect::<Vec<_>>();
    let median = |grade, lean| Some(MajorityGrade { grade, lean });
    assert_eq!(
        world.result(id).questions,
        vec![
            QuestionResult::Referendum {
                favour: Count(2),
                against: Count(1),
                blank: Count(0),
                verdict: Verdict::Adopted,
                base: Count(3)
            },
            QuestionResult::Plurality {
                votes: counts(&[0, 2, 1]),
                blank: Count(0),
                ranks: vec![3, 1, 2],
                winners: vec![1],
                majority: Majority::Absolute
            },
            QuestionResult::Approval {
                approvals: counts(&[1, 2]),
                ballots: Count(3),
                blank: Count(1),
                ranks: vec![2, 1],
                winners: vec![1]
            },
            QuestionResult::MajorityJudgment {
                grades: vec![counts(&[1, 0, 2]), counts(&[1, 1, 0])],
                no_opinion: counts(&[0, 1]),
                ballots: Count(3),
                blank: Count(0),
                ranks: vec![1, 2],
                winners: vec![0],
                medians: vec![median(2, Lean::Down), median(0, Lean::Up)]
            },
        ]
    );
    assert_eq!(world.recount(id), world.result(id));
}

#[test]
fn an_urn_of_blank_ballots_elects_nobody() {
    let mut world = World::new();
    let questions = vec![
        question(&["x", "y"], Method::Plurality),
        question(&["x", "y"], Method::Approval),
        judgment(&["x", "y"], NullPolicy::Worst),
    ];
    let id = world.open_referendum(|it| it.questions = List::new(questions).unwrap());
    world.cast("a", id, 1, 1, &[Answer::Blank, Answer::Blank, Answer::Blank]).unwrap();
    world.empty(CLOSE);
    for question in world.result(id).questions {
        let (QuestionResult::Plurality { winners, .. }
        | QuestionResult::Approval { winners, .. }
        | QuestionResult::MajorityJudgment { winners, .. }) = question
        else {
            panic!("no referendum was asked")
        };
        assert!(winners.is_empty());
    }
}

#[test]
fn two_elections_over_one_census_do_not_mix() {
    let mut world = World::new();
    let census = world.census(&[(1, "a")]);
    let one = world.schedule(world.definition(census, vec![referendum()]));
    let mut other = world.definition(census, vec![referendum()]);
    other.title = text("une autre");
    let other = world.schedule(other);
    world.empty(OPEN);
    world.cast("a", one, 1, 1, &[FOR]).unwrap();
    world.empty(CLOSE);
    assert_eq!(favour_against_blank(&world, one), [1, 0, 0]);
    assert_eq!(favour_against_blank(&world, other), [0, 0, 0]);
    assert_eq!(contract::elections(&world.state, Page { skip: 1, take: 1 }), vec![other]);
}

#[test]
fn a_census_of_several_parts_is_the_one_it_commits_to() {
    let mut world = World::new();
    let member = |n: u32| support::entry(1 + u16::from(n.is_multiple_of(2)), &format!("member {n}"));
    let mut entries: Vec<_> = (0..2_500).map(member).collect();
    let census = world.bring_entries(&mut entries);
    assert_eq!(contract::census_entries(&world.state, &census, Page { skip: 1_500, take: 2 }), entries[1_500..1_502]);
    world.act(Act::AdoptCensus { census }).unwrap();
}
