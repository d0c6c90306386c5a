//! Validators, present and past, and their offences.
use super::Moment;
use serde::Serialize;
use urne_consensus::Step;
use urne_types::{
    Height, Round, ValidatorId,
    bounded::Text,
    codec::{Decode, Encode},
    governance::ValidatorRecord,
    limits::REASON_BYTES_MAX,
};

/// Why a validator was suspended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum SuspensionCause {
    /// By an act.
    Act {
        /// Why, in public.
        reason: Text<REASON_BYTES_MAX>,
    },
    /// It signed two messages for one slot.
    Equivocation,
}

/// Where a validator stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Decides with the others.
    Active,
    /// **Alarm.** Should be out, but the chain would break: keeps its power and its precommits, proposes no more, until an
    /// act replaces it or makes room.
    SuspensionPending {
        /// Why.
        cause: SuspensionCause,
        /// Since when.
        since: Moment,
    },
    /// Has no power.
    Suspended {
        /// Why.
        cause: SuspensionCause,
        /// Since when.
        since: Moment,
    },
    /// Gave its place to another.
    Replaced {
        /// To whom.
        by: ValidatorId,
        /// Since when.
        since: Moment,
    },
}

/// A validator, present or past.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct ValidatorEntry {
    /// As its operator declared it.
    pub record: ValidatorRecord,
    /// Where it stands.
    pub standing: Standing,
    /// Own turns missed since it last made a block or was excused.
    pub missed_turns: u16,
    /// Out of the proposer table until this height, for absence.
    pub excused_until: Option<Height>,
}

/// A proven equivocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct OffenceRecord {
    /// Who.
    pub validator: ValidatorId,
    /// At which height.
    pub height: Height,
    /// In which round.
    pub round: Round,
    /// At which step.
    pub step: Step,
    /// When it came on record.
    pub recorded: Moment,
}
