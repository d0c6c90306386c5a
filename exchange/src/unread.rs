//! Keys that nothing reads. A misspelt `quorum` must not count without a quorum: what looks like a key that would have been read is
//! refused, with its line; what only describes an election is passed over, and every other key is reported beside the count
//! (docs/decisions/0057).

use crate::json_reader::Reader;
use crate::{CountRefusal, Json};

/// What an object may hold.
pub(crate) struct Shape {
    /// The keys that are read, and what is below each.
    read: &'static [(&'static str, Inside)],
    /// Keys of the published cases that say what the election was, and change nothing.
    said: &'static [&'static str],
}

/// What is below a key.
enum Inside {
    /// A value, or objects whose keys are names or places.
    Value,
    /// An object, or anything else.
    Object(&'static Shape),
    /// A list of objects.
    Each(&'static Shape),
}
use Inside::{Each, Object, Value};

/// Keys that describe any object.
const DESCRIPTIVE: [&str; 17] = [
    "id",
    "name",
    "title",
    "description",
    "kind",
    "source",
    "url",
    "licence",
    "license",
    "published",
    "date",
    "year",
    "place",
    "note",
    "notes",
    "comment",
    "comments",
];

const PREFERENCES: &[(&str, Inside)] =
    &[("candidates", Value), ("candidates_count", Value), ("ballots", Value), ("seed", Value)];
const RANKED: Shape = Shape { read: PREFERENCES, said: &["seats"] };
const COLLEGE: Shape = Shape {
    read: &[
        ("name", Value),
        ("weight_bp", Value),
        ("members", Value),
        ("pour", Value),
        ("contre", Value),
        ("blanc", Value),
        ("nul", Value),
        ("abstention", Value),
        ("second_round", Object(&Shape { read: &[("pour", Value), ("contre", Value)], said: &[] })),
    ],
    said: &[],
};

/// What the `input` of a kind may hold; `None` for a kind that nothing counts.
fn of_kind(kind: &str) -> Option<&'static Shape> {
    Some(match kind {
        "approval" => {
            &Shape { read: &[("candidates", Value), ("candidates_count", Value), ("ballots", Value)], said: &["seats"] }
        }
        "majority_judgment" => &Shape {
            read: &[
                ("candidates", Value),
                ("candidates_count", Value),
                ("ballots", Value),
                ("grades", Value),
                ("nulls", Value),
            ],
            said: &["seats"],
        },
        "majority_judgment_tally" => &Shape {
            read: &[("participants", Value), ("tallies", Value), ("mode", Value), ("default", Value)],
            said: &["candidates", "grades"],
        },
        "majority_judgment_colleges" => &Shape {
            read: &[
                ("candidates", Value),
                ("candidates_count", Value),
                ("grades", Value),
                ("nulls", Value),
                (
                    "colleges",
                    Each(&Shape { read: &[("name", Value), ("weight_bp", Value), ("ballots", Value)], said: &[] }),
                ),
            ],
            said: &["seats"],
        },
        "ranked_single" | "irv_to_last_two" => &RANKED,
        "stv_scottish" => &Shape {
            read: &[
                ("candidates", Value),
                ("candidates_count", Value),
                ("ballots", Value),
                ("seed", Value),
                ("seats", Value),
            ],
            said: &[],
        },
        "participatory_budget" => &Shape {
            read: &[
                ("budget", Value),
                ("ballots", Value),
                ("projects", Each(&Shape { read: &[("id", Value), ("cost", Value)], said: &["category", "votes"] })),
            ],
            said: &["vote_type", "voters", "currency", "unit", "country"],
        },
        "college_resolution" => &Shape {
            read: &[
                ("colleges", Each(&COLLEGE)),
                ("mode", Value),
                ("threshold", Value),
                ("quorum", Value), // its own reader knows its keys
                ("absent_college", Value),
            ],
            said: &[],
        },
        "ledger_scenario" => &Shape {
            read: &[
                (
                    "setup",
                    Object(&Shape {
                        read: &[
                            ("kind", Value),
                            ("choices", Value),
                            ("quorum", Value),
                            ("revote", Value),
                            ("voters", Value),
                            ("open", Value),
                            ("close", Value),
                            ("question", Value),
                        ],
                        said: &[],
                    }),
                ),
                (
                    "ops",
                    Each(&Shape {
                        read: &[("op", Value), ("t", Value), ("voter", Value), ("choice", Value), ("nonce", Value)],
                        said: &[],
                    }),
                ),
            ],
            said: &[],
        },
        _ => return None,
    })
}

/// What a hypothesis of `statutes simulate` may hold.
const HYPOTHESIS: Shape = Shape {
    read: &[
        ("decision", Value),
        ("call", Value),
        ("persons", Value),
        (
            "colleges",
            Each(&Shape {
                read: &[
                    ("college", Value),
                    ("name", Value),
                    ("members", Value),
                    ("present", Value),
                    ("elsewhere", Value),
                    ("pour", Value),
                    ("contre", Value),
                    ("blanc", Value),
                    ("nul", Value),
                ],
                said: &[],
            }),
        ),
    ],
    said: &[],
};

/// Where a key is, from the top of the text.
#[derive(Clone)]
pub(crate) enum Step {
    /// The value of a key.
    Key(String),
    /// The entry of a list, from 0.
    Entry(usize),
}

struct Unread {
    path: Vec<Step>,
    meant: Option<&'static str>,
}

/// The keys of a case's `input` that nothing reads and that describe nothing, by their paths.
///
/// # Errors
/// [`CountRefusal::UnknownKey`] for one that looks like a key that would be read, and is not there.
pub(crate) fn of_input(text: &str, kind: &str, input: &Json) -> Result<Vec<String>, CountRefusal> {
    let mut found = Vec::new();
    if let Some(shape) = of_kind(kind) {
        shape.search(input, &mut vec![Step::Key("input".to_owned())], &mut found);
    }
    match found.iter().find(|it| it.meant.is_some()) {
        Some(misspelt) => Err(misspelt.refusal(text)),
        None => Ok(found.iter().map(|it| written(&it.path)).chain(unused_rounds(kind, input)).collect()),
    }
}

/// Second rounds of colleges that carry their results in proportion: nothing asks for them.
fn unused_rounds(kind: &str, input: &Json) -> Vec<String> {
    let is_in_proportion =
        kind == "college_resolution" && input.get("mode").and_then(Json::as_text) == Some("proportional");
    let colleges = input.get("colleges").and_then(Json::as_list).filter(|_| is_in_proportion).unwrap_or_default();
    let with_round = colleges.iter().zip(1..).filter(|(it, _)| it.get("second_round").is_some());
    with_round.map(|(_, line)| format!("input.colleges[{line}].second_round")).collect()
}

/// A hypothesis is written for this program only: a key that it does not read is a mistake.
///
/// # Errors
/// [`CountRefusal::UnknownKey`].
pub(crate) fn of_hypothesis(text: &str, hypothesis: &Json) -> Result<(), CountRefusal> {
    let mut found = Vec::new();
    HYPOTHESIS.search(hypothesis, &mut vec![Step::Key("hypothesis".to_owned())], &mut found);
    found.first().map_or(Ok(()), |it| Err(it.refusal(text)))
}

/// Whether the kind of count reads this key of its input.
pub(crate) fn is_read(kind: &str, key: &str) -> bool {
    of_kind(kind).is_some_and(|it| it.read.iter().any(|(read, _)| *read == key))
}

/// The one of `keys` that a key was probably meant to be: one letter away, or two in a word of five letters and more.
pub(crate) fn near(key: &str, keys: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let plain =
        |it: &str| -> Vec<char> { it.to_lowercase().chars().map(|it| if it == '-' { '_' } else { it }).collect() };
    let written = plain(key);
    let distance = |it: &&'static str| distance(&written, &plain(it));
    let closest = keys.into_iter().min_by_key(distance)?;
    let most = if written.len() < 5 { 1 } else { 2 };
    Some(closest).filter(|it| distance(it) <= most)
}

/// Letters to add, take out or change (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, same) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != same);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

impl Shape {
    fn search(&self, value: &Json, path: &mut Vec<Step>, found: &mut Vec<Unread>) {
        let Some(object) = value.as_object() else { return };
        for (key, value) in object {
            path.push(Step::Key(key.clone()));
            match self.read.iter().find(|(read, _)| read == key) {
                Some((_, Value)) => {}
                Some((_, Object(shape))) => shape.search(value, path, found),
                Some((_, Each(shape))) => {
                    for (at, entry) in value.as_list().unwrap_or_default().iter().enumerate() {
                        path.push(Step::Entry(at));
                        shape.search(entry, path, found);
                        path.pop();
                    }
                }
                None if self.said.contains(&key.as_str()) || DESCRIPTIVE.contains(&key.as_str()) => {}
                None => {
                    let missing = self.read.iter().map(|it| it.0).filter(|it| !object.contains_key(*it));
                    found.push(Unread { path: path.clone(), meant: near(key, missing) });
                }
            }
            path.pop();
        }
    }
}

impl Unread {
    fn refusal(&self, text: &str) -> CountRefusal {
        CountRefusal::UnknownKey {
            line: Reader::line_of(text, &self.path),
            path: written(&self.path),
            meant: self.meant,
        }
    }
}

/// `input.colleges[2].abstentions`; entries count from 1, as lines do.
fn written(path: &[Step]) -> String {
    let mut written = String::new();
    for step in path {
        match step {
            Step::Key(key) if written.is_empty() => written.push_str(key),
            Step::Key(key) => written.extend([".", key]),
            Step::Entry(at) => written.push_str(&format!("[{}]", at + 1)),
        }
    }
    written
}
