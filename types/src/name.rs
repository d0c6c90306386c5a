//! Names as their readers take them, and the one rule by which a list of names is sound: nobody can take one for another.
//! What is written stays as it is written, in the ledger and on the ballot; [`ReadName`] is for comparing, never for showing.
//!
//! The tables of Unicode are part of the protocol: two validators that fold a name differently would judge a draft differently.
//! A test holds their version (docs/decisions/0056).
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// What a reader takes a name for: compatibility characters as the ones they stand for (Unicode NFKC), nothing invisible, one
/// space where there is any blank, none at the ends. Two names with one `ReadName` read alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadName(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Empty, or nothing but spaces and characters that print nothing.
    #[error("a name is empty, or nothing of it can be seen")]
    Blank,
    /// U+0000 to U+001F but the line feed, which reads as a space, and U+007F to U+009F.
    #[error("a name holds a control character")]
    Control,
}

/// What is wrong in a list of names; `at` is the place of the name at fault, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamesFault {
    /// It is no name.
    NotAName {
        /// Which.
        at: usize,
        /// Why.
        fault: NameFault,
    },
    /// The very same name is there already.
    Repeated {
        /// The second.
        at: usize,
        /// The first.
        first: usize,
    },
    /// Another name is there already that reads the same.
    Alike {
        /// The second.
        at: usize,
        /// The first.
        first: usize,
    },
}

impl ReadName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`NameFault`] when nothing of it can be read.
    pub fn of(written: &str) -> Result<Self, NameFault> {
        if written.chars().any(|it| it.is_control() && it != '\n') {
            return Err(NameFault::Control);
        }
        let visible = written.chars().filter(|it| !is_invisible(*it));
        let folded: String = visible.nfkc().collect();
        let words: Vec<&str> = folded.split(is_blank).filter(|it| !it.is_empty()).collect();
        if words.is_empty() { Err(NameFault::Blank) } else { Ok(Self(words.join(" "))) }
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Judges a list in which each name has to be told from the others.
///
/// # Errors
/// The first fault.
pub fn judge_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), NamesFault> {
    let mut seen: BTreeMap<ReadName, (usize, &str)> = BTreeMap::new();
    for (at, written) in names.into_iter().enumerate() {
        let name = ReadName::of(written).map_err(|fault| NamesFault::NotAName { at, fault })?;
        match seen.insert(name, (at, written)) {
            Some((first, same)) if same == written => return Err(NamesFault::Repeated { at, first }),
            Some((first, _)) => return Err(NamesFault::Alike { at, first }),
            None => {}
        }
    }
    Ok(())
}

/// What prints nothing: Unicode's `Default_Ignorable_Code_Point` (soft hyphen, joiners, marks of direction, fillers of Hangul,
/// variation selectors, tags, byte-order mark), and the marks of interlinear annotation.
fn is_invisible(it: char) -> bool {
    matches!(
        it,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The blanks that NFKC leaves: it makes plain spaces of the unbreakable, thin and ideographic ones. The last is Braille's.
fn is_blank(it: char) -> bool {
    matches!(it, ' ' | '\n' | '\u{1680}' | '\u{2028}' | '\u{2029}' | '\u{2800}')
}
