//! Against the private file of the census before: who has another key now, and did the sheet say so?

use std::collections::{BTreeMap, BTreeSet};

use urne_types::{CollegeId, PublicKey};

use crate::roll::{Link, folded};
use crate::roll_fault::{Fault, Problem};
use crate::{CountRefusal, Json};

/// Who voted with which key.
pub(crate) struct Held {
    by_identity: BTreeMap<(String, CollegeId), PublicKey>,
    /// Every person of a name, with her key and whether she had a number: a number given or lost since changes her identity.
    by_name: BTreeMap<(String, CollegeId), Vec<(bool, PublicKey)>>,
}

impl Held {
    /// Reads a private file.
    ///
    /// # Errors
    /// [`CountRefusal::WrongForm`] with the place of the person.
    pub(crate) fn read(previous: &Json) -> Result<Self, CountRefusal> {
        let mut held = Self { by_identity: BTreeMap::new(), by_name: BTreeMap::new() };
        let malformed = |index: usize| CountRefusal::WrongForm {
            key: "previous".into(),
            line: Some(index + 1),
            expected: "a person of a private file that `census import` wrote",
        };
        let people = previous.as_list().ok_or_else(|| malformed(0))?;
        for (index, person) in people.iter().enumerate() {
            let text = |key: &str| person.get(key).and_then(Json::as_text).unwrap_or_default().to_owned();
            let college = person.get("college").and_then(Json::as_u64).and_then(|it| u16::try_from(it).ok());
            let (Some(college), Ok(public_key)) = (college, text("public_key").parse()) else {
                return Err(malformed(index));
            };
            if person.get("votes") != Some(&Json::Bool(true)) {
                continue;
            }
            let (name, id, entity) = (text("name"), text("id"), text("entity"));
            let college = CollegeId::new(college);
            let contact = String::new();
            let held_key = Some(public_key);
            let link =
                Link { line: 0, name, id, entity, contact, college, public_key: held_key, replaces: None, votes: true };
            held.by_identity.insert((link.identity(), college), public_key);
            if link.entity.is_empty() {
                let people = held.by_name.entry((folded(&link.name), college)).or_default();
                people.push((!link.id.is_empty(), public_key));
            }
        }
        Ok(held)
    }

    /// Reports each change of key, and each that was announced and is none.
    pub(crate) fn announce(&self, links: &[Link], problems: &mut Vec<Problem>) {
        let current: BTreeSet<PublicKey> = links.iter().filter_map(|it| it.public_key).collect();
        for it in links.iter().filter(|it| it.votes) {
            let public_key = it.public_key;
            let before = self.key_of(it, &current);
            let fault = match (before, it.replaces) {
                (Some(before), None) if Some(before) != public_key => Fault::UnannouncedKey { before },
                (Some(before), Some(said)) if Some(before) != public_key && before != said => {
                    Fault::ReplacesAnother { before }
                }
                (Some(before), Some(_)) if Some(before) != public_key => Fault::Replaced { before },
                (None, Some(_)) => Fault::ReplacesNobody,
                _ => continue,
            };
            problems.push(Problem { line: it.line, fault });
        }
    }

    /// The key that this member had. One who had no number then and has one now, or the reverse, is known by her name, where one
    /// person only bears it and nobody else has her key now.
    fn key_of(&self, link: &Link, current: &BTreeSet<PublicKey>) -> Option<PublicKey> {
        if let Some(&key) = self.by_identity.get(&(link.identity(), link.college)) {
            return Some(key);
        }
        if !link.entity.is_empty() || link.name.is_empty() {
            return None;
        }
        let people = self.by_name.get(&(folded(&link.name), link.college))?;
        let mut left = people.iter().filter(|(had_number, _)| *had_number == link.id.is_empty());
        match (left.next(), left.next()) {
            (Some((_, key)), None) => Some(*key).filter(|key| Some(*key) == link.public_key || !current.contains(key)),
            _ => None,
        }
    }
}
