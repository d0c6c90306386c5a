//! Statutes on the ledger: put and amended by the colleges, one version after the other, each rule with its number; and what
//! they ask of an election before it is scheduled.
use crate::{
    definition::{cells, judge_names},
    event::Event,
    keys,
    method::{WeightFault, scic_weight_faults},
    read::{self, has_college},
    records::{CensusRecord, CountBasis},
    sequel,
    work::Work,
};
use std::collections::BTreeSet;
use urne_types::{
    ElectionId, Rejection,
    election::{ElectionDefinition, Method, Question},
    limits::{COUNT_CELLS_MAX, EQUAL_SHARES_PROJECTS_MIN, EQUAL_SHARES_SUPPORTS_MAX, NOTICE_MS_MAX},
    method::{BudgetBallot, BudgetRule},
    share::Share,
    statutes::{Aggregation, CollegeRules, MajorityThreshold, Profile, Statutes, UnderStatutes, Voice},
};

// ---- Acts ----

/// The first statutes, or the next version.
pub(crate) fn put(work: &mut Work<'_>, statutes: &Statutes) -> Result<(), Rejection> {
    let in_force = read::statutes_in_force(work).map_or(0, |it| it.version);
    if Some(statutes.version) != in_force.checked_add(1) {
        return Err(Rejection::StatutesOutOfOrder);
    }
    judge_statutes(statutes)?;
    let mut weighed = statutes.colleges.iter().flat_map(|it| &it.weights);
    if !weighed.all(|it| has_college(work, it.college)) {
        return Err(Rejection::UnknownCollege);
    }
    work.write(keys::statutes(statutes.version), statutes);
    work.tell(Event::StatutesPut { version: statutes.version });
    Ok(())
}

/// Whether statutes are sound in themselves, whichever ledger they are put on.
///
/// # Errors
/// [`Rejection::BadNames`], [`Rejection::BadStatutes`], [`Rejection::WeightsDoNotSum`], and what the law refuses of a SCIC.
pub fn judge_statutes(it: &Statutes) -> Result<(), Rejection> {
    judge_names(it.majorities.iter().map(|it| &it.decision))?;
    judge_names(it.categories.iter().map(|it| &it.name))?;
    let second_notice_ms = it.second_call.as_ref().map_or(0, |it| it.notice_ms);
    let second_of_colleges = it.second_call.as_ref().and_then(|it| it.college_attendance);
    let is_sound = shares(it).into_iter().all(Share::is_proper)
        && it.notice_ms <= NOTICE_MS_MAX
        && second_notice_ms <= NOTICE_MS_MAX
        && (it.colleges.is_some() || second_of_colleges.is_none());
    if !is_sound {
        return Err(Rejection::BadStatutes);
    }
    if it.profile == Profile::Scic && (1..3).contains(&it.categories.len()) {
        return Err(Rejection::ScicTooFewCategories);
    }
    let weighed: BTreeSet<_> = it.colleges.iter().flat_map(|it| it.weights.iter().map(|it| it.college)).collect();
    if it.categories.iter().filter_map(|it| it.college).any(|college| !weighed.contains(&college)) {
        return Err(Rejection::BadStatutes);
    }
    it.colleges.as_ref().map_or(Ok(()), |rules| judge_colleges(it.profile, rules))
}

fn judge_colleges(profile: Profile, rules: &CollegeRules) -> Result<(), Rejection> {
    if rules.weights.is_empty() || !rules.weights.is_sorted_by(|a, b| a.college < b.college) {
        return Err(Rejection::BadStatutes);
    }
    let weights: Vec<u64> = rules.weights.iter().map(|it| it.weight_bp.into()).collect();
    if profile == Profile::Scic
        && let Some(fault) = scic_weight_faults(&weights).first()
    {
        return Err(match fault {
            WeightFault::TooFewColleges { .. } => Rejection::ScicTooFewColleges,
            WeightFault::OutOfRange { .. } => Rejection::ScicCollegeWeight,
            WeightFault::WrongSum { .. } => Rejection::WeightsDoNotSum,
        });
    }
    if weights.contains(&0) || weights.iter().sum::<u64>() != 10_000 {
        return Err(Rejection::WeightsDoNotSum);
    }
    Ok(())
}

/// Every share the statutes name.
fn shares(it: &Statutes) -> Vec<Share> {
    let second = it.second_call.iter().flat_map(|it| [it.attendance, it.college_attendance]);
    let colleges = it.colleges.iter().flat_map(|it| {
        let bloc = match it.aggregation {
            Aggregation::Proportional => None,
            Aggregation::Bloc { majority, .. } => Some(majority),
        };
        [it.attendance, bloc]
    });
    let majorities = it.majorities.iter().map(|it| match it.threshold {
        MajorityThreshold::Simple => None,
        MajorityThreshold::MoreThan(share) | MajorityThreshold::AtLeast(share) => Some(share),
    });
    [it.attendance].into_iter().chain(second).chain(colleges).chain(majorities).flatten().collect()
}

// ---- Elections ----

/// What the ledger must hold for an election to be scheduled, beyond its census: statutes in force and obeyed, first tours
/// and first calls counted, a count that fits.
pub(crate) fn judge_election(
    work: &Work<'_>,
    definition: &ElectionDefinition,
    census: &CensusRecord,
) -> Result<(), Rejection> {
    let members = census.commitment.total();
    let supports = |it: &Question| match &it.method {
        Method::Budget { rule: BudgetRule::EqualShares { ballot, .. }, .. } => {
            let choices = it.choices.len() as u64;
            // Equal ballots are counted as one: approvals of few projects differ in few ways.
            let kinds = match ballot {
                BudgetBallot::Approvals { .. } if choices < 32 => 1 << choices,
                BudgetBallot::Approvals { .. } | BudgetBallot::Points { .. } => u64::MAX,
            };
            members.min(kinds).saturating_mul(choices.max(EQUAL_SHARES_PROJECTS_MIN))
        }
        _ => 0,
    };
    if definition.questions.iter().any(|it| EQUAL_SHARES_SUPPORTS_MAX < supports(it)) {
        return Err(Rejection::TooManyCounters);
    }
    sequel::judge_tours(work, definition)?;
    match &definition.statutes {
        Some(under) => judge_under(work, definition, census, under),
        None => Ok(()),
    }
}

fn judge_under(
    work: &Work<'_>,
    definition: &ElectionDefinition,
    census: &CensusRecord,
    under: &UnderStatutes,
) -> Result<(), Rejection> {
    let statutes = read::statutes(work, under.version).ok_or(Rejection::UnknownStatutes)?;
    if read::statutes_in_force(work).is_some_and(|it| it.version != under.version) {
        return Err(Rejection::StatutesNotInForce);
    }
    let is_known = |it: &Question| match &it.method {
        Method::Resolution { decision } => statutes.majority(decision).is_some(),
        _ => true,
    };
    if !definition.questions.iter().all(is_known) {
        return Err(Rejection::UnknownDecision);
    }
    if let Some(rules) = &statutes.colleges {
        let is_weighed = |college| rules.weights.iter().any(|it| it.college == college);
        if !census.commitment.members.iter().all(|(college, _)| is_weighed(*college)) {
            return Err(Rejection::CollegeNotInStatutes);
        }
        if COUNT_CELLS_MAX < cells(definition).saturating_mul(rules.weights.len()) {
            return Err(Rejection::TooManyCounters);
        }
    }
    judge_notice(work, definition, sequel::judge_call(work, definition, &statutes, under)?, statutes.documents_min)
}

fn judge_notice(
    work: &Work<'_>,
    definition: &ElectionDefinition,
    notice_ms: u64,
    documents_min: u16,
) -> Result<(), Rejection> {
    if definition.documents.len() < usize::from(documents_min) {
        return Err(Rejection::DocumentsMissing);
    }
    if notice_ms == 0 {
        return Ok(());
    }
    let convened = definition.convened_at.ok_or(Rejection::NotConvened)?;
    if definition.opens_at.since(convened) < notice_ms {
        return Err(Rejection::NoticeTooShort);
    }
    // What the convocation says of its date is the conveners' word; when the fingerprints came is the ledger's.
    if !definition.documents.is_empty() && definition.opens_at.since(work.at.time) < notice_ms {
        return Err(Rejection::DocumentsTooLate);
    }
    Ok(())
}

/// Freezes what the election's count will need of the statutes.
pub(crate) fn freeze(work: &mut Work<'_>, id: &ElectionId, definition: &ElectionDefinition, census: &CensusRecord) {
    let Some(statutes) = definition.statutes.and_then(|it| read::statutes(work, it.version)) else { return };
    if statutes.voice == Voice::PerMember && 1 < census.commitment.members.len() {
        work.mark(keys::one_voice(id));
    }
    work.write(keys::basis(id), &CountBasis { statutes: Some(statutes), ..CountBasis::default() });
}
