//! Equal shares on the ledger: ballots, equal ones together, are packed once into a few large records; then purchases go on, each
//! block taking the count up again from these and from the list of what was bought. All of it is charged as it is done, the taking
//! up too, and a pause may come before any project is priced.
use crate::{
    conclude::{self, SOUND, Sum},
    keys,
    method::{ApprovalTally, BudgetBallot, BudgetVote, Completion, Meter, SharesRun, Weighted},
    parts::Place,
    result::QuestionResult,
    runs::{Group, budget_ballot},
    state::{Space, StateView},
    work::{Work, parse, record},
};
use std::ops::ControlFlow;
use urne_types::{
    codec::{Decode, Encode, encode},
    limits::{COUNT_OPERATION_UNITS, COUNT_PAPER_UNITS},
};

/// How far a count is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub(crate) enum Stage {
    /// Ballots are packed; so many records are full.
    Packing { packs: u32 },
    /// All are, in so many records; projects are bought.
    Buying { packs: u32, run: SharesRun },
}

/// What the question says.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) budget: u64,
    pub(crate) costs: &'a [u64],
    pub(crate) completion: Completion,
}

/// Equal ballots: how many, and the points that they give to projects.
type Packed = (u64, Vec<(u16, u32)>);

/// Points given in one record: at most nine bytes each, so half a megabyte.
const PACK_SUPPORTS_MAX: usize = 1 << 16;
/// Operations of reading a packed ballot, 150 ns, and each project that it names, 30 ns.
const PACKED_BALLOT_OPERATIONS: u64 = 20;
const PACKED_SUPPORT_OPERATIONS: u64 = 4;

impl Default for Stage {
    fn default() -> Self {
        Self::Packing { packs: 0 }
    }
}

/// Goes on as far as `units` allow, and at least one ballot or one priced project further; the result when it is over.
pub(crate) fn go_on(
    work: &mut Work<'_>,
    place: Place<'_>,
    asked: Asked<'_>,
    sum: &Sum,
    stage: &mut Stage,
    units: &mut u64,
) -> Option<QuestionResult> {
    if let Stage::Packing { packs } = stage {
        while pack(work, place, packs, units) {
            if *units == 0 {
                return None;
            }
        }
        *stage = Stage::Buying { packs: *packs, run: SharesRun::default() };
    }
    let Stage::Buying { packs, run } = stage else { unreachable!("packed above") };
    if *units == 0 {
        return None;
    }
    let mut meter = Meter::allowing(*units / COUNT_OPERATION_UNITS);
    let vote = unpack(work, place, asked, sum, *packs, &mut meter);
    let counted = vote.step_equal_shares(asked.completion, run, &mut meter);
    *units = units.saturating_sub(meter.done().saturating_mul(COUNT_OPERATION_UNITS));
    match counted {
        Ok(counted) => counted.map(|it| conclude::shares(sum, &it)),
        Err(e) => Some(QuestionResult::Undecided { code: e.code() }),
    }
}

/// Moves ballots into one record, in the order of their names: the same whatever the order in which they were cast. Whether there
/// was any.
fn pack(work: &mut Work<'_>, place: Place<'_>, packs: &mut u32, units: &mut u64) -> bool {
    let (mut keys, mut pack, mut supports): (Vec<Vec<u8>>, Vec<Packed>, usize) = (Vec::new(), Vec::new(), 0);
    work.scan(Space::Index, &keys::groups(place), &mut |key, value| {
        if !keys.is_empty() && (*units == 0 || PACK_SUPPORTS_MAX <= supports) {
            return ControlFlow::Break(());
        }
        *units = units.saturating_sub(COUNT_PAPER_UNITS);
        let group: Group = parse(value);
        let points = budget_ballot(&group.answer).points;
        let small = |(project, points): (usize, u64)| {
            let project = u16::try_from(project).expect("a question has at most CHOICES_MAX choices");
            (project, u32::try_from(points).expect("a ballot's points are 32 bits"))
        };
        let points: Vec<(u16, u32)> = points.into_iter().map(small).collect();
        supports += points.len();
        pack.push((group.ballots, points));
        keys.push(key.to_vec());
        ControlFlow::Continue(())
    });
    if keys.is_empty() {
        return false;
    }
    work.index(keys::pack(place, *packs), encode(&pack));
    *packs += 1;
    keys.into_iter().for_each(|key| work.index_remove(key));
    true
}

fn unpack(work: &Work<'_>, place: Place<'_>, asked: Asked<'_>, sum: &Sum, packs: u32, meter: &mut Meter) -> BudgetVote {
    let mut ballots = Vec::new();
    for number in 0..packs {
        let key = keys::pack(place, number);
        let pack: Vec<Packed> = record(work, Space::Index, &key).expect("a pack stays until its count is over");
        for (equal, points) in pack {
            meter.charge(PACKED_BALLOT_OPERATIONS + PACKED_SUPPORT_OPERATIONS * points.len() as u64);
            let points = points.into_iter().map(|(project, points)| (project.into(), points.into())).collect();
            ballots.push(Weighted::new(equal, BudgetBallot { points }));
        }
    }
    let (Sum::Approval(ApprovalTally { blank, .. }) | Sum::Points { blank, .. }) = sum else {
        unreachable!("a budget's ballots are approvals or points")
    };
    ballots.push(Weighted::new(*blank, BudgetBallot::default()));
    BudgetVote::new(asked.budget, asked.costs.to_vec(), ballots).expect(SOUND)
}
