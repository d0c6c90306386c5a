//! What statutes ask at one call of the assembly, and the rules of counting that follow: the one table from statutes to a
//! count, read by the ledger, by `urne statutes simulate` and by whoever counts again.
use crate::{
    conventions,
    method::{Aggregation, ResolutionRules, SilentCollege},
};
use urne_types::{
    share::Share,
    statutes::{Silence, Statutes},
};

/// One call of the assembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// How silence is read.
    pub silence: Silence,
    /// The share of all members that must take part, if any.
    pub attendance: Option<Share>,
    /// The share of each college's members that must take part, if any.
    pub college_attendance: Option<Share>,
}

impl Call {
    /// The first.
    #[must_use]
    pub fn first(statutes: &Statutes) -> Self {
        Self {
            silence: statutes.silence,
            attendance: statutes.attendance,
            college_attendance: statutes.colleges.as_ref().and_then(|it| it.attendance),
        }
    }
    /// The second; none where the statutes allow none.
    #[must_use]
    pub fn second(statutes: &Statutes) -> Option<Self> {
        let second = statutes.second_call.as_ref()?;
        Some(Self {
            silence: second.silence,
            attendance: second.attendance,
            college_attendance: second.college_attendance,
        })
    }
    /// How this kind of decision is counted, all colleges together; none when the statutes do not name it. Shares are
    /// proper in statutes that were put, and in any that were read from JSON.
    #[must_use]
    pub fn rules(&self, statutes: &Statutes, decision: &str) -> Option<ResolutionRules> {
        let colleges = statutes.colleges.as_ref();
        Some(ResolutionRules {
            aggregation: colleges.map_or(Aggregation::Proportional, |it| conventions::aggregation(it.aggregation)),
            silence: conventions::silence(self.silence),
            silent_college: colleges.map_or(SilentCollege::Kept, |it| conventions::silent_college(it.silent_college)),
            threshold: conventions::majority(statutes.majority(decision)?.threshold),
            attendance: self.attendance.map(conventions::proportion),
            college_attendance: self.college_attendance.map(conventions::proportion),
        })
    }
}
