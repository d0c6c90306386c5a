//! A secret election counted again, by anyone: ballots whose proofs were verified are added up once more, and what the
//! trustees' shares open is decided by the rules. Nothing is taken from the ledger but the shares, each verified, and the keys,
//! which are the election's by its name.
use super::{
    keys,
    questions::{compile, counters, refused},
    records::UrnRecord,
    seals::{VerifiedSeal, stated},
};
use crate::{
    ballot::follows,
    counting,
    event::Appearance,
    records::CountBasis,
    result::{ElectionResult, Turnout},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use urne_ballot::{
    CandidateShare, Ciphertext, Compiled, Registrars, Statement, ThresholdKeys, Totals, Trustees, Urn, tally,
};
use urne_types::{
    ChainId, CollegeId, ElectionId, Rejection,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
};

/// Where the keys of a secret election are.
#[must_use]
pub fn urn_key(election: &ElectionId) -> Vec<u8> {
    keys::urn(election)
}
/// Where a trustee's share of a group's urn is, when it sent one.
#[must_use]
pub fn share_key(election: &ElectionId, part: u32, trustee: u16) -> Vec<u8> {
    keys::share(election, part, trustee)
}
/// The groups of a definition, by number: part, and the colleges in it.
pub fn groups(definition: &ElectionDefinition) -> impl Iterator<Item = (u32, &[CollegeId])> {
    let groups = definition.secrecy.sealed().map(|it| it.groups.iter()).into_iter().flatten();
    (0_u32..).zip(groups.map(|it| &**it))
}
/// Numbers of those who may hold a share.
#[must_use]
pub fn trustees(definition: &ElectionDefinition) -> Vec<u16> {
    let all = definition.secrecy.sealed().map_or(0, |it| it.trustees.len());
    (1_u16..).take(all).collect()
}

/// The keys of a secret election, which its name stands for, and what its ballots are verified against.
#[derive(Debug)]
pub struct SealedKeys {
    trustees: ThresholdKeys<Trustees>,
    statement: Arc<Statement>,
    compiled: Compiled,
}

impl SealedKeys {
    /// From the record of an election's keys.
    ///
    /// # Errors
    /// [`Rejection::SealOfOtherElection`]: the name is another keys'; 600 to 699: they are no keys for it.
    pub fn of(
        record: &UrnRecord,
        definition: &ElectionDefinition,
        chain: &ChainId,
        election: &ElectionId,
    ) -> Result<Self, Rejection> {
        let trustees = ThresholdKeys::<Trustees>::decode(&record.trustees).map_err(refused)?;
        let registrars = record.registrars.iter();
        let registrars = registrars.map(|(scope, keys)| Ok((*scope, ThresholdKeys::<Registrars>::decode(keys)?)));
        let registrars = registrars.collect::<Result<Vec<_>, urne_ballot::Refusal>>().map_err(refused)?;
        if urne_ballot::election_id(chain, &definition.draft_id(), &trustees, &registrars) != *election {
            return Err(Rejection::SealOfOtherElection);
        }
        let statement = Arc::new(stated(definition, chain, election, &record.trustees)?);
        Ok(Self { trustees, statement, compiled: compile(definition)? })
    }
    /// What ballots are verified against.
    #[must_use]
    pub fn statement(&self) -> Arc<Statement> {
        Arc::clone(&self.statement)
    }
}

/// An urn of sealed ballots filled again, in the order of the log.
#[derive(Debug)]
pub struct SealedRecount<'a> {
    election: &'a ElectionId,
    definition: &'a ElectionDefinition,
    census: &'a CensusCommitment,
    basis: &'a CountBasis,
    keys: &'a SealedKeys,
    last: BTreeMap<CensusEntry, (u32, Ciphertext)>,
    randomness: BTreeSet<[u8; 32]>,
    totals: BTreeMap<u32, Totals>,
}

impl<'a> SealedRecount<'a> {
    /// An empty urn.
    #[must_use]
    pub fn new(
        election: &'a ElectionId,
        definition: &'a ElectionDefinition,
        census: &'a CensusCommitment,
        basis: &'a CountBasis,
        keys: &'a SealedKeys,
    ) -> Self {
        let totals = groups(definition).map(|(part, _)| (part, Totals::empty(keys.compiled.cells()))).collect();
        let (last, randomness) = (BTreeMap::new(), BTreeSet::new());
        Self { election, definition, census, basis, keys, last, randomness, totals }
    }
    /// The next ballot of the log.
    ///
    /// # Errors
    /// [`Rejection`]: a ballot that the rules refuse. It counts for nothing.
    pub fn cast(&mut self, entry: CensusEntry, sequence: u32, seal: &VerifiedSeal) -> Result<Appearance, Rejection> {
        if seal.statement() != self.keys.statement.digest() {
            return Err(Rejection::SealOfOtherElection);
        }
        follows(self.definition.revote, self.last.get(&entry).map(|(before, _)| *before), sequence)?;
        let ciphertext = seal.ballot().ciphertext();
        if !self.randomness.insert(*ciphertext.a().bytes()) {
            return Err(Rejection::RandomnessReused);
        }
        let group = groups(self.definition).find(|(_, colleges)| colleges.contains(&entry.college));
        let (part, _) = group.ok_or(Rejection::BadGroups)?;
        let totals = self.totals.get_mut(&part).ok_or(Rejection::BadGroups)?;
        let former = self.last.insert(entry, (sequence, ciphertext.clone()));
        match former {
            None => totals.add(ciphertext).map_err(refused)?,
            Some((_, former)) => {
                totals.replace(&former, ciphertext).map_err(refused)?;
                return Ok(Appearance::Revote);
            }
        }
        Ok(Appearance::First)
    }
    /// Who has voted so far, per college.
    #[must_use]
    pub fn turnout(&self) -> Turnout {
        Turnout::among(self.census, self.last.keys())
    }
    /// The result: each group's sum, opened by shares that hold for this very sum; `shares` by group, as the ledger keeps them.
    ///
    /// # Errors
    /// 600 to 699: a share that does not hold for the sum of the ballots, or too few of them.
    pub fn open(&self, shares: &BTreeMap<u32, Vec<Vec<u8>>>) -> Result<ElectionResult, Rejection> {
        let mut opened: Vec<(CollegeId, Vec<Vec<u64>>)> = Vec::new();
        for (part, colleges) in groups(self.definition) {
            let totals = self.totals.get(&part).ok_or(Rejection::BadGroups)?;
            let urn = Urn::totals(*self.election, part, totals);
            let sent = shares.get(&part).map_or(&[][..], Vec::as_slice);
            let verified = |bytes: &Vec<u8>| CandidateShare::decode(bytes, &urn)?.verify(&urn, &self.keys.trustees);
            let verified = sent.iter().map(verified).collect::<Result<Vec<_>, _>>().map_err(refused)?;
            let rows = tally::open(&urn, &self.keys.trustees, &verified, &self.keys.compiled).map_err(refused)?;
            let counters = counters(self.definition, &self.keys.compiled, &rows.concat(), urn.ballots())?;
            let first = colleges.first().ok_or(Rejection::BadGroups)?;
            opened.push((*first, counters));
        }
        let turnout = self.turnout();
        Ok(counting::decided(self.election, self.definition, self.basis, turnout, opened))
    }
}
