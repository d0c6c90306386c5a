//! Counts that additions do not decide, in bounded steps over blocks: runoffs and transferable votes move papers from pile to
//! pile, equal shares buy one project after the other ([`crate::shares`]). What the ledger holds between two steps is the table of
//! [`crate::method`], the papers, equal ones together, and nothing else; the result is the method's own.
use crate::{
    colleges::Assembly,
    conclude::{self, SOUND, Sum},
    conventions, keys,
    method::{BudgetBallot, IrvTable, StvMove, StvTable},
    parts::Place,
    result::QuestionResult,
    shares,
    state::{Space, StateView},
    work::{Work, parse, record},
};
use std::ops::ControlFlow;
use urne_types::{
    ElectionId,
    ballot::Answer,
    codec::{Decode, Encode, encode},
    election::{Method, Question},
    hash::hash,
    limits::COUNT_PAPER_UNITS,
    method::BudgetRule,
};

/// Equal papers on one pile.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
struct Paper {
    /// How many.
    papers: u64,
    /// What each is worth: hundred-thousandths of a vote, or 1 in a runoff.
    value: u128,
    /// The preferences that follow the pile's choice.
    rest: Vec<u16>,
}

/// Equal budget ballots.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub(crate) struct Group {
    pub(crate) ballots: u64,
    pub(crate) answer: Answer,
}

/// A count under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
enum Run {
    Runoff { table: IrvTable, leaving: Option<usize> },
    Transfer { table: StvTable, moving: Option<StvMove> },
    Shares(shares::Stage),
}

/// Whether a question needs more than additions.
pub(crate) fn is_run(question: &Question) -> bool {
    match &question.method {
        Method::InstantRunoff { .. } | Method::ScottishStv { .. } => true,
        Method::Budget { rule, .. } => matches!(rule, BudgetRule::EqualShares { .. }),
        _ => false,
    }
}

// ---- While ballots are gathered ----

/// Puts a ballot's answer where its run will look for it. Blank answers are counted, and nowhere.
pub(crate) fn put(work: &mut Work<'_>, place: Place<'_>, answer: &Answer) {
    match (&place.question.method, answer) {
        (Method::InstantRunoff { .. }, Answer::Ranking(ranks)) => {
            let order = ranks.iter().flatten().copied().collect();
            lay(work, place, Paper { papers: 1, value: 1, rest: order }, &mut |_| true);
        }
        (Method::ScottishStv { .. }, Answer::Ranking(ranks)) => {
            let order = ranks.iter().flatten().copied().collect();
            lay(work, place, Paper { papers: 1, value: StvTable::UNIT, rest: order }, &mut |_| true);
        }
        (Method::Budget { .. }, Answer::Approvals(_) | Answer::Points(_)) => {
            let key = keys::group(place, &hash("urne.v1 budget ballot", &encode(answer)));
            let before: Option<Group> = record(work, Space::Index, &key);
            let ballots = before.map_or(0, |it| it.ballots) + 1;
            work.index(key, encode(&Group { ballots, answer: answer.clone() }));
        }
        _ => {}
    }
}

/// Lays papers on the pile of their first preference that still receives, and says whose it is.
fn lay(
    work: &mut Work<'_>,
    place: Place<'_>,
    mut paper: Paper,
    receives: &mut dyn FnMut(usize) -> bool,
) -> Option<usize> {
    let next = paper.rest.iter().position(|it| receives(usize::from(*it)))?;
    let holder = paper.rest[next];
    paper.rest.drain(..=next);
    let name = hash("urne.v1 paper", &encode(&(paper.value, &paper.rest)));
    let key = keys::paper(place, holder, &name);
    let before: Option<Paper> = record(work, Space::Index, &key);
    paper.papers += before.map_or(0, |it| it.papers);
    work.index(key, encode(&paper));
    Some(holder.into())
}

// ---- Once they all are ----

/// Goes on with a run as far as `units` allow; its result when it is over.
pub(crate) fn step(
    work: &mut Work<'_>,
    place: Place<'_>,
    assembly: Assembly<'_>,
    sum: &Sum,
    units: &mut u64,
) -> Option<QuestionResult> {
    let key = keys::run(place);
    let mut run = record(work, Space::Index, &key).unwrap_or_else(|| begin(place, sum));
    let result = go_on(work, place, assembly, sum, &mut run, units);
    if result.is_some() {
        work.index_remove(key);
    } else {
        work.index(key, encode(&run));
    }
    result
}

fn begin(place: Place<'_>, sum: &Sum) -> Run {
    let choices = place.question.choices.len();
    match (&place.question.method, sum) {
        (Method::InstantRunoff { .. }, Sum::Papers { first, blank, .. }) => {
            let mut table = IrvTable::new(choices).expect(SOUND);
            first.iter().enumerate().for_each(|(choice, papers)| table.give(Some(choice), *papers));
            table.give(None, *blank);
            Run::Runoff { table, leaving: None }
        }
        (Method::ScottishStv { seats, .. }, Sum::Papers { first, ballots, blank }) => {
            let mut table = StvTable::new(choices, usize::from(*seats)).expect(SOUND);
            first.iter().enumerate().for_each(|(choice, papers)| table.give(choice, *papers, StvTable::UNIT));
            table.first_preferences(ballots - blank, *blank);
            Run::Transfer { table, moving: None }
        }
        _ => Run::Shares(shares::Stage::default()),
    }
}

fn go_on(
    work: &mut Work<'_>,
    place: Place<'_>,
    assembly: Assembly<'_>,
    sum: &Sum,
    run: &mut Run,
    units: &mut u64,
) -> Option<QuestionResult> {
    let lot = |rule| conventions::lot(rule, place.election, assembly.basis.lot_seed);
    match (&place.question.method, run) {
        (Method::InstantRunoff { stop, lot: rule }, Run::Runoff { table, leaving }) => {
            let Sum::Papers { ballots, blank, .. } = sum else { unreachable!("a runoff counts papers") };
            while spend(units, COUNT_PAPER_UNITS) {
                if leaving.is_none() {
                    *leaving = table.next(conventions::stop(*stop), lot(*rule));
                }
                let Some(from) = *leaving else {
                    return Some(conclude::runoff(&table.result, *ballots, *blank));
                };
                let pile = take(work, place, from, units);
                for paper in pile.papers {
                    let papers = paper.papers;
                    let to = lay(work, place, paper, &mut |it| table.receives(it));
                    table.give(to, papers);
                }
                if pile.is_whole {
                    *leaving = None;
                }
            }
            None
        }
        (Method::ScottishStv { lot: rule, .. }, Run::Transfer { table, moving }) => {
            while spend(units, COUNT_PAPER_UNITS) {
                if moving.is_none() {
                    *moving = table.next(lot(*rule));
                }
                let Some(transfer) = *moving else { return Some(conclude::transferable(&table.result)) };
                let pile = take(work, place, transfer.from, units);
                for paper in pile.papers {
                    let (papers, value) = (paper.papers, transfer.value(paper.value));
                    let paper = Paper { value, ..paper };
                    if let Some(to) = lay(work, place, paper, &mut |it| table.receives(it)) {
                        table.give(to, papers, value);
                    }
                }
                if pile.is_whole {
                    table.moved(transfer);
                    *moving = None;
                }
            }
            None
        }
        (Method::Budget { budget, costs, rule: BudgetRule::EqualShares { completion, .. } }, Run::Shares(stage)) => {
            let asked = shares::Asked { budget: *budget, costs, completion: conventions::completion(*completion) };
            shares::go_on(work, place, asked, sum, stage, units)
        }
        _ => unreachable!("a run is begun for its question's method"),
    }
}

/// Takes some work from what is left; nothing when less is left.
fn spend(units: &mut u64, cost: u64) -> bool {
    match units.checked_sub(cost) {
        Some(left) => {
            *units = left;
            true
        }
        None => {
            *units = 0;
            false
        }
    }
}

/// Papers taken from a pile.
struct Taken {
    papers: Vec<Paper>,
    /// Whether nothing is left on it.
    is_whole: bool,
}

fn take(work: &mut Work<'_>, place: Place<'_>, from: usize, units: &mut u64) -> Taken {
    let holder = u16::try_from(from).expect("a runoff has at most RUNOFF_CHOICES_MAX choices");
    let (mut found, mut is_whole): (Vec<(Vec<u8>, Paper)>, bool) = (Vec::new(), true);
    work.scan(Space::Index, &keys::pile(place, holder), &mut |key, value| {
        is_whole = spend(units, COUNT_PAPER_UNITS);
        if !is_whole {
            return ControlFlow::Break(());
        }
        found.push((key.to_vec(), parse(value)));
        ControlFlow::Continue(())
    });
    let papers = found.into_iter().map(|(key, paper)| {
        work.index_remove(key);
        paper
    });
    Taken { papers: papers.collect(), is_whole }
}

/// An answer as a budget's ballot.
pub(crate) fn budget_ballot(answer: &Answer) -> BudgetBallot {
    match answer {
        Answer::Approvals(approved) => BudgetBallot::approving(approved.iter().map(|it| usize::from(*it))),
        Answer::Points(points) => {
            let given = points.iter().enumerate().filter(|(_, points)| 0 < **points);
            BudgetBallot { points: given.map(|(project, points)| (project, u64::from(*points))).collect() }
        }
        _ => BudgetBallot::default(),
    }
}

// ---- Afterwards ----

/// Removes what runs left behind, as far as `units` allow; whether nothing is left.
pub(crate) fn clean(work: &mut Work<'_>, election: &ElectionId, units: &mut u64) -> bool {
    let prefixes =
        [keys::papers_of, keys::groups_of, keys::packs_of, keys::runs_of, keys::counted_of, keys::all_left_out];
    prefixes.map(|of| of(election)).iter().all(|prefix| sweep(work, Space::Index, prefix, units))
}

/// Removes every key under a prefix, as far as `units` allow; whether none is left.
pub(crate) fn sweep(work: &mut Work<'_>, space: Space, prefix: &[u8], units: &mut u64) -> bool {
    let (mut found, mut is_whole): (Vec<Vec<u8>>, bool) = (Vec::new(), true);
    work.scan(space, prefix, &mut |key, _| {
        is_whole = spend(units, COUNT_PAPER_UNITS);
        if is_whole {
            found.push(key.to_vec());
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    for key in found {
        match space {
            Space::Map => work.remove(key),
            Space::Index => work.index_remove(key),
        }
    }
    is_whole
}
