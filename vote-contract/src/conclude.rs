//! From counters to a result, one arm a method: ranks, medians, seats and thresholds are [`crate::method`]'s, exact and shared
//! by the chain and by whoever counts again. Nothing here reads a ballot.
use crate::{
    conventions,
    method::{
        self, ApprovalTally, BudgetBallot, BudgetVote, CountError, GradedTally, Irv, Lot, PairwiseTally,
        PluralityTally, ReferendumTally, ScottishStv, StvAction, Weighted,
    },
    records::{QuestionShape, SeedBlock},
    result::{
        Count, DrawnLot, Lean, Majority, MajorityGrade, QuestionResult, Ratio, RunoffRound, Stage, StageAction,
        StageTie, TourOutcome, TransferableVotes, Verdict,
    },
};
use urne_types::{
    ElectionId,
    codec::encode,
    election::{Method, Question},
    limits::RESULT_BYTES_MAX,
    method::{BudgetRule, CondorcetRule, LastSeats, ListTours},
    share::Share,
};

pub(crate) const SOUND: &str =
    "a definition was judged before it was scheduled, and at most every member was counted once";

/// What the ballots add up to, on one question.
#[derive(Clone, Debug)]
pub(crate) enum Sum {
    Referendum(ReferendumTally),
    Plurality(PluralityTally),
    Approval(ApprovalTally),
    Judgment {
        tally: GradedTally,
        blank: u64,
    },
    Duels(PairwiseTally),
    Points {
        points: Vec<u64>,
        ballots: u64,
        blank: u64,
    },
    /// Papers are counted by their own runs; here, how many there are, and their first preferences.
    Papers {
        first: Vec<u64>,
        ballots: u64,
        blank: u64,
    },
}

/// A result that the ledger can keep and read again: one that is longer than [`RESULT_BYTES_MAX`] stays undecided. Where all
/// colleges together are too long, theirs do, and what is decided for all stays.
pub(crate) fn fitting(mut result: QuestionResult) -> QuestionResult {
    if is_fitting(&result) {
        return result;
    }
    let too_long =
        QuestionResult::Undecided { code: CountError::ResultTooLarge { bits: 8 * RESULT_BYTES_MAX as u64 }.code() };
    if let QuestionResult::ByCollege { colleges, .. } = &mut result {
        colleges.iter_mut().filter_map(|it| it.answer.as_mut()).for_each(|it| **it = too_long.clone());
    }
    if is_fitting(&result) { result } else { too_long }
}
fn is_fitting(result: &QuestionResult) -> bool {
    encode(result).len() <= RESULT_BYTES_MAX
}

/// What a conclusion depends on beside the counters.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) election: &'a ElectionId,
    /// Counted as registered.
    pub(crate) registered: u64,
    pub(crate) lot_seed: Option<SeedBlock>,
}

impl Sum {
    /// Reads the counters of `crate::cells`.
    pub(crate) fn of(shape: QuestionShape, cells: &[u64]) -> Self {
        let (counters, [one, two]) = cells.split_last_chunk().expect("every question has two counters of its own");
        let (ballots, blank) = (*one, *two);
        match shape {
            QuestionShape::Decision => Self::Referendum(ReferendumTally {
                favour: counters[0],
                against: counters[1],
                blank: *one,
                null: 0,
                abstain: *two,
            }),
            QuestionShape::One { .. } => Self::Plurality(PluralityTally { votes: counters.to_vec(), blank: *one }),
            QuestionShape::Any { .. } | QuestionShape::Several { .. } => {
                Self::Approval(ApprovalTally { approvals: counters.to_vec(), ballots, blank })
            }
            QuestionShape::Points { .. } => Self::Points { points: counters.to_vec(), ballots, blank },
            QuestionShape::Graded { grades, .. } | QuestionShape::Drawn { grades, .. } => {
                let rows = counters.chunks(grades.into()).map(<[u64]>::to_vec).collect();
                Self::Judgment { tally: GradedTally { rows, voters: ballots }, blank }
            }
            QuestionShape::Ranked { choices } => {
                let wins = counters.chunks(choices.into()).map(<[u64]>::to_vec).collect();
                Self::Duels(PairwiseTally { wins, ballots, blank })
            }
            QuestionShape::Strict { .. } => Self::Papers { first: counters.to_vec(), ballots, blank },
        }
    }
}

/// The result of a question that additions decide.
pub(crate) fn conclude(question: &Question, sum: &Sum, given: Given<'_>) -> Result<QuestionResult, CountError> {
    let lot = |rule| conventions::lot(rule, given.election, given.lot_seed);
    Ok(match (&question.method, sum) {
        (Method::Referendum { threshold, base }, Sum::Plurality(tally)) => {
            let tally = decision(tally);
            let (threshold, base) = (conventions::threshold(*threshold), conventions::base(*base));
            let decided = method::decide(&tally, given.registered, threshold, base)?;
            QuestionResult::Referendum {
                favour: Count(tally.favour),
                against: Count(tally.against),
                blank: Count(tally.blank),
                verdict: if decided.adopted { Verdict::Adopted } else { Verdict::Rejected },
                base: Count(decided.base),
            }
        }
        (Method::Plurality | Method::SecondTour { .. }, Sum::Plurality(tally)) => {
            let counted = tally.count()?;
            QuestionResult::Plurality {
                votes: counts(&tally.votes),
                blank: Count(tally.blank),
                ranks: small(&counted.ranking.ranks),
                winners: winners(&counted.winners, 0 < counted.expressed),
                majority: if counted.absolute_majority { Majority::Absolute } else { Majority::Relative },
            }
        }
        (Method::FirstTour { registered_share, qualified }, Sum::Plurality(tally)) => {
            let rule = method::FirstTour {
                registered_share: registered_share.map(conventions::proportion),
                qualified: conventions::qualified(*qualified),
            };
            let present = tally.votes.iter().sum::<u64>() + tally.blank;
            let (decided, counted) = rule.decide(tally, present, given.registered)?;
            QuestionResult::Tour {
                votes: counts(&tally.votes),
                blank: Count(tally.blank),
                ranks: small(&counted.ranking.ranks),
                outcome: match decided {
                    method::TourResult::Elected { candidate } => TourOutcome::Elected { choice: index(candidate) },
                    method::TourResult::SecondTour { candidates } => {
                        TourOutcome::SecondTour { choices: small(&candidates) }
                    }
                },
            }
        }
        (Method::Lists { seats, apportionment, threshold, bonus, lot: rule, tours }, Sum::Plurality(tally)) => {
            if let ListTours::First { stands, joins } = tours
                && let Some(second) = second_list_tour(*stands, *joins, tally)?
            {
                return Ok(second);
            }
            let rules = method::ListRules {
                seats: (*seats).into(),
                apportionment: conventions::apportionment(*apportionment),
                threshold: threshold.map(conventions::proportion),
                bonus: bonus.map(conventions::bonus),
                tie_break: lot(*rule),
            };
            let shared = rules.count(&tally.votes)?;
            QuestionResult::Lists {
                votes: counts(&tally.votes),
                blank: Count(tally.blank),
                seats: shared.seats.iter().map(|it| seat(*it)).collect(),
                bonus: shared.bonus.map(|(list, seats)| (index(list), seat(seats))),
                lots: lots(&shared.lots),
                vacant: seat(shared.vacant),
            }
        }
        (Method::Approval, Sum::Approval(tally)) => {
            let counted = tally.count()?;
            QuestionResult::Approval {
                approvals: counts(&tally.approvals),
                ballots: Count(tally.ballots),
                blank: Count(tally.blank),
                ranks: small(&counted.ranking.ranks),
                winners: winners(&counted.winners, tally.blank < tally.ballots),
            }
        }
        (Method::KOfN { least_marks, most_marks, seats, least_votes, last_seats }, Sum::Approval(tally)) => {
            let rules = method::KOfN {
                least_marks: (*least_marks).into(),
                most_marks: (*most_marks).into(),
                seats: (*seats).into(),
                least_votes: *least_votes,
                tie_break: match last_seats {
                    LastSeats::Open => None,
                    LastSeats::Drawn(rule) => Some(lot(*rule)),
                },
            };
            let counted = rules.count(tally)?;
            QuestionResult::KOfN {
                votes: counts(&tally.approvals),
                ballots: Count(tally.ballots),
                blank: Count(tally.blank),
                ranks: small(&counted.ranking.ranks),
                elected: small(&counted.elected),
                tied_for_last: small(&counted.tied_for_last),
                lots: lots(&counted.lots),
                vacant: index(counted.vacant),
            }
        }
        (
            Method::MajorityJudgment { nulls, .. } | Method::DrawnJudgment { nulls, .. },
            Sum::Judgment { tally, blank },
        ) => judgment(tally, *blank, &tally.count(conventions::nulls(*nulls))?)?,
        (Method::Condorcet { rule, .. }, Sum::Duels(tally)) => {
            let (found, drawn) = match rule {
                CondorcetRule::Schulze => (tally.schulze().winners, Vec::new()),
                CondorcetRule::RankedPairs { lot: rule } => {
                    let counted = tally.ranked_pairs(lot(*rule));
                    (counted.winners, lots(&counted.lots))
                }
            };
            QuestionResult::Condorcet {
                duels: tally.wins.iter().map(|row| counts(row)).collect(),
                ballots: Count(tally.ballots),
                blank: Count(tally.blank),
                condorcet_winner: tally.condorcet_winner().map(index),
                winners: winners(&found, tally.blank < tally.ballots),
                lots: drawn,
            }
        }
        (
            Method::Budget { budget, costs, rule: BudgetRule::ByJudgment { nulls, .. } },
            Sum::Judgment { tally, blank },
        ) => {
            let judged = tally.count(conventions::nulls(*nulls))?;
            let funded = BudgetVote::new(*budget, costs.to_vec(), Vec::new())?.by_judgment(&judged);
            QuestionResult::JudgedBudget {
                judgment: Box::new(judgment(tally, *blank, &judged)?),
                selection: small(&funded.selection),
                cost: Count(funded.cost),
            }
        }
        (Method::Budget { budget, costs, rule: BudgetRule::Greedy { greedy, .. } }, sum) => {
            let (points, ballots, blank) = points(sum);
            // The greedy rules read nothing but the points of each project: one ballot that gives them all says the same.
            let all = BudgetBallot { points: points.iter().copied().enumerate().collect() };
            let vote = BudgetVote::new(*budget, costs.to_vec(), vec![Weighted::new(1, all)])?;
            let funded = vote.greedy(conventions::greedy(*greedy));
            budget_result(points, ballots, blank, &funded, None)
        }
        _ => unreachable!("a sum is made for its question's method, and papers are counted by their runs"),
    })
}

/// A first tour of lists in which none has more than half: it gives no seat.
fn second_list_tour(stands: Share, joins: Share, tally: &PluralityTally) -> Result<Option<QuestionResult>, CountError> {
    let rule = method::ListFirstTour { stands: conventions::proportion(stands), joins: conventions::proportion(joins) };
    let Some(second) = rule.decide(&tally.votes)? else { return Ok(None) };
    Ok(Some(QuestionResult::Tour {
        votes: counts(&tally.votes),
        blank: Count(tally.blank),
        ranks: small(&tally.count()?.ranking.ranks),
        outcome: TourOutcome::SecondListTour { stand: small(&second.stand), join: small(&second.join) },
    }))
}

// ---- Results of runs ----

/// A runoff, whoever moved its papers.
pub(crate) fn runoff(counted: &Irv, ballots: u64, blank: u64) -> QuestionResult {
    let round = |it: &method::IrvRound| RunoffRound {
        tally: it.tally.iter().map(|votes| votes.map(Count)).collect(),
        exhausted: Count(it.exhausted),
        eliminated: it.eliminated.map(index),
    };
    QuestionResult::InstantRunoff {
        rounds: counted.rounds.iter().map(round).collect(),
        winners: winners(&counted.winners, blank < ballots),
        lots: lots(&counted.lots),
        ballots: Count(ballots),
        blank: Count(blank),
    }
}

/// A transferable vote, whoever moved its papers.
pub(crate) fn transferable(counted: &ScottishStv) -> QuestionResult {
    let votes = |it: &method::Votes| {
        TransferableVotes(u64::try_from(it.hundred_thousandths()).expect("CENSUS_MEMBERS_MAX x 100,000 fit in 64 bits"))
    };
    let action = |it: StvAction| match it {
        StvAction::FirstPreferences => StageAction::FirstPreferences,
        StvAction::Surplus => StageAction::Surplus,
        StvAction::Exclude => StageAction::Exclude,
    };
    let stage = |it: &method::StvStage| Stage {
        action: action(it.action),
        target: it.target.map(index),
        votes: it.votes.iter().map(votes).collect(),
        non_transferable: votes(&it.non_transferable),
        elected_now: small(&it.elected_now),
    };
    let tie = |it: &method::StvTie| StageTie {
        stage: stage_number(it.stage),
        why: action(it.why),
        tied: small(&it.tied),
        lot: it.lot.as_ref().map(drawn),
    };
    QuestionResult::ScottishStv {
        valid: Count(counted.valid),
        blank: Count(counted.blank),
        quota: Count(counted.quota),
        elected: winners(&counted.elected, 0 < counted.valid),
        stages: counted.stages.iter().map(stage).collect(),
        ties: counted.ties.iter().map(tie).collect(),
    }
}

/// A budget by equal shares, whoever grouped its ballots.
pub(crate) fn shares(sum: &Sum, counted: &method::EqualShares) -> QuestionResult {
    let (points, ballots, blank) = points(sum);
    budget_result(points, ballots, blank, &counted.funded, Some(counted))
}

fn budget_result(
    points: &[u64],
    ballots: u64,
    blank: u64,
    funded: &method::Funded,
    shares: Option<&method::EqualShares>,
) -> QuestionResult {
    QuestionResult::Budget {
        points: counts(points),
        ballots: Count(ballots),
        blank: Count(blank),
        selection: small(&funded.selection),
        cost: Count(funded.cost),
        share: shares.and_then(|it| it.share.as_ref()).map(Ratio::of),
        bought: shares.map(|it| index(it.bought)),
    }
}

// ---- Pieces ----

fn points(sum: &Sum) -> (&[u64], u64, u64) {
    match sum {
        Sum::Points { points, ballots, blank } => (points, *ballots, *blank),
        Sum::Approval(tally) => (&tally.approvals, tally.ballots, tally.blank),
        _ => unreachable!("a budget's ballots are approvals or points"),
    }
}

/// A question with two choices, for and against.
fn decision(tally: &PluralityTally) -> ReferendumTally {
    let [favour, against] = tally.votes[..] else { unreachable!("a referendum has two choices") };
    ReferendumTally { favour, against, blank: tally.blank, null: 0, abstain: 0 }
}

fn judgment(tally: &GradedTally, blank: u64, judged: &method::MajorityJudgment) -> Result<QuestionResult, CountError> {
    Ok(QuestionResult::MajorityJudgment {
        grades: tally.rows.iter().map(|row| counts(row)).collect(),
        no_opinion: counts(&tally.no_opinion()?),
        ballots: Count(tally.voters),
        blank: Count(blank),
        ranks: small(&judged.ranking.ranks),
        winners: winners(&judged.winners, blank < tally.voters),
        medians: medians(judged),
    })
}
pub(crate) fn medians(judged: &method::MajorityJudgment) -> Vec<Option<MajorityGrade>> {
    let median = |it: &method::Median| MajorityGrade {
        grade: u8::try_from(it.grade).expect("a judgment has at most GRADES_MAX grades"),
        lean: if it.leans_up { Lean::Up } else { Lean::Down },
    };
    judged.medians.iter().map(|it| it.as_ref().map(median)).collect()
}
pub(crate) fn counts(of: &[u64]) -> Vec<Count> {
    of.iter().copied().map(Count).collect()
}
fn index(of: usize) -> u16 {
    u16::try_from(of).expect("choices and seats are at most SEATS_MAX")
}
fn seat(of: u64) -> u16 {
    u16::try_from(of).expect("seats are at most SEATS_MAX")
}
pub(crate) fn small(of: &[usize]) -> Vec<u16> {
    of.iter().map(|it| index(*it)).collect()
}
/// An urn of blank ballots elects nobody, though all choices are equal in it.
pub(crate) fn winners(of: &[usize], is_anyone_named: bool) -> Vec<u16> {
    if is_anyone_named { small(of) } else { Vec::new() }
}
fn stage_number(stage: usize) -> u32 {
    u32::try_from(stage).expect("a count has at most SEATS_MAX stages")
}
fn drawn(lot: &Lot) -> DrawnLot {
    DrawnLot { stage: stage_number(lot.stage), tied: small(&lot.tied), chosen: index(lot.chosen) }
}
fn lots(of: &[Lot]) -> Vec<DrawnLot> {
    of.iter().map(drawn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::CollegeResult;

    #[test]
    fn a_result_longer_than_the_ledger_can_read_again_stays_undecided() {
        let of = |choices| QuestionResult::Lists {
            votes: vec![Count(u64::MAX); choices],
            blank: Count(0),
            seats: Vec::new(),
            bonus: None,
            lots: Vec::new(),
            vacant: 0,
        };
        let bytes_each = encode(&of(2)).len() - encode(&of(1)).len();
        let most = RESULT_BYTES_MAX / bytes_each;
        assert_eq!(fitting(of(most - 10)), of(most - 10));
        assert_eq!(fitting(of(most + 1)), QuestionResult::Undecided { code: 19 });
        // Colleges that are too long together leave the result for all as it is.
        let voted = Count(0);
        let college = |answer| CollegeResult { colleges: Vec::new(), voted, answer: Some(Box::new(answer)) };
        let all = |each: QuestionResult| QuestionResult::ByCollege {
            global: Box::new(of(2)),
            colleges: vec![college(each.clone()), college(each)],
        };
        assert_eq!(fitting(all(of(most / 3))), all(of(most / 3)));
        assert_eq!(fitting(all(of(most - 10))), all(QuestionResult::Undecided { code: 19 }));
    }
}
