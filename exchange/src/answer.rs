//! What a count answers: a JSON tree whose integers have no size limit, printed with sorted keys so that equal results are equal bytes.

use std::collections::BTreeMap;
use std::fmt;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer in decimal digits.
    Number(String),
    /// A string; fractions and decimals are strings.
    Text(String),
    /// A list.
    List(Vec<Answer>),
    /// An object; keys are sorted.
    Object(BTreeMap<String, Answer>),
}

impl Answer {
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
    pub(crate) fn list(items: impl IntoIterator<Item = Answer>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A list of integers.
    pub(crate) fn numbers<N: ToString>(items: impl IntoIterator<Item = N>) -> Self {
        Self::list(items.into_iter().map(Self::number))
    }

    /// An object.
    pub(crate) fn object<K: Into<String>>(items: impl IntoIterator<Item = (K, Answer)>) -> Self {
        Self::Object(items.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The value under `key`, of an object that has it.
    pub fn get(&self, key: &str) -> Option<&Answer> {
        match self {
            Self::Object(items) => items.get(key),
            _ => None,
        }
    }
}

impl fmt::Display for Answer {
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
    write!(f, "{}", serde_json::Value::from(text))
}
