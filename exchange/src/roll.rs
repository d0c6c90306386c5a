//! A census as an office keeps it, in a sheet of names, colleges and keys, made ready for the ledger: keys and colleges on one
//! side, which are public, and who holds which key on the other, which never goes on chain. Every line at fault is reported with
//! its number, all at once; with a single error nothing is made.

use std::collections::{BTreeMap, BTreeSet};

use urne_types::election::CensusEntry;
use urne_types::name::ReadName;
use urne_types::{CollegeId, PublicKey};

use crate::roll_fault::{Fault, Problem};
use crate::roll_previous::Held;
use crate::table::{Row, Table};
use crate::{CountRefusal, Json};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The member's name; private.
    Name,
    /// Her number in the office's books, which tells namesakes apart; private.
    Id,
    /// Her college, by number or by name.
    College,
    /// Her public key, 64 hexadecimal digits.
    PublicKey,
    /// The legal entity for which this person votes; empty when she votes for herself.
    Entity,
    /// The key that this one replaces.
    Replaces,
}

/// Several representatives of a legal entity have one voice: whose?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Representatives {
    /// The first in the sheet votes; the others are kept beside her in the private file.
    FirstListed,
    /// One only may be listed.
    One,
}

/// How the sheet is to be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollRules {
    /// The encoding, when it is neither marked nor UTF-8 nor Windows-1252.
    pub encoding: Option<String>,
    /// The separator, when the header does not show it.
    pub delimiter: Option<char>,
    /// Columns that have other names than ours.
    pub columns: BTreeMap<Column, String>,
    /// The colleges by the names that the sheet gives them.
    pub colleges: BTreeMap<String, CollegeId>,
    /// Whose voice a legal entity's is; it must be said as soon as one has several representatives.
    pub representatives: Option<Representatives>,
    /// Who held which key before; then a changed key must be announced in the column `replaces`.
    pub previous: Option<Json>,
}

/// Numbers that an empty or overflowing cell becomes in more than one program: a college has one of them by its name only
/// ([`RollRules::colleges`]).
const UNUSUAL_COLLEGES: [u16; 2] = [0, u16::MAX];

/// What the sheet became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roll {
    /// The encoding and the separator it was read with.
    pub encoding: &'static str,
    /// What separates cells.
    pub delimiter: char,
    /// Lines that are not empty.
    pub lines: usize,
    /// Columns that nothing reads.
    pub ignored_columns: Vec<String>,
    /// Everything that is wrong or doubtful, by line.
    pub problems: Vec<Problem>,
    /// Rights to one ballot, in order; empty as long as there is an error.
    pub entries: Vec<CensusEntry>,
    /// Who holds which key: private.
    pub links: Vec<Link>,
}

/// One person and the key with which she votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The line of the sheet, from 1.
    pub line: usize,
    /// Her name.
    pub name: String,
    /// Her number, where the sheet has one.
    pub id: String,
    /// Whom she votes for, when it is not herself.
    pub entity: String,
    /// The college.
    pub college: CollegeId,
    /// The key.
    pub public_key: PublicKey,
    /// The key it replaces.
    pub replaces: Option<PublicKey>,
    /// Whether this key votes; not that of a legal entity's second representative.
    pub votes: bool,
}

impl Column {
    /// All, with our names for them.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Name, "name"),
        (Self::Id, "id"),
        (Self::College, "college"),
        (Self::PublicKey, "public_key"),
        (Self::Entity, "entity"),
        (Self::Replaces, "replaces"),
    ];
}

impl Roll {
    /// Reads a sheet.
    ///
    /// # Errors
    /// What keeps the sheet from being read at all: the refusals of [`Table::read`], and a column that is missing or there twice.
    /// What is wrong with its lines is in [`Roll::problems`].
    pub fn read(bytes: &[u8], rules: &RollRules) -> Result<Self, CountRefusal> {
        let table = Table::read(bytes, rules.encoding.as_deref(), rules.delimiter)?;
        let places = places(&table, rules)?;
        let mut problems = Vec::new();
        let mut links = Vec::new();
        for row in &table.rows {
            match link(row, &places, table.header.len(), rules) {
                Ok(link) => links.push(link),
                Err(faults) => problems.extend(faults.into_iter().map(|fault| Problem { line: row.line, fault })),
            }
        }
        drop_repetitions(&mut links, &mut problems);
        one_voice_for_each_entity(&mut links, rules.representatives, &mut problems);
        tell_identities_apart(&links, &mut problems);
        number_all_namesakes(&links, &mut problems);
        match &rules.previous {
            Some(previous) => Held::read(previous)?.announce(&links, &mut problems),
            None => {
                let unverified = links.iter().filter(|it| it.replaces.is_some());
                problems.extend(unverified.map(|it| Problem { line: it.line, fault: Fault::ReplacesUnverified }));
            }
        }
        for (name, &college) in &rules.colleges {
            if !links.iter().any(|it| it.college == college) {
                problems.push(Problem {
                    line: table.header_line,
                    fault: Fault::CollegeWithoutMember { name: name.clone() },
                });
            }
        }
        problems.sort_by_key(|it| it.line);
        let mut entries: Vec<CensusEntry> = Vec::new();
        if !problems.iter().any(|it| it.fault.is_error()) {
            let voting = links.iter().filter(|it| it.votes);
            entries = voting.map(|it| CensusEntry { college: it.college, member: it.public_key }).collect();
            entries.sort_unstable();
        }
        let used: BTreeSet<usize> = places.values().copied().collect();
        let ignored_columns = (0..table.header.len()).filter(|it| !used.contains(it));
        Ok(Self {
            encoding: table.encoding,
            delimiter: table.delimiter,
            lines: table.rows.len(),
            ignored_columns: ignored_columns.map(|it| table.header[it].clone()).collect(),
            problems,
            entries,
            links,
        })
    }

    /// Whether the census may be used.
    pub fn is_sound(&self) -> bool {
        !self.entries.is_empty()
    }

    /// How many members each college has, by college.
    pub fn members(&self) -> BTreeMap<CollegeId, usize> {
        let mut members = BTreeMap::new();
        self.entries.iter().for_each(|it| *members.entry(it.college).or_insert(0) += 1);
        members
    }

    /// The public file: colleges and keys, as `election create --census` reads them. No name, and in the order of the keys.
    pub fn public_file(&self) -> String {
        let lines = self.entries.iter().map(|it| format!("{},{}\n", it.college, it.member));
        std::iter::once("college,public_key\n".to_owned()).chain(lines).collect()
    }

    /// The private file: who holds which key.
    pub fn private_file(&self) -> Json {
        let optional = |text: &str| if text.is_empty() { Json::Null } else { Json::text(text) };
        Json::list(self.links.iter().map(|it| {
            Json::object([
                ("name", optional(&it.name)),
                ("id", optional(&it.id)),
                ("entity", optional(&it.entity)),
                ("college", Json::number(it.college)),
                ("public_key", Json::text(it.public_key.to_string())),
                ("replaces", it.replaces.map_or(Json::Null, |key| Json::text(key.to_string()))),
                ("votes", Json::Bool(it.votes)),
            ])
        }))
    }
}

impl Link {
    /// Who this is, however it is written: the number, or the name; a legal entity is one person.
    pub(crate) fn identity(&self) -> String {
        let (kind, who) = match (&self.entity, &self.id) {
            (entity, _) if !entity.is_empty() => ("entity", entity),
            (_, id) if !id.is_empty() => ("id", id),
            _ => ("name", &self.name),
        };
        format!("{kind} {}", folded(who))
    }
}

/// As it reads, without capitals; nothing when nothing of it can be read. Names, numbers, legal entities, colleges and columns are
/// all compared so.
pub(crate) fn folded(name: &str) -> String {
    ReadName::of(name).map(|it| it.as_str().to_lowercase()).unwrap_or_default()
}

/// Where each column is. The college and the key have to be there, and a name or a number.
fn places(table: &Table, rules: &RollRules) -> Result<BTreeMap<Column, usize>, CountRefusal> {
    let malformed = |reason: String| CountRefusal::Malformed { line: table.header_line, reason };
    let mut places = BTreeMap::new();
    for (column, ours) in Column::ALL {
        let declared = rules.columns.get(&column);
        let wanted = folded(declared.map_or(ours, String::as_str));
        let mut found = (0..table.header.len()).filter(|&it| folded(&table.header[it]) == wanted);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => return Err(malformed(format!("the column '{wanted}' is there twice"))),
            (Some(place), None) => drop(places.insert(column, place)),
            (None, _) if declared.is_some() => return Err(malformed(format!("there is no column '{wanted}'"))),
            (None, _) => {}
        }
    }
    let has = |column| places.contains_key(&column);
    if !has(Column::College) || !has(Column::PublicKey) || !(has(Column::Name) || has(Column::Id)) {
        let header = table.header.join(", ");
        return Err(malformed(format!(
            "the columns college, public_key, and name or id are needed, and the header has: {header}"
        )));
    }
    Ok(places)
}

fn link(row: &Row, places: &BTreeMap<Column, usize>, columns: usize, rules: &RollRules) -> Result<Link, Vec<Fault>> {
    let cell = |column| places.get(&column).map_or("", |&it| row.cells[it].as_str());
    let mut faults = Vec::new();
    if row.cells.len() > columns {
        faults.push(Fault::TooManyCells { found: row.cells.len(), columns });
    }
    let said = |column| Some(cell(column)).filter(|it| !it.is_empty());
    if said(Column::Name).or(said(Column::Id)).is_none() {
        faults.push(Fault::Nameless);
    }
    for written in [Column::Name, Column::Id, Column::Entity].into_iter().filter_map(said) {
        if let Err(fault) = ReadName::of(written) {
            faults.push(Fault::Unreadable { fault });
        }
    }
    let written = cell(Column::College);
    let by_name = rules.colleges.iter().find(|(name, _)| folded(name) == folded(written)).map(|it| *it.1);
    let by_number = written.parse().ok().filter(|it| !UNUSUAL_COLLEGES.contains(it)).map(CollegeId::new);
    let college = by_name
        .or(by_number.filter(|it| rules.colleges.is_empty() || rules.colleges.values().any(|known| known == it)));
    if college.is_none() {
        faults.push(Fault::UnknownCollege { written: written.to_owned() });
    }
    let key = |written: &str| written.to_lowercase().parse::<PublicKey>().ok().filter(PublicKey::is_sound);
    let public_key = key(cell(Column::PublicKey));
    if public_key.is_none() {
        faults.push(Fault::BadKey { written: cell(Column::PublicKey).to_owned() });
    }
    let replaces = Some(cell(Column::Replaces)).filter(|it| !it.is_empty());
    if replaces.is_some_and(|it| key(it).is_none()) {
        faults.push(Fault::BadKey { written: cell(Column::Replaces).to_owned() });
    }
    match (college, public_key) {
        (Some(college), Some(public_key)) if faults.is_empty() => Ok(Link {
            line: row.line,
            name: cell(Column::Name).to_owned(),
            id: cell(Column::Id).to_owned(),
            entity: cell(Column::Entity).to_owned(),
            college,
            public_key,
            replaces: replaces.and_then(key),
            votes: true,
        }),
        _ => Err(faults),
    }
}

/// The same person with the same key in the same college, twice: once is enough.
fn drop_repetitions(links: &mut Vec<Link>, problems: &mut Vec<Problem>) {
    let mut first: BTreeMap<(String, String, CollegeId, PublicKey), usize> = BTreeMap::new();
    links.retain(|it| {
        let person = (it.identity(), folded(&it.name), it.college, it.public_key);
        match first.get(&person) {
            None => {
                first.insert(person, it.line);
                true
            }
            Some(&line) => {
                problems.push(Problem { line: it.line, fault: Fault::Repeated { first: line } });
                false
            }
        }
    });
}

/// A legal entity votes once in a college, whoever may speak for it.
fn one_voice_for_each_entity(links: &mut [Link], rule: Option<Representatives>, problems: &mut Vec<Problem>) {
    let mut speaks: BTreeMap<(String, CollegeId), usize> = BTreeMap::new();
    for it in links.iter_mut().filter(|it| !it.entity.is_empty()) {
        let Some(&first) = speaks.get(&(folded(&it.entity), it.college)) else {
            speaks.insert((folded(&it.entity), it.college), it.line);
            continue;
        };
        let entity = it.entity.clone();
        match rule {
            Some(Representatives::FirstListed) => {
                it.votes = false;
                problems.push(Problem { line: it.line, fault: Fault::DeputyOnly { entity, first } });
            }
            Some(Representatives::One) => {
                problems.push(Problem { line: it.line, fault: Fault::SecondRepresentative { entity, first } });
            }
            None => problems.push(Problem { line: it.line, fault: Fault::WhoseVoice { entity, first } }),
        }
    }
}

/// One key is one person; one person has one key in a college.
fn tell_identities_apart(links: &[Link], problems: &mut Vec<Problem>) {
    let mut holder: BTreeMap<PublicKey, (String, usize)> = BTreeMap::new();
    let mut voter: BTreeMap<(String, CollegeId), usize> = BTreeMap::new();
    for it in links {
        let identity = it.identity();
        match holder.get(&it.public_key) {
            Some((other, first)) if *other != identity => {
                problems.push(Problem { line: it.line, fault: Fault::KeyOfAnother { first: *first } });
            }
            Some(_) => {}
            None => drop(holder.insert(it.public_key, (identity.clone(), it.line))),
        }
        if let Some(&first) = voter.get(&(identity.clone(), it.college)).filter(|_| it.votes && it.entity.is_empty()) {
            problems.push(Problem { line: it.line, fault: Fault::TwoKeys { first } });
        }
        voter.entry((identity, it.college)).or_insert(it.line);
    }
}

/// Where a name recurs in a college, either each of its holders has a number or it is one person: half numbered, nobody knows.
fn number_all_namesakes(links: &[Link], problems: &mut Vec<Problem>) {
    let mut first: BTreeMap<(String, CollegeId), [Option<usize>; 2]> = BTreeMap::new();
    for it in links.iter().filter(|it| it.entity.is_empty() && !it.name.is_empty()) {
        let (numbered, other) = if it.id.is_empty() { (0, 1) } else { (1, 0) };
        let lines = first.entry((folded(&it.name), it.college)).or_default();
        if let Some(first) = lines[other].filter(|first| lines[numbered].is_none_or(|mine| *first < mine)) {
            problems.push(Problem { line: it.line, fault: Fault::HalfNumbered { first } });
        }
        lines[numbered].get_or_insert(it.line);
    }
}
