//! Names and numbers as clients write them in paths and queries: taken exactly, or refused with the form expected.
use super::{
    dto::{Number, Page},
    limits::{PAGE_DEFAULT, PAGE_MAX},
    problem::Problem,
};
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use std::{collections::BTreeMap, str::FromStr};
use urne_types::Height;

/// The query of a request.
pub(crate) struct Asked(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::try_from_uri(&parts.uri).map_err(|_| Problem::parameter("?", "name=value&name=value"))?;
        Ok(Self(query.0))
    }
}

impl Asked {
    /// Whether a word is there, with or without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    /// A word that is `true` or `false`; when it is not there, no.
    pub(crate) fn yes_or_no(&self, name: &str) -> Result<bool, Problem> {
        self.text(name).map_or(Ok(false), |it| parse(name, it, "true or false"))
    }
    /// A word's value.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
    /// A value that must be there.
    pub(crate) fn needed<T: FromStr>(&self, name: &str, expected: &str) -> Result<T, Problem> {
        parse(name, self.text(name).unwrap_or_default(), expected)
    }
    /// From where a page is read, and how many items at most.
    pub(crate) fn window(&self) -> Result<Window, Problem> {
        let from = self.text("from").map(|it| parse("from", it, "a number, as `next` gave it")).transpose()?;
        let expected = "a number from 1 to 1000";
        let limit = self.text("limit").map(|it| parse("limit", it, expected)).transpose()?.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(Problem::parameter("limit", expected));
        }
        Ok(Window { from: from.unwrap_or(0), limit })
    }
}

/// A part of a list, as asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) limit: usize,
}

impl Window {
    /// For a list that is read by skipping: one more item than asked for tells whether there are more.
    pub(crate) fn and_one(self) -> urne_vote_contract::read::Page {
        urne_vote_contract::read::Page { skip: usize::try_from(self.from).unwrap_or(usize::MAX), take: self.limit + 1 }
    }
    /// A page out of what [`Self::and_one`] read.
    pub(crate) fn page<T>(self, mut items: Vec<T>) -> Page<T> {
        let is_more = self.limit < items.len();
        items.truncate(self.limit);
        let next = is_more.then(|| Number(self.from.saturating_add(Number::of(self.limit).0)));
        Page { items, next }
    }
}

/// A name or a number of a path.
pub(crate) fn parse<T: FromStr>(name: &str, text: &str, expected: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::parameter(name, expected))
}
/// A 32-byte name of a path.
pub(crate) fn parse_name<T: FromStr>(text: &str) -> Result<T, Problem> {
    parse("id", text, "64 lower-case hex digits")
}
/// A height of a path.
pub(crate) fn parse_height(text: &str) -> Result<Height, Problem> {
    parse("height", text, "a number, from 1 on").map(Height::new)
}
