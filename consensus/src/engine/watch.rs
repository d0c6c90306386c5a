//! What each validator was heard to say, for the last [`WATCH_HEIGHTS`] heights: nothing is verified twice, and who says
//! two different things in one slot is accused, once, even when the second thing comes long after the height.
use crate::{
    statement::{Slot, Statement, Step},
    verify::is_signed,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use urne_types::{
    BlockHash, ChainId, Height, Round, ValidatorId,
    message::{ConsensusMessage, Equivocation},
    validators::ValidatorSet,
};

/// Heights remembered. Evidence older than this would not be acted upon.
pub const WATCH_HEIGHTS: usize = 100;
/// Statements remembered: 100 heights of 100 validators with two statements each are 20,000; the rest is for heights that
/// took many rounds. At about 250 bytes each, 16 MB. The oldest go first.
pub const WATCH_STATEMENTS_MAX: usize = 65_536;

/// A height we know the validators of.
#[derive(Debug)]
struct Era {
    validators: Arc<ValidatorSet>,
    last_round: Round,
}

/// The memory of what was said; everything in it was verified.
#[derive(Debug, Default)]
pub(super) struct Watch {
    said: BTreeMap<Slot, Statement>,
    accused: BTreeSet<Slot>,
    eras: BTreeMap<Height, Era>,
}

impl Watch {
    /// A height begins.
    pub(super) fn enter(&mut self, height: Height, validators: Arc<ValidatorSet>) {
        self.eras.insert(height, Era { validators, last_round: Round::FIRST });
        while WATCH_HEIGHTS < self.eras.len() {
            self.eras.pop_first();
        }
        let oldest = self.eras.keys().next().copied().unwrap_or(height);
        let first = first_slot(oldest, Round::FIRST);
        while self.said.first_key_value().is_some_and(|(slot, _)| *slot < first) {
            self.forget_oldest();
        }
    }
    fn forget_oldest(&mut self) {
        if let Some((slot, _)) = self.said.pop_first() {
            self.accused.remove(&slot);
        }
    }
    /// A round of that height begins.
    pub(super) fn enter_round(&mut self, height: Height, round: Round) {
        if let Some(era) = self.eras.get_mut(&height) {
            era.last_round = era.last_round.max(round);
        }
    }
    /// Whether this very statement was verified before.
    pub(super) fn knows(&self, statement: &Statement) -> bool {
        self.said.get(&statement.slot()) == Some(statement)
    }
    /// Remembers a verified statement; the proof, when it contradicts what was remembered and nobody was accused of it.
    pub(super) fn remember(&mut self, statement: &Statement) -> Option<Equivocation> {
        let slot = statement.slot();
        if let Some(before) = self.said.get(&slot) {
            let proof = before.contradiction(statement)?;
            return self.accused.insert(slot).then_some(proof);
        }
        self.said.insert(slot, statement.clone());
        if WATCH_STATEMENTS_MAX < self.said.len() {
            self.forget_oldest();
        }
        None
    }
    /// Hears a message about a height that is over. Only what could prove something is verified: what contradicts, and
    /// single statements of rounds that took place.
    pub(super) fn hear_late(&mut self, message: &ConsensusMessage, chain: &ChainId) -> Vec<Equivocation> {
        let Some(era) = self.eras.get(&message.height()) else { return Vec::new() };
        let (validators, last_round) = (Arc::clone(&era.validators), era.last_round);
        let is_single = matches!(message, ConsensusMessage::Proposal(_) | ConsensusMessage::Step(_));
        let mut proofs = Vec::new();
        for statement in Statement::all_in(message) {
            let slot = statement.slot();
            let could_prove = match self.said.get(&slot) {
                Some(before) => before.contradiction(&statement).is_some() && !self.accused.contains(&slot),
                None => is_single && slot.round <= last_round,
            };
            if slot.height == message.height() && could_prove && is_signed(&statement, chain, &validators) {
                proofs.extend(self.remember(&statement));
            }
        }
        proofs
    }
    /// Who said of this block, in that slot's round and step, what the slot's validator said.
    pub(super) fn backers(&self, slot: &Slot, block: BlockHash) -> BTreeSet<ValidatorId> {
        let first = Slot { validator: ValidatorId([0; ValidatorId::LEN]), ..*slot };
        let last = Slot { validator: ValidatorId([u8::MAX; ValidatorId::LEN]), ..*slot };
        let said = self.said.range(first..=last);
        said.filter(|(_, it)| it.backed() == Some(block)).map(|(slot, _)| slot.validator).collect()
    }
    /// Who was heard at that height in that round or a later one.
    pub(super) fn heard(&self, height: Height, round: Round) -> BTreeSet<ValidatorId> {
        let after = first_slot(height.next(), Round::FIRST);
        self.said.range(first_slot(height, round)..after).map(|(slot, _)| slot.validator).collect()
    }
}

fn first_slot(height: Height, round: Round) -> Slot {
    Slot { height, round, step: Step::Propose, validator: ValidatorId([0; ValidatorId::LEN]) }
}
