//! Kind `college_resolution`: a resolution of a SCIC. Statutes the law refuses are a result (`valid` false), not a refusal.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use urne_vote_contract::method::{
    Aggregation, College, CountsAs, Proportion, ReferendumTally, Resolution, ResolutionRules, Silence, SilentCollege,
    Threshold, resolve, scic_weight_faults,
};

use crate::{CountRefusal, Json, read};

/// The share of members that has to take part.
#[derive(Default)]
pub(crate) struct Attendance {
    pub(crate) assembly: Option<Proportion>,
    pub(crate) college: Option<Proportion>,
}

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let (names, colleges) = colleges(input)?;
    let weights: Vec<u64> = colleges.iter().map(|it| it.weight).collect();
    let faults = scic_weight_faults(&weights);
    if !faults.is_empty() {
        return Ok(Json::object([
            ("valid", Json::Bool(false)),
            ("errors", Json::list(faults.iter().map(Json::shown))),
            ("adopted", Json::Bool(false)),
            ("ratio", Json::Null),
            ("quorum_met", Json::Bool(false)),
        ]));
    }
    let attendance = attendance(input)?;
    let mut rules = rules(input, &attendance)?;
    let declared = silent_college(input)?;
    rules.silent_college = declared.unwrap_or(SilentCollege::Kept);
    let result = resolve(&colleges, &rules)?;
    if declared.is_none() && result.college_shares.iter().any(Option::is_none) {
        return Err(CountRefusal::UndeclaredConvention {
            key: "absent_college",
            question: "whether the weight of a college where nobody spoke is kept or redistributed",
        });
    }
    Ok(shown(&result, &names, &weights, &attendance))
}

pub(crate) fn colleges(input: &Json) -> Result<(Vec<String>, Vec<College>), CountRefusal> {
    let mut names = Vec::new();
    let mut colleges = Vec::new();
    for (index, college) in read::list(input, "colleges")?.iter().enumerate() {
        let line = Some(index + 1);
        let number = |key| read::integer(college, key, line);
        let or_zero = |key| if read::optional(college, key).is_some() { number(key) } else { Ok(0) };
        let second_round = read::optional(college, "second_round").map(|round| {
            Ok::<_, CountRefusal>((read::integer(round, "pour", line)?, read::integer(round, "contre", line)?))
        });
        names.push(read::text(college, "name", line)?.to_owned());
        colleges.push(College {
            weight: number("weight_bp")?,
            members: number("members")?,
            tally: ReferendumTally {
                favour: number("pour")?,
                against: number("contre")?,
                blank: or_zero("blanc")?,
                null: or_zero("nul")?,
                abstain: or_zero("abstention")?,
            },
            second_round: second_round.transpose()?,
        });
    }
    read::distinct(&names, "colleges")?;
    Ok((names, colleges))
}

pub(crate) fn rules(input: &Json, attendance: &Attendance) -> Result<ResolutionRules, CountRefusal> {
    let half = Proportion::new(1, 2)?;
    let nothing = CountsAs::Nothing;
    let mut silence = Silence { blank: nothing, null: nothing, abstention: nothing, absence: nothing };
    let aggregation = match read::text(input, "mode", None)? {
        "proportional" => Aggregation::Proportional,
        "bloc" => Aggregation::Bloc { majority: half, undecided: CountsAs::Against },
        "bloc60_abstention_pour" => {
            // M comme Médoc, art. 17: "qui ne dit mot consent"; more than 60 % engages the college, else a second round does.
            let favour = CountsAs::For;
            silence = Silence { blank: favour, null: favour, abstention: favour, absence: favour };
            Aggregation::Bloc { majority: Proportion::new(3, 5)?, undecided: CountsAs::Against }
        }
        _ => return Err(read::wrong("mode", None, "proportional, bloc or bloc60_abstention_pour")),
    };
    // The exchange format's threshold is a share to surpass: 1/2 exactly rejects.
    let threshold = Threshold::MoreThan(proportion(read::field(input, "threshold", None)?, "threshold")?);
    Ok(ResolutionRules {
        aggregation,
        silence,
        silent_college: SilentCollege::Kept,
        threshold,
        attendance: attendance.assembly,
        college_attendance: attendance.college,
    })
}

/// `quorum`: a share of all members, or `{"assembly": share, "college": share}`.
pub(crate) fn attendance(input: &Json) -> Result<Attendance, CountRefusal> {
    let Some(quorum) = read::optional(input, "quorum") else { return Ok(Attendance::default()) };
    let Some(parts) = quorum.as_object() else {
        return Ok(Attendance { assembly: Some(proportion(quorum, "quorum")?), college: None });
    };
    const ASSEMBLY: [&str; 3] = ["assembly", "global", "all"];
    const COLLEGE: [&str; 3] = ["college", "per_college", "each_college"];
    if !parts.keys().all(|it| ASSEMBLY.contains(&it.as_str()) || COLLEGE.contains(&it.as_str())) {
        return Err(read::wrong("quorum", None, "a share, or an object of \"assembly\" and \"college\" shares"));
    }
    let share = |names: [&str; 3]| {
        names.iter().find_map(|key| read::optional(quorum, key)).map(|it| proportion(it, "quorum")).transpose()
    };
    Ok(Attendance { assembly: share(ASSEMBLY)?, college: share(COLLEGE)? })
}

pub(crate) fn silent_college(input: &Json) -> Result<Option<SilentCollege>, CountRefusal> {
    match read::optional(input, "absent_college").map(|it| it.as_text().unwrap_or_default()) {
        None => Ok(None),
        Some("kept" | "keep") => Ok(Some(SilentCollege::Kept)),
        Some("redistributed" | "redistribute") => Ok(Some(SilentCollege::Redistributed)),
        Some(_) => Err(read::wrong("absent_college", None, "kept or redistributed")),
    }
}

fn proportion(value: &Json, key: &str) -> Result<Proportion, CountRefusal> {
    let fraction = read::fraction(value, key, None)?;
    let part = |it: &BigInt| it.to_u64().ok_or_else(|| read::wrong(key, None, "a fraction of 64-bit integers"));
    Ok(Proportion::new(part(fraction.numer())?, part(fraction.denom())?)?)
}

fn shown(result: &Resolution, names: &[String], weights: &[u64], attendance: &Attendance) -> Json {
    let optional = |share: &Option<BigRational>| share.as_ref().map_or(Json::Null, Json::shown);
    let colleges = names.iter().zip(weights).zip(&result.college_shares).map(|((name, &weight), share)| {
        let weight = BigRational::new(BigInt::from(weight), BigInt::from(10_000));
        Json::object([("college", Json::text(name)), ("pour_share", optional(share)), ("weight", Json::shown(weight))])
    });
    let present_of = |&(present, members): &(u64, u64)| Json::text(format!("{present}/{members}"));
    let all = |part: fn(&(u64, u64)) -> u64| -> u64 { result.participation.iter().map(part).sum() };
    let participation = match (attendance.college, attendance.assembly) {
        (Some(_), _) => Json::list(result.participation.iter().map(present_of)),
        (None, Some(_)) => present_of(&(all(|it| it.0), all(|it| it.1))),
        (None, None) => Json::Null,
    };
    let ppm = result.ratio.as_ref().map(|it| (it * BigInt::from(1_000_000)).floor());
    let (pour, contre) = result.one_member_one_voice;
    Json::object([
        ("valid", Json::Bool(true)),
        ("adopted", Json::Bool(result.adopted)),
        ("ratio", optional(&result.ratio)),
        ("ratio_ppm_floor", ppm.map_or(Json::Null, Json::number)),
        ("quorum_met", Json::Bool(result.attendance_reached)),
        ("pour_weight", Json::shown(&result.favour)),
        ("contre_weight", Json::shown(&result.against)),
        ("silent_weight", Json::shown(&result.silent)),
        ("colleges", Json::list(colleges)),
        ("one_person_one_vote", Json::object([("pour", Json::number(pour)), ("contre", Json::number(contre))])),
        ("participation", participation),
    ])
}
