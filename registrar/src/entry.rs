//! How a member stands on a census without her name: a salted commitment, which she alone and her registrars can open.
use rand::Rng;
use std::{fmt, str::FromStr};
use urne_exchange::roll::folded;
use urne_types::{ChainId, CollegeId, PublicKey, codec::Malformed, election::CensusEntry, hash::hash_parts};

/// 32 bytes that make a commitment unguessable. Each member holds her own; whoever has it and her identifier knows her entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// A fresh one; the randomness comes in by the door.
    pub fn generate(rng: &mut impl Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
    /// 64 hexadecimal digits, for a letter or a private file and nowhere else.
    #[must_use]
    pub fn expose(&self) -> String {
        PublicKey(self.0).to_string()
    }
}
impl FromStr for Salt {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(|it: PublicKey| Self(it.0))
    }
}
impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(private)")
    }
}

/// The entry of a member: BLAKE3 under `urne.v1 census entry` of `chain 32 ‖ college u16 ‖ salt 32 ‖ identifier`, the
/// identifier as it reads (`ReadName`) and without capitals, so that she finds it however she types it.
#[must_use]
pub fn commitment(chain: &ChainId, college: CollegeId, identifier: &str, salt: &Salt) -> CensusEntry {
    let (number, identifier) = (college.get().to_le_bytes(), folded(identifier));
    let parts: [&[u8]; 4] = [&chain.0, &number, &salt.0, identifier.as_bytes()];
    CensusEntry { college, member: PublicKey(hash_parts("urne.v1 census entry", &parts)) }
}
