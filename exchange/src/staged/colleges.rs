//! Elections of colleges with weights: the case's rules become statutes, its colleges those of the chain, numbered from 1 in
//! the order of the case.

use urne_types::ballot::Answer;
use urne_types::bounded::List;
use urne_types::election::Method;
use urne_types::share::Share;
use urne_types::statutes::{
    Aggregation, CollegeRules, CollegeWeight, CountsAs, Electorate, MajorityRule, MajorityThreshold, Profile, Silence,
    SilentCollege, SmallColleges, Statutes, Voice,
};
use urne_types::{CollegeId, Rejection};
use urne_vote_contract::method::{self, College, Proportion};

use super::questions::{few, grades, judgment_method, question};
use super::{Elector, Parts, refused};
use crate::rehearsal::bounded;
use crate::{CountRefusal, Json, college, judgment as judged, read};

/// The only kind of decision of these statutes.
const DECISION: &str = "resolution";

pub(super) fn judgment(input: &Json) -> Result<Parts, CountRefusal> {
    let names = read::candidates(input)?;
    let question = question("majority_judgment", names.all(), judgment_method(input)?)?;
    let mut weights = Vec::new();
    let mut ballots = Vec::new();
    for (index, college) in read::list(input, "colleges")?.iter().enumerate() {
        weights.push(read::integer(college, "weight_bp", Some(index + 1))?);
        ballots.push(judged::graded_ballots(college)?);
    }
    few(ballots.iter().flatten().map(|it| it.multiplicity))?;
    let mut electors = Vec::new();
    for (ballots, college) in ballots.iter().zip(ids()) {
        for ballot in ballots {
            let answers = Some(List::new(vec![grades(&ballot.ballot)?]).map_err(|_| Rejection::TooLarge)?);
            electors.extend((0..ballot.multiplicity).map(|_| Elector { college, answers: answers.clone() }));
        }
    }
    let statutes = Statutes { profile: Profile::Free, ..statutes(&weights)? };
    Ok(Parts { questions: vec![question], statutes: Some(statutes), electors })
}

pub(super) fn resolution(input: &Json) -> Result<Parts, CountRefusal> {
    let (_, colleges) = college::colleges(input)?;
    if colleges.iter().any(|it| it.second_round.is_some()) {
        return Err(refused(
            "a college votes twice in it, the second time alone and knowing what all the others have said: on the ledger an \
             undecided college counts as the statutes say, and votes once",
        ));
    }
    let attendance = college::attendance(input)?;
    let rules = college::rules(input, &attendance)?;
    let method::Threshold::MoreThan(threshold) = rules.threshold else {
        return Err(refused("its threshold is not a share to surpass"));
    };
    let weights: Vec<u64> = colleges.iter().map(|it| it.weight).collect();
    let mut statutes = statutes(&weights)?;
    statutes.silence = Silence {
        blank: counts_as(rules.silence.blank),
        null: counts_as(rules.silence.null),
        abstention: counts_as(rules.silence.abstention),
        absence: counts_as(rules.silence.absence),
    };
    statutes.attendance = rules.attendance.map(share).transpose()?;
    let threshold = MajorityThreshold::MoreThan(share(threshold)?);
    statutes.majorities = majority(threshold)?;
    if let Some(of_colleges) = &mut statutes.colleges {
        of_colleges.attendance = rules.college_attendance.map(share).transpose()?;
        of_colleges.silent_college = match college::silent_college(input)? {
            Some(method::SilentCollege::Redistributed) => SilentCollege::Redistributed,
            Some(method::SilentCollege::Kept) | None => SilentCollege::Kept, // undeclared only where none is silent
        };
        of_colleges.aggregation = match rules.aggregation {
            method::Aggregation::Proportional => Aggregation::Proportional,
            method::Aggregation::Bloc { majority, undecided } => {
                Aggregation::Bloc { majority: share(majority)?, undecided: counts_as(undecided) }
            }
        };
    }
    few(colleges.iter().map(|it| it.members))?;
    let mut electors = Vec::new();
    for (voices, college) in colleges.iter().zip(ids()) {
        electors.extend(members(voices, college)?);
    }
    let decision = bounded(DECISION)?;
    let choices = ["pour".to_owned(), "contre".to_owned()];
    let question = question(DECISION, &choices, Method::Resolution { decision })?;
    Ok(Parts { questions: vec![question], statutes: Some(statutes), electors })
}

/// Those who vote, then those who do not come. A ledger refuses a null ballot before it is cast; who cast one casts a blank one
/// instead, which every mode of the kind reads alike.
fn members(voices: &College, college: CollegeId) -> Result<Vec<Elector>, CountRefusal> {
    let tally = &voices.tally;
    let said = [
        (Answer::Choice(0), tally.favour),
        (Answer::Choice(1), tally.against),
        (Answer::Blank, tally.blank.saturating_add(tally.null)),
        (Answer::Abstain, tally.abstain),
    ];
    let mut absent = voices.members;
    let mut electors = Vec::new();
    for (answer, n) in said {
        absent = absent.saturating_sub(n); // the count has refused more ballots than members
        let answers = Some(List::new(vec![answer]).map_err(|_| Rejection::TooLarge)?);
        electors.extend((0..n).map(|_| Elector { college, answers: answers.clone() }));
    }
    electors.extend((0..absent).map(|_| Elector { college, answers: None }));
    Ok(electors)
}

fn ids() -> impl Iterator<Item = CollegeId> {
    (1..=u16::MAX).map(CollegeId::new)
}

/// Statutes of a cooperative that decide nothing yet: colleges and their weights, everyone counted by what she says.
fn statutes(weights: &[u64]) -> Result<Statutes, CountRefusal> {
    let weight = |(college, weight): (CollegeId, &u64)| {
        let weight_bp = u16::try_from(*weight).map_err(|_| Rejection::WeightsDoNotSum)?;
        Ok(CollegeWeight { college, weight_bp })
    };
    let weights = ids().zip(weights).map(weight).collect::<Result<Vec<_>, Rejection>>()?;
    Ok(Statutes {
        version: 1,
        name: bounded("rehearsal")?,
        profile: Profile::Scic,
        categories: List::default(),
        colleges: Some(CollegeRules {
            weights: List::new(weights).map_err(|_| Rejection::TooLarge)?,
            aggregation: Aggregation::Proportional,
            // As the exchange format counts: a college in which nobody voted weighs nothing.
            silent_college: SilentCollege::Redistributed,
            attendance: None,
            small_floor: 0,
            small_colleges: SmallColleges::Withheld,
        }),
        voice: Voice::PerCollege,
        electorate: Electorate::FrozenAtOpening,
        silence: Silence::IGNORED,
        attendance: None,
        second_call: None,
        majorities: majority(MajorityThreshold::Simple)?,
        notice_ms: 0,
        documents_min: 0,
    })
}

fn majority<const MAX: usize>(threshold: MajorityThreshold) -> Result<List<MajorityRule, MAX>, CountRefusal> {
    let rule = MajorityRule { decision: bounded(DECISION)?, threshold };
    List::new(vec![rule]).map_err(|_| Rejection::TooLarge.into())
}

fn share(of: Proportion) -> Result<Share, CountRefusal> {
    let part = |it: u64| u32::try_from(it).map_err(|_| refused("a share of its rules has more than 32 bits"));
    Share::new(part(of.numerator())?, part(of.denominator())?).map_err(|_| Rejection::BadStatutes.into())
}

fn counts_as(it: method::CountsAs) -> CountsAs {
    match it {
        method::CountsAs::Nothing => CountsAs::Nothing,
        method::CountsAs::For => CountsAs::For,
        method::CountsAs::Against => CountsAs::Against,
    }
}
