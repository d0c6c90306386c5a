//! The state, read by people and programs: typed records, all serialisable, lists by pages. Nothing here changes anything.
use crate::{
    colleges::Assembly,
    keys::{self, Transition},
    records::{
        ActRecord, ActState, CensusAttempt, CensusRecord, ChainRecord, CountBasis, CountProgress, Delegation,
        DraftRecord, Drafted, ElectionGate, ElectionLife, ElectionRecord, ElectionState, LastBallot, Moment, NamedAct,
        NamedAttempt, NamedDelegation, OffenceRecord, ReplacedKey, Standing, ValidatorEntry,
    },
    result::{CollegeTurnout, Count, ElectionResult, Turnout},
    state::{LogId, Space, StateView},
    work::{keys_while, parse, record, records},
};
use std::ops::ControlFlow;
use urne_types::{
    ActId, CensusId, CollegeId, DraftId, ElectionId, Height, PublicKey, UnixMs, ValidatorId,
    codec::decode_record,
    election::{CensusEntry, ElectionDefinition},
    governance::{Administrator, College, Parameters},
    proof::LogHead,
    statutes::Statutes,
    validators::ValidatorSet,
};

/// A part of a list: so many after so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many to leave out first.
    pub skip: usize,
    /// How many at most.
    pub take: usize,
}
impl Page {
    /// Everything.
    pub const ALL: Self = Self { skip: 0, take: usize::MAX };

    pub(crate) fn select<T>(
        self,
        view: &(impl StateView + ?Sized),
        space: Space,
        prefix: &[u8],
        of: impl Fn(&[u8], &[u8]) -> T,
    ) -> Vec<T> {
        let (mut skip, mut found) = (self.skip, Vec::new());
        view.scan(space, prefix, &mut |key, value| {
            if self.take <= found.len() {
                return ControlFlow::Break(());
            }
            match skip.checked_sub(1) {
                Some(left) => skip = left,
                None => found.push(of(key, value)),
            }
            ControlFlow::Continue(())
        });
        found
    }
}

// ---- Elections ----

/// Elections in the order in which they were scheduled.
pub fn elections<V: StateView + ?Sized>(view: &V, page: Page) -> Vec<ElectionId> {
    page.select(view, Space::Map, &keys::election_order(), |key, _| {
        ElectionId(keys::parse_name(key).expect("an election's place ends with its name"))
    })
}
/// Everything about an election but its result.
pub fn election<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<ElectionRecord> {
    let (definition, life) = (definition(view, id)?, life(view, id)?);
    let state = gate(view, id)?.state;
    let turnout = turnout(view, id)?;
    let counting = counting(view, id).filter(|_| state == ElectionState::Counting);
    Some(ElectionRecord { id: *id, state, definition, life, turnout, counting })
}
/// What a ballot must know of an election.
pub fn gate<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<ElectionGate> {
    record(&view, Space::Map, &keys::gate(id))
}
/// An election as frozen.
pub fn definition<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<ElectionDefinition> {
    record(&view, Space::Map, &keys::definition(id))
}
/// What happened to an election.
pub fn life<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<ElectionLife> {
    record(&view, Space::Map, &keys::life(id))
}
/// How many voted so far, per college.
pub fn turnout<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<Turnout> {
    let census = census(view, &gate(view, id)?.census)?;
    let college = |&(college, members): &(CollegeId, u64)| {
        let voted = record::<u64>(&view, Space::Map, &keys::turnout(id, college)).unwrap_or(0);
        CollegeTurnout { college, registered: Count(members), voted: Count(voted) }
    };
    Some(Turnout::of(census.commitment.members.iter().map(college).collect()))
}
/// The result, once the election is tallied.
pub fn result<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<ElectionResult> {
    let questions = gate(view, id)?.shapes.len();
    let question = |at| record(&view, Space::Map, &keys::result(id, at));
    let questions = (0..u16::try_from(questions).ok()?).map(question).collect::<Option<_>>()?;
    let (definition, turnout, basis) = (definition(view, id)?, turnout(view, id)?, count_basis(view, id));
    let attendance =
        Assembly { election: id, definition: &definition, basis: &basis, turnout: &turnout }.attendance_report();
    Some(ElectionResult { questions, turnout, attendance })
}
/// How far the count of a closed election is.
pub fn counting<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> Option<CountProgress> {
    record(&view, Space::Map, &keys::counting(id))
}
/// What an election's count depends on beyond its definition, census and ballots, as far as it is known.
pub fn count_basis<V: StateView + ?Sized>(view: &V, id: &ElectionId) -> CountBasis {
    record(&view, Space::Map, &keys::basis(id)).unwrap_or_default()
}
/// For each question, the choices drawn for a member to judge: none where nothing is drawn, or not yet.
pub fn drawn<V: StateView + ?Sized>(view: &V, id: &ElectionId, entry: &CensusEntry) -> Vec<Vec<u16>> {
    let seed = count_basis(view, id).draw_seed;
    let questions = definition(view, id).map(|it| it.questions.into_vec()).unwrap_or_default();
    questions.iter().map(|it| crate::counting::drawn(id, seed, entry, it)).collect()
}
/// Whether a count is under way: blocks are made for it.
pub fn is_any_counting<V: StateView + ?Sized>(view: &V) -> bool {
    let mut any = false;
    view.scan(Space::Map, &keys::countings(), &mut |_, _| {
        any = true;
        ControlFlow::Break(())
    });
    any
}
/// The ballot of a member that counts so far.
pub fn last_ballot<V: StateView + ?Sized>(view: &V, id: &ElectionId, entry: &CensusEntry) -> Option<LastBallot> {
    record(&view, Space::Index, &keys::last_ballot(id, entry))
}
/// Where a log of an election stands after the last block.
pub fn log_head<V: StateView + ?Sized>(view: &V, log: &LogId) -> Option<LogHead> {
    record(&view, Space::Map, &keys::log_head(log))
}
/// Whether ballots count anywhere.
pub fn is_any_open<V: StateView + ?Sized>(view: &V) -> bool {
    let mut any = false;
    view.scan(Space::Map, &keys::open_elections(), &mut |_, _| {
        any = true;
        ControlFlow::Break(())
    });
    any
}
/// When a block is due: at once while a count is under way, else when the next election opens or closes, or a
/// ceremony's step is over.
pub fn next_deadline<V: StateView + ?Sized>(view: &V) -> Option<UnixMs> {
    if is_any_counting(view) {
        return Some(UnixMs::new(0));
    }
    let mut next = None;
    view.scan(Space::Map, &keys::deadlines(), &mut |key, _| {
        next = keys::parse_deadline(key).map(|(due, Transition::Open | Transition::Close, _)| due);
        ControlFlow::Break(())
    });
    next.into_iter().chain(crate::sealed::next_deadline(&view)).min()
}
/// Definitions that wait for approval.
pub fn drafts<V: StateView + ?Sized>(view: &V, page: Page) -> Vec<DraftRecord> {
    page.select(view, Space::Map, &keys::drafts(), |key, value| {
        let id = DraftId(keys::parse_name(key).expect("a draft's key ends with its name"));
        DraftRecord { id, definition: parse::<Drafted>(value).definition }
    })
}
/// One definition that waits for approval.
pub fn draft<V: StateView + ?Sized>(view: &V, id: &DraftId) -> Option<ElectionDefinition> {
    record::<Drafted>(&view, Space::Map, &keys::draft(id)).map(|it| it.definition)
}
/// Every census, on its way or complete.
pub fn censuses<V: StateView + ?Sized>(view: &V, page: Page) -> Vec<CensusRecord> {
    page.select(view, Space::Map, &keys::censuses(), |_, value| parse(value))
}
/// How far a census is.
pub fn census<V: StateView + ?Sized>(view: &V, id: &CensusId) -> Option<CensusRecord> {
    record(&view, Space::Map, &keys::census(id))
}
/// Who is bringing a census, and how far each is.
pub fn census_attempts<V: StateView + ?Sized>(view: &V, id: &CensusId) -> Vec<NamedAttempt> {
    let mut found = Vec::new();
    view.scan(Space::Map, &keys::census_attempts(), &mut |key, value| {
        let (by, census) = keys::parse_census_attempt(key).expect("an attempt's key names its author and its census");
        if census == *id {
            let it: CensusAttempt = parse(value);
            found.push(NamedAttempt { by, attempt: Count(it.attempt), brought: Count(it.brought.size()) });
        }
        ControlFlow::Continue(())
    });
    found
}
/// Entries of a census, in order; none before it is complete. A page far into a large census costs a scan of what is skipped.
pub fn census_entries<V: StateView + ?Sized>(view: &V, id: &CensusId, page: Page) -> Vec<CensusEntry> {
    let Some(attempt) = census(view, id).and_then(|it| it.entries) else { return Vec::new() };
    page.select(view, Space::Index, &keys::census_entries(&attempt), |key, _| {
        keys::parse_entry(key).expect("a census entry's key ends with college and member")
    })
}
/// Whether a member is in a census, in that college.
pub fn is_in_census<V: StateView + ?Sized>(view: &V, id: &CensusId, entry: &CensusEntry) -> bool {
    let attempt = census(view, id).and_then(|it| it.entries);
    attempt.map(|it| keys::census_entry(&it, entry)).is_some_and(|key| view.get(Space::Index, &key).is_some())
}
/// Since when a member is suspended.
pub fn member_suspension<V: StateView + ?Sized>(view: &V, member: &PublicKey) -> Option<Moment> {
    record(&view, Space::Map, &keys::suspended_member(member))
}
/// Suspended members.
pub fn suspended_members<V: StateView + ?Sized>(view: &V, page: Page) -> Vec<PublicKey> {
    page.select(view, Space::Map, &keys::suspended_members(), |key, _| {
        PublicKey(keys::parse_name(key).expect("a member's key ends with it"))
    })
}

/// Keys that exercise another member's right, each with the member.
pub fn replaced_keys<V: StateView + ?Sized>(view: &V, page: Page) -> Vec<ReplacedKey> {
    page.select(view, Space::Map, &keys::members_of_keys(), |key, value| ReplacedKey {
        key: PublicKey(keys::parse_name(key).expect("a key's record ends with it")),
        member: parse(value),
    })
}

// ---- Governance ----

/// The statutes of a version.
pub fn statutes<V: StateView + ?Sized>(view: &V, version: u32) -> Option<Statutes> {
    record(&view, Space::Map, &keys::statutes(version))
}
/// The statutes in force, if any were put.
pub fn statutes_in_force<V: StateView + ?Sized>(view: &V) -> Option<Statutes> {
    let mut last = None;
    view.scan(Space::Map, &keys::all_statutes(), &mut |_, value| {
        last = Some(parse(value));
        ControlFlow::Continue(())
    });
    last
}

/// What genesis fixed for ever.
///
/// # Panics
/// Before genesis.
pub fn chain<V: StateView + ?Sized>(view: &V) -> ChainRecord {
    record(&view, Space::Map, &keys::chain()).expect("genesis writes the chain's record")
}
/// The settings in force.
///
/// # Panics
/// Before genesis.
pub fn parameters<V: StateView + ?Sized>(view: &V) -> Parameters {
    record(&view, Space::Map, &keys::parameters()).expect("genesis writes the parameters")
}
/// The colleges, by number.
pub fn colleges<V: StateView + ?Sized>(view: &V) -> Vec<College> {
    records(&view, &keys::colleges())
}
/// Whether the chain has that college.
pub fn has_college<V: StateView + ?Sized>(view: &V, id: CollegeId) -> bool {
    view.get(Space::Map, &keys::college(id)).is_some()
}
/// The administrators, by key.
pub fn administrators<V: StateView + ?Sized>(view: &V) -> Vec<Administrator> {
    records(&view, &keys::administrators())
}
/// The delegations in force, by delegate.
pub fn delegations<V: StateView + ?Sized>(view: &V) -> Vec<NamedDelegation> {
    Page::ALL.select(view, Space::Map, &keys::delegations(), |key, value| {
        let to = PublicKey(keys::parse_name(key).expect("a delegation's key ends with the delegate"));
        NamedDelegation { to, delegation: parse::<Delegation>(value) }
    })
}
/// The college for which this key may act at this time, as an administrator or her delegate.
pub fn role_of<V: StateView + ?Sized>(view: &V, key: &PublicKey, time: UnixMs) -> Option<CollegeId> {
    administrator_behind(view, key, time).map(|it| it.college)
}
/// The administrator on whose behalf this key may act at this time: herself, or who lent it her role.
pub fn administrator_behind<V: StateView + ?Sized>(view: &V, key: &PublicKey, time: UnixMs) -> Option<Administrator> {
    let administrator = |key: &PublicKey| record(&view, Space::Map, &keys::administrator(key));
    administrator(key).or_else(|| {
        let delegation: Delegation = record(&view, Space::Map, &keys::delegation(key))?;
        if time < delegation.expires_at { administrator(&delegation.by) } else { None }
    })
}
/// Acts in the order in which they were proposed.
pub fn acts<V: StateView + ?Sized>(view: &V, page: Page) -> Vec<NamedAct> {
    let names = page.select(view, Space::Map, &keys::act_order(), |key, _| {
        ActId(keys::parse_name(key).expect("an act's place ends with its name"))
    });
    names.into_iter().filter_map(|id| act(view, &id).map(|record| NamedAct { id, record })).collect()
}
/// Acts that wait for approvals.
pub fn pending_acts<V: StateView + ?Sized>(view: &V) -> Vec<NamedAct> {
    acts(view, Page::ALL).into_iter().filter(|it| it.record.state == ActState::Pending).collect()
}
/// One act and what became of it.
pub fn act<V: StateView + ?Sized>(view: &V, id: &ActId) -> Option<ActRecord> {
    record(&view, Space::Map, &keys::act(id))
}

// ---- Validators and protocol ----

/// Every validator, present or past, by id.
pub fn validators<V: StateView + ?Sized>(view: &V) -> Vec<ValidatorEntry> {
    records(&view, &keys::validators())
}
/// One validator, present or past.
pub fn validator<V: StateView + ?Sized>(view: &V, id: &ValidatorId) -> Option<ValidatorEntry> {
    record(&view, Space::Map, &keys::validator(id))
}
/// **Alarm**: validators that should be suspended but hold the chain up.
pub fn pending_suspensions<V: StateView + ?Sized>(view: &V) -> Vec<ValidatorEntry> {
    validators(view).into_iter().filter(|it| matches!(it.standing, Standing::SuspensionPending { .. })).collect()
}
/// The set that the last block fixed: it decides the height after the next.
///
/// # Panics
/// Before genesis.
pub fn validator_set<V: StateView + ?Sized>(view: &V) -> ValidatorSet {
    record(&view, Space::Map, &keys::validator_set()).expect("genesis writes the first set")
}
/// Proven equivocations.
pub fn offences<V: StateView + ?Sized>(view: &V) -> Vec<OffenceRecord> {
    records(&view, &keys::offences())
}
/// The version of the protocol in force at a height, as far as it is known now.
pub fn protocol_version_at<V: StateView + ?Sized>(view: &V, height: Height) -> u16 {
    let upgrades = keys_while(&view, &keys::upgrades(), |key| *key <= *keys::upgrade(height));
    let last = upgrades.last().and_then(|key| record(&view, Space::Map, key));
    last.unwrap_or_else(|| chain(view).protocol_version)
}
/// The upgrade that is still to come after a height, if any: the version and its first height.
pub fn next_upgrade<V: StateView + ?Sized>(view: &V, height: Height) -> Option<(u16, Height)> {
    let mut next = None;
    view.scan(Space::Map, &keys::upgrades(), &mut |key, value| {
        if *key <= *keys::upgrade(height) {
            return ControlFlow::Continue(());
        }
        let from = key.last_chunk().map(|it| Height::new(u64::from_be_bytes(*it)));
        next = from.zip(decode_record(value).ok()).map(|(from, version)| (version, from));
        ControlFlow::Break(())
    });
    next
}
