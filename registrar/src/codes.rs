//! One-time codes: 50 bits by chance, good for a quarter of an hour, kept as a keyed hash in memory only. A restart forgets them,
//! and whoever waits for one asks for another. Asking ends nothing: the codes that a member has stay good, so a stranger who asks
//! in her name, or guesses, keeps her from nothing.
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
/// Wrong codes after which the right one is worth nothing: one chance in 10^11, and so many that a stranger who knows a member's
/// number needs eighty addresses, at the pace of the registrar's door, to use them up before she can ask for another.
pub const TRIES: u32 = 10_000;
/// A member is sent at most one code in so long: nobody fills another's letter box.
pub const PAUSE_MS: u64 = 60 * 1_000;
/// Good codes of one member at once: no more are sent, and these, all in her letter box, stay good for their time.
pub const CODES_MAX: usize = 5;
/// Members with codes in force: 100,000 x 15 codes (one a minute) x about 50 bytes = 75 MB.
const MEMBERS_MAX: usize = 100_000;
/// Ten characters of five bits.
const CHARACTERS: usize = 10;
/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code on its way to a member: shown in her message, and nowhere else.
pub struct Code(String);

impl Code {
    fn generate(rng: &mut dyn Rng) -> Self {
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
    tries_left: u32,
}
impl Live {
    fn is_over(&self, now: UnixMs) -> bool {
        self.sent_at.plus(LIFETIME_MS) <= now
    }
}

/// The codes in force.
pub struct Codes {
    key: [u8; 32],
    live: Mutex<BTreeMap<(ElectionId, CensusEntry), Vec<Live>>>,
}

impl Codes {
    /// None yet; the key under which they are hashed is this process's own.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self { key, live: Mutex::default() }
    }
    fn digest(&self, election: &ElectionId, entry: &CensusEntry, code: &str) -> [u8; 32] {
        let college = entry.college.get().to_le_bytes();
        hash_parts("urne.v1 one-time code", &[&self.key, &election.0, &college, &entry.member.0, code.as_bytes()])
    }
    fn live(&self) -> MutexGuard<'_, BTreeMap<(ElectionId, CensusEntry), Vec<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator for Codes {
    /// A fresh code beside those in force; none when one was sent a moment ago, or as many as a member may have.
    fn invite(&self, claimant: &Claimant<'_>, now: UnixMs, rng: &mut dyn Rng) -> Option<Code> {
        let mut live = self.live();
        let is_known = live.contains_key(&(*claimant.election, *claimant.entry));
        if MEMBERS_MAX <= live.len() && !is_known {
            live.retain(|_, codes| codes.iter().any(|it| !it.is_over(now)));
            if MEMBERS_MAX <= live.len() {
                return None;
            }
        }
        let codes = live.entry((*claimant.election, *claimant.entry)).or_default();
        codes.retain(|it| !it.is_over(now));
        let good = codes.iter().filter(|it| 0 < it.tries_left).count();
        if CODES_MAX <= good || codes.last().is_some_and(|it| now < it.sent_at.plus(PAUSE_MS)) {
            return None;
        }
        let code = Code::generate(rng);
        let digest = self.digest(claimant.election, claimant.entry, &code.0);
        codes.push(Live { digest, sent_at: now, tries_left: TRIES });
        Some(code)
    }
    /// The right code stays good for its time: an answer that got lost is asked for again, and it opens one request only.
    fn authenticates(&self, claimant: &Claimant<'_>, proof: &str, now: UnixMs) -> bool {
        let key = (*claimant.election, *claimant.entry);
        let digest = self.digest(claimant.election, claimant.entry, &read(proof));
        let mut live = self.live();
        let codes = live.get_mut(&key).map(Vec::as_mut_slice).unwrap_or_default();
        let good = codes.iter_mut().filter(|it| !it.is_over(now) && 0 < it.tries_left);
        let mut is_hers = false;
        for code in good {
            is_hers |= code.digest == digest;
            code.tries_left -= u32::from(code.digest != digest);
        }
        is_hers
    }
}
