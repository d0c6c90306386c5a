//! The tracker: what a voter writes down to find her ballot again. The ledger compares the full hash; people compare 20
//! characters and a check character, in Crockford's alphabet (no I, L, O, U), typed in either case, with or without dashes.
use crate::{Refusal, statement::Statement, transcript::Transcript};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 20;

/// Hash of a ballot without its signature, and of its context; K is in the ballot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tracker([u8; 32]);

impl Tracker {
    /// BLAKE3 under `urne.v1 tracker` of context and ballot without R and σ.
    pub(crate) fn of(statement: &Statement, sequence: u32, ballot_without_signature: &[u8]) -> Self {
        let mut transcript = Transcript::new("urne.v1 tracker");
        transcript.append("context", &statement.context(sequence));
        transcript.append("ballot", ballot_without_signature);
        Self(transcript.digest())
    }
    /// The full hash, which the ledger compares.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.0
    }
    /// What people write down of it.
    #[must_use]
    pub fn short(&self) -> ShortTracker {
        ShortTracker(symbols(&self.0))
    }
}
/// As its short form.
impl std::fmt::Display for Tracker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.short().fmt(f)
    }
}
impl std::fmt::Debug for Tracker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// What people write down and compare: the first 100 bits of a tracker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShortTracker([u8; CHARACTERS]);

impl ShortTracker {
    /// Whether it is the short form of the tracker with this hash.
    #[must_use]
    pub fn is_of(&self, hash: &[u8; 32]) -> bool {
        symbols(hash) == self.0
    }
    /// How the hash begins: 96 of the 100 bits, in whole bytes.
    #[must_use]
    pub fn prefix(&self) -> [u8; 12] {
        let bits = self.0.iter().fold(0_u128, |bits, symbol| bits << 5 | u128::from(*symbol));
        let [_, _, _, _, prefix @ ..] = (bits >> 4).to_be_bytes();
        prefix
    }
}
/// Five groups of four, then the check character: `7G4K-…-C`.
impl std::fmt::Display for ShortTracker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let character = |symbol: u8| char::from(ALPHABET[usize::from(symbol)]);
        for group in self.0.chunks(4) {
            group.iter().try_for_each(|symbol| write!(f, "{}", character(*symbol)))?;
            f.write_str("-")?;
        }
        write!(f, "{}", character(check(&self.0)))
    }
}
/// Refuses [`Refusal::BadTracker`]: not 20 characters and the right check character.
impl std::str::FromStr for ShortTracker {
    type Err = Refusal;
    fn from_str(typed: &str) -> Result<Self, Refusal> {
        parse(typed).map(Self)
    }
}

/// The first 100 bits, five at a time, most significant first.
fn symbols(hash: &[u8; 32]) -> [u8; CHARACTERS] {
    std::array::from_fn(|at| {
        let bit = 5 * at;
        let pair = u16::from_be_bytes([hash[bit / 8], hash[bit / 8 + 1]]);
        let [_, symbol] = ((pair >> (11 - bit % 8)) & 31).to_be_bytes();
        symbol
    })
}

/// Σ α^i c_i over GF(32), α a root of x⁵ + x² + 1: one wrong character, or two exchanged, never pass.
fn check(symbols: &[u8; CHARACTERS]) -> u8 {
    // Horner: every symbol ends up multiplied by its own power of α, from α^20 to α.
    symbols.iter().fold(0, |sum, symbol| times_alpha(sum ^ symbol))
}
const fn times_alpha(element: u8) -> u8 {
    let doubled = element << 1;
    if doubled & 32 == 0 { doubled } else { (doubled ^ 0b10_0101) & 31 }
}

fn parse(short: &str) -> Result<[u8; CHARACTERS], Refusal> {
    let symbol = |c: char| ALPHABET.iter().position(|it| char::from(*it) == c.to_ascii_uppercase());
    let read: Option<Vec<u8>> = short.chars().filter(|c| *c != '-').map(|c| u8::try_from(symbol(c)?).ok()).collect();
    let read = read.ok_or(Refusal::BadTracker)?;
    match read.split_last() {
        Some((last, head)) => {
            let head = <[u8; CHARACTERS]>::try_from(head).map_err(|_| Refusal::BadTracker)?;
            if check(&head) == *last { Ok(head) } else { Err(Refusal::BadTracker) }
        }
        None => Err(Refusal::BadTracker),
    }
}
