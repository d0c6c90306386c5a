//! Ranked ballots as counting programs of the single transferable vote exchange them (`.blt`, since 1994): a line of candidates
//! and seats, withdrawn candidates as negative numbers, a line a ballot (weight, preferences, 0), a line `0`, the names in quotes.
//! `=` joins equals, `-` leaves a rank empty, `#` begins a comment. Lines in brackets are orders to one program: refused.

use super::{Election, Options, Places, malformed, names, ranked, whole};
use crate::{CountRefusal, Json};

const KINDS: &[&str] = &["stv_scottish", "ranked_single", "irv_to_last_two"];
/// As many names as any ballot paper.
const CANDIDATES_MAX: u64 = 100_000;

/// Reads `text`; the kind of count comes from the options, and the seats from the file.
pub(super) fn read(text: &str, options: &mut Options) -> Result<Election, CountRefusal> {
    let kind = options.kind(KINDS)?;
    let mut lines = (1..).zip(text.lines().map(without_comment)).filter(|(_, it)| !it.is_empty()).peekable();
    let end = text.lines().count().max(1);
    let cut_short = || malformed(end, "the file ends too early");

    let (line, header) = lines.next().ok_or_else(cut_short)?;
    let [candidates, seats] = header.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(malformed(line, "the first line is the number of candidates and the number of seats"));
    };
    let header_line = line;
    let (candidates, seats) =
        (whole(candidates, line, "a number of candidates")?, whole(seats, line, "a number of seats")?);
    let listed = usize::try_from(candidates).ok().filter(|_| candidates <= CANDIDATES_MAX);
    let listed =
        listed.ok_or_else(|| malformed(line, format!("{candidates} candidates, at most {CANDIDATES_MAX} are read")))?;

    let mut stands = vec![true; listed];
    while let Some((line, written)) = lines.next_if(|(_, it)| it.starts_with('-')) {
        for number in written.split_whitespace() {
            let number = number
                .strip_prefix('-')
                .ok_or_else(|| malformed(line, "a withdrawn candidate is a negative number"))?;
            stands[candidate(number, listed, line)?] = false;
        }
    }
    let mut ballots = Vec::new();
    loop {
        let (line, written) = lines.next().ok_or_else(cut_short)?;
        if written == "0" {
            break;
        }
        ballots.push((line, ballot(written, listed, line)?));
    }
    let mut called = Vec::new();
    let mut places = Vec::new();
    for _ in 0..listed {
        let (line, written) = lines.next().ok_or_else(cut_short)?;
        called.push(quoted(written, line)?);
        places.push(line);
    }
    let title = lines.next().map(|(line, written)| quoted(written, line)).transpose()?;
    if let Some((line, _)) = lines.next() {
        return Err(malformed(line, "nothing follows the title"));
    }

    // Whoever withdrew is on no ballot: the others move up.
    let place: Vec<Option<usize>> = stands
        .iter()
        .scan(0, |next, stands| {
            let place = stands.then_some(*next);
            *next += usize::from(*stands);
            Some(place)
        })
        .collect();
    let kept = |all: &[String], standing: bool| -> Vec<String> {
        all.iter().zip(&stands).filter(|it| *it.1 == standing).map(|it| it.0.clone()).collect()
    };
    let papers = ballots.iter().map(|(_, (weight, ranks))| ranked(*weight, &without(ranks, &place)));
    let places = Places {
        ballots: ballots.iter().map(|it| it.0).collect(),
        candidates: places.into_iter().zip(&stands).filter(|it| *it.1).map(|it| it.0).collect(),
        single: vec![("seats", header_line)],
    };
    let listed = names(&kept(&called, true)).map_err(|it| places.at_line(it))?;
    let mut input = vec![("candidates", listed), ("ballots", Json::list(papers))];
    if kind == "stv_scottish" {
        input.push(("seats", Json::number(seats)));
    }
    let withdrawn = Json::list(kept(&called, false).into_iter().map(Json::Text));
    let said = vec![("withdrawn", withdrawn), ("title", title.map_or(Json::Null, Json::Text))];
    Ok(Election { kind, input, places, said })
}

/// The ranks without those who withdrew; a rank that held nobody else is no rank.
fn without(ranks: &[Vec<usize>], place: &[Option<usize>]) -> Vec<Vec<usize>> {
    let standing = |rank: &Vec<usize>| -> Vec<usize> { rank.iter().filter_map(|&it| place[it]).collect() };
    ranks.iter().filter_map(|rank| Some(standing(rank)).filter(|left| rank.is_empty() || !left.is_empty())).collect()
}

fn ballot(written: &str, candidates: usize, line: usize) -> Result<(u64, Vec<Vec<usize>>), CountRefusal> {
    if written.starts_with('[') {
        return Err(malformed(line, "orders in brackets are for one program only: take the line out"));
    }
    let (weight, preferences) = match written.split_whitespace().collect::<Vec<_>>().as_slice() {
        [weight, preferences @ .., "0"] => (whole(weight, line, "a weight")?, preferences.to_vec()),
        _ => return Err(malformed(line, "a ballot is a weight, its preferences, and 0")),
    };
    let rank = |written: &&str| match *written {
        "-" => Ok(Vec::new()),
        equals => equals.split('=').map(|it| candidate(it, candidates, line)).collect(),
    };
    Ok((weight, preferences.iter().map(rank).collect::<Result<_, _>>()?))
}

/// A candidate's number, from 1.
fn candidate(written: &str, candidates: usize, line: usize) -> Result<usize, CountRefusal> {
    let number = whole(written, line, "a candidate")?;
    let index = number.checked_sub(1).and_then(|it| usize::try_from(it).ok()).filter(|it| *it < candidates);
    index.ok_or_else(|| malformed(line, format!("candidate {number} is not one of the {candidates}")))
}

fn quoted(written: &str, line: usize) -> Result<String, CountRefusal> {
    let name = written.strip_prefix('"').and_then(|it| it.strip_suffix('"')).map(str::trim);
    let name = name.filter(|it| !it.is_empty());
    name.map(str::to_owned).ok_or_else(|| malformed(line, "a name in quotes was expected"))
}

fn without_comment(line: &str) -> &str {
    let mut is_quoted = false;
    let comment = line.char_indices().find(|&(_, it)| {
        is_quoted ^= it == '"';
        it == '#' && !is_quoted
    });
    comment.map_or(line, |(at, _)| &line[..at]).trim()
}
