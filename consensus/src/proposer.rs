//! Whose turn it is to propose: a pure function of the validator set, the height and the round. Colleges take turns in
//! proportion to their power (smooth weighted round-robin), and inside a college its members do; when a round fails, the
//! turn jumps to another college, because what silenced one member may well have silenced its neighbours.
use std::collections::BTreeMap;
use urne_types::{
    CollegeId, Height, Round, ValidatorId,
    validators::{ProposerDuty, Validator, ValidatorSet},
};

/// Turns before the table starts again: a share of 1/4096 of the power still gets a turn, and 64 colleges cost
/// 262,144 additions once for each new set.
pub const TURNS: usize = 4096;

/// One turn: who, and the next turn that belongs to another college.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    validator: ValidatorId,
    college: CollegeId,
    jump: usize,
}

/// The turns of one validator set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposerTable {
    turns: Vec<Turn>,
}

impl ProposerTable {
    /// Writes the table. Excused validators are left out, unless the others would hold two thirds of the power or less:
    /// then all take their turns, for a table of a few would let these few choose what is proposed.
    #[must_use]
    pub fn new(set: &ValidatorSet) -> Self {
        let willing = || set.members().iter().filter(|it| it.duty == ProposerDuty::Proposes);
        let proposers: Vec<&Validator> = if set.is_quorum(set.power_of(willing().map(|it| &it.id))) {
            willing().collect()
        } else {
            set.members().iter().collect()
        };
        let mut turns = smooth_turns(&proposers);
        link_jumps(&mut turns);
        Self { turns }
    }
    /// Who proposes at this height in this round.
    #[must_use]
    pub fn proposer(&self, height: Height, round: Round) -> ValidatorId {
        let mut at = remainder(height.get());
        // A round is an attempt, so there are few; the remainder keeps a round that somebody made up from costing more.
        for _ in 0..remainder(u64::from(round.get())) {
            at = self.turns[at].jump;
        }
        self.turns[at].validator
    }
}

fn remainder(number: u64) -> usize {
    let turns = u64::try_from(TURNS).expect("4096 fits");
    usize::try_from(number % turns).expect("less than 4096 fits")
}

/// Smooth weighted round-robin: everyone earns its weight at each turn; the richest takes the turn and pays the sum.
#[derive(Default)]
struct Carousel {
    weights: Vec<i64>,
    credits: Vec<i64>,
}
impl Carousel {
    fn add(&mut self, weight: u64) {
        self.weights.push(i64::try_from(weight).expect("powers are small"));
        self.credits.push(0);
    }
    fn turn(&mut self) -> usize {
        let mut richest = 0;
        for at in 0..self.weights.len() {
            self.credits[at] += self.weights[at];
            if self.credits[richest] < self.credits[at] {
                richest = at;
            }
        }
        self.credits[richest] -= self.weights.iter().sum::<i64>();
        richest
    }
}

fn smooth_turns(proposers: &[&Validator]) -> Vec<Turn> {
    let mut by_college: BTreeMap<CollegeId, Vec<&Validator>> = BTreeMap::new();
    for validator in proposers {
        by_college.entry(validator.college).or_default().push(validator);
    }
    let mut colleges = Carousel::default();
    let mut inside = Vec::new();
    for (college, members) in by_college {
        let mut carousel = Carousel::default();
        members.iter().for_each(|it| carousel.add(it.power.get()));
        colleges.add(members.iter().map(|it| it.power.get()).sum());
        inside.push((college, members, carousel));
    }
    let turn = |_| {
        let (college, members, carousel) = &mut inside[colleges.turn()];
        Turn { validator: members[carousel.turn()].id, college: *college, jump: 0 }
    };
    (0..TURNS).map(turn).collect()
}

/// With a single college, the jump is to the next turn.
fn link_jumps(turns: &mut [Turn]) {
    let first = turns[0].college;
    let single = turns.iter().all(|it| it.college == first);
    let other_than = |turns: &[Turn], college| turns.iter().position(|it| it.college != college).unwrap_or(0);
    for at in (0..turns.len()).rev() {
        let next = (at + 1) % turns.len();
        turns[at].jump = if single || turns[next].college != turns[at].college {
            next
        } else if next == 0 {
            other_than(turns, turns[at].college)
        } else {
            turns[next].jump
        };
    }
}
