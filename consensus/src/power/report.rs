//! What a distribution of power means: who could halt the chain, who could decide alone. Printed by the genesis tool, at
//! every start and in `status`.
use serde::Serialize;
use std::{collections::BTreeMap, fmt};
use urne_types::{CollegeId, ValidatorId, VotingPower, validators::ValidatorSet};

/// Above so many colleges only the heaviest ones are combined: 2^12 = 4,096 sets are listed at once, 2^64 never.
pub const COLLEGES_COMBINED_MAX: usize = 12;

/// One college's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CollegeShare {
    /// Which.
    pub college: CollegeId,
    /// Its power.
    pub power: VotingPower,
    /// Its validators.
    pub validators: usize,
}

/// Something an operator should know before she starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PowerWarning {
    /// If that machine stops, so does the college.
    OneValidator {
        /// Which college.
        college: CollegeId,
    },
    /// That college alone holds a third or more.
    CollegeMayHalt {
        /// Which college.
        college: CollegeId,
    },
    /// That validator alone holds a third or more.
    ValidatorMayHalt {
        /// Which validator.
        validator: ValidatorId,
    },
    /// That college alone is a quorum.
    CollegeDecidesAlone {
        /// Which college.
        college: CollegeId,
    },
    /// There are so many colleges that only the heaviest were combined.
    SetsNotAllListed {
        /// Colleges combined.
        combined: usize,
    },
}

/// The distribution of power among colleges, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PowerReport {
    /// Power of all.
    pub total: VotingPower,
    /// The least power that is a quorum.
    pub quorum: VotingPower,
    /// Colleges, by number.
    pub colleges: Vec<CollegeShare>,
    /// Smallest sets of colleges whose absence pauses the chain: they hold a third or more.
    pub halting: Vec<Vec<CollegeId>>,
    /// Smallest sets of colleges that are a quorum without the others.
    pub deciding: Vec<Vec<CollegeId>>,
    /// What to know.
    pub warnings: Vec<PowerWarning>,
}

impl PowerReport {
    /// Reads a set.
    #[must_use]
    pub fn of(set: &ValidatorSet) -> Self {
        let colleges = shares(set);
        let total = set.total().get();
        let halts = |power: u64| total <= 3 * power;
        let decides = |power: u64| set.is_quorum(VotingPower::new(power));
        let mut warnings = Vec::new();
        for share in &colleges {
            let (college, power) = (share.college, share.power.get());
            if share.validators == 1 {
                warnings.push(PowerWarning::OneValidator { college });
            }
            if decides(power) {
                warnings.push(PowerWarning::CollegeDecidesAlone { college });
            } else if halts(power) {
                warnings.push(PowerWarning::CollegeMayHalt { college });
            }
        }
        let strong = set.members().iter().filter(|it| halts(it.power.get()));
        warnings.extend(strong.map(|it| PowerWarning::ValidatorMayHalt { validator: it.id }));
        if COLLEGES_COMBINED_MAX < colleges.len() {
            warnings.push(PowerWarning::SetsNotAllListed { combined: COLLEGES_COMBINED_MAX });
        }
        let halting = minimal_sets(&colleges, halts);
        let deciding = minimal_sets(&colleges, decides);
        Self { total: set.total(), quorum: set.quorum(), colleges, halting, deciding, warnings }
    }
}

fn shares(set: &ValidatorSet) -> Vec<CollegeShare> {
    let mut by_college: BTreeMap<CollegeId, (u64, usize)> = BTreeMap::new();
    for member in set.members() {
        let entry = by_college.entry(member.college).or_default();
        *entry = (entry.0 + member.power.get(), entry.1 + 1);
    }
    let share = |(college, (power, validators))| CollegeShare { college, power: VotingPower::new(power), validators };
    by_college.into_iter().map(share).collect()
}

/// The sets of colleges that are enough, and none of whose members could be left out; smallest first.
fn minimal_sets(colleges: &[CollegeShare], is_enough: impl Fn(u64) -> bool) -> Vec<Vec<CollegeId>> {
    let mut heaviest: Vec<&CollegeShare> = colleges.iter().collect();
    heaviest.sort_by_key(|it| (std::cmp::Reverse(it.power), it.college));
    heaviest.truncate(COLLEGES_COMBINED_MAX);
    let chosen = |mask: u32| heaviest.iter().enumerate().filter(move |(at, _)| mask >> at & 1 == 1).map(|(_, it)| *it);
    let mut sets: Vec<Vec<CollegeId>> = Vec::new();
    for mask in 1..1_u32 << heaviest.len() {
        let power: u64 = chosen(mask).map(|it| it.power.get()).sum();
        let least = chosen(mask).map(|it| it.power.get()).min().unwrap_or_default();
        if is_enough(power) && !is_enough(power - least) {
            let mut set: Vec<CollegeId> = chosen(mask).map(|it| it.college).collect();
            set.sort_unstable();
            sets.push(set);
        }
    }
    sets.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    sets
}

impl fmt::Display for PowerWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneValidator { college } => write!(f, "college {college} runs a single validator"),
            Self::CollegeMayHalt { college } => write!(f, "college {college} alone can pause the chain"),
            Self::ValidatorMayHalt { validator } => write!(f, "validator {validator} alone can pause the chain"),
            Self::CollegeDecidesAlone { college } => write!(f, "college {college} alone decides every block"),
            Self::SetsNotAllListed { combined } => {
                write!(f, "only the {combined} heaviest colleges were combined into sets")
            }
        }
    }
}

impl fmt::Display for PowerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "power {}, quorum {}", self.total, self.quorum)?;
        for share in &self.colleges {
            let permille = (1000 * share.power.get() + self.total.get() / 2) / self.total.get().max(1);
            let (percent, tenth) = (permille / 10, permille % 10);
            writeln!(f, "  college {}: {percent}.{tenth} %, {} validator(s)", share.college, share.validators)?;
        }
        writeln!(f, "absent together, these colleges pause the chain: {}", Sets(&self.halting))?;
        writeln!(f, "together, these colleges decide without the others: {}", Sets(&self.deciding))?;
        self.warnings.iter().try_for_each(|it| writeln!(f, "warning: {it}"))
    }
}

/// Sets of colleges as `{1 2} {3 4}`.
struct Sets<'a>(&'a [Vec<CollegeId>]);
impl fmt::Display for Sets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, set) in self.0.iter().enumerate() {
            let names: Vec<String> = set.iter().map(ToString::to_string).collect();
            write!(f, "{}{{{}}}", if at == 0 { "" } else { " " }, names.join(" "))?;
        }
        Ok(())
    }
}
