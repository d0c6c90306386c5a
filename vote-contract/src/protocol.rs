//! The settings of the chain, each within its range, and the version of the protocol in force at each height.
use crate::{
    event::Event,
    keys,
    read::{administrators, colleges, next_upgrade, parameters, protocol_version_at},
    work::{Work, keys_while},
};
use std::{collections::BTreeSet, ops::RangeInclusive};
use urne_types::{
    CollegeId, Height, Rejection,
    governance::{Administrator, ParameterChange, Parameters},
    limits::{APPROVALS_MIN, BLOCK_BYTES_MAX, TX_BYTES_MAX},
};

/// A minute to a year: shorter, and colleges could not meet; longer, and nobody would remember.
const ACT_LIFETIME_MS: RangeInclusive<u64> = 60_000..=366 * 86_400_000;
/// A tenth of a second (tests) to an hour: a light node wants news of an open election.
const HEARTBEAT_OPEN_MS: RangeInclusive<u64> = 100..=3_600_000;
/// A tenth of a second (tests) to a day.
const HEARTBEAT_IDLE_MS: RangeInclusive<u64> = 100..=86_400_000;
/// At most ten seconds: a citizen waits for it.
const BATCHING_MS: RangeInclusive<u32> = 0..=10_000;
/// Room for two transactions of the largest size, up to what a block may ever be.
const BLOCK_BYTES: RangeInclusive<usize> = 2 * TX_BYTES_MAX..=BLOCK_BYTES_MAX;
/// Up to a minute: beyond, a proposer could shift a close by as much.
const CLOCK_MS: RangeInclusive<u32> = 1..=60_000;
const MISSED_TURNS: RangeInclusive<u16> = 1..=1_000;
const EXCUSED_HEIGHTS: RangeInclusive<u64> = 0..=1_000_000;

/// Whether every setting is in its range, on a chain of so many colleges.
pub(crate) fn judge(it: &Parameters, colleges: usize) -> Result<(), Rejection> {
    let is_sound = approvals_floor(colleges) <= it.approvals_needed
        && ACT_LIFETIME_MS.contains(&it.act_lifetime_ms_max)
        && HEARTBEAT_OPEN_MS.contains(&it.heartbeat_open_ms)
        && HEARTBEAT_IDLE_MS.contains(&it.heartbeat_idle_ms)
        && BATCHING_MS.contains(&it.batching_ms)
        && usize::try_from(it.block_bytes_max).is_ok_and(|bytes| BLOCK_BYTES.contains(&bytes))
        && CLOCK_MS.contains(&it.clock_precision_ms)
        && CLOCK_MS.contains(&it.message_delay_ms)
        && MISSED_TURNS.contains(&it.missed_turns_max)
        && EXCUSED_HEIGHTS.contains(&it.excused_heights);
    if is_sound { Ok(()) } else { Err(Rejection::BadParameter) }
}

/// No act is one college's where there are two or more.
pub(crate) fn approvals_floor(colleges: usize) -> u16 {
    if colleges < usize::from(APPROVALS_MIN) { 1 } else { APPROVALS_MIN }
}

/// Whether administrators of enough distinct colleges exist for an act to pass.
pub(crate) fn judge_approvals(needed: u16, administrators: &[Administrator]) -> Result<(), Rejection> {
    let colleges: BTreeSet<CollegeId> = administrators.iter().map(|it| it.college).collect();
    if usize::from(needed) <= colleges.len() { Ok(()) } else { Err(Rejection::TooFewColleges) }
}

pub(crate) fn set_parameter(work: &mut Work<'_>, change: &ParameterChange) -> Result<(), Rejection> {
    let mut it = parameters(work);
    match change {
        ParameterChange::ApprovalsNeeded(value) => it.approvals_needed = *value,
        ParameterChange::ActLifetimeMsMax(value) => it.act_lifetime_ms_max = *value,
        ParameterChange::HeartbeatOpenMs(value) => it.heartbeat_open_ms = *value,
        ParameterChange::HeartbeatIdleMs(value) => it.heartbeat_idle_ms = *value,
        ParameterChange::BatchingMs(value) => it.batching_ms = *value,
        ParameterChange::BlockBytesMax(value) => it.block_bytes_max = *value,
        ParameterChange::ClockPrecisionMs(value) => it.clock_precision_ms = *value,
        ParameterChange::MessageDelayMs(value) => it.message_delay_ms = *value,
        ParameterChange::MissedTurnsMax(value) => it.missed_turns_max = *value,
        ParameterChange::ExcusedHeights(value) => it.excused_heights = *value,
    }
    judge(&it, colleges(work).len())?;
    judge_approvals(it.approvals_needed, &administrators(work))?;
    work.write(keys::parameters(), &it);
    work.tell(Event::ParameterSet { change: change.clone() });
    Ok(())
}

/// Upgrades come one after the other, each later and of a later version than those on record.
pub(crate) fn upgrade(work: &mut Work<'_>, version: u16, height: Height) -> Result<(), Rejection> {
    let last = keys_while(work, &keys::upgrades(), |_| true).pop();
    let is_after_last = last.is_none_or(|last| last < keys::upgrade(height));
    let last_version = protocol_version_at(work, Height::new(u64::MAX));
    if height <= work.at.height || !is_after_last || version <= last_version {
        return Err(Rejection::BadUpgrade);
    }
    work.write(keys::upgrade(height), &version);
    work.tell(Event::UpgradeScheduled { version, height });
    Ok(())
}

/// Tells when a block is the first of another version.
pub(crate) fn announce_upgrade(work: &mut Work<'_>) {
    let previous = work.at.height.previous().unwrap_or(Height::GENESIS);
    if let Some((version, height)) = next_upgrade(work, previous)
        && height == work.at.height
    {
        work.tell(Event::ProtocolUpgraded { version });
    }
}
