//! A secret election counted again, by anyone: ballots whose proofs were verified are added up once more, or put in the order in
//! which they are opened one by one, and what the trustees' shares open is decided by the rules. Nothing is taken from the ledger but the shares, each verified, and the keys,
//! which are the election's by its name.
use super::{
    ceremony::scopes,
    election_seals::{ElectionSeals, VerifiedSeal},
    keys,
    pieces::per_piece,
    questions::{compile, counters, opened_answers, refused},
    records::{UrnOpening, UrnRecord},
    rules::{TRUSTEES, officers, participants},
    seals::stated,
};
use crate::{
    ballot::follows,
    counting,
    event::Appearance,
    records::CountBasis,
    recount,
    result::{ElectionResult, Turnout},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use urne_ballot::{
    CandidateShare, Ciphertext, Compiled, Registrars, ThresholdKeys, Totals, Trustees, Urn, ceremony::ThresholdRule,
    tally, threshold::ThresholdGroup,
};
use urne_types::{
    ChainId, CollegeId, DraftId, ElectionId, Rejection,
    election::{CensusCommitment, CensusEntry, ElectionDefinition},
    limits::PIECES_MAX,
    sealed::{SealedCensus, SealedRules},
};

/// Where the keys of a secret election are.
#[must_use]
pub fn urn_key(election: &ElectionId) -> Vec<u8> {
    keys::urn(election)
}
/// Where the record of the ceremony is that made the keys of a secret election.
#[must_use]
pub fn ceremony_key(draft: &DraftId) -> Vec<u8> {
    keys::ceremony(draft)
}
/// Where the count of a college's credentials is, in an election that issues some.
#[must_use]
pub fn issuance_key(election: &ElectionId, college: CollegeId) -> Vec<u8> {
    keys::issuance(election, college)
}
/// Whether an election issues credentials.
#[must_use]
pub fn issues_credentials(definition: &ElectionDefinition) -> bool {
    definition.secrecy.sealed().is_some_and(|it| matches!(it.census, SealedCensus::Credentials(_)))
}
/// Where a trustee's share of a group's urn, or of a piece, is, when it sent one.
#[must_use]
pub fn share_key(election: &ElectionId, part: u32, trustee: u16) -> Vec<u8> {
    keys::share(election, part, trustee)
}
fn groups(definition: &ElectionDefinition) -> impl Iterator<Item = (u32, &[CollegeId])> {
    let groups = definition.secrecy.sealed().map(|it| it.groups.iter()).into_iter().flatten();
    (0_u32..).zip(groups.map(|it| &**it))
}
/// For how many parts of an urn trustees send shares, when so many have voted in each college: one for each group, or for each
/// piece where ballots are opened one by one, [`PIECES_MAX`] of them at most. None where nothing can be sealed.
#[must_use]
pub fn parts(definition: &ElectionDefinition, voted: &[(CollegeId, u64)]) -> u32 {
    let Ok(compiled) = compile(definition) else { return 0 };
    let ballots = |group: &[CollegeId]| {
        let voted = voted.iter().filter(|it| group.contains(&it.0));
        voted.fold(0_u64, |sum, it| sum.saturating_add(it.1))
    };
    let parts = groups(definition).map(|(_, group)| match UrnOpening::of(&compiled) {
        UrnOpening::Totals => 1,
        UrnOpening::OneByOne => ballots(group).div_ceil(per_piece(compiled.cells()) as u64),
    });
    u32::try_from(parts.fold(0, u64::saturating_add).min(PIECES_MAX)).expect("the bound fits")
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
    seals: Arc<ElectionSeals>,
    compiled: Compiled,
}

impl SealedKeys {
    /// From the record of an election's keys: of the scopes, the officers and the threshold that the definition makes them of.
    /// That its officers made them is for [`super::CeremonyRecount`] to show.
    ///
    /// # Errors
    /// [`Rejection::SealOfOtherElection`]: the name, the draft or the scopes are another keys'; [`Rejection::NotATrustee`]: one
    /// of them is held by nobody whom the definition names; [`Rejection::ThresholdTooLow`]: the rule gives these holders
    /// another threshold; 600 to 699: they are no keys for it.
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
        let rules = definition.secrecy.sealed().ok_or(Rejection::SealOfOtherElection)?;
        let made = [TRUSTEES].into_iter().chain(record.registrars.iter().map(|it| it.0));
        if record.draft != definition.draft_id() || !made.eq(scopes(definition)) {
            return Err(Rejection::SealOfOtherElection);
        }
        judge_holders(&trustees, rules, TRUSTEES)?;
        registrars.iter().try_for_each(|(scope, keys)| judge_holders(keys, rules, *scope))?;
        let statement = stated(definition, chain, election, &record.trustees)?;
        let seals = Arc::new(ElectionSeals::new(statement, &record.registrars)?);
        Ok(Self { trustees, seals, compiled: compile(definition)? })
    }
    /// What ballots, answers and credentials are verified against.
    #[must_use]
    pub fn seals(&self) -> Arc<ElectionSeals> {
        Arc::clone(&self.seals)
    }
}

/// Whether the officers of a scope hold these keys, under the threshold that the rule gives those who do.
fn judge_holders<G: ThresholdGroup + ThresholdRule>(
    keys: &ThresholdKeys<G>,
    rules: &SealedRules,
    scope: u32,
) -> Result<(), Rejection> {
    let declared = participants(officers(rules, scope));
    let mut holders = declared.clone();
    holders.retain(|it| keys.holders().contains(&it.number));
    if holders.len() != keys.holders().len() {
        return Err(Rejection::NotATrustee);
    }
    match G::threshold(&declared, &holders).map_err(refused)? {
        by_rule if by_rule == keys.threshold() => Ok(()),
        _ => Err(Rejection::ThresholdTooLow),
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
        if seal.statement() != self.keys.seals.statement().digest() {
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
    /// The result: each group's sum, or each piece of its ballots, opened by shares that hold for this very one; `shares` by
    /// part, as the ledger keeps them.
    ///
    /// # Errors
    /// 600 to 699: a share that does not hold for what the ballots make, or too few of them.
    pub fn open(&self, shares: &BTreeMap<u32, Vec<Vec<u8>>>) -> Result<ElectionResult, Rejection> {
        match UrnOpening::of(&self.keys.compiled) {
            UrnOpening::Totals => self.open_sums(shares),
            UrnOpening::OneByOne => self.open_each(shares),
        }
    }
    /// What an urn holds: for each ciphertext, its cells.
    fn rows(&self, urn: &Urn, shares: &BTreeMap<u32, Vec<Vec<u8>>>) -> Result<Vec<Vec<u64>>, Rejection> {
        let keys = self.keys;
        let sent = shares.get(&urn.part()).map_or(&[][..], Vec::as_slice);
        let verified = |bytes: &Vec<u8>| CandidateShare::decode(bytes, urn)?.verify(urn, &keys.trustees);
        let verified = sent.iter().map(verified).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        tally::open(urn, &keys.trustees, &verified, &keys.compiled).map_err(refused)
    }
    fn open_each(&self, shares: &BTreeMap<u32, Vec<Vec<u8>>>) -> Result<ElectionResult, Rejection> {
        let compiled = &self.keys.compiled;
        let (mut ballots, mut part) = (Vec::new(), 0);
        for (_, colleges) in groups(self.definition) {
            let first = colleges.first().ok_or(Rejection::BadGroups)?;
            let of_group = self.last.iter().filter(|(entry, _)| colleges.contains(&entry.college));
            let mut of_group: Vec<&Ciphertext> = of_group.map(|(_, (_, ciphertext))| ciphertext).collect();
            of_group.sort_unstable_by_key(|it| it.a().bytes());
            for piece in of_group.chunks(per_piece(compiled.cells())) {
                let urn = Urn::one_by_one(*self.election, part, piece.iter().copied().cloned().collect());
                for row in self.rows(&urn, shares)? {
                    ballots.push((*first, opened_answers(self.definition, compiled, &row)?));
                }
                part += 1;
            }
        }
        Ok(recount::of_opened(self.election, self.definition, self.basis, &self.turnout(), &ballots))
    }
    fn open_sums(&self, shares: &BTreeMap<u32, Vec<Vec<u8>>>) -> Result<ElectionResult, Rejection> {
        let mut opened: Vec<(CollegeId, Vec<Vec<u64>>)> = Vec::new();
        for (part, colleges) in groups(self.definition) {
            let totals = self.totals.get(&part).ok_or(Rejection::BadGroups)?;
            let urn = Urn::totals(*self.election, part, totals);
            let totals = self.rows(&urn, shares)?.concat();
            let counters = counters(self.definition, &self.keys.compiled, &totals, urn.ballots()).map_err(refused)?;
            let first = colleges.first().ok_or(Rejection::BadGroups)?;
            opened.push((*first, counters));
        }
        let turnout = self.turnout();
        Ok(counting::decided(self.election, self.definition, self.basis, turnout, opened))
    }
}
