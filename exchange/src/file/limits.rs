//! What META of a Pabulib file says of a ballot, and whether a ballot keeps to it. The format says which limit belongs to which
//! type of ballots (<https://pabulib.org/format>); one of another type, and what would change the count and is not counted here,
//! are refused by name: a limit that is not obeyed must not look obeyed.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::pabulib::Meta;
use super::{malformed, whole};
use crate::{CountRefusal, Json, unread};

/// The limits of ballots, and the types of ballots that each belongs to.
const LIMITS: [(&str, &[&str]); 9] = [
    ("min_length", &["approval", "choose-1", "cumulative", "scoring"]),
    ("max_length", &["approval", "choose-1", "cumulative", "scoring"]),
    ("min_sum_cost", &["approval", "choose-1", "cumulative", "scoring"]),
    ("max_sum_cost", &["approval", "choose-1", "cumulative", "scoring"]),
    ("min_points", &["cumulative", "scoring"]),
    ("max_points", &["cumulative", "scoring"]),
    ("min_sum_points", &["cumulative", "scoring"]),
    ("max_sum_points", &["cumulative", "scoring"]),
    ("default_score", &["scoring"]),
];

/// What the format allows META to say, would change who wins, and is not counted here.
const NOT_OBEYED: [&str; 7] = [
    "min_project_score_threshold",
    "budget_per_category",
    "budget_per_neighborhood",
    "min_length_per_category",
    "max_length_per_category",
    "min_sum_cost_per_category",
    "max_sum_cost_per_category",
];

/// The other keys of the format, which say what the election was.
const DESCRIPTIVE: [&str; 28] = [
    "description",
    "country",
    "unit",
    "subunit",
    "district",
    "instance",
    "edition",
    "language",
    "currency",
    "num_projects",
    "num_votes",
    "budget",
    "vote_type",
    "rule",
    "date_begin",
    "date_end",
    "scoring_fn",
    "fully_funded",
    "experimental",
    "comment",
    "acknowledgments",
    "min_project_cost",
    "max_project_cost",
    "neighborhoods",
    "subdistricts",
    "categories",
    "leftover_budget",
    "key",
];

/// What META says of a ballot that is not blank.
pub(super) struct Limits {
    length: Range,
    points: Range,
    sum_points: Range,
    sum_cost: Range,
    /// Points of each project that a scoring ballot does not list.
    pub(super) default_score: Option<u64>,
}

/// From the least to the most, both allowed.
#[derive(Default)]
struct Range {
    least: Option<BigRational>,
    most: Option<BigRational>,
}

impl Range {
    fn has(&self, found: &BigRational) -> bool {
        self.least.as_ref().is_none_or(|it| it <= found) && self.most.as_ref().is_none_or(|it| found <= it)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.least, &self.most) {
            (Some(least), Some(most)) => write!(f, "from {least} to {most}"),
            (Some(least), None) => write!(f, "{least} or more"),
            (None, Some(most)) => write!(f, "up to {most}"),
            (None, None) => f.write_str("any number"),
        }
    }
}

impl Limits {
    /// Reads META of a file of ballots of this type.
    ///
    /// # Errors
    /// [`CountRefusal::Malformed`] with the line of a limit that is no number, or that is not obeyed here;
    /// [`CountRefusal::UnknownKey`] for a key that looks like a limit.
    pub(super) fn read(meta: &Meta, vote_type: &str) -> Result<Self, CountRefusal> {
        for (key, (line, _)) in meta {
            let refused =
                |why: &str| Err(malformed(*line, format!("{key} {why}: take the line out to count without it")));
            match LIMITS.iter().find(|(limit, _)| limit == key) {
                Some((_, types)) if !types.contains(&vote_type) => {
                    return refused(&format!("says nothing of ballots of type '{vote_type}'"));
                }
                Some(_) => {}
                None if NOT_OBEYED.contains(&key.as_str()) => return refused("is not obeyed here"),
                None if DESCRIPTIVE.contains(&key.as_str()) => {}
                None => {
                    let missing = LIMITS.iter().map(|it| it.0).filter(|it| !meta.contains_key(*it));
                    if let Some(meant) = unread::near(key, missing) {
                        return Err(CountRefusal::UnknownKey { line: *line, path: key.clone(), meant: Some(meant) });
                    }
                }
            }
        }
        let limit = |key: &str| -> Result<Option<BigRational>, CountRefusal> {
            let read = |(line, written): &(usize, String)| -> Result<BigRational, CountRefusal> {
                let (is_negative, digits) = written.strip_prefix('-').map_or((false, &**written), |it| (true, it));
                let amount = crate::read::fraction(&Json::text(digits), key, None)
                    .map_err(|_| malformed(*line, format!("{key}: '{written}' is not a number")))?;
                Ok(if is_negative { -amount } else { amount })
            };
            meta.get(key).map(read).transpose()
        };
        let range = |least: &str, most: &str| -> Result<Range, CountRefusal> {
            Ok(Range { least: limit(least)?, most: limit(most)? })
        };
        let mut length = range("min_length", "max_length")?;
        if vote_type == "choose-1" {
            length.most = Some(BigRational::from(BigInt::from(1)));
        }
        let default_score = meta.get("default_score").map(|(line, written)| whole(written, *line, "a default_score"));
        Ok(Self {
            length,
            points: range("min_points", "max_points")?,
            sum_points: range("min_sum_points", "max_sum_points")?,
            sum_cost: range("min_sum_cost", "max_sum_cost")?,
            default_score: default_score.transpose()?.filter(|it| *it > 0),
        })
    }

    /// Why a ballot that is not blank is not valid; `points` are those of each project it names.
    pub(super) fn fault(&self, named: &[usize], points: &[u64], costs: &[BigRational]) -> Option<String> {
        let fault = |range: &Range, found: BigRational, what: &str| {
            (!range.has(&found)).then(|| format!("{found} {what}, and META allows {range}"))
        };
        let whole = |points: &u64| BigRational::from(BigInt::from(*points));
        let each = || points.iter().find_map(|it| fault(&self.points, whole(it), "points for a project"));
        fault(&self.length, BigRational::from(BigInt::from(named.len())), "projects")
            .or_else(each)
            .or_else(|| fault(&self.sum_points, points.iter().map(whole).sum(), "points together"))
            .or_else(|| fault(&self.sum_cost, named.iter().map(|it| &costs[*it]).sum(), "for the projects together"))
    }
}
