//! What can be wrong or doubtful in a sheet of members: one numbered variant each. An error keeps the census from being made.

use thiserror::Error;
use urne_types::{PublicKey, name::NameFault};

use crate::Json;

/// Something to look at, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line of the sheet, from 1.
    pub line: usize,
    /// What.
    pub fault: Fault,
}

macro_rules! faults {
    ($($code:literal $severity:ident $sentence:literal $name:ident $({ $($field:ident: $kind:ty),* })?;)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, PartialEq, Eq, Error)]
        #[allow(missing_docs, reason = "each sentence says what its fields are")]
        pub enum Fault {
            $(#[doc = $sentence] #[error($sentence)] $name $({ $($field: $kind),* })?,)*
        }
        impl Fault {
            /// The stable number.
            pub fn code(&self) -> u16 {
                match self { $(Self::$name $({ $($field: _),* })? => $code),* }
            }
            /// The stable name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => stringify!($name)),* }
            }
            /// Whether it keeps the census from being made.
            pub fn is_error(&self) -> bool {
                match self { $(Self::$name $({ $($field: _),* })? => stringify!($severity) == "error"),* }
            }
        }
    };
}

faults! {
    201 error "the line has {found} cells for {columns} columns" TooManyCells { found: usize, columns: usize };
    202 error "there is neither a name nor a number" Nameless;
    203 error "'{written}' is no college: write its number, or declare the name" UnknownCollege { written: String };
    204 error "'{written}' is no public key: 64 hexadecimal digits that `urne keys new` shows" BadKey { written: String };
    205 warning "the same member, college and key as in line {first}: left out" Repeated { first: usize };
    206 error "the key belongs to the person of line {first}: each has her own, and so has each legal entity" KeyOfAnother { first: usize };
    207 error "the same person in the same college as in line {first}, with another key: correct one, or number namesakes in a column id" TwoKeys { first: usize };
    208 error "{entity} is represented by line {first} already, and nothing declares whose voice counts" WhoseVoice { entity: String, first: usize };
    209 error "{entity} is represented by line {first} already, and one representative is allowed" SecondRepresentative { entity: String, first: usize };
    210 warning "{entity} votes by line {first}: this representative is kept in the private file only" DeputyOnly { entity: String, first: usize };
    211 error "this member had the key {before} before: write it in the column replaces" UnannouncedKey { before: PublicKey };
    212 error "the key that this one says it replaces is not the one this member had, {before}" ReplacesAnother { before: PublicKey };
    213 warning "takes the place of the key {before}" Replaced { before: PublicKey };
    214 error "a key is replaced, but this member had none in this college" ReplacesNobody;
    215 warning "college {name} has no member" CollegeWithoutMember { name: String };
    216 error "{fault}: write the name, number or entity again" Unreadable { fault: NameFault };
    217 error "the same name in the same college as in line {first}, and one of the two has no number: the same person would vote twice; number both, or take one out" HalfNumbered { first: usize };
    218 warning "says that it replaces a key, and nothing verifies it: give --previous" ReplacesUnverified;
    219 error "the same person in the same college as in line {first}, written otherwise: correct one, or number namesakes in a column id" WrittenTwice { first: usize };
    220 error "'{written}' is no e-mail address to which a letter and a code could be sent" NoContact { written: String };
    221 warning "the same address as in line {first}: whoever reads it can ask for the credential of both" SharedContact { first: usize };
    222 error "another member of this college, in line {first}, is known by the same number or name: number both" SameIdentifier { first: usize };
}

impl Problem {
    /// `{"code":…,"line":…,"message":…,"name":…,"severity":…}`.
    pub fn to_json(&self) -> Json {
        Json::object([
            ("line", Json::number(self.line)),
            ("code", Json::number(self.fault.code())),
            ("name", Json::text(self.fault.name())),
            ("severity", Json::text(if self.fault.is_error() { "error" } else { "warning" })),
            ("message", Json::text(self.fault.to_string())),
        ])
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = if self.fault.is_error() { "error" } else { "warning" };
        write!(f, "line {}: {severity} {}: {}", self.line, self.fault.code(), self.fault)
    }
}
