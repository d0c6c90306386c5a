//! The count, from the close to the result: never before the close, and never longer in one block than a round can bear. A
//! small count ends in the block of the close; a long one goes on in the blocks that follow, which are made for it. Same
//! ballots, same result, however many blocks it took.
//!
//! ```text
//! Closed ─ gather ballots, in the order of their keys ─ wait for the block of the lot ─ question by question ─ Tallied ─ tidy
//!            └─ pause: Counting ─┘                                                      └─ pause ─┘
//! ```
use crate::{
    answer::Draw,
    calendar::{load, save},
    cells,
    colleges::{Assembly, ByCollege, decide, together},
    conclude::{Sum, fitting},
    conventions,
    definition::{needs_lot, shape},
    electors,
    event::Event,
    keys,
    method::Unranked,
    parts::{self, Place},
    read,
    records::{
        CountBasis, CountProgress, ElectionGate, ElectionLife, ElectionState, LastBallot, QuestionShape, SeedBlock,
    },
    result::{Count, ElectionResult, QuestionResult, Turnout},
    runs, sealed,
    state::{Space, StateView},
    work::{Work, keys_while, parse, record},
};
use std::ops::ControlFlow;
use urne_types::{
    CollegeId, ElectionId, Height,
    ballot::{Answer, BallotBody},
    codec::{Decode, Encode, encode},
    election::{BallotKind, CensusEntry, ElectionDefinition, Method, Question},
    limits::{COUNT_BALLOT_UNITS, COUNT_PAPER_UNITS},
};

/// What was added up so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
struct Urn {
    /// The last ballot that was added.
    after: Option<CensusEntry>,
    /// How many were.
    counted: u64,
    /// Whether all were.
    is_gathered: bool,
    /// Questions whose result is known.
    questions: u16,
    /// Of the next one, how many runs are over: everyone's, then those of colleges.
    parts: u16,
    /// Counters of each question, by college where colleges count.
    colleges: ByCollege<Vec<Vec<u64>>>,
}

/// Puts a closed election on the list of those to count.
pub(crate) fn start(work: &mut Work<'_>, id: &ElectionId, turnout: &Turnout) {
    let progress = CountProgress { counted: Count(0), of: turnout.voted, questions: 0 };
    work.write(keys::counting(id), &progress);
}

/// Puts a secret election whose urn was opened on the list: its sums are there already.
pub(crate) fn hand_over(
    work: &mut Work<'_>,
    id: &ElectionId,
    definition: &ElectionDefinition,
    counted: u64,
    groups: ByCollege<Vec<Vec<u64>>>,
) {
    let turnout = read::turnout(work, id).expect("an election has a census");
    let basis = read::count_basis(work, id);
    let assembly = Assembly { election: id, definition, basis: &basis, turnout: &turnout };
    let urn = Urn { counted, is_gathered: true, colleges: of_groups(assembly, groups), ..Urn::default() };
    work.index(keys::urn(id), encode(&urn));
    start(work, id, &turnout);
}

/// Groups' counters as an open count would have them: by college where colleges count, else everyone's.
fn of_groups(assembly: Assembly<'_>, groups: ByCollege<Vec<Vec<u64>>>) -> ByCollege<Vec<Vec<u64>>> {
    let mut colleges: ByCollege<Vec<Vec<u64>>> = Vec::new();
    for (college, counters) in groups {
        let college = if assembly.has_colleges() { college } else { EVERYONE };
        match colleges.iter_mut().find(|(it, _)| *it == college) {
            None => colleges.push((college, counters)),
            Some((_, all)) => {
                let cells = all.iter_mut().flatten().zip(counters.iter().flatten());
                cells.for_each(|(sum, more)| *sum += more);
            }
        }
    }
    colleges.sort_by_key(|(college, _)| *college);
    colleges
}

/// The result of a secret election whose groups were opened to these counters: what the chain decides of them.
pub(crate) fn decided(
    election: &ElectionId,
    definition: &ElectionDefinition,
    basis: &CountBasis,
    turnout: Turnout,
    groups: ByCollege<Vec<Vec<u64>>>,
) -> ElectionResult {
    let assembly = Assembly { election, definition, basis, turnout: &turnout };
    let urn = Urn { colleges: of_groups(assembly, groups), ..Urn::default() };
    let question = |(at, question): (u16, &Question)| {
        let colleges = counted_in(assembly, &urn, at, shape(question));
        fitting(assembly.in_force(question, decide_added(assembly, question, &colleges)))
    };
    let questions = (0_u16..).zip(&definition.questions).map(question).collect();
    let attendance = assembly.attendance_report();
    ElectionResult { questions, turnout, attendance }
}

/// Takes a cancelled election off the list; what its ballots, its count or its opening had written is tidied away.
pub(crate) fn forget(work: &mut Work<'_>, id: &ElectionId) {
    let was_opening = sealed::opening::forget(work, id);
    let leaves_nothing = !was_opening
        && !sealed::pieces::are_to_come(work, id)
        && !work.holds(Space::Map, &keys::counting(id))
        && !electors::has_one_voice(work, id);
    if leaves_nothing {
        return;
    }
    work.index_remove(keys::urn(id));
    electors::forget(work, id);
    work.write(keys::counting(id), &CountProgress::default());
}

/// Goes on with every count under way, as far as one block may.
pub(crate) fn advance(work: &mut Work<'_>, units: &mut u64) {
    for key in keys_while(work, &keys::countings(), |_| true) {
        let id = ElectionId(keys::parse_name(&key).expect("a count's key ends with the election"));
        if 0 < *units {
            step(work, &id, units);
        }
    }
}

fn step(work: &mut Work<'_>, id: &ElectionId, units: &mut u64) {
    let (mut gate, mut life) = load(work, id).expect("a count is an election's");
    if matches!(gate.state, ElectionState::Tallied | ElectionState::Cancelled) {
        return tidy(work, id, units);
    }
    let definition: ElectionDefinition = work.read(&keys::definition(id)).expect("an election keeps its definition");
    let turnout = read::turnout(work, id).expect("an election has a census");
    let has_electors = electors::count(work, id, &gate, units);
    let basis = read::count_basis(work, id);
    let assembly = Assembly { election: id, definition: &definition, basis: &basis, turnout: &turnout };
    let mut urn: Urn = record(work, Space::Index, &keys::urn(id)).unwrap_or_default();
    let is_over = has_electors
        && gather(work, assembly, &gate, &mut urn, units)
        && (basis.lot_seed.is_some() || !needs_lot(&definition))
        && questions(work, assembly, &mut urn, units);
    if is_over {
        announce(work, id, &mut gate, &mut life, &turnout);
        work.index_remove(keys::urn(id));
        save(work, id, &gate, &life);
        if definition.questions.iter().any(runs::is_run) {
            tidy(work, id, units);
        } else {
            work.remove(keys::counting(id));
        }
    } else {
        gate.state = ElectionState::Counting;
        let progress = CountProgress { counted: Count(urn.counted), of: turnout.voted, questions: urn.questions };
        work.write(keys::counting(id), &progress);
        work.index(keys::urn(id), encode(&urn));
        work.tell(Event::CountPaused { election: *id, counted: progress.counted, of: progress.of });
        save(work, id, &gate, &life);
    }
}

fn announce(work: &mut Work<'_>, id: &ElectionId, gate: &mut ElectionGate, life: &mut ElectionLife, turnout: &Turnout) {
    gate.state = ElectionState::Tallied;
    life.tallied = Some(work.now());
    work.tell(Event::ElectionTallied { election: *id, registered: turnout.registered, voted: turnout.voted });
}

fn tidy(work: &mut Work<'_>, id: &ElectionId, units: &mut u64) {
    if runs::clean(work, id, units) && sealed::pieces::clean(work, id, units) {
        work.remove(keys::counting(id));
    }
}

/// The election is closed: the next block knows the name of this one, the seed of the election's lots.
pub(crate) fn await_lot(work: &mut Work<'_>, id: &ElectionId) {
    let definition: ElectionDefinition = work.read(&keys::definition(id)).expect("an election keeps its definition");
    if needs_lot(&definition) {
        work.mark(keys::lot_due(id));
    }
}

/// Takes the seeds of the elections that the block before closed: whether they are secret, and however long their counts have
/// to wait, nobody knew what the lots decide when that block was proposed (decision 0015).
pub(crate) fn seed_lots(work: &mut Work<'_>) {
    for due in keys_while(work, &keys::lots_due(), |_| true) {
        let id = ElectionId(keys::parse_name(&due).expect("a lot's key ends with the election"));
        let mut basis = read::count_basis(work, &id);
        basis.lot_seed = Some(previous(work));
        work.write(keys::basis(&id), &basis);
        work.remove(due);
    }
}

/// The block before this one, as a public seed.
pub(crate) fn previous(work: &Work<'_>) -> SeedBlock {
    SeedBlock { height: work.at.height.previous().unwrap_or(Height::GENESIS), block: work.at.previous }
}

// ---- Gathering ----

/// What unranked choices mean, in the one method that asks.
pub(crate) fn unranked(question: &Question) -> Unranked {
    match question.method {
        Method::Condorcet { unranked, .. } => conventions::unranked(unranked),
        _ => Unranked::BelowRanked,
    }
}

/// Adds ballots up, in the order of their keys, as far as `units` allow; whether all are.
fn gather(work: &mut Work<'_>, assembly: Assembly<'_>, gate: &ElectionGate, urn: &mut Urn, units: &mut u64) -> bool {
    if urn.is_gathered {
        return true;
    }
    let (id, questions) = (assembly.election, &assembly.definition.questions);
    let shown = assembly.shown();
    // Once for everyone, and once for the college.
    let runs_each = if shown.is_empty() { 1 } else { 2 };
    let papers = questions.iter().filter(|it| runs::is_run(it)).count() as u64 * runs_each * COUNT_PAPER_UNITS;
    let cost = COUNT_BALLOT_UNITS + papers + gate.shapes.iter().map(|it| cells::units(*it)).sum::<u64>();
    let prefix = match gate.secrecy {
        BallotKind::Open => keys::last_ballots(id),
        BallotKind::Sealed => sealed::keys::opened_ballots(id),
    };
    let beyond = |it: CensusEntry| [&prefix[..], &it.college.get().to_be_bytes(), &it.member.0, &[0]].concat();
    let from = urn.after.map_or_else(|| prefix.clone(), beyond);
    let mut answers: Vec<(u16, CollegeId, Answer)> = Vec::new();
    urn.is_gathered = true;
    work.scan_from(Space::Index, &prefix, &from, &mut |key, value| {
        if *units == 0 {
            urn.is_gathered = false;
            return ControlFlow::Break(());
        }
        // One ballot a block at least, however many questions it answers: a count always ends.
        *units = units.saturating_sub(cost);
        let entry = keys::parse_entry(key).expect("a ballot's key ends with college and member, or with college and A");
        let given = answers_in(gate.secrecy, value);
        let college = if assembly.has_colleges() { entry.college } else { EVERYONE };
        let counters = counters_of(&mut urn.colleges, college, gate);
        for (at, ((question, shape), answer)) in (0_u16..).zip(questions.iter().zip(&gate.shapes).zip(&given)) {
            cells::add(&mut counters[usize::from(at)], *shape, unranked(question), answer);
            if runs::is_run(question) {
                answers.push((at, college, answer.clone()));
            }
        }
        (urn.after, urn.counted) = (Some(entry), urn.counted + 1);
        ControlFlow::Continue(())
    });
    for (at, college, answer) in answers {
        parts::put(work, Place::of(id, at, &questions[usize::from(at)]), &shown, college, &answer);
    }
    urn.is_gathered
}

/// What a ballot says that was cast in the open, or opened by itself.
fn answers_in(secrecy: BallotKind, ballot: &[u8]) -> Vec<Answer> {
    match secrecy {
        BallotKind::Sealed => sealed::pieces::answers_in(ballot),
        BallotKind::Open => match parse::<LastBallot>(ballot).body {
            BallotBody::Open(answers) => answers.into_vec(),
            BallotBody::Sealed(_) => unreachable!("sealed ballots have records of their own"),
        },
    }
}

/// Without colleges, everyone is in one.
const EVERYONE: CollegeId = CollegeId::new(0);

fn counters_of<'a>(
    colleges: &'a mut ByCollege<Vec<Vec<u64>>>,
    college: CollegeId,
    gate: &ElectionGate,
) -> &'a mut Vec<Vec<u64>> {
    let at = colleges.iter().position(|(it, _)| *it == college).unwrap_or_else(|| {
        colleges.push((college, gate.shapes.iter().map(|it| vec![0; cells::len(*it)]).collect()));
        colleges.len() - 1
    });
    &mut colleges[at].1
}

// ---- Deciding ----

/// Decides one question after the other, as far as `units` allow, and at least one when there is any; whether all are.
fn questions(work: &mut Work<'_>, assembly: Assembly<'_>, urn: &mut Urn, units: &mut u64) -> bool {
    for (at, question) in (0_u16..).zip(&assembly.definition.questions).skip(urn.questions.into()) {
        if *units == 0 {
            return false;
        }
        let shape = shape(question);
        let colleges = counted_in(assembly, urn, at, shape);
        let result = if runs::is_run(question) {
            let place = Place::of(assembly.election, at, question);
            match parts::step(work, place, assembly, &colleges, &mut urn.parts, units) {
                Some(result) => result,
                None => return false,
            }
        } else {
            // For all, by college, and once more for those that are shown together.
            let times = if assembly.has_colleges() { 2 + colleges.len() as u64 } else { 1 };
            *units = units.saturating_sub(cells::deciding(question) * times);
            decide_added(assembly, question, &colleges)
        };
        let result = if at == 0 { planted(work, result) } else { result };
        let result = fitting(assembly.in_force(question, result));
        work.write(keys::result(assembly.election, at), &result);
        urn.questions = at + 1;
    }
    true
}

/// Decides a question whose counters say everything.
fn decide_added(assembly: Assembly<'_>, question: &Question, colleges: &ByCollege<Vec<u64>>) -> QuestionResult {
    let shape = shape(question);
    let global = Sum::of(shape, &together(shape, colleges));
    let sums = colleges.iter().map(|(college, cells)| (*college, Sum::of(shape, cells))).collect();
    let merged = |of: &[CollegeId]| {
        let some = colleges.iter().filter(|(college, _)| of.contains(college)).cloned().collect();
        Sum::of(shape, &together(shape, &some))
    };
    decide(assembly, question, &global, &sums, &merged)
}

/// The counters of a question, college by college: under statutes also of those in which nobody voted.
fn counted_in(assembly: Assembly<'_>, urn: &Urn, at: u16, shape: QuestionShape) -> ByCollege<Vec<u64>> {
    let of = |all: &Vec<Vec<u64>>| all[usize::from(at)].clone();
    if !assembly.has_colleges() {
        return urn.colleges.iter().map(|(college, all)| (*college, of(all))).collect();
    }
    let counted = |college: CollegeId| urn.colleges.iter().find(|(it, _)| *it == college).map(|(_, all)| of(all));
    let every = assembly.turnout.colleges.iter().map(|it| it.college);
    every.map(|it| (it, counted(it).unwrap_or_else(|| vec![0; cells::len(shape)]))).collect()
}

#[cfg(feature = "plants")]
fn planted(work: &Work<'_>, mut result: QuestionResult) -> QuestionResult {
    use crate::QuestionResult as Counted;
    if work.at.plant == Some(crate::context::Plant::TallyOffByOne) {
        let first = match &mut result {
            Counted::Referendum { favour, .. } => Some(favour),
            Counted::Plurality { votes, .. } => votes.first_mut(),
            Counted::Approval { approvals, .. } => approvals.first_mut(),
            Counted::MajorityJudgment { grades, .. } => grades.first_mut().and_then(|it| it.first_mut()),
            _ => None,
        };
        first.into_iter().for_each(|it| it.0 += 1);
    }
    result
}
#[cfg(not(feature = "plants"))]
fn planted(_: &Work<'_>, result: QuestionResult) -> QuestionResult {
    result
}

/// The choices that were drawn for a member to judge, once the election is open.
pub(crate) fn drawn(
    election: &ElectionId,
    seed: Option<SeedBlock>,
    entry: &CensusEntry,
    question: &Question,
) -> Vec<u16> {
    let Method::DrawnJudgment { judged, .. } = question.method else { return Vec::new() };
    let choices = u16::try_from(question.choices.len()).expect("a question has at most CHOICES_MAX choices");
    let draw = Draw { election, seed, entry };
    draw.of(choices, judged).into_iter().filter_map(|it| u16::try_from(it).ok()).collect()
}
