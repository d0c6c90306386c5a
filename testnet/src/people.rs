//! The people of a testnet: members with keys made on the spot, administrators of each college, and the transactions they
//! sign.
use crate::{election::Election, network::Network};
use anyhow::{Context, Result, ensure};
use rand::{CryptoRng, RngExt};
use std::path::Path;
use urne_node::keystore::{KeyFile, KeyRole};
use urne_types::{
    ActId, ChainId, CollegeId, ElectionId, SecretKey, TxId, UnixMs,
    ballot::{Answer, Ballot, BallotBody},
    bounded::List,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    governance::{Act, ProposedAct},
    limits::CENSUS_CHUNK_MAX,
    transaction::{Payload, RawTx, UnsignedTx},
};

/// How long an act of a testnet waits for approvals.
const ACT_LIFETIME_MS: u64 = 3_600_000;

/// A signed transaction and its name.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    /// Its tracker.
    pub(crate) id: TxId,
    /// Its bytes.
    pub(crate) raw: RawTx,
}

/// Signs a payload for a chain.
pub(crate) fn sign(chain: &ChainId, key: &SecretKey, payload: Payload) -> Signed {
    let unsigned = UnsignedTx::new(*chain, key.public(), payload);
    Signed { id: unsigned.id(), raw: unsigned.sign(key).to_raw() }
}

/// A member of a college.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Her college.
    pub(crate) college: CollegeId,
    /// Her key.
    pub(crate) key: SecretKey,
}

impl Member {
    /// Her ballot.
    pub(crate) fn casts(
        &self,
        chain: &ChainId,
        election: &ElectionId,
        sequence: u32,
        answers: Vec<Answer>,
    ) -> Result<Signed> {
        let body = BallotBody::Open(List::new(answers)?);
        let ballot = Ballot { election: *election, college: self.college, sequence, body };
        Ok(sign(chain, &self.key, Payload::Ballot(ballot)))
    }
    /// Her line in a census.
    pub(crate) fn entry(&self) -> CensusEntry {
        CensusEntry { college: self.college, member: self.key.public() }
    }
}

/// So many members, dealt to the colleges in turn.
pub(crate) fn members(n: usize, colleges: &[CollegeId], rng: &mut impl CryptoRng) -> Vec<Member> {
    let dealt = colleges.iter().cycle().take(n);
    dealt.map(|college| Member { college: *college, key: SecretKey::generate(rng) }).collect()
}

/// A census over members, and the parts in which it is brought.
pub(crate) struct Census {
    /// What it commits to.
    pub(crate) commitment: CensusCommitment,
    entries: Vec<CensusEntry>,
}

impl Census {
    /// Of these members.
    pub(crate) fn of(members: &[Member]) -> Result<Self> {
        Self::over(members.iter().map(Member::entry).collect())
    }
    /// Of these entries.
    pub(crate) fn over(mut entries: Vec<CensusEntry>) -> Result<Self> {
        let commitment = CensusCommitment::over(&mut entries)?;
        Ok(Self { commitment, entries })
    }
    /// Its parts, in order.
    pub(crate) fn chunks(&self) -> Result<Vec<Payload>> {
        let chunk = |(i, entries): (usize, &[CensusEntry])| {
            Ok(Payload::CensusChunk {
                commitment: self.commitment.clone(),
                attempt: 0,
                first: u64::try_from(i * CENSUS_CHUNK_MAX)?,
                entries: List::new(entries.to_vec())?,
            })
        };
        self.entries.chunks(CENSUS_CHUNK_MAX).enumerate().map(chunk).collect()
    }
}

/// One administrator of each college.
pub(crate) struct Administrators {
    chain: ChainId,
    keys: Vec<SecretKey>,
}

impl Administrators {
    /// Reads their keys, which a testnet keeps unencrypted.
    pub(crate) fn read<'a>(chain: ChainId, files: impl Iterator<Item = &'a Path>) -> Result<Self> {
        let open = |path: &Path| {
            let file = KeyFile::read(path, KeyRole::Administrator)?;
            file.open(None).with_context(|| format!("opening {}", path.display()))
        };
        let keys = files.map(open).collect::<Result<Vec<_>>>()?;
        ensure!(3 <= keys.len(), "an act needs administrators of three colleges, and {} have a key", keys.len());
        Ok(Self { chain, keys })
    }
    /// The first one sends this.
    pub(crate) fn sends(&self, payload: Payload) -> Signed {
        sign(&self.chain, &self.keys[0], payload)
    }
    /// The first proposes an act, the next two approve it: in that order.
    pub(crate) fn decide(&self, act: Act) -> Vec<Signed> {
        let proposed = ProposedAct { act, expires_at: now().plus(ACT_LIFETIME_MS), nonce: rand::random() };
        let act: ActId = proposed.id(&self.chain);
        let approve = |key| sign(&self.chain, key, Payload::ApproveAct { act });
        let approvals = self.keys[1..3].iter().map(approve);
        std::iter::once(self.sends(Payload::ProposeAct(proposed))).chain(approvals).collect()
    }
    /// The first one proposes an election.
    pub(crate) fn draft(&self, definition: &ElectionDefinition) -> Signed {
        self.sends(Payload::DraftElection(definition.clone()))
    }
    /// Someone who is no administrator and no member.
    pub(crate) fn stranger() -> SecretKey {
        SecretKey::generate(&mut rand::rng())
    }
}

/// This machine's clock.
pub(crate) fn now() -> UnixMs {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    UnixMs::new(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

/// Everyone's first ballot on the first question of an election by majority judgment with six grades, drawn by chance.
pub(crate) fn sign_all(network: &Network, election: &Election) -> Result<Vec<Signed>> {
    let chain = network.chain();
    let choices = election.definition.questions[0].choices.len();
    let mut rng = rand::rng();
    let mut sign = |member: &Member| {
        let grades = (0..choices).map(|_| Some(rng.random_range(0..6))).collect();
        member.casts(&chain, &election.id, 1, vec![Answer::Grades(List::new(grades)?)])
    };
    election.members.iter().map(&mut sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn colleges() -> Vec<CollegeId> {
        (1..=4).map(CollegeId::new).collect()
    }

    #[test]
    fn members_are_dealt_to_the_colleges_in_turn_and_the_census_counts_each() {
        let members = members(10, &colleges(), &mut StdRng::seed_from_u64(1));
        let census = Census::of(&members).expect("four colleges");
        let counts: Vec<u64> = census.commitment.members.iter().map(|(_, n)| *n).collect();
        assert_eq!(counts, [3, 3, 2, 2]);
        assert_eq!(census.commitment.total(), 10);
    }

    #[test]
    fn a_census_is_brought_in_parts_of_a_thousand_that_follow_each_other() {
        let members = members(2_500, &colleges(), &mut StdRng::seed_from_u64(2));
        let chunks = Census::of(&members).and_then(|it| it.chunks()).expect("a census");
        let firsts: Vec<(u64, usize)> = chunks
            .iter()
            .map(|it| match it {
                Payload::CensusChunk { first, entries, .. } => (*first, entries.len()),
                _ => unreachable!("a census is made of its parts"),
            })
            .collect();
        assert_eq!(firsts, [(0, 1000), (1000, 1000), (2000, 500)]);
    }

    #[test]
    fn a_ballot_is_signed_with_the_key_of_its_voter() {
        let chain = ChainId([7; 32]);
        let member = &members(1, &colleges(), &mut StdRng::seed_from_u64(3))[0];
        let signed = member.casts(&chain, &ElectionId([9; 32]), 1, vec![Answer::Choice(0)]).expect("one answer");
        let verified = signed.raw.decode().and_then(|tx| tx.verify(&chain)).expect("a good signature");
        assert_eq!((verified.sender(), verified.id()), (member.key.public(), signed.id));
    }
}
