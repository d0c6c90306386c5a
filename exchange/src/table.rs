//! Rows and columns as spreadsheets really write them: a byte-order mark or none, UTF-8, UTF-16 or Windows-1252, commas,
//! semicolons or tabulations, quotes, either line end, empty lines, spaces at the ends. What was understood is said
//! ([`Table::encoding`], [`Table::delimiter`]); what cannot be is refused with its line.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::CountRefusal;

/// The separators that are recognized.
const DELIMITERS: [char; 3] = [';', ',', '\t'];

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The encoding it was read in, by its usual name.
    pub encoding: &'static str,
    /// What separates its cells.
    pub delimiter: char,
    /// The line of the header, from 1.
    pub header_line: usize,
    /// The names of the columns, without spaces at their ends.
    pub header: Vec<String>,
    /// The other lines that are not empty.
    pub rows: Vec<Row>,
    /// Lines below the header with nothing but separators, from 1.
    pub empty_lines: Vec<usize>,
}

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, from 1; a quoted cell may go on over several.
    pub line: usize,
    /// As many cells as there are columns, without spaces at their ends; more only where the line has more.
    pub cells: Vec<String>,
}

/// The text of a file, and the name of its encoding. A byte-order mark decides, then the declared encoding; without either, what
/// is UTF-8 is read as such and the rest as Windows-1252, which is also what spreadsheets call Latin-1.
///
/// # Errors
/// [`CountRefusal::UnknownEncoding`]; [`CountRefusal::NotText`] with the line of what is no character.
pub fn decode(bytes: &[u8], declared: Option<&str>) -> Result<(String, &'static str), CountRefusal> {
    let declared = declared.map(|label| {
        let unknown = || CountRefusal::UnknownEncoding { label: label.to_owned() };
        Encoding::for_label(label.as_bytes()).ok_or_else(unknown)
    });
    let declared = declared.transpose()?;
    let guessed = || if str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let encoding = Encoding::for_bom(bytes).map(|it| it.0).or(declared).unwrap_or_else(guessed);
    let (text, encoding, _) = encoding.decode(bytes); // takes the mark off
    let is_strange = |it: char| it == '\u{fffd}' || (it.is_control() && !matches!(it, '\t' | '\r' | '\n'));
    match text.find(is_strange) {
        Some(at) => Err(CountRefusal::NotText { line: line_of(&text, at) }),
        None => Ok((text.into_owned(), encoding.name())),
    }
}

/// The line of the byte `at`, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

impl Table {
    /// Reads a sheet; `delimiter` when it is declared, else the one that its header shows.
    ///
    /// # Errors
    /// Those of [`decode`]; [`CountRefusal::Malformed`] without a header, with two separators as frequent, or with a quote that
    /// is never closed.
    pub fn read(bytes: &[u8], encoding: Option<&str>, delimiter: Option<char>) -> Result<Self, CountRefusal> {
        let (text, encoding) = decode(bytes, encoding)?;
        let malformed = |line, reason: &str| CountRefusal::Malformed { line, reason: reason.to_owned() };
        let mut body = text.as_str();
        let mut first_line = 1;
        let mut said = delimiter;
        // The first line by which some spreadsheets announce their separator.
        if let Some((announced, rest)) = body.strip_prefix("sep=").and_then(|it| it.split_once('\n')) {
            said = said.or(announced.trim_end_matches('\r').chars().next());
            (body, first_line) = (rest, 2);
        }
        let header =
            body.lines().find(|it| !is_empty_line(it)).ok_or_else(|| malformed(first_line, "there is no header"))?;
        let delimiter = match said {
            Some(delimiter) => delimiter,
            None => shown_by(header)
                .ok_or_else(|| malformed(first_line, "two separators are as frequent in the header: declare one"))?,
        };
        let byte =
            u8::try_from(delimiter).map_err(|_| malformed(first_line, "the separator is not one plain character"))?;
        if let Some(line) = unclosed_quote(body, delimiter) {
            return Err(malformed(first_line - 1 + line, UNCLOSED_QUOTE));
        }
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(byte).from_reader(body.as_bytes());
        let (mut rows, mut empty_lines) = (Vec::new(), Vec::new());
        let mut lines = Lines::of(body);
        for record in reader.records() {
            let record = record.map_err(|e| malformed(first_line, &e.to_string()))?;
            let line = lines.at(record.position()) + first_line - 1;
            let cells: Vec<String> = record.iter().map(|it| trimmed(it).to_owned()).collect();
            if cells.iter().any(|it| !it.is_empty()) {
                rows.push(Row { line, cells });
            } else if !rows.is_empty() {
                empty_lines.push(line);
            }
        }
        let mut rows = rows.into_iter();
        let Some(Row { line: header_line, cells: header }) = rows.next() else {
            return Err(malformed(first_line, "there is no header"));
        };
        let header = without_empty_end(header, 0);
        let columns = header.len();
        let rows = rows.map(|row| Row { line: row.line, cells: without_empty_end(row.cells, columns) }).collect();
        Ok(Self { encoding, delimiter, header_line, header, rows, empty_lines })
    }
}

/// What is said of the line that [`unclosed_quote`] finds.
pub(crate) const UNCLOSED_QUOTE: &str =
    "a quote opens a cell here and does not close it: write a quote inside a quoted cell twice";

/// The line, from 1, of a cell that begins with a quote and does not end with one: a lenient reader would swallow the lines that
/// follow. A quote in the middle of a cell that does not begin with one is a plain character.
pub(crate) fn unclosed_quote(text: &str, delimiter: char) -> Option<usize> {
    let mut rest = text.chars().peekable();
    let mut line = 1;
    let mut begins_a_cell = true;
    while let Some(it) = rest.next() {
        line += usize::from(it == '\n');
        if it != '"' || !begins_a_cell {
            begins_a_cell = it == delimiter || matches!(it, '\r' | '\n');
            continue;
        }
        let opened = line;
        loop {
            match rest.next() {
                None => return Some(opened),
                Some('"') if rest.next_if_eq(&'"').is_none() => break,
                Some(it) => line += usize::from(it == '\n'),
            }
        }
        while rest.next_if(|it| matches!(it, ' ' | '\u{a0}')).is_some() {}
        if rest.peek().is_some_and(|it| *it != delimiter && !matches!(it, '\r' | '\n')) {
            return Some(opened);
        }
        begins_a_cell = false;
    }
    None
}

/// Tells the line of one record after the other.
pub(crate) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of a record's first character, from 1: its position is before the empty lines above it.
    pub(crate) fn at(&mut self, position: Option<&csv::Position>) -> usize {
        let bytes = self.text.as_bytes();
        let start = position.and_then(|it| usize::try_from(it.byte()).ok()).unwrap_or(self.at);
        let is_blank = |at: usize| matches!(bytes.get(at), Some(b'\r' | b'\n'));
        while self.at < bytes.len() && (self.at < start || is_blank(self.at)) {
            self.line += usize::from(bytes[self.at] == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// Without ordinary, unbreakable or invisible spaces at the ends.
fn trimmed(cell: &str) -> &str {
    cell.trim_matches(|it: char| it.is_whitespace() || matches!(it, '\u{200b}' | '\u{feff}'))
}

/// Without its empty last cells, and filled up to the number of columns.
fn without_empty_end(mut cells: Vec<String>, columns: usize) -> Vec<String> {
    let used = cells.iter().rposition(|it| !it.is_empty()).map_or(0, |it| it + 1);
    cells.resize(used.max(columns), String::new());
    cells
}

fn is_empty_line(line: &str) -> bool {
    line.chars().all(|it| it.is_whitespace() || DELIMITERS.contains(&it) || it == '"')
}

/// The separator most frequent outside quotes; a comma when there is one column only.
fn shown_by(header: &str) -> Option<char> {
    let outside: String = header.split('"').step_by(2).collect();
    let mut found = DELIMITERS.map(|it| (outside.matches(it).count(), it));
    found.sort_unstable();
    match found {
        [_, _, (0, _)] => Some(','),
        [_, (second, _), (first, _)] if second == first => None,
        [_, _, (_, most)] => Some(most),
    }
}
