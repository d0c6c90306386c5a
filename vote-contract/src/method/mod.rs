//! Every way of counting, as pure arithmetic: the same tally gives the same result, to the last unit, on every machine.
//!
//! A method receives *aggregated tallies* (what an additive ledger keeps) or weighted ballots, and its declared conventions; it
//! returns exact ranks, winners and ties. It never rounds, never draws without saying so, never chooses a convention by itself, and
//! knows neither blocks nor signatures. Candidates are indices into the election's own list.
//!
//! Ties are shared: with no expressed ballot every candidate is tied at zero, and the count says so. Whether a tie elects anybody
//! (or an empty ballot box elects nobody) is for the election's rules to decide, with [`TieBreak`] at hand.

mod approval;
mod error;
mod lot;
mod majority_judgment;
mod plurality;
mod profile;
mod ranking;
mod referendum;
mod weighted;

pub use approval::{Approval, ApprovalTally};
pub use error::CountError;
pub use lot::{Lot, TieBreak, draw_subset};
pub use majority_judgment::{
    GradedTally, JudgmentCollege, MajorityJudgment, Median, MissingGrades, judge, judge_colleges,
};
pub use plurality::{Plurality, PluralityTally};
pub use profile::{Profile, common_scale};
pub use ranking::Ranking;
pub use referendum::{Base, Proportion, Referendum, ReferendumChoice, ReferendumTally, Threshold, decide};
pub use weighted::Weighted;
