//! A participatory budget as pabulib.org publishes them (`.pb`): three sections, META, PROJECTS and VOTES, of cells separated by
//! semicolons. Approval, choose-1, cumulative and scoring ballots are counted; an order without points is not a number of points,
//! so `ordinal` is refused. The limits that META declares are judged ballot by ballot.

use std::collections::BTreeMap;

use super::{Election, malformed, whole};
use crate::table::Lines;
use crate::{CountRefusal, Json};

/// One line of the file: its place and its cells.
type Line = (usize, Vec<String>);

#[derive(Default)]
struct Sections {
    meta: BTreeMap<String, (usize, String)>,
    projects: Vec<Line>,
    votes: Vec<Line>,
}

/// What META says of a ballot.
struct Limits {
    projects_least: Option<u64>,
    projects_most: Option<u64>,
    points_most: Option<u64>,
    points_sum_most: Option<u64>,
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
    let limits = Limits::read(&sections.meta, vote_type == "choose-1")?;
    let (projects, index) = projects(&sections.projects, end)?;
    let ballots = ballots(&sections.votes, &index, with_points, &limits, end)?;
    for (key, found) in [("num_projects", projects.len()), ("num_votes", ballots.len())] {
        if let Some((line, written)) = meta(key)
            && whole(written, *line, "a number")? != found as u64
        {
            return Err(malformed(*line, format!("{key} says {written}, and the file has {found}")));
        }
    }
    let (budget_line, budget) = required("budget")?;
    crate::read::fraction(&Json::text(budget), "budget", None)
        .map_err(|_| malformed(*budget_line, format!("'{budget}' is not a budget")))?;
    let input = vec![
        ("budget", Json::text(budget)),
        ("projects", Json::list(projects.iter().map(|it| it.1.clone()))),
        ("ballots", Json::list(ballots.iter().map(|it| Json::list([Json::number(1), it.1.clone()])))),
    ];
    let said = vec![("title", meta("description").map_or(Json::Null, |it| Json::text(&it.1)))];
    Ok(Election {
        kind: "participatory_budget".to_owned(),
        input,
        ballots: ballots.into_iter().map(|it| it.0).collect(),
        candidates: projects.into_iter().map(|it| it.0).collect(),
        said,
    })
}

impl Sections {
    fn read(text: &str) -> Result<Self, CountRefusal> {
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

impl Limits {
    fn read(meta: &BTreeMap<String, (usize, String)>, choose_one: bool) -> Result<Self, CountRefusal> {
        let limit = |key: &str| meta.get(key).map(|(line, written)| whole(written, *line, "a limit")).transpose();
        Ok(Self {
            projects_least: limit("min_length")?,
            projects_most: if choose_one { Some(1) } else { limit("max_length")? },
            points_most: limit("max_points")?,
            points_sum_most: limit("max_sum_points")?,
        })
    }

    /// Why a ballot that is not blank is not valid.
    fn fault(&self, points: &[u64]) -> Option<String> {
        let over = |found: u64, most: Option<u64>| most.is_some_and(|most| found > most);
        let named = points.len() as u64;
        let sum = points.iter().fold(0u64, |sum, it| sum.saturating_add(*it));
        if over(named, self.projects_most) || self.projects_least.is_some_and(|least| named < least) {
            return Some(format!("{named} projects are not as many as META allows"));
        }
        if points.iter().any(|it| over(*it, self.points_most)) || over(sum, self.points_sum_most) {
            return Some(format!("{sum} points are more than META allows"));
        }
        None
    }
}

/// Each project's line and input, and its place by its id.
type Projects = (Vec<(usize, Json)>, BTreeMap<String, usize>);

fn projects(section: &[Line], end: usize) -> Result<Projects, CountRefusal> {
    let (columns, rows) = section.split_first().ok_or_else(|| malformed(end, "there is no section PROJECTS"))?;
    let (id, cost) = (column(columns, "project_id")?, column(columns, "cost")?);
    let mut projects = Vec::with_capacity(rows.len());
    let mut index = BTreeMap::new();
    for (line, cells) in rows {
        let called = cell(cells, id, *line, "project_id")?;
        let costs = Json::text(cell(cells, cost, *line, "cost")?);
        crate::read::fraction(&costs, "cost", None)
            .map_err(|_| malformed(*line, "the cost is not a decimal number"))?;
        if index.insert(called.to_owned(), projects.len()).is_some() {
            return Err(malformed(*line, format!("project {called} is listed twice")));
        }
        projects.push((*line, Json::object([("id", Json::text(called)), ("cost", costs)])));
    }
    Ok((projects, index))
}

fn ballots(
    section: &[Line],
    index: &BTreeMap<String, usize>,
    with_points: bool,
    limits: &Limits,
    end: usize,
) -> Result<Vec<(usize, Json)>, CountRefusal> {
    let (columns, rows) = section.split_first().ok_or_else(|| malformed(end, "there is no section VOTES"))?;
    let voter = column(columns, "voter_id")?;
    let vote = column(columns, "vote")?;
    let points = if with_points { Some(column(columns, "points")?) } else { None };
    let mut voters = std::collections::BTreeSet::new();
    let mut ballots = Vec::with_capacity(rows.len());
    for (line, cells) in rows {
        let voter = cell(cells, voter, *line, "voter_id")?;
        if !voters.insert(voter) {
            return Err(malformed(*line, format!("voter {voter} is listed twice")));
        }
        let place = |id: &str| {
            let place = index.get(id).copied();
            place.ok_or_else(|| malformed(*line, format!("there is no project '{id}'")))
        };
        let named = listed(cells, Some(vote)).map(place).collect::<Result<Vec<_>, _>>()?;
        let given = match points {
            Some(_) => listed(cells, points).map(|it| whole(it, *line, "points")).collect::<Result<Vec<_>, _>>()?,
            None => vec![1; named.len()],
        };
        if given.len() != named.len() {
            return Err(malformed(*line, format!("{} projects and {} numbers of points", named.len(), given.len())));
        }
        if let Some(fault) = limits.fault(&given).filter(|_| !named.is_empty()) {
            return Err(malformed(*line, fault));
        }
        let pairs = named.iter().zip(&given).map(|(project, points)| Json::numbers([*project as u64, *points]));
        ballots.push((*line, Json::list(pairs)));
    }
    Ok(ballots)
}

fn listed(cells: &[String], column: Option<usize>) -> impl Iterator<Item = &str> {
    let written = column.and_then(|it| cells.get(it)).map_or("", String::as_str);
    written.split(',').map(str::trim).filter(move |_| !written.is_empty())
}

fn column((line, columns): &Line, name: &str) -> Result<usize, CountRefusal> {
    let found = columns.iter().position(|it| it == name);
    found.ok_or_else(|| malformed(*line, format!("there is no column '{name}'")))
}

fn cell<'a>(cells: &'a [String], at: usize, line: usize, name: &str) -> Result<&'a str, CountRefusal> {
    let found = cells.get(at).map(String::as_str).filter(|it| !it.is_empty());
    found.ok_or_else(|| malformed(line, format!("there is no {name}")))
}
