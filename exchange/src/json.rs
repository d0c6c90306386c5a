//! JSON as a count needs it: numbers keep the digits they were written with, and objects print with sorted keys, so that equal
//! results are equal bytes. [`Json::parse`] reads it, strictly.

use std::collections::BTreeMap;
use std::fmt;

use crate::CountRefusal;
use crate::json_reader::Reader;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written: never rounded.
    Number(String),
    /// A string; in answers, fractions and decimals are strings.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object; keys are sorted.
    Object(BTreeMap<String, Json>),
}

/// Reading.
impl Json {
    /// One JSON value and nothing after it. A byte-order mark before it is passed over (RFC 8259, section 8.1).
    ///
    /// # Errors
    /// [`CountRefusal::NotJson`] and [`CountRefusal::DuplicateKey`], with the line of the text.
    pub fn parse(text: &str) -> Result<Self, CountRefusal> {
        Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text)).document()
    }

    /// The value under `key`, of an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    /// An integer from 0 to 2⁶⁴ − 1, written as such.
    pub(crate) fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list.
    pub fn as_list(&self) -> Option<&[Json]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// An object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Json>> {
        match self {
            Self::Object(items) => Some(items),
            _ => None,
        }
    }
}

/// Writing.
impl Json {
    /// An integer.
    pub(crate) fn number(number: impl ToString) -> Self {
        Self::Number(number.to_string())
    }

    /// A string.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What prints as a string: a fraction, a decimal.
    pub(crate) fn shown(value: impl fmt::Display) -> Self {
        Self::Text(value.to_string())
    }

    /// A list.
    pub(crate) fn list(items: impl IntoIterator<Item = Json>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A list of integers.
    pub(crate) fn numbers<N: ToString>(items: impl IntoIterator<Item = N>) -> Self {
        Self::list(items.into_iter().map(Self::number))
    }

    /// An object.
    pub(crate) fn object<K: Into<String>>(items: impl IntoIterator<Item = (K, Json)>) -> Self {
        Self::Object(items.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => write_text(f, text),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(items) => {
                f.write_str("{")?;
                for (index, (key, item)) in items.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    write_text(f, key)?;
                    write!(f, ":{item}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control if control < ' ' => write!(f, "\\u{:04x}", u32::from(control))?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}
