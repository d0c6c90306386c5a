//! Time as the chain tells it: whole milliseconds since 1970, never read from a clock in this crate.
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Unix time in milliseconds, UTC. Files and answers show it as RFC 3339, for instance `2026-11-21T18:00:00Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, bincode::Encode, bincode::Decode)]
pub struct UnixMs(u64);

/// The last instant that RFC 3339 can write: the end of year 9999.
const LAST: u64 = 253_402_300_799_999;

impl UnixMs {
    /// Names a number of milliseconds.
    #[must_use]
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }
    /// Milliseconds since 1970.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
    /// Later by so many milliseconds; stops at the end of numbers.
    #[must_use]
    pub const fn plus(self, millis: u64) -> Self {
        Self::new(self.get().saturating_add(millis))
    }
    /// Earlier by so many milliseconds; stops at 1970.
    #[must_use]
    pub const fn minus(self, millis: u64) -> Self {
        Self::new(self.get().saturating_sub(millis))
    }
    /// Milliseconds from an earlier instant to this one, 0 when it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.get().saturating_sub(earlier.get())
    }
}

impl std::fmt::Display for UnixMs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nanos = i128::from(self.get().min(LAST)) * 1_000_000;
        let text = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().and_then(|it| it.format(&Rfc3339).ok());
        f.write_str(&text.expect("every instant before year 10000 is written in RFC 3339"))
    }
}

/// Not an RFC 3339 time between 1970 and 9999.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a time: write it like 2026-11-21T18:00:00Z")]
pub struct NotATime(String);

impl std::str::FromStr for UnixMs {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime(text.into()))?;
        u64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).map(Self::new).map_err(|_| NotATime(text.into()))
    }
}
impl Serialize for UnixMs {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for UnixMs {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
