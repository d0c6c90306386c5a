//! Strict reading of JSON: a value has the one form its key asks for, or is refused with its place.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Pow, Signed};
use serde_json::Value;
use urne_vote_contract::method::{CountError, RankedBallot, TieBreak, Weighted};

use crate::{Answer, CountRefusal};

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

    /// As a value.
    pub(crate) fn label(&self, candidate: usize) -> Answer {
        if self.are_indices { Answer::number(candidate) } else { Answer::text(self.key(candidate)) }
    }

    /// As a list, in the given order.
    pub(crate) fn labels(&self, candidates: &[usize]) -> Answer {
        Answer::list(candidates.iter().map(|&it| self.label(it)))
    }

    /// One value a candidate.
    pub(crate) fn each(&self, values: impl IntoIterator<Item = Answer>) -> Answer {
        Answer::object(self.keys.iter().cloned().zip(values))
    }
}

pub(crate) fn wrong(key: &str, line: Option<usize>, expected: &'static str) -> CountRefusal {
    CountRefusal::WrongForm { key: key.to_owned(), line, expected }
}

pub(crate) fn field<'a>(object: &'a Value, key: &str) -> Result<&'a Value, CountRefusal> {
    object.get(key).ok_or_else(|| CountRefusal::Missing { key: key.to_owned() })
}

/// Absent and `null` are the same.
pub(crate) fn optional<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    object.get(key).filter(|it| !it.is_null())
}

pub(crate) fn text<'a>(object: &'a Value, key: &str) -> Result<&'a str, CountRefusal> {
    field(object, key)?.as_str().ok_or_else(|| wrong(key, None, "a string"))
}

pub(crate) fn list<'a>(object: &'a Value, key: &str) -> Result<&'a [Value], CountRefusal> {
    let list = field(object, key)?.as_array().ok_or_else(|| wrong(key, None, "a list"))?;
    Ok(list)
}

pub(crate) fn integer(object: &Value, key: &str, line: Option<usize>) -> Result<u64, CountRefusal> {
    field(object, key)?.as_u64().ok_or_else(|| wrong(key, line, "an integer from 0 to 2^64 - 1"))
}

pub(crate) fn index(value: &Value, key: &str, line: usize) -> Result<usize, CountRefusal> {
    let refusal = || wrong(key, Some(line), "an index from 0");
    usize::try_from(value.as_u64().ok_or_else(refusal)?).map_err(|_| refusal())
}

/// Distinct strings.
pub(crate) fn names(object: &Value, key: &str) -> Result<Names, CountRefusal> {
    let values = list(object, key)?;
    let keys = values
        .iter()
        .enumerate()
        .map(|(index, value)| value.as_str().map(str::to_owned).ok_or_else(|| wrong(key, Some(index + 1), "a string")));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    distinct(&keys, key)?;
    Ok(Names { keys, are_indices: false })
}

/// `candidates`, or as many indices as `candidates_count` says.
pub(crate) fn candidates(input: &Value) -> Result<Names, CountRefusal> {
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

pub(crate) fn distinct(names: &[String], key: &str) -> Result<(), CountRefusal> {
    let mut seen = BTreeSet::new();
    match names.iter().enumerate().find(|(_, name)| !seen.insert(*name)) {
        Some((index, name)) => {
            Err(CountRefusal::DuplicateName { key: key.to_owned(), line: index + 1, name: name.clone() })
        }
        None => Ok(()),
    }
}

/// `ballots`: `[multiplicity, ballot]`; `read` receives the ballot's line and what follows its multiplicity.
pub(crate) fn ballots<B>(
    object: &Value,
    read: impl Fn(usize, &[Value]) -> Result<B, CountRefusal>,
) -> Result<Vec<Weighted<B>>, CountRefusal> {
    let ballots = list(object, "ballots")?.iter().enumerate().map(|(index, value)| {
        let line = index + 1;
        let refusal = || wrong("ballots", Some(line), "[multiplicity, ballot]");
        let (multiplicity, rest) = value.as_array().and_then(|it| it.split_first()).ok_or_else(refusal)?;
        let multiplicity = multiplicity.as_u64().ok_or_else(refusal)?;
        if rest.is_empty() {
            return Err(refusal());
        }
        Ok(Weighted { multiplicity, ballot: read(line, rest)? })
    });
    ballots.collect()
}

/// The only ballot of a line, as a list.
pub(crate) fn only_list(line: usize, rest: &[Value]) -> Result<&[Value], CountRefusal> {
    match rest {
        [Value::Array(ballot)] => Ok(ballot),
        _ => Err(wrong("ballots", Some(line), "[multiplicity, [entries]]")),
    }
}

pub(crate) fn ranked_ballots(input: &Value) -> Result<Vec<Weighted<RankedBallot>>, CountRefusal> {
    ballots(input, |line, rest| {
        let ranks = only_list(line, rest)?.iter().map(|rank| {
            let group =
                rank.as_array().ok_or_else(|| wrong("ballots", Some(line), "[multiplicity, [[indices], …]]"))?;
            group.iter().map(|it| index(it, "ballots", line)).collect()
        });
        Ok(RankedBallot { ranks: ranks.collect::<Result<_, CountRefusal>>()? })
    })
}

/// `seed`: 64 hexadecimal digits; without it a lot draws the lowest index.
pub(crate) fn tie_break(input: &Value) -> Result<TieBreak, CountRefusal> {
    if optional(input, "seed").is_none() {
        return Ok(TieBreak::LowestIndex);
    }
    let digits = text(input, "seed")?;
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
pub(crate) fn fraction(value: &Value, key: &str, line: Option<usize>) -> Result<BigRational, CountRefusal> {
    let refusal = || wrong(key, line, "a fraction or a decimal, not negative");
    let written = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
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
