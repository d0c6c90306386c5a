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
    /// The e-mail address to which her letter and her codes go; private.
    Contact,
}

/// What a member brings to the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EntitledBy {
    /// Her public key, in the column of that name: the ledger shows who takes part.
    #[default]
    Key,
    /// A commitment that [`Roll::committed`] makes: registrars give her a credential that nobody can trace.
    Commitment,
}
impl EntitledBy {
    /// Whether a column is read.
    fn reads(self, column: Column) -> bool {
        match column {
            Column::Name | Column::Id | Column::College | Column::Entity => true,
            Column::PublicKey | Column::Replaces => self == Self::Key,
            Column::Contact => self == Self::Commitment,
        }
    }
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
    /// What entitles a member.
    pub entitled_by: EntitledBy,
}

/// Numbers that an empty or overflowing cell becomes in more than one program: a college has one of them by its name only
/// ([`RollRules::colleges`]).
const UNUSUAL_COLLEGES: [u16; 2] = [0, u16::MAX];

/// The longest address that mail carries (RFC 5321, erratum 1690).
const ADDRESS_BYTES_MAX: usize = 254;

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
    /// Rights to one ballot, in order; empty as long as there is an error, or commitments are not made.
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
    /// Where she is written to; empty where keys entitle.
    pub contact: String,
    /// The college.
    pub college: CollegeId,
    /// The key, or the commitment once it is made.
    pub public_key: Option<PublicKey>,
    /// The key it replaces.
    pub replaces: Option<PublicKey>,
    /// Whether this key votes; not that of a legal entity's second representative.
    pub votes: bool,
}

impl Column {
    /// All, with our names for them.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Name, "name"),
        (Self::Id, "id"),
        (Self::College, "college"),
        (Self::PublicKey, "public_key"),
        (Self::Entity, "entity"),
        (Self::Replaces, "replaces"),
        (Self::Contact, "contact"),
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
        match rules.entitled_by {
            EntitledBy::Key => tell_identities_apart(&links, &mut problems),
            EntitledBy::Commitment => tell_correspondents_apart(&links, &mut problems),
        }
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
        let used: BTreeSet<usize> = places.values().copied().collect();
        let ignored_columns = (0..table.header.len()).filter(|it| !used.contains(it));
        let mut roll = Self {
            encoding: table.encoding,
            delimiter: table.delimiter,
            lines: table.rows.len(),
            ignored_columns: ignored_columns.map(|it| table.header[it].clone()).collect(),
            problems,
            entries: Vec::new(),
            links,
        };
        roll.enter();
        Ok(roll)
    }

    /// Rights to one ballot, out of the sheet's people; none with an error.
    fn enter(&mut self) {
        if self.problems.iter().any(|it| it.fault.is_error()) {
            return;
        }
        let voting = self.links.iter().filter(|it| it.votes);
        let entry = |it: &Link| it.public_key.map(|member| CensusEntry { college: it.college, member });
        self.entries = voting.filter_map(entry).collect();
        self.entries.sort_unstable();
    }

    /// The same with a commitment for each of its people, where commitments entitle.
    #[must_use]
    pub fn committed(mut self, mut commitment: impl FnMut(&Link) -> PublicKey) -> Self {
        for link in &mut self.links {
            link.public_key = Some(commitment(link));
        }
        self.enter();
        self
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
                ("public_key", it.public_key.map_or(Json::Null, |key| Json::text(key.to_string()))),
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

    /// By what she is known to registrars, as it is written: the legal entity, the number, or the name.
    pub fn identifier(&self) -> &str {
        [&self.entity, &self.id].into_iter().find(|it| !it.is_empty()).unwrap_or(&self.name)
    }
}

/// As it reads, without capitals; nothing when nothing of it can be read. Names, numbers, legal entities, colleges and columns are
/// all compared so.
pub fn folded(name: &str) -> String {
    ReadName::of(name).map(|it| it.as_str().to_lowercase()).unwrap_or_default()
}

/// Where each column is. The college and the key have to be there, and a name or a number.
fn places(table: &Table, rules: &RollRules) -> Result<BTreeMap<Column, usize>, CountRefusal> {
    let malformed = |reason: String| CountRefusal::Malformed { line: table.header_line, reason };
    let mut places = BTreeMap::new();
    for (column, ours) in Column::ALL {
        let declared = rules.columns.get(&column);
        if !rules.entitled_by.reads(column) {
            match declared {
                Some(_) => return Err(malformed(format!("the column '{ours}' is not read for this census"))),
                None => continue,
            }
        }
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
    let (entitling, ours) = match rules.entitled_by {
        EntitledBy::Key => (Column::PublicKey, "public_key"),
        EntitledBy::Commitment => (Column::Contact, "contact"),
    };
    if !has(Column::College) || !has(entitling) || !(has(Column::Name) || has(Column::Id)) {
        let header = table.header.join(", ");
        return Err(malformed(format!(
            "the columns college, {ours}, and name or id are needed, and the header has: {header}"
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
    match rules.entitled_by {
        EntitledBy::Key if public_key.is_none() => {
            faults.push(Fault::BadKey { written: cell(Column::PublicKey).to_owned() });
        }
        EntitledBy::Commitment if !is_address(cell(Column::Contact)) => {
            faults.push(Fault::NoContact { written: cell(Column::Contact).to_owned() });
        }
        EntitledBy::Key | EntitledBy::Commitment => {}
    }
    let replaces = Some(cell(Column::Replaces)).filter(|it| !it.is_empty());
    if replaces.is_some_and(|it| key(it).is_none()) {
        faults.push(Fault::BadKey { written: cell(Column::Replaces).to_owned() });
    }
    match college {
        Some(college) if faults.is_empty() => Ok(Link {
            line: row.line,
            name: cell(Column::Name).to_owned(),
            id: cell(Column::Id).to_owned(),
            entity: cell(Column::Entity).to_owned(),
            contact: cell(Column::Contact).to_owned(),
            college,
            public_key,
            replaces: replaces.and_then(key),
            votes: true,
        }),
        _ => Err(faults),
    }
}

/// Whether an address can be written into a message's head as it is: one `@`, and nothing that a head gives a meaning.
fn is_address(written: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_graphic() && !"<>()[],;:\\\"".contains(it);
    let sides = written.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
    sides.is_some_and(|(_, host)| !host.contains('@'))
        && written.len() <= ADDRESS_BYTES_MAX
        && written.chars().all(is_plain)
}

/// The same person with the same key in the same college, twice: once is enough.
fn drop_repetitions(links: &mut Vec<Link>, problems: &mut Vec<Problem>) {
    let mut first: BTreeMap<(String, String, String, CollegeId, Option<PublicKey>), usize> = BTreeMap::new();
    links.retain(|it| {
        let person = (it.identity(), folded(&it.name), folded(&it.contact), it.college, it.public_key);
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
        let Some(public_key) = it.public_key else { continue };
        match holder.get(&public_key) {
            Some((other, first)) if *other != identity => {
                problems.push(Problem { line: it.line, fault: Fault::KeyOfAnother { first: *first } });
            }
            Some(_) => {}
            None => drop(holder.insert(public_key, (identity.clone(), it.line))),
        }
        if let Some(&first) = voter.get(&(identity.clone(), it.college)).filter(|_| it.votes && it.entity.is_empty()) {
            problems.push(Problem { line: it.line, fault: Fault::TwoKeys { first } });
        }
        voter.entry((identity, it.college)).or_insert(it.line);
    }
}

/// One person is known by one identifier in a college, and nobody else by the same; an address that several share is doubtful.
fn tell_correspondents_apart(links: &[Link], problems: &mut Vec<Problem>) {
    let mut known: BTreeMap<(String, CollegeId), (String, usize)> = BTreeMap::new();
    let mut written_to: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for it in links.iter().filter(|it| it.votes) {
        let identity = it.identity();
        match known.get(&(folded(it.identifier()), it.college)) {
            Some((other, first)) if *other != identity => {
                problems.push(Problem { line: it.line, fault: Fault::SameIdentifier { first: *first } });
            }
            Some((_, first)) => problems.push(Problem { line: it.line, fault: Fault::WrittenTwice { first: *first } }),
            None => drop(known.insert((folded(it.identifier()), it.college), (identity.clone(), it.line))),
        }
        match written_to.get(&folded(&it.contact)) {
            Some((other, first)) if *other != identity => {
                problems.push(Problem { line: it.line, fault: Fault::SharedContact { first: *first } });
            }
            Some(_) => {}
            None => drop(written_to.insert(folded(&it.contact), (identity, it.line))),
        }
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
