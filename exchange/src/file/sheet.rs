//! Ballots in a sheet: the header names the candidates, each line is a ballot. A first column called `n` is a number of equal
//! ballots; without it a line of separators alone is refused, because it may be a blank ballot or what a spreadsheet leaves below
//! its table. Cells say, by kind: `1`, `x` or nothing (approval); the rank, 1 for the first (ranked kinds; equal ranks are ties);
//! a grade or nothing (majority judgment).

use super::{Election, Options, Places, malformed, names, ranked, whole};
use crate::table::{Row, Table};
use crate::{CountRefusal, Json};

const KINDS: &[&str] = &["approval", "majority_judgment", "ranked_single", "irv_to_last_two", "stv_scottish"];

/// Reads a sheet; what it does not say comes from the options.
pub(super) fn read(bytes: &[u8], encoding: Option<&str>, options: &mut Options) -> Result<Election, CountRefusal> {
    let kind = options.kind(KINDS)?;
    let table = Table::read(bytes, encoding, options.delimiter.take())?;
    let counted = usize::from(table.header[0] == "n");
    if let Some(line) = table.empty_lines.first().filter(|_| counted == 0) {
        return Err(malformed(
            *line,
            "a blank ballot or no ballot? a first column n says how many: 1, or take the line away",
        ));
    }
    let candidates = &table.header[counted..];
    let places = Places {
        ballots: table.rows.iter().map(|it| it.line).collect(),
        candidates: vec![table.header_line; candidates.len()],
        single: Vec::new(),
    };
    let listed = names(candidates).map_err(|it| places.at_line(it))?;
    let mut input = vec![("candidates", listed)];
    let mut grades = Vec::new();
    match kind.as_str() {
        "stv_scottish" => {
            let seats = options.seats.take().ok_or(CountRefusal::MissingOption { option: "--seats" })?;
            input.push(("seats", Json::number(seats)));
        }
        "majority_judgment" => {
            grades = options.grades.take().ok_or(CountRefusal::MissingOption { option: "--grades" })?;
            input.push(("grades", Json::list(grades.iter().map(Json::text))));
            input.extend(options.nulls.take().map(|it| ("nulls", Json::text(it))));
        }
        _ => {}
    }
    let ballot = |row: &Row| {
        let line = row.line;
        if row.cells.len() > table.header.len() {
            return Err(malformed(line, format!("{} cells for {} columns", row.cells.len(), table.header.len())));
        }
        let multiplicity = if counted == 1 { whole(&row.cells[0], line, "a number of ballots")? } else { 1 };
        let cells = &row.cells[counted..];
        match kind.as_str() {
            "approval" => Ok(Json::list([Json::number(multiplicity), approved(cells, line)?])),
            "majority_judgment" => Ok(Json::list([Json::number(multiplicity), graded(cells, &grades, line)?])),
            _ => Ok(ranked(multiplicity, &ranks(cells, line)?)),
        }
    };
    let ballots = table.rows.iter().map(ballot).collect::<Result<Vec<_>, _>>()?;
    input.push(("ballots", Json::list(ballots)));
    let said = vec![("encoding", Json::text(table.encoding)), ("delimiter", Json::text(table.delimiter))];
    Ok(Election { kind, input, places, said })
}

fn approved(cells: &[String], line: usize) -> Result<Json, CountRefusal> {
    let mut approved = Vec::new();
    for (candidate, cell) in cells.iter().enumerate() {
        match cell.as_str() {
            "1" | "x" | "X" => approved.push(candidate),
            "" | "0" => {}
            other => return Err(malformed(line, format!("'{other}' is neither 1, x, 0 nor nothing"))),
        }
    }
    Ok(Json::numbers(approved))
}

fn graded(cells: &[String], grades: &[String], line: usize) -> Result<Json, CountRefusal> {
    let grade = |cell: &String| match grades.iter().position(|it| it == cell) {
        Some(grade) => Ok(Json::number(grade)),
        None if cell.is_empty() => Ok(Json::Null),
        None => Err(malformed(line, format!("'{cell}' is not one of the grades"))),
    };
    Ok(Json::list(cells.iter().map(grade).collect::<Result<Vec<_>, _>>()?))
}

/// The ranks from the first; one that nobody has, or several in a row, is one empty rank.
fn ranks(cells: &[String], line: usize) -> Result<Vec<Vec<usize>>, CountRefusal> {
    let mut placed = Vec::new();
    for (candidate, cell) in cells.iter().enumerate().filter(|it| !it.1.is_empty()) {
        match whole(cell, line, "a rank")? {
            0 => return Err(malformed(line, "ranks begin at 1")),
            rank => placed.push((rank, candidate)),
        }
    }
    placed.sort_unstable();
    let mut ranks: Vec<Vec<usize>> = Vec::new();
    let mut last = 0;
    for equals in placed.chunk_by(|a, b| a.0 == b.0) {
        if equals[0].0 > last + 1 {
            ranks.push(Vec::new());
        }
        last = equals[0].0;
        ranks.push(equals.iter().map(|it| it.1).collect());
    }
    Ok(ranks)
}
