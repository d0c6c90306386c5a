//! The assembly's attendance ("quorum"): the shares of all members, and of each college's, that the statutes ask for at this
//! call. It is the election's, whatever its questions and their methods: missed, nobody is elected and nothing is adopted.
use crate::{
    call::Call,
    colleges::Assembly,
    result::{Attendance, AttendanceReport, Count, Presence, QuestionResult},
};
use urne_types::{
    CollegeId,
    election::{Method, Question},
    share::Share,
    statutes::{Convocation, Statutes},
};

impl Assembly<'_> {
    /// The call that this election answers.
    pub(crate) fn call(&self, statutes: &Statutes) -> Call {
        let under = self.definition.statutes;
        let is_second = under.is_some_and(|it| matches!(it.convocation, Convocation::Second { .. }));
        let second = if is_second { Call::second(statutes) } else { None };
        second.unwrap_or_else(|| Call::first(statutes))
    }
    /// What is asked and who came; none where nothing is asked.
    pub(crate) fn attendance_report(&self) -> Option<AttendanceReport> {
        let call = self.call(self.statutes()?);
        let presence = |college: Option<CollegeId>, present: Count, electors: u64, least: Share| Presence {
            college,
            present,
            electors: Count(electors),
            needed: Count(needed(least, electors)),
        };
        let mut asked = Vec::new();
        if let Some(least) = call.attendance {
            asked.push(presence(None, self.turnout.voted, self.all_electors(), least));
        }
        if let Some(least) = call.college_attendance {
            let of = |it: &crate::result::CollegeTurnout| {
                presence(Some(it.college), it.voted, self.electors(it.college), least)
            };
            asked.extend(self.turnout.colleges.iter().map(of));
        }
        let is_reached = asked.iter().all(|it| it.needed <= it.present);
        let attendance = if is_reached { Attendance::Reached } else { Attendance::Missed };
        (!asked.is_empty()).then_some(AttendanceReport { attendance, asked })
    }
    /// Whether all that is asked is reached.
    pub(crate) fn attendance(&self) -> Attendance {
        self.attendance_report().map_or(Attendance::Reached, |it| it.attendance)
    }
    /// What a question's count decides: nothing when too few took part. A resolution says it in its own verdict.
    pub(crate) fn in_force(&self, question: &Question, counted: QuestionResult) -> QuestionResult {
        match (&question.method, self.attendance()) {
            (Method::Resolution { .. }, _) | (_, Attendance::Reached) => counted,
            (_, Attendance::Missed) => QuestionResult::Unattended { ballots_say: Box::new(counted) },
        }
    }
}

/// The fewest of `members` that are at least this share of them.
fn needed(share: Share, members: u64) -> u64 {
    let least = (u128::from(members) * u128::from(share.numerator)).div_ceil(u128::from(share.denominator));
    u64::try_from(least).expect("a share of the members is at most all of them: shares were judged proper")
}
