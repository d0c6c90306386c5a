//! A share of something: an exact fraction between 0 and 1, written `3/5`.
use crate::codec::Malformed;
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// `numerator/denominator`, at most 1. Bytes may hold any two numbers: [`Share::is_proper`] is judged with whatever holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Share {
    /// Above the bar.
    pub numerator: u32,
    /// Below the bar.
    pub denominator: u32,
}

impl Share {
    /// Half.
    pub const HALF: Self = Self { numerator: 1, denominator: 2 };

    /// A share.
    ///
    /// # Errors
    /// [`Malformed`] above 1, or over zero.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, Malformed> {
        let it = Self { numerator, denominator };
        if it.is_proper() {
            Ok(it)
        } else {
            Err(Malformed::Undecodable(format!("{it} is not a share between 0 and 1")))
        }
    }
    /// Whether it lies between 0 and 1.
    #[must_use]
    pub const fn is_proper(self) -> bool {
        self.denominator != 0 && self.numerator <= self.denominator
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}
impl std::str::FromStr for Share {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fault = || Malformed::Undecodable(format!("'{text}' is not a share: write it like 3/5"));
        let (numerator, denominator) = text.split_once('/').ok_or_else(fault)?;
        let digits = |it: &str| it.parse().map_err(|_| fault());
        Self::new(digits(numerator)?, digits(denominator)?)
    }
}
impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
