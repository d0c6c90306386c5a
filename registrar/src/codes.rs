//! One-time codes: 50 bits by chance, good for a quarter of an hour and a thousand tries, kept as a keyed hash in memory only. A
//! restart forgets them, and whoever waits for one asks for another.
use crate::authenticator::{Authenticator, Claimant};
use rand::{Rng, RngExt};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};
use urne_types::{ElectionId, UnixMs, election::CensusEntry, hash::hash_parts};

/// A code is good for so long.
pub const LIFETIME_MS: u64 = 15 * 60 * 1_000;
/// Wrong codes after which the right one is worth nothing: one chance in 10^12, and so many that a stranger who knows a member's
/// number cannot use them up faster than her registrar's door lets him.
pub const TRIES: u16 = 1_000;
/// A member is sent at most one code in so long: nobody fills another's letter box.
pub const PAUSE_MS: u64 = 60 * 1_000;
/// Codes in force at once: 100,000 x about 200 bytes = 20 MB.
const LIVE_MAX: usize = 100_000;
/// Ten characters of five bits.
const CHARACTERS: usize = 10;
/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code on its way to a member: shown in her message, and nowhere else.
pub struct Code(String);

impl Code {
    fn generate(rng: &mut impl Rng) -> Self {
        Self((0..CHARACTERS).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect())
    }
    /// As a person reads it: two groups of five.
    #[must_use]
    pub fn expose(&self) -> String {
        let (first, second) = self.0.split_at(CHARACTERS / 2);
        format!("{first}-{second}")
    }
}
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(secret)")
    }
}

/// As it was meant: capitals, no dashes nor blanks, and the letters that look like digits as these.
fn read(typed: &str) -> String {
    let significant = typed.chars().filter(|it| !it.is_whitespace() && *it != '-').take(CHARACTERS + 1);
    significant
        .map(|it| match it.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

struct Live {
    digest: [u8; 32],
    sent_at: UnixMs,
    tries_left: u16,
}
impl Live {
    fn is_over(&self, now: UnixMs) -> bool {
        self.sent_at.plus(LIFETIME_MS) <= now
    }
}

/// The codes in force.
pub struct Codes {
    key: [u8; 32],
    live: Mutex<BTreeMap<(ElectionId, CensusEntry), Live>>,
}

impl Codes {
    /// None yet; the key under which they are hashed is this process's own.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self { key, live: Mutex::default() }
    }
    /// A fresh code, which takes the place of the one before; none when that was sent a moment ago.
    pub fn issue(&self, election: &ElectionId, entry: &CensusEntry, now: UnixMs, rng: &mut impl Rng) -> Option<Code> {
        let mut live = self.live();
        if live.get(&(*election, *entry)).is_some_and(|it| now < it.sent_at.plus(PAUSE_MS)) {
            return None;
        }
        if LIVE_MAX <= live.len() {
            live.retain(|_, it| !it.is_over(now));
        }
        if LIVE_MAX <= live.len() {
            return None;
        }
        let code = Code::generate(rng);
        let digest = self.digest(election, entry, &code.0);
        live.insert((*election, *entry), Live { digest, sent_at: now, tries_left: TRIES });
        Some(code)
    }
    fn digest(&self, election: &ElectionId, entry: &CensusEntry, code: &str) -> [u8; 32] {
        let college = entry.college.get().to_le_bytes();
        hash_parts("urne.v1 one-time code", &[&self.key, &election.0, &college, &entry.member.0, code.as_bytes()])
    }
    fn live(&self) -> MutexGuard<'_, BTreeMap<(ElectionId, CensusEntry), Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator for Codes {
    /// The right code stays good for its time: an answer that got lost is asked for again, and it opens one request only.
    fn authenticates(&self, claimant: &Claimant<'_>, proof: &str, now: UnixMs) -> bool {
        let key = (*claimant.election, *claimant.entry);
        let digest = self.digest(claimant.election, claimant.entry, &read(proof));
        let mut live = self.live();
        let Some(code) = live.get_mut(&key).filter(|it| !it.is_over(now) && 0 < it.tries_left) else { return false };
        if code.digest == digest {
            return true;
        }
        code.tries_left -= 1;
        false
    }
}
