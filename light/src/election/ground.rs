//! The ground on which an election is counted again: what the chain says of it, and who may vote, each proven from the genesis
//! up before a single ballot is looked at.
use crate::{
    archive::{ARCHIVE_VERSION, ArchiveFault, Opening, Record},
    lineage::Lineage,
    state::verify_entry,
};
use std::collections::BTreeMap;
use urne_types::{
    ChainId, CollegeId, ElectionId, Height, PublicKey, UnixMs,
    codec::{Decode, Encode, decode_record},
    election::{BallotKind, CensusCommitment, CensusEntry, ElectionDefinition},
    limits::CENSUS_MEMBERS_MAX,
    merkle,
    proof::{Handover, LogHead, ProvenState},
};
use urne_vote_contract::{
    LogId, QuestionResult, keys, needs_lot,
    records::{CountBasis, ElectionLife, Moment},
    sealed::{
        self, SealedKeys,
        records::{CeremonyRecord, IssuanceRecord, UrnRecord},
    },
};

/// Takes the records before the blocks.
#[derive(Debug)]
pub struct Groundwork {
    trusted: ChainId,
    asked: Option<ElectionId>,
    last: Option<(u8, &'static str)>,
    opened: Option<(ElectionId, Lineage)>,
    state: State,
    census: Vec<CensusEntry>,
}

/// What was proven of the state, by key.
#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    headers: usize,
    oldest: Option<Height>,
    newest: Option<Moment>,
}

/// What is known before the first ballot. Only [`Groundwork::finish`] builds one.
#[derive(Debug)]
pub struct Ground {
    pub(crate) election: ElectionId,
    pub(crate) lineage: Lineage,
    pub(crate) definition: ElectionDefinition,
    /// Of a secret election.
    pub(crate) sealed: Option<SealedGround>,
    /// Of one that issues credentials.
    pub(crate) credentials: Option<CredentialsGround>,
    pub(crate) commitment: CensusCommitment,
    pub(crate) census: Vec<CensusEntry>,
    /// Keys that exercise another member's right.
    pub(crate) members: BTreeMap<PublicKey, PublicKey>,
    pub(crate) life: ElectionLife,
    pub(crate) basis: CountBasis,
    pub(crate) ballots: LogHead,
    pub(crate) emargements: LogHead,
    pub(crate) turnout: Vec<(CollegeId, u64)>,
    pub(crate) results: Vec<QuestionResult>,
    pub(crate) newest: Moment,
    pub(crate) state_entries: usize,
    pub(crate) state_headers: usize,
}

/// What the credentials of an election are followed with, and what the ledger says of them.
#[derive(Debug)]
pub(crate) struct CredentialsGround {
    /// What the election is named after.
    pub(crate) keys: UrnRecord,
    pub(crate) approvals: LogHead,
    pub(crate) credentials: LogHead,
    pub(crate) issued: Vec<(CollegeId, IssuanceRecord)>,
}

/// What a secret election is verified and opened with.
#[derive(Debug)]
pub(crate) struct SealedGround {
    pub(crate) keys: SealedKeys,
    /// The same, as the ledger holds them, under the election's name.
    pub(crate) named: UrnRecord,
    /// The ledger's record of the ceremony: of it, only when it began is believed.
    pub(crate) ceremony: CeremonyRecord,
    /// By group, or by piece, as the ledger keeps them.
    pub(crate) shares: BTreeMap<u32, Vec<Vec<u8>>>,
}

impl Groundwork {
    /// For the chain that we trust, by the hash of its genesis, and for the election that we ask for, if for one.
    #[must_use]
    pub fn new(trusted: ChainId, asked: Option<ElectionId>) -> Self {
        Self { trusted, asked, last: None, opened: None, state: State::default(), census: Vec::new() }
    }
    /// Takes a record; gives it back when it is a block or the end, and the groundwork is done.
    ///
    /// # Errors
    /// [`ArchiveFault`].
    pub fn take(&mut self, record: Record) -> Result<Option<Record>, ArchiveFault> {
        self.in_order(&record)?;
        match record {
            Record::Opening(opening) => self.open(&opening)?,
            Record::Handover(handover) => self.follow(*handover)?,
            Record::State(proven) => self.believe(&proven)?,
            Record::Census(entries) => self.enrol(&entries)?,
            other @ (Record::Block(_) | Record::End) => return Ok(Some(other)),
        }
        Ok(None)
    }
    /// Each kind after the ones before it; the opening first, and once.
    fn in_order(&mut self, record: &Record) -> Result<(), ArchiveFault> {
        let (place, found) = record.kind();
        let is_next = match self.last {
            None => place == 0,
            Some((before, _)) => 0 < place && before <= place,
        };
        let after = self.last.map_or("nothing", |(_, name)| name);
        self.last = Some((place, found));
        if is_next { Ok(()) } else { Err(ArchiveFault::OutOfOrder { found, after }) }
    }
    fn open(&mut self, opening: &Opening) -> Result<(), ArchiveFault> {
        if opening.version != ARCHIVE_VERSION {
            return Err(ArchiveFault::UnknownVersion { found: opening.version, known: ARCHIVE_VERSION });
        }
        let found = opening.genesis.chain_id();
        if found != self.trusted {
            return Err(ArchiveFault::OtherChain { found, expected: self.trusted });
        }
        if let Some(asked) = self.asked.filter(|it| *it != opening.election) {
            return Err(ArchiveFault::OtherElection { found: opening.election, asked });
        }
        let lineage = Lineage::of_genesis(&opening.genesis)
            .map_err(|why| ArchiveFault::Handover { height: Height::new(0), why })?;
        self.opened = Some((opening.election, lineage));
        Ok(())
    }
    fn opened(&mut self) -> Result<&mut (ElectionId, Lineage), ArchiveFault> {
        self.opened.as_mut().ok_or_else(|| ArchiveFault::Missing { what: "the opening".into() })
    }
    fn follow(&mut self, handover: Handover) -> Result<(), ArchiveFault> {
        let height = handover.header.height;
        self.opened()?.1.follow(handover).map_err(|why| ArchiveFault::Handover { height, why })
    }
    fn believe(&mut self, proven: &ProvenState) -> Result<(), ArchiveFault> {
        let (_, lineage) = self.opened()?;
        let header = lineage
            .verify_header(proven.header.clone(), &proven.certificate)
            .map_err(|why| ArchiveFault::Header { height: proven.header.height, why })?;
        let header = header.get();
        for entry in &proven.entries {
            let what = || name(&entry.key);
            verify_entry(&header.app_hash, entry).map_err(|why| ArchiveFault::State { what: what(), why })?;
            if self.state.entries.insert(entry.key.clone(), entry.value.clone()).is_some() {
                return Err(ArchiveFault::Repeated { what: what() });
            }
        }
        let at = Moment { height: header.height, time: header.time };
        self.state.headers += 1;
        self.state.oldest = Some(self.state.oldest.map_or(at.height, |it| it.min(at.height)));
        self.state.newest = self.state.newest.filter(|it| at.height < it.height).or(Some(at));
        Ok(())
    }
    /// A census is what its hash is of: strictly increasing entries.
    fn enrol(&mut self, entries: &[CensusEntry]) -> Result<(), ArchiveFault> {
        let before = self.census.len();
        self.census.extend_from_slice(entries);
        let is_bounded = u64::try_from(self.census.len()).is_ok_and(|it| it <= CENSUS_MEMBERS_MAX);
        let joined = &self.census[before.saturating_sub(1)..];
        if is_bounded && joined.windows(2).all(|pair| pair[0] < pair[1]) {
            Ok(())
        } else {
            Err(ArchiveFault::OtherCensus)
        }
    }

    /// Whether everything is there that a count rests on.
    ///
    /// # Errors
    /// [`ArchiveFault`].
    pub fn finish(mut self) -> Result<Ground, ArchiveFault> {
        self.opened()?;
        let Self { opened: Some((election, lineage)), state, mut census, .. } = self else {
            unreachable!("it was opened a line above")
        };
        let definition: ElectionDefinition = state.needed(&keys::definition(&election))?;
        let keys = match definition.secrecy.ballots() {
            BallotKind::Open if definition.election_id(&lineage.chain()) == election => None,
            BallotKind::Open => return Err(ArchiveFault::OtherDefinition),
            BallotKind::Sealed => {
                let record: UrnRecord = state.needed(&sealed::urn_key(&election))?;
                let keys = SealedKeys::of(&record, &definition, &lineage.chain(), &election);
                let ceremony: CeremonyRecord = state.needed(&sealed::ceremony_key(&definition.draft_id()))?;
                Some((keys.map_err(|why| ArchiveFault::Keys { why })?, record, ceremony))
            }
        };
        let commitment = CensusCommitment::over(&mut census).map_err(|_| ArchiveFault::OtherCensus)?;
        if commitment.id() != definition.census {
            return Err(ArchiveFault::OtherCensus);
        }
        let life: ElectionLife = state.needed(&keys::life(&election))?;
        let (Some(counted), Some(oldest), Some(newest)) = (life.tallied, state.oldest, state.newest) else {
            return Err(ArchiveFault::NotCounted);
        };
        if oldest < counted.height {
            return Err(ArchiveFault::TooEarly { found: oldest, counted: counted.height });
        }
        let log = |log: LogId| Ok(state.asked(&keys::log_head(&log))?.unwrap_or_else(empty_log));
        let credentials = if sealed::issues_credentials(&definition) {
            let issued = |&(college, _): &(CollegeId, u64)| {
                Ok((college, state.needed(&sealed::issuance_key(&election, college))?))
            };
            Some(CredentialsGround {
                keys: state.needed(&sealed::urn_key(&election))?,
                approvals: log(LogId::Approvals(election))?,
                credentials: log(LogId::Credentials(election))?,
                issued: commitment.members.iter().map(issued).collect::<Result<_, ArchiveFault>>()?,
            })
        } else {
            None
        };
        let turnout = |&(college, _): &(CollegeId, u64)| {
            let voted: Option<u64> = state.asked(&keys::turnout(&election, college))?;
            Ok((college, voted.unwrap_or(0)))
        };
        let turnout = commitment.members.iter().map(turnout).collect::<Result<Vec<_>, ArchiveFault>>()?;
        let shares = state.shares(&election, &definition, &turnout);
        let basis: CountBasis = state.asked(&keys::basis(&election))?.unwrap_or_default();
        if needs_lot(&definition) && basis.lot_seed.is_none() {
            return Err(ArchiveFault::Missing { what: "the block from which equals are drawn".into() });
        }
        let questions = (0..).take(definition.questions.len());
        Ok(Ground {
            ballots: log(LogId::Ballots(election))?,
            emargements: log(LogId::Emargements(election))?,
            results: questions.map(|at| state.needed(&keys::result(&election, at))).collect::<Result<_, _>>()?,
            basis,
            members: state.members()?,
            state_entries: state.entries.len(),
            state_headers: state.headers,
            sealed: keys.map(|(keys, named, ceremony)| SealedGround { keys, named, ceremony, shares }),
            turnout,
            credentials,
            election,
            lineage,
            definition,
            commitment,
            census,
            life,
            newest,
        })
    }
}

impl Ground {
    /// How many ballots are to come: what a progress bar shows.
    #[must_use]
    pub fn ballots_expected(&self) -> u64 {
        self.ballots.size
    }
    /// The first instant at which a ballot counts, and the first at which none does any more.
    pub(crate) fn window(&self) -> (UnixMs, UnixMs) {
        let it = &self.definition;
        (it.opens_at, it.closes_at.plus(it.grace_ms.into()))
    }
}

impl State {
    /// A record, or the proof that there is none.
    fn asked<T: Decode<()> + Encode>(&self, key: &[u8]) -> Result<Option<T>, ArchiveFault> {
        let value = self.entries.get(key).ok_or_else(|| ArchiveFault::Missing { what: name(key) })?;
        let decode =
            |bytes: &Vec<u8>| decode_record(bytes).map_err(|why| ArchiveFault::NotARecord { what: name(key), why });
        value.as_ref().map(decode).transpose()
    }
    fn needed<T: Decode<()> + Encode>(&self, key: &[u8]) -> Result<T, ArchiveFault> {
        self.asked(key)?.ok_or_else(|| ArchiveFault::Missing { what: name(key) })
    }
    /// The shares that trustees sent, by group or by piece.
    fn shares(
        &self,
        election: &ElectionId,
        definition: &ElectionDefinition,
        voted: &[(CollegeId, u64)],
    ) -> BTreeMap<u32, Vec<Vec<u8>>> {
        let sent = |part: u32| {
            let keys = sealed::trustees(definition).into_iter().map(move |it| sealed::share_key(election, part, it));
            keys.filter_map(|key| self.entries.get(&key).cloned().flatten()).collect()
        };
        (0..sealed::parts(definition, voted)).map(|part| (part, sent(part))).collect()
    }
    /// Whose right each replaced key exercises.
    fn members(&self) -> Result<BTreeMap<PublicKey, PublicKey>, ArchiveFault> {
        let mut members = BTreeMap::new();
        for key in self.entries.keys() {
            let acting = key.last_chunk().map(|it| PublicKey(*it)).filter(|it| keys::member_of_key(it) == *key);
            if let Some(acting) = acting
                && let Some(member) = self.asked(key)?
            {
                members.insert(acting, member);
            }
        }
        Ok(members)
    }
}

fn empty_log() -> LogHead {
    LogHead { size: 0, root: merkle::empty_root() }
}

/// An entry's name in sentences, by the tag of its key.
fn name(key: &[u8]) -> String {
    let kind = match key.first() {
        Some(0x13) => "the definition",
        Some(0x14) => "the story of the election",
        Some(0x15) => "the turnout of a college",
        Some(0x16) => "the result of a question",
        Some(0x17) => "the head of the log of ballots",
        Some(0x18) => "the head of the log of émargements",
        Some(0x1a) => "the basis of the count",
        Some(0x41) => "the member of a replaced key",
        Some(0x50) => "the record of the ceremony",
        Some(0x54) => "the keys of the election",
        Some(0x58) => "a trustee's share",
        Some(0x60) => "the head of the log of approvals",
        Some(0x61) => "the head of the log of credentials",
        Some(0x63) => "the count of a college's credentials",
        _ => "an entry",
    };
    kind.into()
}
