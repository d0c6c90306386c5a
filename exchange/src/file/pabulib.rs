//! A participatory budget as pabulib.org publishes them (`.pb`): three sections, META, PROJECTS and VOTES, of cells separated by
//! semicolons (<https://pabulib.org/format>). Approval, choose-1, cumulative and scoring ballots are counted; an order without points
//! is not a number of points, so `ordinal` is refused. The limits that META declares are judged ballot by ballot
//! ([`Limits`]); what would change the count and is not obeyed here is refused by its name.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::Zero;

use super::limits::Limits;
use super::{Election, Places, malformed, whole};
use crate::table::{Lines, UNCLOSED_QUOTE, unclosed_quote};
use crate::{CountRefusal, Json};

/// One line of the file: its place and its cells.
type Line = (usize, Vec<String>);

/// META: each key's line and value.
pub(super) type Meta = BTreeMap<String, (usize, String)>;

#[derive(Default)]
struct Sections {
    meta: Meta,
    projects: Vec<Line>,
    votes: Vec<Line>,
}

/// Reads `text`.
pub(super) fn read(text: &str) -> Result<Election, CountRefusal> {
    let sections = Sections::read(text)?;
    let meta = |key: &str| sections.meta.get(key);
    let end = text.lines().count().max(1);
    let required = |key: &str| meta(key).ok_or_else(|| malformed(end, format!("META does not say {key}")));
    let (line, vote_type) = required("vote_type")?;
    let with_points = match vote_type.as_str() {
        "approval" | "choose-1" => false,
        "cumulative" | "scoring" => true,
        other => return Err(malformed(*line, format!("ballots of type '{other}' are not counted here"))),
    };
    let limits = Limits::read(&sections.meta, vote_type)?;
    let projects = Projects::read(&sections.projects, end)?;
    let ballots = ballots(&sections.votes, &projects, with_points, &limits, end)?;
    for (key, found) in [("num_projects", projects.costs.len()), ("num_votes", ballots.len())] {
        if let Some((line, written)) = meta(key)
            && whole(written, *line, "a number")? != found as u64
        {
            return Err(malformed(*line, format!("{key} says {written}, and the file has {found}")));
        }
    }
    let (budget_line, budget) = required("budget")?;
    let amount = crate::read::fraction(&Json::text(budget), "budget", None);
    amount
        .ok()
        .filter(|it| !it.is_zero())
        .ok_or_else(|| malformed(*budget_line, format!("'{budget}' is not a budget, an amount above 0")))?;
    let input = vec![
        ("budget", Json::text(budget)),
        ("projects", Json::list(projects.input)),
        ("ballots", Json::list(ballots.iter().map(|it| Json::list([Json::number(1), it.1.clone()])))),
    ];
    let said = vec![("title", meta("description").map_or(Json::Null, |it| Json::text(&it.1)))];
    Ok(Election {
        kind: "participatory_budget".to_owned(),
        input,
        places: Places {
            ballots: ballots.into_iter().map(|it| it.0).collect(),
            candidates: projects.lines,
            single: vec![("budget", *budget_line)],
        },
        said,
    })
}

impl Sections {
    fn read(text: &str) -> Result<Self, CountRefusal> {
        if let Some(line) = unclosed_quote(text, ';') {
            return Err(malformed(line, UNCLOSED_QUOTE));
        }
        let mut sections = Self::default();
        let mut current = None;
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
        let mut lines = Lines::of(text);
        for record in reader.records() {
            let record = record.map_err(|e| malformed(1, e.to_string()))?;
            let line = lines.at(record.position());
            let cells: Vec<String> = record.iter().map(|it| it.trim().to_owned()).collect();
            let first = cells.first().map_or("", String::as_str);
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if let ("META" | "PROJECTS" | "VOTES", true) = (first, cells[1..].iter().all(String::is_empty)) {
                current = Some(first.to_owned());
                continue;
            }
            match current.as_deref() {
                Some("META") => {
                    let value = cells.get(1).cloned().unwrap_or_default();
                    if first == "key" && value == "value" {
                        continue;
                    }
                    if sections.meta.insert(first.to_owned(), (line, value)).is_some() {
                        return Err(CountRefusal::DuplicateKey { line, key: first.to_owned() });
                    }
                }
                Some("PROJECTS") => sections.projects.push((line, cells)),
                Some(_) => sections.votes.push((line, cells)),
                None => return Err(malformed(line, "the file begins with META")),
            }
        }
        Ok(sections)
    }
}

/// The projects, in the order of the file.
struct Projects {
    lines: Vec<usize>,
    input: Vec<Json>,
    costs: Vec<BigRational>,
    /// Their places, by their ids.
    index: BTreeMap<String, usize>,
}

impl Projects {
    fn read(section: &[Line], end: usize) -> Result<Self, CountRefusal> {
        let (columns, rows) = section.split_first().ok_or_else(|| malformed(end, "there is no section PROJECTS"))?;
        let (id, cost) = (column(columns, "project_id")?, column(columns, "cost")?);
        let mut read = Self { lines: Vec::new(), input: Vec::new(), costs: Vec::new(), index: BTreeMap::new() };
        for (line, cells) in rows {
            no_cell_too_many(*line, cells, &columns.1)?;
            let called = cell(cells, id, *line, "project_id")?;
            let written = Json::text(cell(cells, cost, *line, "cost")?);
            let cost = crate::read::fraction(&written, "cost", None)
                .map_err(|_| malformed(*line, "the cost is not a decimal number"))?;
            if read.index.insert(called.to_owned(), read.lines.len()).is_some() {
                return Err(malformed(*line, format!("project {called} is listed twice")));
            }
            read.lines.push(*line);
            read.input.push(Json::object([("id", Json::text(called)), ("cost", written)]));
            read.costs.push(cost);
        }
        Ok(read)
    }
}

fn ballots(
    section: &[Line],
    projects: &Projects,
    with_points: bool,
    limits: &Limits,
    end: usize,
) -> Result<Vec<(usize, Json)>, CountRefusal> {
    let (columns, rows) = section.split_first().ok_or_else(|| malformed(end, "there is no section VOTES"))?;
    let voter = column(columns, "voter_id")?;
    let vote = column(columns, "vote")?;
    let points = if with_points { Some(column(columns, "points")?) } else { None };
    let mut voters = BTreeSet::new();
    let mut ballots = Vec::with_capacity(rows.len());
    for (line, cells) in rows {
        no_cell_too_many(*line, cells, &columns.1)?;
        let voter = cell(cells, voter, *line, "voter_id")?;
        if !voters.insert(voter) {
            return Err(malformed(*line, format!("voter {voter} is listed twice")));
        }
        let place = |id: &str| {
            let place = projects.index.get(id).copied();
            place.ok_or_else(|| malformed(*line, format!("there is no project '{id}'")))
        };
        let named = listed(cells, vote, *line, "vote")?.map(place).collect::<Result<Vec<_>, _>>()?;
        let given = match points {
            Some(points) => listed(cells, points, *line, "points")?
                .map(|it| whole(it, *line, "points"))
                .collect::<Result<Vec<_>, _>>()?,
            None => vec![1; named.len()],
        };
        if given.len() != named.len() {
            return Err(malformed(*line, format!("{} projects and {} numbers of points", named.len(), given.len())));
        }
        if let Some(fault) = limits.fault(&named, &given, &projects.costs).filter(|_| !named.is_empty()) {
            return Err(malformed(*line, fault));
        }
        let mut marks: Vec<(usize, u64)> = named.into_iter().zip(given).collect();
        if let Some(score) = limits.default_score {
            let named: BTreeSet<usize> = marks.iter().map(|it| it.0).collect();
            let others = (0..projects.costs.len()).filter(|it| !named.contains(it));
            marks.extend(others.map(|it| (it, score)));
        }
        let pairs = marks.into_iter().map(|(project, points)| Json::numbers([project as u64, points]));
        ballots.push((*line, Json::list(pairs)));
    }
    Ok(ballots)
}

/// A semicolon too many, in a name without quotes, would move every cell after it.
fn no_cell_too_many(line: usize, cells: &[String], columns: &[String]) -> Result<(), CountRefusal> {
    match cells.iter().rposition(|it| !it.is_empty()) {
        Some(last) if columns.len() <= last => {
            Err(malformed(line, format!("{} cells for {} columns", last + 1, columns.len())))
        }
        _ => Ok(()),
    }
}

/// What a cell lists; nothing when it is empty, but the cell has to be there: a line cut short is not a blank ballot.
fn listed<'a>(
    cells: &'a [String],
    column: usize,
    line: usize,
    name: &str,
) -> Result<impl Iterator<Item = &'a str> + use<'a>, CountRefusal> {
    let written = cells.get(column).ok_or_else(|| malformed(line, format!("the line ends before its {name}")))?;
    Ok(written.split(',').map(str::trim).filter(move |_| !written.is_empty()))
}

fn column((line, columns): &Line, name: &str) -> Result<usize, CountRefusal> {
    let found = columns.iter().position(|it| it == name);
    found.ok_or_else(|| malformed(*line, format!("there is no column '{name}'")))
}

fn cell<'a>(cells: &'a [String], at: usize, line: usize, name: &str) -> Result<&'a str, CountRefusal> {
    let found = cells.get(at).map(String::as_str).filter(|it| !it.is_empty());
    found.ok_or_else(|| malformed(line, format!("there is no {name}")))
}
