//! A registrar's world in memory: a roll of a few members, three registrars' keys made by a whole ceremony, and a ledger that
//! says what its chain would.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part, and stops at the first error")]
use rand::{SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use urne_ballot::{
    BlindRequest, CredentialSecret, PendingRequest, Registrars, RootSecret, SecretShare, ThresholdKeys,
    ceremony::{Ceremony, CeremonySecret, Invitation, Participant, Qualification},
};
use urne_exchange::roll::{EntitledBy, Roll as Sheet, RollRules};
use urne_registrar::{
    authenticator::Authenticator,
    book::Book,
    codes::Codes,
    courier::{Courier, Message},
    ledger::{EntryState, Issuance, Ledger, LedgerError, Shares},
    office::{CodeAsked, Office, RequestSent},
    roll::Roll,
};
use urne_types::{ChainId, CollegeId, DraftId, ElectionId, UnixMs, election::CensusEntry, transaction::Payload};

pub(crate) const CHAIN: ChainId = ChainId([7; 32]);
pub(crate) const ELECTION: ElectionId = ElectionId([9; 32]);
pub(crate) const COLLEGE: CollegeId = CollegeId::new(1);
/// The registrar that the tests are about; the others are 2 and 3.
pub(crate) const OWN: u16 = 1;

pub(crate) fn chance(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// A sheet of three members.
pub(crate) fn sheet() -> Sheet {
    let text = "name;id;college;contact\nAna Lopes;17;1;ana@example.org\nZoé Lefèvre;18;1;zoe@example.org\n\
                Bo;;2;bo@example.org\n";
    Sheet::read(text.as_bytes(), &RollRules { entitled_by: EntitledBy::Commitment, ..RollRules::default() }).unwrap()
}
/// Its roll: the same salts each time, as if it were read again.
pub(crate) fn roll() -> Roll {
    Roll::make(sheet(), CHAIN, &mut chance(1)).unwrap().0
}

/// Keys of three registrars, of which two sign, and each one's share.
pub(crate) fn keys() -> (ThresholdKeys<Registrars>, Vec<SecretShare<Registrars>>) {
    let participant = |number| Participant { number, college: CollegeId::new(number) };
    let candidates: Vec<Participant> = (1..=3).map(participant).collect();
    let (draft, declared) = (DraftId([3; 32]), candidates.clone());
    let invitation = Invitation { chain: CHAIN, draft, scope: 2, attempt: 0, declared, candidates, keys: 1 };
    let secrets: Vec<_> = (1..=3).map(|it| (it, CeremonySecret::generate(&mut chance(u64::from(it))))).collect();
    let joined = secrets.iter().map(|(number, secret)| {
        let said = secret.join::<Registrars>(&invitation, *number).unwrap();
        invitation.verify_joining::<Registrars>(*number, &said).unwrap()
    });
    let ceremony = Ceremony::<Registrars>::begin(&invitation, joined.collect()).unwrap();
    let dealt: Vec<_> = secrets.iter().map(|(number, it)| (*number, it.deal(&ceremony, *number).unwrap())).collect();
    let commitments: Vec<_> =
        dealt.iter().map(|(by, it)| ceremony.verify_commitments(*by, it.hash, &it.commitments).unwrap()).collect();
    let shares: Vec<_> = dealt
        .iter()
        .flat_map(|(by, it)| it.shares.iter().map(|(to, bytes)| (*by, *to, bytes)))
        .map(|(by, to, bytes)| ceremony.verify_encrypted_share(by, to, bytes).unwrap())
        .collect();
    let Qualification::Keys(keys) = ceremony.qualify(&commitments, &shares, &[]).unwrap() else {
        panic!("three honest dealers qualify")
    };
    let share = |(number, it): &(u16, CeremonySecret)| {
        it.share(&invitation, &ceremony, *number, &commitments, &shares, &keys).unwrap()
    };
    let own = secrets.iter().map(share).collect();
    (keys, own)
}

/// A voter's device: her credential and her request.
pub(crate) fn device(seed: u8) -> (CredentialSecret, PendingRequest) {
    RootSecret::from_bytes([seed; 32]).request(&CHAIN, &ELECTION, COLLEGE)
}
pub(crate) fn blinded(seed: u8) -> BlindRequest {
    *device(seed).1.request()
}

/// What its chain would say: one approval for each registrar and entry, answers after two approvals.
#[derive(Clone)]
pub(crate) struct FakeLedger(pub(crate) Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) issuance: Issuance,
    pub(crate) entries: BTreeMap<CensusEntry, EntryState>,
    pub(crate) sent: Vec<Payload>,
    pub(crate) is_silent: bool,
    /// Entries about which the node talks nonsense.
    pub(crate) spoiled: BTreeSet<CensusEntry>,
}

impl FakeLedger {
    /// From an hour ago on, for an hour, by the machine's clock: the door has no other.
    pub(crate) fn new(roll: &Roll) -> Self {
        let now = urne_registrar::http::now();
        Self::between(roll, UnixMs::new(now.get() - 3_600_000), now.plus(3_600_000))
    }
    pub(crate) fn between(roll: &Roll, issuance_at: UnixMs, closes_at: UnixMs) -> Self {
        let issuance = Issuance {
            election: ELECTION,
            title: "Assemblée".into(),
            draft: DraftId([3; 32]),
            census: *roll.census(),
            number: OWN,
            keys: vec![(COLLEGE, keys().0)],
            issuance_at,
            registration_at: closes_at,
            closes_at,
        };
        let state =
            State { issuance, entries: BTreeMap::new(), sent: Vec::new(), is_silent: false, spoiled: BTreeSet::new() };
        Self(Arc::new(Mutex::new(state)))
    }
    /// Another registrar approves.
    pub(crate) fn approve(&self, registrar: u16, entry: &CensusEntry, request: &BlindRequest) {
        let mut state = self.0.lock().unwrap();
        state.entries.entry(*entry).or_default().approvals.push((registrar, request.bytes()));
    }
    /// A node that lies shows an entry as if nobody had asked yet.
    pub(crate) fn forget(&self, entry: &CensusEntry) {
        self.0.lock().unwrap().entries.remove(entry);
    }
    pub(crate) fn suspend(&self, entry: &CensusEntry) {
        self.0.lock().unwrap().entries.entry(*entry).or_default().is_suspended = true;
    }
    pub(crate) fn reinstate(&self, entry: &CensusEntry) {
        self.0.lock().unwrap().entries.entry(*entry).or_default().is_suspended = false;
    }
    pub(crate) fn spoil(&self, entry: &CensusEntry) {
        self.0.lock().unwrap().spoiled.insert(*entry);
    }
    pub(crate) fn sent(&self) -> Vec<Payload> {
        self.0.lock().unwrap().sent.clone()
    }
    pub(crate) fn silence(&self, is_silent: bool) {
        self.0.lock().unwrap().is_silent = is_silent;
    }
    fn ask<T>(&self, of: impl FnOnce(&mut State) -> T) -> Result<T, LedgerError> {
        let mut state = self.0.lock().unwrap();
        if state.is_silent { Err(LedgerError::Silent("it is away".into())) } else { Ok(of(&mut state)) }
    }
}

impl Ledger for FakeLedger {
    fn current(&self) -> Result<Vec<ElectionId>, LedgerError> {
        self.ask(|_| vec![ELECTION])
    }
    fn issuance(&self, election: &ElectionId) -> Result<Option<Issuance>, LedgerError> {
        self.ask(|it| (*election == ELECTION).then(|| it.issuance.clone()))
    }
    fn entry(&self, _: &ElectionId, entry: &CensusEntry) -> Result<EntryState, LedgerError> {
        self.ask(|it| match it.spoiled.contains(entry) {
            true => Err(LedgerError::Wrong("the node shows nonsense".into())),
            false => Ok(it.entries.get(entry).cloned().unwrap_or_default()),
        })?
    }
    fn waiting(&self, _: &ElectionId, college: CollegeId) -> Result<Vec<CensusEntry>, LedgerError> {
        self.ask(|it| {
            let has_two = |state: &EntryState| 2 <= state.approvals.len() && state.answers.len() < 2;
            it.entries
                .iter()
                .filter(|(entry, state)| entry.college == college && has_two(state))
                .map(|it| *it.0)
                .collect()
        })
    }
    fn send(&self, payload: Payload) -> Result<(), LedgerError> {
        self.ask(|it| {
            match &payload {
                Payload::ApproveRequest(sent) => {
                    it.entries.entry(sent.entry).or_default().approvals.push((OWN, sent.request));
                }
                Payload::AnswerRequest(sent) => it.entries.entry(sent.entry).or_default().answers.push(OWN),
                other => panic!("a registrar sends no {other:?}"),
            }
            it.sent.push(payload);
        })
    }
}

/// Shares of the ceremony above.
pub(crate) struct FakeShares;
impl Shares for FakeShares {
    fn share(&self, issuance: &Issuance, _: CollegeId) -> Result<Option<SecretShare<Registrars>>, LedgerError> {
        Ok(keys().1.into_iter().find(|it| it.holder() == issuance.number))
    }
}

/// Keeps what it is given.
#[derive(Clone, Default)]
pub(crate) struct Letterbox(pub(crate) Arc<Mutex<Vec<(String, String)>>>);
impl Courier for Letterbox {
    fn deliver(&self, message: &Message) -> io::Result<()> {
        self.0.lock().unwrap().push((message.to.clone(), message.text.clone()));
        Ok(())
    }
}

/// A folder with a book, and the office over it: opened again as often as a test wants.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) ledger: FakeLedger,
}
impl World {
    pub(crate) fn new() -> Self {
        Self::with(FakeLedger::new(&roll()))
    }
    pub(crate) fn with(ledger: FakeLedger) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Book::create(&folder.path().join("book")).unwrap();
        Self { folder, ledger }
    }
    pub(crate) fn book(&self) -> PathBuf {
        self.folder.path().join("book")
    }
    pub(crate) fn office(&self) -> Office<FakeLedger> {
        self.office_by(Box::new(Codes::new(&mut chance(2))))
    }
    pub(crate) fn office_by(&self, authenticator: Box<dyn Authenticator>) -> Office<FakeLedger> {
        Office::open(self.ledger.clone(), vec![roll()], Book::open(&self.book()).unwrap(), authenticator)
    }
}

pub(crate) fn asked(identifier: &str) -> CodeAsked {
    CodeAsked { election: ELECTION, college: COLLEGE, identifier: identifier.into() }
}
pub(crate) fn sent(identifier: &str, code: &str, request: &BlindRequest) -> RequestSent {
    RequestSent {
        election: ELECTION,
        college: COLLEGE,
        identifier: identifier.into(),
        code: code.into(),
        request: hex_of(&request.bytes()),
    }
}
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
/// The code in a message.
pub(crate) fn code_in(text: &str) -> String {
    text.split("Your code: ").nth(1).unwrap().chars().take(11).collect()
}
