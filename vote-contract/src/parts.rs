//! Whose papers a run counts: everyone's, and once more those of each part of the colleges that is shown. Part after part, each in
//! bounded steps like the first; what a part said is kept in the index until the last one is counted.
use crate::{
    colleges::{Assembly, ByCollege, by_college, together},
    conclude::{Sum, fitting},
    definition::shape,
    keys,
    result::QuestionResult,
    runs,
    state::Space,
    work::{Work, record},
};
use urne_types::{CollegeId, ElectionId, ballot::Answer, codec::encode, election::Question};

/// Where a run is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) election: &'a ElectionId,
    pub(crate) at: u16,
    pub(crate) question: &'a Question,
    /// [`EVERYONE`], then the parts that are shown, in the order of the result.
    pub(crate) part: u16,
}

const EVERYONE: u16 = 0;

impl<'a> Place<'a> {
    /// Of everyone.
    pub(crate) fn of(election: &'a ElectionId, at: u16, question: &'a Question) -> Self {
        Self { election, at, question, part: EVERYONE }
    }
}

/// The parts that are shown, numbered as their places are.
fn numbered(shown: &[Vec<CollegeId>]) -> impl Iterator<Item = (u16, &Vec<CollegeId>)> {
    (EVERYONE + 1..).zip(shown)
}

/// Lays an answer where each of its runs will look for it: everyone's, and that of its college where it is shown.
pub(crate) fn put(
    work: &mut Work<'_>,
    place: Place<'_>,
    shown: &[Vec<CollegeId>],
    college: CollegeId,
    answer: &Answer,
) {
    runs::put(work, place, answer);
    if let Some((part, _)) = numbered(shown).find(|(_, of)| of.contains(&college)) {
        runs::put(work, Place { part, ..place }, answer);
    }
}

/// Goes on with a question's runs as far as `units` allow, the first `done` being over; its result when all are.
pub(crate) fn step(
    work: &mut Work<'_>,
    place: Place<'_>,
    assembly: Assembly<'_>,
    colleges: &ByCollege<Vec<u64>>,
    done: &mut u16,
    units: &mut u64,
) -> Option<QuestionResult> {
    let shape = shape(place.question);
    let shown = assembly.shown();
    if *done == EVERYONE {
        let everyone = Sum::of(shape, &together(shape, colleges));
        let result = runs::step(work, place, assembly, &everyone, units)?;
        keep(work, place, result, done, units);
    }
    for (part, of) in numbered(&shown).skip(usize::from(*done) - 1) {
        let some = colleges.iter().filter(|(college, _)| of.contains(college)).cloned().collect();
        let place = Place { part, ..place };
        let result = runs::step(work, place, assembly, &Sum::of(shape, &together(shape, &some)), units)?;
        keep(work, place, result, done, units);
    }
    *done = EVERYONE;
    let of_all = taken(work, place);
    let mut others = numbered(&shown).map(|(part, _)| Place { part, ..place });
    Some(by_college(assembly, of_all, |_| taken(work, others.next().expect("a place for each part that is shown"))))
}

/// Writing a result and reading it again: about 5 nanoseconds a byte.
fn keep(work: &mut Work<'_>, place: Place<'_>, result: QuestionResult, done: &mut u16, units: &mut u64) {
    let bytes = encode(&fitting(result));
    *units = units.saturating_sub(bytes.len() as u64);
    work.index(keys::counted(place), bytes);
    *done += 1;
}

fn taken(work: &mut Work<'_>, place: Place<'_>) -> QuestionResult {
    let key = keys::counted(place);
    let result = record(work, Space::Index, &key).expect("a part's result stays until its question is decided");
    work.index_remove(key);
    result
}
