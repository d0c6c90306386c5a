//! Every way of counting, as pure arithmetic: the same tally gives the same result, to the last unit, on every machine.
//!
//! A method receives *aggregated tallies* (what an additive ledger keeps) or weighted ballots, and its declared conventions; it
//! returns exact ranks, winners and ties. It never rounds, never draws without saying so, never chooses a convention by itself, and
//! knows neither blocks nor signatures. Candidates are indices into the election's own list.
//!
//! Ties are shared: with no expressed ballot every candidate is tied at zero, and the count says so. Whether a tie elects anybody
//! (or an empty ballot box elects nobody) is for the election's rules to decide, with [`TieBreak`] at hand.

mod approval;
mod budget;
mod college;
mod equal_shares;
mod error;
mod exact_purses;
mod irv;
mod k_of_n;
mod lists;
mod lot;
mod majority_judgment;
mod pairwise;
mod plurality;
mod profile;
mod purses;
mod ranked;
mod ranked_pairs;
mod ranking;
mod referendum;
mod schulze;
mod stv;
mod trial;
mod two_tour;
mod weighted;

pub use approval::{Approval, ApprovalTally};
pub use budget::{BudgetBallot, BudgetVote, Funded, Greedy};
pub use college::{
    Aggregation, College, CountsAs, Resolution, ResolutionRules, Silence, SilentCollege, WeightFault, resolve,
    scic_weight_faults,
};
pub use equal_shares::{Completion, EqualShares, Meter, SharesRun};
pub use error::CountError;
pub use irv::{Irv, IrvRound, IrvRules, IrvStop, IrvTable, instant_runoff};
pub use k_of_n::{KOfN, KOfNResult};
pub use lists::{Apportionment, Bonus, ListFirstTour, ListRules, Seats, SecondListTour};
pub use lot::{Lot, TieBreak, draw_subset};
pub use majority_judgment::{
    GradedTally, JudgmentCollege, MajorityJudgment, Median, MissingGrades, judge, judge_colleges,
};
pub use pairwise::{Borda, PairwiseTally, Unranked};
pub use plurality::{Plurality, PluralityTally};
pub use profile::{Profile, common_scale};
pub use ranked::{FirstRanks, OnFlaw, RANKED_CANDIDATES_MAX, RankedBallot, Reading};
pub use ranked_pairs::RankedPairs;
pub use ranking::Ranking;
pub use referendum::{Base, Proportion, Referendum, ReferendumChoice, ReferendumTally, Threshold, decide};
pub use schulze::Schulze;
pub use stv::{ScottishStv, StvAction, StvMove, StvRules, StvStage, StvTable, StvTie, Votes, scottish_stv};
pub use two_tour::{FirstTour, Qualified, TourResult};
pub use weighted::Weighted;
