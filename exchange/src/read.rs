//! Strict reading of a case: a value has the one form its key asks for, or is refused with its place.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed};
use urne_types::name::{NamesFault, judge_names};
use urne_vote_contract::method::{CountError, RankedBallot, TieBreak, Weighted};

use crate::{CountRefusal, Json};

/// More names than any ballot paper: refused before memory is reserved for them.
const CANDIDATES_MAX: usize = 100_000;

/// How candidates are written in the answer.
pub(crate) struct Names {
    keys: Vec<String>,
    /// No name was given: candidates are called by their index.
    are_indices: bool,
}

impl Names {
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// As the key of an object.
    pub(crate) fn key(&self, candidate: usize) -> String {
        self.keys[candidate].clone()
    }

    /// All of them, in order.
    pub(crate) fn all(&self) -> &[String] {
        &self.keys
    }

    /// Which candidate has this name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|it| it == name)
    }

    /// As a value.
    pub(crate) fn label(&self, candidate: usize) -> Json {
        if self.are_indices { Json::number(candidate) } else { Json::text(self.key(candidate)) }
    }

    /// As a list, in the given order.
    pub(crate) fn labels(&self, candidates: &[usize]) -> Json {
        Json::list(candidates.iter().map(|&it| self.label(it)))
    }

    /// One value a candidate.
    pub(crate) fn each(&self, values: impl IntoIterator<Item = Json>) -> Json {
        Json::object(self.keys.iter().cloned().zip(values))
    }
}

pub(crate) fn wrong(key: &str, line: Option<usize>, expected: &'static str) -> CountRefusal {
    CountRefusal::WrongForm { key: key.to_owned(), line, expected }
}

/// The value of a key that has to be there; `line` is the place of `object` in its list, when it is in one.
pub(crate) fn field<'a>(object: &'a Json, key: &str, line: Option<usize>) -> Result<&'a Json, CountRefusal> {
    object.get(key).ok_or_else(|| CountRefusal::Missing { key: key.to_owned(), line })
}

/// Absent and `null` are the same.
pub(crate) fn optional<'a>(object: &'a Json, key: &str) -> Option<&'a Json> {
    object.get(key).filter(|it| **it != Json::Null)
}

pub(crate) fn text<'a>(object: &'a Json, key: &str, line: Option<usize>) -> Result<&'a str, CountRefusal> {
    field(object, key, line)?.as_text().ok_or_else(|| wrong(key, line, "a string"))
}

pub(crate) fn list<'a>(object: &'a Json, key: &str) -> Result<&'a [Json], CountRefusal> {
    field(object, key, None)?.as_list().ok_or_else(|| wrong(key, None, "a list"))
}

pub(crate) fn integer(object: &Json, key: &str, line: Option<usize>) -> Result<u64, CountRefusal> {
    field(object, key, line)?.as_u64().ok_or_else(|| wrong(key, line, "an integer from 0 to 2^64 - 1"))
}

pub(crate) fn index(value: &Json, key: &str, line: Option<usize>) -> Result<usize, CountRefusal> {
    let refusal = || wrong(key, line, "an integer from 0");
    usize::try_from(value.as_u64().ok_or_else(refusal)?).map_err(|_| refusal())
}

/// Distinct strings.
pub(crate) fn distinct_texts(object: &Json, key: &str) -> Result<Vec<String>, CountRefusal> {
    let texts = list(object, key)?.iter().enumerate();
    let texts = texts
        .map(|(index, it)| it.as_text().map(str::to_owned).ok_or_else(|| wrong(key, Some(index + 1), "a string")))
        .collect::<Result<Vec<_>, _>>()?;
    distinct(&texts, key)?;
    Ok(texts)
}

/// Distinct names.
pub(crate) fn names(object: &Json, key: &str) -> Result<Names, CountRefusal> {
    Ok(Names { keys: distinct_texts(object, key)?, are_indices: false })
}

/// `candidates`, or as many indices as `candidates_count` says.
pub(crate) fn candidates(input: &Json) -> Result<Names, CountRefusal> {
    if optional(input, "candidates").is_some() || optional(input, "candidates_count").is_none() {
        return names(input, "candidates");
    }
    let count = integer(input, "candidates_count", None)?;
    let candidates = usize::try_from(count).unwrap_or(usize::MAX);
    if candidates > CANDIDATES_MAX {
        return Err(CountError::TooManyCandidates { candidates, most: CANDIDATES_MAX }.into());
    }
    Ok(Names { keys: (0..candidates).map(|it| it.to_string()).collect(), are_indices: true })
}

/// Names that a reader can tell from each other: two that a ballot paper prints alike are a trap, whatever their bytes.
pub(crate) fn distinct(names: &[String], key: &str) -> Result<(), CountRefusal> {
    let place = |at: usize| (key.to_owned(), at + 1, names[at].clone());
    judge_names(names.iter().map(String::as_str)).map_err(|fault| match fault {
        NamesFault::Repeated { at, .. } => {
            let (key, line, name) = place(at);
            CountRefusal::DuplicateName { key, line, name }
        }
        NamesFault::Alike { at, .. } => {
            let (key, line, name) = place(at);
            CountRefusal::LookAlike { key, line, name }
        }
        NamesFault::NotAName { at, fault } => CountRefusal::NotAName { key: key.to_owned(), line: at + 1, fault },
    })
}

/// `ballots`: `[multiplicity, ballot]`; `read` receives the ballot's line and what follows its multiplicity.
pub(crate) fn ballots<B>(
    object: &Json,
    read: impl Fn(usize, &[Json]) -> Result<B, CountRefusal>,
) -> Result<Vec<Weighted<B>>, CountRefusal> {
    let ballots = list(object, "ballots")?.iter().enumerate().map(|(index, value)| {
        let line = index + 1;
        let refusal = || wrong("ballots", Some(line), "[multiplicity, ballot]");
        let (multiplicity, rest) = value.as_list().and_then(|it| it.split_first()).ok_or_else(refusal)?;
        let multiplicity = multiplicity.as_u64().ok_or_else(refusal)?;
        if rest.is_empty() {
            return Err(refusal());
        }
        Ok(Weighted { multiplicity, ballot: read(line, rest)? })
    });
    ballots.collect()
}

/// The only ballot of a line, as a list.
pub(crate) fn only_list(line: usize, rest: &[Json]) -> Result<&[Json], CountRefusal> {
    match rest {
        [Json::List(ballot)] => Ok(ballot),
        _ => Err(wrong("ballots", Some(line), "[multiplicity, [entries]]")),
    }
}

pub(crate) fn ranked_ballots(input: &Json) -> Result<Vec<Weighted<RankedBallot>>, CountRefusal> {
    ballots(input, |line, rest| {
        let ranks = only_list(line, rest)?.iter().map(|rank| {
            let group = rank.as_list().ok_or_else(|| wrong("ballots", Some(line), "[multiplicity, [[indices], …]]"))?;
            group.iter().map(|it| index(it, "ballots", Some(line))).collect()
        });
        Ok(RankedBallot { ranks: ranks.collect::<Result<_, CountRefusal>>()? })
    })
}

/// `seed`: 64 hexadecimal digits; without it a lot draws the lowest index.
pub(crate) fn tie_break(input: &Json) -> Result<TieBreak, CountRefusal> {
    if optional(input, "seed").is_none() {
        return Ok(TieBreak::LowestIndex);
    }
    let digits = text(input, "seed", None)?;
    let refusal = || wrong("seed", None, "64 hexadecimal digits");
    if digits.len() != 64 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return Err(refusal());
    }
    let mut seed = [0; 32];
    for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| refusal())?;
    }
    Ok(TieBreak::Seed(seed))
}

/// An exact amount: `"60/119"`, `"12.50"`, `"100000"` or a JSON number. Never negative, at most 60 digits.
pub(crate) fn fraction(value: &Json, key: &str, line: Option<usize>) -> Result<BigRational, CountRefusal> {
    let refusal = || wrong(key, line, "a fraction or a decimal, not negative");
    let written = match value {
        Json::Text(text) => text.trim().to_owned(),
        Json::Number(digits) => digits.clone(),
        _ => return Err(refusal()),
    };
    if written.len() > 60 {
        return Err(refusal());
    }
    let whole = |digits: &str| -> Result<BigInt, CountRefusal> {
        let plain = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        if plain { digits.parse().map_err(|_| refusal()) } else { Err(refusal()) }
    };
    let amount = if let Some((above, below)) = written.split_once('/') {
        let below = whole(below.trim())?;
        if !below.is_positive() {
            return Err(refusal());
        }
        BigRational::new(whole(above.trim())?, below)
    } else if let Some((units, decimals)) = written.split_once('.') {
        let scale = BigInt::from(10u32).pow(decimals.len());
        BigRational::new(whole(units)? * &scale + whole(decimals)?, scale)
    } else {
        BigRational::from(whole(&written)?)
    };
    Ok(amount)
}

/// A fraction from 0 to 1.
pub(crate) fn share(value: &Json, key: &str, line: Option<usize>) -> Result<BigRational, CountRefusal> {
    let share = fraction(value, key, line)?;
    if share > BigRational::one() { Err(wrong(key, line, "a share from 0 to 1")) } else { Ok(share) }
}
