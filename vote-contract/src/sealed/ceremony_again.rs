//! A ceremony held again, by anyone, from its messages alone: the ledger's own code hears them once more, in the order of the
//! chain, so that who is qualified, which complaints hold and what the keys are is nobody's word. Between two messages there
//! may have been blocks that nobody kept: a step ends here when a message of a later one comes, if by then everybody had spoken
//! or the step's time can have been over.
use super::{
    Desk,
    board::round,
    ceremony::{self, hear, name, scopes, step_of},
    keys,
    questions::refused,
    records::{CeremonyRecord, CeremonyState, Stage, Step, UrnRecord},
    rules::{TRUSTEES, keys_due},
};
use crate::{
    context::BlockContext,
    records::Moment,
    state::{Changes, Overlay, Space},
    work::{Work, record},
};
use std::collections::BTreeMap;
use urne_ballot::{ThresholdKeys, Trustees};
use urne_types::{
    ChainId, DraftId, ElectionId, PublicKey, Rejection, Round, UnixMs, ValidatorId, election::ElectionDefinition,
    sealed::CeremonyMessage,
};

/// A ceremony as far as its messages were heard.
#[derive(Debug)]
pub struct CeremonyRecount {
    chain: ChainId,
    draft: DraftId,
    begun: Moment,
    /// Before this instant the keys were made.
    due: UnixMs,
    step_ms: u64,
    scopes: Vec<u32>,
    /// What the ledger would hold of it, over nothing.
    state: Changes,
    /// When each scope last heard a message.
    heard: BTreeMap<u32, UnixMs>,
    messages: u64,
    rehearsed: Option<ElectionId>,
}

/// What the messages of a ceremony make. Only [`CeremonyRecount::finish`] builds one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldCeremony {
    /// The election that is named after the keys.
    pub election: ElectionId,
    /// The keys of every scope.
    pub keys: UrnRecord,
    /// Messages heard.
    pub messages: u64,
    /// Trustees that hold a share of the urn's keys, by number.
    pub trustees: Vec<u16>,
    /// How many of them open it.
    pub threshold: u16,
    /// How often the trustees began: once, and again each time that too few were left for the threshold.
    pub attempts: u32,
}

impl CeremonyRecount {
    /// Of a definition, when nobody has spoken; `shown` is the ledger's record, of which nothing is taken but the begin.
    ///
    /// # Errors
    /// [`Rejection::UnknownCeremony`]: the election is not secret.
    pub fn new(definition: &ElectionDefinition, shown: &CeremonyRecord, chain: &ChainId) -> Result<Self, Rejection> {
        let step_ms = definition.secrecy.sealed().ok_or(Rejection::UnknownCeremony)?.step_ms;
        let draft = definition.draft_id();
        let mut new = Self {
            chain: *chain,
            draft,
            begun: shown.begun,
            due: keys_due(definition),
            step_ms: step_ms.into(),
            scopes: scopes(definition),
            state: Changes::default(),
            heard: BTreeMap::new(),
            messages: 0,
            rehearsed: None,
        };
        let (definition, census_entries) = (definition.clone(), shown.census_entries);
        new.at(shown.begun, |work| ceremony::begin(work, &draft, definition, census_entries))?;
        Ok(new)
    }
    /// Does something as the ledger would have at that moment; on a refusal nothing is written.
    fn at<T>(&mut self, at: Moment, act: impl FnOnce(&mut Work<'_>) -> Result<T, Rejection>) -> Result<T, Rejection> {
        let context = BlockContext::new(self.chain, at.height, at.time, Round::FIRST, ValidatorId([0; 20]));
        let nothing = Desk::default();
        let mut work = Work::new(&nothing, &self.state, &context);
        let done = act(&mut work)?;
        let (own, _) = work.finish();
        self.state.absorb(own);
        Ok(done)
    }
    fn stage(&self, scope: u32) -> Option<Stage> {
        let nothing = Desk::default();
        record(&Overlay::new(&nothing, &self.state), Space::Map, &keys::stage(&self.draft, scope))
    }

    /// The next message, of whoever signed it.
    ///
    /// # Errors
    /// The rule that refuses it: no ledger would have taken it after those before it, at this moment.
    pub fn hear(&mut self, by: &PublicKey, message: &CeremonyMessage, at: Moment) -> Result<(), Rejection> {
        if at.height < self.begun.height || self.due <= at.time {
            return Err(Rejection::UnknownCeremony);
        }
        let said = step_of(&message.step);
        let is_ahead =
            |it: Stage| it.attempt < message.attempt || it.attempt == message.attempt && comes_before(it.step, said);
        // Each attempt has fewer candidates than the one before, and a few steps.
        while self.stage(message.scope).is_some_and(is_ahead) && self.turn(message.scope, at.time)? {}
        self.at(at, |work| hear(work, by, message))?;
        self.heard.insert(message.scope, at.time);
        self.messages += 1;
        Ok(())
    }
    /// Ends the step of a scope, where that can have been by then; whether it ended.
    fn turn(&mut self, scope: u32, until: UnixMs) -> Result<bool, Rejection> {
        let Some(stage) = self.stage(scope).filter(|_| self.rehearsed.is_none()) else { return Ok(false) };
        if stage.step == Step::Over {
            return if scope == TRUSTEES { self.name(until) } else { Ok(false) };
        }
        // Not before its last message; the blocks in which it ended may be later than either instant, never earlier.
        let spoken = self.heard.get(&scope).map_or(stage.since, |it| stage.since.max(*it));
        let late = stage.since.plus(self.step_ms).max(spoken);
        for time in [spoken, late] {
            if time <= until && self.end_step(scope, time)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    fn end_step(&mut self, scope: u32, time: UnixMs) -> Result<bool, Rejection> {
        let (draft, before) = (self.draft, self.stage(scope));
        let rehearsed = self.at(Moment { time, ..self.begun }, |work| {
            let mut record: CeremonyRecord = work.read(&keys::ceremony(&draft)).ok_or(Rejection::UnknownCeremony)?;
            // However many blocks the ledger took to work the keys out.
            let rehearsed = ceremony::turn(work, &draft, &mut record, scope, &mut { u64::MAX }).map_err(refused)?;
            if rehearsed.is_some() {
                // As when it is concluded: nothing more is heard.
                work.remove(keys::under_way(&draft));
            }
            Ok(rehearsed)
        })?;
        self.rehearsed = rehearsed.map(|it| it.election);
        Ok(self.stage(scope) != before)
    }
    /// Once every scope can have its keys by then, the election has its name, and its trustees rehearse.
    fn name(&mut self, until: UnixMs) -> Result<bool, Rejection> {
        let scopes = self.scopes.clone();
        for scope in scopes.iter().filter(|it| **it != TRUSTEES) {
            while self.turn(*scope, until)? {}
        }
        let stages: Option<Vec<Stage>> = scopes.iter().map(|it| self.stage(*it)).collect();
        let Some(time) = stages.and_then(|it| it.iter().map(|it| it.since).max()) else { return Ok(false) };
        let draft = self.draft;
        self.at(Moment { time, ..self.begun }, |work| {
            let mut record: CeremonyRecord = work.read(&keys::ceremony(&draft)).ok_or(Rejection::UnknownCeremony)?;
            name(work, &draft, &mut record, &scopes).map_err(refused)?;
            Ok(matches!(record.state, CeremonyState::Rehearsing { .. }))
        })
    }
    /// The keys, once the trustees have shown that they can open an urn, at the moment at which the election was scheduled.
    ///
    /// # Errors
    /// [`Rejection::WrongStep`]: messages are missing; [`Rejection::BadSealedCalendar`]: the keys came too late; and the rule by
    /// which the ceremony fails.
    pub fn finish(mut self, scheduled: UnixMs) -> Result<HeldCeremony, Rejection> {
        if self.due <= scheduled {
            return Err(Rejection::BadSealedCalendar);
        }
        while self.turn(TRUSTEES, scheduled)? {}
        let election = self.rehearsed.ok_or(Rejection::WrongStep)?;
        let keys_of = |scope: u32| self.stage(scope).and_then(|it| it.keys).ok_or(Rejection::WrongStep);
        let registrars = self.scopes.iter().filter(|it| **it != TRUSTEES);
        let registrars = registrars.map(|scope| Ok((*scope, keys_of(*scope)?))).collect::<Result<_, Rejection>>()?;
        let keys = UrnRecord { draft: self.draft, trustees: keys_of(TRUSTEES)?, registrars };
        let attempts = self.stage(TRUSTEES).map_or(0, |it| it.attempt.saturating_add(1));
        let made = ThresholdKeys::<Trustees>::decode(&keys.trustees).map_err(refused)?;
        let (trustees, threshold) = (made.holders().to_vec(), made.threshold());
        Ok(HeldCeremony { election, keys, messages: self.messages, trustees, threshold, attempts })
    }
}

/// Whether a scope at this step has yet to come to that one: keys that are made wait for their name, and are rehearsed then.
fn comes_before(step: Step, other: Step) -> bool {
    matches!((step, other), (Step::Over, Step::Rehearsing)) || round(step) < round(other)
}
