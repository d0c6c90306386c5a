//! The conventions an election declares, as the pure methods take them: one table a convention, nothing chosen here.
use crate::{
    method::{self, MissingGrades, Proportion, TieBreak},
    records::SeedBlock,
};
use urne_types::{
    ElectionId,
    hash::hash_parts,
    method as declared,
    share::Share,
    statutes::{self, MajorityThreshold},
};

pub(crate) fn proportion(of: Share) -> Proportion {
    Proportion::new(of.numerator.into(), of.denominator.into()).expect("a share was judged with what holds it")
}
pub(crate) fn threshold(it: declared::Threshold) -> method::Threshold {
    match it {
        declared::Threshold::Simple => method::Threshold::Simple,
        declared::Threshold::Absolute => method::Threshold::ABSOLUTE,
        declared::Threshold::ThreeFifths => method::Threshold::THREE_FIFTHS,
        declared::Threshold::TwoThirds => method::Threshold::TWO_THIRDS,
    }
}
pub(crate) fn majority(it: MajorityThreshold) -> method::Threshold {
    match it {
        MajorityThreshold::Simple => method::Threshold::Simple,
        MajorityThreshold::MoreThan(share) => method::Threshold::MoreThan(proportion(share)),
        MajorityThreshold::AtLeast(share) => method::Threshold::AtLeast(proportion(share)),
    }
}
pub(crate) fn base(it: declared::Base) -> method::Base {
    match it {
        declared::Base::Expressed => method::Base::Expressed,
        declared::Base::Present => method::Base::Present,
        declared::Base::Registered => method::Base::Registered,
    }
}
pub(crate) fn nulls(it: declared::NullPolicy) -> MissingGrades {
    match it {
        declared::NullPolicy::Worst => MissingGrades::Grade(0),
        declared::NullPolicy::Median => MissingGrades::Median,
        declared::NullPolicy::Drop => MissingGrades::Dropped,
    }
}
pub(crate) fn unranked(it: declared::Unranked) -> method::Unranked {
    match it {
        declared::Unranked::BelowRanked => method::Unranked::BelowRanked,
        declared::Unranked::NoOpinion => method::Unranked::NoOpinion,
    }
}
pub(crate) fn stop(it: declared::RunoffStop) -> method::IrvStop {
    match it {
        declared::RunoffStop::Majority => method::IrvStop::Majority,
        declared::RunoffStop::LastTwo => method::IrvStop::LastTwo,
    }
}
pub(crate) fn greedy(it: declared::Greedy) -> method::Greedy {
    match it {
        declared::Greedy::Skip => method::Greedy::Skip,
        declared::Greedy::Stop => method::Greedy::Stop,
        declared::Greedy::AtLeast(least) => method::Greedy::AtLeast(least),
    }
}
pub(crate) fn completion(it: declared::SharesCompletion) -> method::Completion {
    match it {
        declared::SharesCompletion::None => method::Completion::None,
        declared::SharesCompletion::Add { increment } => method::Completion::Add { increment },
        declared::SharesCompletion::AddThenGreedy { increment } => method::Completion::AddThenGreedy { increment },
    }
}
pub(crate) fn apportionment(it: declared::Apportionment) -> method::Apportionment {
    match it {
        declared::Apportionment::HighestAverage => method::Apportionment::HighestAverage,
        declared::Apportionment::OddDivisors => method::Apportionment::OddDivisors,
        declared::Apportionment::LargestRemainder => method::Apportionment::LargestRemainder,
    }
}
pub(crate) fn bonus(it: declared::SeatBonus) -> method::Bonus {
    method::Bonus { share: proportion(it.share), rounded_down_up_to: it.rounded_down_up_to.into() }
}
pub(crate) fn qualified(it: declared::Qualified) -> method::Qualified {
    match it {
        declared::Qualified::TwoFirst => method::Qualified::TwoFirst,
        declared::Qualified::AtLeast { share, base: of } => {
            method::Qualified::AtLeast { share: proportion(share), base: base(of) }
        }
    }
}
fn counts_as(it: statutes::CountsAs) -> method::CountsAs {
    match it {
        statutes::CountsAs::Nothing => method::CountsAs::Nothing,
        statutes::CountsAs::For => method::CountsAs::For,
        statutes::CountsAs::Against => method::CountsAs::Against,
    }
}
pub(crate) fn silence(it: statutes::Silence) -> method::Silence {
    method::Silence {
        blank: counts_as(it.blank),
        null: counts_as(it.null),
        abstention: counts_as(it.abstention),
        absence: counts_as(it.absence),
    }
}
pub(crate) fn aggregation(it: statutes::Aggregation) -> method::Aggregation {
    match it {
        statutes::Aggregation::Proportional => method::Aggregation::Proportional,
        statutes::Aggregation::Bloc { majority, undecided } => {
            method::Aggregation::Bloc { majority: proportion(majority), undecided: counts_as(undecided) }
        }
    }
}
pub(crate) fn silent_college(it: statutes::SilentCollege) -> method::SilentCollege {
    match it {
        statutes::SilentCollege::Kept => method::SilentCollege::Kept,
        statutes::SilentCollege::Redistributed => method::SilentCollege::Redistributed,
    }
}
/// The lot of one election; its seed is known before anything that needs it is counted.
pub(crate) fn lot(rule: declared::LotRule, election: &ElectionId, seed: Option<SeedBlock>) -> TieBreak {
    match rule {
        declared::LotRule::ListOrder => TieBreak::LowestIndex,
        declared::LotRule::LaterBlock => {
            let seed = seed.expect("a count waits for the block of its lot");
            TieBreak::Seed(hash_parts("urne.v1 lot seed", &[&election.0, &seed.block.0]))
        }
    }
}
