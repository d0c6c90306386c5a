//! What the tests share: reproducible chance, small elections.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "each test file uses its part, and stops at the first error"
)]
pub mod ceremony;
pub mod json;

use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use urne_ballot::*;
use urne_types::{ChainId, CollegeId, ElectionId};

pub const CHAIN: ChainId = ChainId([1; 32]);
pub const ELECTION: ElectionId = ElectionId([2; 32]);
pub const COLLEGE: CollegeId = CollegeId::new(3);

/// Chance that repeats itself: the output of BLAKE3 on a name. The same on every machine and for ever, as vectors need.
pub struct Chance(blake3::OutputReader);
impl Chance {
    pub fn named(name: &str) -> Self {
        Self(blake3::Hasher::new_derive_key("urne.v1 test chance").update(name.as_bytes()).finalize_xof())
    }
}
impl TryRng for Chance {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(to);
        Ok(())
    }
}
impl TryCryptoRng for Chance {}

pub fn one_of(choices: u16, blank: Blank) -> Question {
    Question::OneOf { choices, blank }
}
pub fn judgment(choices: u16, grades: u16) -> Question {
    Question::Judgment { choices, grades, no_opinion: NoOpinion::Refused, blank: Blank::Refused }
}

/// An election whose keys nobody knows the secret of.
pub fn statement(questions: &[Question]) -> Statement {
    statement_of(questions, ELECTION)
}
pub fn statement_of(questions: &[Question], election: ElectionId) -> Statement {
    let compiled = Compiled::new(questions).unwrap();
    let keys: Vec<Element> = (0..compiled.cells()).map(|i| group::generator("test key", i as u32)).collect();
    Statement::new(compiled, CHAIN, election, &keys).unwrap()
}
pub fn voter(n: u8) -> CredentialSecret {
    RootSecret::from_bytes([n; 32]).credential(&CHAIN, &ELECTION, COLLEGE)
}
pub fn cast(statement: &Statement, voter: &CredentialSecret, sequence: u32, answers: Vec<Answer>) -> SealedBallot {
    let mut rng = Chance::named(&format!("{:?} {sequence}", voter.public()));
    let unsigned = statement.seal(answers, voter.public(), sequence, Seed::generate(&mut rng)).unwrap();
    unsigned.cast(statement, voter, &mut rng).unwrap()
}
