//! Reads JSON (RFC 8259) more strictly than general libraries do: a key repeated in an object is refused instead of silently
//! replacing the first, and a number keeps every digit instead of passing through a float.

use std::collections::BTreeMap;

use crate::unread::Step;
use crate::{CountRefusal, Json};

/// Lists in lists in lists: no case needs ten; more would exhaust the stack before the memory.
const DEPTH_MAX: usize = 128;

/// A place in a text.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, depth: 0 }
    }

    /// One value, then nothing.
    pub(crate) fn document(mut self) -> Result<Json, CountRefusal> {
        let value = self.value()?;
        self.skip_blanks();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.refusal("something follows the end of the case")),
        }
    }

    /// The line of a key, in a text that was read already; its first line when it is not there.
    pub(crate) fn line_of(text: &str, path: &[Step]) -> usize {
        Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text)).sought(path).unwrap_or(None).unwrap_or(1)
    }

    /// Reads up to the key at the end of a path.
    fn sought(&mut self, path: &[Step]) -> Result<Option<usize>, CountRefusal> {
        let Some((step, below)) = path.split_first() else { return Ok(None) };
        self.skip_blanks();
        self.at += 1; // the bracket
        match step {
            Step::Key(sought) => loop {
                self.skip_blanks();
                let (line, key) = (self.line, self.string()?);
                self.skip_blanks();
                self.at += 1; // the colon
                if key == *sought {
                    return if below.is_empty() { Ok(Some(line)) } else { self.sought(below) };
                }
                self.value()?;
                self.skip_blanks();
                if !self.takes(",") {
                    return Ok(None);
                }
            },
            Step::Entry(sought) => {
                for _ in 0..*sought {
                    self.value()?;
                    self.skip_blanks();
                    if !self.takes(",") {
                        return Ok(None);
                    }
                }
                self.sought(below)
            }
        }
    }

    fn value(&mut self) -> Result<Json, CountRefusal> {
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) if self.takes("null") => Ok(Json::Null),
            Some(_) if self.takes("true") => Ok(Json::Bool(true)),
            Some(_) if self.takes("false") => Ok(Json::Bool(false)),
            Some(_) => Err(self.refusal("a value was expected")),
            None => Err(self.refusal("the text ends too early")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, CountRefusal>) -> Result<Json, CountRefusal> {
        self.at += 1; // the bracket
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.refusal("lists or objects are nested too deep"));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Json, CountRefusal> {
        let mut items = BTreeMap::new();
        self.skip_blanks();
        if self.takes("}") {
            return Ok(Json::Object(items));
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return Err(self.refusal("a key in quotes was expected"));
            }
            let (line, key) = (self.line, self.string()?);
            self.skip_blanks();
            if !self.takes(":") {
                return Err(self.refusal("':' was expected"));
            }
            let value = self.value()?;
            if items.contains_key(&key) {
                return Err(CountRefusal::DuplicateKey { line, key });
            }
            items.insert(key, value);
            self.skip_blanks();
            if self.takes("}") {
                return Ok(Json::Object(items));
            }
            if !self.takes(",") {
                return Err(self.refusal("',' or '}' was expected"));
            }
        }
    }

    fn list(&mut self) -> Result<Json, CountRefusal> {
        let mut items = Vec::new();
        self.skip_blanks();
        if self.takes("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_blanks();
            if self.takes("]") {
                return Ok(Json::List(items));
            }
            if !self.takes(",") {
                return Err(self.refusal("',' or ']' was expected"));
            }
        }
    }

    fn number(&mut self) -> Result<Json, CountRefusal> {
        let start = self.at;
        self.takes("-");
        if !self.takes("0") && self.digits() == 0 {
            return Err(self.refusal("a digit was expected"));
        }
        if self.takes(".") && self.digits() == 0 {
            return Err(self.refusal("a digit was expected after '.'"));
        }
        if self.takes("e") || self.takes("E") {
            let _ = self.takes("+") || self.takes("-");
            if self.digits() == 0 {
                return Err(self.refusal("a digit was expected in the exponent"));
            }
        }
        Ok(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn digits(&mut self) -> usize {
        let rest = self.text[self.at..].bytes();
        let found = rest.take_while(u8::is_ascii_digit).count();
        self.at += found;
        found
    }

    fn string(&mut self) -> Result<String, CountRefusal> {
        self.at += 1; // the opening quote
        let mut read = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|it: char| it == '"' || it == '\\' || it < ' ').unwrap_or(rest.len());
            read.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(read);
                }
                Some(b'\\') => read.push(self.escape()?),
                Some(_) => return Err(self.refusal("a control character in a string")),
                None => return Err(self.refusal("a string is not closed")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, CountRefusal> {
        self.at += 1; // the backslash
        let kind = self.peek();
        self.at += usize::from(kind.is_some_and(|it| it.is_ascii()));
        match kind {
            Some(plain @ (b'"' | b'\\' | b'/')) => Ok(char::from(plain)),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => {
                let first = self.code_unit()?;
                let code = if (0xd800..0xdc00).contains(&first) && self.takes("\\u") {
                    let second = self.code_unit()?.wrapping_sub(0xdc00);
                    if second < 0x400 { 0x1_0000 + ((first - 0xd800) << 10) + second } else { first }
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| self.refusal("half a character (a lone surrogate)"))
            }
            _ => Err(self.refusal("an unknown escape")),
        }
    }

    fn code_unit(&mut self) -> Result<u32, CountRefusal> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|it| it.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = digits.and_then(|it| u32::from_str_radix(it, 16).ok());
        self.at += if unit.is_some() { 4 } else { 0 };
        unit.ok_or_else(|| self.refusal("four hexadecimal digits were expected"))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn skip_blanks(&mut self) {
        while let Some(blank @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.line += usize::from(blank == b'\n');
            self.at += 1;
        }
    }

    fn refusal(&self, reason: &str) -> CountRefusal {
        CountRefusal::NotJson { line: self.line, reason: reason.to_owned() }
    }
}
